/* Windows of four quarters as absence statistics of the 2000s have them; internal. */
#ifndef NP_EVALUATION_QUARTERS_H
#define NP_EVALUATION_QUARTERS_H

#include <stdbool.h>

/* "3.08" (third quarter of 2008; also "3.2008", and "4.1" as a spreadsheet leaves
 * "4.10") as the point in time when it begins: 2008.5. Two digits below 50 are of this
 * century. False: it is no quarter. */
bool np_quarter_parse(double *out, const char *text);

/* "4.06-3.07", with a hyphen or a dash: begins 2006.75. False unless it is exactly four
 * quarters. */
bool np_window_parse(double *begins, const char *text);

/* When a window is dated: the transition between its second and third quarter. */
static inline double np_window_time(double begins)
{
    return begins + 0.5;
}

/* The part of the window after `start` (a point in time; INFINITY: never): 0, 1/4 … 1. */
double np_window_exposure(double begins, double start);

#endif
