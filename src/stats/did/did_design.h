/* The design of a staggered study, before anything is estimated: how many units start
 * when, how long each cohort is seen before and after, who can be compared with whom,
 * and which estimators are identified by that.
 */
#ifndef NP_STATS_DID_DID_DESIGN_H
#define NP_STATS_DID_DID_DESIGN_H

#include "stats/did/did.h"

typedef struct {
    double cohort; /* first treated period; INFINITY: never treated */
    size_t n_units;
    size_t n_before, n_after;  /* periods before the start (and the anticipation) and
                                  from it on */
    size_t n_not_yet_at_start; /* others untreated in the cohort's first treated
                                  period: never, or later */
    size_t n_not_yet_at_end;   /* the same in the last period */
    const size_t *seen;        /* [n_periods] units with a row in the period */
} np_did_cohort;

typedef struct {
    bool identified;
    char reason[192]; /* translated: why not, or "" */
} np_did_verdict;

typedef struct {
    size_t n_rows;
    const np_did_cohort *row; /* cohorts ascending, the never treated last if any */
    size_t n_units, n_never, n_periods, n;
    const np_did_verdict *verdict; /* [NP_N_DID_ESTIMATORS] */
    const char *const *warning;    /* [n_warnings] whole sentences, translated: cohorts
                                      of one unit … */
    size_t n_warnings;
} np_did_design;

/* Source: for what each estimator needs, its own header. NP_E_NO_MEMORY alone. */
np_status np_did_design_examine(np_did_design *out, const np_did_panel *panel,
                                const np_did_spec *spec, np_arena *arena, np_error *err);

#endif
