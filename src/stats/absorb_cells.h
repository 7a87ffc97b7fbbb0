/* The rows of two factors as the cells of their table that are not empty: a
 * graph with the levels of both as vertices and the cells as edges. Not for
 * callers: see absorb.h. */
#ifndef NP_STATS_ABSORB_CELLS_H
#define NP_STATS_ABSORB_CELLS_H

#include "stats/absorb_internal.h"

/* Levels of the primary factor are called workers here and those of the other
 * factor firms, after the graphs that are hardest. */
typedef struct {
    size_t n_workers, n_firms, n; /* n cells */
    size_t *start;                /* [n_workers + 1] */
    int32_t *firm;                /* [n] ascending within a worker */
    double *weight;               /* [n] sum of the rows' weights */
} np_absorb_cells;

/* Cost: two passes over the rows, on all threads. With weights NULL they count. */
np_status np_absorb_cells_new(np_absorb_cells *out, const int32_t *worker,
                              size_t n_workers, const int32_t *firm, size_t n_firms,
                              size_t n_rows, unsigned n_threads, np_arena *arena,
                              np_error *err);

/* The cell of each row, [n_rows]. */
void np_absorb_cells_of_rows(uint32_t *cell, const np_absorb_cells *cells,
                             const int32_t *worker, const int32_t *firm, size_t n_rows,
                             unsigned n_threads);

/* label[firm] 0 … *n-1 by connected component, in the order of the lowest firm;
 * -1 for a firm without cells. */
np_status np_absorb_cells_components(int32_t *label, size_t *n,
                                     const np_absorb_cells *cells, np_arena *arena,
                                     np_error *err);

#endif
