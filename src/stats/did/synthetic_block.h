/* A block of units that are treated from one period on, beside donors that never are:
 * synthetic difference-in-differences, synthetic control and, with uniform weights,
 * difference-in-differences.
 *
 * With donors i = 1 … N0, treated i = N0+1 … N, periods t = 1 … T0 before and T0+1 … T
 * after the start, and C the matrix whose last row averages the treated and whose last
 * column averages the periods after:
 *
 *   omega  minimises  sum_{t<=T0} (w0 + sum_i omega_i C_it - C_{tr,t})² / T0
 *                     + zeta_omega² ||omega||²             over the simplex (eq. 4)
 *   lambda minimises  sum_{i<=N0} (l0 + sum_t lambda_t C_it - C_{i,post})² / N0
 *                     + zeta_lambda² ||lambda||²           over the simplex (eq. 6)
 *   gap_t   = mean of the treated in t - sum_i omega_i y_it
 *   curve_t = gap_t - sum_{s<=T0} lambda_s gap_s
 *   estimate = mean of curve_t over t > T0                 (algorithm 1)
 *
 *   zeta_omega = (N_tr × T_post)^(1/4) sigma, zeta_lambda = 1e-6 sigma, sigma the
 *   standard deviation of y_i,t+1 - y_it over donors and t < T0.
 *
 * Periods from T0 + 1 to first_after, in which there may be effects by anticipation, are
 * in neither average; their gap and curve are computed.
 *
 * Synthetic control: no w0, zeta_omega = 1e-6 sigma, lambda = 0. Difference-in-
 * differences: omega = 1/N0, lambda = 1/T0.
 *
 * Source:  Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), "Synthetic Difference-
 *          in-Differences", AER 111(12), 4088-4118, algorithm 1 and eqs. 4-6.
 * Matches: R synthdid 0.0.9: synthdid_estimate(), sc_estimate(), did_estimate(), with
 *          the Frank-Wolfe solver's early stop and sparsification. */
#ifndef NP_STATS_DID_SYNTHETIC_BLOCK_H
#define NP_STATS_DID_SYNTHETIC_BLOCK_H

#include "stats/did/simplex.h"
#include "stats/did/synthetic_options.h"

enum { NP_SYNTHETIC_MOST_COVARIATES = 64 };

/* Complete: each unit in each period. */
typedef struct {
    size_t n_units, n_periods, n_covariates; /* at most NP_SYNTHETIC_MOST_COVARIATES */
    const double *y;                         /* [n_units × n_periods] row-major */
    const double *const *x;                  /* [n_covariates] likewise */
} np_synthetic_panel;

typedef struct {
    size_t n_controls, n_treated, n_before; /* N0, N - N0, T0 */
    size_t first_after;     /* the effect is averaged from this period on; T0 where no
                               periods are left out for anticipation */
    const int32_t *control; /* [n_controls] units; may repeat */
    const int32_t *treated; /* [n_treated] */
} np_synthetic_block;

/* What is settled once, and kept when units are drawn anew. */
typedef struct {
    double noise_level, zeta_omega, zeta_lambda, min_decrease;
    bool omega_intercept, lambda_intercept;
    bool update_omega, update_lambda; /* false: the weights given stay */
    bool lambda_is_zero;              /* where lambda starts, or stays; else uniform */
    bool sparsify, exact;
    bool optimize; /* covariates by gradient steps */
    size_t max_iterations, max_iterations_pre_sparsify;
} np_synthetic_tuning;

/* Arrays are the caller's. */
typedef struct {
    double estimate;
    double *omega;       /* [n_controls] in the order of the block's list */
    double *lambda;      /* [n_before] */
    double *beta;        /* [n_covariates]; NULL where none are optimised */
    double *gap, *curve; /* [n_periods] */
    double rmse_before;  /* of gap before the start, about its mean where omega has an
                            intercept */
    bool converged;      /* false: max_iterations was reached */
} np_synthetic_fit;

/* One per thread. */
typedef struct np_synthetic_scratch np_synthetic_scratch;

/* For blocks of at most `most_units` donors (as many as units, unless lists repeat them).
 * Memory: 2 × most_units × n_periods and the simplex's. NULL: no memory. */
np_synthetic_scratch *np_synthetic_scratch_new(const np_synthetic_panel *panel,
                                               size_t most_units);
void np_synthetic_scratch_free(np_synthetic_scratch *scratch);

/* `control`: the defaults of synthetic control.
 * NP_E_NOT_IDENTIFIED  fewer than two periods before the start, none after, or fewer
 *                      than two donors
 * NP_E_RANGE           a penalty below 0 */
np_status np_synthetic_tune(np_synthetic_tuning *out, const np_synthetic_panel *panel,
                            const np_synthetic_block *block, bool control,
                            const np_synthetic_options *options, np_error *err);

/* The weights from which a block's solution starts, or which stay. */
void np_synthetic_start(np_synthetic_fit *fit, const np_synthetic_block *block,
                        const np_synthetic_tuning *tuning);

/* omega and lambda are where the solver starts, or stay where tuning says so; the rest
 * of *fit is written.
 * NP_E_NOT_CONVERGED, NP_E_NO_MEMORY */
np_status np_synthetic_solve(np_synthetic_fit *fit, const np_synthetic_panel *panel,
                             const np_synthetic_block *block,
                             const np_synthetic_tuning *tuning,
                             np_synthetic_scratch *scratch, np_error *err);

/* adjusted [n_units × n_periods] := y - X beta, beta [n_covariates] by least squares
 * with effects of units and periods among the `n` units listed (which may repeat).
 * Collinear covariates have beta 0.
 * Source: Kranz (2022), "Synthetic difference-in-differences with time-varying
 * covariates"; Clarke, Pailañir, Athey & Imbens (2024), Stata Journal 24(4).
 * scratch [np_synthetic_project_scratch()] */
void np_synthetic_project(double *adjusted, double *beta, const np_synthetic_panel *panel,
                          const int32_t *unit, size_t n, double *scratch);
size_t np_synthetic_project_scratch(const np_synthetic_panel *panel);

#endif
