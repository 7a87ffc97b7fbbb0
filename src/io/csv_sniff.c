/* What looking at a file's beginning tells: that it is no CSV at all, how lines
 * end, what separates fields, whether titles stand above the header, and which
 * sign decimals have. */
#include "base/utf8.h"
#include "io/csv_field.h"

enum {
    SNIFF_RECORDS = 100,    /* looked at to find the separator */
    SNIFF_FIELDS = 1 << 14, /* per record */
    SNIFF_BYTES = 1 << 20,  /* looked at to find the line end */
    DECIMAL_PLACES = 64,    /* places in the file where decimals are looked at */
    DECIMAL_RECORDS = 200   /* records at each */
};

typedef struct {
    const char *magic;
    size_t length;
    const char *what;
} format;

static const format formats[] = {
    {"PK\x03\x04", 4, N_("a zip container, such as .xlsx, .ods or .docx")},
    {"\xd0\xcf\x11\xe0", 4, N_("an old Office file, such as .xls")},
    {"\x1f\x8b", 2, N_("compressed by gzip")},
    {"BZh", 3, N_("compressed by bzip2")},
    {"\xfd"
     "7zXZ",
     5, N_("compressed by xz")},
    {"\x28\xb5\x2f\xfd", 4, N_("compressed by zstd")},
    {"%PDF", 4, N_("a PDF document")},
    {"\x89PNG", 4, N_("a PNG picture")},
    {"\xff\xd8\xff", 3, N_("a JPEG picture")},
    {"$FL2", 4, N_("an SPSS file")},
    {"$FL3", 4, N_("an SPSS file")},
    {"<stata_dta>", 11, N_("a Stata file")},
    {"SQLite format 3", 15, N_("an SQLite database")},
    {"PAR1", 4, N_("a Parquet file")},
    {"\xff\xfe", 2, N_("UTF-16 text")},
    {"\xfe\xff", 2, N_("UTF-16 text")},
    {"CHARSET=", 8, N_("a PC-Axis file")},
    {"AXIS-VERSION=", 13, N_("a PC-Axis file")},
};

/* Markup and JSON may stand after white space. */
static const format texts[] = {
    {"<!doctype", 9, N_("a web page")},
    {"<html", 5, N_("a web page")},
    {"<?xml", 5, N_("XML")},
    {"{\"", 2, N_("JSON")},
    {"{\n", 2, N_("JSON")},
    {"[{", 2, N_("JSON")},
    {"[\n", 2, N_("JSON")},
};

static bool begins_with(const char *text, size_t length, const format *f, bool fold)
{
    if (length < f->length)
        return false;
    for (size_t i = 0; i < f->length; i++) {
        char c = text[i];
        if (fold && c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c == '\r')
            c = '\n';
        if (c != f->magic[i])
            return false;
    }
    return true;
}

np_status csv_refuse_other_formats(const csv_text *file, np_error *err)
{
    const char *what = NULL, *p = file->text;
    size_t length = file->length;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && what == NULL; i++)
        if (begins_with(p, length, &formats[i], false))
            what = formats[i].what;
    while (length > 0 && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) {
        p++;
        length--;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts && what == NULL; i++)
        if (begins_with(p, length, &texts[i], true))
            what = texts[i].what;
    if (what == NULL)
        return NP_OK;
    np_fail(err, NP_E_PARSE, _("this is no CSV file but %s"), _(what));
    np_error_hint(err, _("save the table as CSV in UTF-8"));
    return NP_E_PARSE;
}

void csv_trim_end(csv_text *file)
{
    const char *p = file->text;
    while (file->length > 0 &&
           (p[file->length - 1] == '\n' || p[file->length - 1] == '\r'))
        file->length--;
}

char csv_find_line_end(const char *text, size_t length)
{
    size_t n = length < SNIFF_BYTES ? length : SNIFF_BYTES;
    if (memchr(text, '\n', n) != NULL)
        return '\n';
    return memchr(text, '\r', n) != NULL ? '\r' : '\n';
}

typedef struct {
    size_t n_fields; /* 0: not to be read with this separator */
    bool empty;      /* an empty line: one field of no length */
    bool stray;      /* a quote stands within an unquoted field */
} record_look;

/* Looks at the record at *p, which moves on. */
static record_look look_at_record(const char **p, const csv_text *file)
{
    csv_raw field = {0};
    csv_trouble trouble;
    record_look look = {0};
    do {
        *p = csv_take_field(&field, *p + (look.n_fields > 0), file, &trouble);
        if (*p == NULL || ++look.n_fields == SNIFF_FIELDS)
            return (record_look){0};
        look.stray |= !field.quoted && memchr(field.text, '"', field.length) != NULL;
    } while (**p == file->separator);
    look.empty = look.n_fields == 1 && field.length == 0 && !field.quoted;
    *p = csv_next_line(*p, file);
    return look;
}

/* How well a separator explains the records: the share that has as many fields as
 * the header (the first record), which must be more than one, and no stray quotes:
 * those may come from cutting a quoted field in two. */
static double separator_score(const csv_text *file, size_t begin, size_t *n_fields)
{
    const char *p = file->text + begin, *end = file->text + file->length;
    size_t n = 0, n_alike = 0;
    *n_fields = 0;
    while (p < end && n < SNIFF_RECORDS) {
        record_look look = look_at_record(&p, file);
        if (look.n_fields == 0)
            break;
        if (look.empty)
            continue;
        *n_fields = n == 0 ? look.n_fields : *n_fields;
        n_alike += look.n_fields == *n_fields && !look.stray;
        n++;
    }
    return *n_fields < 2 || n == 0 ? 0 : (double)n_alike / (double)n;
}

char csv_find_separator(const csv_text *file, size_t begin)
{
    /* A comma may stand in decimals and in names: it comes last among equals. */
    static const char candidates[] = {';', '\t', '|', ','};
    char best = ',';
    double best_score = 0;
    size_t best_fields = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        csv_text with = *file;
        size_t n_fields;
        with.separator = candidates[i];
        double score = separator_score(&with, begin, &n_fields);
        if (score > best_score ||
            (score > 0 && score == best_score && n_fields > best_fields)) {
            best = candidates[i];
            best_score = score;
            best_fields = n_fields;
        }
    }
    return best;
}

enum { TITLE_LINES = 8 };

/* Titles: lines before the first empty line, where the line after it has more than
 * one field and more than any of them. Statistics Norway's exports begin so. */
size_t csv_title_end(const csv_text *file)
{
    const char *p = file->text, *end = p + file->length;
    record_look look = {0};
    int n_titles = -1;
    for (; n_titles < TITLE_LINES && !look.empty; n_titles++) {
        look = look_at_record(&p, file);
        if (look.n_fields == 0 || p >= end)
            return 0;
    }
    if (!look.empty)
        return 0;
    csv_text with = *file;
    size_t begin = (size_t)(p - file->text), n_after = 0;
    with.separator = csv_find_separator(file, begin);
    separator_score(&with, begin, &n_after);
    p = file->text;
    for (int i = 0; i < n_titles; i++) {
        look = look_at_record(&p, &with);
        if (look.n_fields == 0 || look.n_fields >= n_after)
            return 0;
    }
    return n_after > 1 ? begin : 0;
}

size_t csv_row_width(const csv_text *file, size_t body)
{
    const char *p = file->text + body, *end = file->text + file->length;
    size_t n = 0, width = 0;
    while (p < end && n < SNIFF_RECORDS) {
        record_look look = look_at_record(&p, file);
        if (look.n_fields == 0 || (!look.empty && n > 0 && look.n_fields != width))
            return 0;
        width = look.empty ? width : look.n_fields;
        n += !look.empty;
    }
    return n < 2 ? 0 : width;
}

typedef struct {
    size_t point, comma, comma_not_three; /* digits after it are not three */
} decimal_signs;

/* Digits, one sign, digits: which sign is it? */
static void look_at_number(decimal_signs *seen, const csv_raw *field)
{
    size_t i = 0, n = field->length, whole, sign;
    while (i < n && (field->text[i] == '-' || field->text[i] == ' '))
        i++;
    for (whole = i; i < n && field->text[i] >= '0' && field->text[i] <= '9';)
        i++;
    if (i == whole || i + 1 >= n || (field->text[i] != '.' && field->text[i] != ','))
        return;
    for (sign = i++; i < n && field->text[i] >= '0' && field->text[i] <= '9';)
        i++;
    if (i < n)
        return;
    bool is_comma = field->text[sign] == ',';
    seen->point += !is_comma;
    seen->comma += is_comma;
    seen->comma_not_three += is_comma && n - sign - 1 != 3;
}

static void look_at_records(decimal_signs *seen, const char *p, const csv_text *file)
{
    const char *end = file->text + file->length;
    for (int i = 0; i < DECIMAL_RECORDS && p < end; i++) {
        do {
            csv_raw field;
            csv_trouble trouble;
            p = csv_take_field(&field, p, file, &trouble);
            if (p == NULL)
                return;
            look_at_number(seen, &field);
        } while (*p == file->separator && p++ < end);
        p = csv_next_line(p, file);
    }
}

char csv_find_decimal(const csv_text *file, const csv_split *split)
{
    decimal_signs seen = {0};
    size_t n = split->n_chunks, step = n > DECIMAL_PLACES ? n / DECIMAL_PLACES : 1;
    for (size_t k = 0; k < n; k += step)
        look_at_records(&seen, file->text + split->chunk[k].first_record, file);
    if (file->separator == ',') /* "1,234" may be thousands there */
        return seen.comma_not_three > seen.point ? ',' : '.';
    if (seen.point == 0 && seen.comma == 0)
        return file->separator == ';' ? ',' : '.';
    return seen.comma > seen.point ? ',' : '.';
}
