/* What is acknowledged survives; what is wrong with the file gets one clear message. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/rng.h"
#include "store/folder.h"

static void raw_sql(a_folder *f, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void reopen_fails(a_folder *f, np_status wanted)
{
    np_store *again = NULL;
    f->err = (np_error){0};
    assert_int_equal(np_store_open(&again, f->path, NP_STORE_WRITE, &f->err), wanted);
    assert_null(again);
    assert_string_not_equal(f->err.message, "");
    assert_string_equal(f->err.file, f->path);
}

static void a_newer_schema_is_refused_in_words(void **state)
{
    a_folder *f = *state;
    raw_sql(f, "PRAGMA user_version = 99");
    reopen_fails(f, NP_E_SCHEMA);
    assert_non_null(strstr(f->err.message, "99"));
}

static void a_schema_before_the_first_is_refused_in_words(void **state)
{
    a_folder *f = *state;
    raw_sql(f, "PRAGMA user_version = 0");
    reopen_fails(f, NP_E_SCHEMA);
}

static void another_program_s_database_is_refused(void **state)
{
    a_folder *f = *state;
    raw_sql(f, "PRAGMA application_id = 1");
    reopen_fails(f, NP_E_DAMAGED);
}

static void half_a_file_is_found_by_the_check(void **state)
{
    a_folder *f = *state;
    commit_network(f, "north", "North");
    np_store_close(f->store);
    f->store = NULL;
    struct stat s;
    stat(f->path, &s);
    assert_int_equal(truncate(f->path, s.st_size / 2 / 4096 * 4096), 0);
    np_store *half = NULL;
    np_status status = np_store_open(&half, f->path, NP_STORE_READ, &f->err);
    static np_problems problems;
    problems = (np_problems){0};
    if (status == NP_OK)
        status = np_store_check(&problems, half, &f->err);
    np_store_close(half);
    assert_true(status == NP_E_DAMAGED || problems.n_seen > 0);
}

static void a_second_writer_is_told_that_another_is_writing(void **state)
{
    a_folder *f = *state;
    np_store *second = NULL;
    assert_ok(f, np_store_open(&second, f->path, NP_STORE_WRITE, &f->err));
    begin(f);
    np_store_entry entry = {.who = "ola", .action = "import"};
    assert_int_equal(np_store_begin(second, &entry, &f->err), NP_E_BUSY);
    np_store_close(second);
    f->err = (np_error){0};
    assert_ok(f, put_network(f, NULL, "north", "North"));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void who_reads_sees_nothing_of_an_entry_before_its_commit(void **state)
{
    a_folder *f = *state;
    np_store *reader = NULL;
    int64_t n = -1;
    assert_ok(f, np_store_open(&reader, f->path, NP_STORE_READ, &f->err));
    begin(f);
    assert_ok(f, put_network(f, NULL, "north", "North"));
    assert_ok(f, np_store_count(&n, reader, np_kind_find("network"), &f->err));
    assert_int_equal(n, 0);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_store_count(&n, reader, np_kind_find("network"), &f->err));
    assert_int_equal(n, 1);
    np_store_close(reader);
}

static void the_log_is_whole(a_folder *f, np_store *store)
{
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_log_check(&problems, store, NULL, &f->err));
    assert_int_equal(problems.n_seen, 0);
}

/* A limit on the size of files stands for a disk that is full. */
static void a_full_disk_loses_nothing_that_was_written_before(void **state)
{
    a_folder *f = *state;
    commit_network(f, "north", "North");
    struct rlimit before, small = {.rlim_cur = 1 << 20};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    begin(f);
    char id[32];
    np_status status = NP_OK;
    for (int i = 0; i < 20000 && status == NP_OK; i++) {
        snprintf(id, sizeof id, "network-%d", i);
        status = put_network(f, NULL, id,
                             "a name that is long enough to fill the disk before long");
    }
    if (status == NP_OK)
        status = np_store_commit(f->store, &f->err);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, NP_E_IO);
    np_store_rollback(f->store);
    np_store_close(f->store);
    f->err = (np_error){0};
    assert_ok(f, np_store_open(&f->store, f->path, NP_STORE_WRITE, &f->err));
    int64_t n = 0;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find("network"), &f->err));
    assert_int_equal(n, 1);
    the_log_is_whole(f, f->store);
}

/* Commits networks from `first` on and tells each on the pipe once it is acknowledged. */
static void write_until_killed(const char *path, int first, int tell)
{
    a_folder f = {0};
    if (np_store_open(&f.store, path, NP_STORE_WRITE, &f.err) != NP_OK)
        _exit(1);
    for (int i = first;; i++) {
        char id[32];
        snprintf(id, sizeof id, "network-%d", i);
        np_store_entry entry = {.who = "kari", .action = "import"};
        if (np_store_begin(f.store, &entry, &f.err) != NP_OK ||
            put_network(&f, NULL, id, "A network") != NP_OK ||
            np_store_commit(f.store, &f.err) != NP_OK ||
            write(tell, &i, sizeof i) != (ssize_t)sizeof i)
            _exit(1);
    }
}

/* Kills a writer after a random time; returns how many were acknowledged in all. */
static int kill_once(a_folder *f, int acknowledged, uint64_t microseconds)
{
    int tell[2];
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_until_killed(f->path, acknowledged, tell[1]);
    close(tell[1]);
    struct timespec wait = {.tv_nsec = (long)microseconds * 1000};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    int status, i;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (read(tell[0], &i, sizeof i) == (ssize_t)sizeof i)
        acknowledged = i + 1;
    close(tell[0]);
    return acknowledged;
}

static void who_checks_the_log_while_another_writes_sees_no_tampering(void **state)
{
    enum { CHECKS = 200 };
    a_folder *f = *state;
    int tell[2], first;
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_until_killed(f->path, 0, tell[1]);
    assert_int_equal(read(tell[0], &first, sizeof first), sizeof first);
    static np_problems problems;
    problems = (np_problems){0};
    np_status status = NP_OK;
    for (int i = 0; i < CHECKS && status == NP_OK && problems.n_seen == 0; i++)
        status = np_log_check(&problems, f->store, NULL, &f->err);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(tell[0]);
    close(tell[1]);
    assert_int_equal(status, NP_OK);
    assert_int_equal(problems.n_seen, 0);
}

static void what_was_acknowledged_survives_a_thousand_kills(void **state)
{
    enum { KILLS = 1000, LONGEST = 12000 };
    a_folder *f = *state;
    np_store_close(f->store);
    f->store = NULL;
    np_rng rng = np_rng_stream(4, 1);
    int acknowledged = 0;
    for (int k = 0; k < KILLS; k++) {
        acknowledged = kill_once(f, acknowledged, np_rng_below(&rng, LONGEST));
        np_store *store = NULL;
        int64_t n = 0;
        assert_ok(f, np_store_open(&store, f->path, NP_STORE_WRITE, &f->err));
        assert_ok(f, np_store_count(&n, store, np_kind_find("network"), &f->err));
        np_store_close(store);
        /* One more may be there: committed, and killed before it was told. */
        assert_true(n == acknowledged || n == acknowledged + 1);
        acknowledged = (int)n;
    }
    assert_true(acknowledged > 0);
    assert_ok(f, np_store_open(&f->store, f->path, NP_STORE_WRITE, &f->err));
    the_log_is_whole(f, f->store);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_newer_schema_is_refused_in_words),
        test(a_schema_before_the_first_is_refused_in_words),
        test(another_program_s_database_is_refused),
        test(half_a_file_is_found_by_the_check),
        test(a_second_writer_is_told_that_another_is_writing),
        test(who_reads_sees_nothing_of_an_entry_before_its_commit),
        test(a_full_disk_loses_nothing_that_was_written_before),
        test(who_checks_the_log_while_another_writes_sees_no_tampering),
        test(what_was_acknowledged_survives_a_thousand_kills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
