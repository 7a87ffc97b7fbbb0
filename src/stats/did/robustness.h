/* What one unit, one cohort or the date decides: an estimator of did.h run again on the
 * panel without each unit or cohort, and with made-up starts in the periods before the
 * real ones.
 *
 * The number compared is the aggregate "simple", whatever averages the spec asks for,
 * where the estimator has one, else its first coefficient; without draws.
 *
 * Placebo dates: for all participants together the periods before the earliest start
 * (less the anticipation) are kept, and everybody who ever starts does so at the date,
 * for each date with a period before it. With several cohorts the same for each cohort by
 * itself, in the periods before its own start, against the units that start later or
 * never, which nobody has treated there. An effect before the start is one that cannot
 * be.
 *
 * Cost: one estimation per row, rows in parallel with one thread each; the rows do not
 * depend on the threads. A row whose estimator refuses carries the reason and NaN.
 *
 * Source: Angrist and Krueger (1999), Handb. Labor Econ. 3A, section 2.4 (falsification);
 *         Belsley, Kuh and Welsch (1980), ch. 2 (leaving out one). */
#ifndef NP_STATS_DID_ROBUSTNESS_H
#define NP_STATS_DID_ROBUSTNESS_H

#include "stats/did/did.h"

typedef enum { NP_LEAVE_OUT_UNIT = 0, NP_LEAVE_OUT_COHORT } np_leave_out;

typedef struct {
    const char *left_out; /* the unit's or cohort's name; placebo: "" */
    double cohort;        /* left out, or whose placebo it is; NaN: none, all */
    double date;          /* placebo start; NaN */
    double estimate, std_error, statistic, p_value, conf_low, conf_high;
    double change;       /* from the estimate of the whole panel; placebo: NaN */
    const char *refused; /* why there is no estimate; NULL */
} np_robustness_row;

typedef struct {
    double estimate, std_error; /* of the whole panel; placebo: NaN */
    double conf_level;
    size_t n_rows;
    const np_robustness_row *row;
    size_t lowest, highest; /* rows of the extreme estimates; n_rows: all refused */
    size_t farthest;        /* leaving out: that moves the estimate most */
    size_t n_refused;
    size_t n_rejected; /* rows whose interval does not hold 0 */
    double smallest_p; /* placebo: of the rows, times their number, at most 1 */
} np_robustness;

/* NP_E_NOT_IDENTIFIED  one cohort alone cannot be left out; what the estimator says of
 *                      the whole panel */
np_status np_leave_one_out(np_robustness *out, const np_did_panel *panel,
                           const np_did_spec *spec, np_did_estimator estimator,
                           np_leave_out what, np_arena *arena, np_error *err);

/* NP_E_NOT_IDENTIFIED  no cohort has two periods before its start */
np_status np_placebo_dates(np_robustness *out, const np_did_panel *panel,
                           const np_did_spec *spec, np_did_estimator estimator,
                           np_arena *arena, np_error *err);

/* The number that is compared, of a result that has it. */
void np_did_overall(double *estimate, double *std_error, const np_did_result *result);

#endif
