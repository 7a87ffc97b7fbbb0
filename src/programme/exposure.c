#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "programme/exposure_internal.h"

enum { EXPOSURE, DOSE, CUMULATIVE, COVERED, EMPLOYEES, SHARE, UNITS, REACHED, MEASURES };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the exposure panel"));
}

static np_status make_periods(exposure_panel *p, int32_t from, int32_t to, np_error *err)
{
    static const double years[] = {1, 0.5, 0.25, 1.0 / 12};
    np_arena *arena = p->d.arena;
    np_period_length length = p->d.spec->windows ? NP_QUARTER : p->d.spec->by;
    size_t most = (size_t)((to - from) / 28) + 2;
    p->base = np_arena_array(arena, exposure_period, most);
    if (p->base == NULL)
        return no_memory(err);
    for (np_period at = np_period_of_day(from, length); np_period_first_day(at) <= to;
         at = np_period_next(at)) {
        char text[NP_PERIOD_TEXT];
        np_period_format(text, at);
        exposure_period *out = &p->base[p->n_base++];
        *out = (exposure_period){.label = np_arena_copy_text(arena, text, strlen(text)),
                                 .first = np_period_first_day(at),
                                 .last = np_period_last_day(at),
                                 .years = years[length]};
        if (out->label == NULL)
            return no_memory(err);
    }
    p->shown = p->base;
    p->n_shown = p->n_base;
    return NP_OK;
}

/* "3.08" */
static void quarter_text(char out[16], int32_t day)
{
    np_period q = np_period_of_day(day, NP_QUARTER);
    np_text_format(out, 16, "%d.%02d", q.part, q.year % 100);
}

static np_status make_windows(exposure_panel *p, np_error *err)
{
    if (!p->d.spec->windows)
        return NP_OK;
    if (p->n_base < 4)
        return np_fail(err, NP_E_RANGE, _("the days from and to hold no four quarters"));
    p->n_shown = p->n_base - 3;
    p->shown = np_arena_array(p->d.arena, exposure_period, p->n_shown);
    if (p->shown == NULL)
        return no_memory(err);
    for (size_t i = 0; i < p->n_shown; i++) {
        char first[16], last[16];
        quarter_text(first, p->base[i].first);
        quarter_text(last, p->base[i + 3].first);
        p->shown[i] =
            (exposure_period){.label = np_arena_format(p->d.arena, "%s-%s", first, last),
                              .first = p->base[i].first,
                              .last = p->base[i + 3].last,
                              .years = 1};
        if (p->shown[i].label == NULL)
            return no_memory(err);
    }
    return NP_OK;
}

static void add_known(double *sum, double x)
{
    if (!isnan(x))
        *sum = isnan(*sum) ? x : *sum + x;
}

static void clear_entity(exposure_panel *p)
{
    for (size_t i = 0; i < p->n_base; i++)
        p->entity[i] =
            (exposure_cell){.exposure = 0, .n_covered = NAN, .n_employees = NAN};
}

static void add_unit(exposure_panel *p)
{
    for (size_t i = 0; i < p->n_base; i++) {
        exposure_cell *e = &p->entity[i];
        const exposure_cell *u = &p->unit[i];
        if (!(u->units > 0))
            continue;
        e->exposure += u->exposure;
        e->units++;
        e->units_reached += u->units_reached;
        e->measures += u->measures;
        add_known(&e->n_covered, u->n_covered);
        add_known(&e->n_employees, u->n_employees);
        if (u->n_employees > 0 && !isnan(u->dose)) {
            e->dose += u->n_employees * u->dose;
            e->weight += u->n_employees;
        }
    }
}

static void finish_entity(exposure_panel *p)
{
    for (size_t i = 0; i < p->n_base; i++) {
        exposure_cell *e = &p->entity[i];
        bool by_people = p->d.spec->people && p->d.spec->level != NP_EXPOSURE_UNIT;
        e->dose = e->weight > 0 ? e->dose / e->weight : NAN;
        e->exposure = e->units > 0 ? e->exposure / e->units : NAN;
        if (e->units > 0 && e->units_reached == 0)
            e->dose = 0; /* however many work there */
        if (by_people)
            e->exposure = e->dose;
    }
}

/* The mean over the quarters of a window; NaN ones are left out. */
static exposure_cell window_of(const exposure_cell *quarter)
{
    exposure_cell w = {.n_covered = NAN, .n_employees = NAN};
    int n = 0, n_dose = 0;
    for (int k = 0; k < 4; k++) {
        if (!isnan(quarter[k].exposure))
            w.exposure += quarter[k].exposure, n++;
        if (!isnan(quarter[k].dose))
            w.dose += quarter[k].dose, n_dose++;
        w.n_covered = fmax(w.n_covered, quarter[k].n_covered);
        w.n_employees = fmax(w.n_employees, quarter[k].n_employees);
        w.units = fmax(w.units, quarter[k].units);
        w.units_reached = fmax(w.units_reached, quarter[k].units_reached);
        w.measures = fmax(w.measures, quarter[k].measures);
    }
    w.exposure = n > 0 ? w.exposure / n : NAN;
    w.dose = n_dose == 4 ? w.dose / 4 : NAN;
    return w;
}

static void put_row(exposure_panel *p, int32_t who, int32_t owner, size_t shown,
                    const exposure_cell *c, double cumulative)
{
    size_t row = p->n_rows++;
    double value[] = {[EXPOSURE] = c->exposure,
                      [DOSE] = c->dose,
                      [CUMULATIVE] = cumulative,
                      [COVERED] = c->n_covered,
                      [EMPLOYEES] = c->n_employees,
                      [SHARE] = c->n_employees > 0 ? c->n_covered / c->n_employees : NAN,
                      [UNITS] = c->units,
                      [REACHED] = c->units_reached,
                      [MEASURES] = c->measures};
    for (size_t k = 0; k < sizeof value / sizeof *value; k++)
        p->number[k][row] = value[k];
    p->who[row] = who;
    p->owner[row] = owner;
    p->when[row] = (int32_t)shown;
    p->first_day[row] = p->shown[shown].first;
    p->last_day[row] = p->shown[shown].last;
    p->treated[row] = c->exposure > 0;
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* The first day on which anybody was reached; NEVER. */
static int32_t first_of(const exposure_spells *s)
{
    int32_t first = EXPOSURE_NEVER;
    for (size_t i = 0; i < s->n; i++)
        if (exposure_counts(s, i))
            first = earlier(first, s->spell[i].from);
    return first;
}

static np_status put_start(exposure_panel *p, size_t first_row, int32_t cohort,
                           int32_t start, np_error *err)
{
    char text[16] = "";
    int32_t code = -1;
    if (start != EXPOSURE_NEVER && p->d.spec->windows)
        quarter_text(text, start);
    else if (start != EXPOSURE_NEVER)
        np_date_format(text, start);
    if (text[0] != '\0') {
        code = np_text_map_add(p->starts, text, strlen(text));
        if (code < 0)
            return no_memory(err);
    }
    for (size_t row = first_row; row < p->n_rows; row++) {
        p->first_period[row] = cohort;
        p->start[row] = code;
    }
    return NP_OK;
}

static np_status put_entity(exposure_panel *p, const exposure_cell *base, int32_t who,
                            int32_t owner, int32_t start, np_error *err)
{
    size_t first_row = p->n_rows;
    int32_t cohort = -1;
    double cumulative = 0;
    bool windows = p->d.spec->windows;
    for (size_t i = 0; windows && i < 3; i++)
        cumulative += isnan(base[i].exposure) ? 0 : base[i].exposure * p->base[i].years;
    for (size_t i = 0; i < p->n_shown; i++) {
        exposure_cell c = windows ? window_of(&base[i]) : base[i];
        const exposure_cell *newest = &base[windows ? i + 3 : i];
        cumulative += isnan(newest->exposure) ? 0 : newest->exposure * p->base[i].years;
        if (!(c.units > 0))
            continue;
        if (cohort < 0 && c.exposure > 0)
            cohort = (int32_t)i;
        put_row(p, who, owner, i, &c, cumulative);
    }
    p->out.n_entities++;
    p->out.n_treated += cohort >= 0;
    return put_start(p, first_row, cohort, start, err);
}

static np_status put_units(exposure_panel *p, np_error *err)
{
    np_status status = NP_OK;
    for (size_t u = 0; u < p->d.n_real_units && status == NP_OK; u++) {
        exposure_take_unit(p, u, -1);
        exposure_spells s = exposure_spells_of(p, u, -1);
        status = put_entity(p, p->unit, (int32_t)u, p->d.unit[u].organisation,
                            first_of(&s), err);
    }
    return status;
}

/* Units that `owns` says are the entity's, together. */
static np_status put_together(exposure_panel *p, int32_t who, const bool *owns,
                              int32_t project, np_error *err)
{
    int32_t start = EXPOSURE_NEVER;
    clear_entity(p);
    for (size_t u = 0; u < p->d.n_units; u++) {
        if (!owns[p->d.unit[u].organisation])
            continue;
        exposure_take_unit(p, u, project);
        add_unit(p);
        exposure_spells s = exposure_spells_of(p, u, project);
        start = earlier(start, first_of(&s));
    }
    finish_entity(p);
    return put_entity(p, p->entity, who, -1, start, err);
}

static np_status put_organisations(exposure_panel *p, np_error *err)
{
    size_t n = np_text_map_size(p->d.organisations);
    bool *owns = np_arena_array(p->d.arena, bool, n);
    np_status status = owns == NULL ? no_memory(err) : NP_OK;
    for (size_t o = 0; o < n && status == NP_OK; o++) {
        owns[o] = true;
        status = put_together(p, (int32_t)o, owns, -1, err);
        owns[o] = false;
    }
    return status;
}

static np_status put_projects(exposure_panel *p, np_error *err)
{
    size_t n = np_text_map_size(p->d.organisations);
    bool *owns = np_arena_array(p->d.arena, bool, n);
    np_status status = owns == NULL ? no_memory(err) : NP_OK;
    for (size_t j = 0; j < np_text_map_size(p->d.projects) && status == NP_OK; j++) {
        memset(owns, 0, n * sizeof *owns);
        for (size_t k = 0; k < p->d.n_members; k++)
            if (p->d.member[k].project == (int32_t)j)
                owns[p->d.member[k].organisation] = true;
        status = put_together(p, (int32_t)j, owns, (int32_t)j, err);
    }
    return status;
}

static size_t n_entities(const exposure_panel *p)
{
    switch (p->d.spec->level) {
    case NP_EXPOSURE_UNIT:
        return p->d.n_real_units;
    case NP_EXPOSURE_ORGANISATION:
        return np_text_map_size(p->d.organisations);
    case NP_EXPOSURE_PROJECT:
        return np_text_map_size(p->d.projects);
    }
    return 0;
}

static np_status make_columns(exposure_panel *p, np_error *err)
{
    np_arena *arena = p->d.arena;
    size_t n = n_entities(p) * p->n_shown;
    if (n > NP_EXPOSURE_MOST_ROWS)
        return np_fail(err, NP_E_LIMIT, _("the panel would have %zu rows, more than %d"),
                       n, NP_EXPOSURE_MOST_ROWS);
    int32_t **const whole[] = {&p->who,   &p->owner,     &p->when,    &p->first_period,
                               &p->start, &p->first_day, &p->last_day};
    bool good = true;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        good = (*whole[i] = np_arena_array(arena, int32_t, n)) != NULL && good;
    for (size_t i = 0; i < sizeof p->number / sizeof *p->number; i++)
        good = (p->number[i] = np_arena_array(arena, double, n)) != NULL && good;
    p->treated = np_arena_array(arena, int64_t, n);
    p->starts = np_text_map_new(arena);
    p->unit = np_arena_array(arena, exposure_cell, p->n_base);
    p->entity = np_arena_array(arena, exposure_cell, p->n_base);
    p->edge = np_arena_array(arena, int32_t, 2 * p->d.n_spells + 2);
    good = good && p->treated != NULL && p->starts != NULL && p->unit != NULL &&
           p->entity != NULL && p->edge != NULL;
    return good ? NP_OK : no_memory(err);
}

static const np_dict *dict_of_map(exposure_panel *p, const np_text_map *map)
{
    size_t n = np_text_map_size(map);
    np_dict *dict = np_arena_array(p->d.arena, np_dict, 1);
    const char **label = np_arena_array(p->d.arena, const char *, n);
    if (dict == NULL || label == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        label[i] = np_text_map_text(map, (int32_t)i);
    *dict = (np_dict){n, label};
    return dict;
}

static const np_dict *dict_of_periods(exposure_panel *p)
{
    np_dict *dict = np_arena_array(p->d.arena, np_dict, 1);
    const char **label = np_arena_array(p->d.arena, const char *, p->n_shown);
    if (dict == NULL || label == NULL)
        return NULL;
    for (size_t i = 0; i < p->n_shown; i++)
        label[i] = p->shown[i].label;
    *dict = (np_dict){p->n_shown, label};
    return dict;
}

/* The missing cells of a column; false: no memory. */
static bool mark_missing(exposure_panel *p, np_column *column)
{
    uint8_t *missing = np_arena_array(p->d.arena, uint8_t, p->n_rows);
    bool any = false;
    if (missing == NULL)
        return false;
    for (size_t i = 0; i < p->n_rows; i++) {
        bool gone =
            column->type == NP_COLUMN_TEXT ? column->code[i] < 0 : isnan(column->f64[i]);
        if (gone)
            missing[i] = NP_MISSING_NOT_APPLICABLE;
        any = any || gone;
    }
    column->missing = any ? missing : NULL;
    return true;
}

static np_column text_column(const char *name, const int32_t *code, const np_dict *dict)
{
    return (np_column){
        .name = name, .uom = "", .type = NP_COLUMN_TEXT, .code = code, .dict = dict};
}

static np_column number_column(const char *name, const double *value)
{
    return (np_column){.name = name, .uom = "", .type = NP_COLUMN_F64, .f64 = value};
}

static np_status make_table(exposure_panel *p, np_error *err)
{
    static const char *const names[] = {"unit", "organisation", "project"};
    np_text_map *const maps[] = {p->d.units, p->d.organisations, p->d.projects};
    np_exposure_level level = p->d.spec->level;
    const np_dict *periods = dict_of_periods(p), *who = dict_of_map(p, maps[level]),
                  *owner = dict_of_map(p, p->d.organisations),
                  *starts = dict_of_map(p, p->starts);
    np_column *c = np_arena_array(p->d.arena, np_column, 20);
    if (periods == NULL || who == NULL || owner == NULL || starts == NULL || c == NULL)
        return no_memory(err);
    bool unit = level == NP_EXPOSURE_UNIT;
    size_t n = 0;
    c[n++] = text_column(names[level], p->who, who);
    if (unit)
        c[n++] = text_column("organisation", p->owner, owner);
    c[n++] = text_column("period", p->when, periods);
    c[n++] = (np_column){
        .name = "first_day", .uom = "", .type = NP_COLUMN_DATE, .date = p->first_day};
    c[n++] = (np_column){
        .name = "last_day", .uom = "", .type = NP_COLUMN_DATE, .date = p->last_day};
    c[n++] = number_column("exposure", p->number[EXPOSURE]);
    c[n++] = number_column("dose", p->number[DOSE]);
    c[n++] = (np_column){
        .name = "treated", .uom = "", .type = NP_COLUMN_I64, .i64 = p->treated};
    c[n++] = number_column("cumulative", p->number[CUMULATIVE]);
    c[n++] = text_column("first_period", p->first_period, periods);
    c[n++] = text_column("start", p->start, starts);
    if (unit)
        c[n++] = number_column("n_measures", p->number[MEASURES]);
    else {
        c[n++] = number_column("n_units", p->number[UNITS]);
        c[n++] = number_column("n_units_reached", p->number[REACHED]);
    }
    c[n++] = number_column("n_covered", p->number[COVERED]);
    c[n++] = number_column("n_employees", p->number[EMPLOYEES]);
    c[n++] = number_column("covered_share", p->number[SHARE]);
    for (size_t i = 0; i < n; i++)
        if ((c[i].type == NP_COLUMN_TEXT || c[i].type == NP_COLUMN_F64) &&
            !mark_missing(p, &c[i]))
            return no_memory(err);
    p->out.table = (np_table){.n_rows = p->n_rows, .n_columns = n, .column = c};
    return NP_OK;
}

static void count_left_out(exposure_panel *p)
{
    for (size_t i = 0; i < np_text_map_size(p->d.measures); i++) {
        const exposure_measure *m = &p->d.measure[i];
        if (!m->counts)
            continue;
        p->out.n_without_units += !m->placed;
        p->out.n_without_start += m->placed && !m->dated;
        p->out.n_measures += m->placed && m->dated;
    }
}

/* A day, or the first or last of a period. */
static np_status parse_day(int32_t *out, const char *text, bool last, int32_t otherwise,
                           np_error *err)
{
    *out = otherwise;
    if (text == NULL || np_date_parse(out, text, strlen(text)))
        return NP_OK;
    np_period period;
    if (np_period_parse(&period, text, strlen(text))) {
        *out = last ? np_period_last_day(period) : np_period_first_day(period);
        return NP_OK;
    }
    np_fail(err, NP_E_RANGE, _("%s is no day and no period"), text);
    return np_error_hint(err, _("write 2012-01-01, or 2012, or 2012Q1"));
}

static np_status span(exposure_panel *p, np_error *err)
{
    int32_t from, to;
    if (p->d.first == EXPOSURE_EVER) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("the records have no programme"));
        return np_error_hint(err, _("nullpunkt init makes one"));
    }
    np_status status = parse_day(&from, p->d.spec->from, false, p->d.first, err);
    if (status == NP_OK)
        status = parse_day(&to, p->d.spec->to, true, p->d.last, err);
    if (status == NP_OK && from > to)
        return np_fail(err, NP_E_RANGE, _("the first day is after the last"));
    if (status == NP_OK)
        status = make_periods(p, from, to, err);
    return status == NP_OK ? make_windows(p, err) : status;
}

static np_status check_theme(np_store *store, const char *theme, np_error *err)
{
    bool there = true;
    np_status status = NP_OK;
    if (theme != NULL)
        status = np_store_has(&there, store, np_kind_find("theme"), theme, err);
    if (status == NP_OK && !there)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no theme %s"), theme);
    return status;
}

np_status np_exposure_make(np_exposure *out, np_store *store,
                           const np_exposure_spec *spec, np_arena *arena, np_error *err)
{
    exposure_panel *p = np_arena_array(arena, exposure_panel, 1);
    if (p == NULL)
        return no_memory(err);
    p->d = (exposure_data){.store = store, .spec = spec, .arena = arena};
    np_status status = check_theme(store, spec->theme, err);
    if (status == NP_OK)
        status = np_store_snapshot(store, err);
    if (status == NP_OK)
        status = exposure_read(&p->d, err);
    np_store_snapshot_end(store);
    if (status == NP_OK)
        status = span(p, err);
    if (status == NP_OK)
        status = make_columns(p, err);
    if (status == NP_OK)
        status = spec->level == NP_EXPOSURE_UNIT           ? put_units(p, err)
                 : spec->level == NP_EXPOSURE_ORGANISATION ? put_organisations(p, err)
                                                           : put_projects(p, err);
    if (status == NP_OK)
        status = make_table(p, err);
    if (status != NP_OK)
        return status;
    count_left_out(p);
    p->out.n_periods = p->n_shown;
    *out = p->out;
    return NP_OK;
}
