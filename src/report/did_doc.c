#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/did_doc_internal.h"
#include "report/number.h"

const char *np_did_say(np_doc *doc, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : np_arena_array(doc->arena, char, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    else
        doc->failed = true;
    va_end(again);
    va_end(args);
    return text == NULL ? "" : text;
}

const char *np_did_count(np_doc *doc, size_t n)
{
    return np_number_count(doc->arena, n, doc->language);
}

const char *np_did_p(np_doc *doc, double p)
{
    const char *text = np_number_p(doc->arena, p, doc->language);
    return np_did_say(doc, "p %s%s", text[0] == '<' ? "" : "= ", text);
}

const char *np_did_list(np_doc *doc, const char *const *item, size_t n, size_t most)
{
    np_buf buf = {0};
    size_t shown = n <= most ? n : most;
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            np_buf_add(&buf, i + 1 == n ? _(" and ") : ", ");
        np_buf_add(&buf, item[i]);
    }
    if (shown < n)
        np_buf_format(&buf, _(" and %s more"), np_did_count(doc, n - shown));
    const char *text = np_buf_done(&buf);
    doc->failed = doc->failed || buf.failed;
    text = text == NULL ? "" : np_did_say(doc, "%s", text);
    np_buf_free(&buf);
    return text;
}

void np_did_doc_dropped(np_doc *doc, const char *heading, const np_did_dropped *dropped,
                        size_t n)
{
    enum { MOST_NAMED = 10 };
    const char **line = np_arena_array(doc->arena, const char *, n);
    if (line == NULL) {
        doc->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const np_did_dropped *d = &dropped[i];
        const char *rows = np_did_count(doc, d->n_rows);
        line[i] = d->unit == NULL || d->n_units == 0
                      ? np_did_say(doc, _("%s rows: %s."), rows, d->reason)
                  : d->n_units == 1
                      ? np_did_say(doc, _("1 unit (%s rows), %s: %s."), rows, d->reason,
                                   d->unit[0])
                      : np_did_say(doc, _("%s units (%s rows), %s: %s."),
                                   np_did_count(doc, d->n_units), rows, d->reason,
                                   np_did_list(doc, d->unit, d->n_units, MOST_NAMED));
    }
    if (n == 0)
        return;
    np_doc_add_text(doc, NP_DOC_PARAGRAPH, "%s", heading);
    np_doc_add_list(doc, line, n);
}

const np_did_aggregate *np_did_overall_of(const np_did_result *r)
{
    const np_did_aggregate *a = np_did_aggregate_of(r, "simple");
    return a != NULL ? a : r->n_aggregates > 0 ? &r->aggregate[0] : NULL;
}

const char *np_did_finding_sentence(np_doc *doc, const np_did_count_of_findings *f)
{
    const char *all = np_did_count(doc, f->n),
               *some = np_did_count(doc, f->n_significant);
    if (f->n_significant == 0)
        return np_did_say(doc,
                          _("None of the %s estimators finds an effect that is "
                            "statistically different from zero at the %s per cent "
                            "level."),
                          all, f->level);
    if (f->n_significant == f->n)
        return np_did_say(doc,
                          _("All %s estimators find an effect that is statistically "
                            "different from zero at the %s per cent level."),
                          all, f->level);
    if (f->n_significant == 1)
        return np_did_say(doc,
                          _("Only one of the %s estimators finds an effect that is "
                            "statistically different from zero at the %s per cent "
                            "level: %s. The others do not, so that the finding rests "
                            "on what that estimator assumes."),
                          all, f->level, f->significant);
    if (f->n - f->n_significant == 1)
        return np_did_say(doc,
                          _("%s of the %s estimators find an effect that is "
                            "statistically different from zero at the %s per cent "
                            "level; %s does not."),
                          some, all, f->level, f->others);
    return np_did_say(doc,
                      _("%s of the %s estimators find an effect that is "
                        "statistically different from zero at the %s per cent level: "
                        "%s. The others do not: %s."),
                      some, all, f->level, f->significant, f->others);
}

const char *np_did_range_sentence(np_doc *doc, bool agree, const char *low,
                                  const char *of_low, const char *high,
                                  const char *of_high)
{
    return np_did_say(doc,
                      agree ? _("They agree on the direction; the estimates lie between "
                                "%s (%s) and %s (%s).")
                            : _("They do not agree on the direction: the estimates lie "
                                "between %s (%s) and %s (%s)."),
                      low, of_low, high, of_high);
}

int np_did_decimals(const double *std_error, size_t n)
{
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < n; i++)
        if (std_error[i] > 0 && isfinite(std_error[i])) {
            least = fmin(least, std_error[i]);
            most = fmax(most, std_error[i]);
        }
    if (most == 0)
        return 4;
    int decimals = (int)fmin(2 - floor(log10(least)), 3 - floor(log10(most)));
    return decimals < 0 ? 0 : decimals > 10 ? 10 : decimals;
}

const char *np_did_period_text(const np_did_panel *p, double period, np_arena *arena)
{
    if (!isfinite(period))
        return _("never");
    for (size_t t = 0; t < p->n_periods; t++)
        if (p->period[t] == period)
            return p->period_label[t];
    return np_arena_format(arena, "%.10g", period);
}

static void head(np_table_builder *t)
{
    static const char *const name[] = {"estimator",  "kind",     "cohort",    "time",
                                       "event_time", "estimate", "std_error", "statistic",
                                       "p_value",    "conf_low", "conf_high", "band_low",
                                       "band_high"};
    np_table_builder_head(t);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        np_table_builder_cell(t, name[i]);
}

static void numbers(np_table_builder *t, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        np_table_builder_number(t, "", value[i]);
}

static void aggregate_rows(np_table_builder *t, const char *code,
                           const np_did_aggregate *a)
{
    np_table_builder_row(t);
    np_table_builder_cell(t, code);
    np_table_builder_cell(t, a->kind);
    const double overall[] = {NAN,          NAN,          NAN,        a->estimate,
                              a->std_error, a->statistic, a->p_value, a->conf_low,
                              a->conf_high, NAN,          NAN};
    numbers(t, overall, sizeof overall / sizeof *overall);
    for (size_t i = 0; i < a->n_rows; i++) {
        const np_aggregate_row *r = &a->row[i];
        double cohort = a->kind[0] == 'g' ? r->value : NAN;
        double time = a->kind[0] == 'c' ? r->value : NAN;
        double event = a->kind[0] == 'd' ? r->value : NAN;
        const double row[] = {cohort,       time,         event,       r->estimate,
                              r->std_error, r->statistic, r->p_value,  r->conf_low,
                              r->conf_high, r->band_low,  r->band_high};
        np_table_builder_row(t);
        np_table_builder_cell(t, code);
        np_table_builder_cell(t, a->kind);
        numbers(t, row, sizeof row / sizeof *row);
    }
}

const np_doc_table *np_did_rows_table(const np_did_result *result, size_t n_results,
                                      np_arena *arena)
{
    np_table_builder *t = np_table_builder_new(arena, "did", "", 13);
    head(t);
    for (size_t e = 0; e < n_results; e++) {
        const char *code = np_did_estimator_code(result[e].estimator);
        for (size_t i = 0; i < result[e].n_aggregates; i++)
            aggregate_rows(t, code, &result[e].aggregate[i]);
        for (size_t i = 0; i < result[e].n_group_time; i++) {
            const np_group_time_row *r = &result[e].group_time[i];
            const double row[] = {r->cohort,    r->time,      r->event_time, r->estimate,
                                  r->std_error, r->statistic, r->p_value,    r->conf_low,
                                  r->conf_high, r->band_low,  r->band_high};
            np_table_builder_row(t);
            np_table_builder_cell(t, code);
            np_table_builder_cell(t, "group-time");
            numbers(t, row, sizeof row / sizeof *row);
        }
    }
    return np_table_builder_done(t);
}
