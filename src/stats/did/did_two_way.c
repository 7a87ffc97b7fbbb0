#include "stats/did/did_two_way.h"

#include <math.h>
#include <string.h>

#include "stats/did/did_cells.h"
#include "stats/did/did_two_way_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the two-way regression"));
}

static np_status coefficient(np_did_regression *r, np_two_way *w)
{
    static const char *const term[] = {"treated"};
    const double *treated = np_did_treated_column(w->p, w->arena);
    if (treated == NULL)
        return no_memory(w->err);
    const np_did_regressors z = {.n_dense = 1, .dense = &treated, .term = term};
    return np_did_regress(r, w->p, &z, w->spec, w->arena, w->err);
}

static np_status simple(np_two_way *w, const np_estimates *e)
{
    double *a = np_arena_array(w->arena, double, e->k);
    if (a == NULL)
        return no_memory(w->err);
    a[0] = 1;
    np_did_aggregate *simple = &w->aggregate[w->n_aggregates++];
    *simple = (np_did_aggregate){.kind = "simple"};
    return np_did_aggregate_fill(simple, NULL, 0, NULL, a, e, w->spec, w->arena, w->err);
}

static void note_weights(np_two_way *w, const np_two_way_weights *d)
{
    const np_statistic of_weights[] = {{"n_negative_weights", (double)d->n_negative},
                                       {"n_positive_weights", (double)d->n_positive},
                                       {"sum_negative_weights", d->sum_negative},
                                       {"sum_positive_weights", d->sum_positive},
                                       {"negative_weight_share", d->negative_share},
                                       {"n_negative_cells", (double)d->n_negative_cells},
                                       {"n_weight_cells", (double)d->n_cells},
                                       {"sigma_fe", d->sigma},
                                       {"sigma_fe_opposite", d->sigma_opposite}};
    for (size_t i = 0; i < sizeof of_weights / sizeof *of_weights; i++)
        w->stat[w->n_stats++] = of_weights[i];
}

static np_status decompose(np_two_way *w, const np_did_regression *r)
{
    const double *residual;
    np_two_way_weights weights;
    np_bacon bacon;
    np_status status = np_did_partial_out(&residual, r, w->spec, w->arena, w->err);
    if (status == NP_OK)
        status = np_two_way_weights_find(&weights, w->p, r, residual, w->arena, w->err);
    if (status != NP_OK)
        return status;
    note_weights(w, &weights);
    const char *refusal = np_bacon_refusal(w->p);
    if (refusal != NULL) {
        w->warning[w->n_warnings++] = refusal;
        return np_two_way_weights_table(w, &weights);
    }
    bool controlled = r->n_controls_kept > 0;
    status =
        np_bacon_decompose(&bacon, w->p, controlled ? residual : NULL, w->arena, w->err);
    if (status != NP_OK)
        return status;
    if (controlled) {
        w->stat[w->n_stats++] = (np_statistic){"bacon_omega", bacon.omega};
        w->stat[w->n_stats++] = (np_statistic){"bacon_within", bacon.within};
    }
    status = np_two_way_bacon_tables(w, &bacon);
    return status == NP_OK ? np_two_way_weights_table(w, &weights) : status;
}

/* The parts' arrays behind the regression's own. */
static np_status join(np_estimates *e, const np_two_way *w)
{
    np_statistic *stat = np_arena_array(w->arena, np_statistic, e->n_stats + w->n_stats);
    np_estimate_table *table = np_arena_array(w->arena, np_estimate_table, w->n_tables);
    np_test *test = np_arena_array(w->arena, np_test, 1);
    const char **warning = np_arena_array(w->arena, const char *, w->n_warnings);
    if (stat == NULL || table == NULL || test == NULL || warning == NULL)
        return no_memory(w->err);
    if (e->n_stats > 0)
        memcpy(stat, e->stat, e->n_stats * sizeof *stat);
    memcpy(stat + e->n_stats, w->stat, w->n_stats * sizeof *stat);
    memcpy(table, w->table, w->n_tables * sizeof *table);
    memcpy(warning, w->warning, w->n_warnings * sizeof *warning);
    *test = w->test;
    e->stat = stat;
    e->n_stats += w->n_stats;
    e->table = table;
    e->n_tables = w->n_tables;
    e->test = test;
    e->n_tests = w->n_tests;
    e->warning = warning;
    e->n_warnings = w->n_warnings;
    return NP_OK;
}

static np_status describe(np_did_result *out, const np_two_way *w,
                          const np_did_regression *r)
{
    np_did_dropped *d = np_arena_array(w->arena, np_did_dropped, 1);
    np_did_aggregate *aggregate =
        np_arena_array(w->arena, np_did_aggregate, w->n_aggregates);
    if (d == NULL || aggregate == NULL)
        return no_memory(w->err);
    if (r->n_alone > 0) {
        *d = (np_did_dropped){.reason = _("alone in its unit or period"),
                              .n_rows = r->n_alone};
        out->dropped = d;
        out->n_dropped = 1;
    }
    memcpy(aggregate, w->aggregate, w->n_aggregates * sizeof *aggregate);
    out->aggregate = aggregate;
    out->n_aggregates = w->n_aggregates;
    out->estimator = NP_DID_TWO_WAY;
    out->comparison_used = N_("never treated, not yet treated and treated already");
    out->weighting = N_("by the treatment's variance, some weights may be negative");
    out->controls_used = np_did_regression_controls(r);
    out->base_used = N_("all periods before the start");
    out->errors_used = N_("clustered, t distribution");
    out->n_units = w->p->n_units;
    out->n_treated_units = w->p->n_units - w->p->n_never;
    return NP_OK;
}

np_status np_two_way_estimate(np_did_result *out, const np_did_panel *panel,
                              const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_did_result result = {0};
    np_did_regression r;
    np_two_way w = {.p = panel, .spec = spec, .out = &result, .arena = arena, .err = err};
    unsigned wanted = spec->aggregates == 0 ? NP_AGGREGATE_ALL : spec->aggregates;
    np_status status = coefficient(&r, &w);
    if (status == NP_OK)
        status = decompose(&w, &r);
    if (status == NP_OK && (wanted & NP_AGGREGATE_SIMPLE))
        status = simple(&w, &r.estimates);
    if (status == NP_OK && panel->absorbing && (wanted & NP_AGGREGATE_DYNAMIC))
        status = np_two_way_event_study(&w);
    result.estimates = r.estimates;
    if (status == NP_OK)
        status = join(&result.estimates, &w);
    if (status == NP_OK)
        status = describe(&result, &w, &r);
    if (status == NP_OK)
        *out = result;
    return status;
}
