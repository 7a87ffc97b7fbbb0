#include "evaluation/panel_did.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "evaluation/overturn.h"
#include "evaluation/panel_model.h"
#include "evaluation/series.h"
#include "evaluation/staggered.h"
#include "table/group.h"

/* The findings while they grow; capacities are known before. */
typedef struct {
    np_work *w;
    np_question_result *out;
    const np_sample *sample;
    np_effect *effect;
    np_event_study *event_study;
    np_series_set *series;
    size_t n_effects, n_event_studies, n_series;
    np_error first_refusal;
} run;

/* The event study has its own place. Of the estimators for staggered starts the first of
 * the plan goes to cohorts and subgroups too; the others are compared on the whole. */
static bool is_asked_of(const run *r, const np_panel_scope *scope, size_t k)
{
    np_estimator estimator = r->w->q->estimator[k];
    if (estimator == NP_ESTIMATOR_EVENT_STUDY)
        return false;
    return k == 0 || scope->scope == NP_SCOPE_ALL ||
           !np_estimator_is_staggered(estimator);
}

static np_status add_refused(run *r, const np_panel_scope *scope, const np_error *failure)
{
    np_work *w = r->w;
    if (r->first_refusal.status == NP_OK)
        r->first_refusal = *failure;
    for (size_t k = 0; k < w->q->n_estimators; k++) {
        if (!is_asked_of(r, scope, k))
            continue;
        np_effect *e = &r->effect[r->n_effects++];
        *e = np_panel_effect_labelled(w, scope, w->q->estimator[k]);
        if (np_effect_refuse(e, w, failure) != NP_OK)
            return w->err->status;
    }
    return NP_OK;
}

static bool wants_event_study(const run *r, const np_panel_scope *scope)
{
    bool asked = false;
    for (size_t k = 0; k < r->w->q->n_estimators; k++)
        asked |= r->w->q->estimator[k] == NP_ESTIMATOR_EVENT_STUDY;
    return asked && (scope->scope == NP_SCOPE_ALL || (scope->scope == NP_SCOPE_SUBGROUP &&
                                                      r->w->q->event_study_subgroups));
}

static bool wants_staggered(const run *r, const np_panel_scope *scope)
{
    bool wants = scope->scope == NP_SCOPE_ALL && np_overturn_is_asked(r->w->q);
    for (size_t k = 0; k < r->w->q->n_estimators; k++)
        wants = wants || (np_estimator_is_staggered(r->w->q->estimator[k]) &&
                          is_asked_of(r, scope, k));
    return wants;
}

static np_status describe_whole(run *r, const np_staggered_rows *rows)
{
    np_status status =
        np_staggered_describe(&r->out->staggered, r->w, rows, r->effect, r->n_effects);
    return status == NP_OK
               ? np_overturn_run(&r->out->overturn, r->w, rows, r->effect, r->n_effects)
               : status;
}

/* Every estimator on one scope's rows. */
static np_status estimate_rows(run *r, const np_panel_scope *scope,
                               const np_panel_rows *rows)
{
    np_work *w = r->w;
    np_caveat_list shared = {0};
    const np_test *pre_trend;
    np_staggered_rows staggered;
    np_status status = np_caveats_panel(w, &shared, rows);
    if (status == NP_OK)
        status = np_panel_pre_trend(&pre_trend, w, rows, scope);
    bool all = scope->scope == NP_SCOPE_ALL, used = wants_staggered(r, scope);
    if (status == NP_OK && used)
        status = np_staggered_rows_build(&staggered, w, rows, all);
    for (size_t k = 0; status == NP_OK && k < w->q->n_estimators; k++) {
        np_estimator estimator = w->q->estimator[k];
        if (!is_asked_of(r, scope, k))
            continue;
        np_effect *e = &r->effect[r->n_effects++];
        if (np_estimator_is_staggered(estimator))
            status = np_staggered_effect_estimate(e, w, &staggered, rows, scope,
                                                  estimator, &shared);
        else
            status = np_panel_effect_estimate(e, w, rows, scope, estimator, pre_trend,
                                              &shared);
        if (status == NP_OK && e->refused != NULL && r->first_refusal.status == NP_OK)
            r->first_refusal = *e->refused;
    }
    if (status == NP_OK && used && all)
        status = describe_whole(r, &staggered);
    if (status == NP_OK && wants_event_study(r, scope))
        status = np_event_study_estimate(&r->event_study[r->n_event_studies++], w, rows,
                                         scope, &shared);
    return status;
}

/* An unknown column of the plan is a mistake and stops; data that cannot answer are
 * recorded. */
static bool is_mistake(np_status status)
{
    return status == NP_E_UNKNOWN_NAME || status == NP_E_NO_MEMORY ||
           status == NP_E_RANGE || status == NP_E_DUPLICATE || status == NP_E_LIMIT;
}

static np_status stop(const run *r, const np_error *failure)
{
    if (r->w->err->status == NP_OK)
        *r->w->err = *failure;
    return failure->status;
}

static np_status estimate_scope(run *r, const np_panel_scope *scope)
{
    np_panel_rows rows;
    np_error failure = {0};
    np_panel_rows_spec spec = {.outcome = scope->outcome, .cohort = scope->cohort};
    np_arena_mark mark = np_arena_set_mark(r->w->scratch);
    np_status status = np_panel_rows_build(&rows, r->w, scope->sample, &spec, &failure);
    if (status == NP_OK)
        status = estimate_rows(r, scope, &rows);
    else if (is_mistake(status))
        status = stop(r, &failure);
    else
        status = add_refused(r, scope, &failure);
    np_arena_release(r->w->scratch, mark);
    return status;
}

/* Unweighted and, where there are weights, weighted series of one scope. */
static np_status add_series(run *r, const np_panel_scope *scope)
{
    const np_plan_question *q = r->w->q;
    int n = q->figure_weights.text == NULL ? 1 : 2;
    for (int weighted = 0; weighted < n; weighted++) {
        np_series_set *set = &r->series[r->n_series++];
        np_plan_name none = {NULL, 0, 0};
        np_arena_mark mark = np_arena_set_mark(r->w->scratch);
        np_status status = np_series_build(set, r->w, scope->sample, scope->outcome,
                                           weighted ? q->figure_weights : none);
        np_arena_release(r->w->scratch, mark);
        if (status != NP_OK)
            return status;
        set->id = scope->id;
        set->group_id = scope->group_id;
        set->scope_id = scope->scope_id;
        set->group_label = scope->group_label;
        set->label = scope->label;
    }
    return NP_OK;
}

static np_panel_scope whole(const run *r)
{
    const np_plan_question *q = r->w->q;
    return (np_panel_scope){.scope = NP_SCOPE_ALL,
                            .id = q->id,
                            .group_id = "",
                            .scope_id = "",
                            .cohort = NAN,
                            .outcome = q->outcome,
                            .direction = q->direction,
                            .sample = r->sample};
}

static np_status estimate_cohorts(run *r)
{
    const np_sample *s = r->sample;
    np_status status = NP_OK;
    for (size_t k = 0; k < s->n_cohorts && status == NP_OK; k++) {
        char start[NP_DECIMAL_LENGTH];
        np_decimal_format(start, s->start[k]);
        np_panel_scope scope = whole(r);
        scope.scope = NP_SCOPE_COHORT;
        scope.cohort = s->start[k];
        scope.group_id = "cohort";
        scope.scope_id = np_work_text(r->w, "cohort-%s", start);
        scope.id = np_work_text(r->w, "%s/%s", r->w->q->id, scope.scope_id);
        scope.label = np_cohort_label(r->w->q, s->start[k]);
        status = estimate_scope(r, &scope);
    }
    return status;
}

static np_panel_scope subgroup_scope(const run *r, const np_plan_grouping *g,
                                     const np_plan_subgroup *sub)
{
    np_panel_scope scope = whole(r);
    scope.scope = NP_SCOPE_SUBGROUP;
    scope.group_id = g->id;
    scope.scope_id = sub->id;
    scope.id = np_work_text(r->w, "%s/%s/%s", r->w->q->id, g->id, sub->id);
    scope.group_label = g->label;
    scope.label = sub->label;
    if (sub->outcome.text != NULL)
        scope.outcome = sub->outcome;
    if (sub->direction != 0)
        scope.direction = sub->direction;
    return scope;
}

/* The rows with one value of the column that splits. */
static np_status estimate_part(run *r, const np_plan_grouping *g,
                               const np_plan_subgroup *sub)
{
    np_panel_scope scope = subgroup_scope(r, g, sub);
    np_condition condition = {
        .name = g->split, .kind = NP_CONDITION_IN, .value = &sub->value, .n_values = 1};
    np_sample *part = np_arena_array(r->w->arena, np_sample, 1);
    np_error failure = {0};
    if (part == NULL)
        return np_work_no_memory(r->w);
    np_status status = np_sample_build(part, r->w->table, r->w->q, &condition, r->w->plan,
                                       r->w->arena, &failure);
    scope.sample = part;
    if (status == NP_OK)
        status = estimate_scope(r, &scope);
    else
        return is_mistake(status) ? stop(r, &failure) : add_refused(r, &scope, &failure);
    return status == NP_OK ? add_series(r, &scope) : status;
}

static np_status estimate_grouping(run *r, const np_plan_grouping *g)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < g->n_subgroups && status == NP_OK; i++) {
        if (g->split.text != NULL) {
            status = estimate_part(r, g, &g->subgroup[i]);
            continue;
        }
        np_panel_scope scope = subgroup_scope(r, g, &g->subgroup[i]);
        status = estimate_scope(r, &scope);
        if (status == NP_OK)
            status = add_series(r, &scope);
    }
    return status;
}

/* A file-name part from a value: its letters and digits, "-" for the rest. */
static const char *identifier_of(const np_work *w, const char *value)
{
    char *text = np_arena_copy_text(w->arena, value, strlen(value));
    for (char *c = text; c != NULL && *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                   *c) == NULL)
            *c = '-';
    return text;
}

enum { MOST_SPLIT_VALUES = 50 };

/* A split without values in the plan takes all that the data have. */
static np_status all_values(np_plan_grouping *g, const np_work *w)
{
    const np_column *column;
    np_status status =
        np_plan_column(&column, w->table, g->split, _("subgroups"), w->plan, w->err);
    if (status != NP_OK || g->n_subgroups > 0)
        return status;
    uint32_t *rows = np_arena_array(w->arena, uint32_t, w->table->n_rows);
    size_t n = 0;
    if (rows == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < w->table->n_rows; i++)
        if (np_column_missing(column, i) == NP_PRESENT)
            rows[n++] = (uint32_t)i;
    np_groups groups;
    status = np_group_columns(&groups, w->table, &column, 1, rows, n, w->arena, w->err);
    if (status != NP_OK)
        return status;
    if (groups.n_groups > MOST_SPLIT_VALUES) {
        np_fail(w->err, NP_E_LIMIT, _("%s has %zu values; at most %d make subgroups"),
                column->name, groups.n_groups, MOST_SPLIT_VALUES);
        np_error_file(w->err, w->plan->path);
        return np_error_at(w->err, g->split.line, g->split.column);
    }
    np_plan_subgroup *sub = np_arena_array(w->arena, np_plan_subgroup, groups.n_groups);
    for (size_t k = 0; sub != NULL && k < groups.n_groups; k++) {
        sub[k].value = np_group_label(&groups, &column, 1, rows, (int32_t)k, w->arena);
        sub[k].id = sub[k].value == NULL ? NULL : identifier_of(w, sub[k].value);
        if (sub[k].id == NULL)
            return np_work_no_memory(w);
        for (size_t l = 0; l < 3; l++)
            sub[k].label.text[l] = sub[k].value;
    }
    if (sub == NULL)
        return np_work_no_memory(w);
    g->subgroup = sub;
    g->n_subgroups = groups.n_groups;
    return NP_OK;
}

/* The plan's groupings with the values of split columns filled in. */
static np_status resolve_groupings(const np_plan_grouping **out, const np_work *w)
{
    size_t n = w->q->n_groupings;
    np_plan_grouping *g = np_arena_array(w->arena, np_plan_grouping, n);
    np_status status = NP_OK;
    if (g == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < n && status == NP_OK; i++) {
        g[i] = w->q->grouping[i];
        if (g[i].split.text != NULL)
            status = all_values(&g[i], w);
    }
    *out = g;
    return status;
}

static np_status describe_sample(np_question_result *out, const np_work *w,
                                 const np_sample *s)
{
    np_localised *label = np_arena_array(w->arena, np_localised, s->n_cohorts);
    size_t *units = np_arena_array(w->arena, size_t, s->n_cohorts);
    const char **participant = np_arena_array(w->arena, const char *, s->n_units);
    if (label == NULL || units == NULL || participant == NULL)
        return np_work_no_memory(w);
    for (size_t u = 0; u < s->n_units; u++) {
        if (!s->has_rows[u])
            continue;
        out->n_units++;
        if (!isfinite(s->cohort[u]))
            continue;
        participant[out->n_treated++] = s->unit_name[u];
        for (size_t k = 0; k < s->n_cohorts; k++)
            units[k] += s->start[k] == s->cohort[u];
    }
    for (size_t k = 0; k < s->n_cohorts; k++)
        label[k] = np_cohort_label(w->q, s->start[k]);
    out->n_comparison = out->n_units - out->n_treated;
    out->n_rows = s->n;
    out->n_periods = s->n_periods;
    out->first_period = s->period[0];
    out->last_period = s->period[s->n_periods - 1];
    out->cohort = s->start;
    out->cohort_label = label;
    out->cohort_units = units;
    out->n_cohorts = s->n_cohorts;
    out->participant = participant;
    out->left_out = s->left_out;
    out->n_left_out = s->n_left_out;
    return NP_OK;
}

static np_status make_room(run *r, const np_plan_grouping *grouping)
{
    const np_plan_question *q = r->w->q;
    size_t subgroups = 0;
    for (size_t i = 0; i < q->n_groupings; i++)
        subgroups += grouping[i].n_subgroups;
    size_t scopes = 1 + r->sample->n_cohorts + subgroups;
    r->effect = np_arena_array(r->w->arena, np_effect, scopes * q->n_estimators);
    r->event_study = np_arena_array(r->w->arena, np_event_study, scopes);
    r->series = np_arena_array(r->w->arena, np_series_set, 2 * (1 + subgroups));
    if (r->effect == NULL || r->event_study == NULL || r->series == NULL)
        return np_work_no_memory(r->w);
    return NP_OK;
}

/* A cohort that is left out whole is a caveat of the question. */
static np_status always_treated(np_caveat_list *list, const np_work *w,
                                const np_sample *s)
{
    for (size_t i = 0; i < s->n_left_out; i++) {
        const np_left_out *l = &s->left_out[i];
        if (l->reason != np_reason_always_treated)
            continue;
        np_quantity value[] = {NP_COUNT("units", l->n_units)};
        np_status status = np_caveats_add(
            w, list, NP_CAVEAT_ALWAYS_TREATED,
            np_work_statement(w,
                              N_("{units} units were treated from the first period of "
                                 "the data: without a period before, they are left out."),
                              value, 1));
        if (status != NP_OK)
            return status;
        list->item[list->n - 1].unit = l->unit;
        list->item[list->n - 1].n_units = l->n_units;
    }
    return NP_OK;
}

/* The question's own caveats: those of the overall estimates, each kind once. */
static np_status collect_caveats(run *r)
{
    np_caveat_list list = {0};
    np_status status = always_treated(&list, r->w, r->sample);
    for (size_t i = 0; i < r->n_effects + r->n_event_studies && status == NP_OK; i++) {
        const np_effect *e =
            i < r->n_effects ? &r->effect[i] : r->event_study[i - r->n_effects].effect;
        size_t before = list.n;
        if (e->scope != NP_SCOPE_ALL)
            continue;
        for (size_t c = 0; c < e->n_caveats && status == NP_OK; c++) {
            bool known = false;
            for (size_t k = 0; k < before; k++)
                known |= list.item[k].kind == e->caveat[c].kind;
            if (!known)
                status = np_caveats_add(r->w, &list, e->caveat[c].kind,
                                        e->caveat[c].statement);
        }
    }
    r->out->caveat = list.item;
    r->out->n_caveats = list.n;
    return status;
}

static np_status finish(run *r)
{
    bool any = false;
    for (size_t i = 0; i < r->n_effects; i++)
        any |= r->effect[i].refused == NULL;
    for (size_t i = 0; i < r->n_event_studies; i++) {
        const np_error *refused = r->event_study[i].effect->refused;
        any |= refused == NULL;
        if (refused != NULL && r->first_refusal.status == NP_OK)
            r->first_refusal = *refused;
    }
    if (!any) {
        np_error failure = r->first_refusal;
        np_error_file(&failure, r->w->plan->path);
        np_error_at(&failure, r->w->q->line, r->w->q->column);
        return stop(r, &failure);
    }
    r->out->effect = r->effect;
    r->out->n_effects = r->n_effects;
    r->out->event_study = r->event_study;
    r->out->n_event_studies = r->n_event_studies;
    r->out->series = r->series;
    r->out->n_series = r->n_series;
    np_status status = np_effects_adjust(r->effect, r->n_effects, &r->w->q->decision,
                                         r->w->scratch, r->w->err);
    return status == NP_OK ? collect_caveats(r) : status;
}

np_status np_panel_did_run(np_question_result *out, np_work *w)
{
    np_sample *sample = np_arena_array(w->arena, np_sample, 1);
    const np_plan_grouping *grouping = NULL;
    run r = {.w = w, .out = out, .sample = sample};
    if (sample == NULL)
        return np_work_no_memory(w);
    np_status status =
        np_sample_build(sample, w->table, w->q, NULL, w->plan, w->arena, w->err);
    if (status == NP_OK)
        status = describe_sample(out, w, sample);
    if (status == NP_OK)
        status = resolve_groupings(&grouping, w);
    if (status == NP_OK)
        status = make_room(&r, grouping);
    np_panel_scope all = status == NP_OK ? whole(&r) : (np_panel_scope){0};
    if (status == NP_OK)
        status = estimate_scope(&r, &all);
    if (status == NP_OK)
        status = add_series(&r, &all);
    if (status == NP_OK && w->q->by_cohort && sample->n_cohorts > 1)
        status = estimate_cohorts(&r);
    for (size_t i = 0; status == NP_OK && i < w->q->n_groupings; i++)
        status = estimate_grouping(&r, &grouping[i]);
    return status == NP_OK ? finish(&r) : status;
}
