#include "store/query.h"

#include <math.h>
#include <string.h>

#include "store/store_internal.h"

/* A table in FROM: the kind asked is the first, each reference that a path goes along
 * another. */
typedef struct {
    const np_kind *kind;
    size_t from;  /* the table that has the reference */
    size_t field; /* the reference */
} query_table;

enum { MOST_TABLES = 64 };

typedef struct {
    query_table table[MOST_TABLES];
    size_t n_tables;
    np_buf select, where, tail;
    np_error *err;
} query_sql;

static np_status no_such_field(const np_kind *kind, const char *name, size_t length,
                               const char *path, np_error *err)
{
    const char *names[NP_MOST_FIELDS + 1];
    size_t n = 0;
    names[n++] = "id";
    for (size_t f = 0; f < kind->n_fields; f++)
        names[n++] = kind->field[f].name;
    char wanted[64];
    np_text_format(wanted, sizeof wanted, "%.*s", (int)length, name);
    np_fail(err, NP_E_UNKNOWN_NAME, _("%s has no field %s (in \"%s\")"), kind->name,
            wanted[0] == '\0' ? "\"\"" : wanted, path);
    const char *near = np_nearest_name(wanted, names, n);
    if (near != NULL)
        np_error_hint(err, _("did you mean %s?"), near);
    return np_error_field(err, path, strlen(path));
}

static np_status no_reference(const np_kind *kind, size_t field, const char *path,
                              np_error *err)
{
    np_fail(err, NP_E_UNKNOWN_NAME,
            _("the field %s of %s is no reference, and \"%s\" goes on after it"),
            kind->field[field].name, kind->name, path);
    return np_error_field(err, path, strlen(path));
}

static size_t field_of(const np_kind *kind, const char *name, size_t length)
{
    for (size_t f = 0; f < kind->n_fields; f++)
        if (strlen(kind->field[f].name) == length &&
            memcmp(kind->field[f].name, name, length) == 0)
            return f;
    return kind->n_fields;
}

/* Where a path ends: the table and the field; the field is n_fields for "id". `visit`
 * is called for every reference that is gone along. */
typedef struct {
    const np_kind *kind;
    size_t field;
} path_end;

typedef np_status path_visit(void *context, const np_kind *kind, size_t field,
                             np_error *err);

static np_status walk_path(path_end *out, const np_kind *from, const char *path,
                           path_visit *visit, void *context, np_error *err)
{
    const np_kind *kind = from;
    const char *part = path;
    for (size_t depth = 0;; depth++) {
        size_t length = strcspn(part, ".");
        bool last = part[length] == '\0';
        bool id = length == 2 && memcmp(part, "id", 2) == 0;
        size_t field = id ? kind->n_fields : field_of(kind, part, length);
        if (field == kind->n_fields && !(id && last))
            return no_such_field(kind, part, length, path, err);
        if (last || strcmp(part + length, ".id") == 0) {
            if (!last && kind->field[field].type != NP_FIELD_REFERENCE)
                return no_reference(kind, field, path, err);
            *out = (path_end){.kind = kind, .field = field};
            return NP_OK;
        }
        if (kind->field[field].type != NP_FIELD_REFERENCE)
            return no_reference(kind, field, path, err);
        if (depth == NP_QUERY_DEEPEST)
            return np_fail(err, NP_E_LIMIT, _("\"%s\" goes along too many references"),
                           path);
        np_status status = visit != NULL ? visit(context, kind, field, err) : NP_OK;
        if (status != NP_OK)
            return status;
        kind = np_kind_find(kind->field[field].among);
        part += length + 1;
    }
}

np_status np_path_field(const np_kind **kind, np_field *field, const np_kind *from,
                        const char *path, np_error *err)
{
    path_end end = {0};
    np_status status = walk_path(&end, from, path, NULL, NULL, err);
    if (status != NP_OK)
        return status;
    *kind = end.kind;
    *field = end.field < end.kind->n_fields ? end.kind->field[end.field]
                                            : (np_field){.name = "id",
                                                         .type = NP_FIELD_REFERENCE,
                                                         .required = true,
                                                         .among = end.kind->name};
    return NP_OK;
}

typedef struct {
    query_sql *sql;
    size_t at; /* the table that the path has come to */
} table_walk;

static np_status go_along(void *context, const np_kind *kind, size_t field, np_error *err)
{
    table_walk *walk = context;
    query_sql *q = walk->sql;
    for (size_t t = 1; t < q->n_tables; t++)
        if (q->table[t].from == walk->at && q->table[t].field == field) {
            walk->at = t;
            return NP_OK;
        }
    if (q->n_tables == MOST_TABLES)
        return np_fail(err, NP_E_LIMIT, _("the question goes along too many references"));
    q->table[q->n_tables] = (query_table){
        .kind = np_kind_find(kind->field[field].among), .from = walk->at, .field = field};
    walk->at = q->n_tables++;
    return NP_OK;
}

/* `t0."period"` for a path; its tables are added. */
static np_status add_path(np_buf *out, query_sql *q, const char *path, np_error *err)
{
    table_walk walk = {.sql = q};
    path_end end = {0};
    np_status status = walk_path(&end, q->table[0].kind, path, go_along, &walk, err);
    if (status != NP_OK)
        return status;
    np_buf_format(out, "t%zu.\"%s\"", walk.at,
                  end.field < end.kind->n_fields ? end.kind->field[end.field].name
                                                 : "id");
    return NP_OK;
}

static np_status add_column(query_sql *q, const np_query_column *column, np_error *err)
{
    static const char *const before[] = {"",     "count(", "count(DISTINCT ",
                                         "sum(", "min(",   "max("};
    np_buf_add(&q->select, before[column->aggregate]);
    np_status status = add_path(&q->select, q, column->path, err);
    if (column->aggregate != NP_VALUES)
        np_buf_add_char(&q->select, ')');
    return status;
}

static void add_places(query_sql *q, size_t n, size_t *parameter)
{
    for (size_t i = 0; i < n; i++)
        np_buf_format(&q->where, "%s?%zu", i == 0 ? "" : ", ", ++*parameter);
}

static np_status add_test(query_sql *q, const np_where *test, size_t *parameter,
                          np_error *err)
{
    static const char *const compare[] = {[NP_WHERE_LESS] = " < ",
                                          [NP_WHERE_AT_MOST] = " <= ",
                                          [NP_WHERE_MORE] = " > ",
                                          [NP_WHERE_AT_LEAST] = " >= "};
    np_status status = add_path(&q->where, q, test->path, err);
    if (status != NP_OK)
        return status;
    switch (test->sort) {
    case NP_WHERE_EQUAL:
    case NP_WHERE_OTHER:
        np_buf_add(&q->where, test->sort == NP_WHERE_EQUAL ? " IN (" : " NOT IN (");
        add_places(q, test->n, parameter);
        np_buf_add_char(&q->where, ')');
        /* "NOT IN ()" holds for an absent value too; the test asks for a present one. */
        if (test->sort == NP_WHERE_OTHER && test->n == 0) {
            np_buf_add(&q->where, " AND ");
            status = add_path(&q->where, q, test->path, err);
            np_buf_add(&q->where, " IS NOT NULL");
        }
        return status;
    case NP_WHERE_PRESENT:
        np_buf_add(&q->where, " IS NOT NULL");
        return NP_OK;
    case NP_WHERE_ABSENT:
        np_buf_add(&q->where, " IS NULL");
        return NP_OK;
    default:
        if (test->n != 1)
            return np_fail(err, NP_E_USAGE, _("a comparison needs one value"));
        np_buf_add(&q->where, compare[test->sort]);
        add_places(q, 1, parameter);
        return NP_OK;
    }
}

static np_status write_where(query_sql *q, const np_query *query, np_error *err)
{
    size_t parameter = 0;
    np_status status = NP_OK;
    for (size_t i = 0; i < query->n_where && status == NP_OK; i++) {
        np_buf_add(&q->where, i == 0 ? " WHERE " : " AND ");
        status = add_test(q, &query->where[i], &parameter, err);
    }
    return status;
}

static np_status write_columns(query_sql *q, const np_query *query, np_error *err)
{
    if (query->n_columns == 0 || query->n_columns > NP_QUERY_MOST_COLUMNS)
        return np_fail(err, NP_E_LIMIT, _("a question has 1 to %d columns"),
                       NP_QUERY_MOST_COLUMNS);
    np_status status = NP_OK;
    for (size_t c = 0; c < query->n_columns && status == NP_OK; c++) {
        np_buf_add(&q->select, c == 0 ? "SELECT " : ", ");
        status = add_column(q, &query->column[c], err);
    }
    return status;
}

/* Grouped by the columns that are values, where any other is an aggregate. */
static void write_tail(query_sql *q, const np_query *query)
{
    size_t n_values = 0;
    for (size_t c = 0; c < query->n_columns; c++)
        n_values += query->column[c].aggregate == NP_VALUES;
    bool grouped = n_values < query->n_columns;
    const char *before = " GROUP BY ";
    for (size_t c = 0; grouped && c < query->n_columns; c++) {
        if (query->column[c].aggregate != NP_VALUES)
            continue;
        np_buf_format(&q->tail, "%s%zu", before, c + 1);
        before = ", ";
    }
    before = " ORDER BY ";
    for (size_t i = 0; i < query->n_order; i++) {
        np_buf_format(&q->tail, "%s%zu", before, query->order[i] + 1);
        before = ", ";
    }
    if (!grouped)
        np_buf_format(&q->tail, "%st0.id", before);
    for (size_t c = 0; grouped && query->n_order == 0 && c < query->n_columns; c++) {
        if (query->column[c].aggregate != NP_VALUES)
            continue;
        np_buf_format(&q->tail, "%s%zu", before, c + 1);
        before = ", ";
    }
    if (query->limit > 0)
        np_buf_format(&q->tail, " LIMIT %zu", query->limit);
}

static np_status write_query(np_buf *out, const np_query *query, np_error *err)
{
    query_sql q = {.table = {{.kind = query->kind}}, .n_tables = 1};
    np_status status = write_columns(&q, query, err);
    if (status == NP_OK)
        status = write_where(&q, query, err);
    if (status == NP_OK) {
        write_tail(&q, query);
        np_buf_format(out, "%s FROM \"%s\" AS t0", np_buf_done(&q.select),
                      query->kind->name);
        for (size_t t = 1; t < q.n_tables; t++) {
            const query_table *table = &q.table[t];
            np_buf_format(out, " LEFT JOIN \"%s\" AS t%zu ON t%zu.id = t%zu.\"%s\"",
                          table->kind->name, t, t, table->from,
                          q.table[table->from].kind->field[table->field].name);
        }
        const char *where = np_buf_done(&q.where), *tail = np_buf_done(&q.tail);
        if (where == NULL || tail == NULL)
            status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        else
            np_buf_format(out, "%s%s", where, tail);
    }
    np_buf_free(&q.select);
    np_buf_free(&q.where);
    np_buf_free(&q.tail);
    return status;
}

static void bind_values(sqlite3_stmt *s, const np_query *query)
{
    int parameter = 0;
    for (size_t i = 0; i < query->n_where; i++)
        for (size_t j = 0; j < query->where[i].n; j++) {
            np_value value = query->where[i].value[j];
            parameter++;
            if (value.type == NP_VALUE_TEXT)
                sqlite3_bind_text(s, parameter, value.text, -1, SQLITE_STATIC);
            else if (value.type == NP_VALUE_INTEGER)
                sqlite3_bind_int64(s, parameter, value.integer);
            else if (value.type == NP_VALUE_NUMBER)
                sqlite3_bind_double(s, parameter, value.number);
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
    np_status status = write_query(&sql, query, err);
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

np_status np_store_rows(np_rows *out, np_store *store, const char *kind,
                        const char *columns, const char *path, const char *text,
                        np_arena *arena, np_error *err)
{
    np_query_column column[NP_QUERY_MOST_COLUMNS];
    np_query query = {.kind = np_kind_find(kind), .column = column};
    char *names = np_arena_copy_text(arena, columns, strlen(columns)), *rest = NULL;
    if (names == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        if (query.n_columns == NP_QUERY_MOST_COLUMNS)
            return np_fail(err, NP_E_LIMIT, _("a question has 1 to %d columns"),
                           NP_QUERY_MOST_COLUMNS);
        column[query.n_columns++] = (np_query_column){.path = name};
    }
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
