/* The tables of schema/ are those that the kinds describe. */
#include <sqlite3.h>

#include "store/folder.h"

static const char *sql_type(np_field_type type)
{
    switch (type) {
    case NP_FIELD_INTEGER:
    case NP_FIELD_YES_NO:
        return "INTEGER";
    case NP_FIELD_NUMBER:
        return "REAL";
    case NP_FIELD_TEXT:
    case NP_FIELD_DATE:
    case NP_FIELD_PERIOD:
    case NP_FIELD_CHOICE:
    case NP_FIELD_REFERENCE:
        return "TEXT";
    }
    return "";
}

static void check_columns(sqlite3 *db, const np_kind *kind)
{
    sqlite3_stmt *s = NULL;
    sqlite3_prepare_v2(db, "SELECT name, type, \"notnull\" FROM pragma_table_info(?1)",
                       -1, &s, NULL);
    sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 0), "id");
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    for (size_t f = 0; f < kind->n_fields; f++) {
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(s, 0), kind->field[f].name);
        assert_string_equal((const char *)sqlite3_column_text(s, 1),
                            sql_type(kind->field[f].type));
        assert_int_equal(sqlite3_column_int(s, 2), kind->field[f].required);
    }
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

static sqlite3 *reading(a_folder *f)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    return db;
}

static void each_kind_has_a_table_with_its_fields(void **state)
{
    sqlite3 *db = reading(*state);
    size_t n;
    const np_kind *kind = np_kinds(&n);
    assert_true(n > 40);
    for (size_t k = 0; k < n; k++)
        check_columns(db, &kind[k]);
    sqlite3_close(db);
}

static void each_reference_is_a_foreign_key_and_to_a_kind_that_comes_before(void **state)
{
    sqlite3 *db = reading(*state);
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n; k++)
        for (size_t f = 0; f < kind[k].n_fields; f++) {
            const np_field *field = &kind[k].field[f];
            if (field->type != NP_FIELD_REFERENCE)
                continue;
            const np_kind *target = np_kind_find(field->among);
            assert_non_null(target);
            assert_true(target <= &kind[k]);
            sqlite3_stmt *s = NULL;
            sqlite3_prepare_v2(db,
                               "SELECT 1 FROM pragma_foreign_key_list(?1) WHERE "
                               "\"from\" = ?2 AND \"table\" = ?3",
                               -1, &s, NULL);
            sqlite3_bind_text(s, 1, kind[k].name, -1, SQLITE_STATIC);
            sqlite3_bind_text(s, 2, field->name, -1, SQLITE_STATIC);
            sqlite3_bind_text(s, 3, field->among, -1, SQLITE_STATIC);
            assert_int_equal(sqlite3_step(s), SQLITE_ROW);
            sqlite3_finalize(s);
        }
    sqlite3_close(db);
}

static void all_tables_are_strict(void **state)
{
    sqlite3 *db = reading(*state);
    sqlite3_stmt *s = NULL;
    sqlite3_prepare_v2(db,
                       "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND "
                       "name NOT LIKE 'sqlite_%' AND name NOT "
                       "LIKE 'search_index%' AND type <> 'view' AND NOT strict",
                       -1, &s, NULL);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(s, 0), 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

static void the_keys_of_kinds_are_made_of_their_fields(void **state)
{
    (void)state;
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n; k++)
        for (const char *p = kind[k].key; p != NULL && *p != '\0';) {
            size_t length = strcspn(p, "/");
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)length, p);
            assert_true(np_kind_field(&kind[k], name) < kind[k].n_fields);
            p += length + (p[length] == '/');
        }
}

/* SQLite reads every referring table at each record that is put while a reference is
 * open, and the entry of a version is written last. */
static void the_log_has_no_reference_that_stays_open_while_an_entry_is_written(
    void **state)
{
    sqlite3 *db = reading(*state);
    sqlite3_stmt *s = NULL;
    sqlite3_prepare_v2(db, "SELECT count(*) FROM pragma_foreign_key_list('log_version')",
                       -1, &s, NULL);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(s, 0), 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_has_a_table_with_its_fields, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            each_reference_is_a_foreign_key_and_to_a_kind_that_comes_before, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(all_tables_are_strict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_log_has_no_reference_that_stays_open_while_an_entry_is_written, set_up,
            tear_down),
        cmocka_unit_test(the_keys_of_kinds_are_made_of_their_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
