#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/draft.h"
#include "programme/obligation.h"

static const char *since_text(const np_call *call, const np_owed *owed)
{
    switch (owed->state) {
    case NP_OWED_OVERDUE:
        return np_arena_format(call->arena,
                               owed->days == 1 ? _("for %d day") : _("for %d days"),
                               owed->days);
    case NP_OWED_WAIVED:
        return owed->reason;
    default:
        if (owed->received == NULL)
            return "";
        if (owed->days <= 0)
            return np_arena_format(call->arena, _("in time, %s"), owed->received);
        return np_arena_format(
            call->arena, owed->days == 1 ? _("%s, %d day late") : _("%s, %d days late"),
            owed->received, owed->days);
    }
}

static const char *count_note(const np_call *call, const np_owed_list *list)
{
    np_buf buf = {0};
    size_t n = 0;
    for (int s = 0; s < NP_N_OWED; s++) {
        if (list->n_by_state[s] == 0)
            continue;
        np_buf_format(&buf, "%s%zu %s", n++ == 0 ? "" : ", ", list->n_by_state[s],
                      _(np_owed_text((np_owed_state)s)));
    }
    const char *text = np_buf_done(&buf);
    char *copy =
        text == NULL ? NULL : np_arena_copy_text(call->arena, text, strlen(text));
    np_buf_free(&buf);
    return copy;
}

static np_status print_table(const np_call *call, const np_owed_list *list,
                             const char *as_of, np_error *err)
{
    np_table_builder *b = np_table_builder_new(
        call->arena, "obligations",
        np_arena_format(call->arena, _("Reports that are owed, as of %s"), as_of), 7);
    static const char *const head[] = {N_("Project"),
                                       N_("Cohort"),
                                       N_("Report"),
                                       N_("Period"),
                                       N_("Due"),
                                       N_("Status"),
                                       ""};
    np_table_builder_head(b);
    for (size_t c = 0; c < 7; c++) {
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
        np_table_builder_cell(b, head[c][0] == '\0' ? "" : _(head[c]));
    }
    for (size_t i = 0; i < list->n; i++) {
        const np_owed *o = &list->item[i];
        np_table_builder_row(b);
        np_table_builder_row_header(b, o->project_name, 0);
        np_table_builder_cell(b, o->cohort);
        np_table_builder_cell(b, o->template_name);
        np_table_builder_cell(b, o->period);
        np_table_builder_cell(b, o->due);
        np_table_builder_cell(b, _(np_owed_text(o->state)));
        np_table_builder_cell(b, since_text(call, o));
    }
    np_table_builder_note(b, "%s", count_note(call, list));
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static void put_owed(np_json *j, const np_owed *o)
{
    np_json_object(j);
    np_json_put_text(j, "id", o->id);
    np_json_put_text(j, "project", o->project);
    np_json_put_text(j, "project_name", o->project_name);
    np_json_put_text(j, "cohort", o->cohort);
    np_json_put_text(j, "template", o->template);
    np_json_put_text(j, "period", o->period);
    np_json_put_text(j, "due", o->due);
    np_json_put_text(j, "status", np_owed_word(o->state));
    np_json_put_text(j, "received", o->received);
    if (o->state == NP_OWED_OVERDUE)
        np_json_put_integer(j, "days_overdue", o->days);
    else if (o->received != NULL)
        np_json_put_integer(j, "days_late", o->days > 0 ? o->days : 0);
    np_json_put_bool(j, "locked", o->locked);
    np_json_put_text(j, "reason", o->reason);
    np_json_end_object(j);
}

static void print_json(const np_call *call, const np_owed_list *list, const char *as_of)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "as_of", as_of);
    np_json_key(&j, "obligations");
    np_json_array(&j);
    for (size_t i = 0; i < list->n; i++)
        put_owed(&j, &list->item[i]);
    np_json_end_array(&j);
    np_json_key(&j, "counts");
    np_json_object(&j);
    for (int s = 0; s < NP_N_OWED; s++)
        np_json_put_integer(&j, np_owed_word((np_owed_state)s),
                            (int64_t)list->n_by_state[s]);
    np_json_end_object(&j);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status list(const np_call *call, np_programme *programme, np_error *err)
{
    const np_arguments *a = call->arguments;
    char now[NP_DATE_LENGTH];
    np_date_format(now, np_date_today());
    const char *as_of = np_argument(a, "as-of");
    as_of = as_of == NULL ? now : as_of;
    np_owed_filter filter = {.project = np_argument(a, "project"),
                             .cohort = np_argument(a, "cohort"),
                             .template = np_argument(a, "template"),
                             .overdue = np_argument_given(a, "overdue"),
                             .open = !np_argument_given(a, "all")};
    np_owed_list owed;
    size_t n_missing = 0;
    np_status status =
        np_obligations_list(&owed, programme->store, as_of, &filter, call->arena, err);
    if (status == NP_OK)
        status = np_obligations_missing(&n_missing, programme->store, err);
    if (status != NP_OK)
        return status;
    if (n_missing > 0)
        np_buf_format(call->messages,
                      _("%zu obligations are to be made or waived: nullpunkt obligations "
                        "update\n"),
                      n_missing);
    if (owed.n == 0 && np_argument_choice(a, "format", 0) == 0) {
        np_buf_format(call->out, _("Nothing of this is owed, as of %s.\n"), as_of);
        return NP_OK;
    }
    if (!np_wants_json(a))
        return print_table(call, &owed, as_of, err);
    print_json(call, &owed, as_of);
    return NP_OK;
}

static np_status end_entry(const np_call *call, np_entry *entry, bool *answer_no,
                           np_error *err)
{
    np_entry_result result;
    np_status status = np_entry_end(&result, entry, err);
    if (status != NP_OK)
        return status;
    *answer_no = result.n_objections > 0;
    if (result.n_objections > 0)
        np_buf_add(call->out, _("Nothing was written.\n"));
    else
        np_buf_format(call->out, _("%zu new, %zu changed%s\n"), result.n_new,
                      result.n_changed, result.written ? "" : _("; nothing was written"));
    return NP_OK;
}

static np_status update(const np_call *call, np_programme *programme, bool *answer_no,
                        np_error *err)
{
    np_entry_options options;
    np_entry *entry;
    np_status status = np_writing_options(&options, call, "obligations", err);
    if (status == NP_OK)
        status = np_entry_begin(&entry, programme->store, &options, call->arena, err);
    if (status != NP_OK)
        return status;
    status = np_obligations_put(entry, programme->store, err);
    if (status == NP_OK)
        return end_entry(call, entry, answer_no, err);
    np_entry_abandon(entry);
    return status;
}

/* move ID DATE and waive ID, both with --why. */
static np_status change(const np_call *call, np_programme *programme, bool *answer_no,
                        np_error *err)
{
    const np_arguments *a = call->arguments;
    bool moves = strcmp(np_positional(a, 0), "move") == 0;
    const char *id = np_positional(a, 1), *date = np_positional(a, 2);
    np_entry_options options;
    np_entry *entry;
    np_record record;
    np_draft draft;
    if (id == NULL || (date != NULL) != moves || np_argument(a, "why") == NULL) {
        np_fail(err, NP_E_USAGE,
                _("an obligation is moved or waived with a reason, for the log"));
        return np_error_hint(err,
                             "nullpunkt obligations %s PROJECT/TEMPLATE/PERIOD %s"
                             "--why TEXT",
                             np_positional(a, 0), moves ? "DATE " : "");
    }
    np_status status = np_writing_options(&options, call, "obligations", err);
    if (status == NP_OK)
        status = np_store_get(&record, programme->store, np_kind_find("obligation"), id,
                              call->arena, err);
    if (status == NP_OK)
        status = np_entry_begin(&entry, programme->store, &options, call->arena, err);
    if (status != NP_OK)
        return status;
    np_draft_of(&draft, &record);
    np_draft_text(&draft, "reason", options.why);
    if (moves)
        np_draft_text(&draft, "due", date);
    else
        np_draft_integer(&draft, "waived", 1);
    status = np_entry_put(entry, &draft.record, NULL, err);
    if (status == NP_OK)
        return end_entry(call, entry, answer_no, err);
    np_entry_abandon(entry);
    return status;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const char *act = np_positional(call->arguments, 0);
    bool lists = act == NULL;
    np_programme *programme;
    if (!lists && strcmp(act, "update") != 0 && strcmp(act, "move") != 0 &&
        strcmp(act, "waive") != 0) {
        np_fail(err, NP_E_USAGE, _("%s is nothing that can be done with obligations"),
                act);
        return np_error_hint(err, _("it is one of %s"), "update, move, waive");
    }
    np_status status = np_programme_of_call(&programme, call,
                                            lists ? NP_STORE_READ : NP_STORE_WRITE, err);
    if (status != NP_OK)
        return status;
    status = lists                        ? list(call, programme, err)
             : strcmp(act, "update") == 0 ? update(call, programme, answer_no, err)
                                          : change(call, programme, answer_no, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    NP_WRITING_OPTIONS,
    {"as-of", "DATE", N_("The day that counts. Default: today."), NULL, false},
    {"project", "ID", N_("Only this project."), NULL, false},
    {"cohort", "ID", N_("Only this cohort."), NULL, false},
    {"template", "ID", N_("Only this report."), NULL, false},
    {"overdue", NULL, N_("Only what is overdue."), NULL, false},
    {"all", NULL, N_("Also what has come and what is waived."), NULL, false},
    NP_FORMAT_OPTION,
};

const np_command np_command_obligations = {
    .name = "obligations",
    .summary = N_("who owes which report, since when"),
    .synopsis = "[update | move ID DATE | waive ID] [options]",
    .description = N_(
        "Every admitted project owes reports by the templates of programme.yaml. What is "
        "owed is kept as records, so that a report that does not come is seen. Without "
        "an "
        "argument the reports that have not come are listed, the overdue ones with how "
        "long.\n\n"
        "update makes what is owed and not there yet, and waives what is owed no longer, "
        "since a project withdrew or ends earlier. move gives one obligation another "
        "day, "
        "waive asks for it no more; both say why."),
    .examples =
        "nullpunkt obligations --overdue\n"
        "nullpunkt obligations --as-of 2014-02-02 --format csv\n"
        "nullpunkt obligations move halden/annual-2/2013 2014-03-01 --why Illness",
    .n_positional_max = 3,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
