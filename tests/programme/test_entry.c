/* Records are judged before they are committed, all or none. */
#include "programme/entry.h"
#include "programme/permission.h"

#include "store/folder.h"

typedef struct {
    size_t n;
    char rule[8][32], kind[8][32], id[8][32], field[8][32], message[8][256];
} objections;

static void keep(void *context, const np_objection *o)
{
    objections *all = context;
    assert_true(all->n < 8);
    size_t i = all->n++;
    snprintf(all->rule[i], 32, "%s", o->rule);
    snprintf(all->kind[i], 32, "%s", o->kind);
    snprintf(all->id[i], 32, "%s", o->id);
    snprintf(all->field[i], 32, "%s", o->field);
    snprintf(all->message[i], 256, "%s", o->message);
}

static np_entry *begin_entry(a_folder *f, objections *all, bool dry_run)
{
    np_entry *entry = NULL;
    np_entry_options options = {.who = "kari",
                                .action = "import",
                                .why = "",
                                .dry_run = dry_run,
                                .sink = keep,
                                .context = all};
    assert_ok(f, np_entry_begin(&entry, f->store, &options, f->arena, &f->err));
    return entry;
}

static void put(a_folder *f, np_entry *entry, const char *kind, const char *id,
                const char *first, const char *first_text, const char *second,
                const char *second_text)
{
    np_value value[64] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    value[np_kind_field(record.kind, first)] = NP_VALUE_OF_TEXT(first_text);
    if (second != NULL)
        value[np_kind_field(record.kind, second)] = NP_VALUE_OF_TEXT(second_text);
    assert_ok(f, np_entry_put(entry, &record, NULL, &f->err));
}

static int64_t count(a_folder *f, const char *kind)
{
    int64_t n = -1;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find(kind), &f->err));
    return n;
}

static void what_nobody_objects_to_is_written(void **state)
{
    a_folder *f = *state;
    objections all = {0};
    np_entry *entry = begin_entry(f, &all, false);
    put(f, entry, "network_member", NULL, "network", "north", "project", "halden");
    put(f, entry, "project", "halden", "name", "Halden", "cohort", "c1");
    put(f, entry, "network", "north", "name", "North", NULL, NULL);
    np_value value[16] = {{0}};
    np_record cohort = {.kind = np_kind_find("cohort"), .id = "c1", .value = value};
    value[np_kind_field(cohort.kind, "name")] = NP_VALUE_OF_TEXT("First");
    value[np_kind_field(cohort.kind, "starts")] = NP_VALUE_OF_TEXT("2012-01-01");
    value[np_kind_field(cohort.kind, "ends")] = NP_VALUE_OF_TEXT("2014-12-31");
    assert_ok(f, np_entry_put(entry, &cohort, NULL, &f->err));
    np_entry_result result;
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_true(result.written);
    assert_int_equal(result.n_new, 4);
    assert_int_equal(result.n_objections, 0);
    assert_int_equal(count(f, "network_member"), 1);
}

static void every_objection_is_told_and_nothing_is_written(void **state)
{
    a_folder *f = *state;
    objections all = {0};
    np_entry *entry = begin_entry(f, &all, false);
    put(f, entry, "network", "north", "name", "North", NULL, NULL);
    put(f, entry, "network", "south", "starts", "2012-01-01", NULL, NULL);
    put(f, entry, "network", "east", "name", "East", "cohort", "c9");
    put(f, entry, "meeting", "m1", "title", "M", "sort", "party");
    np_entry_result result;
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_false(result.written);
    assert_int_equal(result.n_objections, 3);
    assert_int_equal(all.n, 3);
    assert_string_equal(all.rule[0], "value");
    assert_string_equal(all.id[0], "south");
    assert_string_equal(all.field[0], "name");
    assert_string_equal(all.rule[2], "reference");
    assert_string_equal(all.kind[2], "network");
    assert_string_equal(all.field[2], "cohort");
    assert_string_equal(all.message[2], "there is no cohort with the identifier \"c9\"");
    assert_int_equal(count(f, "network"), 0);
}

static void a_dry_run_counts_and_writes_nothing(void **state)
{
    a_folder *f = *state;
    commit_network(f, "north", "North");
    commit_network(f, "south", "South");
    objections all = {0};
    np_entry *entry = begin_entry(f, &all, true);
    put(f, entry, "network", "north", "name", "North", NULL, NULL);
    put(f, entry, "network", "south", "name", "Sør", NULL, NULL);
    put(f, entry, "network", "east", "name", "East", NULL, NULL);
    np_entry_result result;
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_false(result.written);
    assert_int_equal(result.n_unchanged, 1);
    assert_int_equal(result.n_changed, 1);
    assert_int_equal(result.n_new, 1);
    assert_int_equal(count(f, "network"), 2);
}

static void an_objection_from_outside_counts(void **state)
{
    a_folder *f = *state;
    objections all = {0};
    np_entry *entry = begin_entry(f, &all, false);
    put(f, entry, "network", "north", "name", "North", NULL, NULL);
    np_entry_object(entry, &(np_objection){.kind = "network",
                                           .id = "",
                                           .field = "starts",
                                           .rule = "value",
                                           .message = "is no date",
                                           .hint = ""});
    np_entry_result result;
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_false(result.written);
    assert_int_equal(count(f, "network"), 0);
}

static void commit_user(a_folder *f, const char *id, int64_t closed)
{
    np_value value[8] = {{0}};
    np_record record = {.kind = np_kind_find("user"), .id = id, .value = value};
    value[np_kind_field(record.kind, "name")] = NP_VALUE_OF_TEXT("A name");
    value[np_kind_field(record.kind, "role")] = NP_VALUE_OF_TEXT("analyst");
    value[np_kind_field(record.kind, "closed")] = NP_VALUE_OF_INTEGER(closed);
    begin(f);
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void assert_no_entry(a_folder *f, const char *message)
{
    np_entry *entry;
    objections all = {0};
    np_entry_options options = {
        .who = "kari", .action = "import", .why = "", .sink = keep, .context = &all};
    f->err = (np_error){0};
    assert_int_equal(np_entry_begin(&entry, f->store, &options, f->arena, &f->err),
                     NP_E_UNKNOWN_NAME);
    assert_string_equal(f->err.message, message);
}

static void only_open_users_write_where_there_are_users(void **state)
{
    a_folder *f = *state;
    commit_user(f, "ola", 0);
    assert_no_entry(f, "kari is no user of this programme");
    commit_user(f, "kari", 1);
    assert_no_entry(f, "the user kari is closed");
    commit_user(f, "kari", 0);
    objections all = {0};
    np_entry_abandon(begin_entry(f, &all, false));
}

/* A role's word is no decoration: nobody makes himself administrator by an import. */
static void roles_write_what_is_theirs(void **state)
{
    a_folder *f = *state;
    np_value value[8] = {{0}};
    np_record user = {.kind = np_kind_find("user"), .id = "kari", .value = value};
    value[np_kind_field(user.kind, "name")] = NP_VALUE_OF_TEXT("Kari");
    value[np_kind_field(user.kind, "role")] = NP_VALUE_OF_TEXT("project_leader");
    begin(f);
    assert_ok(f, np_store_put(f->store, &user, NULL, &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));

    objections all = {0};
    np_entry *entry = begin_entry(f, &all, false);
    put(f, entry, "user", "kari", "name", "Kari", "role", "administrator");
    np_entry_result result;
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_false(result.written);
    assert_int_equal(all.n, 1);
    assert_string_equal(all.rule[0], "permission");
    assert_string_equal(all.kind[0], "user");

    entry = begin_entry(f, &all, false);
    put(f, entry, "network", "north", "name", "North", NULL, NULL);
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_true(result.written);
}

static void leaders_neither_decide_nor_review(void **state)
{
    (void)state;
    np_value value[8] = {{0}};
    np_record event = {.kind = np_kind_find("report_event"), .id = "1", .value = value};
    size_t word = np_kind_field(event.kind, "event");
    value[word] = NP_VALUE_OF_TEXT("submitted");
    assert_true(np_role_may_write("project_leader", event.kind, &event));
    value[word] = NP_VALUE_OF_TEXT("approved");
    assert_false(np_role_may_write("project_leader", event.kind, &event));
    assert_true(np_role_may_write("secretariat", event.kind, &event));
    const np_kind *decision = np_kind_find("decision");
    assert_false(np_role_may_write("network_leader", decision, NULL));
    assert_true(np_role_may_write("administrator", decision, NULL));
    assert_false(np_role_may_write("project_leader", np_kind_find("indicator"), NULL));
    assert_true(np_role_may_write("secretariat", np_kind_find("indicator"), NULL));
}

static void a_retraction_that_leaves_a_reference_dangling_fails(void **state)
{
    a_folder *f = *state;
    objections all = {0};
    begin(f);
    assert_ok(f, put_network(f, NULL, "north", "North"));
    assert_ok(f, put_texts(f, NULL, "meeting", "m1", "title", "M", "date", "2013-01-01",
                           "sort", "network", "network", "north", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
    np_entry *entry = begin_entry(f, &all, false);
    assert_ok(f, np_entry_retract(entry, np_kind_find("network"), "north", &f->err));
    np_entry_result result;
    assert_int_equal(np_entry_end(&result, entry, &f->err), NP_E_UNKNOWN_NAME);
    assert_int_equal(count(f, "network"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_objects_to_is_written, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_objection_is_told_and_nothing_is_written,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dry_run_counts_and_writes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_objection_from_outside_counts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_open_users_write_where_there_are_users,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(roles_write_what_is_theirs, set_up, tear_down),
        cmocka_unit_test(leaders_neither_decide_nor_review),
        cmocka_unit_test_setup_teardown(
            a_retraction_that_leaves_a_reference_dangling_fails, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
