/* Numbers as people read them: rounding happens here, once. Norwegian text has
 * a decimal comma, a narrow no-break space (U+202F) between thousands and a
 * real minus sign (U+2212); English a point, a comma and the same minus. A
 * value that rounds to zero has no sign. */
#ifndef NP_REPORT_NUMBER_H
#define NP_REPORT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/language.h"

/* Half away from zero to `decimals` (0 to 20). NaN gives "", infinities "∞" and
 * "−∞". Lives in the arena; "" when the arena is spent. */
const char *np_number_fixed(np_arena *arena, double value, int decimals,
                            np_language language);
/* At most `digits` (1 to 17) significant digits, for coefficients of unknown
 * size: 0.0123456 → "0.01235", 2 → "2"; trailing zeros stay where the value
 * goes on beyond them ("0.5000" for 0.50000001). Whole numbers are rounded too.
 * Below 1e-5 and from 1e15 with exponent: "1.2e−9". */
const char *np_number_significant(np_arena *arena, double value, int digits,
                                  np_language language);
/* With as many decimals as show its standard error to three digits, 4 where there is
 * none, so that a column of estimates and errors reads together. From 1e15 with
 * exponent, as np_number_significant() has it. */
const char *np_number_with_error(np_arena *arena, double value, double std_error,
                                 np_language language);
const char *np_number_count(np_arena *arena, size_t n, np_language language);
/* "0.042", "< 0.001" with a no-break space. NaN gives "". */
const char *np_number_p(np_arena *arena, double p, np_language language);
/* One star for each threshold that p is below, e.g. {0.1, 0.05, 0.01}, the
 * largest first; 0 is a threshold that nothing passes. Static storage. */
const char *np_number_stars(double p, const double thresholds[3]);

char np_decimal_sign(np_language language); /* ',' or '.' */

#endif
