#include "programme/obligation.h"

#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/text.h"
#include "programme/draft.h"
#include "programme/value.h"
#include "store/query.h"

typedef struct {
    const char *id, *sort;
    int64_t version;
    np_period first, last; /* in force; `has` say whether there is a bound */
    bool has_first, has_last;
    int due_month, due_day, due_years_after;
} report_template;

typedef struct {
    const char *id;
    bool admitted;
    int32_t starts, ends;
    int32_t withdrawn; /* the first day without it; INT32_MAX: never */
    const char *withdrawal_reason;
} owing_project;

typedef struct {
    np_store *store;
    np_entry *entry; /* NULL: only counted */
    np_arena *arena;
    np_error *err;
    report_template *template;
    size_t n_templates;
    owing_project *project;
    size_t n_projects;
    np_text_map *project_place;
    np_rows there;      /* obligations: id waived project due */
    np_text_map *place; /* of an identifier in `there` */
    bool *settled;      /* [there.n_rows] owed still, waived, or reported */
    size_t n_missing;
} obligation_work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static int32_t date_or(const char *text, int32_t otherwise)
{
    int32_t date;
    return text != NULL && np_date_parse(&date, text, strlen(text)) ? date : otherwise;
}

static np_status read_templates(obligation_work *w)
{
    np_rows rows;
    np_status status =
        np_store_rows(&rows, w->store, "template",
                      "id sort version first_period last_period due_month due_day "
                      "due_years_after",
                      NULL, NULL, w->arena, w->err);
    if (status != NP_OK)
        return status;
    w->template = np_arena_array(w->arena, report_template, rows.n_rows);
    if (w->template == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *first = np_rows_text(&rows, i, 3), *last = np_rows_text(&rows, i, 4);
        report_template *t = &w->template[w->n_templates++];
        *t = (report_template){
            .id = np_rows_text(&rows, i, 0),
            .sort = np_rows_text(&rows, i, 1),
            .version = np_rows_integer(&rows, i, 2, 1),
            .due_month = (int)np_rows_integer(&rows, i, 5, 1),
            .due_day = (int)np_rows_integer(&rows, i, 6, 1),
            .due_years_after = (int)np_rows_integer(&rows, i, 7, 0),
        };
        t->has_first = first != NULL && np_period_parse(&t->first, first, strlen(first));
        t->has_last = last != NULL && np_period_parse(&t->last, last, strlen(last));
    }
    return NP_OK;
}

/* The template of the sort that is in force in the period, the latest version of it. */
static const report_template *in_force(const obligation_work *w, const char *sort,
                                       np_period period)
{
    const report_template *found = NULL;
    int32_t day = np_period_first_day(period);
    for (size_t i = 0; i < w->n_templates; i++) {
        const report_template *t = &w->template[i];
        if (strcmp(t->sort, sort) == 0 &&
            (!t->has_first || np_period_first_day(t->first) <= day) &&
            (!t->has_last || np_period_last_day(t->last) >= day) &&
            (found == NULL || t->version > found->version))
            found = t;
    }
    return found;
}

static int32_t due_day(const report_template *t, np_period period)
{
    return np_date_of(period.year + t->due_years_after, t->due_month, t->due_day);
}

static np_status put_obligation(obligation_work *w, const owing_project *p,
                                const report_template *t, np_period period)
{
    char text[NP_PERIOD_TEXT], due[NP_DATE_LENGTH];
    np_period_format(text, period);
    const char *id = np_arena_format(w->arena, "%s/%s/%s", p->id, t->id, text);
    if (id == NULL)
        return no_memory(w->err);
    int32_t place = np_text_map_find(w->place, id, strlen(id));
    if (place >= 0) {
        w->settled[place] = true;
        return NP_OK;
    }
    w->n_missing++;
    if (w->entry == NULL)
        return NP_OK;
    np_date_format(due, due_day(t, period));
    np_draft draft;
    np_draft_start(&draft, "obligation", NULL);
    np_draft_text(&draft, "project", p->id);
    np_draft_text(&draft, "template", t->id);
    np_draft_text(&draft, "period", text);
    np_draft_text(&draft, "due", due);
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

static np_status owe(obligation_work *w, const owing_project *p, const char *sort,
                     np_period period)
{
    const report_template *t = in_force(w, sort, period);
    if (t == NULL || due_day(t, period) >= p->withdrawn)
        return NP_OK;
    if (period.length == NP_HALF_YEAR && p->starts > due_day(t, period))
        return NP_OK;
    return put_obligation(w, p, t, period);
}

static np_status owe_all(obligation_work *w, const owing_project *p)
{
    int first, last, month, day;
    np_date_split(p->starts, &first, &month, &day);
    np_date_split(p->ends, &last, &month, &day);
    np_status status = owe(w, p, "start_up", (np_period){NP_YEAR, first, 1});
    for (int year = first; year <= last && status == NP_OK; year++) {
        np_period half = {NP_HALF_YEAR, year, 1};
        if (p->starts <= np_period_last_day(half) && p->ends >= np_period_first_day(half))
            status = owe(w, p, "half_year", half);
        if (status == NP_OK)
            status = owe(w, p, "annual", (np_period){NP_YEAR, year, 1});
    }
    if (status == NP_OK)
        status = owe(w, p, "final", (np_period){NP_YEAR, last, 1});
    return status;
}

/* The outcome of the project's last decision lets it in, or nobody applied. */
typedef struct {
    np_text_map *project;
    const char **outcome, **date; /* [project] */
} decisions;

static np_status read_decisions(decisions *out, obligation_work *w)
{
    np_rows applied, decided;
    np_status status = np_store_rows(&applied, w->store, "application", "project", NULL,
                                     NULL, w->arena, w->err);
    if (status == NP_OK)
        status = np_store_rows(&decided, w->store, "decision",
                               "application.project outcome date", NULL, NULL, w->arena,
                               w->err);
    if (status != NP_OK)
        return status;
    out->project = np_text_map_new(w->arena);
    out->outcome = np_arena_array(w->arena, const char *, applied.n_rows);
    out->date = np_arena_array(w->arena, const char *, applied.n_rows);
    if (out->project == NULL || out->outcome == NULL || out->date == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < applied.n_rows; i++) {
        const char *project = np_rows_text(&applied, i, 0);
        if (np_text_map_add(out->project, project, strlen(project)) < 0)
            return no_memory(w->err);
    }
    for (size_t i = 0; i < decided.n_rows; i++) {
        const char *project = np_rows_text(&decided, i, 0),
                   *date = np_rows_text(&decided, i, 2);
        int32_t place = np_text_map_find(out->project, project, strlen(project));
        if (place < 0 || (out->date[place] != NULL && strcmp(out->date[place], date) > 0))
            continue;
        out->outcome[place] = np_rows_text(&decided, i, 1);
        out->date[place] = date;
    }
    return NP_OK;
}

static bool is_admitted(const decisions *d, const char *project)
{
    int32_t place = np_text_map_find(d->project, project, strlen(project));
    return place < 0 ||
           (d->outcome[place] != NULL && strcmp(d->outcome[place], "admit") == 0);
}

/* The first withdrawal from all themes of each project. */
static np_status read_withdrawals(obligation_work *w)
{
    np_query_column column[] = {
        {.path = "project"}, {.path = "date"}, {.path = "reason"}};
    np_where where = {.path = "theme", .sort = NP_WHERE_ABSENT};
    np_query query = {.kind = np_kind_find("withdrawal"),
                      .column = column,
                      .n_columns = 3,
                      .where = &where,
                      .n_where = 1};
    np_rows rows;
    np_status status = np_store_query(&rows, w->store, &query, w->arena, w->err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const char *id = np_rows_text(&rows, i, 0);
        int32_t place = np_text_map_find(w->project_place, id, strlen(id));
        int32_t date = date_or(np_rows_text(&rows, i, 1), INT32_MAX);
        if (place < 0 || date >= w->project[place].withdrawn)
            continue;
        w->project[place].withdrawn = date;
        w->project[place].withdrawal_reason = np_rows_text(&rows, i, 2);
    }
    return status;
}

static np_status read_projects(obligation_work *w)
{
    np_rows rows;
    decisions d;
    np_status status = np_store_rows(&rows, w->store, "project",
                                     "id starts ends cohort.starts cohort.ends", NULL,
                                     NULL, w->arena, w->err);
    if (status == NP_OK)
        status = read_decisions(&d, w);
    if (status != NP_OK)
        return status;
    w->project = np_arena_array(w->arena, owing_project, rows.n_rows);
    w->project_place = np_text_map_new(w->arena);
    if (w->project == NULL || w->project_place == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *id = np_rows_text(&rows, i, 0);
        int32_t starts = date_or(np_rows_text(&rows, i, 1),
                                 date_or(np_rows_text(&rows, i, 3), INT32_MAX)),
                ends = date_or(np_rows_text(&rows, i, 2),
                               date_or(np_rows_text(&rows, i, 4), INT32_MIN));
        if (np_text_map_add(w->project_place, id, strlen(id)) < 0)
            return no_memory(w->err);
        w->project[w->n_projects++] = (owing_project){.id = id,
                                                      .admitted = is_admitted(&d, id),
                                                      .starts = starts,
                                                      .ends = ends,
                                                      .withdrawn = INT32_MAX};
    }
    return read_withdrawals(w);
}

static np_status read_obligations(obligation_work *w)
{
    np_rows reports;
    np_status status =
        np_store_rows(&w->there, w->store, "obligation", "id waived project due", NULL,
                      NULL, w->arena, w->err);
    if (status == NP_OK)
        status = np_store_rows(&reports, w->store, "report", "id", NULL, NULL, w->arena,
                               w->err);
    if (status != NP_OK)
        return status;
    w->place = np_text_map_new(w->arena);
    w->settled = np_arena_array(w->arena, bool, w->there.n_rows);
    if (w->place == NULL || w->settled == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->there.n_rows; i++) {
        const char *id = np_rows_text(&w->there, i, 0);
        if (np_text_map_add(w->place, id, strlen(id)) < 0)
            return no_memory(w->err);
        w->settled[i] = np_rows_integer(&w->there, i, 1, 0) == 1;
    }
    for (size_t i = 0; i < reports.n_rows; i++) {
        const char *id = np_rows_text(&reports, i, 0);
        int32_t place = np_text_map_find(w->place, id, strlen(id));
        if (place >= 0)
            w->settled[place] = true;
    }
    return NP_OK;
}

static const char *why_no_longer(obligation_work *w, size_t row)
{
    const char *id = np_rows_text(&w->there, row, 2);
    int32_t place = np_text_map_find(w->project_place, id, strlen(id));
    const owing_project *p = &w->project[place];
    char day[NP_DATE_LENGTH];
    if (!p->admitted)
        return _("the project is not admitted");
    if (date_or(np_rows_text(&w->there, row, 3), INT32_MAX) >= p->withdrawn) {
        np_date_format(day, p->withdrawn);
        return np_arena_format(w->arena, _("the project withdrew on %s: %s"), day,
                               p->withdrawal_reason);
    }
    np_date_format(day, p->ends);
    return np_arena_format(w->arena,
                           _("no such report is owed for the period; the project ends on "
                             "%s"),
                           day);
}

static np_status waive(obligation_work *w, size_t row)
{
    w->n_missing++;
    if (w->entry == NULL)
        return NP_OK;
    const char *why = why_no_longer(w, row);
    np_record record;
    np_draft draft;
    if (why == NULL)
        return no_memory(w->err);
    np_status status = np_store_get(&record, w->store, np_kind_find("obligation"),
                                    np_rows_text(&w->there, row, 0), w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_draft_of(&draft, &record);
    np_draft_integer(&draft, "waived", 1);
    np_draft_text(&draft, "reason", why);
    return np_entry_put(w->entry, &draft.record, NULL, w->err);
}

static np_status run(obligation_work *w)
{
    np_status status = read_templates(w);
    if (status == NP_OK)
        status = read_projects(w);
    if (status == NP_OK)
        status = read_obligations(w);
    for (size_t i = 0; i < w->n_projects && status == NP_OK; i++)
        if (w->project[i].admitted)
            status = owe_all(w, &w->project[i]);
    for (size_t i = 0; i < w->there.n_rows && status == NP_OK; i++)
        if (!w->settled[i])
            status = waive(w, i);
    return status;
}

static np_status run_alone(size_t *n, np_entry *entry, np_store *store, np_error *err)
{
    obligation_work w = {
        .store = store, .entry = entry, .arena = np_arena_new(0), .err = err};
    if (w.arena == NULL)
        return no_memory(err);
    np_status status = run(&w);
    *n = w.n_missing;
    np_arena_free(w.arena);
    return status;
}

np_status np_obligations_put(np_entry *entry, np_store *store, np_error *err)
{
    size_t n;
    return run_alone(&n, entry, store, err);
}

np_status np_obligations_missing(size_t *out, np_store *store, np_error *err)
{
    return run_alone(out, NULL, store, err);
}
