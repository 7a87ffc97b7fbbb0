#include "stats/panel_core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STATISTICS = 24, MOST_TABLES = 4 };

typedef struct {
    np_statistic *stat;
    size_t n;
} statistics;

static void put(statistics *s, const char *name, double value)
{
    if (s->n < MOST_STATISTICS)
        s->stat[s->n++] = (np_statistic){name, value};
}

static bool is_constant(const double *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (v[i] != v[0])
            return false;
    return true;
}

static double total_of(const np_panel_fit *fit, size_t unit, size_t time)
{
    if (!(fit->sigma2_id > 0) || !(fit->sigma2_time > 0))
        return 0;
    double a = 1 - fit->theta_id[unit], b = 1 - fit->theta_time[time];
    return 1 - a - b + 1 / sqrt(1 / (a * a) + 1 / (b * b) - 1);
}

/* One number where every unit (period) has the same theta; else tables, below. */
static void put_components(statistics *s, const np_panel_fit *fit)
{
    bool both = fit->spec.effect == NP_EFFECT_TWOWAYS;
    put(s, "sigma2_idiosyncratic", fit->sigma2_idios);
    if (fit->theta_id != NULL)
        put(s, "sigma2_individual", fit->sigma2_id);
    if (fit->theta_time != NULL)
        put(s, "sigma2_time", fit->sigma2_time);
    if (fit->theta_id != NULL && is_constant(fit->theta_id, fit->n_units))
        put(s, both ? "theta_individual" : "theta", fit->theta_id[0]);
    if (fit->theta_time != NULL && is_constant(fit->theta_time, fit->n_periods))
        put(s, both ? "theta_time" : "theta", fit->theta_time[0]);
    if (both && (fit->balanced || total_of(fit, 0, 0) == 0))
        put(s, "theta_total", total_of(fit, 0, 0));
}

static np_status set_statistics(np_estimates *e, const np_panel_fit *fit, np_arena *arena,
                                np_error *err)
{
    statistics s = {np_arena_array(arena, np_statistic, MOST_STATISTICS), 0};
    if (s.stat == NULL)
        return np_panel_no_memory(err);
    put(&s, "r2", fit->r2);
    put(&s, "adj_r2", fit->adj_r2);
    put(&s, "r2_within", fit->r2_within);
    put(&s, "r2_between", fit->r2_between);
    put(&s, "r2_overall", fit->r2_overall);
    put(&s, "ssr", fit->ssr);
    put(&s, "df_residual", fit->df_residual);
    put(&s, "sigma2", fit->ssr / fit->df_residual);
    if (fit->spec.model == NP_PANEL_WITHIN)
        put(&s, "mean_effect", fit->mean_effect);
    if (fit->spec.model == NP_PANEL_RANDOM)
        put_components(&s, fit);
    put(&s, "n_observed", (double)fit->n); /* before means or differences are taken */
    put(&s, "n_units", (double)fit->n_units);
    put(&s, "n_periods", (double)fit->n_periods);
    put(&s, "balanced", fit->balanced ? 1 : 0);
    e->stat = s.stat;
    e->n_stats = s.n;
    return NP_OK;
}

static const char *label_of(const char *const *label, size_t i, np_arena *arena)
{
    return label != NULL ? label[i] : np_arena_format(arena, "%zu", i + 1);
}

/* theta by unit or period, with the number of its rows. */
static np_status theta_table(np_estimate_table *out, const char *name,
                             const double *theta, const size_t *size, size_t n,
                             const char *const *label, np_arena *arena, np_error *err)
{
    const char **term = np_arena_array(arena, const char *, n);
    double *rows = np_arena_array(arena, double, n);
    if (term == NULL || rows == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        rows[i] = (double)size[i];
        if ((term[i] = label_of(label, i, arena)) == NULL)
            return np_panel_no_memory(err);
    }
    *out = (np_estimate_table){.name = name,
                               .title = N_("Theta, the share of the mean taken off"),
                               .n = n,
                               .term = term,
                               .estimate = theta,
                               .n_rows = rows};
    return NP_OK;
}

static np_status total_table(np_estimate_table *out, const np_panel_fit *fit,
                             np_arena *arena, np_error *err)
{
    size_t n = fit->n;
    const np_panel_data *d = fit->data;
    double *theta = np_arena_array(arena, double, n);
    double *rows = np_arena_array(arena, double, n);
    const char **term = np_arena_array(arena, const char *, n);
    if (theta == NULL || rows == NULL || term == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        rows[i] = 1;
        size_t u = (size_t)fit->unit[i], t = (size_t)fit->time[i];
        const char *unit = label_of(d->unit_label, u, arena);
        const char *time = label_of(d->time_label, t, arena);
        theta[i] = total_of(fit, u, t);
        if (unit == NULL || time == NULL ||
            (term[i] = np_arena_format(arena, "%s %s", unit, time)) == NULL)
            return np_panel_no_memory(err);
    }
    *out = (np_estimate_table){.name = "theta_total",
                               .title = N_("Theta, the share of the mean of all"),
                               .n = n,
                               .term = term,
                               .estimate = theta,
                               .n_rows = rows};
    return NP_OK;
}

static np_status set_tables(np_estimates *e, const np_panel_fit *fit, bool effects,
                            np_arena *arena, np_error *err)
{
    const np_panel_core *core = fit->core;
    const np_panel_data *d = fit->data;
    bool both = fit->spec.effect == NP_EFFECT_TWOWAYS;
    np_status status = NP_OK;
    np_estimate_table *table = np_arena_array(arena, np_estimate_table, MOST_TABLES);
    size_t n = 0;
    if (table == NULL)
        return np_panel_no_memory(err);
    if (fit->theta_id != NULL && !is_constant(fit->theta_id, fit->n_units))
        status =
            theta_table(&table[n++], both ? "theta_individual" : "theta", fit->theta_id,
                        core->unit_size, fit->n_units, d->unit_label, arena, err);
    if (status == NP_OK && fit->theta_time != NULL &&
        !is_constant(fit->theta_time, fit->n_periods))
        status = theta_table(&table[n++], both ? "theta_time" : "theta", fit->theta_time,
                             core->time_size, fit->n_periods, d->time_label, arena, err);
    if (status == NP_OK && both && fit->theta_id != NULL && !fit->balanced &&
        total_of(fit, 0, 0) != 0)
        status = total_table(&table[n++], fit, arena, err);
    if (status == NP_OK && effects)
        status = np_panel_fixed_effects(
            &table[n++], fit,
            fit->spec.effect == NP_EFFECT_TIME ? NP_EFFECT_TIME : NP_EFFECT_INDIVIDUAL,
            arena, err);
    e->table = table;
    e->n_tables = n;
    return status;
}

static np_status set_tests(np_estimates *e, const np_panel_fit *fit,
                           const np_panel_estimate_spec *spec, np_arena *arena,
                           np_error *err)
{
    np_test *test = np_arena_array(arena, np_test, spec->n_tests);
    if (test == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < spec->n_tests; i++) {
        const char *name = spec->test[i];
        np_status status = strncmp(name, "wald:", 5) == 0
                               ? np_wald_test(&test[i], e, name + 5, arena, err)
                               : np_panel_test(&test[i], fit, name, arena, err);
        if (status != NP_OK)
            return status;
    }
    e->test = test;
    e->n_tests = spec->n_tests;
    return NP_OK;
}

static np_status set_warnings(np_estimates *e, const np_panel_fit *fit, bool robust,
                              np_arena *arena, np_error *err)
{
    const char **warning =
        np_arena_array(arena, const char *, NP_PANEL_MOST_WARNINGS + 2);
    if (warning == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < fit->n_warnings; i++)
        warning[e->n_warnings++] = fit->warning[i];
    if (fit->vcov_unscaled && !robust)
        warning[e->n_warnings++] = _(
            "These standard errors are those of plm 2.6.2, which leaves the error "
            "variance out of the covariance of two-way random effects in an unbalanced "
            "panel: they are too small or too large by its root. Ask for the covariance "
            "\"iid\" to have it in.");
    e->warning = warning;
    return NP_OK;
}

/* t or normal as plm: random effects by the normal distribution, unless the covariance
 * is a robust one, whose table is lmtest's coeftest(). */
static np_status set_covariance(np_estimates *e, const np_panel_fit *fit,
                                const char *name, np_arena *arena, np_error *err)
{
    e->normal = fit->spec.model == NP_PANEL_RANDOM;
    e->df_t = e->normal ? NAN : fit->df_residual;
    if (name == NULL) {
        e->vcov = fit->vcov;
        e->vcov_label = fit->vcov_unscaled
                            ? _("conventional, without the error variance (plm)")
                            : _("conventional");
        e->vcov_call = "iid";
        return NP_OK;
    }
    np_panel_vcov v;
    np_status status = np_panel_vcov_estimate(&v, fit, name, arena, err);
    if (status != NP_OK)
        return status;
    e->vcov = v.vcov;
    e->vcov_label = v.label;
    e->vcov_call = v.call;
    if (strcmp(v.call, "iid") != 0) {
        e->normal = false;
        e->df_t = fit->df_residual;
    }
    return NP_OK;
}

np_status np_panel_estimate(np_estimates *out, np_panel_fit *fit_out,
                            const np_panel_data *data, const np_panel_estimate_spec *spec,
                            np_arena *arena, np_error *err)
{
    np_panel_fit fit;
    np_status status = np_panel_fit_data(&fit, data, &spec->panel, arena, err);
    if (status != NP_OK)
        return status;
    np_estimates e = {
        .k = fit.k,
        .term = fit.term,
        .estimate = fit.coefficient,
        .conf_level = spec->conf_level,
        .ssc_label = "",
        .n = fit.spec.model == NP_PANEL_BETWEEN || fit.spec.model == NP_PANEL_FD ? fit.m
                                                                                 : fit.n,
        .n_table_rows = fit.n,
        .collinear = fit.collinear,
        .n_collinear = fit.n_collinear};
    status = set_covariance(&e, &fit, spec->vcov, arena, err);
    if (status == NP_OK)
        status = np_estimates_infer(&e, arena, err);
    if (status == NP_OK)
        status = set_statistics(&e, &fit, arena, err);
    if (status == NP_OK)
        status = set_tables(&e, &fit, spec->want_effects, arena, err);
    if (status == NP_OK)
        status = set_warnings(&e, &fit, spec->vcov != NULL, arena, err);
    if (status == NP_OK)
        status = set_tests(&e, &fit, spec, arena, err);
    if (status != NP_OK)
        return status;
    *out = e;
    if (fit_out != NULL)
        *fit_out = fit;
    return NP_OK;
}
