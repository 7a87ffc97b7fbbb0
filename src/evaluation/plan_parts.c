/* Parts that several places of a plan use: data files, conditions, attributes. */
#include <math.h>
#include <string.h>

#include "evaluation/plan_reader.h"

static char plan_char(np_reader *r, np_reader_key key, const char *allowed)
{
    const char *text = np_reader_text(r, key);
    if (text == NULL)
        return 0;
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        text = "\t";
    if (strlen(text) == 1 && strchr(allowed, text[0]) != NULL)
        return text[0];
    np_reader_problem(r, key.node, key.name, NP_E_RANGE, NULL,
                      _("\"%s\" is not one of the characters it may be"), text);
    return 0;
}

static void text_columns(np_reader *r, np_csv_spec *csv, np_reader_key key)
{
    size_t n;
    const np_plan_name *name = plan_names(r, key, &n);
    const char **text = np_reader_array(r, const char *, n);
    for (size_t i = 0; text != NULL && i < n; i++)
        text[i] = name[i].text;
    csv->text_columns = text;
    csv->n_text_columns = text == NULL ? 0 : n;
}

np_plan_data plan_data(np_reader *r, np_reader_key key)
{
    static const char *const keys[] = {
        "file", "separator", "decimal", "encoding", "dash_is_zero", "skip_lines", "text"};
    static const char *const encodings[] = {"utf-8", "windows-1252"};
    np_plan_data data = {.file = {NULL, 0, 0}};
    if (key.node == NULL)
        return data;
    if (key.node->kind == NP_YAML_SCALAR) {
        data.file = plan_name(r, key);
        return data;
    }
    if (!np_reader_check_keys(r, key.node, _("data"), keys, PLAN_COUNT(keys)))
        return data;
    data.file = plan_name(r, np_reader_get(key.node, "file"));
    np_reader_require(r, key.node, np_reader_get(key.node, "file"), _("data"));
    data.csv.separator = plan_char(r, np_reader_get(key.node, "separator"), ",;\t|");
    data.csv.decimal = plan_char(r, np_reader_get(key.node, "decimal"), ".,");
    int encoding =
        np_reader_choice(r, np_reader_get(key.node, "encoding"), encodings, 2, -1);
    data.csv.encoding = encoding < 0 ? NULL : encodings[encoding];
    data.csv.dash_is_zero =
        np_reader_bool(r, np_reader_get(key.node, "dash_is_zero"), false);
    data.csv.skip_lines = (size_t)np_reader_number_between(
        r, np_reader_get(key.node, "skip_lines"), 0, 1000, 0);
    text_columns(r, &data.csv, np_reader_get(key.node, "text"));
    return data;
}

static void condition_values(np_reader *r, np_condition *c, np_condition_kind kind,
                             np_reader_key key)
{
    const np_plan_name *name = plan_names(r, key, &c->n_values);
    const char **value = np_reader_array(r, const char *, c->n_values);
    for (size_t i = 0; value != NULL && i < c->n_values; i++)
        value[i] = name[i].text;
    c->value = value;
    c->kind = kind;
    if (value == NULL)
        c->n_values = 0;
}

static np_condition one_condition(np_reader *r, const np_yaml *node)
{
    static const char *const keys[] = {"column", "equals", "not",    "in",
                                       "min",    "max",    "missing"};
    np_condition c = {.low = -INFINITY, .high = INFINITY};
    if (!np_reader_check_keys(r, node, _("a condition"), keys, PLAN_COUNT(keys)))
        return c;
    np_reader_require(r, node, np_reader_get(node, "column"), _("a condition"));
    c.name = plan_name(r, np_reader_get(node, "column"));
    np_reader_key equals = np_reader_get(node, "equals"),
                  not = np_reader_get(node, "not"), in = np_reader_get(node, "in"),
                  min = np_reader_get(node, "min"), max = np_reader_get(node, "max"),
                  missing = np_reader_get(node, "missing");
    int n = (equals.node != NULL) + (not .node != NULL) + (in.node != NULL) +
            (min.node != NULL || max.node != NULL) + (missing.node != NULL);
    if (n != 1) {
        np_reader_problem(
            r, node, "", NP_E_PARSE,
            _("equals, not, in, min and max, or missing; a list of conditions "
              "holds when all hold"),
            _("a condition says one thing about its column"));
    } else if (equals.node != NULL) {
        condition_values(r, &c, NP_CONDITION_IN, equals);
    } else if (in.node != NULL) {
        condition_values(r, &c, NP_CONDITION_IN, in);
    } else if (not .node != NULL) {
        condition_values(r, &c, NP_CONDITION_NOT, not );
    } else if (missing.node != NULL) {
        c.kind = np_reader_bool(r, missing, true) ? NP_CONDITION_MISSING
                                                  : NP_CONDITION_PRESENT;
    } else {
        c.kind = NP_CONDITION_RANGE;
        c.low = np_reader_number(r, min, -INFINITY);
        c.high = np_reader_number(r, max, INFINITY);
    }
    return c;
}

const np_condition *plan_conditions(np_reader *r, np_reader_key key, size_t *n)
{
    const np_yaml *item = np_reader_items(r, key, n);
    np_condition *condition = np_reader_array(r, np_condition, *n);
    for (size_t i = 0; condition != NULL && i < *n; i++)
        condition[i] = one_condition(r, &item[i]);
    if (condition == NULL)
        *n = 0;
    return condition;
}

/* An identifier that stands once in its list. */
static void check_once(np_reader *r, const np_yaml *node, const char *id,
                       const char *const *before, size_t n)
{
    for (size_t i = 0; i < n && id != NULL; i++)
        if (before[i] != NULL && strcmp(before[i], id) == 0)
            np_reader_problem(r, node, "id", NP_E_DUPLICATE, NULL, _("%s stands twice"),
                              id);
}

const np_plan_attribute *plan_attributes(np_reader *r, np_reader_key key, size_t *n)
{
    static const char *const keys[] = {"id", "label", "column", "equals"};
    const np_yaml *item = np_reader_items(r, key, n);
    np_plan_attribute *out = np_reader_array(r, np_plan_attribute, *n);
    const char **ids = np_reader_array(r, const char *, *n);
    if (out == NULL || ids == NULL) {
        *n = 0;
        return NULL;
    }
    for (size_t i = 0; i < *n; i++) {
        out[i].id = "";
        if (!np_reader_check_keys(r, &item[i], _("an attribute"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"), _("an attribute"));
        np_reader_require(r, &item[i], np_reader_get(&item[i], "column"),
                          _("an attribute"));
        ids[i] = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        check_once(r, &item[i], ids[i], ids, i);
        out[i].id = ids[i] == NULL ? "" : ids[i];
        out[i].label = np_reader_localised(r, np_reader_get(&item[i], "label"));
        out[i].name = plan_name(r, np_reader_get(&item[i], "column"));
        out[i].equals = np_reader_text(r, np_reader_get(&item[i], "equals"));
    }
    return out;
}

np_plan_subgroup *plan_values(np_reader *r, np_reader_key key, size_t *n)
{
    static const char *const keys[] = {"value", "id", "label"};
    const np_yaml *item = np_reader_items(r, key, n);
    np_plan_subgroup *out = np_reader_array(r, np_plan_subgroup, *n);
    const char **ids = np_reader_array(r, const char *, *n);
    if (out == NULL || ids == NULL) {
        *n = 0;
        return NULL;
    }
    for (size_t i = 0; i < *n; i++) {
        out[i].value = out[i].id = "";
        if (!np_reader_check_keys(r, &item[i], _("a value"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "value"), _("a value"));
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"), _("a value"));
        const char *value = np_reader_text(r, np_reader_get(&item[i], "value"));
        ids[i] = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        check_once(r, &item[i], ids[i], ids, i);
        out[i].value = value == NULL ? "" : value;
        out[i].id = ids[i] == NULL ? "" : ids[i];
        out[i].label = np_reader_localised(r, np_reader_get(&item[i], "label"));
    }
    return out;
}
