/* Allocation n fails, for n = 1, 2, … (in growing steps, further on) until all goes
 * well: the status says so, and under the sanitizers nothing is leaked. */
#include "evaluation/folder.h"

#include "io/csv.h"
#include "stats/model.h"

static const char plan_text[] =
    "title: T\nquestions:\n"
    "  - {id: p, title: P, criterion: impact, data: data.csv, unit: unit, time: t,\n"
    "     outcome: y, participants: {column: start}, controls: [k], weights: w,\n"
    "     estimators: [two-way-fixed-effects, random-effects, event-study],\n"
    "     subgroups: [{id: s, label: S, outcomes: [{id: z, label: Z, outcome: z}]}]}\n"
    "  - {id: c, title: C, criterion: impact, data: data.csv, unit: unit, time: t,\n"
    "     design: change-scores, outcome: y, participants: {column: start},\n"
    "     before: [1, 2], after: [4], direction: lower, weights: w,\n"
    "     ranking: {least: 1}}\n";

/* Six units in four periods; nothing in it is special. */
static void write_data(const test_folder *f)
{
    char text[2048];
    int used = snprintf(text, sizeof text, "unit,t,start,y,z,k,w\n");
    for (int i = 0; i < 24; i++) {
        int unit = i / 4, t = i % 4 + 1, start = unit < 2 ? 3 : unit < 3 ? 4 : 0;
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "u%d,%d,%d,%d,%d,%d,%d\n", unit, t, start, (7 * i * i + i) % 23,
                         (5 * i * i) % 19, (3 * i * i) % 11, 1 + unit);
    }
    folder_write(f, "data.csv", text);
}

static size_t next(size_t n)
{
    return n < 100 ? n + 1 : n + n / 8;
}

static void an_evaluation_survives_every_allocation_that_fails(void **state)
{
    (void)state;
    test_folder f;
    char path[128];
    folder_new(&f);
    folder_write(&f, "evaluation.yaml", plan_text);
    write_data(&f);
    snprintf(path, sizeof path, "%s/evaluation.yaml", f.path);
    np_status status = np_plan_read(&f.plan, path, &f.problems, f.arena, &f.err);
    assert_int_equal(status, NP_OK);
    np_evaluation_spec spec = {.n_threads = 1};
    for (size_t n = 1;; n = next(n)) {
        np_evaluation result = {0};
        np_error err = {0};
        np_arena *arena = np_arena_new(0);
        assert_non_null(arena);
        np_arena_fail_at(arena, n);
        status = np_evaluation_run(&result, &f.plan, f.path, &spec, arena, &err);
        assert_int_equal(status, err.status);
        bool untouched = result.n_questions == 0;
        np_arena_free(arena);
        if (status == NP_OK) {
            assert_true(n > 100);
            break;
        }
        if (status != NP_E_NO_MEMORY)
            print_error("allocation %zu: %s\n", n, err.message);
        assert_int_equal(status, NP_E_NO_MEMORY);
        assert_true(untouched);
    }
    folder_free(&f);
}

static void a_model_survives_every_allocation_that_fails(void **state)
{
    (void)state;
    static const np_model_spec specs[] = {
        {.design = {.formula = "y ~ k + z | unit + t", .weights = "w"}},
        {.design = {.formula = "y ~ k | t"}, .family = NP_FAMILY_POISSON},
    };
    test_folder f;
    char path[128];
    np_csv csv;
    folder_new(&f);
    write_data(&f);
    snprintf(path, sizeof path, "%s/data.csv", f.path);
    assert_int_equal(np_csv_read(&csv, path, NULL, f.arena, &f.err), NP_OK);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        for (size_t n = 1;; n = next(n)) {
            np_model model = {0};
            np_error err = {0};
            np_arena *arena = np_arena_new(0);
            assert_non_null(arena);
            np_arena_fail_at(arena, n);
            np_status status =
                np_model_estimate(&model, &csv.table, &specs[i], arena, &err);
            bool untouched = model.estimates.k == 0;
            np_arena_free(arena);
            assert_int_equal(status, err.status);
            if (status == NP_OK) {
                assert_true(n > 40);
                break;
            }
            if (status != NP_E_NO_MEMORY)
                print_error("allocation %zu: %s\n", n, err.message);
            assert_int_equal(status, NP_E_NO_MEMORY);
            assert_true(untouched);
        }
    folder_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_evaluation_survives_every_allocation_that_fails),
        cmocka_unit_test(a_model_survives_every_allocation_that_fails),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
