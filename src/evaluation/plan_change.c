/* The keys of change scores. */
#include <math.h>
#include <string.h>

#include "evaluation/plan_reader.h"

static const np_plan_contrast *contrasts(np_reader *r, np_reader_key key, size_t *n)
{
    static const char *const keys[] = {"id", "label", "column", "values", "dummies"};
    const np_yaml *item = np_reader_items(r, key, n);
    np_plan_contrast *out = np_reader_array(r, np_plan_contrast, *n);
    for (size_t i = 0; out != NULL && i < *n; i++) {
        np_plan_contrast *c = &out[i];
        c->id = "";
        if (!np_reader_check_keys(r, &item[i], _("a contrast"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"), _("a contrast"));
        const char *id = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        c->id = id == NULL ? "" : id;
        c->label = np_reader_localised(r, np_reader_get(&item[i], "label"));
        c->name = plan_name(r, np_reader_get(&item[i], "column"));
        c->value = plan_values(r, np_reader_get(&item[i], "values"), &c->n_values);
        c->dummy = plan_attributes(r, np_reader_get(&item[i], "dummies"), &c->n_dummies);
        if ((c->name.text != NULL) == (c->n_dummies > 0))
            np_reader_problem(
                r, &item[i], "", NP_E_PARSE, NULL,
                _("a contrast is of a column's values or of a list of dummies"));
    }
    if (out == NULL)
        *n = 0;
    return out;
}

static void coding(np_reader *r, np_plan_grade *g, np_reader_key key)
{
    if (key.node == NULL)
        return;
    if (key.node->kind != NP_YAML_MAPPING) {
        np_reader_problem(r, key.node, key.name, NP_E_PARSE, _("{svært stor grad: 3, …}"),
                          _("it gives each answer its number"));
        return;
    }
    np_plan_code *code = np_reader_array(r, np_plan_code, key.node->n);
    for (size_t i = 0; code != NULL && i < key.node->n; i++) {
        code[i].text = key.node->key[i].text;
        code[i].number =
            np_reader_number(r, (np_reader_key){"coding", &key.node->item[i]}, NAN);
    }
    g->code = code;
    g->n_codes = code == NULL ? 0 : key.node->n;
}

static const np_plan_grade *grades(np_reader *r, np_reader_key key, size_t *n)
{
    static const char *const keys[] = {"id", "label", "column", "coding", "sides"};
    static const char *const sides[] = {"one", "two"};
    const np_yaml *item = np_reader_items(r, key, n);
    np_plan_grade *out = np_reader_array(r, np_plan_grade, *n);
    for (size_t i = 0; out != NULL && i < *n; i++) {
        out[i].id = "";
        if (!np_reader_check_keys(r, &item[i], _("a grade"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"), _("a grade"));
        np_reader_require(r, &item[i], np_reader_get(&item[i], "column"), _("a grade"));
        const char *id = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        out[i].id = id == NULL ? "" : id;
        out[i].label = np_reader_localised(r, np_reader_get(&item[i], "label"));
        out[i].name = plan_name(r, np_reader_get(&item[i], "column"));
        coding(r, &out[i], np_reader_get(&item[i], "coding"));
        out[i].sides =
            np_reader_choice(r, np_reader_get(&item[i], "sides"), sides, 2, -1) + 1;
    }
    if (out == NULL)
        *n = 0;
    return out;
}

static np_plan_informants informants(np_reader *r, np_reader_key key)
{
    static const char *const keys[] = {"data", "unit", "attributes", "grades"};
    np_plan_informants out = {.given = key.node != NULL};
    if (!out.given || !np_reader_check_keys(r, key.node, _("informants"), keys, 4))
        return out;
    out.line = key.node->line;
    out.column = key.node->column;
    np_reader_require(r, key.node, np_reader_get(key.node, "data"), _("informants"));
    np_reader_require(r, key.node, np_reader_get(key.node, "unit"), _("informants"));
    out.data = plan_data(r, np_reader_get(key.node, "data"));
    out.unit = plan_name(r, np_reader_get(key.node, "unit"));
    out.attribute =
        plan_attributes(r, np_reader_get(key.node, "attributes"), &out.n_attributes);
    out.grade = grades(r, np_reader_get(key.node, "grades"), &out.n_grades);
    return out;
}

static const char *const *texts(np_reader *r, np_reader_key key, size_t *n)
{
    const np_plan_name *name = plan_names(r, key, n);
    const char **out = np_reader_array(r, const char *, *n);
    for (size_t i = 0; out != NULL && i < *n; i++)
        out[i] = name[i].text;
    if (out == NULL)
        *n = 0;
    return out;
}

static np_plan_unit_panel one_unit_panel(np_reader *r, const np_yaml *node)
{
    static const char *const keys[] = {
        "id",       "label", "data",    "unit",    "time",    "outcome",    "start",
        "exposure", "knots", "weights", "cluster", "periods", "time_format"};
    static const char *const required[] = {"id", "data", "unit", "time", "outcome"};
    static const char *const formats[] = {"number", "four-quarters"};
    np_plan_unit_panel u = {.id = "", .line = node->line, .column = node->column};
    if (!np_reader_check_keys(r, node, _("unit_panel"), keys, PLAN_COUNT(keys)))
        return u;
    for (size_t i = 0; i < PLAN_COUNT(required); i++)
        np_reader_require(r, node, np_reader_get(node, required[i]), _("unit_panel"));
    const char *id = np_reader_identifier(r, np_reader_get(node, "id"));
    u.id = id == NULL ? "" : id;
    u.label = np_reader_localised(r, np_reader_get(node, "label"));
    u.data = plan_data(r, np_reader_get(node, "data"));
    u.unit = plan_name(r, np_reader_get(node, "unit"));
    u.time = plan_name(r, np_reader_get(node, "time"));
    u.outcome = plan_name(r, np_reader_get(node, "outcome"));
    u.start = plan_name(r, np_reader_get(node, "start"));
    u.exposure = plan_name(r, np_reader_get(node, "exposure"));
    u.weights = plan_name(r, np_reader_get(node, "weights"));
    u.cluster = plan_name(r, np_reader_get(node, "cluster"));
    u.four_quarters =
        np_reader_choice(r, np_reader_get(node, "time_format"), formats, 2, 0) == 1;
    u.knot = np_reader_numbers(r, np_reader_get(node, "knots"), &u.n_knots);
    for (size_t i = 1; i < u.n_knots; i++)
        if (!(u.knot[i] > u.knot[i - 1]))
            np_reader_problem(r, np_yaml_find(node, "knots"), "knots", NP_E_RANGE, NULL,
                              _("knots must ascend"));
    u.period = texts(r, np_reader_get(node, "periods"), &u.n_periods);
    if ((u.start.text != NULL) == (u.exposure.text != NULL))
        np_reader_problem(r, node, "exposure", NP_E_PARSE, NULL,
                          _("either the start of the treatment or the exposure itself"));
    else if (u.start.text != NULL && !u.four_quarters)
        np_reader_problem(
            r, node, "start", NP_E_PARSE, _("time_format: four-quarters"),
            _("the exposure is computed for windows of four quarters only"));
    return u;
}

static void unit_panels(np_reader *r, np_plan_question *q, np_reader_key key)
{
    const np_yaml *item = np_reader_items(r, key, &q->n_unit_panels);
    np_plan_unit_panel *out = np_reader_array(r, np_plan_unit_panel, q->n_unit_panels);
    for (size_t i = 0; out != NULL && i < q->n_unit_panels; i++)
        out[i] = one_unit_panel(r, &item[i]);
    q->unit_panel = out;
}

static void ranking(np_reader *r, np_plan_question *q, np_reader_key key)
{
    static const char *const keys[] = {"least", "show", "size"};
    q->ranking.given = key.node != NULL;
    if (!q->ranking.given || !np_reader_check_keys(r, key.node, _("ranking"), keys, 3))
        return;
    q->ranking.least =
        np_reader_number_between(r, np_reader_get(key.node, "least"), 0, 1e9, 0);
    q->ranking.show =
        (size_t)np_reader_number_between(r, np_reader_get(key.node, "show"), 0, 1e6, 0);
    q->ranking.size = plan_name(r, np_reader_get(key.node, "size"));
    if (q->ranking.size.text == NULL)
        q->ranking.size = q->weights;
    if (q->ranking.size.text == NULL)
        np_reader_problem(r, key.node, "size", NP_E_PARSE, _("size: employees"),
                          _("the ranking needs the units' size, or weights"));
    if (q->direction == 0)
        np_reader_problem(r, key.node, "direction", NP_E_PARSE, _("direction: lower"),
                          _("a ranking needs to know which direction is better"));
}

static void weighting(np_reader *r, np_plan_question *q, np_reader_key key)
{
    static const char *const names[] = {"unweighted", "weighted"};
    size_t n;
    const np_yaml *item = np_reader_items(r, key, &n);
    q->unweighted = key.node == NULL;
    q->weighted = key.node == NULL && q->weights.text != NULL;
    for (size_t i = 0; i < n; i++) {
        int which = np_reader_choice(r, (np_reader_key){key.name, &item[i]}, names, 2, 0);
        q->unweighted |= which == 0;
        q->weighted |= which == 1;
    }
    if (q->weighted && q->weights.text == NULL)
        np_reader_problem(r, key.node, key.name, NP_E_PARSE, _("weights: employees"),
                          _("weighted estimates need weights"));
}

static void windows(np_reader *r, np_plan_question *q, plan_finder *find,
                    const void *context)
{
    np_reader_key before = find(context, "before"), after = find(context, "after");
    const np_yaml place = {.line = q->line, .column = q->column};
    np_reader_require(r, &place, before, _("a question of change-scores"));
    np_reader_require(r, &place, after, _("a question of change-scores"));
    q->before = plan_names(r, before, &q->n_before);
    q->after = plan_names(r, after, &q->n_after);
    const np_reader_key both[] = {before, after};
    for (size_t i = 0; i < 2; i++)
        if (both[i].node != NULL && (i == 0 ? q->n_before : q->n_after) == 0)
            np_reader_problem(r, both[i].node, both[i].name, NP_E_PARSE,
                              _("for example [2010]"), _("the list names no period"));
    for (size_t i = 0; i < q->n_before; i++)
        for (size_t j = 0; j < q->n_after; j++)
            if (strcmp(q->before[i].text, q->after[j].text) == 0)
                np_reader_problem(r, after.node, after.name, NP_E_DUPLICATE, NULL,
                                  _("%s stands both before and after"), q->after[j].text);
    if (q->n_before + q->n_after > NP_MOST_WINDOWS)
        np_reader_problem(r, before.node, before.name, NP_E_LIMIT, NULL,
                          _("at most %d windows"), NP_MOST_WINDOWS);
}

void plan_change_scores(np_reader *r, np_plan_question *q, plan_finder *find,
                        const void *context, const np_yaml *own)
{
    size_t n_controls;
    np_reader_key controls =
        np_reader_get(own, "controls"); /* the defaults' are for panels */
    plan_names(r, controls, &n_controls);
    if (n_controls > 0)
        np_reader_problem(r, controls.node, controls.name, NP_E_PARSE, NULL,
                          _("change scores are compared without controls"));
    windows(r, q, find, context);
    weighting(r, q, find(context, "weighting"));
    q->contrast = contrasts(r, find(context, "contrasts"), &q->n_contrasts);
    q->attribute = plan_attributes(r, find(context, "attributes"), &q->n_attributes);
    q->least_participants = (size_t)np_reader_number_between(
        r, find(context, "least_participants"), 1, 1e6, 3);
    q->grade = grades(r, find(context, "grades"), &q->n_grades);
    q->informants = informants(r, find(context, "informants"));
    unit_panels(r, q, find(context, "unit_panel"));
    ranking(r, q, find(context, "ranking"));
}
