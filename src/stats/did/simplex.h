/* Least squares with weights that are not negative and sum to one:
 *
 *   minimise  f(x) = ||A x - b||² / n_rows + zeta² ||x||²   over x >= 0, sum x = 1
 *
 * which is what unit weights and time weights of synthetic methods are.
 *
 * Two solvers of the same programme. Frank-Wolfe is what the field's packages print:
 * it stops where an iteration decreases f by no more than min_decrease², or after
 * max_iterations, so that its weights are near the optimum, not at it. The exact
 * solver is Wolfe's minimum-norm point: it ends, after finitely many exchanges, where
 * no column can be added that would lower f beyond rounding.
 *
 * Source:  Frank & Wolfe (1956), Naval Res. Logist. Q. 3; steps by exact line search as
 *          in Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), AER 111(12), eqs. 4
 *          and 6 and their supplement. Wolfe (1976), Math. Programming 11, 128-149.
 * Matches: R synthdid 0.0.9, sc.weight.fw() (iterates, to rounding). */
#ifndef NP_STATS_DID_SIMPLEX_H
#define NP_STATS_DID_SIMPLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const double *A; /* [n_columns × n_rows]: one column after the other */
    const double *b; /* [n_rows] */
    size_t n_rows, n_columns;
    double zeta;
} np_simplex_problem;

/* Scratch, for any problem of at most `size` rows and columns; one per thread. */
typedef struct {
    size_t size;
    double *gradient; /* [size] half of n_rows × f's */
    double *residual; /* [size] A x - b */
    double *target;   /* [size] A_i - b */
    double *gram;     /* [n_slots × size] A'(A_i - b) of the columns visited */
    double *spare;    /* [size] the same where all slots are taken */
    int32_t *slot;    /* [size] of column i in gram; -1: none */
    size_t n_slots, n_used;
} np_simplex_scratch;

/* Memory: 5 × size, and size² up to 32 MB. NP_E_NO_MEMORY. */
np_status np_simplex_scratch_make(np_simplex_scratch *out, size_t size, np_arena *arena,
                                  np_error *err);
/* Before the first run on another problem. */
void np_simplex_forget(np_simplex_scratch *scratch);

typedef struct {
    size_t n_iterations;
    bool converged; /* false: stopped by max_iterations */
    double value;   /* f at the end */
} np_simplex_report;

/* From x [n_columns], which it replaces. An iteration costs n_rows + n_columns, and
 * n_rows × n_columns where it visits a column for the first time. */
np_simplex_report np_simplex_frank_wolfe(double *x, const np_simplex_problem *p,
                                         double min_decrease, size_t max_iterations,
                                         np_simplex_scratch *scratch);

/* x [n_columns] is written, not read. Cost per exchange: n_rows × n_columns and the
 * square of the number of positive weights.
 * NP_E_NOT_CONVERGED  more exchanges than 50 × n_columns + 1000: A has rounding only
 * NP_E_NO_MEMORY */
np_status np_simplex_exact(double *x, const np_simplex_problem *p, np_arena *arena,
                           np_error *err);

#endif
