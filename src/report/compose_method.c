/* The appendices: how it was computed, and from what. */
#include <math.h>
#include <string.h>

#include "report/compose.h"
#include "report/number.h"

static const char *const method_text[NP_N_ESTIMATORS] = {
    [NP_ESTIMATOR_TWO_WAY] = N_(
        "Two-way fixed effects: least squares with an effect of each unit and of each "
        "period; the effect of the programme is the coefficient of being a participant "
        "after the start."),
    [NP_ESTIMATOR_RANDOM] =
        N_("Random effects: feasible generalised least squares with a random effect of "
           "each unit (Swamy and Arora), a dummy for participants and one per period. It "
           "rests on the units' effects being unrelated to participation, which fixed "
           "effects do not."),
    [NP_ESTIMATOR_EVENT_STUDY] =
        N_("Event study: two-way fixed effects with one term for each period before and "
           "after the start, relative to the last period before."),
    [NP_ESTIMATOR_DIFFERENCE] =
        N_("Change scores: least squares of each unit's change from before to after on "
           "participation. The constant is the others' change, the coefficient the "
           "difference between the participants' change and theirs. The columns for "
           "before and after are the same regression of the levels."),
    [NP_ESTIMATOR_CONTRASTS] =
        N_("Kinds of participants: one equation with a dummy for each kind against all "
           "others."),
    [NP_ESTIMATOR_ATTRIBUTE] = N_(
        "Attributes: one equation per attribute, participants that have it against all "
        "who do not participate; participants without it are left out of that "
        "equation."),
    [NP_ESTIMATOR_GRADE] =
        N_("Grades: change on a grade among participants, with one step having the same "
           "effect everywhere."),
    [NP_ESTIMATOR_UNIT_PANEL] =
        N_("Units with partial exposure: fixed effects of the units, piecewise linear "
           "time, and the part of each period in which the unit was treated."),
    [NP_ESTIMATOR_GROUP_TIME] =
        N_("Group-time average effects (Callaway and Sant'Anna 2021): each cohort is "
           "compared, period by period, with units that are not treated, from the last "
           "period before its start; the effects are averaged afterwards."),
    [NP_ESTIMATOR_SUN_ABRAHAM] =
        N_("Interaction-weighted event study (Sun and Abraham 2021): least squares with "
           "a term for each cohort and period since the start, averaged with the "
           "cohorts' shares."),
    [NP_ESTIMATOR_IMPUTATION] =
        N_("Imputation (Borusyak, Jaravel and Spiess 2024): unit and period effects are "
           "estimated on untreated rows alone, and tell what the treated rows would have "
           "been; the effect is the mean difference."),
    [NP_ESTIMATOR_EXTENDED_TWO_WAY] =
        N_("Extended two-way fixed effects (Wooldridge 2021): least squares with an own "
           "effect for each cohort and period from the start on."),
    [NP_ESTIMATOR_STACKED] =
        N_("Stacked event studies (Cengiz, Dube, Lindner and Zipperer 2019): a data set "
           "for each cohort with those that are untreated in its window, stacked and "
           "estimated together."),
    [NP_ESTIMATOR_SWITCHERS] =
        N_("Switchers (de Chaisemartin and D'Haultfœuille 2024): units whose treatment "
           "changes are compared with those that had the same treatment and have not "
           "changed yet."),
    [NP_ESTIMATOR_EFFICIENT] =
        N_("Efficient under starts drawn by lot (Roth and Sant'Anna 2023): earlier "
           "outcomes are used as far as they predict, which is right where when a unit "
           "starts is as good as random."),
    [NP_ESTIMATOR_SYNTHETIC_DID] =
        N_("Synthetic difference-in-differences (Arkhangelsky and others 2021): units "
           "that never take part and periods before the start are weighted so that their "
           "development follows the participants', and the differences are compared."),
    [NP_ESTIMATOR_SYNTHETIC_CONTROL] =
        N_("Synthetic control (Abadie, Diamond and Hainmueller 2010): a weighted average "
           "of units that never take part stands for the participants without the "
           "programme."),
};

static bool is_used(const np_evaluation *e, np_estimator estimator)
{
    for (size_t i = 0; i < e->n_questions; i++)
        for (size_t k = 0; k < e->question[i].n_effects; k++)
            if (e->question[i].effect[k].estimator == estimator)
                return true;
    return false;
}

static void estimators(np_composer *c)
{
    const char *item[NP_N_ESTIMATORS];
    size_t n = 0;
    for (size_t i = 0; i < NP_N_ESTIMATORS; i++) {
        bool events = false;
        for (size_t k = 0; k < c->evaluation->n_questions; k++)
            events = events || c->evaluation->question[k].n_event_studies > 0;
        if (is_used(c->evaluation, (np_estimator)i) ||
            (i == NP_ESTIMATOR_EVENT_STUDY && events))
            item[n++] = np_translate(method_text[i]);
    }
    np_doc_add_list(c->doc, item, n);
}

static void add_model(np_composer *c, np_table_builder *b, const char *id,
                      const np_effect *e)
{
    const char *ssc = e->ssc_label == NULL ? "" : e->ssc_label;
    const char *vcov = e->vcov_label == NULL ? "" : e->vcov_label;
    np_table_builder_row(b);
    np_table_builder_row_header(b, id, 0);
    np_table_builder_cell(b, e->formula == NULL ? "" : e->formula);
    np_table_builder_cell(
        b, *ssc == '\0'
               ? vcov
               : np_say_format(c, "%s%s%s", vcov, *vcov == '\0' ? "" : "; ", ssc));
}

/* Every model once, by the first effect that is read from it. */
static void models(np_composer *c)
{
    const np_evaluation *e = c->evaluation;
    bool *listed = np_arena_array(c->arena, bool, e->n_models);
    np_table_builder *b =
        np_table_builder_new(c->arena, "table-models", _("The models as estimated"), 3);
    if (listed == NULL) {
        c->doc->failed = true;
        return;
    }
    np_table_builder_align(b, 1, NP_ALIGN_LEFT);
    np_table_builder_align(b, 2, NP_ALIGN_LEFT);
    np_table_builder_head(b);
    np_table_builder_cell(b, _("Model"));
    np_table_builder_cell(b, _("Formula"));
    np_table_builder_cell(b, _("Standard errors"));
    for (size_t i = 0; i < e->n_questions; i++)
        for (size_t k = 0; k < e->question[i].n_effects; k++) {
            const np_effect *effect = &e->question[i].effect[k];
            if (effect->refused != NULL || effect->model_index >= e->n_models ||
                listed[effect->model_index])
                continue;
            listed[effect->model_index] = true;
            add_model(c, b, e->model_id[effect->model_index], effect);
        }
    np_table_builder_note(b, "%s",
                          _("Formulas as in nullpunkt estimate; what stands after | is "
                            "absorbed. Further results are in results.json."));
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

void np_compose_method(np_composer *c)
{
    np_doc_add_heading(c->doc, 1, "method", _("How it was computed"));
    estimators(c);
    if (c->evaluation->n_models > 0)
        models(c);
}

static void files(np_composer *c)
{
    const np_evaluation *e = c->evaluation;
    if (e->n_files == 0)
        return;
    np_table_builder *b =
        np_table_builder_new(c->arena, "table-files", _("The data files"), 4);
    np_table_builder_align(b, 3, NP_ALIGN_LEFT);
    np_table_builder_head(b);
    np_table_builder_cell(b, _("File"));
    np_table_builder_cell(b, _("Rows"));
    np_table_builder_cell(b, _("Columns"));
    np_table_builder_cell(b, "SHA-256");
    for (size_t i = 0; i < e->n_files; i++) {
        const np_data_file *f = &e->file[i];
        np_table_builder_row(b);
        np_table_builder_row_header(b, f->path, 0);
        np_table_builder_number(b, np_say_count(c, f->n_rows), (double)f->n_rows);
        np_table_builder_number(b, np_say_count(c, f->n_columns), (double)f->n_columns);
        np_table_builder_cell(b, f->sha256);
    }
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

void np_compose_provenance(np_composer *c)
{
    const np_evaluation *e = c->evaluation;
    const char *item[3];
    size_t n = 0;
    np_doc_add_heading(c->doc, 1, "provenance", _("What it was computed from"));
    item[n++] = np_say_format(c, _("Program: Nullpunkt %s"), e->version);
    item[n++] = np_say_format(c, _("Plan: %s, SHA-256 %s"), e->plan_path, e->plan_sha256);
    if (e->date != NULL && *e->date != '\0')
        item[n++] = np_say_format(c, _("Computed: %s"), e->date);
    np_doc_add_list(c->doc, item, n);
    files(c);
}
