#include "stats/ssc.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "stats/absorb.h"

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

/* Marks the factors of which every level lies within one group of a key. */
static np_status find_nested(bool *within, const np_design *d, const np_groups *keys,
                             size_t n_keys, np_arena *arena, np_error *err)
{
    size_t most = 0;
    for (size_t j = 0; j < d->n_fe; j++)
        if (d->fe[j].n_levels > most)
            most = d->fe[j].n_levels;
    np_arena_mark mark = np_arena_set_mark(arena);
    int32_t *scratch = np_arena_array(arena, int32_t, most);
    if (scratch == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), most);
    for (size_t j = 0; j < d->n_fe; j++) {
        const np_factor *f = &d->fe[j];
        within[j] = false;
        for (size_t c = 0; c < n_keys && f->has_intercept && !within[j]; c++)
            within[j] = is_nested(f, &keys[c], scratch);
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

/* The rank of the dummies (and slopes) of these factors. */
static np_status rank_of(double *out, const np_factor *fe, size_t n_fe, size_t n,
                         np_arena *arena, np_error *err)
{
    np_absorber *absorber = NULL;
    np_absorbed_rank rank = {0};
    np_arena_mark mark = np_arena_set_mark(arena);
    np_absorb_spec spec = {.n = n, .n_fe = n_fe, .fe = fe};
    np_status status = np_absorber_new(&absorber, &spec, arena, err);
    if (status == NP_OK)
        status = np_absorber_rank(&rank, absorber, arena, err);
    np_arena_release(arena, mark);
    *out = (double)rank.exact;
    return status;
}

/* What K counts of the nested factors' intercepts too much, the constant apart. */
static np_status nested_parameters(double *out, const np_fit *fit, const bool *within,
                                   bool exact, np_arena *arena, np_error *err)
{
    const np_design *d = fit->design;
    np_factor *nested = np_arena_array(arena, np_factor, d->n_fe);
    size_t n_nested = 0;
    if (nested == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu factors"), d->n_fe);
    *out = 0;
    for (size_t j = 0; j < d->n_fe; j++) {
        if (!within[j])
            continue;
        *out += (double)d->fe[j].n_levels - 1;
        nested[n_nested] = d->fe[j];
        nested[n_nested++].n_slopes = 0;
    }
    if (!exact || n_nested < 2)
        return NP_OK;
    np_status status = rank_of(out, nested, n_nested, d->n, arena, err);
    *out -= 1;
    return status;
}

np_status np_ssc_parameters(double *out, const np_fit *fit, const np_vcov_spec *spec,
                            const np_groups *keys, size_t n_keys, np_arena *arena,
                            np_error *err)
{
    double slopes = 0, rank = 0, nested = 0, all = np_ssc_all_parameters(fit);
    const np_design *d = fit->design;
    np_ssc_k_fixef counted = np_ssc_fixef_of(spec);
    *out = all;
    if (d == NULL || d->n_fe == 0)
        return NP_OK;
    if (counted == NP_K_NONE) {
        *out = all - intercept_parameters(d, &slopes);
        return NP_OK;
    }
    if (spec->ssc.k_exact && d->n_fe > 1) {
        np_status status = rank_of(&rank, d->fe, d->n_fe, d->n, arena, err);
        if (status != NP_OK)
            return status;
        *out = all = (double)fit->k_regressors + rank;
    }
    if (counted == NP_K_FULL)
        return NP_OK;
    np_arena_mark mark = np_arena_set_mark(arena);
    bool *within = np_arena_array(arena, bool, d->n_fe);
    if (within == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu factors"), d->n_fe);
    np_status status = find_nested(within, d, keys, n_keys, arena, err);
    if (status == NP_OK)
        status = nested_parameters(&nested, fit, within, spec->ssc.k_exact, arena, err);
    np_arena_release(arena, mark);
    if (nested > 0)
        *out = fmax(all - nested, (double)fit->k + 1);
    return status;
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
    return np_arena_format(arena,
                           "K.adj=%s, K.fixef=%s, G.adj=%s, G.df=%s, t.df=%s, K.exact=%s",
                           truth(spec->ssc.k_adj == NP_YES), fixef[np_ssc_fixef_of(spec)],
                           truth(spec->ssc.g_adj == NP_YES),
                           spec->ssc.g_df == NP_G_MIN ? "min" : "conventional", df,
                           truth(spec->ssc.k_exact));
}
