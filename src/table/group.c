#include "table/group.h"

#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "table/group_internal.h"

/* IEEE 754 totalOrder for what is not NaN, with -0 as 0. */
static int64_t key_of_double(double value)
{
    int64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

void group_load_keys(const key_source *s, size_t begin, size_t n, int64_t *key)
{
    const np_column *c = s->column;
    const uint32_t *rows = s->rows == NULL ? NULL : s->rows + begin;
#define ROW(i) (rows == NULL ? begin + (i) : rows[i])
    switch (s->kind) {
    case KEY_I64:
        for (size_t i = 0; i < n; i++)
            key[i] = c->i64[ROW(i)];
        break;
    case KEY_F64:
        for (size_t i = 0; i < n; i++)
            key[i] = key_of_double(c->f64[ROW(i)]);
        break;
    case KEY_I32:
        for (size_t i = 0; i < n; i++)
            key[i] = c->date[ROW(i)];
        break;
    case KEY_RANK:
        for (size_t i = 0; i < n; i++)
            key[i] = s->rank[c->code[ROW(i)]];
        break;
    case KEY_PAIR:
        for (size_t i = 0; i < n; i++)
            key[i] = s->first[begin + i] * s->n_second + s->second[begin + i];
        break;
    }
#undef ROW
}

/* What a task's keys are like. */
typedef struct {
    int64_t least, most, first, last;
    bool ascends;
    int32_t n_changes; /* rows whose key is not that of the row before */
    int32_t code;      /* of its first row, where all keys ascend */
} key_span;

typedef struct {
    const key_source *source;
    key_span *span; /* [n_tasks] */
    int64_t offset;
    _Atomic uint8_t *seen; /* [range] */
    int32_t *code_of;      /* [range] */
    int32_t *code;         /* [n] */
    _Atomic int32_t *first_row;
} grouping;

static void find_range(void *context, size_t task, unsigned thread)
{
    (void)thread;
    grouping *g = context;
    key_span span = {.least = INT64_MAX, .most = INT64_MIN, .ascends = true};
    bool begun = false;
    FOR_KEYS(
        g->source, task, begin, key, count,
        if (!begun) {
            span.first = span.last = key[0];
            begun = true;
        } for (size_t i = 0; i < count; i++) {
            span.least = key[i] < span.least ? key[i] : span.least;
            span.most = key[i] > span.most ? key[i] : span.most;
            span.ascends &= key[i] >= span.last;
            span.n_changes += key[i] != span.last;
            span.last = key[i];
        });
    g->span[task] = span;
}

/* Data in the order of the key: each change begins the next group. */
static void count_changes(void *context, size_t task, unsigned thread)
{
    (void)thread;
    grouping *g = context;
    int64_t last = g->span[task].first;
    int32_t code = g->span[task].code;
    FOR_KEYS(
        g->source, task, begin, key, count, for (size_t i = 0; i < count; i++) {
            code += key[i] != last;
            last = key[i];
            g->code[begin + i] = code;
        });
}

static bool code_by_order(grouping *g, int32_t *n_groups)
{
    size_t n_tasks = group_tasks(g->source->n);
    int32_t code = 0;
    for (size_t t = 0; t < n_tasks; t++) {
        key_span *span = &g->span[t];
        if (!span->ascends || (t > 0 && span->first < span[-1].last))
            return false;
        code += t > 0 && span->first != span[-1].last;
        span->code = code;
        code += span->n_changes;
    }
    np_parallel_for(n_tasks, 0, count_changes, g);
    *n_groups = code + 1;
    return true;
}

static void mark_seen(void *context, size_t task, unsigned thread)
{
    (void)thread;
    grouping *g = context;
    FOR_KEYS(
        g->source, task, begin, key, count, for (size_t i = 0; i < count; i++) {
            _Atomic uint8_t *seen = &g->seen[key[i] - g->offset];
            if (!atomic_load_explicit(seen, memory_order_relaxed))
                atomic_store_explicit(seen, 1, memory_order_relaxed);
        });
}

static void look_up(void *context, size_t task, unsigned thread)
{
    (void)thread;
    grouping *g = context;
    FOR_KEYS(g->source, task, begin, key, count,
             for (size_t i = 0; i < count; i++) g->code[begin + i] =
                 g->code_of[key[i] - g->offset];);
}

static void find_first_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    grouping *g = context;
    size_t end = (task + 1) * NP_PARALLEL_ROWS;
    end = end < g->source->n ? end : g->source->n;
    for (size_t i = task * NP_PARALLEL_ROWS; i < end; i++) {
        _Atomic int32_t *first = &g->first_row[g->code[i]];
        int32_t have = atomic_load_explicit(first, memory_order_relaxed);
        while ((int32_t)i < have &&
               !atomic_compare_exchange_weak(first, &have, (int32_t)i))
            continue;
    }
}

/* Codes by a table over the range of keys: no hashing, no sorting. */
static bool code_by_address(grouping *g, size_t range, int32_t *n_groups, np_arena *arena)
{
    size_t n_tasks = group_tasks(g->source->n);
    g->seen = (_Atomic uint8_t *)np_arena_array(arena, uint8_t, range);
    g->code_of = np_arena_array(arena, int32_t, range);
    if (g->seen == NULL || g->code_of == NULL)
        return false;
    np_parallel_for(n_tasks, 0, mark_seen, g);
    int32_t n = 0;
    for (size_t k = 0; k < range; k++)
        if (g->seen[k])
            g->code_of[k] = n++;
    np_parallel_for(n_tasks, 0, look_up, g);
    *n_groups = n;
    return true;
}

/* A table over the range pays while it is no larger than a few words per row. */
static bool address_pays(uint64_t range, size_t n)
{
    return range < INT32_MAX && range <= 4 * (uint64_t)n + 4096;
}

/* code[n] of the source's keys, in key order; scratch comes from the arena. */
static bool code_keys(const key_source *source, int32_t *code, int32_t *n_groups,
                      np_arena *arena)
{
    grouping g = {.source = source, .code = code};
    size_t n_tasks = group_tasks(source->n);
    g.span = np_arena_array(arena, key_span, n_tasks);
    if (g.span == NULL)
        return false;
    np_parallel_for(n_tasks, 0, find_range, &g);
    *n_groups = 0;
    if (source->n == 0 || code_by_order(&g, n_groups))
        return true;
    int64_t least = INT64_MAX, most = INT64_MIN;
    size_t most_groups = n_tasks;
    for (size_t t = 0; t < n_tasks; t++) {
        most_groups += (size_t)g.span[t].n_changes;
        least = g.span[t].least < least ? g.span[t].least : least;
        most = g.span[t].most > most ? g.span[t].most : most;
    }
    g.offset = least;
    /* no key is INT64_MIN, which stands for missing, so that the span leaves room */
    uint64_t span = (uint64_t)most - (uint64_t)least;
    if (address_pays(span, source->n))
        return code_by_address(&g, (size_t)span + 1, n_groups, arena);
    return group_code_by_hash(code, n_groups, source, least, most_groups, arena);
}

static np_status no_memory(np_error *err, size_t n)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left to group %zu rows"), n);
}

static np_status source_of(key_source *out, const np_column *c, const uint32_t *rows,
                           size_t n, np_arena *arena, np_error *err)
{
    for (size_t i = 0; c->missing != NULL && i < n; i++) {
        size_t row = rows == NULL ? i : rows[i];
        if (c->missing[row] != NP_PRESENT)
            return np_fail(err, NP_E_RANGE, _("%s is missing in row %zu"), c->name,
                           row + 1);
    }
    *out = (key_source){.column = c, .rows = rows, .n = n};
    switch (c->type) {
    case NP_COLUMN_F64:
        out->kind = KEY_F64;
        break;
    case NP_COLUMN_I64:
        out->kind = KEY_I64;
        break;
    case NP_COLUMN_DATE:
        out->kind = KEY_I32;
        break;
    case NP_COLUMN_TEXT:
        out->kind = KEY_RANK;
        out->rank = group_label_ranks(c->dict, arena);
        if (out->rank == NULL)
            return no_memory(err, n);
        break;
    }
    return NP_OK;
}

/* Adds a column to the codes so far: the groups of (code so far, new code). */
static np_status refine(int32_t *code, int32_t *n_groups, const key_source *source,
                        np_arena *arena, np_error *err)
{
    size_t n = source->n;
    int32_t n_second = 0;
    int32_t *second = np_arena_array(arena, int32_t, n);
    int32_t *first = np_arena_array(arena, int32_t, n);
    if (second == NULL || first == NULL || !code_keys(source, second, &n_second, arena))
        return no_memory(err, n);
    memcpy(first, code, n * sizeof *first);
    key_source pair = {
        .kind = KEY_PAIR, .first = first, .second = second, .n_second = n_second, .n = n};
    return code_keys(&pair, code, n_groups, arena) ? NP_OK : no_memory(err, n);
}

static np_status code_columns(int32_t *code, int32_t *n_groups,
                              const np_column *const *columns, size_t n_columns,
                              const uint32_t *rows, size_t n, np_arena *arena,
                              np_error *err)
{
    for (size_t j = 0; j < n_columns; j++) {
        key_source source;
        np_arena_mark mark = np_arena_set_mark(arena);
        np_status status = source_of(&source, columns[j], rows, n, arena, err);
        if (status == NP_OK && j == 0 && !code_keys(&source, code, n_groups, arena))
            status = no_memory(err, n);
        if (status == NP_OK && j > 0)
            status = refine(code, n_groups, &source, arena, err);
        np_arena_release(arena, mark);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

np_status np_group_columns(np_groups *out, const np_table *table,
                           const np_column *const *columns, size_t n_columns,
                           const uint32_t *rows, size_t n, np_arena *arena, np_error *err)
{
    if (rows == NULL)
        n = table->n_rows;
    if (n > INT32_MAX)
        return np_fail(err, NP_E_LIMIT, _("%zu rows: at most %d can be grouped"), n,
                       INT32_MAX);
    int32_t n_groups = n > 0; /* of no columns: all rows are one group */
    int32_t *code = np_arena_array(arena, int32_t, n);
    if (code == NULL)
        return no_memory(err, n);
    np_status status =
        code_columns(code, &n_groups, columns, n_columns, rows, n, arena, err);
    if (status != NP_OK)
        return status;
    int32_t *first_row = np_arena_array(arena, int32_t, (size_t)n_groups);
    if (first_row == NULL)
        return no_memory(err, n);
    for (int32_t k = 0; k < n_groups; k++)
        first_row[k] = INT32_MAX;
    grouping g = {.source = &(key_source){.n = n},
                  .code = code,
                  .first_row = (_Atomic int32_t *)first_row};
    np_parallel_for(group_tasks(n), 0, find_first_rows, &g);
    *out = (np_groups){code, n, (size_t)n_groups, first_row};
    return NP_OK;
}

enum { NUMBER_LENGTH = 48 }; /* a number or date as text */

const char *np_group_label(const np_groups *groups, const np_column *const *columns,
                           size_t n_columns, const uint32_t *rows, int32_t group,
                           np_arena *arena)
{
    size_t at = (size_t)groups->first_row[group];
    size_t row = rows == NULL ? at : rows[at];
    const char *label = n_columns == 0 ? "" : NULL;
    for (size_t j = 0; j < n_columns; j++) {
        const np_column *c = columns[j];
        char number[NUMBER_LENGTH];
        const char *text = c->type == NP_COLUMN_TEXT && c->code[row] >= 0
                               ? c->dict->label[c->code[row]]
                               : np_column_text(c, row, number, sizeof number);
        label = j == 0 ? np_arena_copy_text(arena, text, strlen(text))
                       : np_arena_format(arena, "%s_%s", label, text);
        if (label == NULL)
            return NULL;
    }
    return label;
}
