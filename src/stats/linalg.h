/* Dense algebra for the small side of an estimation: matrices of the size of
 * the number of coefficients, row-major, on LAPACK. */
#ifndef NP_STATS_LINALG_H
#define NP_STATS_LINALG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

/* Cholesky factor of a symmetric positive semidefinite A [k × k] without
 * exchanges, leaving out each column that depends on those before it: column j is
 * left out where its pivot is not above tolerance × reference[j] (NULL: A's
 * diagonal). R [k × k] upper with A = R'R on the kept columns; rows and columns left
 * out are zero. kept[k] tells; returns how many are kept. A NaN pivot is left out.
 * Cost k³/3. */
size_t np_cholesky(double *R, bool *kept, const double *A, const double *reference,
                   size_t k, double tolerance);
/* The same, where column j is judged against max(floor[j], d_j), with d_j its diagonal
 * element when the first `lead` columns are eliminated (for these themselves: A's). */
size_t np_cholesky_led(double *R, bool *kept, const double *A, const double *floor,
                       size_t lead, size_t k, double tolerance);
/* x := A^-1 x from the factor, over the kept columns; the others become 0. */
void np_cholesky_solve(double *x, const double *R, const bool *kept, size_t k);
/* inverse [k × k] := A^-1 over the kept columns, 0 elsewhere. */
void np_cholesky_inverse(double *inverse, const double *R, const bool *kept, size_t k);

/* C [n × m] = A [n × k] B [k × m]. */
void np_matrix_product(double *C, const double *A, const double *B, size_t n, size_t k,
                       size_t m);
/* V [n × n] = T A T' for T [n × k] and symmetric A [k × k]; exactly symmetric.
 * scratch [n × k]. */
void np_matrix_sandwich(double *V, const double *T, const double *A, size_t n, size_t k,
                        double *scratch);

/* Eigenvalues, ascending, and vectors (columns of Q) of the symmetric A [k × k]. */
np_status np_symmetric_eigen(double *value, double *Q, const double *A, size_t k,
                             np_error *err);

/* x := A^-1 x for general A [k × k] (destroyed). NP_E_NOT_IDENTIFIED: A is
 * singular to working precision. */
np_status np_matrix_solve(double *A, double *x, size_t k, np_arena *arena, np_error *err);

#endif
