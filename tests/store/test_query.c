/* Questions to the records: paths, tests, counts. */
#include "store/query.h"

#include "store/folder.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void put_programme(a_folder *f)
{
    begin(f);
    assert_ok(f, put_texts(f, NULL, "cohort", "c1", "name", "First", "starts",
                           "2012-01-01", "ends", "2014-12-31", NULL));
    assert_ok(f, put_texts(f, NULL, "cohort", "c2", "name", "Second", "starts",
                           "2013-01-01", "ends", "2015-12-31", NULL));
    assert_ok(f, put_texts(f, NULL, "project", "halden", "name", "Halden", "cohort", "c1",
                           "purpose", "Presence", NULL));
    assert_ok(
        f, put_texts(f, NULL, "project", "moss", "name", "Moss", "cohort", "c2", NULL));
    assert_ok(f, put_texts(f, NULL, "project", "sarpsborg", "name", "Sarpsborg", "cohort",
                           "c1", NULL));
    const char *const sorts[][3] = {{"1", "measure", "halden"},
                                    {"2", "measure", "halden"},
                                    {"3", "measure", "moss"},
                                    {"4", "hindrance_local", "sarpsborg"}};
    for (size_t i = 0; i < LENGTH(sorts); i++)
        assert_ok(f, put_texts(f, NULL, "item", sorts[i][0], "sort", sorts[i][1],
                               "project", sorts[i][2], "period", "2013", NULL));
    assert_ok(f,
              put_texts(f, NULL, "item", "5", "sort", "measure", "period", "2014", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static np_rows ask(a_folder *f, const np_query *query)
{
    np_rows rows = {0};
    assert_ok(f, np_store_query(&rows, f->store, query, f->arena, &f->err));
    assert_int_equal(rows.n_columns, query->n_columns);
    return rows;
}

static void a_path_goes_along_references(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_query_column column[] = {
        {"id", NP_VALUES}, {"project.cohort.name", NP_VALUES}, {"project.id", NP_VALUES}};
    np_rows rows = ask(f, &(np_query){.kind = np_kind_find("item"),
                                      .column = column,
                                      .n_columns = LENGTH(column)});
    assert_int_equal(rows.n_rows, 5);
    assert_string_equal(rows.cell[2 * 3 + 1].text, "Second");
    assert_string_equal(rows.cell[2 * 3 + 2].text, "moss");
    assert_int_equal(rows.cell[4 * 3 + 1].type, NP_VALUE_NONE);
    assert_int_equal(rows.cell[4 * 3 + 2].type, NP_VALUE_NONE);
}

static void counts_are_grouped_by_the_other_columns(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_query_column column[] = {
        {"project.cohort", NP_VALUES}, {"id", NP_COUNT}, {"project", NP_COUNT_DISTINCT}};
    np_where where = {.path = "project", .sort = NP_WHERE_PRESENT};
    np_rows rows = ask(f, &(np_query){.kind = np_kind_find("item"),
                                      .column = column,
                                      .n_columns = LENGTH(column),
                                      .where = &where,
                                      .n_where = 1});
    assert_int_equal(rows.n_rows, 2);
    assert_string_equal(rows.cell[0].text, "c1");
    assert_int_equal(rows.cell[1].integer, 3);
    assert_int_equal(rows.cell[2].integer, 2);
    assert_int_equal(rows.cell[4].integer, 1);
}

static size_t n_items(a_folder *f, np_where where)
{
    np_query_column column = {"id", NP_VALUES};
    return ask(f, &(np_query){.kind = np_kind_find("item"),
                              .column = &column,
                              .n_columns = 1,
                              .where = &where,
                              .n_where = 1})
        .n_rows;
}

static void each_test_keeps_what_it_says(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_value two[] = {NP_VALUE_OF_TEXT("c2"), NP_VALUE_OF_TEXT("c3")};
    const char *cohort = "project.cohort";
    assert_int_equal(n_items(f, (np_where){cohort, NP_WHERE_EQUAL, two, 2}), 1);
    assert_int_equal(n_items(f, (np_where){cohort, NP_WHERE_OTHER, two, 2}), 3);
    assert_int_equal(n_items(f, (np_where){cohort, NP_WHERE_OTHER, NULL, 0}), 4);
    assert_int_equal(n_items(f, (np_where){cohort, NP_WHERE_EQUAL, NULL, 0}), 0);
    assert_int_equal(n_items(f, (np_where){cohort, NP_WHERE_ABSENT, NULL, 0}), 1);
    assert_int_equal(n_items(f, (np_where){cohort, NP_WHERE_PRESENT, NULL, 0}), 4);
    np_value year = NP_VALUE_OF_TEXT("2013");
    assert_int_equal(n_items(f, (np_where){"period", NP_WHERE_MORE, &year, 1}), 1);
    assert_int_equal(n_items(f, (np_where){"period", NP_WHERE_AT_LEAST, &year, 1}), 5);
    assert_int_equal(n_items(f, (np_where){"period", NP_WHERE_LESS, &year, 1}), 0);
    assert_int_equal(n_items(f, (np_where){"period", NP_WHERE_AT_MOST, &year, 1}), 4);
}

/* A value that such a test has is not the next test's. */
static void a_test_of_presence_takes_no_value(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_value cohort = NP_VALUE_OF_TEXT("c2");
    np_where where[] = {{"project", NP_WHERE_PRESENT, &cohort, 1},
                        {"project.cohort", NP_WHERE_EQUAL, &cohort, 1}};
    np_query_column column = {"id", NP_VALUES};
    np_rows rows = ask(f, &(np_query){.kind = np_kind_find("item"),
                                      .column = &column,
                                      .n_columns = 1,
                                      .where = where,
                                      .n_where = 2});
    assert_int_equal(rows.n_rows, 1);
}

static void rows_are_sorted_and_cut_as_asked(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_query_column column[] = {{"name", NP_VALUES}, {"cohort", NP_VALUES}};
    size_t order[] = {1, 0};
    np_rows rows = ask(f, &(np_query){.kind = np_kind_find("project"),
                                      .column = column,
                                      .n_columns = 2,
                                      .order = order,
                                      .n_order = 2,
                                      .limit = 2});
    assert_int_equal(rows.n_rows, 2);
    assert_string_equal(rows.cell[0].text, "Halden");
    assert_string_equal(rows.cell[2].text, "Sarpsborg");
}

static void assert_refused(a_folder *f, const char *path, const char *message)
{
    np_rows rows;
    np_query_column column = {path, NP_VALUES};
    f->err = (np_error){0};
    np_status status = np_store_query(
        &rows, f->store,
        &(np_query){.kind = np_kind_find("item"), .column = &column, .n_columns = 1},
        f->arena, &f->err);
    assert_int_equal(status, NP_E_UNKNOWN_NAME);
    assert_string_equal(f->err.message, message);
}

static void a_path_that_leads_nowhere_is_named(void **state)
{
    a_folder *f = *state;
    assert_refused(f, "project.chort",
                   "project has no field chort (in \"project.chort\")");
    assert_string_equal(f->err.hint, "did you mean cohort?");
    assert_refused(f, "period.year",
                   "the field period of item is no reference, and \"period.year\" goes "
                   "on after it");
    assert_refused(f, "", "item has no field \"\" (in \"\")");
    assert_refused(f, "project.", "project has no field \"\" (in \"project.\")");
    assert_refused(f, "sort.id",
                   "the field sort of item is no reference, and \"sort.id\" goes on "
                   "after it");
    assert_refused(f, "id.name", "item has no field id (in \"id.name\")");
    assert_refused(f, "x\" FROM user --",
                   "item has no field x\" FROM user -- (in \"x\" FROM user --\")");
}

static void the_field_at_the_end_of_a_path_is_told(void **state)
{
    a_folder *f = *state;
    const np_kind *kind;
    np_field field;
    assert_ok(f, np_path_field(&kind, &field, np_kind_find("answer"),
                               "report.project.name", &f->err));
    assert_string_equal(kind->name, "project");
    assert_string_equal(field.name, "name");
    assert_ok(f,
              np_path_field(&kind, &field, np_kind_find("answer"), "report.id", &f->err));
    assert_string_equal(kind->name, "answer");
    assert_string_equal(field.among, "report");
    assert_ok(f, np_path_field(&kind, &field, np_kind_find("answer"), "id", &f->err));
    assert_string_equal(field.among, "answer");
}

static void the_short_form_asks_the_same(void **state)
{
    a_folder *f = *state;
    put_programme(f);
    np_rows rows;
    assert_ok(f, np_store_rows(&rows, f->store, "project", "id cohort purpose", "cohort",
                               "c1", f->arena, &f->err));
    assert_int_equal(rows.n_rows, 2);
    assert_string_equal(np_rows_text(&rows, 1, 0), "sarpsborg");
    assert_string_equal(np_rows_text(&rows, 0, 2), "Presence");
    assert_null(np_rows_text(&rows, 1, 2));
    assert_true(isnan(np_rows_number(&rows, 0, 0)));
    assert_int_equal(np_rows_integer(&rows, 0, 0, 7), 7);
    assert_ok(f, np_store_rows(&rows, f->store, "project", "id", NULL, NULL, f->arena,
                               &f->err));
    assert_int_equal(rows.n_rows, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_path_goes_along_references, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_are_grouped_by_the_other_columns, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_test_keeps_what_it_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_test_of_presence_takes_no_value, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_are_sorted_and_cut_as_asked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_path_that_leads_nowhere_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_short_form_asks_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_field_at_the_end_of_a_path_is_told, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
