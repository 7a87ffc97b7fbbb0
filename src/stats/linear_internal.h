/* What the parts of least squares share. Not for callers: see linear.h.
 *
 * A fit works on columns from which the absorbed factors, or the mean where there
 * is only an intercept, are taken out: y and the candidates x_1 … x_k, of which
 * the collinear ones are left out. The intercept is put back at the end.
 */
#ifndef NP_STATS_LINEAR_INTERNAL_H
#define NP_STATS_LINEAR_INTERNAL_H

#include "stats/linear.h"

enum { NP_LINEAR_MOST_STATS = 24, NP_LINEAR_MOST_TESTS = 24 };

/* The share of a column's sum of squares that must be left when the absorbed
 * factors are taken out; below it the column is one of their combinations.
 * Residuals are exact to about 1e-12 of the column's norm. */
extern const double np_linear_absorbed_share;

/* Sums that statistics are made of. */
typedef struct {
    double n;               /* rows counted */
    double sum_weight;      /* Σ w */
    double rss, rss_second; /* Σ w e²; of the second stage, else the same */
    double squared_error;   /* Σ e², unweighted */
    double tss, tss_within;
    double correlation; /* squared, of y and fitted values, unweighted */
    double n_parameters, n_absorbed;
    const double *weight; /* [n_weights] NULL: 1 */
    size_t n_weights;
    size_t k; /* regressors kept, the intercept among them */
    bool has_fe, has_constant;
} np_linear_sums;

/* The statistics of fixest's fitstat(), into out->stat. */
np_status np_linear_statistics(np_linear *out, const np_linear_sums *sums,
                               np_arena *arena, np_error *err);

/* Cross-products of columns, A [k × k] = Σ w c_a c_b, the same digits with any
 * number of threads. */
np_status np_linear_cross(double *A, const double *const *column, size_t k,
                          const double *weight, size_t n, unsigned n_threads,
                          np_arena *arena, np_error *err);

/* Σ w a b over count rows (w NULL: 1), in an order that depends on count alone. */
double np_linear_product(const double *a, const double *b, const double *w, size_t count);

/* Names and numbers of an intercept-and-slopes result from the kept candidates. */
typedef struct {
    size_t k;                /* candidates, without the intercept */
    const char *const *term; /* [k] */
    const bool *kept;        /* [k] */
    const double *b;         /* [k], 0 where not kept */
    const double *inverse;   /* [k × k] (X'WX)^-1 of the kept */
    const double *mean;      /* [k] what was subtracted; NULL: no intercept */
    double y_mean;
    double sum_weight;
} np_linear_solution;

/* Fills fit.k, fit.bread, fit.basis, fit.k_regressors, term, coefficient and
 * collinear. The rows' columns are the intercept (1), where there is one, and the
 * kept candidates, centred. */
np_status np_linear_finish(np_linear *out, const np_linear_solution *s, np_arena *arena,
                           np_error *err);

/* Columns in memory, partialled: y, then m endogenous regressors, k exogenous ones,
 * l instruments. */
typedef struct {
    const np_design *design;
    const double *weight;
    size_t n, m, k, l;
    double **column;   /* [1 + m + k + l][n] */
    const char **term; /* [1 + m + k + l] the first unused */
    double *raw;       /* [1 + m + k + l] Σ w c² before anything was taken out */
    double *mean;      /* [1 + m + k + l] taken out; NULL: no intercept */
    double sum_weight, tss;
    bool has_constant;     /* an intercept, or absorbed ones */
    np_absorber *absorber; /* NULL without factors */
    unsigned n_threads;
} np_linear_columns;

np_status np_linear_gather(np_linear_columns *out, const np_design *design,
                           const np_linear_spec *spec, np_arena *arena, np_error *err);

/* A least squares problem in memory: target y, regressors x [k] columns, which the
 * normal equations are formed of, and z [k], which the residual is: the same but
 * for two-stage least squares, where x holds fitted values. */
typedef struct {
    size_t n, k;
    const double *y;
    const double *const *x, *const *z;
    const double *weight;
    const double *raw; /* [k] Σ w x² before anything was taken out */
    double tolerance;
    unsigned n_threads;
    bool *kept;      /* [k] */
    double *b;       /* [k] */
    double *inverse; /* [k × k] */
    double *e;       /* [n] y - z b */
    double rss;      /* Σ w e² */
} np_linear_problem;

/* Cholesky of the cross-products and two steps of refinement on the residuals
 * (corrected seminormal equations, Björck 1987, Linear Algebra Appl. 88/89), which
 * gives the digits of an orthogonal decomposition as long as the squared condition
 * of the centred and scaled columns is below 1e16. */
np_status np_linear_solve(np_linear_problem *p, np_arena *arena, np_error *err);

/* floor[j] for np_cholesky(): a column of which so little is left is the rounding of
 * what was taken out. */
double np_linear_floor(double raw, double tolerance);

/* Replaces the endogenous columns by their first-stage fits: fitted [m][n]; and
 * the tests that need no second stage, into out->test. */
np_status np_linear_first_stage(np_linear *out, double **fitted,
                                const np_linear_columns *c, double tolerance,
                                double n_absorbed, np_arena *arena, np_error *err);
/* Wu-Hausman, and Sargan where overidentified; e [n] the residuals. */
np_status np_linear_instrument_tests(np_linear *out, const np_linear_columns *c,
                                     double *const *fitted, const double *e,
                                     double tolerance, double n_absorbed, np_arena *arena,
                                     np_error *err);

/* NP_E_NOT_IDENTIFIED, in words, where no term was kept. */
np_status np_linear_none_kept(const np_linear *out, np_error *err);

/* The absorbed factors' share of the leverages. */
np_status np_linear_absorbed_leverage(const np_fit *fit, double *h, np_arena *arena,
                                      np_error *err);

/* Rank of the factors without solving where it is not asked for. */
double np_linear_absorbed_parameters(const np_design *design);

#endif
