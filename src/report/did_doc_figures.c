#include <math.h>

#include "report/did_doc_internal.h"
#include "report/number.h"

enum { MOST_SERIES = 4 };

/* In place of the table, where the format shows figures; the table stays beside it. */
void np_did_add(np_doc *doc, const np_figure *figure, const np_doc_table *table)
{
    if (figure != NULL)
        np_doc_add_figure(doc, figure, table);
    else
        np_doc_add_table(doc, table);
}

static np_figure *new_figure(np_doc *doc, np_figure_kind kind, const char *id,
                             const char *title)
{
    np_figure *f = np_arena_array(doc->arena, np_figure, 1);
    if (f == NULL) {
        doc->failed = true;
        return NULL;
    }
    *f = (np_figure){.kind = kind,
                     .id = id,
                     .title = title,
                     .description = "",
                     .x_title = "",
                     .y_title = ""};
    return f;
}

static const char *size_of(np_doc *doc, const np_did_panel *p, size_t n)
{
    if (p->cross_sections)
        return np_did_say(doc, _("%s rows"), np_did_count(doc, n));
    return n == 1 ? _("1 unit") : np_did_say(doc, _("%s units"), np_did_count(doc, n));
}

static bool fill_cohort(np_doc *doc, np_figure_cohort *row, const np_did_panel *p,
                        const np_did_cohort *c, int anticipation)
{
    size_t T = p->n_periods;
    np_figure_cell *cell = np_arena_array(doc->arena, np_figure_cell, T);
    double *share = np_arena_array(doc->arena, double, T);
    if (cell == NULL || share == NULL)
        return false;
    for (size_t t = 0; t < T; t++) {
        /* rows of cross-sections are other units in each period */
        share[t] = p->cross_sections ? 1 : (double)c->seen[t] / (double)c->n_units;
        cell[t] = c->seen[t] == 0                            ? NP_CELL_UNSEEN
                  : p->period[t] >= c->cohort                ? NP_CELL_TREATED
                  : p->period[t] >= c->cohort - anticipation ? NP_CELL_ANTICIPATING
                                                             : NP_CELL_UNTREATED;
    }
    *row = (np_figure_cohort){.label = np_did_period_text(p, c->cohort, doc->arena),
                              .size = size_of(doc, p, c->n_units),
                              .cell = cell,
                              .share = share};
    return true;
}

static const char *describe_cohorts(np_doc *doc, const np_did_panel *p,
                                    const np_did_design *d)
{
    const char *text = "";
    for (size_t g = 0; g < d->n_rows; g++) {
        const np_did_cohort *c = &d->row[g];
        const char *n = size_of(doc, p, c->n_units);
        if (isfinite(c->cohort))
            text =
                np_did_say(doc,
                           _("%sCohort %s: %s, %s periods before the start and %s from "
                             "it on. "),
                           text, np_did_period_text(p, c->cohort, doc->arena), n,
                           np_did_count(doc, c->n_before), np_did_count(doc, c->n_after));
        else
            text = np_did_say(doc, _("%sNever treated: %s."), text, n);
    }
    return text;
}

const np_figure *np_did_design_figure(np_doc *doc, const np_did_panel *p,
                                      const np_did_design *d, int anticipation)
{
    np_figure *f =
        new_figure(doc, NP_FIGURE_COHORTS, "figure-design", _("Who is treated when"));
    np_figure_cohort *row = np_arena_array(doc->arena, np_figure_cohort, d->n_rows);
    if (f == NULL || row == NULL)
        return NULL;
    for (size_t g = 0; g < d->n_rows; g++)
        if (!fill_cohort(doc, &row[g], p, &d->row[g], anticipation))
            return NULL;
    f->cohort = row;
    f->n_cohorts = d->n_rows;
    f->period = p->period_label;
    f->n_periods = p->n_periods;
    f->x_title = p->time_name;
    f->description = describe_cohorts(doc, p, d);
    return f;
}

static bool event_series(np_doc *doc, np_figure_series *s, const np_did_result *r,
                         const np_did_aggregate *a)
{
    double *value = np_arena_array(doc->arena, double, 6 * a->n_rows);
    bool bands = false;
    if (value == NULL) {
        doc->failed = true;
        return false;
    }
    double *column[6];
    for (size_t i = 0; i < 6; i++)
        column[i] = value + i * a->n_rows;
    for (size_t i = 0; i < a->n_rows; i++) {
        const np_aggregate_row *row = &a->row[i];
        const double of[] = {row->value,     row->estimate, row->conf_low,
                             row->conf_high, row->band_low, row->band_high};
        for (size_t k = 0; k < 6; k++)
            column[k][i] = of[k];
        bands = bands || isfinite(row->band_low);
    }
    *s = (np_figure_series){.label = _(r->title),
                            .n = a->n_rows,
                            .x = column[0],
                            .y = column[1],
                            .low = column[2],
                            .high = column[3],
                            .band_low = bands ? column[4] : NULL,
                            .band_high = bands ? column[5] : NULL,
                            .emphasis = true};
    return true;
}

static const char *describe_events(np_doc *doc, const np_did_aggregate *a)
{
    const char *text = "";
    for (size_t i = 0; i < a->n_rows; i++) {
        const np_aggregate_row *r = &a->row[i];
        const char *at = np_number_significant(doc->arena, r->value, 10, doc->language);
        text = np_did_say(
            doc, "%s%s%s: %s", text, i == 0 ? "" : "; ", at,
            np_number_with_error(doc->arena, r->estimate, r->std_error, doc->language));
    }
    return np_did_say(doc, _("Effects by periods since the start: %s."), text);
}

static const char *note_events(np_doc *doc, const np_figure *f, const np_did_question *q,
                               size_t n_left)
{
    bool hollow = false;
    for (size_t i = 0; i < f->n_series; i++)
        for (size_t k = 0; k < f->series[i].n; k++)
            hollow = hollow || isnan(f->series[i].low[k]);
    const char *bars =
        np_did_say(doc,
                   f->series[0].band_low == NULL
                       ? _("Bars are %g %% intervals.")
                       : _("Thick bars are %g %% intervals, thin ones bands "
                           "that hold for all periods together."),
                   100 * np_did_conf_level(q->spec));
    return np_did_say(doc, "%s%s%s", bars,
                      hollow ? _(" Hollow points have no standard error.") : "",
                      n_left > 0 ? _(" Further estimators stand in the table.") : "");
}

/* Of one estimator, or of the first few that have effects by event time. */
const np_figure *np_did_events_figure(np_doc *doc, const np_did_question *q,
                                      const np_did_result *result, size_t n)
{
    np_figure *f = new_figure(
        doc, NP_FIGURE_EVENT_STUDY,
        np_did_say(doc, "figure-events-%s", np_did_estimator_code(result[0].estimator)),
        _("Effects by periods since the start"));
    np_figure_series *s = np_arena_array(doc->arena, np_figure_series, MOST_SERIES);
    np_figure_mark *mark = np_arena_array(doc->arena, np_figure_mark, 1);
    if (f == NULL || s == NULL || mark == NULL)
        return NULL;
    size_t n_left = 0;
    for (size_t i = 0; i < n; i++) {
        const np_did_aggregate *a = np_did_aggregate_of(&result[i], "dynamic");
        if (a == NULL || a->n_rows == 0)
            continue;
        if (f->n_series == MOST_SERIES) {
            n_left++;
            continue;
        }
        if (f->n_series == 0)
            f->description = describe_events(doc, a);
        if (!event_series(doc, &s[f->n_series++], &result[i], a))
            return NULL;
    }
    if (f->n_series == 0)
        return NULL;
    *mark = (np_figure_mark){-0.5, _("start")};
    f->series = s;
    f->mark = mark;
    f->n_marks = s[0].x[0] < 0 && s[0].x[s[0].n - 1] >= 0 ? 1 : 0;
    f->zero_line = true;
    f->x_title = _("periods since the start");
    f->y_title = q->panel->y_name;
    f->note = note_events(doc, f, q, n_left);
    return f;
}

const np_figure *np_did_overall_figure(np_doc *doc, const np_did_question *q,
                                       const np_did_estimators *all, int decimals)
{
    np_figure *f = new_figure(doc, NP_FIGURE_FOREST, "figure-estimators",
                              _("The estimators side by side"));
    np_figure_estimate *row = np_arena_array(doc->arena, np_figure_estimate, all->n);
    if (f == NULL || row == NULL)
        return NULL;
    const char *text = "";
    for (size_t i = 0; i < all->n; i++) {
        const np_did_aggregate *a = np_did_overall_of(&all->result[i]);
        if (a == NULL)
            continue;
        row[f->n_estimates++] = (np_figure_estimate){.label = _(all->result[i].title),
                                                     .estimate = a->estimate,
                                                     .low = a->conf_low,
                                                     .high = a->conf_high};
        text = np_did_say(
            doc, "%s%s%s: %s", text, i == 0 ? "" : "; ", _(all->result[i].title),
            np_number_fixed(doc->arena, a->estimate, decimals, doc->language));
    }
    f->estimate = row;
    f->zero_line = true;
    f->decimals = decimals;
    f->x_title = q->panel->y_name;
    f->description = text;
    f->note =
        np_did_say(doc, _("Bars are %g %% intervals."), 100 * np_did_conf_level(q->spec));
    return f->n_estimates == 0 ? NULL : f;
}
