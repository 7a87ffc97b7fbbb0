/* Several informants per unit (M5): each has a part of the unit's weight, and
 * errors are clustered by unit. The part is one over the unit's informants who
 * answered, so that every unit counts once whatever they said. */
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "evaluation/change.h"

typedef struct {
    const np_table *table;
    const np_change_rows *rows;
    int32_t *row; /* [table's n_rows] the unit's change row; -1: not a participant's */
} answers;

static np_status match_units(answers *a, np_work *w)
{
    const np_sample *s = a->rows->sample;
    const np_column *own, *theirs;
    np_text_map *map = np_text_map_new(w->scratch);
    int32_t *unit = np_arena_array(w->scratch, int32_t, s->n_units);
    a->row = np_arena_array(w->scratch, int32_t, a->table->n_rows);
    np_status status =
        np_plan_column(&own, s->table, w->q->unit, _("unit"), w->plan, w->err);
    if (status == NP_OK)
        status = np_plan_column(&theirs, a->table, w->q->informants.unit, _("unit"),
                                w->plan, w->err);
    if (status != NP_OK)
        return status;
    if (map == NULL || unit == NULL || a->row == NULL)
        return np_work_no_memory(w);
    char scratch[64];
    for (size_t i = 0; i < s->n; i++) {
        const char *text = np_column_text(own, s->row[i], scratch, sizeof scratch);
        int32_t index = np_text_map_add(map, text, strlen(text));
        if (index < 0)
            return np_work_no_memory(w);
        unit[index] = s->unit[i];
    }
    for (size_t i = 0; i < a->table->n_rows; i++) {
        const char *text = np_column_text(theirs, i, scratch, sizeof scratch);
        int32_t index = np_text_map_find(map, text, strlen(text));
        int32_t row = index < 0 ? -1 : a->rows->row_of_unit[unit[index]];
        a->row[i] = row >= 0 && a->rows->treated[row] ? row : -1;
    }
    return NP_OK;
}

typedef struct {
    np_change_design design;
    int32_t *unit;
    double *number[5]; /* before after change weight share */
    double *x;
    uint8_t *treated;
} stacked;

static np_status stacked_new(stacked *s, np_work *w, size_t n, const char *const *name,
                             bool weights)
{
    s->unit = np_arena_array(w->scratch, int32_t, n);
    s->treated = np_arena_array(w->scratch, uint8_t, n + 1);
    double *room = np_arena_array(w->scratch, double, 6 * n);
    const double **x = np_arena_array(w->scratch, const double *, 1);
    if (s->unit == NULL || s->treated == NULL || room == NULL || x == NULL)
        return np_work_no_memory(w);
    for (size_t k = 0; k < 5; k++)
        s->number[k] = room + k * n;
    s->x = room + 5 * n;
    x[0] = s->x;
    s->design = (np_change_design){.n_regressors = 1,
                                   .unit = s->unit,
                                   .before = s->number[0],
                                   .after = s->number[1],
                                   .change = s->number[2],
                                   .weight = weights ? s->number[3] : NULL,
                                   .share = s->number[4],
                                   .x = x,
                                   .x_name = name,
                                   .treated = s->treated,
                                   .cluster = true};
    return NP_OK;
}

static void stacked_add(stacked *s, const np_change_rows *rows, size_t row, double share,
                        double x)
{
    size_t n = s->design.n++;
    s->unit[n] = rows->unit[row];
    s->treated[n] = rows->treated[row];
    s->number[0][n] = rows->before[row];
    s->number[1][n] = rows->after[row];
    s->number[2][n] = rows->change[row];
    s->number[3][n] = rows->weight == NULL ? 1 : rows->weight[row];
    s->number[4][n] = share;
    s->x[n] = x;
}

/* Answers of one item: value[table's n_rows], NaN: none. Informants without an answer
 * have no part of the weight. */
static np_status stack(stacked *s, np_work *w, const answers *a, const double *value,
                       bool grade, const char *const *name)
{
    const np_change_rows *rows = a->rows;
    size_t *n_answers = np_arena_array(w->scratch, size_t, rows->n);
    np_status status =
        stacked_new(s, w, rows->n + a->table->n_rows, name, rows->weight != NULL);
    if (status != NP_OK)
        return status;
    if (n_answers == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < a->table->n_rows; i++)
        if (a->row[i] >= 0 && isfinite(value[i]))
            n_answers[a->row[i]]++;
    for (size_t i = 0; i < rows->n && !grade; i++)
        if (!rows->treated[i])
            stacked_add(s, rows, i, 1, 0);
    for (size_t i = 0; i < a->table->n_rows; i++) {
        if (a->row[i] < 0 || !isfinite(value[i]) || (!grade && value[i] == 0))
            continue;
        size_t row = (size_t)a->row[i];
        stacked_add(s, rows, row, 1 / (double)n_answers[row], value[i]);
    }
    return NP_OK;
}

static np_status estimate(np_work *w, np_effect_list *list, const answers *a,
                          const double *value, bool grade, np_change_label *label,
                          const np_caveat_list *shared)
{
    stacked s = {0};
    np_status status = stack(&s, w, a, value, grade, &label->scope_id);
    if (status != NP_OK)
        return status;
    label->scope = NP_SCOPE_ATTRIBUTE;
    label->informants = true;
    label->group_id = "informants";
    label->estimator = grade ? NP_ESTIMATOR_GRADE : NP_ESTIMATOR_ATTRIBUTE;
    label->id = np_work_text(w, "%s/informants/%s", w->q->id, label->scope_id);
    np_change_rows rows = *a->rows;
    rows.trend = NULL; /* one row per unit; these are informants */
    return np_change_estimate(w, list, &rows, &s.design, label, shared);
}

static np_status attribute(np_work *w, np_effect_list *list, const answers *a,
                           const np_plan_attribute *plan, const np_caveat_list *shared)
{
    const np_column *column;
    double *value = np_arena_array(w->scratch, double, a->table->n_rows);
    np_status status =
        np_plan_column(&column, a->table, plan->name, _("attribute"), w->plan, w->err);
    if (status != NP_OK)
        return status;
    if (value == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < a->table->n_rows; i++)
        value[i] = np_column_missing(column, i) != NP_PRESENT
                       ? NAN
                       : np_attribute_holds(plan, column, i);
    np_change_label label = {.scope_id = plan->id, .label = plan->label};
    return estimate(w, list, a, value, false, &label, shared);
}

static np_status grade(np_work *w, np_effect_list *list, const answers *a,
                       const np_plan_grade *plan, const np_caveat_list *shared)
{
    const np_column *column;
    double *value = np_arena_array(w->scratch, double, a->table->n_rows);
    np_status status =
        np_plan_column(&column, a->table, plan->name, _("grade"), w->plan, w->err);
    if (status == NP_OK && value == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < a->table->n_rows && status == NP_OK; i++)
        status = np_grade_of(&value[i], w, plan, column, i);
    if (status != NP_OK)
        return status;
    np_change_label label = {
        .scope_id = plan->id, .label = plan->label, .sides = plan->sides};
    return estimate(w, list, a, value, true, &label, shared);
}

np_status np_informants_estimate(np_work *w, np_effect_list *list,
                                 const np_change_rows *rows, const np_table *table,
                                 const np_caveat_list *shared)
{
    const np_plan_informants *plan = &w->q->informants;
    answers a = {.table = table, .rows = rows};
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = match_units(&a, w);
    for (size_t k = 0; k < plan->n_attributes && status == NP_OK; k++)
        status = attribute(w, list, &a, &plan->attribute[k], shared);
    for (size_t k = 0; k < plan->n_grades && status == NP_OK; k++)
        status = grade(w, list, &a, &plan->grade[k], shared);
    np_arena_release(w->scratch, mark);
    return status;
}
