/* The same fit with only those factors absorbed that lie within the clusters.
 *
 * Cluster methods that take a model's error apart by cluster (CR2 and CR3, the wild
 * cluster bootstrap) need that what is absorbed keeps the clusters apart: every level
 * of a factor lies in one cluster. A factor that does not, as the periods where units
 * are the clusters, is spread out here into dummies Z, themselves partialled on the
 * factors D that stay absorbed:
 *
 *   Z = M_D F,  M_D = 1 - D (D'WD)^- D'W,  F the dummies (and slopes) spread out
 *
 * The fit's own columns are orthogonal to Z already, since all factors were taken out
 * of them, so that (X'WX)^-1 becomes block diagonal with (Z'WZ)^-1 beside it; columns
 * of Z that depend on earlier ones are left out.
 *
 * Source: Pustejovsky and Tipton (2018), J. Bus. Econ. Stat. 36(4), Theorem 2, for what
 *         may stay absorbed; Frisch and Waugh (1933) for the rest.
 */
#ifndef NP_STATS_INFER_SPREAD_FIT_H
#define NP_STATS_INFER_SPREAD_FIT_H

#include "stats/vcov.h"

enum { NP_SPREAD_MOST_COLUMNS = 2000 };

/* *out is `fit` itself where all factors lie within the clusters. Else its rows have
 * fit->k columns as before and the dummies after them, out->k in all; bread, basis and
 * design (only the factors that stay) are those of it; score and weight are unchanged.
 * Borrows fit. Cost: a pass over the rows, and per level of the absorbed factor the
 * square of the dummies; with several absorbed factors a column of n per dummy.
 * NP_E_LIMIT  the factors outside the clusters have more than NP_SPREAD_MOST_COLUMNS
 *             levels (and slopes) */
np_status np_fit_spread(np_fit *out, const np_fit *fit, const np_groups *clusters,
                        const char *cluster_name, np_arena *arena, np_error *err);

/* The dummies as they stand, of a fit that np_fit_spread() made: which of the columns
 * after the fit's own a row touches. Without parts where nothing was spread out. */
typedef struct {
    const int32_t *code; /* [n] */
    const double *value; /* [n]; NULL: 1 */
    size_t first;        /* row i touches dummy first + code[i] */
    size_t n_columns;
} np_spread_part;

typedef struct {
    size_t n_parts;
    const np_spread_part *part; /* [n_parts] */
    const int32_t *kept_at;     /* by dummy: its place after the fit's own columns; -1 */
} np_spread_dummies;

np_spread_dummies np_fit_spread_dummies(const np_fit *spread);

#endif
