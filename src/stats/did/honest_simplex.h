/* Small dense linear programmes that are solved many times over the same constraints:
 *
 *   max c'x  subject to  E x = f, x >= 0,    E [m × n]
 *
 * The simplex method on the full tableau, by the largest reduced cost, and by Bland's
 * rule where that makes no headway, so that it ends. Every solution starts from the
 * vertex that np_simplex_start() found: it does not depend on those before it. */
#ifndef NP_STATS_DID_HONEST_SIMPLEX_H
#define NP_STATS_DID_HONEST_SIMPLEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum {
    NP_SIMPLEX_OPTIMAL = 0,
    NP_SIMPLEX_INFEASIBLE,
    NP_SIMPLEX_UNBOUNDED,
    NP_SIMPLEX_STALLED /* the limit of steps, which only rounding can reach */
} np_simplex_status;

typedef struct {
    size_t m, n;           /* rows left once dependent ones are out; columns */
    size_t most_m, most_n; /* room for */
    double *start;         /* [m × (n+1)] a vertex's tableau, last column x_B */
    double *tableau, *phase_one, *row; /* scratch */
    size_t *start_basis, *basis;       /* [m] */
} np_simplex;

/* Room for programmes of up to m rows and n columns; false: no memory. */
bool np_simplex_new(np_simplex *s, size_t m, size_t n, np_arena *arena);
/* A first vertex. Columns of E should be of like size. */
np_simplex_status np_simplex_start(np_simplex *s, const double *E, const double *f,
                                   size_t m, size_t n);
/* x [n] and its value c'x. */
np_simplex_status np_simplex_maximise(np_simplex *s, double *x, double *value,
                                      const double *c);

#endif
