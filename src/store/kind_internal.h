/* How the tables of kinds are written; only they include this. */
#ifndef NP_STORE_KIND_INTERNAL_H
#define NP_STORE_KIND_INTERNAL_H

#include "base/language.h"
#include "store/kind.h"

#define NP_REQUIRED true
#define NP_OPTIONAL false

#define TEXT(name, required, help)                                                       \
    {                                                                                    \
        name, NP_FIELD_TEXT, required, NULL, N_(help)                                    \
    }
#define INTEGER(name, required, help)                                                    \
    {                                                                                    \
        name, NP_FIELD_INTEGER, required, NULL, N_(help)                                 \
    }
#define NUMBER(name, required, help)                                                     \
    {                                                                                    \
        name, NP_FIELD_NUMBER, required, NULL, N_(help)                                  \
    }
#define DATE(name, required, help)                                                       \
    {                                                                                    \
        name, NP_FIELD_DATE, required, NULL, N_(help)                                    \
    }
#define PERIOD(name, required, help)                                                     \
    {                                                                                    \
        name, NP_FIELD_PERIOD, required, NULL, N_(help)                                  \
    }
#define YES_NO(name, required, help)                                                     \
    {                                                                                    \
        name, NP_FIELD_YES_NO, required, NULL, N_(help)                                  \
    }
#define CHOICE(name, required, among, help)                                              \
    {                                                                                    \
        name, NP_FIELD_CHOICE, required, among, N_(help)                                 \
    }
#define REFERENCE(name, required, kind, help)                                            \
    {                                                                                    \
        name, NP_FIELD_REFERENCE, required, kind, N_(help)                               \
    }

#define MISSING_REASONS                                                                  \
    "blank|not_measured|not_reported|not_asked|not_applicable|dont_know|suppressed|"     \
    "discontinued"
#define PARTIES        "politicians|administration|unions"
#define GOAL_LEVELS    "effect|result|driver|measure"
#define MEASURE_STATUS "planned|under_way|finished|shelved"
#define AGGREGATIONS   "sum|ratio|mean|weighted_mean|latest|none"
#define ITEM_SORTS                                                                       \
    "effect_goal|result_goal|driver_goal|measure_goal|goal_change|measure|result|"       \
    "documentation|hindrance_local|hindrance_central|learning_point|focus|project|"      \
    "report|answer"

#define KIND(name_, key_, defined_, help_, fields_)                                      \
    {                                                                                    \
        .name = name_, .key = key_, .defined = defined_, .help = N_(help_),              \
        .field = fields_, .n_fields = sizeof(fields_) / sizeof *(fields_)                \
    }

/* The areas, in the order of their references. */
typedef struct {
    const np_kind *kind;
    size_t n;
} np_kind_area;

extern const np_kind_area np_kinds_definition, np_kinds_organisation, np_kinds_project,
    np_kinds_admission, np_kinds_goal, np_kinds_network, np_kinds_report, np_kinds_grant,
    np_kinds_coding, np_kinds_survey;

#endif
