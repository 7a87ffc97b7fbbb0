#include "io/table_rows.h"

#include <stdlib.h>

#include "io/csv_field.h"
#include "io/xlsx_parts.h"

struct np_table_rows {
    const char *path;
    const char *const *name;
    size_t n;
    np_table_cell *cell; /* [n] */
    np_csv_spec csv_spec;
    csv_source source;
    csv_reader csv;
    np_buf *scratch; /* [n] of CSV: texts that had to be made */
    size_t n_row;    /* cells of every row, as csv_row_width() says */
    const char *at;
    uint32_t line;
    bool workbook, opened;
    np_xlsx_cells sheet;
    size_t next; /* cell of the sheet */
};

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left to read the file"));
}

static uint32_t count_lines(const char *begin, const char *end, char line_end)
{
    uint32_t n = 0;
    while (begin < end && (begin = memchr(begin, line_end, (size_t)(end - begin)))) {
        n++;
        begin++;
    }
    return n;
}

static np_status open_csv(np_table_rows *r, const np_table_file_spec *spec,
                          np_arena *arena, np_error *err)
{
    r->csv_spec = (np_csv_spec){.separator = spec->csv.separator,
                                .encoding = spec->csv.encoding,
                                .skip_lines = spec->csv.skip_lines};
    if (spec->header_row > 1)
        r->csv_spec.skip_lines = spec->header_row - 1;
    np_status status = csv_source_open(&r->source, r->path, err);
    if (status != NP_OK)
        return status;
    r->opened = true;
    r->csv = (csv_reader){.spec = &r->csv_spec, .arena = arena};
    status = csv_reader_begin(&r->csv, &r->source, r->path, err);
    if (status != NP_OK)
        return status;
    const csv_text *file = &r->csv.file;
    r->name = r->csv.name;
    r->n = r->csv.n_fields;
    size_t width = csv_row_width(file, r->csv.body);
    r->n_row = width > 1 && width < r->n ? width : r->n;
    r->at = file->text + r->csv.body;
    r->line = 1 + count_lines(file->text, r->at, file->line_end);
    r->scratch = calloc(r->n, sizeof *r->scratch);
    return r->scratch == NULL ? no_memory(err) : NP_OK;
}

static np_status name_columns(np_table_rows *r, np_arena *arena, np_error *err)
{
    const np_xlsx_cells *s = &r->sheet;
    uint32_t header = s->cell[0].row;
    r->n = s->last - s->first + 1;
    const char **name = np_arena_array(arena, const char *, r->n);
    if (name == NULL)
        return no_memory(err);
    for (; r->next < s->n_cells && s->cell[r->next].row == header; r->next++) {
        const np_xlsx_cell *c = &s->cell[r->next];
        np_str text = np_str_trim((np_str){s->pool + c->start, c->length});
        if (text.length > 0)
            name[c->column - s->first] =
                np_arena_copy_text(arena, text.text, text.length);
    }
    for (size_t j = 0; j < r->n; j++) {
        if (name[j] == NULL)
            name[j] = np_arena_format(arena, "V%zu", j + 1);
        if (name[j] == NULL)
            return no_memory(err);
    }
    r->name = name;
    return NP_OK;
}

static np_status open_sheet(np_table_rows *r, const np_table_file_spec *spec,
                            np_arena *arena, np_error *err)
{
    np_xlsx_spec xlsx = {.sheet = spec->sheet,
                         .sheet_number = spec->sheet_number,
                         .header_row = spec->header_row,
                         .errors_are_blank = spec->errors_are_blank};
    np_status status = np_xlsx_read_cells(&r->sheet, r->path, &xlsx, arena, err);
    return status == NP_OK ? name_columns(r, arena, err) : status;
}

np_status np_table_rows_open(np_table_rows **out, const char *path,
                             const np_table_file_spec *spec, np_arena *arena,
                             np_error *err)
{
    static const np_table_file_spec defaults;
    np_table_rows *r = calloc(1, sizeof *r);
    if (r == NULL)
        return no_memory(err);
    r->path = path;
    r->workbook = np_table_file_is_workbook(path);
    const np_table_file_spec *s = spec == NULL ? &defaults : spec;
    np_status status =
        r->workbook ? open_sheet(r, s, arena, err) : open_csv(r, s, arena, err);
    if (status == NP_OK) {
        r->cell = np_arena_array(arena, np_table_cell, r->n);
        status = r->cell == NULL ? no_memory(err) : NP_OK;
    }
    if (status != NP_OK) {
        np_error_file(err, path);
        np_table_rows_close(r);
        return status;
    }
    *out = r;
    return NP_OK;
}

void np_table_rows_close(np_table_rows *r)
{
    if (r == NULL)
        return;
    for (size_t j = 0; r->scratch != NULL && j < r->n; j++)
        np_buf_free(&r->scratch[j]);
    free(r->scratch);
    if (r->opened)
        csv_source_close(&r->source);
    np_xlsx_cells_free(&r->sheet);
    free(r);
}

const char *const *np_table_rows_names(const np_table_rows *rows, size_t *n)
{
    *n = rows->n;
    return rows->name;
}

size_t np_table_rows_find(const np_table_rows *rows, const char *name)
{
    size_t j = 0;
    while (j < rows->n && strcmp(rows->name[j], name) != 0)
        j++;
    return j;
}

bool np_table_rows_workbook(const np_table_rows *rows)
{
    return rows->workbook;
}

char np_table_rows_decimal(const np_table_rows *r)
{
    return r->workbook ? '.' : csv_find_decimal(&r->csv.file, &r->csv.split);
}

double np_table_rows_share(const np_table_rows *r)
{
    if (r->workbook)
        return (double)r->next / (double)(r->sheet.n_cells + 1);
    return (double)(r->at - r->csv.file.text) / (double)(r->csv.file.length + 1);
}

static np_status wrong_number(const np_table_rows *r, size_t n, uint32_t line,
                              np_error *err)
{
    np_fail(err, NP_E_PARSE,
            _("the row has %zu cells, and the header %zu: one too many or a separator "
              "without quotes"),
            n, r->n);
    if (n < r->n_row)
        np_error_hint(err, _("give every row a cell for every column"));
    np_error_file(err, r->path);
    return np_error_at(err, line, 0);
}

/* After this nobody can tell where the next row starts. */
static np_status broken(np_table_rows *r, csv_trouble trouble, np_error *err)
{
    r->at = r->csv.file.text + r->csv.file.length;
    if (trouble == CSV_AFTER_QUOTE)
        np_fail(err, NP_E_PARSE,
                _("after the closing quote there is more text before the separator"));
    else
        np_fail(err, NP_E_PARSE, _("a quote is opened and never closed"));
    np_error_hint(err, _("double the quotes within a text; the rows after this one were "
                         "not read"));
    np_error_file(err, r->path);
    return np_error_at(err, r->line, 0);
}

/* *filled: any cell of the row has a text. */
static np_status take_record(size_t *n, bool *filled, np_table_rows *r, np_error *err)
{
    const csv_text *file = &r->csv.file;
    const char *p = r->at;
    *n = 0;
    *filled = false;
    for (bool more = true; more; ++*n) {
        csv_raw raw;
        csv_trouble trouble = CSV_FINE;
        const char *end = csv_take_field(&raw, p, file, &trouble);
        if (end == NULL)
            return broken(r, trouble, err);
        if (*n < r->n) {
            np_str text = csv_field_text(&raw, file->windows_1252, &r->scratch[*n]);
            if (text.text == NULL)
                return no_memory(err);
            r->cell[*n].text = raw.quoted ? text : np_str_trim(text);
        }
        *filled = *filled || raw.length > 0;
        more = *end == file->separator && end < file->text + file->length;
        p = end + (more ? 1 : 0);
    }
    r->at = csv_next_line(p, file);
    return NP_OK;
}

static np_status next_csv(const np_table_cell **cell, uint32_t *line, np_table_rows *r,
                          np_error *err)
{
    const csv_text *file = &r->csv.file;
    const char *end = file->text + file->length;
    *cell = NULL;
    while (r->at < end) {
        const char *begin = r->at;
        size_t n;
        bool filled;
        np_status status = take_record(&n, &filled, r, err);
        if (status != NP_OK)
            return status;
        *line = r->line;
        r->line += count_lines(begin, r->at < end ? r->at : end, file->line_end);
        if (!filled)
            continue;
        if (n != r->n_row && n != r->n)
            return wrong_number(r, n, *line, err);
        for (; n < r->n; n++)
            r->cell[n].text = (np_str){"", 0};
        *cell = r->cell;
        return NP_OK;
    }
    return NP_OK;
}

static void next_of_sheet(const np_table_cell **cell, uint32_t *line, np_table_rows *r)
{
    const np_xlsx_cells *s = &r->sheet;
    *cell = NULL;
    if (r->next >= s->n_cells)
        return;
    *line = s->cell[r->next].row;
    for (size_t j = 0; j < r->n; j++)
        r->cell[j] = (np_table_cell){.text = {"", 0}};
    for (; r->next < s->n_cells && s->cell[r->next].row == *line; r->next++) {
        const np_xlsx_cell *c = &s->cell[r->next];
        if (c->column < s->first || c->column > s->last)
            continue;
        r->cell[c->column - s->first] =
            (np_table_cell){.text = np_str_trim((np_str){s->pool + c->start, c->length}),
                            .number = c->number};
    }
    *cell = r->cell;
}

np_status np_table_rows_next(const np_table_cell **cell, uint32_t *line,
                             np_table_rows *rows, np_error *err)
{
    if (!rows->workbook)
        return next_csv(cell, line, rows, err);
    next_of_sheet(cell, line, rows);
    return NP_OK;
}
