/* One question of a plan. */
#include <math.h>
#include <string.h>

#include "evaluation/plan_reader.h"

/* The keys of a question and the design they belong to. */
enum { PANEL = 1 << NP_DESIGN_PANEL_DID, CHANGE = 1 << NP_DESIGN_CHANGE_SCORES };
enum { BOTH = PANEL | CHANGE };

static const struct {
    const char *name;
    int designs;
} question_keys[] = {
    {"id", BOTH},
    {"title", BOTH},
    {"description", BOTH},
    {"criterion", BOTH},
    {"design", BOTH},
    {"data", BOTH},
    {"rows", BOTH},
    {"unit", BOTH},
    {"unit_name", BOTH},
    {"unit_label", BOTH},
    {"time", BOTH},
    {"outcome", BOTH},
    {"outcome_label", BOTH},
    {"uom", BOTH},
    {"direction", BOTH},
    {"participants", BOTH},
    {"cohorts", BOTH},
    {"only_cohorts", BOTH},
    {"comparison_filter", BOTH},
    {"weights", BOTH},
    {"figure_weights", BOTH},
    {"cluster", BOTH},
    {"vcov", BOTH},
    {"decision", BOTH},
    {"periods", PANEL},
    {"comparison", PANEL},
    {"controls", BOTH},
    {"estimators", PANEL},
    {"linear_time", PANEL},
    {"by_cohort", PANEL},
    {"event_study", PANEL},
    {"inference", PANEL},
    {"sensitivity", PANEL},
    {"subgroups", PANEL},
    {"before", CHANGE},
    {"after", CHANGE},
    {"weighting", CHANGE},
    {"contrasts", CHANGE},
    {"attributes", CHANGE},
    {"least_participants", CHANGE},
    {"grades", CHANGE},
    {"informants", CHANGE},
    {"unit_panel", CHANGE},
    {"ranking", CHANGE},
};
enum { N_QUESTION_KEYS = PLAN_COUNT(question_keys) };

static const char *const design_names[] = {"panel-difference-in-differences",
                                           "change-scores"};

/* Where a key is looked for: the question, then the defaults. */
typedef struct {
    const np_yaml *question, *defaults;
} scope;

static np_reader_key find(const void *context, const char *name)
{
    const scope *s = context;
    np_reader_key key = {name, np_yaml_find(s->question, name)};
    if (key.node != NULL)
        return np_reader_get(s->question, name);
    return np_reader_get(s->defaults, name);
}

static bool check_question_keys(np_reader *r, const np_yaml *node, const char *what,
                                int designs)
{
    const char *names[N_QUESTION_KEYS];
    size_t n = 0;
    for (size_t i = 0; i < N_QUESTION_KEYS; i++)
        if (designs == BOTH || (question_keys[i].designs & designs) != 0)
            names[n++] = question_keys[i].name;
    return np_reader_check_keys(r, node, what, names, n);
}

bool plan_check_defaults(np_reader *r, const np_yaml *defaults)
{
    if (!check_question_keys(r, defaults, _("defaults"), BOTH))
        return false;
    for (size_t i = 0; i < defaults->n; i++) {
        const char *name = defaults->key[i].text;
        if (strcmp(name, "id") == 0 || strcmp(name, "title") == 0)
            np_reader_problem(r, &defaults->key[i], name, NP_E_PARSE, NULL,
                              _("each question has its own"));
    }
    return true;
}

static void participants(np_reader *r, np_plan_question *q, const np_yaml *node,
                         np_reader_key key)
{
    static const char *const keys[] = {"column", "treated", "theme", "role"};
    static const char *const roles[] = {"main", "additional"};
    if (key.node == NULL) {
        np_reader_problem(r, node, key.name, NP_E_PARSE,
                          _("participants: {column: cohort_start}"),
                          _("a question must say who participates, and from when"));
        return;
    }
    if (!np_reader_check_keys(r, key.node, _("participants"), keys, PLAN_COUNT(keys)))
        return;
    np_reader_key role = np_reader_get(key.node, "role");
    q->cohort = plan_name(r, np_reader_get(key.node, "column"));
    q->treated = plan_name(r, np_reader_get(key.node, "treated"));
    q->theme = plan_name(r, np_reader_get(key.node, "theme"));
    int which = np_reader_choice(r, role, roles, PLAN_COUNT(roles), -1);
    q->theme_role = which < 0 ? NULL : roles[which];
    if ((q->cohort.text != NULL) + (q->treated.text != NULL) + (q->theme.text != NULL) !=
        1)
        np_reader_problem(
            r, key.node, key.name, NP_E_PARSE,
            _("{column: cohort_start}, {treated: post} or {theme: absence}"),
            _("one of a column of first periods, a column that is 1 while "
              "treated, and a theme of the programme's records"));
    else if (role.node != NULL && q->theme.text == NULL)
        np_reader_problem(r, role.node, role.name, NP_E_PARSE, NULL,
                          _("only participants by theme have a role"));
}

static void cohorts(np_reader *r, np_plan_question *q, np_reader_key key)
{
    static const char *const keys[] = {"start", "label"};
    const np_yaml *item = np_reader_items(r, key, &q->n_cohorts);
    np_plan_cohort *out = np_reader_array(r, np_plan_cohort, q->n_cohorts);
    for (size_t i = 0; out != NULL && i < q->n_cohorts; i++) {
        if (!np_reader_check_keys(r, &item[i], _("a cohort"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "start"), _("a cohort"));
        out[i].start = np_reader_number(r, np_reader_get(&item[i], "start"), NAN);
        out[i].label = np_reader_localised(r, np_reader_get(&item[i], "label"));
    }
    q->cohorts = out;
}

/* The estimators of a panel, in np_estimator's order; the designs of change scores have
 * none to choose from. */
static size_t estimator_codes(const char **code, np_estimator *which)
{
    size_t n = 0;
    for (np_estimator e = 0; e < NP_N_ESTIMATORS; e++) {
        if (e > NP_ESTIMATOR_EVENT_STUDY && !np_estimator_is_staggered(e))
            continue;
        which[n] = e;
        code[n++] = np_estimator_code(e);
    }
    return n;
}

static void estimators(np_reader *r, np_plan_question *q, np_reader_key key)
{
    const char *code[NP_N_ESTIMATORS];
    np_estimator of[NP_N_ESTIMATORS];
    size_t n, n_codes = estimator_codes(code, of);
    const np_yaml *item = np_reader_items(r, key, &n);
    if (key.node == NULL) {
        q->estimator[q->n_estimators++] = NP_ESTIMATOR_TWO_WAY;
        q->estimator[q->n_estimators++] = NP_ESTIMATOR_RANDOM;
        return;
    }
    if (n == 0)
        np_reader_problem(r, key.node, key.name, NP_E_PARSE,
                          _("leave the key out for the usual ones"),
                          _("the list names no estimator"));
    for (size_t i = 0; i < n; i++) {
        np_reader_key one = {key.name, &item[i]};
        int which = np_reader_choice(r, one, code, n_codes, -1);
        bool twice = false;
        for (size_t j = 0; j < q->n_estimators && which >= 0; j++)
            twice = twice || q->estimator[j] == of[which];
        if (twice)
            np_reader_problem(r, &item[i], key.name, NP_E_DUPLICATE, NULL,
                              _("%s stands twice"), item[i].text);
        else if (which >= 0)
            q->estimator[q->n_estimators++] = of[which];
    }
}

static void event_study(np_reader *r, np_plan_question *q, np_reader_key key)
{
    static const char *const keys[] = {"reference", "bin", "subgroups"};
    q->reference = -1;
    if (key.node == NULL ||
        !np_reader_check_keys(r, key.node, _("event_study"), keys, PLAN_COUNT(keys)))
        return;
    q->reference = np_reader_number_between(r, np_reader_get(key.node, "reference"),
                                            -1000, -1e-9, -1);
    q->event_study_subgroups =
        np_reader_bool(r, np_reader_get(key.node, "subgroups"), false);
    np_reader_key bin = np_reader_get(key.node, "bin");
    size_t n;
    const double *number = np_reader_numbers(r, bin, &n);
    if (bin.node == NULL)
        return;
    if (n != 2 || !(number[0] <= q->reference) || !(number[1] >= 0)) {
        np_reader_problem(
            r, bin.node, "bin", NP_E_RANGE, _("for example [-5, 3]"),
            _("it is the first and the last event time, around the reference"));
        return;
    }
    q->has_bin = true;
    q->bin_low = number[0];
    q->bin_high = number[1];
}

static int direction(np_reader *r, np_reader_key key)
{
    static const char *const names[] = {"lower", "higher"};
    int which = np_reader_choice(r, key, names, 2, -1);
    return which < 0 ? 0 : which == 0 ? -1 : 1;
}

static void subgroup_outcomes(np_reader *r, np_plan_grouping *g, np_reader_key key)
{
    static const char *const keys[] = {"id", "label", "outcome", "uom", "direction"};
    const np_yaml *item = np_reader_items(r, key, &g->n_subgroups);
    np_plan_subgroup *out = np_reader_array(r, np_plan_subgroup, g->n_subgroups);
    for (size_t i = 0; out != NULL && i < g->n_subgroups; i++) {
        out[i].id = "";
        if (!np_reader_check_keys(r, &item[i], _("a subgroup"), keys, PLAN_COUNT(keys)))
            continue;
        np_reader_require(r, &item[i], np_reader_get(&item[i], "id"), _("a subgroup"));
        np_reader_require(r, &item[i], np_reader_get(&item[i], "outcome"),
                          _("a subgroup"));
        const char *id = np_reader_identifier(r, np_reader_get(&item[i], "id"));
        out[i].id = id == NULL ? "" : id;
        for (size_t j = 0; j < i && id != NULL; j++)
            if (strcmp(out[j].id, id) == 0)
                np_reader_problem(r, &item[i], "id", NP_E_DUPLICATE, NULL,
                                  _("%s stands twice"), id);
        out[i].label = np_reader_localised(r, np_reader_get(&item[i], "label"));
        out[i].outcome = plan_name(r, np_reader_get(&item[i], "outcome"));
        out[i].uom = np_reader_localised(r, np_reader_get(&item[i], "uom"));
        out[i].direction = direction(r, np_reader_get(&item[i], "direction"));
    }
    g->subgroup = out;
}

static void one_grouping(np_reader *r, np_plan_grouping *g, const np_yaml *node)
{
    static const char *const keys[] = {"id", "label", "outcomes", "column", "values"};
    g->id = "";
    if (!np_reader_check_keys(r, node, _("a group of subgroups"), keys, PLAN_COUNT(keys)))
        return;
    np_reader_require(r, node, np_reader_get(node, "id"), _("a group of subgroups"));
    const char *id = np_reader_identifier(r, np_reader_get(node, "id"));
    np_reader_key outcomes = np_reader_get(node, "outcomes"),
                  column = np_reader_get(node, "column");
    g->id = id == NULL ? "" : id;
    g->label = np_reader_localised(r, np_reader_get(node, "label"));
    g->split = plan_name(r, column);
    if ((outcomes.node != NULL) == (column.node != NULL))
        np_reader_problem(
            r, node, "", NP_E_PARSE, NULL,
            _("subgroups are either a list of outcomes or a column to split by"));
    else if (outcomes.node != NULL)
        subgroup_outcomes(r, g, outcomes);
    else
        g->subgroup = plan_values(r, np_reader_get(node, "values"), &g->n_subgroups);
}

static void groupings(np_reader *r, np_plan_question *q, np_reader_key key)
{
    const np_yaml *item = np_reader_items(r, key, &q->n_groupings);
    np_plan_grouping *out = np_reader_array(r, np_plan_grouping, q->n_groupings);
    for (size_t i = 0; out != NULL && i < q->n_groupings; i++) {
        one_grouping(r, &out[i], &item[i]);
        for (size_t j = 0; j < i; j++)
            if (out[i].id[0] != '\0' && strcmp(out[j].id, out[i].id) == 0)
                np_reader_problem(r, &item[i], "id", NP_E_DUPLICATE, NULL,
                                  _("%s stands twice"), out[i].id);
    }
    q->grouping = out;
}

/* A decision's key: the question's own, else the defaults'. */
static np_reader_key decision_key(const scope *s, const char *name)
{
    const np_yaml *own = np_yaml_find(s->question, "decision");
    np_reader_key key = np_reader_get(own, name);
    return key.node != NULL ? key
                            : np_reader_get(np_yaml_find(s->defaults, "decision"), name);
}

static void stars(np_reader *r, np_decision *d, np_reader_key key)
{
    size_t n;
    const double *number = np_reader_numbers(r, key, &n);
    if (key.node == NULL)
        return;
    memset(d->stars, 0, sizeof d->stars);
    bool good = n <= 3;
    for (size_t i = 0; i < n && good; i++)
        good = number[i] > 0 && number[i] < 1 && (i == 0 || number[i] < number[i - 1]);
    if (!good)
        np_reader_problem(r, key.node, key.name, NP_E_RANGE,
                          _("for example [0.10, 0.05, 0.01]"),
                          _("at most three thresholds below 1, descending"));
    for (size_t i = 0; i < n && good; i++)
        d->stars[i] = number[i];
}

static void decision(np_reader *r, np_plan_question *q, const scope *s)
{
    static const char *const keys[] = {"level", "sides", "multiplicity", "stars"};
    static const char *const sides[] = {"two", "one"};
    static const char *const multiplicity[] = {"none", "holm", "bonferroni", "bh", "by"};
    const np_yaml *own = np_yaml_find(s->question, "decision");
    const np_yaml *defaults = np_yaml_find(s->defaults, "decision");
    if (own != NULL)
        np_reader_check_keys(r, own, _("decision"), keys, PLAN_COUNT(keys));
    if (defaults != NULL)
        np_reader_check_keys(r, defaults, _("decision"), keys, PLAN_COUNT(keys));
    np_decision *d = &q->decision;
    *d = (np_decision){.stars = {0.10, 0.05, 0.01}};
    d->level = np_reader_number_between(r, decision_key(s, "level"), 1e-6, 0.5, 0.05);
    d->one_sided = np_reader_choice(r, decision_key(s, "sides"), sides, 2, 0) == 1;
    d->multiplicity = multiplicity[np_reader_choice(
        r, decision_key(s, "multiplicity"), multiplicity, PLAN_COUNT(multiplicity), 0)];
    stars(r, d, decision_key(s, "stars"));
    if (d->one_sided && q->direction == 0)
        np_reader_problem(r, s->question, "direction", NP_E_PARSE, _("direction: lower"),
                          _("a one-sided test needs to know which direction is better"));
}

static void sample_keys(np_reader *r, np_plan_question *q, const scope *s)
{
    static const char *const criteria[] = {"effectiveness",  "impact",
                                           "relevance",      "coherence",
                                           "sustainability", "efficiency"};
    static const char *const required[] = {"data", "unit", "time", "outcome",
                                           "criterion"};
    int criterion =
        np_reader_choice(r, find(s, "criterion"), criteria, PLAN_COUNT(criteria), 0);
    q->criterion = criteria[criterion];
    for (size_t i = 0; i < PLAN_COUNT(required); i++)
        np_reader_require(r, s->question, find(s, required[i]), _("a question"));
    q->data = plan_data(r, find(s, "data"));
    q->rows = plan_conditions(r, find(s, "rows"), &q->n_rows);
    q->comparison_filter =
        plan_conditions(r, find(s, "comparison_filter"), &q->n_comparison_filter);
    q->unit = plan_name(r, find(s, "unit"));
    q->unit_name = plan_name(r, find(s, "unit_name"));
    q->unit_label = np_reader_localised(r, find(s, "unit_label"));
    q->time = plan_name(r, find(s, "time"));
    q->outcome = plan_name(r, find(s, "outcome"));
    q->outcome_label = np_reader_localised(r, find(s, "outcome_label"));
    q->uom = np_reader_localised(r, find(s, "uom"));
    q->direction = direction(r, find(s, "direction"));
    participants(r, q, s->question, find(s, "participants"));
    cohorts(r, q, find(s, "cohorts"));
    q->only_cohort = np_reader_numbers(r, find(s, "only_cohorts"), &q->n_only_cohorts);
    q->weights = plan_name(r, find(s, "weights"));
    q->figure_weights = plan_name(r, find(s, "figure_weights"));
    if (q->figure_weights.text == NULL)
        q->figure_weights = q->weights;
    q->cluster = plan_names(r, find(s, "cluster"), &q->n_clusters);
    q->vcov = np_reader_text(r, find(s, "vcov"));
}

static void check_vcov(np_reader *r, const np_plan_question *q, np_reader_key key)
{
    np_vcov_spec spec = {0};
    np_error err = {0};
    if (q->vcov == NULL || strcmp(q->vcov, "cluster") == 0 ||
        np_vcov_parse(&spec, q->vcov, r->arena, &err) == NP_OK)
        return;
    np_reader_problem(r, key.node, key.name, err.status, err.hint, "%s", err.message);
}

static void periods(np_reader *r, np_plan_question *q, np_reader_key key)
{
    size_t n;
    const double *number = np_reader_numbers(r, key, &n);
    if (key.node == NULL)
        return;
    if (n != 2 || !(number[0] <= number[1])) {
        np_reader_problem(r, key.node, key.name, NP_E_RANGE,
                          _("for example [2006, 2014]"),
                          _("it is the first and the last period"));
        return;
    }
    q->has_periods = true;
    q->first_period = number[0];
    q->last_period = number[1];
}

/* A control that is the outcome leaves nothing to explain. */
static void check_controls(np_reader *r, const np_plan_question *q, np_reader_key key)
{
    for (size_t i = 0; i < q->n_controls; i++) {
        const np_plan_name *c = &q->control[i];
        const np_yaml place = {.line = c->line, .column = c->column};
        if (q->outcome.text != NULL && strcmp(c->text, q->outcome.text) == 0)
            np_reader_problem(r, &place, key.name, NP_E_RANGE,
                              _("leave it out of the list"), _("%s is the outcome"),
                              c->text);
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->text, q->control[j].text) == 0)
                np_reader_problem(r, &place, key.name, NP_E_DUPLICATE, NULL,
                                  _("%s stands twice"), c->text);
    }
}

static void panel_keys(np_reader *r, np_plan_question *q, const scope *s)
{
    static const char *const comparisons[] = {"never", "not-yet"};
    q->not_yet = np_reader_choice(r, find(s, "comparison"), comparisons, 2, 0) == 1;
    q->comparison_given = find(s, "comparison").node != NULL;
    q->control = plan_names(r, find(s, "controls"), &q->n_controls);
    check_controls(r, q, find(s, "controls"));
    q->linear_time = np_reader_bool(r, find(s, "linear_time"), false);
    q->by_cohort = np_reader_bool(r, find(s, "by_cohort"), true);
    periods(r, q, find(s, "periods"));
    estimators(r, q, find(s, "estimators"));
    event_study(r, q, find(s, "event_study"));
    plan_inference(r, q, find(s, "inference"));
    plan_sensitivity(r, q, find(s, "sensitivity"));
    groupings(r, q, find(s, "subgroups"));
}

np_plan_question plan_question(np_reader *r, const np_yaml *node, const np_yaml *defaults)
{
    scope s = {node, defaults};
    np_plan_question q = {.line = node->line, .column = node->column, .id = ""};
    if (node->kind == NP_YAML_MAPPING)
        q.design =
            (np_design_kind)np_reader_choice(r, find(&s, "design"), design_names, 2, 0);
    if (!check_question_keys(r, node,
                             q.design == NP_DESIGN_PANEL_DID
                                 ? _("a question of panel-difference-in-differences")
                                 : _("a question of change-scores"),
                             1 << q.design))
        return q;
    np_reader_require(r, node, np_reader_get(node, "id"), _("a question"));
    np_reader_require(r, node, np_reader_get(node, "title"), _("a question"));
    const char *id = np_reader_identifier(r, np_reader_get(node, "id"));
    q.id = id == NULL ? "" : id;
    q.title = np_reader_localised(r, np_reader_get(node, "title"));
    q.description = np_reader_localised(r, find(&s, "description"));
    sample_keys(r, &q, &s);
    check_vcov(r, &q, find(&s, "vcov"));
    if (q.design == NP_DESIGN_PANEL_DID)
        panel_keys(r, &q, &s);
    else
        plan_change_scores(r, &q, find, &s, node);
    decision(r, &q, &s);
    return q;
}
