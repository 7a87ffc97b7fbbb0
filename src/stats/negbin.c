#include <Rmath.h>
#include <math.h>

#include "stats/glm_internal.h"

enum { MOST_ITERATIONS = 100 };

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
            *std_error = 1 / sqrt(-d.curvature);
            return NP_OK;
        }
    }
    np_fail(err, NP_E_NOT_CONVERGED,
            _("theta of the negative binomial model grows without bound: the outcome "
              "varies no more than a Poisson outcome does"));
    return np_error_hint(err, _("use the poisson family"));
}
