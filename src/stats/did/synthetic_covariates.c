#include <math.h>
#include <string.h>

#include "stats/did/synthetic_internal.h"
#include "stats/linalg.h"

/* The collapsed data of one block, in the scratch's arena. */
typedef struct {
    const np_synthetic_block *b;
    const np_synthetic_tuning *t;
    np_synthetic_scratch *s;
    size_t k, n_cells;
    double *C, **X;       /* collapsed y and covariates */
    double *error_lambda; /* [n_controls] */
    double *error_omega;  /* [n_before] */
    double *direction;    /* [k] gradient in beta */
} optimization;

static void residual(double *r, const np_simplex_problem *p, const double *x)
{
    for (size_t l = 0; l < p->n_rows; l++)
        r[l] = -p->b[l];
    for (size_t j = 0; j < p->n_columns; j++)
        for (size_t l = 0; l < p->n_rows; l++)
            r[l] += x[j] * p->A[j * p->n_rows + l];
}

static double update(double *x, double *error, const np_simplex_problem *p, bool moves,
                     np_simplex_scratch *s)
{
    if (moves) {
        np_simplex_forget(s);
        np_simplex_frank_wolfe(x, p, 0, 1, s);
    }
    residual(error, p, x);
    double penalty = 0, squares = 0;
    for (size_t j = 0; j < p->n_columns; j++)
        penalty += x[j] * x[j];
    for (size_t l = 0; l < p->n_rows; l++)
        squares += error[l] * error[l];
    return p->zeta * p->zeta * penalty + squares / (double)p->n_rows;
}

/* One step of each of the weights at the present beta; the sum of the objectives. */
static double update_weights(optimization *o, np_synthetic_fit *fit)
{
    double *C = o->s->collapsed;
    memcpy(C, o->C, o->n_cells * sizeof *C);
    for (size_t k = 0; k < o->k; k++)
        for (size_t l = 0; l < o->n_cells; l++)
            C[l] -= fit->beta[k] * o->X[k][l];
    np_simplex_problem p = np_synthetic_lambda_problem(o->s, C, o->b, o->t);
    double value =
        update(fit->lambda, o->error_lambda, &p, o->t->update_lambda, &o->s->simplex);
    p = np_synthetic_omega_problem(o->s, C, o->b, o->t);
    return value +
           update(fit->omega, o->error_omega, &p, o->t->update_omega, &o->s->simplex);
}

static double gradient(const optimization *o, const np_synthetic_fit *fit,
                       const double *X)
{
    const size_t T0 = o->b->n_before, N0 = o->b->n_controls, width = T0 + 1;
    double of_lambda = 0, of_omega = 0;
    for (size_t i = 0; i < N0; i++) {
        double sum = -X[i * width + T0];
        for (size_t t = 0; t < T0; t++)
            sum += fit->lambda[t] * X[i * width + t];
        of_lambda += o->error_lambda[i] * sum;
    }
    for (size_t t = 0; t < T0; t++) {
        double sum = -X[N0 * width + t];
        for (size_t i = 0; i < N0; i++)
            sum += fit->omega[i] * X[i * width + t];
        of_omega += o->error_omega[t] * sum;
    }
    return -(of_lambda / (double)N0 + of_omega / (double)T0);
}

static np_status iterate(optimization *o, np_synthetic_fit *fit, np_error *err)
{
    const double least = o->t->min_decrease * o->t->min_decrease;
    double before = INFINITY, value = INFINITY;
    size_t n = 0;
    memset(fit->beta, 0, o->k * sizeof *fit->beta);
    update_weights(o, fit);
    while (n < o->t->max_iterations && (n < 2 || before - value > least)) {
        n++;
        for (size_t k = 0; k < o->k; k++)
            o->direction[k] = gradient(o, fit, o->X[k]);
        for (size_t k = 0; k < o->k; k++)
            fit->beta[k] -= o->direction[k] / (double)n;
        before = value;
        value = update_weights(o, fit);
        if (!isfinite(value))
            return np_fail(err, NP_E_NOT_CONVERGED,
                           _("the gradient steps of the controls run away: standardize "
                             "them or let them be projected"));
    }
    fit->converged = n < o->t->max_iterations;
    return NP_OK;
}

np_status np_synthetic_optimize(np_synthetic_fit *fit, const np_synthetic_panel *p,
                                const np_synthetic_block *b, const np_synthetic_tuning *t,
                                np_synthetic_scratch *s, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(s->arena);
    optimization o = {.b = b, .t = t, .s = s, .k = p->n_covariates};
    o.n_cells = (b->n_controls + 1) * (b->n_before + 1);
    o.C = np_arena_array(s->arena, double, o.n_cells);
    o.X = np_arena_array(s->arena, double *, o.k);
    o.error_lambda = np_arena_array(s->arena, double, b->n_controls);
    o.error_omega = np_arena_array(s->arena, double, b->n_before);
    o.direction = np_arena_array(s->arena, double, o.k);
    bool fits = o.C != NULL && o.X != NULL && o.error_lambda != NULL &&
                o.error_omega != NULL && o.direction != NULL;
    for (size_t k = 0; fits && k < o.k; k++) {
        o.X[k] = np_arena_array(s->arena, double, o.n_cells);
        fits = o.X[k] != NULL;
        if (fits)
            np_synthetic_collapse(o.X[k], p->x[k], p->n_periods, b);
    }
    np_status status = NP_OK;
    if (!fits) {
        status = np_fail(err, NP_E_NO_MEMORY,
                         _("no memory left for weights of %zu units"), b->n_controls);
    } else {
        np_synthetic_collapse(o.C, p->y, p->n_periods, b);
        status = iterate(&o, fit, err);
    }
    np_arena_release(s->arena, mark);
    return status;
}

/* sum over the listed units and all periods of a b, both freed of effects of units and
 * periods. column_a, column_b [n_periods]: their means by period. */
static double within_product(const double *a, const double *mean_a, const double *b,
                             const double *mean_b, const int32_t *unit, size_t n,
                             size_t T)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *u = a + (size_t)unit[i] * T, *v = b + (size_t)unit[i] * T;
        double own_a = 0, own_b = 0;
        for (size_t t = 0; t < T; t++) {
            own_a += (u[t] - mean_a[t]) / (double)T;
            own_b += (v[t] - mean_b[t]) / (double)T;
        }
        for (size_t t = 0; t < T; t++)
            sum += (u[t] - mean_a[t] - own_a) * (v[t] - mean_b[t] - own_b);
    }
    return sum;
}

static void period_means(double *mean, const double *a, const int32_t *unit, size_t n,
                         size_t T)
{
    memset(mean, 0, T * sizeof *mean);
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < T; t++)
            mean[t] += a[(size_t)unit[i] * T + t] / (double)n;
}

static double sum_of_squares(const double *a, const int32_t *unit, size_t n, size_t T)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < T; t++)
            sum += a[(size_t)unit[i] * T + t] * a[(size_t)unit[i] * T + t];
    return sum;
}

size_t np_synthetic_project_scratch(const np_synthetic_panel *p)
{
    return 2 * p->n_covariates * p->n_covariates + (p->n_covariates + 1) * p->n_periods +
           p->n_covariates;
}

void np_synthetic_project(double *adjusted, double *beta, const np_synthetic_panel *p,
                          const int32_t *unit, size_t n, double *scratch)
{
    const size_t K = p->n_covariates, T = p->n_periods;
    double *A = scratch, *R = A + K * K, *mean = R + K * K, *mean_y = mean + K * T,
           *reference = mean_y + T;
    bool kept[NP_SYNTHETIC_MOST_COVARIATES];
    for (size_t k = 0; k < K; k++)
        period_means(mean + k * T, p->x[k], unit, n, T);
    period_means(mean_y, p->y, unit, n, T);
    for (size_t k = 0; k < K; k++) {
        for (size_t l = 0; l <= k; l++)
            A[k * K + l] = A[l * K + k] =
                within_product(p->x[k], mean + k * T, p->x[l], mean + l * T, unit, n, T);
        beta[k] = within_product(p->x[k], mean + k * T, p->y, mean_y, unit, n, T);
        /* What is constant within units is rounding beside its own squares. */
        double squares = 1e-8 * sum_of_squares(p->x[k], unit, n, T);
        reference[k] = A[k * K + k] > squares ? A[k * K + k] : squares;
    }
    np_cholesky(R, kept, A, reference, K, 1e-10);
    np_cholesky_solve(beta, R, kept, K);
    memcpy(adjusted, p->y, p->n_units * T * sizeof *adjusted);
    for (size_t k = 0; k < K; k++)
        for (size_t l = 0; l < p->n_units * T; l++)
            adjusted[l] -= beta[k] * p->x[k][l];
}
