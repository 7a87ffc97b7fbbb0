#include "stats/family.h"

#include <Rmath.h>
#include <math.h>

/* Beyond these the mean is 0 or 1 to double precision and the working weight is
 * rounding alone. */
static const double most_logit = 36, most_probit = 8.2, least_mean = 1e-300;

static np_family_point logit_at(double eta)
{
    double e = exp(-fabs(fmin(fmax(eta, -most_logit), most_logit)));
    double small = e / (1 + e), large = 1 / (1 + e);
    return (np_family_point){eta < 0 ? small : large, small * large, small * large};
}

static np_family_point probit_at(double eta)
{
    double at = fmin(fmax(eta, -most_probit), most_probit);
    double mu = pnorm(at, 0, 1, 1, 0), above = pnorm(at, 0, 1, 0, 0);
    return (np_family_point){mu, dnorm(at, 0, 1, 0), mu * above};
}

static np_family_point cloglog_at(double eta)
{
    double at = fmin(fmax(eta, -700), 3.5);
    double rate = exp(at), above = exp(-rate);
    double mu = -expm1(-rate);
    return (np_family_point){mu, rate * above, mu * above};
}

np_family_point np_family_at(np_family family, double theta, double eta)
{
    double mu;
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        return (np_family_point){eta, 1, 1};
    case NP_FAMILY_LOGIT:
        return logit_at(eta);
    case NP_FAMILY_PROBIT:
        return probit_at(eta);
    case NP_FAMILY_CLOGLOG:
        return cloglog_at(eta);
    case NP_FAMILY_GAMMA_INVERSE:
        mu = 1 / eta;
        return (np_family_point){mu, -mu * mu, mu * mu};
    case NP_FAMILY_GAMMA_LOG:
        mu = fmax(exp(eta), least_mean);
        return (np_family_point){mu, mu, mu * mu};
    case NP_FAMILY_NEGBIN:
        mu = fmax(exp(eta), least_mean);
        return (np_family_point){mu, mu, mu + mu * mu / theta};
    case NP_FAMILY_POISSON:
    case NP_FAMILY_QUASIPOISSON:
        break;
    }
    mu = fmax(exp(eta), least_mean);
    return (np_family_point){mu, mu, mu};
}

double np_family_curvature(np_family family, double eta)
{
    np_family_point p = np_family_at(family, 1, eta);
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        return 0;
    case NP_FAMILY_LOGIT:
        return p.slope * (1 - 2 * p.mu);
    case NP_FAMILY_PROBIT:
        return -eta * p.slope;
    case NP_FAMILY_CLOGLOG:
        return p.slope * (1 - exp(eta));
    case NP_FAMILY_GAMMA_INVERSE:
        return 2 / (eta * eta * eta);
    case NP_FAMILY_POISSON:
    case NP_FAMILY_NEGBIN:
    case NP_FAMILY_QUASIPOISSON:
    case NP_FAMILY_GAMMA_LOG:
        break;
    }
    return p.slope;
}

double np_family_link(np_family family, double mu)
{
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        return mu;
    case NP_FAMILY_LOGIT:
        return log(mu / (1 - mu));
    case NP_FAMILY_PROBIT:
        return qnorm(mu, 0, 1, 1, 0);
    case NP_FAMILY_CLOGLOG:
        return log(-log1p(-mu));
    case NP_FAMILY_GAMMA_INVERSE:
        return 1 / mu;
    case NP_FAMILY_POISSON:
    case NP_FAMILY_NEGBIN:
    case NP_FAMILY_QUASIPOISSON:
    case NP_FAMILY_GAMMA_LOG:
        break;
    }
    return log(mu);
}

double np_family_start(np_family family, double y, double w)
{
    if (np_family_is_binary(family))
        return (w * y + .5) / (w + 1);
    if (family == NP_FAMILY_NEGBIN)
        return y > 0 ? y : 1. / 6;
    return np_family_is_count(family) ? y + .1 : y;
}

bool np_family_allows_mean(np_family family, double mu)
{
    if (np_family_is_binary(family))
        return mu > 0 && mu < 1;
    return family == NP_FAMILY_GAUSSIAN ? isfinite(mu) : mu > 0 && isfinite(mu);
}

static double y_log_ratio(double y, double mu)
{
    return y == 0 ? 0 : y * log(y / mu);
}

double np_family_deviance(np_family family, double theta, double y, double mu)
{
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        return (y - mu) * (y - mu);
    case NP_FAMILY_LOGIT:
    case NP_FAMILY_PROBIT:
    case NP_FAMILY_CLOGLOG:
        return 2 *
               (y_log_ratio(y, mu) + (y == 0 ? -log1p(-mu) : y_log_ratio(1 - y, 1 - mu)));
    case NP_FAMILY_GAMMA_INVERSE:
    case NP_FAMILY_GAMMA_LOG:
        return 2 * ((y - mu) / mu - log(y / mu));
    case NP_FAMILY_NEGBIN:
        return 2 * (y_log_ratio(y, mu) - (y + theta) * log((y + theta) / (mu + theta)));
    case NP_FAMILY_POISSON:
    case NP_FAMILY_QUASIPOISSON:
        break;
    }
    return 2 * (y_log_ratio(y, mu) - (y - mu));
}

static double log_binomial(double y, double mu, double w)
{
    double at = (y == 0 ? 0 : y * log(mu)) + (y == 1 ? 0 : (1 - y) * log1p(-mu));
    double ways = y > 0 && y < 1 && w > 1 ? lchoose(nearbyint(w), nearbyint(w * y)) : 0;
    return w * at + ways;
}

double np_family_log_density(np_family family, double theta, double phi, double y,
                             double mu, double w)
{
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        return dnorm(y, mu, sqrt(phi / w), 1);
    case NP_FAMILY_LOGIT:
    case NP_FAMILY_PROBIT:
    case NP_FAMILY_CLOGLOG:
        return log_binomial(y, mu, w);
    case NP_FAMILY_GAMMA_INVERSE:
    case NP_FAMILY_GAMMA_LOG:
        return w * dgamma(y, 1 / phi, mu * phi, 1);
    case NP_FAMILY_NEGBIN:
        return w * (lgammafn(theta + y) - lgammafn(theta) - lgammafn(y + 1) +
                    theta * log(theta) + (y == 0 ? 0 : y * log(mu)) -
                    (theta + y) * log(theta + mu));
    case NP_FAMILY_QUASIPOISSON:
        return NAN;
    case NP_FAMILY_POISSON:
        break;
    }
    return w * ((y == 0 ? 0 : y * log(mu)) - mu - lgammafn(y + 1));
}

bool np_family_is_binary(np_family family)
{
    return family == NP_FAMILY_LOGIT || family == NP_FAMILY_PROBIT ||
           family == NP_FAMILY_CLOGLOG;
}

bool np_family_has_dispersion(np_family family)
{
    return family == NP_FAMILY_GAUSSIAN || family == NP_FAMILY_GAMMA_INVERSE ||
           family == NP_FAMILY_GAMMA_LOG || family == NP_FAMILY_QUASIPOISSON;
}

bool np_family_is_count(np_family family)
{
    return family == NP_FAMILY_POISSON || family == NP_FAMILY_QUASIPOISSON ||
           family == NP_FAMILY_NEGBIN;
}

const char *np_family_name(np_family family)
{
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        return "gaussian";
    case NP_FAMILY_POISSON:
        return "poisson";
    case NP_FAMILY_NEGBIN:
        return "negbin";
    case NP_FAMILY_LOGIT:
        return "logit";
    case NP_FAMILY_PROBIT:
        return "probit";
    case NP_FAMILY_CLOGLOG:
        return "cloglog";
    case NP_FAMILY_GAMMA_INVERSE:
        return "gamma-inverse";
    case NP_FAMILY_GAMMA_LOG:
        return "gamma-log";
    case NP_FAMILY_QUASIPOISSON:
        return "quasipoisson";
    }
    return "";
}

static bool allows_outcome(np_family family, double y)
{
    if (np_family_is_binary(family))
        return y >= 0 && y <= 1;
    if (np_family_is_count(family))
        return y >= 0 && isfinite(y);
    return family == NP_FAMILY_GAUSSIAN ? isfinite(y) : y > 0 && isfinite(y);
}

np_status np_family_check_outcome(np_family family, const np_design *design,
                                  np_error *err)
{
    const char *allowed = np_family_is_binary(family)  ? _("from 0 to 1")
                          : np_family_is_count(family) ? _("0 or more")
                                                       : _("more than 0");
    for (size_t i = 0; i < design->n; i++) {
        if (allows_outcome(family, design->y[i]))
            continue;
        size_t row = design->row == NULL ? i : design->row[i];
        return np_fail(
            err, NP_E_RANGE, _("%s: row %zu is %g; in a %s model it must be %s"),
            design->y_name, row + 1, design->y[i], np_family_name(family), allowed);
    }
    return NP_OK;
}
