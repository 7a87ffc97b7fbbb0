#include "stats/ssc.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

double np_ssc_observations(const np_fit *fit)
{
    return fit->n_observations > 0 ? fit->n_observations : (double)fit->n;
}

/* Levels of the factors' intercepts less one per further such factor; `slopes`
 * counts the levels of slopes. */
static double intercept_parameters(const np_design *design, double *slopes)
{
    double levels = 0, n_intercepts = 0;
    *slopes = 0;
    for (size_t j = 0; j < design->n_fe; j++) {
        const np_factor *f = &design->fe[j];
        if (f->has_intercept) {
            levels += (double)f->n_levels;
            n_intercepts++;
        }
        *slopes += (double)(f->n_levels * f->n_slopes);
    }
    return n_intercepts > 0 ? levels - (n_intercepts - 1) : 0;
}

double np_ssc_all_parameters(const np_fit *fit)
{
    double slopes = 0, intercepts = 0;
    if (fit->design != NULL)
        intercepts = intercept_parameters(fit->design, &slopes);
    return (double)fit->k_regressors + intercepts + slopes;
}

/* Whether every level of the factor lies within one group. */
static bool is_nested(const np_factor *factor, const np_groups *groups, int32_t *group_of)
{
    if (factor->code == groups->code)
        return true;
    for (size_t l = 0; l < factor->n_levels; l++)
        group_of[l] = -1;
    for (size_t i = 0; i < groups->n; i++) {
        int32_t *group = &group_of[factor->code[i]];
        if (*group < 0)
            *group = groups->code[i];
        else if (*group != groups->code[i])
            return false;
    }
    return true;
}

np_ssc_k_fixef np_ssc_fixef_of(const np_vcov_spec *spec)
{
    if (spec->ssc.k_fixef != NP_K_DEFAULT)
        return spec->ssc.k_fixef;
    return spec->kind == NP_VCOV_CLUSTER ? NP_K_NONNESTED : NP_K_FULL;
}

double np_ssc_parameters(const np_fit *fit, const np_vcov_spec *spec,
                         const np_groups *keys, size_t n_keys, int32_t *scratch)
{
    double slopes = 0, all = np_ssc_all_parameters(fit);
    const np_design *design = fit->design;
    np_ssc_k_fixef counted = np_ssc_fixef_of(spec);
    if (design == NULL || design->n_fe == 0 || counted == NP_K_FULL)
        return all;
    if (counted == NP_K_NONE)
        return all - intercept_parameters(design, &slopes);
    double nested = 0;
    for (size_t j = 0; j < design->n_fe; j++) {
        const np_factor *f = &design->fe[j];
        bool within = false;
        for (size_t c = 0; c < n_keys && f->has_intercept && !within; c++)
            within = is_nested(f, &keys[c], scratch);
        if (within)
            nested += (double)f->n_levels - 1;
    }
    return nested > 0 ? fmax(all - nested, (double)fit->k + 1) : all;
}

static const char *truth(bool value)
{
    return value ? "TRUE" : "FALSE";
}

const char *np_ssc_label(const np_vcov_spec *spec, np_arena *arena)
{
    static const char *const fixef[] = {"", "nonnested", "none", "full"};
    char df[NP_DECIMAL_LENGTH] = "min";
    if (spec->ssc.t_df == NP_T_CONVENTIONAL)
        memcpy(df, "conventional", sizeof "conventional");
    else if (spec->ssc.t_df == NP_T_VALUE)
        np_decimal_format(df, spec->ssc.t_df_value);
    return np_arena_format(
        arena, "K.adj=%s, K.fixef=%s, G.adj=%s, G.df=%s, t.df=%s, K.exact=FALSE",
        truth(spec->ssc.k_adj == NP_YES), fixef[np_ssc_fixef_of(spec)],
        truth(spec->ssc.g_adj == NP_YES),
        spec->ssc.g_df == NP_G_MIN ? "min" : "conventional", df);
}
