/* Small balanced panels with starts, for tests: set_up and tear_down give each test an
 * arena and a clean error. */
#ifndef NP_TESTS_BALANCED_PANEL_H
#define NP_TESTS_BALANCED_PANEL_H

#include "support/check.h"

#include "stats/did/did.h"

static np_arena *arena;
static np_error err;

static int set_up(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    err = (np_error){0};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

/* y [N × T]; first[N] treated period from 1, 0: never; cluster [N] or NULL. */
static np_did_panel panel_of(const double *y, size_t N, size_t T, const double *first,
                             const double *cluster)
{
    double *unit = np_arena_array(arena, double, N *T);
    double *year = np_arena_array(arena, double, N *T);
    double *start = np_arena_array(arena, double, N *T);
    double *group = np_arena_array(arena, double, N *T);
    double *outcome = np_arena_array(arena, double, N *T);
    np_column *column = np_arena_array(arena, np_column, 5);
    np_table *table = np_arena_array(arena, np_table, 1);
    for (size_t i = 0; i < N * T; i++) {
        unit[i] = (double)(i / T);
        year[i] = (double)(i % T) + 1;
        start[i] = first[i / T];
        group[i] = cluster == NULL ? 0 : cluster[i / T];
        outcome[i] = y[i];
    }
    const char *const name[] = {"y", "unit", "year", "start", "group"};
    const double *const value[] = {outcome, unit, year, start, group};
    for (size_t c = 0; c < 5; c++)
        column[c] = (np_column){.name = name[c], .uom = "", .f64 = value[c]};
    *table = (np_table){.n_rows = N * T, .n_columns = 5, .column = column};
    np_did_panel panel;
    np_did_panel_spec spec = {.outcome = "y",
                              .unit = "unit",
                              .time = "year",
                              .cohort = "start",
                              .cluster = cluster == NULL ? NULL : "group"};
    if (np_did_panel_build(&panel, table, &spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return panel;
}

/* Eight units in four periods: two start in the third, two in the fourth. */
static const double eight[] = {3.1, 2.9, 3.3, 3.9, 1.0, 1.4, 2.0, 1.3, 2.2, 2.0, 2.5,
                               2.6, 0.7, 1.1, 0.9, 1.4, 1.9, 2.4, 2.1, 2.6, 3.3, 3.0,
                               3.4, 3.1, 0.2, 0.9, 0.8, 1.5, 2.7, 2.1, 3.0, 2.8};
static const double eight_first[] = {3, 3, 4, 4, 0, 0, 0, 0};
static const double eight_group[] = {1, 1, 2, 2, 3, 3, 4, 4};

#endif
