#include "stats/did/did_compare.h"

#include "stats/did_case.h"

static did_case data;

/* A result of one estimator with nothing but its average. */
typedef struct {
    np_did_aggregate simple;
    np_did_result result;
} one;

static np_did_result with_average(one *o, np_did_estimator estimator, double estimate,
                                  double std_error)
{
    o->simple = (np_did_aggregate){
        .kind = "simple", .estimate = estimate, .std_error = std_error};
    np_did_infer(&o->simple.statistic, &o->simple.p_value, &o->simple.conf_low,
                 &o->simple.conf_high, estimate, std_error, 0.95, NAN);
    o->result = (np_did_result){.estimator = estimator,
                                .n_aggregates = 1,
                                .aggregate = &o->simple,
                                .comparison_used = "never treated",
                                .n_units = 10};
    return o->result;
}

static np_did_comparison compared(const np_did_result *r, size_t n)
{
    np_did_comparison c = {0};
    assert_int_equal(np_did_compare(&c, r, n, NULL, NULL, 0, arena, &err), NP_OK);
    return c;
}

/* Of every estimator on the panel; the reasons live until the next call. */
static np_did_comparison all_compared(const np_did_panel *panel)
{
    static np_error failure[NP_N_DID_ESTIMATORS];
    np_did_result *result = np_arena_array(arena, np_did_result, NP_N_DID_ESTIMATORS);
    np_did_estimator refused[NP_N_DID_ESTIMATORS];
    const char *reason[NP_N_DID_ESTIMATORS];
    size_t n = 0, n_refused = 0;
    np_did_comparison c = {0};
    assert_non_null(result);
    for (np_did_estimator e = 0; e < NP_N_DID_ESTIMATORS; e++) {
        failure[e] = (np_error){0};
        if (np_did_estimate(&result[n], panel, &(np_did_spec){0}, e, arena,
                            &failure[e]) == NP_OK) {
            n++;
            continue;
        }
        refused[n_refused] = e;
        reason[n_refused++] = failure[e].message;
    }
    assert_int_equal(
        np_did_compare(&c, result, n, refused, reason, n_refused, arena, &err), NP_OK);
    return c;
}

static const np_did_finding *of_kind(const np_did_comparison *c, np_did_finding_kind kind)
{
    for (size_t i = 0; i < c->n_findings; i++)
        if (c->finding[i].kind == kind)
            return &c->finding[i];
    return NULL;
}

static unsigned bits(np_did_estimator a, np_did_estimator b)
{
    return 1u << a | 1u << b;
}

/* 1, 2 and 6 with errors 1, 0.5 and 1: the median 2 is within 1.96 errors of the first
 * two, and not of the third. Those of 2 and 6 leave 0 out. */
static void agreement_is_judged_by_each_ones_own_interval(void **state)
{
    (void)state;
    one o[3];
    const np_did_result r[] = {with_average(&o[0], NP_DID_GROUP_TIME, 1, 1),
                               with_average(&o[1], NP_DID_SUN_ABRAHAM, 2, 0.5),
                               with_average(&o[2], NP_DID_TWO_WAY, 6, 1)};
    np_did_comparison c = compared(r, 3);
    const np_did_finding *f = of_kind(&c, NP_DID_FINDING_RANGE);
    assert_true(f->value[0] == 1 && f->value[1] == 6);
    assert_int_equal(f->estimators, bits(NP_DID_GROUP_TIME, NP_DID_TWO_WAY));
    f = of_kind(&c, NP_DID_FINDING_AGREE);
    assert_true(f->value[0] == 2);
    assert_int_equal(f->estimators, bits(NP_DID_GROUP_TIME, NP_DID_SUN_ABRAHAM));
    assert_int_equal(of_kind(&c, NP_DID_FINDING_DISAGREE)->estimators,
                     1u << NP_DID_TWO_WAY);
    f = of_kind(&c, NP_DID_FINDING_SIGNIFICANT);
    assert_true(f->value[0] == 2 && f->value[1] == 3);
    assert_int_equal(f->estimators, bits(NP_DID_SUN_ABRAHAM, NP_DID_TWO_WAY));
    assert_null(of_kind(&c, NP_DID_FINDING_COMPARISON)); /* all the same */
    assert_null(of_kind(&c, NP_DID_FINDING_UNITS));
}

static void the_rarer_sign_is_named(void **state)
{
    (void)state;
    one o[3];
    const np_did_result r[] = {with_average(&o[0], NP_DID_GROUP_TIME, 1, 1),
                               with_average(&o[1], NP_DID_IMPUTATION, 2, 1),
                               with_average(&o[2], NP_DID_TWO_WAY, -1, 1)};
    np_did_comparison c = compared(r, 3);
    const np_did_finding *f = of_kind(&c, NP_DID_FINDING_SIGN);
    assert_true(f->value[0] == 1 && f->value[1] == 2);
    assert_int_equal(f->estimators, 1u << NP_DID_TWO_WAY);
}

static void an_estimate_without_error_is_in_the_range_but_judged_by_nobody(void **state)
{
    (void)state;
    one o[2];
    const np_did_result r[] = {with_average(&o[0], NP_DID_GROUP_TIME, 1, 1),
                               with_average(&o[1], NP_DID_SYNTHETIC_DID, 9, NAN)};
    np_did_comparison c = compared(r, 2);
    assert_true(of_kind(&c, NP_DID_FINDING_RANGE)->value[1] == 9);
    assert_true(of_kind(&c, NP_DID_FINDING_SIGNIFICANT)->value[1] == 1);
}

static void conventions_that_differ_name_who_has_them(void **state)
{
    (void)state;
    one o[3];
    np_did_result r[] = {with_average(&o[0], NP_DID_GROUP_TIME, 1, 1),
                         with_average(&o[1], NP_DID_SUN_ABRAHAM, 2, 1),
                         with_average(&o[2], NP_DID_TWO_WAY, 1, 1)};
    r[2].comparison_used = "all";
    r[1].n_units = 8;
    np_did_comparison c = compared(r, 3);
    const np_did_finding *f = of_kind(&c, NP_DID_FINDING_COMPARISON);
    assert_string_equal(f[0].text, "never treated");
    assert_int_equal(f[0].estimators, bits(NP_DID_GROUP_TIME, NP_DID_SUN_ABRAHAM));
    assert_string_equal(f[1].text, "all");
    f = of_kind(&c, NP_DID_FINDING_UNITS);
    assert_true(f[0].value[0] == 10 && f[1].value[0] == 8);
}

/* The three units of test_two_way.c: weights of comparisons .2 .3 .2 .3 with 2.5, 3, 4.5
 * and 6, the third with units treated already. Without it: (.5 + .9 + 1.8)/.8 = 4. */
static void comparisons_with_units_treated_already_are_weighed(void **state)
{
    (void)state;
    static const double start[] = {0, 2, 4};
    static const double y[] = {0, 0, 0, 0, 0, 2, 3, 4, 0, 0, 0, 6};
    case_new(&data, 3, 4, start);
    memcpy(data.y, y, sizeof y);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_comparison c = all_compared(&p);
    const np_did_finding *f = of_kind(&c, NP_DID_FINDING_FORBIDDEN);
    assert_digits(f->value[0], .2, 12);
    assert_digits(f->value[1], 4.5, 12);
    assert_digits(f->value[2], 4.1, 12);
    assert_digits(f->value[3], 4, 12);
    f = of_kind(&c, NP_DID_FINDING_NEGATIVE_WEIGHTS);
    assert_digits(f->value[0], .1 / 1.2, 12);
    assert_true(f->value[1] == 1 && f->value[2] == 4);
}

static void every_estimator_has_a_row_or_a_reason(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 0, 3, 3, 4, 4, 5, 5};
    case_new(&data, 10, 6, start);
    case_noise(&data, 20);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_comparison c = all_compared(&p);
    assert_int_equal(c.n_rows, NP_N_DID_ESTIMATORS);
    size_t n = 0;
    for (size_t i = 0; i < c.n_rows; i++) {
        assert_int_equal(c.row[i].estimator, i);
        n += c.row[i].result != NULL;
        assert_true(c.row[i].result != NULL || c.row[i].reason[0] != '\0');
    }
    assert_int_equal(n, c.n_results);
    assert_true(n >= 5);
}

/* Effects of 1 at the start and 5 two periods on, alike in both cohorts, with little
 * noise. */
static void effects_that_grow_are_found(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 0, 0, 3, 3, 3, 4, 4, 4};
    case_new(&data, 11, 6, start);
    case_noise(&data, 21);
    for (size_t r = 0; r < 66; r++) {
        double e = (double)data.time[r] - data.start[r];
        data.y[r] = 0.01 * data.y[r] + (data.start[r] > 0 && e >= 0 ? 1 + 2 * e : 0);
    }
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_comparison c = all_compared(&p);
    const np_did_finding *f = of_kind(&c, NP_DID_FINDING_CHANGES);
    assert_non_null(f);
    assert_true(f->value[0] == 0 && f->value[2] == 3);
    assert_true(fabs(f->value[1] - 1) < 0.1 && fabs(f->value[3] - 7) < 0.1);
    assert_true(f->value[4] < 1e-6);
}

/* A regression fits it exactly, so that the clustered error is the others' alone. */
static void a_treated_unit_that_is_alone_has_no_error(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 0, 0, 0, 3};
    static const np_did_estimator e[] = {NP_DID_SUN_ABRAHAM, NP_DID_IMPUTATION,
                                         NP_DID_EXTENDED_TWO_WAY, NP_DID_STACKED,
                                         NP_DID_TWO_WAY};
    case_new(&data, 7, 5, start);
    case_noise(&data, 5);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        np_did_result r = case_estimate(&p, (np_did_spec){0}, e[i]);
        const np_did_aggregate *a = np_did_aggregate_of(&r, "simple");
        assert_true(isfinite(a->estimate) && isnan(a->std_error) && isnan(a->p_value));
        assert_true(isnan(r.estimates.std_error[0]));
        assert_null(np_did_pre_trend(&r));
        r = case_estimate(&p, (np_did_spec){.single_unit_errors = true}, e[i]);
        assert_true(np_did_aggregate_of(&r, "simple")->std_error > 0);
    }
}

/* Where nobody is never treated the last cohort compares, here unit 7. */
static void a_comparison_unit_that_is_alone_leaves_no_error(void **state)
{
    (void)state;
    static const double start[] = {3, 3, 3, 4, 4, 4, 5};
    case_new(&data, 7, 6, start);
    case_noise(&data, 7);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SUN_ABRAHAM);
    assert_true(isnan(np_did_aggregate_of(&r, "simple")->std_error));
    assert_true(isnan(np_did_aggregate_of(&r, "dynamic")->row[0].std_error));
    r = case_estimate(&p, (np_did_spec){.single_unit_errors = true}, NP_DID_SUN_ABRAHAM);
    assert_true(np_did_aggregate_of(&r, "simple")->std_error > 0);
}

/* Unit 9 starts in 5, units 6-8 in 3: at -4 and -3 unit 9 is alone, -2 has four units. */
static void tests_before_the_start_rest_on_more_than_one_unit(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 0, 0, 3, 3, 3, 5};
    case_new(&data, 9, 6, start);
    case_noise(&data, 6);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    assert_true(np_did_pre_trend(&r)->df1 == 1); /* -2, from -1 */
    const np_did_aggregate *a = np_did_aggregate_of(&r, "dynamic");
    assert_true(a->row[0].value == -4 && isnan(a->row[0].std_error));
    assert_true(a->row[2].value == -2 && a->row[2].std_error > 0);
    r = case_estimate(&p, (np_did_spec){0}, NP_DID_IMPUTATION);
    assert_true(np_did_pre_trend(&r)->df1 == 1); /* -1, from -2 and earlier */
    const np_did_spec as_r = {.single_unit_errors = true};
    r = case_estimate(&p, as_r, NP_DID_TWO_WAY);
    assert_true(np_did_pre_trend(&r)->df1 == 3);
    r = case_estimate(&p, as_r, NP_DID_IMPUTATION);
    assert_true(np_did_pre_trend(&r)->df1 == 3); /* -3 to -1, from -4 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, case_begin, case_end)
        CASE(agreement_is_judged_by_each_ones_own_interval),
        CASE(the_rarer_sign_is_named),
        CASE(an_estimate_without_error_is_in_the_range_but_judged_by_nobody),
        CASE(conventions_that_differ_name_who_has_them),
        CASE(comparisons_with_units_treated_already_are_weighed),
        CASE(every_estimator_has_a_row_or_a_reason),
        CASE(effects_that_grow_are_found),
        CASE(a_treated_unit_that_is_alone_has_no_error),
        CASE(a_comparison_unit_that_is_alone_leaves_no_error),
        CASE(tests_before_the_start_rest_on_more_than_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
