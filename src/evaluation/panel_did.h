/* Panel difference-in-differences as the evaluation of 2016 had it:
 *
 *   y_it = b0 + b1 participant_i + Σ_t b_t 1(t) + delta participant_i post_it + K_it g +
 * e_it
 *
 * post_it = 1 from the start of i's cohort. Two estimators: unit effects absorbed
 * (participant goes with them) and random unit effects by Swamy and Arora, both with
 * period dummies; overall, by cohort and by subgroup. And the event study, in which
 * post_it gives way to the distance from the start.
 *
 * Internal to the evaluation; the measures of fit are those of effect.h.
 */
#ifndef NP_EVALUATION_PANEL_DID_H
#define NP_EVALUATION_PANEL_DID_H

#include "evaluation/work.h"

/* Fills the findings of w->q into *out. Fails where the question as a whole cannot be
 * answered; a subgroup that cannot is an effect with `refused`. */
np_status np_panel_did_run(np_question_result *out, np_work *w);

#endif
