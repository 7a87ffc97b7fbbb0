/* Dates as days since 1970-01-01 (proleptic Gregorian). */
#ifndef NP_BASE_DATE_H
#define NP_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int32_t np_date_of(int year, int month, int day);
void np_date_split(int32_t date, int *year, int *month, int *day);
/* "2014-02-01" and nothing else; false where it is no day of the calendar. */
bool np_date_parse(int32_t *out, const char *text, size_t length);
int32_t np_date_today(void); /* by the computer's clock and time zone */
enum { NP_DATE_LENGTH = 16 };
void np_date_format(char out[NP_DATE_LENGTH], int32_t date); /* "2014-02-01" */

/* The present moment in UTC: "2014-02-01T09:30:00Z". */
enum { NP_MOMENT_LENGTH = 24 };
void np_moment_now(char out[NP_MOMENT_LENGTH]);

#endif
