/* The door to evaluations: a checked plan and the folder of its data in, the
 * result tree out. */
#ifndef NP_EVALUATION_EVALUATE_H
#define NP_EVALUATION_EVALUATE_H

#include "evaluation/plan.h"
#include "evaluation/result.h"

/* A zeroed field is its default. */
typedef struct {
    const char *question; /* only the question of this id; NULL: all */
    const char *date;     /* "2014-02-01" for the provenance; NULL: "" */
    unsigned n_threads;   /* for reading files; 0: all */
} np_evaluation_spec;

/* Reads the data files (each once), runs every question by its design, and collects
 * results and provenance. The result and all it points to live in the arena; the plan
 * must outlive it. The first thing that is wrong stops: an evaluation is whole or not
 * there. What single subgroups cannot answer is in their effects' `refused`.
 *
 * NP_E_IO, NP_E_PARSE … of the files; NP_E_UNKNOWN_NAME a column (at its place in the
 * plan) or a question that is not there; NP_E_RANGE, NP_E_DUPLICATE and
 * NP_E_NOT_IDENTIFIED as the designs refuse: no treated unit, nobody to compare with, a
 * treatment that switches off, a unit twice in a period, a constant outcome, negative
 * weights. */
np_status np_evaluation_run(np_evaluation *out, const np_plan *plan, const char *folder,
                            const np_evaluation_spec *spec, np_arena *arena,
                            np_error *err);

#endif
