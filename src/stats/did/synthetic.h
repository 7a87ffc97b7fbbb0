/* Synthetic difference-in-differences and synthetic control of a panel with cohorts: from
 * np_did_panel to np_did_result.
 *
 * Donors are the never treated. Units that are not seen in every period, and cohorts with
 * fewer than two periods before their start, are left out and named. Sampling weights are
 * not used, and a warning says so.
 *
 * The result has, besides what did.h says of every result,
 *   estimates.term   "ATT", and "cohort G" for each where there are several
 *   statistics       n_donors; for a single cohort also n_before, n_after, noise_level,
 *                    zeta_omega, zeta_lambda, min_decrease, max_iterations,
 *                    omega_intercept, lambda_intercept, update_omega, update_lambda (1,
 * 0), rmse_before; draws tables           donor_weights, time_weights, pre_treatment_fit
 * (root mean squared gap before the start, about its mean where omega has an intercept),
 *                    in_space_placebos and in_space_ratios (with placebo errors of a
 *                    single cohort); terms begin with "G: " where cohorts are several
 *   tests            in_space_rank and in_space_ratio_rank for a single treated unit,
 *                    placebo_rank of the draws: (1 + number as large) / (1 + number)
 *
 * Group-time rows are the curve of synthetic_block.h in every period, before the start
 * too. Standard errors: spec->synthetic_errors, 200 draws unless spec->draws says.
 * Errors: those of synthetic_study.h and synthetic_block.h.
 * Cost: per cohort, Frank-Wolfe's iterations × (donors + periods). */
#ifndef NP_STATS_DID_SYNTHETIC_H
#define NP_STATS_DID_SYNTHETIC_H

#include "stats/did/did.h"

#endif
