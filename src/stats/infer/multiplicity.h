/* P values for several hypotheses at once.
 *
 * For p_(1) <= … <= p_(m), adjusted in that order and at most 1:
 *   bonferroni   m p_i
 *   holm         max_{j<=i} (m - j + 1) p_(j)
 *   bh           min_{j>=i} m / j p_(j)              (false discovery rate)
 *   by           the same times sum_{k=1}^m 1/k      (any dependence)
 *   romano-wolf  step-down from joint draws t*_r [m] under the hypotheses, |t_(1)| the
 *                largest: p_i = max_{j<=i} (1 + #{r: max_{k>=j} |t*_r(k)| >= |t_(j)|})
 *                / (B + 1); with all vectors enumerated, of which the data's own is one,
 *                #/B
 *
 * Source:  Holm (1979), Scand. J. Stat. 6, 65-70; Benjamini and Hochberg (1995), J. R.
 *          Stat. Soc. B 57, 289-300; Benjamini and Yekutieli (2001), Ann. Stat. 29,
 *          1165-1188; Romano and Wolf (2005), Econometrica 73, 1237-1282, and (2016),
 *          Stat. Probab. Lett. 113, 38-40, eqs. 2-5.
 * Matches: R p.adjust(); Stata rwolf and R wildrwolf for the step-down. */
#ifndef NP_STATS_INFER_MULTIPLICITY_H
#define NP_STATS_INFER_MULTIPLICITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    NP_ADJUST_NONE = 0,
    NP_ADJUST_BONFERRONI,
    NP_ADJUST_HOLM,
    NP_ADJUST_BH,
    NP_ADJUST_BY,
    NP_ADJUST_ROMANO_WOLF,
    NP_N_ADJUSTMENTS
} np_adjustment;

/* "none", "bonferroni", "holm", "bh", "by", "romano-wolf". */
const char *np_adjustment_code(np_adjustment how);
np_adjustment np_adjustment_of_code(const char *code); /* NP_N_ADJUSTMENTS: unknown */

/* adjusted [m] from p [m], by any but ROMANO_WOLF; may be the same array. A NaN stays
 * and is no hypothesis. NP_E_NO_MEMORY; NP_E_RANGE a p outside [0, 1]. */
np_status np_adjust_p_values(double *adjusted, const double *p, size_t m,
                             np_adjustment how, np_arena *arena, np_error *err);

/* adjusted [m] from the statistics t [m] and the draws, column [m] of [n_draws]: draw r
 * of every column from the same vector of weights. NaN among t is no hypothesis; a NaN
 * draw counts as exceeding, and what is equal up to 1e-9 as well.
 * Cost: n_draws × m. */
np_status np_romano_wolf_p_values(double *adjusted, const double *t,
                                  const double *const *draw, size_t n_draws,
                                  bool enumerated, size_t m, np_arena *arena,
                                  np_error *err);

#endif
