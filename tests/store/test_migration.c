/* Files of an older schema are brought to the present one, all of it or nothing. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/rng.h"
#include "store/folder.h"
#include "store/search.h"

/* The first schema, as it is compiled into the store. */
extern const char np_store_schema_001[];

static int64_t number_in(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    int64_t number = -1;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) == SQLITE_ROW)
        number = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return number;
}

static void execute(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        print_error("%s\n", message);
    assert_null(message);
}

static void execute_in(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    execute(db, sql);
    sqlite3_close(db);
}

/* The columns that a table had at that time: later steps add some. */
static void columns_of(char out[2048], sqlite3 *db, const char *table)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT group_concat('\"' || name || '\"', ', ') FROM "
                           "pragma_table_info(?1, 'main')",
                           -1, &s, NULL),
        SQLITE_OK);
    sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    snprintf(out, 2048, "%s", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
}

/* A file of the first schema with what the store of today holds, as a program of that
 * time would have written it: schema 001 and nothing of what came after. */
static void write_as_schema_1(const char *from, const char *path)
{
    sqlite3 *db = NULL;
    size_t n;
    const np_kind *kind = np_kinds(&n);
    char sql[6000], columns[2048];
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    execute(db, "PRAGMA journal_mode=WAL");
    execute(db, np_store_schema_001);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS today", from);
    execute(db, sql);
    execute(db, "BEGIN");
    execute(db, "INSERT INTO log_entry SELECT * FROM today.log_entry");
    execute(db, "INSERT INTO log_version SELECT * FROM today.log_version");
    for (size_t k = 0; k < n; k++) {
        columns_of(columns, db, kind[k].name);
        snprintf(sql, sizeof sql, "INSERT INTO \"%s\" (%s) SELECT %s FROM today.\"%s\"",
                 kind[k].name, columns, columns, kind[k].name);
        execute(db, sql);
    }
    execute(db, "COMMIT");
    sqlite3_close(db);
}

static void put_item(a_folder *f, const char *id, const char *text)
{
    assert_ok(f, put_texts(f, NULL, "item", id, "sort", "hindrance_local", "text", text,
                           "period", "2014", NULL));
}

/* An old file at f->path, and no open store. */
static void make_old(a_folder *f, int n_items)
{
    char id[32], today[160];
    begin(f);
    assert_ok(f, put_network(f, NULL, "north", "North"));
    for (int i = 0; i < n_items; i++) {
        snprintf(id, sizeof id, "item-%d", i);
        put_item(f, id, "For lite tid og for mange møter i kommunene");
    }
    assert_ok(f, np_store_commit(f->store, &f->err));
    commit_network(f, "north", "Further north");
    np_store_close(f->store);
    f->store = NULL;
    snprintf(today, sizeof today, "%s/today.db", f->folder);
    rename(f->path, today);
    write_as_schema_1(today, f->path);
    unlink(today);
    assert_int_equal(number_in(f->path, "PRAGMA user_version"), 1);
}

static void open_store(a_folder *f, np_store_mode mode)
{
    f->err = (np_error){0};
    assert_ok(f, np_store_open(&f->store, f->path, mode, &f->err));
}

static void nothing_is_wrong(a_folder *f, const char *head)
{
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_log_check(&problems, f->store, head, &f->err));
    assert_ok(f, np_store_check(&problems, f->store, &f->err));
    if (problems.n_seen > 0)
        print_error("%s\n", problems.item[0].message);
    assert_int_equal(problems.n_seen, 0);
}

static void copy_name(char out[192], const a_folder *f, const char *more)
{
    snprintf(out, 192, "%s.schema-1%s", f->path, more);
}

static void remove_copies(a_folder *f)
{
    static const char *const more[] = {"", "-wal", "-shm", "-2"};
    char path[192];
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        copy_name(path, f, more[i]);
        unlink(path);
    }
}

static int tear_down_copies(void **state)
{
    remove_copies(*state);
    return tear_down(state);
}

static void an_older_file_is_migrated_when_it_is_opened_to_write(void **state)
{
    a_folder *f = *state;
    char head[NP_HASH_LENGTH], after[NP_HASH_LENGTH], copy[192];
    make_old(f, 20);
    open_store(f, NP_STORE_WRITE);
    np_record record;
    assert_ok(f, np_store_get(&record, f->store, np_kind_find("network"), "north",
                              f->arena, &f->err));
    assert_string_equal(np_record_text(&record, "name"), "Further north");
    assert_ok(f, np_log_head(head, f->store, &f->err));
    nothing_is_wrong(f, head);
    np_search found;
    assert_ok(f, np_store_search(&found, f->store, "kommune", &(np_search_options){0},
                                 f->arena, &f->err));
    assert_int_equal(found.n_found, 20);
    commit_network(f, "south", "South");
    assert_ok(f, np_log_head(after, f->store, &f->err));
    nothing_is_wrong(f, head);
    copy_name(copy, f, "");
    assert_string_equal(np_store_migrated(f->store), copy);
    assert_int_equal(number_in(copy, "PRAGMA user_version"), 1);
    assert_int_equal(number_in(copy, "SELECT count(*) FROM item"), 20);
    assert_int_equal(number_in(copy, "SELECT count(*) FROM network"), 1);
}

static void an_older_file_is_migrated_when_it_is_opened_to_read(void **state)
{
    a_folder *f = *state;
    make_old(f, 3);
    open_store(f, NP_STORE_READ);
    int64_t n = 0;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find("item"), &f->err));
    assert_int_equal(n, 3);
    assert_non_null(np_store_migrated(f->store));
    np_store_close(f->store);
    open_store(f, NP_STORE_READ);
    assert_null(np_store_migrated(f->store));
    nothing_is_wrong(f, NULL);
}

static void a_migration_is_recorded_with_its_moment_and_program(void **state)
{
    a_folder *f = *state;
    make_old(f, 1);
    open_store(f, NP_STORE_WRITE);
    int64_t n = number_in(f->path, "SELECT count(*) FROM schema_migration");
    assert_int_equal(n, number_in(f->path, "PRAGMA user_version") - 1);
    assert_int_equal(number_in(f->path,
                               "SELECT count(*) FROM schema_migration WHERE step "
                               "= 2 AND program_version = '" NP_VERSION
                               "' AND moment > '2020'"),
                     1);
}

static void a_new_file_says_that_it_was_made_by_all_steps(void **state)
{
    a_folder *f = *state;
    assert_int_equal(number_in(f->path, "SELECT count(*) FROM schema_migration"),
                     number_in(f->path, "PRAGMA user_version"));
}

static void an_older_file_that_cannot_be_written_says_so(void **state)
{
    a_folder *f = *state;
    enum { NOBODY = 65534 };
    bool root = geteuid() == 0; /* who writes everywhere, and so becomes somebody else */
    make_old(f, 1);
    chmod(f->path, 0444);
    chmod(f->folder, 0777);
    assert_true(!root || seteuid(NOBODY) == 0);
    f->err = (np_error){0};
    np_status status = np_store_open(&f->store, f->path, NP_STORE_READ, &f->err);
    assert_true(!root || seteuid(0) == 0);
    chmod(f->folder, 0755);
    chmod(f->path, 0644);
    if (status != NP_E_SCHEMA)
        print_error("%s\n", f->err.message);
    assert_int_equal(status, NP_E_SCHEMA);
    assert_non_null(strstr(f->err.message, "older"));
    assert_string_not_equal(f->err.hint, "");
}

/* A table of the new schema's name stands in the way of the second step, as a person
 * with an SQL tool might have left it. */
static void a_step_that_fails_leaves_the_file_as_it_was(void **state)
{
    a_folder *f = *state;
    make_old(f, 5);
    execute_in(f->path, "CREATE TABLE schema_migration (x TEXT)");
    f->err = (np_error){0};
    assert_int_not_equal(np_store_open(&f->store, f->path, NP_STORE_WRITE, &f->err),
                         NP_OK);
    assert_non_null(strstr(f->err.message, "schema_migration"));
    assert_string_equal(f->err.file, f->path);
    assert_int_equal(number_in(f->path, "PRAGMA user_version"), 1);
    assert_int_equal(number_in(f->path, "SELECT count(*) FROM item"), 5);
    execute_in(f->path, "DROP TABLE schema_migration");
    open_store(f, NP_STORE_WRITE);
    nothing_is_wrong(f, NULL);
    char second[192];
    copy_name(second, f, "-2");
    assert_int_equal(access(second, F_OK), -1); /* the first try's copy is as good */
}

static void a_file_whose_tables_are_not_the_first_schema_s_is_not_migrated(void **state)
{
    a_folder *f = *state;
    make_old(f, 5);
    execute_in(f->path, "ALTER TABLE network ADD COLUMN more TEXT");
    f->err = (np_error){0};
    assert_int_equal(np_store_open(&f->store, f->path, NP_STORE_WRITE, &f->err),
                     NP_E_SCHEMA);
    assert_non_null(strstr(f->err.message, "network"));
    assert_int_equal(number_in(f->path, "PRAGMA user_version"), 1);
}

static void a_copy_of_something_else_is_not_taken_for_one_of_this_file(void **state)
{
    a_folder *f = *state;
    char copy[192], second[192];
    make_old(f, 5);
    copy_name(copy, f, "");
    FILE *file = fopen(copy, "w");
    fputs("my own file", file);
    fclose(file);
    open_store(f, NP_STORE_WRITE);
    copy_name(second, f, "-2");
    assert_int_equal(number_in(second, "SELECT count(*) FROM item"), 5);
    struct stat s;
    stat(copy, &s);
    assert_int_equal(s.st_size, strlen("my own file"));
}

static void open_and_leave(const char *path)
{
    np_store *store = NULL;
    np_status status = np_store_open(&store, path, NP_STORE_WRITE, NULL);
    np_store_close(store);
    _exit(status == NP_OK ? 0 : 1);
}

static void programs_that_open_at_once_all_succeed(void **state)
{
    enum { PROGRAMS = 6 };
    a_folder *f = *state;
    make_old(f, 2000);
    pid_t child[PROGRAMS];
    for (int i = 0; i < PROGRAMS; i++) {
        child[i] = fork();
        if (child[i] == 0)
            open_and_leave(f->path);
    }
    for (int i = 0; i < PROGRAMS; i++) {
        int status;
        waitpid(child[i], &status, 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    open_store(f, NP_STORE_WRITE);
    nothing_is_wrong(f, NULL);
    assert_int_equal(
        number_in(f->path, "SELECT count(*) FROM schema_migration WHERE step = 2"), 1);
}

static void copy_file(const char *from, const char *to)
{
    char command[512];
    snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

static uint64_t nanoseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Opens the file in a program of its own, which is killed after `limit` nanoseconds where
 * that is not 0; returns how long it took. */
static uint64_t open_and_kill(a_folder *f, uint64_t limit)
{
    uint64_t start = nanoseconds_now();
    pid_t child = fork();
    if (child == 0)
        open_and_leave(f->path);
    if (limit > 0) {
        struct timespec wait = {.tv_sec = (time_t)(limit / 1000000000),
                                .tv_nsec = (long)(limit % 1000000000)};
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
    }
    waitpid(child, NULL, 0);
    return nanoseconds_now() - start;
}

static void put_old_file_back(a_folder *f, const char *old)
{
    static const char *const left[] = {"", "-wal", "-shm"};
    char beside[192];
    for (size_t i = 0; i < 3; i++) {
        snprintf(beside, sizeof beside, "%s%s", f->path, left[i]);
        unlink(beside);
    }
    remove_copies(f);
    copy_file(old, f->path);
}

/* Kills a program that migrates after a random time, which is before, within and after
 * the migration. */
static void a_kill_during_migration_loses_nothing(void **state)
{
    enum { KILLS = 60, ITEMS = 3000 };
    a_folder *f = *state;
    char old[192];
    make_old(f, ITEMS);
    snprintf(old, sizeof old, "%s/old.db", f->folder);
    copy_file(f->path, old);
    uint64_t whole = open_and_kill(f, 0);
    np_rng rng = np_rng_stream(4, 2);
    int n_old = 0, n_new = 0;
    for (int k = 0; k < KILLS; k++) {
        put_old_file_back(f, old);
        open_and_kill(f, 1 + np_rng_below(&rng, whole));
        if (number_in(f->path, "PRAGMA user_version") == 1)
            n_old++;
        else
            n_new++;
        assert_int_equal(number_in(f->path, "SELECT count(*) FROM item"), ITEMS);
        open_store(f, NP_STORE_WRITE);
        nothing_is_wrong(f, NULL);
        np_store_close(f->store);
        f->store = NULL;
    }
    unlink(old);
    char command[256];
    snprintf(command, sizeof command, "rm -f '%s'*.part-*", f->path);
    assert_int_equal(system(command), 0);
    print_message("%d killed before the commit, %d after it\n", n_old, n_new);
    assert_true(n_old > 0);
}

static void who_was_open_before_a_newer_program_migrated_writes_no_more(void **state)
{
    a_folder *f = *state;
    commit_network(f, "north", "North");
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d",
             (int)number_in(f->path, "PRAGMA user_version") + 1);
    execute_in(f->path, sql);
    np_store_entry entry = {.who = "kari", .action = "import"};
    assert_int_equal(np_store_begin(f->store, &entry, &f->err), NP_E_SCHEMA);
    assert_non_null(strstr(f->err.message, "newer"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_copies)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(an_older_file_is_migrated_when_it_is_opened_to_write),
        test(an_older_file_is_migrated_when_it_is_opened_to_read),
        test(a_migration_is_recorded_with_its_moment_and_program),
        test(a_new_file_says_that_it_was_made_by_all_steps),
        test(an_older_file_that_cannot_be_written_says_so),
        test(a_step_that_fails_leaves_the_file_as_it_was),
        test(a_file_whose_tables_are_not_the_first_schema_s_is_not_migrated),
        test(a_copy_of_something_else_is_not_taken_for_one_of_this_file),
        test(programs_that_open_at_once_all_succeed),
        test(a_kill_during_migration_loses_nothing),
        test(who_was_open_before_a_newer_program_migrated_writes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
