#include "support/check.h"

#include <string.h>

#include "io/yaml.h"

static np_arena *arena;

static int start(void **state)
{
    (void)state;
    arena = np_arena_new(1 << 24);
    return arena == NULL;
}

static int stop(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static const np_yaml *read_ok(const char *text)
{
    const np_yaml *root = NULL;
    np_error err = {0};
    if (np_yaml_read_text(&root, text, strlen(text), "plan.yaml", arena, &err) != NP_OK)
        print_error("%s\n", err.message);
    assert_non_null(root);
    return root;
}

/* The whole message of a text that is refused. */
static const char *refusal(const char *text, size_t length)
{
    static char line[1200];
    const np_yaml *root = NULL;
    np_error err = {0};
    assert_int_not_equal(np_yaml_read_text(&root, text, length, "plan.yaml", arena, &err),
                         NP_OK);
    assert_null(root);
    np_error_format(&err, line, sizeof line);
    return line;
}

static void nodes_know_where_they_stood(void **state)
{
    (void)state;
    const np_yaml *root =
        read_ok("title: Å få svar\nquestions:\n  - id: a\n    level: 0.05\n"
                "  - {id: 'b', on: true}\n");
    assert_int_equal(root->kind, NP_YAML_MAPPING);
    assert_string_equal(np_yaml_find(root, "title")->text, "Å få svar");
    const np_yaml *questions = np_yaml_find(root, "questions");
    assert_int_equal(questions->n, 2);
    const np_yaml *level = np_yaml_find(&questions->item[0], "level");
    assert_int_equal(level->line, 4);
    assert_int_equal(level->column, 12);
    assert_int_equal(questions->item[1].key[1].column, 15);
    assert_null(np_yaml_find(root, "nothing"));
    assert_null(np_yaml_find(level, "nothing"));
}

static void plain_scalars_are_numbers_booleans_or_nothing(void **state)
{
    (void)state;
    const np_yaml *root =
        read_ok("[0.05, -1, '0.05', true, 'true', ~, null, \"\", no]\n");
    double number = 0;
    bool yes = false;
    assert_true(np_yaml_number(&number, &root->item[0]) && number == 0.05);
    assert_true(np_yaml_number(&number, &root->item[1]) && number == -1);
    assert_false(np_yaml_number(&number, &root->item[2]));
    assert_true(np_yaml_bool(&yes, &root->item[3]) && yes);
    assert_false(np_yaml_bool(&yes, &root->item[4]));
    assert_true(np_yaml_is_null(&root->item[5]));
    assert_true(np_yaml_is_null(&root->item[6]));
    assert_false(np_yaml_bool(&yes, &root->item[8]));
    assert_false(np_yaml_is_null(&root->item[7]));
}

static void what_is_left_out_of_yaml_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"a: &x 1\nb: *x\n", "plan.yaml:1:4: anchors (&name) are not used here"},
        {"a: *x\n",
         "plan.yaml:1:4: aliases (*name) are not used here; a text that begins "
         "with * goes in quotes"},
        {"a: !!int 1\n", "plan.yaml:1:4: tags (!name) are not used here"},
        {"a: 1\nb: 2\na: 3\n", "plan.yaml:3:1: the key a stands twice"},
        {"a: 1\n---\nb: 2\n", "plan.yaml:2:1: there must be one document only"},
        {"? [a]\n: 1\n", "plan.yaml:1:3: a key must be a text"},
        {"# nothing\n", "plan.yaml: the file is empty"},
        {"a: \"x\\0y\"\n", "plan.yaml:1:4: a text may not hold the character 0"},
        {"a: b: c\n",
         "plan.yaml:1:5: this is not YAML: mapping values are not allowed in "
         "this context; look at the indentation and the colons here"},
        {"a: \xc3\x28\n",
         "plan.yaml:1:4: the byte c3 is no UTF-8; save the file as UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(refusal(bad[i].text, strlen(bad[i].text)), bad[i].message);
}

static void tabs_are_explained(void **state)
{
    (void)state;
    const char *text = "a:\n\tb: 1\n";
    assert_non_null(strstr(refusal(text, strlen(text)), "indent with spaces"));
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    char text[201];
    memset(text, '[', 200);
    text[200] = '\0';
    assert_string_equal(refusal(text, 200), "plan.yaml:1:65: nested too deeply");
}

static void memory_that_runs_out_at_any_point_is_an_error_and_no_crash(void **state)
{
    (void)state;
    const char *text = "a: [1, {b: c}]\nd: e\n";
    for (size_t n = 1;; n++) {
        np_arena *small = np_arena_new(0);
        const np_yaml *root = NULL;
        np_error err = {0};
        np_arena_fail_at(small, n);
        np_status status = np_yaml_read_text(&root, text, strlen(text), "x", small, &err);
        np_arena_fail_at(small, 0);
        np_arena_free(small);
        if (status == NP_OK) {
            assert_true(n > 5);
            return;
        }
        assert_int_equal(status, NP_E_NO_MEMORY);
        assert_null(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_know_where_they_stood),
        cmocka_unit_test(plain_scalars_are_numbers_booleans_or_nothing),
        cmocka_unit_test(what_is_left_out_of_yaml_is_refused_in_words),
        cmocka_unit_test(tabs_are_explained),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(memory_that_runs_out_at_any_point_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests_name("yaml", tests, start, stop);
}
