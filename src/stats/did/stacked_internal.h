/* What the parts of np_stacked_estimate() share; nobody else includes this. */
#ifndef NP_STATS_DID_STACKED_INTERNAL_H
#define NP_STATS_DID_STACKED_INTERNAL_H

#include "stats/did/did.h"
#include "stats/did/did_swept.h"

/* One cohort and its clean comparison units, over periods first … last. */
typedef struct {
    size_t cohort;             /* index in the panel */
    size_t first, last;        /* periods */
    size_t base;               /* the period effects are measured from */
    size_t first_level;        /* column of its first period */
    double n_treated, n_clean; /* units */
    double clean_weight;       /* of a comparison unit's rows */
} np_experiment;

typedef struct {
    const np_did_panel *panel;
    const np_did_spec *spec;
    np_arena *arena;
    np_error *err;
    bool never_only;
    np_experiment *experiment; /* [n_experiments] */
    size_t n_experiments;
    size_t n_levels;     /* periods of all experiments */
    const char **reason; /* [n_cohorts] why a cohort is no experiment, or NULL */
    /* rows, by experiment and unit */
    size_t n, n_groups;
    uint32_t *row;       /* [n] of the panel */
    uint32_t *of;        /* [n] experiment */
    uint32_t *start;     /* [n_groups + 1] */
    int32_t *cluster_of; /* [n_groups] */
} np_stack;

/* Chooses the experiments and lists their rows. */
np_status np_stack_build(np_stack *s);

#endif
