#include <Rmath.h>
#include <math.h>
#include <stdlib.h>

#include "stats/did/honest_internal.h"

enum { FOLDED_DRAWS = 1000000 }; /* HonestDiD's numSims */

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The 1 - alpha quantile of |z + mu| is among the highest alpha of z and the lowest
 * alpha/2, for mu >= 0; the margin is some twenty standard errors of a share. */
static np_status simulate(honest_folded *f, const honest_job *job, np_arena *arena,
                          np_error *err)
{
    double share = fmin(1, fmax(job->alpha, job->kappa) + 0.01);
    size_t room = (size_t)(fmin(1, share + 0.01) * FOLDED_DRAWS);
    f->high = np_arena_array(arena, double, room);
    f->low = np_arena_array(arena, double, room);
    if (f->high == NULL || f->low == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %d draws"),
                       FOLDED_DRAWS);
    honest_r_generator g = honest_r_seed((uint32_t)job->spec.seed);
    for (size_t i = 0; i < FOLDED_DRAWS; i++) {
        double u = honest_r_probability(&g);
        if (u >= 1 - share && f->n_high < room)
            f->high[f->n_high++] = qnorm5(u, 0, 1, 1, 0);
        if (u <= share && f->n_low < room)
            f->low[f->n_low++] = -qnorm5(u, 0, 1, 1, 0);
    }
    qsort(f->high, f->n_high, sizeof *f->high, falling);
    qsort(f->low, f->n_low, sizeof *f->low, falling);
    f->n = FOLDED_DRAWS;
    f->simulated = true;
    return NP_OK;
}

np_status honest_folded_new(honest_folded *out, const honest_job *job, np_arena *arena,
                            np_error *err)
{
    honest_folded f = {0};
    np_status status = job->spec.convention == NP_HONEST_AS_HONESTDID
                           ? simulate(&f, job, arena, err)
                           : NP_OK;
    if (status == NP_OK)
        *out = f;
    return status;
}

/* The k-th largest of high + mu and low - mu together, k from 1. */
static double largest(const honest_folded *f, size_t k, double mu)
{
    size_t from = k > f->n_low ? k - f->n_low : 0, to = k < f->n_high ? k : f->n_high;
    while (from < to) { /* how many of the k are high ones */
        size_t i = (from + to) / 2, j = k - i;
        if (j > 0 && f->high[i] + mu > f->low[j - 1] - mu)
            from = i + 1;
        else
            to = i;
    }
    size_t i = from, j = k - from;
    double a = i > 0 ? f->high[i - 1] + mu : INFINITY;
    double b = j > 0 ? f->low[j - 1] - mu : INFINITY;
    return fmin(a, b);
}

/* R's quantile(), type 7. */
static double simulated_quantile(const honest_folded *f, double p, double mu)
{
    double index = 1 + (double)(f->n - 1) * p, low = floor(index), h = index - low;
    size_t k = f->n - (size_t)low + 1;
    double x = largest(f, k, mu);
    return h > 0 && k > 1 ? (1 - h) * x + h * largest(f, k - 1, mu) : x;
}

/* Newton on Q(q - mu) + Q(q + mu) = 1 - p, which is convex where q > mu, from the
 * solution that lacks the second term, so that it climbs. */
static double exact_quantile(double p, double mu)
{
    double q = mu + fmax(qnorm5(p, 0, 1, 1, 0), 0);
    for (int step = 0; step < 100; step++) {
        double excess = pnorm5(q - mu, 0, 1, 0, 0) + pnorm5(q + mu, 0, 1, 0, 0) - (1 - p);
        double next = q + excess / (dnorm4(q - mu, 0, 1, 0) + dnorm4(q + mu, 0, 1, 0));
        if (fabs(next - q) <= 1e-15 * q)
            return next;
        q = next;
    }
    return q;
}

double honest_folded_quantile(const honest_folded *f, double p, double mu)
{
    return f->simulated ? simulated_quantile(f, p, mu) : exact_quantile(p, mu);
}

/* In the tail that holds the interval, so that nothing cancels. */
double honest_truncated_quantile(double p, double low, double high)
{
    if (!(low < high))
        return low;
    if (high <= 0)
        return -honest_truncated_quantile(1 - p, -high, -low);
    double top = pnorm5(low, 0, 1, 0, 1), bottom = pnorm5(high, 0, 1, 0, 1);
    double tail = top + log((1 - p) + p * exp(bottom - top));
    return fmin(fmax(qnorm5(tail, 0, 1, 0, 1), low), high);
}
