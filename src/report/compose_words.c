#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "report/compose.h"
#include "report/number.h"

#define NO_BREAK_SPACE "\xc2\xa0"

static const char *kept(np_composer *c, np_buf *buf)
{
    const char *text = np_buf_done(buf);
    const char *copy =
        text == NULL ? NULL : np_arena_copy_text(c->arena, text, strlen(text));
    np_buf_free(buf);
    if (copy == NULL)
        c->doc->failed = true;
    return copy == NULL ? "" : copy;
}

const char *np_say_format(np_composer *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : np_arena_array(c->arena, char, (size_t)length + 1);
    if (text == NULL) {
        c->doc->failed = true;
        return "";
    }
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

const char *np_say_local(const np_composer *c, const np_localised *text)
{
    return np_localised_text(text, c->language);
}

const char *np_say_effect(np_composer *c, double value)
{
    return np_number_fixed(c->arena, value, c->decimals, c->language);
}

const char *np_say_level(np_composer *c, double value)
{
    return np_number_fixed(c->arena, value, c->level_decimals, c->language);
}

const char *np_say_count(np_composer *c, size_t n)
{
    return np_number_count(c->arena, n, c->language);
}

const char *np_say_period(np_composer *c, double period)
{
    if (period == floor(period))
        return np_say_format(c, "%.0f", period);
    char *text = np_arena_format(c->arena, "%.2f", period);
    char *point = text == NULL ? NULL : strchr(text, '.');
    if (point != NULL)
        *point = np_decimal_sign(c->language);
    return text == NULL ? "" : text;
}

const char *np_say_p(np_composer *c, double p)
{
    const char *number = np_number_p(c->arena, p, c->language);
    if (isnan(p))
        return _("p is not defined");
    if (*number == '<')
        return np_say_format(c, "p" NO_BREAK_SPACE "%s", number);
    return np_say_format(c, "p" NO_BREAK_SPACE "=" NO_BREAK_SPACE "%s", number);
}

const char *np_say_level_percent(np_composer *c, double share)
{
    return np_number_significant(c->arena, 100 * share, 4, c->language);
}

/* Whole per cents; one decimal below ten. */
const char *np_say_percent(np_composer *c, double share)
{
    int decimals = fabs(share) < 0.0995 && share != 0 ? 1 : 0;
    return np_say_format(c, _("%s per cent"),
                         np_number_fixed(c->arena, 100 * share, decimals, c->language));
}

const char *np_say_interval(np_composer *c, const np_effect *e)
{
    return np_say_format(c, _("%s per cent confidence interval from %s to %s"),
                         np_say_level_percent(c, e->conf_level),
                         np_say_effect(c, e->conf_low), np_say_effect(c, e->conf_high));
}

const char *np_say_amount(np_composer *c, double value)
{
    const char *number = np_say_effect(c, value);
    if (*c->effect_uom == '\0')
        return number;
    return np_say_format(c, "%s" NO_BREAK_SPACE "%s", number, c->effect_uom);
}

const char *np_say_counted(np_composer *c, size_t n, const char *one, const char *many)
{
    np_buf buf = {0};
    np_buf_format(&buf, np_translate(n == 1 ? one : many), np_say_count(c, n));
    return kept(c, &buf);
}

const char *np_say_list(np_composer *c, const char *const *item, size_t n, size_t most)
{
    np_buf buf = {0};
    size_t shown = n <= most ? n : most;
    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == n;
        if (i > 0)
            np_buf_add(&buf, last ? _(" and ") : ", ");
        np_buf_add(&buf, item[i]);
    }
    if (shown < n)
        np_buf_format(&buf, _(" and %s more"), np_say_count(c, n - shown));
    return kept(c, &buf);
}

const char *np_say_column(const np_composer *c, const char *column)
{
    const np_evaluation *e = c->evaluation;
    for (size_t i = 0; i < e->n_labels; i++)
        if (strcmp(e->label[i].column, column) == 0)
            return np_say_local(c, &e->label[i].text);
    return column;
}

const char *np_say_columns(np_composer *c, const char *const *column, size_t n)
{
    const char **label = np_arena_array(c->arena, const char *, n);
    if (label == NULL) {
        c->doc->failed = true;
        return "";
    }
    for (size_t i = 0; i < n; i++)
        label[i] = np_say_column(c, column[i]);
    return np_say_list(c, label, n, 20);
}

const char *np_say_unit(const np_composer *c)
{
    const char *label = np_say_local(c, &c->question->unit_label);
    return *label == '\0' ? c->question->unit : label;
}

static const char *value_text(np_composer *c, const np_quantity *v)
{
    switch (v->kind) {
    case NP_QUANTITY_COUNT:
        return np_number_fixed(c->arena, v->number, 0, c->language);
    case NP_QUANTITY_OUTCOME:
        return np_say_effect(c, v->number);
    case NP_QUANTITY_STATISTIC:
        return np_number_fixed(c->arena, v->number, 2, c->language);
    case NP_QUANTITY_P:
        return np_number_p(c->arena, v->number, c->language);
    case NP_QUANTITY_SHARE:
        return np_say_percent(c, v->number);
    case NP_QUANTITY_PERIOD:
        return np_say_period(c, v->number);
    case NP_QUANTITY_TEXT:
        return v->text == NULL ? "" : v->text;
    case NP_QUANTITY_COLUMN:
        return np_say_column(c, v->text);
    }
    return "";
}

static bool ends_in(const np_buf *buf, const char *text)
{
    size_t length = strlen(text);
    return buf->length >= length &&
           memcmp(buf->text + buf->length - length, text, length) == 0;
}

/* "p {p}" and "p = {p}" both become "p = 0.042" and "p < 0.001". */
static void add_value(np_composer *c, np_buf *buf, const np_quantity *v)
{
    const char *text = value_text(c, v);
    if (v->kind == NP_QUANTITY_P && *text != '\0') {
        if (*text == '<' && ends_in(buf, "= "))
            buf->text[buf->length -= 2] = '\0';
        else if (*text != '<' && ends_in(buf, "p "))
            np_buf_add(buf, "=" NO_BREAK_SPACE);
    }
    np_buf_add(buf, text);
}

const char *np_say_statement(np_composer *c, const np_statement *statement)
{
    np_buf buf = {0};
    const char *at = statement->text == NULL ? "" : np_translate(statement->text);
    for (;;) {
        const char *open = strchr(at, '{');
        const char *end = open == NULL ? NULL : strchr(open, '}');
        if (end == NULL)
            break;
        np_buf_add_bytes(&buf, at, (size_t)(open - at));
        for (size_t i = 0; i < statement->n_values; i++) {
            const np_quantity *v = &statement->value[i];
            if (strlen(v->name) == (size_t)(end - open - 1) &&
                strncmp(v->name, open + 1, strlen(v->name)) == 0)
                add_value(c, &buf, v);
        }
        at = end + 1;
    }
    np_buf_add(&buf, at);
    return kept(c, &buf);
}

const char *np_say_cohort(np_composer *c, const np_localised *label, double start)
{
    const char *own = label == NULL ? "" : np_say_local(c, label);
    if (*own != '\0')
        return own;
    return np_say_format(c, _("Started in %s"), np_say_period(c, start));
}

const char *np_say_scope(np_composer *c, const np_effect *e)
{
    switch (e->scope) {
    case NP_SCOPE_ALL:
        return _("All participants");
    case NP_SCOPE_COHORT:
        return np_say_cohort(c, &e->label, e->cohort);
    case NP_SCOPE_SUBGROUP:
    case NP_SCOPE_ATTRIBUTE:
        break;
    }
    const char *label = np_say_local(c, &e->label);
    return *label == '\0' ? e->scope_id : label;
}

static const char *degrees(np_composer *c, double df)
{
    return np_number_fixed(c->arena, df, df == floor(df) ? 0 : 1, c->language);
}

const char *np_say_test(np_composer *c, const np_test *test)
{
    const char *statistic = np_number_fixed(c->arena, test->statistic, 2, c->language);
    const char *p = np_say_p(c, test->p_value);
    if (strcmp(test->distribution, "F") == 0)
        return np_say_format(c, "F(%s, %s)" NO_BREAK_SPACE "=" NO_BREAK_SPACE "%s; %s",
                             degrees(c, test->df1), degrees(c, test->df2), statistic, p);
    if (strcmp(test->distribution, "chisq") == 0)
        return np_say_format(
            c, "\xcf\x87\xc2\xb2(%s)" NO_BREAK_SPACE "=" NO_BREAK_SPACE "%s; %s",
            degrees(c, test->df1), statistic, p);
    return np_say_format(c, "%s" NO_BREAK_SPACE "=" NO_BREAK_SPACE "%s; %s",
                         strcmp(test->distribution, "t") == 0 ? "t" : "z", statistic, p);
}

const char *np_say_decision(np_composer *c)
{
    static const char *const stars[] = {"*", "**", "***"};
    const np_decision *d = &c->question->decision;
    np_buf buf = {0};
    for (int i = 0; i < 3 && d->stars[i] > 0; i++)
        np_buf_format(&buf, "%s%s p" NO_BREAK_SPACE "<" NO_BREAK_SPACE "%s",
                      i > 0 ? ", " : "", stars[i],
                      np_number_fixed(c->arena, d->stars[i], d->stars[i] < 0.01 ? 3 : 2,
                                      c->language));
    np_buf_format(&buf, "%s%s", buf.length > 0 ? "; " : "",
                  d->one_sided ? _("one-sided tests towards the better direction.")
                               : _("two-sided tests."));
    return kept(c, &buf);
}

static bool is_upper(uint32_t letter)
{
    return (letter >= 'A' && letter <= 'Z') || (letter >= 0xc0 && letter <= 0xde);
}

static const char *with_first(np_composer *c, uint32_t first, const char *rest)
{
    char letter[5] = {0};
    np_utf8_encode(letter, first);
    return np_say_format(c, "%s%s", letter, rest);
}

const char *np_say_lower(np_composer *c, const char *title)
{
    uint32_t first = 0, second = 0;
    if (*title == '\0')
        return title;
    size_t length = np_utf8_decode(&first, title);
    if (title[length] != '\0')
        np_utf8_decode(&second, title + length);
    if (!is_upper(first) || is_upper(second))
        return title;
    return with_first(c, first + 32, title + length);
}

const char *np_say_capital(np_composer *c, const char *text)
{
    uint32_t first = 0;
    if (*text == '\0')
        return text;
    size_t length = np_utf8_decode(&first, text);
    if (!is_upper(first - 32))
        return text;
    return with_first(c, first - 32, text + length);
}
