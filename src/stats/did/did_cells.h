/* Averages of effects by cohort and period that one regression estimated together:
 * with weights w of the cells and A the rows of an average,
 *
 *   dynamic   by event time e:     sum_{g,t: t-g=e} w_gt d_gt / sum w_gt
 *   group     by cohort, e >= 0
 *   calendar  by period, e >= 0
 *   simple    over all e >= 0
 *   vcov      A V A', the weights taken as given
 *
 * Overall: dynamic and calendar the plain mean of the rows (dynamic: of e >= 0), group
 * the mean weighted by the cohorts' mean cell weight (their size, in a balanced panel),
 * as R did's aggte() has them.
 */
#ifndef NP_STATS_DID_DID_CELLS_H
#define NP_STATS_DID_DID_CELLS_H

#include "stats/did/did.h"

typedef struct {
    double cohort, time, event_time; /* event_time = time - cohort */
    double base_period;              /* NaN: none */
    size_t coefficient; /* its place among the estimates; SIZE_MAX: not estimated */
    bool reference;     /* set to 0: what effects are measured from */
    double weight;      /* in averages */
    double n_treated, n_comparison;
} np_did_cell;

/* Fills group_time and the aggregates asked for (of NP_AGGREGATE_…) from the cells,
 * whose effects stand in e (estimate, vcov, df_t, normal). Windows and balance as
 * np_did_spec says: with a balance, only cohorts seen that long after their start, at
 * event times that all of them have. Arrays live in the arena. NP_E_NO_MEMORY alone. */
np_status np_did_cells_aggregate(np_did_result *out, const np_did_cell *cell,
                                 size_t n_cells, const np_estimates *e,
                                 const np_did_panel *panel, const np_did_spec *spec,
                                 np_arena *arena, np_error *err);

/* One aggregate from the rows' weights A [n_rows × e->k] (a reference's row is 0) and
 * those of its overall number, a [e->k] or NULL (none). row[…].value, n_treated and
 * reference must be set; vcov and what is inferred are filled. */
np_status np_did_aggregate_fill(np_did_aggregate *out, np_aggregate_row *row,
                                size_t n_rows, const double *A, const double *a,
                                const np_estimates *e, const np_did_spec *spec,
                                np_arena *arena, np_error *err);

#endif
