/* Dense codes 0 … n_groups-1 for the distinct values of one or several
 * columns: units, periods, clusters, fixed effects. */
#ifndef NP_TABLE_GROUP_H
#define NP_TABLE_GROUP_H

#include "table/table.h"

typedef struct {
    const int32_t *code; /* [n] */
    size_t n, n_groups;
    const int32_t *first_row; /* [n_groups] index, among the n, of a row of the group,
                                 by which its label is found */
} np_groups;

/* Codes follow the values' order: numbers and dates ascending, texts by their
 * bytes, several columns lexicographically, as R's factor() in the C locale.
 * rows[n] picks and orders the rows; NULL: all, and n is the table's n_rows.
 * A missing cell is an error here: callers drop those rows first.
 * Cost: two passes where the rows come in the order of the values or integers
 * span a small range, else hashing on all processors and a sort of the distinct
 * values. The codes do not depend on the number of processors.
 * NP_E_RANGE a missing cell; NP_E_NO_MEMORY. */
np_status np_group_columns(np_groups *out, const np_table *table,
                           const np_column *const *columns, size_t n_columns,
                           const uint32_t *rows, size_t n, np_arena *arena,
                           np_error *err);

/* The label of a group: the column's value as text; several columns are joined
 * with "_". Lives in the arena; NULL: no memory. */
const char *np_group_label(const np_groups *groups, const np_column *const *columns,
                           size_t n_columns, const uint32_t *rows, int32_t group,
                           np_arena *arena);

#endif
