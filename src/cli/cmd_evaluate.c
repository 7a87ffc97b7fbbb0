/* nullpunkt evaluate: the plan of a folder, its data, its results and report. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/command.h"
#include "evaluation/evaluate.h"
#include "evaluation/result_json.h"
#include "report/number.h"
#include "report/report.h"

#define BESIDE ".new-" /* and the number of the process */

static const np_option options[] = {
    {"output", "DIR", N_("Where the results go. Default: output in the folder."), NULL,
     false},
    {"language", "CODE", N_("The report's only language. Default: those of the plan."),
     "nb|nn|en", false},
    {"question", "ID", N_("Only this question of the plan."), NULL, false},
};

typedef struct {
    const np_call *call;
    const char *folder, *plan, *output;
    np_evaluation result;
    double seconds;
} job;

static const char *text_of(const job *j, np_error *err, const char *format, const char *a,
                           const char *b)
{
    np_buf buf = {0};
    np_buf_add(&buf, a);
    np_buf_add(&buf, format);
    np_buf_add(&buf, b);
    const char *text = np_buf_done(&buf);
    if (text != NULL)
        text = np_arena_copy_text(j->call->arena, text, buf.length);
    np_buf_free(&buf);
    if (text == NULL)
        np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return text;
}

static const char *path_in(const job *j, const char *folder, const char *name,
                           np_error *err)
{
    return text_of(j, err, "/", folder, name);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* A folder, or a plan by its own name: then its folder is the programme's. */
static np_status find_plan(job *j, np_error *err)
{
    const char *given = np_positional(j->call->arguments, 0);
    given = given == NULL ? "." : given;
    if (ends_with(given, ".yaml") || ends_with(given, ".yml")) {
        const char *slash = strrchr(given, '/');
        j->plan = given;
        j->folder = slash == NULL ? "."
                                  : np_arena_copy_text(j->call->arena, given,
                                                       (size_t)(slash - given));
    } else {
        j->folder = given;
        j->plan = path_in(j, given, "evaluation.yaml", err);
    }
    j->output = np_argument(j->call->arguments, "output");
    if (j->output == NULL && j->folder != NULL)
        j->output = path_in(j, j->folder, "output", err);
    if (j->folder == NULL || j->plan == NULL || j->output == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return NP_OK;
}

/* All problems of the plan, a line each; the last is the command's error. */
static np_status show_problems(const job *j, const np_problems *problems, np_error *err)
{
    char line[2048];
    for (size_t i = 0; i + 1 < problems->n; i++) {
        np_error_format(&problems->item[i], line, sizeof line);
        np_buf_format(j->call->messages, "nullpunkt: %s\n", line);
    }
    if (problems->n_seen > problems->n)
        np_buf_format(j->call->messages, "nullpunkt: %s %zu\n",
                      _("further problems not shown:"), problems->n_seen - problems->n);
    if (problems->n > 0)
        *err = problems->item[problems->n - 1];
    return err->status;
}

static np_status read_and_run(job *j, np_error *err)
{
    np_problems *problems = np_arena_array(j->call->arena, np_problems, 1);
    np_plan *plan = np_arena_array(j->call->arena, np_plan, 1);
    if (problems == NULL || plan == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_error first = {0};
    np_status status = np_plan_read(plan, j->plan, problems, j->call->arena, &first);
    if (status != NP_OK && problems->n > 0)
        return show_problems(j, problems, err);
    if (status != NP_OK) {
        *err = first;
        return status;
    }
    char date[NP_DATE_LENGTH];
    np_date_format(date, np_date_today());
    np_evaluation_spec spec = {
        .question = np_argument(j->call->arguments, "question"),
        .date = np_arena_copy_text(j->call->arena, date, strlen(date))};
    return np_evaluation_run(&j->result, plan, j->folder, &spec, j->call->arena, err);
}

static np_status make_folder(const char *path, np_error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return NP_OK;
    if (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return NP_OK;
    if (errno == EEXIST)
        np_fail(err, NP_E_IO, _("this is a file, and a folder is to be made here"));
    else
        np_fail(err, NP_E_IO, _("the folder cannot be made: %m"));
    return np_error_file(err, path);
}

static np_status write_text(const char *path, np_buf *buf, np_error *err)
{
    if (np_buf_done(buf) == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(buf->text, 1, buf->length, file) == buf->length;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (good)
        return NP_OK;
    np_fail(err, NP_E_IO, _("cannot be written: %m"));
    return np_error_file(err, path);
}

typedef np_status each_file(const job *j, const char *from, const char *to, bool folder,
                            np_error *err);

/* Calls `act` for every file below `from`, folders after (or, with `first`, before)
 * what is in them. */
static np_status walk(const job *j, const char *from, const char *to, bool first,
                      each_file *act, np_error *err)
{
    DIR *dir = opendir(from);
    np_status status = NP_OK;
    if (dir == NULL)
        return NP_OK;
    for (struct dirent *entry; status == NP_OK && (entry = readdir(dir)) != NULL;) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const char *a = path_in(j, from, entry->d_name, err);
        const char *b = path_in(j, to, entry->d_name, err);
        if (a == NULL || b == NULL) {
            status = NP_E_NO_MEMORY;
            break;
        }
        bool folder = lstat(a, &info) == 0 && S_ISDIR(info.st_mode);
        if (folder && first)
            status = act(j, a, b, true, err);
        if (folder && status == NP_OK)
            status = walk(j, a, b, first, act, err);
        if (status == NP_OK && !(folder && first))
            status = act(j, a, b, folder, err);
    }
    closedir(dir);
    return status;
}

static np_status move_one(const job *j, const char *from, const char *to, bool folder,
                          np_error *err)
{
    (void)j;
    if (folder)
        return make_folder(to, err);
    if (rename(from, to) == 0)
        return NP_OK;
    np_fail(err, NP_E_IO, _("cannot be written: %m"));
    return np_error_file(err, to);
}

static np_status remove_one(const job *j, const char *from, const char *to, bool folder,
                            np_error *err)
{
    (void)j;
    (void)to;
    (void)err;
    if (folder)
        rmdir(from);
    else
        unlink(from);
    return NP_OK;
}

static np_status write_all(const job *j, const char *folder, np_error *err)
{
    np_language language = NP_BOKMAAL;
    const char *code = np_argument(j->call->arguments, "language");
    bool one = code != NULL && np_language_from_code(&language, code);
    np_buf json = {0};
    const char *path = path_in(j, folder, "results.json", err);
    if (path == NULL)
        return NP_E_NO_MEMORY;
    np_evaluation_json(&json, &j->result);
    np_status status = write_text(path, &json, err);
    np_buf_free(&json);
    if (status != NP_OK)
        return status;
    return np_report_write(folder, &j->result, one ? &language : NULL, one ? 1 : 0,
                           j->call->arena, err);
}

/* Folders of runs that were killed before they could move what they had written. */
static void remove_left_overs(const job *j)
{
    DIR *dir = opendir(j->output);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        long process = strncmp(entry->d_name, BESIDE, sizeof BESIDE - 1) != 0
                           ? 0
                           : strtol(entry->d_name + sizeof BESIDE - 1, NULL, 10);
        if (process <= 0 || kill((pid_t)process, 0) == 0 || errno != ESRCH)
            continue;
        const char *path = path_in(j, j->output, entry->d_name, NULL);
        if (path == NULL)
            break;
        walk(j, path, path, false, remove_one, NULL);
        rmdir(path);
    }
    closedir(dir);
}

/* Everything is written to a folder beside its place first, and moved when all of it is
 * there: an error leaves the last results as they were. Other files stay. */
static np_status write_output(const job *j, np_error *err)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, "%ld", (long)getpid());
    np_status status = make_folder(j->output, err);
    const char *beside = text_of(j, err, "/" BESIDE, j->output, suffix);
    if (status == NP_OK)
        remove_left_overs(j);
    if (status == NP_OK && beside == NULL)
        status = NP_E_NO_MEMORY;
    if (status == NP_OK)
        status = make_folder(beside, err);
    if (status != NP_OK)
        return status;
    status = write_all(j, beside, err);
    if (status == NP_OK)
        status = walk(j, beside, j->output, true, move_one, err);
    walk(j, beside, beside, false, remove_one, NULL);
    rmdir(beside);
    return status;
}

static void print_effect(const job *j, const np_effect *e)
{
    np_arena *arena = j->call->arena;
    np_buf *out = j->call->out;
    np_language language = np_language_get();
    np_buf_format(out, "    %-36s", _(np_estimator_title(e->estimator)));
    if (e->refused != NULL) {
        np_buf_format(out, " %s\n", e->refused->message);
        return;
    }
    np_buf_format(out, " %s", np_number_significant(arena, e->estimate, 4, language));
    np_buf_format(out, " (%s)", np_number_significant(arena, e->std_error, 3, language));
    np_buf_format(out, "  p %s", np_number_p(arena, e->p_value, language));
    np_buf_format(out, "  n %zu", e->n);
    np_buf_format(out, "%s\n", e->weighted ? _(", weighted") : "");
}

static void print_question(const job *j, const np_question_result *q)
{
    np_buf *out = j->call->out;
    size_t refused = 0;
    np_buf_format(out, "%s: %s\n", q->id,
                  np_localised_text(&q->title, np_language_get()));
    np_buf_format(out, _("    %zu participants, %zu others\n"), q->n_treated,
                  q->n_comparison);
    for (size_t i = 0; i < q->n_effects; i++) {
        const np_effect *e = &q->effect[i];
        refused += e->refused != NULL;
        if (e->scope == NP_SCOPE_ALL &&
            (e->dependent == NP_DEPENDENT_LEVEL || e->dependent == NP_DEPENDENT_CHANGE))
            print_effect(j, e);
    }
    for (size_t i = 0; i < q->n_event_studies; i++)
        if (q->event_study[i].effect->scope == NP_SCOPE_ALL)
            print_effect(j, q->event_study[i].effect);
    if (refused > 0)
        np_buf_format(out,
                      _("    %zu estimates could not be made; the report says why\n"),
                      refused);
    if (q->n_caveats > 0)
        np_buf_format(out, _("    %zu caveats; the report explains them\n"),
                      q->n_caveats);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Models, and the estimates for staggered starts, which are none of them. */
static size_t count_estimated(const np_evaluation *e)
{
    size_t n = e->n_models;
    for (size_t i = 0; i < e->n_questions; i++)
        for (size_t k = 0; k < e->question[i].n_effects; k++)
            n += e->question[i].effect[k].did != NULL;
    return n;
}

static void print_summary(const job *j, double seconds)
{
    np_buf *out = j->call->out;
    for (size_t i = 0; i < j->result.n_questions; i++)
        print_question(j, &j->result.question[i]);
    np_buf_format(out, "%s/report.html\n", j->output);
    np_buf_format(j->call->messages, _("%zu models in %.2f seconds\n"),
                  count_estimated(&j->result), seconds);
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    job j = {.call = call};
    double start = now();
    np_status status = find_plan(&j, err);
    if (status == NP_OK)
        status = read_and_run(&j, err);
    if (status == NP_OK)
        status = write_output(&j, err);
    if (status == NP_OK)
        print_summary(&j, now() - start);
    return status;
}

const np_command np_command_evaluate = {
    .name = "evaluate",
    .summary = N_("answer the questions of an evaluation plan from its data"),
    .synopsis = "[DIR] [options]",
    .description = N_(
        "Reads DIR/evaluation.yaml (default: the folder you are in), checks all of it, "
        "reads the data that it names, runs each question's design, and writes "
        "DIR/output: results.json with every number, a CSV file per table, the figures, "
        "and report.html in the plan's languages.\n\n"
        "Every problem of the plan is shown with its line and column. Nothing is written "
        "when something is wrong: the last results stay as they were.\n\n"
        "docs/evaluation-plan.md describes the plan."),
    .examples = "nullpunkt evaluate examples/sammen\n"
                "nullpunkt evaluate examples/sammen --language nn --output /tmp/report\n"
                "nullpunkt evaluate --question absence",
    .n_positional_min = 0,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
