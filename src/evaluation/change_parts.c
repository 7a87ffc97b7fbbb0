/* Change scores of participants: all of them, kinds of them, those with an
 * attribute, and by grade (M1-M4). */
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "evaluation/change.h"

bool np_attribute_holds(const np_plan_attribute *a, const np_column *column, size_t row)
{
    return np_cell_equals(column, row, a->equals == NULL ? "1" : a->equals);
}

np_status np_grade_of(double *out, np_work *w, const np_plan_grade *g,
                      const np_column *column, size_t row)
{
    *out = NAN;
    if (np_column_missing(column, row) != NP_PRESENT)
        return NP_OK;
    if (g->n_codes == 0) {
        *out = np_column_number(column, row);
        if (column->type != NP_COLUMN_TEXT)
            return NP_OK;
    }
    for (size_t k = 0; k < g->n_codes; k++)
        if (np_cell_equals(column, row, g->code[k].text)) {
            *out = g->code[k].number;
            return NP_OK;
        }
    char scratch[64];
    np_fail(w->err, NP_E_RANGE, _("%s: the answer \"%s\" has no code"), column->name,
            np_column_text(column, row, scratch, sizeof scratch));
    np_error_hint(w->err, _("list it under coding"));
    np_error_file(w->err, w->plan->path);
    return np_error_at(w->err, g->name.line, g->name.column);
}

/* Some of the units with one or more regressors. */
typedef struct {
    np_change_design design;
    int32_t *unit;
    double *before, *after, *change, *weight;
    double **x;
    const char **x_name;
    uint8_t *treated;
    np_change_rows rows; /* with its own left-out list and trend */
    double *trend;
} part;

static np_status part_new(part *p, np_work *w, const np_change_rows *rows, size_t k)
{
    size_t n = rows->n;
    double *number = np_arena_array(w->scratch, double, n *(5 + k));
    p->unit = np_arena_array(w->scratch, int32_t, n);
    p->treated = np_arena_array(w->scratch, uint8_t, n + 1);
    p->x = np_arena_array(w->scratch, double *, k);
    p->x_name = np_arena_array(w->scratch, const char *, k);
    if (number == NULL || p->unit == NULL || p->treated == NULL || p->x == NULL ||
        p->x_name == NULL)
        return np_work_no_memory(w);
    p->before = number;
    p->after = number + n;
    p->change = number + 2 * n;
    p->weight = number + 3 * n;
    p->trend = number + 4 * n;
    for (size_t j = 0; j < k; j++)
        p->x[j] = number + (5 + j) * n;
    p->rows = *rows;
    p->design = (np_change_design){.n_regressors = k,
                                   .unit = p->unit,
                                   .before = p->before,
                                   .after = p->after,
                                   .change = p->change,
                                   .weight = rows->weight == NULL ? NULL : p->weight,
                                   .x = (const double *const *)p->x,
                                   .x_name = p->x_name,
                                   .treated = p->treated};
    p->rows.before = p->before;
    p->rows.trend = rows->trend == NULL ? NULL : p->trend;
    return NP_OK;
}

/* Adds row i; returns its index, at which the regressors are to be set. */
static size_t part_add(part *p, const np_change_rows *rows, size_t i)
{
    size_t n = p->design.n++;
    p->unit[n] = rows->unit[i];
    p->before[n] = rows->before[i];
    p->after[n] = rows->after[i];
    p->change[n] = rows->change[i];
    p->weight[n] = rows->weight == NULL ? 1 : rows->weight[i];
    p->treated[n] = rows->treated[i];
    p->trend[n] = rows->trend == NULL ? NAN : rows->trend[i];
    return n;
}

/* Adds participants that a part leaves out to its list, by name. */
static np_status part_left_out(part *p, np_work *w, const char *reason,
                               const uint8_t *out, const np_change_rows *rows)
{
    size_t n = 0;
    const char **names = np_arena_array(w->arena, const char *, rows->n);
    np_left_out *list = np_arena_array(w->arena, np_left_out, rows->n_left_out + 1);
    if (names == NULL || list == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < rows->n; i++)
        if (out[i])
            names[n++] = rows->sample->unit_name[rows->unit[i]];
    if (rows->n_left_out > 0)
        memcpy(list, rows->left_out, rows->n_left_out * sizeof *list);
    list[rows->n_left_out] =
        (np_left_out){.reason = reason, .n_rows = n, .n_units = n, .unit = names};
    p->rows.left_out = list;
    p->rows.n_left_out = rows->n_left_out + (n > 0);
    return NP_OK;
}

static np_status difference(np_work *w, np_effect_list *list, const np_change_rows *rows,
                            const np_caveat_list *shared)
{
    part p = {0};
    np_status status = part_new(&p, w, rows, 1);
    if (status != NP_OK)
        return status;
    p.x_name[0] = "participant";
    for (size_t i = 0; i < rows->n; i++) {
        size_t n = part_add(&p, rows, i);
        p.x[0][n] = rows->treated[i];
    }
    np_change_label label = {.estimator = NP_ESTIMATOR_DIFFERENCE,
                             .scope = NP_SCOPE_ALL,
                             .id = np_work_text(w, "%s/difference", w->q->id),
                             .group_id = "",
                             .scope_id = ""};
    return np_change_estimate(w, list, &p.rows, &p.design, &label, shared);
}

/* A refused attribute, so that the table says why it is not there. */
static np_status too_few(np_work *w, np_effect_list *list, const np_change_label *label,
                         size_t n)
{
    np_error failure = {0};
    np_fail(&failure, NP_E_NOT_IDENTIFIED,
            _("%zu participants; fewer than %zu are not estimated"), n,
            w->q->least_participants);
    np_effect e = np_effect_none();
    e.id = label->id;
    e.estimator = label->estimator;
    e.scope = label->scope;
    e.dependent = NP_DEPENDENT_CHANGE;
    e.informants = label->informants;
    e.group_id = label->group_id;
    e.scope_id = label->scope_id;
    e.group_label = label->group_label;
    e.label = label->label;
    e.outcome = w->q->outcome.text;
    e.n_treated = n;
    np_status status = np_effect_refuse(&e, w, &failure);
    return status == NP_OK ? np_effects_add(w, list, &e) : status;
}

static np_status attribute(np_work *w, np_effect_list *list, const np_change_rows *rows,
                           const np_plan_attribute *a, const np_caveat_list *shared)
{
    part p = {0};
    uint32_t *cell;
    const np_column *column;
    uint8_t *out = np_arena_array(w->scratch, uint8_t, rows->n + 1);
    np_status status =
        np_change_unit_cells(&cell, &column, w, rows, a->name, _("attribute"));
    if (status == NP_OK)
        status = part_new(&p, w, rows, 1);
    if (status != NP_OK)
        return status;
    if (out == NULL)
        return np_work_no_memory(w);
    p.x_name[0] = a->id;
    size_t n_with = 0;
    for (size_t i = 0; i < rows->n; i++) {
        bool has = rows->treated[i] && cell[i] != UINT32_MAX &&
                   np_attribute_holds(a, column, cell[i]);
        out[i] = rows->treated[i] && !has;
        n_with += has;
        if (out[i])
            continue;
        size_t n = part_add(&p, rows, i);
        p.x[0][n] = has;
    }
    np_change_label label = {.estimator = NP_ESTIMATOR_ATTRIBUTE,
                             .scope = NP_SCOPE_ATTRIBUTE,
                             .id = np_work_text(w, "%s/attribute/%s", w->q->id, a->id),
                             .group_id = "attributes",
                             .scope_id = a->id,
                             .label = a->label};
    if (n_with < w->q->least_participants)
        return too_few(w, list, &label, n_with);
    status = part_left_out(&p, w, N_("participants without the attribute"), out, rows);
    return status != NP_OK
               ? status
               : np_change_estimate(w, list, &p.rows, &p.design, &label, shared);
}

static np_status grade(np_work *w, np_effect_list *list, const np_change_rows *rows,
                       const np_plan_grade *g, const np_caveat_list *shared)
{
    part p = {0};
    uint32_t *cell;
    const np_column *column;
    uint8_t *out = np_arena_array(w->scratch, uint8_t, rows->n + 1);
    np_status status = np_change_unit_cells(&cell, &column, w, rows, g->name, _("grade"));
    if (status == NP_OK)
        status = part_new(&p, w, rows, 1);
    if (status != NP_OK)
        return status;
    if (out == NULL)
        return np_work_no_memory(w);
    p.x_name[0] = g->id;
    for (size_t i = 0; i < rows->n; i++) {
        double value = NAN;
        if (!rows->treated[i])
            continue;
        if (cell[i] != UINT32_MAX)
            status = np_grade_of(&value, w, g, column, cell[i]);
        if (status != NP_OK)
            return status;
        bool none = !isfinite(value);
        out[i] = none;
        if (out[i])
            continue;
        size_t n = part_add(&p, rows, i);
        p.x[0][n] = value;
    }
    np_change_label label = {.estimator = NP_ESTIMATOR_GRADE,
                             .scope = NP_SCOPE_ATTRIBUTE,
                             .id = np_work_text(w, "%s/grade/%s", w->q->id, g->id),
                             .group_id = "grades",
                             .scope_id = g->id,
                             .label = g->label,
                             .sides = g->sides};
    if (p.design.n < w->q->least_participants)
        return too_few(w, list, &label, p.design.n);
    status = part_left_out(&p, w, N_("participants without a grade"), out, rows);
    return status != NP_OK
               ? status
               : np_change_estimate(w, list, &p.rows, &p.design, &label, shared);
}

/* The kinds of participants a contrast distinguishes: kind[n] per unit, -1 for others
 * and for kinds that are not asked for. */
typedef struct {
    int32_t *kind;
    size_t n_kinds;
    const char **id;
    np_localised *label;
} kinds;

static np_status kinds_room(kinds *k, np_work *w, const np_change_rows *rows, size_t most)
{
    k->kind = np_arena_array(w->scratch, int32_t, rows->n);
    k->id = np_arena_array(w->arena, const char *, most);
    k->label = np_arena_array(w->arena, np_localised, most);
    if (k->kind == NULL || k->id == NULL || k->label == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < rows->n; i++)
        k->kind[i] = -1;
    return NP_OK;
}

/* Values of a column, in the plan's order or that of first appearance; participants
 * without one are the kind "unknown". */
static np_status kinds_of_values(kinds *k, np_work *w, const np_change_rows *rows,
                                 const np_plan_contrast *c)
{
    uint32_t *cell;
    const np_column *column;
    np_status status =
        np_change_unit_cells(&cell, &column, w, rows, c->name, _("contrast"));
    np_text_map *found = np_text_map_new(w->arena);
    if (status == NP_OK && found == NULL)
        return np_work_no_memory(w);
    if (status == NP_OK)
        status = kinds_room(k, w, rows, c->n_values + rows->n + 1);
    if (status != NP_OK)
        return status;
    for (size_t v = 0; v < c->n_values; v++) {
        np_text_map_add(found, c->value[v].value, strlen(c->value[v].value));
        k->id[v] = c->value[v].id;
        k->label[v] = c->value[v].label;
    }
    bool unknown = false;
    for (size_t i = 0; i < rows->n; i++) {
        char scratch[64];
        if (!rows->treated[i])
            continue;
        if (cell[i] == UINT32_MAX) {
            k->kind[i] = INT32_MAX;
            unknown = true;
            continue;
        }
        const char *text = np_column_text(column, cell[i], scratch, sizeof scratch);
        int32_t which = c->n_values > 0 ? np_text_map_find(found, text, strlen(text))
                                        : np_text_map_add(found, text, strlen(text));
        k->kind[i] = which;
        if (which >= 0 && c->n_values == 0) {
            k->id[which] = np_text_map_text(found, which);
            for (size_t l = 0; l < 3; l++)
                k->label[which].text[l] = k->id[which];
        }
    }
    k->n_kinds = np_text_map_size(found);
    for (size_t i = 0; unknown && i < rows->n; i++)
        if (k->kind[i] == INT32_MAX)
            k->kind[i] = (int32_t)k->n_kinds;
    if (unknown)
        k->id[k->n_kinds++] = "unknown";
    return NP_OK;
}

static np_status kinds_of_dummies(kinds *k, np_work *w, const np_change_rows *rows,
                                  const np_plan_contrast *c)
{
    np_status status = kinds_room(k, w, rows, c->n_dummies);
    for (size_t d = 0; d < c->n_dummies && status == NP_OK; d++) {
        uint32_t *cell;
        const np_column *column;
        k->id[d] = c->dummy[d].id;
        k->label[d] = c->dummy[d].label;
        status = np_change_unit_cells(&cell, &column, w, rows, c->dummy[d].name,
                                      _("contrast"));
        for (size_t i = 0; i < rows->n && status == NP_OK; i++)
            if (rows->treated[i] && k->kind[i] < 0 && cell[i] != UINT32_MAX &&
                np_attribute_holds(&c->dummy[d], column, cell[i]))
                k->kind[i] = (int32_t)d;
    }
    k->n_kinds = c->n_dummies;
    return status;
}

enum { MOST_KINDS = 40 };

static np_status contrast(np_work *w, np_effect_list *list, const np_change_rows *rows,
                          const np_plan_contrast *c, const np_caveat_list *shared)
{
    kinds k = {0};
    part p = {0};
    np_status status = c->name.text != NULL ? kinds_of_values(&k, w, rows, c)
                                            : kinds_of_dummies(&k, w, rows, c);
    if (status == NP_OK && k.n_kinds > MOST_KINDS)
        status = np_fail(w->err, NP_E_LIMIT, _("%s has %zu kinds; at most %d"), c->id,
                         k.n_kinds, MOST_KINDS);
    if (status == NP_OK)
        status = part_new(&p, w, rows, k.n_kinds);
    uint8_t *out = np_arena_array(w->scratch, uint8_t, rows->n + 1);
    np_change_label *label = np_arena_array(w->scratch, np_change_label, k.n_kinds);
    if (status == NP_OK && (out == NULL || label == NULL))
        status = np_work_no_memory(w);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < rows->n; i++) {
        out[i] = rows->treated[i] && k.kind[i] < 0;
        if (out[i])
            continue;
        size_t n = part_add(&p, rows, i);
        if (k.kind[i] >= 0)
            p.x[k.kind[i]][n] = 1;
    }
    for (size_t d = 0; d < k.n_kinds; d++) {
        p.x_name[d] = k.id[d];
        label[d] = (np_change_label){
            .estimator = NP_ESTIMATOR_CONTRASTS,
            .scope = NP_SCOPE_ATTRIBUTE,
            .id = np_work_text(w, "%s/contrast/%s/%s", w->q->id, c->id, k.id[d]),
            .group_id = c->id,
            .scope_id = k.id[d],
            .group_label = c->label,
            .label = k.label[d]};
    }
    status =
        part_left_out(&p, w, N_("participants of no kind in the contrast"), out, rows);
    return status != NP_OK
               ? status
               : np_change_estimate(w, list, &p.rows, &p.design, label, shared);
}

np_status np_change_parts(np_work *w, np_effect_list *list, const np_change_rows *rows,
                          const np_caveat_list *shared)
{
    const np_plan_question *q = w->q;
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = difference(w, list, rows, shared);
    np_arena_release(w->scratch, mark);
    for (size_t k = 0; k < q->n_contrasts && status == NP_OK; k++) {
        status = contrast(w, list, rows, &q->contrast[k], shared);
        np_arena_release(w->scratch, mark);
    }
    for (size_t k = 0; k < q->n_attributes && status == NP_OK; k++) {
        status = attribute(w, list, rows, &q->attribute[k], shared);
        np_arena_release(w->scratch, mark);
    }
    for (size_t k = 0; k < q->n_grades && status == NP_OK; k++) {
        status = grade(w, list, rows, &q->grade[k], shared);
        np_arena_release(w->scratch, mark);
    }
    return status;
}
