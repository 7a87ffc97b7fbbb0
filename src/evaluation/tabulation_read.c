/* tables.yaml as a whole. */
#include <string.h>

#include "evaluation/tabulation_reader.h"

const np_kind *tab_kind(np_reader *r, np_reader_key key)
{
    const char *name = np_reader_text(r, key);
    if (name == NULL)
        return NULL;
    size_t n;
    const np_kind *kinds = np_kinds(&n);
    const char *names[NP_MOST_KINDS];
    for (size_t i = 0; i < n && i < NP_MOST_KINDS; i++)
        names[i] = kinds[i].name;
    const np_kind *kind = np_kind_find(name);
    if (kind != NULL)
        return kind;
    const char *near = np_nearest_name(name, names, n);
    char hint[128] = "";
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    np_reader_problem(r, key.node, key.name, NP_E_UNKNOWN_NAME, hint,
                      _("there is no kind of records %s"), name);
    return NULL;
}

/* A table of cells: a row's key and its cells, one or a list. */
static np_tab_expected_row expected_row(np_reader *r, const np_yaml *key,
                                        const np_yaml *cells)
{
    np_tab_expected_row row = {.row = {key->text, key->line, key->column}};
    const np_yaml *item = np_reader_items(r, (np_reader_key){key->text, cells}, &row.n);
    np_plan_name *cell = np_reader_array(r, np_plan_name, row.n);
    for (size_t i = 0; cell != NULL && i < row.n; i++) {
        cell[i].line = item[i].line;
        cell[i].column = item[i].column;
        if (!np_yaml_is_null(&item[i]))
            cell[i].text = np_reader_text(r, (np_reader_key){key->text, &item[i]});
    }
    row.cell = cell;
    return row;
}

np_tab_expected tab_expected(np_reader *r, np_reader_key key)
{
    static const char *const keys[] = {"source", "columns", "rows"};
    np_tab_expected out = {0};
    if (key.node == NULL ||
        !np_reader_check_keys(r, key.node, _("expected"), keys, PLAN_COUNT(keys)))
        return out;
    out.line = key.node->line;
    out.column_at = key.node->column;
    out.source = np_reader_localised(r, np_reader_get(key.node, "source"));
    out.column = plan_names(r, np_reader_get(key.node, "columns"), &out.n_columns);
    np_reader_key rows = np_reader_get(key.node, "rows");
    np_reader_require(r, key.node, rows, _("expected"));
    if (rows.node == NULL)
        return out;
    if (rows.node->kind != NP_YAML_MAPPING) {
        np_reader_problem(r, rows.node, rows.name, NP_E_PARSE, NULL,
                          _("rows are written as {row: [cells]}"));
        return out;
    }
    np_tab_expected_row *row = np_reader_array(r, np_tab_expected_row, rows.node->n);
    for (size_t i = 0; row != NULL && i < rows.node->n; i++)
        row[i] = expected_row(r, &rows.node->key[i], &rows.node->item[i]);
    out.row = row;
    out.n_rows = row == NULL ? 0 : rows.node->n;
    return out;
}

static int missing_reason(np_reader *r, np_reader_key key, const char *const **words)
{
    static const char *const reasons[] = {
        "not_asked",      "blank",     "not_measured", "not_reported",
        "not_applicable", "dont_know", "suppressed",   "discontinued"};
    *words = reasons;
    return np_reader_choice(r, key, reasons, PLAN_COUNT(reasons), 0);
}

const np_tab_not_asked *tab_not_asked(np_reader *r, np_reader_key key, size_t *n)
{
    static const char *const keys[] = {"row", "columns", "reason"};
    const np_yaml *item = np_reader_items(r, key, n);
    np_tab_not_asked *out = np_reader_array(r, np_tab_not_asked, *n);
    for (size_t i = 0; out != NULL && i < *n; i++) {
        const char *const *words;
        out[i].reason = "not_asked";
        if (!np_reader_check_keys(r, &item[i], _("not_asked"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "row"), _("not_asked"));
        out[i].row = plan_name(r, np_reader_get(&item[i], "row"));
        out[i].column = plan_names(r, np_reader_get(&item[i], "columns"), &out[i].n);
        int reason = missing_reason(r, np_reader_get(&item[i], "reason"), &words);
        out[i].reason = words[reason];
    }
    return out;
}

static void rules(np_reader *r, np_tabulation *t, np_reader_key key)
{
    static const char *const keys[] = {"id",      "title",  "fill",
                                       "require", "weight", "over"};
    static const char *const fills[] = {"none", "first", "last"};
    const np_yaml *item = np_reader_items(r, key, &t->n_rules);
    np_tab_rule *rule = np_reader_array(r, np_tab_rule, t->n_rules);
    for (size_t i = 0; rule != NULL && i < t->n_rules; i++) {
        rule[i].id = "";
        if (!np_reader_check_keys(r, &item[i], _("a rule"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"), _("a rule"));
        const char *id = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        rule[i].id = id == NULL ? "" : id;
        rule[i].title = np_reader_localised(r, np_reader_get(&item[i], "title"));
        rule[i].fill = (np_tab_fill)np_reader_choice(r, np_reader_get(&item[i], "fill"),
                                                     fills, 3, 0);
        rule[i].require =
            plan_names(r, np_reader_get(&item[i], "require"), &rule[i].n_require);
        rule[i].weight = tab_path(r, np_reader_get(&item[i], "weight"), t->kind);
        rule[i].over = tab_path(r, np_reader_get(&item[i], "over"), t->kind);
    }
    t->rule = rule;
}

static void population(np_reader *r, np_tabulation *t, np_reader_key key)
{
    static const char *const keys[] = {"of", "each", "where"};
    if (key.node == NULL ||
        !np_reader_check_keys(r, key.node, _("a population"), keys, PLAN_COUNT(keys)))
        return;
    np_reader_require(r, key.node, np_reader_get(key.node, "of"), _("a population"));
    np_reader_require(r, key.node, np_reader_get(key.node, "each"), _("a population"));
    t->population.kind = tab_kind(r, np_reader_get(key.node, "of"));
    t->population.where =
        tab_scope(r, np_reader_get(key.node, "where"), t->population.kind);
    t->population.each = tab_path(r, np_reader_get(key.node, "each"), t->population.kind);
    if (t->each.text == NULL)
        np_reader_problem(
            r, key.node, "each", NP_E_PARSE, NULL,
            _("a table with a population says what its units are: each: PATH"));
}

static void list_columns(np_reader *r, np_tabulation *t, np_reader_key key)
{
    static const char *const keys[] = {"path", "title"};
    const np_yaml *item = np_reader_items(r, key, &t->n_list);
    np_tab_list_column *list = np_reader_array(r, np_tab_list_column, t->n_list);
    if (t->n_list > NP_QUERY_MOST_COLUMNS / NP_TAB_ALTERNATIVES) {
        np_reader_problem(r, key.node, key.name, NP_E_LIMIT, NULL,
                          _("%zu columns; a listing has at most %d"), t->n_list,
                          NP_QUERY_MOST_COLUMNS / NP_TAB_ALTERNATIVES);
        t->n_list = 0;
    }
    for (size_t i = 0; list != NULL && i < t->n_list; i++) {
        if (item[i].kind == NP_YAML_SCALAR) {
            list[i].path = tab_path(r, (np_reader_key){key.name, &item[i]}, t->kind);
            continue;
        }
        if (!np_reader_check_keys(r, &item[i], _("a column of a listing"), keys, 2))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "path"),
                          _("a column of a listing"));
        list[i].path = tab_path(r, np_reader_get(&item[i], "path"), t->kind);
        list[i].title = np_reader_localised(r, np_reader_get(&item[i], "title"));
    }
    t->list = list;
}

static void order(np_reader *r, np_tabulation *t, np_reader_key key)
{
    const np_yaml *item = np_reader_items(r, key, &t->n_order);
    np_tab_path *path = np_reader_array(r, np_tab_path, t->n_order);
    for (size_t i = 0; path != NULL && i < t->n_order; i++)
        path[i] = tab_path(r, (np_reader_key){key.name, &item[i]}, t->kind);
    t->order = path;
}

static void notes(np_reader *r, np_tabulation *t, np_reader_key key)
{
    const np_yaml *item = np_reader_items(r, key, &t->n_notes);
    np_localised *note = np_reader_array(r, np_localised, t->n_notes);
    for (size_t i = 0; note != NULL && i < t->n_notes; i++)
        note[i] = np_reader_localised(r, (np_reader_key){key.name, &item[i]});
    t->note = note;
}

/* The units that a table follows where it does not say. */
static void default_each(np_reader *r, np_tabulation *t)
{
    if (t->each.text != NULL || t->kind == NULL)
        return;
    bool item = strcmp(t->kind->name, "item") == 0;
    if (!item && np_kind_field(t->kind, "project") == t->kind->n_fields &&
        strcmp(t->kind->name, "project") != 0)
        return;
    np_error err = {0};
    const char *text = item                                    ? "project else bearer"
                       : strcmp(t->kind->name, "project") == 0 ? "id"
                                                               : "project";
    if (tab_path_parse(&t->each, text, t->kind, r->arena, &err) != NP_OK)
        r->no_memory = true;
}

static void totals(np_reader *r, np_tabulation *t, np_reader_key key)
{
    t->total = tab_statistics(r, key, t->kind, &t->n_totals);
    for (size_t i = 0; i < t->n_totals; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(t->total[i].id, t->total[j].id) == 0)
                np_reader_problem(r, key.node, "id", NP_E_DUPLICATE,
                                  _("give each total an id of its own"),
                                  _("two totals are called %s"), t->total[i].id);
}

static void show(np_reader *r, np_tabulation *t, np_reader_key key)
{
    t->show = tab_statistics(r, key, t->kind, &t->n_show);
    if (t->n_show > 0)
        return;
    np_tab_statistic *count = np_reader_array(r, np_tab_statistic, 1);
    if (count == NULL)
        return;
    *count = tab_count();
    t->show = count;
    t->n_show = 1;
}

static void read_rules_of_counting(np_reader *r, np_tabulation *t, const np_yaml *node)
{
    static const char *const responses[] = {"single", "multiple"};
    static const char *const bases[] = {"valid", "all"};
    static const char *const comparisons[] = {"cross_section", "matched"};
    static const char *const roundings[] = {"half_away", "half_even",
                                            "largest_remainder"};
    t->multiple =
        np_reader_choice(r, np_reader_get(node, "response"), responses, 2, 0) == 1;
    t->base_all = np_reader_choice(r, np_reader_get(node, "base"), bases, 2, 0) == 1;
    t->matched =
        np_reader_choice(r, np_reader_get(node, "compare"), comparisons, 2, 0) == 1;
    t->rounding = (np_tab_rounding)np_reader_choice(r, np_reader_get(node, "rounding"),
                                                    roundings, 3, 0);
    t->decimals =
        (int)np_reader_number_between(r, np_reader_get(node, "decimals"), 0, 10, -1);
    t->each = tab_path(r, np_reader_get(node, "each"), t->kind);
    default_each(r, t);
    if (t->matched && t->each.text == NULL)
        np_reader_problem(r, np_reader_get(node, "compare").node, "compare", NP_E_PARSE,
                          NULL, _("a matched table says what its units are: each: PATH"));
    population(r, t, np_reader_get(node, "population"));
    const char *coder = np_reader_text(r, np_reader_get(node, "coding"));
    t->coder = coder == NULL || strcmp(coder, "settled") == 0 ? NULL : coder;
}

static np_tabulation table_of(np_reader *r, const np_yaml *node)
{
    static const char *const keys[] = {
        "id",         "title",    "of",       "where",    "unit",  "rows",
        "columns",    "show",     "response", "base",     "each",  "compare",
        "population", "rounding", "decimals", "totals",   "rules", "not_asked",
        "coding",     "notes",    "source",   "expected", "list",  "order"};
    np_tabulation t = {.id = "", .line = node->line, .column = node->column};
    if (!np_reader_check_keys(r, node, _("a table"), keys, PLAN_COUNT(keys)))
        return t;
    np_reader_require(r, node, np_reader_get(node, "id"), _("a table"));
    np_reader_require(r, node, np_reader_get(node, "title"), _("a table"));
    np_reader_require(r, node, np_reader_get(node, "of"), _("a table"));
    const char *id = np_reader_identifier(r, np_reader_get(node, "id"));
    t.id = id == NULL ? "" : id;
    t.title = np_reader_localised(r, np_reader_get(node, "title"));
    t.unit = np_reader_localised(r, np_reader_get(node, "unit"));
    t.source = np_reader_localised(r, np_reader_get(node, "source"));
    notes(r, &t, np_reader_get(node, "notes"));
    t.kind = tab_kind(r, np_reader_get(node, "of"));
    if (t.kind == NULL)
        return t;
    t.where = tab_scope(r, np_reader_get(node, "where"), t.kind);
    t.rows = tab_axis(r, np_reader_get(node, "rows"), t.kind);
    t.columns = tab_axis(r, np_reader_get(node, "columns"), t.kind);
    show(r, &t, np_reader_get(node, "show"));
    totals(r, &t, np_reader_get(node, "totals"));
    read_rules_of_counting(r, &t, node);
    rules(r, &t, np_reader_get(node, "rules"));
    t.not_asked = tab_not_asked(r, np_reader_get(node, "not_asked"), &t.n_not_asked);
    t.expected = tab_expected(r, np_reader_get(node, "expected"));
    list_columns(r, &t, np_reader_get(node, "list"));
    order(r, &t, np_reader_get(node, "order"));
    return t;
}

static void tables(np_reader *r, np_tabulation_plan *plan, const np_yaml *root)
{
    static const char *const keys[] = {"tables"};
    if (!np_reader_check_keys(r, root, _("a file of tables"), keys, 1))
        return;
    np_reader_key key = np_reader_get(root, "tables");
    np_reader_require(r, root, key, _("a file of tables"));
    const np_yaml *item = np_reader_items(r, key, &plan->n);
    np_tabulation *table = np_reader_array(r, np_tabulation, plan->n);
    for (size_t i = 0; table != NULL && i < plan->n; i++) {
        table[i] = table_of(r, &item[i]);
        for (size_t j = 0; j < i; j++)
            if (table[i].id[0] != '\0' && strcmp(table[j].id, table[i].id) == 0)
                np_reader_problem(r, &item[i], "id", NP_E_DUPLICATE, NULL,
                                  _("%s stands twice"), table[i].id);
    }
    plan->table = table;
}

static np_status from_tree(np_tabulation_plan *out, const np_yaml *root, const char *name,
                           np_problems *problems, np_arena *arena, np_error *err)
{
    np_reader r = {.arena = arena, .problems = problems, .file = name};
    np_tabulation_plan plan = {.path = np_arena_copy_text(arena, name, strlen(name))};
    size_t before = problems->n;
    if (plan.path != NULL)
        tables(&r, &plan, root);
    if (plan.path == NULL || r.no_memory)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (problems->n > before) {
        if (err != NULL && err->status == NP_OK)
            *err = problems->item[before];
        return problems->item[before].status;
    }
    *out = plan;
    return NP_OK;
}

static np_status keep_as_problem(np_problems *problems, np_status status, np_error *err)
{
    if (status != NP_OK && status != NP_E_NO_MEMORY)
        np_problems_add(problems, err);
    return status;
}

np_status np_tabulation_read(np_tabulation_plan *out, const char *path,
                             np_problems *problems, np_arena *arena, np_error *err)
{
    const np_yaml *root = NULL;
    np_error own = {0};
    np_error *e = err == NULL ? &own : err;
    np_status status = keep_as_problem(problems, np_yaml_read(&root, path, arena, e), e);
    return status == NP_OK ? from_tree(out, root, path, problems, arena, e) : status;
}

np_status np_tabulation_read_text(np_tabulation_plan *out, const char *text,
                                  size_t length, const char *name, np_problems *problems,
                                  np_arena *arena, np_error *err)
{
    const np_yaml *root = NULL;
    np_error own = {0};
    np_error *e = err == NULL ? &own : err;
    np_status status = keep_as_problem(
        problems, np_yaml_read_text(&root, text, length, name, arena, e), e);
    return status == NP_OK ? from_tree(out, root, name, problems, arena, e) : status;
}
