#include "stats/absorb.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/absorb_internal.h"

/* Rows and coefficients of a block of rows; blocks cost a set of sums each. */
enum { ROWS_PER_BLOCK = 1 << 17, MOST_BLOCKS = 8, SMALL = 1 << 14 };

/* Columns that are worked on side by side, by the numbers that they need. */
enum { MOST_COLUMNS = 16, NUMBERS_AT_A_TIME = 1 << 23 };

/* Below this, the scaled reduced matrix loses so many digits that the residuals
 * are projected a second time, which squares the error. */
static const double WEAK_PIVOT = 1e-4;

static const double DEFAULT_TOLERANCE = 1e-12;
enum { DEFAULT_ITERATIONS = 10000 };

static size_t count_blocks(size_t n, size_t n_coef)
{
    size_t blocks = n / ROWS_PER_BLOCK;
    if (blocks > MOST_BLOCKS)
        blocks = MOST_BLOCKS;
    while (blocks > 1 && blocks * n_coef > n)
        blocks--;
    return blocks < 1 ? 1 : blocks;
}

static np_status check_weights(const np_absorber *a, np_error *err)
{
    for (size_t i = 0; a->weight != NULL && i < a->n; i++)
        if (!(a->weight[i] >= 0 && a->weight[i] < INFINITY))
            return np_fail(err, NP_E_RANGE,
                           _("weights: row %zu is %g; weights must be positive"), i + 1,
                           a->weight[i]);
    return NP_OK;
}

/* The first factor with an intercept; n_fe: none. */
static size_t reference_factor(const np_absorber *a)
{
    size_t j = 0;
    while (j < a->n_fe && !a->fe[j].has_intercept)
        j++;
    return j;
}

void np_absorb_keep_pair(np_absorber *a, const np_absorb_term *t,
                         const np_absorb_components *both)
{
    size_t primary = a->term[0].factor, reference = reference_factor(a);
    if (primary == reference)
        a->pair[t->factor] = *both;
    else if (t->factor == reference)
        a->pair[primary] = (np_absorb_components){
            .first = both->second, .second = both->first, .n = both->n};
}

/* In each component of the graph of an intercept factor with the primary one,
 * one of its levels follows from the rest. */
static np_status pin_term(np_absorber *a, const np_absorb_term *t, np_error *err)
{
    const np_absorb_term *primary = &a->term[0];
    np_absorb_components both;
    np_status status =
        np_absorb_components_find(&both, primary->code, primary->n_levels, t->code,
                                  t->n_levels, a->n, a->arena, err);
    if (status != NP_OK)
        return status;
    np_absorb_keep_pair(a, t, &both);
    np_arena_mark mark = np_arena_set_mark(a->arena);
    unsigned char *has_pin = np_arena_array(a->arena, unsigned char, both.n);
    if (has_pin == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), both.n);
    for (size_t l = 0; l < t->n_levels; l++)
        if (both.second[l] >= 0 && !has_pin[both.second[l]])
            has_pin[both.second[l]] = a->pinned[t->first + l] = 1;
    np_arena_release(a->arena, mark);
    return NP_OK;
}

static np_status pin_levels(np_absorber *a, size_t first, np_error *err)
{
    np_status status = NP_OK;
    for (size_t t = first; t < a->n_terms && status == NP_OK; t++)
        if (a->term[0].raw == NULL && a->term[t].raw == NULL)
            status = pin_term(a, &a->term[t], err);
    return status;
}

static np_status choose_solver(np_absorber *a, np_absorb_method method, np_error *err)
{
    a->pinned = np_arena_array(a->arena, unsigned char, a->n_coef);
    a->pair = np_arena_array(a->arena, np_absorb_components, a->n_fe);
    if (a->pinned == NULL || a->pair == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"),
                       a->n_coef);
    if (a->n_coef == a->n_primary_coef)
        return np_absorb_group_sorted(a, err);
    bool is_dense =
        method == NP_ABSORB_CHOOSE ? np_absorb_dense_fits(a) : method == NP_ABSORB_DENSE;
    np_status status =
        is_dense ? np_absorb_group_rows(a, err) : np_absorb_group_sorted(a, err);
    if (status != NP_OK)
        return status;
    if (!is_dense && method != NP_ABSORB_ITERATIVE && np_absorb_graph_fits(a)) {
        a->solver = NP_REDUCED_GRAPH;
        return np_absorb_graph_new(&a->graph, a, err);
    }
    if (!is_dense && method != NP_ABSORB_ITERATIVE && np_absorb_border_fits(a)) {
        a->solver = NP_REDUCED_BORDER;
        status = np_absorb_graph_new(&a->graph, a, err);
        return status == NP_OK ? np_absorb_border_new(&a->border, a, err) : status;
    }
    a->solver = is_dense ? NP_REDUCED_DENSE : NP_REDUCED_ITERATIVE;
    status = pin_levels(a, a->n_primary, err);
    if (status == NP_OK && is_dense)
        status = np_absorb_dense_new(&a->dense, a, err);
    return status;
}

/* Everything that follows from the weights. */
static np_status weigh(np_absorber *a, np_error *err)
{
    np_status status = check_weights(a, err);
    if (status == NP_OK)
        status = np_absorb_terms_weigh(a, err);
    if (status == NP_OK && a->solver == NP_REDUCED_DENSE)
        status = np_absorb_dense_weigh(a->dense, a, err);
    if (status == NP_OK && a->graph != NULL)
        status = np_absorb_graph_weigh(a->graph, a, err);
    if (status == NP_OK && a->border != NULL)
        status = np_absorb_border_weigh(a->border, a, err);
    return status;
}

np_status np_absorber_new(np_absorber **out, const np_absorb_spec *spec, np_arena *arena,
                          np_error *err)
{
    np_absorber *a = np_arena_array(arena, np_absorber, 1);
    arena = np_arena_child(arena); /* some is made only when a solution needs it */
    if (a == NULL || arena == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (spec->n >= UINT32_MAX)
        return np_fail(err, NP_E_LIMIT, _("more than %u rows"), UINT32_MAX - 1);
    *a = (np_absorber){
        .arena = arena,
        .n = spec->n,
        .n_fe = spec->n_fe,
        .fe = spec->fe,
        .weight = spec->weight,
        .tolerance = spec->tolerance > 0 ? spec->tolerance : DEFAULT_TOLERANCE,
        .max_iterations =
            spec->max_iterations > 0 ? spec->max_iterations : DEFAULT_ITERATIONS,
        .n_threads = spec->n < SMALL ? 1 : np_parallel_threads(spec->n_threads),
    };
    np_status status = np_absorb_terms_new(a, err);
    if (status != NP_OK)
        return status;
    a->n_blocks = count_blocks(a->n, a->n_coef);
    status = choose_solver(a, spec->method, err);
    if (status == NP_OK)
        status = weigh(a, err);
    if (status == NP_OK)
        *out = a;
    return status;
}

np_status np_absorber_reweight(np_absorber *a, const double *weight, np_error *err)
{
    a->weight = weight;
    return weigh(a, err);
}

/* What a batch of columns needs while it is worked on; arrays are indexed as
 * coefficients are. */
typedef struct {
    size_t k;
    double **coef, **sums, **swept, **partial; /* [k][n_coef], partial: by blocks */
    double *bound, *norm2;                     /* [k] */
} batch;

static double **arrays(np_arena *arena, size_t k, size_t n)
{
    double **array = np_arena_array(arena, double *, k);
    for (size_t i = 0; array != NULL && i < k; i++)
        if ((array[i] = np_arena_array(arena, double, n)) == NULL)
            return NULL;
    return array;
}

static np_status batch_new(batch *b, const np_absorber *a, size_t k, np_arena *arena,
                           np_error *err)
{
    *b = (batch){.k = k};
    b->coef = arrays(arena, k, a->n_coef);
    b->sums = arrays(arena, k, a->n_coef);
    b->swept = arrays(arena, k, a->n_primary_coef);
    b->partial = arrays(arena, np_absorb_partials(a, k), a->n_coef);
    b->bound = np_arena_array(arena, double, k);
    b->norm2 = np_arena_array(arena, double, k);
    if (b->coef == NULL || b->sums == NULL || b->swept == NULL || b->partial == NULL ||
        b->bound == NULL || b->norm2 == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"),
                       a->n_coef);
    return NP_OK;
}

static size_t batch_size(const np_absorber *a, size_t k)
{
    size_t most = NUMBERS_AT_A_TIME / ((a->n_blocks + 4) * (a->n_coef + 1)) + 2;
    if (most > MOST_COLUMNS)
        most = MOST_COLUMNS;
    return k < most ? k : most;
}

/* coef of the primary factor = sums / gram. */
static void divide_by_gram(const np_absorber *a, batch *b)
{
    for (size_t c = 0; c < b->k; c++)
        for (size_t i = 0; i < a->n_primary_coef; i++)
            b->coef[c][i] = a->gram[i] > 0 ? b->sums[c][i] / a->gram[i] : 0;
}

/* How near the iterations must come, from the norms of the column and of what
 * the primary factor leaves of it. */
static void set_bounds(const np_absorber *a, batch *b, double *const *column)
{
    double swept[MOST_COLUMNS];
    np_absorb_norms(a, column, b->k, swept);
    for (size_t c = 0; c < b->k; c++)
        b->bound[c] = fmax(a->tolerance * sqrt(swept[c]), 1e-16 * sqrt(b->norm2[c]));
}

static bool iterates(const np_absorber *a)
{
    return a->solver == NP_REDUCED_ITERATIVE ||
           (a->graph != NULL && np_absorb_graph_iterates(a->graph));
}

static np_status solve_reduced(np_absorber *a, batch *b, np_arena *arena, np_error *err)
{
    if (a->solver == NP_REDUCED_DENSE) {
        np_absorb_dense_solve(a->dense, a, b->sums, b->coef, b->k);
        return NP_OK;
    }
    if (a->solver == NP_REDUCED_GRAPH)
        return np_absorb_graph_solve(a->graph, a, b->sums, b->coef, b->k, b->bound,
                                     b->partial, arena, err);
    if (a->solver == NP_REDUCED_BORDER)
        return np_absorb_border_solve(a->border, a, b->sums, b->coef, b->k, b->bound,
                                      b->partial, arena, err);
    return np_absorb_iterate(a, b->sums, b->coef, b->k, b->bound, a->max_iterations,
                             b->partial, arena, err);
}

/* The primary factor's part of coef from that of the others:
 * −(D1'WD1)⁻ D1'W D2 x. */
static void fit_primary(const np_absorber *a, batch *b)
{
    if (a->solver == NP_REDUCED_GRAPH) {
        np_absorb_graph_back(a->graph, a, b->coef, b->k);
        return;
    }
    np_absorb_pass back = {.from = a->n_primary,
                           .from_end = a->n_terms,
                           .coef = b->coef,
                           .into_end = a->n_primary,
                           .sums = b->sums,
                           .partial = b->partial};
    np_absorb_pass_rows(a, &back, b->k);
    divide_by_gram(a, b);
}

/* The primary factor's means out of the columns, and the others' sums of what is
 * left. */
static void sweep_primary(const np_absorber *a, batch *b, double *const *column)
{
    if (np_absorb_sweeps(a)) {
        np_absorb_sweep_rows(a, column, false, b->coef, b->sums, b->partial, b->k);
        return;
    }
    np_absorb_pass sweep = {.in = column,
                            .coef = b->coef,
                            .into_end = a->n_primary,
                            .sums = b->sums,
                            .partial = b->partial};
    np_absorb_pass_rows(a, &sweep, b->k);
    divide_by_gram(a, b);
    sweep.out = column;
    sweep.from_end = a->n_primary;
    sweep.into = a->n_primary;
    sweep.into_end = a->n_terms;
    np_absorb_pass_rows(a, &sweep, b->k);
}

/* y − D2 x + D1 v; the columns have no part in the primary factor's space here, so
 * that v with its sign turned is also the means of y − D2 x. */
static void subtract_fitted(const np_absorber *a, batch *b, double *const *column)
{
    if (np_absorb_sweeps(a)) {
        np_absorb_sweep_rows(a, column, true, b->coef, NULL, b->partial, b->k);
        return;
    }
    fit_primary(a, b);
    np_absorb_pass last = {
        .in = column, .out = column, .from_end = a->n_terms, .coef = b->coef};
    np_absorb_pass_rows(a, &last, b->k);
}

/* With u = (D1'WD1)⁻ D1'Wy, x = S⁻ D2'W (y − D1 u) and
 * v = (D1'WD1)⁻ D1'W D2 x, the residual is y − D1 u − D2 x + D1 v. Leaves the
 * coefficients u − v and x in coef; v takes the place of u, with its sign turned,
 * between. */
static np_status project(np_absorber *a, batch *b, double *const *column, bool first,
                         np_arena *arena, np_error *err)
{
    sweep_primary(a, b, column);
    if (a->solver == NP_REDUCED_NONE)
        return NP_OK;

    if (iterates(a) && first)
        set_bounds(a, b, column);
    for (size_t c = 0; c < b->k; c++)
        memcpy(b->swept[c], b->coef[c], a->n_primary_coef * sizeof(double));
    np_status status = solve_reduced(a, b, arena, err);
    if (status != NP_OK)
        return status;
    subtract_fitted(a, b, column);
    for (size_t c = 0; c < b->k; c++)
        for (size_t i = 0; i < a->n_primary_coef; i++)
            b->coef[c][i] += b->swept[c][i];
    return NP_OK;
}

static bool wants_second(const np_absorber *a)
{
    switch (a->solver) {
    case NP_REDUCED_NONE:
        return a->n_terms > 1;
    case NP_REDUCED_DENSE:
        return np_absorb_dense_smallest_pivot(a->dense) < WEAK_PIVOT;
    case NP_REDUCED_GRAPH:
        return false;
    case NP_REDUCED_BORDER:
    case NP_REDUCED_ITERATIVE:
        return true;
    }
    return true;
}

/* total[c] [n_coef], NULL: not asked for. */
static np_status project_batch(np_absorber *a, batch *b, double *const *column,
                               double *const *total, np_arena *arena, np_error *err)
{
    if (iterates(a))
        np_absorb_norms(a, column, b->k, b->norm2);
    for (int round = 0; round < (wants_second(a) ? 2 : 1); round++) {
        np_status status = project(a, b, column, round == 0, arena, err);
        if (status != NP_OK)
            return status;
        for (size_t c = 0; c < b->k && total != NULL; c++)
            for (size_t i = 0; i < a->n_coef; i++)
                total[c][i] += b->coef[c][i];
    }
    return NP_OK;
}

np_status np_absorber_residuals(np_absorber *a, double *const *column, size_t k,
                                np_arena *arena, np_error *err)
{
    if (a->n_fe == 0 || k == 0)
        return NP_OK;
    np_arena_mark mark = np_arena_set_mark(arena);
    size_t size = batch_size(a, k);
    batch b;
    np_status status = batch_new(&b, a, size, arena, err);
    for (size_t c = 0; c < k && status == NP_OK; c += size) {
        b.k = k - c < size ? k - c : size;
        status = project_batch(a, &b, column + c, NULL, arena, err);
    }
    np_arena_release(arena, mark);
    return status;
}

unsigned np_absorber_iterations(const np_absorber *a)
{
    return a->most_iterations;
}

/* The components of the graph of the reference factor and j. */
static np_status find_pair(np_absorb_components *out, const np_absorber *a, size_t j,
                           np_arena *arena, np_error *err)
{
    const np_factor *f = &a->fe[reference_factor(a)], *g = &a->fe[j];
    if (a->pair[j].first == NULL)
        return np_absorb_components_find(out, f->code, f->n_levels, g->code, g->n_levels,
                                         a->n, arena, err);
    *out = a->pair[j];
    return NP_OK;
}

/* Moves the coefficient of the first level of j in each component over to the
 * reference factor. */
static np_status move_reference(const np_absorber *a, double *reference, double *effect,
                                size_t j, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    np_absorb_components both;
    np_status status = find_pair(&both, a, j, arena, err);
    if (status != NP_OK)
        return status;
    double *shift = np_arena_array(arena, double, both.n);
    if (shift == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), both.n);
    for (size_t l = a->fe[j].n_levels; l-- > 0;)
        if (both.second[l] >= 0)
            shift[both.second[l]] = effect[l];
    for (size_t l = 0; l < a->fe[j].n_levels; l++)
        if (both.second[l] >= 0)
            effect[l] -= shift[both.second[l]];
    size_t n_reference = a->fe[reference_factor(a)].n_levels;
    for (size_t l = 0; l < n_reference; l++)
        if (both.first[l] >= 0)
            reference[l] += shift[both.first[l]];
    np_arena_release(arena, mark);
    return NP_OK;
}

static np_status coefficients(np_absorber *a, const double *column, double *total,
                              np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *copy = np_arena_array(arena, double, a->n);
    batch b;
    np_status status = batch_new(&b, a, 1, arena, err);
    if (status == NP_OK && copy == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), a->n);
    if (status == NP_OK) {
        memcpy(copy, column, a->n * sizeof *copy);
        status = project_batch(a, &b, &copy, &total, arena, err);
    }
    np_arena_release(arena, mark);
    return status;
}

np_status np_absorber_effects(np_absorber *a, const double *column,
                              const double *const **effects, np_arena *arena,
                              np_error *err)
{
    const double **effect = np_arena_array(arena, const double *, a->n_fe);
    double *coef = np_arena_array(arena, double, a->n_coef);
    if (effect == NULL || coef == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"),
                       a->n_coef);
    np_status status = coefficients(a, column, coef, arena, err);
    if (status != NP_OK)
        return status;
    np_absorb_terms_to_raw(a, coef);
    size_t reference = reference_factor(a);
    double *of_factor = NULL;
    for (size_t t = a->n_terms; t-- > 0;)
        effect[a->term[t].factor] = coef + a->term[t].first;
    if (reference < a->n_fe)
        of_factor = coef + (effect[reference] - coef);
    for (size_t j = reference + 1; j < a->n_fe && status == NP_OK; j++)
        if (a->fe[j].has_intercept)
            status =
                move_reference(a, of_factor, coef + (effect[j] - coef), j, arena, err);
    if (status == NP_OK)
        *effects = effect;
    return status;
}

/* Columns of all factors that are not zero, less those known to follow from
 * others: the rank itself where S was factored or there are two factors, else
 * a bound from above. */
static size_t exact_rank(const np_absorber *a)
{
    size_t rank = 0, end = a->n_coef;
    if (a->solver == NP_REDUCED_DENSE) {
        rank = np_absorb_dense_rank(a->dense);
        end = a->n_primary_coef;
    } else if (a->solver == NP_REDUCED_BORDER) {
        rank = np_absorb_border_rank(a->border);
        end = a->term[2].first;
    }
    for (size_t i = 0; i < end; i++)
        rank += a->gram[i] > 0 && !a->pinned[i];
    return rank;
}

np_status np_absorber_rank(np_absorbed_rank *out, np_absorber *a, np_arena *arena,
                           np_error *err)
{
    size_t *levels = np_arena_array(arena, size_t, a->n_fe);
    if (levels == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    size_t nominal = 0, n_intercepts = 0, second = a->n_fe;
    for (size_t j = 0; j < a->n_fe; j++) {
        const np_factor *f = &a->fe[j];
        levels[j] = f->n_levels * ((f->has_intercept ? 1 : 0) + f->n_slopes);
        nominal += levels[j];
        n_intercepts += f->has_intercept;
        if (f->has_intercept && n_intercepts == 2)
            second = j;
    }
    if (n_intercepts > 1)
        nominal -= n_intercepts - 1;
    np_absorb_components both = {.n = 0};
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status = second < a->n_fe ? find_pair(&both, a, second, arena, err) : NP_OK;
    np_arena_release(arena, mark);
    if (status != NP_OK)
        return status;
    *out = (np_absorbed_rank){.levels = levels,
                              .nominal = nominal,
                              .exact = exact_rank(a),
                              .n_components = both.n};
    return NP_OK;
}
