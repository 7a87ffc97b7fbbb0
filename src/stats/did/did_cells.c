#include "stats/did/did_cells.h"

#include <math.h>
#include <string.h>

#include "stats/linalg.h"
#include "stats/sorted.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the averages of effects"));
}

typedef enum { BY_EVENT_TIME, BY_COHORT, BY_PERIOD } grouping;

typedef struct {
    const np_did_cell *cell;
    size_t n_cells;
    const np_estimates *e;
    const np_did_panel *p;
    const np_did_spec *spec;
    np_arena *arena;
    np_error *err;
} work;

static double degrees(const np_estimates *e)
{
    return e->normal ? NAN : e->df_t;
}

static void infer_row(np_aggregate_row *r, const np_estimates *e, const np_did_spec *s)
{
    np_did_infer(&r->statistic, &r->p_value, &r->conf_low, &r->conf_high, r->estimate,
                 r->std_error, s->conf_level, degrees(e));
}

np_status np_did_aggregate_fill(np_did_aggregate *out, np_aggregate_row *row,
                                size_t n_rows, const double *A, const double *a,
                                const np_estimates *e, const np_did_spec *spec,
                                np_arena *arena, np_error *err)
{
    const size_t k = e->k;
    double *vcov = np_arena_array(arena, double, n_rows *n_rows);
    double *scratch = np_arena_array(arena, double, (n_rows + 1) * k);
    double value, variance;
    if (vcov == NULL || scratch == NULL)
        return no_memory(err);
    np_matrix_sandwich(vcov, A, e->vcov, n_rows, k, scratch);
    for (size_t i = 0; i < n_rows; i++) {
        np_matrix_product(&value, A + i * k, e->estimate, 1, k, 1);
        variance = vcov[i * n_rows + i];
        row[i].estimate = row[i].reference ? 0 : value;
        row[i].std_error = variance > 0 ? sqrt(variance) : NAN;
        row[i].band_low = row[i].band_high = NAN;
        infer_row(&row[i], e, spec);
    }
    out->estimate = out->std_error = NAN;
    if (a != NULL) {
        np_matrix_product(&out->estimate, a, e->estimate, 1, k, 1);
        np_matrix_sandwich(&variance, a, e->vcov, 1, k, scratch);
        out->std_error = variance > 0 ? sqrt(variance) : NAN;
    }
    np_did_infer(&out->statistic, &out->p_value, &out->conf_low, &out->conf_high,
                 out->estimate, out->std_error, spec->conf_level, degrees(e));
    out->n_rows = n_rows;
    out->row = row;
    out->vcov = n_rows > 0 ? vcov : NULL;
    out->critical_value = NAN;
    return NP_OK;
}

static double key_of(const np_did_cell *c, grouping by)
{
    return by == BY_EVENT_TIME ? c->event_time : by == BY_COHORT ? c->cohort : c->time;
}

/* The last event time at which the cohort is seen. */
static double last_seen(const work *w, double cohort)
{
    return w->p->period[w->p->n_periods - 1] - cohort;
}

static bool counts(const work *w, const np_did_cell *c, grouping by)
{
    const np_did_spec *s = w->spec;
    if (c->coefficient == SIZE_MAX && !c->reference)
        return false;
    if (by != BY_EVENT_TIME)
        return c->event_time >= 0 && !c->reference;
    if (s->has_window && (c->event_time < s->window_min || c->event_time > s->window_max))
        return false;
    double length = w->p->period[w->p->n_periods - 1] - w->p->period[0];
    return !s->has_balance ||
           (last_seen(w, c->cohort) >= s->balance && c->event_time <= s->balance &&
            c->event_time >= s->balance - length + 1);
}

static np_status keys(double **out, size_t *n_keys, const work *w, grouping by)
{
    double *key = np_arena_array(w->arena, double, w->n_cells);
    size_t n = 0;
    if (key == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < w->n_cells; c++)
        if (counts(w, &w->cell[c], by))
            key[n++] = key_of(&w->cell[c], by);
    *out = key;
    *n_keys = np_sort_distinct(key, n);
    return NP_OK;
}

/* The row's weights over the coefficients; returns the mean weight of its cells. */
static double fill_row(np_aggregate_row *row, double *A, const work *w, grouping by)
{
    double total = 0, n_cells = 0;
    row->reference = true;
    for (size_t c = 0; c < w->n_cells; c++) {
        const np_did_cell *cell = &w->cell[c];
        if (key_of(cell, by) != row->value || !counts(w, cell, by))
            continue;
        /* a cohort's units come back in each of its periods */
        row->n_treated = by == BY_COHORT ? fmax(row->n_treated, cell->n_treated)
                                         : row->n_treated + cell->n_treated;
        if (cell->reference)
            continue;
        row->reference = false;
        A[cell->coefficient] += cell->weight;
        total += cell->weight;
        n_cells++;
    }
    for (size_t j = 0; total > 0 && j < w->e->k; j++)
        A[j] /= total;
    return n_cells > 0 ? total / n_cells : 0;
}

static np_status by_key(np_did_aggregate *out, const char *kind, const work *w,
                        grouping by)
{
    const size_t k = w->e->k;
    double *key = NULL;
    size_t n = 0;
    np_status status = keys(&key, &n, w, by);
    if (status != NP_OK)
        return status;
    np_aggregate_row *row = np_arena_array(w->arena, np_aggregate_row, n);
    double *A = np_arena_array(w->arena, double, n *k);
    double *a = np_arena_array(w->arena, double, k), total = 0;
    if (row == NULL || A == NULL || a == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < n; i++) {
        row[i].value = key[i];
        double weight = fill_row(&row[i], A + i * k, w, by);
        if (by != BY_COHORT)
            weight = 1;
        if (row[i].reference || (by == BY_EVENT_TIME && key[i] < 0))
            continue;
        total += weight;
        for (size_t j = 0; j < k; j++)
            a[j] += weight * A[i * k + j];
    }
    for (size_t j = 0; total > 0 && j < k; j++)
        a[j] /= total;
    *out = (np_did_aggregate){.kind = kind};
    return np_did_aggregate_fill(out, row, n, A, total > 0 ? a : NULL, w->e, w->spec,
                                 w->arena, w->err);
}

static np_status simple(np_did_aggregate *out, const work *w)
{
    double *a = np_arena_array(w->arena, double, w->e->k), total = 0;
    if (a == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < w->n_cells; c++)
        if (counts(w, &w->cell[c], BY_COHORT)) {
            a[w->cell[c].coefficient] += w->cell[c].weight;
            total += w->cell[c].weight;
        }
    for (size_t j = 0; total > 0 && j < w->e->k; j++)
        a[j] /= total;
    *out = (np_did_aggregate){.kind = "simple"};
    return np_did_aggregate_fill(out, NULL, 0, NULL, total > 0 ? a : NULL, w->e, w->spec,
                                 w->arena, w->err);
}

static np_status group_time(np_did_result *out, const work *w)
{
    np_group_time_row *row = np_arena_array(w->arena, np_group_time_row, w->n_cells);
    const np_estimates *e = w->e;
    if (row == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < w->n_cells; c++) {
        const np_did_cell *cell = &w->cell[c];
        size_t j = cell->coefficient;
        np_group_time_row *r = &row[c];
        *r = (np_group_time_row){.cohort = cell->cohort,
                                 .time = cell->time,
                                 .event_time = cell->event_time,
                                 .base_period = cell->base_period,
                                 .estimate = cell->reference ? 0 : NAN,
                                 .std_error = NAN,
                                 .band_low = NAN,
                                 .band_high = NAN,
                                 .n_treated = cell->n_treated,
                                 .n_comparison = cell->n_comparison};
        if (j != SIZE_MAX && !cell->reference) {
            double variance = e->vcov[j * e->k + j];
            r->estimate = e->estimate[j];
            r->std_error = variance > 0 ? sqrt(variance) : NAN;
        }
        np_did_infer(&r->statistic, &r->p_value, &r->conf_low, &r->conf_high, r->estimate,
                     r->std_error, w->spec->conf_level, degrees(e));
    }
    out->group_time = row;
    out->n_group_time = w->n_cells;
    return NP_OK;
}

np_status np_did_cells_aggregate(np_did_result *out, const np_did_cell *cell,
                                 size_t n_cells, const np_estimates *e,
                                 const np_did_panel *panel, const np_did_spec *spec,
                                 np_arena *arena, np_error *err)
{
    work w = {.cell = cell,
              .n_cells = n_cells,
              .e = e,
              .p = panel,
              .spec = spec,
              .arena = arena,
              .err = err};
    unsigned wanted = spec->aggregates == 0 ? NP_AGGREGATE_ALL : spec->aggregates;
    np_did_aggregate *all = np_arena_array(arena, np_did_aggregate, 4);
    size_t n = 0;
    if (all == NULL)
        return no_memory(err);
    np_status status = group_time(out, &w);
    if (status == NP_OK && (wanted & NP_AGGREGATE_SIMPLE))
        status = simple(&all[n++], &w);
    if (status == NP_OK && (wanted & NP_AGGREGATE_DYNAMIC))
        status = by_key(&all[n++], "dynamic", &w, BY_EVENT_TIME);
    if (status == NP_OK && (wanted & NP_AGGREGATE_GROUP))
        status = by_key(&all[n++], "group", &w, BY_COHORT);
    if (status == NP_OK && (wanted & NP_AGGREGATE_CALENDAR))
        status = by_key(&all[n++], "calendar", &w, BY_PERIOD);
    out->aggregate = all;
    out->n_aggregates = n;
    return status;
}
