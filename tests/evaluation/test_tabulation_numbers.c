/* Tables of numbers: means by rules, shares, ratios, flags, states, rounding. */
#include "evaluation/tables_folder.h"

static const char two_projects[] =
    "theme absence name=Absence\n"
    "cohort p1 name=Cohort_1 starts=2011-10-01 ends=2015-12-31\n"
    "project halden name=Halden cohort=p1\n"
    "project os name=Os cohort=p1\n"
    "indicator size name=Position_size version=1 definition=Mean uom=per_cent "
    "level=result direction=higher sort=number period=year across_organisations=none "
    "across_units=mean across_periods=none\n"
    "indicator sick name=Sickness_absence version=1 definition=Days uom=per_cent "
    "level=result direction=lower sort=ratio period=year across_organisations=ratio "
    "across_units=ratio across_periods=ratio factor=100\n";

/* Table 4.6 of the annual reports of 2014: measure, municipality, start, 2012, 2013,
 * 2014; the three rows that pool measures say how many. */
static const struct {
    int number;
    const char *project, *value[4];
    int pools;
} sizes[] = {
    {1, "spydeberg", {"56.8", "", "", "67.0"}, 0},
    {2, "spydeberg", {"55.9", "", "", "66.2"}, 0},
    {3, "eigersund", {"82", "", "", "82"}, 0},
    {4, "eigersund", {"58", "58", "63", "65"}, 0},
    {5, "eigersund", {"60", "60", "65", "65"}, 0},
    {6, "eigersund", {"51", "51", "51", "51"}, 0},
    {7, "eigersund", {"50", "50", "50", "50"}, 0},
    {8, "eigersund", {"60", "", "60", "61"}, 0},
    {9, "eigersund", {"62", "62", "68", "68"}, 0},
    {10, "oppegard", {"46", "", "46", "82"}, 0},
    {11, "oppegard", {"62", "", "62", "78"}, 0},
    {12, "oppegard", {"59", "", "59", "62"}, 0},
    {13, "oppegard", {"68", "", "68", "70"}, 0},
    {14, "oppegard", {"50", "", "50", "61"}, 0},
    {15, "oppegard", {"56", "", "56", "56"}, 0},
    {16, "oppegard", {"46", "", "46", "51"}, 0},
    {17, "oppegard", {"58", "", "58", "73"}, 0},
    {18, "oppegard", {"46", "", "46", "51"}, 0},
    {19, "vaksdal", {"", "61", "63", "65"}, 0},
    {20, "surnadal", {"", "63", "63", "73"}, 0},
    {21, "surnadal", {"", "66", "74", "72"}, 0},
    {25, "donna", {"25", "25", "", "38"}, 4},
    {26, "frana", {"60.05", "", "60.05", "74.25"}, 0},
    {27, "frana", {"58.98", "", "58.98", "65.50"}, 0},
    {28, "frana", {"49.40", "", "49.40", "54.84"}, 0},
    {29, "ralingen", {"", "", "55.79", "57.3"}, 0},
    {32, "inderoy", {"", "", "60.11", "63.7"}, 3},
    {36, "hamar", {"60.9", "", "60.9", "65.48"}, 4},
    {37, "oppdal", {"", "58", "66.28", "61.15"}, 0},
};

static void put_sizes(a_folder *f)
{
    static const char *const period[] = {"2012", "2012", "2013", "2014"};
    put_lines(f, two_projects);
    begin(f);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char line[256];
        const char *project = sizes[i].project;
        if (i == 0 || strcmp(project, sizes[i - 1].project) != 0) {
            snprintf(line, sizeof line, "project %s name=%s cohort=p1", project, project);
            put_line(f, line);
        }
        snprintf(line, sizeof line, "measure m%02d project=%s name=%d", sizes[i].number,
                 project, sizes[i].number);
        if (sizes[i].pools > 0)
            snprintf(line + strlen(line), sizeof line - strlen(line), " pools=%d",
                     sizes[i].pools);
        put_line(f, line);
        for (int p = 0; p < 4; p++) {
            if (sizes[i].value[p][0] == '\0')
                continue;
            snprintf(line, sizeof line,
                     "measurement - indicator=size project=%s measure=m%02d period=%s "
                     "value=%s%s",
                     project, sizes[i].number, period[p], sizes[i].value[p],
                     p == 0 ? " baseline=yes" : "");
            put_line(f, line);
        }
    }
    assert_ok(f, np_store_commit(f->store, &f->err));
}

#define SIZES                                                                            \
    "tables:\n"                                                                          \
    "- id: sizes\n"                                                                      \
    "  title: Position sizes\n"                                                          \
    "  of: measurement\n"                                                                \
    "  where: {indicator: size}\n"                                                       \
    "  rows: {by: measure}\n"                                                            \
    "  columns: {by: when, values: [baseline, 2012, 2013, 2014]}\n"                      \
    "  show: {value: value, decimals: 1}\n"                                              \
    "  totals:\n"                                                                        \
    "  - {id: mean, title: Mean, mean: value, by_rule: true}\n"                          \
    "  rules:\n"                                                                         \
    "  - {id: first, fill: first}\n"                                                     \
    "  - {id: both-reports, fill: first, require: [2013, 2014]}\n"                       \
    "  - {id: measures, fill: first, weight: measure.pools}\n"                           \
    "  - {id: municipalities, fill: first, over: measure.project}\n"                     \
    "  - {id: pairs, require: [baseline, 2014]}\n"

static double cell_value(const a_table *t, const char *row, size_t column)
{
    for (size_t i = 0; i < t->result.n_rows; i++)
        if (strcmp(t->result.row[i].key, row) == 0)
            return t->result.cell[i * t->result.n_columns + column].rounded;
    fail();
    return 0;
}

/* 57.0, 56.7, 54.7 and 55.7, which the report and its readers had from these rows. */
static void the_same_rows_give_four_means_by_four_rules(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_sizes(f);
    compute_with(f, &t, SIZES, (np_tabulation_options){.rule = "all"});
    assert_int_equal(t.result.n_rows, 29 + 5);
    static const struct {
        const char *row;
        double first, last;
    } wanted[] = {{"mean/first", 56.7, 63.8},
                  {"mean/both-reports", 57.0, 63.8},
                  {"mean/measures", 54.7, 61.8},
                  {"mean/municipalities", 55.7, 62.1},
                  {"mean/pairs", 55.7, 63.4}};
    for (size_t i = 0; i < 5; i++) {
        assert_float_equal(cell_value(&t, wanted[i].row, 0), wanted[i].first, 1e-9);
        assert_float_equal(cell_value(&t, wanted[i].row, 3), wanted[i].last, 1e-9);
    }
    compute_with(f, &t, SIZES, (np_tabulation_options){.rule = "measures"});
    assert_float_equal(cell_value(&t, "mean", 0), 54.7, 1e-9);
    assert_string_equal(t.result.rule->id, "measures");
    assert_int_equal(
        try_table_with(f, &t, SIZES, (np_tabulation_options){.rule = "measure"}),
        NP_E_UNKNOWN_NAME);
    assert_string_equal(t.message, "sizes has no rule measure; did you mean measures?");
}

static void an_empty_cell_may_take_the_value_before_it(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(
        f, "measure a project=halden name=A\n"
           "measure b project=os name=B\n"
           "measurement - indicator=size measure=a period=2012 value=10\n"
           "measurement - indicator=size measure=a period=2013 value=20\n"
           "measurement - indicator=size measure=b period=2012 value=30\n"
           "measurement - indicator=size measure=b period=2013 missing=not_measured\n");
    const char *table = "tables:\n"
                        "- id: t\n"
                        "  title: T\n"
                        "  of: measurement\n"
                        "  rows: {by: measure}\n"
                        "  columns: {by: period, changes: true}\n"
                        "  show: {value: value, decimals: 0}\n"
                        "  totals:\n"
                        "  - {id: mean, mean: value, by_rule: true, decimals: 0}\n"
                        "  - {id: sum, sum: value, decimals: 0}\n"
                        "  - {id: part, sum: value, partial: true, decimals: 0}\n"
                        "  rules: [{id: none}, {id: forward, fill: last}]\n";
    compute(f, &t, table);
    /* the sum of 2013 has a missing part, and so is missing */
    assert_string_equal(t.text, "a: 10 20 10\nb: 30 .. ()\nmean: 20 20 0\n"
                                "sum: 40 .. ()\npart: 40 20 \xE2\x88\x92"
                                "20\n");
    assert_string_equal(left_out(f, &t), "1 records, no value: not measured:\n");
    compute_with(f, &t, table, (np_tabulation_options){.rule = "forward"});
    assert_float_equal(cell_value(&t, "mean", 1), 25, 0);
}

static void records_within_records_have_rows_where_there_are_such_pairs(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(f, "measure a project=halden name=A\n"
                 "measure b project=os name=B\n"
                 "measure c project=os name=C\n"
                 "measurement - indicator=size measure=a period=2012 value=10\n"
                 "measurement - indicator=size measure=b period=2012 value=20\n"
                 "measurement - indicator=size measure=c period=2012 value=30\n");
    compute(f, &t,
            "tables:\n"
            "- id: t\n"
            "  title: T\n"
            "  of: measurement\n"
            "  rows: [{by: measure.project}, {by: measure, order: descending}]\n"
            "  columns: {by: period}\n"
            "  show: {value: value, decimals: 0}\n"
            "  totals: [{id: mean, mean: value, by_rule: true, decimals: 0}]\n"
            "  rules: [{id: none}]\n");
    assert_string_equal(t.text, "halden: ()\nhalden/a: 10\nos: ()\nos/c: 30\nos/b: 20\n"
                                "mean: 20\n");
}

static void means_are_pooled_or_of_means_and_ratios_are_recomputed(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(f,
              "measure a project=halden name=A\n"
              "measure b project=halden name=B\n"
              "measurement - indicator=sick project=halden measure=a period=2013 "
              "value=10 numerator=10 denominator=100\n"
              "measurement - indicator=sick project=halden measure=b period=2013 "
              "value=20 numerator=60 denominator=300\n"
              "measurement - indicator=sick project=os period=2013 value=2 numerator=0 "
              "denominator=0\n");
    compute(f, &t,
            "tables:\n"
            "- id: t\n"
            "  title: T\n"
            "  of: measurement\n"
            "  rows: {by: project, total: true}\n"
            "  show:\n"
            "  - {mean: value, id: pooled}\n"
            "  - {mean: value, over: project, id: of-means}\n"
            "  - {mean: value, weight: denominator, id: weighted}\n"
            "  - {ratio: [{sum: numerator}, {sum: denominator}], factor: 100}\n"
            "  - {range: value}\n"
            "  - {min: value}\n"
            "  - {max: value}\n");
    /* halden: (10+20)/2 = 15; 70/400 = 17.5 %; all: 32/3 = 10.7, (15+2)/2 = 8.5;
     * weighted (10·100 + 20·300)/400 = 17.5 */
    assert_string_equal(t.text, "halden: 15.0 15.0 17.5 17.5 10\xE2\x80\x93"
                                "20 10 20\n"
                                "os: 2.0 2.0 . . 2\xE2\x80\x93"
                                "2 2 2\n"
                                "all: 10.7 8.5 17.5 17.5 2\xE2\x80\x93"
                                "20 2 20\n");
}

/* Ratios from their parts, sums that lack one missing, what cannot be computed a point.
 */
static void measurements_are_one_value_by_their_indicators_own_rule(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(f, "indicator people name=People version=1 definition=Persons uom=persons "
                 "level=result direction=higher sort=count period=year "
                 "across_organisations=sum across_units=sum across_periods=latest\n"
                 "measurement - indicator=sick project=halden period=2013 value=15 "
                 "numerator=15 denominator=100\n"
                 "measurement - indicator=sick project=os period=2013 value=30 "
                 "numerator=15 denominator=50\n"
                 "measurement - indicator=sick project=os period=2014 value=10 "
                 "numerator=1 denominator=10\n"
                 "measurement - indicator=people project=halden period=2013 value=3\n"
                 "measurement - indicator=people project=os period=2013 value=4\n"
                 "measurement - indicator=people project=halden period=2014 value=5\n"
                 "measurement - indicator=people project=os period=2014 "
                 "missing=not_measured\n"
                 "measurement - indicator=size project=halden period=2013 value=50\n"
                 "measurement - indicator=size project=os period=2013 value=60\n");
    compute(f, &t,
            "tables:\n"
            "- {id: t, title: T, of: measurement, rows: {by: indicator, total: true},\n"
            "   columns: {by: period}, show: {indicator: organisations, decimals: 0}}\n");
    /* (15+15)/(100+50) = 20 per cent, not 22.5; a sum without Os is missing; size: none
     */
    assert_string_equal(t.text, "people: 7 ..\nsick: 20 10\nsize: . ()\nall: . .\n");
    compute(f, &t,
            "tables:\n"
            "- {id: t, title: T, of: measurement, where: {project: halden},\n"
            "   rows: {by: indicator}, show: {indicator: periods, decimals: 0}}\n");
    assert_string_equal(t.text, "people: 5\nsick: 15\nsize: 50\n");
}

static void two_values_in_a_cell_of_one_are_a_failed_check(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(
        f, "measure a project=halden name=A\n"
           "measurement - indicator=size project=halden period=2013 value=10\n"
           "measurement - indicator=size project=halden measure=a period=2013 value=3\n");
    compute(f, &t,
            "tables:\n- {id: t, title: T, of: measurement, rows: {by: project}, "
            "columns: {by: period}, show: {value: value}}\n");
    assert_string_equal(t.text, "halden: .\n");
    assert_string_equal(failed_checks(f, &t),
                        "Halden, 2013: 2 values where one is printed\n");
}

static void put_answers(a_folder *f, const int *n, size_t n_choices)
{
    put_lines(f, two_projects);
    put_lines(f, "survey s name=S period=2009\n");
    begin(f);
    int id = 0;
    for (size_t c = 0; c < n_choices; c++)
        for (int i = 0; i < n[c]; i++) {
            char line[160];
            id++;
            snprintf(line, sizeof line,
                     "respondent r%03d survey=s outcome=%s affiliation=%c", id,
                     id % 3 == 0 ? "no_answer" : "answered", 'a' + (int)c);
            put_line(f, line);
        }
    assert_ok(f, np_store_commit(f->store, &f->err));
}

#define ANSWERS(more)                                                                    \
    "tables:\n"                                                                          \
    "- id: t\n"                                                                          \
    "  title: T\n"                                                                       \
    "  of: respondent\n"                                                                 \
    "  rows: {by: affiliation, total: true}\n"                                           \
    "  show: [count, percent]\n" more

static void per_cents_are_rounded_by_the_rule_that_is_said(void **state)
{
    a_folder *f = *state;
    a_table t;
    /* of 200: 25.5, 24.5, 25.5, 24.5 */
    put_answers(f, (const int[]){51, 49, 51, 49}, 4);
    compute(f, &t, ANSWERS(""));
    assert_string_equal(t.text, "a: 51 26\nb: 49 25\nc: 51 26\nd: 49 25\nall: 200 100\n");
    assert_string_equal(t.result.check[1].text, "Per cent: sums to 102 by rounding");
    assert_true(t.result.check[1].holds);
    compute(f, &t, ANSWERS("  rounding: half_even\n"));
    assert_string_equal(t.text, "a: 51 26\nb: 49 24\nc: 51 26\nd: 49 24\nall: 200 100\n");
    compute(f, &t, ANSWERS("  rounding: largest_remainder\n"));
    assert_string_equal(t.text, "a: 51 26\nb: 49 25\nc: 51 25\nd: 49 24\nall: 200 100\n");
}

/* Table 8.2 of the report of 2010: 190 answered, of whom 2 did not say what they were;
 * the per cents are of 188. */
static void the_base_is_of_those_who_have_a_row_unless_all_is_said(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_answers(f, (const int[]){59, 63, 61, 2, 3}, 5);
    put_lines(f, "respondent x1 survey=s outcome=answered\n"
                 "respondent x2 survey=s outcome=answered\n");
    const char *valid = ANSWERS("  totals: [{id: n, title: Total, count: id}]\n");
    compute(f, &t, valid);
    assert_string_equal(t.text, "a: 59 31\nb: 63 34\nc: 61 32\nd: 2 1\ne: 3 2\n"
                                "all: 188 100\nn: 190 ()\n");
    assert_string_equal(failed_checks(f, &t),
                        "Number: the rows sum to 188, Total says 190\n");
    compute(f, &t, ANSWERS("  base: all\n"));
    assert_string_equal(t.text, "a: 59 31\nb: 63 33\nc: 61 32\nd: 2 1\ne: 3 2\n"
                                "all: 190 100\n");
}

static void shares_are_of_the_cell_the_row_the_table_or_a_total(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_answers(f, (const int[]){6, 9}, 2); /* every third has not answered */
    compute(f, &t,
            "tables:\n"
            "- id: t\n"
            "  title: T\n"
            "  of: respondent\n"
            "  rows: {by: affiliation, total: All}\n"
            "  show:\n"
            "  - {count: id, id: asked}\n"
            "  - {count: id, where: {outcome: answered}, id: answered}\n"
            "  - {count: id, where: {outcome: answered}, percent_of: cell, id: cell}\n"
            "  - {count: id, where: {outcome: answered}, percent_of: row, print: of, id: "
            "of}\n"
            "  - {count: id, percent_of: table, decimals: 1, id: table}\n"
            "  - {count: id, percent_of: n, id: total}\n"
            "  totals: [{id: n, count: id, where: {outcome: answered}}]\n");
    /* a: 6 asked, 4 answered (1 2 4 5); b: 9 asked, 6 answered; total: of 10 */
    assert_string_equal(t.text, "a: 6 4 67 4 of 6 40.0 60\n"
                                "b: 9 6 67 6 of 9 60.0 90\n"
                                "all: 15 10 67 10 of 15 100.0 150\n"
                                "n: 10 10 () 10 () ()\n");
}

static void results_are_flags_that_do_not_exclude_each_other(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    /* Lower is better. halden: start 8, 2013: 7, 2014: 6.5, step for 2014 6.5, target 6.
     * os: start 9 (of the goal), 2013: 9, 2014: 10, no target. */
    put_lines(f, "goal g project=halden level=result text=Less indicator=sick target=6 "
                 "baseline=8.5\n"
                 "goal h project=os level=result text=Less indicator=sick baseline=9\n"
                 "goal_target - goal=g period=2014 target=6.5\n"
                 "measurement - indicator=sick project=halden period=2012 baseline=yes "
                 "value=8\n"
                 "measurement - indicator=sick project=halden period=2013 value=7\n"
                 "measurement - indicator=sick project=halden period=2014 value=6.5\n"
                 "measurement - indicator=sick project=os period=2013 value=9\n"
                 "measurement - indicator=sick project=os period=2014 value=10\n");
    const char *table =
        "tables:\n"
        "- id: t\n"
        "  title: T\n"
        "  of: measurement\n"
        "  where: {indicator: sick, period: [2013, 2014]}\n"
        "  rows: {flags: [reached_target, better_than_last, worse_than_last,\n"
        "    better_than_start, worse_than_start, same_as_start, no_target, no_last]}\n"
        "  columns: {by: period, values: [2014, 2013]}\n"
        "  show: {distinct: project}\n"
        "  totals: [{id: n, distinct: project}]\n";
    compute(f, &t, table);
    assert_string_equal(t.text, "reached_target: 1 0\n"
                                "better_than_last: 1 0\n"
                                "worse_than_last: 1 0\n"
                                "better_than_start: 1 1\n"
                                "worse_than_start: 1 0\n"
                                "same_as_start: 0 1\n"
                                "no_target: 1 1\n"
                                "no_last: 0 2\n"
                                "n: 2 2\n");
}

static void obligations_have_a_state_as_of_a_day(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(f,
              "template annual name=Annual sort=annual version=1 due_month=2 due_day=1\n"
              "obligation - project=halden template=annual period=2013 due=2014-02-01\n"
              "obligation - project=halden template=annual period=2014 due=2015-02-01\n"
              "obligation - project=os template=annual period=2013 due=2014-02-01\n"
              "obligation - project=os template=annual period=2014 due=2015-02-01 "
              "waived=yes\n"
              "report - project=halden template=annual period=2013 status=approved "
              "received=2014-01-30\n"
              "report - project=os template=annual period=2013 status=submitted "
              "received=2014-02-03\n");
    const char *table = "tables:\n- {id: t, title: T, of: obligation, "
                        "rows: {by: state}, columns: {by: period}}\n";
    compute(f, &t, table);
    assert_string_equal(t.text, "waived: 0 1\nnot_due: 0 0\noverdue: 0 1\ndraft: 0 0\n"
                                "submitted: 1 0\nreturned: 0 0\napproved: 1 0\n");
    assert_string_equal(t.result.as_of, "2015-06-01");
    compute_with(f, &t, table, (np_tabulation_options){.as_of = np_date_of(2015, 2, 1)});
    assert_string_equal(t.text, "waived: 0 1\nnot_due: 0 1\noverdue: 0 0\ndraft: 0 0\n"
                                "submitted: 1 0\nreturned: 0 0\napproved: 1 0\n");
    compute(f, &t,
            "tables:\n- {id: t, title: T, of: obligation, where: {state: "
            "[submitted, approved]}, rows: {by: on_time}}\n");
    assert_string_equal(t.text, "yes: 1\nno: 1\n");
}

static void a_listing_has_a_row_for_each_record(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(f, "measure b project=os name=B n_covered=1200\n"
                 "measure a project=halden name=A whole_organisation=yes\n");
    compute(f, &t,
            "tables:\n- {id: t, title: T, of: measure, where: {project.cohort: p1}, "
            "list: [name, {path: project, title: Whose}, n_covered, "
            "whole_organisation], order: [name]}\n");
    assert_string_equal(t.text, "1: A Halden () yes\n2: B Os 1,200 ()\n");
}

static void periods_may_be_taken_by_their_year(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, two_projects);
    put_lines(f, "measurement - indicator=size project=os period=2013S1 value=1\n"
                 "measurement - indicator=size project=os period=2013S2 value=2\n"
                 "measurement - indicator=size project=os period=2014 value=4\n");
    compute(f, &t,
            "tables:\n- {id: t, title: T, of: measurement, rows: {by: year(period)}, "
            "show: [count, {sum: value}]}\n");
    assert_string_equal(t.text, "2013: 2 3\n2014: 1 4\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_rows_give_four_means_by_four_rules),
        TEST(an_empty_cell_may_take_the_value_before_it),
        TEST(records_within_records_have_rows_where_there_are_such_pairs),
        TEST(means_are_pooled_or_of_means_and_ratios_are_recomputed),
        TEST(measurements_are_one_value_by_their_indicators_own_rule),
        TEST(two_values_in_a_cell_of_one_are_a_failed_check),
        TEST(per_cents_are_rounded_by_the_rule_that_is_said),
        TEST(the_base_is_of_those_who_have_a_row_unless_all_is_said),
        TEST(shares_are_of_the_cell_the_row_the_table_or_a_total),
        TEST(results_are_flags_that_do_not_exclude_each_other),
        TEST(obligations_have_a_state_as_of_a_day),
        TEST(a_listing_has_a_row_for_each_record),
        TEST(periods_may_be_taken_by_their_year),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
