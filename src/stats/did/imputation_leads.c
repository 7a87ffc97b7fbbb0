#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/did/imputation_internal.h"
#include "stats/linalg.h"
#include "stats/sorted.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the leads"));
}

/* Event time of an untreated row before its start; NaN: never treated. */
static double lead_of(const np_did_panel *p, size_t row)
{
    int32_t g = p->cohort_of[p->unit_of[row]];
    return g == NP_NEVER_TREATED ? NAN : p->period[p->period_of[row]] - p->cohort[g];
}

static bool is_asked_for(const np_did_spec *s, double event_time)
{
    if (s->lead == NULL)
        return !s->has_window || event_time >= s->window_min;
    for (size_t i = 0; i < s->n_leads; i++)
        if (s->lead[i] == event_time)
            return true;
    return false;
}

/* How many of the event times, from the earliest, are what the others are measured from:
 * until one has two units, whose difference tells the errors what it varies by. */
static size_t n_references(const np_imputation *w, const double *time, size_t n)
{
    if (w->spec->single_unit_errors)
        return 1;
    for (size_t i = 0; i < n; i++) {
        size_t n_units = 0;
        for (size_t r = 0; r < w->panel->n; r++)
            n_units += w->untreated[r] && lead_of(w->panel, r) == time[i];
        if (n_units > 1)
            return i + 1;
    }
    return 1;
}

np_status np_imputation_find_leads(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    const np_did_spec *s = w->spec;
    size_t most = p->n_cohorts * p->n_periods, n = 0;
    w->reference_lead = NAN;
    double *time = np_arena_array(w->arena, double, most);
    if (time == NULL)
        return no_memory(w->err);
    for (size_t g = 0; g < p->n_cohorts; g++)
        for (size_t t = 0; t < p->n_periods; t++) {
            double e = p->period[t] - p->cohort[g];
            if (e < -s->anticipation && is_asked_for(s, e))
                time[n++] = e;
        }
    size_t n_distinct = np_sort_distinct(time, n);
    w->lead_time = time;
    w->n_leads = n_distinct;
    if (s->lead == NULL && !s->has_window && n_distinct > 0) {
        size_t left_out = n_references(w, time, n_distinct);
        w->reference_lead = time[left_out - 1];
        w->lead_time += left_out;
        w->n_leads -= left_out;
    }
    return NP_OK;
}

/* Codes of the rows, and how many have each. */
static void lead_codes(int32_t *code, double *units, const np_imputation *w)
{
    const np_did_panel *p = w->panel;
    for (size_t r = 0; r < p->n; r++) {
        code[r] = -1;
        double e = w->untreated[r] ? lead_of(p, r) : NAN;
        if (isnan(e))
            continue;
        size_t at = np_sorted_place(w->lead_time, w->n_leads, e);
        if (at == w->n_leads || w->lead_time[at] != e)
            continue;
        code[r] = (int32_t)at;
        units[code[r]]++;
    }
}

/* G/(G-1) (n-1)/(n-K), as fixest has it for units nested in the clusters. */
static np_status small_sample(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    const np_untreated_model *m = &w->lead_model;
    uint8_t *seen = np_arena_array(w->arena, uint8_t, p->n_clusters + p->n_periods);
    if (seen == NULL)
        return no_memory(w->err);
    double n_clusters = 0, n_periods = 0, K = 0, n = (double)m->n_untreated;
    for (size_t r = 0; r < p->n; r++) {
        if (!w->untreated[r])
            continue;
        size_t u = (size_t)p->unit_of[r];
        size_t c = p->cluster_of == NULL ? u : (size_t)p->cluster_of[u];
        size_t t = p->n_clusters + (size_t)p->period_of[r];
        n_clusters += !seen[c];
        n_periods += !seen[t];
        seen[c] = seen[t] = 1;
    }
    for (size_t j = m->first_lead; j < m->k; j++)
        K += m->kept[j];
    K += n_periods;
    w->n_lead_clusters = n_clusters;
    w->lead_factor = n_clusters > 1 && n > K
                         ? sqrt(n_clusters / (n_clusters - 1) * (n - 1) / (n - K))
                         : NAN;
    return NP_OK;
}

/* The lead's coefficient, its cell, and what the units' scores contribute to it: a row
 * of S^-1. */
static np_status add_lead(np_imputation *w, size_t lead, double n_units)
{
    const np_untreated_model *m = &w->lead_model;
    size_t j = m->first_lead + lead, c = w->n_all;
    double e = w->lead_time[lead];
    if (!m->kept[j]) {
        w->collinear[w->n_collinear] =
            np_arena_format(w->arena, "%s::%.10g", w->panel->time_name, e);
        return w->collinear[w->n_collinear++] == NULL ? no_memory(w->err) : NP_OK;
    }
    w->cell[c] =
        (np_did_plan_cell){.cohort = NAN,
                           .time = NAN,
                           .event_time = e,
                           .weight = 1,
                           .n_units = n_units,
                           .n_comparison = NAN,
                           .base_period = NAN,
                           .no_error = n_units < 2 && !w->spec->single_unit_errors};
    w->estimate[c] = m->coefficient[j];
    double *loading = w->loading + c * w->width;
    loading[j] = w->lead_factor;
    np_cholesky_solve(loading, m->R, m->kept, m->k);
    w->n_all++;
    w->n_kept_leads++;
    return NP_OK;
}

np_status np_imputation_fit_leads(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    if (w->n_leads == 0)
        return NP_OK;
    int32_t *code = np_arena_array(w->arena, int32_t, p->n);
    w->lead_residual = np_arena_array(w->arena, double, p->n);
    w->collinear = np_arena_array(w->arena, const char *, w->n_leads);
    double *units = np_arena_array(w->arena, double, w->n_leads);
    if (code == NULL || w->lead_residual == NULL || w->collinear == NULL || units == NULL)
        return no_memory(w->err);
    lead_codes(code, units, w);
    np_untreated_spec spec = w->model.spec;
    spec.lead = code;
    spec.n_leads = w->n_leads;
    np_status status = np_untreated_fit(&w->lead_model, &spec, w->arena, w->err);
    if (status == NP_OK)
        status = small_sample(w);
    for (size_t u = 0; u < p->n_units && status == NP_OK; u++)
        np_untreated_residuals(w->lead_residual, &w->lead_model, u);
    for (size_t l = 0; l < w->n_leads && status == NP_OK; l++)
        status = add_lead(w, l, units[l]);
    return status;
}

np_status np_imputation_test_leads(np_test *out, bool *tested, const np_imputation *w,
                                   const double *vcov, size_t stride)
{
    size_t *at = np_arena_array(w->arena, size_t, w->n_kept_leads), q = 0;
    *tested = false;
    if (at == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->n_kept_leads; i++)
        if (!w->cell[w->n_cells + i].no_error)
            at[q++] = i;
    if (q == 0)
        return NP_OK;
    double *work = np_arena_array(w->arena, double, 2 * q * q + q);
    bool *kept = np_arena_array(w->arena, bool, q);
    if (work == NULL || kept == NULL)
        return no_memory(w->err);
    double *V = work, *R = work + q * q, *x = work + 2 * q * q;
    for (size_t i = 0; i < q; i++) {
        x[i] = w->estimate[w->n_cells + at[i]];
        for (size_t j = 0; j < q; j++)
            V[i * q + j] = vcov[at[i] * stride + at[j]];
    }
    if (np_cholesky(R, kept, V, NULL, q, 1e-12) < q)
        return NP_OK;
    np_cholesky_solve(x, R, kept, q);
    double F = 0, df2 = w->n_lead_clusters - 1;
    for (size_t i = 0; i < q; i++)
        F += w->estimate[w->n_cells + at[i]] * x[i] / (double)q;
    *tested = true;
    *out = (np_test){.name = "pre_trend",
                     .title = N_("Joint test of the leads"),
                     .detail = np_arena_format(w->arena, "%zu", q),
                     .distribution = "F",
                     .statistic = F,
                     .df1 = (double)q,
                     .df2 = df2,
                     .p_value = pf(F, (double)q, df2, 0, 0)};
    return out->detail == NULL ? no_memory(w->err) : NP_OK;
}
