#include "base/map.h"

#include <stdbool.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

/* Open addressing with linear probing; a slot holds index + 1, 0 is empty. */
typedef struct {
    np_arena *arena;
    uint32_t *slot;
    size_t n_slots, n;
} slots;

struct np_text_map {
    slots s;
    const char **text;
    uint32_t *length;
    uint64_t *hash;
    size_t capacity;
};

struct np_integer_map {
    slots s;
    int64_t *key;
    size_t capacity;
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9U;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static uint64_t text_hash(const char *text, size_t length)
{
    uint64_t h = mix(length);
    for (; length >= 8; text += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        h = mix(h ^ word);
    }
    uint64_t rest = 0;
    memcpy(&rest, text, length);
    return mix(h ^ rest);
}

static bool init_slots(slots *s, np_arena *arena)
{
    s->arena = arena;
    s->n_slots = FIRST_SLOTS;
    s->slot = np_arena_array(arena, uint32_t, FIRST_SLOTS);
    return s->slot != NULL;
}

static void place(slots *s, uint64_t hash, size_t index)
{
    size_t at = hash & (s->n_slots - 1);
    while (s->slot[at] != 0)
        at = (at + 1) & (s->n_slots - 1);
    s->slot[at] = (uint32_t)index + 1;
}

static void *grown(np_arena *arena, const void *old, size_t n, size_t capacity,
                   size_t size)
{
    void *more = np_arena_alloc(arena, capacity, size);
    if (more != NULL && n > 0)
        memcpy(more, old, n * size);
    return more;
}

np_text_map *np_text_map_new(np_arena *arena)
{
    np_text_map *map = np_arena_array(arena, np_text_map, 1);
    return map != NULL && init_slots(&map->s, arena) ? map : NULL;
}

static int32_t find_text(const np_text_map *map, uint64_t hash, const char *text,
                         size_t length)
{
    const slots *s = &map->s;
    size_t at = hash & (s->n_slots - 1);
    for (; s->slot[at] != 0; at = (at + 1) & (s->n_slots - 1)) {
        size_t i = s->slot[at] - 1;
        if (map->hash[i] == hash && map->length[i] == length &&
            memcmp(map->text[i], text, length) == 0)
            return (int32_t)i;
    }
    return NP_MAP_NONE;
}

static bool grow_text(np_text_map *map)
{
    slots *s = &map->s;
    if (s->n == map->capacity) {
        size_t capacity = map->capacity == 0 ? 32 : map->capacity * 2;
        const char **text = grown(s->arena, map->text, s->n, capacity, sizeof *text);
        uint32_t *length = grown(s->arena, map->length, s->n, capacity, sizeof *length);
        uint64_t *hash = grown(s->arena, map->hash, s->n, capacity, sizeof *hash);
        if (text == NULL || length == NULL || hash == NULL)
            return false;
        map->text = text;
        map->length = length;
        map->hash = hash;
        map->capacity = capacity;
    }
    if (s->n * 2 < s->n_slots)
        return true;
    uint32_t *slot = np_arena_array(s->arena, uint32_t, s->n_slots * 2);
    if (slot == NULL)
        return false;
    s->slot = slot;
    s->n_slots *= 2;
    for (size_t i = 0; i < s->n; i++)
        place(s, map->hash[i], i);
    return true;
}

int32_t np_text_map_add(np_text_map *map, const char *text, size_t length)
{
    uint64_t hash = text_hash(text, length);
    int32_t found = find_text(map, hash, text, length);
    if (found != NP_MAP_NONE)
        return found;
    const char *copy = np_arena_copy_text(map->s.arena, text, length);
    if (copy == NULL || map->s.n >= INT32_MAX || !grow_text(map))
        return NP_MAP_NO_MEMORY;
    size_t i = map->s.n++;
    map->text[i] = copy;
    map->length[i] = (uint32_t)length;
    map->hash[i] = hash;
    place(&map->s, hash, i);
    return (int32_t)i;
}

int32_t np_text_map_find(const np_text_map *map, const char *text, size_t length)
{
    return find_text(map, text_hash(text, length), text, length);
}

size_t np_text_map_size(const np_text_map *map)
{
    return map->s.n;
}

const char *np_text_map_text(const np_text_map *map, int32_t index)
{
    return map->text[index];
}

np_integer_map *np_integer_map_new(np_arena *arena)
{
    np_integer_map *map = np_arena_array(arena, np_integer_map, 1);
    return map != NULL && init_slots(&map->s, arena) ? map : NULL;
}

int32_t np_integer_map_find(const np_integer_map *map, int64_t key)
{
    const slots *s = &map->s;
    size_t at = mix((uint64_t)key) & (s->n_slots - 1);
    for (; s->slot[at] != 0; at = (at + 1) & (s->n_slots - 1))
        if (map->key[s->slot[at] - 1] == key)
            return (int32_t)(s->slot[at] - 1);
    return NP_MAP_NONE;
}

static bool grow_integer(np_integer_map *map)
{
    slots *s = &map->s;
    if (s->n == map->capacity) {
        size_t capacity = map->capacity == 0 ? 32 : map->capacity * 2;
        int64_t *key = grown(s->arena, map->key, s->n, capacity, sizeof *key);
        if (key == NULL)
            return false;
        map->key = key;
        map->capacity = capacity;
    }
    if (s->n * 2 < s->n_slots)
        return true;
    uint32_t *slot = np_arena_array(s->arena, uint32_t, s->n_slots * 2);
    if (slot == NULL)
        return false;
    s->slot = slot;
    s->n_slots *= 2;
    for (size_t i = 0; i < s->n; i++)
        place(s, mix((uint64_t)map->key[i]), i);
    return true;
}

int32_t np_integer_map_add(np_integer_map *map, int64_t key)
{
    int32_t found = np_integer_map_find(map, key);
    if (found != NP_MAP_NONE)
        return found;
    if (map->s.n >= INT32_MAX || !grow_integer(map))
        return NP_MAP_NO_MEMORY;
    size_t i = map->s.n++;
    map->key[i] = key;
    place(&map->s, mix((uint64_t)key), i);
    return (int32_t)i;
}

size_t np_integer_map_size(const np_integer_map *map)
{
    return map->s.n;
}

int64_t np_integer_map_key(const np_integer_map *map, int32_t index)
{
    return map->key[index];
}
