#include "stats/did/robustness.h"

#include <string.h>

#include "stats/balanced_panel.h"
#include "stats/did/two_way_cells.h"

enum { UNITS = 8, PERIODS = 4 };

/* The two-way coefficient by the kernel, without `out`, with starts (index; PERIODS:
 * never) and the first `T` periods. */
static np_two_way_result kernel(size_t out, const int32_t *start, size_t T)
{
    double y[UNITS * PERIODS], scratch[4 * (PERIODS + 1) + UNITS];
    int32_t kept[UNITS];
    size_t N = 0;
    for (size_t i = 0; i < UNITS; i++) {
        if (i == out)
            continue;
        kept[N] = start[i] > (int32_t)T ? (int32_t)T : start[i];
        memcpy(y + N * T, eight + i * PERIODS, T * sizeof *y);
        N++;
    }
    np_two_way_cells cells;
    assert_int_equal(np_two_way_cells_new(&cells, y, N, T, arena, &err), NP_OK);
    return np_two_way_cells_estimate(&cells, kept, NULL, 0, scratch);
}

static const int32_t real[] = {2, 2, 3, 3, 4, 4, 4, 4};

static void each_unit_is_left_out_once(void **state)
{
    (void)state;
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, eight_first, NULL);
    np_robustness r;
    if (np_leave_one_out(&r, &panel, &(np_did_spec){0}, NP_DID_TWO_WAY, NP_LEAVE_OUT_UNIT,
                         arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    assert_digits(r.estimate, kernel(UNITS, real, PERIODS).estimate, 11);
    assert_int_equal(r.n_rows, UNITS);
    double farthest = 0;
    for (size_t i = 0; i < UNITS; i++) {
        np_two_way_result want = kernel(i, real, PERIODS);
        assert_null(r.row[i].refused);
        assert_digits(r.row[i].estimate, want.estimate, 11);
        assert_digits(r.row[i].std_error, want.std_error, 11);
        assert_digits(r.row[i].change, want.estimate - r.estimate, 9);
        farthest = fmax(farthest, fabs(want.estimate - r.estimate));
        assert_true(r.row[r.lowest].estimate <= want.estimate + 1e-12);
        assert_true(r.row[r.highest].estimate >= want.estimate - 1e-12);
    }
    assert_digits(fabs(r.row[r.farthest].change), farthest, 9);
    assert_string_equal(r.row[3].left_out, "3");
}

/* The same digits with any number of threads. */
static void rows_do_not_depend_on_threads(void **state)
{
    (void)state;
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, eight_first, NULL);
    np_robustness one, three;
    assert_int_equal(np_leave_one_out(&one, &panel, &(np_did_spec){.n_threads = 1},
                                      NP_DID_TWO_WAY, NP_LEAVE_OUT_UNIT, arena, &err),
                     NP_OK);
    assert_int_equal(np_leave_one_out(&three, &panel, &(np_did_spec){.n_threads = 3},
                                      NP_DID_TWO_WAY, NP_LEAVE_OUT_UNIT, arena, &err),
                     NP_OK);
    for (size_t i = 0; i < UNITS; i++)
        assert_true(one.row[i].estimate == three.row[i].estimate);
}

static void each_cohort_is_left_out_once(void **state)
{
    (void)state;
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, eight_first, NULL);
    np_robustness r;
    assert_int_equal(np_leave_one_out(&r, &panel, &(np_did_spec){0}, NP_DID_TWO_WAY,
                                      NP_LEAVE_OUT_COHORT, arena, &err),
                     NP_OK);
    assert_int_equal(r.n_rows, 2);
    /* Without the cohort of 3: units 2 … 7, of which 2 and 3 start in the fourth. */
    double y[6 * PERIODS], scratch[4 * (PERIODS + 1)];
    memcpy(y, eight + 2 * PERIODS, sizeof y);
    np_two_way_cells cells;
    assert_int_equal(np_two_way_cells_new(&cells, y, 6, PERIODS, arena, &err), NP_OK);
    assert_digits(r.row[0].estimate,
                  np_two_way_cells_estimate(&cells, real + 2, NULL, 0, scratch).estimate,
                  11);
    assert_string_equal(r.row[0].left_out, "3");
    assert_digits(r.row[1].cohort, 4, 15);
}

/* Averages by event time alone are printed, and still it is the average of all effects
 * that is compared. */
static void the_average_is_compared_whatever_is_printed(void **state)
{
    (void)state;
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, eight_first, NULL);
    np_robustness all, dynamic;
    assert_int_equal(np_leave_one_out(&all, &panel, &(np_did_spec){0}, NP_DID_GROUP_TIME,
                                      NP_LEAVE_OUT_UNIT, arena, &err),
                     NP_OK);
    assert_int_equal(np_leave_one_out(&dynamic, &panel,
                                      &(np_did_spec){.aggregates = NP_AGGREGATE_DYNAMIC},
                                      NP_DID_GROUP_TIME, NP_LEAVE_OUT_UNIT, arena, &err),
                     NP_OK);
    np_did_result whole = {0};
    assert_int_equal(
        np_group_time_estimate(&whole, &panel, &(np_did_spec){0}, arena, &err), NP_OK);
    assert_true(dynamic.estimate == np_did_aggregate_of(&whole, "simple")->estimate);
    for (size_t i = 0; i < UNITS; i++)
        assert_true(dynamic.row[i].estimate == all.row[i].estimate);
}

/* Sun and Abraham's average has t with as many degrees of freedom as there are clusters
 * less one; without unit 7 that is 6. */
static void a_row_has_the_estimators_own_interval(void **state)
{
    (void)state;
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, eight_first, NULL), seven;
    np_robustness r;
    np_did_result own;
    const uint8_t keep[UNITS] = {1, 1, 1, 1, 1, 1, 1, 0};
    assert_int_equal(np_leave_one_out(&r, &panel, &(np_did_spec){0}, NP_DID_SUN_ABRAHAM,
                                      NP_LEAVE_OUT_UNIT, arena, &err),
                     NP_OK);
    assert_int_equal(
        np_did_panel_change(&seven, &panel, &(np_did_change){.keep = keep}, arena, &err),
        NP_OK);
    assert_int_equal(
        np_did_estimate(&own, &seven, &(np_did_spec){0}, NP_DID_SUN_ABRAHAM, arena, &err),
        NP_OK);
    const np_did_aggregate *simple = np_did_aggregate_of(&own, "simple");
    assert_digits(r.row[7].conf_low, simple->conf_low, 12);
    assert_digits(r.row[7].p_value, simple->p_value, 10);
    assert_digits((r.row[7].conf_high - r.row[7].estimate) / r.row[7].std_error,
                  2.446911851144969, 9); /* t(6) at 0.975 */
}

static void one_cohort_cannot_be_left_out(void **state)
{
    (void)state;
    static const double one[] = {3, 3, 0, 0, 0, 0, 0, 0};
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, one, NULL);
    np_robustness r;
    assert_int_equal(np_leave_one_out(&r, &panel, &(np_did_spec){0}, NP_DID_TWO_WAY,
                                      NP_LEAVE_OUT_COHORT, arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_string_equal(err.message, "there is one cohort: it cannot be left out");
}

/* Without its only treated unit a panel has nobody to estimate on: the row says so, the
 * others stand. */
static void a_row_that_is_refused_says_why(void **state)
{
    (void)state;
    static const double one[] = {3, 0, 0, 0, 0, 0, 0, 0};
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, one, NULL);
    np_robustness r;
    assert_int_equal(np_leave_one_out(&r, &panel, &(np_did_spec){0}, NP_DID_TWO_WAY,
                                      NP_LEAVE_OUT_UNIT, arena, &err),
                     NP_OK);
    assert_int_equal(r.n_refused, 1);
    assert_string_equal(r.row[0].refused, "nobody treated is left");
    assert_true(isnan(r.row[0].estimate));
    assert_true(r.farthest != 0 && r.farthest < UNITS);
}

/* Starts in the third and fourth of four periods: all participants have the date 2, with
 * periods 1 and 2; the cohort of 3 by itself the same against all others; the cohort of 4
 * the dates 2 and 3 with periods 1 … 3, without the cohort of 3, which is treated then.
 */
static void placebo_dates_lie_before_the_starts(void **state)
{
    (void)state;
    static const int32_t all_at_2[] = {1, 1, 1, 1, 2, 2, 2, 2},
                         three_at_2[] = {1, 1, 2, 2, 2, 2, 2, 2};
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, eight_first, NULL);
    np_robustness r;
    if (np_placebo_dates(&r, &panel, &(np_did_spec){0}, NP_DID_TWO_WAY, arena, &err) !=
        NP_OK)
        fail_msg("%s", err.message);
    assert_int_equal(r.n_rows, 4);
    assert_true(isnan(r.row[0].cohort));
    assert_digits(r.row[0].date, 2, 15);
    assert_digits(r.row[0].estimate, kernel(UNITS, all_at_2, 2).estimate, 11);
    assert_digits(r.row[1].cohort, 3, 15);
    assert_digits(r.row[1].estimate, kernel(UNITS, three_at_2, 2).estimate, 11);
    /* By hand: units 3 and 4 of 4 against the four never treated, periods 1 to 3, from 3:
     * (2.5 - (2.2+2.0)/2 + 0.9 - (0.7+1.1)/2) / 2 less the same of the four others. */
    double treated = (2.5 - 2.1 + 0.9 - 0.9) / 2;
    double others = ((2.1 - 2.15) + (3.4 - 3.15) + (0.8 - 0.55) + (3.0 - 2.4)) / 4;
    assert_digits(r.row[3].cohort, 4, 15);
    assert_digits(r.row[3].date, 3, 15);
    assert_digits(r.row[3].estimate, treated - others, 11);
    assert_true(r.smallest_p > 0 && r.smallest_p <= 1);
}

static void no_period_before_leaves_no_placebo(void **state)
{
    (void)state;
    static const double second[] = {2, 2, 0, 0, 0, 0, 0, 0};
    np_did_panel panel = panel_of(eight, UNITS, PERIODS, second, NULL);
    np_robustness r;
    assert_int_equal(
        np_placebo_dates(&r, &panel, &(np_did_spec){0}, NP_DID_TWO_WAY, arena, &err),
        NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "no date for a placebo"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_unit_is_left_out_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_do_not_depend_on_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_cohort_is_left_out_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_has_the_estimators_own_interval, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_average_is_compared_whatever_is_printed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_cohort_cannot_be_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_is_refused_says_why, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(placebo_dates_lie_before_the_starts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_period_before_leaves_no_placebo, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
