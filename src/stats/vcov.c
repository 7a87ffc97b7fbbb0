#include "stats/vcov.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "stats/cluster_robust.h"
#include "stats/linalg.h"
#include "stats/ssc.h"
#include "stats/vcov_conley.h"
#include "stats/vcov_meat.h"

/* Eigenvalues below this share of the largest, negative, are rounding and no
 * sign of a matrix that is not positive definite. */
static const double negligible = 1e-12;
/* fixest lifts the eigenvalues of a repaired matrix to this. */
static const double least_eigenvalue = 1e-16;
/* A leverage is one when 1 - h is of the size of its rounding. */
static const double leverage_rounding = 1e-9;

typedef struct {
    const np_fit *fit;
    const np_vcov_spec *spec;
    np_groups key[NP_MOST_CLUSTERS];
    const char *key_name[NP_MOST_CLUSTERS];
    size_t n_clusters[NP_MOST_CLUSTERS], n_keys, fewest;
    size_t lag;
    double n, K;
    double *sum; /* [k × k] scratch of one set of clusters */
    double *df;  /* [k] by coefficient: CR0 to CR3 */
    np_arena *arena;
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a covariance matrix"));
}

static bool same_name(const char *a, const char *b)
{
    return np_str_equal(np_str_trim(np_str_of(a)), np_str_trim(np_str_of(b)));
}

np_status np_vcov_key(np_groups *out, const np_design *d, const char *name, np_error *err)
{
    for (size_t i = 0; d != NULL && i < d->n_keys; i++)
        if (same_name(d->key_name[i], name)) {
            *out = d->key[i];
            return NP_OK;
        }
    for (size_t j = 0; d != NULL && j < d->n_fe; j++)
        if (same_name(d->fe[j].name, name)) {
            *out = (np_groups){
                .code = d->fe[j].code, .n = d->n, .n_groups = d->fe[j].n_levels};
            return NP_OK;
        }
    return np_fail(err, NP_E_UNKNOWN_NAME,
                   _("the model does not carry the variable \"%s\" of the covariance"),
                   name);
}

np_status np_groups_count(size_t *out, const np_groups *g, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    uint8_t *seen = np_arena_array(arena, uint8_t, g->n_groups);
    if (seen == NULL)
        return no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < g->n && n < g->n_groups; i++) {
        n += !seen[g->code[i]];
        seen[g->code[i]] = 1;
    }
    *out = n;
    np_arena_release(arena, mark);
    return NP_OK;
}

static np_status take_keys(work *w, np_error *err)
{
    const np_vcov_spec *s = w->spec;
    const np_design *d = w->fit->design;
    w->n_keys = s->n_keys;
    bool over_time = s->kind == NP_VCOV_NEWEY_WEST || s->kind == NP_VCOV_DRISCOLL_KRAAY;
    if (over_time && s->n_keys == 0)
        return np_fail(err, NP_E_USAGE,
                       s->kind == NP_VCOV_NEWEY_WEST
                           ? _("Newey-West over which periods? NW(2) ~ unit + year, or "
                               "declare the panel")
                           : _("Driscoll-Kraay over which periods? DK(2) ~ year, or "
                               "declare the panel"));
    if (s->kind == NP_VCOV_CLUSTER && s->n_keys == 0) {
        if (d == NULL || d->n_fe == 0)
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("clustering by what? name the variable: \"~ unit\""));
        w->n_keys = 1;
    }
    w->fewest = SIZE_MAX;
    for (size_t i = 0; i < w->n_keys; i++) {
        w->key_name[i] = s->n_keys > 0 ? s->key[i] : d->fe[0].name;
        np_status status = np_vcov_key(&w->key[i], d, w->key_name[i], err);
        if (status == NP_OK)
            status = np_groups_count(&w->n_clusters[i], &w->key[i], w->arena, err);
        if (status != NP_OK)
            return status;
        if (w->n_clusters[i] < w->fewest)
            w->fewest = w->n_clusters[i];
        bool may_be_one = s->kind == NP_VCOV_CONLEY ||
                          (s->kind == NP_VCOV_NEWEY_WEST && w->n_keys == 2 && i == 0);
        if (w->n_clusters[i] < 2 && !may_be_one)
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("%s has fewer than two values among the rows used, so that "
                             "the covariance cannot be estimated"),
                           w->key_name[i]);
    }
    return NP_OK;
}

static np_status heteroskedastic(work *w, double *out, np_error *err)
{
    const np_fit *fit = w->fit;
    np_vcov_kind kind = w->spec->kind;
    const double *h = NULL;
    if (fit->grouped)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("heteroskedasticity-robust errors need the rows, not sums by "
                         "cell; cluster by a variable that the cells keep"));
    if (kind == NP_VCOV_HC0 || kind == NP_VCOV_HC1)
        return np_meat_rows(out, fit, NULL, w->arena, err);
    np_status status = np_meat_leverages(&h, fit, w->arena, err);
    if (status != NP_OK)
        return status;
    double *factor = np_arena_array(w->arena, double, fit->n);
    if (factor == NULL)
        return no_memory(err);
    double mean = 0;
    for (size_t i = 0; i < fit->n; i++)
        mean += h[i] / (double)fit->n;
    for (size_t i = 0; i < fit->n; i++) {
        double rest = 1 - h[i];
        if (!(rest > leverage_rounding)) {
            np_fail(
                err, NP_E_RANGE,
                _("row %zu of those used has leverage one: its residual is 0 whatever "
                  "the outcome, and HC2 to HC4 are not defined"),
                i + 1);
            np_error_hint(err, _("HC1 or clustered standard errors are"));
            return NP_E_RANGE;
        }
        if (kind == NP_VCOV_HC2)
            factor[i] = 1 / rest;
        else if (kind == NP_VCOV_HC3)
            factor[i] = 1 / (rest * rest);
        else
            factor[i] = pow(rest, -fmin(4, h[i] / mean));
    }
    return np_meat_rows(out, fit, factor, w->arena, err);
}

/* Cameron, Gelbach and Miller (2011), eq. 2.13: every non-empty set of the
 * variables, with sign (-1)^(size + 1). */
static np_status clustered(work *w, double *out, np_error *err)
{
    const size_t k = w->fit->k;
    bool own_factor = w->spec->ssc.g_adj == NP_YES && w->spec->ssc.g_df != NP_G_MIN;
    memset(out, 0, k * k * sizeof *out);
    for (unsigned set = 1; set < 1U << w->n_keys; set++) {
        np_groups groups = {0};
        double sign = -1;
        np_arena_mark mark = np_arena_set_mark(w->arena);
        for (size_t i = 0; i < w->n_keys; i++) {
            if ((set >> i & 1) == 0)
                continue;
            sign = -sign;
            np_status status = NP_OK;
            if (groups.code == NULL)
                groups = w->key[i];
            else
                status = np_groups_cross(&groups, &groups, &w->key[i], w->arena, err);
            if (status != NP_OK)
                return status;
        }
        size_t n_groups = 0;
        np_status status = np_groups_count(&n_groups, &groups, w->arena, err);
        /* groups of one row each are those of the heteroskedastic covariance */
        bool single = n_groups == w->fit->n && !w->fit->frequency;
        if (status == NP_OK)
            status = single ? np_meat_rows(w->sum, w->fit, NULL, w->arena, err)
                            : np_meat_clusters(w->sum, w->fit, &groups, w->arena, err);
        if (status != NP_OK)
            return status;
        double G = (double)n_groups, factor = own_factor ? G / (G - 1) : 1;
        for (size_t i = 0; i < k * k; i++)
            out[i] += sign * factor * w->sum[i];
        np_arena_release(w->arena, mark);
    }
    return NP_OK;
}

static np_status fill_meat(work *w, double *out, np_error *err)
{
    const np_groups *time = &w->key[w->n_keys == 2];
    switch (w->spec->kind) {
    case NP_VCOV_IID:
        return NP_OK;
    case NP_VCOV_HC0:
    case NP_VCOV_HC1:
    case NP_VCOV_HC2:
    case NP_VCOV_HC3:
    case NP_VCOV_HC4:
        return heteroskedastic(w, out, err);
    case NP_VCOV_CLUSTER:
        return clustered(w, out, err);
    case NP_VCOV_NEWEY_WEST:
        return np_meat_newey_west(out, w->fit, w->n_keys == 2 ? &w->key[0] : NULL, time,
                                  w->lag, w->arena, err);
    case NP_VCOV_DRISCOLL_KRAAY:
        return np_meat_periods(out, w->fit, &w->key[0], w->lag, w->arena, err);
    case NP_VCOV_CONLEY:
        return np_meat_conley(out, w->fit, w->spec, w->key, w->arena, err);
    case NP_VCOV_CR0:
    case NP_VCOV_CR1:
    case NP_VCOV_CR1S:
    case NP_VCOV_CR2:
    case NP_VCOV_CR3:
        break;
    }
    w->df = np_arena_array(w->arena, double, w->fit->k);
    if (w->df == NULL)
        return no_memory(err);
    return np_cluster_robust_meat(out, w->df, w->fit, &w->key[0], w->key_name[0],
                                  w->n_clusters[0], w->spec->kind, w->arena, err);
}

/* The G of the small-sample factor and of t. */
static size_t smallest(const work *w)
{
    if (w->n_keys == 0 || w->spec->kind == NP_VCOV_CONLEY)
        return 0;
    return w->spec->kind == NP_VCOV_NEWEY_WEST ? w->n_clusters[w->n_keys - 1] : w->fewest;
}

/* The one number that multiplies bread × meat × bread, or sigma² bread. */
static double small_sample_factor(const work *w)
{
    const np_fit *fit = w->fit;
    const np_ssc *ssc = &w->spec->ssc;
    bool k_adj = ssc->k_adj == NP_YES;
    double G = (double)smallest(w);
    switch (w->spec->kind) {
    case NP_VCOV_IID:
        if (fit->sigma2_is_one)
            return k_adj ? (w->n - 1) / (w->n - w->K) : 1;
        return fit->sigma2 * (w->n - np_ssc_all_parameters(fit)) /
               (k_adj ? w->n - w->K : w->n - 1);
    case NP_VCOV_HC1:
        return k_adj ? w->n / (w->n - w->K) : 1;
    case NP_VCOV_CLUSTER:
    case NP_VCOV_NEWEY_WEST:
    case NP_VCOV_DRISCOLL_KRAAY: {
        bool min = w->spec->kind != NP_VCOV_CLUSTER || ssc->g_df == NP_G_MIN;
        return (k_adj ? (w->n - 1) / (w->n - w->K) : 1) *
               (ssc->g_adj == NP_YES && min ? G / (G - 1) : 1);
    }
    case NP_VCOV_CONLEY:
        return k_adj ? (w->n - 1) / (w->n - w->K) : 1;
    case NP_VCOV_CR1:
        return G / (G - 1);
    case NP_VCOV_CR1S:
        return G / (G - 1) * (w->n - 1) / (w->n - w->K);
    default:
        return 1;
    }
}

static double degrees_of_freedom(const work *w)
{
    const np_ssc *ssc = &w->spec->ssc;
    if (ssc->t_df == NP_T_VALUE)
        return ssc->t_df_value;
    if (smallest(w) == 0 || ssc->t_df == NP_T_CONVENTIONAL)
        return fmax(w->n - w->K, 1);
    size_t G =
        w->spec->kind == NP_VCOV_NEWEY_WEST ? w->n_clusters[w->n_keys - 1] : w->fewest;
    return fmax((double)G - 1, 1);
}

static np_status repair(np_vcov *out, const double *V, size_t k, np_arena *arena,
                        np_error *err)
{
    double *value = np_arena_array(arena, double, k);
    double *Q = np_arena_array(arena, double, k *k);
    double *repaired = np_arena_array(arena, double, k *k);
    if (value == NULL || Q == NULL || repaired == NULL)
        return no_memory(err);
    np_status status = np_symmetric_eigen(value, Q, V, k, err);
    if (status != NP_OK)
        return status;
    out->positive_definite = !(value[0] < -negligible * fabs(value[k - 1]));
    out->repaired = NULL;
    if (out->positive_definite)
        return NP_OK;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += Q[a * k + l] * fmax(value[l], least_eigenvalue) * Q[b * k + l];
            repaired[a * k + b] = repaired[b * k + a] = sum;
        }
    out->repaired = repaired;
    return NP_OK;
}

static void add_names(np_buf *text, const work *w, const char *and)
{
    for (size_t i = 0; i < w->n_keys; i++) {
        if (i > 0)
            np_buf_add(text, and);
        np_buf_add(text, w->key_name[i]);
    }
}

static void write_conley(np_buf *text, const np_vcov_spec *s)
{
    np_buf_format(text, "(%g%s%s) ", s->cutoff,
                  s->distance == NP_DISTANCE_SPHERICAL ? ", spherical" : "",
                  s->kernel == NP_KERNEL_BARTLETT ? ", bartlett" : "");
}

static void write_call(np_buf *text, const work *w)
{
    static const char *const name[] = {"iid", "HC0",  "HC1", "HC2", "HC3",
                                       "HC4", "",     "NW",  "DK",  "CR0",
                                       "CR1", "CR1S", "CR2", "CR3", "conley"};
    np_buf_add(text, name[w->spec->kind]);
    if (w->n_keys == 0)
        return;
    if (w->spec->kind == NP_VCOV_CONLEY)
        write_conley(text, w->spec);
    if (w->lag > 0)
        np_buf_format(text, "(%zu) ", w->lag);
    np_buf_add(text, w->lag > 0 ? "~ " : "~");
    add_names(text, w, " + ");
}

static void write_label(np_buf *text, const work *w)
{
    switch (w->spec->kind) {
    case NP_VCOV_IID:
        np_buf_add(text, _("independent errors of equal variance"));
        return;
    case NP_VCOV_CLUSTER:
        np_buf_format(text, "%s ", _("clustered by"));
        add_names(text, w, _(" and "));
        np_buf_add(text, " (");
        for (size_t i = 0; i < w->n_keys; i++)
            np_buf_format(text, "%s%zu", i > 0 ? _(" and ") : "", w->n_clusters[i]);
        np_buf_format(text, " %s)", _("clusters"));
        return;
    case NP_VCOV_NEWEY_WEST:
    case NP_VCOV_DRISCOLL_KRAAY:
        np_buf_add(text,
                   w->spec->kind == NP_VCOV_NEWEY_WEST ? "Newey-West" : "Driscoll-Kraay");
        np_buf_add(text, ", ");
        add_names(text, w, " + ");
        np_buf_format(text, _(" (%zu lags, %zu periods)"), w->lag,
                      w->n_clusters[w->n_keys - 1]);
        return;
    case NP_VCOV_CR0:
    case NP_VCOV_CR1:
    case NP_VCOV_CR1S:
    case NP_VCOV_CR2:
    case NP_VCOV_CR3:
        write_call(text, w);
        np_buf_format(text, _(" (%zu clusters)"), w->n_clusters[0]);
        if (w->spec->kind == NP_VCOV_CR2 && w->spec->ssc.t_df == NP_T_DEFAULT)
            np_buf_add(text, _(", Satterthwaite degrees of freedom"));
        return;
    case NP_VCOV_CONLEY:
        np_buf_format(
            text, _("Conley, within %g km (%s distance, %s kernel)"), w->spec->cutoff,
            w->spec->distance == NP_DISTANCE_SPHERICAL ? _("spherical") : _("triangular"),
            w->spec->kernel == NP_KERNEL_BARTLETT ? _("Bartlett") : _("uniform"));
        return;
    default:
        np_buf_format(text, "%s, HC%d", _("heteroskedasticity-robust"),
                      (int)w->spec->kind - (int)NP_VCOV_HC0);
    }
}

static const char *written(void (*write)(np_buf *, const work *), const work *w)
{
    np_buf text = {0};
    write(&text, w);
    const char *done = np_buf_done(&text);
    char *copy =
        done == NULL ? NULL : np_arena_copy_text(w->arena, text.text, text.length);
    np_buf_free(&text);
    return copy;
}

/* fixest's rule, floor(T^(1/4)), for panels; a single series has no such default. */
static np_status choose_lag(work *w, np_error *err)
{
    np_vcov_kind kind = w->spec->kind;
    if (kind != NP_VCOV_NEWEY_WEST && kind != NP_VCOV_DRISCOLL_KRAAY)
        return NP_OK;
    if (w->spec->lag > 0) {
        w->lag = (size_t)w->spec->lag;
        return NP_OK;
    }
    if (kind == NP_VCOV_NEWEY_WEST && w->n_keys == 1)
        return np_fail(err, NP_E_USAGE,
                       _("Newey-West of a single series needs its lag: NW(2) ~ %s"),
                       w->key_name[0]);
    w->lag = (size_t)floor(pow((double)w->n_clusters[w->n_keys - 1], 0.25));
    return NP_OK;
}

static np_status sandwich(work *w, double *V, np_error *err)
{
    const np_fit *fit = w->fit;
    const size_t k = fit->k;
    double *meat = np_arena_array(w->arena, double, 3 * k * k);
    if (meat == NULL)
        return no_memory(err);
    double *scratch = meat + k * k, *inner = meat + 2 * k * k;
    w->sum = np_arena_array(w->arena, double, k *k);
    if (w->sum == NULL)
        return no_memory(err);
    np_status status = fill_meat(w, meat, err);
    if (status != NP_OK)
        return status;
    if (w->spec->kind == NP_VCOV_IID)
        memcpy(inner, fit->bread, k * k * sizeof *inner);
    else
        np_matrix_sandwich(inner, fit->bread, meat, k, k, scratch);
    if (fit->basis != NULL)
        np_matrix_sandwich(V, fit->basis, inner, k, k, scratch);
    else
        memcpy(V, inner, k * k * sizeof *V);
    double factor = small_sample_factor(w);
    for (size_t i = 0; i < k * k; i++)
        V[i] *= factor;
    return NP_OK;
}

static np_status count_parameters(work *w, np_error *err)
{
    np_status status =
        np_ssc_parameters(&w->K, w->fit, w->spec, w->key, w->n_keys, w->arena, err);
    if (status != NP_OK)
        return status;
    w->n = np_ssc_observations(w->fit);
    if (!(w->n - w->K > 0) && w->spec->ssc.k_adj == NP_YES)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%g rows cannot carry the errors of %g parameters"), w->n, w->K);
    return NP_OK;
}

np_status np_vcov_estimate(np_vcov *out, const np_fit *fit, const np_vcov_spec *spec,
                           np_arena *arena, np_error *err)
{
    work w = {.fit = fit, .spec = spec, .arena = arena};
    np_vcov result = {0};
    double *V = np_arena_array(arena, double, fit->k * fit->k);
    size_t *n_clusters = np_arena_array(arena, size_t, NP_MOST_CLUSTERS);
    if (V == NULL || n_clusters == NULL)
        return no_memory(err);
    np_status status = take_keys(&w, err);
    if (status == NP_OK)
        status = choose_lag(&w, err);
    if (status == NP_OK)
        status = count_parameters(&w, err);
    if (status == NP_OK)
        status = sandwich(&w, V, err);
    if (status == NP_OK)
        status = repair(&result, V, fit->k, arena, err);
    if (status != NP_OK)
        return status;
    memcpy(n_clusters, w.n_clusters, sizeof w.n_clusters);
    result.vcov = V;
    result.df_t = degrees_of_freedom(&w);
    result.df = spec->ssc.t_df == NP_T_DEFAULT ? w.df : NULL;
    result.df_k = w.K;
    result.n_keys = spec->kind == NP_VCOV_CONLEY ? 0 : w.n_keys;
    result.n_clusters = n_clusters;
    result.G = smallest(&w);
    result.label = written(write_label, &w);
    result.call = written(write_call, &w);
    result.ssc_label = np_ssc_label(spec, arena);
    if (result.label == NULL || result.call == NULL || result.ssc_label == NULL)
        return no_memory(err);
    *out = result;
    return NP_OK;
}
