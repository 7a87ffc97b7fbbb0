#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/linear_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the instruments"));
}

/* Least squares of y on x [k], both partialled. */
static np_status regress(np_linear_problem *p, const np_linear_columns *c,
                         const double *y, const double *const *x, const double *raw,
                         size_t k, double tolerance, np_arena *arena, np_error *err)
{
    *p = (np_linear_problem){.n = c->n,
                             .k = k,
                             .y = y,
                             .x = x,
                             .z = x,
                             .weight = c->weight,
                             .raw = raw,
                             .tolerance = tolerance,
                             .n_threads = c->n_threads};
    return np_linear_solve(p, arena, err);
}

static size_t count_kept(const np_linear_problem *p, size_t first, size_t last)
{
    size_t n = 0;
    for (size_t j = first; j < last; j++)
        n += p->kept[j];
    return n;
}

static void add_test(np_linear *out, np_test *list, np_test test)
{
    list[out->n_tests++] = test;
    out->test = list;
}

static np_test f_test(const char *name, const char *title, const char *detail,
                      double restricted, double unrestricted, double df1, double df2)
{
    double f = (restricted - unrestricted) / df1 / (unrestricted / df2);
    return (np_test){.name = name,
                     .title = title,
                     .detail = detail,
                     .distribution = "F",
                     .statistic = f,
                     .df1 = df1,
                     .df2 = df2,
                     .p_value = pf(f, df1, df2, 0, 0)};
}

/* The fitted values of endogenous regressor j, and the F of the instruments. */
static np_status one_first_stage(np_linear *out, double *fitted,
                                 const np_linear_columns *c, size_t j, double tolerance,
                                 double n_absorbed, np_test *tests, np_arena *arena,
                                 np_error *err)
{
    const double *const *x = (const double *const *)c->column + 1 + c->m;
    const double *raw = c->raw + 1 + c->m, *endogenous = c->column[1 + j];
    np_linear_problem with, without;
    np_status status =
        regress(&with, c, endogenous, x, raw, c->k + c->l, tolerance, arena, err);
    if (status == NP_OK)
        status = regress(&without, c, endogenous, x, raw, c->k, tolerance, arena, err);
    if (status != NP_OK)
        return status;
    size_t n_instruments = count_kept(&with, c->k, c->k + c->l);
    if (n_instruments < c->m)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu instruments are too few for %zu endogenous regressors"),
                       n_instruments, c->m);
    for (size_t i = 0; i < c->n; i++)
        fitted[i] = endogenous[i] - with.e[i];
    double parameters =
        n_absorbed + (c->mean != NULL) + (double)count_kept(&with, 0, c->k + c->l);
    if (out->n_tests < NP_LINEAR_MOST_TESTS - 2)
        add_test(out, tests,
                 f_test("first_stage", N_("First stage: F test of the instruments"),
                        c->design->endogenous.term[j], without.rss, with.rss,
                        (double)n_instruments, (double)c->n - parameters));
    return NP_OK;
}

np_status np_linear_first_stage(np_linear *out, double **fitted,
                                const np_linear_columns *c, double tolerance,
                                double n_absorbed, np_arena *arena, np_error *err)
{
    np_test *tests = np_arena_array(arena, np_test, NP_LINEAR_MOST_TESTS);
    if (tests == NULL)
        return no_memory(err);
    for (size_t j = 0; j < c->m; j++) {
        fitted[j] = np_arena_array(arena, double, c->n);
        if (fitted[j] == NULL)
            return no_memory(err);
        np_status status = one_first_stage(out, fitted[j], c, j, tolerance, n_absorbed,
                                           tests, arena, err);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

/* Hausman (1978) by regression: the first stages' residuals beside the regressors. */
static np_status wu_hausman(np_linear *out, const np_linear_columns *c,
                            double *const *fitted, double tolerance, double n_absorbed,
                            np_arena *arena, np_error *err)
{
    const size_t k = c->m + c->k, all = k + c->m;
    const double **x = np_arena_array(arena, const double *, all);
    double *raw = np_arena_array(arena, double, all);
    if (x == NULL || raw == NULL)
        return no_memory(err);
    for (size_t j = 0; j < k; j++) {
        x[j] = c->column[1 + j];
        raw[j] = c->raw[1 + j];
    }
    for (size_t j = 0; j < c->m; j++) {
        double *rest = np_arena_array(arena, double, c->n);
        if (rest == NULL)
            return no_memory(err);
        for (size_t i = 0; i < c->n; i++)
            rest[i] = c->column[1 + j][i] - fitted[j][i];
        x[k + j] = rest;
    }
    np_linear_problem with, without;
    np_status status =
        regress(&with, c, c->column[0], x, raw, all, tolerance, arena, err);
    if (status == NP_OK)
        status = regress(&without, c, c->column[0], x, raw, k, tolerance, arena, err);
    if (status != NP_OK)
        return status;
    double df1 = (double)count_kept(&with, k, all);
    double df2 = (double)c->n - n_absorbed - (c->mean != NULL) -
                 (double)count_kept(&with, 0, k) - df1;
    if (df1 > 0 && df2 > 0)
        add_test(out, (np_test *)out->test,
                 f_test("wu_hausman", N_("Wu-Hausman test of endogeneity"), "",
                        without.rss, with.rss, df1, df2));
    return NP_OK;
}

/* Sargan (1958): n R² of the residuals on all instruments. */
static np_status sargan(np_linear *out, const np_linear_columns *c, const double *e,
                        double tolerance, np_arena *arena, np_error *err)
{
    const double *const *x = (const double *const *)c->column + 1 + c->m;
    np_linear_problem p;
    np_status status =
        regress(&p, c, e, x, c->raw + 1 + c->m, c->k + c->l, tolerance, arena, err);
    if (status != NP_OK)
        return status;
    double df = (double)count_kept(&p, c->k, c->k + c->l) - (double)c->m, total = 0;
    for (size_t i = 0; i < c->n; i++)
        total += (c->weight == NULL ? 1 : c->weight[i]) * e[i] * e[i];
    double statistic = (double)c->n * (1 - p.rss / total);
    if (df > 0)
        add_test(out, (np_test *)out->test,
                 (np_test){.name = "sargan",
                           .title = N_("Sargan test of overidentification"),
                           .detail = "",
                           .distribution = "chisq",
                           .statistic = statistic,
                           .df1 = df,
                           .df2 = NAN,
                           .p_value = pchisq(statistic, df, 0, 0)});
    return NP_OK;
}

np_status np_linear_instrument_tests(np_linear *out, const np_linear_columns *c,
                                     double *const *fitted, const double *e,
                                     double tolerance, double n_absorbed, np_arena *arena,
                                     np_error *err)
{
    np_status status = wu_hausman(out, c, fitted, tolerance, n_absorbed, arena, err);
    if (status == NP_OK && c->l > c->m)
        status = sargan(out, c, e, tolerance, arena, err);
    return status;
}
