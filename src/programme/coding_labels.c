#include "programme/coding_labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "store/query.h"

static const char *cell(const np_rows *rows, size_t row, size_t column)
{
    np_value value = rows->cell[row * rows->n_columns + column];
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

/* The place of a text among ascending ones; n: it is not among them. */
static size_t place_among(const char *const *all, size_t n, const char *text)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(all[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && strcmp(all[low], text) == 0 ? low : n;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum { ITEM = 0, CODER, CATEGORY };

static np_status read_rows(np_rows *out, np_store *store, const np_coding_scheme *scheme,
                           const np_coding_filter *filter, np_arena *arena, np_error *err)
{
    static const np_query_column column[] = {
        {"item", NP_VALUES}, {"coder", NP_VALUES}, {"category", NP_VALUES}};
    static const size_t order[] = {ITEM, CODER, CATEGORY};
    np_value *coder = np_arena_array(arena, np_value, filter->n_coders + 1);
    np_value id = NP_VALUE_OF_TEXT(scheme->id);
    np_value period = NP_VALUE_OF_TEXT(filter->period);
    np_value theme = NP_VALUE_OF_TEXT(filter->theme);
    np_where where[4];
    np_query query = {.kind = np_kind_find("label"),
                      .column = column,
                      .n_columns = 3,
                      .where = where,
                      .order = order,
                      .n_order = 3};
    if (coder == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t c = 0; c < filter->n_coders; c++)
        coder[c] = NP_VALUE_OF_TEXT(filter->coder[c]);
    where[query.n_where++] = (np_where){"category.scheme", NP_WHERE_EQUAL, &id, 1};
    if (filter->period != NULL)
        where[query.n_where++] = (np_where){"item.period", NP_WHERE_EQUAL, &period, 1};
    if (filter->theme != NULL)
        where[query.n_where++] = (np_where){"item.theme", NP_WHERE_EQUAL, &theme, 1};
    if (filter->n_coders > 0)
        where[query.n_where++] =
            (np_where){"coder", NP_WHERE_EQUAL, coder, filter->n_coders};
    return np_store_query(out, store, &query, arena, err);
}

/* The different texts of a column, ascending. */
static np_status distinct(const char *const **out, size_t *n, const np_rows *rows,
                          size_t column, np_arena *arena, np_error *err)
{
    np_text_map *map = np_text_map_new(arena);
    for (size_t r = 0; r < rows->n_rows && map != NULL; r++) {
        const char *text = cell(rows, r, column);
        if (np_text_map_add(map, text, strlen(text)) < 0)
            map = NULL;
    }
    *n = map == NULL ? 0 : np_text_map_size(map);
    const char **all = np_arena_array(arena, const char *, *n + 1);
    if (map == NULL || all == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < *n; i++)
        all[i] = np_text_map_text(map, (int32_t)i);
    qsort(all, *n, sizeof *all, by_text);
    *out = all;
    return NP_OK;
}

static np_status check_coders(const np_coding_labels *labels,
                              const np_coding_scheme *scheme,
                              const np_coding_filter *filter, np_error *err)
{
    for (size_t c = 0; c < filter->n_coders; c++)
        if (np_coding_labels_coder(labels, filter->coder[c]) == labels->n_coders)
            return np_fail(err, NP_E_UNKNOWN_NAME,
                           _("%s has labelled nothing of that in the scheme %s"),
                           filter->coder[c], scheme->id);
    return NP_OK;
}

np_status np_coding_labels_read(np_coding_labels *out, np_store *store,
                                const np_coding_scheme *scheme,
                                const np_coding_filter *filter, np_arena *arena,
                                np_error *err)
{
    if (scheme->n > NP_CODING_MOST_CATEGORIES)
        return np_fail(err, NP_E_LIMIT,
                       _("the scheme %s has %zu categories; at most %d "
                         "are coded by"),
                       scheme->id, scheme->n, NP_CODING_MOST_CATEGORIES);
    np_rows rows;
    np_coding_labels labels = {0};
    np_status status = read_rows(&rows, store, scheme, filter, arena, err);
    if (status == NP_OK)
        status = distinct(&labels.item, &labels.n_items, &rows, ITEM, arena, err);
    if (status == NP_OK)
        status = distinct(&labels.coder, &labels.n_coders, &rows, CODER, arena, err);
    if (status == NP_OK)
        status = check_coders(&labels, scheme, filter, err);
    if (status != NP_OK)
        return status;
    np_category_set *set =
        np_arena_array(arena, np_category_set, labels.n_items * labels.n_coders + 1);
    if (set == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows; r++) {
        size_t item = np_coding_labels_item(&labels, cell(&rows, r, ITEM));
        size_t coder = np_coding_labels_coder(&labels, cell(&rows, r, CODER));
        size_t category = np_coding_scheme_place(scheme, cell(&rows, r, CATEGORY));
        if (category < scheme->n)
            set[item * labels.n_coders + coder] |= (np_category_set)1 << category;
    }
    labels.set = set;
    *out = labels;
    return NP_OK;
}

size_t np_coding_labels_item(const np_coding_labels *labels, const char *item)
{
    return place_among(labels->item, labels->n_items, item);
}

size_t np_coding_labels_coder(const np_coding_labels *labels, const char *coder)
{
    return place_among(labels->coder, labels->n_coders, coder);
}

np_status np_coding_items_read(np_coding_items *out, np_store *store,
                               const np_coding_scheme *scheme,
                               const np_coding_filter *filter, np_arena *arena,
                               np_error *err)
{
    static const np_query_column column[] = {{"id", NP_VALUES},
                                             {"text", NP_VALUES},
                                             {"period", NP_VALUES},
                                             {"project", NP_VALUES},
                                             {"theme", NP_VALUES}};
    const struct {
        const char *path, *text;
    } asked[] = {{"sort", scheme->sort},
                 {"theme", scheme->theme},
                 {"theme", filter->theme},
                 {"period", filter->period}};
    enum { MOST = sizeof asked / sizeof *asked };
    np_value value[MOST];
    np_where where[MOST];
    np_query query = {
        .kind = np_kind_find("item"), .column = column, .n_columns = 5, .where = where};
    for (size_t i = 0; i < MOST; i++) {
        if (asked[i].text == NULL)
            continue;
        value[i] = NP_VALUE_OF_TEXT(asked[i].text);
        where[query.n_where++] = (np_where){asked[i].path, NP_WHERE_EQUAL, &value[i], 1};
    }
    np_rows rows;
    np_status status = np_store_query(&rows, store, &query, arena, err);
    if (status != NP_OK)
        return status;
    np_coding_item *item = np_arena_array(arena, np_coding_item, rows.n_rows + 1);
    if (item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows; r++)
        item[r] = (np_coding_item){.id = cell(&rows, r, 0),
                                   .text = cell(&rows, r, 1),
                                   .period = cell(&rows, r, 2),
                                   .project = cell(&rows, r, 3),
                                   .theme = cell(&rows, r, 4)};
    *out = (np_coding_items){.item = item, .n = rows.n_rows};
    return NP_OK;
}

size_t np_coding_items_find(const np_coding_items *items, const char *id)
{
    size_t low = 0, high = items->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(items->item[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < items->n && strcmp(items->item[low].id, id) == 0 ? low : items->n;
}

const char *np_coding_codes(np_category_set set, const np_coding_scheme *scheme,
                            np_arena *arena)
{
    np_buf buf = {0};
    for (size_t c = 0; c < scheme->n; c++)
        if ((set >> c & 1) == 1)
            np_buf_format(&buf, "%s%s", buf.length > 0 ? "; " : "",
                          scheme->category[c].code);
    const char *done = np_buf_done(&buf);
    char *copy = done == NULL ? NULL : np_arena_copy_text(arena, done, buf.length);
    np_buf_free(&buf);
    return copy;
}
