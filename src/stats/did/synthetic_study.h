/* Synthetic methods where cohorts start at different times: each cohort is a block of its
 * own beside all that are never treated, and averages weigh by treated cells.
 *
 * Standard errors, for any average of the cells (cohort, period):
 *   placebo    draw r: of the donors, as many as are treated, picked by lot, take the
 *              treated units' starts, the others are their donors; the error is the
 *              draws' standard deviation (algorithm 4). It takes the treated to vary as
 *              the donors do: what the treated's own outcomes are does not enter.
 *   bootstrap  draw r: units, or clusters, with replacement; drawn again where no donor
 *              or nobody treated is among them (algorithm 2)
 *   jackknife  units, or clusters, left out in turn, the weights kept (algorithm 3):
 *              se² = (n-1)/n sum (theta_i - mean)². It is not for synthetic control
 *
 * Draws divide by their number, not by one less. Weights are solved again in each draw
 * from those of the estimate, with the estimate's penalties, as R synthdid does (Stata's
 * sdid takes the noise level anew in each draw).
 *
 * Source:  Clarke, Pailañir, Athey & Imbens (2024), Stata Journal 24(4), algorithms 2 and
 *          4 for cohorts; Arkhangelsky et al. (2021), algorithms 2-4.
 * Matches: R synthdid 0.0.9: placebo, bootstrap up to Monte Carlo error, jackknife. */
#ifndef NP_STATS_DID_SYNTHETIC_STUDY_H
#define NP_STATS_DID_SYNTHETIC_STUDY_H

#include "stats/did/synthetic_block.h"

typedef struct {
    np_synthetic_panel panel;
    bool control; /* synthetic control; else synthetic difference-in-differences */
    const np_synthetic_options *options;
    size_t n_cohorts;
    const np_synthetic_block *block; /* [n_cohorts], all with the same donors */
    const int32_t *cluster_of;       /* [n_units] dense; NULL: units */
    size_t n_clusters;
} np_synthetic_study;

typedef struct {
    const np_synthetic_fit *fit;       /* [n_cohorts] */
    const np_synthetic_tuning *tuning; /* [n_cohorts] */
    const double *beta;                /* [n_covariates] projected; NULL */
} np_synthetic_answer;

/* Errors: np_synthetic_tune()'s and _solve()'s. */
np_status np_synthetic_study_solve(np_synthetic_answer *out,
                                   const np_synthetic_study *study, np_arena *arena,
                                   np_error *err);

typedef struct {
    size_t n;           /* draws; jackknife: units or clusters left out */
    const double *cell; /* [n × n_cohorts × n_periods] the cohorts' curves; NaN where
                           a cohort is not in the draw */
    const double *n_treated; /* [n × n_cohorts] */
    double scale;            /* variance = scale × sum of squares about the mean */
} np_synthetic_draws;

/* Draw r takes stream r of the seed; the same with any number of threads.
 * NP_E_NOT_IDENTIFIED  placebo: not more donors than treated; bootstrap: a single unit or
 *                      cluster is treated; jackknife: a single unit of a cohort is
 *                      treated, or a single donor has weight */
np_status np_synthetic_draw(np_synthetic_draws *out, const np_synthetic_study *study,
                            const np_synthetic_answer *answer, np_synthetic_errors errors,
                            size_t n_draws, uint64_t seed, unsigned n_threads,
                            np_arena *arena, np_error *err);

/* Placebos in space: each donor in turn as if it alone were treated when the only cohort
 * was, beside the other donors, with penalties of its own.
 * Source: Abadie, Diamond & Hainmueller (2010), JASA 105(490), 493-505. */
typedef struct {
    const double *estimate; /* [n_donors] */
    const double *ratio;    /* [n_donors] root mean square of curve after / before */
    double own_ratio;       /* of the treated */
} np_synthetic_placebos;

np_status np_synthetic_in_space(np_synthetic_placebos *out,
                                const np_synthetic_study *study,
                                const np_synthetic_answer *answer, unsigned n_threads,
                                np_arena *arena, np_error *err);

/* (1 + how many of n are at least as large in absolute value) / (1 + n). */
double np_synthetic_rank(double value, const double *placebo, size_t n);

#endif
