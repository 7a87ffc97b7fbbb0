/* When and how much units were reached, by dates that can be counted by hand. */
#include <math.h>

#include "programme/exposure.h"
#include "programme/folder.h"

/* Two municipalities of one project each; Halden has two units, Moss one, Sande none. */
static void put_units(a_programme *f)
{
    np_store_entry entry = {.who = "kari", .action = "test", .why = ""};
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
    const char *const name[] = {"halden", "moss", "sande"};
    const char *const code[] = {"0101", "0104", "0713"};
    for (size_t i = 0; i < 3; i++) {
        put_record(f, "organisation", code[i], "name", name[i], "sort", "municipality",
                   NULL);
        put_record(f, "project", name[i], "name", name[i], "cohort", "2012", NULL);
        put_record(f, "project_organisation", NULL, "project", name[i], "organisation",
                   code[i], NULL);
    }
    put_record(f, "unit", "h1", "number", "900000001", "name", "School", "organisation",
               "0101", "n_employees", "30", NULL);
    put_record(f, "unit", "h2", "number", "900000002", "name", "Home care",
               "organisation", "0101", "n_employees", "10", NULL);
    put_record(f, "unit", "m1", "number", "900000003", "name", "School", "organisation",
               "0104", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
}

static void commit(a_programme *f)
{
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static np_exposure exposure(a_programme *f, np_exposure_spec spec)
{
    np_exposure e = {0};
    if (spec.from == NULL)
        spec.from = "2012-01-01";
    if (spec.to == NULL)
        spec.to = "2014-12-31";
    assert_ok(f, np_exposure_make(&e, f->store, &spec, f->arena, &f->err));
    assert_ok(f, np_table_check(&e.table, &f->err));
    return e;
}

static const np_column *column_of(const np_exposure *e, const char *name)
{
    size_t i = np_table_find(&e->table, name);
    assert_true(i < e->table.n_columns);
    return &e->table.column[i];
}

static size_t row_of(const np_exposure *e, const char *who, const char *period)
{
    char a[64], b[64];
    const np_column *when = column_of(e, "period");
    for (size_t i = 0; i < e->table.n_rows; i++)
        if (strcmp(np_column_text(&e->table.column[0], i, a, sizeof a), who) == 0 &&
            strcmp(np_column_text(when, i, b, sizeof b), period) == 0)
            return i;
    print_error("no row %s %s\n", who, period);
    assert_true(false);
    return 0;
}

static double value(const np_exposure *e, const char *who, const char *period,
                    const char *name)
{
    return np_column_number(column_of(e, name), row_of(e, who, period));
}

static const char *word(const np_exposure *e, const char *who, const char *period,
                        const char *name)
{
    static char text[4][64];
    static int turn;
    char *out = text[turn++ % 4];
    return np_column_text(column_of(e, name), row_of(e, who, period), out,
                          sizeof text[0]);
}

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void a_unit_is_reached_from_the_start_to_the_end(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "halden", "name", "A", "starts",
               "2012-07-01", "ends", "2013-03-31", NULL);
    put_record(f, "measure_unit", NULL, "measure", "a", "unit", "h1", NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){0});
    /* 184 days of July to December of the leap year 2012; 90 of January to March. */
    assert_near(value(&e, "h1", "2012", "exposure"), 184.0 / 366);
    assert_near(value(&e, "h1", "2013", "exposure"), 90.0 / 365);
    assert_near(value(&e, "h1", "2014", "exposure"), 0);
    assert_near(value(&e, "h1", "2014", "cumulative"), 184.0 / 366 + 90.0 / 365);
    assert_string_equal(word(&e, "h1", "2014", "first_period"), "2012");
    assert_string_equal(word(&e, "h1", "2014", "start"), "2012-07-01");
    assert_string_equal(word(&e, "h2", "2014", "first_period"), "");
    assert_near(value(&e, "h2", "2012", "exposure"), 0);
    assert_int_equal(e.table.n_rows, 9);
    assert_int_equal(e.n_treated, 1);
    assert_int_equal(e.n_entities, 3);
}

static void days_with_several_measures_count_once(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "halden", "name", "A", "starts",
               "2013-01-01", "ends", "2013-06-30", NULL);
    put_record(f, "measure", "b", "project", "halden", "name", "B", "starts",
               "2013-04-01", "ends", "2013-09-30", NULL);
    put_record(f, "measure_unit", NULL, "measure", "a", "unit", "h1", "n_covered", "15",
               NULL);
    put_record(f, "measure_unit", NULL, "measure", "b", "unit", "h1", "n_covered", "6",
               NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){0});
    assert_near(value(&e, "h1", "2013", "exposure"), 273.0 / 365);
    /* 181 days with 15 of 30 (the larger of the two), then 92 with 6 of 30. */
    assert_near(value(&e, "h1", "2013", "dose"), (181 * 0.5 + 92 * 0.2) / 365);
    assert_near(value(&e, "h1", "2013", "n_measures"), 2);
    assert_near(value(&e, "h1", "2013", "n_covered"), 15);
    assert_near(value(&e, "h1", "2013", "covered_share"), 0.5);
    e = exposure(f, (np_exposure_spec){.by = NP_QUARTER});
    assert_near(value(&e, "h1", "2013Q3", "dose"), 0.2);
    assert_near(value(&e, "h1", "2013Q3", "n_covered"), 6);
    assert_near(value(&e, "h1", "2013Q4", "exposure"), 0);
}

static void the_history_tells_when_a_measure_was_under_way(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "moss", "name", "A", NULL);
    put_record(f, "measure_unit", NULL, "measure", "a", "unit", "m1", NULL);
    const char *const history[][2] = {{"2012-01-15", "planned"},
                                      {"2012-04-01", "under_way"},
                                      {"2012-10-01", "shelved"},
                                      {"2013-01-01", "under_way"},
                                      {"2013-02-01", "finished"}};
    for (size_t i = 0; i < 5; i++)
        put_record(f, "measure_status", NULL, "measure", "a", "date", history[i][0],
                   "status", history[i][1], NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){.by = NP_QUARTER});
    assert_near(value(&e, "m1", "2012Q1", "exposure"), 0);
    assert_near(value(&e, "m1", "2012Q2", "exposure"), 1);
    assert_near(value(&e, "m1", "2012Q3", "exposure"), 1);
    assert_near(value(&e, "m1", "2012Q4", "exposure"), 0);
    assert_near(value(&e, "m1", "2013Q1", "exposure"), 31.0 / 90);
    assert_near(value(&e, "m1", "2013Q2", "exposure"), 0);
    assert_string_equal(word(&e, "m1", "2012Q1", "first_period"), "2012Q2");
    /* Nobody says how many work in the unit: all are taken to be covered. */
    assert_near(value(&e, "m1", "2012Q2", "dose"), 1);
}

static void a_measure_of_the_whole_organisation_reaches_its_units(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "halden", "name", "A", "starts",
               "2012-01-01", "whole_organisation", "1", NULL);
    put_record(f, "measure", "b", "project", "sande", "name", "B", "starts", "2013-01-01",
               "whole_organisation", "1", NULL);
    put_record(f, "withdrawal", NULL, "project", "halden", "date", "2013-01-01", "reason",
               "New council", NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){0});
    assert_near(value(&e, "h1", "2012", "exposure"), 1);
    assert_near(value(&e, "h2", "2012", "exposure"), 1);
    assert_near(value(&e, "h2", "2013", "exposure"), 0);
    assert_near(value(&e, "m1", "2012", "exposure"), 0);
    e = exposure(f, (np_exposure_spec){.level = NP_EXPOSURE_ORGANISATION});
    assert_near(value(&e, "0713", "2012", "exposure"), 0);
    assert_near(value(&e, "0713", "2013", "exposure"), 1);
    assert_string_equal(word(&e, "0104", "2013", "first_period"), "");
}

static void organisations_are_their_units_alike_or_by_people(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "halden", "name", "A", "theme", "absence",
               "starts", "2013-01-01", NULL);
    put_record(f, "measure_unit", NULL, "measure", "a", "unit", "h1", "n_covered", "6",
               NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){.level = NP_EXPOSURE_ORGANISATION});
    assert_near(value(&e, "0101", "2013", "exposure"), 0.5);
    assert_near(value(&e, "0101", "2013", "n_units"), 2);
    assert_near(value(&e, "0101", "2013", "n_units_reached"), 1);
    assert_near(value(&e, "0101", "2013", "n_employees"), 40);
    assert_near(value(&e, "0101", "2013", "n_covered"), 6);
    e = exposure(f, (np_exposure_spec){.level = NP_EXPOSURE_PROJECT, .people = true});
    /* 6 of the 40 who work in Halden. */
    assert_near(value(&e, "halden", "2013", "exposure"), 6.0 / 40);
    assert_near(value(&e, "halden", "2012", "exposure"), 0);
    assert_near(value(&e, "sande", "2013", "exposure"), 0);
    e = exposure(f, (np_exposure_spec){.theme = "competence"});
    assert_int_equal(e.n_treated, 0);
    np_exposure_spec unknown = {.theme = "weather"};
    assert_int_equal(np_exposure_make(&e, f->store, &unknown, f->arena, &f->err),
                     NP_E_UNKNOWN_NAME);
}

/* A start in the third quarter of 2012: the windows of 2012 have 1/4, 1/2 …, as
 * np_window_exposure() has it. */
static void windows_of_four_quarters_have_fractions_of_quarters(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "halden", "name", "A", "starts",
               "2012-08-15", NULL);
    put_record(f, "measure_unit", NULL, "measure", "a", "unit", "h1", NULL);
    commit(f);
    np_exposure e =
        exposure(f, (np_exposure_spec){.windows = true, .from = "2011-01-01"});
    assert_near(value(&e, "h1", "3.11-2.12", "exposure"), 0);
    assert_near(value(&e, "h1", "4.11-3.12", "exposure"), 0.25);
    assert_near(value(&e, "h1", "1.12-4.12", "exposure"), 0.5);
    assert_near(value(&e, "h1", "2.12-1.13", "exposure"), 0.75);
    assert_near(value(&e, "h1", "3.12-2.13", "exposure"), 1);
    assert_string_equal(word(&e, "h1", "3.12-2.13", "start"), "3.12");
    assert_string_equal(word(&e, "h1", "3.12-2.13", "first_period"), "4.11-3.12");
    assert_near(value(&e, "h1", "3.12-2.13", "cumulative"), 1);
    assert_string_equal(word(&e, "m1", "3.12-2.13", "start"), "");
}

static void measures_that_nobody_dated_or_placed_are_counted_as_left_out(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "measure", "a", "project", "halden", "name", "A", NULL);
    put_record(f, "measure_unit", NULL, "measure", "a", "unit", "h1", NULL);
    put_record(f, "measure", "b", "project", "halden", "name", "B", "starts",
               "2012-01-01", NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){0});
    assert_int_equal(e.n_without_start, 1);
    assert_int_equal(e.n_without_units, 1);
    assert_int_equal(e.n_measures, 0);
    assert_int_equal(e.n_treated, 0);
}

static void a_unit_has_rows_while_it_exists(void **state)
{
    a_programme *f = *state;
    put_units(f);
    put_record(f, "unit", "h3", "number", "900000004", "name", "New", "organisation",
               "0101", "valid_from", "2013-07-01", NULL);
    put_record(f, "measure", "a", "project", "halden", "name", "A", "starts",
               "2012-01-01", "whole_organisation", "1", NULL);
    commit(f);
    np_exposure e = exposure(f, (np_exposure_spec){0});
    assert_int_equal(e.table.n_rows, 11);
    assert_near(value(&e, "h3", "2013", "exposure"), 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_unit_is_reached_from_the_start_to_the_end),
        test(days_with_several_measures_count_once),
        test(the_history_tells_when_a_measure_was_under_way),
        test(a_measure_of_the_whole_organisation_reaches_its_units),
        test(organisations_are_their_units_alike_or_by_people),
        test(windows_of_four_quarters_have_fractions_of_quarters),
        test(measures_that_nobody_dated_or_placed_are_counted_as_left_out),
        test(a_unit_has_rows_while_it_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
