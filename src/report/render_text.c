/* Text for terminals and e-mail: columns aligned on the decimal sign. */
#include <string.h>

#include "base/utf8.h"
#include "report/render.h"

enum { GAP = 2, INDENT = 2, NARROWEST_NOTE = 60, LINE_WIDTH = 80, MOST_COLUMNS = 256 };
#define RULE "\xe2\x94\x80" /* U+2500 */

typedef struct {
    size_t before, after; /* of the numbers, on both sides of the decimal sign */
    size_t width;
} column_width;

typedef struct {
    const np_doc_table *table;
    np_language language;
    column_width column[MOST_COLUMNS];
    size_t n, width;
} layout;

static size_t text_width(const char *text)
{
    return np_utf8_width(text, strlen(text));
}

static bool is_number(const layout *l, const np_doc_cell *cell, size_t column, bool head)
{
    return !head && !cell->header && np_cell_columns(cell) == 1 &&
           np_column_align(l->table, column) == NP_ALIGN_RIGHT;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void measure_cell(layout *l, const np_doc_row *row, size_t i, size_t column,
                         bool head)
{
    const np_doc_cell *cell = &row->cell[i];
    column_width *c = &l->column[column];
    const char *text = np_cell_text(cell);
    if (np_cell_columns(cell) > 1)
        return;
    if (is_number(l, cell, column, head)) {
        size_t before = np_before_decimal(text, l->language);
        c->before = larger(c->before, np_utf8_width(text, before));
        c->after = larger(c->after, text_width(text + before));
    } else {
        c->width =
            larger(c->width, text_width(text) + (i == 0 ? INDENT * row->indent : 0));
    }
}

static size_t span_width(const layout *l, size_t first, size_t columns)
{
    size_t width = GAP * (columns - 1);
    for (size_t j = first; j < first + columns && j < l->n; j++)
        width += l->column[j].width;
    return width;
}

/* A text over several columns that is wider than they are widens the last. */
static void measure_span(layout *l, const np_doc_cell *cell, size_t column)
{
    size_t columns = np_cell_columns(cell);
    if (columns == 1 || column + columns > l->n)
        return;
    size_t have = span_width(l, column, columns), want = text_width(np_cell_text(cell));
    if (want > have)
        l->column[column + columns - 1].width += want - have;
}

static const np_doc_row *row_at(const np_doc_table *table, size_t i)
{
    return i < table->n_head ? &table->head[i] : &table->row[i - table->n_head];
}

static void measure(layout *l)
{
    const np_doc_table *t = l->table;
    l->n = t->n_columns < MOST_COLUMNS ? t->n_columns : MOST_COLUMNS;
    for (int spans = 0; spans < 2; spans++) {
        for (size_t i = 0; i < t->n_head + t->n_rows; i++) {
            const np_doc_row *row = row_at(t, i);
            size_t column = 0;
            for (size_t k = 0; k < row->n_cells && column < l->n; k++) {
                if (spans)
                    measure_span(l, &row->cell[k], column);
                else
                    measure_cell(l, row, k, column, i < t->n_head);
                column += np_cell_columns(&row->cell[k]);
            }
        }
        for (size_t j = 0; !spans && j < l->n; j++)
            l->column[j].width =
                larger(l->column[j].width, l->column[j].before + l->column[j].after);
    }
    l->width = l->n == 0 ? 0 : span_width(l, 0, l->n);
}

/* Spaces are owed until a text follows, so that no line ends in spaces. */
typedef struct {
    np_buf *buf;
    size_t owed;
} line;

static void put(line *out, size_t left, const char *text, size_t right)
{
    out->owed += left;
    if (*text != '\0') {
        np_buf_add_times(out->buf, ' ', out->owed);
        np_buf_add(out->buf, text);
        out->owed = 0;
    }
    out->owed += right;
}

static void put_cell(line *out, const layout *l, const np_doc_cell *cell, size_t column,
                     size_t indent, bool head)
{
    const char *text = np_cell_text(cell);
    size_t columns = np_cell_columns(cell);
    size_t room = span_width(l, column, columns), width = text_width(text) + indent;
    size_t spare = room > width ? room - width : 0, left = 0;
    np_align align = columns > 1 ? (head ? NP_ALIGN_CENTRE : NP_ALIGN_LEFT)
                                 : np_column_align(l->table, column);
    if (is_number(l, cell, column, head)) {
        size_t before = np_utf8_width(text, np_before_decimal(text, l->language));
        const column_width *c = &l->column[column];
        left = room - c->after - before;
    } else if (align == NP_ALIGN_RIGHT) {
        left = spare;
    } else if (align == NP_ALIGN_CENTRE) {
        left = spare / 2;
    }
    put(out, left + indent, text, room - left - width);
}

static void put_rule(np_buf *buf, size_t width)
{
    for (size_t i = 0; i < width; i++)
        np_buf_add(buf, RULE);
}

static void put_row(np_buf *buf, const layout *l, const np_doc_row *row, bool head)
{
    line out = {.buf = buf};
    size_t column = 0;
    for (size_t k = 0; k < row->n_cells && column < l->n; k++) {
        if (column > 0)
            out.owed += GAP;
        put_cell(&out, l, &row->cell[k], column, k == 0 ? INDENT * row->indent : 0, head);
        column += np_cell_columns(&row->cell[k]);
    }
    np_buf_add_char(buf, '\n');
}

/* Lines under the texts that stand over several columns. */
static void put_span_rules(np_buf *buf, const layout *l, const np_doc_row *row)
{
    line out = {.buf = buf};
    size_t column = 0;
    bool any = false;
    for (size_t k = 0; k < row->n_cells; k++)
        any = any || (np_cell_columns(&row->cell[k]) > 1 && *np_cell_text(&row->cell[k]));
    for (size_t k = 0; any && k < row->n_cells && column < l->n; k++) {
        size_t columns = np_cell_columns(&row->cell[k]);
        size_t width = span_width(l, column, columns);
        if (column > 0)
            out.owed += GAP;
        if (columns > 1 && *np_cell_text(&row->cell[k])) {
            np_buf_add_times(buf, ' ', out.owed);
            put_rule(buf, width);
            out.owed = 0;
        } else {
            out.owed += width;
        }
        column += columns;
    }
    if (any)
        np_buf_add_char(buf, '\n');
}

/* Breaks at spaces; no-break spaces hold. */
static void put_wrapped(np_buf *buf, const char *text, size_t width, size_t indent)
{
    size_t at = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        size_t word = np_utf8_width(text, length);
        if (at > 0 && at + 1 + word > width) {
            np_buf_add_char(buf, '\n');
            np_buf_add_times(buf, ' ', indent);
            at = indent;
        } else if (at > 0) {
            np_buf_add_char(buf, ' ');
            at++;
        }
        np_buf_add_bytes(buf, text, length);
        at += word;
        text += length;
        while (*text == ' ' || *text == '\n')
            text++;
    }
    np_buf_add_char(buf, '\n');
}

void np_text_table(np_buf *buf, const np_doc_table *table, unsigned number,
                   np_language language)
{
    layout l = {.table = table, .language = language};
    measure(&l);
    size_t note_width = larger(NARROWEST_NOTE, l.width);
    if (number > 0) {
        np_render_table_number(buf, number, language);
        np_buf_add(buf, ". ");
    }
    if (table->title != NULL && *table->title != '\0')
        put_wrapped(buf, table->title, note_width, 0);
    put_rule(buf, l.width);
    np_buf_add_char(buf, '\n');
    for (size_t i = 0; i < table->n_head; i++) {
        put_row(buf, &l, &table->head[i], true);
        if (i + 1 < table->n_head)
            put_span_rules(buf, &l, &table->head[i]);
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        if ((i == 0 && table->n_head > 0) || (i > 0 && table->row[i].rule_above)) {
            put_rule(buf, l.width);
            np_buf_add_char(buf, '\n');
        }
        put_row(buf, &l, &table->row[i], false);
    }
    put_rule(buf, l.width);
    np_buf_add_char(buf, '\n');
    for (size_t i = 0; i < table->n_notes; i++)
        put_wrapped(buf, table->note[i], note_width, 0);
}

static void put_underlined(np_buf *buf, const char *text, char with)
{
    np_buf_add(buf, text);
    np_buf_add_char(buf, '\n');
    np_buf_add_times(buf, with, text_width(text));
    np_buf_add_char(buf, '\n');
}

static void put_node(np_buf *buf, const np_doc_node *node, unsigned *n_tables,
                     unsigned *n_figures, np_language language)
{
    switch (node->kind) {
    case NP_DOC_HEADING:
        put_underlined(buf, node->text, node->level <= 1 ? '=' : '-');
        break;
    case NP_DOC_PARAGRAPH:
    case NP_DOC_LEAD:
        put_wrapped(buf, node->text, LINE_WIDTH, 0);
        break;
    case NP_DOC_CAVEAT:
    case NP_DOC_NOTICE:
        np_buf_add(buf, "! ");
        put_wrapped(buf, node->text, LINE_WIDTH - 2, 2);
        break;
    case NP_DOC_LIST:
        for (size_t i = 0; i < node->n_items; i++) {
            np_buf_add(buf, "- ");
            put_wrapped(buf, node->item[i], LINE_WIDTH - 2, 2);
        }
        break;
    case NP_DOC_TABLE:
        np_text_table(buf, node->table, ++*n_tables, language);
        break;
    case NP_DOC_FIGURE:
        np_render_figure_number(buf, ++*n_figures, language);
        np_buf_add(buf, ". ");
        put_wrapped(buf, node->figure->title, LINE_WIDTH, 0);
        put_wrapped(buf, node->figure->description, LINE_WIDTH, 0);
        if (node->table != NULL) {
            np_buf_add_char(buf, '\n');
            np_text_table(buf, node->table, 0, language);
        }
        break;
    case NP_DOC_PREFORMATTED:
        np_buf_add(buf, node->text);
        np_buf_add_char(buf, '\n');
        break;
    }
}

void np_text_document(np_buf *buf, const np_doc *doc)
{
    unsigned n_tables = 0, n_figures = 0;
    put_underlined(buf, doc->title, '=');
    if (*doc->subtitle != '\0')
        put_wrapped(buf, doc->subtitle, LINE_WIDTH, 0);
    for (size_t i = 0; i < doc->n; i++) {
        np_buf_add_char(buf, '\n');
        put_node(buf, &doc->node[i], &n_tables, &n_figures, doc->language);
    }
}
