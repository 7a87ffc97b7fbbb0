#include "stats/did/honest.h"

#include <Rmath.h>
#include <math.h>

#include "base/parallel.h"
#include "stats/did/honest_internal.h"

/* All that intervals and the breakdown value share. */
typedef struct {
    honest_job job;
    size_t n_sets;
    unsigned n_threads;
    honest_moments *moments; /* [n_threads] */
    honest_frontier frontier;
    honest_folded folded;
    honest_flci *flci;       /* [n_bounds] c-f: at kappa */
    honest_range *range;     /* [n_bounds × n_sets] */
    honest_failure *failure; /* same */
} honest_work;

static bool uses_flci(const honest_work *w)
{
    return w->job.spec.method == NP_HONEST_FLCI || w->job.spec.method == NP_HONEST_C_F;
}

static np_status prepare_draws(honest_work *w, np_arena *arena, np_error *err)
{
    const np_honest_spec *s = &w->job.spec;
    size_t rows = honest_most_rows(s);
    double *z = NULL;
    if (s->method == NP_HONEST_C_LF) {
        z = np_arena_array(arena, double, s->draws *rows);
        if (z == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu draws"),
                           s->draws);
        honest_normal_draws(z, s->draws, rows, &w->job);
    }
    w->n_threads = np_parallel_threads(s->n_threads);
    w->moments = np_arena_array(arena, honest_moments, w->n_threads);
    for (unsigned i = 0; w->moments != NULL && i < w->n_threads; i++) {
        if (!honest_moments_new(&w->moments[i], &w->job, arena))
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu periods"),
                           w->job.n);
        w->moments[i].z = z;
        w->moments[i].z_stride = s->convention == NP_HONEST_EXACT ? rows : 0;
    }
    if (w->moments == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu periods"),
                       w->job.n);
    return NP_OK;
}

static bool flci_new(honest_flci *f, const honest_work *w, np_arena *arena)
{
    f->weight = np_arena_array(arena, double, w->job.n);
    return f->weight != NULL;
}

static np_status prepare(honest_work *w, const np_honest_spec *spec, np_arena *arena,
                         np_error *err)
{
    np_status status = honest_job_new(&w->job, spec, arena, err);
    const np_honest_spec *s = &w->job.spec;
    if (status == NP_OK && uses_flci(w))
        status = honest_folded_new(&w->folded, &w->job, arena, err);
    if (status == NP_OK && uses_flci(w))
        status = honest_frontier_new(&w->frontier, &w->job, arena, err);
    if (status == NP_OK && s->method != NP_HONEST_FLCI)
        status = prepare_draws(w, arena, err);
    if (status != NP_OK)
        return status;
    w->n_sets = honest_n_sets(s);
    w->flci = np_arena_array(arena, honest_flci, s->n_bounds);
    w->range = np_arena_array(arena, honest_range, s->n_bounds * w->n_sets);
    w->failure = np_arena_array(arena, honest_failure, s->n_bounds * w->n_sets);
    bool fits = w->flci != NULL && w->range != NULL && w->failure != NULL;
    for (size_t i = 0; fits && i < s->n_bounds; i++)
        fits = flci_new(&w->flci[i], w, arena);
    return fits ? NP_OK
                : np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu bounds"),
                          s->n_bounds);
}

static void search_task(void *context, size_t task, unsigned thread)
{
    honest_work *w = context;
    honest_moments *m = &w->moments[thread];
    size_t bound = task / w->n_sets, set = task % w->n_sets;
    const honest_flci *flci =
        w->job.spec.method == NP_HONEST_C_F ? &w->flci[bound] : NULL;
    double low, high;
    honest_grid_ends(&low, &high, m, w->job.spec.bound[bound], flci);
    w->failure[task] = honest_moments_fill(m, set, w->job.spec.bound[bound], flci);
    if (w->failure[task] == HONEST_DONE)
        w->range[task] = honest_search(m, low, high);
}

/* Threads have no language, so that failures become words here. */
static np_status failure_in_words(honest_failure failure, np_error *err)
{
    switch (failure) {
    case HONEST_DONE:
        return NP_OK;
    case HONEST_NO_VARIANCE:
        np_fail(err, NP_E_NOT_IDENTIFIED,
                _("the covariance matrix says that a difference between periods is known "
                  "without error, so that it cannot be tested"));
        return np_error_hint(err, _("fewer periods, or errors with more clusters"));
    case HONEST_NO_SOLUTION:
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the restriction leaves the target without any bound"));
    case HONEST_NO_EIGENVALUES:
        break;
    }
    return np_fail(err, NP_E_NOT_CONVERGED,
                   _("the covariance matrix has no square root"));
}

static void union_of(np_honest_interval *out, const honest_range *range, size_t n)
{
    out->conf_low = out->conf_high = NAN;
    for (size_t i = 0; i < n; i++) {
        if (isnan(range[i].low))
            continue;
        if (!(range[i].low >= out->conf_low)) {
            out->conf_low = range[i].low;
            out->open_low = range[i].open_low;
        }
        if (!(range[i].high <= out->conf_high)) {
            out->conf_high = range[i].high;
            out->open_high = range[i].open_high;
        }
    }
}

static np_honest_interval flci_interval(honest_work *w, honest_flci *f, double bound)
{
    honest_flci_find(f, &w->frontier, &w->folded, &w->job, bound, w->job.alpha);
    return (np_honest_interval){.bound = bound,
                                .conf_low = f->centre - f->half_length,
                                .conf_high = f->centre + f->half_length};
}

static np_status fill_intervals(np_honest_interval *interval, honest_work *w,
                                np_error *err)
{
    const np_honest_spec *s = &w->job.spec;
    size_t n_tasks = s->n_bounds * w->n_sets;
    if (s->method == NP_HONEST_FLCI) {
        for (size_t i = 0; i < s->n_bounds; i++)
            interval[i] = flci_interval(w, &w->flci[i], s->bound[i]);
        return NP_OK;
    }
    for (size_t i = 0; i < s->n_bounds && s->method == NP_HONEST_C_F; i++)
        honest_flci_find(&w->flci[i], &w->frontier, &w->folded, &w->job, s->bound[i],
                         w->job.kappa);
    np_parallel_for(n_tasks, w->n_threads, search_task, w);
    for (size_t i = 0; i < n_tasks; i++)
        if (w->failure[i] != HONEST_DONE)
            return failure_in_words(w->failure[i], err);
    for (size_t i = 0; i < s->n_bounds; i++) {
        interval[i].bound = s->bound[i];
        union_of(&interval[i], &w->range[i * w->n_sets], w->n_sets);
    }
    return NP_OK;
}

/* Whether the interval at a bound has 0 in it: that of one set of the union. */
static bool set_reaches_zero(honest_work *w, size_t set, double bound, bool positive)
{
    honest_moments *m = w->moments;
    honest_flci *flci = NULL;
    double low, high;
    if (w->job.spec.method == NP_HONEST_FLCI) {
        np_honest_interval in = flci_interval(w, &w->flci[0], bound);
        return positive ? in.conf_low <= 0 : in.conf_high >= 0;
    }
    if (w->job.spec.method == NP_HONEST_C_F) {
        flci = &w->flci[0];
        honest_flci_find(flci, &w->frontier, &w->folded, &w->job, bound, w->job.kappa);
    }
    honest_grid_ends(&low, &high, m, bound, flci);
    if (honest_moments_fill(m, set, bound, flci) != HONEST_DONE)
        return true;
    return honest_reaches_zero(m, low, high, positive);
}

/* The largest bound below `until` at which the set's interval is on one side of 0. */
static double breakdown_of_set(honest_work *w, size_t set, double until, double unit,
                               bool positive)
{
    double holds = 0, falls = isinf(until) ? unit : until;
    for (int doubling = 0; !set_reaches_zero(w, set, falls, positive); doubling++) {
        if (!isinf(until) || doubling == 10)
            return until;
        holds = falls;
        falls *= 2;
    }
    for (int step = 0; step < 60 && falls - holds > 1e-7 * falls; step++) {
        double middle = holds + (falls - holds) / 2;
        if (set_reaches_zero(w, set, middle, positive))
            falls = middle;
        else
            holds = middle;
    }
    return holds;
}

/* Towards 0 from the side of the original interval: the least over the sets, each of
 * which is asked first whether it falls below the least so far. */
static np_status find_breakdown(np_honest *out, honest_work *w)
{
    const np_honest_spec *s = &w->job.spec;
    bool relative = s->restriction != NP_HONEST_SMOOTHNESS;
    double unit = relative ? 1 : w->job.std_error, least = INFINITY;
    out->positive = w->job.estimate > 0;
    if (out->conf_low <= 0 && out->conf_high >= 0) {
        out->verdict = NP_HONEST_NO_CONCLUSION;
        return NP_OK;
    }
    for (size_t set = 0; set < w->n_sets; set++)
        if (set_reaches_zero(w, set, 0, out->positive)) {
            out->verdict = NP_HONEST_NEVER_HOLDS;
            return NP_OK;
        }
    for (size_t set = 0; set < w->n_sets; set++)
        least = breakdown_of_set(w, set, least, unit, out->positive);
    out->verdict = isinf(least) ? NP_HONEST_ALWAYS_HOLDS : NP_HONEST_HOLDS_UNTIL;
    out->breakdown = isinf(least) ? 1024 * unit : least;
    return NP_OK;
}

np_status np_honest_estimate(np_honest *out, const np_honest_spec *spec, np_arena *arena,
                             np_error *err)
{
    honest_work w = {0};
    np_status status = prepare(&w, spec, arena, err);
    if (status != NP_OK)
        return status;
    const np_honest_spec *s = &w.job.spec;
    np_honest_interval *interval = np_arena_array(arena, np_honest_interval, s->n_bounds);
    if (interval == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu bounds"),
                       s->n_bounds);
    double critical = s->critical_value > 0 ? s->critical_value
                                            : qnorm5(1 - w.job.alpha / 2, 0, 1, 1, 0);
    np_honest result = {.estimate = w.job.estimate,
                        .std_error = w.job.std_error,
                        .conf_low = w.job.estimate - critical * w.job.std_error,
                        .conf_high = w.job.estimate + critical * w.job.std_error,
                        .method = s->method,
                        .conf_level = s->conf_level,
                        .first_stage = w.job.kappa,
                        .n_intervals = s->n_bounds,
                        .interval = interval,
                        .breakdown = NAN,
                        .grid_points = s->grid_points,
                        .draws = s->draws};
    status = fill_intervals(interval, &w, err);
    if (status == NP_OK && !s->no_breakdown)
        status = find_breakdown(&result, &w);
    if (status == NP_OK)
        *out = result;
    return status;
}
