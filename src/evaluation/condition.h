/* Which rows fulfil a plan's conditions; internal to the evaluation. */
#ifndef NP_EVALUATION_CONDITION_H
#define NP_EVALUATION_CONDITION_H

#include "evaluation/plan.h"
#include "table/table.h"

/* A column that the plan names: NP_E_UNKNOWN_NAME at the plan's line and column, with
 * the nearest name of the table as hint. */
np_status np_plan_column(const np_column **out, const np_table *table, np_plan_name name,
                         const char *role, const np_plan *plan, np_error *err);

/* keep[n_rows]: 1 where all n conditions hold, else 0. */
np_status np_conditions_apply(uint8_t *keep, const np_table *table,
                              const np_condition *condition, size_t n,
                              const np_plan *plan, np_error *err);

/* The cell says `value`: as text, or as the same number. */
bool np_cell_equals(const np_column *column, size_t row, const char *value);

/* Conditions in words, for notes: "themes = 0, size 10 to 20". In the arena. */
const char *np_conditions_text(const np_condition *condition, size_t n, np_arena *arena);

#endif
