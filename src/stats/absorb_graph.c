#include "stats/absorb_internal.h"

#include <string.h>

#include "base/parallel.h"
#include "stats/absorb_cells.h"
#include "stats/laplacian.h"

/* Eliminating a worker with d firms leaves a clique of d(d-1)/2 edges. Workers of
 * at most CLIQUE firms are eliminated where the cliques overlap so much that the
 * graph becomes no larger; else only those of at most SMALL_CLIQUE. The others
 * stay as vertices. */
enum { CLIQUE = 100, SMALL_CLIQUE = 3, N_SAMPLED = 256, FIRMS_PER_TASK = 128 };

/* Iterations that the plain preconditioner gets before one is drawn. */
enum { PLAIN_ITERATIONS = 40 };

struct np_absorb_graph {
    np_absorb_cells cells;
    const int32_t *component; /* [n_firms] -1: a firm without rows */
    double *component_gram;   /* [components] */
    size_t n_components;
    uint32_t *cell_of_row; /* [n] NULL until there are weights */
    bool overlaps;         /* cliques are worth their edges */
    bool is_plain;         /* conjugate gradients on the cells; no reduced graph yet */
    size_t limit;          /* workers with more firms stay */
    int32_t *vertex;       /* [n_workers] in the reduced graph; -1: eliminated */
    size_t *firm_start;    /* [n_firms + 1] cells by firm: */
    uint32_t *firm_cell;   /* [cells] */
    int32_t *firm_worker;  /* [cells] */
    np_laplacian_graph reduced;
    size_t *edge_start;
    int32_t *edge_to;
    double *edge_weight;
    np_laplacian *laplacian;
};

static size_t n_firms_of(const np_absorb_graph *g, size_t worker)
{
    return g->cells.start[worker + 1] - g->cells.start[worker];
}

static np_status no_memory(const np_absorb_graph *g, np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"),
                   g->cells.n_workers + g->cells.n_firms);
}

static np_status transpose(np_absorb_graph *g, np_arena *arena, np_error *err)
{
    const np_absorb_cells *c = &g->cells;
    if (g->firm_start != NULL)
        return NP_OK;
    size_t *start = np_arena_array(arena, size_t, c->n_firms + 2);
    g->firm_cell = np_arena_array(arena, uint32_t, c->n);
    g->firm_worker = np_arena_array(arena, int32_t, c->n);
    if (start == NULL || g->firm_cell == NULL || g->firm_worker == NULL)
        return no_memory(g, err);
    for (size_t x = 0; x < c->n; x++)
        start[c->firm[x] + 2]++;
    for (size_t f = 2; f < c->n_firms + 2; f++)
        start[f] += start[f - 1];
    for (size_t w = 0; w < c->n_workers; w++)
        for (size_t x = c->start[w]; x < c->start[w + 1]; x++) {
            size_t to = start[c->firm[x] + 1]++;
            g->firm_cell[to] = (uint32_t)x;
            g->firm_worker[to] = (int32_t)w;
        }
    g->firm_start = start;
    return NP_OK;
}

/* Distinct neighbours of a firm once workers of at most g->limit firms are
 * eliminated. stamp [n_firms] tells those already seen. */
static size_t count_neighbours(const np_absorb_graph *g, size_t firm, int32_t *stamp)
{
    const np_absorb_cells *c = &g->cells;
    size_t n = 0;
    stamp[firm] = (int32_t)firm + 1;
    for (size_t i = g->firm_start[firm]; i < g->firm_start[firm + 1]; i++) {
        size_t w = (size_t)g->firm_worker[i];
        if (n_firms_of(g, w) > g->limit) {
            n++;
            continue;
        }
        for (size_t x = c->start[w]; x < c->start[w + 1]; x++) {
            n += stamp[c->firm[x]] != (int32_t)firm + 1;
            stamp[c->firm[x]] = (int32_t)firm + 1;
        }
    }
    return n;
}

/* Whether the cliques of workers merge, from a sample of firms. */
static np_status judge_overlap(np_absorb_graph *g, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    int32_t *stamp = np_arena_array(arena, int32_t, g->cells.n_firms);
    if (stamp == NULL)
        return no_memory(g, err);
    g->limit = CLIQUE;
    size_t n_firms = g->cells.n_firms, n = 0, cells = 0;
    size_t step = n_firms / N_SAMPLED + 1;
    for (size_t f = step / 2; f < n_firms; f += step) {
        n += count_neighbours(g, f, stamp);
        cells += g->firm_start[f + 1] - g->firm_start[f];
    }
    g->overlaps = n <= 2 * cells + 1000;
    np_arena_release(arena, mark);
    return NP_OK;
}

static np_status find_components(np_absorber *a, np_absorb_graph *g, np_error *err)
{
    const np_absorb_cells *c = &g->cells;
    int32_t *firm = np_arena_array(a->arena, int32_t, c->n_firms);
    int32_t *worker = np_arena_array(a->arena, int32_t, c->n_workers);
    size_t n;
    if (firm == NULL || worker == NULL)
        return no_memory(g, err);
    np_status status = np_absorb_cells_components(firm, &n, c, a->arena, err);
    if (status != NP_OK)
        return status;
    for (size_t w = 0; w < c->n_workers; w++)
        worker[w] = n_firms_of(g, w) > 0 ? firm[c->firm[c->start[w]]] : -1;
    size_t seen = 0; /* labels come in the order of the lowest firm */
    for (size_t f = 0; f < c->n_firms; f++)
        if (firm[f] >= 0 && (size_t)firm[f] == seen) {
            a->pinned[a->term[1].first + f] = 1;
            seen++;
        }
    g->component = firm;
    g->n_components = n;
    g->component_gram = np_arena_array(a->arena, double, n);
    if (g->component_gram == NULL)
        return no_memory(g, err);
    np_absorb_keep_pair(a, &a->term[1],
                        &(np_absorb_components){.first = worker, .second = firm, .n = n});
    return NP_OK;
}

/* What the tasks that make the reduced graph share. */
typedef struct {
    np_absorb_graph *g;
    const double *gram; /* [n_workers] */
    int32_t **stamp;    /* [threads][n_firms] */
    size_t **slot;      /* [threads][n_firms] one more than the edge's place */
} reduce_work;

static size_t end_of_task(const np_absorb_graph *g, size_t task)
{
    size_t end = (task + 1) * FIRMS_PER_TASK;
    return end < g->cells.n_firms ? end : g->cells.n_firms;
}

static void count_edges(void *context, size_t task, unsigned thread)
{
    const reduce_work *work = context;
    np_absorb_graph *g = work->g;
    for (size_t f = task * FIRMS_PER_TASK; f < end_of_task(g, task); f++)
        g->edge_start[f + 1] = count_neighbours(g, f, work->stamp[thread]);
}

/* The edges of a firm: sum over its eliminated workers of a_fw a_hw / N_w to firm h,
 * and a_fw to a worker who stays. A thread meets its firms in ascending order, so
 * a slot not after the firm's start is an earlier firm's. */
static void fill_firm(const reduce_work *work, size_t f, size_t *slot)
{
    const np_absorb_graph *g = work->g;
    const np_absorb_cells *c = &g->cells;
    size_t begin = g->edge_start[f], end = begin;
    for (size_t i = g->firm_start[f]; i < g->firm_start[f + 1]; i++) {
        size_t w = (size_t)g->firm_worker[i];
        double weight = c->weight[g->firm_cell[i]];
        if (g->vertex[w] >= 0) {
            g->edge_to[end] = g->vertex[w];
            g->edge_weight[end++] = weight;
            continue;
        }
        double share = work->gram[w] > 0 ? weight / work->gram[w] : 0;
        for (size_t x = c->start[w]; x < c->start[w + 1]; x++) {
            size_t h = (size_t)c->firm[x];
            if (h == f)
                continue;
            if (slot[h] <= begin) {
                g->edge_to[end] = (int32_t)h;
                g->edge_weight[end++] = 0;
                slot[h] = end;
            }
            g->edge_weight[slot[h] - 1] += share * c->weight[x];
        }
    }
}

static void fill_edges(void *context, size_t task, unsigned thread)
{
    const reduce_work *work = context;
    for (size_t f = task * FIRMS_PER_TASK; f < end_of_task(work->g, task); f++)
        fill_firm(work, f, work->slot[thread]);
}

static np_status fill_reduced(np_absorb_graph *g, const np_absorber *a, np_error *err)
{
    const np_absorb_cells *c = &g->cells;
    np_arena_mark mark = np_arena_set_mark(a->arena);
    reduce_work work = {.g = g, .gram = a->gram};
    work.slot = np_arena_array(a->arena, size_t *, a->n_threads);
    bool spent = work.slot == NULL;
    for (unsigned t = 0; t < a->n_threads && !spent; t++)
        spent = (work.slot[t] = np_arena_array(a->arena, size_t, c->n_firms)) == NULL;
    if (spent)
        return no_memory(g, err);
    size_t n_tasks = (c->n_firms + FIRMS_PER_TASK - 1) / FIRMS_PER_TASK;
    np_parallel_for(n_tasks, a->n_threads, fill_edges, &work);
    for (size_t w = 0; w < c->n_workers; w++)
        for (size_t i = 0; g->vertex[w] >= 0 && i < n_firms_of(g, w); i++) {
            size_t to = g->edge_start[g->vertex[w]] + i;
            g->edge_to[to] = c->firm[c->start[w] + i];
            g->edge_weight[to] = c->weight[c->start[w] + i];
        }
    np_arena_release(a->arena, mark);
    return NP_OK;
}

static np_status count_reduced(np_absorb_graph *g, const np_absorber *a, np_error *err)
{
    const np_absorb_cells *c = &g->cells;
    g->vertex = np_arena_array(a->arena, int32_t, c->n_workers);
    if (g->vertex == NULL)
        return no_memory(g, err);
    size_t n = c->n_firms;
    for (size_t w = 0; w < c->n_workers; w++)
        g->vertex[w] = n_firms_of(g, w) > g->limit ? (int32_t)n++ : -1;
    g->edge_start = np_arena_array(a->arena, size_t, n + 1);
    if (g->edge_start == NULL)
        return no_memory(g, err);
    np_arena_mark mark = np_arena_set_mark(a->arena);
    reduce_work work = {.g = g};
    work.stamp = np_arena_array(a->arena, int32_t *, a->n_threads);
    bool spent = work.stamp == NULL;
    for (unsigned t = 0; t < a->n_threads && !spent; t++)
        spent = (work.stamp[t] = np_arena_array(a->arena, int32_t, c->n_firms)) == NULL;
    if (spent)
        return no_memory(g, err);
    size_t n_tasks = (c->n_firms + FIRMS_PER_TASK - 1) / FIRMS_PER_TASK;
    np_parallel_for(n_tasks, a->n_threads, count_edges, &work);
    np_arena_release(a->arena, mark);
    for (size_t w = 0; w < c->n_workers; w++)
        if (g->vertex[w] >= 0)
            g->edge_start[g->vertex[w] + 1] = n_firms_of(g, w);
    for (size_t v = 0; v < n; v++)
        g->edge_start[v + 1] += g->edge_start[v];
    g->reduced.n = n;
    return NP_OK;
}

static np_status make_laplacian(np_absorb_graph *g, const np_absorber *a, size_t limit,
                                np_error *err)
{
    g->limit = limit;
    np_status status = count_reduced(g, a, err);
    if (status != NP_OK)
        return status;
    size_t n_edges = g->edge_start[g->reduced.n];
    g->edge_to = np_arena_array(a->arena, int32_t, n_edges);
    g->edge_weight = np_arena_array(a->arena, double, n_edges);
    if (g->edge_to == NULL || g->edge_weight == NULL)
        return no_memory(g, err);
    g->reduced.start = g->edge_start;
    g->reduced.neighbour = g->edge_to;
    g->reduced.weight = g->edge_weight;
    status = fill_reduced(g, a, err);
    if (status == NP_OK)
        status = np_laplacian_new(&g->laplacian, &g->reduced, NP_LAPLACIAN_CHOOSE,
                                  a->arena, err);
    if (status == NP_OK)
        g->is_plain = false;
    return status;
}

bool np_absorb_graph_fits(const np_absorber *a)
{
    return a->n_terms == 2 && a->n_primary == 1 && a->term[0].raw == NULL &&
           a->term[1].raw == NULL && a->n_coef < INT32_MAX;
}

np_status np_absorb_graph_new(np_absorb_graph **out, np_absorber *a, np_error *err)
{
    np_absorb_graph *g = np_arena_array(a->arena, np_absorb_graph, 1);
    if (g == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_absorb_cells_new(
        &g->cells, a->term[0].code, a->term[0].n_levels, a->term[1].code,
        a->term[1].n_levels, a->n, a->n_threads, a->arena, err);
    if (status == NP_OK)
        status = transpose(g, a->arena, err);
    if (status == NP_OK)
        status = judge_overlap(g, a->arena, err);
    if (status == NP_OK)
        status = find_components(a, g, err);
    g->is_plain = !g->overlaps;
    if (status == NP_OK)
        *out = g;
    return status;
}

static np_status weigh_cells(np_absorb_graph *g, const np_absorber *a, np_error *err)
{
    if (g->cell_of_row == NULL) {
        g->cell_of_row = np_arena_array(a->arena, uint32_t, a->n);
        if (g->cell_of_row == NULL)
            return no_memory(g, err);
        np_absorb_cells_of_rows(g->cell_of_row, &g->cells, a->term[0].code,
                                a->term[1].code, a->n, a->n_threads);
    }
    memset(g->cells.weight, 0, g->cells.n * sizeof(double));
    for (size_t i = 0; i < a->n; i++)
        g->cells.weight[g->cell_of_row[i]] += a->weight != NULL ? a->weight[i] : 1;
    return NP_OK;
}

np_status np_absorb_graph_weigh(np_absorb_graph *g, const np_absorber *a, np_error *err)
{
    np_status status = NP_OK;
    if (a->weight != NULL || g->cell_of_row != NULL)
        status = weigh_cells(g, a, err);
    memset(g->component_gram, 0, g->n_components * sizeof(double));
    for (size_t f = 0; f < g->cells.n_firms; f++)
        if (g->component[f] >= 0)
            g->component_gram[g->component[f]] += a->gram[g->cells.n_workers + f];
    if (status != NP_OK || g->is_plain)
        return status;
    if (g->laplacian == NULL)
        return make_laplacian(g, a, CLIQUE, err);
    status = fill_reduced(g, a, err);
    return status == NP_OK ? np_laplacian_weigh(g->laplacian, err) : status;
}

bool np_absorb_graph_iterates(const np_absorb_graph *g)
{
    return g->is_plain ||
           np_laplacian_method_used(g->laplacian) == NP_LAPLACIAN_APPROXIMATE;
}

typedef struct {
    const np_absorb_graph *g;
    const np_absorber *a;
    double *const *in, *const *out;
} apply_work;

/* S p for a column: gram p − sum over workers of a_w (a_w'p) / N_w. */
static void apply_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    const apply_work *work = context;
    const np_absorb_cells *c = &work->g->cells;
    const double *p = work->in[column] + c->n_workers;
    const double *gram = work->a->gram;
    double *out = work->out[column] + c->n_workers;
    for (size_t f = 0; f < c->n_firms; f++)
        out[f] = gram[c->n_workers + f] * p[f];
    for (size_t w = 0; w < c->n_workers; w++) {
        double sum = 0;
        for (size_t x = c->start[w]; x < c->start[w + 1]; x++)
            sum += c->weight[x] * p[c->firm[x]];
        sum = gram[w] > 0 ? sum / gram[w] : 0;
        for (size_t x = c->start[w]; x < c->start[w + 1]; x++)
            out[c->firm[x]] -= c->weight[x] * sum;
    }
}

void np_absorb_graph_apply(const np_absorb_graph *g, const np_absorber *a,
                           double *const *in, double *const *out, size_t k)
{
    apply_work work = {.g = g, .a = a, .in = in, .out = out};
    np_parallel_for(k, a->n_threads, apply_column, &work);
}

void np_absorb_graph_centre(const np_absorb_graph *g, const np_absorber *a, double *r,
                            double *scratch)
{
    memset(scratch, 0, g->n_components * sizeof *scratch);
    for (size_t f = 0; f < g->cells.n_firms; f++)
        if (g->component[f] >= 0)
            scratch[g->component[f]] += r[f];
    for (size_t c = 0; c < g->n_components; c++)
        scratch[c] = g->component_gram[c] > 0 ? scratch[c] / g->component_gram[c] : 0;
    for (size_t f = 0; f < g->cells.n_firms; f++)
        if (g->component[f] >= 0)
            r[f] -= a->gram[g->cells.n_workers + f] * scratch[g->component[f]];
}

/* Workers' part of D1 (D1'WD1)⁻ D1'W D2 x, with its sign turned. */
static void back_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    const apply_work *work = context;
    const np_absorb_cells *c = &work->g->cells;
    const double *x = work->in[column] + c->n_workers, *gram = work->a->gram;
    double *out = work->out[column];
    for (size_t w = 0; w < c->n_workers; w++) {
        double sum = 0;
        for (size_t i = c->start[w]; i < c->start[w + 1]; i++)
            sum += c->weight[i] * x[c->firm[i]];
        out[w] = gram[w] > 0 ? -sum / gram[w] : 0;
    }
}

void np_absorb_graph_back(const np_absorb_graph *g, const np_absorber *a,
                          double *const *coef, size_t k)
{
    apply_work work = {.g = g, .a = a, .in = coef, .out = coef};
    np_parallel_for(k, a->n_threads, back_column, &work);
}

static np_status solve_laplacian(np_absorb_graph *g, np_absorber *a, double *const *sums,
                                 double *const *coef, size_t k, const double *bound,
                                 np_arena *arena, np_error *err)
{
    size_t n_firms = g->cells.n_firms, first = g->cells.n_workers, n = g->reduced.n;
    np_arena_mark mark = np_arena_set_mark(arena);
    const double **b = np_arena_array(arena, const double *, k);
    double **x = np_arena_array(arena, double *, k);
    bool spent = b == NULL || x == NULL;
    for (size_t c = 0; c < k && !spent; c++) {
        double *padded = n > n_firms ? np_arena_array(arena, double, n) : sums[c] + first;
        x[c] = n > n_firms ? np_arena_array(arena, double, n) : coef[c] + first;
        spent = padded == NULL || x[c] == NULL;
        if (!spent && n > n_firms)
            memcpy(padded, sums[c] + first, n_firms * sizeof *padded);
        b[c] = padded;
    }
    unsigned iterations = 0;
    np_status status =
        spent ? no_memory(g, err)
              : np_laplacian_solve(g->laplacian, b, x, k, bound, a->max_iterations,
                                   a->n_threads, &iterations, arena, err);
    for (size_t c = 0; c < k && status == NP_OK && n > n_firms; c++)
        memcpy(coef[c] + first, x[c], n_firms * sizeof(double));
    if (iterations > a->most_iterations)
        a->most_iterations = iterations;
    np_arena_release(arena, mark);
    return status;
}

np_status np_absorb_graph_solve(np_absorb_graph *g, np_absorber *a, double *const *sums,
                                double *const *coef, size_t k, const double *bound,
                                double *const *partial, np_arena *arena, np_error *err)
{
    if (g->is_plain) {
        unsigned most =
            a->max_iterations < PLAIN_ITERATIONS ? a->max_iterations : PLAIN_ITERATIONS;
        np_status status =
            np_absorb_iterate(a, sums, coef, k, bound, most, partial, arena, NULL);
        if (status == NP_OK)
            return NP_OK;
        if (status != NP_E_NOT_CONVERGED)
            return no_memory(g, err);
        status = make_laplacian(g, a, SMALL_CLIQUE, err);
        if (status != NP_OK)
            return status;
    }
    return solve_laplacian(g, a, sums, coef, k, bound, arena, err);
}
