/* Group-time average treatment effects, ATT(g,t): the average effect in period t on the
 * units first treated in period g, by one two-by-two comparison each.
 *
 *   b       base period: the last one before g - anticipation; before that, with a
 *           varying base, the period before t
 *   S       comparison: never treated; not-yet: also cohorts other than g that start
 *           after max(t,b) + anticipation. Where nobody is never treated, the last
 *           cohort is comparison alone, and periods from its start (less the
 *           anticipation) on are left aside.
 *   X, w    of the earlier of t and b (panels), of the row itself (cross-sections)
 *   p(X)    logit of being in g rather than S; units of S with p >= 0.995 get no weight
 *   m(X)    least squares of Y_t - Y_b on X in S
 *
 *   reg          mean_g w (dY - m)
 *   ipw          mean_g w dY - Hajek mean_S w p/(1-p) dY
 *   dr           mean_g w (dY - m) - Hajek mean_S w p/(1-p) (dY - m)
 *   dr-improved  as dr, p by inverse probability tilting, m weighted by w p/(1-p)
 *   ipw-horvitz-thompson  as ipw, the second mean divided by the treated weight
 *
 * Cross-sections regress the outcome in each of the four groups of rows (Sant'Anna and
 * Zhao 2020, eq. 3.4, the locally efficient estimator).
 *
 * Standard errors come from influence functions psi [n_units], V = Psi'Psi / n_units²;
 * with clusters above the unit psi is summed by cluster first, without a small-sample
 * factor. They are NaN at the base period, and, unless single_unit_errors
 * asks for what did has, where a side has a single unit.
 * With draws, errors and bands come from the multiplier bootstrap
 * (multiplier_bootstrap.h); vcov stays analytic.
 *
 * A comparison that cannot be made (nobody on a side, p above 0.999, collinear controls,
 * separation) has NaN and a warning that names it; averages leave it out.
 *
 * test "pre_trend": W = b' V^-1 b over the periods before the start whose errors are
 * known, chi-squared.
 *
 * Source:  Callaway and Sant'Anna (2021), J. of Econometrics 225(2), eqs. 2.2-2.9,
 *          Theorems 2 and 3; Sant'Anna and Zhao (2020), J. of Econometrics 219(1).
 * Matches: R did 2.5.1 att_gt(), aggte(na.rm = TRUE); DRDID 1.2.3 drdid(), ordid(),
 *          ipwdid(). One thing of theirs is kept that is no derivative: drdid_rc() gives
 *          the estimated regression of the comparison's base period the sign of the
 *          later one's in the influence function (cross-sections, dr). It vanishes in
 *          large samples, as the weights then balance the controls.
 * Errors:  NP_E_NOT_IDENTIFIED  no comparison can be made at all
 * Cost:    O(n_units × cells × k) time; memory O(n_units k) beside the panel.
 */
#ifndef NP_STATS_DID_GROUP_TIME_H
#define NP_STATS_DID_GROUP_TIME_H

#include "stats/did/did.h"

np_did_function np_group_time_estimate;

#endif
