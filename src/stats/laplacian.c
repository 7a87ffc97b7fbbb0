#include "stats/laplacian.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/laplacian_internal.h"

/* The exact factor is made where it has at most so many numbers and products per
 * edge or vertex, about what the drawn factor and its iterations cost. */
static const double MOST_PRODUCTS = 600, ALWAYS_PRODUCTS = 1e8, MOST_NUMBERS = 2e7;

/* Steps whose decrease of the error is added up to judge what is left. */
enum { DELAY = 6 };

struct np_laplacian {
    const np_laplacian_graph *graph;
    np_arena *arena;
    np_laplacian_method method;
    np_laplacian_envelope envelope;
    np_laplacian_drawn drawn;
    int32_t *component; /* [n] */
    double *size;       /* [n_components] vertices */
    size_t n_components;
    unsigned char *last; /* [n] held at 0 by the exact factor */
};

static np_status find_components(np_laplacian *l, np_error *err)
{
    const np_laplacian_graph *g = l->graph;
    l->component = np_arena_array(l->arena, int32_t, g->n);
    l->size = np_arena_array(l->arena, double, g->n);
    np_arena_mark mark = np_arena_set_mark(l->arena);
    int32_t *queue = np_arena_array(l->arena, int32_t, g->n);
    if (l->component == NULL || l->size == NULL || queue == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), g->n);
    for (size_t v = 0; v < g->n; v++)
        l->component[v] = -1;
    for (size_t root = 0; root < g->n; root++) {
        if (l->component[root] >= 0)
            continue;
        int32_t c = (int32_t)l->n_components++;
        size_t n = 0;
        queue[n++] = (int32_t)root;
        l->component[root] = c;
        for (size_t head = 0; head < n; head++)
            for (size_t x = g->start[queue[head]]; x < g->start[queue[head] + 1]; x++)
                if (l->component[g->neighbour[x]] < 0) {
                    l->component[g->neighbour[x]] = c;
                    queue[n++] = g->neighbour[x];
                }
        l->size[c] = (double)n;
    }
    np_arena_release(l->arena, mark);
    return NP_OK;
}

/* The last vertex of each component in the envelope's order. */
static np_status hold_last(np_laplacian *l, np_error *err)
{
    size_t n = l->graph->n;
    l->last = np_arena_array(l->arena, unsigned char, n);
    np_arena_mark mark = np_arena_set_mark(l->arena);
    unsigned char *held = np_arena_array(l->arena, unsigned char, l->n_components);
    if (l->last == NULL || held == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), n);
    for (size_t i = n; i-- > 0;) {
        int32_t v = l->envelope.vertex[i];
        if (!held[l->component[v]])
            held[l->component[v]] = l->last[v] = 1;
    }
    np_arena_release(l->arena, mark);
    return NP_OK;
}

static np_laplacian_method choose(const np_laplacian *l)
{
    double size = (double)l->envelope.start[l->graph->n];
    double graph_size = (double)(l->graph->start[l->graph->n] + l->graph->n);
    bool cheap = l->envelope.cost <= ALWAYS_PRODUCTS ||
                 l->envelope.cost <= MOST_PRODUCTS * graph_size;
    return cheap && size <= MOST_NUMBERS ? NP_LAPLACIAN_DIRECT : NP_LAPLACIAN_APPROXIMATE;
}

np_status np_laplacian_new(np_laplacian **out, const np_laplacian_graph *graph,
                           np_laplacian_method method, np_arena *arena, np_error *err)
{
    if (graph->start[graph->n] >= INT32_MAX || graph->n >= INT32_MAX)
        return np_fail(err, NP_E_LIMIT, _("more than %d edges"), INT32_MAX / 2);
    np_laplacian *l = np_arena_array(arena, np_laplacian, 1);
    if (l == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), graph->n);
    *l = (np_laplacian){.graph = graph, .arena = arena, .method = method};
    np_status status = find_components(l, err);
    if (status == NP_OK && method != NP_LAPLACIAN_APPROXIMATE)
        status = np_laplacian_envelope_order(&l->envelope, graph, arena, err);
    if (status == NP_OK && method == NP_LAPLACIAN_CHOOSE)
        l->method = choose(l);
    if (status == NP_OK && l->method == NP_LAPLACIAN_DIRECT)
        status = hold_last(l, err);
    if (status == NP_OK)
        status = np_laplacian_weigh(l, err);
    if (status == NP_OK)
        *out = l;
    return status;
}

np_status np_laplacian_weigh(np_laplacian *l, np_error *err)
{
    if (l->method == NP_LAPLACIAN_DIRECT)
        return np_laplacian_envelope_factor(&l->envelope, l->graph, l->last, l->arena,
                                            err);
    return np_laplacian_draw(&l->drawn, l->graph, l->arena, err);
}

np_laplacian_method np_laplacian_method_used(const np_laplacian *l)
{
    return l->method;
}

size_t np_laplacian_factor_size(const np_laplacian *l)
{
    return l->method == NP_LAPLACIAN_DIRECT ? l->envelope.start[l->graph->n]
                                            : l->drawn.start[l->graph->n];
}

typedef struct {
    const np_laplacian *l;
    const double *const *b;
    double *const *x;
    const double *bound;
    unsigned most;
    double **scratch;     /* [k][5 n + n_components] */
    unsigned *iterations; /* [k]; above `most`: did not converge */
} solve_work;

/* out = L x, by differences along the edges, which lose nothing where neighbours
 * are nearly equal. */
static void multiply(const np_laplacian_graph *g, const double *x, double *out)
{
    for (size_t v = 0; v < g->n; v++) {
        double sum = 0, here = x[v];
        for (size_t i = g->start[v]; i < g->start[v + 1]; i++)
            sum += g->weight[i] * (here - x[g->neighbour[i]]);
        out[v] = sum;
    }
}

/* Makes r sum to zero in each component. */
static void centre(const np_laplacian *l, double *r, double *sum)
{
    memset(sum, 0, l->n_components * sizeof *sum);
    for (size_t v = 0; v < l->graph->n; v++)
        sum[l->component[v]] += r[v];
    for (size_t c = 0; c < l->n_components; c++)
        sum[c] /= l->size[c];
    for (size_t v = 0; v < l->graph->n; v++)
        r[v] -= sum[l->component[v]];
}

/* Exact, and once more for what rounding left. */
static void solve_direct(const np_laplacian *l, const double *b, double *x,
                         double *scratch)
{
    size_t n = l->graph->n;
    double *r = scratch, *correction = scratch + n, *more = scratch + 2 * n;
    np_laplacian_envelope_solve(&l->envelope, b, x, more);
    multiply(l->graph, x, r);
    for (size_t v = 0; v < n; v++)
        r[v] = b[v] - r[v];
    np_laplacian_envelope_solve(&l->envelope, r, correction, more);
    for (size_t v = 0; v < n; v++)
        x[v] += correction[v];
}

static double dot(const double *u, const double *v, size_t n)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t j = 0; j < 4; j++)
            sum[j] += u[i + j] * v[i + j];
    for (; i < n; i++)
        sum[0] += u[i] * v[i];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/* Adds to x what solves for the residual r; stops when the error is below
 * bound in the energy norm by the estimate of Strakoš & Tichý (2002), the sum of
 * the last steps. Returns the iterations; more than `most`: not there. */
static unsigned iterate(const np_laplacian *l, double *r, double *x, double *scratch,
                        double bound, unsigned most)
{
    const size_t n = l->graph->n;
    double *z = scratch, *p = scratch + n, *lp = scratch + 2 * n, *sums = scratch + 3 * n;
    double steps[DELAY] = {0}, rho = 0;
    for (unsigned iteration = 0;; iteration++) {
        np_laplacian_drawn_solve(&l->drawn, r, z, lp);
        double rho_before = rho;
        rho = dot(r, z, n);
        if (!(rho > bound * bound * 1e-6))
            return iteration;
        if (iteration >= most)
            return most + 1;
        double beta = iteration == 0 ? 0 : rho / rho_before;
        for (size_t v = 0; v < n; v++)
            p[v] = z[v] + beta * p[v];
        multiply(l->graph, p, lp);
        double curvature = dot(p, lp, n);
        if (!(curvature > 0))
            return iteration;
        double alpha = rho / curvature, recent = 0;
        for (size_t v = 0; v < n; v++) {
            x[v] += alpha * p[v];
            r[v] -= alpha * lp[v];
        }
        centre(l, r, sums);
        steps[iteration % DELAY] = alpha * rho;
        for (size_t i = 0; i < DELAY; i++)
            recent += steps[i];
        if (iteration + 1 >= DELAY && recent <= bound * bound)
            return iteration + 1;
    }
}

static void solve_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    const solve_work *work = context;
    const np_laplacian *l = work->l;
    size_t n = l->graph->n;
    const double *b = work->b[column];
    double *x = work->x[column], *scratch = work->scratch[column];
    if (l->method == NP_LAPLACIAN_DIRECT) {
        solve_direct(l, b, x, scratch);
        return;
    }
    double *r = scratch, *more = scratch + n;
    memset(x, 0, n * sizeof *x);
    memcpy(r, b, n * sizeof *r);
    unsigned total = 0;
    /* The second round starts from the true residual: the first one's drifts. */
    for (int round = 0; round < 2 && total <= work->most; round++) {
        if (round > 0) {
            multiply(l->graph, x, r);
            for (size_t v = 0; v < n; v++)
                r[v] = b[v] - r[v];
        }
        centre(l, r, more + 3 * n);
        total += iterate(l, r, x, more, work->bound[column], work->most - total);
    }
    work->iterations[column] = total;
}

np_status np_laplacian_solve(const np_laplacian *l, const double *const *b,
                             double *const *x, size_t k, const double *bound,
                             unsigned max_iterations, unsigned n_threads,
                             unsigned *iterations, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    solve_work work = {.l = l, .b = b, .x = x, .bound = bound, .most = max_iterations};
    work.scratch = np_arena_array(arena, double *, k);
    work.iterations = np_arena_array(arena, unsigned, k);
    bool spent = work.scratch == NULL || work.iterations == NULL;
    size_t size = l->graph->n * (l->method == NP_LAPLACIAN_DIRECT ? 3 : 5);
    for (size_t c = 0; c < k && !spent; c++) {
        work.scratch[c] = np_arena_array(arena, double, size);
        spent = work.scratch[c] == NULL;
    }
    np_status status = NP_OK;
    if (spent)
        status =
            np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), l->graph->n);
    else
        np_parallel_for(k, l->graph->n < 1000 ? 1 : n_threads, solve_column, &work);
    *iterations = 0;
    for (size_t c = 0; c < k && status == NP_OK; c++) {
        if (work.iterations[c] > *iterations)
            *iterations = work.iterations[c];
        if (work.iterations[c] > max_iterations)
            status = np_fail(err, NP_E_NOT_CONVERGED,
                             _("the fixed effects did not converge in %u iterations"),
                             max_iterations);
    }
    np_arena_release(arena, mark);
    return status;
}
