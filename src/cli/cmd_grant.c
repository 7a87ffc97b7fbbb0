#include "cli/cmd_grant.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "cli/common.h"
#include "cli/programme_options.h"

static np_status option_number(double *out, const np_call *call, const char *name,
                               np_error *err)
{
    *out = NAN;
    if (!np_argument_given(call->arguments, name))
        return NP_OK;
    return np_argument_number(out, call->arguments, name, err);
}

static np_status option_year(int64_t *out, const np_call *call, bool required,
                             np_error *err)
{
    *out = 0;
    if (np_argument_given(call->arguments, "year"))
        return np_argument_integer(out, call->arguments, "year", 1900, 2200, err);
    if (!required)
        return NP_OK;
    return np_fail(err, NP_E_USAGE, _("say of which year: --year 2014"));
}

/* --date, else today. */
static const char *option_date(const np_call *call)
{
    char today[NP_DATE_LENGTH];
    const char *date = np_argument(call->arguments, "date");
    np_date_format(today, np_date_today());
    return date != NULL ? date : np_arena_copy_text(call->arena, today, strlen(today));
}

static np_status check_date(const char *date, np_error *err)
{
    int32_t day;
    if (date == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (np_date_parse(&day, date, strlen(date)))
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("\"%s\" is no date"), date);
    return np_error_hint(err, _("dates are written 2014-02-01"));
}

static np_status print_status(const np_call *call, const np_grant_accounts *accounts,
                              const np_grant_frames *frames, const char *as_of,
                              np_error *err)
{
    if (np_wants_json(call->arguments)) {
        grant_print_json(call, accounts, frames, as_of);
        return NP_OK;
    }
    if (np_positional(call->arguments, 1) == NULL || accounts->n == 0)
        return grant_print_accounts(call, accounts, frames, as_of, err);
    np_status status = NP_OK;
    for (size_t i = 0; i < accounts->n && status == NP_OK; i++)
        status = grant_print_account(call, &accounts->account[i], as_of, err);
    return status;
}

static np_status show_status(const np_call *call, np_store *store, np_error *err)
{
    np_grant_filter filter = {.project = np_positional(call->arguments, 1),
                              .scheme = np_argument(call->arguments, "scheme")};
    np_grant_accounts accounts;
    np_grant_frames frames = {0};
    const char *as_of = option_date(call);
    bool there = true;
    np_status status = option_year(&filter.year, call, false, err);
    if (status == NP_OK)
        status = check_date(as_of, err);
    if (status == NP_OK && filter.project != NULL)
        status =
            np_store_has(&there, store, np_kind_find("project"), filter.project, err);
    if (status == NP_OK && !there)
        status =
            np_fail(err, NP_E_UNKNOWN_NAME, _("there is no project %s"), filter.project);
    if (status == NP_OK)
        status =
            np_grant_accounts_read(&accounts, store, &filter, as_of, call->arena, err);
    if (status == NP_OK && filter.project == NULL)
        status = np_grant_frames_read(&frames, store, &filter, call->arena, err);
    if (status == NP_OK)
        status = print_status(call, &accounts, &frames, as_of, err);
    return status;
}

static np_status set_frame(const np_call *call, np_store *store,
                           const np_entry_options *options, bool *answer_no,
                           np_error *err)
{
    double amount;
    int64_t year;
    np_entry_result result;
    np_status status = option_year(&year, call, true, err);
    if (status == NP_OK)
        status = option_number(&amount, call, "amount", err);
    if (status == NP_OK && !(amount >= 0))
        status = np_fail(err, NP_E_USAGE, _("say how much: --amount 1000000"));
    if (status == NP_OK)
        status =
            np_grant_set_frame(&result, store, np_argument(call->arguments, "scheme"),
                               year, amount, options, call->arena, err);
    if (status != NP_OK)
        return status;
    *answer_no = result.n_objections > 0;
    np_buf_format(call->out, _("the frame of %lld is %s kroner%s\n"), (long long)year,
                  grant_amount_text(call->arena, amount),
                  result.written ? "" : _("; nothing was written"));
    return NP_OK;
}

static np_status commit(const np_call *call, np_store *store,
                        const np_entry_options *options, bool *answer_no, np_error *err)
{
    const np_arguments *a = call->arguments;
    np_grant_commit_spec spec = {.scheme = np_argument(a, "scheme"),
                                 .project = np_argument(a, "project"),
                                 .revise = np_argument_given(a, "revise"),
                                 .date = option_date(call)};
    np_grant_commit_result result;
    if (spec.project == NULL)
        spec.project = np_positional(a, 1);
    np_status status = option_year(&spec.year, call, true, err);
    if (status == NP_OK)
        status = check_date(spec.date, err);
    if (status == NP_OK)
        status = option_number(&spec.amount, call, "amount", err);
    if (status == NP_OK)
        status = np_grant_commit(&result, store, &spec, options, call->arena, err);
    if (status != NP_OK)
        return status;
    *answer_no = result.written.n_objections > 0;
    return grant_print_promises(call, &result, spec.year, err);
}

static const struct {
    const char *verb;
    np_grant_act act;
    const char *amount, *name; /* the options that say them */
    const char *done;          /* the promise, kroner or the condition */
} acts[] = {
    {"request", NP_GRANT_REQUEST, "amount", "requested-by",
     N_("%s: %s kroner are asked for")},
    {"use", NP_GRANT_USE, "used", "attested-by", N_("%s: %s kroner were used so far")},
    {"pay", NP_GRANT_PAY, "amount", "attested-by", N_("%s: %s kroner are paid")},
    {"hold", NP_GRANT_HOLD, "amount", NULL, N_("%s: %s kroner more are held back")},
    {"recover", NP_GRANT_CLAIM, "amount", "attested-by",
     N_("%s: %s kroner are claimed back")},
    {"refuse", NP_GRANT_REFUSE, "amount", NULL, N_("%s: %s kroner are refused")},
    {"condition", NP_GRANT_CONDITION, NULL, NULL, N_("%s: the condition %s is set")},
    {"met", NP_GRANT_MEET, NULL, NULL, N_("%s: the condition %s is met")},
};
enum { N_ACTS = sizeof acts / sizeof *acts };

static void say_decided(const np_call *call, size_t act, const np_grant_decision *d,
                        const np_grant_decided *out)
{
    const char *what =
        acts[act].amount != NULL ? grant_amount_text(call->arena, out->amount) : d->code;
    if (out->refused) {
        np_buf_format(call->out, "%s: %s\n", d->commitment, out->reason);
        return;
    }
    if (out->written.n_objections > 0) {
        np_buf_add(call->out, _("Nothing was written.\n"));
        return;
    }
    np_buf_format(call->out, _(acts[act].done), d->commitment, what);
    if (out->sort != NULL && strcmp(out->sort, "final_payment") == 0)
        np_buf_format(call->out, "%s", _(" as the final payment"));
    if (!out->written.written)
        np_buf_add(call->out, _("; nothing was written"));
    np_buf_add_char(call->out, '\n');
    if (out->reason != NULL && out->reason[0] != '\0')
        np_buf_format(call->out, "    %s\n", out->reason);
}

static np_status decide(const np_call *call, np_store *store, size_t act,
                        const np_entry_options *options, bool *answer_no, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *project = np_positional(a, 1);
    np_grant_decision d = {.act = acts[act].act,
                           .amount = NAN,
                           .date = option_date(call),
                           .text = np_argument(a, "text"),
                           .code = np_argument(a, "code"),
                           .releases = np_argument(a, "releases")};
    np_grant_decided out;
    int64_t year;
    if (acts[act].name != NULL)
        d.name = np_argument(a, acts[act].name);
    np_status status = option_year(&year, call, false, err);
    if (status == NP_OK)
        status = check_date(d.date, err);
    if (status == NP_OK && acts[act].amount != NULL)
        status = option_number(&d.amount, call, acts[act].amount, err);
    if (status == NP_OK)
        status = np_grant_find(&d.commitment, store, project, np_argument(a, "scheme"),
                               year, d.date, call->arena, err);
    if (status == NP_OK)
        status = np_grant_decide(&out, store, &d, options, call->arena, err);
    if (status != NP_OK)
        return status;
    *answer_no = out.refused || out.written.n_objections > 0;
    say_decided(call, act, &d, &out);
    return NP_OK;
}

static np_status unknown_verb(const char *verb, np_error *err)
{
    np_fail(err, NP_E_USAGE, _("grant %s is nothing that can be done"), verb);
    return np_error_hint(err, "status, frame, commit, request, use, pay, hold, recover, "
                              "refuse, condition, met");
}

static np_status write_with(const np_call *call, np_programme *programme, size_t act,
                            bool *answer_no, np_error *err)
{
    const char *verb = np_positional(call->arguments, 0);
    np_entry_options options;
    np_status status = np_writing_options(
        &options, call, np_arena_format(call->arena, "grant %s", verb), err);
    if (status != NP_OK)
        return status;
    if (act < N_ACTS)
        return decide(call, programme->store, act, &options, answer_no, err);
    if (strcmp(verb, "frame") == 0)
        return set_frame(call, programme->store, &options, answer_no, err);
    return commit(call, programme->store, &options, answer_no, err);
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const char *verb = np_positional(call->arguments, 0);
    const bool reads = strcmp(verb, "status") == 0;
    np_programme *programme = NULL;
    size_t act = 0;
    while (act < N_ACTS && strcmp(acts[act].verb, verb) != 0)
        act++;
    if (act == N_ACTS && !reads && strcmp(verb, "frame") != 0 &&
        strcmp(verb, "commit") != 0)
        return unknown_verb(verb, err);
    if (act < N_ACTS && np_positional(call->arguments, 1) == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("say of which project: nullpunkt grant %s PROJECT"), verb);
    np_status status = np_programme_of_call(&programme, call,
                                            reads ? NP_STORE_READ : NP_STORE_WRITE, err);
    if (status == NP_OK)
        status = reads ? show_status(call, programme->store, err)
                       : write_with(call, programme, act, answer_no, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"year", "YEAR",
     N_("The budget year. Needed by frame and commit; else the promise that is not "
        "settled."),
     NULL, false},
    {"scheme", "GRANT", N_("Where the programme has several grants: which."), NULL,
     false},
    {"project", "PROJECT", N_("commit: this project alone. Default: all."), NULL, false},
    {"amount", "KRONER",
     N_("frame, commit, request, pay, hold, recover, refuse: how much. Default: what the "
        "rules say."),
     NULL, false},
    {"revise", NULL, N_("commit: promises that are there become what the rule says now."),
     NULL, false},
    {"used", "KRONER", N_("use: how much was used so far, altogether."), NULL, false},
    {"attested-by", "NAME",
     N_("use: who attests the statement. pay, recover: the second person."), NULL, false},
    {"requested-by", "NAME", N_("request: who asks. Default: who writes."), NULL, false},
    {"text", "TEXT", N_("request, use: what for. condition: the condition in words."),
     NULL, false},
    {"code", "WORD", N_("condition, met: the condition's short word."), NULL, false},
    {"releases", "PAYMENT",
     N_("condition: the payment that waits for it. Default: every payment."),
     "instalment|final_payment", false},
    {"date", "DATE", N_("When it was decided, or the day of the status. Default: today."),
     NULL, false},
    NP_WRITING_OPTIONS,
    NP_FORMAT_OPTION,
};

const np_command np_command_grant = {
    .name = "grant",
    .summary = N_("what is promised, paid, held back and claimed back, and why"),
    .synopsis = "status|frame|commit|request|use|pay|hold|recover|refuse|condition|met "
                "[PROJECT] [options]",
    .description = N_(
        "status says of every promise, or of all of a project, what is promised, paid, "
        "held back, claimed back and left, and what releases or blocks the next "
        "payment.\n\n"
        "frame sets what may be promised in a year. commit promises by the rule of "
        "programme.yaml: kroner for a municipality in a year, by the months in which "
        "each "
        "takes part; and sets the conditions: the reports of the year are approved, and "
        "a "
        "statement says what the money was used for. What differs from the rule needs "
        "--amount and --why.\n\n"
        "request asks to be paid, use states what was used. pay pays what the conditions "
        "release, and no more; without --amount what is asked for. hold holds more back "
        "until the final payment, recover claims back what was not used or was paid for "
        "the time after a withdrawal, refuse answers a request with no. condition and "
        "met "
        "set a condition of one's own and say that it is met. Each decision is recorded "
        "with the facts that it follows from, and --why is added to them.\n\n"
        "Where a payment is not released the exit code is 1, and what it waits for is "
        "printed."),
    .examples = "nullpunkt grant frame --year 2014 --amount 33000000\n"
                "nullpunkt grant commit --year 2014\n"
                "nullpunkt grant status\n"
                "nullpunkt grant use halden --used 120000 --attested-by \"Eva Berg\"\n"
                "nullpunkt grant pay halden --attested-by kari\n",
    .n_positional_min = 1,
    .n_positional_max = 2,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
