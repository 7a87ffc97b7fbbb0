/* The statistics of randomisation.h for any assignment; internal. */
#ifndef NP_STATS_INFER_RANDOMISATION_STATISTIC_H
#define NP_STATS_INFER_RANDOMISATION_STATISTIC_H

#include "stats/did/two_way_cells.h"
#include "stats/infer/randomisation.h"

typedef struct {
    const np_randomisation_spec *spec;
    const double *y, *d; /* [N × T] outcomes; the data's treatment */
    size_t N, T;
    const int32_t *cluster;   /* [N]; NULL: each unit */
    const size_t *first_unit; /* [n_clusters] */
    size_t n_clusters;
    size_t n_starts;      /* distinct starts, "never" last where there is one */
    const int32_t *start; /* [n_starts] */
    int32_t *place;       /* [T + 1] index among starts */
    double *n_units;      /* [n_starts] in the data */
    /* TWO_WAY */
    np_two_way_cells of_y, of_d;
    /* else, for the data's sizes: a_g'y_i and a_g'd_i, [N × n_starts] */
    double *zy, *zd;
    bool sizes_are_fixed;
} np_randomised;

/* What one assignment gives: of the outcomes, with its error where studentised, and of
 * the data's treatment. NaN where not defined. */
typedef struct {
    double of_y, of_d, std_error;
} np_randomised_value;

size_t np_randomised_scratch(const np_randomised *r); /* doubles */
np_status np_randomised_prepare(np_randomised *r, np_arena *arena, np_error *err);
np_randomised_value np_randomised_at(const np_randomised *r, const int32_t *start,
                                     double *scratch);

#endif
