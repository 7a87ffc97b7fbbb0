/* Unit roots in panels: does the outcome return to a mean (a trend) of its own?
 *
 * Each unit's series is regressed, as Dickey and Fuller augmented do,
 *
 *   Δy_t = rho y_{t-1} + Σ_{l=1}^{lags} c_l Δy_{t-l} + a (+ b t) + e_t
 *
 * and the t statistics of rho are put together:
 *   ips       Im, Pesaran and Shin (2003), W t-bar: mean t less its expectation, over
 *             its standard deviation, from their table 3
 *   madwu     Maddala and Wu (1999): -2 Σ ln p_i, chi-squared with 2N degrees of freedom,
 *             p_i by MacKinnon (1996)
 *   levinlin  Levin, Lin and Chu (2002): a pooled rho, balanced panels only
 * Small values of ips and levinlin (normal, lower tail) and large ones of madwu speak
 * for stationarity in at least some units.
 *
 * Matches: R plm 2.6.2 purtest() with dfcor = FALSE and its other defaults.
 */
#ifndef NP_STATS_UNIT_ROOT_H
#define NP_STATS_UNIT_ROOT_H

#include "stats/panel.h"

/* `name` is one of the three; `option` is "", "LAGS", "LAGS:trend" or "trend";
 * default one lag and an intercept. On the outcome of `fit`, in order of unit and
 * period.
 * NP_E_USAGE the option; NP_E_NOT_IDENTIFIED too short a series, one that does not
 * vary, or levinlin in an unbalanced panel. */
np_status np_unit_root_test(np_test *out, const np_panel_fit *fit, const char *name,
                            const char *option, np_arena *arena, np_error *err);

/* P(t <= statistic) of the Dickey-Fuller t in large samples. */
double np_dickey_fuller_p(double statistic, bool trend);

#endif
