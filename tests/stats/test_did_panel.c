#include "support/check.h"

#include <string.h>

#include "stats/did/did_design.h"

/* Units a … e over 2001 … 2004, last unit first and periods backwards: a starts in 2003,
 * b in 2004, c in 2001, d never (missing), e never (0). */
enum { UNITS = 5, PERIODS = 4, N = UNITS * PERIODS };
static double y[N], x[N], start[N], dose[N], state[N];
static int64_t year[N];
static uint8_t x_missing[N], start_missing[N];
static int32_t unit[N], quarter[N], start_text[N];
static const char *const unit_label[] = {"a", "b", "c", "d", "e"};
static const char *const quarter_label[] = {"2001K1", "2001K2", "2001K3", "2001K4",
                                            "2002K1"};
static const np_dict units = {UNITS, unit_label}, quarters = {5, quarter_label};
static const double first[UNITS] = {2003, 2004, 2001, NAN, 0};

static const np_column columns[] = {
    {.name = "y", .uom = "", .type = NP_COLUMN_F64, .f64 = y},
    {.name = "x", .uom = "", .type = NP_COLUMN_F64, .f64 = x, .missing = x_missing},
    {.name = "start",
     .uom = "",
     .type = NP_COLUMN_F64,
     .f64 = start,
     .missing = start_missing},
    {.name = "dose", .uom = "", .type = NP_COLUMN_F64, .f64 = dose},
    {.name = "state", .uom = "", .type = NP_COLUMN_F64, .f64 = state},
    {.name = "year", .uom = "", .type = NP_COLUMN_I64, .i64 = year},
    {.name = "unit", .uom = "", .type = NP_COLUMN_TEXT, .code = unit, .dict = &units},
    {.name = "quarter",
     .uom = "",
     .type = NP_COLUMN_TEXT,
     .code = quarter,
     .dict = &quarters},
    {.name = "begun",
     .uom = "",
     .type = NP_COLUMN_TEXT,
     .code = start_text,
     .dict = &quarters,
     .missing = start_missing},
};
static np_table table;
static np_arena *arena;
static np_error err;

static int fill(void **state_)
{
    (void)state_;
    memset(x_missing, 0, sizeof x_missing);
    for (int i = 0; i < N; i++) {
        int u = UNITS - 1 - i / PERIODS, t = PERIODS - 1 - i % PERIODS;
        unit[i] = u;
        year[i] = 2001 + t;
        quarter[i] = t;
        y[i] = 10 * u + t;
        x[i] = u * t;
        start[i] = first[u];
        start_missing[i] = u == 3 ? NP_MISSING_BLANK : NP_PRESENT;
        start_text[i] = u == 3 ? -1 : u == 0 ? 2 : u == 1 ? 3 : 4;
        dose[i] = (double)year[i] >= first[u] && first[u] > 0;
        state[i] = u / 2;
    }
    table = (np_table){N, sizeof columns / sizeof *columns, columns};
    arena = np_arena_new(0);
    err = (np_error){0};
    return arena == NULL;
}

static int empty(void **state_)
{
    (void)state_;
    np_arena_free(arena);
    return 0;
}

static const np_did_panel_spec plain = {
    .outcome = "y", .unit = "unit", .time = "year", .cohort = "start"};

static np_did_panel built(np_did_panel_spec spec)
{
    np_did_panel p = {0};
    np_status status = np_did_panel_build(&p, &table, &spec, arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
    return p;
}

static void refused(np_did_panel_spec spec, np_status status, const char *message)
{
    np_did_panel p;
    assert_int_equal(np_did_panel_build(&p, &table, &spec, arena, &err), status);
    if (strstr(err.message, message) == NULL)
        print_error("%s\n", err.message);
    assert_non_null(strstr(err.message, message));
}

static void rows_stand_by_unit_and_period(void **state_)
{
    (void)state_;
    np_did_panel p = built(plain);
    assert_int_equal(p.n_units, 4);
    assert_int_equal(p.n, 16);
    assert_true(p.balanced);
    for (size_t u = 0; u < p.n_units; u++)
        for (size_t t = 0; t < p.n_periods; t++)
            assert_true(p.y[u * PERIODS + t] ==
                        10 * (double)(u < 2 ? u : u + 1) + (double)t);
}

static void a_unit_treated_from_the_first_period_is_left_out_by_name(void **state_)
{
    (void)state_;
    np_did_panel p = built(plain);
    assert_int_equal(p.n_dropped, 1);
    assert_int_equal(p.dropped[0].n_units, 1);
    assert_int_equal(p.dropped[0].n_rows, 4);
    assert_string_equal(p.dropped[0].unit[0], "c");
    assert_string_equal(p.dropped[0].reason, "treated from the first period, 2001");
}

static void anticipation_makes_the_second_period_a_first_one(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.anticipation = 2;
    np_did_panel p = built(spec);
    assert_int_equal(p.dropped[0].n_units, 2);
    assert_string_equal(p.dropped[0].unit[0], "a");
    assert_string_equal(p.dropped[0].unit[1], "c");
}

static void missing_and_zero_starts_are_never(void **state_)
{
    (void)state_;
    np_did_panel p = built(plain);
    assert_int_equal(p.n_never, 2);
    assert_int_equal(p.n_cohorts, 2);
    assert_true(p.cohort[0] == 2003 && p.cohort[1] == 2004);
    assert_int_equal(p.cohort_start[0], 2);
    assert_int_equal(p.cohort_start[1], 3);
    assert_string_equal(np_did_unit_label(&p, 3, arena), "e");
}

static void the_treatment_gives_the_same_starts_as_the_cohort(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.cohort = NULL;
    spec.treatment = "dose";
    np_did_panel p = built(spec), q = built(plain);
    assert_true(p.absorbing);
    assert_int_equal(p.n_units, q.n_units);
    for (size_t u = 0; u < p.n_units; u++)
        assert_int_equal(p.cohort_of[u], q.cohort_of[u]);
}

static void a_treatment_that_ends_is_not_absorbing(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.cohort = NULL;
    spec.treatment = "ifelse(year == 2004, 0, dose)";
    np_did_panel p = built(spec);
    assert_false(p.absorbing);
}

static void periods_and_starts_may_be_texts(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.time = "quarter";
    spec.cohort = "begun";
    np_did_panel p = built(spec);
    assert_int_equal(p.n_never, 3);
    assert_true(p.cohort[0] == 3 && p.cohort[1] == 4);
    assert_string_equal(p.period_label[2], "2001K3");
    assert_int_equal(p.n_warnings, 1);
    assert_non_null(strstr(p.warning[0], "start after the last period, 2001K4"));
}

static void a_start_that_changes_is_refused_with_unit_and_row(void **state_)
{
    (void)state_;
    start[17] = 2004;
    refused(plain, NP_E_RANGE, "unit a starts in 2003 and in 2004 (row 18)");
}

static void a_cluster_that_changes_is_refused(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.cluster = "state";
    built(spec);
    state[5] = 7;
    refused(spec, NP_E_RANGE, "unit d is in two clusters");
}

static void a_unit_twice_in_a_period_is_refused(void **state_)
{
    (void)state_;
    year[3] = 2002;
    refused(plain, NP_E_DUPLICATE, "unit e is twice in year 2002");
}

static void a_comparison_group_lost_to_a_control_is_an_error(void **state_)
{
    (void)state_;
    const char *control[] = {"x"};
    np_did_panel_spec spec = plain;
    spec.control = control;
    spec.n_controls = 1;
    for (int i = 0; i < 8; i++) {
        x_missing[i] = NP_MISSING_BLANK;
        x[i] = NAN;
    }
    refused(spec, NP_E_NOT_IDENTIFIED, "all never treated units are lost (8 rows: ");
}

static void a_period_without_comparison_is_an_error(void **state_)
{
    (void)state_;
    const char *control[] = {"x"};
    np_did_panel_spec spec = plain;
    spec.control = control;
    spec.n_controls = 1;
    for (int i = 1; i < 8; i += 4) {
        x_missing[i] = NP_MISSING_BLANK;
        x[i] = NAN;
    }
    refused(spec, NP_E_NOT_IDENTIFIED, "no never treated unit is left in period 2003");
}

static void a_unit_without_complete_rows_is_named(void **state_)
{
    (void)state_;
    const char *control[] = {"x"};
    np_did_panel_spec spec = plain;
    spec.control = control;
    spec.n_controls = 1;
    for (int i = 0; i < 4; i++) {
        x_missing[i] = NP_MISSING_BLANK;
        x[i] = NAN;
    }
    np_did_panel p = built(spec);
    assert_int_equal(p.n_dropped, 3);
    assert_string_equal(p.dropped[1].reason, "no row without missing values");
    assert_string_equal(p.dropped[1].unit[0], "e");
}

static np_did_panel_spec with_a_gap(np_unbalanced rule)
{
    np_did_panel_spec spec = plain;
    spec.subset = "!(unit == \"b\" & year == 2002)";
    spec.unbalanced = rule;
    return spec;
}

static void gaps_are_treated_as_asked(void **state_)
{
    (void)state_;
    np_did_panel p = built(with_a_gap(NP_UNBALANCED_PAIRS));
    assert_false(p.balanced);
    assert_int_equal(p.n_units, 4);
    assert_int_equal(p.n_warnings, 1);
    p = built(with_a_gap(NP_UNBALANCED_BALANCE));
    assert_true(p.balanced);
    assert_int_equal(p.n_units, 3);
    assert_int_equal(p.n_cohorts, 1);
    assert_string_equal(p.dropped[p.n_dropped - 1].unit[0], "b");
    refused(with_a_gap(NP_UNBALANCED_REFUSE), NP_E_NOT_IDENTIFIED,
            "1 of 4 units are not seen in every period, for example unit b");
}

static void rows_are_units_without_a_unit_column(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.unit = NULL;
    np_did_panel p = built(spec);
    assert_true(p.cross_sections);
    assert_int_equal(p.n_units, 16);
    assert_int_equal(p.cohort_size[0], 4);
}

static void a_changed_panel_has_only_what_is_kept(void **state_)
{
    (void)state_;
    np_did_panel p = built(plain), q;
    const uint8_t keep[] = {1, 0, 1, 1};
    np_did_change change = {
        .keep = keep, .some_periods = true, .first_period = 1, .last_period = 3};
    assert_int_equal(np_did_panel_change(&q, &p, &change, arena, &err), NP_OK);
    assert_int_equal(q.n_units, 3);
    assert_int_equal(q.n_periods, 3);
    assert_int_equal(q.n_cohorts, 1);
    assert_int_equal(q.cohort_start[0], 1);
    assert_true(q.balanced);
    assert_true(q.y[0] == 1 && q.y[3] == 31);
    assert_string_equal(q.period_label[0], "2002");
}

static void the_design_says_who_compares_with_whom(void **state_)
{
    (void)state_;
    np_did_panel p = built(plain);
    np_did_design d;
    assert_int_equal(np_did_design_examine(&d, &p, &(np_did_spec){0}, arena, &err),
                     NP_OK);
    assert_int_equal(d.n_rows, 3);
    assert_int_equal(d.row[0].n_before, 2);
    assert_int_equal(d.row[0].n_after, 2);
    assert_int_equal(d.row[0].n_not_yet_at_start, 3);
    assert_int_equal(d.row[0].n_not_yet_at_end, 2);
    assert_true(isinf(d.row[2].cohort));
    assert_int_equal(d.row[1].seen[3], 1);
    assert_true(d.verdict[NP_DID_GROUP_TIME].identified);
    assert_false(d.verdict[NP_DID_EFFICIENT].identified);
    assert_int_equal(d.n_warnings, 2);
    assert_non_null(strstr(d.warning[0], "Cohort 2003 is a single unit"));
}

static void nobody_to_compare_with_is_said_for_each_estimator(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.subset = "unit == \"a\" | unit == \"b\"";
    np_did_panel p = built(spec);
    np_did_design d;
    assert_int_equal(np_did_design_examine(&d, &p, &(np_did_spec){0}, arena, &err),
                     NP_OK);
    assert_false(d.verdict[NP_DID_GROUP_TIME].identified);
    assert_non_null(
        strstr(d.verdict[NP_DID_GROUP_TIME].reason, "no unit is never treated"));
    np_did_spec later = {.comparison = NP_COMPARISON_NOT_YET};
    assert_int_equal(np_did_design_examine(&d, &p, &later, arena, &err), NP_OK);
    assert_true(d.verdict[NP_DID_GROUP_TIME].identified);
    assert_false(d.verdict[NP_DID_SYNTHETIC_DID].identified);
}

static void an_estimator_that_is_not_identified_is_refused_with_the_reason(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = plain;
    spec.subset = "unit == \"a\" | unit == \"b\"";
    np_did_panel p = built(spec);
    np_did_result r;
    assert_int_equal(
        np_did_estimate(&r, &p, &(np_did_spec){0}, NP_DID_SYNTHETIC_DID, arena, &err),
        NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "fewer than two never treated"));
}

static void every_failed_allocation_ends_in_an_error(void **state_)
{
    (void)state_;
    np_did_panel_spec spec = with_a_gap(NP_UNBALANCED_BALANCE);
    spec.cluster = "state";
    np_status status = NP_E_NO_MEMORY;
    for (size_t n = 1; status == NP_E_NO_MEMORY; n++) {
        np_did_panel p;
        np_error failure = {0};
        np_arena *own = np_arena_new(0);
        np_arena_fail_at(own, n);
        status = np_did_panel_build(&p, &table, &spec, own, &failure);
        np_arena_free(own);
        assert_true(n < 500);
    }
    assert_int_equal(status, NP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_stand_by_unit_and_period, fill, empty),
        cmocka_unit_test_setup_teardown(
            a_unit_treated_from_the_first_period_is_left_out_by_name, fill, empty),
        cmocka_unit_test_setup_teardown(anticipation_makes_the_second_period_a_first_one,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(missing_and_zero_starts_are_never, fill, empty),
        cmocka_unit_test_setup_teardown(the_treatment_gives_the_same_starts_as_the_cohort,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(a_treatment_that_ends_is_not_absorbing, fill,
                                        empty),
        cmocka_unit_test_setup_teardown(periods_and_starts_may_be_texts, fill, empty),
        cmocka_unit_test_setup_teardown(a_start_that_changes_is_refused_with_unit_and_row,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(a_cluster_that_changes_is_refused, fill, empty),
        cmocka_unit_test_setup_teardown(a_unit_twice_in_a_period_is_refused, fill, empty),
        cmocka_unit_test_setup_teardown(a_comparison_group_lost_to_a_control_is_an_error,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(a_period_without_comparison_is_an_error, fill,
                                        empty),
        cmocka_unit_test_setup_teardown(a_unit_without_complete_rows_is_named, fill,
                                        empty),
        cmocka_unit_test_setup_teardown(gaps_are_treated_as_asked, fill, empty),
        cmocka_unit_test_setup_teardown(rows_are_units_without_a_unit_column, fill,
                                        empty),
        cmocka_unit_test_setup_teardown(a_changed_panel_has_only_what_is_kept, fill,
                                        empty),
        cmocka_unit_test_setup_teardown(the_design_says_who_compares_with_whom, fill,
                                        empty),
        cmocka_unit_test_setup_teardown(nobody_to_compare_with_is_said_for_each_estimator,
                                        fill, empty),
        cmocka_unit_test_setup_teardown(
            an_estimator_that_is_not_identified_is_refused_with_the_reason, fill, empty),
        cmocka_unit_test_setup_teardown(every_failed_allocation_ends_in_an_error, fill,
                                        empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
