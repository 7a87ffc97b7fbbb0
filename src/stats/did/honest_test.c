#include <Rmath.h>
#include <float.h>
#include <math.h>

#include "stats/did/honest_internal.h"

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void fill_y(honest_moments *m, double theta)
{
    for (size_t i = 0; i < m->n_rows; i++)
        m->y[i] = m->y0[i] - theta * m->a[i];
}

/* The end of the values c for which gamma stays optimal when y = s + b c, from `far`
 * toward eta: the largest of the lines s'g + b'g c over the vertices g is c itself
 * between the two ends. Each step goes to where the line of the best vertex at c meets
 * c, which is never beyond the end, and after finitely many is it. Andrews, Roth and
 * Pakes, appendix D, find it by bisection. */
static double optimal_until(honest_moments *m, double far, double eta)
{
    enum { MOST_STEPS = 200 };
    size_t r = m->n_rows;
    double c = far;
    for (int step = 0; step < MOST_STEPS; step++) {
        double value;
        for (size_t i = 0; i < r; i++)
            m->y[i] = m->s[i] + m->b[i] * c;
        if (!honest_largest_moment(m, &value, m->other, m->y))
            return eta;
        if (value - c <= 1e-10 * (1 + fabs(c)))
            return step == 0 ? (far > eta ? INFINITY : -INFINITY) : c;
        double next = dot(m->other, m->s, r) / (1 - dot(m->other, m->b, r));
        if (!isfinite(next) || (far > eta ? next >= c : next <= c))
            return eta;
        c = next;
    }
    return eta;
}

/* |flci's estimate - theta| <= half length, given all that is independent of eta. */
static void truncate_by_flci(const honest_moments *m, double theta, double eta,
                             double variance, double *low, double *high)
{
    double c = dot(m->gamma, m->flci_covariance, m->n_rows) / variance;
    double rest = m->flci_centre - theta - c * eta;
    double a = (m->flci_half - rest) / c, b = (-m->flci_half - rest) / c;
    if (c == 0)
        return;
    *low = fmax(*low, fmin(a, b));
    *high = fmin(*high, fmax(a, b));
}

/* HonestDiD's test without nuisance (one period after the start) keeps the floor of the
 * critical value at 0 for the moment before the bound is taken off, and does not cut
 * the distribution at the first test's critical value. */
static bool is_without_nuisance(const honest_moments *m)
{
    return m->job->spec.convention == NP_HONEST_AS_HONESTDID && m->job->spec.n_post == 1;
}

/* The second test. y and gamma are those of theta; y is scratch after it. */
static bool stays(honest_moments *m, double theta, double eta)
{
    size_t r = m->n_rows;
    double alpha = m->job->alpha, kappa = m->job->kappa;
    bool hybrid = m->z != NULL || m->has_flci;
    double size = hybrid ? (alpha - kappa) / (1 - kappa) : alpha;
    for (size_t i = 0; i < r; i++)
        m->b[i] = dot(&m->correlation[i * r], m->gamma, r);
    double variance = dot(m->gamma, m->b, r), floor = 0;
    if (fabs(variance) < DBL_EPSILON)
        return eta <= 0;
    for (size_t i = 0; i < r; i++) {
        m->b[i] /= variance;
        m->s[i] = m->y[i] - m->b[i] * eta;
        floor -= m->gamma[i] * m->shift[i];
    }
    double sd = sqrt(variance), reach = 20 * sd;
    double high = optimal_until(m, fmax(100, eta + reach), eta);
    double low = optimal_until(m, fmin(-100, eta - reach), eta);
    if (!is_without_nuisance(m))
        high = fmin(high, m->critical);
    if (m->has_flci)
        truncate_by_flci(m, theta, eta, variance, &low, &high);
    low = fmin(low, eta); /* but for rounding they lie on its two sides */
    if (!(eta <= high * (1 + 1e-12) + 1e-12))
        return true;
    double least = is_without_nuisance(m) ? floor / sd : 0;
    double critical = honest_truncated_quantile(1 - size, low / sd, high / sd);
    return eta / sd <= fmax(least, critical);
}

bool honest_accepts(honest_moments *m, double theta)
{
    double eta;
    fill_y(m, theta);
    if (!honest_largest_moment(m, &eta, m->gamma, m->y))
        return true;
    if (eta > m->critical || (m->has_flci && fabs(m->flci_centre - theta) > m->flci_half))
        return false;
    return stays(m, theta, eta);
}

bool honest_is_near(honest_moments *m, double theta, int *direction)
{
    double eta;
    fill_y(m, theta);
    if (!honest_largest_moment(m, &eta, m->gamma, m->y))
        return true;
    double slope = -dot(m->gamma, m->a, m->n_rows);
    *direction = slope > 0 ? 1 : -1;
    return eta <= m->critical;
}
