/* Panels made for tests of the difference-in-differences estimators: units in rows,
 * periods 1, 2 …, a start and a cluster per unit, and room for weights and a control. */
#ifndef NP_TESTS_STATS_DID_MADE_H
#define NP_TESTS_STATS_DID_MADE_H

#include "support/check.h"

#include <string.h>

#include "stats/did/did.h"

enum { MADE_ROWS = 4096 };

typedef struct {
    np_arena *arena;
    np_error err;
    size_t n;
    double y[MADE_ROWS], x[MADE_ROWS], weight[MADE_ROWS], start[MADE_ROWS],
        cluster[MADE_ROWS];
    int64_t unit[MADE_ROWS], period[MADE_ROWS];
    np_column column[7];
    np_table table;
} made;

static inline void made_begin(made *m)
{
    memset(m, 0, sizeof *m);
    m->arena = np_arena_new(0);
    assert_non_null(m->arena);
}

static inline void made_end(made *m)
{
    np_arena_free(m->arena);
}

/* One row; start 0: never. */
static inline void made_add(made *m, int unit, int period, double start, double y)
{
    size_t r = m->n++;
    assert_true(r < MADE_ROWS);
    m->unit[r] = unit;
    m->period[r] = period;
    m->start[r] = start;
    m->y[r] = y;
    m->weight[r] = 1;
    m->cluster[r] = unit;
}

/* A unit's row per period, from 1 on. */
static inline void made_unit(made *m, int unit, double start, int n_periods,
                             const double *y)
{
    for (int t = 0; t < n_periods; t++)
        made_add(m, unit, t + 1, start, y[t]);
}

static inline np_did_panel made_panel(made *m, np_did_panel_spec spec)
{
    const np_column column[] = {
        {.name = "y", .uom = "", .type = NP_COLUMN_F64, .f64 = m->y},
        {.name = "x", .uom = "", .type = NP_COLUMN_F64, .f64 = m->x},
        {.name = "w", .uom = "", .type = NP_COLUMN_F64, .f64 = m->weight},
        {.name = "start", .uom = "", .type = NP_COLUMN_F64, .f64 = m->start},
        {.name = "cluster", .uom = "", .type = NP_COLUMN_F64, .f64 = m->cluster},
        {.name = "unit", .uom = "", .type = NP_COLUMN_I64, .i64 = m->unit},
        {.name = "period", .uom = "", .type = NP_COLUMN_I64, .i64 = m->period},
    };
    memcpy(m->column, column, sizeof column);
    m->table = (np_table){m->n, 7, m->column};
    spec.outcome = "y";
    spec.unit = "unit";
    spec.time = "period";
    spec.cohort = "start";
    np_did_panel p = {0};
    np_status status = np_did_panel_build(&p, &m->table, &spec, m->arena, &m->err);
    if (status != NP_OK)
        print_error("%s\n", m->err.message);
    assert_int_equal(status, NP_OK);
    return p;
}

static inline np_did_result made_estimate(made *m, const np_did_panel *p,
                                          np_did_spec spec, np_did_estimator estimator)
{
    np_did_result r = {0};
    np_status status = np_did_estimate(&r, p, &spec, estimator, m->arena, &m->err);
    if (status != NP_OK)
        print_error("%s\n", m->err.message);
    assert_int_equal(status, NP_OK);
    return r;
}

static inline const np_did_aggregate *made_aggregate(const np_did_result *r,
                                                     const char *kind)
{
    const np_did_aggregate *a = np_did_aggregate_of(r, kind);
    assert_non_null(a);
    return a;
}

/* The row of that value. */
static inline const np_aggregate_row *made_row(const np_did_result *r, const char *kind,
                                               double value)
{
    const np_did_aggregate *a = made_aggregate(r, kind);
    for (size_t i = 0; i < a->n_rows; i++)
        if (a->row[i].value == value)
            return &a->row[i];
    fail_msg("no row %g of %s", value, kind);
    return NULL;
}

/* Each allocation fails once: the estimator says so, and succeeds when none does. */
static inline void made_fail_each_allocation(made *m, const np_did_panel *p,
                                             np_did_spec spec, np_did_estimator estimator)
{
    np_status status = NP_E_NO_MEMORY;
    for (size_t n = 1; status != NP_OK; n++) {
        np_did_result r = {0};
        np_error err = {0};
        np_arena_mark mark = np_arena_set_mark(m->arena);
        np_arena_fail_at(m->arena, n);
        status = np_did_estimate(&r, p, &spec, estimator, m->arena, &err);
        np_arena_fail_at(m->arena, 0);
        np_arena_release(m->arena, mark);
        if (status != NP_OK) {
            assert_int_equal(status, NP_E_NO_MEMORY);
            assert_int_equal(r.n_aggregates, 0);
            assert_true(err.message[0] != '\0');
        }
    }
}

#endif
