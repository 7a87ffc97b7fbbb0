/* The models of one scope of a panel question; internal. */
#ifndef NP_EVALUATION_PANEL_MODEL_H
#define NP_EVALUATION_PANEL_MODEL_H

#include "evaluation/caveat.h"
#include "evaluation/effect.h"
#include "evaluation/panel_rows.h"

/* What is estimated for: the whole, a cohort, a subgroup. */
typedef struct {
    np_scope scope;
    const char *id; /* "absence", "absence/cohort-2011", "absence/men" */
    const char *group_id, *scope_id;
    np_localised group_label, label;
    double cohort;
    np_plan_name outcome;
    int direction;
    const np_sample *sample;
} np_panel_scope;

/* Joint Wald test that the pre-period terms of an event study on these rows are zero,
 * with the question's covariance; *out NULL where there is none. */
np_status np_panel_pre_trend(const np_test **out, np_work *w, const np_panel_rows *rows,
                             const np_panel_scope *scope);

/* One estimator (two-way or random effects). `shared` are the caveats of the rows. */
np_status np_panel_effect_estimate(np_effect *out, np_work *w, const np_panel_rows *rows,
                                   const np_panel_scope *scope, np_estimator estimator,
                                   const np_test *pre_trend,
                                   const np_caveat_list *shared);

np_status np_event_study_estimate(np_event_study *out, np_work *w,
                                  const np_panel_rows *rows, const np_panel_scope *scope,
                                  const np_caveat_list *shared);

/* An effect with its labels and nothing else. */
np_effect np_panel_effect_labelled(const np_work *w, const np_panel_scope *scope,
                                   np_estimator estimator);

/* Fills counts, rows left out and means from the scratch model's rows. */
np_status np_panel_effect_count(np_effect *e, np_work *w, const np_panel_rows *rows,
                                const np_model *full);

/* The shared caveats that concern the estimator, and those of its clusters, of its
 * pre-trend test and of the model's own warnings. */
np_status np_panel_effect_caveats(np_effect *e, np_work *w, const np_model *model,
                                  const np_caveat_list *shared);

/* vcov of the spec as the plan says; NP_E_USAGE where the estimator cannot. */
np_status np_panel_set_vcov(np_model_spec *spec, np_work *w, const np_panel_rows *rows,
                            bool random_effects, np_error *failure);

#endif
