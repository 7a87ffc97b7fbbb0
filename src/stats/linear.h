/* Least squares with absorbed factors, weights and instruments.
 *
 * Takes rows or cells of grouped sufficient statistics alike: a row is a cell
 * of one. Source: Frisch and Waugh (1933), Econometrica 1(4); Lovell (1963);
 * Wooldridge (2010), ch. 5 for two-stage least squares.
 * Matches: R fixest feols() (0.14), stats lm().
 */
#ifndef NP_STATS_LINEAR_H
#define NP_STATS_LINEAR_H

#include "stats/absorb.h"
#include "stats/design.h"
#include "stats/vcov.h"

typedef struct {
    double collinear_tolerance; /* of the pivoted Cholesky, relative; 0: 1e-10 (fixest) */
    bool materialise; /* partialled columns are kept even where a fit could stream */
    bool want_residuals, want_effects;
    bool frequency_weights; /* a weight is a number of rows that are the same: they
                               count in n and in the degrees of freedom */
    unsigned n_threads;
} np_linear_spec;

typedef struct {
    np_fit fit;                /* for np_vcov_estimate(); k counts kept terms */
    const char *const *term;   /* [k] kept, endogenous ("fit_educ") after the intercept */
    const double *coefficient; /* [k] */
    const char *const *collinear;
    size_t n_collinear;
    double rss, tss,
        tss_within;      /* weighted; tss about the mean (about 0 without intercept) */
    size_t n_parameters; /* regressors + nominal absorbed */
    double df_residual;
    np_absorbed_rank rank;
    const double *residual;       /* [n] or NULL */
    const double *const *effects; /* per factor, as np_absorber_effects(); or NULL */
    const np_statistic *stat;
    size_t n_stats; /* r2, adj_r2, within_r2, within_adj_r2, rmse,
         sigma2, log_likelihood, aic, bic, deviance, ssr,
         squared_correlation, pseudo_r2 … as fixest's fitstat */
    const np_test *test;
    size_t n_tests; /* first-stage F per endogenous, Wu-Hausman,
         Sargan where overidentified */
    unsigned iterations;
} np_linear;

/* NP_E_NOT_IDENTIFIED: every term is collinear, too few rows, too few instruments. */
np_status np_linear_estimate(np_linear *out, const np_design *design,
                             const np_linear_spec *spec, np_arena *arena, np_error *err);

/* Grouped sufficient statistics: cell c stands for weight[c] rows (or their summed
 * weights) that share every factor and key; z are the columns y, x1 … xk. */
typedef struct {
    size_t n_cells, k;
    const double *n_rows;     /* [n_cells] rows in the cell */
    const double *weight;     /* [n_cells] Σ w; NULL: n_rows */
    const double *const *sum; /* [k+1] columns [n_cells]: Σ w z_j, y first */
    const double *const
        *product; /* [(k+1)(k+2)/2] columns: Σ w z_a z_b, a ≤ b, row by row
                     of the upper triangle; NULL: cells are single rows */
} np_cells;

/* The same fit from cells; `design` carries names, factors and keys per cell (its y
 * and blocks are not read, n = n_cells). Coefficients, iid and clustered covariances
 * (cluster constant within the cell) are those of the rows, to rounding. HC
 * covariances need rows: NP_E_NOT_IDENTIFIED when asked for. */
np_status np_linear_from_cells(np_linear *out, const np_design *design,
                               const np_cells *cells, const np_linear_spec *spec,
                               np_arena *arena, np_error *err);

#endif
