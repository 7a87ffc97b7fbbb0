#include "stats/did/did_negligible.h"

#include <math.h>
#include <string.h>

#define SHARE_OF_OUTCOME 1e-14

typedef struct {
    double limit;
    size_t n_dropped, n_kept;
    np_arena *arena;
    np_error *err;
} dropping;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the estimates"));
}

static double limit_of(const np_did_panel *p)
{
    double largest = 0;
    for (size_t r = 0; r < p->n; r++)
        largest = fmax(largest, fabs(p->y[r]));
    return SHARE_OF_OUTCOME * largest;
}

static bool is_negligible(dropping *d, double std_error)
{
    bool is = std_error < d->limit;
    d->n_dropped += is;
    d->n_kept += std_error >= d->limit;
    return is;
}

static np_status drop_cells(np_did_result *r, dropping *d)
{
    np_group_time_row *cell =
        np_arena_array(d->arena, np_group_time_row, r->n_group_time);
    if (cell == NULL)
        return no_memory(d->err);
    for (size_t i = 0; i < r->n_group_time; i++) {
        np_group_time_row *c = &cell[i];
        *c = r->group_time[i];
        if (is_negligible(d, c->std_error))
            c->std_error = c->statistic = c->p_value = c->conf_low = c->conf_high =
                c->band_low = c->band_high = NAN;
    }
    r->group_time = cell;
    return NP_OK;
}

static np_status drop_rows(np_did_aggregate *a, dropping *d)
{
    np_aggregate_row *row = np_arena_array(d->arena, np_aggregate_row, a->n_rows);
    if (row == NULL)
        return no_memory(d->err);
    for (size_t i = 0; i < a->n_rows; i++) {
        np_aggregate_row *r = &row[i];
        *r = a->row[i];
        if (!r->reference && is_negligible(d, r->std_error))
            r->std_error = r->statistic = r->p_value = r->conf_low = r->conf_high =
                r->band_low = r->band_high = NAN;
    }
    a->row = row;
    if (is_negligible(d, a->std_error))
        a->std_error = a->statistic = a->p_value = a->conf_low = a->conf_high = NAN;
    return NP_OK;
}

static np_status drop_averages(np_did_result *r, dropping *d)
{
    np_did_aggregate *a = np_arena_array(d->arena, np_did_aggregate, r->n_aggregates);
    np_status status = a == NULL ? no_memory(d->err) : NP_OK;
    for (size_t i = 0; status == NP_OK && i < r->n_aggregates; i++) {
        a[i] = r->aggregate[i];
        status = drop_rows(&a[i], d);
    }
    if (status == NP_OK)
        r->aggregate = a;
    return status;
}

/* The std_error, statistic, p_value, conf_low and conf_high of n estimates; those that
 * are not there are NULL. */
static np_status drop_from(const double **column[5], size_t n, dropping *d)
{
    double *copy[5] = {NULL};
    for (size_t j = 0; j < 5; j++) {
        if (*column[j] == NULL)
            continue;
        copy[j] = np_arena_array(d->arena, double, n);
        if (copy[j] == NULL)
            return no_memory(d->err);
        memcpy(copy[j], *column[j], n * sizeof *copy[j]);
    }
    for (size_t i = 0; i < n; i++)
        if (is_negligible(d, copy[0][i]))
            for (size_t j = 0; j < 5; j++)
                if (copy[j] != NULL)
                    copy[j][i] = NAN;
    for (size_t j = 0; j < 5; j++)
        if (copy[j] != NULL)
            *column[j] = copy[j];
    return NP_OK;
}

/* Coefficients of controls are in other units, and are judged only where no error of an
 * effect is left. */
static np_status drop_coefficients(np_estimates *e, size_t n_cells, dropping *d)
{
    bool exact = d->n_kept == 0 && d->n_dropped > 0;
    const double **column[] = {&e->std_error, &e->statistic, &e->p_value, &e->conf_low,
                               &e->conf_high};
    if (e->k == 0 || e->std_error == NULL || (!exact && e->k != n_cells))
        return NP_OK;
    return drop_from(column, e->k, d);
}

/* Tables of effects, such as those by cohort and period. */
static np_status drop_tables(np_estimates *e, dropping *d)
{
    np_estimate_table *table = np_arena_array(d->arena, np_estimate_table, e->n_tables);
    if (table == NULL)
        return no_memory(d->err);
    for (size_t i = 0; i < e->n_tables; i++) {
        np_estimate_table *t = &table[i];
        *t = e->table[i];
        if (t->std_error == NULL)
            continue;
        const double **column[] = {&t->std_error, &t->statistic, &t->p_value,
                                   &t->conf_low, &t->conf_high};
        np_status status = drop_from(column, t->n, d);
        if (status != NP_OK)
            return status;
    }
    e->table = table;
    return NP_OK;
}

static np_status warn(np_estimates *e, dropping *d)
{
    const char **all = np_arena_array(d->arena, const char *, e->n_warnings + 1);
    if (all == NULL)
        return no_memory(d->err);
    for (size_t i = 0; i < e->n_warnings; i++)
        all[i] = e->warning[i];
    all[e->n_warnings++] =
        _("Standard errors that are rounding alone are left out: the outcome is fitted "
          "exactly, or the units of a cluster cancel out.");
    e->warning = all;
    return NP_OK;
}

np_status np_did_drop_negligible(np_did_result *result, const np_did_panel *panel,
                                 np_arena *arena, np_error *err)
{
    dropping d = {.limit = limit_of(panel), .arena = arena, .err = err};
    np_did_result r = *result;
    np_status status = drop_cells(&r, &d);
    if (status == NP_OK)
        status = drop_averages(&r, &d);
    if (status == NP_OK)
        status = drop_coefficients(&r.estimates, r.n_group_time, &d);
    if (status == NP_OK)
        status = drop_tables(&r.estimates, &d);
    if (status != NP_OK || d.n_dropped == 0)
        return status;
    if (d.n_kept == 0)
        r.estimates.n_tests = 0;
    status = warn(&r.estimates, &d);
    if (status == NP_OK)
        *result = r;
    return status;
}
