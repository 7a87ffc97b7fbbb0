#include "stats/did/imputation.h"

#include <math.h>
#include <string.h>

#include "stats/did/imputation_internal.h"
#include "stats/linalg.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the imputation"));
}

static double weight_of(const np_did_panel *p, size_t row)
{
    return p->weight == NULL ? 1 : p->weight[row];
}

static np_status find_untreated(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    w->untreated = np_arena_array(w->arena, uint8_t, p->n);
    w->residual = np_arena_array(w->arena, double, p->n);
    w->cell_of = np_arena_array(w->arena, int32_t, p->n);
    if (w->untreated == NULL || w->residual == NULL || w->cell_of == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++) {
        int32_t g = p->cohort_of[p->unit_of[r]];
        w->untreated[r] =
            g == NP_NEVER_TREATED ||
            p->period[p->period_of[r]] < p->cohort[g] - w->spec->anticipation;
        w->cell_of[r] = -1;
    }
    return NP_OK;
}

static np_status fit_untreated(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    np_untreated_spec spec = {.panel = p,
                              .weight = p->weight,
                              .untreated = w->untreated,
                              .controls = !w->spec->no_controls};
    np_status status = np_untreated_fit(&w->model, &spec, w->arena, w->err);
    if (status != NP_OK)
        return status;
    for (size_t u = 0; u < p->n_units; u++)
        np_untreated_residuals(w->residual, &w->model, u);
    if (!w->spec->squared_weights || p->weight == NULL)
        return NP_OK;
    double *squares = np_arena_array(w->arena, double, p->n);
    if (squares == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++)
        squares[r] = p->weight[r] * p->weight[r];
    spec.weight = squares;
    return np_untreated_fit(&w->squared, &spec, w->arena, w->err);
}

/* Cells come by cohort and period; those without identified rows are none. */
static np_status find_cells(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    size_t T = p->n_periods, n_grid = p->n_cohorts * T;
    int32_t *at = np_arena_array(w->arena, int32_t, n_grid);
    double *size = np_arena_array(w->arena, double, p->n_cohorts);
    if (at == NULL || size == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++)
        if (!w->untreated[r] && !isnan(w->residual[r]))
            at[(size_t)p->cohort_of[p->unit_of[r]] * T + (size_t)p->period_of[r]] = 1;
    for (size_t i = 0; i < n_grid; i++)
        at[i] = at[i] ? (int32_t)w->n_cells++ : -1;
    w->cell = np_arena_array(w->arena, np_did_plan_cell, w->n_cells + w->n_leads);
    w->sums = np_arena_array(w->arena, np_imputation_sums, w->n_cells);
    w->estimate = np_arena_array(w->arena, double, w->n_cells + w->n_leads);
    w->width = w->model.k + w->n_leads;
    w->loading = np_arena_array(w->arena, double, (w->n_cells + w->n_leads) * w->width);
    if (w->cell == NULL || w->sums == NULL || w->estimate == NULL || w->loading == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++) {
        size_t u = (size_t)p->unit_of[r];
        if (w->untreated[r] || isnan(w->residual[r]))
            continue;
        w->cell_of[r] = at[(size_t)p->cohort_of[u] * T + (size_t)p->period_of[r]];
        np_imputation_sums *s = &w->sums[w->cell_of[r]];
        double a = weight_of(p, r), tau = w->residual[r];
        s->weight += a;
        s->weighted_effect += a * tau;
        s->squares += a * a;
        s->effect += a * a * tau;
        w->cell[w->cell_of[r]].n_units++;
    }
    for (size_t u = 0; u < p->n_units; u++)
        if (p->cohort_of[u] != NP_NEVER_TREATED && p->start[u + 1] > p->start[u])
            size[p->cohort_of[u]] += weight_of(p, p->start[u]);
    for (size_t i = 0; i < n_grid; i++) {
        if (at[i] < 0)
            continue;
        size_t g = i / T, c = (size_t)at[i];
        double t = p->period[i % T];
        np_did_plan_cell *cell = &w->cell[c];
        cell->cohort = p->cohort[g];
        cell->time = t;
        cell->event_time = t - p->cohort[g];
        cell->weight = w->sums[c].weight;
        cell->n_comparison = NAN;
        cell->cohort_size = size[g];
        cell->last_event_time = p->period[T - 1] - p->cohort[g];
        cell->base_period = NAN;
        cell->no_error = cell->n_units < 2 && !w->spec->single_unit_errors;
        w->estimate[c] = w->sums[c].weighted_effect / w->sums[c].weight;
    }
    w->n_all = w->n_cells;
    return w->n_cells > 0
               ? NP_OK
               : np_fail(w->err, NP_E_NOT_IDENTIFIED,
                         _("no treated row can be compared with what the untreated rows "
                           "say of its unit and its period"));
}

/* loading_c = -S^-1 sum_it a_it (r_it - m_i): what a unit's score adds to the cell. */
static void find_loadings(np_imputation *w)
{
    const np_did_panel *p = w->panel;
    bool squared = w->squared.k > 0;
    const np_untreated_model *m = squared ? &w->squared : &w->model;
    for (size_t r = 0; r < p->n; r++) {
        if (w->cell_of[r] < 0)
            continue;
        size_t c = (size_t)w->cell_of[r];
        double a = weight_of(p, r) / w->sums[c].weight;
        np_untreated_add_row(w->loading + c * w->width, m, r,
                             -a * (squared ? weight_of(p, r) : 1));
    }
    for (size_t c = 0; c < w->n_cells; c++)
        np_cholesky_solve(w->loading + c * w->width, m->R, m->kept, m->k);
}

/* The treated row's own term of the influence, v_it (tau_it - taubar_gt). */
static double own_term(const np_imputation *w, size_t row)
{
    const np_imputation_sums *s = &w->sums[w->cell_of[row]];
    double weight = weight_of(w->panel, row);
    double deviation = w->residual[row] - s->effect / s->squares;
    if (w->spec->leave_out && s->squares > weight * weight)
        deviation /= 1 - weight * weight / s->squares;
    return weight / s->weight * deviation;
}

/* Adds the unit's influence on all cells and leads to psi [n_all]. */
static void add_influence(double *psi, const np_imputation *w, size_t u, double *score)
{
    const np_did_panel *p = w->panel;
    size_t k = w->model.k;
    if (w->model.unit_weight[u] > 0) {
        np_untreated_score(score, &w->model, w->residual, u);
        for (size_t c = 0; c < w->n_cells; c++) {
            const double *loading = w->loading + c * w->width;
            double sum = 0;
            for (size_t j = 0; j < k; j++)
                sum += score[j] * loading[j];
            psi[c] += sum;
        }
    }
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
        if (w->cell_of[r] >= 0)
            psi[w->cell_of[r]] += own_term(w, r);
    if (w->n_kept_leads == 0 || !(w->model.unit_weight[u] > 0))
        return;
    np_untreated_score(score, &w->lead_model, w->lead_residual, u);
    for (size_t c = w->n_cells; c < w->n_all; c++)
        for (size_t j = 0; j < w->lead_model.k; j++)
            psi[c] += score[j] * w->loading[c * w->width + j];
}

typedef struct {
    double *variance;  /* [n_all] */
    double *vcov;      /* [n_rows × n_rows] of the plan's rows */
    double *of_leads;  /* [leads × leads] */
    double *influence; /* [n_units × n] of the dynamic rows; NULL: not asked for */
    size_t first, n;   /* dynamic rows */
    double *psi, *row, *score;
} errors;

static void add_cluster(errors *v, const np_imputation *w, const np_did_plan *plan,
                        const double *psi)
{
    size_t q = w->n_kept_leads;
    np_did_plan_apply(v->row, plan, psi);
    np_did_plan_add_outer(v->vcov, plan, v->row);
    for (size_t c = 0; c < w->n_all; c++)
        v->variance[c] += psi[c] * psi[c];
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++)
            v->of_leads[i * q + j] += psi[w->n_cells + i] * psi[w->n_cells + j];
}

static np_status allocate_errors(errors *v, np_imputation *w, const np_did_plan *plan)
{
    const np_did_panel *p = w->panel;
    size_t R = plan->n_rows, q = w->n_kept_leads;
    size_t n_psi = p->cluster_of == NULL ? 1 : p->n_clusters;
    for (size_t k = 0; k < plan->n_kinds; k++)
        if (strcmp(plan->kind[k].kind, "dynamic") == 0) {
            v->first = plan->kind[k].first;
            v->n = plan->kind[k].n;
        }
    v->variance = np_arena_array(w->arena, double, w->n_all);
    v->vcov = np_arena_array(w->arena, double, R *R);
    v->of_leads = np_arena_array(w->arena, double, q *q);
    bool keep = v->n > 0 && p->n_units <= NP_DID_MOST_INFLUENCE / v->n;
    v->influence = keep ? np_arena_array(w->arena, double, p->n_units * v->n) : NULL;
    v->psi = np_arena_array(w->arena, double, (n_psi + 1) * w->n_all);
    v->row = np_arena_array(w->arena, double, R);
    v->score = np_arena_array(w->arena, double, w->width);
    return v->variance == NULL || v->vcov == NULL || v->of_leads == NULL ||
                   (keep && v->influence == NULL) || v->psi == NULL || v->row == NULL ||
                   v->score == NULL
               ? no_memory(w->err)
               : NP_OK;
}

static np_status find_errors(errors *v, np_imputation *w, const np_did_plan *plan)
{
    const np_did_panel *p = w->panel;
    np_status status = allocate_errors(v, w, plan);
    if (status != NP_OK)
        return status;
    size_t C = w->n_all;
    double *of_unit = v->psi;
    for (size_t u = 0; u < p->n_units; u++) {
        memset(of_unit, 0, C * sizeof *of_unit);
        add_influence(of_unit, w, u, v->score);
        if (p->cluster_of == NULL) {
            add_cluster(v, w, plan, of_unit);
        } else {
            double *sum = v->psi + (1 + (size_t)p->cluster_of[u]) * C;
            for (size_t c = 0; c < C; c++)
                sum[c] += of_unit[c];
            np_did_plan_apply(v->row, plan, of_unit);
        }
        for (size_t i = 0; v->influence != NULL && i < v->n; i++)
            v->influence[u * v->n + i] = (double)p->n_units * v->row[v->first + i];
    }
    for (size_t g = 0; p->cluster_of != NULL && g < p->n_clusters; g++)
        add_cluster(v, w, plan, v->psi + (1 + g) * C);
    return NP_OK;
}

/* Treated rows that are not identified, with the reason. */
typedef enum { IDENTIFIED, NEVER_UNTREATED, NOBODY_UNTREATED, NOT_CONNECTED } obstacle;

static obstacle obstacle_of(const np_imputation *w, const uint8_t *seen, size_t row)
{
    const np_did_panel *p = w->panel;
    if (w->untreated[row] || !isnan(w->residual[row]))
        return IDENTIFIED;
    if (!(w->model.unit_weight[p->unit_of[row]] > 0))
        return NEVER_UNTREATED;
    return seen[p->period_of[row]] ? NOT_CONNECTED : NOBODY_UNTREATED;
}

static np_status drop_units(np_did_dropped *d, const np_imputation *w,
                            const uint8_t *seen, obstacle kind, const char *reason)
{
    const np_did_panel *p = w->panel;
    const char **name = np_arena_array(w->arena, const char *, p->n_units);
    if (name == NULL)
        return no_memory(w->err);
    *d = (np_did_dropped){.reason = reason, .unit = name};
    for (size_t u = 0; u < p->n_units; u++) {
        size_t n = 0;
        for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
            n += obstacle_of(w, seen, r) == kind;
        if (n == 0)
            continue;
        d->n_rows += n;
        name[d->n_units] = np_did_unit_label(p, u, w->arena);
        if (name[d->n_units++] == NULL)
            return no_memory(w->err);
    }
    return NP_OK;
}

static np_status drop_period(np_did_dropped *d, const np_imputation *w,
                             const uint8_t *seen, size_t t)
{
    const np_did_panel *p = w->panel;
    *d = (np_did_dropped){.reason =
                              np_arena_format(w->arena, _("nobody is untreated in %s"),
                                              p->period_label[t])};
    for (size_t r = 0; r < p->n; r++)
        d->n_rows +=
            (size_t)p->period_of[r] == t && obstacle_of(w, seen, r) == NOBODY_UNTREATED;
    return d->reason == NULL ? no_memory(w->err) : NP_OK;
}

static np_status name_left_out(np_did_result *out, const np_imputation *w)
{
    const np_did_panel *p = w->panel;
    size_t n[4] = {0};
    uint8_t *seen = np_arena_array(w->arena, uint8_t, p->n_periods);
    np_did_dropped *d = np_arena_array(w->arena, np_did_dropped, p->n_periods + 2);
    if (seen == NULL || d == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++)
        seen[p->period_of[r]] |= w->untreated[r];
    for (size_t r = 0; r < p->n; r++)
        n[obstacle_of(w, seen, r)]++;
    np_status status = NP_OK;
    if (n[NEVER_UNTREATED] > 0)
        status = drop_units(&d[out->n_dropped++], w, seen, NEVER_UNTREATED,
                            _("never seen untreated"));
    for (size_t t = 0; t < p->n_periods && status == NP_OK; t++)
        if (!seen[t])
            status = drop_period(&d[out->n_dropped++], w, seen, t);
    if (n[NOT_CONNECTED] > 0 && status == NP_OK)
        status = drop_units(&d[out->n_dropped++], w, seen, NOT_CONNECTED,
                            _("the untreated rows do not say what the outcome would "
                              "have been"));
    out->dropped = d;
    out->estimates.n = p->n - n[NEVER_UNTREATED] - n[NOBODY_UNTREATED] - n[NOT_CONNECTED];
    out->estimates.n_table_rows = p->n_table_rows;
    return status;
}

/* Coefficients of the controls, as a table beside the effects. */
static np_status controls_table(np_estimates *e, const np_imputation *w)
{
    const np_untreated_model *m = &w->model;
    size_t q = m->k - m->first_control;
    np_estimate_table *table = np_arena_array(w->arena, np_estimate_table, 1);
    if (table == NULL)
        return no_memory(w->err);
    if (q == 0)
        return NP_OK;
    *table = (np_estimate_table){.name = "untreated_model",
                                 .title = N_("Controls in the untreated outcome"),
                                 .n = q,
                                 .term = w->panel->term + 1,
                                 .estimate = m->coefficient + m->first_control};
    e->table = table;
    e->n_tables = 1;
    return NP_OK;
}

static np_status statistics(np_did_result *out, const np_imputation *w)
{
    const np_did_panel *p = w->panel;
    np_statistic *s = np_arena_array(w->arena, np_statistic, 3);
    if (s == NULL)
        return no_memory(w->err);
    size_t n_treated = 0;
    for (size_t r = 0; r < p->n; r++)
        n_treated += w->cell_of[r] >= 0;
    s[0] = (np_statistic){"n_untreated_rows", (double)w->model.n_untreated};
    s[1] = (np_statistic){"n_treated_rows", (double)n_treated};
    s[2] = (np_statistic){"n_clusters", (double)p->n_clusters};
    out->estimates.stat = s;
    out->estimates.n_stats = 3;
    out->n_units = p->n_units;
    for (size_t u = 0; u < p->n_units; u++)
        out->n_treated_units += p->cohort_of[u] != NP_NEVER_TREATED;
    return controls_table(&out->estimates, w);
}

static void describe(np_did_result *out, const np_imputation *w)
{
    const np_did_panel *p = w->panel;
    bool controls = w->model.k > w->model.first_control;
    out->comparison_used = N_("all untreated rows: never treated and not yet treated");
    out->weighting = p->weight == NULL ? N_("treated rows equally")
                                       : N_("treated rows by their weight");
    out->controls_used =
        controls ? N_("linear in the untreated outcome, from untreated rows") : "";
    out->base_used =
        N_("all periods before the start together (leads: from the earliest)");
    out->errors_used = p->cluster_of == NULL
                           ? N_("conservative, clustered by unit")
                           : N_("conservative, clustered above the unit");
    out->estimates.vcov_label = out->errors_used;
    out->estimates.vcov_call = p->cluster_of == NULL ? p->unit_name : p->cluster_name;
    out->estimates.ssc_label = "";
}

static np_status collect(np_did_result *out, np_imputation *w, const np_did_plan *plan,
                         const errors *v)
{
    double *row = np_arena_array(w->arena, double, plan->n_rows);
    np_test *test = np_arena_array(w->arena, np_test, 1);
    bool tested = false;
    if (row == NULL || test == NULL)
        return no_memory(w->err);
    np_did_plan_apply(row, plan, w->estimate);
    np_status status = np_did_plan_fill(out, plan, w->estimate, v->variance, row, v->vcov,
                                        v->influence, NAN, w->spec, w->arena, w->err);
    if (status == NP_OK)
        status = np_did_plan_coefficients(out, w->panel->time_name, NAN, w->spec,
                                          w->arena, w->err);
    if (status == NP_OK)
        status = np_imputation_test_leads(test, &tested, w, v->of_leads, w->n_kept_leads);
    out->estimates.test = test;
    out->estimates.n_tests = tested;
    out->estimates.collinear = w->collinear;
    out->estimates.n_collinear = w->n_collinear;
    return status;
}

np_status np_imputation_estimate(np_did_result *out, const np_did_panel *panel,
                                 const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_imputation w = {.panel = panel, .spec = spec, .arena = arena, .err = err};
    np_did_result result = {0};
    np_did_plan plan;
    errors v = {0};
    np_status status = find_untreated(&w);
    if (status == NP_OK)
        status = fit_untreated(&w);
    if (status == NP_OK)
        status = np_imputation_find_leads(&w);
    if (status == NP_OK)
        status = find_cells(&w);
    if (status != NP_OK)
        return status;
    find_loadings(&w);
    status = np_imputation_fit_leads(&w);
    if (status == NP_OK)
        status = np_did_plan_build(&plan, w.cell, w.n_all, spec, arena, err);
    if (status == NP_OK)
        status = find_errors(&v, &w, &plan);
    if (status == NP_OK)
        status = collect(&result, &w, &plan, &v);
    if (status == NP_OK)
        status = name_left_out(&result, &w);
    if (status == NP_OK)
        status = statistics(&result, &w);
    if (status != NP_OK)
        return status;
    describe(&result, &w);
    *out = result;
    return NP_OK;
}
