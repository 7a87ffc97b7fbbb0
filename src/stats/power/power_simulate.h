/* Power of a planned design by placebo: outcomes that no programme touched are given to
 * made-up cohorts, an effect is added, and the two-way model clustered by unit is
 * estimated, again and again.
 *
 * Draw r takes from stream r: the first of the design's T periods among those at hand
 * (uniform), the units (without replacement where there are enough, else with), and which
 * of them start when (the first n_1 of the drawn order in cohort 1, and so on). The
 * effect is the same for all treated cells, so that it moves the coefficient and leaves
 * the residuals: one estimate per draw serves every effect.
 *
 *   rejects(effect) = share of draws with |b_r + effect| > t(1 - level/2; J - 1) se_r
 *   mde             = the power-quantile of t se_r - b_r
 *
 * The Monte Carlo error of a share p is sqrt(p (1-p) / draws); mde_low and mde_high are
 * the order statistics at power -+ 1.96 of these. What is in the data, serial
 * correlation, trends that differ, fat tails, is in the answer; what a formula assumes is
 * not.
 *
 * Source:  Bertrand, Duflo and Mullainathan (2004), Q. J. Econ. 119(1), section IV;
 *          Burlig, Preonas and Woerman (2020), J. Dev. Econ. 144, section 4.
 * Cost:    draws × clusters × periods. The result does not depend on the threads. */
#ifndef NP_STATS_POWER_POWER_SIMULATE_H
#define NP_STATS_POWER_POWER_SIMULATE_H

#include <stdint.h>

#include "stats/did/did.h"
#include "stats/power/power.h"

typedef struct {
    const double *y; /* [n_units × n_periods] unit after unit, no NaN */
    size_t n_units, n_periods;
    const np_power_cohort *cohort; /* [n_cohorts] start within the design's periods */
    size_t n_cohorts;
    size_t design_periods;  /* 0: all of the data's */
    double share_treated;   /* 0: 1 */
    double level;           /* 0: 0.05 */
    bool one_sided;         /* towards the effect's sign */
    double power;           /* 0: 0.8 */
    double effect;          /* on those treated; 0: none */
    const np_did_spec *did; /* NULL: two-way effects; else the estimator named, whose
                               "simple" average (or first coefficient) is tested */
    np_did_estimator estimator;
    size_t n_draws; /* 0: 2000 */
    uint64_t seed;
    unsigned n_threads;
} np_power_simulation_spec;

typedef struct {
    size_t n_draws, n_clusters, n_treated, n_units, n_periods;
    bool with_replacement;
    double df;                          /* Inf: normal */
    double mean, std_dev;               /* of the placebo estimates */
    double mean_std_error;              /* what the model says of itself */
    double size, size_error;            /* rejection share without effect */
    double effect, power, power_error;  /* NaN: no effect asked for */
    double mde, mde_low, mde_high;      /* in the organisation's outcome; NaN: not with
                                           these draws */
    double mde_treated;                 /* mde / share_treated */
    const double *estimate, *std_error; /* [n_draws] */
} np_power_simulation;

/* NP_E_RANGE           cohort starts outside the design, more periods than the data have,
 *                      an outcome that is not a number
 * NP_E_NOT_IDENTIFIED  nobody treated, nobody to compare with, outcomes that are constant
 */
np_status np_power_simulate(np_power_simulation *out,
                            const np_power_simulation_spec *spec, np_arena *arena,
                            np_error *err);

/* The share of draws that reject at `effect` (on the organisation's outcome). */
double np_power_simulated_at(const np_power_simulation *s, double effect, double level,
                             bool one_sided);

#endif
