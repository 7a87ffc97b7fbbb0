#include <string.h>

#include "base/parallel.h"
#include "stats/linear_stream.h"

/* Rows gathered at a time: they stay in the first two caches. */
enum { STRIP = 512 };
/* Rows per task, and the room that all tasks' partial sums may take together. */
enum { TASK_ROWS = 1 << 16, PARTIAL_DOUBLES = 1 << 23 };
/* A group larger than this is not gathered. */
enum { LARGEST_GROUP = 1 << 20 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the fixed effects"));
}

/* Groups are numbered by their first rows, so that the passes go through the columns
 * from front to back also where the levels' values are in no order. start[g]: where
 * group g begins among the rows in their order, which is that of the data where each
 * group's rows follow each other, else a counting sort. */
static np_status order_rows(np_stream *s, np_arena *arena, np_error *err)
{
    const int32_t *code = s->swept->code;
    const size_t n = s->n, G = s->n_groups;
    uint32_t *start = np_arena_array(arena, uint32_t, G + 1);
    uint32_t *number = np_arena_array(arena, uint32_t, G);
    if (start == NULL || number == NULL)
        return no_memory(err);
    uint32_t n_begun = 0;
    bool contiguous = true;
    for (size_t i = 0; i < n; i++) {
        uint32_t *own = &number[code[i]]; /* counted from 1; 0: not begun */
        if (*own == 0)
            *own = ++n_begun;
        contiguous &= *own == n_begun;
        start[*own]++;
    }
    for (size_t g = 0; g < G; g++) {
        if (start[g + 1] > s->largest)
            s->largest = start[g + 1];
        start[g + 1] += start[g];
    }
    s->start = start;
    s->number = number;
    if (contiguous)
        return NP_OK;
    uint32_t *order = np_arena_array(arena, uint32_t, n);
    uint32_t *next = np_arena_array(arena, uint32_t, G);
    if (order == NULL || next == NULL)
        return no_memory(err);
    memcpy(next, start, G * sizeof *next);
    for (size_t i = 0; i < n; i++)
        order[next[number[code[i]] - 1]++] = (uint32_t)i;
    s->order = order;
    return NP_OK;
}

/* Cuts the groups into tasks, by the size of the data alone. */
static np_status cut_tasks(np_stream *s, np_arena *arena, np_error *err)
{
    size_t width = s->n_sparse + s->n_dense + 2, most = PARTIAL_DOUBLES / (width * width);
    size_t n_tasks = s->n / TASK_ROWS + 1;
    if (most < 4)
        most = 4;
    if (n_tasks > most)
        n_tasks = most;
    size_t *task_start = np_arena_array(arena, size_t, n_tasks + 1);
    if (task_start == NULL)
        return no_memory(err);
    size_t group = 0;
    for (size_t t = 1; t < n_tasks; t++) {
        size_t rows = s->n / n_tasks * t;
        while (group < s->n_groups && s->start[group] < rows)
            group++;
        task_start[t] = group;
    }
    task_start[n_tasks] = s->n_groups;
    s->task_start = task_start;
    s->n_tasks = n_tasks;
    return NP_OK;
}

static const np_factor *largest_factor(const np_design *d)
{
    const np_factor *largest = &d->fe[0];
    for (size_t j = 1; j < d->n_fe; j++)
        if (d->fe[j].n_levels > largest->n_levels)
            largest = &d->fe[j];
    return largest;
}

static bool can_stream(const np_design *d, const np_linear_spec *spec)
{
    if (spec->materialise || spec->want_effects || d->n_fe == 0 || d->endogenous.k > 0 ||
        d->x.k == 0 || d->x.k > NP_STREAM_MOST_KEPT || d->n >= UINT32_MAX)
        return false;
    size_t sparse = 0, parts = d->n_fe - 1;
    for (size_t j = 0; j < d->n_fe; j++) {
        if (!d->fe[j].has_intercept || d->fe[j].n_slopes > 0)
            return false;
        sparse += d->fe[j].n_levels;
    }
    sparse -= largest_factor(d)->n_levels;
    for (size_t b = 0; b < d->x.n_blocks; b++)
        if (d->x.block[b].kind == NP_BLOCK_DUMMIES) {
            sparse += d->x.block[b].n_columns;
            parts++;
        }
    return sparse <= NP_STREAM_MOST_SPARSE && parts <= NP_STREAM_MOST_PARTS;
}

static void add_part(np_stream *s, const int32_t *code, const double *value, size_t k)
{
    s->part[s->n_parts++] = (np_stream_part){code, value, s->n_sparse, k};
    s->n_sparse += k;
}

static np_status list_candidates(np_stream *s, const np_regressors *x, np_arena *arena,
                                 np_error *err)
{
    size_t *dense_of = np_arena_array(arena, size_t, x->k);
    size_t *sparse_of = np_arena_array(arena, size_t, x->k);
    const double **dense = np_arena_array(arena, const double *, x->n_blocks);
    if (dense_of == NULL || sparse_of == NULL || dense == NULL)
        return no_memory(err);
    for (size_t b = 0; b < x->n_blocks; b++) {
        const np_block *block = &x->block[b];
        if (block->kind == NP_BLOCK_DENSE) {
            dense[s->n_dense] = block->value;
            dense_of[block->first] = s->n_dense++;
            continue;
        }
        for (size_t j = 0; j < block->n_columns; j++) {
            dense_of[block->first + j] = SIZE_MAX;
            sparse_of[block->first + j] = s->n_sparse + j;
        }
        add_part(s, block->column, block->value, block->n_columns);
    }
    s->k = x->k;
    s->term = x->term;
    s->dense = dense;
    s->dense_of = dense_of;
    s->sparse_of = sparse_of;
    return NP_OK;
}

np_status np_stream_prepare(np_stream *out, bool *possible, const np_design *d,
                            const np_linear_spec *spec, np_arena *arena, np_error *err)
{
    *possible = can_stream(d, spec);
    if (!*possible)
        return NP_OK;
    np_stream s = {.design = d,
                   .y = d->y,
                   .offset = d->offset,
                   .weight = d->weight,
                   .swept = largest_factor(d),
                   .n = d->n,
                   .n_threads = spec->n_threads};
    s.n_groups = s.swept->n_levels;
    for (size_t j = 0; j < d->n_fe; j++)
        if (&d->fe[j] != s.swept)
            add_part(&s, d->fe[j].code, NULL, d->fe[j].n_levels);
    s.q = s.n_sparse;
    np_status status = list_candidates(&s, &d->x, arena, err);
    if (status == NP_OK)
        status = order_rows(&s, arena, err);
    if (status == NP_OK)
        status = cut_tasks(&s, arena, err);
    *possible = s.largest <= LARGEST_GROUP;
    *out = s;
    return status;
}

np_stream_room *np_stream_rooms(const np_stream *s, np_arena *arena)
{
    unsigned n = np_parallel_threads(s->n_threads);
    np_stream_room *room = np_arena_array(arena, np_stream_room, n);
    size_t capacity = s->largest > STRIP ? s->largest : STRIP;
    for (unsigned t = 0; t < n && room != NULL; t++) {
        room[t].capacity = capacity;
        room[t].value = np_arena_array(arena, double, (s->n_dense + 1) * capacity);
        room[t].residual = np_arena_array(arena, double, capacity);
        room[t].mean = np_arena_array(arena, double, s->n_dense + 1);
        room[t].weight =
            s->weight == NULL ? NULL : np_arena_array(arena, double, capacity);
        if (room[t].value == NULL || room[t].residual == NULL || room[t].mean == NULL ||
            (s->weight != NULL && room[t].weight == NULL))
            return NULL;
    }
    return room;
}

static void gather(double *to, const double *column, const np_stream *s, size_t at,
                   size_t count)
{
    if (s->order == NULL) {
        memcpy(to, column + at, count * sizeof *to);
        return;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = column[s->order[at + i]];
}

size_t np_stream_take(np_stream_room *room, const np_stream *s, size_t first, size_t end)
{
    const size_t at = s->start[first];
    size_t group = first;
    while (group < end && s->start[group + 1] - at <= room->capacity)
        group++;
    room->first = first;
    room->last = group;
    room->count = s->start[group] - at;
    for (size_t a = 0; a < s->n_dense; a++)
        gather(room->value + a * room->capacity, s->dense[a], s, at, room->count);
    double *y = room->value + s->n_dense * room->capacity;
    gather(y, s->y, s, at, room->count);
    if (s->offset != NULL)
        for (size_t i = 0; i < room->count; i++)
            y[i] -= s->offset[np_stream_row(s, at + i)];
    if (s->weight != NULL)
        gather(room->weight, s->weight, s, at, room->count);
    return group;
}
