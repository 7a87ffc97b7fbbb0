/* Several measurements of an indicator as one value, by the indicator's own rule.
 *
 *   sum            of all; a part that is missing makes the sum missing, and the sum of
 *                  the others is offered as such
 *   ratio          factor · sum of numerators / sum of denominators: ratios are never
 *                  averaged (15/100 and 15/50 are 30/150 = 20 per cent, not 22.5)
 *   mean           of those that are there, each counting the same
 *   weighted_mean  of those that are there, by the number of people of each
 *   latest         the value of the last period that has one
 *   none           "cannot be computed", which is an answer with its reason: persons who
 *                  are counted anew each half-year do not add up to persons of a year
 *
 * One value alone is itself, whatever the rule; a ratio with its parts is recomputed all
 * the same. How many there were, how many are missing and why, and how many breaks in the
 * series lie between them belongs to the answer. What is not applicable cannot occur: it
 * is counted, and makes no sum missing.
 *
 * Source: conventions, section 3 and tests T1, T2, T6, T10, T20, T23.
 */
#ifndef NP_PROGRAMME_AGGREGATE_H
#define NP_PROGRAMME_AGGREGATE_H

#include "programme/value.h"
#include "store/query.h"

typedef enum {
    NP_ACROSS_ORGANISATIONS = 0,
    NP_ACROSS_UNITS,
    NP_ACROSS_PERIODS
} np_across;

enum { NP_N_REASONS = 8 }; /* in the order of the kinds: blank, not_measured … */

typedef struct {
    double value, numerator, denominator, weight; /* NaN: absent */
    const char *missing;                          /* a reason; NULL: there is a value */
    np_period period;
    bool break_in_series;
} np_part;

typedef struct {
    const char *rule;   /* "ratio" … */
    bool computed;      /* else `reason` says why not */
    double value;       /* NaN unless computed */
    const char *reason; /* translated; "" where computed */
    double partial;     /* of a sum that is missing: the sum of what is there; else NaN */
    double numerator, denominator; /* of a ratio: their sums; else NaN */
    size_t n, n_values;            /* parts; those with a value */
    size_t n_missing[NP_N_REASONS];
    size_t n_breaks;
} np_aggregated;

/* NP_E_RANGE: a part's reason is none of the eight. */
np_status np_aggregate_parts(np_aggregated *out, const np_record *indicator,
                             np_across across, const np_part *part, size_t n,
                             np_error *err);

/* The same for the measurements of the indicator for which all conditions hold. Baselines
 * are left out unless `baselines`.
 * NP_E_UNKNOWN_NAME: there is no such indicator, or a path leads nowhere */
np_status np_aggregate_measurements(np_aggregated *out, np_store *store,
                                    const char *indicator, np_across across,
                                    const np_where *where, size_t n_where, bool baselines,
                                    np_arena *arena, np_error *err);

#endif
