#include "stats/did/did_switchers.h"

#include <math.h>
#include <string.h>

#include "stats/did/did_switchers_internal.h"

/* One of the numbers: an effect or placebo of l periods, or the average (l = 0). */
typedef struct {
    size_t l;
    bool placebo;
    const char *term;
    double estimate;
    double per_dose; /* divided by it: per unit of treatment */
    np_switchers_effect effect;
} number;

typedef struct {
    np_switchers s;
    number *number; /* [k] effects, placebos, average */
    size_t k, n_effects, n_placebos;
    double **psi; /* [k] of the numbers */
    np_did_result *out;
    np_estimate_table *table;
    np_test *test;
    np_arena *arena;
    np_error *err;
} work;

static np_status find_number(work *w, size_t l, bool placebo)
{
    number *n = &w->number[w->k];
    *n = (number){.l = l, .placebo = placebo};
    n->effect.psi = np_arena_array(w->arena, double, w->s.n_units);
    n->term = np_arena_format(w->arena, placebo ? "placebo::%zu" : "effect::%zu", l);
    if (n->effect.psi == NULL || n->term == NULL)
        return np_switchers_no_memory(w->err);
    np_status status =
        np_switchers_effect_of(&n->effect, &w->s, l, placebo, w->s.spec->switchers);
    if (status != NP_OK || !(n->effect.n > 0))
        return status;
    n->estimate = n->effect.sum / n->effect.n;
    n->per_dose = n->effect.dose_until_now / n->effect.n;
    w->psi[w->k++] = n->effect.psi;
    w->n_effects += !placebo;
    w->n_placebos += placebo;
    return NP_OK;
}

/* The average total effect: sums over the effects. psi of the effects is divided by
 * their switchers after that. */
static np_status find_average(work *w)
{
    number *average = &w->number[w->k];
    double *psi = np_arena_array(w->arena, double, w->s.n_units);
    if (psi == NULL)
        return np_switchers_no_memory(w->err);
    *average = (number){.term = "average"};
    np_switchers_effect *sum = &average->effect;
    for (size_t j = 0; j < w->n_effects; j++) {
        const np_switchers_effect *e = &w->number[j].effect;
        sum->n += e->n;
        sum->n_switchers += e->n_switchers;
        sum->n_cells += e->n_cells;
        sum->sum += e->sum;
        sum->dose_now += e->dose_now;
        for (size_t u = 0; u < w->s.n_units; u++)
            psi[u] += e->psi[u];
    }
    average->estimate = sum->sum / sum->dose_now;
    average->per_dose = 1;
    for (size_t u = 0; u < w->s.n_units; u++)
        psi[u] /= sum->dose_now;
    for (size_t j = 0; j < w->k; j++)
        for (size_t u = 0; u < w->s.n_units; u++)
            w->psi[j][u] /= w->number[j].effect.n;
    w->psi[w->k++] = psi;
    return NP_OK;
}

static np_status find_numbers(work *w)
{
    size_t n_effects, n_placebos;
    np_switchers_horizons(&n_effects, &n_placebos, &w->s);
    w->number = np_arena_array(w->arena, number, n_effects + n_placebos + 1);
    w->psi = np_arena_array(w->arena, double *, n_effects + n_placebos + 1);
    if (w->number == NULL || w->psi == NULL)
        return np_switchers_no_memory(w->err);
    np_status status = NP_OK;
    for (size_t l = 1; status == NP_OK && l <= n_effects; l++)
        status = find_number(w, l, false);
    for (size_t l = 1; status == NP_OK && l <= n_placebos; l++)
        status = find_number(w, l, true);
    if (status == NP_OK && w->n_effects == 0)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("no unit changes its treatment while another that began with "
                         "the same one has not changed"));
    return status == NP_OK ? find_average(w) : status;
}

static np_status fill_estimates(work *w)
{
    np_estimates *e = &w->out->estimates;
    const char **term = np_arena_array(w->arena, const char *, w->k);
    double *estimate = np_arena_array(w->arena, double, w->k);
    if (term == NULL || estimate == NULL)
        return np_switchers_no_memory(w->err);
    for (size_t j = 0; j < w->k; j++) {
        term[j] = w->number[j].term;
        estimate[j] = w->number[j].estimate;
    }
    *e = (np_estimates){.k = w->k,
                        .term = term,
                        .estimate = estimate,
                        .normal = true,
                        .conf_level = w->s.spec->conf_level,
                        .n = w->s.p->n,
                        .n_table_rows = w->s.p->n_table_rows};
    e->vcov_label = w->s.p->cluster_of == NULL
                        ? _("influence functions of units, by cohort")
                        : _("influence functions summed by cluster");
    e->vcov_call = e->ssc_label = "";
    np_status status = np_switchers_vcov(&e->vcov, &w->s, w->psi, w->k);
    return status == NP_OK ? np_estimates_infer(e, w->arena, w->err) : status;
}

/* Jointly zero: numbers first … first+q-1. */
static np_status test_jointly(work *w, size_t first, size_t q, const char *name,
                              const char *title)
{
    np_estimates *e = &w->out->estimates;
    double *V = np_arena_array(w->arena, double, q *q);
    np_error none = {0};
    np_test test;
    if (V == NULL)
        return np_switchers_no_memory(w->err);
    if (q < 2)
        return NP_OK;
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++)
            V[i * q + j] = e->vcov[(first + i) * e->k + first + j];
    const np_estimates part = {.k = q,
                               .term = e->term + first,
                               .estimate = e->estimate + first,
                               .vcov = V,
                               .normal = true};
    np_status status = np_wald_test(&test, &part, ".", w->arena, &none);
    if (status == NP_E_NO_MEMORY)
        return np_switchers_no_memory(w->err);
    if (status != NP_OK) /* fewer units than effects: there is no test */
        return NP_OK;
    test.name = name;
    test.title = title;
    w->test[e->n_tests++] = test;
    return NP_OK;
}

static np_status tests(work *w)
{
    w->test = np_arena_array(w->arena, np_test, 2);
    if (w->test == NULL)
        return np_switchers_no_memory(w->err);
    w->out->estimates.test = w->test;
    np_status status =
        test_jointly(w, 0, w->n_effects, "effects", N_("All effects are 0"));
    if (status == NP_OK)
        status = test_jointly(w, w->n_effects, w->n_placebos, "pre_trend",
                              N_("All placebos are 0"));
    return status;
}

/* The numbers, or these divided by the treatment received, and who is behind them. */
static np_status add_table(work *w, const char *name, const char *title, bool per_dose)
{
    const size_t n = per_dose ? w->k - 1 : w->k;
    const np_estimates *e = &w->out->estimates;
    double *value = np_arena_array(w->arena, double, 9 * n);
    np_estimate_column *more = np_arena_array(w->arena, np_estimate_column, 2);
    if (value == NULL || more == NULL)
        return np_switchers_no_memory(w->err);
    for (size_t j = 0; j < n; j++) {
        double scale = per_dose ? w->number[j].per_dose : 1;
        double *v = value + j;
        v[0] = e->estimate[j] / scale;
        v[n] = e->std_error[j] / fabs(scale);
        np_did_infer(&v[2 * n], &v[3 * n], &v[4 * n], &v[5 * n], v[0], v[n],
                     e->conf_level, NAN);
        v[6 * n] = (double)w->number[j].effect.n_switchers;
        v[7 * n] = (double)w->number[j].effect.n_cells;
        v[8 * n] = scale;
    }
    more[0] = (np_estimate_column){"n_switchers", value + 6 * n};
    more[1] = (np_estimate_column){"treatment_received", value + 8 * n};
    w->table[w->out->estimates.n_tables++] =
        (np_estimate_table){.name = name,
                            .title = title,
                            .n = n,
                            .term = e->term,
                            .estimate = value,
                            .std_error = value + n,
                            .statistic = value + 2 * n,
                            .p_value = value + 3 * n,
                            .conf_low = value + 4 * n,
                            .conf_high = value + 5 * n,
                            .n_rows = value + 7 * n,
                            .more = more,
                            .n_more = per_dose ? 2 : 1};
    return NP_OK;
}

/* The same estimation for one direction alone, as a table. */
static np_status add_direction(work *w, np_switchers_direction direction,
                               const char *name, const char *title)
{
    np_did_spec spec = *w->s.spec;
    np_did_result result = {0};
    np_estimate_table table[4];
    work part = {.s = w->s, .out = &result, .table = table, .arena = w->arena};
    np_error none = {0};
    spec.switchers = direction;
    part.s.spec = &spec;
    part.s.err = part.err = &none;
    np_status status = find_numbers(&part);
    if (status == NP_E_NOT_IDENTIFIED)
        return NP_OK;
    if (status == NP_OK)
        status = fill_estimates(&part);
    if (status == NP_OK)
        status = add_table(&part, name, title, false);
    if (status != NP_OK)
        return np_switchers_no_memory(w->err);
    w->table[w->out->estimates.n_tables++] = table[0];
    return NP_OK;
}

static bool both_directions(const work *w)
{
    bool up = false, down = false;
    for (size_t u = 0; u < w->s.n_units; u++) {
        up = up || w->s.sign[u] > 0;
        down = down || w->s.sign[u] < 0;
    }
    return up && down && w->s.spec->switchers == NP_SWITCHERS_BOTH;
}

static np_status tables(work *w)
{
    w->table = np_arena_array(w->arena, np_estimate_table, 4);
    if (w->table == NULL)
        return np_switchers_no_memory(w->err);
    w->out->estimates.table = w->table;
    np_status status =
        add_table(w, "effects", N_("Effects by periods of exposure"), false);
    if (status == NP_OK)
        status = add_table(w, "normalised", N_("Per unit of treatment received"), true);
    if (status != NP_OK || !both_directions(w))
        return status;
    status = add_direction(w, NP_SWITCHERS_IN, "switchers_in",
                           N_("Of units whose treatment rises"));
    if (status == NP_OK)
        status = add_direction(w, NP_SWITCHERS_OUT, "switchers_out",
                               N_("Of units whose treatment falls"));
    return status;
}

/* Number j as a row of the event study; NaN outside the window. */
static double event_time(const work *w, size_t j)
{
    const np_did_spec *s = w->s.spec;
    const number *n = &w->number[j];
    double e = n->placebo ? -1 - (double)n->l : (double)n->l - 1;
    return s->has_window && (e < s->window_min || e > s->window_max) ? NAN : e;
}

/* The numbers at which the rows stand, by event time; SIZE_MAX: the reference. */
static size_t order_rows(size_t *at, const work *w)
{
    size_t n = 0;
    for (size_t j = w->n_effects + w->n_placebos; j-- > w->n_effects;)
        if (!isnan(event_time(w, j)))
            at[n++] = j;
    const np_did_spec *s = w->s.spec;
    if (!s->has_window || (s->window_min <= -1 && s->window_max >= -1))
        at[n++] = SIZE_MAX;
    for (size_t j = 0; j < w->n_effects; j++)
        if (!isnan(event_time(w, j)))
            at[n++] = j;
    return n;
}

static void fill_row(np_aggregate_row *row, const work *w, size_t j, double scale)
{
    const np_estimates *e = &w->out->estimates;
    *row = (np_aggregate_row){.band_low = NAN, .band_high = NAN, .std_error = NAN};
    if (j == SIZE_MAX) {
        row->value = -1;
        row->reference = true;
        row->n_treated = NAN;
    } else {
        row->value = event_time(w, j);
        row->estimate = e->estimate[j] / scale;
        row->std_error = e->std_error[j] / fabs(scale);
        row->n_treated = (double)w->number[j].effect.n_switchers;
    }
    np_did_infer(&row->statistic, &row->p_value, &row->conf_low, &row->conf_high,
                 row->estimate, row->std_error, e->conf_level, NAN);
}

static np_status dynamic(np_did_aggregate *out, const work *w)
{
    const size_t N = w->s.n_units, k = w->k;
    size_t *at = np_arena_array(w->arena, size_t, k + 1);
    np_aggregate_row *row = np_arena_array(w->arena, np_aggregate_row, k + 1);
    if (at == NULL || row == NULL)
        return np_switchers_no_memory(w->err);
    size_t n = order_rows(at, w);
    bool keep = n > 0 && N <= NP_DID_MOST_INFLUENCE / n;
    double *vcov = np_arena_array(w->arena, double, n *n);
    double *influence = keep ? np_arena_array(w->arena, double, N *n) : NULL;
    double *scale = np_arena_array(w->arena, double, n);
    if (vcov == NULL || (keep && influence == NULL) || scale == NULL)
        return np_switchers_no_memory(w->err);
    const np_estimates *e = &w->out->estimates;
    for (size_t i = 0; i < n; i++) {
        bool scaled = w->s.spec->normalised && at[i] != SIZE_MAX;
        scale[i] = scaled ? w->number[at[i]].per_dose : 1;
        fill_row(&row[i], w, at[i], scale[i]);
        for (size_t u = 0; keep && at[i] != SIZE_MAX && u < N; u++)
            influence[u * n + i] = w->psi[at[i]][u] * (double)N / scale[i];
        for (size_t j = 0; j <= i; j++)
            if (at[i] != SIZE_MAX && at[j] != SIZE_MAX)
                vcov[i * n + j] = vcov[j * n + i] =
                    e->vcov[at[i] * k + at[j]] / (scale[i] * scale[j]);
    }
    out->n_rows = n;
    out->row = row;
    out->vcov = vcov;
    out->influence = influence;
    return NP_OK;
}

/* "simple", and the overall number of "dynamic": the average total effect. */
static void overall(np_did_aggregate *out, const char *kind, const work *w)
{
    const np_estimates *e = &w->out->estimates;
    size_t j = w->k - 1;
    *out = (np_did_aggregate){.kind = kind,
                              .estimate = e->estimate[j],
                              .std_error = e->std_error[j],
                              .statistic = e->statistic[j],
                              .p_value = e->p_value[j],
                              .conf_low = e->conf_low[j],
                              .conf_high = e->conf_high[j],
                              .critical_value = NAN};
}

static np_status aggregates(work *w)
{
    unsigned wanted =
        w->s.spec->aggregates == 0 ? NP_AGGREGATE_ALL : w->s.spec->aggregates;
    np_did_aggregate *all = np_arena_array(w->arena, np_did_aggregate, 2);
    np_status status = NP_OK;
    if (all == NULL)
        return np_switchers_no_memory(w->err);
    w->out->aggregate = all;
    if (wanted & NP_AGGREGATE_SIMPLE)
        overall(&all[w->out->n_aggregates++], "simple", w);
    if (wanted & NP_AGGREGATE_DYNAMIC) {
        np_did_aggregate *last = &all[w->out->n_aggregates++];
        overall(last, "dynamic", w);
        status = dynamic(last, w);
    }
    return status;
}

static np_status describe(work *w)
{
    np_did_result *r = w->out;
    np_statistic *stat = np_arena_array(w->arena, np_statistic, 3);
    if (stat == NULL)
        return np_switchers_no_memory(w->err);
    size_t up = 0, down = 0;
    for (size_t u = 0; u < w->s.n_units; u++) {
        int32_t level = w->s.level_of[u];
        if (level < 0 || w->s.first[u] >= w->s.last[level])
            continue; /* nobody is left to compare with */
        up += w->s.sign[u] > 0;
        down += w->s.sign[u] < 0;
    }
    stat[0] = (np_statistic){"n_switchers_in", (double)up};
    stat[1] = (np_statistic){"n_switchers_out", (double)down};
    stat[2] = (np_statistic){"n_first_treatments", (double)w->s.n_levels};
    r->estimates.stat = stat;
    r->estimates.n_stats = 3;
    r->comparison_used = w->s.spec->never_switchers
                             ? N_("never changed, with the same first treatment")
                             : N_("not yet changed, with the same first treatment");
    r->weighting = N_("by switchers, per unit of treatment");
    r->controls_used =
        w->s.k == 0 ? "" : N_("differences less slopes among units not yet changed");
    r->base_used = N_("the last period before the change");
    r->errors_used = N_("influence functions, conservative, normal distribution");
    r->n_units = w->s.n_units;
    r->n_treated_units = up + down;
    return NP_OK;
}

np_status np_switchers_estimate(np_did_result *out, const np_did_panel *panel,
                                const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_did_result result = {.estimator = NP_DID_SWITCHERS};
    work w = {.out = &result, .arena = arena, .err = err};
    np_status status = np_switchers_new(&w.s, panel, spec, arena, err);
    if (status == NP_OK)
        status = np_switchers_partial_out(&w.s);
    if (status == NP_OK)
        status = find_numbers(&w);
    if (status == NP_OK)
        status = fill_estimates(&w);
    if (status == NP_OK)
        status = tests(&w);
    if (status == NP_OK)
        status = tables(&w);
    if (status == NP_OK)
        status = aggregates(&w);
    if (status == NP_OK)
        status = describe(&w);
    if (status == NP_OK)
        *out = result;
    return status;
}
