#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/form.h"
#include "programme/obligation.h"
#include "store/query.h"

/* The first report that the project owes; of the template and period that are given. */
static np_status first_owed(const char **template, const char **period,
                            const np_call *call, np_programme *programme,
                            const char *project, np_error *err)
{
    char today[NP_DATE_LENGTH];
    np_owed_list owed;
    np_owed_filter filter = {.project = project, .template = *template, .open = true};
    np_date_format(today, np_date_today());
    np_status status =
        np_obligations_list(&owed, programme->store, today, &filter, call->arena, err);
    if (status != NP_OK)
        return status;
    if (owed.n == 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("the project %s owes no report"), project);
        return np_error_hint(err, _("name the template and the period: nullpunkt form "
                                    "PROJECT TEMPLATE PERIOD; nullpunkt obligations "
                                    "--all lists what there is"));
    }
    *template = owed.item[0].template;
    *period = owed.item[0].period;
    return NP_OK;
}

static np_status write_form(const np_call *call, np_programme *programme, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *project = np_positional(a, 0), *template = np_positional(a, 1),
               *period = np_positional(a, 2), *path = np_argument(a, "output");
    np_buf form = {0};
    if (path != NULL && access(path, F_OK) == 0 && !np_argument_given(a, "replace")) {
        np_fail(err, NP_E_DUPLICATE, _("--output %s: the file is there already"), path);
        return np_error_hint(err, _("--replace writes over it, and over what is filled "
                                    "in there"));
    }
    np_status status =
        np_store_expect(programme->store, "project", project, call->arena, err);
    if (status == NP_OK && period == NULL)
        status = first_owed(&template, &period, call, programme, project, err);
    if (status == NP_OK)
        status = np_form_write(&form, programme->store, project, template, period,
                               call->arena, err);
    if (status == NP_OK && np_buf_done(&form) == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status == NP_OK && path == NULL)
        np_buf_add(call->out, form.text);
    else if (status == NP_OK)
        status = np_output_write("--output", path, &form, call->arena, err);
    np_buf_free(&form);
    return status;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    np_programme *programme;
    (void)answer_no;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    status = write_form(call, programme, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"output", "FILE", N_("Where the form goes. Default: standard output."), NULL, false},
    {"replace", NULL, N_("Writes over a file that is there."), NULL, false},
};

const np_command np_command_form = {
    .name = "form",
    .summary = N_("a report's form, filled in with what is known"),
    .synopsis = "PROJECT [TEMPLATE [PERIOD]] [options]",
    .description = N_(
        "Writes the form of a report as a text that a project leader fills in and sends "
        "in with nullpunkt submit. It starts from the project's last report; every goal "
        "stands there with its target and last value, and every measure that is not "
        "finished or shelved waits for its status. Without a template and period it is "
        "the first report that the project owes."),
    .examples = "nullpunkt form halden -o halden.yaml\n"
                "nullpunkt form halden annual-2 2013",
    .n_positional_min = 1,
    .n_positional_max = 3,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
