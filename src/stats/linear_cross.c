#include <string.h>

#include "base/parallel.h"
#include "stats/linear_internal.h"

/* Rows per partial sum: eight columns of them fit into the first cache. */
enum { STRIP = 512, BLOCK = 64 * STRIP };

typedef struct {
    const double *const *column;
    const double *weight;
    double *partial; /* [n_blocks][k (k + 1) / 2] */
    size_t k, n;
} cross_work;

double np_linear_product(const double *a, const double *b, const double *w, size_t count)
{
    /* four sums, so that additions need not wait for each other */
    double s[4] = {0};
    size_t i = 0;
    if (w == NULL) {
        for (; i + 4 <= count; i += 4)
            for (size_t l = 0; l < 4; l++)
                s[l] += a[i + l] * b[i + l];
        for (; i < count; i++)
            s[0] += a[i] * b[i];
    } else {
        for (; i + 4 <= count; i += 4)
            for (size_t l = 0; l < 4; l++)
                s[l] += w[i + l] * a[i + l] * b[i + l];
        for (; i < count; i++)
            s[0] += w[i] * a[i] * b[i];
    }
    return (s[0] + s[1]) + (s[2] + s[3]);
}

static void cross_task(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const cross_work *c = context;
    size_t first = task * BLOCK, last = first + BLOCK < c->n ? first + BLOCK : c->n;
    double *sum = c->partial + task * (c->k * (c->k + 1) / 2);
    for (size_t at = first; at < last; at += STRIP) {
        size_t count = last - at < STRIP ? last - at : STRIP, i = 0;
        const double *w = c->weight == NULL ? NULL : c->weight + at;
        for (size_t a = 0; a < c->k; a++)
            for (size_t b = a; b < c->k; b++)
                sum[i++] +=
                    np_linear_product(c->column[a] + at, c->column[b] + at, w, count);
    }
}

np_status np_linear_cross(double *A, const double *const *column, size_t k,
                          const double *weight, size_t n, unsigned n_threads,
                          np_arena *arena, np_error *err)
{
    const size_t n_blocks = (n + BLOCK - 1) / BLOCK, n_sums = k * (k + 1) / 2;
    np_arena_mark mark = np_arena_set_mark(arena);
    cross_work c = {.column = column, .weight = weight, .k = k, .n = n};
    c.partial = np_arena_array(arena, double, n_blocks *n_sums);
    if (c.partial == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu columns"), k);
    np_parallel_for(n_blocks, n_threads, cross_task, &c);
    size_t i = 0;
    for (size_t a = 0; a < k; a++)
        for (size_t b = a; b < k; b++, i++) {
            double sum = 0;
            for (size_t block = 0; block < n_blocks; block++)
                sum += c.partial[block * n_sums + i];
            A[a * k + b] = A[b * k + a] = sum;
        }
    np_arena_release(arena, mark);
    return NP_OK;
}
