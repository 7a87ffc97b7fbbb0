#include "stats/did/efficient.h"

#include <math.h>
#include <string.h>

#include "stats/did/efficient_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the efficient estimator"));
}

static const char *cohort_name(const np_efficient *w, double cohort)
{
    return isfinite(cohort) ? np_arena_format(w->arena, "%.10g", cohort)
                            : _("never treated");
}

/* Units of a cohort of one, by name. */
static np_status leave_out_alone(np_did_result *out, np_efficient *w, const size_t *size,
                                 size_t n_all)
{
    const np_did_panel *p = w->panel;
    np_did_dropped *d = np_arena_array(w->arena, np_did_dropped, n_all);
    if (d == NULL)
        return no_memory(w->err);
    out->dropped = d;
    for (size_t u = 0; u < p->n_units; u++) {
        size_t g =
            p->cohort_of[u] == NP_NEVER_TREATED ? n_all - 1 : (size_t)p->cohort_of[u];
        if (size[g] != 1)
            continue;
        const char **name = np_arena_array(w->arena, const char *, 1);
        double cohort = p->cohort_of[u] == NP_NEVER_TREATED ? INFINITY : p->cohort[g];
        const char *label = cohort_name(w, cohort);
        if (name == NULL || label == NULL)
            return no_memory(w->err);
        name[0] = np_did_unit_label(p, u, w->arena);
        d[out->n_dropped] =
            (np_did_dropped){.reason = np_arena_format(
                                 w->arena, _("a single unit in the cohort %s"), label),
                             .n_rows = p->n_periods,
                             .n_units = 1,
                             .unit = name};
        if (name[0] == NULL || d[out->n_dropped++].reason == NULL)
            return no_memory(w->err);
    }
    return NP_OK;
}

/* Cohorts of at least two units, the never treated last. */
static np_status find_cohorts(np_did_result *out, np_efficient *w)
{
    const np_did_panel *p = w->panel;
    size_t n_all = p->n_cohorts + 1;
    size_t *size = np_arena_array(w->arena, size_t, n_all);
    int32_t *index = np_arena_array(w->arena, int32_t, n_all);
    w->cohort = np_arena_array(w->arena, double, n_all);
    w->start = np_arena_array(w->arena, size_t, n_all);
    w->code = np_arena_array(w->arena, int32_t, p->n_units);
    w->T = p->n_periods;
    if (size == NULL || index == NULL || w->cohort == NULL || w->start == NULL ||
        w->code == NULL)
        return no_memory(w->err);
    for (size_t g = 0; g < n_all; g++) {
        bool never = g == p->n_cohorts;
        size[g] = never ? p->n_never : p->cohort_size[g];
        index[g] = size[g] > 1 ? (int32_t)w->G : -1;
        if (size[g] < 2)
            continue;
        double first = never ? INFINITY : p->cohort[g] - w->spec->anticipation;
        w->cohort[w->G] = never ? INFINITY : p->cohort[g];
        while (w->start[w->G] < w->T && p->period[w->start[w->G]] < first)
            w->start[w->G]++;
        w->G++;
    }
    for (size_t u = 0; u < p->n_units; u++)
        w->code[u] = index[p->cohort_of[u] == NP_NEVER_TREATED ? p->n_cohorts
                                                               : (size_t)p->cohort_of[u]];
    if (w->G < 2)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("fewer than two cohorts have two units: variances within "
                         "cohorts are not known"));
    return leave_out_alone(out, w, size, n_all);
}

static bool compares(const np_efficient *w, size_t cohort, size_t g, size_t t)
{
    size_t until = t > w->start[g] ? t : w->start[g];
    if (w->spec->last_treated_only && cohort + 1 < w->G)
        return false;
    return cohort != g && w->start[cohort] > until;
}

static double n_comparison(const np_efficient *w, size_t g, size_t t)
{
    double n = 0;
    for (size_t c = 0; c < w->G; c++)
        if (compares(w, c, g, t))
            n += w->moments.n[c];
    return n;
}

static np_status find_cells(np_efficient *w)
{
    const np_did_panel *p = w->panel;
    w->cell = np_arena_array(w->arena, np_did_plan_cell, w->G * w->T);
    w->cell_cohort = np_arena_array(w->arena, uint32_t, w->G * w->T);
    w->cell_period = np_arena_array(w->arena, uint32_t, w->G * w->T);
    if (w->cell == NULL || w->cell_cohort == NULL || w->cell_period == NULL)
        return no_memory(w->err);
    for (size_t g = 0; g < w->G; g++)
        for (size_t t = 0; isfinite(w->cohort[g]) && t < w->T; t++) {
            double n = n_comparison(w, g, t);
            if (n == 0 || t + 1 == w->start[g])
                continue;
            w->cell_cohort[w->n_cells] = (uint32_t)g;
            w->cell_period[w->n_cells] = (uint32_t)t;
            w->cell[w->n_cells++] = (np_did_plan_cell){
                .cohort = w->cohort[g],
                .time = p->period[t],
                .event_time = p->period[t] - w->cohort[g],
                .weight = w->moments.n[g],
                .n_units = w->moments.n[g],
                .n_comparison = n,
                .cohort_size = w->moments.n[g],
                .last_event_time = p->period[w->T - 1] - w->cohort[g],
                .base_period = w->start[g] > 0 ? p->period[w->start[g] - 1] : NAN};
        }
    if (w->n_cells == 0)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("no cohort of two units is untreated when another has started"));
    return np_did_plan_build(&w->plan, w->cell, w->n_cells, w->spec, w->arena, w->err);
}

np_status np_contrast_new(np_contrast *out, size_t G, size_t T, np_arena *arena,
                          np_error *err)
{
    *out = (np_contrast){.A = np_arena_array(arena, double, G *T),
                         .A0 = np_arena_array(arena, double, G *T),
                         .combined = np_arena_array(arena, double, G *T),
                         .b = np_arena_array(arena, double, T)};
    return out->A == NULL || out->A0 == NULL || out->combined == NULL || out->b == NULL
               ? no_memory(err)
               : NP_OK;
}

void np_efficient_contrast(np_contrast *c, const np_efficient *w, const uint32_t *cell,
                           const double *share, size_t n)
{
    size_t T = w->T;
    memset(c->A, 0, w->G * T * sizeof *c->A);
    memset(c->A0, 0, w->G * T * sizeof *c->A0);
    c->first = w->G - 1;
    for (size_t i = 0; i < n; i++) {
        size_t g = w->cell_cohort[cell[i]], t = w->cell_period[cell[i]];
        size_t start = w->start[g];
        double n_others = w->cell[cell[i]].n_comparison;
        for (size_t h = 0; h < w->G; h++) {
            double a = h == g                 ? share[i]
                       : compares(w, h, g, t) ? -share[i] * w->moments.n[h] / n_others
                                              : 0;
            if (a == 0)
                continue;
            c->A[h * T + t] += a;
            if (start > 0)
                c->A0[h * T + start - 1] += a;
            if (h < c->first)
                c->first = h;
        }
    }
}

const char *np_efficient_row_name(const np_efficient *w, size_t row)
{
    for (size_t k = 0; k < w->plan.n_kinds; k++) {
        if (w->plan.kind[k].overall == row)
            return w->plan.kind[k].kind;
        if (row >= w->plan.kind[k].first &&
            row < w->plan.kind[k].first + w->plan.kind[k].n)
            return np_arena_format(w->arena, "%s::%.10g", w->plan.kind[k].kind,
                                   w->plan.value[row]);
    }
    return "";
}

typedef struct {
    double *estimate, *variance;     /* [n_cells] */
    double *row, *vcov;              /* [n_rows], [n_rows × n_rows] */
    double *neyman, *beta;           /* [n_rows] */
    double *combined, *weighted, *b; /* [n_rows × G·T], the same, [n_rows × T] */
    size_t *first;                   /* [n_rows] */
    np_contrast contrast;
    np_adjustment adjustment;
    double *scratch;
} found;

static np_status found_new(found *f, np_efficient *w)
{
    size_t R = w->plan.n_rows, n = w->G * w->T;
    w->scratch_size = n + w->T + w->comparisons.q * w->comparisons.q;
    f->estimate = np_arena_array(w->arena, double, 2 * w->n_cells);
    f->variance = f->estimate == NULL ? NULL : f->estimate + w->n_cells;
    f->row = np_arena_array(w->arena, double, 3 * R);
    f->vcov = np_arena_array(w->arena, double, R *R);
    f->combined = np_arena_array(w->arena, double, R *n);
    f->weighted = np_arena_array(w->arena, double, R *n);
    f->b = np_arena_array(w->arena, double, R * w->T);
    f->first = np_arena_array(w->arena, size_t, R);
    f->scratch = np_arena_array(w->arena, double, w->scratch_size);
    if (f->estimate == NULL || f->row == NULL || f->vcov == NULL || f->combined == NULL ||
        f->weighted == NULL || f->b == NULL || f->first == NULL || f->scratch == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < R; r++)
        f->first[r] = SIZE_MAX; /* not estimated yet */
    f->neyman = f->row + R;
    f->beta = f->row + 2 * R;
    np_status status = np_contrast_new(&f->contrast, w->G, w->T, w->arena, w->err);
    return status == NP_OK
               ? np_adjustment_new(&f->adjustment, w->G, w->T, w->arena, w->err)
               : status;
}

static void estimate_contrast(found *f, const np_efficient *w)
{
    np_contrast_estimate(&f->contrast, &w->moments, w->spec->efficient_beta,
                         w->all_comparisons ? &w->comparisons : NULL, f->scratch);
    np_contrast_adjust(&f->contrast, &w->moments, &f->adjustment, f->scratch);
    if (w->spec->neyman_errors)
        f->contrast.adjusted = f->contrast.neyman;
}

static void keep_row(found *f, const np_efficient *w, size_t r)
{
    const np_contrast *c = &f->contrast;
    const np_cohort_moments *m = &w->moments;
    size_t T = w->T, n = w->G * T;
    memcpy(f->combined + r * n, c->combined, n * sizeof *c->combined);
    memcpy(f->b + r * T, c->b, T * sizeof *c->b);
    for (size_t g = 0; g < w->G; g++)
        for (size_t t = 0; t < T; t++) {
            double sum = 0;
            for (size_t s = 0; s < T; s++)
                sum += m->S[(g * T + t) * T + s] * c->combined[g * T + s];
            f->weighted[r * n + g * T + t] = sum / m->n[g];
        }
    f->row[r] = c->estimate;
    f->neyman[r] = c->neyman;
    f->beta[r] = c->beta;
    f->first[r] = c->first;
    f->vcov[r * w->plan.n_rows + r] = c->adjusted;
}

/* Covariance of two rows of a kind, adjusted where their first cohort is the same. */
static double covariance(const found *f, const np_efficient *w, size_t r, size_t s)
{
    size_t T = w->T, n = w->G * T, m = f->adjustment.m;
    double sum = 0, taken = 0, N = 0;
    for (size_t i = 0; i < n; i++)
        sum += f->combined[r * n + i] * f->weighted[s * n + i];
    if (f->first[r] != f->first[s] || w->spec->neyman_errors)
        return sum;
    for (size_t g = 0; g < w->G; g++)
        N += w->moments.n[g];
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++)
            taken += f->b[r * T + i] * f->adjustment.Q[i * m + j] * f->b[s * T + j];
    return sum - taken / N;
}

/* All contrasts whose first cohort is `first`: their adjustment is the same. */
static np_status estimate_of(found *f, const np_efficient *w, size_t first)
{
    const np_did_plan *p = &w->plan;
    bool filled = false;
    np_status status = NP_OK;
    for (size_t i = 0; i < w->n_cells + p->n_rows && status == NP_OK; i++) {
        bool is_cell = i < w->n_cells;
        size_t r = is_cell ? 0 : i - w->n_cells;
        uint32_t cell = (uint32_t)i, at = is_cell ? 0 : p->start[r];
        double one = 1;
        np_efficient_contrast(&f->contrast, w, is_cell ? &cell : p->index + at,
                              is_cell ? &one : p->share + at,
                              is_cell ? 1 : p->start[r + 1] - at);
        if (f->contrast.first != first)
            continue;
        if (!filled)
            status = np_adjustment_fill(&f->adjustment, &w->moments, first,
                                        w->start[first], w->err);
        filled = true;
        estimate_contrast(f, w);
        if (is_cell) {
            f->estimate[i] = f->contrast.estimate;
            f->variance[i] = f->contrast.adjusted;
        } else {
            keep_row(f, w, r);
        }
    }
    for (size_t k = 0; k < p->n_kinds && filled; k++)
        for (size_t r = p->kind[k].first; r < p->kind[k].first + p->kind[k].n; r++)
            for (size_t s = p->kind[k].first; s < r; s++)
                if ((f->first[r] > f->first[s] ? f->first[r] : f->first[s]) == first)
                    f->vcov[r * p->n_rows + s] = f->vcov[s * p->n_rows + r] =
                        covariance(f, w, r, s);
    return status;
}

static np_status table_of(np_estimate_table *out, const np_efficient *w, const char *name,
                          const char *title, const double *estimate,
                          const double *std_error)
{
    size_t R = w->plan.n_rows;
    const char **term = np_arena_array(w->arena, const char *, R);
    if (term == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < R; r++) {
        term[r] = np_efficient_row_name(w, r);
        if (term[r] == NULL)
            return no_memory(w->err);
    }
    *out = (np_estimate_table){.name = name,
                               .title = title,
                               .n = R,
                               .term = term,
                               .estimate = estimate,
                               .std_error = std_error};
    return NP_OK;
}

static np_status tables(np_did_result *out, const np_efficient *w, const found *f)
{
    size_t R = w->plan.n_rows;
    np_estimate_table *table = np_arena_array(w->arena, np_estimate_table, 3);
    double *error = np_arena_array(w->arena, double, 2 * R);
    if (table == NULL || error == NULL)
        return no_memory(w->err);
    double *statistic = error + R;
    for (size_t r = 0; r < R; r++) {
        error[r] = f->neyman[r] > 0 ? sqrt(f->neyman[r]) : NAN;
        statistic[r] = f->row[r] / sqrt(f->vcov[r * R + r]);
    }
    np_status status =
        table_of(&table[0], w, "neyman", N_("With Neyman's errors"), f->row, error);
    if (status == NP_OK)
        status =
            table_of(&table[1], w, "beta",
                     N_("Coefficient of the difference before the start"), f->beta, NULL);
    out->estimates.table = table;
    out->estimates.n_tables = 2;
    if (status != NP_OK || w->spec->draws == 0)
        return status;
    out->estimates.n_tables = 3;
    return np_efficient_fisher(&table[2], w, statistic, f->row);
}

static np_status warn(np_did_result *out, const np_efficient *w)
{
    const np_did_panel *p = w->panel;
    const char **warning = np_arena_array(w->arena, const char *, 3);
    size_t n = 0;
    if (warning == NULL)
        return no_memory(w->err);
    if (p->weight != NULL)
        warning[n++] = _("The efficient estimator does not use weights.");
    if (p->k > 1 && !w->spec->no_controls)
        warning[n++] = _("The efficient estimator does not use controls: outcomes before "
                         "the start take their place.");
    if (p->cluster_of != NULL)
        warning[n++] = _("The efficient estimator's errors are by unit: they hold where "
                         "units, not clusters, were drawn.");
    out->estimates.warning = warning;
    out->estimates.n_warnings = n;
    return NP_OK;
}

static void describe(np_did_result *out, const np_efficient *w)
{
    const np_did_spec *s = w->spec;
    out->comparison_used = s->last_treated_only ? N_("the last cohort, or never treated")
                                                : N_("never treated and not yet treated");
    out->weighting = N_("cohorts by their number of units");
    out->controls_used = "";
    out->base_used =
        s->efficient_beta == NP_EFFICIENT_DIFFERENCES
            ? N_("the last period before the start")
        : s->efficient_beta == NP_EFFICIENT_MEANS
            ? N_("none: starts are taken as drawn by lot")
            : N_("the last period before the start, as far as it predicts the "
                 "outcome");
    out->errors_used = s->neyman_errors
                           ? N_("of the design, by unit, conservative (Neyman)")
                           : N_("of the design, by unit, less what outcomes before the "
                                "start explain of the effects' variance");
    out->estimates.vcov_label = out->errors_used;
    out->estimates.vcov_call = s->neyman_errors ? "neyman" : "adjusted";
    out->estimates.ssc_label = "";
    out->estimates.n = w->panel->n;
    out->estimates.n_table_rows = w->panel->n_table_rows;
    for (size_t i = 0; i < out->n_dropped; i++)
        out->estimates.n -= out->dropped[i].n_rows;
    for (size_t u = 0; u < w->panel->n_units; u++) {
        out->n_units += w->code[u] >= 0;
        out->n_treated_units += w->code[u] >= 0 && isfinite(w->cohort[w->code[u]]);
    }
}

np_status np_efficient_estimate(np_did_result *out, const np_did_panel *panel,
                                const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_efficient w = {.panel = panel, .spec = spec, .arena = arena, .err = err};
    np_did_result result = {0};
    found f = {0};
    np_status status = find_cohorts(&result, &w);
    double *deviation = np_arena_array(arena, double, panel->n_periods);
    if (status == NP_OK && deviation == NULL)
        status = no_memory(err);
    if (status == NP_OK)
        status = np_cohort_moments_new(&w.moments, w.G, w.T, arena, err);
    if (status != NP_OK)
        return status;
    np_cohort_moments_fill(&w.moments, panel->y, w.code, panel->n_units, deviation);
    w.all_comparisons =
        spec->all_comparisons && spec->efficient_beta == NP_EFFICIENT_PLUG_IN;
    if (w.all_comparisons)
        status = np_comparisons_new(&w.comparisons, w.start, w.G, w.T, arena, err);
    if (status == NP_OK)
        status = find_cells(&w);
    if (status == NP_OK)
        status = found_new(&f, &w);
    if (status == NP_OK && w.all_comparisons)
        np_comparisons_factor(&w.comparisons, &w.moments, f.scratch);
    for (size_t g = 0; g < w.G && status == NP_OK; g++)
        status = estimate_of(&f, &w, g);
    if (status == NP_OK)
        status = np_did_plan_fill(&result, &w.plan, f.estimate, f.variance, f.row, f.vcov,
                                  NULL, NAN, spec, arena, err);
    if (status == NP_OK)
        status =
            np_did_plan_coefficients(&result, panel->time_name, NAN, spec, arena, err);
    if (status == NP_OK)
        status = tables(&result, &w, &f);
    if (status == NP_OK)
        status = warn(&result, &w);
    if (status != NP_OK)
        return status;
    describe(&result, &w);
    *out = result;
    return NP_OK;
}
