/* Rules of money: promised within the frame and by the rule, paid when the conditions are
 * met, by two persons. */
#include <math.h>
#include <string.h>

#include "programme/grant_amount.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"over_frame", "grant_frame",
     N_("What is promised for a year is within the year's frame."), false},
    {"no_frame", "grant_commitment", N_("A frame is set before money is promised."),
     true},
    {"amount_by_rule", "grant_commitment",
     N_("What is promised follows from the scheme, the project's organisations and their "
        "months of the year."),
     true},
    {"not_admitted", "grant_commitment",
     N_("Money is promised to admitted projects alone."), false},
    {"condition_report", "grant_condition",
     N_("A condition that a report be approved says which template and period."), false},
    {"two_persons", "payment",
     N_("Whoever decides a payment does not attest it; a payment or recovery is attested "
        "by a second person."),
     false},
    {"request_of_promise", "payment",
     N_("A payment answers a request on the same promise, and is not above it."), false},
    {"condition_not_met", "payment",
     N_("Money is paid when the conditions are met: the reports approved, the use of the "
        "money stated, what else was asked for done."),
     false},
    {"paid_over_promise", "payment",
     N_("Payments less recoveries are not above what was promised."), false},
    {"hold_back", "payment",
     N_("Instalments leave the share that is held back for the final payment."), false},
    {"recovery_over_paid", "payment", N_("No more is claimed back than was paid."),
     false},
    {"use_over_promise", "use_statement",
     N_("What is stated as used was promised; more is the project's own money."), true},
};

static void frame(np_judge *judge, const char *id)
{
    const np_record *frame = judge_find(judge, "grant_frame", id);
    if (frame == NULL)
        return;
    np_value year = np_record_value(frame, "year");
    np_where where[] = {NP_IS("scheme", np_record_text(frame, "scheme")),
                        {.path = "year", .value = &year, .n = 1}};
    np_rows rows = judge_rows(judge, "grant_commitment", "amount", where, 2);
    double sum = 0, amount = np_record_number(frame, "amount");
    for (size_t r = 0; r < rows.n_rows; r++)
        sum += np_rows_number(&rows, r, 0);
    if (sum > amount + 0.005)
        judge_object(judge, frame, "amount", "over_frame", NULL,
                     _("%s kroner are promised for %lld in %zu promises, and the frame "
                       "is %s"),
                     in_digits(sum).text, (long long)year.integer, rows.n_rows,
                     in_digits(amount).text);
}

static const char *frame_of(np_judge *judge, const np_record *record)
{
    np_value year = np_record_value(record, "year");
    np_where where[] = {NP_IS("scheme", np_record_text(record, "scheme")),
                        {.path = "year", .value = &year, .n = 1}};
    np_rows rows = judge_rows(judge, "grant_frame", "id", where, 2);
    return rows.n_rows > 0 ? np_rows_text(&rows, 0, 0) : NULL;
}

static void amount_by_rule(np_judge *judge, const np_record *record)
{
    np_grant_amount rule;
    judge->status = np_grant_amount_of(
        &rule, judge->store, np_record_text(record, "scheme"),
        np_record_text(record, "project"), np_record_integer(record, "year", 0),
        judge->arena, judge->err);
    double amount = np_record_number(record, "amount");
    if (judge->status == NP_OK && fabs(amount - rule.amount) >= 1)
        judge_object(judge, record, "amount", "amount_by_rule",
                     _("promise the amount of the rule, or say in the reason why not"),
                     _("%s kroner are promised; by the rule it would be %s (%s)"),
                     in_digits(amount).text, in_digits(rule.amount).text,
                     rule.explanation);
}

static void promise(np_judge *judge, const np_record *record)
{
    const char *project = np_record_text(record, "project");
    if (judge_find(judge, "project", project) == NULL ||
        judge_referred(judge, record, "scheme") == NULL)
        return;
    if (frame_of(judge, record) == NULL)
        judge_object(judge, record, "year", "no_frame", NULL,
                     _("there is no frame for %lld"),
                     (long long)np_record_integer(record, "year", 0));
    amount_by_rule(judge, record);
    judge_admission admission = judge_admission_of(judge, project);
    if (admission == ADMISSION_REFUSED || admission == ADMISSION_PENDING)
        judge_object(judge, record, "project", "not_admitted", NULL,
                     _("the project %s has applied and is not admitted"), project);
}

static void condition(np_judge *judge, const np_record *record)
{
    if (!has_word(record, "sort", "approved_report"))
        return;
    static const char *const fields[] = {"template", "period"};
    for (size_t i = 0; i < 2; i++)
        if (np_record_text(record, fields[i]) == NULL)
            judge_object(judge, record, fields[i], "condition_report", NULL,
                         _("the condition does not say which %s"), fields[i]);
}

static bool moves_money(const np_record *payment)
{
    return has_word(payment, "sort", "instalment") ||
           has_word(payment, "sort", "final_payment") ||
           has_word(payment, "sort", "recovery");
}

static void two_persons(np_judge *judge, const np_record *record)
{
    const char *decided = np_record_text(record, "decided_by");
    const char *attested = np_record_text(record, "attested_by");
    if (attested == NULL && moves_money(record))
        judge_object(judge, record, "attested_by", "two_persons", NULL,
                     _("nobody attests it"));
    if (attested != NULL && decided != NULL && strcmp(attested, decided) == 0)
        judge_object(judge, record, "attested_by", "two_persons", NULL,
                     _("%s both decides and attests it"), decided);
}

static void request(np_judge *judge, const np_record *record)
{
    const np_record *request = judge_referred(judge, record, "request");
    if (request == NULL)
        return;
    if (!has_word(record, "commitment", np_record_text(request, "commitment")))
        judge_object(judge, record, "request", "request_of_promise", NULL,
                     _("the request %s is on the promise %s"), request->id,
                     np_record_text(request, "commitment"));
    double amount = np_record_number(record, "amount");
    double asked = np_record_number(request, "amount");
    bool pays = has_word(record, "sort", "instalment") ||
                has_word(record, "sort", "final_payment");
    if (pays && amount > asked)
        judge_object(judge, record, "amount", "request_of_promise", NULL,
                     _("%s kroner would be paid, and %s are asked for"),
                     in_digits(amount).text, in_digits(asked).text);
}

static bool report_is_in(np_judge *judge, const char *project, const char *template,
                         const char *period)
{
    if (template == NULL || period == NULL)
        return false;
    np_where where[] = {NP_IS("project", project), NP_IS("template", template),
                        NP_IS("period", period)};
    np_rows rows =
        judge_rows(judge, "report", "status template.needs_approval", where, 3);
    for (size_t r = 0; r < rows.n_rows; r++) {
        const char *status = np_rows_text(&rows, r, 0);
        bool approval = np_rows_integer(&rows, r, 1, 1) == 1;
        if (strcmp(status, "approved") == 0 ||
            (!approval && strcmp(status, "submitted") == 0))
            return true;
    }
    np_rows owed = judge_rows(judge, "obligation", "waived", where, 3);
    return owed.n_rows > 0 && np_rows_integer(&owed, 0, 0, 0) == 1;
}

enum { C_CODE, C_SORT, C_TEMPLATE, C_PERIOD, C_MET_ON, C_RELEASES };

static bool is_met(np_judge *judge, const np_record *commitment,
                   const np_rows *conditions, size_t c, const char *date)
{
    const char *sort = np_rows_text(conditions, c, C_SORT);
    if (strcmp(sort, "approved_report") == 0)
        return report_is_in(judge, np_record_text(commitment, "project"),
                            np_rows_text(conditions, c, C_TEMPLATE),
                            np_rows_text(conditions, c, C_PERIOD));
    if (strcmp(sort, "use_statement") == 0) {
        np_rows rows =
            ROWS_OF(judge, "use_statement", "date", "commitment", commitment->id);
        return rows.n_rows > 0 && !is_before(date, np_rows_text(&rows, 0, 0));
    }
    const char *met = np_rows_text(conditions, c, C_MET_ON);
    return met != NULL && !is_before(date, met);
}

static bool is_for_final(const np_rows *conditions, size_t c)
{
    const char *releases = np_rows_text(conditions, c, C_RELEASES);
    return releases != NULL && strcmp(releases, "final_payment") == 0;
}

/* Of a payment that is decided now: a report that is reopened later does not undo what
 * was paid on it. */
static void conditions(np_judge *judge, const np_record *record, const np_record *past)
{
    if (record == NULL || past != NULL)
        return;
    const np_record *commitment = judge_referred(judge, record, "commitment");
    bool pays = has_word(record, "sort", "instalment") ||
                has_word(record, "sort", "final_payment");
    if (commitment == NULL || !pays)
        return;
    bool instalment = has_word(record, "sort", "instalment");
    np_rows rows =
        ROWS_OF(judge, "grant_condition", "code sort template period met_on releases",
                "commitment", commitment->id);
    for (size_t c = 0; c < rows.n_rows; c++)
        if (!(instalment && is_for_final(&rows, c)) &&
            !is_met(judge, commitment, &rows, c, np_record_text(record, "date")))
            judge_object(judge, record, "commitment", "condition_not_met", NULL,
                         _("the condition %s (%s) of %s is not met"),
                         np_rows_text(&rows, c, C_CODE), np_rows_text(&rows, c, C_SORT),
                         commitment->id);
}

typedef struct {
    double paid, instalments, recovered;
} sums;

static void judge_sums(np_judge *judge, const np_record *promise, const sums *s,
                       const char *payment)
{
    double amount = np_record_number(promise, "amount");
    const np_record *scheme = judge_referred(judge, promise, "scheme");
    double share = scheme != NULL ? np_record_number(scheme, "hold_back_share") : NAN;
    if (s->paid - s->recovered > amount + 0.005)
        judge_object_to(judge, "payment", payment, "amount", "paid_over_promise", NULL,
                        _("%s kroner are paid, and %s are promised"),
                        in_digits(s->paid - s->recovered).text, in_digits(amount).text);
    else if (s->instalments > amount * (1 - (isnan(share) ? 0 : share)) + 0.005)
        judge_object_to(judge, "payment", payment, "amount", "hold_back", NULL,
                        _("instalments are %s kroner of %s, of which the share %s waits "
                          "for the final payment"),
                        in_digits(s->instalments).text, in_digits(amount).text,
                        in_digits(share).text);
    if (s->recovered > s->paid + 0.005)
        judge_object_to(judge, "payment", payment, "amount", "recovery_over_paid", NULL,
                        _("%s kroner are claimed back, and %s were paid"),
                        in_digits(s->recovered).text, in_digits(s->paid).text);
}

static void whole_promise(np_judge *judge, const char *id)
{
    const np_record *promise = judge_find(judge, "grant_commitment", id);
    np_rows rows = ROWS_OF(judge, "payment", "date sort amount id", "commitment", id);
    sums s = {0, 0, 0};
    if (promise == NULL)
        return;
    for (size_t r = 0; r < rows.n_rows; r++) {
        const char *sort = np_rows_text(&rows, r, 1);
        double amount = np_rows_number(&rows, r, 2);
        bool instalment = strcmp(sort, "instalment") == 0;
        s.instalments += instalment ? amount : 0;
        s.paid += instalment || strcmp(sort, "final_payment") == 0 ? amount : 0;
        s.recovered += strcmp(sort, "recovery") == 0 ? amount : 0;
    }
    if (rows.n_rows > 0)
        judge_sums(judge, promise, &s, np_rows_text(&rows, rows.n_rows - 1, 3));
    double promised = np_record_number(promise, "amount");
    np_rows used = ROWS_OF(judge, "use_statement", "date used id", "commitment", id);
    for (size_t r = 0; r < used.n_rows; r++)
        if (np_rows_number(&used, r, 1) > promised + 0.005)
            judge_object_to(judge, "use_statement", np_rows_text(&used, r, 2), "used",
                            "use_over_promise", NULL,
                            _("%s kroner are stated as used, and %s are promised"),
                            in_digits(np_rows_number(&used, r, 1)).text,
                            in_digits(promised).text);
}

static const rule_of_record records[] = {
    {"grant_commitment", promise},
    {"grant_condition", condition},
    {"payment", two_persons},
    {"payment", request},
};

static const rule_of_change changes[] = {{"payment", conditions, true}};

static const rule_together together[] = {
    {"grant_frame", frame, NULL},
    {"grant_commitment", whole_promise, NULL},
};

static const rule_belongs belongs[] = {
    {"grant_frame", "id", "grant_frame", NULL},
    {"grant_commitment", NULL, "grant_frame", frame_of},
    {"grant_commitment", "id", "grant_commitment", NULL},
    {"payment", "commitment", "grant_commitment", NULL},
    {"use_statement", "commitment", "grant_commitment", NULL},
};

const rule_area rules_of_grant = {.rule = rules,
                                  .n_rules = sizeof rules / sizeof *rules,
                                  .record = RULES_OF(records),
                                  .change = RULES_OF(changes),
                                  .together = RULES_OF(together),
                                  .belongs = RULES_OF(belongs)};
