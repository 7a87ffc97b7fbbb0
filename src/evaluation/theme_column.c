#include "evaluation/theme_column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "evaluation/condition.h"
#include "store/query.h"

typedef struct {
    const np_plan_question *question;
    const np_plan *plan;
    np_store *store;
    np_arena *arena;
    np_error *err;
    np_rows participation, member, withdrawal;
    np_text_map *organisation; /* identifiers and codes */
    double *year;              /* [organisation]; INFINITY: never */
} theme_work;

static np_status no_memory(const theme_work *w)
{
    return np_fail(w->err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status at_theme(const theme_work *w)
{
    np_error_file(w->err, w->plan->path);
    np_error_field(w->err, "theme", 5);
    return np_error_at(w->err, w->question->theme.line, w->question->theme.column);
}

static np_status ask(np_rows *out, const theme_work *w, const char *kind,
                     const char *const *path, size_t n, bool by_theme)
{
    np_query_column column[8];
    for (size_t c = 0; c < n; c++)
        column[c] = (np_query_column){.path = path[c]};
    np_value value[] = {NP_VALUE_OF_TEXT(w->question->theme.text)};
    np_value role[] = {
        NP_VALUE_OF_TEXT(w->question->theme_role != NULL ? w->question->theme_role : "")};
    np_where where[] = {{"theme", NP_WHERE_EQUAL, value, 1},
                        {"role", NP_WHERE_EQUAL, role, 1}};
    np_query query = {.kind = np_kind_find(kind),
                      .column = column,
                      .n_columns = n,
                      .where = where,
                      .n_where = !by_theme                         ? 0
                                 : w->question->theme_role != NULL ? 2
                                                                   : 1};
    return np_store_query(out, w->store, &query, w->arena, w->err);
}

static np_status check_theme(const theme_work *w)
{
    const char *path[] = {"id"};
    np_rows rows;
    np_status status = ask(&rows, w, "theme", path, 1, false);
    if (status != NP_OK)
        return status;
    const char **id = np_arena_array(w->arena, const char *, rows.n_rows);
    if (id == NULL)
        return no_memory(w);
    for (size_t i = 0; i < rows.n_rows; i++) {
        id[i] = rows.cell[i].text;
        if (strcmp(id[i], w->question->theme.text) == 0)
            return NP_OK;
    }
    np_fail(w->err, NP_E_UNKNOWN_NAME, _("the programme has no theme %s"),
            w->question->theme.text);
    const char *near = np_nearest_name(w->question->theme.text, id, rows.n_rows);
    if (near != NULL)
        np_error_hint(w->err, _("did you mean %s?"), near);
    return at_theme(w);
}

static np_status read_records(theme_work *w)
{
    static const char *const participation[] = {"project", "starts", "project.starts",
                                                "project.cohort.starts"};
    static const char *const member[] = {"project", "organisation", "organisation.code",
                                         "joined"};
    static const char *const withdrawal[] = {"project", "theme", "date"};
    np_status status = check_theme(w);
    if (status == NP_OK)
        status = ask(&w->participation, w, "participation", participation, 4, true);
    if (status == NP_OK)
        status = ask(&w->member, w, "project_organisation", member, 4, false);
    if (status == NP_OK)
        status = ask(&w->withdrawal, w, "withdrawal", withdrawal, 3, false);
    return status;
}

static const np_value *row_of(const np_rows *rows, size_t row)
{
    return rows->cell + row * rows->n_columns;
}

/* Dates in their written form sort as they follow each other. */
static const char *later(const char *a, const char *b)
{
    return a == NULL ? b : b == NULL || strcmp(a, b) >= 0 ? a : b;
}

static const char *text_of(np_value value)
{
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

/* The first day of a row of participations; NULL: the project does not take part. */
static const char *first_day(const np_value *participation)
{
    for (size_t c = 1; c < 4; c++)
        if (participation[c].type == NP_VALUE_TEXT)
            return participation[c].text;
    return NULL;
}

static bool withdrew_by(const theme_work *w, const char *project, const char *day)
{
    for (size_t i = 0; i < w->withdrawal.n_rows; i++) {
        const np_value *row = row_of(&w->withdrawal, i);
        const char *theme = text_of(row[1]);
        if (strcmp(row[0].text, project) == 0 && strcmp(row[2].text, day) <= 0 &&
            (theme == NULL || strcmp(theme, w->question->theme.text) == 0))
            return true;
    }
    return false;
}

static bool enter(theme_work *w, const char *name, double year)
{
    if (name == NULL)
        return true;
    int32_t place = np_text_map_add(w->organisation, name, strlen(name));
    if (place < 0)
        return false;
    w->year[place] = fmin(w->year[place], year);
    return true;
}

static np_status date_organisations(theme_work *w)
{
    size_t most = 2 * w->member.n_rows + 1;
    w->organisation = np_text_map_new(w->arena);
    w->year = np_arena_array(w->arena, double, most);
    if (w->organisation == NULL || w->year == NULL)
        return no_memory(w);
    for (size_t i = 0; i < most; i++)
        w->year[i] = INFINITY;
    for (size_t i = 0; i < w->member.n_rows; i++) {
        const np_value *member = row_of(&w->member, i);
        for (size_t k = 0; k < w->participation.n_rows; k++) {
            const np_value *participation = row_of(&w->participation, k);
            if (strcmp(participation[0].text, member[0].text) != 0)
                continue;
            const char *day = later(first_day(participation), text_of(member[3]));
            if (day == NULL || withdrew_by(w, member[0].text, day))
                continue;
            double year = (double)strtol(day, NULL, 10);
            if (!enter(w, text_of(member[1]), year) ||
                !enter(w, text_of(member[2]), year))
                return no_memory(w);
        }
    }
    return NP_OK;
}

/* The year of the row's unit; INFINITY: never. */
static double year_of(const theme_work *w, const np_column *unit, size_t row)
{
    char scratch[64], code[16];
    const char *text = np_column_text(unit, row, scratch, sizeof scratch);
    int32_t place = np_text_map_find(w->organisation, text, strlen(text));
    if (place < 0 && unit->type != NP_COLUMN_TEXT) {
        np_text_format(code, sizeof code, "%04.0f", np_column_number(unit, row));
        place = np_text_map_find(w->organisation, code, strlen(code));
    }
    return place < 0 ? INFINITY : w->year[place];
}

static np_status add_column(np_table *out, np_plan_name *name, theme_work *w,
                            const np_table *table)
{
    const np_column *unit;
    np_status status =
        np_plan_column(&unit, table, w->question->unit, _("unit"), w->plan, w->err);
    if (status != NP_OK)
        return status;
    size_t n = table->n_rows, m = table->n_columns, n_found = 0;
    np_column *column = np_arena_array(w->arena, np_column, m + 1);
    double *year = np_arena_array(w->arena, double, n);
    uint8_t *missing = np_arena_array(w->arena, uint8_t, n);
    const char *called = np_arena_format(w->arena, "theme %s", w->question->theme.text);
    if (column == NULL || year == NULL || missing == NULL || called == NULL)
        return no_memory(w);
    for (size_t i = 0; i < n; i++) {
        double start =
            np_column_missing(unit, i) == NP_PRESENT ? year_of(w, unit, i) : INFINITY;
        year[i] = isfinite(start) ? start : NAN;
        missing[i] = isfinite(start) ? NP_PRESENT : NP_MISSING_NOT_APPLICABLE;
        n_found += isfinite(start) ? 1 : 0;
    }
    if (n_found == 0) {
        np_fail(w->err, NP_E_NOT_IDENTIFIED,
                _("question %s: none of the organisations in the theme %s is a %s of the "
                  "data"),
                w->question->id, w->question->theme.text, unit->name);
        np_error_hint(w->err,
                      _("the column must hold organisations' codes as the records "
                        "have them"));
        return at_theme(w);
    }
    memcpy(column, table->column, m * sizeof *column);
    column[m] = (np_column){.name = called,
                            .uom = "",
                            .type = NP_COLUMN_F64,
                            .f64 = year,
                            .missing = missing};
    *out = (np_table){.n_rows = n, .n_columns = m + 1, .column = column};
    *name = w->question->theme;
    name->text = called;
    return NP_OK;
}

np_status np_theme_column(np_table *out, np_plan_name *name, const np_table *table,
                          const np_plan_question *question, const np_plan *plan,
                          const char *folder, np_arena *arena, np_error *err)
{
    theme_work w = {.question = question, .plan = plan, .arena = arena, .err = err};
    char *path = np_arena_format(arena, "%s/programme.db", folder);
    if (path == NULL)
        return no_memory(&w);
    np_status status = np_store_open(&w.store, path, NP_STORE_READ, err);
    if (status == NP_E_UNKNOWN_NAME) {
        *err = (np_error){0};
        np_fail(err, status,
                _("participants by theme need the programme's records, and %s is not "
                  "there"),
                path);
        np_error_hint(err, _("make them with nullpunkt init and import, or name the "
                             "column that holds each unit's first period as participant: "
                             "{column: cohort_start}"));
        return at_theme(&w);
    }
    if (status != NP_OK)
        return status;
    status = read_records(&w);
    if (status == NP_OK)
        status = date_organisations(&w);
    if (status == NP_OK)
        status = add_column(out, name, &w, table);
    np_store_close(w.store);
    return status;
}
