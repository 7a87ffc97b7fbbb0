/* What an evaluation found: a tree of plain C that has everything a report
 * needs. Numbers are unrounded; texts are either the plan's own (np_localised)
 * or English msgids for _() with named values (np_statement), so that the
 * report translates and rounds, and nobody else does.
 *
 * Everything lives in the arena given to np_evaluation_run(). NaN: not defined or not
 * asked for. NULL texts do not occur unless said.
 */
#ifndef NP_EVALUATION_RESULT_H
#define NP_EVALUATION_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/language.h"
#include "stats/did/did_compare.h"
#include "stats/did/did_design.h"
#include "stats/did/honest.h"
#include "stats/did/robustness.h"
#include "stats/infer/randomisation.h"
#include "stats/model.h"

/* A generated sentence: `text` is a msgid with places such as {difference}; each is
 * to be replaced by the value of that name, printed as its kind says. */
typedef enum {
    NP_QUANTITY_COUNT = 0, /* a whole number */
    NP_QUANTITY_OUTCOME,   /* in the outcome's unit of measure */
    NP_QUANTITY_STATISTIC, /* t, F: two decimals */
    NP_QUANTITY_P,         /* with its sign, "= 0.042" or "< 0.001": texts say "p {p}" */
    NP_QUANTITY_SHARE,     /* 0 … 1, to be printed as per cent */
    NP_QUANTITY_PERIOD,    /* 2011: no thousands sign, decimals only if there are any */
    NP_QUANTITY_TEXT,      /* `text`, as it is; a name out of the data or the plan */
    NP_QUANTITY_COLUMN     /* `text` is a column, printed by its label where it has one */
} np_quantity_kind;

typedef struct {
    const char *name; /* "difference" */
    np_quantity_kind kind;
    double number;
    const char *text; /* NP_QUANTITY_TEXT only */
} np_quantity;

typedef struct {
    const char *text;         /* English msgid with {name} places */
    const np_quantity *value; /* [n_values] */
    size_t n_values;
} np_statement;

/* The value of that name, or NULL. */
const np_quantity *np_statement_value(const np_statement *statement, const char *name);

/* A check on the data that found something. `code` is the JSON's word for the kind. */
typedef enum {
    NP_CAVEAT_SELECTION_ON_LEVEL = 0,  /* participants' pre-period level differs */
    NP_CAVEAT_REGRESSION_TO_MEAN,      /* level and later change correlate, untreated */
    NP_CAVEAT_SHORT_POST_PERIOD,       /* few periods after a cohort's start */
    NP_CAVEAT_FEW_CLUSTERS,            /* fewer than 30 clusters */
    NP_CAVEAT_FEW_TREATED_CLUSTERS,    /* fewer than 10 treated clusters */
    NP_CAVEAT_PRE_TREND,               /* the joint test of pre-period terms rejects */
    NP_CAVEAT_NO_PRE_TREND_TEST,       /* too few pre-periods to test with */
    NP_CAVEAT_UNBALANCED,              /* not every unit in every period */
    NP_CAVEAT_ONE_UNIT_COHORT,         /* a cohort of a single unit */
    NP_CAVEAT_CONTROLS_AFTER_START,    /* controls measured after the start, and moving
                                          otherwise among participants */
    NP_CAVEAT_ATTRITION,               /* missing outcomes differ between the groups */
    NP_CAVEAT_STAGGERED_TWO_WAY,       /* one coefficient for cohorts that start at
                                          different times */
    NP_CAVEAT_ALWAYS_TREATED,          /* a cohort without a period before: left out */
    NP_CAVEAT_SMALL_ATTRIBUTE,         /* few participants have the attribute */
    NP_CAVEAT_RANDOM_EFFECTS_REJECTED, /* Hausman: random and fixed effects differ */
    NP_CAVEAT_WARNING,                 /* a warning of the estimator itself: {warning} */
    NP_N_CAVEATS
} np_caveat_kind;

const char *np_caveat_code(np_caveat_kind kind); /* "selection_on_level" … */

typedef struct {
    np_caveat_kind kind;
    np_statement statement;  /* what was found, with the numbers that triggered it */
    const char *const *unit; /* [n_units] the units it is about, where it names any */
    size_t n_units;
} np_caveat;

/* Rows left out, with the units they belong to. */
typedef struct {
    const char *reason; /* English msgid: "missing outcome" */
    size_t n_rows, n_units;
    const char *const *unit; /* [n_units] names as people know them */
} np_left_out;

typedef enum {
    NP_DESIGN_PANEL_DID = 0, /* "panel-difference-in-differences" */
    NP_DESIGN_CHANGE_SCORES  /* "change-scores" */
} np_design_kind;

typedef enum {
    NP_ESTIMATOR_TWO_WAY = 0, /* "two-way-fixed-effects" */
    NP_ESTIMATOR_RANDOM,      /* "random-effects" */
    NP_ESTIMATOR_EVENT_STUDY, /* "event-study" */
    NP_ESTIMATOR_DIFFERENCE,  /* "difference": change scores, participants against others
                                 (M1) */
    NP_ESTIMATOR_CONTRASTS,  /* "contrasts": several kinds of participants at once (M2) */
    NP_ESTIMATOR_ATTRIBUTE,  /* "attribute": those who have it against others (M3) */
    NP_ESTIMATOR_GRADE,      /* "grade": change per step of a grade, participants (M4) */
    NP_ESTIMATOR_UNIT_PANEL, /* "unit-panel": units, fractional exposure (M6) */
    NP_ESTIMATOR_GROUP_TIME, /* from here on: made for cohorts that start at different
                                times, named as np_did_estimator_code() */
    NP_ESTIMATOR_SUN_ABRAHAM,
    NP_ESTIMATOR_IMPUTATION,
    NP_ESTIMATOR_EXTENDED_TWO_WAY,
    NP_ESTIMATOR_STACKED,
    NP_ESTIMATOR_SWITCHERS,
    NP_ESTIMATOR_EFFICIENT,
    NP_ESTIMATOR_SYNTHETIC_DID,
    NP_ESTIMATOR_SYNTHETIC_CONTROL,
    NP_N_ESTIMATORS
} np_estimator;

const char *np_estimator_code(np_estimator estimator);
const char *np_estimator_title(np_estimator estimator); /* English msgid */
bool np_estimator_is_staggered(np_estimator estimator);
/* The engine's estimator of one that is made for staggered starts. */
np_did_estimator np_estimator_did(np_estimator estimator);

typedef enum {
    NP_SCOPE_ALL = 0,
    NP_SCOPE_COHORT,   /* one cohort against the comparison group */
    NP_SCOPE_SUBGROUP, /* another outcome column, or the rows with one value of a column
                        */
    NP_SCOPE_ATTRIBUTE /* a kind of participants: contrasts, attributes, grades */
} np_scope;

typedef enum {
    NP_DEPENDENT_LEVEL = 0, /* the outcome itself (panel designs) */
    NP_DEPENDENT_BEFORE,    /* change scores: mean of the windows before */
    NP_DEPENDENT_AFTER,
    NP_DEPENDENT_CHANGE /* after - before */
} np_dependent;

/* One estimate with all that makes it readable: a row of a table. */
typedef struct {
    const char *id; /* "absence/men/two-way-fixed-effects": unique in the evaluation */
    np_estimator estimator;
    np_scope scope;
    np_dependent dependent;
    bool weighted, informants; /* informants: several per unit share its weight (M5) */
    const char *weights;       /* column, "" unweighted */
    const char *group_id, *scope_id; /* "sex", "men"; "" where scope is ALL */
    np_localised group_label, label; /* "Kjønn", "Menn"; cohorts: as planned or empty */
    double cohort;                   /* first treated period, scope COHORT; else NaN */
    const char *outcome;             /* column */

    /* Why there is no estimate: the other numbers are then NaN. NULL: there is one. */
    const np_error *refused;

    const char *term; /* the model's term, "post" */
    double estimate, std_error, statistic;
    double p_value; /* as the plan's sides say */
    double p_two_sided;
    double p_adjusted; /* for the plan's multiplicity, in the family named below; equal
                          to p_value without */
    double conf_low, conf_high, conf_level; /* two-sided */
    unsigned stars;   /* 0 … 3: how many of the plan's thresholds p_value is below */
    bool significant; /* p_adjusted < decision.level */
    double constant, constant_std_error; /* change scores: the others' mean or change */
    double r2_within, r2_between, r2_overall, r2;
    double mean_before; /* participants' mean outcome before the start, same rows */

    size_t n, n_units, n_treated, n_comparison; /* rows; units of either side */
    size_t n_clusters, n_treated_clusters;      /* 0: not clustered */
    double obs_per_unit, obs_per_unit_min, obs_per_unit_max;
    const np_left_out *left_out; /* [n_left_out] */
    size_t n_left_out;

    const char *formula, *vcov_label, *ssc_label; /* of the model */
    np_statement assumption;                      /* the identifying assumption */
    const np_test *pre_trend; /* joint Wald test of pre-period terms; NULL: none */
    const np_caveat *caveat;  /* [n_caveats] */
    size_t n_caveats;
    const np_model *model; /* all coefficients (of its design only y_name is kept);
                              several effects may share one; NULL when refused, and
                              where `did` is given */
    size_t model_index;    /* among np_evaluation's model; SIZE_MAX when refused */
    /* Two-way effects, where the plan asks for a wild cluster bootstrap: its p value
     * and confidence set's ends (two-sided). NaN and 0: none. */
    double p_wild, wild_low, wild_high;
    size_t wild_draws;
    const np_did_result *did; /* of estimators made for staggered starts, which have no
                                 model; else NULL */
} np_effect;

/* A point of an event study. */
typedef struct {
    double event_time;                                        /* period - start */
    double estimate, std_error, p_value, conf_low, conf_high; /* reference: 0, NaN … */
    bool reference;                                           /* set to zero */
    bool binned_low, binned_high; /* stands for this event time and all before / after */
    size_t n_treated;             /* units of participants with an outcome there */
} np_event_point;

typedef struct {
    const np_effect *effect; /* the mean of the post-period terms, with the caveats; its
                                model has all terms */
    const np_event_point *point; /* [n_points] by event time, the reference among them */
    size_t n_points;
    const np_test *pre_trend; /* NULL: no term before the reference */
} np_event_study;

typedef enum {
    NP_SERIES_PARTICIPANTS = 0,
    NP_SERIES_COHORT,
    NP_SERIES_OTHERS,
    NP_SERIES_EXPECTED, /* participants' level before + others' change since: the
                           counterfactual; from the last period before the start */
    NP_SERIES_EXPECTED_COHORT
} np_series_kind;

typedef struct {
    np_series_kind kind;
    double cohort;               /* first treated period, or NaN */
    np_localised label;          /* cohorts as planned; else empty */
    size_t n;                    /* points */
    const double *period, *mean; /* [n] NaN: nobody measured */
    const size_t *n_units;       /* [n] units behind the point; 0 for expected */
} np_series;

/* The series of one outcome, weighted one way: a figure. */
typedef struct {
    const char *id;                  /* "absence", "absence/men" */
    const char *group_id, *scope_id; /* of the subgroup; "" overall */
    np_localised group_label, label;
    const char *outcome, *weights; /* columns; weights "" unweighted */
    const np_series *series;
    size_t n_series;
    const double *start;             /* [n_starts] cohorts' first treated periods */
    const np_localised *start_label; /* [n_starts] */
    const size_t *start_units;       /* [n_starts] units in the cohort */
    size_t n_starts;
} np_series_set;

/* Those who succeeded best (M7): participants whose outcome improved, by how much more
 * than their initial level and size let expect. */
typedef struct {
    const char *unit;                                 /* name */
    double before, change, predicted, residual, size; /* size: the weight column */
    bool listed; /* improved by at least the threshold: ranked by residual */
} np_ranked_unit;

typedef struct {
    size_t n;
    const np_ranked_unit *unit; /* [n] best residual first, unlisted ones last */
    size_t n_listed;
    double threshold;                        /* least improvement to be listed */
    const np_model *unweighted, *weighted;   /* change ~ before + log(size) */
    size_t unweighted_index, weighted_index; /* among np_evaluation's model */
    const np_error *refused; /* why there is no ranking; NULL: there is one */
} np_ranking;

/* What estimators for staggered starts share: the rows of the whole as they took them,
 * and who starts when and can be compared with whom. */
typedef struct {
    const np_did_panel *panel;
    const np_did_panel_spec *panel_spec;
    const np_did_spec *spec;
    np_did_design design;
    const np_did_comparison *comparison; /* of the estimators for staggered starts; NULL:
                                            fewer than two */
} np_staggered;

/* What an estimate is tried against: what would overturn it. */
typedef enum {
    NP_TRIAL_RELATIVE_MAGNITUDES = 0, /* "relative_magnitudes" */
    NP_TRIAL_SMOOTHNESS,              /* "smoothness" */
    NP_TRIAL_PLACEBO_DATES,           /* "placebo_dates" */
    NP_TRIAL_LEAVE_UNIT_OUT,          /* "leave_unit_out" */
    NP_TRIAL_LEAVE_COHORT_OUT,        /* "leave_cohort_out" */
    NP_TRIAL_RANDOMISATION,           /* "randomisation" */
    NP_N_TRIALS
} np_trial_kind;

const char *np_trial_code(np_trial_kind kind);

/* Of the three results that which belongs to the kind; all NULL: not asked for, or
 * refused. */
typedef struct {
    const np_error *refused; /* why there is none; NULL */
    const np_honest *honest;
    const np_robustness *robustness;
    const np_randomisation *randomisation;
} np_trial;

typedef struct {
    np_did_estimator of; /* whose estimate is tried; NP_DID_TWO_WAY for event studies of
                            two-way effects too */
    np_trial trial[NP_N_TRIALS];
} np_overturn;

typedef struct {
    double level;             /* of significance and 1 - level of the intervals */
    bool one_sided;           /* towards the outcome's better direction */
    const char *multiplicity; /* "none", "holm", "bonferroni", "bh", "by" */
    double stars[3]; /* thresholds, descending: one, two, three stars; 0: unused */
} np_decision;

typedef struct {
    const char *id;
    np_localised title, description;
    const char *criterion; /* "effectiveness" … */
    np_design_kind design;
    size_t file; /* index in np_evaluation.file */
    const char *unit, *time, *outcome, *participants, *weights,
        *cluster; /* columns, "" */
    const char *const *control;
    size_t n_controls;
    np_localised outcome_label, uom, unit_label; /* as planned; may be empty */
    bool lower_is_better;
    bool not_yet;                  /* comparison: never (default) or not yet treated */
    const char *comparison_filter; /* in words of the plan: "themes = 0"; "" none */
    const double *before, *after;  /* change scores: windows */
    size_t n_before, n_after;
    const char *const *window; /* labels of all windows, before first */
    np_decision decision;

    /* the sample before any model */
    size_t n_rows, n_units, n_treated, n_comparison, n_periods;
    double first_period, last_period;
    const double *cohort;             /* [n_cohorts] first treated periods, ascending */
    const np_localised *cohort_label; /* [n_cohorts] */
    const size_t *cohort_units;       /* [n_cohorts] */
    size_t n_cohorts;
    const char *const *participant; /* [n_treated] names */
    const np_left_out *left_out;    /* before any model: filters, always treated … */
    size_t n_left_out;

    /* findings, in the order to print: overall, cohorts, subgroups in the plan's order;
     * within each, estimators in the plan's order; unweighted before weighted; before,
     * after, change */
    const np_effect *effect;
    size_t n_effects;
    const np_event_study *event_study; /* overall, then subgroups if asked for */
    size_t n_event_studies;
    const np_series_set *series; /* unweighted and, where there are weights, weighted */
    size_t n_series;
    const np_ranking *ranking;     /* NULL: not asked for */
    const np_staggered *staggered; /* NULL: nothing asked for that uses it */
    const np_overturn *overturn;   /* NULL: not asked for */
    const np_caveat *caveat; /* about the question as a whole (union of its effects',
                                each once) */
    size_t n_caveats;
} np_question_result;

typedef struct {
    const char *path; /* relative to the programme's folder */
    char sha256[NP_HASH_LENGTH];
    size_t n_bytes, n_rows, n_columns;
    char separator, decimal;
    const char *encoding;
} np_data_file;

typedef struct {
    np_localised label, value, source; /* source may be empty */
} np_fact;

typedef struct {
    np_localised text;
    bool simulated; /* must stand on page one */
} np_data_note;

typedef struct {
    const char *column; /* as in the data */
    np_localised text;  /* what people call it */
} np_column_label;

typedef struct {
    np_localised title, subtitle, programme;
    const np_language *language; /* [n_languages] to report in, default first */
    size_t n_languages;
    const np_fact *fact;
    size_t n_facts;
    const np_data_note *note;
    size_t n_notes;
    bool simulated; /* any note says so */
    const np_column_label *label;
    size_t n_labels;

    const char *version;   /* of the program */
    const char *date;      /* "2014-02-01", filled by the command line; "" */
    const char *plan_path; /* "evaluation.yaml" */
    char plan_sha256[NP_HASH_LENGTH];
    const np_data_file *file;
    size_t n_files;

    const np_question_result *question;
    size_t n_questions;
    const np_model *const *model; /* every model once, in order of estimation */
    const char *const *model_id;  /* [n_models] "absence/men/two-way-fixed-effects" */
    size_t n_models;
} np_evaluation;

#endif
