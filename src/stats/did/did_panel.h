/* Units over periods, with each unit's first treated period: the rows of a table in
 * the order that the difference-in-differences estimators read them.
 *
 * A cohort that starts after the last period (and the anticipation) is never seen
 * treated and counts as never treated.
 *
 * Rows stand by unit and within a unit by period, so that a balanced panel's row of
 * unit i in period t is i × n_periods + t, and a column is an N × T row-major matrix.
 */
#ifndef NP_STATS_DID_DID_PANEL_H
#define NP_STATS_DID_DID_PANEL_H

#include "stats/design.h"

/* What becomes of units that are not seen in every period. */
typedef enum {
    NP_UNBALANCED_PAIRS = 0,     /* kept; a comparison of two periods uses the units
                                    seen in both */
    NP_UNBALANCED_BALANCE,       /* left out and named (R did's default) */
    NP_UNBALANCED_CROSS_SECTION, /* kept; rows are compared as cross-sections, errors
                                    clustered by unit (R did's allow_unbalanced_panel) */
    NP_UNBALANCED_REFUSE         /* an error that names them */
} np_unbalanced;

/* Texts are names of columns or expressions of the formula language ("log(pop)",
 * "ifelse(treated == 1, 2014, 0)"). NULL: none. */
typedef struct {
    const char *outcome;
    const char *unit;      /* NULL: repeated cross-sections, each row a unit of its own */
    const char *time;      /* numbers, or texts in their order */
    const char *cohort;    /* first treated period; missing, 0 or not finite: never */
    const char *treatment; /* instead of cohort: 0/1 or a dose per row; the cohort is
                              the first period in which it is not 0. Where it ends or
                              changes in some unit (the panel is not absorbing) the
                              cohort is the first period in which it differs from the
                              unit's first, and units treated from the first period are
                              kept: they may be compared with, or change */
    const char *const *control; /* [n_controls] terms of a formula */
    size_t n_controls;
    const char *weights, *cluster, *subset;
    np_unbalanced unbalanced;
    int anticipation;         /* periods before the start that count as treated */
    bool keep_always_treated; /* default: units treated in the first period are left out
                                 and named */
} np_did_panel_spec;

/* Units (and rows) left out, with the reason; the units' names live in the arena. */
typedef struct {
    const char *reason; /* translated: "treated from the first period", "missing lpop" */
    size_t n_rows, n_units;
    const char *const *unit; /* [n_units]; NULL: rows, not whole units, were left out */
} np_did_dropped;

enum { NP_NEVER_TREATED = -1 };

typedef struct {
    size_t n, n_units, n_periods, n_cohorts, n_table_rows;
    const double *period;            /* [n_periods] ascending; texts: 1 … n_periods */
    const char *const *period_label; /* [n_periods] */
    const double *cohort;            /* [n_cohorts] first treated periods, ascending */
    const size_t *cohort_start;      /* [n_cohorts] index of the first period that is not
                                        before the cohort; n_periods: after the last one,
                                        within the anticipation */
    const size_t *cohort_size;       /* [n_cohorts] units */
    size_t n_never;                  /* units never treated */
    const int32_t *cohort_of;        /* [n_units] index, NP_NEVER_TREATED */
    const uint32_t *start;           /* [n_units + 1] rows start[i] … start[i+1]-1 */
    const int32_t *unit_of;          /* [n] */
    const int32_t *period_of;        /* [n] index */
    const uint32_t *table_row;       /* [n] */
    const char *y_name, *unit_name, *time_name, *cohort_name, *weights_name,
        *cluster_name;         /* "" where not given */
    const double *y;           /* [n] */
    size_t k;                  /* controls with the intercept, which is the first */
    const double *const *x;    /* [k] columns [n] */
    const char *const *term;   /* [k] "(Intercept)", "lpop" … */
    const double *weight;      /* [n] > 0; NULL: 1 */
    const int32_t *cluster_of; /* [n_units]; NULL: each unit by itself */
    size_t n_clusters;         /* n_units where cluster_of is NULL */
    const double *treatment;   /* [n]; NULL: given by cohort */
    const double *path;  /* [n_units × n_periods] the treatment, also of rows without
                            an outcome, which say when a unit changed; NaN: no row;
                            NULL: given by cohort, or cross-sections */
    bool absorbing;      /* once treated, always, and at one dose */
    bool balanced;       /* each unit in each period */
    bool cross_sections; /* rows are units: no unit column */
    np_unbalanced unbalanced;
    const np_did_dropped *dropped; /* [n_dropped] in the order of the checks */
    size_t n_dropped;
    const char *const *warning; /* [n_warnings] whole sentences, translated */
    size_t n_warnings;
    const np_column *unit_column, *cluster_column; /* labels; NULL: rows are units */
    const uint32_t *cluster_row; /* [n_clusters] a table row of each; NULL */
} np_did_panel;

/* Arrays are borrowed from the table where its rows already stand in this order.
 * NP_E_UNKNOWN_NAME    a column that is not there
 * NP_E_DUPLICATE       a unit twice in a period
 * NP_E_RANGE           a cohort, cluster or, with pairs, weight that is no number or
 *                      changes within a unit
 * NP_E_NOT_IDENTIFIED  nobody treated; one period; a group of never treated units that
 *                      vanishes because a control is missing for all of them; a panel
 *                      with gaps where `unbalanced` refuses */
np_status np_did_panel_build(np_did_panel *out, const np_table *table,
                             const np_did_panel_spec *spec, np_arena *arena,
                             np_error *err);

/* The columns that the spec reads. */
np_status np_did_panel_variables(const char *const **names, size_t *n_names,
                                 const np_did_panel_spec *spec, np_arena *arena,
                                 np_error *err);

/* The unit's name as people know it. In the arena; NULL: no memory. */
const char *np_did_unit_label(const np_did_panel *panel, size_t unit, np_arena *arena);
const char *np_did_cluster_label(const np_did_panel *panel, size_t cluster,
                                 np_arena *arena);

/* The panel with units or periods left out, or with other starts: for leaving one out,
 * resampling, placebo dates and randomisation. A zeroed field changes nothing. */
typedef struct {
    const uint8_t *keep;  /* [n_units] 0: left out */
    const double *cohort; /* [n_units] first treated period, INFINITY: never */
    bool some_periods;    /* only the periods with index first … last */
    size_t first_period, last_period;
} np_did_change;

/* Arrays of its own in the arena; cohorts, periods and clusters without rows are gone.
 * Other starts than the panel's leave no treatment: it is given by cohort then.
 * *out and *panel may be the same. Names, warnings and what was dropped stay.
 * NP_E_NOT_IDENTIFIED  nothing is left */
np_status np_did_panel_change(np_did_panel *out, const np_did_panel *panel,
                              const np_did_change *change, np_arena *arena,
                              np_error *err);

#endif
