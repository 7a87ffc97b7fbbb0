/* Linear equations in the Laplacian of a weighted graph,
 *
 *   (L x)_u = sum over the neighbours v of u of w_uv (x_u − x_v) = b_u,
 *
 * for many right-hand sides. x is determined up to a constant in each component
 * of the graph; b is taken to sum to zero there (its rounding is ignored).
 *
 * Where an ordering of the vertices keeps the factor within a small envelope (a
 * chain, a band), L is factored exactly; the ordering is the given one or that
 * of Cuthill & McKee (1969) reversed. Elsewhere conjugate gradients run with an
 * approximate factor: vertices are eliminated in the order of their degree, and
 * of the clique that an elimination leaves on d neighbours d − 1 edges are drawn
 * so that its expectation is right (Kyng & Sachdeva 2016, FOCS, "Approximate
 * Gaussian elimination for Laplacians: fast, sparse, and simple"; Gao, Kyng &
 * Spielman 2023, "Robust and practical solution of Laplacian equations by
 * approximate elimination", arXiv 2303.00709). The seed is fixed: the same graph
 * gives the same digits.
 */
#ifndef NP_STATS_LAPLACIAN_H
#define NP_STATS_LAPLACIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Each edge stands with both its ends; no loops. */
typedef struct {
    size_t n;                 /* vertices, fewer than 2^31 */
    const size_t *start;      /* [n + 1] */
    const int32_t *neighbour; /* [start[n]] */
    const double *weight;     /* [start[n]] ≥ 0 */
} np_laplacian_graph;

typedef enum {
    NP_LAPLACIAN_CHOOSE = 0, /* by the cost of the exact factor */
    NP_LAPLACIAN_DIRECT,
    NP_LAPLACIAN_APPROXIMATE
} np_laplacian_method;

typedef struct np_laplacian np_laplacian;

/* The graph is borrowed for the Laplacian's life. NP_E_NO_MEMORY. */
np_status np_laplacian_new(np_laplacian **out, const np_laplacian_graph *graph,
                           np_laplacian_method method, np_arena *arena, np_error *err);
/* Factors anew after the graph's weights have changed. */
np_status np_laplacian_weigh(np_laplacian *l, np_error *err);

np_laplacian_method np_laplacian_method_used(const np_laplacian *l);
size_t np_laplacian_factor_size(const np_laplacian *l); /* numbers in the factor */

/* Solves for k columns [n] of b, each on one thread. Conjugate gradients stop when
 * the error is below bound[c] in the energy norm sqrt(e'Le); the exact factor
 * ignores it. *iterations: the most that a column took (0: exact factor).
 * NP_E_NOT_CONVERGED, NP_E_NO_MEMORY. */
np_status np_laplacian_solve(const np_laplacian *l, const double *const *b,
                             double *const *x, size_t k, const double *bound,
                             unsigned max_iterations, unsigned n_threads,
                             unsigned *iterations, np_arena *arena, np_error *err);

#endif
