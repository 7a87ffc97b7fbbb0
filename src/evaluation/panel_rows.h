/* The complete rows of one panel model with what is derived for it: who
 * participates, from when, and how far from the start; internal.
 *
 * All arrays live in the scratch arena of the work.
 */
#ifndef NP_EVALUATION_PANEL_ROWS_H
#define NP_EVALUATION_PANEL_ROWS_H

#include "evaluation/work.h"

typedef struct {
    np_plan_name outcome;
    double cohort; /* NaN: all cohorts; else this one against the comparison group */
} np_panel_rows_spec;

typedef struct {
    const np_sample *sample;
    size_t n;
    const int32_t *unit;              /* [n] sample's codes */
    const double *time, *y;           /* [n] */
    const double *weight;             /* [n] or NULL */
    const double *const *control;     /* [n_controls] columns [n] */
    const double *participant, *post; /* [n] 0/1 */
    const double *event_time; /* [n] period - start; NP_NEVER for the comparison */
    size_t n_periods;
    const double *period; /* [n_periods] among the rows */
    size_t n_starts;
    const double *start; /* [n_starts] cohorts among the participants */
    np_derived derived;  /* the columns by name */
    const char *y_name, *unit_name, *time_name, *weight_name; /* quoted; weight or NULL */
    const char *const *control_name;                          /* [n_controls] quoted */
    const char *participant_name, *post_name, *event_name;
    const char *const *cluster_name; /* [n_clusters] quoted */
    size_t n_clusters;
    const int64_t *cluster; /* [n] codes of the first cluster variable */

    /* rows that were in question but are not complete; why is for the left-out list */
    size_t n_candidates;
    const uint8_t *why;               /* [n_candidates] */
    const int32_t *candidate;         /* [n_candidates] units */
    const double *candidate_y;        /* [n_candidates] NaN: missing */
    const uint8_t *candidate_treated; /* [n_candidates] belongs to a participant */
} np_panel_rows;

#define NP_NEVER (-1e6) /* event time of those who never start */

extern const char *const np_panel_rows_reason[]; /* msgids */
enum { NP_PANEL_ROWS_REASONS = 4 };              /* the last: alone in its unit */

/* NP_E_UNKNOWN_NAME, NP_E_RANGE (text where numbers are needed, negative weight),
 * NP_E_NOT_IDENTIFIED (no rows, constant outcome, nobody on one side). */
np_status np_panel_rows_build(np_panel_rows *out, np_work *w, const np_sample *sample,
                              const np_panel_rows_spec *spec, np_error *failure);

#endif
