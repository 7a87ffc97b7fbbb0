#include "evaluation/result.h"

#include <string.h>

const np_quantity *np_statement_value(const np_statement *statement, const char *name)
{
    for (size_t i = 0; i < statement->n_values; i++)
        if (strcmp(statement->value[i].name, name) == 0)
            return &statement->value[i];
    return NULL;
}

const char *np_caveat_code(np_caveat_kind kind)
{
    switch (kind) {
    case NP_CAVEAT_SELECTION_ON_LEVEL:
        return "selection_on_level";
    case NP_CAVEAT_REGRESSION_TO_MEAN:
        return "regression_to_mean";
    case NP_CAVEAT_SHORT_POST_PERIOD:
        return "short_post_period";
    case NP_CAVEAT_FEW_CLUSTERS:
        return "few_clusters";
    case NP_CAVEAT_FEW_TREATED_CLUSTERS:
        return "few_treated_clusters";
    case NP_CAVEAT_PRE_TREND:
        return "pre_trend";
    case NP_CAVEAT_NO_PRE_TREND_TEST:
        return "no_pre_trend_test";
    case NP_CAVEAT_UNBALANCED:
        return "unbalanced";
    case NP_CAVEAT_ONE_UNIT_COHORT:
        return "one_unit_cohort";
    case NP_CAVEAT_CONTROLS_AFTER_START:
        return "controls_after_start";
    case NP_CAVEAT_ATTRITION:
        return "attrition";
    case NP_CAVEAT_STAGGERED_TWO_WAY:
        return "staggered_two_way";
    case NP_CAVEAT_ALWAYS_TREATED:
        return "always_treated";
    case NP_CAVEAT_SMALL_ATTRIBUTE:
        return "small_attribute";
    case NP_CAVEAT_RANDOM_EFFECTS_REJECTED:
        return "random_effects_rejected";
    case NP_CAVEAT_WARNING:
        return "warning";
    case NP_N_CAVEATS:
        break;
    }
    return "";
}

const char *np_estimator_code(np_estimator estimator)
{
    static const char *const code[NP_N_ESTIMATORS] = {
        [NP_ESTIMATOR_TWO_WAY] = "two-way-fixed-effects",
        [NP_ESTIMATOR_RANDOM] = "random-effects",
        [NP_ESTIMATOR_EVENT_STUDY] = "event-study",
        [NP_ESTIMATOR_DIFFERENCE] = "difference",
        [NP_ESTIMATOR_CONTRASTS] = "contrasts",
        [NP_ESTIMATOR_ATTRIBUTE] = "attribute",
        [NP_ESTIMATOR_GRADE] = "grade",
        [NP_ESTIMATOR_UNIT_PANEL] = "unit-panel",
    };
    return np_estimator_is_staggered(estimator)
               ? np_did_estimator_code(np_estimator_did(estimator))
               : code[estimator];
}

bool np_estimator_is_staggered(np_estimator estimator)
{
    return estimator >= NP_ESTIMATOR_GROUP_TIME && estimator < NP_N_ESTIMATORS;
}

np_did_estimator np_estimator_did(np_estimator estimator)
{
    static const np_did_estimator of[NP_N_ESTIMATORS] = {
        [NP_ESTIMATOR_GROUP_TIME] = NP_DID_GROUP_TIME,
        [NP_ESTIMATOR_SUN_ABRAHAM] = NP_DID_SUN_ABRAHAM,
        [NP_ESTIMATOR_IMPUTATION] = NP_DID_IMPUTATION,
        [NP_ESTIMATOR_EXTENDED_TWO_WAY] = NP_DID_EXTENDED_TWO_WAY,
        [NP_ESTIMATOR_STACKED] = NP_DID_STACKED,
        [NP_ESTIMATOR_SWITCHERS] = NP_DID_SWITCHERS,
        [NP_ESTIMATOR_EFFICIENT] = NP_DID_EFFICIENT,
        [NP_ESTIMATOR_SYNTHETIC_DID] = NP_DID_SYNTHETIC_DID,
        [NP_ESTIMATOR_SYNTHETIC_CONTROL] = NP_DID_SYNTHETIC_CONTROL,
    };
    return of[estimator];
}

const char *np_estimator_title(np_estimator estimator)
{
    static const char *const title[NP_N_ESTIMATORS] = {
        [NP_ESTIMATOR_TWO_WAY] = N_("Two-way fixed effects"),
        [NP_ESTIMATOR_RANDOM] = N_("Random effects"),
        [NP_ESTIMATOR_EVENT_STUDY] = N_("Event study"),
        [NP_ESTIMATOR_DIFFERENCE] = N_("Participants against others"),
        [NP_ESTIMATOR_CONTRASTS] = N_("Kinds of participants against others"),
        [NP_ESTIMATOR_ATTRIBUTE] = N_("Participants with an attribute against others"),
        [NP_ESTIMATOR_GRADE] = N_("Change per grade among participants"),
        [NP_ESTIMATOR_UNIT_PANEL] = N_("Units with partial exposure"),
    };
    return np_estimator_is_staggered(estimator)
               ? np_did_estimator_title(np_estimator_did(estimator))
               : title[estimator];
}

const char *np_trial_code(np_trial_kind kind)
{
    static const char *const code[NP_N_TRIALS] = {
        [NP_TRIAL_RELATIVE_MAGNITUDES] = "relative_magnitudes",
        [NP_TRIAL_SMOOTHNESS] = "smoothness",
        [NP_TRIAL_PLACEBO_DATES] = "placebo_dates",
        [NP_TRIAL_LEAVE_UNIT_OUT] = "leave_unit_out",
        [NP_TRIAL_LEAVE_COHORT_OUT] = "leave_cohort_out",
        [NP_TRIAL_RANDOMISATION] = "randomisation",
    };
    return code[kind];
}
