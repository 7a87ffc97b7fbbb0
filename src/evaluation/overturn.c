#include "evaluation/overturn.h"

#include <string.h>

#include "stats/did/did_sensitivity.h"

typedef struct {
    np_work *w;
    const np_staggered_rows *s;
    np_overturn *out;
    const np_did_result *result; /* of the estimator that is tried; NULL */
} trials;

bool np_overturn_is_asked(const np_plan_question *q)
{
    return q->sensitivity.given || q->inference.randomisation > 0;
}

/* The plan's, else the first that can be tried in every way. */
static np_did_estimator choose(const np_plan_question *q)
{
    const char *of = q->sensitivity.of.text;
    for (size_t i = 0; i < q->n_estimators; i++) {
        np_estimator e = q->estimator[i];
        if (!np_estimator_is_staggered(e))
            continue;
        np_did_estimator did = np_estimator_did(e);
        if (of == NULL ? np_did_is_comparable(did)
                       : strcmp(np_did_estimator_code(did), of) == 0)
            return did;
    }
    return NP_DID_TWO_WAY;
}

/* Whether the trial ended in a result; a refusal is kept, spent memory stops. */
static np_status settle(trials *t, np_trial_kind kind, np_status status,
                        const np_error *failure)
{
    if (status == NP_OK)
        return NP_OK;
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(t->w);
    np_error *copy = np_arena_array(t->w->arena, np_error, 1);
    if (copy == NULL)
        return np_work_no_memory(t->w);
    *copy = *failure;
    t->out->trial[kind].refused = copy;
    return NP_OK;
}

static np_status try_trends(trials *t, np_trial_kind kind, np_honest_restriction which,
                            const double *bound, size_t n)
{
    np_error failure = {0};
    if (n == 0)
        return NP_OK;
    np_honest *h = np_arena_array(t->w->arena, np_honest, 1);
    if (h == NULL)
        return np_work_no_memory(t->w);
    np_honest_spec how = {.restriction = which,
                          .bound = bound,
                          .n_bounds = n,
                          .conf_level = 1 - t->w->q->decision.level,
                          .seed = t->w->q->inference.seed};
    np_status status =
        np_did_honest_estimate(h, &t->s->panel, &t->s->spec, t->out->of, t->result,
                               NP_TARGET_AVERAGE, &how, t->w->arena, &failure);
    if (status == NP_OK)
        t->out->trial[kind].honest = h;
    return settle(t, kind, status, &failure);
}

static np_status try_without(trials *t, np_trial_kind kind, bool asked, np_leave_out what)
{
    np_error failure = {0};
    if (!asked)
        return NP_OK;
    np_robustness *r = np_arena_array(t->w->arena, np_robustness, 1);
    if (r == NULL)
        return np_work_no_memory(t->w);
    np_status status = np_leave_one_out(r, &t->s->panel, &t->s->spec, t->out->of, what,
                                        t->w->arena, &failure);
    if (status == NP_OK)
        t->out->trial[kind].robustness = r;
    return settle(t, kind, status, &failure);
}

static np_status try_dates(trials *t, bool asked)
{
    np_error failure = {0};
    if (!asked)
        return NP_OK;
    np_robustness *r = np_arena_array(t->w->arena, np_robustness, 1);
    if (r == NULL)
        return np_work_no_memory(t->w);
    np_status status =
        np_placebo_dates(r, &t->s->panel, &t->s->spec, t->out->of, t->w->arena, &failure);
    if (status == NP_OK)
        t->out->trial[NP_TRIAL_PLACEBO_DATES].robustness = r;
    return settle(t, NP_TRIAL_PLACEBO_DATES, status, &failure);
}

static np_status try_lots(trials *t)
{
    const np_plan_inference *i = &t->w->q->inference;
    np_error failure = {0};
    if (i->randomisation == 0)
        return NP_OK;
    np_randomisation *r = np_arena_array(t->w->arena, np_randomisation, 1);
    if (r == NULL)
        return np_work_no_memory(t->w);
    np_randomisation_spec how = {.statistic = t->out->of == NP_DID_TWO_WAY
                                                  ? NP_RANDOMISE_TWO_WAY
                                                  : NP_RANDOMISE_GROUP_TIME,
                                 .studentised = true,
                                 .comparison = t->s->spec.comparison,
                                 .anticipation = t->s->spec.anticipation,
                                 .by_cluster = t->s->panel.cluster_of != NULL,
                                 .draws = i->randomisation,
                                 .seed = i->seed,
                                 .conf_level = 1 - t->w->q->decision.level};
    np_status status =
        np_randomisation_estimate(r, &t->s->panel, &how, t->w->arena, &failure);
    if (status == NP_OK)
        t->out->trial[NP_TRIAL_RANDOMISATION].randomisation = r;
    return settle(t, NP_TRIAL_RANDOMISATION, status, &failure);
}

static np_status refuse_all(trials *t)
{
    np_status status = NP_OK;
    for (int k = 0; k < NP_N_TRIALS && status == NP_OK; k++)
        status = settle(t, (np_trial_kind)k, t->s->refused.status, &t->s->refused);
    return status;
}

static np_status try_all(trials *t)
{
    const np_plan_sensitivity *p = &t->w->q->sensitivity;
    np_status status =
        try_trends(t, NP_TRIAL_RELATIVE_MAGNITUDES, NP_HONEST_RELATIVE_MAGNITUDES,
                   p->relative_magnitude, p->n_relative_magnitudes);
    if (status == NP_OK)
        status = try_trends(t, NP_TRIAL_SMOOTHNESS, NP_HONEST_SMOOTHNESS, p->smoothness,
                            p->n_smoothness);
    if (status == NP_OK)
        status = try_dates(t, p->placebo_dates);
    if (status == NP_OK)
        status = try_without(t, NP_TRIAL_LEAVE_UNIT_OUT, p->leave_one_unit_out,
                             NP_LEAVE_OUT_UNIT);
    if (status == NP_OK)
        status = try_without(t, NP_TRIAL_LEAVE_COHORT_OUT, p->leave_one_cohort_out,
                             NP_LEAVE_OUT_COHORT);
    return status == NP_OK ? try_lots(t) : status;
}

np_status np_overturn_run(const np_overturn **out, np_work *w, const np_staggered_rows *s,
                          const np_effect *effect, size_t n_effects)
{
    *out = NULL;
    if (!np_overturn_is_asked(w->q))
        return NP_OK;
    np_overturn *o = np_arena_array(w->arena, np_overturn, 1);
    if (o == NULL)
        return np_work_no_memory(w);
    o->of = choose(w->q);
    trials t = {.w = w, .s = s, .out = o};
    for (size_t i = 0; i < n_effects; i++)
        if (effect[i].did != NULL && effect[i].did->estimator == o->of &&
            effect[i].scope == NP_SCOPE_ALL)
            t.result = effect[i].did;
    *out = o;
    return s->refused.status == NP_OK ? try_all(&t) : refuse_all(&t);
}
