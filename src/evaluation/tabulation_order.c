/* Which rows are printed, and in what order: nested records only below those that they
 * belong to, and from the largest value down where the table's rows ask for it. */
#include <math.h>
#include <string.h>

#include "evaluation/tabulation_internal.h"

static bool is_sorted_level(const tab_work *w, const tab_leaf *leaf)
{
    if (leaf->block >= w->table->rows.n) /* a table without rows */
        return false;
    const np_tab_block *block = &w->table->rows.block[leaf->block];
    return leaf->n > 0 && leaf->n == block->n && block->level[leaf->n - 1].descending &&
           leaf->header.sort == NP_TAB_ORDINARY && !leaf->empty;
}

/* Rows of the same outer entries, and of the same group of a scheme. */
static bool are_siblings(const tab_leaf *a, const tab_leaf *b)
{
    return a->block == b->block && a->n == b->n && a->header.indent == b->header.indent &&
           memcmp(a->entry, b->entry, (a->n - 1) * sizeof *a->entry) == 0;
}

/* What rows are ordered by: the value in the first column; rows without one come last. */
static double value_of(const tab_work *w, const tab_cells *cells, size_t row)
{
    const tab_leaf *column = &w->columns.leaf[0];
    const tab_stat *stat = &w->stat[column->stat < 0 ? 0 : column->stat];
    np_tab_cell cell =
        tab_cell_of(w, &w->facts, stat, &cells->cell[2 * (row * w->columns.n)]);
    return cell.sort == NP_TAB_NUMBER ? cell.value : -INFINITY;
}

/* to[i]: which row comes at place i. Equal ones stay as they were. */
static void sort_run(size_t *to, const double *value, size_t first, size_t n)
{
    for (size_t i = first + 1; i < first + n; i++) {
        size_t row = to[i], j = i;
        for (; j > first && value[to[j - 1]] < value[row]; j--)
            to[j] = to[j - 1];
        to[j] = row;
    }
}

/* Records within others (measures of projects) are no categories: a pair that no record
 * has is not a count of none, it is no row. Where values are listed they are wanted. */
static bool is_no_pair(const tab_work *w, size_t row)
{
    const tab_leaf *leaf = &w->rows.leaf[row];
    if (leaf->n < 2 || leaf->block >= w->table->rows.n || leaf->empty ||
        leaf->header.sort != NP_TAB_ORDINARY || w->row_fact[row] != w->facts.n)
        return false;
    const np_tab_block *block = &w->table->rows.block[leaf->block];
    const np_tab_level *level = &block->level[leaf->n - 1];
    if (leaf->n != block->n || level->sort != NP_TAB_BY || level->n_values > 0 ||
        level->path.field.type != NP_FIELD_REFERENCE)
        return false;
    const np_kind *kind = np_kind_find(level->path.field.among);
    return kind != NULL && !kind->defined;
}

/* The n rows that stay. Tables with changes by row keep all. */
static size_t rows_that_stay(size_t *to, const tab_work *w)
{
    bool changes = false;
    size_t n = 0;
    for (size_t i = 0; i < w->rows.n; i++)
        changes = changes || w->rows.leaf[i].change[0] >= 0;
    for (size_t i = 0; i < w->rows.n; i++)
        if (changes || !is_no_pair(w, i))
            to[n++] = i;
    return n;
}

/* Of an array with R parts those n that `to` names, in its order. */
static bool permute(void *array, const size_t *to, size_t n, size_t R, size_t size,
                    np_arena *arena)
{
    char *from = array, *copy = np_arena_alloc(arena, R + 1, size);
    if (copy == NULL)
        return false;
    memcpy(copy, from, R * size);
    for (size_t i = 0; i < n; i++)
        memcpy(from + i * size, copy + to[i] * size, size);
    return true;
}

static bool move_rows(tab_work *w, tab_cells *cells, const size_t *to, size_t n)
{
    size_t R = w->rows.n, C = w->columns.n;
    size_t *at = np_arena_array(w->arena, size_t, R);
    if (at == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        at[to[i]] = i;
    for (size_t i = 0; i < R; i++)
        for (int k = 0; k < 2; k++)
            if (w->rows.leaf[i].change[k] >= 0)
                w->rows.leaf[i].change[k] = (int)at[w->rows.leaf[i].change[k]];
    w->rows.n = n;
    return permute(w->rows.leaf, to, n, R, sizeof *w->rows.leaf, w->arena) &&
           permute(w->row_fact, to, n, R, sizeof *w->row_fact, w->arena) &&
           permute(cells->cell, to, n, R, 2 * C * sizeof *cells->cell, w->arena) &&
           permute(cells->whole, to, n, R, C * sizeof *cells->whole, w->arena) &&
           permute(cells->row, to, n, R, w->n_stats * sizeof *cells->row, w->arena);
}

/* Runs of siblings that are to be sorted; whether there are any. */
static bool sort_rows(size_t *to, size_t n, double *value, const tab_work *w,
                      const tab_cells *cells)
{
    bool any = false;
    for (size_t first = 0; first < n;) {
        const tab_leaf *leaf = &w->rows.leaf[to[first]];
        size_t next = first + 1;
        if (is_sorted_level(w, leaf)) {
            while (next < n && is_sorted_level(w, &w->rows.leaf[to[next]]) &&
                   are_siblings(leaf, &w->rows.leaf[to[next]]))
                next++;
            for (size_t i = first; i < next; i++)
                value[to[i]] = value_of(w, cells, to[i]);
            sort_run(to, value, first, next - first);
            any = true;
        }
        first = next;
    }
    return any;
}

np_status tab_arrange_rows(tab_work *w, tab_cells *cells, np_error *err)
{
    size_t R = w->rows.n;
    if (R == 0 || w->columns.n == 0)
        return NP_OK;
    size_t *to = np_arena_array(w->arena, size_t, R);
    double *value = np_arena_array(w->arena, double, R);
    if (to == NULL || value == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
    size_t n = rows_that_stay(to, w);
    bool sorted = sort_rows(to, n, value, w, cells);
    if ((sorted || n < R) && !move_rows(w, cells, to, n))
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
    return NP_OK;
}
