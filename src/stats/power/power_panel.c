#include "stats/power/power_panel.h"

#include <math.h>
#include <stdint.h>

#include "table/group.h"

typedef struct {
    const np_column *outcome, *unit, *time, *cohort;
    np_groups units, times;
    double *start; /* [n_units] +Inf: never */
    double *cell;  /* [n_units × n_times] NaN: nothing there */
    double earliest;
} wide;

static np_status find_columns(wide *w, const np_table *table,
                              const np_power_panel_spec *s, np_error *err)
{
    np_status status = np_table_column(&w->outcome, table, s->outcome, _("outcome"), err);
    if (status == NP_OK)
        status = np_table_column(&w->unit, table, s->unit, _("unit"), err);
    if (status == NP_OK)
        status = np_table_column(&w->time, table, s->time, _("time"), err);
    if (status == NP_OK && s->cohort != NULL)
        status = np_table_column(&w->cohort, table, s->cohort, _("cohort"), err);
    const np_column *number[] = {w->outcome, w->cohort};
    for (size_t i = 0; status == NP_OK && i < 2; i++)
        if (number[i] != NULL && number[i]->type == NP_COLUMN_TEXT) {
            np_fail(err, NP_E_RANGE, _("%s holds text; numbers are needed"),
                    number[i]->name);
            return np_column_hint_text(err, number[i], table->n_rows);
        }
    return status;
}

static np_status take_start(wide *w, size_t row, double *known, np_error *err)
{
    size_t i = (size_t)w->units.code[row];
    double start = w->cohort == NULL ? 0 : np_column_number(w->cohort, row);
    if (!(start > 0))
        start = INFINITY;
    if (!isnan(known[i]) && known[i] != start)
        return np_fail(err, NP_E_RANGE,
                       _("%s: a unit has two periods of first treatment"),
                       w->cohort->name);
    known[i] = start;
    if (start < w->earliest)
        w->earliest = start;
    return NP_OK;
}

static np_status spread(wide *w, const np_table *table, np_arena *arena, np_error *err)
{
    np_status status =
        np_group_columns(&w->units, table, &w->unit, 1, NULL, table->n_rows, arena, err);
    if (status == NP_OK)
        status = np_group_columns(&w->times, table, &w->time, 1, NULL, table->n_rows,
                                  arena, err);
    if (status != NP_OK)
        return status;
    size_t N = w->units.n_groups, T = w->times.n_groups;
    w->cell = N > 0 && T > SIZE_MAX / N ? NULL : np_arena_array(arena, double, N *T);
    w->start = np_arena_array(arena, double, N);
    uint8_t *seen = np_arena_array(arena, uint8_t, N * T);
    if (w->cell == NULL || w->start == NULL || seen == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu units"), N);
    w->earliest = INFINITY;
    for (size_t i = 0; i < N * T; i++)
        w->cell[i] = NAN;
    for (size_t i = 0; i < N; i++)
        w->start[i] = NAN;
    for (size_t row = 0; status == NP_OK && row < table->n_rows; row++) {
        size_t at = (size_t)w->units.code[row] * T + (size_t)w->times.code[row];
        if (seen[at]++ > 0)
            return np_fail(err, NP_E_DUPLICATE, _("row %zu: a unit twice in a period"),
                           row + 1);
        w->cell[at] = np_column_number(w->outcome, row);
        status = take_start(w, row, w->start, err);
    }
    return status;
}

static double period_number(const wide *w, size_t t)
{
    return w->time->type == NP_COLUMN_TEXT
               ? NAN
               : np_column_number(w->time, (size_t)w->times.first_row[t]);
}

static np_status pick(np_power_panel *out, const wide *w, np_arena *arena, np_error *err)
{
    size_t N = w->units.n_groups, T = w->times.n_groups, kept = 0;
    np_power_panel p = *out;
    p.n_periods = T;
    while (p.source == NP_PLACEBO_BEFORE && p.n_periods > 0 &&
           !(period_number(w, p.n_periods - 1) < w->earliest))
        p.n_periods--;
    if (p.source == NP_PLACEBO_BEFORE && w->time->type == NP_COLUMN_TEXT)
        return np_fail(err, NP_E_RANGE,
                       _("%s holds text; the periods before a start need "
                         "numbers or dates"),
                       w->time->name);
    double *y = np_arena_array(arena, double, N *p.n_periods);
    if (y == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu units"), N);
    for (size_t i = 0; i < N; i++) {
        size_t t = 0;
        if (p.source == NP_PLACEBO_NEVER && isfinite(w->start[i])) {
            p.n_treated_left_out++;
            continue;
        }
        for (; t < p.n_periods && isfinite(w->cell[i * T + t]); t++)
            y[kept * p.n_periods + t] = w->cell[i * T + t];
        kept += t == p.n_periods;
        p.n_gaps_left_out += t < p.n_periods;
    }
    if (p.n_periods == 0 || kept == 0)
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            p.n_periods == 0
                ? _("no period lies before the first start")
                : _("no unit without treatment has an outcome in each period"));
    p.y = y;
    p.n_units = kept;
    p.first_period = period_number(w, 0);
    p.last_period = period_number(w, p.n_periods - 1);
    *out = p;
    return NP_OK;
}

np_status np_power_panel_from_table(np_power_panel *out, const np_table *table,
                                    const np_power_panel_spec *s, np_arena *arena,
                                    np_error *err)
{
    wide w = {0};
    np_power_panel p = {.source = s->source};
    if (table->n_rows == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED, _("the data have no rows"));
    np_status status = find_columns(&w, table, s, err);
    if (status == NP_OK)
        status = spread(&w, table, arena, err);
    if (status != NP_OK)
        return status;
    if (p.source == NP_PLACEBO_CHOOSE) {
        p.source = NP_PLACEBO_BEFORE;
        for (size_t i = 0; i < w.units.n_groups; i++)
            if (!isfinite(w.start[i]))
                p.source = NP_PLACEBO_NEVER;
    }
    status = pick(&p, &w, arena, err);
    if (status == NP_OK)
        *out = p;
    return status;
}
