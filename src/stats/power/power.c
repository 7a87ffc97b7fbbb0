#include "stats/power/power.h"

#include <math.h>
#include <string.h>

#include <Rmath.h>

#include "stats/linalg.h"

double np_power_at(double ratio, double df, double level, bool one_sided,
                   np_power_distribution distribution)
{
    double tail = one_sided ? level : level / 2;
    ratio = fabs(ratio);
    if (distribution == NP_POWER_NORMAL) {
        double z = qnorm(tail, 0, 1, 0, 0);
        return pnorm(ratio - z, 0, 1, 1, 0) +
               (one_sided ? 0 : pnorm(-ratio - z, 0, 1, 1, 0));
    }
    double t = qt(tail, df, 0, 0);
    if (distribution == NP_POWER_SHIFTED_T)
        return pt(ratio - t, df, 1, 0);
    /* R's pnt() is no longer accurate beyond a non-centrality of 37.62. */
    if (ratio > 37)
        return pt(ratio - t, df, 1, 0);
    return pnt(t, df, ratio, 0, 0) + (one_sided ? 0 : pnt(-t, df, ratio, 1, 0));
}

/* The ratio effect / std_error with the power wanted: bisection, as the power rises
 * with the ratio; NaN beyond a thousand million. */
static double ratio_with_power(double power, double df, double level, bool one_sided,
                               np_power_distribution distribution)
{
    double low = 0, high = 1;
    while (np_power_at(high, df, level, one_sided, distribution) < power && high < 1e9)
        high *= 2;
    if (!(high < 1e9))
        return NAN;
    for (int i = 0; i < 200 && high - low > 1e-14 * high; i++) {
        double middle = low + (high - low) / 2;
        if (np_power_at(middle, df, level, one_sided, distribution) < power)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

/* V [T × T], row-major, of the spec. */
static void fill_covariance(double *V, const np_power_spec *s)
{
    double m = s->cluster_size > 0 ? s->cluster_size : 1;
    double icc = s->icc == 0 && m <= 1 ? 1 : s->icc;
    double variance = s->variance > 0 ? s->variance : 1;
    size_t T = s->n_periods;
    for (size_t a = 0; a < T; a++)
        for (size_t b = 0; b < T; b++) {
            double distance = a > b ? (double)(a - b) : (double)(b - a);
            double r = a == b                            ? 1
                       : s->correlation == NP_SERIAL_AR1 ? pow(s->serial, distance)
                                                         : s->serial;
            double q = a == b ? 1 : s->individual;
            V[a * T + b] = variance * (icc * r + (1 - icc) / m * q);
        }
}

static np_status check_share(double value, const char *name, np_error *err)
{
    if (!(value >= 0 && value <= 1))
        return np_fail(err, NP_E_RANGE, _("%s is %g; it lies between 0 and 1"), name,
                       value);
    return NP_OK;
}

static np_status check_cohorts(const np_power_spec *s, np_error *err)
{
    if (s->n_periods == 0 || s->n_periods > 1000)
        return np_fail(err, NP_E_RANGE, _("a design has between 1 and 1000 periods"));
    for (size_t g = 0; g < s->n_cohorts; g++) {
        if (s->cohort[g].start > s->n_periods)
            return np_fail(err, NP_E_RANGE,
                           _("a cohort starts in period %zu of a design with %zu"),
                           s->cohort[g].start, s->n_periods);
        if (s->cohort[g].n_clusters == 0)
            return np_fail(err, NP_E_RANGE, _("a cohort has no clusters"));
        for (size_t h = 0; h < g; h++)
            if (s->cohort[h].start == s->cohort[g].start)
                return np_fail(err, NP_E_DUPLICATE, _("two cohorts start in period %zu"),
                               s->cohort[g].start);
    }
    return NP_OK;
}

static np_status check(const np_power_spec *s, np_error *err)
{
    const struct {
        double value;
        const char *name;
    } share[] = {{s->icc, _("the intra-cluster correlation")},
                 {s->serial, _("the serial correlation")},
                 {s->individual, _("the correlation of a person's outcomes")},
                 {s->share_treated, _("the share treated")},
                 {s->level, _("the level")},
                 {s->power, _("the power")}};
    np_status status = check_cohorts(s, err);
    for (size_t i = 0; status == NP_OK && i < sizeof share / sizeof *share; i++)
        status = check_share(share[i].value, share[i].name, err);
    if (status != NP_OK)
        return status;
    if (!(s->variance >= 0) || !isfinite(s->variance))
        return np_fail(err, NP_E_RANGE, _("the variance is %g; it must be positive"),
                       s->variance);
    if (s->cluster_size != 0 && !(s->cluster_size >= 1 && isfinite(s->cluster_size)))
        return np_fail(err, NP_E_RANGE, _("a cluster has %g people; at least 1"),
                       s->cluster_size);
    if (!(s->df >= 0))
        return np_fail(err, NP_E_RANGE, _("%g degrees of freedom; more than 0"), s->df);
    double level = s->level > 0 ? s->level : 0.05, power = s->power > 0 ? s->power : 0.8;
    if (level >= power || level >= 1 || power >= 1)
        return np_fail(err, NP_E_RANGE,
                       _("the power %g must lie between the level %g "
                         "and 1"),
                       power, level);
    return isfinite(s->effect) ? NP_OK
                               : np_fail(err, NP_E_RANGE, _("the effect must be finite"));
}

/* 1 where cohort g is treated in period t (from 0). */
static double treated(const np_power_cohort *g, size_t t)
{
    return g->start > 0 && t + 1 >= g->start;
}

static np_status check_comparison(const np_power_spec *s, size_t n_treated,
                                  size_t n_clusters, np_error *err)
{
    size_t n_starts = 0, start = 0;
    for (size_t g = 0; g < s->n_cohorts; g++)
        if (s->cohort[g].start > 0) {
            n_starts++;
            start = s->cohort[g].start;
        }
    if (n_treated == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no cluster of the design is treated"));
    if (n_treated == n_clusters && n_starts == 1)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("all clusters start in the same period: there is nobody to "
                         "compare with"));
    if (s->estimator == NP_POWER_GLS || s->estimator == NP_POWER_TWO_WAY)
        return NP_OK;
    if (n_starts > 1 || n_treated == n_clusters)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("this estimator is for one cohort and clusters that never "
                         "start"));
    if (s->estimator == NP_POWER_ANCOVA && start == 1)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("there is no period before the start"));
    return NP_OK;
}

/* weight[g × T]: what a cluster of cohort g contributes to the estimate is weight'y. */
static np_status two_way_weights(double *weight, const np_power_spec *s, double J,
                                 np_arena *arena, np_error *err)
{
    size_t T = s->n_periods;
    double *mean = np_arena_array(arena, double, T);
    if (mean == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    double total = 0, squares = 0;
    for (size_t g = 0; g < s->n_cohorts; g++)
        for (size_t t = 0; t < T; t++) {
            double d = treated(&s->cohort[g], t) * (double)s->cohort[g].n_clusters;
            mean[t] += d / J;
            total += d / J / (double)T;
        }
    for (size_t g = 0; g < s->n_cohorts; g++) {
        double own = 0;
        for (size_t t = 0; t < T; t++)
            own += treated(&s->cohort[g], t) / (double)T;
        for (size_t t = 0; t < T; t++) {
            double d = treated(&s->cohort[g], t) - own - mean[t] + total;
            weight[g * T + t] = d;
            squares += d * d * (double)s->cohort[g].n_clusters;
        }
    }
    if (!(squares > 1e-12))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("nobody changes from untreated to treated while others do "
                         "not"));
    for (size_t i = 0; i < s->n_cohorts * T; i++)
        weight[i] /= squares;
    return NP_OK;
}

/* Mean after the one start, less `slope` times the mean before, by side. */
static void side_weights(double *weight, const np_power_spec *s, double slope)
{
    size_t T = s->n_periods, start = 1;
    for (size_t g = 0; g < s->n_cohorts; g++)
        if (s->cohort[g].start > 0)
            start = s->cohort[g].start;
    double before = (double)(start - 1), after = (double)(T - start + 1);
    for (size_t g = 0; g < s->n_cohorts; g++) {
        double sign = (s->cohort[g].start > 0 ? 1 : -1) / (double)s->cohort[g].n_clusters;
        for (size_t t = 0; t < T; t++)
            weight[g * T + t] = t + 1 >= start ? sign / after : -sign * slope / before;
    }
}

/* Cov(after, before) / Var(before). */
static double ancova_slope(const double *V, const np_power_spec *s)
{
    size_t T = s->n_periods, start = 1;
    for (size_t g = 0; g < s->n_cohorts; g++)
        if (s->cohort[g].start > 0)
            start = s->cohort[g].start;
    double cross = 0, own = 0, before = (double)(start - 1),
           after = (double)(T - start + 1);
    for (size_t a = 0; a + 1 < start; a++)
        for (size_t b = 0; b < T; b++)
            if (b + 1 >= start)
                cross += V[a * T + b] / before / after;
            else
                own += V[a * T + b] / before / before;
    return own > 0 ? cross / own : 0;
}

static double quadratic(const double *w, const double *V, size_t T)
{
    double sum = 0;
    for (size_t a = 0; a < T; a++)
        for (size_t b = 0; b < T; b++)
            sum += w[a] * V[a * T + b] * w[b];
    return sum;
}

static double variance_of_weights(double *df, const double *weight, const double *V,
                                  const np_power_spec *s)
{
    size_t T = s->n_periods;
    double variance = 0, below = 0;
    for (size_t g = 0; g < s->n_cohorts; g++) {
        double n = (double)s->cohort[g].n_clusters;
        double own = n * quadratic(weight + g * T, V, T);
        variance += own;
        below += own * own / (n > 1 ? n - 1 : 1);
    }
    *df = below > 0 ? variance * variance / below : 1;
    return variance;
}

static np_status gls_variance(double *variance, const double *V, const np_power_spec *s,
                              double J, np_arena *arena, np_error *err)
{
    size_t T = s->n_periods;
    double *R = np_arena_array(arena, double, T *T);
    double *inverse = np_arena_array(arena, double, T *T);
    double *sum = np_arena_array(arena, double, T);
    bool *kept = np_arena_array(arena, bool, T);
    if (R == NULL || inverse == NULL || sum == NULL || kept == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (np_cholesky(R, kept, V, NULL, T, 1e-12) < T)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the outcomes of a cluster do not vary between periods but for "
                         "the effect; give a serial correlation below 1 or a cluster "
                         "size"));
    np_cholesky_inverse(inverse, R, kept, T);
    double information = 0;
    for (size_t g = 0; g < s->n_cohorts; g++) {
        double n = (double)s->cohort[g].n_clusters;
        for (size_t a = 0; a < T; a++) {
            sum[a] += n * treated(&s->cohort[g], a);
            for (size_t b = 0; b < T; b++)
                information += n * treated(&s->cohort[g], a) * treated(&s->cohort[g], b) *
                               inverse[a * T + b];
        }
    }
    double whole = information;
    information -= quadratic(sum, inverse, T) / J;
    if (!(information > 1e-12 * whole))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("nobody changes from untreated to treated while others do "
                         "not"));
    *variance = 1 / information;
    return NP_OK;
}

static np_status variance_of(double *variance, double *df, const np_power_spec *s,
                             double J, np_arena *arena, np_error *err)
{
    size_t T = s->n_periods;
    double *V = np_arena_array(arena, double, T *T);
    double *weight = np_arena_array(arena, double, s->n_cohorts *T);
    if (V == NULL || weight == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    fill_covariance(V, s);
    *df = J - 2;
    if (s->estimator == NP_POWER_GLS)
        return gls_variance(variance, V, s, J, arena, err);
    np_status status = NP_OK;
    double learnt;
    if (s->estimator == NP_POWER_TWO_WAY)
        status = two_way_weights(weight, s, J, arena, err);
    else
        side_weights(weight, s, s->estimator == NP_POWER_ANCOVA ? ancova_slope(V, s) : 0);
    if (status != NP_OK)
        return status;
    *variance = variance_of_weights(&learnt, weight, V, s);
    if (s->estimator != NP_POWER_ANCOVA)
        *df = learnt;
    return NP_OK;
}

np_status np_power_estimate(np_power *out, const np_power_spec *s, np_arena *arena,
                            np_error *err)
{
    double level = s->level > 0 ? s->level : 0.05, wanted = s->power > 0 ? s->power : 0.8;
    double share = s->share_treated > 0 ? s->share_treated : 1, variance = 0, df = 0;
    size_t n_clusters = 0, n_treated = 0;
    np_status status = check(s, err);
    for (size_t g = 0; status == NP_OK && g < s->n_cohorts; g++) {
        n_clusters += s->cohort[g].n_clusters;
        n_treated += s->cohort[g].start > 0 ? s->cohort[g].n_clusters : 0;
    }
    if (status == NP_OK)
        status = check_comparison(s, n_treated, n_clusters, err);
    np_arena_mark mark = np_arena_set_mark(arena);
    if (status == NP_OK)
        status = variance_of(&variance, &df, s, (double)n_clusters, arena, err);
    np_arena_release(arena, mark);
    if (status != NP_OK)
        return status;
    df = s->distribution == NP_POWER_NORMAL ? INFINITY : s->df > 0 ? s->df : df;
    if (!(df > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu clusters leave no degrees of freedom"), n_clusters);
    if (!(variance > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the outcomes of a cluster do not vary between periods but for "
                         "the effect; give a serial correlation below 1 or a cluster "
                         "size"));
    double se = sqrt(variance), tail = s->one_sided ? level : level / 2;
    double m = s->cluster_size > 0 ? s->cluster_size : 1;
    double mde = se * ratio_with_power(wanted, df, level, s->one_sided, s->distribution);
    if (!isfinite(mde))
        return np_fail(err, NP_E_RANGE,
                       _("no effect is found with the power %g at the level %g and %g "
                         "degrees of freedom"),
                       wanted, level, df);
    *out = (np_power){
        .std_error = se,
        .df = df,
        .critical = qt(tail, df, 0, 0),
        .mde = mde,
        .mde_treated = mde / share,
        .effect = s->effect != 0 ? s->effect : NAN,
        .power = s->effect != 0 ? np_power_at(s->effect * share / se, df, level,
                                              s->one_sided, s->distribution)
                                : NAN,
        .n_clusters = n_clusters,
        .n_treated = n_treated,
        .design_effect = 1 + (m - 1) * s->icc,
    };
    return NP_OK;
}
