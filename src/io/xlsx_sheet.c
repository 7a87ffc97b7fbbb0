#include "io/xlsx_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"

void np_xlsx_name_cell(np_xlsx_reader *x, uint32_t row, uint32_t column)
{
    char letters[8], cell[128];
    size_t n = sizeof letters;
    letters[--n] = '\0';
    for (uint32_t c = column; c > 0 && n > 0; c = (c - 1) / 26)
        letters[--n] = (char)('A' + (c - 1) % 26);
    np_text_format(cell, sizeof cell, "%s!%s%u", x->sheet_name, letters + n, row);
    np_error_field(x->err, cell, strlen(cell));
}

static void refuse(np_xlsx_reader *x, const char *text)
{
    bool first = x->status == NP_OK;
    np_xlsx_stop(x, NP_E_PARSE, text);
    if (first)
        np_xlsx_name_cell(x, x->row, x->column);
}

/* "B7": column and row; false for anything else. */
static bool parse_reference(const char *text, uint32_t *row, uint32_t *column)
{
    uint32_t c = 0, r = 0;
    for (; *text >= 'A' && *text <= 'Z' && c <= NP_XLSX_COLUMNS; text++)
        c = c * 26 + (uint32_t)(*text - 'A' + 1);
    for (; *text >= '0' && *text <= '9' && r <= NP_XLSX_ROWS; text++)
        r = r * 10 + (uint32_t)(*text - '0');
    *row = r, *column = c;
    return *text == '\0' && c >= 1 && c <= NP_XLSX_COLUMNS && r >= 1 && r <= NP_XLSX_ROWS;
}

static void start_cell(np_xlsx_reader *x, const XML_Char **attributes)
{
    const char *reference = np_xlsx_attribute(attributes, "r");
    const char *style = np_xlsx_attribute(attributes, "s");
    const char *type = np_xlsx_attribute(attributes, "t");
    uint32_t row = x->row, column = x->column + 1;
    if (reference != NULL && (!parse_reference(reference, &row, &column) ||
                              row != x->row || column <= x->column)) {
        char text[120];
        np_text_format(text, sizeof text,
                       _("the cell reference %.20s is wrong or out of order"), reference);
        refuse(x, text);
        return;
    }
    x->column = column;
    if (column > NP_XLSX_COLUMNS)
        refuse(x, _("the row has more cells than a sheet can have"));
    x->style = style == NULL ? 0 : (unsigned)strtoul(style, NULL, 10);
    np_text_format(x->type, sizeof x->type, "%s", type == NULL ? "n" : type);
    x->has_formula = x->has_value = false;
    x->text.length = 0;
}

static void start_row(np_xlsx_reader *x, const XML_Char **attributes)
{
    const char *r = np_xlsx_attribute(attributes, "r");
    unsigned long row = r == NULL ? x->row + 1ul : strtoul(r, NULL, 10);
    x->column = 0;
    if (row <= x->row || row > NP_XLSX_ROWS)
        refuse(x, _("the rows after this one are out of order or too many"));
    else
        x->row = (uint32_t)row;
}

static void start_sheet(void *data, const XML_Char *name, const XML_Char **attributes)
{
    np_xlsx_reader *x = data;
    const char *e = np_xlsx_local(name);
    if (strcmp(e, "c") == 0)
        start_cell(x, attributes);
    else if (strcmp(e, "row") == 0)
        start_row(x, attributes);
    else if (strcmp(e, "v") == 0)
        x->has_value = x->collecting = true;
    else if (strcmp(e, "f") == 0)
        x->has_formula = true;
    else if (strcmp(e, "rPh") == 0)
        x->phonetic = true;
    else if (strcmp(e, "t") == 0)
        x->has_value = x->collecting = !x->phonetic;
    else if (strcmp(e, "mergeCell") == 0)
        x->n_merged++;
}

static void add_cell(np_xlsx_reader *x, size_t start, size_t length, bool number)
{
    if (length == 0 || length > UINT32_MAX ||
        !np_xlsx_grow(x, &x->cell, x->n_cells, &x->cells_capacity, sizeof *x->cell))
        return;
    x->cell[x->n_cells++] = (np_xlsx_cell){.start = start,
                                           .length = (uint32_t)length,
                                           .row = x->row,
                                           .column = x->column,
                                           .number = number};
}

static void add_text_cell(np_xlsx_reader *x, const char *text, size_t length, bool number)
{
    size_t start = x->pool.length;
    np_buf_add_bytes(&x->pool, text, length);
    add_cell(x, start, length, number);
}

/* Serial 60 of the 1900 system is 29 February 1900, a day that never was. */
static void add_date(np_xlsx_reader *x, double serial)
{
    double day = floor(serial), second = round((serial - day) * 86400);
    char text[40], date[NP_DATE_LENGTH];
    if (second >= 86400)
        day++, second = 0;
    if (!(day >= 0 && day < 2958466) || (!x->since_1904 && (day == 60 || day == 0))) {
        np_text_format(text, sizeof text, _("%.10g is no date"), serial);
        refuse(x, text);
        return;
    }
    int32_t origin =
        x->since_1904 ? np_date_of(1904, 1, 1) : np_date_of(1899, 12, day < 60 ? 31 : 30);
    np_date_format(date, origin + (int32_t)day);
    int s = (int)second;
    if (s == 0)
        np_text_format(text, sizeof text, "%s", date);
    else
        np_text_format(text, sizeof text, "%sT%02d:%02d:%02d", date, s / 3600,
                       s / 60 % 60, s % 60);
    add_text_cell(x, text, strlen(text), false);
}

static void add_number(np_xlsx_reader *x, const char *text)
{
    double value;
    if (!np_decimal_parse(&value, text, strlen(text), '.') || !isfinite(value)) {
        refuse(x, _("the cell should hold a number and does not"));
        return;
    }
    if (x->style < x->n_styles && x->date_style[x->style])
        add_date(x, value);
    else
        add_text_cell(x, text, strlen(text), true);
}

static void add_shared(np_xlsx_reader *x, const char *text)
{
    char *end;
    unsigned long i = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || i >= x->n_strings)
        refuse(x, _("the cell points to a text that the workbook does not have"));
    else
        add_cell(x, x->string[i].start, x->string[i].length, false);
}

static void add_error(np_xlsx_reader *x, const char *code)
{
    char text[160];
    if (x->spec->errors_are_blank) {
        x->n_errors++;
        return;
    }
    np_text_format(text, sizeof text,
                   _("the cell shows the error %.20s; correct it or leave it empty"),
                   code);
    refuse(x, text);
}

static void end_cell(np_xlsx_reader *x)
{
    const char *text = np_buf_done(&x->text);
    if (x->has_formula && !x->has_value)
        refuse(x, _("the formula has no stored value; open the file in a spreadsheet "
                    "program and save it"));
    if (!x->has_value || text == NULL || x->status != NP_OK || x->text.length == 0)
        return;
    if (strcmp(x->type, "s") == 0)
        add_shared(x, text);
    else if (strcmp(x->type, "e") == 0)
        add_error(x, text);
    else if (strcmp(x->type, "n") == 0)
        add_number(x, text);
    else
        add_text_cell(x, text, x->text.length, strcmp(x->type, "b") == 0);
}

static void end_sheet(void *data, const XML_Char *name)
{
    np_xlsx_reader *x = data;
    const char *e = np_xlsx_local(name);
    if (strcmp(e, "v") == 0 || strcmp(e, "t") == 0)
        x->collecting = false;
    else if (strcmp(e, "rPh") == 0)
        x->phonetic = false;
    else if (strcmp(e, "c") == 0)
        end_cell(x);
}

np_status np_xlsx_read_sheet(np_xlsx_reader *x, const np_xlsx_sheet *sheet)
{
    x->sheet_name = sheet->name;
    x->row = x->column = 0;
    x->n_merged = x->n_errors = 0;
    if (sheet->part == NULL) {
        np_xlsx_stop(x, NP_E_PARSE, _("the workbook does not say where its sheet is"));
        return x->status;
    }
    return np_xlsx_parse(x, sheet->part, true, start_sheet, end_sheet);
}
