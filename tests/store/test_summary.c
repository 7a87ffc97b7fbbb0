/* The summary of measurements says what the measurements say, through every change. */
#include <sqlite3.h>

#include "store/folder.h"
#include "store/query.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void put_measurement(a_folder *f, const char *project, const char *unit,
                            const char *period, double value, const char *missing)
{
    const np_kind *kind = np_kind_find("measurement");
    np_value v[64] = {{0}};
    v[np_kind_field(kind, "indicator")] = NP_VALUE_OF_TEXT("absence");
    v[np_kind_field(kind, "period")] = NP_VALUE_OF_TEXT(period);
    if (project != NULL)
        v[np_kind_field(kind, "project")] = NP_VALUE_OF_TEXT(project);
    if (unit != NULL)
        v[np_kind_field(kind, "unit")] = NP_VALUE_OF_TEXT(unit);
    if (missing != NULL)
        v[np_kind_field(kind, "missing")] = NP_VALUE_OF_TEXT(missing);
    else
        v[np_kind_field(kind, "value")] = NP_VALUE_OF_NUMBER(value);
    np_record record = {.kind = kind, .value = v};
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
}

static void put_indicator(a_folder *f)
{
    const np_kind *kind = np_kind_find("indicator");
    np_value v[64] = {{0}};
    const char *const text[][2] = {
        {"name", "Absence"},      {"definition", "Days"},
        {"uom", "per cent"},      {"level", "result"},
        {"direction", "lower"},   {"sort", "number"},
        {"period", "month"},      {"across_organisations", "mean"},
        {"across_units", "mean"}, {"across_periods", "mean"}};
    for (size_t i = 0; i < LENGTH(text); i++)
        v[np_kind_field(kind, text[i][0])] = NP_VALUE_OF_TEXT(text[i][1]);
    v[np_kind_field(kind, "version")] = NP_VALUE_OF_INTEGER(1);
    np_record record = {.kind = kind, .id = "absence", .value = v};
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
}

static void put_programme(a_folder *f)
{
    begin(f);
    put_indicator(f);
    assert_ok(f, put_texts(f, NULL, "cohort", "c1", "name", "First", "starts",
                           "2012-01-01", "ends", "2014-12-31", NULL));
    assert_ok(f, put_texts(f, NULL, "project", "halden", "name", "Halden", "cohort", "c1",
                           NULL));
    assert_ok(
        f, put_texts(f, NULL, "project", "moss", "name", "Moss", "cohort", "c1", NULL));
    assert_ok(f, put_texts(f, NULL, "organisation", NULL, "code", "0101", "name",
                           "Halden", "sort", "municipality", NULL));
    assert_ok(f, put_texts(f, NULL, "unit", NULL, "number", "974000001", "name", "A",
                           "organisation", "0101", "service", "school", NULL));
    assert_ok(f, put_texts(f, NULL, "unit", NULL, "number", "974000002", "name", "B",
                           "organisation", "0101", NULL));
    put_measurement(f, NULL, "974000001", "201201", 4, NULL);
    put_measurement(f, NULL, "974000002", "201201", 6, NULL);
    put_measurement(f, NULL, "974000001", "201202", 0, NULL);
    put_measurement(f, "halden", NULL, "201201", 5, NULL);
    put_measurement(f, "moss", NULL, "201201", 9, NULL);
    put_measurement(f, "moss", NULL, "201202", 0, "not_measured");
    put_measurement(f, NULL, NULL, "201201", 100, NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static np_rows ask(a_folder *f, const np_query_column *column, size_t n,
                   const np_where *where)
{
    np_rows rows = {0};
    np_query query = {.kind = np_kind_find("measurement"),
                      .column = column,
                      .n_columns = n,
                      .where = where,
                      .n_where = where != NULL};
    assert_ok(f, np_store_query(&rows, f->store, &query, f->arena, &f->err));
    return rows;
}

static int64_t count(a_folder *f, const char *path, const np_where *where)
{
    np_query_column column = {path, NP_COUNT};
    return np_rows_integer(
        &(np_rows){.n_columns = 1, .n_rows = 1, .cell = ask(f, &column, 1, where).cell},
        0, 0, -1);
}

static void is_sound(a_folder *f)
{
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_store_check(&problems, f->store, &f->err));
    for (size_t i = 0; i < problems.n; i++)
        print_error("%s\n", problems.item[i].message);
    assert_int_equal(problems.n_seen, 0);
}

static void counts_sums_and_bounds_are_those_of_the_records(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_query_column column[] = {{"project", NP_VALUES}, {"id", NP_COUNT},
                                {"value", NP_COUNT},    {"value", NP_SUM},
                                {"value", NP_MIN},      {"value", NP_MAX},
                                {"missing", NP_COUNT},  {"period", NP_COUNT_DISTINCT}};
    np_rows rows = ask(f, column, LENGTH(column), NULL);
    assert_int_equal(rows.n_rows, 3);
    assert_null(np_rows_text(&rows, 0, 0));
    assert_string_equal(np_rows_text(&rows, 1, 0), "halden");
    const double wanted[3][7] = {
        {4, 4, 110, 0, 100, 0, 2}, {1, 1, 5, 5, 5, 0, 1}, {2, 1, 9, 9, 9, 1, 2}};
    for (size_t r = 0; r < 3; r++)
        for (size_t c = 0; c < 7; c++)
            assert_float_equal(np_rows_number(&rows, r, c + 1), wanted[r][c], 0);
    is_sound(f);
}

static void years_are_those_of_the_periods(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    begin(f);
    put_measurement(f, "moss", NULL, "201301", 3, NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    np_query_column by_year[] = {{"year(period)", NP_VALUES}, {"value", NP_SUM}},
                    of_projects[] = {{"year(project.cohort.starts)", NP_VALUES},
                                     {"year(period)", NP_VALUES},
                                     {"id", NP_COUNT}};
    np_rows rows = ask(f, by_year, 2, NULL);
    assert_int_equal(rows.n_rows, 2);
    assert_string_equal(np_rows_text(&rows, 0, 0), "2012");
    assert_float_equal(np_rows_number(&rows, 0, 1), 124, 0);
    assert_float_equal(np_rows_number(&rows, 1, 1), 3, 0);
    np_value moss = NP_VALUE_OF_TEXT("moss");
    np_where where = {.path = "project", .value = &moss, .n = 1};
    rows = ask(f, of_projects, 3, &where);
    assert_int_equal(rows.n_rows, 2);
    assert_string_equal(np_rows_text(&rows, 0, 0), "2012");
    assert_string_equal(np_rows_text(&rows, 1, 1), "2013");
    assert_int_equal(np_rows_integer(&rows, 0, 2, 0), 2);
    /* Among records the same: an open entry is not yet in the summary. */
    begin(f);
    put_measurement(f, "moss", NULL, "201401", 3, NULL);
    assert_int_equal(ask(f, by_year, 2, NULL).n_rows, 3);
    np_store_rollback(f->store);
}

static void a_count_of_nothing_is_zero(void **state)
{
    a_folder *f = *state;
    np_query_column column[] = {{"id", NP_COUNT},
                                {"value", NP_COUNT},
                                {"project.cohort", NP_COUNT},
                                {"value", NP_SUM}};
    np_rows rows = ask(f, column, LENGTH(column), NULL);
    for (size_t c = 0; c < 3; c++)
        assert_int_equal(np_rows_integer(&rows, 0, c, -1), 0);
    assert_int_equal(rows.cell[3].type, NP_VALUE_NONE);
}

static void conditions_are_tested_before_and_after_grouping(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_value c1 = NP_VALUE_OF_TEXT("c1"), school = NP_VALUE_OF_TEXT("school"),
             five = NP_VALUE_OF_NUMBER(5);
    np_where with_value = {.path = "value", .sort = NP_WHERE_PRESENT},
             without = {.path = "value", .sort = NP_WHERE_ABSENT},
             cohort = {.path = "project.cohort", .value = &c1, .n = 1},
             of_school = {.path = "unit.service", .value = &school, .n = 1},
             above = {.path = "value", .sort = NP_WHERE_MORE, .value = &five, .n = 1},
             no_unit = {.path = "unit", .sort = NP_WHERE_ABSENT};
    np_value halden = NP_VALUE_OF_TEXT("0101");
    np_where there = {.path = "unit.organisation", .value = &halden, .n = 1};
    assert_int_equal(count(f, "id", NULL), 7);
    assert_int_equal(count(f, "id", &with_value), 6);
    assert_int_equal(count(f, "id", &without), 1);
    assert_int_equal(count(f, "id", &cohort), 3);
    assert_int_equal(count(f, "id", &of_school), 2);
    assert_int_equal(count(f, "id", &above), 3);
    assert_int_equal(count(f, "project.cohort", &above), 1);
    assert_int_equal(count(f, "id", &no_unit), 4);
    assert_int_equal(count(f, "id", &there), 3);
    assert_int_equal(count(f, "unit.organisation", NULL), 3);
    assert_int_equal(count(f, "unit.organisation.code", NULL), 3);
    assert_int_equal(count(f, "unit.service", NULL), 2);
}

static void groups_that_the_summary_lacks_are_made_before_references_are_followed(
    void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_query_column column[] = {{"unit.service", NP_VALUES},
                                {"id", NP_COUNT},
                                {"value", NP_SUM},
                                {"value", NP_MAX}};
    np_rows rows = ask(f, column, LENGTH(column), NULL);
    assert_int_equal(rows.n_rows, 2);
    assert_string_equal(np_rows_text(&rows, 1, 0), "school");
    assert_int_equal(np_rows_integer(&rows, 0, 1, 0), 5);
    assert_float_equal(np_rows_number(&rows, 0, 2), 120, 0);
    assert_int_equal(np_rows_integer(&rows, 1, 1, 0), 2);
    assert_float_equal(np_rows_number(&rows, 1, 3), 4, 0);
}

static void what_is_changed_and_retracted_leaves_the_summary(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    begin(f);
    put_measurement(f, NULL, "974000001", "201201", 0, "suppressed");
    assert_ok(f, np_store_retract(f->store, np_kind_find("measurement"),
                                  "absence/moss/-/-/-/201201/-", &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_int_equal(count(f, "id", NULL), 6);
    assert_int_equal(count(f, "value", NULL), 4);
    is_sound(f);
}

static np_status put_unit(a_folder *f, const char *number, const char *organisation)
{
    return put_texts(f, NULL, "unit", NULL, "number", number, "name", "A", "organisation",
                     organisation, NULL);
}

static void a_unit_s_organisation_is_that_of_its_measurements(void **state)
{
    a_folder *f = *state;
    np_value moss = NP_VALUE_OF_TEXT("0104");
    np_where there = {.path = "unit.organisation", .value = &moss, .n = 1};
    put_programme(f);
    begin(f);
    put_measurement(f, NULL, "974000003", "201201", 1, NULL);
    assert_ok(f, put_unit(f, "974000003", "0104"));
    assert_ok(f, put_texts(f, NULL, "organisation", NULL, "code", "0104", "name", "Moss",
                           "sort", "municipality", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_int_equal(count(f, "id", &there), 1);
    is_sound(f);
    begin(f);
    assert_ok(f, put_unit(f, "974000001", "0104"));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_int_equal(count(f, "id", &there), 3);
    is_sound(f);
}

static void an_open_entry_is_counted_with_what_it_put(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    begin(f);
    put_measurement(f, "moss", NULL, "201203", 7, NULL);
    assert_int_equal(count(f, "id", NULL), 8);
    np_store_rollback(f->store);
    assert_int_equal(count(f, "id", NULL), 7);
    is_sound(f);
}

static void a_summary_that_was_changed_is_found(void **state)
{
    static const char *const change[] = {
        "UPDATE measurement_summary SET n = n + 1 WHERE rowid = 1",
        "UPDATE measurement_summary SET value_sum = value_sum + 1 WHERE value_sum > 0",
        "DELETE FROM measurement_summary WHERE rowid = 1",
        "UPDATE measurement_summary_year SET n = n + 1 WHERE rowid = 1"};
    a_folder *f = *state;
    put_programme(f);
    for (size_t i = 0; i < LENGTH(change); i++) {
        static np_problems problems;
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, change[i], NULL, NULL, NULL), SQLITE_OK);
        problems = (np_problems){0};
        assert_ok(f, np_store_check(&problems, f->store, &f->err));
        assert_int_equal(problems.n_seen, 1);
        assert_non_null(strstr(problems.item[0].message, "summary"));
        /* What makes it anew: every group is touched, and an entry is written. */
        assert_int_equal(
            sqlite3_exec(db, "UPDATE measurement SET note = NULL", NULL, NULL, NULL),
            SQLITE_OK);
        sqlite3_close(db);
        commit_network(f, "north", change[i]);
        is_sound(f);
    }
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(counts_sums_and_bounds_are_those_of_the_records),
        test(years_are_those_of_the_periods),
        test(a_count_of_nothing_is_zero),
        test(conditions_are_tested_before_and_after_grouping),
        test(groups_that_the_summary_lacks_are_made_before_references_are_followed),
        test(what_is_changed_and_retracted_leaves_the_summary),
        test(a_unit_s_organisation_is_that_of_its_measurements),
        test(an_open_entry_is_counted_with_what_it_put),
        test(a_summary_that_was_changed_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
