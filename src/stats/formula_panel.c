#include "stats/formula_panel.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    int32_t unit;
    uint32_t row;
    double time;
} cell;

static int by_unit_and_time(const void *left, const void *right)
{
    const cell *a = left, *b = right;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static np_status no_memory(np_evaluator *v)
{
    return np_fail(v->err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status duplicate(np_evaluator *v, const np_column *unit, const np_column *time,
                           const cell *first, const cell *second)
{
    char u[64], t[64];
    np_fail(v->err, NP_E_DUPLICATE, _("%s %s is twice in %s %s: rows %u and %u"),
            unit->name, np_column_text(unit, first->row, u, sizeof u), time->name,
            np_column_text(time, first->row, t, sizeof t), first->row + 1,
            second->row + 1);
    return np_error_hint(v->err, _("a panel has each unit once in a period"));
}

/* Text times ("2014Q1") count by their order. */
static np_status time_of(double *time, np_evaluator *v, const np_column *c,
                         const uint32_t *rows, size_t n)
{
    if (c->type != NP_COLUMN_TEXT) {
        for (size_t i = 0; i < n; i++)
            time[i] = np_column_number(c, rows[i]);
        return NP_OK;
    }
    np_groups groups;
    np_status status =
        np_group_columns(&groups, v->table, &c, 1, rows, n, v->arena, v->err);
    for (size_t i = 0; status == NP_OK && i < n; i++)
        time[i] = groups.code[i];
    return status;
}

static np_status index_cells(np_panel_index *out, np_evaluator *v, const cell *cells,
                             size_t n, const np_column *unit, const np_column *time)
{
    uint32_t *row = np_arena_array(v->arena, uint32_t, n);
    int32_t *unit_code = np_arena_array(v->arena, int32_t, n);
    double *times = np_arena_array(v->arena, double, n);
    if (row == NULL || unit_code == NULL || times == NULL)
        return no_memory(v);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && cells[i].unit == cells[i - 1].unit &&
            cells[i].time == cells[i - 1].time)
            return duplicate(v, unit, time, &cells[i - 1], &cells[i]);
        row[i] = cells[i].row;
        unit_code[i] = cells[i].unit;
        times[i] = cells[i].time;
    }
    *out = (np_panel_index){.n = n, .row = row, .unit = unit_code, .time = times};
    return NP_OK;
}

np_status np_panel_index_build(const np_panel_index **out, np_evaluator *v)
{
    const np_column *unit, *time;
    np_groups groups;
    if (v->panel_unit == NULL || v->panel_time == NULL) {
        np_fail(v->err, NP_E_USAGE, _("l(), f() and d() need a panel"));
        return np_error_hint(v->err, _("declare it with --panel unit,time"));
    }
    np_status status =
        np_table_column(&unit, v->table, v->panel_unit, _("panel"), v->err);
    if (status == NP_OK)
        status = np_table_column(&time, v->table, v->panel_time, _("panel"), v->err);
    if (status != NP_OK)
        return status;
    size_t n = 0, n_rows = v->table->n_rows;
    uint32_t *rows = np_arena_array(v->arena, uint32_t, n_rows);
    cell *cells = np_arena_array(v->arena, cell, n_rows);
    double *times = np_arena_array(v->arena, double, n_rows);
    np_panel_index *index = np_arena_array(v->arena, np_panel_index, 1);
    if (rows == NULL || cells == NULL || times == NULL || index == NULL)
        return no_memory(v);
    for (size_t i = 0; i < n_rows; i++)
        if (np_column_missing(unit, i) == NP_PRESENT &&
            np_column_missing(time, i) == NP_PRESENT)
            rows[n++] = (uint32_t)i;
    status = np_group_columns(&groups, v->table, &unit, 1, rows, n, v->arena, v->err);
    if (status == NP_OK)
        status = time_of(times, v, time, rows, n);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        cells[i] = (cell){groups.code[i], rows[i], times[i]};
    qsort(cells, n, sizeof *cells, by_unit_and_time);
    status = index_cells(index, v, cells, n, unit, time);
    if (status == NP_OK)
        *out = index;
    return status;
}

np_status np_panel_partners(const int64_t **out, np_evaluator *v, int64_t lag,
                            const np_expr *e)
{
    np_status status = NP_OK;
    if (v->panel == NULL)
        status = np_panel_index_build(&v->panel, v);
    if (status != NP_OK)
        return v->err == NULL ? status : np_error_at(v->err, 1, e->column);
    const np_panel_index *p = v->panel;
    int64_t *partner = np_arena_array(v->arena, int64_t, v->table->n_rows);
    if (partner == NULL)
        return no_memory(v);
    for (size_t i = 0; i < v->table->n_rows; i++)
        partner[i] = -1;
    for (size_t i = 0, j = 0; i < p->n; i++) {
        double wanted = p->time[i] - (double)lag;
        /* j follows i: within a unit the wanted times ascend */
        while (j < p->n && (p->unit[j] < p->unit[i] ||
                            (p->unit[j] == p->unit[i] && p->time[j] < wanted)))
            j++;
        if (j < p->n && p->unit[j] == p->unit[i] && p->time[j] == wanted)
            partner[p->row[i]] = p->row[j];
    }
    *out = partner;
    return NP_OK;
}
