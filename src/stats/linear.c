#include "stats/linear.h"

#include <math.h>
#include <string.h>

#include "stats/linear_internal.h"
#include "stats/linear_stream.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the estimation"));
}

/* Rows in memory: the intercept, where there is one, and the kept columns. */
typedef struct {
    const double *const *x; /* [k] kept, without the intercept */
    const double *e, *weight;
    bool has_intercept;
} row_source;

static void give_rows(const np_fit *fit, size_t first, size_t count, double *x,
                      double *score, double *weight)
{
    const row_source *r = fit->rows_context;
    const size_t k = fit->k;
    for (size_t j = 0; j < k; j++) {
        const double *column = r->has_intercept && j == 0 ? NULL : r->x[j] + first;
        for (size_t i = 0; i < count; i++)
            x[i * k + j] = column == NULL ? 1 : column[i];
    }
    for (size_t i = 0; i < count; i++) {
        double w = r->weight == NULL ? 1 : r->weight[first + i];
        score[i] = w * r->e[first + i];
        if (weight != NULL)
            weight[i] = w;
    }
}

/* The square of the correlation of y and y - e, unweighted. */
static double squared_correlation(const double *y, const double *e, size_t n)
{
    double mean_y = 0, mean_f = 0, yy = 0, ff = 0, yf = 0;
    for (size_t i = 0; i < n; i++) {
        mean_y += y[i] / (double)n;
        mean_f += (y[i] - e[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double a = y[i] - mean_y, f = y[i] - e[i] - mean_f;
        yy += a * a;
        ff += f * f;
        yf += a * f;
    }
    return yf * yf / (yy * ff);
}

/* Residuals of the second stage: y less what the fitted regressors say. */
static np_status second_stage(np_linear_sums *s, const np_linear_problem *p,
                              const double *y, np_arena *arena, np_error *err)
{
    double *e = np_arena_array(arena, double, p->n);
    if (e == NULL)
        return no_memory(err);
    memcpy(e, p->y, p->n * sizeof *e);
    for (size_t j = 0; j < p->k; j++)
        for (size_t i = 0; i < p->n && p->kept[j]; i++)
            e[i] -= p->b[j] * p->x[j][i];
    s->rss_second = 0;
    for (size_t i = 0; i < p->n; i++)
        s->rss_second += (p->weight == NULL ? 1 : p->weight[i]) * e[i] * e[i];
    s->correlation = squared_correlation(y, e, p->n);
    return NP_OK;
}

static np_status set_fit(np_linear *out, const np_linear_problem *p,
                         const np_linear_columns *c, const np_linear_spec *spec,
                         np_arena *arena, np_error *err)
{
    row_source *source = np_arena_array(arena, row_source, 1);
    const double **x = np_arena_array(arena, const double *, out->fit.k);
    if (source == NULL || x == NULL)
        return no_memory(err);
    size_t at = c->mean != NULL;
    for (size_t j = 0; j < p->k; j++)
        if (p->kept[j])
            x[at++] = p->x[j];
    *source = (row_source){x, p->e, p->weight, c->mean != NULL};
    out->fit.n = c->n;
    out->fit.rows = give_rows;
    out->fit.rows_context = source;
    out->fit.design = c->design;
    out->fit.n_threads = spec->n_threads;
    out->fit.sigma2 = out->rss / out->df_residual;
    out->fit.frequency = spec->frequency_weights && p->weight != NULL;
    out->fit.n_observations = out->fit.frequency ? c->sum_weight : 0;
    out->fit.absorbed_leverage = c->design->n_fe > 0 ? np_linear_absorbed_leverage : NULL;
    return NP_OK;
}

static np_status set_statistics(np_linear *out, const np_linear_problem *p,
                                const np_linear_columns *c, const np_linear_spec *spec,
                                np_arena *arena, np_error *err)
{
    bool counts = spec->frequency_weights && c->weight != NULL;
    np_linear_sums s = {.n = counts ? c->sum_weight : (double)c->n,
                        .sum_weight = c->sum_weight,
                        .rss = p->rss,
                        .rss_second = p->rss,
                        .tss = c->tss,
                        .n_absorbed = np_linear_absorbed_parameters(c->design),
                        .k = out->fit.k,
                        .has_fe = c->design->n_fe > 0,
                        .has_constant = c->has_constant,
                        .weight = c->weight,
                        .n_weights = c->n};
    s.n_parameters = (double)s.k + s.n_absorbed;
    for (size_t i = 0; i < c->n; i++) {
        double w = c->weight == NULL ? 1 : c->weight[i];
        s.squared_error += (counts ? w : 1) * p->e[i] * p->e[i];
        s.tss_within += w * p->y[i] * p->y[i];
    }
    if (!(s.n - s.n_parameters > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%g rows are too few for %g parameters"), s.n, s.n_parameters);
    s.correlation = squared_correlation(c->design->y, p->e, c->n);
    if (c->m > 0) {
        np_status status = second_stage(&s, p, c->design->y, arena, err);
        if (status != NP_OK)
            return status;
    }
    out->rss = s.rss;
    out->tss = s.tss;
    out->tss_within = s.tss_within;
    out->n_parameters = (size_t)s.n_parameters;
    out->df_residual = s.n - s.n_parameters;
    return np_linear_statistics(out, &s, arena, err);
}

/* What the factors account for in the column y - z b of the untransformed data. */
static np_status set_effects(np_linear *out, const np_linear_problem *p,
                             const np_linear_columns *c, np_arena *arena, np_error *err)
{
    const np_design *d = c->design;
    const double *const *x = NULL, *const *endogenous = NULL;
    double *rest = np_arena_array(arena, double, c->n);
    if (rest == NULL)
        return no_memory(err);
    np_status status = np_regressors_spread(&x, &d->x, c->n, arena, err);
    if (status == NP_OK && c->m > 0)
        status = np_regressors_spread(&endogenous, &d->endogenous, c->n, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < c->n; i++) {
        rest[i] = d->y[i] - (d->offset == NULL ? 0 : d->offset[i]);
        for (size_t j = 0; j < c->m + c->k; j++)
            if (p->kept[j])
                rest[i] -= p->b[j] * (j < c->m ? endogenous[j][i] : x[j - c->m][i]);
    }
    return np_absorber_effects(c->absorber, rest, &out->effects, arena, err);
}

static np_status set_problem(np_linear_problem *p, np_linear *out, np_linear_columns *c,
                             const np_linear_spec *spec, double ***fitted,
                             np_arena *arena, np_error *err)
{
    const size_t k = c->m + c->k;
    double tolerance = spec->collinear_tolerance > 0 ? spec->collinear_tolerance : 1e-10;
    *p = (np_linear_problem){.n = c->n,
                             .k = k,
                             .y = c->column[0],
                             .x = (const double *const *)c->column + 1,
                             .z = (const double *const *)c->column + 1,
                             .weight = c->weight,
                             .raw = c->raw + 1,
                             .tolerance = tolerance,
                             .n_threads = spec->n_threads};
    if (c->m == 0)
        return NP_OK;
    double **x = np_arena_array(arena, double *, k);
    if (x == NULL)
        return no_memory(err);
    np_status status = np_linear_first_stage(
        out, x, c, tolerance, np_linear_absorbed_parameters(c->design), arena, err);
    for (size_t j = c->m; j < k; j++)
        x[j] = c->column[1 + j];
    p->x = (const double *const *)x;
    *fitted = x;
    return status;
}

np_status np_linear_none_kept(const np_linear *out, np_error *err)
{
    if (out->fit.k > 0)
        return NP_OK;
    if (out->n_collinear == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED, _("the model has no regressors"));
    np_fail(err, NP_E_NOT_IDENTIFIED,
            _("%s%s: nothing is left of it when the fixed effects are taken out"),
            out->collinear[0], out->n_collinear > 1 ? " …" : "");
    np_error_hint(err, _("a regressor must vary within the fixed effects"));
    return NP_E_NOT_IDENTIFIED;
}

static np_status estimate_in_memory(np_linear *out, const np_design *design,
                                    const np_linear_spec *spec, np_arena *arena,
                                    np_error *err)
{
    np_linear result = {0};
    np_linear_columns c;
    np_linear_problem p;
    double **fitted = NULL;
    np_status status = np_linear_gather(&c, design, spec, arena, err);
    if (status == NP_OK)
        status = set_problem(&p, &result, &c, spec, &fitted, arena, err);
    if (status == NP_OK)
        status = np_linear_solve(&p, arena, err);
    if (status != NP_OK)
        return status;
    np_linear_solution solution = {.k = p.k,
                                   .term = c.term + 1,
                                   .kept = p.kept,
                                   .b = p.b,
                                   .inverse = p.inverse,
                                   .mean = c.mean == NULL ? NULL : c.mean + 1,
                                   .y_mean = c.mean == NULL ? 0 : c.mean[0],
                                   .sum_weight = c.sum_weight};
    status = np_linear_finish(&result, &solution, arena, err);
    if (status == NP_OK)
        status = np_linear_none_kept(&result, err);
    if (status == NP_OK)
        status = set_statistics(&result, &p, &c, spec, arena, err);
    if (status == NP_OK)
        status = set_fit(&result, &p, &c, spec, arena, err);
    if (status == NP_OK && c.m > 0)
        status =
            np_linear_instrument_tests(&result, &c, fitted, p.e, p.tolerance,
                                       np_linear_absorbed_parameters(design), arena, err);
    if (status == NP_OK && c.absorber != NULL)
        status = np_absorber_rank(&result.rank, c.absorber, arena, err);
    if (status == NP_OK && spec->want_effects && c.absorber != NULL)
        status = set_effects(&result, &p, &c, arena, err);
    if (status != NP_OK)
        return status;
    result.residual = p.e;
    result.fit.fe_levels = result.rank.levels;
    result.iterations = c.absorber == NULL ? 0 : np_absorber_iterations(c.absorber);
    *out = result;
    return NP_OK;
}

np_status np_linear_estimate(np_linear *out, const np_design *design,
                             const np_linear_spec *spec, np_arena *arena, np_error *err)
{
    bool done = false;
    np_status status = np_linear_stream(out, &done, design, spec, arena, err);
    if (status != NP_OK || done)
        return status;
    return estimate_in_memory(out, design, spec, arena, err);
}
