/* Rules from call to decision. */
#include <string.h>

#include "programme/admission.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"application_late", "application",
     N_("An application comes between the call's first day and its deadline."), true},
    {"call_of_other_cohort", "application",
     N_("A project applies to a call for its own cohort."), false},
    {"score_range", "score", N_("A score is 0 to the criterion's highest."), false},
    {"score_call", "score",
     N_("An application is judged by the criteria of the call that it answers."), false},
    {"decision_before_application", "decision",
     N_("A decision is not older than the application."), false},
    {"admission_commitment", "decision",
     N_("Whoever is admitted has the word of politicians, administration and unions, or "
        "an exception by name."),
     false},
    {"admission_main_theme", "decision",
     N_("Whoever is admitted works on at least one main theme."), false},
    {"admission_result_goal", "decision",
     N_("Whoever is admitted has a result goal for each main theme, or an exception by "
        "name."),
     false},
    {"admission_indicator", "decision",
     N_("That goal has an indicator, or there is an exception by name."), false},
    {"admission_baseline", "decision",
     N_("That goal has a baseline with value, date, source and scope, or there is an "
        "exception by name: without a baseline nothing can be said about the effect."),
     false},
    {"admission_target", "decision",
     N_("That goal has a target with a date, or there is an exception by name."), false},
};

static void application(np_judge *judge, const np_record *record)
{
    const np_record *call = judge_referred(judge, record, "call");
    const np_record *project = judge_referred(judge, record, "project");
    if (call == NULL || project == NULL)
        return;
    const char *received = np_record_text(record, "received");
    const char *opens = np_record_text(call, "opens");
    const char *deadline = np_record_text(call, "deadline");
    if (is_before(received, opens) || is_before(deadline, received))
        judge_object(judge, record, "received", "application_late", NULL,
                     _("it came on %s; the call was open from %s to %s"), received, opens,
                     deadline);
    if (!has_word(project, "cohort", np_record_text(call, "cohort")))
        judge_object(judge, record, "call", "call_of_other_cohort", NULL,
                     _("the call is for %s, and the project %s is of %s"),
                     np_record_text(call, "cohort"), project->id,
                     np_record_text(project, "cohort"));
}

enum { HIGHEST_UNLESS_SAID = 3 }; /* as kind criterion says */

static void score(np_judge *judge, const np_record *record)
{
    const np_record *criterion = judge_referred(judge, record, "criterion");
    const np_record *of = judge_referred(judge, record, "application");
    if (criterion == NULL || of == NULL)
        return;
    int64_t given = np_record_integer(record, "score", 0);
    int64_t highest = np_record_integer(criterion, "highest", HIGHEST_UNLESS_SAID);
    if (given < 0 || given > highest)
        judge_object(judge, record, "score", "score_range", NULL,
                     _("the score is %lld; it goes from 0 to %lld"), (long long)given,
                     (long long)highest);
    if (!has_word(criterion, "call", np_record_text(of, "call")))
        judge_object(judge, record, "criterion", "score_call", NULL,
                     _("%s is a criterion of the call %s, and the application answers "
                       "%s"),
                     criterion->id, np_record_text(criterion, "call"),
                     np_record_text(of, "call"));
}

static const char *rule_of(const char *demand)
{
    static const char *const rule[][2] = {
        {"main_theme", "admission_main_theme"}, {"result_goal", "admission_result_goal"},
        {"indicator", "admission_indicator"},   {"baseline", "admission_baseline"},
        {"target", "admission_target"},
    };
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        if (strcmp(rule[i][0], demand) == 0)
            return rule[i][1];
    return "admission_commitment";
}

static bool is_of_party(const char *demand)
{
    return strncmp(demand, "commitment_", strlen("commitment_")) == 0;
}

/* Of a decision that was taken earlier: goals that were dropped since then do not undo
 * it. */
static bool goals_have_changed(np_judge *judge, const np_record *decision,
                               const char *project)
{
    np_where where[] = {NP_IS("project", project), NP_IS("status", "dropped")};
    return judge_past(judge, "decision", decision->id) != NULL &&
           judge_rows(judge, "goal", "id", where, 2).n_rows > 0;
}

static void demand(np_judge *judge, const np_record *record, const np_demand *d)
{
    const char *hint =
        _("complete the application, ask for more, or grant an exception by name");
    if (d->theme != NULL)
        judge_object(judge, record, "outcome", rule_of(d->demand), hint,
                     _("%s for the theme %s: %s"), d->demand, d->theme, d->detail);
    else
        judge_object(judge, record, "outcome", rule_of(d->demand), hint, "%s: %s",
                     d->demand, d->detail);
}

static void demands(np_judge *judge, const np_record *record)
{
    np_admission admission;
    judge->status = np_admission_review(&admission, judge->store,
                                        np_record_text(record, "application"),
                                        judge->arena, judge->err);
    if (judge->status != NP_OK || admission.n_missing == 0)
        return;
    bool changed = goals_have_changed(judge, record, admission.project);
    for (size_t i = 0; i < admission.n_demands; i++)
        if (admission.demand[i].state == NP_DEMAND_MISSING &&
            (!changed || is_of_party(admission.demand[i].demand)))
            demand(judge, record, &admission.demand[i]);
}

static void decision(np_judge *judge, const np_record *record)
{
    const np_record *of = judge_referred(judge, record, "application");
    if (of == NULL)
        return;
    const char *date = np_record_text(record, "date");
    const char *received = np_record_text(of, "received");
    if (is_before(date, received))
        judge_object(judge, record, "date", "decision_before_application", NULL,
                     _("it is of %s, and the application came on %s"), date, received);
    if (has_word(record, "outcome", "admit"))
        demands(judge, record);
}

static const rule_of_record records[] = {
    {"application", application},
    {"score", score},
    {"decision", decision},
};

const rule_area rules_of_admission = {
    .rule = rules, .n_rules = sizeof rules / sizeof *rules, .record = RULES_OF(records)};
