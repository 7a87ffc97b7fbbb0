/* The procedures that simulate-coverage judges: an estimator with its interval and
 * test. */
#ifndef NP_TOOLS_SIMULATE_PROCEDURES_H
#define NP_TOOLS_SIMULATE_PROCEDURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct {
    size_t n;
    int64_t *unit, *period;
    double *start, *treated, *y;
    double truth; /* average effect over the treated rows */
} simulated;

bool simulated_new(simulated *out, size_t most_rows, np_arena *arena);

typedef struct {
    bool given;                                      /* false: refused */
    double estimate, std_error, low, high, p, truth; /* NaN: the procedure has none */
    char reason[160];                                /* where refused */
} answer;

enum { N_PROCEDURES = 16 };
const char *procedure_name(size_t procedure);
answer procedure_run(size_t procedure, const simulated *d, uint64_t seed,
                     np_arena *arena);

#endif
