#include "stats/panel_core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <Rmath.h>

static np_status fit_model(np_panel_fit *out, const np_panel_fit *fit,
                           np_panel_model model, np_arena *arena, np_error *err)
{
    np_panel_spec spec = fit->spec;
    spec.model = model;
    if (model == NP_PANEL_FD)
        spec.effect = NP_EFFECT_INDIVIDUAL;
    return np_panel_fit_core(out, fit->core, &spec, arena, err);
}

static bool has_before(const np_panel_fit *fit, size_t i)
{
    return i > 0 && fit->unit[i] == fit->unit[i - 1];
}

/* Errors with one before them in the unit: how many, the means and products of both. */
typedef struct {
    size_t n;
    double now, before, xx, xy;
} successive;

static successive successive_errors(const np_panel_fit *fit)
{
    successive s = {0};
    for (size_t i = 0; i < fit->m; i++)
        if (has_before(fit, i)) {
            s.now += fit->residual[i];
            s.before += fit->residual[i - 1];
            s.n++;
        }
    s.now /= (double)s.n;
    s.before /= (double)s.n;
    for (size_t i = 0; i < fit->m; i++)
        if (has_before(fit, i)) {
            double x = fit->residual[i - 1] - s.before;
            s.xx += x * x;
            s.xy += x * (fit->residual[i] - s.now);
        }
    return s;
}

/* e_it on a constant and the unit's e of the row before; is the slope rho? The slope's
 * variance is clustered by unit. F with 1 and n - 2 degrees of freedom. */
static np_status autoregression(np_test *out, const np_panel_fit *fit, double rho,
                                np_arena *arena, np_error *err)
{
    successive s = successive_errors(fit);
    if (s.n < 3)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("too few units have successive errors to test for serial "
                         "correlation"));
    double b = s.xy / s.xx, meat = 0;
    double *score = np_arena_array(arena, double, fit->n_units);
    if (score == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < fit->m; i++)
        if (has_before(fit, i)) {
            double x = fit->residual[i - 1] - s.before;
            score[fit->unit[i]] += x * (fit->residual[i] - s.now - b * x);
        }
    for (size_t u = 0; u < fit->n_units; u++)
        meat += score[u] * score[u];
    double f = (b - rho) * (b - rho) / (meat / (s.xx * s.xx)), df2 = (double)s.n - 2;
    if (!isfinite(f))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the errors do not vary: no serial correlation to test"));
    *out = (np_test){.detail = np_panel_effect_name(fit->spec.effect),
                     .distribution = "F",
                     .statistic = f,
                     .df1 = 1,
                     .df2 = df2,
                     .p_value = pf(f, 1, df2, 0, 0)};
    return NP_OK;
}

/* Wooldridge (2010), 10.5.4: without serial correlation deviations from unit means
 * correlate by -1/(T-1). */
static np_status wooldridge(np_test *out, const np_panel_fit *fit, np_arena *arena,
                            np_error *err)
{
    np_panel_fit w;
    np_status status = fit_model(&w, fit, NP_PANEL_WITHIN, arena, err);
    if (status == NP_OK)
        status = autoregression(out, &w, -1 / ((double)w.n_periods - 1), arena, err);
    if (status != NP_OK)
        return status;
    out->name = "wooldridge";
    out->title = N_("Wooldridge's test for serial correlation in within errors");
    return NP_OK;
}

/* Wooldridge (2010), 10.6.3: differenced errors are uncorrelated, or (":fe") the
 * original ones are and their differences correlate by -1/2. */
static np_status wooldridge_differenced(np_test *out, const np_panel_fit *fit,
                                        const char *option, np_arena *arena,
                                        np_error *err)
{
    bool original = strcmp(option, "fe") == 0;
    if (!original && *option != '\0' && strcmp(option, "fd") != 0)
        return np_fail(err, NP_E_USAGE,
                       _("wooldridge-fd:%s: the null is fd (differenced errors, default) "
                         "or fe (original errors)"),
                       option);
    np_panel_fit d;
    np_status status = fit_model(&d, fit, NP_PANEL_FD, arena, err);
    if (status == NP_OK)
        status = autoregression(out, &d, original ? -0.5 : 0, arena, err);
    if (status != NP_OK)
        return status;
    out->name = "wooldridge-fd";
    out->title = N_("Wooldridge's test for serial correlation in differenced errors");
    out->detail = original ? "fe" : "fd";
    return NP_OK;
}

/* ":ORDER"; default the periods of the shortest unit. */
static np_status order_of(size_t *out, const np_panel_fit *fit, const char *option,
                          np_error *err)
{
    size_t order = SIZE_MAX;
    for (size_t u = 0; u < fit->n_units; u++)
        if (fit->core->unit_size[u] < order)
            order = fit->core->unit_size[u];
    if (*option != '\0') {
        char *end = NULL;
        long asked = strtol(option, &end, 10);
        if (*end != '\0' || asked < 1)
            return np_fail(err, NP_E_USAGE,
                           _("breusch-godfrey:%s: the order is a number from 1"), option);
        order = (size_t)asked;
    }
    if (fit->spec.model == NP_PANEL_BETWEEN || order >= fit->m ||
        order + fit->k >= fit->m)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu rows are too few for a test of order %zu"), fit->m, order);
    *out = order;
    return NP_OK;
}

/* The model's errors lagged 1 … order in the stacked rows, before the first row 0,
 * regressed with the model's columns on the errors: n R². Breusch (1978), Godfrey
 * (1978); plm's pbgtest() stacks units on one another, and so do we. */
static np_status breusch_godfrey(np_test *out, const np_panel_fit *fit,
                                 const char *option, np_arena *arena, np_error *err)
{
    size_t order = 0, m = fit->m;
    np_status status = order_of(&order, fit, option, err);
    if (status != NP_OK)
        return status;
    const double **x = np_arena_array(arena, const double *, fit->k + order);
    if (x == NULL)
        return np_panel_no_memory(err);
    for (size_t j = 0; j < fit->k; j++)
        x[j] = fit->x[j];
    for (size_t l = 1; l <= order; l++) {
        double *lag = np_arena_array(arena, double, m);
        if (lag == NULL)
            return np_panel_no_memory(err);
        memcpy(lag + l, fit->residual, (m - l) * sizeof *lag);
        x[fit->k + l - 1] = lag;
    }
    np_panel_ols ols;
    status = np_panel_least_squares(&ols, m, fit->k + order, x, fit->residual, NULL,
                                    arena, err);
    if (status != NP_OK)
        return status;
    double lm = (double)m * (1 - ols.ssr / fit->ssr);
    *out = (np_test){.name = "breusch-godfrey",
                     .title = N_("Breusch-Godfrey test for serial correlation"),
                     .detail = np_arena_format(arena, "%zu", order),
                     .distribution = "chisq",
                     .statistic = lm,
                     .df1 = (double)order,
                     .df2 = NAN,
                     .p_value = pchisq(lm, (double)order, 0, 0)};
    return out->detail == NULL ? np_panel_no_memory(err) : NP_OK;
}

/* Correlation of two units' errors over the periods both have; returns how many. */
static size_t correlation(double *out, const np_panel_fit *fit, size_t u, size_t v)
{
    const size_t *start = fit->core->unit_start;
    double mu = 0, mv = 0, uu = 0, vv = 0, uv = 0;
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t a = start[u], b = start[v];
        while (a < start[u + 1] && b < start[v + 1]) {
            if (fit->time[a] < fit->time[b]) {
                a++;
            } else if (fit->time[a] > fit->time[b]) {
                b++;
            } else if (pass == 0) {
                mu += fit->residual[a++];
                mv += fit->residual[b++];
                n++;
            } else {
                double x = fit->residual[a++] - mu / (double)n;
                double y = fit->residual[b++] - mv / (double)n;
                uu += x * x;
                vv += y * y;
                uv += x * y;
            }
        }
    }
    *out = uv / sqrt(uu * vv);
    return n;
}

/* Pesaran (2004, 2015): (1/P)^1/2 Σ over the P pairs of T_ij^1/2 rho_ij. */
static np_status pesaran(np_test *out, const np_panel_fit *fit, np_arena *arena,
                         np_error *err)
{
    if (fit->m != fit->n)
        return np_fail(
            err, NP_E_USAGE,
            _("pesaran-cd needs errors by unit and period: a pooling, within or "
              "random model"));
    size_t pairs = 0, left_out = 0;
    double sum = 0;
    for (size_t u = 0; u < fit->n_units; u++)
        for (size_t v = 0; v < u; v++) {
            double rho;
            size_t n = correlation(&rho, fit, u, v);
            if (n < 2) {
                left_out++;
                continue;
            }
            sum += sqrt((double)n) * rho;
            pairs++;
        }
    double z = sum / sqrt((double)pairs);
    if (pairs == 0 || !isfinite(z))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       pairs == 0 ? _("no two units have two periods in common")
                                  : _("a unit's errors do not vary over the periods it "
                                      "shares with another"));
    const char *detail = "";
    if (left_out > 0 &&
        (detail = np_arena_format(arena,
                                  _("%zu of %zu pairs of units left out: fewer than two "
                                    "periods in common"),
                                  left_out, left_out + pairs)) == NULL)
        return np_panel_no_memory(err);
    *out = (np_test){.name = "pesaran-cd",
                     .title = N_("Pesaran's test for cross-section dependence"),
                     .detail = detail,
                     .distribution = "normal",
                     .statistic = z,
                     .df1 = NAN,
                     .df2 = NAN,
                     .p_value = 2 * pnorm(fabs(z), 0, 1, 0, 0)};
    return NP_OK;
}

np_status np_panel_serial_test(np_test *out, const np_panel_fit *fit, const char *name,
                               const char *option, np_arena *arena, np_error *err)
{
    if (strcmp(name, "wooldridge") == 0)
        return wooldridge(out, fit, arena, err);
    if (strcmp(name, "wooldridge-fd") == 0)
        return wooldridge_differenced(out, fit, option, arena, err);
    if (strcmp(name, "breusch-godfrey") == 0)
        return breusch_godfrey(out, fit, option, arena, err);
    return pesaran(out, fit, arena, err);
}
