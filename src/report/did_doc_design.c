#include <math.h>

#include "report/did_doc_internal.h"
#include "report/number.h"

/* Of a line that stands for all periods. */
enum { WIDEST_LINE = 60 };
#define BEFORE     "\xc2\xb7"     /* middle dot */
#define ANTICIPATE "\xe2\x96\x92" /* medium shade */
#define TREATED    "\xe2\x96\x88" /* full block */
#define UNSEEN     "\xe2\x80\x93" /* en dash */

static size_t periods_per_mark(const np_did_panel *p)
{
    return (p->n_periods + WIDEST_LINE - 1) / WIDEST_LINE;
}

/* Of a cohort in a run of periods: the latest state that somebody is seen in. */
static const char *mark_of(const np_did_panel *p, const np_did_cohort *c, size_t first,
                           size_t end, int anticipation)
{
    const char *mark = UNSEEN;
    for (size_t t = first; t < end; t++) {
        if (c->seen[t] == 0)
            continue;
        mark = p->period[t] >= c->cohort                  ? TREATED
               : p->period[t] >= c->cohort - anticipation ? ANTICIPATE
                                                          : BEFORE;
    }
    return mark;
}

static const char *time_line(np_doc *doc, const np_did_panel *p, const np_did_cohort *c,
                             int anticipation)
{
    np_buf line = {0};
    size_t step = periods_per_mark(p);
    for (size_t t = 0; t < p->n_periods; t += step) {
        size_t end = t + step < p->n_periods ? t + step : p->n_periods;
        np_buf_add(&line, mark_of(p, c, t, end, anticipation));
    }
    const char *text = np_buf_done(&line);
    text = text == NULL ? "" : np_did_say(doc, "%s", text);
    np_buf_free(&line);
    return text;
}

static void count(np_table_builder *t, np_doc *doc, size_t n)
{
    np_table_builder_number(t, np_did_count(doc, n), (double)n);
}

static void heads(np_table_builder *t, np_doc *doc, const np_did_panel *p)
{
    np_table_builder_head(t);
    np_table_builder_cell(t, "");
    np_table_builder_cell(t, "");
    np_table_builder_span(t, _("Periods"), 2);
    np_table_builder_span(t, _("Untreated others"), 2);
    np_table_builder_cell(t, "");
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Cohort"));
    np_table_builder_cell(t, p->cross_sections ? _("Rows") : _("Units"));
    np_table_builder_cell(t, _("before"));
    np_table_builder_cell(t, _("from start"));
    np_table_builder_cell(t, _("at start"));
    np_table_builder_cell(t, _("at end"));
    np_table_builder_cell(t, np_did_say(doc, "%s \xe2\x80\x93 %s", p->period_label[0],
                                        p->period_label[p->n_periods - 1]));
}

static void cohort_row(np_table_builder *t, np_doc *doc, const np_did_panel *p,
                       const np_did_cohort *c, int anticipation)
{
    np_table_builder_row(t);
    np_table_builder_row_header(t, np_did_period_text(p, c->cohort, doc->arena), 0);
    count(t, doc, c->n_units);
    if (isfinite(c->cohort)) {
        count(t, doc, c->n_before);
        count(t, doc, c->n_after);
        count(t, doc, c->n_not_yet_at_start);
        count(t, doc, c->n_not_yet_at_end);
    } else {
        for (int i = 0; i < 4; i++)
            np_table_builder_cell(t, "");
    }
    np_table_builder_cell(t, time_line(doc, p, c, anticipation));
}

static void design_notes(np_table_builder *t, np_doc *doc, const np_did_panel *p,
                         const np_did_design *d, int anticipation)
{
    bool gaps = false;
    for (size_t g = 0; g < d->n_rows; g++)
        for (size_t i = 0; i < p->n_periods; i++)
            gaps = gaps || d->row[g].seen[i] == 0;
    np_table_builder_note(
        t, "%s%s%s.", np_did_say(doc, _("%s untreated, %s treated"), BEFORE, TREATED),
        anticipation > 0 ? np_did_say(doc, _(", %s anticipating"), ANTICIPATE) : "",
        gaps ? np_did_say(doc, _(", %s not seen"), UNSEEN) : "");
    if (periods_per_mark(p) > 1)
        np_table_builder_note(t, _("Each sign stands for %s periods."),
                              np_did_count(doc, periods_per_mark(p)));
    np_table_builder_note(t, "%s",
                          _("Others are units of later cohorts and those that "
                            "never start."));
}

static const np_doc_table *cohorts_table(np_doc *doc, const np_did_panel *p,
                                         const np_did_design *d, int anticipation)
{
    np_table_builder *t =
        np_table_builder_new(doc->arena, "did-design", _("Who starts when"), 7);
    np_table_builder_align(t, 6, NP_ALIGN_LEFT);
    heads(t, doc, p);
    for (size_t g = 0; g < d->n_rows; g++)
        cohort_row(t, doc, p, &d->row[g], anticipation);
    design_notes(t, doc, p, d, anticipation);
    return np_table_builder_done(t);
}

/* "500 units over 5 periods (2003 to 2007), 2 500 rows. 191 start, in 3 cohorts …" */
static void sizes(np_doc *doc, const np_did_panel *p)
{
    const char *first = p->period_label[0], *last = p->period_label[p->n_periods - 1];
    const char *periods = np_did_count(doc, p->n_periods);
    const char *starting = p->n_cohorts == 1
                               ? np_did_say(doc, _("%s start, in one cohort"),
                                            np_did_count(doc, p->n_units - p->n_never))
                               : np_did_say(doc, _("%s start, in %s cohorts"),
                                            np_did_count(doc, p->n_units - p->n_never),
                                            np_did_count(doc, p->n_cohorts));
    const char *never = p->n_never == 0 ? _("none never starts")
                                        : np_did_say(doc, _("%s never start"),
                                                     np_did_count(doc, p->n_never));
    if (p->cross_sections)
        np_doc_add_text(doc, NP_DOC_PARAGRAPH,
                        _("%s rows over %s periods (%s to %s), each a unit of its own. "
                          "%s; %s."),
                        np_did_count(doc, p->n), periods, first, last, starting, never);
    else
        np_doc_add_text(doc, NP_DOC_PARAGRAPH,
                        _("%s units over %s periods (%s to %s), %s rows. %s; %s."),
                        np_did_count(doc, p->n_units), periods, first, last,
                        np_did_count(doc, p->n), starting, never);
}

/* Which estimators the design identifies, and why not the others. */
static void verdicts(np_doc *doc, const np_did_design *d)
{
    const char *yes[NP_N_DID_ESTIMATORS], *no[NP_N_DID_ESTIMATORS];
    size_t n_yes = 0, n_no = 0;
    for (np_did_estimator e = 0; e < NP_N_DID_ESTIMATORS; e++) {
        const char *code = np_did_estimator_code(e);
        if (d->verdict[e].identified)
            yes[n_yes++] = code;
        else
            no[n_no++] = np_did_say(doc, "%s: %s.", code, d->verdict[e].reason);
    }
    if (n_yes > 0)
        np_doc_add_text(doc, NP_DOC_PARAGRAPH, _("The design identifies: %s."),
                        np_did_list(doc, yes, n_yes, n_yes));
    if (n_no > 0) {
        np_doc_add_text(doc, NP_DOC_PARAGRAPH, "%s", _("It does not identify:"));
        np_doc_add_list(doc, no, n_no);
    }
}

void np_did_doc_design(np_doc *doc, const np_did_panel *p, const np_did_design *d,
                       int anticipation, bool figures)
{
    np_doc_add_heading(doc, 1, "design", _("The design"));
    sizes(doc, p);
    np_did_add(doc, figures ? np_did_design_figure(doc, p, d, anticipation) : NULL,
               cohorts_table(doc, p, d, anticipation));
    verdicts(doc, d);
    np_did_doc_dropped(doc, _("Left out:"), p->dropped, p->n_dropped);
    for (size_t i = 0; i < p->n_warnings; i++)
        np_doc_add_text(doc, NP_DOC_CAVEAT, "%s", p->warning[i]);
    for (size_t i = 0; i < d->n_warnings; i++)
        np_doc_add_text(doc, NP_DOC_CAVEAT, "%s", d->warning[i]);
}
