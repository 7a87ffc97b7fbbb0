/* Difference-in-differences with cohorts that start at different times: what all
 * estimators take (np_did_spec, np_did_panel) and what all of them yield
 * (np_did_result), so that one table, one figure and one reader serve them.
 *
 * Letters: i unit, t period, g first treated period of a cohort, e = t - g event time.
 * ATT(g,t) is the average effect in period t on the units first treated in g.
 */
#ifndef NP_STATS_DID_DID_H
#define NP_STATS_DID_DID_H

#include "stats/design.h"
#include "stats/did/did_panel.h"
#include "stats/did/synthetic_options.h"
#include "stats/estimates.h"

typedef enum {
    NP_DID_GROUP_TIME = 0,    /* Callaway and Sant'Anna (2021) */
    NP_DID_SUN_ABRAHAM,       /* Sun and Abraham (2021) */
    NP_DID_IMPUTATION,        /* Borusyak, Jaravel and Spiess (2024) */
    NP_DID_EXTENDED_TWO_WAY,  /* Wooldridge (2021) */
    NP_DID_STACKED,           /* Cengiz, Dube, Lindner and Zipperer (2019) */
    NP_DID_TWO_WAY,           /* one coefficient, with its decomposition */
    NP_DID_SWITCHERS,         /* de Chaisemartin and D'Haultfoeuille (2024) */
    NP_DID_EFFICIENT,         /* Roth and Sant'Anna (2023): starts drawn by lot */
    NP_DID_SYNTHETIC_DID,     /* Arkhangelsky et al. (2021) */
    NP_DID_SYNTHETIC_CONTROL, /* Abadie, Diamond and Hainmueller (2010) */
    NP_N_DID_ESTIMATORS
} np_did_estimator;

/* "group-time", "sun-abraham" …: the command line's and the plan's word. */
const char *np_did_estimator_code(np_did_estimator estimator);
/* NP_N_DID_ESTIMATORS where the code is none. */
np_did_estimator np_did_estimator_of_code(const char *code);
const char *np_did_estimator_title(np_did_estimator estimator); /* English, for _() */

/* The comparison group: units never treated, or also those not treated yet. */
typedef enum { NP_COMPARISON_NEVER = 0, NP_COMPARISON_NOT_YET } np_comparison;

/* How covariates enter a two-by-two comparison. */
typedef enum {
    NP_DID_DOUBLY_ROBUST = 0,   /* "dr": weights by logit, regression by least squares */
    NP_DID_INVERSE_PROBABILITY, /* "ipw": Hajek-normalised weights */
    NP_DID_OUTCOME_REGRESSION,  /* "reg" */
    NP_DID_DOUBLY_ROBUST_IMPROVED, /* "dr-improved": inverse probability tilting and
                                      weighted least squares */
    NP_DID_HORVITZ_THOMPSON        /* "ipw-horvitz-thompson": weights not normalised */
} np_did_method;

/* What effects before the start are measured from. */
typedef enum {
    NP_BASE_VARYING = 0, /* the period before, each period */
    NP_BASE_UNIVERSAL    /* the last period before the start, always */
} np_base_period_rule;

/* Which units' changes of treatment the switchers' effects are of. */
typedef enum {
    NP_SWITCHERS_BOTH = 0,
    NP_SWITCHERS_IN, /* to more than the unit's first treatment */
    NP_SWITCHERS_OUT /* to less */
} np_switchers_direction;

/* Which averages of the effects are wanted; a set of bits. 0: all. */
enum {
    NP_AGGREGATE_SIMPLE = 1,
    NP_AGGREGATE_DYNAMIC = 2,
    NP_AGGREGATE_GROUP = 4,
    NP_AGGREGATE_CALENDAR = 8,
    NP_AGGREGATE_ALL = 15
};

/* The efficient estimator's coefficient of the difference before the start. */
typedef enum {
    NP_EFFICIENT_PLUG_IN = 0, /* the one of least variance, estimated */
    NP_EFFICIENT_DIFFERENCES, /* 1: difference-in-differences */
    NP_EFFICIENT_MEANS        /* 0: difference in means after the start */
} np_efficient_beta;

/* A zeroed field is its default. Names of columns are np_did_panel_spec's. */
typedef struct {
    np_comparison comparison;
    bool comparison_chosen; /* by a person: estimators whose own default is all untreated
                               rows (extended-two-way) or all that are untreated long
                               enough (stacked) keep to the never treated then */
    np_did_method method;
    np_base_period_rule base;
    int anticipation;    /* periods before the start in which there may be effects */
    unsigned aggregates; /* NP_AGGREGATE_… bits */
    bool has_window;     /* event times of dynamic aggregates: only min … max */
    double window_min, window_max;
    bool bin_ends;    /* two-way event study: event times outside the window share the
                         coefficient of its end */
    bool has_balance; /* dynamic: only cohorts seen at least `balance` periods on */
    double balance;
    bool no_controls;  /* the panel's controls are left aside */
    double conf_level; /* 0: 0.95 */
    size_t draws;      /* multiplier or placebo draws; 0: analytic errors */
    uint64_t seed;
    bool pointwise;                       /* with draws: no simultaneous bands */
    np_synthetic_errors synthetic_errors; /* with draws 0: 200 */
    np_synthetic_options synthetic;
    unsigned n_threads; /* 0: all; results do not depend on it */
    /* Imputation (imputation.h). */
    const double *lead; /* [n_leads] event times that have a coefficient before the
                           start; NULL: those of the window, or all but the earliest */
    size_t n_leads;
    bool single_unit_errors; /* group-time and regressions too: errors also where one
                                treated unit is behind a number, which leave its own
                                variation out */
    bool squared_weights;    /* errors as R's didimputation has them with weights */
    bool leave_out;          /* deviations from the mean of the others */
    /* Switchers (did_switchers.h). */
    np_switchers_direction switchers;
    size_t n_effects, n_placebos; /* 0: all that can be estimated */
    bool never_switchers; /* compare with units that never change; default: and with
                             those that have not yet */
    bool normalised;      /* dynamic: per unit of treatment received so far */
    bool weighted_stack;  /* stacked: corrective weights (stacked.h) */
    /* Efficient (efficient.h). */
    np_efficient_beta efficient_beta;
    bool last_treated_only; /* compared with the last cohort alone, not all that are
                               not treated yet */
    bool all_comparisons;   /* adjusted for all differences before the start */
    bool neyman_errors;     /* errors without the adjustment */
} np_did_spec;

/* An ATT(g,t). */
typedef struct {
    double cohort, time, event_time; /* labels as numbers; event_time = time - cohort */
    double base_period;              /* NaN: the estimator has none */
    double estimate;
    double std_error; /* NaN where t is the base period, or a side has one unit */
    double statistic, p_value, conf_low, conf_high;
    double band_low, band_high;     /* simultaneous; NaN without draws */
    double n_treated, n_comparison; /* units (cross-sections: rows) used */
} np_group_time_row;

/* A row of an aggregate: event time, cohort or calendar period. */
typedef struct {
    double value; /* e, g or t */
    double estimate, std_error, statistic, p_value, conf_low, conf_high;
    double band_low, band_high; /* simultaneous; NaN without draws */
    double n_treated;           /* units behind it; NaN: not counted */
    bool reference;             /* set to 0: the period effects are measured from */
} np_aggregate_row;

/* Numbers of the rows' influence that are kept at most: those of a large panel would be
 * the largest thing in memory, and small panels are what is resampled. */
enum { NP_DID_MOST_INFLUENCE = 1 << 20 };

/* One kind of average: of all ("simple"), by event time, cohort or calendar period. */
typedef struct {
    const char *kind; /* "simple", "dynamic", "group", "calendar" */
    double estimate, std_error, statistic, p_value, conf_low, conf_high; /* overall */
    size_t n_rows;                                                       /* simple: 0 */
    const np_aggregate_row *row;
    const double *vcov; /* [n_rows × n_rows] of the rows; NULL: not known. A reference's
                           row and column are 0. */
    double critical_value;   /* of the simultaneous band; NaN without draws */
    const double *influence; /* [n_units × n_rows] of the rows, as in Psi'Psi/n_units²;
                                NULL where the estimator has none, or it would be
                                more numbers than NP_DID_MOST_INFLUENCE */
} np_did_aggregate;

/* What one estimator found. Unset pointers are NULL and counts 0. */
typedef struct {
    np_did_estimator estimator;
    const char *title, *source;
    /* The estimator's own parameters with vcov, rows, left-out reasons, statistics,
     * tests (pre-trend), further tables (decomposition, weights, donors), warnings. */
    np_estimates estimates;
    size_t n_group_time;
    const np_group_time_row *group_time;
    size_t n_aggregates;
    const np_did_aggregate *aggregate;
    /* In words, for the comparison of estimators; English msgids or "". */
    const char *comparison_used; /* "never treated", "not yet treated" … */
    const char *weighting;       /* how cohorts and periods are weighted */
    const char *controls_used;   /* how covariates enter; "" without */
    const char *base_used;       /* what the effects are measured from */
    const char *errors_used;     /* which standard errors */
    size_t n_units, n_treated_units;
    const np_did_dropped
        *dropped; /* [n_dropped] by this estimator, besides the panel's */
    size_t n_dropped;
} np_did_result;

/* The joint test, named "pre_trend", that the effects before the start are zero, or
 * NULL. */
const np_test *np_did_pre_trend(const np_did_result *result);

/* The aggregate of that kind, or NULL. */
const np_did_aggregate *np_did_aggregate_of(const np_did_result *result,
                                            const char *kind);

typedef np_status np_did_function(np_did_result *out, const np_did_panel *panel,
                                  const np_did_spec *spec, np_arena *arena,
                                  np_error *err);

/* The estimators by themselves. Each one's own header says what it computes and which
 * errors it has; all leave *out alone where they fail. */
np_did_function np_group_time_estimate, np_sun_abraham_estimate, np_imputation_estimate,
    np_extended_two_way_estimate, np_stacked_estimate, np_two_way_estimate,
    np_switchers_estimate, np_efficient_estimate, np_synthetic_did_estimate,
    np_synthetic_control_estimate;

/* Estimates by one estimator, after asking np_did_design (did_design.h) whether it is
 * identified.
 * NP_E_NOT_IDENTIFIED  the design cannot answer; the reason in words */
np_status np_did_estimate(np_did_result *out, const np_did_panel *panel,
                          const np_did_spec *spec, np_did_estimator estimator,
                          np_arena *arena, np_error *err);

/* Of the intervals: the spec's, or 0.95. */
double np_did_conf_level(const np_did_spec *spec);

/* Fills statistic, p_value and the interval (normal distribution where df is NaN or
 * infinite, else t) of a number and its error; everything NaN where the error is not
 * above 0. */
void np_did_infer(double *statistic, double *p_value, double *conf_low, double *conf_high,
                  double estimate, double std_error, double conf_level, double df);

#endif
