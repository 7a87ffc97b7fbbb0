/* Rules of projects, who owns them, who takes part, who does what, and who meets. */
#include <string.h>

#include "base/text.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"outside_cohort", "project", N_("A project lasts no longer than its cohort."), true},
    {"outside_project", "",
     N_("Participation and ownership lie within the project's days."), false},
    {"code_not_valid", "",
     N_("An organisation or unit is used within the days of its validity; a code that "
        "does not exist that year is refused."),
     false},
    {"no_organisation", "project",
     N_("An admitted project has at least one organisation."), false},
    {"no_organisation_yet", "project",
     N_("A project has at least one organisation, also before it is admitted."), true},
    {"no_lead", "project",
     N_("Of several organisations exactly one answers for the project."), true},
    {"several_leads", "project",
     N_("Not more than one organisation answers for the project."), false},
    {"no_main_theme", "project", N_("A project has at least one main theme."), true},
    {"project_twice", "project_organisation",
     N_("An organisation is in one project of a cohort at a time."), true},
    {"withdrawal_date", "withdrawal",
     N_("A project withdraws after its first and not after its last day."), false},
    {"theme_not_taken", "",
     N_("A theme that is withdrawn from, or granted an exception for, is one that the "
        "project takes part in."),
     false},
    {"after_withdrawal", "",
     N_("Nothing is owed, reported, measured or promised for a time wholly after a "
        "project's withdrawal."),
     false},
    {"role_needs", "role",
     N_("Project leaders and local steering groups are of a project, network leaders of "
        "a network, and members of a local steering group are there for a party."),
     false},
    {"two_leaders", "role", N_("A project has one project leader at a time."), false},
    {"network_of_other_cohort", "network_member",
     N_("A network for a cohort or a theme has projects of it."), true},
    {"meeting_of_whom", "meeting",
     N_("A network's meeting names the network, a cohort's the cohort."), false},
    {"not_of_meeting", "attendance",
     N_("Projects come to meetings of their own networks and cohorts."), true},
};

static void project(np_judge *judge, const np_record *record)
{
    const np_record *cohort = judge_referred(judge, record, "cohort");
    if (cohort == NULL)
        return;
    const char *starts = np_record_text(record, "starts");
    const char *ends = np_record_text(record, "ends");
    const char *first = np_record_text(cohort, "starts");
    const char *last = np_record_text(cohort, "ends");
    if (is_before(starts, first) || is_before(last, starts))
        judge_object(judge, record, "starts", "outside_cohort", NULL,
                     _("%s is outside the cohort %s, which lasts from %s to %s"), starts,
                     cohort->id, first, last);
    if (is_before(ends, first) || is_before(last, ends))
        judge_object(judge, record, "ends", "outside_cohort", NULL,
                     _("%s is outside the cohort %s, which lasts from %s to %s"), ends,
                     cohort->id, first, last);
}

static void within_project(np_judge *judge, const np_record *record, const char *field)
{
    const np_record *project = judge_referred(judge, record, "project");
    judge_days days = judge_project_days(judge, project);
    const char *day = np_record_text(record, field);
    if (is_before(day, days.starts) || is_before(days.ends, day))
        judge_object(judge, record, field, "outside_project", NULL,
                     _("%s is outside the project %s, which lasts from %s to %s"), day,
                     project->id, or_open(days.starts), or_open(days.ends));
}

static void participation(np_judge *judge, const np_record *record)
{
    within_project(judge, record, "starts");
    within_project(judge, record, "ends");
}

static void ownership(np_judge *judge, const np_record *record)
{
    within_project(judge, record, "joined");
    within_project(judge, record, "left_on");
}

/* An organisation that merges while the project lasts is its owner for a time; without
 * any day in common it cannot be. */
static void owner_is_valid(np_judge *judge, const np_record *record)
{
    const np_record *organisation = judge_referred(judge, record, "organisation");
    judge_days project =
        judge_project_days(judge, judge_referred(judge, record, "project"));
    if (organisation == NULL)
        return;
    const char *joined = np_record_text(record, "joined");
    const char *left = np_record_text(record, "left_on");
    judge_days owned = {joined != NULL ? joined : project.starts,
                        left != NULL ? left : project.ends};
    judge_days valid = {np_record_text(organisation, "valid_from"),
                        np_record_text(organisation, "valid_to")};
    bool said = joined != NULL || left != NULL;
    bool outside =
        said ? is_before(joined, valid.starts) || is_before(valid.ends, left) : false;
    if (outside || !spans_meet(owned, valid))
        judge_object(judge, record, "organisation", "code_not_valid",
                     _("name the organisation that had the code then, or say when it "
                       "joined and left"),
                     _("%s is valid from %s to %s, and owns the project from %s to %s"),
                     organisation->id, or_open(valid.starts), or_open(valid.ends),
                     or_open(owned.starts), or_open(owned.ends));
}

static void organisations_of(np_judge *judge, const char *id)
{
    np_rows rows =
        ROWS_OF(judge, "project_organisation", "organisation leads", "project", id);
    size_t n_leads = 0;
    for (size_t r = 0; r < rows.n_rows; r++)
        n_leads += np_rows_integer(&rows, r, 1, 0) == 1;
    if (rows.n_rows == 0) {
        bool admitted = judge_admission_of(judge, id) == ADMISSION_GIVEN;
        judge_object_to(judge, "project", id, "",
                        admitted ? "no_organisation" : "no_organisation_yet",
                        _("add a project_organisation"),
                        _("the project has no organisation"));
    } else if (rows.n_rows > 1 && n_leads == 0) {
        judge_object_to(judge, "project", id, "", "no_lead",
                        _("set leads for the one that answers for the project"),
                        _("none of its %zu organisations leads it"), rows.n_rows);
    }
    if (n_leads > 1)
        judge_object_to(judge, "project", id, "", "several_leads", NULL,
                        _("%zu organisations lead the project"), n_leads);
}

static void themes_of(np_judge *judge, const char *id)
{
    np_where where[] = {NP_IS("project", id), NP_IS("role", "main")};
    if (judge_rows(judge, "participation", "theme", where, 2).n_rows == 0)
        judge_object_to(judge, "project", id, "", "no_main_theme",
                        _("add a participation with the role main"),
                        _("the project has no main theme"));
}

static void leaders_of(np_judge *judge, const char *id)
{
    np_where where[] = {NP_IS("project", id), NP_IS("role", "project_leader")};
    np_rows rows = judge_rows(judge, "role", "starts ends person id", where, 2);
    for (size_t r = 1; r < rows.n_rows; r++) {
        const char *starts = np_rows_text(&rows, r, 0);
        const char *before = np_rows_text(&rows, r - 1, 1);
        if (before == NULL || strcmp(before, starts) >= 0)
            judge_object_to(judge, "role", np_rows_text(&rows, r, 3), "starts",
                            "two_leaders", _("end the first one's role"),
                            _("%s leads the project %s from %s, and %s does so until %s"),
                            np_rows_text(&rows, r, 2), id, starts,
                            np_rows_text(&rows, r - 1, 2),
                            before != NULL ? before : _("nobody said when"));
    }
}

static void whole_project(np_judge *judge, const char *id)
{
    if (judge_find(judge, "project", id) == NULL)
        return; /* retracted */
    organisations_of(judge, id);
    themes_of(judge, id);
    leaders_of(judge, id);
}

static void projects_of_organisation(np_judge *judge, const char *id)
{
    np_rows rows =
        ROWS_OF(judge, "project_organisation", "project project.cohort joined left_on id",
                "organisation", id);
    for (size_t r = 0; r < rows.n_rows; r++)
        for (size_t q = 0; q < r; q++) {
            const char *cohort = np_rows_text(&rows, r, 1),
                       *other = np_rows_text(&rows, q, 1);
            judge_days a = {np_rows_text(&rows, r, 2), np_rows_text(&rows, r, 3)};
            judge_days b = {np_rows_text(&rows, q, 2), np_rows_text(&rows, q, 3)};
            if (cohort != NULL && other != NULL && strcmp(cohort, other) == 0 &&
                spans_meet(a, b))
                judge_object_to(judge, "project_organisation", np_rows_text(&rows, r, 4),
                                "organisation", "project_twice", NULL,
                                _("%s is in the projects %s and %s of the cohort %s at "
                                  "the same time"),
                                id, np_rows_text(&rows, q, 0), np_rows_text(&rows, r, 0),
                                cohort);
        }
}

static void each_owner(np_judge *judge, judge_subject *visit)
{
    np_rows rows = judge_rows(judge, "project_organisation", "organisation", NULL, 0);
    for (size_t r = 0; r < rows.n_rows; r++)
        if (r == 0 ||
            strcmp(np_rows_text(&rows, r, 0), np_rows_text(&rows, r - 1, 0)) != 0)
            visit(judge, np_rows_text(&rows, r, 0));
}

static void withdrawal(np_judge *judge, const np_record *record)
{
    const np_record *project = judge_referred(judge, record, "project");
    const char *date = np_record_text(record, "date");
    const char *theme = np_record_text(record, "theme");
    judge_days days = judge_project_days(judge, project);
    if (project == NULL)
        return;
    if ((days.starts != NULL && !is_before(days.starts, date)) ||
        is_before(days.ends, date))
        judge_object(judge, record, "date", "withdrawal_date", NULL,
                     _("%s is not within the project %s, which lasts from %s to %s"),
                     date, project->id, or_open(days.starts), or_open(days.ends));
    if (theme != NULL && !judge_takes_theme(judge, project->id, theme))
        judge_object(judge, record, "theme", "theme_not_taken", NULL,
                     _("the project %s does not take part in %s"), project->id, theme);
}

static void exception(np_judge *judge, const np_record *record)
{
    const char *project = np_record_text(record, "project");
    const char *theme = np_record_text(record, "theme");
    if (theme != NULL && !judge_takes_theme(judge, project, theme))
        judge_object(judge, record, "theme", "theme_not_taken", NULL,
                     _("the project %s does not take part in %s"), project, theme);
}

static void not_after_withdrawal(np_judge *judge, const np_record *record,
                                 const char *field, const char *first_day)
{
    const char *project = np_record_text(record, "project");
    const char *date = project != NULL ? judge_withdrawn(judge, project) : NULL;
    if (date != NULL && !is_before(first_day, date))
        judge_object(judge, record, field, "after_withdrawal", NULL,
                     _("the project %s withdrew on %s, before the %s that begins on %s"),
                     project, date, record->kind->name, first_day);
}

static void period_after_withdrawal(np_judge *judge, const np_record *record)
{
    judge_period p;
    bool waived = np_record_integer(record, "waived", 0) == 1;
    if (!waived && read_period(&p, np_record_text(record, "period")))
        not_after_withdrawal(judge, record, "period", p.first);
}

/* A promise for a year that the project was in for a day is not wholly after. */
static void promise_after_withdrawal(np_judge *judge, const np_record *record)
{
    char first[16];
    np_text_format(first, sizeof first, "%04lld-01-01",
                   (long long)np_record_integer(record, "year", 0));
    not_after_withdrawal(judge, record, "year", first);
}

static void role(np_judge *judge, const np_record *record)
{
    static const struct {
        const char *role, *field;
    } needs[] = {
        {"project_leader", "project"},
        {"local_steering_group", "project"},
        {"local_steering_group", "party"},
        {"network_leader", "network"},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (has_word(record, "role", needs[i].role) &&
            np_record_text(record, needs[i].field) == NULL)
            judge_object(judge, record, needs[i].field, "role_needs", NULL,
                         _("the role %s needs a %s"), needs[i].role, needs[i].field);
}

static void network_member(np_judge *judge, const np_record *record)
{
    const np_record *network = judge_referred(judge, record, "network");
    const np_record *project = judge_referred(judge, record, "project");
    if (network == NULL || project == NULL)
        return;
    const char *cohort = np_record_text(network, "cohort");
    const char *theme = np_record_text(network, "theme");
    if (cohort != NULL && !has_word(project, "cohort", cohort))
        judge_object(judge, record, "project", "network_of_other_cohort", NULL,
                     _("the network is for %s, and the project %s is of %s"), cohort,
                     project->id, np_record_text(project, "cohort"));
    if (theme != NULL && !judge_takes_theme(judge, project->id, theme))
        judge_object(judge, record, "project", "network_of_other_cohort", NULL,
                     _("the network is for %s, and the project %s does not take part "
                       "in it"),
                     theme, project->id);
}

static void meeting(np_judge *judge, const np_record *record)
{
    static const char *const sorts[] = {"network", "cohort"};
    for (size_t i = 0; i < 2; i++)
        if (has_word(record, "sort", sorts[i]) &&
            np_record_text(record, sorts[i]) == NULL)
            judge_object(judge, record, sorts[i], "meeting_of_whom", NULL,
                         _("a %s meeting does not say of which"), sorts[i]);
}

static void attendance(np_judge *judge, const np_record *record)
{
    const np_record *of = judge_referred(judge, record, "meeting");
    const np_record *project = judge_referred(judge, record, "project");
    if (of == NULL || project == NULL)
        return;
    const char *network = np_record_text(of, "network");
    const char *cohort = np_record_text(of, "cohort");
    np_where member[] = {NP_IS("network", network), NP_IS("project", project->id)};
    if (network != NULL &&
        judge_rows(judge, "network_member", "id", member, 2).n_rows == 0)
        judge_object(judge, record, "project", "not_of_meeting", NULL,
                     _("the project %s is not in the network %s"), project->id, network);
    if (cohort != NULL && !has_word(project, "cohort", cohort))
        judge_object(judge, record, "project", "not_of_meeting", NULL,
                     _("the meeting is of %s, and the project %s is of %s"), cohort,
                     project->id, np_record_text(project, "cohort"));
}

static const rule_of_record records[] = {
    {"project", project},
    {"participation", participation},
    {"project_organisation", ownership},
    {"project_organisation", owner_is_valid},
    {"withdrawal", withdrawal},
    {"exception", exception},
    {"obligation", period_after_withdrawal},
    {"report", period_after_withdrawal},
    {"measurement", period_after_withdrawal},
    {"grant_commitment", promise_after_withdrawal},
    {"role", role},
    {"network_member", network_member},
    {"meeting", meeting},
    {"attendance", attendance},
};

static const rule_together together[] = {
    {"project", whole_project, NULL},
    {"owner", projects_of_organisation, each_owner},
};

static const rule_belongs belongs[] = {
    {"project", "id", "project", NULL},
    {"project_organisation", "project", "project", NULL},
    {"project_organisation", "organisation", "owner", NULL},
    {"participation", "project", "project", NULL},
    {"role", "project", "project", NULL},
};

const rule_area rules_of_project = {.rule = rules,
                                    .n_rules = sizeof rules / sizeof *rules,
                                    .record = RULES_OF(records),
                                    .together = RULES_OF(together),
                                    .belongs = RULES_OF(belongs)};
