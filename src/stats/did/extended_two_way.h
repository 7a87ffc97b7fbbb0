/* Extended two-way fixed effects: one regression on all rows with a coefficient for each
 * cohort and period of treatment,
 *
 *   y_it = alpha_i + lambda_t + sum_g sum_{t >= g} 1{i in g} 1{t} (delta_gt
 *          + rho_gt' (x_it - xbar_g)) + sum_t 1{t} (x_it - xbar)' pi_t + e_it
 *
 * with xbar_g the cohort's mean of the controls, so that delta_gt is the cohort's average
 * effect; controls that change within a unit also stand by themselves and times each
 * cohort. Effects are averaged over a cell's rows: delta_gt + rho_gt' mean(x - xbar_g).
 *
 * Who compares: all untreated rows, never and not yet treated (default), or, where
 * spec.comparison_chosen with NP_COMPARISON_NEVER, the never treated alone: then cells
 * before the start have coefficients too, but for the last one before the start (and the
 * anticipation), which the effects are measured from. Where nobody is never treated the
 * last cohort is the comparison, and rows from its start on are left out and named.
 *
 * Averages: did_cells.h with the number of rows (or the sum of their weights) of the
 * cells, taken as given, errors A V A'. Errors: clustered with fixest's small-sample
 * factor, t with clusters - 1 degrees of freedom.
 *
 * Source:  Wooldridge (2021), Two-way fixed effects, the two-way Mundlak regression, and
 *          difference-in-differences estimators, SSRN 3906345, equations 5.1, 6.33.
 * Matches: R fixest feols() of that formula, so R etwfe(…, ivar = unit, vcov = ~unit)
 *          and emfx() but for the normal distribution that emfx() uses, and, with
 *          cgroup = "never", its base, which is the first period of all.
 * Cost:    k³/3 + units × (periods × (1 + controls))², k cells and periods times (1 +
 *          controls). */
#ifndef NP_STATS_DID_EXTENDED_TWO_WAY_H
#define NP_STATS_DID_EXTENDED_TWO_WAY_H

#include "stats/did/did.h"

/* np_extended_two_way_estimate() is declared in did.h. estimates: one term per cell,
 * "cohort::g:time::t".
 * NP_E_NOT_IDENTIFIED  nobody untreated; too few clusters or rows
 * NP_E_NO_MEMORY */

#endif
