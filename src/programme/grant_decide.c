/* Decisions on a promise: judged by its account, and written with the reason. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/language.h"
#include "programme/draft.h"
#include "programme/grant_internal.h"

typedef struct {
    np_store *store;
    const np_grant_decision *decision;
    const np_entry_options *options;
    np_arena *arena;
    np_error *err;
    np_grant_account account;
    np_draft draft;
    np_grant_decided out;
} decide_work;

static np_status check_open_user(np_record *out, bool *any, np_store *store,
                                 const char *name, np_arena *arena, np_error *err)
{
    const np_kind *user = np_kind_find("user");
    int64_t n = 0;
    bool there = false;
    np_status status = np_store_count(&n, store, user, err);
    *any = n > 0;
    if (status != NP_OK || n == 0)
        return status;
    status = np_store_has(&there, store, user, name, err);
    if (status == NP_OK && there)
        status = np_store_get(out, store, user, name, arena, err);
    if (status != NP_OK)
        return status;
    if (!there || np_record_integer(out, "closed", 0) == 1)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("%s is no user of this programme"),
                       name);
    return NP_OK;
}

np_status grant_check_role(np_store *store, const char *who, bool own, np_arena *arena,
                           np_error *err)
{
    np_record user;
    bool any;
    np_status status = check_open_user(&user, &any, store, who, arena, err);
    if (status != NP_OK || !any)
        return status;
    const char *role = np_record_text(&user, "role");
    if (strcmp(role, "secretariat") == 0 || strcmp(role, "administrator") == 0 ||
        (own && strcmp(role, "project_leader") == 0))
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("%s is a %s, who does not decide on grants"), who, role);
    return np_error_hint(err, _("the secretariat and administrators do"));
}

/* Money moves when two agree. */
static np_status check_second_person(decide_work *w)
{
    const char *name = w->decision->name;
    np_record user;
    bool any;
    if (name == NULL || strcmp(name, w->options->who) == 0) {
        np_fail(w->err, NP_E_USAGE,
                _("a payment and a claim are attested by a second person"));
        return np_error_hint(w->err, "--attested-by USER");
    }
    return check_open_user(&user, &any, w->store, name, w->arena, w->err);
}

static np_status refuse(decide_work *w, const char *reason)
{
    w->out.refused = true;
    w->out.reason = reason;
    return reason != NULL ? NP_OK : grant_no_memory(w->err);
}

static np_status need_why(decide_work *w, const char *what)
{
    if (w->options->why[0] != '\0')
        return NP_OK;
    np_fail(w->err, NP_E_USAGE,
            _("%s does not follow from the rules, and needs a reason"), what);
    return np_error_hint(w->err, "--why TEXT");
}

static void start(decide_work *w, const char *kind)
{
    np_draft_start(&w->draft, kind, NULL);
    np_draft_text(&w->draft, "commitment", w->account.commitment);
}

/* The day and amount, and who decided, of the record that is begun. */
static np_status finish(decide_work *w, double amount, const char *reason)
{
    w->out.amount = amount;
    w->out.reason = grant_join(w->arena, reason, "; ", w->options->why);
    if (w->out.reason == NULL)
        return grant_no_memory(w->err);
    np_draft_text(&w->draft, "date", w->decision->date);
    return NP_OK;
}

static np_status finish_payment(decide_work *w, const char *sort, double amount,
                                const np_grant_request *request, const char *reason)
{
    bool there = false;
    np_status status = finish(w, amount, reason);
    if (status != NP_OK)
        return status;
    np_draft_text(&w->draft, "sort", sort);
    np_draft_number(&w->draft, "amount", amount);
    np_draft_text(&w->draft, "reason", w->out.reason);
    np_draft_text(&w->draft, "decided_by", w->options->who);
    np_draft_text(&w->draft, "request", request != NULL ? request->id : NULL);
    w->out.sort = sort;
    const char *id = NULL;
    status = np_record_identifier(&id, &w->draft.record, w->arena, w->err);
    if (status == NP_OK)
        status = np_store_has(&there, w->store, w->draft.record.kind, id, w->err);
    if (status == NP_OK && there)
        return refuse(w, np_arena_format(w->arena,
                                         _("a decision of this sort was made on %s "
                                           "already: %s"),
                                         w->decision->date, id));
    return status;
}

static const np_grant_request *first_unanswered(const np_grant_account *account)
{
    for (size_t i = 0; i < account->n_requests; i++)
        if (!account->request[i].answered)
            return &account->request[i];
    return NULL;
}

static bool is_given(double amount)
{
    return !isnan(amount);
}

static np_status ask(decide_work *w)
{
    const np_grant_account *a = &w->account;
    bool payable = a->step == NP_GRANT_INSTALMENT || a->step == NP_GRANT_FINAL;
    double amount = is_given(w->decision->amount) ? w->decision->amount
                    : payable                     ? a->step_amount
                                                  : a->left;
    if (a->settled || amount > a->left)
        return refuse(w, np_arena_format(w->arena,
                                         _("%s kroner are asked for, and %s are left of "
                                           "the promise"),
                                         grant_kroner(w->arena, amount),
                                         grant_kroner(w->arena, a->left)));
    for (size_t i = 0; i < a->n_requests; i++)
        if (a->request[i].answered && strcmp(a->request[i].date, w->decision->date) == 0)
            return refuse(w, np_arena_format(w->arena, _("the request of %s is answered"),
                                             w->decision->date));
    start(w, "payment_request");
    np_draft_number(&w->draft, "amount", amount);
    np_draft_text(&w->draft, "requested_by",
                  w->decision->name != NULL ? w->decision->name : w->options->who);
    np_draft_text(&w->draft, "text", w->decision->text);
    return finish(w, amount,
                  payable ? np_grant_step_text(a->step)
                          : np_arena_format(w->arena, _("it waits for: %s"), a->why));
}

static np_status state_use(decide_work *w)
{
    double used = w->decision->amount;
    if (!(used >= 0))
        return np_fail(w->err, NP_E_RANGE,
                       _("how many kroner were used is a number that is not negative"));
    start(w, "use_statement");
    np_draft_number(&w->draft, "used", used);
    np_draft_text(&w->draft, "text", w->decision->text);
    np_draft_text(&w->draft, "attested_by",
                  w->decision->name != NULL ? w->decision->name : w->options->who);
    return finish(w, used, "");
}

static const char *payment_reason(const decide_work *w, double amount,
                                  const np_grant_request *request)
{
    const np_grant_account *a = &w->account;
    const char *text = np_arena_format(w->arena, _("%s kroner: %s"),
                                       grant_kroner(w->arena, amount), a->why);
    if (request != NULL)
        text = grant_join(
            w->arena, text, "; ",
            np_arena_format(w->arena, _("%s asked for %s on %s"), request->requested_by,
                            grant_kroner(w->arena, request->amount), request->date));
    if (amount < a->step_amount)
        text = grant_join(w->arena, text, "; ",
                          np_arena_format(w->arena, _("%s could have been paid"),
                                          grant_kroner(w->arena, a->step_amount)));
    return text;
}

static np_status pay(decide_work *w)
{
    const np_grant_account *a = &w->account;
    if (a->step == NP_GRANT_WAITS)
        return refuse(w, np_arena_format(w->arena,
                                         _("nothing is paid yet; it waits for: %s"),
                                         a->why));
    if (a->step != NP_GRANT_INSTALMENT && a->step != NP_GRANT_FINAL)
        return refuse(w,
                      np_arena_format(w->arena, _("nothing is left to pay: %s"), a->why));
    np_status status = check_second_person(w);
    if (status != NP_OK)
        return status;
    const np_grant_request *request = first_unanswered(a);
    double amount = w->decision->amount;
    if (!is_given(amount))
        amount = request != NULL ? fmin(a->step_amount, request->amount) : a->step_amount;
    if (amount > a->step_amount)
        return refuse(w, np_arena_format(w->arena,
                                         _("no more than %s kroner may be paid now: "
                                           "%s"),
                                         grant_kroner(w->arena, a->step_amount), a->why));
    if (request != NULL && amount > request->amount)
        return refuse(w, np_arena_format(w->arena,
                                         _("%s kroner are asked for, and no more is "
                                           "paid"),
                                         grant_kroner(w->arena, request->amount)));
    start(w, "payment");
    np_draft_text(&w->draft, "attested_by", w->decision->name);
    return finish_payment(w, np_grant_step_word(a->step), amount, request,
                          payment_reason(w, amount, request));
}

static np_status hold(decide_work *w)
{
    const np_grant_account *a = &w->account;
    double amount = w->decision->amount, free = grant_round(a->left - a->held_back);
    np_status status = need_why(w, _("to hold back more than the scheme does"));
    if (status != NP_OK)
        return status;
    if (!(amount > 0 && amount <= free))
        return refuse(w, np_arena_format(w->arena,
                                         _("%s kroner can be held back: %s are left, of "
                                           "which %s are held back already"),
                                         grant_kroner(w->arena, free),
                                         grant_kroner(w->arena, a->left),
                                         grant_kroner(w->arena, a->held_back)));
    start(w, "payment");
    return finish_payment(
        w, "hold_back", amount, NULL,
        np_arena_format(w->arena,
                        _("%s kroner more are held back until the final "
                          "payment"),
                        grant_kroner(w->arena, amount)));
}

static np_status claim(decide_work *w)
{
    const np_grant_account *a = &w->account;
    bool by_rule = a->step == NP_GRANT_RECOVER;
    double most = grant_round(a->paid - a->recovered), amount = w->decision->amount;
    if (!is_given(amount) && by_rule)
        amount = a->step_amount;
    if (!(amount > 0 && amount <= most))
        return refuse(w, is_given(amount)
                             ? np_arena_format(w->arena,
                                               _("%s kroner are claimed back, and %s are "
                                                 "paid and not claimed back yet"),
                                               grant_kroner(w->arena, amount),
                                               grant_kroner(w->arena, most))
                             : np_arena_format(w->arena,
                                               _("by the rules nothing is to be claimed "
                                                 "back: %s"),
                                               a->why));
    np_status status = by_rule && amount <= a->step_amount
                           ? NP_OK
                           : need_why(w, _("to claim back more than the rules do"));
    if (status == NP_OK)
        status = check_second_person(w);
    if (status != NP_OK)
        return status;
    start(w, "payment");
    np_draft_text(&w->draft, "attested_by", w->decision->name);
    return finish_payment(w, "recovery", amount, NULL,
                          np_arena_format(w->arena, _("%s kroner are claimed back: %s"),
                                          grant_kroner(w->arena, amount),
                                          by_rule ? a->why : w->options->why));
}

static np_status refuse_request(decide_work *w)
{
    const np_grant_account *a = &w->account;
    const np_grant_request *request = first_unanswered(a);
    double amount = w->decision->amount;
    bool waits = a->step == NP_GRANT_WAITS;
    np_status status = waits ? NP_OK : need_why(w, _("to refuse what could be paid"));
    if (status != NP_OK)
        return status;
    if (!is_given(amount))
        amount = request != NULL ? request->amount : a->left;
    start(w, "payment");
    return finish_payment(
        w, "refusal", amount, request,
        waits ? np_arena_format(w->arena, _("%s kroner are not paid; it waits for: %s"),
                                grant_kroner(w->arena, amount), a->why)
              : np_arena_format(w->arena, _("%s kroner are not paid"),
                                grant_kroner(w->arena, amount)));
}

static const np_grant_condition *condition_of(const decide_work *w)
{
    for (size_t i = 0; i < w->account.n_conditions && w->decision->code != NULL; i++)
        if (strcmp(w->account.condition[i].code, w->decision->code) == 0)
            return &w->account.condition[i];
    return NULL;
}

static np_status set_condition(decide_work *w)
{
    const np_grant_decision *d = w->decision;
    if (d->code == NULL || d->text == NULL)
        return np_fail(w->err, NP_E_USAGE,
                       _("a condition has a word (--code) and a text (--text)"));
    if (condition_of(w) != NULL)
        return refuse(w,
                      np_arena_format(w->arena, _("there is a condition %s already: %s"),
                                      d->code, condition_of(w)->text));
    start(w, "grant_condition");
    np_draft_text(&w->draft, "code", d->code);
    np_draft_text(&w->draft, "sort", "other");
    np_draft_text(&w->draft, "text", d->text);
    np_draft_text(&w->draft, "releases", d->releases);
    w->out.amount = NAN;
    w->out.reason = d->text;
    return NP_OK;
}

static np_status meet_condition(decide_work *w)
{
    const np_grant_condition *c = condition_of(w);
    np_record record;
    if (c == NULL)
        return refuse(w, np_arena_format(
                             w->arena, _("%s has no condition %s"), w->account.commitment,
                             w->decision->code != NULL ? w->decision->code : "\"\""));
    if (strcmp(c->sort, "other") != 0)
        return refuse(w,
                      np_arena_format(w->arena,
                                      _("whether %s is met follows from the records: %s"),
                                      c->code, c->why));
    np_status status = np_store_get(&record, w->store, np_kind_find("grant_condition"),
                                    c->id, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_draft_of(&w->draft, &record);
    np_draft_text(&w->draft, "met_on", w->decision->date);
    np_draft_text(&w->draft, "met_by", w->options->who);
    w->out.amount = NAN;
    w->out.reason = c->text;
    return NP_OK;
}

static np_status act(decide_work *w)
{
    switch (w->decision->act) {
    case NP_GRANT_REQUEST:
        return ask(w);
    case NP_GRANT_USE:
        return state_use(w);
    case NP_GRANT_PAY:
        return pay(w);
    case NP_GRANT_HOLD:
        return hold(w);
    case NP_GRANT_CLAIM:
        return claim(w);
    case NP_GRANT_REFUSE:
        return refuse_request(w);
    case NP_GRANT_CONDITION:
        return set_condition(w);
    case NP_GRANT_MEET:
        return meet_condition(w);
    case NP_N_GRANT_ACTS:
        break;
    }
    return np_fail(w->err, NP_E_USAGE, _("there is no such decision"));
}

static np_status check_decision(const np_grant_decision *d, np_error *err)
{
    int32_t day;
    if (!np_date_parse(&day, d->date, strlen(d->date))) {
        np_fail(err, NP_E_RANGE, _("\"%s\" is no date"), d->date);
        return np_error_hint(err, _("dates are written 2014-02-01"));
    }
    return is_given(d->amount) ? grant_check_amount(d->amount, err) : NP_OK;
}

static np_status judge_and_put(decide_work *w, np_entry *entry)
{
    bool own = w->decision->act == NP_GRANT_REQUEST || w->decision->act == NP_GRANT_USE;
    np_status status = grant_check_role(w->store, w->options->who, own, w->arena, w->err);
    if (status == NP_OK)
        status = np_grant_account_of(&w->account, w->store, w->decision->commitment,
                                     w->decision->date, w->arena, w->err);
    if (status == NP_OK && strcmp(w->decision->date, w->account.date) < 0)
        return refuse(w, np_arena_format(w->arena,
                                         _("%s is before the promise, which is of %s"),
                                         w->decision->date, w->account.date));
    if (status == NP_OK)
        status = act(w);
    if (status != NP_OK || w->out.refused)
        return status;
    status = np_record_identifier(&w->out.id, &w->draft.record, w->arena, w->err);
    return status == NP_OK ? np_entry_put(entry, &w->draft.record, NULL, w->err) : status;
}

np_status np_grant_decide(np_grant_decided *out, np_store *store,
                          const np_grant_decision *decision,
                          const np_entry_options *options, np_arena *arena, np_error *err)
{
    decide_work *w = np_arena_array(arena, decide_work, 1);
    np_entry *entry = NULL;
    np_status status = w != NULL ? check_decision(decision, err) : grant_no_memory(err);
    if (status == NP_OK)
        status = np_entry_begin(&entry, store, options, arena, err);
    if (status != NP_OK)
        return status;
    w->store = store;
    w->decision = decision;
    w->options = options;
    w->arena = arena;
    w->err = err;
    status = judge_and_put(w, entry);
    if (status != NP_OK || w->out.refused)
        np_entry_abandon(entry);
    else
        status = np_entry_end(&w->out.written, entry, err);
    if (status == NP_OK)
        *out = w->out;
    return status;
}

np_status np_grant_find(const char **commitment, np_store *store, const char *project,
                        const char *scheme, int64_t year, const char *as_of,
                        np_arena *arena, np_error *err)
{
    np_grant_accounts found;
    const np_grant_filter filter = {.project = project, .scheme = scheme, .year = year};
    np_status status = np_grant_accounts_read(&found, store, &filter, as_of, arena, err);
    if (status != NP_OK)
        return status;
    if (found.n == 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("nothing is promised to %s"), project);
        return np_error_hint(err, _("nullpunkt grant status lists what is promised"));
    }
    const np_grant_account *open = NULL;
    size_t n_open = 0;
    for (size_t i = 0; i < found.n; i++)
        if (found.account[i].step != NP_GRANT_SETTLED) {
            open = &found.account[i];
            n_open++;
        }
    if (n_open > 1 || (n_open == 0 && found.n > 1)) {
        np_fail(err, NP_E_USAGE, _("%zu promises to %s may be meant"),
                n_open > 1 ? n_open : found.n, project);
        return np_error_hint(err, _("say which with --year and --scheme"));
    }
    *commitment = open != NULL ? open->commitment : found.account[0].commitment;
    return NP_OK;
}
