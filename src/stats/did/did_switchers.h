/* Effects of treatments that are switched on and off, or come in doses: each unit whose
 * treatment changes is compared with those that began with the same treatment and have
 * not changed yet.
 *
 * With D_i1 the unit's first treatment, F_i the period in which it first changes, S_i = 1
 * where it rises then and -1 where it falls, and w the cells' weights, for l = 1, 2 …
 *
 *   DID_il  = Y_i,F-1+l - Y_i,F-1 - mean_w over j with D_j1 = D_i1, F_j > F_i - 1 + l of
 *             (Y_j,F-1+l - Y_j,F-1)
 *   DID_l   = sum_i w_i S_i DID_il / sum_i w_i            effect of l periods' exposure
 *   placebo: the same difference Y_i,F-1-l - Y_i,F-1, with the same comparison
 *   normalised: DID_l / [ sum_i w_i |sum_{m<l} (D_i,F+m - D_i1)| / sum_i w_i ]
 *   average total effect per unit of treatment:
 *             sum_l N_l DID_l / sum_l sum_i w_i |D_i,F-1+l - D_i1|,  N_l = sum_i w_i
 *
 * over the units that have somebody to compare with. A unit's cells from where its
 * treatment has been both above and below its first are left out. Where the period of
 * the change is not known (a gap just before it) the unit compares until the gap.
 *
 * Controls: differences are less theta_d' (X differences), theta_d by least squares of
 * Y_it - Y_i,t-1 on X_it - X_i,t-1 and periods among cells that have not changed yet and
 * began with treatment d.
 *
 * Errors: sum over units (clusters) of psi², with psi of a unit its weight in DID_l times
 * sqrt(n/(n-1)) (difference - mean of its own cohort); cohorts are the switchers with
 * the same D_1, F and D_F, and those that have not switched with the same D_1, period by
 * period; n counts units, or clusters where they are given. A unit alone in its cohort
 * is measured from the mean of switchers and comparisons together; where that is alone
 * too, from 0. Conservative where effects differ within cohorts. Normal distribution.
 * With controls the estimation of theta is in psi.
 *
 * With a treatment that is absorbing and 0/1, DID_l is the average of Callaway and
 * Sant'Anna's ATT(g, g-1+l) with those not yet treated, weighted by the cohorts' sizes.
 *
 * Source:  de Chaisemartin and D'Haultfoeuille (2024), "Difference-in-differences
 *          estimators of intertemporal treatment effects", Rev. Econ. Stat., sections
 *          3 and 4, and its web appendix for controls and variances.
 * Matches: R DIDmultiplegtDYN 2.4.0, Stata did_multiplegt_dyn.
 */
#ifndef NP_STATS_DID_DID_SWITCHERS_H
#define NP_STATS_DID_DID_SWITCHERS_H

#include "stats/did/did.h"

/* estimates: "effect::1" …, "placebo::1" … and "average", with vcov; tables "effects"
 * (switchers and cells behind each), "normalised", "switchers_in" and "switchers_out";
 * tests "effects" and "placebos" (chi-squared). Aggregates: "simple" is the average total
 * effect, "dynamic" has effect l at event time l - 1 and placebo l at -1 - l.
 * NP_E_NOT_IDENTIFIED  nobody changes while others with the same first treatment do not
 */
np_did_function np_switchers_estimate;

#endif
