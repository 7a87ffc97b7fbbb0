#include "store/query.h"

#include <math.h>
#include <string.h>

#include "store/query_internal.h"

static void bind_values(sqlite3_stmt *s, const np_query *query)
{
    int parameter = 0;
    for (size_t i = 0; i < query->n_where; i++) {
        const np_where *where = &query->where[i];
        bool takes_none =
            where->sort == NP_WHERE_PRESENT || where->sort == NP_WHERE_ABSENT;
        for (size_t j = 0; !takes_none && j < where->n; j++) {
            np_value value = where->value[j];
            parameter++;
            if (value.type == NP_VALUE_TEXT)
                sqlite3_bind_text(s, parameter, value.text, -1, SQLITE_STATIC);
            else if (value.type == NP_VALUE_INTEGER)
                sqlite3_bind_int64(s, parameter, value.integer);
            else if (value.type == NP_VALUE_NUMBER)
                sqlite3_bind_double(s, parameter, value.number);
        }
    }
}

static bool read_cell(np_value *out, sqlite3_stmt *s, int column, np_arena *arena)
{
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        *out = NP_VALUE_OF_INTEGER(sqlite3_column_int64(s, column));
        return true;
    case SQLITE_FLOAT:
        *out = NP_VALUE_OF_NUMBER(sqlite3_column_double(s, column));
        return true;
    case SQLITE_TEXT:
        out->type = NP_VALUE_TEXT;
        out->text =
            np_arena_copy_text(arena, (const char *)sqlite3_column_text(s, column),
                               (size_t)sqlite3_column_bytes(s, column));
        return out->text != NULL;
    default:
        *out = (np_value){0};
        return true;
    }
}

/* Rows are not counted beforehand; they grow in an arena of their own. */
static np_status read_rows(np_rows *out, np_store *store, sqlite3_stmt *s,
                           np_arena *arena, np_error *err)
{
    size_t n = 0, room = 0, width = out->n_columns;
    np_value *cell = NULL;
    np_arena *texts = np_arena_child(arena);
    for (;;) {
        bool row;
        np_status status = store_step(&row, store, s, _("reading"), err);
        if (status != NP_OK)
            return status;
        if (!row)
            break;
        if (n == room) {
            room = room == 0 ? 64 : 2 * room;
            np_value *more = np_arena_array(arena, np_value, room * width);
            if (more == NULL || texts == NULL)
                return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the answer"));
            if (n > 0)
                memcpy(more, cell, n * width * sizeof *more);
            cell = more;
        }
        for (size_t c = 0; c < width; c++)
            if (!read_cell(&cell[n * width + c], s, (int)c, texts))
                return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the answer"));
        n++;
    }
    out->n_rows = n;
    out->cell = cell;
    return NP_OK;
}

np_status np_store_query(np_rows *out, np_store *store, const np_query *query,
                         np_arena *arena, np_error *err)
{
    np_buf sql = {0};
    sqlite3_stmt *s = NULL;
    np_rows rows = {.n_columns = query->n_columns};
    np_status status = query_write_sql(&sql, query, !store->writing, err);
    if (status == NP_OK)
        status = store_prepare(&s, store, np_buf_done(&sql), err);
    if (status == NP_OK) {
        bind_values(s, query);
        status = read_rows(&rows, store, s, arena, err);
    }
    sqlite3_finalize(s);
    np_buf_free(&sql);
    if (status == NP_OK)
        *out = rows;
    return status;
}

np_status np_columns_of(np_query_column column[NP_QUERY_MOST_COLUMNS], size_t *n,
                        const char *paths, np_arena *arena, np_error *err)
{
    char *names = np_arena_copy_text(arena, paths, strlen(paths)), *rest = NULL;
    if (names == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *n = 0;
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        if (*n == NP_QUERY_MOST_COLUMNS)
            return np_fail(err, NP_E_LIMIT, _("a question has 1 to %d columns"),
                           NP_QUERY_MOST_COLUMNS);
        column[(*n)++] = (np_query_column){.path = name};
    }
    return NP_OK;
}

np_status np_store_rows(np_rows *out, np_store *store, const char *kind,
                        const char *columns, const char *path, const char *text,
                        np_arena *arena, np_error *err)
{
    np_query_column column[NP_QUERY_MOST_COLUMNS];
    np_query query = {.kind = np_kind_find(kind), .column = column};
    np_status status = np_columns_of(column, &query.n_columns, columns, arena, err);
    if (status != NP_OK)
        return status;
    np_value value = NP_VALUE_OF_TEXT(text);
    np_where where = {.path = path, .sort = NP_WHERE_EQUAL, .value = &value, .n = 1};
    query.where = &where;
    query.n_where = path != NULL;
    return np_store_query(out, store, &query, arena, err);
}

const char *np_rows_text(const np_rows *rows, size_t row, size_t column)
{
    np_value value = rows->cell[row * rows->n_columns + column];
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

double np_rows_number(const np_rows *rows, size_t row, size_t column)
{
    np_value value = rows->cell[row * rows->n_columns + column];
    return value.type == NP_VALUE_NUMBER    ? value.number
           : value.type == NP_VALUE_INTEGER ? (double)value.integer
                                            : NAN;
}

int64_t np_rows_integer(const np_rows *rows, size_t row, size_t column, int64_t otherwise)
{
    np_value value = rows->cell[row * rows->n_columns + column];
    return value.type == NP_VALUE_INTEGER ? value.integer : otherwise;
}

bool np_rows_present(const np_rows *rows, size_t row, size_t column)
{
    return rows->cell[row * rows->n_columns + column].type != NP_VALUE_NONE;
}

np_status np_store_expect(np_store *store, const char *kind, const char *id,
                          np_arena *arena, np_error *err)
{
    bool there = false;
    np_rows rows;
    np_status status = np_store_has(&there, store, np_kind_find(kind), id, err);
    if (status == NP_OK && !there)
        status = np_store_rows(&rows, store, kind, "id", NULL, NULL, arena, err);
    if (status != NP_OK || there)
        return status;
    const char **name = np_arena_array(arena, const char *, rows.n_rows);
    if (name == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < rows.n_rows; i++)
        name[i] = np_rows_text(&rows, i, 0);
    const char *near = np_nearest_name(id, name, rows.n_rows);
    status = np_fail(err, NP_E_UNKNOWN_NAME, _("there is no %s \"%s\""), kind, id);
    return near == NULL ? status : np_error_hint(err, _("did you mean %s?"), near);
}
