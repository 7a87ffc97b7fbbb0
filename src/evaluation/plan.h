/* The evaluation plan as read and checked: docs/evaluation-plan.md is the
 * reference of its keys. Names of columns keep their place in the file, so that
 * a column the data do not have is reported where the plan names it.
 */
#ifndef NP_EVALUATION_PLAN_H
#define NP_EVALUATION_PLAN_H

#include "evaluation/result.h"
#include "io/csv.h"

typedef struct {
    const char *text; /* NULL: not given */
    uint32_t line, column;
} np_plan_name;

/* Rows where a column fulfils something; a list holds when all hold. */
typedef enum {
    NP_CONDITION_IN = 0, /* one of the values: equals, in */
    NP_CONDITION_NOT,    /* none of them */
    NP_CONDITION_RANGE,  /* low ≤ number ≤ high */
    NP_CONDITION_MISSING,
    NP_CONDITION_PRESENT
} np_condition_kind;

typedef struct {
    np_plan_name name;
    np_condition_kind kind;
    const char *const *value; /* [n_values] compared as texts, numbers as numbers */
    size_t n_values;
    double low, high; /* RANGE */
} np_condition;

typedef struct {
    np_plan_name file; /* relative to the folder */
    np_csv_spec csv;
} np_plan_data;

typedef struct {
    const char *value; /* of the column that splits; NULL for an outcome */
    const char *id;
    np_localised label;
    np_plan_name outcome; /* text NULL: the question's */
    np_localised uom;
    int direction; /* -1 lower is better, 1 higher, 0 as the question */
} np_plan_subgroup;

typedef struct {
    const char *id;
    np_localised label;
    np_plan_name split; /* column; text NULL: subgroups are outcome columns */
    np_plan_subgroup *subgroup;
    size_t n_subgroups; /* with split and 0: all values found */
} np_plan_grouping;

typedef struct {
    double start;
    np_localised label;
} np_plan_cohort;

typedef struct {
    const char *id;
    np_localised label;
    np_plan_name name;
    const char *equals; /* NULL: the column is 1 */
} np_plan_attribute;

typedef struct {
    const char *id;
    np_localised label;
    np_plan_name name;             /* text column; text NULL: dummies */
    const np_plan_subgroup *value; /* [n_values] value, id, label; 0: all found */
    size_t n_values;
    const np_plan_attribute *dummy; /* [n_dummies] */
    size_t n_dummies;
} np_plan_contrast;

typedef struct {
    const char *text;
    double number;
} np_plan_code;

typedef struct {
    const char *id;
    np_localised label;
    np_plan_name name;
    const np_plan_code *code; /* [n_codes] 0: the column holds numbers */
    size_t n_codes;
    int sides; /* 0 as the question, 1, 2 */
} np_plan_grade;

typedef struct {
    bool given;
    uint32_t line, column;
    np_plan_data data;
    np_plan_name unit;
    const np_plan_attribute *attribute;
    size_t n_attributes;
    const np_plan_grade *grade;
    size_t n_grades;
} np_plan_informants;

typedef struct {
    const char *id;
    np_localised label;
    uint32_t line, column;
    np_plan_data data;
    np_plan_name unit, time, outcome, start, exposure, weights, cluster;
    bool four_quarters;
    const double *knot; /* [n_knots] ascending */
    size_t n_knots;
    const char *const *period; /* [n_periods] only these; 0: all */
    size_t n_periods;
} np_plan_unit_panel;

typedef struct {
    bool given;
    np_plan_name size; /* text NULL: the weights */
    double least;
    size_t show; /* 0: all */
} np_plan_ranking;

/* How estimators for staggered starts are run; see np_did_spec. */
typedef struct {
    np_did_method method;
    np_base_period_rule base;
    int anticipation;
    np_unbalanced unbalanced;
    size_t bootstrap, wild, randomisation; /* draws; 0: none */
    uint64_t seed;
    np_synthetic_errors synthetic_errors;
} np_plan_inference;

/* What would overturn the result. */
typedef struct {
    bool given;
    np_plan_name of;                  /* an estimator's code; NULL: the first of those
                                         that np_did_is_comparable(), else two-way */
    const double *relative_magnitude; /* [n_relative_magnitudes] Mbar */
    size_t n_relative_magnitudes;
    const double *smoothness; /* [n_smoothness] M, in units of the outcome */
    size_t n_smoothness;
    bool leave_one_unit_out, leave_one_cohort_out, placebo_dates;
} np_plan_sensitivity;

enum { NP_MOST_WINDOWS = 16, NP_MOST_PLAN_ESTIMATORS = 12 };

typedef struct {
    uint32_t line, column;
    const char *id, *criterion;
    np_localised title, description;
    np_design_kind design;
    np_plan_data data;
    const np_condition *rows, *comparison_filter;
    size_t n_rows, n_comparison_filter;
    np_plan_name unit, unit_name, time, outcome;
    np_localised unit_label, outcome_label, uom;
    int direction; /* -1 lower is better, 1 higher, 0 not said */
    bool has_periods;
    double first_period, last_period;
    np_plan_name cohort;    /* participants: {column: C}, first treated period */
    np_plan_name treated;   /* participants: {treated: C}, 0/1 per row */
    np_plan_name theme;     /* participants: {theme: T}, by the programme's records */
    const char *theme_role; /* "main", "additional"; NULL: either */
    const np_plan_cohort *cohorts;
    size_t n_cohorts;
    const double *only_cohort;
    size_t n_only_cohorts;
    bool not_yet, comparison_given;
    const np_plan_name *control;
    size_t n_controls;
    np_plan_name weights, figure_weights;
    const np_plan_name *cluster;
    size_t n_clusters;
    const char *vcov; /* "cluster", "iid", "HC1" …; NULL: the design's default */
    np_estimator estimator[NP_MOST_PLAN_ESTIMATORS];
    size_t n_estimators;
    bool linear_time, by_cohort, event_study_subgroups;
    double reference;
    bool has_bin;
    double bin_low, bin_high;
    np_plan_inference inference;
    np_plan_sensitivity sensitivity;
    const np_plan_grouping *grouping;
    size_t n_groupings;
    np_decision decision;

    /* change scores */
    const np_plan_name *before, *after;
    size_t n_before, n_after;
    bool unweighted, weighted;
    const np_plan_contrast *contrast;
    size_t n_contrasts;
    const np_plan_attribute *attribute;
    size_t n_attributes;
    size_t least_participants;
    const np_plan_grade *grade;
    size_t n_grades;
    np_plan_informants informants;
    const np_plan_unit_panel *unit_panel;
    size_t n_unit_panels;
    np_plan_ranking ranking;
} np_plan_question;

typedef struct {
    const char *path; /* as named in messages */
    char sha256[NP_HASH_LENGTH];
    np_localised title, subtitle, programme;
    const np_language *language;
    size_t n_languages;
    const np_fact *fact;
    size_t n_facts;
    const np_data_note *note;
    size_t n_notes;
    const np_column_label *label;
    size_t n_labels;
    const np_plan_question *question;
    size_t n_questions;
} np_plan;

/* Reads and checks the whole plan. Every problem is added to `problems` with line and
 * column; the status is the first one's, and *out is written only where there is none. */
np_status np_plan_read(np_plan *out, const char *path, np_problems *problems,
                       np_arena *arena, np_error *err);
/* The same from memory; `name` stands for the file in messages. */
np_status np_plan_read_text(np_plan *out, const char *text, size_t length,
                            const char *name, np_problems *problems, np_arena *arena,
                            np_error *err);

#endif
