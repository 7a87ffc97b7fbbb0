#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "stats/did/did_cells.h"
#include "stats/did/did_two_way_internal.h"
#include "stats/sorted.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the event study"));
}

typedef struct {
    np_two_way *w;
    double *time;      /* [n_times] event times, ascending */
    double *n_treated; /* [n_times] rows */
    bool *reference;   /* [n_times] */
    size_t n_times;
    int32_t *dummy;    /* [n] */
    const char **term; /* [n_dummies] */
    size_t *time_of;   /* [n_dummies] */
    size_t n_dummies;
} event_study;

/* t - g, at the window's ends where they are bins; NaN: never treated. */
static double event_time(const np_two_way *w, size_t r)
{
    const np_did_panel *p = w->p;
    int32_t g = p->cohort_of[p->unit_of[r]];
    if (g == NP_NEVER_TREATED)
        return NAN;
    double e = p->period[p->period_of[r]] - p->cohort[g];
    if (w->spec->bin_ends && w->spec->has_window)
        e = fmin(fmax(e, w->spec->window_min), w->spec->window_max);
    return e;
}

static np_status list_times(event_study *s)
{
    const np_did_panel *p = s->w->p;
    np_arena *arena = s->w->arena;
    const size_t most = (p->n_cohorts + 1) * p->n_periods;
    uint8_t *seen = np_arena_array(arena, uint8_t, most);
    s->time = np_arena_array(arena, double, most);
    if (seen == NULL || s->time == NULL)
        return no_memory(s->w->err);
    for (size_t r = 0; r < p->n; r++) {
        int32_t g = p->cohort_of[p->unit_of[r]];
        if (g == NP_NEVER_TREATED)
            continue;
        size_t at = (size_t)g * p->n_periods + (size_t)p->period_of[r];
        if (!seen[at])
            s->time[s->n_times++] = event_time(s->w, r);
        seen[at] = 1;
    }
    size_t n = s->n_times = np_sort_distinct(s->time, s->n_times);
    s->n_treated = np_arena_array(arena, double, n);
    s->reference = np_arena_array(arena, bool, n);
    return s->n_treated == NULL || s->reference == NULL ? no_memory(s->w->err) : NP_OK;
}

/* Returns whether an event time is left for the reference. */
static bool choose_references(event_study *s)
{
    const np_two_way *w = s->w;
    size_t last = s->n_times;
    for (size_t i = 0; i < s->n_times && s->time[i] < -w->spec->anticipation; i++)
        last = i;
    if (last == s->n_times)
        return false;
    s->reference[last] = true;
    if (w->p->n_never == 0 && !w->spec->bin_ends)
        s->reference[0] = true;
    return true;
}

static np_status code_rows(event_study *s)
{
    const np_did_panel *p = s->w->p;
    np_arena *arena = s->w->arena;
    int32_t *dummy_of = np_arena_array(arena, int32_t, s->n_times);
    s->dummy = np_arena_array(arena, int32_t, p->n);
    s->term = np_arena_array(arena, const char *, s->n_times);
    s->time_of = np_arena_array(arena, size_t, s->n_times);
    if (dummy_of == NULL || s->dummy == NULL || s->term == NULL || s->time_of == NULL)
        return no_memory(s->w->err);
    for (size_t i = 0; i < s->n_times; i++) {
        char number[NP_DECIMAL_LENGTH];
        dummy_of[i] = -1;
        if (s->reference[i])
            continue;
        np_decimal_format(number, s->time[i]);
        s->term[s->n_dummies] = np_arena_format(arena, "event_time::%s", number);
        if (s->term[s->n_dummies] == NULL)
            return no_memory(s->w->err);
        s->time_of[s->n_dummies] = i;
        dummy_of[i] = (int32_t)s->n_dummies++;
    }
    for (size_t r = 0; r < p->n; r++) {
        double e = event_time(s->w, r);
        s->dummy[r] = -1;
        if (isnan(e))
            continue;
        size_t i = np_sorted_place(s->time, s->n_times, e);
        s->n_treated[i]++;
        s->dummy[r] = dummy_of[i];
    }
    return NP_OK;
}

static np_status fill_table(event_study *s, const np_estimates *e, size_t n)
{
    s->w->table[s->w->n_tables++] =
        (np_estimate_table){.name = "event_study",
                            .title = N_("Event study with two-way effects"),
                            .n = n,
                            .term = e->term,
                            .estimate = e->estimate,
                            .std_error = e->std_error,
                            .statistic = e->statistic,
                            .p_value = e->p_value,
                            .conf_low = e->conf_low,
                            .conf_high = e->conf_high};
    return NP_OK;
}

/* A coefficient of a single unit has no error of its own to be tested with. */
static bool is_tested(const event_study *s, const np_did_regression *r, size_t j)
{
    size_t i = s->time_of[j];
    return s->time[i] < -s->w->spec->anticipation && r->z_of[j] != SIZE_MAX &&
           (s->n_treated[i] > 1 || s->w->spec->single_unit_errors);
}

/* Jointly: the coefficients before the start (and the anticipation) are 0. */
static np_status test_pre_trend(event_study *s, const np_did_regression *r)
{
    np_two_way *w = s->w;
    const np_estimates *e = &r->estimates;
    size_t *at = np_arena_array(w->arena, size_t, s->n_dummies), q = 0;
    if (at == NULL)
        return no_memory(w->err);
    for (size_t j = 0; j < s->n_dummies; j++)
        if (is_tested(s, r, j))
            at[q++] = r->z_of[j];
    if (q == 0)
        return NP_OK;
    const char **term = np_arena_array(w->arena, const char *, q);
    double *b = np_arena_array(w->arena, double, q);
    double *V = np_arena_array(w->arena, double, q *q);
    if (term == NULL || b == NULL || V == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < q; i++) {
        term[i] = e->term[at[i]];
        b[i] = e->estimate[at[i]];
        for (size_t j = 0; j < q; j++)
            V[i * q + j] = e->vcov[at[i] * e->k + at[j]];
    }
    const np_estimates before = {
        .k = q, .term = term, .estimate = b, .vcov = V, .df_t = e->df_t};
    np_error none = {0};
    np_status status = np_wald_test(&w->test, &before, ".", w->arena, &none);
    if (status == NP_E_NO_MEMORY)
        return no_memory(w->err);
    if (status != NP_OK) /* fewer clusters than coefficients: there is no test */
        return NP_OK;
    w->test.name = "pre_trend";
    w->test.title = N_("No trend before the start");
    w->n_tests = 1;
    return NP_OK;
}

static bool is_shown(const np_did_spec *s, double time)
{
    return !s->has_window || (time >= s->window_min && time <= s->window_max);
}

static np_status fill_aggregate(event_study *s, const np_did_regression *r)
{
    np_two_way *w = s->w;
    const size_t k = r->estimates.k;
    np_aggregate_row *row = np_arena_array(w->arena, np_aggregate_row, s->n_times);
    double *A = np_arena_array(w->arena, double, s->n_times *k);
    double *a = np_arena_array(w->arena, double, k), n_after = 0;
    size_t n = 0;
    if (row == NULL || A == NULL || a == NULL)
        return no_memory(w->err);
    for (size_t i = 0, j = 0; i < s->n_times; i++) {
        size_t place = SIZE_MAX;
        if (!s->reference[i])
            place = r->z_of[j++];
        if (!is_shown(w->spec, s->time[i]) || (!s->reference[i] && place == SIZE_MAX))
            continue;
        row[n] = (np_aggregate_row){.value = s->time[i],
                                    .reference = s->reference[i],
                                    .n_treated = s->n_treated[i]};
        if (place != SIZE_MAX) {
            A[n * k + place] = 1;
            a[place] = s->time[i] >= 0;
            n_after += s->time[i] >= 0;
        }
        n++;
    }
    for (size_t j = 0; n_after > 0 && j < k; j++)
        a[j] /= n_after;
    np_did_aggregate *out = &w->aggregate[w->n_aggregates++];
    *out = (np_did_aggregate){.kind = "dynamic"};
    return np_did_aggregate_fill(out, row, n, A, n_after > 0 ? a : NULL, &r->estimates,
                                 w->spec, w->arena, w->err);
}

np_status np_two_way_event_study(np_two_way *w)
{
    event_study s = {.w = w};
    np_did_regression r;
    np_status status = list_times(&s);
    if (status != NP_OK)
        return status;
    if (!choose_references(&s))
        return NP_OK;
    status = code_rows(&s);
    if (status != NP_OK || s.n_dummies == 0)
        return status;
    const np_did_regressors z = {
        .n_dummies = s.n_dummies, .dummy = s.dummy, .term = s.term};
    status = np_did_regress(&r, w->p, &z, w->spec, w->arena, w->err);
    if (status == NP_OK)
        status = fill_aggregate(&s, &r);
    if (status == NP_OK)
        status = fill_table(&s, &r.estimates, r.estimates.k);
    return status == NP_OK ? test_pre_trend(&s, &r) : status;
}
