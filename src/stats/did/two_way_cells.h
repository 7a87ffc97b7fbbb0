/* The two-way coefficient of a balanced panel for many assignments of the same outcomes:
 * y_it = unit_i + period_t + beta d_it + e_it with d_it = 1 from a unit's start on.
 *
 * The outcomes are demeaned both ways once, y~; with the tails C_i(g) = sum_{t>=g} y~_it
 *
 *   beta = sum_i C_i(g_i) / Q,   Q = sum_it d~_it^2
 *   score_i = C_i(g_i) - sum_t dbar_t y~_it - beta q_i,   q_i = sum_t d~_it^2
 *   Var(beta) = c sum_i score_i^2 / Q^2,   c = N/(N-1) (NT-1)/(NT-K), K = T + 1
 *
 * so an assignment costs units × distinct starts and no pass over the cells. Clustered
 * by unit; the small-sample factor is fixest's default, in which the units are nested.
 * With clusters of units (codes) the scores are summed and N is their number.
 *
 * Matches: R fixest feols(y ~ d | unit + period, cluster = ~unit). */
#ifndef NP_STATS_DID_TWO_WAY_CELLS_H
#define NP_STATS_DID_TWO_WAY_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    size_t n_units, n_periods;
    const double *tail; /* [n_units × (n_periods + 1)] C_i(0 … n_periods) */
} np_two_way_cells;

/* y [n_units × n_periods], unit after unit, no NaN. Result in the arena. */
np_status np_two_way_cells_new(np_two_way_cells *out, const double *y, size_t n_units,
                               size_t n_periods, np_arena *arena, np_error *err);
/* The same into memory of the caller's: tail [n_units × (n_periods + 1)], mean
 * [n_periods] scratch; for draws that each have their own outcomes. */
void np_two_way_cells_fill(np_two_way_cells *out, double *tail, double *mean,
                           const double *y, size_t n_units, size_t n_periods);

typedef struct {
    double estimate, std_error; /* NaN where the design does not identify beta */
    double squares;             /* Q */
} np_two_way_result;

/* start [n_units]: index of the first treated period, 0 … n_periods (n_periods: never).
 * scratch [4 (n_periods + 1) + n_clusters]. cluster [n_units] codes below n_clusters;
 * NULL: each unit is its own, and scratch needs 4 (n_periods + 1). */
np_two_way_result np_two_way_cells_estimate(const np_two_way_cells *cells,
                                            const int32_t *start, const int32_t *cluster,
                                            size_t n_clusters, double *scratch);

#endif
