#include "report/render.h"

#include <string.h>

#include "base/text.h"
#include "report/number.h"

unsigned np_cell_columns(const np_doc_cell *cell)
{
    return cell->column_span == 0 ? 1 : cell->column_span;
}

const char *np_cell_text(const np_doc_cell *cell)
{
    return cell->text == NULL ? "" : cell->text;
}

np_align np_column_align(const np_doc_table *table, size_t column)
{
    if (table->align != NULL)
        return table->align[column];
    return column == 0 ? NP_ALIGN_LEFT : NP_ALIGN_RIGHT;
}

void np_render_table_number(np_buf *buf, unsigned number, np_language language)
{
    np_buf_format(buf, np_translate_to(language, N_("Table %u")), number);
}

void np_render_figure_number(np_buf *buf, unsigned number, np_language language)
{
    np_buf_format(buf, np_translate_to(language, N_("Figure %u")), number);
}

static const np_doc_cell *cell_over(const np_doc_row *row, size_t column)
{
    size_t first = 0;
    for (size_t i = 0; i < row->n_cells; i++) {
        first += np_cell_columns(&row->cell[i]);
        if (column < first)
            return &row->cell[i];
    }
    return NULL;
}

void np_render_head_text(np_buf *buf, const np_doc_table *table, size_t column,
                         const char *separator)
{
    bool any = false;
    for (size_t i = 0; i < table->n_head; i++) {
        const np_doc_cell *cell = cell_over(&table->head[i], column);
        if (cell == NULL || *np_cell_text(cell) == '\0')
            continue;
        if (any)
            np_buf_add(buf, separator);
        np_buf_add(buf, np_cell_text(cell));
        any = true;
    }
}

size_t np_before_decimal(const char *text, np_language language)
{
    char sign = np_decimal_sign(language);
    size_t length = strlen(text), after_digit = length;
    for (size_t i = 0; i < length; i++) {
        if (!np_is_digit(text[i]))
            continue;
        after_digit = i + 1;
        if (text[i + 1] == sign && np_is_digit(text[i + 2]))
            return i + 1;
    }
    return after_digit;
}

void np_doc_render_table(np_buf *buf, const np_doc_table *table, np_doc_format format,
                         np_language language)
{
    switch (format) {
    case NP_TEXT:
        np_text_table(buf, table, 0, language);
        break;
    case NP_MARKDOWN:
        np_markdown_table(buf, table, 0, language);
        break;
    case NP_LATEX:
        np_latex_table(buf, table, language);
        break;
    case NP_CSV:
        np_doc_render_csv(buf, table, NP_CSV_POINT);
        break;
    case NP_HTML:
        np_html_table(buf, table, 0, language);
        break;
    }
}

void np_doc_render(np_buf *buf, const np_doc *doc, np_doc_format format)
{
    switch (format) {
    case NP_TEXT:
        np_text_document(buf, doc);
        break;
    case NP_MARKDOWN:
        np_markdown_document(buf, doc);
        break;
    case NP_LATEX:
        np_latex_document(buf, doc);
        break;
    case NP_CSV:
        np_csv_document(buf, doc);
        break;
    case NP_HTML:
        np_html_document(buf, doc);
        break;
    }
}
