#include "stats/infer/selection.h"

#include <math.h>
#include <regex.h>
#include <string.h>

#include "stats/linalg.h"

enum { N_MULTIPLES = 3 };

typedef struct {
    const np_estimates *e;
    const np_selection_spec *s;
    np_arena *arena;
    np_error *err;
    size_t k, treatment; /* terms but the intercept; index among them */
    size_t *at;          /* [k] index in the estimates */
    double *P;           /* [k × k] */
    double *M, *b, *c;   /* M = P^-1, c = M b */
    double rss, df, n;
} work;

static np_status no_memory(const work *w)
{
    return np_fail(w->err, NP_E_NO_MEMORY, _("no memory left"));
}

static bool is_intercept(const char *term)
{
    return strcmp(term, "(Intercept)") == 0;
}

/* inverse := A^-1 for the rows and columns `pick` [n] of A [k × k]. */
static np_status inverse_of(double *inverse, const double *A, size_t k,
                            const size_t *pick, size_t n, const work *w)
{
    np_arena_mark mark = np_arena_set_mark(w->arena);
    double *part = np_arena_array(w->arena, double, n *n);
    double *R = np_arena_array(w->arena, double, n *n);
    bool *kept = np_arena_array(w->arena, bool, n);
    if (part == NULL || R == NULL || kept == NULL)
        return no_memory(w);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            part[i * n + j] = A[pick[i] * k + pick[j]];
    if (np_cholesky(R, kept, part, NULL, n, 1e-14) < n)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("the terms' covariance is singular: selection cannot be "
                         "bounded"));
    np_cholesky_inverse(inverse, R, kept, n);
    np_arena_release(w->arena, mark);
    return NP_OK;
}

static np_status take_products(work *w)
{
    const np_estimates *e = w->e;
    double sigma2 = np_estimates_stat(e, "sigma2");
    w->rss = np_estimates_stat(e, "ssr");
    w->df = np_estimates_stat(e, "df_residual");
    w->n = (double)e->n;
    w->at = np_arena_array(w->arena, size_t, e->k);
    size_t *all = np_arena_array(w->arena, size_t, e->k);
    if (w->at == NULL || all == NULL)
        return no_memory(w);
    for (size_t i = 0; i < e->k; i++)
        if (!is_intercept(e->term[i])) {
            all[w->k] = w->k;
            w->at[w->k++] = i;
        }
    size_t k = w->k;
    w->P = np_arena_array(w->arena, double, k *k);
    w->M = np_arena_array(w->arena, double, k *k);
    w->b = np_arena_array(w->arena, double, k);
    w->c = np_arena_array(w->arena, double, k);
    if (w->P == NULL || w->M == NULL || w->b == NULL || w->c == NULL)
        return no_memory(w);
    for (size_t i = 0; i < k; i++) {
        w->b[i] = e->estimate[w->at[i]];
        for (size_t j = 0; j < k; j++)
            w->P[i * k + j] = e->vcov[w->at[i] * e->k + w->at[j]] / sigma2;
    }
    np_status status = inverse_of(w->M, w->P, k, all, k, w);
    for (size_t i = 0; status == NP_OK && i < k; i++)
        for (size_t j = 0; j < k; j++)
            w->c[i] += w->M[i * k + j] * w->b[j];
    return status;
}

/* member [k]: terms, but the treatment, that match; *n counts. */
static np_status matching(bool *member, size_t *n, const work *w, const char *pattern)
{
    regex_t compiled;
    char reason[128];
    int code = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        regerror(code, &compiled, reason, sizeof reason);
        return np_fail(w->err, NP_E_PARSE, "%s: %s", pattern, reason);
    }
    *n = 0;
    for (size_t i = 0; i < w->k; i++) {
        member[i] = i != w->treatment &&
                    regexec(&compiled, w->e->term[w->at[i]], 0, NULL, 0) == 0;
        *n += member[i];
    }
    regfree(&compiled);
    if (*n == 0)
        return np_fail(w->err, NP_E_UNKNOWN_NAME, _("no other term matches %s"), pattern);
    return NP_OK;
}

/* Both regressions; inverse [n × n] of the products of the terms `kept`, the treatment
 * first, that the one without controls has. */
static np_oster compare(const work *w, const double *inverse, const size_t *kept,
                        size_t n_short)
{
    size_t k = w->k, D = w->treatment;
    double explained = 0, without = 0, tss = w->rss, other = 0;
    for (size_t i = 0; i < n_short; i++) {
        double coefficient = 0;
        for (size_t j = 0; j < n_short; j++)
            coefficient += inverse[i * n_short + j] * w->c[kept[j]];
        explained += coefficient * w->c[kept[i]];
        without = i == 0 ? coefficient : without;
    }
    for (size_t i = 0; i < k; i++)
        other += w->b[i] * w->c[i];
    tss += other;
    double r2 = other / tss;
    return (np_oster){
        .without = without,
        .r2_without = explained / tss,
        .with = w->b[D],
        .r2_with = r2,
        .var_outcome = tss / (w->n - 1),
        .var_treatment = 1 / inverse[0] / (w->n - 1),
        .var_residual = 1 / w->P[D * k + D] / (w->n - 1),
        .r2_max = w->s->r2_max > 0 ? w->s->r2_max : fmin(1, 1.3 * r2),
    };
}

static np_status oster(np_selection *out, const work *w)
{
    size_t k = w->k, n_short = 0, n_controls = k - 1;
    bool *control = np_arena_array(w->arena, bool, k);
    size_t *kept = np_arena_array(w->arena, size_t, k);
    double *inverse = np_arena_array(w->arena, double, k *k);
    if (control == NULL || kept == NULL || inverse == NULL)
        return no_memory(w);
    np_status status = NP_OK;
    for (size_t i = 0; i < k; i++)
        control[i] = i != w->treatment;
    if (w->s->controls != NULL)
        status = matching(control, &n_controls, w, w->s->controls);
    if (status != NP_OK || n_controls == 0)
        return status;
    kept[n_short++] = w->treatment;
    for (size_t i = 0; i < k; i++)
        if (i != w->treatment && !control[i])
            kept[n_short++] = i;
    status = inverse_of(inverse, w->M, k, kept, n_short, w);
    if (status != NP_OK)
        return status;
    out->oster = compare(w, inverse, kept, n_short);
    out->delta = w->s->delta != 0 ? w->s->delta : 1;
    out->delta_zero = np_oster_delta(&out->oster, 0);
    out->n_controls = n_controls;
    out->has_oster = true;
    return np_oster_beta_star(&out->beta_star, &out->oster, out->delta, w->err);
}

/* Partial R² of the set with the treatment and with the outcome. */
static np_status strength(double *r2_treatment, double *r2_outcome, const bool *member,
                          size_t n, const work *w)
{
    size_t k = w->k, m = 0, D = w->treatment;
    size_t *pick = np_arena_array(w->arena, size_t, n);
    double *inverse = np_arena_array(w->arena, double, n *n);
    if (pick == NULL || inverse == NULL)
        return no_memory(w);
    for (size_t i = 0; i < k; i++)
        if (member[i])
            pick[m++] = i;
    np_status status = inverse_of(inverse, w->P, k, pick, n, w);
    if (status != NP_OK)
        return status;
    double of_treatment = 0, of_outcome = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double a = inverse[i * n + j];
            of_treatment += w->P[D * k + pick[i]] * a * w->P[D * k + pick[j]];
            of_outcome += w->b[pick[i]] * a * w->b[pick[j]];
        }
    *r2_treatment = of_treatment / w->P[D * k + D];
    *r2_outcome = of_outcome / (of_outcome + w->rss);
    return NP_OK;
}

static np_status benchmarks(np_selection *out, const work *w, double std_error)
{
    bool *member = np_arena_array(w->arena, bool, w->k);
    np_selection_bound *bound =
        np_arena_array(w->arena, np_selection_bound, N_MULTIPLES * w->s->n_benchmarks);
    if (member == NULL || bound == NULL)
        return no_memory(w);
    for (size_t i = 0; i < w->s->n_benchmarks; i++) {
        double r2_treatment = NAN, r2_outcome = NAN;
        size_t n;
        np_status status = matching(member, &n, w, w->s->benchmark[i]);
        if (status == NP_OK)
            status = strength(&r2_treatment, &r2_outcome, member, n, w);
        if (status != NP_OK)
            return status;
        for (int multiple = 1; multiple <= N_MULTIPLES; multiple++) {
            np_selection_bound *b = &bound[out->n_bounds++];
            *b = (np_selection_bound){.benchmark = w->s->benchmark[i],
                                      .multiple = multiple};
            if (np_confounder_bound_of(&b->bound, out->estimate, std_error, w->df,
                                       r2_treatment, r2_outcome, multiple, multiple,
                                       1 - out->level, NULL) != NP_OK)
                b->bound = (np_confounder_bound){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
        }
    }
    out->bound = bound;
    return NP_OK;
}

static np_status linear(np_selection *out, const np_estimates *classical,
                        const np_selection_spec *s, np_arena *arena, np_error *err)
{
    work w = {.e = classical, .s = s, .arena = arena, .err = err};
    size_t at = np_estimates_find(classical, s->term);
    double within = np_estimates_stat(classical, "within_r2");
    bool centred = !isnan(within);
    for (size_t i = 0; i < classical->k; i++)
        centred |= is_intercept(classical->term[i]);
    if (!centred)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("bounds for selection need an intercept or fixed effects"));
    np_status status = take_products(&w);
    if (status != NP_OK)
        return status;
    while (w.at[w.treatment] != at)
        w.treatment++;
    out->has_linear = true;
    out->statistic = classical->statistic[at];
    out->df = w.df;
    out->partial_r2 = np_partial_r2(out->statistic, w.df);
    out->robustness_value = np_robustness_value(out->statistic, w.df, out->q, 0);
    out->robustness_value_level =
        np_robustness_value(out->statistic, w.df, out->q, out->level);
    out->residual_sd = sqrt(np_estimates_stat(classical, "sigma2"));
    status = oster(out, &w);
    return status == NP_OK ? benchmarks(out, &w, classical->std_error[at]) : status;
}

static void ratios(np_selection *out, const np_estimates *reported, size_t at,
                   const np_selection_spec *s)
{
    double b = out->estimate;
    out->has_ratio = true;
    switch (s->family) {
    case NP_FAMILY_GAUSSIAN:
        out->ratio_kind = NP_RATIO_DIFFERENCE;
        out->e = np_e_values_of(NP_RATIO_DIFFERENCE, b / out->residual_sd, NAN, NAN,
                                out->std_error / out->residual_sd);
        return;
    case NP_FAMILY_LOGIT:
        out->ratio_kind = s->rare ? NP_RATIO_RISK : NP_RATIO_ODDS;
        break;
    case NP_FAMILY_CLOGLOG:
        out->ratio_kind = s->rare ? NP_RATIO_RISK : NP_RATIO_HAZARD;
        break;
    case NP_FAMILY_POISSON:
    case NP_FAMILY_QUASIPOISSON:
    case NP_FAMILY_NEGBIN:
    case NP_FAMILY_GAMMA_LOG:
        out->ratio_kind = NP_RATIO_RISK;
        break;
    case NP_FAMILY_PROBIT:
    case NP_FAMILY_GAMMA_INVERSE:
        out->has_ratio = false;
        return;
    }
    out->e = np_e_values_of(out->ratio_kind, exp(b), exp(reported->conf_low[at]),
                            exp(reported->conf_high[at]), NAN);
}

np_status np_selection_estimate(np_selection *out, const np_estimates *classical,
                                const np_estimates *reported, const np_selection_spec *s,
                                np_arena *arena, np_error *err)
{
    size_t at = np_estimates_find(reported, s->term);
    if (at == reported->k || is_intercept(s->term))
        return np_fail(err, NP_E_UNKNOWN_NAME, _("the model has no term %s"), s->term);
    np_selection result = {.term = reported->term[at],
                           .estimate = reported->estimate[at],
                           .std_error = reported->std_error[at],
                           .q = s->q > 0 ? s->q : 1,
                           .level = s->level > 0 ? s->level : 0.05,
                           .residual_sd = NAN};
    np_status status = NP_OK;
    if (s->family == NP_FAMILY_GAUSSIAN)
        status = linear(&result, classical, s, arena, err);
    else if (s->controls != NULL || s->n_benchmarks > 0)
        status = np_fail(err, NP_E_USAGE,
                         _("controls and benchmarks belong to least squares"));
    if (status != NP_OK)
        return status;
    ratios(&result, reported, at, s);
    *out = result;
    return NP_OK;
}
