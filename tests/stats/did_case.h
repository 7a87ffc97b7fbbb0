/* A small panel by hand for tests of difference-in-differences: units in order over
 * periods 1 … n_periods, with starts, doses, covariates and weights as the test sets
 * them. */
#ifndef NP_TESTS_DID_CASE_H
#define NP_TESTS_DID_CASE_H

#include <string.h>

#include "base/rng.h"
#include "stats/did/did_design.h"
#include "support/check.h"

enum { CASE_MOST = 6000 };

typedef struct {
    size_t n_units, n_periods;
    double y[CASE_MOST], x[CASE_MOST], dose[CASE_MOST], weight[CASE_MOST],
        start[CASE_MOST], cluster[CASE_MOST];
    int64_t unit[CASE_MOST], time[CASE_MOST];
    np_column column[8];
    np_table table;
} did_case;

static np_arena *arena;
static np_error err;

static inline int case_begin(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    err = (np_error){0};
    return arena == NULL;
}

static inline int case_end(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

/* Units × periods with start[unit] (0: never), y and x 0, dose 1 from the start on and
 * weight 1; each unit its own cluster. */
static inline void case_new(did_case *c, size_t n_units, size_t n_periods,
                            const double *start)
{
    memset(c, 0, sizeof *c);
    c->n_units = n_units;
    c->n_periods = n_periods;
    for (size_t u = 0; u < n_units; u++)
        for (size_t t = 0; t < n_periods; t++) {
            size_t r = u * n_periods + t;
            c->unit[r] = (int64_t)u + 1;
            c->time[r] = (int64_t)t + 1;
            c->start[r] = start == NULL ? 0 : start[u];
            c->dose[r] = c->start[r] > 0 && (double)(t + 1) >= c->start[r];
            c->weight[r] = 1;
            c->cluster[r] = (double)u;
        }
    const struct {
        const char *name;
        const double *value;
    } number[] = {{"y", c->y},           {"x", c->x},         {"dose", c->dose},
                  {"weight", c->weight}, {"start", c->start}, {"cluster", c->cluster}};
    for (size_t i = 0; i < 6; i++)
        c->column[i] = (np_column){.name = number[i].name,
                                   .uom = "",
                                   .type = NP_COLUMN_F64,
                                   .f64 = number[i].value};
    c->column[6] =
        (np_column){.name = "unit", .uom = "", .type = NP_COLUMN_I64, .i64 = c->unit};
    c->column[7] =
        (np_column){.name = "time", .uom = "", .type = NP_COLUMN_I64, .i64 = c->time};
    c->table = (np_table){n_units * n_periods, 8, c->column};
}

static inline np_did_panel case_panel(const did_case *c, np_did_panel_spec spec)
{
    np_did_panel p = {0};
    if (spec.outcome == NULL)
        spec.outcome = "y";
    spec.unit = "unit";
    spec.time = "time";
    if (spec.treatment == NULL)
        spec.cohort = "start";
    np_status status = np_did_panel_build(&p, &c->table, &spec, arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
    return p;
}

static inline np_did_result case_estimate(const np_did_panel *p, np_did_spec spec,
                                          np_did_estimator estimator)
{
    np_did_result r = {0};
    np_status status = np_did_estimate(&r, p, &spec, estimator, arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
    return r;
}

/* Outcomes, covariates and weights that follow no rule, the same each time. */
static inline void case_noise(did_case *c, uint64_t seed)
{
    np_rng rng = np_rng_stream(seed, 1);
    for (size_t u = 0; u < c->n_units; u++) {
        double weight = 1 + np_rng_uniform(&rng), level = np_rng_uniform(&rng);
        for (size_t t = 0; t < c->n_periods; t++) {
            size_t r = u * c->n_periods + t;
            c->x[r] = np_rng_uniform(&rng) + level * (double)t;
            c->y[r] = level + np_rng_uniform(&rng) + 0.5 * c->x[r];
            c->weight[r] = weight;
        }
    }
}

static inline const np_estimate_table *case_table(const np_did_result *r,
                                                  const char *name)
{
    for (size_t i = 0; i < r->estimates.n_tables; i++)
        if (strcmp(r->estimates.table[i].name, name) == 0)
            return &r->estimates.table[i];
    return NULL;
}

#endif
