#include "stats/panel_core.h"

#include <math.h>
#include <string.h>

size_t np_panel_transformed_rows(const np_panel_core *core, const np_panel_transform *t)
{
    if (t->rows == NP_ROWS_MEANS)
        return np_panel_groups_of(core, t->effect).n_groups;
    if (t->rows == NP_ROWS_DIFFERENCES)
        return core->n - core->n_units;
    return core->n;
}

static void between(double *out, const np_panel_core *core, np_panel_effect effect,
                    const double *v)
{
    np_panel_groups g = np_panel_groups_of(core, effect);
    double *mean = core->scratch;
    np_panel_means(mean, &g, v, core->n);
    for (size_t i = 0; i < core->n; i++)
        out[i] = mean[g.code[i]];
}

static void differences(double *out, const np_panel_core *core, const double *v)
{
    size_t m = 0;
    for (size_t i = 1; i < core->n; i++)
        if (core->unit[i] == core->unit[i - 1])
            out[m++] = v[i] - v[i - 1];
}

/* Rows less theta times their means; with both effects the mean of all comes back. */
static void quasi_deviations(double *out, const np_panel_core *core,
                             const np_panel_transform *t, const double *v)
{
    double total = 0;
    for (size_t i = 0; i < core->n; i++)
        total += v[i];
    total *= t->theta_total / (double)core->n;
    for (size_t i = 0; i < core->n; i++)
        out[i] = v[i] + total;
    double *mean = core->scratch;
    const double *theta[2] = {t->theta_id, t->theta_time};
    for (int side = 0; side < 2; side++) {
        if (theta[side] == NULL)
            continue;
        np_panel_groups g =
            np_panel_groups_of(core, side == 0 ? NP_EFFECT_INDIVIDUAL : NP_EFFECT_TIME);
        np_panel_means(mean, &g, v, core->n);
        for (size_t i = 0; i < core->n; i++)
            out[i] -= theta[side][g.code[i]] * mean[g.code[i]];
    }
}

void np_panel_transformed(double *out, const np_panel_core *core,
                          const np_panel_transform *t, const double *v)
{
    switch (t->rows) {
    case NP_ROWS_PLAIN:
        memcpy(out, v, core->n * sizeof *out);
        return;
    case NP_ROWS_WITHIN:
        np_panel_within(out, core, t->effect, v);
        return;
    case NP_ROWS_BETWEEN:
        between(out, core, t->effect, v);
        return;
    case NP_ROWS_MEANS: {
        np_panel_groups g = np_panel_groups_of(core, t->effect);
        np_panel_means(out, &g, v, core->n);
        return;
    }
    case NP_ROWS_DIFFERENCES:
        differences(out, core, v);
        return;
    case NP_ROWS_RANDOM:
        quasi_deviations(out, core, t, v);
        return;
    }
}

np_status np_panel_regress(np_panel_regression *out, const np_panel_core *core,
                           const np_panel_transform *t, np_arena *arena, np_error *err)
{
    size_t m = np_panel_transformed_rows(core, t), k = core->k;
    const double **x = np_arena_array(arena, const double *, k);
    double *scale = np_arena_array(arena, double, k);
    double *y = np_arena_array(arena, double, m);
    if (x == NULL || scale == NULL || y == NULL)
        return np_panel_no_memory(err);
    for (size_t j = 0; j < k; j++) {
        double *column = np_arena_array(arena, double, m);
        if (column == NULL)
            return np_panel_no_memory(err);
        np_panel_transformed(column, core, t, core->x[j]);
        scale[j] = core->norm[j];
        /* differences of rows keep a constant, as the mean change */
        if (t->rows == NP_ROWS_DIFFERENCES && j == core->data->intercept) {
            for (size_t i = 0; i < m; i++)
                column[i] = 1;
        } else if (t->rows == NP_ROWS_WITHIN && j == core->data->intercept) {
            memset(column, 0, m * sizeof *column);
        }
        x[j] = column;
    }
    np_panel_transformed(y, core, t, core->y);
    out->x = x;
    out->y = y;
    return np_panel_least_squares(&out->ols, m, k, x, y, scale, arena, err);
}

void np_panel_fitted(double *out, const np_panel_core *core, size_t k,
                     const size_t *column, const double *coefficient)
{
    memset(out, 0, core->n * sizeof *out);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < core->n; i++)
            out[i] += coefficient[j] * core->x[column[j]][i];
}
