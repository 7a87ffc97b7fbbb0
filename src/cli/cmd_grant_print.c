#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cli/cmd_grant.h"
#include "cli/common.h"
#include "report/number.h"

const char *grant_amount_text(np_arena *arena, double amount)
{
    return np_number_fixed(arena, amount, amount == floor(amount) ? 0 : 2,
                           np_language_get());
}

static void kroner(const np_call *call, np_table_builder *b, double amount)
{
    np_table_builder_number(
        b, isnan(amount) ? "" : grant_amount_text(call->arena, amount), amount);
}

static np_status print_table(const np_call *call, np_table_builder *b, np_error *err)
{
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

/* A head of columns; those in `numbers` (bit c) are numbers, to the right. */
static np_table_builder *table_of(const np_call *call, const char *id, const char *title,
                                  const char *const *head, size_t n, unsigned numbers)
{
    np_table_builder *b = np_table_builder_new(call->arena, id, title, n);
    np_table_builder_head(b);
    for (size_t c = 0; c < n; c++) {
        np_table_builder_align(b, c, numbers >> c & 1 ? NP_ALIGN_RIGHT : NP_ALIGN_LEFT);
        np_table_builder_cell(b, _(head[c]));
    }
    return b;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static void add_sums(const np_call *call, np_table_builder *b,
                     const np_grant_accounts *accounts)
{
    double sum[5] = {0};
    for (size_t i = 0; i < accounts->n; i++) {
        const np_grant_account *a = &accounts->account[i];
        const double part[] = {a->promised, a->paid, a->held_back, a->recovered, a->left};
        for (size_t c = 0; c < 5; c++)
            sum[c] += part[c];
    }
    np_table_builder_rule(b);
    np_table_builder_row(b);
    np_table_builder_row_header(b, _("All"), 0);
    np_table_builder_cell(b, "");
    for (size_t c = 0; c < 5; c++)
        kroner(call, b, sum[c]);
    np_table_builder_cell(b, "");
    np_table_builder_cell(b, "");
    np_table_builder_cell(b, "");
}

static void note_frames(const np_call *call, np_table_builder *b,
                        const np_grant_frames *frames)
{
    for (size_t i = 0; i < frames->n; i++) {
        const np_grant_frame *f = &frames->frame[i];
        np_table_builder_note(
            b, _("%s %lld: %s kroner may be promised, %s are, %s are left."), f->scheme,
            (long long)f->year, grant_amount_text(call->arena, f->amount),
            grant_amount_text(call->arena, f->promised),
            grant_amount_text(call->arena, f->amount - f->promised));
    }
}

np_status grant_print_accounts(const np_call *call, const np_grant_accounts *accounts,
                               const np_grant_frames *frames, const char *as_of,
                               np_error *err)
{
    static const char *const head[] = {
        N_("Project"),      N_("Year"), N_("Promised"), N_("Paid"),   N_("Held back"),
        N_("Claimed back"), N_("Left"), N_("Next"),     N_("Kroner"), N_("Waits for")};
    if (accounts->n == 0 && np_argument_choice(call->arguments, "format", 0) == 0) {
        np_buf_add(call->out, _("Nothing is promised.\n"));
        return NP_OK;
    }
    np_table_builder *b = table_of(
        call, "grants", np_arena_format(call->arena, _("Grants as of %s, kroner"), as_of),
        head, sizeof head / sizeof *head, 0x17e);
    for (size_t i = 0; i < accounts->n; i++) {
        const np_grant_account *a = &accounts->account[i];
        np_table_builder_row(b);
        np_table_builder_row_header(b, a->project_name, 0);
        np_table_builder_number(
            b, np_arena_format(call->arena, "%lld", (long long)a->year), (double)a->year);
        const double amount[] = {a->promised, a->paid, a->held_back, a->recovered,
                                 a->left};
        for (size_t c = 0; c < 5; c++)
            kroner(call, b, amount[c]);
        np_table_builder_cell(b, _(np_grant_step_text(a->step)));
        kroner(call, b, a->step == NP_GRANT_SETTLED ? NAN : a->step_amount);
        np_table_builder_cell(b, or_empty(a->waits_for));
    }
    if (accounts->n > 1)
        add_sums(call, b, accounts);
    note_frames(call, b, frames);
    return print_table(call, b, err);
}

static np_status print_sums(const np_call *call, const np_grant_account *a,
                            const char *as_of, np_error *err)
{
    static const char *const head[] = {N_("What"), N_("Kroner")};
    const struct {
        const char *what;
        double amount;
    } row[] = {{N_("promised"), a->promised},
               {N_("of which for the time until it withdrew"),
                a->entitled < a->promised ? a->entitled : NAN},
               {N_("paid"), a->paid},
               {N_("held back until the final payment"), a->held_back},
               {N_("claimed back"), a->recovered},
               {N_("left to pay"), a->left},
               {N_("used, by the last statement"), a->used}};
    np_table_builder *b =
        table_of(call, "grant",
                 np_arena_format(call->arena, _("%s, %lld: the grant as of %s"),
                                 a->project_name, (long long)a->year, as_of),
                 head, 2, 2);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (isnan(row[i].amount))
            continue;
        np_table_builder_row(b);
        np_table_builder_row_header(b, _(row[i].what), 0);
        kroner(call, b, row[i].amount);
    }
    np_table_builder_note(b, _("Promised on %s by %s: %s."), a->date, a->decided_by,
                          a->reason);
    const char *next = _(np_grant_step_text(a->step));
    if (a->step == NP_GRANT_SETTLED)
        np_table_builder_note(b, _("Next: %s (%s)."), next, a->why);
    else
        np_table_builder_note(b, _("Next: %s, %s kroner (%s)."), next,
                              grant_amount_text(call->arena, a->step_amount), a->why);
    return print_table(call, b, err);
}

static np_status print_conditions(const np_call *call, const np_grant_account *a,
                                  np_error *err)
{
    static const char *const head[] = {N_("Code"), N_("Condition"), N_("Of"), N_("Met"),
                                       N_("Why")};
    np_table_builder *b = table_of(call, "conditions", _("Conditions"), head, 5, 0);
    for (size_t i = 0; i < a->n_conditions; i++) {
        const np_grant_condition *c = &a->condition[i];
        const char *of = c->releases == NULL                         ? _("every payment")
                         : strcmp(c->releases, "final_payment") == 0 ? _("final payment")
                                                                     : _("instalment");
        np_table_builder_row(b);
        np_table_builder_row_header(b, c->code, 0);
        np_table_builder_cell(b, c->text);
        np_table_builder_cell(b, of);
        np_table_builder_cell(b, c->met ? _("yes") : _("no"));
        np_table_builder_cell(b, c->why);
    }
    return print_table(call, b, err);
}

static const char *sort_text(const char *sort)
{
    static const struct {
        const char *sort, *text;
    } sorts[] = {{"instalment", N_("instalment")},
                 {"final_payment", N_("final payment")},
                 {"hold_back", N_("held back")},
                 {"recovery", N_("claimed back")},
                 {"refusal", N_("refused")}};
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        if (strcmp(sorts[i].sort, sort) == 0)
            return _(sorts[i].text);
    return sort;
}

typedef struct {
    const char *date, *what, *by, *second, *why;
    double amount;
} grant_event;

/* Where a reason would make the table wider than a screen it is a note below it. */
static void add_event(const np_call *call, np_table_builder *b, const grant_event *e,
                      bool with_reason)
{
    np_table_builder_row(b);
    np_table_builder_row_header(b, e->date, 0);
    np_table_builder_cell(b, e->what);
    kroner(call, b, e->amount);
    np_table_builder_cell(b, e->by);
    np_table_builder_cell(b, or_empty(e->second));
    if (with_reason)
        np_table_builder_cell(b, or_empty(e->why));
    else if (e->why != NULL)
        np_table_builder_note(b, _("%s, %s: %s."), e->date, e->what, e->why);
}

typedef struct {
    size_t request, use, payment;
} event_place;

/* The next by date; of one day requests, then statements, then decisions. */
static bool next_event(grant_event *out, event_place *at, const np_grant_account *a)
{
    static const char none[] = "9999-99-99";
    const np_grant_request *r =
        at->request < a->n_requests ? &a->request[at->request] : NULL;
    const np_grant_use *u = at->use < a->n_uses ? &a->use[at->use] : NULL;
    const np_grant_payment *p =
        at->payment < a->n_payments ? &a->payment[at->payment] : NULL;
    const char *asked = r != NULL ? r->date : none, *used = u != NULL ? u->date : none,
               *paid = p != NULL ? p->date : none;
    if (r != NULL && strcmp(asked, used) <= 0 && strcmp(asked, paid) <= 0) {
        *out = (grant_event){.date = asked,
                             .what = _("asked for"),
                             .amount = r->amount,
                             .by = r->requested_by,
                             .why = r->text};
        at->request++;
    } else if (u != NULL && strcmp(used, paid) <= 0) {
        *out = (grant_event){.date = used,
                             .what = _("used so far"),
                             .amount = u->used,
                             .by = u->attested_by,
                             .why = u->text};
        at->use++;
    } else if (p != NULL) {
        *out = (grant_event){.date = paid,
                             .what = sort_text(p->sort),
                             .amount = p->amount,
                             .by = p->decided_by,
                             .second = p->attested_by,
                             .why = p->reason};
        at->payment++;
    } else {
        return false;
    }
    return true;
}

static np_status print_events(const np_call *call, const np_grant_account *a,
                              np_error *err)
{
    static const char *const head[] = {N_("Date"), N_("What"),        N_("Kroner"),
                                       N_("By"),   N_("Attested by"), N_("Reason")};
    bool with_reason = np_wanted_format(call->arguments) != NP_TEXT;
    if (a->n_requests + a->n_uses + a->n_payments == 0)
        return NP_OK;
    np_buf_add_char(call->out, '\n');
    np_table_builder *b =
        table_of(call, "decisions", _("What happened"), head, with_reason ? 6 : 5, 4);
    event_place at = {0, 0, 0};
    grant_event event;
    while (next_event(&event, &at, a))
        add_event(call, b, &event, with_reason);
    return print_table(call, b, err);
}

np_status grant_print_account(const np_call *call, const np_grant_account *account,
                              const char *as_of, np_error *err)
{
    np_status status = print_sums(call, account, as_of, err);
    np_buf_add_char(call->out, '\n');
    if (status == NP_OK)
        status = print_conditions(call, account, err);
    return status == NP_OK ? print_events(call, account, err) : status;
}

np_status grant_print_promises(const np_call *call, const np_grant_commit_result *result,
                               int64_t year, np_error *err)
{
    static const char *const head[] = {N_("Project"), N_("Kroner"), N_("Before"),
                                       N_("By the rule"), N_("Reason")};
    np_table_builder *b =
        table_of(call, "promises",
                 np_arena_format(call->arena, _("Promises of %lld"), (long long)year),
                 head, 5, 0xe);
    size_t n_new = 0;
    for (size_t i = 0; i < result->n; i++) {
        const np_grant_promise *p = &result->promise[i];
        n_new += p->changed;
        np_table_builder_row(b);
        np_table_builder_row_header(b, p->project, 0);
        kroner(call, b, p->amount);
        kroner(call, b, p->before);
        kroner(call, b, p->by_rule);
        np_table_builder_cell(b, p->reason);
    }
    np_table_builder_note(
        b, _("%zu new or changed, %zu as they were%s."), n_new, result->n - n_new,
        result->written.written || n_new == 0 ? "" : _("; nothing was written"));
    if (result->written.written)
        np_table_builder_note(
            b,
            _("With the conditions and the reports that are owed, %zu records are new."),
            result->written.n_new);
    np_table_builder_note(b, _("%s kroner may be promised, %s are."),
                          grant_amount_text(call->arena, result->frame),
                          grant_amount_text(call->arena, result->promised));
    return print_table(call, b, err);
}

static void json_conditions(np_json *j, const np_grant_account *a)
{
    np_json_key(j, "conditions");
    np_json_array(j);
    for (size_t i = 0; i < a->n_conditions; i++) {
        const np_grant_condition *c = &a->condition[i];
        np_json_object(j);
        np_json_put_text(j, "code", c->code);
        np_json_put_text(j, "sort", c->sort);
        np_json_put_text(j, "text", c->text);
        np_json_put_text(j, "template", c->template);
        np_json_put_text(j, "period", c->period);
        np_json_put_text(j, "releases", c->releases);
        np_json_put_bool(j, "met", c->met);
        np_json_put_text(j, "why", c->why);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void json_events(np_json *j, const np_grant_account *a)
{
    np_json_key(j, "requests");
    np_json_array(j);
    for (size_t i = 0; i < a->n_requests; i++) {
        np_json_object(j);
        np_json_put_text(j, "date", a->request[i].date);
        np_json_put_number(j, "amount", a->request[i].amount);
        np_json_put_text(j, "requested_by", a->request[i].requested_by);
        np_json_put_bool(j, "answered", a->request[i].answered);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_key(j, "statements");
    np_json_array(j);
    for (size_t i = 0; i < a->n_uses; i++) {
        np_json_object(j);
        np_json_put_text(j, "date", a->use[i].date);
        np_json_put_number(j, "used", a->use[i].used);
        np_json_put_text(j, "attested_by", a->use[i].attested_by);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_key(j, "decisions");
    np_json_array(j);
    for (size_t i = 0; i < a->n_payments; i++) {
        const np_grant_payment *p = &a->payment[i];
        np_json_object(j);
        np_json_put_text(j, "date", p->date);
        np_json_put_text(j, "sort", p->sort);
        np_json_put_number(j, "amount", p->amount);
        np_json_put_text(j, "request", p->request);
        np_json_put_text(j, "decided_by", p->decided_by);
        np_json_put_text(j, "attested_by", p->attested_by);
        np_json_put_text(j, "reason", p->reason);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void json_account(np_json *j, const np_grant_account *a)
{
    np_json_object(j);
    np_json_put_text(j, "commitment", a->commitment);
    np_json_put_text(j, "scheme", a->scheme);
    np_json_put_text(j, "project", a->project);
    np_json_put_text(j, "project_name", a->project_name);
    np_json_put_integer(j, "year", a->year);
    np_json_put_text(j, "date", a->date);
    np_json_put_text(j, "decided_by", a->decided_by);
    np_json_put_text(j, "reason", a->reason);
    np_json_put_number(j, "promised", a->promised);
    np_json_put_number(j, "entitled", a->entitled);
    np_json_put_number(j, "paid", a->paid);
    np_json_put_number(j, "held_back", a->held_back);
    np_json_put_number(j, "recovered", a->recovered);
    np_json_put_number(j, "refused", a->refused);
    np_json_put_number(j, "left", a->left);
    np_json_put_number(j, "used", a->used);
    np_json_put_number(j, "lapsed", a->lapsed);
    np_json_put_bool(j, "settled", a->settled);
    np_json_put_text(j, "next", np_grant_step_word(a->step));
    np_json_put_number(j, "next_amount", a->step_amount);
    np_json_put_text(j, "next_why", a->why);
    json_conditions(j, a);
    json_events(j, a);
    np_json_end_object(j);
}

void grant_print_json(const np_call *call, const np_grant_accounts *accounts,
                      const np_grant_frames *frames, const char *as_of)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "as_of", as_of);
    np_json_key(&j, "frames");
    np_json_array(&j);
    for (size_t i = 0; i < frames->n; i++) {
        np_json_object(&j);
        np_json_put_text(&j, "scheme", frames->frame[i].scheme);
        np_json_put_integer(&j, "year", frames->frame[i].year);
        np_json_put_number(&j, "amount", frames->frame[i].amount);
        np_json_put_number(&j, "promised", frames->frame[i].promised);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_key(&j, "accounts");
    np_json_array(&j);
    for (size_t i = 0; i < accounts->n; i++)
        json_account(&j, &accounts->account[i]);
    np_json_end_array(&j);
    np_json_end_object(&j);
}
