/* From a formula and a table to the arrays that estimators take.
 *
 * The formula language is fixest's: "y ~ x1 + log(x2) + i(rel, ref=c(-1)) |
 * unit + period^region + unit[trend] | endogenous ~ instrument".
 */
#ifndef NP_STATS_DESIGN_H
#define NP_STATS_DESIGN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "table/group.h"
#include "table/table.h"

/* A zeroed field is its default. Texts are expressions in the formula
 * language; NULL: none. All are borrowed. */
typedef struct {
    const char *formula;
    const char *weights, *offset;
    const char *subset;     /* rows where it is true (not 0) */
    const char *const *key; /* cluster, time and unit variables that must be
                               coded for the rows used: "sid", "state^year" */
    size_t n_keys;
    const char *panel_unit, *panel_time; /* for l(), f(), d() and unit tests; NULL */
    bool keep_singletons;                /* default: rows alone in a fixed effect are
                                            dropped, one level after another (fixest's
                                            fixef.rm = "perfect_fit") */
    bool drop_all_zero_groups;           /* Poisson, negative binomial, logit, probit: a
                                            fixed-effect group whose outcome is constant at
                                            the bound says nothing and is dropped */
    double upper_bound;                  /* with it: 1 for logit and probit, 0: none */
    bool outcome_as_success; /* logit, probit: a text or logical outcome is 0/1 */
} np_design_spec;

/* An absorbed factor: one intercept per level, slopes per level, or both.
 * "f" has an intercept; "f[x]" both; "f[[x]]" the slope alone. */
typedef struct {
    const char *name;    /* "unit", "period^region" */
    const int32_t *code; /* [n] */
    size_t n_levels;
    const char *const *level; /* [n_levels] labels; NULL until asked for: see
                                 np_design_factor_labels() */
    bool has_intercept;
    size_t n_slopes;
    const double *const *slope;    /* [n_slopes] columns [n] */
    const char *const *slope_name; /* [n_slopes] */
} np_factor;

/* Regressors come in blocks: one dense column, or dummies of which each row
 * has at most one that is not zero (i(), factor(), text columns), which are
 * never spread out unless an estimator asks. */
typedef enum { NP_BLOCK_DENSE = 0, NP_BLOCK_DUMMIES } np_block_kind;

typedef struct {
    np_block_kind kind;
    size_t first, n_columns; /* columns first … first+n_columns-1 of the model */
    const double *value;     /* DENSE: [n]. DUMMIES: the value where it is not zero, [n];
                                NULL: 1 */
    const int32_t *column; /* DUMMIES: [n] 0 … n_columns-1 within the block, -1: none */
    const char *variable;  /* the variable an i() or factor() is of; "" for DENSE */
    const double
        *level; /* DUMMIES of numbers: [n_columns] the level's number; else NULL */
} np_block;

typedef struct {
    size_t k; /* columns in all */
    size_t n_blocks;
    const np_block *block;   /* [n_blocks] */
    const char *const *term; /* [k] names as fixest prints them */
} np_regressors;

/* Sun and Abraham's dummies, sunab(cohort, period): cohort × relative period, without
 * the reference periods and the never treated; column j of the block is column
 * first+j of x. After the fit the coefficients of a relative period are averaged with
 * the share of rows (weights) of each cohort, and named "period::relative". Source:
 * Sun and Abraham (2021), J. of Econometrics 225(2), 175-199. */
typedef struct {
    size_t first, n_columns;
    const int32_t *column;    /* [n] 0 … n_columns-1, -1: reference */
    const double *relative;   /* [n_columns] period - cohort, ascending */
    const double *cohort;     /* [n_columns] ascending within a relative period */
    const char *period_name;  /* "year" */
    bool att, no_aggregation; /* sunab(…, att = TRUE), sunab(…, no_agg = TRUE) */
} np_sunab;

typedef struct {
    size_t n, n_table_rows;
    const uint32_t *row; /* [n] the table's row of each row used; NULL: all in order */
    const char *y_name;
    const double *y; /* [n] */
    np_regressors x; /* exogenous, "(Intercept)" first unless absorbed or -1 */
    np_regressors endogenous, instruments; /* k = 0: none */
    size_t n_fe;
    const np_factor *fe;  /* [n_fe] */
    const double *weight; /* [n] > 0; NULL: 1 */
    const double *offset; /* [n]; NULL: 0 */
    size_t n_keys;
    const np_groups *key;        /* [n_keys] codes for the n rows */
    const char *const *key_name; /* [n_keys] */
    const double *key_time;      /* [n] panel_time as numbers; NULL */
    const np_groups *panel;      /* [2] unit and time codes; NULL without a panel */
    bool has_intercept;          /* x begins with "(Intercept)" */
    const np_sunab *sunab;       /* NULL: the formula has no sunab() */
    const np_dropped *dropped;   /* [n_dropped] */
    size_t n_dropped;
    const np_table *table; /* borrowed */
} np_design;

/* Arrays are borrowed from the table where no row is dropped and the variable
 * stands as it is; else they live in the arena.
 * NP_E_PARSE             the formula, with column of the first character that is wrong
 * NP_E_UNKNOWN_NAME      a variable or function that is not there
 * NP_E_RANGE             negative weight, text where a number is needed, log of ≤ 0 …
 *                        (with field and table row)
 * NP_E_NOT_IDENTIFIED    no rows left, constant outcome
 * NP_E_DUPLICATE         a unit twice in a period of the panel */
np_status np_design_build(np_design *out, const np_table *table,
                          const np_design_spec *spec, np_arena *arena, np_error *err);

/* The variables that spec names, so that a reader parses only those. */
np_status np_design_variables(const char *const **names, size_t *n_names,
                              const np_design_spec *spec, np_arena *arena, np_error *err);

/* All columns spread out: columns[k], each [n]; dense ones are borrowed. */
np_status np_regressors_spread(const double *const **columns, const np_regressors *x,
                               size_t n, np_arena *arena, np_error *err);

/* Labels of a factor's levels, [n_levels], in the arena. */
np_status np_design_factor_labels(const char *const **labels, const np_design *design,
                                  size_t factor, np_arena *arena, np_error *err);

#endif
