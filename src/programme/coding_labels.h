/* The labels within a scheme as arrays: which categories each coder gave each item. */
#ifndef NP_PROGRAMME_CODING_LABELS_H
#define NP_PROGRAMME_CODING_LABELS_H

#include "programme/coding_scheme.h"

/* A set of categories: bit c for the category at place c of the scheme. */
typedef uint64_t np_category_set;
enum { NP_CODING_MOST_CATEGORIES = 53 }; /* exact in a double, as stats/agreement.h */

/* Which items: NULL is any. */
typedef struct {
    const char *period, *theme;
    const char *const *coder; /* [n_coders] only their labels; none: all coders' */
    size_t n_coders;
} np_coding_filter;

typedef struct {
    size_t n_items, n_coders;
    const char *const *item;    /* [n_items] identifiers with a label, ascending */
    const char *const *coder;   /* [n_coders] names, ascending */
    const np_category_set *set; /* [n_items × n_coders]; 0: the coder gave it none */
} np_coding_labels;

/* NP_E_LIMIT        the scheme has more than NP_CODING_MOST_CATEGORIES
 * NP_E_UNKNOWN_NAME a coder of the filter has labelled nothing in the scheme */
np_status np_coding_labels_read(np_coding_labels *out, np_store *store,
                                const np_coding_scheme *scheme,
                                const np_coding_filter *filter, np_arena *arena,
                                np_error *err);
/* The place of an item, a coder; n_items, n_coders where there is none. */
size_t np_coding_labels_item(const np_coding_labels *labels, const char *item);
size_t np_coding_labels_coder(const np_coding_labels *labels, const char *coder);

/* The items that the scheme is for, by its sort and theme. */
typedef struct {
    const char *id, *text, *period, *project, *theme; /* NULL where absent */
} np_coding_item;

typedef struct {
    const np_coding_item *item; /* [n] by identifier */
    size_t n;
} np_coding_items;
np_status np_coding_items_read(np_coding_items *out, np_store *store,
                               const np_coding_scheme *scheme,
                               const np_coding_filter *filter, np_arena *arena,
                               np_error *err);
size_t np_coding_items_find(const np_coding_items *items, const char *id); /* or n */

/* "money; time": the codes of a set, in the order of the scheme; "" for the empty one. */
const char *np_coding_codes(np_category_set set, const np_coding_scheme *scheme,
                            np_arena *arena);

#endif
