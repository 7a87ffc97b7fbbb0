#include "stats/did/did_aggregate.h"

#include <Rmath.h>
#include <math.h>

#include "stats/did/multiplier_bootstrap.h"
#include "stats/linalg.h"

typedef struct {
    const np_average_cells *in;
    const np_did_spec *spec;
    np_arena *arena;
    np_error *err;
    size_t *picked; /* [n_cells] scratch */
} averaging;

/* A weighted sum of cells: its estimate, and the same of the influence's columns. */
typedef struct {
    double value, estimate, n_treated;
    double *a; /* [n_columns] */
    bool known, base;
} average_row;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the averages"));
}

static bool is_after(const np_group_time_row *cell)
{
    return cell->time >= cell->cohort;
}

static void add_cell(average_row *to, const np_average_cells *in, size_t i, double weight)
{
    const np_group_time_row *cell = &in->cell[i];
    to->estimate += weight * cell->estimate;
    to->n_treated += cell->n_treated;
    to->known = to->known || cell->std_error > 0;
    to->base = to->base && in->column[i] == in->n_columns;
    if (in->column[i] < in->n_columns)
        to->a[in->column[i]] += weight;
}

static np_status start_row(average_row *to, double value, const averaging *v)
{
    *to = (average_row){.value = value, .base = true};
    to->a = np_arena_array(v->arena, double, v->in->n_columns);
    return to->a == NULL ? no_memory(v->err) : NP_OK;
}

/* The picked cells by their cohorts' shares, with the shares' own influence. */
static np_status by_share(average_row *to, double value, size_t n, const averaging *v)
{
    const np_average_cells *in = v->in;
    double total = 0;
    np_status status = start_row(to, value, v);
    if (status != NP_OK)
        return status;
    for (size_t j = 0; j < n; j++)
        total += in->share[in->cell_cohort[v->picked[j]]];
    for (size_t j = 0; j < n; j++)
        add_cell(to, in, v->picked[j], in->share[in->cell_cohort[v->picked[j]]] / total);
    double *weights = to->a + in->n_columns - in->n_cohorts;
    for (size_t j = 0; j < n; j++) {
        size_t i = v->picked[j];
        weights[in->cell_cohort[i]] += (in->cell[i].estimate - to->estimate) / total;
    }
    return NP_OK;
}

static np_status evenly(average_row *to, double value, size_t n, const averaging *v)
{
    np_status status = start_row(to, value, v);
    for (size_t j = 0; status == NP_OK && j < n; j++)
        add_cell(to, v->in, v->picked[j], 1 / (double)n);
    return status;
}

/* to += weight × row */
static void add_row(average_row *to, const average_row *row, double weight, size_t n)
{
    to->estimate += weight * row->estimate;
    to->n_treated += row->n_treated;
    to->known = to->known || row->known;
    to->base = to->base && row->base;
    for (size_t j = 0; j < n; j++)
        to->a[j] += weight * row->a[j];
}

typedef struct {
    size_t n;
    average_row *row, overall;
} average_table;

static np_status make_rows(average_table *t, const averaging *v)
{
    t->row = np_arena_array(v->arena, average_row, v->in->n_cells + 1);
    return t->row == NULL ? no_memory(v->err) : start_row(&t->overall, 0, v);
}

static np_status simple(average_table *t, const averaging *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->in->n_cells; i++)
        if (is_after(&v->in->cell[i]) && !isnan(v->in->cell[i].estimate))
            v->picked[n++] = i;
    np_status status = by_share(&t->overall, 0, n, v);
    if (n == 0)
        t->overall.estimate = NAN;
    return status;
}

/* First and last period that any cell has. */
static void span(const np_average_cells *in, double *first, double *last)
{
    *first = INFINITY;
    *last = -INFINITY;
    for (size_t i = 0; i < in->n_cells; i++) {
        *first = fmin(*first, in->cell[i].time);
        *last = fmax(*last, in->cell[i].time);
    }
}

/* Whether a dynamic average of event time e takes the cohort. */
static bool is_balanced(const averaging *v, double e, double cohort)
{
    double first, last, balance = v->spec->balance;
    if (v->spec->has_window && (e < v->spec->window_min || e > v->spec->window_max))
        return false;
    if (!v->spec->has_balance)
        return true;
    span(v->in, &first, &last);
    return e <= balance && e >= balance - last + first && last - cohort >= balance;
}

/* The smallest value above `above` of the cells that may be taken, or infinity. */
static double next_value(const averaging *v, double above, bool by_event)
{
    double next = INFINITY;
    for (size_t i = 0; i < v->in->n_cells; i++) {
        const np_group_time_row *c = &v->in->cell[i];
        double value = by_event ? c->event_time : c->time;
        if (isnan(c->estimate) || !(value > above && value < next))
            continue;
        if (by_event ? is_balanced(v, value, c->cohort) : is_after(c))
            next = value;
    }
    return next;
}

/* Dynamic rows by event time, calendar rows by period; overall: mean of those from the
 * start on. */
static np_status by_time(average_table *t, const averaging *v, bool by_event)
{
    const np_average_cells *in = v->in;
    np_status status = NP_OK;
    double value = -INFINITY;
    size_t n_after = 0;
    while (status == NP_OK && isfinite(value = next_value(v, value, by_event))) {
        size_t n = 0;
        for (size_t i = 0; i < in->n_cells; i++) {
            const np_group_time_row *c = &in->cell[i];
            if ((by_event ? c->event_time : c->time) != value || isnan(c->estimate))
                continue;
            if (by_event ? is_balanced(v, value, c->cohort) : is_after(c))
                v->picked[n++] = i;
        }
        status = by_share(&t->row[t->n++], value, n, v);
        n_after += !by_event || value >= 0;
    }
    for (size_t i = 0; status == NP_OK && i < t->n; i++)
        if (!by_event || t->row[i].value >= 0)
            add_row(&t->overall, &t->row[i], 1 / (double)n_after, in->n_columns);
    if (n_after == 0)
        t->overall.estimate = NAN;
    return status;
}

static np_status by_cohort(average_table *t, const averaging *v)
{
    const np_average_cells *in = v->in;
    np_status status = NP_OK;
    double total = 0;
    size_t *cohort = np_arena_array(v->arena, size_t, in->n_cohorts);
    if (cohort == NULL)
        return no_memory(v->err);
    for (size_t g = 0; status == NP_OK && g < in->n_cohorts; g++) {
        size_t n = 0;
        for (size_t i = 0; i < in->n_cells; i++)
            if (in->cell_cohort[i] == g && is_after(&in->cell[i]) &&
                !isnan(in->cell[i].estimate))
                v->picked[n++] = i;
        if (n == 0)
            continue;
        total += in->share[g];
        cohort[t->n] = g;
        status = evenly(&t->row[t->n++], in->cohort[g], n, v);
    }
    for (size_t i = 0; status == NP_OK && i < t->n; i++)
        add_row(&t->overall, &t->row[i], in->share[cohort[i]] / total, in->n_columns);
    double *weights = t->overall.a + in->n_columns - in->n_cohorts;
    for (size_t i = 0; status == NP_OK && i < t->n; i++)
        weights[cohort[i]] += (t->row[i].estimate - t->overall.estimate) / total;
    if (t->n == 0)
        t->overall.estimate = NAN;
    return status;
}

/* D [n_draws × n] := draws × A' for A [n × n_columns]. */
static np_status combine_draws(double **out, const double *A, size_t n,
                               const averaging *v)
{
    size_t n_draws = v->spec->draws, k = v->in->n_columns;
    double *D = np_arena_array(v->arena, double, n_draws *n);
    if (D == NULL)
        return no_memory(v->err);
    for (size_t r = 0; r < n_draws; r++)
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t j = 0; j < k; j++)
                sum += v->in->draw[r * k + j] * A[i * k + j];
            D[r * n + i] = sum;
        }
    *out = D;
    return NP_OK;
}

/* Errors [n] and the critical value (NaN without draws) of the combinations A. */
static np_status errors_of(double *std_error, double *critical, const double *vcov,
                           const double *A, size_t n, const averaging *v)
{
    *critical = NAN;
    for (size_t i = 0; i < n; i++)
        std_error[i] = vcov[i * n + i] > 0 ? sqrt(vcov[i * n + i]) : NAN;
    if (v->in->draw == NULL || n == 0)
        return NP_OK;
    double *D = NULL, level = np_did_conf_level(v->spec);
    np_status status = combine_draws(&D, A, n, v);
    if (status == NP_OK)
        status = np_multiplier_inference(std_error, critical, D, v->spec->draws, n, level,
                                         v->arena, v->err);
    return status;
}

static np_status covariance(double **out, const double *A, size_t n, const averaging *v)
{
    size_t k = v->in->n_columns;
    double *V = np_arena_array(v->arena, double, n *n);
    double *scratch = np_arena_array(v->arena, double, n *k);
    if (V == NULL || scratch == NULL)
        return no_memory(v->err);
    np_matrix_sandwich(V, A, v->in->cross, n, k, scratch);
    *out = V;
    return NP_OK;
}

static np_status fill_rows(np_did_aggregate *to, const average_table *t, const double *A,
                           const averaging *v)
{
    np_did_aggregate a = *to;
    double *V, *se = np_arena_array(v->arena, double, t->n);
    np_aggregate_row *row = np_arena_array(v->arena, np_aggregate_row, t->n);
    if (se == NULL || row == NULL)
        return no_memory(v->err);
    np_status status = covariance(&V, A, t->n, v);
    if (status == NP_OK)
        status = errors_of(se, &a.critical_value, V, A, t->n, v);
    double level = np_did_conf_level(v->spec);
    double pointwise = qnorm((1 - level) / 2, 0, 1, 0, 0);
    if (v->spec->pointwise)
        a.critical_value = NAN;
    else if (a.critical_value < pointwise)
        a.critical_value = pointwise;
    for (size_t i = 0; status == NP_OK && i < t->n; i++) {
        np_aggregate_row *r = &row[i];
        *r = (np_aggregate_row){.value = t->row[i].value,
                                .estimate = t->row[i].estimate,
                                .std_error = t->row[i].known ? se[i] : NAN,
                                .n_treated = t->row[i].n_treated,
                                .reference = t->row[i].base};
        np_did_infer(&r->statistic, &r->p_value, &r->conf_low, &r->conf_high, r->estimate,
                     r->std_error, level, NAN);
        r->band_low = r->estimate - a.critical_value * r->std_error;
        r->band_high = r->estimate + a.critical_value * r->std_error;
    }
    a.n_rows = t->n;
    a.row = row;
    a.vcov = V;
    *to = a;
    return status;
}

static np_status fill_overall(np_did_aggregate *a, const average_row *overall,
                              const averaging *v)
{
    double *V, critical;
    np_status status = covariance(&V, overall->a, 1, v);
    a->estimate = overall->estimate;
    if (status == NP_OK)
        status = errors_of(&a->std_error, &critical, V, overall->a, 1, v);
    if (!overall->known || isnan(a->estimate))
        a->std_error = NAN;
    np_did_infer(&a->statistic, &a->p_value, &a->conf_low, &a->conf_high, a->estimate,
                 a->std_error, v->spec->conf_level, NAN);
    return status;
}

static np_status average(np_did_aggregate *out, double **A, unsigned kind,
                         const averaging *v)
{
    average_table t = {0};
    *out = (np_did_aggregate){.critical_value = NAN};
    np_status status = make_rows(&t, v);
    if (status != NP_OK)
        return status;
    switch (kind) {
    case NP_AGGREGATE_SIMPLE:
        out->kind = "simple";
        status = simple(&t, v);
        break;
    case NP_AGGREGATE_DYNAMIC:
        out->kind = "dynamic";
        status = by_time(&t, v, true);
        break;
    case NP_AGGREGATE_GROUP:
        out->kind = "group";
        status = by_cohort(&t, v);
        break;
    default:
        out->kind = "calendar";
        status = by_time(&t, v, false);
    }
    size_t k = v->in->n_columns;
    *A = np_arena_array(v->arena, double, t.n *k);
    if (status == NP_OK && *A == NULL)
        status = no_memory(v->err);
    for (size_t i = 0; status == NP_OK && i < t.n; i++)
        for (size_t j = 0; j < k; j++)
            (*A)[i * k + j] = t.row[i].a[j];
    if (status == NP_OK)
        status = fill_overall(out, &t.overall, v);
    if (status == NP_OK && t.n > 0)
        status = fill_rows(out, &t, *A, v);
    return status;
}

np_status np_did_average(np_did_averages *out, const np_average_cells *cells,
                         const np_did_spec *spec, np_arena *arena, np_error *err)
{
    averaging v = {.in = cells, .spec = spec, .arena = arena, .err = err};
    np_did_averages a = {.aggregate = np_arena_array(arena, np_did_aggregate, 4),
                         .combination = np_arena_array(arena, double *, 4)};
    unsigned wanted = spec->aggregates == 0 ? NP_AGGREGATE_ALL : spec->aggregates;
    v.picked = np_arena_array(arena, size_t, cells->n_cells);
    if (a.aggregate == NULL || a.combination == NULL || v.picked == NULL)
        return no_memory(err);
    np_status status = NP_OK;
    for (unsigned kind = 1; status == NP_OK && kind < NP_AGGREGATE_ALL; kind *= 2)
        if (wanted & kind) {
            status = average(&a.aggregate[a.n], &a.combination[a.n], kind, &v);
            a.n++;
        }
    if (status == NP_OK)
        *out = a;
    return status;
}
