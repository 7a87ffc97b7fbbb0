/* Stacked event studies: each cohort with its clean comparison units makes an experiment
 * of its own, the experiments' rows stand below each other, and one regression runs over
 * all, with unit and period effects of each experiment s,
 *
 *   y_ist = alpha_is + lambda_ts + sum_e beta_e 1{i treated in s} 1{t - g_s = e}
 *           + gamma'x_it + error
 *
 * The reference e is the last period before the start (and the anticipation). Beside the
 * event times: the pooled effect, one coefficient of treated × e >= 0, and one for each
 * cohort.
 *
 * An experiment takes the periods with event times in the window (default: all; where
 * nobody is never treated, those before the last cohort starts). Clean are units that
 * are untreated in all of them: never treated, or starting later (with
 * spec.comparison_chosen and NP_COMPARISON_NEVER only the never treated). A cohort
 * without clean units, without a period before or without one after its start in the
 * window is left out and named. A unit stands in several experiments: errors are
 * clustered by unit or above, with fixest's small-sample factor, t with clusters - 1
 * degrees of freedom.
 *
 * spec.weighted_stack: corrective weights, which need a window and take only cohorts that
 * are seen in all of it, so that each event time averages the same cohorts:
 *
 *   treated 1,  comparison (N^D_s / N^D) / (N^C_s / N^C)
 *
 * with the numbers of treated and comparison units in s and in all. Then beta_e is the
 * average of the cohorts' effects by their number of units; without, least squares
 * weights an experiment also by how evenly it is divided.
 *
 * Source:  Cengiz, Dube, Lindner and Zipperer (2019), Quarterly Journal of Economics
 *          134(3), 1405-1454, section 3 and appendix D; Wing, Freedman and Hollingsworth
 *          (2024), NBER Working Paper 32054, for the weights.
 * Matches: R fixest feols() of that formula on the stacked rows.
 * Cost:    three regressions of did_swept.h on the stacked rows. */
#ifndef NP_STATS_DID_STACKED_H
#define NP_STATS_DID_STACKED_H

#include "stats/did/did.h"

/* np_stacked_estimate() is declared in did.h. estimates: "time::e" and the controls.
 * Aggregates: simple, dynamic, group.
 * NP_E_USAGE           weighted without a window
 * NP_E_NOT_IDENTIFIED  no cohort makes an experiment
 * NP_E_NO_MEMORY */

#endif
