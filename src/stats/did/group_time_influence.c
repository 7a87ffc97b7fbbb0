#include <math.h>
#include <string.h>

#include "stats/did/group_time_internal.h"

enum { MOST_CONTROLS = 256 };

typedef struct {
    const np_group_time_work *w;
    const double *unit_weight;
    const size_t *n_in;
    const size_t *const *column;
    const size_t *const *cell_of; /* [n_segments] cells behind the columns; n_cells: the
                                     cohort's weight */
} source;

/* Controls, p and z'slope of one row, kept while cells ask for the same. */
typedef struct {
    size_t row;
    const double *gamma, *slope;
    double p, along_slope;
    double z[MOST_CONTROLS];
} row_state;

static double propensity_of(row_state *s, const np_pair_fit *f, size_t k)
{
    if (s->gamma != f->propensity) {
        s->gamma = f->propensity;
        s->p = 1 / (1 + exp(-np_dot(s->z, s->gamma, k)));
    }
    return s->p;
}

static double along_slope(row_state *s, const double *slope, size_t k)
{
    if (s->slope != slope) {
        s->slope = slope;
        s->along_slope = np_dot(s->z, slope, k);
    }
    return s->along_slope;
}

static double influence_of(row_state *s, const np_group_time_work *w,
                           const np_group_time_cell *cell, unsigned side, size_t row,
                           double y)
{
    const np_pair_fit *f = &cell->fit;
    const np_pair_side *to = &f->side[side];
    size_t k = w->k;
    if (s->row != row) {
        np_group_time_controls(s->z, w, row);
        s->row = row;
        s->gamma = s->slope = NULL;
    }
    double weight = w->panel->weight == NULL ? 1 : w->panel->weight[row];
    double psi = to->constant, residual = y;
    bool treated = side & NP_PAIR_TREATED;
    if (to->outcome != NULL)
        residual -= np_dot(s->z, to->outcome, k);
    if (to->scale != 0) {
        double W = weight;
        if (!treated && f->propensity != NULL)
            W = np_pair_odds(propensity_of(s, f, k), weight);
        psi += to->scale * W * (residual - to->centre);
    }
    if (to->shift != NULL)
        psi += weight * np_dot(s->z, to->shift, k);
    if (to->slope != NULL) {
        double own =
            to->fitted == to->outcome ? residual : y - np_dot(s->z, to->fitted, k);
        psi += weight * own * along_slope(s, to->slope, k);
    }
    if (f->score != NULL) {
        double gap = (treated ? 1 : 0) - propensity_of(s, f, k);
        psi -= weight * gap * np_dot(s->z, f->score, k);
    }
    return psi;
}

static double of_unit(row_state *s, const np_group_time_work *w,
                      const np_group_time_cell *cell, unsigned side, size_t u)
{
    const np_did_panel *p = w->panel;
    if (!w->sections) {
        uint32_t rt = np_did_row_at(p, u, cell->time),
                 rb = np_did_row_at(p, u, cell->base);
        if (rt == NP_NO_ROW || rb == NP_NO_ROW)
            return 0;
        return influence_of(s, w, cell, side, rt < rb ? rt : rb, p->y[rt] - p->y[rb]);
    }
    double sum = 0;
    for (size_t r = p->start[u]; r < p->start[u + 1]; r++) {
        size_t t = (size_t)p->period_of[r];
        if (t == cell->time || t == cell->base)
            sum += influence_of(s, w, cell, side + (t == cell->time ? NP_PAIR_LATER : 0),
                                r, p->y[r]);
    }
    return sum;
}

static void fill(double *block, const void *context, size_t segment, size_t first,
                 size_t last)
{
    const source *f = context;
    const np_group_time_work *w = f->w;
    size_t m = f->n_in[segment];
    row_state state = {.row = SIZE_MAX};
    for (size_t i = first; i < last; i++) {
        size_t u = w->order[i];
        double *to = block + (i - first) * m;
        for (size_t j = 0; j < m; j++) {
            size_t at = f->cell_of[segment][j];
            if (at == w->n_cells) {
                to[j] = f->unit_weight[u];
                continue;
            }
            const np_group_time_cell *cell = &w->cell[at];
            unsigned side = cell->cohort == segment ? NP_PAIR_TREATED : 0;
            to[j] = of_unit(&state, w, cell, side, u);
        }
    }
}

static bool has_column(const np_group_time_cell *cell)
{
    return cell->reason == NULL && !cell->at_base;
}

/* Columns of segment s, with the cells behind them. */
static np_status list_columns(size_t *n_in, const size_t **column, const size_t **cell_of,
                              size_t s, const size_t *cell_column, size_t n_estimated,
                              const np_group_time_work *w)
{
    size_t *columns = np_arena_array(w->arena, size_t, n_estimated + 1);
    size_t *cells = np_arena_array(w->arena, size_t, n_estimated + 1);
    size_t n = 0;
    if (columns == NULL || cells == NULL)
        return np_group_time_no_memory(w->err);
    for (size_t i = 0; i < w->n_cells; i++) {
        const np_group_time_cell *cell = &w->cell[i];
        if (!has_column(cell) ||
            (cell->cohort != s && !np_group_time_compares(w, cell, s)))
            continue;
        columns[n] = cell_column[i];
        cells[n++] = i;
    }
    if (s < w->panel->n_cohorts) {
        columns[n] = n_estimated + s;
        cells[n++] = w->n_cells;
    }
    *n_in = n;
    *column = columns;
    *cell_of = cells;
    return NP_OK;
}

np_status np_group_time_influence(np_influence *out, size_t **cell_column,
                                  const double *unit_weight, const np_group_time_work *w)
{
    size_t n_segments = w->panel->n_cohorts + 1, n_estimated = 0;
    size_t *at = np_arena_array(w->arena, size_t, w->n_cells);
    size_t *n_in = np_arena_array(w->arena, size_t, n_segments);
    const size_t **column = np_arena_array(w->arena, const size_t *, n_segments);
    const size_t **cell_of = np_arena_array(w->arena, const size_t *, n_segments);
    source *f = np_arena_array(w->arena, source, 1);
    if (at == NULL || n_in == NULL || column == NULL || cell_of == NULL || f == NULL)
        return np_group_time_no_memory(w->err);
    if (w->k > MOST_CONTROLS)
        return np_fail(w->err, NP_E_LIMIT, _("%zu controls; the limit is %d"), w->k,
                       MOST_CONTROLS);
    for (size_t i = 0; i < w->n_cells; i++)
        n_estimated += has_column(&w->cell[i]);
    size_t n_columns = n_estimated + w->panel->n_cohorts, next = 0;
    for (size_t i = 0; i < w->n_cells; i++)
        at[i] = has_column(&w->cell[i]) ? next++ : n_columns;
    np_status status = NP_OK;
    for (size_t s = 0; status == NP_OK && s < n_segments; s++)
        status = list_columns(&n_in[s], &column[s], &cell_of[s], s, at, n_estimated, w);
    *f = (source){w, unit_weight, n_in, column, cell_of};
    *cell_column = at;
    *out = (np_influence){.n_units = w->panel->n_units,
                          .n_columns = n_columns,
                          .n_segments = n_segments,
                          .first = w->first,
                          .unit = w->order,
                          .n_in = n_in,
                          .column = column,
                          .fill = fill,
                          .context = f,
                          .n_threads = w->spec->n_threads};
    return status;
}
