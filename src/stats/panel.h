/* Panel models: units observed over periods.
 *
 *   y_it = a + x_it'b + mu_i + lambda_t + e_it
 *
 * pooling   least squares on the rows
 * within    on deviations from unit means, period means, or both; with gaps in
 *           the panel the two-way deviations are exact (Wansbeek and Kapteyn 1989)
 * between   on the units' (periods') means, one row each
 * fd        on differences between a unit's successive rows
 * random    generalised least squares with variance components: rows less theta
 *           times their means, theta_i = 1 - (1 + T_i s2_mu / s2_e)^-1/2
 *
 * Variance components from quadratic forms of residuals:
 *   swar     within and between residuals    Swamy and Arora (1972)
 *   amemiya  within residuals                Amemiya (1971)
 *   walhus   pooled residuals                Wallace and Hussain (1969)
 *   nerlove  variance of the fixed effects   Nerlove (1971)
 * unbalanced: Baltagi and Chang (1994), two-way Baltagi, Song and Jung (2002).
 *
 * Source:  Baltagi (2013), Econometric Analysis of Panel Data, 5th ed., ch. 2, 3, 9.
 * Matches: R plm 2.6.2, plm() and summary(); `doc/methods/panel.md` says where plm,
 *          Stata's xtreg and gretl differ.
 */
#ifndef NP_STATS_PANEL_H
#define NP_STATS_PANEL_H

#include "stats/design.h"
#include "stats/estimates.h"
#include "stats/model.h"

/* Plain arrays; borrowed. Rows in any order. */
typedef struct {
    size_t n, k;
    const char *y_name;
    const double *y;            /* [n] */
    const double *const *x;     /* [k] columns [n], the constant among them */
    const char *const *term;    /* [k] */
    size_t intercept;           /* index of the constant's column; k: none */
    const int32_t *unit, *time; /* [n] codes 0 … n_units-1 and 0 … n_periods-1, the
                                   periods' in their order; each code has a row */
    size_t n_units, n_periods;
    const char *const *unit_label, *const *time_label; /* NULL: codes from 1 */
} np_panel_data;

/* A zeroed field is its default. */
typedef struct {
    np_panel_model model; /* NP_PANEL_NONE is taken as pooling */
    np_panel_effect effect;
    np_random_method random_method;
} np_panel_spec;

enum { NP_PANEL_MOST_WARNINGS = 8 };

typedef struct np_panel_core np_panel_core; /* the rows in order of unit and period */

typedef struct {
    np_panel_spec spec;
    size_t n, n_units, n_periods;
    bool balanced;
    size_t k;                /* coefficients kept */
    const size_t *column;    /* [k] their columns among the data's */
    const char *const *term; /* [k] */
    size_t intercept;        /* index among the k; k: none */
    const double *coefficient;
    const double *vcov;  /* [k × k] s2 (X'X)^-1 of the transformed rows, but see
                            vcov_unscaled */
    const double *bread; /* [k × k] (X'X)^-1 */
    bool vcov_unscaled;  /* two-way random effects in an unbalanced panel: `vcov` is
                            (X'W^-1 X)^-1 without the variance, as plm 2.6.2 gives
                            it; times sigma2_idios it is the covariance */
    double ssr, df_residual;
    double r2, adj_r2; /* squared correlation of outcome and fit, both transformed */
    double r2_within, r2_between, r2_overall; /* the same of deviations, unit means,
                                                 rows: Stata's xtreg */
    double mean_effect; /* within: mean of outcome less that of x'b over all rows, the
                           constant that xtreg and gretl print; NaN */
    double sigma2_idios, sigma2_id, sigma2_time; /* random; NaN: not in the model */
    const double *theta_id, *theta_time;         /* [n_units], [n_periods]; NULL */

    /* the transformed regression: m rows in order of unit and period */
    size_t m;
    const double *const *x;     /* [k] columns [m] */
    const double *residual;     /* [m] */
    const int32_t *unit, *time; /* [m]; NULL for between */

    const char *const *collinear; /* terms without variation of their own after the
                                     transformation */
    size_t n_collinear;
    const char *warning[NP_PANEL_MOST_WARNINGS]; /* whole sentences, translated */
    size_t n_warnings;
    const np_panel_data *data; /* borrowed */
    const np_panel_core *core;
} np_panel_fit;

/* The design's rows as plain arrays, labelled by the table's columns `unit` and `time`
 * (NULL: numbered). NP_E_USAGE where it declares no panel, has weights, an offset,
 * instruments or absorbed factors. */
np_status np_panel_data_from_design(np_panel_data *out, const np_design *design,
                                    const char *unit, const char *time, np_arena *arena,
                                    np_error *err);

/* NP_E_DUPLICATE       a unit twice in a period
 * NP_E_RANGE           a value that is no number
 * NP_E_NOT_IDENTIFIED  no coefficient left, no degrees of freedom left, fewer groups
 *                      than coefficients, no unit seen twice …
 * NP_E_USAGE           two-way between or first differences */
np_status np_panel_fit_data(np_panel_fit *out, const np_panel_data *data,
                            const np_panel_spec *spec, np_arena *arena, np_error *err);

/* Fixed effects in levels of a within fit: mean of outcome less mean of x'b; with
 * two effects the units' at the first period's level. std_error [n] (one-way:
 * sqrt(s2/T_i + m_i'V m_i)); NaN with two effects. */
np_status np_panel_fixed_effects(np_estimate_table *out, const np_panel_fit *fit,
                                 np_panel_effect which, np_arena *arena, np_error *err);

/* Covariances of the transformed regression, by name:
 *   ""  "iid"        conventional
 *   "arellano"       sum over units of X_i'e_i e_i'X_i; Arellano (1987)
 *   "arellano-time"  the same over periods
 *   "white1"         sum of e_it² x x'; White (1980)
 *   "white2"         the unit's mean square for its rows
 *   "double"         unit + period - white1; Thompson (2011)
 *   "scc"            or "driscoll-kraay" (1998), lags floor(max T_i ^ 1/4), or "scc(3)"
 *   "nw"             or "newey-west" (1987), within units, lags likewise
 *   "bk", "bk-time"  or "beck-katz" (1995): mean over units (periods) of the
 *                    residuals' products, as plm's vcovBK
 *   "pcse", "pcse-time"  the same, but a period (unit) is paired with itself where
 *                    the panel has gaps, which plm 2.6.2's is not
 *
 * and after a slash HC0 (default), HC1 … HC4, sss (g/(g-1) (n-1)/(n-k), plm's) or stata
 * (the same, k counting the constant of a within model, as xtreg and gretl do). */
typedef struct {
    const double *vcov; /* [k × k] */
    const char *label, *call;
    size_t n_clusters; /* 0: none */
} np_panel_vcov;

/* NP_E_UNKNOWN_NAME; NP_E_NOT_IDENTIFIED for between and for two-way random effects
 * in an unbalanced panel, whose rows are not transformed one by one. */
np_status np_panel_vcov_estimate(np_panel_vcov *out, const np_panel_fit *fit,
                                 const char *name, np_arena *arena, np_error *err);

/* Specification tests by name, on the data of `fit`:
 *   hausman         within against random effects, (b_w-b_r)'(V_w-V_r)^-1(b_w-b_r)
 *   hausman-aux     F-form regression of the random effects rows on x and deviations
 *   poolability     F of within (the fit's effect) against pooling
 *   breusch-pagan honda king-wu ghm   Lagrange multiplier tests of the fit's effect
 *   wooldridge wooldridge-fd[:fe]     serial correlation in within, differenced errors
 *   pesaran-cd      cross-section dependence of the fit's residuals
 *   breusch-godfrey[:ORDER]           default order: the shortest unit's periods
 *   ips levinlin madwu [:LAGS[:trend]] unit roots in the outcome; default 1 lag
 *   wald            joint significance of all but the constant
 * NP_E_UNKNOWN_NAME, NP_E_NOT_IDENTIFIED, NP_E_USAGE. */
np_status np_panel_test(np_test *out, const np_panel_fit *fit, const char *name,
                        np_arena *arena, np_error *err);

/* The whole for reports: fit, covariance, tests, statistics. `vcov` is a name of
 * np_panel_vcov_estimate(), NULL: plm's own. Tests are np_panel_test()'s or
 * "wald:PATTERN". `fit` may be NULL. dropped and n_table_rows are left to the
 * caller. */
typedef struct {
    np_panel_spec panel;
    const char *vcov;
    const char *const *test;
    size_t n_tests;
    bool want_effects; /* a table "fixed_effects" of a within model */
    double conf_level;
} np_panel_estimate_spec;

np_status np_panel_estimate(np_estimates *out, np_panel_fit *fit,
                            const np_panel_data *data, const np_panel_estimate_spec *spec,
                            np_arena *arena, np_error *err);

/* "individual", "swar" … for people and for the command line. */
const char *np_panel_model_name(np_panel_model model);
const char *np_panel_effect_name(np_panel_effect effect);
const char *np_random_method_name(np_random_method method);

#endif
