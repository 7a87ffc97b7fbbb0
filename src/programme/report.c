#include "programme/report.h"

#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "programme/draft.h"
#include "store/query.h"

typedef struct {
    np_store *store;
    np_arena *arena;
    np_error *err;
    const char *report;
    np_entry *entry;
    const char *who;
} report_work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static np_status put_event(report_work *w, const char *event, const char *note,
                           int64_t *number)
{
    np_rows rows;
    np_draft draft;
    char moment[NP_MOMENT_LENGTH];
    np_moment_now(moment);
    np_status status = np_store_rows(&rows, w->store, "report_event", "number", "report",
                                     w->report, w->arena, w->err);
    if (status != NP_OK)
        return status;
    *number = (int64_t)rows.n_rows + 1;
    np_draft_start(&draft, "report_event", NULL);
    np_draft_text(&draft, "report", w->report);
    np_draft_integer(&draft, "number", *number);
    np_draft_text(&draft, "event", event);
    np_draft_text(&draft, "moment", moment);
    np_draft_text(&draft, "done_by", w->who);
    np_draft_text(&draft, "note", note);
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

/* An event that freezes what the report says. */
static np_status put_frozen(report_work *w, const char *event, const char *note)
{
    int64_t number;
    const char *body;
    char hash[NP_HASH_LENGTH];
    np_draft draft;
    np_status status = put_event(w, event, note, &number);
    if (status == NP_OK)
        status = np_report_body(&body, hash, w->store, w->report, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_draft_start(&draft, "report_copy", NULL);
    np_draft_text(&draft, "report", w->report);
    np_draft_integer(&draft, "number", number);
    np_draft_text(&draft, "event", event);
    np_draft_text(&draft, "body", body);
    np_draft_text(&draft, "hash", hash);
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

/* The hash of what was submitted last; "" where nothing was. */
static np_status last_submitted(char out[NP_HASH_LENGTH], report_work *w)
{
    np_rows rows;
    int64_t last = 0;
    np_status status = np_store_rows(&rows, w->store, "report_copy", "number event hash",
                                     "report", w->report, w->arena, w->err);
    out[0] = '\0';
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        int64_t number = np_rows_integer(&rows, i, 0, 0);
        if (number < last || !is(np_rows_text(&rows, i, 1), "submitted"))
            continue;
        last = number;
        np_text_format(out, NP_HASH_LENGTH, "%s", np_rows_text(&rows, i, 2));
    }
    return status;
}

/* Answers, items and accounts that the form no longer has. */
static np_status retract_vanished(report_work *w, const np_form *form)
{
    static const char *const kinds[] = {"answer", "item", "measure_account"};
    np_text_map *stays = np_text_map_new(w->arena);
    if (stays == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < form->n; i++) {
        const char *id = form->item[i].record.id;
        if (np_text_map_add(stays, id, strlen(id)) < 0)
            return no_memory(w->err);
    }
    np_status status = NP_OK;
    for (size_t k = 0; k < 3 && status == NP_OK; k++) {
        np_rows rows;
        status = np_store_rows(&rows, w->store, kinds[k], "id", "report", w->report,
                               w->arena, w->err);
        for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
            const char *id = np_rows_text(&rows, i, 0);
            if (np_text_map_find(stays, id, strlen(id)) < 0)
                status = np_entry_retract(w->entry, np_kind_find(kinds[k]), id, w->err);
        }
    }
    return status;
}

/* The fields that a form does not speak of stay as they are where a measure is there
 * already; of anything else the form has all fields. */
static np_status put_over(report_work *w, const np_record *record)
{
    np_draft draft;
    np_record there;
    bool exists;
    np_status status = np_store_has(&exists, w->store, record->kind, record->id, w->err);
    if (status != NP_OK || !exists || !is(record->kind->name, "measure"))
        return status != NP_OK ? status : np_entry_put(w->entry, record, NULL, w->err);
    status = np_store_get(&there, w->store, record->kind, record->id, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_draft_of(&draft, &there);
    for (size_t f = 0; f < record->kind->n_fields; f++)
        if (record->value[f].type != NP_VALUE_NONE)
            draft.value[f] = record->value[f];
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

static np_status put_report(report_work *w, const np_form *form, const char *status,
                            const char *received, const char *note)
{
    np_draft draft;
    np_draft_start(&draft, "report", w->report);
    np_draft_text(&draft, "project", form->project);
    np_draft_text(&draft, "template", form->template);
    np_draft_text(&draft, "period", form->period);
    np_draft_text(&draft, "status", status);
    np_draft_text(&draft, "received", received);
    np_draft_text(&draft, "note", note);
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

static np_status refuse_open(const report_work *w, const char *what, const char *hint)
{
    np_fail(w->err, NP_E_USAGE, "%s: %s", w->report, what);
    return np_error_hint(w->err, "%s", hint);
}

static np_status refuse_closed(const report_work *w, const np_record *there)
{
    if (np_record_integer(there, "locked", 0) == 1)
        return refuse_open(w, _("the report is locked"),
                           _("nullpunkt review REPORT --reopen NOTE opens it"));
    return refuse_open(w, _("the report is approved"),
                       _("nullpunkt review REPORT --reopen NOTE opens it"));
}

/* What lacks is told here once, and not by the rules again. */
typedef struct {
    const np_entry_options *options;
    bool drop;
    size_t n_dropped;
} gap_sink;

static void pass_on(void *context, const np_objection *o)
{
    gap_sink *sink = context;
    if (sink->drop &&
        (is(o->rule, "measure_not_accounted") || is(o->rule, "required_unanswered")))
        sink->n_dropped++;
    else
        sink->options->sink(sink->options->context, o);
}

static np_status object_to_gaps(report_work *w, const np_form *form, gap_sink *sink)
{
    const np_report_gap *gap;
    size_t n;
    np_status status = np_report_gaps(&gap, &n, w->store, form->project, form->template,
                                      form->period, w->arena, w->err);
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        bool measure = is(gap[i].kind, "measure");
        char message[512];
        np_text_format(message, sizeof message,
                       measure ? _("it does not say what became of the measure %s: %s")
                       : is(gap[i].kind, "goal")
                           ? _("the goal %s has neither a value nor a reason: %s")
                           : _("%s is not answered: %s"),
                       gap[i].id, gap[i].text);
        np_entry_object(
            w->entry,
            &(np_objection){
                .kind = "report",
                .id = w->report,
                .field = "",
                .rule = measure ? "measure_not_accounted" : "required_unanswered",
                .message = message,
                .hint = measure ? _("give its status: planned, under_way, finished or "
                                    "shelved")
                                : _("answer it, or say why not: {missing: "
                                    "not_measured}")});
    }
    sink->drop = true;
    return status;
}

static np_status write_content(report_work *w, const np_form *form)
{
    np_status status = retract_vanished(w, form);
    for (size_t i = 0; i < form->n && status == NP_OK; i++)
        status = put_over(w, &form->item[i].record);
    return status;
}

/* In the entry that is begun. *already: what is there says the same. */
static np_status write_report(report_work *w, const np_form *form,
                              const np_report_options *options, gap_sink *sink,
                              bool *already)
{
    const np_kind *kind = np_kind_find("report");
    np_record there;
    bool exists, submits = !options->draft;
    char before[NP_HASH_LENGTH], after[NP_HASH_LENGTH];
    const char *was = NULL, *received = NULL, *body, *note = NULL;
    np_status status = np_store_has(&exists, w->store, kind, w->report, w->err);
    if (status == NP_OK && exists)
        status = np_store_get(&there, w->store, kind, w->report, w->arena, w->err);
    if (status == NP_OK)
        status = last_submitted(before, w);
    if (status != NP_OK)
        return status;
    if (exists) {
        was = np_record_text(&there, "status");
        received = np_record_text(&there, "received");
        note = np_record_text(&there, "note");
        if (is(was, "approved") || np_record_integer(&there, "locked", 0) == 1)
            return refuse_closed(w, &there);
    }
    bool standing = is(was, "submitted");
    const char *becomes = submits || standing ? "submitted" : exists ? was : "draft";
    status =
        put_report(w, form, becomes,
                   received != NULL || !submits ? received : options->received, note);
    int64_t number;
    if (status == NP_OK && !exists)
        status = put_event(w, "opened", NULL, &number);
    if (status == NP_OK)
        status = write_content(w, form);
    if (status == NP_OK)
        status = np_report_body(&body, after, w->store, w->report, w->arena, w->err);
    if (status != NP_OK)
        return status;
    *already = standing && strcmp(before, after) == 0;
    if (standing && !*already)
        return refuse_open(w, _("the report is submitted, and this says something else"),
                           _("it can be sent in again when it was returned: nullpunkt "
                             "review REPORT --return NOTE"));
    if (*already || !submits)
        return NP_OK;
    status = object_to_gaps(w, form, sink);
    return status == NP_OK ? put_frozen(w, "submitted", NULL) : status;
}

np_status np_report_submit(np_report_result *out, np_entry_result *result,
                           np_store *store, const np_form *form,
                           const np_report_options *options, np_arena *arena,
                           np_error *err)
{
    gap_sink sink = {.options = &options->entry};
    np_entry_options judged = options->entry;
    judged.sink = pass_on;
    judged.context = &sink;
    bool already = false;
    report_work w = {.store = store,
                     .arena = arena,
                     .err = err,
                     .report = form->report,
                     .who = options->entry.who};
    np_status status = np_entry_begin(&w.entry, store, &judged, arena, err);
    if (status != NP_OK)
        return status;
    status = write_report(&w, form, options, &sink, &already);
    if (status != NP_OK || already) {
        np_entry_abandon(w.entry);
        if (status != NP_OK)
            return status;
        *out = NP_REPORT_ALREADY;
        *result = (np_entry_result){0};
        return NP_OK;
    }
    status = np_entry_end(result, w.entry, err);
    if (status != NP_OK)
        return status;
    result->n_objections -= sink.n_dropped;
    *out = result->written ? NP_REPORT_WRITTEN
           : result->n_objections == 0 && !options->entry.dry_run
               ? NP_REPORT_ALREADY /* a draft that says the same */
               : NP_REPORT_REFUSED;
    return NP_OK;
}

/* Who sent it in last. */
static np_status last_submitter(const char **out, report_work *w)
{
    np_rows rows;
    int64_t last = 0;
    np_status status =
        np_store_rows(&rows, w->store, "report_event", "number event done_by", "report",
                      w->report, w->arena, w->err);
    *out = NULL;
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        int64_t number = np_rows_integer(&rows, i, 0, 0);
        if (number > last && is(np_rows_text(&rows, i, 1), "submitted")) {
            last = number;
            *out = np_rows_text(&rows, i, 2);
        }
    }
    return status;
}

static np_status may_be_done(report_work *w, const np_record *there, np_report_act act,
                             const char *note)
{
    const char *status = np_record_text(there, "status"), *submitter;
    bool locked = np_record_integer(there, "locked", 0) == 1;
    if (act == NP_REPORT_REOPEN)
        return (locked || is(status, "approved")) && note != NULL
                   ? NP_OK
                   : refuse_open(w,
                                 note == NULL
                                     ? _("a report is reopened with a note that says why")
                                     : _("the report is neither approved nor locked"),
                                 _("nullpunkt review REPORT tells where it stands"));
    if (locked)
        return refuse_closed(w, there);
    if (act == NP_REPORT_LOCK)
        return is(status, "approved") || is(status, "submitted")
                   ? NP_OK
                   : refuse_open(w, _("only a submitted or approved report is locked"),
                                 _("nullpunkt review REPORT tells where it stands"));
    if (!is(status, "submitted"))
        return refuse_open(w, _("the report is not submitted"),
                           _("nullpunkt review REPORT tells where it stands"));
    if (act == NP_REPORT_RETURN)
        return note != NULL
                   ? NP_OK
                   : refuse_open(w, _("a report is returned with a note that says why"),
                                 "--return NOTE");
    np_status found = last_submitter(&submitter, w);
    if (found == NP_OK && is(submitter, w->who))
        return refuse_open(w, _("who submitted a report does not approve it"),
                           _("another user has to"));
    return found;
}

static np_status do_act(report_work *w, const np_record *there, np_report_act act,
                        const char *note)
{
    static const char *const event[] = {"returned", "approved", "locked", "reopened"};
    np_draft draft;
    int64_t number;
    np_draft_of(&draft, there);
    if (act == NP_REPORT_LOCK)
        np_draft_integer(&draft, "locked", 1);
    else
        np_draft_text(&draft, "status",
                      act == NP_REPORT_APPROVE ? "approved" : "returned");
    if (act == NP_REPORT_REOPEN)
        np_draft_value(&draft, "locked", (np_value){0});
    np_status status = np_entry_put(w->entry, &draft.record, NULL, w->err);
    if (status != NP_OK)
        return status;
    return act == NP_REPORT_APPROVE ? put_frozen(w, event[act], note)
                                    : put_event(w, event[act], note, &number);
}

np_status np_report_review(np_entry_result *out, np_store *store, const char *report,
                           np_report_act act, const char *note,
                           const np_entry_options *options, np_arena *arena,
                           np_error *err)
{
    np_record there;
    report_work w = {.store = store,
                     .arena = arena,
                     .err = err,
                     .report = report,
                     .who = options->who};
    np_status status = np_entry_begin(&w.entry, store, options, arena, err);
    if (status != NP_OK)
        return status;
    status = np_store_get(&there, store, np_kind_find("report"), report, arena, err);
    if (status == NP_OK)
        status = may_be_done(&w, &there, act, note);
    if (status == NP_OK)
        status = do_act(&w, &there, act, note);
    if (status == NP_OK)
        return np_entry_end(out, w.entry, err);
    np_entry_abandon(w.entry);
    return status;
}
