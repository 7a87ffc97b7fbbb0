/* Lists of numbers in ascending order. */
#ifndef NP_STATS_SORTED_H
#define NP_STATS_SORTED_H

#include <stddef.h>

/* x [n] ascending. */
void np_sort_numbers(double *x, size_t n);
/* The same with each number once: returns how many there are, which stand first. */
size_t np_sort_distinct(double *x, size_t n);
/* The place of the first that is not below the value in x [n] ascending; n: none. Cost:
 * log n. */
size_t np_sorted_place(const double *x, size_t n, double value);

/* The quantile p in [0, 1] of x [n] ascending, n > 0, interpolated as R's type 7. */
double np_sorted_quantile(const double *x, size_t n, double p);

#endif
