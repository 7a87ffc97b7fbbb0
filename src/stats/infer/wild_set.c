#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/infer/wild_internal.h"

/* Two statistics this near, relative to the larger of |t| and 1, tie. */
static const double tie = 1e-9;
/* Coefficients below this share of their terms are rounding: the draw ties for all r. */
static const double identical = 1e-10;
/* A leading coefficient below this share of the largest one is none. */
static const double negligible = 1e-14;
/* p and 1 - level are counts by counts: nearer than this they are equal. */
static const double same_share = 1e-12;

/* Draws v and -v change at the same place but for rounding. */
static const double same_place = 1e-12;

enum { MOST_ROOTS = 4, MOST_BREAKS = 2 * MOST_ROOTS };

np_wild_comparison np_wild_compare(const np_wild_draw *d, double delta, double variance)
{
    double n = d->n0 + delta * d->n1;
    double q = d->q0 + 2 * delta * d->q1 + delta * delta * d->q2;
    np_wild_comparison c = {.defined = q > 0 && isfinite(q), .t = NAN};
    if (!c.defined)
        return c;
    double t = delta / sqrt(variance), near = tie * fmax(1, fabs(t));
    c.t = n / sqrt(q);
    double by_sign = c.t - t, by_size = fabs(c.t) - fabs(t);
    c.sign = fabs(by_sign) <= near ? 0 : by_sign > 0 ? 1 : -1;
    c.size = fabs(by_size) <= near ? 0 : by_size > 0 ? 1 : -1;
    return c;
}

void np_wild_count(np_wild_counts *counts, np_wild_comparison c, np_wild_p p, int by)
{
    if (!c.defined)
        return;
    int direction = p == NP_WILD_SYMMETRIC ? c.size
                    : p == NP_WILD_LESS    ? -c.sign
                                           : c.sign;
    counts->defined += by;
    counts->above += direction > 0 ? by : 0;
    counts->below += direction < 0 ? by : 0;
    counts->tied += direction == 0 ? by : 0;
}

double np_wild_p_value(const np_wild_counts *counts, np_wild_p p, bool with_ties)
{
    int64_t tied = with_ties ? counts->tied : 0, above = counts->above + tied;
    int64_t below = counts->below + tied;
    if (counts->defined == 0)
        return NAN;
    if (p != NP_WILD_EQUAL_TAILED)
        return (double)above / (double)counts->defined;
    return fmin(1, 2 * (double)(above < below ? above : below) / (double)counts->defined);
}

static double value_of(const double *c, int degree, double x)
{
    double sum = c[degree];
    for (int i = degree; i-- > 0;)
        sum = sum * x + c[i];
    return sum;
}

/* The root of c between low and high, where it changes sign: Newton's steps, or halving
 * where they lead outside. */
static double root_between(const double *c, int degree, double low, double high)
{
    bool rises = value_of(c, degree, high) > 0;
    double slope[MOST_ROOTS], x = low / 2 + high / 2;
    for (int i = 0; i < degree; i++)
        slope[i] = (i + 1) * c[i + 1];
    for (int step = 0; step < 400; step++) {
        double f = value_of(c, degree, x);
        if (f == 0)
            return x;
        if ((f > 0) == rises)
            high = x;
        else
            low = x;
        double next = x - f / value_of(slope, degree - 1, x);
        if (!(next > low && next < high))
            next = low / 2 + high / 2;
        if (fabs(next - x) <= 1e-16 * fabs(x) || next <= low || next >= high)
            return next;
        x = next;
    }
    return x;
}

/* The places where the polynomial changes sign, ascending; roots at which it only
 * touches zero are left out. */
static size_t sign_changes(double *root, const double *c, int degree)
{
    double largest = 0, at[MOST_ROOTS + 1], slope[MOST_ROOTS + 1], bound = 0;
    for (int i = 0; i <= degree; i++)
        largest = fmax(largest, fabs(c[i]));
    while (degree > 0 && !(fabs(c[degree]) > negligible * largest))
        degree--;
    if (degree == 0)
        return 0;
    for (int i = 0; i < degree; i++) {
        slope[i] = (i + 1) * c[i + 1];
        bound = fmax(bound, fabs(c[i] / c[degree]));
    }
    bound += 1; /* Cauchy's */
    size_t n_at = sign_changes(at, slope, degree - 1), n = 0;
    at[n_at++] = bound;
    double low = -bound;
    for (size_t i = 0; i < n_at; i++) {
        double f_low = value_of(c, degree, low), f_high = value_of(c, degree, at[i]);
        if ((f_low < 0 && f_high > 0) || (f_low > 0 && f_high < 0))
            root[n++] = root_between(c, degree, low, at[i]);
        if (f_high != 0)
            low = at[i];
    }
    return n;
}

/* Where, in units of the standard error, a draw's comparison can change: the quartic
 * (n² - x² q), and where q may be negative its roots. */
static size_t breaks_of(double *x, const np_wild_draw *d, double variance)
{
    const double s = sqrt(variance);
    double a0 = d->n0 / s, a1 = d->n1, b0 = d->q0 / variance, b1 = d->q1 / s, b2 = d->q2;
    const double c[5] = {a0 * a0, 2 * a0 * a1, a1 * a1 - b0, -2 * b1, -b2};
    const double q[3] = {b0, 2 * b1, b2};
    double scale = fmax(fmax(a0 * a0, a1 * a1), fmax(fabs(b0), fmax(fabs(b1), fabs(b2))));
    double largest = 0;
    for (int i = 0; i < 5; i++)
        largest = fmax(largest, fabs(c[i]));
    /* at 0, n and x may vanish together: which of t* and t is larger changes there though
     * the quartic does not change its sign */
    size_t n = 0;
    x[n++] = 0;
    if (!(largest > identical * scale)) /* t* is t or -t for all r */
        return n;
    n += sign_changes(x + n, c, 4);
    n += sign_changes(x + n, q, 2);
    for (size_t i = 1; i < n; i++) /* few: by insertion */
        for (size_t j = i; j > 0 && x[j - 1] > x[j]; j--) {
            double swap = x[j];
            x[j] = x[j - 1];
            x[j - 1] = swap;
        }
    return n;
}

/* How the counts change when x passes `at`. */
typedef struct {
    double at;
    int8_t defined, above, below, tied;
} event;

static int by_place(const void *a, const void *b)
{
    double x = ((const event *)a)->at, y = ((const event *)b)->at;
    return (x > y) - (x < y);
}

/* Adds the draw's state at -infinity to `start` and its changes to event[*n …]. */
static void add_draw(np_wild_counts *start, event *list, size_t *n, const np_wild_draw *d,
                     double variance, np_wild_p p)
{
    double x[MOST_BREAKS], s = sqrt(variance);
    size_t n_breaks = breaks_of(x, d, variance);
    np_wild_counts last = {0};
    for (size_t i = 0; i <= n_breaks; i++) {
        double inside = n_breaks == 0   ? 1
                        : i == 0        ? x[0] - 1 - fabs(x[0])
                        : i == n_breaks ? x[i - 1] + 1 + fabs(x[i - 1])
                                        : x[i - 1] / 2 + x[i] / 2;
        np_wild_counts now = {0};
        np_wild_count(&now, np_wild_compare(d, inside * s, variance), p, 1);
        if (i == 0) {
            start->defined += now.defined;
            start->above += now.above;
            start->below += now.below;
            start->tied += now.tied;
        } else {
            list[(*n)++] =
                (event){x[i - 1], (int8_t)(now.defined - last.defined),
                        (int8_t)(now.above - last.above),
                        (int8_t)(now.below - last.below), (int8_t)(now.tied - last.tied)};
        }
        last = now;
    }
}

typedef struct {
    np_interval *interval; /* in x, ascending */
    size_t n;
    bool open;
} gathered;

static void gather(gathered *g, bool inside, double from)
{
    if (inside && !g->open)
        g->interval[g->n++] = (np_interval){from, INFINITY};
    if (!inside && g->open)
        g->interval[g->n - 1].high = from;
    g->open = inside;
}

/* r = estimate - x s: the order turns round. */
static np_status to_values(const np_interval **out, const gathered *g, double estimate,
                           double s, np_arena *arena, np_error *err)
{
    np_interval *interval = np_arena_array(arena, np_interval, g->n);
    if (interval == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the confidence set"));
    for (size_t i = 0; i < g->n; i++) {
        const np_interval *x = &g->interval[g->n - 1 - i];
        interval[i] = (np_interval){estimate - s * x->high, estimate - s * x->low};
    }
    *out = interval;
    return NP_OK;
}

np_status np_wild_invert(np_wild *out, const np_wild_draw *draw, const np_wild_sums *sums,
                         np_wild_p p, np_arena *arena, np_arena *scratch, np_error *err)
{
    const double variance = sums->variance;
    const size_t n_draws = sums->n_draws;
    size_t n = 0;
    np_wild_counts counts = {0};
    gathered set[2] = {{0}};
    event *list = np_arena_array(scratch, event, n_draws * MOST_BREAKS);
    if (list != NULL)
        for (size_t d = 0; d < n_draws; d++)
            add_draw(&counts, list, &n, &draw[d], variance, p);
    for (int i = 0; i < 2 && list != NULL; i++)
        set[i].interval = np_arena_array(scratch, np_interval, n + 1);
    if (list == NULL || set[0].interval == NULL || set[1].interval == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the confidence set"));
    qsort(list, n, sizeof *list, by_place);
    const double least = 1 - out->conf_level + same_share;
    double from = -INFINITY;
    for (size_t e = 0;;) {
        for (int i = 0; i < 2; i++)
            gather(&set[i], np_wild_p_value(&counts, p, i == 1) > least, from);
        if (e == n)
            break;
        from = list[e].at;
        const double here = from + same_place * fmax(1, fabs(from));
        for (; e < n && list[e].at <= here; e++) {
            counts.defined += list[e].defined;
            counts.above += list[e].above;
            counts.below += list[e].below;
            counts.tied += list[e].tied;
        }
    }
    out->n_set = set[0].n;
    out->n_set_ties = set[1].n;
    np_status status =
        to_values(&out->set, &set[0], out->estimate, sqrt(variance), arena, err);
    if (status == NP_OK)
        status =
            to_values(&out->set_ties, &set[1], out->estimate, sqrt(variance), arena, err);
    return status;
}
