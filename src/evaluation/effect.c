#include "evaluation/effect.h"

#include <math.h>
#include <string.h>

#include "stats/infer/multiplicity.h"

np_effect np_effect_none(void)
{
    np_effect e = {.weights = "",
                   .group_id = "",
                   .scope_id = "",
                   .outcome = "",
                   .term = "",
                   .formula = "",
                   .vcov_label = "",
                   .ssc_label = "",
                   .model_index = SIZE_MAX};
    double *const number[] = {
        &e.cohort,      &e.estimate,     &e.std_error,        &e.statistic,
        &e.p_value,     &e.p_two_sided,  &e.p_adjusted,       &e.conf_low,
        &e.conf_high,   &e.conf_level,   &e.constant,         &e.constant_std_error,
        &e.r2_within,   &e.r2_between,   &e.r2_overall,       &e.r2,
        &e.mean_before, &e.obs_per_unit, &e.obs_per_unit_min, &e.obs_per_unit_max,
        &e.p_wild,      &e.wild_low,     &e.wild_high};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        *number[i] = NAN;
    e.assumption.text = "";
    return e;
}

/* The p value that the decision asks for: one-sided towards the better direction
 * (-1: lower), two-sided otherwise. */
static double p_asked_for(double statistic, double p_two_sided, bool one_sided,
                          int direction)
{
    if (!one_sided || direction == 0)
        return p_two_sided;
    bool better = direction < 0 ? statistic < 0 : statistic > 0;
    return better ? p_two_sided / 2 : 1 - p_two_sided / 2;
}

static unsigned stars_of(double p, const double thresholds[3])
{
    unsigned stars = 0;
    for (size_t i = 0; i < 3; i++)
        stars += p < thresholds[i];
    return stars;
}

void np_effect_take(np_effect *e, const np_effect_numbers *numbers,
                    const np_decision *decision, int direction)
{
    e->estimate = numbers->estimate;
    e->std_error = numbers->std_error;
    e->statistic = numbers->statistic;
    e->p_two_sided = numbers->p_two_sided;
    e->p_value =
        p_asked_for(e->statistic, e->p_two_sided, decision->one_sided, direction);
    e->p_adjusted = e->p_value;
    e->conf_low = numbers->conf_low;
    e->conf_high = numbers->conf_high;
    e->conf_level = numbers->conf_level;
    e->stars = stars_of(e->p_value, decision->stars);
    e->significant = e->p_value < decision->level;
}

np_status np_effect_fill(np_effect *e, const np_model *model, const char *term,
                         const np_decision *decision, int direction, np_error *failure)
{
    const np_estimates *s = &model->estimates;
    size_t k = np_estimates_find(s, term);
    if (k == s->k)
        return np_fail(failure, NP_E_NOT_IDENTIFIED,
                       _("%s cannot be told apart from the other terms"), term);
    np_effect_take(e,
                   &(np_effect_numbers){.estimate = s->estimate[k],
                                        .std_error = s->std_error[k],
                                        .statistic = s->statistic[k],
                                        .p_two_sided = s->p_value[k],
                                        .conf_low = s->conf_low[k],
                                        .conf_high = s->conf_high[k],
                                        .conf_level = s->conf_level},
                   decision, direction);
    e->model = model;
    e->term = s->term[k];
    e->n = s->n;
    e->r2 = np_estimates_stat(s, "r2");
    e->vcov_label = s->vcov_label == NULL ? "" : s->vcov_label;
    e->ssc_label = s->ssc_label == NULL ? "" : s->ssc_label;
    return NP_OK;
}

np_status np_effect_refuse(np_effect *e, const np_work *w, const np_error *failure)
{
    np_error *copy = np_arena_array(w->arena, np_error, 1);
    if (copy == NULL)
        return np_work_no_memory(w);
    *copy = *failure;
    e->refused = copy;
    return NP_OK;
}

/* The effect on all participants is the question's primary estimate and stands by
 * itself; cohorts, subgroups and attributes are adjusted among each other. */
static bool same_family(const np_effect *a, const np_effect *b)
{
    return (a->scope == NP_SCOPE_ALL) == (b->scope == NP_SCOPE_ALL) &&
           a->estimator == b->estimator && a->dependent == b->dependent &&
           a->weighted == b->weighted && a->informants == b->informants &&
           b->refused == NULL && !isnan(b->p_value);
}

static np_status adjust_family(np_effect **member, double *p, size_t m, np_adjustment how,
                               np_arena *arena, np_error *err)
{
    for (size_t i = 0; i < m; i++)
        p[i] = member[i]->p_value;
    np_status status = np_adjust_p_values(p, p, m, how, arena, err);
    for (size_t i = 0; status == NP_OK && i < m; i++)
        member[i]->p_adjusted = p[i];
    return status;
}

np_status np_effects_adjust(np_effect *effect, size_t n, const np_decision *decision,
                            np_arena *arena, np_error *err)
{
    np_effect **member = np_arena_array(arena, np_effect *, n);
    uint8_t *done = np_arena_array(arena, uint8_t, n + 1);
    double *p = np_arena_array(arena, double, n);
    np_status status = NP_OK;
    if (member == NULL || done == NULL || p == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        size_t m = 0;
        if (done[i] || effect[i].refused != NULL || isnan(effect[i].p_value))
            continue;
        for (size_t j = i; j < n; j++) {
            if (!same_family(&effect[i], &effect[j]))
                continue;
            member[m++] = &effect[j];
            done[j] = 1;
        }
        status = adjust_family(member, p, m,
                               np_adjustment_of_code(decision->multiplicity), arena, err);
    }
    for (size_t i = 0; i < n; i++)
        effect[i].significant = effect[i].p_adjusted < decision->level;
    return status;
}

/* x'b of the terms that the model kept. */
static void fitted(double *xb, const np_model *m)
{
    const np_regressors *x = &m->design.x;
    const np_estimates *e = &m->estimates;
    for (size_t b = 0; b < x->n_blocks; b++) {
        const np_block *block = &x->block[b];
        for (size_t c = 0; c < block->n_columns; c++) {
            size_t k = np_estimates_find(e, x->term[block->first + c]);
            if (k == e->k)
                continue;
            for (size_t i = 0; i < m->design.n; i++) {
                if (block->kind == NP_BLOCK_DENSE)
                    xb[i] += e->estimate[k] * block->value[i];
                else if (block->column[i] == (int32_t)c)
                    xb[i] +=
                        e->estimate[k] * (block->value == NULL ? 1 : block->value[i]);
            }
        }
    }
}

/* Weighted squared correlation. */
static double correlation2(const double *x, const double *y, const double *weight,
                           size_t n)
{
    double sw = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weight == NULL ? 1 : weight[i];
        sw += w;
        sx += w * x[i];
        sy += w * y[i];
    }
    for (size_t i = 0; i < n; i++) {
        double w = weight == NULL ? 1 : weight[i];
        double dx = x[i] - sx / sw, dy = y[i] - sy / sw;
        sxx += w * dx * dx;
        syy += w * dy * dy;
        sxy += w * dx * dy;
    }
    return sxx > 0 && syy > 0 ? sxy * sxy / (sxx * syy) : NAN;
}

/* Means of v by unit; units without rows are left out of mean[], *n_means counts. */
static void unit_means(double *mean_of, const double *v, const double *weight,
                       const int32_t *unit, size_t n, double *sum_w, size_t n_units)
{
    memset(mean_of, 0, n_units * sizeof *mean_of);
    memset(sum_w, 0, n_units * sizeof *sum_w);
    for (size_t i = 0; i < n; i++) {
        double w = weight == NULL ? 1 : weight[i];
        mean_of[unit[i]] += w * v[i];
        sum_w[unit[i]] += w;
    }
    for (size_t u = 0; u < n_units; u++)
        if (sum_w[u] > 0)
            mean_of[u] /= sum_w[u];
}

np_status np_panel_fit_measures_of(np_panel_fit_measures *out, const np_model *full,
                                   const int32_t *unit, size_t n_units, np_arena *arena,
                                   np_error *err)
{
    size_t n = full->design.n, used = 0;
    const double *y = full->design.y, *weight = full->design.weight;
    double *xb = np_arena_array(arena, double, n);
    double *dy = np_arena_array(arena, double, n);
    double *dx = np_arena_array(arena, double, n);
    double *my = np_arena_array(arena, double, n_units);
    double *mx = np_arena_array(arena, double, n_units);
    double *sum_w = np_arena_array(arena, double, n_units);
    if (xb == NULL || dy == NULL || dx == NULL || my == NULL || mx == NULL ||
        sum_w == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    fitted(xb, full);
    unit_means(my, y, weight, unit, n, sum_w, n_units);
    unit_means(mx, xb, weight, unit, n, sum_w, n_units);
    double sw = 0, sy = 0, sx = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weight == NULL ? 1 : weight[i];
        dy[i] = y[i] - my[unit[i]];
        dx[i] = xb[i] - mx[unit[i]];
        sw += w;
        sy += w * y[i];
        sx += w * xb[i];
    }
    for (size_t u = 0; u < n_units; u++)
        if (sum_w[u] > 0) {
            my[used] = my[u];
            mx[used++] = mx[u];
        }
    *out = (np_panel_fit_measures){.within = correlation2(dx, dy, weight, n),
                                   .between = correlation2(mx, my, NULL, used),
                                   .overall = correlation2(xb, y, weight, n),
                                   .constant = (sy - sx) / sw};
    return NP_OK;
}
