#include <math.h>
#include <string.h>

#include "stats/linear_internal.h"

const double np_linear_absorbed_share = 1e-18;

typedef struct {
    np_statistic *item;
    size_t n;
} list;

static void put(list *l, const char *name, double value)
{
    l->item[l->n++] = (np_statistic){name, value};
}

/* The Gaussian log likelihood at its maximum, of n rows with mean square s. */
static double gaussian(double n, double mean_square)
{
    return -n / 2 * (1 + log(2 * M_PI) + log(mean_square));
}

/* Σ log w, with the logarithm taken of products of mantissas. */
static double sum_log(const double *w, size_t n)
{
    double product = 1, exponents = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        int exponent = 0;
        product *= frexp(w[i], &exponent);
        exponents += exponent;
        if (product < 1e-200) {
            sum += log(product);
            product = 1;
        }
    }
    return sum + log(product) + exponents * M_LN2;
}

/* fixest's conventions: the log likelihood takes unweighted residuals, those of
 * the models it is compared with take weights for numbers of rows; R² is that of
 * the second stage. */
static void pseudo_r2(list *l, const np_linear_sums *s, double ll)
{
    double rows = s->weight != NULL ? s->sum_weight : s->n;
    double ll_null = gaussian(rows, s->tss / rows);
    put(l, "pseudo_r2", 1 - ll / ll_null);
    put(l, "adj_pseudo_r2", 1 - (ll - (s->n_parameters - s->has_constant)) / ll_null);
    if (!s->has_fe)
        return;
    double ll_absorbed = gaussian(rows, s->tss_within / rows);
    put(l, "within_pseudo_r2", 1 - ll / ll_absorbed);
    put(l, "within_adj_pseudo_r2", 1 - (ll - (double)s->k) / ll_absorbed);
}

np_status np_linear_statistics(np_linear *out, const np_linear_sums *s, np_arena *arena,
                               np_error *err)
{
    list l = {.item = np_arena_array(arena, np_statistic, NP_LINEAR_MOST_STATS)};
    if (l.item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for statistics"));
    double df = s->n - s->n_parameters, constant = s->has_constant ? 1 : 0;
    double r2 = 1 - s->rss_second / s->tss;
    double ll = gaussian(s->n, s->squared_error / s->n);
    put(&l, "r2", r2);
    put(&l, "adj_r2", 1 - (1 - r2) * (s->n - constant) / df);
    if (s->has_fe) {
        double within = 1 - s->rss_second / s->tss_within;
        put(&l, "within_r2", within);
        put(&l, "within_adj_r2", 1 - (1 - within) * (s->n - s->n_absorbed) / df);
    }
    put(&l, "rmse", sqrt(s->rss / (s->weight != NULL ? s->sum_weight : s->n)));
    put(&l, "sigma2", s->rss / df);
    put(&l, "log_likelihood", ll);
    put(&l, "aic", -2 * ll + 2 * s->n_parameters);
    put(&l, "bic", -2 * ll + s->n_parameters * log(s->n));
    if (s->weight != NULL) /* R's lm(): errors of variance sigma² / w */
        put(&l, "weighted_log_likelihood",
            gaussian(s->n, s->rss / s->n) + sum_log(s->weight, s->n_weights) / 2);
    put(&l, "deviance", s->rss);
    put(&l, "ssr", s->rss);
    put(&l, "squared_correlation", s->correlation);
    pseudo_r2(&l, s, ll);
    put(&l, "n_parameters", s->n_parameters);
    put(&l, "df_residual", df);
    out->stat = l.item;
    out->n_stats = l.n;
    return NP_OK;
}

double np_linear_absorbed_parameters(const np_design *design)
{
    double levels = 0, intercepts = 0, slopes = 0;
    for (size_t j = 0; j < design->n_fe; j++) {
        const np_factor *f = &design->fe[j];
        if (f->has_intercept) {
            levels += (double)f->n_levels;
            intercepts++;
        }
        slopes += (double)(f->n_levels * f->n_slopes);
    }
    return levels - (intercepts > 0 ? intercepts - 1 : 0) + slopes;
}

np_status np_linear_finish(np_linear *out, const np_linear_solution *s, np_arena *arena,
                           np_error *err)
{
    const size_t intercept = s->mean != NULL;
    size_t n_kept = intercept;
    for (size_t j = 0; j < s->k; j++)
        n_kept += s->kept[j];
    const size_t k = n_kept;
    const char **term = np_arena_array(arena, const char *, k);
    const char **collinear = np_arena_array(arena, const char *, s->k);
    double *b = np_arena_array(arena, double, k);
    double *bread = np_arena_array(arena, double, k *k);
    double *basis = np_arena_array(arena, double, k *k);
    if (term == NULL || collinear == NULL || b == NULL || bread == NULL || basis == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu coefficients"), k);
    size_t at = intercept, n_collinear = 0;
    if (intercept) {
        term[0] = "(Intercept)";
        b[0] = s->y_mean;
        bread[0] = 1 / s->sum_weight;
        basis[0] = 1;
    }
    for (size_t j = 0; j < s->k; j++) {
        if (!s->kept[j]) {
            collinear[n_collinear++] = s->term[j];
            continue;
        }
        size_t column = intercept;
        for (size_t l = 0; l < s->k; l++)
            if (s->kept[l])
                bread[at * k + column++] = s->inverse[j * s->k + l];
        term[at] = s->term[j];
        b[at] = s->b[j];
        basis[at * k + at] = 1;
        if (intercept) {
            b[0] -= s->mean[j] * s->b[j];
            basis[at] = -s->mean[j];
        }
        at++;
    }
    out->fit.k = out->fit.k_regressors = k;
    out->fit.bread = bread;
    out->fit.basis = intercept ? basis : NULL;
    out->term = term;
    out->coefficient = b;
    out->collinear = collinear;
    out->n_collinear = n_collinear;
    return NP_OK;
}
