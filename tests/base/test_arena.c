#include "support/check.h"

#include "base/arena.h"

static void a_child_outlives_marks_set_after_it(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_arena *child = np_arena_child(arena);
    np_arena_mark mark = np_arena_set_mark(arena);
    assert_non_null(np_arena_array(arena, double, 100000));
    double *kept = np_arena_array(child, double, 100000);
    kept[99999] = 7;
    size_t before = np_arena_held(arena);
    np_arena_release(arena, mark);
    assert_true(before - np_arena_held(arena) >= 800000);
    assert_true(np_arena_held(arena) >= 800000);
    assert_true(kept[99999] == 7);
    np_arena_free(arena);
}

static void a_child_goes_with_the_mark_set_before_it(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    assert_non_null(np_arena_array(arena, double, 10));
    size_t before = np_arena_held(arena);
    np_arena_mark mark = np_arena_set_mark(arena);
    assert_non_null(np_arena_array(np_arena_child(arena), double, 100000));
    np_arena_release(arena, mark);
    assert_int_equal(np_arena_held(arena), before);
    np_arena_free(arena);
}

static void a_child_counts_against_the_parents_budget(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(1 << 20);
    np_arena *child = np_arena_child(arena);
    assert_non_null(np_arena_array(child, char, 600000));
    assert_null(np_arena_array(child, char, 600000));
    assert_null(np_arena_array(arena, char, 600000));
    np_arena_fail_at(arena, 1);
    assert_null(np_arena_array(child, char, 10));
    assert_non_null(np_arena_array(child, char, 10));
    np_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_outlives_marks_set_after_it),
        cmocka_unit_test(a_child_goes_with_the_mark_set_before_it),
        cmocka_unit_test(a_child_counts_against_the_parents_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
