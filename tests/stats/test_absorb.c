#include "support/check.h"

#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "stats/absorb.h"

enum { MOST_FACTORS = 4, MOST_SLOPES = 2 };

/* A random problem: factors, slopes, weights and two columns. */
typedef struct {
    np_arena *arena;
    size_t n, n_fe, k;
    np_factor fe[MOST_FACTORS];
    double *weight;
    double *column[3];
    np_rng rng;
} problem;

typedef struct {
    size_t n_levels, n_slopes;
    bool no_intercept;
} shape;

static double normal(np_rng *rng)
{
    return sqrt(-2 * log(np_rng_uniform(rng))) *
           cos(6.283185307179586 * np_rng_uniform(rng));
}

static double *random_column(problem *p)
{
    double *column = np_arena_array(p->arena, double, p->n);
    for (size_t i = 0; i < p->n; i++)
        column[i] = normal(&p->rng);
    return column;
}

static problem make(uint64_t seed, size_t n, const shape *shapes, size_t n_fe,
                    bool weighted)
{
    problem p = {.arena = np_arena_new(0), .n = n, .n_fe = n_fe, .k = 2};
    p.rng = np_rng_stream(seed, 0);
    for (size_t j = 0; j < n_fe; j++) {
        int32_t *code = np_arena_array(p.arena, int32_t, n);
        const double **slope = np_arena_array(p.arena, const double *, MOST_SLOPES);
        for (size_t i = 0; i < n; i++)
            code[i] = (int32_t)np_rng_below(&p.rng, shapes[j].n_levels);
        for (size_t s = 0; s < shapes[j].n_slopes; s++)
            slope[s] = random_column(&p);
        p.fe[j] = (np_factor){.name = "f",
                              .code = code,
                              .n_levels = shapes[j].n_levels,
                              .has_intercept = !shapes[j].no_intercept,
                              .n_slopes = shapes[j].n_slopes,
                              .slope = slope};
    }
    if (weighted) {
        p.weight = np_arena_array(p.arena, double, n);
        for (size_t i = 0; i < n; i++)
            p.weight[i] = 0.1 + 3 * np_rng_uniform(&p.rng);
    }
    for (size_t c = 0; c < p.k; c++)
        p.column[c] = random_column(&p);
    for (size_t i = 0; i < n; i++) /* far from 0, as years are */
        p.column[1][i] += 2000;
    return p;
}

static np_absorber *absorber_by(const problem *p, unsigned n_threads,
                                np_absorb_method method)
{
    np_absorber *a = NULL;
    np_absorb_spec spec = {.n = p->n,
                           .n_fe = p->n_fe,
                           .fe = p->fe,
                           .weight = p->weight,
                           .n_threads = n_threads,
                           .method = method};
    np_error err = {0};
    if (np_absorber_new(&a, &spec, p->arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return a;
}

static np_absorber *absorber(const problem *p, unsigned n_threads)
{
    return absorber_by(p, n_threads, NP_ABSORB_CHOOSE);
}

static double **residuals(const problem *p, np_absorber *a)
{
    double **copy = np_arena_array(p->arena, double *, p->k);
    np_error err = {0};
    for (size_t c = 0; c < p->k; c++) {
        copy[c] = np_arena_array(p->arena, double, p->n);
        memcpy(copy[c], p->column[c], p->n * sizeof(double));
    }
    if (np_absorber_residuals(a, copy, p->k, p->arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return copy;
}

typedef long double wide;

static wide product(const wide *u, const wide *v, const double *weight, size_t n)
{
    wide sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += u[i] * v[i] * (weight != NULL ? weight[i] : 1);
    return sum;
}

static void subtract(wide *u, const wide *v, wide share, size_t n)
{
    for (size_t i = 0; i < n; i++)
        u[i] -= share * v[i];
}

/* An orthonormal base of all columns of all factors, in long double by
 * Gram-Schmidt done twice; returns the rank. */
static size_t spread_out(const problem *p, wide ***base)
{
    size_t rank = 0, most = 0;
    for (size_t j = 0; j < p->n_fe; j++)
        most += p->fe[j].n_levels * (p->fe[j].n_slopes + 1);
    *base = np_arena_array(p->arena, wide *, most);
    for (size_t j = 0; j < p->n_fe; j++)
        for (size_t s = p->fe[j].has_intercept ? 0 : 1; s <= p->fe[j].n_slopes; s++)
            for (size_t l = 0; l < p->fe[j].n_levels; l++) {
                wide *u = np_arena_array(p->arena, wide, p->n);
                for (size_t i = 0; i < p->n; i++)
                    if (p->fe[j].code[i] == (int32_t)l)
                        u[i] = s == 0 ? 1 : p->fe[j].slope[s - 1][i];
                wide before = product(u, u, p->weight, p->n);
                for (int round = 0; round < 2; round++)
                    for (size_t r = 0; r < rank; r++)
                        subtract(u, (*base)[r], product(u, (*base)[r], p->weight, p->n),
                                 p->n);
                wide after = product(u, u, p->weight, p->n);
                if (!(after > 1e-26L * before))
                    continue;
                for (size_t i = 0; i < p->n; i++)
                    u[i] /= sqrtl(after);
                (*base)[rank++] = u;
            }
    return rank;
}

/* Largest difference from the residuals by Gram-Schmidt, in the column's norm. */
static double difference(const problem *p, wide **base, size_t rank, double *const *got)
{
    double worst = 0;
    for (size_t c = 0; c < p->k; c++) {
        wide *y = np_arena_array(p->arena, wide, p->n);
        for (size_t i = 0; i < p->n; i++)
            y[i] = p->column[c][i];
        for (int round = 0; round < 2; round++)
            for (size_t r = 0; r < rank; r++)
                subtract(y, base[r], product(y, base[r], p->weight, p->n), p->n);
        for (size_t i = 0; i < p->n; i++)
            worst = fmax(worst, (double)fabsl(y[i] - got[c][i]));
    }
    return worst;
}

/* Every solver against Gram-Schmidt. The rank is exact where S is factored or
 * there are two factors of intercepts. */
static void check_shape(const char *what, size_t n, const shape *shapes, size_t n_fe)
{
    const np_absorb_method methods[] = {NP_ABSORB_DENSE, NP_ABSORB_GRAPH,
                                        NP_ABSORB_ITERATIVE};
    for (uint64_t seed = 0; seed < 6; seed++) {
        problem p = make(seed, n, shapes, n_fe, seed % 2 == 1);
        wide **base;
        size_t rank = spread_out(&p, &base);
        for (int m = 0; m < 3; m++) {
            np_absorber *a = absorber_by(&p, 1, methods[m]);
            double d = difference(&p, base, rank, residuals(&p, a));
            np_absorbed_rank r;
            assert_int_equal(np_absorber_rank(&r, a, p.arena, NULL), NP_OK);
            bool wrong_rank = m < 1 ? r.exact != rank : r.exact < rank;
            if (!(d < 1e-10) || wrong_rank)
                fail_msg("%s, seed %d, method %d: off by %g, rank %zu of %zu", what,
                         (int)seed, m, d, r.exact, rank);
        }
        np_arena_free(p.arena);
    }
}

static void one_factor_takes_out_group_means(void **state)
{
    (void)state;
    const shape one[] = {{.n_levels = 20}};
    check_shape("one factor", 100, one, 1);
    check_shape("singletons and empty levels", 30, one, 1);
}

static void factors_of_all_shapes_agree_with_dense_least_squares(void **state)
{
    (void)state;
    const shape two[] = {{.n_levels = 8}, {.n_levels = 30}};
    check_shape("two factors", 120, two, 2);
    check_shape("two factors in many pieces", 30, two, 2);
    const shape three[] = {{.n_levels = 8}, {.n_levels = 30}, {.n_levels = 12}};
    check_shape("three factors", 150, three, 3);
    check_shape("three factors, sparse", 60, three, 3);
    const shape four[] = {
        {.n_levels = 5}, {.n_levels = 9}, {.n_levels = 4}, {.n_levels = 7}};
    check_shape("four factors", 90, four, 4);
}

/* In order by unit, the last units without the first periods. */
static void a_panel_in_order_agrees_with_dense_least_squares(void **state)
{
    (void)state;
    const shape shapes[] = {{.n_levels = 24}, {.n_levels = 5}};
    for (int units = 6; units <= 24; units += 6) {
        problem p = make(1, 24 * 5, shapes, 2, false);
        int32_t *unit = (int32_t *)p.fe[0].code, *period = (int32_t *)p.fe[1].code;
        size_t n = 0;
        for (int32_t u = 0; u < 24; u++)
            for (int32_t t = u < units ? 0 : 2; t < 5; t++) {
                unit[n] = u;
                period[n++] = t;
            }
        p.n = n;
        wide **base;
        size_t rank = spread_out(&p, &base);
        np_absorber *a = absorber(&p, 1);
        assert_true(difference(&p, base, rank, residuals(&p, a)) < 1e-11);
        np_arena_free(p.arena);
    }
}

static void slopes_agree_with_dense_least_squares(void **state)
{
    (void)state;
    const shape both[] = {{.n_levels = 12, .n_slopes = 2}};
    check_shape("intercepts and two slopes", 100, both, 1);
    const shape alone[] = {{.n_levels = 12, .n_slopes = 1, .no_intercept = true}};
    check_shape("slopes alone", 40, alone, 1);
    const shape primary[] = {{.n_levels = 15, .n_slopes = 1}, {.n_levels = 9}};
    check_shape("slopes in the larger factor", 120, primary, 2);
    const shape rest[] = {{.n_levels = 30}, {.n_levels = 6, .n_slopes = 2}};
    check_shape("slopes in the smaller factor", 150, rest, 2);
    const shape mixed[] = {{.n_levels = 20},
                           {.n_levels = 5, .n_slopes = 1, .no_intercept = true},
                           {.n_levels = 4, .n_slopes = 1}};
    check_shape("slopes in two of three", 150, mixed, 3);
}

static void nested_factors_add_nothing(void **state)
{
    (void)state;
    const shape shapes[] = {{.n_levels = 20}, {.n_levels = 5}, {.n_levels = 6}};
    problem p = make(7, 80, shapes, 3, true);
    int32_t *code = np_arena_array(p.arena, int32_t, p.n);
    for (size_t i = 0; i < p.n; i++)
        code[i] = p.fe[0].code[i] / 4;
    p.fe[1].code = code;
    wide **base;
    size_t rank = spread_out(&p, &base);
    np_absorber *a = absorber(&p, 1);
    assert_true(difference(&p, base, rank, residuals(&p, a)) < 1e-11);
    np_absorbed_rank r;
    assert_int_equal(np_absorber_rank(&r, a, p.arena, NULL), NP_OK);
    assert_int_equal(r.exact, rank);
    assert_int_equal(r.nominal, 20 + 5 + 6 - 2);
    assert_int_equal(r.n_components, 5);
    np_arena_free(p.arena);
}

static void a_slope_without_variance_takes_no_parameter(void **state)
{
    (void)state;
    const shape shapes[] = {{.n_levels = 10, .n_slopes = 2}, {.n_levels = 4}};
    problem p = make(3, 120, shapes, 2, false);
    double *slope[2];
    for (int s = 0; s < 2; s++) {
        slope[s] = np_arena_array(p.arena, double, p.n);
        ((const double **)p.fe[0].slope)[s] = slope[s];
    }
    for (size_t i = 0; i < p.n; i++) {
        int32_t l = p.fe[0].code[i];
        slope[0][i] = 2000 + (l < 3 ? 0 : (double)(i % 7));     /* constant in 3 levels */
        slope[1][i] = l < 6 ? 3 * slope[0][i] : normal(&p.rng); /* collinear in 6 */
    }
    wide **base;
    size_t rank = spread_out(&p, &base);
    np_absorber *a = absorber(&p, 1);
    assert_true(difference(&p, base, rank, residuals(&p, a)) < 1e-9);
    np_absorbed_rank r;
    assert_int_equal(np_absorber_rank(&r, a, p.arena, NULL), NP_OK);
    assert_int_equal(r.exact, rank);
    assert_int_equal(r.exact, 10 + 7 + 4 + 3);
    assert_int_equal(r.nominal, 30 + 4 - 1);
    np_arena_free(p.arena);
}

/* y − effects must be the residual, and the references must be 0. */
static void effects_add_up_and_have_their_references(void **state)
{
    (void)state;
    const shape shapes[] = {
        {.n_levels = 30}, {.n_levels = 6, .n_slopes = 1}, {.n_levels = 4}};
    for (uint64_t seed = 0; seed < 4; seed++) {
        problem p = make(seed, 70, shapes, 3, seed % 2 == 0);
        np_absorber *a = absorber(&p, 1);
        double **r = residuals(&p, a);
        const double *const *effect = NULL;
        for (size_t c = 0; c < p.k; c++) {
            assert_int_equal(np_absorber_effects(a, p.column[c], &effect, p.arena, NULL),
                             NP_OK);
            for (size_t i = 0; i < p.n; i++) {
                double fitted = 0;
                for (size_t j = 0; j < p.n_fe; j++)
                    fitted += effect[j][p.fe[j].code[i]];
                fitted += effect[1][6 + p.fe[1].code[i]] * p.fe[1].slope[0][i];
                assert_true(fabs(p.column[c][i] - fitted - r[c][i]) < 1e-9);
            }
            assert_true(effect[1][0] == 0);
            assert_true(effect[2][0] == 0);
        }
        np_arena_free(p.arena);
    }
}

/* Rows (1,1) (1,2) (2,2) and (3,3) (4,3): two pieces; the second factor's first
 * level of each is 0. y = first + second: 10+0, 10+1, 20+1 and 30+0, 40+0. */
static void each_component_has_its_own_reference(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    const int32_t first[] = {0, 0, 1, 2, 3}, second[] = {0, 1, 1, 2, 2};
    const double y[] = {10, 11, 21, 30, 40};
    np_factor fe[] = {
        {.name = "a", .code = first, .n_levels = 4, .has_intercept = true},
        {.name = "b", .code = second, .n_levels = 3, .has_intercept = true}};
    np_absorber *a = NULL;
    assert_int_equal(
        np_absorber_new(&a, &(np_absorb_spec){.n = 5, .n_fe = 2, .fe = fe}, arena, NULL),
        NP_OK);
    const double *const *effect = NULL;
    assert_int_equal(np_absorber_effects(a, y, &effect, arena, NULL), NP_OK);
    const double want[] = {10, 20, 30, 40}, want_second[] = {0, 1, 0};
    for (int l = 0; l < 4; l++)
        assert_true(fabs(effect[0][l] - want[l]) < 1e-12);
    for (int l = 0; l < 3; l++)
        assert_true(fabs(effect[1][l] - want_second[l]) < 1e-12);
    np_absorbed_rank r;
    assert_int_equal(np_absorber_rank(&r, a, arena, NULL), NP_OK);
    assert_int_equal(r.exact, 5);
    assert_int_equal(r.nominal, 6);
    assert_int_equal(r.n_components, 2);
    np_arena_free(arena);
}

/* A long chain: each worker moves among the firms near to it. */
static problem make_chain(size_t n, bool weighted)
{
    const shape shapes[] = {{.n_levels = n / 20}, {.n_levels = n / 160}};
    problem p = make(4, n, shapes, 2, weighted);
    int32_t *worker = np_arena_array(p.arena, int32_t, n);
    int32_t *firm = np_arena_array(p.arena, int32_t, n), last = (int32_t)(n / 160);
    for (size_t i = 0; i < n; i++) {
        worker[i] = (int32_t)np_rng_below(&p.rng, n / 20);
        int32_t near = (worker[i] + 1) / 8 - 10;
        int32_t f = (int32_t)np_rng_below(&p.rng, 21) + (near > 1 ? near : 1);
        firm[i] = (f < last ? f : last) - 1;
    }
    p.fe[0].code = worker;
    p.fe[1].code = firm;
    return p;
}

/* The whole of a connected graph without structure, with a worker who is in
 * every firm and a firm that has every fifth worker. */
static problem make_hubs(size_t n)
{
    const shape shapes[] = {{.n_levels = n / 4}, {.n_levels = n / 5}};
    problem p = make(6, n, shapes, 2, true);
    int32_t *worker = np_arena_array(p.arena, int32_t, n);
    int32_t *firm = np_arena_array(p.arena, int32_t, n);
    for (size_t i = 0; i < n; i++) {
        worker[i] = i < n / 5 ? 0 : (int32_t)np_rng_below(&p.rng, n / 4);
        firm[i] = i < n / 5 ? (int32_t)i
                            : (int32_t)(i % 5 == 0 ? 7 : np_rng_below(&p.rng, n / 5));
    }
    p.fe[0].code = worker;
    p.fe[1].code = firm;
    return p;
}

/* Islands of 150 firms among which workers with many jobs move at random, and one
 * worker who ties each island to the next: no band, and badly connected. */
static problem make_islands(size_t n)
{
    enum { FIRMS = 150, WORKERS = 100 };
    size_t n_islands = n / 3000;
    const shape shapes[] = {{.n_levels = n_islands * (WORKERS + FIRMS)},
                            {.n_levels = n_islands * FIRMS}};
    problem p = make(8, n, shapes, 2, false);
    int32_t *worker = np_arena_array(p.arena, int32_t, n);
    int32_t *firm = np_arena_array(p.arena, int32_t, n);
    for (size_t i = 0; i < n; i++) {
        size_t island = i % n_islands;
        worker[i] = (int32_t)(island * WORKERS + np_rng_below(&p.rng, WORKERS));
        firm[i] = (int32_t)(island * FIRMS + np_rng_below(&p.rng, FIRMS));
        if (i < n_islands && worker[i] % WORKERS == 0)
            worker[i]++;
        if (i < n_islands)
            firm[i] = (int32_t)((island + 1) % n_islands * FIRMS);
    }
    p.fe[0].code = worker;
    p.fe[1].code = firm;
    return p;
}

static void new_weights_give_what_a_new_absorber_gives(void **state)
{
    (void)state;
    const shape shapes[] = {
        {.n_levels = 30, .n_slopes = 1}, {.n_levels = 6}, {.n_levels = 4}};
    for (int which = 0; which < 4; which++) {
        problem p = which == 0   ? make(5, 200, shapes, 3, true)
                    : which == 3 ? make_islands(30000)
                                 : make_chain(20000, which == 2);
        double *other = np_arena_array(p.arena, double, p.n);
        for (size_t i = 0; i < p.n; i++)
            other[i] = 1 + (double)(i % 3);
        np_absorber *a = absorber_by(&p, 1, which > 0 ? NP_ABSORB_GRAPH : 0);
        residuals(&p, a); /* so that the factor is drawn before the weights change */
        assert_int_equal(np_absorber_reweight(a, other, NULL), NP_OK);
        double **got = residuals(&p, a);
        p.weight = other;
        double **want =
            residuals(&p, absorber_by(&p, 1, which > 0 ? NP_ABSORB_GRAPH : 0));
        for (size_t c = 0; c < p.k; c++)
            assert_memory_equal(got[c], want[c], p.n * sizeof(double));
        np_arena_free(p.arena);
    }
}

static void a_negative_weight_is_refused_with_its_row(void **state)
{
    (void)state;
    const shape shapes[] = {{.n_levels = 4}};
    problem p = make(5, 20, shapes, 1, true);
    p.weight[6] = -3;
    np_absorber *a = NULL;
    np_error err = {0};
    np_absorb_spec spec = {.n = 20, .n_fe = 1, .fe = p.fe, .weight = p.weight};
    assert_int_equal(np_absorber_new(&a, &spec, p.arena, &err), NP_E_RANGE);
    assert_non_null(strstr(err.message, "row 7 is -3"));
    np_arena_free(p.arena);
}

/* Three factors too large for the dense matrix, checked by what defines the
 * residual: it is orthogonal to every level. */
static void many_levels_are_solved_by_iteration(void **state)
{
    (void)state;
    const shape shapes[] = {{.n_levels = 4000}, {.n_levels = 1500}, {.n_levels = 300}};
    problem p = make(11, 40000, shapes, 3, true);
    np_absorber *a = absorber(&p, 2);
    double **r = residuals(&p, a);
    assert_true(np_absorber_iterations(a) > 1);
    for (size_t c = 0; c < p.k; c++)
        for (size_t j = 0; j < p.n_fe; j++) {
            double *sum = np_arena_array(p.arena, double, p.fe[j].n_levels);
            for (size_t i = 0; i < p.n; i++)
                sum[p.fe[j].code[i]] += p.weight[i] * r[c][i];
            for (size_t l = 0; l < p.fe[j].n_levels; l++)
                assert_true(fabs(sum[l]) < 1e-9);
        }
    np_arena_free(p.arena);
}

static void the_number_of_threads_changes_no_bit(void **state)
{
    (void)state;
    const shape dense[] = {
        {.n_levels = 3000}, {.n_levels = 10}, {.n_levels = 7, .n_slopes = 1}};
    const shape iterative[] = {{.n_levels = 3000}, {.n_levels = 1800}, {.n_levels = 30}};
    const shape *both[] = {dense, iterative};
    for (int which = 0; which < 4; which++) {
        problem p = which == 2   ? make_chain(300000, true)
                    : which == 3 ? make_islands(60000)
                                 : make(2, 300000, both[which], 3, true);
        double **one = residuals(&p, absorber(&p, 1));
        double **three = residuals(&p, absorber(&p, 3));
        for (size_t c = 0; c < p.k; c++)
            assert_memory_equal(one[c], three[c], p.n * sizeof(double));
        np_arena_free(p.arena);
    }
}

/* order: 0 as they came, by chance or by the levels of the largest factor, which
 * are then swept as they stand. */
static void check_order(const shape *shapes, size_t n_fe, size_t n, bool sorted)
{
    problem p = make(9, n, shapes, n_fe, true), q = make(9, n, shapes, n_fe, true);
    int32_t *order = np_arena_array(q.arena, int32_t, q.n);
    size_t placed = 0;
    for (size_t l = 0; l < shapes[0].n_levels; l++)
        for (size_t i = 0; i < n; i++)
            if (p.fe[0].code[i] == (int32_t)l)
                order[placed++] = (int32_t)i;
    if (!sorted)
        np_rng_shuffle(&q.rng, order, q.n);
    for (size_t i = 0; i < q.n; i++) {
        for (size_t j = 0; j < n_fe; j++)
            ((int32_t *)q.fe[j].code)[i] = p.fe[j].code[order[i]];
        q.weight[i] = p.weight[order[i]];
        for (size_t c = 0; c < q.k; c++)
            q.column[c][i] = p.column[c][order[i]];
    }
    double **r = residuals(&p, absorber(&p, 1)), **s = residuals(&q, absorber(&q, 1));
    const double *const *effect, *const *other;
    assert_int_equal(
        np_absorber_effects(absorber(&p, 1), p.column[0], &effect, p.arena, NULL), NP_OK);
    assert_int_equal(
        np_absorber_effects(absorber(&q, 1), q.column[0], &other, q.arena, NULL), NP_OK);
    for (size_t c = 0; c < p.k; c++)
        for (size_t i = 0; i < p.n; i++)
            assert_true(fabs(s[c][i] - r[c][order[i]]) < 1e-10);
    for (size_t j = 0; j < n_fe; j++)
        for (size_t l = 0; l < shapes[j].n_levels; l++)
            assert_true(fabs(effect[j][l] - other[j][l]) < 1e-9);
    np_arena_free(p.arena);
    np_arena_free(q.arena);
}

static void the_order_of_rows_does_not_matter(void **state)
{
    (void)state;
    const shape three[] = {{.n_levels = 40}, {.n_levels = 12}, {.n_levels = 5}};
    const shape few[] = {{.n_levels = 4}, {.n_levels = 3}}; /* 1000 rows a level */
    const shape graph[] = {{.n_levels = 3000}, {.n_levels = 1600}};
    for (int sorted = 0; sorted < 2; sorted++) {
        check_order(three, 3, 300, sorted == 1);
        check_order(three, 1, 300, sorted == 1);
        check_order(few, 2, 4000, sorted == 1);
        check_order(graph, 2, 30000, sorted == 1);
    }
}

/* Largest |sum of w r| over the levels of the factors. */
static double worst_sum(const problem *p, const double *r)
{
    double worst = 0;
    for (size_t j = 0; j < p->n_fe; j++) {
        double *sum = np_arena_array(p->arena, double, p->fe[j].n_levels);
        for (size_t i = 0; i < p->n; i++)
            sum[p->fe[j].code[i]] += (p->weight != NULL ? p->weight[i] : 1) * r[i];
        for (size_t l = 0; l < p->fe[j].n_levels; l++)
            worst = fmax(worst, fabs(sum[l]));
    }
    return worst;
}

/* y = 3 x + worker + firm without noise must give 3. */
static double coefficient_error(problem *p, np_absorb_method method)
{
    for (size_t i = 0; i < p->n; i++) {
        double effects = p->fe[0].code[i] % 101 + 0.01 * p->fe[1].code[i];
        p->column[1][i] = 3 * p->column[0][i] + effects;
    }
    double **r = residuals(p, absorber_by(p, 2, method)), xx = 0, xy = 0;
    for (size_t i = 0; i < p->n; i++) {
        double w = p->weight != NULL ? p->weight[i] : 1;
        xx += w * r[0][i] * r[0][i];
        xy += w * r[0][i] * r[1][i];
    }
    return fabs(xy / xx / 3 - 1);
}

static void a_long_chain_is_solved_exactly(void **state)
{
    (void)state;
    for (int weighted = 0; weighted < 2; weighted++) {
        problem p = make_chain(300000, weighted == 1);
        np_absorber *a = absorber(&p, 2);
        double **r = residuals(&p, a);
        assert_int_equal(np_absorber_iterations(a), 0);
        assert_true(worst_sum(&p, r[0]) < 1e-9);
        assert_true(coefficient_error(&p, NP_ABSORB_CHOOSE) < 1e-11);
        np_arena_free(p.arena);
    }
}

static void graph_and_dense_factor_agree_on_a_chain(void **state)
{
    (void)state;
    problem p = make_chain(40000, true);
    double **graph = residuals(&p, absorber_by(&p, 2, NP_ABSORB_GRAPH));
    double **dense = residuals(&p, absorber_by(&p, 2, NP_ABSORB_DENSE));
    for (size_t c = 0; c < p.k; c++)
        for (size_t i = 0; i < p.n; i++)
            assert_true(fabs(graph[c][i] - dense[c][i]) < 1e-10);
    np_arena_free(p.arena);
}

/* Worker, firm and a few periods with a slope: the periods border the graph. */
static void a_small_third_factor_borders_the_graph(void **state)
{
    (void)state;
    for (int badly = 0; badly < 2; badly++) {
        problem p = badly == 1 ? make_islands(30000) : make_chain(40000, true);
        const shape periods[] = {{.n_levels = 7, .n_slopes = 1}};
        problem q = make(12, p.n, periods, 1, false);
        p.fe[2] = q.fe[0];
        p.n_fe = 3;
        np_absorber *a = absorber_by(&p, 2, NP_ABSORB_GRAPH);
        np_absorber *b = absorber_by(&p, 2, NP_ABSORB_DENSE);
        double **border = residuals(&p, a), **dense = residuals(&p, b);
        for (size_t c = 0; c < p.k; c++)
            for (size_t i = 0; i < p.n; i++)
                assert_true(fabs(border[c][i] - dense[c][i]) < 1e-9);
        np_absorbed_rank r, s;
        assert_int_equal(np_absorber_rank(&r, a, p.arena, NULL), NP_OK);
        assert_int_equal(np_absorber_rank(&s, b, p.arena, NULL), NP_OK);
        assert_int_equal(r.exact, s.exact);
        np_arena_free(p.arena);
        np_arena_free(q.arena);
    }
}

static void islands_are_solved_by_a_drawn_factor(void **state)
{
    (void)state;
    problem p = make_islands(180000);
    np_absorber *a = absorber_by(&p, 2, NP_ABSORB_GRAPH);
    double **r = residuals(&p, a);
    assert_true(np_absorber_iterations(a) > 5);
    assert_true(worst_sum(&p, r[0]) < 1e-9);
    assert_true(coefficient_error(&p, NP_ABSORB_GRAPH) < 1e-11);
    np_arena_free(p.arena);
}

static void hubs_are_solved_to_the_last_digits(void **state)
{
    (void)state;
    problem p = make_hubs(40000);
    assert_true(worst_sum(&p, residuals(&p, absorber(&p, 2))[0]) < 1e-9);
    assert_true(coefficient_error(&p, NP_ABSORB_CHOOSE) < 1e-11);
    assert_true(coefficient_error(&p, NP_ABSORB_ITERATIVE) < 1e-11);
    np_arena_free(p.arena);
}

/* Allocation 1, 2, … fails until none is left to fail. */
static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    const shape dense[] = {{.n_levels = 30, .n_slopes = 1}, {.n_levels = 6}};
    const shape iterative[] = {{.n_levels = 1600}, {.n_levels = 1600}, {.n_levels = 30}};
    const shape *both[] = {dense, iterative};
    for (int which = 0; which < 4; which++) {
        size_t n_fe = which == 1 ? 3 : 2;
        np_status status = NP_E_NO_MEMORY;
        size_t failing = 1;
        for (; status != NP_OK && failing < 1000; failing++) {
            problem p = which == 2   ? make_chain(4000, true)
                        : which == 3 ? make_islands(18000)
                                     : make(1, 4000, both[which], n_fe, false);
            np_absorb_spec spec = {.n = p.n,
                                   .n_fe = p.n_fe,
                                   .fe = p.fe,
                                   .weight = p.weight,
                                   .method = which > 1 ? NP_ABSORB_GRAPH : 0};
            np_absorber *a = NULL;
            const double *const *effect;
            np_absorbed_rank rank;
            np_arena_fail_at(p.arena, failing);
            status = np_absorber_new(&a, &spec, p.arena, NULL);
            if (status == NP_OK)
                status = np_absorber_residuals(a, p.column, p.k, p.arena, NULL);
            if (status == NP_OK)
                status = np_absorber_effects(a, p.column[0], &effect, p.arena, NULL);
            if (status == NP_OK)
                status = np_absorber_rank(&rank, a, p.arena, NULL);
            assert_true(status == NP_OK || status == NP_E_NO_MEMORY);
            np_arena_fail_at(p.arena, 0);
            np_arena_free(p.arena);
        }
        assert_true(failing > 20 && failing < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_factor_takes_out_group_means),
        cmocka_unit_test(factors_of_all_shapes_agree_with_dense_least_squares),
        cmocka_unit_test(a_panel_in_order_agrees_with_dense_least_squares),
        cmocka_unit_test(slopes_agree_with_dense_least_squares),
        cmocka_unit_test(nested_factors_add_nothing),
        cmocka_unit_test(a_slope_without_variance_takes_no_parameter),
        cmocka_unit_test(effects_add_up_and_have_their_references),
        cmocka_unit_test(each_component_has_its_own_reference),
        cmocka_unit_test(new_weights_give_what_a_new_absorber_gives),
        cmocka_unit_test(a_negative_weight_is_refused_with_its_row),
        cmocka_unit_test(many_levels_are_solved_by_iteration),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(the_order_of_rows_does_not_matter),
        cmocka_unit_test(a_long_chain_is_solved_exactly),
        cmocka_unit_test(graph_and_dense_factor_agree_on_a_chain),
        cmocka_unit_test(a_small_third_factor_borders_the_graph),
        cmocka_unit_test(islands_are_solved_by_a_drawn_factor),
        cmocka_unit_test(hubs_are_solved_to_the_last_digits),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
