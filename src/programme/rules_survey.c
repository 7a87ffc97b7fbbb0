/* Rules of surveys. */
#include <math.h>
#include <string.h>

#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"respondent_cohort", "respondent",
     N_("A respondent is of the cohort of the project that the answer is about."), false},
    {"answered_when", "respondent", N_("An answer comes while the survey is held."),
     true},
    {"answers_of_outcome", "respondent",
     N_("Only somebody who answered, wholly or partly, has answers."), false},
    {"answered_and_missing", "survey_answer",
     N_("A question that has an answer is not missing one as well."), false},
};

static void respondent(np_judge *judge, const np_record *record)
{
    const np_record *project = judge_referred(judge, record, "project");
    const char *cohort = np_record_text(record, "cohort");
    if (project != NULL && cohort != NULL && !has_word(project, "cohort", cohort))
        judge_object(judge, record, "cohort", "respondent_cohort", NULL,
                     _("the project %s is of the cohort %s"), project->id,
                     np_record_text(project, "cohort"));
    const np_record *survey = judge_referred(judge, record, "survey");
    const char *answered = np_record_text(record, "answered");
    if (survey == NULL)
        return;
    const char *starts = np_record_text(survey, "starts");
    const char *ends = np_record_text(survey, "ends");
    if (is_before(answered, starts) || is_before(ends, answered))
        judge_object(judge, record, "answered", "answered_when", NULL,
                     _("the answer came on %s, and the survey was held from %s to %s"),
                     answered, or_open(starts), or_open(ends));
}

static void survey_answer(np_judge *judge, const np_record *record)
{
    bool answered = np_record_text(record, "choice") != NULL ||
                    !isnan(np_record_number(record, "value"));
    bool missing = np_record_text(record, "missing") != NULL;
    if (answered == missing)
        judge_object(judge, record, answered ? "missing" : "choice", "answer_or_missing",
                     NULL,
                     answered ? _("there is an answer, and it is said to be missing")
                              : _("there is neither an answer nor a reason"));
}

static void whole_respondent(np_judge *judge, const char *id)
{
    const np_record *record = judge_find(judge, "respondent", id);
    np_rows rows =
        ROWS_OF(judge, "survey_answer", "question missing id", "respondent", id);
    if (record == NULL || rows.n_rows == 0)
        return;
    if (!has_word(record, "outcome", "answered") &&
        !has_word(record, "outcome", "partly"))
        judge_object(judge, record, "outcome", "answers_of_outcome", NULL,
                     _("the outcome is %s, and there are %zu answers"),
                     np_record_text(record, "outcome"), rows.n_rows);
    for (size_t r = 1; r < rows.n_rows; r++)
        if (strcmp(np_rows_text(&rows, r, 0), np_rows_text(&rows, r - 1, 0)) == 0 &&
            (np_rows_text(&rows, r, 1) != NULL || np_rows_text(&rows, r - 1, 1) != NULL))
            judge_object_to(judge, "survey_answer", np_rows_text(&rows, r, 2), "missing",
                            "answered_and_missing", NULL,
                            _("the question %s has an answer and is said to be missing "
                              "one"),
                            np_rows_text(&rows, r, 0));
}

static const rule_of_record records[] = {
    {"respondent", respondent},
    {"survey_answer", survey_answer},
};

static const rule_together together[] = {{"respondent", whole_respondent, NULL}};

static const rule_belongs belongs[] = {
    {"respondent", "id", "respondent", NULL},
    {"survey_answer", "respondent", "respondent", NULL},
};

const rule_area rules_of_survey = {.rule = rules,
                                   .n_rules = sizeof rules / sizeof *rules,
                                   .record = RULES_OF(records),
                                   .together = RULES_OF(together),
                                   .belongs = RULES_OF(belongs)};
