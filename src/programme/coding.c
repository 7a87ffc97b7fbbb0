#include "programme/coding.h"

#include <string.h>

#include "store/query.h"

/* Who said what of which item: rows in the order of item, category, coder. */
typedef struct {
    const np_rows *rows;
    size_t next;
} cursor;

static const char *text_of(const np_rows *rows, size_t row, size_t column)
{
    return rows->cell[row * rows->n_columns + column].text;
}

static const char *item_at(const cursor *c)
{
    return c->next < c->rows->n_rows ? text_of(c->rows, c->next, 0) : NULL;
}

/* The rows of `item` from the cursor on; moves it past them. */
static size_t take_item(cursor *c, const char *item)
{
    size_t start = c->next;
    while (item_at(c) != NULL && strcmp(item_at(c), item) == 0)
        c->next++;
    return c->next - start;
}

static np_status ask(np_rows *out, np_store *store, const char *kind, const char *scheme,
                     bool with_coder, np_arena *arena, np_error *err)
{
    const np_query_column column[] = {
        {"item", NP_VALUES}, {"category", NP_VALUES}, {"coder", NP_VALUES}};
    const size_t order[] = {0, 1, 2};
    np_value value = NP_VALUE_OF_TEXT(scheme);
    np_where of_scheme = {"category.scheme", NP_WHERE_EQUAL, &value, 1};
    size_t n = with_coder ? 3 : 2;
    np_query query = {.kind = np_kind_find(kind),
                      .column = column,
                      .n_columns = n,
                      .where = &of_scheme,
                      .n_where = 1,
                      .order = order,
                      .n_order = n};
    return np_store_query(out, store, &query, arena, err);
}

typedef struct {
    const char **item, **category;
    np_settled_how *how;
    size_t *first;
    size_t n_items, n_categories;
} growing;

static void add_category(growing *g, const char *category)
{
    g->category[g->n_categories++] = category;
}

static void add_item(growing *g, const char *item, np_settled_how how)
{
    g->item[g->n_items] = item;
    g->how[g->n_items] = how;
    g->first[++g->n_items] = g->n_categories;
}

/* How many coders there are among the labels of an item. */
static size_t count_coders(const np_rows *rows, size_t start, size_t n)
{
    size_t n_coders = 0;
    for (size_t i = start; i < start + n; i++) {
        bool seen = false;
        for (size_t j = start; j < i && !seen; j++)
            seen = strcmp(text_of(rows, i, 2), text_of(rows, j, 2)) == 0;
        n_coders += !seen;
    }
    return n_coders;
}

static void settle_by_labels(growing *g, const np_rows *rows, size_t start, size_t n)
{
    size_t n_coders = count_coders(rows, start, n), n_agreed = 0, n_given = 0;
    for (size_t i = start; i < start + n;) {
        const char *category = text_of(rows, i, 1);
        size_t votes = 0;
        for (; i < start + n && strcmp(text_of(rows, i, 1), category) == 0; i++)
            votes++;
        n_given++;
        if (votes < n_coders)
            continue;
        add_category(g, category);
        n_agreed++;
    }
    add_item(g, text_of(rows, start, 0),
             n_coders == 1         ? NP_SETTLED_ONE_CODER
             : n_agreed == n_given ? NP_SETTLED_AGREED
             : n_agreed > 0        ? NP_SETTLED_PARTLY
                                   : NP_SETTLED_NOT);
}

static void settle(growing *g, const np_rows *labels, const np_rows *adjudicated)
{
    cursor label = {.rows = labels}, decision = {.rows = adjudicated};
    while (item_at(&label) != NULL || item_at(&decision) != NULL) {
        const char *item = item_at(&label);
        if (item == NULL ||
            (item_at(&decision) != NULL && strcmp(item_at(&decision), item) < 0))
            item = item_at(&decision);
        size_t start = label.next, start_decision = decision.next;
        size_t n = take_item(&label, item), n_decided = take_item(&decision, item);
        for (size_t i = 0; i < n_decided; i++)
            add_category(g, text_of(adjudicated, start_decision + i, 1));
        if (n_decided > 0)
            add_item(g, item, NP_SETTLED_ADJUDICATED);
        else
            settle_by_labels(g, labels, start, n);
    }
}

np_status np_item_settled(np_settled *out, np_store *store, const char *scheme,
                          np_arena *arena, np_error *err)
{
    bool there = false;
    np_rows labels, adjudicated;
    np_status status = np_store_has(&there, store, np_kind_find("scheme"), scheme, err);
    if (status == NP_OK && !there)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no scheme %s"), scheme);
    if (status == NP_OK)
        status = ask(&labels, store, "label", scheme, true, arena, err);
    if (status == NP_OK)
        status = ask(&adjudicated, store, "adjudication", scheme, false, arena, err);
    if (status != NP_OK)
        return status;
    size_t most = labels.n_rows + adjudicated.n_rows;
    growing g = {.item = np_arena_array(arena, const char *, most + 1),
                 .category = np_arena_array(arena, const char *, most + 1),
                 .how = np_arena_array(arena, np_settled_how, most + 1),
                 .first = np_arena_array(arena, size_t, most + 1)};
    if (g.item == NULL || g.category == NULL || g.how == NULL || g.first == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    settle(&g, &labels, &adjudicated);
    *out = (np_settled){.n_items = g.n_items,
                        .item = g.item,
                        .how = g.how,
                        .first = g.first,
                        .category = g.category};
    return NP_OK;
}

size_t np_settled_find(const np_settled *settled, const char *item)
{
    size_t low = 0, high = settled->n_items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(settled->item[middle], item) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < settled->n_items && strcmp(settled->item[low], item) == 0
               ? low
               : settled->n_items;
}
