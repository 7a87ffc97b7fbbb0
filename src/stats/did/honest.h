/* How far parallel trends may fail before a conclusion falls: robust intervals of an
 * event study under restrictions on how the difference in trends may go on.
 *
 * The event study's coefficients are beta = tau + delta: effects tau (0 before the
 * start) and differences in trends delta, both relative to the period before the start,
 * t = 0, where delta_0 = 0. The target is theta = l' tau_post. Delta is restricted to
 *
 *   smoothness             SD(M):    |delta_{t+1} - 2 delta_t + delta_{t-1}| <= M, all t
 *   relative magnitudes    RM(Mbar): |delta_{t+1} - delta_t| <= Mbar max_{s < 0}
 *                                    |delta_{s+1} - delta_s|, t >= 0
 *   relative smoothness    SDRM(Mbar): |second difference at t| <= Mbar times the largest
 *                                    second difference that lies before the start, t >= 0
 *
 * each, if wished, with the sign of delta after the start (bias) or with delta
 * increasing or decreasing throughout (trend). The intervals hold, with probability
 * 1 - alpha in large samples, for every delta of the set:
 *
 *   flci         fixed length: a' beta +- h q(M B(a) / h), where a = (a_pre, l), h its
 *                standard deviation, B its worst bias over SD(1) and q(mu) the
 *                1 - alpha quantile of |N(mu, 1)|, for the a of the shortest interval.
 *                For smoothness alone.
 *   conditional  the values theta that the test of Andrews, Roth and Pakes (2023) of
 *                A delta <= d, conditional on which moments bind, does not reject
 *   c-lf, c-f    the hybrids: a first test of size kappa by the least favourable critical
 *                value, or by the flci, and then the conditional test at
 *                (alpha - kappa) / (1 - kappa)
 *
 * A set that is a union (relative magnitudes: which difference before the start is the
 * largest, and its sign) has the union of the intervals.
 *
 * Conventions. NP_HONEST_AS_HONESTDID gives the numbers of R's HonestDiD 0.2.6: values
 * of theta on a grid of grid_points between -20 and 20 standard errors (smoothness: and
 * the identified set under parallel trends), the least favourable critical value from
 * 1000 draws and the folded normal's quantile from 10^6 draws of R's own generator with
 * set.seed(seed), and the flci's optimum by bisection of a numerical derivative.
 * NP_HONEST_EXACT has the folded normal's distribution itself and the optimum by its
 * first-order condition, finds the ends of the intervals by bisection around the
 * estimate, and draws from np_rng_stream(seed, r).
 *
 * Source:  Rambachan and Roth (2023), Review of Economic Studies 90(5), 2555-2591:
 *          sections 2.4 (restrictions), 3 (conditional and hybrid), 4 (flci).
 *          Andrews, Roth and Pakes (2023), Review of Economic Studies 90(6), 2763-2791,
 *          section 6 and appendix D. Armstrong and Kolesar (2018), Econometrica 86(2).
 * Matches: HonestDiD 0.2.6, createSensitivityResults(),
 *          createSensitivityResults_relativeMagnitudes(), constructOriginalCS(); what is
 *          known of its own accuracy stands in doc/methods/sensitivity.md.
 */
#ifndef NP_STATS_DID_HONEST_H
#define NP_STATS_DID_HONEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    NP_HONEST_RELATIVE_MAGNITUDES = 0,
    NP_HONEST_SMOOTHNESS,
    NP_HONEST_RELATIVE_SMOOTHNESS,
    NP_N_HONEST_RESTRICTIONS
} np_honest_restriction;

/* What is known besides: the sign of delta after the start, or its direction. */
typedef enum {
    NP_HONEST_NO_SHAPE = 0,
    NP_HONEST_BIAS_POSITIVE, /* delta_t >= 0, t > 0 */
    NP_HONEST_BIAS_NEGATIVE,
    NP_HONEST_TREND_INCREASING, /* delta_{t+1} >= delta_t, all t */
    NP_HONEST_TREND_DECREASING,
    NP_N_HONEST_SHAPES
} np_honest_shape;

typedef enum {
    NP_HONEST_DEFAULT_METHOD = 0, /* flci; with a shape c-f; relative: c-lf */
    NP_HONEST_FLCI,
    NP_HONEST_CONDITIONAL,
    NP_HONEST_C_LF,
    NP_HONEST_C_F,
    NP_N_HONEST_METHODS
} np_honest_method;

typedef enum { NP_HONEST_AS_HONESTDID = 0, NP_HONEST_EXACT } np_honest_convention;

enum { NP_HONEST_MOST_PERIODS = 120, NP_HONEST_MOST_BOUNDS = 200 };

/* A zeroed field is its default, but estimate, vcov, n_pre and n_post must be given. */
typedef struct {
    size_t n_pre, n_post; /* periods before and after the one left out */
    /* [n_pre + n_post] by time, the period before the start left out, and their
     * covariance [same × same] */
    const double *estimate, *vcov;
    const double *target; /* [n_post] weights l; NULL: the first period after the start */
    np_honest_restriction restriction;
    np_honest_shape shape;
    np_honest_method method;
    np_honest_convention convention;
    /* [n_bounds] values of M or Mbar, not negative, ascending. NULL: relative: 0, 0.5,
     * 1, 1.5, 2; smoothness: ten from 0 to the upper 95 % bound of the largest second
     * difference before the start (one period before: to its standard error). */
    const double *bound;
    size_t n_bounds;
    double conf_level;          /* 0: 0.95 */
    double first_stage;         /* kappa; 0: (1 - conf_level) / 10 */
    size_t grid_points;         /* 0: 1000 */
    bool has_grid;              /* the grid's ends are given */
    double grid_low, grid_high; /* in the outcome's unit of measure */
    size_t draws;               /* of the least favourable distribution; 0: 1000,
                              exact: 10000 */
    uint64_t seed;
    double critical_value; /* of the original interval; 0: the normal's */
    bool no_breakdown;     /* do not look for it */
    unsigned n_threads;    /* 0: all; results do not depend on it */
} np_honest_spec;

typedef struct {
    double bound;               /* M or Mbar */
    double conf_low, conf_high; /* NaN where every value is rejected */
    bool open_low, open_high;   /* the end is the grid's, not the interval's */
} np_honest_interval;

typedef enum {
    NP_HONEST_NOT_SOUGHT = 0,
    NP_HONEST_NO_CONCLUSION, /* the original interval has 0 in it */
    NP_HONEST_NEVER_HOLDS,   /* the interval has 0 in it already at bound 0 */
    NP_HONEST_HOLDS_UNTIL,   /* `breakdown` is the largest bound without 0 in it */
    NP_HONEST_ALWAYS_HOLDS   /* no bound up to `breakdown` brings 0 into it */
} np_honest_verdict;

typedef struct {
    /* theta with its own interval, as it stands under parallel trends */
    double estimate, std_error, conf_low, conf_high;
    np_honest_method method; /* the one used */
    double conf_level, first_stage;
    size_t n_intervals;
    const np_honest_interval *interval; /* [n_intervals] by bound */
    np_honest_verdict verdict;
    double breakdown; /* to 6 digits; NaN where not sought or never */
    bool positive;    /* the side of 0 on which the interval lies */
    size_t grid_points, draws;
} np_honest;

/* *out is written only on success; its arrays live in the arena.
 * NP_E_RANGE           a bound, level, grid or covariance outside what is allowed
 * NP_E_NOT_IDENTIFIED  too few periods, or a difference that is known without error
 * NP_E_USAGE           a method that the restriction does not have
 * NP_E_LIMIT           more than NP_HONEST_MOST_PERIODS or _BOUNDS
 * NP_E_NO_MEMORY       the arena's budget is spent
 * Cost: per bound and set (2 n_pre of them for relative magnitudes) `draws` and some
 * hundred linear programmes of n_post rows. */
np_status np_honest_estimate(np_honest *out, const np_honest_spec *spec, np_arena *arena,
                             np_error *err);

/* "smoothness", "flci" …: the command line's and the JSON's words. */
const char *np_honest_restriction_code(np_honest_restriction restriction);
const char *np_honest_shape_code(np_honest_shape shape);
const char *np_honest_method_code(np_honest_method method);

#endif
