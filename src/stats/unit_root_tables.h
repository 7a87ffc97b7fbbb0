/* Published tables behind the unit root tests. */
#ifndef NP_STATS_UNIT_ROOT_TABLES_H
#define NP_STATS_UNIT_ROOT_TABLES_H

/* MacKinnon (1996), J. of Applied Econometrics 11, 601-618: quantiles of the
 * Dickey-Fuller t in large samples at 221 probabilities, their standard errors, and
 * the standard normal's quantiles. [0] intercept, [1] intercept and trend. His data
 * files as R's urca carries them with his permission under the GPL. */
enum { NP_DF_POINTS = 221 };
extern const double np_df_probability[NP_DF_POINTS];
extern const double np_df_normal[NP_DF_POINTS];
extern const double np_df_quantile[2][NP_DF_POINTS];
extern const double np_df_error[2][NP_DF_POINTS];

/* Im, Pesaran and Shin (2003), J. of Econometrics 115, table 3: mean and variance of
 * the unit's t by lags 0 … 8 and periods; NaN where the table is empty. */
enum { NP_IPS_LAGS = 9, NP_IPS_PERIODS = 10 };
extern const double np_ips_periods[NP_IPS_PERIODS];
extern const double np_ips_mean[2][NP_IPS_LAGS][NP_IPS_PERIODS];
extern const double np_ips_variance[2][NP_IPS_LAGS][NP_IPS_PERIODS];

/* Levin, Lin and Chu (2002), J. of Econometrics 108, table 2: mean and standard
 * deviation adjustments by periods. */
enum { NP_LEVIN_PERIODS = 13 };
extern const double np_levin_periods[NP_LEVIN_PERIODS];
extern const double np_levin_mean[2][NP_LEVIN_PERIODS];
extern const double np_levin_deviation[2][NP_LEVIN_PERIODS];

#endif
