/* How the two-way coefficient weights the effects of the treated cells. With e_it the
 * residual of the treatment D on both effects (and controls), N_it a cell's weight,
 * under parallel trends in every cell
 *
 *   E[beta] = E[ sum_{D_it != 0} w_it Delta_it ],
 *   w_it = N_it D_it e_it / sum N D e
 *
 * for the effects Delta_it per unit of treatment: the weights sum to one and some may be
 * negative, so that the coefficient can have a sign that no cell's effect has.
 *
 *   sigma_fe  = |beta| / sd(W),  W_it = e_it E[D] / E[D e], sd with M/(M-1), weighted by
 *               N D: the smallest standard deviation of the cells' effects at which the
 *               average effect on the treated could be zero
 *   sigma_fe2 = |beta| / sqrt(T_s + S_s²/(1 - P_s)): at which all cells' effects could
 *               have the other sign; only where some weight is negative
 *
 * with cells ordered by W descending, P, S, T the sums from a cell on of the shares, of
 * share × W and of share × W², and s the first cell with W < -S/(1 - P).
 *
 * Source:  de Chaisemartin and D'Haultfoeuille (2020), Amer. Econ. Rev. 110(9),
 *          2964-2996, Theorem 1 and Corollary 1.
 * Matches: R TwoWayFEWeights (2.0.4), type = "feTR", groups = units.
 */
#ifndef NP_STATS_DID_DID_TWO_WAY_WEIGHTS_H
#define NP_STATS_DID_DID_TWO_WAY_WEIGHTS_H

#include "stats/did/did_regression.h"

/* The cells of a cohort in a period together. */
typedef struct {
    double cohort, time;
    double weight;        /* sum over the units */
    size_t n, n_negative; /* units with a weight, with one below 0 */
} np_two_way_weight_row;

typedef struct {
    size_t n_positive, n_negative; /* unit × period cells */
    double sum_positive, sum_negative;
    double negative_share;            /* -sum_negative / (sum_positive - sum_negative) */
    size_t n_cells, n_negative_cells; /* cohort × period */
    double sigma, sigma_opposite;     /* NaN: not defined */
    size_t n_rows;
    const np_two_way_weight_row *row; /* by cohort and period */
} np_two_way_weights;

/* Of a regression whose first regressor is the treatment; residual [design.n] from
 * np_did_partial_out(). NP_E_NO_MEMORY alone. */
np_status np_two_way_weights_find(np_two_way_weights *out, const np_did_panel *panel,
                                  const np_did_regression *regression,
                                  const double *residual, np_arena *arena, np_error *err);

#endif
