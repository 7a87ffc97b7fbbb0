/* From the levels of an axis, as written, to its entries and leaves: what each row and
 * column asks of a fact. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/tabulation_entries.h"

void tab_problem(tab_work *w, uint32_t line, uint32_t column, np_status status,
                 const char *hint, const char *format, ...)
{
    np_error err = {0};
    char message[sizeof err.message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    np_fail(&err, status, "%s", message);
    np_error_file(&err, w->plan->path);
    np_error_at(&err, line, column);
    if (hint != NULL && hint[0] != '\0')
        np_error_hint(&err, "%s", hint);
    np_problems_add(w->problems, &err);
}

/* What the axis needs of the facts, before they are loaded. */
np_status tab_axis_need(tab_work *w, const np_tab_axis *axis, np_error *err)
{
    np_status status = NP_OK;
    size_t index;
    for (size_t b = 0; b < axis->n && status == NP_OK; b++)
        for (size_t l = 0; l < axis->block[b].n && status == NP_OK; l++) {
            const np_tab_level *level = &axis->block[b].level[l];
            if (level->sort == NP_TAB_BY)
                status = tab_facts_dim(&index, &w->facts, &level->path, err);
            else if (level->sort == NP_TAB_SCHEME && level->scheme.text != NULL)
                status = tab_facts_scheme(&index, &w->facts, level->scheme.text, err);
            else if (level->sort == NP_TAB_FLAGS)
                status = tab_facts_flags(&index, &w->facts, err);
            for (size_t i = 0; i < level->n_conditions && status == NP_OK; i++)
                status = tab_scope_need(&w->facts, &level->condition[i].where, err);
        }
    return status;
}

/* The levels of a block with their entries. */
typedef struct {
    tab_level_entries level[NP_TAB_DEEPEST + 1];
    size_t n;
    np_localised title;
} block_levels;

typedef struct {
    tab_work *w;
    tab_side *side;
    size_t room, block;
    bool rows;
} leaf_list;

static const char *join_key(np_arena *arena, const char *outer, const char *inner)
{
    return outer == NULL ? inner : np_arena_format(arena, "%s/%s", outer, inner);
}

static np_status add_leaf(leaf_list *list, tab_leaf leaf, np_error *err)
{
    tab_side *side = list->side;
    if (leaf.header.key == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
    if (side->n == list->room) {
        size_t room = list->room == 0 ? 32 : 2 * list->room;
        tab_leaf *more = room > NP_TAB_MOST_CELLS
                             ? NULL
                             : np_arena_array(list->w->arena, tab_leaf, room);
        if (more == NULL)
            return np_fail(err, NP_E_LIMIT, _("the table has too many rows or columns"));
        if (side->n > 0)
            memcpy(more, side->leaf, side->n * sizeof *more);
        side->leaf = more;
        list->room = room;
    }
    leaf.block = list->block;
    leaf.change[0] = leaf.change[1] = -1;
    side->leaf[side->n++] = leaf;
    return NP_OK;
}

/* A leaf of the entries so far. */
static tab_leaf extend(const leaf_list *list, const tab_leaf *outer,
                       const tab_entry *entry)
{
    tab_leaf leaf = *outer;
    leaf.entry[leaf.n++] = entry;
    leaf.header.key = join_key(list->w->arena, outer->header.key, entry->key);
    if (entry->stat >= 0)
        leaf.stat = entry->stat;
    if (entry->sort != NP_TAB_ORDINARY)
        leaf.header.sort = entry->sort;
    leaf.header.rule_above = entry->rule_above;
    leaf.empty = leaf.empty || entry->empty;
    if (entry->first_period != NULL || entry->last_period != NULL) {
        leaf.first_period = entry->first_period;
        leaf.last_period = entry->last_period;
    }
    leaf.header.label[leaf.header.n_labels++] = entry->label;
    if (list->rows)
        leaf.header.indent += entry->indent;
    return leaf;
}

/* Changes refer to entries of their level: to the leaf with the same entries else. */
static void resolve_change(leaf_list *list, size_t first, const tab_level_entries *level,
                           size_t at)
{
    tab_side *side = list->side;
    for (size_t i = first; i < side->n; i++) {
        const tab_entry *e = side->leaf[i].entry[at];
        if (side->leaf[i].n <= at || e->sort != NP_TAB_CHANGE)
            continue;
        for (size_t j = first; j < side->n; j++) {
            bool same = side->leaf[i].n == side->leaf[j].n;
            for (size_t k = at + 1; same && k < side->leaf[i].n; k++)
                same = side->leaf[i].entry[k] == side->leaf[j].entry[k];
            for (int side_of = 0; same && side_of < 2; side_of++)
                if (side->leaf[j].entry[at] == &level->entry[e->change[side_of]])
                    side->leaf[i].change[side_of] = (int)j;
        }
    }
}

static np_status add_below(leaf_list *list, const block_levels *block, size_t at,
                           const tab_leaf *outer, np_error *err)
{
    const tab_level_entries *level = &block->level[at];
    size_t first = list->side->n;
    np_status status = NP_OK;
    for (size_t i = 0; i < level->n && status == NP_OK; i++) {
        const tab_entry *entry = &level->entry[i];
        tab_leaf leaf = extend(list, outer, entry);
        if (at + 1 == block->n) {
            status = add_leaf(list, leaf, err);
            continue;
        }
        if (entry->empty) { /* a heading over entries that have levels below them */
            if (list->rows)
                status = add_leaf(list, leaf, err);
            continue;
        }
        if (list->rows) {
            tab_leaf heading = leaf;
            heading.header.sort = NP_TAB_GROUP;
            heading.empty = true;
            status = add_leaf(list, heading, err);
            leaf.header.indent++;
        }
        if (status == NP_OK)
            status = add_below(list, block, at + 1, &leaf, err);
    }
    resolve_change(list, first, level, at);
    return status;
}

static np_status block_entries(block_levels *out, tab_work *w, const np_tab_block *block,
                               bool rows, np_error *err)
{
    np_status status = NP_OK;
    out->title = block->title;
    for (size_t l = 0; l < block->n && status == NP_OK; l++)
        status = tab_level_build(&out->level[out->n++], w, &block->level[l], err);
    bool has_statistics = false;
    for (size_t l = 0; l < block->n; l++)
        has_statistics = has_statistics || block->level[l].sort == NP_TAB_STATISTICS;
    if (status == NP_OK && !rows && !has_statistics &&
        (w->table->n_show > 1 || block->n == 0))
        status = tab_level_of_statistics(&out->level[out->n++], w, w->table->show,
                                         w->table->n_show, err);
    return status;
}

static np_status add_block(leaf_list *list, const np_tab_block *block, bool titled,
                           np_error *err)
{
    block_levels levels = {.n = 0};
    np_status status = block_entries(&levels, list->w, block, list->rows, err);
    if (status != NP_OK || levels.n == 0)
        return status;
    tab_leaf outer = {.stat = -1};
    if (titled && list->rows && !np_localised_is_empty(&levels.title)) {
        tab_leaf heading = outer;
        heading.header = (np_tab_header){.key = "",
                                         .label = {levels.title},
                                         .n_labels = 1,
                                         .sort = NP_TAB_GROUP,
                                         .rule_above = list->side->n > 0};
        heading.empty = true;
        status = add_leaf(list, heading, err);
        outer.header.indent = 1;
    }
    if (levels.n > list->side->n_levels)
        list->side->n_levels = levels.n;
    return status == NP_OK ? add_below(list, &levels, 0, &outer, err) : status;
}

/* One row over all records, where the table has no rows. */
static np_status add_only_row(leaf_list *list, np_error *err)
{
    static const tab_tests no_tests;
    tab_entry *entry = np_arena_array(list->w->arena, tab_entry, 1);
    if (entry == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
    *entry = (tab_entry){.key = "all", .stat = -1, .tests = no_tests};
    entry->label = np_localised_is_empty(&list->w->table->unit) ? tab_word("count")
                                                                : list->w->table->unit;
    tab_leaf outer = {.stat = -1};
    list->side->n_levels = 1;
    return add_leaf(list, extend(list, &outer, entry), err);
}

/* The period of a column, for categories that were not asked for in it. */
static void find_periods(tab_side *side, const np_tab_axis *axis)
{
    for (size_t i = 0; i < side->n; i++) {
        tab_leaf *leaf = &side->leaf[i];
        const np_tab_block *block =
            leaf->block < axis->n ? &axis->block[leaf->block] : NULL;
        for (size_t l = 0; block != NULL && l < block->n && l < leaf->n; l++)
            if (block->level[l].sort == NP_TAB_BY &&
                (block->level[l].path.field.type == NP_FIELD_PERIOD) &&
                leaf->entry[l]->sort == NP_TAB_ORDINARY)
                leaf->period = leaf->entry[l]->key;
    }
}

static bool is_partition(const np_tab_axis *axis)
{
    if (axis->n != 1)
        return false;
    for (size_t l = 0; l < axis->block[0].n; l++) {
        const np_tab_level *level = &axis->block[0].level[l];
        if (level->sort != NP_TAB_BY && level->sort != NP_TAB_SCHEME)
            return false;
        if (level->groups == NP_TAB_GROUPS_ONLY && level->sort == NP_TAB_SCHEME)
            return false;
    }
    return axis->block[0].n > 0;
}

np_status tab_side_build(tab_side *out, tab_work *w, const np_tab_axis *axis, bool rows,
                         np_error *err)
{
    static const np_tab_block empty;
    leaf_list list = {.w = w, .side = out, .rows = rows};
    *out = (tab_side){.partition = is_partition(axis)};
    np_status status = NP_OK;
    if (axis->n == 0)
        status = rows ? add_only_row(&list, err) : add_block(&list, &empty, false, err);
    for (size_t b = 0; b < axis->n && status == NP_OK; b++) {
        list.block = b;
        status = add_block(&list, &axis->block[b], axis->n > 1, err);
    }
    if (status == NP_OK && !rows)
        find_periods(out, axis);
    return status;
}
