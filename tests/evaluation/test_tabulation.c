/* Tables from small stores made by hand; the numbers are counted beside them. */
#include "evaluation/tables_folder.h"

#include "programme/create.h"
#include "programme/programme.h"
#include "programme/starter.h"

/* Three projects of two cohorts; Os is of two municipalities. */
static const char programme[] =
    "theme absence name=Absence\n"
    "theme fulltime name=Full_time\n"
    "cohort p1 name=Cohort_1 name_nb=Pulje_1 starts=2011-10-01 ends=2015-12-31\n"
    "cohort p2 name=Cohort_2 name_nb=Pulje_2 starts=2012-10-01 ends=2015-12-31\n"
    "organisation 0101 name=Halden sort=municipality\n"
    "organisation os-tolga name=Os_og_Tolga sort=group n_members=2\n"
    "organisation 0104 name=Moss sort=municipality\n"
    "project halden name=Halden cohort=p1\n"
    "project os name=Os cohort=p1\n"
    "project moss name=Moss cohort=p2\n"
    "project_organisation - project=halden organisation=0101\n"
    "project_organisation - project=os organisation=os-tolga\n"
    "project_organisation - project=moss organisation=0104\n"
    "scheme measures name=Measures version=1\n"
    "category - scheme=measures code=people name=People position=1\n"
    "category - scheme=measures code=follow-up name=Follow-up position=2 "
    "parent=measures/people\n"
    "category - scheme=measures code=courses name=Courses position=3 "
    "parent=measures/people\n"
    "category - scheme=measures code=systems name=Systems position=4\n"
    "category - scheme=measures code=rota name=Rota position=5 first_period=2014\n";

/* 2014: follow-up 2 (halden, os), courses 1 (os), systems 1 (moss), rota 0, one not
 * coded (moss). 2013: follow-up 1 (halden), systems 2 (halden, os). */
static const char items[] =
    "item a sort=measure period=2014 project=halden theme=absence\n"
    "item b sort=measure period=2014 project=os theme=absence\n"
    "item c sort=measure period=2014 project=os theme=absence reconstructed=yes\n"
    "item d sort=measure period=2014 project=moss theme=absence\n"
    "item e sort=measure period=2014 project=moss theme=absence\n"
    "item f sort=measure period=2013 project=halden theme=absence\n"
    "item g sort=measure period=2013 project=halden theme=absence\n"
    "item h sort=measure period=2013 project=os theme=absence\n"
    "item other sort=focus period=2013 project=os theme=absence\n"
    "label - item=a category=measures/follow-up coder=kari\n"
    "label - item=b category=measures/follow-up coder=kari\n"
    "label - item=c category=measures/courses coder=kari\n"
    "label - item=d category=measures/systems coder=kari\n"
    "label - item=f category=measures/follow-up coder=kari\n"
    "label - item=g category=measures/systems coder=kari\n"
    "label - item=h category=measures/systems coder=kari\n";

#define MEASURES                                                                         \
    "tables:\n"                                                                          \
    "- id: t\n"                                                                          \
    "  title: Measures\n"                                                                \
    "  of: item\n"                                                                       \
    "  where: {sort: measure}\n"

static void items_are_counted_by_category_and_year(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, programme);
    put_lines(f, items);
    compute(f, &t,
            MEASURES "  rows: {scheme: measures}\n"
                     "  columns: {by: period, values: [2014, 2013]}\n"
                     "  totals:\n"
                     "  - {id: n, title: N, count: id}\n"
                     "  - {id: projects, title: Projects, distinct: project}\n"
                     "  - {id: municipalities, municipalities: project else bearer}\n");
    assert_string_equal(t.text, "people: () ()\n"
                                "follow-up: 2 1\n"
                                "courses: 1 0\n"
                                "systems: 1 2\n"
                                "rota: 0 \xE2\x80\x93\n" /* not asked before 2014 */
                                "n: 5 3\n"
                                "projects: 3 2\n"
                                "municipalities: 4 3\n"); /* Os counts two */
    assert_string_equal(failed_checks(f, &t), "2014: the rows sum to 4, N says 5\n");
    assert_string_equal(left_out(f, &t), "1 records, not coded: Moss\n");
    assert_float_equal(t.result.n_reconstructed, 1, 0);
}

static void set_up_items(a_folder *f)
{
    put_lines(f, programme);
    put_lines(f, items);
}

static void groups_have_subtotals_and_sums_where_they_are_wanted(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, groups: subtotals,\n"
                     "         sums: [{id: soft, title: Soft, of: [courses, systems]}]}\n"
                     "  columns: {by: period}\n");
    assert_string_equal(t.text, "people: 1 3\n" /* periods in their order */
                                "follow-up: 1 2\n"
                                "courses: 0 1\n"
                                "systems: 2 1\n"
                                "rota: \xE2\x80\x93 0\n"
                                "soft: 2 2\n");
    compute(f, &t, MEASURES "  rows: {scheme: measures, groups: only}\n");
    assert_string_equal(t.text, "people: 4\nsystems: 3\nrota: 0\n");
    compute(f, &t, MEASURES "  rows: {scheme: measures, values: [systems, people]}\n");
    assert_string_equal(t.text, "systems: 3\npeople: 4\n");
}

static void rows_may_stand_by_the_value_of_the_first_column(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES
            "  rows: {scheme: measures, groups: none, order: descending, total: true}\n"
            "  columns: {by: period, values: [2014, 2013]}\n");
    /* where the first column is equal, by the number of records */
    assert_string_equal(t.text, "follow-up: 2 1\n"
                                "systems: 1 2\n"
                                "courses: 1 0\n"
                                "rota: 0 \xE2\x80\x93\n"
                                "all: 4 3\n");
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, order: descending}\n"
                     "  columns: {by: period, values: [2013]}\n");
    /* within its group */
    assert_string_equal(t.text, "people: ()\nfollow-up: 1\ncourses: 0\nsystems: 2\n"
                                "rota: \xE2\x80\x93\n");
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, groups: none, order: descending}\n"
                     "  columns: {by: period, values: [2013]}\n");
    assert_string_equal(t.text, "systems: 2\nfollow-up: 1\ncourses: 0\n"
                                "rota: \xE2\x80\x93\n");
}

static void records_without_a_category_may_have_a_row(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES
            "  rows: {scheme: measures, groups: none, missing: row, total: true}\n"
            "  columns: {by: period, values: [2014], changes: true}\n"
            "  totals: [{id: n, count: id}]\n");
    assert_string_equal(
        t.text,
        "follow-up: 2\ncourses: 1\nsystems: 1\nrota: 0\nmissing: 1\nall: 5\nn: 5\n");
    assert_string_equal(failed_checks(f, &t), "");
    assert_string_equal(left_out(f, &t), "3 records, in none of the columns:\n");
}

static void columns_are_nested_and_have_changes(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, values: [follow-up, systems]}\n"
                     "  columns: [{by: period, values: [2014, 2013], changes: true},\n"
                     "            {by: cohort else project.cohort}]\n"
                     "  show: [count, {distinct: project, title: Projects}]\n");
    assert_int_equal(t.result.n_columns, 12);
    assert_string_equal(t.result.column[0].key, "2014/p1/count");
    assert_string_equal(t.result.column[11].key, "change-2013-2014/p2/distinct");
    /* 2014: p1 2 of 2 projects, p2 0; 2013: p1 1 of 1; the change: p1 +1 +1 */
    assert_string_equal(t.text, "follow-up: 2 2 0 0 1 1 0 0 1 1 0 0\n"
                                "systems: 0 0 1 1 2 2 0 0 \xE2\x88\x92"
                                "2 \xE2\x88\x92"
                                "2 1 1\n");
}

static void columns_may_be_conditions_and_totals_of_other_records(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    put_lines(f,
              "template annual name=Annual sort=annual version=1 due_month=2 due_day=1\n"
              "report - project=halden template=annual period=2014 status=approved\n"
              "report - project=os template=annual period=2014 status=approved\n"
              "report - project=moss template=annual period=2014 status=draft\n"
              "report - project=os template=annual period=2013 status=approved\n");
    compute(f, &t,
            MEASURES "  columns: {conditions: [\n"
                     "    {id: p1-2014, where: {project.cohort: p1, period: 2014}},\n"
                     "    {id: p2-2014, where: {project.cohort: p2, period: 2014}},\n"
                     "    {id: p1-2013, where: {project.cohort: p1, period: 2013}}]}\n"
                     "  totals:\n"
                     "  - {id: reports, count: id, from: {of: report}}\n"
                     "  - {id: approved, count: id,\n"
                     "     from: {of: report, where: {status: approved}}}\n");
    assert_string_equal(t.text, "all: 3 2 3\nreports: 2 1 1\napproved: 2 0 1\n");
}

static void a_matched_panel_drops_units_by_name(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES "  columns: {by: period, values: [2014, 2013]}\n"
                     "  compare: matched\n");
    /* Moss has nothing in 2013: 2014 is halden 1 and os 2, 2013 halden 2 and os 1. */
    assert_string_equal(t.text, "all: 3 3\n");
    assert_int_equal(t.result.n_each, 2);
    assert_string_equal(left_out(f, &t), "1 units, not in all columns compared: Moss\n");
    put_lines(f, "item nobody sort=measure period=2014 theme=absence\n"
                 "item east sort=measure period=2014 theme=absence bearer=East\n");
    compute(f, &t,
            MEASURES "  columns: {by: period, values: [2014, 2013]}\n"
                     "  compare: matched\n");
    assert_string_equal(t.text, "all: 3 3\n");
    assert_string_equal(
        left_out(f, &t),
        "1 records, of no unit that could be followed:\n"
        "2 units, not in all columns compared: Moss\n"); /* East is no project: no name */
}

static void a_condition_of_no_values_is_an_error(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    assert_int_equal(
        try_table(f, &t, "tables:\n- {id: t, title: T, of: item, where: {theme: []}}\n"),
        NP_E_PARSE);
    assert_non_null(strstr(t.message, "no record is any of no values"));
}

static void who_ought_to_be_there_and_is_not_is_named_with_the_reason(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    put_lines(f,
              "project bo name=Bo cohort=p1\n"
              "project vik name=Vik cohort=p1\n"
              "participation - project=halden theme=absence role=main\n"
              "participation - project=moss theme=absence role=main\n"
              "participation - project=bo theme=absence role=main\n"
              "participation - project=vik theme=absence role=main\n"
              "participation - project=os theme=fulltime role=main\n"
              "withdrawal - project=bo date=2014-03-01 reason=Money\n"
              "template annual name=Annual sort=annual version=1 due_month=2 due_day=1\n"
              "report - project=bo template=annual period=2013 status=approved\n"
              "report - project=vik template=annual period=2014 status=approved\n");
    compute(
        f, &t,
        MEASURES
        "  columns: {by: period, values: [2014, 2013]}\n"
        "  population: {of: participation, each: project, where: {theme: absence}}\n");
    assert_string_equal(left_out(f, &t),
                        "2014: 1 units, withdrawn: Bo\n"
                        "2014: 1 units, a report, and nothing of this in it: Vik\n"
                        "2013: 2 units, no report: Moss Vik\n"
                        "2013: 1 units, a report, and nothing of this in it: Bo\n");
}

static void items_may_have_several_categories_and_count_once_in_a_sum(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    put_lines(f, "label - item=a category=measures/courses coder=kari\n");
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, groups: subtotals}\n"
                     "  columns: {by: period, values: [2014]}\n"
                     "  response: multiple\n"
                     "  show: [count, {distinct: project}]\n"
                     "  totals: [{id: n, count: id}]\n");
    /* a is follow-up and courses: people are a, b, c. */
    assert_string_equal(t.text, "people: 3 2\nfollow-up: 2 2\ncourses: 2 2\n"
                                "systems: 1 1\nrota: 0 0\nn: 5 5\n");
    assert_string_equal(failed_checks(f, &t), "");
    compute(f, &t,
            MEASURES "  rows: {scheme: measures}\n"
                     "  columns: {by: period, values: [2014]}\n");
    assert_string_equal(failed_checks(f, &t), ""); /* 5 labels, and 5 items: d.. e */
}

static void coders_who_do_not_agree_leave_an_item_out_until_it_is_settled(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    put_lines(f, "label - item=d category=measures/courses coder=ola\n"
                 "label - item=f category=measures/follow-up coder=ola\n");
    const char *table = MEASURES "  rows: {scheme: measures, groups: none}\n"
                                 "  columns: {by: period, values: [2014, 2013]}\n";
    compute(f, &t, table);
    assert_string_equal(
        t.text, "follow-up: 2 1\ncourses: 1 0\nsystems: 0 2\nrota: 0 \xE2\x80\x93\n");
    assert_string_equal(
        left_out(f, &t),
        "1 records, not coded: Moss\n"
        "1 records, coders do not agree, and nobody has settled it: Moss\n");
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, groups: none}\n"
                     "  columns: {by: period, values: [2014, 2013]}\n"
                     "  coding: ola\n");
    assert_string_equal(
        t.text, "follow-up: 0 1\ncourses: 1 0\nsystems: 0 0\nrota: 0 \xE2\x80\x93\n");
    put_lines(f, "adjudication - item=d category=measures/systems decided_by=anne\n");
    compute(f, &t, table);
    assert_string_equal(
        t.text, "follow-up: 2 1\ncourses: 1 0\nsystems: 1 2\nrota: 0 \xE2\x80\x93\n");
}

static void printed_numbers_are_compared_cell_by_cell(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES "  rows: {scheme: measures}\n"
                     "  columns: {by: period, values: [2014, 2013]}\n"
                     "  totals: [{id: n, title: N, count: id}]\n"
                     "  expected:\n"
                     "    columns: [2013, 2014]\n"
                     "    rows:\n"
                     "      follow-up: [1, 3]\n"
                     "      courses: [0, 1]\n"
                     "      systems: [2, ~]\n"
                     "      rota: [\xE2\x80\x93, 0]\n"
                     "      n: [4, 5]\n");
    assert_int_equal(t.result.n_compared, 9);
    assert_string_equal(failed_checks(f, &t),
                        "2014: the rows sum to 4, N says 5\n"
                        "Follow-up, 2014: printed 3, the records say 2\n"
                        "N, 2013: printed 4, the records say 3\n"
                        "2013: the printed rows sum to 3, printed N is 4\n");
}

static void names_that_the_store_does_not_know_are_said_with_their_place(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    np_status status = try_table(f, &t,
                                 "tables:\n"
                                 "- id: t\n"
                                 "  title: Measures\n"
                                 "  of: item\n"
                                 "  where: {theme: absense}\n"
                                 "  rows: {scheme: measure}\n"
                                 "  columns: {by: project, values: [halden, moos]}\n"
                                 "  expected:\n"
                                 "    rows: {folow: 3}\n");
    assert_int_equal(status, NP_E_UNKNOWN_NAME);
    assert_int_equal(t.problems.n, 4);
    assert_string_equal(t.message, "tables.yaml:5:11: there is no theme absense; "
                                   "did you mean absence?");
    assert_int_equal(t.problems.item[1].line, 6);
    assert_string_equal(t.problems.item[2].message, "there is no project moos");
    assert_int_equal(t.problems.item[2].column, 43);
    assert_string_equal(t.problems.item[3].message, "the table has no row folow");
}

static void a_category_that_is_not_in_the_scheme_is_said(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    assert_int_equal(try_table(f, &t,
                               MEASURES "  rows: {scheme: measures,\n"
                                        "    sums: [{id: s, of: [corses]}]}\n"),
                     NP_E_UNKNOWN_NAME);
    assert_string_equal(t.message, "tables.yaml:7:25: there is no category of measures "
                                   "called corses; did you mean courses?");
}

static void rules_and_cells_that_name_nothing_of_the_table_are_said(void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    assert_int_equal(try_table(f, &t,
                               MEASURES "  rows: {scheme: measures}\n"
                                        "  columns: {by: period, values: [2014]}\n"
                                        "  not_asked: [{row: rotas, columns: [2012]}]\n"
                                        "  rules: [{id: r, require: [2014, 2013]}]\n"),
                     NP_E_UNKNOWN_NAME);
    assert_int_equal(t.problems.n, 3);
    assert_string_equal(t.message, "tables.yaml:8:21: the table has no row rotas; "
                                   "did you mean rota?");
    assert_string_equal(t.problems.item[1].message, "the table has no column 2012");
    assert_string_equal(t.problems.item[2].message, "the table has no column 2013");
}

static void the_scope_can_be_narrowed_from_outside(void **state)
{
    a_folder *f = *state;
    a_table t;
    np_error err = {0};
    np_tab_condition c[2];
    set_up_items(f);
    const np_kind *item = np_kind_find("item");
    assert_ok(
        f, np_tabulation_condition(&c[0], item, "period=2013|2012", f->arena, &f->err));
    assert_ok(f, np_tabulation_condition(&c[1], item, "cohort else project.cohort!=p2",
                                         f->arena, &f->err));
    compute_with(f, &t, MEASURES "  columns: {by: project}\n",
                 (np_tabulation_options){.ad_hoc = {c, 2}});
    assert_string_equal(t.text, "all: 2 1\n");
    assert_int_equal(np_tabulation_condition(&c[0], item, "perod=2013", f->arena, &err),
                     NP_E_UNKNOWN_NAME);
    assert_string_equal(err.hint, "did you mean period?");
    err = (np_error){0};
    assert_int_equal(np_tabulation_condition(&c[0], item, "period", f->arena, &err),
                     NP_E_USAGE);
    err = (np_error){0};
    assert_int_equal(np_tabulation_condition(&c[0], item, "sort=mesure", f->arena, &err),
                     NP_E_RANGE);
}

static void categories_that_could_not_be_counted_are_dashes_and_zeros_are_zeros(
    void **state)
{
    a_folder *f = *state;
    a_table t;
    set_up_items(f);
    compute(f, &t,
            MEASURES "  rows: {scheme: measures, groups: none}\n"
                     "  columns: {by: period, values: [2014, 2013]}\n"
                     "  not_asked:\n"
                     "  - {row: courses, columns: [2013], reason: blank}\n"
                     "  - {row: rota}\n"
                     "  - {row: systems}\n");
    /* what is there all the same is printed */
    assert_string_equal(t.text, "follow-up: 2 1\ncourses: 1 ()\nsystems: 1 2\n"
                                "rota: \xE2\x80\x93 \xE2\x80\x93\n");
}

static void starts_with(a_folder *f, const char *starter)
{
    np_programme *opened = NULL;
    np_programme_made made;
    np_problems problems = {0};
    np_tabulation_plan plan;
    np_tabulation_options options = {.as_of = np_date_of(2027, 6, 1)};
    char folder[128], command[256];
    snprintf(folder, sizeof folder, "%s/%s", f->folder, starter);
    np_programme_new spec = {folder, starter, 2027, "kari", "Kari"};
    assert_ok(f, np_programme_create(&made, &spec, f->arena, &f->err));
    assert_ok(f,
              np_programme_open(&opened, folder, NP_STORE_READ, NULL, f->arena, &f->err));
    const char *path = np_arena_format(f->arena, "%s/tables.yaml", folder);
    assert_ok(f, np_tabulation_read(&plan, path, &problems, f->arena, &f->err));
    assert_true(plan.n >= 9);
    for (size_t i = 0; i < plan.n; i++) {
        np_tabulation_result result;
        assert_ok(f, np_tabulation_compute(&result, opened->store, &plan, &plan.table[i],
                                           &options, &problems, f->arena, &f->err));
    }
    np_programme_close(opened);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void a_new_programme_has_tables_that_can_be_made(void **state)
{
    starts_with(*state, "minimal");
    starts_with(*state, "municipal");
}

/* However early memory runs out, it is an error and no crash. */
static void a_table_that_runs_out_of_memory_says_so(void **state)
{
    a_folder *f = *state;
    np_tabulation_options options = {.as_of = np_date_of(2015, 6, 1), .compare = true};
    const char *yaml =
        MEASURES "  rows: {scheme: measures, groups: subtotals, total: true}\n"
                 "  columns: [{by: period, changes: true}, {by: project}]\n"
                 "  compare: matched\n"
                 "  show: [count, {distinct: project}]\n"
                 "  totals: [{id: n, count: id}]\n"
                 "  expected: {rows: {n: [~, 1]}}\n";
    set_up_items(f);
    np_status status = NP_E_NO_MEMORY;
    for (size_t n = 1; status != NP_OK; n++) {
        np_arena *arena = np_arena_new(0);
        np_problems problems = {0};
        np_tabulation_plan plan;
        np_tabulation_result result;
        np_error err = {0};
        np_arena_fail_at(arena, n);
        status = np_tabulation_read_text(&plan, yaml, strlen(yaml), "t", &problems, arena,
                                         &err);
        if (status == NP_OK)
            status = np_tabulation_compute(&result, f->store, &plan, plan.table, &options,
                                           &problems, arena, &err);
        if (status != NP_OK)
            assert_int_equal(status, NP_E_NO_MEMORY);
        np_arena_free(arena);
        assert_in_range(n, 1, 100000);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(items_are_counted_by_category_and_year),
        TEST(groups_have_subtotals_and_sums_where_they_are_wanted),
        TEST(rows_may_stand_by_the_value_of_the_first_column),
        TEST(records_without_a_category_may_have_a_row),
        TEST(columns_are_nested_and_have_changes),
        TEST(columns_may_be_conditions_and_totals_of_other_records),
        TEST(a_matched_panel_drops_units_by_name),
        TEST(a_condition_of_no_values_is_an_error),
        TEST(who_ought_to_be_there_and_is_not_is_named_with_the_reason),
        TEST(items_may_have_several_categories_and_count_once_in_a_sum),
        TEST(coders_who_do_not_agree_leave_an_item_out_until_it_is_settled),
        TEST(printed_numbers_are_compared_cell_by_cell),
        TEST(names_that_the_store_does_not_know_are_said_with_their_place),
        TEST(a_category_that_is_not_in_the_scheme_is_said),
        TEST(rules_and_cells_that_name_nothing_of_the_table_are_said),
        TEST(the_scope_can_be_narrowed_from_outside),
        TEST(categories_that_could_not_be_counted_are_dashes_and_zeros_are_zeros),
        TEST(a_new_programme_has_tables_that_can_be_made),
        TEST(a_table_that_runs_out_of_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
