/* Change scores as the evaluation of 2010 had them: each unit's change is the
 * mean of its outcome in the windows after less that in the windows before,
 *
 *   change_i = a + b participant_i + e_i
 *
 * by least squares over participants and all others, unweighted and weighted; a is
 * the others' change, b the difference. The same with the level before and the level
 * after as the dependent variable, so that after - before = change in each row.
 *
 *   difference  participants against others (M1)
 *   contrasts   several kinds of participants against others in one equation (M2)
 *   attribute   participants who have it against all others, one equation each; those
 *               who do not have it are left out (M3)
 *   grade       change per step of a grade, among participants (M4)
 *   informants  several answers per unit share its weight, errors clustered (M5)
 *   unit-panel  units with unit effects, linear time between knots and an exposure of
 *               0, 1/4, 1/2, 3/4 or 1 of the window (M6)
 *   ranking     residuals of change on level and log size among those who improved (M7)
 *
 * Internal to the evaluation. */
#ifndef NP_EVALUATION_CHANGE_H
#define NP_EVALUATION_CHANGE_H

#include "evaluation/caveat.h"
#include "evaluation/effect.h"
#include "evaluation/work.h"

/* One row per unit with an outcome in every window. Arrays in the result arena. */
typedef struct {
    const np_sample *sample;
    size_t n;
    const int32_t *unit;                   /* [n] sample's codes */
    const double *before, *after, *change; /* [n] */
    const double *trend;       /* [n] last less first window before; NULL with one */
    const double *weight;      /* [n] 0: none; NULL: no weights in the plan */
    const uint8_t *treated;    /* [n] */
    const uint32_t *first_row; /* [n] of the table: for columns that are the unit's */
    size_t n_sample_units;
    const double *share_missing; /* [n_sample_units] windows without outcome */
    const uint8_t *unit_treated; /* [n_sample_units] */
    const np_left_out *left_out;
    size_t n_left_out;
    int32_t *row_of_unit; /* [n_sample_units] its row here, -1 none */
} np_change_rows;

np_status np_change_rows_build(np_change_rows *out, np_work *w, const np_sample *sample);

/* A column that describes units: its cell in any of the unit's rows that has one.
 * numbers [n] with NaN for missing (text columns: NaN unless coded). NP_E_RANGE where a
 * unit has two different values. `cell` is set to a row that has the value, or
 * UINT32_MAX. */
np_status np_change_unit_cells(uint32_t **cell, const np_column **column, np_work *w,
                               const np_change_rows *rows, np_plan_name name,
                               const char *role);

/* One set of rows for the regressions: units, or informants. Borrowed arrays [n]. */
typedef struct {
    size_t n, n_regressors;
    const int32_t *unit;                            /* codes, for clusters and counts */
    const double *before, *after, *change, *weight; /* weight NULL: unweighted only */
    const double *share;       /* of the unit's weight that a row has; NULL: 1 */
    const double *const *x;    /* [n_regressors] */
    const char *const *x_name; /* [n_regressors] */
    const uint8_t *treated;
    bool cluster; /* by unit, also where the plan says otherwise */
} np_change_design;

/* Labels of one regressor's effect. */
typedef struct {
    np_estimator estimator;
    np_scope scope;
    const char *id; /* "absence/leadership" */
    const char *group_id, *scope_id;
    np_localised group_label, label;
    bool informants;
    int sides; /* 0 as the question, 1, 2 */
} np_change_label;

/* The findings while they grow. */
typedef struct {
    np_effect *effect;
    size_t n, capacity;
} np_effect_list;

np_status np_effects_add(np_work *w, np_effect_list *list, const np_effect *e);

/* Before, after and change on the regressors, unweighted and weighted as planned; one
 * effect per regressor, dependent and weighting is added, labelled by label[k]. */
np_status np_change_estimate(np_work *w, np_effect_list *list, const np_change_rows *rows,
                             const np_change_design *design, const np_change_label *label,
                             const np_caveat_list *shared);

/* The parts, in change_parts.c, informants.c, unit_panel.c and ranking.c. */
np_status np_change_parts(np_work *w, np_effect_list *list, const np_change_rows *rows,
                          const np_caveat_list *shared);
np_status np_informants_estimate(np_work *w, np_effect_list *list,
                                 const np_change_rows *rows, const np_table *table,
                                 const np_caveat_list *shared);
np_status np_unit_panel_estimate(np_work *w, np_effect_list *list,
                                 const np_plan_unit_panel *plan, const np_table *table);
np_status np_ranking_estimate(const np_ranking **out, np_work *w,
                              const np_change_rows *rows);

/* A grade's number of a cell, NaN where it is missing; NP_E_RANGE for an answer that
 * the coding does not have. */
np_status np_grade_of(double *out, np_work *w, const np_plan_grade *grade,
                      const np_column *column, size_t row);
/* Whether a cell says that the attribute is there. */
bool np_attribute_holds(const np_plan_attribute *attribute, const np_column *column,
                        size_t row);

/* Other data files than the question's own, by name. */
typedef struct {
    const np_table *informants;        /* NULL: none */
    const np_table *const *unit_panel; /* [q->n_unit_panels] */
} np_change_files;

np_status np_change_run(np_question_result *out, np_work *w,
                        const np_change_files *files);

#endif
