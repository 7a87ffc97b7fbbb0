#include "io/xlsx_parts.h"

#include <stdlib.h>
#include <string.h>

/* Commas among texts that are numbers with a decimal sign, less the points. */
static char decimal_of_texts(const np_xlsx_reader *x)
{
    long balance = 0;
    for (size_t i = 0; i < x->n_cells; i++) {
        const np_xlsx_cell *c = &x->cell[i];
        const char *text = x->pool.text + c->start, *sign = NULL;
        bool digits = !c->number;
        for (uint32_t k = 0; k < c->length && digits; k++) {
            if ((text[k] == ',' || text[k] == '.') && sign == NULL && k > 0)
                sign = text + k;
            else
                digits = text[k] >= '0' && text[k] <= '9';
        }
        if (digits && sign != NULL)
            balance += *sign == ',' ? 1 : -1;
    }
    return balance > 0 ? ',' : '.';
}

/* The first cell of the header row; n_cells where there is none. */
static size_t find_header(np_xlsx_reader *x, uint32_t *first, uint32_t *last)
{
    size_t n = x->n_cells, wanted = x->spec->header_row, start = 0;
    uint32_t low = UINT32_MAX, high = 0;
    while (start < n && x->cell[start].row < wanted)
        start++;
    for (size_t i = start; i < n; i++) {
        low = x->cell[i].column < low ? x->cell[i].column : low;
        high = x->cell[i].column > high ? x->cell[i].column : high;
    }
    *first = low, *last = high;
    if (wanted > 0)
        return start < n && x->cell[start].row == wanted ? start : n;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && x->cell[end].row == x->cell[i].row;)
            end++;
        if ((end - i) * 2 >= high - low + 1u)
            return i;
    }
    return n;
}

static bool same_text(const np_xlsx_reader *x, const np_xlsx_cell *a,
                      const np_xlsx_cell *b)
{
    return a->length == b->length &&
           memcmp(x->pool.text + a->start, x->pool.text + b->start, a->length) == 0;
}

static np_status check_names(np_xlsx_reader *x, size_t header)
{
    size_t end = header;
    while (end < x->n_cells && x->cell[end].row == x->cell[header].row)
        end++;
    for (size_t i = header; i < end; i++)
        for (size_t k = header; k < i; k++)
            if (same_text(x, &x->cell[i], &x->cell[k])) {
                char text[160];
                np_text_format(text, sizeof text, _("two columns are named %.*s"),
                               (int)(x->cell[i].length < 60 ? x->cell[i].length : 60),
                               x->pool.text + x->cell[i].start);
                np_xlsx_stop(x, NP_E_DUPLICATE, text);
                np_xlsx_name_cell(x, x->cell[i].row, x->cell[i].column);
                return x->status;
            }
    return NP_OK;
}

static void add_field(np_buf *csv, const np_xlsx_reader *x, const np_xlsx_cell *c,
                      char decimal)
{
    const char *text = x->pool.text + c->start;
    bool quoted = !c->number && memchr(text, '"', c->length) != NULL;
    if (quoted)
        np_buf_add_char(csv, '"');
    for (uint32_t k = 0; k < c->length; k++) {
        char t = text[k];
        if (t == '\t' || t == '\n' || t == '\r')
            t = ' ';
        if (t == '"')
            np_buf_add_char(csv, '"');
        np_buf_add_char(csv, c->number && t == '.' ? decimal : t);
    }
    if (quoted)
        np_buf_add_char(csv, '"');
}

static void add_rows(np_buf *csv, const np_xlsx_reader *x, size_t header, uint32_t first,
                     uint32_t last, char decimal)
{
    for (size_t i = header; i < x->n_cells;) {
        uint32_t row = x->cell[i].row;
        for (uint32_t c = first; c <= last; c++) {
            if (c > first)
                np_buf_add_char(csv, '\t');
            if (i < x->n_cells && x->cell[i].row == row && x->cell[i].column == c)
                add_field(csv, x, &x->cell[i++], decimal);
        }
        np_buf_add_char(csv, '\n');
    }
}

static np_status no_header(np_xlsx_reader *x)
{
    char text[200];
    if (x->n_cells == 0)
        np_text_format(text, sizeof text, _("the sheet has no cells"));
    else if (x->spec->header_row > 0)
        np_text_format(text, sizeof text, _("the header row has no cells"));
    else
        np_text_format(text, sizeof text,
                       _("the sheet %.60s has no row with names for half of its columns; "
                         "save the sheet that has the table as CSV"),
                       x->sheet_name);
    np_xlsx_stop(x, NP_E_PARSE, text);
    return x->status;
}

/* The header's first cell, and that there are names in it. */
static np_status settle_header(size_t *out, uint32_t *first, uint32_t *last,
                               np_xlsx_reader *x)
{
    size_t header = find_header(x, first, last);
    if (x->n_cells == 0)
        return no_header(x);
    const np_xlsx_cell *top = &x->cell[header < x->n_cells ? header : 0];
    size_t n_rows = x->cell[x->n_cells - 1].row - top->row + 1;
    if (*last >= *first && n_rows * (*last - *first + 1) > 200000000) {
        np_xlsx_stop(x, NP_E_LIMIT, _("the sheet's cells lie too far apart for a table"));
        return x->status;
    }
    if (header >= x->n_cells)
        return no_header(x);
    *out = header;
    return check_names(x, header);
}

np_status np_xlsx_to_cells(np_xlsx_cells *out, np_xlsx_reader *x)
{
    size_t header;
    uint32_t first, last;
    if (settle_header(&header, &first, &last, x) != NP_OK)
        return x->status;
    if (np_buf_done(&x->pool) == NULL) {
        np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
        return x->status;
    }
    memmove(x->cell, x->cell + header, (x->n_cells - header) * sizeof *x->cell);
    *out = (np_xlsx_cells){.pool = x->pool.text,
                           .cell = x->cell,
                           .n_cells = x->n_cells - header,
                           .first = first,
                           .last = last,
                           .sheet = x->sheet_name};
    x->pool = (np_buf){0};
    x->cell = NULL;
    return NP_OK;
}

void np_xlsx_cells_free(np_xlsx_cells *cells)
{
    free(cells->pool);
    free(cells->cell);
    *cells = (np_xlsx_cells){0};
}

np_status np_xlsx_to_table(np_xlsx *out, np_xlsx_reader *x)
{
    const np_xlsx_spec *s = x->spec;
    size_t header;
    uint32_t first, last;
    if (settle_header(&header, &first, &last, x) != NP_OK)
        return x->status;
    char decimal = s->decimal != 0 ? s->decimal : decimal_of_texts(x);
    np_buf csv = {0};
    add_rows(&csv, x, header, first, last, decimal);
    np_csv_spec spec = {.columns = s->columns,
                        .n_columns = s->n_columns,
                        .text_columns = s->text_columns,
                        .n_text_columns = s->n_text_columns,
                        .separator = '\t',
                        .decimal = decimal,
                        .encoding = "utf-8",
                        .dash_is_zero = s->dash_is_zero};
    np_xlsx found = {.header_row = x->cell[header].row,
                     .n_merged = x->n_merged,
                     .n_errors = x->n_errors,
                     .sheet = x->sheet_name};
    if (np_buf_done(&csv) == NULL)
        np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
    else
        x->status = np_csv_read_text(&found.csv, csv.text, csv.length, x->file, &spec,
                                     x->arena, x->err);
    np_buf_free(&csv);
    if (x->status == NP_OK)
        *out = found;
    return x->status;
}
