#include "support/check.h"

#include <string.h>

#include "base/rng.h"
#include "stats/grunfeld.h"
#include "stats/panel.h"
#include "stats/unit_root.h"

enum { MOST_ROWS = 200, MOST_COLUMNS = 16 };

/* A panel made in a test. */
typedef struct {
    np_panel_data data;
    double y[MOST_ROWS], x[MOST_COLUMNS][MOST_ROWS];
    const double *column[MOST_COLUMNS];
    const char *term[MOST_COLUMNS];
    int32_t unit[MOST_ROWS], time[MOST_ROWS];
} panel;

static void start(panel *p, size_t n_units, size_t n_periods)
{
    memset(p, 0, sizeof *p);
    p->data = (np_panel_data){.n_units = n_units,
                              .n_periods = n_periods,
                              .y_name = "y",
                              .y = p->y,
                              .x = p->column,
                              .term = p->term,
                              .unit = p->unit,
                              .time = p->time,
                              .intercept = 0};
}

static void add_column(panel *p, const char *term)
{
    p->column[p->data.k] = p->x[p->data.k];
    p->term[p->data.k++] = term;
}

static void add_row(panel *p, int32_t unit, int32_t time, double y)
{
    size_t i = p->data.n++;
    p->unit[i] = unit;
    p->time[i] = time;
    p->y[i] = y;
    p->x[0][i] = 1;
}

/* Grunfeld's data; `gaps` leaves the suite's rows 5, 44, 101, 102 and 180 out. */
static panel *grunfeld(bool gaps)
{
    static panel p;
    start(&p, GRUNFELD_FIRMS, GRUNFELD_YEARS);
    add_column(&p, "(Intercept)");
    add_column(&p, "value");
    add_column(&p, "capital");
    for (int32_t i = 0; i < GRUNFELD_ROWS; i++) {
        int32_t row = i + 1;
        if (gaps && (row == 5 || row == 44 || row == 101 || row == 102 || row == 180))
            continue;
        add_row(&p, i / GRUNFELD_YEARS, i % GRUNFELD_YEARS, grunfeld_inv[i]);
        p.x[1][p.data.n - 1] = grunfeld_value[i];
        p.x[2][p.data.n - 1] = grunfeld_capital[i];
    }
    return &p;
}

/* Two units, two periods: within is the regression of (2, 5) on (1, 3). */
static panel *two_by_two(void)
{
    static panel p;
    start(&p, 2, 2);
    add_column(&p, "(Intercept)");
    add_column(&p, "x");
    static const double y[] = {1, 3, 2, 7}, x[] = {0, 1, 0, 3};
    for (int32_t i = 0; i < 4; i++) {
        add_row(&p, i / 2, i % 2, y[i]);
        p.x[1][i] = x[i];
    }
    return &p;
}

static np_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static np_panel_fit fitted(const panel *p, np_panel_model model, np_panel_effect effect,
                           np_random_method method)
{
    np_panel_fit fit;
    np_error err = {0};
    np_panel_spec spec = {model, effect, method};
    if (np_panel_fit_data(&fit, &p->data, &spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return fit;
}

static void refused(const panel *p, np_panel_spec spec, np_status status,
                    const char *words)
{
    np_panel_fit fit;
    np_error err = {0};
    assert_int_equal(np_panel_fit_data(&fit, &p->data, &spec, arena, &err), status);
    if (strstr(err.message, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

static double std_error(const np_panel_fit *fit, const double *vcov, size_t j)
{
    return sqrt(vcov[j * fit->k + j]);
}

static const double *covariance(const np_panel_fit *fit, const char *name)
{
    np_panel_vcov v;
    np_error err = {0};
    if (np_panel_vcov_estimate(&v, fit, name, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return v.vcov;
}

static np_test tested(const np_panel_fit *fit, const char *name)
{
    np_test test;
    np_error err = {0};
    if (np_panel_test(&test, fit, name, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return test;
}

static void within_is_the_regression_of_deviations(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(two_by_two(), NP_PANEL_WITHIN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    /* b = (1·2 + 3·5)/(1 + 9); ssr is half of the squared differences 0.3 and -0.1 */
    assert_int_equal(fit.k, 1);
    assert_digits(fit.coefficient[0], 1.7, 14);
    assert_digits(fit.ssr, 0.05, 13);
    assert_true(fit.df_residual == 1);
    /* deviations have a sum of squares of (4 + 25)/2 */
    assert_digits(fit.r2, 1 - 0.05 / 14.5, 13);
    /* s2 / Σ deviations² of x, (1 + 9)/2 */
    assert_digits(fit.vcov[0], 0.05 / 5, 13);
}

static void fixed_effects_are_means_less_the_fit(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(two_by_two(), NP_PANEL_WITHIN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    np_estimate_table effects;
    assert_int_equal(
        np_panel_fixed_effects(&effects, &fit, NP_EFFECT_INDIVIDUAL, arena, NULL), NP_OK);
    assert_digits(effects.estimate[0], 2 - 1.7 * 0.5, 13);
    assert_digits(effects.estimate[1], 4.5 - 1.7 * 1.5, 13);
    /* s2/T + mean² V */
    assert_digits(effects.std_error[1], sqrt(0.05 / 2 + 1.5 * 1.5 * 0.01), 13);
}

/* The levels of the effects as columns of a pooled regression. */
static panel *with_dummies(const panel *from, np_panel_effect effect)
{
    static panel p;
    p = *from;
    p.data.y = p.y;
    p.data.x = p.column;
    p.data.term = p.term;
    p.data.unit = p.unit;
    p.data.time = p.time;
    for (size_t j = 0; j < p.data.k; j++)
        p.column[j] = p.x[j];
    for (int32_t u = 1; u < (int32_t)p.data.n_units; u++) {
        add_column(&p, "unit");
        for (size_t i = 0; i < p.data.n; i++)
            p.x[p.data.k - 1][i] = p.unit[i] == u;
    }
    for (int32_t t = 1; effect == NP_EFFECT_TWOWAYS && t < (int32_t)p.data.n_periods;
         t++) {
        add_column(&p, "period");
        for (size_t i = 0; i < p.data.n; i++)
            p.x[p.data.k - 1][i] = p.time[i] == t;
    }
    return &p;
}

/* 5 units, 4 periods, some cells missing, seeded. */
static panel *with_gaps(void)
{
    static panel p;
    np_rng rng = np_rng_stream(7, 0);
    start(&p, 5, 4);
    add_column(&p, "(Intercept)");
    add_column(&p, "a");
    add_column(&p, "b");
    for (int32_t u = 0; u < 5; u++)
        for (int32_t t = 0; t < 4; t++) {
            if ((u == 1 && t == 0) || (u == 3 && t == 2) || (u == 4 && t == 3))
                continue;
            add_row(&p, u, t, 0);
            size_t i = p.data.n - 1;
            p.x[1][i] = np_rng_uniform(&rng) + 0.3 * u;
            p.x[2][i] = np_rng_uniform(&rng) + 0.2 * t;
            p.y[i] = 1 + p.x[1][i] - 2 * p.x[2][i] + u * u * 0.4 + 0.7 * t * (t - 2) +
                     0.3 * np_rng_uniform(&rng);
        }
    return &p;
}

static void two_way_deviations_with_gaps_are_those_of_dummies(void **state)
{
    (void)state;
    panel *p = with_gaps();
    np_panel_fit within = fitted(p, NP_PANEL_WITHIN, NP_EFFECT_TWOWAYS, NP_SWAR);
    np_panel_fit dummies = fitted(with_dummies(p, NP_EFFECT_TWOWAYS), NP_PANEL_POOLING,
                                  NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_digits(within.coefficient[0], dummies.coefficient[1], 12);
    assert_digits(within.coefficient[1], dummies.coefficient[2], 12);
    assert_digits(within.ssr, dummies.ssr, 11);
    assert_true(within.df_residual == dummies.df_residual);
    assert_digits(within.vcov[1], dummies.vcov[dummies.k + 2], 11);
    np_estimate_table effects;
    assert_int_equal(
        np_panel_fixed_effects(&effects, &within, NP_EFFECT_INDIVIDUAL, arena, NULL),
        NP_OK);
    assert_digits(effects.estimate[0], dummies.coefficient[0], 11);
    assert_digits(effects.estimate[2], dummies.coefficient[0] + dummies.coefficient[4],
                  11);
}

static void grunfeld_has_plms_numbers(void **state)
{
    (void)state;
    /* R plm 2.6.2: coefficient and standard error of value, ssr, adjusted R² */
    static const struct {
        np_panel_spec spec;
        double estimate, std_error, ssr, adj_r2;
    } want[] = {
        {{NP_PANEL_POOLING, 0, 0},
         0.115562156360552,
         0.00583570955722063,
         1755850.48408991,
         0.810503525362442},
        {{NP_PANEL_BETWEEN, 0, 0},
         0.134646086971912,
         0.0287454591404871,
         50603.1610759287,
         0.81713057674973},
        {{NP_PANEL_FD, 0, 0},
         0.0897624949908165,
         0.00836358501627506,
         345455.886220664,
         0.402555183399218},
        {{NP_PANEL_RANDOM, 0, NP_SWAR},
         0.109781152232484,
         0.0104926635495465,
         548904.055230835,
         0.767162648788372},
        {{NP_PANEL_RANDOM, 0, NP_AMEMIYA},
         0.109763687672005,
         0.0104211597686336,
         550966.909728543,
         0.767376072844034},
        {{NP_PANEL_RANDOM, 0, NP_NERLOVE},
         0.109802322965494,
         0.0105758073070946,
         546578.013059615,
         0.766920008191927},
    };
    panel *p = grunfeld(false);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        np_panel_fit fit = fitted(p, want[i].spec.model, want[i].spec.effect,
                                  want[i].spec.random_method);
        assert_digits(fit.coefficient[1], want[i].estimate, 11);
        assert_digits(std_error(&fit, fit.vcov, 1), want[i].std_error, 11);
        assert_digits(fit.ssr, want[i].ssr, 11);
        assert_digits(fit.adj_r2, want[i].adj_r2, 11);
    }
}

static void variance_components_are_plms(void **state)
{
    (void)state;
    np_panel_fit swar =
        fitted(grunfeld(false), NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_digits(swar.sigma2_idios, 2784.45823077794, 12);
    assert_digits(swar.sigma2_id, 7089.80009930805, 12);
    assert_digits(swar.theta_id[3], 0.861223620747879, 12);
    np_panel_fit gaps =
        fitted(grunfeld(true), NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_digits(gaps.sigma2_idios, 2724.35654039806, 12);
    assert_digits(gaps.sigma2_id, 6971.03297471756, 12);
    np_panel_fit both =
        fitted(grunfeld(true), NP_PANEL_RANDOM, NP_EFFECT_TWOWAYS, NP_AMEMIYA);
    assert_digits(both.sigma2_idios, 2685.61909228428, 12);
    assert_digits(both.sigma2_id, 7743.84219616519, 12);
    assert_digits(both.sigma2_time, 126.083037627601, 11);
}

static void a_variance_that_is_not_positive_becomes_zero_and_is_said(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(false), NP_PANEL_RANDOM, NP_EFFECT_TWOWAYS, NP_SWAR);
    assert_true(fit.sigma2_time == 0);
    assert_true(fit.theta_time[0] == 0);
    assert_int_equal(fit.n_warnings, 1);
    assert_non_null(strstr(fit.warning[0], "period effects"));
}

/* b = (X'W^-1 X)^-1 X'W^-1 y with W written out, solved by elimination. */
static void generalised(double *b, const panel *p, const np_panel_fit *fit)
{
    enum { MOST = 20 };
    size_t n = p->data.n, k = p->data.k;
    double w[MOST][MOST + MOST_COLUMNS] = {{0}};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            w[i][j] = (i == j ? fit->sigma2_idios : 0) +
                      (p->unit[i] == p->unit[j] ? fit->sigma2_id : 0) +
                      (p->time[i] == p->time[j] ? fit->sigma2_time : 0);
        for (size_t j = 0; j < k; j++)
            w[i][n + j] = p->x[j][i];
        w[i][n + k] = p->y[i];
    }
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < n; i++) {
            double f = w[i][c] / w[c][c];
            for (size_t j = c; i != c && j < n + k + 1; j++)
                w[i][j] -= f * w[c][j];
        }
    double a[MOST_COLUMNS][MOST_COLUMNS] = {{0}};
    for (size_t r = 0; r < k; r++)
        for (size_t c = 0; c <= k; c++)
            for (size_t i = 0; i < n; i++)
                a[r][c] += p->x[r][i] * w[i][n + c] / w[i][i];
    for (size_t c = 0; c < k; c++)
        for (size_t i = 0; i < k; i++) {
            double f = a[i][c] / a[c][c];
            for (size_t j = c; i != c && j < k + 1; j++)
                a[i][j] -= f * a[c][j];
        }
    for (size_t j = 0; j < k; j++)
        b[j] = a[j][k] / a[j][j];
}

static void random_effects_are_generalised_least_squares(void **state)
{
    (void)state;
    panel *p = with_gaps();
    for (int effect = 0; effect < 3; effect++)
        for (int method = 0; method < 4; method++) {
            np_panel_fit fit = fitted(p, NP_PANEL_RANDOM, (np_panel_effect)effect,
                                      (np_random_method)method);
            np_panel_fit plain = fit;
            if (effect == NP_EFFECT_INDIVIDUAL)
                plain.sigma2_time = 0;
            if (effect == NP_EFFECT_TIME)
                plain.sigma2_id = 0;
            double b[MOST_COLUMNS];
            generalised(b, p, &plain);
            for (size_t j = 0; j < fit.k; j++)
                assert_digits(fit.coefficient[j], b[j], 10);
        }
}

static void unbalanced_two_way_covariance_lacks_the_variance_and_iid_has_it(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(true), NP_PANEL_RANDOM, NP_EFFECT_TWOWAYS, NP_AMEMIYA);
    assert_true(fit.vcov_unscaled);
    const double *iid = covariance(&fit, "iid");
    for (size_t i = 0; i < fit.k * fit.k; i++)
        assert_digits(iid[i], fit.vcov[i] * fit.sigma2_idios, 14);
    const double *balanced = NULL;
    np_panel_fit full =
        fitted(grunfeld(false), NP_PANEL_RANDOM, NP_EFFECT_TWOWAYS, NP_AMEMIYA);
    balanced = full.vcov;
    /* five rows fewer: the covariances are of one size */
    assert_true(iid[4] / balanced[4] > 0.5 && iid[4] / balanced[4] < 2);
    np_error err = {0};
    np_panel_vcov v;
    assert_int_equal(np_panel_vcov_estimate(&v, &fit, "arellano/HC0", arena, &err),
                     NP_E_NOT_IDENTIFIED);
}

static void the_order_of_rows_and_names_of_units_do_not_matter(void **state)
{
    (void)state;
    panel *p = grunfeld(true);
    static panel q;
    np_panel_fit a = fitted(p, NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_WALHUS);
    double ips = tested(&a, "ips").statistic;
    const double *scc = covariance(&a, "scc/HC0");
    start(&q, p->data.n_units, p->data.n_periods);
    for (size_t j = 0; j < p->data.k; j++)
        add_column(&q, p->term[j]);
    for (size_t i = 0; i < p->data.n; i++) {
        size_t from = (i * 77) % p->data.n; /* 77 and 195 have no factor in common */
        add_row(&q, (p->unit[from] * 3) % 10, p->time[from], p->y[from]);
        for (size_t j = 1; j < p->data.k; j++)
            q.x[j][i] = p->x[j][from];
    }
    np_panel_fit b = fitted(&q, NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_WALHUS);
    assert_digits(b.coefficient[1], a.coefficient[1], 12);
    assert_digits(b.vcov[8], a.vcov[8], 11);
    assert_digits(b.sigma2_id, a.sigma2_id, 11);
    assert_digits(tested(&b, "ips").statistic, ips, 10);
    assert_digits(covariance(&b, "scc/HC0")[4], scc[4], 10);
}

static void scaling_the_outcome_scales_the_estimates(void **state)
{
    (void)state;
    panel *p = grunfeld(true);
    np_panel_fit a = fitted(p, NP_PANEL_RANDOM, NP_EFFECT_TWOWAYS, NP_AMEMIYA);
    double hausman = tested(&a, "hausman").statistic;
    for (size_t i = 0; i < p->data.n; i++)
        p->y[i] *= 1e-6;
    np_panel_fit b = fitted(p, NP_PANEL_RANDOM, NP_EFFECT_TWOWAYS, NP_AMEMIYA);
    assert_digits(b.coefficient[2], a.coefficient[2] * 1e-6, 11);
    assert_digits(b.sigma2_time, a.sigma2_time * 1e-12, 10);
    assert_digits(b.r2, a.r2, 11);
    assert_digits(tested(&b, "hausman").statistic, hausman, 8);
}

static void what_does_not_vary_within_units_is_left_out_and_named(void **state)
{
    (void)state;
    panel *p = grunfeld(false);
    add_column(p, "founded");
    for (size_t i = 0; i < p->data.n; i++)
        p->x[3][i] = 1900 + p->unit[i] / 2;
    np_panel_fit within = fitted(p, NP_PANEL_WITHIN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_int_equal(within.k, 2);
    assert_int_equal(within.n_collinear, 1);
    assert_string_equal(within.collinear[0], "founded");
    assert_digits(within.coefficient[0], 0.110123804120719, 11);
    np_panel_fit random = fitted(p, NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_int_equal(random.k, 4);
    np_test hausman = tested(&random, "hausman");
    assert_true(hausman.df1 == 2);
    np_panel_fit amemiya = fitted(p, NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_AMEMIYA);
    assert_non_null(strstr(amemiya.warning[0], "founded does not vary within units"));
    p->data.n--; /* a gap */
    refused(p, (np_panel_spec){NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, NP_AMEMIYA},
            NP_E_NOT_IDENTIFIED, "founded has none");
}

static void what_is_not_identified_is_refused_in_words(void **state)
{
    (void)state;
    panel *p = two_by_two();
    refused(p, (np_panel_spec){NP_PANEL_RANDOM, 0, NP_SWAR}, NP_E_NOT_IDENTIFIED,
            "means of 2 units on 2 coefficients");
    refused(p, (np_panel_spec){NP_PANEL_WITHIN, NP_EFFECT_TWOWAYS, 0},
            NP_E_NOT_IDENTIFIED, "no degrees of freedom");
    refused(p, (np_panel_spec){NP_PANEL_BETWEEN, NP_EFFECT_TWOWAYS, 0}, NP_E_USAGE,
            "not of both");
    refused(p, (np_panel_spec){NP_PANEL_FD, NP_EFFECT_TIME, 0}, NP_E_USAGE,
            "first differences");
    p->time[1] = 0;
    refused(p, (np_panel_spec){NP_PANEL_POOLING, 0, 0}, NP_E_DUPLICATE,
            "unit 1 is in period 1 twice");
    p = two_by_two();
    p->y[2] = NAN;
    refused(p, (np_panel_spec){NP_PANEL_POOLING, 0, 0}, NP_E_RANGE,
            "y: row 3 of the panel is no number");
    p = two_by_two();
    for (size_t i = 0; i < p->data.n; i++)
        p->x[1][i] = p->unit[i];
    refused(p, (np_panel_spec){NP_PANEL_WITHIN, 0, 0}, NP_E_NOT_IDENTIFIED,
            "x has no variation");
}

static void units_of_one_period_have_no_random_effects_nor_differences(void **state)
{
    (void)state;
    static panel p;
    start(&p, 6, 2);
    add_column(&p, "(Intercept)");
    add_column(&p, "x");
    for (int32_t i = 0; i < 6; i++) {
        add_row(&p, i, i % 2, i * i);
        p.x[1][i] = i;
    }
    refused(&p, (np_panel_spec){NP_PANEL_RANDOM, 0, NP_SWAR}, NP_E_NOT_IDENTIFIED,
            "no variation within");
    refused(&p, (np_panel_spec){NP_PANEL_FD, 0, 0}, NP_E_NOT_IDENTIFIED,
            "no unit is observed twice");
}

static void covariances_agree_where_they_are_the_same(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(true), NP_PANEL_WITHIN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    double white = covariance(&fit, "white1/HC0")[0];
    double unit = covariance(&fit, "arellano/HC0")[0];
    double time = covariance(&fit, "arellano-time/HC0")[0];
    assert_digits(covariance(&fit, "double/HC0")[0], unit + time - white, 12);
    assert_digits(covariance(&fit, "scc(0)/HC0")[0], time, 12);
    assert_digits(covariance(&fit, "nw(0)/HC0")[0], white, 12);
    assert_digits(covariance(&fit, "arellano/HC1")[0], unit * 195 / 193, 12);
    assert_digits(covariance(&fit, "arellano/sss")[0], unit * 10 / 9.0 * 194 / 193, 12);
    assert_digits(covariance(&fit, "driscoll-kraay")[0], covariance(&fit, "scc/HC0")[0],
                  15);
    assert_true(covariance(&fit, "white1/HC3")[0] > covariance(&fit, "white1/HC2")[0]);
}

static void statas_factor_and_constant_are_gretls_too(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(false), NP_PANEL_WITHIN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    /* gretl, fixed effects, robust: value, capital; const */
    const double *v = covariance(&fit, "arellano/stata");
    assert_digits(std_error(&fit, v, 0), 0.0151944939427174, 12);
    assert_digits(std_error(&fit, v, 1), 0.052751771758776, 12);
    assert_digits(fit.mean_effect, -58.7439393969249, 12);
    /* and its panel-corrected standard errors */
    assert_digits(std_error(&fit, covariance(&fit, "pcse-time"), 0), 0.0175567571757986,
                  12);
}

static void beck_and_katz_pair_periods_rightly_only_without_gaps_in_plm(void **state)
{
    (void)state;
    np_panel_fit full =
        fitted(grunfeld(false), NP_PANEL_POOLING, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_digits(covariance(&full, "pcse")[4], covariance(&full, "bk")[4], 15);
    np_panel_fit gaps =
        fitted(grunfeld(true), NP_PANEL_POOLING, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_true(np_digits(covariance(&gaps, "pcse")[4], covariance(&gaps, "bk")[4]) < 6);
}

static void covariances_that_are_not_known_are_refused(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(false), NP_PANEL_POOLING, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    static const char *const bad[] = {"arelano/HC0", "white1/HC5", "white1(2)/HC0",
                                      "scc(/HC0",    "iid/HC0",    "scc(-1)/HC0"};
    np_panel_vcov v;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(np_panel_vcov_estimate(&v, &fit, bad[i], arena, NULL),
                         NP_E_UNKNOWN_NAME);
    np_panel_fit between =
        fitted(grunfeld(false), NP_PANEL_BETWEEN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_int_equal(np_panel_vcov_estimate(&v, &between, "white1", arena, NULL),
                     NP_E_NOT_IDENTIFIED);
}

static void tests_have_plms_numbers(void **state)
{
    (void)state;
    static const struct {
        np_panel_model model;
        np_panel_effect effect;
        const char *name;
        double statistic, p;
    } want[] = {
        {NP_PANEL_RANDOM, 0, "hausman", 2.33036689367544, 0.311865446054889},
        {NP_PANEL_RANDOM, 0, "hausman-aux", 2.13136622540757, 0.344492447204382},
        {NP_PANEL_WITHIN, 0, "poolability", 49.1766254994185, 8.70014669955402e-45},
        {NP_PANEL_WITHIN, NP_EFFECT_TWOWAYS, "poolability", 17.4031456443477,
         1.79392274526556e-36},
        {NP_PANEL_POOLING, 0, "breusch-pagan", 798.161548369068, 1.35448491908266e-175},
        {NP_PANEL_POOLING, NP_EFFECT_TIME, "honda", -2.54044909032582, 0.994464489493509},
        {NP_PANEL_POOLING, NP_EFFECT_TWOWAYS, "king-wu", 21.8322086078493,
         5.73702930165866e-106},
        {NP_PANEL_POOLING, NP_EFFECT_TWOWAYS, "ghm", 798.161548369068,
         1.26822364406095e-174},
        {NP_PANEL_WITHIN, 0, "wooldridge", 76.9285621213674, 1.05710407643416e-15},
        {NP_PANEL_FD, 0, "wooldridge-fd", 16.4826893848335, 7.3454383085098e-05},
        {NP_PANEL_WITHIN, 0, "pesaran-cd", 4.66119248524197, 3.14382528190267e-06},
        {NP_PANEL_WITHIN, 0, "breusch-godfrey:1", 42.0854121170115, 8.73725502405771e-11},
        {NP_PANEL_POOLING, 0, "ips:1", 2.32658693074945, 0.990006369602007},
        {NP_PANEL_POOLING, 0, "levinlin:1", 2.01540205410649, 0.978068730304617},
        {NP_PANEL_POOLING, 0, "madwu:1", 17.2027944009299, 0.639768800779478},
        {NP_PANEL_RANDOM, 0, "wald", 657.673869825667, 1.54146518865373e-143},
        {NP_PANEL_FD, 0, "wald", 64.67360427975, 4.48596203043686e-22},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        np_panel_fit fit =
            fitted(grunfeld(false), want[i].model, want[i].effect, NP_SWAR);
        np_test test = tested(&fit, want[i].name);
        assert_digits(test.statistic, want[i].statistic, 8);
        assert_digits(test.p_value, want[i].p, 8);
    }
}

static void tests_that_cannot_be_made_are_refused(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(true), NP_PANEL_POOLING, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    static const struct {
        const char *name;
        np_status status;
    } bad[] = {{"hausmann", NP_E_UNKNOWN_NAME},
               {"honda:2", NP_E_USAGE},
               {"ghm", NP_E_USAGE},
               {"breusch-godfrey:0", NP_E_USAGE},
               {"breusch-godfrey:400", NP_E_NOT_IDENTIFIED},
               {"ips:x", NP_E_USAGE},
               {"ips:18", NP_E_NOT_IDENTIFIED},
               {"levinlin", NP_E_NOT_IDENTIFIED},
               {"wooldridge-fd:re", NP_E_USAGE}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        np_test test;
        np_error err = {0};
        assert_int_equal(np_panel_test(&test, &fit, bad[i].name, arena, &err),
                         bad[i].status);
    }
}

static void dickey_fullers_t_has_mackinnons_quantiles(void **state)
{
    (void)state;
    /* 5 % and 1 % in large samples, MacKinnon (1996): -2.8615, -3.4304; with a trend
     * -3.4105. Between the table's points the fit smooths its simulation error. */
    assert_true(fabs(np_dickey_fuller_p(-2.8615, false) - 0.05) < 2e-4);
    assert_true(fabs(np_dickey_fuller_p(-3.4304, false) - 0.01) < 1e-4);
    assert_true(fabs(np_dickey_fuller_p(-3.4105, true) - 0.05) < 2e-4);
    double before = 0;
    for (double t = -5; t < 3; t += 0.05) {
        double p = np_dickey_fuller_p(t, false);
        assert_true(p >= before && p <= 1);
        before = p;
    }
}

static void an_intercept_alone_is_a_pooling_model(void **state)
{
    (void)state;
    panel *p = two_by_two();
    p->data.k = 1;
    np_panel_fit fit = fitted(p, NP_PANEL_POOLING, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    assert_digits(fit.coefficient[0], 3.25, 14);
    assert_true(isnan(fit.r2));
    refused(p, (np_panel_spec){NP_PANEL_WITHIN, 0, 0}, NP_E_NOT_IDENTIFIED,
            "no covariate");
}

static void reports_use_t_or_normal_as_plm_does(void **state)
{
    (void)state;
    np_estimates e;
    np_panel_estimate_spec spec = {.panel = {NP_PANEL_RANDOM, 0, NP_SWAR}};
    assert_int_equal(
        np_panel_estimate(&e, NULL, &grunfeld(false)->data, &spec, arena, NULL), NP_OK);
    assert_true(e.normal);
    assert_digits(e.p_value[0], 0.0453638870271598, 10);
    spec.vcov = "arellano/HC0";
    assert_int_equal(
        np_panel_estimate(&e, NULL, &grunfeld(false)->data, &spec, arena, NULL), NP_OK);
    assert_false(e.normal);
    assert_digits(e.p_value[0], 0.0145051782460159, 10);
    assert_string_equal(e.vcov_call, "arellano/HC0");
    assert_true(np_estimates_stat(&e, "n_units") == 10);
    assert_digits(np_estimates_stat(&e, "theta"), 0.861223620747879, 12);
}

static void stata_r2_are_squared_correlations(void **state)
{
    (void)state;
    np_panel_fit fit =
        fitted(grunfeld(false), NP_PANEL_WITHIN, NP_EFFECT_INDIVIDUAL, NP_SWAR);
    /* Stata 17, xtreg inv value capital, fe: within 0.7668, between 0.8194,
     * overall 0.8060 */
    assert_true(fabs(fit.r2_within - 0.7668) < 5e-5);
    assert_true(fabs(fit.r2_between - 0.8194) < 5e-5);
    assert_true(fabs(fit.r2_overall - 0.8060) < 5e-5);
    assert_digits(fit.r2, fit.r2_within, 13);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    static const char *const test[] = {
        "hausman",           "hausman-aux", "poolability",   "wald",
        "breusch-pagan",     "wooldridge",  "wooldridge-fd", "pesaran-cd",
        "breusch-godfrey:1", "madwu"};
    static const np_random_method method[] = {NP_SWAR, NP_AMEMIYA, NP_WALHUS, NP_NERLOVE};
    static const char *const vcov[] = {"double/HC3", "scc/HC1", "bk/HC0", "white2/sss"};
    panel *p = with_gaps();
    for (size_t m = 0; m < 4; m++) {
        np_panel_estimate_spec spec = {
            .panel = {NP_PANEL_RANDOM, NP_EFFECT_INDIVIDUAL, method[m]},
            .vcov = vcov[m],
            .test = test,
            .n_tests = sizeof test / sizeof *test - 1};
        size_t n = 1;
        for (;; n++) {
            np_arena *small = np_arena_new(0);
            np_estimates e = {.n = 4711};
            np_error err = {0};
            np_arena_fail_at(small, n);
            np_status status = np_panel_estimate(&e, NULL, &p->data, &spec, small, &err);
            np_arena_free(small);
            if (status == NP_OK)
                break;
            assert_int_equal(status, NP_E_NO_MEMORY);
            assert_true(e.n == 4711);
        }
        assert_true(n > 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(within_is_the_regression_of_deviations),
        cmocka_unit_test(fixed_effects_are_means_less_the_fit),
        cmocka_unit_test(two_way_deviations_with_gaps_are_those_of_dummies),
        cmocka_unit_test(grunfeld_has_plms_numbers),
        cmocka_unit_test(variance_components_are_plms),
        cmocka_unit_test(a_variance_that_is_not_positive_becomes_zero_and_is_said),
        cmocka_unit_test(random_effects_are_generalised_least_squares),
        cmocka_unit_test(unbalanced_two_way_covariance_lacks_the_variance_and_iid_has_it),
        cmocka_unit_test(the_order_of_rows_and_names_of_units_do_not_matter),
        cmocka_unit_test(scaling_the_outcome_scales_the_estimates),
        cmocka_unit_test(what_does_not_vary_within_units_is_left_out_and_named),
        cmocka_unit_test(what_is_not_identified_is_refused_in_words),
        cmocka_unit_test(units_of_one_period_have_no_random_effects_nor_differences),
        cmocka_unit_test(covariances_agree_where_they_are_the_same),
        cmocka_unit_test(statas_factor_and_constant_are_gretls_too),
        cmocka_unit_test(beck_and_katz_pair_periods_rightly_only_without_gaps_in_plm),
        cmocka_unit_test(covariances_that_are_not_known_are_refused),
        cmocka_unit_test(tests_have_plms_numbers),
        cmocka_unit_test(tests_that_cannot_be_made_are_refused),
        cmocka_unit_test(dickey_fullers_t_has_mackinnons_quantiles),
        cmocka_unit_test(an_intercept_alone_is_a_pooling_model),
        cmocka_unit_test(reports_use_t_or_normal_as_plm_does),
        cmocka_unit_test(stata_r2_are_squared_correlations),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("panel", tests, set_up, tear_down);
}
