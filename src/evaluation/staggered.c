#include "evaluation/staggered.h"

#include <math.h>
#include <string.h>

static const char *const assumption_levels =
    N_("Without the programme, each cohort's outcome would have changed from period to "
       "period as that of the comparison group did, and nobody changed in anticipation. "
       "The effect may differ between cohorts and over time.");
static const char *const assumption_controls =
    N_("Without the programme, each cohort's outcome would have changed from period to "
       "period as that of comparison units with the same controls did, and nobody "
       "changed in anticipation. The effect may differ between cohorts and over time.");
static const char *const assumption_lot =
    N_("When a unit starts is as good as drawn by lot. The effect may differ between "
       "cohorts and over time.");
static const char *const assumption_synthetic =
    N_("A weighted average of units that never take part, chosen to follow the "
       "participants before the start, shows how they would have developed without the "
       "programme.");

static bool keep_cells(np_column *c, size_t n, const np_work *w)
{
    size_t size = c->type == NP_COLUMN_F64 ? sizeof *c->f64 : sizeof *c->i64;
    void *own = np_arena_alloc(w->arena, n, size);
    if (own == NULL)
        return false;
    memcpy(own, c->f64, n * size);
    c->f64 = own;
    return true;
}

/* The rows as a table: what was derived for models, the units by their names, and the
 * first treated period. */
static np_status as_table(np_table *out, const char **start_name, np_work *w,
                          const np_panel_rows *r, bool keep)
{
    size_t n = r->derived.n;
    np_column *column = np_arena_array(w->arena, np_column, n + 1);
    double *start = np_arena_array(w->arena, double, r->n);
    int32_t *code = np_arena_array(w->arena, int32_t, r->n);
    np_dict *dict = np_arena_array(w->arena, np_dict, 1);
    *start_name = np_derived_free_name(&r->derived, "first_treated", w->arena);
    if (column == NULL || start == NULL || code == NULL || dict == NULL ||
        *start_name == NULL)
        return np_work_no_memory(w);
    *dict = (np_dict){r->sample->n_units, r->sample->unit_name};
    for (size_t i = 0; i < r->n; i++) {
        start[i] = r->participant[i] != 0 ? r->time[i] - r->event_time[i] : 0;
        code[i] = r->unit[i];
    }
    for (size_t j = 0; j < n; j++) {
        column[j] = r->derived.column[j];
        /* the scope's scratch memory goes before the results are read */
        column[j].name =
            np_arena_copy_text(w->arena, column[j].name, strlen(column[j].name));
        if (column[j].name == NULL)
            return np_work_no_memory(w);
        if (keep && !keep_cells(&column[j], r->n, w))
            return np_work_no_memory(w);
        if (strcmp(column[j].name, w->q->unit.text) == 0) {
            column[j].type = NP_COLUMN_TEXT;
            column[j].code = code;
            column[j].dict = dict;
        }
    }
    column[n] =
        (np_column){.name = *start_name, .uom = "", .type = NP_COLUMN_F64, .f64 = start};
    *out = (np_table){r->n, n + 1, column};
    return NP_OK;
}

static const char *kept_text(const np_work *w, const char *text)
{
    return text == NULL ? NULL : np_work_text(w, "%s", text);
}

static np_did_spec did_spec(const np_plan_question *q)
{
    const np_plan_inference *i = &q->inference;
    return (np_did_spec){.comparison =
                             q->not_yet ? NP_COMPARISON_NOT_YET : NP_COMPARISON_NEVER,
                         .comparison_chosen = q->comparison_given,
                         .method = i->method,
                         .base = i->base,
                         .anticipation = i->anticipation,
                         .conf_level = 1 - q->decision.level,
                         .draws = i->bootstrap,
                         .seed = i->seed,
                         .synthetic_errors = i->synthetic_errors,
                         .n_threads = 1};
}

static np_status one_cluster(np_did_panel_spec *spec, const np_work *w,
                             const np_panel_rows *r, np_error *failure)
{
    const char *vcov = w->q->vcov;
    if (vcov != NULL && strcmp(vcov, "cluster") != 0) {
        np_fail(failure, NP_E_USAGE,
                _("estimators for staggered starts have errors clustered by unit or "
                  "above, not %s"),
                vcov);
        return np_error_hint(failure, _("leave vcov out, or say cluster"));
    }
    if (r->n_clusters > 1)
        return np_fail(failure, NP_E_USAGE,
                       _("estimators for staggered starts take one cluster variable"));
    bool by_unit = strcmp(r->cluster_name[0], r->unit_name) == 0;
    spec->cluster = by_unit ? NULL : kept_text(w, r->cluster_name[0]);
    return NP_OK;
}

np_status np_staggered_rows_build(np_staggered_rows *out, np_work *w,
                                  const np_panel_rows *r, bool keep)
{
    np_table table;
    const char *start_name;
    np_status status = as_table(&table, &start_name, w, r, keep);
    if (status != NP_OK)
        return status;
    *out = (np_staggered_rows){.spec = did_spec(w->q)};
    const char **control = np_arena_array(w->arena, const char *, w->q->n_controls);
    if (control == NULL)
        return np_work_no_memory(w);
    for (size_t k = 0; k < w->q->n_controls; k++)
        control[k] = kept_text(w, r->control_name[k]);
    np_did_panel_spec spec = {.outcome = kept_text(w, r->y_name),
                              .unit = kept_text(w, r->unit_name),
                              .time = kept_text(w, r->time_name),
                              .cohort = start_name,
                              .control = control,
                              .n_controls = w->q->n_controls,
                              .weights = kept_text(w, r->weight_name),
                              .unbalanced = w->q->inference.unbalanced,
                              .anticipation = w->q->inference.anticipation};
    status = one_cluster(&spec, w, r, &out->refused);
    out->panel_spec = spec;
    if (status == NP_OK)
        status = np_did_panel_build(&out->panel, &table, &spec, w->arena, &out->refused);
    return status == NP_E_NO_MEMORY ? np_work_no_memory(w) : NP_OK;
}

static np_status compare(np_staggered *d, np_work *w, const np_effect *effect,
                         size_t n_effects)
{
    np_did_result *result = np_arena_array(w->arena, np_did_result, n_effects);
    np_did_estimator *refused = np_arena_array(w->arena, np_did_estimator, n_effects);
    const char **reason = np_arena_array(w->arena, const char *, n_effects);
    np_did_comparison *out = np_arena_array(w->arena, np_did_comparison, 1);
    size_t n = 0, n_refused = 0;
    if (result == NULL || refused == NULL || reason == NULL || out == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < n_effects; i++) {
        const np_effect *e = &effect[i];
        if (e->did != NULL)
            result[n++] = *e->did;
        if (e->refused == NULL || !np_estimator_is_staggered(e->estimator))
            continue;
        refused[n_refused] = np_estimator_did(e->estimator);
        reason[n_refused++] = e->refused->message;
    }
    if (n < 2)
        return NP_OK;
    d->comparison = out;
    return np_did_compare(out, result, n, refused, reason, n_refused, w->arena, w->err);
}

np_status np_staggered_describe(const np_staggered **out, np_work *w,
                                const np_staggered_rows *s, const np_effect *effect,
                                size_t n_effects)
{
    *out = NULL;
    if (s->refused.status != NP_OK)
        return NP_OK;
    np_staggered *d = np_arena_array(w->arena, np_staggered, 1);
    np_staggered_rows *kept = np_arena_array(w->arena, np_staggered_rows, 1);
    if (d == NULL || kept == NULL)
        return np_work_no_memory(w);
    *kept = *s;
    *d = (np_staggered){
        .panel = &kept->panel, .panel_spec = &kept->panel_spec, .spec = &kept->spec};
    *out = d;
    np_status status =
        np_did_design_examine(&d->design, &s->panel, &s->spec, w->arena, w->err);
    return status == NP_OK ? compare(d, w, effect, n_effects) : status;
}

static const char *assumption_of(np_estimator estimator, const np_work *w)
{
    switch (estimator) {
    case NP_ESTIMATOR_EFFICIENT:
        return assumption_lot;
    case NP_ESTIMATOR_SYNTHETIC_DID:
    case NP_ESTIMATOR_SYNTHETIC_CONTROL:
        return assumption_synthetic;
    default:
        return w->q->n_controls > 0 ? assumption_controls : assumption_levels;
    }
}

static size_t treated_clusters(const np_did_panel *p, np_arena *scratch)
{
    uint8_t *seen = np_arena_array(scratch, uint8_t, p->n_clusters);
    size_t n = 0;
    for (size_t u = 0; seen != NULL && u < p->n_units; u++) {
        size_t c = p->cluster_of == NULL ? u : (size_t)p->cluster_of[u];
        if (p->cohort_of[u] == NP_NEVER_TREATED || seen[c])
            continue;
        seen[c] = 1;
        n++;
    }
    return n;
}

/* The effect's numbers from the estimator's average over all treated. */
static np_status fill(np_effect *e, const np_work *w, const np_did_result *result,
                      int direction, np_error *failure)
{
    const np_did_aggregate *simple = np_did_aggregate_of(result, "simple");
    if (simple == NULL || !isfinite(simple->estimate))
        return np_fail(failure, NP_E_NOT_IDENTIFIED,
                       _("it gives no average effect on all participants"));
    np_effect_take(e,
                   &(np_effect_numbers){.estimate = simple->estimate,
                                        .std_error = simple->std_error,
                                        .statistic = simple->statistic,
                                        .p_two_sided = simple->p_value,
                                        .conf_low = simple->conf_low,
                                        .conf_high = simple->conf_high,
                                        .conf_level = 1 - w->q->decision.level},
                   &w->q->decision, direction);
    e->term = N_("average effect on the treated");
    e->n = result->estimates.n;
    e->vcov_label = result->errors_used == NULL ? "" : result->errors_used;
    e->did = result;
    return NP_OK;
}

static np_status describe(np_effect *e, np_work *w, const np_staggered_rows *s,
                          const np_panel_rows *r, const np_caveat_list *shared)
{
    np_model all = {.design.n = r->n, .estimates = e->did->estimates};
    size_t n = e->n;
    np_status status = np_panel_effect_count(e, w, r, &all);
    if (status != NP_OK)
        return status;
    e->n = n;
    e->n_units = e->did->n_units;
    e->n_treated = e->did->n_treated_units;
    e->n_comparison = e->n_units - e->n_treated;
    e->obs_per_unit = (double)e->n / (double)e->n_units;
    e->n_clusters = s->panel.n_clusters;
    e->n_treated_clusters = treated_clusters(&s->panel, w->scratch);
    e->pre_trend = np_did_pre_trend(e->did);
    return np_panel_effect_caveats(e, w, &all, shared);
}

np_status np_staggered_effect_estimate(
    np_effect *out, np_work *w, const np_staggered_rows *s, const np_panel_rows *rows,
    const np_panel_scope *scope, np_estimator estimator, const np_caveat_list *shared)
{
    np_effect e = np_panel_effect_labelled(w, scope, estimator);
    np_error failure = s->refused;
    np_did_result *result = np_arena_array(w->arena, np_did_result, 1);
    if (result == NULL)
        return np_work_no_memory(w);
    np_status status = failure.status;
    if (status == NP_OK)
        status = np_did_estimate(result, &s->panel, &s->spec, np_estimator_did(estimator),
                                 w->arena, &failure);
    if (status == NP_OK)
        status = fill(&e, w, result, scope->direction, &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    if (status != NP_OK) {
        status = np_effect_refuse(&e, w, &failure);
    } else {
        e.assumption = np_work_statement(w, assumption_of(estimator, w), NULL, 0);
        status = describe(&e, w, s, rows, shared);
    }
    *out = e;
    return status;
}
