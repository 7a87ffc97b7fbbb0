#include "evaluation/quarters.h"

#include <math.h>
#include <string.h>

/* Reads one quarter; returns the rest of the text, or NULL. */
static const char *quarter(double *out, const char *text)
{
    if (text[0] < '1' || text[0] > '4' || text[1] != '.')
        return NULL;
    const char *digits = text + 2;
    size_t n = strspn(digits, "0123456789");
    if (n == 0 || n == 3 || n > 4)
        return NULL;
    double year = 0;
    for (size_t i = 0; i < n; i++)
        year = 10 * year + (digits[i] - '0');
    if (n == 1)
        year *= 10;
    if (n <= 2)
        year += year < 50 ? 2000 : 1900;
    *out = year + (text[0] - '1') * 0.25;
    return digits + n;
}

bool np_quarter_parse(double *out, const char *text)
{
    double value;
    const char *rest = quarter(&value, text);
    if (rest == NULL || *rest != '\0')
        return false;
    *out = value;
    return true;
}

bool np_window_parse(double *begins, const char *text)
{
    static const char *const dashes[] = {"-", "\u2013", "\u2212", " - ", " \u2013 "};
    double first, last;
    const char *rest = quarter(&first, text);
    if (rest == NULL)
        return false;
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
        size_t length = strlen(dashes[i]);
        if (strncmp(rest, dashes[i], length) != 0)
            continue;
        const char *end = quarter(&last, rest + length);
        if (end == NULL || *end != '\0' || last - first != 0.75)
            continue;
        *begins = first;
        return true;
    }
    return false;
}

double np_window_exposure(double begins, double start)
{
    return fmin(1, fmax(0, begins + 1 - start));
}
