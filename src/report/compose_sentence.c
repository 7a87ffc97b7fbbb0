/* Sentences that say what an estimate says, and no more. */
#include <math.h>
#include <string.h>

#include "report/compose.h"
#include "report/number.h"

bool np_is_primary_kind(const np_question_result *q, const np_effect *e)
{
    if (e->refused != NULL || isnan(e->estimate))
        return false;
    if (q->design == NP_DESIGN_CHANGE_SCORES)
        return e->dependent == NP_DEPENDENT_CHANGE;
    return e->estimator == NP_ESTIMATOR_TWO_WAY || e->estimator == NP_ESTIMATOR_RANDOM ||
           e->did != NULL;
}

const np_effect *np_primary_effect(const np_question_result *q)
{
    for (size_t i = 0; i < q->n_effects; i++)
        if (q->effect[i].scope == NP_SCOPE_ALL && np_is_primary_kind(q, &q->effect[i]))
            return &q->effect[i];
    return NULL;
}

/* Rounded as it is printed: "0.0 lower" is no direction. */
static bool prints_as_zero(np_composer *c, double value)
{
    return strpbrk(np_say_effect(c, value), "123456789") == NULL;
}

static const char *adjustment(const np_decision *d)
{
    if (strcmp(d->multiplicity, "holm") == 0)
        return _("Holm's method");
    if (strcmp(d->multiplicity, "bonferroni") == 0)
        return _("Bonferroni's method");
    if (strcmp(d->multiplicity, "by") == 0)
        return _("the method of Benjamini and Yekutieli");
    return _("the method of Benjamini and Hochberg");
}

bool np_is_adjusted(const np_decision *d)
{
    return d->multiplicity != NULL && *d->multiplicity != '\0' &&
           strcmp(d->multiplicity, "none") != 0;
}

static const char *subject(np_composer *c, const np_effect *e)
{
    if (e->scope == NP_SCOPE_ALL)
        return c->outcome;
    return np_say_format(c, "%s, %s", c->outcome, np_say_scope(c, e));
}

static const char *p_text(np_composer *c, double p)
{
    const char *text = np_say_p(c, p);
    return c->question->decision.one_sided ? np_say_format(c, _("one-sided %s"), text)
                                           : text;
}

static const char *difference_sentence(np_composer *c, const np_effect *e)
{
    const char *size = np_say_amount(c, fabs(e->estimate));
    const char *interval = np_say_interval(c, e), *p = p_text(c, e->p_value);
    bool change = c->question->design == NP_DESIGN_CHANGE_SCORES;
    if (change && e->estimate < 0)
        return np_say_format(c,
                             _("%s: the participants' change was %s lower than the "
                               "others' (%s; %s)."),
                             subject(c, e), size, interval, p);
    if (change)
        return np_say_format(c,
                             _("%s: the participants' change was %s higher than the "
                               "others' (%s; %s)."),
                             subject(c, e), size, interval, p);
    if (e->estimate < 0)
        return np_say_format(c,
                             _("%s: after the start the participants were on average %s "
                               "lower than the model says they would have been without "
                               "the programme (%s; %s)."),
                             subject(c, e), size, interval, p);
    return np_say_format(c,
                         _("%s: after the start the participants were on average %s "
                           "higher than the model says they would have been without "
                           "the programme (%s; %s)."),
                         subject(c, e), size, interval, p);
}

static const char *no_difference_sentence(np_composer *c, const np_effect *e)
{
    bool change = c->question->design == NP_DESIGN_CHANGE_SCORES;
    const char *estimate = np_say_amount(c, e->estimate);
    const char *interval = np_say_interval(c, e), *p = p_text(c, e->p_value);
    const char *level = np_say_level_percent(c, c->question->decision.level);
    if (change)
        return np_say_format(c,
                             _("%s: the participants' change is not statistically "
                               "different from the others' at the %s per cent level. The "
                               "estimated difference is %s (%s; %s)."),
                             subject(c, e), level, estimate, interval, p);
    return np_say_format(c,
                         _("%s: the effect is not statistically different from zero at "
                           "the %s per cent level. The estimate is %s (%s; %s)."),
                         subject(c, e), level, estimate, interval, p);
}

/* Where adjusting for several tests turns the answer, both are told. */
static const char *adjusted_sentence(np_composer *c, const np_effect *e)
{
    const np_decision *d = &c->question->decision;
    if (!np_is_adjusted(d) || isnan(e->p_adjusted) || e->p_adjusted == e->p_value)
        return "";
    const char *p = p_text(c, e->p_adjusted);
    if (e->p_value < d->level && !e->significant)
        return np_say_format(c,
                             _(" Taken by itself the difference would pass the level, "
                               "but adjusted for several tests by %s it does not (%s)."),
                             adjustment(d), p);
    return np_say_format(c, _(" Adjusted for several tests by %s: %s."), adjustment(d),
                         p);
}

void np_compose_effect_sentence(np_composer *c, np_doc_kind kind, const np_effect *e)
{
    bool differs = e->significant && !prints_as_zero(c, e->estimate);
    const char *first =
        differs ? difference_sentence(c, e) : no_difference_sentence(c, e);
    const char *adjusted = adjusted_sentence(c, e);
    const char *treated =
        np_say_counted(c, e->n_treated, N_("%s participant"), N_("%s participants"));
    const char *others =
        np_say_counted(c, e->n_comparison, N_("%s other"), N_("%s others"));
    const char *weights = e->weighted ? np_say_format(c, _(", weighted by %s"),
                                                      np_say_column(c, e->weights))
                                      : "";
    np_doc_add_text(c->doc, kind, _("%s%s The estimate rests on %s and %s%s."), first,
                    adjusted, treated, others, weights);
}

void np_compose_caveats(np_composer *c, const np_caveat *caveat, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = np_say_statement(c, &caveat[i].statement);
        if (caveat[i].n_units == 0)
            np_doc_add_text(c->doc, NP_DOC_CAVEAT, "%s", text);
        else
            np_doc_add_text(c->doc, NP_DOC_CAVEAT, _("%s It is about: %s."), text,
                            np_say_list(c, caveat[i].unit, caveat[i].n_units, 20));
    }
}

static const char *one_left_out(np_composer *c, const np_left_out *l)
{
    const char *rows = np_say_counted(c, l->n_rows, N_("%s row"), N_("%s rows"));
    const char *units = np_say_counted(c, l->n_units, N_("%s unit"), N_("%s units"));
    const char *reason = np_say_capital(c, np_translate(l->reason));
    if (l->n_units == 0)
        return np_say_format(c, "%s: %s", reason, rows);
    if (l->unit == NULL)
        return np_say_format(c, _("%s: %s in %s"), reason, rows, units);
    return np_say_format(c, _("%s: %s in %s (%s)"), reason, rows, units,
                         np_say_list(c, l->unit, l->n_units, 12));
}

void np_compose_left_out(np_composer *c, const np_left_out *before, size_t n_before,
                         const np_left_out *in_model, size_t n_in_model)
{
    const char **item = np_arena_array(c->arena, const char *, n_before + n_in_model);
    if (item == NULL) {
        c->doc->failed = true;
        return;
    }
    for (size_t i = 0; i < n_before; i++)
        item[i] = one_left_out(c, &before[i]);
    for (size_t i = 0; i < n_in_model; i++)
        item[n_before + i] = one_left_out(c, &in_model[i]);
    np_doc_add_list(c->doc, item, n_before + n_in_model);
}

void np_compose_adjusted_note(np_composer *c, np_table_builder *b)
{
    const np_decision *d = &c->question->decision;
    if (np_is_adjusted(d))
        np_table_builder_note(b,
                              _("Adjusted p: %s, over the cohorts and groups by the same "
                                "estimator; all participants together are the primary "
                                "estimate and not adjusted; the stars are of the "
                                "unadjusted p."),
                              adjustment(d));
}

static const char *cluster_name(np_composer *c)
{
    const char *cluster = c->question->cluster;
    if (*cluster == '\0' || strcmp(cluster, c->question->unit) == 0)
        return np_say_unit(c);
    return np_say_column(c, cluster);
}

static void errors_note(np_composer *c, np_table_builder *b, const np_effect *e)
{
    if (e->n_clusters > 0)
        np_table_builder_note(
            b, _("Standard errors: clustered by %s (%s, of which %s with participants)."),
            cluster_name(c),
            np_say_counted(c, e->n_clusters, N_("%s cluster"), N_("%s clusters")),
            np_say_count(c, e->n_treated_clusters));
    else if (e->vcov_label != NULL && *e->vcov_label != '\0')
        np_table_builder_note(b, _("Standard errors: %s."), np_translate(e->vcov_label));
}

static void left_out_note(np_composer *c, np_table_builder *b, const np_effect *e)
{
    np_buf buf = {0};
    for (size_t i = 0; i < e->n_left_out; i++) {
        const np_left_out *l = &e->left_out[i];
        if (l->n_rows == 0)
            continue;
        np_buf_format(&buf, "%s%s (%s)", buf.length > 0 ? "; " : "",
                      np_translate(l->reason),
                      np_say_counted(c, l->n_rows, N_("%s row"), N_("%s rows")));
    }
    const char *text = np_buf_done(&buf);
    if (text != NULL && *text != '\0')
        np_table_builder_note(b, _("Left out: %s."), text);
    np_buf_free(&buf);
}

/* Source, unit, N and who is left out, base: what every table says. */
void np_compose_sample_notes(np_composer *c, np_table_builder *b, const np_effect *e)
{
    const np_question_result *q = c->question;
    const char *file =
        q->file < c->evaluation->n_files ? c->evaluation->file[q->file].path : "";
    np_table_builder_note(b, _("Source: %s.%s"), file,
                          c->evaluation->simulated ? _(" The data are simulated.") : "");
    if (e == NULL) {
        if (*c->uom != '\0')
            np_table_builder_note(b, _("Unit of measure: %s."), c->uom);
        return;
    }
    bool panel = q->design == NP_DESIGN_PANEL_DID;
    if (*c->effect_uom != '\0')
        np_table_builder_note(b,
                              panel ? _("Effects in %s. Observations: %s by period.")
                                    : _("Effects in %s. Observations: %s."),
                              c->effect_uom, np_say_unit(c));
    np_table_builder_note(
        b, _("Base: %s and %s, %s to %s; N is the number of observations."),
        np_say_counted(c, e->n_treated, N_("%s participant"), N_("%s participants")),
        np_say_counted(c, e->n_comparison, N_("%s other"), N_("%s others")),
        np_say_period(c, q->first_period), np_say_period(c, q->last_period));
    left_out_note(c, b, e);
}

void np_compose_common_notes(np_composer *c, np_table_builder *b, const np_effect *e)
{
    np_compose_sample_notes(c, b, e);
    if (e == NULL)
        return;
    np_table_builder_note(b, _("CI: %s per cent confidence interval, two-sided."),
                          np_say_level_percent(c, e->conf_level));
    np_table_builder_note(b, "%s", np_say_decision(c));
    errors_note(c, b, e);
}

const char *np_compose_id(np_composer *c, const char *kind, const char *part)
{
    const char *dash = *part == '\0' ? "" : "-";
    return np_say_format(c, "%s-%s%s%s", kind, c->question->id, dash, part);
}
