/* Influence functions of many estimates at once, handed out in blocks of units, so that
 * they need not all be in memory: their covariance, and their sums by cluster.
 *
 * Units stand in segments (cohorts); within a segment the same columns are nonzero for
 * all units, and only these are filled in.
 */
#ifndef NP_STATS_DID_INFLUENCE_H
#define NP_STATS_DID_INFLUENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* block [(last - first) × n_in[segment]] of the positions first … last-1, row by row. */
typedef void np_influence_fill(double *block, const void *context, size_t segment,
                               size_t first, size_t last);

typedef struct {
    size_t n_units, n_columns, n_segments;
    const size_t *first;         /* [n_segments + 1] positions */
    const uint32_t *unit;        /* [n_units] at each position; NULL: the position */
    const size_t *n_in;          /* [n_segments] */
    const size_t *const *column; /* [n_segments] the n_in nonzero columns, ascending */
    np_influence_fill *fill;
    const void *context;
    unsigned n_threads;
} np_influence;

/* A matrix [n_units × n_columns] as one segment. */
np_status np_influence_of_matrix(np_influence *out, const double *matrix, size_t n_units,
                                 size_t n_columns, unsigned n_threads, np_arena *arena,
                                 np_error *err);

/* cross [n_columns × n_columns] := sum over units of psi psi'. */
np_status np_influence_cross(double *cross, const np_influence *influence,
                             np_arena *arena, np_error *err);

/* sum [n_clusters × n_columns] := psi summed by cluster_of [n_units]. */
np_status np_influence_by_cluster(double *sum, const np_influence *influence,
                                  const int32_t *cluster_of, size_t n_clusters,
                                  np_arena *arena, np_error *err);

/* to [n_units × n_rows] := psi A' for A [n_rows × n_columns], in the units' order. */
np_status np_influence_combine(double *to, const np_influence *influence, const double *A,
                               size_t n_rows, np_arena *arena, np_error *err);

#endif
