/* What the parts of np_design_build() share. */
#ifndef NP_STATS_DESIGN_INTERNAL_H
#define NP_STATS_DESIGN_INTERNAL_H

#include "stats/design.h"
#include "stats/formula_terms.h"
#include "stats/formula_value.h"

enum { NP_MOST_GROUPED = 16 };

/* One or several columns whose combinations are coded: fixed effects, clusters, the
 * panel. Asked for twice by the same name, it is coded once. */
typedef struct {
    const char *name; /* "unit", "period^region" */
    const np_column *column[NP_MOST_GROUPED];
    size_t n_columns;
    bool is_fixed_effect; /* with an intercept: singletons count */
    bool is_coded;
    np_groups groups; /* for the rows used */
} np_grouping;

typedef struct {
    size_t grouping; /* index */
    bool has_intercept;
    size_t n_slopes;
    const np_expr **slope;
    const double **slope_value; /* [n_table_rows], [n] at the end */
} np_fe_part;

/* Grows: reasons in order of first use. */
typedef struct {
    np_dropped *item;
    size_t n, capacity;
} np_reasons;

typedef struct {
    const np_design_spec *spec;
    const np_table *table;
    np_arena *arena;
    np_error *err;
    np_evaluator v;
    np_formula formula;
    np_terms terms, endogenous, instruments;

    uint8_t *gone;       /* [table rows] 1: left out; NULL: none so far */
    size_t n;            /* rows used */
    const uint32_t *row; /* [n]; NULL: all */
    np_reasons reasons;

    np_grouping *grouping;
    size_t n_groupings, grouping_capacity;
    np_fe_part *fe;
    size_t n_fe;
    size_t *key; /* [n_keys] groupings */
    size_t panel[2];

    np_formula_value outcome;
    const double *y; /* [table rows], then [n] */
    const double *weight, *offset;
    const np_sunab *sunab;
} np_design_builder;

np_status np_builder_no_memory(np_design_builder *b);

/* design_rows.c: which rows are used. */
np_status np_rows_leave_out(np_design_builder *b, size_t row, const char *reason);
/* Leaves out the rows where the value is missing or not finite. */
np_status np_rows_require(np_design_builder *b, const np_formula_value *value,
                          const np_expr *e);
/* Rows where the column has a missing reason: "missing NAME". */
np_status np_rows_require_column(np_design_builder *b, const np_column *column,
                                 const char *name);
np_status np_rows_settle(np_design_builder *b); /* gone → row, n */
/* Rows alone in a fixed effect, and groups whose outcome is constant at a bound, one
 * level after another; recodes the groupings. */
np_status np_rows_drop_uninformative(np_design_builder *b);
/* [table rows] → [n]: x itself where all rows are used. */
np_status np_rows_pick(np_design_builder *b, const double **out, const double *x);

/* design_groups.c: groupings. */
np_status np_grouping_add(np_design_builder *b, size_t *out, const np_expr *e);
np_status np_grouping_code(np_design_builder *b, np_grouping *g);
np_status np_fixed_effects_collect(np_design_builder *b, const np_expr *e);
np_status np_fixed_effects_fill(np_design_builder *b, np_design *out);

/* design_terms.c: blocks of regressors. */
typedef struct np_term_set np_term_set;
/* Evaluates the terms' variables and leaves out rows where they are missing. */
np_status np_term_set_new(np_term_set **out, np_design_builder *b, const np_terms *terms);
/* After the rows are settled. `constant`: an intercept stands in the model or is
 * absorbed, so that factors are coded against their first level. */
np_status np_term_set_build(np_regressors *out, np_term_set *set, bool intercept,
                            bool constant);

/* design_event.c: i() and sunab(). */
typedef struct {
    const int32_t *code; /* [n] column, -1: none */
    size_t n_columns;
    const char *const *name; /* [n_columns] */
    const double *level;     /* [n_columns] or NULL */
    const double *value;     /* [n] or NULL */
    const char *variable;
} np_dummies;

typedef struct np_event_term np_event_term;
np_status np_event_term_new(np_event_term **out, np_design_builder *b, const np_expr *e);
np_status np_event_term_build(np_dummies *out, np_event_term *term, bool constant);
typedef struct np_sunab_term np_sunab_term;
np_status np_sunab_term_new(np_sunab_term **out, np_design_builder *b, const np_expr *e);
np_status np_sunab_term_build(np_dummies *out, np_sunab_term *term, np_sunab *sunab);

#endif
