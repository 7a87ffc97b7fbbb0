#include "stats/sorted.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void np_sort_numbers(double *x, size_t n)
{
    qsort(x, n, sizeof *x, ascending);
}

size_t np_sort_distinct(double *x, size_t n)
{
    size_t kept = 0;
    np_sort_numbers(x, n);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || x[i] != x[kept - 1])
            x[kept++] = x[i];
    return kept;
}

size_t np_sorted_place(const double *x, size_t n, double value)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double np_sorted_quantile(const double *x, size_t n, double p)
{
    double index = (double)(n - 1) * p, below = floor(index), h = index - below;
    size_t i = (size_t)below;
    return h > 0 && i + 1 < n ? (1 - h) * x[i] + h * x[i + 1] : x[i];
}
