/* A panel by hand for tests of least squares: units × periods with gaps, covariates
 * that go with both, event-time dummies, weights and groups of units. */
#ifndef NP_TESTS_LINEAR_PANEL_H
#define NP_TESTS_LINEAR_PANEL_H

#include <string.h>

#include "base/rng.h"
#include "stats/linear.h"
#include "support/check.h"

enum { PANEL_MOST_DENSE = 3, PANEL_KEYS = 3 };

typedef struct {
    size_t n, n_units, n_periods;
    double *y, *x[PANEL_MOST_DENSE], *weight, *event_value;
    int32_t *unit, *period, *state, *event, *sector;
    np_block block[PANEL_MOST_DENSE + 1];
    np_factor fe[3];
    np_groups key[PANEL_KEYS];
    np_design design;
} panel;

static const char *const panel_term[] = {"x1", "x2", "x3", "ev::0", "ev::1", "ev::2"};
static const char *const panel_key[] = {"unit", "period", "state"};

static inline void panel_link(panel *p, size_t n_fe, bool events)
{
    for (size_t j = 0; j < PANEL_MOST_DENSE; j++)
        p->block[j] =
            (np_block){.first = j, .n_columns = 1, .value = p->x[j], .variable = ""};
    p->block[PANEL_MOST_DENSE] = (np_block){.kind = NP_BLOCK_DUMMIES,
                                            .first = PANEL_MOST_DENSE,
                                            .n_columns = 3,
                                            .column = p->event,
                                            .variable = "ev"};
    p->fe[0] = (np_factor){
        .name = "unit", .code = p->unit, .n_levels = p->n_units, .has_intercept = true};
    p->fe[1] = (np_factor){.name = "period",
                           .code = p->period,
                           .n_levels = p->n_periods,
                           .has_intercept = true};
    p->fe[2] = (np_factor){
        .name = "sector", .code = p->sector, .n_levels = 4, .has_intercept = true};
    p->key[0] = (np_groups){.code = p->unit, .n = p->n, .n_groups = p->n_units};
    p->key[1] = (np_groups){.code = p->period, .n = p->n, .n_groups = p->n_periods};
    p->key[2] = (np_groups){.code = p->state, .n = p->n, .n_groups = 7};
    p->design = (np_design){.n = p->n,
                            .y_name = "y",
                            .y = p->y,
                            .x = {.k = events ? 6 : 3,
                                  .n_blocks = events ? 4 : 3,
                                  .block = p->block,
                                  .term = panel_term},
                            .n_fe = n_fe,
                            .fe = p->fe,
                            .n_keys = PANEL_KEYS,
                            .key = p->key,
                            .key_name = panel_key};
}

static inline panel panel_new(np_arena *arena, size_t n_units, size_t n_periods,
                              uint64_t seed)
{
    size_t most = n_units * n_periods;
    panel p = {.n_units = n_units, .n_periods = n_periods};
    p.y = np_arena_array(arena, double, most);
    p.weight = np_arena_array(arena, double, most);
    p.event_value = np_arena_array(arena, double, most);
    for (size_t j = 0; j < PANEL_MOST_DENSE; j++)
        p.x[j] = np_arena_array(arena, double, most);
    p.unit = np_arena_array(arena, int32_t, most);
    p.period = np_arena_array(arena, int32_t, most);
    p.state = np_arena_array(arena, int32_t, most);
    p.event = np_arena_array(arena, int32_t, most);
    p.sector = np_arena_array(arena, int32_t, most);
    np_rng rng = np_rng_stream(seed, 1);
    for (size_t u = 0; u < n_units; u++) {
        double effect = 3 * np_rng_uniform(&rng);
        int32_t start = (int32_t)np_rng_below(&rng, n_periods + 3);
        for (size_t t = 0; t < n_periods; t++) {
            /* every tenth row is missing, but none of the first two periods' */
            if (t > 1 && np_rng_below(&rng, 10) == 0)
                continue;
            size_t i = p.n++;
            p.unit[i] = (int32_t)u;
            p.period[i] = (int32_t)t;
            p.state[i] = (int32_t)(u % 7);
            p.sector[i] = (int32_t)np_rng_below(&rng, 4);
            int32_t since = (int32_t)t - start;
            p.event[i] = since >= 0 && since < 3 ? since : -1;
            p.event_value[i] = 1 + np_rng_uniform(&rng);
            p.weight[i] = (double)(1 + np_rng_below(&rng, 3));
            p.y[i] = effect + 0.3 * (double)t + np_rng_uniform(&rng);
            for (size_t j = 0; j < PANEL_MOST_DENSE; j++) {
                p.x[j][i] = np_rng_uniform(&rng) + effect * (double)j + 0.1 * (double)t;
                p.y[i] += (double)(j + 1) * p.x[j][i];
            }
            p.y[i] += p.event[i] >= 0 ? 0.5 * (double)p.event[i] : 0;
        }
    }
    return p;
}

/* The rows in another order. */
static inline void panel_shuffle(panel *p, np_arena *arena, uint64_t seed)
{
    int32_t *order = np_arena_array(arena, int32_t, p->n);
    double *held = np_arena_array(arena, double, p->n);
    int32_t *held_code = np_arena_array(arena, int32_t, p->n);
    for (size_t i = 0; i < p->n; i++)
        order[i] = (int32_t)i;
    np_rng rng = np_rng_stream(seed, 2);
    np_rng_shuffle(&rng, order, p->n);
    double *column[] = {p->y, p->x[0], p->x[1], p->x[2], p->weight, p->event_value};
    int32_t *code[] = {p->unit, p->period, p->state, p->event, p->sector};
    for (size_t j = 0; j < sizeof column / sizeof *column; j++) {
        memcpy(held, column[j], p->n * sizeof *held);
        for (size_t i = 0; i < p->n; i++)
            column[j][i] = held[order[i]];
    }
    for (size_t j = 0; j < sizeof code / sizeof *code; j++) {
        memcpy(held_code, code[j], p->n * sizeof *held_code);
        for (size_t i = 0; i < p->n; i++)
            code[j][i] = held_code[order[i]];
    }
}

/* Estimates and covariance, which must succeed. */
typedef struct {
    np_linear fit;
    np_vcov vcov;
} outcome;

static inline outcome estimated(const np_design *design, const np_linear_spec *spec,
                                const char *vcov, np_arena *arena)
{
    outcome o = {0};
    np_error err = {0};
    np_vcov_spec v = {0};
    if (np_linear_estimate(&o.fit, design, spec, arena, &err) != NP_OK ||
        np_vcov_parse(&v, vcov, arena, &err) != NP_OK ||
        np_vcov_estimate(&o.vcov, &o.fit.fit, &v, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return o;
}

static inline void assert_same_outcome(const outcome *a, const outcome *b, double digits)
{
    size_t k = a->fit.fit.k;
    assert_int_equal(k, b->fit.fit.k);
    for (size_t i = 0; i < k; i++) {
        assert_string_equal(a->fit.term[i], b->fit.term[i]);
        assert_digits(a->fit.coefficient[i], b->fit.coefficient[i], digits);
        assert_digits(a->vcov.vcov[i * k + i], b->vcov.vcov[i * k + i], digits - 1);
    }
    assert_digits(a->fit.rss, b->fit.rss, digits - 1);
    assert_digits(a->vcov.df_t, b->vcov.df_t, 15);
}

#endif
