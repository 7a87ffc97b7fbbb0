#include "report/did_checks.h"

#include <math.h>
#include <stdlib.h>

#include "report/did_doc_internal.h"
#include "report/number.h"

/* Rows shown at each end where there are more than both. */
enum { MOST_AT_AN_END = 8 };

typedef struct {
    const np_robustness *r;
    size_t *order; /* rows to show, by estimate or as they come */
    size_t n;
    int decimals;
} selection;

static int by_estimate(const void *a, const void *b, void *context)
{
    const np_robustness *r = context;
    double x = r->row[*(const size_t *)a].estimate,
           y = r->row[*(const size_t *)b].estimate;
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

/* All in their order, or the ends by estimate; what was refused is told apart. */
static selection choose(np_doc *doc, const np_robustness *r)
{
    selection s = {.r = r};
    double *se = np_arena_array(doc->arena, double, r->n_rows);
    s.order = np_arena_array(doc->arena, size_t, r->n_rows);
    if (s.order == NULL || se == NULL) {
        doc->failed = true;
        return s;
    }
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->row[i].refused == NULL) {
            se[s.n] = r->row[i].std_error;
            s.order[s.n++] = i;
        }
    s.decimals = np_did_decimals(se, s.n);
    if (s.n <= 2 * MOST_AT_AN_END)
        return s;
    np_robustness copy = *r;
    qsort_r(s.order, s.n, sizeof *s.order, by_estimate, &copy);
    for (size_t i = 0; i < MOST_AT_AN_END; i++)
        s.order[MOST_AT_AN_END + i] = s.order[s.n - MOST_AT_AN_END + i];
    s.n = 2 * MOST_AT_AN_END;
    return s;
}

static void number(np_doc *doc, np_table_builder *t, const selection *s, double value)
{
    np_table_builder_number(
        t, np_number_fixed(doc->arena, value, s->decimals, doc->language), value);
}

/* Who is left out, or who is made up to start when. */
static const char *name_of(np_doc *doc, const np_did_panel *p,
                           const np_robustness_row *row)
{
    if (isnan(row->date))
        return row->left_out;
    const char *date = np_did_period_text(p, row->date, doc->arena);
    return isfinite(row->cohort)
               ? np_did_say(doc, _("cohort %s as if from %s"),
                            np_did_period_text(p, row->cohort, doc->arena), date)
               : np_did_say(doc, _("all as if from %s"), date);
}

static const np_doc_table *table_of(np_doc *doc, const np_did_panel *p,
                                    const selection *s, const char *id, const char *title,
                                    const char *what, const char *const *label,
                                    bool change)
{
    np_table_builder *t = np_table_builder_new(doc->arena, id, title, change ? 7 : 6);
    np_table_builder_head(t);
    np_table_builder_cell(t, what);
    np_table_builder_cell(t, _("Estimate"));
    if (change)
        np_table_builder_cell(t, _("Change"));
    np_table_builder_cell(t, _("Std. error"));
    np_table_builder_cell(t, "p");
    np_table_builder_span(t, np_did_say(doc, _("%g %% interval"), 100 * s->r->conf_level),
                          2);
    for (size_t i = 0; i < s->n; i++) {
        const np_robustness_row *row = &s->r->row[s->order[i]];
        np_table_builder_row(t);
        np_table_builder_row_header(t, label[i], 0);
        number(doc, t, s, row->estimate);
        if (change)
            number(doc, t, s, row->change);
        number(doc, t, s, row->std_error);
        np_table_builder_number(t, np_number_p(doc->arena, row->p_value, doc->language),
                                row->p_value);
        number(doc, t, s, row->conf_low);
        number(doc, t, s, row->conf_high);
    }
    if (s->n + s->r->n_refused < s->r->n_rows)
        np_table_builder_note(t, _("The lowest and the highest of %s."),
                              np_did_count(doc, s->r->n_rows));
    for (size_t i = 0, told = 0; i < s->r->n_rows && told < 3; i++)
        if (s->r->row[i].refused != NULL) {
            told++;
            np_table_builder_note(t, _("%s is not estimated: %s."),
                                  name_of(doc, p, &s->r->row[i]), s->r->row[i].refused);
        }
    return np_table_builder_done(t);
}

static const np_figure *forest(np_doc *doc, const selection *s, const char *id,
                               const char *title, const char *y_name,
                               const char *description, const char *const *label)
{
    np_figure *f = np_arena_array(doc->arena, np_figure, 1);
    np_figure_estimate *row = np_arena_array(doc->arena, np_figure_estimate, s->n + 1);
    if (f == NULL || row == NULL) {
        doc->failed = true;
        return NULL;
    }
    size_t n = 0;
    if (isfinite(s->r->estimate))
        row[n++] = (np_figure_estimate){.label = _("everybody"),
                                        .estimate = s->r->estimate,
                                        .low = NAN,
                                        .high = NAN,
                                        .emphasis = true};
    for (size_t i = 0; i < s->n; i++) {
        const np_robustness_row *r = &s->r->row[s->order[i]];
        row[n++] = (np_figure_estimate){.label = label[i],
                                        .estimate = r->estimate,
                                        .low = r->conf_low,
                                        .high = r->conf_high};
    }
    *f = (np_figure){.kind = NP_FIGURE_FOREST,
                     .id = id,
                     .title = title,
                     .description = description,
                     .x_title = y_name,
                     .y_title = "",
                     .estimate = row,
                     .n_estimates = n,
                     .decimals = s->decimals,
                     .zero_line = true};
    f->note = np_did_say(doc, _("Bars are %g %% intervals."), 100 * s->r->conf_level);
    return f;
}

static const char *fixed(np_doc *doc, const selection *s, double value)
{
    return np_number_fixed(doc->arena, value, s->decimals, doc->language);
}

static const char *leave_out_sentence(np_doc *doc, const selection *s)
{
    const np_robustness *r = s->r;
    if (r->lowest >= r->n_rows)
        return _("None of them could be estimated.");
    bool same_side = r->row[r->lowest].estimate * r->row[r->highest].estimate > 0;
    const char *range = np_did_say(
        doc, _("The estimate of %s becomes %s to %s; it moves most without %s, by %s."),
        fixed(doc, s, r->estimate), fixed(doc, s, r->row[r->lowest].estimate),
        fixed(doc, s, r->row[r->highest].estimate), r->row[r->farthest].left_out,
        fixed(doc, s, r->row[r->farthest].change));
    return same_side ? range
                     : np_did_say(doc, "%s %s", range,
                                  _("Its direction hangs on who is in the data."));
}

static const char **labels(np_doc *doc, const np_did_panel *p, const selection *s)
{
    const char **label = np_arena_array(doc->arena, const char *, s->n);
    if (label == NULL)
        doc->failed = true;
    for (size_t i = 0; label != NULL && i < s->n; i++)
        label[i] = name_of(doc, p, &s->r->row[s->order[i]]);
    return label;
}

void np_did_doc_leave_out(np_doc *doc, const np_did_panel *p, const np_robustness *r,
                          np_leave_out what, bool figures)
{
    bool units = what == NP_LEAVE_OUT_UNIT;
    const char *title =
        units ? _("Without one unit at a time") : _("Without one cohort at a time");
    const char *id = units ? "leave-out-unit" : "leave-out-cohort";
    selection s = choose(doc, r);
    const char **label = labels(doc, p, &s);
    if (doc->failed)
        return;
    const char *sentence = leave_out_sentence(doc, &s);
    np_doc_add_heading(doc, 1, id, title);
    np_doc_add_text(doc, NP_DOC_PARAGRAPH, "%s", sentence);
    np_did_add(doc,
               figures ? forest(doc, &s, np_did_say(doc, "figure-%s", id), title,
                                p->y_name, sentence, label)
                       : NULL,
               table_of(doc, p, &s, np_did_say(doc, "did-%s", id), title, _("Without"),
                        label, true));
}

static const char *placebo_sentence(np_doc *doc, const np_robustness *r)
{
    return np_did_say(
        doc,
        _("Before the start nobody can have an effect. %s of %s made-up starts find "
          "one; the smallest p value, times their number, is %s."),
        np_did_count(doc, r->n_rejected), np_did_count(doc, r->n_rows - r->n_refused),
        np_number_p(doc->arena, r->smallest_p, doc->language));
}

void np_did_doc_placebo(np_doc *doc, const np_did_panel *p, const np_robustness *r,
                        bool figures)
{
    selection s = choose(doc, r);
    const char **label = labels(doc, p, &s);
    if (doc->failed)
        return;
    const char *sentence = placebo_sentence(doc, r);
    np_doc_add_heading(doc, 1, "placebo-dates", _("Made-up starts"));
    np_doc_add_text(doc, NP_DOC_PARAGRAPH, "%s", sentence);
    np_did_add(doc,
               figures ? forest(doc, &s, "figure-placebo-dates", _("Made-up starts"),
                                p->y_name, sentence, label)
                       : NULL,
               table_of(doc, p, &s, "did-placebo-dates", _("Made-up starts"), _("Start"),
                        label, false));
}

void np_did_doc_randomisation(np_doc *doc, const np_randomisation_spec *s,
                              const np_randomisation *r)
{
    np_doc_add_heading(doc, 1, "randomisation", _("If the treated had been drawn"));
    const char *draws =
        r->enumerated
            ? np_did_say(doc, _("all %s assignments"), np_did_count(doc, r->draws))
            : np_did_say(doc, _("%s assignments drawn with seed %s"),
                         np_did_count(doc, r->draws), np_did_count(doc, (size_t)s->seed));
    np_doc_add_text(
        doc, NP_DOC_PARAGRAPH,
        s->permute == NP_PERMUTE_DATES
            ? _("Had the starts been drawn among those treated, %s of %s would have "
                "given "
                "a statistic at least as far from 0: %s.")
            : _("Had it been drawn who is treated, %s of %s would have given a statistic "
                "at least as far from 0: %s."),
        np_did_count(doc, r->n_reached), draws, np_did_p(doc, r->p_value));
    if (isnan(r->conf_low) || isnan(r->conf_high))
        return;
    double width = (r->conf_high - r->conf_low) / 4;
    np_doc_add_text(
        doc, NP_DOC_PARAGRAPH,
        _("The effects that this does not reject lie between %s and %s (%g %%). "
          "Statistic: %s%s."),
        np_number_with_error(doc->arena, r->conf_low, width, doc->language),
        np_number_with_error(doc->arena, r->conf_high, width, doc->language),
        100 * r->conf_level, np_randomised_statistic_code(s->statistic),
        s->studentised ? _(", studentised") : "");
}
