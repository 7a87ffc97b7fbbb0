/* An import is whole or not there at all, whatever happens while it is written. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/rng.h"
#include "programme/export.h"
#include "programme/folder.h"

enum { ROWS = 60 };

/* Every record says the number of the import. */
static void write_import(const char *path, int number)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        _exit(3);
    fputs("id,name,cohort\n", file);
    for (int i = 0; i < ROWS; i++)
        fprintf(file, "p%d,Import %d,2012\n", i, number);
    fclose(file);
}

static void nobody(void *context, const np_import_problem *problem)
{
    (void)context, (void)problem;
}

static np_status import_number(np_store *store, const char *path, int number,
                               np_arena *arena, bool *written)
{
    write_import(path, number);
    np_import_source source = {.path = path, .kind = np_kind_find("project")};
    np_import_spec spec = {
        .source = &source, .n = 1, .who = "kari", .sink = nobody, .context = NULL};
    np_import import = {0};
    np_error err = {0};
    np_status status = np_import_run(&import, store, &spec, arena, &err);
    *written = import.written;
    return status;
}

/* Imports one number after the other and tells each once it is acknowledged. */
static void import_until_killed(const char *db, const char *path, int first, int tell)
{
    np_store *store = NULL;
    np_error err = {0};
    if (np_store_open(&store, db, NP_STORE_WRITE, &err) != NP_OK)
        _exit(1);
    for (int i = first;; i++) {
        np_arena *arena = np_arena_new(0);
        bool written = false;
        if (import_number(store, path, i, arena, &written) != NP_OK || !written ||
            write(tell, &i, sizeof i) != (ssize_t)sizeof i)
            _exit(2);
        np_arena_free(arena);
    }
}

/* Returns how many imports were acknowledged in all. */
static int kill_once(const char *db, const char *path, int done, uint64_t microseconds)
{
    int tell[2], status, i;
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        import_until_killed(db, path, done, tell[1]);
    close(tell[1]);
    struct timespec wait = {.tv_nsec = (long)microseconds * 1000};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (read(tell[0], &i, sizeof i) == (ssize_t)sizeof i)
        done = i + 1;
    close(tell[0]);
    return done;
}

typedef struct {
    char name[64];
    int n, n_names;
} seen;

static np_status see(void *context, const np_record *record, np_error *err)
{
    (void)err;
    seen *s = context;
    const char *name = np_record_text(record, "name");
    if (strcmp(s->name, name) != 0) {
        s->n_names++;
        snprintf(s->name, sizeof s->name, "%s", name);
    }
    s->n++;
    return NP_OK;
}

/* How long opening and one import take here and now, in microseconds. */
static uint64_t usual_time(const char *db, const char *path)
{
    int tell[2], first;
    struct timespec start, end;
    assert_int_equal(pipe(tell), 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        import_until_killed(db, path, 0, tell[1]);
    assert_int_equal(read(tell[0], &first, sizeof first), sizeof first);
    clock_gettime(CLOCK_MONOTONIC, &end);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(tell[0]), close(tell[1]);
    return (uint64_t)((end.tv_sec - start.tv_sec) * 1000000 +
                      (end.tv_nsec - start.tv_nsec) / 1000);
}

/* The number of the import that the records are of. */
static int number_there(a_programme *f)
{
    np_store *store = NULL;
    seen s = {.n = 0};
    assert_ok(f, np_store_open(&store, f->db, NP_STORE_WRITE, &f->err));
    assert_ok(f, np_store_each(store, np_kind_find("project"), see, &s, &f->err));
    np_store_close(store);
    assert_int_equal(s.n, ROWS);
    assert_int_equal(s.n_names, 1);
    return atoi(s.name + strlen("Import "));
}

static void five_hundred_kills_leave_no_half_import(void **state)
{
    enum { KILLS = 500, LONGEST = 300000 };
    a_programme *f = *state;
    char path[200];
    snprintf(path, sizeof path, "%s/in.csv", f->folder);
    np_store_close(f->store);
    f->store = NULL;
    np_rng rng = np_rng_stream(11, 1);
    uint64_t longest = 2 * usual_time(f->db, path);
    longest = longest < LONGEST ? longest : LONGEST;
    int first = number_there(f) + 1, done = first;
    for (int k = 0; k < KILLS; k++) {
        done = kill_once(f->db, path, done, np_rng_below(&rng, longest));
        int number = number_there(f);
        /* One more may be there: committed, and killed before it was told. */
        assert_true(number == done - 1 || number == done);
        done = number + 1;
    }
    assert_true(done > first);
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_store_open(&f->store, f->db, NP_STORE_WRITE, &f->err));
    assert_ok(f, np_log_check(&problems, f->store, NULL, &f->err));
    assert_ok(f, np_store_check(&problems, f->store, &f->err));
    assert_int_equal(problems.n_seen, 0);
}

static void restore_until_killed(const char *from, const char *to)
{
    static np_problems problems;
    np_arena *arena = np_arena_new(0);
    np_export done;
    np_error err = {0};
    np_restore_spec spec = {.programme = to, .replace = true, .day = "2026-12-01"};
    _exit(np_restore(&done, from, &spec, arena, &problems, &err) == NP_OK ? 0 : 1);
}

/* What was there is there under its name, or under the other, and what stands under the
 * name is whole. */
static void a_restore_that_is_killed_leaves_a_whole_store(void **state)
{
    enum { KILLS = 60, LONGEST = 60000 };
    a_programme *f = *state;
    np_export done;
    char head[NP_HASH_LENGTH];
    import_text(f, "project", PROJECTS);
    assert_ok(f, np_export_everything(&done, f->store, NULL, path_of(f, "one"), &f->err));
    np_store_close(f->store);
    f->store = NULL;
    np_rng rng = np_rng_stream(12, 1);
    for (int k = 0; k < KILLS; k++) {
        char from[256];
        snprintf(from, sizeof from, "%s", path_of(f, "one"));
        pid_t child = fork();
        if (child == 0)
            restore_until_killed(from, f->folder);
        struct timespec wait = {.tv_nsec = (long)np_rng_below(&rng, LONGEST) * 1000};
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        bool there = access(f->db, F_OK) == 0;
        bool before = access(path_of(f, "programme.db.before-2026-12-01"), F_OK) == 0;
        assert_true(there || before);
        if (!there)
            continue;
        assert_ok(f, np_store_open(&f->store, f->db, NP_STORE_WRITE, &f->err));
        assert_ok(f, np_log_head(head, f->store, &f->err));
        assert_string_equal(head, done.head);
        np_store_close(f->store);
        f->store = NULL;
    }
}

/* A limit on the size of files stands for a disk that is full. */
static void with_little_room(rlim_t bytes, struct rlimit *before)
{
    struct rlimit small;
    getrlimit(RLIMIT_FSIZE, before);
    small = (struct rlimit){.rlim_cur = bytes, .rlim_max = before->rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
}

static void a_full_disk_leaves_what_was_there_and_says_so(void **state)
{
    a_programme *f = *state;
    struct rlimit before;
    np_buf text = {0};
    import_text(f, "project", PROJECTS);
    np_buf_add(&text, "id,name,cohort\n");
    for (int i = 0; i < 20000; i++)
        np_buf_format(&text, "x%d,A name that takes some room in the file %d,2012\n", i,
                      i);
    np_import_source source = {.path = write_file(f, "big.csv", text.text),
                               .kind = np_kind_find("project")};
    np_buf_free(&text);
    with_little_room(1 << 20, &before);
    np_status status = import_sources(f, &source, 1, false);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, NP_E_IO);
    assert_string_not_equal(f->err.message, "");
    np_store_close(f->store);
    f->err = (np_error){0};
    assert_ok(f, np_store_open(&f->store, f->db, NP_STORE_WRITE, &f->err));
    assert_int_equal(count_of(f, "project"), 2);
    import_text(f, "project", "id,name,cohort\naas,Ås,2012\n");
    assert_true(f->import.written);
}

static void an_export_that_does_not_fit_leaves_nothing(void **state)
{
    a_programme *f = *state;
    struct rlimit before;
    np_export done;
    import_text(f, "project", PROJECTS);
    with_little_room(64, &before);
    np_status status =
        np_export_everything(&done, f->store, NULL, path_of(f, "one"), &f->err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, NP_E_IO);
    assert_int_not_equal(access(path_of(f, "one"), F_OK), 0);
    char command[200];
    snprintf(command, sizeof command, "ls '%s' | grep -q part", f->folder);
    assert_int_not_equal(system(command), 0);
}

static void another_writer_is_told_and_nothing_is_lost(void **state)
{
    a_programme *f = *state;
    np_store *other = NULL;
    assert_ok(f, np_store_open(&other, f->db, NP_STORE_WRITE, &f->err));
    np_store_entry entry = {.who = "ola", .action = "import", .why = ""};
    assert_ok(f, np_store_begin(other, &entry, &f->err));
    np_import_source source = {.path = write_file(f, "project.csv", PROJECTS),
                               .kind = np_kind_find("project")};
    assert_int_equal(import_sources(f, &source, 1, false), NP_E_BUSY);
    assert_string_not_equal(f->err.hint, "");
    np_store_close(other);
    assert_ok(f, import_sources(f, &source, 1, false));
    assert_true(f->import.written);
}

static void who_reads_while_another_imports_sees_all_or_nothing(void **state)
{
    enum { LOOKS = 100 };
    a_programme *f = *state;
    int tell[2], first;
    char path[200];
    snprintf(path, sizeof path, "%s/in.csv", f->folder);
    np_store_close(f->store);
    f->store = NULL;
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    if (child == 0)
        import_until_killed(f->db, path, 0, tell[1]);
    assert_int_equal(read(tell[0], &first, sizeof first), sizeof first);
    np_store *store = NULL;
    np_status status = np_store_open(&store, f->db, NP_STORE_READ, &f->err);
    bool whole = true;
    for (int i = 0; i < LOOKS && status == NP_OK; i++) {
        seen s = {.n = 0};
        status = np_store_each(store, np_kind_find("project"), see, &s, &f->err);
        whole = whole && s.n == ROWS && s.n_names == 1;
    }
    np_store_close(store);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(tell[0]), close(tell[1]);
    assert_int_equal(status, NP_OK);
    assert_true(whole);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(five_hundred_kills_leave_no_half_import),
        test(a_restore_that_is_killed_leaves_a_whole_store),
        test(a_full_disk_leaves_what_was_there_and_says_so),
        test(an_export_that_does_not_fit_leaves_nothing),
        test(another_writer_is_told_and_nothing_is_lost),
        test(who_reads_while_another_imports_sees_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
