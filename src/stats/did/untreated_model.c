#include "stats/did/untreated_model.h"

#include <math.h>
#include <string.h>

#include "stats/linalg.h"

/* Columns whose share that the others do not explain is below this are left out, as in
 * the linear models (fixest's collin.tol). */
static const double collinear = 1e-10;
/* A fitted value moves with a direction left open by at least a whole effect, or not at
 * all but for rounding. */
static const double moves = 1e-6;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the untreated outcomes"));
}

static double weight_of(const np_untreated_model *m, size_t row)
{
    return m->spec.weight == NULL ? 1 : m->spec.weight[row];
}

static size_t n_controls(const np_untreated_model *m)
{
    return m->k - m->first_control;
}

/* Control j of a row about its centre. */
static double control(const np_untreated_model *m, size_t row, size_t j)
{
    return m->spec.panel->x[1 + j][row] - m->center[m->first_control + j];
}

static np_status allocate(np_untreated_model *m, np_arena *arena, np_error *err)
{
    const np_did_panel *p = m->spec.panel;
    size_t q = m->spec.controls && p->k > 0 ? p->k - 1 : 0, k;
    m->first_lead = p->n_periods;
    m->first_control = m->first_lead + m->spec.n_leads;
    k = m->k = m->first_control + q;
    m->S = np_arena_array(arena, double, k *k);
    m->R = np_arena_array(arena, double, k *k);
    m->kept = np_arena_array(arena, bool, k);
    m->coefficient = np_arena_array(arena, double, k);
    m->center = np_arena_array(arena, double, k);
    m->unit_weight = np_arena_array(arena, double, p->n_units);
    m->unit_mean = np_arena_array(arena, double, p->n_units *(1 + q));
    return m->S == NULL || m->R == NULL || m->kept == NULL || m->coefficient == NULL ||
                   m->center == NULL || m->unit_weight == NULL || m->unit_mean == NULL
               ? no_memory(err)
               : NP_OK;
}

static void find_centers(np_untreated_model *m)
{
    const np_did_panel *p = m->spec.panel;
    double sum = 0;
    for (size_t r = 0; r < p->n; r++) {
        if (!m->spec.untreated[r])
            continue;
        double w = weight_of(m, r);
        m->n_untreated++;
        sum += w;
        for (size_t j = 0; j < n_controls(m); j++)
            m->center[m->first_control + j] += w * p->x[1 + j][r];
    }
    m->sum_weight = sum;
    for (size_t j = m->first_control; j < m->k && sum > 0; j++)
        m->center[j] /= sum;
}

static void unit_means(np_untreated_model *m)
{
    const np_did_panel *p = m->spec.panel;
    size_t q = n_controls(m);
    for (size_t u = 0; u < p->n_units; u++) {
        double *mean = m->unit_mean + u * (1 + q), total = 0;
        for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++) {
            if (!m->spec.untreated[r])
                continue;
            double w = weight_of(m, r);
            total += w;
            mean[0] += w * p->y[r];
            for (size_t j = 0; j < q; j++)
                mean[1 + j] += w * control(m, r, j);
        }
        m->unit_weight[u] = total;
        for (size_t j = 0; j <= q && total > 0; j++)
            mean[j] /= total;
    }
}

/* The dummies' part of S: sum of w on the diagonal, less the units' products of means;
 * and dummies times controls, which stand about the units' means already. */
static void add_unit(np_untreated_model *m, double *raw, double *rhs, size_t u,
                     double *dummy_sum)
{
    const np_did_panel *p = m->spec.panel;
    size_t k = m->k, q = n_controls(m), d = m->first_control;
    const double *mean = m->unit_mean + u * (1 + q);
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++) {
        if (!m->spec.untreated[r])
            continue;
        double w = weight_of(m, r), y = p->y[r] - mean[0];
        size_t at[2] = {(size_t)p->period_of[r], d};
        if (m->spec.lead != NULL && m->spec.lead[r] >= 0)
            at[1] = m->first_lead + (size_t)m->spec.lead[r];
        for (int a = 0; a < 2 && at[a] < d; a++) {
            dummy_sum[at[a]] += w;
            rhs[at[a]] += w * y;
            raw[at[a]] += w;
            for (int b = a; b < 2 && at[b] < d; b++)
                m->S[at[a] * k + at[b]] += w;
            for (size_t j = 0; j < q; j++)
                m->S[at[a] * k + d + j] += w * (control(m, r, j) - mean[1 + j]);
        }
        for (size_t j = 0; j < q; j++) {
            double x = control(m, r, j), deviation = x - mean[1 + j];
            raw[d + j] += w * x * x;
            rhs[d + j] += w * deviation * y;
            for (size_t l = j; l < q; l++)
                m->S[(d + j) * k + d + l] +=
                    w * deviation * (control(m, r, l) - mean[1 + l]);
        }
    }
}

/* Takes the outer product of the unit's sums of dummies from S and clears them. The
 * places that are not zero come ascending. */
static void take_means(np_untreated_model *m, size_t u, double *dummy_sum,
                       uint32_t *place)
{
    const np_did_panel *p = m->spec.panel;
    size_t n = 0;
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
        if (m->spec.untreated[r])
            place[n++] = (uint32_t)p->period_of[r];
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
        if (m->spec.untreated[r] && m->spec.lead != NULL && m->spec.lead[r] >= 0)
            place[n++] = (uint32_t)(m->first_lead + (size_t)m->spec.lead[r]);
    double total = m->unit_weight[u];
    for (size_t i = 0; i < n; i++) {
        double share = dummy_sum[place[i]] / total;
        double *row = m->S + place[i] * m->k;
        for (size_t j = i; j < n; j++)
            row[place[j]] -= share * dummy_sum[place[j]];
    }
    for (size_t i = 0; i < n; i++)
        dummy_sum[place[i]] = 0;
}

/* A direction per column left out: the column itself, less what the kept ones explain
 * of it. */
static np_status open_directions(np_untreated_model *m, const double *raw,
                                 np_arena *arena, np_error *err)
{
    size_t k = m->k, n_open = 0;
    for (size_t j = 0; j < k; j++)
        n_open += !m->kept[j];
    m->open = np_arena_array(arena, double, n_open *k);
    if (m->open == NULL)
        return no_memory(err);
    for (size_t j = 0; j < k; j++) {
        if (m->kept[j])
            continue;
        double *direction = m->open + m->n_open++ * k;
        for (size_t i = 0; i < k; i++)
            direction[i] = -m->S[i < j ? i * k + j : j * k + i];
        np_cholesky_solve(direction, m->R, m->kept, k);
        direction[j] = 1;
        double deviation = j < m->first_control ? 1 : sqrt(raw[j] / m->sum_weight);
        for (size_t i = 0; i < k && deviation > 0; i++)
            direction[i] /= deviation;
    }
    return NP_OK;
}

static np_status accumulate(np_untreated_model *m, np_arena *arena, np_error *err)
{
    const np_did_panel *p = m->spec.panel;
    double *dummy_sum = np_arena_array(arena, double, m->k);
    double *raw = np_arena_array(arena, double, m->k);
    uint32_t *place = np_arena_array(arena, uint32_t, 2 * p->n_periods);
    if (dummy_sum == NULL || raw == NULL || place == NULL)
        return no_memory(err);
    for (size_t u = 0; u < p->n_units; u++) {
        if (!(m->unit_weight[u] > 0))
            continue;
        add_unit(m, raw, m->coefficient, u, dummy_sum);
        take_means(m, u, dummy_sum, place);
    }
    np_cholesky(m->R, m->kept, m->S, raw, m->k, collinear);
    np_status status = open_directions(m, raw, arena, err);
    return status;
}

np_status np_untreated_fit(np_untreated_model *out, const np_untreated_spec *spec,
                           np_arena *arena, np_error *err)
{
    np_untreated_model m = {.spec = *spec};
    np_status status = allocate(&m, arena, err);
    if (status != NP_OK)
        return status;
    find_centers(&m);
    unit_means(&m);
    status = accumulate(&m, arena, err);
    if (status != NP_OK)
        return status;
    np_cholesky_solve(m.coefficient, m.R, m.kept, m.k);
    *out = m;
    return NP_OK;
}

/* r_it' value without the controls. */
static double dummies_of(const np_untreated_model *m, size_t row, const double *value)
{
    double sum = value[m->spec.panel->period_of[row]];
    if (m->spec.lead != NULL && m->spec.lead[row] >= 0)
        sum += value[m->first_lead + (size_t)m->spec.lead[row]];
    return sum;
}

/* m_i' value without the controls. */
static double mean_of_dummies(const np_untreated_model *m, size_t u, const double *value)
{
    const np_did_panel *p = m->spec.panel;
    double sum = 0;
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
        if (m->spec.untreated[r])
            sum += weight_of(m, r) * dummies_of(m, r, value);
    return sum / m->unit_weight[u];
}

/* (r_it - m_i)' value, where m_i' value of the dummies is known. */
static double deviation(const np_untreated_model *m, size_t row, double mean_dummies,
                        const double *value)
{
    size_t q = n_controls(m);
    const double *mean = m->unit_mean + (size_t)m->spec.panel->unit_of[row] * (1 + q);
    double sum = dummies_of(m, row, value) - mean_dummies;
    for (size_t j = 0; j < q; j++)
        sum += value[m->first_control + j] * (control(m, row, j) - mean[1 + j]);
    return sum;
}

void np_untreated_residuals(double *effect, const np_untreated_model *m, size_t u)
{
    const np_did_panel *p = m->spec.panel;
    bool any = m->unit_weight[u] > 0;
    double mean = any ? mean_of_dummies(m, u, m->coefficient) : NAN;
    double mean_y = m->unit_mean[u * (1 + n_controls(m))];
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
        effect[r] = any ? p->y[r] - mean_y - deviation(m, r, mean, m->coefficient) : NAN;
    for (size_t i = 0; any && i < m->n_open; i++) {
        const double *open = m->open + i * m->k;
        double mean_open = mean_of_dummies(m, u, open);
        for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
            if (!m->spec.untreated[r] &&
                !(fabs(deviation(m, r, mean_open, open)) < moves))
                effect[r] = NAN;
    }
}

void np_untreated_add_row(double *sum, const np_untreated_model *m, size_t row,
                          double factor)
{
    const np_did_panel *p = m->spec.panel;
    size_t u = (size_t)p->unit_of[row], q = n_controls(m);
    const double *mean = m->unit_mean + u * (1 + q);
    sum[p->period_of[row]] += factor;
    if (m->spec.lead != NULL && m->spec.lead[row] >= 0)
        sum[m->first_lead + (size_t)m->spec.lead[row]] += factor;
    for (size_t j = 0; j < q; j++)
        sum[m->first_control + j] += factor * (control(m, row, j) - mean[1 + j]);
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++) {
        if (!m->spec.untreated[r])
            continue;
        double share = factor * weight_of(m, r) / m->unit_weight[u];
        sum[p->period_of[r]] -= share;
        if (m->spec.lead != NULL && m->spec.lead[r] >= 0)
            sum[m->first_lead + (size_t)m->spec.lead[r]] -= share;
    }
}

void np_untreated_score(double *score, const np_untreated_model *m,
                        const double *residual, size_t u)
{
    const np_did_panel *p = m->spec.panel;
    size_t q = n_controls(m);
    const double *mean = m->unit_mean + u * (1 + q);
    memset(score, 0, m->k * sizeof *score);
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++) {
        if (!m->spec.untreated[r])
            continue;
        double we = weight_of(m, r) * residual[r];
        score[p->period_of[r]] += we;
        if (m->spec.lead != NULL && m->spec.lead[r] >= 0)
            score[m->first_lead + (size_t)m->spec.lead[r]] += we;
        for (size_t j = 0; j < q; j++)
            score[m->first_control + j] += we * (control(m, r, j) - mean[1 + j]);
    }
}
