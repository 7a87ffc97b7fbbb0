/* From a model to an effect: numbers, p values as the plan wants them, measures of
 * fit, multiplicity; internal. */
#ifndef NP_EVALUATION_EFFECT_H
#define NP_EVALUATION_EFFECT_H

#include "evaluation/work.h"

/* An effect without estimate: NaN everywhere. */
np_effect np_effect_none(void);

/* Estimate, error, p values, interval and stars of one term; NP_E_NOT_IDENTIFIED when
 * the model dropped it as collinear. */
np_status np_effect_fill(np_effect *e, const np_model *model, const char *term,
                         const np_decision *decision, int direction, np_error *failure);

/* An estimate with its error, however it was made. */
typedef struct {
    double estimate, std_error, statistic, p_two_sided, conf_low, conf_high, conf_level;
} np_effect_numbers;

/* The numbers, with p values, stars and significance as the decision says. */
void np_effect_take(np_effect *e, const np_effect_numbers *numbers,
                    const np_decision *decision, int direction);

/* A refused effect: NaN and the reason, copied. */
np_status np_effect_refuse(np_effect *e, const np_work *w, const np_error *failure);

/* p_adjusted and significant within families: effects of one estimator, dependent,
 * weighting and kind of informant; the arithmetic is stats/infer/multiplicity.h. */
np_status np_effects_adjust(np_effect *effect, size_t n, const np_decision *decision,
                            np_arena *arena, np_error *err);

/* R² as Stata's xtreg prints it: squared correlations of the outcome with the fitted
 * x'b, both as deviations from the unit's mean (within), as means (between), and as
 * they are (overall); weighted with the rows' weights. `constant` is
 * mean(y) - mean(x'b), 0 where x holds an intercept. unit[n] are dense codes. */
typedef struct {
    double within, between, overall, constant;
} np_panel_fit_measures;

np_status np_panel_fit_measures_of(np_panel_fit_measures *out, const np_model *full,
                                   const int32_t *unit, size_t n_units, np_arena *arena,
                                   np_error *err);

#endif
