#include "stats/infer/spread_fit.h"

#include <string.h>

#include "stats/absorb.h"
#include "stats/linalg.h"
#include "stats/linear_internal.h"

/* What is left of a dummy's sum of squares when the others are taken out, below which
 * it is one of their combinations. */
static const double dependent = 1e-10;

typedef np_spread_part part; /* the dummies or one slope of a factor */

typedef struct {
    const np_fit *fit; /* as given */
    const np_design *design;
    const double *weight; /* [n] or NULL */
    np_factor *absorbed;  /* [n_absorbed] those within the clusters */
    size_t n_absorbed, n_parts, q;
    part *part;             /* [n_parts] of those that are not */
    const int32_t *level;   /* [n] of the one absorbed factor of intercepts, or NULL */
    size_t n_levels;        /* of it; 0: nothing is absorbed */
    double *mean;           /* [n_levels × q] of the dummies by its levels */
    double *const *column;  /* [q][n] Z, where several factors stay absorbed; else NULL */
    const int32_t *kept_at; /* [q] among the dummies kept; -1: left out */
} spread;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the dummies of a factor"));
}

static double weight_of(const spread *s, size_t i)
{
    return s->weight == NULL ? 1 : s->weight[i];
}

static np_status is_within(bool *out, const np_factor *f, const np_groups *clusters,
                           np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    int32_t *cluster_of = np_arena_array(arena, int32_t, f->n_levels);
    if (cluster_of == NULL)
        return no_memory(err);
    *out = true;
    for (size_t i = 0; i < clusters->n && *out; i++) {
        int32_t *seen = &cluster_of[f->code[i]], code = clusters->code[i] + 1;
        *out = *seen == 0 || *seen == code;
        *seen = code;
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

static void add_part(spread *s, const np_factor *f, const double *value)
{
    s->part[s->n_parts++] = (part){f->code, value, s->q, f->n_levels};
    s->q += f->n_levels;
}

/* Sorts the factors into those that stay absorbed and parts. */
static np_status sort_factors(spread *s, const np_groups *clusters,
                              const char *cluster_name, np_arena *arena, np_error *err)
{
    const np_design *d = s->design;
    size_t most = 0;
    for (size_t j = 0; j < d->n_fe; j++)
        most += 1 + d->fe[j].n_slopes;
    s->absorbed = np_arena_array(arena, np_factor, d->n_fe);
    s->part = np_arena_array(arena, part, most);
    if (s->absorbed == NULL || s->part == NULL)
        return no_memory(err);
    for (size_t j = 0; j < d->n_fe; j++) {
        const np_factor *f = &d->fe[j];
        bool within = false;
        np_status status = is_within(&within, f, clusters, arena, err);
        if (status != NP_OK)
            return status;
        if (within) {
            s->absorbed[s->n_absorbed++] = *f;
            continue;
        }
        if (f->has_intercept)
            add_part(s, f, NULL);
        for (size_t l = 0; l < f->n_slopes; l++)
            add_part(s, f, f->slope[l]);
        if (s->q > NP_SPREAD_MOST_COLUMNS) {
            np_fail(err, NP_E_LIMIT,
                    _("the fixed effects of %s do not lie within the clusters of %s and "
                      "would need %zu dummies; the limit is %d"),
                    f->name, cluster_name, s->q, (int)NP_SPREAD_MOST_COLUMNS);
            return np_error_hint(
                err, _("cluster by %s, or by what its levels lie within"), f->name);
        }
    }
    return NP_OK;
}

static double value_at(const part *p, size_t i)
{
    return p->value == NULL ? 1 : p->value[i];
}

/* Z by the means of the dummies in each level; S := Z'WZ = F'WF - Σ_u W_u m_u m_u'. */
static np_status by_levels(spread *s, double *S, np_arena *arena, np_error *err)
{
    const size_t n = s->design->n, q = s->q;
    double *total = np_arena_array(arena, double, s->n_levels);
    s->mean = np_arena_array(arena, double, s->n_levels *q);
    if (total == NULL || s->mean == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        double w = weight_of(s, i);
        double *mean = s->level == NULL ? NULL : s->mean + (size_t)s->level[i] * q;
        if (mean != NULL)
            total[s->level[i]] += w;
        for (size_t a = 0; a < s->n_parts; a++) {
            const part *p = &s->part[a];
            size_t at = p->first + (size_t)p->code[i];
            double v = w * value_at(p, i);
            if (mean != NULL)
                mean[at] += v;
            for (size_t b = 0; b < s->n_parts; b++) {
                const part *o = &s->part[b];
                S[at * q + o->first + (size_t)o->code[i]] += v * value_at(o, i);
            }
        }
    }
    for (size_t u = 0; u < s->n_levels; u++) {
        double *mean = s->mean + u * q;
        for (size_t a = 0; a < q; a++) {
            if (mean[a] == 0)
                continue;
            mean[a] /= total[u];
            for (size_t b = 0; b <= a; b++) /* mean[b], b < a, is divided already */
                S[a * q + b] -= total[u] * mean[a] * mean[b];
        }
    }
    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < a; b++)
            S[b * q + a] = S[a * q + b];
    return NP_OK;
}

/* Z as columns, by the absorber. */
static np_status by_columns(spread *s, double *S, np_arena *arena, np_error *err)
{
    const np_design *d = s->design;
    double **column = np_arena_array(arena, double *, s->q);
    if (column == NULL)
        return no_memory(err);
    for (size_t j = 0; j < s->q; j++)
        if ((column[j] = np_arena_array(arena, double, d->n)) == NULL)
            return no_memory(err);
    for (size_t a = 0; a < s->n_parts; a++)
        for (size_t i = 0; i < d->n; i++)
            column[s->part[a].first + (size_t)s->part[a].code[i]][i] =
                value_at(&s->part[a], i);
    np_absorb_spec spec = {.n = d->n,
                           .n_fe = s->n_absorbed,
                           .fe = s->absorbed,
                           .weight = s->weight,
                           .n_threads = s->fit->n_threads};
    np_absorber *absorber = NULL;
    np_status status = np_absorber_new(&absorber, &spec, arena, err);
    if (status == NP_OK)
        status = np_absorber_residuals(absorber, column, s->q, arena, err);
    if (status == NP_OK)
        status = np_linear_cross(S, (const double *const *)column, s->q, s->weight, d->n,
                                 s->fit->n_threads, arena, err);
    s->column = column;
    return status;
}

/* Σ w f² of each dummy before anything is taken out. */
static void raw_squares(double *raw, const spread *s)
{
    for (size_t a = 0; a < s->n_parts; a++)
        for (size_t i = 0; i < s->design->n; i++) {
            double v = value_at(&s->part[a], i);
            raw[s->part[a].first + (size_t)s->part[a].code[i]] += weight_of(s, i) * v * v;
        }
}

/* The dummies that do not depend on earlier ones, and the inverse over them. */
static np_status invert(spread *s, double *inverse, size_t *n_kept, np_arena *arena,
                        np_error *err)
{
    const size_t q = s->q;
    bool simple =
        s->n_absorbed == 0 || (s->n_absorbed == 1 && s->absorbed[0].has_intercept &&
                               s->absorbed[0].n_slopes == 0);
    double *S = np_arena_array(arena, double, q *q);
    double *R = np_arena_array(arena, double, q *q);
    double *raw = np_arena_array(arena, double, q);
    bool *kept = np_arena_array(arena, bool, q);
    int32_t *at = np_arena_array(arena, int32_t, q);
    if (S == NULL || R == NULL || raw == NULL || kept == NULL || at == NULL)
        return no_memory(err);
    if (simple && s->n_absorbed == 1) {
        s->level = s->absorbed[0].code;
        s->n_levels = s->absorbed[0].n_levels;
    }
    np_status status =
        simple ? by_levels(s, S, arena, err) : by_columns(s, S, arena, err);
    if (status != NP_OK)
        return status;
    raw_squares(raw, s);
    np_cholesky(R, kept, S, raw, q, dependent);
    np_cholesky_inverse(inverse, R, kept, q);
    *n_kept = 0;
    for (size_t j = 0; j < q; j++)
        at[j] = kept[j] ? (int32_t)(*n_kept)++ : -1;
    s->kept_at = at;
    return NP_OK;
}

/* z [kept] of row i */
static void dummy_row(double *z, const spread *s, size_t i, size_t n_kept)
{
    if (s->column != NULL) {
        for (size_t j = 0; j < s->q; j++)
            if (s->kept_at[j] >= 0)
                z[s->kept_at[j]] = s->column[j][i];
        return;
    }
    const double *mean = s->level == NULL ? NULL : s->mean + (size_t)s->level[i] * s->q;
    if (mean == NULL)
        memset(z, 0, n_kept * sizeof *z);
    for (size_t j = 0; mean != NULL && j < s->q; j++)
        if (s->kept_at[j] >= 0)
            z[s->kept_at[j]] = -mean[j];
    for (size_t a = 0; a < s->n_parts; a++) {
        int32_t at = s->kept_at[s->part[a].first + (size_t)s->part[a].code[i]];
        if (at >= 0)
            z[at] += value_at(&s->part[a], i);
    }
}

static void give_rows(const np_fit *fit, size_t first, size_t count, double *x,
                      double *score, double *weight)
{
    const spread *s = fit->rows_context;
    const size_t inner = s->fit->k, k = fit->k;
    s->fit->rows(s->fit, first, count, x, score, weight);
    for (size_t i = count; i-- > 0;) { /* from the last, so that none is overwritten */
        memmove(x + i * k, x + i * inner, inner * sizeof *x);
        dummy_row(x + i * k + inner, s, first + i, k - inner);
    }
}

/* B and the basis with the dummies' block behind. */
static np_status extend(np_fit *out, const spread *s, const double *inverse,
                        np_arena *arena, np_error *err)
{
    const size_t k = out->k, inner = s->fit->k;
    double *bread = np_arena_array(arena, double, k *k);
    double *basis = s->fit->basis == NULL ? NULL : np_arena_array(arena, double, k *k);
    if (bread == NULL || (basis == NULL && s->fit->basis != NULL))
        return no_memory(err);
    for (size_t a = 0; a < inner; a++)
        for (size_t b = 0; b < inner; b++) {
            bread[a * k + b] = s->fit->bread[a * inner + b];
            if (basis != NULL)
                basis[a * k + b] = s->fit->basis[a * inner + b];
        }
    for (size_t a = 0; a < s->q; a++)
        for (size_t b = 0; b < s->q && s->kept_at[a] >= 0; b++)
            if (s->kept_at[b] >= 0)
                bread[(inner + (size_t)s->kept_at[a]) * k + inner +
                      (size_t)s->kept_at[b]] = inverse[a * s->q + b];
    for (size_t a = inner; basis != NULL && a < k; a++)
        basis[a * k + a] = 1;
    out->bread = bread;
    out->basis = basis;
    return NP_OK;
}

static np_status spread_out(np_fit *out, spread *s, np_arena *arena, np_error *err)
{
    size_t n_kept = 0;
    np_design *design = np_arena_array(arena, np_design, 1);
    double *inverse = np_arena_array(arena, double, s->q * s->q);
    if (design == NULL || inverse == NULL)
        return no_memory(err);
    np_status status = invert(s, inverse, &n_kept, arena, err);
    if (status != NP_OK)
        return status;
    *design = *s->design;
    design->n_fe = s->n_absorbed;
    design->fe = s->absorbed;
    np_fit result = *s->fit;
    result.k = s->fit->k + n_kept;
    result.design = design;
    result.rows = give_rows;
    result.rows_context = s;
    result.cluster_meat = NULL;
    status = extend(&result, s, inverse, arena, err);
    if (status == NP_OK)
        *out = result;
    return status;
}

np_status np_fit_spread(np_fit *out, const np_fit *fit, const np_groups *clusters,
                        const char *cluster_name, np_arena *arena, np_error *err)
{
    if (fit->design == NULL || fit->design->n_fe == 0) {
        *out = *fit;
        return NP_OK;
    }
    spread *s = np_arena_array(arena, spread, 1);
    if (s == NULL)
        return no_memory(err);
    s->fit = fit;
    s->design = fit->design;
    s->weight = fit->working_weight != NULL ? fit->working_weight : fit->design->weight;
    np_status status = sort_factors(s, clusters, cluster_name, arena, err);
    if (status != NP_OK)
        return status;
    if (s->q > 0 && fit->grouped)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("fixed effects that do not lie within the clusters of %s need "
                         "the rows, not sums by cell"),
                       cluster_name);
    if (s->q > 0)
        return spread_out(out, s, arena, err);
    *out = *fit;
    return NP_OK;
}

np_spread_dummies np_fit_spread_dummies(const np_fit *fit)
{
    if (fit->rows != give_rows)
        return (np_spread_dummies){0};
    const spread *s = fit->rows_context;
    return (np_spread_dummies){s->n_parts, s->part, s->kept_at};
}
