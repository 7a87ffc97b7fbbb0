/* LaTeX with booktabs and nothing else: a column of numbers is two columns that
 * meet at the decimal sign (r@{}l). */
#include <string.h>

#include "report/render.h"

static const struct {
    const char *from, *to;
} replacement[] = {
    {"\\", "\\textbackslash{}"},
    {"&", "\\&"},
    {"%", "\\%"},
    {"$", "\\$"},
    {"#", "\\#"},
    {"_", "\\_"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"\"", "\\textquotedbl{}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"|", "\\textbar{}"},
    {"\xe2\x88\x92", "$-$"},                /* minus */
    {"\xe2\x88\x9e", "$\\infty$"},          /* infinity */
    {"\xe2\x80\xaf", "\\,"},                /* narrow no-break space */
    {"\xc2\xa0", "~"},                      /* no-break space */
    {"\xc3\x97", "$\\times$"},              /* times */
    {"\xc2\xb7", "$\\cdot$"},               /* middle dot */
    {"\xc2\xb2", "$^2$"},                   /* squared */
    {"\xe2\x89\xa5", "$\\geq$"},            /* greater or equal */
    {"\xe2\x89\xa4", "$\\leq$"},            /* less or equal */
    {"\xe2\x86\x92", "$\\to$"},             /* arrow */
    {"\xe2\x96\x88", "\\rule{.5em}{.6em}"}, /* full block */
    {"\xe2\x96\x92", "\\rule{.5em}{.2em}"}, /* shade */
    {"\xce\x94", "$\\Delta$"},
    {"\xce\xb2", "$\\beta$"},
    {"\xce\xb3", "$\\gamma$"},
    {"\xce\xb4", "$\\delta$"},
    {"\xce\xb8", "$\\theta$"},
    {"\xcf\x81", "$\\rho$"},
    {"\xcf\x83", "$\\sigma$"},
    {"\xcf\x87", "$\\chi$"},
};

static void add_escaped(np_buf *buf, const char *text, size_t length)
{
    enum { N = sizeof replacement / sizeof *replacement };
    const char *end = text + length;
    while (text < end) {
        size_t i = 0, found = 0;
        for (; i < N && found == 0; i++) {
            size_t n = strlen(replacement[i].from);
            if (n <= (size_t)(end - text) && memcmp(text, replacement[i].from, n) == 0)
                found = n;
        }
        if (found > 0)
            np_buf_add(buf, replacement[i - 1].to);
        else
            np_buf_add_char(buf, *text);
        text += found > 0 ? found : 1;
    }
}

static void add_text(np_buf *buf, const char *text)
{
    add_escaped(buf, text, strlen(text));
}

static bool is_split(const np_doc_table *table, size_t column)
{
    return np_column_align(table, column) == NP_ALIGN_RIGHT;
}

/* LaTeX columns before one of the table's. */
static size_t printed_columns(const np_doc_table *table, size_t first, size_t end)
{
    size_t n = 0;
    for (size_t j = first; j < end && j < table->n_columns; j++)
        n += is_split(table, j) ? 2 : 1;
    return n;
}

static void add_number(np_buf *buf, const char *text, np_language language)
{
    size_t before = np_before_decimal(text, language);
    add_escaped(buf, text, before);
    np_buf_add(buf, " & ");
    add_text(buf, text + before);
}

static void add_cell(np_buf *buf, const np_doc_table *table, const np_doc_row *row,
                     size_t i, size_t column, bool head, np_language language)
{
    const np_doc_cell *cell = &row->cell[i];
    const char *text = np_cell_text(cell);
    unsigned columns = np_cell_columns(cell);
    if (columns == 1 && is_split(table, column) && !head && !cell->header) {
        add_number(buf, text, language);
        return;
    }
    size_t printed = printed_columns(table, column, column + columns);
    if (printed > 1)
        np_buf_format(buf, "\\multicolumn{%zu}{%s}{", printed, head ? "c" : "l");
    for (unsigned k = 0; i == 0 && k < row->indent; k++)
        np_buf_add(buf, "\\quad ");
    add_text(buf, text);
    if (printed > 1)
        np_buf_add_char(buf, '}');
}

static void add_row(np_buf *buf, const np_doc_table *table, const np_doc_row *row,
                    bool head, np_language language)
{
    size_t column = 0;
    for (size_t i = 0; i < row->n_cells && column < table->n_columns; i++) {
        if (i > 0)
            np_buf_add(buf, " & ");
        add_cell(buf, table, row, i, column, head, language);
        column += np_cell_columns(&row->cell[i]);
    }
    np_buf_add(buf, " \\\\\n");
}

static void add_span_rules(np_buf *buf, const np_doc_table *table, const np_doc_row *row)
{
    size_t column = 0;
    for (size_t i = 0; i < row->n_cells && column < table->n_columns; i++) {
        unsigned columns = np_cell_columns(&row->cell[i]);
        if (columns > 1 && *np_cell_text(&row->cell[i]) != '\0')
            np_buf_format(buf, "\\cmidrule(lr){%zu-%zu}\n",
                          printed_columns(table, 0, column) + 1,
                          printed_columns(table, 0, column + columns));
        column += columns;
    }
}

static void add_body(np_buf *buf, const np_doc_table *table, np_language language)
{
    static const char *const spec[] = {"l", "r@{}l", "c"};
    np_buf_add(buf, "\\begin{tabular}{");
    for (size_t j = 0; j < table->n_columns; j++)
        np_buf_add(buf, spec[np_column_align(table, j)]);
    np_buf_add(buf, "}\n\\toprule\n");
    for (size_t i = 0; i < table->n_head; i++) {
        add_row(buf, table, &table->head[i], true, language);
        if (i + 1 < table->n_head)
            add_span_rules(buf, table, &table->head[i]);
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        if ((i == 0 && table->n_head > 0) || (i > 0 && table->row[i].rule_above))
            np_buf_add(buf, "\\midrule\n");
        add_row(buf, table, &table->row[i], false, language);
    }
    np_buf_add(buf, "\\bottomrule\n\\end{tabular}\n");
}

void np_latex_table(np_buf *buf, const np_doc_table *table, np_language language)
{
    np_buf_add(buf, "\\begin{table}[htbp]\n\\centering\n");
    if (table->title != NULL && *table->title != '\0') {
        np_buf_add(buf, "\\caption{");
        add_text(buf, table->title);
        np_buf_add(buf, "}\n");
    }
    if (table->id != NULL && *table->id != '\0')
        np_buf_format(buf, "\\label{tab:%s}\n", table->id);
    add_body(buf, table, language);
    if (table->n_notes > 0)
        np_buf_add(buf,
                   "\\par\\smallskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
    for (size_t i = 0; i < table->n_notes; i++) {
        add_text(buf, table->note[i]);
        np_buf_add(buf, i + 1 < table->n_notes ? "\\par\n" : "\n\\end{minipage}\n");
    }
    np_buf_add(buf, "\\end{table}\n");
}

static void add_command(np_buf *buf, const char *command, const char *text)
{
    np_buf_format(buf, "\\%s{", command);
    add_text(buf, text);
    np_buf_add(buf, "}\n");
}

static void add_figure(np_buf *buf, const np_doc_node *node, np_language language)
{
    const char *id = node->figure->id;
    np_buf_format(buf,
                  "\\begin{figure}[htbp]\n\\centering\n"
                  "\\IfFileExists{figures/%s.pdf}"
                  "{\\includegraphics[width=\\linewidth]{figures/%s.pdf}}{}\n",
                  id, id);
    add_command(buf, "caption", node->figure->title);
    np_buf_format(buf, "\\label{fig:%s}\n\\begin{minipage}{\\linewidth}\\footnotesize\n",
                  id);
    add_text(buf, node->figure->description);
    np_buf_add(buf, "\n\\end{minipage}\n\\end{figure}\n");
    if (node->table != NULL)
        np_latex_table(buf, node->table, language);
}

static void add_node(np_buf *buf, const np_doc_node *node, np_language language)
{
    static const char *const heading[] = {"section", "section", "subsection",
                                          "subsubsection", "paragraph"};
    switch (node->kind) {
    case NP_DOC_HEADING:
        add_command(buf, heading[node->level > 4 ? 4 : node->level], node->text);
        break;
    case NP_DOC_PARAGRAPH:
    case NP_DOC_LEAD:
        add_text(buf, node->text);
        np_buf_add_char(buf, '\n');
        break;
    case NP_DOC_CAVEAT:
    case NP_DOC_NOTICE:
        np_buf_add(buf, "\\begin{quote}\n");
        add_text(buf, node->text);
        np_buf_add(buf, "\n\\end{quote}\n");
        break;
    case NP_DOC_LIST:
        np_buf_add(buf, "\\begin{itemize}\n");
        for (size_t i = 0; i < node->n_items; i++) {
            np_buf_add(buf, "\\item ");
            add_text(buf, node->item[i]);
            np_buf_add_char(buf, '\n');
        }
        np_buf_add(buf, "\\end{itemize}\n");
        break;
    case NP_DOC_TABLE:
        np_latex_table(buf, node->table, language);
        break;
    case NP_DOC_FIGURE:
        add_figure(buf, node, language);
        break;
    case NP_DOC_PREFORMATTED:
        np_buf_format(buf, "\\begin{verbatim}\n%s\n\\end{verbatim}\n", node->text);
        break;
    }
}

void np_latex_document(np_buf *buf, const np_doc *doc)
{
    static const char *const babel[] = {"english", "norsk", "nynorsk"};
    np_buf_format(buf,
                  "\\documentclass[a4paper]{article}\n\\usepackage[T1]{fontenc}\n"
                  "\\usepackage[utf8]{inputenc}\n\\usepackage[%s]{babel}\n"
                  "\\usepackage{booktabs,graphicx,textcomp}\n",
                  babel[doc->language]);
    add_command(buf, "title", doc->title);
    add_command(buf, "author", doc->subtitle);
    np_buf_add(buf, "\\date{}\n\\begin{document}\n\\maketitle\n");
    for (size_t i = 0; i < doc->n; i++) {
        np_buf_add_char(buf, '\n');
        add_node(buf, &doc->node[i], doc->language);
    }
    np_buf_add(buf, "\n\\end{document}\n");
}
