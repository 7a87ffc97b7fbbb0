/* What the parts of np_imputation_estimate() share; nobody else includes this. */
#ifndef NP_STATS_DID_IMPUTATION_INTERNAL_H
#define NP_STATS_DID_IMPUTATION_INTERNAL_H

#include "stats/did/did_plan.h"
#include "stats/did/untreated_model.h"

/* A cell's sums over its treated rows. */
typedef struct {
    double weight;          /* sum of w */
    double squares, effect; /* sums of w² and w² tau */
    double weighted_effect; /* sum of w tau */
} np_imputation_sums;

typedef struct {
    const np_did_panel *panel;
    const np_did_spec *spec;
    np_arena *arena;
    np_error *err;
    uint8_t *untreated; /* [n] */
    np_untreated_model model;
    np_untreated_model squared; /* with squared_weights: of S and the units' means */
    double *residual;           /* [n] e_it, tau_it; NaN: not identified */
    int32_t *cell_of;           /* [n] -1: untreated or not identified */
    size_t n_cells;             /* of treated rows */
    size_t n_all;               /* with the leads */
    np_did_plan_cell *cell;     /* [n_all] */
    np_imputation_sums *sums;   /* [n_cells] */
    double *estimate;           /* [n_all] */
    double *loading;            /* [n_all × k] of the units' scores */
    size_t width;               /* k of the wider model */

    /* leads */
    size_t n_leads;        /* asked for */
    double *lead_time;     /* [n_leads] event times, ascending */
    double reference_lead; /* NaN: none is left out by choice */
    np_untreated_model lead_model;
    double *lead_residual; /* [n] */
    size_t n_kept_leads;
    double lead_factor; /* root of the small-sample factor */
    double n_lead_clusters;
    const char **collinear;
    size_t n_collinear;
} np_imputation;

/* imputation_leads.c: appends the leads to cells and estimates; NP_OK without any. */
np_status np_imputation_find_leads(np_imputation *w);
np_status np_imputation_fit_leads(np_imputation *w);
/* F test that all leads are 0. False: there are none, or their covariance is singular. */
np_status np_imputation_test_leads(np_test *out, bool *tested, const np_imputation *w,
                                   const double *vcov, size_t stride);

#endif
