#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/report.h"

static const char *yes_or_no(bool it)
{
    return it ? _("yes") : _("no");
}

/* A word and what is said of it, in columns. */
static void show_line(np_buf *out, const char *word, const char *said)
{
    enum { COLUMN = 11 };
    size_t width = np_utf8_width(word, strlen(word));
    np_buf_add(out, word);
    np_buf_add_times(out, ' ', width < COLUMN ? COLUMN - width : 1);
    np_buf_add(out, said);
}

static void show_text(const np_call *call, const np_report_state *s)
{
    np_buf *out = call->out;
    np_buf_format(out, "%s: %s\n\n", s->id, _(s->status));
    show_line(out, _("complete"), yes_or_no(s->complete));
    np_buf_add_char(out, '\n');
    show_line(out, _("on time"), yes_or_no(s->on_time));
    np_buf_format(out, " (%s %s, %s %s)\n", _("received"),
                  s->received == NULL ? _("never") : s->received, _("due"),
                  s->due == NULL ? _("never") : s->due);
    show_line(out, _("approved"), yes_or_no(s->approved));
    np_buf_add_char(out, '\n');
    show_line(out, _("locked"), yes_or_no(s->locked));
    np_buf_add_char(out, '\n');
    if (s->n_gaps > 0)
        np_buf_format(out, "\n%s\n", _("What lacks:"));
    for (size_t i = 0; i < s->n_gaps; i++)
        np_buf_format(out, "  %s %s: %s\n", _(s->gap[i].kind), s->gap[i].id,
                      s->gap[i].text);
    if (s->n_events > 0)
        np_buf_format(out, "\n%s\n", _("What happened:"));
    for (size_t i = 0; i < s->n_events; i++) {
        const np_report_event *e = &s->event[i];
        np_buf_format(out, "  %lld. %s  %s  %s", (long long)e->number, e->moment,
                      _(e->event), e->done_by);
        if (e->hash != NULL)
            np_buf_format(out, "  %s %.12s…%s", _("copy"), e->hash,
                          e->is_intact ? "" : _(" IS NOT WHAT WAS FROZEN"));
        np_buf_format(out, "%s%s\n", e->note != NULL ? ": " : "",
                      e->note != NULL ? e->note : "");
    }
}

static void put_list(np_json *j, const np_report_state *s)
{
    np_json_key(j, "missing");
    np_json_array(j);
    for (size_t i = 0; i < s->n_gaps; i++) {
        np_json_object(j);
        np_json_put_text(j, "kind", s->gap[i].kind);
        np_json_put_text(j, "id", s->gap[i].id);
        np_json_put_text(j, "text", s->gap[i].text);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_key(j, "events");
    np_json_array(j);
    for (size_t i = 0; i < s->n_events; i++) {
        const np_report_event *e = &s->event[i];
        np_json_object(j);
        np_json_put_integer(j, "number", e->number);
        np_json_put_text(j, "event", e->event);
        np_json_put_text(j, "moment", e->moment);
        np_json_put_text(j, "done_by", e->done_by);
        np_json_put_text(j, "note", e->note);
        np_json_put_text(j, "hash", e->hash);
        if (e->hash != NULL)
            np_json_put_bool(j, "intact", e->is_intact);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void show_json(const np_call *call, const np_report_state *s)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "report", s->id);
    np_json_put_text(&j, "status", s->status);
    np_json_put_text(&j, "due", s->due);
    np_json_put_text(&j, "received", s->received);
    np_json_put_bool(&j, "complete", s->complete);
    np_json_put_bool(&j, "on_time", s->on_time);
    np_json_put_bool(&j, "approved", s->approved);
    np_json_put_bool(&j, "locked", s->locked);
    put_list(&j, s);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status show(const np_call *call, const char *report, np_error *err)
{
    np_programme *programme;
    np_report_state state;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    status = np_report_state_of(&state, programme->store, report, call->arena, err);
    if (status == NP_OK && np_wants_json(call->arguments))
        show_json(call, &state);
    else if (status == NP_OK)
        show_text(call, &state);
    np_programme_close(programme);
    return status;
}

static np_status show_copy(const np_call *call, const char *report, np_error *err)
{
    np_programme *programme;
    np_record copy;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    const char *id = np_arena_format(call->arena, "%s/%s", report,
                                     np_argument(call->arguments, "copy"));
    status = id == NULL ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                        : np_store_get(&copy, programme->store,
                                       np_kind_find("report_copy"), id, call->arena, err);
    if (status == NP_OK)
        np_buf_format(call->out, "%s\n", np_record_text(&copy, "body"));
    np_programme_close(programme);
    return status;
}

static np_status act_on(const np_call *call, const char *report, np_report_act act,
                        const char *note, bool *answer_no, np_error *err)
{
    static const char *const action[] = {"return", "approve", "lock", "reopen"};
    static const char *const done[] = {N_("%s: returned\n"), N_("%s: approved\n"),
                                       N_("%s: locked\n"), N_("%s: reopened\n")};
    np_programme *programme;
    np_entry_options o;
    np_entry_result result = {0};
    np_status status = np_programme_of_call(&programme, call, NP_STORE_WRITE, err);
    if (status != NP_OK)
        return status;
    status = np_writing_options(&o, call, action[act], err);
    if (status == NP_OK)
        status = np_report_review(&result, programme->store, report, act, note, &o,
                                  call->arena, err);
    np_programme_close(programme);
    if (status != NP_OK)
        return status;
    *answer_no = result.n_objections > 0;
    if (result.written)
        np_buf_format(call->out, _(done[act]), report);
    else
        np_buf_add(call->out, _("Nothing was written.\n"));
    return NP_OK;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    static const char *const acts[] = {"return", "approve", "lock", "reopen"};
    const np_arguments *a = call->arguments;
    const char *report = np_positional(a, 0);
    size_t n = 0, which = 0;
    for (size_t i = 0; i < 4; i++)
        if (np_argument_given(a, acts[i])) {
            which = i;
            n++;
        }
    if (n > 1)
        return np_fail(err, NP_E_USAGE,
                       _("one of --return, --approve, --lock and --reopen"));
    if (n == 0)
        return np_argument_given(a, "copy") ? show_copy(call, report, err)
                                            : show(call, report, err);
    const char *note = np_argument(a, acts[which]);
    bool takes_note = which == NP_REPORT_RETURN || which == NP_REPORT_REOPEN;
    return act_on(call, report, (np_report_act)which,
                  takes_note ? note : np_argument(a, "why"), answer_no, err);
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    NP_WRITING_OPTIONS,
    {"return", "NOTE", N_("Sends it back, saying what is to be mended."), NULL, false},
    {"approve", NULL, N_("Approves it; a copy of what was approved is frozen."), NULL,
     false},
    {"lock", NULL, N_("Lets nothing in it change any more."), NULL, false},
    {"reopen", "NOTE", N_("Opens an approved or locked report again, saying why."), NULL,
     false},
    {"copy", "NUMBER", N_("Prints the frozen copy of that event, as JSON."), NULL, false},
    {"format", "FORMAT", N_("How it is shown. Default: text."), "text|json", false},
};

const np_command np_command_review = {
    .name = "review",
    .summary = N_("shows a report, returns, approves, locks or reopens it"),
    .synopsis = "REPORT [--return NOTE | --approve | --lock | --reopen NOTE] [options]",
    .description = N_(
        "A report is named project/template/period. Without more it is shown whether it "
        "is complete, on time, approved and locked, which are four things; what it "
        "lacks; and who did what with it when.\n\n"
        "Who submitted a report does not approve it."),
    .examples = "nullpunkt review halden/annual-2/2013\n"
                "nullpunkt review halden/annual-2/2013 --return \"Say what became of "
                "measure 2\"\n"
                "nullpunkt review halden/annual-2/2013 --approve",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
