/* Numbers as people read them: rounding happens here, once. Norwegian text has
 * a decimal comma, a narrow no-break space between thousands and a real minus
 * sign; English a point, a comma and the same minus. */
#ifndef NP_REPORT_NUMBER_H
#define NP_REPORT_NUMBER_H

#include "base/arena.h"
#include "base/language.h"

/* Half away from zero to `decimals`. NaN gives "". Lives in the arena. */
const char *np_number_fixed(np_arena *arena, double value, int decimals,
                            np_language language);
/* At most `digits` significant digits, for coefficients of unknown size. */
const char *np_number_significant(np_arena *arena, double value, int digits,
                                  np_language language);
/* "0.042", "< 0.001". */
const char *np_number_p(np_arena *arena, double p, np_language language);
/* "***" at 0.001 … by the three thresholds, descending; "" otherwise. */
const char *np_number_stars(double p, const double thresholds[3]);

#endif
