#include <math.h>
#include <string.h>

#include "stats/did/did_panel_internal.h"
#include "stats/sorted.h"

/* The different finite starts, ascending; returns how many. */
static size_t distinct_starts(double *cohort, const double *start, size_t n_units)
{
    size_t n = 0;
    for (size_t u = 0; u < n_units; u++) {
        if (!isfinite(start[u]) || (n > 0 && cohort[n - 1] == start[u]))
            continue;
        cohort[n++] = start[u];
    }
    return np_sort_distinct(cohort, n);
}

np_status np_did_set_cohorts(np_did_panel *p, const double *start, np_arena *arena,
                             np_error *err)
{
    double *cohort = np_arena_array(arena, double, p->n_units);
    int32_t *cohort_of = np_arena_array(arena, int32_t, p->n_units);
    if (cohort == NULL || cohort_of == NULL)
        return np_did_no_memory(err);
    p->n_cohorts = distinct_starts(cohort, start, p->n_units);
    size_t *first = np_arena_array(arena, size_t, p->n_cohorts);
    size_t *size = np_arena_array(arena, size_t, p->n_cohorts);
    if (first == NULL || size == NULL)
        return np_did_no_memory(err);
    for (size_t g = 0; g < p->n_cohorts; g++)
        first[g] = np_sorted_place(p->period, p->n_periods, cohort[g]);
    p->n_never = 0;
    for (size_t u = 0; u < p->n_units; u++) {
        cohort_of[u] = NP_NEVER_TREATED;
        if (isfinite(start[u])) {
            size_t g = np_sorted_place(cohort, p->n_cohorts, start[u]);
            cohort_of[u] = (int32_t)g;
            size[g]++;
        } else {
            p->n_never++;
        }
    }
    p->cohort = cohort;
    p->cohort_of = cohort_of;
    p->cohort_start = first;
    p->cohort_size = size;
    return NP_OK;
}

/* Which rows stay and where: sizes, and new codes of units, periods and clusters. */
typedef struct {
    const np_did_panel *from;
    const np_did_change *change;
    size_t n, n_units, n_periods, n_clusters;
    uint32_t *row;             /* [n] of the old panel */
    uint32_t *unit;            /* [n_units] of the old panel */
    int32_t *period, *cluster; /* new codes; -1: gone */
    double *start;             /* [n_units] */
    bool other_starts;         /* than the panel's */
    np_arena *arena;
    np_error *err;
} cut;

static bool row_stays(const cut *c, size_t r)
{
    const np_did_change *h = c->change;
    size_t t = (size_t)c->from->period_of[r];
    return !h->some_periods || (t >= h->first_period && t <= h->last_period);
}

static double own_start(const np_did_panel *p, size_t u)
{
    int32_t g = p->cohort_of[u];
    return g == NP_NEVER_TREATED ? INFINITY : p->cohort[g];
}

static double start_of(const cut *c, size_t u)
{
    return c->change->cohort != NULL ? c->change->cohort[u] : own_start(c->from, u);
}

static void renumber(int32_t *code, size_t n, size_t *n_left)
{
    *n_left = 0;
    for (size_t i = 0; i < n; i++)
        code[i] = code[i] == 0 ? -1 : (int32_t)(*n_left)++;
}

static np_status choose(cut *c, np_did_panel *out)
{
    const np_did_panel *p = c->from;
    c->row = np_arena_array(c->arena, uint32_t, p->n);
    c->period = np_arena_array(c->arena, int32_t, p->n_periods);
    c->cluster = np_arena_array(c->arena, int32_t, p->n_clusters);
    c->start = np_arena_array(c->arena, double, p->n_units);
    c->unit = np_arena_array(c->arena, uint32_t, p->n_units);
    uint32_t *start = np_arena_array(c->arena, uint32_t, p->n_units + 1);
    int32_t *cluster_of = np_arena_array(c->arena, int32_t, p->n_units);
    if (c->row == NULL || c->period == NULL || c->cluster == NULL || c->start == NULL ||
        c->unit == NULL || start == NULL || cluster_of == NULL)
        return np_did_no_memory(c->err);
    for (size_t u = 0; u < p->n_units; u++) {
        size_t before = c->n;
        if (c->change->keep != NULL && !c->change->keep[u])
            continue;
        for (size_t r = p->start[u]; r < p->start[u + 1]; r++)
            if (row_stays(c, r)) {
                c->period[p->period_of[r]] = 1;
                c->row[c->n++] = (uint32_t)r;
            }
        if (c->n == before)
            continue;
        if (p->cluster_of != NULL) {
            cluster_of[c->n_units] = p->cluster_of[u];
            c->cluster[p->cluster_of[u]] = 1;
        }
        c->start[c->n_units] = start_of(c, u);
        c->unit[c->n_units] = (uint32_t)u;
        c->other_starts = c->other_starts || c->start[c->n_units] != own_start(p, u);
        start[++c->n_units] = (uint32_t)c->n;
    }
    renumber(c->period, p->n_periods, &c->n_periods);
    renumber(c->cluster, p->n_clusters, &c->n_clusters);
    for (size_t u = 0; p->cluster_of != NULL && u < c->n_units; u++)
        cluster_of[u] = c->cluster[cluster_of[u]];
    out->start = start;
    out->cluster_of = p->cluster_of == NULL ? NULL : cluster_of;
    return NP_OK;
}

static np_status take(const double **column, const cut *c)
{
    if (*column == NULL)
        return NP_OK;
    double *taken = np_arena_array(c->arena, double, c->n);
    if (taken == NULL)
        return np_did_no_memory(c->err);
    for (size_t r = 0; r < c->n; r++)
        taken[r] = (*column)[c->row[r]];
    *column = taken;
    return NP_OK;
}

static np_status take_columns(np_did_panel *out, const cut *c)
{
    const np_did_panel *p = c->from;
    out->y = p->y;
    out->weight = p->weight;
    out->treatment = c->other_starts ? NULL : p->treatment;
    const double **x = np_arena_array(c->arena, const double *, p->k);
    if (x == NULL)
        return np_did_no_memory(c->err);
    np_status status = take(&out->y, c);
    if (status == NP_OK)
        status = take(&out->weight, c);
    if (status == NP_OK)
        status = take(&out->treatment, c);
    for (size_t j = 0; status == NP_OK && j < p->k; j++) {
        x[j] = p->x[j];
        status = take(&x[j], c);
    }
    out->x = x;
    return status;
}

static np_status take_codes(np_did_panel *out, const cut *c)
{
    const np_did_panel *p = c->from;
    int32_t *unit_of = np_arena_array(c->arena, int32_t, c->n);
    int32_t *period_of = np_arena_array(c->arena, int32_t, c->n);
    uint32_t *table_row = np_arena_array(c->arena, uint32_t, c->n);
    double *period = np_arena_array(c->arena, double, c->n_periods);
    const char **label = np_arena_array(c->arena, const char *, c->n_periods);
    uint32_t *cluster_row = np_arena_array(c->arena, uint32_t, c->n_clusters);
    if (unit_of == NULL || period_of == NULL || table_row == NULL || period == NULL ||
        label == NULL || cluster_row == NULL)
        return np_did_no_memory(c->err);
    for (size_t u = 0; u < c->n_units; u++)
        for (size_t r = out->start[u]; r < out->start[u + 1]; r++) {
            unit_of[r] = (int32_t)u;
            period_of[r] = c->period[p->period_of[c->row[r]]];
            table_row[r] = p->table_row[c->row[r]];
        }
    for (size_t t = 0; t < p->n_periods; t++)
        if (c->period[t] >= 0) {
            period[c->period[t]] = p->period[t];
            label[c->period[t]] = p->period_label[t];
        }
    for (size_t k = 0; p->cluster_row != NULL && k < p->n_clusters; k++)
        if (c->cluster[k] >= 0)
            cluster_row[c->cluster[k]] = p->cluster_row[k];
    out->unit_of = unit_of;
    out->period_of = period_of;
    out->table_row = table_row;
    out->period = period;
    out->period_label = label;
    out->cluster_row = p->cluster_row == NULL ? NULL : cluster_row;
    return NP_OK;
}

static np_status take_path(np_did_panel *out, const cut *c)
{
    const np_did_panel *p = c->from;
    out->path = NULL;
    if (p->path == NULL || c->other_starts)
        return NP_OK;
    double *path = np_arena_array(c->arena, double, c->n_units * c->n_periods);
    if (path == NULL)
        return np_did_no_memory(c->err);
    for (size_t u = 0; u < c->n_units; u++)
        for (size_t t = 0; t < p->n_periods; t++)
            if (c->period[t] >= 0)
                path[u * c->n_periods + (size_t)c->period[t]] =
                    p->path[(size_t)c->unit[u] * p->n_periods + t];
    out->path = path;
    return NP_OK;
}

np_status np_did_panel_change(np_did_panel *out, const np_did_panel *panel,
                              const np_did_change *change, np_arena *arena, np_error *err)
{
    np_did_panel p = *panel;
    cut c = {.from = panel, .change = change, .arena = arena, .err = err};
    np_status status = choose(&c, &p);
    if (status == NP_OK && c.n == 0)
        status = np_fail(err, NP_E_NOT_IDENTIFIED, _("no row of the panel is left"));
    if (status == NP_OK)
        status = take_columns(&p, &c);
    if (status == NP_OK)
        status = take_codes(&p, &c);
    if (status == NP_OK)
        status = take_path(&p, &c);
    if (status != NP_OK)
        return status;
    p.n = c.n;
    p.n_units = c.n_units;
    p.n_periods = c.n_periods;
    p.n_clusters = p.cluster_of == NULL ? c.n_units : c.n_clusters;
    p.absorbing = p.absorbing || c.other_starts;
    p.balanced = !p.cross_sections && p.n == p.n_units * p.n_periods;
    status = np_did_set_cohorts(&p, c.start, arena, err);
    if (status == NP_OK)
        *out = p;
    return status;
}
