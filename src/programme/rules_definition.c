/* Rules of what programme.yaml defines. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"deadline_after_start", "cohort",
     N_("Municipalities apply before the cohort starts."), true},
    {"indicator_limits", "indicator",
     N_("The smallest value that can be is below the largest, and the factor of a ratio "
        "is above 0."),
     false},
    {"ratio_definition", "indicator",
     N_("A ratio says what is counted above and below its line; others have neither."),
     false},
    {"ratio_averaged", "indicator",
     N_("Ratios are recomputed from numerators and denominators, or not combined at all; "
        "they are never added up or averaged."),
     false},
    {"aggregation_of_sort", "indicator", N_("Only ratios are combined as ratios."), false},
    {"cumulative_sum", "indicator",
     N_("What counts from the start is not added up over periods; the latest value holds "
        "the others."),
     false},
    {"due_date", "template", N_("A template's due date is a day of the calendar."), false},
    {"question_needs", "question",
     N_("A question for a category names its scheme, one for a measurement its "
        "indicator, one for items their sort."),
     false},
    {"question_theme", "question",
     N_("A question for an indicator of a theme is not asked of another theme."), false},
    {"category_parent", "category",
     N_("A group of categories is of the same scheme, and not the category itself."),
     false},
    {"crosswalk_schemes", "crosswalk",
     N_("A crosswalk leads from one scheme to another."), false},
    {"scheme_version", "scheme",
     N_("A scheme has a higher version than the one whose place it takes."), false},
    {"hold_back_share", "grant_scheme", N_("The share that is held back is 0 to 1."),
     false},
};

static void cohort(np_judge *judge, const np_record *record)
{
    const char *deadline = np_record_text(record, "deadline");
    const char *starts = np_record_text(record, "starts");
    if (is_before(starts, deadline))
        judge_object(judge, record, "deadline", "deadline_after_start", NULL,
                     _("the deadline is %s, after the start on %s"), deadline, starts);
}

/* ---- indicators ------------------------------------------------------------------ */

static void indicator_limits(np_judge *judge, const np_record *record)
{
    double low = np_record_number(record, "low"), high = np_record_number(record, "high");
    if (low >= high)
        judge_object(judge, record, "high", "indicator_limits", NULL,
                     _("the largest value %s is not above the smallest, %s"),
                     in_digits(high).text, in_digits(low).text);
    double factor = np_record_number(record, "factor");
    if (factor <= 0)
        judge_object(judge, record, "factor", "indicator_limits", NULL,
                     _("the factor is %s; it must be above 0"), in_digits(factor).text);
}

static void ratio_definition(np_judge *judge, const np_record *record)
{
    bool ratio = has_word(record, "sort", "ratio");
    static const char *const parts[] = {"numerator", "denominator"};
    for (size_t i = 0; i < 2; i++) {
        bool given = np_record_text(record, parts[i]) != NULL;
        if (ratio && !given)
            judge_object(judge, record, parts[i], "ratio_definition",
                         _("say what is counted, so that it can be counted alike"),
                         _("a ratio has no %s"), parts[i]);
        if (!ratio && given)
            judge_object(judge, record, parts[i], "ratio_definition",
                         _("make its sort ratio, or take it away"),
                         _("it is no ratio and has a %s"), parts[i]);
    }
}

static void aggregation(np_judge *judge, const np_record *record)
{
    static const char *const across[] = {"across_organisations", "across_units",
                                         "across_periods"};
    bool ratio = has_word(record, "sort", "ratio");
    for (size_t i = 0; i < 3; i++) {
        const char *how = np_record_text(record, across[i]);
        if (how == NULL)
            continue;
        bool averages = has_word(record, across[i], "sum") || has_word(record, across[i], "mean") ||
                        has_word(record, across[i], "weighted_mean");
        if (ratio && averages)
            judge_object(judge, record, across[i], "ratio_averaged",
                         _("write ratio, latest or none"),
                         _("a ratio cannot be combined by %s"), how);
        if (!ratio && has_word(record, across[i], "ratio"))
            judge_object(judge, record, across[i], "aggregation_of_sort", NULL,
                         _("it is no ratio and cannot be combined as one"));
    }
    if (np_record_integer(record, "cumulative", 0) == 1 &&
        has_word(record, "across_periods", "sum"))
        judge_object(judge, record, "across_periods", "cumulative_sum",
                     _("write latest"),
                     _("it counts from the start, so that a sum over periods counts "
                       "twice"));
}

/* ---- templates ------------------------------------------------------------------- */

static void due_date(np_judge *judge, const np_record *record)
{
    int64_t month = np_record_integer(record, "due_month", 1);
    int64_t day = np_record_integer(record, "due_day", 1);
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12)
        judge_object(judge, record, "due_month", "due_date", NULL,
                     _("%lld is no month"), (long long)month);
    else if (day < 1 || day > days[month - 1]) /* 29 February is not there each year */
        judge_object(judge, record, "due_day", "due_date", NULL,
                     _("%lld is no day of every year's month %lld"), (long long)day,
                     (long long)month);
}

static void question(np_judge *judge, const np_record *record)
{
    static const char *const needs[][2] = {
        {"category", "scheme"}, {"measurement", "indicator"}, {"items", "item_sort"}};
    for (size_t i = 0; i < 3; i++)
        if (has_word(record, "answer", needs[i][0]) &&
            np_record_text(record, needs[i][1]) == NULL)
            judge_object(judge, record, needs[i][1], "question_needs", NULL,
                         _("a question whose answer is a %s needs a %s"), needs[i][0],
                         needs[i][1]);
    const char *theme = np_record_text(record, "theme");
    const np_record *indicator = judge_referred(judge, record, "indicator");
    const char *other = indicator != NULL ? np_record_text(indicator, "theme") : NULL;
    if (theme != NULL && other != NULL && strcmp(theme, other) != 0)
        judge_object(judge, record, "theme", "question_theme", NULL,
                     _("it is asked of %s, and the indicator %s is of %s"), theme,
                     indicator->id, other);
}

/* ---- schemes --------------------------------------------------------------------- */

static void category(np_judge *judge, const np_record *record)
{
    const np_record *parent = judge_referred(judge, record, "parent");
    if (parent == NULL)
        return;
    const char *scheme = np_record_text(parent, "scheme");
    if (strcmp(parent->id, record->id) == 0 || !has_word(record, "scheme", scheme))
        judge_object(judge, record, "parent", "category_parent", NULL,
                     _("%s of the scheme %s cannot be its group"), parent->id, scheme);
}

static void crosswalk(np_judge *judge, const np_record *record)
{
    const np_record *source = judge_referred(judge, record, "source");
    const np_record *target = judge_referred(judge, record, "target");
    if (source != NULL && target != NULL &&
        has_word(source, "scheme", np_record_text(target, "scheme")))
        judge_object(judge, record, "target", "crosswalk_schemes", NULL,
                     _("%s and %s are of the same scheme"), source->id, target->id);
}

static void scheme(np_judge *judge, const np_record *record)
{
    const np_record *previous = judge_referred(judge, record, "previous");
    if (previous == NULL)
        return;
    int64_t version = np_record_integer(record, "version", 0);
    int64_t before = np_record_integer(previous, "version", 0);
    if (version <= before)
        judge_object(judge, record, "version", "scheme_version", NULL,
                     _("version %lld takes the place of %s, which is version %lld"),
                     (long long)version, previous->id, (long long)before);
}

static void grant_scheme(np_judge *judge, const np_record *record)
{
    double share = np_record_number(record, "hold_back_share");
    if (share < 0 || share > 1)
        judge_object(judge, record, "hold_back_share", "hold_back_share", NULL,
                     _("the share is %s; it must be 0 to 1"), in_digits(share).text);
}

static const rule_of_record records[] = {
    {"cohort", cohort},
    {"indicator", indicator_limits},
    {"indicator", ratio_definition},
    {"indicator", aggregation},
    {"template", due_date},
    {"question", question},
    {"category", category},
    {"crosswalk", crosswalk},
    {"scheme", scheme},
    {"grant_scheme", grant_scheme},
};

const rule_area rules_of_definition = {.rule = rules,
                                       .n_rules = sizeof rules / sizeof *rules,
                                       .record = RULES_OF(records)};
