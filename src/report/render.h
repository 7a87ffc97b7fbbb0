/* What the renderers share; not for composers. `number` is the table's or the
 * figure's number in its document, 0 where it stands alone. */
#ifndef NP_REPORT_RENDER_H
#define NP_REPORT_RENDER_H

#include "base/language.h"
#include "base/text.h"
#include "report/doc.h"
#include "report/figure.h"

void np_text_table(np_buf *buf, const np_doc_table *table, unsigned number,
                   np_language language);
void np_text_document(np_buf *buf, const np_doc *doc);
void np_markdown_table(np_buf *buf, const np_doc_table *table, unsigned number,
                       np_language language);
void np_markdown_document(np_buf *buf, const np_doc *doc);
void np_latex_table(np_buf *buf, const np_doc_table *table, np_language language);
void np_latex_document(np_buf *buf, const np_doc *doc);
void np_csv_document(np_buf *buf, const np_doc *doc);
void np_html_table(np_buf *buf, const np_doc_table *table, unsigned number,
                   np_language language);
void np_html_document(np_buf *buf, const np_doc *doc);

/* report.css with its design tokens; made by tools/embed_css.py. */
extern const char np_report_css[];

/* "Table 3" and "Figure 3" in the language. */
void np_render_table_number(np_buf *buf, unsigned number, np_language language);
void np_render_figure_number(np_buf *buf, unsigned number, np_language language);

unsigned np_cell_columns(const np_doc_cell *cell); /* at least 1 */
const char *np_cell_text(const np_doc_cell *cell); /* never NULL */
np_align np_column_align(const np_doc_table *table, size_t column);

/* The texts of all header cells over a column, joined: for formats that have
 * one header row. */
void np_render_head_text(np_buf *buf, const np_doc_table *table, size_t column,
                         const char *separator);

void np_html_escape(np_buf *buf, const char *text); /* also for XML, attributes in "" */

/* Where a number's decimal sign stands: the bytes before it, or before what
 * follows the last digit of a whole number ("3 371***" → 5). A text without
 * digits has all of it before. */
size_t np_before_decimal(const char *text, np_language language);

#endif
