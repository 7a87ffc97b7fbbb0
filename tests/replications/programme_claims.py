"""What the analysis of the annual reports for 2014 says, R1 to R36 of the reading notes, and what
the tables of examples/sammen say of it.

Each claim has what it says, what was printed, and a function of the tables that gives what the
program says and the verdict. `tables(id, rule)` is a table as `nullpunkt table` prints it:
`.cell(row, column)` a printed number, `.row(row)` all of a row, `.body` the identifiers of its rows
but for groups, sums and totals, `.differences` what `--check` says of it. What was printed stands
here; what we say of it does not.
"""
AGREES, DIFFERS, NO_NUMBER = "agrees", "differs", "no number of the records"
CLAIMS = []


def claim(number, what, printed):
    def add(function):
        CLAIMS.append((number, what, printed, function))
        return function
    return add


def verdict(holds):
    return AGREES if holds else DIFFERS


def signed(number):
    return f"{number:+g}".replace("-", "−")


def number(value, decimals=0):
    return f"{value:.{decimals}f}".replace("-", "−")


def listed(values, decimals=0):
    return " / ".join(number(value, decimals) for value in values)


def body(table, column):
    """The sum of the rows above the totals."""
    return sum(table.cell(row, column) for row in table.body)


SUMMED = ["3.1", "3.2", "3.6", "4.1", "4.2", "4.3", "4.4", "4.8", "4.9", "5.2", "6.4", "6.5"]


@claim("R1", "Columns sum to N in tables 3.1, 3.2, 3.6, 4.1-4.4, 4.8, 4.9, 5.2, 6.4, 6.5",
       "as printed")
def sums(tables):
    differ = [f"table {name}" for name in SUMMED if tables(name).differences]
    if differ:
        return "; ".join(differ), DIFFERS
    return f"all printed numbers of the {len(SUMMED)} tables come out", AGREES


@claim("R2", "Table 3.3: N (number of measures) 2014 / 2013 / 2012", "105 / 110 / 93")
def measures_absence(tables):
    n = tables("3.3").row("n")
    return (f"rows sum to {listed(n)}",
            verdict(n == [105, 110, 93]) + ": rows sum to "
            + " and ".join(f"{number(ours)}, printed {printed}"
                           for ours, printed in zip(n, [105, 110, 93]) if ours != printed))


@claim("R3", "Table 5.1: sum 2014 / 2013", "72 / 119")
def measures_competence(tables):
    table = tables("5.1")
    ours = [table.cell("n", f"{year}/measures") for year in (2014, 2013)]
    extra = 119 - ours[1]
    programmes = table.cell("programmes", "2013/measures")
    return (f"rows sum to {listed(ours)}",
            verdict(ours == [72, 119]) + f": 2013 by {number(extra)}"
            + (", the number of “Innføre programmer”" if extra == programmes else ""))


@claim("R4", "Table 3.3 in words: cohort 1 −22 measures, cohort 2 +16", "net −6; N −5")
def measures_change(tables):
    n = tables("3.3").row("n")
    return f"{signed(n[0] - n[1])} (the cohorts are not printed)", verdict(n[0] - n[1] == -6)


@claim("R5", "Cooperation with external actors is stable", "stable")
def external(tables):
    now, before = tables("3.3").row("external")[:2]
    return (f"{number(before)} → {number(now)}",
            AGREES if now == before else f"weak: {signed(now - before)}")


@claim("R6", "11 of 13 have more presence than at the start", "11")
def better_than_start(tables):
    table = tables("3.4")
    ours = table.cell("better-than-start", "2014")
    return f"{number(ours)} of {number(table.cell('n', '2014'))}", verdict(ours == 11)


@claim("R7", "8 have more absence in 2014 than in 2013", "8")
def worse_than_last(tables):
    table = tables("3.4")
    rest = table.cell("n", "2014") - table.cell("better-than-last", "2014")
    return (f"{number(rest)} are not better than the year before",
            "agrees only if nobody is unchanged" if rest == 8 else DIFFERS)


@claim("R8", "Better or worse than at the start: all of the municipalities", "13, 16 and 8")
def either(tables):
    parts = [(tables("3.4"), "2014", "cohort 1, 2014"), (tables("3.4"), "2013", "cohort 1, 2013"),
             (tables("3.5"), "2014", "cohort 2, 2014")]
    said = [f"{number(t.cell('either', c))} of {number(t.cell('n', c))} ({name})"
            for t, c, name in parts]
    missing = [name for t, c, name in parts if t.cell("either", c) != t.cell("n", c)]
    return "; ".join(said), "not accounted for: one in " + " and one in ".join(missing)


@claim("R9", "Table 3.6: N (number of municipalities) 2014 / 2013", "13 / 14")
def hindrances(tables):
    table, results = tables("3.6"), tables("3.4")
    sums_ = [body(table, year) for year in ("2014", "2013")]
    n = results.row("n")
    return (f"hindrances sum to {listed(sums_)}; table 3.4 has {listed(n)} municipalities",
            "N counts hindrances; its label says municipalities")


@claim("R10", "Two thirds of the main goals of cohort 1 are about less part-time", "67 %")
def two_thirds(tables):
    table = tables("4.1")
    now, before = (table.cell("less-part-time", f"{year}/share") for year in (2014, 2013))
    return f"{number(now)} % ({number(before)} % in 2013)", verdict(now == 67)


@claim("R11", "“38 measures in all” of cohort 1 in 2014", "38")
def measures_cohort_1(tables):
    table = tables("4.3")
    now, before = (table.cell("n", f"{year}/measures") for year in (2014, 2013))
    return (f"{number(now)} in 2014, {number(before)} in 2013",
            AGREES if now == 38 else DIFFERS + (": 38 is 2013" if before == 38 else ""))


@claim("R12", "Three quarters of the measures of cohort 1 are new arrangements", "75 %")
def three_quarters(tables):
    ours = tables("4.3").cell("arrangements", "2014/share")
    return f"{number(ours)} %", verdict(ours == 75)


@claim("R13", "2013, cohort 2: 6 of 15 measures planned, 7 of 15 carried out", "15")
def progress(tables):
    n, measures = tables("progress").cell("n", "2013"), tables("4.4").cell("n", "2013")
    return (f"table 4.4 has {number(measures)} measures; {number(n)} are reports",
            "differs: the unit is another" if n != measures else AGREES)


@claim("R14", "Cohort 1: average position size 55 → 64 (+9)", "55 → 64")
def position_size_1(tables):
    table = tables("4.5")
    before, after = table.cell("mean", "baseline"), table.cell("mean", "2014")
    return (f"{number(before, 1)} → {number(after, 1)} over {len(table.body)} units",
            verdict(round(before) == 55 and round(after) == 64) + ": the rule is not stated")


@claim("R15", "Cohort 1, full-time positions: nine units, 5 up, 3 a little, 1 down", "9")
def full_time_units(tables):
    ours = len(tables("4.5-full-time").body)
    return f"{ours} municipalities", verdict(ours == 9)


RULES = [("reported-both", "own values of both 2013 and 2014"), ("first", "all rows"),
         ("measures", "weighted by measures"), ("municipalities", "mean of municipalities")]


def position_size_2(tables, rule):
    table = tables("4.6", rule)
    return table.cell("mean", "baseline"), table.cell("mean", "2014")


@claim("R16", "Cohort 2: average position size 57.0 → 63.8 (+6.8)", "57.0 → 63.8")
def position_size_rules(tables):
    said, right = [], []
    for rule, words in RULES:
        before, after = position_size_2(tables, rule)
        said.append(f"{number(before, 1)} → {number(after, 1)} ({words})")
        if (number(before, 1), number(after, 1)) == ("57.0", "63.8"):
            right.append(words)
    return ("; ".join(said), "fits one rule: " + " and ".join(right) if right else DIFFERS)


@claim("R17", "Cohort 2: persons in full-time positions 392 → 489 (about +100)", "392 → 489")
def full_time_rules(tables):
    said, right = [], False
    for rule, words in (RULES[1], RULES[0]):
        table = tables("4.7", rule)
        before, after = table.cell("persons", "baseline"), table.cell("persons", "2014")
        said.append(f"{number(before)} → {number(after)} ({words})")
        right = right or (before, after) == (392, 489)
    said.append(f"{number(table.cell('persons', '2013'))} → {number(after)} (the same, from 2013)")
    return "; ".join(said), verdict(right)


@claim("R18", "Table 4.7: Totalt Oppegård 2013 / 2014", "135 / 176")
def oppegaard(tables):
    table = tables("4.7-oppegaard")
    ours, printed = table.row("measures"), table.row("printed")
    return (f"rows 10 to 18 sum to {listed(ours)}",
            verdict(ours == printed) + ", by "
            + " and ".join(number(p - o) for p, o in zip(printed, ours)))


def moves(table, first="first"):
    """(up, equal, down) from the first value, or from 2013, to that of 2014."""
    count = [0, 0, 0]
    for row in table.body:
        values = [table.cell(row, c) for c in ("baseline", "2012", "2013", "2014")]
        before = [v for v in (values[:3] if first == "first" else values[2:3]) if v is not None]
        if before and values[3] is not None:
            count[1 if values[3] == before[0] else 0 if values[3] > before[0] else 2] += 1
    return count


@claim("R19", "“All 15 municipalities of cohort 2 report larger positions”", "15")
def all_report(tables):
    table = tables("4.6")
    ours = table.cell("municipalities", "2014")
    up, equal, down = moves(table)
    up2, equal2, down2 = moves(table, "2013")
    people = moves(tables("4.7"))
    return (f"{number(ours)} municipalities; {up} rows up, {equal} equal, {down} down "
            f"(from 2013: {up2}, {equal2}, {down2}); full-time: {people[0]} up, "
            f"{people[1]} equal, {people[2]} down", verdict(ours == 15))


@claim("R20", "6 of 23 do not report average position size", "6")
def not_reporting(tables):
    reports = tables("reports").cell("full-time-culture", "2014/main")
    one = len({row.split("-")[0] for row in tables("4.5").body})
    two = tables("4.6").cell("municipalities", "2014")
    return (f"{number(reports)} reports, {one} + {number(two)} municipalities in tables 4.5 and "
            f"4.6: {number(reports - one - two)}", verdict(reports - one - two == 6))


@claim("R21", "Reputation: 48 measures in 2014, 28 in 2013", "48 / 28")
def reputation_measures(tables):
    one, two = tables("6.4"), tables("6.5")
    now, before = (one.cell("n", f"{y}/measures") + two.cell("n", f"{y}") for y in (2014, 2013))
    return (f"cohort 2 {listed(two.row('n')[:2])}; both cohorts {number(now)} / {number(before)}",
            AGREES if (now, before) == (48, 28) else
            DIFFERS + ": cohort 2 alone; of both the sign is the other")


@claim("R22", "Reputation, cohort 2: 28 → 48 measures; internal 8 → 23, external 10 → 20, "
       "other 10 → 5", "48 / 23 / 20 / 5")
def reputation_2(tables):
    table = tables("6.5")
    ours = [(table.cell(row, "2013"), table.cell(row, "2014"))
            for row in ("n", "internal", "external", "other")]
    return ("; ".join(f"{number(a)} → {number(b)}" for a, b in ours),
            verdict(ours == [(28, 48), (8, 23), (10, 20), (10, 5)]))


@claim("R23", "Reputation, cohort 2: the three largest groups of measures", "12, 12, 6")
def largest(tables):
    table = tables("6.5")
    groups = [table.cell("communication", "2014") + table.cell("profile", "2014"),
              table.cell("surveys", "2014") + table.cell("culture", "2014"),
              table.cell("web", "2014")]
    return ", ".join(number(g) for g in groups), verdict(groups == [12, 12, 6])


@claim("R24", "Table 6.4: number of reports by category, 2014 and 2013", "equal in all 12 rows")
def same_reports(tables):
    table = tables("6.4")
    same = [row for row in table.body
            if table.cell(row, "2014/reports") == table.cell(row, "2013/reports")]
    return (f"equal in {len(same)} of {len(table.body)} rows",
            "suspicious: perhaps copied" if len(same) == len(table.body) else DIFFERS)


@claim("R25", "Reputation: 18 reports with it as main theme, and 6 others", "18 (of 25: 19)")
def reputation_reports(tables):
    table = tables("reports")
    main, other = (table.cell("reputation", f"2014/{role}") for role in ("main", "additional"))
    return (f"{number(main)} + {number(other)} = {number(main + other)}; table 6.1 A has "
            f"{number(tables('6.1-a').first('n'))}", verdict(main == 18))


@claim("R26", "Reputation: 16 annual reports in 2013; table 6.1 B has N = 17", "16 / 17")
def reputation_reports_2013(tables):
    tables_2013 = (tables("6.4").cell("n-reports", "2013/reports")
                   + tables("6.5").cell("reports", "2013"))
    ours = tables("6.1-b").first("n")
    return (f"{number(ours)} in table 6.1 B, {number(tables_2013)} in tables 6.4 and 6.5",
            "differs: 16 or 17" if ours != 16 else AGREES)


@claim("R27", "Competence: less mapping and planning, more culture and programmes", "–")
def competence_shift(tables):
    table = tables("5.1")

    def both(row, show="measures"):
        return [table.cell(row, f"{year}/{show}") for year in (2013, 2014)]
    planning, culture = both("planning-and-mapping"), both("culture-and-programmes")
    share = both("culture-and-programmes", "share")
    return (f"plans and mapping {number(planning[0])} → {number(planning[1])}; culture and "
            f"programmes {number(culture[0])} → {number(culture[1])}, {number(share[0])} % → "
            f"{number(share[1])} %",
            f"first half {verdict(planning[1] < planning[0])}, second half "
            f"{verdict(share[1] > share[0])}")


@claim("R28", "Competence: traditional measures at the same level", "same")
def traditional(tables):
    table = tables("5.1")
    before, now = (table.cell("traditional", f"{year}/measures") for year in (2013, 2014))
    return f"{number(before)} → {number(now)}", verdict(abs(now - before) <= 2)


@claim("R29", "Competence: fewer hindrances for each project", "fewer")
def per_project(tables):
    now, before = tables("5.2").row("per-project")
    return f"{number(before, 2)} → {number(now, 2)}", verdict(now < before)


@claim("R30", "“Since 2014” in a report on 2014, in two chapters", "2014")
def since(tables):
    return "–", NO_NUMBER


@claim("R31", "Competence: 17 of 24 reports (27 municipalities)", "27")
def competence_municipalities(tables):
    roster, reports = tables("roster"), tables("reports")
    projects, municipalities = (sum(roster.cell("Roster: Kompetanse", f"{cohort}/{show}")
                                    for cohort in ("cohort-1", "cohort-2"))
                                for show in ("projects", "municipalities"))
    total = sum(reports.cell("competence", f"2014/{role}") for role in ("main", "additional"))
    return (f"{number(total)} reports; {number(projects)} projects of the roster are "
            f"{number(municipalities)} municipalities", verdict(municipalities == 27))


@claim("R32", "Fewer measures in 2014: all tables, 2014 / 2013", "318 / 406")
def all_measures(tables):
    ours = tables("measures-all").row("n")
    return (listed(ours), "direction agrees; numbers differ by those of R2 and R3"
            if ours[0] < ours[1] and ours != [318, 406] else verdict(ours == [318, 406]))


@claim("R33", "References to sections and tables (2.5, 3.1, 4.4, p. 53)", "–")
def references(tables):
    return "–", NO_NUMBER


@claim("R34", "Reputation: no information, hard to measure, no measurement, no target",
       "4, 3, 4, 5 in two chapters")
def documentation(tables):
    table = tables("documentation")
    ours = [table.cell(row, "2014") for row in ("no-information", "hard", "no-measurement",
                                                "no-target")]
    return ", ".join(number(v) for v in ours), verdict(ours == [4, 3, 4, 5])


@claim("R35", "Surveys in 9 reports", "9")
def surveys(tables):
    ours = len(tables("6.6").body)
    said = tables("documentation").cell("surveys", "2014")
    return (f"{number(said)} reports; table 6.6 has {ours} rows",
            AGREES if ours == said else "table 6.6 has examples only")


@claim("R36", "One municipality names economy as a central hindrance", "1")
def economy(tables):
    table = tables("4.9")
    has = "economy" in table.body
    return (f"{'a' if has else 'no'} row for economy; other: {number(table.cell('other', '2014'))}",
            AGREES if has else "not visible: it must be among the others")


# What the records say beyond R1 to R36.

@claim("new", "Cohort 2: 11 of 15 municipalities report both position size and full-time positions",
       "11")
def both_indicators_2(tables):
    ours = named(tables("4.6")) & (named(tables("4.7")) | named(tables("4.7-oppdal")))
    return (f"{len(named(tables('4.6')))} in table 4.6, of which {len(ours)} in table 4.7 too",
            verdict(len(ours) == 11))


@claim("new", "Cohort 1: 6 of 8 municipalities report both", "6")
def both_indicators_1(tables):
    sizes, people = named(tables("4.5")), set(tables("4.5-full-time").body)
    return (f"{len(sizes)} report position size, {len(people)} full-time positions, "
            f"{len(sizes & people)} both", verdict(len(sizes & people) == 6))


def named(table):
    """The projects of rows that are measures: baatsfjord-full-time-30 → baatsfjord."""
    return {row.split("-")[0] for row in table.body}
