/* A result's event study, and its robust intervals: any text gives a study that holds
 * together and finite intervals (or none), or an error that says something. */
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>

#include "evaluation/event_study_json.h"
#include "stats/did/honest.h"

enum { BUDGET = 64 << 20, MOST_PERIODS = 10 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void vary(const np_event_coefficients *e, np_honest_restriction restriction,
                 np_honest_convention convention, np_arena *arena)
{
    static const double bound[] = {0, 1};
    np_honest_spec spec = {.n_pre = e->n_pre,
                           .n_post = e->n_post,
                           .estimate = e->estimate,
                           .vcov = e->vcov,
                           .restriction = restriction,
                           .convention = convention,
                           .bound = bound,
                           .n_bounds = 2,
                           .grid_points = 50,
                           .draws = 100,
                           .no_breakdown = true,
                           .n_threads = 1};
    np_honest out;
    np_error err = {0};
    np_status status = np_honest_estimate(&out, &spec, arena, &err);
    demand(status == err.status);
    demand((status != NP_OK) == (err.message[0] != '\0'));
    for (size_t i = 0; status == NP_OK && i < out.n_intervals; i++) {
        const np_honest_interval *v = &out.interval[i];
        demand(isnan(v->conf_low) == isnan(v->conf_high));
        demand(isnan(v->conf_low) || v->conf_low <= v->conf_high);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    np_arena *arena = np_arena_new(BUDGET);
    np_event_coefficients study;
    np_error err = {0};
    const np_event_study_spec spec = {.variable = NULL};
    np_status status =
        np_event_study_read_text(&study, (const char *)bytes, length, &spec, arena, &err);
    demand(status == err.status);
    demand((status != NP_OK) == (err.message[0] != '\0'));
    for (size_t i = 0; status == NP_OK && i < study.n_pre + study.n_post; i++) {
        demand(study.term[i] != NULL && !isnan(study.estimate[i]));
        demand(i == 0 || !(study.time[i] < study.time[i - 1]));
    }
    if (status == NP_OK && study.n_pre + study.n_post <= MOST_PERIODS)
        for (int r = 0; r < NP_N_HONEST_RESTRICTIONS; r++) {
            vary(&study, (np_honest_restriction)r, NP_HONEST_AS_HONESTDID, arena);
            vary(&study, (np_honest_restriction)r, NP_HONEST_EXACT, arena);
        }
    np_arena_free(arena);
    return 0;
}
