#include "stats/did/did_sun_abraham.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "stats/did/did_cells.h"
#include "stats/did/did_regression.h"
#include "stats/sunab.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY,
                   _("no memory left for the effects by cohort and period"));
}

/* One cell per treated cohort and period, in the order in which fixest lists them. */
typedef struct {
    const np_did_panel *p;
    const np_did_spec *spec;
    size_t n_cohorts; /* whose effects are estimated */
    size_t n_periods; /* that are used */
    np_did_cell *cell;
    size_t n_cells;
    int32_t *cell_of; /* [n_cohorts × n_periods]; -1: none */
    int32_t *dummy;   /* [n] of the panel */
    size_t n_dummies;
    size_t *cell_of_dummy; /* [n_dummies] */
    const char **term;     /* [n_dummies] */
    double *relative, *cohort;
    uint8_t *left_out; /* [n]; NULL */
    size_t n_left_out, n_without_base;
    np_arena *arena;
    np_error *err;
} work;

/* Without units never treated the last cohort compares, until it starts. */
static np_status choose_comparison(work *w)
{
    const np_did_panel *p = w->p;
    w->n_cohorts = p->n_cohorts;
    w->n_periods = p->n_periods;
    w->left_out = np_arena_array(w->arena, uint8_t, p->n);
    if (w->left_out == NULL)
        return no_memory(w->err);
    if (p->n_never > 0)
        return NP_OK;
    w->n_cohorts--;
    double end = p->cohort[w->n_cohorts] - w->spec->anticipation;
    while (w->n_periods > 0 && p->period[w->n_periods - 1] >= end)
        w->n_periods--;
    if (w->n_cohorts == 0 || w->n_periods < 2)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("no unit is never treated, and the last cohort, %.10g, cannot "
                         "be compared with"),
                       p->cohort[w->n_cohorts]);
    for (size_t r = 0; r < p->n; r++) {
        w->left_out[r] = (size_t)p->period_of[r] >= w->n_periods;
        w->n_left_out += w->left_out[r];
    }
    return NP_OK;
}

/* Index of the last period before the cohort starts or anticipates in which it is seen
 * (units [n_periods]); n_periods: none. */
static size_t reference_period(const work *w, size_t g, const double *units)
{
    size_t reference = w->n_periods;
    for (size_t t = 0; t < w->n_periods; t++)
        if (units[t] > 0 && w->p->period[t] < w->p->cohort[g] - w->spec->anticipation)
            reference = t;
    return reference;
}

static void list_cells(work *w, const double *weight, const double *units,
                       const double *comparison)
{
    const np_did_panel *p = w->p;
    const size_t T = w->n_periods;
    for (size_t g = 0; g < w->n_cohorts; g++) {
        size_t reference = reference_period(w, g, units + g * T);
        for (size_t t = 0; t < T; t++) {
            size_t at = g * T + t;
            w->cell_of[at] = -1;
            if (!(units[at] > 0) || reference == T)
                continue;
            w->cell_of[at] = (int32_t)w->n_cells;
            w->cell[w->n_cells++] =
                (np_did_cell){.cohort = p->cohort[g],
                              .time = p->period[t],
                              .event_time = p->period[t] - p->cohort[g],
                              .base_period = p->period[reference],
                              .coefficient = SIZE_MAX,
                              .reference = t == reference,
                              .weight = weight[at],
                              .n_treated = units[at],
                              .n_comparison = comparison[t]};
        }
    }
}

static np_status count_cells(work *w)
{
    const np_did_panel *p = w->p;
    const size_t T = w->n_periods, n = w->n_cohorts * T;
    w->cell = np_arena_array(w->arena, np_did_cell, n);
    w->cell_of = np_arena_array(w->arena, int32_t, n);
    double *weight = np_arena_array(w->arena, double, n);
    double *units = np_arena_array(w->arena, double, n);
    double *comparison = np_arena_array(w->arena, double, T);
    if (w->cell == NULL || w->cell_of == NULL || weight == NULL || units == NULL ||
        comparison == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++) {
        int32_t g = p->cohort_of[p->unit_of[r]];
        size_t t = (size_t)p->period_of[r];
        if (t >= T)
            continue;
        if (g == NP_NEVER_TREATED || (size_t)g >= w->n_cohorts) {
            comparison[t]++;
            continue;
        }
        weight[(size_t)g * T + t] += p->weight == NULL ? 1 : p->weight[r];
        units[(size_t)g * T + t]++;
    }
    list_cells(w, weight, units, comparison);
    return NP_OK;
}

static bool comes_before(const np_did_cell *a, const np_did_cell *b)
{
    return a->event_time < b->event_time ||
           (a->event_time == b->event_time && a->cohort < b->cohort);
}

/* Dummies by relative period and cohort; the cells are few. */
static np_status list_dummies(work *w)
{
    size_t *order = np_arena_array(w->arena, size_t, w->n_cells);
    w->term = np_arena_array(w->arena, const char *, w->n_cells);
    w->relative = np_arena_array(w->arena, double, w->n_cells);
    w->cohort = np_arena_array(w->arena, double, w->n_cells);
    if (order == NULL || w->term == NULL || w->relative == NULL || w->cohort == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < w->n_cells; c++) {
        const np_did_cell *cell = &w->cell[c];
        if (cell->reference)
            continue;
        size_t at = w->n_dummies++;
        for (; at > 0 && comes_before(cell, &w->cell[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = c;
    }
    char period[NP_DECIMAL_LENGTH], cohort[NP_DECIMAL_LENGTH];
    for (size_t j = 0; j < w->n_dummies; j++) {
        const np_did_cell *cell = &w->cell[order[j]];
        np_decimal_format(period, cell->event_time);
        np_decimal_format(cohort, cell->cohort);
        w->relative[j] = cell->event_time;
        w->cohort[j] = cell->cohort;
        w->term[j] = np_arena_format(w->arena, "%s::%s:cohort::%s", w->p->time_name,
                                     period, cohort);
        if (w->term[j] == NULL)
            return no_memory(w->err);
    }
    w->cell_of_dummy = order;
    return NP_OK;
}

/* Rows of cohorts that are not seen before their start are left out: treated from the
 * first on, they would count as untreated. */
static np_status code_rows(work *w)
{
    const np_did_panel *p = w->p;
    int32_t *dummy_of_cell = np_arena_array(w->arena, int32_t, w->n_cells);
    w->dummy = np_arena_array(w->arena, int32_t, p->n);
    if (dummy_of_cell == NULL || w->dummy == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < w->n_cells; c++)
        dummy_of_cell[c] = -1;
    for (size_t j = 0; j < w->n_dummies; j++)
        dummy_of_cell[w->cell_of_dummy[j]] = (int32_t)j;
    for (size_t r = 0; r < p->n; r++) {
        int32_t g = p->cohort_of[p->unit_of[r]];
        size_t t = (size_t)p->period_of[r];
        w->dummy[r] = -1;
        if (g == NP_NEVER_TREATED || (size_t)g >= w->n_cohorts || t >= w->n_periods)
            continue;
        int32_t cell = w->cell_of[(size_t)g * w->n_periods + t];
        if (cell >= 0)
            w->dummy[r] = dummy_of_cell[cell];
        else
            w->n_without_base += w->left_out[r] = 1;
    }
    return NP_OK;
}

/* The averages of sunab.h, so that the rows are those of `estimate`. */
static np_status averages(np_estimates *e, const work *w, np_did_regression *r)
{
    np_sunab *s = np_arena_array(w->arena, np_sunab, 1);
    int32_t *column = np_arena_array(w->arena, int32_t, r->design.n);
    if (s == NULL || column == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < r->design.n; i++)
        column[i] = w->dummy[r->row == NULL ? i : r->row[i]];
    *s = (np_sunab){.n_columns = w->n_dummies,
                    .column = column,
                    .relative = w->relative,
                    .cohort = w->cohort,
                    .period_name = w->p->time_name};
    np_design d = r->design;
    d.sunab = s;
    *e = r->estimates;
    return np_sunab_aggregate(e, &d, w->arena, w->err);
}

static np_status name_left_out(np_did_result *out, const work *w,
                               const np_did_regression *r)
{
    np_did_dropped *d = np_arena_array(w->arena, np_did_dropped, 3);
    size_t n = 0;
    if (d == NULL)
        return no_memory(w->err);
    if (w->n_left_out > 0)
        d[n++] = (np_did_dropped){
            .reason = np_arena_format(w->arena,
                                      _("the last cohort, %.10g, is treated or about to "
                                        "be, and nobody is left to compare with"),
                                      w->p->cohort[w->n_cohorts]),
            .n_rows = w->n_left_out};
    if (n > 0 && d[0].reason == NULL)
        return no_memory(w->err);
    if (w->n_without_base > 0)
        d[n++] = (np_did_dropped){.reason = _("of a cohort not seen before its start"),
                                  .n_rows = w->n_without_base};
    if (r->n_alone > 0)
        d[n++] = (np_did_dropped){.reason = _("alone in its unit or period"),
                                  .n_rows = r->n_alone};
    out->dropped = d;
    out->n_dropped = n;
    return NP_OK;
}

static np_status collect(np_did_result *out, work *w, np_did_regression *r)
{
    for (size_t j = 0; j < w->n_dummies; j++)
        w->cell[w->cell_of_dummy[j]].coefficient = r->z_of[j];
    np_status status = np_did_cells_aggregate(out, w->cell, w->n_cells, &r->estimates,
                                              w->p, w->spec, w->arena, w->err);
    if (status == NP_OK)
        status = averages(&out->estimates, w, r);
    if (status == NP_OK)
        status = name_left_out(out, w, r);
    out->comparison_used =
        w->p->n_never > 0 ? N_("never treated") : N_("the last cohort, before it starts");
    out->weighting = w->p->weight == NULL
                         ? N_("cohorts by their number of rows in the period")
                         : N_("cohorts by their weight in the period");
    out->controls_used = np_did_regression_controls(r);
    out->base_used = w->spec->anticipation > 0
                         ? N_("the last period before the start and its anticipation")
                         : N_("the period before the start");
    out->errors_used = N_("clustered, weights of the averages as given");
    out->n_units = w->p->n_units;
    for (size_t g = 0; g < w->n_cohorts; g++)
        out->n_treated_units += w->p->cohort_size[g];
    return status;
}

np_status np_sun_abraham_estimate(np_did_result *out, const np_did_panel *panel,
                                  const np_did_spec *spec, np_arena *arena, np_error *err)
{
    work w = {.p = panel, .spec = spec, .arena = arena, .err = err};
    np_did_result result = {.estimator = NP_DID_SUN_ABRAHAM};
    np_did_regression regression;
    np_status status = choose_comparison(&w);
    if (status == NP_OK)
        status = count_cells(&w);
    if (status == NP_OK)
        status = list_dummies(&w);
    if (status == NP_OK && w.n_dummies == 0)
        status =
            np_fail(err, NP_E_NOT_IDENTIFIED, _("no cohort is seen before its start"));
    if (status == NP_OK)
        status = code_rows(&w);
    const np_did_regressors z = {
        .n_dummies = w.n_dummies,
        .dummy = w.dummy,
        .term = w.term,
        .left_out = w.n_left_out + w.n_without_base > 0 ? w.left_out : NULL};
    if (status == NP_OK)
        status = np_did_regress(&regression, panel, &z, spec, arena, err);
    if (status == NP_OK)
        status = collect(&result, &w, &regression);
    if (status == NP_OK)
        *out = result;
    return status;
}
