/* The report as a whole: front page, summary, a chapter per question, method,
 * provenance. */
#include "report/compose.h"

#include <math.h>
#include <string.h>

#include "report/number.h"
#include "report/report.h"

enum { MOST_DECIMALS = 6, USUAL_DECIMALS = 2 };

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* Two digits of the standard error: more are noise. */
static int decimals_of(const np_question_result *q)
{
    const np_effect *e = np_primary_effect(q);
    for (size_t i = 0; e == NULL && i < q->n_effects; i++)
        if (q->effect[i].refused == NULL)
            e = &q->effect[i];
    if (e == NULL || !(e->std_error > 0) || !isfinite(e->std_error))
        return USUAL_DECIMALS;
    return clamp(1 - (int)floor(log10(e->std_error)), 0, MOST_DECIMALS);
}

static int level_decimals_of(const np_question_result *q, int decimals)
{
    for (size_t i = 0; i < q->n_series; i++)
        for (size_t k = 0; k < q->series[i].n_series; k++) {
            const np_series *s = &q->series[i].series[k];
            double mean = s->n > 0 ? fabs(s->mean[0]) : NAN;
            if (mean > 0 && isfinite(mean))
                return clamp(2 - (int)floor(log10(mean)), 0, decimals);
        }
    return decimals;
}

/* A difference between percentages is in percentage points. */
static const char *effect_unit(const char *uom)
{
    static const char *const percent[] = {"prosent", "per cent", "percent", "%", "pct"};
    for (size_t i = 0; i < sizeof percent / sizeof *percent; i++)
        if (strcmp(uom, percent[i]) == 0)
            return _("percentage points");
    return uom;
}

static void start_question(np_composer *c, const np_question_result *q)
{
    c->question = q;
    c->decimals = decimals_of(q);
    c->level_decimals = level_decimals_of(q, c->decimals);
    const char *label = np_say_local(c, &q->outcome_label);
    c->outcome = *label == '\0' ? q->outcome : label;
    c->uom = np_say_local(c, &q->uom);
    c->effect_uom = effect_unit(c->uom);
}

static const char *criterion_name(const char *criterion)
{
    static const char *const name[][2] = {
        {"effectiveness", N_("effectiveness")},   {"impact", N_("impact")},
        {"relevance", N_("relevance")},           {"coherence", N_("coherence")},
        {"sustainability", N_("sustainability")}, {"efficiency", N_("efficiency")}};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strcmp(criterion, name[i][0]) == 0)
            return np_translate(name[i][1]);
    return criterion;
}

static void facts(np_composer *c)
{
    const np_evaluation *e = c->evaluation;
    if (e->n_facts == 0)
        return;
    np_table_builder *b =
        np_table_builder_new(c->arena, "table-programme", _("About the programme"), 3);
    np_table_builder_align(b, 1, NP_ALIGN_LEFT);
    np_table_builder_align(b, 2, NP_ALIGN_LEFT);
    np_table_builder_head(b);
    np_table_builder_cell(b, _("What"));
    np_table_builder_cell(b, _("Value"));
    np_table_builder_cell(b, _("Source"));
    for (size_t i = 0; i < e->n_facts; i++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, np_say_local(c, &e->fact[i].label), 0);
        np_table_builder_cell(b, np_say_local(c, &e->fact[i].value));
        np_table_builder_cell(b, np_say_local(c, &e->fact[i].source));
    }
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

static void front_page(np_composer *c)
{
    const np_evaluation *e = c->evaluation;
    if (e->simulated)
        c->doc->mark = np_say_format(c, "%s", _("Simulated data"));
    for (int simulated = 1; simulated >= 0; simulated--)
        for (size_t i = 0; i < e->n_notes; i++)
            if (e->note[i].simulated == (bool)simulated)
                np_doc_add_text(c->doc, simulated ? NP_DOC_NOTICE : NP_DOC_PARAGRAPH,
                                "%s", np_say_local(c, &e->note[i].text));
    np_doc_add_heading(c->doc, 1, "asked", _("What was asked"));
    const char **item = np_arena_array(c->arena, const char *, e->n_questions);
    for (size_t i = 0; item != NULL && i < e->n_questions; i++)
        item[i] = np_say_format(c, _("%s (criterion: %s)"),
                                np_say_local(c, &e->question[i].title),
                                criterion_name(e->question[i].criterion));
    if (item != NULL)
        np_doc_add_list(c->doc, item, e->n_questions);
    facts(c);
}

static void refused_sentence(np_composer *c)
{
    const np_question_result *q = c->question;
    for (size_t i = 0; i < q->n_effects; i++)
        if (q->effect[i].refused != NULL) {
            np_doc_add_text(c->doc, NP_DOC_LEAD, _("%s: there is no estimate: %s."),
                            c->outcome, q->effect[i].refused->message);
            return;
        }
    np_doc_add_text(c->doc, NP_DOC_LEAD, _("%s: there is no estimate."), c->outcome);
}

static void summary_of_question(np_composer *c)
{
    const np_question_result *q = c->question;
    const np_effect *e = np_primary_effect(q);
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "summary", ""),
                       np_say_local(c, &q->title));
    if (e == NULL)
        refused_sentence(c);
    else
        np_compose_effect_sentence(c, NP_DOC_LEAD, e);
    const np_test *pre = q->n_event_studies > 0 ? q->event_study[0].pre_trend : NULL;
    if (pre != NULL && pre->p_value < q->decision.level)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("The participants and the others developed differently already "
                          "before the start (%s)."),
                        np_say_test(c, pre));
    else if (pre != NULL)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("Before the start no difference in development between the "
                          "participants and the others is found (%s)."),
                        np_say_test(c, pre));
    if (q->n_caveats > 0)
        np_doc_add_text(
            c->doc, NP_DOC_PARAGRAPH, "%s",
            np_say_counted(
                c, q->n_caveats,
                N_("The data give rise to %s caveat; see the chapter on the question."),
                N_("The data give rise to %s caveats; see the chapter on the "
                   "question.")));
}

static void summary(np_composer *c)
{
    np_doc_add_heading(c->doc, 1, "summary", _("Summary"));
    for (size_t i = 0; i < c->evaluation->n_questions; i++) {
        start_question(c, &c->evaluation->question[i]);
        summary_of_question(c);
    }
}

static const char *cohorts_text(np_composer *c)
{
    const np_question_result *q = c->question;
    const char **item = np_arena_array(c->arena, const char *, q->n_cohorts);
    for (size_t i = 0; item != NULL && i < q->n_cohorts; i++) {
        const char *label = np_say_local(c, &q->cohort_label[i]);
        const char *start = np_say_period(c, q->cohort[i]);
        const char *units = np_say_count(c, q->cohort_units[i]);
        item[i] = *label == '\0'
                      ? np_say_format(c, _("%s from %s"), units, start)
                      : np_say_format(c, _("%s from %s (%s)"), units, start, label);
    }
    if (q->n_cohorts == 0)
        return np_say_count(c, q->n_treated);
    return item == NULL ? "" : np_say_list(c, item, q->n_cohorts, 12);
}

/* The plan's condition in words: "start = ∅" is a column that is empty. */
static const char *condition_text(np_composer *c, const char *filter)
{
    static const char empty[] = " = \xe2\x88\x85";
    const char *at = strstr(filter, empty);
    if (at == NULL)
        return filter;
    const char *column = np_arena_copy_text(c->arena, filter, (size_t)(at - filter));
    if (column == NULL)
        return filter;
    return np_say_format(c, _("%s is empty%s"), np_say_column(c, column),
                         at + sizeof empty - 1);
}

static const char *comparison_text(np_composer *c)
{
    const np_question_result *q = c->question;
    const char *who = q->not_yet
                          ? _("those who never participate, and participants before "
                              "their start")
                          : _("those who never participate");
    if (q->comparison_filter == NULL || *q->comparison_filter == '\0')
        return np_say_format(c, "%s (%s)", who, np_say_count(c, q->n_comparison));
    return np_say_format(c, _("%s (%s), where %s"), who, np_say_count(c, q->n_comparison),
                         condition_text(c, q->comparison_filter));
}

static const char *windows_text(np_composer *c, const double *period, size_t n,
                                size_t first)
{
    const np_question_result *q = c->question;
    const char **item = np_arena_array(c->arena, const char *, n);
    for (size_t i = 0; item != NULL && i < n; i++)
        item[i] = q->window != NULL ? q->window[first + i] : np_say_period(c, period[i]);
    return item == NULL ? "" : np_say_list(c, item, n, 12);
}

/* What is estimated, as a list: the design at a glance. */
static void design(np_composer *c)
{
    const np_question_result *q = c->question;
    const char *item[12];
    size_t n = 0;
    item[n++] = *c->uom == '\0'
                    ? np_say_format(c, _("Outcome: %s"), c->outcome)
                    : np_say_format(c, _("Outcome: %s (%s)"), c->outcome, c->uom);
    item[n++] = np_say_format(c, _("Unit and period: %s, %s to %s"), np_say_unit(c),
                              np_say_period(c, q->first_period),
                              np_say_period(c, q->last_period));
    item[n++] = np_say_format(c, _("Participants: %s"), cohorts_text(c));
    item[n++] = np_say_format(c, _("Comparison group: %s"), comparison_text(c));
    if (q->n_before > 0)
        item[n++] = np_say_format(c, _("Before: mean of %s. After: mean of %s"),
                                  windows_text(c, q->before, q->n_before, 0),
                                  windows_text(c, q->after, q->n_after, q->n_before));
    if (q->n_controls > 0)
        item[n++] = np_say_format(c, _("Held constant: %s"),
                                  np_say_columns(c, q->control, q->n_controls));
    if (*q->weights != '\0')
        item[n++] = np_say_format(c, _("Weights: %s"), np_say_column(c, q->weights));
    item[n++] =
        np_say_format(c, _("Level of significance: %s per cent; %s"),
                      np_say_level_percent(c, q->decision.level), np_say_decision(c));
    np_doc_add_list(c->doc, item, n);
}

static void assumption(np_composer *c)
{
    const np_effect *e = np_primary_effect(c->question);
    if (e == NULL || e->assumption.text == NULL || *e->assumption.text == '\0')
        return;
    np_doc_add_text(c->doc, NP_DOC_PARAGRAPH, "%s", np_say_statement(c, &e->assumption));
}

static void chapter(np_composer *c)
{
    const np_question_result *q = c->question;
    const np_effect *e = np_primary_effect(q);
    np_doc_add_heading(c->doc, 1, np_compose_id(c, "question", ""),
                       np_say_local(c, &q->title));
    const char *description = np_say_local(c, &q->description);
    if (*description != '\0')
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH, "%s", description);
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "design", ""), _("What is estimated"));
    design(c);
    assumption(c);
    if (q->design == NP_DESIGN_PANEL_DID)
        np_compose_panel(c);
    else
        np_compose_change(c);
    if (q->n_left_out > 0 || (e != NULL && e->n_left_out > 0)) {
        np_doc_add_heading(c->doc, 2, np_compose_id(c, "left-out", ""),
                           _("Who is left out"));
        np_compose_left_out(c, q->left_out, q->n_left_out, e == NULL ? NULL : e->left_out,
                            e == NULL ? 0 : e->n_left_out);
    }
}

np_status np_report_compose(np_doc *out, const np_evaluation *evaluation,
                            np_language language, np_arena *arena, np_error *err)
{
    np_language before = np_language_get();
    np_language_set(language);
    np_composer c = {.arena = arena, .language = language, .evaluation = evaluation};
    np_doc doc =
        np_doc_new(arena, language, np_localised_text(&evaluation->title, language),
                   np_localised_text(&evaluation->subtitle, language));
    c.doc = &doc;
    front_page(&c);
    summary(&c);
    for (size_t i = 0; i < evaluation->n_questions; i++) {
        start_question(&c, &evaluation->question[i]);
        chapter(&c);
    }
    np_compose_method(&c);
    np_compose_provenance(&c);
    np_language_set(before);
    np_status status = np_doc_done(&doc, err);
    if (status == NP_OK)
        *out = doc;
    return status;
}
