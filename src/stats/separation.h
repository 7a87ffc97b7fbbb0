/* Separation: rows whose outcome the regressors and factors predict perfectly, so that
 * the likelihood has no maximum at finite coefficients.
 *
 * A model is separated when some combination z = X c + effects is
 *   counts   0 where y > 0, and at most 0 and somewhere below 0 where y = 0
 *   binary   at least 0 where y = 1, at most 0 where y = 0, and not 0 everywhere
 *            (no condition where 0 < y < 1 but z = 0)
 * It is searched for by projecting in turn on the span of the columns and on the cone
 * of the signs asked for; both are closed under scaling, so that z is rescaled to
 * largest element 1 each time: a separated model converges to a z that meets the signs,
 * another one keeps a gap.
 *
 * Source: Albert and Anderson (1984), Biometrika 71(1); Correia, Guimarães and Zylkin
 * (2019), arXiv:1903.01633, whose iterative rectifier this follows.
 */
#ifndef NP_STATS_SEPARATION_H
#define NP_STATS_SEPARATION_H

#include "stats/absorb.h"
#include "stats/family.h"

typedef struct {
    size_t n_rows;    /* separated; 0: none found */
    size_t first_row; /* index among the n used */
    size_t column;    /* of the regressors, the one with the largest part in z; k: only
                         factors have */
} np_separation;

/* absorber may be NULL; it is left with other weights. *
 * NP_E_NO_MEMORY, NP_E_NOT_CONVERGED (of the absorber). */
np_status np_separation_find(np_separation *out, np_family family,
                             const np_design *design, const double *const *x, size_t k,
                             np_absorber *absorber, np_arena *arena, np_error *err);

#endif
