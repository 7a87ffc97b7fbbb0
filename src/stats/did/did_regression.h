/* Least squares on a panel of cohorts with unit and period effects absorbed:
 *
 *   y_it = alpha_i + lambda_t + z_it'beta + x_it'gamma + e_it
 *
 * with z what an estimator asks about and x the panel's controls, weighted where the
 * panel is, clustered by the panel's clusters or else by unit, with fixest's default
 * small-sample factor G/(G-1) (n-1)/(n-K), in which effects nested in the clusters do
 * not count. Rows that are alone in their unit or period say nothing and are left out,
 * as `estimate` does.
 *
 * Matches: R fixest feols(y ~ z + x | unit + period, cluster = ~unit).
 */
#ifndef NP_STATS_DID_DID_REGRESSION_H
#define NP_STATS_DID_DID_REGRESSION_H

#include "stats/did/did.h"
#include "stats/linear.h"

/* z: dense columns first, then dummies of which a row has at most one. */
typedef struct {
    size_t n_dense;
    const double *const *dense; /* [n_dense] columns [n] */
    size_t n_dummies;
    const int32_t *dummy;    /* [n] 0 … n_dummies-1, -1: none */
    const char *const *term; /* [n_dense + n_dummies] names */
    const uint8_t *left_out; /* [n] 1: not among the rows; NULL: all are */
} np_did_regressors;

typedef struct {
    np_design design;
    np_linear linear;
    np_estimates estimates; /* z that is not collinear, then the controls; statistics as
                               of `estimate`, and df_k, df_t, n_clusters */
    const uint32_t *row;    /* [design.n] the panel's row of each; NULL: all */
    const size_t *z_of;     /* [n_dense + n_dummies] place among the estimates' terms;
                               SIZE_MAX: collinear */
    size_t n_controls, n_controls_kept; /* given, and not collinear */
    size_t n_alone;                     /* rows left out because they were alone */
} np_did_regression;

/* Everything lives in the arena.
 * NP_E_NOT_IDENTIFIED  nothing of z is left; fewer than two clusters */
np_status np_did_regress(np_did_regression *out, const np_did_panel *panel,
                         const np_did_regressors *z, const np_did_spec *spec,
                         np_arena *arena, np_error *err);

/* The first dense regressor's residual on both effects and all other dense regressors:
 * [design.n], which times the weight gives its coefficient's weights of y (Frisch and
 * Waugh). NP_E_NO_MEMORY, NP_E_NOT_CONVERGED. */
np_status np_did_partial_out(const double **residual, const np_did_regression *regression,
                             const np_did_spec *spec, np_arena *arena, np_error *err);

/* [n] of the panel: 1 from the unit's start on, else 0; or the treatment as given. */
const double *np_did_treated_column(const np_did_panel *panel, np_arena *arena);

/* How controls entered the regression, in words; "" without. */
const char *np_did_regression_controls(const np_did_regression *regression);

#endif
