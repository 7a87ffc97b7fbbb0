/* Hash maps from a text or an integer to a dense index 0, 1, 2 … in order of
 * first appearance. Memory lives in the arena; maps only grow. */
#ifndef NP_BASE_MAP_H
#define NP_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct np_text_map np_text_map;
typedef struct np_integer_map np_integer_map;

enum { NP_MAP_NONE = -1, NP_MAP_NO_MEMORY = -2 };

np_text_map *np_text_map_new(np_arena *arena); /* NULL: no memory */
/* The index of the text, added (and copied) when new; NP_MAP_NO_MEMORY. */
int32_t np_text_map_add(np_text_map *map, const char *text, size_t length);
int32_t np_text_map_find(const np_text_map *map, const char *text, size_t length);
size_t np_text_map_size(const np_text_map *map);
const char *np_text_map_text(const np_text_map *map, int32_t index); /* 0-terminated */

np_integer_map *np_integer_map_new(np_arena *arena);
int32_t np_integer_map_add(np_integer_map *map, int64_t key);
int32_t np_integer_map_find(const np_integer_map *map, int64_t key);
size_t np_integer_map_size(const np_integer_map *map);
int64_t np_integer_map_key(const np_integer_map *map, int32_t index);

#endif
