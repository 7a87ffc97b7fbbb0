/* Statistics of tables, as written. */
#include <string.h>

#include "evaluation/tabulation_reader.h"

static const char *const sorts[] = {
    "count", "distinct", "municipalities", "sum",   "mean",     "min",
    "max",   "range",    "value",          "ratio", "indicator"};

np_tab_statistic tab_count(void)
{
    return (np_tab_statistic){.id = "count", .factor = 1, .decimals = -1};
}

static np_tab_statistic of_word(np_reader *r, np_reader_key key)
{
    static const char *const words[] = {"count", "percent"};
    np_tab_statistic s = tab_count();
    s.line = key.node->line;
    s.column = key.node->column;
    if (np_reader_choice(r, key, words, 2, 0) == 1) {
        s.id = "percent";
        s.percent_of = NP_TAB_OF_COLUMN;
    }
    return s;
}

static void percentage(np_reader *r, np_tab_statistic *s, const np_yaml *node)
{
    static const char *const bases[] = {"column", "row", "table", "cell"};
    np_reader_key key = np_reader_get(node, "percent_of"),
                  print = np_reader_get(node, "print");
    static const char *const prints[] = {"percent", "of"};
    s->print_of = np_reader_choice(r, print, prints, 2, 0) == 1;
    const char *text = np_reader_text(r, key);
    for (size_t i = 0; text != NULL && i < PLAN_COUNT(bases); i++)
        if (strcmp(text, bases[i]) == 0) {
            s->percent_of = (np_tab_base)(NP_TAB_OF_COLUMN + i);
            text = NULL;
        }
    if (text != NULL) {
        s->percent_of = NP_TAB_OF_TOTAL;
        s->total = plan_name(r, key);
    }
    if (s->print_of && s->percent_of == NP_TAB_NO_BASE)
        np_reader_problem(r, print.node, print.name, NP_E_PARSE,
                          _("add percent_of: column, row, table, cell or a total's id"),
                          _("of what is not said"));
}

static void ratio_parts(np_reader *r, np_tab_statistic *s, np_reader_key key,
                        const np_kind *kind)
{
    size_t n;
    const np_yaml *item = np_reader_items(r, key, &n);
    if (n != 2) {
        np_reader_problem(r, key.node, key.name, NP_E_PARSE, NULL,
                          _("a ratio is of two statistics: [{sum: numerator}, {sum: "
                            "denominator}]"));
        return;
    }
    np_tab_statistic *part = np_reader_array(r, np_tab_statistic, 2);
    for (size_t i = 0; part != NULL && i < 2; i++) {
        part[i] = tab_statistic(r, (np_reader_key){key.name, &item[i]}, kind);
        if (part[i].sort >= NP_TAB_RATIO || part[i].sort == NP_TAB_RANGE ||
            part[i].percent_of != NP_TAB_NO_BASE) {
            np_reader_problem(r, &item[i], key.name, NP_E_PARSE, NULL,
                              _("a part of a ratio is a count, a sum or another number"));
            part[i] = tab_count();
        }
    }
    s->part = part;
}

static void source(np_reader *r, np_tab_statistic *s, np_reader_key key)
{
    static const char *const keys[] = {"of", "where", "paths"};
    if (key.node == NULL ||
        !np_reader_check_keys(r, key.node, _("other records"), keys, PLAN_COUNT(keys)))
        return;
    np_tab_source *from = np_reader_array(r, np_tab_source, 1);
    if (from == NULL)
        return;
    np_reader_require(r, key.node, np_reader_get(key.node, "of"), _("other records"));
    from->kind = tab_kind(r, np_reader_get(key.node, "of"));
    from->where = tab_scope(r, np_reader_get(key.node, "where"), from->kind);
    const np_yaml *map = np_reader_get(key.node, "paths").node;
    if (map != NULL && map->kind == NP_YAML_MAPPING) {
        np_tab_path *path = np_reader_array(r, np_tab_path, map->n);
        const char **of = np_reader_array(r, const char *, map->n);
        for (size_t i = 0; path != NULL && of != NULL && i < map->n; i++) {
            path[i] = tab_path(r, (np_reader_key){"paths", &map->item[i]}, from->kind);
            of[i] = map->key[i].text;
        }
        from->path = path;
        from->of = of;
        from->n_paths = path == NULL || of == NULL ? 0 : map->n;
    } else if (map != NULL) {
        np_reader_problem(
            r, map, "paths", NP_E_PARSE, NULL,
            _("paths are written as {path of the table: path of that kind}"));
    }
    s->from = from->kind == NULL ? NULL : from;
}

static void check_path(np_reader *r, const np_tab_statistic *s, np_reader_key key)
{
    bool number = s->sort >= NP_TAB_SUM && s->sort <= NP_TAB_VALUE;
    if (number && s->path.n > 0 && !tab_is_numeric(&s->path))
        np_reader_problem(r, key.node, key.name, NP_E_RANGE,
                          _("a number or an integer of one field"), _("%s is no number"),
                          s->path.text);
    if (s->path.sort == NP_TAB_FIELD && s->sort == NP_TAB_MUNICIPALITIES &&
        s->path.n > 0 &&
        (s->path.field.type != NP_FIELD_REFERENCE ||
         strcmp(s->path.field.among, "project") != 0))
        np_reader_problem(
            r, key.node, key.name, NP_E_RANGE, NULL,
            _("%s does not lead to projects, whose municipalities are counted"),
            s->path.text);
}

static void indicator(np_reader *r, np_tab_statistic *s, np_reader_key key,
                      const np_kind *kind)
{
    static const char *const words[] = {"organisations", "units", "periods"};
    s->across = (uint8_t)np_reader_choice(r, key, words, 3, 0);
    if (strcmp(kind->name, "measurement") != 0)
        np_reader_problem(r, key.node, key.name, NP_E_RANGE, NULL,
                          _("an indicator's rule is of measurements, and this is of %s"),
                          kind->name);
}

static void main_key(np_reader *r, np_tab_statistic *s, const np_yaml *node,
                     const np_kind *kind)
{
    size_t found = 0;
    for (size_t i = 0; i < PLAN_COUNT(sorts); i++) {
        np_reader_key key = np_reader_get(node, sorts[i]);
        if (key.node == NULL)
            continue;
        if (++found > 1) {
            np_reader_problem(r, key.node, key.name, NP_E_DUPLICATE, NULL,
                              _("a statistic is one of them: %s or %s"), s->id, sorts[i]);
            continue;
        }
        s->sort = (np_tab_statistic_sort)i;
        s->id = sorts[i];
        if (s->sort == NP_TAB_RATIO) {
            ratio_parts(r, s, key, kind);
        } else if (s->sort == NP_TAB_INDICATOR) {
            indicator(r, s, key, kind);
        } else if (s->sort != NP_TAB_COUNT || key.node->kind != NP_YAML_SCALAR ||
                   strcmp(key.node->text, "id") != 0) {
            s->path = tab_path(r, key, kind);
            check_path(r, s, key);
        }
    }
    if (found == 0)
        np_reader_problem(r, node, "", NP_E_PARSE, NULL,
                          _("a statistic is one of count, distinct, municipalities, sum, "
                            "mean, min, max, range, value, ratio, indicator"));
}

static np_tab_statistic of_mapping(np_reader *r, np_reader_key key, const np_kind *kind)
{
    static const char *const keys[] = {
        "count",  "distinct", "municipalities", "sum",        "mean",      "min",
        "max",    "range",    "value",          "ratio",      "indicator", "id",
        "title",  "where",    "print",          "percent_of", "over",      "weight",
        "factor", "partial",  "decimals",       "by_rule",    "from"};
    np_tab_statistic s = tab_count();
    const np_yaml *node = key.node;
    s.line = node->line;
    s.column = node->column;
    if (!np_reader_check_keys(r, node, _("a statistic"), keys, PLAN_COUNT(keys)))
        return s;
    source(r, &s, np_reader_get(node, "from"));
    if (s.from != NULL)
        kind = s.from->kind;
    main_key(r, &s, node, kind);
    percentage(r, &s, node);
    if (s.percent_of != NP_TAB_NO_BASE && s.sort > NP_TAB_SUM) {
        np_reader_problem(r, np_reader_get(node, "percent_of").node, "percent_of",
                          NP_E_PARSE, NULL, _("a per cent is of a count or a sum"));
        s.percent_of = NP_TAB_NO_BASE;
    }
    const char *id = np_reader_identifier(r, np_reader_get(node, "id"));
    if (id != NULL)
        s.id = id;
    else if (s.percent_of != NP_TAB_NO_BASE)
        s.id = "percent";
    s.title = np_reader_localised(r, np_reader_get(node, "title"));
    s.where = tab_scope(r, np_reader_get(node, "where"), kind);
    s.over = tab_path(r, np_reader_get(node, "over"), kind);
    s.weight = tab_path(r, np_reader_get(node, "weight"), kind);
    s.factor = np_reader_number(r, np_reader_get(node, "factor"), 1);
    s.partial = np_reader_bool(r, np_reader_get(node, "partial"), false);
    s.by_rule = np_reader_bool(r, np_reader_get(node, "by_rule"), false);
    s.decimals =
        (int)np_reader_number_between(r, np_reader_get(node, "decimals"), 0, 10, -1);
    return s;
}

np_tab_statistic tab_statistic(np_reader *r, np_reader_key key, const np_kind *kind)
{
    if (key.node == NULL || kind == NULL)
        return tab_count();
    if (key.node->kind == NP_YAML_SCALAR)
        return of_word(r, key);
    return of_mapping(r, key, kind);
}

const np_tab_statistic *tab_statistics(np_reader *r, np_reader_key key,
                                       const np_kind *kind, size_t *n)
{
    const np_yaml *item = np_reader_items(r, key, n);
    np_tab_statistic *s = np_reader_array(r, np_tab_statistic, *n);
    for (size_t i = 0; s != NULL && i < *n; i++)
        s[i] = tab_statistic(r, (np_reader_key){key.name, &item[i]}, kind);
    if (s == NULL)
        *n = 0;
    return s;
}
