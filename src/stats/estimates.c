#include "stats/estimates.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

/* Two-sided p value; the upper tail is asked for directly, so that small p
 * values keep their digits. */
static double two_sided_p(double statistic, double df, const np_estimates *e)
{
    if (!isfinite(statistic))
        return isnan(statistic) ? NAN : 0;
    double a = fabs(statistic);
    return 2 * (e->normal ? pnorm5(a, 0, 1, 0, 0) : pt(a, df, 0, 0));
}

np_status np_estimates_infer(np_estimates *e, np_arena *arena, np_error *err)
{
    const size_t k = e->k;
    double *column = np_arena_array(arena, double, 5 * k);
    if (column == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu estimates"), k);
    double *std_error = column, *statistic = column + k, *p_value = column + 2 * k,
           *low = column + 3 * k, *high = column + 4 * k;
    if (!(e->conf_level > 0 && e->conf_level < 1))
        e->conf_level = 0.95;
    double tail = (1 - e->conf_level) / 2;
    if (e->normal)
        e->df_t = NAN;
    for (size_t i = 0; i < k; i++) {
        double df = e->df != NULL ? e->df[i] : e->df_t;
        double critical = e->normal ? qnorm5(tail, 0, 1, 0, 0) : qt(tail, df, 0, 0);
        double variance = e->vcov[i * k + i];
        std_error[i] = variance >= 0 ? sqrt(variance) : NAN;
        statistic[i] = e->estimate[i] / std_error[i];
        p_value[i] = two_sided_p(statistic[i], df, e);
        low[i] = e->estimate[i] - critical * std_error[i];
        high[i] = e->estimate[i] + critical * std_error[i];
    }
    e->std_error = std_error;
    e->statistic = statistic;
    e->p_value = p_value;
    e->conf_low = low;
    e->conf_high = high;
    return NP_OK;
}

double np_estimates_stat(const np_estimates *e, const char *name)
{
    for (size_t i = 0; i < e->n_stats; i++)
        if (strcmp(e->stat[i].name, name) == 0)
            return e->stat[i].value;
    return NAN;
}

size_t np_estimates_find(const np_estimates *e, const char *term)
{
    size_t i = 0;
    while (i < e->k && strcmp(e->term[i], term) != 0)
        i++;
    return i;
}
