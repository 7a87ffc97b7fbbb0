/* The two factors of a Laplacian. Not for callers: see laplacian.h. */
#ifndef NP_STATS_LAPLACIAN_INTERNAL_H
#define NP_STATS_LAPLACIAN_INTERNAL_H

#include "stats/laplacian.h"

/* Cholesky factor in an envelope: row i, in the order of elimination, holds the
 * columns first[i] … i. The last vertex of each component is held at 0. */
typedef struct {
    size_t n;
    int32_t *vertex; /* [n] the vertex at each place */
    int32_t *place;  /* [n] */
    int32_t *first;  /* [n] */
    size_t *start;   /* [n + 1] */
    double *value;   /* [start[n]] */
    double cost;     /* sum of squared row lengths */
} np_laplacian_envelope;

/* Orders the vertices; value is left NULL. */
np_status np_laplacian_envelope_order(np_laplacian_envelope *out,
                                      const np_laplacian_graph *g, np_arena *arena,
                                      np_error *err);
/* Factors into value, which is allocated the first time. last[v]: v is held at 0. */
np_status np_laplacian_envelope_factor(np_laplacian_envelope *e,
                                       const np_laplacian_graph *g,
                                       const unsigned char *last, np_arena *arena,
                                       np_error *err);
void np_laplacian_envelope_solve(const np_laplacian_envelope *e, const double *b,
                                 double *x, double *scratch);

/* Column v of the unit lower triangular factor holds share = w_vu / pivot_v for
 * each u that was drawn as its neighbour; numbered in the order of elimination. */
typedef struct {
    size_t n, capacity;
    int32_t *vertex; /* [n] the vertex at each place */
    size_t *start;   /* [n + 1] */
    int32_t *row;    /* [capacity] the place of each neighbour */
    double *share;   /* [capacity] */
    double *inverse; /* [n] 1 / pivot; 0: the last of its component */
} np_laplacian_drawn;

np_status np_laplacian_draw(np_laplacian_drawn *d, const np_laplacian_graph *g,
                            np_arena *arena, np_error *err);
void np_laplacian_drawn_solve(const np_laplacian_drawn *d, const double *b, double *x,
                              double *scratch);

#endif
