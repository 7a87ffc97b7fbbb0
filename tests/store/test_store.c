/* Opening, writing and reading records. */
#include <sys/stat.h>

#include "store/folder.h"

static void a_record_is_read_as_it_was_put(void **state)
{
    a_folder *f = *state;
    np_put_result result;
    begin(f);
    assert_ok(f, put_network(f, &result, "north", "Nordvest – æøå"));
    assert_int_equal(result, NP_PUT_NEW);
    assert_ok(f, np_store_commit(f->store, &f->err));
    np_record got;
    assert_ok(f, np_store_get(&got, f->store, np_kind_find("network"), "north", f->arena,
                              &f->err));
    assert_string_equal(np_record_text(&got, "name"), "Nordvest – æøå");
    assert_null(np_record_text(&got, "starts"));
}

static void what_says_the_same_is_no_new_version_and_no_entry(void **state)
{
    a_folder *f = *state;
    char before[NP_HASH_LENGTH], after[NP_HASH_LENGTH];
    commit_network(f, "north", "North");
    assert_ok(f, np_log_head(before, f->store, &f->err));
    np_put_result result;
    begin(f);
    assert_ok(f, put_network(f, &result, "north", "North"));
    assert_int_equal(result, NP_PUT_UNCHANGED);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_log_head(after, f->store, &f->err));
    assert_string_equal(before, after);
}

static void zero_is_a_value_and_stays_one(void **state)
{
    a_folder *f = *state;
    const np_kind *kind = np_kind_find("grant_scheme");
    np_value value[8] = {{0}};
    value[np_kind_field(kind, "name")] = NP_VALUE_OF_TEXT("Grant");
    value[np_kind_field(kind, "amount_per_year")] = NP_VALUE_OF_NUMBER(0);
    np_record record = {.kind = kind, .id = "grant", .value = value}, got;
    begin(f);
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_store_get(&got, f->store, kind, "grant", f->arena, &f->err));
    assert_true(np_record_number(&got, "amount_per_year") == 0);
    assert_true(isnan(np_record_number(&got, "hold_back_share")));
}

static void an_identifier_is_made_of_the_key(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_ok(f, put_texts(f, NULL, "organisation", NULL, "code", "0101", "name",
                           "Halden", "sort", "municipality", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
    bool there;
    assert_ok(
        f, np_store_has(&there, f->store, np_kind_find("organisation"), "0101", &f->err));
    assert_true(there);
}

static void a_record_without_identifier_or_key_is_refused(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_int_equal(put_network(f, NULL, NULL, "North"), NP_E_RANGE);
}

static void a_required_field_that_is_absent_is_named(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_int_equal(put_texts(f, NULL, "network", "north", "starts", "2012-01-01", NULL),
                     NP_E_RANGE);
    assert_string_equal(f->err.field, "name");
}

static void a_word_that_is_no_choice_is_refused_with_those_that_are(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_int_equal(put_texts(f, NULL, "organisation", "0101", "name", "Halden", "sort",
                               "kommune", NULL),
                     NP_E_RANGE);
    assert_string_equal(f->err.field, "sort");
    assert_non_null(strstr(f->err.hint, "municipality"));
}

static void a_reference_to_nothing_is_refused_at_commit_and_nothing_is_kept(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_ok(f, put_texts(f, NULL, "network", "north", "name", "North", "theme",
                           "absence", NULL));
    assert_int_equal(np_store_commit(f->store, &f->err), NP_E_UNKNOWN_NAME);
    assert_non_null(strstr(f->err.message, "network"));
    int64_t n = -1;
    f->err = (np_error){0};
    assert_ok(f, np_store_count(&n, f->store, np_kind_find("network"), &f->err));
    assert_int_equal(n, 0);
}

static void references_within_an_entry_may_come_in_any_order(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_ok(f, put_texts(f, NULL, "network", "north", "name", "North", "theme",
                           "absence", NULL));
    assert_ok(f, put_texts(f, NULL, "theme", "absence", "name", "Absence", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void what_is_rolled_back_was_never_there(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_ok(f, put_network(f, NULL, "north", "North"));
    np_store_rollback(f->store);
    bool there;
    assert_ok(f,
              np_store_has(&there, f->store, np_kind_find("network"), "north", &f->err));
    assert_false(there);
}

static void a_retracted_record_is_gone_and_what_is_referred_to_stays(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_ok(f, put_texts(f, NULL, "theme", "absence", "name", "Absence", NULL));
    assert_ok(f, put_texts(f, NULL, "network", "north", "name", "North", "theme",
                           "absence", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
    begin(f);
    assert_ok(f, np_store_retract(f->store, np_kind_find("theme"), "absence", &f->err));
    assert_int_equal(np_store_commit(f->store, &f->err), NP_E_UNKNOWN_NAME);
    f->err = (np_error){0};
    begin(f);
    assert_ok(f, np_store_retract(f->store, np_kind_find("network"), "north", &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    bool there;
    assert_ok(f,
              np_store_has(&there, f->store, np_kind_find("network"), "north", &f->err));
    assert_false(there);
    assert_ok(f,
              np_store_has(&there, f->store, np_kind_find("theme"), "absence", &f->err));
    assert_true(there);
}

static np_status collect(void *context, const np_record *record, np_error *err)
{
    (void)err;
    strcat(context, record->id);
    return NP_OK;
}

static void records_come_in_the_order_of_their_identifiers(void **state)
{
    a_folder *f = *state;
    commit_network(f, "b", "B");
    commit_network(f, "a", "A");
    char ids[16] = "";
    assert_ok(f, np_store_each(f->store, np_kind_find("network"), collect, ids, &f->err));
    assert_string_equal(ids, "ab");
}

static void a_store_that_is_there_is_not_made_again(void **state)
{
    a_folder *f = *state;
    np_store *second = NULL;
    assert_int_equal(np_store_open(&second, f->path, NP_STORE_CREATE, &f->err),
                     NP_E_DUPLICATE);
}

static void a_file_that_is_not_there_is_not_made_by_reading(void **state)
{
    a_folder *f = *state;
    np_store *second = NULL;
    char path[192];
    snprintf(path, sizeof path, "%s/none.db", f->folder);
    assert_int_equal(np_store_open(&second, path, NP_STORE_READ, &f->err),
                     NP_E_UNKNOWN_NAME);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_file_of_another_kind_is_refused_and_stays_as_it_was(void **state)
{
    a_folder *f = *state;
    char path[192];
    snprintf(path, sizeof path, "%s/copy.db", f->folder);
    write_file(path,
               "code;name\n0101;Halden\nthis is long enough to be no header of ours, "
               "and it goes on for more than the hundred bytes of a header\n");
    struct stat before, after;
    stat(path, &before);
    np_store *second = NULL;
    assert_int_equal(np_store_open(&second, path, NP_STORE_WRITE, &f->err), NP_E_DAMAGED);
    stat(path, &after);
    assert_int_equal(before.st_size, after.st_size);
}

static void an_empty_file_holds_no_records(void **state)
{
    a_folder *f = *state;
    char path[192];
    snprintf(path, sizeof path, "%s/copy.db", f->folder);
    write_file(path, "");
    np_store *second = NULL;
    assert_int_equal(np_store_open(&second, path, NP_STORE_WRITE, &f->err), NP_E_DAMAGED);
}

static void a_backup_has_the_records_and_the_log(void **state)
{
    a_folder *f = *state;
    commit_network(f, "north", "North");
    char path[192], head[NP_HASH_LENGTH], copied[NP_HASH_LENGTH];
    snprintf(path, sizeof path, "%s/copy.db", f->folder);
    assert_ok(f, np_store_backup(f->store, path, &f->err));
    np_store *copy = NULL;
    assert_ok(f, np_store_open(&copy, path, NP_STORE_READ, &f->err));
    np_record got;
    assert_ok(
        f, np_store_get(&got, copy, np_kind_find("network"), "north", f->arena, &f->err));
    assert_ok(f, np_log_head(head, f->store, &f->err));
    assert_ok(f, np_log_head(copied, copy, &f->err));
    assert_string_equal(head, copied);
    np_store_close(copy);
    char side[224];
    snprintf(side, sizeof side, "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof side, "%s-shm", path);
    unlink(side);
}

static void a_backup_takes_the_place_of_nothing(void **state)
{
    a_folder *f = *state;
    char path[192];
    snprintf(path, sizeof path, "%s/copy.db", f->folder);
    write_file(path, "mine");
    assert_int_equal(np_store_backup(f->store, path, &f->err), NP_E_DUPLICATE);
    struct stat s;
    stat(path, &s);
    assert_int_equal(s.st_size, 4);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_record_is_read_as_it_was_put),
        test(what_says_the_same_is_no_new_version_and_no_entry),
        test(zero_is_a_value_and_stays_one),
        test(an_identifier_is_made_of_the_key),
        test(a_record_without_identifier_or_key_is_refused),
        test(a_required_field_that_is_absent_is_named),
        test(a_word_that_is_no_choice_is_refused_with_those_that_are),
        test(a_reference_to_nothing_is_refused_at_commit_and_nothing_is_kept),
        test(references_within_an_entry_may_come_in_any_order),
        test(what_is_rolled_back_was_never_there),
        test(a_retracted_record_is_gone_and_what_is_referred_to_stays),
        test(records_come_in_the_order_of_their_identifiers),
        test(a_store_that_is_there_is_not_made_again),
        test(a_file_that_is_not_there_is_not_made_by_reading),
        test(a_file_of_another_kind_is_refused_and_stays_as_it_was),
        test(an_empty_file_holds_no_records),
        test(a_backup_has_the_records_and_the_log),
        test(a_backup_takes_the_place_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
