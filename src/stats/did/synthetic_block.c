#include "stats/did/synthetic_block.h"

#include <math.h>
#include <string.h>

#include "stats/did/synthetic_internal.h"

/* Mean and standard deviation (n - 1) of the donors' changes before the start. */
static double noise_of(const np_synthetic_panel *p, const np_synthetic_block *b)
{
    size_t n = b->n_controls * (b->n_before - 1);
    double mean = 0, squares = 0;
    for (int pass = 0; pass < 2; pass++) {
        double sum = 0;
        for (size_t i = 0; i < b->n_controls; i++) {
            const double *y = p->y + (size_t)b->control[i] * p->n_periods;
            for (size_t t = 1; t < b->n_before; t++) {
                double change = y[t] - y[t - 1];
                sum += pass == 0 ? change : (change - mean) * (change - mean);
            }
        }
        if (pass == 0)
            mean = sum / (double)n;
        else
            squares = sum;
    }
    return n < 2 ? 0 : sqrt(squares / (double)(n - 1));
}

static bool choose(np_synthetic_choice choice, bool otherwise)
{
    return choice == NP_SYNTHETIC_DEFAULT ? otherwise : choice == NP_SYNTHETIC_YES;
}

static double number(np_synthetic_number given, double otherwise)
{
    return given.given ? given.value : otherwise;
}

np_status np_synthetic_tune(np_synthetic_tuning *out, const np_synthetic_panel *p,
                            const np_synthetic_block *b, bool control,
                            const np_synthetic_options *o, np_error *err)
{
    if (b->n_before < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("synthetic weights need two periods before the start, and "
                         "there is %zu"),
                       b->n_before);
    if (b->first_after >= p->n_periods || b->n_treated == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("nobody is treated in the periods of the data"));
    if (b->n_controls < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("synthetic weights need two donors, and there is %zu"),
                       b->n_controls);
    double cells = (double)b->n_treated * (double)(p->n_periods - b->first_after);
    double noise = number(o->noise_level, noise_of(p, b));
    double eta = number(o->eta_omega, control ? 1e-6 : sqrt(sqrt(cells)));
    np_synthetic_weights lambda = o->lambda;
    if (lambda == NP_SYNTHETIC_BY_METHOD)
        lambda = control ? NP_SYNTHETIC_ZERO : NP_SYNTHETIC_SOLVED;
    np_synthetic_tuning t = {
        .noise_level = noise,
        .zeta_omega = number(o->zeta_omega, eta * noise),
        .zeta_lambda = number(o->zeta_lambda, number(o->eta_lambda, 1e-6) * noise),
        .min_decrease = number(o->min_decrease, 1e-5 * noise),
        .omega_intercept = choose(o->omega_intercept, !control),
        .lambda_intercept = choose(o->lambda_intercept, true),
        .update_omega = o->omega != NP_SYNTHETIC_UNIFORM,
        .update_lambda = lambda == NP_SYNTHETIC_SOLVED,
        .lambda_is_zero = lambda == NP_SYNTHETIC_ZERO,
        .sparsify = choose(o->sparsify, true),
        .exact = o->solver == NP_SYNTHETIC_EXACT,
        .optimize = p->n_covariates > 0 && o->covariates != NP_SYNTHETIC_PROJECTED,
        .max_iterations = o->max_iterations == 0 ? 10000 : o->max_iterations,
        .max_iterations_pre_sparsify =
            o->max_iterations_pre_sparsify == 0 ? 100 : o->max_iterations_pre_sparsify};
    if (!(t.zeta_omega >= 0 && t.zeta_lambda >= 0 && t.min_decrease >= 0))
        return np_fail(err, NP_E_RANGE,
                       _("a penalty of the synthetic weights is below zero"));
    *out = t;
    return NP_OK;
}

void np_synthetic_start(np_synthetic_fit *fit, const np_synthetic_block *b,
                        const np_synthetic_tuning *tuning)
{
    for (size_t i = 0; i < b->n_controls; i++)
        fit->omega[i] = 1 / (double)b->n_controls;
    for (size_t t = 0; t < b->n_before; t++)
        fit->lambda[t] = tuning->lambda_is_zero ? 0 : 1 / (double)b->n_before;
}

np_synthetic_scratch *np_synthetic_scratch_new(const np_synthetic_panel *p,
                                               size_t most_units)
{
    np_arena *arena = np_arena_new(0);
    np_synthetic_scratch *s =
        arena == NULL ? NULL : np_arena_array(arena, np_synthetic_scratch, 1);
    if (s == NULL) {
        np_arena_free(arena);
        return NULL;
    }
    size_t size = most_units > p->n_periods ? most_units : p->n_periods;
    size_t cells = (most_units + 1) * p->n_periods;
    s->arena = arena;
    s->collapsed = np_arena_array(arena, double, cells);
    s->columns = np_arena_array(arena, double, cells);
    s->target = np_arena_array(arena, double, size);
    bool fits = s->collapsed != NULL && s->columns != NULL && s->target != NULL &&
                np_simplex_scratch_make(&s->simplex, size, arena, NULL) == NP_OK;
    if (!fits) {
        np_arena_free(arena);
        return NULL;
    }
    return s;
}

void np_synthetic_scratch_free(np_synthetic_scratch *s)
{
    if (s != NULL)
        np_arena_free(s->arena);
}

void np_synthetic_collapse(double *C, const double *y, size_t n_periods,
                           const np_synthetic_block *b)
{
    const size_t width = b->n_before + 1, n_after = n_periods - b->first_after;
    double *last = C + b->n_controls * width;
    memset(last, 0, width * sizeof *last);
    for (size_t i = 0; i < b->n_controls + b->n_treated; i++) {
        bool donor = i < b->n_controls;
        int32_t unit = donor ? b->control[i] : b->treated[i - b->n_controls];
        const double *row = y + (size_t)unit * n_periods;
        double after = 0;
        for (size_t t = b->first_after; t < n_periods; t++)
            after += row[t];
        for (size_t t = 0; t < b->n_before; t++) {
            if (donor)
                C[i * width + t] = row[t];
            else
                last[t] += row[t];
        }
        if (donor)
            C[i * width + b->n_before] = after / (double)n_after;
        else
            last[b->n_before] += after / (double)n_after;
    }
    for (size_t t = 0; t < width; t++)
        last[t] /= (double)b->n_treated;
}

static void take_mean_out(double *v, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += v[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        v[i] -= mean;
}

np_simplex_problem np_synthetic_omega_problem(np_synthetic_scratch *s, const double *C,
                                              const np_synthetic_block *b,
                                              const np_synthetic_tuning *t)
{
    const size_t rows = b->n_before, width = b->n_before + 1;
    for (size_t i = 0; i <= b->n_controls; i++) {
        double *column = i < b->n_controls ? s->columns + i * rows : s->target;
        memcpy(column, C + i * width, rows * sizeof *column);
        if (t->omega_intercept)
            take_mean_out(column, rows);
    }
    return (np_simplex_problem){.A = s->columns,
                                .b = s->target,
                                .n_rows = rows,
                                .n_columns = b->n_controls,
                                .zeta = t->zeta_omega};
}

np_simplex_problem np_synthetic_lambda_problem(np_synthetic_scratch *s, const double *C,
                                               const np_synthetic_block *b,
                                               const np_synthetic_tuning *t)
{
    const size_t rows = b->n_controls, width = b->n_before + 1;
    for (size_t l = 0; l < width; l++) {
        double *column = l < b->n_before ? s->columns + l * rows : s->target;
        for (size_t i = 0; i < rows; i++)
            column[i] = C[i * width + l];
        if (t->lambda_intercept)
            take_mean_out(column, rows);
    }
    return (np_simplex_problem){.A = s->columns,
                                .b = s->target,
                                .n_rows = rows,
                                .n_columns = b->n_before,
                                .zeta = t->zeta_lambda};
}

static void sparsify(double *x, size_t n)
{
    double largest = x[0], sum = 0;
    for (size_t j = 1; j < n; j++)
        largest = x[j] > largest ? x[j] : largest;
    for (size_t j = 0; j < n; j++) {
        x[j] = x[j] <= largest / 4 ? 0 : x[j];
        sum += x[j];
    }
    for (size_t j = 0; j < n; j++)
        x[j] /= sum;
}

static np_status solve_weights(double *x, bool *converged, const np_simplex_problem *p,
                               const np_synthetic_tuning *t, np_synthetic_scratch *s,
                               np_error *err)
{
    if (t->exact)
        return np_simplex_exact(x, p, s->arena, err);
    np_simplex_forget(&s->simplex);
    if (t->sparsify) {
        np_simplex_frank_wolfe(x, p, t->min_decrease, t->max_iterations_pre_sparsify,
                               &s->simplex);
        sparsify(x, p->n_columns);
    }
    np_simplex_report report =
        np_simplex_frank_wolfe(x, p, t->min_decrease, t->max_iterations, &s->simplex);
    *converged = *converged && report.converged;
    return NP_OK;
}

/* gap, curve, estimate and fit before the start from the weights and beta. */
static void conclude(np_synthetic_fit *fit, const np_synthetic_panel *p,
                     const np_synthetic_block *b, bool omega_intercept)
{
    memset(fit->gap, 0, p->n_periods * sizeof *fit->gap);
    for (size_t i = 0; i < b->n_controls + b->n_treated; i++) {
        bool donor = i < b->n_controls;
        double share = donor ? -fit->omega[i] : 1 / (double)b->n_treated;
        int32_t unit = donor ? b->control[i] : b->treated[i - b->n_controls];
        const size_t at = (size_t)unit * p->n_periods;
        if (share == 0)
            continue;
        for (size_t t = 0; t < p->n_periods; t++)
            fit->gap[t] += share * p->y[at + t];
        for (size_t k = 0; fit->beta != NULL && k < p->n_covariates; k++)
            for (size_t t = 0; t < p->n_periods; t++)
                fit->gap[t] -= share * fit->beta[k] * p->x[k][at + t];
    }
    double before = 0, mean = 0, squares = 0, after = 0;
    for (size_t t = 0; t < b->n_before; t++) {
        before += fit->lambda[t] * fit->gap[t];
        mean += fit->gap[t] / (double)b->n_before;
    }
    for (size_t t = 0; t < b->n_before; t++) {
        double miss = fit->gap[t] - (omega_intercept ? mean : 0);
        squares += miss * miss;
    }
    for (size_t t = 0; t < p->n_periods; t++) {
        fit->curve[t] = fit->gap[t] - before;
        after += t < b->first_after ? 0 : fit->curve[t];
    }
    fit->estimate = after / (double)(p->n_periods - b->first_after);
    fit->rmse_before = sqrt(squares / (double)b->n_before);
}

np_status np_synthetic_solve(np_synthetic_fit *fit, const np_synthetic_panel *p,
                             const np_synthetic_block *b, const np_synthetic_tuning *t,
                             np_synthetic_scratch *s, np_error *err)
{
    np_status status = NP_OK;
    fit->converged = true;
    if (t->optimize) {
        status = np_synthetic_optimize(fit, p, b, t, s, err);
    } else if (t->update_omega || t->update_lambda) {
        np_synthetic_collapse(s->collapsed, p->y, p->n_periods, b);
        if (t->update_lambda) {
            np_simplex_problem q = np_synthetic_lambda_problem(s, s->collapsed, b, t);
            status = solve_weights(fit->lambda, &fit->converged, &q, t, s, err);
        }
        if (status == NP_OK && t->update_omega) {
            np_simplex_problem q = np_synthetic_omega_problem(s, s->collapsed, b, t);
            status = solve_weights(fit->omega, &fit->converged, &q, t, s, err);
        }
    }
    if (status == NP_OK)
        conclude(fit, p, b, t->omega_intercept);
    return status;
}
