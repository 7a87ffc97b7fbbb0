/* Rows and columns of tables, as written. */
#include <string.h>

#include "evaluation/tabulation_reader.h"

const char *const np_tab_flag_names[] = {
    "reached_target",    "better_than_last", "worse_than_last", "same_as_last",
    "better_than_start", "worse_than_start", "same_as_start",   "no_target",
    "no_last",           "no_start"};

/* A value, {value: …, title: …} or {values: […], id: …, title: …}. */
static np_tab_entry entry(np_reader *r, np_reader_key key, const char *list)
{
    np_tab_entry out = {0};
    const np_yaml *node = key.node;
    if (node->kind == NP_YAML_SCALAR) {
        np_plan_name *one = np_reader_array(r, np_plan_name, 1);
        if (one == NULL)
            return out;
        *one = plan_name(r, key);
        out.value = one;
        out.n = 1;
        out.id = one->text;
        return out;
    }
    const char *keys[] = {"value", list, "id", "title"};
    if (!np_reader_check_keys(r, node, _("an entry"), keys, PLAN_COUNT(keys)))
        return out;
    np_reader_key values = np_reader_get(node, list);
    if (values.node == NULL)
        values = np_reader_get(node, "value");
    np_reader_require(r, node, values, _("an entry"));
    out.value = plan_names(r, values, &out.n);
    out.id = np_reader_identifier(r, np_reader_get(node, "id"));
    if (out.id == NULL && out.n > 0)
        out.id = out.value[0].text;
    out.title = np_reader_localised(r, np_reader_get(node, "title"));
    return out;
}

static const np_tab_entry *entries(np_reader *r, np_reader_key key, const char *list,
                                   size_t *n)
{
    const np_yaml *item = np_reader_items(r, key, n);
    np_tab_entry *out = np_reader_array(r, np_tab_entry, *n);
    size_t kept = 0;
    for (size_t i = 0; out != NULL && i < *n; i++) {
        np_tab_entry one = entry(r, (np_reader_key){key.name, &item[i]}, list);
        if (one.n > 0)
            out[kept++] = one;
    }
    *n = kept;
    return out;
}

static void titles(np_reader *r, np_tab_level *level, np_reader_key key)
{
    const np_yaml *map = key.node;
    if (map == NULL)
        return;
    if (map->kind != NP_YAML_MAPPING) {
        np_reader_problem(r, map, key.name, NP_E_PARSE, NULL,
                          _("titles are written as {value: title}"));
        return;
    }
    np_tab_entry *out = np_reader_array(r, np_tab_entry, map->n);
    np_plan_name *name = np_reader_array(r, np_plan_name, map->n);
    for (size_t i = 0; out != NULL && name != NULL && i < map->n; i++) {
        name[i] = (np_plan_name){map->key[i].text, map->key[i].line, map->key[i].column};
        out[i].value = &name[i];
        out[i].n = 1;
        out[i].id = name[i].text;
        out[i].title = np_reader_localised(r, (np_reader_key){key.name, &map->item[i]});
    }
    level->titled = out;
    level->n_titled = out == NULL || name == NULL ? 0 : map->n;
}

static void conditions(np_reader *r, np_tab_level *level, np_reader_key key,
                       const np_kind *kind)
{
    static const char *const keys[] = {"id", "title", "where"};
    const np_yaml *item = np_reader_items(r, key, &level->n_conditions);
    np_tab_named_scope *out = np_reader_array(r, np_tab_named_scope, level->n_conditions);
    for (size_t i = 0; out != NULL && i < level->n_conditions; i++) {
        if (!np_reader_check_keys(r, &item[i], _("an entry of conditions"), keys, 3))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"),
                          _("an entry of conditions"));
        out[i].id = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        out[i].title = np_reader_localised(r, np_reader_get(&item[i], "title"));
        out[i].where = tab_scope(r, np_reader_get(&item[i], "where"), kind);
    }
    level->condition = out;
}

static void flags(np_reader *r, np_tab_level *level, np_reader_key key,
                  const np_kind *kind)
{
    const np_yaml *item = np_reader_items(r, key, &level->n_flags);
    uint8_t *flag = np_reader_array(r, uint8_t, level->n_flags);
    for (size_t i = 0; flag != NULL && i < level->n_flags; i++)
        flag[i] = (uint8_t)np_reader_choice(r, (np_reader_key){key.name, &item[i]},
                                            np_tab_flag_names, NP_TAB_N_FLAGS, 0);
    level->flag = flag;
    if (strcmp(kind->name, "measurement") != 0)
        np_reader_problem(r, key.node, key.name, NP_E_RANGE, NULL,
                          _("flags are of measurements, and this table is of %s"),
                          kind->name);
}

static void changes(np_reader *r, np_tab_level *level, np_reader_key key)
{
    bool yes;
    if (key.node == NULL)
        return;
    level->changes = true;
    if (np_yaml_bool(&yes, key.node)) {
        level->changes = yes;
        return;
    }
    const np_yaml *item = np_reader_items(r, key, &level->n_changes);
    np_plan_name(*pair)[2] =
        np_reader_alloc(r, level->n_changes, sizeof(np_plan_name[2]));
    for (size_t i = 0; pair != NULL && i < level->n_changes; i++) {
        size_t n;
        const np_plan_name *name = plan_names(r, (np_reader_key){key.name, &item[i]}, &n);
        if (n != 2) {
            np_reader_problem(r, &item[i], key.name, NP_E_PARSE, NULL,
                              _("a change is between two: [[2013, 2014]]"));
            continue;
        }
        pair[i][0] = name[0];
        pair[i][1] = name[1];
    }
    level->change = (const np_plan_name(*)[2])pair;
}

static void made_by(np_reader *r, np_tab_level *level, const np_yaml *node,
                    const np_kind *kind)
{
    static const char *const sorts[] = {"by", "scheme", "flags", "conditions", "show"};
    size_t found = 0;
    for (size_t i = 0; i < PLAN_COUNT(sorts); i++) {
        np_reader_key key = np_reader_get(node, sorts[i]);
        if (key.node == NULL)
            continue;
        if (++found > 1)
            np_reader_problem(
                r, key.node, key.name, NP_E_DUPLICATE, NULL,
                _("a level is made by one of by, scheme, flags, conditions, "
                  "show"));
        level->sort = (np_tab_level_sort)i;
        if (level->sort == NP_TAB_BY)
            level->path = tab_path(r, key, kind);
        else if (level->sort == NP_TAB_SCHEME)
            level->scheme = plan_name(r, key);
        else if (level->sort == NP_TAB_FLAGS)
            flags(r, level, key, kind);
        else if (level->sort == NP_TAB_CONDITIONS)
            conditions(r, level, key, kind);
        else
            level->statistic = tab_statistics(r, key, kind, &level->n_statistics);
        if (level->sort == NP_TAB_SCHEME && strcmp(kind->name, "item") != 0)
            np_reader_problem(r, key.node, key.name, NP_E_RANGE, NULL,
                              _("schemes are of items, and this table is of %s"),
                              kind->name);
    }
    if (found == 0)
        np_reader_problem(
            r, node, "", NP_E_PARSE, NULL,
            _("a level is made by one of by, scheme, flags, conditions, show"));
}

/* true, or a title that says so too. */
static bool wanted(np_reader *r, np_reader_key key, np_localised *title)
{
    bool yes;
    if (key.node == NULL)
        return false;
    if (np_yaml_bool(&yes, key.node))
        return yes;
    *title = np_reader_localised(r, key);
    return true;
}

static np_tab_level level_of(np_reader *r, const np_yaml *node, const np_kind *kind)
{
    static const char *const keys[] = {"by",      "scheme", "flags",        "conditions",
                                       "show",    "values", "titles",       "title",
                                       "groups",  "sums",   "missing",      "total",
                                       "changes", "order",  "missing_title"};
    static const char *const groups[] = {"headings", "subtotals", "only", "none"};
    static const char *const missing[] = {"left_out", "row"};
    static const char *const orders[] = {"listed", "descending"};
    np_tab_level level = {.line = node->line, .column = node->column};
    if (!np_reader_check_keys(r, node, _("a level of rows or columns"), keys,
                              PLAN_COUNT(keys)))
        return level;
    made_by(r, &level, node, kind);
    level.title = np_reader_localised(r, np_reader_get(node, "title"));
    level.value = entries(r, np_reader_get(node, "values"), "values", &level.n_values);
    level.sum = entries(r, np_reader_get(node, "sums"), "of", &level.n_sums);
    titles(r, &level, np_reader_get(node, "titles"));
    level.groups =
        (np_tab_groups)np_reader_choice(r, np_reader_get(node, "groups"), groups, 4, 0);
    level.missing_row =
        np_reader_choice(r, np_reader_get(node, "missing"), missing, 2, 0) == 1;
    level.missing_title = np_reader_localised(r, np_reader_get(node, "missing_title"));
    level.total = wanted(r, np_reader_get(node, "total"), &level.total_title);
    changes(r, &level, np_reader_get(node, "changes"));
    level.descending =
        np_reader_choice(r, np_reader_get(node, "order"), orders, 2, 0) == 1;
    return level;
}

static np_tab_block block_of(np_reader *r, np_reader_key key, const np_kind *kind)
{
    np_tab_block block = {0};
    size_t n;
    const np_yaml *item = np_reader_items(r, key, &n);
    if (n > NP_TAB_DEEPEST) {
        np_reader_problem(r, key.node, key.name, NP_E_LIMIT, NULL,
                          _("%zu levels; at most %d are nested"), n, NP_TAB_DEEPEST);
        n = 0;
    }
    np_tab_level *level = np_reader_array(r, np_tab_level, n);
    for (size_t i = 0; level != NULL && i < n; i++)
        level[i] = level_of(r, &item[i], kind);
    block.level = level;
    block.n = level == NULL ? 0 : n;
    if (block.n == 1)
        block.title = level[0].title;
    return block;
}

np_tab_axis tab_axis(np_reader *r, np_reader_key key, const np_kind *kind)
{
    static const char *const keys[] = {"blocks"};
    np_tab_axis axis = {0};
    if (key.node == NULL || kind == NULL)
        return axis;
    np_reader_key blocks = np_reader_get(key.node, "blocks");
    if (blocks.node != NULL && !np_reader_check_keys(r, key.node, _("blocks"), keys, 1))
        return axis;
    const np_yaml *item = key.node;
    axis.n = 1;
    if (blocks.node != NULL)
        item = np_reader_items(r, blocks, &axis.n);
    np_tab_block *block = np_reader_array(r, np_tab_block, axis.n);
    for (size_t i = 0; block != NULL && i < axis.n; i++)
        block[i] = block_of(r, (np_reader_key){key.name, &item[i]}, kind);
    axis.block = block;
    if (block == NULL)
        axis.n = 0;
    return axis;
}
