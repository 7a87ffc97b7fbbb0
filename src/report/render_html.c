/* HTML that stands alone: no script, no file beside it. */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/utf8.h"
#include "report/render.h"

enum { WIDEST_SUFFIX = 6, MOST_ROWS_KEPT_TOGETHER = 24 };

void np_html_escape(np_buf *buf, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            np_buf_add(buf, "&amp;");
            break;
        case '<':
            np_buf_add(buf, "&lt;");
            break;
        case '>':
            np_buf_add(buf, "&gt;");
            break;
        case '"':
            np_buf_add(buf, "&quot;");
            break;
        default:
            np_buf_add_char(buf, *text);
        }
    }
}

static const char *translated(np_language language, const char *msgid)
{
    return np_translate_to(language, msgid);
}

/* What stands behind the last digit: stars, a parenthesis. */
static const char *suffix_of(const char *text)
{
    size_t end = strlen(text);
    while (end > 0 && (text[end - 1] < '0' || text[end - 1] > '9'))
        end--;
    return text + end;
}

static size_t width_of_suffix(const char *text)
{
    const char *suffix = suffix_of(text);
    return suffix == text ? 0 : np_utf8_width(suffix, strlen(suffix));
}

/* All cells of a column get the widest suffix's room, so that digits align. */
static size_t suffix_room(const np_doc_table *table, size_t column)
{
    size_t room = 0;
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t at = 0;
        for (size_t k = 0; k < table->row[i].n_cells; k++) {
            const np_doc_cell *cell = &table->row[i].cell[k];
            size_t width = width_of_suffix(np_cell_text(cell));
            if (at == column && np_cell_columns(cell) == 1 && width > room)
                room = width;
            at += np_cell_columns(cell);
        }
    }
    return room > WIDEST_SUFFIX ? 0 : room;
}

static void add_number(np_buf *buf, const char *text, size_t room)
{
    const char *suffix = suffix_of(text);
    if (room == 0 || suffix == text) {
        np_html_escape(buf, text);
        return;
    }
    for (const char *c = text; c < suffix; c++) {
        char one[2] = {*c, '\0'};
        np_html_escape(buf, one);
    }
    np_buf_format(buf, "<span class=\"np-after np-w%zu\">", room);
    np_html_escape(buf, suffix);
    np_buf_add(buf, "</span>");
}

static void add_span(np_buf *buf, const np_doc_cell *cell)
{
    if (np_cell_columns(cell) > 1)
        np_buf_format(buf, " colspan=\"%u\"", np_cell_columns(cell));
}

static const char *const align_class[] = {"np-left", "np-right", "np-centre"};

static void add_head_row(np_buf *buf, const np_doc_table *table, const np_doc_row *row)
{
    size_t column = 0;
    np_buf_add(buf, "<tr>");
    for (size_t i = 0; i < row->n_cells; i++) {
        const np_doc_cell *cell = &row->cell[i];
        unsigned columns = np_cell_columns(cell);
        if (*np_cell_text(cell) == '\0') {
            np_buf_add(buf, "<td");
            add_span(buf, cell);
            np_buf_add(buf, "></td>");
        } else {
            np_buf_format(
                buf, "<th scope=\"%s\" class=\"%s\"", columns > 1 ? "colgroup" : "col",
                columns > 1 ? "np-group" : align_class[np_column_align(table, column)]);
            add_span(buf, cell);
            np_buf_add_char(buf, '>');
            np_html_escape(buf, np_cell_text(cell));
            np_buf_add(buf, "</th>");
        }
        column += columns;
    }
    np_buf_add(buf, "</tr>\n");
}

static void add_cell(np_buf *buf, const np_doc_cell *cell, np_align align, size_t room)
{
    np_buf_format(buf, "<td class=\"%s\"", align_class[align]);
    add_span(buf, cell);
    if (isfinite(cell->value)) {
        np_buf_add(buf, " data-value=\"");
        np_buf_add_double(buf, cell->value);
        np_buf_add_char(buf, '"');
    }
    np_buf_add_char(buf, '>');
    if (align == NP_ALIGN_RIGHT)
        add_number(buf, np_cell_text(cell), room);
    else
        np_html_escape(buf, np_cell_text(cell));
    np_buf_add(buf, "</td>");
}

/* A row header alone in its row names the rows that follow. */
static void add_row(np_buf *buf, const np_doc_table *table, const np_doc_row *row,
                    const size_t *room)
{
    size_t column = 0;
    np_buf_add(buf, "<tr>");
    for (size_t i = 0; i < row->n_cells && column < table->n_columns; i++) {
        const np_doc_cell *cell = &row->cell[i];
        if (cell->header && row->n_cells == 1)
            np_buf_format(buf,
                          "<th scope=\"rowgroup\" colspan=\"%zu\" class=\"np-rows\">",
                          table->n_columns);
        else if (cell->header)
            np_buf_format(buf, "<th scope=\"row\" class=\"np-i%u\">",
                          row->indent > 3 ? 3 : row->indent);
        if (cell->header) {
            np_html_escape(buf, np_cell_text(cell));
            np_buf_add(buf, "</th>");
        } else {
            add_cell(buf, cell, np_column_align(table, column), room[column]);
        }
        column += np_cell_columns(cell);
    }
    np_buf_add(buf, "</tr>\n");
}

static void add_rows(np_buf *buf, const np_doc_table *table)
{
    enum { MOST_COLUMNS = 256 };
    size_t room[MOST_COLUMNS] = {0};
    for (size_t j = 0; j < table->n_columns && j < MOST_COLUMNS; j++)
        room[j] = suffix_room(table, j);
    np_buf_add(buf, "<tbody>\n");
    for (size_t i = 0; i < table->n_rows; i++) {
        if (i > 0 && table->row[i].rule_above)
            np_buf_add(buf, "</tbody>\n<tbody>\n");
        add_row(buf, table, &table->row[i], room);
    }
    np_buf_add(buf, "</tbody>\n");
}

static void add_caption(np_buf *buf, const np_doc_table *table, unsigned number,
                        np_language language)
{
    bool titled = table->title != NULL && *table->title != '\0';
    if (!titled && number == 0)
        return;
    np_buf_format(buf, "<caption id=\"%s-caption\">", table->id);
    if (number > 0) {
        np_buf_add(buf, "<span class=\"np-number\">");
        np_render_table_number(buf, number, language);
        np_buf_add(buf, "</span> ");
    }
    if (titled)
        np_html_escape(buf, table->title);
    np_buf_add(buf, "</caption>\n");
}

void np_html_table(np_buf *buf, const np_doc_table *table, unsigned number,
                   np_language language)
{
    const char *id = table->id == NULL || *table->id == '\0' ? "table" : table->id;
    np_doc_table own = *table;
    own.id = id;
    bool named = number > 0 || (table->title != NULL && *table->title != '\0');
    np_buf_format(buf,
                  "<div class=\"np-table%s\">\n<div class=\"np-scroll\" tabindex=\"0\"",
                  table->n_rows <= MOST_ROWS_KEPT_TOGETHER ? " np-short" : "");
    if (named)
        np_buf_format(buf, " role=\"region\" aria-labelledby=\"%s-caption\"", id);
    np_buf_format(buf, ">\n<table id=\"%s\"", id);
    if (table->n_notes > 0)
        np_buf_format(buf, " aria-describedby=\"%s-notes\"", id);
    np_buf_add(buf, ">\n");
    add_caption(buf, &own, number, language);
    if (table->n_head > 0) {
        np_buf_add(buf, "<thead>\n");
        for (size_t i = 0; i < table->n_head; i++)
            add_head_row(buf, table, &table->head[i]);
        np_buf_add(buf, "</thead>\n");
    }
    add_rows(buf, table);
    np_buf_add(buf, "</table>\n</div>\n");
    if (table->n_notes > 0)
        np_buf_format(buf, "<div class=\"np-notes\" id=\"%s-notes\">\n", id);
    for (size_t i = 0; i < table->n_notes; i++) {
        np_buf_add(buf, "<p>");
        np_html_escape(buf, table->note[i]);
        np_buf_add(buf, "</p>\n");
    }
    np_buf_add(buf, table->n_notes > 0 ? "</div>\n</div>\n" : "</div>\n");
}

static void add_element(np_buf *buf, const char *open, const char *text,
                        const char *close)
{
    np_buf_add(buf, open);
    np_html_escape(buf, text);
    np_buf_add(buf, close);
}

static void add_heading(np_buf *buf, const np_doc_node *node, size_t index)
{
    unsigned level = node->level < 1 ? 2 : node->level > 5 ? 6 : node->level + 1;
    if (node->id != NULL)
        np_buf_format(buf, "<h%u id=\"%s\">", level, node->id);
    else
        np_buf_format(buf, "<h%u id=\"section-%zu\">", level, index);
    np_html_escape(buf, node->text);
    np_buf_format(buf, "</h%u>\n", level);
}

static void add_figure(np_buf *buf, const np_doc_node *node, unsigned number,
                       np_language language)
{
    const np_figure *figure = node->figure;
    np_buf_format(buf, "<figure id=\"%s\">\n", figure->id);
    np_buf_add(buf, "<figcaption><span class=\"np-number\">");
    np_render_figure_number(buf, number, language);
    add_element(buf, "</span> ", figure->title, "</figcaption>\n");
    np_buf_format(buf,
                  "<div class=\"np-scroll\" tabindex=\"0\" role=\"group\" "
                  "aria-labelledby=\"%s-title\">\n",
                  figure->id);
    np_figure_svg(buf, figure, language, false);
    np_buf_add(buf, "</div>\n");
    if (figure->note != NULL)
        add_element(buf, "<p class=\"np-figure-note\">", figure->note, "</p>\n");
    if (node->table != NULL) {
        add_element(buf, "<details>\n<summary>",
                    translated(language, N_("The figure's numbers as a table")),
                    "</summary>\n");
        np_html_table(buf, node->table, 0, language);
        np_buf_add(buf, "</details>\n");
    }
    np_buf_add(buf, "</figure>\n");
}

static void add_node(np_buf *buf, const np_doc *doc, size_t index, unsigned *n_tables,
                     unsigned *n_figures)
{
    const np_doc_node *node = &doc->node[index];
    switch (node->kind) {
    case NP_DOC_HEADING:
        add_heading(buf, node, index);
        break;
    case NP_DOC_PARAGRAPH:
        add_element(buf, "<p>", node->text, "</p>\n");
        break;
    case NP_DOC_LEAD:
        add_element(buf, "<p class=\"np-lead\">", node->text, "</p>\n");
        break;
    case NP_DOC_CAVEAT:
        np_buf_add(buf, "<div class=\"np-caveat\" role=\"note\"><p><strong>");
        np_html_escape(buf, translated(doc->language, N_("Caveat.")));
        add_element(buf, "</strong> ", node->text, "</p></div>\n");
        break;
    case NP_DOC_NOTICE:
        add_element(buf, "<div class=\"np-warning\" role=\"note\"><p>", node->text,
                    "</p></div>\n");
        break;
    case NP_DOC_LIST:
        np_buf_add(buf, "<ul>\n");
        for (size_t i = 0; i < node->n_items; i++)
            add_element(buf, "<li>", node->item[i], "</li>\n");
        np_buf_add(buf, "</ul>\n");
        break;
    case NP_DOC_TABLE:
        np_html_table(buf, node->table, ++*n_tables, doc->language);
        break;
    case NP_DOC_FIGURE:
        add_figure(buf, node, ++*n_figures, doc->language);
        break;
    case NP_DOC_PREFORMATTED:
        add_element(buf, "<pre tabindex=\"0\">", node->text, "</pre>\n");
        break;
    }
}

static void add_contents(np_buf *buf, const np_doc *doc)
{
    size_t n = 0;
    for (size_t i = 0; i < doc->n; i++)
        n += doc->node[i].kind == NP_DOC_HEADING && doc->node[i].level <= 1;
    if (n < 3)
        return;
    const char *title = translated(doc->language, N_("Contents"));
    add_element(buf,
                "<nav class=\"np-contents\" aria-labelledby=\"contents\">\n"
                "<h2 id=\"contents\">",
                title, "</h2>\n<ol>\n");
    for (size_t i = 0; i < doc->n; i++) {
        const np_doc_node *node = &doc->node[i];
        if (node->kind != NP_DOC_HEADING || node->level > 1)
            continue;
        if (node->id != NULL)
            np_buf_format(buf, "<li><a href=\"#%s\">", node->id);
        else
            np_buf_format(buf, "<li><a href=\"#section-%zu\">", i);
        add_element(buf, "", node->text, "</a></li>\n");
    }
    np_buf_add(buf, "</ol>\n</nav>\n");
}

/* Printed in the margin of every page; as a CSS string. */
static void add_page_mark(np_buf *buf, const char *mark)
{
    if (mark == NULL)
        return;
    np_buf_add(buf, "@page{@top-right{font:9pt Arial,sans-serif;content:\"");
    for (; *mark != '\0'; mark++) {
        if (strchr("\"\\<\n", *mark) != NULL)
            np_buf_format(buf, "\\%x ", (unsigned)*mark);
        else
            np_buf_add_char(buf, *mark);
    }
    np_buf_add(buf, "\"}}\n");
}

void np_html_document(np_buf *buf, const np_doc *doc)
{
    unsigned n_tables = 0, n_figures = 0;
    np_buf_format(
        buf,
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\"/>\n"
        "<meta name=\"generator\" content=\"Nullpunkt " NP_VERSION "\"/>\n",
        np_language_code(doc->language));
    add_element(buf, "<title>", doc->title, "</title>\n");
    np_buf_add(buf, "<style>\n");
    np_buf_add(buf, np_report_css);
    add_page_mark(buf, doc->mark);
    np_buf_add(buf, "</style>\n</head>\n<body>\n");
    add_element(buf, "<a class=\"np-skip\" href=\"#main\">",
                translated(doc->language, N_("Skip to the content")), "</a>\n");
    add_element(buf, "<header>\n<h1>", doc->title, "</h1>\n");
    if (doc->mark != NULL)
        add_element(buf, "<p class=\"np-mark\">", doc->mark, "</p>\n");
    if (*doc->subtitle != '\0')
        add_element(buf, "<p class=\"np-subtitle\">", doc->subtitle, "</p>\n");
    np_buf_add(buf, "</header>\n");
    add_contents(buf, doc);
    np_buf_add(buf, "<main id=\"main\">\n");
    for (size_t i = 0; i < doc->n; i++)
        add_node(buf, doc, i, &n_tables, &n_figures);
    np_buf_add(buf, "</main>\n</body>\n</html>\n");
}
