#include "support/check.h"

#include <string.h>

#include "stats/did/did_design.h"
#include "stats/did/synthetic.h"
#include "stats/prop99.h"

/* 39 states as a table: 36 donors; Wisconsin starts in 1985, Wyoming and California in
 * 1989, unless a test says otherwise. */
enum { N = PROP99_STATES, T = PROP99_YEARS, DONORS = 36, ROWS = N * T };
static double packs[ROWS], start[ROWS], x[ROWS];
static int64_t year[ROWS];
static int32_t state[ROWS], region[ROWS];
static uint8_t packs_missing[ROWS];
static char name[N][16];
static const char *label[N];
static np_dict states = {N, label};
static const np_column columns[] = {
    {.name = "packs",
     .uom = "",
     .type = NP_COLUMN_F64,
     .f64 = packs,
     .missing = packs_missing},
    {.name = "start", .uom = "", .type = NP_COLUMN_F64, .f64 = start},
    {.name = "x", .uom = "", .type = NP_COLUMN_F64, .f64 = x},
    {.name = "year", .uom = "", .type = NP_COLUMN_I64, .i64 = year},
    {.name = "state", .uom = "", .type = NP_COLUMN_TEXT, .code = state, .dict = &states},
    {.name = "region",
     .uom = "",
     .type = NP_COLUMN_TEXT,
     .code = region,
     .dict = &states},
};
static np_table table;
static np_arena *arena;
static np_error err;

static int fill(void **unused)
{
    (void)unused;
    memset(packs_missing, 0, sizeof packs_missing);
    for (size_t i = 0; i < ROWS; i++) {
        size_t u = i / T;
        packs[i] = prop99_packs[i];
        year[i] = 1970 + (int64_t)(i % T);
        start[i] = u < DONORS ? 0 : u == DONORS ? 1985 : 1989;
        x[i] = (double)u;
        state[i] = (int32_t)u;
        region[i] = (int32_t)u / 2;
    }
    for (size_t u = 0; u < N; u++) {
        snprintf(name[u], sizeof name[u], "state %02zu", u + 1);
        label[u] = name[u];
    }
    table = (np_table){ROWS, sizeof columns / sizeof *columns, columns};
    arena = np_arena_new(0);
    err = (np_error){0};
    return arena == NULL;
}

static int empty(void **unused)
{
    (void)unused;
    np_arena_free(arena);
    return 0;
}

static np_did_panel_spec by_start(void)
{
    return (np_did_panel_spec){
        .outcome = "packs", .unit = "state", .time = "year", .cohort = "start"};
}

static np_did_panel built(const np_did_panel_spec *spec)
{
    np_did_panel p = {0};
    if (np_did_panel_build(&p, &table, spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return p;
}

static np_did_result estimated(np_did_estimator estimator, const np_did_spec *spec)
{
    np_did_panel_spec panel_spec = by_start();
    np_did_panel p = built(&panel_spec);
    np_did_result r = {0};
    if (np_did_estimate(&r, &p, spec, estimator, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return r;
}

static void only_california(void)
{
    for (size_t i = 0; i < ROWS; i++)
        start[i] = i / T == N - 1 ? 1989 : 0;
}

static double aggregate_row(const np_did_result *r, const char *kind, double value)
{
    const np_did_aggregate *a = np_did_aggregate_of(r, kind);
    for (size_t i = 0; i < a->n_rows; i++)
        if (a->row[i].value == value)
            return a->row[i].estimate;
    return NAN;
}

static const np_estimate_table *table_of(const np_did_result *r, const char *which)
{
    for (size_t i = 0; i < r->estimates.n_tables; i++)
        if (strcmp(r->estimates.table[i].name, which) == 0)
            return &r->estimates.table[i];
    return NULL;
}

/* R synthdid 0.0.9's numbers of California. */
static void one_treated_state_is_as_in_r_synthdid(void **unused)
{
    (void)unused;
    only_california();
    np_did_result r = estimated(NP_DID_SYNTHETIC_DID, &(np_did_spec){0});
    assert_int_equal(r.estimates.k, 1);
    assert_string_equal(r.estimates.term[0], "ATT");
    assert_digits(r.estimates.estimate[0], -15.6038278727339, 10);
    assert_true(isnan(r.estimates.std_error[0]));
    assert_digits(np_estimates_stat(&r.estimates, "zeta_omega"), 10.2262325714912, 13);
    const np_estimate_table *donors = table_of(&r, "donor_weights");
    assert_int_equal(donors->n, N - 1);
    assert_string_equal(donors->term[19], "state 20");
    assert_digits(donors->estimate[19], 0.124489227812917, 9);
    const np_estimate_table *periods = table_of(&r, "time_weights");
    assert_int_equal(periods->n, 19);
    assert_string_equal(periods->term[18], "1988");
    assert_digits(periods->estimate[18], 0.427076317503359, 9);
    assert_digits(aggregate_row(&r, "dynamic", 0), -4.84497259309483, 9);
    assert_digits(aggregate_row(&r, "calendar", 2000), -24.4848817816763, 9);
    r = estimated(NP_DID_SYNTHETIC_CONTROL, &(np_did_spec){0});
    assert_digits(r.estimates.estimate[0], -19.619663470944, 9);
    r = estimated(NP_DID_SYNTHETIC_DID,
                  &(np_did_spec){.synthetic = {.omega = NP_SYNTHETIC_UNIFORM,
                                               .lambda = NP_SYNTHETIC_UNIFORM}});
    assert_digits(r.estimates.estimate[0], -27.349111083615, 12);
}

/* Cohort estimates 8.977 (1 state × 16 years) and -4.146 (2 × 12), each from its own
 * weights (transcript of R synthdid); 1.103 = (16 × 8.977 - 24 × 4.146) / 40. */
static void cohorts_weigh_by_treated_cells(void **unused)
{
    (void)unused;
    np_did_result r = estimated(NP_DID_SYNTHETIC_DID, &(np_did_spec){0});
    assert_digits(r.estimates.estimate[0], 1.1030621692159595, 9);
    assert_string_equal(r.estimates.term[2], "cohort 1989");
    assert_digits(r.estimates.estimate[1], 8.976700688095276, 9);
    assert_digits(r.estimates.estimate[2], -4.146030176703585, 9);
    assert_digits(np_did_aggregate_of(&r, "simple")->estimate, 1.1030621692159595, 9);
    assert_digits(np_did_aggregate_of(&r, "group")->estimate, 0.22821344489603548, 8);
    assert_digits(aggregate_row(&r, "dynamic", -2), -3.364423485400477, 8);
    assert_digits(aggregate_row(&r, "dynamic", 0), 1.1162714419867423, 8);
    assert_digits(aggregate_row(&r, "dynamic", 11), -3.6608030413468313, 8);
    assert_digits(aggregate_row(&r, "dynamic", 12), 11.960997235567831, 9);
    assert_digits(aggregate_row(&r, "calendar", 1987), 7.269937804236605, 9);
    assert_digits(aggregate_row(&r, "calendar", 1990), -0.3648785995000428, 8);
    assert_int_equal(r.n_group_time, 2 * T);
    assert_string_equal(table_of(&r, "donor_weights")->term[0], "1985: state 01");
}

/* Windows and balance leave rows out, and nothing else changes. */
static void windows_and_balance_choose_event_times(void **unused)
{
    (void)unused;
    np_did_result r =
        estimated(NP_DID_SYNTHETIC_DID,
                  &(np_did_spec){.has_window = true, .window_min = -1, .window_max = 2});
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    assert_int_equal(a->n_rows, 4);
    assert_digits(aggregate_row(&r, "dynamic", 0), 1.1162714419867423, 8);
    r = estimated(NP_DID_SYNTHETIC_DID,
                  &(np_did_spec){.has_balance = true, .balance = 12});
    assert_digits(aggregate_row(&r, "dynamic", 12), 11.960997235567831, 9);
    assert_true(isnan(aggregate_row(&r, "dynamic", 13)));
    assert_true(aggregate_row(&r, "dynamic", 0) > 2); /* Wisconsin alone */
}

static void incomplete_units_are_left_out_by_name(void **unused)
{
    (void)unused;
    packs_missing[3 * T + 5] = NP_MISSING_NOT_REPORTED;
    packs_missing[37 * T + 30] = NP_MISSING_NOT_REPORTED;
    packs[3 * T + 5] = packs[37 * T + 30] = NAN;
    np_did_result r = estimated(NP_DID_SYNTHETIC_DID, &(np_did_spec){0});
    assert_int_equal(r.n_dropped, 1);
    assert_int_equal(r.dropped[0].n_units, 2);
    assert_string_equal(r.dropped[0].unit[0], "state 04");
    assert_string_equal(r.dropped[0].unit[1], "state 38");
    assert_int_equal(r.dropped[0].n_rows, 2 * (T - 1));
    assert_non_null(strstr(r.dropped[0].reason, "every period"));
    assert_int_equal(r.n_units, N - 2);
    assert_int_equal(r.n_treated_units, 2);
}

static void cohorts_without_two_periods_before_are_left_out_by_name(void **unused)
{
    (void)unused;
    for (size_t t = 0; t < T; t++)
        start[36 * T + t] = 1971;
    np_did_result r = estimated(NP_DID_SYNTHETIC_DID, &(np_did_spec){0});
    assert_int_equal(r.n_dropped, 1);
    assert_string_equal(r.dropped[0].unit[0], "state 37");
    assert_int_equal(r.estimates.k, 1);
    for (size_t i = 36 * T; i < ROWS; i++)
        start[i] = 1971;
    np_did_panel_spec spec = by_start();
    np_did_panel p = built(&spec);
    assert_int_equal(
        np_did_estimate(&r, &p, &(np_did_spec){0}, NP_DID_SYNTHETIC_DID, arena, &err),
        NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "two periods before its start"));
}

/* Published (American Economic Review 2021, table 1): 8.4, 9.9 and 17.7 with 200 draws or
 * more of R's generator; R synthdid with 200: 8.368, 9.917, 17.740. A standard deviation
 * of 200 draws is known to 5 %, and so is theirs: three times sqrt(2) of it. */
static void placebo_errors_are_as_published(void **unused)
{
    (void)unused;
    only_california();
    static const double want[] = {8.36799308138053, 9.917425548873, 17.7402669743148};
    for (int m = 0; m < 3; m++) {
        np_did_spec spec = {.synthetic_errors = NP_SYNTHETIC_PLACEBO, .seed = 12345};
        if (m == 2)
            spec.synthetic.omega = spec.synthetic.lambda = NP_SYNTHETIC_UNIFORM;
        np_did_result r =
            estimated(m == 1 ? NP_DID_SYNTHETIC_CONTROL : NP_DID_SYNTHETIC_DID, &spec);
        assert_int_equal((int)np_estimates_stat(&r.estimates, "draws"), 200);
        double se = r.estimates.std_error[0];
        assert_true(fabs(log(se / want[m])) < 3 * sqrt(2.0 / 400));
        assert_digits(r.estimates.conf_high[0],
                      r.estimates.estimate[0] + 1.959963984540054 * se, 10);
        const np_did_aggregate *dynamic = np_did_aggregate_of(&r, "dynamic");
        assert_true(dynamic->critical_value > 1.96 && dynamic->critical_value < 5);
        assert_digits(dynamic->vcov[0], pow(dynamic->row[0].std_error, 2), 12);
        assert_int_equal(table_of(&r, "in_space_placebos")->n, N - 1);
    }
}

static void rank_of_california_among_the_states(void **unused)
{
    (void)unused;
    only_california();
    np_did_spec spec = {.synthetic_errors = NP_SYNTHETIC_PLACEBO, .draws = 2};
    np_did_result r = estimated(NP_DID_SYNTHETIC_DID, &spec);
    assert_string_equal(r.estimates.test[0].name, "in_space_rank");
    assert_digits(r.estimates.test[0].p_value, 2.0 / 39, 14);
}

/* By the bootstrap, a cohort of one unit has no error of its own; the average of all has
 * one. */
static void a_cohort_of_one_has_no_bootstrap_error_of_its_own(void **unused)
{
    (void)unused;
    np_did_spec spec = {.synthetic_errors = NP_SYNTHETIC_BOOTSTRAP, .draws = 20};
    np_did_result r = estimated(NP_DID_SYNTHETIC_DID, &spec);
    assert_true(r.estimates.std_error[0] > 0);
    assert_true(isnan(r.estimates.std_error[1]));
    assert_true(r.estimates.std_error[2] > 0);
    assert_true(isnan(r.group_time[20].std_error));
    assert_true(r.group_time[T + 20].std_error > 0);
    np_did_panel_spec panel_spec = by_start();
    np_did_panel p = built(&panel_spec);
    spec.synthetic_errors = NP_SYNTHETIC_JACKKNIFE;
    assert_int_equal(np_did_estimate(&r, &p, &spec, NP_DID_SYNTHETIC_DID, arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "cohort 1 of 2 has a single one"));
}

/* A control that does not change over time is taken out with the states' effects. */
static void constant_controls_are_named_collinear(void **unused)
{
    (void)unused;
    only_california();
    np_did_panel_spec spec = by_start();
    const char *const control[] = {"x"};
    spec.control = control;
    spec.n_controls = 1;
    np_did_panel p = built(&spec);
    np_did_result r;
    assert_int_equal(
        np_did_estimate(&r, &p, &(np_did_spec){0}, NP_DID_SYNTHETIC_DID, arena, &err),
        NP_OK);
    assert_int_equal(r.estimates.n_collinear, 1);
    assert_string_equal(r.estimates.collinear[0], "x");
    assert_digits(r.estimates.estimate[0], -15.6038278727339, 10);
}

/* With two years of anticipation the weights see no year from 1987 on, and the average
 * is still of 1989 on. */
static void anticipation_leaves_years_out_of_the_weights(void **unused)
{
    (void)unused;
    only_california();
    np_did_panel_spec panel_spec = by_start();
    panel_spec.anticipation = 2;
    np_did_panel p = built(&panel_spec);
    np_did_result r;
    assert_int_equal(np_did_estimate(&r, &p, &(np_did_spec){.anticipation = 2},
                                     NP_DID_SYNTHETIC_DID, arena, &err),
                     NP_OK);
    const np_estimate_table *periods = table_of(&r, "time_weights");
    assert_int_equal(periods->n, 17);
    assert_string_equal(periods->term[16], "1986");
    double mean = 0;
    for (size_t t = 19; t < T; t++)
        mean += r.group_time[t].estimate / 12;
    assert_digits(r.estimates.estimate[0], mean, 12);
}

static void failed_allocations_are_said_and_leave_the_result_alone(void **unused)
{
    (void)unused;
    np_did_panel_spec panel_spec = by_start();
    np_did_panel p = built(&panel_spec);
    np_did_spec spec = {.synthetic_errors = NP_SYNTHETIC_PLACEBO, .draws = 2};
    np_did_result before, r;
    memset(&before, 0x5a, sizeof before);
    for (size_t n = 1; n < 2000; n++) {
        memcpy(&r, &before, sizeof r);
        err = (np_error){0};
        np_arena_mark mark = np_arena_set_mark(arena);
        np_arena_fail_at(arena, n);
        np_status status =
            np_did_estimate(&r, &p, &spec, NP_DID_SYNTHETIC_DID, arena, &err);
        np_arena_fail_at(arena, 0);
        if (status == NP_OK)
            return;
        assert_int_equal(status, NP_E_NO_MEMORY);
        assert_memory_equal(&r, &before, sizeof r);
        np_arena_release(arena, mark);
    }
    fail_msg("more allocations than expected");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, fill, empty)
    const struct CMUnitTest tests[] = {
        TEST(one_treated_state_is_as_in_r_synthdid),
        TEST(cohorts_weigh_by_treated_cells),
        TEST(windows_and_balance_choose_event_times),
        TEST(incomplete_units_are_left_out_by_name),
        TEST(cohorts_without_two_periods_before_are_left_out_by_name),
        TEST(placebo_errors_are_as_published),
        TEST(rank_of_california_among_the_states),
        TEST(a_cohort_of_one_has_no_bootstrap_error_of_its_own),
        TEST(constant_controls_are_named_collinear),
        TEST(anticipation_leaves_years_out_of_the_weights),
        TEST(failed_allocations_are_said_and_leave_the_result_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
