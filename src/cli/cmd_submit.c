#include <string.h>

#include "base/date.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/report.h"

static void tell_result(const np_call *call, const np_form *form, np_report_result result,
                        const np_entry_result *entry, bool draft)
{
    if (result == NP_REPORT_ALREADY)
        np_buf_format(call->out,
                      draft ? _("%s: the draft says this already; nothing was written\n")
                            : _("%s: it was submitted like this before; nothing was "
                                "written\n"),
                      form->report);
    else if (result == NP_REPORT_WRITTEN)
        np_buf_format(call->out,
                      draft ? _("%s: kept as a draft (%zu new, %zu changed, %zu taken "
                                "away)\n")
                            : _("%s: submitted (%zu new, %zu changed, %zu taken away)\n"),
                      form->report, entry->n_new, entry->n_changed, entry->n_retracted);
    else if (entry->n_objections > 0)
        np_buf_format(call->out,
                      entry->n_objections == 1
                          ? _("%s: nothing was written; %zu thing is wrong\n")
                          : _("%s: nothing was written; %zu things are wrong\n"),
                      form->report, entry->n_objections);
    else
        np_buf_format(call->out,
                      _("%s: nothing is wrong; nothing was written, since this is a dry "
                        "run\n"),
                      form->report);
}

static np_status submit(const np_call *call, np_programme *programme, const char *path,
                        bool *answer_no, np_error *err)
{
    np_form form;
    np_report_result result;
    np_entry_result entry;
    char today[NP_DATE_LENGTH];
    np_date_format(today, np_date_today());
    const char *received = np_argument(call->arguments, "received");
    np_report_options o = {.draft = np_argument_given(call->arguments, "draft"),
                           .received = received != NULL ? received : today};
    np_problems *problems = np_arena_array(call->arena, np_problems, 1);
    if (problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status =
        np_form_read(&form, programme->store, path, call->arena, problems, err);
    if (status != NP_OK)
        return status;
    if (problems->n > 0) {
        np_problems_print(call, problems, 0);
        *answer_no = true;
        return NP_OK;
    }
    status = np_writing_options(&o.entry, call, o.draft ? "draft" : "submit", err);
    if (status == NP_OK)
        status = np_report_submit(&result, &entry, programme->store, &form, &o,
                                  call->arena, err);
    if (status != NP_OK)
        return status;
    tell_result(call, &form, result, &entry, o.draft);
    *answer_no = *answer_no || entry.n_objections > 0;
    return NP_OK;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    np_programme *programme;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_WRITE, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; status == NP_OK && i < np_positional_count(call->arguments); i++)
        status =
            submit(call, programme, np_positional(call->arguments, i), answer_no, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    NP_WRITING_OPTIONS,
    {"draft", NULL, N_("Keeps what is filled in, and does not submit it yet."), NULL,
     false},
    {"received", "DATE", N_("The day on which it came. Default: today."), NULL, false},
};

const np_command np_command_submit = {
    .name = "submit",
    .summary = N_("sends in a report's form that was filled in"),
    .synopsis = "FORM... [options]",
    .description = N_(
        "Reads forms that nullpunkt form wrote and that were filled in, and writes each "
        "as the report, all of it or nothing. A report is submitted when it is complete: "
        "every required question has an answer or a reason, every goal a value or a "
        "reason, and every measure that was not finished or shelved is accounted for. A "
        "copy of what was submitted is frozen.\n\n"
        "Sending in the same again does nothing. A submitted report changes after it was "
        "returned (nullpunkt review), an approved or locked one after it was reopened."),
    .examples = "nullpunkt submit halden.yaml --draft\n"
                "nullpunkt submit halden.yaml moss.yaml --received 2014-01-30",
    .n_positional_min = 1,
    .n_positional_max = 1000,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
