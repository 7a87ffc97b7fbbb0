/* What the parts of the synthetic methods share. */
#ifndef NP_STATS_DID_SYNTHETIC_INTERNAL_H
#define NP_STATS_DID_SYNTHETIC_INTERNAL_H

#include "stats/did/synthetic_block.h"

struct np_synthetic_scratch {
    np_arena *arena;   /* its own: draws run in threads */
    double *collapsed; /* [(n_units + 1) × n_periods] */
    double *columns;   /* likewise: A of a weight problem */
    double *target;    /* b */
    np_simplex_scratch simplex;
};

/* C [(n_controls + 1) × (n_before + 1)] of synthetic_block.h. */
void np_synthetic_collapse(double *C, const double *y, size_t n_periods,
                           const np_synthetic_block *b);

/* The problems that C poses; they stand in the scratch until the next. */
np_simplex_problem np_synthetic_omega_problem(np_synthetic_scratch *s, const double *C,
                                              const np_synthetic_block *b,
                                              const np_synthetic_tuning *t);
np_simplex_problem np_synthetic_lambda_problem(np_synthetic_scratch *s, const double *C,
                                               const np_synthetic_block *b,
                                               const np_synthetic_tuning *t);

/* Weights and covariates' coefficients together: a Frank-Wolfe step of lambda and of
 * omega and a gradient step of length 1/n of beta in turn, until an iteration n
 * decreases the sum of both objectives by no more than min_decrease².
 * Matches: R synthdid 0.0.9, sc.weight.fw.covariates(). */
np_status np_synthetic_optimize(np_synthetic_fit *fit, const np_synthetic_panel *p,
                                const np_synthetic_block *b, const np_synthetic_tuning *t,
                                np_synthetic_scratch *s, np_error *err);

#endif
