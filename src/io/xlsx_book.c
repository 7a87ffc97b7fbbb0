#include "io/xlsx_parts.h"

#include <stdlib.h>
#include <string.h>

static const char *copy(np_xlsx_reader *x, const char *text)
{
    const char *copied = np_arena_copy_text(x->arena, text, strlen(text));
    if (copied == NULL)
        np_xlsx_stop(x, NP_E_NO_MEMORY, _("no memory left for the sheet"));
    return copied;
}

static bool is_true(const char *text)
{
    return text != NULL && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static void start_workbook(void *data, const XML_Char *name, const XML_Char **attributes)
{
    np_xlsx_reader *x = data;
    const char *element = np_xlsx_local(name);
    if (strcmp(element, "workbookPr") == 0)
        x->since_1904 = is_true(np_xlsx_attribute(attributes, "date1904"));
    if (strcmp(element, "sheet") != 0)
        return;
    const char *title = np_xlsx_attribute(attributes, "name"), *id = NULL;
    for (const XML_Char **a = attributes; a[0] != NULL; a += 2)
        if (strchr(a[0], ':') != NULL && strcmp(np_xlsx_local(a[0]), "id") == 0)
            id = a[1];
    if (title == NULL || id == NULL ||
        !np_xlsx_grow(x, &x->sheet, x->n_sheets, &x->sheets_capacity, sizeof *x->sheet))
        return;
    x->sheet[x->n_sheets++] = (np_xlsx_sheet){.name = copy(x, title), .id = copy(x, id)};
}

static void start_relations(void *data, const XML_Char *name, const XML_Char **attributes)
{
    np_xlsx_reader *x = data;
    const char *id = np_xlsx_attribute(attributes, "Id");
    const char *target = np_xlsx_attribute(attributes, "Target");
    if (strcmp(np_xlsx_local(name), "Relationship") != 0 || id == NULL || target == NULL)
        return;
    for (size_t i = 0; i < x->n_sheets; i++)
        if (x->sheet[i].id != NULL && strcmp(x->sheet[i].id, id) == 0)
            x->sheet[i].part = target[0] == '/'
                                   ? copy(x, target + 1)
                                   : np_arena_format(x->arena, "xl/%s", target);
}

/* Of a number format's code: whether it has a day or a year, outside of quotes,
 * brackets and escaped characters. */
static bool shows_date(const char *code)
{
    for (const char *c = code; *c != '\0'; c++) {
        if (*c == '"' || *c == '[') {
            const char *end = strchr(c + 1, *c == '"' ? '"' : ']');
            if (end == NULL)
                return false;
            c = end;
        } else if (*c == '\\' || *c == '_' || *c == '*') {
            if (*++c == '\0')
                return false;
        } else if (*c == ';') {
            return false;
        } else if (strchr("dDyY", *c) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_date_format(const np_xlsx_reader *x, unsigned id)
{
    for (size_t i = 0; i < x->n_formats; i++)
        if (x->date_format[i] == id)
            return true;
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
           (id >= 50 && id <= 54) || id == 57 || id == 58;
}

static void start_styles(void *data, const XML_Char *name, const XML_Char **attributes)
{
    np_xlsx_reader *x = data;
    const char *element = np_xlsx_local(name);
    const char *id = np_xlsx_attribute(attributes, "numFmtId");
    unsigned number = id == NULL ? 0 : (unsigned)strtoul(id, NULL, 10);
    const char *code = np_xlsx_attribute(attributes, "formatCode");
    if (strcmp(element, "cellXfs") == 0) {
        x->in_formats = true;
    } else if (strcmp(element, "numFmt") == 0 && code != NULL && shows_date(code)) {
        if (np_xlsx_grow(x, &x->date_format, x->n_formats, &x->formats_capacity,
                         sizeof *x->date_format))
            x->date_format[x->n_formats++] = number;
    } else if (strcmp(element, "xf") == 0 && x->in_formats) {
        if (np_xlsx_grow(x, &x->date_style, x->n_styles, &x->styles_capacity,
                         sizeof *x->date_style))
            x->date_style[x->n_styles++] = is_date_format(x, number);
    }
}

static void end_styles(void *data, const XML_Char *name)
{
    np_xlsx_reader *x = data;
    if (strcmp(np_xlsx_local(name), "cellXfs") == 0)
        x->in_formats = false;
}

static void start_strings(void *data, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    np_xlsx_reader *x = data;
    const char *element = np_xlsx_local(name);
    if (strcmp(element, "si") == 0)
        x->text.length = 0;
    else if (strcmp(element, "rPh") == 0)
        x->phonetic = true;
    else if (strcmp(element, "t") == 0)
        x->collecting = !x->phonetic;
}

static void end_strings(void *data, const XML_Char *name)
{
    np_xlsx_reader *x = data;
    const char *element = np_xlsx_local(name);
    if (strcmp(element, "t") == 0)
        x->collecting = false;
    else if (strcmp(element, "rPh") == 0)
        x->phonetic = false;
    if (strcmp(element, "si") != 0 ||
        !np_xlsx_grow(x, &x->string, x->n_strings, &x->strings_capacity,
                      sizeof *x->string))
        return;
    x->string[x->n_strings++] =
        (np_xlsx_text){.start = x->pool.length, .length = (uint32_t)x->text.length};
    np_buf_add_bytes(&x->pool, x->text.text, x->text.length);
}

static void end_nothing(void *data, const XML_Char *name)
{
    (void)data, (void)name;
}

np_status np_xlsx_read_book(np_xlsx_reader *x)
{
    if (np_xlsx_parse(x, "xl/workbook.xml", true, start_workbook, end_nothing) != NP_OK ||
        np_xlsx_parse(x, "xl/_rels/workbook.xml.rels", true, start_relations,
                      end_nothing) != NP_OK ||
        np_xlsx_parse(x, "xl/styles.xml", false, start_styles, end_styles) != NP_OK)
        return x->status;
    return np_xlsx_parse(x, "xl/sharedStrings.xml", false, start_strings, end_strings);
}
