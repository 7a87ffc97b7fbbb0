#include "stats/did/honest_simplex.h"

#include <math.h>
#include <string.h>

/* Below these, in units of the data's own size, a number is rounding. */
static const double tiny_pivot = 1e-10, tiny_cost = 1e-12;

bool np_simplex_new(np_simplex *s, size_t m, size_t n, np_arena *arena)
{
    *s = (np_simplex){.most_m = m, .most_n = n};
    s->start = np_arena_array(arena, double, m *(n + 1));
    s->tableau = np_arena_array(arena, double, m *(n + 1));
    s->phase_one = np_arena_array(arena, double, m *(n + m + 1));
    s->row = np_arena_array(arena, double, n + m + 1);
    s->start_basis = np_arena_array(arena, size_t, m);
    s->basis = np_arena_array(arena, size_t, m);
    return s->start != NULL && s->tableau != NULL && s->phase_one != NULL &&
           s->row != NULL && s->start_basis != NULL && s->basis != NULL;
}

/* A tableau of m rows and `width` numbers a row, the last of them x_B, and the row of
 * reduced costs. */
typedef struct {
    double *T, *row;
    size_t *basis;
    size_t m, width, n_usable; /* columns that may enter */
    double cost_size;
} tableau;

static void pivot(tableau *t, size_t r, size_t j)
{
    double *pivot_row = &t->T[r * t->width];
    double inverse = 1 / pivot_row[j];
    for (size_t c = 0; c < t->width; c++)
        pivot_row[c] *= inverse;
    pivot_row[j] = 1;
    for (size_t i = 0; i <= t->m; i++) {
        double *other = i == t->m ? t->row : &t->T[i * t->width];
        double factor = other[j];
        if (i == r || factor == 0)
            continue;
        for (size_t c = 0; c < t->width; c++)
            other[c] -= factor * pivot_row[c];
        other[j] = 0;
    }
    for (size_t i = 0; i < t->m; i++) /* x_B is not negative but for rounding */
        if (t->T[i * t->width + t->width - 1] < 0)
            t->T[i * t->width + t->width - 1] = 0;
    t->basis[r] = j;
}

/* n_usable: none has a reduced cost worth entering. */
static size_t entering(const tableau *t, bool bland)
{
    size_t best = t->n_usable;
    double most = tiny_cost * t->cost_size;
    for (size_t j = 0; j < t->n_usable; j++)
        if (t->row[j] > most) {
            best = j;
            if (bland)
                break;
            most = t->row[j];
        }
    return best;
}

/* The row whose variable reaches 0 first; among equals the one with the largest pivot
 * (Bland: the lowest variable). m: none, the value has no bound. */
static size_t leaving(const tableau *t, size_t j, bool bland)
{
    size_t best = t->m;
    double least = INFINITY;
    for (size_t i = 0; i < t->m; i++) {
        const double *row = &t->T[i * t->width];
        if (row[j] <= tiny_pivot)
            continue;
        double ratio = row[t->width - 1] / row[j];
        bool tie = best < t->m && fabs(ratio - least) <= 1e-13 * (1 + least);
        bool first = bland ? best < t->m && t->basis[i] < t->basis[best]
                           : best < t->m && row[j] > t->T[best * t->width + j];
        if (tie ? first : ratio < least) {
            best = i;
            least = ratio;
        }
    }
    return best;
}

static np_simplex_status climb(tableau *t)
{
    size_t patience = 4 * (t->m + t->width), limit = 60 * patience + 1000;
    for (size_t step = 0; step < limit; step++) {
        bool bland = step > patience;
        size_t j = entering(t, bland);
        if (j == t->n_usable)
            return NP_SIMPLEX_OPTIMAL;
        size_t r = leaving(t, j, bland);
        if (r == t->m)
            return NP_SIMPLEX_UNBOUNDED;
        pivot(t, r, j);
    }
    return NP_SIMPLEX_STALLED;
}

/* Reduced costs of c over the tableau's basis; its value with the sign changed last. */
static void price(tableau *t, const double *c, size_t n)
{
    double size = 0;
    for (size_t j = 0; j < t->width; j++)
        t->row[j] = j < n ? c[j] : 0;
    for (size_t j = 0; j < n; j++)
        size = fmax(size, fabs(c[j]));
    t->cost_size = size > 0 ? size : 1;
    for (size_t i = 0; i < t->m; i++) {
        double cost = t->basis[i] < n ? c[t->basis[i]] : 0;
        if (cost == 0)
            continue;
        for (size_t j = 0; j < t->width; j++)
            t->row[j] -= cost * t->T[i * t->width + j];
    }
}

/* Artificial variables that are 0 but still in the basis give way to any other; a row
 * without one depends on the rest and is left out. */
static void drive_out(np_simplex *s, tableau *t)
{
    size_t kept = 0, n = s->n;
    for (size_t i = 0; i < t->m; i++) {
        size_t best = n;
        double most = 1e-9;
        if (t->basis[i] >= n) {
            for (size_t j = 0; j < n; j++)
                if (fabs(t->T[i * t->width + j]) > most) {
                    most = fabs(t->T[i * t->width + j]);
                    best = j;
                }
            if (best == n)
                continue;
            pivot(t, i, best);
        }
    }
    for (size_t i = 0; i < t->m; i++) {
        if (t->basis[i] >= n)
            continue;
        double *to = &s->start[kept * (n + 1)];
        memcpy(to, &t->T[i * t->width], n * sizeof *to);
        to[n] = t->T[i * t->width + t->width - 1];
        s->start_basis[kept++] = t->basis[i];
    }
    s->m = kept;
}

np_simplex_status np_simplex_start(np_simplex *s, const double *E, const double *f,
                                   size_t m, size_t n)
{
    size_t width = n + m + 1;
    tableau t = {s->phase_one, s->row, s->basis, m, width, n, 1};
    s->n = n;
    memset(t.T, 0, m * width * sizeof *t.T);
    memset(t.row, 0, width * sizeof *t.row);
    for (size_t i = 0; i < m; i++) {
        double sign = f[i] < 0 ? -1 : 1;
        for (size_t j = 0; j < n; j++)
            t.T[i * width + j] = sign * E[i * n + j];
        t.T[i * width + n + i] = 1;
        t.T[i * width + width - 1] = sign * f[i];
        t.basis[i] = n + i;
        for (size_t j = 0; j < width; j++) /* max of minus the artificial variables */
            t.row[j] += j >= n && j < width - 1 ? 0 : t.T[i * width + j];
    }
    np_simplex_status status = climb(&t);
    if (status != NP_SIMPLEX_OPTIMAL)
        return status;
    double left = 0, size = 0;
    for (size_t i = 0; i < m; i++) {
        left += t.basis[i] >= n ? t.T[i * width + width - 1] : 0;
        size += fabs(f[i]);
    }
    if (left > 1e-9 * (1 + size))
        return NP_SIMPLEX_INFEASIBLE;
    drive_out(s, &t);
    return NP_SIMPLEX_OPTIMAL;
}

np_simplex_status np_simplex_maximise(np_simplex *s, double *x, double *value,
                                      const double *c)
{
    size_t width = s->n + 1;
    tableau t = {s->tableau, s->row, s->basis, s->m, width, s->n, 1};
    memcpy(t.T, s->start, s->m * width * sizeof *t.T);
    memcpy(t.basis, s->start_basis, s->m * sizeof *t.basis);
    price(&t, c, s->n);
    np_simplex_status status = climb(&t);
    if (status != NP_SIMPLEX_OPTIMAL)
        return status;
    memset(x, 0, s->n * sizeof *x);
    *value = 0;
    for (size_t i = 0; i < t.m; i++) {
        x[t.basis[i]] = t.T[i * width + width - 1];
        *value += c[t.basis[i]] * x[t.basis[i]];
    }
    return NP_SIMPLEX_OPTIMAL;
}
