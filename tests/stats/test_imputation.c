#include "stats/did_made.h"

#include "stats/did/imputation.h"

static made m;

static int begin(void **state)
{
    (void)state;
    made_begin(&m);
    return 0;
}

static int end(void **state)
{
    (void)state;
    made_end(&m);
    return 0;
}

static np_did_result imputed(np_did_panel_spec panel_spec, np_did_spec spec)
{
    np_did_panel p = made_panel(&m, panel_spec);
    return made_estimate(&m, &p, spec, NP_DID_IMPUTATION);
}

/* Four units over two periods, two treated in the second: changes 3 and 5 against 0 and
 * 4. Effects: 3 - 2 = 1 and 5 - 2 = 3. */
static void two_by_two(void)
{
    made_unit(&m, 1, 2, 2, (double[]){1, 4});
    made_unit(&m, 2, 2, 2, (double[]){5, 10});
    made_unit(&m, 3, 0, 2, (double[]){2, 2});
    made_unit(&m, 4, 0, 2, (double[]){7, 11});
}

/* v is 1/2 on the treated rows and -1/2, +1/2 on the comparison's rows after and before,
 * whose residuals are ±(change - 2)/2: a treated unit adds ((tau - 2)/2)² = 1/4, a
 * comparison unit ((change - 2)/2)² = 1. */
static void two_by_two_has_the_variance_derived_by_hand(void **state)
{
    (void)state;
    two_by_two();
    np_did_result r = imputed((np_did_panel_spec){0}, (np_did_spec){0});
    assert_digits(made_aggregate(&r, "simple")->estimate, 2, 14);
    assert_digits(made_aggregate(&r, "simple")->std_error, sqrt(2.5), 14);
    assert_int_equal(r.n_group_time, 1);
    assert_digits(r.group_time[0].std_error, sqrt(2.5), 14);
    assert_digits(r.estimates.vcov[0], 2.5, 14);
}

/* Without its own effect the mean of the other is subtracted: twice the deviation. */
static void leaving_out_takes_the_others_mean(void **state)
{
    (void)state;
    two_by_two();
    np_did_result r = imputed((np_did_panel_spec){0}, (np_did_spec){.leave_out = true});
    assert_digits(made_aggregate(&r, "simple")->std_error, sqrt(4), 14);
}

/* Influences: units 1, 2: -1/2, +1/2; 3, 4: +1, -1. Clusters {1, 3} and {2, 4}: ±1/2. */
static void clusters_add_the_units_influences(void **state)
{
    (void)state;
    two_by_two();
    for (size_t i = 0; i < m.n; i++)
        m.cluster[i] = (double)(m.unit[i] % 2);
    np_did_result r =
        imputed((np_did_panel_spec){.cluster = "cluster"}, (np_did_spec){0});
    assert_digits(made_aggregate(&r, "simple")->std_error, sqrt(0.5), 14);
}

/* Cohorts that start in 3 and 4 of 5 periods, and two that never do; the effect is
 * cohort + event time, a lead of -1 has 7 on it for both. */
static void planted(double lead)
{
    static const double start[] = {3, 3, 4, 4, 0, 0};
    for (int u = 0; u < 6; u++)
        for (int t = 1; t <= 5; t++) {
            double e = t - start[u], y = 10 * u + t * t;
            if (start[u] > 0)
                y += e >= 0 ? start[u] + e : e == -1 ? lead : 0;
            made_add(&m, u + 1, t, start[u], y);
        }
}

static void planted_effects_come_back_in_every_average(void **state)
{
    (void)state;
    planted(0);
    np_did_result r = imputed((np_did_panel_spec){0}, (np_did_spec){0});
    assert_int_equal(r.n_group_time, 5);
    for (size_t i = 0; i < 5; i++)
        assert_digits(r.group_time[i].estimate,
                      r.group_time[i].cohort + r.group_time[i].event_time, 12);
    /* 3: 3, 4, 5; 4: 4, 5 */
    assert_digits(made_aggregate(&r, "simple")->estimate, 4.2, 12);
    assert_digits(made_row(&r, "dynamic", 1)->estimate, 4.5, 12);
    assert_digits(made_aggregate(&r, "dynamic")->estimate, (3.5 + 4.5 + 5) / 3, 12);
    assert_digits(made_row(&r, "group", 4)->estimate, 4.5, 12);
    assert_digits(made_aggregate(&r, "group")->estimate, 4.25, 12);
    assert_digits(made_row(&r, "calendar", 5)->estimate, 5, 12);
    assert_digits(made_row(&r, "dynamic", -1)->estimate + 1, 1, 12);
}

static void a_planted_lead_comes_back(void **state)
{
    (void)state;
    planted(7);
    np_did_result r = imputed((np_did_panel_spec){0}, (np_did_spec){0});
    assert_digits(made_row(&r, "dynamic", -1)->estimate, 7, 12);
    assert_digits(made_row(&r, "dynamic", -2)->estimate + 1, 1, 12);
}

static void leads_that_the_others_determine_are_named(void **state)
{
    (void)state;
    planted(7);
    np_did_spec spec = {.has_window = true, .window_min = -3, .window_max = 9};
    np_did_result r = imputed((np_did_panel_spec){0}, spec);
    assert_int_equal(r.estimates.n_collinear, 1);
    assert_string_equal(r.estimates.collinear[0], "period::-1");
    /* Measured from e = -1 they lie 7 lower. */
    assert_digits(made_row(&r, "dynamic", -2)->estimate, -7, 12);
}

static void the_influence_gives_the_covariance(void **state)
{
    (void)state;
    planted(0);
    for (size_t i = 0; i < m.n; i++)
        m.y[i] += (double)(i * i % 11);
    np_did_result r = imputed((np_did_panel_spec){0}, (np_did_spec){0});
    const np_did_aggregate *a = made_aggregate(&r, "dynamic");
    for (size_t i = 0; i < a->n_rows; i++)
        for (size_t j = 0; j < a->n_rows; j++) {
            double sum = 0;
            for (size_t u = 0; u < 6; u++)
                sum += a->influence[u * a->n_rows + i] * a->influence[u * a->n_rows + j];
            assert_digits(1 + sum / 36, 1 + a->vcov[i * a->n_rows + j], 12);
        }
}

static void anticipated_periods_are_treated(void **state)
{
    (void)state;
    planted(7);
    np_did_result r =
        imputed((np_did_panel_spec){.anticipation = 1}, (np_did_spec){.anticipation = 1});
    assert_digits(made_row(&r, "dynamic", -1)->estimate, 7, 12);
    assert_digits(made_aggregate(&r, "simple")->estimate, 4.2, 12);
}

static void weights_count_rows_several_times(void **state)
{
    (void)state;
    two_by_two();
    m.weight[2] = m.weight[3] = 3; /* unit 2: effect 3 */
    np_did_result r = imputed((np_did_panel_spec){.weights = "w"}, (np_did_spec){0});
    assert_digits(made_aggregate(&r, "simple")->estimate, (1 + 3 * 3) / 4.0, 14);
}

static void a_cohort_of_one_has_no_error_unless_asked_for(void **state)
{
    (void)state;
    two_by_two();
    m.start[2] = m.start[3] = 0;
    np_did_result r = imputed((np_did_panel_spec){0}, (np_did_spec){0});
    assert_true(isnan(r.group_time[0].std_error));
    assert_true(isnan(made_aggregate(&r, "simple")->std_error));
    r = imputed((np_did_panel_spec){0}, (np_did_spec){.single_unit_errors = true});
    assert_true(r.group_time[0].std_error > 0);
}

static void what_nobody_untreated_can_tell_is_left_out_and_named(void **state)
{
    (void)state;
    /* Everybody is treated in 4; unit 9 is seen from its start on. */
    made_unit(&m, 1, 2, 4, (double[]){1, 4, 5, 6});
    made_unit(&m, 2, 4, 4, (double[]){1, 2, 3, 9});
    made_unit(&m, 3, 4, 4, (double[]){2, 3, 5, 9});
    made_add(&m, 9, 3, 3, 5);
    np_did_panel_spec panel = {.unbalanced = NP_UNBALANCED_PAIRS};
    np_did_result r = imputed(panel, (np_did_spec){0});
    assert_int_equal(r.n_dropped, 2);
    assert_string_equal(r.dropped[0].reason, "never seen untreated");
    assert_int_equal(r.dropped[0].n_units, 1);
    assert_string_equal(r.dropped[0].unit[0], "9");
    assert_string_equal(r.dropped[1].reason, "nobody is untreated in 4");
    assert_int_equal(r.dropped[1].n_rows, 3);
    assert_int_equal(r.n_group_time, 2);
}

static void a_control_is_fitted_on_untreated_rows_alone(void **state)
{
    (void)state;
    planted(0);
    for (size_t i = 0; i < m.n; i++) {
        m.x[i] = (double)(i * i % 7);
        m.y[i] += 2 * m.x[i];
    }
    np_did_result r =
        imputed((np_did_panel_spec){.control = (const char *[]){"x"}, .n_controls = 1},
                (np_did_spec){0});
    assert_digits(r.estimates.table[0].estimate[0], 2, 12);
    assert_digits(made_aggregate(&r, "simple")->estimate, 4.2, 12);
}

static void no_memory_is_said_wherever_it_ends(void **state)
{
    (void)state;
    planted(7);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){.control = (const char *[]){"x"},
                                                        .n_controls = 1,
                                                        .weights = "w"});
    made_fail_each_allocation(&m, &p, (np_did_spec){.squared_weights = true},
                              NP_DID_IMPUTATION);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(two_by_two_has_the_variance_derived_by_hand),
        TEST(leaving_out_takes_the_others_mean),
        TEST(clusters_add_the_units_influences),
        TEST(planted_effects_come_back_in_every_average),
        TEST(a_planted_lead_comes_back),
        TEST(leads_that_the_others_determine_are_named),
        TEST(the_influence_gives_the_covariance),
        TEST(anticipated_periods_are_treated),
        TEST(weights_count_rows_several_times),
        TEST(a_cohort_of_one_has_no_error_unless_asked_for),
        TEST(what_nobody_untreated_can_tell_is_left_out_and_named),
        TEST(a_control_is_fitted_on_untreated_rows_alone),
        TEST(no_memory_is_said_wherever_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
