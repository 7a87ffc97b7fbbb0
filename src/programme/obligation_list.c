#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "programme/obligation.h"
#include "store/query.h"

static const struct {
    const char *word, *text;
} owed_words[NP_N_OWED] = {
    [NP_OWED_NOT_DUE] = {"not_due", N_("not due yet")},
    [NP_OWED_OVERDUE] = {"overdue", N_("overdue")},
    [NP_OWED_DRAFT] = {"draft", N_("begun")},
    [NP_OWED_RETURNED] = {"returned", N_("returned")},
    [NP_OWED_SUBMITTED] = {"submitted", N_("submitted")},
    [NP_OWED_APPROVED] = {"approved", N_("approved")},
    [NP_OWED_WAIVED] = {"waived", N_("waived")},
};

const char *np_owed_word(np_owed_state state)
{
    return owed_words[state].word;
}

const char *np_owed_text(np_owed_state state)
{
    return owed_words[state].text;
}

typedef struct {
    np_rows obligation, report;
    np_text_map *reported; /* identifiers, in the order of `report` */
    int32_t as_of;
} owed_work;

enum {
    OF_ID,
    OF_PROJECT,
    OF_PROJECT_NAME,
    OF_COHORT,
    OF_TEMPLATE,
    OF_NAME,
    OF_NAME_NB,
    OF_NAME_NN,
    OF_PERIOD,
    OF_DUE,
    OF_WAIVED,
    OF_REASON
};

static np_status read_all(owed_work *w, np_store *store, const np_owed_filter *filter,
                          np_arena *arena, np_error *err)
{
    static const char *const path[] = {
        "id",       "project",       "project.name",     "project.cohort",
        "template", "template.name", "template.name_nb", "template.name_nn",
        "period",   "due",           "waived",           "reason"};
    static const size_t order[] = {OF_DUE, OF_PROJECT, OF_TEMPLATE};
    np_query_column column[sizeof path / sizeof *path];
    for (size_t c = 0; c < sizeof path / sizeof *path; c++)
        column[c] = (np_query_column){.path = path[c]};
    np_where where[3];
    np_value value[3];
    const char *const wanted[] = {filter->project, filter->cohort, filter->template};
    static const char *const of[] = {"project", "project.cohort", "template"};
    size_t n = 0;
    for (size_t i = 0; i < 3; i++) {
        if (wanted[i] == NULL)
            continue;
        value[n] = NP_VALUE_OF_TEXT(wanted[i]);
        where[n] = (np_where){of[i], NP_WHERE_EQUAL, &value[n], 1};
        n++;
    }
    np_query query = {.kind = np_kind_find("obligation"),
                      .column = column,
                      .n_columns = sizeof path / sizeof *path,
                      .where = where,
                      .n_where = n,
                      .order = order,
                      .n_order = 3};
    np_status status = np_store_query(&w->obligation, store, &query, arena, err);
    if (status == NP_OK)
        status = np_store_rows(&w->report, store, "report", "id status received locked",
                               NULL, NULL, arena, err);
    w->reported = np_text_map_new(arena);
    for (size_t i = 0; status == NP_OK && i < w->report.n_rows; i++) {
        const char *id = np_rows_text(&w->report, i, 0);
        if (w->reported == NULL || np_text_map_add(w->reported, id, strlen(id)) < 0)
            status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    return status;
}

static const char *in_language(const owed_work *w, size_t row)
{
    np_localised name = {{np_rows_text(&w->obligation, row, OF_NAME),
                          np_rows_text(&w->obligation, row, OF_NAME_NB),
                          np_rows_text(&w->obligation, row, OF_NAME_NN)}};
    return np_localised_text(&name, np_language_get());
}

static np_owed_state state_of(const np_owed *owed, const char *status, int32_t late)
{
    if (status != NULL && strcmp(status, "approved") == 0)
        return NP_OWED_APPROVED;
    if (status != NULL && strcmp(status, "submitted") == 0)
        return NP_OWED_SUBMITTED;
    if (status != NULL && strcmp(status, "returned") == 0 &&
        (owed->received != NULL || late <= 0))
        return NP_OWED_RETURNED;
    if (late > 0)
        return NP_OWED_OVERDUE;
    return status != NULL ? NP_OWED_DRAFT : NP_OWED_NOT_DUE;
}

static np_owed owed_of(const owed_work *w, size_t i)
{
    const np_rows *rows = &w->obligation;
    np_owed owed = {.id = np_rows_text(rows, i, OF_ID),
                    .project = np_rows_text(rows, i, OF_PROJECT),
                    .project_name = np_rows_text(rows, i, OF_PROJECT_NAME),
                    .cohort = np_rows_text(rows, i, OF_COHORT),
                    .template = np_rows_text(rows, i, OF_TEMPLATE),
                    .template_name = in_language(w, i),
                    .period = np_rows_text(rows, i, OF_PERIOD),
                    .due = np_rows_text(rows, i, OF_DUE),
                    .reason = np_rows_text(rows, i, OF_REASON)};
    int32_t due = 0, received = 0;
    np_date_parse(&due, owed.due, strlen(owed.due));
    int32_t report = np_text_map_find(w->reported, owed.id, strlen(owed.id));
    const char *status = NULL;
    if (report >= 0) {
        status = np_rows_text(&w->report, (size_t)report, 1);
        owed.received = np_rows_text(&w->report, (size_t)report, 2);
        owed.locked = np_rows_integer(&w->report, (size_t)report, 3, 0) == 1;
    }
    bool waived = np_rows_integer(rows, i, OF_WAIVED, 0) == 1;
    owed.state = state_of(&owed, status, w->as_of - due);
    if (waived && owed.state != NP_OWED_APPROVED && owed.state != NP_OWED_SUBMITTED)
        owed.state = NP_OWED_WAIVED;
    if (owed.state == NP_OWED_OVERDUE)
        owed.days = w->as_of - due;
    else if (owed.received != NULL &&
             np_date_parse(&received, owed.received, strlen(owed.received)))
        owed.days = received - due;
    return owed;
}

static bool is_wanted(const np_owed *owed, const np_owed_filter *filter)
{
    if (filter->overdue)
        return owed->state == NP_OWED_OVERDUE;
    return !filter->open ||
           (owed->state != NP_OWED_SUBMITTED && owed->state != NP_OWED_APPROVED &&
            owed->state != NP_OWED_WAIVED);
}

/* A name that is not there would list nothing, as if nothing were owed. */
static np_status check_filter(np_store *store, const np_owed_filter *filter,
                              np_arena *arena, np_error *err)
{
    const char *const id[] = {filter->project, filter->cohort, filter->template};
    static const char *const kind[] = {"project", "cohort", "template"};
    np_status status = NP_OK;
    for (size_t i = 0; i < 3 && status == NP_OK; i++)
        if (id[i] != NULL)
            status = np_store_expect(store, kind[i], id[i], arena, err);
    return status;
}

np_status np_obligations_list(np_owed_list *out, np_store *store, const char *as_of,
                              const np_owed_filter *filter, np_arena *arena,
                              np_error *err)
{
    owed_work w = {0};
    np_owed_filter all = {0};
    filter = filter != NULL ? filter : &all;
    if (!np_date_parse(&w.as_of, as_of, strlen(as_of))) {
        np_fail(err, NP_E_RANGE, _("\"%s\" is no date"), as_of);
        return np_error_hint(err, _("for example 2014-02-01"));
    }
    np_status status = check_filter(store, filter, arena, err);
    if (status == NP_OK)
        status = read_all(&w, store, filter, arena, err);
    if (status != NP_OK)
        return status;
    np_owed *item = np_arena_array(arena, np_owed, w.obligation.n_rows);
    if (item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_owed_list list = {.item = item};
    for (size_t i = 0; i < w.obligation.n_rows; i++) {
        np_owed owed = owed_of(&w, i);
        list.n_by_state[owed.state]++;
        if (is_wanted(&owed, filter))
            item[list.n++] = owed;
    }
    *out = list;
    return NP_OK;
}
