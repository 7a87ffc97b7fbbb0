#include "programme/coding_sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static int by_place(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The places of the items with a text, and of them those that are drawn. */
static np_status draw(int32_t **out, size_t *n, np_coding_sheet *sheet,
                      const np_coding_items *items, const np_coding_sheet_spec *spec,
                      np_arena *arena, np_error *err)
{
    int32_t *place = np_arena_array(arena, int32_t, items->n + 1);
    size_t with_text = 0;
    if (place == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (items->n > INT32_MAX)
        return np_fail(err, NP_E_LIMIT, _("there are too many items"));
    for (size_t i = 0; i < items->n; i++)
        if (items->item[i].text != NULL)
            place[with_text++] = (int32_t)i;
    sheet->n_items = items->n;
    sheet->n_without_text = items->n - with_text;
    *n = with_text;
    if (spec->sample > 0 && spec->sample < with_text) {
        np_rng rng = np_rng_stream(spec->seed, 0);
        np_rng_shuffle(&rng, place, with_text);
        qsort(place, spec->sample, sizeof *place, by_place);
        *n = spec->sample;
    }
    sheet->n_not_drawn = with_text - *n;
    *out = place;
    return NP_OK;
}

static np_status suggest(np_category_set *out, const np_coding_scheme *scheme,
                         np_stemmer *stemmer, const char *text, np_arena *arena,
                         np_error *err)
{
    bool suggested[NP_CODING_MOST_CATEGORIES];
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status = np_coding_suggest(suggested, scheme, stemmer, text, arena, err);
    np_arena_release(arena, mark);
    *out = 0;
    for (size_t c = 0; c < scheme->n && status == NP_OK; c++)
        *out |= (np_category_set)suggested[c] << c;
    return status;
}

static np_status fill(np_coding_sheet *sheet, np_coding_row *row,
                      const np_coding_items *items, const int32_t *place, size_t n,
                      const np_coding_labels *labels, const np_coding_sheet_spec *spec,
                      np_stemmer *stemmer, np_arena *arena, np_error *err)
{
    size_t coder = np_coding_labels_coder(labels, spec->coder);
    for (size_t i = 0; i < n; i++) {
        np_coding_item item = items->item[place[i]];
        size_t at = np_coding_labels_item(labels, item.id);
        bool known = at < labels->n_items && coder < labels->n_coders;
        np_category_set own = known ? labels->set[at * labels->n_coders + coder] : 0;
        if (spec->uncoded && own != 0) {
            sheet->n_coded++;
            continue;
        }
        np_coding_row *r = &row[sheet->n++];
        *r = (np_coding_row){.item = item, .own = own};
        np_status status =
            suggest(&r->suggested, &sheet->scheme, stemmer, item.text, arena, err);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

np_status np_coding_sheet_make(np_coding_sheet *out, np_store *store, const char *scheme,
                               const np_coding_sheet_spec *spec, np_arena *arena,
                               np_error *err)
{
    np_coding_sheet sheet = {0};
    np_coding_items items;
    np_coding_labels labels;
    np_coding_filter all = spec->filter;
    int32_t *place = NULL;
    size_t n = 0;
    all.n_coders = 0;
    np_status status = np_coding_scheme_read(&sheet.scheme, store, scheme, arena, err);
    if (status == NP_OK)
        status = np_coding_items_read(&items, store, &sheet.scheme, &all, arena, err);
    if (status == NP_OK)
        status = np_coding_labels_read(&labels, store, &sheet.scheme, &all, arena, err);
    if (status == NP_OK)
        status = draw(&place, &n, &sheet, &items, spec, arena, err);
    if (status != NP_OK)
        return status;
    np_coding_row *row = np_arena_array(arena, np_coding_row, n + 1);
    np_stemmer *stemmer = np_stemmer_new();
    if (row == NULL || stemmer == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    else
        status = fill(&sheet, row, &items, place, n, &labels, spec, stemmer, arena, err);
    np_stemmer_free(stemmer);
    sheet.row = row;
    if (status == NP_OK)
        *out = sheet;
    return status;
}
