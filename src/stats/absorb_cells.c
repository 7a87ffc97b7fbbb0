#include "stats/absorb_cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"

/* Rows go into buckets of neighbouring workers, each small enough for the cache,
 * and are sorted there. */
enum { MOST_BUCKETS = 512, N_PARTS = 16, SHORT = 48 };

typedef struct {
    int32_t worker, firm;
} pair;

typedef struct {
    const int32_t *worker, *firm;
    size_t n_rows, n_workers, n_buckets;
    unsigned shift;       /* bucket = worker >> shift */
    size_t *place;        /* [N_PARTS][n_buckets] */
    size_t *bucket_start; /* [n_buckets + 1] rows */
    pair *pairs;          /* [n_rows] by bucket */
    int32_t *sorted;      /* [n_rows] firms by bucket and worker, distinct ones first */
    int32_t *times;       /* [n_rows] how often */
    size_t *count;        /* [n_workers + 1] distinct firms; then where they start */
    size_t *row_start;    /* [n_workers] */
    np_absorb_cells *cells;
} sort_work;

static void count_part(void *context, size_t part, unsigned thread)
{
    (void)thread;
    sort_work *s = context;
    size_t *place = s->place + part * s->n_buckets;
    size_t end = s->n_rows * (part + 1) / N_PARTS;
    for (size_t i = s->n_rows * part / N_PARTS; i < end; i++)
        place[s->worker[i] >> s->shift]++;
}

static void place_parts(sort_work *s)
{
    size_t sum = 0;
    for (size_t b = 0; b < s->n_buckets; b++) {
        s->bucket_start[b] = sum;
        for (size_t part = 0; part < N_PARTS; part++) {
            size_t n = s->place[part * s->n_buckets + b];
            s->place[part * s->n_buckets + b] = sum;
            sum += n;
        }
    }
    s->bucket_start[s->n_buckets] = sum;
}

static void scatter_part(void *context, size_t part, unsigned thread)
{
    (void)thread;
    sort_work *s = context;
    size_t *place = s->place + part * s->n_buckets;
    size_t end = s->n_rows * (part + 1) / N_PARTS;
    for (size_t i = s->n_rows * part / N_PARTS; i < end; i++)
        s->pairs[place[s->worker[i] >> s->shift]++] = (pair){s->worker[i], s->firm[i]};
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void sort_firms(int32_t *firm, size_t n)
{
    if (n > SHORT) {
        qsort(firm, n, sizeof *firm, by_value);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        int32_t f = firm[i];
        size_t j = i;
        for (; j > 0 && firm[j - 1] > f; j--)
            firm[j] = firm[j - 1];
        firm[j] = f;
    }
}

/* Distinct firms to the front, with how often each stood; returns how many. */
static size_t merge_firms(int32_t *firm, int32_t *times, size_t n)
{
    size_t distinct = 0;
    for (size_t i = 0; i < n; i++) {
        if (distinct > 0 && firm[distinct - 1] == firm[i]) {
            times[distinct - 1]++;
        } else {
            firm[distinct] = firm[i];
            times[distinct++] = 1;
        }
    }
    return distinct;
}

static void sort_bucket(void *context, size_t bucket, unsigned thread)
{
    (void)thread;
    sort_work *s = context;
    size_t first = bucket << s->shift, last = (bucket + 1) << s->shift;
    size_t begin = s->bucket_start[bucket], end = s->bucket_start[bucket + 1];
    if (last > s->n_workers)
        last = s->n_workers;
    for (size_t i = begin; i < end; i++)
        s->count[s->pairs[i].worker]++;
    size_t at = begin;
    for (size_t w = first; w < last; w++) {
        s->row_start[w] = at;
        at += s->count[w];
    }
    for (size_t i = begin; i < end; i++)
        s->sorted[s->row_start[s->pairs[i].worker]++] = s->pairs[i].firm;
    for (size_t w = first; w < last; w++) {
        size_t n = s->count[w];
        s->row_start[w] -= n;
        sort_firms(s->sorted + s->row_start[w], n);
        s->count[w] =
            merge_firms(s->sorted + s->row_start[w], s->times + s->row_start[w], n);
    }
}

static void copy_bucket(void *context, size_t bucket, unsigned thread)
{
    (void)thread;
    sort_work *s = context;
    size_t last = (bucket + 1) << s->shift;
    if (last > s->n_workers)
        last = s->n_workers;
    for (size_t w = bucket << s->shift; w < last; w++) {
        size_t to = s->cells->start[w], n = s->cells->start[w + 1] - to;
        memcpy(s->cells->firm + to, s->sorted + s->row_start[w], n * sizeof(int32_t));
        for (size_t i = 0; i < n; i++)
            s->cells->weight[to + i] = s->times[s->row_start[w] + i];
    }
}

static np_status sort_rows(sort_work *s, unsigned n_threads, np_arena *arena,
                           np_error *err)
{
    s->place = np_arena_array(arena, size_t, N_PARTS * s->n_buckets);
    s->bucket_start = np_arena_array(arena, size_t, s->n_buckets + 1);
    s->sorted = np_arena_array(arena, int32_t, s->n_rows);
    s->times = np_arena_array(arena, int32_t, s->n_rows);
    s->count = np_arena_array(arena, size_t, s->n_workers + 1);
    s->row_start = np_arena_array(arena, size_t, s->n_workers);
    np_arena_mark mark = np_arena_set_mark(arena);
    s->pairs = np_arena_array(arena, pair, s->n_rows);
    if (s->place == NULL || s->bucket_start == NULL || s->pairs == NULL ||
        s->sorted == NULL || s->times == NULL || s->count == NULL || s->row_start == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), s->n_rows);
    np_parallel_for(N_PARTS, n_threads, count_part, s);
    place_parts(s);
    np_parallel_for(N_PARTS, n_threads, scatter_part, s);
    np_parallel_for(s->n_buckets, n_threads, sort_bucket, s);
    np_arena_release(arena, mark);
    return NP_OK;
}

/* The cells' own arrays lie below the scratch in the arena, so the most that the
 * cells can be is taken for them where counting first would cost a second sort. */
np_status np_absorb_cells_new(np_absorb_cells *out, const int32_t *worker,
                              size_t n_workers, const int32_t *firm, size_t n_firms,
                              size_t n_rows, unsigned n_threads, np_arena *arena,
                              np_error *err)
{
    np_absorb_cells cells = {.n_workers = n_workers, .n_firms = n_firms};
    sort_work s = {.worker = worker,
                   .firm = firm,
                   .n_rows = n_rows,
                   .n_workers = n_workers,
                   .cells = &cells};
    while ((n_workers >> s.shift) >= MOST_BUCKETS)
        s.shift++;
    s.n_buckets = (n_workers >> s.shift) + 1;
    cells.start = np_arena_array(arena, size_t, n_workers + 1);
    cells.firm = np_arena_array(arena, int32_t, n_rows);
    cells.weight = np_arena_array(arena, double, n_rows);
    if (cells.start == NULL || cells.firm == NULL || cells.weight == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), n_rows);
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status = sort_rows(&s, n_threads, arena, err);
    if (status == NP_OK) {
        for (size_t w = 0; w < n_workers; w++)
            cells.start[w + 1] = cells.start[w] + s.count[w];
        cells.n = cells.start[n_workers];
        np_parallel_for(s.n_buckets, n_threads, copy_bucket, &s);
        *out = cells;
    }
    np_arena_release(arena, mark);
    return status;
}

typedef struct {
    uint32_t *cell;
    const np_absorb_cells *cells;
    const int32_t *worker, *firm;
    size_t n_rows;
} find_work;

static void find_cells(void *context, size_t task, unsigned thread)
{
    (void)thread;
    find_work *f = context;
    size_t end = (task + 1) * NP_PARALLEL_ROWS;
    if (end > f->n_rows)
        end = f->n_rows;
    for (size_t i = task * NP_PARALLEL_ROWS; i < end; i++) {
        size_t low = f->cells->start[f->worker[i]];
        size_t high = f->cells->start[f->worker[i] + 1];
        while (high - low > 1) {
            size_t middle = (low + high) / 2;
            if (f->cells->firm[middle] <= f->firm[i])
                low = middle;
            else
                high = middle;
        }
        f->cell[i] = (uint32_t)low;
    }
}

void np_absorb_cells_of_rows(uint32_t *cell, const np_absorb_cells *cells,
                             const int32_t *worker, const int32_t *firm, size_t n_rows,
                             unsigned n_threads)
{
    find_work f = {
        .cell = cell, .cells = cells, .worker = worker, .firm = firm, .n_rows = n_rows};
    size_t n_tasks = (n_rows + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS;
    np_parallel_for(n_tasks, n_threads, find_cells, &f);
}

static int32_t root_of(int32_t *parent, int32_t v)
{
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

np_status np_absorb_cells_components(int32_t *label, size_t *n,
                                     const np_absorb_cells *cells, np_arena *arena,
                                     np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    int32_t *parent = np_arena_array(arena, int32_t, cells->n_firms);
    if (parent == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"),
                       cells->n_firms);
    for (size_t f = 0; f < cells->n_firms; f++) {
        parent[f] = (int32_t)f;
        label[f] = -1;
    }
    for (size_t w = 0; w < cells->n_workers; w++)
        for (size_t x = cells->start[w]; x < cells->start[w + 1]; x++) {
            int32_t u = root_of(parent, cells->firm[cells->start[w]]);
            int32_t v = root_of(parent, cells->firm[x]);
            label[cells->firm[x]] = 0;
            parent[u > v ? u : v] = u > v ? v : u;
        }
    size_t n_components = 0;
    for (size_t f = 0; f < cells->n_firms; f++) {
        int32_t root = root_of(parent, (int32_t)f);
        if (label[f] == 0)
            label[f] = root == (int32_t)f ? (int32_t)n_components++ : label[root];
    }
    *n = n_components;
    np_arena_release(arena, mark);
    return NP_OK;
}
