#include "stats/panel_core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "stats/linalg.h"

np_status np_panel_no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the panel model"));
}

np_panel_groups np_panel_groups_of(const np_panel_core *core, np_panel_effect effect)
{
    if (effect == NP_EFFECT_TIME)
        return (np_panel_groups){core->n_periods, core->time, core->time_size};
    return (np_panel_groups){core->n_units, core->unit, core->unit_size};
}

void np_panel_sums(double *sum, const np_panel_groups *g, const double *v, size_t n)
{
    memset(sum, 0, g->n_groups * sizeof *sum);
    for (size_t i = 0; i < n; i++)
        sum[g->code[i]] += v[i];
}

void np_panel_means(double *mean, const np_panel_groups *g, const double *v, size_t n)
{
    np_panel_sums(mean, g, v, n);
    for (size_t j = 0; j < g->n_groups; j++)
        mean[j] /= (double)g->size[j];
}

static void subtract_means(double *out, const np_panel_core *core, np_panel_effect effect,
                           const double *v)
{
    np_panel_groups g = np_panel_groups_of(core, effect);
    double *mean = core->scratch + core->n;
    np_panel_means(mean, &g, v, core->n);
    for (size_t i = 0; i < core->n; i++)
        out[i] = v[i] - mean[g.code[i]];
}

/* The effect that is swept out by means; the other, of fewer groups, is solved. */
static np_panel_effect swept(const np_panel_core *core)
{
    return core->n_periods <= core->n_units ? NP_EFFECT_INDIVIDUAL : NP_EFFECT_TIME;
}

static np_panel_effect solved(const np_panel_core *core)
{
    return swept(core) == NP_EFFECT_TIME ? NP_EFFECT_INDIVIDUAL : NP_EFFECT_TIME;
}

/* a = L^-T L^-1 P r on the positive part, 0 on the rest: one level per component. */
static void solve_effects(double *a, const np_panel_core *core, const double *r)
{
    size_t q = core->n_solved, rank = q - core->n_components;
    const double *l = core->factor; /* column-major lower triangle */
    double *z = core->scratch + core->n + core->n_units + core->n_periods;
    for (size_t i = 0; i < rank; i++) {
        double s = r[core->pivot[i] - 1];
        for (size_t j = 0; j < i; j++)
            s -= l[i + j * q] * z[j];
        z[i] = s / l[i + i * q];
    }
    for (size_t i = rank; i-- > 0;) {
        double s = z[i];
        for (size_t j = i + 1; j < rank; j++)
            s -= l[j + i * q] * z[j];
        z[i] = s / l[i + i * q];
    }
    for (size_t i = 0; i < q; i++)
        a[core->pivot[i] - 1] = i < rank ? z[i] : 0;
}

/* v less its projection on both sets of dummies (Frisch and Waugh): v and the solved
 * side's dummies are both freed of the swept side first. */
static void sweep_both(double *out, const np_panel_core *core, const double *v)
{
    np_panel_groups side = np_panel_groups_of(core, solved(core));
    subtract_means(out, core, swept(core), v);
    double *r = core->scratch + core->n; /* the means are no longer needed */
    np_panel_sums(r, &side, out, core->n);
    double *a = core->scratch;
    solve_effects(a, core, r);
    for (size_t i = 0; i < core->n; i++)
        out[i] -= a[side.code[i]];
    subtract_means(out, core, swept(core), out);
}

void np_panel_within(double *out, const np_panel_core *core, np_panel_effect effect,
                     const double *v)
{
    /* A second pass removes what rounding left of a large mean. */
    for (int pass = 0; pass < 2; pass++) {
        const double *from = pass == 0 ? v : out;
        if (effect != NP_EFFECT_TWOWAYS) {
            subtract_means(out, core, effect, from);
        } else if (core->factor != NULL) {
            sweep_both(out, core, from);
        } else {
            subtract_means(out, core, NP_EFFECT_INDIVIDUAL, from);
            subtract_means(out, core, NP_EFFECT_TIME, out);
        }
    }
}

void np_panel_two_effects(double *of_unit, double *of_period, const np_panel_core *core,
                          const double *v)
{
    size_t n = core->n;
    bool by_time = solved(core) == NP_EFFECT_TIME;
    double *first = by_time ? of_period : of_unit; /* solved for */
    double *second = by_time ? of_unit : of_period;
    np_panel_groups inner = np_panel_groups_of(core, solved(core));
    np_panel_groups outer = np_panel_groups_of(core, swept(core));
    double *rest = core->scratch;
    if (core->factor != NULL) {
        subtract_means(rest, core, swept(core), v);
        double *r = core->scratch + n;
        np_panel_sums(r, &inner, rest, n);
        solve_effects(first, core, r);
    } else {
        np_panel_means(first, &inner, v, n);
    }
    for (size_t i = 0; i < n; i++)
        rest[i] = v[i] - first[inner.code[i]];
    np_panel_means(second, &outer, rest, n);
    double level = of_period[0];
    for (size_t t = 0; t < core->n_periods; t++)
        of_period[t] -= level;
    for (size_t i = 0; i < core->n_units; i++)
        of_unit[i] += level;
}

size_t np_panel_effect_rank(const np_panel_core *core, np_panel_effect effect)
{
    if (effect == NP_EFFECT_TWOWAYS)
        return core->n_units + core->n_periods - core->n_components;
    return effect == NP_EFFECT_TIME ? core->n_periods : core->n_units;
}

/* diag(N_t) - Σ_i d_i d_i' / T_i, with d_i the periods that unit i has. */
static np_status factor_twoways(np_panel_core *core, np_arena *arena, np_error *err)
{
    np_panel_groups small = np_panel_groups_of(core, solved(core));
    np_panel_groups large = np_panel_groups_of(core, swept(core));
    size_t q = small.n_groups;
    double *a = np_arena_array(arena, double, q *q);
    int *pivot = np_arena_array(arena, int, q);
    size_t *start = np_arena_array(arena, size_t, large.n_groups + 1);
    int32_t *member = np_arena_array(arena, int32_t, core->n);
    if (a == NULL || pivot == NULL || start == NULL || member == NULL)
        return np_panel_no_memory(err);
    for (size_t g = 0; g < large.n_groups; g++)
        start[g + 1] = start[g] + large.size[g];
    for (size_t i = 0; i < core->n; i++)
        member[start[large.code[i]]++] = small.code[i];
    for (size_t g = large.n_groups; g > 0; g--)
        start[g] = start[g - 1];
    start[0] = 0;
    for (size_t j = 0; j < q; j++)
        a[j + j * q] = (double)small.size[j];
    for (size_t g = 0; g < large.n_groups; g++)
        for (size_t s = start[g]; s < start[g + 1]; s++)
            for (size_t t = start[g]; t < start[g + 1]; t++)
                a[(size_t)member[s] + (size_t)member[t] * q] -= 1 / (double)large.size[g];
    int rank = 0;
    double tolerance = 1e-9; /* of the Laplacian's entries, which are counts */
    int info =
        LAPACKE_dpstrf(LAPACK_COL_MAJOR, 'L', (int)q, a, (int)q, pivot, &rank, tolerance);
    if (info < 0)
        return np_panel_no_memory(err);
    core->n_solved = q;
    core->factor = a;
    core->pivot = pivot;
    core->n_components = q - (size_t)rank;
    return NP_OK;
}

static np_status check_values(const np_panel_data *d, np_error *err)
{
    for (size_t j = 0; j <= d->k; j++) {
        const double *v = j < d->k ? d->x[j] : d->y;
        const char *name = j < d->k ? d->term[j] : d->y_name;
        for (size_t i = 0; i < d->n; i++)
            if (!isfinite(v[i]))
                return np_fail(err, NP_E_RANGE,
                               _("%s: row %zu of the panel is no number"),
                               name != NULL ? name : "y", i + 1);
    }
    for (size_t i = 0; i < d->n; i++)
        if (d->unit[i] < 0 || (size_t)d->unit[i] >= d->n_units || d->time[i] < 0 ||
            (size_t)d->time[i] >= d->n_periods)
            return np_fail(err, NP_E_RANGE,
                           _("row %zu of the panel has no unit or no period"), i + 1);
    return NP_OK;
}

/* Counting sorts by period, then by unit: rows in order of unit and period. */
static np_status sort_rows(np_panel_core *core, np_arena *arena, np_error *err)
{
    const np_panel_data *d = core->data;
    size_t n = d->n, most = d->n_units > d->n_periods ? d->n_units : d->n_periods;
    uint32_t *by_time = np_arena_array(arena, uint32_t, n);
    uint32_t *row = np_arena_array(arena, uint32_t, n);
    size_t *next = np_arena_array(arena, size_t, most + 1);
    size_t *start = np_arena_array(arena, size_t, d->n_units + 1);
    size_t *unit_size = np_arena_array(arena, size_t, d->n_units);
    size_t *time_size = np_arena_array(arena, size_t, d->n_periods);
    if (by_time == NULL || row == NULL || next == NULL || start == NULL ||
        unit_size == NULL || time_size == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        unit_size[d->unit[i]]++;
        time_size[d->time[i]]++;
    }
    for (size_t t = 0; t < d->n_periods; t++)
        next[t + 1] = next[t] + time_size[t];
    for (size_t i = 0; i < n; i++)
        by_time[next[d->time[i]]++] = (uint32_t)i;
    for (size_t g = 0; g < d->n_units; g++) {
        start[g + 1] = start[g] + unit_size[g];
        next[g] = start[g];
    }
    for (size_t i = 0; i < n; i++)
        row[next[d->unit[by_time[i]]]++] = by_time[i];
    core->row = row;
    core->unit_start = start;
    core->unit_size = unit_size;
    core->time_size = time_size;
    return NP_OK;
}

static np_status refuse_duplicates(const np_panel_core *core, np_error *err)
{
    const np_panel_data *d = core->data;
    for (size_t i = 1; i < core->n; i++) {
        if (core->unit[i] != core->unit[i - 1] || core->time[i] != core->time[i - 1])
            continue;
        if (d->unit_label != NULL && d->time_label != NULL)
            return np_fail(err, NP_E_DUPLICATE, _("unit %s is in period %s twice"),
                           d->unit_label[core->unit[i]], d->time_label[core->time[i]]);
        return np_fail(err, NP_E_DUPLICATE, _("unit %d is in period %d twice"),
                       core->unit[i] + 1, core->time[i] + 1);
    }
    for (size_t g = 0; g < core->n_units; g++)
        if (core->unit_size[g] == 0)
            return np_fail(err, NP_E_RANGE, _("unit %zu has no row"), g + 1);
    for (size_t t = 0; t < core->n_periods; t++)
        if (core->time_size[t] == 0)
            return np_fail(err, NP_E_RANGE, _("period %zu has no row"), t + 1);
    return NP_OK;
}

static np_status copy_in_order(np_panel_core *core, np_arena *arena, np_error *err)
{
    const np_panel_data *d = core->data;
    size_t n = core->n;
    int32_t *unit = np_arena_array(arena, int32_t, n);
    int32_t *time = np_arena_array(arena, int32_t, n);
    double *y = np_arena_array(arena, double, n);
    const double **x = np_arena_array(arena, const double *, core->k);
    double *norm = np_arena_array(arena, double, core->k);
    core->scratch =
        np_arena_array(arena, double, n + 2 * (core->n_units + core->n_periods));
    if (unit == NULL || time == NULL || y == NULL || x == NULL || norm == NULL ||
        core->scratch == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        unit[i] = d->unit[core->row[i]];
        time[i] = d->time[core->row[i]];
        y[i] = d->y[core->row[i]];
    }
    for (size_t j = 0; j < core->k; j++) {
        double *column = np_arena_array(arena, double, n);
        if (column == NULL)
            return np_panel_no_memory(err);
        double square = 0;
        for (size_t i = 0; i < n; i++) {
            column[i] = d->x[j][core->row[i]];
            square += column[i] * column[i];
        }
        x[j] = column;
        norm[j] = sqrt(square);
    }
    core->unit = unit;
    core->time = time;
    core->y = y;
    core->x = x;
    core->norm = norm;
    return NP_OK;
}

np_status np_panel_core_new(const np_panel_core **out, const np_panel_data *data,
                            np_arena *arena, np_error *err)
{
    if (data->n == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED, _("the panel has no rows"));
    if (data->n >= UINT32_MAX)
        return np_fail(err, NP_E_LIMIT, _("a panel of %zu rows is too long"), data->n);
    np_status status = check_values(data, err);
    if (status != NP_OK)
        return status;
    np_panel_core *core = np_arena_array(arena, np_panel_core, 1);
    if (core == NULL)
        return np_panel_no_memory(err);
    core->data = data;
    core->n = data->n;
    core->k = data->k;
    core->n_units = data->n_units;
    core->n_periods = data->n_periods;
    core->balanced = data->n == data->n_units * data->n_periods;
    core->n_components = 1;
    status = sort_rows(core, arena, err);
    if (status == NP_OK)
        status = copy_in_order(core, arena, err);
    if (status == NP_OK)
        status = refuse_duplicates(core, err);
    if (status == NP_OK && !core->balanced)
        status = factor_twoways(core, arena, err);
    if (status == NP_OK)
        *out = core;
    return status;
}

/* The first column of which nothing is left after the earlier ones; k: none. */
static size_t first_collinear(const double *r, size_t m, size_t k, const double *norm)
{
    for (size_t j = 0; j < k; j++)
        if (j >= m || !(fabs(r[j + j * m]) > 1e-7 * norm[j]))
            return j;
    return k;
}

/* What is no lack of memory is a number that is none, as the rank is looked at
 * separately. */
static np_status lapack_failed(int info, np_error *err)
{
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return np_panel_no_memory(err);
    return np_fail(err, NP_E_RANGE,
                   _("the data hold numbers too large to be squared and added"));
}

/* q [m × k] holds the Householder form of x, which is pivoted only by leaving out:
 * the earlier of two collinear columns stays. */
static np_status factor_columns(double *q, double *tau, size_t *column, size_t *k,
                                size_t *left_out, size_t *n_out, size_t m,
                                const double *const *x, double *norm, np_error *err)
{
    for (;;) {
        for (size_t j = 0; j < *k; j++)
            memcpy(q + j * m, x[column[j]], m * sizeof *q);
        int info =
            *k == 0 ? 0
                    : LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)m, (int)*k, q, (int)m, tau);
        if (info != 0)
            return lapack_failed(info, err);
        size_t bad = first_collinear(q, m, *k, norm);
        if (bad == *k)
            return NP_OK;
        left_out[(*n_out)++] = column[bad];
        for (size_t j = bad; j + 1 < *k; j++) {
            column[j] = column[j + 1];
            norm[j] = norm[j + 1];
        }
        (*k)--;
    }
}

/* Coefficients R^-1 Q'y, bread R^-1 R^-T, residuals y - Xb. */
static np_status solve_columns(np_panel_ols *out, double *q, const double *tau,
                               const double *const *x, const double *y, np_arena *arena,
                               np_error *err)
{
    size_t m = out->m, k = out->k;
    double *b = np_arena_array(arena, double, m);
    double *bread = np_arena_array(arena, double, k *k);
    double *residual = np_arena_array(arena, double, m);
    double *root = np_arena_array(arena, double, k *k);
    if (b == NULL || bread == NULL || residual == NULL || root == NULL)
        return np_panel_no_memory(err);
    memcpy(b, y, m * sizeof *b);
    int info = k == 0 ? 0
                      : LAPACKE_dormqr(LAPACK_COL_MAJOR, 'L', 'T', (int)m, 1, (int)k, q,
                                       (int)m, tau, b, (int)m);
    if (k > 0 && info == 0)
        info = LAPACKE_dtrtrs(LAPACK_COL_MAJOR, 'U', 'N', 'N', (int)k, 1, q, (int)m, b,
                              (int)m);
    if (k > 0 && info == 0)
        info = LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', (int)k, q, (int)m);
    if (info != 0)
        return lapack_failed(info, err);
    for (size_t a = 0; a < k; a++)
        for (size_t c = 0; c < k; c++) {
            root[a * k + c] = a <= c ? q[a + c * m] : 0;
            for (size_t j = a > c ? a : c; j < k; j++)
                bread[a * k + c] += q[a + j * m] * q[c + j * m];
        }
    memcpy(residual, y, m * sizeof *residual);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < m; i++)
            residual[i] -= b[j] * x[out->column[j]][i];
    out->ssr = 0;
    for (size_t i = 0; i < m; i++)
        out->ssr += residual[i] * residual[i];
    out->coefficient = b;
    out->bread = bread;
    out->root = root;
    out->residual = residual;
    return NP_OK;
}

np_status np_panel_least_squares(np_panel_ols *out, size_t m, size_t k,
                                 const double *const *x, const double *y,
                                 const double *scale, np_arena *arena, np_error *err)
{
    size_t *column = np_arena_array(arena, size_t, k);
    size_t *left_out = np_arena_array(arena, size_t, k);
    double *norm = np_arena_array(arena, double, k);
    double *q = np_arena_array(arena, double, m *k);
    double *tau = np_arena_array(arena, double, k);
    if (column == NULL || left_out == NULL || norm == NULL || q == NULL || tau == NULL)
        return np_panel_no_memory(err);
    np_panel_ols result = {.m = m, .column = column, .out = left_out};
    for (size_t j = 0; j < k; j++) {
        double square = 0;
        for (size_t i = 0; i < m; i++)
            square += x[j][i] * x[j][i];
        if (!(square > 0) || (scale != NULL && !(sqrt(square) > 1e-10 * scale[j]))) {
            left_out[result.n_out++] = j;
            continue;
        }
        norm[result.k] = sqrt(square);
        column[result.k++] = j;
    }
    np_status status = factor_columns(q, tau, column, &result.k, left_out, &result.n_out,
                                      m, x, norm, err);
    if (status == NP_OK)
        status = solve_columns(&result, q, tau, x, y, arena, err);
    if (status == NP_OK)
        *out = result;
    return status;
}

double np_panel_r2(const double *a, const double *b, size_t n)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < n; i++) {
        ma += a[i] / (double)n;
        mb += b[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
        ab += (a[i] - ma) * (b[i] - mb);
    }
    return aa > 0 && bb > 0 ? ab * ab / (aa * bb) : NAN;
}

bool np_panel_invert(double *a, size_t k)
{
    if (k == 0)
        return true;
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', (int)k, a, (int)k) != 0 ||
        LAPACKE_dpotri(LAPACK_COL_MAJOR, 'L', (int)k, a, (int)k) != 0)
        return false;
    for (size_t i = 0; i < k; i++)
        for (size_t j = i + 1; j < k; j++)
            a[i + j * k] = a[j + i * k];
    return true;
}

np_status np_panel_quadratic(double *out, const double *a, const double *b, size_t k,
                             np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *copy = np_arena_array(arena, double, k *k);
    double *z = np_arena_array(arena, double, k);
    if (copy == NULL || z == NULL)
        return np_panel_no_memory(err);
    memcpy(copy, a, k * k * sizeof *copy);
    memcpy(z, b, k * sizeof *z);
    np_status status = np_matrix_solve(copy, z, k, arena, err);
    if (status == NP_OK) {
        *out = 0;
        for (size_t j = 0; j < k; j++)
            *out += b[j] * z[j];
    }
    np_arena_release(arena, mark);
    return status;
}
