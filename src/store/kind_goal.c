/* Measures, goals, measurements, and the rest of a project's plan. */
#include "store/kind_internal.h"

static const np_field measure_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "Whose measure it is."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "The theme that it serves."),
    TEXT("number", NP_OPTIONAL, "Its number in the project's own papers."),
    TEXT("name", NP_REQUIRED, "What is done."),
    TEXT("description", NP_OPTIONAL, "More of what is done."),
    YES_NO("whole_organisation", NP_OPTIONAL, "Whether it covers all units."),
    INTEGER("n_covered", NP_OPTIONAL, "How many people it covers."),
    TEXT("covered", NP_OPTIONAL, "Who is covered, in words."),
    DATE("starts", NP_OPTIONAL, "The first day; empty: not known or not begun."),
    DATE("ends", NP_OPTIONAL, "The last day; empty: not ended."),
    INTEGER("pools", NP_OPTIONAL,
            "How many measures this one stands for, where a report counts several as "
            "one; empty: 1."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field measure_unit_fields[] = {
    REFERENCE("measure", NP_REQUIRED, "measure", "The measure."),
    REFERENCE("unit", NP_REQUIRED, "unit", "A unit where it is carried out."),
    DATE("starts", NP_OPTIONAL, "Empty: the measure's first day."),
    DATE("ends", NP_OPTIONAL, "Empty: the measure's last day."),
    INTEGER("n_covered", NP_OPTIONAL, "How many people of the unit it covers."),
};

static const np_field measure_status_fields[] = {
    REFERENCE("measure", NP_REQUIRED, "measure", "The measure."),
    DATE("date", NP_REQUIRED, "From this day."),
    CHOICE("status", NP_REQUIRED, MEASURE_STATUS, "What became of it."),
    TEXT("reason", NP_OPTIONAL, "Why; required where it is shelved."),
};

static const np_field goal_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "Whose goal it is."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "The theme that it serves."),
    CHOICE("level", NP_REQUIRED, GOAL_LEVELS,
           "Why (effect), what is to be achieved (result), what influences it (driver), "
           "what a measure itself is to reach (measure)."),
    REFERENCE("parent", NP_OPTIONAL, "goal", "The goal above that it serves."),
    REFERENCE("measure", NP_OPTIONAL, "measure", "The measure whose goal it is."),
    TEXT("text", NP_REQUIRED, "The goal in words."),
    REFERENCE("indicator", NP_OPTIONAL, "indicator", "What it is measured by."),
    CHOICE("direction", NP_OPTIONAL, "higher|lower",
           "Which way is better; empty: the indicator's."),
    NUMBER("baseline", NP_OPTIONAL, "The value at the start."),
    CHOICE("baseline_missing", NP_OPTIONAL, MISSING_REASONS,
           "Why there is no such value."),
    DATE("baseline_date", NP_OPTIONAL, "When the baseline was measured."),
    TEXT("baseline_source", NP_OPTIONAL, "Where the baseline comes from."),
    TEXT("baseline_scope", NP_OPTIONAL, "Whom the baseline is of."),
    NUMBER("target", NP_OPTIONAL, "The value to reach."),
    DATE("target_date", NP_OPTIONAL, "By when."),
    TEXT("reference", NP_OPTIONAL, "What the target is measured against, in words."),
    CHOICE("status", NP_OPTIONAL, "active|changed|dropped", "Empty: active."),
    CHOICE("change_reason", NP_OPTIONAL, "correct_course|more_concrete|extend|limit",
           "Why it was changed or dropped."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field goal_target_fields[] = {
    REFERENCE("goal", NP_REQUIRED, "goal", "The goal."),
    PERIOD("period", NP_REQUIRED, "The period that ends with this value."),
    NUMBER("target", NP_REQUIRED, "The value to reach by then."),
};

static const np_field measurement_fields[] = {
    REFERENCE("indicator", NP_REQUIRED, "indicator", "What was measured."),
    INTEGER("indicator_version", NP_OPTIONAL,
            "The version of the definition; empty: the present one."),
    REFERENCE("project", NP_OPTIONAL, "project", "Of this project."),
    REFERENCE("organisation", NP_OPTIONAL, "organisation", "Of this organisation."),
    REFERENCE("unit", NP_OPTIONAL, "unit", "Of this unit."),
    REFERENCE("measure", NP_OPTIONAL, "measure", "Of those whom this measure covers."),
    PERIOD("period", NP_REQUIRED, "The period that the value is of."),
    NUMBER("value", NP_OPTIONAL, "The value; zero is a value."),
    NUMBER("numerator", NP_OPTIONAL, "Above the line of a ratio."),
    NUMBER("denominator", NP_OPTIONAL, "Below the line of a ratio."),
    CHOICE("missing", NP_OPTIONAL, MISSING_REASONS, "Why there is no value."),
    YES_NO("baseline", NP_OPTIONAL, "Whether it is the value at the start."),
    TEXT("scope", NP_OPTIONAL, "Which units or people the value is of."),
    INTEGER("n_people", NP_OPTIONAL, "How many people the value is of."),
    YES_NO("break_in_series", NP_OPTIONAL,
           "Whether the value cannot be compared with those before it."),
    TEXT("note", NP_OPTIONAL, "Why there is a break, or what else to know."),
};

static const np_field milestone_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    TEXT("text", NP_REQUIRED, "What is to be done."),
    DATE("due", NP_REQUIRED, "By when."),
    DATE("done", NP_OPTIONAL, "When it was done."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field risk_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    TEXT("text", NP_REQUIRED, "What may go wrong."),
    INTEGER("likelihood", NP_REQUIRED, "1 (unlikely) to 5 (nearly certain)."),
    INTEGER("consequence", NP_REQUIRED, "1 (small) to 5 (the goals are lost)."),
    TEXT("action", NP_OPTIONAL, "What is done about it."),
    TEXT("answers", NP_OPTIONAL, "Who answers for it."),
};

static const np_field benefit_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    REFERENCE("goal", NP_OPTIONAL, "goal", "The goal that brings it."),
    TEXT("text", NP_REQUIRED, "What is gained, and for whom."),
    TEXT("how", NP_OPTIONAL, "How it is made real in ordinary operation."),
    TEXT("answers", NP_OPTIONAL, "Who answers for it."),
    DATE("due", NP_OPTIONAL, "By when."),
};

static const np_field plan_assessment_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "For this theme; empty: for the project."),
    CHOICE("criterion", NP_REQUIRED,
           "purpose|baseline|result_goals|driver_goals|measures|measure_goals|organising|"
           "milestones|risks|benefits",
           "One of the ten criteria of the start-up assessment."),
    CHOICE("basis", NP_REQUIRED, "computed|analyst", "Whose assessment it is."),
    CHOICE("verdict", NP_REQUIRED, "met|to_improve",
           "Mostly taken care of, or with potential for improvement."),
    DATE("date", NP_REQUIRED, "When."),
    TEXT("given_by", NP_OPTIONAL, "Which analyst."),
    TEXT("reason", NP_OPTIONAL, "Why."),
};

static const np_kind kinds[] = {
    KIND("measure", NULL, false, "An action of a project, with an identity that stays.",
         measure_fields),
    KIND("measure_unit", "measure/unit/starts", false,
         "A unit in which a measure is carried out, and when.", measure_unit_fields),
    KIND("measure_status", "measure/date", false, "The history of a measure.",
         measure_status_fields),
    KIND("goal", NULL, false, "What a project wants to achieve, on one of four levels.",
         goal_fields),
    KIND("goal_target", "goal/period", false, "A step on the way to a goal.",
         goal_target_fields),
    KIND("measurement", "indicator/project/organisation/unit/measure/period/baseline",
         false, "The value of an indicator, or why there is none.", measurement_fields),
    KIND("milestone", NULL, false, "A date in a project's plan.", milestone_fields),
    KIND("risk", NULL, false, "What may hinder a project.", risk_fields),
    KIND("benefit", NULL, false, "A line of the plan for realising benefits.",
         benefit_fields),
    KIND("plan_assessment", "project/theme/criterion/basis", false,
         "How a project's plan meets one of ten criteria.", plan_assessment_fields),
};

const np_kind_area np_kinds_goal = {kinds, sizeof kinds / sizeof *kinds};
