#include "stats/absorb_internal.h"

#include <string.h>

#include "base/parallel.h"

/* Rows that stay in the first-level cache between the terms. */
enum { CHUNK = 512, COEFFICIENTS_PER_TASK = 1 << 15 };

typedef struct {
    const np_absorber *a;
    const np_absorb_pass *pass;
    size_t k;
} pass_work;

static void subtract_term(double *restrict r, const np_absorb_term *t,
                          const double *restrict coef, size_t row, size_t m)
{
    const int32_t *restrict code = t->code + row;
    coef += t->first;
    if (t->value == NULL) {
        for (size_t j = 0; j < m; j++)
            r[j] -= coef[code[j]];
    } else {
        const double *restrict value = t->value + row;
        for (size_t j = 0; j < m; j++)
            r[j] -= value[j] * coef[code[j]];
    }
}

static void add_term(double *restrict sums, const np_absorb_term *t,
                     const double *restrict r, size_t row, size_t m)
{
    const int32_t *restrict code = t->code + row;
    sums += t->first;
    if (t->value == NULL) {
        for (size_t j = 0; j < m; j++)
            sums[code[j]] += r[j];
    } else {
        const double *restrict value = t->value + row;
        for (size_t j = 0; j < m; j++)
            sums[code[j]] += value[j] * r[j];
    }
}

static void pass_chunk(const pass_work *work, size_t column, double *sums, size_t row,
                       size_t m)
{
    const np_absorber *a = work->a;
    const np_absorb_pass *p = work->pass;
    double r[CHUNK];
    if (p->in != NULL)
        memcpy(r, p->in[column] + row, m * sizeof *r);
    else
        memset(r, 0, m * sizeof *r);
    for (size_t t = p->from; t < p->from_end; t++)
        subtract_term(r, &a->term[t], p->coef[column], row, m);
    if (p->out != NULL)
        memcpy(p->out[column] + row, r, m * sizeof *r);
    if (p->into == p->into_end)
        return;
    if (a->weight != NULL)
        for (size_t j = 0; j < m; j++)
            r[j] *= a->weight[row + j];
    for (size_t t = p->into; t < p->into_end; t++)
        add_term(sums, &a->term[t], r, row, m);
}

static size_t coefficients_begin(const np_absorber *a, size_t term)
{
    return term < a->n_terms ? a->term[term].first : a->n_coef;
}

static void pass_block(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const pass_work *work = context;
    const np_absorber *a = work->a;
    const np_absorb_pass *p = work->pass;
    size_t column = task / a->n_blocks, block = task % a->n_blocks;
    size_t begin = a->n * block / a->n_blocks, end = a->n * (block + 1) / a->n_blocks;
    double *sums = NULL;
    if (p->into < p->into_end) {
        size_t first = coefficients_begin(a, p->into);
        size_t last = coefficients_begin(a, p->into_end);
        sums = block == 0 ? p->sums[column]
                          : p->partial[column * (a->n_blocks - 1) + block - 1];
        memset(sums + first, 0, (last - first) * sizeof *sums);
    }
    for (size_t row = begin; row < end; row += CHUNK)
        pass_chunk(work, column, sums, row, end - row < CHUNK ? end - row : CHUNK);
}

static void add_partials(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const pass_work *work = context;
    const np_absorber *a = work->a;
    size_t column = task % work->k;
    size_t begin =
        coefficients_begin(a, work->pass->into) + task / work->k * COEFFICIENTS_PER_TASK;
    size_t end = coefficients_begin(a, work->pass->into_end);
    if (end - begin > COEFFICIENTS_PER_TASK)
        end = begin + COEFFICIENTS_PER_TASK;
    double *sums = work->pass->sums[column];
    for (size_t block = 1; block < a->n_blocks; block++) {
        const double *partial =
            work->pass->partial[column * (a->n_blocks - 1) + block - 1];
        for (size_t i = begin; i < end; i++)
            sums[i] += partial[i];
    }
}

static void add_blocks(const np_absorber *a, const np_absorb_pass *pass, size_t k)
{
    pass_work work = {.a = a, .pass = pass, .k = k};
    if (a->n_blocks == 1 || pass->into == pass->into_end)
        return;
    size_t n = coefficients_begin(a, pass->into_end) - coefficients_begin(a, pass->into);
    size_t n_tasks = (n + COEFFICIENTS_PER_TASK - 1) / COEFFICIENTS_PER_TASK;
    np_parallel_for(k * n_tasks, n < 4096 ? 1 : a->n_threads, add_partials, &work);
}

void np_absorb_pass_rows(const np_absorber *a, const np_absorb_pass *pass, size_t k)
{
    pass_work work = {.a = a, .pass = pass, .k = k};
    np_parallel_for(k * a->n_blocks, a->n_threads, pass_block, &work);
    add_blocks(a, pass, k);
}

typedef struct {
    const np_absorber *a;
    double *const *column, *const *coef, *const *sums, *const *partial;
    bool subtracts;
} sweep_work;

/* The first level whose rows start at or after `row`. */
static size_t level_at(const np_absorber *a, size_t row)
{
    size_t low = 0, high = a->term[0].n_levels;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (a->start[middle] >= row)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Means of the rows of a level, subtracted. */
static double sweep_level(double *y, const double *w, size_t n, double gram)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += w != NULL ? w[i] * y[i] : y[i];
    double mean = gram > 0 ? sum / gram : 0;
    for (size_t i = 0; i < n; i++)
        y[i] -= mean;
    return mean;
}

static void add_rest(const np_absorber *a, const double *y, double *sums, size_t row,
                     size_t end)
{
    double weighted[CHUNK];
    for (; row < end; row += CHUNK) {
        size_t m = end - row < CHUNK ? end - row : CHUNK;
        for (size_t j = 0; j < m && a->weight != NULL; j++)
            weighted[j] = a->weight[row + j] * y[row + j];
        for (size_t t = a->n_primary; t < a->n_terms; t++)
            add_term(sums, &a->term[t], a->weight != NULL ? weighted : y + row, row, m);
    }
}

/* Levels are taken together until their rows fill a chunk, so that the rows stay
 * in the cache from the first step to the last. */
static void sweep_block(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const sweep_work *work = context;
    const np_absorber *a = work->a;
    size_t c = task / a->n_blocks, block = task % a->n_blocks;
    size_t level = level_at(a, a->n * block / a->n_blocks);
    size_t last = block + 1 == a->n_blocks
                      ? a->term[0].n_levels
                      : level_at(a, a->n * (block + 1) / a->n_blocks);
    double *y = work->column[c], *coef = work->coef[c], *sums = NULL;
    if (work->sums != NULL) {
        sums =
            block == 0 ? work->sums[c] : work->partial[c * (a->n_blocks - 1) + block - 1];
        memset(sums + a->n_primary_coef, 0,
               (a->n_coef - a->n_primary_coef) * sizeof *sums);
    }
    while (level < last) {
        size_t first = level, begin = a->start[level];
        while (level < last && (level == first || a->start[level + 1] - begin <= CHUNK))
            level++;
        size_t end = a->start[level];
        for (size_t t = a->n_primary; t < a->n_terms && work->subtracts; t++)
            subtract_term(y + begin, &a->term[t], coef, begin, end - begin);
        for (size_t l = first; l < level; l++)
            coef[l] = sweep_level(y + a->start[l],
                                  a->weight != NULL ? a->weight + a->start[l] : NULL,
                                  a->start[l + 1] - a->start[l], a->gram[l]);
        if (sums != NULL)
            add_rest(a, y, sums, begin, end);
    }
}

bool np_absorb_sweeps(const np_absorber *a)
{
    return a->start != NULL && a->order == NULL && a->n_primary == 1 &&
           a->term[0].raw == NULL;
}

void np_absorb_sweep_rows(const np_absorber *a, double *const *column, bool subtracts,
                          double *const *coef, double *const *sums,
                          double *const *partial, size_t k)
{
    sweep_work work = {a, column, coef, sums, partial, subtracts};
    np_parallel_for(k * a->n_blocks, a->n_threads, sweep_block, &work);
    if (sums == NULL || a->n_terms == a->n_primary)
        return;
    np_absorb_pass pass = {
        .into = a->n_primary, .into_end = a->n_terms, .sums = sums, .partial = partial};
    add_blocks(a, &pass, k);
}

size_t np_absorb_partials(const np_absorber *a, size_t k)
{
    return k * (a->n_blocks - 1);
}

typedef struct {
    const np_absorber *a;
    double *const *column;
    double *norm2;
} norm_work;

/* Within a column in the order of the rows, whatever the threads. */
static void norm_of_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    const norm_work *work = context;
    const double *y = work->column[column], *w = work->a->weight;
    double sum = 0;
    for (size_t row = 0; row < work->a->n; row += CHUNK) {
        size_t end = work->a->n - row < CHUNK ? work->a->n : row + CHUNK;
        double part = 0;
        for (size_t i = row; i < end; i++)
            part += (w != NULL ? w[i] : 1) * y[i] * y[i];
        sum += part;
    }
    work->norm2[column] = sum;
}

void np_absorb_norms(const np_absorber *a, double *const *column, size_t k, double *norm2)
{
    norm_work work = {.a = a, .column = column, .norm2 = norm2};
    np_parallel_for(k, a->n_threads, norm_of_column, &work);
}
