/* How far the coders of a scheme agree, from their labels in the records. The measures
 * are those of stats/agreement.h; doc/methods/agreement.md.
 *
 * Only items that two coders or more have labelled count. Where an item may have several
 * categories, coders agree on it when their sets are equal; alpha weighs by how far two
 * sets are apart.
 */
#ifndef NP_EVALUATION_CODER_AGREEMENT_H
#define NP_EVALUATION_CODER_AGREEMENT_H

#include "programme/coding_labels.h"
#include "stats/agreement.h"

/* A zeroed field is its default. */
typedef struct {
    np_coding_filter filter;
    bool ordinal;      /* the categories stand in an order: ordinal alpha too, and kappa
                          with linear weights */
    double conf_level; /* 0: 0.95 */
    size_t n_draws;    /* of alpha's interval; 0: 1000 */
    uint64_t seed;
} np_coder_agreement_spec;

/* A measure, or in words why there is none. */
typedef struct {
    const char *name;                  /* "kappa", "alpha" …, for _() */
    const char *variant;               /* "nominal", "ordinal", "jaccard" …; "" */
    size_t n;                          /* items */
    double value, conf_low, conf_high; /* NaN: there is none */
    const char *why_not;               /* NULL where there is one */
} np_agreement_measure;

typedef struct {
    size_t first, second;       /* places among the coders */
    size_t n;                   /* items of both */
    double equal, overlap;      /* shares of them: the same categories; mean Jaccard */
    np_agreement_measure kappa; /* of schemes with one category for an item */
} np_coder_pair;

typedef struct {
    const size_t *n_given; /* [n_coders] among items that two or more labelled */
    double agreed; /* of the times that a coder of a pair gave it, the share in which the
                      other did too; NaN: nobody gave it */
    np_agreement_measure kappa; /* given or not given */
} np_category_agreement;

enum { NP_AGREEMENT_MOST_MEASURES = 4 };

typedef struct {
    np_coding_scheme scheme;
    np_coding_labels labels;
    size_t n_items, n_twice;  /* labelled at all; by two or more */
    size_t n_pairs_of_labels; /* pairs of coders over the items */
    double equal, overlap;    /* over all pairs */
    np_agreement_measure measure[NP_AGREEMENT_MOST_MEASURES];
    size_t n_measures;
    const np_coder_pair *pair; /* [n_pairs] */
    size_t n_pairs;
    const np_category_agreement *category; /* [scheme.n] */
    /* [scheme.n × scheme.n] how often the earlier coder of a pair gave the row's and the
     * later the column's category; NULL where items may have several. */
    const size_t *confusion;
    const size_t *disagreed; /* [n_disagreed] places of items */
    size_t n_disagreed;
} np_coder_agreement;

/* NP_E_UNKNOWN_NAME    no such scheme or coder
 * NP_E_NOT_IDENTIFIED  no item was labelled by two coders
 * NP_E_LIMIT           too many categories (coding_labels.h) */
np_status np_coder_agreement_compute(np_coder_agreement *out, np_store *store,
                                     const char *scheme,
                                     const np_coder_agreement_spec *spec, np_arena *arena,
                                     np_error *err);

#endif
