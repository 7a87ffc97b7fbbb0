#include "programme/value.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/text.h"
#include "base/utf8.h"

enum { SHOWN_TEXT = 60 };

static const char no_break[] = "\xC2\xA0", narrow_no_break[] = "\xE2\x80\xAF",
                  minus_sign[] = "\xE2\x88\x92";

static bool starts_with(np_str s, const char *start)
{
    size_t n = strlen(start);
    return s.length >= n && memcmp(s.text, start, n) == 0;
}

static bool ends_with(np_str s, const char *end)
{
    size_t n = strlen(end);
    return s.length >= n && memcmp(s.text + s.length - n, end, n) == 0;
}

static np_str trim(np_str s)
{
    const char *const space[] = {no_break, narrow_no_break};
    for (size_t before = s.length + 1; s.length < before;) {
        before = s.length;
        s = np_str_trim(s);
        for (size_t k = 0; k < 2; k++) {
            size_t n = strlen(space[k]);
            if (starts_with(s, space[k]))
                s = (np_str){s.text + n, s.length - n};
            if (ends_with(s, space[k]))
                s.length -= n;
        }
    }
    return s;
}

static size_t count_digits(np_str s)
{
    size_t n = 0;
    while (n < s.length && np_is_digit(s.text[n]))
        n++;
    return n;
}

/* Bytes of the space that may divide thousands at the start of s; 0: there is none. */
static size_t divider(np_str s)
{
    const char *const space[] = {" ", no_break, narrow_no_break};
    for (size_t k = 0; k < 3; k++)
        if (starts_with(s, space[k]))
            return strlen(space[k]);
    return 0;
}

/* The number with "-" for U+2212 and nothing between thousands; `out` has room for
 * s.length + 1. Groups that are no thousands ("5 7", "1 0000") stay divided, and so are
 * no number to anybody. */
static size_t plain_number(char *out, np_str s)
{
    size_t n = 0;
    if (starts_with(s, minus_sign)) {
        out[n++] = '-';
        s = (np_str){s.text + 3, s.length - 3};
    } else if (s.length > 0 && (s.text[0] == '-' || s.text[0] == '+')) {
        out[n++] = s.text[0];
        s = (np_str){s.text + 1, s.length - 1};
    }
    size_t group = count_digits(s);
    bool thousands = group >= 1 && group <= 3;
    memcpy(out + n, s.text, group);
    n += group;
    s = (np_str){s.text + group, s.length - group};
    for (size_t space; thousands && (space = divider(s)) > 0;) {
        np_str rest = {s.text + space, s.length - space};
        if (count_digits(rest) != 3)
            break;
        memcpy(out + n, rest.text, 3);
        n += 3;
        s = (np_str){rest.text + 3, rest.length - 3};
    }
    memcpy(out + n, s.text, s.length);
    return n + s.length;
}

static bool parse_number(np_value *out, np_field_type type, np_str s, char decimal,
                         char *scratch)
{
    size_t n = plain_number(scratch, s);
    int64_t integer;
    double number;
    if (type == NP_FIELD_INTEGER && np_integer_parse(&integer, scratch, n)) {
        *out = NP_VALUE_OF_INTEGER(integer);
        return true;
    }
    if (type == NP_FIELD_NUMBER && np_decimal_parse(&number, scratch, n, decimal) &&
        isfinite(number)) {
        *out = NP_VALUE_OF_NUMBER(number);
        return true;
    }
    return false;
}

static int small_number(const char *text, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

/* 1.2.2014 and 01.02.2014 as days. */
static bool parse_dotted_date(int32_t *out, np_str s)
{
    size_t day = count_digits(s);
    if (day < 1 || day > 2 || day >= s.length || s.text[day] != '.')
        return false;
    np_str rest = {s.text + day + 1, s.length - day - 1};
    size_t month = count_digits(rest);
    if (month < 1 || month > 2 || rest.length != month + 5 || rest.text[month] != '.' ||
        count_digits((np_str){rest.text + month + 1, 4}) != 4)
        return false;
    char text[NP_DATE_LENGTH];
    np_text_format(text, sizeof text, "%.4s-%02d-%02d", rest.text + month + 1,
                   small_number(rest.text, month), small_number(s.text, day));
    return np_date_parse(out, text, 10);
}

static bool parse_date(int32_t *out, np_str s)
{
    int32_t date;
    if (!np_date_parse(&date, s.text, s.length) && !parse_dotted_date(&date, s))
        return false;
    if (date < np_date_of(1, 1, 1))
        return false;
    *out = date;
    return true;
}

static bool is_word(np_str s, const char *word)
{
    if (s.length != strlen(word))
        return false;
    for (size_t i = 0; i < s.length; i++) {
        char c = s.text[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != word[i])
            return false;
    }
    return true;
}

static bool parse_yes_no(np_value *out, np_str s)
{
    const char *const word[] = {"no", "nei", "false", "0", "yes", "ja", "true", "1"};
    for (size_t k = 0; k < 8; k++)
        if (is_word(s, word[k])) {
            *out = NP_VALUE_OF_INTEGER(k >= 4);
            return true;
        }
    return false;
}

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left to read a value"));
}

static np_status keep_text(np_value *out, const char *text, size_t length,
                           np_arena *arena, np_error *err)
{
    char *copy = np_arena_copy_text(arena, text, length);
    if (copy == NULL)
        return no_memory(err);
    *out = NP_VALUE_OF_TEXT(copy);
    return NP_OK;
}

static void hint_choices(np_error *err, const np_field *field)
{
    char words[600];
    size_t n = 0;
    for (const char *p = field->among; p != NULL && *p != 0 && n + 3 < sizeof words;
         p++) {
        if (*p == '|') {
            words[n++] = ',';
            words[n++] = ' ';
        } else {
            words[n++] = *p;
        }
    }
    words[n] = 0;
    np_error_hint(err, _("give one of: %s"), words);
}

static void hint(np_error *err, const np_field *field, char decimal)
{
    switch (field->type) {
    case NP_FIELD_INTEGER:
        np_error_hint(err, _("give a whole number such as 7 or 57 000, without unit or "
                             "words; leave it empty where it is not known"));
        break;
    case NP_FIELD_NUMBER:
        np_error_hint(err,
                      _("give a number such as 7%c5 or 57 000, without unit or words; "
                        "leave it empty where it is not known"),
                      decimal);
        break;
    case NP_FIELD_DATE:
        np_error_hint(err, _("give a day such as 2014-02-01 or 01.02.2014"));
        break;
    case NP_FIELD_PERIOD:
        np_error_hint(err, _("give a year (2014), half-year (2014S1), quarter (2014Q1) "
                             "or month (2014M01)"));
        break;
    case NP_FIELD_YES_NO:
        np_error_hint(err, _("give yes or no"));
        break;
    case NP_FIELD_CHOICE:
        hint_choices(err, field);
        break;
    case NP_FIELD_TEXT:
    case NP_FIELD_REFERENCE:
        np_error_hint(
            err, _("give text in UTF-8 without control characters, of at most a million "
                   "bytes"));
        break;
    }
}

static np_status refuse(np_error *err, const np_field *field, np_str s, char decimal)
{
    size_t n = s.length;
    if (n > SHOWN_TEXT)
        for (n = SHOWN_TEXT; n > 0 && ((unsigned char)s.text[n] & 0xC0) == 0x80;)
            n--;
    np_status status = np_fail(
        err, NP_E_RANGE, _("\"%.*s%s\" will not do as a value of the type %s"), (int)n,
        s.text, n < s.length ? "…" : "", _(np_field_type_name(field->type)));
    if (err != NULL) {
        np_error_field(err, field->name, strlen(field->name));
        hint(err, field, decimal);
    }
    return status;
}

/* What no person writes, and a terminal would obey. Lines and tabs are text. */
static bool has_control(np_str s)
{
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.text[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F)
            return true;
    }
    return false;
}

static np_status parse_textual(np_value *out, const np_field *field, np_str s,
                               char decimal, np_arena *arena, np_error *err)
{
    if (has_control(s) || s.length > NP_VALUE_LONGEST ||
        np_utf8_invalid(s.text, s.length) < s.length)
        return refuse(err, field, s, decimal);
    np_value value;
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status = keep_text(&value, s.text, s.length, arena, err);
    if (status != NP_OK)
        return status;
    if (field->type == NP_FIELD_CHOICE && np_field_choice(field, value.text) < 0) {
        np_arena_release(arena, mark);
        return refuse(err, field, s, decimal);
    }
    *out = value;
    return NP_OK;
}

np_status np_value_parse(np_value *out, const np_field *field, const char *text,
                         size_t length, char decimal, np_arena *arena, np_error *err)
{
    np_str s = trim((np_str){text, length});
    if (s.length == 0) {
        *out = (np_value){0};
        return NP_OK;
    }
    int32_t date;
    np_period period;
    char day[NP_DATE_LENGTH], term[NP_PERIOD_TEXT];
    switch (field->type) {
    case NP_FIELD_INTEGER:
    case NP_FIELD_NUMBER: {
        np_arena_mark mark = np_arena_set_mark(arena);
        char *scratch = np_arena_array(arena, char, s.length + 1);
        if (scratch == NULL)
            return no_memory(err);
        bool good = parse_number(out, field->type, s, decimal, scratch);
        np_arena_release(arena, mark);
        return good ? NP_OK : refuse(err, field, s, decimal);
    }
    case NP_FIELD_DATE:
        if (!parse_date(&date, s))
            return refuse(err, field, s, decimal);
        np_date_format(day, date);
        return keep_text(out, day, strlen(day), arena, err);
    case NP_FIELD_PERIOD:
        if (!np_period_parse(&period, s.text, s.length))
            return refuse(err, field, s, decimal);
        np_period_format(term, period);
        return keep_text(out, term, strlen(term), arena, err);
    case NP_FIELD_YES_NO:
        return parse_yes_no(out, s) ? NP_OK : refuse(err, field, s, decimal);
    case NP_FIELD_TEXT:
    case NP_FIELD_CHOICE:
    case NP_FIELD_REFERENCE:
        break;
    }
    return parse_textual(out, field, s, decimal, arena, err);
}

const char *np_value_format(char scratch[NP_VALUE_SCRATCH], const np_field *field,
                            np_value value)
{
    switch (value.type) {
    case NP_VALUE_NONE:
        break;
    case NP_VALUE_TEXT:
        return value.text;
    case NP_VALUE_INTEGER:
        if (field->type == NP_FIELD_YES_NO)
            return value.integer != 0 ? "yes" : "no";
        np_text_format(scratch, NP_VALUE_SCRATCH, "%" PRId64, value.integer);
        return scratch;
    case NP_VALUE_NUMBER:
        np_decimal_format(scratch, value.number);
        return scratch;
    }
    return "";
}

static const int parts_of_year[] = {1, 2, 4, 12};

/* "S1", "Q1", "K1", "M01", "01" and "-01": what follows the year. */
static bool parse_part(np_period *out, np_str s)
{
    np_period_length unit = NP_MONTH;
    size_t n_digits = 2;
    if (s.length > 0 && memchr("SQK", s.text[0], 3) != NULL) {
        unit = s.text[0] == 'S' ? NP_HALF_YEAR : NP_QUARTER;
        n_digits = 1;
    }
    if (s.length > 0 && !np_is_digit(s.text[0])) {
        if (n_digits == 2 && s.text[0] != 'M' && s.text[0] != '-')
            return false;
        s = (np_str){s.text + 1, s.length - 1};
    }
    if (s.length != n_digits || count_digits(s) != n_digits)
        return false;
    out->length = unit;
    out->part = small_number(s.text, n_digits);
    return out->part >= 1 && out->part <= parts_of_year[unit];
}

bool np_period_parse(np_period *out, const char *text, size_t length)
{
    if (length < 4 || count_digits((np_str){text, 4}) != 4)
        return false;
    np_period period = {.length = NP_YEAR, .year = small_number(text, 4), .part = 1};
    if (period.year < 1 ||
        (length > 4 && !parse_part(&period, (np_str){text + 4, length - 4})))
        return false;
    *out = period;
    return true;
}

void np_period_format(char out[NP_PERIOD_TEXT], np_period period)
{
    switch (period.length) {
    case NP_YEAR:
        np_text_format(out, NP_PERIOD_TEXT, "%04d", period.year);
        break;
    case NP_HALF_YEAR:
        np_text_format(out, NP_PERIOD_TEXT, "%04dS%d", period.year, period.part);
        break;
    case NP_QUARTER:
        np_text_format(out, NP_PERIOD_TEXT, "%04dQ%d", period.year, period.part);
        break;
    case NP_MONTH:
        np_text_format(out, NP_PERIOD_TEXT, "%04d%02d", period.year, period.part);
        break;
    }
}

int32_t np_period_first_day(np_period period)
{
    int months = 12 / parts_of_year[period.length];
    return np_date_of(period.year, (period.part - 1) * months + 1, 1);
}

int32_t np_period_last_day(np_period period)
{
    return np_period_first_day(np_period_next(period)) - 1;
}

np_period np_period_of_day(int32_t day, np_period_length length)
{
    static const int months[] = {12, 6, 3, 1};
    int year, month, of_month;
    np_date_split(day, &year, &month, &of_month);
    return (np_period){
        .length = length, .year = year, .part = (month - 1) / months[length] + 1};
}

np_period np_period_next(np_period period)
{
    if (period.part < parts_of_year[period.length])
        period.part++;
    else
        period = (np_period){period.length, period.year + 1, 1};
    return period;
}

int np_period_compare(np_period a, np_period b)
{
    int32_t first = np_period_first_day(a), second = np_period_first_day(b);
    if (first != second)
        return first < second ? -1 : 1;
    return (a.length > b.length) - (a.length < b.length);
}
