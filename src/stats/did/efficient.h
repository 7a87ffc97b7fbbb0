/* The efficient estimator where starts are drawn by lot.
 *
 * With Ybar_g the cohorts' mean paths [T], S_g their covariances (n - 1), an average
 * of effects is a contrast of means, adjusted by a contrast of means before the start,
 * whose expectation is 0 when the starts are random:
 *
 *   theta0 = sum_g A_g Ybar_g        each ATT(g,t): cohort g in t, less the mean of
 *                                    those not treated in t
 *   X      = sum_g A0_g Ybar_g       the same difference in the period before g
 *   theta  = theta0 - beta X,        beta* = cov(X, theta0) / var(X)
 *
 * beta = 1 is Callaway and Sant'Anna's estimator with those not yet treated (with
 * last_treated_only that of Sun and Abraham), beta = 0 the difference in means. With
 * all_comparisons X is the vector of all differences to the last cohort before the start.
 *
 *   Neyman    V = sum_g (A_g - beta A0_g) S_g (A_g - beta A0_g)' / N_g      conservative
 *   adjusted  V - b'Q b / N,  b = sum_{g >= g0} (M S_g M')^- M S_g A_g',
 *             Q the mean of M S_g M', M the periods before g0, the first cohort in A
 *
 * the second taking out the part of the heterogeneity of effects that outcomes before
 * all starts explain. Normal distribution. Errors are the design's: by unit, whatever
 * the clusters; weights and controls are not used. Cohorts of one unit, whose variance is
 * not known, are left out and named.
 *
 * Averages are did_plan.h's, with weights N_g: simple, group ("cohort": the mean of each
 * cohort's periods, then by N_g), calendar, dynamic. Periods before the start have
 * their own efficient estimates against cohorts that start later (the package's
 * compare with a group that holds the cohort itself); e = -1 is the reference.
 * The covariance of rows with the same first cohort is adjusted jointly, that of others
 * is Neyman's.
 *
 * With draws: Fisher's randomisation test of no effect on anybody. Draw r permutes the
 * units' starts by stream r of the seed; p is the share of draws whose |theta / error| is
 * larger than what was found. Exact, whatever the sample's size, for that hypothesis.
 *
 * Source:  Roth and Sant'Anna (2023), J. Polit. Econ. Microeconomics 1(4), 669-709:
 *          Proposition 2, Lemma 3.1, section 3.4 and 4.
 * Matches: R staggered 1.2.2 staggered(), staggered_cs(), staggered_sa(): estimate, se
 *          (adjusted) and se_neyman, with periods one apart.
 * Cost:    units × periods², cohorts² × periods³. */
#ifndef NP_STATS_DID_EFFICIENT_H
#define NP_STATS_DID_EFFICIENT_H

#include "stats/did/did.h"

/* np_efficient_estimate() is declared in did.h; its panel is balanced. Tables: "neyman"
 * (errors without adjustment), "fisher" (with draws) and "beta", by term: "simple",
 * "dynamic", "dynamic::0" …
 * NP_E_NOT_IDENTIFIED  fewer than two cohorts of two units; nobody to compare with
 * NP_E_NO_MEMORY */

#endif
