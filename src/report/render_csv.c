/* RFC 4180: the cells' unrounded values where there is a value behind the text. */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "report/render.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void add_text(np_buf *buf, const char *text, np_csv_variant variant)
{
    char separator = variant == NP_CSV_EXCEL_COMMA ? ';' : ',';
    /* A spreadsheet would compute a text that begins like a formula. */
    bool formula =
        variant == NP_CSV_EXCEL_COMMA && *text != '\0' && strchr("=+-@\t", *text) != NULL;
    bool quoted = strpbrk(text, "\"\r\n") != NULL || strchr(text, separator) != NULL;
    if (quoted)
        np_buf_add_char(buf, '"');
    if (formula)
        np_buf_add_char(buf, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            np_buf_add_char(buf, '"');
        np_buf_add_char(buf, *text);
    }
    if (quoted)
        np_buf_add_char(buf, '"');
}

static void add_value(np_buf *buf, double value, np_csv_variant variant)
{
    char text[NP_DECIMAL_LENGTH];
    np_decimal_format(text, value);
    char *point = strchr(text, '.');
    if (point != NULL && variant == NP_CSV_EXCEL_COMMA)
        *point = ',';
    np_buf_add(buf, text);
}

static void add_row(np_buf *buf, const np_doc_row *row, size_t n_columns,
                    np_csv_variant variant)
{
    char separator = variant == NP_CSV_EXCEL_COMMA ? ';' : ',';
    size_t column = 0;
    for (size_t i = 0; i < row->n_cells && column < n_columns; i++) {
        const np_doc_cell *cell = &row->cell[i];
        if (column > 0)
            np_buf_add_char(buf, separator);
        if (isfinite(cell->value))
            add_value(buf, cell->value, variant);
        else
            add_text(buf, np_cell_text(cell), variant);
        column += np_cell_columns(cell);
        np_buf_add_times(buf, separator, np_cell_columns(cell) - 1);
    }
    for (; column < n_columns; column++)
        if (column > 0)
            np_buf_add_char(buf, separator);
    np_buf_add(buf, "\r\n");
}

void np_doc_render_csv(np_buf *buf, const np_doc_table *table, np_csv_variant variant)
{
    if (variant == NP_CSV_EXCEL_COMMA)
        np_buf_add(buf, BYTE_ORDER_MARK);
    for (size_t j = 0; table->n_head > 0 && j < table->n_columns; j++) {
        np_buf head = {0};
        np_render_head_text(&head, table, j, ", ");
        if (j > 0)
            np_buf_add_char(buf, variant == NP_CSV_EXCEL_COMMA ? ';' : ',');
        const char *text = np_buf_done(&head);
        if (text == NULL)
            buf->failed = true;
        else
            add_text(buf, text, variant);
        np_buf_free(&head);
    }
    if (table->n_head > 0)
        np_buf_add(buf, "\r\n");
    for (size_t i = 0; i < table->n_rows; i++)
        add_row(buf, &table->row[i], table->n_columns, variant);
}

void np_csv_document(np_buf *buf, const np_doc *doc)
{
    bool any = false;
    for (size_t i = 0; i < doc->n; i++) {
        if (doc->node[i].table == NULL)
            continue;
        if (any)
            np_buf_add(buf, "\r\n");
        np_doc_render_csv(buf, doc->node[i].table, NP_CSV_POINT);
        any = true;
    }
}

static void add_line(np_buf *buf, const char *text)
{
    add_text(buf, text, NP_CSV_POINT);
    np_buf_add(buf, "\r\n");
}

void np_doc_render_csv_annotated(np_buf *buf, const np_doc *doc)
{
    bool any = false;
    for (size_t i = 0; i < doc->n; i++) {
        const np_doc_node *node = &doc->node[i];
        if (node->kind == NP_DOC_CAVEAT)
            add_line(buf, node->text);
        if (node->table == NULL)
            continue;
        if (any)
            np_buf_add(buf, "\r\n");
        if (node->table->id != NULL) {
            add_text(buf, node->table->id, NP_CSV_POINT);
            np_buf_add_char(buf, ',');
        }
        add_line(buf, node->table->title == NULL ? "" : node->table->title);
        np_doc_render_csv(buf, node->table, NP_CSV_POINT);
        for (size_t k = 0; k < node->table->n_notes; k++)
            add_line(buf, node->table->note[k]);
        any = true;
    }
}
