/* From call to decision. */
#include "store/kind_internal.h"

static const np_field call_fields[] = {
    TEXT("name", NP_REQUIRED, "The call's name."),
    REFERENCE("cohort", NP_REQUIRED, "cohort", "The cohort that it fills."),
    DATE("opens", NP_REQUIRED, "The first day to apply."),
    DATE("deadline", NP_REQUIRED, "The last day to apply."),
    TEXT("text", NP_OPTIONAL, "What was announced."),
};

static const np_field criterion_fields[] = {
    REFERENCE("call", NP_REQUIRED, "call", "The call."),
    TEXT("code", NP_REQUIRED, "Its short word within the call."),
    TEXT("text", NP_REQUIRED, "What applications are judged by."),
    NUMBER("weight", NP_OPTIONAL, "Its weight; empty: 1."),
    INTEGER("highest", NP_OPTIONAL, "The highest score; empty: 3."),
};

static const np_field application_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project that applies."),
    REFERENCE("call", NP_REQUIRED, "call", "The call that it answers."),
    DATE("received", NP_REQUIRED, "When it came."),
    NUMBER("amount", NP_OPTIONAL, "Kroner applied for."),
    TEXT("text", NP_OPTIONAL, "What is applied for."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field commitment_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    CHOICE("party", NP_REQUIRED, PARTIES, "The local party that commits itself."),
    TEXT("given_by", NP_REQUIRED, "Who signed, or which body decided."),
    DATE("date", NP_REQUIRED, "When."),
    TEXT("document", NP_OPTIONAL, "The decision's or letter's reference."),
};

static const np_field score_fields[] = {
    REFERENCE("application", NP_REQUIRED, "application", "The application."),
    REFERENCE("criterion", NP_REQUIRED, "criterion", "The criterion."),
    INTEGER("score", NP_REQUIRED, "0 to the criterion's highest."),
    TEXT("given_by", NP_REQUIRED, "Who judged."),
    TEXT("reason", NP_OPTIONAL, "Why."),
};

static const np_field exception_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "For this theme; empty: for the project."),
    CHOICE("rule", NP_REQUIRED,
           "commitment_politicians|commitment_administration|commitment_unions|"
           "result_goal|indicator|baseline|target",
           "The rule of admission that need not be met."),
    TEXT("reason", NP_REQUIRED, "Why."),
    TEXT("granted_by", NP_REQUIRED, "Who answers for it, by name."),
    DATE("date", NP_REQUIRED, "When."),
};

static const np_field decision_fields[] = {
    REFERENCE("application", NP_REQUIRED, "application", "The application."),
    CHOICE("outcome", NP_REQUIRED, "admit|refuse|ask_for_more", "What was decided."),
    DATE("date", NP_REQUIRED, "When."),
    TEXT("reason", NP_REQUIRED, "Why."),
    TEXT("decided_by", NP_REQUIRED, "Who answers for it."),
};

static const np_kind kinds[] = {
    KIND("call", NULL, false, "An invitation to apply.", call_fields),
    KIND("criterion", "call/code", false, "What applications are judged by.",
         criterion_fields),
    KIND("application", "call/project", false, "A project's application.",
         application_fields),
    KIND("commitment", "project/party", false,
         "The word of one of the three local parties that it takes part.",
         commitment_fields),
    KIND("score", "application/criterion/given_by", false,
         "How an application meets a criterion.", score_fields),
    KIND("exception", "project/theme/rule", false,
         "A rule of admission that a project need not meet, and who said so.",
         exception_fields),
    KIND("decision", "application/date", false, "What was decided on an application.",
         decision_fields),
};

const np_kind_area np_kinds_admission = {kinds, sizeof kinds / sizeof *kinds};
