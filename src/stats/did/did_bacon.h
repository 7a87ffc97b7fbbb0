/* What the two-way coefficient is an average of: every comparison of two groups, one of
 * which changes its treatment while the other does not.
 *
 * Without controls, on a balanced panel, for a cohort k and a comparison group u (never
 * treated, not yet treated, or treated already) in the window W of periods in which u
 * does not change (all; those before u starts; those from u's start on):
 *
 *   estimate = (y_k,after - y_k,before) - (y_u,after - y_u,before)     within W
 *   weight   ∝ n_k n_u |W|² D_k (1 - D_k),   D_k = share of W in which k is treated
 *
 * with n the units or the sums of their weights. The weights sum to one, and
 * sum weight × estimate is the two-way coefficient.
 *
 * With controls, let d be the residual of the treatment on the controls and both
 * effects. The coefficient is Omega × within + (1 - Omega) × sum s_kl × estimate_kl,
 * Omega the share of d's variance within cohort and period, `within` the coefficient
 * of that part. For a pair of groups, with d and y averaged by cohort and period and
 * delta_t = d_kt - d_lt less its mean over time,
 *
 *   estimate = sum_t delta_t (y_kt - y_lt) / sum_t delta_t²
 *   s_kl     ∝ n_k n_l sum_t delta_t²
 *
 * Here a pair appears once: later and earlier starters are not told apart.
 *
 * Source:  Goodman-Bacon (2021), J. of Econometrics 225(2), 254-277, Theorem 1 (eq. 10a
 *          to 10g) and section 5.2.
 * Matches: R bacondecomp 0.1.1, bacon().
 */
#ifndef NP_STATS_DID_DID_BACON_H
#define NP_STATS_DID_DID_BACON_H

#include "stats/did/did.h"

typedef enum {
    NP_BACON_EARLIER_LATER = 0, /* treated, with those treated later */
    NP_BACON_LATER_EARLIER,     /* treated, with those treated already */
    NP_BACON_NEVER,             /* treated, with the never treated */
    NP_BACON_LATER_ALWAYS,      /* treated, with those treated from the first period */
    NP_BACON_BOTH_TREATED,      /* with controls: two cohorts, either way */
    NP_N_BACON_TYPES
} np_bacon_type;

/* "earlier vs later treated" …, English, for _(). */
const char *np_bacon_type_title(np_bacon_type type);

typedef struct {
    double treated, comparison; /* first treated periods; INFINITY: never */
    np_bacon_type type;
    double estimate, weight; /* NaN estimate where the weight is 0 */
} np_bacon_row;

typedef struct {
    size_t n_rows;
    const np_bacon_row *row; /* by treated, then comparison, never last */
    double weight[NP_N_BACON_TYPES], estimate[NP_N_BACON_TYPES]; /* by type, NaN: none */
    double omega, within; /* with controls; 0 and NaN without */
    double sum;           /* the coefficient that the parts make up */
} np_bacon;

/* Why there is no decomposition, translated: gaps, weights that change, a treatment
 * that ends. NULL: there is one. */
const char *np_bacon_refusal(const np_did_panel *panel);

/* np_bacon_refusal() must be NULL. residual [n]: of the treatment on the controls and
 * both effects (np_did_partial_out()); NULL: the decomposition without controls.
 * NP_E_NO_MEMORY alone. */
np_status np_bacon_decompose(np_bacon *out, const np_did_panel *panel,
                             const double *residual, np_arena *arena, np_error *err);

#endif
