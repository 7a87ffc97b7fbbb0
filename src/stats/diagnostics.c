#include "stats/diagnostics.h"

#include <Rmath.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/linalg.h"

typedef struct {
    const np_design *design;
    const np_linear *linear;
    const char *argument; /* what follows ":"; NULL */
    np_arena *arena;
    np_error *err;
} request;

static np_status no_memory(const request *r)
{
    return np_fail(r->err, NP_E_NO_MEMORY, _("no memory left for the test"));
}

/* The design with another outcome and further dense regressors. */
static np_status auxiliary(np_design *out, const request *r, const double *y,
                           const double *const *more, size_t n_more, bool weighted)
{
    const np_regressors *x = &r->design->x;
    np_block *block = np_arena_array(r->arena, np_block, x->n_blocks + n_more);
    const char **term = np_arena_array(r->arena, const char *, x->k + n_more);
    if (block == NULL || term == NULL)
        return no_memory(r);
    for (size_t i = 0; i < x->n_blocks; i++)
        block[i] = x->block[i];
    for (size_t i = 0; i < x->k; i++)
        term[i] = x->term[i];
    for (size_t i = 0; i < n_more; i++) {
        block[x->n_blocks + i] = (np_block){.kind = NP_BLOCK_DENSE,
                                            .first = x->k + i,
                                            .n_columns = 1,
                                            .value = more[i],
                                            .variable = ""};
        term[x->k + i] = "(auxiliary)";
    }
    *out = *r->design;
    out->y = y;
    out->offset = NULL;
    if (!weighted)
        out->weight = NULL;
    out->x = (np_regressors){.k = x->k + n_more,
                             .n_blocks = x->n_blocks + n_more,
                             .block = block,
                             .term = term};
    return NP_OK;
}

static np_status fit(np_linear *out, const request *r, const np_design *design)
{
    return np_linear_estimate(out, design,
                              &(np_linear_spec){.want_residuals = true, .n_threads = 1},
                              r->arena, r->err);
}

/* The model without its weights; the model itself where it has none. */
static np_status unweighted(np_linear *out, const request *r)
{
    *out = *r->linear;
    if (r->design->weight == NULL)
        return NP_OK;
    np_design plain = *r->design;
    plain.weight = NULL;
    return fit(out, r, &plain);
}

static double sum_of_squares(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sum;
}

static np_test chi_squared(const char *name, const char *title, double statistic,
                           double df)
{
    return (np_test){name,      title, "",  "chisq",
                     statistic, df,    NAN, pchisq(statistic, df, 0, 0)};
}

static np_status breusch_pagan(np_test *out, const request *r)
{
    const size_t n = r->design->n;
    const double *e = r->linear->residual, *w = r->design->weight;
    double *z = np_arena_array(r->arena, double, n);
    if (z == NULL)
        return no_memory(r);
    double mean = 0, fitted = 0;
    for (size_t i = 0; i < n; i++)
        mean += (w == NULL ? 1 : w[i]) * e[i] * e[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        z[i] = e[i] * e[i] - mean;
    np_design d;
    np_linear a;
    np_status status = auxiliary(&d, r, z, NULL, 0, true);
    if (status == NP_OK)
        status = fit(&a, r, &d);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        double f = z[i] - a.residual[i];
        fitted += (w == NULL ? 1 : w[i]) * f * f;
    }
    *out = chi_squared("breusch-pagan", N_("Breusch-Pagan test, studentised"),
                       (double)n * fitted / sum_of_squares(z, n),
                       (double)a.n_parameters - 1);
    return NP_OK;
}

static np_status order_of(size_t *order, const request *r)
{
    *order = 1;
    if (r->argument == NULL)
        return NP_OK;
    char *end;
    long value = strtol(r->argument, &end, 10);
    if (*end != '\0' || value < 1 || (size_t)value >= r->design->n)
        return np_fail(r->err, NP_E_USAGE,
                       _("breusch-godfrey:%s: the order must be a whole number from 1 "
                         "and less than the number of rows"),
                       r->argument);
    *order = (size_t)value;
    return NP_OK;
}

static np_status breusch_godfrey(np_test *out, const request *r)
{
    const size_t n = r->design->n;
    size_t order = 1;
    np_linear plain, a;
    np_status status = order_of(&order, r);
    if (status == NP_OK)
        status = unweighted(&plain, r);
    if (status != NP_OK)
        return status;
    const double **lag = np_arena_array(r->arena, const double *, order);
    if (lag == NULL)
        return no_memory(r);
    for (size_t l = 0; l < order; l++) {
        double *column = np_arena_array(r->arena, double, n);
        if (column == NULL)
            return no_memory(r);
        memcpy(column + l + 1, plain.residual, (n - l - 1) * sizeof *column);
        lag[l] = column;
    }
    np_design d;
    status = auxiliary(&d, r, plain.residual, lag, order, false);
    if (status == NP_OK)
        status = fit(&a, r, &d);
    if (status != NP_OK)
        return status;
    double fitted = 0;
    for (size_t i = 0; i < n; i++) {
        double f = plain.residual[i] - a.residual[i];
        fitted += f * f;
    }
    *out = chi_squared("breusch-godfrey", N_("Breusch-Godfrey test"),
                       (double)n * fitted / sum_of_squares(plain.residual, n),
                       (double)order);
    return NP_OK;
}

static np_status reset(np_test *out, const request *r)
{
    const size_t n = r->design->n;
    np_linear plain, a;
    np_status status = unweighted(&plain, r);
    if (status != NP_OK)
        return status;
    double *square = np_arena_array(r->arena, double, n);
    double *cube = np_arena_array(r->arena, double, n);
    if (square == NULL || cube == NULL)
        return no_memory(r);
    for (size_t i = 0; i < n; i++) {
        double f = r->design->y[i] - plain.residual[i];
        square[i] = f * f;
        cube[i] = f * f * f;
    }
    np_design d;
    status =
        auxiliary(&d, r, r->design->y, (const double *const[]){square, cube}, 2, false);
    if (status == NP_OK)
        status = fit(&a, r, &d);
    if (status != NP_OK)
        return status;
    double df = (double)(a.n_parameters - plain.n_parameters);
    if (!(df > 0))
        return np_fail(r->err, NP_E_NOT_IDENTIFIED,
                       _("reset: powers of the fitted values are collinear with the "
                         "regressors"));
    double f = (plain.rss - a.rss) / df / (a.rss / a.df_residual);
    *out = (np_test){"reset",
                     N_("RESET test"),
                     "",
                     "F",
                     f,
                     df,
                     a.df_residual,
                     pf(f, df, a.df_residual, 0, 0)};
    return NP_OK;
}

/* An orthonormal basis of the kept columns' span, [n × k] column by column. */
static np_status orthonormal(double **out, const request *r)
{
    const size_t n = r->design->n, k = r->linear->fit.k;
    const double *const *column = NULL;
    np_status status = np_regressors_spread(&column, &r->design->x, n, r->arena, r->err);
    double *Q = np_arena_array(r->arena, double, n *k);
    double *tau = np_arena_array(r->arena, double, k);
    if (status != NP_OK)
        return status;
    if (Q == NULL || tau == NULL)
        return no_memory(r);
    size_t kept = 0;
    for (size_t j = 0; j < r->design->x.k && kept < k; j++)
        if (strcmp(r->design->x.term[j], r->linear->term[kept]) == 0)
            memcpy(Q + kept++ * n, column[j], n * sizeof *Q);
    int info = LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)n, (int)k, Q, (int)n, tau);
    if (info == 0)
        info = LAPACKE_dorgqr(LAPACK_COL_MAJOR, (int)n, (int)k, (int)k, Q, (int)n, tau);
    if (kept < k || info != 0)
        return np_fail(r->err, NP_E_NOT_IDENTIFIED,
                       _("durbin-watson: the regressors have no orthogonal basis"));
    *out = Q;
    return NP_OK;
}

/* Mean and variance of d = e'Ae / e'e for residuals e = (1 - QQ')u, with A the second
 * differences, 1 at the corners: from the traces of (1-QQ')A and of its square. */
static np_status durbin_watson_p(double *p, const request *r, double d)
{
    const size_t n = r->design->n, k = r->linear->fit.k;
    double *Q = NULL;
    np_status status = orthonormal(&Q, r);
    if (status != NP_OK)
        return status;
    double *AQ = np_arena_array(r->arena, double, n *k);
    if (AQ == NULL)
        return no_memory(r);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < n; i++) {
            const double *q = Q + j * n;
            double before = i > 0 ? q[i] - q[i - 1] : 0;
            double after = i + 1 < n ? q[i] - q[i + 1] : 0;
            AQ[j * n + i] = before + after;
        }
    double first = 0, second = 0, third = 0;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            double qaq = 0, aqaq = 0;
            for (size_t i = 0; i < n; i++) {
                qaq += Q[a * n + i] * AQ[b * n + i];
                aqaq += a == b ? AQ[a * n + i] * AQ[b * n + i] : 0;
            }
            first += a == b ? qaq : 0;
            second += aqaq;
            third += qaq * qaq;
        }
    double rest = (double)(n - k);
    double P = 2 * ((double)n - 1) - first;                  /* trace */
    double S = 2 * (3 * (double)n - 4) - 2 * second + third; /* of the square */
    double mean = P / rest;
    double variance = 2 * (S - P * mean) / (rest * (rest + 2));
    *p = pnorm(d, mean, sqrt(variance), 1, 0);
    return NP_OK;
}

static np_status durbin_watson(np_test *out, const request *r)
{
    const double *e = r->linear->residual;
    double moved = 0, p = NAN;
    for (size_t i = 1; i < r->design->n; i++)
        moved += (e[i] - e[i - 1]) * (e[i] - e[i - 1]);
    double d = moved / sum_of_squares(e, r->design->n);
    if (r->design->weight == NULL && r->design->n_fe == 0 &&
        r->design->n > r->linear->fit.k) {
        np_status status = durbin_watson_p(&p, r, d);
        if (status != NP_OK)
            return status;
    }
    *out = (np_test){"durbin-watson", N_("Durbin-Watson test"), "", "", d, NAN, NAN, p};
    return NP_OK;
}

/* log det of the part of R [k × k] with in[j] == which. */
static double log_determinant(const request *r, const double *R, const bool *in,
                              bool which, size_t k)
{
    double *part = np_arena_array(r->arena, double, 2 * k * k);
    bool *kept = np_arena_array(r->arena, bool, k);
    if (part == NULL || kept == NULL)
        return NAN;
    size_t m = 0;
    for (size_t a = 0; a < k; a++) {
        if (in[a] != which)
            continue;
        size_t c = 0;
        for (size_t b = 0; b < k; b++)
            if (in[b] == which)
                part[m * k + c++] = R[a * k + b];
        m++;
    }
    for (size_t a = 1; a < m; a++) /* close the rows up */
        memmove(part + a * m, part + a * k, m * sizeof *part);
    double *factor = part + k * k, sum = 0;
    if (np_cholesky(factor, kept, part, NULL, m, 0) < m)
        return NAN;
    for (size_t a = 0; a < m; a++)
        sum += 2 * log(factor[a * m + a]);
    return sum;
}

static bool is_constant(const char *term)
{
    return strcmp(term, "(Intercept)") == 0;
}

/* The block that each kept coefficient comes from; n_blocks for the constant. */
static void blocks_of_terms(size_t *block, const request *r)
{
    const np_regressors *x = &r->design->x;
    size_t kept = 0;
    for (size_t b = 0; b < x->n_blocks; b++)
        for (size_t c = 0; c < x->block[b].n_columns; c++) {
            const char *term = x->term[x->block[b].first + c];
            if (kept < r->linear->fit.k && strcmp(term, r->linear->term[kept]) == 0)
                block[kept++] = is_constant(term) ? x->n_blocks : b;
        }
}

static np_status correlations(double *R, const request *r, const size_t *block, size_t *k)
{
    const np_fit *fit_of = &r->linear->fit;
    np_vcov v;
    np_status status = np_vcov_estimate(&v, fit_of, &(np_vcov_spec){0}, r->arena, r->err);
    if (status != NP_OK)
        return status;
    size_t m = 0, n_blocks = r->design->x.n_blocks;
    for (size_t a = 0; a < fit_of->k; a++)
        m += block[a] < n_blocks;
    size_t row = 0;
    for (size_t a = 0; a < fit_of->k; a++) {
        if (block[a] == n_blocks)
            continue;
        size_t column = 0;
        for (size_t b = 0; b < fit_of->k; b++)
            if (block[b] < n_blocks)
                R[row * m + column++] =
                    v.vcov[a * fit_of->k + b] /
                    sqrt(v.vcov[a * fit_of->k + a] * v.vcov[b * fit_of->k + b]);
        row++;
    }
    *k = m;
    return NP_OK;
}

static np_status inflation(np_test **out, size_t *n_out, const request *r)
{
    const np_regressors *x = &r->design->x;
    size_t k = r->linear->fit.k, m = 0, n = 0;
    double *R = np_arena_array(r->arena, double, k *k);
    size_t *block = np_arena_array(r->arena, size_t, k);
    bool *in = np_arena_array(r->arena, bool, k);
    np_test *test = np_arena_array(r->arena, np_test, x->n_blocks);
    if (R == NULL || block == NULL || in == NULL || test == NULL)
        return no_memory(r);
    blocks_of_terms(block, r);
    np_status status = correlations(R, r, block, &m);
    if (status != NP_OK)
        return status;
    for (size_t b = 0; b < x->n_blocks; b++) {
        size_t df = 0, at = 0;
        for (size_t j = 0; j < k; j++)
            if (block[j] < x->n_blocks) {
                df += block[j] == b;
                in[at++] = block[j] == b;
            }
        if (df == 0)
            continue;
        const np_block *of = &x->block[b];
        double value =
            log_determinant(r, R, in, true, m) + log_determinant(r, R, in, false, m);
        test[n++] = (np_test){.name = "vif",
                              .title = N_("Variance inflation factor"),
                              .detail = of->kind == NP_BLOCK_DUMMIES ? of->variable
                                                                     : x->term[of->first],
                              .distribution = "",
                              .statistic = value,
                              .df1 = (double)df,
                              .df2 = NAN,
                              .p_value = NAN};
    }
    if (n < 2)
        return np_fail(r->err, NP_E_NOT_IDENTIFIED,
                       _("vif: the model has fewer than two terms"));
    for (size_t j = 0; j < m; j++)
        in[j] = true;
    double determinant = log_determinant(r, R, in, true, m);
    for (size_t i = 0; i < n; i++)
        test[i].statistic = exp(test[i].statistic - determinant);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(test[i].statistic))
            return np_fail(r->err, NP_E_NOT_IDENTIFIED,
                           _("vif: the terms are too nearly collinear, or there is no "
                             "memory left"));
    *out = test;
    *n_out = n;
    return NP_OK;
}

static const struct {
    const char *name;
    np_status (*run)(np_test *out, const request *r);
} known[] = {{"breusch-pagan", breusch_pagan},
             {"breusch-godfrey", breusch_godfrey},
             {"durbin-watson", durbin_watson},
             {"reset", reset},
             {"vif", NULL}};

static size_t find(const char *name)
{
    size_t length = strcspn(name, ":"), i = 0;
    while (i < sizeof known / sizeof *known &&
           (strlen(known[i].name) != length || strncmp(known[i].name, name, length) != 0))
        i++;
    return i;
}

bool np_diagnostic_is_known(const char *name)
{
    return find(name) < sizeof known / sizeof *known;
}

np_status np_diagnostic_test(const np_test **tests, size_t *n_tests, const char *name,
                             const np_design *design, const np_linear *linear,
                             np_arena *arena, np_error *err)
{
    const char *colon = strchr(name, ':');
    request r = {design, linear, colon == NULL ? NULL : colon + 1, arena, err};
    if (!np_diagnostic_is_known(name))
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no test \"%s\""), name);
    if (design->endogenous.k > 0)
        return np_fail(err, NP_E_USAGE, _("%s: not for models with instruments"), name);
    np_test *test = np_arena_array(arena, np_test, 1);
    if (test == NULL)
        return no_memory(&r);
    size_t n = 1;
    np_status status = known[find(name)].run == NULL ? inflation(&test, &n, &r)
                                                     : known[find(name)].run(test, &r);
    if (status != NP_OK)
        return status;
    *tests = test;
    *n_tests = n;
    return NP_OK;
}
