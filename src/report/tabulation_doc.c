#include "report/tabulation_doc.h"

#include <math.h>
#include <string.h>

#include "programme/value.h"
#include "report/number.h"
#include "report/tabulation_notes.h"

#define DASH "\xE2\x80\x93"

/* Signs for what has no number: conventions, section 3. */
static const char *sign_of(const char *reason)
{
    static const struct {
        const char *reason, *sign;
    } signs[] = {{"not_asked", DASH},    {"not_applicable", "."}, {"suppressed", ":"},
                 {"blank", ""},          {"not_measured", ".."},  {"not_reported", ".."},
                 {"discontinued", ".."}, {"dont_know", ".."}};
    for (size_t i = 0; reason != NULL && i < sizeof signs / sizeof *signs; i++)
        if (strcmp(signs[i].reason, reason) == 0)
            return signs[i].sign;
    return "..";
}

static const char *number_text(const np_tab_cell *cell, np_language language,
                               np_arena *arena)
{
    int decimals = cell->decimals < 0 ? 0 : cell->decimals;
    const char *first = cell->decimals < 0
                            ? np_number_significant(arena, cell->rounded, 15, language)
                            : np_number_fixed(arena, cell->rounded, decimals, language);
    const char *text = first;
    if (cell->range || cell->of) {
        const char *second = np_number_fixed(arena, cell->second, decimals, language);
        text = cell->range ? np_arena_format(arena, "%s" DASH "%s", first, second)
                           : np_arena_format(arena, _("%s of %s"), first, second);
    }
    return text == NULL ? "" : text;
}

/* Words of a record's field as people read them: yes and no. */
static const char *list_text(const np_tab_cell *cell)
{
    if (cell->field == NULL || cell->field->type != NP_FIELD_YES_NO)
        return cell->text;
    return strcmp(cell->text, "yes") == 0 ? _("yes") : _("no");
}

const char *np_tabulation_cell_text(const np_tab_cell *cell, np_language language,
                                    np_arena *arena)
{
    switch (cell->sort) {
    case NP_TAB_NUMBER:
        return number_text(cell, language, arena);
    case NP_TAB_TEXT:
        return list_text(cell);
    case NP_TAB_MISSING:
    case NP_TAB_ASKED_NOT:
        return sign_of(cell->reason);
    case NP_TAB_NOT_COMPUTABLE:
        return ".";
    case NP_TAB_NOTHING:
    case NP_TAB_HEADING:
        break;
    }
    return "";
}

static const char *label(const np_tab_header *header, size_t level, np_language language)
{
    if (level < header->n_labels)
        return np_localised_text(&header->label[level], language);
    return "";
}

/* Columns belong together in a level where they have the same labels so far. */
static bool same_so_far(const np_tab_header *a, const np_tab_header *b, size_t level,
                        np_language language)
{
    for (size_t l = 0; l <= level; l++)
        if (strcmp(label(a, l, language), label(b, l, language)) != 0)
            return false;
    return level < a->n_labels && level < b->n_labels;
}

static bool has_row_labels(const np_tabulation_result *r)
{
    return r->table->n_list == 0;
}

static void add_head(np_table_builder *b, const np_tabulation_result *r,
                     np_language language)
{
    for (size_t l = 0; l < r->n_column_levels; l++) {
        np_table_builder_head(b);
        if (has_row_labels(r)) {
            bool title = l + 1 == r->n_column_levels && r->table->rows.n == 1;
            np_table_builder_cell(
                b,
                title ? np_localised_text(&r->table->rows.block[0].title, language) : "");
        }
        for (size_t c = 0; c < r->n_columns;) {
            size_t next = c + 1;
            while (next < r->n_columns && l + 1 < r->n_column_levels &&
                   same_so_far(&r->column[c], &r->column[next], l, language))
                next++;
            np_table_builder_span(b, label(&r->column[c], l, language),
                                  (unsigned)(next - c));
            c = next;
        }
    }
}

static void add_cell(np_table_builder *b, const np_tab_cell *cell, np_language language,
                     np_arena *arena)
{
    const char *text = np_tabulation_cell_text(cell, language, arena);
    bool plain = cell->sort == NP_TAB_NUMBER && !cell->range && !cell->of;
    if (plain)
        np_table_builder_number(b, text, cell->rounded);
    else
        np_table_builder_cell(b, text);
}

static void add_rows(np_table_builder *b, const np_tabulation_result *r,
                     np_language language, np_arena *arena)
{
    for (size_t i = 0; i < r->n_rows; i++) {
        const np_tab_header *row = &r->row[i];
        if (row->rule_above)
            np_table_builder_rule(b);
        np_table_builder_row(b);
        if (has_row_labels(r))
            np_table_builder_row_header(
                b, label(row, row->n_labels == 0 ? 0 : row->n_labels - 1, language),
                row->indent);
        for (size_t c = 0; c < r->n_columns; c++)
            add_cell(b, &r->cell[i * r->n_columns + c], language, arena);
    }
}

/* Listings are aligned by what their fields are. */
static void align_list(np_table_builder *b, const np_tabulation_result *r)
{
    for (size_t c = 0; c < r->n_columns; c++) {
        np_field_type type = r->table->list[c].path.field.type;
        bool number = type == NP_FIELD_INTEGER || type == NP_FIELD_NUMBER;
        np_table_builder_align(b, c, number ? NP_ALIGN_RIGHT : NP_ALIGN_LEFT);
    }
}

np_status np_tabulation_doc(np_doc *doc, const np_tabulation_result *r, np_error *err)
{
    np_language language = doc->language;
    np_table_builder *b = np_table_builder_new(
        doc->arena, r->table->id, np_localised_text(&r->table->title, language),
        r->n_columns + has_row_labels(r));
    if (b == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
    if (!has_row_labels(r))
        align_list(b, r);
    add_head(b, r, language);
    add_rows(b, r, language, doc->arena);
    tabulation_notes(b, r, language, doc->arena);
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
    np_doc_add_table(doc, table);
    for (size_t i = 0; i < r->n_checks; i++)
        if (!r->check[i].holds)
            np_doc_add_text(doc, NP_DOC_CAVEAT, _("Check failed: %s."), r->check[i].text);
    return np_doc_done(doc, err);
}
