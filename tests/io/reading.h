/* Reading a CSV text in a test, and saying what a column should hold. */
#ifndef NP_TESTS_IO_READING_H
#define NP_TESTS_IO_READING_H

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

static inline reading read_bytes(const char *text, size_t length, const np_csv_spec *spec)
{
    reading r = {.arena = np_arena_new(0)};
    r.status = np_csv_read_text(&r.csv, text, length, "a.csv", spec, r.arena, &r.err);
    if (r.status == NP_OK && np_table_check(&r.csv.table, &r.err) != NP_OK)
        fail_msg("%s", r.err.message);
    return r;
}

static inline reading read_text(const char *text)
{
    return read_bytes(text, strlen(text), NULL);
}

static inline void give_back(reading *r)
{
    np_arena_free(r->arena);
}

static inline const np_column *column_of(const reading *r, const char *name)
{
    if (r->status != NP_OK)
        fail_msg("%u:%u %s; %s", r->err.line, r->err.column, r->err.message, r->err.hint);
    size_t j = np_table_find(&r->csv.table, name);
    if (j == r->csv.table.n_columns)
        fail_msg("no column %s", name);
    return &r->csv.table.column[j];
}

/* A whole column as text, cells joined by '|', missing ones by their reason. */
static inline const char *cells(const reading *r, const char *name)
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

static inline void check_column(const reading *r, const char *name, np_column_type type,
                                const char *want)
{
    assert_string_equal(np_column_type_name(column_of(r, name)->type),
                        np_column_type_name(type));
    assert_string_equal(cells(r, name), want);
}

static inline void check_error(const char *text, np_status status, const char *want)
{
    reading r = read_text(text);
    char line[600];
    np_error_format(&r.err, line, sizeof line);
    assert_int_equal(r.status, status);
    assert_string_equal(line, want);
    give_back(&r);
}

#endif
