/* Robust intervals (honest.h) of the average of an estimator's effects by event time: of
 * the event study that it reports, from the same estimates and covariance.
 *
 * The periods before the start must be measured from one period, the last one before
 * the start (less the anticipation), and lie one step apart, the smallest there is
 * between them. Of the estimators, group-time with a varying base measures each from the
 * one before, and is estimated again with the universal base; imputation, extended
 * two-way effects, switchers and the synthetic methods measure them in other ways or not
 * at all, and are refused.
 *
 * Source: Rambachan and Roth (2023), section 2; for group-time effects their section 6.
 */
#ifndef NP_STATS_DID_DID_SENSITIVITY_H
#define NP_STATS_DID_DID_SENSITIVITY_H

#include "stats/did/did.h"
#include "stats/did/honest.h"

typedef enum {
    NP_TARGET_AVERAGE = 0, /* mean of the effects from the start on */
    NP_TARGET_FIRST        /* the effect in the first treated period */
} np_sensitivity_target;

/* Whether the estimator's periods before the start can be set against those after it. */
bool np_did_is_comparable(np_did_estimator estimator);

/* `how` gives restriction, bounds and method; its estimates and target are not read.
 * `result` is what the estimator gave already, or NULL.
 * NP_E_NOT_IDENTIFIED  no event study with a covariance, a gap in its periods, fewer
 *                      than two periods before the start
 * NP_E_USAGE           an estimator whose periods before the start are not comparable */
np_status np_did_honest_estimate(np_honest *out, const np_did_panel *panel,
                                 const np_did_spec *spec, np_did_estimator estimator,
                                 const np_did_result *result,
                                 np_sensitivity_target target, const np_honest_spec *how,
                                 np_arena *arena, np_error *err);

#endif
