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

np_status np_pair_room(np_pair_sample *out, size_t most_cells,
                       const np_group_time_work *w)
{
    size_t n = 0, k = w->k;
    for (size_t i = 0; i < w->n_cells; i++) {
        size_t rows = capacity(w, &w->cell[i]);
        n = rows > n ? rows : n;
    }
    np_pair_sample s = {.k = k,
                        .side = np_arena_array(w->scratch, uint8_t, n),
                        .weight = np_arena_array(w->scratch, double, n),
                        .z = np_arena_array(w->scratch, double, n *k),
                        .y = np_arena_array(w->scratch, double, n *most_cells),
                        .odds = np_arena_array(w->scratch, double, n),
                        .propensity = np_arena_array(w->scratch, double, n)};
    if (s.side == NULL || s.weight == NULL || s.z == NULL || s.y == NULL ||
        s.odds == NULL || s.propensity == NULL)
        return np_group_time_no_memory(w->err);
    *out = s;
    return NP_OK;
}

static void take_row(const np_pair_sample *s, size_t at, const np_group_time_work *w,
                     size_t row, unsigned side)
{
    const np_did_panel *p = w->panel;
    s->side[at] = (uint8_t)side;
    s->weight[at] = p->weight == NULL ? 1 : p->weight[row];
    np_group_time_controls(s->z + at * s->k, w, row);
}

/* The unit's row of the sample; false: a period is missing. Cells with one sample are
 * several only where no unit lacks a period. */
static bool take_unit(const np_pair_sample *s, size_t at, const np_group_time_work *w,
                      size_t u, unsigned side, np_group_time_cell *const *cell)
{
    const double *y = w->panel->y;
    for (size_t c = 0; c < s->m; c++) {
        uint32_t rt = np_did_row_at(w->panel, u, cell[c]->time);
        uint32_t rb = np_did_row_at(w->panel, u, cell[c]->base);
        if (rt == NP_NO_ROW || rb == NP_NO_ROW)
            return false;
        if (c == 0)
            take_row(s, at, w, rt < rb ? rt : rb, side);
        s->y[at * s->m + c] = y[rt] - y[rb];
    }
    return true;
}

static void take_rows(np_pair_sample *s, const np_group_time_work *w, size_t u,
                      unsigned side, const np_group_time_cell *cell)
{
    const np_did_panel *p = w->panel;
    for (size_t r = p->start[u]; r < p->start[u + 1]; r++) {
        size_t t = (size_t)p->period_of[r];
        if (t != cell->time && t != cell->base)
            continue;
        take_row(s, s->n, w, r, side + (t == cell->time ? NP_PAIR_LATER : 0));
        s->y[s->n++] = p->y[r];
    }
}

/* Units first … last-1 in the cohorts' order become rows of the sample from `at` on. */
typedef struct {
    np_pair_sample *sample;
    const np_group_time_work *w;
    np_group_time_cell *const *cell;
    size_t at, first, last;
    unsigned side;
} taking;

static void take_piece(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const taking *k = context;
    size_t i = k->first + task * ROWS, last = i + ROWS < k->last ? i + ROWS : k->last;
    for (; i < last; i++)
        take_unit(k->sample, k->at + i - k->first, k->w, k->w->order[i], k->side,
                  k->cell);
}

static void take_cohort(np_pair_sample *s, const np_group_time_work *w, size_t c,
                        unsigned side, np_group_time_cell *const *cell)
{
    size_t first = w->first[c], last = w->first[c + 1];
    if (!w->sections && w->panel->balanced) {
        taking k = {s, w, cell, s->n, first, last, side};
        np_parallel_for((last - first + ROWS - 1) / ROWS, w->spec->n_threads, take_piece,
                        &k);
        s->n += last - first;
        return;
    }
    for (size_t i = first; i < last; i++)
        if (w->sections)
            take_rows(s, w, w->order[i], side, cell[0]);
        else
            s->n += take_unit(s, s->n, w, w->order[i], side, cell);
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
        cell->single = cell->single || (n[side] == 1 && !w->spec->single_unit_errors);
        if (n[side] > 0)
            continue;
        cell->reason = missing_side(w, cell, side);
        if (cell->reason == NULL)
            return np_group_time_no_memory(w->err);
    }
    return NP_OK;
}

np_status np_group_time_gather(np_pair_sample *s, np_group_time_work *w,
                               np_group_time_cell *const *cell, size_t m)
{
    np_status status = NP_OK;
    s->n = 0;
    s->m = m;
    for (size_t c = 0; c <= w->panel->n_cohorts; c++) {
        bool treated = c == cell[0]->cohort;
        if (treated || np_group_time_compares(w, cell[0], c))
            take_cohort(s, w, c, treated ? NP_PAIR_TREATED : 0, cell);
    }
    for (size_t c = 0; status == NP_OK && c < m; c++)
        status = count_sides(s, w, cell[c]);
    return status;
}
