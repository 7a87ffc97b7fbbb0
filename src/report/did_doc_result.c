#include <math.h>
#include <string.h>

#include "report/did_doc.h"
#include "report/number.h"

typedef struct {
    np_arena *arena;
    np_language language;
    np_table_builder *t;
    const np_did_question *q;
} writer;

static void number(const writer *w, double value, double std_error)
{
    np_table_builder_number(
        w->t, np_number_with_error(w->arena, value, std_error, w->language), value);
}

static void p_value(const writer *w, double p)
{
    np_table_builder_number(w->t, np_number_p(w->arena, p, w->language), p);
}

static void head(const writer *w, const char *first)
{
    double level = w->q->spec->conf_level == 0 ? 0.95 : w->q->spec->conf_level;
    np_table_builder_head(w->t);
    np_table_builder_cell(w->t, first);
    np_table_builder_cell(w->t, _("Estimate"));
    np_table_builder_cell(w->t, _("Std. error"));
    np_table_builder_cell(w->t, "p");
    np_table_builder_span(w->t,
                          np_arena_format(w->arena, _("%g %% interval"), 100 * level), 2);
}

static const char *kind_title(const char *kind)
{
    static const struct {
        const char *kind, *title;
    } known[] = {{"simple", N_("All")},
                 {"dynamic", N_("By periods since the start")},
                 {"group", N_("By cohort")},
                 {"calendar", N_("By period")}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].kind, kind) == 0)
            return _(known[i].title);
    return kind;
}

static void aggregate(const writer *w, const np_did_aggregate *a)
{
    np_table_builder_row(w->t);
    np_table_builder_row_header(w->t, kind_title(a->kind), 0);
    number(w, a->estimate, a->std_error);
    number(w, a->std_error, a->std_error);
    p_value(w, a->p_value);
    number(w, a->conf_low, a->std_error);
    number(w, a->conf_high, a->std_error);
    for (size_t i = 0; i < a->n_rows; i++) {
        const np_aggregate_row *r = &a->row[i];
        np_table_builder_row(w->t);
        np_table_builder_row_header(
            w->t,
            strcmp(a->kind, "dynamic") == 0
                ? np_number_significant(w->arena, r->value, 10, w->language)
                : np_did_period_text(w->q->panel, r->value, w->arena, w->language),
            1);
        number(w, r->estimate, r->std_error);
        number(w, r->std_error, r->std_error);
        p_value(w, r->p_value);
        number(w, r->conf_low, r->std_error);
        number(w, r->conf_high, r->std_error);
    }
}

const np_doc_table *np_did_averages_table(const np_did_question *q,
                                          const np_did_result *r, np_arena *arena,
                                          np_language language)
{
    writer w = {arena, language,
                np_table_builder_new(arena, "did-averages", _("Average effects"), 6), q};
    head(&w, "");
    for (size_t i = 0; i < r->n_aggregates; i++)
        aggregate(&w, &r->aggregate[i]);
    return np_table_builder_done(w.t);
}

const np_doc_table *np_did_group_time_table(const np_did_question *q,
                                            const np_did_result *r, np_arena *arena,
                                            np_language language)
{
    writer w = {arena, language,
                np_table_builder_new(arena, "did-group-time",
                                     _("Effects by cohort and period"), 6),
                q};
    head(&w, _("Cohort and period"));
    for (size_t i = 0; i < r->n_group_time; i++) {
        const np_group_time_row *row = &r->group_time[i];
        const char *g = np_did_period_text(q->panel, row->cohort, arena, language);
        const char *t = np_did_period_text(q->panel, row->time, arena, language);
        np_table_builder_row(w.t);
        np_table_builder_row_header(w.t, np_arena_format(arena, "%s  %s", g, t), 0);
        number(&w, row->estimate, row->std_error);
        number(&w, row->std_error, row->std_error);
        p_value(&w, row->p_value);
        number(&w, row->conf_low, row->std_error);
        number(&w, row->conf_high, row->std_error);
    }
    return np_table_builder_done(w.t);
}

void np_did_doc_result(np_doc *doc, const np_did_question *q, const np_did_result *r)
{
    np_doc_add_heading(doc, 2, np_did_estimator_code(r->estimator), _(r->title));
    if (r->n_aggregates > 0)
        np_doc_add_table(doc, np_did_averages_table(q, r, doc->arena, doc->language));
    if (r->n_group_time > 0)
        np_doc_add_table(doc, np_did_group_time_table(q, r, doc->arena, doc->language));
    for (size_t i = 0; i < r->estimates.n_tables; i++)
        np_doc_add_table(doc, np_did_estimate_table(&r->estimates.table[i],
                                                    q->spec->conf_level, doc->arena,
                                                    doc->language));
}
