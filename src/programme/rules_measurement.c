/* Rules of measured values, one by one and as series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"whom", "measurement",
     N_("A value is of exactly one project, organisation, unit or measure."), false},
    {"value_or_missing", "measurement",
     N_("A measurement has a value or the reason why there is none, not both and not "
        "neither; zero is a value."),
     false},
    {"ratio_half", "measurement",
     N_("A ratio has a numerator and a denominator, or neither where only the published "
        "value is known; what is no ratio has none."),
     false},
    {"ratio_without_parts", "measurement",
     N_("A ratio without numerator and denominator cannot be combined with others."),
     true},
    {"zero_denominator", "measurement",
     N_("A denominator is above zero; nothing by nothing is not zero."), false},
    {"ratio_value", "measurement",
     N_("The value of a ratio is what its numerator, denominator and factor give, but "
        "for "
        "rounding."),
     false},
    {"ratio_above_whole", "measurement",
     N_("The numerator of a share is not above its denominator."), false},
    {"whole_count", "measurement", N_("A count is a whole number and not negative."),
     false},
    {"period_length", "",
     N_("A period is as long as the indicator is measured or the template asks."), false},
    {"future_period", "measurement", N_("Nothing is measured before its period begins."),
     false},
    {"definition_version", "measurement",
     N_("The version of the indicator's definition is one that there is."), false},
    {"break_without_note", "measurement",
     N_("A break in a series says why the values cannot be compared."), true},
    {"measured_twice", "measurement",
     N_("There is one value of an indicator for the same and the same period."), false},
    {"cumulative_falls", "measurement",
     N_("What counts from the start does not fall, unless there is a break in the "
        "series."),
     false},
    {"jump", "measurement",
     N_("A value is not ten times the one before it or a tenth of it: often a decimal "
        "sign is lost."),
     true},
};

static const char *const whom_fields[] = {"project", "organisation", "unit", "measure"};

static void whom(np_judge *judge, const np_record *record)
{
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        n += np_record_text(record, whom_fields[i]) != NULL;
    if (n != 1)
        judge_object(judge, record, "", "whom",
                     _("a unit has its organisation and a measure its project, so that "
                       "the narrowest says all"),
                     n == 0 ? _("it is of no project, organisation, unit or measure")
                            : _("it is of more than one of project, organisation, unit "
                                "and measure"));
}

static void value_or_missing(np_judge *judge, const np_record *record)
{
    double value = np_record_number(record, "value");
    const char *missing = np_record_text(record, "missing");
    if (isnan(value) && missing == NULL)
        judge_object(judge, record, "value", "value_or_missing",
                     _("give the value, or say with missing why there is none"),
                     _("there is neither a value nor a reason"));
    if (!isnan(value) && missing != NULL)
        judge_object(judge, record, "missing", "value_or_missing", NULL,
                     _("the value is %s, and is said to be missing (%s)"),
                     in_digits(value).text, missing);
}

/* Half of the last decimal that the value is written with. */
static double rounding_of(double value)
{
    number_text text = in_digits(value);
    const char *point = strchr(text.text, '.');
    size_t decimals =
        point != NULL && strchr(text.text, 'e') == NULL ? strlen(point + 1) : 0;
    return 0.5 * pow(10, -(double)decimals);
}

static void ratio_value(np_judge *judge, const np_record *record,
                        const np_record *indicator, double above, double below)
{
    double factor = np_record_number(indicator, "factor");
    double computed = (isnan(factor) ? 1 : factor) * above / below;
    double value = np_record_number(record, "value");
    if (fabs(value - computed) > rounding_of(value) + 1e-9 * fabs(computed))
        judge_object(judge, record, "value", "ratio_value", NULL,
                     _("the value is %s, and %s by %s makes %s"), in_digits(value).text,
                     in_digits(above).text, in_digits(below).text,
                     in_digits(computed).text);
    double high = np_record_number(indicator, "high");
    if (above > below && high == (isnan(factor) ? 1 : factor))
        judge_object(judge, record, "numerator", "ratio_above_whole", NULL,
                     _("the numerator %s is above the denominator %s"),
                     in_digits(above).text, in_digits(below).text);
}

static void ratio(np_judge *judge, const np_record *record, const np_record *indicator)
{
    double above = np_record_number(record, "numerator");
    double below = np_record_number(record, "denominator");
    bool is_ratio = has_word(indicator, "sort", "ratio");
    if (!is_ratio && !(isnan(above) && isnan(below)))
        judge_object(judge, record, "numerator", "ratio_half", NULL,
                     _("%s is no ratio, and the value has a numerator or denominator"),
                     indicator->id);
    if (!is_ratio)
        return;
    bool has_value = !isnan(np_record_number(record, "value"));
    if (below <= 0)
        judge_object(judge, record, "denominator", "zero_denominator",
                     _("leave the value out, with the reason not_applicable"),
                     _("the denominator is %s"), in_digits(below).text);
    else if (isnan(above) != isnan(below) && has_value)
        judge_object(judge, record, isnan(above) ? "numerator" : "denominator",
                     "ratio_half", NULL,
                     isnan(above) ? _("there is a denominator and no numerator")
                                  : _("there is a numerator and no denominator"));
    else if (isnan(above) && has_value)
        judge_object(judge, record, "numerator", "ratio_without_parts", NULL,
                     _("the ratio %s has no numerator and denominator"),
                     in_digits(np_record_number(record, "value")).text);
    else if (has_value)
        ratio_value(judge, record, indicator, above, below);
}

static void of_indicator(np_judge *judge, const np_record *record)
{
    const np_record *indicator = judge_referred(judge, record, "indicator");
    if (indicator == NULL)
        return;
    ratio(judge, record, indicator);
    judge_range(judge, record, "value", indicator);
    double value = np_record_number(record, "value");
    if (has_word(indicator, "sort", "count") && (value < 0 || value != floor(value)) &&
        !isnan(value))
        judge_object(judge, record, "value", "whole_count", NULL,
                     _("%s is counted, and the value is %s"), indicator->id,
                     in_digits(value).text);
    int64_t now = np_record_integer(indicator, "version", 1);
    int64_t version = np_record_integer(record, "indicator_version", now);
    if (version < 1 || version > now)
        judge_object(judge, record, "indicator_version", "definition_version", NULL,
                     _("there is no version %lld of %s, which is at version %lld"),
                     (long long)version, indicator->id, (long long)now);
}

const char *const judge_period_words[] = {"year", "half_year", "quarter", "month"};

static void valid_then(np_judge *judge, const np_record *record, const char *field,
                       const judge_period *p)
{
    const np_record *whose = judge_referred(judge, record, field);
    if (whose == NULL)
        return;
    judge_days valid = {np_record_text(whose, "valid_from"),
                        np_record_text(whose, "valid_to")};
    if (!spans_meet(valid, (judge_days){p->first, p->last}))
        judge_object(judge, record, field, "code_not_valid",
                     _("organisation_change tells what became of it"),
                     _("%s is valid from %s to %s, which is not in %s"), whose->id,
                     or_open(valid.starts), or_open(valid.ends),
                     np_record_text(record, "period"));
}

static void period(np_judge *judge, const np_record *record)
{
    judge_period p;
    const char *text = np_record_text(record, "period");
    const np_record *indicator = judge_referred(judge, record, "indicator");
    if (!read_period(&p, text))
        return;
    if (indicator != NULL &&
        !has_word(indicator, "period", judge_period_words[p.period.length]))
        judge_object(judge, record, "period", "period_length", NULL,
                     _("%s is a %s, and %s is measured by %s"), text,
                     judge_period_words[p.period.length], indicator->id,
                     np_record_text(indicator, "period"));
    if (is_before(judge->today, p.first))
        judge_object(judge, record, "period", "future_period", NULL,
                     _("%s begins on %s, and today is %s"), text, p.first, judge->today);
    valid_then(judge, record, "organisation", &p);
    valid_then(judge, record, "unit", &p);
    if (np_record_integer(record, "break_in_series", 0) == 1 &&
        np_record_text(record, "note") == NULL)
        judge_object(judge, record, "note", "break_without_note", NULL,
                     _("the series breaks here, and nobody says why"));
}

enum { S_PERIOD, S_VALUE, S_ORGANISATION, S_UNIT, S_MEASURE, S_BASELINE, S_BREAK, S_ID };

typedef struct {
    const np_rows *rows;
    size_t row;
    np_period period;
} a_point;

static int compare_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_series(const a_point *a, const a_point *b)
{
    for (size_t c = S_ORGANISATION; c <= S_MEASURE; c++) {
        int order = compare_text(np_rows_text(a->rows, a->row, c),
                                 np_rows_text(b->rows, b->row, c));
        if (order != 0)
            return order;
    }
    return 0;
}

static bool is_baseline(const a_point *p)
{
    return np_rows_integer(p->rows, p->row, S_BASELINE, 0) == 1;
}

/* Series after series, in each the periods in order; a baseline before a value of the
 * same period. */
static int compare_points(const void *x, const void *y)
{
    const a_point *a = x, *b = y;
    int order = compare_series(a, b);
    if (order == 0)
        order = np_period_compare(a->period, b->period);
    if (order == 0)
        order = (int)is_baseline(b) - (int)is_baseline(a);
    if (order == 0)
        order = compare_text(np_rows_text(a->rows, a->row, S_ID),
                             np_rows_text(b->rows, b->row, S_ID));
    return order;
}

static void judge_pair(np_judge *judge, const np_record *indicator, const a_point *before,
                       const a_point *now)
{
    double was = np_rows_number(before->rows, before->row, S_VALUE);
    double value = np_rows_number(now->rows, now->row, S_VALUE);
    const char *id = np_rows_text(now->rows, now->row, S_ID);
    const char *then = np_rows_text(before->rows, before->row, S_PERIOD);
    if (np_rows_integer(now->rows, now->row, S_BREAK, 0) == 1)
        return;
    if (np_record_integer(indicator, "cumulative", 0) == 1 && value < was)
        judge_object_to(judge, "measurement", id, "value", "cumulative_falls",
                        _("mend it, or set break_in_series and say why in the note"),
                        _("%s counts from the start, and is %s after %s in %s"),
                        indicator->id, in_digits(value).text, in_digits(was).text, then);
    bool few =
        has_word(indicator, "sort", "count") && fabs(value) < 100 && fabs(was) < 100;
    if (value * was > 0 && !few &&
        (fabs(value) >= 10 * fabs(was) || fabs(was) >= 10 * fabs(value)))
        judge_object_to(judge, "measurement", id, "value", "jump",
                        _("see whether a decimal sign is lost, or the unit of measure is "
                          "another"),
                        _("the value is %s after %s in %s"), in_digits(value).text,
                        in_digits(was).text, then);
}

static void judge_points(np_judge *judge, const np_record *indicator,
                         const a_point *point, size_t n)
{
    const a_point *before = NULL; /* the last with a value in the same series */
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && compare_series(&point[i - 1], &point[i]) != 0)
            before = NULL;
        else if (i > 0 && np_period_compare(point[i - 1].period, point[i].period) == 0 &&
                 is_baseline(&point[i - 1]) == is_baseline(&point[i]))
            judge_object_to(
                judge, "measurement", np_rows_text(point[i].rows, point[i].row, S_ID),
                "period", "measured_twice", NULL, _("%s says the same of %s in %s"),
                np_rows_text(point[i - 1].rows, point[i - 1].row, S_ID), indicator->id,
                np_rows_text(point[i].rows, point[i].row, S_PERIOD));
        if (isnan(np_rows_number(point[i].rows, point[i].row, S_VALUE)))
            continue;
        if (before != NULL && !is_baseline(&point[i]))
            judge_pair(judge, indicator, before, &point[i]);
        before = &point[i];
    }
}

/* All series of an indicator and a project (or of no project): "indicator\nproject". */
static void series(np_judge *judge, const char *subject)
{
    const char *end = strchr(subject, '\n');
    const char *name = np_arena_copy_text(judge->arena, subject, (size_t)(end - subject));
    const np_record *indicator = judge_find(judge, "indicator", name);
    const char *project = end + 1;
    if (indicator == NULL)
        return;
    np_where where[] = {NP_IS("project", project), NP_IS("indicator", name)};
    if (project[0] == '\0')
        where[0] = (np_where){.path = "project", .sort = NP_WHERE_ABSENT};
    np_rows rows = judge_rows(
        judge, "measurement",
        "period value organisation unit measure baseline break_in_series id", where, 2);
    a_point *point = np_arena_array(judge->arena, a_point, rows.n_rows);
    size_t n = 0;
    for (size_t r = 0; point != NULL && r < rows.n_rows; r++) {
        const char *text = np_rows_text(&rows, r, S_PERIOD);
        point[n] = (a_point){.rows = &rows, .row = r};
        n += np_period_parse(&point[n].period, text, strlen(text));
    }
    if (n == 0)
        return;
    qsort(point, n, sizeof *point, compare_points);
    judge_points(judge, indicator, point, n);
}

static const char *series_name(np_judge *judge, const char *indicator,
                               const char *project)
{
    return np_arena_format(judge->arena, "%s\n%s", indicator,
                           project != NULL ? project : "");
}

static const char *series_of(np_judge *judge, const np_record *record)
{
    return series_name(judge, np_record_text(record, "indicator"),
                       np_record_text(record, "project"));
}

static void each_series(np_judge *judge, judge_subject *visit)
{
    np_query query = {
        .kind = np_kind_find("measurement"),
        .column = (const np_query_column[]){{.path = "project"},
                                            {.path = "indicator"},
                                            {.path = "id", .aggregate = NP_COUNT}},
        .n_columns = 3};
    np_rows rows = {0};
    judge->status = np_store_query(&rows, judge->store, &query, judge->arena, judge->err);
    for (size_t r = 0; r < rows.n_rows && judge->status == NP_OK; r++) {
        np_arena_mark mark = np_arena_set_mark(judge->arena);
        visit(judge,
              series_name(judge, np_rows_text(&rows, r, 1), np_rows_text(&rows, r, 0)));
        np_arena_release(judge->arena, mark);
    }
}

static const rule_of_record records[] = {
    {"measurement", whom},
    {"measurement", value_or_missing},
    {"measurement", of_indicator},
    {"measurement", period},
};

static const rule_together together[] = {{"series", series, each_series}};

static const rule_belongs belongs[] = {{"measurement", NULL, "series", series_of}};

const rule_area rules_of_measurement = {.rule = rules,
                                        .n_rules = sizeof rules / sizeof *rules,
                                        .record = RULES_OF(records),
                                        .together = RULES_OF(together),
                                        .belongs = RULES_OF(belongs)};
