#include <string.h>

#include "base/parallel.h"
#include "stats/did/did_panel_internal.h"

np_status np_did_no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the panel"));
}

/* Rows by unit, in the design's order within a unit. NULL: they already stand so. */
static const uint32_t *order_by_unit(const np_groups *unit, uint32_t *start,
                                     np_arena *arena, bool *failed)
{
    bool sorted = true;
    for (size_t i = 0; i < unit->n; i++) {
        start[unit->code[i] + 1]++;
        sorted = sorted && (i == 0 || unit->code[i] >= unit->code[i - 1]);
    }
    for (size_t u = 0; u < unit->n_groups; u++)
        start[u + 1] += start[u];
    if (sorted)
        return NULL;
    uint32_t *order = np_arena_array(arena, uint32_t, unit->n);
    uint32_t *next = np_arena_array(arena, uint32_t, unit->n_groups);
    *failed = order == NULL || next == NULL;
    if (*failed)
        return NULL;
    memcpy(next, start, unit->n_groups * sizeof *next);
    for (size_t i = 0; i < unit->n; i++)
        order[next[unit->code[i]]++] = (uint32_t)i;
    return order;
}

static bool is_sorted(const np_did_panel *p, const int32_t *period)
{
    for (size_t u = 0; u < p->n_units; u++)
        for (size_t r = p->start[u] + 1; r < p->start[u + 1]; r++)
            if (period[r] <= period[r - 1])
                return false;
    return true;
}

/* Within each unit by period: units have few rows, and these are mostly in order. */
static void sort_by_period(const np_did_panel *p, uint32_t *order, const int32_t *period)
{
    for (size_t u = 0; u < p->n_units; u++)
        for (size_t r = p->start[u] + 1; r < p->start[u + 1]; r++) {
            uint32_t row = order[r];
            size_t at = r;
            for (; at > p->start[u] && period[order[at - 1]] > period[row]; at--)
                order[at] = order[at - 1];
            order[at] = row;
        }
}

static np_status twice(const np_did_builder *b, size_t unit, size_t row)
{
    np_did_panel *p = b->out;
    const char *label = np_did_unit_label(p, unit, b->arena);
    np_fail(b->err, NP_E_DUPLICATE, _("%s %s is twice in %s %s, again in row %u"),
            p->unit_name, label == NULL ? "" : label, p->time_name,
            p->period_label[p->period_of[row]], p->table_row[row] + 1);
    return np_error_hint(b->err, _("a panel has each unit once in a period; repeated "
                                   "cross-sections are given without a unit"));
}

static np_status check_unique(const np_did_builder *b)
{
    const np_did_panel *p = b->out;
    if (p->cross_sections)
        return NP_OK;
    for (size_t u = 0; u < p->n_units; u++)
        for (size_t r = p->start[u] + 1; r < p->start[u + 1]; r++)
            if (p->period_of[r] == p->period_of[r - 1])
                return twice(b, u, r);
    return NP_OK;
}

typedef struct {
    double *to;
    const double *from;
    const uint32_t *order;
    size_t n;
} pick;

static void pick_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const pick *k = context;
    size_t end = (task + 1) * NP_PARALLEL_ROWS;
    for (size_t r = task * NP_PARALLEL_ROWS; r < end && r < k->n; r++)
        k->to[r] = k->from[k->order[r]];
}

/* *column [n] in the panel's order; borrowed where that is the design's. */
static np_status pick_column(const double **column, const uint32_t *order, size_t n,
                             np_arena *arena, np_error *err)
{
    if (order == NULL || *column == NULL)
        return NP_OK;
    pick k = {
        .to = np_arena_array(arena, double, n), .from = *column, .order = order, .n = n};
    if (k.to == NULL)
        return np_did_no_memory(err);
    np_parallel_for((n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS, 0, pick_rows, &k);
    *column = k.to;
    return NP_OK;
}

static np_status pick_columns(np_did_builder *b, const uint32_t *order)
{
    np_did_panel *p = b->out;
    const np_design *d = &b->design;
    const double *const *x;
    p->y = d->y;
    p->weight = d->weight;
    p->k = d->x.k;
    p->term = d->x.term;
    np_status status = pick_column(&p->y, order, p->n, b->arena, b->err);
    if (status == NP_OK)
        status = pick_column(&p->weight, order, p->n, b->arena, b->err);
    if (status == NP_OK)
        status = np_regressors_spread(&x, &d->x, d->n, b->arena, b->err);
    const double **column = np_arena_array(b->arena, const double *, p->k);
    if (status == NP_OK && column == NULL)
        status = np_did_no_memory(b->err);
    for (size_t j = 0; status == NP_OK && j < p->k; j++) {
        column[j] = x[j];
        /* the constant is the same in any order */
        if (j > 0 || !d->has_intercept)
            status = pick_column(&column[j], order, p->n, b->arena, b->err);
    }
    p->x = column;
    return status;
}

static np_status fill_rows(np_did_builder *b, const uint32_t *order)
{
    np_did_panel *p = b->out;
    const np_design *d = &b->design;
    const int32_t *period = d->key[0].code;
    int32_t *period_of = np_arena_array(b->arena, int32_t, p->n);
    int32_t *unit_of = np_arena_array(b->arena, int32_t, p->n);
    uint32_t *table_row = np_arena_array(b->arena, uint32_t, p->n);
    if (period_of == NULL || unit_of == NULL || table_row == NULL)
        return np_did_no_memory(b->err);
    for (size_t u = 0; u < p->n_units; u++)
        for (size_t r = p->start[u]; r < p->start[u + 1]; r++) {
            size_t i = order == NULL ? r : order[r];
            unit_of[r] = (int32_t)u;
            period_of[r] = period[i];
            table_row[r] = d->row == NULL ? (uint32_t)i : d->row[i];
        }
    p->period_of = period_of;
    p->unit_of = unit_of;
    p->table_row = table_row;
    return check_unique(b);
}

np_status np_did_order_rows(np_did_builder *b)
{
    np_did_panel *p = b->out;
    const np_design *d = &b->design;
    bool failed = false;
    p->n = d->n;
    p->n_units = p->cross_sections ? d->n : d->key[1].n_groups;
    uint32_t *start = np_arena_array(b->arena, uint32_t, p->n_units + 1);
    if (start == NULL)
        return np_did_no_memory(b->err);
    p->start = start;
    const uint32_t *order = NULL;
    if (p->cross_sections)
        for (size_t u = 0; u <= p->n_units; u++)
            start[u] = (uint32_t)u;
    else
        order = order_by_unit(&d->key[1], start, b->arena, &failed);
    if (failed)
        return np_did_no_memory(b->err);
    if (!p->cross_sections && (order != NULL || !is_sorted(p, d->key[0].code))) {
        uint32_t *own = np_arena_array(b->arena, uint32_t, p->n);
        if (own == NULL)
            return np_did_no_memory(b->err);
        for (size_t r = 0; r < p->n; r++)
            own[r] = order == NULL ? (uint32_t)r : order[r];
        sort_by_period(p, own, d->key[0].code);
        order = own;
    }
    np_status status = fill_rows(b, order);
    return status == NP_OK ? pick_columns(b, order) : status;
}
