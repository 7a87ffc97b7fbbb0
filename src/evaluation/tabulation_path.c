/* Paths and conditions of tables. */
#include <string.h>

#include "evaluation/tabulation_reader.h"
#include "programme/value.h"

static bool is_special(const np_kind *kind, const char *text, np_tab_path_sort *sort)
{
    static const struct {
        const char *kind, *word;
        np_tab_path_sort sort;
    } special[] = {{"measurement", "when", NP_TAB_WHEN},
                   {"obligation", "state", NP_TAB_STATE},
                   {"obligation", "on_time", NP_TAB_ON_TIME}};
    for (size_t i = 0; i < PLAN_COUNT(special); i++)
        if (strcmp(kind->name, special[i].kind) == 0 &&
            strcmp(text, special[i].word) == 0) {
            *sort = special[i].sort;
            return true;
        }
    return false;
}

/* The text within "year(…)"; the text itself where it is none. */
static np_str within_year(const char *text, np_tab_path *path)
{
    np_str s = np_str_trim(np_str_of(text));
    if (s.length < 7 || memcmp(s.text, "year(", 5) != 0 || s.text[s.length - 1] != ')')
        return s;
    path->sort = NP_TAB_YEAR;
    return np_str_trim((np_str){s.text + 5, s.length - 6});
}

static np_status one_alternative(np_tab_path *path, np_str part, const np_kind *kind,
                                 np_arena *arena, np_error *err)
{
    if (path->n == NP_TAB_ALTERNATIVES)
        return np_fail(err, NP_E_LIMIT, _("\"%s\" has more than %d alternatives"),
                       path->text, NP_TAB_ALTERNATIVES);
    part = np_str_trim(part);
    const char *text = np_arena_copy_text(arena, part.text, part.length);
    if (text == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_field field;
    const np_kind *owner;
    np_status status = np_path_field(&owner, &field, kind, text, err);
    if (status == NP_OK && path->n == 0) {
        path->field = field;
        path->owner = owner;
    }
    path->path[path->n++] = text;
    return status;
}

static const np_field made_field[] = {
    [NP_TAB_YEAR] = {.name = "year", .type = NP_FIELD_PERIOD},
    [NP_TAB_WHEN] = {.name = "when", .type = NP_FIELD_TEXT},
    [NP_TAB_STATE] = {.name = "state",
                      .type = NP_FIELD_CHOICE,
                      .among = "waived|not_due|overdue|draft|submitted|returned|"
                               "approved"},
    [NP_TAB_ON_TIME] = {.name = "on_time", .type = NP_FIELD_CHOICE, .among = "yes|no"}};

np_status tab_path_parse(np_tab_path *out, const char *text, const np_kind *kind,
                         np_arena *arena, np_error *err)
{
    np_tab_path path = {.text = np_arena_copy_text(arena, text, strlen(text)),
                        .owner = kind};
    if (path.text == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (is_special(kind, text, &path.sort)) {
        path.field = made_field[path.sort];
        *out = path;
        return NP_OK;
    }
    np_str rest = within_year(text, &path);
    np_status status = NP_OK;
    while (status == NP_OK) {
        size_t length = rest.length;
        for (size_t i = 0; i + 6 <= rest.length && length == rest.length; i++)
            if (memcmp(rest.text + i, " else ", 6) == 0)
                length = i;
        status = one_alternative(&path, (np_str){rest.text, length}, kind, arena, err);
        if (length == rest.length)
            break;
        rest = (np_str){rest.text + length + 6, rest.length - length - 6};
    }
    if (status != NP_OK)
        return status;
    if (path.sort == NP_TAB_YEAR) {
        if (path.field.type != NP_FIELD_DATE && path.field.type != NP_FIELD_PERIOD)
            return np_fail(err, NP_E_RANGE, _("%s is no date or period, and has no year"),
                           path.path[0]);
        path.field = made_field[NP_TAB_YEAR];
    }
    *out = path;
    return NP_OK;
}

/* A problem of the store's or the value reader's own, at the node. */
static void problem_at(np_reader *r, const np_yaml *node, const char *key,
                       const np_error *err)
{
    np_reader_problem(r, node, key, err->status, err->hint, "%s", err->message);
}

np_tab_path tab_path(np_reader *r, np_reader_key key, const np_kind *kind)
{
    np_tab_path path = {0};
    const char *text = np_reader_text(r, key);
    if (text == NULL || kind == NULL)
        return path;
    np_error err = {0};
    if (tab_path_parse(&path, text, kind, r->arena, &err) != NP_OK)
        problem_at(r, key.node, key.name, &err);
    path.line = key.node->line;
    path.column = key.node->column;
    return path;
}

bool tab_is_numeric(const np_tab_path *path)
{
    return path->text != NULL && path->n == 1 && path->sort == NP_TAB_FIELD &&
           (path->field.type == NP_FIELD_INTEGER || path->field.type == NP_FIELD_NUMBER);
}

/* References are texts here: whether there is such a record only the store knows. */
static np_status parse_value(np_value *out, const np_tab_path *path, const char *text,
                             np_arena *arena, np_error *err)
{
    np_field field = path->field;
    if (path->sort == NP_TAB_YEAR || path->sort == NP_TAB_WHEN)
        field.type = NP_FIELD_TEXT;
    field.required = false;
    np_status status = np_value_parse(out, &field, text, strlen(text), '.', arena, err);
    if (status == NP_OK && out->type == NP_VALUE_NONE)
        return np_fail(err, NP_E_RANGE,
                       _("no value to compare %s with; {present: false} asks for none"),
                       path->text);
    return status;
}

static const np_value *values(np_reader *r, np_reader_key key, const np_tab_path *path,
                              size_t *n)
{
    const np_yaml *item = np_reader_items(r, key, n);
    np_value *value = np_reader_array(r, np_value, *n);
    for (size_t i = 0; value != NULL && i < *n; i++) {
        const char *text = np_reader_text(r, (np_reader_key){key.name, &item[i]});
        np_error err = {0};
        if (text != NULL && parse_value(&value[i], path, text, r->arena, &err) != NP_OK)
            problem_at(r, &item[i], key.name, &err);
    }
    return value;
}

typedef struct {
    np_tab_condition *item;
    size_t n, room;
} condition_list;

static void add(condition_list *list, np_tab_condition condition)
{
    if (list->n < list->room)
        list->item[list->n++] = condition;
}

static const struct {
    const char *word;
    np_where_sort sort;
} comparisons[] = {{"not", NP_WHERE_OTHER},
                   {"at_least", NP_WHERE_AT_LEAST},
                   {"at_most", NP_WHERE_AT_MOST},
                   {"more_than", NP_WHERE_MORE},
                   {"less_than", NP_WHERE_LESS}};

static void add_comparisons(np_reader *r, condition_list *list, np_reader_key key,
                            const np_tab_path *path)
{
    static const char *const words[] = {"not",       "at_least",  "at_most",
                                        "more_than", "less_than", "present"};
    if (!np_reader_check_keys(r, key.node, _("a condition"), words, PLAN_COUNT(words)))
        return;
    for (size_t i = 0; i < PLAN_COUNT(comparisons); i++) {
        np_reader_key word = np_reader_get(key.node, comparisons[i].word);
        if (word.node == NULL)
            continue;
        np_tab_condition c = {.path = *path, .sort = comparisons[i].sort};
        c.value = values(r, word, path, &c.n);
        if (c.sort != NP_WHERE_OTHER && c.n != 1)
            np_reader_problem(r, word.node, word.name, NP_E_PARSE, NULL,
                              _("one value is expected here"));
        add(list, c);
    }
    np_reader_key present = np_reader_get(key.node, "present");
    if (present.node != NULL)
        add(list, (np_tab_condition){.path = *path,
                                     .sort = np_reader_bool(r, present, true)
                                                 ? NP_WHERE_PRESENT
                                                 : NP_WHERE_ABSENT});
}

np_tab_scope tab_scope(np_reader *r, np_reader_key key, const np_kind *kind)
{
    np_tab_scope scope = {0};
    const np_yaml *map = key.node;
    if (map == NULL || kind == NULL)
        return scope;
    if (map->kind != NP_YAML_MAPPING) {
        np_reader_problem(r, map, key.name, NP_E_PARSE, NULL,
                          _("conditions are written as {path: value}"));
        return scope;
    }
    condition_list list = {.room = 6 * map->n};
    list.item = np_reader_array(r, np_tab_condition, list.room);
    for (size_t i = 0; list.item != NULL && i < map->n; i++) {
        size_t seen = r->problems->n_seen;
        np_tab_path path = tab_path(r, (np_reader_key){key.name, &map->key[i]}, kind);
        if (r->problems->n_seen != seen || path.text == NULL)
            continue;
        np_reader_key one = {map->key[i].text, &map->item[i]};
        if (one.node->kind == NP_YAML_MAPPING) {
            add_comparisons(r, &list, one, &path);
            continue;
        }
        np_tab_condition c = {.path = path, .sort = NP_WHERE_EQUAL};
        c.value = values(r, one, &path, &c.n);
        if (one.node->kind == NP_YAML_SEQUENCE && one.node->n == 0)
            np_reader_problem(r, one.node, one.name, NP_E_PARSE,
                              _("name one or more values, or leave the condition out"),
                              _("no record is any of no values"));
        add(&list, c);
    }
    scope.item = list.item;
    scope.n = list.n;
    return scope;
}

/* Where the sign of a comparison stands in "value>=50", and its sort. */
static size_t find_sign(const char *text, np_where_sort *sort, size_t *width)
{
    size_t at = strcspn(text, "=!<>");
    static const struct {
        const char *sign;
        np_where_sort sort;
    } signs[] = {{"!=", NP_WHERE_OTHER},   {">=", NP_WHERE_AT_LEAST},
                 {"<=", NP_WHERE_AT_MOST}, {"=", NP_WHERE_EQUAL},
                 {">", NP_WHERE_MORE},     {"<", NP_WHERE_LESS}};
    for (size_t i = 0; i < PLAN_COUNT(signs); i++)
        if (strncmp(text + at, signs[i].sign, strlen(signs[i].sign)) == 0) {
            *sort = signs[i].sort;
            *width = strlen(signs[i].sign);
            return at;
        }
    *width = 0;
    return at;
}

np_status np_tabulation_condition(np_tab_condition *out, const np_kind *kind,
                                  const char *text, np_arena *arena, np_error *err)
{
    np_tab_condition c = {0};
    size_t width, at = find_sign(text, &c.sort, &width);
    if (width == 0 || at == 0)
        return np_fail(err, NP_E_USAGE,
                       _("\"%s\" is no condition; write PATH=VALUE, with =, !=, >=, <=, "
                         "> or <"),
                       text);
    np_str left = np_str_trim((np_str){text, at});
    const char *path = np_arena_copy_text(arena, left.text, left.length);
    if (path == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = tab_path_parse(&c.path, path, kind, arena, err);
    const char *rest = text + at + width;
    np_value *value = np_arena_array(arena, np_value, strlen(rest) + 1);
    while (status == NP_OK && value != NULL) {
        size_t length = strcspn(rest, "|");
        const char *one = np_arena_copy_text(arena, rest, length);
        if (one == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        status = parse_value(&value[c.n++], &c.path, one, arena, err);
        if (rest[length] == '\0')
            break;
        rest += length + 1;
    }
    if (value == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status == NP_OK && c.n > 1 && c.sort > NP_WHERE_OTHER)
        return np_fail(err, NP_E_USAGE, _("\"%s\": one value is compared with"), text);
    c.value = value;
    if (status == NP_OK)
        *out = c;
    return status;
}
