/* A document as a tree that knows no format: headings, paragraphs, notes,
 * tables and figures. Composers build it, renderers (render_html, render_text,
 * render_markdown, render_latex, render_csv) print it. Everything printed as a
 * table, in a terminal or in a report, is an np_doc_table.
 *
 * All texts are UTF-8 and live in the document's arena; escaping is the
 * renderer's work.
 */
#ifndef NP_REPORT_DOC_H
#define NP_REPORT_DOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/language.h"
#include "base/text.h"

typedef enum { NP_ALIGN_LEFT = 0, NP_ALIGN_RIGHT, NP_ALIGN_CENTRE } np_align;

typedef struct {
    const char *text;     /* as printed; "" for an empty cell; NULL is "" */
    double value;         /* the number behind it, unrounded; NaN: text only */
    unsigned column_span; /* 0 and 1: one column */
    bool header;          /* a row header (scope="row") */
} np_doc_cell;

typedef struct {
    const np_doc_cell *cell; /* [n_cells]; spans add up to the table's n_columns */
    size_t n_cells;
    bool rule_above; /* a line between groups of rows */
    unsigned indent; /* of the row's first cell */
} np_doc_row;

typedef struct {
    const char *id;    /* "table-absence-effects": file name of its CSV, HTML id */
    const char *title; /* without number: the renderer numbers */
    size_t n_columns;
    const np_align *align; /* [n_columns]; NULL: first left, others right */
    const np_doc_row *head;
    size_t n_head; /* header rows */
    const np_doc_row *row;
    size_t n_rows;
    const char *const *note;
    size_t n_notes; /* source, unit, N, base, rule: one each */
} np_doc_table;

struct np_figure; /* report/figure.h */

typedef enum {
    NP_DOC_HEADING = 0, /* level 1 … 4, text */
    NP_DOC_PARAGRAPH,   /* text */
    NP_DOC_LEAD,        /* a paragraph that sums up */
    NP_DOC_CAVEAT,      /* text: a warning that belongs to the numbers above */
    NP_DOC_LIST,        /* items */
    NP_DOC_TABLE,
    NP_DOC_FIGURE,       /* with its table as the text alternative */
    NP_DOC_PREFORMATTED, /* text: code, a command */
    NP_DOC_NOTICE        /* text: must not be overlooked, e.g. that data are simulated */
} np_doc_kind;

typedef struct {
    np_doc_kind kind;
    unsigned level; /* heading */
    const char *id; /* heading anchor; may be NULL */
    const char *text;
    const char *const *item;
    size_t n_items;
    const np_doc_table *table; /* table, or a figure's text alternative */
    const struct np_figure *figure;
} np_doc_node;

typedef struct {
    np_arena *arena; /* where its parts live; borrowed */
    const char *title, *subtitle;
    const char *mark; /* stands on every page, e.g. "Simulated data"; NULL: none */
    np_language language;
    np_doc_node *node; /* [n] grows */
    size_t n, capacity;
    bool failed; /* memory ran out while building */
} np_doc;

np_doc np_doc_new(np_arena *arena, np_language language, const char *title,
                  const char *subtitle);
void np_doc_add_heading(np_doc *doc, unsigned level, const char *id, const char *text);
void np_doc_add_text(np_doc *doc, np_doc_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void np_doc_add_list(np_doc *doc, const char *const *item, size_t n_items);
void np_doc_add_table(np_doc *doc, const np_doc_table *table);
void np_doc_add_figure(np_doc *doc, const struct np_figure *figure,
                       const np_doc_table *table);
np_status np_doc_done(const np_doc *doc, np_error *err); /* NP_E_NO_MEMORY */

/* Builds a table cell by cell; grows in the arena. */
typedef struct np_table_builder np_table_builder;
np_table_builder *np_table_builder_new(np_arena *arena, const char *id, const char *title,
                                       size_t n_columns);
void np_table_builder_align(np_table_builder *b, size_t column, np_align align);
void np_table_builder_head(np_table_builder *b); /* starts a header row */
void np_table_builder_row(np_table_builder *b);  /* starts a body row */
void np_table_builder_rule(np_table_builder *b); /* a line above the next row */
void np_table_builder_cell(np_table_builder *b, const char *text);
void np_table_builder_span(np_table_builder *b, const char *text, unsigned columns);
void np_table_builder_row_header(np_table_builder *b, const char *text, unsigned indent);
void np_table_builder_number(np_table_builder *b, const char *text, double value);
void np_table_builder_note(np_table_builder *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const np_doc_table *np_table_builder_done(np_table_builder *b); /* NULL: no memory */

/* Renderers append to buf. A single table can be rendered as well as a document. */
typedef enum { NP_TEXT = 0, NP_MARKDOWN, NP_LATEX, NP_CSV, NP_HTML } np_doc_format;
void np_doc_render_table(np_buf *buf, const np_doc_table *table, np_doc_format format,
                         np_language language);
/* CSV as RFC 4180 has it, or as a Norwegian Excel opens it by a double click:
 * semicolon, decimal comma, byte order mark. */
typedef enum { NP_CSV_POINT = 0, NP_CSV_EXCEL_COMMA } np_csv_variant;
void np_doc_render_csv(np_buf *buf, const np_doc_table *table, np_csv_variant variant);
/* All tables, with "id,title" above each, and its notes and the caveats after it below.
 */
void np_doc_render_csv_annotated(np_buf *buf, const np_doc *doc);
/* A self-contained page for NP_HTML (style inside, no script needed); NP_CSV gives all
 * tables one after the other. */
void np_doc_render(np_buf *buf, const np_doc *doc, np_doc_format format);

#endif
