#include "stats/did/two_way_cells.h"

#include <math.h>
#include <string.h>

void np_two_way_cells_fill(np_two_way_cells *out, double *tail, double *mean,
                           const double *y, size_t N, size_t T)
{
    double total = 0;
    memset(mean, 0, T * sizeof *mean);
    for (size_t i = 0; i < N; i++)
        for (size_t t = 0; t < T; t++)
            mean[t] += y[i * T + t];
    for (size_t t = 0; t < T; t++) {
        mean[t] /= (double)N;
        total += mean[t] / (double)T;
    }
    for (size_t i = 0; i < N; i++) {
        double own = 0, sum = 0;
        for (size_t t = 0; t < T; t++)
            own += y[i * T + t] / (double)T;
        tail[i * (T + 1) + T] = 0;
        for (size_t t = T; t-- > 0;) {
            sum += y[i * T + t] - own - mean[t] + total;
            tail[i * (T + 1) + t] = sum;
        }
    }
    *out = (np_two_way_cells){N, T, tail};
}

np_status np_two_way_cells_new(np_two_way_cells *out, const double *y, size_t n_units,
                               size_t n_periods, np_arena *arena, np_error *err)
{
    double *tail = np_arena_array(arena, double, n_units *(n_periods + 1));
    np_arena_mark mark = np_arena_set_mark(arena);
    double *mean = np_arena_array(arena, double, n_periods);
    if (tail == NULL || mean == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu units"), n_units);
    np_two_way_cells_fill(out, tail, mean, y, n_units, n_periods);
    np_arena_release(arena, mark);
    return NP_OK;
}

/* share[g]: of units that start at g; q[g] = sum_t d~² of a unit that does. Returns Q /
 * N. */
static double demeaned_squares(double *share, double *dbar, double *q,
                               const int32_t *start, size_t N, size_t T)
{
    double total = 0, mean_q = 0;
    memset(share, 0, (T + 1) * sizeof *share);
    for (size_t i = 0; i < N; i++)
        share[start[i]] += 1;
    double so_far = 0;
    for (size_t g = 0; g <= T; g++) {
        share[g] /= (double)N;
        so_far += share[g];
        dbar[g] = so_far; /* of period g: the share that has started */
        if (g < T)
            total += so_far / (double)T;
    }
    for (size_t g = 0; g <= T; g++) {
        if (share[g] == 0)
            continue;
        double own = (double)(T - g) / (double)T, sum = 0;
        for (size_t t = 0; t < T; t++) {
            double d = (t >= g ? 1 : 0) - own - dbar[t] + total;
            sum += d * d;
        }
        q[g] = sum;
        mean_q += share[g] * sum;
    }
    return mean_q;
}

np_two_way_result np_two_way_cells_estimate(const np_two_way_cells *c,
                                            const int32_t *start, const int32_t *cluster,
                                            size_t n_clusters, double *scratch)
{
    size_t N = c->n_units, T = c->n_periods, n_starts = 0;
    double *share = scratch, *dbar = scratch + T + 1, *q = scratch + 2 * (T + 1);
    double *used = scratch + 3 * (T + 1), *sum = scratch + 4 * (T + 1);
    double Q = (double)N * demeaned_squares(share, dbar, q, start, N, T), beta = 0;
    if (!(Q > 1e-10))
        return (np_two_way_result){NAN, NAN, Q};
    for (size_t i = 0; i < N; i++)
        beta += c->tail[i * (T + 1) + (size_t)start[i]];
    beta /= Q;
    for (size_t g = 0; g < T; g++)
        if (share[g] > 0)
            used[n_starts++] = (double)g;
    if (cluster != NULL)
        memset(sum, 0, n_clusters * sizeof *sum);
    double meat = 0;
    for (size_t i = 0; i < N; i++) {
        const double *tail = c->tail + i * (T + 1);
        double score = tail[start[i]] - beta * q[start[i]];
        for (size_t k = 0; k < n_starts; k++)
            score -= share[(size_t)used[k]] * tail[(size_t)used[k]];
        if (cluster == NULL)
            meat += score * score;
        else
            sum[cluster[i]] += score;
    }
    for (size_t k = 0; cluster != NULL && k < n_clusters; k++)
        meat += sum[k] * sum[k];
    double G = (double)(cluster == NULL ? N : n_clusters), n = (double)(N * T);
    double factor = G / (G - 1) * (n - 1) / (n - (double)(T + 1));
    return (np_two_way_result){beta, sqrt(factor * meat) / Q, Q};
}
