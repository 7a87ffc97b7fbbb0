#include "stats/did/stacked.h"

#include <math.h>
#include <string.h>

#include "stats/did/did_cells.h"
#include "stats/did/stacked_internal.h"
#include "stats/sorted.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for stacked event studies"));
}

/* What the treated rows' dummies tell apart. Periods of anticipation have dummies of
 * their own, so that they are neither before nor after. */
typedef enum { BY_EVENT_TIME, POOLED, BY_COHORT } mode;

typedef struct {
    np_stack stack;
    const np_did_panel *p;
    size_t q;           /* controls */
    double *center;     /* [q] */
    double *event_time; /* [n_events] ascending, with those of reference periods */
    size_t n_events;
    mode mode;
    size_t n_effects;   /* dummies of the mode */
    double *n_rows;     /* [n_events] treated rows */
    bool *is_reference; /* [n_events] in every experiment */
} work;

/* The dummy of a row; SIZE_MAX: comparison, or the period effects are measured from. */
static size_t effect_of(const work *w, size_t i)
{
    const np_did_panel *p = w->p;
    const np_experiment *x = &w->stack.experiment[w->stack.of[i]];
    size_t r = w->stack.row[i], t = (size_t)p->period_of[r];
    if (p->cohort_of[p->unit_of[r]] != (int32_t)x->cohort)
        return SIZE_MAX;
    double e = p->period[t] - p->cohort[x->cohort];
    if (w->mode == BY_EVENT_TIME)
        return t == x->base ? SIZE_MAX : np_sorted_place(w->event_time, w->n_events, e);
    if (e < -w->stack.spec->anticipation)
        return SIZE_MAX;
    size_t anticipates = e < 0 ? w->n_effects / 2 : 0;
    return anticipates + (w->mode == POOLED ? 0 : w->stack.of[i]);
}

static size_t fill_row(const void *context, size_t i, uint32_t *column, double *value,
                       double *y, double *weight)
{
    const work *w = context;
    const np_did_panel *p = w->p;
    const np_experiment *x = &w->stack.experiment[w->stack.of[i]];
    size_t r = w->stack.row[i], n = 0;
    bool treated = p->cohort_of[p->unit_of[r]] == (int32_t)x->cohort;
    *y = p->y[r];
    *weight = (p->weight == NULL ? 1 : p->weight[r]) * (treated ? 1 : x->clean_weight);
    column[n] = (uint32_t)(x->first_level + (size_t)p->period_of[r] - x->first);
    value[n++] = 1;
    for (size_t j = 0; j < w->q; j++) {
        column[n] = (uint32_t)(w->stack.n_levels + j);
        value[n++] = p->x[1 + j][r] - w->center[j];
    }
    size_t effect = effect_of(w, i);
    if (effect != SIZE_MAX) {
        column[n] = (uint32_t)(w->stack.n_levels + w->q + effect);
        value[n++] = 1;
    }
    return n;
}

static np_status find_events(work *w)
{
    const np_stack *s = &w->stack;
    const np_did_panel *p = w->p;
    size_t n = 0;
    double *e = np_arena_array(s->arena, double, s->n_levels);
    w->n_rows = np_arena_array(s->arena, double, s->n_levels);
    w->is_reference = np_arena_array(s->arena, bool, s->n_levels);
    w->center = np_arena_array(s->arena, double, p->k + 1);
    if (e == NULL || w->n_rows == NULL || w->is_reference == NULL || w->center == NULL)
        return no_memory(s->err);
    for (size_t i = 0; i < s->n_experiments; i++)
        for (size_t t = s->experiment[i].first; t <= s->experiment[i].last; t++)
            e[n++] = p->period[t] - p->cohort[s->experiment[i].cohort];
    size_t m = np_sort_distinct(e, n);
    w->event_time = e;
    w->n_events = m;
    for (size_t i = 0; i < m; i++)
        w->is_reference[i] = true;
    for (size_t i = 0; i < s->n; i++) {
        const np_experiment *x = &s->experiment[s->of[i]];
        size_t r = s->row[i], t = (size_t)p->period_of[r];
        for (size_t j = 0; j < w->q; j++)
            w->center[j] += p->x[1 + j][r] / (double)s->n;
        if (p->cohort_of[p->unit_of[r]] != (int32_t)x->cohort)
            continue;
        size_t at = np_sorted_place(e, m, p->period[t] - p->cohort[x->cohort]);
        w->n_rows[at]++;
        if (t != x->base)
            w->is_reference[at] = false;
    }
    for (size_t i = 0; i < m; i++)
        w->is_reference[i] = w->is_reference[i] && w->n_rows[i] > 0;
    return NP_OK;
}

/* The effects first … first+n-1 of the mode and, where asked for, the controls, that are
 * not collinear; at[] says where each effect stands, SIZE_MAX: nowhere. */
static np_status regress(np_estimates *e, size_t *at, np_swept *model, work *w, mode by,
                         size_t n_effects, bool with_controls)
{
    const np_stack *s = &w->stack;
    w->mode = by;
    w->n_effects = by == BY_EVENT_TIME ? n_effects : 2 * n_effects;
    size_t first = s->n_levels + w->q, most = n_effects + w->q;
    const np_swept_spec spec = {
        .n = s->n,
        .n_groups = s->n_groups,
        .start = s->start,
        .k = first + w->n_effects,
        .n_levels = s->n_levels,
        .width = 2 + w->q,
        .row = fill_row,
        .context = w,
        .cluster_of = s->cluster_of,
        .n_clusters = w->p->cluster_of == NULL ? w->p->n_units : w->p->n_clusters};
    uint32_t *column = np_arena_array(s->arena, uint32_t, 2 * most + 1);
    double *number = np_arena_array(s->arena, double, 2 * most + most * most);
    np_status status = column == NULL || number == NULL
                           ? no_memory(s->err)
                           : np_swept_fit(model, &spec, s->arena, s->err);
    if (status != NP_OK)
        return status;
    uint32_t *start = column + most;
    size_t n = 0;
    for (size_t j = 0; j < most; j++) {
        bool effect = j < n_effects;
        size_t c = effect ? first + j : s->n_levels + j - n_effects;
        bool kept = model->kept[c] && (effect || with_controls);
        if (effect)
            at[j] = kept ? n : SIZE_MAX;
        if (!kept)
            continue;
        column[n] = (uint32_t)c;
        number[n] = 1;
        n++;
        start[n] = (uint32_t)n;
    }
    np_swept_targets targets = {
        .n = n, .start = start, .column = column, .share = number};
    double *estimate = number + most, *vcov = number + 2 * most;
    status = np_swept_combine(estimate, vcov, model, &targets, s->arena, s->err);
    *e = (np_estimates){.k = n,
                        .estimate = estimate,
                        .vcov = vcov,
                        .df_t = (double)model->n_clusters_used - 1,
                        .conf_level = s->spec->conf_level};
    return status;
}

/* An average whose row i is effect at[i]; `overall` [n] its weights. */
static np_status aggregate(np_did_aggregate *out, const char *kind, np_aggregate_row *row,
                           const size_t *at, size_t n, const double *overall,
                           const np_estimates *e, const np_stack *s)
{
    double *A = np_arena_array(s->arena, double, n * e->k);
    double *a = np_arena_array(s->arena, double, e->k), total = 0;
    if (A == NULL || a == NULL)
        return no_memory(s->err);
    for (size_t i = 0; i < n; i++) {
        if (at[i] == SIZE_MAX)
            continue;
        A[i * e->k + at[i]] = 1;
        a[at[i]] += overall[i];
        total += overall[i];
    }
    for (size_t j = 0; j < e->k && total > 0; j++)
        a[j] /= total;
    *out = (np_did_aggregate){.kind = kind};
    return np_did_aggregate_fill(out, row, n, A, total > 0 ? a : NULL, e, s->spec,
                                 s->arena, s->err);
}

static np_status by_event_time(np_did_result *out, np_did_aggregate *dynamic, work *w)
{
    np_stack *s = &w->stack;
    np_swept model;
    size_t n = w->n_events, n_rows = 0;
    size_t *at = np_arena_array(s->arena, size_t, n);
    size_t *place = np_arena_array(s->arena, size_t, n);
    np_aggregate_row *row = np_arena_array(s->arena, np_aggregate_row, n);
    double *overall = np_arena_array(s->arena, double, n);
    const char **term = np_arena_array(s->arena, const char *, n + w->q);
    np_statistic *stat = np_arena_array(s->arena, np_statistic, 4);
    if (at == NULL || place == NULL || row == NULL || overall == NULL || term == NULL ||
        stat == NULL)
        return no_memory(s->err);
    np_status status = regress(&out->estimates, at, &model, w, BY_EVENT_TIME, n, true);
    if (status != NP_OK)
        return status;
    size_t n_terms = 0;
    for (size_t i = 0; i < n; i++) {
        if (at[i] == SIZE_MAX && !w->is_reference[i])
            continue;
        row[n_rows] = (np_aggregate_row){.value = w->event_time[i],
                                         .n_treated = w->n_rows[i],
                                         .reference = w->is_reference[i]};
        overall[n_rows] = w->event_time[i] >= 0;
        place[n_rows++] = at[i];
        if (at[i] != SIZE_MAX)
            term[n_terms++] =
                np_arena_format(s->arena, "%s::%.10g", w->p->time_name, w->event_time[i]);
    }
    for (size_t j = 0; j < w->q; j++)
        if (model.kept[s->n_levels + j])
            term[n_terms++] = w->p->term[1 + j];
    for (size_t j = 0; j < n_terms; j++)
        if (term[j] == NULL)
            return no_memory(s->err);
    stat[0] = (np_statistic){"df_k", model.K};
    stat[1] = (np_statistic){"n_clusters", (double)model.n_clusters_used};
    stat[2] = (np_statistic){"n_experiments", (double)s->n_experiments};
    stat[3] = (np_statistic){"n_stacked_rows", (double)model.n_used};
    out->estimates.term = term;
    out->estimates.n = model.n_used;
    out->estimates.n_table_rows = w->p->n_table_rows;
    out->estimates.stat = stat;
    out->estimates.n_stats = 4;
    status = np_estimates_infer(&out->estimates, s->arena, s->err);
    return status == NP_OK ? aggregate(dynamic, "dynamic", row, place, n_rows, overall,
                                       &out->estimates, s)
                           : status;
}

static np_status pooled(np_did_aggregate *simple, work *w)
{
    np_estimates e;
    np_swept model;
    size_t at = SIZE_MAX;
    double one = 1;
    np_status status = regress(&e, &at, &model, w, POOLED, 1, false);
    *simple = (np_did_aggregate){.kind = "simple"};
    return status == NP_OK
               ? np_did_aggregate_fill(simple, NULL, 0, NULL, at == 0 ? &one : NULL, &e,
                                       w->stack.spec, w->stack.arena, w->stack.err)
               : status;
}

static np_status by_cohort(np_did_aggregate *group, work *w)
{
    np_stack *s = &w->stack;
    np_estimates e;
    np_swept model;
    size_t n = s->n_experiments;
    size_t *at = np_arena_array(s->arena, size_t, n);
    np_aggregate_row *row = np_arena_array(s->arena, np_aggregate_row, n);
    double *size = np_arena_array(s->arena, double, n);
    if (at == NULL || row == NULL || size == NULL)
        return no_memory(s->err);
    np_status status = regress(&e, at, &model, w, BY_COHORT, n, false);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        size[i] = s->experiment[i].n_treated;
        row[i] = (np_aggregate_row){.value = w->p->cohort[s->experiment[i].cohort],
                                    .n_treated = size[i]};
    }
    return aggregate(group, "group", row, at, n, size, &e, s);
}

static np_status name_left_out(np_did_result *out, const work *w)
{
    const np_stack *s = &w->stack;
    const np_did_panel *p = w->p;
    np_did_dropped *d = np_arena_array(s->arena, np_did_dropped, p->n_cohorts);
    const char **name = np_arena_array(s->arena, const char *, p->n_units);
    size_t n_names = 0;
    if (d == NULL || name == NULL)
        return no_memory(s->err);
    for (size_t g = 0; g < p->n_cohorts; g++) {
        if (s->reason[g] == NULL)
            continue;
        np_did_dropped *of = &d[out->n_dropped++];
        *of = (np_did_dropped){.reason =
                                   np_arena_format(s->arena, s->reason[g], p->cohort[g]),
                               .unit = name + n_names};
        for (size_t u = 0; u < p->n_units; u++) {
            if (p->cohort_of[u] != (int32_t)g)
                continue;
            name[n_names] = np_did_unit_label(p, u, s->arena);
            if (name[n_names++] == NULL)
                return no_memory(s->err);
            of->n_units++;
            of->n_rows += p->start[u + 1] - p->start[u];
        }
        if (of->reason == NULL)
            return no_memory(s->err);
    }
    out->dropped = d;
    return NP_OK;
}

static void describe(np_did_result *out, const work *w)
{
    const np_did_panel *p = w->p;
    const np_did_spec *spec = w->stack.spec;
    out->comparison_used =
        w->stack.never_only ? N_("never treated")
                            : N_("units that are untreated throughout a cohort's window");
    out->weighting =
        spec->weighted_stack
            ? N_("cohorts by their number of units, with corrective weights")
            : N_("stacked experiments by their size and by how evenly they are divided");
    out->controls_used = w->q == 0 ? "" : N_("linear, the same in all experiments");
    out->base_used = N_("the last period before the start");
    out->errors_used = p->cluster_of == NULL
                           ? N_("clustered by unit, over all experiments it stands in")
                           : N_("clustered above the unit, over all experiments");
    out->estimates.vcov_label = out->errors_used;
    out->estimates.vcov_call = p->cluster_of == NULL ? p->unit_name : p->cluster_name;
    out->estimates.ssc_label = "";
    out->n_units = p->n_units;
    for (size_t i = 0; i < w->stack.n_experiments; i++)
        out->n_treated_units += p->cohort_size[w->stack.experiment[i].cohort];
}

np_status np_stacked_estimate(np_did_result *out, const np_did_panel *panel,
                              const np_did_spec *spec, np_arena *arena, np_error *err)
{
    work w = {.stack = {.panel = panel, .spec = spec, .arena = arena, .err = err},
              .p = panel,
              .q = spec->no_controls || panel->k == 0 ? 0 : panel->k - 1};
    np_did_result result = {0};
    unsigned wanted = spec->aggregates == 0 ? NP_AGGREGATE_ALL : spec->aggregates;
    np_did_aggregate *all = np_arena_array(arena, np_did_aggregate, 3), dynamic;
    size_t n = 0;
    w.stack.never_only =
        spec->comparison_chosen && spec->comparison == NP_COMPARISON_NEVER;
    if (spec->weighted_stack &&
        !(spec->has_window && isfinite(spec->window_max) && isfinite(spec->window_min)))
        return np_fail(err, NP_E_USAGE,
                       _("the weighted stack needs a window: --window -3,3"));
    if (all == NULL)
        return no_memory(err);
    np_status status = np_stack_build(&w.stack);
    if (status == NP_OK)
        status = find_events(&w);
    if (status == NP_OK)
        status = by_event_time(&result, &dynamic, &w);
    if (status == NP_OK && (wanted & NP_AGGREGATE_SIMPLE))
        status = pooled(&all[n++], &w);
    if (status == NP_OK && (wanted & NP_AGGREGATE_DYNAMIC))
        all[n++] = dynamic;
    if (status == NP_OK && (wanted & NP_AGGREGATE_GROUP))
        status = by_cohort(&all[n++], &w);
    if (status == NP_OK)
        status = name_left_out(&result, &w);
    if (status != NP_OK)
        return status;
    result.aggregate = all;
    result.n_aggregates = n;
    describe(&result, &w);
    *out = result;
    return NP_OK;
}
