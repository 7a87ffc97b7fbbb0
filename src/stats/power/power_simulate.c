#include "stats/power/power_simulate.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/did/two_way_cells.h"
#include "stats/power/power_simulate_internal.h"
#include "stats/sorted.h"

/* Few enough that the draws spread over the threads, enough that a task is worth it. */
enum { DRAWS_PER_TASK = 64 };

/* An error that is a smaller share of the largest outcome is rounding. */
#define ROUNDING 1e-14

static void draw_units(int32_t *order, const np_power_job *j, np_rng *rng)
{
    size_t N = j->spec->n_units;
    if (j->with_replacement) {
        for (size_t i = 0; i < j->J; i++)
            order[i] = (int32_t)np_rng_below(rng, N);
        return;
    }
    for (size_t i = 0; i < N; i++)
        order[i] = (int32_t)i;
    np_rng_shuffle(rng, order, N);
}

static void one_draw(const np_power_job *j, size_t r, unsigned thread)
{
    const np_power_simulation_spec *s = j->spec;
    size_t J = j->J, T = j->T, longest = J > s->n_units ? J : s->n_units;
    double *y = j->y + thread * J * T, *tail = j->tail + thread * J * (T + 1);
    double *scratch = j->scratch + thread * 5 * (T + 1);
    int32_t *start = j->start + thread * J, *order = j->order + thread * longest;
    np_rng rng = np_rng_stream(s->seed, r);
    size_t offset = (size_t)np_rng_below(&rng, s->n_periods - T + 1), i = 0;
    draw_units(order, j, &rng);
    for (size_t g = 0; g < s->n_cohorts; g++)
        for (size_t k = 0; k < s->cohort[g].n_clusters; k++, i++) {
            start[i] = (int32_t)(s->cohort[g].start == 0 ? T : s->cohort[g].start - 1);
            memcpy(y + i * T, s->y + (size_t)order[i] * s->n_periods + offset,
                   T * sizeof *y);
        }
    if (s->did != NULL) {
        np_power_draw_did(j, r, order, start, offset, thread);
        return;
    }
    np_two_way_cells cells;
    np_two_way_cells_fill(&cells, tail, scratch, y, J, T);
    np_two_way_result b = np_two_way_cells_estimate(&cells, start, NULL, 0, scratch);
    j->estimate[r] = b.estimate;
    j->std_error[r] = b.std_error;
}

static void task(void *context, size_t task_number, unsigned thread)
{
    const np_power_job *j = context;
    size_t first = task_number * DRAWS_PER_TASK;
    for (size_t r = first; r < first + DRAWS_PER_TASK && r < j->n_draws; r++)
        one_draw(j, r, thread);
}

static np_status run(np_power_job *j, np_arena *arena, np_error *err)
{
    size_t J = j->J, T = j->T, n = np_parallel_threads(j->spec->n_threads);
    size_t longest = J > j->spec->n_units ? J : j->spec->n_units;
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status = NP_OK;
    j->y = np_arena_array(arena, double, n *J *T);
    j->tail = np_arena_array(arena, double, n *J *(T + 1));
    j->scratch = np_arena_array(arena, double, n * 5 * (T + 1));
    j->start = np_arena_array(arena, int32_t, n * J);
    j->order = np_arena_array(arena, int32_t, n * longest);
    if (j->y == NULL || j->tail == NULL || j->scratch == NULL || j->start == NULL ||
        j->order == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu clusters"), J);
    if (j->spec->did != NULL)
        status = np_power_prepare_did(j, arena, err);
    if (status == NP_OK)
        np_parallel_for((j->n_draws + DRAWS_PER_TASK - 1) / DRAWS_PER_TASK,
                        j->spec->n_threads, task, j);
    if (j->spec->did != NULL)
        status = np_power_finish_did(j, status, err);
    np_arena_release(arena, mark);
    return status;
}

/* The plan's own checks are those of the formula; what is left are the data's. */
static np_status check(const np_power_simulation_spec *s, size_t T, np_arena *arena,
                       np_error *err)
{
    np_power plan;
    np_power_spec p = {.cohort = s->cohort,
                       .n_cohorts = s->n_cohorts,
                       .n_periods = T,
                       .share_treated = s->share_treated,
                       .level = s->level,
                       .one_sided = s->one_sided,
                       .power = s->power,
                       .effect = s->effect};
    if (T > s->n_periods)
        return np_fail(err, NP_E_RANGE,
                       _("the design has %zu periods, the data have %zu that nobody was "
                         "treated in"),
                       T, s->n_periods);
    for (size_t i = 0; i < s->n_units * s->n_periods; i++)
        if (!isfinite(s->y[i]))
            return np_fail(err, NP_E_RANGE, _("an outcome is not a number"));
    return np_power_estimate(&plan, &p, arena, err);
}

double np_power_simulated_at(const np_power_simulation *s, double effect, double level,
                             bool one_sided)
{
    double t = qt(one_sided ? level : level / 2, s->df, 0, 0), sign = effect < 0 ? -1 : 1;
    size_t n = 0;
    for (size_t r = 0; r < s->n_draws; r++) {
        double ratio = sign * (s->estimate[r] + effect) / s->std_error[r];
        n += ratio > t || (!one_sided && ratio < -t);
    }
    return (double)n / (double)s->n_draws;
}

static double order_statistic(const double *sorted, size_t n, double share)
{
    double rank = ceil(share * (double)n - 1e-9);
    return rank < 1 ? sorted[0] : rank > (double)n ? NAN : sorted[(size_t)rank - 1];
}

static np_status find_mde(np_power_simulation *out, const np_power_simulation_spec *s,
                          double level, double power, np_arena *arena, np_error *err)
{
    size_t n = out->n_draws;
    np_arena_mark mark = np_arena_set_mark(arena);
    double *needed = np_arena_array(arena, double, n);
    double t = qt(s->one_sided ? level : level / 2, out->df, 0, 0);
    double sign = s->effect < 0 ? -1 : 1, error = sqrt(power * (1 - power) / (double)n);
    if (needed == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < n; r++)
        needed[r] = t * out->std_error[r] - sign * out->estimate[r];
    np_sort_numbers(needed, n);
    /* Just above the draw it is taken from, so that this draw rejects too. */
    out->mde = order_statistic(needed, n, power) * (1 + 1e-12);
    out->mde_low = order_statistic(needed, n, power - 1.96 * error);
    out->mde_high = order_statistic(needed, n, power + 1.96 * error);
    np_arena_release(arena, mark);
    return NP_OK;
}

static void take_moments(np_power_simulation *out)
{
    double n = (double)out->n_draws, squares = 0;
    for (size_t r = 0; r < out->n_draws; r++) {
        out->mean += out->estimate[r] / n;
        out->mean_std_error += out->std_error[r] / n;
    }
    for (size_t r = 0; r < out->n_draws; r++)
        squares += (out->estimate[r] - out->mean) * (out->estimate[r] - out->mean);
    out->std_dev = n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

/* From the draws to size, power and smallest effect. */
static np_status summarise(np_power_simulation *out, const np_power_simulation_spec *s,
                           np_arena *arena, np_error *err)
{
    double level = s->level > 0 ? s->level : 0.05, power = s->power > 0 ? s->power : 0.8;
    double share = s->share_treated > 0 ? s->share_treated : 1, n = (double)out->n_draws;
    double largest = 0;
    for (size_t i = 0; i < s->n_units * s->n_periods; i++)
        largest = fmax(largest, fabs(s->y[i]));
    for (size_t r = 0; r < out->n_draws; r++)
        if (!(out->std_error[r] > ROUNDING * largest))
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("the outcomes are constant but for units and periods"));
    take_moments(out);
    out->size = np_power_simulated_at(out, 0, level, s->one_sided);
    out->size_error = sqrt(out->size * (1 - out->size) / n);
    out->effect = out->power = out->power_error = NAN;
    if (s->effect != 0) {
        out->effect = s->effect;
        out->power = np_power_simulated_at(out, s->effect * share, level, s->one_sided);
        out->power_error = sqrt(out->power * (1 - out->power) / n);
    }
    np_status status = find_mde(out, s, level, power, arena, err);
    out->mde_treated = out->mde / share;
    return status;
}

static np_status check_units(const np_power_job *j, np_error *err)
{
    if (j->spec->n_units < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the data have %zu units without treatment"), j->spec->n_units);
    if (j->J < 3)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("errors clustered by %zu clusters are not known; placebo "
                         "programmes need three"),
                       j->J);
    if (j->with_replacement && j->spec->did != NULL)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the plan has %zu clusters, the data %zu units: only two-way "
                         "effects are drawn with replacement"),
                       j->J, j->spec->n_units);
    return NP_OK;
}

np_status np_power_simulate(np_power_simulation *out, const np_power_simulation_spec *s,
                            np_arena *arena, np_error *err)
{
    size_t T = s->design_periods > 0 ? s->design_periods : s->n_periods, n_treated = 0;
    double df = NAN;
    np_power_job j = {
        .spec = s, .T = T, .n_draws = s->n_draws > 0 ? s->n_draws : 2000, .df = &df};
    np_status status = check(s, T, arena, err);
    for (size_t g = 0; status == NP_OK && g < s->n_cohorts; g++) {
        j.J += s->cohort[g].n_clusters;
        n_treated += s->cohort[g].start > 0 ? s->cohort[g].n_clusters : 0;
    }
    j.with_replacement = j.J > s->n_units;
    if (status == NP_OK)
        status = check_units(&j, err);
    if (status != NP_OK)
        return status;
    j.estimate = np_arena_array(arena, double, j.n_draws);
    j.std_error = np_arena_array(arena, double, j.n_draws);
    if (j.estimate == NULL || j.std_error == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu draws"), j.n_draws);
    status = run(&j, arena, err);
    np_power_simulation result = {.n_draws = j.n_draws,
                                  .n_clusters = j.J,
                                  .n_treated = n_treated,
                                  .n_units = s->n_units,
                                  .n_periods = T,
                                  .with_replacement = j.with_replacement,
                                  .df = s->did == NULL ? (double)j.J - 1 : df,
                                  .estimate = j.estimate,
                                  .std_error = j.std_error};
    for (size_t r = 0; status == NP_OK && r < j.n_draws; r++)
        if (isinf(j.std_error[r]))
            status =
                np_fail(err, NP_E_RANGE, _("the outcomes are too large to be squared"));
    if (status == NP_OK)
        status = summarise(&result, s, arena, err);
    if (status == NP_OK)
        *out = result;
    return status;
}
