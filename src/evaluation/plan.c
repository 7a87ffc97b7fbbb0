#include "evaluation/plan.h"

#include <string.h>

#include "evaluation/plan_reader.h"

static void languages(np_reader *r, np_plan *plan, const np_yaml *root)
{
    static const char *const codes[] = {"nb", "nn", "en"};
    static const np_language of_code[] = {NP_BOKMAAL, NP_NYNORSK, NP_ENGLISH};
    np_reader_key several = np_reader_get(root, "languages"),
                  one = np_reader_get(root, "language");
    np_reader_key key = several.node != NULL ? several : one;
    if (several.node != NULL && one.node != NULL)
        np_reader_problem(r, one.node, one.name, NP_E_DUPLICATE, NULL,
                          _("either language or languages"));
    size_t n;
    const np_yaml *item = np_reader_items(r, key, &n);
    np_language *out = np_reader_array(r, np_language, n + 1);
    if (out == NULL)
        return;
    out[0] = NP_BOKMAAL;
    for (size_t i = 0; i < n; i++)
        out[i] = of_code[np_reader_choice(r, (np_reader_key){key.name, &item[i]}, codes,
                                          3, 0)];
    plan->language = out;
    plan->n_languages = n == 0 ? 1 : n;
}

static void programme(np_reader *r, np_plan *plan, np_reader_key key)
{
    static const char *const keys[] = {"name", "facts"};
    static const char *const fact_keys[] = {"label", "value", "source"};
    if (key.node == NULL || !np_reader_check_keys(r, key.node, _("programme"), keys, 2))
        return;
    plan->programme = np_reader_localised(r, np_reader_get(key.node, "name"));
    const np_yaml *item =
        np_reader_items(r, np_reader_get(key.node, "facts"), &plan->n_facts);
    np_fact *fact = np_reader_array(r, np_fact, plan->n_facts);
    for (size_t i = 0; fact != NULL && i < plan->n_facts; i++) {
        if (!np_reader_check_keys(r, &item[i], _("a fact"), fact_keys,
                                  PLAN_COUNT(fact_keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "label"), _("a fact"));
        np_reader_require(r, &item[i], np_reader_get(&item[i], "value"), _("a fact"));
        fact[i].label = np_reader_localised(r, np_reader_get(&item[i], "label"));
        fact[i].value = np_reader_localised(r, np_reader_get(&item[i], "value"));
        fact[i].source = np_reader_localised(r, np_reader_get(&item[i], "source"));
    }
    plan->fact = fact;
}

static void data_notes(np_reader *r, np_plan *plan, np_reader_key key)
{
    static const char *const keys[] = {"text", "simulated"};
    const np_yaml *item = np_reader_items(r, key, &plan->n_notes);
    np_data_note *note = np_reader_array(r, np_data_note, plan->n_notes);
    for (size_t i = 0; note != NULL && i < plan->n_notes; i++) {
        if (item[i].kind == NP_YAML_SCALAR) {
            note[i].text = np_reader_localised(r, (np_reader_key){key.name, &item[i]});
            continue;
        }
        if (!np_reader_check_keys(r, &item[i], _("a data note"), keys, 2))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "text"), _("a data note"));
        note[i].text = np_reader_localised(r, np_reader_get(&item[i], "text"));
        note[i].simulated =
            np_reader_bool(r, np_reader_get(&item[i], "simulated"), false);
    }
    plan->note = note;
}

static void labels(np_reader *r, np_plan *plan, np_reader_key key)
{
    const np_yaml *map = key.node;
    if (map == NULL)
        return;
    if (map->kind != NP_YAML_MAPPING) {
        np_reader_problem(r, map, key.name, NP_E_PARSE, NULL,
                          _("columns and their names are expected here: a line "
                            "\"column: name\" each"));
        return;
    }
    np_column_label *label = np_reader_array(r, np_column_label, map->n);
    for (size_t i = 0; label != NULL && i < map->n; i++) {
        label[i].column = map->key[i].text;
        label[i].text =
            np_reader_localised(r, (np_reader_key){map->key[i].text, &map->item[i]});
    }
    plan->label = label;
    plan->n_labels = label == NULL ? 0 : map->n;
}

static void questions(np_reader *r, np_plan *plan, const np_yaml *root)
{
    np_reader_key key = np_reader_get(root, "questions");
    const np_yaml *defaults = np_reader_get(root, "defaults").node;
    if (defaults != NULL && !plan_check_defaults(r, defaults))
        defaults = NULL;
    if (key.node != NULL && key.node->kind != NP_YAML_SEQUENCE) {
        np_reader_problem(r, key.node, key.name, NP_E_PARSE, NULL,
                          _("a list is expected here: each question begins with -"));
        return;
    }
    const np_yaml *item = np_reader_items(r, key, &plan->n_questions);
    if (plan->n_questions > PLAN_MOST_QUESTIONS) {
        np_reader_problem(r, key.node, key.name, NP_E_LIMIT, NULL,
                          _("%zu questions; a plan has at most %d"), plan->n_questions,
                          PLAN_MOST_QUESTIONS);
        return;
    }
    if (plan->n_questions == 0 && r->problems->n == 0)
        np_reader_problem(r, key.node == NULL ? root : key.node, key.name, NP_E_PARSE,
                          NULL, _("a plan has at least one question"));
    np_plan_question *question = np_reader_array(r, np_plan_question, plan->n_questions);
    for (size_t i = 0; question != NULL && i < plan->n_questions; i++) {
        question[i] = plan_question(r, &item[i], defaults);
        for (size_t j = 0; j < i; j++)
            if (question[i].id[0] != '\0' && strcmp(question[j].id, question[i].id) == 0)
                np_reader_problem(r, &item[i], "id", NP_E_DUPLICATE, NULL,
                                  _("%s stands twice"), question[i].id);
    }
    plan->question = question;
}

static void read_plan(np_reader *r, np_plan *plan, const np_yaml *root)
{
    static const char *const keys[] = {"title",     "subtitle",  "language",
                                       "languages", "programme", "data_notes",
                                       "labels",    "defaults",  "questions"};
    if (!np_reader_check_keys(r, root, _("a plan"), keys, PLAN_COUNT(keys)))
        return;
    np_reader_require(r, root, np_reader_get(root, "title"), _("a plan"));
    plan->title = np_reader_localised(r, np_reader_get(root, "title"));
    plan->subtitle = np_reader_localised(r, np_reader_get(root, "subtitle"));
    languages(r, plan, root);
    programme(r, plan, np_reader_get(root, "programme"));
    data_notes(r, plan, np_reader_get(root, "data_notes"));
    labels(r, plan, np_reader_get(root, "labels"));
    questions(r, plan, root);
}

static np_status from_tree(np_plan *out, const np_yaml *root, const char *name,
                           np_problems *problems, np_arena *arena, np_error *err)
{
    np_reader r = {.arena = arena, .problems = problems, .file = name};
    np_plan plan = {.path = np_arena_copy_text(arena, name, strlen(name))};
    if (plan.path != NULL)
        read_plan(&r, &plan, root);
    if (plan.path == NULL || r.no_memory)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (problems->n > 0) {
        if (err != NULL && err->status == NP_OK)
            *err = problems->item[0];
        return problems->item[0].status;
    }
    *out = plan;
    return NP_OK;
}

/* A text that is no YAML is one problem. */
static np_status yaml_failed(np_problems *problems, const np_error *failure,
                             np_error *err)
{
    np_problems_add(problems, failure);
    if (err != NULL && err->status == NP_OK)
        *err = *failure;
    return failure->status;
}

np_status np_plan_read_text(np_plan *out, const char *text, size_t length,
                            const char *name, np_problems *problems, np_arena *arena,
                            np_error *err)
{
    const np_yaml *root = NULL;
    np_error failure = {0};
    if (np_yaml_read_text(&root, text, length, name, arena, &failure) != NP_OK)
        return yaml_failed(problems, &failure, err);
    np_status status = from_tree(out, root, name, problems, arena, err);
    if (status == NP_OK)
        np_hash_bytes(out->sha256, text, length);
    return status;
}

np_status np_plan_read(np_plan *out, const char *path, np_problems *problems,
                       np_arena *arena, np_error *err)
{
    const np_yaml *root = NULL;
    np_error failure = {0};
    if (np_yaml_read(&root, path, arena, &failure) != NP_OK)
        return yaml_failed(problems, &failure, err);
    np_status status = from_tree(out, root, path, problems, arena, err);
    return status != NP_OK ? status : np_hash_file(out->sha256, path, err);
}
