#include "stats/did/group_time.h"

#include "did_case.h"

enum { UNITS = 60, PERIODS = 4 };

static did_case made;

/* Thirds start in 3, in 4 and never; numbers that follow no rule. */
static did_case *noise(void)
{
    double start[UNITS];
    for (size_t u = 0; u < UNITS; u++)
        start[u] = u % 3 == 0 ? 3 : u % 3 == 1 ? 4 : 0;
    case_new(&made, UNITS, PERIODS, start);
    case_noise(&made, 7);
    return &made;
}

static const char *const controls[] = {"x"};
static const np_did_panel_spec with_x = {.control = controls, .n_controls = 1};

static np_did_result estimated(const np_did_panel *p, np_did_spec spec)
{
    return case_estimate(p, spec, NP_DID_GROUP_TIME);
}

static const np_group_time_row *row_of(const np_did_result *r, double g, double t)
{
    for (size_t i = 0; i < r->n_group_time; i++)
        if (r->group_time[i].cohort == g && r->group_time[i].time == t)
            return &r->group_time[i];
    return NULL;
}

/* Two treated with changes 5 and 9, three never with 1, 2 and 3: 7 - 2. Variance by
 * influence: (4 + 4) / 2² + (1 + 0 + 1) / 3² = 2 + 2/9. */
static void an_effect_is_the_difference_of_mean_changes(void **state)
{
    (void)state;
    case_new(&made, 5, 2, (const double[]){2, 2, 0, 0, 0});
    const double change[] = {5, 9, 1, 2, 3};
    for (size_t u = 0; u < 5; u++) {
        made.y[2 * u] = 100 * (double)u;
        made.y[2 * u + 1] = 100 * (double)u + change[u];
    }
    np_did_panel p = case_panel(&made, (np_did_panel_spec){0});
    np_did_result r = estimated(&p, (np_did_spec){0});
    assert_int_equal(r.n_group_time, 1);
    assert_digits(r.group_time[0].estimate, 5, 12);
    assert_digits(r.group_time[0].std_error, sqrt(2 + 2.0 / 9), 12);
    assert_digits(r.estimates.vcov[0], 2 + 2.0 / 9, 12);
    assert_true(r.group_time[0].n_treated == 2 && r.group_time[0].n_comparison == 3);
    assert_string_equal(r.estimates.term[0], "ATT(2,2)");
    const np_did_aggregate *simple = np_did_aggregate_of(&r, "simple");
    assert_digits(simple->estimate, 5, 12);
    assert_digits(simple->std_error, sqrt(2 + 2.0 / 9), 12);
}

/* The same by cluster {treated 1, never 1}, {the rest}: psi/n are (-1, 1) for the
 * treated and (1/3, 0, -1/3) for the never; sums -2/3 and 2/3. */
static void errors_by_cluster_sum_the_influence_first(void **state)
{
    (void)state;
    case_new(&made, 5, 2, (const double[]){2, 2, 0, 0, 0});
    const double change[] = {5, 9, 1, 2, 3}, cluster[] = {0, 1, 0, 1, 1};
    for (size_t i = 0; i < 10; i++) {
        made.y[i] = i % 2 ? change[i / 2] : 0;
        made.cluster[i] = cluster[i / 2];
    }
    np_did_panel p = case_panel(&made, (np_did_panel_spec){.cluster = "cluster"});
    np_did_result r = estimated(&p, (np_did_spec){0});
    assert_digits(r.group_time[0].std_error, sqrt(2 * 4.0 / 9), 12);
}

static void a_cohort_of_one_unit_has_an_estimate_and_no_error(void **state)
{
    (void)state;
    case_new(&made, 5, 2, (const double[]){2, 0, 0, 0, 0});
    case_noise(&made, 1);
    np_did_panel p = case_panel(&made, (np_did_panel_spec){0});
    np_did_result r = estimated(&p, (np_did_spec){0});
    assert_true(isfinite(r.group_time[0].estimate));
    assert_true(isnan(r.group_time[0].std_error));
    assert_true(isnan(r.estimates.vcov[0]));
    assert_true(isnan(np_did_aggregate_of(&r, "simple")->std_error));
    assert_true(isnan(np_did_aggregate_of(&r, "group")->row[0].std_error));
}

/* The one treated unit's influence is 0; the never treated have changes 1, 2, 3 and 6:
 * squares of -2, -1, 0 and 3 over 4². */
static void errors_of_the_comparison_alone_are_given_where_asked_for(void **state)
{
    (void)state;
    case_new(&made, 5, 2, (const double[]){2, 0, 0, 0, 0});
    const double change[] = {5, 1, 2, 3, 6};
    for (size_t i = 0; i < 10; i++)
        made.y[i] = i % 2 ? change[i / 2] : 0;
    np_did_panel p = case_panel(&made, (np_did_panel_spec){0});
    np_did_result r = estimated(&p, (np_did_spec){.single_unit_errors = true});
    assert_digits(r.group_time[0].estimate, 2, 12);
    assert_digits(r.group_time[0].std_error, sqrt(14.0 / 16), 12);
    assert_digits(np_did_aggregate_of(&r, "simple")->std_error, sqrt(14.0 / 16), 12);
}

static void the_base_period_is_zero_without_error(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), (np_did_panel_spec){0});
    np_did_result r = estimated(&p, (np_did_spec){.base = NP_BASE_UNIVERSAL});
    assert_int_equal(r.n_group_time, 8);
    const np_group_time_row *base = row_of(&r, 4, 3);
    assert_true(base->estimate == 0 && isnan(base->std_error) && isnan(base->p_value));
    const np_did_aggregate *dynamic = np_did_aggregate_of(&r, "dynamic");
    assert_true(dynamic->row[2].value == -1 && dynamic->row[2].reference);
    assert_true(isnan(dynamic->row[2].std_error));
    /* before the start effects are the varying ones, summed backwards */
    np_did_result varying = estimated(&p, (np_did_spec){0});
    assert_digits(row_of(&r, 4, 2)->estimate, -row_of(&varying, 4, 3)->estimate, 12);
}

/* With anticipation of one period the cohort of 4 is measured from 2, and who starts in
 * 4 no longer compares in period 3. */
static void anticipation_moves_the_base_and_the_comparison(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), (np_did_panel_spec){.anticipation = 1});
    np_did_spec spec = {.anticipation = 1, .comparison = NP_COMPARISON_NOT_YET};
    np_did_result r = estimated(&p, spec);
    assert_true(row_of(&r, 4, 4)->base_period == 2);
    assert_true(row_of(&r, 3, 3)->base_period == 1);
    assert_true(row_of(&r, 3, 3)->n_comparison == 20);
    p = case_panel(&made, (np_did_panel_spec){0});
    spec.anticipation = 0;
    r = estimated(&p, spec);
    assert_true(row_of(&r, 3, 3)->n_comparison == 40);
    assert_true(row_of(&r, 3, 4)->n_comparison == 20);
}

static void without_never_treated_the_last_cohort_is_comparison_alone(void **state)
{
    (void)state;
    const double start[] = {2, 2, 3, 3, 4, 4};
    case_new(&made, 6, 4, start);
    case_noise(&made, 3);
    np_did_panel p = case_panel(&made, (np_did_panel_spec){0});
    np_did_result r = estimated(&p, (np_did_spec){.comparison = NP_COMPARISON_NOT_YET});
    for (size_t i = 0; i < r.n_group_time; i++)
        assert_true(r.group_time[i].cohort < 4 && r.group_time[i].time < 4);
    assert_int_equal(r.n_group_time, 4);
}

/* The influence of unit i is n times the change of the estimate by unit i's weight. */
static double shifted(size_t unit, double by, np_did_panel_spec panel, np_did_spec spec,
                      const char *kind, size_t row)
{
    did_case *c = noise();
    for (size_t i = 0; i < UNITS * PERIODS; i++)
        c->weight[i] = 1 + (i / PERIODS == unit ? by : 0);
    panel.weights = "weight";
    np_did_panel p = case_panel(c, panel);
    np_did_result r = estimated(&p, spec);
    return np_did_aggregate_of(&r, kind)->row[row].estimate;
}

static void check_influence(np_did_panel_spec panel, np_did_spec spec, const char *kind,
                            size_t row)
{
    const double step = 1e-4;
    noise();
    for (size_t i = 0; i < UNITS * PERIODS; i++)
        made.weight[i] = 1;
    panel.weights = "weight";
    np_did_panel p = case_panel(&made, panel);
    np_did_result r = estimated(&p, spec);
    const np_did_aggregate *a = np_did_aggregate_of(&r, kind);
    assert_non_null(a->influence);
    double square = 0;
    for (size_t u = 0; u < UNITS; u++) {
        double slope = (shifted(u, step, panel, spec, kind, row) -
                        shifted(u, -step, panel, spec, kind, row)) /
                       (2 * step);
        double psi = a->influence[u * a->n_rows + row];
        if (!(fabs(psi - UNITS * slope) < 1e-5 * (1 + fabs(psi))))
            print_error("%s %zu, unit %zu: %g, slope %g\n", kind, row, u, psi,
                        UNITS * slope);
        assert_true(fabs(psi - UNITS * slope) < 1e-5 * (1 + fabs(psi)));
        square += psi * psi;
    }
    assert_digits(a->row[row].std_error, sqrt(square) / UNITS, 9);
}

static void influence_is_the_slope_in_the_units_weights(void **state)
{
    (void)state;
    const np_did_method method[] = {
        NP_DID_DOUBLY_ROBUST, NP_DID_INVERSE_PROBABILITY, NP_DID_OUTCOME_REGRESSION,
        NP_DID_DOUBLY_ROBUST_IMPROVED, NP_DID_HORVITZ_THOMPSON};
    for (size_t m = 0; m < 5; m++) {
        check_influence(with_x, (np_did_spec){.method = method[m]}, "group", 0);
        check_influence(with_x, (np_did_spec){.method = method[m]}, "dynamic", 3);
        check_influence(
            with_x,
            (np_did_spec){.method = method[m], .comparison = NP_COMPARISON_NOT_YET},
            "calendar", 1);
    }
}

/* One row is missing, and rows are compared as cross-sections. */
static void influence_of_cross_sections_is_the_slope_in_the_weights(void **state)
{
    (void)state;
    np_did_panel_spec panel = with_x;
    panel.unbalanced = NP_UNBALANCED_CROSS_SECTION;
    panel.subset = "!(unit == 9 & time == 2)";
    const np_did_method method[] = {NP_DID_INVERSE_PROBABILITY, NP_DID_OUTCOME_REGRESSION,
                                    NP_DID_HORVITZ_THOMPSON};
    for (size_t m = 0; m < 3; m++) {
        check_influence(panel, (np_did_spec){.method = method[m]}, "group", 0);
        check_influence(panel, (np_did_spec){.method = method[m]}, "calendar", 1);
    }
}

static void without_controls_all_methods_agree(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), (np_did_panel_spec){0});
    np_did_result reg = estimated(&p, (np_did_spec){.method = NP_DID_OUTCOME_REGRESSION});
    np_did_result dr = estimated(&p, (np_did_spec){0});
    for (size_t i = 0; i < reg.n_group_time; i++) {
        assert_digits(dr.group_time[i].estimate, reg.group_time[i].estimate, 12);
        assert_digits(dr.group_time[i].std_error, reg.group_time[i].std_error, 12);
    }
}

/* Rows of a balanced panel as cross-sections: the same estimates without controls. */
static void cross_sections_of_a_panel_have_its_estimates(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), (np_did_panel_spec){0});
    np_did_result panel = estimated(&p, (np_did_spec){0});
    np_did_panel_spec rows = {.outcome = "y", .time = "time", .cohort = "start"};
    np_did_panel q;
    assert_int_equal(np_did_panel_build(&q, &made.table, &rows, arena, &err), NP_OK);
    np_did_result sections = estimated(&q, (np_did_spec){0});
    assert_int_equal(sections.n_group_time, panel.n_group_time);
    for (size_t i = 0; i < panel.n_group_time; i++)
        assert_digits(sections.group_time[i].estimate, panel.group_time[i].estimate, 10);
}

/* Unit 4 (never treated) lacks period 2: ATT(3,3) does not use it there, ATT(4,4) is
 * measured from 3 and does. */
static void pairs_use_the_units_seen_in_both_periods(void **state)
{
    (void)state;
    noise();
    np_did_panel p =
        case_panel(&made, (np_did_panel_spec){.subset = "!(unit == 6 & time == 2)"});
    np_did_result r = estimated(&p, (np_did_spec){0});
    assert_true(row_of(&r, 3, 3)->n_comparison == 19);
    assert_true(row_of(&r, 4, 4)->n_comparison == 20);
    np_did_panel whole = case_panel(noise(), (np_did_panel_spec){0});
    np_did_result all = estimated(&whole, (np_did_spec){0});
    assert_digits(row_of(&r, 4, 4)->estimate, row_of(&all, 4, 4)->estimate, 12);
}

static void no_overlap_is_named_and_left_out(void **state)
{
    (void)state;
    noise();
    for (size_t i = 0; i < UNITS * PERIODS; i++)
        made.x[i] = made.start[i] == 3 ? 10 + made.x[i] : made.x[i];
    np_did_panel p = case_panel(&made, with_x);
    np_did_result r = estimated(&p, (np_did_spec){0});
    assert_true(isnan(row_of(&r, 3, 3)->estimate));
    assert_true(isfinite(row_of(&r, 4, 4)->estimate));
    assert_int_equal(r.estimates.n_warnings, 1);
    assert_non_null(
        strstr(r.estimates.warning[0], "Cohort 3 has no estimate for 2, 3, 4"));
    assert_int_equal(np_did_aggregate_of(&r, "group")->n_rows, 1);
    /* regression needs no overlap */
    r = estimated(&p, (np_did_spec){.method = NP_DID_OUTCOME_REGRESSION});
    assert_true(isfinite(row_of(&r, 3, 3)->estimate));
}

static void a_collinear_control_is_named(void **state)
{
    (void)state;
    noise();
    for (size_t i = 0; i < UNITS * PERIODS; i++)
        made.x[i] = made.start[i] == 0 ? 1 : made.x[i];
    np_did_panel p = case_panel(&made, with_x);
    np_did_spec spec = {.method = NP_DID_OUTCOME_REGRESSION};
    np_did_result r;
    assert_int_equal(np_did_estimate(&r, &p, &spec, NP_DID_GROUP_TIME, arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "x is collinear in the comparison"));
}

static void windows_and_balance_choose_event_times(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), (np_did_panel_spec){0});
    np_did_spec spec = {.has_window = true, .window_min = -1, .window_max = 0};
    np_did_result r = estimated(&p, spec);
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    assert_int_equal(a->n_rows, 2);
    assert_digits(a->estimate, a->row[1].estimate, 12);
    /* only the cohort of 3 is seen one period after its start */
    spec = (np_did_spec){.has_balance = true, .balance = 1};
    r = estimated(&p, spec);
    a = np_did_aggregate_of(&r, "dynamic");
    for (size_t i = 0; i < a->n_rows; i++)
        assert_digits(a->row[i].estimate, row_of(&r, 3, 3 + a->row[i].value)->estimate,
                      12);
}

/* The draws' errors are within 5 of their own Monte Carlo errors: that of a standard
 * deviation from the quartiles of B normal draws is about 1.17 / sqrt(B) of it. */
static void draws_give_the_analytic_errors(void **state)
{
    (void)state;
    enum { DRAWS = 4000 };
    np_did_panel p = case_panel(noise(), with_x);
    np_did_result exact = estimated(&p, (np_did_spec){0});
    np_did_result drawn = estimated(&p, (np_did_spec){.draws = DRAWS, .seed = 5});
    for (size_t i = 0; i < exact.n_group_time; i++)
        assert_true(fabs(drawn.group_time[i].std_error / exact.group_time[i].std_error -
                         1) < 5 * 1.17 / sqrt(DRAWS));
    double critical = np_estimates_stat(&drawn.estimates, "critical_value");
    assert_true(critical > 1.96 && critical < 4);
    const np_group_time_row *row = &drawn.group_time[0];
    assert_digits(row->band_high, row->estimate + critical * row->std_error, 12);
    assert_true(np_did_aggregate_of(&drawn, "dynamic")->critical_value > 1.95);
}

static void draws_do_not_depend_on_threads(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), with_x);
    np_did_result one = estimated(&p, (np_did_spec){.draws = 300, .n_threads = 1});
    np_did_result four = estimated(&p, (np_did_spec){.draws = 300, .n_threads = 4});
    for (size_t i = 0; i < one.n_group_time; i++) {
        assert_true(one.group_time[i].estimate == four.group_time[i].estimate);
        assert_true(one.group_time[i].std_error == four.group_time[i].std_error);
    }
}

/* Three units a cohort have changes in two dimensions about their mean. */
static void effects_that_cannot_be_told_apart_are_not_tested(void **state)
{
    (void)state;
    double start[6] = {7, 7, 7, 0, 0, 0};
    case_new(&made, 6, 8, start);
    case_noise(&made, 2);
    np_did_panel p = case_panel(&made, (np_did_panel_spec){0});
    np_did_result r = estimated(&p, (np_did_spec){0});
    assert_int_equal(r.estimates.n_tests, 0);
    assert_int_equal(r.estimates.n_warnings, 1);
    assert_non_null(strstr(r.estimates.warning[0], "not tested together"));
}

/* Every allocation that can fail does, once: no memory, and the result left alone. */
static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    np_did_panel p = case_panel(
        noise(),
        (np_did_panel_spec){.control = controls, .n_controls = 1, .cluster = "cluster"});
    np_did_panel_spec rows = {.outcome = "y",
                              .time = "time",
                              .cohort = "start",
                              .control = controls,
                              .n_controls = 1};
    np_did_panel q;
    assert_int_equal(np_did_panel_build(&q, &made.table, &rows, arena, &err), NP_OK);
    const np_did_panel *const panel[] = {&p, &q};
    for (size_t i = 0; i < 2; i++) {
        np_did_spec spec = {.draws = 3, .n_threads = 1};
        np_status status = NP_E_NO_MEMORY;
        for (size_t n = 1; status != NP_OK; n++) {
            np_did_result r = {.n_units = 12345};
            np_error e = {0};
            np_arena_mark mark = np_arena_set_mark(arena);
            np_arena_fail_at(arena, n);
            status = np_group_time_estimate(&r, panel[i], &spec, arena, &e);
            np_arena_fail_at(arena, 0);
            assert_true(status == NP_OK ||
                        (status == NP_E_NO_MEMORY && r.n_units == 12345));
            np_arena_release(arena, mark);
        }
    }
}

/* Neither the outcome's unit of measure nor the control's changes anything else. */
static void effects_scale_with_the_outcome(void **state)
{
    (void)state;
    np_did_panel p = case_panel(noise(), with_x);
    np_did_result before = estimated(&p, (np_did_spec){0});
    for (size_t i = 0; i < UNITS * PERIODS; i++) {
        made.y[i] = 1000 * made.y[i] + 5;
        made.x[i] = 1e6 + 1e-3 * made.x[i];
    }
    np_did_panel q = case_panel(&made, with_x);
    np_did_result after = estimated(&q, (np_did_spec){0});
    for (size_t i = 0; i < before.n_group_time; i++) {
        assert_digits(after.group_time[i].estimate, 1000 * before.group_time[i].estimate,
                      6);
        assert_digits(after.group_time[i].std_error,
                      1000 * before.group_time[i].std_error, 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define t(name) cmocka_unit_test_setup_teardown(name, case_begin, case_end)
        t(an_effect_is_the_difference_of_mean_changes),
        t(errors_by_cluster_sum_the_influence_first),
        t(a_cohort_of_one_unit_has_an_estimate_and_no_error),
        t(errors_of_the_comparison_alone_are_given_where_asked_for),
        t(the_base_period_is_zero_without_error),
        t(anticipation_moves_the_base_and_the_comparison),
        t(without_never_treated_the_last_cohort_is_comparison_alone),
        t(influence_is_the_slope_in_the_units_weights),
        t(influence_of_cross_sections_is_the_slope_in_the_weights),
        t(without_controls_all_methods_agree),
        t(cross_sections_of_a_panel_have_its_estimates),
        t(pairs_use_the_units_seen_in_both_periods),
        t(no_overlap_is_named_and_left_out),
        t(a_collinear_control_is_named),
        t(windows_and_balance_choose_event_times),
        t(draws_give_the_analytic_errors),
        t(draws_do_not_depend_on_threads),
        t(effects_that_cannot_be_told_apart_are_not_tested),
        t(running_out_of_memory_is_told),
        t(effects_scale_with_the_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
