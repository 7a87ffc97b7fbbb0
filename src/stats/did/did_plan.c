#include "stats/did/did_plan.h"

#include <math.h>

#include "stats/sorted.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for averages of effects"));
}

typedef enum { SIMPLE, DYNAMIC, GROUP, CALENDAR } kind;
static const char *const kind_name[] = {"simple", "dynamic", "group", "calendar"};
static const unsigned kind_bit[] = {NP_AGGREGATE_SIMPLE, NP_AGGREGATE_DYNAMIC,
                                    NP_AGGREGATE_GROUP, NP_AGGREGATE_CALENDAR};

typedef struct {
    np_did_plan plan;
    uint32_t *start, *index;
    double *share, *value, *n_units;
    bool *no_error;
    double *distinct; /* [n_cells] scratch */
    const np_did_spec *spec;
} builder;

static double value_of(kind k, const np_did_plan_cell *c)
{
    return k == DYNAMIC ? c->event_time : k == GROUP ? c->cohort : c->time;
}

/* Which cells a kind averages. */
static bool counts(const builder *b, kind k, const np_did_plan_cell *c)
{
    const np_did_spec *s = b->spec;
    if (k != DYNAMIC)
        return c->event_time >= 0;
    if (s->has_window &&
        !(c->event_time >= s->window_min && c->event_time <= s->window_max))
        return false;
    if (s->has_balance && !isnan(c->cohort))
        return c->last_event_time >= s->balance && c->event_time <= s->balance;
    return !s->has_balance || c->event_time <= s->balance;
}

static void begin_row(builder *b, double value)
{
    b->value[b->plan.n_rows] = value;
    b->n_units[b->plan.n_rows] = 0;
    b->no_error[b->plan.n_rows] = true;
}

static void add(builder *b, size_t cell, double share)
{
    uint32_t at = b->start[b->plan.n_rows + 1];
    b->index[at] = (uint32_t)cell;
    b->share[at] = share;
    b->start[b->plan.n_rows + 1] = at + 1;
}

static void end_row(builder *b)
{
    b->plan.n_rows++;
    b->start[b->plan.n_rows + 1] = b->start[b->plan.n_rows];
}

/* One row: the cells of that value, by weight. value NaN: all. */
static void average_row(builder *b, kind k, double value)
{
    double sum = 0;
    size_t n = b->plan.n_cells, row = b->plan.n_rows;
    const np_did_plan_cell *cell = b->plan.cell;
    begin_row(b, value);
    for (size_t c = 0; c < n; c++)
        if (counts(b, k, &cell[c]) && (isnan(value) || value_of(k, &cell[c]) == value))
            sum += cell[c].weight;
    for (size_t c = 0; c < n; c++) {
        if (!counts(b, k, &cell[c]) || (!isnan(value) && value_of(k, &cell[c]) != value))
            continue;
        add(b, c, cell[c].weight / sum);
        b->no_error[row] = b->no_error[row] && cell[c].no_error;
        b->n_units[row] = k == GROUP ? fmax(b->n_units[row], cell[c].n_units)
                                     : b->n_units[row] + cell[c].n_units;
    }
    end_row(b);
}

static double cohort_size(const builder *b, double cohort)
{
    for (size_t c = 0; c < b->plan.n_cells; c++)
        if (b->plan.cell[c].cohort == cohort)
            return b->plan.cell[c].cohort_size;
    return 0;
}

/* The rows of a kind in one number: their mean, or by the cohorts' size. */
static void overall_row(builder *b, kind k, size_t first, size_t n)
{
    double sum = 0;
    size_t row = b->plan.n_rows;
    begin_row(b, NAN);
    for (size_t r = first; r < first + n; r++)
        if (k != DYNAMIC || b->value[r] >= 0)
            sum += k == GROUP ? cohort_size(b, b->value[r]) : 1;
    for (size_t r = first; r < first + n; r++) {
        if (k == DYNAMIC && b->value[r] < 0)
            continue;
        double share = (k == GROUP ? cohort_size(b, b->value[r]) : 1) / sum;
        for (uint32_t i = b->start[r]; i < b->start[r + 1]; i++)
            add(b, b->index[i], share * b->share[i]);
        b->no_error[row] = b->no_error[row] && b->no_error[r];
        b->n_units[row] += b->n_units[r];
    }
    end_row(b);
}

/* Distinct values of the cells that count, ascending; their number. */
static size_t distinct_values(builder *b, kind k)
{
    size_t n = 0;
    for (size_t c = 0; c < b->plan.n_cells; c++) {
        double v = value_of(k, &b->plan.cell[c]);
        if (!isnan(v) && counts(b, k, &b->plan.cell[c]))
            b->distinct[n++] = v;
    }
    return np_sort_distinct(b->distinct, n);
}

static void add_kind(builder *b, kind k)
{
    size_t first = b->plan.n_rows, n = 0, overall = first;
    if (k == SIMPLE) {
        average_row(b, SIMPLE, NAN);
    } else {
        n = distinct_values(b, k);
        for (size_t i = 0; i < n; i++)
            average_row(b, k, b->distinct[i]);
        overall = b->plan.n_rows;
        overall_row(b, k, first, n);
    }
    size_t at = b->plan.n_kinds++;
    b->plan.kind[at].kind = kind_name[k];
    b->plan.kind[at].overall = overall;
    b->plan.kind[at].first = first;
    b->plan.kind[at].n = n;
}

np_status np_did_plan_build(np_did_plan *out, const np_did_plan_cell *cell,
                            size_t n_cells, const np_did_spec *spec, np_arena *arena,
                            np_error *err)
{
    builder b = {.plan = {.n_cells = n_cells, .cell = cell}, .spec = spec};
    size_t most = 3 * n_cells + 8, entries = 7 * n_cells + 8;
    b.start = np_arena_array(arena, uint32_t, most + 1);
    b.index = np_arena_array(arena, uint32_t, entries);
    b.share = np_arena_array(arena, double, entries);
    b.value = np_arena_array(arena, double, most);
    b.n_units = np_arena_array(arena, double, most);
    b.no_error = np_arena_array(arena, bool, most);
    b.distinct = np_arena_array(arena, double, n_cells + 1);
    if (b.start == NULL || b.index == NULL || b.share == NULL || b.value == NULL ||
        b.n_units == NULL || b.no_error == NULL || b.distinct == NULL)
        return no_memory(err);
    for (kind k = SIMPLE; k <= CALENDAR; k++)
        if (spec->aggregates == 0 || (spec->aggregates & kind_bit[k]) != 0)
            add_kind(&b, k);
    b.plan.start = b.start;
    b.plan.index = b.index;
    b.plan.share = b.share;
    b.plan.value = b.value;
    b.plan.n_units = b.n_units;
    b.plan.no_error = b.no_error;
    *out = b.plan;
    return NP_OK;
}

void np_did_plan_apply(double *row, const np_did_plan *plan, const double *value)
{
    for (size_t r = 0; r < plan->n_rows; r++) {
        double sum = 0;
        for (uint32_t i = plan->start[r]; i < plan->start[r + 1]; i++)
            sum += plan->share[i] * value[plan->index[i]];
        row[r] = plan->start[r] == plan->start[r + 1] ? NAN : sum;
    }
}

void np_did_plan_add_outer(double *vcov, const np_did_plan *plan, const double *row)
{
    size_t R = plan->n_rows;
    for (size_t k = 0; k < plan->n_kinds; k++) {
        size_t first = plan->kind[k].first, end = first + plan->kind[k].n;
        for (size_t i = first; i < end; i++)
            for (size_t j = first; j < end; j++)
                vcov[i * R + j] += row[i] * row[j];
        size_t o = plan->kind[k].overall;
        vcov[o * R + o] += row[o] * row[o];
    }
}

static double error_of(double variance, bool none)
{
    return none || !(variance > 0) ? NAN : sqrt(variance);
}

static np_status group_time(np_did_result *out, const np_did_plan *plan,
                            const double *estimate, const double *variance, double df,
                            const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_group_time_row *row = np_arena_array(arena, np_group_time_row, plan->n_cells);
    if (row == NULL)
        return no_memory(err);
    for (size_t c = 0; c < plan->n_cells; c++) {
        const np_did_plan_cell *cell = &plan->cell[c];
        if (isnan(cell->cohort))
            continue;
        np_group_time_row *g = &row[out->n_group_time++];
        *g = (np_group_time_row){.cohort = cell->cohort,
                                 .time = cell->time,
                                 .event_time = cell->event_time,
                                 .base_period = cell->base_period,
                                 .estimate = estimate[c],
                                 .std_error = error_of(variance[c], cell->no_error),
                                 .band_low = NAN,
                                 .band_high = NAN,
                                 .n_treated = cell->n_units,
                                 .n_comparison = cell->n_comparison};
        np_did_infer(&g->statistic, &g->p_value, &g->conf_low, &g->conf_high, g->estimate,
                     g->std_error, spec->conf_level, df);
    }
    out->group_time = row;
    return NP_OK;
}

static np_status rows_of_kind(np_did_aggregate *a, const np_did_plan *plan, size_t k,
                              const double *estimate, const double *vcov, double df,
                              const np_did_spec *spec, np_arena *arena)
{
    size_t n = plan->kind[k].n, first = plan->kind[k].first, R = plan->n_rows;
    np_aggregate_row *row = np_arena_array(arena, np_aggregate_row, n);
    double *V = np_arena_array(arena, double, n *n);
    if (row == NULL || V == NULL)
        return NP_E_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        size_t r = first + i;
        row[i] = (np_aggregate_row){
            .value = plan->value[r],
            .estimate = estimate[r],
            .std_error = error_of(vcov[r * R + r], plan->no_error[r]),
            .band_low = NAN,
            .band_high = NAN,
            .n_treated = plan->n_units[r],
        };
        np_did_infer(&row[i].statistic, &row[i].p_value, &row[i].conf_low,
                     &row[i].conf_high, row[i].estimate, row[i].std_error,
                     spec->conf_level, df);
        for (size_t j = 0; j < n; j++)
            V[i * n + j] = vcov[r * R + first + j];
    }
    a->n_rows = n;
    a->row = row;
    a->vcov = V;
    return NP_OK;
}

np_status np_did_plan_fill(np_did_result *out, const np_did_plan *plan,
                           const double *estimate, const double *variance,
                           const double *row, const double *vcov, const double *influence,
                           double df, const np_did_spec *spec, np_arena *arena,
                           np_error *err)
{
    np_did_aggregate *a = np_arena_array(arena, np_did_aggregate, plan->n_kinds);
    if (a == NULL)
        return no_memory(err);
    np_status status = group_time(out, plan, estimate, variance, df, spec, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t k = 0; k < plan->n_kinds; k++) {
        size_t o = plan->kind[k].overall;
        a[k] = (np_did_aggregate){
            .kind = plan->kind[k].kind,
            .estimate = row[o],
            .std_error = error_of(vcov[o * plan->n_rows + o], plan->no_error[o]),
            .critical_value = NAN};
        np_did_infer(&a[k].statistic, &a[k].p_value, &a[k].conf_low, &a[k].conf_high,
                     a[k].estimate, a[k].std_error, spec->conf_level, df);
        if (rows_of_kind(&a[k], plan, k, row, vcov, df, spec, arena) != NP_OK)
            return no_memory(err);
        if (a[k].kind == kind_name[DYNAMIC])
            a[k].influence = influence;
    }
    out->aggregate = a;
    out->n_aggregates = plan->n_kinds;
    return NP_OK;
}

static size_t rows_with_estimate(uint32_t *index, const np_did_aggregate *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_rows; i++)
        if (!a->row[i].reference && isfinite(a->row[i].estimate))
            index[n++] = (uint32_t)i;
    return n;
}

np_status np_did_plan_coefficients(np_did_result *out, const char *time_name, double df,
                                   const np_did_spec *spec, np_arena *arena,
                                   np_error *err)
{
    np_estimates *e = &out->estimates;
    const np_did_aggregate *a = np_did_aggregate_of(out, "dynamic");
    bool simple = a == NULL || a->n_rows == 0;
    size_t n = simple ? 1 : a->n_rows;
    uint32_t *index = np_arena_array(arena, uint32_t, n);
    const char **term = np_arena_array(arena, const char *, n);
    double *estimate = np_arena_array(arena, double, n);
    double *vcov = np_arena_array(arena, double, n *n);
    if (index == NULL || term == NULL || estimate == NULL || vcov == NULL)
        return no_memory(err);
    if (simple) {
        const np_did_aggregate *s = np_did_aggregate_of(out, "simple");
        e->k = s != NULL;
        term[0] = "ATT";
        estimate[0] = s == NULL ? NAN : s->estimate;
        vcov[0] = s == NULL ? NAN : s->std_error * s->std_error;
    } else {
        e->k = rows_with_estimate(index, a);
    }
    for (size_t i = 0; i < e->k && !simple; i++) {
        term[i] = np_arena_format(arena, "%s::%.10g", time_name, a->row[index[i]].value);
        if (term[i] == NULL)
            return no_memory(err);
        estimate[i] = a->row[index[i]].estimate;
        for (size_t j = 0; j < e->k; j++)
            vcov[i * e->k + j] = a->vcov[index[i] * a->n_rows + index[j]];
        if (isnan(a->row[index[i]].std_error))
            vcov[i * e->k + i] = NAN;
    }
    e->term = term;
    e->estimate = estimate;
    e->vcov = vcov;
    e->df_t = df;
    e->normal = !isfinite(df);
    e->conf_level = spec->conf_level;
    return np_estimates_infer(e, arena, err);
}
