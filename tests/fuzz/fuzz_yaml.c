/* The YAML reader and the plan on top of it: any bytes give a tree that holds its
 * promises or an error that says what and, in the plan, where. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "evaluation/plan.h"
#include "io/yaml.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_node(const np_yaml *node, int depth)
{
    demand(depth <= NP_YAML_DEEPEST);
    demand(node->line >= 1 && node->column >= 1);
    if (node->kind == NP_YAML_SCALAR) {
        double number;
        bool yes;
        demand(np_utf8_invalid(node->text, strlen(node->text)) == strlen(node->text));
        demand(!(np_yaml_number(&number, node) && np_yaml_bool(&yes, node)));
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        check_node(&node->item[i], depth + 1);
        if (node->kind == NP_YAML_MAPPING)
            demand(np_yaml_find(node, node->key[i].text) == &node->item[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    np_arena *arena = np_arena_new(BUDGET);
    np_problems *problems = calloc(1, sizeof *problems);
    const np_yaml *root = NULL;
    np_plan plan = {0};
    np_error err = {0}, first = {0};
    demand(problems != NULL);
    np_status status = np_yaml_read_text(&root, text, length, "fuzz", arena, &err);
    demand((status == NP_OK) == (root != NULL));
    demand(status == err.status && (status != NP_OK) == (err.message[0] != '\0'));
    if (status == NP_OK)
        check_node(root, 0);
    status = np_plan_read_text(&plan, text, length, "fuzz", problems, arena, &first);
    demand(status == first.status);
    if (status != NP_OK && status != NP_E_NO_MEMORY)
        demand(problems->n > 0);
    for (size_t i = 0; i < problems->n; i++) {
        char line[2048];
        demand(problems->item[i].message[0] != '\0');
        np_error_format(&problems->item[i], line, sizeof line);
    }
    if (status == NP_OK)
        demand(plan.n_questions > 0);
    np_arena_free(arena);
    free(problems);
    return 0;
}
