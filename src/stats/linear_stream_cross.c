#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/linear_stream.h"

/* Groups with the same sparse columns row by row (in a balanced panel: all; in an
 * event study: those of a cohort) are counted, and their products formed once. */
enum { MOST_PATTERN = 1 << 14, MOST_SLOTS = 64 };

typedef struct {
    int32_t *code; /* [length] row by row, part by part */
    size_t length;
    uint64_t hash;
    double count;
} pattern;

/* A thread's scratch beside its room. */
typedef struct {
    pattern slot[MOST_SLOTS];
    size_t n_slots; /* 0: patterns are not counted */
    int32_t *now;   /* [pattern capacity] */
    double *sum;    /* [n_sparse] of a group, 0 between groups */
    int32_t *touched;
} counter;

/* A task's partial sums. */
typedef struct {
    double *zz;        /* [p × p] upper: dense columns and y, without the group means */
    double *zd;        /* [p][n_sparse + 1]; the last is for rows that have none */
    double *dd;        /* [n_sparse × n_sparse] upper */
    double *raw;       /* [p] of the groups' means: Σ W mean² */
    double *dummy_raw; /* [n_sparse] Σ w value² */
    double weight, mean_sum, mean_square; /* of y less its first value */
} partial;

typedef struct {
    const np_stream *s;
    np_stream_room *room;
    counter *counter;
    partial *partial;
    bool count_patterns;
} cross_work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the cross-products"));
}

static double weight_of(const np_stream_room *room, size_t i)
{
    return room->weight == NULL ? 1 : room->weight[i];
}

/* Takes the group's mean out of each dense column. */
static void centre(const np_stream *s, np_stream_room *room, partial *p, size_t from,
                   size_t count)
{
    double total = (double)count;
    if (room->weight != NULL) {
        total = 0;
        for (size_t i = from; i < from + count; i++)
            total += room->weight[i];
    }
    for (size_t a = 0; a <= s->n_dense; a++) {
        double *x = room->value + a * room->capacity + from, sum = 0;
        if (room->weight == NULL)
            for (size_t i = 0; i < count; i++)
                sum += x[i];
        else
            for (size_t i = 0; i < count; i++)
                sum += room->weight[from + i] * x[i];
        double mean = sum / total;
        for (size_t i = 0; i < count; i++)
            x[i] -= mean;
        p->raw[a] += total * mean * mean;
        if (a == s->n_dense) {
            double d = mean - s->y[0];
            p->mean_sum += total * d;
            p->mean_square += total * d * d;
        }
    }
    p->weight += total;
}

/* dd += count × (joint rows - products of the group's sums / T), for one group or
 * for `count` groups with the same codes; value and weight by row, or 1. */
static void add_group(partial *p, counter *c, const np_stream *s, const int32_t *code,
                      size_t rows, double count, const double *weight,
                      const double *times)
{
    const size_t n = s->n_sparse, parts = s->n_parts;
    size_t n_touched = 0;
    double total = 0;
    for (size_t i = 0; i < rows; i++) {
        double w = weight == NULL ? 1 : weight[i];
        total += w;
        for (size_t a = 0; a < parts; a++) {
            int32_t j = code[i * parts + a];
            if (j < 0)
                continue;
            double v = w * (times == NULL ? 1 : times[i * parts + a]);
            for (size_t b = a; b < parts; b++) {
                int32_t l = code[i * parts + b];
                if (l >= 0)
                    p->dd[(size_t)j * n + (size_t)l] +=
                        count * v * (times == NULL ? 1 : times[i * parts + b]);
            }
            bool seen = false;
            if (c->sum[j] == 0)
                for (size_t t = 0; t < n_touched && !seen; t++)
                    seen = c->touched[t] == j;
            if (c->sum[j] == 0 && !seen)
                c->touched[n_touched++] = j;
            c->sum[j] += v;
        }
    }
    for (size_t a = 0; a < n_touched; a++) {
        size_t j = (size_t)c->touched[a];
        double v = count * c->sum[j] / total;
        for (size_t b = 0; b < n_touched; b++) {
            size_t l = (size_t)c->touched[b];
            if (l >= j)
                p->dd[j * n + l] -= v * c->sum[l];
        }
    }
    for (size_t a = 0; a < n_touched; a++)
        c->sum[c->touched[a]] = 0;
}

static void flush(partial *p, counter *c, const np_stream *s, pattern *slot)
{
    if (slot->count > 0)
        add_group(p, c, s, slot->code, slot->length / s->n_parts, slot->count, NULL,
                  NULL);
    slot->count = 0;
}

static void count_pattern(partial *p, counter *c, const np_stream *s, size_t length)
{
    uint64_t hash = length;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint64_t)(uint32_t)c->now[i]) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32;
    pattern *slot = &c->slot[hash % c->n_slots];
    if (slot->count > 0 && slot->hash == hash && slot->length == length &&
        memcmp(slot->code, c->now, length * sizeof *c->now) == 0) {
        slot->count++;
        return;
    }
    flush(p, c, s, slot);
    slot->hash = hash;
    slot->length = length;
    slot->count = 1;
    memcpy(slot->code, c->now, length * sizeof *c->now);
}

/* The sparse columns of one group: into zd row by row, into dd by pattern. */
static void add_sparse(const cross_work *work, np_stream_room *room, counter *c,
                       partial *p, size_t at, size_t from, size_t count, double *times)
{
    const np_stream *s = work->s;
    const size_t parts = s->n_parts;
    for (size_t a = 0; a < parts; a++) {
        const np_stream_part *part = &s->part[a];
        for (size_t i = 0; i < count; i++) {
            size_t row = np_stream_row(s, at + i);
            int32_t code = part->code[row];
            c->now[i * parts + a] = code < 0 ? -1 : code + (int32_t)part->first;
            if (times != NULL)
                times[i * parts + a] = part->value == NULL ? 1 : part->value[row];
        }
    }
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < parts; a++) {
            int32_t code = c->now[i * parts + a];
            if (code < 0)
                continue;
            double v = times == NULL ? 1 : times[i * parts + a];
            double w = weight_of(room, from + i);
            const double *z = room->value + from + i;
            double *zd = p->zd + (size_t)code * (s->n_dense + 1);
            for (size_t b = 0; b <= s->n_dense; b++)
                zd[b] += w * v * z[b * room->capacity];
            p->dummy_raw[code] += w * v * v;
        }
    if (work->count_patterns)
        count_pattern(p, c, s, count * parts);
    else
        add_group(p, c, s, c->now, count, 1,
                  room->weight == NULL ? NULL : room->weight + from, times);
}

static void cross_task(void *context, size_t task, unsigned thread)
{
    const cross_work *work = context;
    const np_stream *s = work->s;
    np_stream_room *room = &work->room[thread];
    counter *c = &work->counter[thread];
    partial *p = &work->partial[task];
    const size_t columns = s->n_dense + 1, end = s->task_start[task + 1];
    bool has_values = false;
    for (size_t a = 0; a < s->n_parts; a++)
        has_values |= s->part[a].value != NULL;
    for (size_t g = s->task_start[task]; g < end;) {
        g = np_stream_take(room, s, g, end);
        size_t first = s->start[room->first];
        for (size_t u = room->first; u < room->last; u++) {
            size_t at = s->start[u], count = s->start[u + 1] - at;
            if (count == 0)
                continue;
            centre(s, room, p, at - first, count);
            if (s->n_parts > 0)
                add_sparse(work, room, c, p, at, at - first, count,
                           has_values ? room->residual : NULL);
        }
        for (size_t a = 0; a < columns; a++)
            for (size_t b = a; b < columns; b++)
                p->zz[a * columns + b] += np_linear_product(
                    room->value + a * room->capacity, room->value + b * room->capacity,
                    room->weight, room->count);
    }
    for (size_t i = 0; i < c->n_slots; i++)
        flush(p, c, s, &c->slot[i]);
}

static np_status take_scratch(cross_work *w, np_arena *arena, np_error *err)
{
    const np_stream *s = w->s;
    const size_t columns = s->n_dense + 1, sparse = s->n_sparse;
    unsigned n_threads = np_parallel_threads(s->n_threads);
    size_t pattern_length = s->largest * s->n_parts;
    w->room = np_stream_rooms(s, arena);
    w->counter = np_arena_array(arena, counter, n_threads);
    w->partial = np_arena_array(arena, partial, s->n_tasks);
    if (w->room == NULL || w->counter == NULL || w->partial == NULL)
        return no_memory(err);
    for (unsigned t = 0; t < n_threads; t++) {
        counter *c = &w->counter[t];
        c->now = np_arena_array(arena, int32_t, pattern_length);
        c->sum = np_arena_array(arena, double, sparse);
        c->touched = np_arena_array(arena, int32_t, sparse);
        /* values by row and part need as much room as the codes */
        w->room[t].residual = np_arena_array(arena, double, s->largest *(s->n_parts + 1));
        if (c->now == NULL || c->sum == NULL || c->touched == NULL ||
            w->room[t].residual == NULL)
            return no_memory(err);
        if (!w->count_patterns)
            continue;
        c->n_slots = MOST_PATTERN / (pattern_length + 1) + 1;
        if (c->n_slots > MOST_SLOTS)
            c->n_slots = MOST_SLOTS;
        for (size_t i = 0; i < c->n_slots; i++) {
            c->slot[i].code = np_arena_array(arena, int32_t, pattern_length);
            if (c->slot[i].code == NULL)
                return no_memory(err);
        }
    }
    for (size_t t = 0; t < s->n_tasks; t++) {
        partial *p = &w->partial[t];
        p->zz = np_arena_array(arena, double, columns *columns);
        p->zd = np_arena_array(arena, double, columns *(sparse + 1));
        p->dd = np_arena_array(arena, double, sparse *sparse);
        p->raw = np_arena_array(arena, double, columns);
        p->dummy_raw = np_arena_array(arena, double, sparse);
        if (p->zz == NULL || p->zd == NULL || p->dd == NULL || p->raw == NULL ||
            p->dummy_raw == NULL)
            return no_memory(err);
    }
    return NP_OK;
}

static void add_to(double *sum, const double *part, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += part[i];
}

/* Where the columns of the passes stand in A: F, C in the model's order, y. */
static void place(np_stream_system *out, const np_stream *s, const partial *p,
                  size_t *dense_at, size_t *sparse_at)
{
    const size_t m = s->q + s->k + 1, columns = s->n_dense + 1;
    for (size_t f = 0; f < s->q; f++)
        sparse_at[f] = f;
    for (size_t j = 0; j < s->k; j++)
        if (s->dense_of[j] != SIZE_MAX)
            dense_at[s->dense_of[j]] = s->q + j;
        else
            sparse_at[s->sparse_of[j]] = s->q + j;
    dense_at[s->n_dense] = m - 1;
    for (size_t a = 0; a < columns; a++) {
        size_t row = dense_at[a];
        out->raw[row] = p->raw[a] + p->zz[a * columns + a];
        for (size_t b = a; b < columns; b++)
            out->A[row * m + dense_at[b]] = out->A[dense_at[b] * m + row] =
                p->zz[a * columns + b];
        for (size_t d = 0; d < s->n_sparse; d++)
            out->A[row * m + sparse_at[d]] = out->A[sparse_at[d] * m + row] =
                p->zd[d * columns + a];
    }
    for (size_t d = 0; d < s->n_sparse; d++) {
        out->raw[sparse_at[d]] = p->dummy_raw[d];
        for (size_t e = d; e < s->n_sparse; e++)
            out->A[sparse_at[d] * m + sparse_at[e]] =
                out->A[sparse_at[e] * m + sparse_at[d]] = p->dd[d * s->n_sparse + e];
    }
}

np_status np_stream_cross(np_stream_system *out, const np_stream *s, np_arena *arena,
                          np_error *err)
{
    const size_t m = s->q + s->k + 1, columns = s->n_dense + 1;
    np_stream_system result = {0};
    result.A = np_arena_array(arena, double, m *m);
    result.raw = np_arena_array(arena, double, m);
    if (result.A == NULL || result.raw == NULL)
        return no_memory(err);
    np_arena_mark mark = np_arena_set_mark(arena);
    cross_work w = {.s = s, .count_patterns = s->weight == NULL && s->n_parts > 0};
    for (size_t a = 0; a < s->n_parts; a++)
        w.count_patterns &= s->part[a].value == NULL;
    size_t *at = np_arena_array(arena, size_t, columns + s->n_sparse);
    np_status status = take_scratch(&w, arena, err);
    if (status != NP_OK || at == NULL)
        return no_memory(err);
    np_parallel_for(s->n_tasks, s->n_threads, cross_task, &w);
    partial *sum = &w.partial[0];
    for (size_t t = 1; t < s->n_tasks; t++) {
        const partial *p = &w.partial[t];
        add_to(sum->zz, p->zz, columns * columns);
        add_to(sum->zd, p->zd, columns * s->n_sparse);
        add_to(sum->dd, p->dd, s->n_sparse * s->n_sparse);
        add_to(sum->raw, p->raw, columns);
        add_to(sum->dummy_raw, p->dummy_raw, s->n_sparse);
        sum->weight += p->weight;
        sum->mean_sum += p->mean_sum;
        sum->mean_square += p->mean_square;
    }
    place(&result, s, sum, at, at + columns);
    result.sum_weight = sum->weight;
    result.tss = sum->zz[columns * columns - 1] + sum->mean_square -
                 sum->mean_sum * sum->mean_sum / sum->weight;
    np_arena_release(arena, mark);
    *out = result;
    return NP_OK;
}
