/* Memory for a piece of work (a command, a request, an estimation job): taken
 * in pieces, given back at once. Not shared between threads. */
#ifndef NP_BASE_ARENA_H
#define NP_BASE_ARENA_H

#include <stddef.h>

typedef struct np_arena np_arena;

/* `budget` is the most bytes the arena may hold at a time; 0: no bound but the
 * system's. Returns NULL when there is no memory at all. */
np_arena *np_arena_new(size_t budget);
void np_arena_free(np_arena *arena); /* NULL is allowed */

/* Zeroed, aligned for any type; NULL when the budget or the system is spent.
 * n × size is checked for overflow; n = 0 gives a pointer that is not NULL. */
void *np_arena_alloc(np_arena *arena, size_t n, size_t size);
#define np_arena_array(arena, type, n)                                                   \
    ((type *)np_arena_alloc((arena), (n), sizeof(type)))

char *np_arena_copy_text(np_arena *arena, const char *text, size_t length);
char *np_arena_format(np_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Scratch: everything taken after a mark is given back by the release. */
typedef struct {
    void *block;
    size_t used;
} np_arena_mark;

np_arena_mark np_arena_set_mark(np_arena *arena);
void np_arena_release(np_arena *arena, np_arena_mark mark);

/* An arena of its own, for what grows as it is used: marks that are set later on
 * the parent do not take from it. It is given back with the parent's memory at the
 * place where it was made, counts against the parent's budget, and is not to be
 * freed by itself. NULL when the budget or the system is spent. */
np_arena *np_arena_child(np_arena *parent);

size_t np_arena_held(const np_arena *arena); /* bytes now held */

/* For fault tests: the n-th allocation from now on fails (1: the next), once.
 * 0 switches it off. */
void np_arena_fail_at(np_arena *arena, size_t n);

#endif
