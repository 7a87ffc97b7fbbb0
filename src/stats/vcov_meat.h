/* The middle of sandwich covariances: sums of products of scores, on all
 * cores, with digits that do not depend on how many there are. */
#ifndef NP_STATS_VCOV_MEAT_H
#define NP_STATS_VCOV_MEAT_H

#include "stats/vcov.h"

/* meat [k × k] := Σ c_i s_i s_i' with s_i = score_i x_i; factor [n] holds the c_i,
 * NULL: 1. */
np_status np_meat_rows(double *meat, const np_fit *fit, const double *factor,
                       np_arena *arena, np_error *err);
/* h [n]: w_i x_i' B x_i and the absorbed factors' share. */
np_status np_meat_leverages(const double **h, const np_fit *fit, np_arena *arena,
                            np_error *err);
/* The groups' summed scores: [k] columns [n_groups]. */
np_status np_meat_group_sums(double **sum, const np_fit *fit, const np_groups *groups,
                             np_arena *arena, np_error *err);
/* meat := Σ_g s_g s_g' over the groups' summed scores. */
np_status np_meat_clusters(double *meat, const np_fit *fit, const np_groups *groups,
                           np_arena *arena, np_error *err);
/* Driscoll and Kraay: Bartlett-weighted cross-products of the periods' sums, whose
 * codes are in the order of time. */
np_status np_meat_periods(double *meat, const np_fit *fit, const np_groups *time,
                          size_t lag, np_arena *arena, np_error *err);
/* Newey and West within units (unit NULL: one series). NP_E_NOT_IDENTIFIED: a
 * unit twice in a period. */
np_status np_meat_newey_west(double *meat, const np_fit *fit, const np_groups *unit,
                             const np_groups *time, size_t lag, np_arena *arena,
                             np_error *err);
/* The groups of the rows that share all of the given codes. */
np_status np_groups_cross(np_groups *out, const np_groups *a, const np_groups *b,
                          np_arena *arena, np_error *err);

/* How many of the groups occur: levels are dense by construction, but not all need have
 * rows among those used. */
np_status np_groups_count(size_t *out, const np_groups *groups, np_arena *arena,
                          np_error *err);
/* A cluster variable by its name: among the design's keys, or a fixed effect of that
 * name. NP_E_UNKNOWN_NAME. */
np_status np_vcov_key(np_groups *out, const np_design *design, const char *name,
                      np_error *err);

#endif
