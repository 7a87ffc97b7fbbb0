/* Numbers as text: parsing and printing that know no locale. */
#ifndef NP_BASE_DECIMAL_H
#define NP_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The whole of `text` as a decimal number ("-1.5e3", ".5", "5."), correctly
 * rounded. `point` is the decimal sign ('.' or ','). No white space, no
 * thousands, no "nan"/"inf"/hex: those return false and leave *out. */
bool np_decimal_parse(double *out, const char *text, size_t length, char point);

/* mantissa / 10^n_decimals, correctly rounded; mantissa > 0, n_decimals <= 18. */
double np_decimal_quotient(uint64_t mantissa, unsigned n_decimals);

/* The whole of `text` as an optionally signed integer that fits. */
bool np_integer_parse(int64_t *out, const char *text, size_t length);

enum { NP_DECIMAL_LENGTH = 32 };

/* The shortest text that reads back as the same double, "0.1" and not
 * "0.10000000000000001". NaN and infinities give "nan", "inf", "-inf".
 * Returns the length written. */
size_t np_decimal_format(char out[NP_DECIMAL_LENGTH], double value);
void np_buf_add_double(np_buf *buf, double value);

/* Rounds half away from zero to `decimals` places, as the public statistics
 * do, judged on the shortest decimal text of the value: 0.25 → 0.3, 2.675 →
 * 2.68. Source: conventions, section 2. */
double np_round_half_away(double value, int decimals);

#endif
