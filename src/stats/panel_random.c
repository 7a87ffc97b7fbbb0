#include "stats/panel_core.h"

#include <math.h>
#include <string.h>

#include <lapacke.h>

/* Sums of squares and products, and what is expected of the three quadratic forms
 * as multiples of the components: quad = M (s2_e, s2_mu, s2_lambda)'. Forms and
 * components in the order idiosyncratic, units, periods. */
typedef struct {
    double quad[3], m[3][3];
} moments;

static double squared_norm(const double *v, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += v[i] * v[i];
    return s;
}

/* Σ over groups of size_g × mean_g²: the squared norm of the group means, by row. */
static double between_square(const np_panel_core *core, np_panel_effect effect,
                             const double *v, double *mean)
{
    np_panel_groups g = np_panel_groups_of(core, effect);
    double s = 0;
    np_panel_means(mean, &g, v, core->n);
    for (size_t j = 0; j < g.n_groups; j++)
        s += (double)g.size[j] * mean[j] * mean[j];
    return s;
}

static double trace(const double *a, size_t k)
{
    double s = 0;
    for (size_t i = 0; i < k; i++)
        s += a[i * k + i];
    return s;
}

static double trace_of_product(const double *a, const double *b, size_t k)
{
    double s = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            s += a[i * k + j] * b[j * k + i];
    return s;
}

/* k columns [n]. */
typedef double *const *columns;

/* The kept columns of X times R^-1 of their regression. Expectations below are traces
 * of (X'X)^-1 times products of forms of X; on this basis the inverse is the identity,
 * and nothing is lost where the columns are nearly collinear. */
static columns basis_of(const np_panel_core *core, const np_panel_ols *ols,
                        np_arena *arena)
{
    size_t k = ols->k;
    double **out = np_arena_array(arena, double *, k);
    for (size_t j = 0; out != NULL && j < k; j++) {
        out[j] = np_arena_array(arena, double, core->n);
        if (out[j] == NULL)
            return NULL;
        for (size_t a = 0; a <= j; a++)
            for (size_t i = 0; i < core->n; i++)
                out[j][i] += core->x[ols->column[a]][i] * ols->root[a * k + j];
    }
    return out;
}

typedef enum { FORM_MEAN, FORM_SUM, FORM_WITHIN } form;

/* Each row its group's mean or sum, or the deviation. */
static columns form_of(const np_panel_core *core, form f, np_panel_effect effect,
                       size_t k, columns x, np_arena *arena)
{
    np_panel_groups g = np_panel_groups_of(core, effect);
    np_panel_transform t = {.rows = f == FORM_WITHIN ? NP_ROWS_WITHIN : NP_ROWS_BETWEEN,
                            .effect = effect};
    double **out = np_arena_array(arena, double *, k);
    for (size_t j = 0; out != NULL && j < k; j++) {
        out[j] = np_arena_array(arena, double, core->n);
        if (out[j] == NULL)
            return NULL;
        np_panel_transformed(out[j], core, &t, x[j]);
        for (size_t i = 0; f == FORM_SUM && i < core->n; i++)
            out[j][i] *= (double)g.size[g.code[i]];
    }
    return out;
}

static double *product(const np_panel_core *core, columns a, columns b, size_t k,
                       np_arena *arena)
{
    double *out = np_arena_array(arena, double, k *k);
    for (size_t i = 0; out != NULL && i < k; i++)
        for (size_t j = 0; j < k; j++)
            for (size_t r = 0; r < core->n; r++)
                out[i * k + j] += a[i][r] * b[j][r];
    return out;
}

static const np_panel_effect side_effect[3] = {NP_EFFECT_TWOWAYS, NP_EFFECT_INDIVIDUAL,
                                               NP_EFFECT_TIME};

static bool has_side(np_panel_effect effect, int side)
{
    return side == 0 || effect == NP_EFFECT_TWOWAYS || effect == side_effect[side];
}

static double sum_of_squared_sizes(const np_panel_groups *g)
{
    double s = 0;
    for (size_t j = 0; j < g->n_groups; j++)
        s += (double)g->size[j] * (double)g->size[j];
    return s;
}

/* What both simple corrections of a balanced panel give: O - N_effects, N, T. */
static void balanced_moments(moments *q, const np_panel_core *core,
                             np_panel_effect effect)
{
    q->m[0][0] = (double)(core->n - np_panel_effect_rank(core, effect));
    for (int side = 1; side < 3; side++) {
        np_panel_groups g = np_panel_groups_of(core, side_effect[side]);
        q->m[side][0] = (double)g.n_groups;
        q->m[side][side] = (double)core->n;
    }
}

/* Swamy and Arora: within residuals, and residuals of the group means' regression
 * weighted by group size.
 *   E q_id = (N - k) s2_e + (O - tr Q'ZZ'Q) s2_mu + (N - tr M'LL'M) s2_lambda
 * with Q the basis of the regression on means, M its unit means, Z and L the dummies
 * of units and periods. */
static np_status swar_side(moments *q, const np_panel_core *core, np_panel_effect effect,
                           int side, np_arena *arena, np_error *err)
{
    np_panel_effect own = side_effect[side], other = side_effect[3 - side];
    np_panel_groups g = np_panel_groups_of(core, own);
    np_panel_regression r;
    np_status status = np_panel_regress(
        &r, core, &(np_panel_transform){.rows = NP_ROWS_BETWEEN, .effect = own}, arena,
        err);
    if (status != NP_OK)
        return status;
    if (r.ols.k >= g.n_groups)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("Swamy and Arora's random effects regress the means of %zu %s "
                         "on %zu coefficients"),
                       g.n_groups, own == NP_EFFECT_TIME ? _("periods") : _("units"),
                       r.ols.k);
    size_t k = r.ols.k;
    columns basis = basis_of(core, &r.ols, arena);
    columns sum = basis == NULL ? NULL : form_of(core, FORM_SUM, own, k, basis, arena);
    const double *sums = sum == NULL ? NULL : product(core, sum, basis, k, arena);
    double *e = np_arena_array(arena, double, core->n);
    double *means = np_arena_array(arena, double, g.n_groups);
    if (sums == NULL || e == NULL || means == NULL)
        return np_panel_no_memory(err);
    np_panel_fitted(e, core, k, r.ols.column, r.ols.coefficient);
    for (size_t i = 0; i < core->n; i++)
        e[i] = core->y[i] - e[i];
    q->quad[side] = between_square(core, own, e, means);
    q->m[side][0] = (double)(g.n_groups - k);
    q->m[side][side] = (double)core->n - trace(sums, k);
    if (effect != NP_EFFECT_TWOWAYS || core->balanced)
        return NP_OK;
    columns mean = form_of(core, FORM_MEAN, own, k, basis, arena);
    columns cross = mean == NULL ? NULL : form_of(core, FORM_SUM, other, k, mean, arena);
    const double *c = cross == NULL ? NULL : product(core, mean, cross, k, arena);
    if (c == NULL)
        return np_panel_no_memory(err);
    q->m[side][3 - side] = (double)g.n_groups - trace(c, k);
    return NP_OK;
}

static np_status swar(moments *q, const np_panel_core *core, np_panel_effect effect,
                      const np_panel_regression *within, np_arena *arena, np_error *err)
{
    q->quad[0] = within->ols.ssr;
    q->m[0][0] = (double)core->n - (double)np_panel_effect_rank(core, effect) -
                 (double)within->ols.k;
    for (int side = 1; side < 3; side++)
        if (has_side(effect, side)) {
            np_status status = swar_side(q, core, effect, side, arena, err);
            if (status != NP_OK)
                return status;
        }
    return NP_OK;
}

/* Within residuals about their mean. */
static double *level_residuals(const np_panel_core *core, const np_panel_ols *ols,
                               np_arena *arena)
{
    double *e = np_arena_array(arena, double, core->n);
    if (e == NULL)
        return NULL;
    np_panel_fitted(e, core, ols->k, ols->column, ols->coefficient);
    double mean = 0;
    for (size_t i = 0; i < core->n; i++) {
        e[i] = core->y[i] - e[i];
        mean += e[i] / (double)core->n;
    }
    for (size_t i = 0; i < core->n; i++)
        e[i] -= mean;
    return e;
}

/* A covariate that only the levels have: its effect stays in Amemiya's residuals. NULL:
 * none. */
static const char *constant_covariate(const np_panel_core *core,
                                      const np_panel_ols *within)
{
    for (size_t j = 0; j < within->n_out; j++)
        if (within->out[j] != core->data->intercept)
            return core->data->term[within->out[j]];
    return NULL;
}

/* Amemiya. E q_id = (N - 1 + tr M'M) s2_e + (O - Σ T_i²/O) s2_mu
 *                   + (N - Σ N_t²/O) s2_lambda
 * with M the unit means of the within regression's basis, about the mean of all rows. */
static np_status amemiya_side(moments *q, const np_panel_core *core, int side,
                              const np_panel_ols *within, np_arena *arena, np_error *err)
{
    np_panel_groups own = np_panel_groups_of(core, side_effect[side]);
    np_panel_groups other = np_panel_groups_of(core, side_effect[3 - side]);
    size_t k = within->k;
    columns basis = basis_of(core, within, arena);
    columns mean = basis == NULL
                       ? NULL
                       : form_of(core, FORM_MEAN, side_effect[side], k, basis, arena);
    if (mean == NULL)
        return np_panel_no_memory(err);
    double n = (double)core->n, groups = (double)own.n_groups;
    for (size_t j = 0; j < k; j++) {
        double all = 0;
        for (size_t i = 0; i < core->n; i++)
            all += mean[j][i] / n;
        for (size_t i = 0; i < core->n; i++)
            mean[j][i] -= all;
    }
    const double *between = product(core, mean, mean, k, arena);
    if (between == NULL)
        return np_panel_no_memory(err);
    q->m[side][0] = groups - 1 + trace(between, k);
    q->m[side][side] = n - sum_of_squared_sizes(&own) / n;
    q->m[side][3 - side] = groups - sum_of_squared_sizes(&other) / n;
    return NP_OK;
}

static np_status amemiya(moments *q, const np_panel_core *core, np_panel_effect effect,
                         const np_panel_regression *within, np_arena *arena,
                         np_error *err)
{
    const char *constant = constant_covariate(core, &within->ols);
    if (constant != NULL && !core->balanced)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("Amemiya's random effects in an unbalanced panel need variation "
                         "within units: %s has none"),
                       constant);
    size_t k = within->ols.k;
    double *e = level_residuals(core, &within->ols, arena);
    double *means = np_arena_array(arena, double, core->n_units + core->n_periods);
    if (e == NULL || means == NULL)
        return np_panel_no_memory(err);
    q->quad[0] = within->ols.ssr;
    if (core->balanced)
        balanced_moments(q, core, effect);
    else
        q->m[0][0] =
            (double)core->n - (double)np_panel_effect_rank(core, effect) - (double)k;
    for (int side = 1; side < 3; side++) {
        if (!has_side(effect, side))
            continue;
        q->quad[side] = between_square(core, side_effect[side], e, means);
        np_status status = core->balanced
                               ? NP_OK
                               : amemiya_side(q, core, side, &within->ols, arena, err);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

/* The pooled regression's basis Q and, by side, S = Q'ZZ'Q with Z the dummies. */
typedef struct {
    size_t k;
    columns basis;
    const double *sums[3];
} pooled;

/* Wallace and Hussain. For a form P of the pooled residuals, A = Q'PQ,
 *   E q = (tr P - tr A) s2_e + Σ over sides of (tr PZZ' - 2 tr Q'PZZ'Q + tr AS) s2;
 * P sweeps Z out of deviations, so that these have tr AS alone. */
static np_status walhus_side(moments *q, const np_panel_core *core,
                             np_panel_effect effect, int side, const pooled *p,
                             np_arena *arena, np_error *err)
{
    np_panel_effect own = side_effect[side], other = side_effect[3 - side];
    np_panel_groups g = np_panel_groups_of(core, own);
    columns mean = form_of(core, FORM_MEAN, own, p->k, p->basis, arena);
    const double *a = mean == NULL ? NULL : product(core, mean, mean, p->k, arena);
    if (a == NULL)
        return np_panel_no_memory(err);
    q->m[side][0] = (double)g.n_groups - trace(a, p->k);
    q->m[side][side] = (double)core->n - 2 * trace(p->sums[side], p->k) +
                       trace_of_product(a, p->sums[side], p->k);
    if (effect != NP_EFFECT_TWOWAYS)
        return NP_OK;
    columns sum = form_of(core, FORM_SUM, other, p->k, p->basis, arena);
    const double *c = sum == NULL ? NULL : product(core, mean, sum, p->k, arena);
    if (c == NULL)
        return np_panel_no_memory(err);
    q->m[side][3 - side] = (double)g.n_groups - 2 * trace(c, p->k) +
                           trace_of_product(a, p->sums[3 - side], p->k);
    return NP_OK;
}

static np_status walhus_unbalanced(moments *q, const np_panel_core *core,
                                   np_panel_effect effect, const np_panel_ols *ols,
                                   np_arena *arena, np_error *err)
{
    pooled p = {.k = ols->k, .basis = basis_of(core, ols, arena)};
    columns within =
        p.basis == NULL ? NULL : form_of(core, FORM_WITHIN, effect, p.k, p.basis, arena);
    const double *a = within == NULL ? NULL : product(core, within, within, p.k, arena);
    if (a == NULL)
        return np_panel_no_memory(err);
    for (int side = 1; side < 3; side++) {
        columns sum = form_of(core, FORM_SUM, side_effect[side], p.k, p.basis, arena);
        p.sums[side] = sum == NULL ? NULL : product(core, sum, p.basis, p.k, arena);
        if (p.sums[side] == NULL)
            return np_panel_no_memory(err);
    }
    q->m[0][0] = (double)(core->n - np_panel_effect_rank(core, effect)) - trace(a, p.k);
    for (int side = 1; side < 3; side++) {
        if (!has_side(effect, side))
            continue;
        q->m[0][side] = trace_of_product(a, p.sums[side], p.k);
        np_status status = walhus_side(q, core, effect, side, &p, arena, err);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

static np_status walhus(moments *q, const np_panel_core *core, np_panel_effect effect,
                        np_arena *arena, np_error *err)
{
    np_panel_regression r;
    np_status status = np_panel_regress(&r, core, &(np_panel_transform){0}, arena, err);
    if (status != NP_OK)
        return status;
    double *e = np_arena_array(arena, double, core->n);
    double *means = np_arena_array(arena, double, core->n_units + core->n_periods);
    if (e == NULL || means == NULL)
        return np_panel_no_memory(err);
    np_panel_within(e, core, effect, r.ols.residual);
    q->quad[0] = squared_norm(e, core->n);
    for (int side = 1; side < 3; side++)
        if (has_side(effect, side))
            q->quad[side] =
                between_square(core, side_effect[side], r.ols.residual, means);
    if (core->balanced) {
        balanced_moments(q, core, effect);
        return NP_OK;
    }
    return walhus_unbalanced(q, core, effect, &r.ols, arena, err);
}

/* The variance of the estimated fixed effects, by rows in an unbalanced panel. */
static double effects_variance(const np_panel_groups *g, const double *effect, size_t n)
{
    double mean = 0, square = 0, groups = (double)g->n_groups;
    for (size_t j = 0; j < g->n_groups; j++)
        mean += effect[j] * (double)g->size[j] / (double)n;
    for (size_t j = 0; j < g->n_groups; j++)
        square +=
            (effect[j] - mean) * (effect[j] - mean) * (double)g->size[j] / (double)n;
    return square * groups / (groups - 1);
}

static np_status nerlove(np_panel_components *out, const np_panel_core *core,
                         np_panel_effect effect, const np_panel_regression *within,
                         np_arena *arena, np_error *err)
{
    double *e = np_arena_array(arena, double, core->n);
    double *of_unit = np_arena_array(arena, double, core->n_units);
    double *of_period = np_arena_array(arena, double, core->n_periods);
    if (e == NULL || of_unit == NULL || of_period == NULL)
        return np_panel_no_memory(err);
    np_panel_fitted(e, core, within->ols.k, within->ols.column, within->ols.coefficient);
    for (size_t i = 0; i < core->n; i++)
        e[i] = core->y[i] - e[i];
    np_panel_groups units = np_panel_groups_of(core, NP_EFFECT_INDIVIDUAL);
    np_panel_groups periods = np_panel_groups_of(core, NP_EFFECT_TIME);
    if (effect == NP_EFFECT_TWOWAYS) {
        np_panel_two_effects(of_unit, of_period, core, e);
    } else {
        np_panel_means(of_unit, &units, e, core->n);
        np_panel_means(of_period, &periods, e, core->n);
    }
    out->idios = within->ols.ssr / (double)core->n;
    if (effect != NP_EFFECT_TIME)
        out->id = effects_variance(&units, of_unit, core->n);
    if (effect != NP_EFFECT_INDIVIDUAL)
        out->time = effects_variance(&periods, of_period, core->n);
    return NP_OK;
}

static np_status solve_moments(np_panel_components *out, const moments *q,
                               np_panel_effect effect, np_error *err)
{
    int index[3], n = 0, pivot[3];
    double a[9], b[3];
    for (int side = 0; side < 3; side++)
        if (has_side(effect, side))
            index[n++] = side;
    for (int i = 0; i < n; i++) {
        b[i] = q->quad[index[i]];
        for (int j = 0; j < n; j++)
            a[i * n + j] = q->m[index[i]][index[j]];
    }
    if (LAPACKE_dgesv(LAPACK_ROW_MAJOR, n, 1, a, n, pivot, b, 1) != 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the variance components cannot be told apart"));
    double *component[3] = {&out->idios, &out->id, &out->time};
    for (int i = 0; i < n; i++)
        *component[index[i]] = b[i] < 0 ? 0 : b[i];
    return NP_OK;
}

static np_status refuse_too_few(const np_panel_core *core, np_panel_effect effect,
                                const np_panel_ols *within, np_error *err)
{
    if (effect != NP_EFFECT_TIME && core->n_units < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("random unit effects need more than one unit"));
    if (effect != NP_EFFECT_INDIVIDUAL && core->n_periods < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("random period effects need more than one period"));
    size_t used = np_panel_effect_rank(core, effect) + within->k;
    if (core->n <= used)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu rows leave no variation within %zu units and %zu periods "
                         "to estimate the error variance from"),
                       core->n, core->n_units, core->n_periods);
    return NP_OK;
}

np_status np_panel_components_estimate(np_panel_components *out,
                                       const np_panel_core *core, np_panel_effect effect,
                                       np_random_method method, np_arena *arena,
                                       np_error *err)
{
    np_panel_components s2 = {NAN, NAN, NAN, NULL};
    moments q = {0};
    np_panel_regression within;
    np_status status = np_panel_regress(
        &within, core, &(np_panel_transform){.rows = NP_ROWS_WITHIN, .effect = effect},
        arena, err);
    if (status == NP_OK)
        status = refuse_too_few(core, effect, &within.ols, err);
    if (status != NP_OK)
        return status;
    switch (method) {
    case NP_SWAR:
        status = swar(&q, core, effect, &within, arena, err);
        break;
    case NP_AMEMIYA:
        s2.constant = constant_covariate(core, &within.ols);
        status = amemiya(&q, core, effect, &within, arena, err);
        break;
    case NP_WALHUS:
        status = walhus(&q, core, effect, arena, err);
        break;
    case NP_NERLOVE:
        status = nerlove(&s2, core, effect, &within, arena, err);
        break;
    }
    if (status == NP_OK && method != NP_NERLOVE)
        status = solve_moments(&s2, &q, effect, err);
    if (status == NP_OK && !(s2.idios > 0))
        status = np_fail(err, NP_E_NOT_IDENTIFIED,
                         _("the estimated variance of the errors within units is 0"));
    if (status == NP_OK)
        *out = s2;
    return status;
}

/* d_it less theta_i times its unit mean, d the period dummies: its products D'D, and
 * c = D'v of a column that is so transformed already. */
static void period_products(double *dd, const np_panel_core *core, const double *theta)
{
    size_t n_periods = core->n_periods;
    for (size_t t = 0; t < n_periods; t++)
        dd[t + t * n_periods] = (double)core->time_size[t];
    for (size_t u = 0; u < core->n_units; u++) {
        double size = (double)core->unit_size[u];
        double both = (2 - theta[u]) * theta[u] / size;
        for (size_t s = core->unit_start[u]; s < core->unit_start[u + 1]; s++)
            for (size_t t = core->unit_start[u]; t < core->unit_start[u + 1]; t++)
                dd[(size_t)core->time[s] + (size_t)core->time[t] * n_periods] -= both;
    }
}

static void period_sums(double *c, const np_panel_core *core, const double *theta,
                        const double *v)
{
    memset(c, 0, core->n_periods * sizeof *c);
    for (size_t u = 0; u < core->n_units; u++) {
        double sum = 0;
        for (size_t i = core->unit_start[u]; i < core->unit_start[u + 1]; i++)
            sum += v[i];
        sum *= theta[u] / (double)core->unit_size[u];
        for (size_t i = core->unit_start[u]; i < core->unit_start[u + 1]; i++)
            c[core->time[i]] += v[i] - sum;
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

/* X'X - phi X'D P D'X and the same with y, P = (I + phi D'D)^-1. Columns 0 … k-1 of c
 * are D'X, column k is D'y. */
static np_status reduced_products(double *xx, double *xy, const np_panel_core *core,
                                  const np_panel_regression *r, const double *theta,
                                  double phi, np_arena *arena, np_error *err)
{
    size_t n_periods = core->n_periods, k = r->ols.k;
    double *dd = np_arena_array(arena, double, n_periods *n_periods);
    double *c = np_arena_array(arena, double, n_periods *(k + 1));
    double *pc = np_arena_array(arena, double, n_periods *(k + 1));
    if (dd == NULL || c == NULL || pc == NULL)
        return np_panel_no_memory(err);
    period_products(dd, core, theta);
    for (size_t i = 0; i < n_periods * n_periods; i++)
        dd[i] *= phi;
    for (size_t t = 0; t < n_periods; t++)
        dd[t + t * n_periods] += 1;
    for (size_t j = 0; j <= k; j++)
        period_sums(c + j * n_periods, core, theta,
                    j < k ? r->x[r->ols.column[j]] : r->y);
    memcpy(pc, c, n_periods * (k + 1) * sizeof *pc);
    if (LAPACKE_dposv(LAPACK_COL_MAJOR, 'L', (int)n_periods, (int)k + 1, dd,
                      (int)n_periods, pc, (int)n_periods) != 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the variance components cannot be told apart"));
    for (size_t a = 0; a < k; a++) {
        const double *xa = r->x[r->ols.column[a]];
        for (size_t b = 0; b < k; b++)
            xx[a * k + b] = dot(xa, r->x[r->ols.column[b]], core->n) -
                            phi * dot(c + a * n_periods, pc + b * n_periods, n_periods);
        xy[a] = dot(xa, r->y, core->n) -
                phi * dot(c + a * n_periods, pc + k * n_periods, n_periods);
    }
    return NP_OK;
}

np_status np_panel_unbalanced_twoways(np_panel_ols *out, const np_panel_core *core,
                                      const np_panel_components *s2,
                                      const double *theta_id, np_arena *arena,
                                      np_error *err)
{
    np_panel_regression r;
    np_panel_transform t = {.rows = NP_ROWS_RANDOM, .theta_id = theta_id};
    np_status status = np_panel_regress(&r, core, &t, arena, err);
    if (status != NP_OK)
        return status;
    size_t k = r.ols.k;
    double *xx = np_arena_array(arena, double, k *k);
    double *xy = np_arena_array(arena, double, k);
    double *b = np_arena_array(arena, double, k);
    double *e = np_arena_array(arena, double, core->n);
    if (xx == NULL || xy == NULL || b == NULL || e == NULL)
        return np_panel_no_memory(err);
    status =
        reduced_products(xx, xy, core, &r, theta_id, s2->time / s2->idios, arena, err);
    if (status != NP_OK)
        return status;
    if (!np_panel_invert(xx, k))
        return np_fail(err, NP_E_NOT_IDENTIFIED, _("the covariates are collinear"));
    for (size_t i = 0; i < k; i++)
        b[i] = dot(xx + i * k, xy, k);
    np_panel_fitted(e, core, k, r.ols.column, b);
    for (size_t i = 0; i < core->n; i++)
        e[i] = core->y[i] - e[i];
    *out = r.ols;
    out->coefficient = b;
    out->bread = xx;
    out->residual = e;
    out->ssr = squared_norm(e, core->n);
    return NP_OK;
}
