#include "cli/cmd_export.h"

#include <string.h>

#include "cli/programme_options.h"
#include "programme/export.h"

static np_status need_output(const char **out, const np_call *call, np_error *err)
{
    *out = np_argument(call->arguments, "output");
    if (*out != NULL)
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("it is not said where to"));
    return np_error_hint(err, _("-o FOLDER names a folder that is new, or empty"));
}

static np_status kinds_of_call(const np_kind *const **out, size_t *n, const np_call *call,
                               np_error *err)
{
    *n = np_positional_count(call->arguments) - 1;
    const np_kind **kind = np_arena_array(call->arena, const np_kind *, *n);
    if (kind == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < *n; i++) {
        const char *word = np_positional(call->arguments, i + 1);
        kind[i] = np_kind_find(word);
        if (kind[i] != NULL)
            continue;
        size_t n_kinds;
        const np_kind *all = np_kinds(&n_kinds);
        const char *names[NP_MOST_KINDS];
        for (size_t k = 0; k < n_kinds; k++)
            names[k] = all[k].name;
        np_fail(err, NP_E_USAGE, _("%s is no kind of record"), word);
        const char *near = np_nearest_name(word, names, n_kinds);
        return near == NULL ? NP_E_USAGE
                            : np_error_hint(err, _("did you mean %s?"), near);
    }
    *out = kind;
    return NP_OK;
}

static np_status export_records(const np_call *call, np_programme *programme,
                                np_error *err)
{
    const np_kind *const *kind = NULL;
    const char *folder = NULL;
    size_t n = 0;
    int64_t as_of = 0;
    np_export done;
    np_status status = kinds_of_call(&kind, &n, call, err);
    if (status == NP_OK)
        status = need_output(&folder, call, err);
    if (status == NP_OK && np_argument_given(call->arguments, "as-of"))
        status = np_argument_integer(&as_of, call->arguments, "as-of", 1, INT64_MAX, err);
    if (status == NP_OK)
        status = np_export_records(&done, programme->store, kind, n, as_of, folder, err);
    if (status == NP_OK)
        np_buf_format(call->out, _("%s: records: %lld, files: %zu.\n"), folder,
                      (long long)done.n_records, done.n_files);
    return status;
}

static np_status export_everything(const np_call *call, np_programme *programme,
                                   np_error *err)
{
    const char *folder = NULL;
    np_export done;
    np_status status = need_output(&folder, call, err);
    if (status == NP_OK && np_positional_count(call->arguments) > 1)
        status = np_fail(err, NP_E_USAGE, _("one argument too many: %s"),
                         np_positional(call->arguments, 1));
    if (status == NP_OK)
        status =
            np_export_everything(&done, programme->store, programme->folder, folder, err);
    if (status == NP_OK)
        np_buf_format(
            call->out,
            _("%s: records: %lld, versions: %lld, entries of the log: %lld, files: %zu.\n"
              "The log ends with %s.\n"),
            folder, (long long)done.n_records, (long long)done.n_versions,
            (long long)done.n_entries, done.n_files,
            done.head[0] == '\0' ? "-" : done.head);
    return status;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    static const struct {
        const char *word;
        np_status (*run)(const np_call *call, np_programme *programme, np_error *err);
    } what[] = {{"records", export_records},
                {"everything", export_everything},
                {"exposure", np_export_exposure_run}};
    const char *word = np_positional(call->arguments, 0);
    size_t i = 0;
    while (i < 3 && strcmp(what[i].word, word) != 0)
        i++;
    if (i == 3) {
        np_fail(err, NP_E_USAGE, _("%s cannot be exported"), word);
        return np_error_hint(err, _("it is one of records, everything and exposure"));
    }
    np_programme *programme = NULL;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status == NP_OK)
        status = what[i].run(call, programme, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"output", "FOLDER",
     N_("Where to (-o FOLDER): a folder that is new, or empty. Of exposure: a file; "
        "default: the terminal."),
     NULL, false},
    {"as-of", "ENTRY", N_("records: as they were after this entry of the log."), NULL,
     false},
    {"by", "PERIOD", N_("exposure: the length of a period. Default: year."),
     "year|half_year|quarter|month|four_quarters", false},
    {"level", "LEVEL",
     N_("exposure: a row for each unit, organisation or project and period. Default: "
        "unit."),
     "unit|organisation|project", false},
    {"theme", "THEME", N_("exposure: of the measures of this theme alone."), NULL, false},
    {"weights", "WEIGHTS",
     N_("exposure of organisations and projects: their units count alike (units), or by "
        "how many work there and are covered (people). Default: units."),
     "units|people", false},
    {"from", "PERIOD",
     N_("exposure: the first period, or a day in it. Default: the programme's first."),
     NULL, false},
    {"to", "PERIOD",
     N_("exposure: the last period, or a day in it. Default: the programme's last."),
     NULL, false},
    {"format", "FORMAT", N_("exposure: csv or xlsx. Default: csv."), "csv|xlsx", false},
};

const np_command np_command_export = {
    .name = "export",
    .summary = N_("records as files, everything, or the exposure panel"),
    .synopsis = "records [KIND...] | everything | exposure [options]",
    .description = N_(
        "records: a CSV file for each kind, which import reads again.\n\n"
        "everything: all records, every version of them, the log with its hashes and the "
        "definition, from which nullpunkt restore makes an identical store. Two exports "
        "of the same records are the same bytes.\n\n"
        "exposure: from when and how much units, organisations or projects were reached "
        "by measures, a row for each period, ready for nullpunkt did."),
    .examples = "nullpunkt export records project measure -o files\n"
                "nullpunkt export everything -o archive\n"
                "nullpunkt export exposure --by quarter --theme absence -o panel.csv",
    .n_positional_min = 1,
    .n_positional_max = NP_MOST_KINDS + 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
