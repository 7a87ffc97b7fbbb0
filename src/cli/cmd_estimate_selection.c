#include <math.h>
#include <string.h>

#include "cli/cmd_estimate.h"
#include "report/number.h"

static np_status take_spec(np_selection_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *outcome = np_argument(a, "selection-outcome");
    size_t n = np_argument_count(a, "selection-benchmark");
    const char **benchmark = np_arena_array(call->arena, const char *, n);
    if (benchmark == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++)
        benchmark[i] = np_argument_at(a, "selection-benchmark", i);
    s->term = np_argument(a, "selection");
    s->controls = np_argument(a, "selection-controls");
    s->benchmark = benchmark;
    s->n_benchmarks = n;
    s->rare = outcome != NULL && strcmp(outcome, "rare") == 0;
    np_status status = np_argument_number(&s->r2_max, a, "selection-r2-max", err);
    if (status == NP_OK)
        status = np_argument_number(&s->delta, a, "selection-delta", err);
    if (status == NP_OK && np_argument_given(a, "selection-r2-max") &&
        !(s->r2_max > 0 && s->r2_max <= 1))
        return np_fail(err, NP_E_USAGE,
                       _("--selection-r2-max %s: it lies between 0 and 1"),
                       np_argument(a, "selection-r2-max"));
    if (status == NP_OK && np_argument_given(a, "selection-delta") && s->delta == 0)
        return np_fail(err, NP_E_USAGE,
                       _("--selection-delta %s: without selection nothing is left to be "
                         "bounded"),
                       np_argument(a, "selection-delta"));
    return status;
}

/* The same model with the classical covariance, from which the bounds follow. */
static np_status classical_of(np_model *out, const np_estimation *e, size_t m,
                              const np_call *call, np_error *err)
{
    np_model_spec spec = {.design = e->spec.design,
                          .family = e->spec.family,
                          .conf_level = e->spec.conf_level,
                          .n_threads = e->spec.n_threads};
    spec.design.formula = e->formula[m];
    np_status status = np_model_estimate(out, &e->csv.table, &spec, call->arena, err);
    if (status == NP_OK && out->design.endogenous.k > 0)
        return np_fail(err, NP_E_USAGE,
                       _("--selection is for models without instruments"));
    return status;
}

np_status np_estimate_selection(np_estimation *e, const np_call *call, np_error *err)
{
    static const char *const belongs[] = {"selection-controls", "selection-benchmark",
                                          "selection-r2-max", "selection-delta",
                                          "selection-outcome"};
    np_selection_spec spec = {.family = e->spec.family,
                              .level = round(1e12 * (1 - e->spec.conf_level)) / 1e12};
    if (!np_argument_given(call->arguments, "selection")) {
        for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++)
            if (np_argument_given(call->arguments, belongs[i]))
                return np_fail(err, NP_E_USAGE, _("--%s belongs to --selection TERM"),
                               belongs[i]);
        return NP_OK;
    }
    if (e->spec.panel_model != NP_PANEL_NONE)
        return np_fail(err, NP_E_USAGE,
                       _("--selection is for models on the formula as it stands: not "
                         "with --model"));
    np_selection *selection = np_arena_array(call->arena, np_selection, e->n_models);
    if (selection == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = take_spec(&spec, call, err);
    for (size_t m = 0; status == NP_OK && m < e->n_models; m++) {
        np_model classical;
        status = classical_of(&classical, e, m, call, err);
        if (status == NP_OK)
            status =
                np_selection_estimate(&selection[m], &classical.estimates,
                                      &e->model[m].estimates, &spec, call->arena, err);
    }
    if (status == NP_OK)
        e->selection = selection;
    return status;
}

typedef struct {
    np_table_builder *t;
    np_arena *arena;
    np_language language;
    bool for_machines, several;
    size_t model;
} printer;

static const char *number(const printer *w, double value)
{
    return isnan(value) ? "" : np_number_significant(w->arena, value, 3, w->language);
}

/* `code` is the measure's name in the JSON, `label` its name for people. */
static void row(const printer *w, const char *code, const char *label, double value,
                double low, double high)
{
    np_table_builder_row(w->t);
    if (w->several)
        np_table_builder_number(
            w->t,
            np_arena_format(w->arena, w->for_machines ? "%zu" : "(%zu)", w->model + 1),
            (double)w->model + 1);
    np_table_builder_cell(w->t, w->for_machines ? code : label);
    np_table_builder_number(w->t, number(w, value), value);
    np_table_builder_number(w->t, number(w, low), low);
    np_table_builder_number(w->t, number(w, high), high);
}

static void oster_rows(const printer *w, const np_selection *s)
{
    if (!s->has_oster)
        return;
    row(w, "r2_max", _("Largest R²"), s->oster.r2_max, NAN, NAN);
    row(w, "delta_zero", _("Oster's δ"), s->delta_zero, NAN, NAN);
    row(w, "beta_star",
        np_arena_format(w->arena, _("Oster's β* with δ = %s"), number(w, s->delta)),
        s->beta_star.beta, NAN, NAN);
}

static void strength_rows(const printer *w, const np_selection *s)
{
    row(w, "partial_r2", _("Partial R²"), s->partial_r2, NAN, NAN);
    row(w, "robustness_value", _("Robustness value"), s->robustness_value, NAN, NAN);
    row(w, "robustness_value_level",
        np_arena_format(w->arena, _("Robustness value at %s %%"),
                        number(w, 100 * s->level)),
        s->robustness_value_level, NAN, NAN);
    for (size_t i = 0; i < s->n_bounds; i++) {
        const np_selection_bound *b = &s->bound[i];
        row(w, np_arena_format(w->arena, "bound_%.0fx_%s", b->multiple, b->benchmark),
            np_arena_format(w->arena, _("Effect with %s × %s"), number(w, b->multiple),
                            b->benchmark),
            b->bound.estimate, b->bound.conf_low, b->bound.conf_high);
    }
}

static void notes(const printer *w, const np_selection *s)
{
    if (s->has_oster)
        np_table_builder_note(
            w->t, "%s",
            _("Oster's δ: how many times stronger selection on the unobserved must be "
              "than on the controls to take the effect away; β*: the effect if it is as "
              "strong as said. The largest R² is that with all of it."));
    if (s->has_oster && s->beta_star.wrong_way)
        np_table_builder_note(w->t, "%s",
                              _("β* lies on the other side than the controls moved the "
                                "coefficient."));
    if (s->has_linear)
        np_table_builder_note(
            w->t, "%s",
            _("Robustness value: the share of what is left of both treatment and outcome "
              "that a confounder must explain to take the effect away, or its "
              "significance at the level."));
    if (s->n_bounds > 0)
        np_table_builder_note(
            w->t, "%s",
            _("Effect with 2 × a term: with a confounder twice as strong as it; empty "
              "where it would explain the treatment entirely."));
    if (s->has_ratio)
        np_table_builder_note(
            w->t, "%s",
            _("E-value: the risk ratio that a confounder needs with both treatment and "
              "outcome to take the effect, or the limit of its interval, away."));
}

const np_doc_table *np_estimate_selection_table(const np_call *call,
                                                const np_estimation *e, bool for_machines)
{
    printer w = {.arena = call->arena,
                 .language = np_language_get(),
                 .for_machines = for_machines,
                 .several = e->n_models > 1};
    w.t = np_table_builder_new(
        call->arena, "selection",
        for_machines
            ? ""
            : np_arena_format(call->arena, _("What selection would overturn: %s"),
                              e->selection[0].term),
        4 + (size_t)w.several);
    np_table_builder_head(w.t);
    if (w.several)
        np_table_builder_cell(w.t, for_machines ? "model" : _("Model"));
    np_table_builder_cell(w.t, for_machines ? "measure" : _("Measure of selection"));
    np_table_builder_cell(w.t, for_machines ? "value" : _("Value"));
    if (for_machines) {
        np_table_builder_cell(w.t, "conf_low");
        np_table_builder_cell(w.t, "conf_high");
    } else {
        np_table_builder_span(
            w.t,
            np_arena_format(call->arena, _("%g %% interval"), 100 * e->spec.conf_level),
            2);
    }
    np_table_builder_align(w.t, w.several, NP_ALIGN_LEFT);
    for (w.model = 0; w.model < e->n_models; w.model++) {
        const np_selection *s = &e->selection[w.model];
        if (s->has_linear) {
            oster_rows(&w, s);
            strength_rows(&w, s);
        }
        if (!s->has_ratio)
            continue;
        row(&w, "e_value", _("E-value"), s->e.e_value, NAN, NAN);
        row(&w, "e_value_limit", _("E-value of the limit"), s->e.e_limit, NAN, NAN);
    }
    if (!for_machines)
        notes(&w, &e->selection[0]);
    return np_table_builder_done(w.t);
}

static void put_oster(np_json *j, const np_selection *s)
{
    const np_oster *o = &s->oster;
    np_json_key(j, "oster");
    np_json_object(j);
    np_json_put_number(j, "delta_zero", s->delta_zero);
    np_json_put_number(j, "delta", s->delta);
    np_json_put_number(j, "beta_star", s->beta_star.beta);
    np_json_put_bool(j, "wrong_way", s->beta_star.wrong_way);
    np_json_put_numbers(j, "roots", s->beta_star.root, s->beta_star.n_roots);
    np_json_put_number(j, "r2_max", o->r2_max);
    np_json_put_number(j, "estimate_without", o->without);
    np_json_put_number(j, "r2_without", o->r2_without);
    np_json_put_number(j, "estimate_with", o->with);
    np_json_put_number(j, "r2_with", o->r2_with);
    np_json_put_integer(j, "n_controls", (int64_t)s->n_controls);
    np_json_end_object(j);
}

static void put_bounds(np_json *j, const np_selection *s)
{
    np_json_key(j, "bounds");
    np_json_array(j);
    for (size_t i = 0; i < s->n_bounds; i++) {
        const np_confounder_bound *b = &s->bound[i].bound;
        np_json_object(j);
        np_json_put_text(j, "benchmark", s->bound[i].benchmark);
        np_json_put_number(j, "multiple", s->bound[i].multiple);
        np_json_put_number(j, "r2_treatment", b->r2_treatment);
        np_json_put_number(j, "r2_outcome", b->r2_outcome);
        np_json_put_number(j, "estimate", b->estimate);
        np_json_put_number(j, "std_error", b->std_error);
        np_json_put_number(j, "statistic", b->statistic);
        np_json_put_number(j, "conf_low", b->conf_low);
        np_json_put_number(j, "conf_high", b->conf_high);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_ratio(np_json *j, const np_selection *s)
{
    static const char *const kind[] = {"risk-ratio", "odds-ratio", "hazard-ratio",
                                       "standardised-difference"};
    np_json_key(j, "e_value");
    np_json_object(j);
    np_json_put_text(j, "kind", kind[s->ratio_kind]);
    if (s->ratio_kind == NP_RATIO_DIFFERENCE)
        np_json_put_number(j, "residual_sd", s->residual_sd);
    np_json_put_number(j, "risk_ratio", s->e.ratio);
    np_json_put_number(j, "risk_ratio_low", s->e.low);
    np_json_put_number(j, "risk_ratio_high", s->e.high);
    np_json_put_number(j, "e_value", s->e.e_value);
    np_json_put_number(j, "e_value_limit", s->e.e_limit);
    np_json_end_object(j);
}

void np_estimate_selection_json(np_json *j, const np_estimation *e)
{
    np_json_key(j, "selection");
    np_json_array(j);
    for (size_t m = 0; m < e->n_models; m++) {
        const np_selection *s = &e->selection[m];
        np_json_object(j);
        np_json_put_integer(j, "model", (int64_t)m + 1);
        np_json_put_text(j, "term", s->term);
        np_json_put_number(j, "estimate", s->estimate);
        if (s->has_oster)
            put_oster(j, s);
        if (s->has_linear) {
            np_json_put_number(j, "partial_r2", s->partial_r2);
            np_json_put_number(j, "robustness_value", s->robustness_value);
            np_json_put_number(j, "robustness_value_level", s->robustness_value_level);
            np_json_put_number(j, "level", s->level);
            np_json_put_number(j, "statistic", s->statistic);
            np_json_put_number(j, "df", s->df);
            put_bounds(j, s);
        }
        if (s->has_ratio)
            put_ratio(j, s);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}
