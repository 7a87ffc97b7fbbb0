#include "stats/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Row j is done with: its square is taken from the rows below. */
static void eliminate(double *R, size_t j, size_t k)
{
    const double *row = R + j * k;
    for (size_t i = j + 1; i < k; i++) {
        double r = row[i];
        double *below = R + i * k;
        if (r == 0)
            continue;
        for (size_t l = i; l < k; l++)
            below[l] -= r * row[l];
    }
}

/* The upper half of A, whose references wait below the diagonal, in the first
 * column, until it is their turn. */
static void copy_upper(double *R, const double *A, const double *reference, size_t k)
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            R[i * k + j] = j >= i ? A[i * k + j] : 0;
    for (size_t i = 1; i < k; i++)
        R[i * k] = reference == NULL ? R[i * k + i] : reference[i];
}

static bool take_pivot(double *R, size_t j, size_t k, double reference, double tolerance)
{
    double pivot = R[j * k + j];
    if (j > 0)
        R[j * k] = 0;
    if (!(pivot > tolerance * reference && pivot > 0)) {
        memset(R + j * k + j, 0, (k - j) * sizeof *R);
        return false;
    }
    double root = sqrt(pivot);
    R[j * k + j] = root;
    for (size_t l = j + 1; l < k; l++)
        R[j * k + l] /= root;
    eliminate(R, j, k);
    return true;
}

/* What earlier rows say of columns that were left out later. */
static size_t clear_left_out(double *R, const bool *kept, size_t k)
{
    size_t n_kept = 0;
    for (size_t j = 0; j < k; j++)
        n_kept += kept[j];
    for (size_t i = 0; i < k; i++)
        for (size_t j = i + 1; j < k; j++)
            if (!kept[j])
                R[i * k + j] = 0;
    return n_kept;
}

size_t np_cholesky(double *R, bool *kept, const double *A, const double *reference,
                   size_t k, double tolerance)
{
    copy_upper(R, A, reference, k);
    for (size_t j = 0; j < k; j++) {
        double own = reference != NULL ? reference[j] : A[j * k + j];
        kept[j] = take_pivot(R, j, k, own, tolerance);
    }
    return clear_left_out(R, kept, k);
}

size_t np_cholesky_led(double *R, bool *kept, const double *A, const double *floor,
                       size_t lead, size_t k, double tolerance)
{
    copy_upper(R, A, NULL, k);
    for (size_t j = 0; j < k; j++) {
        for (size_t i = j; j == lead && i < k; i++)
            if (i > 0)
                R[i * k] = R[i * k + i];
        double reference = j == 0 ? R[0] : R[j * k];
        kept[j] = take_pivot(R, j, k, fmax(floor[j], reference), tolerance);
    }
    return clear_left_out(R, kept, k);
}

void np_cholesky_solve(double *x, const double *R, const bool *kept, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        if (!kept[i]) {
            x[i] = 0;
            continue;
        }
        double sum = x[i];
        for (size_t l = 0; l < i; l++)
            sum -= R[l * k + i] * x[l];
        x[i] = sum / R[i * k + i];
    }
    for (size_t i = k; i-- > 0;) {
        if (!kept[i])
            continue;
        double sum = x[i];
        for (size_t l = i + 1; l < k; l++)
            sum -= R[i * k + l] * x[l];
        x[i] = sum / R[i * k + i];
    }
}

void np_cholesky_inverse(double *inverse, const double *R, const bool *kept, size_t k)
{
    /* column by column of the identity; the result is symmetrised, so that it
     * does not matter which half is read */
    for (size_t j = 0; j < k; j++) {
        double *row = inverse + j * k;
        memset(row, 0, k * sizeof *row);
        row[j] = kept[j] ? 1 : 0;
        np_cholesky_solve(row, R, kept, k);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < i; j++)
            inverse[i * k + j] = inverse[j * k + i] =
                0.5 * (inverse[i * k + j] + inverse[j * k + i]);
}

void np_matrix_product(double *C, const double *A, const double *B, size_t n, size_t k,
                       size_t m)
{
    memset(C, 0, n * m * sizeof *C);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < k; l++) {
            double a = A[i * k + l];
            for (size_t j = 0; j < m; j++)
                C[i * m + j] += a * B[l * m + j];
        }
}

void np_matrix_sandwich(double *V, const double *T, const double *A, size_t n, size_t k,
                        double *scratch)
{
    np_matrix_product(scratch, T, A, n, k, k);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += scratch[i * k + l] * T[j * k + l];
            V[i * n + j] = V[j * n + i] = sum;
        }
}

np_status np_symmetric_eigen(double *value, double *Q, const double *A, size_t k,
                             np_error *err)
{
    for (size_t i = 0; i < k * k; i++)
        if (!isfinite(A[i]))
            return np_fail(err, NP_E_RANGE,
                           _("a covariance is beyond the largest number: the data hold "
                             "numbers too large to be squared"));
    memcpy(Q, A, k * k * sizeof *Q);
    lapack_int info =
        LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'U', (lapack_int)k, Q, (lapack_int)k, value);
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for eigenvalues"));
    if (info != 0)
        return np_fail(err, NP_E_NOT_CONVERGED,
                       _("the eigenvalues of a covariance matrix did not converge"));
    return NP_OK;
}

np_status np_matrix_solve(double *A, double *x, size_t k, np_arena *arena, np_error *err)
{
    lapack_int *pivot = np_arena_array(arena, lapack_int, k);
    if (pivot == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu equations"), k);
    lapack_int n = (lapack_int)k;
    double norm = LAPACKE_dlange(LAPACK_ROW_MAJOR, '1', n, n, A, n), rcond = 0;
    lapack_int info = LAPACKE_dgetrf(LAPACK_ROW_MAJOR, n, n, A, n, pivot);
    if (info == 0)
        info = LAPACKE_dgecon(LAPACK_ROW_MAJOR, '1', n, A, n, norm, &rcond);
    if (info != 0 || !(rcond > 1e-16))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("a system of %zu equations is singular"), k);
    LAPACKE_dgetrs(LAPACK_ROW_MAJOR, 'N', n, 1, A, n, pivot, x, 1);
    return NP_OK;
}
