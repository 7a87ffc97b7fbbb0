#include "stats/did/group_time.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "stats/did/did_aggregate.h"
#include "stats/did/group_time_internal.h"
#include "stats/did/multiplier_bootstrap.h"
#include "stats/linalg.h"

typedef struct {
    np_group_time_work w;
    bool keeps_units;         /* the panel's, and so their influence can be told */
    np_influence influence;   /* of units */
    np_influence independent; /* of clusters, or of units again */
    size_t *column;           /* [n_cells] */
    double *unit_weight, *share;
    double *cross; /* [n_columns²] */
    double *draw;  /* [n_draws × n_columns] or NULL */
    double critical_value;
    np_group_time_row *row;
    double *std_error; /* [n_cells] */
    np_did_averages averages;
} group_time;

static bool same_sample(const np_group_time_work *w, const np_group_time_cell *a,
                        const np_group_time_cell *b)
{
    size_t earlier_a = a->time < a->base ? a->time : a->base;
    size_t earlier_b = b->time < b->base ? b->time : b->base;
    return !w->sections && w->panel->balanced && a->cohort == b->cohort &&
           a->first_later == b->first_later && (w->fixed || earlier_a == earlier_b);
}

/* The cells from i on with the sample of i; 0: i is done already, or at its base. */
static size_t take_same(np_group_time_cell **same, uint8_t *done, size_t i,
                        const np_group_time_work *w)
{
    size_t m = 0;
    if (done[i] || w->cell[i].at_base)
        return 0;
    for (size_t j = i; j < w->n_cells; j++)
        if (!done[j] && !w->cell[j].at_base &&
            (j == i || same_sample(w, &w->cell[i], &w->cell[j]))) {
            same[m++] = &w->cell[j];
            done[j] = 1;
        }
    return m;
}

/* All cells, those with one sample together. */
static np_status fit_cells(np_group_time_work *w)
{
    np_group_time_cell **same =
        np_arena_array(w->arena, np_group_time_cell *, w->n_cells);
    uint8_t *done = np_arena_array(w->arena, uint8_t, w->n_cells);
    size_t most = w->panel->balanced && !w->sections ? w->panel->n_periods : 1;
    np_pair_sample sample;
    w->scratch = np_arena_child(w->arena);
    if (same == NULL || done == NULL || w->scratch == NULL)
        return np_group_time_no_memory(w->err);
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = np_pair_room(&sample, most, w);
    for (size_t i = 0; status == NP_OK && i < w->n_cells; i++) {
        size_t m = take_same(same, done, i, w);
        if (m == 0)
            continue;
        status = np_group_time_gather(&sample, w, same, m);
        if (status == NP_OK && same[0]->reason == NULL)
            status = w->sections ? np_pair_sections(same[0], &sample, w)
                                 : np_pair_panel(same, &sample, w);
    }
    np_arena_release(w->scratch, mark);
    return status;
}

/* What a unit counts in its cohort's share: its weight in the first period, or the mean
 * over its rows where units lack periods. */
static np_status weigh_units(group_time *g)
{
    const np_did_panel *p = g->w.panel;
    g->unit_weight = np_arena_array(g->w.arena, double, p->n_units);
    g->share = np_arena_array(g->w.arena, double, p->n_cohorts);
    if (g->unit_weight == NULL || g->share == NULL)
        return np_group_time_no_memory(g->w.err);
    for (size_t u = 0; u < p->n_units; u++) {
        size_t first = p->start[u], last = p->balanced ? first + 1 : p->start[u + 1];
        double sum = 0;
        for (size_t r = first; r < last; r++)
            sum += p->weight == NULL ? 1 : p->weight[r];
        g->unit_weight[u] = sum / (double)(last - first);
        if (p->cohort_of[u] != NP_NEVER_TREATED)
            g->share[p->cohort_of[u]] += g->unit_weight[u] / (double)p->n_units;
    }
    return NP_OK;
}

static np_status sum_by_cluster(group_time *g)
{
    const np_did_panel *p = g->w.panel;
    g->independent = g->influence;
    if (p->cluster_of == NULL)
        return NP_OK;
    double *sum =
        np_arena_array(g->w.arena, double, p->n_clusters * g->influence.n_columns);
    if (sum == NULL)
        return np_group_time_no_memory(g->w.err);
    np_status status = np_influence_by_cluster(sum, &g->influence, p->cluster_of,
                                               p->n_clusters, g->w.arena, g->w.err);
    if (status == NP_OK)
        status = np_influence_of_matrix(&g->independent, sum, p->n_clusters,
                                        g->influence.n_columns, g->w.spec->n_threads,
                                        g->w.arena, g->w.err);
    return status;
}

static np_status find_covariance(group_time *g)
{
    size_t K = g->influence.n_columns;
    double n = (double)g->w.panel->n_units;
    g->cross = np_arena_array(g->w.arena, double, K *K);
    if (g->cross == NULL)
        return np_group_time_no_memory(g->w.err);
    np_status status =
        np_influence_cross(g->cross, &g->independent, g->w.arena, g->w.err);
    for (size_t i = 0; i < K * K; i++)
        g->cross[i] /= n * n;
    return status;
}

/* Errors of the cells: from the covariance, or from draws. */
static np_status find_errors(group_time *g)
{
    const np_did_spec *s = g->w.spec;
    size_t K = g->influence.n_columns, n_estimated = K - g->w.panel->n_cohorts;
    double n = (double)g->w.panel->n_units, level = np_did_conf_level(s);
    double *se = np_arena_array(g->w.arena, double, K);
    g->std_error = np_arena_array(g->w.arena, double, g->w.n_cells);
    if (se == NULL || g->std_error == NULL)
        return np_group_time_no_memory(g->w.err);
    g->critical_value = NAN;
    for (size_t j = 0; j < n_estimated; j++)
        se[j] = sqrt(g->cross[j * K + j]);
    np_status status = NP_OK;
    if (s->draws > 0) {
        g->draw = np_arena_array(g->w.arena, double, s->draws *K);
        double *cells = np_arena_array(g->w.arena, double, s->draws *n_estimated);
        if (g->draw == NULL || cells == NULL)
            return np_group_time_no_memory(g->w.err);
        status = np_multiplier_draws(g->draw, &g->independent, s->draws, s->seed, n,
                                     g->w.arena, g->w.err);
        for (size_t r = 0; r < s->draws; r++)
            memcpy(cells + r * n_estimated, g->draw + r * K, n_estimated * sizeof *cells);
        if (status == NP_OK)
            status = np_multiplier_inference(se, &g->critical_value, cells, s->draws,
                                             n_estimated, level, g->w.arena, g->w.err);
    }
    for (size_t i = 0; i < g->w.n_cells; i++) {
        const np_group_time_cell *c = &g->w.cell[i];
        bool known = g->column[i] < K && !c->single && se[g->column[i]] > 0;
        g->std_error[i] = known ? se[g->column[i]] : NAN;
    }
    return status;
}

static np_status fill_rows(group_time *g)
{
    const np_did_panel *p = g->w.panel;
    const np_did_spec *s = g->w.spec;
    double level = np_did_conf_level(s);
    double pointwise = qnorm((1 - level) / 2, 0, 1, 0, 0);
    g->row = np_arena_array(g->w.arena, np_group_time_row, g->w.n_cells);
    if (g->row == NULL)
        return np_group_time_no_memory(g->w.err);
    if (s->pointwise)
        g->critical_value = NAN;
    else if (g->critical_value < pointwise)
        g->critical_value = pointwise;
    for (size_t i = 0; i < g->w.n_cells; i++) {
        const np_group_time_cell *c = &g->w.cell[i];
        np_group_time_row *r = &g->row[i];
        *r = (np_group_time_row){.cohort = p->cohort[c->cohort],
                                 .time = p->period[c->time],
                                 .event_time = p->period[c->time] - p->cohort[c->cohort],
                                 .base_period = p->period[c->base],
                                 .estimate = c->reason != NULL ? NAN
                                             : c->at_base      ? 0
                                                               : c->fit.estimate,
                                 .std_error = g->std_error[i],
                                 .n_treated = (double)c->n_treated,
                                 .n_comparison = (double)c->n_comparison};
        np_did_infer(&r->statistic, &r->p_value, &r->conf_low, &r->conf_high, r->estimate,
                     r->std_error, level, NAN);
        r->band_low = r->estimate - g->critical_value * r->std_error;
        r->band_high = r->estimate + g->critical_value * r->std_error;
    }
    return NP_OK;
}

static np_status take_averages(group_time *g)
{
    const np_did_panel *p = g->w.panel;
    size_t *cohort = np_arena_array(g->w.arena, size_t, g->w.n_cells);
    if (cohort == NULL)
        return np_group_time_no_memory(g->w.err);
    for (size_t i = 0; i < g->w.n_cells; i++)
        cohort[i] = g->w.cell[i].cohort;
    np_average_cells cells = {.n_cells = g->w.n_cells,
                              .cell = g->row,
                              .cell_cohort = cohort,
                              .column = g->column,
                              .n_cohorts = p->n_cohorts,
                              .cohort = p->cohort,
                              .share = g->share,
                              .n_columns = g->influence.n_columns,
                              .cross = g->cross,
                              .draw = g->draw};
    np_status status =
        np_did_average(&g->averages, &cells, g->w.spec, g->w.arena, g->w.err);
    size_t n_rows = 0;
    for (size_t i = 0; status == NP_OK && i < g->averages.n; i++)
        n_rows += g->averages.aggregate[i].n_rows;
    if (!g->keeps_units || (n_rows > 0 && p->n_units > NP_DID_MOST_INFLUENCE / n_rows))
        return status;
    for (size_t i = 0; status == NP_OK && i < g->averages.n; i++) {
        np_did_aggregate *a = &g->averages.aggregate[i];
        if (a->n_rows == 0)
            continue;
        double *psi = np_arena_array(g->w.arena, double, p->n_units * a->n_rows);
        if (psi == NULL)
            return np_group_time_no_memory(g->w.err);
        status = np_influence_combine(psi, &g->influence, g->averages.combination[i],
                                      a->n_rows, g->w.arena, g->w.err);
        a->influence = psi;
    }
    return status;
}

/* The rows as estimates, with the covariance of all. */
static np_status fill_estimates(np_estimates *e, const group_time *g)
{
    const np_did_panel *p = g->w.panel;
    size_t n = g->w.n_cells, K = g->influence.n_columns;
    np_arena *arena = g->w.arena;
    const char **term = np_arena_array(arena, const char *, n);
    double *vcov = np_arena_array(arena, double, n *n);
    double *column[6];
    for (int j = 0; j < 6; j++) {
        column[j] = np_arena_array(arena, double, n);
        if (column[j] == NULL)
            return np_group_time_no_memory(g->w.err);
    }
    if (term == NULL || vcov == NULL)
        return np_group_time_no_memory(g->w.err);
    for (size_t i = 0; i < n; i++) {
        const np_group_time_row *r = &g->row[i];
        const np_group_time_cell *ci = &g->w.cell[i];
        term[i] =
            np_arena_format(arena, "ATT(%.10g,%s)", r->cohort, p->period_label[ci->time]);
        if (term[i] == NULL)
            return np_group_time_no_memory(g->w.err);
        const double value[6] = {r->estimate, r->std_error, r->statistic,
                                 r->p_value,  r->conf_low,  r->conf_high};
        for (int j = 0; j < 6; j++)
            column[j][i] = value[j];
        for (size_t l = 0; l < n; l++) {
            const np_group_time_cell *cl = &g->w.cell[l];
            bool unknown =
                ci->reason != NULL || cl->reason != NULL || ci->single || cl->single;
            bool zero = g->column[i] == K || g->column[l] == K;
            vcov[i * n + l] = unknown ? NAN
                              : zero  ? 0
                                      : g->cross[g->column[i] * K + g->column[l]];
        }
    }
    e->k = n;
    e->term = term;
    e->estimate = column[0];
    e->std_error = column[1];
    e->statistic = column[2];
    e->p_value = column[3];
    e->conf_low = column[4];
    e->conf_high = column[5];
    e->vcov = vcov;
    return NP_OK;
}

/* b' V^-1 b over the n_before effects before the start; *found: there are any, and V is
 * regular. */
static np_status pretest(np_test *out, bool *found, size_t *n_before, const group_time *g)
{
    size_t q = 0, n = g->w.n_cells, K = g->influence.n_columns;
    size_t *pre = np_arena_array(g->w.arena, size_t, n);
    double *V = np_arena_array(g->w.arena, double, n *n);
    double *R = np_arena_array(g->w.arena, double, n *n);
    double *b = np_arena_array(g->w.arena, double, 2 * n);
    bool *kept = np_arena_array(g->w.arena, bool, n);
    *found = false;
    if (pre == NULL || V == NULL || R == NULL || b == NULL || kept == NULL)
        return np_group_time_no_memory(g->w.err);
    for (size_t i = 0; i < n; i++)
        if (g->row[i].time < g->row[i].cohort && g->std_error[i] > 0)
            pre[q++] = i;
    for (size_t i = 0; i < q; i++) {
        b[i] = b[q + i] = g->row[pre[i]].estimate;
        for (size_t l = 0; l < q; l++)
            V[i * q + l] = g->cross[g->column[pre[i]] * K + g->column[pre[l]]];
    }
    *n_before = q;
    if (q == 0 || np_cholesky(R, kept, V, NULL, q, 1e-12) < q)
        return NP_OK;
    np_cholesky_solve(b, R, kept, q);
    double W = 0;
    for (size_t i = 0; i < q; i++)
        W += b[i] * b[q + i];
    *out = (np_test){.name = "pre_trend",
                     .title = N_("Wald test of no effects before the start"),
                     .detail = "",
                     .distribution = "chisq",
                     .statistic = W,
                     .df1 = (double)q,
                     .df2 = NAN,
                     .p_value = pchisq(W, (double)q, 0, 0)};
    *found = true;
    return NP_OK;
}

/* One sentence per cohort and reason. */
static np_status warn(np_estimates *e, bool untested, const group_time *g)
{
    const np_group_time_work *w = &g->w;
    const char **warning = np_arena_array(w->arena, const char *, w->n_cells + 1);
    uint8_t *said = np_arena_array(w->arena, uint8_t, w->n_cells);
    if (warning == NULL || said == NULL)
        return np_group_time_no_memory(w->err);
    for (size_t i = 0; i < w->n_cells; i++) {
        const np_group_time_cell *c = &w->cell[i];
        np_buf times = {0};
        if (c->reason == NULL || said[i])
            continue;
        for (size_t j = i; j < w->n_cells; j++) {
            const np_group_time_cell *d = &w->cell[j];
            if (d->cohort != c->cohort || d->reason == NULL ||
                strcmp(d->reason, c->reason) != 0)
                continue;
            said[j] = 1;
            np_buf_format(&times, "%s%s", j == i ? "" : ", ",
                          w->panel->period_label[d->time]);
        }
        const char *list = np_buf_done(&times);
        if (list != NULL)
            warning[e->n_warnings] =
                np_arena_format(w->arena, _("Cohort %.10g has no estimate for %s: %s."),
                                w->panel->cohort[c->cohort], list, c->reason);
        np_buf_free(&times);
        if (warning[e->n_warnings++] == NULL)
            return np_group_time_no_memory(w->err);
    }
    if (untested)
        warning[e->n_warnings++] =
            _("The effects before the start are not tested together: their covariance is "
              "singular, as there are more of them than the units can tell apart.");
    e->warning = warning;
    return NP_OK;
}

static const char *errors_label(const np_did_panel *p, const np_did_spec *s,
                                np_arena *arena)
{
    const char *by = p->cluster_of != NULL ? p->cluster_name
                     : p->cross_sections   ? _("row")
                                           : p->unit_name;
    if (s->draws > 0)
        return np_arena_format(arena,
                               _("multiplier bootstrap by %s (%zu clusters, %zu "
                                 "draws)"),
                               by, p->n_clusters, s->draws);
    return np_arena_format(arena, _("influence functions by %s (%zu clusters)"), by,
                           p->n_clusters);
}

static np_status fill_statistics(np_estimates *e, bool *untested, const group_time *g)
{
    const np_did_panel *p = g->w.panel;
    np_statistic *stat = np_arena_array(g->w.arena, np_statistic, 5);
    np_test *test = np_arena_array(g->w.arena, np_test, 1);
    bool found;
    size_t n_before = 0;
    if (stat == NULL || test == NULL)
        return np_group_time_no_memory(g->w.err);
    stat[0] = (np_statistic){"n_units", (double)p->n_units};
    stat[1] = (np_statistic){"n_never_treated", (double)p->n_never};
    stat[2] = (np_statistic){"n_cohorts", (double)p->n_cohorts};
    stat[3] = (np_statistic){"n_clusters", (double)p->n_clusters};
    stat[4] = (np_statistic){"critical_value", g->critical_value};
    e->stat = stat;
    e->n_stats = 5;
    e->test = test;
    np_status status = pretest(test, &found, &n_before, g);
    if (status != NP_OK)
        return status;
    e->n_tests = found;
    *untested = !found && n_before > 0;
    return NP_OK;
}

static const char *method_words(const group_time *g)
{
    if (g->w.k == 1)
        return "";
    switch (g->w.method) {
    case NP_DID_DOUBLY_ROBUST:
        return N_("doubly robust: logit weights and regression of the change");
    case NP_DID_INVERSE_PROBABILITY:
        return N_("inverse probability weights, normalised");
    case NP_DID_OUTCOME_REGRESSION:
        return N_("regression of the change among the comparison");
    case NP_DID_DOUBLY_ROBUST_IMPROVED:
        return N_("doubly robust: tilting weights and weighted regression");
    case NP_DID_HORVITZ_THOMPSON:
        break;
    }
    return N_("inverse probability weights, not normalised");
}

static np_status describe(np_did_result *out, const group_time *g)
{
    const np_did_panel *p = g->w.panel;
    const np_did_spec *s = g->w.spec;
    np_estimates *e = &out->estimates;
    *out = (np_did_result){
        .estimator = NP_DID_GROUP_TIME,
        .n_group_time = g->w.n_cells,
        .group_time = g->row,
        .n_aggregates = g->averages.n,
        .aggregate = g->averages.aggregate,
        .comparison_used = s->comparison == NP_COMPARISON_NEVER
                               ? N_("never treated")
                               : N_("never or not yet treated"),
        .weighting = p->weight == NULL ? N_("cohorts by their number of units")
                                       : N_("cohorts by their units' weights"),
        .controls_used = method_words(g),
        .base_used = s->base == NP_BASE_VARYING
                         ? N_("after the start the last period before it; before, the "
                              "period before")
                         : N_("the last period before the start"),
        .errors_used = errors_label(p, s, g->w.arena),
        .n_units = p->n_units,
        .n_treated_units = p->n_units - p->n_never};
    e->conf_level = np_did_conf_level(s);
    e->df_t = NAN;
    e->normal = true;
    e->vcov_label = errors_label(p, s, g->w.arena);
    e->vcov_call = p->cluster_of != NULL ? p->cluster_name : p->unit_name;
    e->ssc_label = "";
    e->n = p->n;
    e->n_table_rows = p->n_table_rows;
    if (out->errors_used == NULL || e->vcov_label == NULL)
        return np_group_time_no_memory(g->w.err);
    bool untested = false;
    np_status status = fill_estimates(e, g);
    if (status == NP_OK)
        status = fill_statistics(e, &untested, g);
    return status == NP_OK ? warn(e, untested, g) : status;
}

static np_status check_any(const np_group_time_work *w)
{
    const char *reason = NULL;
    for (size_t i = 0; i < w->n_cells; i++) {
        if (w->cell[i].reason == NULL && !w->cell[i].at_base)
            return NP_OK;
        if (w->cell[i].reason != NULL)
            reason = w->cell[i].reason;
    }
    if (reason == NULL)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("no cohort has a period before its start and one to compare"));
    return np_fail(w->err, NP_E_NOT_IDENTIFIED, _("no comparison can be made: %s"),
                   reason);
}

/* Where nobody is never treated, periods in which everybody is are nobody's comparison:
 * they count in no share of a cohort either. */
static np_status leave_out_late_periods(np_did_panel *cut, group_time *g)
{
    const np_did_panel *p = g->w.panel;
    size_t n = p->n_periods;
    if (p->n_never > 0)
        return NP_OK;
    double end = p->cohort[p->n_cohorts - 1] - g->w.spec->anticipation;
    while (n > 0 && p->period[n - 1] >= end)
        n--;
    if (n == 0 || n == p->n_periods)
        return NP_OK;
    np_did_change change = {.some_periods = true, .last_period = n - 1};
    g->w.panel = cut;
    return np_did_panel_change(cut, p, &change, g->w.arena, g->w.err);
}

np_status np_group_time_estimate(np_did_result *out, const np_did_panel *panel,
                                 const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_did_result result;
    np_did_panel cut;
    group_time g = {.w = {.panel = panel, .spec = spec, .arena = arena, .err = err}};
    np_status status = leave_out_late_periods(&cut, &g);
    g.keeps_units =
        g.w.panel == panel || (status == NP_OK && cut.n_units == panel->n_units);
    if (status == NP_OK)
        status = np_group_time_prepare(&g.w);
    if (status == NP_OK)
        status = fit_cells(&g.w);
    if (status == NP_OK)
        status = check_any(&g.w);
    if (status == NP_OK)
        status = weigh_units(&g);
    if (status == NP_OK)
        status = np_group_time_influence(&g.influence, &g.column, g.unit_weight, &g.w);
    if (status == NP_OK)
        status = sum_by_cluster(&g);
    if (status == NP_OK)
        status = find_covariance(&g);
    if (status == NP_OK)
        status = find_errors(&g);
    if (status == NP_OK)
        status = fill_rows(&g);
    if (status == NP_OK)
        status = take_averages(&g);
    if (status == NP_OK)
        status = describe(&result, &g);
    if (status == NP_OK)
        *out = result;
    return status;
}
