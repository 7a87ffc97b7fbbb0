/* Forms of reports: any bytes give a form or problems that say what and where; a form
 * without problems can be judged as a draft, and nothing of a dry run stays. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "programme/draft.h"
#include "programme/report.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void put(np_store *store, const char *kind, const char *id, ...)
{
    np_draft draft;
    np_draft_start(&draft, kind, id);
    va_list args;
    va_start(args, id);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;) {
        const char *text = va_arg(args, const char *);
        size_t place = np_kind_field(draft.record.kind, name);
        np_field_type type = draft.record.kind->field[place].type;
        if (type == NP_FIELD_INTEGER || type == NP_FIELD_YES_NO)
            np_draft_integer(&draft, name, atoll(text));
        else if (type == NP_FIELD_NUMBER)
            np_draft_number(&draft, name, atof(text));
        else
            np_draft_text(&draft, name, text);
    }
    va_end(args);
    demand(np_store_put(store, &draft.record, NULL, NULL) == NP_OK);
}

static void put_questions(np_store *store)
{
    static const char *const question[][2] = {
        {"goals", "goals"},       {"changed", "yes_no"},   {"reason", "category"},
        {"measures", "measures"}, {"staff", "integer"},    {"learned", "text"},
        {"hindrances", "items"},  {"rate", "measurement"}, {"when", "date"}};
    for (size_t i = 0; i < sizeof question / sizeof *question; i++)
        put(store, "question", NULL, "template", "annual-1", "code", question[i][0],
            "answer", question[i][1], "position", "1", "text", "T", "scheme", "why",
            "indicator", "rate", "item_sort", "hindrance_local", "repeats",
            i % 2 == 0 ? "1" : "0", NULL);
}

static np_store *small_store(void)
{
    static char folder[] = "/tmp/nullpunkt-fuzz-XXXXXX";
    char path[64];
    np_store *store;
    np_store_entry entry = {.who = "per", .action = "import"};
    demand(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/programme.db", folder);
    demand(np_store_open(&store, path, NP_STORE_CREATE, NULL) == NP_OK);
    demand(np_store_begin(store, &entry, NULL) == NP_OK);
    put(store, "programme", "p", "name", "P", "starts", "2011-01-01", "ends",
        "2015-12-31", NULL);
    put(store, "theme", "absence", "name", "Absence", NULL);
    put(store, "cohort", "first", "name", "C", "starts", "2012-01-01", "ends",
        "2013-12-31", NULL);
    put(store, "scheme", "why", "name", "Why", "version", "1", NULL);
    put(store, "category", NULL, "scheme", "why", "code", "extend", "name", "E", NULL);
    put(store, "indicator", "rate", "name", "R", "version", "1", "definition", "D", "uom",
        "per cent", "level", "result", "direction", "lower", "sort", "ratio", "numerator",
        "n", "denominator", "d", "factor", "100", "period", "year",
        "across_organisations", "ratio", "across_units", "ratio", "across_periods",
        "none", NULL);
    put(store, "template", "annual-1", "name", "A", "sort", "annual", "version", "1",
        "due_month", "2", "due_day", "1", NULL);
    put(store, "template", "half", "name", "H", "sort", "half_year", "version", "1",
        "due_month", "6", "due_day", "1", NULL);
    put_questions(store);
    put(store, "project", "halden", "name", "Halden", "cohort", "first", NULL);
    put(store, "goal", "halden-1", "project", "halden", "level", "result", "text", "T",
        "indicator", "rate", NULL);
    put(store, "measure", "halden-m1", "project", "halden", "name", "M", NULL);
    demand(np_store_commit(store, NULL) == NP_OK);
    unlink(path); /* the open file stays for as long as the process */
    return store;
}

static void ignore(void *context, const np_objection *objection)
{
    (void)context;
    demand(np_utf8_invalid(objection->message, strlen(objection->message)) ==
           strlen(objection->message));
}

static void judge(np_store *store, const np_form *form, np_arena *arena)
{
    np_report_result result;
    np_entry_result entry;
    np_error err = {0};
    np_report_options o = {
        .draft = true,
        .received = "2013-01-30",
        .entry = {
            .who = "per", .action = "draft", .why = "", .dry_run = true, .sink = ignore}};
    np_status status = np_report_submit(&result, &entry, store, form, &o, arena, &err);
    demand(status == NP_OK ? !entry.written : err.message[0] != '\0');
    int64_t n;
    demand(np_store_count(&n, store, np_kind_find("report"), NULL) == NP_OK && n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static np_store *store;
    static np_problems problems;
    if (store == NULL)
        store = small_store();
    np_arena *arena = np_arena_new(BUDGET);
    np_error err = {0};
    np_form form;
    problems = (np_problems){0};
    np_status status = np_form_read_text(&form, store, (const char *)bytes, length,
                                         "form.yaml", arena, &problems, &err);
    demand(status == err.status);
    for (size_t i = 0; i < problems.n; i++)
        demand(problems.item[i].message[0] != '\0' && problems.item[i].line > 0);
    if (status == NP_OK && problems.n == 0)
        judge(store, &form, arena);
    np_arena_free(arena);
    return 0;
}
