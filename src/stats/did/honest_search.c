#include <math.h>

#include "stats/did/honest_internal.h"

/* Point i of the grid, as R's seq(). */
static double point(const honest_moments *m, double low, double high, size_t i)
{
    size_t n = m->job->spec.grid_points;
    return i + 1 == n ? high : low + (double)i * ((high - low) / (double)(n - 1));
}

void honest_grid_ends(double *low, double *high, honest_moments *m, double bound,
                      const honest_flci *flci)
{
    const honest_job *job = m->job;
    const np_honest_spec *s = &job->spec;
    double reach = 20 * job->std_error;
    double centre = s->convention == NP_HONEST_EXACT ? job->estimate : 0;
    *low = centre - reach;
    *high = centre + reach;
    if (flci != NULL) {
        *low = flci->centre - flci->half_length;
        *high = flci->centre + flci->half_length;
    } else if (s->restriction == NP_HONEST_SMOOTHNESS) {
        double minus[NP_HONEST_MOST_PERIODS];
        for (size_t t = 0; t < s->n_post; t++)
            minus[t] = -job->target[t];
        honest_set_fill(&m->set, s, 0, bound);
        double up = honest_set_reach(&m->set, job, job->target, &m->simplex, m->E);
        double down = honest_set_reach(&m->set, job, minus, &m->simplex, m->E);
        /* HonestDiD mirrors the set for a negative bias */
        bool mirrored = s->shape == NP_HONEST_BIAS_NEGATIVE && s->n_post > 1;
        *low -= mirrored ? down : up;
        *high += mirrored ? up : down;
    }
    if (s->has_grid) {
        *low = s->grid_low;
        *high = s->grid_high;
    }
}

/* The grid's points that the first test leaves are neighbours, because eta is convex in
 * theta: one of them by its slope, then both ends. False: there are none. */
static bool near_points(size_t *first, size_t *last, honest_moments *m, double low,
                        double high)
{
    size_t n = m->job->spec.grid_points, from = 0, to = n;
    int direction = 0;
    *first = 0;
    *last = n - 1;
    if (isinf(m->critical))
        return true;
    size_t inside = n;
    while (from < to && inside == n) {
        size_t i = (from + to) / 2;
        if (honest_is_near(m, point(m, low, high, i), &direction))
            inside = i;
        else if (direction > 0)
            to = i;
        else
            from = i + 1;
    }
    if (inside == n)
        return false;
    for (from = 0, to = inside; from < to;) {
        size_t i = (from + to) / 2;
        if (honest_is_near(m, point(m, low, high, i), &direction))
            to = i;
        else
            from = i + 1;
    }
    *first = from;
    for (from = inside, to = n - 1; from < to;) {
        size_t i = (from + to + 1) / 2;
        if (honest_is_near(m, point(m, low, high, i), &direction))
            from = i;
        else
            to = i - 1;
    }
    *last = from;
    return true;
}

/* The end between a value that is rejected and one that stays. */
static double bisect(honest_moments *m, double out, double in)
{
    for (int step = 0; step < 60 && fabs(in - out) > 1e-10 * m->job->std_error; step++) {
        double middle = out + (in - out) / 2;
        if (honest_accepts(m, middle))
            in = middle;
        else
            out = middle;
    }
    return in;
}

/* Away from the other end until it is rejected, each time twice as far. */
static double widen(honest_moments *m, double end, double other)
{
    enum { MOST = 20 };
    for (int i = 0; i < MOST && honest_accepts(m, end); i++)
        end += end - other;
    return end;
}

/* Without a grid of the caller's: wide enough, and then only as wide as the first test
 * leaves it. The flci is the first test of c-f and needs neither. */
static void fit_ends(honest_moments *m, double *low, double *high)
{
    size_t first, last, n = m->job->spec.grid_points;
    if (m->job->spec.convention != NP_HONEST_EXACT || m->job->spec.has_grid ||
        m->has_flci)
        return;
    *low = widen(m, *low, *high);
    *high = widen(m, *high, *low);
    if (!near_points(&first, &last, m, *low, *high))
        return;
    double from = first == 0 ? *low : point(m, *low, *high, first - 1);
    *high = last == n - 1 ? *high : point(m, *low, *high, last + 1);
    *low = from;
}

honest_range honest_search(honest_moments *m, double low, double high)
{
    honest_range range = {NAN, NAN, false, false};
    size_t n = m->job->spec.grid_points, first, last;
    bool exact = m->job->spec.convention == NP_HONEST_EXACT;
    fit_ends(m, &low, &high);
    if (!near_points(&first, &last, m, low, high))
        return range;
    size_t i = first, j = last;
    while (i <= last && !honest_accepts(m, point(m, low, high, i)))
        i++;
    if (i > last)
        return range;
    while (j > i && !honest_accepts(m, point(m, low, high, j)))
        j--;
    range.low = point(m, low, high, i);
    range.high = point(m, low, high, j);
    range.open_low = i == 0 && !m->has_flci; /* nothing lies beyond the flci */
    range.open_high = j == n - 1 && !m->has_flci;
    if (exact && i > 0)
        range.low = bisect(m, point(m, low, high, i - 1), range.low);
    if (exact && j < n - 1)
        range.high = bisect(m, point(m, low, high, j + 1), range.high);
    return range;
}

/* 0 first, which settles it as a rule; then the grid beyond it. */
bool honest_reaches_zero(honest_moments *m, double low, double high, bool positive)
{
    size_t first, last;
    if (honest_accepts(m, 0))
        return true;
    fit_ends(m, &low, &high);
    if (!near_points(&first, &last, m, low, high))
        return false;
    for (size_t i = first; i <= last; i++) {
        double theta = point(m, low, high, positive ? last + first - i : i);
        if ((positive ? theta <= 0 : theta >= 0) && honest_accepts(m, theta))
            return true;
    }
    return false;
}
