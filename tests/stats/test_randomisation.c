#include "stats/infer/randomisation.h"

#include <Rmath.h>
#include <string.h>

#include "base/rng.h"
#include "stats/balanced_panel.h"

static np_randomisation randomise(const np_did_panel *panel,
                                  const np_randomisation_spec *spec)
{
    np_randomisation out;
    if (np_randomisation_estimate(&out, panel, spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return out;
}

/* R: all 420 = 8!/(2! 2! 4!) assignments, the coefficient of the demeaned treatment with
 * fixest's clustered error, the group-time average with Neyman's. */
static void all_assignments_give_the_exact_p_value(void **state)
{
    (void)state;
    static const struct {
        np_randomisation_spec spec;
        double estimate, std_error, p, p_greater;
    } want[] = {
        {{.statistic = NP_RANDOMISE_TWO_WAY},
         0.1735294117647058,
         NAN,
         0.3785714285714286,
         0.1880952380952381},
        {{.statistic = NP_RANDOMISE_TWO_WAY, .studentised = true},
         0.1735294117647058,
         0.1350225592943952,
         0.2523809523809524,
         0.1547619047619048},
        {{.statistic = NP_RANDOMISE_GROUP_TIME},
         0.15,
         NAN,
         0.5261904761904762,
         0.2690476190476190},
        {{.statistic = NP_RANDOMISE_GROUP_TIME, .studentised = true},
         0.15,
         0.1912434942006500,
         0.4619047619047619,
         0.2404761904761905},
        {{.statistic = NP_RANDOMISE_GROUP_TIME, .comparison = NP_COMPARISON_NOT_YET},
         0.1583333333333333,
         NAN,
         0.5238095238095238,
         0.2714285714285714},
        {{.statistic = NP_RANDOMISE_GROUP_TIME,
          .comparison = NP_COMPARISON_NOT_YET,
          .studentised = true},
         0.1583333333333333,
         0.2044955149578104,
         0.4833333333333333,
         0.2523809523809524},
    };
    np_did_panel panel = panel_of(eight, 8, 4, eight_first, NULL);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        np_randomisation_spec spec = want[i].spec;
        np_randomisation r = randomise(&panel, &spec);
        assert_true(r.enumerated);
        assert_int_equal(r.draws, 420);
        assert_digits(r.estimate, want[i].estimate, 13);
        if (spec.studentised)
            assert_digits(r.std_error, want[i].std_error, 13);
        assert_digits(r.p_value, want[i].p, 13);
        spec.side = NP_GREATER;
        assert_digits(randomise(&panel, &spec).p_value, want[i].p_greater, 13);
    }
}

/* R, over the assignments that are left. */
static void dates_strata_and_clusters_bound_what_is_permuted(void **state)
{
    (void)state;
    static const int32_t stratum[] = {0, 1, 0, 1, 0, 0, 1, 1};
    np_did_panel panel = panel_of(eight, 8, 4, eight_first, eight_group);
    np_randomisation r =
        randomise(&panel, &(np_randomisation_spec){.permute = NP_PERMUTE_DATES});
    assert_int_equal(r.draws, 6);
    assert_digits(r.p_value, 1 / 3.0, 13);
    r = randomise(&panel, &(np_randomisation_spec){.stratum = stratum});
    assert_int_equal(r.draws, 144);
    assert_digits(r.p_value, 0.4166666666666667, 13);
    r = randomise(&panel, &(np_randomisation_spec){.by_cluster = true});
    assert_int_equal(r.draws, 12);
    assert_int_equal(r.n_assigned, 4);
    assert_digits(r.p_value, 0.5, 13);
}

/* R: 8 over 3 = 56 differences of means. */
static void means_after_are_compared_for_one_cohort(void **state)
{
    (void)state;
    static const double one_cohort[] = {3, 3, 3, 0, 0, 0, 0, 0};
    np_did_panel panel = panel_of(eight, 8, 4, one_cohort, NULL);
    np_randomisation r =
        randomise(&panel, &(np_randomisation_spec){.statistic = NP_RANDOMISE_AFTER});
    assert_int_equal(r.draws, 56);
    assert_digits(r.estimate, 0.44, 12);
    assert_digits(r.p_value, 0.5714285714285714, 13);
}

static void draw_outcomes(double *y, size_t N, size_t T, uint64_t stream)
{
    np_rng rng = np_rng_stream(5, stream);
    for (size_t i = 0; i < N; i++) {
        double unit = qnorm(np_rng_uniform(&rng), 0, 1, 1, 0), e = 0;
        for (size_t t = 0; t < T; t++) {
            e = 0.6 * e + qnorm(np_rng_uniform(&rng), 0, 1, 1, 0);
            y[i * T + t] = unit + e;
        }
    }
}

/* The p value of the hypothesis that every treated cell's effect is tau. */
static double p_at(const double *y, size_t N, size_t T, const double *first, double tau,
                   np_randomisation_spec spec)
{
    double *shifted = np_arena_array(arena, double, N *T);
    for (size_t i = 0; i < N * T; i++)
        shifted[i] =
            y[i] - (first[i / T] > 0 && (double)(i % T) + 1 >= first[i / T] ? tau : 0);
    np_did_panel panel = panel_of(shifted, N, T, first, NULL);
    return randomise(&panel, &spec).p_value;
}

static void the_interval_holds_what_the_test_does_not_reject(void **state)
{
    (void)state;
    static double y[24 * 6];
    static double first[24];
    for (int i = 0; i < 24; i++)
        first[i] = i < 6 ? 4 : i < 10 ? 5 : 0;
    draw_outcomes(y, 24, 6, 1);
    for (int s = NP_RANDOMISE_TWO_WAY; s <= NP_RANDOMISE_GROUP_TIME; s++) {
        np_randomisation_spec spec = {.statistic = (np_randomised_statistic)s,
                                      .draws = 499,
                                      .conf_level = 0.9,
                                      .seed = 3};
        np_did_panel panel = panel_of(y, 24, 6, first, NULL);
        np_randomisation r = randomise(&panel, &spec);
        assert_false(r.enumerated);
        assert_true(r.conf_low < r.estimate && r.estimate < r.conf_high);
        double small = 1e-6 * (r.conf_high - r.conf_low);
        assert_true(p_at(y, 24, 6, first, r.conf_high - small, spec) > 0.1);
        assert_true(p_at(y, 24, 6, first, r.conf_high + small, spec) <= 0.1);
        assert_true(p_at(y, 24, 6, first, r.conf_low + small, spec) > 0.1);
        assert_true(p_at(y, 24, 6, first, r.conf_low - small, spec) <= 0.1);
    }
    np_did_panel panel = panel_of(eight, 8, 4, eight_first, NULL);
    np_randomisation r = randomise(&panel, &(np_randomisation_spec){0});
    assert_true(p_at(eight, 8, 4, eight_first, r.conf_high - 1e-7,
                     (np_randomisation_spec){0}) > 0.05);
    assert_true(p_at(eight, 8, 4, eight_first, r.conf_high + 1e-7,
                     (np_randomisation_spec){0}) <= 0.05);
}

static void draws_come_near_the_exact_p_value_and_know_no_threads(void **state)
{
    (void)state;
    np_did_panel panel = panel_of(eight, 8, 4, eight_first, NULL);
    np_randomisation_spec spec = {.draws = 400, .seed = 9, .n_threads = 1};
    np_randomisation one = randomise(&panel, &spec);
    spec.n_threads = 3;
    np_randomisation three = randomise(&panel, &spec);
    assert_false(one.enumerated);
    assert_digits(one.n_assignments, 420, 12);
    assert_memory_equal(one.draw, three.draw, 400 * sizeof *one.draw);
    assert_digits(one.p_value, (1 + (double)one.n_reached) / 401, 14);
    assert_true(fabs(one.p_value - 0.3785714285714286) <
                3 * sqrt(0.379 * 0.621 / 400) + 1 / 401.0);
}

/* Under Fisher's hypothesis p <= 0.05 in 0.05 of the data: with 99 draws exactly. */
static void the_test_has_its_level(void **state)
{
    (void)state;
    enum { N = 12, T = 5, DATA = 1000 };
    static double y[N * T];
    static const double first[N] = {3, 3, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int studentised = 0; studentised < 2; studentised++) {
        double rejected = 0;
        for (uint64_t r = 0; r < DATA; r++) {
            np_arena_mark mark = np_arena_set_mark(arena);
            draw_outcomes(y, N, T, r);
            np_did_panel panel = panel_of(y, N, T, first, NULL);
            np_randomisation_spec spec = {
                .studentised = studentised == 1, .draws = 99, .seed = r, .n_threads = 1};
            rejected += randomise(&panel, &spec).p_value <= 0.05;
            np_arena_release(arena, mark);
        }
        assert_true(fabs(rejected / DATA - 0.05) < 3 * sqrt(0.05 * 0.95 / DATA));
    }
}

/* Clusters of unequal size: the cohorts' sizes, and with them the weights, change with
 * the assignment. For equal clusters the two ways of computing agree. */
static void clusters_of_unequal_size_keep_the_estimate(void **state)
{
    (void)state;
    static const double first[] = {3, 3, 3, 0, 0, 0, 0, 0};
    static const double unequal[] = {1, 1, 1, 2, 2, 3, 3, 4};
    np_did_panel by_unit = panel_of(eight, 8, 4, first, NULL);
    np_did_panel by_group = panel_of(eight, 8, 4, first, unequal);
    np_randomisation_spec spec = {.statistic = NP_RANDOMISE_GROUP_TIME};
    double estimate = randomise(&by_unit, &spec).estimate;
    spec.by_cluster = true;
    np_randomisation r = randomise(&by_group, &spec);
    assert_digits(r.estimate, estimate, 13);
    assert_int_equal(r.draws, 4);
    /* Assigned: {1,2,3}, {4,5}, {6,7} or {8}; the second draw by hand: mean change of
     * units 4 and 5 from period 2 to 3 and 4, less that of the six others. */
    double treated = ((0.9 - 1.1) + (1.4 - 1.1) + (2.1 - 2.4) + (2.6 - 2.4)) / 4;
    double others = ((3.3 - 2.9) + (3.9 - 2.9) + (2.0 - 1.4) + (1.3 - 1.4) + (2.5 - 2.0) +
                     (2.6 - 2.0) + (3.4 - 3.0) + (3.1 - 3.0) + (0.8 - 0.9) + (1.5 - 0.9) +
                     (3.0 - 2.1) + (2.8 - 2.1)) /
                    12;
    bool found = false;
    for (size_t d = 0; d < r.draws; d++)
        found |= fabs(r.draw[d] - (treated - others)) < 1e-12;
    assert_true(found);
}

static void what_cannot_be_permuted_is_refused_in_words(void **state)
{
    (void)state;
    static const double split[] = {1, 2, 2, 2, 3, 3, 4, 4};
    static const double one_treated[] = {3, 0, 0, 0, 0, 0, 0, 0};
    np_randomisation out;
    np_did_panel panel = panel_of(eight, 8, 4, one_treated, split);
    np_randomisation_spec spec = {.permute = NP_PERMUTE_DATES};
    assert_int_equal(np_randomisation_estimate(&out, &panel, &spec, arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "a single assignment"));
    err = (np_error){0};
    spec = (np_randomisation_spec){.statistic = NP_RANDOMISE_GROUP_TIME,
                                   .studentised = true};
    assert_int_equal(np_randomisation_estimate(&out, &panel, &spec, arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "a cohort of one unit"));
    err = (np_error){0};
    panel = panel_of(eight, 8, 4, eight_first, split);
    spec = (np_randomisation_spec){.by_cluster = true};
    assert_int_equal(np_randomisation_estimate(&out, &panel, &spec, arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "was not assigned as a whole"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_assignments_give_the_exact_p_value, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(dates_strata_and_clusters_bound_what_is_permuted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(means_after_are_compared_for_one_cohort, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_interval_holds_what_the_test_does_not_reject,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            draws_come_near_the_exact_p_value_and_know_no_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_test_has_its_level, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clusters_of_unequal_size_keep_the_estimate,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_permuted_is_refused_in_words,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
