/* Partialling out: residuals of columns from weighted least squares on any
 * number of absorbed factors (np_factor), exact or to a stated tolerance.
 *
 * One factor: group means. Two factors of which one is small: the large one is
 * swept out and the small side solved exactly. Otherwise preconditioned
 * conjugate gradients on the factor equations; for two large factors the
 * reduced matrix is the Laplacian of a graph and the preconditioner is an
 * incomplete Cholesky factor sampled from it.
 */
#ifndef NP_STATS_ABSORB_H
#define NP_STATS_ABSORB_H

#include "stats/design.h"

/* How the factors after the largest are solved for. */
typedef enum {
    NP_ABSORB_CHOOSE = 0, /* by the cost */
    NP_ABSORB_DENSE,      /* dense Cholesky factor: exact */
    NP_ABSORB_GRAPH,      /* two factors of intercepts, and few coefficients of
                             others: the graph's Laplacian */
    NP_ABSORB_ITERATIVE   /* conjugate gradients */
} np_absorb_method;

typedef struct {
    size_t n;
    size_t n_fe;
    const np_factor *fe;     /* [n_fe] borrowed for the absorber's life */
    const double *weight;    /* [n] > 0; NULL: 1 */
    double tolerance;        /* of the residuals, relative to the column's norm;
                                0: 1e-12. Solvers that are exact ignore it. */
    unsigned max_iterations; /* 0: 10 000 */
    unsigned n_threads;      /* 0: all; the result does not depend on it */
    np_absorb_method method; /* one that does not fit the factors is not taken */
} np_absorb_spec;

typedef struct np_absorber np_absorber;

/* Analyses the factors once (order, components, preconditioner); lives in the
 * arena with everything it holds. */
np_status np_absorber_new(np_absorber **out, const np_absorb_spec *spec, np_arena *arena,
                          np_error *err);
/* New weights for the same factors (iteratively reweighted fits). */
np_status np_absorber_reweight(np_absorber *a, const double *weight, np_error *err);

/* Replaces each of the k columns [n] by its residual. NP_E_NOT_CONVERGED. */
np_status np_absorber_residuals(np_absorber *a, double *const *column, size_t k,
                                np_arena *arena, np_error *err);

/* The coefficients of the factors for one column (y − Xb − offset): per factor
 * the intercepts [n_levels] and then each slope's [n_levels], one after the
 * other. Identified by the convention of fixest's fixef(): the first factor is
 * left free and in every further one the first level of each connected
 * component is 0. */
np_status np_absorber_effects(np_absorber *a, const double *column,
                              const double *const **effects, np_arena *arena,
                              np_error *err);

/* Parameters that the factors use up.
 * levels[j] per factor (with slopes: n_levels × (intercept + slopes)); `nominal`
 * counts every level less one per further factor (fixest, K.exact = FALSE);
 * `exact` is the rank of the dummies (for two intercept factors levels less
 * connected components). */
typedef struct {
    const size_t *levels; /* [n_fe] */
    size_t nominal, exact;
    size_t n_components; /* of the graph of the first two factors; 0 with fewer */
} np_absorbed_rank;

np_status np_absorber_rank(np_absorbed_rank *out, np_absorber *a, np_arena *arena,
                           np_error *err);

unsigned np_absorber_iterations(const np_absorber *a); /* most used by a column so far */

#endif
