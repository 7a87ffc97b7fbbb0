/* What would overturn a question's estimate: trends that part after the start, placebo
 * dates, single units and cohorts, other draws of who starts when; internal. The engines
 * are stats/did/did_sensitivity.h, robustness.h and stats/infer/randomisation.h. */
#ifndef NP_EVALUATION_OVERTURN_H
#define NP_EVALUATION_OVERTURN_H

#include "evaluation/staggered.h"

bool np_overturn_is_asked(const np_plan_question *q);

/* Tries the estimate of the plan's `of` on the rows of the whole; effect[n_effects] are
 * what was estimated on them. *out NULL where nothing is asked for. What the data cannot
 * answer is kept with its reason. */
np_status np_overturn_run(const np_overturn **out, np_work *w, const np_staggered_rows *s,
                          const np_effect *effect, size_t n_effects);

#endif
