/* Keys that span a wide range: numbers of persons and organisations. All threads fill
 * one table of the distinct keys, so that where a key comes to lie depends on who was
 * first; its code does not, being the rank of the key among them. */
#include <stdatomic.h>

#include "table/group_internal.h"

/* Linear probing in a table less than three quarters full needs far fewer steps; one
 * that needs more is doubled. */
enum { MOST_STEPS = 256, FIRST_SLOTS = 1 << 21, LEAST_SLOTS = 1 << 10 };

typedef struct {
    const key_source *source;
    uint64_t least;
    size_t mask;
    _Atomic uint64_t *slot; /* [mask + 1] key - least + 1; 0: empty */
    int32_t *code_of;       /* [mask + 1] */
    int32_t *code;          /* [n] */
    atomic_bool is_full;
} key_table;

static size_t hash_of(uint64_t x)
{
    x *= 0x9e3779b97f4a7c15U;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93U;
    return (size_t)(x ^ x >> 32);
}

/* Turns the keys into what slots hold, and asks for their slots' memory. */
static void prepare(const key_table *t, int64_t *key, size_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word = (uint64_t)key[i] - t->least + 1;
        key[i] = (int64_t)word;
        at[i] = hash_of(word) & t->mask;
        __builtin_prefetch((const void *)&t->slot[at[i]]);
    }
}

static bool insert(key_table *t, uint64_t word, size_t at)
{
    for (int step = 0; step < MOST_STEPS; step++, at = (at + 1) & t->mask) {
        uint64_t have = atomic_load_explicit(&t->slot[at], memory_order_relaxed);
        if (have == 0 && atomic_compare_exchange_strong(&t->slot[at], &have, word))
            return true;
        if (have == word)
            return true;
    }
    return false;
}

static void insert_keys(void *context, size_t task, unsigned thread)
{
    (void)thread;
    key_table *t = context;
    size_t at[KEY_BATCH];
    uint64_t before = 0;
    FOR_KEYS(
        t->source, task, begin, key, count, if (atomic_load(&t->is_full)) return;
        prepare(t, key, at, count); for (size_t i = 0; i < count; i++) {
            uint64_t word = (uint64_t)key[i];
            if (word != before && !insert(t, word, at[i]))
                atomic_store(&t->is_full, true);
            before = word;
        });
}

static void look_up_keys(void *context, size_t task, unsigned thread)
{
    (void)thread;
    key_table *t = context;
    size_t at[KEY_BATCH];
    FOR_KEYS(
        t->source, task, begin, key, count, prepare(t, key, at, count);
        for (size_t i = 0; i < count; i++) {
            size_t place = at[i];
            while (atomic_load_explicit(&t->slot[place], memory_order_relaxed) !=
                   (uint64_t)key[i])
                place = (place + 1) & t->mask;
            t->code[begin + i] = t->code_of[place];
        });
}

static bool rank_keys(key_table *t, int32_t *n_groups, np_arena *arena)
{
    size_t n = 0;
    for (size_t at = 0; at <= t->mask; at++)
        n += t->slot[at] != 0;
    ranked_key *item = np_arena_array(arena, ranked_key, n);
    ranked_key *spare = np_arena_array(arena, ranked_key, n);
    t->code_of = np_arena_array(arena, int32_t, t->mask + 1);
    if (item == NULL || spare == NULL || t->code_of == NULL)
        return false;
    n = 0;
    for (size_t at = 0; at <= t->mask; at++)
        if (t->slot[at] != 0)
            item[n++] = (ranked_key){t->slot[at], (uint32_t)at};
    item = group_sort_keys(item, spare, n);
    for (size_t k = 0; k < n; k++)
        t->code_of[item[k].index] = (int32_t)k;
    *n_groups = (int32_t)n;
    return true;
}

static size_t first_size(size_t most_groups)
{
    size_t size = LEAST_SLOTS;
    while (size < FIRST_SLOTS && size < 2 * most_groups)
        size *= 2;
    return size;
}

bool group_code_by_hash(int32_t *code, int32_t *n_groups, const key_source *source,
                        int64_t least, size_t most_groups, np_arena *arena)
{
    key_table t = {.source = source, .least = (uint64_t)least, .code = code};
    size_t n_tasks = group_tasks(source->n), size = first_size(most_groups);
    for (;; size *= 2) {
        np_arena_mark mark = np_arena_set_mark(arena);
        t.slot = (_Atomic uint64_t *)np_arena_array(arena, uint64_t, size);
        if (t.slot == NULL)
            return false;
        t.mask = size - 1;
        atomic_store(&t.is_full, false);
        np_parallel_for(n_tasks, 0, insert_keys, &t);
        if (!atomic_load(&t.is_full))
            break;
        np_arena_release(arena, mark);
    }
    if (!rank_keys(&t, n_groups, arena))
        return false;
    np_parallel_for(n_tasks, 0, look_up_keys, &t);
    return true;
}
