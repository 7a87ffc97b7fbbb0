#!/usr/bin/env python3
"""Makes records/KIND.csv of the example programme from what is printed about it.

Usage: make_records.py [FOLDER]

Reads data/ beside this file (roster, municipalities of 2014, tables 4.6 and 4.7) and
printed_counts.py; writes the files into FOLDER, records/ beside this file if not given.
Nothing is drawn by lot: the same files come out every time. `L123` is a line of the analysis
of the annual reports for 2014 (blank lines not counted), `A123` one of the slides on the
start-up reports.
"""
import csv
import itertools
import pathlib
import sys

from printed_counts import COUNTS, FLAGS, REPORTS, START_UP

HERE = pathlib.Path(__file__).parent
CODER = "annual-reports-2014"  # the analysts are not named in the source
NOT_RECORDED = "(not recorded)"
COHORT = {"1": "cohort-1", "2": "cohort-2"}
AMOUNT_PER_YEAR = 300000


def rows_of(name):
    with open(HERE / "data" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def slug(text):
    for norwegian, ascii_ in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        text = text.lower().replace(norwegian, ascii_)
    return "-".join("".join(c if c.isalnum() or c == "." else " " for c in text).split())


class Records:
    """{kind: [record]}, each record {field: value}; empty values are left out."""

    def __init__(self):
        self.kinds = {}

    def add(self, kind, **values):
        self.kinds.setdefault(kind, []).append(
            {name: value for name, value in values.items() if value not in (None, "")})

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for kind, records in self.kinds.items():
            names = list(dict.fromkeys(itertools.chain.from_iterable(records)))
            with open(folder / f"{kind}.csv", "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names, lineterminator="\n")
                writer.writeheader()
                writer.writerows(records)


# --- the roster (L2057-2146): projects, their municipalities and themes

# Themes that the report's text gives to projects that the roster has under "Flere" (several)
# or under another theme: (project, theme, role, where)
MORE_THEMES = [
    ("fraena", "full-time-culture", "main", "table 4.6"),
    ("raelingen", "full-time-culture", "main", "table 4.6"),
    ("inderoey", "full-time-culture", "main", "table 4.6"),
    ("oppdal", "full-time-culture", "main", "table 4.6"),
    ("baatsfjord", "full-time-culture", "main", "table 4.7"),
    ("hamar", "full-time-culture", "additional",
     "table 4.6, among reports with it as main theme; the roster says innovation"),
    ("rissa", "reputation", "main", "L1936-1940"),
    ("innherred-samkommune", "reputation", "main", "L1941-1942"),
    ("ringerike", "reputation", "main", "L1944-1945"),
    ("skaanland", "sickness-absence", "additional", "L838-840"),
    ("midtre-gauldal", "sickness-absence", "additional", "L841-842"),
    ("fraena", "sickness-absence", "additional", "L835-836"),
    ("bjugn", "sickness-absence", "additional", "L1758-1765"),
    ("bjugn", "full-time-culture", "additional", "L1758-1765, L1333"),
    ("bjugn", "innovation", "additional", "L1758-1765"),
    ("dyroey", "full-time-culture", "additional", "L1333"),
    ("lunner", "full-time-culture", "additional", "L1328-1335"),
    ("saltdal", "full-time-culture", "additional", "L1337-1346"),
    ("grong", "sickness-absence", "additional", "L629-631, L712"),
    ("lenvik", "reputation", "additional", "L1947-1949"),
]


def organisations(records, roster):
    """The municipalities of the roster by their code of 2014; groups and municipalities
    whose code the source does not settle have a word instead."""
    codes = {row["code"]: row for row in rows_of("municipalities_2014.csv")}
    for row in roster:
        members = row["codes"].split()
        for code in members:
            records.add("organisation", id=code, code=code, name=codes[code]["name"],
                        sort="municipality", valid_from=codes[code]["valid_from"],
                        note="Printed as Skiptvedt" if row["participant"] == "Skiptvedt" else "")
        if not members:
            group = "members are not named" in row["note"]
            records.add("organisation", id=slug(row["participant"]), name=row["participant"],
                        sort="group" if group else "other",
                        n_members=int(row["n_municipalities"]), note=row["note"])


def projects(records, roster):
    for row in roster:
        project, cohort = slug(row["participant"]), COHORT[row["cohort"]]
        roster_theme = f"Roster: {row['theme_as_printed']}"
        records.add("project", id=project, name=row["participant"], cohort=cohort,
                    note=roster_theme)
        members = row["codes"].split() or [project]
        for member in members:
            records.add("project_organisation", project=project, organisation=member,
                        leads="yes" if len(members) == 1 else "")
        if row["theme"] != "several":
            note = roster_theme
            if row["participant"] in ("Lillesand", "Våler"):
                note += "; cohort 2 in the roster, cohort 1 in table 4.5"
            records.add("participation", project=project, theme=row["theme"], role="main",
                        note=note)
    for project, theme, role, where in MORE_THEMES:
        records.add("participation", project=project, theme=theme, role=role, note=where)


# The calls (E369-396): the first day, and the last. That of the second is not in the source: the
# day before its projects start, as programme.yaml has it, stands for it.
CALLS = {"cohort-1": ("2011-04-08", "2011-06-15", "2011-07-01"),
         "cohort-2": ("2012-07-04", "2012-09-30", "2012-10-01")}
PARTIES = ("politicians", "administration", "unions")
OF_A_GOAL = ("result_goal", "indicator", "baseline", "target")


def admissions(records):
    """Everybody in the roster was admitted. Whether the parties had committed themselves and what
    the goals were is printed of nearly nobody, so that the programme's rules of admission are met
    by exceptions, by name. Of three projects no theme is known, of two no main one: they cannot
    be admitted by these rules, and their application and its decision are left out."""
    for cohort, (opens, deadline, _) in CALLS.items():
        records.add("call", id=f"call-{cohort}", name=f"Invitation, {cohort}", cohort=cohort,
                    opens=opens, deadline=deadline)
    main = {}
    for record in records.kinds["participation"]:
        if record["role"] == "main":
            main.setdefault(record["project"], []).append(record["theme"])
    goals = {(g["project"], g["theme"]): g for g in records.kinds["goal"]}
    for project in records.kinds["project"]:
        identifier, cohort = project["id"], project["cohort"]
        _, deadline, decided = CALLS[cohort]
        if identifier not in main:
            continue
        records.add("application", project=identifier, call=f"call-{cohort}", received=deadline,
                    note="The day is not recorded; the call's last day stands for it")
        lacks = [("", f"commitment_{party}") for party in PARTIES]
        for theme in main[identifier]:
            has = OF_A_GOAL[:2] + OF_A_GOAL[3:] if (identifier, theme) in goals else ()
            lacks += [(theme, rule) for rule in OF_A_GOAL if rule not in has]
        for theme, rule in lacks:
            records.add("exception", project=identifier, theme=theme, rule=rule, date=decided,
                        reason="Not printed in the sources at hand", granted_by=NOT_RECORDED)
        records.add("decision", application=f"call-{cohort}/{identifier}", outcome="admit",
                    date=decided, decided_by=NOT_RECORDED,
                    reason="In the roster of participants; the day is not recorded, the "
                           "cohort's first stands for it")


def grants(records, roster):
    """300 000 kroner a year for a municipality (README.md). The letters are not at hand, and the
    budget is not either: the frame is what the rule comes to."""
    total = sum(int(row["n_municipalities"]) for row in roster) * AMOUNT_PER_YEAR
    records.add("grant_frame", scheme="participation-grant", year=2014, amount=total,
                decided_by=NOT_RECORDED)
    for row in roster:
        n = int(row["n_municipalities"])
        records.add("grant_commitment", project=slug(row["participant"]),
                    scheme="participation-grant", year=2014, amount=n * AMOUNT_PER_YEAR,
                    date="2014-01-01", decided_by=NOT_RECORDED,
                    reason=f"By the rule: {AMOUNT_PER_YEAR} kroner a year for each municipality "
                           f"({n}); the day is not recorded, the year's first stands for it")


# --- tables 4.5 to 4.7: series of measures

SCOPE = {  # what the tables' titles say that the values are of
    "4.5": "Units in the project, cohort 1 (table 4.5)",
    "4.6": "Employees in the measure, cohort 2 (table 4.6)",
    "4.7": "Employees in the measure, cohort 2 (table 4.7)",
    "4.7 total": "Totalt Oppegård (table 4.7)",
}
WHEN = ["baseline", "2012", "2013", "2014"]
SIZE, FULL_TIME, FULL_TIME_SHARE = "position-size", "full-time-persons", "full-time-share"


def measure(records, identifier, project, number, name, pools=None, note=""):
    records.add("measure", id=identifier, project=project, theme="full-time-culture",
                number=number, name=name, pools=pools,
                note=note or "What is done is not printed")


def series(records, indicator, project, measure_id, scope, values, start, missing=(), note=""):
    """A row of a table: four values, at the start and of three years. The day of the start is
    not printed: it is given the cohort's first year. An empty cell stays blank. A measurement
    of a measure has its project by way of the measure."""
    for when, value in zip(WHEN, values):
        records.add("measurement", indicator=indicator, project="" if measure_id else project,
                    measure=measure_id, period=start if when == "baseline" else when, value=value,
                    missing=dict(missing).get(when, "blank") if value in (None, "") else "",
                    baseline="yes" if when == "baseline" else "", scope=scope, note=note)


POOLED = {"25": ("Dønna", 4), "32": ("Inderøy", 3), "36": ("Hamar", 4)}


def position_size_cohort_2(records):
    """Table 4.6 (L1119-1151). The numbers 1 to 21 are the same measures as in table 4.7."""
    for row in rows_of("position_size_cohort2.csv"):
        number, project = row["measure"], slug(row["municipality"])
        shared = int(number) <= 21
        identifier = f"{project}-{number}" if shared else f"{project}-size-{number}"
        _, pools = POOLED.get(number, ("", None))
        measure(records, identifier, project, number,
                name=f"{row['municipality']}, tiltak {number}", pools=pools,
                note="" if shared else f"Number {number} in table 4.6"
                     + (f"; {pools} measures in one row" if pools else ""))
        series(records, SIZE, project, identifier, SCOPE["4.6"],
               [row["baseline"], row["2012"], row["2013"], row["2014"]], "2012",
               note="Printed as 'm/0-pkt'" if row["note"] == "m/0-pkt" else "")


def full_time_cohort_2(records):
    """Table 4.7 (L1152-1194). Rows 10 to 18 are printed as Eigersund, but are followed by
    "Totalt Oppegård" and have the numbers of Oppegård's measures in table 4.6."""
    for row in rows_of("full_time_counts_cohort2.csv"):
        number, label = row["measure"], row["label"]
        values = [row["at_start"], row["2012"], row["2013"], row["2014"]]
        if not number:
            series(records, FULL_TIME, "oppegaard", None, SCOPE["4.7 total"], values, "2012",
                   note=row["note"])
            continue
        printed_as = label
        if label == "Eigersund" and 10 <= int(number) <= 18:
            label = "Oppegård"
        project = slug(label.split(" (")[0])
        note = [row["note"]] if row["note"] else []
        if printed_as != label:
            note.append(f"printed as {printed_as}")
        identifier = f"{project}-{number}"
        if int(number) > 21:
            identifier = f"{project}-full-time-{number}"
            pools = 2 if "2 tiltak" in printed_as else None
            measure(records, identifier, project, number,
                    name=f"{label.split(' (')[0]}, tiltak {number}", pools=pools,
                    note=f"Number {number} in table 4.7; which number it has in table 4.6 "
                         "is not printed")
        series(records, FULL_TIME_SHARE if label == "Oppdal" else FULL_TIME, project, identifier,
               SCOPE["4.7"], values, "2012", note="; ".join(note))


NOT_CERTAIN = "Three values in four columns: which cell is empty is not certain"
# Table 4.5 (L1071-1096): (project, measure, name, values, missing, note). Where a cell is lost,
# the first value is taken as that of the start and the last as that of 2014.
POSITION_SIZE_1 = [
    ("fredrikstad", "fredrikstad-45", "Fredrikstad", [50, 70, None, None],
     [("2013", "not_measured"), ("2014", "not_measured")], ""),
    ("lillesand", "lillesand-45", "Lillesand", [51, None, 51, 52], [], NOT_CERTAIN),
    ("meraaker", "meraaker-45-1", "Meråker, first unit", [53, None, 62, 62], [],
     NOT_CERTAIN + "; two units in a cell, printed '53/55'"),
    ("meraaker", "meraaker-45-2", "Meråker, second unit", [55, None, 55, 69], [],
     NOT_CERTAIN + "; two units in a cell, printed '53/55'"),
    ("songdalen", "songdalen-45", "Songdalen", [61, 66, 71, 70], [], ""),
    ("sortland", "sortland-45", "Sortland", [56, 56, 60, 62], [], ""),
    ("vaaler", "vaaler-45-long-shifts", "Våler (langturnus)", [94, None, 94, 96], [],
     NOT_CERTAIN),
    ("vaaler", "vaaler-45-wish", "Våler (ønsketurnus)", [79, 79, 63, 64], [], ""),
    ("vaaler", "vaaler-45-floating", "Våler (flåtearbeidere)", [28, None, 73, 73], [],
     NOT_CERTAIN),
]
# The second panel: (project, values, note)
FULL_TIME_1 = [
    ("drammen", [536, None, None, 698], "Two values in four columns; small positions grew too"),
    ("lillesand", [3, None, 3, 3], NOT_CERTAIN),
    ("songdalen", [46, 39, 39, 44], ""),
    ("sortland", [17, 17, 19, 20], ""),
    ("vaaler", [2, None, None, 3], "Two values in four columns"),
]


def cohort_1(records):
    for project, identifier, name, values, missing, note in POSITION_SIZE_1:
        measure(records, identifier, project, "", name=name,
                note="A row of table 4.5; what is done is not printed")
        series(records, SIZE, project, identifier, SCOPE["4.5"], values, "2011", missing, note)
    for project, values, note in FULL_TIME_1:
        series(records, FULL_TIME, project, None, SCOPE["4.5"], values, "2011", note=note)


# --- what the text says of single municipalities (L667-686, L633-640, L835-840)

def single_facts(records):
    records.add("measure", id="nord-aurdal-bht", project="nord-aurdal", theme="sickness-absence",
                name="Assistance from the occupational health service", whole_organisation="yes",
                covered="11 talks with employees, 8 assessments of workplaces",
                note="L667-686")
    for period, hours in (("2013", 10), ("2014", 42)):
        records.add("measurement", indicator="occupational-health-hours",
                    measure="nord-aurdal-bht", period=period, value=hours, note="L684-686")
    records.add("goal", id="andebu-absence", project="andebu", theme="sickness-absence",
                level="result", text="Stepwise lower sickness absence",
                indicator="sickness-absence-rate", baseline_missing="not_reported", target=6.5,
                target_date="2015-12-31", note="L633-640")
    for period, target in (("2013", 7.5), ("2014", 7.0), ("2015", 6.5)):
        records.add("goal_target", goal="andebu-absence", period=period, target=target)
    for project, period, value, note in (
            ("andebu", "2013", 7.4, "L633-640"), ("andebu", "2014", 7.19, "L633-640"),
            ("fraena", "2011", 14.6, "L835-836"), ("fraena", "2013", 6.0, "L835-836"),
            ("skaanland", "2012", 18, "L838-840")):
        # Skånland's 24 per cent of the third quarter of 2014 is no value of a year
        records.add("measurement", indicator="sickness-absence-rate", project=project,
                    period=period, value=value, note=note)


# Table 6.6 (L1963-1983), in other words: who was asked, and what came of it
REPUTATION_RESULTS = [
    "A survey: better reputation among inhabitants",
    "Employees and users, after-school care only: fewer answered",
    "Working environment: more answered, better scores, less sickness absence",
    "Employees: results 15 per cent better",
    "Employees and users: working environment up 0.7 to 5.05, recruitment up 0.5 to 4.8",
    "Users: at or above other municipalities, but for building permits and child welfare",
    "Employees of the whole organisation: down 0.1 per cent",
]


def reputation_results(records):
    for number, text in enumerate(REPUTATION_RESULTS, 1):
        records.add("item", id=f"reputation-results/{number}", sort="result", text=text,
                    period="2014", theme="reputation", source="table 6.6, L1963-1983")


# --- items made from counts

def bearer(count, period, k):
    cohort = f", {count.cohort}" if count.cohort else ""
    return f"{count.theme}{cohort}, {period}, report {k + 1}"


def item(records, count, period, number, who, categories):
    theme = count.theme if count.scheme == "goal-changes" else ""
    identifier = "/".join(filter(None, [count.scheme, theme, count.cohort, str(period),
                                        f"{number:03}"]))
    records.add("item", id=identifier, sort=count.sort, period=period, theme=count.theme,
                cohort=count.cohort, role=count.role, bearer=who, reconstructed="yes",
                source=(f"table {count.table}, {count.lines}" if count.table[0].isdigit()
                        else count.lines))
    for category in categories:
        records.add("label", item=identifier, category=f"{count.scheme}/{category}", coder=CODER)


def reconstruct_count(records, count):
    """An item for each that was counted. Its report is not known: the items are dealt out to
    as many reports as there were, or as had one of the category where that is printed."""
    for column, period in enumerate(count.periods):
        bearers, number = count.bearers[column], 0
        for category, counts in count.rows.items():
            within = count.reports.get(category)
            for k in range(counts[column]):
                turn = number if within is None else k % within[column]
                who = bearer(count, period, turn % bearers) if bearers else ""
                number += 1
                item(records, count, period, number, who, [category])


def reconstruct_flags(records, flags):
    """The items of a column get the categories in turn, so that as few as can be have none."""
    for column, period in enumerate(flags.periods):
        n = flags.items[column]
        given, turn = [[] for _ in range(n)], 0
        for category, counts in flags.rows.items():
            if flags.apart and category not in flags.apart:
                turn = 0  # the best first: who reached the target is better than before
            for k in range(counts[column]):
                given[(turn + k) % n].append(category)
            turn += counts[column]
        for k, categories in enumerate(given):
            bearers = flags.bearers[column] if flags.bearers else n
            item(records, flags, period, k + 1, bearer(flags, period, k % bearers), categories)


def reports_received(records):
    for lines, theme, cohort, role, numbers in REPORTS:
        for period, n in numbers.items():
            for k in range(n):
                where = "/".join(filter(None, ["report", theme, cohort, role, str(period)]))
                records.add("item", id=f"{where}/{k + 1:03}", sort="report", period=period,
                            theme=theme, cohort=cohort, role=role,
                            bearer=f"{where} {k + 1}", reconstructed="yes", source=lines)


def start_up_assessment(records):
    """A theme's reports on a criterion: an item with the criterion and the verdict."""
    for criterion, counts in START_UP.items():
        verdicts = ["met"] * counts[0] + ["to-improve"] * counts[1]
        for k, verdict in enumerate(verdicts):
            identifier = f"start-up/{criterion}/{k + 1}"
            records.add("item", id=identifier, sort="answer", period="2012", cohort="cohort-1",
                        bearer=f"one of four themes ({k + 1})", reconstructed="yes",
                        source="slides on the start-up reports, A69-85")
            for category in (f"start-up-criteria/{criterion}", f"start-up-verdicts/{verdict}"):
                records.add("label", item=identifier, category=category, coder=CODER)


def main():
    records, roster = Records(), rows_of("roster.csv")
    organisations(records, roster)
    projects(records, roster)
    grants(records, roster)
    position_size_cohort_2(records)
    full_time_cohort_2(records)
    cohort_1(records)
    single_facts(records)
    admissions(records)
    reputation_results(records)
    for count in COUNTS:
        reconstruct_count(records, count)
    for flags in FLAGS:
        reconstruct_flags(records, flags)
    start_up_assessment(records)
    reports_received(records)
    records.write(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "records")


if __name__ == "__main__":
    main()
