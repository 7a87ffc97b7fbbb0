#include "evaluation/staggered_json.h"

#include "evaluation/did_json.h"
#include "evaluation/trial_json.h"

void np_staggered_json(np_json *j, const np_staggered *s)
{
    np_json_key(j, "cohort_design");
    if (s == NULL)
        np_json_null(j);
    else
        np_did_design_json(j, s->panel, &s->design);
    np_json_key(j, "comparison_of_estimators");
    if (s == NULL || s->comparison == NULL)
        np_json_null(j);
    else
        np_did_comparison_json(j, s->comparison);
}

void np_effect_did_json(np_json *j, const np_effect *e, const np_staggered *s)
{
    /* cohorts and subgroups have panels of their own, which are not kept */
    if (e->did == NULL || e->scope != NP_SCOPE_ALL || s == NULL)
        return;
    np_did_question question = {
        .panel = s->panel, .panel_spec = s->panel_spec, .spec = s->spec};
    np_json_key(j, "did");
    np_json_object(j);
    np_did_result_json_members(j, &question, e->did);
    np_json_end_object(j);
}

static void put_trial(np_json *j, np_trial_kind kind, const np_trial *t)
{
    if (t->refused == NULL && t->honest == NULL && t->robustness == NULL &&
        t->randomisation == NULL)
        return;
    np_json_key(j, np_trial_code(kind));
    np_json_object(j);
    if (t->refused != NULL)
        np_json_put_text(j, "refused", t->refused->message);
    if (t->honest != NULL)
        np_honest_json_members(j, t->honest, NULL);
    if (t->robustness != NULL)
        np_robustness_json_members(j, t->robustness);
    if (t->randomisation != NULL)
        np_randomisation_json_members(j, t->randomisation);
    np_json_end_object(j);
}

void np_overturn_json(np_json *j, const np_overturn *o)
{
    np_json_key(j, "sensitivity");
    if (o == NULL) {
        np_json_null(j);
        return;
    }
    np_json_object(j);
    np_json_put_text(j, "of", np_did_estimator_code(o->of));
    for (int k = 0; k < NP_N_TRIALS; k++)
        put_trial(j, (np_trial_kind)k, &o->trial[k]);
    np_json_end_object(j);
}
