/* Descriptive series: the outcome of participants, of each cohort and of others over
 * time, and what would be expected without the programme; internal. */
#ifndef NP_EVALUATION_SERIES_H
#define NP_EVALUATION_SERIES_H

#include "evaluation/work.h"

/* One outcome's set. `weights` (text NULL: unweighted) need not be the models'.
 * Means are over the rows that have the outcome (and the weight); expected is
 *   mean of participants in the last period before the first start
 *   + change of the others' mean since,
 * for each cohort likewise from its own last period before. */
np_status np_series_build(np_series_set *out, const np_work *w, const np_sample *sample,
                          np_plan_name outcome, np_plan_name weights);

/* The label the plan gives a cohort; empty where it gives none. */
np_localised np_cohort_label(const np_plan_question *q, double start);

#endif
