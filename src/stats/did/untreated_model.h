/* The outcome without treatment, from the rows that are untreated: weighted least
 * squares on unit effects and, beside them, r_it = (period dummies, lead dummies,
 * controls),
 *
 *   y_it = alpha_i + r_it' beta + e_it        over untreated rows, weights w_it.
 *
 * Unit effects are swept out: with a tilde for the deviation from the unit's weighted
 * mean over its untreated rows,
 *
 *   S beta = sum w r~ y~,   S = sum w r~ r~'     [k × k], k = periods + leads + controls.
 *
 * A linear combination sum_it a_it (alpha_i + r_it' beta) of fitted values, the a_it on
 * any rows, depends on the untreated outcomes through
 *
 *   sum_it a_it (r_it - m_i)' S^-1 s_j  of unit j,  s_j = sum_t w_jt r~_jt e_jt
 *
 * (and the units' own means, whose weighted residuals sum to 0), with m_i the unit's
 * weighted mean of r. That is all an influence function needs: k numbers per unit.
 *
 * A fitted value is identified where no direction that the untreated rows leave open
 * moves it: the columns that the Cholesky factor leaves out give these directions.
 *
 * Cost: rows × k for S, k³/3 for its factor; memory k numbers per unit.
 * Source: Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91(6),
 *         3253-3285, Theorem 2 and Proposition 3; Frisch and Waugh (1933).
 */
#ifndef NP_STATS_DID_UNTREATED_MODEL_H
#define NP_STATS_DID_UNTREATED_MODEL_H

#include "stats/did/did_panel.h"

typedef struct {
    const np_did_panel *panel;
    const double *weight;     /* [n]; NULL: 1 */
    const uint8_t *untreated; /* [n] */
    const int32_t *lead;      /* [n] lead dummy of the row, -1: none; NULL */
    size_t n_leads;
    bool controls; /* the panel's, without the intercept */
} np_untreated_spec;

typedef struct {
    np_untreated_spec spec;
    size_t k, first_lead, first_control;
    double *S;           /* [k × k] upper half */
    double *R;           /* [k × k] its factor over the kept columns */
    bool *kept;          /* [k] */
    double *coefficient; /* [k] beta, 0 where left out */
    double *center;      /* [k] about which controls stand: their mean; dummies: 0 */
    double *open;        /* [n_open × k] directions that are not identified, each of the
                            size of one standard deviation of its column */
    size_t n_open, n_untreated;
    double sum_weight;   /* of the untreated rows */
    double *unit_weight; /* [n_units] sum of w over untreated rows; 0: none */
    double *unit_mean;   /* [n_units × (1 + controls)] of y and the controls */
} np_untreated_model;

np_status np_untreated_fit(np_untreated_model *out, const np_untreated_spec *spec,
                           np_arena *arena, np_error *err);

/* y - alpha_i - r_it' beta of the unit's rows; NaN where the fitted value is not
 * identified. effect [n] is filled from start[unit] on. */
void np_untreated_residuals(double *effect, const np_untreated_model *m, size_t unit);
/* Adds factor × (r_it - m_i) to sum [k]. */
void np_untreated_add_row(double *sum, const np_untreated_model *m, size_t row,
                          double factor);
/* s_i [k] of the unit, from the residuals. */
void np_untreated_score(double *score, const np_untreated_model *m,
                        const double *residual, size_t unit);

#endif
