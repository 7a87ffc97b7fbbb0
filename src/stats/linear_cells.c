#include <math.h>
#include <string.h>

#include "stats/linalg.h"
#include "stats/linear_internal.h"

/* Notation. Cell c has weight W_c, means m_c [k + 1] (y first) and, about them, the
 * products P_c. Factors and keys are constant in a cell, so that partialling out
 * works on the means alone: with m̃ the partialled means,
 *
 *   A = Σ W m̃ m̃' + Σ P,   score of the cell = W m̃_x ẽ + (P_xy - P_xx b),
 *
 * with ẽ the residual of the means. */

typedef struct {
    const np_design *design;
    const np_cells *cells;
    const np_linear_spec *spec;
    const char *const *term; /* [k] without the intercept */
    size_t k;                /* candidates */
    const double *weight;    /* [n_cells] */
    double **m;              /* [k + 1][n_cells] partialled means, y first */
    double *mean;            /* [k + 1]; NULL: no intercept */
    double *A, *P;           /* [(k + 1)²] the whole, and what is within cells */
    double *raw;             /* [k + 1] */
    double sum_weight, n_rows, tss, y_mean;
    bool *kept;
    double *b, *inverse, *R;
    np_absorber *absorber;
    np_arena *arena;
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the cells"));
}

static size_t pair(size_t a, size_t b, size_t n)
{
    if (a > b) {
        size_t held = a;
        a = b;
        b = held;
    }
    return a * n - a * (a + 1) / 2 + b;
}

/* Σ w z_a z_b of a cell, about its means. */
static double within(const np_cells *cells, const double *weight, size_t a, size_t b,
                     size_t c)
{
    if (cells->product == NULL)
        return 0;
    return cells->product[pair(a, b, cells->k + 1)][c] -
           cells->sum[a][c] * cells->sum[b][c] / weight[c];
}

static np_status take_cells(work *w, np_error *err)
{
    const np_cells *cells = w->cells;
    const np_design *d = w->design;
    size_t skip =
        d->has_intercept && d->x.k > 0 && strcmp(d->x.term[0], "(Intercept)") == 0;
    w->k = d->x.k - skip;
    w->term = d->x.term + skip;
    w->weight = cells->weight != NULL ? cells->weight : cells->n_rows;
    if (w->k != cells->k)
        return np_fail(err, NP_E_USAGE, _("the cells hold %zu regressors, the model %zu"),
                       cells->k, w->k);
    const size_t p = w->k + 1;
    w->m = np_arena_array(w->arena, double *, p);
    w->A = np_arena_array(w->arena, double, p *p);
    w->P = np_arena_array(w->arena, double, p *p);
    w->raw = np_arena_array(w->arena, double, p);
    if (w->m == NULL || w->A == NULL || w->P == NULL || w->raw == NULL)
        return no_memory(err);
    for (size_t c = 0; c < cells->n_cells; c++) {
        if (!(w->weight[c] > 0))
            return np_fail(err, NP_E_RANGE,
                           _("cell %zu has weight %g; it must be positive"), c + 1,
                           w->weight[c]);
        w->sum_weight += w->weight[c];
        w->n_rows += cells->n_rows[c];
    }
    for (size_t a = 0; a < p; a++) {
        w->m[a] = np_arena_array(w->arena, double, cells->n_cells);
        if (w->m[a] == NULL)
            return no_memory(err);
        for (size_t c = 0; c < cells->n_cells; c++) {
            w->m[a][c] = cells->sum[a][c] / w->weight[c];
            w->raw[a] += w->weight[c] * w->m[a][c] * w->m[a][c];
            for (size_t b = a; b < p; b++)
                w->P[a * p + b] += within(cells, w->weight, a, b, c);
        }
        w->raw[a] += w->P[a * p + a];
    }
    return NP_OK;
}

static double weighted_mean(const work *w, const double *x)
{
    double mean = 0, rest = 0;
    for (size_t c = 0; c < w->cells->n_cells; c++)
        mean += w->weight[c] * x[c];
    mean /= w->sum_weight;
    for (size_t c = 0; c < w->cells->n_cells; c++)
        rest += w->weight[c] * (x[c] - mean);
    return mean + rest / w->sum_weight;
}

static np_status partial_out(work *w, np_error *err)
{
    const np_design *d = w->design;
    const size_t p = w->k + 1, n = w->cells->n_cells;
    w->y_mean = weighted_mean(w, w->m[0]);
    w->tss = w->P[0];
    for (size_t c = 0; c < n; c++)
        w->tss += w->weight[c] * (w->m[0][c] - w->y_mean) * (w->m[0][c] - w->y_mean);
    if (d->n_fe > 0) {
        np_absorb_spec spec = {.n = n,
                               .n_fe = d->n_fe,
                               .fe = d->fe,
                               .weight = w->weight,
                               .n_threads = w->spec->n_threads};
        np_status status = np_absorber_new(&w->absorber, &spec, w->arena, err);
        return status != NP_OK
                   ? status
                   : np_absorber_residuals(w->absorber, w->m, p, w->arena, err);
    }
    if (!d->has_intercept)
        return NP_OK;
    w->mean = np_arena_array(w->arena, double, p);
    if (w->mean == NULL)
        return no_memory(err);
    for (size_t a = 0; a < p; a++) {
        w->mean[a] = weighted_mean(w, w->m[a]);
        for (size_t c = 0; c < n; c++)
            w->m[a][c] -= w->mean[a];
    }
    return NP_OK;
}

static np_status solve(work *w, np_error *err)
{
    const size_t k = w->k, p = k + 1;
    double tolerance =
        w->spec->collinear_tolerance > 0 ? w->spec->collinear_tolerance : 1e-10;
    double *Axx = np_arena_array(w->arena, double, k *k);
    double *floor = np_arena_array(w->arena, double, k);
    w->kept = np_arena_array(w->arena, bool, k);
    w->b = np_arena_array(w->arena, double, k);
    w->inverse = np_arena_array(w->arena, double, k *k);
    w->R = np_arena_array(w->arena, double, k *k);
    if (Axx == NULL || floor == NULL || w->kept == NULL || w->b == NULL ||
        w->inverse == NULL || w->R == NULL)
        return no_memory(err);
    np_status status =
        np_linear_cross(w->A, (const double *const *)w->m, p, w->weight,
                        w->cells->n_cells, w->spec->n_threads, w->arena, err);
    if (status != NP_OK)
        return status;
    for (size_t a = 0; a < p; a++)
        for (size_t b = a; b < p; b++)
            w->A[b * p + a] = w->A[a * p + b] += w->P[a * p + b];
    for (size_t i = 0; i < k; i++) {
        memcpy(Axx + i * k, w->A + (i + 1) * p + 1, k * sizeof *Axx);
        w->b[i] = w->A[i + 1];
        floor[i] = np_linear_floor(w->raw[i + 1], tolerance);
    }
    np_cholesky_led(w->R, w->kept, Axx, floor, 0, k, tolerance);
    np_cholesky_inverse(w->inverse, w->R, w->kept, k);
    np_cholesky_solve(w->b, w->R, w->kept, k);
    return NP_OK;
}

/* The rows of a fit from cells are the cells' scores, ready made. */
typedef struct {
    double *score; /* [n_cells × k] row-major */
    size_t k;
} cell_scores;

static void give_scores(const np_fit *fit, size_t first, size_t count, double *x,
                        double *score, double *weight)
{
    const cell_scores *s = fit->rows_context;
    memcpy(x, s->score + first * s->k, count * s->k * sizeof *x);
    for (size_t i = 0; i < count; i++) {
        score[i] = 1;
        if (weight != NULL)
            weight[i] = 1;
    }
}

/* Scores of all cells, and Σ w e². */
static np_status fill_scores(work *w, cell_scores *out, size_t k, double *rss,
                             np_error *err)
{
    const size_t n = w->cells->n_cells;
    const size_t intercept = w->mean != NULL;
    double *score = np_arena_array(w->arena, double, n *k);
    if (score == NULL)
        return no_memory(err);
    *rss = 0;
    for (size_t c = 0; c < n; c++) {
        double e = w->m[0][c], inside = within(w->cells, w->weight, 0, 0, c);
        for (size_t j = 0; j < w->k; j++) {
            e -= w->b[j] * w->m[j + 1][c];
            inside -= 2 * w->b[j] * within(w->cells, w->weight, 0, j + 1, c);
            for (size_t l = 0; l < w->k; l++)
                inside +=
                    w->b[j] * w->b[l] * within(w->cells, w->weight, j + 1, l + 1, c);
        }
        double we = w->weight[c] * e;
        *rss += we * e + inside;
        size_t at = c * k;
        if (intercept)
            score[at++] = we;
        for (size_t j = 0; j < w->k; j++) {
            if (!w->kept[j])
                continue;
            double s = w->m[j + 1][c] * we + within(w->cells, w->weight, 0, j + 1, c);
            for (size_t l = 0; l < w->k; l++)
                s -= w->b[l] * within(w->cells, w->weight, j + 1, l + 1, c);
            score[at++] = s;
        }
    }
    *out = (cell_scores){score, k};
    return NP_OK;
}

static np_status set_statistics(np_linear *out, const work *w, double rss, np_error *err)
{
    const np_design *d = w->design;
    np_linear_sums s = {.n = w->n_rows,
                        .sum_weight = w->sum_weight,
                        .rss = rss,
                        .rss_second = rss,
                        .squared_error = w->cells->weight == NULL ? rss : NAN,
                        .tss = w->tss,
                        .tss_within = w->A[0],
                        .correlation = w->cells->weight == NULL ? 1 - rss / w->tss : NAN,
                        .n_absorbed = np_linear_absorbed_parameters(d),
                        .k = out->fit.k,
                        .has_fe = d->n_fe > 0,
                        .has_constant = d->has_intercept || d->n_fe > 0};
    s.n_parameters = (double)s.k + s.n_absorbed;
    if (!(s.n - s.n_parameters > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%g rows are too few for %g parameters"), s.n, s.n_parameters);
    out->rss = rss;
    out->tss = s.tss;
    out->tss_within = s.tss_within;
    out->n_parameters = (size_t)s.n_parameters;
    out->df_residual = s.n - s.n_parameters;
    return np_linear_statistics(out, &s, w->arena, err);
}

static np_status finish(np_linear *out, work *w, np_error *err)
{
    np_linear_solution solution = {.k = w->k,
                                   .term = w->term,
                                   .kept = w->kept,
                                   .b = w->b,
                                   .inverse = w->inverse,
                                   .mean = w->mean == NULL ? NULL : w->mean + 1,
                                   .y_mean = w->mean == NULL ? 0 : w->mean[0],
                                   .sum_weight = w->sum_weight};
    cell_scores *scores = np_arena_array(w->arena, cell_scores, 1);
    double rss = 0;
    np_status status =
        scores == NULL ? no_memory(err) : np_linear_finish(out, &solution, w->arena, err);
    if (status == NP_OK)
        status = np_linear_none_kept(out, err);
    if (status == NP_OK)
        status = fill_scores(w, scores, out->fit.k, &rss, err);
    if (status == NP_OK)
        status = set_statistics(out, w, rss, err);
    if (status == NP_OK && w->absorber != NULL)
        status = np_absorber_rank(&out->rank, w->absorber, w->arena, err);
    if (status != NP_OK)
        return status;
    out->fit.n = w->cells->n_cells;
    out->fit.n_observations = w->n_rows;
    out->fit.grouped = true;
    out->fit.rows = give_scores;
    out->fit.rows_context = scores;
    out->fit.design = w->design;
    out->fit.fe_levels = out->rank.levels;
    out->fit.n_threads = w->spec->n_threads;
    out->fit.sigma2 = out->rss / out->df_residual;
    out->iterations = w->absorber == NULL ? 0 : np_absorber_iterations(w->absorber);
    return NP_OK;
}

np_status np_linear_from_cells(np_linear *out, const np_design *design,
                               const np_cells *cells, const np_linear_spec *spec,
                               np_arena *arena, np_error *err)
{
    work w = {.design = design, .cells = cells, .spec = spec, .arena = arena};
    np_linear result = {0};
    np_status status = take_cells(&w, err);
    if (status == NP_OK)
        status = partial_out(&w, err);
    if (status == NP_OK)
        status = solve(&w, err);
    if (status == NP_OK)
        status = finish(&result, &w, err);
    if (status == NP_OK)
        *out = result;
    return status;
}
