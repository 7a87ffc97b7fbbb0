#include "stats/did/did_switchers.h"

#include "stats/did_case.h"

static did_case data;

static void set(const double *y, const double *dose, size_t n_units, size_t n_periods)
{
    case_new(&data, n_units, n_periods, NULL);
    memcpy(data.y, y, n_units * n_periods * sizeof *y);
    memcpy(data.dose, dose, n_units * n_periods * sizeof *dose);
}

static np_did_result estimate(np_did_spec spec)
{
    np_did_panel p = case_panel(&data, (np_did_panel_spec){.treatment = "dose"});
    return case_estimate(&p, spec, NP_DID_SWITCHERS);
}

static double value(const np_did_result *r, const char *term)
{
    size_t i = np_estimates_find(&r->estimates, term);
    assert_true(i < r->estimates.k);
    return r->estimates.estimate[i];
}

static double error_of(const np_did_result *r, const char *term)
{
    return r->estimates.std_error[np_estimates_find(&r->estimates, term)];
}

/* 1 never, 2 from period 2 on, 3 from period 3 on:
 *   effect 1  2: (5 - 1) - mean(1, 3) = 2; 3: (9 - 4) - (4 - 1) = 2 … with
 *   y_1 = 0 1 4, y_2 = 1 5 11, y_3 = 1 4 9
 *             2: 4 - (1 + 3)/2 = 2, 3: 5 - 3 = 2, mean 2
 *   effect 2  2: 10 - 4 = 6
 *   average   (2 × 2 + 6)/3 = 10/3
 *   placebo 1 3: (1 - 4) - (0 - 1) = -2 */
static void changes_are_compared_with_those_not_changed_yet(void **state)
{
    (void)state;
    static const double y[] = {0, 1, 4, 1, 5, 11, 1, 4, 9};
    static const double dose[] = {0, 0, 0, 0, 1, 1, 0, 0, 1};
    set(y, dose, 3, 3);
    np_did_result r = estimate((np_did_spec){0});
    assert_int_equal(r.estimates.k, 4);
    assert_digits(value(&r, "effect::1"), 2, 14);
    assert_digits(value(&r, "effect::2"), 6, 14);
    assert_digits(value(&r, "placebo::1"), -2, 14);
    assert_digits(value(&r, "average"), 10 / 3., 14);
    const np_did_aggregate *d = np_did_aggregate_of(&r, "dynamic");
    assert_int_equal(d->n_rows, 4);
    assert_true(d->row[0].value == -2 && d->row[1].reference && d->row[3].value == 1);
}

/* 1 stays at 1; 2 falls from 1 to 0: minus its difference to 1, -(-3 - 1) = 4. Unit 3
 * stays at 0 and is no comparison. */
static void a_fall_is_compared_at_the_same_first_treatment(void **state)
{
    (void)state;
    static const double y[] = {5, 6, 9, 6, 0, 50};
    static const double dose[] = {1, 1, 1, 0, 0, 0};
    set(y, dose, 3, 2);
    np_did_result r = estimate((np_did_spec){0});
    assert_digits(value(&r, "effect::1"), 4, 14);
    assert_true(np_estimates_stat(&r.estimates, "n_switchers_out") == 1);
}

/* Rises of 2 and then 3 in all: 1 unit with effect 4 after one period and 10 after two.
 * Per unit of treatment received: 4/2 and 10/(2 + 3); average (4 + 10)/(2 + 3). */
static void doses_normalise_the_effects(void **state)
{
    (void)state;
    static const double y[] = {1, 1, 1, 1, 5, 11};
    static const double dose[] = {1, 1, 1, 1, 3, 4};
    set(y, dose, 2, 3);
    np_did_result r = estimate((np_did_spec){.normalised = true});
    const np_estimate_table *t = case_table(&r, "normalised");
    assert_digits(t->estimate[0], 2, 14);
    assert_digits(t->estimate[1], 2, 14);
    assert_digits(value(&r, "effect::2"), 10, 14);
    assert_digits(value(&r, "average"), 2.8, 14);
    const np_did_aggregate *d = np_did_aggregate_of(&r, "dynamic");
    assert_digits(d->row[d->n_rows - 1].estimate, 2, 14);
}

/* Three that rise together by 1, 4 and 7, four that never do by 0, 2, 2 and 4: variances
 * 9 and 8/3, so the squared error is 9/3 + (8/3)/4, as for two means. */
static void the_variance_is_that_of_two_means(void **state)
{
    (void)state;
    static const double y[] = {0, 1, 0, 4, 0, 7, 0, 0, 0, 2, 0, 2, 0, 4};
    static const double dose[] = {0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    set(y, dose, 7, 2);
    np_did_result r = estimate((np_did_spec){0});
    assert_digits(value(&r, "effect::1"), 2, 14);
    assert_digits(error_of(&r, "effect::1"), sqrt(3 + 2 / 3.), 14);
    assert_digits(error_of(&r, "average"), sqrt(3 + 2 / 3.), 14);
}

/* Alone in its cohort a switcher is measured from the mean of all: 6, 0, 2, 4 with mean
 * 3, times 4/3: 9 × 4/3 = 12; the three others by themselves: variance 4, over 3. */
static void a_single_switcher_is_measured_from_the_mean_of_all(void **state)
{
    (void)state;
    static const double y[] = {0, 6, 0, 0, 0, 2, 0, 4};
    static const double dose[] = {0, 1, 0, 0, 0, 0, 0, 0};
    set(y, dose, 4, 2);
    np_did_result r = estimate((np_did_spec){0});
    assert_digits(error_of(&r, "effect::1"), sqrt(12 + 4 / 3.), 14);
}

/* Unit 2 rises in period 2 and falls below its first treatment in period 3: from there
 * on the sign of its effect is not known. */
static void what_was_above_and_below_is_left_out(void **state)
{
    (void)state;
    static const double y[] = {0, 0, 0, 0, 3, 99};
    static const double dose[] = {1, 1, 1, 1, 2, 0};
    set(y, dose, 2, 3);
    np_did_result r = estimate((np_did_spec){0});
    assert_true(np_estimates_find(&r.estimates, "effect::2") == r.estimates.k);
    assert_digits(value(&r, "effect::1"), 3, 14);
    assert_digits(value(&r, "average"), 3, 14);
}

/* Unit 3 is not seen in period 2 and treated in period 3: whether it changed in 2 or in
 * 3 is not known, and it is neither a switcher nor, from 2 on, a comparison. */
static void a_change_in_a_gap_is_not_dated(void **state)
{
    (void)state;
    static const double y[] = {0, 1, 2, 0, 0, 8, 0, 0, 50};
    static const double dose[] = {0, 0, 0, 0, 0, 1, 0, 9, 1};
    set(y, dose, 3, 3);
    np_did_panel p =
        case_panel(&data, (np_did_panel_spec){.treatment = "dose", .subset = "dose < 9"});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SWITCHERS);
    assert_digits(value(&r, "effect::1"), 8 - 1, 14);
    assert_int_equal(r.n_treated_units, 1);
}

/* The same where the row is there and only its outcome is missing (its covariate is used
 * here): then the change is dated. */
static void a_row_without_outcome_dates_the_change(void **state)
{
    (void)state;
    static const double y[] = {0, 1, 2, 0, 0, 8, 0, 0, 50};
    static const double dose[] = {0, 0, 0, 0, 0, 1, 0, 1, 1};
    set(y, dose, 3, 3);
    np_did_panel p = case_panel(
        &data, (np_did_panel_spec){.treatment = "dose",
                                   .outcome = "ifelse(unit == 3 & time == 2, NA, y)"});
    assert_int_equal(p.n, 8);
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SWITCHERS);
    assert_int_equal(r.n_treated_units, 2);
    assert_digits(value(&r, "effect::1"), 8 - 1, 14);  /* unit 2 in period 3 */
    assert_digits(value(&r, "effect::2"), 50 - 2, 14); /* unit 3, since period 1 */
}

/* Callaway and Sant'Anna's ATT(g,t) with those not treated yet, by hand. */
static double att(const double *start, size_t n, double g, size_t t, double *n_treated)
{
    double treated = 0, comparison = 0, n_comparison = 0;
    *n_treated = 0;
    for (size_t u = 0; u < n; u++) {
        double difference = data.y[u * data.n_periods + t - 1] -
                            data.y[u * data.n_periods + (size_t)g - 2];
        if (start[u] == g) {
            treated += difference;
            ++*n_treated;
        } else if (start[u] == 0 || start[u] > (double)t) {
            comparison += difference;
            n_comparison++;
        }
    }
    return n_comparison > 0 ? treated / *n_treated - comparison / n_comparison : NAN;
}

static void an_absorbing_treatment_gives_group_time_effects(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 3, 3, 4, 4, 4, 6, 6, 2, 0, 5};
    const size_t n = sizeof start / sizeof *start;
    case_new(&data, n, 6, start);
    case_noise(&data, 9);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SWITCHERS);
    double total = 0, total_n = 0;
    for (size_t l = 1; l <= 5; l++) {
        double sum = 0, sum_n = 0, n_treated;
        for (size_t g = 2; g + l - 1 <= 6; g++) {
            double effect = att(start, n, (double)g, g + l - 1, &n_treated);
            sum += n_treated * effect;
            sum_n += n_treated;
        }
        char term[20];
        snprintf(term, sizeof term, "effect::%zu", l);
        assert_digits(value(&r, term), sum / sum_n, 12);
        total += sum;
        total_n += sum_n;
    }
    assert_digits(value(&r, "average"), total / total_n, 12);
}

/* The cohort and the treatment say the same. */
static void the_treatment_and_the_cohort_give_the_same(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 3, 4, 4, 5};
    case_new(&data, 6, 6, start);
    case_noise(&data, 10);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_panel q = case_panel(&data, (np_did_panel_spec){.treatment = "dose"});
    np_did_result a = case_estimate(&p, (np_did_spec){0}, NP_DID_SWITCHERS);
    np_did_result b = case_estimate(&q, (np_did_spec){0}, NP_DID_SWITCHERS);
    assert_int_equal(a.estimates.k, b.estimates.k);
    for (size_t j = 0; j < a.estimates.k; j++) {
        assert_true(a.estimates.estimate[j] == b.estimates.estimate[j]);
        assert_true(a.estimates.std_error[j] == b.estimates.std_error[j]);
    }
}

/* An outcome that is 2 x beside effects: with x as a control what is left is exact. */
static void controls_take_their_slope_from_those_not_changed(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 3, 4, 5};
    static const char *const x[] = {"x"};
    case_new(&data, 6, 6, start);
    case_noise(&data, 11);
    for (size_t r = 0; r < 36; r++)
        data.y[r] = 2 * data.x[r] + 3 * data.dose[r] + (double)data.time[r];
    np_did_panel p =
        case_panel(&data, (np_did_panel_spec){.control = x, .n_controls = 1});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SWITCHERS);
    assert_digits(value(&r, "effect::1"), 3, 11);
    assert_digits(value(&r, "effect::3"), 3, 11);
}

/* Clusters of two units each with the same numbers: each pair counts once, so that the
 * error is that of the panel without the copies. */
static void clusters_of_copies_count_once(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 3, 3, 3, 0, 0, 0, 3, 3, 3};
    case_new(&data, 6, 4, start);
    case_noise(&data, 12);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result one = case_estimate(&p, (np_did_spec){0}, NP_DID_SWITCHERS);
    double y[24];
    memcpy(y, data.y, sizeof y);
    case_new(&data, 12, 4, start);
    for (size_t r = 0; r < 48; r++) {
        data.y[r] = y[r % 24];
        data.cluster[r] = (double)(r / 4 % 6);
    }
    np_did_panel q = case_panel(&data, (np_did_panel_spec){.cluster = "cluster"});
    np_did_result two = case_estimate(&q, (np_did_spec){0}, NP_DID_SWITCHERS);
    for (size_t j = 0; j < one.estimates.k; j++) {
        assert_digits(two.estimates.estimate[j], one.estimates.estimate[j], 12);
        assert_digits(two.estimates.std_error[j], one.estimates.std_error[j], 12);
    }
}

static void nobody_left_to_compare_with_is_refused(void **state)
{
    (void)state;
    static const double y[] = {0, 1, 2, 3};
    static const double dose[] = {0, 1, 0, 1};
    set(y, dose, 2, 2);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){.treatment = "dose"});
    np_did_result r;
    assert_int_equal(np_switchers_estimate(&r, &p, &(np_did_spec){0}, arena, &err),
                     NP_E_NOT_IDENTIFIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, case_begin, case_end)
        CASE(changes_are_compared_with_those_not_changed_yet),
        CASE(a_fall_is_compared_at_the_same_first_treatment),
        CASE(doses_normalise_the_effects),
        CASE(the_variance_is_that_of_two_means),
        CASE(a_single_switcher_is_measured_from_the_mean_of_all),
        CASE(what_was_above_and_below_is_left_out),
        CASE(a_change_in_a_gap_is_not_dated),
        CASE(a_row_without_outcome_dates_the_change),
        CASE(an_absorbing_treatment_gives_group_time_effects),
        CASE(the_treatment_and_the_cohort_give_the_same),
        CASE(controls_take_their_slope_from_those_not_changed),
        CASE(clusters_of_copies_count_once),
        CASE(nobody_left_to_compare_with_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
