/* Placebo programmes in the making; internal. */
#ifndef NP_STATS_POWER_POWER_SIMULATE_INTERNAL_H
#define NP_STATS_POWER_POWER_SIMULATE_INTERNAL_H

#include "stats/power/power_simulate.h"

typedef struct {
    const np_power_simulation_spec *spec;
    size_t J, T, n_draws;
    bool with_replacement;
    double *estimate, *std_error; /* [n_draws] */
    /* per thread */
    double *y, *tail, *scratch;
    int32_t *start, *order;
    /* with an estimator of did.h */
    np_did_panel panel; /* all units and periods */
    np_did_spec did;
    double *df;
    np_arena **arena; /* [n_arenas] per thread */
    size_t n_arenas;
    np_error *failure; /* [n_arenas] the first of a thread, and its draw */
    size_t *failed_draw;
    np_language language;
} np_power_job;

/* power_simulate_did.c: the draw's units order[0 … J-1] with start[0 … J-1] in the
 * periods from `offset` on. */
np_status np_power_prepare_did(np_power_job *j, np_arena *arena, np_error *err);
void np_power_draw_did(const np_power_job *j, size_t r, const int32_t *order,
                       const int32_t *start, size_t offset, unsigned thread);
/* Gives the threads' memory back; `status`, or what the first draw that failed says. */
np_status np_power_finish_did(np_power_job *j, np_status status, np_error *err);

#endif
