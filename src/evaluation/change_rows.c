#include <math.h>
#include <string.h>

#include "evaluation/change.h"

enum { NO_WINDOW = 1 };
static const char *const reason_text[] = {
    N_("no outcome in one of the windows before or after")};

typedef struct {
    np_work *w;
    const np_sample *s;
    const double *y, *weight; /* of the table */
    size_t n_windows;         /* before first, then after */
    double *value;            /* [n_units × n_windows] NaN: missing */
    double *unit_weight;      /* [n_units] */
    uint32_t *first_row;      /* [n_units] */
} windows;

static np_status numbers(const windows *v, const double **out, np_plan_name name,
                         const char *role)
{
    const np_column *column;
    const np_work *w = v->w;
    np_status status = np_plan_column(&column, v->s->table, name, role, w->plan, w->err);
    if (status != NP_OK)
        return status;
    if (column->type == NP_COLUMN_TEXT) {
        np_fail(w->err, NP_E_RANGE, _("%s holds text where numbers are needed"),
                column->name);
        np_column_hint_text(w->err, column, v->s->table->n_rows);
        np_error_file(w->err, w->plan->path);
        return np_error_at(w->err, name.line, name.column);
    }
    return np_column_as_numbers(out, column, v->s->table->n_rows, w->arena, w->err);
}

static const np_plan_name *window_name(const np_plan_question *q, size_t k)
{
    return k < q->n_before ? &q->before[k] : &q->after[k - q->n_before];
}

/* The window that a row is, or n_windows. */
static size_t window_of(const windows *v, const np_column *time, size_t row)
{
    for (size_t k = 0; k < v->n_windows; k++)
        if (np_cell_equals(time, row, window_name(v->w->q, k)->text))
            return k;
    return v->n_windows;
}

static np_status unknown_window(const windows *v, const np_plan_name *name)
{
    np_fail(v->w->err, NP_E_UNKNOWN_NAME, _("%s has no window %s"), v->w->q->time.text,
            name->text);
    np_error_file(v->w->err, v->w->plan->path);
    return np_error_at(v->w->err, name->line, name->column);
}

static np_status read_windows(windows *v)
{
    const np_sample *s = v->s;
    const np_column *time;
    np_status status =
        np_plan_column(&time, s->table, v->w->q->time, _("time"), v->w->plan, v->w->err);
    uint8_t *seen = np_arena_array(v->w->scratch, uint8_t, s->n_units * v->n_windows + 1);
    size_t *latest = np_arena_array(v->w->scratch, size_t, s->n_units);
    bool found[NP_MOST_WINDOWS] = {false};
    if (status != NP_OK)
        return status;
    if (seen == NULL || latest == NULL)
        return np_work_no_memory(v->w);
    for (size_t i = 0; i < s->n; i++) {
        size_t unit = (size_t)s->unit[i], row = s->row[i], k = window_of(v, time, row);
        v->first_row[unit] =
            v->first_row[unit] == UINT32_MAX ? (uint32_t)row : v->first_row[unit];
        if (k == v->n_windows)
            continue;
        if (seen[unit * v->n_windows + k]++) {
            np_fail(v->w->err, NP_E_DUPLICATE, _("%s stands twice in %s"),
                    s->unit_name[unit], window_name(v->w->q, k)->text);
            np_error_hint(v->w->err, _("pick one by a condition under rows"));
            return np_error_file(v->w->err, v->w->q->data.file.text);
        }
        found[k] = true;
        v->value[unit * v->n_windows + k] = v->y[row];
        if (v->weight != NULL && v->weight[row] < 0) {
            np_fail(v->w->err, NP_E_RANGE,
                    _("%s: %s in %s is %g; weights must be positive"),
                    v->w->q->weights.text, s->unit_name[unit],
                    window_name(v->w->q, k)->text, v->weight[row]);
            return np_error_file(v->w->err, v->w->q->data.file.text);
        }
        if (v->weight != NULL && v->weight[row] > 0 && k + 1 > latest[unit]) {
            latest[unit] = k + 1;
            v->unit_weight[unit] = v->weight[row];
        }
    }
    for (size_t k = 0; k < v->n_windows; k++)
        if (!found[k])
            return unknown_window(v, window_name(v->w->q, k));
    return NP_OK;
}

static double mean(const double *value, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += value[k];
    return sum / (double)n;
}

static np_status fill(np_change_rows *out, const windows *v)
{
    const np_sample *s = v->s;
    np_arena *arena = v->w->arena;
    size_t n = 0, n_before = v->w->q->n_before, U = s->n_units;
    double *number = np_arena_array(arena, double, 6 * U);
    int32_t *unit = np_arena_array(arena, int32_t, U);
    int32_t *row_of_unit = np_arena_array(arena, int32_t, U);
    uint32_t *first_row = np_arena_array(arena, uint32_t, U);
    uint8_t *treated = np_arena_array(arena, uint8_t, U + 1);
    uint8_t *unit_treated = np_arena_array(arena, uint8_t, U + 1);
    uint8_t *why = np_arena_array(arena, uint8_t, U + 1);
    int32_t *codes = np_arena_array(arena, int32_t, U);
    if (number == NULL || unit == NULL || row_of_unit == NULL || first_row == NULL ||
        treated == NULL || unit_treated == NULL || why == NULL || codes == NULL)
        return np_work_no_memory(v->w);
    double *before = number, *after = number + U, *change = number + 2 * U,
           *trend = number + 3 * U, *weight = number + 4 * U, *missing = number + 5 * U;
    for (size_t u = 0; u < U; u++) {
        const double *value = v->value + u * v->n_windows;
        size_t gaps = 0;
        for (size_t k = 0; k < v->n_windows; k++)
            gaps += isfinite(value[k]) ? 0 : 1;
        codes[u] = (int32_t)u;
        row_of_unit[u] = -1;
        bool participates = isfinite(s->cohort[u]);
        unit_treated[u] = participates;
        missing[u] = s->has_rows[u] ? (double)gaps / (double)v->n_windows : NAN;
        why[u] = s->has_rows[u] && gaps > 0 ? NO_WINDOW : 0;
        if (!s->has_rows[u] || gaps > 0)
            continue;
        before[n] = mean(value, n_before);
        after[n] = mean(value + n_before, v->n_windows - n_before);
        change[n] = after[n] - before[n];
        trend[n] = value[n_before - 1] - value[0];
        weight[n] = v->unit_weight[u];
        treated[n] = unit_treated[u];
        first_row[n] = v->first_row[u];
        row_of_unit[u] = (int32_t)n;
        unit[n++] = (int32_t)u;
    }
    *out = (np_change_rows){.sample = s,
                            .n = n,
                            .unit = unit,
                            .before = before,
                            .after = after,
                            .change = change,
                            .trend = n_before > 1 ? trend : NULL,
                            .weight = v->weight == NULL ? NULL : weight,
                            .treated = treated,
                            .first_row = first_row,
                            .n_sample_units = U,
                            .share_missing = missing,
                            .unit_treated = unit_treated,
                            .row_of_unit = row_of_unit};
    return np_left_out_collect(&out->left_out, &out->n_left_out, why, codes, U,
                               reason_text, 1, s->unit_name, U, arena, v->w->err);
}

static np_status check(const np_work *w, const np_change_rows *rows)
{
    size_t treated = 0;
    bool varies = false;
    for (size_t i = 0; i < rows->n; i++) {
        treated += rows->treated[i];
        varies |= rows->change[i] != rows->change[0];
    }
    const char *outcome = w->q->outcome.text;
    if (treated == 0)
        np_fail(w->err, NP_E_NOT_IDENTIFIED,
                _("%s: no participant has an outcome in every window"), outcome);
    else if (treated == rows->n)
        np_fail(w->err, NP_E_NOT_IDENTIFIED,
                _("%s: nobody to compare with has an outcome in every window"), outcome);
    else if (!varies)
        np_fail(w->err, NP_E_NOT_IDENTIFIED, _("%s changed by the same in all units"),
                outcome);
    else
        return NP_OK;
    np_error_file(w->err, w->plan->path);
    return np_error_at(w->err, w->q->line, w->q->column);
}

np_status np_change_rows_build(np_change_rows *out, np_work *w, const np_sample *s)
{
    const np_plan_question *q = w->q;
    windows v = {.w = w, .s = s, .n_windows = q->n_before + q->n_after};
    v.value = np_arena_array(w->arena, double, s->n_units *v.n_windows);
    v.unit_weight = np_arena_array(w->arena, double, s->n_units);
    v.first_row = np_arena_array(w->arena, uint32_t, s->n_units);
    if (v.value == NULL || v.unit_weight == NULL || v.first_row == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < s->n_units * v.n_windows; i++)
        v.value[i] = NAN;
    for (size_t u = 0; u < s->n_units; u++)
        v.first_row[u] = UINT32_MAX;
    np_status status = numbers(&v, &v.y, q->outcome, _("outcome"));
    if (status == NP_OK && q->weights.text != NULL)
        status = numbers(&v, &v.weight, q->weights, _("weights"));
    if (status == NP_OK)
        status = read_windows(&v);
    if (status == NP_OK)
        status = fill(out, &v);
    return status == NP_OK ? check(w, out) : status;
}

static bool same_cell(const np_column *column, size_t a, size_t b)
{
    char scratch[64];
    return np_cell_equals(column, a, np_column_text(column, b, scratch, sizeof scratch));
}

np_status np_change_unit_cells(uint32_t **out, const np_column **column_out, np_work *w,
                               const np_change_rows *rows, np_plan_name name,
                               const char *role)
{
    const np_sample *s = rows->sample;
    const np_column *column;
    uint32_t *cell = np_arena_array(w->arena, uint32_t, rows->n);
    np_status status = np_plan_column(&column, s->table, name, role, w->plan, w->err);
    if (status != NP_OK)
        return status;
    if (cell == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < rows->n; i++)
        cell[i] = UINT32_MAX;
    for (size_t i = 0; i < s->n; i++) {
        int32_t row = rows->row_of_unit[s->unit[i]];
        if (row < 0 || np_column_missing(column, s->row[i]) != NP_PRESENT)
            continue;
        if (cell[row] == UINT32_MAX) {
            cell[row] = s->row[i];
        } else if (!same_cell(column, s->row[i], cell[row])) {
            np_fail(w->err, NP_E_RANGE, _("%s has two different values for %s"),
                    column->name, s->unit_name[s->unit[i]]);
            np_error_file(w->err, w->plan->path);
            return np_error_at(w->err, name.line, name.column);
        }
    }
    *out = cell;
    *column_out = column;
    return NP_OK;
}
