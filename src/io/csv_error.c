/* Where in the file, as a person counts: lines and characters from 1. */
#include "io/csv_field.h"

np_status csv_fail_at(const csv_text *file, size_t offset, np_error *err)
{
    const char *p = file->text, *at = file->text + offset, *line = p;
    uint32_t n_lines = 1, n_characters = 1;
    while ((p = memchr(p, file->line_end, (size_t)(at - p))) != NULL) {
        line = ++p;
        n_lines++;
    }
    for (p = line; p < at; p++)
        n_characters += file->windows_1252 || ((unsigned char)*p & 0xc0) != 0x80;
    np_error_file(err, file->name);
    return np_error_at(err, n_lines, n_characters);
}

typedef struct {
    size_t n_fields, offset; /* fields of a row; where its last one begins */
} row_extent;

static row_extent measure_row(const csv_text *file, size_t begin)
{
    row_extent row = {0, begin};
    const char *p = file->text + begin;
    csv_trouble trouble;
    csv_raw field;
    do {
        p += row.n_fields > 0;
        row.offset = (size_t)(p - file->text);
        p = csv_take_field(&field, p, file, &trouble);
        row.n_fields++;
    } while (p != NULL && *p == file->separator);
    return row;
}

/* The offset of a row's field number `field`. */
static size_t field_offset(const csv_text *file, size_t begin, size_t field)
{
    const char *p = file->text + begin;
    csv_trouble trouble;
    csv_raw raw;
    for (size_t j = 0; j < field && p != NULL; j++) {
        p = csv_take_field(&raw, p, file, &trouble);
        p += p != NULL;
    }
    return p == NULL ? begin : (size_t)(p - file->text);
}

static np_status fail_row_length(const csv_job *job, size_t begin, np_error *err)
{
    const csv_text *file = job->file;
    row_extent row = measure_row(file, begin);
    np_fail(err, NP_E_PARSE,
            job->n_row_fields == job->n_fields
                ? _("the row has %zu fields, the header %zu")
                : _("the row has %zu fields, the rows before it %zu"),
            row.n_fields, job->n_row_fields);
    const char *end = file->text + file->length;
    if (row.n_fields < job->n_row_fields &&
        memchr(file->text + begin, file->line_end, (size_t)(end - file->text) - begin) ==
            NULL)
        np_error_hint(err, _("the file ends in the middle of a row: get it again"));
    else if (row.n_fields > job->n_row_fields)
        np_error_hint(err, _("a field with %s in it must stand in quotes"),
                      file->separator == '\t' ? _("a tab")
                                              : (char[]){file->separator, '\0'});
    return csv_fail_at(file, row.n_fields < job->n_row_fields ? begin : row.offset, err);
}

np_status csv_report_trouble(const csv_job *job, np_error *err)
{
    const csv_chunk *chunk = job->split.chunk;
    while (chunk->trouble == CSV_FINE)
        chunk++;
    const csv_text *file = job->file;
    size_t at = chunk->trouble_at, field = chunk->trouble_field;
    switch (chunk->trouble) {
    case CSV_FINE:
        break;
    case CSV_TOO_FEW:
    case CSV_TOO_MANY:
        return fail_row_length(job, at, err);
    case CSV_UNCLOSED:
    case CSV_AFTER_QUOTE:
        np_fail(err, NP_E_PARSE,
                _("after the closing quote there must be a separator or a line end"));
        np_error_hint(err, _("a quote within a quoted field is written twice"));
        if (field < job->n_fields)
            np_error_field(err, job->column[field].name, strlen(job->column[field].name));
        return csv_fail_at(file, field_offset(file, at, field), err);
    case CSV_NO_MEMORY:
        np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), job->split.n_rows);
        return np_error_file(err, file->name);
    case CSV_SHRUNK:
        np_fail(err, NP_E_IO, _("the file became shorter while it was read"));
        return np_error_file(err, file->name);
    }
    return NP_OK;
}

np_status csv_fail_unclosed(const csv_text *file, size_t body, np_error *err)
{
    const char *p = file->text + body, *end = file->text + file->length;
    csv_trouble trouble = CSV_FINE;
    const char *field = p;
    while (p < end) {
        csv_raw raw;
        field = p;
        p = csv_take_field(&raw, p, file, &trouble);
        if (p == NULL && trouble == CSV_UNCLOSED)
            break;
        if (p == NULL) { /* text after a closing quote: the first trouble */
            np_fail(err, NP_E_PARSE,
                    _("after the closing quote there must be a separator or a line end"));
            np_error_hint(err, _("a quote within a quoted field is written twice"));
            return csv_fail_at(file, (size_t)(field - file->text), err);
        }
        p = *p == file->separator ? p + 1 : csv_next_line(p, file);
    }
    np_fail(err, NP_E_PARSE, _("the quote that opens here is never closed"));
    return csv_fail_at(file, (size_t)(field - file->text), err);
}
