/* Texts that people write as values of a field: the one door for imports, forms,
 * programme.yaml and mappings.
 *
 * Integer and number: "7", "-7,5" where `decimal` is ',', "57 000" with (narrow) no-break
 * or plain spaces between thousands, U+2212 as minus; never "12%", "ca 10", "N/A" or "Ja"
 * (conventions T3). Date: 2014-02-01, also 01.02.2014 and 1.2.2014. Period: 2014, 2014S1,
 * 2014Q1, 2014K1, 201401, 2014M01, 2014-01. Yes or no: yes/no, ja/nei, true/false, 1/0.
 * Choice: the word. White space around is cut; an empty text is an absent value.
 */
#ifndef NP_PROGRAMME_VALUE_H
#define NP_PROGRAMME_VALUE_H

#include "base/arena.h"
#include "base/error.h"
#include "store/kind.h"

enum { NP_VALUE_LONGEST = 1000000 }; /* bytes of a text */
/* NP_E_RANGE, with the field's name in err->field, the text and what would do. */
np_status np_value_parse(np_value *out, const np_field *field, const char *text,
                         size_t length, char decimal, np_arena *arena, np_error *err);
/* As it is written in exports: shortest number, yes/no, dates as 2014-02-01; "" for an
 * absent value. May point into the value or to `scratch`. */
enum { NP_VALUE_SCRATCH = 48 };
const char *np_value_format(char scratch[NP_VALUE_SCRATCH], const np_field *field,
                            np_value value);

/* Periods. */
typedef enum { NP_YEAR = 0, NP_HALF_YEAR, NP_QUARTER, NP_MONTH } np_period_length;
typedef struct {
    np_period_length length;
    int year, part; /* part: 1 … 2, 4, 12; 1 for a year */
} np_period;
bool np_period_parse(np_period *out, const char *text, size_t length);
enum { NP_PERIOD_TEXT = 16 };
void np_period_format(char out[NP_PERIOD_TEXT], np_period period); /* "2014S1" */
int32_t np_period_first_day(np_period period);
int32_t np_period_last_day(np_period period);
np_period np_period_next(np_period period);
np_period np_period_of_day(int32_t day, np_period_length length);
/* <0, 0, >0 by the first day, then the longer first. */
int np_period_compare(np_period a, np_period b);

#endif
