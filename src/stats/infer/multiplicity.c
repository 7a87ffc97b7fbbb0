#include "stats/infer/multiplicity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const code[NP_N_ADJUSTMENTS] = {"none", "bonferroni", "holm",
                                                   "bh",   "by",         "romano-wolf"};

const char *np_adjustment_code(np_adjustment how)
{
    return code[how];
}

np_adjustment np_adjustment_of_code(const char *wanted)
{
    size_t i = 0;
    while (i < NP_N_ADJUSTMENTS && strcmp(code[i], wanted) != 0)
        i++;
    return (np_adjustment)i;
}

typedef struct {
    double value;
    size_t at;
} ranked;

/* Equal values keep their order, so that the result does not depend on the sort. */
static int ascending(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The hypotheses, sorted; NaN are none. Returns how many. */
static size_t rank(ranked *out, const double *value, size_t m)
{
    size_t n = 0;
    for (size_t i = 0; i < m; i++)
        if (!isnan(value[i]))
            out[n++] = (ranked){value[i], i};
    qsort(out, n, sizeof *out, ascending);
    return n;
}

static void step_down(double *adjusted, const ranked *p, size_t n)
{
    double so_far = 0;
    for (size_t i = 0; i < n; i++) {
        so_far = fmax(so_far, (double)(n - i) * p[i].value);
        adjusted[p[i].at] = fmin(1, so_far);
    }
}

static void step_up(double *adjusted, const ranked *p, size_t n, double factor)
{
    double so_far = 1;
    for (size_t i = n; i-- > 0;) {
        so_far = fmin(so_far, factor * (double)n / (double)(i + 1) * p[i].value);
        adjusted[p[i].at] = so_far;
    }
}

np_status np_adjust_p_values(double *adjusted, const double *p, size_t m,
                             np_adjustment how, np_arena *arena, np_error *err)
{
    for (size_t i = 0; i < m; i++)
        if (p[i] < 0 || p[i] > 1)
            return np_fail(err, NP_E_RANGE, _("a p value is %g"), p[i]);
    np_arena_mark mark = np_arena_set_mark(arena);
    ranked *sorted = np_arena_array(arena, ranked, m);
    if (sorted == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu hypotheses"), m);
    size_t n = rank(sorted, p, m);
    double harmonic = 0;
    for (size_t k = n; k > 0; k--)
        harmonic += 1 / (double)k;
    memmove(adjusted, p, m * sizeof *p);
    switch (how) {
    case NP_ADJUST_BONFERRONI:
        for (size_t i = 0; i < n; i++)
            adjusted[sorted[i].at] = fmin(1, (double)n * sorted[i].value);
        break;
    case NP_ADJUST_HOLM:
        step_down(adjusted, sorted, n);
        break;
    case NP_ADJUST_BH:
        step_up(adjusted, sorted, n, 1);
        break;
    case NP_ADJUST_BY:
        step_up(adjusted, sorted, n, harmonic);
        break;
    case NP_ADJUST_NONE:
    case NP_ADJUST_ROMANO_WOLF:
    case NP_N_ADJUSTMENTS:
        break;
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

/* Imposed nulls make vectors whose t* is t but for rounding: wild_bootstrap.h. */
static const double tie = 1e-9;

np_status np_romano_wolf_p_values(double *adjusted, const double *t,
                                  const double *const *draw, size_t n_draws,
                                  bool enumerated, size_t m, np_arena *arena,
                                  np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *minus = np_arena_array(arena, double, m);
    ranked *sorted = np_arena_array(arena, ranked, m);
    size_t *exceeding = np_arena_array(arena, size_t, m);
    if (minus == NULL || sorted == NULL || exceeding == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu hypotheses"), m);
    for (size_t i = 0; i < m; i++)
        minus[i] = -fabs(t[i]);
    size_t n = rank(sorted, minus, m);
    for (size_t r = 0; r < n_draws; r++) {
        double largest = 0;
        for (size_t i = n; i-- > 0;) {
            double here = fabs(draw[sorted[i].at][r]);
            largest = isnan(here) ? INFINITY : fmax(largest, here);
            exceeding[i] += largest >= -sorted[i].value * (1 - tie);
        }
    }
    double so_far = 0, own = enumerated ? 0 : 1;
    for (size_t i = 0; i < m; i++)
        adjusted[i] = NAN;
    for (size_t i = 0; i < n; i++) {
        so_far = fmax(so_far, (own + (double)exceeding[i]) / (own + (double)n_draws));
        adjusted[sorted[i].at] = so_far;
    }
    np_arena_release(arena, mark);
    return NP_OK;
}
