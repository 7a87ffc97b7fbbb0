#include "io/xlsx_parts.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 16, RATIO = 200, RATIO_FROM = 1 << 24, LARGEST_PART = 1 << 30 };

const char *np_xlsx_local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

const char *np_xlsx_attribute(const XML_Char **attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

void np_xlsx_stop(np_xlsx_reader *x, np_status status, const char *text)
{
    if (x->status == NP_OK) {
        x->status = np_fail(x->err, status, "%s", text);
        np_error_file(x->err, x->file);
    }
    if (x->parser != NULL)
        XML_StopParser(x->parser, XML_FALSE);
}

bool np_xlsx_grow(np_xlsx_reader *x, void *array, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    grown = reallocarray(old, wanted, size);
    if (grown == NULL) {
        np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
        return false;
    }
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

static void refuse_doctype(void *data, const XML_Char *name, const XML_Char *system,
                           const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    np_xlsx_stop(data, NP_E_PARSE,
                 _("the workbook has a document type declaration, which no spreadsheet "
                   "program writes"));
}

static void add_text(void *data, const XML_Char *text, int length)
{
    np_xlsx_reader *x = data;
    if (x->collecting)
        np_buf_add_bytes(&x->text, text, (size_t)length);
}

static void malformed(np_xlsx_reader *x, const char *part)
{
    char text[200];
    np_text_format(text, sizeof text, _("%s in the workbook is damaged (line %lu: %s)"),
                   part, XML_GetCurrentLineNumber(x->parser),
                   XML_ErrorString(XML_GetErrorCode(x->parser)));
    np_xlsx_stop(x, NP_E_PARSE, text);
}

static void parse_stream(np_xlsx_reader *x, zip_file_t *file, const char *part,
                         zip_uint64_t packed)
{
    zip_uint64_t total = 0;
    for (bool last = false; !last && x->status == NP_OK;) {
        void *room = XML_GetBuffer(x->parser, CHUNK);
        if (room == NULL) {
            np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
            return;
        }
        zip_int64_t n = zip_fread(file, room, CHUNK);
        if (n < 0) {
            np_xlsx_stop(x, NP_E_PARSE, _("the workbook is damaged or cut off"));
            return;
        }
        total += (zip_uint64_t)n;
        last = n == 0;
        if (total > LARGEST_PART || (total > RATIO_FROM && total / RATIO > packed)) {
            np_xlsx_stop(x, NP_E_LIMIT,
                         _("the workbook unpacks to far more than a table would"));
            return;
        }
        if (XML_ParseBuffer(x->parser, (int)n, last) != XML_STATUS_OK &&
            x->status == NP_OK)
            malformed(x, part);
        if (x->text.failed || x->pool.failed)
            np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
    }
}

np_status np_xlsx_parse(np_xlsx_reader *x, const char *part, bool needed,
                        XML_StartElementHandler start, XML_EndElementHandler end)
{
    zip_stat_t stat;
    if (zip_stat(x->zip, part, 0, &stat) != 0) {
        if (needed)
            np_xlsx_stop(x, NP_E_PARSE,
                         _("the file is a zip container, but no Excel workbook"));
        return x->status;
    }
    zip_file_t *file = zip_fopen(x->zip, part, 0);
    if (file == NULL) {
        np_xlsx_stop(x, NP_E_PARSE, _("the workbook is damaged, cut off or encrypted"));
        return x->status;
    }
    x->parser = XML_ParserCreate(NULL);
    if (x->parser == NULL) {
        np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
    } else {
        x->collecting = x->phonetic = false;
        XML_SetUserData(x->parser, x);
        XML_SetElementHandler(x->parser, start, end);
        XML_SetCharacterDataHandler(x->parser, add_text);
        XML_SetStartDoctypeDeclHandler(x->parser, refuse_doctype);
        parse_stream(x, file, part, stat.comp_size);
        XML_ParserFree(x->parser);
        x->parser = NULL;
    }
    zip_fclose(file);
    return x->status;
}

static const np_xlsx_sheet *choose_sheet(np_xlsx_reader *x)
{
    const np_xlsx_spec *s = x->spec;
    for (size_t i = 0; i < x->n_sheets; i++)
        if (s->sheet != NULL ? strcmp(s->sheet, x->sheet[i].name) == 0
                             : i + 1 == s->sheet_number)
            return &x->sheet[i];
    char text[200], names[120] = "";
    for (size_t i = 0; i < x->n_sheets && strlen(names) < 80; i++)
        np_text_format(names + strlen(names), sizeof names - strlen(names), "%s%s",
                       i > 0 ? ", " : "", x->sheet[i].name);
    if (s->sheet != NULL)
        np_text_format(text, sizeof text, _("the workbook has no sheet %s; it has %s"),
                       s->sheet, names);
    else
        np_text_format(text, sizeof text,
                       _("the workbook has no sheet number %zu; it "
                         "has %s"),
                       s->sheet_number, names);
    np_xlsx_stop(x, NP_E_UNKNOWN_NAME, text);
    return NULL;
}

static void read_wanted_sheet(np_xlsx_reader *x)
{
    if (x->spec->sheet != NULL || x->spec->sheet_number > 0) {
        const np_xlsx_sheet *sheet = choose_sheet(x);
        if (sheet != NULL)
            np_xlsx_read_sheet(x, sheet);
        return;
    }
    for (size_t i = 0; i < x->n_sheets && x->n_cells == 0 && x->status == NP_OK; i++)
        np_xlsx_read_sheet(x, &x->sheet[i]);
}

/* `finish` makes what is wanted of the cells. */
typedef np_status finisher(void *out, np_xlsx_reader *x);

static np_status finish_table(void *out, np_xlsx_reader *x)
{
    return np_xlsx_to_table(out, x);
}

static np_status finish_cells(void *out, np_xlsx_reader *x)
{
    return np_xlsx_to_cells(out, x);
}

static np_status read_zip(void *out, finisher *finish, np_xlsx_reader *x)
{
    if (np_xlsx_read_book(x) == NP_OK)
        read_wanted_sheet(x);
    if (x->status == NP_OK)
        x->status = finish(out, x);
    zip_discard(x->zip);
    np_buf_free(&x->pool);
    np_buf_free(&x->text);
    free(x->string), free(x->sheet), free(x->date_style), free(x->date_format);
    free(x->cell);
    return x->status;
}

static np_status read_file(void *out, finisher *finish, const char *path,
                           const np_xlsx_spec *spec, np_arena *arena, np_error *err)
{
    static const np_xlsx_spec defaults;
    np_xlsx_reader x = {.spec = spec == NULL ? &defaults : spec,
                        .file = path,
                        .arena = arena,
                        .err = err};
    unsigned char first[8] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        np_xlsx_stop(&x, NP_E_IO, _("the file cannot be opened"));
        return x.status;
    }
    size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    if (n == 8 && memcmp(first, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0)
        np_xlsx_stop(&x, NP_E_PARSE,
                     _("an old Excel file (.xls) or one with a password: save it as "
                       ".xlsx without a password"));
    else if ((x.zip = zip_open(path, ZIP_RDONLY, NULL)) == NULL)
        np_xlsx_stop(&x, NP_E_PARSE, _("no .xlsx file, or one that is cut off"));
    return x.status == NP_OK ? read_zip(out, finish, &x) : x.status;
}

np_status np_xlsx_read(np_xlsx *out, const char *path, const np_xlsx_spec *spec,
                       np_arena *arena, np_error *err)
{
    return read_file(out, finish_table, path, spec, arena, err);
}

np_status np_xlsx_read_cells(np_xlsx_cells *out, const char *path,
                             const np_xlsx_spec *spec, np_arena *arena, np_error *err)
{
    return read_file(out, finish_cells, path, spec, arena, err);
}

np_status np_xlsx_read_bytes(np_xlsx *out, const void *bytes, size_t length,
                             const char *name, const np_xlsx_spec *spec, np_arena *arena,
                             np_error *err)
{
    static const np_xlsx_spec defaults;
    np_xlsx_reader x = {.spec = spec == NULL ? &defaults : spec,
                        .file = name,
                        .arena = arena,
                        .err = err};
    zip_source_t *source = zip_source_buffer_create(bytes, length, 0, NULL);
    x.zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, NULL);
    if (x.zip == NULL) {
        zip_source_free(source);
        np_xlsx_stop(&x, NP_E_PARSE, _("no .xlsx file, or one that is cut off"));
        return x.status;
    }
    return read_zip(out, finish_table, &x);
}
