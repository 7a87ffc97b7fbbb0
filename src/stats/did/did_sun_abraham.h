/* The interaction-weighted event study on a panel of cohorts:
 *
 *   y_it = alpha_i + lambda_t + sum_g sum_{e != ref} delta_ge 1{cohort g, t - g = e}
 *          + x_it'gamma + error
 *
 * with one coefficient per cohort and period relative to its start, averaged with the
 * number of rows (or the sum of their weights) of the cells: sunab.h and did_cells.h.
 * The reference is each cohort's last period before its start (and the anticipation).
 * The comparison group are the units never treated; without any, the last cohort,
 * whose rows are used until it starts (or anticipates), and no later period.
 *
 * Errors: clustered, with fixest's small-sample factor, t distribution; the averages'
 * weights are taken as given.
 *
 * Source:  Sun and Abraham (2021), J. of Econometrics 225(2), 175-199, eq. 21 and
 *          definition of C in section 4.
 * Matches: R fixest feols(y ~ x + sunab(cohort, period) | unit + period,
 *          cluster = ~unit), aggregate(., "att") and aggregate(., "cohort"), where
 *          there are units never treated; `estimate` with the same formula.
 */
#ifndef NP_STATS_DID_DID_SUN_ABRAHAM_H
#define NP_STATS_DID_DID_SUN_ABRAHAM_H

#include "stats/did/did.h"

/* estimates: the averages by event time, "year::-2" …, and the controls, as `estimate`
 * lists them, with the tables "cohort_period", "att" and "by_cohort".
 * NP_E_NOT_IDENTIFIED  nobody to compare with before the last cohort starts */
np_did_function np_sun_abraham_estimate;

#endif
