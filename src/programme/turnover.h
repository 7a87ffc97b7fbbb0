/* How often those who carry a programme change: turnover as a number.
 *
 * A body is what a role is for: a project, a network, or the programme itself. A person
 * who left is one whose last day in the role is before the day asked for and before the
 * body's last day, and who has not come back since.
 *
 * Source: hindrances common to all themes ("continuity of key persons"), notes of 2014,
 * section 6.
 */
#ifndef NP_PROGRAMME_TURNOVER_H
#define NP_PROGRAMME_TURNOVER_H

#include "store/query.h"

typedef struct {
    const char *role;
    size_t n_bodies;  /* that have had somebody in the role by the day */
    size_t n_persons; /* persons in bodies: one in two bodies counts twice */
    size_t n_left;    /* of them */
    size_t n_same;    /* bodies with one and the same person all the time, not left */
    double mean_days; /* in the role until the day or the last one, per person and body */
    double share_same; /* n_same / n_bodies; NaN where there is no body */
} np_turnover;

/* A row for each role that somebody has had by the day ("2014-12-31"), in the order of
 * the field's choices; of one project where `project` is not NULL. NP_E_RANGE: the day is
 * none */
np_status np_turnover_of(const np_turnover **out, size_t *n, np_store *store,
                         const char *project, const char *day, np_arena *arena,
                         np_error *err);

#endif
