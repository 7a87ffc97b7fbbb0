/* The parts of np_switchers_estimate(); nobody else includes this. */
#ifndef NP_STATS_DID_DID_SWITCHERS_INTERNAL_H
#define NP_STATS_DID_DID_SWITCHERS_INTERNAL_H

#include "stats/did/did.h"

/* The panel as units × periods. Periods are indices; n_periods stands for never. */
typedef struct {
    const np_did_panel *p;
    const np_did_spec *spec;
    size_t n_units, n_periods, k; /* k controls */
    double *y;                    /* [n_units × n_periods] NaN: not used */
    double **x;                   /* [k] the same */
    double *weight;               /* the same; 0: not used */
    double *dose;                 /* the same; NaN: not known */
    double *base;                 /* [n_units] first treatment; NaN: none */
    uint32_t *first;              /* [n_units] period of the change */
    uint32_t *until;    /* [n_units] it can be compared with before that period */
    int8_t *sign;       /* [n_units] 1 up, -1 down, 0 no change */
    size_t n_levels;    /* first treatments that somebody leaves and not all at once */
    double *level;      /* [n_levels] */
    uint32_t *order;    /* units by level; only those of a level */
    uint32_t *start;    /* [n_levels + 1] into order */
    uint32_t *last;     /* [n_levels] nobody can be compared with from that period on */
    int32_t *level_of;  /* [n_units]; -1: none */
    double *theta;      /* [n_levels × k] slopes of the controls */
    double *theta_part; /* [n_units × k] the unit's part in them */
    np_arena *arena;
    np_error *err;
} np_switchers;

np_status np_switchers_no_memory(np_error *err);

/* did_switchers_panel.c */
np_status np_switchers_new(np_switchers *out, const np_did_panel *panel,
                           const np_did_spec *spec, np_arena *arena, np_error *err);
/* The most periods of exposure, and of placebos, that some unit has comparisons for. */
void np_switchers_horizons(size_t *n_effects, size_t *n_placebos, const np_switchers *s);

/* did_switchers_controls.c: theta and theta_part. */
np_status np_switchers_partial_out(np_switchers *s);

/* Sums over switchers, not yet divided by their number. */
typedef struct {
    double n;                        /* sum of the switchers' weights */
    size_t n_switchers, n_cells;     /* units; cells of either side */
    double sum;                      /* signed differences in differences */
    double dose_now, dose_until_now; /* signed changes of treatment: in the period, and
                                        summed since the change */
    double *psi;                     /* [n_units] */
} np_switchers_effect;

/* did_switchers_effect.c: l periods of exposure, or the placebo of as many periods, of
 * the direction asked for. psi is the caller's, zeroed. */
np_status np_switchers_effect_of(np_switchers_effect *out, const np_switchers *s,
                                 size_t l, bool placebo,
                                 np_switchers_direction direction);

/* Sum of psi_a psi_b over clusters for k columns [k][n_units]: [k × k]. */
np_status np_switchers_vcov(const double **out, const np_switchers *s, double *const *psi,
                            size_t k);

#endif
