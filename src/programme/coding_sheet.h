/* What a coder gets to code: items with their texts, and what keywords suggest. Nothing
 * in it tells what other coders said. */
#ifndef NP_PROGRAMME_CODING_SHEET_H
#define NP_PROGRAMME_CODING_SHEET_H

#include "programme/coding_labels.h"

typedef struct {
    const char *coder;       /* required */
    np_coding_filter filter; /* its coders are not looked at */
    bool uncoded;            /* only items that this coder has not coded yet */
    size_t sample;           /* as many items, drawn by lot; 0: all */
    uint64_t seed;           /* of the lot: the same seed draws the same items for every
                                coder, so that they can be compared */
} np_coding_sheet_spec;

typedef struct {
    np_coding_item item;
    np_category_set own, suggested; /* what the coder gave before; by keywords */
} np_coding_row;

typedef struct {
    np_coding_scheme scheme;
    const np_coding_row *row; /* [n] by identifier */
    size_t n;
    size_t n_items;              /* that the scheme is for */
    size_t n_without_text;       /* of them: cannot be coded */
    size_t n_not_drawn, n_coded; /* left out by the sample, by `uncoded` */
} np_coding_sheet;

/* NP_E_UNKNOWN_NAME: there is no such scheme; NP_E_LIMIT: it has too many categories. */
np_status np_coding_sheet_make(np_coding_sheet *out, np_store *store, const char *scheme,
                               const np_coding_sheet_spec *spec, np_arena *arena,
                               np_error *err);

#endif
