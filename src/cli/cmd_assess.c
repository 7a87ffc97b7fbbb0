#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/assessment.h"
#include "programme/draft.h"

/* Those of the fields of plan_assessment. */
#define CRITERIA                                                                         \
    "purpose|baseline|result_goals|driver_goals|measures|measure_goals|organising|"      \
    "milestones|risks|benefits"
#define VERDICTS "met|to_improve"

static const char *verdict_text(np_verdict verdict, const char *none)
{
    switch (verdict) {
    case NP_VERDICT_MET:
        return _("met");
    case NP_VERDICT_TO_IMPROVE:
        return _("to improve");
    case NP_VERDICT_NONE:
        break;
    }
    return none;
}

static const char *analyst_text(const np_call *call, const np_assessed *a)
{
    if (a->analyst == NP_VERDICT_NONE)
        return "";
    return np_arena_format(call->arena, _("%s (%s, %s)"), verdict_text(a->analyst, ""),
                           a->analyst_name, a->analyst_date);
}

static np_status print_table(const np_call *call, const np_assessed *a, np_error *err)
{
    const char *const head[] = {_("Criterion"), _("Computed"), _("Found"), _("Analyst"),
                                _("Why")};
    np_table_builder *b = np_table_builder_new(
        call->arena, "assessment",
        np_arena_format(call->arena, _("The plan of %s by ten criteria"),
                        np_positional(call->arguments, 0)),
        5);
    size_t n_met = 0, n_computed = 0;
    np_table_builder_head(b);
    for (size_t c = 0; c < 5; c++) {
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
        np_table_builder_cell(b, head[c]);
    }
    for (size_t c = 0; c < NP_N_CRITERIA; c++) {
        n_met += a[c].computed == NP_VERDICT_MET;
        n_computed += a[c].computed != NP_VERDICT_NONE;
        np_table_builder_row(b);
        np_table_builder_row_header(b, a[c].criterion, 0);
        np_table_builder_cell(b, verdict_text(a[c].computed, _("an analyst's to say")));
        np_table_builder_cell(b, a[c].finding);
        np_table_builder_cell(b, analyst_text(call, &a[c]));
        np_table_builder_cell(b, a[c].analyst_reason != NULL ? a[c].analyst_reason : "");
    }
    np_table_builder_note(b, _("%zu of %zu computed criteria are met."), n_met,
                          n_computed);
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static const char *word_or_null(np_verdict verdict)
{
    return verdict != NP_VERDICT_NONE ? np_verdict_word(verdict) : NULL;
}

static void print_json(const np_call *call, const np_assessed *a)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "project", np_positional(call->arguments, 0));
    np_json_put_text(&j, "theme", np_argument(call->arguments, "theme"));
    np_json_key(&j, "criteria");
    np_json_array(&j);
    for (size_t c = 0; c < NP_N_CRITERIA; c++) {
        np_json_object(&j);
        np_json_put_text(&j, "criterion", a[c].criterion);
        np_json_put_text(&j, "computed", word_or_null(a[c].computed));
        np_json_put_text(&j, "finding", a[c].finding);
        np_json_put_text(&j, "analyst", word_or_null(a[c].analyst));
        np_json_put_text(&j, "given_by", a[c].analyst_name);
        np_json_put_text(&j, "date", a[c].analyst_date);
        np_json_put_text(&j, "reason", a[c].analyst_reason);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status put_analyst(const np_call *call, np_entry *entry, const char *who,
                             const char *day, np_error *err)
{
    const np_arguments *a = call->arguments;
    np_draft draft;
    np_draft_start(&draft, "plan_assessment", NULL);
    np_draft_text(&draft, "project", np_positional(a, 0));
    np_draft_text(&draft, "theme", np_argument(a, "theme"));
    np_draft_text(&draft, "criterion", np_argument(a, "criterion"));
    np_draft_text(&draft, "basis", "analyst");
    np_draft_text(&draft, "verdict", np_argument(a, "verdict"));
    np_draft_text(&draft, "date", day);
    np_draft_text(&draft, "given_by", who);
    np_draft_text(&draft, "reason", np_argument(a, "reason"));
    return np_entry_put(entry, &draft.record, NULL, err);
}

static np_status write_verdicts(const np_call *call, np_store *store,
                                const np_assessed *assessed, bool *answer_no,
                                np_error *err)
{
    const np_arguments *a = call->arguments;
    char today[NP_DATE_LENGTH];
    np_date_format(today, np_date_today());
    const char *day = np_argument(a, "date") != NULL ? np_argument(a, "date") : today;
    np_entry_options options;
    np_entry_result result;
    np_entry *entry;
    np_status status = np_writing_options(&options, call, "assess", err);
    if (status == NP_OK)
        status = np_entry_begin(&entry, store, &options, call->arena, err);
    if (status != NP_OK)
        return status;
    if (np_argument_given(a, "write"))
        status = np_assessment_put(entry, assessed, np_positional(a, 0),
                                   np_argument(a, "theme"), day, err);
    if (status == NP_OK && np_argument_given(a, "criterion"))
        status = put_analyst(call, entry, options.who, day, err);
    if (status != NP_OK) {
        np_entry_abandon(entry);
        return status;
    }
    status = np_entry_end(&result, entry, err);
    *answer_no = status == NP_OK && result.n_objections > 0;
    return status;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const np_arguments *a = call->arguments;
    bool analyst = np_argument_given(a, "criterion");
    bool writes = np_argument_given(a, "write") || analyst;
    np_programme *programme;
    np_assessed assessed[NP_N_CRITERIA];
    if (analyst != np_argument_given(a, "verdict"))
        return np_fail(err, NP_E_USAGE,
                       _("an analyst's verdict has a --criterion and a --verdict"));
    np_status status = np_programme_of_call(&programme, call,
                                            writes ? NP_STORE_WRITE : NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    const char *project = np_positional(a, 0), *theme = np_argument(a, "theme");
    status = np_assess(assessed, programme->store, project, theme, call->arena, err);
    if (status == NP_OK && writes)
        status = write_verdicts(call, programme->store, assessed, answer_no, err);
    if (status == NP_OK && analyst) /* with what was just said */
        status = np_assess(assessed, programme->store, project, theme, call->arena, err);
    if (status == NP_OK && np_wants_json(a))
        print_json(call, assessed);
    else if (status == NP_OK)
        status = print_table(call, assessed, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"theme", "THEME", N_("Only the goals and measures of this theme."), NULL, false},
    {"write", NULL, N_("Keeps what was computed as records."), NULL, false},
    {"criterion", "CRITERION", N_("The criterion that you judge as an analyst."),
     CRITERIA, false},
    {"verdict", "VERDICT", N_("Your verdict on it."), VERDICTS, false},
    {"reason", "TEXT", N_("Why you judge so."), NULL, false},
    {"date", "DATE", N_("The day of the assessment. Default: today."), NULL, false},
    NP_WRITING_OPTIONS,
    NP_FORMAT_OPTION,
};

const np_command np_command_assess = {
    .name = "assess",
    .summary = N_("a project's plan by the ten criteria of the start-up assessment"),
    .synopsis = "PROJECT [options]",
    .description = N_(
        "Purpose, baseline, result goals, driver goals, measures, their goals, "
        "organising, milestones, risks and benefits: computed where the records say it, "
        "left to an analyst where they do not. Both verdicts are kept and printed side "
        "by side; neither overwrites the other.\n\n"
        "docs/rules.md says how each is computed."),
    .examples = "nullpunkt assess halden\n"
                "nullpunkt assess halden --write\n"
                "nullpunkt assess halden --criterion purpose --verdict to_improve "
                "--reason \"Says how, not why\" --by kari",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
