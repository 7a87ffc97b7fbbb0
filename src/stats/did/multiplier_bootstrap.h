/* Multiplier bootstrap of estimates with known influence functions, and simultaneous
 * bands:
 *
 *   draw r      D_r = 1/n sum_c V_rc S_c,  S_c = sum of psi over cluster c's units
 *               (a cluster is a unit where there is none above it), V Rademacher:
 *               bit c of stream r, +1 or -1 with probability 1/2
 *   std_error   (q75 - q25 of D_j) / (qnorm 0.75 - qnorm 0.25), quantiles as observed
 *               values (R's type 1)
 *   critical    the conf_level quantile of max_j |D_rj| / std_error_j over the columns
 *               whose error is above 0
 *
 * The same seed gives the same draws with any number of threads.
 *
 * Source:  Callaway and Sant'Anna (2021), Algorithm 1 and Remark 10.
 * Matches: R did mboot() (BMisc multiplier_bootstrap(): Rademacher), but for the draws.
 *          The paper suggests Mammen's weights; did uses these.
 */
#ifndef NP_STATS_DID_MULTIPLIER_BOOTSTRAP_H
#define NP_STATS_DID_MULTIPLIER_BOOTSTRAP_H

#include "stats/did/influence.h"

/* draw [n_draws × n_columns] := sum over the influence's units of V psi / divisor. */
np_status np_multiplier_draws(double *draw, const np_influence *influence, size_t n_draws,
                              uint64_t seed, double divisor, np_arena *arena,
                              np_error *err);

/* std_error [n_columns], NaN where all draws are (nearly) 0; *critical_value NaN where
 * no column has an error. */
np_status np_multiplier_inference(double *std_error, double *critical_value,
                                  const double *draw, size_t n_draws, size_t n_columns,
                                  double conf_level, np_arena *arena, np_error *err);

#endif
