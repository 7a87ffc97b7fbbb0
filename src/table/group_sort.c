#include <stdlib.h>
#include <string.h>

#include "table/group_internal.h"

enum { DIGIT_BITS = 8, N_DIGITS = 8, N_BUCKETS = 1 << DIGIT_BITS };

static size_t digit_of(uint64_t key, int digit)
{
    return (key >> (digit * DIGIT_BITS)) & (N_BUCKETS - 1);
}

/* Least significant digit first; a digit that all keys share needs no pass. */
ranked_key *group_sort_keys(ranked_key *item, ranked_key *spare, size_t n)
{
    size_t count[N_DIGITS][N_BUCKETS] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < N_DIGITS; d++)
            count[d][digit_of(item[i].key, d)]++;
    for (int d = 0; d < N_DIGITS && n > 1; d++) {
        if (count[d][digit_of(item[0].key, d)] == n)
            continue;
        size_t next[N_BUCKETS], sum = 0;
        for (size_t b = 0; b < N_BUCKETS; b++) {
            next[b] = sum;
            sum += count[d][b];
        }
        for (size_t i = 0; i < n; i++)
            spare[next[digit_of(item[i].key, d)]++] = item[i];
        ranked_key *sorted = spare;
        spare = item;
        item = sorted;
    }
    return item;
}

/* The first eight bytes, so that numbers compare as texts do. */
static uint64_t prefix_of(const char *text)
{
    uint64_t prefix = 0;
    int i = 0;
    for (; i < 8 && text[i] != '\0'; i++)
        prefix = prefix << 8 | (unsigned char)text[i];
    return i == 0 ? 0 : prefix << (8 * (8 - i));
}

static int by_rest(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef struct {
    const char *rest; /* behind the prefix */
    uint32_t index;
} tied_label;

/* Labels of one prefix, of which more than one is there only if all have 8 bytes. */
static void sort_ties(ranked_key *item, size_t n, const np_dict *dict, tied_label *tied)
{
    for (size_t i = 0; i < n; i++)
        tied[i] = (tied_label){dict->label[item[i].index] + 8, item[i].index};
    qsort(tied, n, sizeof *tied, by_rest);
    for (size_t i = 0; i < n; i++)
        item[i].index = tied[i].index;
}

const int32_t *group_label_ranks(const np_dict *dict, np_arena *arena)
{
    const size_t n = dict->n;
    int32_t *rank = np_arena_array(arena, int32_t, n);
    ranked_key *item = np_arena_array(arena, ranked_key, n);
    ranked_key *spare = np_arena_array(arena, ranked_key, n);
    if (rank == NULL || item == NULL || spare == NULL)
        return NULL;
    for (size_t k = 0; k < n; k++)
        item[k] = (ranked_key){prefix_of(dict->label[k]), (uint32_t)k};
    ranked_key *sorted = group_sort_keys(item, spare, n);
    /* both are 16 bytes: the array that is not the result serves as scratch */
    tied_label *tied = (tied_label *)(void *)(sorted == item ? spare : item);
    _Static_assert(sizeof *tied == sizeof *item, "one serves as the other");
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end].key == sorted[i].key;)
            end++;
        if (end - i > 1)
            sort_ties(sorted + i, end - i, dict, tied);
    }
    for (size_t k = 0; k < n; k++)
        rank[sorted[k].index] = (int32_t)k;
    return rank;
}
