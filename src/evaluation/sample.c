#include "evaluation/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "table/group.h"

enum reason {
    NO_UNIT,
    NO_PERIOD,
    OTHER_ROWS,
    OTHER_PERIOD,
    NOT_COMPARED,
    OTHER_COHORT,
    ALWAYS_TREATED,
    NOT_YET_TREATED,
    N_REASONS
};

const char np_reason_always_treated[] = "treated from the first period: no period before";

static const char *const reason_text[N_REASONS] = {
    [NO_UNIT] = N_("missing unit"),
    [NO_PERIOD] = N_("missing period"),
    [OTHER_ROWS] = N_("not among the rows of the question"),
    [OTHER_PERIOD] = N_("outside the periods of the question"),
    [NOT_COMPARED] = N_("others that do not belong to the comparison group"),
    [OTHER_COHORT] = N_("cohorts that the question leaves out"),
    [ALWAYS_TREATED] = np_reason_always_treated,
    [NOT_YET_TREATED] = N_("start after the last period"),
};

/* All rows of the table while the sample is being made. */
typedef struct {
    const np_table *table;
    const np_plan *plan;
    const np_plan_question *q;
    np_arena *arena;
    np_error *err;
    size_t n;      /* rows of the table */
    uint8_t *why;  /* [n] 0 kept, else 1 + reason */
    int32_t *unit; /* [n] -1: missing */
    double *time;  /* [n] */
    size_t n_units;
    const char **name; /* [n_units] */
    double *cohort;    /* [n_units] NaN: not seen yet */
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

/* Ends an error at the place of the plan that names the column. */
static np_status at_name(const work *w, np_plan_name name)
{
    np_error_file(w->err, w->plan->path);
    return np_error_at(w->err, name.line, name.column);
}

static void leave_out(work *w, size_t row, enum reason reason)
{
    if (w->why[row] == 0)
        w->why[row] = (uint8_t)(reason + 1);
}

static np_status code_units(work *w)
{
    const np_column *unit, *name;
    np_plan_name called = w->q->unit_name.text != NULL ? w->q->unit_name : w->q->unit;
    np_status status =
        np_plan_column(&unit, w->table, w->q->unit, _("unit"), w->plan, w->err);
    if (status == NP_OK)
        status = np_plan_column(&name, w->table, called, _("unit name"), w->plan, w->err);
    if (status != NP_OK)
        return status;
    uint32_t *rows = np_arena_array(w->arena, uint32_t, w->n);
    w->unit = np_arena_array(w->arena, int32_t, w->n);
    if (rows == NULL || w->unit == NULL)
        return no_memory(w->err);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        w->unit[i] = -1;
        if (np_column_missing(unit, i) == NP_PRESENT)
            rows[n++] = (uint32_t)i;
        else
            leave_out(w, i, NO_UNIT);
    }
    np_groups groups;
    status = np_group_columns(&groups, w->table, &unit, 1, rows, n, w->arena, w->err);
    if (status != NP_OK)
        return status;
    w->n_units = groups.n_groups;
    w->name = np_arena_array(w->arena, const char *, w->n_units);
    w->cohort = np_arena_array(w->arena, double, w->n_units);
    if (w->name == NULL || w->cohort == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < n; i++)
        w->unit[rows[i]] = groups.code[i];
    for (size_t u = 0; u < w->n_units; u++) {
        char scratch[64];
        size_t row = rows[groups.first_row[u]];
        const char *text = np_column_text(name, row, scratch, sizeof scratch);
        if (*text == '\0')
            text = np_column_text(unit, row, scratch, sizeof scratch);
        w->name[u] = np_arena_copy_text(w->arena, text, strlen(text));
        w->cohort[u] = NAN;
        if (w->name[u] == NULL)
            return no_memory(w->err);
    }
    return NP_OK;
}

/* Change scores compare windows by their labels, so their time may be text. */
static np_status read_time(work *w)
{
    const np_column *time;
    np_status status =
        np_plan_column(&time, w->table, w->q->time, _("time"), w->plan, w->err);
    w->time = np_arena_array(w->arena, double, w->n);
    if (status != NP_OK)
        return status;
    if (w->time == NULL)
        return no_memory(w->err);
    bool panel = w->q->design == NP_DESIGN_PANEL_DID;
    if (panel && time->type == NP_COLUMN_TEXT) {
        np_fail(w->err, NP_E_RANGE,
                _("%s holds text; the periods of a panel are numbers"), time->name);
        np_column_hint_text(w->err, time, w->n);
        return at_name(w, w->q->time);
    }
    for (size_t i = 0; i < w->n; i++) {
        w->time[i] = np_column_number(time, i);
        if (np_column_missing(time, i) != NP_PRESENT || (panel && !isfinite(w->time[i])))
            leave_out(w, i, NO_PERIOD);
        else if (panel && w->q->has_periods &&
                 !(w->time[i] >= w->q->first_period && w->time[i] <= w->q->last_period))
            leave_out(w, i, OTHER_PERIOD);
    }
    return NP_OK;
}

static np_status keep_rows(work *w, const np_condition *extra)
{
    uint8_t *keep = np_arena_array(w->arena, uint8_t, w->n + 1);
    if (keep == NULL)
        return no_memory(w->err);
    np_status status =
        np_conditions_apply(keep, w->table, w->q->rows, w->q->n_rows, w->plan, w->err);
    for (size_t i = 0; status == NP_OK && i < w->n; i++)
        if (!keep[i])
            leave_out(w, i, OTHER_ROWS);
    if (status == NP_OK && extra != NULL)
        status = np_conditions_apply(keep, w->table, extra, 1, w->plan, w->err);
    for (size_t i = 0; status == NP_OK && extra != NULL && i < w->n; i++)
        if (!keep[i])
            leave_out(w, i, OTHER_ROWS);
    return status;
}

/* A first treated period as the file has it: empty, 0, never and Inf are never. */
static bool read_start(double *out, const np_column *column, size_t row)
{
    static const char *const never[] = {"never", "Never", "Inf", "inf", "aldri", "Aldri"};
    *out = INFINITY;
    if (np_column_missing(column, row) != NP_PRESENT)
        return true;
    if (column->type != NP_COLUMN_TEXT) {
        double number = np_column_number(column, row);
        *out = number == 0 ? INFINITY : number;
        return true;
    }
    char scratch[64];
    const char *text = np_column_text(column, row, scratch, sizeof scratch);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strcmp(text, never[i]) == 0)
            return true;
    double number;
    if (!np_decimal_parse(&number, text, strlen(text), '.'))
        return false;
    *out = number == 0 ? INFINITY : number;
    return true;
}

static void period_text(char out[NP_DECIMAL_LENGTH], double period)
{
    if (isinf(period))
        memcpy(out, "never", sizeof "never");
    else
        np_decimal_format(out, period);
}

static np_status start_changes(const work *w, size_t unit, double a, double b)
{
    char one[NP_DECIMAL_LENGTH], other[NP_DECIMAL_LENGTH];
    period_text(one, a);
    period_text(other, b);
    np_fail(w->err, NP_E_RANGE, _("%s: the first treated period of %s is both %s and %s"),
            w->q->cohort.text, w->name[unit], one, other);
    np_error_hint(w->err, _("a unit starts once and stays treated"));
    return at_name(w, w->q->cohort);
}

static np_status cohorts_from_starts(work *w)
{
    const np_column *column;
    np_status status = np_plan_column(&column, w->table, w->q->cohort, _("participants"),
                                      w->plan, w->err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < w->n; i++) {
        double start;
        if (w->why[i] != 0)
            continue;
        if (!read_start(&start, column, i)) {
            char scratch[64];
            np_fail(w->err, NP_E_RANGE, _("%s: \"%s\" is no period"), column->name,
                    np_column_text(column, i, scratch, sizeof scratch));
            np_error_hint(w->err, _("a number, or empty, 0, never or Inf"));
            return at_name(w, w->q->cohort);
        }
        double *cohort = &w->cohort[w->unit[i]];
        if (isnan(*cohort))
            *cohort = start;
        else if (*cohort != start)
            return start_changes(w, (size_t)w->unit[i], *cohort, start);
    }
    return NP_OK;
}

/* From a column that is 1 while treated: the first such period, after which it must
 * stay 1. */
static np_status cohorts_from_treated(work *w)
{
    const np_column *column;
    np_status status = np_plan_column(&column, w->table, w->q->treated, _("participants"),
                                      w->plan, w->err);
    bool panel = w->q->design == NP_DESIGN_PANEL_DID;
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < w->n; i++) {
        double treated = np_column_number(column, i);
        if (w->why[i] != 0)
            continue;
        if (!(treated == 0 || treated == 1)) {
            char scratch[64];
            np_fail(w->err, NP_E_RANGE, _("%s: \"%s\" for %s is neither 0 nor 1"),
                    column->name, np_column_text(column, i, scratch, sizeof scratch),
                    w->name[w->unit[i]]);
            return at_name(w, w->q->treated);
        }
        double *cohort = &w->cohort[w->unit[i]];
        double start = panel ? w->time[i] : 1; /* windows are no periods */
        if (isnan(*cohort))
            *cohort = INFINITY;
        if (treated == 1 && start < *cohort)
            *cohort = start;
    }
    if (!panel)
        return NP_OK;
    for (size_t i = 0; i < w->n; i++) {
        if (w->why[i] != 0 || np_column_number(column, i) == 1 ||
            w->time[i] < w->cohort[w->unit[i]])
            continue;
        char period[NP_DECIMAL_LENGTH];
        period_text(period, w->time[i]);
        np_fail(w->err, NP_E_RANGE, _("%s: the treatment of %s switches off in %s"),
                column->name, w->name[w->unit[i]], period);
        np_error_hint(w->err, _("the designs here are for treatments that stay"));
        return at_name(w, w->q->treated);
    }
    return NP_OK;
}

static bool is_listed(double value, const double *list, size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found |= list[i] == value;
    return found;
}

/* Who compares, which cohorts are asked for, and which can be estimated at all. */
static np_status choose_units(work *w)
{
    const np_plan_question *q = w->q;
    uint8_t *compares = np_arena_array(w->arena, uint8_t, w->n + 1);
    if (compares == NULL)
        return no_memory(w->err);
    np_status status = np_conditions_apply(compares, w->table, q->comparison_filter,
                                           q->n_comparison_filter, w->plan, w->err);
    if (status != NP_OK)
        return status;
    double first = INFINITY, last = -INFINITY;
    for (size_t i = 0; i < w->n; i++) {
        if (w->why[i] != 0)
            continue;
        first = fmin(first, w->time[i]);
        last = fmax(last, w->time[i]);
    }
    bool panel = q->design == NP_DESIGN_PANEL_DID;
    for (size_t i = 0; i < w->n; i++) {
        if (w->why[i] != 0)
            continue;
        double cohort = w->cohort[w->unit[i]];
        if (isinf(cohort) && !compares[i])
            leave_out(w, i, NOT_COMPARED);
        else if (isfinite(cohort) && q->n_only_cohorts > 0 &&
                 !is_listed(cohort, q->only_cohort, q->n_only_cohorts))
            leave_out(w, i, OTHER_COHORT);
        else if (panel && isfinite(cohort) && cohort <= first)
            leave_out(w, i, ALWAYS_TREATED);
        else if (panel && isfinite(cohort) && cohort > last && !q->not_yet)
            leave_out(w, i, NOT_YET_TREATED);
    }
    return NP_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

np_status np_distinct(const double **out, size_t *n_out, const double *value, size_t n,
                      np_arena *arena, np_error *err)
{
    double *sorted = np_arena_array(arena, double, n);
    size_t finite = 0, distinct = 0;
    if (sorted == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            sorted[finite++] = value[i];
    qsort(sorted, finite, sizeof *sorted, by_value);
    for (size_t i = 0; i < finite; i++)
        if (distinct == 0 || sorted[distinct - 1] != sorted[i])
            sorted[distinct++] = sorted[i];
    *out = sorted;
    *n_out = distinct;
    return NP_OK;
}

np_status np_left_out_collect(const np_left_out **out, size_t *n_out, const uint8_t *why,
                              const int32_t *unit, size_t n, const char *const *reason,
                              size_t n_reasons, const char *const *unit_name,
                              size_t n_units, np_arena *arena, np_error *err)
{
    np_left_out *list = np_arena_array(arena, np_left_out, n_reasons);
    uint8_t *seen = np_arena_array(arena, uint8_t, n_units + 1);
    size_t n_list = 0;
    if (list == NULL || seen == NULL)
        return no_memory(err);
    for (size_t k = 0; k < n_reasons; k++) {
        np_left_out *item = &list[n_list];
        memset(seen, 0, n_units);
        for (size_t i = 0; i < n; i++) {
            if (why[i] != k + 1)
                continue;
            item->n_rows++;
            if (unit[i] >= 0 && !seen[unit[i]]) {
                seen[unit[i]] = 1;
                item->n_units++;
            }
        }
        if (item->n_rows == 0)
            continue;
        const char **names = np_arena_array(arena, const char *, item->n_units);
        if (names == NULL)
            return no_memory(err);
        size_t used = 0;
        for (size_t u = 0; u < n_units; u++)
            if (seen[u])
                names[used++] = unit_name[u];
        item->reason = reason[k];
        item->unit = names;
        n_list++;
    }
    *out = list;
    *n_out = n_list;
    return NP_OK;
}

typedef struct {
    int32_t unit;
    double time;
    uint32_t row;
} occurrence;

static int by_unit_and_time(const void *a, const void *b)
{
    const occurrence *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static np_status check_once_a_period(const work *w, const np_sample *s)
{
    occurrence *o = np_arena_array(w->arena, occurrence, s->n);
    if (o == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < s->n; i++)
        o[i] = (occurrence){s->unit[i], s->time[i], s->row[i]};
    qsort(o, s->n, sizeof *o, by_unit_and_time);
    for (size_t i = 1; i < s->n; i++) {
        if (o[i].unit != o[i - 1].unit || o[i].time != o[i - 1].time)
            continue;
        char period[NP_DECIMAL_LENGTH];
        period_text(period, o[i].time);
        np_fail(w->err, NP_E_DUPLICATE, _("%s stands twice in %s: data rows %u and %u"),
                w->name[o[i].unit], period, o[i - 1].row + 1, o[i].row + 1);
        np_error_hint(w->err, _("pick one by a condition under rows"));
        return np_error_file(w->err, w->q->data.file.text);
    }
    return NP_OK;
}

static np_status gather(const work *w, np_sample *s)
{
    uint32_t *row = np_arena_array(w->arena, uint32_t, w->n);
    int32_t *unit = np_arena_array(w->arena, int32_t, w->n);
    double *time = np_arena_array(w->arena, double, w->n);
    double *cohort = np_arena_array(w->arena, double, w->n_units);
    uint8_t *has_rows = np_arena_array(w->arena, uint8_t, w->n_units + 1);
    if (row == NULL || unit == NULL || time == NULL || cohort == NULL || has_rows == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->n; i++) {
        if (w->why[i] != 0)
            continue;
        row[s->n] = (uint32_t)i;
        unit[s->n] = w->unit[i];
        time[s->n] = w->time[i];
        has_rows[w->unit[i]] = 1;
        s->n++;
    }
    for (size_t u = 0; u < w->n_units; u++)
        cohort[u] = has_rows[u] ? w->cohort[u] : INFINITY;
    s->row = row;
    s->unit = unit;
    s->time = time;
    s->cohort = cohort;
    s->has_rows = has_rows;
    s->unit_name = w->name;
    s->n_units = w->n_units;
    np_status status =
        np_distinct(&s->period, &s->n_periods, time, s->n, w->arena, w->err);
    if (status == NP_OK)
        status =
            np_distinct(&s->start, &s->n_cohorts, cohort, w->n_units, w->arena, w->err);
    return status;
}

static np_status check_groups(const work *w, const np_sample *s)
{
    size_t treated = 0, others = 0;
    for (size_t u = 0; u < s->n_units; u++) {
        treated += s->has_rows[u] && isfinite(s->cohort[u]);
        others += s->has_rows[u] && !isfinite(s->cohort[u]);
    }
    np_plan_name name = w->q->cohort.text != NULL ? w->q->cohort : w->q->treated;
    if (s->n == 0) {
        np_fail(w->err, NP_E_NOT_IDENTIFIED, _("question %s: no rows are left"),
                w->q->id);
        np_error_hint(w->err, _("look at rows, periods and comparison_filter"));
    } else if (treated == 0) {
        np_fail(w->err, NP_E_NOT_IDENTIFIED,
                _("question %s: there is no treated unit in %s"), w->q->id, name.text);
        np_error_hint(w->err, _("it must hold the first treated period of participants, "
                                "after the first period of the data"));
    } else if (others == 0 && !(w->q->not_yet && s->n_cohorts > 1)) {
        np_fail(w->err, NP_E_NOT_IDENTIFIED,
                _("question %s: there is nobody to compare with"), w->q->id);
        np_error_hint(w->err, _("no unit is never treated; look at comparison_filter"));
    } else {
        return NP_OK;
    }
    return at_name(w, name);
}

np_status np_sample_build(np_sample *out, const np_table *table,
                          const np_plan_question *q, const np_condition *extra,
                          const np_plan *plan, np_arena *arena, np_error *err)
{
    np_error own = {0};
    work w = {.table = table,
              .plan = plan,
              .q = q,
              .arena = arena,
              .err = err == NULL ? &own : err,
              .n = table->n_rows,
              .why = np_arena_array(arena, uint8_t, table->n_rows + 1)};
    np_sample s = {.table = table};
    if (w.why == NULL)
        return no_memory(w.err);
    np_status status = code_units(&w);
    if (status == NP_OK)
        status = read_time(&w);
    if (status == NP_OK)
        status = keep_rows(&w, extra);
    if (status == NP_OK)
        status =
            q->cohort.text != NULL ? cohorts_from_starts(&w) : cohorts_from_treated(&w);
    if (status == NP_OK)
        status = choose_units(&w);
    if (status == NP_OK)
        status = gather(&w, &s);
    if (status == NP_OK && q->design == NP_DESIGN_PANEL_DID)
        status = check_once_a_period(&w, &s);
    if (status == NP_OK)
        status =
            np_left_out_collect(&s.left_out, &s.n_left_out, w.why, w.unit, w.n,
                                reason_text, N_REASONS, w.name, w.n_units, arena, w.err);
    if (status == NP_OK)
        status = check_groups(&w, &s);
    if (status == NP_OK)
        *out = s;
    return status;
}
