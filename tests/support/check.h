/* What cmocka does not have: numbers compared in significant digits. */
#ifndef NP_TESTS_CHECK_H
#define NP_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Digits in which got and want agree; a NaN has none, equal numbers have 17. */
static inline double np_digits(double got, double want)
{
    if (isnan(got) || isnan(want))
        return 0;
    if (got == want)
        return 17;
    return want == 0 ? -log10(fabs(got)) : -log10(fabs(got - want) / fabs(want));
}

#define assert_digits(got, want, digits)                                                 \
    check_digits_at((got), (want), (digits), #got, __FILE__, __LINE__)

static inline void check_digits_at(double got, double want, double digits,
                                   const char *what, const char *file, int line)
{
    double have = np_digits(got, want);
    if (have >= digits)
        return;
    print_error("%s: %.17g, expected %.17g: %.1f digits of %.1f\n", what, got, want, have,
                digits);
    _fail(file, line);
}

#endif
