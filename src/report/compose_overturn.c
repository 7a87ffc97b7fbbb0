/* What would overturn a question's estimate, in words that follow the results. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compose.h"
#include "report/number.h"
#include "report/sensitivity.h"

enum { MOST_ROWS_SHOWN = 15 };

static const char *tried(np_composer *c)
{
    return np_say_lower(c,
                        np_translate(np_did_estimator_title(c->question->overturn->of)));
}

static void refusal(np_composer *c, const np_trial *t, const char *what)
{
    if (t->refused != NULL)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH, _("%s: not possible here. %s."), what,
                        np_say_capital(c, t->refused->message));
}

static void trends(np_composer *c, np_trial_kind kind, np_honest_restriction restriction,
                   const char *title)
{
    const np_trial *t = &c->question->overturn->trial[kind];
    refusal(c, t, title);
    if (t->honest == NULL)
        return;
    np_sensitivity s = {.result = t->honest,
                        .restriction = restriction,
                        .target = _("the mean effect from the start on"),
                        .title = np_say_format(c, "%s: %s", c->outcome, title),
                        .uom = c->effect_uom,
                        .id = np_compose_id(c, "sensitivity", np_trial_code(kind))};
    const char *sentence = np_sensitivity_sentence(&s, c->arena, c->language);
    const np_doc_table *table = np_sensitivity_table(&s, c->arena, c->language);
    const np_figure *figure = np_sensitivity_figure(&s, c->arena, c->language);
    c->doc->failed |= sentence == NULL || table == NULL || figure == NULL;
    if (c->doc->failed)
        return;
    np_doc_add_text(c->doc, NP_DOC_PARAGRAPH, "%s", sentence);
    np_doc_add_figure(c->doc, figure, table);
}

static void cell(np_composer *c, np_table_builder *b, double value)
{
    if (isnan(value))
        np_table_builder_cell(b, "..");
    else
        np_table_builder_number(b, np_say_effect(c, value), value);
}

/* The rows to show: all, or those that move the estimate most. */
static size_t choose_rows(np_composer *c, const np_robustness *r, size_t *shown)
{
    size_t n = 0;
    bool *taken = np_arena_array(c->arena, bool, r->n_rows);
    if (taken == NULL) {
        c->doc->failed = true;
        return 0;
    }
    for (; n < r->n_rows && (r->n_rows <= MOST_ROWS_SHOWN || n < MOST_ROWS_SHOWN); n++) {
        size_t best = r->n_rows;
        for (size_t i = 0; i < r->n_rows; i++) {
            if (taken[i])
                continue;
            bool farther =
                best == r->n_rows || (r->n_rows > MOST_ROWS_SHOWN &&
                                      fabs(r->row[i].change) > fabs(r->row[best].change));
            best = farther ? i : best;
        }
        taken[best] = true;
        shown[n] = best;
    }
    return n;
}

/* What was left out, or the made-up start. */
static const char *row_name(np_composer *c, np_trial_kind kind,
                            const np_robustness_row *r)
{
    if (kind == NP_TRIAL_LEAVE_COHORT_OUT)
        return np_compose_cohort_name(c, r->cohort);
    if (kind == NP_TRIAL_LEAVE_UNIT_OUT)
        return r->left_out;
    if (isnan(r->cohort))
        return np_say_period(c, r->date);
    return np_say_format(c, "%s, %s", np_say_period(c, r->date),
                         np_say_lower(c, np_compose_cohort_name(c, r->cohort)));
}

static void rows_table(np_composer *c, np_trial_kind kind, const np_robustness *r,
                       const char *title, const char *head)
{
    size_t *shown = np_arena_array(c->arena, size_t, r->n_rows);
    if (shown == NULL) {
        c->doc->failed = true;
        return;
    }
    size_t n = choose_rows(c, r, shown);
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", np_trial_code(kind)), title, 5);
    np_table_builder_head(b);
    np_table_builder_cell(b, head);
    np_table_builder_cell(b, _("Effect"));
    np_table_builder_cell(b, _("Std. error"));
    np_table_builder_cell(b, _("CI from"));
    np_table_builder_cell(b, _("CI to"));
    for (size_t i = 0; i < n; i++) {
        const np_robustness_row *row = &r->row[shown[i]];
        np_table_builder_row(b);
        np_table_builder_row_header(b, row_name(c, kind, row), 0);
        cell(c, b, row->estimate);
        cell(c, b, row->std_error);
        cell(c, b, row->conf_low);
        cell(c, b, row->conf_high);
        if (row->refused != NULL)
            np_table_builder_note(b, "%s: %s.", row_name(c, kind, row), row->refused);
    }
    np_table_builder_note(b, _("Estimated by %s."), tried(c));
    if (n < r->n_rows)
        np_table_builder_note(b,
                              _("The %s of %s that move the estimate most; all are in "
                                "results.json."),
                              np_say_count(c, n), np_say_count(c, r->n_rows));
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

static void placebo_dates(np_composer *c)
{
    const np_trial *t = &c->question->overturn->trial[NP_TRIAL_PLACEBO_DATES];
    const np_robustness *r = t->robustness;
    refusal(c, t, _("Made-up starts"));
    if (r == NULL)
        return;
    const char *n = np_say_count(c, r->n_rows - r->n_refused);
    if (r->n_rejected == 0)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("Had the programme started earlier than it did, it could have "
                          "had no effect: at none of the %s made-up starts before the "
                          "real ones is one found."),
                        n);
    else
        np_doc_add_text(c->doc, NP_DOC_CAVEAT,
                        _("At %s of the %s made-up starts before the real ones an effect "
                          "is found where there can be none: participants and others "
                          "developed differently before the programme."),
                        np_say_count(c, r->n_rejected), n);
    rows_table(c, NP_TRIAL_PLACEBO_DATES, r,
               np_say_format(c, _("%s: effect of made-up starts"), c->outcome),
               _("Made-up start"));
}

static void without(np_composer *c, np_trial_kind kind, const char *title,
                    const char *head)
{
    const np_trial *t = &c->question->overturn->trial[kind];
    const np_robustness *r = t->robustness;
    refusal(c, t, title);
    if (r == NULL || r->lowest >= r->n_rows)
        return;
    size_t n = r->n_rows - r->n_refused;
    const np_robustness_row *low = &r->row[r->lowest], *high = &r->row[r->highest];
    bool decides = r->n_rejected > 0 && r->n_rejected < n;
    np_doc_add_text(
        c->doc, decides ? NP_DOC_CAVEAT : NP_DOC_PARAGRAPH,
        decides ? _("%s: the estimate lies between %s (without %s) and %s (without %s), "
                    "and whether it differs from zero depends on who is left out: it "
                    "does in %s of %s cases.")
                : _("%s: the estimate lies between %s (without %s) and %s (without %s); "
                    "whether it differs from zero does not depend on any of them."),
        title, np_say_amount(c, low->estimate), row_name(c, kind, low),
        np_say_amount(c, high->estimate), row_name(c, kind, high),
        np_say_count(c, r->n_rejected), np_say_count(c, n));
    rows_table(c, kind, r, np_say_format(c, "%s: %s", c->outcome, title), head);
}

static void randomisation(np_composer *c)
{
    const np_trial *t = &c->question->overturn->trial[NP_TRIAL_RANDOMISATION];
    const np_randomisation *r = t->randomisation;
    refusal(c, t, _("Drawing by lot who takes part"));
    if (r == NULL)
        return;
    const char *p = np_say_p(c, r->p_value), *draws = np_say_count(c, r->draws);
    np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                    _("Had it been drawn by lot who takes part and from when, a "
                      "statistic at least as large as the one found would have come up "
                      "in %s of %s draws (randomisation test, %s)."),
                    np_say_count(c, r->n_reached), draws, p);
}

void np_compose_overturn(np_composer *c)
{
    if (c->question->overturn == NULL)
        return;
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "overturn", ""),
                       _("What would overturn it"));
    trends(c, NP_TRIAL_RELATIVE_MAGNITUDES, NP_HONEST_RELATIVE_MAGNITUDES,
           _("trends that differ more after the start than before"));
    trends(c, NP_TRIAL_SMOOTHNESS, NP_HONEST_SMOOTHNESS,
           _("trends that bend after the start"));
    placebo_dates(c);
    without(c, NP_TRIAL_LEAVE_COHORT_OUT, _("Leaving one cohort out"), _("Without"));
    without(c, NP_TRIAL_LEAVE_UNIT_OUT, _("Leaving one unit out"), _("Without"));
    randomisation(c);
}
