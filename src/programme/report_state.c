#include <string.h>

#include "base/map.h"
#include "programme/form_internal.h"
#include "programme/report.h"

typedef struct {
    np_store *store;
    np_arena *arena;
    np_error *err;
    const char *project, *report, *period;
    np_text_map *answered;  /* questions */
    np_text_map *items;     /* codes of questions that have items */
    np_text_map *measured;  /* indicator, measure or "" */
    np_text_map *accounted; /* measures */
    np_report_gap *gap;
    size_t n, room;
} gap_finder;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status add_gap(gap_finder *g, const char *kind, const char *id,
                         const char *text)
{
    if (g->n == g->room) {
        size_t room = g->room == 0 ? 16 : 2 * g->room;
        np_report_gap *more = np_arena_array(g->arena, np_report_gap, room);
        if (more == NULL)
            return no_memory(g->err);
        if (g->n > 0)
            memcpy(more, g->gap, g->n * sizeof *more);
        g->gap = more;
        g->room = room;
    }
    g->gap[g->n++] = (np_report_gap){.kind = kind, .id = id, .text = text};
    return NP_OK;
}

static np_status enter(gap_finder *g, np_text_map *map, const char *text)
{
    return np_text_map_add(map, text, strlen(text)) < 0 ? no_memory(g->err) : NP_OK;
}

static bool has(const np_text_map *map, const char *text)
{
    return np_text_map_find(map, text, strlen(text)) >= 0;
}

/* The code of the question that an item's identifier names: report/code/number. */
static np_status enter_item(gap_finder *g, const char *id)
{
    size_t length = strlen(g->report);
    if (strncmp(id, g->report, length) != 0 || id[length] != '/')
        return NP_OK;
    const char *code = id + length + 1;
    return np_text_map_add(g->items, code, strcspn(code, "/")) < 0 ? no_memory(g->err)
                                                                   : NP_OK;
}

static np_status read_measured(gap_finder *g)
{
    np_value project = NP_VALUE_OF_TEXT(g->project), period = NP_VALUE_OF_TEXT(g->period);
    np_where where[] = {{"project", NP_WHERE_EQUAL, &project, 1},
                        {"period", NP_WHERE_EQUAL, &period, 1}};
    np_query_column column[] = {{.path = "indicator"}, {.path = "measure"}};
    np_query query = {.kind = np_kind_find("measurement"),
                      .column = column,
                      .n_columns = 2,
                      .where = where,
                      .n_where = 2};
    np_rows rows;
    np_status status = np_store_query(&rows, g->store, &query, g->arena, g->err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const char *measure = np_rows_text(&rows, i, 1);
        const char *key = np_arena_format(g->arena, "%s\n%s", np_rows_text(&rows, i, 0),
                                          measure == NULL ? "" : measure);
        status = key == NULL ? no_memory(g->err) : enter(g, g->measured, key);
    }
    return status;
}

static np_status read_said(gap_finder *g)
{
    np_rows answer, item, account;
    np_status status = np_store_rows(&answer, g->store, "answer", "question", "report",
                                     g->report, g->arena, g->err);
    if (status == NP_OK)
        status = np_store_rows(&item, g->store, "item", "id", "report", g->report,
                               g->arena, g->err);
    if (status == NP_OK)
        status = np_store_rows(&account, g->store, "measure_account", "measure", "report",
                               g->report, g->arena, g->err);
    for (size_t i = 0; status == NP_OK && i < answer.n_rows; i++)
        status = enter(g, g->answered, np_rows_text(&answer, i, 0));
    for (size_t i = 0; status == NP_OK && i < item.n_rows; i++)
        status = enter_item(g, np_rows_text(&item, i, 0));
    for (size_t i = 0; status == NP_OK && i < account.n_rows; i++)
        status = enter(g, g->accounted, np_rows_text(&account, i, 0));
    return status == NP_OK ? read_measured(g) : status;
}

static bool is_measured(gap_finder *g, const char *indicator, const char *measure)
{
    const char *key =
        np_arena_format(g->arena, "%s\n%s", indicator, measure == NULL ? "" : measure);
    return key != NULL && has(g->measured, key);
}

static np_status goal_gaps(gap_finder *g)
{
    np_rows goal;
    np_status status =
        np_store_rows(&goal, g->store, "goal", "id text indicator measure status",
                      "project", g->project, g->arena, g->err);
    for (size_t i = 0; status == NP_OK && i < goal.n_rows; i++) {
        const char *indicator = np_rows_text(&goal, i, 2),
                   *is = np_rows_text(&goal, i, 4);
        bool dropped = is != NULL && strcmp(is, "dropped") == 0;
        if (indicator != NULL && !dropped &&
            !is_measured(g, indicator, np_rows_text(&goal, i, 3)))
            status =
                add_gap(g, "goal", np_rows_text(&goal, i, 0), np_rows_text(&goal, i, 1));
    }
    return status;
}

static np_status measure_gaps(gap_finder *g)
{
    np_period period;
    const form_measure *measure;
    size_t n;
    if (!np_period_parse(&period, g->period, strlen(g->period)))
        return NP_OK;
    np_status status =
        form_measures(&measure, &n, g->store, g->project, period, g->arena, g->err);
    for (size_t i = 0; status == NP_OK && i < n; i++)
        if (!has(g->accounted, measure[i].id))
            status = add_gap(g, "measure", measure[i].id, measure[i].name);
    return status;
}

static np_status question_gap(gap_finder *g, const form_question *q)
{
    bool answered = has(g->answered, q->id);
    switch (q->answer) {
    case FORM_MEASURES: /* however little is required otherwise */
        return measure_gaps(g);
    case FORM_GOALS:
        return q->required ? goal_gaps(g) : NP_OK;
    case FORM_MEASUREMENT:
        answered =
            answered || (q->indicator != NULL && is_measured(g, q->indicator, NULL));
        break;
    case FORM_ITEMS:
        answered = answered || has(g->items, q->code);
        break;
    default:
        break;
    }
    return answered || !q->required ? NP_OK : add_gap(g, "question", q->id, q->text);
}

np_status np_report_gaps(const np_report_gap **out, size_t *n, np_store *store,
                         const char *project, const char *template, const char *period,
                         np_arena *arena, np_error *err)
{
    gap_finder g = {.store = store,
                    .arena = arena,
                    .err = err,
                    .project = project,
                    .period = period,
                    .report =
                        np_arena_format(arena, "%s/%s/%s", project, template, period),
                    .answered = np_text_map_new(arena),
                    .items = np_text_map_new(arena),
                    .measured = np_text_map_new(arena),
                    .accounted = np_text_map_new(arena)};
    if (g.report == NULL || g.answered == NULL || g.items == NULL || g.measured == NULL ||
        g.accounted == NULL)
        return no_memory(err);
    const form_question *question;
    size_t n_questions;
    np_status status =
        form_questions(&question, &n_questions, store, template, project, arena, err);
    if (status == NP_OK)
        status = read_said(&g);
    for (size_t i = 0; status == NP_OK && i < n_questions; i++)
        status = question_gap(&g, &question[i]);
    *out = g.gap;
    *n = g.n;
    return status;
}

static np_status read_events(np_report_state *s, np_store *store, np_arena *arena,
                             np_error *err)
{
    np_rows event, copy;
    np_status status =
        np_store_rows(&event, store, "report_event", "number event moment done_by note",
                      "report", s->id, arena, err);
    if (status == NP_OK)
        status = np_store_rows(&copy, store, "report_copy", "number hash body", "report",
                               s->id, arena, err);
    if (status != NP_OK)
        return status;
    np_report_event *out = np_arena_array(arena, np_report_event, event.n_rows);
    if (out == NULL)
        return no_memory(err);
    for (size_t i = 0; i < event.n_rows; i++) {
        int64_t number = np_rows_integer(&event, i, 0, 0);
        size_t place = 0; /* identifiers sort "10" before "9" */
        for (size_t k = 0; k < event.n_rows; k++)
            place += np_rows_integer(&event, k, 0, 0) < number;
        np_report_event *e = &out[place];
        *e = (np_report_event){.number = number,
                               .event = np_rows_text(&event, i, 1),
                               .moment = np_rows_text(&event, i, 2),
                               .done_by = np_rows_text(&event, i, 3),
                               .note = np_rows_text(&event, i, 4)};
        for (size_t k = 0; k < copy.n_rows; k++) {
            char hash[NP_HASH_LENGTH];
            const char *body = np_rows_text(&copy, k, 2);
            if (np_rows_integer(&copy, k, 0, 0) != number)
                continue;
            np_hash_bytes(hash, body, strlen(body));
            e->hash = np_rows_text(&copy, k, 1);
            e->is_intact = strcmp(hash, e->hash) == 0;
        }
    }
    s->event = out;
    s->n_events = event.n_rows;
    return NP_OK;
}

np_status np_report_state_of(np_report_state *out, np_store *store, const char *report,
                             np_arena *arena, np_error *err)
{
    np_record record, owed;
    bool is_owed;
    np_status status =
        np_store_get(&record, store, np_kind_find("report"), report, arena, err);
    if (status == NP_OK)
        status = np_store_has(&is_owed, store, np_kind_find("obligation"), report, err);
    if (status == NP_OK && is_owed)
        status =
            np_store_get(&owed, store, np_kind_find("obligation"), report, arena, err);
    if (status != NP_OK)
        return status;
    np_report_state s = {.id = record.id,
                         .project = np_record_text(&record, "project"),
                         .template = np_record_text(&record, "template"),
                         .period = np_record_text(&record, "period"),
                         .status = np_record_text(&record, "status"),
                         .received = np_record_text(&record, "received"),
                         .due = is_owed ? np_record_text(&owed, "due") : NULL,
                         .locked = np_record_integer(&record, "locked", 0) == 1};
    status = np_report_gaps(&s.gap, &s.n_gaps, store, s.project, s.template, s.period,
                            arena, err);
    if (status == NP_OK)
        status = read_events(&s, store, arena, err);
    s.complete = s.n_gaps == 0;
    s.approved = strcmp(s.status, "approved") == 0;
    s.on_time = s.received != NULL && s.due != NULL && strcmp(s.received, s.due) <= 0;
    if (status == NP_OK)
        *out = s;
    return status;
}
