#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/infer/wild_internal.h"
#include "stats/linalg.h"

/* Draws per task. */
enum { BLOCK = 64 };
/* A pivot of the q × q variance below this share of its diagonal is none. */
static const double singular = 1e-12;
/* Statistics this near tie, relative. */
static const double tie = 2e-9;

typedef struct {
    const np_wild_plan *plan;
    np_wild_sums sums;
    size_t k, q;
    const double *BC;  /* [q × k] rows B c */
    double *V;         /* [H × k] */
    double *A;         /* [H × q] */
    double *U;         /* [H × q × k] */
    double *statistic; /* [n_draws] W*; NaN: undefined */
    double *room;      /* per thread */
    size_t room_size;
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the wild bootstrap"));
}

static double product(const double *a, const double *b, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < k; i++)
        sum += a[i] * b[i];
    return sum;
}

/* n'V^-1 n; NaN where V [q × q] is singular. scratch [q² + q]. */
static double quadratic_form(const double *n, const double *V, size_t q, double *scratch)
{
    bool kept[NP_WILD_MOST_JOINT];
    double *R = scratch, *x = R + q * q;
    memcpy(x, n, q * sizeof *x);
    if (np_cholesky(R, kept, V, NULL, q, singular) < q)
        return NAN;
    np_cholesky_solve(x, R, kept, q);
    return product(n, x, q);
}

/* V [q × q] += f z z' */
static void add_square(double *V, const double *z, double f, size_t q)
{
    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < q; b++)
            V[a * q + b] += f * z[a] * z[b];
}

/* W* of one draw. */
static double draw_statistic(const work *w, double *room, size_t draw)
{
    const np_wild_sums *s = &w->sums;
    const size_t k = w->k, q = w->q, H = s->H;
    double *v = room, *S = v + H, *solved = S + k, *n = solved + k, *z = n + q;
    double *V = z + q, *scratch = V + q * q;
    memset(S, 0, (2 * k + q) * sizeof *S);
    memset(V, 0, q * q * sizeof *V);
    np_wild_vector(v, 1, s, draw);
    for (size_t h = 0; h < H; h++) {
        for (size_t t = 0; t < k; t++)
            S[t] += v[h] * w->V[h * k + t];
        for (size_t a = 0; a < q; a++)
            n[a] += v[h] * w->A[h * q + a];
    }
    for (size_t a = 0; a < k; a++)
        solved[a] = product(w->plan->fit.bread + a * k, S, k);
    for (size_t h = 0; h < H; h++) {
        for (size_t a = 0; a < q; a++)
            z[a] = v[h] * w->A[h * q + a] - product(w->U + (h * q + a) * k, solved, k);
        add_square(V, z, s->set[0].factor, q);
    }
    return quadratic_form(n, V, q, scratch);
}

static void draw_task(void *context, size_t task, unsigned thread)
{
    const work *w = context;
    double *room = w->room + (size_t)thread * w->room_size;
    size_t first = task * BLOCK, end = first + BLOCK;
    for (size_t d = first; d < end && d < w->sums.n_draws; d++)
        w->statistic[d] = draw_statistic(w, room, d);
}

/* Rows B c of the combinations. */
static np_status combine(work *w, const double *R, np_error *err)
{
    const np_fit *given = w->plan->given;
    const size_t k = w->k, inner = given->k;
    double *BC = np_arena_array(w->plan->scratch, double, w->q *k);
    double *c = np_arena_array(w->plan->scratch, double, inner);
    if (BC == NULL || c == NULL)
        return no_memory(err);
    for (size_t a = 0; a < w->q; a++) {
        for (size_t l = 0; l < inner; l++) {
            c[l] = 0;
            for (size_t j = 0; j < inner; j++)
                c[l] += R[a * inner + j] * (given->basis == NULL
                                                ? (double)(j == l)
                                                : given->basis[j * inner + l]);
        }
        for (size_t l = 0; l < inner; l++)
            for (size_t j = 0; j < inner; j++)
                BC[a * k + l] += w->plan->fit.bread[l * k + j] * c[j];
    }
    w->BC = BC;
    return NP_OK;
}

/* β = B C (C'BC)^-1 d: the null moves the residuals by X β. */
static np_status direction(double *beta, const work *w, const double *R,
                           const double *difference, np_error *err)
{
    const np_fit *given = w->plan->given;
    const size_t q = w->q, inner = given->k;
    double *G = np_arena_array(w->plan->scratch, double, q *q);
    double *lambda = np_arena_array(w->plan->scratch, double, q);
    if (G == NULL || lambda == NULL)
        return no_memory(err);
    memcpy(lambda, difference, q * sizeof *lambda);
    /* R (basis B basis') R', and R basis (B c) is the same */
    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < q; b++)
            for (size_t j = 0; j < inner; j++) {
                double term = 0; /* coefficient j of the combination b's direction */
                for (size_t l = 0; l < inner; l++)
                    term += (given->basis == NULL ? (double)(j == l)
                                                  : given->basis[j * inner + l]) *
                            w->BC[b * w->k + l];
                G[a * q + b] += R[a * inner + j] * term;
            }
    np_status status = np_matrix_solve(G, lambda, q, w->plan->scratch, err);
    for (size_t a = 0; a < q && status == NP_OK; a++)
        for (size_t l = 0; l < inner; l++)
            beta[l] += w->BC[a * w->k + l] * lambda[a];
    return status;
}

/* V, A and U by cluster, from the moments. */
static np_status sum_clusters(work *w, const double *R, const double *difference,
                              np_error *err)
{
    const np_wild_plan *p = w->plan;
    const size_t k = w->k, q = w->q, H = w->sums.H;
    np_arena *scratch = p->scratch;
    double *beta = np_arena_array(scratch, double, k);
    w->V = np_arena_array(scratch, double, H *k);
    w->A = np_arena_array(scratch, double, H *q);
    w->U = np_arena_array(scratch, double, H *q *k);
    if (beta == NULL || w->V == NULL || w->A == NULL || w->U == NULL)
        return no_memory(err);
    np_status status = w->sums.imposed ? direction(beta, w, R, difference, err) : NP_OK;
    if (status != NP_OK)
        return status;
    memcpy(w->V, p->scores, H * k * sizeof *w->V);
    for (size_t j = 0; j < p->n_moments; j++)
        for (size_t h = 0; h < H; h++) {
            const double *moment = p->moment + (j * H + h) * k;
            for (size_t t = 0; t < k; t++)
                w->V[h * k + t] += beta[j] * moment[t];
            for (size_t a = 0; a < q; a++)
                for (size_t t = 0; t < k; t++)
                    w->U[(h * q + a) * k + t] += w->BC[a * k + j] * moment[t];
        }
    for (size_t h = 0; h < H; h++)
        for (size_t a = 0; a < q; a++)
            w->A[h * q + a] = product(w->BC + a * k, w->V + h * k, k);
    return NP_OK;
}

/* W of the data. */
static np_status data_statistic(double *out, const work *w, const double *difference,
                                np_error *err)
{
    const size_t k = w->k, q = w->q;
    double *V = np_arena_array(w->plan->scratch, double, 2 * q * q + 3 * q);
    if (V == NULL)
        return no_memory(err);
    double *z = V + q * q;
    for (size_t h = 0; h < w->sums.H; h++) {
        for (size_t a = 0; a < q; a++)
            z[a] = product(w->BC + a * k, w->plan->scores + h * k, k);
        add_square(V, z, w->sums.set[0].factor, q);
    }
    *out = quadratic_form(difference, V, q, z + q);
    if (!(*out >= 0))
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("the %zu terms cannot be tested jointly: their covariance matrix "
              "is singular"),
            q);
    return NP_OK;
}

static np_status count(np_wild_joint *out, const work *w, double W, np_error *err)
{
    size_t above = 0, ties = 0, defined = 0;
    for (size_t d = 0; d < w->sums.n_draws; d++) {
        double by = w->statistic[d] - W;
        bool tied = fabs(by) <= tie * fmax(1, W);
        defined += isnan(by) ? 0 : 1;
        ties += tied ? 1 : 0;
        above += !tied && by > 0 ? 1 : 0;
    }
    if (defined == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no draw of the wild bootstrap has a positive variance"));
    *out = (np_wild_joint){.F = W / (double)w->q,
                           .q = w->q,
                           .p_value = (double)above / (double)defined,
                           .p_value_ties = (double)(above + ties) / (double)defined,
                           .draws = w->sums.n_draws,
                           .n_clusters = w->sums.H,
                           .n_ties = ties,
                           .n_undefined = w->sums.n_draws - defined,
                           .enumerated = w->sums.enumerated,
                           .cluster = w->plan->boot_name};
    return NP_OK;
}

static np_status draw_all(work *w, np_error *err)
{
    np_arena *scratch = w->plan->scratch;
    w->room_size = w->sums.H + 2 * w->k + 2 * w->q * w->q + 4 * w->q;
    w->statistic = np_arena_array(scratch, double, w->sums.n_draws);
    w->room = np_arena_array(scratch, double,
                             np_parallel_threads(w->plan->n_threads) * w->room_size);
    if (w->statistic == NULL || w->room == NULL)
        return no_memory(err);
    np_parallel_for((w->sums.n_draws + BLOCK - 1) / BLOCK, w->plan->n_threads, draw_task,
                    w);
    return NP_OK;
}

np_status np_wild_plan_joint(np_wild_joint *out, np_wild_plan *plan,
                             const np_wild_spec *spec, const double *R, size_t q,
                             const double *difference, np_error *err)
{
    work w = {.plan = plan, .sums = plan->sums, .k = plan->fit.k, .q = q};
    double W = 0;
    if (q > NP_WILD_MOST_JOINT)
        return np_fail(err, NP_E_LIMIT,
                       _("the wild bootstrap tests at most %d terms jointly, not %zu"),
                       (int)NP_WILD_MOST_JOINT, q);
    np_wild_choose_draws(&w.sums, spec);
    np_arena_mark mark = np_arena_set_mark(plan->scratch);
    np_status status = combine(&w, R, err);
    if (status == NP_OK)
        status = sum_clusters(&w, R, difference, err);
    if (status == NP_OK)
        status = data_statistic(&W, &w, difference, err);
    if (status == NP_OK)
        status = draw_all(&w, err);
    if (status == NP_OK)
        status = count(out, &w, W, err);
    np_arena_release(plan->scratch, mark);
    return status;
}
