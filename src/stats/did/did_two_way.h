/* The two-way regression, and what its coefficient is made of:
 *
 *   y_it = alpha_i + lambda_t + beta treated_it + x_it'gamma + e_it
 *
 * with treated_it 1 from a unit's start on (or the dose, where the panel has one),
 * clustered with fixest's small-sample factor (did_regression.h). One coefficient, right
 * where the effect is the same in every cohort and period; else an average in which
 * units treated already stand in for untreated ones.
 *
 * The event study has one coefficient per event time instead,
 *
 *   y_it = alpha_i + lambda_t + sum_{e != ref} mu_e 1{t - g = e} + x_it'gamma + e_it
 *
 * with the reference the last event time before the start (and the anticipation). Where
 * every unit is treated at last, a linear path of mu_e cannot be told from the effects of
 * units and periods (Borusyak, Jaravel and Spiess 2024, section 3.2), so the first event
 * time is a reference too. With `bin_ends` event times outside the window share the
 * window's ends. Where the treatment ends or changes there is no event study.
 *
 * estimates: "treated" and the controls. Tables "bacon", "bacon_by_type", "cell_weights"
 * (did_bacon.h, did_two_way_weights.h) and "event_study"; statistics n_negative_weights,
 * sum_negative_weights, negative_weight_share, n_negative_cells, n_weight_cells,
 * sigma_fe, sigma_fe_opposite, and with controls bacon_omega, bacon_within; test
 * "pre_trend": the event study's coefficients before the start are all 0 (F).
 * Aggregates: "simple" is beta, "dynamic" the event study, of which the overall number
 * is the plain mean of mu_e, e >= 0.
 *
 * Matches: R fixest feols(y ~ treated + x | unit + period, cluster = ~unit) and
 *          feols(y ~ i(event_time, ref = -1) + x | unit + period); bacondecomp;
 *          TwoWayFEWeights.
 */
#ifndef NP_STATS_DID_DID_TWO_WAY_H
#define NP_STATS_DID_DID_TWO_WAY_H

#include "stats/did/did.h"

/* NP_E_NOT_IDENTIFIED  the treatment does not vary beside both effects and controls */
np_did_function np_two_way_estimate;

#endif
