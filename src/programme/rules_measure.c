/* Rules of measures (the actions), where they are carried out and what became of them. */
#include <string.h>

#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"measure_theme", "measure",
     N_("A measure's theme is one that its project takes part in."), true},
    {"before_project", "measure",
     N_("A measure does not begin before its project: what was there already is no "
        "measure of it."),
     true},
    {"measure_after_project", "measure", N_("A measure begins before its project ends."),
     false},
    {"unit_of_others", "measure_unit",
     N_("A measure is carried out in units of its project's organisations."), false},
    {"outside_measure", "measure_unit",
     N_("A unit is in a measure within the measure's days."), false},
    {"shelved_reason", "measure_status",
     N_("A measure that is shelved says why, so that it does not just disappear."),
     false},
    {"status_order", "measure_status",
     N_("A measure goes from planned by way of under way to finished; what is finished "
        "stays so, and what is shelved may be taken up again."),
     false},
    {"status_dates", "measure_status",
     N_("A measure is under way from its first day and finished not before its last."),
     true},
};

static void measure(np_judge *judge, const np_record *record)
{
    const char *project = np_record_text(record, "project");
    const char *theme = np_record_text(record, "theme");
    const char *starts = np_record_text(record, "starts");
    if (theme != NULL && project != NULL && !judge_takes_theme(judge, project, theme))
        judge_object(judge, record, "theme", "measure_theme", NULL,
                     _("the project %s does not take part in %s"), project, theme);
    judge_days days = judge_project_days(judge, judge_referred(judge, record, "project"));
    if (is_before(starts, days.starts))
        judge_object(judge, record, "starts", "before_project", NULL,
                     _("it begins on %s, and the project on %s"), starts, days.starts);
    if (is_before(days.ends, starts))
        judge_object(judge, record, "starts", "measure_after_project", NULL,
                     _("it begins on %s, and the project ends on %s"), starts, days.ends);
}

static void measure_unit(np_judge *judge, const np_record *record)
{
    const np_record *whole = judge_referred(judge, record, "measure");
    const np_record *unit = judge_referred(judge, record, "unit");
    if (whole == NULL || unit == NULL)
        return;
    const char *project = np_record_text(whole, "project");
    const char *organisation = np_record_text(unit, "organisation");
    if (project != NULL && organisation != NULL &&
        !judge_has_organisation(judge, project, organisation))
        judge_object(judge, record, "unit", "unit_of_others", NULL,
                     _("the unit %s is of %s, which is not in the project %s"), unit->id,
                     organisation, project);
    static const char *const fields[] = {"starts", "ends"};
    const char *first = np_record_text(whole, "starts");
    const char *last = np_record_text(whole, "ends");
    for (size_t i = 0; i < 2; i++) {
        const char *day = np_record_text(record, fields[i]);
        if (is_before(day, first) || is_before(last, day))
            judge_object(judge, record, fields[i], "outside_measure", NULL,
                         _("%s is outside the measure, which lasts from %s to %s"), day,
                         or_open(first), or_open(last));
    }
}

static void measure_status(np_judge *judge, const np_record *record)
{
    if (has_word(record, "status", "shelved") && np_record_text(record, "reason") == NULL)
        judge_object(judge, record, "reason", "shelved_reason", NULL,
                     _("the measure is shelved without a reason"));
    const np_record *whole = judge_referred(judge, record, "measure");
    const char *date = np_record_text(record, "date");
    if (whole == NULL)
        return;
    const char *starts = np_record_text(whole, "starts");
    const char *ends = np_record_text(whole, "ends");
    if (has_word(record, "status", "under_way") && is_before(date, starts))
        judge_object(judge, record, "date", "status_dates", NULL,
                     _("it is under way on %s, and begins on %s"), date, starts);
    if (has_word(record, "status", "finished") && is_before(date, ends))
        judge_object(judge, record, "date", "status_dates", NULL,
                     _("it is finished on %s, and ends on %s"), date, ends);
}

static bool may_follow(const char *before, const char *after)
{
    if (strcmp(before, after) == 0)
        return true;
    if (strcmp(before, "finished") == 0)
        return false;
    return !(strcmp(before, "under_way") == 0 && strcmp(after, "planned") == 0);
}

static void history(np_judge *judge, const char *id)
{
    np_rows rows = ROWS_OF(judge, "measure_status", "date status id", "measure", id);
    for (size_t r = 1; r < rows.n_rows; r++) {
        const char *before = np_rows_text(&rows, r - 1, 1),
                   *after = np_rows_text(&rows, r, 1);
        if (!may_follow(before, after))
            judge_object_to(judge, "measure_status", np_rows_text(&rows, r, 2), "status",
                            "status_order", NULL,
                            _("the measure %s is %s on %s, after it was %s on %s"), id,
                            after, np_rows_text(&rows, r, 0), before,
                            np_rows_text(&rows, r - 1, 0));
    }
}

static const rule_of_record records[] = {
    {"measure", measure},
    {"measure_unit", measure_unit},
    {"measure_status", measure_status},
};

static const rule_together together[] = {{"measure", history, NULL}};

static const rule_belongs belongs[] = {
    {"measure", "id", "measure", NULL},
    {"measure_status", "measure", "measure", NULL},
};

const rule_area rules_of_measure = {.rule = rules,
                                    .n_rules = sizeof rules / sizeof *rules,
                                    .record = RULES_OF(records),
                                    .together = RULES_OF(together),
                                    .belongs = RULES_OF(belongs)};
