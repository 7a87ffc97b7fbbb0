#include "programme/coding_crosswalk.h"

#include <string.h>

#include "base/date.h"
#include "programme/draft.h"
#include "store/query.h"

typedef struct {
    np_store *store;
    np_arena *arena;
    np_coding_crosswalk c;
    np_carried_category *category;
    np_coding_labels before, after;
    np_coding_labels settled_before, settled_after; /* one "coder" */
    np_coding_items items;
    np_uncarried *uncarried;
    np_entry *entry;
    const char *who;
    char today[16];
} carrying;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static void take_line(carrying *w, const np_rows *rows, size_t row)
{
    const np_value *cell = &rows->cell[row * rows->n_columns];
    size_t source = np_coding_scheme_place(&w->c.from, cell[0].text);
    size_t target = np_coding_scheme_place(&w->c.to, cell[1].text);
    const char *relation = cell[2].text;
    if (source == w->c.from.n || target == w->c.to.n)
        return;
    np_carried_category *c = &w->category[source];
    np_category_set one = (np_category_set)1 << target;
    if (strcmp(relation, "exact") == 0 || strcmp(relation, "broader") == 0) {
        c->exact = strcmp(relation, "exact") == 0 && c->carried == 0;
        c->carried |= one;
    } else {
        c->to_decide |= one;
    }
}

static np_status read_crosswalk(carrying *w, np_error *err)
{
    static const np_query_column column[] = {
        {"source", NP_VALUES}, {"target", NP_VALUES}, {"relation", NP_VALUES}};
    np_value from = NP_VALUE_OF_TEXT(w->c.from.id), to = NP_VALUE_OF_TEXT(w->c.to.id);
    const np_where where[] = {{"source.scheme", NP_WHERE_EQUAL, &from, 1},
                              {"target.scheme", NP_WHERE_EQUAL, &to, 1}};
    np_query query = {.kind = np_kind_find("crosswalk"),
                      .column = column,
                      .n_columns = 3,
                      .where = where,
                      .n_where = 2};
    np_rows rows;
    np_status status = np_store_query(&rows, w->store, &query, w->arena, err);
    if (status != NP_OK)
        return status;
    if (rows.n_rows == 0) {
        np_fail(err, NP_E_NOT_IDENTIFIED, _("no crosswalk leads from %s to %s"),
                w->c.from.id, w->c.to.id);
        return np_error_hint(err,
                             _("write one under the later scheme in programme.yaml"));
    }
    w->category = np_arena_array(w->arena, np_carried_category, w->c.from.n + 1);
    if (w->category == NULL)
        return no_memory(err);
    for (size_t r = 0; r < rows.n_rows; r++)
        take_line(w, &rows, r);
    w->c.category = w->category;
    return NP_OK;
}

/* Where a set of the earlier scheme goes; false: a coder has to look. A scheme with one
 * category for an item takes no set of two. */
static bool carry_set(np_category_set *out, np_category_set *possible, const carrying *w,
                      np_category_set before)
{
    bool all = true;
    *out = *possible = 0;
    for (size_t c = 0; c < w->c.from.n; c++) {
        if ((before >> c & 1) == 0)
            continue;
        const np_carried_category *line = &w->category[c];
        all = all && line->carried != 0 && line->to_decide == 0;
        *out |= line->carried;
        *possible |= line->carried | line->to_decide;
    }
    return all && (w->c.to.several || (*out & (*out - 1)) == 0);
}

static np_status read_settled(np_coding_labels *out, carrying *w,
                              const np_coding_scheme *scheme, np_error *err)
{
    static const np_query_column column[] = {{"item", NP_VALUES},
                                             {"category", NP_VALUES}};
    static const size_t order[] = {0, 1};
    np_value id = NP_VALUE_OF_TEXT(scheme->id);
    const np_where of_scheme = {"category.scheme", NP_WHERE_EQUAL, &id, 1};
    np_query query = {.kind = np_kind_find("adjudication"),
                      .column = column,
                      .n_columns = 2,
                      .where = &of_scheme,
                      .n_where = 1,
                      .order = order,
                      .n_order = 2};
    np_rows rows;
    np_status status = np_store_query(&rows, w->store, &query, w->arena, err);
    if (status != NP_OK)
        return status;
    const char **item = np_arena_array(w->arena, const char *, rows.n_rows + 1);
    np_category_set *set = np_arena_array(w->arena, np_category_set, rows.n_rows + 1);
    static const char *const nobody[] = {NULL};
    if (item == NULL || set == NULL)
        return no_memory(err);
    size_t n = 0;
    for (size_t r = 0; r < rows.n_rows; r++) {
        const char *here = rows.cell[2 * r].text;
        if (n == 0 || strcmp(item[n - 1], here) != 0)
            item[n++] = here;
        size_t c = np_coding_scheme_place(scheme, rows.cell[2 * r + 1].text);
        if (c < scheme->n)
            set[n - 1] |= (np_category_set)1 << c;
    }
    *out = (np_coding_labels){
        .n_items = n, .n_coders = 1, .item = item, .coder = nobody, .set = set};
    return NP_OK;
}

static np_category_set set_of(const np_coding_labels *labels, const char *item,
                              const char *coder)
{
    size_t i = np_coding_labels_item(labels, item);
    size_t c = coder == NULL ? 0 : np_coding_labels_coder(labels, coder);
    if (i == labels->n_items || c == labels->n_coders)
        return 0;
    return labels->set[i * labels->n_coders + c];
}

static np_status put_set(carrying *w, const char *item, const char *coder,
                         np_category_set before, np_category_set set, np_error *err)
{
    const char *codes = np_coding_codes(before, &w->c.from, w->arena);
    const char *note =
        codes == NULL ? NULL : np_arena_format(w->arena, "%s: %s", w->c.from.id, codes);
    if (note == NULL)
        return no_memory(err);
    np_status status = NP_OK;
    for (size_t c = 0; c < w->c.to.n && status == NP_OK; c++) {
        if ((set >> c & 1) == 0)
            continue;
        np_draft draft;
        bool label = coder != NULL;
        np_draft_start(&draft, label ? "label" : "adjudication", NULL);
        np_draft_text(&draft, "item", item);
        np_draft_text(&draft, "category", w->c.to.category[c].id);
        np_draft_text(&draft, label ? "coder" : "decided_by", label ? coder : w->who);
        np_draft_text(&draft, "date", w->today);
        np_draft_text(&draft, label ? "note" : "reason", note);
        status = np_entry_put(w->entry, &draft.record, NULL, err);
    }
    return status;
}

static void leave_to_coder(carrying *w, const char *item, const char *coder,
                           np_category_set before, np_category_set possible)
{
    size_t place = np_coding_items_find(&w->items, item);
    np_coding_item found = {.id = item};
    if (place < w->items.n)
        found = w->items.item[place];
    w->uncarried[w->c.n_uncarried++] = (np_uncarried){
        .item = found, .coder = coder, .before = before, .possible = possible};
}

/* What happens to the labels and the adjudication of one item. */
typedef struct {
    const char *item;
    size_t place; /* among the labels of the earlier scheme, or n_items */
    size_t n_open, n_can, n_there; /* sets to carry; of them that can be; coded already */
    bool all_equal;                /* of those that can be */
    np_category_set first;
    np_category_set settled, settled_now, settled_possible; /* the adjudication */
    bool settled_can, settled_there;
} item_state;

/* The k-th coder's set of the item, where it is still to be carried; else 0. */
static np_category_set open_set(const carrying *w, const item_state *s, size_t k)
{
    if (s->place == w->before.n_items)
        return 0;
    np_category_set old = w->before.set[s->place * w->before.n_coders + k];
    return old != 0 && set_of(&w->after, s->item, w->before.coder[k]) == 0 ? old : 0;
}

static item_state look_at(carrying *w, const char *item)
{
    item_state s = {.item = item,
                    .place = np_coding_labels_item(&w->before, item),
                    .all_equal = true,
                    .settled = set_of(&w->settled_before, item, NULL),
                    .settled_there = set_of(&w->settled_after, item, NULL) != 0};
    s.settled_can =
        s.settled != 0 && carry_set(&s.settled_now, &s.settled_possible, w, s.settled);
    for (size_t k = 0; k < w->before.n_coders && s.place < w->before.n_items; k++) {
        np_category_set old = w->before.set[s.place * w->before.n_coders + k];
        np_category_set open = open_set(w, &s, k), now, possible;
        s.n_there += old != 0 && open == 0;
        if (open == 0)
            continue;
        s.n_open++;
        if (!carry_set(&now, &possible, w, open))
            continue;
        s.all_equal = s.all_equal && (s.n_can == 0 || now == s.first);
        s.first = now;
        s.n_can++;
    }
    return s;
}

/* Carries what can be, or leaves the item's labels to their coders; `all`: those too that
 * could be carried. */
static np_status carry_labels(carrying *w, const item_state *s, bool carry, bool leave,
                              bool all, np_error *err)
{
    np_status status = NP_OK;
    for (size_t k = 0; k < w->before.n_coders && status == NP_OK; k++) {
        np_category_set old = open_set(w, s, k), now, possible;
        const char *coder = w->before.coder[k];
        if (old == 0)
            continue;
        bool can = carry_set(&now, &possible, w, old);
        if (can && carry) {
            w->c.n_carried++;
            status = put_set(w, s->item, coder, old, now, err);
        } else if (leave && (all || !can)) {
            leave_to_coder(w, s->item, coder, old, possible);
        } else if (can) {
            w->c.n_waiting++;
        } else {
            w->c.n_settled++;
        }
    }
    return status;
}

static np_status carry_item(carrying *w, const char *item, np_error *err)
{
    item_state s = look_at(w, item);
    bool settled = s.settled_there || s.settled_can;
    bool to_settle = s.settled != 0 && !s.settled_there;
    w->c.n_already += s.n_there + s.settled_there;
    if (settled && s.n_there + s.n_can > 0) {
        np_status status = carry_labels(w, &s, true, false, false, err);
        if (status == NP_OK && to_settle) {
            w->c.n_carried++;
            status = put_set(w, item, NULL, s.settled, s.settled_now, err);
        }
        return status;
    }
    bool can_all = s.n_can == s.n_open;
    /* Labels that agree would settle what was adjudicated otherwise. */
    bool again = to_settle && can_all && s.all_equal && s.n_there == 0;
    if (to_settle)
        leave_to_coder(w, item, NULL, s.settled, s.settled_possible);
    return carry_labels(w, &s, can_all && !again, true, again, err);
}

static np_status carry_all(carrying *w, np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < w->before.n_items; i++)
        for (size_t k = 0; k < w->before.n_coders; k++)
            for (size_t c = 0; c < w->c.from.n; c++)
                w->category[c].n_labels +=
                    w->before.set[i * w->before.n_coders + k] >> c & 1;
    for (size_t i = 0; i < w->before.n_items && status == NP_OK; i++)
        status = carry_item(w, w->before.item[i], err);
    return status;
}

static np_status read_all(carrying *w, const char *from, const char *to, np_error *err)
{
    const np_coding_filter all = {0};
    np_status status = np_coding_scheme_read(&w->c.from, w->store, from, w->arena, err);
    if (status == NP_OK)
        status = np_coding_scheme_read(&w->c.to, w->store, to, w->arena, err);
    if (status == NP_OK)
        status = read_crosswalk(w, err);
    if (status == NP_OK)
        status =
            np_coding_labels_read(&w->before, w->store, &w->c.from, &all, w->arena, err);
    if (status == NP_OK)
        status =
            np_coding_labels_read(&w->after, w->store, &w->c.to, &all, w->arena, err);
    if (status == NP_OK)
        status =
            np_coding_items_read(&w->items, w->store, &w->c.from, &all, w->arena, err);
    if (status == NP_OK)
        status = read_settled(&w->settled_before, w, &w->c.from, err);
    if (status == NP_OK)
        status = read_settled(&w->settled_after, w, &w->c.to, err);
    if (status != NP_OK)
        return status;
    size_t most = w->before.n_items * w->before.n_coders + w->settled_before.n_items;
    w->uncarried = np_arena_array(w->arena, np_uncarried, most + 1);
    w->c.uncarried = w->uncarried;
    return w->uncarried != NULL ? NP_OK : no_memory(err);
}

np_status np_coding_crosswalk_carry(np_coding_crosswalk *out, np_store *store,
                                    const char *from, const char *to,
                                    const np_entry_options *options, np_arena *arena,
                                    np_error *err)
{
    carrying w = {.store = store, .arena = arena, .who = options->who};
    np_date_format(w.today, np_date_today());
    np_status status = read_all(&w, from, to, err);
    if (status == NP_OK)
        status = np_entry_begin(&w.entry, store, options, arena, err);
    if (status != NP_OK)
        return status;
    status = carry_all(&w, err);
    if (status != NP_OK) {
        np_entry_abandon(w.entry);
        return status;
    }
    status = np_entry_end(&w.c.entry, w.entry, err);
    if (status == NP_OK)
        *out = w.c;
    return status;
}
