#include "stats/did/did_swept.h"

#include <math.h>
#include <string.h>

#include "stats/linalg.h"

/* As in the linear models: fixest's collin.tol. */
static const double collinear = 1e-10;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a regression"));
}

/* Scratch for a row, and for the sums of a group, whose places that are not zero are
 * listed. */
typedef struct {
    uint32_t *column;
    double *value;
    double *sum;     /* [k], 0 between groups */
    uint8_t *listed; /* [k] */
    uint32_t *place;
    size_t n_places;
} work;

static np_status work_new(work *w, const np_swept_spec *s, np_arena *arena, np_error *err)
{
    size_t longest = 1;
    for (size_t i = 0; i < s->n_groups; i++)
        if (s->start[i + 1] - s->start[i] > longest)
            longest = s->start[i + 1] - s->start[i];
    *w = (work){.column = np_arena_array(arena, uint32_t, s->width),
                .value = np_arena_array(arena, double, s->width),
                .sum = np_arena_array(arena, double, s->k),
                .listed = np_arena_array(arena, uint8_t, s->k),
                .place = np_arena_array(arena, uint32_t, longest * s->width)};
    return w->column == NULL || w->value == NULL || w->sum == NULL || w->listed == NULL ||
                   w->place == NULL
               ? no_memory(err)
               : NP_OK;
}

static bool is_alone(const np_swept_spec *s, size_t group)
{
    return s->start[group + 1] - s->start[group] < 2;
}

static void add_to_sum(work *w, size_t n, double weight)
{
    for (size_t e = 0; e < n; e++) {
        if (!w->listed[w->column[e]])
            w->place[w->n_places++] = w->column[e];
        w->listed[w->column[e]] = 1;
        w->sum[w->column[e]] += weight * w->value[e];
    }
}

static void unit_mean(np_swept *m, size_t group, work *w)
{
    const np_swept_spec *s = &m->spec;
    double y, weight, total = 0, sum = 0;
    for (size_t r = s->start[group]; r < s->start[group + 1]; r++) {
        s->row(s->context, r, w->column, w->value, &y, &weight);
        total += weight;
        sum += weight * y;
    }
    m->group_weight[group] = total;
    m->group_mean[group] = total > 0 ? sum / total : 0;
}

/* S and the right-hand side take the group's rows, then lose the outer product of its
 * sums. */
static void add_group(np_swept *m, double *S, double *squares, size_t group, work *w)
{
    const np_swept_spec *s = &m->spec;
    double y, weight;
    w->n_places = 0;
    for (size_t r = s->start[group]; r < s->start[group + 1]; r++) {
        size_t n = s->row(s->context, r, w->column, w->value, &y, &weight);
        for (size_t a = 0; a < n; a++) {
            double wx = weight * w->value[a];
            size_t i = w->column[a];
            m->coefficient[i] += wx * (y - m->group_mean[group]);
            squares[i] += wx * w->value[a];
            for (size_t b = 0; b < n; b++)
                if (w->column[b] >= i)
                    S[i * s->k + w->column[b]] += wx * w->value[b];
        }
        add_to_sum(w, n, weight);
    }
    double total = m->group_weight[group];
    for (size_t a = 0; a < w->n_places; a++) {
        size_t i = w->place[a];
        double share = w->sum[i] / total;
        w->sum[i] = 0;
        w->listed[i] = 0;
        if (share == 0)
            continue;
        S[i * s->k + i] -= share * share * total;
        for (size_t b = a + 1; b < w->n_places; b++) {
            size_t j = w->place[b];
            S[i < j ? i * s->k + j : j * s->k + i] -= share * w->sum[j];
        }
    }
}

static np_status count(np_swept *m, const double *squares, np_arena *arena, np_error *err)
{
    const np_swept_spec *s = &m->spec;
    uint8_t *seen = np_arena_array(arena, uint8_t, s->n_clusters);
    if (seen == NULL)
        return no_memory(err);
    for (size_t i = 0; i < s->n_groups; i++) {
        size_t c = s->cluster_of == NULL ? i : (size_t)s->cluster_of[i];
        if (is_alone(s, i)) {
            m->n_alone += s->start[i + 1] - s->start[i];
            continue;
        }
        m->n_used += s->start[i + 1] - s->start[i];
        m->n_clusters_used += !seen[c];
        seen[c] = 1;
    }
    for (size_t j = 0; j < s->k; j++) {
        m->n_kept += m->kept[j];
        m->K += j < s->n_levels ? squares[j] > 0 : m->kept[j];
    }
    double G = (double)m->n_clusters_used, n = (double)m->n_used;
    if (G < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("fewer than two clusters: there is no clustered error"));
    if (!(n > m->K))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu rows are too few for %.0f parameters"), m->n_used, m->K);
    m->factor = G / (G - 1) * (n - 1) / (n - m->K);
    return NP_OK;
}

np_status np_swept_fit(np_swept *out, const np_swept_spec *spec, np_arena *arena,
                       np_error *err)
{
    size_t k = spec->k;
    np_swept m = {.spec = *spec,
                  .R = np_arena_array(arena, double, k *k),
                  .kept = np_arena_array(arena, bool, k),
                  .coefficient = np_arena_array(arena, double, k),
                  .group_weight = np_arena_array(arena, double, spec->n_groups),
                  .group_mean = np_arena_array(arena, double, spec->n_groups)};
    double *S = np_arena_array(arena, double, k *k);
    double *squares = np_arena_array(arena, double, k);
    work w;
    if (m.R == NULL || m.kept == NULL || m.coefficient == NULL ||
        m.group_weight == NULL || m.group_mean == NULL || S == NULL || squares == NULL)
        return no_memory(err);
    np_status status = work_new(&w, spec, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < spec->n_groups; i++) {
        if (is_alone(spec, i))
            continue;
        unit_mean(&m, i, &w);
        add_group(&m, S, squares, i, &w);
    }
    np_cholesky(m.R, m.kept, S, squares, k, collinear);
    np_cholesky_solve(m.coefficient, m.R, m.kept, k);
    status = count(&m, squares, arena, err);
    if (status == NP_OK)
        *out = m;
    return status;
}

/* loading [n × k]: B times the target; NaN where a column of it is left out. */
static void load_targets(double *loading, double *estimate, const np_swept *m,
                         const np_swept_targets *t)
{
    size_t k = m->spec.k;
    for (size_t i = 0; i < t->n; i++) {
        double *of = loading + i * k;
        estimate[i] = 0;
        for (uint32_t e = t->start[i]; e < t->start[i + 1]; e++) {
            of[t->column[e]] += t->share[e];
            estimate[i] += t->share[e] *
                           (m->kept[t->column[e]] ? m->coefficient[t->column[e]] : NAN);
        }
        np_cholesky_solve(of, m->R, m->kept, k);
    }
}

/* Adds loading' s_i of the group to psi [n]. */
static void add_score(double *psi, const np_swept *m, const double *loading, size_t n,
                      size_t group, work *w)
{
    const np_swept_spec *s = &m->spec;
    double y, weight, mean_fit = 0, total = m->group_weight[group];
    for (int pass = 0; pass < 2; pass++) {
        w->n_places = 0;
        for (size_t r = s->start[group]; r < s->start[group + 1]; r++) {
            size_t e = s->row(s->context, r, w->column, w->value, &y, &weight);
            double fit = 0;
            for (size_t a = 0; a < e; a++)
                fit += w->value[a] * m->coefficient[w->column[a]];
            if (pass == 0)
                mean_fit += weight * fit / total;
            else
                add_to_sum(w, e, weight * (y - m->group_mean[group] - fit + mean_fit));
        }
    }
    /* The residuals' weighted sum within the group is 0: x itself stands for x~. */
    for (size_t a = 0; a < w->n_places; a++) {
        size_t j = w->place[a];
        double sum = w->sum[j];
        w->sum[j] = 0;
        w->listed[j] = 0;
        if (sum != 0)
            for (size_t i = 0; i < n; i++)
                psi[i] += sum * loading[j * n + i];
    }
}

static void add_outer(double *vcov, const double *psi, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++) {
        double a = factor * psi[i];
        if (a != 0)
            for (size_t j = i; j < n; j++)
                vcov[i * n + j] += a * psi[j];
    }
}

np_status np_swept_combine(double *estimate, double *vcov, const np_swept *m,
                           const np_swept_targets *t, np_arena *arena, np_error *err)
{
    const np_swept_spec *s = &m->spec;
    size_t k = s->k, n = t->n, n_psi = s->cluster_of == NULL ? 1 : s->n_clusters;
    np_arena_mark mark = np_arena_set_mark(arena);
    double *row = np_arena_array(arena, double, n *k);
    double *loading = np_arena_array(arena, double, n *k); /* [k × n] */
    double *psi = np_arena_array(arena, double, n_psi *n);
    work w;
    np_status status =
        row == NULL || loading == NULL || psi == NULL ? no_memory(err) : NP_OK;
    if (status == NP_OK)
        status = work_new(&w, s, arena, err);
    if (status != NP_OK)
        return status;
    load_targets(row, estimate, m, t);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < k; j++)
            loading[j * n + i] = row[i * k + j];
    memset(vcov, 0, n * n * sizeof *vcov);
    for (size_t g = 0; g < s->n_groups; g++) {
        if (is_alone(s, g))
            continue;
        double *of = s->cluster_of == NULL ? psi : psi + (size_t)s->cluster_of[g] * n;
        add_score(of, m, loading, n, g, &w);
        if (s->cluster_of == NULL) {
            add_outer(vcov, of, n, m->factor);
            memset(of, 0, n * sizeof *of);
        }
    }
    for (size_t c = 0; s->cluster_of != NULL && c < s->n_clusters; c++)
        add_outer(vcov, psi + c * n, n, m->factor);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            vcov[i * n + j] = vcov[j * n + i];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; isnan(estimate[i]) && j < n; j++)
            vcov[i * n + j] = vcov[j * n + i] = NAN;
    np_arena_release(arena, mark);
    return NP_OK;
}
