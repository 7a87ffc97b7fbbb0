/* What is not a field of the records but follows from others: the categories of items,
 * the states of obligations. */
#include <string.h>

#include "base/date.h"
#include "evaluation/tabulation_internal.h"
#include "programme/coding.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

/* What an item has of a scheme, whoever says so. */
typedef struct {
    tab_facts *f;
    tab_dim *dim;
    const tab_dim *ids;
    np_text_map *category; /* identifiers */
    const char **code;     /* of each */
} coding;

static np_status read_codes(coding *c, np_error *err)
{
    tab_named *category;
    size_t n;
    np_status status =
        tab_categories(&category, &n, c->f->store, c->dim->scheme, c->f->arena, err);
    if (status != NP_OK)
        return status;
    c->category = np_text_map_new(c->f->arena);
    c->code = np_arena_array(c->f->arena, const char *, n + 1);
    if (c->category == NULL || c->code == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        int32_t at = np_text_map_add(c->category, category[i].id, strlen(category[i].id));
        if (at < 0)
            return no_memory(err);
        c->code[at] = category[i].code;
    }
    return NP_OK;
}

static np_status add_category(coding *c, uint32_t *at, const char *category,
                              np_error *err)
{
    int32_t known = np_text_map_find(c->category, category, strlen(category)), code;
    if (known < 0)
        return NP_OK;
    const char *text = c->code[known];
    np_status status =
        tab_dim_add(&code, c->dim, text, NP_VALUE_OF_TEXT(text), c->f->arena, err);
    if (status == NP_OK)
        c->dim->codes[(*at)++] = code;
    return status;
}

/* Rows of one coder's labels by item, in the order of items. */
static np_status ask_labels(np_rows *out, const coding *c, np_error *err)
{
    static const np_query_column column[] = {{"item", NP_VALUES},
                                             {"category", NP_VALUES}};
    static const size_t order[] = {0, 1};
    np_value value[] = {NP_VALUE_OF_TEXT(c->dim->scheme), NP_VALUE_OF_TEXT(c->f->coder)};
    np_where test[] = {{"category.scheme", NP_WHERE_EQUAL, &value[0], 1},
                       {"coder", NP_WHERE_EQUAL, &value[1], 1}};
    np_query query = {.kind = np_kind_find("label"),
                      .column = column,
                      .n_columns = 2,
                      .where = test,
                      .n_where = 2,
                      .order = order,
                      .n_order = 2};
    return np_store_query(out, c->f->store, &query, c->f->arena, err);
}

static np_status room_for(coding *c, size_t n, np_error *err)
{
    tab_dim *dim = c->dim;
    dim->start = np_arena_array(c->f->arena, uint32_t, c->f->n + 1);
    dim->codes = np_arena_array(c->f->arena, int32_t, n + 1);
    dim->why = np_arena_array(c->f->arena, uint8_t, c->f->n + 1);
    return dim->start == NULL || dim->codes == NULL || dim->why == NULL ? no_memory(err)
                                                                        : NP_OK;
}

static np_status take_coder(coding *c, np_error *err)
{
    np_rows rows;
    np_status status = ask_labels(&rows, c, err);
    np_text_map *items = np_text_map_new(c->f->arena);
    size_t *first = np_arena_array(c->f->arena, size_t, rows.n_rows + 1);
    if (status == NP_OK)
        status = items == NULL || first == NULL ? no_memory(err)
                                                : room_for(c, rows.n_rows, err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const char *item = rows.cell[2 * i].text;
        size_t known = np_text_map_size(items);
        int32_t at = np_text_map_add(items, item, strlen(item));
        if (at < 0)
            return no_memory(err);
        if ((size_t)at == known)
            first[at] = i;
    }
    uint32_t at = 0;
    for (size_t i = 0; status == NP_OK && i < c->f->n; i++) {
        const char *id = np_text_map_text(c->ids->words, c->ids->code[i]);
        int32_t item = np_text_map_find(items, id, strlen(id));
        c->dim->start[i] = at;
        c->dim->why[i] = TAB_NOT_CODED;
        for (size_t k = item < 0 ? rows.n_rows : first[item];
             status == NP_OK && k < rows.n_rows && strcmp(rows.cell[2 * k].text, id) == 0;
             k++)
            status = add_category(c, &at, rows.cell[2 * k + 1].text, err);
    }
    if (status == NP_OK)
        c->dim->start[c->f->n] = at;
    return status;
}

static np_status take_settled(coding *c, np_error *err)
{
    np_settled settled;
    np_status status =
        np_item_settled(&settled, c->f->store, c->dim->scheme, c->f->arena, err);
    if (status == NP_OK)
        status = room_for(c, settled.first[settled.n_items], err);
    uint32_t at = 0;
    for (size_t i = 0; status == NP_OK && i < c->f->n; i++) {
        size_t item =
            np_settled_find(&settled, np_text_map_text(c->ids->words, c->ids->code[i]));
        c->dim->start[i] = at;
        c->dim->why[i] = item < settled.n_items ? TAB_NOT_SETTLED : TAB_NOT_CODED;
        for (size_t k = item < settled.n_items ? settled.first[item] : 0;
             item < settled.n_items && status == NP_OK && k < settled.first[item + 1];
             k++)
            status = add_category(c, &at, settled.category[k], err);
    }
    if (status == NP_OK)
        c->dim->start[c->f->n] = at;
    return status;
}

static np_status ask_scheme(bool *there, tab_facts *f, const char *scheme, np_error *err)
{
    np_query_column column = {"several", NP_VALUES};
    np_value value = NP_VALUE_OF_TEXT(scheme);
    np_where test = {"id", NP_WHERE_EQUAL, &value, 1};
    np_query query = {.kind = np_kind_find("scheme"),
                      .column = &column,
                      .n_columns = 1,
                      .where = &test,
                      .n_where = 1};
    np_rows rows;
    np_status status = np_store_query(&rows, f->store, &query, f->arena, err);
    *there = status == NP_OK && rows.n_rows == 1;
    if (*there && rows.cell[0].type == NP_VALUE_INTEGER && rows.cell[0].integer == 1)
        f->several = true;
    return status;
}

np_status tab_load_labels(tab_facts *f, tab_dim *dim, const tab_dim *ids, np_error *err)
{
    coding c = {.f = f, .dim = dim, .ids = ids};
    bool there;
    np_status status = ask_scheme(&there, f, dim->scheme, err);
    if (status == NP_OK && !there) /* said where the rows are made, with its place */
        return room_for(&c, 0, err);
    if (status == NP_OK)
        status = read_codes(&c, err);
    if (status != NP_OK)
        return status;
    return f->coder != NULL ? take_coder(&c, err) : take_settled(&c, err);
}

static np_status ask_all(np_rows *out, tab_facts *f, const char *kind, const char *second,
                         const char *third, np_error *err)
{
    np_query_column column[] = {
        {"id", NP_VALUES}, {second, NP_VALUES}, {third, NP_VALUES}};
    np_query query = {.kind = np_kind_find(kind), .column = column, .n_columns = 3};
    return np_store_query(out, f->store, &query, f->arena, err);
}

/* An obligation and its report have the same key, and so the same identifier. */
static np_status read_reports(np_text_map **ids, np_rows *rows, tab_facts *f,
                              np_error *err)
{
    np_status status = ask_all(rows, f, "report", "status", "received", err);
    *ids = np_text_map_new(f->arena);
    if (status == NP_OK && *ids == NULL)
        status = no_memory(err);
    for (size_t i = 0; status == NP_OK && i < rows->n_rows; i++) {
        const char *id = rows->cell[3 * i].text;
        if (np_text_map_add(*ids, id, strlen(id)) < 0)
            status = no_memory(err);
    }
    return status;
}

static void state_of(const char **state, const char **on_time, const np_value *obligation,
                     const np_value *report, const char *as_of)
{
    const char *due = obligation[2].text;
    bool waived = obligation[1].type == NP_VALUE_INTEGER && obligation[1].integer == 1;
    const char *received =
        report != NULL && report[2].type == NP_VALUE_TEXT ? report[2].text : NULL;
    const char *came = report != NULL ? report[1].text : NULL;
    bool draft = came == NULL || strcmp(came, "draft") == 0;
    *on_time = received == NULL ? NULL : strcmp(received, due) <= 0 ? "yes" : "no";
    if (waived && draft)
        *state = "waived";
    else if (!draft)
        *state = came;
    else if (strcmp(as_of, due) > 0)
        *state = "overdue";
    else
        *state = came != NULL ? "draft" : "not_due";
}

np_status tab_load_states(tab_states *out, tab_facts *f, np_error *err)
{
    np_rows obligations, reports;
    np_text_map *report_ids;
    char as_of[NP_DATE_LENGTH];
    np_date_format(as_of, f->as_of);
    np_status status = ask_all(&obligations, f, "obligation", "waived", "due", err);
    if (status == NP_OK)
        status = read_reports(&report_ids, &reports, f, err);
    if (status != NP_OK)
        return status;
    tab_states s = {.ids = np_text_map_new(f->arena)};
    s.state = np_arena_array(f->arena, const char *, obligations.n_rows + 1);
    s.on_time = np_arena_array(f->arena, const char *, obligations.n_rows + 1);
    if (s.ids == NULL || s.state == NULL || s.on_time == NULL)
        return no_memory(err);
    for (size_t i = 0; i < obligations.n_rows; i++) {
        const np_value *cell = &obligations.cell[3 * i];
        int32_t at = np_text_map_add(s.ids, cell[0].text, strlen(cell[0].text));
        int32_t report = np_text_map_find(report_ids, cell[0].text, strlen(cell[0].text));
        if (at < 0)
            return no_memory(err);
        state_of(&s.state[at], &s.on_time[at], cell,
                 report < 0 ? NULL : &reports.cell[3 * report], as_of);
    }
    *out = s;
    return NP_OK;
}
