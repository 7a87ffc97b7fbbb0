/* Least squares in which one factor is swept out and rows of the other columns are
 * nearly empty: cohort × period dummies and what they are interacted with, or the
 * periods of many stacked experiments. With a tilde for the deviation from the group's
 * weighted mean,
 *
 *   S b = sum w x~ y~,   S = sum w x x' - sum_i W_i m_i m_i'      [k × k]
 *
 * so that a row costs its entries squared and a group those of all its rows squared,
 * and no column is ever spread out. A column that those before it determine is left out
 * (pivot below 1e-10 of its sum of squares). Errors are clustered, with fixest's factor
 *
 *   G/(G-1) (n-1)/(n-K),   K = kept columns that are no levels + levels
 *
 * the swept factor being nested in the clusters. Groups of one row say nothing and are
 * left out of n and G.
 *
 * Matches: R fixest feols(y ~ … | swept + levels, cluster =).
 * Cost:    k³/3 + groups × (entries of a group)²; memory 3 k² and k per cluster asked.
 */
#ifndef NP_STATS_DID_DID_SWEPT_H
#define NP_STATS_DID_DID_SWEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    size_t n, n_groups;
    const uint32_t *start; /* [n_groups + 1] rows of group i: start[i] … */
    size_t k;
    size_t n_levels; /* the first columns are dummies of one further factor */
    size_t width;    /* entries of a row, at most */
    /* Fills the row's entries, each column at most once, and returns their number; *y
     * and *weight too. */
    size_t (*row)(const void *context, size_t row, uint32_t *column, double *value,
                  double *y, double *weight);
    const void *context;
    const int32_t *cluster_of; /* [n_groups]; NULL: each group by itself */
    size_t n_clusters;
} np_swept_spec;

typedef struct {
    np_swept_spec spec;
    double *R;                         /* [k × k] factor of S over the kept columns */
    bool *kept;                        /* [k] */
    double *coefficient;               /* [k], 0 where left out */
    double *group_weight, *group_mean; /* [n_groups] of y */
    size_t n_used, n_alone, n_clusters_used, n_kept;
    double K, factor; /* of the small sample */
} np_swept;

/* NP_E_NOT_IDENTIFIED  fewer than two clusters, or as many parameters as rows
 * NP_E_NO_MEMORY */
np_status np_swept_fit(np_swept *out, const np_swept_spec *spec, np_arena *arena,
                       np_error *err);

/* A linear combination of coefficients: entries first … of column and share. */
typedef struct {
    size_t n;
    const uint32_t *start; /* [n + 1] */
    const uint32_t *column;
    const double *share;
} np_swept_targets;

/* estimate [n] and vcov [n × n] of the targets; those with a column left out are NaN. */
np_status np_swept_combine(double *estimate, double *vcov, const np_swept *model,
                           const np_swept_targets *targets, np_arena *arena,
                           np_error *err);

#endif
