/* Spatial covariance: errors of rows that are near each other in space may go together.
 *
 *   V = B (Σ_i Σ_j K(d_ij) s_i s_j') B,  s_i = w_i e_i x_i
 *   uniform   K = 1 where d ≤ cutoff
 *   bartlett  K = 1 - d / cutoff there
 *
 * over all pairs of rows, so that the rows of one place go together fully, whatever their
 * period. d in km from degrees of latitude φ and longitude λ:
 *
 *   triangular  111 √(Δφ² + cos²((φ_i + φ_j)/2) Δλ²)        one degree is 111 km
 *   spherical   12752 asin √(sin²(Δφ/2) + cos φ_i cos φ_j sin²(Δλ/2))
 *
 * fixest's defaults and constants: the radius is 6376 km, and the degree of the
 * triangular distance is taken with 3.14159 for pi, so that the same pairs are within the
 * cutoff.
 *
 * Rows of one place are summed first. Places are kept in bands of latitude as high as
 * the cutoff, in each by longitude, and only the stretches of a place's own band and of
 * the next one that may lie within the cutoff are looked at: the cost is that of the
 * pairs that are near, and n for the sums. Memory n for the codes, places × k.
 *
 * Source:  Conley (1999), J. of Econometrics 92(1), 1-45, eq. 4.2 (kernels: section 3).
 * Matches: R fixest vcov_conley() with a cutoff (uniform kernel), which with the
 *          spherical distance leaves out pairs whose difference of longitude, on the
 *          parallel of their mean latitude, is wider than the cutoff: some with
 *          cutoffs of a thousand km in high latitudes.
 */
#ifndef NP_STATS_VCOV_CONLEY_H
#define NP_STATS_VCOV_CONLEY_H

#include "stats/vcov.h"

/* The distance in km between two places in degrees. */
double np_distance_km(np_distance distance, double latitude, double longitude,
                      double other_latitude, double other_longitude);

/* meat [k × k]; key[0] is latitude and key[1] longitude, numeric columns of the design's
 * table by the names in spec.
 * NP_E_USAGE  a key that is no numeric column; NP_E_RANGE  a latitude outside [-90, 90]
 *             or a longitude outside [-360, 360] */
np_status np_meat_conley(double *meat, const np_fit *fit, const np_vcov_spec *spec,
                         const np_groups *key, np_arena *arena, np_error *err);

#endif
