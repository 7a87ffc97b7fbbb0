/* Those who succeeded best (M7): among participants whose outcome improved, change on
 * initial level and log size; what is left over is what they achieved beyond. */
#include <math.h>
#include <stdlib.h>

#include "evaluation/change.h"

typedef struct {
    size_t n;
    int32_t *unit;
    double *before, *change, *size, *log_size, *weight; /* [n] */
    np_derived derived;
} improved;

/* The size of each unit: its last row that has one. */
static np_status sizes(double *out, np_work *w, const np_change_rows *rows)
{
    const np_column *column;
    const np_sample *s = rows->sample;
    np_status status =
        np_plan_column(&column, s->table, w->q->ranking.size, _("size"), w->plan, w->err);
    for (size_t i = 0; i < rows->n; i++)
        out[i] = NAN;
    for (size_t i = 0; i < s->n && status == NP_OK; i++) {
        int32_t row = rows->row_of_unit[s->unit[i]];
        double size = np_column_number(column, s->row[i]);
        if (row >= 0 && size > 0)
            out[row] = size;
    }
    return status;
}

static np_status choose(improved *m, np_work *w, const np_change_rows *rows)
{
    size_t n = rows->n;
    double *room = np_arena_array(w->scratch, double, 6 * n);
    m->unit = np_arena_array(w->scratch, int32_t, n);
    if (room == NULL || m->unit == NULL)
        return np_work_no_memory(w);
    m->before = room;
    m->change = room + n;
    m->size = room + 2 * n;
    m->log_size = room + 3 * n;
    m->weight = room + 4 * n;
    double *size = room + 5 * n;
    np_status status = sizes(size, w, rows);
    for (size_t i = 0; i < n && status == NP_OK; i++) {
        if (!rows->treated[i] || !(rows->change[i] * w->q->direction > 0) ||
            !(size[i] > 0) || (rows->weight != NULL && !(rows->weight[i] > 0)))
            continue;
        m->unit[m->n] = rows->unit[i];
        m->before[m->n] = rows->before[i];
        m->change[m->n] = rows->change[i];
        m->size[m->n] = size[i];
        m->log_size[m->n] = log(size[i]);
        m->weight[m->n] = rows->weight == NULL ? 1 : rows->weight[i];
        m->n++;
    }
    m->derived.n_rows = m->n;
    if (status == NP_OK)
        status = np_derived_number(&m->derived, "change", m->change, w->err);
    if (status == NP_OK)
        status = np_derived_number(&m->derived, "before", m->before, w->err);
    if (status == NP_OK)
        status = np_derived_number(&m->derived, "log_size", m->log_size, w->err);
    return status == NP_OK ? np_derived_number(&m->derived, "weight", m->weight, w->err)
                           : status;
}

static np_status equation(const np_model **out, size_t *index, np_work *w,
                          const improved *m, bool weighted, np_error *failure)
{
    np_table table = np_derived_table(&m->derived);
    np_model full;
    np_model_spec spec = {.design = {.formula = "change ~ before + log_size",
                                     .weights = weighted ? "weight" : NULL},
                          .conf_level = 1 - w->q->decision.level,
                          .n_threads = 1};
    const char *id =
        np_work_text(w, "%s/ranking/%s", w->q->id, weighted ? "weighted" : "unweighted");
    return np_work_estimate(w, id, &table, &spec, &full, out, index, failure);
}

static double coefficient(const np_model *model, const char *term)
{
    size_t k = np_estimates_find(&model->estimates, term);
    return k < model->estimates.k ? model->estimates.estimate[k] : 0;
}

/* Listed ones first, by gain beyond what was expected; direction folded in by the
 * caller. */
typedef struct {
    np_ranked_unit unit;
    double gain;
} ranked;

static int by_gain(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->unit.listed != y->unit.listed)
        return x->unit.listed ? -1 : 1;
    return (x->gain < y->gain) - (x->gain > y->gain);
}

static np_status rank(np_ranking *out, np_work *w, const improved *m,
                      const np_change_rows *rows)
{
    const np_model *by = out->weighted != NULL ? out->weighted : out->unweighted;
    double b0 = coefficient(by, "(Intercept)"), b1 = coefficient(by, "before"),
           b2 = coefficient(by, "log_size"), direction = w->q->direction;
    ranked *list = np_arena_array(w->scratch, ranked, m->n);
    np_ranked_unit *unit = np_arena_array(w->arena, np_ranked_unit, m->n);
    if (list == NULL || unit == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < m->n; i++) {
        double predicted = b0 + b1 * m->before[i] + b2 * m->log_size[i];
        bool listed = m->change[i] * direction >= w->q->ranking.least;
        list[i].unit = (np_ranked_unit){.unit = rows->sample->unit_name[m->unit[i]],
                                        .before = m->before[i],
                                        .change = m->change[i],
                                        .predicted = predicted,
                                        .residual = m->change[i] - predicted,
                                        .size = m->size[i],
                                        .listed = listed};
        list[i].gain = direction * list[i].unit.residual;
        out->n_listed += listed;
    }
    qsort(list, m->n, sizeof *list, by_gain);
    for (size_t i = 0; i < m->n; i++)
        unit[i] = list[i].unit;
    out->unit = unit;
    out->n = m->n;
    return NP_OK;
}

np_status np_ranking_estimate(const np_ranking **out, np_work *w,
                              const np_change_rows *rows)
{
    np_ranking *ranking = np_arena_array(w->arena, np_ranking, 1);
    improved m = {0};
    np_error failure = {0};
    if (ranking == NULL)
        return np_work_no_memory(w);
    *ranking = (np_ranking){.threshold = w->q->ranking.least,
                            .unweighted_index = SIZE_MAX,
                            .weighted_index = SIZE_MAX};
    *out = ranking;
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = choose(&m, w, rows);
    if (status != NP_OK)
        return status;
    status = equation(&ranking->unweighted, &ranking->unweighted_index, w, &m, false,
                      &failure);
    if (status == NP_OK && rows->weight != NULL)
        status =
            equation(&ranking->weighted, &ranking->weighted_index, w, &m, true, &failure);
    if (status == NP_OK) {
        status = rank(ranking, w, &m, rows);
    } else if (status == NP_E_NO_MEMORY) {
        return np_work_no_memory(w);
    } else {
        np_error *refused = np_arena_array(w->arena, np_error, 1);
        if (refused == NULL)
            return np_work_no_memory(w);
        *refused = failure;
        ranking->refused = refused;
        status = NP_OK;
    }
    np_arena_release(w->scratch, mark);
    return status;
}
