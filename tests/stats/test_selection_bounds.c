#include "stats/infer/selection_bounds.h"

#include <string.h>

#include "support/check.h"

/* R's mtcars: mpg on wt without and with hp and qsec; lm(), var() and resid() to 16
 * digits. The example of o_beta() and o_delta() in R's robomit, R2max = 0.9. */
static const np_oster mtcars = {.without = -5.3444715727226786,
                                .r2_without = 0.7528327936582644,
                                .with = -4.3587972001626856,
                                .r2_with = 0.8347677617058297,
                                .var_outcome = 36.3241028225806417,
                                .var_treatment = 0.9573789677419355,
                                .var_residual = 0.3783444488886921,
                                .r2_max = 0.9};

static np_oster_beta beta_star(const np_oster *o, double delta)
{
    np_oster_beta out;
    np_error err = {0};
    if (np_oster_beta_star(&out, o, delta, &err) != NP_OK)
        fail_msg("%s", err.message);
    return out;
}

/* R: polyroot() of the polynomial, and the ratio. */
static void osters_beta_and_delta_are_those_of_r(void **state)
{
    (void)state;
    np_oster_beta b = beta_star(&mtcars, 1);
    assert_int_equal(b.n_roots, 2);
    assert_digits(b.beta, -2.000184938837411, 12);
    assert_digits(b.root[0], -7.014095141259382, 12);
    assert_false(b.wrong_way);
    assert_digits(beta_star(&mtcars, 0.5).beta, -3.513622322483207, 12);
    b = beta_star(&mtcars, 2);
    assert_int_equal(b.n_roots, 1);
    assert_digits(b.beta, -6.406106862963238, 12);
    assert_true(b.wrong_way); /* hp and qsec moved the coefficient up, not down */
    assert_digits(np_oster_delta(&mtcars, 0), 1.151136330870204, 12);
    assert_digits(np_oster_delta(&mtcars, -2), 1.000032037381828, 12);
}

static void osters_delta_inverts_her_beta(void **state)
{
    (void)state;
    for (double delta = 0.1; delta < 3; delta += 0.1) {
        np_oster_beta b = beta_star(&mtcars, delta);
        for (size_t i = 0; i < b.n_roots; i++)
            assert_digits(np_oster_delta(&mtcars, b.root[i]), delta, 9);
    }
}

/* R, as above, with qsec in both regressions: 1.3 times R² is cut at 1 elsewhere. */
static void controls_that_are_no_selection_stand_in_both_regressions(void **state)
{
    (void)state;
    np_oster o = mtcars;
    o.without = -5.0479819828432779;
    o.r2_without = 0.8264161273395514;
    o.var_treatment = 0.9281543636809382;
    assert_digits(np_oster_delta(&o, 0), 0.9528291383704186, 12);
    np_oster_beta b = beta_star(&o, 1);
    assert_digits(b.root[0], -5.522235410747155, 12);
    assert_digits(b.beta, 1.024228923928779, 12);
}

static void a_largest_r2_below_the_models_is_refused(void **state)
{
    (void)state;
    np_oster o = mtcars;
    np_oster_beta out;
    np_error err = {0};
    o.r2_max = 0.5;
    assert_int_equal(np_oster_beta_star(&out, &o, 1, &err), NP_E_RANGE);
    assert_non_null(strstr(err.message, "less than the 0.834768"));
}

/* Darfur: sensemakr's tests of its example (Cinelli and Hazlett 2020, table 1), estimate
 * 0.09731582, standard error 0.02325654, 783 degrees of freedom. */
static const double estimate = 0.09731582, std_error = 0.02325654, df = 783;

static void robustness_values_of_darfur_are_sensemakrs(void **state)
{
    (void)state;
    double t = estimate / std_error;
    assert_digits(np_partial_r2(t, df), 0.02187309, 6);
    assert_digits(np_robustness_value(t, df, 1, 0), 0.1387764, 6);
    assert_digits(np_robustness_value(t, df, 1, 0.05), 0.07625797, 6);
    assert_true(np_robustness_value(1, df, 1, 0.05) == 0);
}

/* The benchmark `female`: its partial R² with the treatment follows from the printed
 * r2dz.x = R²/(1-R²), that with the outcome from r2yz.dx. */
static void a_confounder_as_strong_as_a_benchmark_is_sensemakrs(void **state)
{
    (void)state;
    static const struct {
        double r2dz, r2yz, estimate, std_error, t, low, high;
    } want[] = {
        {0.00916428667504862, 0.12464092303637, 0.0752202698486415, 0.0218733298036818,
         3.43890347394571, 0.0322829603180086, 0.118157579379274},
        {0.0183285733500972, 0.249324064199975, 0.0529151689180575, 0.0203500639944344,
         2.60024582392121, 0.0129680276030601, 0.092862310233055},
        {0.0274928600251459, 0.374050471038094, 0.0303960178770157, 0.0186700665753491,
         1.62806156873318, -0.00625329133645187, 0.0670453270904833}};
    double r2d = want[0].r2dz / (1 + want[0].r2dz);
    double both = r2d * r2d / ((1 - r2d) * (1 - r2d));
    double scale = pow((1 + sqrt(both)) / sqrt(1 - both), 2);
    double r2y = want[0].r2yz / scale / (1 + want[0].r2yz / scale);
    for (int k = 0; k < 3; k++) {
        np_confounder_bound b;
        np_error err = {0};
        assert_int_equal(np_confounder_bound_of(&b, estimate, std_error, df, r2d, r2y,
                                                k + 1, k + 1, 0.95, &err),
                         NP_OK);
        assert_digits(b.r2_treatment, want[k].r2dz, 12);
        assert_digits(b.r2_outcome, want[k].r2yz, 12);
        assert_digits(b.estimate, want[k].estimate, 12);
        assert_digits(b.std_error, want[k].std_error, 12);
        assert_digits(b.statistic, want[k].t, 12);
        assert_digits(b.conf_low, want[k].low, 11);
        assert_digits(b.conf_high, want[k].high, 12);
    }
}

static void no_confounder_explains_more_than_all_of_the_treatment(void **state)
{
    (void)state;
    np_confounder_bound b;
    np_error err = {0};
    assert_int_equal(np_confounder_bound_of(&b, 1, 0.1, 100, 0.4, 0.1, 3, 3, 0.95, &err),
                     NP_E_RANGE);
}

/* EValue's examples: smoking 10.73 (8.02, 14.36) with 20.95 and 15.52 (VanderWeele and
 * Ding 2017, table 2; the digits are those of tests of the same method); leukaemia 0.80
 * (0.71, 0.91); 0.80 towards 1.2; the odds ratio 1.47 (1.12, 1.93) of a common outcome;
 * the standardised difference -0.42 with 0.14. */
static void e_values_are_the_published_ones(void **state)
{
    (void)state;
    np_e_values e = np_e_values_of(NP_RATIO_RISK, 10.73, 8.02, 14.36, 0);
    assert_true(fabs(e.e_value - 20.947) < 1e-3);
    assert_true(fabs(e.e_limit - 15.523) < 1e-3);
    e = np_e_values_of(NP_RATIO_RISK, 0.80, 0.71, 0.91, 0);
    assert_digits(e.e_value, 1.25 + sqrt(1.25 * 0.25), 14); /* 1.81 */
    assert_true(fabs(e.e_limit - 1.43) < 5e-3);
    assert_true(fabs(np_e_value(0.8, 1.2) - 2.366) < 1e-3);
    assert_true(fabs(np_e_value(0.91, 1.2) - 1.967) < 1e-3);
    e = np_e_values_of(NP_RATIO_ODDS, 1.47, 1.12, 1.93, 0);
    assert_true(fabs(e.ratio - 1.212) < 1e-3);
    assert_true(fabs(e.low - 1.058) < 1e-3);
    assert_true(fabs(e.e_value - 1.720) < 1e-3);
    assert_true(fabs(e.e_limit - 1.307) < 1e-3);
    e = np_e_values_of(NP_RATIO_DIFFERENCE, -0.42, 0, 0, 0.14);
    assert_true(fabs(e.ratio - 0.682) < 1e-3);
    assert_true(fabs(e.high - 0.875) < 1e-3);
}

static void an_interval_that_covers_no_effect_has_e_value_one(void **state)
{
    (void)state;
    np_e_values e = np_e_values_of(NP_RATIO_RISK, 1.2, 0.9, 1.6, 0);
    assert_true(e.e_limit == 1);
    assert_digits(np_e_values_of(NP_RATIO_RISK, 1 / 1.2, 0.5, 0.9, 0).e_value, e.e_value,
                  14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(osters_beta_and_delta_are_those_of_r),
        cmocka_unit_test(osters_delta_inverts_her_beta),
        cmocka_unit_test(controls_that_are_no_selection_stand_in_both_regressions),
        cmocka_unit_test(a_largest_r2_below_the_models_is_refused),
        cmocka_unit_test(robustness_values_of_darfur_are_sensemakrs),
        cmocka_unit_test(a_confounder_as_strong_as_a_benchmark_is_sensemakrs),
        cmocka_unit_test(no_confounder_explains_more_than_all_of_the_treatment),
        cmocka_unit_test(e_values_are_the_published_ones),
        cmocka_unit_test(an_interval_that_covers_no_effect_has_e_value_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
