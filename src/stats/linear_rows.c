#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/linalg.h"
#include "stats/linear_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the regressors"));
}

/* Copies of the columns of one part of the formula, without the intercept. */
static np_status copy_columns(np_linear_columns *c, size_t *at, const np_regressors *x,
                              const char *prefix, np_arena *arena, np_error *err)
{
    const double *const *spread = NULL;
    if (x->k == 0)
        return NP_OK;
    np_status status = np_regressors_spread(&spread, x, c->n, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t j = 0; j < x->k; j++) {
        if (c->design->has_intercept && strcmp(x->term[j], "(Intercept)") == 0)
            continue;
        c->column[*at] = np_arena_array(arena, double, c->n);
        c->term[*at] = np_arena_format(arena, "%s%s", prefix, x->term[j]);
        if (c->column[*at] == NULL || c->term[*at] == NULL)
            return no_memory(err);
        memcpy(c->column[*at], spread[j], c->n * sizeof(double));
        (*at)++;
    }
    return NP_OK;
}

static double weighted_sum(const double *x, const double *w, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += w == NULL ? x[i] : w[i] * x[i];
    return sum;
}

static double weighted_squares(const double *x, const double *w, size_t n, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (w == NULL ? 1 : w[i]) * (x[i] - mean) * (x[i] - mean);
    return sum;
}

/* The mean in two passes: the second takes up the rounding of the first. */
static double two_pass_mean(const double *x, const double *w, size_t n, double sum_weight)
{
    double mean = weighted_sum(x, w, n) / sum_weight, rest = 0;
    for (size_t i = 0; i < n; i++)
        rest += (w == NULL ? 1 : w[i]) * (x[i] - mean);
    return mean + rest / sum_weight;
}

static np_status take_out(np_linear_columns *c, const np_linear_spec *spec,
                          np_arena *arena, np_error *err)
{
    const np_design *d = c->design;
    const size_t p = 1 + c->m + c->k + c->l;
    if (d->n_fe > 0) {
        np_absorb_spec absorb = {.n = c->n,
                                 .n_fe = d->n_fe,
                                 .fe = d->fe,
                                 .weight = d->weight,
                                 .n_threads = spec->n_threads};
        np_status status = np_absorber_new(&c->absorber, &absorb, arena, err);
        return status != NP_OK
                   ? status
                   : np_absorber_residuals(c->absorber, c->column, p, arena, err);
    }
    if (!d->has_intercept)
        return NP_OK;
    c->mean = np_arena_array(arena, double, p);
    if (c->mean == NULL)
        return no_memory(err);
    for (size_t j = 0; j < p; j++) {
        c->mean[j] = two_pass_mean(c->column[j], c->weight, c->n, c->sum_weight);
        for (size_t i = 0; i < c->n; i++)
            c->column[j][i] -= c->mean[j];
    }
    return NP_OK;
}

np_status np_linear_gather(np_linear_columns *out, const np_design *d,
                           const np_linear_spec *spec, np_arena *arena, np_error *err)
{
    np_linear_columns c = {
        .design = d, .weight = d->weight, .n = d->n, .n_threads = spec->n_threads};
    size_t most = 1 + d->x.k + d->endogenous.k + d->instruments.k, at = 1;
    c.column = np_arena_array(arena, double *, most);
    c.term = np_arena_array(arena, const char *, most);
    c.raw = np_arena_array(arena, double, most);
    if (c.column == NULL || c.term == NULL || c.raw == NULL)
        return no_memory(err);
    c.column[0] = np_arena_array(arena, double, c.n);
    if (c.column[0] == NULL)
        return no_memory(err);
    for (size_t i = 0; i < c.n; i++)
        c.column[0][i] = d->y[i] - (d->offset == NULL ? 0 : d->offset[i]);
    np_status status = copy_columns(&c, &at, &d->endogenous, "fit_", arena, err);
    c.m = at - 1;
    if (status == NP_OK)
        status = copy_columns(&c, &at, &d->x, "", arena, err);
    c.k = at - 1 - c.m;
    if (status == NP_OK)
        status = copy_columns(&c, &at, &d->instruments, "", arena, err);
    c.l = at - 1 - c.m - c.k;
    if (status != NP_OK)
        return status;
    c.sum_weight = 0;
    for (size_t i = 0; i < c.n; i++)
        c.sum_weight += c.weight == NULL ? 1 : c.weight[i];
    for (size_t j = 0; j < at; j++)
        c.raw[j] = weighted_squares(c.column[j], c.weight, c.n, 0);
    for (size_t j = 0; j < d->n_fe; j++)
        c.has_constant |= d->fe[j].has_intercept;
    c.has_constant |= d->has_intercept;
    double mean =
        c.has_constant ? two_pass_mean(c.column[0], c.weight, c.n, c.sum_weight) : 0;
    c.tss = weighted_squares(c.column[0], c.weight, c.n, mean);
    status = take_out(&c, spec, arena, err);
    if (status == NP_OK)
        *out = c;
    return status;
}

double np_linear_floor(double raw, double tolerance)
{
    return raw * (np_linear_absorbed_share / tolerance);
}

/* One pass: e = y - z b, and the sums x'We and e'We, block by block. */
enum { BLOCK = 4096 };

typedef struct {
    const np_linear_problem *p;
    double *partial; /* [n_blocks][k + 1] */
} residual_work;

static void residual_task(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const residual_work *r = context;
    const np_linear_problem *p = r->p;
    const size_t first = task * BLOCK;
    size_t count = p->n - first < BLOCK ? p->n - first : BLOCK;
    double *e = p->e + first, *sum = r->partial + task * (p->k + 1);
    memcpy(e, p->y + first, count * sizeof *e);
    for (size_t j = 0; j < p->k; j++) {
        if (!p->kept[j])
            continue;
        const double *z = p->z[j] + first, b = p->b[j];
        for (size_t i = 0; i < count; i++)
            e[i] -= b * z[i];
    }
    const double *w = p->weight == NULL ? NULL : p->weight + first;
    for (size_t j = 0; j <= p->k; j++) {
        const double *x = j < p->k ? p->x[j] + first : e;
        double s = 0;
        for (size_t i = 0; i < count; i++)
            s += (w == NULL ? x[i] : w[i] * x[i]) * e[i];
        sum[j] = s;
    }
}

/* gradient [k + 1]: x'We and last the residual sum of squares. */
static void residual_pass(const residual_work *r, double *gradient)
{
    const size_t k = r->p->k, n_blocks = (r->p->n + BLOCK - 1) / BLOCK;
    np_parallel_for(n_blocks, r->p->n_threads, residual_task, (void *)r);
    memset(gradient, 0, (k + 1) * sizeof *gradient);
    for (size_t block = 0; block < n_blocks; block++)
        for (size_t j = 0; j <= k; j++)
            gradient[j] += r->partial[block * (k + 1) + j];
}

np_status np_linear_solve(np_linear_problem *p, np_arena *arena, np_error *err)
{
    const size_t k = p->k, n_blocks = (p->n + BLOCK - 1) / BLOCK;
    p->kept = np_arena_array(arena, bool, k);
    p->b = np_arena_array(arena, double, k);
    p->inverse = np_arena_array(arena, double, k *k);
    p->e = np_arena_array(arena, double, p->n);
    double *A = np_arena_array(arena, double, k *k);
    double *R = np_arena_array(arena, double, k *k);
    double *gradient = np_arena_array(arena, double, k + 1);
    double *floor = np_arena_array(arena, double, k);
    residual_work r = {.p = p};
    r.partial = np_arena_array(arena, double, n_blocks *(k + 1));
    if (p->kept == NULL || p->b == NULL || p->inverse == NULL || p->e == NULL ||
        A == NULL || R == NULL || gradient == NULL || floor == NULL || r.partial == NULL)
        return no_memory(err);
    np_status status =
        np_linear_cross(A, p->x, k, p->weight, p->n, p->n_threads, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t j = 0; j < k; j++)
        floor[j] = np_linear_floor(p->raw[j], p->tolerance);
    np_cholesky_led(R, p->kept, A, floor, 0, k, p->tolerance);
    np_cholesky_inverse(p->inverse, R, p->kept, k);
    for (int step = 0; step < 3; step++) {
        residual_pass(&r, gradient);
        np_cholesky_solve(gradient, R, p->kept, k);
        for (size_t j = 0; j < k; j++)
            p->b[j] += gradient[j];
    }
    residual_pass(&r, gradient);
    p->rss = gradient[k];
    return NP_OK;
}
