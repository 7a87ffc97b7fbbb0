/* The bounds for selection (selection_bounds.h) of one term of an estimated model.
 *
 * All follows from the estimates with their iid covariance V = s² P, P = (X'X)^-1 on the
 * regressors after the absorbed factors and the intercept: M = P^-1 without the intercept
 * holds the centred products, c = M b those with the outcome, and a regression on fewer
 * regressors S has b_S = M_SS^-1 c_S and explains c_S'b_S. Absorbed factors stay in both
 * regressions, and R² and variances are those within them (as psacalc after xtreg, fe,
 * but that it takes the outcome's variance within as well). Partial R² of the treatment
 * with a set g given the others is P_Dg P_gg^-1 P_gD / P_DD.
 */
#ifndef NP_STATS_INFER_SELECTION_H
#define NP_STATS_INFER_SELECTION_H

#include "stats/estimates.h"
#include "stats/infer/selection_bounds.h"
#include "stats/model.h"

typedef struct {
    const char *term;
    const char *controls; /* regular expression: the terms whose selection is like that on
                             the unobserved; the others stand in both regressions. NULL:
                             all other terms */
    const char *const *benchmark; /* [n_benchmarks] regular expressions */
    size_t n_benchmarks;
    double r2_max; /* 0: 1.3 R², at most 1 */
    double delta;  /* of beta*; 0: 1 */
    double q;      /* share of the estimate that is to go; 0: 1 */
    double level;  /* of robustness value and bounds; 0: 0.05 */
    bool rare;     /* logit, probit, cloglog: the outcome is rare */
    np_family family;
} np_selection_spec;

typedef struct {
    const char *benchmark;
    double multiple;           /* 1, 2, 3 times as strong */
    np_confounder_bound bound; /* NaN where so strong a confounder cannot be */
} np_selection_bound;

typedef struct {
    const char *term;
    double estimate, std_error; /* as reported, with its own covariance */
    bool has_linear;            /* what follows, for least squares only */
    double statistic, df;       /* classical t and its degrees of freedom */
    double partial_r2, robustness_value, robustness_value_level, q, level;
    bool has_oster; /* there are controls to compare without */
    np_oster oster;
    double delta_zero, delta; /* that takes the effect away; of beta_star */
    np_oster_beta beta_star;
    size_t n_controls;
    size_t n_bounds;
    const np_selection_bound *bound;
    bool has_ratio; /* the estimate can be read as a ratio */
    np_ratio_kind ratio_kind;
    double residual_sd; /* that standardises a difference; NaN */
    np_e_values e;
} np_selection;

/* `classical` has the iid covariance, `reported` what is printed, of the same model.
 * NP_E_UNKNOWN_NAME    no such term; a pattern that no term matches
 * NP_E_PARSE           a pattern that is no regular expression
 * NP_E_RANGE           r2_max
 * NP_E_NOT_IDENTIFIED  no intercept and no fixed effects; the controls change nothing */
np_status np_selection_estimate(np_selection *out, const np_estimates *classical,
                                const np_estimates *reported,
                                const np_selection_spec *spec, np_arena *arena,
                                np_error *err);

#endif
