#include "support/check.h"

#include <string.h>

#include "base/rng.h"
#include "stats/did/did_sensitivity.h"

/* 60 units over 8 periods; a third starts in 5, a third in 6, a third never; effect 1. */
enum { UNITS = 60, PERIODS = 8, N = UNITS * PERIODS };
static double y[N], start[N];
static int64_t unit[N], period[N];
static int64_t apart = 1; /* periods */
static const np_column columns[] = {
    {.name = "y", .uom = "", .type = NP_COLUMN_F64, .f64 = y},
    {.name = "start", .uom = "", .type = NP_COLUMN_F64, .f64 = start},
    {.name = "unit", .uom = "", .type = NP_COLUMN_I64, .i64 = unit},
    {.name = "period", .uom = "", .type = NP_COLUMN_I64, .i64 = period},
};
static const np_table table = {N, sizeof columns / sizeof *columns, columns};
static np_arena *arena;
static np_error err;
static np_did_panel panel;

static int fill(void **state)
{
    (void)state;
    np_rng rng = np_rng_stream(7, 1);
    for (int i = 0; i < N; i++) {
        unit[i] = i / PERIODS;
        period[i] = apart * (1 + i % PERIODS);
        start[i] = (double)apart * (unit[i] % 3 == 0 ? 5 : unit[i] % 3 == 1 ? 6 : 0);
        y[i] = np_rng_uniform(&rng) + np_rng_uniform(&rng);
        y[i] += start[i] > 0 && (double)period[i] >= start[i];
    }
    arena = np_arena_new(0);
    err = (np_error){0};
    np_did_panel_spec spec = {
        .outcome = "y", .unit = "unit", .time = "period", .cohort = "start"};
    return np_did_panel_build(&panel, &table, &spec, arena, &err) != NP_OK;
}

static int empty(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static const double half = 0.5;
static const np_honest_spec how = {.bound = &half, .n_bounds = 1, .n_threads = 1};

static np_honest tried(np_did_estimator estimator, np_sensitivity_target target)
{
    np_honest h;
    np_did_spec spec = {.n_threads = 1};
    np_status status = np_did_honest_estimate(&h, &panel, &spec, estimator, NULL, target,
                                              &how, arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
    return h;
}

static np_did_result estimated(np_did_estimator estimator, np_base_period_rule base)
{
    np_did_result r;
    np_did_spec spec = {.base = base, .n_threads = 1};
    assert_int_equal(np_did_estimate(&r, &panel, &spec, estimator, arena, &err), NP_OK);
    return r;
}

static void the_original_interval_is_the_reported_average(void **state)
{
    (void)state;
    np_did_result r = estimated(NP_DID_GROUP_TIME, NP_BASE_UNIVERSAL);
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    np_honest h = tried(NP_DID_GROUP_TIME, NP_TARGET_AVERAGE);
    assert_digits(h.estimate, a->estimate, 12);
    assert_digits(h.std_error, a->std_error, 10);
    assert_digits(h.conf_low, a->conf_low, 10);
    assert_digits(h.conf_high, a->conf_high, 10);
}

static void the_original_interval_is_by_t_where_the_reported_one_is(void **state)
{
    (void)state;
    np_did_result r = estimated(NP_DID_SUN_ABRAHAM, NP_BASE_VARYING);
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    np_honest h = tried(NP_DID_SUN_ABRAHAM, NP_TARGET_AVERAGE);
    assert_digits(h.conf_low, a->conf_low, 9);
    assert_digits((h.conf_high - h.estimate) / h.std_error, 2.0009953780882674,
                  9); /* t(59) at 0.975 */
}

static void the_first_period_is_the_effect_at_event_time_0(void **state)
{
    (void)state;
    np_did_result r = estimated(NP_DID_SUN_ABRAHAM, NP_BASE_VARYING);
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    np_honest h = tried(NP_DID_SUN_ABRAHAM, NP_TARGET_FIRST);
    for (size_t i = 0; i < a->n_rows; i++)
        if (a->row[i].value == 0)
            assert_digits(h.estimate, a->row[i].estimate, 12);
    assert_true(h.interval[0].conf_low < h.conf_low);
    assert_true(h.interval[0].conf_high > h.conf_high);
}

static void the_clock_may_count_in_steps_of_two(void **state)
{
    np_honest yearly = tried(NP_DID_GROUP_TIME, NP_TARGET_AVERAGE);
    empty(state);
    apart = 2;
    assert_int_equal(fill(state), 0);
    apart = 1;
    np_honest biennial = tried(NP_DID_GROUP_TIME, NP_TARGET_AVERAGE);
    assert_digits(biennial.estimate, yearly.estimate, 14);
    assert_digits(biennial.breakdown, yearly.breakdown, 12);
}

static void periods_before_the_start_reach_the_engine_in_their_order(void **state)
{
    (void)state;
    np_did_result r = estimated(NP_DID_TWO_WAY, NP_BASE_VARYING);
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    size_t n = 0, n_pre = 0, at[32];
    for (size_t i = 0; i < a->n_rows; i++)
        if (!a->row[i].reference) {
            n_pre += a->row[i].value < 0;
            at[n++] = i;
        }
    double estimate[32], vcov[32 * 32], target[32] = {0};
    for (size_t i = 0; i < n; i++) {
        estimate[i] = a->row[at[i]].estimate;
        for (size_t j = 0; j < n; j++)
            vcov[i * n + j] = a->vcov[at[i] * a->n_rows + at[j]];
    }
    for (size_t i = 0; i < n - n_pre; i++)
        target[i] = 1 / (double)(n - n_pre);
    np_honest_spec spec = how;
    np_honest by_hand, h = tried(NP_DID_TWO_WAY, NP_TARGET_AVERAGE);
    spec.n_pre = n_pre;
    spec.n_post = n - n_pre;
    spec.estimate = estimate;
    spec.vcov = vcov;
    spec.target = target;
    assert_int_equal(np_honest_estimate(&by_hand, &spec, arena, &err), NP_OK);
    assert_digits(h.interval[0].conf_low, by_hand.interval[0].conf_low, 12);
    assert_digits(h.interval[0].conf_high, by_hand.interval[0].conf_high, 12);
    assert_digits(h.breakdown, by_hand.breakdown, 12);
}

static void estimators_without_comparable_periods_before_are_refused(void **state)
{
    (void)state;
    np_honest h;
    np_did_spec spec = {.n_threads = 1};
    assert_int_equal(np_did_honest_estimate(&h, &panel, &spec, NP_DID_IMPUTATION, NULL,
                                            NP_TARGET_AVERAGE, &how, arena, &err),
                     NP_E_USAGE);
    assert_non_null(strstr(err.message, "imputation: its effects before the start"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_original_interval_is_the_reported_average,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(
            the_original_interval_is_by_t_where_the_reported_one_is, fill, empty),
        cmocka_unit_test_setup_teardown(the_first_period_is_the_effect_at_event_time_0,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(the_clock_may_count_in_steps_of_two, fill, empty),
        cmocka_unit_test_setup_teardown(
            periods_before_the_start_reach_the_engine_in_their_order, fill, empty),
        cmocka_unit_test_setup_teardown(
            estimators_without_comparable_periods_before_are_refused, fill, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
