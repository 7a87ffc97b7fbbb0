#include "stats/did/synthetic_result.h"

#include <math.h>
#include <string.h>

static np_status no_memory(const synthetic_work *w, np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY,
                   _("no memory left for the results of %zu cohorts"),
                   w->study.n_cohorts);
}

/* A cohort of one has no error of its own where units are drawn or left out: it is the
 * same unit in each draw. */
static bool is_one_unit(const synthetic_work *w, size_t v)
{
    const np_synthetic_layout *l = &w->layout;
    return w->spec->synthetic_errors != NP_SYNTHETIC_PLACEBO &&
           l->first[v + 1] > l->first[v] && np_synthetic_count(l, v, w->n_treated) < 2;
}

static double error_of(const synthetic_work *w, size_t v)
{
    return w->spread.n == 0 || is_one_unit(w, v) ? NAN : w->spread.std_error[v];
}

static double band_of(const synthetic_work *w, size_t first, size_t n, np_arena *arena)
{
    bool wanted = w->spread.n > 0 && !w->spec->pointwise &&
                  w->spec->synthetic_errors != NP_SYNTHETIC_JACKKNIFE;
    return wanted ? np_synthetic_band(&w->spread, &w->layout, first, n,
                                      np_did_conf_level(w->spec), arena)
                  : NAN;
}

static np_status group_time(np_did_result *out, const synthetic_work *w, np_arena *arena,
                            np_error *err)
{
    const np_synthetic_layout *l = &w->layout;
    np_group_time_row *row = np_arena_array(arena, np_group_time_row, l->n_cells);
    if (row == NULL)
        return no_memory(w, err);
    double critical = band_of(w, 0, l->n_cells, arena);
    for (size_t v = 0; v < l->n_cells; v++) {
        size_t g = v / l->n_periods, t = v % l->n_periods;
        np_group_time_row *r = &row[v];
        *r = (np_group_time_row){.cohort = w->panel.cohort[g],
                                 .time = w->panel.period[t],
                                 .event_time = w->panel.period[t] - w->panel.cohort[g],
                                 .base_period = NAN,
                                 .estimate = w->value[v],
                                 .std_error = error_of(w, v),
                                 .n_treated = w->n_treated[g],
                                 .n_comparison = (double)w->study.block[g].n_controls};
        np_did_infer(&r->statistic, &r->p_value, &r->conf_low, &r->conf_high, r->estimate,
                     r->std_error, w->spec->conf_level, NAN);
        r->band_low = r->estimate - critical * r->std_error;
        r->band_high = r->estimate + critical * r->std_error;
    }
    out->group_time = row;
    out->n_group_time = l->n_cells;
    return NP_OK;
}

static np_status rows_of(np_did_aggregate *a, const synthetic_work *w, size_t overall,
                         np_arena *arena, np_error *err)
{
    size_t n = a->n_rows;
    np_aggregate_row *row = np_arena_array(arena, np_aggregate_row, n);
    double *vcov = np_arena_array(arena, double, n *n);
    if (row == NULL || vcov == NULL)
        return no_memory(w, err);
    a->critical_value = band_of(w, overall + 1, n, arena);
    for (size_t i = 0; i < n; i++) {
        size_t v = overall + 1 + i;
        row[i] = (np_aggregate_row){.value = w->layout.row_value[v],
                                    .estimate = w->value[v],
                                    .std_error = error_of(w, v),
                                    .n_treated =
                                        np_synthetic_count(&w->layout, v, w->n_treated)};
        np_aggregate_row *r = &row[i];
        np_did_infer(&r->statistic, &r->p_value, &r->conf_low, &r->conf_high, r->estimate,
                     r->std_error, w->spec->conf_level, NAN);
        r->band_low = r->estimate - a->critical_value * r->std_error;
        r->band_high = r->estimate + a->critical_value * r->std_error;
        for (size_t j = 0; w->spread.n > 0 && j < n; j++) {
            bool known = !isnan(error_of(w, v)) && !isnan(error_of(w, overall + 1 + j));
            vcov[i * n + j] = known ? np_synthetic_covariance(&w->spread, &w->layout, v,
                                                              overall + 1 + j)
                                    : NAN;
        }
    }
    a->row = row;
    a->vcov = w->spread.n > 0 ? vcov : NULL;
    return NP_OK;
}

static np_status aggregates(np_did_result *out, const synthetic_work *w, np_arena *arena,
                            np_error *err)
{
    static const struct {
        const char *kind;
        unsigned bit;
    } kind[NP_SYNTHETIC_KINDS] = {{"simple", NP_AGGREGATE_SIMPLE},
                                  {"dynamic", NP_AGGREGATE_DYNAMIC},
                                  {"group", NP_AGGREGATE_GROUP},
                                  {"calendar", NP_AGGREGATE_CALENDAR}};
    np_did_aggregate *a = np_arena_array(arena, np_did_aggregate, NP_SYNTHETIC_KINDS);
    if (a == NULL)
        return no_memory(w, err);
    for (size_t k = 0; k < NP_SYNTHETIC_KINDS; k++) {
        if (w->spec->aggregates != 0 && (w->spec->aggregates & kind[k].bit) == 0)
            continue;
        size_t overall = w->layout.overall[k];
        np_did_aggregate *to = &a[out->n_aggregates++];
        *to = (np_did_aggregate){.kind = kind[k].kind,
                                 .estimate = w->value[overall],
                                 .std_error = error_of(w, overall),
                                 .n_rows = w->layout.n_rows[k],
                                 .critical_value = NAN};
        np_did_infer(&to->statistic, &to->p_value, &to->conf_low, &to->conf_high,
                     to->estimate, to->std_error, w->spec->conf_level, NAN);
        np_status status = rows_of(to, w, overall, arena, err);
        if (status != NP_OK)
            return status;
    }
    out->aggregate = a;
    return NP_OK;
}

/* The value behind coefficient i: all treated, then each of several cohorts. */
static size_t value_of(const synthetic_work *w, size_t i)
{
    return i == 0 ? w->layout.overall[0] : w->layout.overall[2] + i;
}

static const char *errors_label(const synthetic_work *w)
{
    bool clustered = w->study.cluster_of != NULL;
    switch (w->spec->synthetic_errors) {
    case NP_SYNTHETIC_NO_ERRORS:
        break;
    case NP_SYNTHETIC_PLACEBO:
        return N_("placebo: spread among donors as if treated");
    case NP_SYNTHETIC_BOOTSTRAP:
        return clustered ? N_("bootstrap of clusters") : N_("bootstrap of units");
    case NP_SYNTHETIC_JACKKNIFE:
        return clustered ? N_("jackknife of clusters, weights kept")
                         : N_("jackknife of units, weights kept");
    }
    return N_("none: neither placebo, bootstrap nor jackknife was asked for");
}

static np_status coefficients(np_estimates *e, const synthetic_work *w, np_arena *arena,
                              np_error *err)
{
    size_t G = w->study.n_cohorts, k = G > 1 ? G + 1 : 1;
    const char **term = np_arena_array(arena, const char *, k);
    double *estimate = np_arena_array(arena, double, k);
    double *vcov = np_arena_array(arena, double, k *k);
    if (term == NULL || estimate == NULL || vcov == NULL)
        return no_memory(w, err);
    for (size_t i = 0; i < k; i++) {
        term[i] = i == 0 ? "ATT"
                         : np_arena_format(arena, "cohort %.10g", w->panel.cohort[i - 1]);
        if (term[i] == NULL)
            return no_memory(w, err);
        estimate[i] = w->value[value_of(w, i)];
        for (size_t j = 0; j < k; j++) {
            bool known = !isnan(error_of(w, value_of(w, i))) &&
                         !isnan(error_of(w, value_of(w, j)));
            vcov[i * k + j] =
                known ? np_synthetic_covariance(&w->spread, &w->layout, value_of(w, i),
                                                value_of(w, j))
                      : NAN;
        }
    }
    e->k = k;
    e->term = term;
    e->estimate = estimate;
    e->vcov = vcov;
    e->normal = true;
    e->conf_level = np_did_conf_level(w->spec);
    e->n = w->panel.n;
    e->n_table_rows = w->original->n_table_rows;
    e->vcov_label = errors_label(w);
    e->vcov_call = "";
    e->ssc_label = "";
    return np_estimates_infer(e, arena, err);
}

static const char *controls_label(const synthetic_work *w)
{
    if (w->study.panel.n_covariates == 0)
        return "";
    switch (w->spec->synthetic.covariates) {
    case NP_SYNTHETIC_PROJECTED:
        return N_("taken out by least squares among the never treated");
    case NP_SYNTHETIC_OPTIMIZED:
        return N_("by gradient steps together with the weights");
    case NP_SYNTHETIC_OPTIMIZED_STANDARDIZED:
        return N_("standardised, by gradient steps together with the weights");
    }
    return "";
}

np_status np_synthetic_result_make(np_did_result *out, synthetic_work *w, np_arena *arena,
                                   np_error *err)
{
    const np_synthetic_layout *l = &w->layout;
    double *cell = np_arena_array(arena, double, l->n_cells);
    w->value = np_arena_array(arena, double, l->n_values);
    w->n_treated = np_arena_array(arena, double, l->n_cohorts);
    if (cell == NULL || w->value == NULL || w->n_treated == NULL)
        return no_memory(w, err);
    np_did_result r = {
        .n_units = w->panel.n_units, .dropped = w->dropped, .n_dropped = w->n_dropped};
    for (size_t g = 0; g < l->n_cohorts; g++) {
        w->n_treated[g] = (double)w->study.block[g].n_treated;
        r.n_treated_units += w->study.block[g].n_treated;
        memcpy(cell + g * l->n_periods, w->answer.fit[g].curve,
               l->n_periods * sizeof *cell);
    }
    np_synthetic_average(w->value, l, cell, w->n_treated);
    np_status status = group_time(&r, w, arena, err);
    if (status == NP_OK)
        status = aggregates(&r, w, arena, err);
    if (status == NP_OK)
        status = coefficients(&r.estimates, w, arena, err);
    if (status == NP_OK)
        status = np_synthetic_result_details(&r.estimates, w, arena, err);
    r.comparison_used =
        N_("never treated, weighted to run as the treated before the start");
    r.weighting = N_("by treated units and periods");
    r.controls_used = controls_label(w);
    r.base_used = w->study.control ? N_("none: levels are compared")
                                   : N_("the periods before the start, weighted");
    r.errors_used = errors_label(w);
    if (status == NP_OK)
        *out = r;
    return status;
}
