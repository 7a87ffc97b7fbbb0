#include "stats/did_made.h"

#include "stats/did/efficient.h"

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

/* Before and after of six units; of a cohort by hand: variance before 1 in both; after
 * 3 and 1; covariance 1.5 and 1; means 2, 4 and 1, 2. */
static const double before_after[6][2] = {{1, 2}, {2, 5}, {3, 5}, {0, 1}, {1, 2}, {2, 3}};

static np_did_result estimated(unsigned treated, np_did_spec spec)
{
    made_end(&m);
    made_begin(&m);
    for (int u = 0; u < 6; u++)
        made_unit(&m, u + 1, treated >> u & 1 ? 2 : 0, 2, before_after[u]);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    return made_estimate(&m, &p, spec, NP_DID_EFFICIENT);
}

static double of_table(const np_did_result *r, const char *name, const char *term,
                       bool p_value)
{
    for (size_t i = 0; i < r->estimates.n_tables; i++) {
        const np_estimate_table *t = &r->estimates.table[i];
        for (size_t j = 0; strcmp(t->name, name) == 0 && j < t->n; j++)
            if (strcmp(t->term[j], term) == 0)
                return p_value                ? t->p_value[j]
                       : t->std_error != NULL ? t->std_error[j]
                                              : t->estimate[j];
    }
    fail_msg("no %s in %s", term, name);
    return NAN;
}

/* beta = (1.5 + 1) / (1 + 1); theta = (4 - 2) - beta (2 - 1); V = ((3 + beta² - 2 beta
 * 1.5) + (1 + beta² - 2 beta)) / 3 = 0.875/3; b = 1.5 - 1, Q = 1: less 0.25/6. */
static void the_numbers_derived_by_hand(void **state)
{
    (void)state;
    np_did_result r = estimated(7, (np_did_spec){0});
    assert_digits(of_table(&r, "beta", "simple", false), 1.25, 14);
    assert_digits(made_aggregate(&r, "simple")->estimate, 0.75, 14);
    assert_digits(of_table(&r, "neyman", "simple", false), sqrt(0.875 / 3), 14);
    assert_digits(made_aggregate(&r, "simple")->std_error, 0.5, 13);
    assert_digits(r.group_time[0].std_error, 0.5, 13);
    r = estimated(7, (np_did_spec){.neyman_errors = true});
    assert_digits(made_aggregate(&r, "simple")->std_error, sqrt(0.875 / 3), 14);
}

static void one_is_the_difference_of_differences_and_zero_that_of_means(void **state)
{
    (void)state;
    np_did_result r =
        estimated(7, (np_did_spec){.efficient_beta = NP_EFFICIENT_DIFFERENCES});
    assert_digits(made_aggregate(&r, "simple")->estimate, 1, 14);
    r = estimated(7, (np_did_spec){.efficient_beta = NP_EFFICIENT_MEANS});
    assert_digits(made_aggregate(&r, "simple")->estimate, 2, 14);
}

static void all_comparisons_of_one_are_that_one(void **state)
{
    (void)state;
    np_did_result r = estimated(7, (np_did_spec){.all_comparisons = true});
    assert_digits(made_aggregate(&r, "simple")->estimate, 0.75, 14);
    assert_digits(made_aggregate(&r, "simple")->std_error, 0.5, 13);
}

/* All 20 ways to draw three of six, against 20 000 draws: within four standard errors
 * of a share. */
static void draws_come_near_the_enumeration(void **state)
{
    (void)state;
    double found = NAN, larger = 0;
    np_did_spec spec = {.neyman_errors = true};
    np_did_result r = estimated(7, spec);
    found = fabs(made_aggregate(&r, "simple")->statistic);
    for (unsigned set = 0; set < 64; set++)
        if (__builtin_popcount(set) == 3) {
            r = estimated(set, spec);
            larger += fabs(made_aggregate(&r, "simple")->statistic) > found * (1 + 1e-9);
        }
    double p = larger / 20;
    spec.draws = 20000;
    spec.seed = 7;
    r = estimated(7, spec);
    assert_true(p > 0 && p < 1);
    assert_true(fabs(of_table(&r, "fisher", "simple", true) - p) <
                4 * sqrt(p * (1 - p) / 20000));
}

static void draws_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    np_did_spec spec = {.draws = 100, .seed = 3, .n_threads = 1};
    np_did_result r = estimated(7, spec);
    double one = of_table(&r, "fisher", "simple", true);
    spec.n_threads = 3;
    r = estimated(7, spec);
    assert_true(of_table(&r, "fisher", "simple", true) == one);
    spec.seed = 4;
    r = estimated(7, spec);
    assert_true(of_table(&r, "fisher", "simple", true) != one);
}

static void a_cohort_of_one_is_left_out_by_name(void **state)
{
    (void)state;
    static const double three[7][3] = {{1, 2, 4}, {2, 5, 5}, {3, 5, 4}, {0, 1, 0},
                                       {1, 2, 4}, {2, 3, 3}, {9, 9, 8}};
    for (int u = 0; u < 7; u++)
        made_unit(&m, u + 1, u < 3 ? 2 : u == 6 ? 3 : 0, 3, three[u]);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    np_did_result r = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_EFFICIENT);
    assert_int_equal(r.n_dropped, 1);
    assert_string_equal(r.dropped[0].reason, "a single unit in the cohort 3");
    assert_string_equal(r.dropped[0].unit[0], "7");
    assert_int_equal(r.n_group_time, 2);
    assert_digits(r.group_time[0].n_comparison, 3, 15);
}

/* Starts in 3 and 4; with the last cohort alone, that of 4 compares until it starts. */
static void the_last_cohort_can_be_the_comparison(void **state)
{
    (void)state;
    static const double y[6][4] = {{1, 2, 8, 9}, {2, 5, 9, 9}, {3, 5, 9, 8},
                                   {0, 1, 0, 9}, {1, 2, 4, 9}, {2, 3, 3, 8}};
    for (int u = 0; u < 6; u++)
        made_unit(&m, u + 1, u < 3 ? 3 : 4, 4, y[u]);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    np_did_spec spec = {.last_treated_only = true,
                        .efficient_beta = NP_EFFICIENT_DIFFERENCES};
    np_did_result r = made_estimate(&m, &p, spec, NP_DID_EFFICIENT);
    /* (8 + 9 + 9 - 0 - 4 - 3)/3 - (2 + 5 + 5 - 1 - 2 - 3)/3 */
    assert_digits(made_aggregate(&r, "simple")->estimate, 19 / 3.0 - 2, 13);
    assert_digits(made_row(&r, "dynamic", 0)->estimate, 19 / 3.0 - 2, 13);
}

static void no_memory_is_said_wherever_it_ends(void **state)
{
    (void)state;
    for (int u = 0; u < 6; u++)
        made_unit(&m, u + 1, u < 3 ? 2 : 0, 2, before_after[u]);
    made_add(&m, 7, 1, 2, 3);
    made_add(&m, 7, 2, 2, 1);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    made_fail_each_allocation(&m, &p, (np_did_spec){.draws = 20, .all_comparisons = true},
                              NP_DID_EFFICIENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(the_numbers_derived_by_hand),
        TEST(one_is_the_difference_of_differences_and_zero_that_of_means),
        TEST(all_comparisons_of_one_are_that_one),
        TEST(draws_come_near_the_enumeration),
        TEST(draws_do_not_depend_on_the_threads),
        TEST(a_cohort_of_one_is_left_out_by_name),
        TEST(the_last_cohort_can_be_the_comparison),
        TEST(no_memory_is_said_wherever_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
