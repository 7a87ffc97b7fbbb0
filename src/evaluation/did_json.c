#include "evaluation/did_json.h"

#include <math.h>

#include "evaluation/estimates_json.h"

/* "dr", "never" …: the options' words, in the order of the enumerations. */
static const char *method_code(np_did_method method)
{
    static const char *const code[] = {"dr", "ipw", "reg", "dr-improved",
                                       "ipw-horvitz-thompson"};
    return code[method];
}

static const char *comparison_code(np_comparison comparison)
{
    return comparison == NP_COMPARISON_NEVER ? "never" : "not-yet";
}

static const char *base_code(np_base_period_rule base)
{
    return base == NP_BASE_VARYING ? "varying" : "universal";
}

static const char *unbalanced_code(np_unbalanced unbalanced)
{
    static const char *const code[] = {"pairs", "balance", "cross-section", "refuse"};
    return code[unbalanced];
}

/* A column that was not given is null. */
static void put_name(np_json *j, const char *key, const char *name)
{
    np_json_put_text(j, key, name == NULL || name[0] == '\0' ? NULL : name);
}

static void put_names(np_json *j, const np_did_panel *p)
{
    put_name(j, "outcome", p->y_name);
    put_name(j, "unit", p->unit_name);
    put_name(j, "time", p->time_name);
    put_name(j, "cohort", p->cohort_name);
    put_name(j, "weights", p->weights_name);
    put_name(j, "cluster", p->cluster_name);
}

static void put_model(np_json *j, const np_did_question *q, const np_did_result *r)
{
    const np_did_spec *s = q->spec;
    np_json_key(j, "model");
    np_json_object(j);
    np_json_put_text(j, "estimator", np_did_estimator_code(r->estimator));
    np_json_put_text(j, "title", r->title);
    np_json_put_text(j, "source", r->source);
    put_names(j, q->panel);
    np_json_put_text(j, "comparison", comparison_code(s->comparison));
    np_json_put_text(j, "method", method_code(s->method));
    np_json_put_text(j, "base", base_code(s->base));
    np_json_put_integer(j, "anticipation", s->anticipation);
    np_json_put_text(j, "unbalanced", unbalanced_code(q->panel->unbalanced));
    np_json_key(j, "controls");
    np_json_array_inline(j);
    for (size_t i = 1; i < q->panel->k; i++)
        np_json_text(j, q->panel->term[i]);
    np_json_end_array(j);
    np_json_put_number(j, "conf_level", np_did_conf_level(s));
    np_json_put_integer(j, "draws", (int64_t)s->draws);
    np_json_put_integer(j, "seed", (int64_t)s->seed);
    np_json_put_text(j, "comparison_used", r->comparison_used);
    np_json_put_text(j, "weighting", r->weighting);
    np_json_put_text(j, "controls_used", r->controls_used);
    np_json_put_text(j, "base_used", r->base_used);
    np_json_put_text(j, "errors_used", r->errors_used);
    np_json_end_object(j);
}

static void put_dropped(np_json *j, const np_did_dropped *dropped, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        np_json_object(j);
        np_json_put_text(j, "reason", dropped[i].reason);
        np_json_put_integer(j, "rows", (int64_t)dropped[i].n_rows);
        np_json_key(j, "units");
        np_json_array_inline(j);
        for (size_t u = 0; dropped[i].unit != NULL && u < dropped[i].n_units; u++)
            np_json_text(j, dropped[i].unit[u]);
        np_json_end_array(j);
        np_json_end_object(j);
    }
}

static void put_group_time(np_json *j, const np_did_result *r)
{
    np_json_key(j, "group_time");
    np_json_array(j);
    for (size_t i = 0; i < r->n_group_time; i++) {
        const np_group_time_row *row = &r->group_time[i];
        np_json_object(j);
        np_json_put_number(j, "cohort", row->cohort);
        np_json_put_number(j, "time", row->time);
        np_json_put_number(j, "event_time", row->event_time);
        np_json_put_number(j, "base_period", row->base_period);
        np_json_put_number(j, "estimate", row->estimate);
        np_json_put_number(j, "std_error", row->std_error);
        np_json_put_number(j, "statistic", row->statistic);
        np_json_put_number(j, "p_value", row->p_value);
        np_json_put_number(j, "conf_low", row->conf_low);
        np_json_put_number(j, "conf_high", row->conf_high);
        np_json_put_number(j, "band_low", row->band_low);
        np_json_put_number(j, "band_high", row->band_high);
        np_json_put_number(j, "n_treated", row->n_treated);
        np_json_put_number(j, "n_comparison", row->n_comparison);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_aggregate_row(np_json *j, const np_aggregate_row *row)
{
    np_json_object(j);
    np_json_put_number(j, "value", row->value);
    np_json_put_number(j, "estimate", row->estimate);
    np_json_put_number(j, "std_error", row->std_error);
    np_json_put_number(j, "statistic", row->statistic);
    np_json_put_number(j, "p_value", row->p_value);
    np_json_put_number(j, "conf_low", row->conf_low);
    np_json_put_number(j, "conf_high", row->conf_high);
    np_json_put_number(j, "band_low", row->band_low);
    np_json_put_number(j, "band_high", row->band_high);
    np_json_put_number(j, "n_treated", row->n_treated);
    np_json_put_bool(j, "reference", row->reference);
    np_json_end_object(j);
}

static void put_aggregate(np_json *j, const np_did_aggregate *a)
{
    np_json_object(j);
    np_json_put_text(j, "kind", a->kind);
    np_json_put_number(j, "estimate", a->estimate);
    np_json_put_number(j, "std_error", a->std_error);
    np_json_put_number(j, "statistic", a->statistic);
    np_json_put_number(j, "p_value", a->p_value);
    np_json_put_number(j, "conf_low", a->conf_low);
    np_json_put_number(j, "conf_high", a->conf_high);
    np_json_put_number(j, "critical_value", a->n_rows == 0 ? NAN : a->critical_value);
    np_json_key(j, "rows");
    np_json_array(j);
    for (size_t i = 0; i < a->n_rows; i++)
        put_aggregate_row(j, &a->row[i]);
    np_json_end_array(j);
    np_json_key(j, "vcov");
    np_json_array(j);
    for (size_t i = 0; a->vcov != NULL && i < a->n_rows; i++) {
        np_json_array_inline(j);
        for (size_t l = 0; l < a->n_rows; l++)
            np_json_number(j, a->vcov[i * a->n_rows + l]);
        np_json_end_array(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

void np_did_result_json_members(np_json *j, const np_did_question *q,
                                const np_did_result *r)
{
    put_model(j, q, r);
    np_json_put_integer(j, "n", (int64_t)r->estimates.n);
    np_json_put_integer(j, "n_table_rows", (int64_t)q->panel->n_table_rows);
    np_json_put_integer(j, "n_units", (int64_t)r->n_units);
    np_json_put_integer(j, "n_treated_units", (int64_t)r->n_treated_units);
    np_json_put_integer(j, "n_periods", (int64_t)q->panel->n_periods);
    np_json_key(j, "dropped");
    np_json_array(j);
    put_dropped(j, q->panel->dropped, q->panel->n_dropped);
    put_dropped(j, r->dropped, r->n_dropped);
    np_json_end_array(j);
    np_estimates_json_findings(j, &r->estimates);
    put_group_time(j, r);
    np_json_key(j, "aggregates");
    np_json_array(j);
    for (size_t i = 0; i < r->n_aggregates; i++)
        put_aggregate(j, &r->aggregate[i]);
    np_json_end_array(j);
}

static void put_cohort(np_json *j, const np_did_cohort *c, size_t n_periods)
{
    np_json_object(j);
    np_json_put_number(j, "cohort", c->cohort);
    np_json_put_integer(j, "units", (int64_t)c->n_units);
    np_json_put_integer(j, "before", (int64_t)c->n_before);
    np_json_put_integer(j, "after", (int64_t)c->n_after);
    np_json_put_integer(j, "comparison_at_start", (int64_t)c->n_not_yet_at_start);
    np_json_put_integer(j, "comparison_at_end", (int64_t)c->n_not_yet_at_end);
    np_json_key(j, "seen");
    np_json_array_inline(j);
    for (size_t t = 0; t < n_periods; t++)
        np_json_integer(j, (int64_t)c->seen[t]);
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_verdicts(np_json *j, const np_did_design *d)
{
    np_json_key(j, "verdicts");
    np_json_array(j);
    for (np_did_estimator e = 0; e < NP_N_DID_ESTIMATORS; e++) {
        np_json_object(j);
        np_json_put_text(j, "estimator", np_did_estimator_code(e));
        np_json_put_bool(j, "identified", d->verdict[e].identified);
        np_json_put_text(j, "reason", d->verdict[e].reason);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

void np_did_design_json(np_json *j, const np_did_panel *p, const np_did_design *d)
{
    np_json_object(j);
    np_json_put_integer(j, "n", (int64_t)d->n);
    np_json_put_integer(j, "n_units", (int64_t)d->n_units);
    np_json_put_integer(j, "n_never", (int64_t)d->n_never);
    np_json_put_integer(j, "n_periods", (int64_t)d->n_periods);
    np_json_put_bool(j, "balanced", p->balanced);
    np_json_put_bool(j, "absorbing", p->absorbing);
    np_json_put_numbers(j, "periods", p->period, p->n_periods);
    np_json_key(j, "period_labels");
    np_json_array_inline(j);
    for (size_t t = 0; t < p->n_periods; t++)
        np_json_text(j, p->period_label[t]);
    np_json_end_array(j);
    np_json_key(j, "cohorts");
    np_json_array(j);
    for (size_t g = 0; g < d->n_rows; g++)
        put_cohort(j, &d->row[g], d->n_periods);
    np_json_end_array(j);
    put_verdicts(j, d);
    np_json_key(j, "dropped");
    np_json_array(j);
    put_dropped(j, p->dropped, p->n_dropped);
    np_json_end_array(j);
    np_json_key(j, "warnings");
    np_json_array(j);
    for (size_t i = 0; i < d->n_warnings; i++)
        np_json_text(j, d->warning[i]);
    for (size_t i = 0; i < p->n_warnings; i++)
        np_json_text(j, p->warning[i]);
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_compared(np_json *j, const np_did_compared *r)
{
    np_json_object(j);
    np_json_put_text(j, "estimator", np_did_estimator_code(r->estimator));
    np_json_put_text(j, "title", np_did_estimator_title(r->estimator));
    np_json_put_number(j, "estimate", r->estimate);
    np_json_put_number(j, "std_error", r->std_error);
    np_json_put_number(j, "p_value", r->p_value);
    np_json_put_number(j, "conf_low", r->conf_low);
    np_json_put_number(j, "conf_high", r->conf_high);
    np_json_put_number(j, "at_start", r->at_start);
    np_json_put_number(j, "at_start_error", r->at_start_error);
    np_json_put_integer(j, "n_units", (int64_t)r->result->n_units);
    np_json_put_integer(j, "n_treated_units", (int64_t)r->result->n_treated_units);
    np_json_put_text(j, "comparison_used", r->result->comparison_used);
    np_json_put_text(j, "weighting", r->result->weighting);
    np_json_put_text(j, "controls_used", r->result->controls_used);
    np_json_put_text(j, "base_used", r->result->base_used);
    np_json_put_text(j, "errors_used", r->result->errors_used);
    np_json_end_object(j);
}

static void put_finding(np_json *j, const np_did_finding *f)
{
    np_json_object(j);
    np_json_put_text(j, "kind", np_did_finding_code(f->kind));
    np_json_key(j, "estimators");
    np_json_array_inline(j);
    for (np_did_estimator e = 0; e < NP_N_DID_ESTIMATORS; e++)
        if (f->estimators >> e & 1)
            np_json_text(j, np_did_estimator_code(e));
    np_json_end_array(j);
    np_json_key(j, "values");
    np_json_array_inline(j);
    for (size_t i = 0; i < sizeof f->value / sizeof *f->value; i++)
        np_json_number(j, f->value[i]);
    np_json_end_array(j);
    np_json_put_text(j, "text", f->text);
    np_json_end_object(j);
}

void np_did_comparison_json(np_json *j, const np_did_comparison *c)
{
    np_json_object(j);
    np_json_key(j, "rows");
    np_json_array(j);
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->row[i].result != NULL)
            put_compared(j, &c->row[i]);
    np_json_end_array(j);
    np_json_key(j, "findings");
    np_json_array(j);
    for (size_t i = 0; i < c->n_findings; i++)
        put_finding(j, &c->finding[i]);
    np_json_end_array(j);
    np_json_end_object(j);
}
