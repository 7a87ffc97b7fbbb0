/* What the parts of np_efficient_estimate() share; nobody else includes this. */
#ifndef NP_STATS_DID_EFFICIENT_INTERNAL_H
#define NP_STATS_DID_EFFICIENT_INTERNAL_H

#include "stats/did/did_plan.h"

/* Means and covariances of the cohorts. */
typedef struct {
    size_t G, T;
    double *n;    /* [G] units */
    double *mean; /* [G × T] */
    double *S;    /* [G × T × T] */
} np_cohort_moments;

/* A contrast of the cohorts' means and what it is adjusted by. */
typedef struct {
    double *A, *A0;   /* [G × T] */
    double *combined; /* [G × T] A - beta A0 */
    double *b;        /* [T] b of the adjustment, over the periods before g0 */
    size_t first;     /* g0: the first cohort in A */
    double beta, estimate, neyman, adjusted; /* variances */
} np_contrast;

/* Comparisons before the start of all cohorts with the last. */
typedef struct {
    size_t q;
    uint32_t *cohort, *period; /* [q] */
    double *R;                 /* [q × q] factor of their covariance */
    bool *kept;
} np_comparisons;

/* [m × m] pseudo-inverses of M S_g M' for g = first … G-1, and their mean. */
typedef struct {
    size_t first, m;
    double *inverse;           /* [G × m × m] */
    double *Q;                 /* [m × m] */
    double *block, *R, *value; /* scratch */
    bool *kept;
} np_adjustment;

np_status np_cohort_moments_new(np_cohort_moments *out, size_t G, size_t T,
                                np_arena *arena, np_error *err);
/* code [n_units]: cohort, -1: not used. y [n_units × T]. */
void np_cohort_moments_fill(np_cohort_moments *m, const double *y, const int32_t *code,
                            size_t n_units, double *scratch);

np_status np_comparisons_new(np_comparisons *out, const size_t *start, size_t G, size_t T,
                             np_arena *arena, np_error *err);
void np_comparisons_factor(np_comparisons *c, const np_cohort_moments *m,
                           double *scratch);

np_status np_adjustment_new(np_adjustment *out, size_t G, size_t T, np_arena *arena,
                            np_error *err);
/* For contrasts whose first cohort is `first`, treated from period index m on. */
np_status np_adjustment_fill(np_adjustment *a, const np_cohort_moments *m, size_t first,
                             size_t n_before, np_error *err);

/* beta, estimate, combined and the Neyman variance; comparisons NULL: the scalar A0. */
void np_contrast_estimate(np_contrast *c, const np_cohort_moments *m,
                          np_efficient_beta beta, const np_comparisons *comparisons,
                          double *scratch);
/* b and the adjusted variance. */
void np_contrast_adjust(np_contrast *c, const np_cohort_moments *m,
                        const np_adjustment *a, double *scratch);

typedef struct {
    const np_did_panel *panel;
    const np_did_spec *spec;
    np_arena *arena;
    np_error *err;
    size_t G, T;
    double *cohort; /* [G] first treated periods, INFINITY: never */
    size_t *start;  /* [G] index of the first period that counts as treated; T: none */
    int32_t *code;  /* [n_units] 0 … G-1, -1: left out */
    np_cohort_moments moments;
    np_comparisons comparisons;
    bool all_comparisons;
    size_t n_cells;
    np_did_plan_cell *cell;
    uint32_t *cell_cohort, *cell_period; /* [n_cells] indices */
    np_did_plan plan;
    size_t scratch_size;
} np_efficient;

/* A and A0 of a weighted sum of cells. */
void np_efficient_contrast(np_contrast *c, const np_efficient *w, const uint32_t *cell,
                           const double *share, size_t n);
np_status np_contrast_new(np_contrast *out, size_t G, size_t T, np_arena *arena,
                          np_error *err);
/* The name of a row of the plan in tables: "simple", "dynamic::0" … */
const char *np_efficient_row_name(const np_efficient *w, size_t row);

/* efficient_fisher.c: a table of p values by the rows tested. statistic [plan rows]. */
np_status np_efficient_fisher(np_estimate_table *out, const np_efficient *w,
                              const double *statistic, const double *estimate);

#endif
