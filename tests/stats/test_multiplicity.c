#include "stats/infer/multiplicity.h"

#include "support/check.h"

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2, 0.03, 0.9, 0.0001), method). */
static const double p[] = {0.01, 0.04, 0.03, 0.005, 0.2, 0.03, 0.9, 0.0001};
static const struct {
    np_adjustment how;
    double adjusted[8];
} by_r[] = {
    {NP_ADJUST_BONFERRONI, {0.08, 0.32, 0.24, 0.04, 1, 0.24, 1, 0.0008}},
    {NP_ADJUST_HOLM, {0.06, 0.15, 0.15, 0.035, 0.4, 0.15, 0.9, 0.0008}},
    {NP_ADJUST_BH,
     {0.02666666666666666, 0.05333333333333333, 0.048, 0.02, 0.22857142857142856, 0.048,
      0.9, 0.0008}},
    {NP_ADJUST_BY,
     {0.072476190476190472, 0.144952380952380944, 0.130457142857142855,
      0.054357142857142861, 0.621224489795918378, 0.130457142857142855, 1,
      0.002174285714285715}},
    {NP_ADJUST_NONE, {0.01, 0.04, 0.03, 0.005, 0.2, 0.03, 0.9, 0.0001}},
};

static void adjusted_p_values_are_those_of_r(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    for (size_t h = 0; h < sizeof by_r / sizeof *by_r; h++) {
        double adjusted[8];
        assert_int_equal(np_adjust_p_values(adjusted, p, 8, by_r[h].how, arena, NULL),
                         NP_OK);
        for (size_t i = 0; i < 8; i++)
            assert_digits(adjusted[i], by_r[h].adjusted[i], 14);
    }
    np_arena_free(arena);
}

/* R: p.adjust(c(0.01, NA, 0.04), "holm") is 0.02, NA, 0.04. */
static void what_has_no_p_value_is_no_hypothesis(void **state)
{
    (void)state;
    double some[] = {0.01, NAN, 0.04};
    np_arena *arena = np_arena_new(0);
    assert_int_equal(np_adjust_p_values(some, some, 3, NP_ADJUST_HOLM, arena, NULL),
                     NP_OK);
    assert_digits(some[0], 0.02, 15);
    assert_true(isnan(some[1]));
    assert_digits(some[2], 0.04, 15);
    np_arena_free(arena);
}

static void a_p_value_above_one_is_refused(void **state)
{
    (void)state;
    double wrong[] = {0.2, 1.5}, adjusted[2];
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    assert_int_equal(np_adjust_p_values(adjusted, wrong, 2, NP_ADJUST_BH, arena, &err),
                     NP_E_RANGE);
    assert_string_equal(err.message, "a p value is 1.5");
    np_arena_free(arena);
}

/* t = 3, -1, 2; draws of largest |t*| among all three, then among the last two, then of
 * the smallest alone:
 *   (1, 4, 2): 4, 4, 4    (0.5, 0.2, -2.5): 2.5, 2.5, 0.2
 *   (-3.5, 1, 0): 3.5, 1, 1    (0, 0, 0): 0, 0, 0
 * 3 is reached in draws 1 and 3: (1+2)/5; 2, by the last two, in 1 and 2: 3/5; 1, by
 * itself, in 1 and 3: 3/5. */
static void the_step_down_takes_the_largest_of_what_is_left(void **state)
{
    (void)state;
    static const double t[] = {3, -1, 2};
    static const double first[] = {1, 0.5, -3.5, 0}, second[] = {4, 0.2, 1, 0},
                        third[] = {2, -2.5, 0, 0};
    static const double *const draw[] = {first, second, third};
    double adjusted[3];
    np_arena *arena = np_arena_new(0);
    assert_int_equal(np_romano_wolf_p_values(adjusted, t, draw, 4, false, 3, arena, NULL),
                     NP_OK);
    assert_digits(adjusted[0], 0.6, 15);
    assert_digits(adjusted[2], 0.6, 15);
    assert_digits(adjusted[1], 0.6, 15);
    /* the draws as all there are, the data's among them: 2/4 */
    assert_int_equal(np_romano_wolf_p_values(adjusted, t, draw, 4, true, 3, arena, NULL),
                     NP_OK);
    assert_digits(adjusted[0], 0.5, 15);
    /* without the second draw 2 is reached once, by the last two: 2/4; 3 is reached
     * twice: (1+2)/4, and no p value is below that of a larger statistic */
    static const double first_less[] = {1, -3.5, 0}, second_less[] = {4, 1, 0},
                        third_less[] = {2, 0, 0};
    static const double *const less[] = {first_less, second_less, third_less};
    assert_int_equal(np_romano_wolf_p_values(adjusted, t, less, 3, false, 3, arena, NULL),
                     NP_OK);
    assert_digits(adjusted[2], 0.75, 15);
    np_arena_free(arena);
}

static void codes_are_read_back(void **state)
{
    (void)state;
    for (int h = 0; h < NP_N_ADJUSTMENTS; h++)
        assert_int_equal(np_adjustment_of_code(np_adjustment_code((np_adjustment)h)), h);
    assert_int_equal(np_adjustment_of_code("sidak"), NP_N_ADJUSTMENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjusted_p_values_are_those_of_r),
        cmocka_unit_test(what_has_no_p_value_is_no_hypothesis),
        cmocka_unit_test(a_p_value_above_one_is_refused),
        cmocka_unit_test(the_step_down_takes_the_largest_of_what_is_left),
        cmocka_unit_test(codes_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
