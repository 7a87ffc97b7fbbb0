/* What is owed, what was reported, and what became of it. */
#include "store/kind_internal.h"

static const np_field obligation_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "Who owes the report."),
    REFERENCE("template", NP_REQUIRED, "template", "The form."),
    PERIOD("period", NP_REQUIRED, "The period that is reported."),
    DATE("due", NP_REQUIRED, "The day by which it is owed."),
    YES_NO("waived", NP_OPTIONAL, "Whether it is no longer asked for."),
    TEXT("reason", NP_OPTIONAL, "Why it is waived, or its date was moved."),
};

static const np_field report_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "Whose report it is."),
    REFERENCE("template", NP_REQUIRED, "template", "The form."),
    PERIOD("period", NP_REQUIRED, "The period that is reported."),
    CHOICE("status", NP_REQUIRED, "draft|submitted|returned|approved",
           "Where it stands."),
    DATE("received", NP_OPTIONAL, "The day of the first submission."),
    YES_NO("locked", NP_OPTIONAL, "Whether nothing in it may change any more."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field answer_fields[] = {
    REFERENCE("report", NP_REQUIRED, "report", "The report."),
    REFERENCE("question", NP_REQUIRED, "question", "The question."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "In the part on this theme."),
    INTEGER("number", NP_OPTIONAL, "1, 2 … where several answers may be given."),
    TEXT("text", NP_OPTIONAL, "The answer in words, as a date or a category's code."),
    NUMBER("value", NP_OPTIONAL, "The answer as a number; yes is 1, no is 0."),
    CHOICE("missing", NP_OPTIONAL, MISSING_REASONS, "Why there is no answer."),
};

static const np_field measure_account_fields[] = {
    REFERENCE("report", NP_REQUIRED, "report", "The report."),
    REFERENCE("measure", NP_REQUIRED, "measure", "The measure that is accounted for."),
    CHOICE("status", NP_REQUIRED, MEASURE_STATUS, "What has become of it."),
    INTEGER("n_covered", NP_OPTIONAL, "How many people it covered in the period."),
    TEXT("note", NP_OPTIONAL, "Why it was shelved, or what came of it."),
};

static const np_field report_event_fields[] = {
    REFERENCE("report", NP_REQUIRED, "report", "The report."),
    INTEGER("number", NP_REQUIRED, "1, 2 … of the report's events."),
    CHOICE("event", NP_REQUIRED, "opened|submitted|returned|approved|locked|reopened",
           "What happened."),
    TEXT("moment", NP_REQUIRED, "When, in UTC."),
    TEXT("done_by", NP_REQUIRED, "Who."),
    TEXT("note", NP_OPTIONAL, "Why; required where it is returned or reopened."),
};

static const np_field report_copy_fields[] = {
    REFERENCE("report", NP_REQUIRED, "report", "The report."),
    INTEGER("number", NP_REQUIRED, "The number of the event that froze it."),
    CHOICE("event", NP_REQUIRED, "submitted|approved", "What froze it."),
    TEXT("body", NP_REQUIRED, "Everything that the report said, as JSON."),
    TEXT("hash", NP_REQUIRED, "SHA-256 of the body."),
};

static const np_kind kinds[] = {
    KIND("obligation", "project/template/period", false,
         "A report that is owed: generated, so that an overdue report is a record and "
         "not an absence.",
         obligation_fields),
    KIND("report", "project/template/period", false, "A project's report.",
         report_fields),
    KIND("answer", "report/question/theme/number", false, "An answer in a report.",
         answer_fields),
    KIND("measure_account", "report/measure", false, "What a report says of a measure.",
         measure_account_fields),
    KIND("report_event", "report/number", false, "What happened to a report.",
         report_event_fields),
    KIND("report_copy", "report/number", false,
         "A frozen copy of what was submitted or approved.", report_copy_fields),
};

const np_kind_area np_kinds_report = {kinds, sizeof kinds / sizeof *kinds};
