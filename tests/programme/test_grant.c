/* What is promised, paid, held back and claimed back, and why. */
#include "programme/grant.h"

#include <math.h>
#include <sys/wait.h>

#include "programme/rules_case.h"

static const char *const with_grants[] = {
    "project_organisation halden/0101: project=halden; organisation=0101; leads=yes",
    "project moss: name=Moss; cohort=p1",
    "project_organisation moss/0104: project=moss; organisation=0104; joined=2013-07-01; "
    "leads=yes",
    "participation moss/absence: project=moss; theme=absence; role=main",
    "template half: name=Half-year report; name_nb=Halvårsrapport; sort=half_year; "
    "version=1; first_period=2013; due_month=6; due_day=1; needs_approval=yes",
    "template year: name=Annual report; sort=annual; version=1; first_period=2013; "
    "due_month=2; due_day=1; due_years_after=1; needs_approval=yes",
    "grant_scheme g: name=Grant; amount_per_year=300000; hold_back_share=0.1",
};

static int set_up_grants(void **state)
{
    if (put_valid_programme(state) != 0)
        return 1;
    objections_seen seen = {{0}, {0}, {0}};
    put_lines(*state, with_grants, sizeof with_grants / sizeof *with_grants, false,
              &seen);
    if (seen.rules[0] != '\0')
        print_error("%s: %s: %s\n", seen.rules, seen.first, seen.message);
    return seen.rules[0] != '\0';
}

static objections_seen seen;

static np_entry_options by(const char *who, const char *why)
{
    seen = (objections_seen){{0}, {0}, {0}};
    return (np_entry_options){
        .who = who, .action = "grant", .why = why, .sink = see, .context = &seen};
}

static void put(a_folder *f, const char *line)
{
    objections_seen any = {{0}, {0}, {0}};
    np_entry_result result = put_lines(f, &line, 1, false, &any);
    if (!result.written)
        print_error("%s: %s\n", any.rules, any.message);
    assert_true(result.written);
}

static void set_frame(a_folder *f, double amount)
{
    np_entry_result result;
    np_entry_options options = by("kari", "");
    assert_ok(f, np_grant_set_frame(&result, f->store, NULL, 2013, amount, &options,
                                    f->arena, &f->err));
    assert_true(result.written);
}

static np_status commit(a_folder *f, np_grant_commit_result *out, const char *project,
                        double amount, const char *why)
{
    np_entry_options options = by("kari", why);
    np_grant_commit_spec spec = {
        .year = 2013, .project = project, .amount = amount, .date = "2013-01-15"};
    f->err = (np_error){0};
    return np_grant_commit(out, f->store, &spec, &options, f->arena, &f->err);
}

static void promise_all(a_folder *f)
{
    np_grant_commit_result result;
    set_frame(f, 1000000);
    assert_ok(f, commit(f, &result, NULL, NAN, ""));
    assert_true(result.written.written);
}

static void report(a_folder *f, const char *template, const char *period,
                   const char *status)
{
    begin(f);
    assert_ok(f, put_texts(f, NULL, "report", NULL, "project", "halden", "template",
                           template, "period", period, "status", status, NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static np_status decide(a_folder *f, np_grant_decided *out, np_grant_decision d,
                        const char *why)
{
    np_entry_options options = by("kari", why);
    f->err = (np_error){0};
    d.commitment = d.commitment != NULL ? d.commitment : "halden/g/2013";
    return np_grant_decide(out, f->store, &d, &options, f->arena, &f->err);
}

/* What is decided, and written. */
static np_grant_decided decided(a_folder *f, np_grant_act act, double amount,
                                const char *date, const char *why)
{
    np_grant_decided out = {0};
    assert_ok(f, decide(f, &out,
                        (np_grant_decision){
                            .act = act, .amount = amount, .date = date, .name = "eva"},
                        why));
    if (out.refused || !out.written.written)
        print_error("%s %s %s\n", out.reason, seen.rules, seen.message);
    assert_false(out.refused);
    assert_true(out.written.written);
    return out;
}

static void refused(a_folder *f, np_grant_act act, double amount, const char *date,
                    const char *reason)
{
    np_grant_decided out = {0};
    np_entry_result nothing = {0};
    assert_ok(f, decide(f, &out,
                        (np_grant_decision){
                            .act = act, .amount = amount, .date = date, .name = "eva"},
                        ""));
    assert_true(out.refused);
    assert_non_null(strstr(out.reason, reason));
    assert_memory_equal(&out.written, &nothing, sizeof nothing);
}

static np_grant_account account(a_folder *f)
{
    np_grant_account a;
    assert_ok(f, np_grant_account_of(&a, f->store, "halden/g/2013", "2014-03-01",
                                     f->arena, &f->err));
    return a;
}

static double text_number(const char *text, const char *after)
{
    const char *at = strstr(text, after);
    return at != NULL ? strtod(at + strlen(after), NULL) : NAN;
}

static void promises_follow_the_rule_and_say_how(void **state)
{
    a_folder *f = *state;
    np_grant_commit_result result;
    set_frame(f, 450000);
    assert_ok(f, commit(f, &result, NULL, NAN, ""));
    assert_true(result.written.written);
    assert_string_equal(seen.rules, "");
    assert_int_equal(result.n, 2);
    assert_true(result.promised == 450000);
    assert_string_equal(result.promise[0].reason,
                        "300,000 kroner a year for a municipality; Halden, 12 of 12 "
                        "months: 300,000");
    assert_string_equal(result.promise[1].project, "moss");
    assert_true(result.promise[1].amount == 150000);
    np_record record;
    assert_ok(f, np_store_get(&record, f->store, np_kind_find("grant_commitment"),
                              "halden/g/2013", f->arena, &f->err));
    assert_string_equal(np_record_text(&record, "reason"), result.promise[0].reason);
    assert_string_equal(np_record_text(&record, "decided_by"), "kari");
    /* again: everything is there */
    assert_ok(f, commit(f, &result, NULL, NAN, ""));
    assert_false(result.written.written);
    assert_int_equal(result.written.n_objections, 0);
    assert_false(result.promise[0].changed);
}

static void conditions_come_from_the_reports_that_are_owed(void **state)
{
    static const char *const wanted[][4] = {
        {"half-2013S1", "approved_report", "instalment",
         "Half-year report of 2013S1 is approved"},
        {"use", "use_statement", "instalment",
         "a statement says what has been used so far"},
        {"use-final", "use_statement", "final_payment",
         "a statement says what was used when the time was over"},
        {"year-2013", "approved_report", "final_payment",
         "Annual report of 2013 is approved"},
    };
    a_folder *f = *state;
    promise_all(f);
    np_grant_account a = account(f);
    assert_int_equal(a.n_conditions, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(a.condition[i].code, wanted[i][0]);
        assert_string_equal(a.condition[i].sort, wanted[i][1]);
        assert_string_equal(a.condition[i].releases, wanted[i][2]);
        assert_string_equal(a.condition[i].text, wanted[i][3]);
        assert_false(a.condition[i].met);
    }
    assert_string_equal(a.condition[0].why, "it has not come, and was due on 2013-06-01");
    int64_t n;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find("obligation"), &f->err));
    assert_true(n > 0);
}

static void the_frame_is_not_exceeded(void **state)
{
    a_folder *f = *state;
    np_grant_commit_result result;
    int64_t n;
    assert_int_equal(commit(f, &result, NULL, NAN, ""), NP_E_RANGE);
    assert_string_equal(f->err.message, "there is no frame for 2013");
    assert_string_equal(f->err.hint, "nullpunkt grant frame --year 2013 --amount 450000");
    f->err = (np_error){0};
    set_frame(f, 449999);
    assert_ok(f, commit(f, &result, NULL, NAN, ""));
    assert_false(result.written.written);
    assert_string_equal(seen.rules, "over_frame");
    assert_ok(f, np_store_count(&n, f->store, np_kind_find("grant_commitment"), &f->err));
    assert_int_equal(n, 0);
    assert_ok(f, commit(f, &result, "halden", NAN, ""));
    assert_true(result.written.written);
}

static void another_amount_is_an_exception_with_a_reason(void **state)
{
    a_folder *f = *state;
    np_grant_commit_result result;
    promise_all(f);
    assert_int_equal(commit(f, &result, "halden", 200000, ""), NP_E_USAGE);
    assert_int_equal(commit(f, &result, NULL, 200000, "R"), NP_E_USAGE);
    assert_ok(f, commit(f, &result, "halden", 200000, "no project leader until May"));
    assert_true(result.written.written);
    assert_true(result.promise[0].before == 300000);
    assert_string_equal(account(f).reason,
                        "an exception: no project leader until May (by the rule 300,000: "
                        "300,000 kroner a "
                        "year for a municipality; Halden, 12 of 12 months: 300,000)");
    /* what is paid stays promised */
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    decided(f, NP_GRANT_PAY, NAN, "2013-07-01", "");
    assert_ok(f, commit(f, &result, "halden", 179999, "R"));
    assert_false(result.written.written);
    assert_non_null(strstr(seen.rules, "below_paid"));
}

static void who_is_not_admitted_is_promised_nothing(void **state)
{
    a_folder *f = *state;
    np_grant_commit_result result;
    put(f, "call c: name=C; cohort=p1; opens=2011-08-01; deadline=2011-11-01");
    put(f, "application a: project=moss; call=c; received=2011-10-01");
    set_frame(f, 1000000);
    assert_ok(f, commit(f, &result, NULL, NAN, ""));
    assert_int_equal(result.n, 1);
    assert_string_equal(result.promise[0].project, "halden");
    assert_int_equal(commit(f, &result, "moss", NAN, ""), NP_E_RANGE);
    assert_string_equal(f->err.message, "the project moss is not admitted");
    assert_int_equal(commit(f, &result, "nobody", NAN, ""), NP_E_UNKNOWN_NAME);
}

static void promises_follow_the_rule_anew_when_asked(void **state)
{
    a_folder *f = *state;
    np_grant_commit_result result;
    promise_all(f);
    put(f, "project_organisation moss/0104: joined=2013-10-31");
    assert_ok(f, commit(f, &result, "moss", NAN, ""));
    assert_false(result.written.written);
    assert_true(result.promise[0].amount == 150000);
    assert_true(result.promise[0].by_rule == 75000);
    np_entry_options options = by("kari", "joined later");
    np_grant_commit_spec spec = {.year = 2013,
                                 .project = "moss",
                                 .amount = NAN,
                                 .revise = true,
                                 .date = "2013-02-15"};
    assert_ok(f, np_grant_commit(&result, f->store, &spec, &options, f->arena, &f->err));
    assert_true(result.written.written);
    assert_true(result.promise[0].amount == 75000);
    assert_string_equal(result.promise[0].reason,
                        "300,000 kroner a year for a municipality; Moss, 3 of 12 months: "
                        "75,000; joined later");
    put(f, "project_organisation moss/0104: left_on=2013-12-31");
    spec.year = 2014;
    assert_int_equal(
        np_grant_commit(&result, f->store, &spec, &options, f->arena, &f->err),
        NP_E_RANGE);
    assert_string_equal(f->err.message,
                        "nothing by the rule: the project moss does not take part in "
                        "2014");
}

static void reasons_are_written_in_the_language_of_who_decides(void **state)
{
    a_folder *f = *state;
    np_grant_commit_result result;
    set_frame(f, 1000000);
    np_language_set(NP_BOKMAAL);
    np_status status = commit(f, &result, "halden", NAN, "");
    np_grant_account a = account(f);
    np_language_set(NP_ENGLISH);
    assert_ok(f, status);
    assert_string_equal(a.reason,
                        "300\u202f000 kroner i året for en kommune; Halden, 12 av "
                        "12 måneder: 300\u202f000");
    assert_string_equal(a.condition[0].text, "Halvårsrapport for 2013S1 er godkjent");
}

static void nothing_is_paid_before_the_report_and_the_statement(void **state)
{
    a_folder *f = *state;
    promise_all(f);
    refused(f, NP_GRANT_PAY, NAN, "2013-07-01",
            "Half-year report of 2013S1 is approved (it has not come, and was due on "
            "2013-06-01)");
    refused(f, NP_GRANT_PAY, NAN, "2013-07-01",
            "a statement says what has been used so far (there is none)");
    report(f, "half", "2013S1", "submitted");
    decided(f, NP_GRANT_USE, 120000, "2013-06-05", "");
    refused(f, NP_GRANT_PAY, NAN, "2013-07-01", "it has come, and is not approved yet");
    report(f, "half", "2013S1", "approved");
    np_grant_account a = account(f);
    assert_int_equal(a.step, NP_GRANT_INSTALMENT);
    assert_true(a.step_amount == 270000);
    np_grant_decided paid = decided(f, NP_GRANT_PAY, NAN, "2013-07-01", "letter 17");
    assert_string_equal(paid.sort, "instalment");
    assert_true(paid.amount == 270000);
    assert_string_equal(
        paid.reason,
        "270,000 kroner: its conditions are met: Half-year report of 2013S1 is approved "
        "(it is approved); a statement says what has been used so far (that of "
        "2013-06-05 "
        "says 120,000 kroner); 30,000 kroner are held back until the final payment; "
        "letter 17");
    a = account(f);
    assert_true(a.paid == 270000);
    assert_true(a.left == 30000);
    assert_true(a.held_back == 30000);
    assert_int_equal(a.step, NP_GRANT_WAITS);
    assert_string_equal(a.payment[0].reason, paid.reason);
    assert_string_equal(a.payment[0].attested_by, "eva");
    refused(f, NP_GRANT_PAY, NAN, "2013-07-02", "it waits for");
}

static void pay_instalment(a_folder *f)
{
    promise_all(f);
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 120000, "2013-06-05", "");
    decided(f, NP_GRANT_PAY, NAN, "2013-07-01", "");
}

static void what_was_held_back_comes_with_the_annual_report(void **state)
{
    a_folder *f = *state;
    pay_instalment(f);
    report(f, "year", "2013", "approved");
    refused(f, NP_GRANT_PAY, NAN, "2014-02-10",
            "the last one is of 2013-06-05, and what was promised is for the time until "
            "2013-12-31");
    decided(f, NP_GRANT_USE, 310000, "2014-01-20", "");
    np_grant_decided paid = decided(f, NP_GRANT_PAY, NAN, "2014-02-10", "");
    assert_string_equal(paid.sort, "final_payment");
    assert_true(paid.amount == 30000);
    np_grant_account a = account(f);
    assert_int_equal(a.step, NP_GRANT_SETTLED);
    assert_true(a.left == 0);
    assert_true(a.lapsed == 0);
    refused(f, NP_GRANT_PAY, NAN, "2014-02-11", "nothing is left to pay");
}

static void what_was_not_used_is_claimed_back(void **state)
{
    a_folder *f = *state;
    pay_instalment(f);
    refused(f, NP_GRANT_CLAIM, NAN, "2013-08-01",
            "by the rules nothing is to be claimed back");
    report(f, "year", "2013", "approved");
    decided(f, NP_GRANT_USE, 200000, "2014-01-20", "");
    np_grant_decided paid = decided(f, NP_GRANT_PAY, NAN, "2014-02-10", "");
    assert_true(paid.amount == 0);
    np_grant_account a = account(f);
    assert_int_equal(a.step, NP_GRANT_RECOVER);
    assert_true(a.step_amount == 70000);
    np_grant_decided claim = decided(f, NP_GRANT_CLAIM, NAN, "2014-02-11", "");
    assert_true(claim.amount == 70000);
    assert_true(text_number(claim.reason, "used ") == 200);
    a = account(f);
    assert_int_equal(a.step, NP_GRANT_SETTLED);
    assert_true(a.recovered == 70000);
    refused(f, NP_GRANT_CLAIM, 200001, "2014-02-12", "200,000 are paid and not claimed");
}

static void a_withdrawal_cuts_the_promise_by_months(void **state)
{
    a_folder *f = *state;
    pay_instalment(f);
    put(f, "withdrawal w: project=halden; date=2013-07-01; reason=R");
    np_grant_account a = account(f);
    assert_true(a.entitled == 150000);
    assert_true(a.left == 0);
    assert_int_equal(a.step, NP_GRANT_RECOVER);
    assert_true(a.step_amount == 120000);
    assert_non_null(strstr(a.why, "of which 150,000 for the time until it withdrew on "
                                  "2013-07-01"));
}

static void a_report_that_is_no_longer_asked_for_holds_nothing_up(void **state)
{
    a_folder *f = *state;
    promise_all(f);
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    put(f, "obligation halden/half/2013S1: waived=yes; reason=Fire in the town hall");
    np_grant_decided paid = decided(f, NP_GRANT_PAY, NAN, "2013-07-01", "");
    assert_non_null(
        strstr(paid.reason, "the report is no longer asked for: Fire in the town hall"));
}

static void a_request_is_answered_once_and_not_exceeded(void **state)
{
    a_folder *f = *state;
    promise_all(f);
    refused(f, NP_GRANT_REQUEST, 300001, "2013-06-01",
            "300,001 kroner are asked for, and 300,000 are left");
    np_grant_decided asked = decided(f, NP_GRANT_REQUEST, 100000, "2013-06-01", "");
    assert_non_null(strstr(asked.reason, "it waits for"));
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    refused(f, NP_GRANT_PAY, 100001, "2013-07-01", "100,000 kroner are asked for");
    np_grant_decided paid = decided(f, NP_GRANT_PAY, NAN, "2013-07-01", "");
    assert_true(paid.amount == 100000);
    assert_non_null(strstr(paid.reason, "eva asked for 100,000 on 2013-06-01; 270,000 "
                                        "could have been paid"));
    np_grant_account a = account(f);
    assert_true(a.request[0].answered);
    assert_string_equal(a.payment[0].request, a.request[0].id);
    refused(f, NP_GRANT_REQUEST, 10, "2013-06-01",
            "the request of 2013-06-01 is answered");
    refused(f, NP_GRANT_PAY, 10, "2013-07-01", "was made on 2013-07-01 already");
    refused(f, NP_GRANT_PAY, 170001, "2013-07-02", "no more than 170,000");
}

static void amounts_and_dates_that_cannot_be_are_refused(void **state)
{
    a_folder *f = *state;
    np_grant_decided out;
    np_grant_decision d = {.act = NP_GRANT_USE, .amount = 0.005, .date = "2013-06-05"};
    promise_all(f);
    assert_int_equal(decide(f, &out, d, ""), NP_E_RANGE);
    assert_string_equal(f->err.message,
                        "an amount is in kroner, with two decimals at most");
    d.amount = -1;
    assert_int_equal(decide(f, &out, d, ""), NP_E_RANGE);
    d.amount = NAN;
    assert_int_equal(decide(f, &out, d, ""), NP_E_RANGE);
    d.amount = 1;
    d.date = "2013-02-30";
    assert_int_equal(decide(f, &out, d, ""), NP_E_RANGE);
    refused(f, NP_GRANT_USE, 1, "2013-01-14",
            "2013-01-14 is before the promise, which is of 2013-01-15");
    decided(f, NP_GRANT_REQUEST, 1234.5, "2013-06-05", "");
    refused(f, NP_GRANT_REQUEST, 300000.5, "2013-06-05",
            "300,000.50 kroner are asked for");
}

static void a_refusal_says_what_is_missing(void **state)
{
    a_folder *f = *state;
    promise_all(f);
    decided(f, NP_GRANT_REQUEST, 100000, "2013-06-01", "");
    np_grant_decided no = decided(f, NP_GRANT_REFUSE, NAN, "2013-06-02", "");
    assert_non_null(strstr(no.reason, "100,000 kroner are not paid; it waits for: "
                                      "Half-year report of 2013S1 is approved"));
    np_grant_account a = account(f);
    assert_true(a.request[0].answered);
    assert_true(a.refused == 100000);
    assert_true(a.left == 300000);
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    np_grant_decided out;
    assert_int_equal(decide(f, &out,
                            (np_grant_decision){.act = NP_GRANT_REFUSE,
                                                .amount = NAN,
                                                .date = "2013-06-06"},
                            ""),
                     NP_E_USAGE);
    decided(f, NP_GRANT_REFUSE, NAN, "2013-06-06", "the account number is wrong");
}

static void more_can_be_held_back_with_a_reason(void **state)
{
    a_folder *f = *state;
    np_grant_decided out;
    promise_all(f);
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    assert_int_equal(decide(f, &out,
                            (np_grant_decision){.act = NP_GRANT_HOLD,
                                                .amount = 70000,
                                                .date = "2013-06-06"},
                            ""),
                     NP_E_USAGE);
    decided(f, NP_GRANT_HOLD, 70000, "2013-06-06", "half of the measures are shelved");
    np_grant_account a = account(f);
    assert_true(a.held_back == 100000);
    assert_true(a.step_amount == 200000);
    assert_ok(f, decide(f, &out,
                        (np_grant_decision){
                            .act = NP_GRANT_HOLD, .amount = 200001, .date = "2013-06-07"},
                        "R"));
    assert_true(out.refused);
}

static void two_persons_are_needed(void **state)
{
    a_folder *f = *state;
    np_grant_decided out;
    np_grant_decision d = {.act = NP_GRANT_PAY, .amount = NAN, .date = "2013-07-01"};
    promise_all(f);
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    assert_int_equal(decide(f, &out, d, ""), NP_E_USAGE);
    d.name = "kari";
    assert_int_equal(decide(f, &out, d, ""), NP_E_USAGE);
    put(f, "user kari: name=Kari; role=administrator");
    put(f, "user per: name=Per; role=project_leader");
    d.name = "eva";
    assert_int_equal(decide(f, &out, d, ""), NP_E_UNKNOWN_NAME);
    put(f, "user eva: name=Eva; role=secretariat");
    np_entry_options options = by("per", "");
    d.commitment = "halden/g/2013";
    f->err = (np_error){0};
    assert_int_equal(np_grant_decide(&out, f->store, &d, &options, f->arena, &f->err),
                     NP_E_USAGE);
    assert_string_equal(f->err.message,
                        "per is a project_leader, who does not decide on grants");
    f->err = (np_error){0};
    d.act = NP_GRANT_REQUEST;
    assert_ok(f, np_grant_decide(&out, f->store, &d, &options, f->arena, &f->err));
    assert_true(out.written.written);
    d.act = NP_GRANT_PAY;
    d.commitment = NULL;
    assert_ok(f, decide(f, &out, d, ""));
    assert_true(out.written.written);
}

/* In a process of its own: whether it paid. */
static pid_t pay_beside(const a_folder *f, const char *date)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    np_arena *arena = np_arena_new(0);
    np_store *store = NULL;
    np_error err = {0};
    np_entry_options options = by("kari", "");
    np_grant_decision d = {.act = NP_GRANT_PAY,
                           .commitment = "halden/g/2013",
                           .amount = 200000,
                           .date = date,
                           .name = "eva"};
    np_grant_decided out = {0};
    bool failed = np_store_open(&store, f->path, NP_STORE_WRITE, &err) != NP_OK ||
                  np_grant_decide(&out, store, &d, &options, arena, &err) != NP_OK;
    np_store_close(store);
    _exit(failed ? 2 : out.written.written ? 1 : 0);
}

static void two_who_pay_at_once_do_not_both_pay(void **state)
{
    a_folder *f = *state;
    promise_all(f);
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 0, "2013-06-05", "");
    np_store_close(f->store); /* connections do not go over a fork */
    f->store = NULL;
    static const char *const date[] = {"2013-07-01", "2013-07-02"};
    pid_t child[2];
    int n_paid = 0;
    for (size_t i = 0; i < 2; i++)
        child[i] = pay_beside(f, date[i]);
    for (size_t i = 0; i < 2; i++) {
        int state_of_child = 0;
        waitpid(child[i], &state_of_child, 0);
        assert_true(WIFEXITED(state_of_child));
        assert_true(WEXITSTATUS(state_of_child) < 2);
        n_paid += WEXITSTATUS(state_of_child);
    }
    assert_ok(f, np_store_open(&f->store, f->path, NP_STORE_WRITE, &f->err));
    assert_int_equal(n_paid, 1);
    assert_true(account(f).paid == 200000);
}

static void a_condition_of_one_s_own_is_met_by_word(void **state)
{
    a_folder *f = *state;
    np_grant_decided out;
    np_grant_decision d = {.act = NP_GRANT_CONDITION,
                           .amount = NAN,
                           .date = "2013-02-01",
                           .code = "plan",
                           .text = "the plan has a baseline"};
    pay_instalment(f);
    assert_ok(f, decide(f, &out, d, ""));
    assert_true(out.written.written);
    assert_ok(f, decide(f, &out, d, ""));
    assert_true(out.refused);
    report(f, "year", "2013", "approved");
    decided(f, NP_GRANT_USE, 300000, "2014-01-20", "");
    refused(f, NP_GRANT_PAY, NAN, "2014-02-01", "the plan has a baseline");
    d.act = NP_GRANT_MEET;
    d.date = "2014-01-31";
    assert_ok(f, decide(f, &out, d, ""));
    assert_true(out.written.written);
    decided(f, NP_GRANT_PAY, NAN, "2014-02-01", "");
    d.code = "use";
    assert_ok(f, decide(f, &out, d, ""));
    assert_true(out.refused);
    assert_non_null(strstr(out.reason, "follows from the records"));
}

static void without_a_share_to_hold_back_all_waits_for_all_reports(void **state)
{
    a_folder *f = *state;
    put(f, "grant_scheme g: hold_back_share=");
    promise_all(f);
    report(f, "half", "2013S1", "approved");
    decided(f, NP_GRANT_USE, 120000, "2013-06-05", "");
    np_grant_account a = account(f);
    assert_int_equal(a.n_conditions, 3);
    assert_null(a.condition[0].releases);
    assert_int_equal(a.step, NP_GRANT_WAITS);
    assert_non_null(strstr(a.why, "Annual report of 2013 is approved"));
}

static void a_promise_without_conditions_pays_nothing(void **state)
{
    a_folder *f = *state;
    put(f, "grant_frame fr: scheme=g; year=2013; amount=300000");
    put(f, "grant_commitment halden/g/2013: scheme=g; project=halden; year=2013; "
           "amount=300000; date=2013-01-01; reason=R; decided_by=kari");
    refused(f, NP_GRANT_PAY, NAN, "2013-07-01", "no condition is in the records");
    assert_string_equal(account(f).waits_for, "conditions");
    /* which commit adds */
    np_grant_commit_result result;
    assert_ok(f, commit(f, &result, "halden", NAN, ""));
    assert_true(result.written.written);
    assert_false(result.promise[0].changed);
    assert_string_equal(account(f).waits_for, "half-2013S1, use");
}

static void a_dry_run_writes_nothing(void **state)
{
    a_folder *f = *state;
    pay_instalment(f);
    np_entry_options options = by("kari", "");
    options.dry_run = true;
    np_grant_decision d = {.act = NP_GRANT_USE,
                           .commitment = "halden/g/2013",
                           .amount = 250000,
                           .date = "2014-01-10"};
    np_grant_decided out;
    assert_ok(f, np_grant_decide(&out, f->store, &d, &options, f->arena, &f->err));
    assert_false(out.written.written);
    assert_true(account(f).used == 120000);
}

static void the_promise_that_is_meant_is_found(void **state)
{
    a_folder *f = *state;
    const char *id = NULL;
    promise_all(f);
    assert_ok(f, np_grant_find(&id, f->store, "halden", NULL, 0, "2013-02-01", f->arena,
                               &f->err));
    assert_string_equal(id, "halden/g/2013");
    assert_int_equal(np_grant_find(&id, f->store, "halden", NULL, 2014, "2013-02-01",
                                   f->arena, &f->err),
                     NP_E_UNKNOWN_NAME);
    put(f, "grant_commitment halden/g/2014: scheme=g; project=halden; year=2014; "
           "amount=300000; date=2014-01-01; reason=R; decided_by=kari");
    f->err = (np_error){0};
    assert_int_equal(
        np_grant_find(&id, f->store, "halden", NULL, 0, "2013-02-01", f->arena, &f->err),
        NP_E_USAGE);
    f->err = (np_error){0};
    assert_ok(f, np_grant_find(&id, f->store, "halden", "g", 2014, "2013-02-01", f->arena,
                               &f->err));
    assert_string_equal(id, "halden/g/2014");
}

#define WITH_GRANTS(name) cmocka_unit_test_setup_teardown(name, set_up_grants, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GRANTS(promises_follow_the_rule_and_say_how),
        WITH_GRANTS(conditions_come_from_the_reports_that_are_owed),
        WITH_GRANTS(the_frame_is_not_exceeded),
        WITH_GRANTS(another_amount_is_an_exception_with_a_reason),
        WITH_GRANTS(who_is_not_admitted_is_promised_nothing),
        WITH_GRANTS(promises_follow_the_rule_anew_when_asked),
        WITH_GRANTS(reasons_are_written_in_the_language_of_who_decides),
        WITH_GRANTS(amounts_and_dates_that_cannot_be_are_refused),
        WITH_GRANTS(nothing_is_paid_before_the_report_and_the_statement),
        WITH_GRANTS(what_was_held_back_comes_with_the_annual_report),
        WITH_GRANTS(what_was_not_used_is_claimed_back),
        WITH_GRANTS(a_withdrawal_cuts_the_promise_by_months),
        WITH_GRANTS(a_report_that_is_no_longer_asked_for_holds_nothing_up),
        WITH_GRANTS(a_request_is_answered_once_and_not_exceeded),
        WITH_GRANTS(a_refusal_says_what_is_missing),
        WITH_GRANTS(more_can_be_held_back_with_a_reason),
        WITH_GRANTS(two_persons_are_needed),
        WITH_GRANTS(two_who_pay_at_once_do_not_both_pay),
        WITH_GRANTS(a_condition_of_one_s_own_is_met_by_word),
        WITH_GRANTS(without_a_share_to_hold_back_all_waits_for_all_reports),
        WITH_GRANTS(a_promise_without_conditions_pays_nothing),
        WITH_GRANTS(a_dry_run_writes_nothing),
        WITH_GRANTS(the_promise_that_is_meant_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
