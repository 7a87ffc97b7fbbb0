#include "io/csv_field.h"

#include <math.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"

/* The high bit of each byte of `word` that equals that of `pattern`, exact for the
 * lowest such byte. */
static inline uint64_t equal_bytes(uint64_t word, uint64_t pattern)
{
    uint64_t x = word ^ pattern;
    return (x - 0x0101010101010101U) & ~x & 0x8080808080808080U;
}

/* The end of an unquoted field; the zero bytes after the text stop it there. */
static const char *plain_end(const char *p, const csv_text *file)
{
    const uint64_t every = 0x0101010101010101U;
    uint64_t separator = every * (unsigned char)file->separator;
    uint64_t line_end = every * (unsigned char)file->line_end;
    for (;; p += 8) {
        uint64_t word = csv_load_word(p);
        uint64_t hit = equal_bytes(word, separator) | equal_bytes(word, line_end) |
                       equal_bytes(word, 0);
        if (hit != 0)
            return p + __builtin_ctzll(hit) / 8;
    }
}

static const char *take_quoted(csv_raw *out, const char *p, const csv_text *file,
                               csv_trouble *trouble)
{
    const char *end = file->text + file->length;
    *out = (csv_raw){.text = p + 1, .quoted = true};
    for (p++;; p += 2) {
        p = memchr(p, '"', (size_t)(end - p));
        if (p == NULL) {
            *trouble = CSV_UNCLOSED;
            return NULL;
        }
        if (p[1] != '"')
            break;
        out->escaped = true;
    }
    out->length = (size_t)(p - out->text);
    for (p++; *p == ' ';)
        p++;
    if (*p != file->separator && !csv_at_line_end(p, file)) {
        *trouble = CSV_AFTER_QUOTE;
        return NULL;
    }
    return p;
}

const char *csv_take_field(csv_raw *out, const char *p, const csv_text *file,
                           csv_trouble *trouble)
{
    if (*p == '"')
        return take_quoted(out, p, file, trouble);
    const char *end = plain_end(p, file), *last = file->text + file->length;
    if (end > last)
        end = last;
    if (end > p && end[-1] == '\r' && csv_at_line_end(end - 1, file))
        end--;
    *out = (csv_raw){.text = p, .length = (size_t)(end - p)};
    return end;
}

const char *csv_next_line(const char *p, const csv_text *file)
{
    if (*p == '\r' && file->line_end == '\n')
        p++;
    return p < file->text + file->length ? p + 1 : p;
}

static bool has_high_byte(const char *text, size_t length)
{
    unsigned char all = 0;
    for (size_t i = 0; i < length; i++)
        all |= (unsigned char)text[i];
    return all >= 0x80;
}

np_str csv_field_text(const csv_raw *field, bool windows_1252, np_buf *scratch)
{
    bool recode = windows_1252 && has_high_byte(field->text, field->length);
    if (!field->escaped && !recode)
        return (np_str){field->text, field->length};
    scratch->length = 0;
    const char *p = field->text, *end = p + field->length;
    while (p < end) {
        const char *stop = field->escaped ? memchr(p, '"', (size_t)(end - p)) : NULL;
        const char *next = stop == NULL ? end : stop + 2;
        size_t n = (size_t)((stop == NULL ? end : stop + 1) - p);
        if (recode)
            np_utf8_from_windows_1252(scratch, p, n);
        else
            np_buf_add_bytes(scratch, p, n);
        p = next;
    }
    const char *text = np_buf_done(scratch);
    return (np_str){text, text == NULL ? 0 : scratch->length};
}

/* The length of the blank at p: a space, tab, no-break (U+00A0), thin (U+2009),
 * narrow no-break (U+202F) or figure space (U+2007); 0: none. */
static size_t blank_length(const char *p, const char *end)
{
    if (p < end && (*p == ' ' || *p == '\t'))
        return 1;
    if (end - p >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
        return 2;
    if (end - p >= 3 &&
        (memcmp(p, "\xe2\x80\x89", 3) == 0 || memcmp(p, "\xe2\x80\xaf", 3) == 0 ||
         memcmp(p, "\xe2\x80\x87", 3) == 0))
        return 3;
    return 0;
}

static np_str trim_blanks(np_str s)
{
    const char *p = s.text, *end = p + s.length;
    for (size_t n; (n = blank_length(p, end)) > 0;)
        p += n;
    for (bool more = true; more;) {
        more = false;
        for (size_t n = 1; n <= 3 && n <= (size_t)(end - p); n++)
            if (blank_length(end - n, end) == n) {
                end -= n;
                more = true;
                break;
            }
    }
    return (np_str){p, (size_t)(end - p)};
}

np_missing csv_missing_symbol(np_str s)
{
    static const struct {
        const char *symbol;
        np_missing reason;
    } symbols[] = {
        {"", NP_MISSING_BLANK},          {"NA", NP_MISSING_BLANK},
        {"NaN", NP_MISSING_BLANK},       {".", NP_MISSING_NOT_APPLICABLE},
        {"..", NP_MISSING_NOT_REPORTED}, {"...", NP_MISSING_NOT_MEASURED},
        {"…", NP_MISSING_NOT_MEASURED},  {":", NP_MISSING_SUPPRESSED},
        {"*", NP_MISSING_SUPPRESSED},    {"-", NP_MISSING_NOT_APPLICABLE},
    };
    s = trim_blanks(s);
    if (s.length > 3)
        return NP_PRESENT;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (np_str_equals(s, symbols[i].symbol))
            return symbols[i].reason;
    return NP_PRESENT;
}

enum { LONGEST_NUMBER = 96 }; /* longer ones are no measurements */

/* Copies a number without its thousands' blanks, U+2212 as '-'. Blanks must stand
 * between a first group of one to three digits and groups of exactly three. Returns
 * the length, 0 where that does not hold. */
static size_t plain_number(char out[LONGEST_NUMBER], np_str s, char decimal)
{
    const char *p = s.text, *end = p + s.length;
    size_t length = 0, group = 0, n_groups = 0;
    bool whole = true; /* before the decimal sign or exponent */
    if (s.length >= LONGEST_NUMBER)
        return 0;
    if (end - p >= 3 && memcmp(p, "\xe2\x88\x92", 3) == 0) {
        out[length++] = '-';
        p += 3;
    } else if (p < end && (*p == '-' || *p == '+')) {
        out[length++] = *p++;
    }
    while (p < end) {
        size_t blank = blank_length(p, end);
        if (blank > 0) {
            if (!whole || group == 0 || group > 3 || (n_groups > 0 && group != 3))
                return 0;
            n_groups++;
            group = 0;
            p += blank;
            continue;
        }
        bool digit = *p >= '0' && *p <= '9';
        if (whole && !digit && n_groups > 0 && group != 3)
            return 0;
        if (!digit && *p != decimal && *p != 'e' && *p != 'E' && *p != '-' && *p != '+')
            return 0;
        whole = whole && digit;
        group += digit;
        out[length++] = *p++;
    }
    return whole && n_groups > 0 && group != 3 ? 0 : length;
}

/* A zero before another digit: a code, whatever follows. */
static bool has_leading_zero(const char *text, size_t length)
{
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');
    return length > sign + 1 && text[sign] == '0' && text[sign + 1] >= '0' &&
           text[sign + 1] <= '9';
}

static bool only_digits(const char *text, size_t length)
{
    size_t i = length > 0 && (text[0] == '-' || text[0] == '+');
    while (i < length && text[i] >= '0' && text[i] <= '9')
        i++;
    return i == length;
}

static csv_value classify_number(const char *text, size_t length, char decimal)
{
    csv_value v = {.kind = CSV_WORD};
    if (length == 0 || has_leading_zero(text, length))
        return v;
    if (np_integer_parse(&v.integer, text, length)) {
        v.kind = v.integer == NP_I64_MISSING ? CSV_WORD : CSV_INTEGER;
        v.number = (double)v.integer;
    } else if (!only_digits(text, length) &&
               np_decimal_parse(&v.number, text, length, decimal)) {
        v.kind = CSV_NUMBER;
    }
    return v;
}

csv_value csv_classify(np_str text, const csv_text *file)
{
    csv_value v = {.kind = CSV_MISSING};
    np_str s = trim_blanks(text);
    if (file->dash_is_zero && np_str_equals(s, "-"))
        return (csv_value){.kind = CSV_INTEGER};
    v.reason = csv_missing_symbol(s);
    if (v.reason != NP_PRESENT)
        return v;
    char plain[LONGEST_NUMBER];
    v = classify_number(plain, plain_number(plain, s, file->decimal), file->decimal);
    if (v.kind != CSV_WORD)
        return v;
    if (np_date_parse(&v.date, s.text, s.length))
        v.kind = CSV_DATE;
    else if (np_str_equals(s, "Inf") || np_str_equals(s, "-Inf")) {
        v.kind = CSV_NUMBER;
        v.number = s.text[0] == '-' ? -INFINITY : INFINITY;
    }
    return v;
}
