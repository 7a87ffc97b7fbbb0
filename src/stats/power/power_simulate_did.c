#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/did/robustness.h"
#include "stats/power/power_simulate_internal.h"

/* A panel with the data's cells; its starts are replaced in every draw. */
static np_status build_panel(np_power_job *j, np_arena *arena, np_error *err)
{
    const np_power_simulation_spec *s = j->spec;
    size_t N = s->n_units, T = s->n_periods;
    double *unit = np_arena_array(arena, double, N *T);
    double *time = np_arena_array(arena, double, N *T);
    double *start = np_arena_array(arena, double, N *T);
    np_column *column = np_arena_array(arena, np_column, 4);
    np_table *table = np_arena_array(arena, np_table, 1);
    if (unit == NULL || time == NULL || start == NULL || column == NULL || table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu units"), N);
    for (size_t i = 0; i < N * T; i++) {
        unit[i] = (double)(i / T);
        time[i] = (double)(i % T) + 1;
        start[i] = i / T == 0 ? (double)T : 0;
    }
    column[0] = (np_column){.name = "y", .uom = "", .f64 = s->y};
    column[1] = (np_column){.name = "unit", .uom = "", .f64 = unit};
    column[2] = (np_column){.name = "time", .uom = "", .f64 = time};
    column[3] = (np_column){.name = "start", .uom = "", .f64 = start};
    *table = (np_table){.n_rows = N * T, .n_columns = 4, .column = column};
    const np_did_panel_spec spec = {
        .outcome = "y", .unit = "unit", .time = "time", .cohort = "start"};
    return np_did_panel_build(&j->panel, table, &spec, arena, err);
}

np_status np_power_prepare_did(np_power_job *j, np_arena *arena, np_error *err)
{
    size_t n = np_parallel_threads(j->spec->n_threads);
    j->did = *j->spec->did;
    j->did.n_threads = 1;
    j->did.draws = 0;
    j->did.no_controls = true;
    j->did.aggregates = NP_AGGREGATE_SIMPLE;
    *j->df = NAN;
    j->language = np_language_get();
    j->arena = np_arena_array(arena, np_arena *, n);
    j->failure = np_arena_array(arena, np_error, n);
    j->failed_draw = np_arena_array(arena, size_t, n);
    if (j->arena == NULL || j->failure == NULL || j->failed_draw == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (; j->n_arenas < n; j->n_arenas++) {
        j->arena[j->n_arenas] = np_arena_new(0);
        j->failed_draw[j->n_arenas] = SIZE_MAX;
        if (j->arena[j->n_arenas] == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    return build_panel(j, arena, err);
}

static np_status estimate(const np_power_job *j, size_t r, const int32_t *order,
                          const int32_t *start, size_t offset, np_arena *arena,
                          np_error *err)
{
    size_t N = j->spec->n_units;
    np_did_panel panel;
    np_did_result result = {0};
    uint8_t *keep = np_arena_array(arena, uint8_t, N);
    double *cohort = np_arena_array(arena, double, N);
    if (keep == NULL || cohort == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < N; i++)
        cohort[i] = INFINITY;
    for (size_t i = 0; i < j->J; i++) {
        keep[order[i]] = 1;
        if ((size_t)start[i] < j->T)
            cohort[order[i]] = j->panel.period[offset + (size_t)start[i]];
    }
    np_did_change change = {.keep = keep,
                            .cohort = cohort,
                            .some_periods = true,
                            .first_period = offset,
                            .last_period = offset + j->T - 1};
    np_status status = np_did_panel_change(&panel, &j->panel, &change, arena, err);
    if (status == NP_OK)
        status =
            np_did_estimate(&result, &panel, &j->did, j->spec->estimator, arena, err);
    if (status != NP_OK)
        return status;
    np_did_overall(&j->estimate[r], &j->std_error[r], &result);
    bool is_normal = result.estimates.normal;
    /* All draws have as many clusters: every one says the same. */
    if (r == 0)
        *j->df = is_normal ? INFINITY : result.estimates.df_t;
    return NP_OK;
}

void np_power_draw_did(const np_power_job *j, size_t r, const int32_t *order,
                       const int32_t *start, size_t offset, unsigned thread)
{
    np_error err = {0};
    np_arena_mark mark = np_arena_set_mark(j->arena[thread]);
    np_language_set(j->language);
    j->estimate[r] = j->std_error[r] = NAN;
    np_status status = estimate(j, r, order, start, offset, j->arena[thread], &err);
    np_arena_release(j->arena[thread], mark);
    if (status == NP_OK || r >= j->failed_draw[thread])
        return;
    j->failure[thread] = err;
    j->failed_draw[thread] = r;
}

np_status np_power_finish_did(np_power_job *j, np_status status, np_error *err)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < j->n_arenas; i++)
        np_arena_free(j->arena[i]);
    for (size_t i = 0; status == NP_OK && i < j->n_arenas; i++)
        if (j->failed_draw[i] < first) {
            first = j->failed_draw[i];
            if (err != NULL)
                *err = j->failure[i];
        }
    if (status != NP_OK || first == SIZE_MAX)
        return status;
    return err == NULL ? NP_E_NOT_IDENTIFIED : err->status;
}
