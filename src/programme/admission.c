#include "programme/admission.h"

#include <string.h>

#include "base/text.h"
#include "store/query.h"

enum { PARTIES = 3, DEMANDS_OF_THEME = 4 };

typedef struct {
    np_admission *out;
    np_demand *demand; /* room for all */
    np_store *store;
    np_arena *arena;
    np_rows exceptions; /* theme rule granted_by */
} review;

static const char *text_at(const np_rows *rows, size_t row, size_t column)
{
    np_value value = rows->cell[row * rows->n_columns + column];
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

static bool present(const np_rows *rows, size_t row, size_t column)
{
    return rows->cell[row * rows->n_columns + column].type != NP_VALUE_NONE;
}

enum { MOST_COLUMNS = 12 };

/* The columns of the records whose fields have the values, by the first column. */
static np_status rows_of(np_rows *out, review *r, const char *kind,
                         const char *const *columns, size_t n, const np_where *where,
                         size_t n_where, np_error *err)
{
    np_query_column column[MOST_COLUMNS];
    for (size_t c = 0; c < n; c++)
        column[c] = (np_query_column){.path = columns[c]};
    np_query query = {.kind = np_kind_find(kind),
                      .column = column,
                      .n_columns = n,
                      .where = where,
                      .n_where = n_where,
                      .order = (const size_t[]){0},
                      .n_order = 1};
    return np_store_query(out, r->store, &query, r->arena, err);
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* ---- demands --------------------------------------------------------------------- */

/* An exception counts for exactly its demand: of the theme, or of the whole project. */
static const char *exception_for(const review *r, const char *demand, const char *theme)
{
    for (size_t i = 0; i < r->exceptions.n_rows; i++) {
        const char *of = text_at(&r->exceptions, i, 0);
        if (same(text_at(&r->exceptions, i, 1), demand) &&
            (of == NULL || same(of, theme)))
            return text_at(&r->exceptions, i, 2);
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
    np_value project = NP_VALUE_OF_TEXT(r->out->project);
    np_rows rows;
    np_status status =
        rows_of(&rows, r, "commitment", (const char *const[]){"party", "date"}, 2,
                &(np_where){.path = "project", .value = &project, .n = 1}, 1, err);
    for (size_t p = 0; p < PARTIES && status == NP_OK; p++) {
        const char *date = NULL;
        for (size_t i = 0; i < rows.n_rows; i++)
            if (same(text_at(&rows, i, 0), parties[p]))
                date = text_at(&rows, i, 1);
        add_demand(r, demands[p], NULL, date != NULL,
                   date != NULL ? date : _("there is no commitment of this party"));
    }
    return status;
}

/* ---- a theme's result goal ------------------------------------------------------- */

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
static const char *const goal_columns[N_GOAL_COLUMNS] = {"id",
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
        if (!present(goals, row, c))
            return false;
    return true;
}

/* The goal that lacks least; the demands are of one and the same goal. */
static size_t best_goal(const np_rows *goals)
{
    size_t best = goals->n_rows;
    int most = -1;
    for (size_t g = 0; g < goals->n_rows; g++) {
        int n = present(goals, g, G_INDICATOR) + has_all(goals, g, G_BASELINE, G_SCOPE) +
                has_all(goals, g, G_TARGET, G_TARGET_DATE);
        if (n > most && !same(text_at(goals, g, G_STATUS), "dropped")) {
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
        if (!present(goals, row, c))
            np_buf_format(&names, "%s%s", names.length > 0 ? ", " : "", goal_columns[c]);
    const char *text = np_arena_format(r->arena, _("%s has no %s"),
                                       text_at(goals, row, G_ID), np_buf_done(&names));
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
               met ? text_at(goals, row, G_ID)
                   : absent_fields(r, goals, row, first, last));
}

static np_status add_theme(review *r, const char *theme, np_error *err)
{
    np_value value[] = {NP_VALUE_OF_TEXT(r->out->project), NP_VALUE_OF_TEXT(theme),
                        NP_VALUE_OF_TEXT("result")};
    np_where where[] = {{.path = "project", .value = &value[0], .n = 1},
                        {.path = "theme", .value = &value[1], .n = 1},
                        {.path = "level", .value = &value[2], .n = 1}};
    np_rows goals;
    np_status status =
        rows_of(&goals, r, "goal", goal_columns, N_GOAL_COLUMNS, where, 3, err);
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
    np_value value[] = {NP_VALUE_OF_TEXT(r->out->project), NP_VALUE_OF_TEXT("main")};
    np_where where[] = {{.path = "project", .value = &value[0], .n = 1},
                        {.path = "role", .value = &value[1], .n = 1}};
    np_rows rows;
    np_status status = rows_of(&rows, r, "participation", (const char *const[]){"theme"},
                               1, where, 2, err);
    if (status != NP_OK)
        return status;
    size_t room = PARTIES + 1 + DEMANDS_OF_THEME * rows.n_rows;
    np_demand *more = np_arena_array(r->arena, np_demand, room);
    if (more == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    memcpy(more, r->demand, r->out->n_demands * sizeof *more);
    r->demand = more;
    add_demand(r, "main_theme", NULL, rows.n_rows > 0,
               rows.n_rows > 0 ? text_at(&rows, 0, 0)
                               : _("the project has no main theme"));
    for (size_t i = 0; i < rows.n_rows && status == NP_OK; i++)
        status = add_theme(r, text_at(&rows, i, 0), err);
    return status;
}

/* ---- the application ------------------------------------------------------------- */

static np_status read_application(review *r, const char *id, np_error *err)
{
    np_value value = NP_VALUE_OF_TEXT(id);
    np_where where = {.path = "id", .value = &value, .n = 1};
    np_rows rows;
    np_status status = rows_of(&rows, r, "application",
                               (const char *const[]){"id", "project", "project.name",
                                                     "call", "received", "call.deadline"},
                               6, &where, 1, err);
    if (status != NP_OK)
        return status;
    if (rows.n_rows == 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no application %s"), id);
        return np_error_hint(err, _("nullpunkt admit --list tells which there are"));
    }
    np_admission *a = r->out;
    a->application = text_at(&rows, 0, 0);
    a->project = text_at(&rows, 0, 1);
    a->project_name = text_at(&rows, 0, 2);
    a->call = text_at(&rows, 0, 3);
    a->received = text_at(&rows, 0, 4);
    a->deadline = text_at(&rows, 0, 5);
    a->late = a->received != NULL && a->deadline != NULL &&
              strcmp(a->received, a->deadline) > 0;
    return NP_OK;
}

static np_status read_decision(review *r, np_error *err)
{
    np_value value = NP_VALUE_OF_TEXT(r->out->application);
    np_rows rows;
    np_status status =
        rows_of(&rows, r, "decision", (const char *const[]){"date", "outcome"}, 2,
                &(np_where){.path = "application", .value = &value, .n = 1}, 1, err);
    if (status == NP_OK && rows.n_rows > 0) {
        r->out->decided = text_at(&rows, rows.n_rows - 1, 0);
        r->out->outcome = text_at(&rows, rows.n_rows - 1, 1);
    }
    return status;
}

static np_status read_exceptions(review *r, np_error *err)
{
    np_value value = NP_VALUE_OF_TEXT(r->out->project);
    return rows_of(&r->exceptions, r, "exception",
                   (const char *const[]){"theme", "rule", "granted_by"}, 3,
                   &(np_where){.path = "project", .value = &value, .n = 1}, 1, err);
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
    review r = {.store = store, .arena = arena};
    np_value value = {.type = NP_VALUE_TEXT, .text = call};
    np_rows rows;
    np_status status =
        rows_of(&rows, &r, "application", (const char *const[]){"id"}, 1,
                &(np_where){.path = "call", .value = &value, .n = 1}, call != NULL, err);
    np_admission *list =
        status == NP_OK ? np_arena_array(arena, np_admission, rows.n_rows) : NULL;
    if (status == NP_OK && list == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < rows.n_rows && status == NP_OK; i++)
        status = np_admission_review(&list[i], store, text_at(&rows, i, 0), arena, err);
    if (status != NP_OK)
        return status;
    *out = list;
    *n = rows.n_rows;
    return NP_OK;
}
