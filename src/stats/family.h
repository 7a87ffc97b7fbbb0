/* Families of generalised linear models: link, variance, deviance, likelihood.
 *
 *   eta_i = x_i'b + effects + offset_i,  mu_i = m(eta_i),  Var(y_i) = phi V(mu_i) / w_i
 *
 *   family          m(eta)                V(mu)             phi
 *   poisson         exp(eta)              mu                1
 *   quasipoisson    exp(eta)              mu                estimated
 *   negbin          exp(eta)              mu + mu²/theta    1
 *   logit           1/(1+exp(-eta))       mu(1-mu)          1
 *   probit          Phi(eta)              mu(1-mu)          1
 *   cloglog         1-exp(-exp(eta))      mu(1-mu)          1
 *   gamma_inverse   1/eta                 mu²               estimated
 *   gamma_log       exp(eta)              mu²               estimated
 *
 * Source: McCullagh and Nelder (1989), Generalized Linear Models, ch. 2; Venables and
 * Ripley (2002), section 7.4 (negative binomial).
 */
#ifndef NP_STATS_FAMILY_H
#define NP_STATS_FAMILY_H

#include <stdbool.h>

#include "stats/model.h"

/* One row at one eta. */
typedef struct {
    double mu, slope; /* m(eta), dm/deta */
    double variance;  /* V(mu) */
} np_family_point;

/* theta is read by negbin only. */
np_family_point np_family_at(np_family family, double theta, double eta);
/* d²m/deta², for the standard errors of marginal effects. */
double np_family_curvature(np_family family, double eta);
double np_family_link(np_family family, double mu);
/* R's start: a mean near y that is inside the range. w: the row's weight. */
double np_family_start(np_family family, double y, double w);
bool np_family_allows_mean(np_family family, double mu);

/* 2 (log f(y; y) - log f(y; mu)) of weight 1, phi = 1. */
double np_family_deviance(np_family family, double theta, double y, double mu);
/* Log density of a row with weight w, everything included that depends on y alone, so
 * that values compare with other packages'. `phi` is read by the gamma families. Not
 * defined (NaN) for quasipoisson. */
double np_family_log_density(np_family family, double theta, double phi, double y,
                             double mu, double w);

bool np_family_is_binary(np_family family);
bool np_family_has_dispersion(np_family family); /* phi is estimated */
bool np_family_is_count(np_family family);       /* zeros may be separated */
/* "poisson", "gamma-log" …, as in --family. */
const char *np_family_name(np_family family);
/* NP_E_RANGE: an outcome that the family cannot have, with its table row. */
np_status np_family_check_outcome(np_family family, const np_design *design,
                                  np_error *err);

#endif
