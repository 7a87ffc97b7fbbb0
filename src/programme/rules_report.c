/* Rules of obligations, reports, and what is frozen. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"period_of_template", "", N_("A report is of a period that its template is for."),
     false},
    {"waived_reason", "obligation", N_("A report that is no longer asked for says why."),
     false},
    {"obligation_due", "obligation",
     N_("A report is due on the template's day; another day has a reason."), true},
    {"event_order", "report_event",
     N_("A report is opened, submitted, returned or approved, locked, reopened, each "
        "only after what allows it, numbered 1, 2, 3 …"),
     false},
    {"event_note", "report_event", N_("Whoever returns or reopens a report says why."),
     false},
    {"status_by_events", "report",
     N_("A report's status and lock are what its last event says."), false},
    {"report_without_events", "report",
     N_("A report that is more than a draft has events that say who did what; one that "
        "was "
        "taken over from elsewhere has none."),
     true},
    {"copy_of_event", "report_copy",
     N_("What is submitted and what is approved is kept as a frozen copy of that event, "
        "with the hash of its body."),
     false},
    {"frozen", "", N_("Events and frozen copies are never changed or taken away."),
     false},
    {"report_locked", "",
     N_("What an approved or locked report says does not change: its answers, its "
        "account of measures, the values that it asks for. It is reopened first."),
     false},
    {"measure_not_accounted", "measure_account",
     N_("A submitted report accounts for every measure that was not finished or shelved "
        "before its period."),
     false},
    {"account_project", "measure_account",
     N_("A report accounts for measures of its own project."), false},
    {"account_reason", "measure_account", N_("A report that shelves a measure says why."),
     false},
    {"account_status", "measure_account",
     N_("What a report says of a measure can follow what its history says."), true},
};

static bool length_fits(const char *sort, np_period_length length)
{
    if (strcmp(sort, "half_year") == 0)
        return length == NP_HALF_YEAR;
    return strcmp(sort, "annual") != 0 || length == NP_YEAR;
}

static void of_template(np_judge *judge, const np_record *record)
{
    judge_period p, first, last;
    const np_record *template = judge_referred(judge, record, "template");
    const char *text = np_record_text(record, "period");
    if (template == NULL || !read_period(&p, text))
        return;
    const char *sort = np_record_text(template, "sort");
    if (!length_fits(sort, p.period.length))
        judge_object(judge, record, "period", "period_length", NULL,
                     _("%s is a %s, and %s is a template of the sort %s"), text,
                     judge_period_words[p.period.length], template->id, sort);
    bool early = read_period(&first, np_record_text(template, "first_period")) &&
                 is_before(p.first, first.first);
    bool late = read_period(&last, np_record_text(template, "last_period")) &&
                is_before(last.last, p.last);
    if (early || late)
        judge_object(judge, record, "period", "period_of_template",
                     _("take the version of the template that is for this period"),
                     early ? _("%s is before %s, the first period of %s")
                           : _("%s is after %s, the last period of %s"),
                     text,
                     np_record_text(template, early ? "first_period" : "last_period"),
                     template->id);
}

static void obligation(np_judge *judge, const np_record *record)
{
    judge_period p;
    bool reason = np_record_text(record, "reason") != NULL;
    if (np_record_integer(record, "waived", 0) == 1 && !reason)
        judge_object(judge, record, "reason", "waived_reason", NULL,
                     _("it is waived without a reason"));
    const np_record *template = judge_referred(judge, record, "template");
    if (template == NULL || reason || !read_period(&p, np_record_text(record, "period")))
        return;
    char due[16];
    np_text_format(due, sizeof due, "%04lld-%02lld-%02lld",
                   p.period.year +
                       (long long)np_record_integer(template, "due_years_after", 0),
                   (long long)np_record_integer(template, "due_month", 1),
                   (long long)np_record_integer(template, "due_day", 1));
    if (!has_word(record, "due", due))
        judge_object(judge, record, "due", "obligation_due", NULL,
                     _("it is due on %s; by the template it would be %s"),
                     np_record_text(record, "due"), due);
}

static bool is_among(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = words; *p != '\0'; p += strcspn(p, "|"), p += *p == '|')
        if (strcspn(p, "|") == length && strncmp(p, word, length) == 0)
            return true;
    return false;
}

/* After which events another may come; "" is the beginning. A report whose template
 * needs no approval is locked when it is submitted. */
static bool event_may_follow(const char *before, const char *event)
{
    static const struct {
        const char *event, *after;
    } may[] = {
        {"submitted", "opened|returned|reopened"}, {"returned", "submitted|reopened"},
        {"approved", "submitted|reopened"},        {"locked", "submitted|approved"},
        {"reopened", "submitted|approved|locked"},
    };
    if (before == NULL)
        return strcmp(event, "opened") == 0;
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        if (strcmp(may[i].event, event) == 0)
            return is_among(may[i].after, before);
    return false;
}

static void event(np_judge *judge, const np_record *record)
{
    bool needs_note =
        has_word(record, "event", "returned") || has_word(record, "event", "reopened");
    if (needs_note && np_record_text(record, "note") == NULL)
        judge_object(judge, record, "note", "event_note", NULL,
                     _("the report is %s, and nobody says why"),
                     np_record_text(record, "event"));
}

static void judge_events(np_judge *judge, const np_rows *events)
{
    for (size_t r = 0; r < events->n_rows; r++) {
        const char *now = np_rows_text(events, r, 1), *id = np_rows_text(events, r, 2);
        const char *before = r > 0 ? np_rows_text(events, r - 1, 1) : NULL;
        int64_t number = np_rows_integer(events, r, 0, 0);
        if (number != (int64_t)r + 1)
            judge_object_to(judge, "report_event", id, "number", "event_order", NULL,
                            _("it has the number %lld and is event %zu of its report"),
                            (long long)number, r + 1);
        else if (!event_may_follow(before, now))
            judge_object_to(judge, "report_event", id, "event", "event_order", NULL,
                            before != NULL
                                ? _("a report is not %s after it was %s")
                                : _("a report is not %s before it is opened%s"),
                            now, before != NULL ? before : "");
    }
}

/* What the last event makes of a report: its status, and whether it is locked. */
static const char *status_after(const np_rows *events)
{
    for (size_t r = events->n_rows; r-- > 0;) {
        const char *event = np_rows_text(events, r, 1);
        if (strcmp(event, "opened") == 0)
            return "draft";
        if (strcmp(event, "reopened") == 0)
            return "draft|returned";
        if (strcmp(event, "locked") != 0)
            return event;
    }
    return "draft";
}

static void judge_status(np_judge *judge, const np_record *report, const np_rows *events)
{
    const char *status = np_record_text(report, "status");
    if (events->n_rows == 0) {
        if (strcmp(status, "draft") != 0)
            judge_object(judge, report, "status", "report_without_events", NULL,
                         _("the report is %s, and no event says how it came to that"),
                         status);
        return;
    }
    const char *last = np_rows_text(events, events->n_rows - 1, 1);
    const char *wanted = status_after(events);
    bool locked = np_record_integer(report, "locked", 0) == 1;
    if (!is_among(wanted, status))
        judge_object(judge, report, "status", "status_by_events", NULL,
                     _("the report is %s, and its last event is %s"), status, last);
    if (locked != (strcmp(last, "locked") == 0))
        judge_object(judge, report, "locked", "status_by_events", NULL,
                     locked ? _("the report is locked, and its last event is %s")
                            : _("the report is not locked, and its last event is %s"),
                     last);
}

static void copy(np_judge *judge, const np_record *record)
{
    const char *body = np_record_text(record, "body");
    char hash[NP_HASH_LENGTH];
    np_hash_bytes(hash, body, strlen(body));
    if (!has_word(record, "hash", hash))
        judge_object(judge, record, "hash", "copy_of_event", NULL,
                     _("the hash does not follow from the body, whose hash is %s"), hash);
}

static void judge_copies(np_judge *judge, const char *id, const np_rows *events)
{
    np_rows copies = ROWS_OF(judge, "report_copy", "number event id", "report", id);
    for (size_t r = 0; r < events->n_rows; r++) {
        const char *event = np_rows_text(events, r, 1);
        if (!is_among("submitted|approved", event))
            continue;
        bool kept = false;
        for (size_t c = 0; c < copies.n_rows; c++)
            kept |=
                np_rows_integer(&copies, c, 0, 0) == np_rows_integer(events, r, 0, -1) &&
                strcmp(np_rows_text(&copies, c, 1), event) == 0;
        if (!kept)
            judge_object_to(judge, "report_event", np_rows_text(events, r, 2), "event",
                            "copy_of_event", NULL,
                            _("the report was %s, and no copy of it was kept"), event);
    }
}

static void keep_frozen(np_judge *judge, const np_record *now, const np_record *past)
{
    if (past != NULL)
        judge_object(judge, past, "", "frozen", NULL,
                     now != NULL ? _("it was written for good, and would be changed")
                                 : _("it was written for good, and would be taken away"));
}

/* Whether the report was approved or locked before this entry, and still is. */
static bool is_closed(np_judge *judge, const char *report)
{
    const np_record *past = judge_past(judge, "report", report);
    const np_record *now = judge_find(judge, "report", report);
    if (past == NULL || now == NULL)
        return false;
    bool was =
        has_word(past, "status", "approved") || np_record_integer(past, "locked", 0) == 1;
    bool is =
        has_word(now, "status", "approved") || np_record_integer(now, "locked", 0) == 1;
    return was && is;
}

static void in_closed_report(np_judge *judge, const np_record *now, const np_record *past)
{
    const np_record *record = now != NULL ? now : past;
    const char *report = np_record_text(record, "report");
    if (report != NULL && is_closed(judge, report))
        judge_object(judge, record, "", "report_locked",
                     _("the report is reopened with a reason first"),
                     _("the report %s is approved or locked"), report);
}

static const np_record *find_closed_report(np_judge *judge, const char *project,
                                           const char *period, const char *indicator)
{
    np_where where[] = {NP_IS("project", project), NP_IS("period", period)};
    np_rows reports = judge_rows(judge, "report", "id template", where, 2);
    for (size_t r = 0; r < reports.n_rows; r++) {
        const char *id = np_rows_text(&reports, r, 0);
        np_where asks[] = {NP_IS("template", np_rows_text(&reports, r, 1)),
                           NP_IS("indicator", indicator)};
        if (is_closed(judge, id) &&
            judge_rows(judge, "question", "id", asks, 2).n_rows > 0)
            return judge_find(judge, "report", id);
    }
    return NULL;
}

/* The closed report of the project and period whose template asks for the indicator. */
static const np_record *closed_report_on(np_judge *judge, const char *project,
                                         const char *period, const char *indicator)
{
    const np_record *report = NULL;
    const char *name =
        np_arena_format(judge->arena, "c%s\n%s\n%s", project, period, indicator);
    if (judge_recall(judge, &report, name))
        return report;
    report = find_closed_report(judge, project, period, indicator);
    judge_remember(judge, name, report);
    return report;
}

static void measured_in_closed_report(np_judge *judge, const np_record *now,
                                      const np_record *past)
{
    const np_record *record = now != NULL ? now : past;
    const char *project = np_record_text(record, "project");
    const np_record *measure = judge_referred(judge, record, "measure");
    if (project == NULL && measure != NULL)
        project = np_record_text(measure, "project");
    if (project == NULL)
        return;
    const np_record *report =
        closed_report_on(judge, project, np_record_text(record, "period"),
                         np_record_text(record, "indicator"));
    if (report != NULL)
        judge_object(judge, record, "value", "report_locked",
                     _("the report is reopened with a reason first"),
                     _("the report %s, which asks for it, is approved or locked"),
                     report->id);
}

static bool same_field(const np_record *a, const np_record *b, const char *field)
{
    return np_value_equal(np_record_value(a, field), np_record_value(b, field));
}

/* A report with events is not taken away, and a closed one stays whose and of what period
 * it was; its status and its lock change by events. */
static void report_is_kept(np_judge *judge, const np_record *now, const np_record *past)
{
    static const char *const kept[] = {"project", "template", "period", "received"};
    if (past == NULL)
        return;
    if (now == NULL && judge_count(judge, "report_event", "report", past->id) > 0)
        judge_object(judge, past, "", "frozen", NULL,
                     _("the report has events, and would be taken away"));
    for (size_t i = 0; now != NULL && i < sizeof kept / sizeof *kept; i++)
        if (!same_field(now, past, kept[i]) && is_closed(judge, now->id))
            judge_object(judge, now, kept[i], "report_locked",
                         _("the report is reopened with a reason first"),
                         _("the report %s is approved or locked"), now->id);
}

static void account(np_judge *judge, const np_record *record)
{
    const np_record *report = judge_referred(judge, record, "report");
    const np_record *measure = judge_referred(judge, record, "measure");
    if (report == NULL || measure == NULL)
        return;
    if (!has_word(report, "project", np_record_text(measure, "project")))
        judge_object(judge, record, "measure", "account_project", NULL,
                     _("%s is a measure of the project %s"), measure->id,
                     np_record_text(measure, "project"));
    if (has_word(record, "status", "shelved") && np_record_text(record, "note") == NULL)
        judge_object(judge, record, "note", "account_reason", NULL,
                     _("the measure %s is shelved, and nobody says why"), measure->id);
}

static bool is_done(const char *status)
{
    return status != NULL && is_among("finished|shelved", status);
}

/* The last status that is known before a day, from the measure's history. */
static const char *status_before(const np_rows *history, const char *day)
{
    const char *status = NULL;
    for (size_t r = 0; r < history->n_rows; r++)
        if (is_before(np_rows_text(history, r, 0), day))
            status = np_rows_text(history, r, 1);
    return status;
}

static bool has_account(const np_rows *accounts, const char *measure, const char **status)
{
    for (size_t r = 0; r < accounts->n_rows; r++)
        if (strcmp(np_rows_text(accounts, r, 0), measure) == 0) {
            *status = np_rows_text(accounts, r, 1);
            return true;
        }
    return false;
}

/* A measure that nothing dates was there where an earlier report told of it. */
static bool was_there(np_judge *judge, const char *measure, const char *starts,
                      const np_rows *history, const judge_period *p)
{
    if (starts != NULL)
        return !is_before(p->last, starts);
    if (history->n_rows > 0)
        return !is_before(p->last, np_rows_text(history, 0, 0));
    np_rows accounts =
        ROWS_OF(judge, "measure_account", "report.period", "measure", measure);
    for (size_t r = 0; r < accounts.n_rows; r++) {
        judge_period told;
        if (read_period(&told, np_rows_text(&accounts, r, 0)) &&
            is_before(told.first, p->first))
            return true;
    }
    return false;
}

static void judge_account(np_judge *judge, const np_record *report, const char *measure,
                          const char *starts, const judge_period *p,
                          const np_rows *accounts)
{
    np_rows history = ROWS_OF(judge, "measure_status", "date status", "measure", measure);
    const char *before = status_before(&history, p->first), *now = NULL;
    bool told = has_account(accounts, measure, &now);
    if (told && before != NULL && strcmp(before, "finished") == 0 &&
        strcmp(now, "finished") != 0)
        judge_object(judge, report, "", "account_status", NULL,
                     _("the measure %s is %s, and was finished before"), measure, now);
    if (told || is_done(before) || !was_there(judge, measure, starts, &history, p))
        return;
    judge_object(judge, report, "", "measure_not_accounted",
                 _("say whether it is under way, finished or shelved, and why"),
                 _("the report of %s does not say what became of the measure %s, which "
                   "was %s"),
                 np_record_text(report, "period"), measure,
                 before != NULL ? before : "planned");
}

/* Only templates that ask for measures want them accounted for. */
static void judge_accounts(np_judge *judge, const np_record *report)
{
    judge_period p;
    np_where asks[] = {NP_IS("template", np_record_text(report, "template")),
                       NP_IS("answer", "measures")};
    if (!read_period(&p, np_record_text(report, "period")) ||
        judge_rows(judge, "question", "id", asks, 2).n_rows == 0)
        return;
    np_rows measures = ROWS_OF(judge, "measure", "id starts theme", "project",
                               np_record_text(report, "project"));
    np_rows accounts =
        ROWS_OF(judge, "measure_account", "measure status", "report", report->id);
    for (size_t m = 0; m < measures.n_rows; m++)
        judge_account(judge, report, np_rows_text(&measures, m, 0),
                      np_rows_text(&measures, m, 1), &p, &accounts);
}

static void whole_report(np_judge *judge, const char *id)
{
    const np_record *report = judge_find(judge, "report", id);
    if (report == NULL)
        return;
    np_rows events = ROWS_OF(judge, "report_event", "number event id", "report", id);
    judge_events(judge, &events);
    judge_status(judge, report, &events);
    if (events.n_rows == 0) /* taken over from elsewhere, with what there was */
        return;
    judge_copies(judge, id, &events);
    if (!is_among("submitted|approved", np_record_text(report, "status")))
        return;
    judge_accounts(judge, report);
    judge_required(judge, report);
}

static const rule_of_record records[] = {
    {"obligation", of_template}, {"report", of_template}, {"obligation", obligation},
    {"report_event", event},     {"report_copy", copy},   {"measure_account", account},
};

static const rule_of_change changes[] = {
    {"report", report_is_kept, true},
    {"report_event", keep_frozen, true},
    {"report_copy", keep_frozen, true},
    {"answer", in_closed_report, false},
    {"measure_account", in_closed_report, false},
    {"measurement", measured_in_closed_report, false},
};

static const rule_together together[] = {{"report", whole_report, NULL}};

static const rule_belongs belongs[] = {
    {"report", "id", "report", NULL},
    {"report_event", "report", "report", NULL},
    {"report_copy", "report", "report", NULL},
    {"answer", "report", "report", NULL},
    {"measure_account", "report", "report", NULL},
};

const rule_area rules_of_report = {.rule = rules,
                                   .n_rules = sizeof rules / sizeof *rules,
                                   .record = RULES_OF(records),
                                   .change = RULES_OF(changes),
                                   .together = RULES_OF(together),
                                   .belongs = RULES_OF(belongs)};
