/* Estimators for cohorts that start at different times on the rows of one scope;
 * internal. The engine is stats/did/did.h. */
#ifndef NP_EVALUATION_STAGGERED_H
#define NP_EVALUATION_STAGGERED_H

#include "evaluation/panel_model.h"

/* The scope's panel; its arrays live in the work's result arena. */
typedef struct {
    np_did_panel panel;
    np_did_panel_spec panel_spec;
    np_did_spec spec;
    np_error refused; /* status NP_OK: there is a panel */
} np_staggered_rows;

/* Never fails for what the data cannot answer: that is in `refused`. keep: the rows
 * outlive the scope, for the report. */
np_status np_staggered_rows_build(np_staggered_rows *out, np_work *w,
                                  const np_panel_rows *rows, bool keep);

/* The design of the panel, and where the estimators of effect[n_effects] that are made
 * for staggered starts agree and differ; *out NULL where there is no panel. */
np_status np_staggered_describe(const np_staggered **out, np_work *w,
                                const np_staggered_rows *s, const np_effect *effect,
                                size_t n_effects);

/* The average effect on all treated by one estimator; `shared` are the caveats of the
 * rows. */
np_status np_staggered_effect_estimate(
    np_effect *out, np_work *w, const np_staggered_rows *s, const np_panel_rows *rows,
    const np_panel_scope *scope, np_estimator estimator, const np_caveat_list *shared);

#endif
