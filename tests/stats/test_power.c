#include <Rmath.h>
#include <string.h>

#include "base/rng.h"
#include "stats/did/robustness.h"
#include "stats/did/two_way_cells.h"
#include "stats/model.h"
#include "stats/power/power.h"
#include "stats/power/power_simulate.h"
#include "support/check.h"

/* Hussey and Hughes's kind of trial: 24 clusters in four steps of six, five periods. */
static const np_power_cohort wedge[] = {{2, 6}, {3, 6}, {4, 6}, {5, 6}};
static const np_power_cohort six_of_twenty[] = {{5, 6}, {0, 14}};

static np_power estimate(const np_power_spec *spec)
{
    np_power out;
    np_error err = {0};
    np_arena *arena = np_arena_new(0);
    if (np_power_estimate(&out, spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    np_arena_free(arena);
    return out;
}

static np_error refusal(const np_power_spec *spec)
{
    np_power out;
    np_error err = {0};
    np_arena *arena = np_arena_new(0);
    assert_int_not_equal(np_power_estimate(&out, spec, arena, &err), NP_OK);
    np_arena_free(arena);
    return err;
}

/* The first example of swPwr() of R's swCRTdesign: swDsn(c(6,6,6,6)), binomial, n = 120,
 * mu0 = 0.05, mu1 = 0.035, tau = 0.01. Expected: the closed form of Hussey and Hughes
 * (2007), eq. 8, in R: I s²(s²+T t²)/((IU-W) s² + (U²+ITU-TW-IV) t²). */
static void a_stepped_wedge_has_hussey_and_hughes_power(void **state)
{
    (void)state;
    double within = 0.0425 * 0.9575, between = 1e-4;
    np_power p = estimate(&(np_power_spec){.cohort = wedge,
                                           .n_cohorts = 4,
                                           .n_periods = 5,
                                           .estimator = NP_POWER_GLS,
                                           .distribution = NP_POWER_NORMAL,
                                           .variance = within + between,
                                           .icc = between / (within + between),
                                           .cluster_size = 120,
                                           .serial = 1,
                                           .effect = -0.015});
    assert_digits(p.std_error * p.std_error, 2.968231359619338e-05, 10);
    assert_digits(p.power, 7.861895925027288e-01, 10);
    assert_int_equal(p.n_clusters, 24);
}

/* R: the inverse of sum_i Z_i' V^-1 Z_i with Z_i = (I, D_i), V = 0.05 × 0.8^|s-t| +
 * 0.95/20 on the diagonal (Kasza et al. 2019), and block exchangeable with the same
 * people. */
static void correlation_that_decays_has_the_variance_of_the_whole_model(void **state)
{
    (void)state;
    np_power_spec s = {.cohort = wedge,
                       .n_cohorts = 4,
                       .n_periods = 5,
                       .estimator = NP_POWER_GLS,
                       .icc = 0.05,
                       .cluster_size = 20,
                       .correlation = NP_SERIAL_AR1,
                       .serial = 0.8};
    assert_digits(pow(estimate(&s).std_error, 2), 0.005981367963874868, 11);
    s.correlation = NP_SERIAL_CONSTANT;
    s.serial = 0.7;
    s.individual = 0.4;
    assert_digits(pow(estimate(&s).std_error, 2), 0.004424087591240877, 11);
}

/* R, with the formula of Burlig, Preonas and Woerman (2020), eq. 2, for m = 4 periods
 * before, r = 3 after, J = 20, P = 0.3, variance 2, AR(1) of 0.6, and the minimum
 * detectable effect of pc_dd_analytic: (t(0.8; J) + t(0.975; J)) times its root. */
static void one_cohort_has_the_serial_correlation_robust_variance(void **state)
{
    (void)state;
    np_power_spec s = {.cohort = six_of_twenty,
                       .n_cohorts = 2,
                       .n_periods = 7,
                       .variance = 2,
                       .correlation = NP_SERIAL_AR1,
                       .serial = 0.6,
                       .distribution = NP_POWER_SHIFTED_T,
                       .df = 20};
    np_power p = estimate(&s);
    assert_digits(p.std_error * p.std_error, 0.4026209523809524, 13);
    assert_digits(p.mde, 1.869262517173433, 11);
    s.estimator = NP_POWER_ANCOVA;
    assert_digits(pow(estimate(&s).std_error, 2), 0.2872307677734878, 13);
    s.estimator = NP_POWER_TWO_WAY;
    s.df = 0;
    assert_digits(estimate(&s).df, 9.530791788856305, 13); /* R: Welch's for 6 and 14 */
}

/* A random effect of the cluster that never changes cancels from differences. */
static void a_constant_part_of_the_correlation_does_not_matter_to_two_way_effects(
    void **state)
{
    (void)state;
    np_power_spec s = {.cohort = wedge, .n_cohorts = 4, .n_periods = 5};
    double alone = estimate(&s).std_error;
    s.variance = 4;
    s.serial = 0.75; /* 4 = 3 that stays + 1 that does not */
    assert_digits(estimate(&s).std_error, alone, 13);
}

/* R: power.t.test(n = 20, delta = 1, sd = 1, strict = TRUE) and one-sided. */
static void the_power_of_a_difference_of_means_is_that_of_the_t_test(void **state)
{
    (void)state;
    static const np_power_cohort halves[] = {{1, 20}, {0, 20}};
    np_power_spec s = {.cohort = halves,
                       .n_cohorts = 2,
                       .n_periods = 1,
                       .estimator = NP_POWER_AFTER,
                       .effect = 1};
    np_power p = estimate(&s);
    assert_digits(p.df, 38, 13);
    assert_digits(p.power, 0.8689530277245856, 10);
    s.one_sided = true;
    assert_digits(estimate(&s).power, 0.9279024733953417, 10);
}

static void the_smallest_effect_found_has_the_power_wanted(void **state)
{
    (void)state;
    for (int d = 0; d < 3; d++) {
        np_power_spec s = {.cohort = six_of_twenty,
                           .n_cohorts = 2,
                           .n_periods = 7,
                           .share_treated = 0.25,
                           .power = 0.9,
                           .distribution = (np_power_distribution)d};
        np_power p = estimate(&s);
        assert_digits(p.mde_treated, 4 * p.mde, 13); /* a quarter is reached */
        s.effect = p.mde_treated;
        assert_digits(estimate(&s).power, 0.9, 9);
    }
}

static void what_a_design_cannot_tell_is_refused_in_words(void **state)
{
    (void)state;
    static const np_power_cohort all_at_once[] = {{3, 10}}, nobody[] = {{0, 10}},
                                 late[] = {{9, 10}, {0, 10}},
                                 from_first[] = {{1, 5}, {0, 5}};
    np_power_spec s = {.cohort = all_at_once, .n_cohorts = 1, .n_periods = 5};
    assert_non_null(strstr(refusal(&s).message, "all clusters start in the same period"));
    s.cohort = nobody;
    assert_non_null(strstr(refusal(&s).message, "no cluster of the design is treated"));
    s.cohort = late;
    s.n_cohorts = 2;
    assert_non_null(strstr(refusal(&s).message, "starts in period 9 of a design with 5"));
    s.cohort = from_first;
    assert_non_null(strstr(refusal(&s).message, "nobody changes from untreated"));
    s.cohort = six_of_twenty;
    s.serial = 1.5;
    assert_non_null(strstr(refusal(&s).message, "serial correlation is 1.5"));
    s.serial = 1;
    assert_non_null(strstr(refusal(&s).message, "do not vary between periods"));
    s = (np_power_spec){
        .cohort = wedge, .n_cohorts = 4, .n_periods = 5, .estimator = NP_POWER_ANCOVA};
    assert_non_null(strstr(refusal(&s).message, "for one cohort"));
}

/* Normal AR(1) outcomes with a unit effect, 1 of innovation variance. */
static void draw_panel(double *y, size_t N, size_t T, double rho, np_rng *rng)
{
    for (size_t i = 0; i < N; i++) {
        double unit = 3 * qnorm(np_rng_uniform(rng), 0, 1, 1, 0);
        double e = qnorm(np_rng_uniform(rng), 0, 1, 1, 0);
        for (size_t t = 0; t < T; t++) {
            y[i * T + t] = unit + e + 0.3 * (double)t;
            e = rho * e + sqrt(1 - rho * rho) * qnorm(np_rng_uniform(rng), 0, 1, 1, 0);
        }
    }
}

enum { SIM_UNITS = 100, SIM_PERIODS = 6, SIM_DRAWS = 2000 };

/* The formula against outcomes made with its own assumptions: standard deviation of the
 * estimates (its Monte Carlo error is se/sqrt(2 draws)), size 0.05 and power 0.8. */
static void the_formula_holds_in_simulated_panels(void **state)
{
    (void)state;
    static const np_power_cohort plan[] = {{3, 20}, {5, 30}, {0, 50}};
    static double y[SIM_UNITS * SIM_PERIODS], scratch[5 * (SIM_PERIODS + 1)];
    static int32_t start[SIM_UNITS];
    np_power p = estimate(&(np_power_spec){.cohort = plan,
                                           .n_cohorts = 3,
                                           .n_periods = SIM_PERIODS,
                                           .correlation = NP_SERIAL_AR1,
                                           .serial = 0.5,
                                           .distribution = NP_POWER_NONCENTRAL_T});
    for (int32_t i = 0; i < SIM_UNITS; i++)
        start[i] = i < 20 ? 2 : i < 50 ? 4 : SIM_PERIODS;
    double squares = 0, size = 0, power = 0, t = qt(0.975, SIM_UNITS - 1, 1, 0);
    for (uint64_t r = 0; r < SIM_DRAWS; r++) {
        np_rng rng = np_rng_stream(7, r);
        np_arena *arena = np_arena_new(0);
        np_two_way_cells cells;
        draw_panel(y, SIM_UNITS, SIM_PERIODS, 0.5, &rng);
        assert_int_equal(
            np_two_way_cells_new(&cells, y, SIM_UNITS, SIM_PERIODS, arena, NULL), NP_OK);
        np_two_way_result b = np_two_way_cells_estimate(&cells, start, NULL, 0, scratch);
        squares += b.estimate * b.estimate / SIM_DRAWS;
        size += (fabs(b.estimate) > t * b.std_error) / (double)SIM_DRAWS;
        power += (fabs(b.estimate + p.mde) > t * b.std_error) / (double)SIM_DRAWS;
        np_arena_free(arena);
    }
    assert_true(fabs(sqrt(squares) / p.std_error - 1) < 3 / sqrt(2.0 * SIM_DRAWS));
    assert_true(fabs(size - 0.05) < 3 * sqrt(0.05 * 0.95 / SIM_DRAWS));
    assert_true(fabs(power - 0.8) < 3 * sqrt(0.8 * 0.2 / SIM_DRAWS));
}

/* Placebo from one long panel of the same kind: the mde that is found is the formula's,
 * within the sampling error of a panel of 400 units and the draws. */
static void placebo_cohorts_find_what_the_formula_says(void **state)
{
    (void)state;
    enum { N = 400, T = 10 };
    static double y[N * T];
    static const np_power_cohort plan[] = {{4, 27}, {0, 100}};
    np_rng rng = np_rng_stream(3, 0);
    draw_panel(y, N, T, 0.5, &rng);
    np_power p = estimate(&(np_power_spec){.cohort = plan,
                                           .n_cohorts = 2,
                                           .n_periods = 6,
                                           .correlation = NP_SERIAL_AR1,
                                           .serial = 0.5});
    np_power_simulation_spec s = {.y = y,
                                  .n_units = N,
                                  .n_periods = T,
                                  .cohort = plan,
                                  .n_cohorts = 2,
                                  .design_periods = 6,
                                  .share_treated = 0.5,
                                  .effect = 2 * p.mde,
                                  .seed = 1};
    np_power_simulation a, b;
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    s.n_threads = 1;
    if (np_power_simulate(&a, &s, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    s.n_threads = 3;
    assert_int_equal(np_power_simulate(&b, &s, arena, &err), NP_OK);
    assert_int_equal(a.n_draws, 2000);
    assert_memory_equal(a.estimate, b.estimate, 2000 * sizeof *a.estimate);
    assert_true(fabs(a.std_dev / p.std_error - 1) < 3 * (1 / sqrt(4000.0) + 0.02));
    assert_true(fabs(a.mde / p.mde - 1) < 0.1);
    assert_true(a.mde_low < a.mde && a.mde < a.mde_high);
    assert_digits(a.mde_treated, 2 * a.mde, 13);
    assert_true(fabs(a.power - 0.8) < 0.08);
    assert_true(fabs(a.size - 0.05) < 0.03);
    assert_true(np_power_simulated_at(&a, a.mde, 0.05, false) >= 0.8);
    assert_true(np_power_simulated_at(&a, 0.99 * a.mde_low, 0.05, false) < 0.8);
    np_arena_free(arena);
}

static void a_plan_with_more_periods_than_the_data_is_refused(void **state)
{
    (void)state;
    static const double y[] = {1, 2, 3, 4, 5, 7};
    np_power_simulation out;
    np_power_simulation_spec s = {.y = y,
                                  .n_units = 3,
                                  .n_periods = 2,
                                  .cohort = six_of_twenty,
                                  .n_cohorts = 2,
                                  .design_periods = 7};
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    assert_int_equal(np_power_simulate(&out, &s, arena, &err), NP_E_RANGE);
    assert_string_equal(
        err.message, "the design has 7 periods, the data have 2 that nobody was treated "
                     "in");
    np_arena_free(arena);
}

/* The kernel against the general engine: y ~ d | unit + year, clustered by unit. */
static void the_two_way_kernel_agrees_with_the_model(void **state)
{
    (void)state;
    enum { N = 9, T = 5 };
    static double y[N * T], d[N * T], unit[N * T], year[N * T], scratch[5 * (T + 1)];
    static const int32_t start[N] = {5, 2, 5, 3, 3, 5, 1, 4, 5};
    np_arena *arena = np_arena_new(0);
    np_rng rng = np_rng_stream(11, 0);
    draw_panel(y, N, T, 0.4, &rng);
    for (int i = 0; i < N * T; i++) {
        unit[i] = i / T;
        year[i] = i % T;
        d[i] = i % T >= start[i / T];
    }
    np_column column[] = {{.name = "y", .uom = "", .f64 = y},
                          {.name = "d", .uom = "", .f64 = d},
                          {.name = "unit", .uom = "", .f64 = unit},
                          {.name = "year", .uom = "", .f64 = year}};
    np_table table = {.n_rows = N * T, .n_columns = 4, .column = column};
    np_model model;
    np_model_spec spec = {
        .design = {.formula = "y ~ d | unit + year"},
        .vcov = {.kind = NP_VCOV_CLUSTER, .n_keys = 1, .key = {"unit"}}};
    np_error err = {0};
    if (np_model_estimate(&model, &table, &spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    np_two_way_cells cells;
    assert_int_equal(np_two_way_cells_new(&cells, y, N, T, arena, &err), NP_OK);
    np_two_way_result b = np_two_way_cells_estimate(&cells, start, NULL, 0, scratch);
    assert_digits(b.estimate, model.estimates.estimate[0], 11);
    assert_digits(b.std_error, model.estimates.std_error[0], 11);
    np_arena_free(arena);
}

/* What lets one estimate per draw serve every effect: with a constant effect added to
 * the treated cells, estimate and effect add up and the error stays. */
static void a_constant_effect_moves_the_estimate_and_leaves_the_error(void **state)
{
    (void)state;
    enum { N = 24, T = 6 };
    static const np_did_estimator checked[] = {NP_DID_GROUP_TIME, NP_DID_SUN_ABRAHAM,
                                               NP_DID_IMPUTATION, NP_DID_TWO_WAY};
    static double y[N * T], with[N * T], unit[N * T], year[N * T], start[N * T];
    np_arena *arena = np_arena_new(0);
    np_rng rng = np_rng_stream(2, 0);
    np_error err = {0};
    draw_panel(y, N, T, 0.4, &rng);
    for (int i = 0; i < N * T; i++) {
        unit[i] = i / T;
        year[i] = i % T + 1;
        start[i] = i / T < 5 ? 3 : i / T < 11 ? 5 : 0;
        with[i] = y[i] + (start[i] > 0 && year[i] >= start[i] ? 0.7 : 0);
    }
    for (size_t c = 0; c < sizeof checked / sizeof *checked; c++) {
        double estimated[2], error[2];
        for (int w = 0; w < 2; w++) {
            np_column column[] = {{.name = "y", .uom = "", .f64 = w == 0 ? y : with},
                                  {.name = "unit", .uom = "", .f64 = unit},
                                  {.name = "year", .uom = "", .f64 = year},
                                  {.name = "start", .uom = "", .f64 = start}};
            np_table table = {.n_rows = N * T, .n_columns = 4, .column = column};
            np_did_panel panel;
            np_did_result result = {0};
            np_did_panel_spec spec = {
                .outcome = "y", .unit = "unit", .time = "year", .cohort = "start"};
            if (np_did_panel_build(&panel, &table, &spec, arena, &err) != NP_OK ||
                np_did_estimate(&result, &panel, &(np_did_spec){0}, checked[c], arena,
                                &err) != NP_OK)
                fail_msg("%s", err.message);
            np_did_overall(&estimated[w], &error[w], &result);
        }
        assert_digits(estimated[1], estimated[0] + 0.7, 10);
        assert_digits(error[1], error[0], 10);
    }
    np_arena_free(arena);
}

/* With one start the group-time average with a universal base is another estimator than
 * two-way effects; its placebo estimates are the estimator's own on the drawn panels. */
static void placebo_programmes_can_be_estimated_by_group_time(void **state)
{
    (void)state;
    enum { N = 60, T = 6 };
    static double y[N * T];
    static const np_power_cohort plan[] = {{3, 10}, {5, 10}, {0, 30}};
    np_rng rng = np_rng_stream(4, 0);
    np_did_spec did = {0};
    draw_panel(y, N, T, 0.5, &rng);
    np_power_simulation_spec s = {.y = y,
                                  .n_units = N,
                                  .n_periods = T,
                                  .cohort = plan,
                                  .n_cohorts = 3,
                                  .did = &did,
                                  .estimator = NP_DID_GROUP_TIME,
                                  .n_draws = 200,
                                  .n_threads = 1};
    np_power_simulation a, b;
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    if (np_power_simulate(&a, &s, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    s.n_threads = 3;
    assert_int_equal(np_power_simulate(&b, &s, arena, &err), NP_OK);
    assert_memory_equal(a.estimate, b.estimate, 200 * sizeof *a.estimate);
    assert_true(isinf(a.df));
    assert_true(fabs(a.mean) < 4 * a.std_dev / sqrt(200));
    assert_true(a.mean_std_error > 0.6 * a.std_dev && a.mean_std_error < 1.4 * a.std_dev);
    assert_true(a.mde > a.std_dev);
    static const np_power_cohort too_many[] = {{3, 40}, {0, 40}};
    s.cohort = too_many;
    s.n_cohorts = 2;
    assert_int_equal(np_power_simulate(&b, &s, arena, &err), NP_E_NOT_IDENTIFIED);
    np_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stepped_wedge_has_hussey_and_hughes_power),
        cmocka_unit_test(correlation_that_decays_has_the_variance_of_the_whole_model),
        cmocka_unit_test(one_cohort_has_the_serial_correlation_robust_variance),
        cmocka_unit_test(
            a_constant_part_of_the_correlation_does_not_matter_to_two_way_effects),
        cmocka_unit_test(the_power_of_a_difference_of_means_is_that_of_the_t_test),
        cmocka_unit_test(the_smallest_effect_found_has_the_power_wanted),
        cmocka_unit_test(what_a_design_cannot_tell_is_refused_in_words),
        cmocka_unit_test(the_formula_holds_in_simulated_panels),
        cmocka_unit_test(placebo_cohorts_find_what_the_formula_says),
        cmocka_unit_test(a_plan_with_more_periods_than_the_data_is_refused),
        cmocka_unit_test(the_two_way_kernel_agrees_with_the_model),
        cmocka_unit_test(a_constant_effect_moves_the_estimate_and_leaves_the_error),
        cmocka_unit_test(placebo_programmes_can_be_estimated_by_group_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
