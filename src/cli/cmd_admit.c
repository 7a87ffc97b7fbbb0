#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/admission.h"
#include "programme/draft.h"

/* Those of the field decision.outcome and of exception.rule, which a test holds them to.
 */
#define OUTCOMES "admit|refuse|ask_for_more"

static const char *state_text(np_demand_state state)
{
    switch (state) {
    case NP_DEMAND_MET:
        return _("met");
    case NP_DEMAND_EXCEPTED:
        return _("excepted");
    case NP_DEMAND_MISSING:
        return _("missing");
    }
    return "";
}

static const char *state_word(np_demand_state state)
{
    static const char *const words[] = {"met", "excepted", "missing"};
    return words[state];
}

static const char *detail_of(const np_call *call, const np_demand *d)
{
    if (d->state != NP_DEMAND_EXCEPTED)
        return d->detail;
    return np_arena_format(call->arena, _("%s; exception granted by %s"), d->detail,
                           d->granted_by);
}

static const char *standing(const np_call *call, const np_admission *a)
{
    if (a->outcome == NULL)
        return _("not decided");
    return np_arena_format(call->arena, _("%s on %s"), a->outcome, a->decided);
}

static np_status finish_table(const np_call *call, np_table_builder *b, np_error *err)
{
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static void start_table(np_table_builder *b, const char *const *head, size_t n)
{
    np_table_builder_head(b);
    for (size_t c = 0; c < n; c++) {
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
        np_table_builder_cell(b, head[c]);
    }
}

static np_status print_one(const np_call *call, const np_admission *a, np_error *err)
{
    const char *const head[] = {_("Demand"), _("Theme"), _("Is"), _("What there is")};
    np_table_builder *b = np_table_builder_new(
        call->arena, "admission",
        np_arena_format(call->arena, _("The application of %s"), a->project_name), 4);
    start_table(b, head, 4);
    for (size_t i = 0; i < a->n_demands; i++) {
        const np_demand *d = &a->demand[i];
        np_table_builder_row(b);
        np_table_builder_row_header(b, d->demand, 0);
        np_table_builder_cell(b, d->theme != NULL ? d->theme : "");
        np_table_builder_cell(b, state_text(d->state));
        np_table_builder_cell(b, detail_of(call, d));
    }
    np_table_builder_note(b,
                          a->late ? _("Received on %s, after the deadline %s; %s.")
                                  : _("Received on %s, before the deadline %s; %s."),
                          a->received, a->deadline, standing(call, a));
    return finish_table(call, b, err);
}

static const char *missing_of(const np_call *call, const np_admission *a)
{
    np_buf names = {0};
    for (size_t i = 0; i < a->n_demands; i++)
        if (a->demand[i].state == NP_DEMAND_MISSING)
            np_buf_format(&names, "%s%s%s%s", names.length > 0 ? ", " : "",
                          a->demand[i].demand, a->demand[i].theme != NULL ? "@" : "",
                          a->demand[i].theme != NULL ? a->demand[i].theme : "");
    const char *text = np_buf_done(&names);
    text = text != NULL ? np_arena_copy_text(call->arena, text, strlen(text)) : NULL;
    np_buf_free(&names);
    return text;
}

static np_status print_list(const np_call *call, const np_admission *list, size_t n,
                            np_error *err)
{
    const char *const head[] = {_("Application"), _("Project"),  _("Received"),
                                _("Decision"),    _("Excepted"), _("Missing")};
    np_table_builder *b =
        np_table_builder_new(call->arena, "applications", _("Applications"), 6);
    size_t n_ready = 0;
    start_table(b, head, 6);
    for (size_t i = 0; i < n; i++) {
        const np_admission *a = &list[i];
        n_ready += a->n_missing == 0;
        np_table_builder_row(b);
        np_table_builder_row_header(b, a->application, 0);
        np_table_builder_cell(b, a->project_name);
        np_table_builder_cell(
            b, a->late ? np_arena_format(call->arena, _("%s, late"), a->received)
                       : a->received);
        np_table_builder_cell(b, standing(call, a));
        np_table_builder_cell(b, np_arena_format(call->arena, "%zu", a->n_excepted));
        np_table_builder_cell(b, missing_of(call, a));
    }
    np_table_builder_note(b, _("%zu of %zu applications lack nothing."), n_ready, n);
    return finish_table(call, b, err);
}

static void put_admission(np_json *j, const np_admission *a)
{
    np_json_object(j);
    np_json_put_text(j, "application", a->application);
    np_json_put_text(j, "project", a->project);
    np_json_put_text(j, "project_name", a->project_name);
    np_json_put_text(j, "call", a->call);
    np_json_put_text(j, "received", a->received);
    np_json_put_text(j, "deadline", a->deadline);
    np_json_put_bool(j, "late", a->late);
    np_json_put_text(j, "outcome", a->outcome);
    np_json_put_text(j, "decided", a->decided);
    np_json_put_integer(j, "n_missing", (int64_t)a->n_missing);
    np_json_key(j, "demands");
    np_json_array(j);
    for (size_t i = 0; i < a->n_demands; i++) {
        np_json_object(j);
        np_json_put_text(j, "demand", a->demand[i].demand);
        np_json_put_text(j, "theme", a->demand[i].theme);
        np_json_put_text(j, "state", state_word(a->demand[i].state));
        np_json_put_text(j, "detail", a->demand[i].detail);
        np_json_put_text(j, "granted_by", a->demand[i].granted_by);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

static void print_json(const np_call *call, const np_admission *list, size_t n)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_key(&j, "applications");
    np_json_array(&j);
    for (size_t i = 0; i < n; i++)
        put_admission(&j, &list[i]);
    np_json_end_array(&j);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status review(const np_call *call, np_store *store, bool *answer_no,
                        np_error *err)
{
    np_admission a;
    np_status status = np_admission_review(&a, store, np_positional(call->arguments, 0),
                                           call->arena, err);
    if (status != NP_OK)
        return status;
    *answer_no = a.n_missing > 0;
    if (!np_wants_json(call->arguments))
        return print_one(call, &a, err);
    print_json(call, &a, 1);
    return NP_OK;
}

static np_status list(const np_call *call, np_store *store, np_error *err)
{
    const np_admission *all;
    size_t n;
    np_status status = np_admission_list(
        &all, &n, store, np_positional(call->arguments, 0), call->arena, err);
    if (status != NP_OK)
        return status;
    if (!np_wants_json(call->arguments))
        return print_list(call, all, n, err);
    print_json(call, all, n);
    return NP_OK;
}

typedef struct {
    const np_call *call;
    const char *reason, *date, *decided_by, *project;
    np_entry *entry;
} deciding;

/* "baseline@absence": the demand, and the theme that it is of. */
static np_status put_exception(const deciding *d, const char *text, np_error *err)
{
    const char *granted_by = np_argument(d->call->arguments, "granted-by");
    const char *at = strchr(text, '@');
    size_t length = at != NULL ? (size_t)(at - text) : strlen(text);
    const char *rule = np_arena_copy_text(d->call->arena, text, length);
    np_draft draft;
    if (rule == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (granted_by == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("an exception is granted by somebody, by name: --granted-by"));
    np_draft_start(&draft, "exception", NULL);
    np_draft_text(&draft, "project", d->project);
    np_draft_text(&draft, "theme", at != NULL ? at + 1 : NULL);
    np_draft_text(&draft, "rule", rule);
    np_draft_text(&draft, "reason", d->reason);
    np_draft_text(&draft, "granted_by", granted_by);
    np_draft_text(&draft, "date", d->date);
    return np_entry_put(d->entry, &draft.record, NULL, err);
}

static np_status put_decision(const deciding *d, np_error *err)
{
    const np_arguments *a = d->call->arguments;
    np_status status = NP_OK;
    for (size_t i = 0; i < np_argument_count(a, "exception") && status == NP_OK; i++)
        status = put_exception(d, np_argument_at(a, "exception", i), err);
    if (status != NP_OK)
        return status;
    np_draft draft;
    np_draft_start(&draft, "decision", NULL);
    np_draft_text(&draft, "application", np_positional(a, 0));
    np_draft_text(&draft, "outcome", np_argument(a, "outcome"));
    np_draft_text(&draft, "date", d->date);
    np_draft_text(&draft, "reason", d->reason);
    np_draft_text(&draft, "decided_by", d->decided_by);
    return np_entry_put(d->entry, &draft.record, NULL, err);
}

static np_status tell(const deciding *d, const np_admission *a,
                      const np_entry_result *result)
{
    np_buf *out = d->call->out;
    const char *outcome = np_argument(d->call->arguments, "outcome");
    if (result->n_objections > 0) {
        np_buf_format(out, _("%s was not decided: nothing was written\n"),
                      a->application);
        return NP_OK;
    }
    np_buf_format(out, _("%s (%s): %s on %s"), a->application, a->project_name, outcome,
                  d->date);
    np_buf_add(out, result->written ? "\n" : _("; nothing was written\n"));
    for (size_t i = 0; i < a->n_demands && strcmp(outcome, "admit") == 0; i++)
        if (a->demand[i].state == NP_DEMAND_EXCEPTED)
            np_buf_format(out, _("  exception: %s%s%s, granted by %s\n"),
                          a->demand[i].demand, a->demand[i].theme != NULL ? "@" : "",
                          a->demand[i].theme != NULL ? a->demand[i].theme : "",
                          a->demand[i].granted_by);
    return NP_OK;
}

static np_status decide(const np_call *call, np_store *store, bool *answer_no,
                        np_error *err)
{
    const np_arguments *a = call->arguments;
    char today[NP_DATE_LENGTH];
    np_date_format(today, np_date_today());
    deciding d = {.call = call,
                  .reason = np_argument(a, "reason"),
                  .date = np_argument(a, "date"),
                  .decided_by = np_argument(a, "decided-by")};
    np_entry_options options;
    np_admission before, after;
    np_entry_result result;
    if (d.reason == NULL)
        return np_fail(err, NP_E_USAGE, _("a decision has a reason: --reason TEXT"));
    np_status status = np_writing_options(&options, call, "admit", err);
    if (status == NP_OK)
        status =
            np_admission_review(&before, store, np_positional(a, 0), call->arena, err);
    if (status == NP_OK)
        status = np_entry_begin(&d.entry, store, &options, call->arena, err);
    if (status != NP_OK)
        return status;
    d.project = before.project;
    d.date = d.date != NULL ? d.date : np_arena_copy_text(call->arena, today, 10);
    d.decided_by = d.decided_by != NULL ? d.decided_by : options.who;
    status = put_decision(&d, err);
    if (status == NP_OK) /* with the exceptions of this entry */
        status =
            np_admission_review(&after, store, np_positional(a, 0), call->arena, err);
    if (status != NP_OK) {
        np_entry_abandon(d.entry);
        return status;
    }
    status = np_entry_end(&result, d.entry, err);
    if (status != NP_OK)
        return status;
    *answer_no = result.n_objections > 0;
    return tell(&d, &after, &result);
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const np_arguments *a = call->arguments;
    bool lists = np_argument_given(a, "list"), decides = np_argument_given(a, "outcome");
    np_programme *programme;
    if (!lists && np_positional(a, 0) == NULL)
        return np_fail(err, NP_E_USAGE, _("name an application, or give --list"));
    if (!decides && np_argument_count(a, "exception") > 0)
        return np_fail(err, NP_E_USAGE,
                       _("an exception is granted with a decision: --outcome admit"));
    np_status status = np_programme_of_call(
        &programme, call, decides ? NP_STORE_WRITE : NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    status = lists     ? list(call, programme->store, err)
             : decides ? decide(call, programme->store, answer_no, err)
                       : review(call, programme->store, answer_no, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"list", NULL, N_("Lists the applications, those of CALL where it is given."), NULL,
     false},
    {"outcome", "OUTCOME", N_("Decides on the application."), OUTCOMES, false},
    {"reason", "TEXT", N_("Why; a decision needs it."), NULL, false},
    {"date", "DATE", N_("The day of the decision. Default: today."), NULL, false},
    {"decided-by", "NAME", N_("Who answers for it. Default: who writes."), NULL, false},
    {"exception", "DEMAND[@THEME]",
     N_("Grants an exception from one demand, for one theme or the project. May be "
        "repeated."),
     NULL, true},
    {"granted-by", "NAME", N_("Who grants the exceptions."), NULL, false},
    NP_WRITING_OPTIONS,
    NP_FORMAT_OPTION,
};

const np_command np_command_admit = {
    .name = "admit",
    .summary = N_("what an application lacks, and the decision on it"),
    .synopsis = "APPLICATION [options] | --list [CALL]",
    .description = N_(
        "Whoever is admitted has the word of the three local parties and, for each main "
        "theme, a result goal with an indicator, a baseline (value, date, source, scope) "
        "and a target with a date: or an exception, granted by name, for exactly that "
        "demand.\n\n"
        "Without --outcome each demand is listed with what there is, and the exit code "
        "is 1 where something is missing. With --outcome the decision is written; to "
        "admit is refused while a demand is neither met nor excepted."),
    .examples = "nullpunkt admit --list\n"
                "nullpunkt admit first-call/halden\n"
                "nullpunkt admit first-call/halden --outcome admit --reason \"Anchored, "
                "measurable\"\n"
                "nullpunkt admit first-call/moss --outcome admit --reason \"New unit\" "
                "\\\n"
                "    --exception baseline@absence --granted-by \"Kari Nordmann\"",
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
