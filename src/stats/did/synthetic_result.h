/* The result of a synthetic study, as did.h wants it, from what synthetic.c found. */
#ifndef NP_STATS_DID_SYNTHETIC_RESULT_H
#define NP_STATS_DID_SYNTHETIC_RESULT_H

#include "stats/did/synthetic_averages.h"

typedef struct {
    const np_did_spec *spec;
    const np_did_panel *original;
    np_did_panel panel; /* balanced */
    np_did_dropped *dropped;
    size_t n_dropped;
    np_synthetic_study study;
    np_synthetic_answer answer;
    np_synthetic_layout layout;
    np_synthetic_spread spread; /* n = 0: no standard errors */
    np_synthetic_placebos in_space;
    bool has_in_space;
    double *value, *n_treated; /* [n_values], [n_cohorts] of the estimate */
} synthetic_work;

/* NP_E_NO_MEMORY alone. */
np_status np_synthetic_result_make(np_did_result *out, synthetic_work *w, np_arena *arena,
                                   np_error *err);

/* Statistics, tables, tests and warnings of the estimates. */
np_status np_synthetic_result_details(np_estimates *e, const synthetic_work *w,
                                      np_arena *arena, np_error *err);

#endif
