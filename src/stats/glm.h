/* Generalised linear models with any number of absorbed factors.
 *
 * Fisher scoring: with working weights w_i m'(eta_i)² / V(mu_i) and working residuals
 * (y_i - mu_i) / m'(eta_i), each step is a weighted least squares of the working
 * residuals on the regressors and the factors, which are partialled out and never
 * spread; eta moves by the fitted values. The step is halved while the deviance rises.
 * The estimate is reached when the weighted root mean square of the step is below the
 * tolerance times that of eta (or 1).
 *
 * Source:  Nelder and Wedderburn (1972), J. R. Statist. Soc. A 135(3); Stammann (2018),
 *          arXiv:1707.01815, for the factors; Correia, Guimarães and Zylkin (2020),
 *          Stata Journal 20(1), for Poisson.
 * Matches: R glm(), MASS glm.nb(); fixest fepois(), feglm() (their covariance has
 *          the small-sample factor (n-1)/(n-K), glm()'s has none: ssc K.adj), where they
 *          stop: deviance_tolerance.
 */
#ifndef NP_STATS_GLM_H
#define NP_STATS_GLM_H

#include "stats/absorb.h"
#include "stats/design.h"
#include "stats/model.h"
#include "stats/vcov.h"

/* A zeroed field is its default. */
typedef struct {
    np_family family;           /* not NP_FAMILY_GAUSSIAN */
    double theta;               /* NEGBIN: known; 0: estimated by maximum likelihood */
    np_information information; /* NEGBIN with theta estimated; see glm_internal.h */
    double tolerance;           /* of the step in eta; 0: 1e-11 */
    double deviance_tolerance;  /* stop, as R does, where the deviance changes by less
                                   than this share of itself plus 0.1, with the
                                   covariance of the weights before the last step (glm():
                                   1e-8 unless told; feglm(): 1e-8, and 1e-2 for the
                                   factors alone, a million times as much, here too);
                                   0: go on until eta stands still */
    unsigned max_iterations;    /* 0: 1000 */
    double collinear_tolerance; /* 0: 1e-10 */
    unsigned n_threads;
} np_glm_spec;

typedef struct {
    np_fit fit; /* for np_vcov_estimate(): expected information, scores of the rows */
    np_family family;
    const char *const *term; /* [k] kept; with the observed information of a negative
                                binomial the last is .theta, which fit.k counts */
    const double *coefficient;
    const char *const *collinear;
    size_t n_collinear;
    double deviance, null_deviance; /* of phi = 1; null: the intercept (and offset) */
    double log_likelihood, null_log_likelihood;
    double effects_log_likelihood; /* of the factors alone; NaN without factors */
    double dispersion; /* Pearson's X² / df_residual where estimated, else 1 */
    double theta, theta_std_error; /* NEGBIN; NaN else */
    size_t n_parameters;           /* regressors + nominal absorbed + theta */
    bool information_is_observed;  /* NEGBIN; theta_std_error is then its too */
    double df_residual;            /* n less regressors and absorbed */
    np_absorbed_rank rank;
    const double *fitted;   /* [n] mu */
    const double *eta;      /* [n] with the offset */
    const double *residual; /* [n] y - mu */
    const np_statistic *stat;
    size_t n_stats;      /* log_likelihood, deviance, null_deviance, dispersion, aic, bic,
                            pseudo_r2 (1 - ll/ll0), adj_pseudo_r2, within_pseudo_r2,
                            deviance_r2, cox_snell_r2, nagelkerke_r2, squared_correlation,
                            rmse, theta, theta_std_error, n_parameters, df_residual */
    const np_test *test; /* likelihood-ratio test against the intercept alone */
    size_t n_tests;
    unsigned iterations;
} np_glm;

/* NP_E_RANGE           an outcome that the family cannot have, with its row
 * NP_E_NOT_IDENTIFIED  every term collinear, or rows whose outcome the regressors
 *                      predict perfectly (separation.h), so that no maximum exists
 * NP_E_NOT_CONVERGED */
np_status np_glm_estimate(np_glm *out, const np_design *design, const np_glm_spec *spec,
                          np_arena *arena, np_error *err);

/* Intervals from the profile deviance, at `level`; low and high [k], NaN where the
 * profile does not reach the bound. EXACT solves for the bound; R_GRID is R's
 * confint(glm), which interpolates a grid of the signed root of the deviance (spline,
 * then linear) and differs from the exact bound in the fourth digit. */
typedef enum { NP_PROFILE_EXACT = 0, NP_PROFILE_R_GRID } np_profile_method;
np_status np_glm_profile(double *low, double *high, const np_glm *glm, double level,
                         np_profile_method method, np_arena *arena, np_error *err);

/* Average marginal effects of the regressors as they stand, each taken as continuous:
 * effect [k] = b_j mean(w m'(eta)); 0 is not a change for the intercept, whose effect
 * is NaN. std_error [k] by the delta method from vcov [k × k], factors held fixed. */
np_status np_glm_margins(double *effect, double *std_error, const np_glm *glm,
                         const double *vcov, np_arena *arena, np_error *err);

/* The whole result for `estimate`: fit, covariance, inference, statistics and, where
 * asked for, the tables "odds_ratio", "wald_interval", "profile_interval",
 * "marginal_effects". p values are normal, but for iid covariances of families with
 * an estimated dispersion (t, df_residual), as R has it. */
typedef struct {
    bool profile, margins;
    np_profile_method profile_method;
} np_glm_tables;
np_status np_glm_model(np_estimates *out, np_glm *glm, const np_design *design,
                       const np_model_spec *spec, const np_glm_tables *tables,
                       np_arena *arena, np_error *err);

#endif
