#include "stats/infer/wild_bootstrap.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/infer/spread_fit.h"
#include "stats/infer/wild_internal.h"
#include "stats/ssc.h"
#include "stats/vcov_meat.h"

/* Rows are asked for in waves of blocks, in parallel, and then added column by column. */
enum { BLOCK = 2048, WAVE = 32, DEFAULT_DRAWS = 9999 };
static const double default_level = 0.95;

typedef struct {
    const np_fit *given;
    const np_wild_spec *spec;
    np_vcov_spec covariance; /* spec->vcov as that of clusters */
    np_fit fit;              /* spread out for the bootstrap clusters */
    np_groups key[NP_MOST_CLUSTERS], boot;
    const char *key_name[NP_MOST_CLUSTERS], *boot_name;
    size_t n_keys, n_present[NP_MOST_CLUSTERS];
    const int32_t **group, **pair; /* [n_sets] codes by row; pair NULL: those of boot */
    const double *combination;     /* [k] B c */
    double variance_of_c;          /* c'B c */
    np_wild_sums sums;
    /* one wave */
    size_t first, count;
    double *x, *score, *weight, *a;
    np_arena *arena;
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the wild bootstrap"));
}

static np_status take_keys(work *w, np_error *err)
{
    const np_vcov_spec *v = w->spec->vcov;
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
    w->covariance = *v;
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

static np_status choose_bootstrap_clusters(work *w, np_error *err)
{
    size_t most = 0, H = 0;
    for (size_t i = 1; i < w->n_keys; i++)
        if (w->n_present[i] > w->n_present[most])
            most = i;
    w->boot = w->key[most];
    w->boot_name = w->key_name[most];
    np_status status = NP_OK;
    if (w->spec->cluster != NULL) {
        w->boot_name = w->spec->cluster;
        status = np_vcov_key(&w->boot, w->given->design, w->boot_name, err);
    }
    if (status == NP_OK)
        status = np_groups_count(&H, &w->boot, w->arena, err);
    if (status == NP_OK)
        status = close_gaps(&w->boot, H, w->arena, err);
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
static double factor_of(const work *w, size_t G, double sign, double k_factor)
{
    const np_ssc *ssc = &w->covariance.ssc;
    size_t fewest = w->n_present[0];
    for (size_t i = 1; i < w->n_keys; i++)
        if (w->n_present[i] < fewest)
            fewest = w->n_present[i];
    double own = (double)(ssc->g_df == NP_G_MIN ? fewest : G);
    return sign * k_factor * (ssc->g_adj == NP_YES ? own / (own - 1) : 1);
}

static np_status k_factor(double *out, work *w, np_error *err)
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
static np_status make_set(work *w, size_t at, unsigned members, double k_adjustment,
                          np_error *err)
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

static np_status make_sets(work *w, np_error *err)
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

/* B c and c'B c, with c = basis' R: 0 for the dummies. */
static np_status combine(work *w, np_error *err)
{
    const size_t k = w->fit.k, inner = w->given->k;
    double *c = np_arena_array(w->arena, double, k);
    double *Bc = np_arena_array(w->arena, double, k);
    if (c == NULL || Bc == NULL)
        return no_memory(err);
    for (size_t a = 0; a < inner; a++)
        for (size_t j = 0; j < inner; j++)
            c[a] += w->spec->R[j] * (w->given->basis == NULL
                                         ? (double)(a == j)
                                         : w->given->basis[j * inner + a]);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            Bc[a] += w->fit.bread[a * k + b] * c[b];
    for (size_t a = 0; a < k; a++)
        w->variance_of_c += c[a] * Bc[a];
    w->combination = Bc;
    if (!(w->variance_of_c > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the combination to test has no coefficient"));
    return NP_OK;
}

static np_status allocate_sums(work *w, np_error *err)
{
    np_wild_sums *s = &w->sums;
    const size_t rows = (size_t)WAVE * BLOCK;
    s->k = w->fit.k;
    s->C = w->fit.bread;
    bool ok = true;
    for (size_t c = 0; c < 2; c++) {
        s->numerator[c] = np_arena_array(w->arena, double, s->H);
        s->V[c] = np_arena_array(w->arena, double, s->H * s->k);
        ok = ok && s->numerator[c] != NULL && s->V[c] != NULL;
        for (size_t i = 0; i < s->n_sets && ok; i++) {
            s->set[i].A[c] = np_arena_array(w->arena, double, s->set[i].n_pairs);
            ok = s->set[i].A[c] != NULL;
        }
    }
    for (size_t i = 0; i < s->n_sets && ok; i++) {
        s->set[i].U = np_arena_array(w->arena, double, s->set[i].G * s->k);
        ok = s->set[i].U != NULL;
    }
    w->x = np_arena_array(w->arena, double, rows * s->k);
    w->score = np_arena_array(w->arena, double, rows);
    w->weight = np_arena_array(w->arena, double, rows);
    w->a = np_arena_array(w->arena, double, rows);
    return ok && w->x && w->score && w->weight && w->a ? NP_OK : no_memory(err);
}

static void wave_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const work *w = context;
    const size_t at = task * BLOCK, k = w->sums.k;
    size_t count = w->count - at < BLOCK ? w->count - at : BLOCK;
    double *x = w->x + at * k;
    w->fit.rows(&w->fit, w->first + at, count, x, w->score + at, w->weight + at);
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t t = 0; t < k; t++)
            sum += x[i * k + t] * w->combination[t];
        w->a[at + i] = w->weight[at + i] * sum;
    }
}

/* Task t < k adds column t of U and V; task k adds A and the numerators. */
static void wave_add(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const work *w = context;
    const np_wild_sums *s = &w->sums;
    const size_t k = s->k;
    const int32_t *boot = w->boot.code + w->first;
    if (task < k) {
        double *V0 = s->V[0] + task, *V1 = s->V[1] + task;
        for (size_t i = 0; i < w->count; i++) {
            double x = w->x[i * k + task];
            size_t h = (size_t)boot[i] * k;
            V0[h] += w->score[i] * x;
            V1[h] += w->a[i] * x;
        }
        for (size_t j = 0; j < s->n_sets; j++) {
            if (w->pair[j] == NULL)
                continue;
            const int32_t *group = w->group[j] + w->first;
            double *U = s->set[j].U + task;
            for (size_t i = 0; i < w->count; i++)
                U[(size_t)group[i] * k] += w->a[i] * w->x[i * k + task];
        }
        return;
    }
    for (size_t i = 0; i < w->count; i++) {
        double by_weight = w->a[i] / w->weight[i];
        double with_e = by_weight * w->score[i], with_m = by_weight * w->a[i];
        s->numerator[0][boot[i]] += with_e;
        s->numerator[1][boot[i]] += with_m;
        for (size_t j = 0; j < s->n_sets; j++) {
            size_t p = (size_t)(w->pair[j] == NULL ? boot[i] : w->pair[j][w->first + i]);
            s->set[j].A[0][p] += with_e;
            s->set[j].A[1][p] += with_m;
        }
    }
}

/* a_i stands for w_i m_i c'Bc so far. */
static void finish_sums(work *w)
{
    np_wild_sums *s = &w->sums;
    const double scale = 1 / w->variance_of_c;
    for (size_t j = 0; j < s->n_sets; j++) {
        np_wild_set *set = &s->set[j];
        if (w->pair[j] == NULL)
            memcpy(set->U, s->V[1], s->H * s->k * sizeof(double));
        for (size_t p = 0; p < set->n_pairs; p++)
            set->A[1][p] *= scale;
        for (size_t g = 0; g < set->G; g++) {
            double score = 0;
            size_t from = set->start == NULL ? g : set->start[g];
            size_t end = set->start == NULL ? g + 1 : set->start[g + 1];
            for (size_t p = from; p < end; p++)
                score += set->A[0][p];
            s->variance += set->factor * score * score;
        }
    }
    for (size_t h = 0; h < s->H; h++)
        s->numerator[1][h] *= scale;
    for (size_t i = 0; i < s->H * s->k; i++)
        s->V[1][i] *= scale;
}

static np_status sum_rows(work *w, np_error *err)
{
    const size_t n = w->fit.n, rows = (size_t)WAVE * BLOCK;
    np_status status = allocate_sums(w, err);
    for (w->first = 0; status == NP_OK && w->first < n; w->first += rows) {
        w->count = n - w->first < rows ? n - w->first : rows;
        np_parallel_for((w->count + BLOCK - 1) / BLOCK, w->spec->n_threads, wave_rows, w);
        np_parallel_for(w->sums.k + 1, w->spec->n_threads, wave_add, w);
    }
    if (status != NP_OK)
        return status;
    finish_sums(w);
    if (!(w->sums.variance > 0))
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("the clustered variance of what is to be tested is not positive"));
    return NP_OK;
}

static void choose_draws(work *w)
{
    np_wild_sums *s = &w->sums;
    const np_wild_spec *spec = w->spec;
    s->n_draws = spec->draws == 0 ? DEFAULT_DRAWS : spec->draws;
    s->seed = spec->seed;
    s->weights = spec->weights;
    s->imposed = spec->null == NP_WILD_NULL_IMPOSED;
    s->n_threads = spec->n_threads;
    s->enumerated = s->weights == NP_WILD_RADEMACHER && s->H < 63 &&
                    (uint64_t)1 << s->H <= s->n_draws;
    if (s->enumerated)
        s->n_draws = (size_t)1 << s->H;
}

static np_status compare_draws(np_wild *out, const work *w, const np_wild_draw *draw,
                               np_error *err)
{
    const np_wild_sums *s = &w->sums;
    double delta = out->estimate - out->value;
    np_wild_counts counts = {0};
    double *t = w->spec->want_draws ? np_arena_array(w->arena, double, s->n_draws) : NULL;
    if (t == NULL && w->spec->want_draws)
        return no_memory(err);
    for (size_t d = 0; d < s->n_draws; d++) {
        np_wild_comparison c = np_wild_compare(&draw[d], delta, s->variance);
        np_wild_count(&counts, c, w->spec->p, 1);
        if (t != NULL)
            t[d] = c.t;
    }
    if (counts.defined == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no draw of the wild bootstrap has a positive variance"));
    out->t = t;
    out->n_ties = (size_t)counts.tied;
    out->n_undefined = s->n_draws - (size_t)counts.defined;
    out->p_value = np_wild_p_value(&counts, w->spec->p, false);
    out->p_value_ties = np_wild_p_value(&counts, w->spec->p, true);
    return NP_OK;
}

static np_status bootstrap(np_wild *out, work *w, np_error *err)
{
    const np_wild_sums *s = &w->sums;
    const np_wild_spec *spec = w->spec;
    np_wild_draw *draw = np_arena_array(w->arena, np_wild_draw, s->n_draws);
    if (draw == NULL)
        return no_memory(err);
    *out =
        (np_wild){.estimate = spec->estimate,
                  .value = spec->value,
                  .std_error = sqrt(s->variance),
                  .statistic = (spec->estimate - spec->value) / sqrt(s->variance),
                  .draws = s->n_draws,
                  .enumerated = s->enumerated,
                  .n_clusters = s->H,
                  .cluster = w->boot_name,
                  .conf_level = spec->conf_level > 0 ? spec->conf_level : default_level};
    np_status status = np_wild_draws(draw, s, w->arena, err);
    if (status == NP_OK)
        status = compare_draws(out, w, draw, err);
    if (status == NP_OK && !spec->no_set)
        status =
            np_wild_invert(out, draw, s->n_draws, s->variance, spec->p, w->arena, err);
    return status;
}

np_status np_wild_estimate(np_wild *out, const np_fit *fit, const np_wild_spec *spec,
                           np_arena *arena, np_error *err)
{
    np_wild result = {0};
    work w = {.given = fit, .spec = spec, .arena = arena};
    if (fit->design->endogenous.k > 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the wild bootstrap is for least squares, not for instruments"));
    np_status status = take_keys(&w, err);
    if (status == NP_OK)
        status = choose_bootstrap_clusters(&w, err);
    if (status == NP_OK)
        status = np_fit_spread(&w.fit, fit, &w.boot, w.boot_name, arena, err);
    if (status == NP_OK)
        status = make_sets(&w, err);
    if (status == NP_OK)
        status = combine(&w, err);
    if (status == NP_OK)
        status = sum_rows(&w, err);
    if (status != NP_OK)
        return status;
    choose_draws(&w);
    status = bootstrap(&result, &w, err);
    if (status == NP_OK)
        *out = result;
    return status;
}
