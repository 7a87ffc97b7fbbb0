/* Surveys: who was asked, and what was answered. */
#include "store/kind_internal.h"

static const np_field survey_fields[] = {
    TEXT("name", NP_REQUIRED, "The survey's name."),
    PERIOD("period", NP_REQUIRED, "When it was held."),
    DATE("starts", NP_OPTIONAL, "The first day of answering."),
    DATE("ends", NP_OPTIONAL, "The last day of answering."),
    TEXT("population", NP_OPTIONAL, "Who was asked."),
};

static const np_field respondent_fields[] = {
    REFERENCE("survey", NP_REQUIRED, "survey", "The survey."),
    REFERENCE("project", NP_OPTIONAL, "project", "The project that the answer is about."),
    REFERENCE("cohort", NP_OPTIONAL, "cohort", "The cohort; empty: the project's."),
    TEXT("affiliation", NP_OPTIONAL, "The respondent's role, known when it was sent."),
    TEXT("service", NP_OPTIONAL, "The service that the respondent works in."),
    CHOICE("outcome", NP_REQUIRED, "answered|partly|declined|not_reached|no_answer",
           "What became of the invitation."),
    DATE("answered", NP_OPTIONAL, "When the answer came."),
    YES_NO("reconstructed", NP_OPTIONAL,
           "Whether it was made from a printed count, since the answer is not at hand."),
    TEXT("source", NP_OPTIONAL, "The page or table that it comes from."),
};

static const np_field survey_answer_fields[] = {
    REFERENCE("respondent", NP_REQUIRED, "respondent", "Who answered."),
    TEXT("question", NP_REQUIRED, "The question's short word."),
    TEXT("choice", NP_OPTIONAL, "The answer that was chosen; several: one record each."),
    NUMBER("value", NP_OPTIONAL, "The answer as a number."),
    CHOICE("missing", NP_OPTIONAL, MISSING_REASONS, "Why there is no answer."),
};

static const np_kind kinds[] = {
    KIND("survey", NULL, false, "A survey.", survey_fields),
    KIND("respondent", NULL, false, "Somebody who was asked.", respondent_fields),
    KIND("survey_answer", "respondent/question/choice", false,
         "An answer to a question of a survey.", survey_answer_fields),
};

const np_kind_area np_kinds_survey = {kinds, sizeof kinds / sizeof *kinds};
