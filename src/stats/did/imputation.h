/* The imputation estimator.
 *
 * A model of the outcome without treatment is fitted to the untreated rows alone and
 * says what the treated rows would have been (untreated_model.h):
 *
 *   tau_it = y_it - alpha_i - beta_t - gamma' x_it        treated rows
 *   tau    = sum_it a_it tau_it                           a_it: weight over their sum
 *
 * tau = sum_it v_it y_it, with v_it = a_it on treated rows and v_it = -w_it z_it'
 * (Z0'W Z0)^-1 Z1'a on untreated ones. Its conservative variance, with residuals e_it of
 * the untreated rows and deviations from a weighted mean on the treated,
 *
 *   V = sum_c (sum_{it in c} v_it e_it)²,   e_it = tau_it - taubar_gt   (treated)
 *   taubar_gt = sum v_it² tau_it / sum v_it²    over cohort g in period t
 *
 * over clusters c (units by default), no small-sample factor, normal distribution.
 *
 * Leads: a separate regression on the untreated rows, y on the same effects and dummies
 * of event times e < 0; errors clustered, times G/(G-1) (n-1)/(n-K), K the leads,
 * controls and periods. Without a window all leads but the earliest, and the next ones
 * while a single unit has it, which is what they are measured from; with one, those
 * within it, and those that the others determine are left out and named. Their joint test
 * is F with (leads, G - 1) degrees of freedom. The covariance of leads with effects comes
 * from the influence of both.
 *
 * Rows: with event times down to -anticipation treated. Not identified, left out and
 * named: treated rows of units never seen untreated, of periods in which nobody is, and
 * what is not connected to the rest. Cells (cohort × period) of one unit have no error
 * of their own (their deviation from themselves is 0) unless spec.single_unit_errors.
 *
 * Choices   spec.squared_weights   v_it as if the first stage had weights w² (R's
 *                                  didimputation does with weights; Stata's does not)
 *           spec.leave_out         taubar without the row's own effect: less downward
 *                                  bias in small cohorts (Stata's leaveout)
 *           spec.anticipation, window, balance, aggregates, conf_level, no_controls
 *
 * Source:  Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91(6),
 *          3253-3285: Theorem 2, equations (7)-(8), section 4.4 for the leads; leaving
 *          out: appendix A.
 * Matches: R didimputation 0.5.0, did_imputation(): simple (horizon = NULL), dynamic
 *          (horizon = TRUE) and leads (pretrends =), with squared_weights where wname is
 *          given and single_unit_errors. That package's leads have errors that are exact
 *          to about 1e-8 (fixest's iterative demeaning).
 * Influence: of the dynamic rows, while units × rows are at most 2^20.
 * Cost:    rows × (periods + controls), and units × columns × cells; no matrix with
 *          units in both dimensions. */
#ifndef NP_STATS_DID_IMPUTATION_H
#define NP_STATS_DID_IMPUTATION_H

#include "stats/did/did.h"

/* np_imputation_estimate() is declared in did.h.
 * NP_E_NOT_IDENTIFIED  no treated row has an identified untreated outcome
 * NP_E_NO_MEMORY */

#endif
