/* The JSON of what a question says about staggered starts; internal to result_json. */
#ifndef NP_EVALUATION_STAGGERED_JSON_H
#define NP_EVALUATION_STAGGERED_JSON_H

#include "base/json.h"
#include "evaluation/result.h"

/* "cohort_design": as np_did_design_json(), "comparison_of_estimators": as
 * np_did_comparison_json(); or null. */
void np_staggered_json(np_json *j, const np_staggered *s);
/* "did": the members of np_did_result_json_members(), or nothing. */
void np_effect_did_json(np_json *j, const np_effect *e, const np_staggered *s);
/* "sensitivity": {"of", then for each trial asked for its np_trial_code(): {"refused"} or
 * the members of trial_json.h}, or null */
void np_overturn_json(np_json *j, const np_overturn *o);

#endif
