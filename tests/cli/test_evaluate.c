#include "support/check.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

typedef struct {
    char path[64];
    np_buf out, messages;
    int code;
} folder;

static void write_file(const folder *f, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool is_there(const folder *f, const char *name)
{
    char path[160];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    return stat(path, &info) == 0;
}

static void evaluate(folder *f, const char *option, const char *value)
{
    char *argv[] = {(char *)"nullpunkt", (char *)"evaluate", f->path, (char *)option,
                    (char *)value};
    np_buf_free(&f->out);
    np_buf_free(&f->messages);
    f->code = np_main(option == NULL ? 3 : 5, argv, &f->out, &f->messages, false);
}

static const char plan[] =
    "title: {en: A small plan, nb: En liten plan}\nlanguages: [en, nn]\n"
    "data_notes: [{text: These data are made up., simulated: true}]\n"
    "questions:\n  - id: q\n    title: Did it fall?\n    criterion: effectiveness\n"
    "    data: data.csv\n    unit: unit\n    time: t\n    outcome: y\n"
    "    participants: {column: start}\n    direction: lower\n"
    "    estimators: [two-way-fixed-effects, event-study, group-time]\n";
static const char data[] = "unit,t,start,y\n"
                           "A,1,3,5\nA,2,3,6\nA,3,3,9\nB,1,3,4\nB,2,3,6\nB,3,3,8\n"
                           "C,1,,1\nC,2,,2\nC,3,,2\nD,1,,3\nD,2,,3\nD,3,,4\n";

static int start(void **state)
{
    folder *f = calloc(1, sizeof *f);
    if (f == NULL)
        return 1;
    strcpy(f->path, "/tmp/nullpunkt-cli-XXXXXX");
    *state = f;
    if (mkdtemp(f->path) == NULL)
        return 1;
    write_file(f, "evaluation.yaml", plan);
    write_file(f, "data.csv", data);
    return 0;
}

static int stop(void **state)
{
    folder *f = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->path);
    np_buf_free(&f->out);
    np_buf_free(&f->messages);
    int failed = system(command);
    free(f);
    return failed;
}

/* Nothing but what is named; 0 when all of it is there. */
static size_t others_in(const folder *f, const char *const *names, size_t n)
{
    char path[160];
    snprintf(path, sizeof path, "%s/output", f->path);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t others = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        bool known = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
        for (size_t i = 0; i < n; i++)
            known |= strcmp(e->d_name, names[i]) == 0;
        others += !known;
    }
    closedir(dir);
    return others;
}

static void results_report_tables_and_figures_are_written(void **state)
{
    folder *f = *state;
    static const char *const names[] = {"results.json", "report.html", "report.nn.html",
                                        "tables", "figures"};
    evaluate(f, NULL, NULL);
    if (f->code != 0)
        print_error("%s", np_buf_done(&f->messages));
    assert_int_equal(f->code, 0);
    for (size_t i = 0; i < 5; i++) {
        char path[64];
        snprintf(path, sizeof path, "output/%s", names[i]);
        assert_true(is_there(f, path));
    }
    assert_int_equal(others_in(f, names, 5), 0); /* no folder left from the writing */
    assert_non_null(strstr(np_buf_done(&f->out), "2 participants, 2 others"));
    assert_non_null(strstr(np_buf_done(&f->messages), "3 models in "));
}

static json_t *results(const folder *f)
{
    char path[160];
    json_error_t error;
    snprintf(path, sizeof path, "%s/output/results.json", f->path);
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL)
        print_error("%s:%d: %s\n", path, error.line, error.text);
    assert_non_null(root);
    return root;
}

static void results_json_has_effects_models_and_provenance(void **state)
{
    folder *f = *state;
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 0);
    json_t *root = results(f);
    json_t *q = json_array_get(json_object_get(root, "questions"), 0);
    json_t *e = json_array_get(json_object_get(q, "effects"), 0);
    json_t *model = json_array_get(json_object_get(root, "models"), 0);
    json_t *estimates = json_object_get(model, "estimates");
    json_t *post = json_array_get(json_object_get(estimates, "coefficients"), 0);
    /* participants 4.5 6 8.5, others 2 2.5 3: 8.5 - 5.25 less 3 - 2.25 */
    assert_digits(json_number_value(json_object_get(e, "estimate")), 3.25 - 0.75, 12);
    assert_true(json_number_value(json_object_get(post, "estimate")) ==
                json_number_value(json_object_get(e, "estimate")));
    assert_string_equal(json_string_value(json_object_get(post, "term")), "post");
    assert_true(json_is_true(json_object_get(root, "simulated")));
    json_t *provenance = json_object_get(root, "provenance");
    json_t *file = json_array_get(json_object_get(provenance, "files"), 0);
    assert_string_equal(json_string_value(json_object_get(file, "path")), "data.csv");
    assert_int_equal(json_integer_value(json_object_get(file, "rows")), 12);
    assert_int_equal(json_string_length(json_object_get(file, "sha256")), 64);
    assert_int_equal(json_string_length(json_object_get(provenance, "plan_sha256")), 64);
    json_t *study = json_array_get(json_object_get(q, "event_studies"), 0);
    assert_int_equal(json_array_size(json_object_get(study, "points")), 3);
    json_decref(root);
}

static void one_language_and_another_folder_can_be_asked_for(void **state)
{
    folder *f = *state;
    evaluate(f, "--language", "nb");
    assert_int_equal(f->code, 0);
    assert_true(is_there(f, "output/report.html"));
    assert_false(is_there(f, "output/report.nn.html"));
    evaluate(f, "--question", "p");
    assert_int_equal(f->code, 2);
    assert_string_equal(np_buf_done(&f->messages),
                        "nullpunkt: the plan has no question p; "
                        "did you mean q?\n");
}

static void an_error_leaves_the_last_results_as_they_were(void **state)
{
    folder *f = *state;
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 0);
    write_file(f, "output/results.json", "the last results\n");
    write_file(f, "output/mine.txt", "mine\n");
    write_file(f, "data.csv", "unit,t,start,y\nA,1,,1\nA,2,,2\n");
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 2);
    assert_non_null(strstr(np_buf_done(&f->messages), "there is no treated unit"));
    char path[160], line[64] = "";
    snprintf(path, sizeof path, "%s/output/results.json", f->path);
    FILE *file = fopen(path, "rb");
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_string_equal(line, "the last results\n");
    write_file(f, "data.csv", data);
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 0);
    assert_true(is_there(f, "output/mine.txt")); /* other people's files stay */
    json_decref(results(f));
}

static void nothing_is_written_when_the_plan_is_wrong(void **state)
{
    folder *f = *state;
    char text[2048];
    snprintf(text, sizeof text, "%s    contrls: [k]\n    linear_time: maybe\n", plan);
    write_file(f, "evaluation.yaml", text);
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 2);
    const char *messages = np_buf_done(&f->messages);
    assert_non_null(strstr(messages, "evaluation.yaml:15:5: contrls: a question of "));
    assert_non_null(strstr(messages, "evaluation.yaml:16:18: linear_time: "));
    assert_false(is_there(f, "output"));
    evaluate(f, "--questoin", "q");
    assert_int_equal(f->code, 2);
    assert_non_null(strstr(np_buf_done(&f->messages), "did you mean --question?"));
}

static void data_that_are_not_there_are_named_where_the_plan_names_them(void **state)
{
    folder *f = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/data.csv", f->path);
    unlink(path);
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 2);
    assert_non_null(
        strstr(np_buf_done(&f->messages), "evaluation.yaml:8:11: data.csv: "));
    snprintf(path, sizeof path, "%s/evaluation.yaml", f->path);
    unlink(path);
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 2);
    assert_non_null(strstr(np_buf_done(&f->messages), "evaluation.yaml: "));
}

static void the_numbers_behind_a_caveat_are_numbers(void **state)
{
    folder *f = *state;
    evaluate(f, NULL, NULL);
    assert_int_equal(f->code, 0);
    json_t *root = results(f);
    json_t *q = json_array_get(json_object_get(root, "questions"), 0), *caveat;
    json_t *effect = json_array_get(json_object_get(q, "effects"), 0), *clusters = NULL;
    size_t i;
    json_array_foreach(json_object_get(effect, "caveats"), i, caveat)
    {
        const char *code = json_string_value(json_object_get(caveat, "code"));
        json_t *statement = json_object_get(caveat, "statement");
        if (strcmp(code, "few_clusters") == 0)
            clusters = json_object_get(json_object_get(statement, "values"), "clusters");
    }
    assert_non_null(clusters);
    assert_true(json_number_value(clusters) == 4);
    json_decref(root);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(results_report_tables_and_figures_are_written),
        FRESH(results_json_has_effects_models_and_provenance),
        FRESH(the_numbers_behind_a_caveat_are_numbers),
        FRESH(one_language_and_another_folder_can_be_asked_for),
        FRESH(an_error_leaves_the_last_results_as_they_were),
        FRESH(nothing_is_written_when_the_plan_is_wrong),
        FRESH(data_that_are_not_there_are_named_where_the_plan_names_them),
    };
    return cmocka_run_group_tests_name("nullpunkt evaluate", tests, NULL, NULL);
}
