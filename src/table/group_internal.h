/* What the parts of np_group_columns() share; nobody else includes this. */
#ifndef NP_TABLE_GROUP_INTERNAL_H
#define NP_TABLE_GROUP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/parallel.h"
#include "table/group.h"

/* Where the key of a row comes from. Keys are integers whose order is that of
 * the values: integers and dates as they are, doubles by their bits, texts by
 * the rank of their label, and a pair of codes as first * n_second + second. */
typedef enum { KEY_I64, KEY_F64, KEY_I32, KEY_RANK, KEY_PAIR } key_kind;

typedef struct {
    key_kind kind;
    const np_column *column;
    const int32_t *rank;           /* KEY_RANK: of each label */
    const int32_t *first, *second; /* KEY_PAIR */
    int64_t n_second;
    const uint32_t *rows; /* NULL: all; pairs are of codes, already in order */
    size_t n;
} key_source;

enum { KEY_BATCH = 512 }; /* keys at a time: they stay in the first cache */

void group_load_keys(const key_source *s, size_t begin, size_t n, int64_t *key);

/* Runs `body` over the task's keys, a batch at a time. */
#define FOR_KEYS(source_, task, begin_, key_, count_, body)                              \
    do {                                                                                 \
        int64_t key_[KEY_BATCH];                                                         \
        size_t end_ = ((task) + 1) * NP_PARALLEL_ROWS;                                   \
        end_ = end_ < (source_)->n ? end_ : (source_)->n;                                \
        for (size_t begin_ = (task)*NP_PARALLEL_ROWS; begin_ < end_;                     \
             begin_ += KEY_BATCH) {                                                      \
            size_t count_ = end_ - begin_ < KEY_BATCH ? end_ - begin_ : KEY_BATCH;       \
            group_load_keys((source_), begin_, count_, key_);                            \
            body                                                                         \
        }                                                                                \
    } while (0)

static inline size_t group_tasks(size_t n)
{
    return (n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS;
}

/* group_hash.c: code[n] in key order by a table that all threads fill; `least` is the
 * smallest key, and the largest is less than UINT64_MAX above it. There are at most
 * most_groups different ones, by which the table's first size is chosen. */
bool group_code_by_hash(int32_t *code, int32_t *n_groups, const key_source *source,
                        int64_t least, size_t most_groups, np_arena *arena);

/* group_sort.c */
typedef struct {
    uint64_t key;
    uint32_t index;
} ranked_key;

/* Ascending by key, equal keys in their order; `spare` has room for n. Returns which
 * of the two holds the result. */
ranked_key *group_sort_keys(ranked_key *item, ranked_key *spare, size_t n);

/* rank[n] of each label of the dictionary among them, by bytes. NULL: no memory. */
const int32_t *group_label_ranks(const np_dict *dict, np_arena *arena);

#endif
