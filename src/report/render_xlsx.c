#include "report/render_xlsx.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/text.h"
#include "base/utf8.h"

enum { NAME_LENGTH = 31, FIRST_ROW = 2 };

typedef struct {
    lxw_workbook *book;
    lxw_format *bold;
    np_language language;
    bool failed;
} workbook;

/* At most 31 ASCII characters, none of []:*?/\, unlike every earlier sheet's. */
static void sheet_name(char out[NAME_LENGTH + 1], workbook *w, const char *id)
{
    char clean[NAME_LENGTH + 1];
    size_t n = 0;
    for (const char *c = id == NULL ? "" : id; *c != '\0' && n < NAME_LENGTH; c++)
        clean[n++] = (*c & 0x80) != 0 || strchr("[]:*?/\\'", *c) != NULL ? '_' : *c;
    clean[n] = '\0';
    np_text_format(out, NAME_LENGTH + 1, "%s", n == 0 ? "table" : clean);
    for (int k = 2; workbook_get_worksheet_by_name(w->book, out) != NULL; k++)
        np_text_format(out, NAME_LENGTH + 1, "%.25s-%d", n == 0 ? "table" : clean, k);
}

static void put_text(workbook *w, lxw_worksheet *sheet, size_t row, size_t column,
                     const char *text, lxw_format *format)
{
    if (text == NULL || text[0] == '\0')
        return;
    if (worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)column, text, format) !=
        LXW_NO_ERROR)
        w->failed = true;
}

/* Length of a blank between thousands at `c`, 0 for anything else. */
static size_t blank_length(const char *c)
{
    static const char *const blanks[] = {" ", "\u00a0", "\u202f", "\u2009"};
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        if (strncmp(c, blanks[i], strlen(blanks[i])) == 0)
            return strlen(blanks[i]);
    return 0;
}

typedef struct {
    const char *begin, *end; /* of the digits */
    unsigned decimals;
    bool groups;
    double value;
} printed_number;

static printed_number find_number(const char *text, char decimal)
{
    char plain[64];
    size_t n = 0;
    printed_number p = {.begin = text};
    bool after = false;
    while (*p.begin != '\0' && !np_is_digit(*p.begin))
        p.begin++;
    for (p.end = p.begin; *p.end != '\0' && n + 2 < sizeof plain;) {
        size_t blank = blank_length(p.end);
        if (np_is_digit(*p.end)) {
            plain[n++] = *p.end++;
            p.decimals += after;
        } else if (!after && *p.end == decimal && np_is_digit(p.end[1])) {
            plain[n++] = '.';
            p.end++;
            after = true;
        } else if (!after && decimal == '.' && *p.end == ',' && np_is_digit(p.end[1])) {
            p.end++;
            p.groups = true;
        } else if (!after && blank > 0 && np_is_digit(p.end[blank])) {
            p.end += blank;
            p.groups = true;
        } else {
            break;
        }
    }
    plain[n] = '\0';
    p.value = strtod(plain, NULL);
    return p;
}

static void add_literal(np_buf *buf, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (strncmp(text + i, "\u2212", 3) == 0) {
            i += 3;
        } else {
            if (text[i] != '-' && text[i] != '+' && text[i] != '"') {
                np_buf_add_char(buf, text[i]);
            }
            i++;
        }
    }
}

/* "(−0,67)***" gives "("0.00")***". */
static void number_format(np_buf *buf, const char *text, double value, char decimal)
{
    printed_number p = find_number(text, decimal);
    const char *percent = strchr(p.end, '%');
    bool hundredfold = percent != NULL &&
                       fabs(fabs(value) * 100 - p.value) < fabs(fabs(value) - p.value);
    if (p.begin > text) {
        np_buf prefix = {0};
        add_literal(&prefix, text, (size_t)(p.begin - text));
        if (prefix.length > 0)
            np_buf_format(buf, "\"%s\"", prefix.text);
        np_buf_free(&prefix);
    }
    np_buf_add(buf, p.groups ? "#,##0" : "0");
    if (p.decimals > 0)
        np_buf_add_char(buf, '.');
    np_buf_add_times(buf, '0', p.decimals);
    if (hundredfold) {
        np_buf_add(buf, "%");
    } else if (*p.end != '\0') {
        np_buf_add_char(buf, '"');
        for (const char *c = p.end; *c != '\0'; c++)
            if (*c != '"')
                np_buf_add_char(buf, *c);
        np_buf_add_char(buf, '"');
    }
}

static void put_number(workbook *w, lxw_worksheet *sheet, size_t row, size_t column,
                       const np_doc_cell *cell)
{
    np_buf code = {0};
    number_format(&code, cell->text, cell->value, w->language == NP_ENGLISH ? '.' : ',');
    lxw_format *format = workbook_add_format(w->book);
    if (np_buf_done(&code) == NULL || format == NULL) {
        w->failed = true;
    } else {
        if (code.length < LXW_FORMAT_FIELD_LEN)
            format_set_num_format(format, code.text);
        format_set_align(format, LXW_ALIGN_RIGHT);
        if (worksheet_write_number(sheet, (lxw_row_t)row, (lxw_col_t)column, cell->value,
                                   format) != LXW_NO_ERROR)
            w->failed = true;
    }
    np_buf_free(&code);
}

static bool has_digit(const char *text)
{
    return text != NULL && strpbrk(text, "0123456789") != NULL;
}

static void put_row(workbook *w, lxw_worksheet *sheet, size_t row, const np_doc_row *r,
                    bool head)
{
    size_t column = 0;
    for (size_t i = 0; i < r->n_cells; i++) {
        const np_doc_cell *c = &r->cell[i];
        size_t span = c->column_span > 1 ? c->column_span : 1;
        lxw_format *format = head ? w->bold : NULL;
        if (span > 1)
            w->failed |= worksheet_merge_range(
                             sheet, (lxw_row_t)row, (lxw_col_t)column, (lxw_row_t)row,
                             (lxw_col_t)(column + span - 1), "", format) != LXW_NO_ERROR;
        if (!head && isfinite(c->value) && has_digit(c->text))
            put_number(w, sheet, row, column, c);
        else
            put_text(w, sheet, row, column, c->text, format);
        column += span;
    }
}

static void set_widths(lxw_worksheet *sheet, const np_doc_table *t, np_arena *arena)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    size_t *width = np_arena_array(arena, size_t, t->n_columns);
    for (size_t r = 0; width != NULL && r < t->n_head + t->n_rows; r++) {
        const np_doc_row *row = r < t->n_head ? &t->head[r] : &t->row[r - t->n_head];
        size_t column = 0;
        for (size_t i = 0; i < row->n_cells && column < t->n_columns; i++) {
            const char *text = row->cell[i].text;
            size_t n = text == NULL ? 0 : np_utf8_width(text, strlen(text));
            if (row->cell[i].column_span <= 1 && n > width[column])
                width[column] = n;
            column += row->cell[i].column_span > 1 ? row->cell[i].column_span : 1;
        }
    }
    for (size_t c = 0; width != NULL && c < t->n_columns; c++)
        worksheet_set_column(sheet, (lxw_col_t)c, (lxw_col_t)c,
                             width[c] < 60 ? (double)width[c] + 2 : 62, NULL);
    np_arena_release(arena, mark);
}

/* The caveats that stand after node i of the document, one to a row; the next row. */
static size_t put_caveats(workbook *w, lxw_worksheet *sheet, size_t row, size_t column,
                          const np_doc *doc, size_t i)
{
    for (i++; i < doc->n && doc->node[i].kind == NP_DOC_CAVEAT; i++)
        put_text(w, sheet, row++, column, doc->node[i].text, w->bold);
    return row;
}

static void add_table(workbook *w, lxw_worksheet *sheet, const np_doc *doc, size_t node,
                      np_arena *arena)
{
    const np_doc_table *t = doc->node[node].table;
    size_t row = FIRST_ROW;
    put_text(w, sheet, 0, 0, t->title, w->bold);
    for (size_t i = 0; i < t->n_head; i++)
        put_row(w, sheet, row++, &t->head[i], true);
    worksheet_freeze_panes(sheet, (lxw_row_t)row, 0);
    for (size_t i = 0; i < t->n_rows; i++)
        put_row(w, sheet, row++, &t->row[i], false);
    row++;
    for (size_t i = 0; i < t->n_notes; i++)
        put_text(w, sheet, row++, 0, t->note[i], NULL);
    put_caveats(w, sheet, row, 0, doc, node);
    set_widths(sheet, t, arena);
}

static void add_sheets(workbook *w, const np_doc *doc, size_t n_tables, np_arena *arena)
{
    char name[NAME_LENGTH + 1];
    size_t row = FIRST_ROW;
    lxw_worksheet *contents = NULL;
    if (n_tables > 1) {
        sheet_name(name, w, np_translate_to(doc->language, "Contents"));
        contents = workbook_add_worksheet(w->book, name);
        put_text(w, contents, 0, 0, doc->title, w->bold);
        put_text(w, contents, 1, 0, doc->mark, NULL);
        worksheet_set_column(contents, 0, 1, 34, NULL);
    }
    for (size_t i = 0; i < doc->n && !w->failed; i++) {
        const np_doc_table *t = doc->node[i].table;
        if (t == NULL)
            continue;
        sheet_name(name, w, t->id);
        lxw_worksheet *sheet = workbook_add_worksheet(w->book, name);
        w->failed |= sheet == NULL;
        if (sheet != NULL)
            add_table(w, sheet, doc, i, arena);
        if (contents == NULL)
            continue;
        put_text(w, contents, row, 0, name, NULL);
        put_text(w, contents, row++, 1, t->title, NULL);
        for (size_t k = 0; k < t->n_notes; k++)
            put_text(w, contents, row++, 1, t->note[k], NULL);
        row = put_caveats(w, contents, row, 1, doc, i);
    }
}

/* The creation date is fixed, so that the same document gives the same bytes. */
static void set_properties(workbook *w, const np_doc *doc)
{
    enum { FIRST_OF_2000 = 946684800 };
    char title[256], comment[32];
    np_text_format(title, sizeof title, "%s", doc->title == NULL ? "" : doc->title);
    np_text_format(comment, sizeof comment, "%s", np_language_code(doc->language));
    lxw_doc_properties properties = {
        .title = title, .keywords = comment, .created = FIRST_OF_2000};
    workbook_set_properties(w->book, &properties);
}

np_status np_doc_write_xlsx(const char *path, const np_doc *doc, np_arena *arena,
                            np_error *err)
{
    size_t n_tables = 0;
    for (size_t i = 0; i < doc->n; i++)
        n_tables += doc->node[i].table != NULL;
    if (n_tables == 0)
        return np_fail(err, NP_E_RANGE, _("there is no table to write to %s"), path);
    const char *beside = np_arena_format(arena, "%s.new", path);
    workbook w = {.language = doc->language};
    w.book = beside == NULL ? NULL : workbook_new(beside);
    if (w.book == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %s"), path);
    w.bold = workbook_add_format(w.book);
    if (w.bold != NULL)
        format_set_bold(w.bold);
    set_properties(&w, doc);
    add_sheets(&w, doc, n_tables, arena);
    errno = 0;
    bool closed = workbook_close(w.book) == LXW_NO_ERROR;
    if (closed && !w.failed && rename(beside, path) == 0)
        return NP_OK;
    int reason = errno;
    unlink(beside);
    return np_fail(err, NP_E_IO, _("%s cannot be written: %s"), path,
                   w.failed ? _("a table does not fit in a sheet") : strerror(reason));
}
