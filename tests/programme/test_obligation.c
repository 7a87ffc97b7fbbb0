/* What is owed, as records. */
#include "programme/obligation.h"

#include "programme/small.h"

static void update(a_folder *f, size_t n_new, size_t n_changed)
{
    size_t objections = 0;
    np_entry *entry;
    np_entry_options options = {.who = "kari",
                                .action = "obligations",
                                .why = "",
                                .sink = small_print,
                                .context = &objections};
    np_entry_result result;
    size_t n_missing = 99;
    assert_ok(f, np_obligations_missing(&n_missing, f->store, &f->err));
    assert_int_equal(n_missing, n_new + n_changed);
    assert_ok(f, np_entry_begin(&entry, f->store, &options, f->arena, &f->err));
    assert_ok(f, np_obligations_put(entry, f->store, &f->err));
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_int_equal(objections, 0);
    assert_int_equal(result.n_new, n_new);
    assert_int_equal(result.n_changed, n_changed);
}

static np_owed_list list(a_folder *f, const char *as_of, const np_owed_filter *filter)
{
    np_owed_list owed = {0};
    assert_ok(f, np_obligations_list(&owed, f->store, as_of, filter, f->arena, &f->err));
    return owed;
}

static const np_owed *find(const np_owed_list *owed, const char *id)
{
    for (size_t i = 0; i < owed->n; i++)
        if (strcmp(owed->item[i].id, id) == 0)
            return &owed->item[i];
    return NULL;
}

static void begin_small(a_folder *f)
{
    begin(f);
    small_programme(f);
    small_project(f, "halden", "Halden", "first");
}

static void each_sort_of_report_is_owed_by_the_template_in_force(void **state)
{
    a_folder *f = *state;
    begin_small(f);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 6, 0);
    np_owed_list owed = list(f, "2011-01-01", NULL);
    static const struct {
        const char *id, *due;
    } expected[] = {
        {"halden/half/2012S1", "2012-06-01"},   {"halden/start/2012", "2012-10-01"},
        {"halden/annual-1/2012", "2013-02-01"}, {"halden/half/2013S1", "2013-06-01"},
        {"halden/annual-2/2013", "2014-02-01"}, {"halden/final/2013", "2014-03-01"}};
    assert_int_equal(owed.n, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(owed.item[i].id, expected[i].id);
        assert_string_equal(owed.item[i].due, expected[i].due);
        assert_int_equal(owed.item[i].state, NP_OWED_NOT_DUE);
    }
    update(f, 0, 0);
}

static void who_starts_after_the_day_owes_no_half_year_report(void **state)
{
    a_folder *f = *state;
    begin(f);
    small_programme(f);
    small_project(f, "moss", "Moss", "second");
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 5, 0);
    np_owed_list owed = list(f, "2014-06-05", NULL);
    assert_null(find(&owed, "moss/half/2013S1"));
    assert_non_null(find(&owed, "moss/half/2014S1"));
    assert_non_null(find(&owed, "moss/annual-2/2013"));
}

static void only_admitted_applicants_owe(void **state)
{
    a_folder *f = *state;
    begin_small(f);
    small_put(f, "call", "c", "name", "Call", "cohort", "first", "opens", "2011-04-08",
              "deadline", "2011-06-15", NULL);
    small_put(f, "application", "a", "project", "halden", "call", "c", "received",
              "2011-05-01", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 0, 0);
    begin(f);
    small_put(f, "decision", NULL, "application", "a", "outcome", "refuse", "date",
              "2011-07-01", "reason", "R", "decided_by", "ola", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 0, 0);
    begin(f);
    small_put(f, "decision", NULL, "application", "a", "outcome", "admit", "date",
              "2011-08-01", "reason", "R", "decided_by", "ola", NULL);
    for (const char *const *party =
             (const char *const[]){"politicians", "unions", "administration", NULL};
         *party != NULL; party++)
        small_put(f, "commitment", NULL, "project", "halden", "party", *party, "given_by",
                  "x", "date", "2011-05-01", NULL);
    for (const char *const *rule = (const char *const[]){"result_goal", NULL};
         *rule != NULL; rule++)
        small_put(f, "exception", NULL, "project", "halden", "theme", "absence", "rule",
                  *rule, "reason", "R", "granted_by", "ola", "date", "2011-07-01", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 6, 0);
}

static void what_is_owed_no_longer_is_waived_with_the_reason(void **state)
{
    a_folder *f = *state;
    begin_small(f);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 6, 0);
    begin(f);
    small_put(f, "withdrawal", NULL, "project", "halden", "date", "2013-03-01", "reason",
              "New council", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 0, 3);
    np_owed_list owed = list(f, "2014-06-01", NULL);
    assert_int_equal(owed.n_by_state[NP_OWED_WAIVED], 3);
    assert_int_equal(owed.n_by_state[NP_OWED_OVERDUE], 3);
    const np_owed *o = find(&owed, "halden/half/2013S1");
    assert_int_equal(o->state, NP_OWED_WAIVED);
    assert_string_equal(o->reason, "the project withdrew on 2013-03-01: New council");
}

static void put_report(a_folder *f, const char *template, const char *period,
                       const char *status, const char *received)
{
    small_put(f, "report", NULL, "project", "halden", "template", template, "period",
              period, "status", status, received != NULL ? "received" : NULL, received,
              NULL);
}

static void a_report_is_late_overdue_or_in_time(void **state)
{
    a_folder *f = *state;
    begin_small(f);
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 6, 0);
    begin(f);
    put_report(f, "half", "2012S1", "approved", "2012-06-01");
    put_report(f, "start", "2012", "submitted", "2012-10-04");
    put_report(f, "annual-1", "2012", "draft", NULL);
    put_report(f, "half", "2013S1", "returned", "2013-05-20");
    assert_ok(f, np_store_commit(f->store, &f->err));
    np_owed_list owed = list(f, "2013-02-03", NULL);
    assert_int_equal(find(&owed, "halden/half/2012S1")->state, NP_OWED_APPROVED);
    assert_int_equal(find(&owed, "halden/half/2012S1")->days, 0);
    assert_int_equal(find(&owed, "halden/start/2012")->state, NP_OWED_SUBMITTED);
    assert_int_equal(find(&owed, "halden/start/2012")->days, 3);
    assert_int_equal(find(&owed, "halden/annual-1/2012")->state, NP_OWED_OVERDUE);
    assert_int_equal(find(&owed, "halden/annual-1/2012")->days, 2);
    assert_int_equal(find(&owed, "halden/half/2013S1")->state, NP_OWED_RETURNED);
    assert_int_equal(find(&owed, "halden/annual-2/2013")->state, NP_OWED_NOT_DUE);
    np_owed_list overdue = list(f, "2013-02-03", &(np_owed_filter){.overdue = true});
    assert_int_equal(overdue.n, 1);
    np_owed_list open = list(f, "2013-02-01", &(np_owed_filter){.open = true});
    assert_int_equal(open.n, 4);
    assert_int_equal(find(&open, "halden/annual-1/2012")->state, NP_OWED_DRAFT);
}

static void only_what_is_asked_for_is_listed(void **state)
{
    a_folder *f = *state;
    begin_small(f);
    small_project(f, "moss", "Moss", "second");
    assert_ok(f, np_store_commit(f->store, &f->err));
    update(f, 11, 0);
    assert_int_equal(list(f, "2012-01-01", &(np_owed_filter){.cohort = "second"}).n, 5);
    assert_int_equal(list(f, "2012-01-01", &(np_owed_filter){.project = "halden"}).n, 6);
    assert_int_equal(
        list(f, "2012-01-01", &(np_owed_filter){.template = "half", .project = "halden"})
            .n,
        2);
    np_owed_list owed;
    assert_int_equal(
        np_obligations_list(&owed, f->store, "2012-02-30", NULL, f->arena, &f->err),
        NP_E_RANGE);
    f->err = (np_error){0};
    assert_int_equal(np_obligations_list(&owed, f->store, "2012-02-01",
                                         &(np_owed_filter){.cohort = "secnd"}, f->arena,
                                         &f->err),
                     NP_E_UNKNOWN_NAME);
    assert_string_equal(f->err.message, "there is no cohort \"secnd\"");
    assert_string_equal(f->err.hint, "did you mean second?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            each_sort_of_report_is_owed_by_the_template_in_force, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_starts_after_the_day_owes_no_half_year_report,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_admitted_applicants_owe, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_owed_no_longer_is_waived_with_the_reason,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_report_is_late_overdue_or_in_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_what_is_asked_for_is_listed, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
