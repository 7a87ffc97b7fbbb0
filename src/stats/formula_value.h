/* Expressions of the formula language on the rows of a table. */
#ifndef NP_STATS_FORMULA_VALUE_H
#define NP_STATS_FORMULA_VALUE_H

#include "stats/formula.h"
#include "table/group.h"
#include "table/table.h"

typedef enum {
    NP_FORMULA_NUMBER = 0,
    NP_FORMULA_LOGICAL,
    NP_FORMULA_TEXT
} np_formula_value_kind;

/* One value per row, or one for all. A variable as it stands keeps its column and is
 * not copied; logical values are 1, 0 and NaN. */
typedef struct {
    np_formula_value_kind kind;
    bool is_scalar;          /* number or text holds it */
    bool is_factor;          /* factor(), as.factor(), as.character() */
    double number;           /* scalar */
    const char *text;        /* scalar */
    const double *x;         /* [n_rows]; NULL: column holds it, or scalar */
    const np_column *column; /* the table's, or made for computed values; NULL: scalar */
} np_formula_value;

typedef struct np_panel_index np_panel_index;

typedef struct {
    const np_table *table;
    const char *panel_unit, *panel_time; /* for l(), f(), d(); NULL: no panel */
    const np_panel_index *panel;         /* built when first needed */
    np_arena *arena;
    np_error *err;
} np_evaluator;

/* Missing stays missing, as in R: NA & FALSE is FALSE, NA == 1 is NA.
 * NP_E_UNKNOWN_NAME a variable or function that is not there, with the nearest name;
 * NP_E_RANGE text where a number is needed; NP_E_DUPLICATE a unit twice in a period,
 * where lags need it to be once. */
np_status np_evaluate(np_formula_value *out, np_evaluator *v, const np_expr *e);

/* The value as doubles [n_rows]: borrowed where the column is one. NP_E_RANGE: text. */
np_status np_formula_value_numbers(const double **out, const np_formula_value *value,
                                   const np_expr *e, np_evaluator *v);
/* The value as a column that can be grouped. */
np_status np_formula_value_column(const np_column **out, const np_formula_value *value,
                                  const np_expr *e, np_evaluator *v);
/* Whether any row may be missing or not finite; false needs no look at the rows. */
bool np_value_may_miss(const np_formula_value *value);
bool np_formula_value_missing(const np_formula_value *value, size_t row);

/* The scalars of "c(-1, -1000)", "2:5", "\"a\"" or one scalar. */
np_status np_evaluate_list(np_formula_value **out, size_t *n, np_evaluator *v,
                           const np_expr *e);
/* Whether the row's value equals a scalar: as numbers, or as texts where either is. */
bool np_formula_value_equals(const np_column *column, size_t row,
                             const np_formula_value *scalar);

/* Rows of the panel by unit and time. partner[row] is the row of the same unit `lag`
 * time units before (negative: after), -1 where there is none. Text times count by
 * their order. */
np_status np_panel_partners(const int64_t **out, np_evaluator *v, int64_t lag,
                            const np_expr *e);

#endif
