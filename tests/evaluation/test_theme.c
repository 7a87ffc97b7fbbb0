/* Participants by theme: out of the programme's records. */
#include "evaluation/folder.h"
#include "store/store.h"

#define PLAN(participants)                                                               \
    "title: T\nquestions:\n  - id: q\n    title: Q\n    criterion: effectiveness\n"      \
    "    data: data.csv\n    unit: unit\n    time: t\n    outcome: y\n"                  \
    "    participants: " participants "\n    direction: lower\n"

/* 0101 starts in 2012 with its cohort; 0102 joined in 2013; 0103 takes part in another
 * theme; 0104 withdrew before it started; 0105 has it as an additional theme. */
static const char data[] =
    "unit,t,y\n"
    "0101,2011,10\n0101,2012,13\n0101,2013,13\n0102,2011,12\n0102,2012,12\n0102,2013,14\n"
    "0103,2011,5\n0103,2012,6\n0103,2013,6\n0104,2011,7\n0104,2012,9\n0104,2013,9\n"
    "0105,2011,8\n0105,2012,9\n0105,2013,11\n";

static void put(np_store *store, const char *kind, const char *id, ...)
{
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    va_list args;
    va_start(args, id);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;)
        value[np_kind_field(record.kind, name)] =
            NP_VALUE_OF_TEXT(va_arg(args, const char *));
    va_end(args);
    assert_int_equal(np_store_put(store, &record, NULL, NULL), NP_OK);
}

static void put_project(np_store *store, const char *code, const char *joined,
                        const char *theme, const char *role)
{
    put(store, "organisation", code, "code", code, "name", code, "sort", "municipality",
        NULL);
    put(store, "project", code, "name", code, "cohort", "first", NULL);
    put(store, "project_organisation", NULL, "project", code, "organisation", code,
        joined != NULL ? "joined" : NULL, joined, NULL);
    put(store, "participation", NULL, "project", code, "theme", theme, "role", role,
        NULL);
}

static void put_records(const test_folder *f)
{
    char path[128];
    np_store *store;
    snprintf(path, sizeof path, "%s/programme.db", f->path);
    assert_int_equal(np_store_open(&store, path, NP_STORE_CREATE, NULL), NP_OK);
    np_store_entry entry = {.who = "kari", .action = "import", .why = ""};
    assert_int_equal(np_store_begin(store, &entry, NULL), NP_OK);
    put(store, "theme", "absence", "name", "Absence", NULL);
    put(store, "theme", "reputation", "name", "Reputation", NULL);
    put(store, "cohort", "first", "name", "First", "starts", "2012-02-01", "ends",
        "2014-12-31", NULL);
    put_project(store, "0101", NULL, "absence", "main");
    put_project(store, "0102", "2013-01-01", "absence", "main");
    put_project(store, "0103", NULL, "reputation", "main");
    put_project(store, "0104", NULL, "absence", "main");
    put_project(store, "0105", NULL, "absence", "additional");
    put(store, "withdrawal", NULL, "project", "0104", "date", "2012-01-15", "reason",
        "New council", NULL);
    assert_int_equal(np_store_commit(store, NULL), NP_OK);
    np_store_close(store);
}

static const np_question_result *question(test_folder *f, const char *plan)
{
    folder_new(f);
    put_records(f);
    return folder_question(f, plan, data);
}

static void who_takes_part_comes_from_the_records(void **state)
{
    (void)state;
    test_folder f;
    const np_question_result *q = question(&f, PLAN("{theme: absence}"));
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_int_equal(e->n_treated, 3);
    assert_int_equal(e->n_comparison, 2);
    assert_int_equal(e->n, 15);
    folder_free(&f);
}

static void a_role_picks_main_participants(void **state)
{
    (void)state;
    test_folder f;
    const np_question_result *q = question(&f, PLAN("{theme: absence, role: main}"));
    assert_int_equal(effect_of(q, "q/two-way-fixed-effects")->n_treated, 2);
    folder_free(&f);
}

/* The same digits as from a column that says the same. */
static void the_start_is_that_of_a_column(void **state)
{
    (void)state;
    test_folder f, g;
    const np_question_result *q = question(&f, PLAN("{theme: absence, role: main}"));
    static const char with_start[] =
        "unit,t,y,start\n"
        "0101,2011,10,2012\n0101,2012,13,2012\n0101,2013,13,2012\n"
        "0102,2011,12,2013\n0102,2012,12,2013\n0102,2013,14,2013\n"
        "0103,2011,5,\n0103,2012,6,\n0103,2013,6,\n"
        "0104,2011,7,\n0104,2012,9,\n0104,2013,9,\n"
        "0105,2011,8,\n0105,2012,9,\n0105,2013,11,\n";
    folder_new(&g);
    const np_question_result *r =
        folder_question(&g, PLAN("{column: start}"), with_start);
    const np_effect *a = effect_of(q, "q/two-way-fixed-effects"),
                    *b = effect_of(r, "q/two-way-fixed-effects");
    assert_true(a->estimate == b->estimate && a->std_error == b->std_error);
    folder_free(&f);
    folder_free(&g);
}

static void assert_refused(const char *plan, const char *units, const char *message)
{
    test_folder f;
    folder_new(&f);
    put_records(&f);
    assert_int_not_equal(folder_evaluate(&f, plan, units), NP_OK);
    assert_string_equal(f.message, message);
    folder_free(&f);
}

static void what_the_records_do_not_have_is_said(void **state)
{
    (void)state;
    assert_refused(
        PLAN("{theme: abcence}"), data,
        "evaluation.yaml:10:27: theme: the programme has no theme abcence; did "
        "you mean absence?");
    assert_refused(
        PLAN("{theme: absence}"),
        "unit,t,y\nHalden,2011,1\nHalden,2012,2\nMoss,2011,3\nMoss,2012,3\n",
        "evaluation.yaml:10:27: theme: question q: none of the organisations in "
        "the theme absence is a unit of the data; the column must hold "
        "organisations' codes as the records have them");
}

static void a_folder_without_records_is_said(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    assert_int_equal(folder_evaluate(&f, PLAN("{theme: absence}"), data),
                     NP_E_UNKNOWN_NAME);
    assert_non_null(strstr(f.message, "participants by theme need the programme's "
                                      "records, and "));
    folder_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_part_comes_from_the_records),
        cmocka_unit_test(a_role_picks_main_participants),
        cmocka_unit_test(the_start_is_that_of_a_column),
        cmocka_unit_test(what_the_records_do_not_have_is_said),
        cmocka_unit_test(a_folder_without_records_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
