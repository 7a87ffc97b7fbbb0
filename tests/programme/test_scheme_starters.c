/* The schemes to begin with are what programme.yaml takes. */
#include "programme/scheme_starters.h"

#include "programme/folder.h"
#include "programme/programme.h"

static const char frame[] =
    "programme: {id: p, name: P, starts: 2011-01-01, ends: 2015-12-31}\n"
    "themes:\n- {id: t, name: T}\n"
    "cohorts:\n- {id: c, name: C, starts: 2011-01-01, ends: 2015-12-31}\n";

static void the_whole_file_is_read_without_problems(void **state)
{
    a_programme *f = *state;
    static np_problems problems;
    np_definition definition;
    np_buf text = {0};
    problems = (np_problems){0};
    np_buf_add(&text, frame);
    assert_ok(f, np_scheme_starters_print(&text, "all", &f->err));
    const char *path = write_file(f, "programme.yaml", np_buf_done(&text));
    assert_ok(f, np_definition_read(&definition, path, f->arena, &problems, &f->err));
    for (size_t i = 0; i < problems.n; i++)
        print_error("%u: %s: %s\n", problems.item[i].line, problems.item[i].field,
                    problems.item[i].message);
    assert_int_equal(problems.n_seen, 0);
    size_t n_schemes = 0, n_categories = 0;
    for (size_t i = 0; i < definition.n; i++) {
        const char *kind = definition.item[i].record.kind->name;
        n_schemes += strcmp(kind, "scheme") == 0;
        n_categories += strcmp(kind, "category") == 0;
    }
    assert_true(n_schemes > 40 && n_categories > 250);
    np_buf_free(&text);
}

static void each_scheme_that_is_listed_can_be_printed_and_read_alone(void **state)
{
    a_programme *f = *state;
    np_buf list = {0};
    size_t n = 0;
    static np_problems problems;
    assert_ok(f, np_scheme_starters_print(&list, NULL, &f->err));
    for (char *line = strtok(list.text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        np_buf text = {0};
        np_definition definition;
        char id[64];
        snprintf(id, sizeof id, "%.*s", (int)strcspn(line, " "), line);
        assert_true(strlen(line) > 34); /* it has a name */
        np_buf_add(&text, frame);
        np_buf_add(&text, "schemes:\n");
        assert_ok(f, np_scheme_starters_print(&text, id, &f->err));
        const char *path = write_file(f, "programme.yaml", np_buf_done(&text));
        problems = (np_problems){0};
        assert_ok(f, np_definition_read(&definition, path, f->arena, &problems, &f->err));
        assert_int_equal(problems.n_seen, 0);
        np_buf_free(&text);
        n++;
    }
    assert_true(n > 40);
    np_buf_free(&list);
}

static void a_scheme_that_is_not_there_gets_the_nearest_name(void **state)
{
    a_programme *f = *state;
    np_buf text = {0};
    assert_int_equal(np_scheme_starters_print(&text, "absence-measure", &f->err),
                     NP_E_UNKNOWN_NAME);
    assert_non_null(strstr(f->err.hint, "absence-measures"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_whole_file_is_read_without_problems),
        test(each_scheme_that_is_listed_can_be_printed_and_read_alone),
        test(a_scheme_that_is_not_there_gets_the_nearest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
