/* Rules of organisations, their successors, and units. */
#include <math.h>
#include <string.h>

#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"organisation_code", "organisation",
     N_("The code of a municipality has four digits, of a county two, of a city district "
        "six, as in Statistics Norway's KLASS 131, 104 and 103."),
     false},
    {"code_twice", "organisation",
     N_("Two organisations have the same code only in times that do not overlap."),
     false},
    {"change_of_itself", "organisation_change",
     N_("An organisation is not its own successor."), false},
    {"change_share", "organisation_change", N_("A share is above 0 and at most 1."),
     false},
    {"change_date", "organisation_change",
     N_("A successor is there from the day of the change, and the predecessor until the "
        "day before."),
     false},
    {"split_shares", "organisation_change",
     N_("The shares of an organisation that is split sum to 1."), false},
    {"split_without_shares", "organisation_change",
     N_("A split says how large a share went to each successor; without it nothing can "
        "be carried over."),
     true},
    {"succession_circle", "organisation_change",
     N_("An organisation does not come before itself by way of its successors."), false},
    {"unit_number", "unit",
     N_("A unit's number has nine digits, of which the last is the control digit."),
     false},
};

static bool all_digits(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, "0123456789") == length;
}

static size_t digits_of_code(const char *sort)
{
    if (strcmp(sort, "municipality") == 0)
        return 4;
    if (strcmp(sort, "county") == 0)
        return 2;
    return strcmp(sort, "city_district") == 0 ? 6 : 0;
}

static void organisation_code(np_judge *judge, const np_record *record)
{
    const char *code = np_record_text(record, "code");
    const char *sort = np_record_text(record, "sort");
    size_t digits = code != NULL && sort != NULL ? digits_of_code(sort) : 0;
    if (digits > 0 && !all_digits(code, digits))
        judge_object(judge, record, "code", "organisation_code",
                     _("codes are texts: a zero in front belongs to them (0301)"),
                     _("\"%s\" is no code of a %s, which has %zu digits"), code, sort,
                     digits);
}

static judge_days validity(const np_record *record)
{
    return (judge_days){np_record_text(record, "valid_from"),
                        np_record_text(record, "valid_to")};
}

static void code_twice(np_judge *judge, const char *id)
{
    const np_record *record = judge_find(judge, "organisation", id);
    const char *code = record != NULL ? np_record_text(record, "code") : NULL;
    if (code == NULL)
        return;
    np_rows rows =
        ROWS_OF(judge, "organisation", "id valid_from valid_to sort", "code", code);
    for (size_t r = 0; r < rows.n_rows; r++) {
        judge_days other = {np_rows_text(&rows, r, 1), np_rows_text(&rows, r, 2)};
        if (strcmp(np_rows_text(&rows, r, 0), id) != 0 &&
            spans_meet(validity(record), other))
            judge_object(judge, record, "code", "code_twice",
                         _("give both their valid_from and valid_to"),
                         _("the code %s is also that of %s at the same time"), code,
                         np_rows_text(&rows, r, 0));
    }
}

static void change(np_judge *judge, const np_record *record)
{
    const char *predecessor = np_record_text(record, "predecessor");
    const char *successor = np_record_text(record, "successor");
    if (strcmp(predecessor, successor) == 0)
        judge_object(judge, record, "successor", "change_of_itself", NULL,
                     _("%s is said to have become itself"), predecessor);
    double share = np_record_number(record, "share");
    if (share <= 0 || share > 1)
        judge_object(judge, record, "share", "change_share", NULL,
                     _("the share is %s; it must be above 0 and at most 1"),
                     in_digits(share).text);
}

/* Borders between organisations that both go on are moved without their first and last
 * days changing. */
static void change_date(np_judge *judge, const np_record *record)
{
    const char *date = np_record_text(record, "date");
    const np_record *before = judge_referred(judge, record, "predecessor");
    const np_record *after = judge_referred(judge, record, "successor");
    if (before == NULL || after == NULL ||
        strcmp(np_record_text(record, "sort"), "boundary") == 0)
        return;
    const char *first = np_record_text(after, "valid_from");
    const char *last = np_record_text(before, "valid_to");
    if (first != NULL && is_before(date, first))
        judge_object(judge, record, "date", "change_date", NULL,
                     _("the change is on %s, but the first day of %s is %s"), date,
                     after->id, first);
    const char *eve = day_before(judge, date);
    if (last != NULL && eve != NULL && strcmp(last, eve) != 0)
        judge_object(judge, record, "date", "change_date", NULL,
                     _("the change is on %s, but the last day of %s is %s"), date,
                     before->id, last);
}

static void split_shares(np_judge *judge, const char *predecessor)
{
    np_where where[] = {NP_IS("predecessor", predecessor), NP_IS("sort", "split")};
    np_rows rows = judge_rows(judge, "organisation_change", "date share id", where, 2);
    for (size_t r = 0; r < rows.n_rows;) {
        const char *date = np_rows_text(&rows, r, 0);
        double sum = 0;
        size_t n = 0, n_shares = 0, first = r;
        for (; r < rows.n_rows && strcmp(np_rows_text(&rows, r, 0), date) == 0;
             r++, n++) {
            double share = np_rows_number(&rows, r, 1);
            n_shares += isnan(share) ? 0 : 1;
            sum += isnan(share) ? 0 : share;
        }
        const char *id = np_rows_text(&rows, first, 2);
        if (n_shares == 0)
            judge_object_to(judge, "organisation_change", id, "share",
                            "split_without_shares", NULL,
                            _("%s was split on %s without shares"), predecessor, date);
        else if (n_shares < n || fabs(sum - 1) > 1e-6)
            judge_object_to(judge, "organisation_change", id, "share", "split_shares",
                            NULL,
                            _("%s was split on %s into %zu with shares that sum to %s"),
                            predecessor, date, n, in_digits(sum).text);
    }
}

/* Successors of successors, each once; more than there are organisations is a circle. */
static void succession_circle(np_judge *judge, const char *id)
{
    np_text_map *seen = np_text_map_new(judge->arena);
    if (seen == NULL || np_text_map_add(seen, id, strlen(id)) < 0)
        return;
    for (size_t i = 0; i < np_text_map_size(seen); i++) {
        np_rows next = ROWS_OF(judge, "organisation_change", "successor", "predecessor",
                               np_text_map_text(seen, (int32_t)i));
        for (size_t r = 0; r < next.n_rows; r++) {
            const char *successor = np_rows_text(&next, r, 0);
            if (strcmp(successor, id) == 0) {
                if (i > 0) /* being its own successor is told by another rule */
                    judge_object_to(judge, "organisation", id, "", "succession_circle",
                                    NULL, _("%s comes after itself, by way of %s"), id,
                                    np_text_map_text(seen, (int32_t)i));
                return;
            }
            if (np_text_map_add(seen, successor, strlen(successor)) < 0)
                return;
        }
    }
}

static void succession(np_judge *judge, const char *id)
{
    split_shares(judge, id);
    succession_circle(judge, id);
}

/* A successor chain is entered from its changes; in a full pass, from each predecessor.
 */
static void each_predecessor(np_judge *judge, judge_subject *visit)
{
    np_rows rows = judge_rows(judge, "organisation_change", "predecessor", NULL, 0);
    for (size_t r = 0; r < rows.n_rows; r++)
        if (r == 0 ||
            strcmp(np_rows_text(&rows, r, 0), np_rows_text(&rows, r - 1, 0)) != 0)
            visit(judge, np_rows_text(&rows, r, 0));
}

/* Weights 3 2 7 6 5 4 3 2 from the left; the control digit is 11 minus the remainder of
 * the sum by 11, 0 for 11; a number whose control digit would be 10 is not given out.
 * Source: Brønnøysundregistrene, "Organisasjonsnummeret"; the same for units. */
static bool is_organisation_number(const char *number)
{
    static const int weight[] = {3, 2, 7, 6, 5, 4, 3, 2};
    if (!all_digits(number, 9))
        return false;
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += weight[i] * (number[i] - '0');
    return (11 - sum % 11) % 11 == number[8] - '0';
}

static void unit_number(np_judge *judge, const np_record *record)
{
    const char *number = np_record_text(record, "number");
    if (number != NULL && !is_organisation_number(number))
        judge_object(judge, record, "number", "unit_number",
                     _("units are in the register of Brønnøysund, data.brreg.no"),
                     all_digits(number, 9)
                         ? _("%s is no organisation number: its control digit does not "
                             "fit")
                         : _("\"%s\" is no organisation number, which has nine digits"),
                     number);
}

static const rule_of_record records[] = {
    {"organisation", organisation_code},
    {"organisation_change", change},
    {"organisation_change", change_date},
    {"unit", unit_number},
};

static const rule_together together[] = {
    {"organisation", code_twice, NULL},
    {"succession", succession, each_predecessor},
};

static const rule_belongs belongs[] = {
    {"organisation", "id", "organisation", NULL},
    {"organisation_change", "predecessor", "succession", NULL},
};

const rule_area rules_of_organisation = {.rule = rules,
                                         .n_rules = sizeof rules / sizeof *rules,
                                         .record = RULES_OF(records),
                                         .together = RULES_OF(together),
                                         .belongs = RULES_OF(belongs)};
