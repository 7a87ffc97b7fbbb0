#include <math.h>
#include <string.h>

#include "report/did_doc_internal.h"
#include "report/estimate_notes.h"
#include "report/number.h"

enum { MOST_GROUP_TIME = 60, MOST_FURTHER = 20 };

/* A table of estimates whose columns have the same decimals. */
typedef struct {
    np_doc *doc;
    np_table_builder *t;
    const np_did_question *q;
    int decimals;
    bool has_bands, has_units;
} writer;

typedef struct {
    double estimate, std_error, p_value, conf_low, conf_high, band_low, band_high;
    bool reference;
} numbers;

static void number(const writer *w, double value)
{
    np_table_builder_number(
        w->t, np_number_fixed(w->doc->arena, value, w->decimals, w->doc->language),
        value);
}

static void count(const writer *w, double n)
{
    np_table_builder_number(
        w->t, np_number_fixed(w->doc->arena, n, n == floor(n) ? 0 : 1, w->doc->language),
        n);
}

static void number_cells(const writer *w, const numbers *n)
{
    if (n->reference)
        np_table_builder_number(w->t, "0", 0);
    else
        number(w, n->estimate);
    number(w, n->std_error > 0 ? n->std_error : NAN);
    np_table_builder_number(
        w->t, np_number_p(w->doc->arena, n->p_value, w->doc->language), n->p_value);
    number(w, n->conf_low);
    number(w, n->conf_high);
    if (w->has_bands) {
        number(w, n->band_low);
        number(w, n->band_high);
    }
}

static void number_heads(const writer *w)
{
    double level = 100 * np_did_conf_level(w->q->spec);
    np_table_builder_cell(w->t, _("Estimate"));
    np_table_builder_cell(w->t, _("Std. error"));
    np_table_builder_cell(w->t, "p");
    np_table_builder_span(w->t, np_did_say(w->doc, _("%g %% interval"), level), 2);
    if (w->has_bands)
        np_table_builder_span(w->t, np_did_say(w->doc, _("%g %% band"), level), 2);
}

static const char *kind_title(const char *kind)
{
    static const struct {
        const char *kind, *title;
    } known[] = {{"simple", N_("All, on average")},
                 {"dynamic", N_("By periods since the start")},
                 {"group", N_("By cohort")},
                 {"calendar", N_("By period")}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].kind, kind) == 0)
            return _(known[i].title);
    return kind;
}

static void aggregate_row(const writer *w, const np_did_aggregate *a, size_t i)
{
    const np_aggregate_row *r = &a->row[i];
    const char *label =
        strcmp(a->kind, "dynamic") == 0
            ? np_number_significant(w->doc->arena, r->value, 10, w->doc->language)
            : np_did_period_text(w->q->panel, r->value, w->doc->arena);
    if (r->reference)
        label = np_did_say(w->doc, _("%s (reference)"), label);
    np_table_builder_row(w->t);
    np_table_builder_row_header(w->t, label, 1);
    number_cells(w, &(numbers){r->estimate, r->std_error, r->p_value, r->conf_low,
                               r->conf_high, r->band_low, r->band_high, r->reference});
    if (w->has_units)
        count(w, r->n_treated);
}

static void aggregate(const writer *w, const np_did_aggregate *a)
{
    if (a->n_rows > 0)
        np_table_builder_rule(w->t);
    np_table_builder_row(w->t);
    np_table_builder_row_header(w->t, kind_title(a->kind), 0);
    number_cells(w, &(numbers){a->estimate, a->std_error, a->p_value, a->conf_low,
                               a->conf_high, NAN, NAN, false});
    if (w->has_units)
        np_table_builder_cell(w->t, "");
    for (size_t i = 0; i < a->n_rows; i++)
        aggregate_row(w, a, i);
}

/* Decimals, bands and counts that the averages have. */
static void measure_averages(writer *w, const np_did_result *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_aggregates; i++)
        n += 1 + r->aggregate[i].n_rows;
    double *se = np_arena_array(w->doc->arena, double, n);
    if (se == NULL) {
        w->doc->failed = true;
        return;
    }
    n = 0;
    for (size_t i = 0; i < r->n_aggregates; i++) {
        const np_did_aggregate *a = &r->aggregate[i];
        se[n++] = a->std_error;
        for (size_t k = 0; k < a->n_rows; k++) {
            se[n++] = a->row[k].std_error;
            w->has_bands = w->has_bands || isfinite(a->row[k].band_low);
            w->has_units = w->has_units || isfinite(a->row[k].n_treated);
        }
    }
    w->decimals = np_did_decimals(se, n);
}

static void note(np_table_builder *t, const char *format, const char *used)
{
    if (used != NULL && used[0] != '\0')
        np_table_builder_note(t, "%s %s.", format, np_translate(used));
}

/* The others' errors are of a formula whatever the number of draws. */
static bool draws_at_random(np_did_estimator estimator, const np_did_spec *s)
{
    bool synthetic =
        estimator == NP_DID_SYNTHETIC_DID || estimator == NP_DID_SYNTHETIC_CONTROL;
    return estimator == NP_DID_GROUP_TIME || estimator == NP_DID_EFFICIENT ||
           (synthetic && (s->synthetic_errors == NP_SYNTHETIC_PLACEBO ||
                          s->synthetic_errors == NP_SYNTHETIC_BOOTSTRAP));
}

static void note_draws(const writer *w, const np_did_result *r)
{
    const np_did_spec *s = w->q->spec;
    if (s->draws == 0 || !draws_at_random(r->estimator, s))
        return;
    np_table_builder_note(w->t, _("%s draws, seed %s."), np_did_count(w->doc, s->draws),
                          np_did_count(w->doc, (size_t)s->seed));
    for (size_t i = 0; i < r->n_aggregates; i++)
        if (r->aggregate[i].n_rows > 0 && isfinite(r->aggregate[i].critical_value))
            np_table_builder_note(
                w->t, _("%s: the band is %s standard errors to each side."),
                kind_title(r->aggregate[i].kind),
                np_number_fixed(w->doc->arena, r->aggregate[i].critical_value, 3,
                                w->doc->language));
}

static void notes(const writer *w, const np_did_result *r)
{
    note(w->t, _("Compared with:"), r->comparison_used);
    note(w->t, _("Controls:"), r->controls_used);
    note(w->t, _("Effects are measured from:"), r->base_used);
    note(w->t, _("Averages weight:"), r->weighting);
    note(w->t, _("Standard errors:"), r->errors_used);
    note_draws(w, r);
    for (size_t i = 0; i < r->estimates.n_tests; i++)
        np_note_test(w->t, &r->estimates.test[i], w->doc->arena, w->doc->language);
    np_table_builder_note(w->t, _("Method: %s."), r->source);
}

static const np_doc_table *averages_table(np_doc *doc, const np_did_question *q,
                                          const np_did_result *r)
{
    writer w = {.doc = doc, .q = q};
    measure_averages(&w, r);
    w.t = np_table_builder_new(
        doc->arena, np_did_say(doc, "did-%s", np_did_estimator_code(r->estimator)),
        _("Effects on the treated"), (w.has_bands ? 8u : 6u) + (w.has_units ? 1u : 0u));
    np_table_builder_head(w.t);
    np_table_builder_cell(w.t, "");
    number_heads(&w);
    if (w.has_units)
        np_table_builder_cell(w.t, _("Treated"));
    for (size_t i = 0; i < r->n_aggregates; i++)
        aggregate(&w, &r->aggregate[i]);
    notes(&w, r);
    return np_table_builder_done(w.t);
}

static void group_time_row(const writer *w, const np_group_time_row *r)
{
    np_arena *arena = w->doc->arena;
    np_table_builder_row(w->t);
    np_table_builder_row_header(w->t, np_did_period_text(w->q->panel, r->cohort, arena),
                                0);
    np_table_builder_cell(w->t, np_did_period_text(w->q->panel, r->time, arena));
    bool reference = r->estimate == 0 && !(r->std_error > 0);
    number_cells(w, &(numbers){r->estimate, r->std_error, r->p_value, r->conf_low,
                               r->conf_high, r->band_low, r->band_high, reference});
    if (w->has_units) {
        count(w, r->n_treated);
        count(w, r->n_comparison);
    }
}

static const np_doc_table *group_time_table(np_doc *doc, const np_did_question *q,
                                            const np_did_result *r)
{
    writer w = {.doc = doc, .q = q};
    double *se = np_arena_array(doc->arena, double, r->n_group_time);
    if (se == NULL) {
        doc->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < r->n_group_time; i++) {
        se[i] = r->group_time[i].std_error;
        w.has_bands = w.has_bands || isfinite(r->group_time[i].band_low);
        w.has_units = w.has_units || isfinite(r->group_time[i].n_comparison);
    }
    w.decimals = np_did_decimals(se, r->n_group_time);
    w.t = np_table_builder_new(
        doc->arena, np_did_say(doc, "did-%s-cells", np_did_estimator_code(r->estimator)),
        _("Effects by cohort and period"),
        (w.has_bands ? 9u : 7u) + (w.has_units ? 2u : 0u));
    np_table_builder_head(w.t);
    np_table_builder_cell(w.t, _("Cohort"));
    np_table_builder_cell(w.t, _("Period"));
    number_heads(&w);
    if (w.has_units) {
        np_table_builder_cell(w.t, _("Treated"));
        np_table_builder_cell(w.t, _("Others"));
    }
    for (size_t i = 0; i < r->n_group_time; i++) {
        if (i > 0 && r->group_time[i].cohort != r->group_time[i - 1].cohort)
            np_table_builder_rule(w.t);
        group_time_row(&w, &r->group_time[i]);
    }
    return np_table_builder_done(w.t);
}

static void sentence(np_doc *doc, const np_did_question *q, const np_did_result *r)
{
    if (r->n_aggregates == 0)
        return;
    const np_did_aggregate *a = np_did_overall_of(r);
    np_language language = doc->language;
    const char *estimate =
        np_number_with_error(doc->arena, a->estimate, a->std_error, language);
    const char *units =
        np_did_say(doc, _("%s treated units of %s"),
                   np_did_count(doc, r->n_treated_units), np_did_count(doc, r->n_units));
    if (!(a->std_error > 0)) {
        np_doc_add_text(doc, NP_DOC_LEAD,
                        _("The effect on the treated is %s on average, without a "
                          "standard error. %s."),
                        estimate, units);
        return;
    }
    np_doc_add_text(
        doc, NP_DOC_LEAD,
        _("The effect on the treated is %s on average (%g %% interval %s to %s; %s). "
          "%s."),
        estimate, 100 * np_did_conf_level(q->spec),
        np_number_with_error(doc->arena, a->conf_low, a->std_error, language),
        np_number_with_error(doc->arena, a->conf_high, a->std_error, language),
        np_did_p(doc, a->p_value), units);
}

/* Those that the averages and the table by cohort and period have already. */
static bool is_repeated(const char *name)
{
    static const char *const known[] = {"cohort_period", "att", "by_cohort",
                                        "event_study"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], name) == 0)
            return true;
    return false;
}

/* Weights that an estimator does not use, as of the periods in synthetic control. */
static bool is_all_zero(const np_estimate_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        if (table->estimate == NULL || table->estimate[i] != 0)
            return false;
    return true;
}

void np_did_doc_result(np_doc *doc, const np_did_question *q, const np_did_result *r,
                       bool figures)
{
    const np_estimates *e = &r->estimates;
    np_doc_add_heading(doc, 1, np_did_estimator_code(r->estimator), _(r->title));
    sentence(doc, q, r);
    if (r->n_aggregates > 0)
        np_did_add(doc, figures ? np_did_events_figure(doc, q, r, 1) : NULL,
                   averages_table(doc, q, r));
    if (r->n_group_time > MOST_GROUP_TIME)
        np_doc_add_text(doc, NP_DOC_PARAGRAPH,
                        _("The effects by cohort and period are %s; --format csv and "
                          "json list them."),
                        np_did_count(doc, r->n_group_time));
    else if (r->n_group_time > 0)
        np_doc_add_table(doc, group_time_table(doc, q, r));
    for (size_t i = 0; i < e->n_tables; i++)
        if (!is_repeated(e->table[i].name) && !is_all_zero(&e->table[i]))
            np_doc_add_table(doc, np_further_table(&e->table[i], MOST_FURTHER, doc->arena,
                                                   doc->language));
    np_did_doc_dropped(doc, _("Left out:"), r->dropped, r->n_dropped);
    for (size_t i = 0; i < e->n_warnings; i++)
        np_doc_add_text(doc, NP_DOC_CAVEAT, "%s", e->warning[i]);
}
