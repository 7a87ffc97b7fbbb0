/* The interaction-weighted event study: averages of cohort × period effects.
 *
 * The regression has one coefficient δ_gl per cohort g and relative period l. What is
 * reported is, with the number of rows (or the sum of their weights) N_gl,
 *
 *   "year::l"     Σ_g N_gl δ_gl / Σ_g N_gl                 by relative period
 *   "ATT"         the same over all g and l ≥ 0
 *   "cohort::g"   the same over l ≥ 0 of one cohort
 *
 * and their covariance is A V A', the weights taken as given.
 *
 * Source:  Sun and Abraham (2021), J. of Econometrics 225(2), 175-199, eq. 21 (there
 *          with estimated shares, whose sampling error fixest leaves out as we do).
 * Matches: R fixest, sunab() and aggregate().
 */
#ifndef NP_STATS_SUNAB_H
#define NP_STATS_SUNAB_H

#include "stats/design.h"
#include "stats/estimates.h"

/* Replaces the cohort × period terms of e (k, term, estimate, vcov) by their averages
 * by relative period, or by the ATT where the formula says att = TRUE, or leaves them
 * where it says no_agg = TRUE; fills statistic, p_value and intervals; and adds
 * the tables "cohort_period", "att" and "by_cohort", each with the other terms as well.
 * df_t, normal and conf_level of e must be set. Does nothing but np_estimates_infer()
 * where the design has no sunab(). Terms left out as collinear have no weight. */
np_status np_sunab_aggregate(np_estimates *e, const np_design *design, np_arena *arena,
                             np_error *err);

#endif
