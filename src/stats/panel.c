#include "stats/panel_core.h"

#include <math.h>
#include <string.h>

#include <Rmath.h>

const char *np_panel_model_name(np_panel_model model)
{
    static const char *const name[] = {"pooling", "pooling", "within",
                                       "between", "fd",      "random"};
    return name[model];
}

const char *np_panel_effect_name(np_panel_effect effect)
{
    static const char *const name[] = {"individual", "time", "twoways"};
    return name[effect];
}

const char *np_random_method_name(np_random_method method)
{
    static const char *const name[] = {"swar", "amemiya", "walhus", "nerlove"};
    return name[method];
}

static void warn(np_panel_fit *fit, const char *text)
{
    if (text != NULL && fit->n_warnings < NP_PANEL_MOST_WARNINGS)
        fit->warning[fit->n_warnings++] = text;
}

static np_status refuse_unidentified(const np_panel_core *core, const np_panel_spec *spec,
                                     np_error *err)
{
    bool both = spec->effect == NP_EFFECT_TWOWAYS;
    if (spec->model == NP_PANEL_BETWEEN && both)
        return np_fail(err, NP_E_USAGE,
                       _("a between model is of units or of periods, not of both"));
    if (spec->model == NP_PANEL_FD && spec->effect != NP_EFFECT_INDIVIDUAL)
        return np_fail(err, NP_E_USAGE,
                       _("first differences remove unit effects, no others"));
    if (spec->model == NP_PANEL_FD && core->n == core->n_units)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no unit is observed twice: there are no differences"));
    return NP_OK;
}

static np_panel_transform transform_of(const np_panel_spec *spec)
{
    np_panel_transform t = {.effect = spec->effect};
    switch (spec->model) {
    case NP_PANEL_NONE:
    case NP_PANEL_POOLING:
        break;
    case NP_PANEL_WITHIN:
        t.rows = NP_ROWS_WITHIN;
        break;
    case NP_PANEL_BETWEEN:
        t.rows = NP_ROWS_MEANS;
        break;
    case NP_PANEL_FD:
        t.rows = NP_ROWS_DIFFERENCES;
        break;
    case NP_PANEL_RANDOM:
        t.rows = NP_ROWS_RANDOM;
        break;
    }
    return t;
}

static double *theta_of(const np_panel_groups *g, double s2, double idios,
                        np_arena *arena)
{
    double *theta = np_arena_array(arena, double, g->n_groups);
    for (size_t j = 0; theta != NULL && j < g->n_groups; j++)
        theta[j] = 1 - 1 / sqrt(1 + (double)g->size[j] * s2 / idios);
    return theta;
}

/* theta of the mean of all rows, for a unit and a period. */
static double theta_total(const np_panel_fit *fit, size_t unit, size_t time)
{
    if (!(fit->sigma2_id > 0) || !(fit->sigma2_time > 0))
        return 0;
    double id = fit->theta_id[unit], period = fit->theta_time[time];
    /* 1/(1-theta)² = 1 + size s2/s2_e */
    double sum = 1 / ((1 - id) * (1 - id)) + 1 / ((1 - period) * (1 - period)) - 1;
    return id + period - 1 + 1 / sqrt(sum);
}

static void warn_of_components(np_panel_fit *fit)
{
    if (fit->sigma2_id == 0)
        warn(fit, _("The estimated variance of the unit effects is not positive and was "
                    "set to 0: for the units this is the pooled model."));
    if (fit->sigma2_time == 0)
        warn(fit, _("The estimated variance of the period effects is not positive and "
                    "was set to 0."));
}

static np_status set_components(np_panel_fit *fit, np_panel_transform *t,
                                const np_panel_core *core, np_arena *arena, np_error *err)
{
    np_panel_components s2;
    np_status status = np_panel_components_estimate(&s2, core, fit->spec.effect,
                                                    fit->spec.random_method, arena, err);
    if (status != NP_OK)
        return status;
    fit->sigma2_idios = s2.idios;
    fit->sigma2_id = s2.id;
    fit->sigma2_time = s2.time;
    np_panel_groups units = np_panel_groups_of(core, NP_EFFECT_INDIVIDUAL);
    np_panel_groups periods = np_panel_groups_of(core, NP_EFFECT_TIME);
    if (fit->spec.effect != NP_EFFECT_TIME &&
        (fit->theta_id = theta_of(&units, s2.id, s2.idios, arena)) == NULL)
        return np_panel_no_memory(err);
    if (fit->spec.effect != NP_EFFECT_INDIVIDUAL &&
        (fit->theta_time = theta_of(&periods, s2.time, s2.idios, arena)) == NULL)
        return np_panel_no_memory(err);
    t->theta_id = fit->theta_id;
    t->theta_time = fit->theta_time;
    if (fit->spec.effect == NP_EFFECT_TWOWAYS)
        t->theta_total = theta_total(fit, 0, 0);
    warn_of_components(fit);
    if (s2.constant != NULL)
        warn(fit,
             np_arena_format(arena,
                             _("%s does not vary within units; with Amemiya's method "
                               "its effect is counted as unit variance."),
                             s2.constant));
    return NP_OK;
}

/* Codes of unit and period for each of the m rows. */
static np_status label_rows(np_panel_fit *fit, const np_panel_core *core, np_arena *arena,
                            np_error *err)
{
    if (fit->spec.model == NP_PANEL_BETWEEN)
        return NP_OK;
    fit->unit = core->unit;
    fit->time = core->time;
    if (fit->spec.model != NP_PANEL_FD)
        return NP_OK;
    int32_t *unit = np_arena_array(arena, int32_t, fit->m);
    int32_t *time = np_arena_array(arena, int32_t, fit->m);
    if (unit == NULL || time == NULL)
        return np_panel_no_memory(err);
    size_t m = 0, gaps = 0;
    for (size_t i = 1; i < core->n; i++) {
        if (core->unit[i] != core->unit[i - 1])
            continue;
        unit[m] = core->unit[i];
        time[m++] = core->time[i];
        gaps += core->time[i] != core->time[i - 1] + 1;
    }
    fit->unit = unit;
    fit->time = time;
    if (gaps > 0)
        warn(fit, np_arena_format(arena,
                                  _("%zu differences span a period in which the unit is "
                                    "not observed; they are taken between its "
                                    "successive rows all the same."),
                                  gaps));
    return NP_OK;
}

static np_status name_terms(np_panel_fit *fit, const np_panel_core *core,
                            const np_panel_ols *ols, np_arena *arena, np_error *err)
{
    const np_panel_data *d = core->data;
    const char **term = np_arena_array(arena, const char *, ols->k);
    const char **collinear = np_arena_array(arena, const char *, ols->n_out);
    if (term == NULL || collinear == NULL)
        return np_panel_no_memory(err);
    fit->intercept = ols->k;
    for (size_t j = 0; j < ols->k; j++) {
        term[j] = d->term[ols->column[j]];
        if (ols->column[j] == d->intercept)
            fit->intercept = j;
    }
    for (size_t j = 0; j < ols->n_out; j++)
        if (ols->out[j] != d->intercept || fit->spec.model != NP_PANEL_WITHIN)
            collinear[fit->n_collinear++] = d->term[ols->out[j]];
    fit->term = term;
    fit->collinear = collinear;
    if (ols->k > 0)
        return NP_OK;
    if (fit->n_collinear == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the model has no covariate besides the effects"));
    return np_fail(err, NP_E_NOT_IDENTIFIED,
                   _("no coefficient is left: %s has no variation that the model uses"),
                   collinear[0]);
}

static np_status keep_columns(np_panel_fit *fit, const np_panel_core *core,
                              const double *const *x, const np_panel_ols *ols,
                              np_arena *arena, np_error *err)
{
    const double **kept = np_arena_array(arena, const double *, ols->k);
    if (kept == NULL)
        return np_panel_no_memory(err);
    for (size_t j = 0; j < ols->k; j++)
        kept[j] = x[ols->column[j]];
    fit->m = ols->m;
    fit->k = ols->k;
    fit->column = ols->column;
    fit->x = kept;
    fit->coefficient = ols->coefficient;
    fit->bread = ols->bread;
    fit->residual = ols->residual;
    fit->ssr = ols->ssr;
    return name_terms(fit, core, ols, arena, err);
}

static np_status set_covariance(np_panel_fit *fit, const np_panel_core *core,
                                np_arena *arena, np_error *err)
{
    size_t used = fit->k;
    if (fit->spec.model == NP_PANEL_WITHIN)
        used += np_panel_effect_rank(core, fit->spec.effect);
    if (fit->m <= used)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu rows and %zu parameters leave no degrees of freedom"),
                       fit->m, used);
    fit->df_residual = (double)(fit->m - used);
    double *vcov = np_arena_array(arena, double, fit->k * fit->k);
    if (vcov == NULL)
        return np_panel_no_memory(err);
    double s2 = fit->vcov_unscaled ? 1 : fit->ssr / fit->df_residual;
    for (size_t i = 0; i < fit->k * fit->k; i++)
        vcov[i] = fit->bread[i] * s2;
    fit->vcov = vcov;
    return NP_OK;
}

static double r2_of_means(const np_panel_core *core, np_panel_effect effect,
                          const double *y, const double *xb, double *scratch)
{
    np_panel_groups g = np_panel_groups_of(core, effect);
    np_panel_means(scratch, &g, y, core->n);
    np_panel_means(scratch + g.n_groups, &g, xb, core->n);
    return np_panel_r2(scratch, scratch + g.n_groups, g.n_groups);
}

/* Squared correlations of the outcome and x'b: transformed as the model does (plm),
 * and of deviations, means and rows (xtreg). */
static np_status set_r2(np_panel_fit *fit, const np_panel_core *core,
                        const np_panel_transform *t, np_arena *arena, np_error *err)
{
    double *xb = np_arena_array(arena, double, core->n);
    double *a = np_arena_array(arena, double, 2 * core->n);
    double *b = np_arena_array(arena, double, core->n);
    if (xb == NULL || a == NULL || b == NULL)
        return np_panel_no_memory(err);
    np_panel_fitted(xb, core, fit->k, fit->column, fit->coefficient);
    np_panel_transformed(a, core, t, core->y);
    np_panel_transformed(b, core, t, xb);
    fit->r2 = np_panel_r2(a, b, fit->m);
    fit->adj_r2 = 1 - (1 - fit->r2) * (double)(fit->m - 1) / fit->df_residual;
    np_panel_effect by =
        fit->spec.effect == NP_EFFECT_TIME ? NP_EFFECT_TIME : NP_EFFECT_INDIVIDUAL;
    fit->r2_overall = np_panel_r2(core->y, xb, core->n);
    fit->r2_between = r2_of_means(core, by, core->y, xb, a);
    np_panel_within(a, core, by, core->y);
    np_panel_within(b, core, by, xb);
    fit->r2_within = np_panel_r2(a, b, core->n);
    fit->mean_effect = fit->spec.model == NP_PANEL_WITHIN ? 0 : NAN;
    for (size_t i = 0; i < core->n; i++)
        fit->mean_effect += (core->y[i] - xb[i]) / (double)core->n;
    return NP_OK;
}

static np_status estimate_rows(np_panel_fit *fit, const np_panel_core *core,
                               np_panel_transform *t, np_arena *arena, np_error *err)
{
    np_panel_regression r;
    np_status status = NP_OK;
    if (fit->spec.model == NP_PANEL_RANDOM)
        status = set_components(fit, t, core, arena, err);
    if (status != NP_OK)
        return status;
    if (t->theta_id != NULL && t->theta_time != NULL && !core->balanced) {
        np_panel_components s2 = {fit->sigma2_idios, fit->sigma2_id, fit->sigma2_time,
                                  NULL};
        np_panel_ols ols;
        *t = (np_panel_transform){0};
        fit->vcov_unscaled = true;
        status = np_panel_unbalanced_twoways(&ols, core, &s2, fit->theta_id, arena, err);
        return status != NP_OK ? status
                               : keep_columns(fit, core, core->x, &ols, arena, err);
    }
    status = np_panel_regress(&r, core, t, arena, err);
    return status != NP_OK ? status : keep_columns(fit, core, r.x, &r.ols, arena, err);
}

np_status np_panel_fit_core(np_panel_fit *out, const np_panel_core *core,
                            const np_panel_spec *spec, np_arena *arena, np_error *err)
{
    np_panel_fit fit = {.spec = *spec,
                        .n = core->n,
                        .n_units = core->n_units,
                        .n_periods = core->n_periods,
                        .balanced = core->balanced,
                        .sigma2_idios = NAN,
                        .sigma2_id = NAN,
                        .sigma2_time = NAN,
                        .data = core->data,
                        .core = core};
    if (fit.spec.model == NP_PANEL_NONE)
        fit.spec.model = NP_PANEL_POOLING;
    np_panel_transform t = transform_of(&fit.spec);
    np_status status = refuse_unidentified(core, &fit.spec, err);
    if (status == NP_OK)
        status = estimate_rows(&fit, core, &t, arena, err);
    if (status == NP_OK)
        status = set_covariance(&fit, core, arena, err);
    if (status == NP_OK)
        status = set_r2(&fit, core, &t, arena, err);
    if (status == NP_OK)
        status = label_rows(&fit, core, arena, err);
    if (status == NP_OK)
        *out = fit;
    return status;
}

np_status np_panel_fit_data(np_panel_fit *out, const np_panel_data *data,
                            const np_panel_spec *spec, np_arena *arena, np_error *err)
{
    const np_panel_core *core = NULL;
    np_status status = np_panel_core_new(&core, data, arena, err);
    return status != NP_OK ? status : np_panel_fit_core(out, core, spec, arena, err);
}

static double variance_at(const np_panel_fit *fit, const double *at)
{
    double s = 0;
    for (size_t a = 0; a < fit->k; a++)
        for (size_t b = 0; b < fit->k; b++)
            s += at[a] * fit->vcov[a * fit->k + b] * at[b];
    return s;
}

/* Standard errors of one-way effects: the mean of T_i errors and that of m_i'b. */
static np_status effect_errors(double *se, const np_panel_fit *fit,
                               const np_panel_groups *g, np_arena *arena, np_error *err)
{
    const np_panel_core *core = fit->core;
    double *mean = np_arena_array(arena, double, g->n_groups * fit->k);
    double *at = np_arena_array(arena, double, fit->k);
    if (mean == NULL || at == NULL)
        return np_panel_no_memory(err);
    for (size_t j = 0; j < fit->k; j++)
        np_panel_means(mean + j * g->n_groups, g, core->x[fit->column[j]], core->n);
    double s2 = fit->ssr / fit->df_residual;
    for (size_t i = 0; i < g->n_groups; i++) {
        for (size_t j = 0; j < fit->k; j++)
            at[j] = mean[j * g->n_groups + i];
        se[i] = sqrt(s2 / (double)g->size[i] + variance_at(fit, at));
    }
    return NP_OK;
}

static const char *const *effect_labels(const np_panel_fit *fit, np_panel_effect which,
                                        np_arena *arena)
{
    const np_panel_data *d = fit->data;
    bool periods = which == NP_EFFECT_TIME;
    const char *const *given = periods ? d->time_label : d->unit_label;
    size_t n = periods ? d->n_periods : d->n_units;
    if (given != NULL)
        return given;
    const char **label = np_arena_array(arena, const char *, n);
    for (size_t i = 0; label != NULL && i < n; i++)
        if ((label[i] = np_arena_format(arena, "%zu", i + 1)) == NULL)
            return NULL;
    return label;
}

np_status np_panel_fixed_effects(np_estimate_table *out, const np_panel_fit *fit,
                                 np_panel_effect which, np_arena *arena, np_error *err)
{
    const np_panel_core *core = fit->core;
    bool both = fit->spec.effect == NP_EFFECT_TWOWAYS;
    if (fit->spec.model != NP_PANEL_WITHIN || which == NP_EFFECT_TWOWAYS ||
        (!both && which != fit->spec.effect))
        return np_fail(err, NP_E_USAGE,
                       _("fixed effects are those of a within model, of units or of "
                         "periods"));
    np_panel_groups g = np_panel_groups_of(core, which);
    double *e = np_arena_array(arena, double, core->n);
    double *level = np_arena_array(arena, double, g.n_groups);
    double *rest = np_arena_array(arena, double, core->n_units + core->n_periods);
    double *se = np_arena_array(arena, double, g.n_groups);
    const char *const *label = effect_labels(fit, which, arena);
    if (e == NULL || level == NULL || rest == NULL || se == NULL || label == NULL)
        return np_panel_no_memory(err);
    np_panel_fitted(e, core, fit->k, fit->column, fit->coefficient);
    for (size_t i = 0; i < core->n; i++)
        e[i] = core->y[i] - e[i];
    np_status status = NP_OK;
    if (!both) {
        np_panel_means(level, &g, e, core->n);
        status = effect_errors(se, fit, &g, arena, err);
    } else {
        double *unit = which == NP_EFFECT_TIME ? rest : level;
        double *period = which == NP_EFFECT_TIME ? level : rest;
        np_panel_two_effects(unit, period, core, e);
        /* periods too in levels: at the first unit's */
        for (size_t i = 0; which == NP_EFFECT_TIME && i < g.n_groups; i++)
            level[i] += rest[0];
        for (size_t i = 0; i < g.n_groups; i++)
            se[i] = NAN;
    }
    if (status == NP_OK)
        *out = (np_estimate_table){.name = "fixed_effects",
                                   .title = N_("Fixed effects"),
                                   .n = g.n_groups,
                                   .term = label,
                                   .estimate = level,
                                   .std_error = se};
    return status;
}
