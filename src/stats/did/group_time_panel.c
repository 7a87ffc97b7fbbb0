#include <math.h>
#include <string.h>

#include "stats/did/group_time_internal.h"
#include "stats/linalg.h"

/* Sums over the rows, for m cells:
 *   step 1, of the comparison with weight w or w p/(1-p): z z' [k × k], z y [k × m]
 *   step 2, with W as in np_pair_side and e = y - z'beta, by side:
 *           W, W z [k], W e [m], W e z [m × k] */
typedef struct {
    np_pair_sample *sample;
    bool odds;          /* step 1 weights by p/(1-p) */
    const double *beta; /* [m × k]; NULL: 0 */
} panel_sums;

static void add_regression(double *sum, const void *context, size_t first, size_t last)
{
    const panel_sums *f = context;
    const np_pair_sample *s = f->sample;
    size_t k = s->k, m = s->m;
    double *zy = sum + k * k;
    for (size_t i = first; i < last; i++) {
        if (s->side[i] & NP_PAIR_TREATED)
            continue;
        const double *z = s->z + i * k, *y = s->y + i * m;
        double p = s->propensity[i], w = s->weight[i];
        if (f->odds)
            w *= p / (1 - p);
        for (size_t j = 0; j < k; j++) {
            double wz = w * z[j];
            for (size_t l = 0; l < k; l++)
                sum[j * k + l] += wz * z[l];
            for (size_t c = 0; c < m; c++)
                zy[j * m + c] += wz * y[c];
        }
    }
}

static void add_residuals(double *sum, const void *context, size_t first, size_t last)
{
    const panel_sums *f = context;
    const np_pair_sample *s = f->sample;
    size_t k = s->k, m = s->m, length = 1 + k + m + m * k;
    for (size_t i = first; i < last; i++) {
        const double *z = s->z + i * k, *y = s->y + i * m;
        double W = s->odds[i];
        double *to = sum + s->side[i] * length, *We = to + 1 + k, *Wez = We + m;
        to[0] += W;
        for (size_t j = 0; j < k; j++)
            to[1 + j] += W * z[j];
        for (size_t c = 0; c < m; c++) {
            double e = y[c] - (f->beta == NULL ? 0 : np_dot(z, f->beta + c * k, k));
            double weighted = W * e;
            We[c] += weighted;
            for (size_t j = 0; j < k; j++)
                Wez[c * k + j] += weighted * z[j];
        }
    }
}

np_status np_pair_inverse(double *inverse, const char **reason, const double *A,
                          const char *rows, const np_group_time_work *w)
{
    size_t k = w->k;
    double *R = np_arena_array(w->arena, double, k *k);
    bool *kept = np_arena_array(w->arena, bool, k);
    if (R == NULL || kept == NULL)
        return np_group_time_no_memory(w->err);
    if (np_cholesky(R, kept, A, NULL, k, 1e-12) == k) {
        np_cholesky_inverse(inverse, R, kept, k);
        return NP_OK;
    }
    size_t j = 0;
    while (kept[j])
        j++;
    *reason =
        np_arena_format(w->arena, _("%s is collinear in %s"), w->panel->term[j], rows);
    return *reason == NULL ? np_group_time_no_memory(w->err) : NP_OK;
}

static bool has_regression(np_did_method method)
{
    return method == NP_DID_OUTCOME_REGRESSION || method == NP_DID_DOUBLY_ROBUST ||
           method == NP_DID_DOUBLY_ROBUST_IMPROVED;
}

/* What the method needs of a sample, all on the scale of sums. */
typedef struct {
    double *information; /* [k × k] inverse, of the logit */
    double *gamma;
    double *inverse; /* [k × k] of the comparison's z z' */
    double *beta;    /* [m × k] */
    double *sum;     /* by side: W, Wz, We, Wez */
    double *slope;   /* [k] of the comparison's influence, the same for all cells */
    const char *reason;
} panel_parts;

static np_status make_room(panel_parts *q, size_t k, size_t m,
                           const np_group_time_work *w)
{
    *q = (panel_parts){.information = np_arena_array(w->arena, double, k *k),
                       .gamma = np_arena_array(w->arena, double, k),
                       .inverse = np_arena_array(w->arena, double, k *k),
                       .beta = np_arena_array(w->arena, double, m *k),
                       .sum = np_arena_array(w->arena, double, 2 * (1 + k + m + m * k))};
    return q->information == NULL || q->gamma == NULL || q->inverse == NULL ||
                   q->beta == NULL || q->sum == NULL
               ? np_group_time_no_memory(w->err)
               : NP_OK;
}

static np_status regress(panel_parts *q, np_pair_sample *s, const np_group_time_work *w)
{
    size_t k = s->k, m = s->m;
    double *sum = np_arena_array(w->arena, double, k *(k + m));
    panel_sums f = {.sample = s, .odds = w->method == NP_DID_DOUBLY_ROBUST_IMPROVED};
    if (sum == NULL)
        return np_group_time_no_memory(w->err);
    np_status status = np_pair_sums(sum, k * (k + m), add_regression, &f, s->n, w);
    if (status == NP_OK)
        status = np_pair_inverse(q->inverse, &q->reason, sum, _("the comparison"), w);
    const double *zy = sum + k * k;
    for (size_t c = 0; c < m; c++)
        for (size_t j = 0; j < k; j++) {
            q->beta[c * k + j] = 0;
            for (size_t l = 0; l < k; l++)
                q->beta[c * k + j] += q->inverse[j * k + l] * zy[l * m + c];
        }
    return status;
}

/* y [k] := factor × A x */
static double *times(double factor, const double *A, const double *x, size_t k,
                     np_arena *arena)
{
    double *y = np_arena_array(arena, double, k);
    for (size_t j = 0; y != NULL && j < k; j++)
        y[j] = factor * np_dot(A + j * k, x, k);
    return y;
}

/* What the estimated regression does to the comparison's influence. */
static np_status find_slope(panel_parts *q, const np_pair_sample *s,
                            const np_group_time_work *w)
{
    size_t k = s->k, length = 1 + k + s->m + s->m * k;
    const double *comparison = q->sum, *treated = q->sum + length;
    double *x = np_arena_array(w->arena, double, k);
    if (x == NULL)
        return np_group_time_no_memory(w->err);
    for (size_t j = 0; j < k; j++) {
        x[j] = -treated[1 + j] / treated[0];
        if (w->method == NP_DID_DOUBLY_ROBUST)
            x[j] += comparison[1 + j] / comparison[0];
    }
    q->slope = times((double)w->panel->n_units, q->inverse, x, k, w->arena);
    return q->slope == NULL ? np_group_time_no_memory(w->err) : NP_OK;
}

/* The influence of cell c on the scale of n units; see group_time.h for the methods. */
static np_status finish(np_group_time_cell *cell, size_t c, const panel_parts *q,
                        const np_pair_sample *s, const np_group_time_work *w)
{
    size_t k = s->k, m = s->m, length = 1 + k + m + m * k;
    double n = (double)w->panel->n_units;
    const double *comparison = q->sum, *treated = q->sum + length;
    double T = treated[0], C = comparison[0];
    double eta_t = treated[1 + k + c] / T, eta_c = comparison[1 + k + c] / C;
    const double *beta = q->beta + c * k, *Cz = comparison + 1;
    double *x = np_arena_array(w->arena, double, k);
    const double *score = x; /* NULL: no memory for one */
    np_pair_fit f = {0};
    np_pair_side *on_t = &f.side[NP_PAIR_TREATED], *on_c = &f.side[0];
    if (x == NULL)
        return np_group_time_no_memory(w->err);
    f.estimate = eta_t - eta_c;
    on_t->scale = n / T;
    on_t->centre = eta_t;
    on_c->scale = -n / C;
    on_c->centre = eta_c;
    const double *Cez = comparison + 1 + k + m + c * k;
    for (size_t j = 0; j < k; j++)
        x[j] = Cez[j] - eta_c * Cz[j];
    switch (w->method) {
    case NP_DID_OUTCOME_REGRESSION:
        f.estimate = eta_t;
        on_c->scale = 0;
        on_c->slope = q->slope;
        break;
    case NP_DID_DOUBLY_ROBUST:
        on_c->slope = q->slope;
        f.score = score = times(n / C, q->information, x, k, w->arena);
        break;
    case NP_DID_INVERSE_PROBABILITY:
        f.score = score = times(n / C, q->information, x, k, w->arena);
        break;
    case NP_DID_HORVITZ_THOMPSON:
    case NP_DID_DOUBLY_ROBUST_IMPROVED:
        f.estimate = on_t->centre = eta_t - comparison[1 + k + c] / T;
        on_c->scale = -n / T;
        on_c->centre = 0;
        if (w->method == NP_DID_HORVITZ_THOMPSON)
            f.score = score = times(n / T, q->information, Cez, k, w->arena);
        break;
    }
    if (score == NULL)
        return np_group_time_no_memory(w->err);
    if (has_regression(w->method))
        on_t->outcome = on_c->outcome = on_c->fitted = beta;
    f.propensity = w->method == NP_DID_OUTCOME_REGRESSION ? NULL : q->gamma;
    cell->fit = f;
    return NP_OK;
}

np_status np_pair_panel(np_group_time_cell *const *cell, np_pair_sample *s,
                        const np_group_time_work *w)
{
    panel_parts q;
    size_t k = s->k, m = s->m;
    bool tilting = w->method == NP_DID_DOUBLY_ROBUST_IMPROVED;
    bool weights = w->method != NP_DID_OUTCOME_REGRESSION;
    bool regression = has_regression(w->method);
    np_status status = make_room(&q, k, m, w);
    if (status == NP_OK && weights)
        status = np_pair_propensity(q.gamma, q.information, &q.reason, s, tilting, w);
    else if (status == NP_OK)
        memcpy(s->odds, s->weight, s->n * sizeof *s->odds);
    if (status == NP_OK && regression && q.reason == NULL)
        status = regress(&q, s, w);
    panel_sums f = {.sample = s, .beta = regression ? q.beta : NULL};
    if (status == NP_OK && q.reason == NULL)
        status = np_pair_sums(q.sum, 2 * (1 + k + m + m * k), add_residuals, &f, s->n, w);
    if (status == NP_OK && q.reason == NULL && regression)
        status = find_slope(&q, s, w);
    for (size_t c = 0; status == NP_OK && c < m; c++) {
        cell[c]->reason = q.reason;
        if (q.reason == NULL)
            status = finish(cell[c], c, &q, s, w);
    }
    return status;
}
