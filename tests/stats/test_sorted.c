#include "stats/sorted.h"

#include "support/check.h"

static void numbers_stand_once_and_ascending(void **state)
{
    (void)state;
    double x[] = {3, -1, 3, 0.5, -1, 8};
    static const double want[] = {-1, 0.5, 3, 8};
    assert_int_equal(np_sort_distinct(x, 6), 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(x[i] == want[i]);
    assert_int_equal(np_sort_distinct(x, 0), 0);
}

static void a_place_is_that_of_the_first_not_below(void **state)
{
    (void)state;
    static const double x[] = {-1, 0.5, 3, 8};
    assert_int_equal(np_sorted_place(x, 4, -2), 0);
    assert_int_equal(np_sorted_place(x, 4, 0.5), 1);
    assert_int_equal(np_sorted_place(x, 4, 1), 2);
    assert_int_equal(np_sorted_place(x, 4, 9), 4);
    assert_int_equal(np_sorted_place(x, 0, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_once_and_ascending),
        cmocka_unit_test(a_place_is_that_of_the_first_not_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
