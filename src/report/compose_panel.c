/* The chapter of a question asked by panel difference-in-differences. */
#include <math.h>
#include <string.h>

#include "report/compose.h"
#include "report/number.h"

enum { MOST_MODEL_COLUMNS = 6, MOST_EFFECTS = 64 };

static bool is_model_column(const np_effect *e)
{
    bool scope = e->scope == NP_SCOPE_ALL || e->scope == NP_SCOPE_COHORT;
    bool estimator =
        e->estimator == NP_ESTIMATOR_TWO_WAY || e->estimator == NP_ESTIMATOR_RANDOM;
    return scope && estimator;
}

static size_t model_columns(const np_question_result *q, const np_effect **column,
                            bool cohorts)
{
    size_t n = 0;
    for (size_t i = 0; i < q->n_effects && n < MOST_EFFECTS; i++)
        if (is_model_column(&q->effect[i]) &&
            (cohorts || q->effect[i].scope == NP_SCOPE_ALL))
            column[n++] = &q->effect[i];
    return n;
}

static const char *short_title(const np_effect *e)
{
    return e->estimator == NP_ESTIMATOR_RANDOM ? _("Random effects") : _("Fixed effects");
}

static const char *starred(np_composer *c, const np_effect *e)
{
    static const char *const stars[] = {"", "*", "**", "***"};
    return np_say_format(c, "%s%s", np_say_effect(c, e->estimate),
                         stars[e->stars > 3 ? 3 : e->stars]);
}

static void number_or_none(np_table_builder *b, const char *text, double value)
{
    if (isnan(value))
        np_table_builder_cell(b, "..");
    else
        np_table_builder_number(b, text, value);
}

static const char *fixed(np_composer *c, double value, int decimals)
{
    return np_number_fixed(c->arena, value, decimals, c->language);
}

typedef const char *cell_text(np_composer *c, const np_effect *e, double *value);

static const char *effect_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->estimate;
    return starred(c, e);
}

static const char *t_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->statistic;
    return np_say_format(c, "(%s)", fixed(c, e->statistic, 2));
}

static const char *error_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->std_error;
    return np_say_effect(c, e->std_error);
}

static const char *low_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->conf_low;
    return np_say_effect(c, e->conf_low);
}

static const char *high_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->conf_high;
    return np_say_effect(c, e->conf_high);
}

static const char *p_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->p_value;
    return np_number_p(c->arena, e->p_value, c->language);
}

static const char *adjusted_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->p_adjusted;
    return np_number_p(c->arena, e->p_adjusted, c->language);
}

static const char *within_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->r2_within;
    return np_number_significant(c->arena, e->r2_within, 3, c->language);
}

static const char *between_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->r2_between;
    return np_number_significant(c->arena, e->r2_between, 3, c->language);
}

static const char *overall_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->r2_overall;
    return np_number_significant(c->arena, e->r2_overall, 3, c->language);
}

static const char *count_cell(np_composer *c, size_t n, double *value)
{
    *value = (double)n;
    return np_say_count(c, n);
}

static const char *n_cell(np_composer *c, const np_effect *e, double *value)
{
    return count_cell(c, e->n, value);
}

static const char *units_cell(np_composer *c, const np_effect *e, double *value)
{
    return count_cell(c, e->n_units, value);
}

static const char *treated_cell(np_composer *c, const np_effect *e, double *value)
{
    return count_cell(c, e->n_treated, value);
}

static const char *comparison_cell(np_composer *c, const np_effect *e, double *value)
{
    return count_cell(c, e->n_comparison, value);
}

static const char *per_unit_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->obs_per_unit;
    return np_number_significant(c->arena, e->obs_per_unit, 4, c->language);
}

static const char *clusters_cell(np_composer *c, const np_effect *e, double *value)
{
    *value = e->n_clusters == 0 ? NAN : (double)e->n_clusters;
    return np_say_count(c, e->n_clusters);
}

typedef struct {
    const char *title; /* msgid */
    cell_text *text;
    bool rule_above;
} quantity;

static void add_cell(np_composer *c, np_table_builder *b, const quantity *q,
                     const np_effect *e)
{
    double value = NAN;
    if (e->refused != NULL) {
        np_table_builder_cell(b, "..");
        return;
    }
    const char *text = q->text(c, e, &value);
    number_or_none(b, text, value);
}

static void refused_notes(np_composer *c, np_table_builder *b,
                          const np_effect *const *effect, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (effect[i]->refused != NULL)
            np_table_builder_note(b, _("%s (%s) is not estimated: %s."),
                                  np_say_scope(c, effect[i]), short_title(effect[i]),
                                  effect[i]->refused->message);
}

static void model_head(np_composer *c, np_table_builder *b,
                       const np_effect *const *column, size_t n)
{
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && column[end]->scope == column[i]->scope &&
               strcmp(np_say_scope(c, column[end]), np_say_scope(c, column[i])) == 0)
            end++;
        np_table_builder_span(b, np_say_scope(c, column[i]), (unsigned)(end - i));
        i = end;
    }
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    for (size_t i = 0; i < n; i++)
        np_table_builder_cell(b, short_title(column[i]));
}

/* A column per model, as a journal prints it. */
static void effects_table(np_composer *c)
{
    static const quantity row[] = {
        {N_("Effect"), effect_cell, false},
        {N_("t value"), t_cell, false},
        {N_("Std. error"), error_cell, false},
        {N_("CI from"), low_cell, false},
        {N_("CI to"), high_cell, false},
        {N_("p value"), p_cell, false},
        {N_("R² within"), within_cell, true},
        {N_("R² between"), between_cell, false},
        {N_("R² overall"), overall_cell, false},
        {N_("N (observations)"), n_cell, true},
        {N_("Units"), units_cell, false},
        {N_("of which participants"), treated_cell, false},
        {N_("Observations per unit"), per_unit_cell, false},
        {N_("Clusters"), clusters_cell, false},
    };
    const np_effect *column[MOST_EFFECTS];
    size_t n = model_columns(c->question, column, true);
    if (n > MOST_MODEL_COLUMNS)
        n = model_columns(c->question, column, false);
    if (n == 0)
        return;
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", "effects"),
        np_say_format(c, _("%s: effect of the programme"), c->outcome), n + 1);
    model_head(c, b, column, n);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (row[i].rule_above)
            np_table_builder_rule(b);
        np_table_builder_row(b);
        np_table_builder_row_header(b, np_translate(row[i].title),
                                    row[i].text == treated_cell);
        for (size_t j = 0; j < n; j++)
            add_cell(c, b, &row[i], column[j]);
    }
    np_compose_common_notes(c, b, column[0]);
    refused_notes(c, b, column, n);
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

static void row_group(np_composer *c, np_table_builder *b, const np_effect *e,
                      const char **group)
{
    const char *own = e->scope == NP_SCOPE_ALL      ? ""
                      : e->scope == NP_SCOPE_COHORT ? _("Cohort")
                                                    : np_say_local(c, &e->group_label);
    if (e->scope == NP_SCOPE_SUBGROUP && *own == '\0')
        own = e->group_id;
    if (*own != '\0' && strcmp(own, *group) != 0) {
        np_table_builder_rule(b);
        np_table_builder_row(b);
        np_table_builder_row_header(b, own, 0);
    }
    *group = own;
}

/* A row per group of participants or outcomes, for one estimator. */
static void rows_table(np_composer *c, np_estimator estimator, const char *id,
                       const char *title, const quantity *column, size_t n_columns)
{
    const np_question_result *q = c->question;
    const np_effect *shown[MOST_EFFECTS], *first = NULL;
    const char *group = "";
    size_t n_shown = 0;
    np_table_builder *b = np_table_builder_new(c->arena, id, title, n_columns + 1);
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    for (size_t j = 0; j < n_columns; j++)
        np_table_builder_cell(b, np_translate(column[j].title));
    for (size_t i = 0; i < q->n_effects && n_shown < MOST_EFFECTS; i++) {
        const np_effect *e = &q->effect[i];
        if (e->estimator != estimator)
            continue;
        shown[n_shown++] = e;
        first = first == NULL && e->refused == NULL ? e : first;
        row_group(c, b, e, &group);
        np_table_builder_row(b);
        np_table_builder_row_header(b, np_say_scope(c, e), *group != '\0');
        for (size_t j = 0; j < n_columns; j++)
            add_cell(c, b, &column[j], e);
    }
    if (column[0].text == effect_cell)
        np_compose_common_notes(c, b, first);
    else
        np_compose_sample_notes(c, b, first);
    refused_notes(c, b, shown, n_shown);
    if (column[n_columns - 1].text == adjusted_cell)
        np_compose_adjusted_note(c, b);
    if (n_shown > 1)
        np_doc_add_table(c->doc, np_table_builder_done(b));
}

static size_t with_scope(const np_question_result *q, np_estimator estimator,
                         np_scope scope)
{
    size_t n = 0;
    for (size_t i = 0; i < q->n_effects; i++)
        n += q->effect[i].estimator == estimator && q->effect[i].scope == scope;
    return n;
}

static void subgroup_table(np_composer *c, np_estimator estimator, const char *part)
{
    static const quantity plain[] = {
        {N_("Effect"), effect_cell, false},
        {N_("Std. error"), error_cell, false},
        {N_("t value"), t_cell, false},
        {N_("CI from"), low_cell, false},
        {N_("CI to"), high_cell, false},
        {N_("p value"), p_cell, false},
        {N_("N"), n_cell, false},
        {N_("Participants"), treated_cell, false},
        {N_("Adjusted p"), adjusted_cell, false},
    };
    size_t n = sizeof plain / sizeof *plain - !np_is_adjusted(&c->question->decision);
    const char *title = np_say_format(
        c, _("%s: effect in all and in subgroups (%s)"), c->outcome,
        estimator == NP_ESTIMATOR_RANDOM ? _("random effects") : _("fixed effects"));
    rows_table(c, estimator, np_compose_id(c, "table", part), title, plain, n);
}

static void fit_table(np_composer *c, np_estimator estimator)
{
    static const quantity column[] = {
        {N_("N"), n_cell, false},
        {N_("Units"), units_cell, false},
        {N_("Participants"), treated_cell, false},
        {N_("Others"), comparison_cell, false},
        {N_("Observations per unit"), per_unit_cell, false},
        {N_("R² within"), within_cell, false},
        {N_("R² between"), between_cell, false},
        {N_("R² overall"), overall_cell, false},
    };
    const char *title =
        np_say_format(c, _("%s: samples and fit of the models"), c->outcome);
    rows_table(c, estimator, np_compose_id(c, "table", "fit"), title, column,
               sizeof column / sizeof *column);
}

/* How many of the groups differ from zero, and which. */
static void subgroup_sentence(np_composer *c, np_estimator estimator)
{
    const np_question_result *q = c->question;
    const char *name[MOST_EFFECTS];
    size_t n = 0, n_significant = 0;
    for (size_t i = 0; i < q->n_effects; i++) {
        const np_effect *e = &q->effect[i];
        if (e->estimator != estimator || e->scope != NP_SCOPE_SUBGROUP ||
            e->refused != NULL)
            continue;
        n++;
        if (e->significant && n_significant < MOST_EFFECTS)
            name[n_significant++] = np_say_format(c, "%s (%s)", np_say_scope(c, e),
                                                  np_say_effect(c, e->estimate));
    }
    if (n == 0)
        return;
    const char *level = np_say_level_percent(c, q->decision.level);
    if (n_significant == 0) {
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("In none of the %s subgroups is the effect statistically "
                          "different from zero at the %s per cent level."),
                        np_say_count(c, n), level);
        return;
    }
    np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                    _("In %s of %s subgroups the effect is statistically different from "
                      "zero at the %s per cent level: %s."),
                    np_say_count(c, n_significant), np_say_count(c, n), level,
                    np_say_list(c, name, n_significant, MOST_EFFECTS));
    if (n_significant < n)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH, "%s",
                        _("That an effect differs from zero in one group and not in "
                          "another does not mean that the groups differ from each "
                          "other."));
}

static void subgroups(np_composer *c)
{
    const np_question_result *q = c->question;
    np_estimator first = with_scope(q, NP_ESTIMATOR_TWO_WAY, NP_SCOPE_SUBGROUP) > 0
                             ? NP_ESTIMATOR_TWO_WAY
                             : NP_ESTIMATOR_RANDOM;
    bool both = first == NP_ESTIMATOR_TWO_WAY &&
                with_scope(q, NP_ESTIMATOR_RANDOM, NP_SCOPE_SUBGROUP) > 0;
    bool cohorts = with_scope(q, first, NP_SCOPE_COHORT) > 0;
    bool any = with_scope(q, first, NP_SCOPE_SUBGROUP) > 0;
    if (!any && !cohorts)
        return;
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "subgroups", ""),
                       any ? _("Cohorts and subgroups") : _("Cohorts"));
    subgroup_sentence(c, first);
    np_compose_forest(c, first);
    subgroup_table(c, first, "subgroups");
    if (both)
        subgroup_table(c, NP_ESTIMATOR_RANDOM, "subgroups-random");
    fit_table(c, first);
    np_compose_small_multiples(c);
}

static void pre_trend_sentence(np_composer *c, const np_test *test)
{
    if (test == NULL)
        return;
    const char *result = np_say_test(c, test);
    if (test->p_value < c->question->decision.level)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("Before the start the participants and the others did not "
                          "develop alike: the joint test of the terms before the start "
                          "gives %s. The effect must be read with that in mind."),
                        result);
    else
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("The joint test of the terms before the start gives %s. It "
                          "gives no reason to reject that the participants and the "
                          "others developed alike before the start, but it is no proof "
                          "that they would have done so afterwards."),
                        result);
}

static void event_studies(np_composer *c)
{
    const np_question_result *q = c->question;
    if (q->n_event_studies == 0)
        return;
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "events", ""),
                       _("Before and after the start"));
    for (size_t i = 0; i < q->n_event_studies; i++) {
        if (i == 0)
            pre_trend_sentence(c, q->event_study[i].pre_trend);
        np_compose_event_study(c, &q->event_study[i], i);
    }
}

static void other_models(np_composer *c, const np_effect *primary)
{
    const np_question_result *q = c->question;
    for (size_t i = 0; i < q->n_effects; i++) {
        const np_effect *e = &q->effect[i];
        if (e == primary || e->scope != NP_SCOPE_ALL || !np_is_primary_kind(q, e) ||
            e->did != NULL)
            continue;
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH,
                        _("With %s the estimate is %s (%s; %s)."),
                        e->estimator == NP_ESTIMATOR_RANDOM ? _("random effects")
                                                            : _("fixed effects"),
                        np_say_amount(c, e->estimate), np_say_interval(c, e),
                        np_say_p(c, e->p_value));
    }
}

/* A second opinion on the same estimate, from a test that holds with few clusters. */
static void wild_bootstrap(np_composer *c)
{
    const np_question_result *q = c->question;
    for (size_t i = 0; i < q->n_effects; i++) {
        const np_effect *e = &q->effect[i];
        if (e->wild_draws == 0 || e->refused != NULL)
            continue;
        bool agrees =
            (e->p_wild < q->decision.level) == (e->p_two_sided < q->decision.level);
        np_doc_add_text(
            c->doc, agrees ? NP_DOC_PARAGRAPH : NP_DOC_CAVEAT,
            agrees ? _("The wild cluster bootstrap, which holds with few clusters too, "
                       "comes to the same answer for %s: %s, interval %s to %s.")
                   : _("The wild cluster bootstrap, which holds with few clusters too, "
                       "comes to another answer for %s: %s, interval %s to %s. With %s "
                       "clusters it is the one to trust."),
            np_say_lower(c, np_translate(np_estimator_title(e->estimator))),
            np_say_p(c, e->p_wild), np_say_effect(c, e->wild_low),
            np_say_effect(c, e->wild_high), np_say_count(c, e->n_clusters));
    }
}

void np_compose_panel(np_composer *c)
{
    const np_question_result *q = c->question;
    const np_effect *primary = np_primary_effect(q);
    if (q->n_series > 0) {
        np_doc_add_heading(c->doc, 2, np_compose_id(c, "development", ""),
                           _("Development"));
        np_compose_development(c);
    }
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "effect", ""), _("Effect"));
    if (primary != NULL) {
        np_compose_effect_sentence(c, NP_DOC_PARAGRAPH, primary);
        other_models(c, primary);
    }
    wild_bootstrap(c);
    effects_table(c);
    np_compose_caveats(c, q->caveat, q->n_caveats);
    event_studies(c);
    np_compose_staggered(c);
    np_compose_overturn(c);
    subgroups(c);
}
