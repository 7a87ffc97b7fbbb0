#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/did/honest_internal.h"
#include "stats/linalg.h"
#include "stats/sorted.h"

bool honest_moments_new(honest_moments *m, const honest_job *job, np_arena *arena)
{
    size_t r = honest_most_rows(&job->spec), n = job->n, p = job->spec.n_post;
    *m = (honest_moments){.job = job, .critical = INFINITY};
    double **vector[] = {&m->y0,    &m->a,     &m->shift,          &m->sd, &m->value,
                         &m->y,     &m->gamma, &m->other,          &m->s,  &m->b,
                         &m->set.d, &m->f,     &m->flci_covariance};
    double **square[] = {&m->correlation, &m->covariance, &m->root, &m->vectors};
    bool fits = true;
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        fits = (*vector[i] = np_arena_array(arena, double, r + p)) != NULL && fits;
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        fits = (*square[i] = np_arena_array(arena, double, r *r)) != NULL && fits;
    m->set.A = np_arena_array(arena, double, r *n);
    m->E = np_arena_array(arena, double, r *(n + 2));
    m->eta = np_arena_array(arena, double, job->spec.draws);
    return fits && m->set.A != NULL && m->E != NULL && m->eta != NULL &&
           np_simplex_new(&m->simplex, p, r, arena);
}

/* covariance := A vcov A'. */
static void fill_covariance(honest_moments *m)
{
    size_t r = m->n_rows, n = m->job->n;
    np_matrix_sandwich(m->covariance, m->set.A, m->job->spec.vcov, r, n, m->E);
    for (size_t i = 0; i < r; i++)
        m->sd[i] = sqrt(m->covariance[i * r + i]);
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j < r; j++)
            m->correlation[i * r + j] = m->covariance[i * r + j] / (m->sd[i] * m->sd[j]);
}

/* A variance that is only rounding counts as none. */
static bool has_variances(const honest_moments *m)
{
    size_t r = m->n_rows, n = m->job->n;
    for (size_t i = 0; i < r; i++) {
        double size = 0;
        for (size_t j = 0; j < n; j++)
            size += fabs(m->set.A[i * n + j]) * sqrt(m->job->spec.vcov[j * n + j]);
        if (!(m->covariance[i * r + i] > 1e-14 * size * size))
            return false;
    }
    return true;
}

/* Weights of the moments: sum 1, none on the nuisance. Effects after the start that
 * leave theta as it is: e_j - l_j / l_p e_p, where p is the last with weight. */
static bool fill_programme(honest_moments *m)
{
    const honest_job *job = m->job;
    size_t r = m->n_rows, n = job->n, post = job->spec.n_post, pre = job->spec.n_pre;
    size_t p = post - 1, row = 1;
    while (job->target[p] == 0)
        p--;
    for (size_t i = 0; i < r; i++) {
        m->E[i] = 1;
        m->a[i] = m->set.A[i * n + pre + p] / job->target[p] / m->sd[i];
    }
    for (size_t j = 0; j < post; j++) {
        if (j == p)
            continue;
        double size = 0;
        for (size_t i = 0; i < r; i++) {
            double *x = &m->E[row * r + i];
            *x = m->set.A[i * n + pre + j] / m->sd[i] - job->target[j] * m->a[i];
            size = fmax(size, fabs(*x));
        }
        for (size_t i = 0; i < r && size > 0; i++)
            m->E[row * r + i] /= size;
        row++;
    }
    memset(m->f, 0, row * sizeof *m->f);
    m->f[0] = 1;
    return np_simplex_start(&m->simplex, m->E, m->f, row, r) == NP_SIMPLEX_OPTIMAL;
}

bool honest_largest_moment(honest_moments *m, double *eta, double *gamma, const double *y)
{
    return np_simplex_maximise(&m->simplex, gamma, eta, y) == NP_SIMPLEX_OPTIMAL;
}

/* root := the symmetric square root of the covariance, as mvtnorm's. */
static bool fill_root(honest_moments *m)
{
    size_t r = m->n_rows;
    double *Q = m->vectors;
    if (np_symmetric_eigen(m->value, Q, m->covariance, r, NULL) != NP_OK)
        return false;
    for (size_t i = 0; i < r; i++)
        m->value[i] = sqrt(fmax(m->value[i], 0));
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < r; k++)
                sum += Q[i * r + k] * m->value[k] * Q[j * r + k];
            m->root[i * r + j] = m->root[j * r + i] = sum;
        }
    return true;
}

/* The 1 - kappa quantile of the largest moment where all have mean 0: Andrews, Roth and
 * Pakes, section 6.2. Draws without a solution are left out. */
static honest_failure find_critical(honest_moments *m)
{
    size_t r = m->n_rows, n = 0, stride = m->z_stride > 0 ? m->z_stride : r;
    const np_honest_spec *s = &m->job->spec;
    for (size_t d = 0; d < s->draws; d++) {
        const double *z = &m->z[d * stride];
        for (size_t i = 0; i < r; i++) {
            double sum = 0;
            for (size_t j = 0; j < r; j++)
                sum += m->root[i * r + j] * z[j];
            m->y[i] = sum / m->sd[i];
        }
        n += honest_largest_moment(m, &m->eta[n], m->gamma, m->y);
    }
    if (n == 0)
        return HONEST_NO_SOLUTION;
    np_sort_numbers(m->eta, n);
    m->critical = np_sorted_quantile(m->eta, n, 1 - m->job->kappa);
    return HONEST_DONE;
}

/* What the first test of c-f needs: its estimate's covariance with each moment. */
static void fill_flci(honest_moments *m, const honest_flci *flci)
{
    size_t r = m->n_rows, n = m->job->n;
    const np_honest_spec *s = &m->job->spec;
    m->has_flci = flci != NULL;
    if (flci == NULL)
        return;
    m->flci_centre = flci->centre;
    m->flci_half = flci->half_length;
    for (size_t i = 0; i < r; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                sum += m->set.A[i * n + j] * s->vcov[j * n + k] * flci->weight[k];
        m->flci_covariance[i] = sum / m->sd[i];
    }
}

honest_failure honest_moments_fill(honest_moments *m, size_t set, double bound,
                                   const honest_flci *flci)
{
    const np_honest_spec *s = &m->job->spec;
    honest_set_fill(&m->set, s, set, bound);
    size_t r = m->n_rows = m->set.n_rows, n = m->job->n;
    fill_covariance(m);
    if (!has_variances(m))
        return HONEST_NO_VARIANCE;
    for (size_t i = 0; i < r; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += m->set.A[i * n + j] * s->estimate[j];
        m->y0[i] = (sum - m->set.d[i]) / m->sd[i];
        m->shift[i] = m->set.d[i] / m->sd[i];
    }
    if (m->z != NULL && !fill_root(m))
        return HONEST_NO_EIGENVALUES;
    if (!fill_programme(m))
        return HONEST_NO_SOLUTION;
    fill_flci(m, flci);
    m->critical = INFINITY;
    return m->z != NULL ? find_critical(m) : HONEST_DONE;
}
