/* Each rule stands in docs/rules.md as the registry says it, and in a test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "programme/rules.h"
#include "support/check.h"

static void add_file(np_buf *text, const char *path)
{
    FILE *file = fopen(path, "rb");
    char part[4096];
    size_t n;
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        np_buf_add_bytes(text, part, n);
    fclose(file);
}

static void every_rule_has_its_row_in_the_page(void **state)
{
    (void)state;
    np_buf page = {0};
    size_t n, n_missing = 0, n_rows = 0;
    const np_rule *rule = np_rule_list(&n);
    add_file(&page, NP_DOCS "/rules.md");
    for (size_t i = 0; i < n; i++) {
        char row[512];
        np_text_format(row, sizeof row, "\n| `%s` | %s | %s | %s |", rule[i].word,
                       rule[i].kind[0] != '\0' ? rule[i].kind : "several", rule[i].text,
                       rule[i].warning ? "warning" : "refused");
        if (strstr(np_buf_done(&page), row) == NULL) {
            print_error("docs/rules.md lacks this row:%s\n", row);
            n_missing++;
        }
    }
    const char *table = strstr(np_buf_done(&page), "| Rule | Records |");
    const char *end = table != NULL ? strstr(table, "\n\n") : NULL;
    assert_non_null(end);
    for (const char *p = table; (p = strstr(p, "\n| `")) != NULL && p < end; p++)
        n_rows++;
    assert_int_equal(n_missing, 0);
    assert_int_equal(n_rows, n); /* and no rule that is gone */
    np_buf_free(&page);
}

static void rules_have_words_of_their_own(void **state)
{
    (void)state;
    size_t n;
    const np_rule *rule = np_rule_list(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rule[i].word, rule[j].word);
}

/* Whether `word` stands in the text with quotes or spaces around it. */
static bool has_word_in(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = text; (p = strstr(p, word)) != NULL; p++)
        if (strchr("\" [", p[-1]) != NULL && strchr("\" ]", p[length]) != NULL)
            return true;
    return false;
}

static void add_folder(np_buf *text, const char *name, const char *ending)
{
    DIR *folder = opendir(name);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        size_t length = strlen(entry->d_name);
        char path[512];
        if (length < strlen(ending) ||
            strcmp(entry->d_name + length - strlen(ending), ending) != 0)
            continue;
        np_text_format(path, sizeof path, "%s/%s", name, entry->d_name);
        add_file(text, path);
    }
    closedir(folder);
}

static void every_rule_has_a_test(void **state)
{
    (void)state;
    np_buf tests = {0};
    size_t n, n_untested = 0;
    const np_rule *rule = np_rule_list(&n);
    add_folder(&tests, NP_TESTS "/programme", ".c");
    add_folder(&tests, NP_TESTS "/cli/cases", ".txt");
    for (size_t i = 0; i < n; i++)
        if (!has_word_in(np_buf_done(&tests), rule[i].word)) {
            print_error("no test names the rule %s\n", rule[i].word);
            n_untested++;
        }
    assert_int_equal(n_untested, 0);
    np_buf_free(&tests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_its_row_in_the_page),
        cmocka_unit_test(rules_have_words_of_their_own),
        cmocka_unit_test(every_rule_has_a_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
