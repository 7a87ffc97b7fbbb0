#include <math.h>
#include <string.h>

#include "stats/did/simplex.h"

/* Doubles that the products of visited columns may take: 32 MB. */
enum { GRAM_MOST = 1 << 22 };

np_status np_simplex_scratch_make(np_simplex_scratch *out, size_t size, np_arena *arena,
                                  np_error *err)
{
    size_t n_slots = size == 0 ? 0 : GRAM_MOST / size;
    np_simplex_scratch s = {.size = size, .n_slots = n_slots < size ? n_slots : size};
    s.gradient = np_arena_array(arena, double, size);
    s.residual = np_arena_array(arena, double, size);
    s.target = np_arena_array(arena, double, size);
    s.spare = np_arena_array(arena, double, size);
    s.gram = np_arena_array(arena, double, s.n_slots *size);
    s.slot = np_arena_array(arena, int32_t, size);
    if (s.gradient == NULL || s.residual == NULL || s.target == NULL || s.spare == NULL ||
        s.gram == NULL || s.slot == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for weights of %zu units"),
                       size);
    np_simplex_forget(&s);
    *out = s;
    return NP_OK;
}

void np_simplex_forget(np_simplex_scratch *scratch)
{
    scratch->n_used = 0;
    memset(scratch->slot, 0xff, scratch->size * sizeof *scratch->slot);
}

static double dot(const double *a, const double *b, size_t n)
{
    /* Four sums: one alone waits for each addition. */
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t l = 0; l < 4; l++)
            sum[l] += a[i + l] * b[i + l];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void residual_of(double *r, const double *x, const np_simplex_problem *p)
{
    for (size_t l = 0; l < p->n_rows; l++)
        r[l] = -p->b[l];
    for (size_t j = 0; j < p->n_columns; j++)
        if (x[j] != 0)
            for (size_t l = 0; l < p->n_rows; l++)
                r[l] += x[j] * p->A[j * p->n_rows + l];
}

/* A'(A_i - b), where target = A_i - b; kept, for most iterations come back to the same
 * few columns. */
static const double *products_with(size_t i, const np_simplex_problem *p,
                                   np_simplex_scratch *s)
{
    if (s->slot[i] >= 0)
        return s->gram + (size_t)s->slot[i] * s->size;
    double *products = s->spare;
    if (s->n_used < s->n_slots) {
        products = s->gram + s->n_used * s->size;
        s->slot[i] = (int32_t)s->n_used++;
    }
    for (size_t j = 0; j < p->n_columns; j++)
        products[j] = dot(p->A + j * p->n_rows, s->target, p->n_rows);
    return products;
}

static size_t first_smallest(const double *value, size_t n)
{
    size_t at = 0;
    for (size_t j = 1; j < n; j++)
        if (value[j] < value[at])
            at = j;
    return at;
}

static bool is_vertex(const double *x, size_t i, size_t n)
{
    if (x[i] != 1)
        return false;
    for (size_t j = 0; j < n; j++)
        if (j != i && x[j] != 0)
            return false;
    return true;
}

/* One step towards the column that the gradient favours; the residual and the gradient
 * follow as averages of their values at both ends, so that no error builds up. */
static void step(double *x, const np_simplex_problem *p, double eta,
                 np_simplex_scratch *s)
{
    const size_t n = p->n_columns, rows = p->n_rows;
    double *h = s->gradient, *r = s->residual;
    size_t i = first_smallest(h, n);
    if (is_vertex(x, i, n))
        return;
    double length = 0; /* of the move in A x */
    for (size_t l = 0; l < rows; l++) {
        s->target[l] = p->A[i * rows + l] - p->b[l];
        double move = s->target[l] - r[l];
        length += move * move;
    }
    double ridge = dot(x, x, n) - x[i] * x[i] + (1 - x[i]) * (1 - x[i]);
    double size = (dot(h, x, n) - h[i]) / (length + eta * ridge);
    size = size > 0 ? size : 0; /* also where 0 / 0: nothing moves A x */
    size = size < 1 ? size : 1;
    const double *products = products_with(i, p, s);
    for (size_t l = 0; l < rows; l++)
        r[l] += size * (s->target[l] - r[l]);
    for (size_t j = 0; j < n; j++) {
        h[j] += size * (products[j] - h[j]);
        x[j] -= size * x[j];
    }
    h[i] += size * eta;
    x[i] += size;
}

np_simplex_report np_simplex_frank_wolfe(double *x, const np_simplex_problem *p,
                                         double min_decrease, size_t max_iterations,
                                         np_simplex_scratch *s)
{
    const size_t n = p->n_columns, rows = p->n_rows;
    const double eta = (double)rows * p->zeta * p->zeta;
    residual_of(s->residual, x, p);
    for (size_t j = 0; j < n; j++)
        s->gradient[j] = dot(p->A + j * rows, s->residual, rows) + eta * x[j];
    np_simplex_report report = {.value = INFINITY};
    while (report.n_iterations < max_iterations && !report.converged) {
        step(x, p, eta, s);
        double value = p->zeta * p->zeta * dot(x, x, n) +
                       dot(s->residual, s->residual, rows) / (double)rows;
        report.converged = ++report.n_iterations >= 2 &&
                           !(report.value - value > min_decrease * min_decrease);
        report.value = value;
    }
    return report;
}
