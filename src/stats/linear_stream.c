#include "stats/linear_stream.h"

#include <math.h>
#include <string.h>

#include "stats/linalg.h"

/* Up to so many rows the residuals are always gone through, for the last digits;
 * beyond, where a pivot or the residual sum of squares has lost more than the
 * half of its digits. */
enum { ALWAYS_REFINED = 200000 };
static const double lost_digits = 1e-5;
/* Differences of sums are exact to about 1e-15 of the sums: what is left below the
 * first share of them is rounding. Between it and the second, collinear terms cannot
 * be told from others, and the columns are partialled out in memory. */
static const double rounding_share = 1e-12, clear_share = 1e-6;

typedef struct {
    np_stream *s;
    np_stream_system system;
    size_t m; /* q + k */
    double tolerance;
    double *A, *R; /* [m × m] without y */
    bool *kept;    /* [m] */
    double *b;     /* [m] φ and b */
    double yy, tss_within, rss, worst;
} small_side;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the estimation"));
}

static np_status factorise(small_side *w, np_arena *arena, np_error *err)
{
    const size_t m = w->m;
    const double *A = w->system.A;
    w->A = np_arena_array(arena, double, m *m);
    w->R = np_arena_array(arena, double, m *m);
    w->kept = np_arena_array(arena, bool, m);
    w->b = np_arena_array(arena, double, m);
    double *floor = np_arena_array(arena, double, m);
    if (w->A == NULL || w->R == NULL || w->kept == NULL || w->b == NULL || floor == NULL)
        return no_memory(err);
    for (size_t i = 0; i < m; i++) {
        memcpy(w->A + i * m, A + i * (m + 1), m * sizeof *A);
        w->b[i] = A[i * (m + 1) + m];
        /* dummies are swept by a difference, columns by their deviations */
        bool sparse = i < w->s->q || w->s->dense_of[i - w->s->q] == SIZE_MAX;
        double swept = sparse ? w->system.raw[i] : A[i * (m + 1) + i];
        floor[i] = fmax(np_linear_floor(w->system.raw[i], w->tolerance),
                        swept * rounding_share / w->tolerance);
    }
    np_cholesky_led(w->R, w->kept, w->A, floor, w->s->q, m, w->tolerance);
    return NP_OK;
}

/* Whether what F leaves of every candidate is clearly something or nothing. */
static bool is_clear(const small_side *w)
{
    const size_t m = w->m, q = w->s->q;
    for (size_t j = q; j < m; j++) {
        double whole = w->A[j * m + j], left = whole;
        for (size_t i = 0; i < q; i++)
            left -= w->R[i * m + j] * w->R[i * m + j];
        if (w->kept[j] && left < clear_share * whole)
            return false;
    }
    return true;
}

/* z = R^-T A_y, whose squares are what each column takes from y'My. */
static void solve_small(small_side *w)
{
    const size_t m = w->m, q = w->s->q;
    w->yy = w->system.A[(m + 1) * (m + 1) - 1];
    w->tss_within = w->rss = w->yy;
    w->worst = 1;
    double *z = w->A; /* the matrix itself is no longer needed */
    for (size_t i = 0; i < m; i++)
        if (w->kept[i] && i >= q)
            w->worst =
                fmin(w->worst, w->R[i * m + i] * w->R[i * m + i] / w->A[i * m + i]);
    for (size_t i = 0; i < m; i++) {
        double sum = w->b[i];
        for (size_t l = 0; l < i; l++)
            sum -= w->R[l * m + i] * z[l];
        z[i] = w->kept[i] ? sum / w->R[i * m + i] : 0;
        w->rss -= z[i] * z[i];
        if (i < q)
            w->tss_within -= z[i] * z[i];
    }
    w->worst = fmin(w->worst, w->rss / w->yy);
    np_cholesky_solve(w->b, w->R, w->kept, m);
}

/* φ and b by dense and sparse column, as the passes take them. */
static np_status hand_out(small_side *w, np_arena *arena, np_error *err)
{
    np_stream *s = w->s;
    double *slope = (double *)s->slope, *level = (double *)s->level;
    if (slope == NULL) {
        s->slope = slope = np_arena_array(arena, double, s->n_dense);
        s->level = level = np_arena_array(arena, double, s->n_sparse);
        if (slope == NULL || level == NULL)
            return no_memory(err);
    }
    memcpy(level, w->b, s->q * sizeof *level);
    for (size_t j = 0; j < s->k; j++)
        if (s->dense_of[j] != SIZE_MAX)
            slope[s->dense_of[j]] = w->b[s->q + j];
        else
            level[s->sparse_of[j]] = w->b[s->q + j];
    return NP_OK;
}

/* γ of every kept candidate, from the factor's rows of F. */
static np_status set_rows(small_side *w, np_arena *arena, np_error *err)
{
    np_stream *s = w->s;
    const size_t q = s->q, m = w->m;
    size_t *kept = np_arena_array(arena, size_t, s->k);
    int32_t *position = np_arena_array(arena, int32_t, s->n_sparse);
    if (kept == NULL || position == NULL)
        return no_memory(err);
    for (size_t j = 0; j < s->k; j++)
        if (w->kept[q + j])
            kept[s->n_kept++] = j;
    double *gamma = np_arena_array(arena, double, q * s->n_kept);
    if (gamma == NULL)
        return no_memory(err);
    for (size_t d = 0; d < s->n_sparse; d++)
        position[d] = -1;
    for (size_t a = 0; a < s->n_kept; a++) {
        size_t j = kept[a];
        if (s->dense_of[j] == SIZE_MAX)
            position[s->sparse_of[j]] = (int32_t)a;
        for (size_t i = q; i-- > 0;) {
            double sum = w->R[i * m + q + j];
            for (size_t l = i + 1; l < q; l++)
                sum -= w->R[i * m + l] * gamma[l * s->n_kept + a];
            gamma[i * s->n_kept + a] = w->kept[i] ? sum / w->R[i * m + i] : 0;
        }
    }
    s->kept = kept;
    s->position = position;
    s->gamma = gamma;
    return NP_OK;
}

static void correlate(np_linear_sums *sums, const np_stream_errors *e, double n)
{
    double yy = e->yy - e->sum_y * e->sum_y / n, ff = e->ff - e->sum_f * e->sum_f / n,
           yf = e->yf - e->sum_y * e->sum_f / n;
    sums->correlation = yf * yf / (yy * ff);
}

/* Newton's step on the exact gradient, as often as it is worth it. */
static np_status refine(small_side *w, np_linear_sums *sums, double *residual,
                        np_arena *arena, np_error *err)
{
    bool weighted = w->s->weight != NULL;
    bool small = w->s->n <= ALWAYS_REFINED;
    bool poor = w->worst < lost_digits;
    int steps = poor ? 3 : small || weighted || residual != NULL ? 2 : 0;
    np_stream_errors e;
    for (int step = 0; step < steps; step++) {
        np_status status = np_stream_residuals(&e, w->s, residual, arena, err);
        if (status != NP_OK)
            return status;
        sums->rss = e.rss;
        sums->squared_error = e.squared_error;
        correlate(sums, &e, (double)w->s->n);
        if (step + 1 == steps)
            break;
        np_cholesky_solve(e.gradient, w->R, w->kept, w->m);
        for (size_t i = 0; i < w->m; i++)
            w->b[i] += e.gradient[i];
        status = hand_out(w, arena, err);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

static np_status finish(np_linear *out, small_side *w, np_arena *arena, np_error *err)
{
    const np_stream *s = w->s;
    const size_t k = s->k, q = s->q, m = w->m;
    double *R = np_arena_array(arena, double, k *k);
    double *inverse = np_arena_array(arena, double, k *k);
    if (R == NULL || inverse == NULL)
        return no_memory(err);
    for (size_t i = 0; i < k; i++)
        memcpy(R + i * k, w->R + (q + i) * m + q, k * sizeof *R);
    np_cholesky_inverse(inverse, R, w->kept + q, k);
    np_linear_solution solution = {.k = k,
                                   .term = s->term,
                                   .kept = w->kept + q,
                                   .b = w->b + q,
                                   .inverse = inverse,
                                   .sum_weight = w->system.sum_weight};
    return np_linear_finish(out, &solution, arena, err);
}

static np_status set_rank(np_linear *out, const small_side *w, np_arena *arena,
                          np_error *err)
{
    const np_design *d = w->s->design;
    size_t *levels = np_arena_array(arena, size_t, d->n_fe);
    if (levels == NULL)
        return no_memory(err);
    size_t n_kept = 0;
    for (size_t j = 0; j < d->n_fe; j++)
        levels[j] = d->fe[j].n_levels;
    for (size_t f = 0; f < w->s->q; f++)
        n_kept += w->kept[f];
    out->rank.levels = levels;
    out->rank.nominal = (size_t)np_linear_absorbed_parameters(d);
    out->rank.exact = w->s->n_groups + n_kept;
    out->rank.n_components = d->n_fe == 2 ? w->s->q - n_kept : 0;
    out->fit.fe_levels = levels;
    return NP_OK;
}

static np_status statistics(np_linear *out, small_side *w, const np_linear_spec *spec,
                            double *residual, np_arena *arena, np_error *err)
{
    const np_stream *s = w->s;
    bool counts = spec->frequency_weights && s->weight != NULL;
    np_linear_sums sums = {.n = counts ? w->system.sum_weight : (double)s->n,
                           .sum_weight = w->system.sum_weight,
                           .rss = w->rss,
                           .squared_error = w->rss,
                           .tss = w->system.tss,
                           .tss_within = w->tss_within,
                           .correlation = 1 - w->rss / w->system.tss,
                           .n_absorbed = np_linear_absorbed_parameters(s->design),
                           .k = out->fit.k,
                           .has_fe = true,
                           .has_constant = true,
                           .weight = s->weight,
                           .n_weights = s->n};
    sums.n_parameters = (double)sums.k + sums.n_absorbed;
    if (!(sums.n - sums.n_parameters > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%g rows are too few for %g parameters"), sums.n,
                       sums.n_parameters);
    np_status status = refine(w, &sums, residual, arena, err);
    if (status != NP_OK)
        return status;
    if (counts)
        sums.squared_error = sums.rss;
    sums.rss_second = sums.rss;
    out->rss = sums.rss;
    out->tss = sums.tss;
    out->tss_within = sums.tss_within;
    out->n_parameters = (size_t)sums.n_parameters;
    out->df_residual = sums.n - sums.n_parameters;
    out->residual = residual;
    out->fit.frequency = counts;
    out->fit.n_observations = counts ? sums.n : 0;
    return np_linear_statistics(out, &sums, arena, err);
}

static void set_fit(np_linear *out, const np_stream *s, const np_linear_spec *spec)
{
    out->fit.n = s->n;
    out->fit.rows = np_stream_rows;
    out->fit.rows_context = s;
    out->fit.cluster_meat = np_stream_cluster_meat;
    out->fit.absorbed_leverage = np_linear_absorbed_leverage;
    out->fit.design = s->design;
    out->fit.n_threads = spec->n_threads;
    out->fit.sigma2 = out->rss / out->df_residual;
}

np_status np_linear_stream(np_linear *out, bool *done, const np_design *design,
                           const np_linear_spec *spec, np_arena *arena, np_error *err)
{
    np_linear result = {0};
    np_stream *s = np_arena_array(arena, np_stream, 1);
    if (s == NULL)
        return no_memory(err);
    np_status status = np_stream_prepare(s, done, design, spec, arena, err);
    if (status != NP_OK || !*done)
        return status;
    small_side w = {.s = s,
                    .m = s->q + s->k,
                    .tolerance = spec->collinear_tolerance > 0 ? spec->collinear_tolerance
                                                               : 1e-10};
    double *residual = spec->want_residuals ? np_arena_array(arena, double, s->n) : NULL;
    if (spec->want_residuals && residual == NULL)
        return no_memory(err);
    status = np_stream_cross(&w.system, s, arena, err);
    if (status == NP_OK)
        status = factorise(&w, arena, err);
    if (status != NP_OK)
        return status;
    *done = is_clear(&w);
    if (!*done)
        return NP_OK;
    solve_small(&w);
    status = hand_out(&w, arena, err);
    if (status == NP_OK)
        status = set_rows(&w, arena, err);
    if (status == NP_OK)
        status = finish(&result, &w, arena, err);
    if (status == NP_OK)
        status = np_linear_none_kept(&result, err);
    if (status == NP_OK)
        status = statistics(&result, &w, spec, residual, arena, err);
    if (status == NP_OK) /* again: the coefficients may have been refined */
        status = finish(&result, &w, arena, err);
    if (status == NP_OK)
        status = set_rank(&result, &w, arena, err);
    if (status != NP_OK)
        return status;
    set_fit(&result, s, spec);
    *out = result;
    return NP_OK;
}
