/* What differs between the programs that compute synthetic methods, by name. A zeroed
 * struct is R synthdid 0.0.9's defaults, except for covariates (see below). */
#ifndef NP_STATS_DID_SYNTHETIC_OPTIONS_H
#define NP_STATS_DID_SYNTHETIC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* How standard errors are found. */
typedef enum {
    NP_SYNTHETIC_NO_ERRORS = 0,
    NP_SYNTHETIC_PLACEBO,   /* controls drawn as if treated */
    NP_SYNTHETIC_BOOTSTRAP, /* units, or clusters, drawn with replacement */
    NP_SYNTHETIC_JACKKNIFE  /* units, or clusters, left out one at a time */
} np_synthetic_errors;

/* Who solves for the weights; see simplex.h. */
typedef enum {
    NP_SYNTHETIC_FRANK_WOLFE = 0, /* as the packages: near the optimum */
    NP_SYNTHETIC_EXACT            /* at the optimum */
} np_synthetic_solver;

/* How controls (covariates) enter. */
typedef enum {
    /* Once, by least squares with effects of units and periods among the never treated,
     * and the weights on what is left: Kranz (2022), Stata's `projected`. The answer is
     * the same in any unit of measure. */
    NP_SYNTHETIC_PROJECTED = 0,
    /* Gradient steps together with the weights': R's argument X. The controls' scale
     * decides how far the steps go. */
    NP_SYNTHETIC_OPTIMIZED,
    /* The same with the controls in standard deviations: Stata's `optimized`. */
    NP_SYNTHETIC_OPTIMIZED_STANDARDIZED
} np_synthetic_covariates;

typedef enum {
    NP_SYNTHETIC_DEFAULT = 0,
    NP_SYNTHETIC_YES,
    NP_SYNTHETIC_NO
} np_synthetic_choice;

/* Which weights are solved for, and what the others are. */
typedef enum {
    NP_SYNTHETIC_BY_METHOD = 0, /* solved; synthetic control's lambda: zero */
    NP_SYNTHETIC_SOLVED,
    NP_SYNTHETIC_UNIFORM, /* omega and lambda: difference-in-differences */
    NP_SYNTHETIC_ZERO     /* lambda alone */
} np_synthetic_weights;

/* A penalty that is not the default: `given` tells. */
typedef struct {
    bool given;
    double value;
} np_synthetic_number;

typedef struct {
    np_synthetic_solver solver;
    np_synthetic_covariates covariates;
    np_synthetic_weights omega, lambda;
    np_synthetic_number eta_omega;  /* (n_treated × n_after)^(1/4); control: 1e-6 */
    np_synthetic_number eta_lambda; /* 1e-6 */
    np_synthetic_number zeta_omega; /* instead of eta × noise level */
    np_synthetic_number zeta_lambda;
    np_synthetic_number noise_level;      /* standard deviation of the donors' first
                                             differences before the start */
    np_synthetic_number min_decrease;     /* 1e-5 × noise level */
    np_synthetic_choice omega_intercept;  /* yes; control: no */
    np_synthetic_choice lambda_intercept; /* yes */
    np_synthetic_choice sparsify; /* yes: after the first iterations, weights up to a
                                     quarter of the largest become 0 */
    size_t max_iterations;        /* 0: 10000 */
    size_t max_iterations_pre_sparsify; /* 0: 100 */
} np_synthetic_options;

/* "eta.omega=1e-6, solver=exact": R's names with R's values (omega.intercept=FALSE,
 * sparsify=NULL, max.iter=1000), and besides
 *   solver=frank-wolfe|exact     covariates=projected|optimized|optimized-standardized
 *   omega=solved|uniform         lambda=solved|uniform|zero        weights=uniform: both
 * What the text does not name is left in *out as it was.
 * NP_E_PARSE  a name that is none, or a value that the name cannot have */
np_status np_synthetic_options_parse(np_synthetic_options *out, const char *text,
                                     np_error *err);

#endif
