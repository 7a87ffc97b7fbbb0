/* How strong selection on what was not observed would have to be to overturn a
 * coefficient, where no panel shows trends before the start.
 *
 * Oster: b° and R° without the controls, b~ and R~ with them, Rmax with everything,
 * n = b~ - beta, D = b° - b~, s_y, s_x the variances of outcome and treatment, t_x that
 * of the treatment given the controls:
 *
 *   delta(beta) = [n (R~-R°) s_y t_x + n s_x t_x D² + 2 n² t_x D s_x
 *                  + n³ (t_x s_x - t_x²)]
 *               / [(Rmax-R~) s_y D s_x + n (Rmax-R~) s_y (s_x - t_x) + n² t_x D s_x
 *                  + n³ (t_x s_x - t_x²)]
 *
 * beta*(delta) solves it for beta: a quadratic for delta = 1, else a cubic. Of the roots
 * the nearest to b~ is taken among those on the side to which the controls moved the
 * coefficient (her assumption 3); without such a root the nearest, marked.
 *
 * Cinelli and Hazlett: f = |t|/sqrt(df); partial R² = t²/(t² + df); robustness value for
 * a share q of the estimate RV = (sqrt(f_q^4 + 4 f_q²) - f_q²)/2, f_q = q f; for a test
 * at level a the same with f_q - t(1-a/2; df-1)/sqrt(df-1), or (f_q² - f_c²)/(1 + f_q²)
 * where f_q > 1/f_c.
 *
 * E-value of a risk ratio r >= 1 (else 1/r): r + sqrt(r (r - 1)); of the bound nearer to
 * 1, and 1 where the interval covers it. Odds ratios of common outcomes and standardised
 * differences are first made risk ratios: sqrt(OR); exp(0.91 d), exp(0.91 d -+ 1.78 se).
 *
 * Source:  Oster (2019), J. Bus. Econ. Stat. 37(2), 187-204, prop. 2 and 3; Cinelli and
 *          Hazlett (2020), J. R. Stat. Soc. B 82(1), 39-67, eqs. 14-22; VanderWeele and
 *          Ding (2017), Ann. Intern. Med. 167(4); VanderWeele (2017), Epidemiology 28(6).
 * Matches: Stata psacalc and R robomit; R sensemakr; R EValue.
 */
#ifndef NP_STATS_INFER_SELECTION_BOUNDS_H
#define NP_STATS_INFER_SELECTION_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    double without, r2_without; /* b°, R° */
    double with, r2_with;       /* b~, R~ */
    double var_outcome;         /* s_y */
    double var_treatment;       /* s_x, given the controls that both regressions have */
    double var_residual;        /* t_x, given all controls */
    double r2_max;
} np_oster;

/* NaN where the denominator is 0. */
double np_oster_delta(const np_oster *o, double beta);

typedef struct {
    double beta;    /* beta* */
    bool wrong_way; /* on the other side than the controls moved the coefficient */
    size_t n_roots; /* 1 … 3 */
    double root[3]; /* all real solutions, ascending */
} np_oster_beta;
/* NP_E_RANGE: r2_max is below r2_with or above 1, or a variance is not positive;
 * NP_E_NOT_IDENTIFIED: the controls change neither coefficient nor R². */
np_status np_oster_beta_star(np_oster_beta *out, const np_oster *o, double delta,
                             np_error *err);

double np_partial_r2(double t, double df);
/* q: share of the estimate that is to go, 1: all; level 0: of the estimate alone, else
 * of its significance. */
double np_robustness_value(double t, double df, double q, double level);

/* A confounder kd times as strong as the benchmark in explaining the treatment and ky
 * times in explaining the outcome; r2_treatment and r2_outcome are the benchmark's
 * partial R² with the treatment and with the outcome. */
typedef struct {
    double r2_treatment, r2_outcome;                            /* of the confounder */
    double estimate, std_error, statistic, conf_low, conf_high; /* adjusted */
} np_confounder_bound;
/* NP_E_RANGE: a confounder that strong would explain the treatment entirely. */
np_status np_confounder_bound_of(np_confounder_bound *out, double estimate,
                                 double std_error, double df, double r2_treatment,
                                 double r2_outcome, double kd, double ky,
                                 double conf_level, np_error *err);

/* The E-value of moving the ratio `ratio` to `true_ratio` (1: no effect). */
double np_e_value(double ratio, double true_ratio);

typedef enum {
    NP_RATIO_RISK = 0,  /* risk or rate ratio, odds or hazard ratio of a rare outcome */
    NP_RATIO_ODDS,      /* odds ratio of an outcome that is not rare */
    NP_RATIO_HAZARD,    /* hazard ratio of an outcome that is not rare */
    NP_RATIO_DIFFERENCE /* standardised difference, with its standard error */
} np_ratio_kind;

typedef struct {
    double ratio, low, high; /* as risk ratios */
    double e_value, e_limit; /* of the estimate, of the bound nearer to no effect */
} np_e_values;
/* Ratios: estimate and bounds; DIFFERENCE: estimate and std_error, bounds not read. */
np_e_values np_e_values_of(np_ratio_kind kind, double estimate, double low, double high,
                           double std_error);

#endif
