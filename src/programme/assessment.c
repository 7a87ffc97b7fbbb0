#include "programme/assessment.h"

#include <string.h>

#include "programme/rows.h"

typedef struct {
    np_store *store;
    np_arena *arena;
    const char *project, *theme; /* NULL: all */
    np_rows goals;
    np_status status; /* the first failure sticks; nothing is found after it */
    np_error *err;
} assess;

enum {
    G_ID, /* columns of goals */
    G_LEVEL,
    G_PARENT,
    G_MEASURE,
    G_INDICATOR,
    G_BASELINE,
    G_BASELINE_DATE,
    G_SOURCE,
    G_SCOPE,
    G_TARGET,
    G_TARGET_DATE,
    G_STATUS,
    G_THEME
};

static np_rows ask(assess *a, const char *kind, const char *columns,
                   const np_where *where, size_t n)
{
    np_rows rows = {0};
    if (a->status == NP_OK)
        a->status =
            np_rows_ask(&rows, a->store, kind, columns, where, n, a->arena, a->err);
    return rows;
}

static np_rows of_project(assess *a, const char *kind, const char *columns)
{
    return ask(a, kind, columns, &NP_IS("project", a->project), 1);
}

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static bool of_theme(const assess *a, const char *theme)
{
    return a->theme == NULL || is(theme, a->theme);
}

static bool counts(const assess *a, size_t goal, const char *level)
{
    return is(np_rows_text(&a->goals, goal, G_LEVEL), level) &&
           !is(np_rows_text(&a->goals, goal, G_STATUS), "dropped") &&
           of_theme(a, np_rows_text(&a->goals, goal, G_THEME));
}

static bool goal_has(const assess *a, size_t goal, size_t first, size_t last)
{
    for (size_t c = first; c <= last; c++)
        if (!np_rows_present(&a->goals, goal, c))
            return false;
    return true;
}

static np_assessed verdict(const char *criterion, bool met, const char *finding)
{
    return (np_assessed){.criterion = criterion,
                         .computed = met ? NP_VERDICT_MET : NP_VERDICT_TO_IMPROVE,
                         .finding = finding != NULL ? finding : ""};
}

/* "3/5 result goals …": met where all, and there is one. */
static np_assessed share(assess *a, const char *criterion, size_t n, size_t of,
                         const char *none, const char *what)
{
    if (of == 0)
        return verdict(criterion, false, none);
    return verdict(criterion, n == of,
                   np_arena_format(a->arena, "%zu/%zu %s", n, of, what));
}

static np_assessed purpose(assess *a)
{
    np_rows rows = ask(a, "project", "purpose", &NP_IS("id", a->project), 1);
    size_t n = 0;
    for (size_t g = 0; g < a->goals.n_rows; g++)
        n += is(np_rows_text(&a->goals, g, G_LEVEL), "effect") &&
             !is(np_rows_text(&a->goals, g, G_STATUS), "dropped");
    if (rows.n_rows == 0 || !np_rows_present(&rows, 0, 0))
        return verdict("purpose", false, _("no purpose is written"));
    if (n == 0)
        return verdict("purpose", false, _("there is no effect goal"));
    return (np_assessed){.criterion = "purpose",
                         .finding = _("there is a purpose and an effect goal; whether "
                                      "they are clear is an analyst's to say")};
}

static np_assessed baseline(assess *a)
{
    size_t n = 0, of = 0;
    for (size_t g = 0; g < a->goals.n_rows; g++)
        if (counts(a, g, "result")) {
            of++;
            n += goal_has(a, g, G_BASELINE, G_SCOPE);
        }
    return share(a, "baseline", n, of, _("there is no result goal"),
                 _("result goals with a baseline of value, date, source and scope"));
}

static bool has_result_goal(const assess *a, const char *theme)
{
    for (size_t g = 0; g < a->goals.n_rows; g++)
        if (counts(a, g, "result") && is(np_rows_text(&a->goals, g, G_THEME), theme))
            return true;
    return false;
}

static np_assessed result_goals(assess *a)
{
    np_rows themes = of_project(a, "participation", "theme role");
    for (size_t t = 0; t < themes.n_rows; t++) {
        const char *theme = np_rows_text(&themes, t, 0);
        bool asked = a->theme != NULL ? is(theme, a->theme)
                                      : is(np_rows_text(&themes, t, 1), "main");
        if (asked && !has_result_goal(a, theme))
            return verdict(
                "result_goals", false,
                np_arena_format(a->arena, _("there is no result goal for %s"), theme));
    }
    size_t n = 0, of = 0;
    for (size_t g = 0; g < a->goals.n_rows; g++)
        if (counts(a, g, "result")) {
            of++;
            n += goal_has(a, g, G_INDICATOR, G_INDICATOR) &&
                 goal_has(a, g, G_TARGET, G_TARGET_DATE);
        }
    return share(a, "result_goals", n, of, _("there is no result goal"),
                 _("result goals with indicator, target and date"));
}

static np_assessed driver_goals(assess *a)
{
    size_t n = 0, of = 0;
    for (size_t g = 0; g < a->goals.n_rows; g++)
        if (counts(a, g, "driver")) {
            of++;
            n += goal_has(a, g, G_PARENT, G_PARENT) &&
                 goal_has(a, g, G_INDICATOR, G_INDICATOR) &&
                 goal_has(a, g, G_TARGET, G_TARGET);
        }
    return share(a, "driver_goals", n, of, _("there is no driver goal"),
                 _("driver goals that serve a goal above, with indicator and target"));
}

static bool has_units(assess *a, const char *measure)
{
    return ask(a, "measure_unit", "id", &NP_IS("measure", measure), 1).n_rows > 0;
}

static np_assessed measures(assess *a, const np_rows *all)
{
    size_t n = 0, of = 0;
    for (size_t m = 0; m < all->n_rows; m++) {
        if (!of_theme(a, np_rows_text(all, m, 1)))
            continue;
        of++;
        n += np_rows_present(all, m, 2) &&
             (np_rows_present(all, m, 3) || np_rows_integer(all, m, 4, 0) == 1 ||
              has_units(a, np_rows_text(all, m, 0)));
    }
    return share(a, "measures", n, of, _("there is no measure"),
                 _("measures with a start, and units or a number covered"));
}

static bool is_shelved(assess *a, const char *measure)
{
    np_rows rows = ask(a, "measure_status", "date status", &NP_IS("measure", measure), 1);
    return rows.n_rows > 0 && is(np_rows_text(&rows, rows.n_rows - 1, 1), "shelved");
}

static bool has_goal(const assess *a, const char *measure)
{
    for (size_t g = 0; g < a->goals.n_rows; g++)
        if (is(np_rows_text(&a->goals, g, G_MEASURE), measure) &&
            !is(np_rows_text(&a->goals, g, G_STATUS), "dropped") &&
            goal_has(a, g, G_TARGET, G_TARGET_DATE))
            return true;
    return false;
}

static np_assessed measure_goals(assess *a, const np_rows *all)
{
    size_t n = 0, of = 0;
    for (size_t m = 0; m < all->n_rows; m++) {
        const char *measure = np_rows_text(all, m, 0);
        if (!of_theme(a, np_rows_text(all, m, 1)) || is_shelved(a, measure))
            continue;
        of++;
        n += has_goal(a, measure);
    }
    return share(a, "measure_goals", n, of, _("there is no measure"),
                 _("measures that have a goal with target and date"));
}

static np_assessed organising(assess *a)
{
    static const char *const parties[] = {"politicians", "administration", "unions"};
    np_rows words = of_project(a, "commitment", "party");
    np_rows roles = of_project(a, "role", "role party");
    for (size_t p = 0; p < 3; p++) {
        bool word = false, in_group = false;
        for (size_t r = 0; r < words.n_rows; r++)
            word |= is(np_rows_text(&words, r, 0), parties[p]);
        for (size_t r = 0; r < roles.n_rows; r++)
            in_group |= is(np_rows_text(&roles, r, 0), "local_steering_group") &&
                        is(np_rows_text(&roles, r, 1), parties[p]);
        if (!word || !in_group)
            return verdict("organising", false,
                           np_arena_format(a->arena,
                                           !word ? _("there is no commitment of the %s")
                                                 : _("the %s are not in the local "
                                                     "steering group"),
                                           parties[p]));
    }
    for (size_t r = 0; r < roles.n_rows; r++)
        if (is(np_rows_text(&roles, r, 0), "project_leader"))
            return verdict("organising", true,
                           _("the three parties' word, a project leader and a steering "
                             "group of the three parties"));
    return verdict("organising", false, _("there is no project leader"));
}

enum { FEWEST_MILESTONES = 2 }; /* one date is an end and no plan on the way to it */

static np_assessed milestones(assess *a)
{
    size_t n = of_project(a, "milestone", "due").n_rows;
    return verdict("milestones", n >= FEWEST_MILESTONES,
                   np_arena_format(a->arena, _("%zu milestones"), n));
}

/* Rows of which all the columns from the first are there. */
static size_t n_whole(const np_rows *rows)
{
    size_t n = 0;
    for (size_t r = 0; r < rows->n_rows; r++) {
        bool whole = true;
        for (size_t c = 0; c < rows->n_columns; c++)
            whole &= np_rows_present(rows, r, c);
        n += whole;
    }
    return n;
}

static np_assessed risks(assess *a)
{
    np_rows rows = of_project(a, "risk", "action");
    return share(a, "risks", n_whole(&rows), rows.n_rows, _("there is no risk"),
                 _("risks with an action"));
}

static np_assessed benefits(assess *a)
{
    np_rows rows = of_project(a, "benefit", "how answers");
    return share(a, "benefits", n_whole(&rows), rows.n_rows, _("there is no benefit"),
                 _("benefits that say how they are realised and who answers for them"));
}

const char *np_verdict_word(np_verdict verdict_)
{
    static const char *const words[] = {"", "met", "to_improve"};
    return words[verdict_];
}

static void add_analyst(assess *a, np_assessed *assessed)
{
    np_where where[] = {NP_IS("project", a->project),
                        NP_IS("criterion", assessed->criterion),
                        NP_IS("basis", "analyst"),
                        {.path = "theme", .sort = NP_WHERE_ABSENT}};
    if (a->theme != NULL)
        where[3] = NP_IS("theme", a->theme);
    np_rows rows = ask(a, "plan_assessment", "date verdict given_by reason", where, 4);
    if (rows.n_rows == 0)
        return;
    size_t last = rows.n_rows - 1;
    assessed->analyst =
        is(np_rows_text(&rows, last, 1), "met") ? NP_VERDICT_MET : NP_VERDICT_TO_IMPROVE;
    assessed->analyst_date = np_rows_text(&rows, last, 0);
    assessed->analyst_name = np_rows_text(&rows, last, 2);
    assessed->analyst_reason = np_rows_text(&rows, last, 3);
}

static void check_names(assess *a)
{
    np_where takes[] = {NP_IS("project", a->project), NP_IS("theme", a->theme)};
    if (ask(a, "project", "id", &NP_IS("id", a->project), 1).n_rows == 0 &&
        a->status == NP_OK)
        a->status =
            np_fail(a->err, NP_E_UNKNOWN_NAME, _("there is no project %s"), a->project);
    if (a->theme != NULL && ask(a, "participation", "id", takes, 2).n_rows == 0 &&
        a->status == NP_OK)
        a->status =
            np_fail(a->err, NP_E_RANGE, _("the project %s does not take part in %s"),
                    a->project, a->theme);
}

np_status np_assess(np_assessed out[NP_N_CRITERIA], np_store *store, const char *project,
                    const char *theme, np_arena *arena, np_error *err)
{
    assess a = {
        .store = store, .arena = arena, .project = project, .theme = theme, .err = err};
    check_names(&a);
    a.goals = of_project(&a, "goal",
                         "id level parent measure indicator baseline baseline_date "
                         "baseline_source baseline_scope target target_date status "
                         "theme");
    np_rows all =
        of_project(&a, "measure", "id theme starts n_covered whole_organisation");
    np_assessed result[NP_N_CRITERIA] = {purpose(&a),        baseline(&a),
                                         result_goals(&a),   driver_goals(&a),
                                         measures(&a, &all), measure_goals(&a, &all),
                                         organising(&a),     milestones(&a),
                                         risks(&a),          benefits(&a)};
    for (size_t c = 0; c < NP_N_CRITERIA; c++)
        add_analyst(&a, &result[c]);
    if (a.status == NP_OK)
        memcpy(out, result, sizeof result);
    return a.status;
}

np_status np_assessment_put(np_entry *entry, const np_assessed assessed[NP_N_CRITERIA],
                            const char *project, const char *theme, const char *day,
                            np_error *err)
{
    const np_kind *kind = np_kind_find("plan_assessment");
    np_status status = NP_OK;
    for (size_t c = 0; c < NP_N_CRITERIA && status == NP_OK; c++) {
        if (assessed[c].computed == NP_VERDICT_NONE)
            continue;
        np_value value[NP_MOST_FIELDS] = {{0}};
        value[np_kind_field(kind, "project")] = NP_VALUE_OF_TEXT(project);
        if (theme != NULL)
            value[np_kind_field(kind, "theme")] = NP_VALUE_OF_TEXT(theme);
        value[np_kind_field(kind, "criterion")] = NP_VALUE_OF_TEXT(assessed[c].criterion);
        value[np_kind_field(kind, "basis")] = NP_VALUE_OF_TEXT("computed");
        value[np_kind_field(kind, "verdict")] =
            NP_VALUE_OF_TEXT(np_verdict_word(assessed[c].computed));
        value[np_kind_field(kind, "date")] = NP_VALUE_OF_TEXT(day);
        value[np_kind_field(kind, "reason")] = NP_VALUE_OF_TEXT(assessed[c].finding);
        np_record record = {.kind = kind, .value = value};
        status = np_entry_put(entry, &record, NULL, err);
    }
    return status;
}
