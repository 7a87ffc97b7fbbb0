#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/infer/spread_fit.h"
#include "stats/infer/wild_internal.h"
#include "stats/ssc.h"
#include "stats/vcov_meat.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the wild bootstrap"));
}

static np_status take_keys(np_wild_plan *w, np_error *err)
{
    const np_vcov_spec *v = &w->covariance;
    const np_design *d = w->given->design;
    bool by_effect = v->kind == NP_VCOV_CLUSTER && v->n_keys == 0 && d->n_fe > 0;
    bool clustered =
        v->kind == NP_VCOV_CLUSTER || (v->kind >= NP_VCOV_CR0 && v->kind <= NP_VCOV_CR3);
    w->n_keys = by_effect ? 1 : v->n_keys;
    if (!clustered || w->n_keys == 0) {
        np_fail(err, NP_E_USAGE,
                _("the wild bootstrap needs clusters: which rows belong together?"));
        return np_error_hint(err, _("name the variable: --cluster unit"));
    }
    for (size_t i = 0; i < w->n_keys; i++) {
        w->key_name[i] = by_effect ? d->fe[0].name : v->key[i];
        np_status status = np_vcov_key(&w->key[i], d, w->key_name[i], err);
        if (status == NP_OK)
            status = np_groups_count(&w->n_present[i], &w->key[i], w->arena, err);
        if (status != NP_OK)
            return status;
    }
    w->covariance.kind = NP_VCOV_CLUSTER;
    return NP_OK;
}

/* Codes 0 … H-1 of the bootstrap clusters that occur. */
static np_status close_gaps(np_groups *g, size_t n_present, np_arena *arena,
                            np_error *err)
{
    if (n_present == g->n_groups)
        return NP_OK;
    int32_t *number = np_arena_array(arena, int32_t, g->n_groups);
    int32_t *code = np_arena_array(arena, int32_t, g->n);
    if (number == NULL || code == NULL)
        return no_memory(err);
    for (size_t i = 0; i < g->n; i++)
        number[g->code[i]] = 1;
    int32_t next = 0;
    for (size_t l = 0; l < g->n_groups; l++)
        number[l] = number[l] != 0 ? next++ : -1;
    for (size_t i = 0; i < g->n; i++)
        code[i] = number[g->code[i]];
    *g = (np_groups){.code = code, .n = g->n, .n_groups = n_present};
    return NP_OK;
}

static np_status choose_bootstrap_clusters(np_wild_plan *w, np_error *err)
{
    size_t most = 0, H = 0;
    for (size_t i = 1; i < w->n_keys; i++)
        if (w->n_present[i] > w->n_present[most])
            most = i;
    w->boot = w->key[most];
    w->boot_name = w->key_name[most];
    np_status status = NP_OK;
    if (w->cluster != NULL) {
        w->boot_name = w->cluster;
        status = np_vcov_key(&w->boot, w->given->design, w->boot_name, err);
    }
    if (status == NP_OK)
        status = np_groups_count(&H, &w->boot, w->arena, err);
    const int32_t *as_given = w->boot.code;
    if (status == NP_OK)
        status = close_gaps(&w->boot, H, w->arena, err);
    for (size_t i = 0; i < w->n_keys && status == NP_OK; i++)
        if (w->key[i].code == as_given)
            w->key[i] = w->boot;
    if (status != NP_OK)
        return status;
    w->sums.H = H;
    for (size_t i = 0; i <= w->n_keys; i++)
        if ((i < w->n_keys ? w->n_present[i] : H) < 3) {
            np_fail(
                err, NP_E_NOT_IDENTIFIED,
                _("%s has fewer than three clusters among the rows used, and the wild "
                  "bootstrap has nothing to compare with"),
                i < w->n_keys ? w->key_name[i] : w->boot_name);
            return np_error_hint(err, _("randomisation over the units treated may help"));
        }
    return NP_OK;
}

/* The small-sample factor of one set of G clusters, in sign. */
static double factor_of(const np_wild_plan *w, size_t G, double sign, double k_factor)
{
    const np_ssc *ssc = &w->covariance.ssc;
    size_t fewest = w->n_present[0];
    for (size_t i = 1; i < w->n_keys; i++)
        if (w->n_present[i] < fewest)
            fewest = w->n_present[i];
    double own = (double)(ssc->g_df == NP_G_MIN ? fewest : G);
    return sign * k_factor * (ssc->g_adj == NP_YES ? own / (own - 1) : 1);
}

static np_status k_factor(double *out, np_wild_plan *w, np_error *err)
{
    double K = 0, n = np_ssc_observations(w->given);
    np_status status =
        np_ssc_parameters(&K, w->given, &w->covariance, w->key, w->n_keys, w->arena, err);
    *out = w->covariance.ssc.k_adj == NP_YES ? (n - 1) / (n - K) : 1;
    if (status == NP_OK && !(*out > 0 && isfinite(*out)))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%g rows cannot carry the errors of %g parameters"), n, K);
    return status;
}

/* Pairs in the order of their groups: start, and each pair's bootstrap cluster; `pair`
 * is renumbered in place. */
static np_status order_pairs(np_wild_set *set, int32_t *pair, const int32_t *group,
                             const np_groups *boot, np_arena *arena, np_error *err)
{
    const size_t n = boot->n;
    size_t *start = np_arena_array(arena, size_t, set->G + 1);
    int32_t *cluster = np_arena_array(arena, int32_t, set->n_pairs);
    np_arena_mark mark = np_arena_set_mark(arena);
    size_t *next = np_arena_array(arena, size_t, set->G);
    int32_t *at = np_arena_array(arena, int32_t, set->n_pairs);
    if (start == NULL || cluster == NULL || next == NULL || at == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        if (at[pair[i]] == 0) {
            at[pair[i]] = 1;
            start[group[i] + 1]++;
        }
    for (size_t g = 0; g < set->G; g++) {
        next[g] = start[g];
        start[g + 1] += start[g];
    }
    for (size_t p = 0; p < set->n_pairs; p++)
        at[p] = -1;
    for (size_t i = 0; i < n; i++) {
        int32_t *to = &at[pair[i]];
        if (*to < 0) {
            *to = (int32_t)next[group[i]]++;
            cluster[*to] = boot->code[i];
        }
        pair[i] = *to;
    }
    np_arena_release(arena, mark);
    set->start = start;
    set->cluster = cluster;
    return NP_OK;
}

/* The clusters of one set of variables and their pairs with the bootstrap clusters. */
static np_status make_set(np_wild_plan *w, size_t at, unsigned members,
                          double k_adjustment, np_error *err)
{
    np_groups groups = {0}, pairs = {0};
    double sign = -1;
    np_status status = NP_OK;
    for (size_t i = 0; i < w->n_keys && status == NP_OK; i++) {
        if ((members >> i & 1) == 0)
            continue;
        sign = -sign;
        if (groups.code == NULL)
            groups = w->key[i];
        else
            status = np_groups_cross(&groups, &groups, &w->key[i], w->arena, err);
    }
    size_t G = 0;
    if (status == NP_OK)
        status = np_groups_count(&G, &groups, w->arena, err);
    if (status != NP_OK)
        return status;
    np_wild_set *set = &w->sums.set[at];
    *set = (np_wild_set){.factor = factor_of(w, G, sign, k_adjustment),
                         .G = groups.n_groups};
    w->group[at] = groups.code;
    if (groups.code == w->boot.code) {
        set->n_pairs = groups.n_groups;
        return NP_OK;
    }
    status = np_groups_cross(&pairs, &groups, &w->boot, w->arena, err);
    if (status != NP_OK)
        return status;
    set->n_pairs = pairs.n_groups;
    w->pair[at] = pairs.code;
    /* codes just made are ours to renumber */
    return order_pairs(set, (int32_t *)pairs.code, groups.code, &w->boot, w->arena, err);
}

static np_status make_sets(np_wild_plan *w, np_error *err)
{
    double k_adjustment = 0;
    np_wild_sums *s = &w->sums;
    s->n_sets = ((size_t)1 << w->n_keys) - 1;
    s->set = np_arena_array(w->arena, np_wild_set, s->n_sets);
    w->group = np_arena_array(w->arena, const int32_t *, s->n_sets);
    w->pair = np_arena_array(w->arena, const int32_t *, s->n_sets);
    if (s->set == NULL || w->group == NULL || w->pair == NULL)
        return no_memory(err);
    np_status status = k_factor(&k_adjustment, w, err);
    for (size_t i = 0; i < s->n_sets && status == NP_OK; i++)
        status = make_set(w, i, (unsigned)i + 1, k_adjustment, err);
    return status;
}

/* The moments of all clusters, from which the sums of any hypothesis follow: for one
 * cluster variable, whose clusters are multiplied themselves.
 *
 *   scores_h    = Σ_{i in h} w_i e_i z_i                [k]
 *   moment_h[j] = Σ_{i in h} w_i x_ij z_i               [k] for each regressor j
 *
 * Within a cluster, x and e are orthogonal to the factors that lie within clusters, so
 * that for z the dummies as they are do: one column per row and factor is touched. */
typedef struct {
    np_wild_plan *plan;
    const np_fit *fit; /* whose rows are read */
    np_spread_dummies dummies;
    size_t first, count;
    double *x, *score, *weight; /* one wave */
} moment_work;

static void moment_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const moment_work *m = context;
    const np_fit *fit = m->fit;
    const size_t at = task * NP_WILD_BLOCK, left = m->count - at;
    fit->rows(fit, m->first + at, left < NP_WILD_BLOCK ? left : NP_WILD_BLOCK,
              m->x + at * fit->k, m->score + at, m->weight + at);
}

/* out [k] += c z of row i, of whose regressors those from `from` on are added. */
static inline void add_row(double *out, const moment_work *m, size_t i, double c,
                           size_t from)
{
    const size_t inner = m->fit->k;
    const double *x = m->x + i * inner;
    for (size_t t = from; t < inner; t++)
        out[t] += c * x[t];
    for (size_t a = 0; a < m->dummies.n_parts; a++) {
        const np_spread_part *p = &m->dummies.part[a];
        int32_t at = m->dummies.kept_at[p->first + (size_t)p->code[m->first + i]];
        if (at >= 0)
            out[inner + (size_t)at] += p->value == NULL ? c : c * p->value[m->first + i];
    }
}

/* Task j < inner adds the moments of regressor j, task `inner` the scores. */
static void moment_add(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const moment_work *m = context;
    const np_wild_plan *w = m->plan;
    const size_t inner = m->fit->k, k = w->fit.k;
    const int32_t *boot = w->boot.code + m->first;
    bool scores = task == inner;
    double *sum = scores ? w->scores : w->moment + task * w->sums.H * k;
    for (size_t i = 0; i < m->count; i++)
        add_row(sum + (size_t)boot[i] * k, m, i,
                scores ? m->score[i] : m->weight[i] * m->x[i * inner + task],
                scores ? 0 : task);
}

static void mirror_moments(np_wild_plan *w)
{
    const size_t k = w->fit.k, H = w->sums.H;
    for (size_t j = 0; j < w->n_moments; j++)
        for (size_t t = 0; t < j; t++)
            for (size_t h = 0; h < H; h++)
                w->moment[(j * H + h) * k + t] = w->moment[(t * H + h) * k + j];
}

static bool is_simple(const np_wild_plan *w)
{
    return w->sums.n_sets == 1 && w->pair[0] == NULL;
}

/* They are made where they take no more memory than the regressors, and no more work than
 * passes over the rows for each hypothesis would. */
static bool shares_moments(const np_wild_plan *w, size_t n_hypotheses)
{
    const size_t inner = w->given->k, k = w->fit.k;
    return is_simple(w) && w->sums.H * k * inner <= w->given->n * (inner + 1) &&
           inner <= 8 * n_hypotheses + 8;
}

/* Of the model's regressors, or of the dummies as well, which then must be partialled. */
static np_status make_moments(np_wild_plan *w, bool all, np_error *err)
{
    moment_work m = {.plan = w, .fit = all ? &w->fit : w->given};
    if (!all)
        m.dummies = np_fit_spread_dummies(&w->fit);
    const size_t inner = m.fit->k, k = w->fit.k, H = w->sums.H, n = w->given->n;
    const size_t rows = (size_t)NP_WILD_WAVE * NP_WILD_BLOCK;
    w->n_moments = inner;
    w->scores = np_arena_array(w->arena, double, H *k);
    w->moment = np_arena_array(w->arena, double, inner *H *k);
    np_arena_mark mark = np_arena_set_mark(w->arena);
    m.x = np_arena_array(w->arena, double, rows *inner);
    m.score = np_arena_array(w->arena, double, rows);
    m.weight = np_arena_array(w->arena, double, rows);
    if (w->scores == NULL || w->moment == NULL || m.x == NULL || m.score == NULL ||
        m.weight == NULL)
        return no_memory(err);
    for (m.first = 0; m.first < n; m.first += rows) {
        m.count = n - m.first < rows ? n - m.first : rows;
        np_parallel_for((m.count + NP_WILD_BLOCK - 1) / NP_WILD_BLOCK, w->n_threads,
                        moment_rows, &m);
        np_parallel_for(inner + 1, w->n_threads, moment_add, &m);
    }
    np_arena_release(w->arena, mark);
    mirror_moments(w);
    return NP_OK;
}

/* The jackknife takes each cluster out of the one sum there is. */
static np_status check_type(const np_wild_plan *w, const np_wild_spec *s, np_error *err)
{
    if (s->joint && !is_simple(w)) {
        np_fail(err, NP_E_USAGE,
                _("the wild bootstrap's joint tests are for one cluster variable"));
        return np_error_hint(err, _("--wald tests with several, by the F distribution"));
    }
    if (s->type == NP_WILD_11 || is_simple(w))
        return NP_OK;
    np_fail(err, NP_E_USAGE,
            _("the wild bootstrap's types 13, 31 and 33 are for one cluster variable"));
    return np_error_hint(err, _("type 11 takes several"));
}

np_status np_wild_plan_new(np_wild_plan **out, const np_fit *fit,
                           const np_wild_spec *spec, size_t n_hypotheses, np_arena *arena,
                           np_error *err)
{
    if (fit->design->endogenous.k > 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the wild bootstrap is for least squares, not for instruments"));
    np_wild_plan *w = np_arena_array(arena, np_wild_plan, 1);
    if (w == NULL)
        return no_memory(err);
    *w = (np_wild_plan){.given = fit,
                        .covariance = *spec->vcov,
                        .cluster = spec->cluster,
                        .n_threads = spec->n_threads,
                        .arena = arena};
    bool jackknife = spec->type != NP_WILD_11;
    np_status status = take_keys(w, err);
    if (status == NP_OK)
        status = choose_bootstrap_clusters(w, err);
    if (status == NP_OK)
        status = np_fit_spread(&w->fit, fit, &w->boot, w->boot_name, arena, err);
    if (status == NP_OK)
        status = make_sets(w, err);
    if (status == NP_OK)
        status = check_type(w, spec, err);
    if (status == NP_OK && (jackknife || spec->joint || shares_moments(w, n_hypotheses)))
        status = make_moments(w, jackknife, err);
    w->scratch = np_arena_child(arena);
    if (status == NP_OK && w->scratch == NULL)
        return no_memory(err);
    if (status == NP_OK)
        *out = w;
    return status;
}
