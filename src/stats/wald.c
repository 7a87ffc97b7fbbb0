#include <Rmath.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>

#include "base/text.h"
#include "stats/estimates.h"
#include "stats/linalg.h"

np_status np_estimates_matching(size_t *index, size_t *n_matching, np_buf *names,
                                const np_estimates *e, const char *pattern, np_error *err)
{
    regex_t expression;
    int failure = regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB);
    if (failure != 0) {
        char why[96];
        regerror(failure, &expression, why, sizeof why);
        return np_fail(err, NP_E_PARSE,
                       _("the pattern \"%s\" is no regular expression: %s"), pattern,
                       why);
    }
    size_t q = 0;
    for (size_t i = 0; i < e->k; i++) {
        if (regexec(&expression, e->term[i], 0, NULL, 0) != 0)
            continue;
        if (q > 0)
            np_buf_add(names, ", ");
        np_buf_add(names, e->term[i]);
        index[q++] = i;
    }
    regfree(&expression);
    *n_matching = q;
    if (q == 0)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("no term matches \"%s\""), pattern);
    return NP_OK;
}

/* b' V^-1 b for the q terms. */
static np_status quadratic_form(double *out, const np_estimates *e, const size_t *index,
                                size_t q, np_arena *arena, np_error *err)
{
    double *V = np_arena_array(arena, double, q *q);
    double *b = np_arena_array(arena, double, q);
    if (V == NULL || b == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a test of %zu terms"),
                       q);
    /* V is scaled to a unit diagonal, so that the condition of the system does
     * not depend on the terms' units of measure */
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++) {
            double vi = e->vcov[index[i] * e->k + index[i]],
                   vj = e->vcov[index[j] * e->k + index[j]];
            V[i * q + j] = e->vcov[index[i] * e->k + index[j]] / sqrt(fabs(vi * vj));
        }
    for (size_t i = 0; i < q; i++)
        b[i] = e->estimate[index[i]] / sqrt(fabs(e->vcov[index[i] * e->k + index[i]]));
    double *scaled = np_arena_array(arena, double, q);
    if (scaled == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a test of %zu terms"),
                       q);
    for (size_t i = 0; i < q; i++)
        scaled[i] = b[i];
    np_error singular = {0};
    if (np_matrix_solve(V, b, q, arena, &singular) != NP_OK)
        return np_fail(err, singular.status,
                       singular.status == NP_E_NOT_IDENTIFIED
                           ? _("the %zu terms cannot be tested jointly: their covariance "
                               "matrix is singular")
                           : _("no memory left for a test of %zu terms"),
                       q);
    *out = 0;
    for (size_t i = 0; i < q; i++)
        *out += b[i] * scaled[i];
    return NP_OK;
}

np_status np_wald_test(np_test *out, const np_estimates *e, const char *pattern,
                       np_arena *arena, np_error *err)
{
    size_t *index = np_arena_array(arena, size_t, e->k), q = 0;
    if (index == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a test"));
    np_buf names = {0};
    double chi2 = NAN;
    np_status status = np_estimates_matching(index, &q, &names, e, pattern, err);
    if (status == NP_OK)
        status = quadratic_form(&chi2, e, index, q, arena, err);
    const char *detail = NULL;
    if (status == NP_OK && np_buf_done(&names) != NULL)
        detail = np_arena_copy_text(arena, names.text, names.length);
    np_buf_free(&names);
    if (status != NP_OK)
        return status;
    if (detail == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a test"));
    double df = (double)q;
    *out = (np_test){.name = "wald",
                     .title = N_("Wald test"),
                     .detail = detail,
                     .distribution = e->normal ? "chisq" : "F",
                     .statistic = e->normal ? chi2 : chi2 / df,
                     .df1 = df,
                     .df2 = e->normal ? NAN : e->df_t};
    out->p_value = e->normal ? pchisq(chi2, df, 0, 0) : pf(chi2 / df, df, e->df_t, 0, 0);
    return NP_OK;
}
