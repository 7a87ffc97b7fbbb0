#include <math.h>
#include <string.h>

#include "stats/did/honest_internal.h"

static bool is_relative(const np_honest_spec *s)
{
    return s->restriction != NP_HONEST_SMOOTHNESS;
}

/* Order of the differences: first for relative magnitudes. */
static size_t order_of(const np_honest_spec *s)
{
    return s->restriction == NP_HONEST_RELATIVE_MAGNITUDES ? 1 : 2;
}

/* Each difference before the start may be the largest, with either sign. */
size_t honest_n_sets(const np_honest_spec *s)
{
    return is_relative(s) ? 2 * (s->n_pre + 1 - order_of(s)) : 1;
}

size_t honest_most_rows(const np_honest_spec *s)
{
    return 3 * (s->n_pre + s->n_post);
}

/* weight × the difference that begins at period r of 0 … n, of which n_pre is the one
 * left out (delta 0), onto a row of A. */
static void add_difference(double *row, const np_honest_spec *s, size_t r, double weight)
{
    static const double coefficient[2][3] = {{-1, 1, 0}, {1, -2, 1}};
    size_t order = order_of(s);
    for (size_t i = 0; i <= order; i++) {
        size_t period = r + i;
        if (period != s->n_pre)
            row[period - (period > s->n_pre)] += weight * coefficient[order - 1][i];
    }
}

static bool is_taken(const double *row, const np_honest_spec *s)
{
    if (s->n_post == 1 && !is_relative(s))
        return true;
    for (size_t t = 0; t < s->n_post; t++)
        if (row[s->n_pre + t] != 0)
            return true;
    return false;
}

/* The row after the last one, cleared. */
static double *new_row(honest_set *set, size_t n)
{
    double *row = &set->A[set->n_rows * n];
    memset(row, 0, n * sizeof *row);
    return row;
}

static void take_row(honest_set *set, const np_honest_spec *s, double d)
{
    const double *row = &set->A[set->n_rows * (s->n_pre + s->n_post)];
    if (is_taken(row, s))
        set->d[set->n_rows++] = d;
}

/* sign × difference <= d: the bound itself, or the largest difference before the start
 * (times the bound after it), which set `index` says which is. */
static void add_differences(honest_set *set, const np_honest_spec *s, size_t index,
                            double bound, double sign)
{
    size_t n = s->n_pre + s->n_post, order = order_of(s), n_before = s->n_pre + 1 - order;
    for (size_t r = 0; r + order <= n; r++) {
        double *row = new_row(set, n);
        add_difference(row, s, r, sign);
        if (is_relative(s)) {
            double share = r < n_before ? 1 : bound;
            add_difference(row, s, index / 2, index % 2 == 0 ? -share : share);
        }
        take_row(set, s, is_relative(s) ? 0 : bound);
    }
}

static void add_bias_sign(honest_set *set, const np_honest_spec *s)
{
    size_t n = s->n_pre + s->n_post;
    for (size_t t = 0; t < s->n_post; t++) {
        double *row = new_row(set, n);
        row[s->n_pre + t] = s->shape == NP_HONEST_BIAS_POSITIVE ? -1 : 1;
        take_row(set, s, 0);
    }
}

static void add_trend_sign(honest_set *set, const np_honest_spec *s)
{
    size_t n = s->n_pre + s->n_post;
    double sign = s->shape == NP_HONEST_TREND_INCREASING ? 1 : -1;
    for (size_t r = 0; r < n; r++) {
        double *row = new_row(set, n); /* delta of r - delta of r + 1, with 0 between */
        if (r != s->n_pre)
            row[r - (r > s->n_pre)] = sign;
        if (r + 1 != s->n_pre)
            row[r + 1 - (r + 1 > s->n_pre)] = -sign;
        take_row(set, s, 0);
    }
}

void honest_set_fill(honest_set *set, const np_honest_spec *s, size_t index, double bound)
{
    set->n_rows = 0;
    add_differences(set, s, index, bound, 1);
    add_differences(set, s, index, bound, -1);
    switch (s->shape) {
    case NP_HONEST_BIAS_POSITIVE:
    case NP_HONEST_BIAS_NEGATIVE:
        add_bias_sign(set, s);
        break;
    case NP_HONEST_TREND_INCREASING:
    case NP_HONEST_TREND_DECREASING:
        add_trend_sign(set, s);
        break;
    case NP_HONEST_NO_SHAPE:
    case NP_N_HONEST_SHAPES:
        break;
    }
}

/* By duality: min d'x subject to A_post' x = l, x >= 0. */
double honest_set_reach(const honest_set *set, const honest_job *job,
                        const double *target, np_simplex *simplex, double *scratch)
{
    const np_honest_spec *s = &job->spec;
    size_t r = set->n_rows, m = s->n_post;
    double *E = scratch, *x = E + r * m, *c = x + r, value;
    for (size_t t = 0; t < m; t++)
        for (size_t i = 0; i < r; i++)
            E[t * r + i] = set->A[i * job->n + s->n_pre + t];
    for (size_t i = 0; i < r; i++)
        c[i] = -set->d[i];
    if (np_simplex_start(simplex, E, target, m, r) != NP_SIMPLEX_OPTIMAL ||
        np_simplex_maximise(simplex, x, &value, c) != NP_SIMPLEX_OPTIMAL)
        return INFINITY;
    return -value;
}
