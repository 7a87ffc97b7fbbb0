#include "stats/infer/selection_bounds.h"

#include <Rmath.h>
#include <math.h>

double np_oster_delta(const np_oster *o, double beta)
{
    double n = o->with - beta, D = o->without - o->with, sx = o->var_treatment,
           tx = o->var_residual;
    double gained = (o->r2_with - o->r2_without) * o->var_outcome,
           left = (o->r2_max - o->r2_with) * o->var_outcome;
    double common = n * n * tx * D * sx, cube = n * n * n * (tx * sx - tx * tx);
    double above = n * gained * tx + n * sx * tx * D * D + 2 * common + cube;
    double below = left * D * sx + n * left * (sx - tx) + common + cube;
    return below == 0 ? NAN : above / below;
}

/* Real roots of c[0] + c[1] x + c[2] x² + c[3] x³; a leading coefficient that is nothing
 * beside the others counts as 0. */
static size_t quadratic_roots(double *x, const double *c)
{
    double a = c[2], b = c[1], k = c[0];
    if (a == 0) {
        x[0] = b == 0 ? NAN : -k / b;
        return b != 0;
    }
    double D = b * b - 4 * a * k;
    if (D < 0)
        return 0;
    double q = -(b + copysign(sqrt(D), b)) / 2;
    x[0] = q / a;
    x[1] = q == 0 ? 0 : k / q;
    return 2;
}

static double polish(double x, const double *c)
{
    for (int i = 0; i < 20; i++) {
        double value = c[0] + x * (c[1] + x * (c[2] + x * c[3]));
        double slope = c[1] + x * (2 * c[2] + 3 * x * c[3]);
        if (slope == 0 || !isfinite(value / slope) ||
            fabs(value / slope) <= 1e-16 * fabs(x))
            break;
        x -= value / slope;
    }
    return x;
}

static size_t cubic_roots(double *x, const double *c)
{
    if (c[3] == 0)
        return quadratic_roots(x, c);
    double A = c[2] / c[3], B = c[1] / c[3], C = c[0] / c[3];
    double Q = (A * A - 3 * B) / 9, R = (2 * A * A * A - 9 * A * B + 27 * C) / 54;
    if (R * R < Q * Q * Q) {
        double theta = acos(R / sqrt(Q * Q * Q));
        for (int i = 0; i < 3; i++)
            x[i] =
                polish(-2 * sqrt(Q) * cos((theta + 2 * M_PI * (i - 1)) / 3) - A / 3, c);
        return 3;
    }
    double S = -copysign(cbrt(fabs(R) + sqrt(R * R - Q * Q * Q)), R);
    x[0] = polish(S + (S == 0 ? 0 : Q / S) - A / 3, c);
    return 1;
}

static void sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && x[j] < x[j - 1]; j--) {
            double keep = x[j];
            x[j] = x[j - 1];
            x[j - 1] = keep;
        }
}

static np_status check(const np_oster *o, np_error *err)
{
    if (!(o->r2_max <= 1))
        return np_fail(err, NP_E_RANGE, _("the largest R² is %g; at most 1"), o->r2_max);
    if (!(o->r2_max >= o->r2_with))
        return np_fail(err, NP_E_RANGE,
                       _("the largest R² is %g, less than the %g that the controls give"),
                       o->r2_max, o->r2_with);
    if (!(o->var_outcome > 0 && o->var_treatment > 0 && o->var_residual > 0))
        return np_fail(err, NP_E_RANGE,
                       _("outcome and treatment must vary, also given the controls"));
    return NP_OK;
}

np_status np_oster_beta_star(np_oster_beta *out, const np_oster *o, double delta,
                             np_error *err)
{
    np_status status = check(o, err);
    if (status != NP_OK)
        return status;
    double D = o->without - o->with, sx = o->var_treatment, tx = o->var_residual;
    double gained = (o->r2_with - o->r2_without) * o->var_outcome,
           left = (o->r2_max - o->r2_with) * o->var_outcome;
    double c[4] = {left * delta * D * sx,
                   delta * left * (sx - tx) - gained * tx - sx * tx * D * D,
                   tx * D * sx * (delta - 2), (delta - 1) * (tx * sx - tx * tx)};
    np_oster_beta found = {.n_roots = cubic_roots(found.root, c)};
    if (found.n_roots == 0 || !isfinite(found.root[0]))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the controls change neither the coefficient nor R²: they say "
                         "nothing about selection"));
    bool any_right = false;
    double nearest = INFINITY;
    for (size_t i = 0; i < found.n_roots; i++) {
        double n = found.root[i];
        /* beta - b~ = -n has the sign of b~ - b° = -D. */
        bool right = n == 0 || (n > 0) == (D > 0);
        if ((right && !any_right) || (right == any_right && fabs(n) < nearest)) {
            nearest = fabs(n);
            found.beta = o->with - n;
            found.wrong_way = !right;
        }
        any_right |= right;
    }
    for (size_t i = 0; i < found.n_roots; i++)
        found.root[i] = o->with - found.root[i];
    sort(found.root, found.n_roots);
    *out = found;
    return NP_OK;
}

double np_partial_r2(double t, double df)
{
    return t * t / (t * t + df);
}

static double robustness(double f)
{
    return f > 0 ? (sqrt(f * f * f * f + 4 * f * f) - f * f) / 2 : 0;
}

double np_robustness_value(double t, double df, double q, double level)
{
    double f = q * fabs(t) / sqrt(df);
    if (!(level > 0))
        return robustness(f);
    double critical = qt(level / 2, df - 1, 0, 0) / sqrt(df - 1);
    if (f > critical && f > 1 / critical)
        return (f * f - critical * critical) / (1 + f * f);
    return robustness(f - critical);
}

np_status np_confounder_bound_of(np_confounder_bound *out, double estimate,
                                 double std_error, double df, double r2_treatment,
                                 double r2_outcome, double kd, double ky,
                                 double conf_level, np_error *err)
{
    double level = conf_level > 0 ? conf_level : 0.95;
    double d = kd * r2_treatment / (1 - r2_treatment);
    double both =
        kd * r2_treatment * r2_treatment / ((1 - kd * r2_treatment) * (1 - r2_treatment));
    if (!(d < 1) || !(both < 1) || !(kd * r2_treatment < 1))
        return np_fail(err, NP_E_RANGE,
                       _("a confounder %g times as strong as the benchmark would explain "
                         "the treatment entirely"),
                       kd);
    double root = (sqrt(ky) + sqrt(both)) / sqrt(1 - both);
    double y = fmin(1, root * root * r2_outcome / (1 - r2_outcome));
    double bias = std_error * sqrt(df) * sqrt(y * d / (1 - d));
    double adjusted = copysign(1, estimate) * (fabs(estimate) - bias);
    double se = std_error * sqrt((1 - y) / (1 - d)) * sqrt(df / (df - 1));
    double t = qt((1 - level) / 2, df, 0, 0); /* sensemakr's */
    *out = (np_confounder_bound){.r2_treatment = d,
                                 .r2_outcome = y,
                                 .estimate = adjusted,
                                 .std_error = se,
                                 .statistic = adjusted / se,
                                 .conf_low = adjusted - t * se,
                                 .conf_high = adjusted + t * se};
    return NP_OK;
}

double np_e_value(double ratio, double true_ratio)
{
    if (ratio <= 1) {
        ratio = 1 / ratio;
        true_ratio = 1 / true_ratio;
    }
    if (true_ratio <= ratio)
        return (ratio + sqrt(ratio * (ratio - true_ratio))) / true_ratio;
    double away = true_ratio / ratio;
    return away + sqrt(away * (away - 1));
}

static double as_risk_ratio(np_ratio_kind kind, double ratio)
{
    if (kind == NP_RATIO_ODDS)
        return sqrt(ratio);
    if (kind == NP_RATIO_HAZARD)
        return (1 - pow(0.5, sqrt(ratio))) / (1 - pow(0.5, sqrt(1 / ratio)));
    return ratio;
}

np_e_values np_e_values_of(np_ratio_kind kind, double estimate, double low, double high,
                           double std_error)
{
    np_e_values e;
    if (kind == NP_RATIO_DIFFERENCE) {
        e.ratio = exp(0.91 * estimate);
        e.low = exp(0.91 * estimate - 1.78 * std_error);
        e.high = exp(0.91 * estimate + 1.78 * std_error);
    } else {
        e.ratio = as_risk_ratio(kind, estimate);
        e.low = as_risk_ratio(kind, low);
        e.high = as_risk_ratio(kind, high);
    }
    e.e_value = np_e_value(e.ratio, 1);
    e.e_limit =
        e.low <= 1 && e.high >= 1 ? 1 : np_e_value(e.ratio > 1 ? e.low : e.high, 1);
    return e;
}
