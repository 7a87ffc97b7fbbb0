/* What a case's "dataset" says beside the file's name, in brackets: "mpdta
 * (w=exp(lpop))", "castle (year >= 2002)", "base_stagg (g=0 for never)"; and the columns
 * of panels whose call leaves them to "...". */
#ifndef NP_TESTS_REFERENCE_DATASET_H
#define NP_TESTS_REFERENCE_DATASET_H

#include "reference/run.h"

bool dataset_has(const reference_run *run, const char *column);
/* The column itself, the expression that the dataset's words give it, or, where they say
 * how never treated units are coded in it, the file's column of first treated periods.
 * NULL stays NULL. */
const char *dataset_column(const reference_run *run, const char *name);
/* The condition among the words, or NULL. */
const char *dataset_condition(const reference_run *run);
/* 'y' outcome, 'i' unit, 't' time, 'g' first treated period of a panel known by name; of
 * others the first of the usual names that the file has. NULL: none. */
const char *dataset_role(const reference_run *run, char role);

#endif
