#include <Rmath.h>
#include <float.h>
#include <math.h>

#include "stats/glm_internal.h"

enum { MOST_ITERATIONS = 100, MOST_MASS_ITERATIONS = 10 };

typedef struct {
    double slope, curvature; /* of the log likelihood in theta */
} derivatives;

static derivatives derivatives_at(double theta, const double *y, const double *mu,
                                  const double *weight, size_t n)
{
    derivatives d = {0};
    double digamma_theta = digamma(theta), trigamma_theta = trigamma(theta);
    for (size_t i = 0; i < n; i++) {
        double w = weight == NULL ? 1 : weight[i], sum = mu[i] + theta;
        d.slope += w * (digamma(theta + y[i]) - digamma_theta + log(theta) + 1 -
                        log(sum) - (y[i] + theta) / sum);
        d.curvature += w * (trigamma(theta + y[i]) - trigamma_theta + 1 / theta -
                            2 / sum + (y[i] + theta) / (sum * sum));
    }
    return d;
}

/* MASS's theta.ml() starts from moments, stops when theta moves by less than
 * eps^(1/4), and gives the information where that last move began: up to 1e-5 from the
 * one at its theta. The same here, so that the printed error is the one users know. */
static double mass_std_error(const double *y, const double *mu, const double *weight,
                             size_t n)
{
    double total = 0, spread = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weight == NULL ? 1 : weight[i], ratio = y[i] / mu[i] - 1;
        total += w;
        spread += w * ratio * ratio;
    }
    double theta = total / spread, information = NAN;
    for (int iteration = 0; iteration < MOST_MASS_ITERATIONS; iteration++) {
        theta = fabs(theta);
        derivatives d = derivatives_at(theta, y, mu, weight, n);
        double step = d.slope / -d.curvature;
        information = -d.curvature;
        theta += step;
        if (fabs(step) <= sqrt(sqrt(DBL_EPSILON)))
            break;
    }
    return 1 / sqrt(information);
}

/* On log theta, where the likelihood is nearer a parabola and theta stays positive:
 * dl/dlog = theta l', d²l/dlog² = theta² l'' + theta l'. */
np_status np_negbin_theta(double *theta, double *std_error, const double *y,
                          const double *mu, const double *weight, size_t n, double start,
                          np_error *err)
{
    double at = start;
    for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
        derivatives d = derivatives_at(at, y, mu, weight, n);
        double slope = at * d.slope, curvature = at * at * d.curvature + slope;
        double step = curvature < 0 ? -slope / curvature : slope > 0 ? 1 : -1;
        step = fmax(-2, fmin(2, step));
        at *= exp(step);
        if (!(at < 1e7))
            break;
        if (fabs(step) < 1e-11) {
            *theta = at;
            *std_error = mass_std_error(y, mu, weight, n);
            return NP_OK;
        }
    }
    np_fail(err, NP_E_NOT_CONVERGED,
            _("theta of the negative binomial model grows without bound: the outcome "
              "varies no more than a Poisson outcome does"));
    return np_error_hint(err, _("use the poisson family"));
}
