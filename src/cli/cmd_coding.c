#include "cli/cmd_coding.h"

#include <string.h>

#include "programme/scheme_starters.h"

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"scheme", "SCHEME", N_("The scheme that is coded by."), NULL, false},
    {"coder", "USER",
     N_("sheet, read: who codes. crosswalk: whose labels --output "
        "lists."),
     NULL, false},
    {"coders", "USERS",
     N_("agreement, disagreements: only these, \"kari, ola\". Default: "
        "all."),
     NULL, true},
    {"period", "PERIOD", N_("Only items of this period."), NULL, false},
    {"theme", "THEME", N_("Only items of this theme."), NULL, false},
    {"uncoded", NULL, N_("sheet: only items that this coder has not coded yet."), NULL,
     false},
    {"sample", "N",
     N_("sheet: as many items, drawn by lot. The same seed draws the same "
        "items for every coder."),
     NULL, false},
    {"seed", "S", N_("Of the lot and of intervals by resampling. Default: 0."), NULL,
     false},
    {"from", "SCHEME", N_("crosswalk: the earlier scheme."), NULL, false},
    {"to", "SCHEME", N_("crosswalk: the later scheme."), NULL, false},
    {"output", "FILE",
     N_("Where a sheet goes: .xlsx or .csv. Default: CSV on standard "
        "output."),
     NULL, false},
    {"ordinal", NULL,
     N_("agreement: the categories stand in an order, and coders who "
        "are one apart agree more than those who are three apart."),
     NULL, false},
    {"level", "SHARE", N_("agreement: of the intervals. Default: 0.95."), NULL, false},
    {"draws", "N", N_("agreement: resamples for alpha's interval. Default: 1000."), NULL,
     false},
    {"worksheet", "NAME",
     N_("read, adjudicate: the sheet of a workbook. Default: coding, "
        "else the first."),
     NULL, false},
    NP_WRITING_OPTIONS,
    NP_FORMAT_OPTION,
};

np_status coding_needed(const char **out, const np_call *call, const char *option,
                        np_error *err)
{
    *out = np_argument(call->arguments, option);
    if (*out != NULL)
        return NP_OK;
    return np_fail(err, NP_E_USAGE, _("coding %s needs --%s"),
                   np_positional(call->arguments, 0), option);
}

np_status coding_seed(uint64_t *out, const np_call *call, np_error *err)
{
    int64_t seed = 0;
    np_status status = NP_OK;
    if (np_argument_given(call->arguments, "seed"))
        status = np_argument_integer(&seed, call->arguments, "seed", 0, INT64_MAX, err);
    *out = (uint64_t)seed;
    return status;
}

np_status coding_filter(np_coding_filter *out, const np_call *call, np_error *err)
{
    *out = (np_coding_filter){.period = np_argument(call->arguments, "period"),
                              .theme = np_argument(call->arguments, "theme")};
    if (!np_argument_given(call->arguments, "coders"))
        return NP_OK;
    np_status status = np_argument_list(&out->coder, &out->n_coders, call, "coders", err);
    if (status == NP_OK && out->n_coders < 2)
        return np_fail(err, NP_E_USAGE, _("--coders takes two coders or more"));
    return status;
}

static const struct {
    const char *word;
    coding_verb *run;
    bool reads_file, writes;
} verbs[] = {
    {"sheet", coding_sheet, false, false},
    {"read", coding_read, true, true},
    {"agreement", coding_agreement, false, false},
    {"disagreements", coding_disagreements, false, false},
    {"adjudicate", coding_adjudicate, true, true},
    {"crosswalk", coding_crosswalk, false, true},
    {"status", coding_status, false, false},
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

static np_status check_file(const np_call *call, bool reads_file, np_error *err)
{
    const char *file = np_positional(call->arguments, 1);
    if (reads_file && file == NULL)
        return np_fail(err, NP_E_USAGE, _("coding %s needs the file of a sheet"),
                       np_positional(call->arguments, 0));
    if (!reads_file && file != NULL)
        return np_fail(err, NP_E_USAGE, _("one argument too many: %s"), file);
    return NP_OK;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const char *word = np_positional(call->arguments, 0);
    if (strcmp(word, "starters") == 0)
        return np_scheme_starters_print(call->out, np_positional(call->arguments, 1),
                                        err);
    for (size_t v = 0; v < N_VERBS; v++) {
        if (strcmp(word, verbs[v].word) != 0)
            continue;
        np_programme *programme = NULL;
        np_status status = check_file(call, verbs[v].reads_file, err);
        if (status == NP_OK)
            status = np_programme_of_call(
                &programme, call, verbs[v].writes ? NP_STORE_WRITE : NP_STORE_READ, err);
        if (status == NP_OK)
            status = verbs[v].run(call, programme, answer_no, err);
        np_programme_close(programme);
        return status;
    }
    np_fail(err, NP_E_USAGE, _("coding %s is nothing that can be done"), word);
    return np_error_hint(err, "sheet, read, agreement, disagreements, adjudicate, "
                              "crosswalk, status, starters");
}

const np_command np_command_coding = {
    .name = "coding",
    .summary = N_("puts what reports say into categories, by coders who are compared"),
    .synopsis = "sheet|read|agreement|disagreements|adjudicate|crosswalk|status|starters "
                "[FILE] [options]",
    .description = N_(
        "sheet writes items with their texts for a coder to fill in, with what keywords "
        "suggest and nothing of what others said; read FILE takes the labels in, with "
        "all that is wrong at once. agreement says how far coders agree: kappa, alpha, "
        "each category, who gave what for what. disagreements writes a sheet of the "
        "items on which they differ, with a column for the decision; adjudicate FILE "
        "takes the decisions in, beside the labels. crosswalk carries labels to the "
        "next version of a scheme, as far as that can be known. status says how far "
        "the coding of each scheme has come; starters prints schemes to begin with, "
        "for programme.yaml.\n\n"
        "The settled categories of an item are what was adjudicated; else what all its "
        "coders gave it; else none. docs/coding.md tells more."),
    .examples =
        "nullpunkt coding sheet --scheme hindrance-1 --coder kari --sample 50 --seed 1 "
        "-o kari.xlsx\n"
        "nullpunkt coding read kari.xlsx --coder kari\n"
        "nullpunkt coding agreement --scheme hindrance-1\n"
        "nullpunkt coding disagreements --scheme hindrance-1 -o differ.xlsx\n"
        "nullpunkt coding adjudicate differ.xlsx --by anne\n"
        "nullpunkt coding crosswalk --from hindrance-1 --to hindrance-2\n"
        "nullpunkt coding starters absence-measures",
    .n_positional_min = 1,
    .n_positional_max = 2,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
