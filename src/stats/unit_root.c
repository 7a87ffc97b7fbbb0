#include "stats/unit_root.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <Rmath.h>

#include "stats/panel_core.h"
#include "stats/unit_root_tables.h"

enum { DF_NEAR = 9 }; /* quantiles that a p value is interpolated from */

/* Inverse of a symmetric positive definite matrix of n rows, each `stride` apart, in
 * place by its Cholesky factor. */
static void invert(double *a, size_t n, size_t stride)
{
    for (size_t i = 0; i < n; i++) {
        double reciprocal = 0;
        for (size_t j = i; j < n; j++) {
            double s = a[i * stride + j];
            for (size_t r = 0; r < i; r++)
                s -= a[r * stride + i] * a[r * stride + j];
            if (j == i)
                reciprocal = 1 / (s = sqrt(s));
            else
                s *= reciprocal;
            a[i * stride + j] = s;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            double s = i == j ? 1 : 0, reciprocal = 1 / a[j * stride + j];
            for (size_t r = i; r < j; r++)
                s -= a[i * stride + r] * a[r * stride + j];
            a[i * stride + j] = s * reciprocal;
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            double s = 0;
            for (size_t r = j; r < n; r++)
                s += a[i * stride + r] * a[j * stride + r];
            a[i * stride + j] = a[j * stride + i] = s;
        }
}

enum { MOST_POINTS = DF_NEAR + DF_NEAR / 2, MOST_POWERS = 4 };

/* Points of the table and the inverse of their errors' covariance. */
typedef struct {
    size_t n;
    double x[MOST_POINTS][MOST_POWERS], y[MOST_POINTS];
    double weight[MOST_POINTS * MOST_POINTS];
} response;

/* Generalised least squares of the normal quantile on d powers of the table's; the fit
 * at `at` and the last power's t value. Raw powers and normal equations, as in
 * MacKinnon's program: of its p values some seven digits are certain, the table's own
 * error is larger, and these are the digits that others print. */
static double response_fit(double *t_last, const response *r, size_t d, double at)
{
    double xx[MOST_POWERS * MOST_POWERS] = {0}, xy[MOST_POWERS] = {0};
    double b[MOST_POWERS] = {0}, rest[MOST_POINTS], ssr = 0, fit = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->n; k++)
            for (size_t j = 0; j < d; j++) {
                double w = r->x[i][j] * r->weight[i * MOST_POINTS + k];
                xy[j] += w * r->y[k];
                for (size_t l = j; l < d; l++)
                    xx[j * d + l] += w * r->x[k][l];
            }
    invert(xx, d, d);
    for (size_t j = 0; j < d; j++)
        for (size_t l = 0; l < d; l++)
            b[j] += xx[j * d + l] * xy[l];
    for (size_t i = 0; i < r->n; i++) {
        double s = 0;
        for (size_t j = 0; j < d; j++)
            s += r->x[i][j] * b[j];
        rest[i] = r->y[i] - s;
    }
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->n; k++)
            ssr += rest[i] * r->weight[i * MOST_POINTS + k] * rest[k];
    *t_last = fabs(b[d - 1]) / sqrt(ssr / (double)(r->n - d) * xx[d * d - 1]);
    double power[MOST_POWERS] = {1, at, at * at, at * at * at};
    for (size_t j = 0; j < d; j++)
        fit += b[j] * power[j];
    return fit;
}

/* Quantiles' errors correlate as order statistics do; at the upper end MacKinnon leaves
 * that out, and their size. */
static void fill_response(response *r, const size_t *point, size_t n, bool trend,
                          bool upper)
{
    const double *error = np_df_error[trend], *p = np_df_probability;
    *r = (response){.n = n};
    for (size_t i = 0; i < n; i++) {
        double q = np_df_quantile[trend][point[i]];
        r->y[i] = np_df_normal[point[i]];
        r->x[i][0] = 1;
        for (size_t j = 1; j < MOST_POWERS; j++)
            r->x[i][j] = r->x[i][j - 1] * q;
        for (size_t j = i; j < n; j++) {
            size_t a = point[i], b = point[j];
            double top = p[a] * (1 - p[b]), bottom = p[b] * (1 - p[a]);
            r->weight[i * MOST_POINTS + j] =
                upper ? (i == j ? 1 : 0) : error[a] * error[b] * sqrt(top / bottom);
        }
    }
    invert(r->weight, n, MOST_POINTS);
}

/* MacKinnon (1996), sec. 4: the nine points around the nearest quantile, fewer at the
 * ends; the cubic term is kept where its t value is above 2. */
double np_dickey_fuller_p(double statistic, bool trend)
{
    const double *quantile = np_df_quantile[trend];
    size_t nearest = 0, n = 0, point[MOST_POINTS];
    for (size_t i = 1; i < NP_DF_POINTS; i++)
        if (fabs(statistic - quantile[i]) < fabs(statistic - quantile[nearest]))
            nearest = i;
    size_t half = DF_NEAR / 2, number = nearest + 1; /* from 1, as in his program */
    bool lower = false, upper = false;
    if (number > half && number < NP_DF_POINTS - half) {
        for (size_t i = 0; i < DF_NEAR; i++)
            point[n++] = nearest - half + i;
    } else if (number < DF_NEAR) {
        lower = true;
        size_t m = number + half < 5 ? 5 : number + half;
        while (n < m)
            point[n] = n, n++;
    } else {
        upper = true;
        size_t m = NP_DF_POINTS + 1 - number + half;
        m = m < 5 ? 5 : m;
        while (n < m)
            point[n] = NP_DF_POINTS - 1 - n, n++;
    }
    response r;
    fill_response(&r, point, n, trend, upper);
    double t_cubic = 0, fit = response_fit(&t_cubic, &r, 4, statistic);
    if (!(t_cubic > 2))
        fit = response_fit(&t_cubic, &r, 3, statistic);
    double p = pnorm(fit, 0, 1, 1, 0);
    if (lower && nearest == 0)
        p = fmin(p, np_df_probability[0]);
    if (upper && nearest == NP_DF_POINTS - 1)
        p = fmax(p, np_df_probability[NP_DF_POINTS - 1]);
    return p;
}

typedef struct {
    size_t lags;
    bool trend;
} options;

static np_status parse(options *out, const char *option, np_error *err)
{
    options o = {1, false};
    const char *rest = option;
    if (*rest >= '0' && *rest <= '9') {
        char *end = NULL;
        o.lags = (size_t)strtoul(rest, &end, 10);
        rest = *end == ':' ? end + 1 : end;
    }
    if (strcmp(rest, "trend") == 0)
        o.trend = true;
    else if (*rest != '\0' && strcmp(rest, "intercept") != 0)
        return np_fail(err, NP_E_USAGE,
                       _("\"%s\": a unit root test takes LAGS, or LAGS:trend"), option);
    *out = o;
    return NP_OK;
}

/* One unit's regression. */
typedef struct {
    double t, sigma; /* of rho; sqrt(ssr / rows) */
    size_t rows;
} adf;

/* Columns of the augmented regression for rows lags+1 … T-1 of a series: y_{t-1}, the
 * lagged differences, the constant, the trend. Returns how many columns. */
static size_t adf_columns(double **x, double *dy, const double *y, size_t n_periods,
                          const options *o)
{
    size_t k = 0, first = o->lags + 1;
    for (size_t t = first; t < n_periods; t++) {
        size_t i = t - first;
        k = 0;
        dy[i] = y[t] - y[t - 1];
        x[k++][i] = y[t - 1];
        for (size_t l = 1; l <= o->lags; l++)
            x[k++][i] = y[t - l] - y[t - l - 1];
        x[k++][i] = 1;
        if (o->trend)
            x[k++][i] = (double)t + 1;
    }
    return k;
}

static double **column_space(size_t k, size_t n, np_arena *arena)
{
    double **x = np_arena_array(arena, double *, k);
    for (size_t j = 0; x != NULL && j < k; j++)
        if ((x[j] = np_arena_array(arena, double, n)) == NULL)
            return NULL;
    return x;
}

static np_status refuse_series(const np_panel_fit *fit, size_t unit, np_error *err)
{
    if (fit->data->unit_label != NULL)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the series of unit %s is too short or does not vary enough for "
                         "a unit root test"),
                       fit->data->unit_label[unit]);
    return np_fail(err, NP_E_NOT_IDENTIFIED,
                   _("the series of unit %zu is too short or does not vary enough for a "
                     "unit root test"),
                   unit + 1);
}

/* residual_diff and residual_level [rows], over sigma, where not NULL: Δy and y_{t-1}
 * freed of the other columns, for levinlin. */
static np_status adf_regression(adf *out, double *residual_diff, double *residual_level,
                                const np_panel_fit *fit, size_t unit, const options *o,
                                np_arena *arena, np_error *err)
{
    const np_panel_core *core = fit->core;
    const double *y = core->y + core->unit_start[unit];
    size_t periods = core->unit_size[unit], k = o->lags + 2 + (o->trend ? 1 : 0);
    if (periods < o->lags + 2 || periods - o->lags - 1 <= k)
        return refuse_series(fit, unit, err);
    size_t rows = periods - o->lags - 1;
    np_arena_mark mark = np_arena_set_mark(arena);
    double **x = column_space(k, rows, arena);
    double *dy = np_arena_array(arena, double, rows);
    np_panel_ols ols, level, diff;
    np_status status = NP_OK;
    if (x == NULL || dy == NULL)
        return np_panel_no_memory(err);
    adf_columns(x, dy, y, periods, o);
    const double *const *columns = (const double *const *)x;
    status = np_panel_least_squares(&ols, rows, k, columns, dy, NULL, arena, err);
    if (status == NP_OK && (ols.n_out > 0 || !(ols.ssr > 0)))
        status = refuse_series(fit, unit, err);
    if (status == NP_OK) {
        double s2 = ols.ssr / (double)rows;
        *out = (adf){ols.coefficient[0] / sqrt(s2 * ols.bread[0]), sqrt(s2), rows};
    }
    if (status == NP_OK && residual_diff != NULL) {
        status =
            np_panel_least_squares(&diff, rows, k - 1, columns + 1, dy, NULL, arena, err);
        if (status == NP_OK)
            status = np_panel_least_squares(&level, rows, k - 1, columns + 1, x[0], NULL,
                                            arena, err);
        for (size_t i = 0; status == NP_OK && i < rows; i++) {
            residual_diff[i] = diff.residual[i] / out->sigma;
            residual_level[i] = level.residual[i] / out->sigma;
        }
    }
    np_arena_release(arena, mark);
    return status;
}

/* Between the table's columns on either side of `at`; beyond its ends the last. */
static double between(const double *at_value, const double *value, size_t n, double at)
{
    if (at <= at_value[0])
        return value[0];
    for (size_t i = 1; i < n; i++)
        if (at == at_value[i])
            return value[i];
        else if (at < at_value[i])
            return value[i - 1] + (at - at_value[i - 1]) /
                                      (at_value[i] - at_value[i - 1]) *
                                      (value[i] - value[i - 1]);
    return value[n - 1];
}

static np_status ips(np_test *out, const np_panel_fit *fit, const options *o,
                     np_arena *arena, np_error *err)
{
    double t = 0, mean = 0, variance = 0, n = (double)fit->n_units;
    size_t lags = o->lags < NP_IPS_LAGS ? o->lags : NP_IPS_LAGS - 1;
    for (size_t u = 0; u < fit->n_units; u++) {
        adf a;
        np_status status = adf_regression(&a, NULL, NULL, fit, u, o, arena, err);
        if (status != NP_OK)
            return status;
        t += a.t / n;
        mean += between(np_ips_periods, np_ips_mean[o->trend][lags], NP_IPS_PERIODS,
                        (double)a.rows) /
                n;
        variance += between(np_ips_periods, np_ips_variance[o->trend][lags],
                            NP_IPS_PERIODS, (double)a.rows) /
                    n;
    }
    double w = sqrt(n) * (t - mean) / sqrt(variance);
    if (!isfinite(w))
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("Im, Pesaran and Shin's table has no entry for %zu lags in series "
              "this short"),
            o->lags);
    *out = (np_test){.name = "ips",
                     .title = N_("Im-Pesaran-Shin unit root test"),
                     .distribution = "normal",
                     .statistic = w,
                     .df1 = NAN,
                     .df2 = NAN,
                     .p_value = pnorm(w, 0, 1, 1, 0)};
    return NP_OK;
}

static np_status madwu(np_test *out, const np_panel_fit *fit, const options *o,
                       np_arena *arena, np_error *err)
{
    double sum = 0, df = 2 * (double)fit->n_units;
    for (size_t u = 0; u < fit->n_units; u++) {
        adf a;
        np_status status = adf_regression(&a, NULL, NULL, fit, u, o, arena, err);
        if (status != NP_OK)
            return status;
        sum -= 2 * log(np_dickey_fuller_p(a.t, o->trend));
    }
    *out = (np_test){.name = "madwu",
                     .title = N_("Maddala-Wu unit root test"),
                     .distribution = "chisq",
                     .statistic = sum,
                     .df1 = df,
                     .df2 = NAN,
                     .p_value = pchisq(sum, df, 0, 0)};
    return NP_OK;
}

/* Bartlett-weighted variance of the differences about their mean (their trend), with
 * 3.21 T^1/3 lags: of the series in the long run. */
static np_status long_run_variance(double *out, const double *y, size_t periods,
                                   bool trend, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    size_t n = periods - 1, q = (size_t)nearbyint(3.21 * cbrt((double)periods));
    double **x = column_space(2, n, arena);
    double *d = np_arena_array(arena, double, n);
    np_panel_ols ols;
    if (x == NULL || d == NULL)
        return np_panel_no_memory(err);
    for (size_t t = 0; t < n; t++) {
        d[t] = y[t + 1] - y[t];
        x[0][t] = 1;
        x[1][t] = (double)t + 1;
    }
    np_status status = np_panel_least_squares(
        &ols, n, trend ? 2 : 1, (const double *const *)x, d, NULL, arena, err);
    if (status == NP_OK) {
        double s = ols.ssr / (double)n;
        for (size_t l = 1; l <= q && l < n; l++) {
            double c = 0;
            for (size_t t = l; t < n; t++)
                c += ols.residual[t] * ols.residual[t - l];
            s += 2 * c / (double)n * (1 - (double)l / ((double)q + 1));
        }
        *out = s;
    }
    np_arena_release(arena, mark);
    return status;
}

typedef struct {
    double rho, se, ssr;
} pooled_slope;

/* Without a constant, and with ssr / n for the variance. */
static pooled_slope slope_of(const double *diff, const double *level, size_t n)
{
    double xx = 0, xy = 0, ssr = 0;
    for (size_t i = 0; i < n; i++) {
        xx += level[i] * level[i];
        xy += level[i] * diff[i];
    }
    double rho = xy / xx;
    for (size_t i = 0; i < n; i++)
        ssr += (diff[i] - rho * level[i]) * (diff[i] - rho * level[i]);
    return (pooled_slope){rho, sqrt(ssr / (double)n / xx), ssr};
}

static np_status levinlin(np_test *out, const np_panel_fit *fit, const options *o,
                          np_arena *arena, np_error *err)
{
    if (!fit->balanced)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the Levin-Lin-Chu test needs a balanced panel"));
    const np_panel_core *core = fit->core;
    size_t periods = fit->n_periods, used = 0;
    double *diff = np_arena_array(arena, double, fit->n);
    double *level = np_arena_array(arena, double, fit->n);
    if (diff == NULL || level == NULL)
        return np_panel_no_memory(err);
    double ratio = 0, n = (double)fit->n_units;
    for (size_t u = 0; u < fit->n_units; u++) {
        adf a;
        double long_run = 0;
        np_status status =
            adf_regression(&a, diff + used, level + used, fit, u, o, arena, err);
        if (status == NP_OK)
            status = long_run_variance(&long_run, core->y + core->unit_start[u], periods,
                                       o->trend, arena, err);
        if (status != NP_OK)
            return status;
        ratio += sqrt(long_run) / a.sigma / n;
        used += a.rows;
    }
    pooled_slope p = slope_of(diff, level, used);
    double rows = (double)(periods - o->lags - 1), s2 = p.ssr / (n * rows);
    double mean = between(np_levin_periods, np_levin_mean[o->trend], NP_LEVIN_PERIODS,
                          (double)periods);
    double deviation = between(np_levin_periods, np_levin_deviation[o->trend],
                               NP_LEVIN_PERIODS, (double)periods);
    double z = (p.rho / p.se - n * rows * ratio / s2 * p.se * mean) / deviation;
    *out = (np_test){.name = "levinlin",
                     .title = N_("Levin-Lin-Chu unit root test"),
                     .distribution = "normal",
                     .statistic = z,
                     .df1 = NAN,
                     .df2 = NAN,
                     .p_value = pnorm(z, 0, 1, 1, 0)};
    return NP_OK;
}

np_status np_unit_root_test(np_test *out, const np_panel_fit *fit, const char *name,
                            const char *option, np_arena *arena, np_error *err)
{
    options o;
    np_test result = {0};
    np_status status = parse(&o, option, err);
    if (status != NP_OK)
        return status;
    if (strcmp(name, "ips") == 0)
        status = ips(&result, fit, &o, arena, err);
    else if (strcmp(name, "madwu") == 0)
        status = madwu(&result, fit, &o, arena, err);
    else
        status = levinlin(&result, fit, &o, arena, err);
    if (status != NP_OK)
        return status;
    result.detail =
        np_arena_format(arena, o.trend ? "%zu lags, trend" : "%zu lags", o.lags);
    if (result.detail == NULL)
        return np_panel_no_memory(err);
    *out = result;
    return NP_OK;
}
