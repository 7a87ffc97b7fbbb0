#include "stats/infer/hypothesis.h"

#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

static size_t find(np_str name, const char *const *term, size_t k)
{
    for (size_t j = 0; j < k; j++)
        if (np_str_equals(name, term[j]))
            return j;
    return k;
}

static np_status unknown(np_str name, const char *const *term, size_t k, np_error *err)
{
    char text[128];
    size_t length = name.length < sizeof text - 1 ? name.length : sizeof text - 1;
    memcpy(text, name.text, length);
    text[length] = '\0';
    np_fail(err, NP_E_UNKNOWN_NAME, _("the model has no term \"%s\""), text);
    const char *near = np_nearest_name(text, term, k);
    return near == NULL ? NP_E_UNKNOWN_NAME : np_error_hint(err, _("is it %s?"), near);
}

/* Adds sign × [number *] term. */
static np_status add_term(double *R, np_str part, double sign, const char *const *term,
                          size_t k, np_error *err)
{
    double number = 1;
    size_t j = find(part, term, k);
    const char *star = memchr(part.text, '*', part.length);
    if (j == k && star != NULL) {
        np_str before = np_str_trim((np_str){part.text, (size_t)(star - part.text)});
        np_str after =
            np_str_trim((np_str){star + 1, part.length - (size_t)(star + 1 - part.text)});
        if (np_decimal_parse(&number, before.text, before.length, '.'))
            j = find(after, term, k);
        part = after;
    }
    if (j == k)
        return unknown(part, term, k, err);
    R[j] += sign * number;
    return NP_OK;
}

/* The next " + " or " - ", or the end. */
static size_t next_sign(np_str rest)
{
    for (size_t i = 0; i + 2 < rest.length; i++)
        if (rest.text[i] == ' ' && rest.text[i + 2] == ' ' &&
            (rest.text[i + 1] == '+' || rest.text[i + 1] == '-'))
            return i;
    return rest.length;
}

static np_status add_sum(double *R, np_str rest, const char *const *term, size_t k,
                         np_error *err)
{
    double sign = 1;
    for (;;) {
        size_t end = next_sign(rest);
        np_str part = np_str_trim((np_str){rest.text, end});
        if (part.length > 1 && part.text[0] == '-' && find(part, term, k) == k) {
            sign = -sign;
            part = np_str_trim((np_str){part.text + 1, part.length - 1});
        }
        np_status status = add_term(R, part, sign, term, k, err);
        if (status != NP_OK || end == rest.length)
            return status;
        sign = rest.text[end + 1] == '-' ? -1 : 1;
        rest = (np_str){rest.text + end + 3, rest.length - end - 3};
    }
}

np_status np_hypothesis_parse(double *R, double *value, const char *text,
                              const char *const *term, size_t k, np_error *err)
{
    np_str left = np_str_trim(np_str_of(text));
    memset(R, 0, k * sizeof *R);
    *value = 0;
    size_t whole = find(left, term, k);
    if (whole < k) {
        R[whole] = 1;
        return NP_OK;
    }
    const char *equals = strrchr(text, '=');
    if (equals != NULL) {
        np_str right = np_str_trim(np_str_of(equals + 1));
        if (!np_decimal_parse(value, right.text, right.length, '.'))
            return np_fail(err, NP_E_PARSE, _("\"%.*s\" is no number"), (int)right.length,
                           right.text);
        left = np_str_trim((np_str){left.text, (size_t)(equals - left.text)});
    }
    return add_sum(R, left, term, k, err);
}
