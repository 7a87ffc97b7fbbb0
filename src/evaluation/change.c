#include "evaluation/change.h"

#include <math.h>
#include <string.h>

#include "evaluation/series.h"

static const char *const assumption_change =
    N_("Without the programme, the participants' outcome would have changed by as much "
       "between the windows as the others' did.");
static const char *const assumption_grade =
    N_("Among participants, the grade is unrelated to what else made the outcome change "
       "between the windows.");

np_status np_effects_add(np_work *w, np_effect_list *list, const np_effect *e)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity == 0 ? 32 : 2 * list->capacity;
        np_effect *effect = np_arena_array(w->arena, np_effect, capacity);
        if (effect == NULL)
            return np_work_no_memory(w);
        if (list->n > 0)
            memcpy(effect, list->effect, list->n * sizeof *effect);
        list->effect = effect;
        list->capacity = capacity;
    }
    list->effect[list->n++] = *e;
    return NP_OK;
}

/* The regressions' table, for one weighting. */
typedef struct {
    const np_change_rows *rows;
    const np_change_design *design;
    const np_change_label *label;
    const np_caveat_list *shared;
    bool weighted;
    np_derived derived;
    size_t n;            /* rows with a weight, or all */
    const uint32_t *row; /* [n] of the design's */
    const char *name[3]; /* before, after, change */
    const char **x_name; /* [n_regressors] safe in a formula */
    const char *trend, *unit, *weight, *terms;
    double *row_weight; /* [n] NULL: none */
    size_t n_units, n_treated, n_treated_units;
    np_left_out *left_out;
    size_t n_left_out;
} regression;

static double *column(np_work *w, const double *from, const regression *g)
{
    double *to = np_arena_array(w->scratch, double, g->n);
    for (size_t i = 0; to != NULL && i < g->n; i++)
        to[i] = from[g->row[i]];
    return to;
}

static np_status add_column(regression *g, np_work *w, const char *name,
                            const double *from)
{
    const double *values = column(w, from, g);
    if (values == NULL)
        return np_work_no_memory(w);
    return np_derived_number(&g->derived, name, values, w->err);
}

static np_status choose_rows(regression *g, np_work *w)
{
    const np_change_design *d = g->design;
    uint32_t *row = np_arena_array(w->scratch, uint32_t, d->n);
    const char **without = np_arena_array(w->arena, const char *, d->n);
    size_t n_without = 0;
    g->left_out = np_arena_array(w->arena, np_left_out, g->rows->n_left_out + 1);
    if (row == NULL || without == NULL || g->left_out == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < g->rows->n_left_out; i++)
        g->left_out[g->n_left_out++] = g->rows->left_out[i];
    if (g->weighted || d->share != NULL) {
        g->row_weight = np_arena_array(w->scratch, double, d->n);
        if (g->row_weight == NULL)
            return np_work_no_memory(w);
    }
    for (size_t i = 0; i < d->n; i++) {
        if (g->weighted && !(d->weight[i] > 0)) {
            without[n_without++] = g->rows->sample->unit_name[d->unit[i]];
            continue;
        }
        if (g->row_weight != NULL)
            g->row_weight[g->n] =
                (g->weighted ? d->weight[i] : 1) * (d->share == NULL ? 1 : d->share[i]);
        row[g->n++] = (uint32_t)i;
    }
    if (n_without > 0)
        g->left_out[g->n_left_out++] =
            (np_left_out){.reason = N_("missing weights, or a weight of zero"),
                          .n_rows = n_without,
                          .n_units = n_without,
                          .unit = without};
    g->row = row;
    return NP_OK;
}

static np_status count_units(regression *g, np_work *w)
{
    uint8_t *seen = np_arena_array(w->scratch, uint8_t, g->rows->n_sample_units + 1);
    if (seen == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < g->n; i++) {
        int32_t unit = g->design->unit[g->row[i]];
        bool treated = g->design->treated[g->row[i]] != 0;
        g->n_units += !seen[unit];
        g->n_treated_units += treated && !seen[unit];
        g->n_treated += treated;
        seen[unit] = 1;
    }
    return NP_OK;
}

static np_status make_table(regression *g, np_work *w)
{
    const np_change_design *d = g->design;
    static const char *const names[3] = {"before", "after", "change"};
    const double *const from[3] = {d->before, d->after, d->change};
    np_status status = NP_OK;
    g->derived.n_rows = g->n;
    g->terms = "";
    g->x_name = np_arena_array(w->scratch, const char *, d->n_regressors);
    if (g->x_name == NULL)
        return np_work_no_memory(w);
    for (size_t k = 0; k < d->n_regressors && status == NP_OK; k++) {
        const char *safe = np_work_identifier(w, d->x_name[k]);
        g->x_name[k] = np_derived_free_name(&g->derived, safe, w->arena);
        if (g->x_name[k] == NULL)
            return np_work_no_memory(w);
        status = add_column(g, w, g->x_name[k], d->x[k]);
        g->terms = np_work_text(w, "%s%s%s", g->terms, k == 0 ? "" : " + ", g->x_name[k]);
    }
    for (size_t k = 0; k < 3 && status == NP_OK; k++) {
        g->name[k] = np_derived_free_name(&g->derived, names[k], w->arena);
        status = g->name[k] == NULL ? np_work_no_memory(w)
                                    : add_column(g, w, g->name[k], from[k]);
    }
    if (g->rows->trend != NULL && d->before == g->rows->before && status == NP_OK) {
        g->trend = np_derived_free_name(&g->derived, "trend_before", w->arena);
        status = g->trend == NULL ? np_work_no_memory(w)
                                  : add_column(g, w, g->trend, g->rows->trend);
    }
    if (g->row_weight != NULL && status == NP_OK) {
        const char *name = g->weighted ? w->q->weights.text : "share";
        g->weight = np_derived_free_name(&g->derived, name, w->arena);
        status = g->weight == NULL
                     ? np_work_no_memory(w)
                     : np_derived_number(&g->derived, g->weight, g->row_weight, w->err);
    }
    int64_t *unit = np_arena_array(w->scratch, int64_t, g->n);
    if (status != NP_OK || unit == NULL)
        return status != NP_OK ? status : np_work_no_memory(w);
    for (size_t i = 0; i < g->n; i++)
        unit[i] = d->unit[g->row[i]];
    g->unit = np_derived_free_name(&g->derived, w->q->unit.text, w->arena);
    return g->unit == NULL ? np_work_no_memory(w)
                           : np_derived_code(&g->derived, g->unit, unit, w->err);
}

static bool is_clustered(const regression *g, const np_work *w)
{
    return g->design->cluster ||
           (w->q->vcov != NULL && strcmp(w->q->vcov, "cluster") == 0);
}

static np_status model_spec(np_model_spec *spec, const regression *g, np_work *w,
                            const char *dependent, np_error *failure)
{
    *spec = (np_model_spec){
        .design = {.formula = np_work_text(w, "%s ~ %s", dependent, g->terms)},
        .conf_level = 1 - w->q->decision.level,
        .n_threads = 1};
    if (g->weight != NULL)
        spec->design.weights = np_work_quoted(w, g->weight);
    if (is_clustered(g, w)) {
        spec->vcov.kind = NP_VCOV_CLUSTER;
        spec->vcov.n_keys = 1;
        spec->vcov.key[0] = np_work_quoted(w, g->unit);
        return NP_OK;
    }
    return w->q->vcov == NULL
               ? NP_OK
               : np_vcov_parse(&spec->vcov, w->q->vcov, w->scratch, failure);
}

/* Did participants change otherwise between the windows before already? */
static np_status pre_trend(const np_test **out, const regression *g, np_work *w)
{
    np_model_spec spec;
    np_model model;
    np_error failure = {0};
    np_table table = np_derived_table(&g->derived);
    *out = NULL;
    if (g->trend == NULL || g->design->n_regressors != 1 ||
        g->label->estimator == NP_ESTIMATOR_GRADE)
        return NP_OK;
    np_status status = model_spec(&spec, g, w, np_work_quoted(w, g->trend), &failure);
    if (status == NP_OK)
        status = np_model_estimate(&model, &table, &spec, w->scratch, &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    size_t k = status == NP_OK ? np_estimates_find(&model.estimates, g->x_name[0]) : 0;
    if (status != NP_OK || k == model.estimates.k)
        return NP_OK;
    np_test *test = np_arena_array(w->arena, np_test, 1);
    if (test == NULL)
        return np_work_no_memory(w);
    *test = (np_test){.name = "pre_trend",
                      .title = N_("Change between the windows before"),
                      .detail = "",
                      .distribution = "t",
                      .statistic = model.estimates.statistic[k],
                      .df1 = 1,
                      .df2 = model.estimates.df_t,
                      .p_value = model.estimates.p_value[k]};
    *out = test;
    return NP_OK;
}

static np_effect labelled(const regression *g, np_work *w, size_t k,
                          np_dependent dependent)
{
    const np_change_label *l = &g->label[k];
    static const char *const code[] = {"level", "before", "after", "change"};
    np_effect e = np_effect_none();
    e.id = np_work_text(w, "%s/%s/%s", l->id, code[dependent],
                        g->weighted ? "weighted" : "unweighted");
    e.estimator = l->estimator;
    e.scope = l->scope;
    e.dependent = dependent;
    e.weighted = g->weighted;
    e.weights = g->weighted ? w->q->weights.text : "";
    e.informants = l->informants;
    e.group_id = l->group_id;
    e.scope_id = l->scope_id;
    e.group_label = l->group_label;
    e.label = l->label;
    e.outcome = w->q->outcome.text;
    return e;
}

enum { SMALL_ATTRIBUTE = 10 };

static np_status caveats(np_effect *e, const regression *g, np_work *w,
                         const np_model *model)
{
    np_caveat_list list = {0};
    np_status status = NP_OK;
    for (size_t i = 0; i < g->shared->n && status == NP_OK; i++)
        status = np_caveats_add(w, &list, g->shared->item[i].kind,
                                g->shared->item[i].statement);
    if (status == NP_OK && e->n_clusters > 0)
        status = np_caveats_clusters(w, &list, e->n_clusters, e->n_treated_clusters);
    if (status == NP_OK && e->pre_trend != NULL)
        status = np_caveats_pre_trend(w, &list, e->pre_trend, w->q->decision.level);
    if (status == NP_OK && e->scope == NP_SCOPE_ATTRIBUTE &&
        e->n_treated < SMALL_ATTRIBUTE) {
        np_quantity value[] = {NP_COUNT("participants", e->n_treated),
                               NP_COUNT("limit", SMALL_ATTRIBUTE)};
        status = np_caveats_add(
            w, &list, NP_CAVEAT_SMALL_ATTRIBUTE,
            np_work_statement(w,
                              N_("Only {participants} participants are behind this "
                                 "(fewer than {limit}): a single unit can decide it."),
                              value, 2));
    }
    if (status == NP_OK)
        status = np_caveats_model(w, &list, model);
    e->caveat = list.item;
    e->n_caveats = list.n;
    return status;
}

/* Units behind one regressor: with several dummies, those of this one. */
static void count(np_effect *e, const regression *g, size_t k)
{
    e->n = g->n;
    e->n_units = g->n_units;
    e->n_treated = g->n_treated_units;
    e->n_comparison = g->n_units - g->n_treated_units;
    e->obs_per_unit = (double)g->n / (double)g->n_units;
    if (g->label[k].estimator == NP_ESTIMATOR_GRADE)
        e->n_comparison = 0;
    if (g->label[k].estimator != NP_ESTIMATOR_CONTRASTS)
        return;
    e->n_treated = 0;
    for (size_t i = 0; i < g->n; i++)
        e->n_treated += g->design->x[k][g->row[i]] != 0;
}

/* The participants' mean before, weighted as the regression. */
static double mean_before(const regression *g)
{
    double sum = 0, sum_w = 0;
    for (size_t i = 0; i < g->n; i++) {
        uint32_t row = g->row[i];
        double weight = g->weighted ? g->design->weight[row] : 1;
        if (!g->design->treated[row])
            continue;
        sum += weight * g->design->before[row];
        sum_w += weight;
    }
    return sum_w > 0 ? sum / sum_w : NAN;
}

static np_status one_effect(np_effect *e, const regression *g, np_work *w, size_t k,
                            const np_model *kept, const np_test *test)
{
    np_decision decision = w->q->decision;
    np_error failure = {0};
    if (g->label[k].sides != 0)
        decision.one_sided = g->label[k].sides == 1;
    np_status status =
        np_effect_fill(e, kept, g->x_name[k], &decision, w->q->direction, &failure);
    if (status != NP_OK) {
        e->model_index = SIZE_MAX;
        return np_effect_refuse(e, w, &failure);
    }
    size_t c = np_estimates_find(&kept->estimates, "(Intercept)");
    if (c < kept->estimates.k) {
        e->constant = kept->estimates.estimate[c];
        e->constant_std_error = kept->estimates.std_error[c];
    }
    bool grade = e->estimator == NP_ESTIMATOR_GRADE;
    e->assumption =
        np_work_statement(w, grade ? assumption_grade : assumption_change, NULL, 0);
    e->left_out = g->left_out;
    e->n_left_out = g->n_left_out;
    e->mean_before = mean_before(g);
    e->pre_trend = e->dependent == NP_DEPENDENT_CHANGE ? test : NULL;
    count(e, g, k);
    if (is_clustered(g, w)) {
        e->n_clusters = g->n_units;
        e->n_treated_clusters = g->n_treated_units;
    }
    return e->dependent == NP_DEPENDENT_CHANGE ? caveats(e, g, w, kept) : NP_OK;
}

static np_status one_dependent(np_work *w, np_effect_list *list, const regression *g,
                               np_dependent dependent, const np_test *test)
{
    np_model_spec spec;
    np_model full;
    const np_model *kept = NULL;
    size_t index = SIZE_MAX;
    np_error failure = {0};
    np_table table = np_derived_table(&g->derived);
    const char *name = g->name[dependent - NP_DEPENDENT_BEFORE];
    np_status fit = model_spec(&spec, g, w, np_work_quoted(w, name), &failure);
    np_effect first = labelled(g, w, 0, dependent);
    if (fit == NP_OK)
        fit =
            np_work_estimate(w, first.id, &table, &spec, &full, &kept, &index, &failure);
    if (fit == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    np_status status = w->err->status;
    for (size_t k = 0; k < g->design->n_regressors && status == NP_OK; k++) {
        np_effect e = labelled(g, w, k, dependent);
        e.formula = spec.design.formula;
        e.model_index = index;
        status = fit == NP_OK ? one_effect(&e, g, w, k, kept, test)
                              : np_effect_refuse(&e, w, &failure);
        if (status == NP_OK)
            status = np_effects_add(w, list, &e);
    }
    return status;
}

static np_status one_weighting(np_work *w, np_effect_list *list, regression *g)
{
    static const np_dependent order[] = {NP_DEPENDENT_BEFORE, NP_DEPENDENT_AFTER,
                                         NP_DEPENDENT_CHANGE};
    const np_test *test = NULL;
    np_status status = choose_rows(g, w);
    if (status == NP_OK)
        status = make_table(g, w);
    if (status == NP_OK)
        status = count_units(g, w);
    if (status == NP_OK)
        status = pre_trend(&test, g, w);
    for (size_t k = 0; k < 3 && status == NP_OK; k++)
        status = one_dependent(w, list, g, order[k], test);
    return status;
}

np_status np_change_estimate(np_work *w, np_effect_list *list, const np_change_rows *rows,
                             const np_change_design *design, const np_change_label *label,
                             const np_caveat_list *shared)
{
    np_status status = NP_OK;
    for (int weighted = 0; weighted < 2 && status == NP_OK; weighted++) {
        if (weighted ? !w->q->weighted || design->weight == NULL : !w->q->unweighted)
            continue;
        regression g = {.rows = rows,
                        .design = design,
                        .label = label,
                        .shared = shared,
                        .weighted = weighted != 0};
        np_arena_mark mark = np_arena_set_mark(w->scratch);
        status = one_weighting(w, list, &g);
        np_arena_release(w->scratch, mark);
    }
    return status;
}

static np_status describe(np_question_result *out, np_work *w, const np_change_rows *rows)
{
    const np_plan_question *q = w->q;
    const np_sample *s = rows->sample;
    size_t n_windows = q->n_before + q->n_after;
    const char **window = np_arena_array(w->arena, const char *, n_windows);
    const char **participant = np_arena_array(w->arena, const char *, rows->n);
    if (window == NULL || participant == NULL)
        return np_work_no_memory(w);
    for (size_t k = 0; k < n_windows; k++)
        window[k] = k < q->n_before ? q->before[k].text : q->after[k - q->n_before].text;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->treated[i])
            participant[out->n_treated++] = s->unit_name[rows->unit[i]];
    out->window = window;
    out->n_before = q->n_before;
    out->n_after = q->n_after;
    out->participant = participant;
    out->n_rows = s->n;
    out->n_units = rows->n;
    out->n_comparison = rows->n - out->n_treated;
    out->n_periods = s->n_periods;
    out->first_period = s->n_periods > 0 ? s->period[0] : NAN;
    out->last_period = s->n_periods > 0 ? s->period[s->n_periods - 1] : NAN;
    out->left_out = s->left_out;
    out->n_left_out = s->n_left_out;
    return NP_OK;
}

/* The development of the outcome, where periods are numbers. */
static np_status series(np_question_result *out, np_work *w, const np_sample *s)
{
    np_series_set *set = np_arena_array(w->arena, np_series_set, 2);
    int n = w->q->figure_weights.text == NULL ? 1 : 2;
    if (set == NULL)
        return np_work_no_memory(w);
    if (s->n_periods == 0)
        return NP_OK;
    for (int weighted = 0; weighted < n; weighted++) {
        np_plan_name none = {NULL, 0, 0};
        np_status status = np_series_build(&set[weighted], w, s, w->q->outcome,
                                           weighted ? w->q->figure_weights : none);
        if (status != NP_OK)
            return status;
        set[weighted].id = w->q->id;
        set[weighted].group_id = set[weighted].scope_id = "";
    }
    out->series = set;
    out->n_series = (size_t)n;
    return NP_OK;
}

static np_status shared_caveats(np_caveat_list *list, np_work *w,
                                const np_change_rows *rows)
{
    np_status status =
        np_caveats_levels(w, list, rows->before, rows->change, rows->treated, rows->n);
    return status != NP_OK
               ? status
               : np_caveats_attrition(w, list, rows->share_missing, rows->unit_treated,
                                      rows->n_sample_units);
}

static np_status question_caveats(np_question_result *out, np_work *w,
                                  const np_effect_list *list)
{
    np_caveat_list own = {0};
    np_status status = NP_OK;
    for (size_t i = 0; i < list->n && status == NP_OK; i++) {
        const np_effect *e = &list->effect[i];
        if (e->scope != NP_SCOPE_ALL)
            continue;
        for (size_t c = 0; c < e->n_caveats && status == NP_OK; c++) {
            bool known = false;
            for (size_t k = 0; k < own.n; k++)
                known |= own.item[k].kind == e->caveat[c].kind;
            if (!known)
                status =
                    np_caveats_add(w, &own, e->caveat[c].kind, e->caveat[c].statement);
        }
    }
    out->caveat = own.item;
    out->n_caveats = own.n;
    return status;
}

np_status np_change_run(np_question_result *out, np_work *w, const np_change_files *files)
{
    np_sample *sample = np_arena_array(w->arena, np_sample, 1);
    np_change_rows *rows = np_arena_array(w->arena, np_change_rows, 1);
    np_effect_list list = {0};
    np_caveat_list shared = {0};
    if (sample == NULL || rows == NULL)
        return np_work_no_memory(w);
    np_status status =
        np_sample_build(sample, w->table, w->q, NULL, w->plan, w->arena, w->err);
    if (status == NP_OK)
        status = np_change_rows_build(rows, w, sample);
    if (status == NP_OK)
        status = describe(out, w, rows);
    if (status == NP_OK)
        status = series(out, w, sample);
    if (status == NP_OK)
        status = shared_caveats(&shared, w, rows);
    if (status == NP_OK)
        status = np_change_parts(w, &list, rows, &shared);
    if (status == NP_OK && w->q->informants.given)
        status = np_informants_estimate(w, &list, rows, files->informants, &shared);
    for (size_t k = 0; status == NP_OK && k < w->q->n_unit_panels; k++)
        status =
            np_unit_panel_estimate(w, &list, &w->q->unit_panel[k], files->unit_panel[k]);
    if (status == NP_OK && w->q->ranking.given)
        status = np_ranking_estimate(&out->ranking, w, rows);
    if (status == NP_OK)
        status =
            np_effects_adjust(list.effect, list.n, &w->q->decision, w->scratch, w->err);
    out->effect = list.effect;
    out->n_effects = list.n;
    return status == NP_OK ? question_caveats(out, w, &list) : status;
}
