/* Averages of effects by cohort and period whose estimator has influence functions of
 * its own: one list of rows (the plan), each a weighted sum of cells, applied to
 * estimates and to each unit's influence alike. (Effects that one regression estimated
 * together: did_cells.h.)
 *
 *   simple    all cells with e >= 0, by weight
 *   dynamic   by event time e; overall: the mean of the rows with e >= 0
 *   group     by cohort over e >= 0; overall: by the cohorts' size
 *   calendar  by period over e >= 0; overall: the mean of the rows
 *
 * Cells with e < 0 (anticipation, leads) stand in dynamic rows alone. The shares count
 * as given: their sampling error is left out of the errors.
 *
 * Source:  Callaway and Sant'Anna (2021), J. of Econometrics 225(2), section 3.1,
 * table 1.
 */
#ifndef NP_STATS_DID_DID_PLAN_H
#define NP_STATS_DID_DID_PLAN_H

#include "stats/did/did.h"

typedef struct {
    double cohort, time, event_time; /* cohort and time NaN: a lead of all cohorts */
    double weight;                   /* rows, or the sum of their weights */
    double n_units;                  /* treated units behind it */
    double n_comparison;             /* NaN: not counted */
    double cohort_size;              /* units, or their summed weights */
    double last_event_time;          /* the last at which the cohort is seen */
    double base_period;              /* NaN: none */
    bool no_error; /* a single unit: no standard error where nothing else is behind */
} np_did_plan_cell;

typedef struct {
    size_t n_cells;
    const np_did_plan_cell *cell;
    size_t n_rows;
    const uint32_t *start; /* [n_rows + 1] */
    const uint32_t *index; /* cells of row r: index[start[r]] … */
    const double *share;
    const double *value;   /* [n_rows] e, g or t; NaN: an overall row */
    const double *n_units; /* [n_rows] */
    const bool *no_error;  /* [n_rows] */
    size_t n_kinds;
    struct {
        const char *kind;
        size_t overall, first, n; /* rows */
    } kind[4];
} np_did_plan;

/* The window, balance and kinds are the spec's; dynamic and calendar rows come
 * ascending. */
np_status np_did_plan_build(np_did_plan *out, const np_did_plan_cell *cell,
                            size_t n_cells, const np_did_spec *spec, np_arena *arena,
                            np_error *err);

/* row[n_rows] := the plan's sums of value[n_cells]. */
void np_did_plan_apply(double *row, const np_did_plan *plan, const double *value);
/* Adds Psi'Psi of one cluster's rows [n_rows] within each kind's rows to vcov. */
void np_did_plan_add_outer(double *vcov, const np_did_plan *plan, const double *row);

/* Fills out's group_time (cells with a cohort) and aggregates. `variance` of the cells;
 * `vcov` of the rows, of which only those within a kind are read; `influence`
 * [n_units × dynamic rows] or NULL; `df` NaN: normal. */
np_status np_did_plan_fill(np_did_result *out, const np_did_plan *plan,
                           const double *estimate, const double *variance,
                           const double *row, const double *vcov, const double *influence,
                           double df, const np_did_spec *spec, np_arena *arena,
                           np_error *err);

/* The dynamic rows without a reference as the result's coefficients, named
 * "time::e", with their covariance; df_t is df. */
np_status np_did_plan_coefficients(np_did_result *out, const char *time_name, double df,
                                   const np_did_spec *spec, np_arena *arena,
                                   np_error *err);

#endif
