/* Listings: a row for each record. */
#include <string.h>

#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

enum { MOST_LISTED = 10000 };

typedef struct {
    np_query_column column[NP_QUERY_MOST_COLUMNS];
    size_t n, first[NP_QUERY_MOST_COLUMNS];
    size_t order[NP_QUERY_MOST_COLUMNS];
    size_t n_order;
} list_query;

static bool add_path(list_query *q, const np_tab_path *path, bool order)
{
    for (size_t i = 0; i < path->n; i++) {
        if (q->n == NP_QUERY_MOST_COLUMNS)
            return false;
        if (order)
            q->order[q->n_order++] = q->n;
        q->column[q->n++] = (np_query_column){path->path[i], NP_VALUES};
    }
    return true;
}

static np_status refuse_made(tab_work *w, const np_tab_path *path, np_error *err)
{
    np_fail(err, NP_E_RANGE, _("%s is made for rows and columns, and cannot be listed"),
            path->text);
    np_error_file(err, w->plan->path);
    return np_error_at(err, path->line, path->column);
}

static np_status make_query(list_query *q, tab_work *w, np_error *err)
{
    const np_tabulation *t = w->table;
    bool room = true;
    for (size_t i = 0; i < t->n_list; i++) {
        if (t->list[i].path.sort > NP_TAB_YEAR)
            return refuse_made(w, &t->list[i].path, err);
        q->first[i] = q->n;
        room = room && add_path(q, &t->list[i].path, false);
    }
    for (size_t i = 0; i < t->n_order; i++) {
        if (t->order[i].sort > NP_TAB_YEAR)
            return refuse_made(w, &t->order[i], err);
        room = room && add_path(q, &t->order[i], true);
    }
    return room ? NP_OK
                : np_fail(err, NP_E_LIMIT, _("the table needs too many paths at once"));
}

static np_status tests(np_where **out, size_t *n, bool *refused, tab_work *w,
                       np_error *err)
{
    const np_tab_scope *scopes[] = {&w->table->where, &w->options->ad_hoc};
    *out = np_arena_array(w->arena, np_where, scopes[0]->n + scopes[1]->n);
    *n = 0;
    if (*out == NULL)
        return no_memory(err);
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < scopes[s]->n; i++) {
            const np_tab_condition *c = &scopes[s]->item[i];
            *refused = *refused || c->path.n != 1 || c->path.sort != NP_TAB_FIELD;
            if (!*refused)
                (*out)[(*n)++] = (np_where){c->path.path[0], c->sort, c->value, c->n};
        }
    return NP_OK;
}

static np_tab_cell list_cell(const np_tab_path *path, const np_value *value)
{
    np_value v = {0};
    for (size_t i = 0; i < path->n && v.type == NP_VALUE_NONE; i++)
        v = value[i];
    np_tab_cell cell = {.sort = NP_TAB_NOTHING, .field = &path->field};
    if (v.type == NP_VALUE_TEXT) {
        cell.sort = NP_TAB_TEXT;
        cell.text = v.text;
    } else if (v.type == NP_VALUE_INTEGER && path->field.type == NP_FIELD_YES_NO) {
        cell.sort = NP_TAB_TEXT;
        cell.text = v.integer == 1 ? "yes" : "no";
    } else if (v.type != NP_VALUE_NONE) {
        cell.sort = NP_TAB_NUMBER;
        cell.value = v.type == NP_VALUE_INTEGER ? (double)v.integer : v.number;
        cell.rounded = cell.value;
        cell.decimals = -1; /* as many as it has */
    }
    return cell;
}

/* References are printed with the names of what they lead to. */
static np_status name_references(np_tab_cell *cell, size_t n_rows, size_t n_columns,
                                 size_t column, const np_tab_path *path, tab_work *w,
                                 np_error *err)
{
    if (path->field.type != NP_FIELD_REFERENCE || path->sort != NP_TAB_FIELD ||
        strcmp(path->field.name, "id") == 0)
        return NP_OK;
    tab_dim dim = {.words = np_text_map_new(w->arena)};
    tab_named *named;
    size_t n;
    int32_t code;
    np_status status = dim.words == NULL ? no_memory(err) : NP_OK;
    for (size_t r = 0; r < n_rows && status == NP_OK; r++)
        if (cell[r * n_columns + column].sort == NP_TAB_TEXT)
            status = tab_dim_add(&code, &dim, cell[r * n_columns + column].text,
                                 (np_value){0}, w->arena, err);
    if (status == NP_OK)
        status = tab_names(&named, &n, w->store, np_kind_find(path->field.among), &dim,
                           w->arena, err);
    const char **name = np_arena_array(w->arena, const char *, dim.n_codes);
    if (status == NP_OK && name == NULL)
        status = no_memory(err);
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        int32_t at = tab_dim_find(&dim, named[i].id);
        if (at >= 0)
            name[at] = np_localised_text(&named[i].name, np_language_get());
    }
    for (size_t r = 0; r < n_rows && status == NP_OK; r++) {
        np_tab_cell *one = &cell[r * n_columns + column];
        int32_t at = one->sort == NP_TAB_TEXT ? tab_dim_find(&dim, one->text) : -1;
        if (at >= 0 && name[at] != NULL)
            one->text = name[at];
    }
    return status;
}

static np_status headers(np_tabulation_result *out, tab_work *w, np_error *err)
{
    const np_tabulation *t = w->table;
    np_tab_header *column = np_arena_array(w->arena, np_tab_header, t->n_list);
    np_tab_header *row = np_arena_array(w->arena, np_tab_header, out->n_rows);
    if (column == NULL || row == NULL)
        return no_memory(err);
    for (size_t i = 0; i < t->n_list; i++) {
        const char *own = t->list[i].path.text;
        column[i].key = own;
        column[i].label[0] = np_localised_is_empty(&t->list[i].title)
                                 ? (np_localised){{own, own, own}}
                                 : t->list[i].title;
        column[i].n_labels = 1;
    }
    for (size_t r = 0; r < out->n_rows; r++)
        row[r].key = np_arena_format(w->arena, "%zu", r + 1);
    out->column = column;
    out->row = row;
    out->n_columns = t->n_list;
    out->n_column_levels = 1;
    return NP_OK;
}

np_status tab_list(np_tabulation_result *out, tab_work *w, np_error *err)
{
    list_query q = {.n = 0};
    np_where *test;
    size_t n_tests;
    bool refused = false;
    np_rows rows;
    const np_tabulation *t = w->table;
    np_status status = make_query(&q, w, err);
    if (status == NP_OK)
        status = tests(&test, &n_tests, &refused, w, err);
    if (status == NP_OK && refused)
        return np_fail(err, NP_E_RANGE,
                       _("%s: a listing is of records chosen by paths without else"),
                       t->id);
    np_query query = {.kind = t->kind,
                      .column = q.column,
                      .n_columns = q.n,
                      .where = test,
                      .n_where = n_tests,
                      .order = q.order,
                      .n_order = q.n_order,
                      .limit = MOST_LISTED + 1};
    if (status == NP_OK)
        status = np_store_query(&rows, w->store, &query, w->arena, err);
    if (status != NP_OK)
        return status;
    if (rows.n_rows > MOST_LISTED)
        return np_fail(err, NP_E_LIMIT, _("%s: more than %d records; narrow it by where"),
                       t->id, MOST_LISTED);
    out->n_rows = rows.n_rows;
    out->n_records = (double)rows.n_rows;
    np_tab_cell *cell = np_arena_array(w->arena, np_tab_cell, rows.n_rows * t->n_list);
    if (cell == NULL)
        return no_memory(err);
    for (size_t r = 0; r < rows.n_rows; r++)
        for (size_t c = 0; c < t->n_list; c++)
            cell[r * t->n_list + c] =
                list_cell(&t->list[c].path, &rows.cell[r * q.n + q.first[c]]);
    for (size_t c = 0; c < t->n_list && status == NP_OK; c++)
        status =
            name_references(cell, rows.n_rows, t->n_list, c, &t->list[c].path, w, err);
    out->cell = cell;
    return status == NP_OK ? headers(out, w, err) : status;
}
