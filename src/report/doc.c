#include "report/doc.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"

static const char *copied(np_arena *arena, const char *text)
{
    return np_arena_copy_text(arena, text == NULL ? "" : text,
                              text == NULL ? 0 : strlen(text));
}

static const char *formatted(np_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : np_arena_array(arena, char, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

/* Room for one more item; the old array stays in the arena until it is freed. */
static void *grown(np_arena *arena, const void *items, size_t n, size_t *capacity,
                   size_t size)
{
    if (n < *capacity)
        return (void *)(uintptr_t)items;
    size_t more = *capacity == 0 ? 8 : *capacity * 2;
    void *bigger = np_arena_alloc(arena, more, size);
    if (bigger == NULL)
        return NULL;
    if (n > 0)
        memcpy(bigger, items, n * size);
    *capacity = more;
    return bigger;
}

np_doc np_doc_new(np_arena *arena, np_language language, const char *title,
                  const char *subtitle)
{
    np_doc doc = {.arena = arena, .language = language};
    doc.title = copied(arena, title);
    doc.subtitle = copied(arena, subtitle);
    doc.failed = doc.title == NULL || doc.subtitle == NULL;
    return doc;
}

static void add_node(np_doc *doc, np_doc_node node)
{
    np_doc_node *bigger =
        grown(doc->arena, doc->node, doc->n, &doc->capacity, sizeof *doc->node);
    if (bigger == NULL) {
        doc->failed = true;
        return;
    }
    doc->node = bigger;
    doc->node[doc->n++] = node;
}

void np_doc_add_heading(np_doc *doc, unsigned level, const char *id, const char *text)
{
    const char *own = copied(doc->arena, text);
    const char *own_id = id == NULL ? NULL : copied(doc->arena, id);
    if (own == NULL || (id != NULL && own_id == NULL))
        doc->failed = true;
    else
        add_node(doc,
                 (np_doc_node){
                     .kind = NP_DOC_HEADING, .level = level, .id = own_id, .text = own});
}

void np_doc_add_text(np_doc *doc, np_doc_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = formatted(doc->arena, format, args);
    va_end(args);
    if (text == NULL)
        doc->failed = true;
    else
        add_node(doc, (np_doc_node){.kind = kind, .text = text});
}

void np_doc_add_list(np_doc *doc, const char *const *item, size_t n_items)
{
    const char **own = np_arena_array(doc->arena, const char *, n_items);
    if (own == NULL) {
        doc->failed = true;
        return;
    }
    for (size_t i = 0; i < n_items; i++) {
        own[i] = copied(doc->arena, item[i]);
        doc->failed = doc->failed || own[i] == NULL;
    }
    add_node(doc, (np_doc_node){.kind = NP_DOC_LIST, .item = own, .n_items = n_items});
}

void np_doc_add_table(np_doc *doc, const np_doc_table *table)
{
    if (table == NULL)
        doc->failed = true;
    else
        add_node(doc, (np_doc_node){.kind = NP_DOC_TABLE, .table = table});
}

void np_doc_add_figure(np_doc *doc, const struct np_figure *figure,
                       const np_doc_table *table)
{
    if (figure == NULL)
        doc->failed = true;
    else
        add_node(doc,
                 (np_doc_node){.kind = NP_DOC_FIGURE, .figure = figure, .table = table});
}

np_status np_doc_done(const np_doc *doc, np_error *err)
{
    if (doc->failed)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the report"));
    return NP_OK;
}

struct np_table_builder {
    np_arena *arena;
    np_doc_table table;
    np_align *align;
    np_doc_row *row; /* head rows first, then body rows */
    size_t n_rows, row_capacity, n_head;
    np_doc_cell *cell; /* of the last row */
    size_t cell_capacity;
    const char **note;
    size_t note_capacity;
    bool rule_next, failed;
};

/* Where a builder cannot be had at all, its calls have nothing to do. */
np_table_builder *np_table_builder_new(np_arena *arena, const char *id, const char *title,
                                       size_t n_columns)
{
    np_table_builder *b = np_arena_array(arena, np_table_builder, 1);
    if (b == NULL)
        return NULL;
    b->arena = arena;
    b->table.id = copied(arena, id);
    b->table.title = copied(arena, title);
    b->table.n_columns = n_columns;
    b->align = np_arena_array(arena, np_align, n_columns);
    b->failed = b->table.id == NULL || b->table.title == NULL || b->align == NULL;
    for (size_t j = 1; !b->failed && j < n_columns; j++)
        b->align[j] = NP_ALIGN_RIGHT;
    return b;
}

void np_table_builder_align(np_table_builder *b, size_t column, np_align align)
{
    if (b != NULL && !b->failed && column < b->table.n_columns)
        b->align[column] = align;
}

static void start_row(np_table_builder *b)
{
    np_doc_row *bigger =
        grown(b->arena, b->row, b->n_rows, &b->row_capacity, sizeof *b->row);
    b->failed = b->failed || bigger == NULL;
    if (b->failed)
        return;
    b->row = bigger;
    b->row[b->n_rows++] = (np_doc_row){.rule_above = b->rule_next};
    b->rule_next = false;
    b->cell = NULL;
    b->cell_capacity = 0;
}

void np_table_builder_head(np_table_builder *b)
{
    if (b == NULL)
        return;
    start_row(b);
    b->n_head = b->n_rows;
}

void np_table_builder_row(np_table_builder *b)
{
    if (b != NULL)
        start_row(b);
}

void np_table_builder_rule(np_table_builder *b)
{
    if (b != NULL)
        b->rule_next = true;
}

static void add_cell(np_table_builder *b, const char *text, double value,
                     unsigned columns, bool header)
{
    if (b == NULL || b->failed || b->n_rows == 0)
        return;
    np_doc_row *row = &b->row[b->n_rows - 1];
    np_doc_cell *bigger =
        grown(b->arena, b->cell, row->n_cells, &b->cell_capacity, sizeof *b->cell);
    const char *own = copied(b->arena, text);
    if (bigger == NULL || own == NULL) {
        b->failed = true;
        return;
    }
    b->cell = bigger;
    row->cell = bigger;
    b->cell[row->n_cells++] = (np_doc_cell){
        .text = own, .value = value, .column_span = columns, .header = header};
}

void np_table_builder_cell(np_table_builder *b, const char *text)
{
    add_cell(b, text, NAN, 1, false);
}

void np_table_builder_span(np_table_builder *b, const char *text, unsigned columns)
{
    add_cell(b, text, NAN, columns, false);
}

void np_table_builder_row_header(np_table_builder *b, const char *text, unsigned indent)
{
    add_cell(b, text, NAN, 1, true);
    if (b != NULL && !b->failed && b->n_rows > 0)
        b->row[b->n_rows - 1].indent = indent;
}

void np_table_builder_number(np_table_builder *b, const char *text, double value)
{
    add_cell(b, text, value, 1, false);
}

void np_table_builder_note(np_table_builder *b, const char *format, ...)
{
    if (b == NULL || b->failed)
        return;
    va_list args;
    va_start(args, format);
    const char *text = formatted(b->arena, format, args);
    va_end(args);
    const char **bigger =
        grown(b->arena, b->note, b->table.n_notes, &b->note_capacity, sizeof *b->note);
    if (bigger == NULL || text == NULL) {
        b->failed = true;
        return;
    }
    b->note = bigger;
    b->note[b->table.n_notes++] = text;
}

const np_doc_table *np_table_builder_done(np_table_builder *b)
{
    if (b == NULL || b->failed)
        return NULL;
    b->table.align = b->align;
    b->table.head = b->row;
    b->table.n_head = b->n_head;
    b->table.row = b->row == NULL ? NULL : b->row + b->n_head;
    b->table.n_rows = b->n_rows - b->n_head;
    b->table.note = b->note;
    return &b->table;
}
