/* Promises by rule within the year's frame, with their conditions. */
#include <math.h>
#include <string.h>

#include "base/language.h"
#include "base/text.h"
#include "programme/draft.h"
#include "programme/grant_internal.h"
#include "programme/obligation.h"
#include "programme/value.h"

typedef struct {
    np_store *store;
    np_entry *entry;
    const np_grant_commit_spec *spec;
    const np_entry_options *options;
    np_arena *arena;
    np_error *err;
    grant_facts facts;
    const grant_scheme *scheme;
    np_grant_accounts there; /* the promises of the year */
    np_rows owed;            /* obligations: project template period sort names waived */
    np_grant_promise *promise;
    size_t n;
} commit_work;

static void object(commit_work *w, const char *kind, const char *id, const char *field,
                   const char *rule, const char *message)
{
    np_entry_object(w->entry, &(np_objection){.kind = kind,
                                              .id = id,
                                              .field = field,
                                              .rule = rule,
                                              .message = message != NULL ? message : "",
                                              .hint = ""});
}

enum { O_PROJECT, O_PERIOD, O_TEMPLATE, O_SORT, O_NAME, O_NAME_NB, O_NAME_NN, O_WAIVED };

static bool is_of(const commit_work *w, size_t row, const char *project)
{
    np_period period;
    const char *text = np_rows_text(&w->owed, row, O_PERIOD);
    return strcmp(np_rows_text(&w->owed, row, O_PROJECT), project) == 0 &&
           np_rows_integer(&w->owed, row, O_WAIVED, 0) != 1 &&
           np_period_parse(&period, text, strlen(text)) && period.year == w->spec->year;
}

/* Reports that come while the year goes on. */
static bool is_early(const commit_work *w, size_t row)
{
    const char *sort = np_rows_text(&w->owed, row, O_SORT);
    return strcmp(sort, "half_year") == 0 || strcmp(sort, "start_up") == 0;
}

/* Where something is held back, and reports come both before and after the year is over.
 */
static bool is_in_two(const commit_work *w, const char *project)
{
    bool early = false, late = false;
    for (size_t i = 0; i < w->owed.n_rows; i++)
        if (is_of(w, i, project)) {
            early |= is_early(w, i);
            late |= !is_early(w, i);
        }
    return w->scheme->hold_back_share > 0 && early && late;
}

/* A condition that is there already stays as it is. */
static np_status put_condition(commit_work *w, const char *commitment, const char *code,
                               const char *sort, const char *text, const char *releases,
                               const char *template, const char *period)
{
    const char *id = np_arena_format(w->arena, "%s/%s", commitment, code);
    bool there = false;
    if (id == NULL || text == NULL)
        return grant_no_memory(w->err);
    np_draft draft;
    np_draft_start(&draft, "grant_condition", NULL);
    np_status status = np_store_has(&there, w->store, draft.record.kind, id, w->err);
    if (status != NP_OK || there)
        return status;
    np_draft_text(&draft, "commitment", commitment);
    np_draft_text(&draft, "code", code);
    np_draft_text(&draft, "sort", sort);
    np_draft_text(&draft, "text", text);
    np_draft_text(&draft, "releases", releases);
    np_draft_text(&draft, "template", template);
    np_draft_text(&draft, "period", period);
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

static np_status put_report_condition(commit_work *w, const char *commitment, size_t row,
                                      bool in_two)
{
    np_localised names = {{np_rows_text(&w->owed, row, O_NAME),
                           np_rows_text(&w->owed, row, O_NAME_NB),
                           np_rows_text(&w->owed, row, O_NAME_NN)}};
    const char *template = np_rows_text(&w->owed, row, O_TEMPLATE),
               *period = np_rows_text(&w->owed, row, O_PERIOD),
               *code = np_arena_format(w->arena, "%s-%s", template, period),
               *text =
                   np_arena_format(w->arena, _("%s of %s is approved"),
                                   np_localised_text(&names, np_language_get()), period);
    if (code == NULL)
        return grant_no_memory(w->err);
    const char *releases = !in_two            ? NULL
                           : is_early(w, row) ? "instalment"
                                              : "final_payment";
    return put_condition(w, commitment, code, "approved_report", text, releases, template,
                         period);
}

static np_status put_conditions(commit_work *w, const char *commitment,
                                const char *project)
{
    bool in_two = is_in_two(w, project);
    np_status status = NP_OK;
    for (size_t i = 0; i < w->owed.n_rows && status == NP_OK; i++)
        if (is_of(w, i, project))
            status = put_report_condition(w, commitment, i, in_two);
    if (status == NP_OK && in_two)
        status = put_condition(w, commitment, "use", "use_statement",
                               _("a statement says what has been used so far"),
                               "instalment", NULL, NULL);
    if (status == NP_OK)
        status = put_condition(w, commitment, "use-final", "use_statement",
                               _("a statement says what was used when the time was over"),
                               in_two ? "final_payment" : NULL, NULL, NULL);
    return status;
}

static const np_grant_account *promise_of(const commit_work *w, const char *project)
{
    for (size_t i = 0; i < w->there.n; i++)
        if (strcmp(w->there.account[i].project, project) == 0)
            return &w->there.account[i];
    return NULL;
}

static const char *reason_of(commit_work *w, const np_grant_amount *rule)
{
    if (isnan(w->spec->amount))
        return grant_join(w->arena, rule->explanation, "; ", w->options->why);
    return np_arena_format(w->arena, _("an exception: %s (by the rule %s: %s)"),
                           w->options->why, grant_kroner(w->arena, rule->amount),
                           rule->explanation);
}

static np_status put_promise(commit_work *w, const char *project, double amount,
                             const np_grant_amount *rule)
{
    np_draft draft;
    np_draft_start(&draft, "grant_commitment", NULL);
    np_draft_text(&draft, "scheme", w->scheme->id);
    np_draft_text(&draft, "project", project);
    np_draft_integer(&draft, "year", w->spec->year);
    np_draft_number(&draft, "amount", amount);
    np_draft_text(&draft, "date", w->spec->date);
    np_draft_text(&draft, "reason", reason_of(w, rule));
    np_draft_text(&draft, "decided_by", w->options->who);
    const np_grant_account *before = promise_of(w, project);
    draft.record.id = before != NULL ? before->commitment : NULL;
    const char *id = NULL;
    np_status status = np_record_identifier(&id, &draft.record, w->arena, w->err);
    if (status != NP_OK)
        return status;
    if (before != NULL && amount < before->paid - before->recovered)
        object(w, "grant_commitment", id, "amount", "below_paid",
               np_arena_format(w->arena, _("%s kroner are paid already"),
                               grant_kroner(w->arena, before->paid - before->recovered)));
    status = np_entry_put(w->entry, &draft.record, NULL, w->err);
    return status == NP_OK ? put_conditions(w, id, project) : status;
}

/* What a promise that is there, or is not there yet, becomes. */
static np_status promise(commit_work *w, const grant_project *project)
{
    np_grant_amount rule;
    const np_grant_account *before = promise_of(w, project->id);
    np_status status = grant_amount_by_rule(&rule, &w->facts, w->scheme, project,
                                            w->spec->year, w->arena, w->err);
    if (status != NP_OK)
        return status;
    bool by_rule = isnan(w->spec->amount);
    double amount = by_rule ? rule.amount : w->spec->amount;
    bool keep =
        before != NULL && ((by_rule && !w->spec->revise) || before->promised == amount);
    np_grant_promise *p = &w->promise[w->n];
    *p = (np_grant_promise){.project = project->id,
                            .reason = keep ? before->reason : reason_of(w, &rule),
                            .amount = keep ? before->promised : amount,
                            .by_rule = rule.amount,
                            .before = before != NULL ? before->promised : NAN,
                            .changed = !keep};
    if (before == NULL && by_rule && !(amount > 0)) /* takes no part in the year */
        return w->spec->project == NULL
                   ? NP_OK
                   : np_fail(w->err, NP_E_RANGE, _("nothing by the rule: %s"),
                             rule.explanation);
    w->n++;
    return keep ? put_conditions(w, before->commitment, project->id)
                : put_promise(w, project->id, amount, &rule);
}

static np_status promise_all(commit_work *w)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < w->facts.n_projects && status == NP_OK; i++)
        if (w->facts.project[i].admitted)
            status = promise(w, &w->facts.project[i]);
    return status;
}

static np_status promise_one(commit_work *w)
{
    const grant_project *project = grant_facts_project(&w->facts, w->spec->project);
    if (project == NULL)
        return np_fail(w->err, NP_E_UNKNOWN_NAME, _("there is no project %s"),
                       w->spec->project);
    if (!project->admitted)
        return np_fail(w->err, NP_E_RANGE, _("the project %s is not admitted"),
                       project->id);
    return promise(w, project);
}

static np_status sum_of_year(double *out, commit_work *w, const char *kind, bool *there)
{
    np_value scheme = NP_VALUE_OF_TEXT(w->scheme->id),
             year = NP_VALUE_OF_INTEGER(w->spec->year);
    np_where where[] = {{.path = "scheme", .value = &scheme, .n = 1},
                        {.path = "year", .value = &year, .n = 1}};
    np_query_column column[] = {{"amount", NP_SUM}, {"id", NP_COUNT}};
    np_rows rows;
    np_query query = {.kind = np_kind_find(kind),
                      .column = column,
                      .n_columns = 2,
                      .where = where,
                      .n_where = 2};
    np_status status = np_store_query(&rows, w->store, &query, w->arena, w->err);
    if (status != NP_OK)
        return status;
    *there = rows.n_rows > 0 && np_rows_integer(&rows, 0, 1, 0) > 0;
    *out = *there ? np_rows_number(&rows, 0, 0) : 0;
    return NP_OK;
}

/* The rules judge whether the frame holds (over_frame); that there is none is no reason
 * to promise what nobody granted. */
static np_status check_frame(np_grant_commit_result *out, commit_work *w)
{
    bool there, any;
    np_status status = sum_of_year(&out->frame, w, "grant_frame", &there);
    if (status == NP_OK)
        status = sum_of_year(&out->promised, w, "grant_commitment", &any);
    if (status != NP_OK || there)
        return status;
    np_fail(w->err, NP_E_RANGE, _("there is no frame for %lld"),
            (long long)w->spec->year);
    return np_error_hint(w->err, "nullpunkt grant frame --year %lld --amount %.0f",
                         (long long)w->spec->year, out->promised);
}

static np_status read_all(commit_work *w)
{
    np_status status = grant_facts_read(&w->facts, w->store, NULL, w->arena, w->err);
    if (status == NP_OK)
        status = grant_facts_scheme(&w->scheme, &w->facts, w->spec->scheme, w->err);
    if (status == NP_OK)
        status = np_grant_accounts_read(&w->there, w->store,
                                        &(np_grant_filter){.scheme = w->scheme->id,
                                                           .project = w->spec->project,
                                                           .year = w->spec->year},
                                        w->spec->date, w->arena, w->err);
    if (status == NP_OK)
        status = grant_rows(&w->owed, w->store, "obligation",
                            "project period template template.sort template.name "
                            "template.name_nb template.name_nn waived",
                            3, "project", w->spec->project, w->arena, w->err);
    if (status != NP_OK)
        return status;
    w->promise = np_arena_array(w->arena, np_grant_promise, w->facts.n_projects + 1);
    return w->promise != NULL ? NP_OK : grant_no_memory(w->err);
}

static np_status check_spec(const np_grant_commit_spec *spec,
                            const np_entry_options *options, np_error *err)
{
    if (isnan(spec->amount))
        return NP_OK;
    np_status status = grant_check_amount(spec->amount, err);
    if (status != NP_OK)
        return status;
    if (spec->project == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("an amount other than the rule's is of one project: say which"));
    if (options->why[0] == '\0')
        return np_fail(err, NP_E_USAGE,
                       _("an amount other than the rule's needs a reason (--why)"));
    return NP_OK;
}

np_status np_grant_commit(np_grant_commit_result *out, np_store *store,
                          const np_grant_commit_spec *spec,
                          const np_entry_options *options, np_arena *arena, np_error *err)
{
    commit_work w = {
        .store = store, .spec = spec, .options = options, .arena = arena, .err = err};
    np_grant_commit_result result = {0};
    np_status status = check_spec(spec, options, err);
    if (status == NP_OK)
        status = np_entry_begin(&w.entry, store, options, arena, err);
    if (status != NP_OK)
        return status;
    status = grant_check_role(store, options->who, false, arena, err);
    if (status == NP_OK)
        status = np_obligations_put(w.entry, store, err);
    if (status == NP_OK)
        status = read_all(&w);
    if (status == NP_OK)
        status = spec->project != NULL ? promise_one(&w) : promise_all(&w);
    if (status == NP_OK)
        status = check_frame(&result, &w);
    if (status != NP_OK) {
        np_entry_abandon(w.entry);
        return status;
    }
    result.promise = w.promise;
    result.n = w.n;
    status = np_entry_end(&result.written, w.entry, err);
    if (status == NP_OK)
        *out = result;
    return status;
}
