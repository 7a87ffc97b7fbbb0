/* Averages of group-time effects: of all after the start ("simple"), by event time
 * ("dynamic"), by cohort ("group") and by period ("calendar"), each with an overall.
 *
 *   simple    sum_{t >= g} P_g ATT(g,t) / sum P_g
 *   dynamic   by e: sum_g P_g ATT(g,g+e) / sum P_g; overall: mean over e >= 0
 *   group     by g: mean over t >= g of ATT(g,t); overall: weighted by P_g
 *   calendar  by t: sum_{g <= t} P_g ATT(g,t) / sum P_g; overall: mean over t
 *
 * P_g is the share of cohort g. Where it weights, its estimation is part of the
 * influence: with P = sum P_k over the cells averaged, cohort g's weight w_i 1{G_i = g}
 * counts sum_{k of g} (ATT_k - average) / P.
 *
 * `window` keeps the event times of dynamic averages (and so their overall) within min
 * … max; `balance` = e keeps the cohorts seen at least e periods after their start, and
 * the event times from e - (last - first period) to e, as R's balance_e. Cells without
 * estimate are left out (na.rm = TRUE). A row has no error where no cell behind it has.
 *
 * Source:  Callaway and Sant'Anna (2021), section 3, Corollary 2.
 * Matches: R did 2.5.1 aggte(); max_e there also bounds simple and group averages.
 */
#ifndef NP_STATS_DID_DID_AGGREGATE_H
#define NP_STATS_DID_DID_AGGREGATE_H

#include "stats/did/did.h"

typedef struct {
    size_t n_cells;
    const np_group_time_row *cell; /* estimate NaN: left out; std_error NaN: unknown */
    const size_t *cell_cohort;     /* [n_cells] index */
    const size_t *column;          /* [n_cells] of the influence; n_columns: none (0) */
    size_t n_cohorts;
    const double *cohort, *share; /* [n_cohorts] label, P_g */
    size_t n_columns;             /* of the influence; the last n_cohorts are the
                                     units' weights by cohort */
    const double *cross;          /* [n_columns²] covariance of the columns' means */
    const double *draw;           /* [n_draws × n_columns]; NULL: analytic errors */
} np_average_cells;

typedef struct {
    size_t n; /* kinds */
    np_did_aggregate *aggregate;
    double **combination; /* [n] of each: [n_rows × n_columns], for the influence */
} np_did_averages;

np_status np_did_average(np_did_averages *out, const np_average_cells *cells,
                         const np_did_spec *spec, np_arena *arena, np_error *err);

#endif
