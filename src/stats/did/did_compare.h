/* Estimators of one panel, side by side, and the facts from which "where they differ
 * and why" is said: findings of a fixed list of kinds with their numbers, in the order
 * to be told. Whoever prints them makes the sentences (report/did_doc.h).
 *
 * "Agree": the estimates whose distance to the median of all is within their own
 * confidence interval. That is no test of equality, for which the estimators' joint
 * covariance would be needed; it says whose interval holds the others' answer.
 */
#ifndef NP_STATS_DID_DID_COMPARE_H
#define NP_STATS_DID_DID_COMPARE_H

#include "stats/did/did.h"

typedef struct {
    np_did_estimator estimator;
    const np_did_result *result; /* NULL: refused */
    const char *reason;          /* translated, why refused; "" */
    double estimate, std_error, p_value, conf_low, conf_high; /* the simple average */
    double at_start, at_start_error; /* event time 0; NaN: the estimator has none */
} np_did_compared;

typedef enum {
    /* lowest and highest estimate: value[0], [1]; estimators: these two */
    NP_DID_FINDING_RANGE = 0,
    /* estimates below 0 and above: value[0], [1]; estimators: of the rarer sign */
    NP_DID_FINDING_SIGN,
    /* value[0] of value[1] intervals leave 0 out; estimators: these */
    NP_DID_FINDING_SIGNIFICANT,
    /* value[0]: the median; estimators: those that agree with it */
    NP_DID_FINDING_AGREE,
    /* value[0]: the median; estimators: those that do not */
    NP_DID_FINDING_DISAGREE,
    /* the effect at event time value[0] is value[1], at value[2] it is value[3];
     * value[4]: p of their difference; estimators: whose; only where p < 0.05 */
    NP_DID_FINDING_CHANGES,
    /* two-way: value[0] share of negative weights, [1] of [2] cells, [3] sigma_fe */
    NP_DID_FINDING_NEGATIVE_WEIGHTS,
    /* two-way: value[0] weight of comparisons with units treated already, [1] their
     * average, [2] the coefficient, [3] the average of the other comparisons */
    NP_DID_FINDING_FORBIDDEN,
    /* estimators whose test of effects before the start has p < 0.05; value[0]: how
     * many have such a test, [1] the smallest p */
    NP_DID_FINDING_BEFORE,
    /* text: the convention, English, for _(); estimators: who has it. Only where not
     * all have the same */
    NP_DID_FINDING_COMPARISON,
    NP_DID_FINDING_WEIGHTING,
    NP_DID_FINDING_CONTROLS,
    NP_DID_FINDING_BASE,
    NP_DID_FINDING_ERRORS,
    /* value[0]: units; estimators: who uses as many. Only where not all use the same */
    NP_DID_FINDING_UNITS,
    /* text: the reason, translated; estimators: the one that is refused */
    NP_DID_FINDING_REFUSED
} np_did_finding_kind;

/* "range", "forbidden" …: the JSON's word. */
const char *np_did_finding_code(np_did_finding_kind kind);

typedef struct {
    np_did_finding_kind kind;
    unsigned estimators; /* bits 1u << np_did_estimator */
    double value[5];
    const char *text; /* "" where the kind has none */
} np_did_finding;

typedef struct {
    size_t n_rows; /* in the order of np_did_estimator */
    const np_did_compared *row;
    size_t n_results; /* rows that are not refused */
    size_t n_findings;
    const np_did_finding *finding;
} np_did_comparison;

/* Of results that are there, and of estimators that were refused with a reason
 * [n_refused]; each estimator once. NP_E_NO_MEMORY alone. */
np_status np_did_compare(np_did_comparison *out, const np_did_result *result,
                         size_t n_results, const np_did_estimator *refused,
                         const char *const *reason, size_t n_refused, np_arena *arena,
                         np_error *err);

#endif
