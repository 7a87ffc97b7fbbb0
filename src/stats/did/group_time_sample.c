#include <math.h>

#include "base/parallel.h"
#include "stats/did/group_time_internal.h"

enum { ROWS = 1 << 13 };

typedef struct {
    double *partial;
    size_t n_sums, n;
    np_pair_add *add;
    const void *context;
} sums;

static void add_piece(void *context, size_t task, unsigned thread)
{
    (void)thread;
    sums *s = context;
    size_t last = (task + 1) * ROWS < s->n ? (task + 1) * ROWS : s->n;
    s->add(s->partial + task * s->n_sums, s->context, task * ROWS, last);
}

np_status np_pair_sums(double *sum, size_t n_sums, np_pair_add *add, const void *context,
                       size_t n, const np_group_time_work *w)
{
    np_arena_mark mark = np_arena_set_mark(w->arena);
    size_t n_tasks = (n + ROWS - 1) / ROWS;
    sums s = {.n_sums = n_sums, .n = n, .add = add, .context = context};
    s.partial = np_arena_array(w->arena, double, n_tasks *n_sums);
    if (s.partial == NULL)
        return np_group_time_no_memory(w->err);
    np_parallel_for(n_tasks, w->spec->n_threads, add_piece, &s);
    for (size_t j = 0; j < n_sums; j++) {
        sum[j] = 0;
        for (size_t t = 0; t < n_tasks; t++)
            sum[j] += s.partial[t * n_sums + j];
    }
    np_arena_release(w->arena, mark);
    return NP_OK;
}

/* Most rows that the cell can have. */
static size_t capacity(const np_group_time_work *w, const np_group_time_cell *cell)
{
    size_t n = 0;
    for (size_t c = 0; c <= w->panel->n_cohorts; c++)
        if (c == cell->cohort || np_group_time_compares(w, cell, c))
            n += w->first[c + 1] - w->first[c];
    return w->sections ? 2 * n : n;
}

static np_status allocate(np_pair_sample *s, const np_group_time_work *w, size_t n,
                          size_t m)
{
    *s = (np_pair_sample){.k = w->k, .m = m};
    s->side = np_arena_array(w->scratch, uint8_t, n);
    s->weight = np_arena_array(w->scratch, double, n);
    s->z = np_arena_array(w->scratch, double, n * w->k);
    s->y = np_arena_array(w->scratch, double, n *m);
    s->odds = np_arena_array(w->scratch, double, n);
    s->propensity = np_arena_array(w->scratch, double, n);
    return s->side == NULL || s->weight == NULL || s->z == NULL || s->y == NULL ||
                   s->odds == NULL || s->propensity == NULL
               ? np_group_time_no_memory(w->err)
               : NP_OK;
}

static void take_row(np_pair_sample *s, const np_group_time_work *w, size_t row,
                     unsigned side)
{
    const np_did_panel *p = w->panel;
    s->side[s->n] = (uint8_t)side;
    s->weight[s->n] = p->weight == NULL ? 1 : p->weight[row];
    np_group_time_controls(s->z + s->n * s->k, w, row);
}

/* Cells with one sample are several only where no unit lacks a period. */
static void take_unit(np_pair_sample *s, const np_group_time_work *w, size_t u,
                      unsigned side, np_group_time_cell *const *cell)
{
    const double *y = w->panel->y;
    for (size_t c = 0; c < s->m; c++) {
        uint32_t rt = np_did_row_at(w->panel, u, cell[c]->time);
        uint32_t rb = np_did_row_at(w->panel, u, cell[c]->base);
        if (rt == NP_NO_ROW || rb == NP_NO_ROW)
            return;
        if (c == 0)
            take_row(s, w, rt < rb ? rt : rb, side);
        s->y[s->n * s->m + c] = y[rt] - y[rb];
    }
    s->n++;
}

static void take_rows(np_pair_sample *s, const np_group_time_work *w, size_t u,
                      unsigned side, const np_group_time_cell *cell)
{
    const np_did_panel *p = w->panel;
    for (size_t r = p->start[u]; r < p->start[u + 1]; r++) {
        size_t t = (size_t)p->period_of[r];
        if (t != cell->time && t != cell->base)
            continue;
        take_row(s, w, r, side + (t == cell->time ? NP_PAIR_LATER : 0));
        s->y[s->n++] = p->y[r];
    }
}

static const char *missing_side(const np_group_time_work *w,
                                const np_group_time_cell *cell, unsigned side)
{
    const np_did_panel *p = w->panel;
    const char *base = p->period_label[cell->base], *time = p->period_label[cell->time];
    if (!w->sections)
        return np_arena_format(w->arena,
                               side & NP_PAIR_TREATED
                                   ? _("no unit of the cohort is seen in both %s and %s")
                                   : _("no unit to compare with is seen in both %s and "
                                       "%s"),
                               base, time);
    return np_arena_format(w->arena,
                           side & NP_PAIR_TREATED ? _("nobody of the cohort in %s")
                                                  : _("nobody to compare with in %s"),
                           side & NP_PAIR_LATER ? time : base);
}

static np_status count_sides(const np_pair_sample *s, np_group_time_work *w,
                             np_group_time_cell *cell)
{
    size_t n[NP_PAIR_SIDES] = {0};
    unsigned n_sides = w->sections ? NP_PAIR_SIDES : NP_PAIR_LATER;
    for (size_t i = 0; i < s->n; i++)
        n[s->side[i]]++;
    cell->n_treated = n[NP_PAIR_TREATED] + n[NP_PAIR_TREATED + NP_PAIR_LATER];
    cell->n_comparison = n[0] + n[NP_PAIR_LATER];
    for (unsigned side = n_sides; side-- > 0;) {
        cell->single = cell->single || n[side] == 1;
        if (n[side] > 0)
            continue;
        cell->reason = missing_side(w, cell, side);
        if (cell->reason == NULL)
            return np_group_time_no_memory(w->err);
    }
    return NP_OK;
}

np_status np_group_time_gather(np_pair_sample *out, np_group_time_work *w,
                               np_group_time_cell *const *cell, size_t m)
{
    np_pair_sample s;
    np_status status = allocate(&s, w, capacity(w, cell[0]), m);
    for (size_t c = 0; status == NP_OK && c <= w->panel->n_cohorts; c++) {
        bool treated = c == cell[0]->cohort;
        if (!treated && !np_group_time_compares(w, cell[0], c))
            continue;
        unsigned side = treated ? NP_PAIR_TREATED : 0;
        for (size_t i = w->first[c]; i < w->first[c + 1]; i++)
            if (w->sections)
                take_rows(&s, w, w->order[i], side, cell[0]);
            else
                take_unit(&s, w, w->order[i], side, cell);
    }
    for (size_t c = 0; status == NP_OK && c < m; c++)
        status = count_sides(&s, w, cell[c]);
    if (status == NP_OK)
        *out = s;
    return status;
}
