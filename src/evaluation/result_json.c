#include "evaluation/result_json.h"

#include <math.h>

#include "evaluation/estimates_json.h"
#include "evaluation/staggered_json.h"

static void put_localised(np_json *j, const char *key, const np_localised *text)
{
    static const np_language order[] = {NP_BOKMAAL, NP_NYNORSK, NP_ENGLISH};
    np_json_key(j, key);
    if (np_localised_is_empty(text)) {
        np_json_null(j);
        return;
    }
    np_json_object(j);
    for (size_t i = 0; i < 3; i++)
        if (text->text[order[i]] != NULL)
            np_json_put_text(j, np_language_code(order[i]), text->text[order[i]]);
    np_json_end_object(j);
}

static void put_count(np_json *j, const char *key, size_t n)
{
    np_json_put_integer(j, key, (int64_t)n);
}

static void put_texts(np_json *j, const char *key, const char *const *text, size_t n)
{
    np_json_key(j, key);
    np_json_array_inline(j);
    for (size_t i = 0; i < n; i++)
        np_json_text(j, text[i]);
    np_json_end_array(j);
}

static void put_statement(np_json *j, const char *key, const np_statement *s)
{
    np_json_key(j, key);
    np_json_object(j);
    np_json_put_text(j, "text", s->text);
    np_json_key(j, "values");
    np_json_object(j);
    for (size_t i = 0; i < s->n_values; i++) {
        const np_quantity *v = &s->value[i];
        if (v->kind == NP_QUANTITY_TEXT || v->kind == NP_QUANTITY_COLUMN)
            np_json_put_text(j, v->name, v->text);
        else
            np_json_put_number(j, v->name, v->number);
    }
    np_json_end_object(j);
    np_json_end_object(j);
}

static void put_caveats(np_json *j, const np_caveat *caveat, size_t n)
{
    np_json_key(j, "caveats");
    np_json_array(j);
    for (size_t i = 0; i < n; i++) {
        np_json_object(j);
        np_json_put_text(j, "code", np_caveat_code(caveat[i].kind));
        put_statement(j, "statement", &caveat[i].statement);
        if (caveat[i].n_units > 0)
            put_texts(j, "units", caveat[i].unit, caveat[i].n_units);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_left_out(np_json *j, const np_left_out *l, size_t n)
{
    np_json_key(j, "dropped");
    np_json_array(j);
    for (size_t i = 0; i < n; i++) {
        np_json_object(j);
        np_json_put_text(j, "reason", l[i].reason);
        put_count(j, "rows", l[i].n_rows);
        put_texts(j, "units", l[i].unit, l[i].n_units);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_test(np_json *j, const char *key, const np_test *t)
{
    np_json_key(j, key);
    if (t == NULL) {
        np_json_null(j);
        return;
    }
    np_json_object(j);
    np_json_put_text(j, "name", t->name);
    np_json_put_text(j, "distribution", t->distribution);
    np_json_put_number(j, "statistic", t->statistic);
    np_json_put_number(j, "df1", t->df1);
    np_json_put_number(j, "df2", t->df2);
    np_json_put_number(j, "p_value", t->p_value);
    np_json_end_object(j);
}

static void put_labels(np_json *j, const np_effect *e)
{
    static const char *const scope[] = {"all", "cohort", "subgroup", "attribute"};
    static const char *const dependent[] = {"level", "before", "after", "change"};
    np_json_put_text(j, "id", e->id);
    np_json_put_text(j, "estimator", np_estimator_code(e->estimator));
    np_json_put_text(j, "scope", scope[e->scope]);
    np_json_put_text(j, "dependent", dependent[e->dependent]);
    np_json_put_text(j, "outcome", e->outcome);
    np_json_put_text(j, "weights", e->weights[0] == '\0' ? NULL : e->weights);
    np_json_put_bool(j, "weighted", e->weighted);
    np_json_put_bool(j, "informants", e->informants);
    if (e->scope_id[0] != '\0') {
        np_json_put_text(j, "group", e->group_id);
        np_json_put_text(j, "subgroup", e->scope_id);
        put_localised(j, "group_label", &e->group_label);
        put_localised(j, "label", &e->label);
    }
    if (!isnan(e->cohort))
        np_json_put_number(j, "cohort", e->cohort);
}

static void put_model_index(np_json *j, const char *key, size_t index)
{
    np_json_key(j, key);
    if (index == SIZE_MAX)
        np_json_null(j);
    else
        np_json_integer(j, (int64_t)index);
}

static void put_refusal(np_json *j, const np_error *refused)
{
    np_json_key(j, "refused");
    np_json_object(j);
    np_json_put_text(j, "message", refused->message);
    np_json_put_text(j, "hint", refused->hint);
    np_json_end_object(j);
}

static void put_numbers(np_json *j, const np_effect *e)
{
    np_json_put_text(j, "term", e->term);
    np_json_put_number(j, "estimate", e->estimate);
    np_json_put_number(j, "std_error", e->std_error);
    np_json_put_number(j, "statistic", e->statistic);
    np_json_put_number(j, "p_value", e->p_value);
    np_json_put_number(j, "p_two_sided", e->p_two_sided);
    np_json_put_number(j, "p_adjusted", e->p_adjusted);
    np_json_put_number(j, "conf_low", e->conf_low);
    np_json_put_number(j, "conf_high", e->conf_high);
    np_json_put_number(j, "conf_level", e->conf_level);
    np_json_put_integer(j, "stars", e->stars);
    np_json_put_bool(j, "significant", e->significant);
    np_json_put_number(j, "constant", e->constant);
    np_json_put_number(j, "constant_std_error", e->constant_std_error);
    np_json_put_number(j, "mean_before", e->mean_before);
    np_json_put_number(j, "r2", e->r2);
    np_json_put_number(j, "r2_within", e->r2_within);
    np_json_put_number(j, "r2_between", e->r2_between);
    np_json_put_number(j, "r2_overall", e->r2_overall);
    put_count(j, "n", e->n);
    put_count(j, "n_units", e->n_units);
    put_count(j, "n_treated", e->n_treated);
    put_count(j, "n_comparison", e->n_comparison);
    put_count(j, "n_clusters", e->n_clusters);
    put_count(j, "n_treated_clusters", e->n_treated_clusters);
    np_json_put_number(j, "obs_per_unit", e->obs_per_unit);
    np_json_put_number(j, "obs_per_unit_min", e->obs_per_unit_min);
    np_json_put_number(j, "obs_per_unit_max", e->obs_per_unit_max);
}

static void put_effect(np_json *j, const np_effect *e, const np_staggered *staggered)
{
    np_json_object(j);
    put_labels(j, e);
    if (e->refused != NULL) {
        put_refusal(j, e->refused);
        np_json_end_object(j);
        return;
    }
    put_numbers(j, e);
    if (e->wild_draws > 0) {
        np_json_put_number(j, "p_wild_bootstrap", e->p_wild);
        np_json_put_number(j, "wild_bootstrap_low", e->wild_low);
        np_json_put_number(j, "wild_bootstrap_high", e->wild_high);
        put_count(j, "wild_bootstrap_draws", e->wild_draws);
    }
    np_json_put_text(j, "formula", e->formula);
    np_json_put_text(j, "vcov_label", e->vcov_label);
    np_json_put_text(j, "ssc", e->ssc_label);
    put_model_index(j, "model", e->model_index);
    put_statement(j, "assumption", &e->assumption);
    put_test(j, "pre_trend", e->pre_trend);
    put_left_out(j, e->left_out, e->n_left_out);
    put_caveats(j, e->caveat, e->n_caveats);
    np_effect_did_json(j, e, staggered);
    np_json_end_object(j);
}

static void put_event_study(np_json *j, const np_event_study *s)
{
    np_json_object(j);
    np_json_key(j, "effect");
    put_effect(j, s->effect, NULL);
    put_test(j, "pre_trend", s->pre_trend);
    np_json_key(j, "points");
    np_json_array(j);
    for (size_t i = 0; i < s->n_points; i++) {
        const np_event_point *p = &s->point[i];
        np_json_object(j);
        np_json_put_number(j, "event_time", p->event_time);
        np_json_put_bool(j, "reference", p->reference);
        np_json_put_bool(j, "and_before", p->binned_low);
        np_json_put_bool(j, "and_after", p->binned_high);
        np_json_put_number(j, "estimate", p->estimate);
        np_json_put_number(j, "std_error", p->std_error);
        np_json_put_number(j, "p_value", p->p_value);
        np_json_put_number(j, "conf_low", p->conf_low);
        np_json_put_number(j, "conf_high", p->conf_high);
        put_count(j, "n_treated", p->n_treated);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

static const char *series_code(np_series_kind kind)
{
    switch (kind) {
    case NP_SERIES_PARTICIPANTS:
        return "participants";
    case NP_SERIES_COHORT:
        return "cohort";
    case NP_SERIES_OTHERS:
        return "others";
    case NP_SERIES_EXPECTED:
        return "expected";
    case NP_SERIES_EXPECTED_COHORT:
        return "expected_cohort";
    }
    return "";
}

static void put_series(np_json *j, const np_series *s)
{
    np_json_object(j);
    np_json_put_text(j, "of", series_code(s->kind));
    if (!isnan(s->cohort))
        np_json_put_number(j, "cohort", s->cohort);
    np_json_put_numbers(j, "period", s->period, s->n);
    np_json_put_numbers(j, "mean", s->mean, s->n);
    np_json_key(j, "n_units");
    np_json_array_inline(j);
    for (size_t i = 0; i < s->n; i++)
        np_json_integer(j, (int64_t)s->n_units[i]);
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_series_set(np_json *j, const np_series_set *set)
{
    np_json_object(j);
    np_json_put_text(j, "id", set->id);
    np_json_put_text(j, "outcome", set->outcome);
    np_json_put_text(j, "weights", set->weights[0] == '\0' ? NULL : set->weights);
    np_json_put_numbers(j, "start", set->start, set->n_starts);
    np_json_key(j, "series");
    np_json_array(j);
    for (size_t i = 0; i < set->n_series; i++)
        put_series(j, &set->series[i]);
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_ranking(np_json *j, const np_ranking *r)
{
    np_json_key(j, "ranking");
    if (r == NULL) {
        np_json_null(j);
        return;
    }
    np_json_object(j);
    if (r->refused != NULL)
        put_refusal(j, r->refused);
    np_json_put_number(j, "threshold", r->threshold);
    put_count(j, "n_listed", r->n_listed);
    put_model_index(j, "model_unweighted", r->unweighted_index);
    put_model_index(j, "model_weighted", r->weighted_index);
    np_json_key(j, "units");
    np_json_array(j);
    for (size_t i = 0; i < r->n; i++) {
        const np_ranked_unit *u = &r->unit[i];
        np_json_object(j);
        np_json_put_text(j, "unit", u->unit);
        np_json_put_bool(j, "listed", u->listed);
        np_json_put_number(j, "before", u->before);
        np_json_put_number(j, "change", u->change);
        np_json_put_number(j, "predicted", u->predicted);
        np_json_put_number(j, "residual", u->residual);
        np_json_put_number(j, "size", u->size);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_decision(np_json *j, const np_decision *d)
{
    np_json_key(j, "decision");
    np_json_object(j);
    np_json_put_number(j, "level", d->level);
    np_json_put_text(j, "sides", d->one_sided ? "one" : "two");
    np_json_put_text(j, "multiplicity", d->multiplicity);
    np_json_key(j, "stars");
    np_json_array_inline(j);
    for (size_t i = 0; i < 3 && d->stars[i] > 0; i++)
        np_json_number(j, d->stars[i]);
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_sample(np_json *j, const np_question_result *q)
{
    np_json_key(j, "sample");
    np_json_object(j);
    put_count(j, "n_rows", q->n_rows);
    put_count(j, "n_units", q->n_units);
    put_count(j, "n_treated", q->n_treated);
    put_count(j, "n_comparison", q->n_comparison);
    put_count(j, "n_periods", q->n_periods);
    np_json_put_number(j, "first_period", q->first_period);
    np_json_put_number(j, "last_period", q->last_period);
    if (q->n_before > 0) {
        put_texts(j, "before", q->window, q->n_before);
        put_texts(j, "after", q->window + q->n_before, q->n_after);
    }
    np_json_key(j, "cohorts");
    np_json_array(j);
    for (size_t i = 0; i < q->n_cohorts; i++) {
        np_json_object(j);
        np_json_put_number(j, "start", q->cohort[i]);
        put_localised(j, "label", &q->cohort_label[i]);
        put_count(j, "units", q->cohort_units[i]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    put_texts(j, "participants", q->participant, q->n_treated);
    put_left_out(j, q->left_out, q->n_left_out);
    np_json_end_object(j);
}

static void put_question(np_json *j, const np_question_result *q)
{
    static const char *const design[] = {"panel-difference-in-differences",
                                         "change-scores"};
    np_json_object(j);
    np_json_put_text(j, "id", q->id);
    put_localised(j, "title", &q->title);
    np_json_put_text(j, "criterion", q->criterion);
    np_json_put_text(j, "design", design[q->design]);
    put_count(j, "file", q->file);
    np_json_put_text(j, "unit", q->unit);
    np_json_put_text(j, "time", q->time);
    np_json_put_text(j, "outcome", q->outcome);
    put_localised(j, "outcome_label", &q->outcome_label);
    put_localised(j, "uom", &q->uom);
    np_json_put_bool(j, "lower_is_better", q->lower_is_better);
    np_json_put_text(j, "participants", q->participants);
    np_json_put_text(j, "comparison", q->not_yet ? "not-yet" : "never");
    np_json_put_text(j, "comparison_filter", q->comparison_filter);
    put_texts(j, "controls", q->control, q->n_controls);
    np_json_put_text(j, "weights", q->weights[0] == '\0' ? NULL : q->weights);
    np_json_put_text(j, "cluster", q->cluster[0] == '\0' ? NULL : q->cluster);
    put_decision(j, &q->decision);
    put_sample(j, q);
    np_json_key(j, "effects");
    np_json_array(j);
    for (size_t i = 0; i < q->n_effects; i++)
        put_effect(j, &q->effect[i], q->staggered);
    np_json_end_array(j);
    np_json_key(j, "event_studies");
    np_json_array(j);
    for (size_t i = 0; i < q->n_event_studies; i++)
        put_event_study(j, &q->event_study[i]);
    np_json_end_array(j);
    np_json_key(j, "series");
    np_json_array(j);
    for (size_t i = 0; i < q->n_series; i++)
        put_series_set(j, &q->series[i]);
    np_json_end_array(j);
    put_ranking(j, q->ranking);
    np_staggered_json(j, q->staggered);
    np_overturn_json(j, q->overturn);
    put_caveats(j, q->caveat, q->n_caveats);
    np_json_end_object(j);
}

static void put_provenance(np_json *j, const np_evaluation *e)
{
    np_json_key(j, "provenance");
    np_json_object(j);
    np_json_put_text(j, "version", e->version);
    np_json_put_text(j, "date", e->date[0] == '\0' ? NULL : e->date);
    np_json_put_text(j, "plan", e->plan_path);
    np_json_put_text(j, "plan_sha256", e->plan_sha256);
    np_json_key(j, "files");
    np_json_array(j);
    for (size_t i = 0; i < e->n_files; i++) {
        const np_data_file *f = &e->file[i];
        const char separator[] = {f->separator, '\0'}, decimal[] = {f->decimal, '\0'};
        np_json_object(j);
        np_json_put_text(j, "path", f->path);
        np_json_put_text(j, "sha256", f->sha256);
        put_count(j, "bytes", f->n_bytes);
        put_count(j, "rows", f->n_rows);
        put_count(j, "columns", f->n_columns);
        np_json_put_text(j, "separator", separator);
        np_json_put_text(j, "decimal", decimal);
        np_json_put_text(j, "encoding", f->encoding);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_programme(np_json *j, const np_evaluation *e)
{
    put_localised(j, "title", &e->title);
    put_localised(j, "programme", &e->programme);
    np_json_put_bool(j, "simulated", e->simulated);
    np_json_key(j, "facts");
    np_json_array(j);
    for (size_t i = 0; i < e->n_facts; i++) {
        np_json_object(j);
        put_localised(j, "label", &e->fact[i].label);
        put_localised(j, "value", &e->fact[i].value);
        put_localised(j, "source", &e->fact[i].source);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_key(j, "data_notes");
    np_json_array(j);
    for (size_t i = 0; i < e->n_notes; i++) {
        np_json_object(j);
        put_localised(j, "text", &e->note[i].text);
        np_json_put_bool(j, "simulated", e->note[i].simulated);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_key(j, "labels");
    np_json_object(j);
    for (size_t i = 0; i < e->n_labels; i++)
        put_localised(j, e->label[i].column, &e->label[i].text);
    np_json_end_object(j);
}

void np_evaluation_json(np_buf *out, const np_evaluation *e)
{
    np_json json = {.buf = out}, *j = &json;
    np_json_object(j);
    np_json_put_text(j, "nullpunkt", e->version);
    put_programme(j, e);
    put_provenance(j, e);
    np_json_key(j, "questions");
    np_json_array(j);
    for (size_t i = 0; i < e->n_questions; i++)
        put_question(j, &e->question[i]);
    np_json_end_array(j);
    np_json_key(j, "models");
    np_json_array(j);
    for (size_t i = 0; i < e->n_models; i++) {
        np_json_object(j);
        np_json_put_text(j, "id", e->model_id[i]);
        np_json_key(j, "estimates");
        np_model_json(j, e->model[i], NULL);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}
