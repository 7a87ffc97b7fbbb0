#include "report/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

#define MINUS          "\xe2\x88\x92" /* U+2212 */
#define NARROW_SPACE   "\xe2\x80\xaf" /* U+202F, does not break */
#define NO_BREAK_SPACE "\xc2\xa0"     /* U+00A0 */
#define INFINITY_SIGN  "\xe2\x88\x9e" /* U+221E */
#define SMALLEST_PLAIN -5             /* powers of ten written without exponent */
#define LARGEST_PLAIN  14
#define LARGEST_FIXED  1e15
#define MOST_DECIMALS  20

static const char *kept(np_arena *arena, np_buf *buf)
{
    const char *text = np_buf_done(buf);
    const char *copy =
        text == NULL ? NULL : np_arena_copy_text(arena, text, strlen(text));
    np_buf_free(buf);
    return copy == NULL ? "" : copy;
}

/* "1234567.5" as printf writes it, in the language's signs. */
static void add_plain(np_buf *buf, const char *digits, np_language language)
{
    const char *thousands = language == NP_ENGLISH ? "," : NARROW_SPACE;
    const char *point = strchr(digits, '.');
    size_t whole = point == NULL ? strlen(digits) : (size_t)(point - digits);
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            np_buf_add(buf, thousands);
        np_buf_add_char(buf, digits[i]);
    }
    if (point != NULL) {
        np_buf_add_char(buf, np_decimal_sign(language));
        np_buf_add(buf, point + 1);
    }
}

static void add_fixed(np_buf *buf, double rounded, int decimals, np_language language)
{
    char digits[400];
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(rounded));
    if (rounded < 0)
        np_buf_add(buf, MINUS);
    add_plain(buf, digits, language);
}

static bool add_special(np_buf *buf, double value)
{
    if (isinf(value))
        np_buf_add(buf, value < 0 ? MINUS INFINITY_SIGN : INFINITY_SIGN);
    return !isfinite(value);
}

char np_decimal_sign(np_language language)
{
    return language == NP_ENGLISH ? '.' : ',';
}

const char *np_number_fixed(np_arena *arena, double value, int decimals,
                            np_language language)
{
    np_buf buf = {0};
    if (decimals < 0)
        decimals = 0;
    if (decimals > MOST_DECIMALS)
        decimals = MOST_DECIMALS;
    if (!add_special(&buf, value))
        add_fixed(&buf, np_round_half_away(value, decimals), decimals, language);
    return kept(arena, &buf);
}

/* Decimals that the shortest text of the value has. */
static int own_decimals(double value)
{
    char text[NP_DECIMAL_LENGTH];
    np_decimal_format(text, value);
    const char *exponent = strchr(text, 'e'), *point = strchr(text, '.');
    int shift = 0, decimals = 0;
    if (exponent != NULL)
        sscanf(exponent + 1, "%d", &shift);
    if (point != NULL)
        decimals =
            (int)(exponent == NULL ? strlen(point) : (size_t)(exponent - point)) - 1;
    decimals -= shift;
    return decimals < 0 ? 0 : decimals;
}

static int power_of(double value)
{
    char text[NP_DECIMAL_LENGTH];
    int power = 0;
    snprintf(text, sizeof text, "%.16e", value);
    sscanf(strchr(text, 'e') + 1, "%d", &power);
    return power;
}

static void add_scientific(np_buf *buf, double value, int digits, int power,
                           np_language language)
{
    double scale = pow(10, power);
    double mantissa = np_round_half_away(value / scale, digits - 1);
    int decimals = own_decimals(mantissa);
    add_fixed(buf, mantissa, decimals, language);
    np_buf_format(buf, "e%s%d", power < 0 ? MINUS : "", power < 0 ? -power : power);
}

const char *np_number_significant(np_arena *arena, double value, int digits,
                                  np_language language)
{
    np_buf buf = {0};
    if (add_special(&buf, value))
        return kept(arena, &buf);
    if (value == 0) {
        np_buf_add_char(&buf, '0');
        return kept(arena, &buf);
    }
    int power = power_of(value);
    double rounded = np_round_half_away(value, digits - 1 - power);
    power = power_of(rounded);
    int decimals = digits - 1 - power, own = own_decimals(value);
    if (power < SMALLEST_PLAIN || power > LARGEST_PLAIN)
        add_scientific(&buf, rounded, digits, power, language);
    else if (decimals >= 0)
        add_fixed(&buf, rounded, decimals < own ? decimals : own, language);
    else
        add_fixed(&buf, rounded, 0, language);
    return kept(arena, &buf);
}

static int decimals_for(double std_error)
{
    if (!(std_error > 0) || !isfinite(std_error))
        return 4;
    int decimals = 2 - (int)floor(log10(std_error));
    return decimals < 0 ? 0 : decimals > 10 ? 10 : decimals;
}

const char *np_number_with_error(np_arena *arena, double value, double std_error,
                                 np_language language)
{
    if (isnan(value))
        return "";
    if (fabs(value) >= LARGEST_FIXED)
        return np_number_significant(arena, value, 4, language);
    return np_number_fixed(arena, value, decimals_for(std_error), language);
}

const char *np_number_count(np_arena *arena, size_t n, np_language language)
{
    np_buf buf = {0};
    char digits[32];
    snprintf(digits, sizeof digits, "%zu", n);
    add_plain(&buf, digits, language);
    return kept(arena, &buf);
}

const char *np_number_p(np_arena *arena, double p, np_language language)
{
    np_buf buf = {0};
    if (isnan(p))
        return "";
    if (p < 0.001)
        np_buf_format(&buf, "<" NO_BREAK_SPACE "0%c001", np_decimal_sign(language));
    else
        add_fixed(&buf, np_round_half_away(p, 3), 3, language);
    return kept(arena, &buf);
}

const char *np_number_stars(double p, const double thresholds[3])
{
    static const char *const stars[] = {"", "*", "**", "***"};
    int n = 0;
    while (n < 3 && p < thresholds[n])
        n++;
    return stars[n];
}
