#include "stats/did/extended_two_way.h"

#include <math.h>
#include <string.h>

#include "stats/did/did_cells.h"
#include "stats/did/did_swept.h"

/* A control moves within a unit where it does so by more than its rounding. */
static const double rounding = 1e-12;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for extended two-way effects"));
}

typedef struct {
    const np_did_panel *p;
    const np_did_spec *spec;
    np_arena *arena;
    np_error *err;
    size_t G, T, q; /* cohorts that are treated, periods used, controls */
    bool never_only;
    uint32_t *row;   /* [n] the panel's rows used */
    uint32_t *start; /* [n_units + 1] */
    size_t n;
    int32_t *cell_of;  /* [n_cohorts × T] -1: no coefficient */
    np_did_cell *cell; /* [n_cells] */
    size_t n_cells;
    double *mean;      /* [(n_cohorts + 1) × q] by cohort, the last of all rows */
    double *cell_mean; /* [n_cells × q] of x - xbar_g */
    bool moves;        /* some control changes within a unit */
    size_t first_by_time, first_own, first_by_cohort, first_cell, first_slope, k;
} work;

static double weight_of(const work *w, size_t row)
{
    return w->p->weight == NULL ? 1 : w->p->weight[row];
}

static int32_t cohort_of(const work *w, size_t row)
{
    return w->p->cohort_of[w->p->unit_of[row]];
}

/* Without never treated units the last cohort takes their place until it starts. */
static void choose_sample(work *w)
{
    const np_did_panel *p = w->p;
    w->G = p->n_cohorts;
    w->T = p->n_periods;
    w->q = w->spec->no_controls || p->k == 0 ? 0 : p->k - 1;
    w->never_only =
        w->spec->comparison_chosen && w->spec->comparison == NP_COMPARISON_NEVER;
    if (p->n_never > 0)
        return;
    w->G--;
    double last = p->cohort[w->G] - w->spec->anticipation;
    while (w->T > 0 && p->period[w->T - 1] >= last)
        w->T--;
}

static np_status list_rows(np_did_result *out, work *w)
{
    const np_did_panel *p = w->p;
    w->row = np_arena_array(w->arena, uint32_t, p->n);
    w->start = np_arena_array(w->arena, uint32_t, p->n_units + 1);
    np_did_dropped *dropped = np_arena_array(w->arena, np_did_dropped, p->n_periods);
    if (w->row == NULL || w->start == NULL || dropped == NULL)
        return no_memory(w->err);
    for (size_t t = w->T; t < p->n_periods; t++) {
        const char *reason =
            np_arena_format(w->arena, _("nobody is untreated in %s"), p->period_label[t]);
        if (reason == NULL)
            return no_memory(w->err);
        dropped[t - w->T].reason = reason;
    }
    for (size_t u = 0; u < p->n_units; u++) {
        for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++) {
            size_t t = (size_t)p->period_of[r];
            if (t < w->T)
                w->row[w->n++] = r;
            else
                dropped[t - w->T].n_rows++;
        }
        w->start[u + 1] = (uint32_t)w->n;
    }
    out->dropped = dropped;
    out->n_dropped = p->n_periods - w->T;
    return NP_OK;
}

/* The last period before the cohort starts or anticipates; T: none. */
static size_t base_of(const work *w, size_t g)
{
    size_t base = w->T;
    for (size_t t = 0; t < w->T; t++)
        if (w->p->period[t] < w->p->cohort[g] - w->spec->anticipation)
            base = t;
    return base;
}

static np_status find_cells(work *w)
{
    const np_did_panel *p = w->p;
    size_t n_grid = p->n_cohorts * w->T;
    w->cell_of = np_arena_array(w->arena, int32_t, n_grid);
    w->cell = np_arena_array(w->arena, np_did_cell, n_grid);
    double *units = np_arena_array(w->arena, double, n_grid);
    double *weight = np_arena_array(w->arena, double, n_grid);
    double *untreated = np_arena_array(w->arena, double, w->T);
    if (w->cell_of == NULL || w->cell == NULL || units == NULL || weight == NULL ||
        untreated == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->n; i++) {
        size_t r = w->row[i], t = (size_t)p->period_of[r];
        int32_t g = cohort_of(w, r);
        bool never = g == NP_NEVER_TREATED || (size_t)g >= w->G;
        if (never ||
            (!w->never_only && p->period[t] < p->cohort[g] - w->spec->anticipation))
            untreated[t]++;
        if (never)
            continue;
        units[(size_t)g * w->T + t]++;
        weight[(size_t)g * w->T + t] += weight_of(w, r);
    }
    for (size_t i = 0; i < n_grid; i++) {
        size_t g = i / w->T, t = i % w->T, base = base_of(w, g);
        bool treated = p->period[t] >= p->cohort[g] - w->spec->anticipation;
        bool reference = w->never_only && t == base;
        w->cell_of[i] = -1;
        if (!(units[i] > 0) || base == w->T || !(treated || w->never_only))
            continue;
        w->cell_of[i] = reference ? -1 : (int32_t)w->n_cells;
        w->cell[w->n_cells++] =
            (np_did_cell){.cohort = p->cohort[g],
                          .time = p->period[t],
                          .event_time = p->period[t] - p->cohort[g],
                          .base_period = w->never_only ? p->period[base] : NAN,
                          .coefficient = SIZE_MAX,
                          .reference = reference,
                          .weight = weight[i],
                          .n_treated = units[i],
                          .n_comparison = untreated[t]};
    }
    return w->n_cells > 0 ? NP_OK
                          : np_fail(w->err, NP_E_NOT_IDENTIFIED,
                                    _("no cohort is treated while others are not"));
}

/* Means by cohort (never treated units: by themselves) and over all. */
static np_status find_means(work *w)
{
    const np_did_panel *p = w->p;
    size_t q = w->q, G = p->n_cohorts;
    w->mean = np_arena_array(w->arena, double, (G + 1) * q);
    w->cell_mean = np_arena_array(w->arena, double, w->n_cells *q);
    double *sum = np_arena_array(w->arena, double, G + 1 + w->n_cells);
    if (w->mean == NULL || w->cell_mean == NULL || sum == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->n && q > 0; i++) {
        size_t r = w->row[i];
        int32_t g = cohort_of(w, r);
        for (size_t j = 0; j < q; j++) {
            double x = p->x[1 + j][r], first = p->x[1 + j][p->start[p->unit_of[r]]];
            w->moves =
                w->moves || !(fabs(x - first) <= rounding * (fabs(x) + fabs(first)));
            w->mean[G * q + j] += weight_of(w, r) * x;
            if (g != NP_NEVER_TREATED)
                w->mean[(size_t)g * q + j] += weight_of(w, r) * x;
        }
        sum[G] += weight_of(w, r);
        if (g != NP_NEVER_TREATED)
            sum[g] += weight_of(w, r);
    }
    for (size_t g = 0; g <= G; g++)
        for (size_t j = 0; j < q && sum[g] > 0; j++)
            w->mean[g * q + j] /= sum[g];
    for (size_t i = 0; i < w->n && q > 0; i++) {
        size_t r = w->row[i];
        int32_t g = cohort_of(w, r);
        int32_t c = g == NP_NEVER_TREATED
                        ? -1
                        : w->cell_of[(size_t)g * w->T + (size_t)p->period_of[r]];
        for (size_t j = 0; j < q && c >= 0; j++)
            w->cell_mean[(size_t)c * q + j] +=
                weight_of(w, r) * (p->x[1 + j][r] - w->mean[(size_t)g * q + j]) /
                w->cell[c].weight;
    }
    return NP_OK;
}

static void number_columns(work *w)
{
    w->first_by_time = w->T;
    w->first_own = w->first_by_time + w->T * w->q;
    w->first_by_cohort = w->first_own + (w->moves ? w->q : 0);
    w->first_cell = w->first_by_cohort + (w->moves ? w->p->n_cohorts * w->q : 0);
    w->first_slope = w->first_cell + w->n_cells;
    w->k = w->first_slope + w->n_cells * w->q;
}

static size_t fill_row(const void *context, size_t i, uint32_t *column, double *value,
                       double *y, double *weight)
{
    const work *w = context;
    const np_did_panel *p = w->p;
    size_t r = w->row[i], t = (size_t)p->period_of[r], q = w->q, n = 0;
    int32_t g = cohort_of(w, r);
    *y = p->y[r];
    *weight = weight_of(w, r);
    column[n] = (uint32_t)t;
    value[n++] = 1;
    /* The first period's slopes are determined by the units or by the controls. */
    for (size_t j = 0; j < q; j++) {
        double x = p->x[1 + j][r] - w->mean[p->n_cohorts * q + j];
        if (t > 0) {
            column[n] = (uint32_t)(w->first_by_time + t * q + j);
            value[n++] = x;
        }
        if (w->moves) {
            column[n] = (uint32_t)(w->first_own + j);
            value[n++] = x;
        }
    }
    if (g == NP_NEVER_TREATED)
        return n;
    int32_t c = w->cell_of[(size_t)g * w->T + t];
    for (size_t j = 0; j < q; j++) {
        double x = p->x[1 + j][r] - w->mean[(size_t)g * q + j];
        if (w->moves) {
            column[n] = (uint32_t)(w->first_by_cohort + (size_t)g * q + j);
            value[n++] = x;
        }
        if (c >= 0) {
            column[n] = (uint32_t)(w->first_slope + (size_t)c * q + j);
            value[n++] = x;
        }
    }
    if (c >= 0) {
        column[n] = (uint32_t)(w->first_cell + (size_t)c);
        value[n++] = 1;
    }
    return n;
}

/* The average effect of each cell that has a coefficient; targets [n_cells] at most. */
static np_status list_targets(np_swept_targets *t, const work *w, const np_swept *m)
{
    size_t q = w->q, n = 0;
    uint32_t *start = np_arena_array(w->arena, uint32_t, w->n_cells + 1);
    uint32_t *column = np_arena_array(w->arena, uint32_t, w->n_cells * (1 + q));
    double *share = np_arena_array(w->arena, double, w->n_cells *(1 + q));
    if (start == NULL || column == NULL || share == NULL)
        return no_memory(w->err);
    *t = (np_swept_targets){.start = start, .column = column, .share = share};
    for (size_t c = 0; c < w->n_cells; c++) {
        size_t at = w->first_cell + c;
        if (w->cell[c].reference || !m->kept[at])
            continue;
        w->cell[c].coefficient = t->n;
        column[n] = (uint32_t)at;
        share[n++] = 1;
        for (size_t j = 0; j < q; j++) {
            size_t slope = w->first_slope + c * q + j;
            if (!m->kept[slope])
                continue;
            column[n] = (uint32_t)slope;
            share[n++] = w->cell_mean[c * q + j];
        }
        start[++t->n] = (uint32_t)n;
    }
    return t->n > 0 ? NP_OK
                    : np_fail(w->err, NP_E_NOT_IDENTIFIED,
                              _("no effect can be told from the units and periods"));
}

static const char *cell_name(const work *w, const np_did_cell *c)
{
    return np_arena_format(w->arena, "%s::%.10g:%s::%.10g", w->p->cohort_name, c->cohort,
                           w->p->time_name, c->time);
}

static np_status name_terms(np_estimates *e, const work *w, size_t n)
{
    const char **term = np_arena_array(w->arena, const char *, n);
    const char **collinear = np_arena_array(w->arena, const char *, w->n_cells);
    if (term == NULL || collinear == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < w->n_cells; c++) {
        const char *name = cell_name(w, &w->cell[c]);
        if (name == NULL)
            return no_memory(w->err);
        if (w->cell[c].coefficient != SIZE_MAX)
            term[w->cell[c].coefficient] = name;
        else if (!w->cell[c].reference)
            collinear[e->n_collinear++] = name;
    }
    e->term = term;
    e->collinear = collinear;
    return NP_OK;
}

static np_status fill_estimates(np_did_result *out, work *w, const np_swept *m,
                                const np_swept_targets *t)
{
    np_estimates *e = &out->estimates;
    double *estimate = np_arena_array(w->arena, double, t->n);
    double *vcov = np_arena_array(w->arena, double, t->n * t->n);
    np_statistic *stat = np_arena_array(w->arena, np_statistic, 2);
    if (estimate == NULL || vcov == NULL || stat == NULL)
        return no_memory(w->err);
    np_status status = name_terms(e, w, t->n);
    if (status == NP_OK)
        status = np_swept_combine(estimate, vcov, m, t, w->arena, w->err);
    if (status != NP_OK)
        return status;
    stat[0] = (np_statistic){"df_k", m->K};
    stat[1] = (np_statistic){"n_clusters", (double)m->n_clusters_used};
    e->k = t->n;
    e->estimate = estimate;
    e->vcov = vcov;
    e->df_t = (double)m->n_clusters_used - 1;
    e->conf_level = w->spec->conf_level;
    e->n = m->n_used;
    e->n_table_rows = w->p->n_table_rows;
    e->stat = stat;
    e->n_stats = 2;
    return np_estimates_infer(e, w->arena, w->err);
}

static void describe(np_did_result *out, const work *w)
{
    const np_did_panel *p = w->p;
    out->comparison_used = p->n_never == 0 ? N_("not yet treated")
                           : w->never_only ? N_("never treated")
                                           : N_("never treated and not yet treated");
    out->weighting = p->weight == NULL ? N_("treated rows equally")
                                       : N_("treated rows by their weight");
    out->controls_used =
        w->q == 0 ? ""
                  : N_("linear, with slopes by period and by treated cohort and period");
    out->base_used = w->never_only ? N_("the last period before the start")
                                   : N_("all periods before the start together");
    out->errors_used =
        p->cluster_of == NULL
            ? N_("clustered by unit, the averages' weights as given")
            : N_("clustered above the unit, the averages' weights as given");
    out->estimates.vcov_label = out->errors_used;
    out->estimates.vcov_call = p->cluster_of == NULL ? p->unit_name : p->cluster_name;
    out->estimates.ssc_label = "";
    out->n_units = p->n_units;
    for (size_t u = 0; u < p->n_units; u++)
        out->n_treated_units +=
            p->cohort_of[u] != NP_NEVER_TREATED && (size_t)p->cohort_of[u] < w->G;
}

np_status np_extended_two_way_estimate(np_did_result *out, const np_did_panel *panel,
                                       const np_did_spec *spec, np_arena *arena,
                                       np_error *err)
{
    work w = {.p = panel, .spec = spec, .arena = arena, .err = err};
    np_did_result result = {0};
    np_swept model;
    np_swept_targets targets;
    choose_sample(&w);
    np_status status = list_rows(&result, &w);
    if (status == NP_OK)
        status = find_cells(&w);
    if (status == NP_OK)
        status = find_means(&w);
    if (status != NP_OK)
        return status;
    number_columns(&w);
    const np_swept_spec swept = {.n = w.n,
                                 .n_groups = panel->n_units,
                                 .start = w.start,
                                 .k = w.k,
                                 .n_levels = w.T,
                                 .width = 2 + 4 * w.q,
                                 .row = fill_row,
                                 .context = &w,
                                 .cluster_of = panel->cluster_of,
                                 .n_clusters = panel->n_clusters};
    status = np_swept_fit(&model, &swept, arena, err);
    if (status == NP_OK)
        status = list_targets(&targets, &w, &model);
    if (status == NP_OK)
        status = fill_estimates(&result, &w, &model, &targets);
    if (status == NP_OK)
        status = np_did_cells_aggregate(&result, w.cell, w.n_cells, &result.estimates,
                                        panel, spec, arena, err);
    if (status != NP_OK)
        return status;
    describe(&result, &w);
    *out = result;
    return NP_OK;
}
