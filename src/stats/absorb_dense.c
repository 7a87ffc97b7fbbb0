#include "stats/absorb_internal.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"

/* Most coefficients of the dense matrix (its factor costs q³/3), most products
 * to add it up, and most bytes for the partial sums. */
enum { MOST_COEFFICIENTS = 1500, PARTIAL_BYTES = 1 << 26 };
static const double MOST_PRODUCTS = 4e9;

/* A pivot of the matrix scaled to a unit diagonal is the share of a column that
 * earlier ones do not explain; below this it is taken for rounding. */
static const double DEPENDENT = 1e-10;

struct np_absorb_dense {
    size_t q, n_parts;
    double *matrix; /* [q × q] lower triangle by rows: S, then its factor */
    double *part;   /* [n_parts][q × q] */
    double *scale;  /* [q] 1 / sqrt(gram); 0: no coefficient */
    unsigned char *dropped;
    double smallest_pivot;
    size_t rank;
};

bool np_absorb_dense_fits(const np_absorber *a)
{
    size_t q = a->n_coef - a->n_primary_coef;
    if (q > MOST_COEFFICIENTS)
        return false;
    double levels = (double)a->term[0].n_levels,
           in_row = (double)(a->n_terms - a->n_primary);
    double distinct = fmin((double)q, (double)a->n / levels * in_row);
    return levels * distinct * distinct / 2 * (double)a->n_primary < MOST_PRODUCTS;
}

np_status np_absorb_dense_new(np_absorb_dense **out, const np_absorber *a, np_error *err)
{
    size_t q = a->n_coef - a->n_primary_coef, bytes = q * q * sizeof(double);
    np_absorb_dense *d = np_arena_array(a->arena, np_absorb_dense, 1);
    if (d == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), q);
    d->q = q;
    d->n_parts = a->n_blocks == 1 ? 1 : 16;
    while (d->n_parts > 1 && d->n_parts * bytes > PARTIAL_BYTES)
        d->n_parts /= 2;
    d->matrix = np_arena_array(a->arena, double, q *q);
    d->part =
        d->n_parts == 1 ? d->matrix : np_arena_array(a->arena, double, d->n_parts *q *q);
    d->scale = np_arena_array(a->arena, double, q);
    d->dropped = np_arena_array(a->arena, unsigned char, q);
    if (d->matrix == NULL || d->part == NULL || d->scale == NULL || d->dropped == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), q);
    *out = d;
    return NP_OK;
}

/* What one task needs to add up its levels of the primary factor. */
typedef struct {
    const np_absorber *a;
    np_absorb_dense *d;
    double *sums;      /* [n_parts][n_primary × q] w z_u z_t by coefficient of t */
    uint32_t *touched; /* [n_parts][q] */
} gram_work;

static void add_row(const gram_work *work, double times, double *matrix, double *sums,
                    uint32_t *touched, size_t *n_touched, unsigned char *seen, size_t row)
{
    const np_absorber *a = work->a;
    size_t q = work->d->q, n_rest = a->n_terms - a->n_primary;
    double w = a->weight != NULL ? a->weight[row] : 1;
    for (size_t t = 0; t < n_rest; t++) {
        const np_absorb_term *term = &a->term[a->n_primary + t];
        size_t i = term->first - a->n_primary_coef + (size_t)term->code[row];
        double z = w * (term->value != NULL ? term->value[row] : 1);
        if (!seen[i]) {
            seen[i] = 1;
            touched[(*n_touched)++] = (uint32_t)i;
        }
        for (size_t u = 0; u < a->n_primary; u++)
            sums[u * q + i] += z * (a->term[u].value != NULL ? a->term[u].value[row] : 1);
        for (size_t s = 0; s <= t; s++) {
            const np_absorb_term *other = &a->term[a->n_primary + s];
            size_t j = other->first - a->n_primary_coef + (size_t)other->code[row];
            matrix[i * q + j] +=
                times * z * (other->value != NULL ? other->value[row] : 1);
        }
    }
}

/* The level's share that the primary factor explains; sums are left zero. */
static void subtract_level(double times, double *matrix, double *sums, uint32_t *touched,
                           size_t n_touched, size_t q, size_t n_primary,
                           const double *gram, size_t n_levels, unsigned char *seen)
{
    for (size_t u = 0; u < n_primary; u++) {
        double *v = sums + u * q, g = gram[u * n_levels];
        for (size_t x = 0; x < n_touched && g > 0; x++) {
            size_t i = touched[x];
            double share = times * v[i] / g;
            for (size_t y = 0; y <= x; y++) {
                size_t j = touched[y];
                matrix[i > j ? i * q + j : j * q + i] -= share * v[j];
            }
        }
        for (size_t x = 0; x < n_touched; x++)
            v[touched[x]] = 0;
    }
    for (size_t x = 0; x < n_touched; x++)
        seen[touched[x]] = 0;
}

/* Without weights and slopes, levels whose rows have the same others, as units of
 * a balanced panel in their order do, contribute the same. */
static bool is_like_before(const np_absorber *a, size_t level)
{
    size_t begin = a->start[level], before = a->start[level - 1];
    size_t n = a->start[level + 1] - begin;
    if (a->weight != NULL || a->order != NULL || begin - before != n)
        return false;
    for (size_t t = 0; t < a->n_terms; t++)
        if (a->term[t].raw != NULL)
            return false;
    for (size_t t = a->n_primary; t < a->n_terms; t++)
        if (memcmp(a->term[t].code + begin, a->term[t].code + before,
                   n * sizeof(int32_t)) != 0)
            return false;
    return true;
}

static void add_levels(void *context, size_t part, unsigned thread)
{
    (void)thread;
    const gram_work *work = context;
    const np_absorber *a = work->a;
    np_absorb_dense *d = work->d;
    size_t q = d->q, n_levels = a->term[0].n_levels;
    double *matrix = d->part + part * q * q;
    double *sums = work->sums + part * a->n_primary * q;
    uint32_t *touched = work->touched + part * 2 * q;
    unsigned char *seen = (unsigned char *)(touched + q);
    memset(matrix, 0, q * q * sizeof *matrix);
    size_t begin = n_levels * part / d->n_parts, end = n_levels * (part + 1) / d->n_parts;
    for (size_t l = begin; l < end;) {
        size_t n_touched = 0, next = l + 1;
        while (next < end && is_like_before(a, next))
            next++;
        double times = (double)(next - l);
        for (size_t x = a->start[l]; x < a->start[l + 1]; x++)
            add_row(work, times, matrix, sums, touched, &n_touched, seen,
                    a->order != NULL ? a->order[x] : x);
        subtract_level(times, matrix, sums, touched, n_touched, q, a->n_primary,
                       a->gram + l, n_levels, seen);
        l = next;
    }
}

static double dot(const double *restrict u, const double *restrict v, size_t n)
{
    double sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            sum[j] += u[i + j] * v[i + j];
    for (; i < n; i++)
        sum[0] += u[i] * v[i];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
           ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/* Cholesky by rows, with dependent rows set to zero as they are met. */
static void factorise(np_absorb_dense *d, const unsigned char *pinned)
{
    size_t q = d->q;
    d->smallest_pivot = 1;
    d->rank = 0;
    for (size_t i = 0; i < q; i++) {
        double *row = d->matrix + i * q;
        d->dropped[i] = pinned[i] || !(d->scale[i] > 0);
        for (size_t j = 0; j < i && !d->dropped[i]; j++) {
            const double *other = d->matrix + j * q;
            row[j] = d->dropped[j]
                         ? 0
                         : (row[j] * d->scale[i] * d->scale[j] - dot(row, other, j)) /
                               other[j];
        }
        double pivot = row[i] * d->scale[i] * d->scale[i] - dot(row, row, i);
        if (d->dropped[i] || !(pivot > DEPENDENT)) {
            d->dropped[i] = 1;
            memset(row, 0, (i + 1) * sizeof *row);
            continue;
        }
        row[i] = sqrt(pivot);
        d->smallest_pivot = fmin(d->smallest_pivot, pivot);
        d->rank++;
    }
}

np_status np_absorb_dense_weigh(np_absorb_dense *d, const np_absorber *a, np_error *err)
{
    size_t q = d->q;
    np_arena_mark mark = np_arena_set_mark(a->arena);
    gram_work work = {.a = a, .d = d};
    work.sums = np_arena_array(a->arena, double, d->n_parts * a->n_primary * q);
    work.touched = np_arena_array(a->arena, uint32_t, d->n_parts * 2 * q);
    if (work.sums == NULL || work.touched == NULL) {
        np_arena_release(a->arena, mark);
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), q);
    }
    np_parallel_for(d->n_parts, a->n_threads, add_levels, &work);
    np_arena_release(a->arena, mark);
    if (d->n_parts > 1)
        memcpy(d->matrix, d->part, q * q * sizeof *d->matrix);
    for (size_t part = 1; part < d->n_parts; part++)
        for (size_t i = 0; i < q; i++)
            for (size_t j = 0; j <= i; j++)
                d->matrix[i * q + j] += d->part[(part * q + i) * q + j];
    for (size_t i = 0; i < q; i++) {
        double gram = a->gram[a->n_primary_coef + i];
        d->scale[i] = gram > 0 ? 1 / sqrt(gram) : 0;
    }
    factorise(d, a->pinned + a->n_primary_coef);
    return NP_OK;
}

typedef struct {
    const np_absorb_dense *d;
    size_t first;
    double *const *g, *const *x;
} solve_work;

static void solve_column(void *context, size_t column, unsigned thread)
{
    (void)thread;
    const solve_work *work = context;
    const np_absorb_dense *d = work->d;
    const double *g = work->g[column] + work->first;
    double *x = work->x[column] + work->first;
    for (size_t i = 0; i < d->q; i++) {
        const double *row = d->matrix + i * d->q;
        x[i] = d->dropped[i] ? 0 : (g[i] * d->scale[i] - dot(row, x, i)) / row[i];
    }
    for (size_t i = d->q; i-- > 0;) {
        const double *row = d->matrix + i * d->q;
        if (d->dropped[i])
            continue;
        x[i] /= row[i];
        for (size_t j = 0; j < i; j++)
            x[j] -= row[j] * x[i];
    }
    for (size_t i = 0; i < d->q; i++)
        x[i] *= d->scale[i];
}

void np_absorb_dense_solve(const np_absorb_dense *d, const np_absorber *a,
                           double *const *g, double *const *x, size_t k)
{
    solve_work work = {.d = d, .first = a->n_primary_coef, .g = g, .x = x};
    np_parallel_for(k, d->q < 200 ? 1 : a->n_threads, solve_column, &work);
}

size_t np_absorb_dense_rank(const np_absorb_dense *d)
{
    return d->rank;
}

double np_absorb_dense_smallest_pivot(const np_absorb_dense *d)
{
    return d->smallest_pivot;
}
