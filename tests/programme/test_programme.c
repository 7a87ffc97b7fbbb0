/* A programme's folder: programme.yaml is taken over where it is new, and refused where
 * records rest on what it no longer says. */
#include "programme/programme.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programme/definition_sync.h"
#include "support/check.h"

typedef struct {
    char folder[64], path[96];
    np_arena *arena;
    np_programme *programme;
    np_error err;
} a_programme;

#define PROGRAMME                                                                        \
    "programme: {id: p, name: P, starts: 2011-01-01, ends: 2015-12-31}\n"                \
    "cohorts: [{id: first, name: First, starts: 2012-01-01, ends: 2014-12-31}]\n"
#define INDICATOR(version, uom)                                                          \
    "indicators:\n"                                                                      \
    "  - {id: absence, name: Absence, version: " version                                 \
    ", definition: Days lost, uom: " uom ", level: result, direction: lower, "           \
    "sort: number, period: year, across_organisations: none, across_units: none, "       \
    "across_periods: none}\n"

static void write_file(const a_programme *p, const char *text)
{
    FILE *file = fopen(p->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

static int set_up_programme(void **state)
{
    a_programme *p = calloc(1, sizeof *p);
    if (p == NULL)
        return 1;
    strcpy(p->folder, "/tmp/nullpunkt-programme-XXXXXX");
    if (mkdtemp(p->folder) == NULL)
        return 1;
    snprintf(p->path, sizeof p->path, "%s/programme.yaml", p->folder);
    p->arena = np_arena_new(0);
    *state = p;
    return p->arena == NULL;
}

static int tear_down_programme(void **state)
{
    static const char *const left[] = {"programme.yaml", "programme.db",
                                       "programme.db-wal", "programme.db-shm"};
    a_programme *p = *state;
    np_programme_close(p->programme);
    np_arena_free(p->arena);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", p->folder, left[i]);
        unlink(path);
    }
    int left_over = rmdir(p->folder);
    free(p);
    return left_over;
}

static np_status open_as(a_programme *p, np_store_mode mode)
{
    np_programme_close(p->programme);
    p->programme = NULL;
    p->err = (np_error){0};
    return np_programme_open(&p->programme, p->folder, mode, "kari", p->arena, &p->err);
}

static void open_well(a_programme *p, np_store_mode mode)
{
    np_status status = open_as(p, mode);
    if (status != NP_OK)
        print_error("%s; %s\n", p->err.message, p->err.hint);
    assert_int_equal(status, NP_OK);
}

static void refused(a_programme *p, const char *part)
{
    char line[2048];
    assert_int_not_equal(open_as(p, NP_STORE_WRITE), NP_OK);
    assert_null(p->programme);
    np_error_format(&p->err, line, sizeof line);
    if (strstr(line, part) == NULL)
        print_error("%s\n", line);
    assert_non_null(strstr(line, part));
}

static int64_t count(a_programme *p, const char *kind)
{
    int64_t n = -1;
    assert_int_equal(np_store_count(&n, p->programme->store, np_kind_find(kind), &p->err),
                     NP_OK);
    return n;
}

/* Puts a record of which the named fields have texts; NULL ends them. */
static void put(a_programme *p, const char *kind, const char *id, ...)
{
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    va_list args;
    va_start(args, id);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;)
        value[np_kind_field(record.kind, name)] =
            NP_VALUE_OF_TEXT(va_arg(args, const char *));
    va_end(args);
    np_store_entry entry = {.who = "kari", .action = "import", .why = ""};
    np_store *store = p->programme->store;
    assert_int_equal(np_store_begin(store, &entry, &p->err), NP_OK);
    assert_int_equal(np_store_put(store, &record, NULL, &p->err), NP_OK);
    assert_int_equal(np_store_commit(store, &p->err), NP_OK);
}

typedef struct {
    int64_t n;
    char action[32];
} log_rows;

static np_status keep_entry(void *context, const np_log_entry *entry, np_error *err)
{
    log_rows *rows = context;
    (void)err;
    rows->n++;
    snprintf(rows->action, sizeof rows->action, "%s", entry->action);
    return NP_OK;
}

static log_rows log_of(a_programme *p)
{
    log_rows rows = {0};
    assert_int_equal(np_log_each_entry(p->programme->store, keep_entry, &rows, &p->err),
                     NP_OK);
    return rows;
}

static void opening_to_write_takes_the_definition_over_once(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME INDICATOR("1", "days"));
    open_well(p, NP_STORE_CREATE);
    assert_int_equal(count(p, "cohort"), 1);
    assert_int_equal(log_of(p).n, 1);
    assert_string_equal(log_of(p).action, "definition");
    open_well(p, NP_STORE_WRITE);
    assert_int_equal(log_of(p).n, 1);
    write_file(p, PROGRAMME);
    open_well(p, NP_STORE_READ);
    assert_int_equal(count(p, "indicator"), 1);
    open_well(p, NP_STORE_WRITE);
    assert_int_equal(count(p, "indicator"), 0);
    assert_int_equal(log_of(p).n, 2);
    np_record record;
    assert_int_equal(np_programme_record(&record, p->programme, &p->err), NP_OK);
    assert_string_equal(np_record_text(&record, "name"), "P");
}

static void a_definition_with_problems_is_not_taken_over(void **state)
{
    a_programme *p = *state;
    write_file(p, "programme: {id: p, name: P, starts: 2011-01-01, ends: 2010-01-01}\n"
                  "theme: []\n");
    assert_int_equal(open_as(p, NP_STORE_CREATE), NP_E_UNKNOWN_NAME);
    assert_non_null(strstr(p->err.hint, "1 more"));
    write_file(p, PROGRAMME);
    open_well(p, NP_STORE_CREATE); /* nothing was left behind */
}

static void what_others_refer_to_cannot_be_taken_out(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME);
    open_well(p, NP_STORE_CREATE);
    put(p, "project", "halden", "name", "Halden", "cohort", "first", NULL);
    write_file(p, "programme: {id: p, name: P, starts: 2011-01-01, ends: 2015-12-31}\n");
    refused(
        p,
        "cohort first: it is gone from programme.yaml and still the cohort of records of "
        "the kind project: 1");
    open_well(p, NP_STORE_READ);
    assert_int_equal(count(p, "cohort"), 1);
}

static void what_is_measured_keeps_its_meaning_within_a_version(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME INDICATOR("1", "days"));
    open_well(p, NP_STORE_CREATE);
    write_file(p, PROGRAMME INDICATOR("1", "per cent")); /* not in use yet */
    open_well(p, NP_STORE_WRITE);
    put(p, "measurement", "m1", "indicator", "absence", "period", "2012", "missing",
        "not_measured", NULL);
    write_file(p, PROGRAMME INDICATOR("1", "days"));
    refused(p, "programme.yaml:4:1: uom: indicator absence: its meaning changed while it "
               "is in use, by "
               "records of the kind measurement: 1");
    write_file(p, PROGRAMME INDICATOR("2", "days"));
    open_well(p, NP_STORE_WRITE);
}

#define SCHEME(name, definition)                                                         \
    "schemes:\n"                                                                         \
    "  - {id: h, name: H, categories: [{code: time, name: " name                         \
    ", definition: " definition "}]}\n"
#define TEMPLATE(question, text)                                                         \
    "templates:\n"                                                                       \
    "  - {id: annual, name: Annual, sort: annual, due: 1 February, questions: "          \
    "[{code: " question ", text: " text ", answer: text}]}\n"

static void what_items_are_labelled_by_keeps_its_definition(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME SCHEME("Time", "Not enough of it"));
    open_well(p, NP_STORE_CREATE);
    put(p, "item", "one", "sort", "hindrance_local", "period", "2012", "text", "Time",
        NULL);
    put(p, "label", NULL, "item", "one", "category", "h/time", "coder", "kari", NULL);
    write_file(p, PROGRAMME SCHEME("{en: Time, nb: Tid}", "Not enough of it"));
    open_well(p, NP_STORE_WRITE); /* a translation may come */
    write_file(p, PROGRAMME SCHEME("Time", "Too much of it"));
    refused(p, "definition: category h/time: its meaning changed while it is in use");
    assert_non_null(strstr(p->err.hint, "add a scheme with the next version"));
    write_file(p, PROGRAMME);
    refused(p,
            "category h/time: it is gone from programme.yaml and still the category of "
            "records of the kind label: 1");
}

static void what_is_answered_keeps_its_question(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME TEMPLATE("done", "What was done?"));
    open_well(p, NP_STORE_CREATE);
    put(p, "project", "halden", "name", "Halden", "cohort", "first", NULL);
    put(p, "report", "r", "project", "halden", "template", "annual", "period", "2012",
        "status", "draft", NULL);
    write_file(p, PROGRAMME TEMPLATE("done", "What did you do?"));
    open_well(p, NP_STORE_WRITE); /* nobody answered yet */
    put(p, "answer", NULL, "report", "r", "question", "annual/done", "text", "Much",
        NULL);
    write_file(p, PROGRAMME TEMPLATE("done", "What is to be done?"));
    refused(p, "text: question annual/done: its meaning changed while it is in use, by "
               "records of the kind answer: 1");
    write_file(p, PROGRAMME TEMPLATE("do", "What did you do?"));
    refused(p, "question annual/done: it is gone from programme.yaml");
}

static void what_is_refused_leaves_everything_as_it_was(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME INDICATOR("1", "days"));
    open_well(p, NP_STORE_CREATE);
    put(p, "measurement", "m1", "indicator", "absence", "period", "2012", "missing",
        "not_measured", NULL);
    int64_t before = log_of(p).n;
    write_file(p, "programme: {id: p, name: Q, starts: 2011-01-01, ends: 2015-12-31}\n"
                  "themes: [{id: new, name: New}]\n");
    refused(p, "it is gone from programme.yaml");
    open_well(p, NP_STORE_READ);
    np_record record;
    assert_int_equal(np_programme_record(&record, p->programme, &p->err), NP_OK);
    assert_string_equal(np_record_text(&record, "name"), "P");
    assert_int_equal(count(p, "theme"), 0);
    assert_int_equal(count(p, "cohort"), 1);
    assert_int_equal(log_of(p).n, before);
}

static void what_belongs_together_may_go_together(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME SCHEME("Time", "Not enough") TEMPLATE("done", "Done?"));
    open_well(p, NP_STORE_CREATE);
    assert_int_equal(count(p, "category"), 1);
    write_file(p, PROGRAMME);
    open_well(p, NP_STORE_WRITE);
    assert_int_equal(count(p, "category"), 0);
    assert_int_equal(count(p, "scheme"), 0);
    assert_int_equal(count(p, "question"), 0);
}

static void nobody_may_write_in_a_dry_run(void **state)
{
    a_programme *p = *state;
    write_file(p, PROGRAMME);
    open_well(p, NP_STORE_CREATE);
    np_programme_close(p->programme);
    p->programme = NULL;
    np_status status = np_programme_open(&p->programme, p->folder, NP_STORE_WRITE, NULL,
                                         p->arena, &p->err);
    assert_int_equal(status, NP_OK); /* nothing is new */
    np_programme_close(p->programme);
    p->programme = NULL;
    write_file(p, PROGRAMME INDICATOR("1", "days"));
    status = np_programme_open(&p->programme, p->folder, NP_STORE_WRITE, NULL, p->arena,
                               &p->err);
    assert_int_equal(status, NP_E_USAGE);
    assert_null(p->programme);
}

typedef struct {
    size_t n;
    char rule[4][32];
} rule_words;

static void keep_rule(void *context, const np_objection *objection)
{
    rule_words *words = context;
    assert_true(words->n < 4);
    snprintf(words->rule[words->n++], 32, "%s", objection->rule);
}

/* The last written first: the indicator is judged for its meaning, the cohort for being
 * gone. */
static void a_new_definition_is_judged_without_writing(void **state)
{
    a_programme *p = *state;
    rule_words words = {0};
    np_definition definition;
    np_problems problems = {0};
    write_file(p, PROGRAMME INDICATOR("1", "days"));
    open_well(p, NP_STORE_CREATE);
    put(p, "project", "halden", "name", "Halden", "cohort", "first", NULL);
    put(p, "measurement", "m1", "indicator", "absence", "period", "2012", "missing",
        "not_measured", NULL);
    int64_t before = log_of(p).n;
    write_file(
        p,
        "programme: {id: p, name: P, starts: 2011-01-01, ends: 2015-12-31}\n" INDICATOR(
            "1", "per cent"));
    assert_int_equal(
        np_definition_read(&definition, p->path, p->arena, &problems, &p->err), NP_OK);
    p->programme->definition = definition;
    assert_int_equal(np_definition_judge(p->programme, keep_rule, &words, &p->err),
                     NP_OK);
    assert_int_equal(words.n, 2);
    assert_string_equal(words.rule[0], "meaning_changed");
    assert_string_equal(words.rule[1], "definition_in_use");
    assert_int_equal(log_of(p).n, before);
}

#define UNTIL(day)                                                                       \
    "programme: {id: p, name: P, starts: 2011-01-01, ends: " day "}\n"                   \
    "cohorts: [{id: first, name: First, starts: 2012-01-01, ends: 2013-12-31}]\n"

static void records_that_were_right_stay_right(void **state)
{
    a_programme *p = *state;
    write_file(p, UNTIL("2015-12-31"));
    open_well(p, NP_STORE_CREATE);
    put(p, "project", "halden", "name", "Halden", "cohort", "first", "ends", "2015-06-30",
        NULL);
    write_file(p, UNTIL("2014-12-31"));
    refused(p, "ends: project halden: 2015-06-30 is outside the programme");
    write_file(p, UNTIL("2016-12-31"));
    open_well(p, NP_STORE_WRITE);
}

static void what_was_wrong_before_hinders_nobody(void **state)
{
    a_programme *p = *state;
    write_file(p, UNTIL("2015-12-31"));
    open_well(p, NP_STORE_CREATE);
    put(p, "project", "halden", "name", "Halden", "cohort", "first", "ends", "2020-06-30",
        NULL); /* beside the rules */
    write_file(p, UNTIL("2016-12-31"));
    open_well(p, NP_STORE_WRITE);
    np_record record;
    assert_int_equal(np_programme_record(&record, p->programme, &p->err), NP_OK);
    assert_string_equal(np_record_text(&record, "ends"), "2016-12-31");
}

static void a_folder_without_a_programme_says_how_to_make_one(void **state)
{
    a_programme *p = *state;
    refused(p, "nullpunkt init");
    assert_int_equal(open_as(p, NP_STORE_READ), NP_E_UNKNOWN_NAME);
    assert_non_null(strstr(p->err.hint, "nullpunkt init"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define OF(test)                                                                         \
    cmocka_unit_test_setup_teardown(test, set_up_programme, tear_down_programme)
        OF(opening_to_write_takes_the_definition_over_once),
        OF(a_definition_with_problems_is_not_taken_over),
        OF(what_others_refer_to_cannot_be_taken_out),
        OF(what_is_measured_keeps_its_meaning_within_a_version),
        OF(what_items_are_labelled_by_keeps_its_definition),
        OF(what_is_answered_keeps_its_question),
        OF(what_is_refused_leaves_everything_as_it_was),
        OF(what_belongs_together_may_go_together),
        OF(nobody_may_write_in_a_dry_run),
        OF(a_new_definition_is_judged_without_writing),
        OF(records_that_were_right_stay_right),
        OF(what_was_wrong_before_hinders_nobody),
        OF(a_folder_without_a_programme_says_how_to_make_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
