/* Averages of the cells (cohort g, period t) of a synthetic study, with n_g the cohort's
 * treated units:
 *
 *   simple        sum n_g cell / sum n_g over the cells after the start
 *   group g       mean of its cells after the start; overall by n_g
 *   dynamic e     sum n_g cell(g, g+e) / sum n_g over the cohorts seen then; overall:
 *                 mean over e >= 0. Before the start (e < 0) too: placebos in time
 *   calendar t    sum n_g cell(g, t) / sum n_g over the cohorts started; overall: mean
 *
 * Source: Clarke, Pailañir, Athey & Imbens (2024), Stata Journal 24(4) (simple); Ciccia
 *         (2024), "A short note on event-study synthetic difference-in-differences
 *         estimators", arXiv 2407.09565 (dynamic). */
#ifndef NP_STATS_DID_SYNTHETIC_AVERAGES_H
#define NP_STATS_DID_SYNTHETIC_AVERAGES_H

#include "stats/did/did.h"
#include "stats/did/synthetic_study.h"

enum { NP_SYNTHETIC_KINDS = 4 }; /* simple, dynamic, group, calendar */

/* Which values there are: the cells, then each kind's overall and rows. */
typedef struct {
    size_t n_cells, n_values, n_cohorts, n_periods;
    size_t overall[NP_SYNTHETIC_KINDS]; /* value index */
    size_t n_rows[NP_SYNTHETIC_KINDS];  /* rows follow their overall */
    const double *row_value; /* [n_values] event time, cohort or period of a row */
    const size_t *first;     /* [n_values + 1] a value's cells in `cell`; none: overall */
    const size_t *cell;
} np_synthetic_layout;

/* NP_E_NO_MEMORY alone. */
np_status np_synthetic_layout_make(np_synthetic_layout *out, const np_did_panel *panel,
                                   const np_synthetic_study *study,
                                   const np_did_spec *spec, np_arena *arena,
                                   np_error *err);

/* value [n_values] from cell [n_cells], NaN where a cohort is missing, and n_treated
 * [n_cohorts]. A value without cells is NaN. */
void np_synthetic_average(double *value, const np_synthetic_layout *layout,
                          const double *cell, const double *n_treated);

/* Treated units behind a value. */
double np_synthetic_count(const np_synthetic_layout *layout, size_t value,
                          const double *n_treated);

/* The draws' values: [n × n_values], and their standard errors. */
typedef struct {
    size_t n;
    const double *value;     /* [n × n_values]; n = 0: no draws */
    const double *mean;      /* [n_values] */
    const double *std_error; /* [n_values]; NaN where not known */
    double scale;
} np_synthetic_spread;

np_status np_synthetic_spread_make(np_synthetic_spread *out,
                                   const np_synthetic_layout *layout,
                                   const np_synthetic_draws *draws, np_arena *arena,
                                   np_error *err);

double np_synthetic_covariance(const np_synthetic_spread *spread,
                               const np_synthetic_layout *layout, size_t a, size_t b);

/* The draws' quantile of the largest |deviation| / std_error over values first …
 * first + n - 1. NaN without draws or memory. */
double np_synthetic_band(const np_synthetic_spread *spread,
                         const np_synthetic_layout *layout, size_t first, size_t n,
                         double conf_level, np_arena *arena);

#endif
