#include "support/check.h"

#include <string.h>

#include "base/arena.h"
#include "report/number.h"

static np_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static void norwegian_numbers_have_comma_minus_and_narrow_spaces(void **state)
{
    (void)state;
    assert_string_equal(np_number_fixed(arena, -0.6714, 2, NP_BOKMAAL), "−0,67");
    assert_string_equal(np_number_fixed(arena, 1234567.25, 1, NP_NYNORSK),
                        "1\u202f234\u202f567,3");
    assert_string_equal(np_number_fixed(arena, 999, 0, NP_BOKMAAL), "999");
    assert_string_equal(np_number_count(arena, 3371, NP_BOKMAAL), "3\u202f371");
}

static void english_numbers_have_point_and_comma(void **state)
{
    (void)state;
    assert_string_equal(np_number_fixed(arena, -1234.5, 2, NP_ENGLISH), "−1,234.50");
    assert_string_equal(np_number_count(arena, 1000000, NP_ENGLISH), "1,000,000");
}

static void rounding_is_half_away_from_zero_and_once(void **state)
{
    (void)state;
    assert_string_equal(np_number_fixed(arena, 0.25, 1, NP_ENGLISH), "0.3");
    assert_string_equal(np_number_fixed(arena, -0.25, 1, NP_ENGLISH), "−0.3");
    assert_string_equal(np_number_fixed(arena, 2.675, 2, NP_ENGLISH), "2.68");
    /* 0.0449 would become 0.05 and then 0.1 if it were rounded twice */
    assert_string_equal(np_number_fixed(arena, 0.0449, 1, NP_ENGLISH), "0.0");
    assert_string_equal(np_number_fixed(arena, 9.995, 2, NP_ENGLISH), "10.00");
}

static void what_rounds_to_zero_has_no_sign(void **state)
{
    (void)state;
    assert_string_equal(np_number_fixed(arena, -0.04, 1, NP_BOKMAAL), "0,0");
    assert_string_equal(np_number_fixed(arena, -0.0, 0, NP_BOKMAAL), "0");
}

static void missing_and_infinite_values_are_not_digits(void **state)
{
    (void)state;
    assert_string_equal(np_number_fixed(arena, NAN, 2, NP_BOKMAAL), "");
    assert_string_equal(np_number_fixed(arena, -INFINITY, 2, NP_BOKMAAL), "−∞");
    assert_string_equal(np_number_significant(arena, NAN, 4, NP_BOKMAAL), "");
    assert_string_equal(np_number_p(arena, NAN, NP_BOKMAAL), "");
}

static void significant_digits_suit_any_size(void **state)
{
    (void)state;
    assert_string_equal(np_number_significant(arena, 0.0123456, 4, NP_ENGLISH),
                        "0.01235");
    assert_string_equal(np_number_significant(arena, 2, 4, NP_ENGLISH), "2");
    assert_string_equal(np_number_significant(arena, 0.50000001, 4, NP_ENGLISH),
                        "0.5000");
    assert_string_equal(np_number_significant(arena, 123456.7, 4, NP_ENGLISH), "123,500");
    assert_string_equal(np_number_significant(arena, 999.96, 4, NP_ENGLISH), "1,000");
    assert_string_equal(np_number_significant(arena, -1.234e-9, 3, NP_BOKMAAL),
                        "−1,23e−9");
    assert_string_equal(np_number_significant(arena, 6.02214e23, 4, NP_ENGLISH),
                        "6.022e23");
    assert_string_equal(np_number_significant(arena, 0, 4, NP_ENGLISH), "0");
}

static void small_p_values_are_bounded_and_not_zero(void **state)
{
    (void)state;
    assert_string_equal(np_number_p(arena, 0.0421, NP_ENGLISH), "0.042");
    assert_string_equal(np_number_p(arena, 0.00099, NP_BOKMAAL), "<\u00a00,001");
    assert_string_equal(np_number_p(arena, 0.0005, NP_ENGLISH), "<\u00a00.001");
    assert_string_equal(np_number_p(arena, 0.001, NP_ENGLISH), "0.001");
    assert_string_equal(np_number_p(arena, 1, NP_BOKMAAL), "1,000");
}

static void stars_follow_from_the_rule(void **state)
{
    (void)state;
    const double wide[3] = {0.1, 0.05, 0.01}, two[3] = {0.05, 0.01, 0};
    assert_string_equal(np_number_stars(0.099, wide), "*");
    assert_string_equal(np_number_stars(0.05, wide), "*");
    assert_string_equal(np_number_stars(0.0499, wide), "**");
    assert_string_equal(np_number_stars(0.001, wide), "***");
    assert_string_equal(np_number_stars(0.001, two), "**");
    assert_string_equal(np_number_stars(0.06, two), "");
    assert_string_equal(np_number_stars(NAN, wide), "");
}

static void an_estimate_too_large_to_read_has_an_exponent(void **state)
{
    (void)state;
    assert_string_equal(np_number_with_error(arena, 2.5e307, NAN, NP_ENGLISH), "2.5e307");
    assert_string_equal(np_number_with_error(arena, 123456, 100, NP_ENGLISH), "123,456");
}

static void a_spent_arena_gives_an_empty_text(void **state)
{
    (void)state;
    np_arena_fail_at(arena, 1);
    assert_string_equal(np_number_fixed(arena, 1, 0, NP_ENGLISH), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norwegian_numbers_have_comma_minus_and_narrow_spaces),
        cmocka_unit_test(english_numbers_have_point_and_comma),
        cmocka_unit_test(rounding_is_half_away_from_zero_and_once),
        cmocka_unit_test(what_rounds_to_zero_has_no_sign),
        cmocka_unit_test(missing_and_infinite_values_are_not_digits),
        cmocka_unit_test(significant_digits_suit_any_size),
        cmocka_unit_test(small_p_values_are_bounded_and_not_zero),
        cmocka_unit_test(stars_follow_from_the_rule),
        cmocka_unit_test(an_estimate_too_large_to_read_has_an_exponent),
        cmocka_unit_test(a_spent_arena_gives_an_empty_text),
    };
    return cmocka_run_group_tests_name("number", tests, set_up, tear_down);
}
