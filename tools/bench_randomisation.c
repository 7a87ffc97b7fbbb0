/* Times randomisation inference and leaving one unit out on a simulated panel.
 *
 *   bench-randomisation [units] [periods] [draws] [threads] [repetitions]
 *
 * A tenth of the units starts in each of three periods, the others never; clusters of
 * unequal size where they are assigned. Each line is the median of the repetitions. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "stats/did/robustness.h"
#include "stats/infer/randomisation.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void stop(const np_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    exit(2);
}

static np_did_panel make_panel(size_t N, size_t T, np_arena *arena)
{
    const char *const name[] = {"y", "unit", "period", "start", "group"};
    double *value[5];
    np_column *column = np_arena_array(arena, np_column, 5);
    np_table *table = np_arena_array(arena, np_table, 1);
    np_rng rng = np_rng_stream(1, 0);
    for (int c = 0; c < 5; c++)
        value[c] = np_arena_array(arena, double, N *T);
    for (size_t i = 0; i < N * T; i++) {
        size_t unit = i / T, tenth = unit % 10;
        value[0][i] = np_rng_uniform(&rng) + (double)(unit % 7);
        value[1][i] = (double)unit;
        value[2][i] = (double)(i % T);
        value[4][i] = (double)(unit % 10 + 10 * (unit % 30 / 10) + 30 * (unit / 300));
        value[3][i] = tenth < 3 ? (double)(T / 2 + tenth) : 0;
    }
    for (int c = 0; c < 5; c++)
        column[c] = (np_column){.name = name[c], .uom = "", .f64 = value[c]};
    *table = (np_table){.n_rows = N * T, .n_columns = 5, .column = column};
    np_did_panel panel;
    np_error err = {0};
    np_did_panel_spec spec = {.outcome = "y",
                              .unit = "unit",
                              .time = "period",
                              .cohort = "start",
                              .cluster = "group"};
    if (np_did_panel_build(&panel, table, &spec, arena, &err) != NP_OK)
        stop(&err);
    return panel;
}

static void time_randomisation(const char *name, const np_did_panel *panel,
                               np_randomisation_spec spec, size_t runs)
{
    double *seconds = calloc(runs, sizeof *seconds), p = 0;
    for (size_t r = 0; seconds != NULL && r < runs; r++) {
        np_arena *arena = np_arena_new(0);
        np_randomisation out;
        np_error err = {0};
        double begin = now();
        if (np_randomisation_estimate(&out, panel, &spec, arena, &err) != NP_OK)
            stop(&err);
        seconds[r] = now() - begin;
        p = out.p_value;
        np_arena_free(arena);
    }
    if (seconds == NULL)
        return;
    qsort(seconds, runs, sizeof *seconds, by_value);
    printf("%-44s %8.4f s   p = %.4f\n", name, seconds[runs / 2], p);
    free(seconds);
}

static void time_leaving_out(const np_did_panel *panel, unsigned threads)
{
    np_arena *arena = np_arena_new(0);
    np_robustness out;
    np_error err = {0};
    np_did_spec spec = {.aggregates = NP_AGGREGATE_SIMPLE, .n_threads = threads};
    double begin = now();
    if (np_leave_one_out(&out, panel, &spec, NP_DID_GROUP_TIME, NP_LEAVE_OUT_UNIT, arena,
                         &err) != NP_OK)
        stop(&err);
    printf("%-44s %8.4f s   %zu estimations\n", "leave one unit out, group-time",
           now() - begin, out.n_rows);
    np_arena_free(arena);
}

int main(int argc, char **argv)
{
    size_t N = argc > 1 ? strtoul(argv[1], NULL, 10) : 400;
    size_t T = argc > 2 ? strtoul(argv[2], NULL, 10) : 15;
    size_t draws = argc > 3 ? strtoul(argv[3], NULL, 10) : 9999;
    unsigned threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    size_t runs = argc > 5 ? strtoul(argv[5], NULL, 10) : 5;
    np_arena *arena = np_arena_new(0);
    np_did_panel panel = make_panel(N, T, arena);
    np_randomisation_spec spec = {.draws = draws, .n_threads = threads};
    printf("%zu units, %zu periods, %zu draws, %u threads (0: all)\n", N, T, draws,
           threads);
    time_randomisation("two-way", &panel, spec, runs);
    spec.studentised = true;
    time_randomisation("two-way, studentised", &panel, spec, runs);
    spec.statistic = NP_RANDOMISE_GROUP_TIME;
    time_randomisation("group-time, studentised", &panel, spec, runs);
    spec.comparison = NP_COMPARISON_NOT_YET;
    time_randomisation("group-time, not yet, studentised", &panel, spec, runs);
    spec.by_cluster = true;
    time_randomisation("group-time, clusters assigned, studentised", &panel, spec, runs);
    time_leaving_out(&panel, threads);
    np_arena_free(arena);
    return 0;
}
