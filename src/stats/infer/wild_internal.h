/* What the parts of the wild cluster bootstrap share. Not for callers: see
 * wild_bootstrap.h, whose notation this is. */
#ifndef NP_STATS_INFER_WILD_INTERNAL_H
#define NP_STATS_INFER_WILD_INTERNAL_H

#include "stats/infer/wild_bootstrap.h"

/* The clusters of one set S of cluster variables. Pairs are the combinations of a
 * cluster and a bootstrap cluster that occur, ordered by cluster. */
typedef struct {
    double factor; /* ± f_S */
    size_t G, n_pairs;
    const size_t *start;    /* [G + 1] into the pairs; NULL: cluster g is bootstrap
                               cluster g, and pair g */
    const int32_t *cluster; /* [n_pairs] the bootstrap cluster; NULL likewise */
    double *A[2];           /* [n_pairs] with ê, and with m */
    double *U;              /* [G × k] */
} np_wild_set;

/* The k-dimensional sums by cluster that all draws work from. */
typedef struct {
    size_t k, H, n_sets;
    np_wild_set *set;
    const double *C;      /* [k × k] */
    double *numerator[2]; /* [H] A_h with ê, and with m */
    double *V[2];         /* [H × k] likewise */
    double variance;      /* of the data's statistic, with the factors */
    bool imposed, enumerated;
    size_t n_draws;
    uint64_t seed;
    np_wild_weights weights;
    unsigned n_threads;
} np_wild_sums;

/* Rows are asked for in waves of blocks, in parallel, and then added column by column. */
enum { NP_WILD_BLOCK = 2048, NP_WILD_WAVE = 32 };

/* What does not depend on the hypothesis. */
struct np_wild_plan {
    const np_fit *given;
    np_vcov_spec covariance; /* as that of clusters */
    np_fit fit;              /* spread out for the bootstrap clusters */
    np_groups key[NP_MOST_CLUSTERS], boot;
    const char *key_name[NP_MOST_CLUSTERS], *boot_name, *cluster;
    size_t n_keys, n_present[NP_MOST_CLUSTERS];
    const int32_t **group, **pair; /* [n_sets] codes by row; pair NULL: those of boot */
    np_wild_sums sums;             /* its sets without their sums */
    size_t n_moments;              /* regressors: the model's, or all k */
    double *scores, *moment;       /* [H × k], [n_moments][H × k]; or NULL */
    unsigned n_threads;
    np_arena *arena, *scratch;
};

/* A draw with delta = R'b̂ - r: t* = (n0 + delta n1) / √(q0 + 2 delta q1 + delta² q2). */
typedef struct {
    double n0, n1, q0, q1, q2;
} np_wild_draw;

/* v_h of one draw, `stride` apart, from the sums' H, weights, seed and enumerated. */
void np_wild_vector(double *v, size_t stride, const np_wild_sums *sums, size_t draw);
/* How many draws there are, of what kind, by the spec. */
void np_wild_choose_draws(np_wild_sums *sums, const np_wild_spec *spec);
np_status np_wild_draws(np_wild_draw *out, const np_wild_sums *sums, np_arena *arena,
                        np_error *err);

/* Types 13, 31 and 33: replaces sums that are complete for type 11, of the hypothesis
 * with c [k] and B c. NP_E_NOT_IDENTIFIED: a cluster without which nothing is left to
 * estimate. */
np_status np_wild_jackknife(np_wild_sums *sums, const np_wild_plan *plan,
                            np_wild_type type, const double *c, const double *Bc,
                            np_arena *scratch, np_error *err);

/* How a draw compares at delta: the signs of t* - t and of |t*| - |t|, 0 where they tie.
 */
typedef struct {
    bool defined;
    int sign, size;
    double t;
} np_wild_comparison;

np_wild_comparison np_wild_compare(const np_wild_draw *d, double delta, double variance);

/* Draws counted: beyond t in the sense of p, on the other side (equal-tailed), tied. */
typedef struct {
    int64_t defined, above, below, tied;
} np_wild_counts;

void np_wild_count(np_wild_counts *counts, np_wild_comparison c, np_wild_p p, int by);
double np_wild_p_value(const np_wild_counts *counts, np_wild_p p, bool with_ties);

/* {r: p(r) > 1 - conf_level}, without and with ties. */
np_status np_wild_invert(np_wild *out, const np_wild_draw *draw, const np_wild_sums *sums,
                         np_wild_p p, np_arena *arena, np_arena *scratch, np_error *err);

#endif
