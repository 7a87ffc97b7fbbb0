#include <math.h>
#include <string.h>

#include "report/did_doc_internal.h"
#include "report/number.h"

/* Event times that fit a terminal, around the start. */
enum { FIRST_SHOWN = -4, LAST_SHOWN = 4, N_SHOWN = LAST_SHOWN - FIRST_SHOWN + 1 };

static int decimals_of(np_doc *doc, const np_did_estimators *all)
{
    double *se = np_arena_array(doc->arena, double, all->n);
    if (se == NULL) {
        doc->failed = true;
        return 4;
    }
    for (size_t i = 0; i < all->n; i++)
        se[i] = np_did_overall_of(&all->result[i]) == NULL
                    ? NAN
                    : np_did_overall_of(&all->result[i])->std_error;
    return np_did_decimals(se, all->n);
}

static void number(np_doc *doc, np_table_builder *t, double value, int decimals)
{
    np_table_builder_number(
        t, np_number_fixed(doc->arena, value, decimals, doc->language), value);
}

static const np_doc_table *overall_table(np_doc *doc, const np_did_question *q,
                                         const np_did_estimators *all)
{
    int decimals = decimals_of(doc, all);
    np_table_builder *t = np_table_builder_new(doc->arena, "did-estimators",
                                               _("The estimators side by side"), 7);
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Estimator"));
    np_table_builder_cell(t, _("Effect"));
    np_table_builder_cell(t, _("Std. error"));
    np_table_builder_cell(t, "p");
    np_table_builder_span(
        t, np_did_say(doc, _("%g %% interval"), 100 * np_did_conf_level(q->spec)), 2);
    np_table_builder_cell(t, _("Treated units"));
    for (size_t i = 0; i < all->n; i++) {
        const np_did_result *r = &all->result[i];
        const np_did_aggregate *a = np_did_overall_of(r);
        if (a == NULL)
            continue;
        np_table_builder_row(t);
        np_table_builder_row_header(t, _(r->title), 0);
        number(doc, t, a->estimate, decimals);
        number(doc, t, a->std_error > 0 ? a->std_error : NAN, decimals);
        np_table_builder_number(t, np_number_p(doc->arena, a->p_value, doc->language),
                                a->p_value);
        number(doc, t, a->conf_low, decimals);
        number(doc, t, a->conf_high, decimals);
        np_table_builder_number(t, np_did_count(doc, r->n_treated_units),
                                (double)r->n_treated_units);
    }
    return np_table_builder_done(t);
}

static const np_aggregate_row *row_at(const np_did_result *r, double event_time)
{
    const np_did_aggregate *a = np_did_aggregate_of(r, "dynamic");
    for (size_t i = 0; a != NULL && i < a->n_rows; i++)
        if (a->row[i].value == event_time)
            return &a->row[i];
    return NULL;
}

/* Estimates, and the errors in brackets below them. */
static void event_row(np_doc *doc, np_table_builder *t, const np_did_result *r,
                      const double *time, size_t n, int decimals)
{
    bool errors = false;
    for (size_t i = 0; i < n; i++)
        errors =
            errors || (row_at(r, time[i]) != NULL && row_at(r, time[i])->std_error > 0);
    for (int line = 0; line < (errors ? 2 : 1); line++) {
        np_table_builder_row(t);
        np_table_builder_row_header(t, line == 0 ? _(r->title) : "", 0);
        for (size_t i = 0; i < n; i++) {
            const np_aggregate_row *row = row_at(r, time[i]);
            double value = row == NULL ? NAN : line == 0 ? row->estimate : row->std_error;
            const char *text =
                np_number_fixed(doc->arena, value, decimals, doc->language);
            if (line == 1 && !(value > 0))
                text = "";
            else if (row != NULL && row->reference)
                text = "0";
            np_table_builder_number(
                t, line == 1 && text[0] != '\0' ? np_did_say(doc, "(%s)", text) : text,
                value);
        }
    }
}

static const np_doc_table *event_table(np_doc *doc, const np_did_estimators *all)
{
    double time[N_SHOWN];
    size_t n = 0;
    bool beyond = false;
    for (size_t i = 0; i < all->n; i++) {
        const np_did_aggregate *a = np_did_aggregate_of(&all->result[i], "dynamic");
        for (size_t k = 0; a != NULL && k < a->n_rows; k++)
            beyond =
                beyond || a->row[k].value < FIRST_SHOWN || a->row[k].value > LAST_SHOWN;
    }
    for (int e = FIRST_SHOWN; e <= LAST_SHOWN; e++) {
        bool any = false;
        for (size_t i = 0; i < all->n; i++)
            any = any || row_at(&all->result[i], e) != NULL;
        if (any)
            time[n++] = e;
    }
    if (n == 0)
        return NULL;
    np_table_builder *t = np_table_builder_new(
        doc->arena, "did-events", _("Effects by periods since the start"), n + 1);
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Estimator"));
    for (size_t i = 0; i < n; i++)
        np_table_builder_cell(t, np_number_fixed(doc->arena, time[i], 0, doc->language));
    int decimals = decimals_of(doc, all);
    for (size_t i = 0; i < all->n; i++)
        if (np_did_aggregate_of(&all->result[i], "dynamic") != NULL)
            event_row(doc, t, &all->result[i], time, n, decimals);
    np_table_builder_note(t, "%s", _("Standard errors in brackets."));
    if (beyond)
        np_table_builder_note(t, "%s",
                              _("Further periods are in the other formats, and in the "
                                "table of each estimator alone."));
    return np_table_builder_done(t);
}

typedef struct {
    const char *name[2][NP_N_DID_ESTIMATORS]; /* not significant, significant */
    const char *silent[NP_N_DID_ESTIMATORS];  /* without a standard error */
    size_t n[2], n_silent, n_found, n_judged, n_negative;
    const np_did_result *lowest, *highest;
} findings;

static findings find(const np_did_question *q, const np_did_estimators *all)
{
    findings f = {.n_found = 0};
    for (size_t i = 0; i < all->n; i++) {
        const np_did_result *r = &all->result[i];
        const np_did_aggregate *a = np_did_overall_of(r);
        if (a == NULL || isnan(a->estimate))
            continue;
        f.n_found++;
        f.n_negative += a->estimate < 0;
        if (f.lowest == NULL || a->estimate < np_did_overall_of(f.lowest)->estimate)
            f.lowest = r;
        if (f.highest == NULL || a->estimate > np_did_overall_of(f.highest)->estimate)
            f.highest = r;
        if (isnan(a->p_value)) {
            f.silent[f.n_silent++] = np_did_estimator_code(r->estimator);
            continue;
        }
        bool significant = a->p_value < 1 - np_did_conf_level(q->spec);
        f.name[significant][f.n[significant]++] = np_did_estimator_code(r->estimator);
        f.n_judged++;
    }
    return f;
}

static const char *finding(np_doc *doc, const np_did_question *q, const findings *f)
{
    const np_did_count_of_findings count = {
        .n = f->n_judged,
        .n_significant = f->n[1],
        .significant = np_did_list(doc, f->name[1], f->n[1], f->n[1]),
        .others = np_did_list(doc, f->name[0], f->n[0], f->n[0]),
        .level =
            np_did_say(doc, "%g", round(1e8 * (1 - np_did_conf_level(q->spec))) / 1e6)};
    return np_did_finding_sentence(doc, &count);
}

static const char *range(np_doc *doc, const findings *f, int decimals)
{
    const np_did_aggregate *a = np_did_overall_of(f->lowest),
                           *b = np_did_overall_of(f->highest);
    bool agree = f->n_negative == 0 || f->n_negative == f->n_found;
    return np_did_range_sentence(
        doc, agree, np_number_fixed(doc->arena, a->estimate, decimals, doc->language),
        np_did_estimator_code(f->lowest->estimator),
        np_number_fixed(doc->arena, b->estimate, decimals, doc->language),
        np_did_estimator_code(f->highest->estimator));
}

static const char *silent(np_doc *doc, const findings *f)
{
    return f->n_silent == 0
               ? ""
               : np_did_say(doc, _(" %s have no standard error."),
                            np_did_list(doc, f->silent, f->n_silent, f->n_silent));
}

static void refusals(np_doc *doc, const np_did_estimators *all)
{
    const char *item[NP_N_DID_ESTIMATORS];
    for (size_t i = 0; i < all->n_refused; i++)
        item[i] =
            np_did_say(doc, "%s: %s.", np_did_estimator_code(all->refused[i].estimator),
                       all->refused[i].reason);
    if (all->n_refused == 0)
        return;
    np_doc_add_text(doc, NP_DOC_PARAGRAPH, "%s", _("These cannot answer:"));
    np_doc_add_list(doc, item, all->n_refused);
}

static bool leave_out_the_same(const np_did_result *a, const np_did_result *b)
{
    bool same = a->n_dropped == b->n_dropped;
    for (size_t i = 0; same && i < a->n_dropped; i++)
        same = a->dropped[i].n_rows == b->dropped[i].n_rows &&
               a->dropped[i].n_units == b->dropped[i].n_units &&
               strcmp(a->dropped[i].reason, b->dropped[i].reason) == 0;
    return same;
}

/* What single estimators leave out besides the panel's, once for those that agree. */
static void left_out(np_doc *doc, const np_did_estimators *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const np_did_result *r = &all->result[i];
        const char *name[NP_N_DID_ESTIMATORS];
        size_t n = 0, first = i;
        for (size_t j = 0; j < all->n; j++)
            if (leave_out_the_same(r, &all->result[j])) {
                first = n == 0 ? j : first;
                name[n++] = np_did_estimator_code(all->result[j].estimator);
            }
        if (first == i)
            np_did_doc_dropped(
                doc, np_did_say(doc, _("Left out by %s:"), np_did_list(doc, name, n, n)),
                r->dropped, r->n_dropped);
    }
}

static void tests_and_warnings(np_doc *doc, const np_did_estimators *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const np_did_result *r = &all->result[i];
        for (size_t k = 0; k < r->estimates.n_warnings; k++)
            np_doc_add_text(doc, NP_DOC_CAVEAT, "%s: %s",
                            np_did_estimator_code(r->estimator), r->estimates.warning[k]);
    }
}

void np_did_doc_compare(np_doc *doc, const np_did_question *q,
                        const np_did_estimators *all, bool figures)
{
    np_doc_add_heading(doc, 1, "estimators", _("The estimators side by side"));
    if (all->n == 0) {
        refusals(doc, all);
        return;
    }
    findings f = find(q, all);
    if (f.n_judged > 1)
        np_doc_add_text(doc, NP_DOC_LEAD, "%s %s%s", finding(doc, q, &f),
                        range(doc, &f, decimals_of(doc, all)), silent(doc, &f));
    np_did_add(doc,
               figures ? np_did_overall_figure(doc, q, all, decimals_of(doc, all)) : NULL,
               overall_table(doc, q, all));
    const np_doc_table *events = event_table(doc, all);
    if (events != NULL)
        np_did_add(doc,
                   figures ? np_did_events_figure(doc, q, all->result, all->n) : NULL,
                   events);
    np_did_doc_reasons(doc, all->comparison, true);
    refusals(doc, all);
    left_out(doc, all);
    tests_and_warnings(doc, all);
}
