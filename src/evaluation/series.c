#include "evaluation/series.h"

#include <math.h>

np_localised np_cohort_label(const np_plan_question *q, double start)
{
    for (size_t i = 0; i < q->n_cohorts; i++)
        if (q->cohorts[i].start == start)
            return q->cohorts[i].label;
    return (np_localised){{NULL}};
}

typedef struct {
    const np_work *w;
    const np_sample *s;
    const double *y, *weight; /* of the table; weight NULL */
} source;

/* Who a series is of. */
typedef struct {
    bool treated;
    double cohort; /* NaN: all cohorts */
} group;

static bool belongs(const source *src, size_t i, group g)
{
    double cohort = src->s->cohort[src->s->unit[i]];
    if (isfinite(cohort) != g.treated)
        return false;
    return isnan(g.cohort) || cohort == g.cohort;
}

static np_status measured(np_series *out, const source *src, np_series_kind kind, group g)
{
    const np_sample *s = src->s;
    size_t T = s->n_periods;
    double *mean = np_arena_array(src->w->arena, double, T);
    double *sum_w = np_arena_array(src->w->scratch, double, T);
    size_t *n = np_arena_array(src->w->arena, size_t, T);
    if (mean == NULL || sum_w == NULL || n == NULL)
        return np_work_no_memory(src->w);
    for (size_t i = 0; i < s->n; i++) {
        double y = src->y[s->row[i]];
        double weight = src->weight == NULL ? 1 : src->weight[s->row[i]];
        if (!belongs(src, i, g) || !isfinite(y) || !(weight > 0))
            continue;
        size_t t = 0;
        while (s->period[t] != s->time[i])
            t++;
        mean[t] += weight * y;
        sum_w[t] += weight;
        n[t]++;
    }
    for (size_t t = 0; t < T; t++)
        mean[t] = sum_w[t] > 0 ? mean[t] / sum_w[t] : NAN;
    *out = (np_series){.kind = kind,
                       .cohort = g.cohort,
                       .label = np_cohort_label(src->w->q, g.cohort),
                       .n = T,
                       .period = s->period,
                       .mean = mean,
                       .n_units = n};
    return NP_OK;
}

/* From the last period before the start: others' change added to the level then. */
static np_status expected(np_series *out, const source *src, np_series_kind kind,
                          double start, const np_series *own, const np_series *others)
{
    size_t T = own->n, base = T;
    for (size_t t = 0; t < T; t++)
        if (own->period[t] < start && isfinite(own->mean[t]) && isfinite(others->mean[t]))
            base = t;
    size_t n = base == T ? 0 : T - base;
    double *mean = np_arena_array(src->w->arena, double, n);
    size_t *n_units = np_arena_array(src->w->arena, size_t, n);
    if (mean == NULL || n_units == NULL)
        return np_work_no_memory(src->w);
    for (size_t t = 0; t < n; t++)
        mean[t] = own->mean[base] + others->mean[base + t] - others->mean[base];
    *out = (np_series){.kind = kind,
                       .cohort = own->cohort,
                       .label = own->label,
                       .n = n,
                       .period = n == 0 ? own->period : own->period + base,
                       .mean = mean,
                       .n_units = n_units};
    return NP_OK;
}

static np_status starts(np_series_set *out, const source *src)
{
    const np_sample *s = src->s;
    np_localised *label = np_arena_array(src->w->arena, np_localised, s->n_cohorts);
    size_t *units = np_arena_array(src->w->arena, size_t, s->n_cohorts);
    if (label == NULL || units == NULL)
        return np_work_no_memory(src->w);
    for (size_t k = 0; k < s->n_cohorts; k++) {
        label[k] = np_cohort_label(src->w->q, s->start[k]);
        for (size_t u = 0; u < s->n_units; u++)
            units[k] += s->cohort[u] == s->start[k];
    }
    out->start = s->start;
    out->start_label = label;
    out->start_units = units;
    out->n_starts = s->n_cohorts;
    return NP_OK;
}

static np_status numbers(const double **out, const source *src, np_plan_name name,
                         const char *role)
{
    const np_column *column;
    const np_work *w = src->w;
    np_status status =
        np_plan_column(&column, src->s->table, name, role, w->plan, w->err);
    if (status != NP_OK)
        return status;
    return np_column_as_numbers(out, column, src->s->table->n_rows, w->scratch, w->err);
}

static np_status check_weights(const source *src, np_plan_name name)
{
    for (size_t i = 0; i < src->s->n; i++) {
        uint32_t row = src->s->row[i];
        if (!(src->weight[row] < 0))
            continue;
        np_fail(src->w->err, NP_E_RANGE, _("%s: row %zu is %g"), name.text,
                (size_t)row + 1, src->weight[row]);
        np_error_hint(src->w->err, _("weights must be positive"));
        np_error_file(src->w->err, src->w->plan->path);
        return np_error_at(src->w->err, name.line, name.column);
    }
    return NP_OK;
}

np_status np_series_build(np_series_set *out, const np_work *w, const np_sample *s,
                          np_plan_name outcome, np_plan_name weights)
{
    source src = {.w = w, .s = s};
    size_t K = s->n_cohorts, n = 0;
    np_series *series = np_arena_array(w->arena, np_series, 3 + 2 * K);
    if (series == NULL)
        return np_work_no_memory(w);
    np_status status = numbers(&src.y, &src, outcome, _("outcome"));
    if (status == NP_OK && weights.text != NULL)
        status = numbers(&src.weight, &src, weights, _("weights"));
    if (status == NP_OK && src.weight != NULL)
        status = check_weights(&src, weights);
    if (status == NP_OK)
        status = measured(&series[n++], &src, NP_SERIES_PARTICIPANTS, (group){true, NAN});
    if (status == NP_OK)
        status = measured(&series[n++], &src, NP_SERIES_OTHERS, (group){false, NAN});
    for (size_t k = 0; status == NP_OK && K > 1 && k < K; k++)
        status =
            measured(&series[n++], &src, NP_SERIES_COHORT, (group){true, s->start[k]});
    if (status == NP_OK)
        status = expected(&series[n++], &src, NP_SERIES_EXPECTED, s->start[0], &series[0],
                          &series[1]);
    for (size_t k = 0; status == NP_OK && K > 1 && k < K; k++)
        status = expected(&series[n++], &src, NP_SERIES_EXPECTED_COHORT, s->start[k],
                          &series[2 + k], &series[1]);
    if (status == NP_OK)
        status = starts(out, &src);
    out->outcome = outcome.text;
    out->weights = weights.text == NULL ? "" : weights.text;
    out->series = series;
    out->n_series = n;
    return status;
}
