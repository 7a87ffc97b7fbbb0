#include <math.h>

#include "stats/did/stacked_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for stacked experiments"));
}

static double start_of(const np_stack *s, size_t cohort)
{
    return s->panel->cohort[cohort] - s->spec->anticipation;
}

static bool is_clean(const np_stack *s, const np_experiment *x, size_t unit)
{
    int32_t g = s->panel->cohort_of[unit];
    if (g == NP_NEVER_TREATED)
        return true;
    return !s->never_only && (size_t)g != x->cohort &&
           start_of(s, (size_t)g) > s->panel->period[x->last];
}

/* Periods of the window, before the last cohort's start where nobody is never treated
 * and no window says otherwise. False: none. */
static bool find_periods(const np_stack *s, np_experiment *x)
{
    const np_did_panel *p = s->panel;
    const np_did_spec *spec = s->spec;
    double g = p->cohort[x->cohort];
    bool any = false;
    for (size_t t = 0; t < p->n_periods; t++) {
        double e = p->period[t] - g;
        if (spec->has_window
                ? e < spec->window_min || e > spec->window_max
                : p->n_never == 0 && p->period[t] >= start_of(s, p->n_cohorts - 1))
            continue;
        if (!any)
            x->first = t;
        x->last = t;
        any = true;
    }
    return any;
}

static const char *obstacle(const np_stack *s, np_experiment *x)
{
    const np_did_panel *p = s->panel;
    double g = p->cohort[x->cohort], start = start_of(s, x->cohort);
    if (!find_periods(s, x))
        return _("cohort %.10g is not seen in the window");
    if (s->spec->weighted_stack &&
        (p->period[0] > g + s->spec->window_min ||
         p->period[p->n_periods - 1] < g + s->spec->window_max))
        return _("cohort %.10g is not seen in the whole window");
    if (p->period[x->first] >= start)
        return _("cohort %.10g is not seen before its start in the window");
    if (p->period[x->last] < g)
        return _("nobody is untreated after cohort %.10g starts");
    for (size_t t = x->first; t <= x->last; t++)
        if (p->period[t] < start)
            x->base = t;
    for (size_t u = 0; u < p->n_units; u++) {
        x->n_treated += p->cohort_of[u] == (int32_t)x->cohort;
        x->n_clean += is_clean(s, x, u);
    }
    return x->n_clean > 0
               ? NULL
               : _("nobody is untreated throughout the window of cohort %.10g");
}

static np_status choose_experiments(np_stack *s)
{
    const np_did_panel *p = s->panel;
    s->experiment = np_arena_array(s->arena, np_experiment, p->n_cohorts);
    s->reason = np_arena_array(s->arena, const char *, p->n_cohorts);
    if (s->experiment == NULL || s->reason == NULL)
        return no_memory(s->err);
    for (size_t g = 0; g < p->n_cohorts; g++) {
        np_experiment x = {.cohort = g, .clean_weight = 1};
        s->reason[g] = obstacle(s, &x);
        if (s->reason[g] != NULL)
            continue;
        x.first_level = s->n_levels;
        s->n_levels += x.last - x.first + 1;
        s->experiment[s->n_experiments++] = x;
    }
    return s->n_experiments > 0
               ? NP_OK
               : np_fail(s->err, NP_E_NOT_IDENTIFIED,
                         _("no cohort has periods before and after its start and units "
                           "that are untreated in all of them; a narrower --window may "
                           "help"));
}

static void weigh(np_stack *s)
{
    double treated = 0, clean = 0;
    for (size_t i = 0; i < s->n_experiments; i++) {
        treated += s->experiment[i].n_treated;
        clean += s->experiment[i].n_clean;
    }
    for (size_t i = 0; i < s->n_experiments && s->spec->weighted_stack; i++) {
        np_experiment *x = &s->experiment[i];
        x->clean_weight = x->n_treated / treated / (x->n_clean / clean);
    }
}

/* Counts the rows, or lists them where there is room. */
static void list_rows(np_stack *s)
{
    const np_did_panel *p = s->panel;
    s->n = s->n_groups = 0;
    for (size_t i = 0; i < s->n_experiments; i++) {
        const np_experiment *x = &s->experiment[i];
        for (size_t u = 0; u < p->n_units; u++) {
            if (p->cohort_of[u] != (int32_t)x->cohort && !is_clean(s, x, u))
                continue;
            size_t before = s->n;
            for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++) {
                size_t t = (size_t)p->period_of[r];
                if (t < x->first || t > x->last)
                    continue;
                if (s->row != NULL) {
                    s->row[s->n] = r;
                    s->of[s->n] = (uint32_t)i;
                }
                s->n++;
            }
            if (s->n == before)
                continue;
            if (s->row != NULL) {
                s->cluster_of[s->n_groups] =
                    p->cluster_of == NULL ? (int32_t)u : p->cluster_of[u];
                s->start[s->n_groups + 1] = (uint32_t)s->n;
            }
            s->n_groups++;
        }
    }
}

np_status np_stack_build(np_stack *s)
{
    np_status status = choose_experiments(s);
    if (status != NP_OK)
        return status;
    weigh(s);
    list_rows(s);
    if (s->n > UINT32_MAX)
        return np_fail(s->err, NP_E_LIMIT, _("%zu stacked rows are too many"), s->n);
    s->of = np_arena_array(s->arena, uint32_t, s->n);
    s->start = np_arena_array(s->arena, uint32_t, s->n_groups + 1);
    s->cluster_of = np_arena_array(s->arena, int32_t, s->n_groups);
    s->row = np_arena_array(s->arena, uint32_t, s->n);
    if (s->of == NULL || s->start == NULL || s->cluster_of == NULL || s->row == NULL)
        return no_memory(s->err);
    list_rows(s);
    return NP_OK;
}
