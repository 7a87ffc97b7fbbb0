#include <math.h>
#include <string.h>

#include "stats/did/did_switchers_internal.h"
#include "stats/linalg.h"

typedef struct {
    np_switchers *s;
    size_t level;
    double *mean;   /* [n_periods × (k + 1)] of the differences, y first */
    double *weight; /* [n_periods] */
    size_t *n;      /* [n_periods] units */
    double *A, *R;  /* [k × k] */
    bool *kept;     /* [k] */
} work;

/* Unchanged so far, with a difference to the period before. */
static bool counts(const np_switchers *s, size_t u, size_t t)
{
    size_t c = u * s->n_periods + t;
    return t < s->first[u] && t > 0 && !isnan(s->y[c]) && !isnan(s->y[c - 1]);
}

/* The difference of column j (0: y) less its mean. */
static double centred(const work *w, size_t u, size_t t, size_t j)
{
    const np_switchers *s = w->s;
    const double *column = j == 0 ? s->y : s->x[j - 1];
    size_t c = u * s->n_periods + t;
    return column[c] - column[c - 1] - w->mean[t * (s->k + 1) + j];
}

static void fill_means(work *w)
{
    const np_switchers *s = w->s;
    const size_t k1 = s->k + 1, T = s->n_periods;
    memset(w->mean, 0, T * k1 * sizeof *w->mean);
    memset(w->weight, 0, T * sizeof *w->weight);
    memset(w->n, 0, T * sizeof *w->n);
    for (size_t t = 1; t < T; t++)
        for (uint32_t i = s->start[w->level]; i < s->start[w->level + 1]; i++) {
            uint32_t u = s->order[i];
            if (!counts(s, u, t))
                continue;
            double weight = s->weight[u * T + t];
            w->n[t]++;
            w->weight[t] += weight;
            for (size_t j = 0; j < k1; j++) {
                const double *column = j == 0 ? s->y : s->x[j - 1];
                w->mean[t * k1 + j] +=
                    weight * (column[u * T + t] - column[u * T + t - 1]);
            }
        }
    for (size_t t = 1; t < T; t++)
        for (size_t j = 0; j < k1 && w->weight[t] > 0; j++)
            w->mean[t * k1 + j] /= w->weight[t];
}

static void fill_slopes(work *w)
{
    np_switchers *s = w->s;
    const size_t k = s->k, T = s->n_periods;
    double *theta = s->theta + w->level * k;
    memset(w->A, 0, k * k * sizeof *w->A);
    for (uint32_t i = s->start[w->level]; i < s->start[w->level + 1]; i++)
        for (size_t t = 1; t < T; t++) {
            uint32_t u = s->order[i];
            if (!counts(s, u, t))
                continue;
            for (size_t a = 0; a < k; a++) {
                double x = s->weight[u * T + t] * centred(w, u, t, a + 1);
                theta[a] += x * centred(w, u, t, 0);
                for (size_t c = 0; c < k; c++)
                    w->A[a * k + c] += x * centred(w, u, t, c + 1);
            }
        }
    np_cholesky(w->R, w->kept, w->A, NULL, k, 1e-10);
    np_cholesky_solve(theta, w->R, w->kept, k);
}

/* (X'WX)^-1 of a unit's own X'We, the residuals with sqrt(n/(n-1)) of their period. */
static void fill_parts(work *w)
{
    np_switchers *s = w->s;
    const size_t k = s->k, T = s->n_periods;
    const double *theta = s->theta + w->level * k;
    for (uint32_t i = s->start[w->level]; i < s->start[w->level + 1]; i++) {
        uint32_t u = s->order[i];
        double *own = s->theta_part + u * k;
        if (s->first[u] < 2)
            continue;
        for (size_t t = 1; t < T; t++) {
            if (!counts(s, u, t) || w->n[t] < 2)
                continue;
            double n = (double)w->n[t], residual = centred(w, u, t, 0);
            for (size_t j = 0; j < k; j++)
                residual -= theta[j] * centred(w, u, t, j + 1);
            for (size_t j = 0; j < k; j++)
                own[j] += s->weight[u * T + t] * centred(w, u, t, j + 1) *
                          sqrt(n / (n - 1)) * residual;
        }
        np_cholesky_solve(own, w->R, w->kept, k);
    }
}

np_status np_switchers_partial_out(np_switchers *s)
{
    const size_t k = s->k, T = s->n_periods;
    s->theta = np_arena_array(s->arena, double, s->n_levels *k);
    s->theta_part = np_arena_array(s->arena, double, s->n_units *k);
    work w = {.s = s,
              .mean = np_arena_array(s->arena, double, T *(k + 1)),
              .weight = np_arena_array(s->arena, double, T),
              .n = np_arena_array(s->arena, size_t, T),
              .A = np_arena_array(s->arena, double, k *k),
              .R = np_arena_array(s->arena, double, k *k),
              .kept = np_arena_array(s->arena, bool, k)};
    if (s->theta == NULL || s->theta_part == NULL || w.mean == NULL || w.weight == NULL ||
        w.n == NULL || w.A == NULL || w.R == NULL || w.kept == NULL)
        return np_switchers_no_memory(s->err);
    for (w.level = 0; k > 0 && w.level < s->n_levels; w.level++) {
        fill_means(&w);
        fill_slopes(&w);
        fill_parts(&w);
    }
    return NP_OK;
}
