#include "stats/did/did_compare.h"

#include <Rmath.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/sorted.h"

enum { CONVENTIONS = 5, MOST_FINDINGS = 10 + (CONVENTIONS + 2) * NP_N_DID_ESTIMATORS };

typedef struct {
    np_did_compared *row;
    size_t n; /* rows with results, which stand first */
    size_t n_rows;
    np_did_finding *finding;
    size_t n_findings;
    np_arena *arena;
    np_error *err;
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY,
                   _("no memory left for the comparison of estimators"));
}

const char *np_did_finding_code(np_did_finding_kind kind)
{
    static const char *const code[] = {"range",
                                       "sign",
                                       "significant",
                                       "agree",
                                       "disagree",
                                       "changes",
                                       "negative_weights",
                                       "forbidden",
                                       "before",
                                       "comparison",
                                       "weighting",
                                       "controls",
                                       "base",
                                       "errors",
                                       "units",
                                       "refused"};
    return code[kind];
}

static unsigned bit(np_did_estimator e)
{
    return 1u << e;
}

static void add(work *w, np_did_finding finding)
{
    if (finding.text == NULL)
        finding.text = "";
    w->finding[w->n_findings++] = finding;
}

/* An effect by periods since the start is the overall number of those that have no
 * simple one. */
static np_did_compared row_of(const np_did_result *r)
{
    const np_did_aggregate *a = np_did_aggregate_of(r, "simple");
    const np_did_aggregate *d = np_did_aggregate_of(r, "dynamic");
    np_did_compared row = {.estimator = r->estimator,
                           .result = r,
                           .reason = "",
                           .estimate = NAN,
                           .std_error = NAN,
                           .p_value = NAN,
                           .conf_low = NAN,
                           .conf_high = NAN,
                           .at_start = NAN,
                           .at_start_error = NAN};
    if (a == NULL)
        a = d;
    if (a != NULL) {
        row.estimate = a->estimate;
        row.std_error = a->std_error;
        row.p_value = a->p_value;
        row.conf_low = a->conf_low;
        row.conf_high = a->conf_high;
    }
    for (size_t i = 0; d != NULL && i < d->n_rows; i++)
        if (d->row[i].value == 0 && !d->row[i].reference) {
            row.at_start = d->row[i].estimate;
            row.at_start_error = d->row[i].std_error;
        }
    return row;
}

static double median_of(const work *w)
{
    double value[NP_N_DID_ESTIMATORS];
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (isfinite(w->row[i].estimate))
            value[n++] = w->row[i].estimate;
    np_sort_numbers(value, n);
    return n == 0       ? NAN
           : n % 2 == 1 ? value[n / 2]
                        : (value[n / 2 - 1] + value[n / 2]) / 2;
}

static void find_range(work *w)
{
    const np_did_compared *low = NULL, *high = NULL;
    unsigned below = 0, above = 0;
    double n_below = 0, n_above = 0;
    for (size_t i = 0; i < w->n; i++) {
        const np_did_compared *r = &w->row[i];
        if (!isfinite(r->estimate))
            continue;
        low = low == NULL || r->estimate < low->estimate ? r : low;
        high = high == NULL || r->estimate > high->estimate ? r : high;
        below |= r->estimate < 0 ? bit(r->estimator) : 0;
        above |= r->estimate > 0 ? bit(r->estimator) : 0;
        n_below += r->estimate < 0;
        n_above += r->estimate > 0;
    }
    if (low == NULL)
        return;
    add(w, (np_did_finding){.kind = NP_DID_FINDING_RANGE,
                            .estimators = bit(low->estimator) | bit(high->estimator),
                            .value = {low->estimate, high->estimate}});
    add(w, (np_did_finding){.kind = NP_DID_FINDING_SIGN,
                            .estimators = n_below < n_above ? below : above,
                            .value = {n_below, n_above}});
}

static void find_agreement(work *w)
{
    unsigned significant = 0, agree = 0, disagree = 0;
    double n_significant = 0, n_with_error = 0, median = median_of(w);
    for (size_t i = 0; i < w->n; i++) {
        const np_did_compared *r = &w->row[i];
        if (!(r->std_error > 0))
            continue;
        bool excludes_zero = r->conf_low > 0 || r->conf_high < 0;
        bool has_median = r->conf_low <= median && median <= r->conf_high;
        n_with_error++;
        n_significant += excludes_zero;
        significant |= excludes_zero ? bit(r->estimator) : 0;
        agree |= has_median ? bit(r->estimator) : 0;
        disagree |= has_median ? 0 : bit(r->estimator);
    }
    if (n_with_error == 0)
        return;
    add(w, (np_did_finding){.kind = NP_DID_FINDING_SIGNIFICANT,
                            .estimators = significant,
                            .value = {n_significant, n_with_error}});
    add(w, (np_did_finding){
               .kind = NP_DID_FINDING_AGREE, .estimators = agree, .value = {median}});
    if (disagree != 0)
        add(w, (np_did_finding){.kind = NP_DID_FINDING_DISAGREE,
                                .estimators = disagree,
                                .value = {median}});
}

/* The p of the difference of the first and last effect from the start on; NaN: there are
 * not two with a covariance. */
static double change(double value[5], const np_did_aggregate *d)
{
    size_t first = SIZE_MAX, last = SIZE_MAX;
    for (size_t i = 0; i < d->n_rows; i++)
        if (d->row[i].value >= 0 && d->row[i].std_error > 0) {
            first = first == SIZE_MAX ? i : first;
            last = i;
        }
    if (first == last || d->vcov == NULL)
        return NAN;
    const np_aggregate_row *a = &d->row[first], *b = &d->row[last];
    double variance = d->vcov[first * d->n_rows + first] +
                      d->vcov[last * d->n_rows + last] -
                      2 * d->vcov[first * d->n_rows + last];
    double z = (b->estimate - a->estimate) / sqrt(variance);
    value[0] = a->value;
    value[1] = a->estimate;
    value[2] = b->value;
    value[3] = b->estimate;
    return value[4] = 2 * pnorm(fabs(z), 0, 1, 0, 0);
}

/* Of the first estimator that is not the two-way regression and can say so. */
static void find_change(work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        np_did_finding f = {.kind = NP_DID_FINDING_CHANGES,
                            .estimators = bit(w->row[i].estimator)};
        const np_did_aggregate *d = np_did_aggregate_of(w->row[i].result, "dynamic");
        if (w->row[i].estimator == NP_DID_TWO_WAY || d == NULL)
            continue;
        double p = change(f.value, d);
        if (isnan(p))
            continue;
        if (p < 0.05)
            add(w, f);
        return;
    }
}

static const np_estimate_table *table_of(const np_did_result *r, const char *name)
{
    for (size_t i = 0; i < r->estimates.n_tables; i++)
        if (strcmp(r->estimates.table[i].name, name) == 0)
            return &r->estimates.table[i];
    return NULL;
}

static void find_forbidden(work *w, const np_did_result *r)
{
    const np_estimate_table *t = table_of(r, "bacon_by_type");
    double weight = 0, sum = 0, other = 0, other_sum = 0;
    for (size_t i = 0; t != NULL && i < t->n; i++) {
        double share = t->more[0].value[i];
        bool forbidden = strncmp(t->term[i], "later vs ", 9) == 0;
        weight += forbidden ? share : 0;
        sum += forbidden ? share * t->estimate[i] : 0;
        other += forbidden ? 0 : share;
        other_sum += forbidden ? 0 : share * t->estimate[i];
    }
    if (!(weight > 0) || !(other > 0))
        return;
    add(w, (np_did_finding){.kind = NP_DID_FINDING_FORBIDDEN,
                            .estimators = bit(NP_DID_TWO_WAY),
                            .value = {weight, sum / weight, r->estimates.estimate[0],
                                      other_sum / other}});
}

static void find_two_way(work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const np_did_result *r = w->row[i].result;
        if (w->row[i].estimator != NP_DID_TWO_WAY)
            continue;
        const np_estimates *e = &r->estimates;
        add(w, (np_did_finding){.kind = NP_DID_FINDING_NEGATIVE_WEIGHTS,
                                .estimators = bit(NP_DID_TWO_WAY),
                                .value = {np_estimates_stat(e, "negative_weight_share"),
                                          np_estimates_stat(e, "n_negative_cells"),
                                          np_estimates_stat(e, "n_weight_cells"),
                                          np_estimates_stat(e, "sigma_fe")}});
        find_forbidden(w, r);
    }
}

static void find_before(work *w)
{
    np_did_finding f = {.kind = NP_DID_FINDING_BEFORE, .value = {0, 1}};
    for (size_t i = 0; i < w->n; i++) {
        const np_test *test = np_did_pre_trend(w->row[i].result);
        if (test == NULL || isnan(test->p_value))
            continue;
        f.value[0]++;
        f.value[1] = fmin(f.value[1], test->p_value);
        f.estimators |= test->p_value < 0.05 ? bit(w->row[i].estimator) : 0;
    }
    if (f.value[0] > 0)
        add(w, f);
}

static const char *convention(const np_did_result *r, np_did_finding_kind kind)
{
    const char *text = NULL;
    switch (kind) {
    case NP_DID_FINDING_COMPARISON:
        text = r->comparison_used;
        break;
    case NP_DID_FINDING_WEIGHTING:
        text = r->weighting;
        break;
    case NP_DID_FINDING_CONTROLS:
        text = r->controls_used;
        break;
    case NP_DID_FINDING_BASE:
        text = r->base_used;
        break;
    case NP_DID_FINDING_ERRORS:
        text = r->errors_used;
        break;
    default:
        break;
    }
    return text == NULL ? "" : text;
}

/* Each convention with those that have it, where not all have the same. */
static void find_convention(work *w, np_did_finding_kind kind)
{
    size_t before = w->n_findings;
    for (size_t i = 0; i < w->n; i++) {
        const char *text = convention(w->row[i].result, kind);
        size_t at = before;
        while (at < w->n_findings && strcmp(w->finding[at].text, text) != 0)
            at++;
        if (at == w->n_findings)
            add(w, (np_did_finding){.kind = kind, .text = text});
        w->finding[at].estimators |= bit(w->row[i].estimator);
    }
    if (w->n_findings - before == 1)
        w->n_findings = before;
}

static void find_units(work *w)
{
    size_t before = w->n_findings;
    for (size_t i = 0; i < w->n; i++) {
        double units = (double)w->row[i].result->n_units;
        size_t at = before;
        while (at < w->n_findings && w->finding[at].value[0] != units)
            at++;
        if (at == w->n_findings)
            add(w, (np_did_finding){.kind = NP_DID_FINDING_UNITS, .value = {units}});
        w->finding[at].estimators |= bit(w->row[i].estimator);
    }
    if (w->n_findings - before == 1)
        w->n_findings = before;
}

static void find_all(work *w)
{
    if (w->n > 1) {
        find_range(w);
        find_agreement(w);
    }
    find_change(w);
    find_two_way(w);
    find_before(w);
    for (np_did_finding_kind k = NP_DID_FINDING_COMPARISON; k <= NP_DID_FINDING_ERRORS;
         k++)
        find_convention(w, k);
    find_units(w);
    for (size_t i = w->n; i < w->n_rows; i++)
        add(w, (np_did_finding){.kind = NP_DID_FINDING_REFUSED,
                                .estimators = bit(w->row[i].estimator),
                                .text = w->row[i].reason});
}

static int by_estimator(const void *left, const void *right)
{
    const np_did_compared *a = left, *b = right;
    return (a->estimator > b->estimator) - (a->estimator < b->estimator);
}

np_status np_did_compare(np_did_comparison *out, const np_did_result *result,
                         size_t n_results, const np_did_estimator *refused,
                         const char *const *reason, size_t n_refused, np_arena *arena,
                         np_error *err)
{
    work w = {
        .n = n_results, .n_rows = n_results + n_refused, .arena = arena, .err = err};
    w.row = np_arena_array(arena, np_did_compared, w.n_rows);
    w.finding = np_arena_array(arena, np_did_finding, MOST_FINDINGS);
    if (w.row == NULL || w.finding == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n_results; i++)
        w.row[i] = row_of(&result[i]);
    for (size_t i = 0; i < n_refused; i++) {
        np_did_result none = {.estimator = refused[i]};
        np_did_compared *row = &w.row[n_results + i];
        *row = row_of(&none);
        row->result = NULL;
        row->reason = reason[i];
    }
    find_all(&w);
    qsort(w.row, w.n_rows, sizeof *w.row, by_estimator);
    *out = (np_did_comparison){.n_rows = w.n_rows,
                               .row = w.row,
                               .n_results = n_results,
                               .n_findings = w.n_findings,
                               .finding = w.finding};
    return NP_OK;
}
