/* A question as SQL. Tables are t0 (the kind asked), t1 … (what references lead to).
 *
 * Where measurements are counted or summed, t0 is not the measurements but groups of
 * them: the summary that the store keeps, or, where that does not say what is asked, a
 * grouping by the fields that are needed, so that references are followed once for each
 * group and not for each of millions. A group has n, value_n, value_sum, value_min,
 * value_max …
 */
#include <string.h>

#include "store/query_internal.h"
#include "store/summary.h"

/* A table in FROM: the kind asked is the first, each reference that a path goes along
 * another. */
typedef struct {
    const np_kind *kind;
    size_t from;  /* the table that has the reference */
    size_t field; /* the reference */
} query_table;

enum { MOST_TABLES = 64 };

typedef enum { OF_RECORDS = 0, OF_GROUPS, OF_SUMMARY, OF_YEARS } query_source;

/* The summary is kept by period and by year; who asks no period is answered by the
 * shorter one. */
static bool is_summary(query_source source)
{
    return source == OF_SUMMARY || source == OF_YEARS;
}

typedef struct {
    query_source source;
    const char *own; /* what t0 is called where own fields are written */
    query_table table[MOST_TABLES];
    size_t n_tables;
    np_buf select, where, tail;
    np_buf group_where; /* OF_GROUPS: what is tested before grouping */
} query_sql;

enum { LONGEST_PATH = 512 };

/* The path within "year(…)"; false, and the path itself, where it is none. */
static bool is_year(char inner[LONGEST_PATH], const char *path)
{
    size_t length = strlen(path);
    bool year = length > 6 && length < LONGEST_PATH && memcmp(path, "year(", 5) == 0 &&
                path[length - 1] == ')';
    if (year)
        np_text_format(inner, LONGEST_PATH, "%.*s", (int)length - 6, path + 5);
    else
        np_text_format(inner, LONGEST_PATH, "%s", path);
    return year;
}

/* The field of the kind itself with which a path begins. */
typedef struct {
    char name[64];
    bool ends; /* the path is this field */
    bool year; /* only the year of what it leads to is asked */
} own_field;

static own_field own_of(const char *text)
{
    own_field own;
    char path[LONGEST_PATH];
    own.year = is_year(path, text);
    size_t length = strcspn(path, ".");
    np_text_format(own.name, sizeof own.name, "%.*s", (int)length, path);
    own.ends = path[length] == '\0' || strcmp(path + length, ".id") == 0;
    return own;
}

static bool is_id(const own_field *own)
{
    return own->ends && strcmp(own->name, "id") == 0;
}

static bool is_number(const own_field *own)
{
    return own->ends && summary_has_number(own->name);
}

/* Of units the summary knows the organisation. */
static bool summary_has_path(const char *path)
{
    static const char unit[] = "unit.organisation";
    own_field own = own_of(path);
    char after = strncmp(path, unit, sizeof unit - 1) == 0 ? path[sizeof unit - 1] : 'x';
    return summary_has_group(own.name) || after == '\0' || after == '.';
}

/* The summary knows of a value only whether there is one. */
static bool summary_can_test(const np_where *test)
{
    own_field own = own_of(test->path);
    if (is_number(&own))
        return strcmp(own.name, "value") == 0 &&
               (test->sort == NP_WHERE_PRESENT || test->sort == NP_WHERE_ABSENT);
    return summary_has_path(test->path);
}

static bool asks_period(const np_query *query)
{
    bool asks = false;
    for (size_t i = 0; i < query->n_columns + query->n_where; i++) {
        own_field own =
            own_of(i < query->n_columns ? query->column[i].path
                                        : query->where[i - query->n_columns].path);
        asks = asks || (strcmp(own.name, "period") == 0 && !own.year);
    }
    return asks;
}

static query_source choose_source(const np_query *query, bool summary)
{
    bool counts = false, joins = false;
    if (!summary_has_kind(query->kind))
        return OF_RECORDS;
    for (size_t c = 0; c < query->n_columns; c++) {
        const np_query_column *column = &query->column[c];
        own_field own = own_of(column->path);
        bool value = column->aggregate == NP_VALUES;
        /* Groups of one: nothing is won. */
        if ((is_id(&own) && column->aggregate != NP_COUNT) ||
            (is_number(&own) && (value || column->aggregate == NP_COUNT_DISTINCT)))
            return OF_RECORDS;
        counts = counts || !value;
        joins = joins || !own.ends;
        summary =
            summary && (is_id(&own) || is_number(&own) || summary_has_path(column->path));
    }
    for (size_t i = 0; i < query->n_where; i++) {
        joins = joins || !own_of(query->where[i].path).ends;
        summary = summary && summary_can_test(&query->where[i]);
    }
    if (!counts)
        return OF_RECORDS;
    if (summary)
        return asks_period(query) ? OF_SUMMARY : OF_YEARS;
    return joins ? OF_GROUPS : OF_RECORDS;
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

/* `t0."period"`: a column of a table. In the summary a unit is no table but the one thing
 * that is known of it. */
static void add_field_of(np_buf *out, const query_sql *q, size_t table, const char *field)
{
    const query_table *t = &q->table[table];
    if (table == 0)
        np_buf_format(out, "%s.\"%s\"", q->own, field);
    else if (is_summary(q->source) && t->from == 0 && strcmp(t->kind->name, "unit") == 0)
        np_buf_format(out, "t0.unit_%s", field);
    else
        np_buf_format(out, "t%zu.\"%s\"", table, field);
}

/* The same for a path; its tables are added. */
static np_status add_path(np_buf *out, query_sql *q, const char *text, np_error *err)
{
    table_walk walk = {.sql = q};
    char path[LONGEST_PATH];
    bool year = is_year(path, text);
    query_path_end end = {0};
    np_status status =
        query_walk_path(&end, q->table[0].kind, path, go_along, &walk, err);
    if (status != NP_OK)
        return status;
    const char *field =
        end.field < end.kind->n_fields ? end.kind->field[end.field].name : "id";
    if (year && q->source == OF_YEARS && walk.at == 0 && strcmp(field, "period") == 0) {
        np_buf_add(out, "t0.year");
        return NP_OK;
    }
    np_buf_add(out, year ? "substr(" : "");
    add_field_of(out, q, walk.at, field);
    np_buf_add(out, year ? ", 1, 4)" : "");
    return NP_OK;
}

/* An aggregate of records from those of their groups. */
static np_status add_of_groups(query_sql *q, const np_query_column *column, np_error *err)
{
    static const char *const of_number[] = {[NP_COUNT] = "ifnull(sum(t0.\"%s_n\"), 0)",
                                            [NP_SUM] = "sum(t0.\"%s_sum\")",
                                            [NP_MIN] = "min(t0.\"%s_min\")",
                                            [NP_MAX] = "max(t0.\"%s_max\")"};
    own_field own = own_of(column->path);
    np_buf *out = &q->select;
    np_status status;
    if (is_id(&own)) {
        np_buf_add(out, "ifnull(sum(t0.n), 0)");
        return NP_OK;
    }
    if (is_number(&own)) {
        char text[128];
        np_text_format(text, sizeof text, "%s", of_number[column->aggregate]);
        char *place = strstr(text, "%s");
        np_buf_add_bytes(out, text, (size_t)(place - text));
        np_buf_format(out, "%s%s", own.name, place + 2);
        return NP_OK;
    }
    if (column->aggregate == NP_COUNT) {
        np_buf_add(out, "ifnull(sum(CASE WHEN ");
        status = add_path(out, q, column->path, err);
        np_buf_add(out, " IS NOT NULL THEN t0.n END), 0)");
    } else {
        np_buf_add(out, "sum(");
        status = add_path(out, q, column->path, err);
        np_buf_add(out, " * t0.n)");
    }
    return status;
}

static np_status add_column(query_sql *q, const np_query_column *column, np_error *err)
{
    static const char *const before[] = {"",     "count(", "count(DISTINCT ",
                                         "sum(", "min(",   "max("};
    own_field own = own_of(column->path);
    bool weighted = column->aggregate == NP_COUNT || column->aggregate == NP_SUM;
    if (q->source != OF_RECORDS && (weighted || is_number(&own)))
        return add_of_groups(q, column, err);
    /* Rows that are sorted to be grouped are short where they need no identifier. */
    if (is_id(&own) && column->aggregate == NP_COUNT) {
        np_buf_add(&q->select, "count(*)");
        return NP_OK;
    }
    np_buf_add(&q->select, before[column->aggregate]);
    np_status status = add_path(&q->select, q, column->path, err);
    if (column->aggregate != NP_VALUES)
        np_buf_add_char(&q->select, ')');
    return status;
}

static void add_places(np_buf *out, size_t n, size_t *parameter)
{
    for (size_t i = 0; i < n; i++)
        np_buf_format(out, "%s?%zu", i == 0 ? "" : ", ", ++*parameter);
}

static np_status add_test(np_buf *out, query_sql *q, const np_where *test,
                          size_t *parameter, np_error *err)
{
    static const char *const compare[] = {[NP_WHERE_LESS] = " < ",
                                          [NP_WHERE_AT_MOST] = " <= ",
                                          [NP_WHERE_MORE] = " > ",
                                          [NP_WHERE_AT_LEAST] = " >= "};
    own_field own = own_of(test->path);
    if (is_summary(q->source) && is_number(&own)) {
        np_buf_format(out, "t0.measured = %d", test->sort == NP_WHERE_PRESENT);
        return NP_OK;
    }
    np_status status = add_path(out, q, test->path, err);
    if (status != NP_OK)
        return status;
    switch (test->sort) {
    case NP_WHERE_EQUAL:
    case NP_WHERE_OTHER:
        np_buf_add(out, test->sort == NP_WHERE_EQUAL ? " IN (" : " NOT IN (");
        add_places(out, test->n, parameter);
        np_buf_add_char(out, ')');
        /* "NOT IN ()" holds for an absent value too; the test asks for a present one. */
        if (test->sort == NP_WHERE_OTHER && test->n == 0) {
            np_buf_add(out, " AND ");
            status = add_path(out, q, test->path, err);
            np_buf_add(out, " IS NOT NULL");
        }
        return status;
    case NP_WHERE_PRESENT:
        np_buf_add(out, " IS NOT NULL");
        return NP_OK;
    case NP_WHERE_ABSENT:
        np_buf_add(out, " IS NULL");
        return NP_OK;
    default:
        if (test->n != 1)
            return np_fail(err, NP_E_USAGE, _("a comparison needs one value"));
        np_buf_add(out, compare[test->sort]);
        add_places(out, 1, parameter);
        return NP_OK;
    }
}

static np_status write_where(query_sql *q, const np_query *query, np_error *err)
{
    size_t parameter = 0;
    np_status status = NP_OK;
    for (size_t i = 0; i < query->n_where && status == NP_OK; i++) {
        bool before = q->source == OF_GROUPS && own_of(query->where[i].path).ends;
        np_buf *out = before ? &q->group_where : &q->where;
        q->own = before ? "r" : "t0";
        np_buf_add(out, out->length == 0 ? " WHERE " : " AND ");
        status = add_test(out, q, &query->where[i], &parameter, err);
    }
    q->own = "t0";
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

typedef struct {
    char name[NP_QUERY_MOST_COLUMNS][64];
    size_t n;
} field_list;

static np_status add_field(field_list *list, const char *name, np_error *err)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->name[i], name) == 0)
            return NP_OK;
    if (list->n == NP_QUERY_MOST_COLUMNS)
        return np_fail(err, NP_E_LIMIT, _("the question goes along too many references"));
    np_text_format(list->name[list->n++], sizeof list->name[0], "%s", name);
    return NP_OK;
}

/* (SELECT … GROUP BY …): the fields that columns and tests after grouping need. */
static np_status write_groups(np_buf *out, query_sql *q, const np_query *query,
                              np_error *err)
{
    field_list group = {.n = 0}, number = {.n = 0};
    np_status status = NP_OK;
    for (size_t c = 0; c < query->n_columns && status == NP_OK; c++) {
        own_field own = own_of(query->column[c].path);
        if (!is_id(&own))
            status = add_field(is_number(&own) ? &number : &group, own.name, err);
    }
    for (size_t i = 0; i < query->n_where && status == NP_OK; i++) {
        own_field own = own_of(query->where[i].path);
        if (!own.ends)
            status = add_field(&group, own.name, err);
    }
    np_buf_add(out, "(SELECT count(*) AS n");
    for (size_t i = 0; i < number.n; i++) {
        const char *f = number.name[i];
        np_buf_format(out,
                      ", count(r.\"%s\") AS \"%s_n\", sum(r.\"%s\") AS \"%s_sum\", "
                      "min(r.\"%s\") AS \"%s_min\", max(r.\"%s\") AS \"%s_max\"",
                      f, f, f, f, f, f, f, f);
    }
    for (size_t i = 0; i < group.n; i++)
        np_buf_format(out, ", r.\"%s\"", group.name[i]);
    np_buf_format(out, " FROM \"%s\" AS r", query->kind->name);
    const char *where = np_buf_done(&q->group_where);
    np_buf_add(out, where != NULL ? where : "");
    for (size_t i = 0; i < group.n; i++)
        np_buf_format(out, "%sr.\"%s\"", i == 0 ? " GROUP BY " : ", ", group.name[i]);
    np_buf_add_char(out, ')');
    return where != NULL ? status : np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status write_from(np_buf *out, query_sql *q, const np_query *query,
                            np_error *err)
{
    np_status status = NP_OK;
    np_buf_add(out, " FROM ");
    if (q->source == OF_GROUPS)
        status = write_groups(out, q, query, err);
    else
        np_buf_format(out, "\"%s%s\"", query->kind->name,
                      q->source == OF_SUMMARY ? "_summary"
                      : q->source == OF_YEARS ? "_summary_year"
                                              : "");
    np_buf_add(out, " AS t0");
    for (size_t t = 1; t < q->n_tables; t++) {
        const query_table *table = &q->table[t];
        if (is_summary(q->source) && strcmp(table->kind->name, "unit") == 0)
            continue;
        np_buf_format(out, " LEFT JOIN \"%s\" AS t%zu ON t%zu.id = ", table->kind->name,
                      t, t);
        add_field_of(out, q, table->from,
                     q->table[table->from].kind->field[table->field].name);
    }
    return status;
}

static void add_part(np_buf *out, np_buf *part)
{
    const char *text = np_buf_done(part);
    if (text == NULL)
        out->failed = true;
    else
        np_buf_add(out, text);
}

np_status query_write_sql(np_buf *out, const np_query *query, bool summary, np_error *err)
{
    query_sql q = {.source = choose_source(query, summary),
                   .own = "t0",
                   .table = {{.kind = query->kind}},
                   .n_tables = 1};
    np_status status = write_columns(&q, query, err);
    if (status == NP_OK)
        status = write_where(&q, query, err);
    if (status == NP_OK) {
        write_tail(&q, query);
        add_part(out, &q.select);
        status = write_from(out, &q, query, err);
        add_part(out, &q.where);
        add_part(out, &q.tail);
    }
    np_buf_free(&q.select);
    np_buf_free(&q.where);
    np_buf_free(&q.tail);
    np_buf_free(&q.group_where);
    return status;
}
