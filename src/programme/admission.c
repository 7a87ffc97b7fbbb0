#include "programme/admission.h"

#include <string.h>

#include "base/text.h"
#include "programme/rows.h"

enum { PARTIES = 3, DEMANDS_OF_THEME = 4 };

typedef struct {
    np_admission *out;
    np_demand *demand; /* room for all */
    np_store *store;
    np_arena *arena;
    np_rows exceptions; /* theme rule granted_by */
} review;

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* An exception counts for exactly its demand: of the theme, or of the whole project. */
static const char *exception_for(const review *r, const char *demand, const char *theme)
{
    for (size_t i = 0; i < r->exceptions.n_rows; i++) {
        const char *of = np_rows_text(&r->exceptions, i, 0);
        if (same(np_rows_text(&r->exceptions, i, 1), demand) &&
            (of == NULL || same(of, theme)))
            return np_rows_text(&r->exceptions, i, 2);
    }
    return NULL;
}

static void add_demand(review *r, const char *demand, const char *theme, bool met,
                       const char *detail)
{
    const char *granted = met ? NULL : exception_for(r, demand, theme);
    np_demand_state state = met               ? NP_DEMAND_MET
                            : granted != NULL ? NP_DEMAND_EXCEPTED
                                              : NP_DEMAND_MISSING;
    r->demand[r->out->n_demands++] = (np_demand){.demand = demand,
                                                 .theme = theme,
                                                 .state = state,
                                                 .detail = detail != NULL ? detail : "",
                                                 .granted_by = granted};
    r->out->n_missing += state == NP_DEMAND_MISSING;
    r->out->n_excepted += state == NP_DEMAND_EXCEPTED;
}

static np_status add_commitments(review *r, np_error *err)
{
    static const char *const parties[PARTIES] = {"politicians", "administration",
                                                 "unions"};
    static const char *const demands[PARTIES] = {
        "commitment_politicians", "commitment_administration", "commitment_unions"};
    np_rows rows;
    np_status status = np_rows_ask(&rows, r->store, "commitment", "party date",
                                   &NP_IS("project", r->out->project), 1, r->arena, err);
    for (size_t p = 0; p < PARTIES && status == NP_OK; p++) {
        const char *date = NULL;
        for (size_t i = 0; i < rows.n_rows; i++)
            if (same(np_rows_text(&rows, i, 0), parties[p]))
                date = np_rows_text(&rows, i, 1);
        add_demand(r, demands[p], NULL, date != NULL,
                   date != NULL ? date : _("there is no commitment of this party"));
    }
    return status;
}

enum {
    G_ID,
    G_INDICATOR,
    G_BASELINE,
    G_DATE,
    G_SOURCE,
    G_SCOPE,
    G_TARGET,
    G_TARGET_DATE,
    G_STATUS,
    N_GOAL_COLUMNS
};
static const char *const goal_fields[N_GOAL_COLUMNS] = {"id",
                                                        "indicator",
                                                        "baseline",
                                                        "baseline_date",
                                                        "baseline_source",
                                                        "baseline_scope",
                                                        "target",
                                                        "target_date",
                                                        "status"};

static bool has_all(const np_rows *goals, size_t row, size_t first, size_t last)
{
    for (size_t c = first; c <= last; c++)
        if (!np_rows_present(goals, row, c))
            return false;
    return true;
}

/* The goal that lacks least; the demands are of one and the same goal. */
static size_t best_goal(const np_rows *goals)
{
    size_t best = goals->n_rows;
    int most = -1;
    for (size_t g = 0; g < goals->n_rows; g++) {
        int n = np_rows_present(goals, g, G_INDICATOR) +
                has_all(goals, g, G_BASELINE, G_SCOPE) +
                has_all(goals, g, G_TARGET, G_TARGET_DATE);
        if (n > most && !same(np_rows_text(goals, g, G_STATUS), "dropped")) {
            most = n;
            best = g;
        }
    }
    return best;
}

static const char *absent_fields(review *r, const np_rows *goals, size_t row,
                                 size_t first, size_t last)
{
    np_buf names = {0};
    for (size_t c = first; c <= last; c++)
        if (!np_rows_present(goals, row, c))
            np_buf_format(&names, "%s%s", names.length > 0 ? ", " : "", goal_fields[c]);
    const char *text = np_arena_format(
        r->arena, _("%s has no %s"), np_rows_text(goals, row, G_ID), np_buf_done(&names));
    np_buf_free(&names);
    return text;
}

static void add_goal_demand(review *r, const char *theme, const char *demand,
                            const np_rows *goals, size_t row, size_t first, size_t last)
{
    if (row == goals->n_rows) {
        add_demand(r, demand, theme, false, _("there is no result goal"));
        return;
    }
    bool met = has_all(goals, row, first, last);
    add_demand(r, demand, theme, met,
               met ? np_rows_text(goals, row, G_ID)
                   : absent_fields(r, goals, row, first, last));
}

static np_status add_theme(review *r, const char *theme, np_error *err)
{
    np_where where[] = {NP_IS("project", r->out->project), NP_IS("theme", theme),
                        NP_IS("level", "result")};
    np_rows goals;
    np_status status =
        np_rows_ask(&goals, r->store, "goal",
                    "id indicator baseline baseline_date baseline_source baseline_scope "
                    "target target_date status",
                    where, 3, r->arena, err);
    if (status != NP_OK)
        return status;
    size_t row = best_goal(&goals);
    add_goal_demand(r, theme, "result_goal", &goals, row, G_ID, G_ID);
    add_goal_demand(r, theme, "indicator", &goals, row, G_INDICATOR, G_INDICATOR);
    add_goal_demand(r, theme, "baseline", &goals, row, G_BASELINE, G_SCOPE);
    add_goal_demand(r, theme, "target", &goals, row, G_TARGET, G_TARGET_DATE);
    return NP_OK;
}

static np_status add_themes(review *r, np_error *err)
{
    np_where where[] = {NP_IS("project", r->out->project), NP_IS("role", "main")};
    np_rows rows;
    np_status status =
        np_rows_ask(&rows, r->store, "participation", "theme", where, 2, r->arena, err);
    if (status != NP_OK)
        return status;
    size_t room = PARTIES + 1 + DEMANDS_OF_THEME * rows.n_rows;
    np_demand *more = np_arena_array(r->arena, np_demand, room);
    if (more == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    memcpy(more, r->demand, r->out->n_demands * sizeof *more);
    r->demand = more;
    add_demand(r, "main_theme", NULL, rows.n_rows > 0,
               rows.n_rows > 0 ? np_rows_text(&rows, 0, 0)
                               : _("the project has no main theme"));
    for (size_t i = 0; i < rows.n_rows && status == NP_OK; i++)
        status = add_theme(r, np_rows_text(&rows, i, 0), err);
    return status;
}

static np_status read_application(review *r, const char *id, np_error *err)
{
    np_rows rows;
    np_status status = np_rows_ask(&rows, r->store, "application",
                                   "id project project.name call received call.deadline",
                                   &NP_IS("id", id), 1, r->arena, err);
    if (status != NP_OK)
        return status;
    if (rows.n_rows == 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no application %s"), id);
        return np_error_hint(err, _("nullpunkt admit --list tells which there are"));
    }
    np_admission *a = r->out;
    a->application = np_rows_text(&rows, 0, 0);
    a->project = np_rows_text(&rows, 0, 1);
    a->project_name = np_rows_text(&rows, 0, 2);
    a->call = np_rows_text(&rows, 0, 3);
    a->received = np_rows_text(&rows, 0, 4);
    a->deadline = np_rows_text(&rows, 0, 5);
    a->late = a->received != NULL && a->deadline != NULL &&
              strcmp(a->received, a->deadline) > 0;
    return NP_OK;
}

static np_status read_decision(review *r, np_error *err)
{
    np_rows rows;
    np_status status =
        np_rows_ask(&rows, r->store, "decision", "date outcome",
                    &NP_IS("application", r->out->application), 1, r->arena, err);
    if (status == NP_OK && rows.n_rows > 0) {
        r->out->decided = np_rows_text(&rows, rows.n_rows - 1, 0);
        r->out->outcome = np_rows_text(&rows, rows.n_rows - 1, 1);
    }
    return status;
}

static np_status read_exceptions(review *r, np_error *err)
{
    return np_rows_ask(&r->exceptions, r->store, "exception", "theme rule granted_by",
                       &NP_IS("project", r->out->project), 1, r->arena, err);
}

np_status np_admission_review(np_admission *out, np_store *store, const char *application,
                              np_arena *arena, np_error *err)
{
    np_admission admission = {0};
    review r = {.out = &admission,
                .demand = np_arena_array(arena, np_demand, PARTIES),
                .store = store,
                .arena = arena};
    if (r.demand == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = read_application(&r, application, err);
    if (status == NP_OK)
        status = read_decision(&r, err);
    if (status == NP_OK)
        status = read_exceptions(&r, err);
    if (status == NP_OK)
        status = add_commitments(&r, err);
    if (status == NP_OK)
        status = add_themes(&r, err);
    if (status != NP_OK)
        return status;
    admission.demand = r.demand;
    *out = admission;
    return NP_OK;
}

np_status np_admission_list(const np_admission **out, size_t *n, np_store *store,
                            const char *call, np_arena *arena, np_error *err)
{
    np_rows rows;
    np_status status = np_rows_ask(&rows, store, "application", "id",
                                   &NP_IS("call", call), call != NULL, arena, err);
    np_admission *list =
        status == NP_OK ? np_arena_array(arena, np_admission, rows.n_rows) : NULL;
    if (status == NP_OK && list == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < rows.n_rows && status == NP_OK; i++)
        status =
            np_admission_review(&list[i], store, np_rows_text(&rows, i, 0), arena, err);
    if (status != NP_OK)
        return status;
    *out = list;
    *n = rows.n_rows;
    return NP_OK;
}
