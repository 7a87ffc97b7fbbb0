#include "stats/did/synthetic.h"

#include <math.h>
#include <string.h>

#include "stats/did/synthetic_result.h"

static np_status no_memory(const np_did_panel *p, np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for weights of %zu units"),
                   p->n_units);
}

/* The first period that is not before the cohort's start less the anticipation. */
static size_t first_period_from(const np_did_panel *p, double start)
{
    size_t t = 0;
    while (t < p->n_periods && p->period[t] < start)
        t++;
    return t;
}

static np_status drop(np_did_dropped *d, const char *reason, const np_did_panel *p,
                      const uint8_t *keep, size_t n, np_arena *arena, np_error *err)
{
    const char **name = np_arena_array(arena, const char *, n);
    if (name == NULL)
        return no_memory(p, err);
    *d = (np_did_dropped){.reason = reason, .unit = name};
    for (size_t u = 0; u < p->n_units; u++) {
        if (keep[u])
            continue;
        d->n_rows += p->start[u + 1] - p->start[u];
        name[d->n_units] = np_did_unit_label(p, u, arena);
        if (name[d->n_units++] == NULL)
            return no_memory(p, err);
    }
    return NP_OK;
}

/* Leaves out, and names, the units whose `keep` is 0. */
static np_status reduce(synthetic_work *w, const uint8_t *keep, const char *reason,
                        np_arena *arena, np_error *err)
{
    size_t n = 0;
    for (size_t u = 0; u < w->panel.n_units; u++)
        n += !keep[u];
    if (n == 0)
        return NP_OK;
    np_status status =
        drop(&w->dropped[w->n_dropped], reason, &w->panel, keep, n, arena, err);
    if (status != NP_OK)
        return status;
    w->n_dropped++;
    return np_did_panel_change(&w->panel, &w->panel, &(np_did_change){.keep = keep},
                               arena, err);
}

static np_status balance(synthetic_work *w, np_arena *arena, np_error *err)
{
    const np_did_panel *p = &w->panel;
    uint8_t *keep = np_arena_array(arena, uint8_t, p->n_units);
    if (keep == NULL)
        return no_memory(p, err);
    for (size_t u = 0; u < p->n_units; u++)
        keep[u] = p->start[u + 1] - p->start[u] == p->n_periods;
    return reduce(w, keep, _("not seen in every period"), arena, err);
}

/* Cohorts that have no weights, or nothing to average, for want of periods. */
static np_status leave_cohorts_out(synthetic_work *w, np_arena *arena, np_error *err)
{
    const np_did_panel *p = &w->panel;
    uint8_t *keep = np_arena_array(arena, uint8_t, p->n_units);
    if (keep == NULL)
        return no_memory(p, err);
    size_t n_treated = 0;
    for (size_t u = 0; u < p->n_units; u++) {
        int32_t g = p->cohort_of[u];
        keep[u] = g == NP_NEVER_TREATED ||
                  (first_period_from(p, p->cohort[g] - w->spec->anticipation) >= 2 &&
                   p->cohort_start[g] < p->n_periods);
        n_treated += keep[u] && g != NP_NEVER_TREATED;
    }
    if (n_treated == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no cohort has two periods before its start, which synthetic "
                         "weights need"));
    return reduce(w, keep, _("cohort with fewer than two periods before its start"),
                  arena, err);
}

/* Lists of units by cohort, and the donors. */
static np_status make_blocks(synthetic_work *w, np_arena *arena, np_error *err)
{
    const np_did_panel *p = &w->panel;
    np_synthetic_block *block = np_arena_array(arena, np_synthetic_block, p->n_cohorts);
    int32_t *list = np_arena_array(arena, int32_t, p->n_units);
    if (block == NULL || list == NULL)
        return no_memory(p, err);
    size_t n = 0;
    for (size_t u = 0; u < p->n_units; u++)
        if (p->cohort_of[u] == NP_NEVER_TREATED)
            list[n++] = (int32_t)u;
    size_t n_donors = n;
    for (size_t g = 0; g < p->n_cohorts; g++) {
        size_t from = n;
        for (size_t u = 0; u < p->n_units; u++)
            if (p->cohort_of[u] == (int32_t)g)
                list[n++] = (int32_t)u;
        block[g] = (np_synthetic_block){
            .n_controls = n_donors,
            .control = list,
            .treated = list + from,
            .n_treated = n - from,
            .n_before = first_period_from(p, p->cohort[g] - w->spec->anticipation),
            .first_after = p->cohort_start[g]};
    }
    w->study.block = block;
    w->study.n_cohorts = p->n_cohorts;
    return NP_OK;
}

static double deviation_of(const double *x, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (double)(n - 1));
}

/* The controls after the intercept; in standard deviations where that was asked for. */
static np_status make_covariates(synthetic_work *w, np_arena *arena, np_error *err)
{
    const np_did_panel *p = &w->panel;
    size_t k = p->k > 0 && !w->spec->no_controls ? p->k - 1 : 0;
    if (k == 0)
        return NP_OK;
    if (k > NP_SYNTHETIC_MOST_COVARIATES)
        return np_fail(err, NP_E_LIMIT, _("%zu controls; synthetic methods take %d"), k,
                       NP_SYNTHETIC_MOST_COVARIATES);
    const double **x = np_arena_array(arena, const double *, k);
    if (x == NULL)
        return no_memory(p, err);
    for (size_t l = 0; l < k; l++) {
        x[l] = p->x[l + 1];
        if (w->spec->synthetic.covariates != NP_SYNTHETIC_OPTIMIZED_STANDARDIZED)
            continue;
        double *scaled = np_arena_array(arena, double, p->n);
        double unit = deviation_of(x[l], p->n);
        if (scaled == NULL)
            return no_memory(p, err);
        for (size_t r = 0; r < p->n; r++)
            scaled[r] = unit > 0 ? x[l][r] / unit : 0;
        x[l] = scaled;
    }
    w->study.panel.x = x;
    w->study.panel.n_covariates = k;
    return NP_OK;
}

/* The study that remains when what cannot take part is left out. */
static np_status prepare(synthetic_work *w, const np_did_panel *panel, np_arena *arena,
                         np_error *err)
{
    w->panel = *panel;
    w->dropped = np_arena_array(arena, np_did_dropped, 2);
    if (w->dropped == NULL)
        return no_memory(panel, err);
    np_status status = balance(w, arena, err);
    if (status == NP_OK)
        status = leave_cohorts_out(w, arena, err);
    const np_did_panel *p = &w->panel;
    if (status == NP_OK && p->n_never < 2)
        status = np_fail(err, NP_E_NOT_IDENTIFIED,
                         _("fewer than two never treated units are seen in every "
                           "period"));
    if (status != NP_OK)
        return status;
    w->study.panel =
        (np_synthetic_panel){.n_units = p->n_units, .n_periods = p->n_periods, .y = p->y};
    w->study.options = &w->spec->synthetic;
    w->study.cluster_of = p->cluster_of;
    w->study.n_clusters = p->n_clusters;
    status = make_blocks(w, arena, err);
    return status == NP_OK ? make_covariates(w, arena, err) : status;
}

static np_status draw(synthetic_work *w, np_arena *arena, np_error *err)
{
    const np_did_spec *spec = w->spec;
    size_t n_draws = spec->draws == 0 ? 200 : spec->draws;
    if (spec->synthetic_errors == NP_SYNTHETIC_NO_ERRORS)
        return NP_OK;
    np_synthetic_draws draws;
    np_status status =
        np_synthetic_draw(&draws, &w->study, &w->answer, spec->synthetic_errors, n_draws,
                          spec->seed, spec->n_threads, arena, err);
    if (status == NP_OK)
        status = np_synthetic_spread_make(&w->spread, &w->layout, &draws, arena, err);
    bool in_space = spec->synthetic_errors == NP_SYNTHETIC_PLACEBO &&
                    w->study.n_cohorts == 1 && w->study.block[0].n_controls > 2;
    if (status == NP_OK && in_space) {
        status = np_synthetic_in_space(&w->in_space, &w->study, &w->answer,
                                       spec->n_threads, arena, err);
        w->has_in_space = true;
    }
    return status;
}

static np_status estimate(np_did_result *out, const np_did_panel *panel,
                          const np_did_spec *spec, bool control, np_arena *arena,
                          np_error *err)
{
    synthetic_work w = {.spec = spec, .original = panel, .study.control = control};
    np_status status = prepare(&w, panel, arena, err);
    if (status == NP_OK)
        status = np_synthetic_study_solve(&w.answer, &w.study, arena, err);
    if (status == NP_OK)
        status =
            np_synthetic_layout_make(&w.layout, &w.panel, &w.study, spec, arena, err);
    if (status == NP_OK)
        status = draw(&w, arena, err);
    np_did_result result = {0};
    if (status == NP_OK)
        status = np_synthetic_result_make(&result, &w, arena, err);
    if (status == NP_OK)
        *out = result;
    return status;
}

np_status np_synthetic_did_estimate(np_did_result *out, const np_did_panel *panel,
                                    const np_did_spec *spec, np_arena *arena,
                                    np_error *err)
{
    return estimate(out, panel, spec, false, arena, err);
}

np_status np_synthetic_control_estimate(np_did_result *out, const np_did_panel *panel,
                                        const np_did_spec *spec, np_arena *arena,
                                        np_error *err)
{
    return estimate(out, panel, spec, true, arena, err);
}
