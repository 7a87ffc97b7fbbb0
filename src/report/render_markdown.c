/* GitHub's Markdown: one header row, so that headers over several columns are
 * joined to those below them. */
#include <string.h>

#include "report/render.h"

static void add_escaped(np_buf *buf, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            np_buf_add_char(buf, ' ');
            continue;
        }
        if (strchr("\\`*_[]<>|~#", *text) != NULL)
            np_buf_add_char(buf, '\\');
        np_buf_add_char(buf, *text);
    }
}

static void add_row(np_buf *buf, const np_doc_row *row, size_t n_columns)
{
    size_t column = 0;
    np_buf_add_char(buf, '|');
    for (size_t i = 0; i < row->n_cells && column < n_columns; i++) {
        np_buf_add_char(buf, ' ');
        for (unsigned k = 0; i == 0 && k < row->indent; k++)
            np_buf_add(buf, "&nbsp;&nbsp;");
        add_escaped(buf, np_cell_text(&row->cell[i]));
        for (unsigned k = 0; k < np_cell_columns(&row->cell[i]); k++, column++)
            np_buf_add(buf, " |");
    }
    for (; column < n_columns; column++)
        np_buf_add(buf, " |");
    np_buf_add_char(buf, '\n');
}

static void add_head(np_buf *buf, const np_doc_table *table)
{
    static const char *const line[] = {":---|", "---:|", ":---:|"};
    np_buf_add_char(buf, '|');
    for (size_t j = 0; j < table->n_columns; j++) {
        np_buf head = {0};
        np_render_head_text(&head, table, j, ", ");
        np_buf_add_char(buf, ' ');
        const char *text = np_buf_done(&head);
        if (text == NULL)
            buf->failed = true;
        else
            add_escaped(buf, text);
        np_buf_add(buf, " |");
        np_buf_free(&head);
    }
    np_buf_add(buf, "\n|");
    for (size_t j = 0; j < table->n_columns; j++)
        np_buf_add(buf, line[np_column_align(table, j)]);
    np_buf_add_char(buf, '\n');
}

void np_markdown_table(np_buf *buf, const np_doc_table *table, unsigned number,
                       np_language language)
{
    bool titled = table->title != NULL && *table->title != '\0';
    if (titled || number > 0) {
        np_buf_add(buf, "**");
        if (number > 0) {
            np_render_table_number(buf, number, language);
            np_buf_add(buf, titled ? ". " : "");
        }
        if (titled)
            add_escaped(buf, table->title);
        np_buf_add(buf, "**\n\n");
    }
    add_head(buf, table);
    for (size_t i = 0; i < table->n_rows; i++)
        add_row(buf, &table->row[i], table->n_columns);
    for (size_t i = 0; i < table->n_notes; i++) {
        np_buf_add_char(buf, '\n');
        add_escaped(buf, table->note[i]);
        np_buf_add_char(buf, '\n');
    }
}

static void add_figure(np_buf *buf, const np_doc_node *node, unsigned number,
                       np_language language)
{
    np_buf_add(buf, "![");
    add_escaped(buf, node->figure->title);
    np_buf_format(buf, "](figures/%s.svg)\n\n**", node->figure->id);
    np_render_figure_number(buf, number, language);
    np_buf_add(buf, ". ");
    add_escaped(buf, node->figure->title);
    np_buf_add(buf, "**\n\n");
    add_escaped(buf, node->figure->description);
    np_buf_add_char(buf, '\n');
    if (node->table != NULL) {
        np_buf_add_char(buf, '\n');
        np_markdown_table(buf, node->table, 0, language);
    }
}

static void add_node(np_buf *buf, const np_doc_node *node, unsigned *n_tables,
                     unsigned *n_figures, np_language language)
{
    switch (node->kind) {
    case NP_DOC_HEADING:
        np_buf_add_times(buf, '#', node->level + 1);
        np_buf_add_char(buf, ' ');
        add_escaped(buf, node->text);
        np_buf_add_char(buf, '\n');
        break;
    case NP_DOC_CAVEAT:
    case NP_DOC_NOTICE:
        np_buf_add(buf, "> ");
        add_escaped(buf, node->text);
        np_buf_add_char(buf, '\n');
        break;
    case NP_DOC_PARAGRAPH:
    case NP_DOC_LEAD:
        add_escaped(buf, node->text);
        np_buf_add_char(buf, '\n');
        break;
    case NP_DOC_LIST:
        for (size_t i = 0; i < node->n_items; i++) {
            np_buf_add(buf, "- ");
            add_escaped(buf, node->item[i]);
            np_buf_add_char(buf, '\n');
        }
        break;
    case NP_DOC_TABLE:
        np_markdown_table(buf, node->table, ++*n_tables, language);
        break;
    case NP_DOC_FIGURE:
        add_figure(buf, node, ++*n_figures, language);
        break;
    case NP_DOC_PREFORMATTED:
        np_buf_format(buf, "```\n%s\n```\n", node->text);
        break;
    }
}

void np_markdown_document(np_buf *buf, const np_doc *doc)
{
    unsigned n_tables = 0, n_figures = 0;
    np_buf_add(buf, "# ");
    add_escaped(buf, doc->title);
    np_buf_add_char(buf, '\n');
    if (*doc->subtitle != '\0') {
        np_buf_add_char(buf, '\n');
        add_escaped(buf, doc->subtitle);
        np_buf_add_char(buf, '\n');
    }
    for (size_t i = 0; i < doc->n; i++) {
        np_buf_add_char(buf, '\n');
        add_node(buf, &doc->node[i], &n_tables, &n_figures, doc->language);
    }
}
