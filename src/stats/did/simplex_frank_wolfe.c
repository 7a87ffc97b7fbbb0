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

static bool is_vertex(const double *x, size_t i, size_t n)
{
    if (x[i] != 1)
        return false;
    for (size_t j = 0; j < n; j++)
        if (j != i && x[j] != 0)
            return false;
    return true;
}

/* What the next step wants to know of gradient h and weights x, in four parts each, for
 * one alone would wait for each operation. */
typedef struct {
    double norm[4];  /* x'x */
    double slope[4]; /* h'x */
    double least[4]; /* min h */
} sums;

static double total(const double part[4])
{
    return (part[0] + part[1]) + (part[2] + part[3]);
}

static void note(sums *s, size_t l, double h, double x)
{
    s->norm[l] += x * x;
    s->slope[l] += h * x;
    s->least[l] = h < s->least[l] ? h : s->least[l];
}

/* Columns from … to - 1 move by `size` towards their products and 0. */
static void sweep(sums *s, double *restrict h, double *restrict x,
                  const double *restrict products, double size, size_t from, size_t to)
{
    size_t j = from;
    for (; j + 4 <= to; j += 4)
        for (size_t l = 0; l < 4; l++) {
            h[j + l] += size * (products[j + l] - h[j + l]);
            x[j + l] -= size * x[j + l];
            note(s, l, h[j + l], x[j + l]);
        }
    for (; j < to; j++) {
        h[j] += size * (products[j] - h[j]);
        x[j] -= size * x[j];
        note(s, 0, h[j], x[j]);
    }
}

static size_t first_least(const sums *s, const double *h, size_t n)
{
    double least = s->least[0];
    for (size_t l = 1; l < 4; l++)
        least = s->least[l] < least ? s->least[l] : least;
    size_t i = 0;
    for (bool found = false; i + 8 <= n; i += 8) { /* by eights: no branch for each */
        for (size_t l = 0; l < 8; l++)
            found |= h[i + l] == least;
        if (found)
            break;
    }
    while (i + 1 < n && h[i] != least)
        i++;
    return i < n ? i : n - 1;
}

/* target := A_i - b; the square of its distance from the residual. */
static double distance_to(double *restrict target, const double *restrict A_i,
                          const double *restrict b, const double *restrict r, size_t n)
{
    double sum[4] = {0};
    size_t l = 0;
    for (; l + 4 <= n; l += 4)
        for (size_t k = 0; k < 4; k++) {
            target[l + k] = A_i[l + k] - b[l + k];
            double move = target[l + k] - r[l + k];
            sum[k] += move * move;
        }
    for (; l < n; l++) {
        target[l] = A_i[l] - b[l];
        sum[0] += (target[l] - r[l]) * (target[l] - r[l]);
    }
    return total(sum);
}

/* One step towards the column that the gradient favours; the residual and the gradient
 * follow as averages of their values at both ends, so that no error builds up. */
static void step(double *x, sums *now, const np_simplex_problem *p, double eta,
                 np_simplex_scratch *s)
{
    const size_t n = p->n_columns, rows = p->n_rows;
    double *h = s->gradient, *r = s->residual;
    size_t i = first_least(now, h, n);
    if (is_vertex(x, i, n))
        return;
    double length = distance_to(s->target, p->A + i * rows, p->b, r, rows);
    double ridge = total(now->norm) - x[i] * x[i] + (1 - x[i]) * (1 - x[i]);
    double size = (total(now->slope) - h[i]) / (length + eta * ridge);
    size = size > 0 ? size : 0; /* also where 0 / 0: nothing moves A x */
    size = size < 1 ? size : 1;
    const double *products = products_with(i, p, s);
    for (size_t l = 0; l < rows; l++)
        r[l] += size * (s->target[l] - r[l]);
    *now = (sums){.least = {INFINITY, INFINITY, INFINITY, INFINITY}};
    sweep(now, h, x, products, size, 0, i);
    h[i] += size * (products[i] - h[i]) + size * eta;
    x[i] += size * (1 - x[i]);
    note(now, 0, h[i], x[i]);
    sweep(now, h, x, products, size, i + 1, n);
}

np_simplex_report np_simplex_frank_wolfe(double *x, const np_simplex_problem *p,
                                         double min_decrease, size_t max_iterations,
                                         np_simplex_scratch *s)
{
    const size_t n = p->n_columns, rows = p->n_rows;
    const double eta = (double)rows * p->zeta * p->zeta;
    sums now = {.least = {INFINITY, INFINITY, INFINITY, INFINITY}};
    residual_of(s->residual, x, p);
    for (size_t j = 0; j < n; j++) {
        s->gradient[j] = dot(p->A + j * rows, s->residual, rows) + eta * x[j];
        note(&now, j % 4, s->gradient[j], x[j]);
    }
    np_simplex_report report = {.value = INFINITY};
    while (report.n_iterations < max_iterations && !report.converged) {
        step(x, &now, p, eta, s);
        double value = p->zeta * p->zeta * total(now.norm) +
                       dot(s->residual, s->residual, rows) / (double)rows;
        report.converged = ++report.n_iterations >= 2 &&
                           !(report.value - value > min_decrease * min_decrease);
        report.value = value;
    }
    return report;
}
