/* The log keeps every version, and tampering shows. */
#include <sqlite3.h>

#include "store/folder.h"

typedef struct {
    int n;
    char bodies[256];
} history;

static np_status collect_version(void *context, const np_log_version *version,
                                 np_error *err)
{
    (void)err;
    history *h = context;
    h->n++;
    assert_int_equal(version->version, h->n);
    assert_string_equal(version->who, "kari");
    assert_string_equal(version->why, "a test");
    strcat(h->bodies, version->body != NULL ? version->body : "(retracted)");
    return NP_OK;
}

static void every_version_is_kept_with_who_and_why(void **state)
{
    a_folder *f = *state;
    commit_network(f, "north", "North");
    commit_network(f, "north", "Northwest");
    begin(f);
    assert_ok(f, np_store_retract(f->store, np_kind_find("network"), "north", &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    history h = {0};
    assert_ok(f, np_log_history(f->store, np_kind_find("network"), "north",
                                collect_version, &h, &f->err));
    assert_int_equal(h.n, 3);
    assert_string_equal(h.bodies,
                        "[\"name\", \"North\"][\"name\", \"Northwest\"](retracted)");
}

/* Two entries; the second put anew, one retracted. */
static void fill(a_folder *f)
{
    commit_network(f, "north", "North");
    commit_network(f, "south", "South");
    commit_network(f, "north", "Northwest");
}

static size_t problems_of(a_folder *f, const char *head)
{
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_log_check(&problems, f->store, head, &f->err));
    return problems.n_seen;
}

/* What somebody could do with the sqlite3 program. */
static void tamper(a_folder *f, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

static void an_untouched_log_has_no_problem(void **state)
{
    a_folder *f = *state;
    fill(f);
    assert_int_equal(problems_of(f, NULL), 0);
}

static void the_log_cannot_be_changed_or_cut_by_sql(void **state)
{
    a_folder *f = *state;
    fill(f);
    const char *const attempts[] = {
        "UPDATE log_entry SET who = 'ola'", "DELETE FROM log_entry",
        "UPDATE log_version SET body = '[]'", "DELETE FROM log_version"};
    sqlite3 *db = NULL;
    sqlite3_open(f->path, &db);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        assert_int_not_equal(sqlite3_exec(db, attempts[i], NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(problems_of(f, NULL), 0);
}

#define WITHOUT_TRIGGERS                                                                 \
    "DROP TRIGGER log_entry_stays; DROP TRIGGER log_entry_is_kept;"                      \
    "DROP TRIGGER log_version_stays; DROP TRIGGER log_version_is_kept;"

static void another_name_in_an_entry_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, WITHOUT_TRIGGERS "UPDATE log_entry SET who = 'ola' WHERE entry = 2");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void another_body_of_an_old_version_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, WITHOUT_TRIGGERS
           "UPDATE log_version SET body = '[\"name\", \"East\"]' WHERE number = 1");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void a_version_that_is_taken_out_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, WITHOUT_TRIGGERS "DELETE FROM log_version WHERE number = 1");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void an_entry_that_is_taken_out_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, WITHOUT_TRIGGERS "PRAGMA foreign_keys = OFF;"
                               "DELETE FROM log_entry WHERE entry = 2");
    assert_true(problems_of(f, NULL) >= 1);
}

static void a_record_that_was_changed_beside_the_log_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, "UPDATE network SET name = 'East' WHERE id = 'south'");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void a_record_that_was_deleted_beside_the_log_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, "DELETE FROM network WHERE id = 'south'");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void a_log_whose_end_was_cut_shows_by_a_hash_noted_earlier(void **state)
{
    a_folder *f = *state;
    fill(f);
    char head[NP_HASH_LENGTH];
    assert_ok(f, np_log_head(head, f->store, &f->err));
    assert_int_equal(problems_of(f, head), 0);
    tamper(
        f, WITHOUT_TRIGGERS
        "DELETE FROM log_version WHERE entry = 3; DELETE FROM log_entry WHERE entry = 3;"
        "UPDATE network SET name = 'North', record_version = 1 WHERE id = 'north'");
    assert_int_equal(problems_of(f, NULL), 0);
    assert_int_equal(problems_of(f, head), 1);
}

static void a_version_that_belongs_to_no_entry_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, "INSERT INTO log_version (entry, kind, id, version, body) VALUES "
              "(99, 'network', 'south', 2, '[\"name\", \"East\"]');"
              "UPDATE network SET name = 'East', record_version = 2 WHERE id = 'south'");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void a_zero_below_zero_is_kept_as_zero_and_is_no_tampering(void **state)
{
    a_folder *f = *state;
    const np_kind *kind = np_kind_find("grant_scheme");
    np_value value[8] = {{0}};
    value[np_kind_field(kind, "name")] = NP_VALUE_OF_TEXT("Grant");
    value[np_kind_field(kind, "amount_per_year")] = NP_VALUE_OF_NUMBER(-0.0);
    np_record record = {.kind = kind, .id = "grant", .value = value};
    begin(f);
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_int_equal(problems_of(f, NULL), 0);
}

static void words_cannot_move_from_one_field_of_an_entry_to_the_next(void **state)
{
    a_folder *f = *state;
    fill(f);
    tamper(f, WITHOUT_TRIGGERS "UPDATE log_entry SET who = 'karii', action = 'mport' "
                               "WHERE entry = 2");
    assert_int_equal(problems_of(f, NULL), 1);
}

static void the_file_and_its_references_are_whole(void **state)
{
    a_folder *f = *state;
    static np_problems problems;
    problems = (np_problems){0};
    fill(f);
    assert_ok(f, np_store_check(&problems, f->store, &f->err));
    assert_int_equal(problems.n_seen, 0);
    tamper(f, "UPDATE network SET theme = 'none' WHERE id = 'south'");
    assert_ok(f, np_store_check(&problems, f->store, &f->err));
    assert_int_equal(problems.n_seen, 1);
}

static size_t faults_of_the_file(a_folder *f)
{
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_store_check(&problems, f->store, &f->err));
    return problems.n_seen;
}

static void a_trigger_that_is_taken_away_changed_or_added_shows(void **state)
{
    a_folder *f = *state;
    fill(f);
    assert_int_equal(faults_of_the_file(f), 0);
    tamper(f, "DROP TRIGGER log_version_stays");
    assert_int_equal(faults_of_the_file(f), 1);
    tamper(f, "CREATE TRIGGER log_version_stays BEFORE UPDATE ON log_version "
              "BEGIN SELECT 1; END");
    assert_int_equal(faults_of_the_file(f), 1);
    tamper(f, "CREATE TRIGGER another AFTER INSERT ON log_entry "
              "BEGIN DELETE FROM network; END");
    assert_int_equal(faults_of_the_file(f), 2);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(every_version_is_kept_with_who_and_why),
        test(an_untouched_log_has_no_problem),
        test(the_log_cannot_be_changed_or_cut_by_sql),
        test(another_name_in_an_entry_shows),
        test(another_body_of_an_old_version_shows),
        test(a_version_that_is_taken_out_shows),
        test(an_entry_that_is_taken_out_shows),
        test(a_record_that_was_changed_beside_the_log_shows),
        test(a_record_that_was_deleted_beside_the_log_shows),
        test(a_log_whose_end_was_cut_shows_by_a_hash_noted_earlier),
        test(a_version_that_belongs_to_no_entry_shows),
        test(a_zero_below_zero_is_kept_as_zero_and_is_no_tampering),
        test(words_cannot_move_from_one_field_of_an_entry_to_the_next),
        test(the_file_and_its_references_are_whole),
        test(a_trigger_that_is_taken_away_changed_or_added_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
