#include <math.h>

#include "report/did_doc.h"
#include "report/number.h"

static void count(np_table_builder *t, np_arena *arena, size_t n, np_language language)
{
    np_table_builder_number(t, np_number_count(arena, n, language), (double)n);
}

const np_doc_table *np_did_design_table(const np_did_panel *p, const np_did_design *d,
                                        np_arena *arena, np_language language)
{
    np_table_builder *t =
        np_table_builder_new(arena, "did-design", _("Who starts when"), 6);
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Cohort"));
    np_table_builder_cell(t, _("Units"));
    np_table_builder_cell(t, _("Periods before"));
    np_table_builder_cell(t, _("Periods from the start on"));
    np_table_builder_cell(t, _("Untreated others at the start"));
    np_table_builder_cell(t, _("Untreated others in the last period"));
    for (size_t g = 0; g < d->n_rows; g++) {
        const np_did_cohort *c = &d->row[g];
        np_table_builder_row(t);
        np_table_builder_row_header(t, np_did_period_text(p, c->cohort, arena, language),
                                    0);
        count(t, arena, c->n_units, language);
        if (!isfinite(c->cohort))
            continue;
        count(t, arena, c->n_before, language);
        count(t, arena, c->n_after, language);
        count(t, arena, c->n_not_yet_at_start, language);
        count(t, arena, c->n_not_yet_at_end, language);
    }
    return np_table_builder_done(t);
}

void np_did_doc_design(np_doc *doc, const np_did_panel *p, const np_did_design *d)
{
    np_doc_add_heading(doc, 2, "design", _("The design"));
    np_doc_add_table(doc, np_did_design_table(p, d, doc->arena, doc->language));
}
