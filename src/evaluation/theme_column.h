/* Who participates, and from when, out of the programme's records:
 * participants: {theme: sickness-absence}. */
#ifndef NP_EVALUATION_THEME_COLUMN_H
#define NP_EVALUATION_THEME_COLUMN_H

#include "evaluation/plan.h"

/* The table with one column more, of the name in *name: the year in which the row's unit
 * starts in the question's theme by the records of programme.db in `folder`, missing
 * where it never does. A unit is an organisation by its identifier or code; numbers are
 * codes of four digits. It starts on the latest of the participation's first day (the
 * project's, else the cohort's, where it has none) and the day it joined the project;
 * an organisation in several projects on the earliest of its days. A project that
 * withdrew on or before that day never starts; one that withdrew later stays a
 * participant, since what is estimated is the effect of having been admitted.
 *
 * NP_E_UNKNOWN_NAME  there are no records, or no such theme (at its place in the plan)
 * NP_E_NOT_IDENTIFIED  no participant of the theme is a unit of the data */
np_status np_theme_column(np_table *out, np_plan_name *name, const np_table *table,
                          const np_plan_question *question, const np_plan *plan,
                          const char *folder, np_arena *arena, np_error *err);

#endif
