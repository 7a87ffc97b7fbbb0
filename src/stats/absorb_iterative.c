#include "stats/absorb_internal.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"

/* Steps over which the decrease of the error is added up to judge what is left
 * (Strakoš & Tichý 2002, "On error estimation in the conjugate gradient method
 * and why it works in finite precision computations", ETNA 13, 56-80). */
enum { DELAY = 6 };

/* Where the squared residual has fallen by this, rounding takes over: what is in
 * the null space of S grows from there on. A second projection does the rest. */
static const double FLOOR = 1e-27;

typedef struct {
    double rho, first_rho, step[DELAY];
    size_t n_steps;
    bool done;
} progress;

typedef struct {
    np_absorber *a;
    size_t k, first, n; /* columns; the coefficients first … n-1 */
    double *const *x;
    double **residual, **direction, **image;
    double *const *partial;
    progress *state;
    const double *bound;
    unsigned most;
} cg;

static double *rest(double *const *v, const cg *c, size_t column)
{
    return v[column] + c->first;
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

/* r' M⁻ r for M the diagonal of D2'WD2. */
static double preconditioned_norm(const double *r, const double *gram, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (gram[i] > 0)
            sum += r[i] * r[i] / gram[i];
    return sum;
}

static void start_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    cg *c = context;
    const double *gram = c->a->gram + c->first, *r = rest(c->residual, c, column);
    double *p = rest(c->direction, c, column);
    for (size_t i = 0; i < c->n; i++)
        p[i] = gram[i] > 0 ? r[i] / gram[i] : 0;
    c->state[column].rho = preconditioned_norm(r, gram, c->n);
    c->state[column].first_rho = c->state[column].rho;
    c->state[column].done = !(c->state[column].rho > 0);
}

/* The error in the weighted norm of the residual column is the energy norm of
 * the coefficients' error, and that is the sum of the steps still to come. */
static bool is_exact_enough(progress *state, double decrease, double bound2)
{
    state->step[state->n_steps++ % DELAY] = decrease;
    if (state->n_steps < DELAY)
        return false;
    double sum = 0;
    for (size_t i = 0; i < DELAY; i++)
        sum += state->step[i];
    return sum <= bound2;
}

static void step_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    cg *c = context;
    progress *state = &c->state[column];
    const double *gram = c->a->gram + c->first;
    double *x = rest(c->x, c, column), *r = rest(c->residual, c, column);
    double *p = rest(c->direction, c, column), *sp = rest(c->image, c, column);
    double curvature = dot(p, sp, c->n);
    if (state->done || !(curvature > 0)) {
        state->done = true;
        return;
    }
    double alpha = state->rho / curvature;
    for (size_t i = 0; i < c->n; i++) {
        x[i] += alpha * p[i];
        r[i] -= alpha * sp[i];
    }
    if (c->a->graph != NULL)
        np_absorb_graph_centre(c->a->graph, c->a, r, sp);
    double rho = preconditioned_norm(r, gram, c->n), beta = rho / state->rho;
    double bound2 = c->bound[column] * c->bound[column];
    state->done = is_exact_enough(state, alpha * state->rho, bound2) ||
                  !(rho > bound2 * 1e-6) || !(rho > state->first_rho * FLOOR);
    state->rho = rho;
    for (size_t i = 0; i < c->n; i++)
        p[i] = (gram[i] > 0 ? r[i] / gram[i] : 0) + beta * p[i];
}

/* D1'WD2 p, then D2'W (D2 p − D1 v). The passes subtract, so p enters with its
 * sign turned. */
void np_absorb_reduced_product(const np_absorber *a, double *const *coef,
                               double *const *image, double *const *partial, size_t k)
{
    np_absorb_pass pass = {.from = a->n_primary,
                           .from_end = a->n_terms,
                           .coef = coef,
                           .into = 0,
                           .into_end = a->n_primary,
                           .sums = image,
                           .partial = partial};
    np_absorb_pass_rows(a, &pass, k);
    for (size_t column = 0; column < k; column++)
        for (size_t i = 0; i < a->n_primary_coef; i++)
            coef[column][i] = a->gram[i] > 0 ? image[column][i] / a->gram[i] : 0;
    pass.from = 0;
    pass.into = a->n_primary;
    pass.into_end = a->n_terms;
    np_absorb_pass_rows(a, &pass, k);
    for (size_t column = 0; column < k; column++)
        for (size_t i = a->n_primary_coef; i < a->n_coef; i++)
            image[column][i] = -image[column][i];
}

static void apply(const cg *c, double **coef, double **image, size_t k)
{
    if (c->a->graph != NULL)
        np_absorb_graph_apply(c->a->graph, c->a, coef, image, k);
    else
        np_absorb_reduced_product(c->a, coef, image, c->partial, k);
}

static size_t gather_active(const cg *c, double **coef, double **image)
{
    size_t n = 0;
    for (size_t column = 0; column < c->k; column++)
        if (!c->state[column].done) {
            coef[n] = c->direction[column];
            image[n++] = c->image[column];
        }
    return n;
}

static np_status run(cg *c, double **coef, double **image, np_error *err)
{
    np_absorber *a = c->a;
    np_parallel_for(c->k, a->n_threads, start_column, c);
    for (unsigned iteration = 0;; iteration++) {
        size_t active = gather_active(c, coef, image);
        if (iteration > a->most_iterations)
            a->most_iterations = iteration;
        if (active == 0)
            return NP_OK;
        if (iteration >= c->most)
            return np_fail(err, NP_E_NOT_CONVERGED,
                           _("the fixed effects did not converge in %u iterations"),
                           c->most);
        apply(c, coef, image, active);
        np_parallel_for(c->k, c->n < 4096 ? 1 : a->n_threads, step_column, c);
    }
}

static double **arrays(np_arena *arena, size_t k, size_t n)
{
    double **array = np_arena_array(arena, double *, k);
    for (size_t i = 0; array != NULL && i < k; i++)
        if ((array[i] = np_arena_array(arena, double, n)) == NULL)
            return NULL;
    return array;
}

np_status np_absorb_iterate(np_absorber *a, double *const *g, double *const *x, size_t k,
                            const double *bound, unsigned most, double *const *partial,
                            np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    cg c = {.a = a,
            .k = k,
            .first = a->n_primary_coef,
            .n = a->graph != NULL ? a->term[1].n_levels : a->n_coef - a->n_primary_coef,
            .x = x,
            .partial = partial,
            .bound = bound,
            .most = most};
    c.residual = arrays(arena, k, a->n_coef);
    c.direction = arrays(arena, k, a->n_coef);
    c.image = arrays(arena, k, a->n_coef);
    c.state = np_arena_array(arena, progress, k);
    double **coef = np_arena_array(arena, double *, k);
    double **image = np_arena_array(arena, double *, k);
    np_status status = NP_OK;
    if (c.residual == NULL || c.direction == NULL || c.image == NULL || c.state == NULL ||
        coef == NULL || image == NULL)
        status =
            np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), a->n_coef);
    for (size_t column = 0; column < k && status == NP_OK; column++) {
        memcpy(rest(c.residual, &c, column), rest(g, &c, column), c.n * sizeof(double));
        memset(rest(x, &c, column), 0, c.n * sizeof(double));
    }
    if (status == NP_OK)
        status = run(&c, coef, image, err);
    np_arena_release(arena, mark);
    return status;
}
