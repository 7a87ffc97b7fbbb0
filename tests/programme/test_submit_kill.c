/* Submissions that are killed at random moments: what was acknowledged is there, and no
 * report is there by half. */
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

#include "base/rng.h"
#include "programme/report.h"
#include "programme/small.h"

enum { KILLS = 500, PROJECTS = 3000, MOST_MICROSECONDS = 40000 };

static void ignore(void *context, const np_objection *o)
{
    (void)context;
    (void)o;
}

/* Copies that are not what was frozen, and events without one. */
static void count_frozen(void *context, const np_objection *o)
{
    *(size_t *)context += strcmp(o->rule, "copy_of_event") == 0;
}

static void put_programme(a_folder *f)
{
    begin(f);
    small_programme(f);
    small_put(f, "question", NULL, "template", "annual-1", "code", "learned", "answer",
              "text", "position", "1", "text", "Learned?", "required", "1", NULL);
    small_put(f, "question", NULL, "template", "annual-1", "code", "hindrances", "answer",
              "items", "position", "2", "text", "Hindrances?", "item_sort",
              "hindrance_local", "repeats", "1", NULL);
    for (int i = 0; i < PROJECTS; i++) {
        char id[16];
        snprintf(id, sizeof id, "p%d", i);
        small_put(f, "project", id, "name", id, "cohort", "first", NULL);
    }
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static bool submit_one(np_store *store, const char *folder, int i, np_arena *arena)
{
    char path[128];
    np_error err = {0};
    static np_problems problems;
    np_form form;
    np_report_result result;
    np_entry_result entry;
    np_report_options o = {
        .received = "2013-01-30",
        .entry = {.who = "per", .action = "submit", .why = "", .sink = ignore}};
    snprintf(path, sizeof path, "%s/form.yaml", folder);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    fprintf(file,
            "report: {project: p%d, template: annual-1, period: 2012}\n"
            "answers:\n  learned: Start early\n  hindrances: [Time, Money]\n",
            i);
    fclose(file);
    problems = (np_problems){0};
    return np_form_read(&form, store, path, arena, &problems, &err) == NP_OK &&
           problems.n == 0 &&
           np_report_submit(&result, &entry, store, &form, &o, arena, &err) == NP_OK &&
           result == NP_REPORT_WRITTEN;
}

/* Submits from `first` on and tells each on the pipe once it is acknowledged. */
static void submit_until_killed(const a_folder *f, int first, int tell)
{
    np_store *store;
    np_arena *arena = np_arena_new(0);
    if (np_store_open(&store, f->path, NP_STORE_WRITE, NULL) != NP_OK)
        _exit(1);
    for (int i = first; i < PROJECTS; i++)
        if (!submit_one(store, f->folder, i, arena) ||
            write(tell, &i, sizeof i) != (ssize_t)sizeof i)
            _exit(1);
    _exit(0);
}

/* The first project whose submission is not known to be there. */
static int kill_once(const a_folder *f, int first, uint64_t microseconds, int *killed)
{
    int tell[2], status, i;
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        submit_until_killed(f, first, tell[1]);
    close(tell[1]);
    struct timespec wait = {.tv_nsec = (long)microseconds * 1000};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    *killed += WIFSIGNALED(status);
    while (read(tell[0], &i, sizeof i) == (ssize_t)sizeof i)
        first = i + 1;
    close(tell[0]);
    return first;
}

static int64_t count(a_folder *f, const char *kind)
{
    int64_t n = -1;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find(kind), &f->err));
    return n;
}

/* What was acknowledged is there, and at most the one after it, as a whole. */
static int check_reports(a_folder *f, int acknowledged)
{
    int64_t n = count(f, "report");
    assert_true(n == acknowledged || n == acknowledged + 1);
    assert_int_equal(count(f, "answer"), n);
    assert_int_equal(count(f, "item"), 2 * n);
    assert_int_equal(count(f, "report_event"), 2 * n);
    assert_int_equal(count(f, "report_copy"), n);
    return (int)n;
}

static void nothing_acknowledged_is_lost_and_nothing_is_half_there(void **state)
{
    a_folder *f = *state;
    static np_problems problems;
    int done = 0, killed = 0;
    np_rng rng = np_rng_stream(20130201, 0);
    put_programme(f);
    np_store_close(f->store);
    for (int k = 0; k < KILLS; k++) {
        uint64_t wait = np_rng_below(&rng, MOST_MICROSECONDS);
        int acknowledged = kill_once(f, done, wait, &killed);
        f->store = NULL;
        f->err = (np_error){0};
        assert_ok(f, np_store_open(&f->store, f->path, NP_STORE_READ, &f->err));
        done = check_reports(f, acknowledged);
        if (k + 1 < KILLS)
            np_store_close(f->store);
    }
    assert_ok(f, np_log_check(&problems, f->store, NULL, &f->err));
    assert_int_equal(problems.n_seen, 0);
    size_t objections = 0;
    assert_ok(f,
              np_rules_together(f->store, NULL, 0, count_frozen, &objections, &f->err));
    assert_int_equal(objections, 0);
    print_message("# %d kills, %d submissions, the log is whole\n", killed, done);
    assert_true(killed > KILLS * 9 / 10);
    char path[128];
    snprintf(path, sizeof path, "%s/form.yaml", f->folder);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            nothing_acknowledged_is_lost_and_nothing_is_half_there, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
