#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "io/csv.h"

/* A reading that is given back by the test's end. */
typedef struct {
    np_arena *arena;
    np_csv csv;
    np_error err;
    np_status status;
} reading;

static reading read_bytes(const char *text, size_t length, const np_csv_spec *spec)
{
    reading r = {.arena = np_arena_new(0)};
    r.status = np_csv_read_text(&r.csv, text, length, "a.csv", spec, r.arena, &r.err);
    if (r.status == NP_OK && np_table_check(&r.csv.table, &r.err) != NP_OK)
        fail_msg("%s", r.err.message);
    return r;
}

static reading read_text(const char *text)
{
    return read_bytes(text, strlen(text), NULL);
}

static void give_back(reading *r)
{
    np_arena_free(r->arena);
}

static const np_column *column_of(const reading *r, const char *name)
{
    if (r->status != NP_OK)
        fail_msg("%u:%u %s; %s", r->err.line, r->err.column, r->err.message, r->err.hint);
    size_t j = np_table_find(&r->csv.table, name);
    if (j == r->csv.table.n_columns)
        fail_msg("no column %s", name);
    return &r->csv.table.column[j];
}

/* A whole column as text, cells joined by '|', missing ones by their reason. */
static const char *cells(const reading *r, const char *name)
{
    const np_column *c = column_of(r, name);
    static char line[4096];
    size_t n = 0;
    line[0] = '\0';
    for (size_t i = 0; i < r->csv.table.n_rows; i++) {
        char cell[1024];
        np_missing reason = np_column_missing(c, i);
        n += (size_t)snprintf(line + n, sizeof line - n, "%s%s", i > 0 ? "|" : "",
                              reason != NP_PRESENT
                                  ? np_missing_code(reason)
                                  : np_column_text(c, i, cell, sizeof cell));
    }
    return line;
}

static void check_column(const reading *r, const char *name, np_column_type type,
                         const char *want)
{
    assert_string_equal(np_column_type_name(column_of(r, name)->type),
                        np_column_type_name(type));
    assert_string_equal(cells(r, name), want);
}

static void check_error(const char *text, np_status status, const char *want)
{
    reading r = read_text(text);
    char line[600];
    np_error_format(&r.err, line, sizeof line);
    assert_int_equal(r.status, status);
    assert_string_equal(line, want);
    give_back(&r);
}

static void types_follow_from_all_cells(void **state)
{
    (void)state;
    reading r = read_text("id,share,start,code,name,none\n"
                          "1,0.5,2014-02-01,0301,Oslo,\n"
                          "-2,3,2015-12-31,1101,Eigersund,NA\n"
                          "\n"
                          "3,1e-2,2016-02-29,5001,Trondheim,\n");
    check_column(&r, "id", NP_COLUMN_I64, "1|-2|3");
    check_column(&r, "share", NP_COLUMN_F64, "0.5|3|0.01");
    check_column(&r, "start", NP_COLUMN_DATE, "2014-02-01|2015-12-31|2016-02-29");
    check_column(&r, "code", NP_COLUMN_TEXT, "0301|1101|5001");
    check_column(&r, "name", NP_COLUMN_TEXT, "Oslo|Eigersund|Trondheim");
    check_column(&r, "none", NP_COLUMN_F64, "blank|blank|blank");
    give_back(&r);
}

static void rows_of_another_length_are_errors(void **state)
{
    (void)state;
    check_error("a,b\n1,2\n3\n5,6\n", NP_E_PARSE,
                "a.csv:3:1: the row has 1 fields, the header 2");
    check_error("a,b\n1,2\nø,4,5\n", NP_E_PARSE,
                "a.csv:3:5: the row has 3 fields, the header 2; a field with , in it "
                "must stand in quotes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_follow_from_all_cells),
        cmocka_unit_test(rows_of_another_length_are_errors),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
