#include <math.h>
#include <string.h>

#include "stats/model_internal.h"
#include "stats/sunab.h"

/* G of the small-sample factor: the fewest clusters; the periods, where the covariance
 * runs over time within units. */
static double groups(const np_model_builder *b)
{
    const np_vcov *v = &b->vcov;
    if (b->own.vcov.kind == NP_VCOV_NEWEY_WEST && v->n_keys > 0)
        return (double)v->n_clusters[v->n_keys - 1];
    double fewest = INFINITY;
    for (size_t i = 0; i < v->n_keys; i++)
        fewest = fmin(fewest, (double)v->n_clusters[i]);
    return fewest;
}

static np_status covariance(np_model_builder *b)
{
    np_estimates *e = &b->out->estimates;
    np_status status =
        np_vcov_estimate(&b->vcov, &b->linear.fit, &b->own.vcov, b->arena, b->err);
    if (status != NP_OK)
        return status;
    e->vcov = b->vcov.vcov;
    e->df_t = b->vcov.df_t;
    e->df = b->vcov.df;
    e->vcov_label = b->vcov.label;
    e->vcov_call = b->vcov.call;
    e->ssc_label = b->vcov.ssc_label;
    e->conf_level = b->spec->conf_level;
    const np_statistic of_covariance[] = {
        {"df_k", b->vcov.df_k}, {"df_t", b->vcov.df_t}, {"n_clusters", groups(b)}};
    return np_model_add_statistics(b, of_covariance, b->vcov.n_keys > 0 ? 3 : 2);
}

static np_status effects(np_model_builder *b)
{
    np_estimates *e = &b->out->estimates;
    if (!b->spec->want_effects || b->linear.effects == NULL)
        return NP_OK;
    np_estimate_table *table =
        np_arena_array(b->arena, np_estimate_table, e->n_tables + 1);
    if (table == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < e->n_tables; i++)
        table[i] = e->table[i];
    e->table = table;
    return np_model_effects_table(&table[e->n_tables++], &b->out->design,
                                  b->linear.effects, b->arena, b->err);
}

/* What the estimates are with the repaired covariance, which fixest prints. */
static np_status repaired(np_model_builder *b)
{
    np_estimates *e = &b->out->estimates;
    if (b->vcov.repaired == NULL || b->out->design.sunab != NULL)
        return NP_OK;
    np_estimate_table *table =
        np_arena_array(b->arena, np_estimate_table, e->n_tables + 1);
    if (table == NULL)
        return np_model_no_memory(b);
    np_estimates with = *e;
    with.vcov = b->vcov.repaired;
    np_status status = np_estimates_infer(&with, b->arena, b->err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < e->n_tables; i++)
        table[i] = e->table[i];
    table[e->n_tables++] =
        (np_estimate_table){.name = "repaired",
                            .title = N_("With the covariance made positive definite"),
                            .n = with.k,
                            .term = with.term,
                            .estimate = with.estimate,
                            .std_error = with.std_error,
                            .statistic = with.statistic,
                            .p_value = with.p_value,
                            .conf_low = with.conf_low,
                            .conf_high = with.conf_high};
    e->table = table;
    return NP_OK;
}

/* fixest's adjusted within R² of sunab() counts the averaged coefficients it prints, not
 * those of cohort × period that were estimated. */
static np_status count_averages(np_model_builder *b)
{
    np_estimates *e = &b->out->estimates;
    if (b->out->design.sunab == NULL || e->k == b->linear.fit.k)
        return NP_OK;
    np_statistic *stat = np_arena_array(b->arena, np_statistic, e->n_stats);
    if (stat == NULL)
        return np_model_no_memory(b);
    double df = b->linear.df_residual, within = np_estimates_stat(e, "within_r2");
    for (size_t i = 0; i < e->n_stats; i++) {
        stat[i] = e->stat[i];
        if (strcmp(stat[i].name, "within_adj_r2") == 0)
            stat[i].value = 1 - (1 - within) * (df + (double)e->k) / df;
    }
    e->stat = stat;
    return NP_OK;
}

static const char *title(const np_design *d)
{
    if (d->endogenous.k > 0)
        return _("Two-stage least squares");
    return d->weight != NULL ? _("Weighted least squares") : _("Ordinary least squares");
}

np_status np_model_fit_linear(np_model_builder *b)
{
    np_estimates *e = &b->out->estimates;
    const np_linear_spec spec = {.want_effects = b->spec->want_effects,
                                 .want_residuals = b->spec->n_tests > 0,
                                 .n_threads = b->spec->n_threads};
    np_status status =
        np_linear_estimate(&b->linear, &b->out->design, &spec, b->arena, b->err);
    if (status != NP_OK)
        return status;
    const np_linear *l = &b->linear;
    b->out->title = title(&b->out->design);
    b->out->residual = l->residual;
    *e = (np_estimates){.k = l->fit.k,
                        .term = l->term,
                        .estimate = l->coefficient,
                        .n = b->out->design.n,
                        .stat = l->stat,
                        .n_stats = l->n_stats,
                        .test = l->test,
                        .n_tests = l->n_tests,
                        .collinear = l->collinear,
                        .n_collinear = l->n_collinear};
    status = covariance(b);
    if (status == NP_OK)
        status = np_sunab_aggregate(e, &b->out->design, b->arena, b->err);
    if (status == NP_OK && b->spec->wild.draws > 0)
        status = np_model_wild_bootstrap(b);
    if (status == NP_OK)
        status = count_averages(b);
    if (status == NP_OK)
        status = repaired(b);
    return status == NP_OK ? effects(b) : status;
}
