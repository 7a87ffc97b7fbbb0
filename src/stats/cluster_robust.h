/* Cluster-robust covariances that correct the clusters' residuals for their leverage,
 * and Satterthwaite degrees of freedom by coefficient: for few or unequal clusters.
 *
 *   V = B (Σ_g X_g' A_g e_g e_g' A_g X_g) B,  H_gg = X_g B X_g',  B = (X'X)^-1
 *
 *   CR0   A_g = 1
 *   CR1   A_g = 1, times G/(G-1)
 *   CR1S  A_g = 1, times G/(G-1) (n-1)/(n-K): Stata's and fixest's
 *   CR2   A_g = (1 - H_gg)^-1/2: unbiased where errors are independent and of equal
 *         variance; the pseudo-inverse where a cluster determines a coefficient
 *   CR3   A_g = (1 - H_gg)^-1: close to leaving one cluster out at a time
 *
 * With weights rows are those times the square root of the weight, so that the working
 * variance is 1/weight. Degrees of freedom of CR2 for coefficient c, under that
 * working variance, with a_g = A_g X_g B c and u_g = X_g' a_g:
 *
 *   P_gh = [g = h] a_g'a_g - u_g' B u_h,    df = (Σ_g P_gg)² / Σ_g Σ_h P_gh²
 *
 * The others have G - 1. All is done in the k-dimensional span of a cluster's
 * regressors: cost G k³ whatever the clusters' sizes. For CR2 and CR3 absorbed factors
 * that do not lie within the clusters (periods, where units are the clusters) are spread
 * out into dummies, which count in k here: spread_fit.h.
 *
 * Source:  Bell and McCaffrey (2002), Survey Methodology 28(2), 169-181; Imbens and
 *          Kolesár (2016), Rev. Econ. Stat. 98(4); Pustejovsky and Tipton (2018),
 *          J. Bus. Econ. Stat. 36(4), 672-683, whose Theorem 2 says that factors nested
 *          in the clusters may be absorbed.
 * Matches: R clubSandwich 0.5.8 vcovCR(), coef_test(); sandwich vcovCL() HC0-HC3.
 */
#ifndef NP_STATS_CLUSTER_ROBUST_H
#define NP_STATS_CLUSTER_ROBUST_H

#include "stats/vcov.h"

/* meat [k × k] of the rows' columns (without the factor of CR1, CR1S); df [k] by
 * coefficient, Satterthwaite for CR2, else n_clusters - 1.
 * NP_E_LIMIT  CR2, CR3: of np_fit_spread()
 * NP_E_RANGE  CR3: a cluster that determines a coefficient alone */
np_status np_cluster_robust_meat(double *meat, double *df, const np_fit *fit,
                                 const np_groups *clusters, const char *cluster_name,
                                 size_t n_clusters, np_vcov_kind kind, np_arena *arena,
                                 np_error *err);

#endif
