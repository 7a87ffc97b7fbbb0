#include <string.h>

#include "base/date.h"
#include "programme/form_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status takes_part(bool *out, np_rows *participation, np_store *store,
                            const char *project, const char *theme, np_arena *arena,
                            np_error *err)
{
    *out = true;
    if (theme == NULL)
        return NP_OK;
    np_status status = NP_OK;
    if (participation->n_columns == 0)
        status = np_store_rows(participation, store, "participation", "theme", "project",
                               project, arena, err);
    *out = false;
    for (size_t i = 0; status == NP_OK && i < participation->n_rows; i++)
        *out = *out || strcmp(np_rows_text(participation, i, 0), theme) == 0;
    return status;
}

np_status form_questions(const form_question **out, size_t *n, np_store *store,
                         const char *template, const char *project, np_arena *arena,
                         np_error *err)
{
    static const char *const path[] = {
        "id",        "code",      "text",  "text_nb", "text_nn",  "help",    "scheme",
        "indicator", "item_sort", "theme", "answer",  "required", "repeats", "position"};
    enum { N_PATHS = sizeof path / sizeof *path };
    np_query_column column[N_PATHS];
    for (size_t c = 0; c < N_PATHS; c++)
        column[c] = (np_query_column){.path = path[c]};
    np_value of = NP_VALUE_OF_TEXT(template);
    np_where where = {"template", NP_WHERE_EQUAL, &of, 1};
    const np_kind *kind = np_kind_find("question");
    const np_field *answer = &kind->field[np_kind_field(kind, "answer")];
    np_query query = {.kind = kind,
                      .column = column,
                      .n_columns = N_PATHS,
                      .where = &where,
                      .n_where = 1,
                      .order = (const size_t[]){N_PATHS - 1},
                      .n_order = 1};
    np_rows rows, participation = {0};
    np_status status = np_store_query(&rows, store, &query, arena, err);
    if (status != NP_OK)
        return status;
    form_question *question = np_arena_array(arena, form_question, rows.n_rows);
    if (question == NULL)
        return no_memory(err);
    *n = 0;
    for (size_t i = 0; i < rows.n_rows; i++) {
        bool asked;
        const char *theme = np_rows_text(&rows, i, 9);
        status = takes_part(&asked, &participation, store, project, theme, arena, err);
        if (status != NP_OK)
            return status;
        if (!asked)
            continue;
        np_localised text = {{np_rows_text(&rows, i, 2), np_rows_text(&rows, i, 3),
                              np_rows_text(&rows, i, 4)}};
        int which = np_field_choice(answer, np_rows_text(&rows, i, 10));
        question[(*n)++] =
            (form_question){.id = np_rows_text(&rows, i, 0),
                            .code = np_rows_text(&rows, i, 1),
                            .text = np_localised_text(&text, np_language_get()),
                            .help = np_rows_text(&rows, i, 5),
                            .scheme = np_rows_text(&rows, i, 6),
                            .indicator = np_rows_text(&rows, i, 7),
                            .item_sort = np_rows_text(&rows, i, 8),
                            .theme = theme,
                            .answer = (form_answer)which,
                            .required = np_rows_integer(&rows, i, 11, 0) == 1,
                            .repeats = np_rows_integer(&rows, i, 12, 0) == 1};
    }
    *out = question;
    return NP_OK;
}

/* The last status of a measure on or before a day, and since when. */
static void status_at(const char **status, const char **since, const np_rows *history,
                      const char *measure, const char *day)
{
    *status = *since = NULL;
    for (size_t i = 0; i < history->n_rows; i++) {
        const char *date = np_rows_text(history, i, 1);
        if (strcmp(np_rows_text(history, i, 0), measure) == 0 && strcmp(date, day) <= 0 &&
            (*since == NULL || strcmp(date, *since) > 0)) {
            *since = date;
            *status = np_rows_text(history, i, 2);
        }
    }
}

static bool has_ended(const char *status)
{
    return status != NULL &&
           (strcmp(status, "finished") == 0 || strcmp(status, "shelved") == 0);
}

np_status form_measures(const form_measure **out, size_t *n, np_store *store,
                        const char *project, np_period period, np_arena *arena,
                        np_error *err)
{
    char before[NP_DATE_LENGTH], last[NP_DATE_LENGTH];
    np_date_format(before, np_period_first_day(period) - 1);
    np_date_format(last, np_period_last_day(period));
    np_rows rows, history;
    np_status status = np_store_rows(&rows, store, "measure", "id name starts n_covered",
                                     "project", project, arena, err);
    if (status == NP_OK)
        status = np_store_rows(&history, store, "measure_status", "measure date status",
                               "measure.project", project, arena, err);
    if (status != NP_OK)
        return status;
    form_measure *measure = np_arena_array(arena, form_measure, rows.n_rows);
    if (measure == NULL)
        return no_memory(err);
    *n = 0;
    for (size_t i = 0; i < rows.n_rows; i++) {
        form_measure m = {.id = np_rows_text(&rows, i, 0),
                          .name = np_rows_text(&rows, i, 1),
                          .starts = np_rows_text(&rows, i, 2),
                          .n_covered = np_rows_integer(&rows, i, 3, -1)};
        status_at(&m.status, &m.since, &history, m.id, before);
        if (has_ended(m.status) || (m.starts != NULL && strcmp(m.starts, last) > 0))
            continue;
        status_at(&m.status, &m.since, &history, m.id, last);
        measure[(*n)++] = m;
    }
    *out = measure;
    return NP_OK;
}
