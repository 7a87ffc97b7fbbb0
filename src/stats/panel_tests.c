#include "stats/panel_core.h"

#include <math.h>
#include <string.h>

#include <Rmath.h>

#include "stats/unit_root.h"

static np_test chi_squared(const char *name, const char *title, const char *detail,
                           double statistic, double df)
{
    return (np_test){.name = name,
                     .title = title,
                     .detail = detail,
                     .distribution = "chisq",
                     .statistic = statistic,
                     .df1 = df,
                     .df2 = NAN,
                     .p_value = pchisq(statistic, df, 0, 0)};
}

/* Index in b of the column that is a's j-th; b->k: none, or the constant. */
static size_t same_column(const np_panel_fit *a, size_t j, const np_panel_fit *b)
{
    size_t i = 0;
    if (j == a->intercept)
        return b->k;
    while (i < b->k && b->column[i] != a->column[j])
        i++;
    return i;
}

static np_status within_and_random(np_panel_fit *w, np_panel_fit *r,
                                   const np_panel_fit *fit, np_arena *arena,
                                   np_error *err)
{
    np_panel_spec within = fit->spec, random = fit->spec;
    within.model = NP_PANEL_WITHIN;
    random.model = NP_PANEL_RANDOM;
    np_status status = np_panel_fit_core(w, fit->core, &within, arena, err);
    return status != NP_OK ? status
                           : np_panel_fit_core(r, fit->core, &random, arena, err);
}

/* Hausman (1978), Econometrica 46(6): d'(V_w - V_r)^-1 d, d = b_w - b_r. The absolute
 * value, as in plm, where the difference of covariances is not positive definite. */
static np_status hausman(np_test *out, const np_panel_fit *fit, np_arena *arena,
                         np_error *err)
{
    np_panel_fit w, r;
    np_status status = within_and_random(&w, &r, fit, arena, err);
    if (status != NP_OK)
        return status;
    size_t n = 0, *at = np_arena_array(arena, size_t, 2 * w.k);
    double *d = np_arena_array(arena, double, w.k);
    double *v = np_arena_array(arena, double, w.k *w.k);
    if (at == NULL || d == NULL || v == NULL)
        return np_panel_no_memory(err);
    for (size_t j = 0; j < w.k; j++) {
        size_t i = same_column(&w, j, &r);
        if (i == r.k)
            continue;
        at[2 * n] = j;
        at[2 * n + 1] = i;
        d[n++] = w.coefficient[j] - r.coefficient[i];
    }
    double s2 = r.vcov_unscaled ? r.sigma2_idios : 1;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            v[a * n + b] = w.vcov[at[2 * a] * w.k + at[2 * b]] -
                           s2 * r.vcov[at[2 * a + 1] * r.k + at[2 * b + 1]];
    if (n == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("within and random effects have no covariates in common that "
                         "can be compared"));
    double statistic;
    status = np_panel_quadratic(&statistic, v, d, n, arena, err);
    if (status != NP_OK)
        return status;
    *out = chi_squared("hausman", N_("Hausman test"),
                       np_random_method_name(fit->spec.random_method), fabs(statistic),
                       (double)n);
    return NP_OK;
}

/* b'V^-1 b of the coefficients of columns `first` and later. */
static np_status joint_of_columns(double *statistic, size_t *df, const np_panel_ols *ols,
                                  size_t first, np_arena *arena, np_error *err)
{
    size_t q = 0, *at = np_arena_array(arena, size_t, ols->k);
    double *b = np_arena_array(arena, double, ols->k);
    double *v = np_arena_array(arena, double, ols->k * ols->k);
    if (b == NULL || v == NULL || at == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < ols->k; i++)
        if (ols->column[i] >= first)
            at[q++] = i;
    double s2 = ols->ssr / (double)(ols->m - ols->k);
    for (size_t i = 0; i < q; i++) {
        b[i] = ols->coefficient[at[i]];
        for (size_t j = 0; j < q; j++)
            v[i * q + j] = s2 * ols->bread[at[i] * ols->k + at[j]];
    }
    *df = q;
    return np_panel_quadratic(statistic, v, b, q, arena, err);
}

/* The constant, the random effects rows of x and the deviations of x; *first is the
 * first of the latter. y is put together from fit and residuals. */
static np_status auxiliary_columns(const double *const **out, double **y_out,
                                   size_t *first, const np_panel_fit *w,
                                   const np_panel_fit *r, np_arena *arena, np_error *err)
{
    size_t n = r->m, j = 0;
    const double **x = np_arena_array(arena, const double *, r->k + w->k + 1);
    double *constant = np_arena_array(arena, double, n);
    double *y = np_arena_array(arena, double, n);
    if (x == NULL || constant == NULL || y == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        constant[i] = 1;
        y[i] = r->residual[i];
        for (size_t l = 0; l < r->k; l++)
            y[i] += r->coefficient[l] * r->x[l][i];
    }
    x[j++] = constant;
    for (size_t i = 0; i < r->k; i++)
        if (i != r->intercept)
            x[j++] = r->x[i];
    *first = j;
    for (size_t i = 0; i < w->k; i++)
        x[j + i] = w->x[i];
    *out = x;
    *y_out = y;
    return NP_OK;
}

/* The random effects rows of y on a constant, those of x and the deviations of x; are
 * the latter's coefficients zero? Wooldridge (2010), ch. 10.7.3. */
static np_status hausman_regression(np_test *out, const np_panel_fit *fit,
                                    np_arena *arena, np_error *err)
{
    np_panel_fit w, r;
    np_panel_ols ols;
    const double *const *x = NULL;
    double *y = NULL, statistic = NAN;
    size_t first = 0, df = 0;
    np_status status = within_and_random(&w, &r, fit, arena, err);
    if (status != NP_OK)
        return status;
    if (r.vcov_unscaled)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the regression form of the Hausman test needs rows that are "
                         "transformed one by one: not two-way random effects in an "
                         "unbalanced panel"));
    status = auxiliary_columns(&x, &y, &first, &w, &r, arena, err);
    if (status == NP_OK)
        status = np_panel_least_squares(&ols, r.m, first + w.k, x, y, NULL, arena, err);
    if (status == NP_OK && (ols.m <= ols.k || ols.column[ols.k - 1] < first))
        status = np_fail(err, NP_E_NOT_IDENTIFIED,
                         _("nothing is left of the deviations beside the random effects "
                           "rows"));
    if (status == NP_OK)
        status = joint_of_columns(&statistic, &df, &ols, first, arena, err);
    if (status == NP_OK)
        *out = chi_squared("hausman-aux", N_("Regression-based Hausman test"),
                           np_random_method_name(fit->spec.random_method), statistic,
                           (double)df);
    return status;
}

/* Do the fixed effects matter? Chow (1960) on restricted and unrestricted ssr. */
static np_status poolability(np_test *out, const np_panel_fit *fit, np_arena *arena,
                             np_error *err)
{
    np_panel_fit w, p;
    np_panel_spec within = fit->spec, pooling = fit->spec;
    within.model = NP_PANEL_WITHIN;
    pooling.model = NP_PANEL_POOLING;
    np_status status = np_panel_fit_core(&w, fit->core, &within, arena, err);
    if (status == NP_OK)
        status = np_panel_fit_core(&p, fit->core, &pooling, arena, err);
    if (status != NP_OK)
        return status;
    double df1 = p.df_residual - w.df_residual, df2 = w.df_residual;
    if (!(df1 > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the effects use no degrees of freedom: nothing to test"));
    double f = (p.ssr - w.ssr) / w.ssr / df1 * df2;
    *out = (np_test){.name = "poolability",
                     .title = N_("F test for fixed effects"),
                     .detail = np_panel_effect_name(fit->spec.effect),
                     .distribution = "F",
                     .statistic = f,
                     .df1 = df1,
                     .df2 = df2,
                     .p_value = pf(f, df1, df2, 0, 0)};
    return NP_OK;
}

/* The two one-sided multipliers of Honda (1985), for any pattern of gaps (Baltagi and
 * Li 1990; Baltagi 2013, eq. 9.34-9.36):
 *   LM_1 = n (2 (Σ T_i² - n))^-1/2 (Σ_i (Σ_t e_it)² / Σ e² - 1), LM_2 by periods. */
typedef struct {
    double lm[2], m[2], n;
} multipliers;

static np_status lagrange(multipliers *out, const np_panel_fit *fit, np_arena *arena,
                          np_error *err)
{
    np_panel_fit p;
    np_panel_spec pooling = fit->spec;
    pooling.model = NP_PANEL_POOLING;
    np_status status = np_panel_fit_core(&p, fit->core, &pooling, arena, err);
    if (status != NP_OK)
        return status;
    double *sum = np_arena_array(arena, double, fit->n_units + fit->n_periods);
    if (sum == NULL)
        return np_panel_no_memory(err);
    out->n = (double)fit->n;
    for (int side = 0; side < 2; side++) {
        np_panel_groups g = np_panel_groups_of(fit->core, side == 0 ? NP_EFFECT_INDIVIDUAL
                                                                    : NP_EFFECT_TIME);
        np_panel_sums(sum, &g, p.residual, fit->n);
        double square = 0, m = 0;
        for (size_t j = 0; j < g.n_groups; j++) {
            square += sum[j] * sum[j];
            m += (double)g.size[j] * (double)g.size[j];
        }
        out->m[side] = m - out->n;
        out->lm[side] = out->n / sqrt(2 * out->m[side]) * (square / p.ssr - 1);
        bool asked = side == 0 ? fit->spec.effect != NP_EFFECT_TIME
                               : fit->spec.effect != NP_EFFECT_INDIVIDUAL;
        if (asked && !(out->m[side] > 0))
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           side == 0 ? _("no unit is observed twice")
                                     : _("no period has two units"));
    }
    return NP_OK;
}

static np_test one_sided(const char *name, const char *title, const char *detail,
                         double z)
{
    return (np_test){.name = name,
                     .title = title,
                     .detail = detail,
                     .distribution = "normal",
                     .statistic = z,
                     .df1 = NAN,
                     .df2 = NAN,
                     .p_value = pnorm(z, 0, 1, 0, 0)};
}

/* Breusch and Pagan (1980), Honda (1985), King and Wu (1997), Gourieroux, Holly and
 * Monfort (1982). */
static np_status lagrange_test(np_test *out, const np_panel_fit *fit, const char *name,
                               np_arena *arena, np_error *err)
{
    const char *effect = np_panel_effect_name(fit->spec.effect);
    bool both = fit->spec.effect == NP_EFFECT_TWOWAYS;
    if (strcmp(name, "ghm") == 0 && !both)
        return np_fail(err, NP_E_USAGE,
                       _("the ghm test is of unit and period effects together: it needs "
                         "the effect twoways"));
    multipliers l;
    np_status status = lagrange(&l, fit, arena, err);
    if (status != NP_OK)
        return status;
    double a = l.lm[0], b = l.lm[1];
    double one = fit->spec.effect == NP_EFFECT_TIME ? b : a;
    if (strcmp(name, "breusch-pagan") == 0) {
        *out = chi_squared(name, N_("Lagrange multiplier test (Breusch and Pagan)"),
                           effect, both ? a * a + b * b : one * one, both ? 2 : 1);
    } else if (strcmp(name, "honda") == 0) {
        *out = one_sided(name, N_("Lagrange multiplier test (Honda)"), effect,
                         both ? (a + b) / sqrt(2) : one);
    } else if (strcmp(name, "king-wu") == 0) {
        double kw = (sqrt(l.m[0]) * a + sqrt(l.m[1]) * b) / sqrt(l.m[0] + l.m[1]);
        *out = one_sided(name, N_("Lagrange multiplier test (King and Wu)"), effect,
                         both ? kw : one);
    } else {
        double s = pow(fmax(0, a), 2) + pow(fmax(0, b), 2);
        *out = chi_squared(name,
                           N_("Lagrange multiplier test (Gourieroux, Holly and Monfort)"),
                           effect, s, NAN);
        out->distribution = "chibarsq";
        out->detail = "twoways, chi-squared with 0, 1, 2 df weighted 0.25, 0.5, 0.25";
        out->p_value =
            0.25 * (s > 0 ? 0 : 1) + 0.5 * pchisq(s, 1, 0, 0) + 0.25 * pchisq(s, 2, 0, 0);
    }
    return NP_OK;
}

/* b'V^-1 b of all but the constant: F with the residual's degrees of freedom, random
 * effects chi-squared, as plm's summary(). */
static np_status joint(np_test *out, const np_panel_fit *fit, np_arena *arena,
                       np_error *err)
{
    double *b = np_arena_array(arena, double, fit->k);
    double *v = np_arena_array(arena, double, fit->k * fit->k);
    size_t *at = np_arena_array(arena, size_t, fit->k);
    if (b == NULL || v == NULL || at == NULL)
        return np_panel_no_memory(err);
    size_t q = 0;
    for (size_t j = 0; j < fit->k; j++)
        if (j != fit->intercept)
            at[q++] = j;
    for (size_t i = 0; i < q; i++) {
        b[i] = fit->coefficient[at[i]];
        for (size_t j = 0; j < q; j++)
            v[i * q + j] = fit->vcov[at[i] * fit->k + at[j]];
    }
    if (q == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("there are no coefficients to test together"));
    double w, df2 = fit->df_residual;
    np_status status = np_panel_quadratic(&w, v, b, q, arena, err);
    if (status != NP_OK)
        return status;
    if (fit->spec.model == NP_PANEL_RANDOM) {
        *out = chi_squared("wald", N_("Joint significance"), "", w, (double)q);
        return NP_OK;
    }
    double f = w / (double)q;
    *out = (np_test){.name = "wald",
                     .title = N_("Joint significance"),
                     .detail = "",
                     .distribution = "F",
                     .statistic = f,
                     .df1 = (double)q,
                     .df2 = df2,
                     .p_value = pf(f, (double)q, df2, 0, 0)};
    return NP_OK;
}

static const char *const names[] = {
    "hausman",         "hausman-aux", "poolability", "breusch-pagan", "honda",
    "king-wu",         "ghm",         "wooldridge",  "wooldridge-fd", "pesaran-cd",
    "breusch-godfrey", "ips",         "levinlin",    "madwu",         "wald"};
enum { N_NAMES = sizeof names / sizeof *names };

static np_status unknown(const char *name, np_error *err)
{
    np_fail(err, NP_E_UNKNOWN_NAME, _("no test of panel models is called \"%s\""), name);
    const char *near = np_nearest_name(name, names, N_NAMES);
    if (near != NULL)
        np_error_hint(err, _("did you mean \"%s\"?"), near);
    np_error_hint(err, _("hausman, hausman-aux, poolability, breusch-pagan, honda, "
                         "king-wu, ghm, wooldridge, wooldridge-fd, pesaran-cd, "
                         "breusch-godfrey:ORDER, ips, levinlin, madwu, wald"));
    return NP_E_UNKNOWN_NAME;
}

np_status np_panel_test(np_test *out, const np_panel_fit *fit, const char *name,
                        np_arena *arena, np_error *err)
{
    const char *colon = strchr(name, ':');
    size_t length = colon != NULL ? (size_t)(colon - name) : strlen(name), i = 0;
    const char *option = colon != NULL ? colon + 1 : "";
    while (i < N_NAMES &&
           (strlen(names[i]) != length || strncmp(names[i], name, length) != 0))
        i++;
    if (i == N_NAMES)
        return unknown(name, err);
    bool takes_option = i == 8 || (i >= 10 && i <= 13);
    if (*option != '\0' && !takes_option)
        return np_fail(err, NP_E_USAGE, _("the test %s takes no option \":%s\""),
                       names[i], option);
    switch (i) {
    case 0:
        return hausman(out, fit, arena, err);
    case 1:
        return hausman_regression(out, fit, arena, err);
    case 2:
        return poolability(out, fit, arena, err);
    case 3:
    case 4:
    case 5:
    case 6:
        return lagrange_test(out, fit, names[i], arena, err);
    case 14:
        return joint(out, fit, arena, err);
    case 11:
    case 12:
    case 13:
        return np_unit_root_test(out, fit, names[i], option, arena, err);
    default:
        return np_panel_serial_test(out, fit, names[i], option, arena, err);
    }
}
