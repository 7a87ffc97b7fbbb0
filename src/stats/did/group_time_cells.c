#include <math.h>

#include "stats/did/group_time_internal.h"

np_status np_group_time_no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the group-time effects"));
}

/* Means and spreads of the controls, so that cross products are well conditioned; no
 * estimate depends on them. */
static np_status standardise(np_group_time_work *w)
{
    const np_did_panel *p = w->panel;
    double *centre = np_arena_array(w->arena, double, w->k);
    double *scale = np_arena_array(w->arena, double, w->k);
    if (centre == NULL || scale == NULL)
        return np_group_time_no_memory(w->err);
    for (size_t j = 1; j < w->k; j++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < p->n; r++)
            sum += p->x[j][r];
        centre[j] = sum / (double)p->n;
        for (size_t r = 0; r < p->n; r++)
            squares += (p->x[j][r] - centre[j]) * (p->x[j][r] - centre[j]);
        scale[j] = squares > 0 ? 1 / sqrt(squares / (double)p->n) : 1;
    }
    w->centre = centre;
    w->unit_scale = scale;
    return NP_OK;
}

static bool is_fixed(const np_did_panel *p, const double *column)
{
    for (size_t u = 0; u < p->n_units; u++)
        for (size_t r = p->start[u] + 1; r < p->start[u + 1]; r++)
            if (column[r] != column[r - 1])
                return false;
    return true;
}

static bool all_fixed(const np_group_time_work *w)
{
    bool fixed = w->panel->weight == NULL || is_fixed(w->panel, w->panel->weight);
    for (size_t j = 1; fixed && j < w->k; j++)
        fixed = is_fixed(w->panel, w->panel->x[j]);
    return fixed;
}

static np_status order_by_cohort(np_group_time_work *w)
{
    const np_did_panel *p = w->panel;
    size_t n_groups = p->n_cohorts + 1;
    uint32_t *order = np_arena_array(w->arena, uint32_t, p->n_units);
    size_t *first = np_arena_array(w->arena, size_t, n_groups + 1);
    size_t *next = np_arena_array(w->arena, size_t, n_groups);
    if (order == NULL || first == NULL || next == NULL)
        return np_group_time_no_memory(w->err);
    for (size_t g = 0; g < p->n_cohorts; g++)
        first[g + 1] = first[g] + p->cohort_size[g];
    first[n_groups] = p->n_units;
    for (size_t g = 0; g < n_groups; g++)
        next[g] = first[g];
    for (size_t u = 0; u < p->n_units; u++) {
        int32_t c = p->cohort_of[u];
        size_t g = c == NP_NEVER_TREATED ? p->n_cohorts : (size_t)c;
        order[next[g]++] = (uint32_t)u;
    }
    w->order = order;
    w->first = first;
    return NP_OK;
}

/* The last period before the start and the anticipation; n_periods: none. */
static size_t last_before(const np_did_panel *p, double cohort, int anticipation)
{
    size_t b = p->n_periods;
    for (size_t t = 0; t < p->n_periods; t++)
        if (p->period[t] + anticipation < cohort)
            b = t;
    return b;
}

static size_t base_of(const np_group_time_work *w, size_t g, size_t t)
{
    const np_did_panel *p = w->panel;
    if (w->spec->base == NP_BASE_VARYING && p->period[t] < p->cohort[g])
        return t == 0 ? p->n_periods : t - 1;
    return last_before(p, p->cohort[g], w->spec->anticipation);
}

static size_t first_later(const np_group_time_work *w, size_t later)
{
    const np_did_panel *p = w->panel;
    size_t c = 0;
    if (w->spec->comparison == NP_COMPARISON_NEVER)
        return p->n_cohorts;
    while (c < p->n_cohorts && !(p->cohort[c] > p->period[later] + w->spec->anticipation))
        c++;
    return c;
}

static np_status list_cells(np_group_time_work *w)
{
    const np_did_panel *p = w->panel;
    /* where nobody is never treated, the last cohort is comparison alone */
    size_t n_cohorts = p->n_never > 0 ? p->n_cohorts : p->n_cohorts - 1;
    size_t n_periods = p->n_periods;
    w->cell = np_arena_array(w->arena, np_group_time_cell, n_cohorts * n_periods);
    if (w->cell == NULL)
        return np_group_time_no_memory(w->err);
    for (size_t g = 0; g < n_cohorts; g++)
        for (size_t t = 0; t < n_periods; t++) {
            size_t b = base_of(w, g, t);
            if (b == p->n_periods)
                continue;
            w->cell[w->n_cells++] =
                (np_group_time_cell){.cohort = g,
                                     .time = t,
                                     .base = b,
                                     .at_base = b == t,
                                     .first_later = first_later(w, t > b ? t : b)};
        }
    return NP_OK;
}

bool np_group_time_compares(const np_group_time_work *w, const np_group_time_cell *cell,
                            size_t c)
{
    return c == w->panel->n_cohorts || (c >= cell->first_later && c != cell->cohort);
}

np_status np_group_time_prepare(np_group_time_work *w)
{
    const np_did_panel *p = w->panel;
    w->k = w->spec->no_controls ? 1 : p->k;
    w->sections = p->cross_sections ||
                  (!p->balanced && p->unbalanced == NP_UNBALANCED_CROSS_SECTION);
    w->method = w->spec->method;
    /* without controls all methods are the difference of mean changes */
    if (w->k == 1 && !(w->sections && w->method == NP_DID_HORVITZ_THOMPSON))
        w->method = NP_DID_OUTCOME_REGRESSION;
    w->fixed = !w->sections && all_fixed(w);
    np_status status = standardise(w);
    if (status == NP_OK)
        status = order_by_cohort(w);
    return status == NP_OK ? list_cells(w) : status;
}
