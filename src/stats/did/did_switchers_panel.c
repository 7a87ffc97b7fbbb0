#include <math.h>

#include "stats/did/did_switchers_internal.h"
#include "stats/sorted.h"

np_status np_switchers_no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the switchers' effects"));
}

static double *cells(const np_switchers *s)
{
    return np_arena_array(s->arena, double, s->n_units * s->n_periods);
}

static np_status take_rows(np_switchers *s)
{
    const np_did_panel *p = s->p;
    s->y = cells(s);
    s->weight = cells(s);
    s->dose = cells(s);
    s->x = np_arena_array(s->arena, double *, s->k);
    if (s->y == NULL || s->weight == NULL || s->dose == NULL || s->x == NULL)
        return np_switchers_no_memory(s->err);
    for (size_t j = 0; j < s->k; j++) {
        s->x[j] = cells(s);
        if (s->x[j] == NULL)
            return np_switchers_no_memory(s->err);
    }
    for (size_t c = 0; c < s->n_units * s->n_periods; c++)
        s->y[c] = s->dose[c] = NAN;
    for (size_t r = 0; r < p->n; r++) {
        size_t c = (size_t)p->unit_of[r] * s->n_periods + (size_t)p->period_of[r];
        s->y[c] = p->y[r];
        s->weight[c] = p->weight == NULL ? 1 : p->weight[r];
        for (size_t j = 0; j < s->k; j++)
            s->x[j][c] = p->x[j + 1][r];
    }
    for (size_t u = 0; u < s->n_units; u++) {
        int32_t g = p->cohort_of[u];
        size_t start = g == NP_NEVER_TREATED ? s->n_periods : p->cohort_start[g];
        for (size_t t = 0; t < s->n_periods; t++)
            s->dose[u * s->n_periods + t] =
                p->path != NULL ? p->path[u * s->n_periods + t] : t >= start;
    }
    return NP_OK;
}

static void leave_out(np_switchers *s, size_t c)
{
    s->y[c] = s->dose[c] = NAN;
    s->weight[c] = 0;
}

/* From where the treatment has been above and below the first, the sign of what it does
 * is not known. */
static void leave_out_both_sides(np_switchers *s, size_t u)
{
    bool above = false, below = false;
    for (size_t t = 0; t < s->n_periods; t++) {
        size_t c = u * s->n_periods + t;
        above = above || s->dose[c] > s->base[u];
        below = below || s->dose[c] < s->base[u];
        if (above && below)
            leave_out(s, c);
    }
}

/* Returns the period of the change before gaps are judged. */
static uint32_t find_change(np_switchers *s, size_t u)
{
    const uint32_t T = (uint32_t)s->n_periods;
    double *dose = s->dose + u * T;
    uint32_t first = T, known = 0, end = 0; /* known: last treatment before the change */
    for (uint32_t t = 0; t < T && first == T; t++) {
        if (isnan(dose[t]))
            continue;
        end = t + 1;
        if (dose[t] != s->base[u])
            first = t;
        else
            known = t;
    }
    s->first[u] = first;
    s->until[u] = first < T ? first : end;
    s->sign[u] = 0;
    if (first < T && known + 1 < first) {
        for (uint32_t t = known + 1; t < T; t++)
            leave_out(s, u * T + t);
        s->first[u] = T;
        s->until[u] = known + 1;
    } else if (first < T) {
        s->sign[u] = dose[first] > s->base[u] ? 1 : -1;
    }
    return first;
}

static np_status find_changes(np_switchers *s, uint32_t *seen_change)
{
    for (size_t u = 0; u < s->n_units; u++) {
        s->base[u] = NAN;
        for (size_t t = s->n_periods; t-- > 0;)
            if (!isnan(s->dose[u * s->n_periods + t]))
                s->base[u] = s->dose[u * s->n_periods + t];
        leave_out_both_sides(s, u);
        seen_change[u] = find_change(s, u);
    }
    return NP_OK;
}

/* First treatments, ascending, that not all units leave at once (or never). */
static np_status find_levels(np_switchers *s, const uint32_t *seen_change)
{
    double *level = np_arena_array(s->arena, double, s->n_units);
    size_t n = 0;
    if (level == NULL)
        return np_switchers_no_memory(s->err);
    for (size_t u = 0; u < s->n_units; u++)
        if (!isnan(s->base[u]))
            level[n++] = s->base[u];
    size_t m = np_sort_distinct(level, n);
    uint32_t *low = np_arena_array(s->arena, uint32_t, m);
    uint32_t *high = np_arena_array(s->arena, uint32_t, m);
    if (low == NULL || high == NULL)
        return np_switchers_no_memory(s->err);
    for (size_t l = 0; l < m; l++)
        low[l] = UINT32_MAX;
    for (size_t u = 0; u < s->n_units; u++) {
        if (isnan(s->base[u]))
            continue;
        size_t l = np_sorted_place(level, m, s->base[u]);
        low[l] = seen_change[u] < low[l] ? seen_change[u] : low[l];
        high[l] = seen_change[u] > high[l] ? seen_change[u] : high[l];
    }
    s->level = level;
    for (size_t l = 0; l < m; l++)
        if (low[l] < high[l])
            level[s->n_levels++] = level[l];
    return NP_OK;
}

static np_status sort_units(np_switchers *s)
{
    s->order = np_arena_array(s->arena, uint32_t, s->n_units);
    s->start = np_arena_array(s->arena, uint32_t, s->n_levels + 1);
    s->last = np_arena_array(s->arena, uint32_t, s->n_levels);
    s->level_of = np_arena_array(s->arena, int32_t, s->n_units);
    if (s->order == NULL || s->start == NULL || s->last == NULL || s->level_of == NULL)
        return np_switchers_no_memory(s->err);
    for (size_t u = 0; u < s->n_units; u++)
        s->level_of[u] = -1;
    uint32_t n = 0;
    for (size_t l = 0; l < s->n_levels; l++) {
        s->start[l] = n;
        for (uint32_t u = 0; u < s->n_units; u++) {
            if (s->base[u] != s->level[l])
                continue;
            s->order[n++] = u;
            s->level_of[u] = (int32_t)l;
            s->last[l] = s->until[u] > s->last[l] ? s->until[u] : s->last[l];
        }
    }
    s->start[s->n_levels] = n;
    return NP_OK;
}

np_status np_switchers_new(np_switchers *out, const np_did_panel *panel,
                           const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_switchers s = {.p = panel,
                      .spec = spec,
                      .n_units = panel->n_units,
                      .n_periods = panel->n_periods,
                      .k = spec->no_controls || panel->k == 0 ? 0 : panel->k - 1,
                      .arena = arena,
                      .err = err};
    s.base = np_arena_array(arena, double, s.n_units);
    s.first = np_arena_array(arena, uint32_t, s.n_units);
    s.until = np_arena_array(arena, uint32_t, s.n_units);
    s.sign = np_arena_array(arena, int8_t, s.n_units);
    uint32_t *seen_change = np_arena_array(arena, uint32_t, s.n_units);
    if (s.base == NULL || s.first == NULL || s.until == NULL || s.sign == NULL ||
        seen_change == NULL)
        return np_switchers_no_memory(err);
    np_status status = take_rows(&s);
    if (status == NP_OK)
        status = find_changes(&s, seen_change);
    if (status == NP_OK)
        status = find_levels(&s, seen_change);
    if (status == NP_OK)
        status = sort_units(&s);
    if (status == NP_OK)
        *out = s;
    return status;
}

void np_switchers_horizons(size_t *n_effects, size_t *n_placebos, const np_switchers *s)
{
    size_t most = 0, most_placebos = 0;
    for (size_t u = 0; u < s->n_units; u++) {
        int32_t l = s->level_of[u];
        if (l < 0 || s->sign[u] == 0 || s->last[l] <= s->first[u])
            continue;
        size_t after = s->last[l] - s->first[u];
        size_t before = s->first[u] > 1 ? s->first[u] - 1 : 0;
        most = after > most ? after : most;
        before = before < after ? before : after;
        most_placebos = before > most_placebos ? before : most_placebos;
    }
    *n_effects =
        s->spec->n_effects > 0 && s->spec->n_effects < most ? s->spec->n_effects : most;
    *n_placebos = s->spec->n_placebos > 0 && s->spec->n_placebos < most_placebos
                      ? s->spec->n_placebos
                      : most_placebos;
    if (*n_placebos > *n_effects)
        *n_placebos = *n_effects;
}
