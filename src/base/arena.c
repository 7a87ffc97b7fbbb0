#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Blocks from HUGE_BLOCK on are filled from end to end as a rule: huge pages spare
 * most of the faults, and the addresses' look-ups. */
enum { BLOCK_SIZE = 64 * 1024, HUGE_BLOCK = 8 << 20 };

typedef struct block block;
struct block {
    block *previous;
    np_arena *child; /* freed with the block; NULL: none */
    size_t size, used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct np_arena {
    block *top;
    np_arena *parent;
    size_t budget, held, fail_at;
};

np_arena *np_arena_new(size_t budget)
{
    np_arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL)
        arena->budget = budget;
    return arena;
}

void np_arena_free(np_arena *arena)
{
    if (arena == NULL)
        return;
    np_arena_release(arena, (np_arena_mark){NULL, 0});
    free(arena);
}

/* A child's memory counts in all above it. */
static bool charge(np_arena *arena, size_t total)
{
    for (const np_arena *a = arena; a != NULL; a = a->parent)
        if (a->budget > 0 && a->held + total > a->budget)
            return false;
    for (; arena != NULL; arena = arena->parent)
        arena->held += total;
    return true;
}

static void discharge(np_arena *arena, size_t total)
{
    for (; arena != NULL; arena = arena->parent)
        arena->held -= total;
}

static bool fails_now(np_arena *arena)
{
    while (arena->parent != NULL)
        arena = arena->parent;
    return arena->fail_at > 0 && --arena->fail_at == 0;
}

static void ask_for_huge_pages(const void *begin, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)begin + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)begin + size) / page * page;
    madvise((void *)from, to - from, MADV_HUGEPAGE); /* refused: small ones serve */
}

/* calloc gives large blocks as untouched zero pages, so zeroing costs nothing
 * until the memory is written. */
static block *push_block(np_arena *arena, size_t size)
{
    size_t total = sizeof(block) + size;
    if (total < size || !charge(arena, total))
        return NULL;
    block *b = calloc(1, total);
    if (b == NULL) {
        discharge(arena, total);
        return NULL;
    }
    if (total >= HUGE_BLOCK)
        ask_for_huge_pages(b, total);
    b->previous = arena->top;
    b->size = size;
    arena->top = b;
    return b;
}

void *np_arena_alloc(np_arena *arena, size_t n, size_t size)
{
    if (fails_now(arena))
        return NULL;
    size_t align = _Alignof(max_align_t);
    if (size > 0 && n > (SIZE_MAX - align) / size)
        return NULL;
    size_t wanted = (n * size + align - 1) / align * align;
    block *b = arena->top;
    if (b == NULL || b->size - b->used < wanted) {
        b = push_block(arena, wanted > BLOCK_SIZE / 4 ? wanted : BLOCK_SIZE);
        if (b == NULL)
            return NULL;
    }
    void *p = b->bytes + b->used;
    b->used += wanted;
    return p;
}

char *np_arena_copy_text(np_arena *arena, const char *text, size_t length)
{
    char *copy = np_arena_array(arena, char, length + 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *np_arena_format(np_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : np_arena_array(arena, char, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

np_arena_mark np_arena_set_mark(np_arena *arena)
{
    block *b = arena->top;
    return (np_arena_mark){b, b == NULL ? 0 : b->used};
}

void np_arena_release(np_arena *arena, np_arena_mark mark)
{
    while (arena->top != NULL && arena->top != mark.block) {
        block *b = arena->top;
        arena->top = b->previous;
        np_arena_free(b->child);
        discharge(arena, sizeof(block) + b->size);
        free(b);
    }
    block *b = arena->top;
    if (b != NULL && b->used > mark.used) {
        memset(b->bytes + mark.used, 0, b->used - mark.used);
        b->used = mark.used;
    }
}

np_arena *np_arena_child(np_arena *parent)
{
    block *b = fails_now(parent) ? NULL : push_block(parent, 0);
    if (b == NULL)
        return NULL;
    b->child = np_arena_new(0);
    if (b->child != NULL)
        b->child->parent = parent;
    return b->child;
}

size_t np_arena_held(const np_arena *arena)
{
    return arena->held;
}

void np_arena_fail_at(np_arena *arena, size_t n)
{
    arena->fail_at = n;
}
