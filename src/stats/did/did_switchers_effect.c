#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/did/did_switchers_internal.h"

/* A cell that takes part: a switcher l periods on, or a comparison, in one period. */
typedef struct {
    uint32_t unit;
    double weight, difference;
    double dose; /* switchers: after the change, by which they form cohorts */
} part;

typedef struct {
    const np_switchers *s;
    size_t l;
    bool placebo;
    np_switchers_direction direction;
    np_switchers_effect *out;
    part *comparison, *switcher; /* [n_units] of the cell at hand */
    size_t n_comparisons, n_switchers;
    uint32_t *stamp; /* [n_clusters] */
    uint32_t now;
    double *M; /* [n_levels × k] the same sums of the controls' differences */
} work;

/* Cells t, from, to of a difference; false: not all are used. */
static bool find_cells(const work *w, size_t u, size_t t, size_t *to, size_t *from)
{
    const np_switchers *s = w->s;
    size_t at = u * s->n_periods + t, l = w->l;
    *to = at;
    *from = at - l;
    if (isnan(s->y[at]) || isnan(s->y[at - l]))
        return false;
    if (!w->placebo)
        return true;
    if (t < 2 * l || isnan(s->y[at - 2 * l]))
        return false;
    *to = at - 2 * l;
    return true;
}

static bool take_part(part *out, const work *w, size_t u, size_t t, size_t level)
{
    const np_switchers *s = w->s;
    size_t to, from;
    if (!find_cells(w, u, t, &to, &from))
        return false;
    *out = (part){.unit = (uint32_t)u,
                  .weight = s->weight[u * s->n_periods + t],
                  .difference = s->y[to] - s->y[from]};
    for (size_t j = 0; j < s->k; j++)
        out->difference -= s->theta[level * s->k + j] * (s->x[j][to] - s->x[j][from]);
    return true;
}

static void gather(work *w, size_t level, size_t t)
{
    const np_switchers *s = w->s;
    w->n_comparisons = w->n_switchers = 0;
    for (uint32_t i = s->start[level]; i < s->start[level + 1]; i++) {
        uint32_t u = s->order[i];
        bool compares =
            s->spec->never_switchers ? s->first[u] == s->n_periods : s->first[u] > t;
        bool switches = s->sign[u] != 0 && s->first[u] + w->l == t + 1;
        if (compares)
            w->n_comparisons +=
                take_part(&w->comparison[w->n_comparisons], w, u, t, level);
        else if (switches && t < s->last[level] &&
                 take_part(&w->switcher[w->n_switchers], w, u, t, level))
            w->switcher[w->n_switchers++].dose = s->dose[u * s->n_periods + s->first[u]];
    }
}

/* How many units, or clusters where they are given, stand behind the parts. */
static size_t count(work *w, const part *const *list, const size_t *n, size_t n_lists)
{
    const int32_t *cluster = w->s->p->cluster_of;
    size_t different = 0;
    w->now++;
    for (size_t l = 0; l < n_lists; l++)
        for (size_t i = 0; i < n[l]; i++) {
            size_t c =
                cluster == NULL ? list[l][i].unit : (size_t)cluster[list[l][i].unit];
            different += w->stamp[c] != w->now;
            w->stamp[c] = w->now;
        }
    return different;
}

static void add_up(double *total, double *weight, const part *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        *total += list[i].weight * list[i].difference;
        *weight += list[i].weight;
    }
}

/* What a cohort's differences are measured from in the variance, and their factor. */
typedef struct {
    double mean, factor;
} centre;

static centre own_centre(work *w, const part *cohort, size_t n, const part *switcher,
                         size_t n_switchers)
{
    double total = 0, weight = 0;
    size_t n_own = count(w, &cohort, &n, 1);
    if (n_own >= 2) {
        add_up(&total, &weight, cohort, n);
        return (centre){total / weight, sqrt((double)n_own / ((double)n_own - 1))};
    }
    const part *both[] = {w->comparison, switcher};
    const size_t sizes[] = {w->n_comparisons, n_switchers};
    size_t n_both = count(w, both, sizes, 2);
    if (n_both < 2)
        return (centre){0, 1};
    add_up(&total, &weight, w->comparison, w->n_comparisons);
    add_up(&total, &weight, switcher, n_switchers);
    return (centre){total / weight, sqrt((double)n_both / ((double)n_both - 1))};
}

static int by_sign_and_dose(const void *left, const void *right)
{
    const part *a = left, *b = right;
    if (a->dose != b->dose)
        return a->dose < b->dose ? -1 : 1;
    return (a->unit > b->unit) - (a->unit < b->unit);
}

static void add_control_sums(work *w, size_t level, size_t t, const part *q,
                             double factor)
{
    const np_switchers *s = w->s;
    size_t to, from;
    if (s->k == 0 || !find_cells(w, q->unit, t, &to, &from))
        return;
    if (w->l + 2 > s->last[level])
        return;
    for (size_t j = 0; j < s->k; j++)
        w->M[level * s->k + j] += factor * q->weight * (s->x[j][to] - s->x[j][from]);
}

static void add_doses(work *w, const part *q, size_t t, double sign)
{
    const np_switchers *s = w->s;
    const double *dose = s->dose + q->unit * s->n_periods;
    double until_now = 0;
    for (size_t m = s->first[q->unit]; m <= t; m++)
        until_now += isnan(dose[m]) ? 0 : dose[m] - s->base[q->unit];
    w->out->dose_now += sign * q->weight * (dose[t] - s->base[q->unit]);
    w->out->dose_until_now += sign * q->weight * until_now;
}

static void add_switchers(work *w, size_t level, size_t t, const part *list, size_t n,
                          double sign)
{
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && list[end].dose == list[i].dose)
            end++;
        centre c = own_centre(w, list + i, end - i, list, n);
        for (; i < end; i++) {
            const part *q = &list[i];
            w->out->psi[q->unit] +=
                sign * q->weight * c.factor * (q->difference - c.mean);
            add_doses(w, q, t, sign);
            add_control_sums(w, level, t, q, sign);
        }
    }
}

/* Switchers of one direction in a level and period, against their comparisons. */
static void add_cell(work *w, size_t level, size_t t, const part *list, size_t n,
                     double sign)
{
    double total = 0, weight = 0, compared = 0, compared_weight = 0;
    add_up(&total, &weight, list, n);
    add_up(&compared, &compared_weight, w->comparison, w->n_comparisons);
    if (n == 0 || !(compared_weight > 0))
        return;
    w->out->n += weight;
    w->out->n_switchers += n;
    w->out->sum += sign * (total - weight * compared / compared_weight);
    add_switchers(w, level, t, list, n, sign);
    centre c = own_centre(w, w->comparison, w->n_comparisons, list, n);
    double factor = -sign * weight / compared_weight;
    for (size_t i = 0; i < w->n_comparisons; i++) {
        const part *q = &w->comparison[i];
        w->out->psi[q->unit] += factor * q->weight * c.factor * (q->difference - c.mean);
        add_control_sums(w, level, t, q, factor);
    }
}

static void add_level(work *w, size_t level, size_t t)
{
    const np_switchers *s = w->s;
    gather(w, level, t);
    qsort(w->switcher, w->n_switchers, sizeof *w->switcher, by_sign_and_dose);
    size_t n_down = 0; /* doses below the first stand before those above */
    while (n_down < w->n_switchers && w->switcher[n_down].dose < s->level[level])
        n_down++;
    size_t before = w->out->n_switchers;
    if (w->direction != NP_SWITCHERS_IN)
        add_cell(w, level, t, w->switcher, n_down, -1);
    if (w->direction != NP_SWITCHERS_OUT)
        add_cell(w, level, t, w->switcher + n_down, w->n_switchers - n_down, 1);
    if (w->out->n_switchers > before)
        w->out->n_cells += w->out->n_switchers - before + w->n_comparisons;
}

/* That theta is estimated: psi less M' (the unit's part in theta - theta / units). */
static void subtract_slopes(work *w)
{
    const np_switchers *s = w->s;
    double constant = 0;
    for (size_t i = 0; i < s->n_levels * s->k; i++)
        constant += w->M[i] * s->theta[i] / (double)s->n_units;
    for (size_t u = 0; u < s->n_units; u++) {
        if (s->level_of[u] < 0)
            continue;
        w->out->psi[u] += constant;
        for (size_t j = 0; j < s->k; j++)
            w->out->psi[u] -=
                w->M[(size_t)s->level_of[u] * s->k + j] * s->theta_part[u * s->k + j];
    }
}

np_status np_switchers_effect_of(np_switchers_effect *out, const np_switchers *s,
                                 size_t l, bool placebo, np_switchers_direction direction)
{
    np_arena_mark mark = np_arena_set_mark(s->arena);
    double *psi = out->psi;
    *out = (np_switchers_effect){.psi = psi};
    work w = {
        .s = s,
        .l = l,
        .placebo = placebo,
        .direction = direction,
        .out = out,
        .comparison = np_arena_array(s->arena, part, s->n_units),
        .switcher = np_arena_array(s->arena, part, s->n_units),
        .stamp = np_arena_array(s->arena, uint32_t,
                                s->p->cluster_of == NULL ? s->n_units : s->p->n_clusters),
        .M = np_arena_array(s->arena, double, s->n_levels * s->k)};
    if (w.comparison == NULL || w.switcher == NULL || w.stamp == NULL || w.M == NULL)
        return np_switchers_no_memory(s->err);
    for (size_t level = 0; level < s->n_levels; level++)
        for (size_t t = l; t < s->last[level]; t++)
            add_level(&w, level, t);
    if (s->k > 0)
        subtract_slopes(&w);
    np_arena_release(s->arena, mark);
    return NP_OK;
}

np_status np_switchers_vcov(const double **out, const np_switchers *s, double *const *psi,
                            size_t k)
{
    const int32_t *cluster = s->p->cluster_of;
    const size_t n = cluster == NULL ? s->n_units : s->p->n_clusters;
    double *vcov = np_arena_array(s->arena, double, k *k);
    np_arena_mark mark = np_arena_set_mark(s->arena);
    double *sum = np_arena_array(s->arena, double, n *k);
    if (vcov == NULL || sum == NULL)
        return np_switchers_no_memory(s->err);
    for (size_t j = 0; j < k; j++)
        for (size_t u = 0; u < s->n_units; u++)
            sum[(cluster == NULL ? u : (size_t)cluster[u]) * k + j] += psi[j][u];
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j <= i; j++)
                vcov[i * k + j] += sum[c * k + i] * sum[c * k + j];
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < i; j++)
            vcov[j * k + i] = vcov[i * k + j];
    np_arena_release(s->arena, mark);
    *out = vcov;
    return NP_OK;
}
