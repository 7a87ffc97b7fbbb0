#include "evaluation/panel_model.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"

static const char *const assumption_two_way =
    N_("Without the programme, the participants' outcome would have changed from period "
       "to period as that of the others did, at given controls; the effect is the same "
       "in all cohorts and in all periods from the start on. What is constant in each "
       "unit drops out.");
static const char *const assumption_random =
    N_("Without the programme, the participants' outcome would have changed from period "
       "to period as that of the others did, at given controls; and what is particular "
       "to each unit is related neither to its controls nor to when it starts, beyond a "
       "common difference between participants and others.");

np_effect np_panel_effect_labelled(const np_work *w, const np_panel_scope *scope,
                                   np_estimator estimator)
{
    np_effect e = np_effect_none();
    e.id = np_work_text(w, "%s/%s", scope->id, np_estimator_code(estimator));
    e.estimator = estimator;
    e.scope = scope->scope;
    e.dependent = NP_DEPENDENT_LEVEL;
    e.group_id = scope->group_id;
    e.scope_id = scope->scope_id;
    e.group_label = scope->group_label;
    e.label = scope->label;
    e.cohort = scope->cohort;
    e.outcome = scope->outcome.text;
    /* the random-effects estimator takes no weights */
    e.weighted = w->q->weights.text != NULL && estimator != NP_ESTIMATOR_RANDOM;
    e.weights = e.weighted ? w->q->weights.text : "";
    return e;
}

np_status np_panel_set_vcov(np_model_spec *spec, np_work *w, const np_panel_rows *r,
                            bool random_effects, np_error *failure)
{
    const char *wanted = w->q->vcov == NULL ? "cluster" : w->q->vcov;
    bool cluster = strcmp(wanted, "cluster") == 0, iid = strcmp(wanted, "iid") == 0;
    if (random_effects) {
        bool by_unit =
            r->n_clusters == 1 && strcmp(r->cluster_name[0], r->unit_name) == 0;
        if (iid || (cluster && by_unit)) {
            spec->panel_vcov = iid ? NULL : "arellano/sss";
            return NP_OK;
        }
        np_fail(failure, NP_E_USAGE,
                _("random effects have errors that are iid or clustered by unit"));
        return np_error_hint(failure, _("ask for two-way-fixed-effects"));
    }
    if (iid || !cluster)
        return np_vcov_parse(&spec->vcov, wanted, w->scratch, failure);
    if (r->n_clusters > NP_MOST_CLUSTERS)
        return np_fail(failure, NP_E_LIMIT, _("at most %d cluster variables"),
                       NP_MOST_CLUSTERS);
    spec->vcov.kind = NP_VCOV_CLUSTER;
    spec->vcov.n_keys = r->n_clusters;
    for (size_t k = 0; k < r->n_clusters; k++)
        spec->vcov.key[k] = r->cluster_name[k];
    return NP_OK;
}

/* " + population + unemployment" */
static const char *controls_text(const np_work *w, const np_panel_rows *r)
{
    const char *text = "";
    for (size_t k = 0; k < w->q->n_controls; k++)
        text = np_work_text(w, "%s + %s", text, r->control_name[k]);
    return text;
}

/* Period dummies; with a linear term of time one more gives way. */
static const char *periods_text(const np_work *w, const np_panel_rows *r)
{
    char first[NP_DECIMAL_LENGTH], last[NP_DECIMAL_LENGTH];
    np_decimal_format(first, r->period[0]);
    np_decimal_format(last, r->period[r->n_periods - 1]);
    if (w->q->linear_time && r->n_periods > 2)
        return np_work_text(w, "%s + i(%s, ref = c(%s, %s))", r->time_name, r->time_name,
                            first, last);
    return np_work_text(w, "i(%s, ref = %s)", r->time_name, first);
}

static np_status effect_spec(np_model_spec *spec, const char **formula, np_work *w,
                             const np_panel_rows *r, np_estimator estimator,
                             np_error *failure)
{
    static const char *const hausman[] = {"hausman"};
    const char *controls = controls_text(w, r), *periods = periods_text(w, r);
    *spec = (np_model_spec){.n_threads = 1, .conf_level = 1 - w->q->decision.level};
    if (estimator == NP_ESTIMATOR_TWO_WAY) {
        *formula = np_work_text(w, "%s ~ %s%s + %s | %s", r->y_name, r->post_name,
                                controls, periods, r->unit_name);
        spec->design.weights = r->weight_name;
    } else {
        *formula = np_work_text(w, "%s ~ %s + %s%s + %s", r->y_name, r->participant_name,
                                r->post_name, controls, periods);
        spec->panel_model = NP_PANEL_RANDOM;
        spec->effect = NP_EFFECT_INDIVIDUAL;
        spec->random_method = NP_SWAR;
        spec->design.panel_unit = r->unit_name;
        spec->design.panel_time = r->time_name;
        spec->test = hausman;
        spec->n_tests = 1;
    }
    spec->design.formula = *formula;
    return np_panel_set_vcov(spec, w, r, estimator == NP_ESTIMATOR_RANDOM, failure);
}

/* The bootstrap of the one coefficient, for the effect on all participants. */
static void ask_for_wild(np_model_spec *spec, const char *const *term, const np_work *w,
                         const np_panel_scope *scope, np_estimator estimator)
{
    const np_plan_inference *i = &w->q->inference;
    if (i->wild == 0 || scope->scope != NP_SCOPE_ALL || estimator != NP_ESTIMATOR_TWO_WAY)
        return;
    spec->wild = (np_wild_request){
        .draws = i->wild, .seed = i->seed, .hypothesis = term, .n_hypotheses = 1};
}

static void take_wild(np_effect *e, const np_estimates *s, const np_model_spec *spec)
{
    for (size_t t = 0; t < s->n_tables; t++) {
        const np_estimate_table *table = &s->table[t];
        if (strcmp(table->name, "wild_bootstrap") != 0)
            continue;
        e->p_wild = table->p_value[0];
        e->wild_low = table->conf_low[0];
        e->wild_high = table->conf_high[0];
        e->wild_draws = spec->wild.draws;
    }
}

/* Distinct clusters among the rows used, and those with a participant. */
static np_status count_clusters(np_effect *e, np_work *w, const np_panel_rows *r,
                                const uint8_t *used)
{
    int64_t largest = 0;
    for (size_t i = 0; i < r->n; i++)
        largest = r->cluster[i] > largest ? r->cluster[i] : largest;
    uint8_t *seen = np_arena_array(w->scratch, uint8_t, (size_t)largest + 1);
    if (seen == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < r->n; i++)
        if (used[i])
            seen[r->cluster[i]] |= r->participant[i] != 0 ? 3 : 1;
    for (size_t c = 0; c <= (size_t)largest; c++) {
        e->n_clusters += seen[c] != 0;
        e->n_treated_clusters += (seen[c] & 2) != 0;
    }
    return NP_OK;
}

static np_status count_units(np_effect *e, np_work *w, const np_panel_rows *r,
                             const uint8_t *used)
{
    size_t n_units = r->sample->n_units;
    size_t *rows_of = np_arena_array(w->scratch, size_t, n_units);
    uint8_t *treated = np_arena_array(w->scratch, uint8_t, n_units + 1);
    double sum = 0, sum_w = 0;
    if (rows_of == NULL || treated == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < r->n; i++) {
        if (!used[i])
            continue;
        rows_of[r->unit[i]]++;
        treated[r->unit[i]] = r->participant[i] != 0;
        if (r->participant[i] != 0 && r->post[i] == 0) {
            double weight = e->weighted ? r->weight[i] : 1;
            sum += weight * r->y[i];
            sum_w += weight;
        }
    }
    e->mean_before = sum_w > 0 ? sum / sum_w : NAN;
    e->obs_per_unit_min = INFINITY;
    e->obs_per_unit_max = 0;
    for (size_t u = 0; u < n_units; u++) {
        if (rows_of[u] == 0)
            continue;
        e->n_units++;
        e->n_treated += treated[u];
        e->obs_per_unit_min = fmin(e->obs_per_unit_min, (double)rows_of[u]);
        e->obs_per_unit_max = fmax(e->obs_per_unit_max, (double)rows_of[u]);
    }
    e->n_comparison = e->n_units - e->n_treated;
    e->obs_per_unit = (double)e->n / (double)e->n_units;
    return NP_OK;
}

np_status np_panel_effect_count(np_effect *e, np_work *w, const np_panel_rows *r,
                                const np_model *full)
{
    uint8_t *used = np_arena_array(w->scratch, uint8_t, r->n + 1);
    uint8_t *why = np_arena_array(w->scratch, uint8_t, r->n_candidates + 1);
    if (used == NULL || why == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < full->design.n; i++)
        used[full->design.row == NULL ? i : full->design.row[i]] = 1;
    size_t row = 0;
    for (size_t c = 0; c < r->n_candidates; c++) {
        why[c] = r->why[c];
        if (why[c] == 0 && !used[row++])
            why[c] = NP_PANEL_ROWS_REASONS;
    }
    e->n = full->design.n;
    np_status status =
        np_left_out_collect(&e->left_out, &e->n_left_out, why, r->candidate,
                            r->n_candidates, np_panel_rows_reason, NP_PANEL_ROWS_REASONS,
                            r->sample->unit_name, r->sample->n_units, w->arena, w->err);
    if (status == NP_OK)
        status = count_units(e, w, r, used);
    bool clustered = w->q->vcov == NULL || strcmp(w->q->vcov, "cluster") == 0;
    if (status == NP_OK && clustered)
        status = count_clusters(e, w, r, used);
    return status;
}

static np_status fill_fit(np_effect *e, np_work *w, const np_panel_rows *r,
                          const np_model *full)
{
    int32_t *unit = np_arena_array(w->scratch, int32_t, full->design.n);
    if (unit == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < full->design.n; i++)
        unit[i] = r->unit[full->design.row == NULL ? i : full->design.row[i]];
    np_panel_fit_measures fit;
    np_status status = np_panel_fit_measures_of(&fit, full, unit, r->sample->n_units,
                                                w->scratch, w->err);
    if (status != NP_OK)
        return status;
    e->r2_within = fit.within;
    e->r2_between = fit.between;
    e->r2_overall = fit.overall;
    const np_estimates *s = &full->estimates;
    size_t k = np_estimates_find(s, "(Intercept)");
    e->constant = k < s->k ? s->estimate[k] : fit.constant;
    e->constant_std_error = k < s->k ? s->std_error[k] : NAN;
    return NP_OK;
}

static np_status hausman_caveat(np_work *w, np_caveat_list *list, const np_model *model)
{
    for (size_t i = 0; i < model->estimates.n_tests; i++) {
        const np_test *t = &model->estimates.test[i];
        if (strcmp(t->name, "hausman") != 0 || !(t->p_value < w->q->decision.level))
            continue;
        np_quantity value[] = {NP_NUMBER("statistic", STATISTIC, t->statistic),
                               NP_COUNT("df", t->df1), NP_NUMBER("p", P, t->p_value)};
        return np_caveats_add(
            w, list, NP_CAVEAT_RANDOM_EFFECTS_REJECTED,
            np_work_statement(w,
                              N_("The Hausman test rejects random effects (chi-squared "
                                 "{statistic} with {df} degrees of freedom, p {p}): "
                                 "prefer the fixed effects."),
                              value, 3));
    }
    return NP_OK;
}

np_status np_panel_effect_caveats(np_effect *e, np_work *w, const np_model *model,
                                  const np_caveat_list *shared)
{
    np_caveat_list list = {0};
    np_status status = NP_OK;
    for (size_t i = 0; i < shared->n && status == NP_OK; i++) {
        const np_caveat *c = &shared->item[i];
        if (c->kind == NP_CAVEAT_STAGGERED_TWO_WAY &&
            (e->estimator == NP_ESTIMATOR_EVENT_STUDY || e->did != NULL))
            continue;
        status = np_caveats_add(w, &list, c->kind, c->statement);
    }
    if (status == NP_OK)
        status = np_caveats_clusters(w, &list, e->n_clusters, e->n_treated_clusters);
    if (status == NP_OK)
        status = np_caveats_pre_trend(w, &list, e->pre_trend, w->q->decision.level);
    if (status == NP_OK && e->estimator == NP_ESTIMATOR_RANDOM)
        status = hausman_caveat(w, &list, model);
    if (status == NP_OK)
        status = np_caveats_model(w, &list, model);
    e->caveat = list.item;
    e->n_caveats = list.n;
    return status;
}

np_status np_panel_effect_estimate(np_effect *out, np_work *w, const np_panel_rows *r,
                                   const np_panel_scope *scope, np_estimator estimator,
                                   const np_test *pre_trend, const np_caveat_list *shared)
{
    np_effect e = np_panel_effect_labelled(w, scope, estimator);
    np_model_spec spec;
    np_model full;
    const np_model *kept;
    np_error failure = {0};
    np_table table = np_derived_table(&r->derived);
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = effect_spec(&spec, &e.formula, w, r, estimator, &failure);
    ask_for_wild(&spec, &r->post_name, w, scope, estimator);
    if (status == NP_OK)
        status = np_work_estimate(w, e.id, &table, &spec, &full, &kept, &e.model_index,
                                  &failure);
    if (status == NP_OK)
        status = np_effect_fill(&e, kept, r->post_name, &w->q->decision, scope->direction,
                                &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    if (status != NP_OK) {
        e.model_index = SIZE_MAX;
        status = np_effect_refuse(&e, w, &failure);
    } else {
        const char *text =
            estimator == NP_ESTIMATOR_TWO_WAY ? assumption_two_way : assumption_random;
        e.assumption = np_work_statement(w, text, NULL, 0);
        e.pre_trend = pre_trend;
        take_wild(&e, &full.estimates, &spec);
        status = np_panel_effect_count(&e, w, r, &full);
        if (status == NP_OK)
            status = fill_fit(&e, w, r, &full);
        if (status == NP_OK)
            status = np_panel_effect_caveats(&e, w, kept, shared);
    }
    np_arena_release(w->scratch, mark);
    *out = e;
    return status;
}

/* Event times with the ends binned as planned. */
static np_status event_times(double **out, np_work *w, const np_panel_rows *r)
{
    const np_plan_question *q = w->q;
    double *event = np_arena_array(w->scratch, double, r->n);
    if (event == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < r->n; i++) {
        event[i] = r->event_time[i];
        if (q->has_bin && event[i] != NP_NEVER)
            event[i] = fmin(fmax(event[i], q->bin_low), q->bin_high);
    }
    *out = event;
    return NP_OK;
}

typedef struct {
    double *event;      /* [n rows] */
    const double *time; /* [n_times] distinct, ascending, the reference among them */
    size_t n_times;
    np_derived derived;
    np_model full;
    const np_model *kept;
    size_t index;
    const char *formula;
} event_fit;

static np_status check_event_study(const event_fit *f, const np_work *w,
                                   const np_panel_rows *r, np_error *failure)
{
    bool reference = false, others = false;
    for (size_t i = 0; i < f->n_times; i++)
        reference |= f->time[i] == w->q->reference;
    for (size_t i = 0; i < r->n && !others; i++)
        others = r->participant[i] == 0;
    if (!others)
        return np_fail(failure, NP_E_NOT_IDENTIFIED,
                       _("an event study needs units that never start"));
    if (!reference)
        return np_fail(failure, NP_E_NOT_IDENTIFIED,
                       _("no participant has an outcome %g periods from the start, the "
                         "reference"),
                       w->q->reference);
    return NP_OK;
}

static np_status fit_event_study(event_fit *f, np_work *w, const np_panel_rows *r,
                                 const char *id, np_error *failure)
{
    np_status status = event_times(&f->event, w, r);
    if (status != NP_OK)
        return status;
    double *treated = np_arena_array(w->scratch, double, r->n);
    if (treated == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < r->n; i++)
        treated[i] = f->event[i] == NP_NEVER ? NAN : f->event[i];
    status = np_distinct(&f->time, &f->n_times, treated, r->n, w->scratch, failure);
    if (status == NP_OK)
        status = check_event_study(f, w, r, failure);
    if (status != NP_OK)
        return status;
    f->derived = r->derived;
    for (size_t i = 0; i < f->derived.n; i++)
        if (strcmp(f->derived.column[i].name, r->event_name) == 0)
            f->derived.column[i].f64 = f->event;
    np_table table = np_derived_table(&f->derived);
    char reference[NP_DECIMAL_LENGTH], never[NP_DECIMAL_LENGTH];
    np_decimal_format(reference, w->q->reference);
    np_decimal_format(never, NP_NEVER);
    f->formula = np_work_text(w, "%s ~ i(%s, ref = c(%s, %s))%s | %s + %s", r->y_name,
                              r->event_name, reference, never, controls_text(w, r),
                              r->unit_name, r->time_name);
    np_model_spec spec = {.design = {.formula = f->formula, .weights = r->weight_name},
                          .n_threads = 1,
                          .conf_level = 1 - w->q->decision.level};
    status = np_panel_set_vcov(&spec, w, r, false, failure);
    if (status == NP_OK && id == NULL) /* for its test only: not kept */
        status = np_model_estimate(&f->full, &table, &spec, w->scratch, failure);
    else if (status == NP_OK)
        status = np_work_estimate(w, id, &table, &spec, &f->full, &f->kept, &f->index,
                                  failure);
    return status;
}

/* The joint test of all terms before the reference; *out NULL where there are none or
 * their covariance is singular. */
static np_status pre_trend_of(const np_test **out, np_work *w, const np_panel_rows *r,
                              const event_fit *f)
{
    np_test test;
    np_error failure = {0};
    const char *pattern = np_work_text(w, "^%s::-", r->event_name);
    *out = NULL;
    np_status status =
        np_wald_test(&test, &f->full.estimates, pattern, w->arena, &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    if (status != NP_OK || isnan(test.p_value))
        return NP_OK;
    np_test *copy = np_arena_array(w->arena, np_test, 1);
    if (copy == NULL)
        return np_work_no_memory(w);
    *copy = test;
    *out = copy;
    return NP_OK;
}

np_status np_panel_pre_trend(const np_test **out, np_work *w, const np_panel_rows *r,
                             const np_panel_scope *scope)
{
    event_fit f = {0};
    np_error failure = {0};
    (void)scope;
    *out = NULL;
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = fit_event_study(&f, w, r, NULL, &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    status = status == NP_OK ? pre_trend_of(out, w, r, &f) : NP_OK;
    np_arena_release(w->scratch, mark);
    return status;
}

/* Units of participants with an outcome at each event time; a unit counts once in a
 * bin. */
static size_t treated_at(const np_panel_rows *r, const double *event, double time,
                         uint8_t *seen)
{
    size_t n = 0;
    memset(seen, 0, r->sample->n_units);
    for (size_t i = 0; i < r->n; i++)
        if (event[i] == time && !seen[r->unit[i]]) {
            seen[r->unit[i]] = 1;
            n++;
        }
    return n;
}

static np_status event_points(np_event_study *out, np_work *w, const np_panel_rows *r,
                              const event_fit *f, size_t *term)
{
    const np_estimates *e = &f->kept->estimates;
    np_event_point *point = np_arena_array(w->arena, np_event_point, f->n_times);
    uint8_t *seen = np_arena_array(w->scratch, uint8_t, r->sample->n_units + 1);
    if (point == NULL || seen == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < f->n_times; i++) {
        double t = f->time[i];
        char text[NP_DECIMAL_LENGTH];
        np_decimal_format(text, t);
        size_t k = np_estimates_find(e, np_work_text(w, "%s::%s", r->event_name, text));
        bool reference = t == w->q->reference, found = k < e->k;
        term[i] = found ? k : SIZE_MAX;
        point[i] = (np_event_point){.event_time = t,
                                    .estimate = reference ? 0
                                                : found   ? e->estimate[k]
                                                          : NAN,
                                    .std_error = found ? e->std_error[k] : NAN,
                                    .p_value = found ? e->p_value[k] : NAN,
                                    .conf_low = found ? e->conf_low[k] : NAN,
                                    .conf_high = found ? e->conf_high[k] : NAN,
                                    .reference = reference,
                                    .binned_low = w->q->has_bin && t == w->q->bin_low,
                                    .binned_high = w->q->has_bin && t == w->q->bin_high,
                                    .n_treated = treated_at(r, f->event, t, seen)};
    }
    out->point = point;
    out->n_points = f->n_times;
    return NP_OK;
}

/* The unweighted mean of the terms from the start on, as one more estimate. */
static np_status mean_effect(np_effect *out, np_work *w, const event_fit *f,
                             const size_t *term, int direction)
{
    const np_estimates *e = &f->kept->estimates;
    double sum = 0, variance = 0, m = 0;
    for (size_t i = 0; i < f->n_times; i++) {
        if (f->time[i] < 0 || term[i] == SIZE_MAX)
            continue;
        m++;
        sum += e->estimate[term[i]];
        for (size_t j = 0; j < f->n_times; j++)
            if (f->time[j] >= 0 && term[j] != SIZE_MAX)
                variance += e->vcov[term[i] * e->k + term[j]];
    }
    double estimate = sum / m, vcov = variance / (m * m);
    const char *name = "mean of the terms from the start on";
    np_estimates one = {.k = 1,
                        .term = &name,
                        .estimate = &estimate,
                        .vcov = &vcov,
                        .conf_level = e->conf_level,
                        .df_t = e->df_t,
                        .normal = e->normal,
                        .n = e->n,
                        .vcov_label = e->vcov_label,
                        .ssc_label = e->ssc_label};
    np_status status = np_estimates_infer(&one, w->scratch, w->err);
    if (status != NP_OK)
        return status;
    np_model model = {.estimates = one};
    status = np_effect_fill(out, &model, name, &w->q->decision, direction, w->err);
    out->model = f->kept;
    out->model_index = f->index;
    out->r2 = np_estimates_stat(e, "r2");
    return status;
}

np_status np_event_study_estimate(np_event_study *out, np_work *w, const np_panel_rows *r,
                                  const np_panel_scope *scope,
                                  const np_caveat_list *shared)
{
    static const char *const assumption =
        N_("Without the programme, the participants' outcome would have changed from "
           "period to period as that of the others did, at given controls; the effect "
           "may change with the distance from the start, but is the same in all "
           "cohorts. Terms before the start should be zero.");
    np_effect *effect = np_arena_array(w->arena, np_effect, 1);
    np_error failure = {0};
    event_fit f = {0};
    if (effect == NULL)
        return np_work_no_memory(w);
    *effect = np_panel_effect_labelled(w, scope, NP_ESTIMATOR_EVENT_STUDY);
    out->effect = effect;
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = fit_event_study(&f, w, r, effect->id, &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    if (status != NP_OK) {
        status = np_effect_refuse(effect, w, &failure);
        np_arena_release(w->scratch, mark);
        return status;
    }
    effect->formula = f.formula;
    effect->assumption = np_work_statement(w, assumption, NULL, 0);
    size_t *term = np_arena_array(w->scratch, size_t, f.n_times);
    if (term == NULL)
        return np_work_no_memory(w);
    status = event_points(out, w, r, &f, term);
    if (status == NP_OK)
        status = mean_effect(effect, w, &f, term, scope->direction);
    if (status == NP_OK)
        status = pre_trend_of(&out->pre_trend, w, r, &f);
    effect->pre_trend = out->pre_trend;
    if (status == NP_OK)
        status = np_panel_effect_count(effect, w, r, &f.full);
    if (status == NP_OK)
        status = np_panel_effect_caveats(effect, w, f.kept, shared);
    np_arena_release(w->scratch, mark);
    return status;
}
