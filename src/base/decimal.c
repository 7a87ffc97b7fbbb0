#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

enum { EXACT_POWER = 22, MOST_DIGITS = 19, MOST_DECIMALS = 18, LONGEST_NUMBER = 400 };

typedef struct {
    uint64_t mantissa;
    int exponent;
    size_t n_digits; /* significant ones, leading zeros not counted */
    bool negative;
} decimal_parts;

static bool split_parts(decimal_parts *parts, const char *s, size_t length, char point)
{
    const char *end = s + length;
    decimal_parts p = {0};
    bool any = false, after_point = false;
    if (s < end && (*s == '-' || *s == '+'))
        p.negative = *s++ == '-';
    for (; s < end; s++) {
        if (*s == point && !after_point) {
            after_point = true;
            continue;
        }
        if (*s < '0' || *s > '9')
            break;
        any = true;
        p.exponent -= after_point;
        if (p.mantissa > 0 || *s != '0')
            p.n_digits++;
        if (p.n_digits <= MOST_DIGITS)
            p.mantissa = p.mantissa * 10 + (uint64_t)(*s - '0');
        else
            p.exponent++;
    }
    if (!any)
        return false;
    if (s < end && (*s == 'e' || *s == 'E')) {
        int sign = 1, e = 0;
        s++;
        if (s < end && (*s == '-' || *s == '+'))
            sign = *s++ == '-' ? -1 : 1;
        if (s == end)
            return false;
        for (; s < end && *s >= '0' && *s <= '9'; s++)
            e = e < 100000 ? e * 10 + (*s - '0') : e;
        p.exponent += sign * e;
    }
    *parts = p;
    return s == end;
}

/* Exact where mantissa and power are both doubles: Clinger (1990), PLDI, 92-101. */
static bool exact_value(double *out, const decimal_parts *p)
{
    if (p->n_digits > MOST_DIGITS || p->mantissa >> 53 != 0 ||
        p->exponent < -EXACT_POWER || p->exponent > EXACT_POWER)
        return false;
    double value = (double)p->mantissa;
    value = p->exponent < 0 ? value / power_of_ten[-p->exponent]
                            : value * power_of_ten[p->exponent];
    *out = p->negative ? -value : value;
    return true;
}

/* The integer quotient of mantissa × 2^shift with 62 bits or more, its lowest bit set
 * where a remainder is left, rounds as the true one does: 53 bits are kept. */
double np_decimal_quotient(uint64_t mantissa, unsigned n_decimals)
{
    uint64_t unit = 1;
    for (unsigned i = 0; i < n_decimals; i++)
        unit *= 10;
    int shift = 63 - __builtin_clzll(unit) + __builtin_clzll(mantissa);
    unsigned __int128 dividend = (unsigned __int128)mantissa << shift;
    uint64_t quotient = (uint64_t)(dividend / unit);
    quotient |= dividend % unit != 0;
    return ldexp((double)quotient, -shift);
}

static bool quotient_value(double *out, const decimal_parts *p)
{
    if (p->n_digits > MOST_DIGITS || p->mantissa == 0 || p->exponent > 0 ||
        p->exponent < -MOST_DECIMALS)
        return false;
    double value = np_decimal_quotient(p->mantissa, (unsigned)-p->exponent);
    *out = p->negative ? -value : value;
    return true;
}

bool np_decimal_parse(double *out, const char *text, size_t length, char point)
{
    decimal_parts parts;
    if (!split_parts(&parts, text, length, point))
        return false;
    if (exact_value(out, &parts) || quotient_value(out, &parts))
        return true;
    char copy[LONGEST_NUMBER + 1];
    if (length > LONGEST_NUMBER)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *sign = point == '.' ? NULL : memchr(copy, point, length);
    if (sign != NULL)
        *sign = '.';
    double value = strtod(copy, NULL);
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

bool np_integer_parse(int64_t *out, const char *text, size_t length)
{
    size_t i = 0;
    bool negative = length > 0 && text[0] == '-';
    if (length > 0 && (text[0] == '-' || text[0] == '+'))
        i = 1;
    if (i == length)
        return false;
    uint64_t value = 0, most = (uint64_t)INT64_MAX + negative;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

size_t np_decimal_format(char out[NP_DECIMAL_LENGTH], double value)
{
    if (!isfinite(value)) {
        const char *name = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
        return (size_t)snprintf(out, NP_DECIMAL_LENGTH, "%s", name);
    }
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(out, NP_DECIMAL_LENGTH, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return (size_t)length;
}

void np_buf_add_double(np_buf *buf, double value)
{
    char text[NP_DECIMAL_LENGTH];
    np_buf_add_bytes(buf, text, np_decimal_format(text, value));
}

double np_round_half_away(double value, int decimals)
{
    if (!isfinite(value) || decimals > EXACT_POWER)
        return value;
    char text[NP_DECIMAL_LENGTH];
    decimal_parts p;
    size_t length = np_decimal_format(text, value);
    if (!split_parts(&p, text, length, '.') || -p.exponent <= decimals)
        return value;
    int excess = -p.exponent - decimals;
    if (excess > MOST_DIGITS)
        return p.negative ? -0.0 : 0.0;
    uint64_t unit = 1;
    for (int i = 0; i < excess; i++)
        unit *= 10;
    p.mantissa = p.mantissa / unit + (p.mantissa % unit >= unit - unit / 2);
    char rounded[48];
    snprintf(rounded, sizeof rounded, "%s%llue%d", p.negative ? "-" : "",
             (unsigned long long)p.mantissa, -decimals);
    return strtod(rounded, NULL);
}
