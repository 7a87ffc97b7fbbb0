/* Rules that hold for fields of many kinds. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"value", "", N_("Required fields have a value, and each value is one of its field."),
     false},
    {"reference", "", N_("What a record refers to is there."), false},
    {"ends_before_starts", "",
     N_("What ends does not end before it starts; the same of first and last days, of "
        "joining and leaving."),
     false},
    {"outside_programme", "",
     N_("Dates and periods lie within the programme's days; a baseline may be older."),
     false},
    {"negative", "", N_("Counts, amounts and hours are not negative; zero is a value."),
     false},
    {"future_date", "", N_("What has happened has no date in the future."), true},
};

static void references(np_judge *judge, const np_record *record)
{
    for (size_t f = 0; f < record->kind->n_fields; f++) {
        const np_field *field = &record->kind->field[f];
        if (field->type != NP_FIELD_REFERENCE || record->value[f].type == NP_VALUE_NONE)
            continue;
        const char *id = record->value[f].text;
        if (judge_find(judge, field->among, id) == NULL && judge->status == NP_OK)
            judge_object(judge, record, field->name, "reference",
                         _("put it in the same entry or before it, or mend the "
                           "identifier"),
                         _("there is no %s with the identifier \"%s\""), field->among,
                         id);
    }
}

/* The store takes any text as a date; who writes past the reading of values (value.h)
 * is found here. */
static void dates(np_judge *judge, const np_record *record)
{
    for (size_t f = 0; f < record->kind->n_fields; f++) {
        const np_field *field = &record->kind->field[f];
        if (record->value[f].type == NP_VALUE_NONE)
            continue;
        int32_t day;
        np_period period;
        const char *text = record->value[f].text;
        if (field->type == NP_FIELD_DATE && !np_date_parse(&day, text, strlen(text)))
            judge_object(judge, record, field->name, "value",
                         _("dates are written 2014-02-01"), _("\"%s\" is no date"), text);
        if (field->type == NP_FIELD_PERIOD &&
            !np_period_parse(&period, text, strlen(text)))
            judge_object(judge, record, field->name, "value",
                         _("periods are written 2014, 2014S1, 2014Q1 or 201401"),
                         _("\"%s\" is no period"), text);
    }
}

static const struct {
    const char *kind, *first, *last;
} spans[] = {
    {"organisation", "valid_from", "valid_to"},
    {"unit", "valid_from", "valid_to"},
    {"project", "starts", "ends"},
    {"project_organisation", "joined", "left_on"},
    {"participation", "starts", "ends"},
    {"network", "starts", "ends"},
    {"network_member", "joined", "left_on"},
    {"role", "starts", "ends"},
    {"call", "opens", "deadline"},
    {"measure", "starts", "ends"},
    {"measure_unit", "starts", "ends"},
    {"survey", "starts", "ends"},
};

static void spans_in_order(np_judge *judge, const np_record *record)
{
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (strcmp(spans[i].kind, record->kind->name) != 0)
            continue;
        const char *first = np_record_text(record, spans[i].first);
        const char *last = np_record_text(record, spans[i].last);
        if (is_before(last, first))
            judge_object(judge, record, spans[i].last, "ends_before_starts", NULL,
                         _("%s is %s, before %s, which is %s"), spans[i].last, last,
                         spans[i].first, first);
    }
}

/* Plans may go on after the programme; what the programme holds may not. */
static const struct {
    const char *kind, *field;
    bool period;
} within[] = {
    {"project", "starts", false},       {"project", "ends", false},
    {"participation", "starts", false}, {"participation", "ends", false},
    {"withdrawal", "date", false},      {"network", "starts", false},
    {"meeting", "date", false},         {"support", "date", false},
    {"milestone", "due", false},        {"obligation", "period", true},
    {"report", "period", true},         {"survey", "period", true},
    {"measurement", "period", true},
};

static bool may_be_older(const np_record *record)
{
    return strcmp(record->kind->name, "measurement") == 0 &&
           np_record_integer(record, "baseline", 0) == 1;
}

static void within_programme(np_judge *judge, const np_record *record)
{
    for (size_t i = 0; i < sizeof within / sizeof *within; i++) {
        if (strcmp(within[i].kind, record->kind->name) != 0)
            continue;
        const char *text = np_record_text(record, within[i].field);
        const np_record *programme = text != NULL ? judge_programme(judge) : NULL;
        if (programme == NULL)
            continue;
        const char *starts = np_record_text(programme, "starts");
        const char *ends = np_record_text(programme, "ends");
        judge_period p;
        const char *first = text, *last = text;
        if (within[i].period) {
            if (!read_period(&p, text))
                continue;
            first = p.first;
            last = p.last;
        } else if (!np_date_parse(&(int32_t){0}, text, strlen(text))) {
            continue; /* told as "value" */
        }
        if (is_before(ends, first) || (is_before(last, starts) && !may_be_older(record)))
            judge_object(judge, record, within[i].field, "outside_programme", NULL,
                         _("%s is outside the programme, which lasts from %s to %s"),
                         text, starts, ends);
    }
}

static const struct {
    const char *kind, *field;
    double least;
} least[] = {
    {"organisation", "n_members", 1},
    {"unit", "n_employees", 0},
    {"application", "amount", 0},
    {"measure", "n_covered", 0},
    {"measure", "pools", 1},
    {"measure_unit", "n_covered", 0},
    {"measure_account", "n_covered", 0},
    {"measurement", "n_people", 0},
    {"attendance", "n_people", 0},
    {"support", "hours", 0},
    {"grant_frame", "amount", 0},
    {"grant_commitment", "amount", 0},
    {"use_statement", "used", 0},
    {"payment_request", "amount", 0},
    {"payment", "amount", 0},
    {"answer", "number", 1},
};

static void not_negative(np_judge *judge, const np_record *record)
{
    for (size_t i = 0; i < sizeof least / sizeof *least; i++) {
        if (strcmp(least[i].kind, record->kind->name) != 0)
            continue;
        double value = np_record_number(record, least[i].field);
        if (value < least[i].least)
            judge_object(judge, record, least[i].field, "negative", NULL,
                         _("%s is %s; the least it can be is %s"), least[i].field,
                         in_digits(value).text, in_digits(least[i].least).text);
    }
}

static const struct {
    const char *kind, *field;
} happened[] = {
    {"application", "received"}, {"commitment", "date"}, {"decision", "date"},
    {"exception", "date"},       {"report", "received"}, {"payment", "date"},
    {"use_statement", "date"},   {"label", "date"},      {"adjudication", "date"},
    {"plan_assessment", "date"}, {"milestone", "done"},  {"goal", "baseline_date"},
};

static void not_in_future(np_judge *judge, const np_record *record)
{
    for (size_t i = 0; i < sizeof happened / sizeof *happened; i++) {
        if (strcmp(happened[i].kind, record->kind->name) != 0)
            continue;
        const char *date = np_record_text(record, happened[i].field);
        if (is_before(judge->today, date))
            judge_object(judge, record, happened[i].field, "future_date", NULL,
                         _("%s is %s, and today is %s"), happened[i].field, date,
                         judge->today);
    }
}

static const rule_of_record records[] = {
    {NULL, references},       {NULL, dates},        {NULL, spans_in_order},
    {NULL, within_programme}, {NULL, not_negative}, {NULL, not_in_future},
};

const rule_area rules_of_common = {
    .rule = rules, .n_rules = sizeof rules / sizeof *rules, .record = RULES_OF(records)};
