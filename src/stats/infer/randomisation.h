/* Randomisation inference over which units were treated and when: the statistic is
 * computed again for other assignments of the same cohorts, under Fisher's hypothesis
 * that no unit's outcome would have changed.
 *
 * Assignments permute the cohorts (never treated among them) over the units, or over the
 * clusters, within strata where given; DATES permutes the starts among those treated.
 * All distinct assignments are taken once where there are at most `draws` of them, and
 *   p = #{|t*| >= |t|} / all (the data's own is one of them)
 * else draw r takes random stream r and p = (1 + #{|t*| >= |t|}) / (1 + draws). What is
 * equal up to 1e-10 of the largest counts as reached.
 *
 * Statistics, of a balanced panel, y_i [T], cohort g from period g on, n_g units:
 *   TWO_WAY     coefficient of unit and period effects (two_way_cells.h); studentised by
 *               its cluster-robust error
 *   GROUP_TIME  sum_{g, t>=g} n_g ATT(g,t) / sum n_g over the identified (g,t),
 *               ATT(g,t) = mean_g(y_t - y_b) - mean_C(y_t - y_b), b = g - 1 -
 *               anticipation, C the never treated, or all not treated by t +
 *               anticipation
 *   AFTER       difference of the means from the start on (one cohort)
 *
 * The last two are sum_g a_g'(mean of y in g) with weights a that depend on the cohorts'
 * sizes alone; studentised by sum_g s_g²/n_g, s_g² the variance of a_g'y_i within g
 * (Neyman's; summed by cluster where clusters are assigned).
 *
 * Interval: the effects tau that the test with the statistic that is not studentised does
 * not reject at 1 - conf_level when tau is taken off every treated cell. The statistic is
 * linear: |b_r - tau d_r| >= |b - tau|, d_r that of the treatment itself, holds between
 * (b - b_r)/(1 - d_r) and (b + b_r)/(1 + d_r), so that the bounds are order statistics.
 *
 * Source:  Fisher (1935); Young (2019), Q. J. Econ. 134(2), 557-598; MacKinnon and Webb
 *          (2020), J. Econometrics 218(2), 435-450 (why to studentise); Roth and
 *          Sant'Anna (2023), J. Polit. Econ. Microecon. 1(4), section III (studentised,
 *          Neyman); Phipson and Smyth (2010) for the (1 + b)/(1 + B) rule.
 * Cost:    units × cohorts per draw; clusters of unequal size units × periods. Memory
 *          units × cohorts, and two numbers a draw. Independent of threads. */
#ifndef NP_STATS_INFER_RANDOMISATION_H
#define NP_STATS_INFER_RANDOMISATION_H

#include "stats/did/did.h"

typedef enum {
    NP_RANDOMISE_TWO_WAY = 0,
    NP_RANDOMISE_GROUP_TIME,
    NP_RANDOMISE_AFTER
} np_randomised_statistic;

typedef enum {
    NP_PERMUTE_UNITS = 0, /* which units, and with them which dates */
    NP_PERMUTE_DATES      /* which dates, among the units that were treated */
} np_permute;

typedef enum { NP_TWO_SIDED = 0, NP_GREATER, NP_LESS } np_side;

/* A zeroed field is its default. */
typedef struct {
    np_randomised_statistic statistic;
    bool studentised;
    np_permute permute;
    np_side side;
    np_comparison comparison; /* GROUP_TIME */
    int anticipation;         /* GROUP_TIME */
    bool by_cluster;          /* the panel's clusters were assigned, not its units */
    const int32_t *stratum;   /* [n_units] codes from 0; NULL: one */
    size_t draws;             /* 0: 9999 */
    uint64_t seed;
    double conf_level; /* 0: 0.95 */
    unsigned n_threads;
} np_randomisation_spec;

typedef struct {
    double estimate, std_error; /* of the data; std_error NaN where not studentised */
    double statistic;           /* what is compared: the estimate, or its t */
    double p_value;
    size_t draws; /* made; all assignments where enumerated */
    bool enumerated;
    size_t n_reached;     /* draws at least as far as the data */
    size_t n_undefined;   /* draws whose statistic is not defined: counted as reached */
    double n_assignments; /* that there are; may be infinite */
    double conf_level, conf_low, conf_high; /* infinite where there is no bound; NaN with
                                               a one-sided test */
    size_t n_units, n_treated, n_assigned;  /* assigned: units, or clusters */
    const double *draw;                     /* [draws] statistics */
} np_randomisation;

/* NP_E_NOT_IDENTIFIED  the panel is no balanced panel of units treated from a start on;
 *                      weights; there is a single assignment; a cluster with two starts;
 *                      the statistic is not defined for the data
 * NP_E_NO_MEMORY */
np_status np_randomisation_estimate(np_randomisation *out, const np_did_panel *panel,
                                    const np_randomisation_spec *spec, np_arena *arena,
                                    np_error *err);

/* "two-way", "group-time", "after". */
const char *np_randomised_statistic_code(np_randomised_statistic statistic);

#endif
