#include "stats/sunab.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "stats/linalg.h"

typedef struct {
    const np_estimates *raw;
    const np_sunab *sunab;
    size_t *column; /* [k] the cohort × period of each term; SIZE_MAX: another term */
    double *share;  /* [n_columns] rows or weights */
    np_arena *arena;
} work;

typedef enum { BY_PERIOD, ALL, BY_COHORT } grouping;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for averages by period"));
}

static np_status match_terms(work *w, const np_design *d, np_error *err)
{
    const np_sunab *s = w->sunab;
    w->column = np_arena_array(w->arena, size_t, w->raw->k);
    w->share = np_arena_array(w->arena, double, s->n_columns);
    if (w->column == NULL || w->share == NULL)
        return no_memory(err);
    size_t next = 0; /* kept terms come in the order of the columns */
    for (size_t i = 0; i < w->raw->k; i++) {
        w->column[i] = SIZE_MAX;
        for (size_t j = next; j < s->n_columns; j++)
            if (strcmp(d->x.term[s->first + j], w->raw->term[i]) == 0) {
                w->column[i] = j;
                next = j + 1;
                break;
            }
    }
    for (size_t i = 0; i < d->n; i++)
        if (s->column[i] >= 0)
            w->share[s->column[i]] += d->weight == NULL ? 1 : d->weight[i];
    return NP_OK;
}

/* The number that terms of one average share; NaN: in no average. */
static double key_of(const work *w, size_t term, grouping by)
{
    const np_sunab *s = w->sunab;
    size_t j = w->column[term];
    if (by == BY_PERIOD)
        return s->relative[j];
    if (s->relative[j] < 0)
        return NAN;
    return by == ALL ? 0 : s->cohort[j];
}

static const char *name_of(const work *w, double key, grouping by)
{
    char number[NP_DECIMAL_LENGTH];
    if (by == ALL)
        return "ATT";
    np_decimal_format(number, key);
    return np_arena_format(w->arena, "%s::%s",
                           by == BY_PERIOD ? w->sunab->period_name : "cohort", number);
}

typedef struct {
    size_t n;
    double *key;       /* [n]; NaN: a term by itself */
    size_t *own;       /* [n] that term */
    const char **term; /* [n] */
} rows;

/* The distinct keys, ascending, as one stretch where the first cohort × period term
 * stands; the other terms keep their places. */
static np_status list_rows(rows *out, const work *w, grouping by, np_error *err)
{
    const size_t k = w->raw->k;
    rows r = {.key = np_arena_array(w->arena, double, k),
              .own = np_arena_array(w->arena, size_t, k),
              .term = np_arena_array(w->arena, const char *, k)};
    if (r.key == NULL || r.own == NULL || r.term == NULL)
        return no_memory(err);
    size_t first = SIZE_MAX, last = 0;
    for (size_t i = 0; i < k; i++) {
        if (w->column[i] == SIZE_MAX) {
            r.key[r.n] = NAN;
            r.own[r.n] = i;
            r.term[r.n++] = w->raw->term[i];
            continue;
        }
        double key = key_of(w, i, by);
        if (isnan(key))
            continue;
        if (first == SIZE_MAX)
            first = last = r.n;
        size_t at = first;
        while (at < last && r.key[at] < key)
            at++;
        if (at < last && r.key[at] == key)
            continue;
        for (size_t l = r.n; l > at; l--) {
            r.key[l] = r.key[l - 1];
            r.own[l] = r.own[l - 1];
            r.term[l] = r.term[l - 1];
        }
        r.key[at] = key;
        r.term[at] = name_of(w, key, by);
        if (r.term[at] == NULL)
            return no_memory(err);
        r.n++;
        last++;
    }
    *out = r;
    return NP_OK;
}

/* A [rows × k], whose rows are the weights of the averages. */
static void fill_weights(double *A, const rows *r, const work *w, grouping by)
{
    const size_t k = w->raw->k;
    for (size_t a = 0; a < r->n; a++) {
        double total = 0, *row = A + a * k;
        if (isnan(r->key[a])) {
            row[r->own[a]] = 1;
            continue;
        }
        for (size_t i = 0; i < k; i++)
            if (w->column[i] != SIZE_MAX && key_of(w, i, by) == r->key[a]) {
                row[i] = w->share[w->column[i]];
                total += row[i];
            }
        for (size_t i = 0; i < k; i++)
            row[i] /= total;
    }
}

static np_status average(np_estimates *out, const work *w, grouping by, np_error *err)
{
    const size_t k = w->raw->k;
    rows r = {0};
    np_status status = list_rows(&r, w, by, err);
    if (status != NP_OK)
        return status;
    double *A = np_arena_array(w->arena, double, r.n *k);
    double *scratch = np_arena_array(w->arena, double, r.n *k);
    double *estimate = np_arena_array(w->arena, double, r.n);
    double *vcov = np_arena_array(w->arena, double, r.n *r.n);
    if (A == NULL || scratch == NULL || estimate == NULL || vcov == NULL)
        return no_memory(err);
    fill_weights(A, &r, w, by);
    np_matrix_product(estimate, A, w->raw->estimate, r.n, k, 1);
    np_matrix_sandwich(vcov, A, w->raw->vcov, r.n, k, scratch);
    np_estimates result = *w->raw;
    result.k = r.n;
    result.term = r.term;
    result.estimate = estimate;
    result.vcov = vcov;
    result.combination = A;
    result.df = NULL;
    status = np_estimates_infer(&result, w->arena, err);
    if (status == NP_OK)
        *out = result;
    return status;
}

static np_estimate_table as_table(const char *name, const char *title,
                                  const np_estimates *e)
{
    return (np_estimate_table){.name = name,
                               .title = title,
                               .n = e->k,
                               .term = e->term,
                               .estimate = e->estimate,
                               .std_error = e->std_error,
                               .statistic = e->statistic,
                               .p_value = e->p_value,
                               .conf_low = e->conf_low,
                               .conf_high = e->conf_high};
}

/* fixest's adjusted within R² after sunab() takes the number of averaged terms for
 * the regressors, and all other parameters for absorbed ones. */
static np_status adjust_within(np_estimates *e, np_arena *arena, np_error *err)
{
    np_statistic *stat = np_arena_array(arena, np_statistic, e->n_stats);
    if (stat == NULL)
        return no_memory(err);
    double within = np_estimates_stat(e, "within_r2"),
           df = np_estimates_stat(e, "df_residual");
    for (size_t i = 0; i < e->n_stats; i++) {
        stat[i] = e->stat[i];
        if (strcmp(stat[i].name, "within_adj_r2") == 0)
            stat[i].value = 1 - (1 - within) * (df + (double)e->k) / df;
    }
    e->stat = stat;
    return NP_OK;
}

np_status np_sunab_aggregate(np_estimates *e, const np_design *design, np_arena *arena,
                             np_error *err)
{
    np_estimates raw = *e, by_period = raw, att = raw, by_cohort = raw;
    np_status status = np_estimates_infer(&raw, arena, err);
    if (status != NP_OK)
        return status;
    if (design->sunab == NULL) {
        *e = raw;
        return NP_OK;
    }
    work w = {.raw = &raw, .sunab = design->sunab, .arena = arena};
    np_estimate_table *table = np_arena_array(arena, np_estimate_table, e->n_tables + 3);
    if (table == NULL)
        return no_memory(err);
    status = match_terms(&w, design, err);
    if (status == NP_OK)
        status = average(&by_period, &w, BY_PERIOD, err);
    if (status == NP_OK)
        status = average(&att, &w, ALL, err);
    if (status == NP_OK)
        status = average(&by_cohort, &w, BY_COHORT, err);
    if (status != NP_OK)
        return status;
    size_t n = e->n_tables;
    if (n > 0)
        memcpy(table, e->table, n * sizeof *table);
    table[n++] = as_table("cohort_period", N_("Effects by cohort and period"), &raw);
    table[n++] = as_table("att", N_("Average effect on the treated"), &att);
    table[n++] = as_table("by_cohort", N_("Average effects by cohort"), &by_cohort);
    *e = design->sunab->no_aggregation ? raw : design->sunab->att ? att : by_period;
    e->table = table;
    e->n_tables = n;
    return adjust_within(e, arena, err);
}
