#include "support/check.h"

#include "base/arena.h"
#include "base/rng.h"
#include "stats/laplacian.h"

/* A graph with a known solution: b = L x for a random x. */
typedef struct {
    np_arena *arena;
    np_laplacian_graph graph;
    size_t *start, n_edges;
    int32_t *from, *to;
    double *weight, *x, *b;
    np_rng rng;
} problem;

static problem begin(size_t n, size_t most_edges)
{
    problem p = {.arena = np_arena_new(0), .rng = np_rng_stream(5, 0)};
    p.graph.n = n;
    p.from = np_arena_array(p.arena, int32_t, most_edges);
    p.to = np_arena_array(p.arena, int32_t, most_edges);
    p.weight = np_arena_array(p.arena, double, most_edges);
    return p;
}

static void tie(problem *p, size_t u, size_t v, double weight)
{
    p->from[p->n_edges] = (int32_t)u;
    p->to[p->n_edges] = (int32_t)v;
    p->weight[p->n_edges++] = weight;
}

static void finish(problem *p)
{
    size_t n = p->graph.n;
    size_t *start = np_arena_array(p->arena, size_t, n + 2);
    int32_t *neighbour = np_arena_array(p->arena, int32_t, 2 * p->n_edges);
    double *weight = np_arena_array(p->arena, double, 2 * p->n_edges);
    for (size_t e = 0; e < p->n_edges; e++) {
        start[p->from[e] + 2]++;
        start[p->to[e] + 2]++;
    }
    for (size_t v = 2; v < n + 2; v++)
        start[v] += start[v - 1];
    for (size_t e = 0; e < 2 * p->n_edges; e++) {
        int32_t u = e % 2 == 0 ? p->from[e / 2] : p->to[e / 2];
        size_t at = start[u + 1]++;
        neighbour[at] = e % 2 == 0 ? p->to[e / 2] : p->from[e / 2];
        weight[at] = p->weight[e / 2];
    }
    p->graph.start = start;
    p->graph.neighbour = neighbour;
    p->graph.weight = weight;
    p->x = np_arena_array(p->arena, double, n);
    p->b = np_arena_array(p->arena, double, n);
    for (size_t v = 0; v < n; v++)
        p->x[v] = np_rng_uniform(&p->rng);
    for (size_t v = 0; v < n; v++)
        for (size_t i = start[v]; i < start[v + 1]; i++)
            p->b[v] += weight[i] * (p->x[v] - p->x[neighbour[i]]);
}

/* Squared energy norm of u − v (v NULL: 0). */
static double energy(const problem *p, const double *u, const double *v)
{
    double sum = 0;
    for (size_t e = 0; e < p->n_edges; e++) {
        double d = u[p->from[e]] - u[p->to[e]];
        if (v != NULL)
            d -= v[p->from[e]] - v[p->to[e]];
        sum += p->weight[e] * d * d;
    }
    return sum;
}

static unsigned check(problem *p, np_laplacian_method method)
{
    finish(p);
    np_laplacian *l = NULL;
    np_error err = {0};
    double *x = np_arena_array(p->arena, double, p->graph.n);
    double norm = sqrt(energy(p, p->x, NULL)), bound = 1e-12 * norm;
    unsigned iterations = 0;
    if (np_laplacian_new(&l, &p->graph, method, p->arena, &err) != NP_OK ||
        np_laplacian_solve(l, (const double *const *)&p->b, &x, 1, &bound, 500, 1,
                           &iterations, p->arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    double error = sqrt(energy(p, x, p->x)) / norm;
    if (!(error < 1e-11))
        fail_msg("off by %g", error);
    np_arena_free(p->arena);
    return iterations;
}

static problem grid(size_t side)
{
    problem p = begin(side * side, 2 * side * side);
    for (size_t v = 0; v < side * side; v++) {
        if (v % side + 1 < side)
            tie(&p, v, v + 1, exp(6 * np_rng_uniform(&p.rng)));
        if (v / side + 1 < side)
            tie(&p, v, v + side, 1);
    }
    return p;
}

static void a_grid_is_solved_by_either_factor(void **state)
{
    (void)state;
    problem p = grid(40), q = grid(120);
    assert_int_equal(check(&p, NP_LAPLACIAN_DIRECT), 0);
    assert_true(check(&q, NP_LAPLACIAN_APPROXIMATE) < 120);
}

/* Every elimination in a tree leaves a tree: nothing is drawn. */
static void a_tree_is_factored_exactly(void **state)
{
    (void)state;
    problem p = begin(5000, 5000);
    for (size_t v = 1; v < 5000; v++)
        tie(&p, v, np_rng_below(&p.rng, v), exp(8 * np_rng_uniform(&p.rng)));
    assert_true(check(&p, NP_LAPLACIAN_APPROXIMATE) <= 8);
}

static void pieces_and_lone_vertices_are_solved(void **state)
{
    (void)state;
    for (np_laplacian_method m = NP_LAPLACIAN_CHOOSE; m <= NP_LAPLACIAN_APPROXIMATE;
         m++) {
        problem p = begin(3000, 6000);
        for (size_t piece = 0; piece < 200;
             piece++) /* of 10; the last 1000 stand alone */
            for (size_t v = 1; v < 10; v++) {
                tie(&p, piece * 10 + v, piece * 10 + v - 1, 1 + (double)v);
                if (v > 2)
                    tie(&p, piece * 10 + v, piece * 10 + v - 3, 2);
            }
        check(&p, m);
    }
}

/* A star with many more ends than a bucket of degrees is wide, and a clique. */
static void hubs_and_cliques_are_solved(void **state)
{
    (void)state;
    problem p = begin(4100, 10000);
    for (size_t v = 1; v < 4000; v++)
        tie(&p, 0, v, np_rng_uniform(&p.rng));
    for (size_t v = 4000; v < 4100; v++)
        for (size_t u = 4000; u < v; u++)
            tie(&p, u, v, np_rng_uniform(&p.rng));
    tie(&p, 17, 4050, 1);
    assert_true(check(&p, NP_LAPLACIAN_APPROXIMATE) < 100);
}

/* A chain whose vertices are numbered at random: an order with a small envelope
 * is found, and then the exact factor is taken. */
static void a_shuffled_chain_is_put_in_order(void **state)
{
    (void)state;
    enum { N = 20000 };
    problem p = begin(N, 3 * N);
    int32_t *number = np_arena_array(p.arena, int32_t, N);
    for (size_t v = 0; v < N; v++)
        number[v] = (int32_t)v;
    np_rng_shuffle(&p.rng, number, N);
    for (size_t v = 1; v < N; v++)
        for (size_t back = 1; back <= 3 && back <= v; back++)
            tie(&p, (size_t)number[v], (size_t)number[v - back], 1);
    assert_int_equal(check(&p, NP_LAPLACIAN_CHOOSE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_is_solved_by_either_factor),
        cmocka_unit_test(a_tree_is_factored_exactly),
        cmocka_unit_test(pieces_and_lone_vertices_are_solved),
        cmocka_unit_test(hubs_and_cliques_are_solved),
        cmocka_unit_test(a_shuffled_chain_is_put_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
