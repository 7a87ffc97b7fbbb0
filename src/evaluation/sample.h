/* Who is looked at: the rows of a question's data with their units, periods and
 * cohorts, after the plan's filters; internal to the evaluation.
 */
#ifndef NP_EVALUATION_SAMPLE_H
#define NP_EVALUATION_SAMPLE_H

#include "evaluation/condition.h"

typedef struct {
    const np_table *table; /* borrowed */
    size_t n;              /* rows kept */
    const uint32_t *row;   /* [n] of the table */
    const int32_t *unit;   /* [n] 0 … n_units-1; units without rows keep their code */
    const double *time;    /* [n] the period as a number; NaN in change scores whose
                              windows are texts */
    size_t n_units;
    const char *const *unit_name; /* [n_units] as people call it */
    const double *cohort;         /* [n_units] first treated period; INFINITY: never */
    const uint8_t *has_rows;      /* [n_units] any row kept */
    size_t n_periods;
    const double *period;        /* [n_periods] ascending */
    const np_left_out *left_out; /* [n_left_out] */
    size_t n_left_out;
    size_t n_cohorts;
    const double *start; /* [n_cohorts] first treated periods, ascending */
} np_sample;

extern const char np_reason_always_treated[]; /* in left_out: no period before */

/* Applies `rows`, `periods`, `comparison_filter`, `only_cohorts` and, for panels,
 * leaves out cohorts without a period before or after their start. `extra` is one
 * more condition (a subgroup's), or NULL.
 *
 * NP_E_UNKNOWN_NAME    a column that is not there, at its place in the plan
 * NP_E_RANGE           a unit whose treatment switches off or starts twice; a period or
 *                      start that is no number
 * NP_E_DUPLICATE       a unit twice in a period
 * NP_E_NOT_IDENTIFIED  no row, no treated unit, or nobody to compare with */
np_status np_sample_build(np_sample *out, const np_table *table,
                          const np_plan_question *q, const np_condition *extra,
                          const np_plan *plan, np_arena *arena, np_error *err);

/* Rows by reason, with the units they belong to: why[n] is 0 (kept) or 1 + the index
 * of the reason. */
np_status np_left_out_collect(const np_left_out **out, size_t *n_out, const uint8_t *why,
                              const int32_t *unit, size_t n, const char *const *reason,
                              size_t n_reasons, const char *const *unit_name,
                              size_t n_units, np_arena *arena, np_error *err);

/* Distinct finite values, ascending. */
np_status np_distinct(const double **out, size_t *n_out, const double *value, size_t n,
                      np_arena *arena, np_error *err);

#endif
