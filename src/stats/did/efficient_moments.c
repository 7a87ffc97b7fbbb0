#include <math.h>
#include <string.h>

#include "stats/did/efficient_internal.h"
#include "stats/linalg.h"

/* Eigenvalues below this share of the largest are 0 to a pseudo-inverse: MASS::ginv(). */
static const double negligible = 1.4901161193847656e-8;
/* A matrix whose pivots keep this share is inverted as it stands. */
static const double well_conditioned = 1e-6;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the cohorts' means"));
}

np_status np_cohort_moments_new(np_cohort_moments *out, size_t G, size_t T,
                                np_arena *arena, np_error *err)
{
    *out = (np_cohort_moments){.G = G,
                               .T = T,
                               .n = np_arena_array(arena, double, G),
                               .mean = np_arena_array(arena, double, G *T),
                               .S = np_arena_array(arena, double, G *T *T)};
    return out->n == NULL || out->mean == NULL || out->S == NULL ? no_memory(err) : NP_OK;
}

void np_cohort_moments_fill(np_cohort_moments *m, const double *y, const int32_t *code,
                            size_t n_units, double *deviation)
{
    size_t G = m->G, T = m->T;
    memset(m->n, 0, G * sizeof *m->n);
    memset(m->mean, 0, G * T * sizeof *m->mean);
    memset(m->S, 0, G * T * T * sizeof *m->S);
    for (size_t u = 0; u < n_units; u++) {
        if (code[u] < 0)
            continue;
        double *mean = m->mean + (size_t)code[u] * T;
        m->n[code[u]]++;
        for (size_t t = 0; t < T; t++)
            mean[t] += y[u * T + t];
    }
    for (size_t g = 0; g < G; g++)
        for (size_t t = 0; t < T; t++)
            m->mean[g * T + t] /= m->n[g];
    for (size_t u = 0; u < n_units; u++) {
        if (code[u] < 0)
            continue;
        const double *mean = m->mean + (size_t)code[u] * T;
        double *S = m->S + (size_t)code[u] * T * T;
        for (size_t t = 0; t < T; t++)
            deviation[t] = y[u * T + t] - mean[t];
        for (size_t t = 0; t < T; t++)
            for (size_t s = t; s < T; s++)
                S[t * T + s] += deviation[t] * deviation[s];
    }
    for (size_t g = 0; g < G; g++)
        for (size_t t = 0; t < T; t++)
            for (size_t s = t; s < T; s++) {
                double *S = m->S + g * T * T;
                S[t * T + s] /= m->n[g] - 1;
                S[s * T + t] = S[t * T + s];
            }
}

/* sum_g A_g S_g B_g' / N_g */
static double covariance(const np_cohort_moments *m, const double *A, const double *B)
{
    double sum = 0;
    for (size_t g = 0; g < m->G; g++) {
        const double *a = A + g * m->T, *b = B + g * m->T, *S = m->S + g * m->T * m->T;
        double of_cohort = 0;
        for (size_t t = 0; t < m->T; t++)
            for (size_t s = 0; a[t] != 0 && s < m->T; s++)
                of_cohort += a[t] * S[t * m->T + s] * b[s];
        sum += of_cohort / m->n[g];
    }
    return sum;
}

np_status np_comparisons_new(np_comparisons *out, const size_t *start, size_t G, size_t T,
                             np_arena *arena, np_error *err)
{
    size_t q = 0;
    for (size_t g = 0; g + 1 < G; g++)
        q += start[g] < T ? start[g] : T;
    *out = (np_comparisons){.q = q,
                            .cohort = np_arena_array(arena, uint32_t, q),
                            .period = np_arena_array(arena, uint32_t, q),
                            .R = np_arena_array(arena, double, q *q),
                            .kept = np_arena_array(arena, bool, q)};
    if (out->cohort == NULL || out->period == NULL || out->R == NULL || out->kept == NULL)
        return no_memory(err);
    q = 0;
    for (size_t g = 0; g + 1 < G; g++)
        for (size_t t = 0; t < start[g] && t < T; t++) {
            out->cohort[q] = (uint32_t)g;
            out->period[q++] = (uint32_t)t;
        }
    return NP_OK;
}

void np_comparisons_factor(np_comparisons *c, const np_cohort_moments *m, double *V)
{
    size_t T = m->T, last = m->G - 1;
    for (size_t i = 0; i < c->q; i++)
        for (size_t j = 0; j < c->q; j++) {
            size_t at = c->period[i] * T + c->period[j], g = c->cohort[i];
            V[i * c->q + j] = m->S[last * T * T + at] / m->n[last];
            if (c->cohort[j] == g)
                V[i * c->q + j] += m->S[g * T * T + at] / m->n[g];
        }
    np_cholesky(c->R, c->kept, V, NULL, c->q, 1e-12);
}

/* combined := A - sum_i beta_i (row of cohort i in its period, less the last cohort). */
static void adjust_by_all(np_contrast *c, const np_cohort_moments *m,
                          const np_comparisons *x, double *beta)
{
    size_t T = m->T, last = m->G - 1;
    for (size_t i = 0; i < x->q; i++) {
        size_t g = x->cohort[i], t = x->period[i];
        const double *of_g = m->S + (g * T + t) * T, *of_last = m->S + (last * T + t) * T;
        beta[i] = 0;
        for (size_t s = 0; s < T; s++)
            beta[i] += of_g[s] * c->A[g * T + s] / m->n[g] -
                       of_last[s] * c->A[last * T + s] / m->n[last];
    }
    np_cholesky_solve(beta, x->R, x->kept, x->q);
    memcpy(c->combined, c->A, m->G * T * sizeof *c->A);
    for (size_t i = 0; i < x->q; i++) {
        c->combined[x->cohort[i] * T + x->period[i]] -= beta[i];
        c->combined[last * T + x->period[i]] += beta[i];
    }
    c->beta = NAN;
}

void np_contrast_estimate(np_contrast *c, const np_cohort_moments *m,
                          np_efficient_beta beta, const np_comparisons *comparisons,
                          double *scratch)
{
    size_t n = m->G * m->T;
    if (comparisons != NULL && beta == NP_EFFICIENT_PLUG_IN) {
        adjust_by_all(c, m, comparisons, scratch);
    } else {
        double variance = covariance(m, c->A0, c->A0);
        c->beta = beta == NP_EFFICIENT_DIFFERENCES ? 1
                  : beta == NP_EFFICIENT_MEANS || !(variance > 0)
                      ? 0
                      : covariance(m, c->A0, c->A) / variance;
        for (size_t i = 0; i < n; i++)
            c->combined[i] = c->A[i] - c->beta * c->A0[i];
    }
    c->estimate = 0;
    for (size_t i = 0; i < n; i++)
        c->estimate += c->combined[i] * m->mean[i];
    c->neyman = covariance(m, c->combined, c->combined);
    c->adjusted = c->neyman;
}

np_status np_adjustment_new(np_adjustment *out, size_t G, size_t T, np_arena *arena,
                            np_error *err)
{
    *out = (np_adjustment){.inverse = np_arena_array(arena, double, G *T *T),
                           .Q = np_arena_array(arena, double, T *T),
                           .block = np_arena_array(arena, double, T *T),
                           .R = np_arena_array(arena, double, T *T),
                           .value = np_arena_array(arena, double, T),
                           .kept = np_arena_array(arena, bool, T)};
    return out->inverse == NULL || out->Q == NULL || out->block == NULL ||
                   out->R == NULL || out->value == NULL || out->kept == NULL
               ? no_memory(err)
               : NP_OK;
}

static np_status pseudo_inverse(double *inverse, np_adjustment *a, np_error *err)
{
    size_t m = a->m;
    double *R = a->R;
    if (np_cholesky(R, a->kept, a->block, NULL, m, well_conditioned) == m) {
        np_cholesky_inverse(inverse, R, a->kept, m);
        return NP_OK;
    }
    np_status status = np_symmetric_eigen(a->value, R, a->block, m, err);
    memset(inverse, 0, m * m * sizeof *inverse);
    for (size_t k = 0; status == NP_OK && k < m; k++)
        for (size_t i = 0; a->value[k] > negligible * a->value[m - 1] && i < m; i++)
            for (size_t j = 0; j < m; j++)
                inverse[i * m + j] += R[i * m + k] * R[j * m + k] / a->value[k];
    return status;
}

np_status np_adjustment_fill(np_adjustment *a, const np_cohort_moments *m, size_t first,
                             size_t n_before, np_error *err)
{
    size_t k = n_before, T = m->T;
    np_status status = NP_OK;
    a->first = first;
    a->m = k;
    memset(a->Q, 0, k * k * sizeof *a->Q);
    for (size_t g = first; k > 0 && g < m->G && status == NP_OK; g++) {
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < k; j++) {
                a->block[i * k + j] = m->S[(g * T + i) * T + j];
                a->Q[i * k + j] += a->block[i * k + j] / (double)(m->G - first);
            }
        status = pseudo_inverse(a->inverse + g * k * k, a, err);
    }
    return status;
}

void np_contrast_adjust(np_contrast *c, const np_cohort_moments *m,
                        const np_adjustment *a, double *scratch)
{
    size_t k = a->m, T = m->T;
    double N = 0, taken = 0;
    memset(c->b, 0, T * sizeof *c->b);
    for (size_t g = 0; g < m->G; g++)
        N += m->n[g];
    for (size_t g = a->first; g < m->G; g++) {
        const double *A = c->A + g * T, *inverse = a->inverse + g * k * k;
        for (size_t i = 0; i < k; i++) {
            scratch[i] = 0;
            for (size_t s = 0; s < T; s++)
                scratch[i] += m->S[(g * T + i) * T + s] * A[s];
        }
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < k; j++)
                c->b[i] += inverse[i * k + j] * scratch[j];
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            taken += c->b[i] * a->Q[i * k + j] * c->b[j];
    c->adjusted = fmax(c->neyman - taken / N, 0);
}
