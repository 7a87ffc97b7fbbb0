/* How far a goal has been reached.
 *
 *   per cent achieved = (value - baseline) / (target - baseline) · 100
 *
 * 0 at the baseline, 100 at the target, below 0 where things got worse, above 100 beyond
 * the target. Absence from 9.0 to the target 7.0: 8.0 is 50 per cent, 9.5 is -25. It
 * needs no direction: the target says which way. The direction decides whether a target
 * is reached, and what a target is that is no better than the baseline: there the share
 * of the way is not defined (0/0, or a way backwards), and what is told is whether the
 * level is held.
 *
 * Source: conventions, tests T4, T5 and T9.
 */
#ifndef NP_PROGRAMME_GOAL_H
#define NP_PROGRAMME_GOAL_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef enum {
    NP_DIRECTION_UNKNOWN = 0,
    NP_HIGHER_IS_BETTER,
    NP_LOWER_IS_BETTER
} np_direction;
/* The goal's own direction, else its indicator's (which may be NULL). */
np_direction np_goal_direction(const np_record *goal, const np_record *indicator);
/* Strictly better; false where one is NaN or the direction is not known. */
bool np_is_better(double value, double than, np_direction direction);

typedef enum {
    NP_ACHIEVED_PER_CENT = 0, /* per_cent is there */
    NP_ACHIEVED_HELD,         /* the target is no better than the baseline: held or not */
    NP_ACHIEVED_NOT_HELD,
    NP_ACHIEVED_NO_BASELINE, /* `reached` is known all the same */
    NP_ACHIEVED_NO_TARGET,
    NP_ACHIEVED_NO_VALUE
} np_achieved_sort;

typedef struct {
    np_achieved_sort sort;
    double per_cent; /* NaN unless PER_CENT */
    bool reached;    /* at or beyond the target */
} np_achieved;

/* Absent numbers are NaN. An unknown direction is taken from baseline to target. */
np_achieved np_goal_achieved(double baseline, double target, double value,
                             np_direction direction);
const char *np_achieved_word(np_achieved_sort sort); /* for _(): "no baseline" … */

/* A goal in the records, as of the end of a period (NULL: as of the last measurement).
 * The value is the latest measurement of the goal's indicator, of its measure where it
 * has one, else of its project, that has a value; the step is the last one that is due.
 * Where there is no step due, step_target is NaN. The end target is always the goal's own
 * field, however many steps there are.
 * NP_E_UNKNOWN_NAME: there is no such goal; NP_E_RANGE: the period is none */
typedef struct {
    double baseline, target, value;
    const char *value_period; /* in the arena; NULL: no value */
    np_achieved end;
    double step_target;
    const char *step_period; /* NULL: none is due */
    np_achieved step;
} np_goal_progress;
np_status np_goal_progress_of(np_goal_progress *out, np_store *store, const char *goal,
                              const char *period, np_arena *arena, np_error *err);

#endif
