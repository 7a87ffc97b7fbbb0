#include "io/csv.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "io/csv_field.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left to read the file"));
}

static np_status skip_to_header(csv_reader *r, np_error *err)
{
    csv_text *file = &r->file;
    const char *p = file->text, *end = p + file->length;
    for (size_t i = 0; i < r->spec->skip_lines; i++) {
        p = memchr(p, file->line_end, (size_t)(end - p));
        if (p == NULL)
            return np_fail(err, NP_E_PARSE,
                           _("the file has no line left after the %zu to skip"),
                           r->spec->skip_lines);
        p++;
    }
    r->header = (size_t)(p - file->text);
    if (r->spec->skip_lines == 0 && !r->spec->no_header)
        r->header = csv_title_end(file);
    p = file->text + r->header;
    while (p < end && csv_at_line_end(p, file))
        p = csv_next_line(p, file);
    r->header = (size_t)(p - file->text);
    return NP_OK;
}

static np_status count_header(csv_reader *r, np_error *err)
{
    const csv_text *file = &r->file;
    const char *p = file->text + r->header;
    csv_trouble trouble = CSV_FINE;
    csv_raw field;
    do {
        const char *begin = p + (r->n_fields > 0);
        p = csv_take_field(&field, begin, file, &trouble);
        if (p == NULL)
            return csv_fail_unclosed(file, (size_t)(begin - file->text), err);
        r->n_fields++;
    } while (*p == file->separator);
    r->body =
        r->spec->no_header ? r->header : (size_t)(csv_next_line(p, file) - file->text);
    return NP_OK;
}

/* Names as they stand, blanks around them left out; V1, V2 … where there is none. */
static np_status read_names(csv_reader *r, np_error *err)
{
    const csv_text *file = &r->file;
    const char *p = file->text + r->header;
    np_text_map *names = np_text_map_new(r->arena);
    np_buf scratch = {0};
    np_status status = NP_OK;
    r->name = np_arena_array(r->arena, const char *, r->n_fields);
    if (names == NULL || r->name == NULL)
        return no_memory(err);
    for (size_t j = 0; j < r->n_fields && status == NP_OK; j++) {
        csv_raw field;
        csv_trouble trouble;
        size_t at = (size_t)(p - file->text);
        p = csv_take_field(&field, p, file, &trouble) + 1;
        np_str name = np_str_trim(csv_field_text(&field, file->windows_1252, &scratch));
        bool unnamed = r->spec->no_header || name.length == 0;
        r->name[j] = unnamed ? np_arena_format(r->arena, "V%zu", j + 1)
                             : np_arena_copy_text(r->arena, name.text, name.length);
        int32_t index = r->name[j] == NULL || scratch.failed
                            ? NP_MAP_NO_MEMORY
                            : np_text_map_add(names, r->name[j], strlen(r->name[j]));
        if (index == NP_MAP_NO_MEMORY) {
            status = no_memory(err);
        } else if (index != (int32_t)j) {
            status = np_fail(err, NP_E_PARSE, _("two columns are named %s"), r->name[j]);
            csv_fail_at(file, at, err);
        }
    }
    np_buf_free(&scratch);
    return status;
}

static np_status settle_encoding(csv_reader *r, np_error *err)
{
    csv_chunk all = {.begin = 0, .end = r->body};
    csv_text *file = &r->file;
    const char *wanted = r->spec->encoding;
    csv_look_at_encoding(&all, file);
    for (size_t k = 0; k < r->split.n_chunks; k++) {
        all.n_multibyte += r->split.chunk[k].n_multibyte;
        all.n_invalid += r->split.chunk[k].n_invalid;
    }
    bool mostly_utf8 = r->has_mark || all.n_multibyte > all.n_invalid;
    file->windows_1252 =
        wanted == NULL ? all.n_invalid > 0 && !mostly_utf8 : strcmp(wanted, "utf-8") != 0;
    if (all.n_invalid == 0 || file->windows_1252)
        return NP_OK;
    size_t at = np_utf8_invalid(file->text, file->length);
    np_fail(err, NP_E_ENCODING, _("the byte %02X is no UTF-8"),
            (unsigned)(unsigned char)file->text[at]);
    np_error_hint(err, _("give the encoding as windows-1252 if the file has that one"));
    return csv_fail_at(file, at, err);
}

static np_status check_encoding_name(const char *name, np_error *err)
{
    static const char *const known[] = {"utf-8", "windows-1252", "cp1252", "iso-8859-1",
                                        "latin1"};
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return NP_OK;
    if (name == NULL)
        return NP_OK;
    np_fail(err, NP_E_UNKNOWN_NAME, _("the encoding %s is not known"), name);
    return np_error_hint(err, _("known are utf-8 and windows-1252 (latin1)"));
}

static np_status refuse_nul(const csv_reader *r, np_error *err)
{
    const char *nul =
        memchr(r->file.text, '\0', r->body < r->file.length ? r->body : r->file.length);
    size_t at = nul == NULL ? SIZE_MAX : (size_t)(nul - r->file.text);
    for (size_t k = 0; k < r->split.n_chunks && at == SIZE_MAX; k++)
        at = r->split.chunk[k].nul;
    if (at == SIZE_MAX)
        return NP_OK;
    np_fail(err, NP_E_PARSE, _("the file holds a NUL byte: it is no text, or UTF-16"));
    np_error_hint(err, _("save the table as CSV in UTF-8"));
    return csv_fail_at(&r->file, at, err);
}

/* The first NULs may stand where the header is looked for: they would end it. */
static np_status look(csv_reader *r, np_error *err)
{
    csv_text *file = &r->file;
    const np_csv_spec *spec = r->spec;
    np_status status = csv_refuse_other_formats(file, err);
    if (status != NP_OK)
        return status;
    file->line_end = csv_find_line_end(file->text, file->length);
    csv_trim_end(file);
    if (file->length == 0) {
        np_fail(err, NP_E_PARSE, _("the file is empty"));
        return NP_E_PARSE;
    }
    file->separator = ',';
    status = skip_to_header(r, err);
    if (status != NP_OK)
        return status;
    file->separator =
        spec->separator != 0 ? spec->separator : csv_find_separator(file, r->header);
    return count_header(r, err);
}

static np_status split(csv_reader *r, np_error *err)
{
    np_status status =
        csv_split_rows(&r->split, &r->file, r->body, r->n_fields == 1, r->arena, err);
    for (size_t k = 0; status == NP_OK && k < r->split.n_chunks; k++)
        if (r->split.chunk[k].trouble == CSV_SHRUNK)
            status =
                np_fail(err, NP_E_IO, _("the file became shorter while it was read"));
    if (status == NP_OK)
        status = refuse_nul(r, err);
    if (status == NP_OK)
        status = settle_encoding(r, err);
    if (status == NP_OK && r->split.unclosed)
        status = csv_fail_unclosed(&r->file, r->body, err);
    if (status == NP_OK && r->split.n_rows > UINT32_MAX - 1)
        status = np_fail(err, NP_E_LIMIT, _("%zu rows: at most %u can be read"),
                         r->split.n_rows, UINT32_MAX - 1);
    return status;
}

static np_status find_name(size_t *out, const csv_reader *r, const char *wanted,
                           np_error *err)
{
    for (*out = 0; *out < r->n_fields; ++*out)
        if (strcmp(r->name[*out], wanted) == 0)
            return NP_OK;
    np_fail(err, NP_E_UNKNOWN_NAME, _("there is no column %s"), wanted);
    const char *nearest = np_nearest_name(wanted, r->name, r->n_fields);
    if (nearest != NULL)
        np_error_hint(err, _("did you mean %s?"), nearest);
    return NP_E_UNKNOWN_NAME;
}

static np_status choose_columns(csv_column *column, const csv_reader *r, np_error *err)
{
    const np_csv_spec *spec = r->spec;
    for (size_t j = 0; j < r->n_fields; j++)
        column[j] = (csv_column){.name = r->name[j], .wanted = spec->columns == NULL};
    for (size_t i = 0; spec->columns != NULL && i < spec->n_columns; i++) {
        size_t j;
        np_status status = find_name(&j, r, spec->columns[i], err);
        if (status != NP_OK)
            return status;
        column[j].wanted = true;
    }
    for (size_t i = 0; i < spec->n_text_columns; i++) {
        size_t j;
        np_status status = find_name(&j, r, spec->text_columns[i], err);
        if (status != NP_OK)
            return status;
        column[j].keep_text = true;
    }
    return NP_OK;
}

static np_status list_skipped(np_csv *out, const csv_column *column, const csv_reader *r,
                              np_error *err)
{
    const char **skipped = np_arena_array(r->arena, const char *, r->n_fields);
    if (skipped == NULL)
        return no_memory(err);
    for (size_t j = 0; j < r->n_fields; j++)
        if (!column[j].wanted)
            skipped[out->n_skipped++] = column[j].name;
    out->skipped = skipped;
    return NP_OK;
}

static np_status parse(np_csv *out, csv_reader *r, np_error *err)
{
    csv_column *column = np_arena_array(r->arena, csv_column, r->n_fields);
    if (column == NULL)
        return no_memory(err);
    np_status status = choose_columns(column, r, err);
    if (status != NP_OK)
        return status;
    r->file.decimal =
        r->spec->decimal != 0 ? r->spec->decimal : csv_find_decimal(&r->file, &r->split);
    csv_job job = {.file = &r->file,
                   .split = r->split,
                   .column = column,
                   .n_fields = r->n_fields,
                   .n_row_fields = r->n_fields};
    size_t width = csv_row_width(&r->file, r->body);
    if (width > 1 && width < r->n_fields)
        job.n_row_fields = width;
    np_csv found = {.separator = r->file.separator,
                    .decimal = r->file.decimal,
                    .encoding = r->file.windows_1252 ? "windows-1252"
                                : r->has_mark        ? "utf-8 with BOM"
                                                     : "utf-8",
                    .title_length = r->header};
    status = csv_parse_columns(&found.table, &job, r->arena, err);
    if (status == NP_OK)
        status = list_skipped(&found, column, r, err);
    if (status == NP_OK)
        *out = found;
    return status;
}

np_status csv_reader_begin(csv_reader *r, const csv_source *source, const char *name,
                           np_error *err)
{
    size_t length = source->length;
    size_t mark = 0; /* programs have been seen to write two of them */
    while (length - mark >= 3 && memcmp(source->bytes + mark, "\xef\xbb\xbf", 3) == 0)
        mark += 3;
    r->has_mark = mark > 0;
    r->file = (csv_text){.name = name,
                         .text = source->bytes + mark,
                         .length = length - mark,
                         .dash_is_zero = r->spec->dash_is_zero,
                         .n_threads = r->spec->n_threads,
                         .descriptor = source->descriptor,
                         .mapped_size = length};
    np_status status = check_encoding_name(r->spec->encoding, err);
    if (status == NP_OK)
        status = look(r, err);
    if (status == NP_OK)
        status = split(r, err);
    if (status == NP_OK)
        status = read_names(r, err);
    return status;
}

static np_status read_padded(np_csv *out, const csv_source *source, const char *name,
                             const np_csv_spec *spec, np_arena *arena, np_error *err)
{
    static const np_csv_spec defaults = {0};
    csv_reader r = {.spec = spec == NULL ? &defaults : spec, .arena = arena};
    np_status status = csv_reader_begin(&r, source, name, err);
    if (status == NP_OK)
        status = parse(out, &r, err);
    if (status == NP_OK)
        out->n_bytes = source->length;
    else
        np_error_file(err, name);
    return status;
}

np_status np_csv_read(np_csv *out, const char *path, const np_csv_spec *spec,
                      np_arena *arena, np_error *err)
{
    csv_source source;
    np_status status = csv_source_open(&source, path, err);
    if (status != NP_OK) {
        np_error_file(err, path);
        return status;
    }
    status = read_padded(out, &source, path, spec, arena, err);
    csv_source_close(&source);
    return status;
}

np_status np_csv_read_text(np_csv *out, const char *text, size_t length, const char *name,
                           const np_csv_spec *spec, np_arena *arena, np_error *err)
{
    csv_source source = {.length = length, .descriptor = -1};
    source.bytes = calloc(length + CSV_PADDING, 1);
    if (source.bytes == NULL)
        return no_memory(err);
    if (length > 0)
        memcpy(source.bytes, text, length);
    np_status status = read_padded(out, &source, name, spec, arena, err);
    free(source.bytes);
    return status;
}
