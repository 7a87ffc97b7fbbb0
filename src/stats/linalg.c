#include "stats/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

size_t np_cholesky(double *R, bool *kept, const double *A, const double *reference,
                   size_t k, double tolerance)
{
    size_t n_kept = 0;
    memset(R, 0, k * k * sizeof *R);
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < j; i++) {
            if (!kept[i])
                continue;
            double sum = A[i * k + j];
            for (size_t l = 0; l < i; l++)
                sum -= R[l * k + i] * R[l * k + j];
            R[i * k + j] = sum / R[i * k + i];
        }
        double pivot = A[j * k + j];
        for (size_t l = 0; l < j; l++)
            pivot -= R[l * k + j] * R[l * k + j];
        double scale = reference != NULL ? reference[j] : A[j * k + j];
        kept[j] = pivot > tolerance * scale && pivot > 0;
        if (kept[j]) {
            R[j * k + j] = sqrt(pivot);
            n_kept++;
        } else {
            for (size_t l = 0; l < j; l++)
                R[l * k + j] = 0;
        }
    }
    return n_kept;
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
