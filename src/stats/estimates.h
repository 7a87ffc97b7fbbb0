/* What every estimator yields, so that one reader (text, JSON, report) serves
 * all: coefficients with their covariance, named statistics, what was dropped,
 * and warnings in words. */
#ifndef NP_STATS_ESTIMATES_H
#define NP_STATS_ESTIMATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "table/table.h"

typedef struct {
    const char *name; /* "r2", "within_r2", "df_residual" …: the JSON's key */
    double value;     /* NaN: not defined for this model */
} np_statistic;

typedef struct {
    const char *name;                    /* "hausman", "wald", "first_stage" … */
    const char *title;                   /* "Hausman test", in English, for _() */
    const char *detail;                  /* what was tested, e.g. the terms; or "" */
    const char *distribution;            /* "F", "chisq", "normal", "t", "": none */
    double statistic, df1, df2, p_value; /* df not used by the distribution: NaN */
} np_test;

/* A column of an estimate table beyond those that all share. */
typedef struct {
    const char *key;     /* the JSON's */
    const double *value; /* [n] */
} np_estimate_column;

/* The same, of words. */
typedef struct {
    const char *key;
    const char *const *text; /* [n] English, for _() */
} np_estimate_text;

/* Further rows of numbers by term: odds ratios, profile intervals, average marginal
 * effects, absorbed effects, effects by cohort. JSON: "tables": {name: [rows]}. */
typedef struct {
    const char *name;  /* "odds_ratio", "fixed_effects" … */
    const char *title; /* "Odds ratios", in English, for _() */
    size_t n;
    const char *const *term; /* [n] */
    const double *estimate;  /* [n]; this and all that follow: NULL where not given */
    const double *std_error, *statistic, *p_value, *conf_low, *conf_high; /* [n] */
    const double *n_rows;           /* [n] rows behind each; JSON: "n" */
    const np_estimate_column *more; /* [n_more] */
    size_t n_more;
    const np_estimate_text *text; /* [n_texts] */
    size_t n_texts;
} np_estimate_table;

typedef struct {
    /* coefficients */
    size_t k;
    const char *const *term; /* [k] */
    const double
        *estimate; /* [k] in the outcome's unit of measure per unit of the term */
    const double *std_error; /* [k] square roots of vcov's diagonal; NaN if negative */
    const double *statistic; /* [k] estimate / std_error */
    const double *p_value;   /* [k] two-sided */
    const double *conf_low, *conf_high; /* [k] at conf_level */
    const double *vcov;                 /* [k × k] */
    double conf_level;                  /* 0.95 */
    double df_t;               /* degrees of freedom of t; NaN where normal is used */
    const double *df;          /* [k] degrees of freedom by coefficient (Satterthwaite);
                                  NULL: df_t for all */
    bool normal;               /* p and interval by the normal distribution */
    const double *combination; /* [k × coefficients estimated] where terms are averages
                                  of these (sunab); NULL: they are the terms */
    const char *vcov_label;    /* "clustered by sid and year (10 and 51 clusters)" */
    const char *vcov_call;     /* "~sid + year", "iid", "HC1", "NW(1) ~ firm + year" */
    const char *ssc_label;     /* "K.adj=TRUE, K.fixef=nonnested, …" */

    /* sample */
    size_t n, n_table_rows;
    const np_dropped *dropped; /* [n_dropped] */
    size_t n_dropped;

    /* everything else that is one number, in the order to print */
    const np_statistic *stat; /* [n_stats] */
    size_t n_stats;
    const np_test *test; /* [n_tests] */
    size_t n_tests;
    const np_estimate_table *table; /* [n_tables] */
    size_t n_tables;

    const char *const *collinear; /* [n_collinear] terms dropped as collinear */
    size_t n_collinear;
    const char *const *warning; /* [n_warnings] whole sentences, translated */
    size_t n_warnings;
} np_estimates;

/* Fills statistic, p_value and intervals from estimate, vcov, df_t, normal and
 * conf_level (0 becomes 0.95); k, term, estimate and vcov must be set. */
np_status np_estimates_infer(np_estimates *e, np_arena *arena, np_error *err);

/* The statistic of that name, or NaN. */
double np_estimates_stat(const np_estimates *e, const char *name);
/* The index of a term, or k. */
size_t np_estimates_find(const np_estimates *e, const char *term);

/* The indices [e->k, as many as match] of the terms that match an extended regular
 * expression, and their names, joined by ", ". NP_E_PARSE, NP_E_UNKNOWN_NAME. */
np_status np_estimates_matching(size_t *index, size_t *n_matching, np_buf *names,
                                const np_estimates *e, const char *pattern,
                                np_error *err);

/* Joint Wald test that all terms matching `pattern` (an extended regular
 * expression; "rel::-" takes the pre-period terms) are zero:
 *   F = b' V^-1 b / q, with q and df_t degrees of freedom (fixest's wald());
 *   chi-squared with q where the model uses the normal distribution.
 * NP_E_UNKNOWN_NAME: no term matches; NP_E_NOT_IDENTIFIED: V is singular. */
np_status np_wald_test(np_test *out, const np_estimates *e, const char *pattern,
                       np_arena *arena, np_error *err);

#endif
