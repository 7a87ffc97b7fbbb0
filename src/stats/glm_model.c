#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/family.h"
#include "stats/glm.h"
#include "stats/glm_internal.h"

enum { MOST_TABLES = 4 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the model's tables"));
}

/* The terms without theta. */
static size_t regressors_of(const np_glm *glm)
{
    return glm->fit.k - (glm->information_is_observed ? 1 : 0);
}

np_status np_glm_margins(double *effect, double *std_error, const np_glm *glm,
                         const double *vcov, np_arena *arena, np_error *err)
{
    const np_irls *it = glm->fit.rows_context;
    const np_design *d = it->design;
    const size_t k = it->k;
    double *bend = np_arena_array(arena, double, k); /* mean of m''(eta) x_l */
    double *gradient = np_arena_array(arena, double, k);
    if (bend == NULL || gradient == NULL)
        return no_memory(err);
    double slope = 0, total = 0;
    for (size_t i = 0; i < it->n; i++) {
        double w = d->weight == NULL ? 1 : d->weight[i];
        double curvature = np_family_curvature(it->family, it->eta[i]);
        slope += w * it->slope[i];
        total += w;
        for (size_t l = 0; l < k; l++)
            bend[l] += w * curvature * it->x[l][i];
    }
    slope /= total;
    for (size_t j = 0; j < k; j++) {
        for (size_t l = 0; l < k; l++)
            gradient[l] = it->beta[j] * bend[l] / total + (l == j ? slope : 0);
        double variance = 0;
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++)
                variance += gradient[a] * vcov[a * glm->fit.k + b] * gradient[b];
        effect[j] = it->beta[j] * slope;
        std_error[j] = sqrt(variance);
    }
    return NP_OK;
}

static bool is_intercept(const char *term)
{
    return strcmp(term, "(Intercept)") == 0;
}

static np_status odds_ratios(np_estimate_table *out, const np_estimates *e,
                             np_arena *arena, np_error *err)
{
    double *value = np_arena_array(arena, double, 3 * e->k);
    if (value == NULL)
        return no_memory(err);
    double *low = value + e->k, *high = value + 2 * e->k;
    for (size_t j = 0; j < e->k; j++) {
        value[j] = exp(e->estimate[j]);
        low[j] = exp(e->conf_low[j]);
        high[j] = exp(e->conf_high[j]);
    }
    *out = (np_estimate_table){.name = "odds_ratio",
                               .title = N_("Odds ratios"),
                               .n = e->k,
                               .term = e->term,
                               .estimate = value,
                               .conf_low = low,
                               .conf_high = high};
    return NP_OK;
}

/* Intervals by the normal distribution, also where t is used for the p values. */
static np_status wald_intervals(np_estimate_table *out, const np_estimates *e,
                                np_arena *arena, np_error *err)
{
    double *low = np_arena_array(arena, double, 2 * e->k);
    if (low == NULL)
        return no_memory(err);
    double *high = low + e->k;
    double reach = qnorm((1 - e->conf_level) / 2, 0, 1, 0, 0);
    for (size_t j = 0; j < e->k; j++) {
        low[j] = e->estimate[j] - reach * e->std_error[j];
        high[j] = e->estimate[j] + reach * e->std_error[j];
    }
    *out = (np_estimate_table){.name = "wald_interval",
                               .title = N_("Wald intervals"),
                               .n = e->k,
                               .term = e->term,
                               .estimate = e->estimate,
                               .conf_low = low,
                               .conf_high = high};
    return NP_OK;
}

static np_status profile_intervals(np_estimate_table *out, const np_estimates *e,
                                   const np_glm *glm, np_profile_method method,
                                   np_arena *arena, np_error *err)
{
    double *low = np_arena_array(arena, double, 2 * e->k);
    if (low == NULL)
        return no_memory(err);
    double *high = low + e->k;
    *out = (np_estimate_table){.name = "profile_interval",
                               .title = N_("Profile-likelihood intervals"),
                               .n = regressors_of(glm),
                               .term = e->term,
                               .estimate = e->estimate,
                               .conf_low = low,
                               .conf_high = high};
    return np_glm_profile(low, high, glm, e->conf_level, method, arena, err);
}

static np_status margins(np_estimate_table *out, const np_estimates *e, const np_glm *glm,
                         np_arena *arena, np_error *err)
{
    const size_t k = regressors_of(glm);
    double *value = np_arena_array(arena, double, 6 * k);
    const char **term = np_arena_array(arena, const char *, k);
    if (value == NULL || term == NULL)
        return no_memory(err);
    double *effect = value, *std_error = value + k, *z = value + 2 * k,
           *p = value + 3 * k, *low = value + 4 * k, *high = value + 5 * k;
    np_status status = np_glm_margins(effect, std_error, glm, e->vcov, arena, err);
    double reach = qnorm((1 - e->conf_level) / 2, 0, 1, 0, 0);
    size_t n = 0;
    for (size_t j = 0; status == NP_OK && j < k; j++) {
        if (is_intercept(e->term[j]))
            continue;
        term[n] = e->term[j];
        effect[n] = effect[j];
        std_error[n] = std_error[j];
        z[n] = effect[n] / std_error[n];
        p[n] = 2 * pnorm(fabs(z[n]), 0, 1, 0, 0);
        low[n] = effect[n] - reach * std_error[n];
        high[n] = effect[n] + reach * std_error[n];
        n++;
    }
    *out = (np_estimate_table){.name = "marginal_effects",
                               .title = N_("Average marginal effects"),
                               .n = n,
                               .term = term,
                               .estimate = effect,
                               .std_error = std_error,
                               .statistic = z,
                               .p_value = p,
                               .conf_low = low,
                               .conf_high = high};
    return status;
}

static np_status add_tables(np_estimates *e, const np_glm *glm,
                            const np_glm_tables *asked, np_arena *arena, np_error *err)
{
    np_estimate_table *table = np_arena_array(arena, np_estimate_table, MOST_TABLES);
    if (table == NULL)
        return no_memory(err);
    size_t n = 0;
    np_status status = NP_OK;
    if (glm->family == NP_FAMILY_LOGIT)
        status = odds_ratios(&table[n++], e, arena, err);
    if (status == NP_OK && asked->profile) {
        status = wald_intervals(&table[n++], e, arena, err);
        if (status == NP_OK)
            status =
                profile_intervals(&table[n++], e, glm, asked->profile_method, arena, err);
    }
    if (status == NP_OK && asked->margins)
        status = margins(&table[n++], e, glm, arena, err);
    e->table = table;
    e->n_tables = n;
    return status;
}

static double fewest_clusters(const np_vcov *v)
{
    double fewest = NAN;
    for (size_t i = 0; i < v->n_keys; i++)
        fewest = fmin(fewest, (double)v->n_clusters[i]);
    return fewest;
}

static np_status add_statistics(np_estimates *e, const np_glm *glm, const np_vcov *v,
                                np_arena *arena, np_error *err)
{
    const np_statistic more[] = {
        {"df_k", v->df_k}, {"df_t", v->df_t}, {"n_clusters", fewest_clusters(v)}};
    size_t n_more = sizeof more / sizeof *more;
    np_statistic *stat = np_arena_array(arena, np_statistic, glm->n_stats + n_more);
    if (stat == NULL)
        return no_memory(err);
    memcpy(stat, glm->stat, glm->n_stats * sizeof *stat);
    e->n_stats = glm->n_stats;
    for (size_t i = 0; i < n_more; i++)
        if (isfinite(more[i].value))
            stat[e->n_stats++] = more[i];
    e->stat = stat;
    e->test = glm->test;
    e->n_tests = glm->n_tests;
    return NP_OK;
}

static np_status check_covariance(const np_glm *glm, const np_vcov_spec *spec,
                                  np_error *err)
{
    bool leverages = spec->kind == NP_VCOV_HC2 || spec->kind == NP_VCOV_HC3 ||
                     spec->kind == NP_VCOV_HC4;
    if (leverages && glm->fit.design->n_fe > 0)
        return np_fail(err, NP_E_USAGE,
                       _("HC2 to HC4 are for least squares; a %s model with fixed "
                         "effects has HC1 and clustered standard errors"),
                       np_family_name(glm->family));
    if (glm->information_is_observed &&
        (leverages || spec->kind == NP_VCOV_CR2 || spec->kind == NP_VCOV_CR3))
        return np_fail(err, NP_E_USAGE,
                       _("with the observed information theta is a coefficient without "
                         "leverage: HC1 and clustered standard errors are defined"));
    return NP_OK;
}

/* The package whose users come with such a formula: fixest where factors are absorbed,
 * else glm(). fenegbin()'s optimiser goes on to the solution. */
static double tolerance_of(const np_design *design, const np_model_spec *spec)
{
    if (spec->fully_converged)
        return 0;
    if (spec->deviance_tolerance > 0)
        return spec->deviance_tolerance;
    if (design->n_fe > 0 && spec->family == NP_FAMILY_NEGBIN)
        return 0;
    return design->n_fe > 0 ? 1e-8 : 1e-13;
}

/* glm() gives the inverse information as it is. Where phi is estimated its denominator
 * n - K is glm()'s as well as fixest's. */
static bool is_covariance_of_glm(const np_design *design, const np_model_spec *spec)
{
    return spec->vcov.kind == NP_VCOV_IID && !spec->vcov.is_asked_for &&
           design->n_fe == 0 && !np_family_has_dispersion(spec->family);
}

np_status np_glm_model(np_estimates *out, np_glm *glm, const np_design *design,
                       const np_model_spec *spec, const np_glm_tables *tables,
                       np_arena *arena, np_error *err)
{
    np_glm fitted;
    np_vcov v;
    np_vcov_spec vcov = spec->vcov;
    if (is_covariance_of_glm(design, spec))
        vcov.ssc.k_adj = NP_NO;
    np_status status =
        np_glm_estimate(&fitted, design,
                        &(np_glm_spec){.family = spec->family,
                                       .information = spec->information,
                                       .deviance_tolerance = tolerance_of(design, spec),
                                       .n_threads = spec->n_threads},
                        arena, err);
    if (status == NP_OK)
        status = check_covariance(&fitted, &vcov, err);
    if (status == NP_OK)
        status = np_vcov_estimate(&v, &fitted.fit, &vcov, arena, err);
    if (status != NP_OK)
        return status;
    if (vcov.kind == NP_VCOV_IID && fitted.information_is_observed)
        v.label = _("inverse observed information of coefficients and theta");
    else if (vcov.kind == NP_VCOV_IID)
        v.label = vcov.ssc.k_adj == NP_NO
                      ? _("inverse information, no small-sample factor")
                      : _("inverse information");
    bool t = spec->vcov.kind == NP_VCOV_IID && np_family_has_dispersion(spec->family);
    np_estimates e = {.k = fitted.fit.k,
                      .term = fitted.term,
                      .estimate = fitted.coefficient,
                      .vcov = v.vcov,
                      .conf_level = spec->conf_level,
                      .df_t = v.df_t,
                      .normal = !t,
                      .vcov_label = v.label,
                      .vcov_call = v.call,
                      .ssc_label = v.ssc_label,
                      .n = design->n,
                      .n_table_rows = design->n_table_rows,
                      .dropped = design->dropped,
                      .n_dropped = design->n_dropped,
                      .collinear = fitted.collinear,
                      .n_collinear = fitted.n_collinear};
    status = np_estimates_infer(&e, arena, err);
    if (status == NP_OK)
        status = add_statistics(&e, &fitted, &v, arena, err);
    if (status == NP_OK)
        status = add_tables(&e, &fitted, tables, arena, err);
    if (status != NP_OK)
        return status;
    *glm = fitted;
    *out = e;
    return NP_OK;
}
