/* Small-sample factors of covariance matrices, as fixest 0.14 has them.
 *
 *   iid       rss / (n - K): the dispersion's own denominator
 *   HC1       n / (n - K)
 *   clusters  (n - 1) / (n - K), and G / (G - 1) per set of cluster variables, or
 *             for all sets that of the variable with the fewest clusters
 *
 * K counts the regressors and, by `k_fixef`, all absorbed levels (one less per
 * further factor), those of factors not nested in a cluster variable (a nested
 * factor counts 1, as a constant), or none.
 */
#ifndef NP_STATS_SSC_H
#define NP_STATS_SSC_H

#include "stats/vcov.h"

/* The rows that small-sample factors count. */
double np_ssc_observations(const np_fit *fit);
/* Regressors and all absorbed levels, less one per further factor. */
double np_ssc_all_parameters(const np_fit *fit);
/* K under the spec for the keys given [n_keys]. With K.exact the absorbed levels
 * count by their rank: that of all, less that of the nested ones, and 1. The rank
 * is a bound from above where three or more factors are too large to factor
 * (np_absorbed_rank). */
np_status np_ssc_parameters(double *out, const np_fit *fit, const np_vcov_spec *spec,
                            const np_groups *keys, size_t n_keys, np_arena *arena,
                            np_error *err);
/* Which fixed effects K counts, with the default of the kind filled in. */
np_ssc_k_fixef np_ssc_fixef_of(const np_vcov_spec *spec);
/* "K.adj=TRUE, K.fixef=nonnested, …"; NULL: no memory. */
const char *np_ssc_label(const np_vcov_spec *spec, np_arena *arena);

#endif
