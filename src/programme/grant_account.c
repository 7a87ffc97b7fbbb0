/* Accounts of promises: everything is read at once and put together here. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/language.h"
#include "programme/grant_internal.h"

typedef struct {
    np_store *store;
    np_arena *arena;
    np_error *err;
    const np_grant_filter *filter;
    const char *as_of;
    grant_facts facts;
    np_grant_account *account;
    size_t n;
    np_text_map *place;    /* of a promise among the accounts */
    np_text_map *reported; /* "project/template/period" */
    np_rows report;        /* in that order: status */
    np_text_map *owed;
    np_rows obligation; /* due, waived, reason */
    np_rows template;
    np_text_map *template_place;
} account_work;

/* What belongs to promises is asked by the narrowest that the filter names. */
static np_status rows_of_promises(np_rows *out, account_work *w, const char *kind,
                                  const char *columns, size_t n_order)
{
    const np_grant_filter *f = w->filter;
    if (f->commitment != NULL)
        return grant_rows(out, w->store, kind, columns, n_order, "commitment",
                          f->commitment, w->arena, w->err);
    return grant_rows(out, w->store, kind, columns, n_order, "commitment.project",
                      f->project, w->arena, w->err);
}

/* NULL: the row is of a promise that is not wanted. */
static np_grant_account *account_of(const account_work *w, const np_rows *rows,
                                    size_t row)
{
    const char *id = np_rows_text(rows, row, 0);
    int32_t place = np_text_map_find(w->place, id, strlen(id));
    return place < 0 ? NULL : &w->account[place];
}

static bool is_wanted(const np_grant_filter *f, const np_rows *rows, size_t row)
{
    return (f->scheme == NULL || strcmp(np_rows_text(rows, row, 3), f->scheme) == 0) &&
           (f->year == 0 || np_rows_integer(rows, row, 0, 0) == f->year);
}

static np_status read_promises(account_work *w)
{
    np_rows rows;
    const np_grant_filter *f = w->filter;
    np_status status =
        grant_rows(&rows, w->store, "grant_commitment",
                   "year project id scheme project.name amount date reason decided_by", 3,
                   f->commitment != NULL ? "id" : "project",
                   f->commitment != NULL ? f->commitment : f->project, w->arena, w->err);
    if (status != NP_OK)
        return status;
    w->account = np_arena_array(w->arena, np_grant_account, rows.n_rows);
    w->place = np_text_map_new(w->arena);
    if (w->account == NULL || w->place == NULL)
        return grant_no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *id = np_rows_text(&rows, i, 2);
        if (!is_wanted(f, &rows, i))
            continue;
        if (np_text_map_add(w->place, id, strlen(id)) < 0)
            return grant_no_memory(w->err);
        w->account[w->n++] = (np_grant_account){.commitment = id,
                                                .year = np_rows_integer(&rows, i, 0, 0),
                                                .project = np_rows_text(&rows, i, 1),
                                                .scheme = np_rows_text(&rows, i, 3),
                                                .project_name = np_rows_text(&rows, i, 4),
                                                .promised = np_rows_number(&rows, i, 5),
                                                .date = np_rows_text(&rows, i, 6),
                                                .reason = np_rows_text(&rows, i, 7),
                                                .decided_by = np_rows_text(&rows, i, 8),
                                                .used = NAN};
    }
    return NP_OK;
}

static np_status read_uses(account_work *w)
{
    np_rows rows;
    np_status status = rows_of_promises(&rows, w, "use_statement",
                                        "commitment date id used text attested_by", 3);
    if (status != NP_OK)
        return status;
    np_grant_use *use = np_arena_array(w->arena, np_grant_use, rows.n_rows);
    if (use == NULL)
        return grant_no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        np_grant_account *account = account_of(w, &rows, i);
        if (account == NULL)
            continue;
        use[i] = (np_grant_use){.date = np_rows_text(&rows, i, 1),
                                .id = np_rows_text(&rows, i, 2),
                                .used = np_rows_number(&rows, i, 3),
                                .text = np_rows_text(&rows, i, 4),
                                .attested_by = np_rows_text(&rows, i, 5)};
        if (account->n_uses++ == 0)
            account->use = &use[i];
        account->used = use[i].used;
    }
    return NP_OK;
}

static void add_payment(np_grant_account *account, const np_grant_payment *p)
{
    bool final = strcmp(p->sort, "final_payment") == 0;
    if (final || strcmp(p->sort, "instalment") == 0)
        account->paid += p->amount;
    account->settled |= final;
    if (strcmp(p->sort, "hold_back") == 0)
        account->held_back += p->amount;
    if (strcmp(p->sort, "recovery") == 0)
        account->recovered += p->amount;
    if (strcmp(p->sort, "refusal") == 0)
        account->refused += p->amount;
}

static np_status read_payments(account_work *w)
{
    np_rows rows;
    np_status status = rows_of_promises(
        &rows, w, "payment",
        "commitment date id sort amount reason decided_by attested_by request", 3);
    if (status != NP_OK)
        return status;
    np_grant_payment *payment = np_arena_array(w->arena, np_grant_payment, rows.n_rows);
    if (payment == NULL)
        return grant_no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        np_grant_account *account = account_of(w, &rows, i);
        if (account == NULL)
            continue;
        payment[i] = (np_grant_payment){.date = np_rows_text(&rows, i, 1),
                                        .id = np_rows_text(&rows, i, 2),
                                        .sort = np_rows_text(&rows, i, 3),
                                        .amount = np_rows_number(&rows, i, 4),
                                        .reason = np_rows_text(&rows, i, 5),
                                        .decided_by = np_rows_text(&rows, i, 6),
                                        .attested_by = np_rows_text(&rows, i, 7),
                                        .request = np_rows_text(&rows, i, 8)};
        if (account->n_payments++ == 0)
            account->payment = &payment[i];
        add_payment(account, &payment[i]);
    }
    return NP_OK;
}

static bool is_answered(const np_grant_account *account, const char *request)
{
    for (size_t i = 0; i < account->n_payments; i++)
        if (account->payment[i].request != NULL &&
            strcmp(account->payment[i].request, request) == 0)
            return true;
    return false;
}

static np_status read_requests(account_work *w)
{
    np_rows rows;
    np_status status = rows_of_promises(&rows, w, "payment_request",
                                        "commitment date id amount requested_by text", 3);
    if (status != NP_OK)
        return status;
    np_grant_request *request = np_arena_array(w->arena, np_grant_request, rows.n_rows);
    if (request == NULL)
        return grant_no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        np_grant_account *account = account_of(w, &rows, i);
        const char *id = np_rows_text(&rows, i, 2);
        if (account == NULL)
            continue;
        request[i] = (np_grant_request){.date = np_rows_text(&rows, i, 1),
                                        .id = id,
                                        .amount = np_rows_number(&rows, i, 3),
                                        .requested_by = np_rows_text(&rows, i, 4),
                                        .text = np_rows_text(&rows, i, 5),
                                        .answered = is_answered(account, id)};
        if (account->n_requests++ == 0)
            account->request = &request[i];
    }
    return NP_OK;
}

static np_status keyed_rows(np_rows *rows, np_text_map **map, account_work *w,
                            const char *kind, const char *columns)
{
    const char *project = w->filter->project;
    if (w->filter->commitment != NULL && w->n > 0)
        project = w->account[0].project;
    np_status status = grant_rows(rows, w->store, kind, columns, 0, "project", project,
                                  w->arena, w->err);
    if (status != NP_OK)
        return status;
    *map = np_text_map_new(w->arena);
    for (size_t i = 0; i < rows->n_rows; i++) {
        const char *key =
            np_arena_format(w->arena, "%s/%s/%s", np_rows_text(rows, i, 0),
                            np_rows_text(rows, i, 1), np_rows_text(rows, i, 2));
        if (key == NULL || *map == NULL || np_text_map_add(*map, key, strlen(key)) < 0)
            return grant_no_memory(w->err);
    }
    return NP_OK;
}

static np_status read_templates(account_work *w)
{
    np_status status = grant_rows(&w->template, w->store, "template", "id needs_approval",
                                  1, NULL, NULL, w->arena, w->err);
    w->template_place = np_text_map_new(w->arena);
    for (size_t i = 0; status == NP_OK && i < w->template.n_rows; i++) {
        const char *id = np_rows_text(&w->template, i, 0);
        if (w->template_place == NULL ||
            np_text_map_add(w->template_place, id, strlen(id)) < 0)
            return grant_no_memory(w->err);
    }
    return status;
}

/* A template that says that its reports are only received wants no approval. */
static bool needs_approval(const account_work *w, const char *template)
{
    int32_t place = np_text_map_find(w->template_place, template, strlen(template));
    return place < 0 || np_rows_integer(&w->template, (size_t)place, 1, 1) == 1;
}

static const char *not_there(const account_work *w, int32_t owed)
{
    if (owed < 0)
        return _("it has not come");
    const char *due = np_rows_text(&w->obligation, (size_t)owed, 3);
    const char *text = strcmp(due, w->as_of) < 0 ? _("it has not come, and was due on %s")
                                                 : _("it has not come, and is due on %s");
    return np_arena_format(w->arena, text, due);
}

static void judge_report(const account_work *w, const np_grant_account *account,
                         np_grant_condition *c)
{
    const char *key = np_arena_format(w->arena, "%s/%s/%s", account->project,
                                      c->template != NULL ? c->template : "",
                                      c->period != NULL ? c->period : "");
    if (key == NULL)
        return;
    int32_t report = np_text_map_find(w->reported, key, strlen(key));
    int32_t owed = np_text_map_find(w->owed, key, strlen(key));
    const char *status = report < 0 ? "" : np_rows_text(&w->report, (size_t)report, 3);
    if (strcmp(status, "approved") == 0) {
        c->met = true;
        c->why = _("it is approved");
    } else if (strcmp(status, "submitted") == 0 && !needs_approval(w, c->template)) {
        c->met = true;
        c->why = _("it is received, and such reports need no approval");
    } else if (owed >= 0 && np_rows_integer(&w->obligation, (size_t)owed, 4, 0) == 1) {
        const char *reason = np_rows_text(&w->obligation, (size_t)owed, 5);
        c->met = true;
        c->why = np_arena_format(w->arena, _("the report is no longer asked for: %s"),
                                 reason != NULL ? reason : _("no reason is given"));
    } else if (strcmp(status, "submitted") == 0) {
        c->why = _("it has come, and is not approved yet");
    } else if (strcmp(status, "returned") == 0) {
        c->why = _("it was returned, and has not come again");
    } else if (status[0] != '\0') {
        c->why = _("it is a draft");
    } else {
        c->why = not_there(w, owed);
    }
}

static const char *last_payment_day(const np_grant_account *account)
{
    const char *day = "";
    for (size_t i = 0; i < account->n_payments; i++)
        if (strcmp(account->payment[i].sort, "instalment") == 0)
            day = account->payment[i].date;
    return day;
}

/* The statement for an instalment may say any sum; the final one is of the whole. */
static void judge_use(const account_work *w, const np_grant_account *account,
                      const char *last_day, np_grant_condition *c)
{
    if (account->n_uses == 0) {
        c->why = _("there is none");
        return;
    }
    const np_grant_use *last = &account->use[account->n_uses - 1];
    const char *paid_on = last_payment_day(account);
    bool any = c->releases != NULL && strcmp(c->releases, "instalment") == 0;
    if (!any && strcmp(last->date, last_day) < 0)
        c->why = np_arena_format(w->arena,
                                 _("the last one is of %s, and what was promised is for "
                                   "the time until %s"),
                                 last->date, last_day);
    else if (!any && strcmp(last->date, paid_on) < 0)
        c->why = np_arena_format(w->arena,
                                 _("the last one is of %s, before the payment of %s"),
                                 last->date, paid_on);
    else
        c->why = np_arena_format(w->arena, _("that of %s says %s kroner"), last->date,
                                 grant_kroner(w->arena, last->used));
    c->met =
        any || (strcmp(last->date, last_day) >= 0 && strcmp(last->date, paid_on) >= 0);
}

static void judge_other(const account_work *w, const char *met_on, const char *met_by,
                        np_grant_condition *c)
{
    c->met = met_on != NULL;
    c->why = !c->met ? _("nobody has said so yet")
                     : np_arena_format(w->arena, _("%s says so on %s"),
                                       met_by != NULL ? met_by : "-", met_on);
}

static np_status judge_conditions(account_work *w, const np_grant_amount *by_rule)
{
    np_rows rows;
    np_status status = rows_of_promises(
        &rows, w, "grant_condition",
        "commitment code id sort text template period releases met_on met_by", 2);
    if (status != NP_OK)
        return status;
    np_grant_condition *condition =
        np_arena_array(w->arena, np_grant_condition, rows.n_rows);
    if (condition == NULL)
        return grant_no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        np_grant_account *account = account_of(w, &rows, i);
        if (account == NULL)
            continue;
        np_grant_condition *c = &condition[i];
        *c = (np_grant_condition){.code = np_rows_text(&rows, i, 1),
                                  .id = np_rows_text(&rows, i, 2),
                                  .sort = np_rows_text(&rows, i, 3),
                                  .text = np_rows_text(&rows, i, 4),
                                  .template = np_rows_text(&rows, i, 5),
                                  .period = np_rows_text(&rows, i, 6),
                                  .releases = np_rows_text(&rows, i, 7)};
        if (strcmp(c->sort, "approved_report") == 0)
            judge_report(w, account, c);
        else if (strcmp(c->sort, "use_statement") == 0)
            judge_use(w, account, by_rule[account - w->account].last, c);
        else
            judge_other(w, np_rows_text(&rows, i, 8), np_rows_text(&rows, i, 9), c);
        if (c->why == NULL)
            return grant_no_memory(w->err);
        if (account->n_conditions++ == 0)
            account->condition = c;
    }
    return NP_OK;
}

static np_status read_all(account_work *w)
{
    const np_grant_filter *f = w->filter;
    np_status status = read_promises(w);
    const char *only =
        f->commitment != NULL && w->n > 0 ? w->account[0].project : f->project;
    if (status == NP_OK)
        status = grant_facts_read(&w->facts, w->store, only, w->arena, w->err);
    if (status == NP_OK)
        status = read_uses(w);
    if (status == NP_OK)
        status = read_payments(w);
    if (status == NP_OK)
        status = read_requests(w);
    if (status == NP_OK)
        status = keyed_rows(&w->report, &w->reported, w, "report",
                            "project template period status");
    if (status == NP_OK)
        status = keyed_rows(&w->obligation, &w->owed, w, "obligation",
                            "project template period due waived reason");
    if (status == NP_OK)
        status = read_templates(w);
    return status;
}

np_status np_grant_accounts_read(np_grant_accounts *out, np_store *store,
                                 const np_grant_filter *filter, const char *as_of,
                                 np_arena *arena, np_error *err)
{
    account_work w = {
        .store = store, .arena = arena, .err = err, .filter = filter, .as_of = as_of};
    np_status status = read_all(&w);
    if (status != NP_OK)
        return status;
    np_grant_amount *by_rule = np_arena_array(arena, np_grant_amount, w.n);
    const grant_scheme **scheme = np_arena_array(arena, const grant_scheme *, w.n);
    if (by_rule == NULL || scheme == NULL)
        return grant_no_memory(err);
    for (size_t i = 0; i < w.n && status == NP_OK; i++) {
        status = grant_facts_scheme(&scheme[i], &w.facts, w.account[i].scheme, err);
        if (status == NP_OK)
            status =
                grant_amount_by_rule(&by_rule[i], &w.facts, scheme[i],
                                     grant_facts_project(&w.facts, w.account[i].project),
                                     w.account[i].year, arena, err);
    }
    if (status == NP_OK)
        status = judge_conditions(&w, by_rule);
    for (size_t i = 0; i < w.n && status == NP_OK; i++)
        status = grant_judge_step(&w.account[i], scheme[i], &by_rule[i], arena, err);
    if (status == NP_OK)
        *out = (np_grant_accounts){.account = w.account, .n = w.n};
    return status;
}

np_status np_grant_account_of(np_grant_account *out, np_store *store,
                              const char *commitment, const char *as_of, np_arena *arena,
                              np_error *err)
{
    np_grant_accounts found;
    np_status status = np_grant_accounts_read(
        &found, store, &(np_grant_filter){.commitment = commitment}, as_of, arena, err);
    if (status == NP_OK && found.n == 0)
        status = np_fail(err, NP_E_UNKNOWN_NAME, _("there is no promise %s"), commitment);
    if (status == NP_OK)
        *out = found.account[0];
    return status;
}
