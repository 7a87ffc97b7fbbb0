/* One door to all models: what `estimate`, the evaluation plan and the web ask
 * for is an np_model_spec, what they get is an np_model. */
#ifndef NP_STATS_MODEL_H
#define NP_STATS_MODEL_H

#include "stats/design.h"
#include "stats/estimates.h"
#include "stats/infer/wild_bootstrap.h"
#include "stats/vcov.h"

typedef enum {
    NP_FAMILY_GAUSSIAN = 0,
    NP_FAMILY_POISSON,
    NP_FAMILY_NEGBIN,
    NP_FAMILY_LOGIT,
    NP_FAMILY_PROBIT,
    NP_FAMILY_CLOGLOG,
    NP_FAMILY_GAMMA_INVERSE,
    NP_FAMILY_GAMMA_LOG,
    NP_FAMILY_QUASIPOISSON
} np_family;

/* The negative binomial's covariance: of the coefficients and theta together from the
 * observed information, as fixest has it, or from the expected information given theta,
 * as MASS has it. */
typedef enum {
    NP_INFORMATION_DEFAULT = 0, /* observed with absorbed factors, else expected */
    NP_INFORMATION_OBSERVED,
    NP_INFORMATION_EXPECTED
} np_information;

typedef enum {
    NP_PANEL_NONE = 0, /* not a panel model: formula as it stands */
    NP_PANEL_POOLING,
    NP_PANEL_WITHIN,
    NP_PANEL_BETWEEN,
    NP_PANEL_FD,
    NP_PANEL_RANDOM
} np_panel_model;

typedef enum {
    NP_EFFECT_INDIVIDUAL = 0,
    NP_EFFECT_TIME,
    NP_EFFECT_TWOWAYS
} np_panel_effect;
typedef enum { NP_SWAR = 0, NP_AMEMIYA, NP_WALHUS, NP_NERLOVE } np_random_method;

/* Wild cluster bootstrap of a least-squares model's coefficients, as a table
 * "wild_bootstrap" with the clusters and small-sample choices of the covariance. */
typedef struct {
    size_t draws; /* 0: none is asked for */
    uint64_t seed;
    const char *const *hypothesis; /* as np_hypothesis_parse() reads them; none: every
                                      term but the intercept and those of factor() */
    size_t n_hypotheses;
    const char *const *joint; /* [n_joint] patterns of terms that are zero together: a
                                 test "wild_bootstrap" each */
    size_t n_joint;
    const char *cluster; /* whose vectors are drawn; NULL: the variable with most
                            clusters */
    np_wild_weights weights;
    np_wild_null null;
    np_wild_type type;
    np_wild_p p;
} np_wild_request;

typedef struct {
    np_design_spec design; /* formula, weights, offset, subset, panel */
    np_family family;
    np_panel_model panel_model;
    np_panel_effect effect;
    np_random_method random_method;
    np_vcov_spec vcov; /* its keys are added to the design's by np_model_estimate() */
    const char *panel_vcov; /* panel models: NULL, "arellano", "white1", "white2", … with
                               "/HC0…HC4,sss": see panel.h */
    const char *const *test; /* names: "hausman", "hausman-aux", "bp", "wald:PATTERN" … */
    size_t n_tests;
    np_wild_request wild;
    bool want_effects;    /* a table "fixed_effects" of the absorbed effects */
    bool want_profile;    /* a table "profile_interval" (likelihood families) */
    bool profile_on_grid; /* R's interpolation of a grid instead of the exact bound */
    double deviance_tolerance;  /* likelihood families: where the iteration stops, see
                                   glm.h; 0: with absorbed factors 1e-8, as feglm(), and
                                   without 1e-13 */
    bool fully_converged;       /* until nothing changes, whatever the tolerance */
    np_information information; /* negative binomial */
    bool want_margins;          /* a table "marginal_effects" (likelihood families) */
    bool want_diagnostics; /* warnings that read the rows once more: a cluster that holds
                              most of the treatment */
    double conf_level;     /* 0: 0.95 */
    unsigned n_threads;
} np_model_spec;

typedef struct {
    np_estimates estimates;
    np_design design;                /* what was estimated on */
    const char *title;               /* "Least squares, 2 fixed effects" */
    const char *family_name;         /* "gaussian", "poisson" … */
    const double *residual;          /* [n] or NULL */
    const char *const *cluster_name; /* [n_cluster_keys] */
    const size_t *n_clusters;        /* [n_cluster_keys] */
    size_t n_cluster_keys;
    const char *const *fe_name;
    const size_t *fe_levels;
    size_t n_fe;
    const np_wild *wild; /* [n_wild] with their draws, where a bootstrap is asked for */
    const char *const *wild_hypothesis; /* [n_wild] */
    size_t n_wild;
} np_model;

/* Builds the design, fits, and fills estimates: inference, tests, statistics (with
 * df_k and df_t of the covariance), what was dropped, and warnings as sentences: fewer
 * than 30 clusters, a cluster that holds most of a treatment, terms left out as
 * collinear, singletons, a covariance that is not positive definite.
 * Errors: those of np_design_build() and of the estimators; NP_E_USAGE options that do
 * not go together; NP_E_UNKNOWN_NAME a test that the model does not have. */
np_status np_model_estimate(np_model *out, const np_table *table,
                            const np_model_spec *spec, np_arena *arena, np_error *err);

/* Columns that the spec reads, so that a file's other columns are skipped. */
np_status np_model_variables(const char *const **names, size_t *n_names,
                             const np_model_spec *spec, np_arena *arena, np_error *err);

#endif
