/* Money: what was promised, on what conditions, asked for, paid, held back, recovered. */
#include "store/kind_internal.h"

static const np_field grant_frame_fields[] = {
    REFERENCE("scheme", NP_REQUIRED, "grant_scheme", "The rule."),
    INTEGER("year", NP_REQUIRED, "The budget year."),
    NUMBER("amount", NP_REQUIRED, "Kroner that may be promised in the year."),
    TEXT("decided_by", NP_OPTIONAL, "Who set the frame."),
};

static const np_field grant_commitment_fields[] = {
    REFERENCE("scheme", NP_REQUIRED, "grant_scheme", "The rule."),
    REFERENCE("project", NP_REQUIRED, "project", "Who is promised."),
    INTEGER("year", NP_REQUIRED, "The budget year."),
    NUMBER("amount", NP_REQUIRED, "Kroner promised."),
    DATE("date", NP_REQUIRED, "When."),
    TEXT("reason", NP_REQUIRED, "How the amount follows from the rule."),
    TEXT("decided_by", NP_REQUIRED, "Who answers for it."),
};

static const np_field grant_condition_fields[] = {
    REFERENCE("commitment", NP_REQUIRED, "grant_commitment", "The promise."),
    TEXT("code", NP_REQUIRED, "Its short word within the promise."),
    CHOICE("sort", NP_REQUIRED, "approved_report|use_statement|other", "What it is."),
    TEXT("text", NP_REQUIRED, "The condition in words."),
    REFERENCE("template", NP_OPTIONAL, "template", "The report that must be approved."),
    PERIOD("period", NP_OPTIONAL, "Its period."),
    DATE("met_on", NP_OPTIONAL, "For other conditions: when it was met."),
    TEXT("met_by", NP_OPTIONAL, "For other conditions: who says so."),
    CHOICE("releases", NP_OPTIONAL, "instalment|final_payment",
           "The payment that waits for it; empty: every payment."),
};

static const np_field use_statement_fields[] = {
    REFERENCE("commitment", NP_REQUIRED, "grant_commitment", "The promise."),
    DATE("date", NP_REQUIRED, "When."),
    NUMBER("used", NP_REQUIRED,
           "Kroner used for the purpose so far, altogether; zero is a value."),
    TEXT("text", NP_OPTIONAL, "What they were used for."),
    TEXT("attested_by", NP_REQUIRED, "Who attests it."),
};

static const np_field payment_request_fields[] = {
    REFERENCE("commitment", NP_REQUIRED, "grant_commitment", "The promise."),
    DATE("date", NP_REQUIRED, "When."),
    NUMBER("amount", NP_REQUIRED, "Kroner asked for."),
    TEXT("requested_by", NP_REQUIRED, "Who asks."),
    TEXT("text", NP_OPTIONAL, "What for."),
};

static const np_field payment_fields[] = {
    REFERENCE("commitment", NP_REQUIRED, "grant_commitment", "The promise."),
    REFERENCE("request", NP_OPTIONAL, "payment_request", "What was asked."),
    CHOICE("sort", NP_REQUIRED, "instalment|final_payment|hold_back|recovery|refusal",
           "A payment, or the decision not to pay, or to claim back."),
    DATE("date", NP_REQUIRED, "When."),
    NUMBER("amount", NP_REQUIRED, "Kroner, not negative."),
    TEXT("reason", NP_REQUIRED, "Which rule and which facts the decision follows from."),
    TEXT("decided_by", NP_REQUIRED, "Who decided."),
    TEXT("attested_by", NP_OPTIONAL, "The second person who attests a payment."),
};

static const np_kind kinds[] = {
    KIND("grant_frame", "scheme/year", false, "What may be promised in a year.",
         grant_frame_fields),
    KIND("grant_commitment", "project/scheme/year", false,
         "What a project is promised for a year.", grant_commitment_fields),
    KIND("grant_condition", "commitment/code", false,
         "What must be met before money is paid.", grant_condition_fields),
    KIND("use_statement", "commitment/date", false, "What the money was used for.",
         use_statement_fields),
    KIND("payment_request", "commitment/date", false, "A request to be paid.",
         payment_request_fields),
    KIND("payment", "commitment/sort/date", false,
         "A decision on money, with its reason.", payment_fields),
};

const np_kind_area np_kinds_grant = {kinds, sizeof kinds / sizeof *kinds};
