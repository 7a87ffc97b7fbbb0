#include <math.h>
#include <string.h>

#include "stats/did/synthetic_result.h"

static np_status no_memory(const synthetic_work *w, np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY,
                   _("no memory left for the weights of %zu cohorts"),
                   w->study.n_cohorts);
}

enum { MOST_STATISTICS = 20, MOST_TABLES = 6, MOST_TESTS = 3, MOST_WARNINGS = 6 };

static void add(np_statistic *stat, size_t *n, const char *name, double value)
{
    stat[(*n)++] = (np_statistic){.name = name, .value = value};
}

static np_status statistics(np_estimates *e, const synthetic_work *w, np_arena *arena,
                            np_error *err)
{
    np_statistic *s = np_arena_array(arena, np_statistic, MOST_STATISTICS);
    if (s == NULL)
        return no_memory(w, err);
    size_t n = 0;
    const np_synthetic_block *b = &w->study.block[0];
    const np_synthetic_tuning *t = &w->answer.tuning[0];
    add(s, &n, "n_donors", (double)b->n_controls);
    if (w->study.n_cohorts == 1) {
        add(s, &n, "n_before", (double)b->n_before);
        add(s, &n, "n_after", (double)(w->panel.n_periods - b->first_after));
        add(s, &n, "noise_level", t->noise_level);
        add(s, &n, "zeta_omega", t->zeta_omega);
        add(s, &n, "zeta_lambda", t->zeta_lambda);
        add(s, &n, "min_decrease", t->min_decrease);
        add(s, &n, "max_iterations", (double)t->max_iterations);
        add(s, &n, "omega_intercept", t->omega_intercept);
        add(s, &n, "lambda_intercept", t->lambda_intercept);
        add(s, &n, "update_omega", t->update_omega);
        add(s, &n, "update_lambda", t->update_lambda);
        add(s, &n, "rmse_before", w->answer.fit[0].rmse_before);
    }
    if (w->spread.n > 0)
        add(s, &n, "draws", (double)w->spread.n);
    e->stat = s;
    e->n_stats = n;
    return NP_OK;
}

/* Terms begin with the cohort where there are several. */
static const char *labelled(const synthetic_work *w, size_t g, const char *label,
                            np_arena *arena)
{
    if (w->study.n_cohorts == 1 || label == NULL)
        return label;
    return np_arena_format(arena, "%.10g: %s", w->panel.cohort[g], label);
}

static const char *donor_label(const synthetic_work *w, size_t i, np_arena *arena)
{
    return np_did_unit_label(&w->panel, (size_t)w->study.block[0].control[i], arena);
}

static const char *period_label(const synthetic_work *w, size_t t, np_arena *arena)
{
    return w->panel.period_label != NULL
               ? w->panel.period_label[t]
               : np_arena_format(arena, "%.10g", w->panel.period[t]);
}

static np_status weights(np_estimate_table *out, const synthetic_work *w, bool donors,
                         np_arena *arena, np_error *err)
{
    size_t G = w->study.n_cohorts, n = 0;
    for (size_t g = 0; g < G; g++)
        n += donors ? w->study.block[g].n_controls : w->study.block[g].n_before;
    const char **term = np_arena_array(arena, const char *, n);
    double *estimate = np_arena_array(arena, double, n);
    if (term == NULL || estimate == NULL)
        return no_memory(w, err);
    *out = (np_estimate_table){.name = donors ? "donor_weights" : "time_weights",
                               .title = donors ? N_("Weights of the donors")
                                               : N_("Weights of the periods before"),
                               .term = term,
                               .estimate = estimate};
    for (size_t g = 0; g < G; g++) {
        const np_synthetic_block *b = &w->study.block[g];
        for (size_t i = 0; i < (donors ? b->n_controls : b->n_before); i++) {
            const char *label =
                donors ? donor_label(w, i, arena) : period_label(w, i, arena);
            estimate[out->n] =
                donors ? w->answer.fit[g].omega[i] : w->answer.fit[g].lambda[i];
            term[out->n] = labelled(w, g, label, arena);
            if (term[out->n++] == NULL)
                return no_memory(w, err);
        }
    }
    return NP_OK;
}

static np_status fit_before(np_estimate_table *out, const synthetic_work *w,
                            np_arena *arena, np_error *err)
{
    size_t G = w->study.n_cohorts;
    const char **term = np_arena_array(arena, const char *, G);
    double *estimate = np_arena_array(arena, double, G);
    if (term == NULL || estimate == NULL)
        return no_memory(w, err);
    for (size_t g = 0; g < G; g++) {
        estimate[g] = w->answer.fit[g].rmse_before;
        term[g] = np_arena_format(arena, "%.10g", w->panel.cohort[g]);
        if (term[g] == NULL)
            return no_memory(w, err);
    }
    *out = (np_estimate_table){.name = "pre_treatment_fit",
                               .title = N_("Root mean squared gap before the start"),
                               .n = G,
                               .term = term,
                               .estimate = estimate};
    return NP_OK;
}

static np_status in_space(np_estimate_table *out, const synthetic_work *w, bool ratios,
                          np_arena *arena, np_error *err)
{
    size_t n = w->study.block[0].n_controls;
    const char **term = np_arena_array(arena, const char *, n);
    if (term == NULL)
        return no_memory(w, err);
    for (size_t i = 0; i < n; i++) {
        term[i] = donor_label(w, i, arena);
        if (term[i] == NULL)
            return no_memory(w, err);
    }
    *out = (np_estimate_table){
        .name = ratios ? "in_space_ratios" : "in_space_placebos",
        .title = ratios ? N_("Effects after over gaps before, each donor as if treated")
                        : N_("Effects with each donor as if treated"),
        .n = n,
        .term = term,
        .estimate = ratios ? w->in_space.ratio : w->in_space.estimate};
    return NP_OK;
}

static np_status tables(np_estimates *e, const synthetic_work *w, np_arena *arena,
                        np_error *err)
{
    np_estimate_table *table = np_arena_array(arena, np_estimate_table, MOST_TABLES);
    if (table == NULL)
        return no_memory(w, err);
    size_t n = 0;
    np_status status = weights(&table[n++], w, true, arena, err);
    if (status == NP_OK)
        status = weights(&table[n++], w, false, arena, err);
    if (status == NP_OK)
        status = fit_before(&table[n++], w, arena, err);
    for (int ratios = 0; status == NP_OK && w->has_in_space && ratios < 2; ratios++)
        status = in_space(&table[n++], w, ratios == 1, arena, err);
    e->table = table;
    e->n_tables = n;
    return status;
}

static void rank_test(np_estimates *e, np_test *test, const char *name, const char *title,
                      double statistic, const double *placebo, size_t n)
{
    test[e->n_tests++] = (np_test){.name = name,
                                   .title = title,
                                   .detail = "",
                                   .distribution = "",
                                   .statistic = statistic,
                                   .df1 = NAN,
                                   .df2 = NAN,
                                   .p_value = np_synthetic_rank(statistic, placebo, n)};
}

static np_status tests(np_estimates *e, const synthetic_work *w, np_arena *arena,
                       np_error *err)
{
    np_test *test = np_arena_array(arena, np_test, MOST_TESTS);
    double *drawn = np_arena_array(arena, double, w->spread.n);
    if (test == NULL || drawn == NULL)
        return no_memory(w, err);
    size_t overall = w->layout.overall[0], n = w->study.block[0].n_controls;
    if (w->has_in_space && w->study.block[0].n_treated == 1) {
        rank_test(e, test, "in_space_rank", N_("Rank among donors as if treated: effect"),
                  w->value[overall], w->in_space.estimate, n);
        rank_test(e, test, "in_space_ratio_rank",
                  N_("Rank among donors as if treated: effect over gap before"),
                  w->in_space.own_ratio, w->in_space.ratio, n);
    } else if (w->spread.n > 0 && w->spec->synthetic_errors == NP_SYNTHETIC_PLACEBO) {
        for (size_t r = 0; r < w->spread.n; r++)
            drawn[r] = w->spread.value[r * w->layout.n_values + overall];
        rank_test(e, test, "placebo_rank", N_("Rank among draws of donors as if treated"),
                  w->value[overall], drawn, w->spread.n);
    }
    e->test = test;
    return NP_OK;
}

static const char *not_converged(const synthetic_work *w, np_arena *arena, bool *any)
{
    *any = false;
    for (size_t g = 0; g < w->study.n_cohorts; g++)
        *any = *any || !w->answer.fit[g].converged;
    return np_arena_format(arena,
                           _("The synthetic weights were still changing after %zu "
                             "iterations; the exact solver has their optimum."),
                           w->answer.tuning[0].max_iterations);
}

static np_status collinear(np_estimates *e, const synthetic_work *w, np_arena *arena,
                           np_error *err)
{
    size_t K = w->answer.beta == NULL ? 0 : w->study.panel.n_covariates;
    const char **term = np_arena_array(arena, const char *, K);
    if (term == NULL)
        return no_memory(w, err);
    for (size_t k = 0; k < K; k++)
        if (w->answer.beta[k] == 0)
            term[e->n_collinear++] = w->panel.term[k + 1];
    e->collinear = term;
    return NP_OK;
}

static np_status warnings(np_estimates *e, const synthetic_work *w, np_arena *arena,
                          np_error *err)
{
    const char **warning = np_arena_array(arena, const char *, MOST_WARNINGS);
    if (warning == NULL)
        return no_memory(w, err);
    size_t n = 0;
    bool early;
    const char *text = not_converged(w, arena, &early);
    if (text == NULL)
        return no_memory(w, err);
    if (early)
        warning[n++] = text;
    if (w->panel.weight != NULL)
        warning[n++] = _("Synthetic methods weigh units by their likeness before the "
                         "start; the weights given are not used.");
    if (w->spec->comparison == NP_COMPARISON_NOT_YET)
        warning[n++] = _("Donors of synthetic methods are never treated; units not "
                         "treated yet are left aside.");
    if (w->spec->synthetic_errors == NP_SYNTHETIC_PLACEBO)
        warning[n++] =
            _("Placebo errors are how much the donors vary; they hold where the "
              "treated vary as much, whose own outcomes do not enter.");
    if (w->spec->synthetic_errors == NP_SYNTHETIC_JACKKNIFE && w->study.control)
        warning[n++] = _("The jackknife is not known to hold for synthetic control.");
    e->warning = warning;
    e->n_warnings = n;
    return NP_OK;
}

np_status np_synthetic_result_details(np_estimates *e, const synthetic_work *w,
                                      np_arena *arena, np_error *err)
{
    np_status status = statistics(e, w, arena, err);
    if (status == NP_OK)
        status = tables(e, w, arena, err);
    if (status == NP_OK)
        status = tests(e, w, arena, err);
    if (status == NP_OK)
        status = collinear(e, w, arena, err);
    return status == NP_OK ? warnings(e, w, arena, err) : status;
}
