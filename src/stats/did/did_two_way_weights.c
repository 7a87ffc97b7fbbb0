#include "stats/did/did_two_way_weights.h"

#include <math.h>
#include <stdlib.h>

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY,
                   _("no memory left for the weights of the two-way coefficient"));
}

/* W of a treated cell and its share of all treatment. */
typedef struct {
    double W, share;
} cell;

typedef struct {
    const np_did_panel *p;
    const np_did_regression *r;
    const double *residual;
    const double *treated; /* [design.n] */
    cell *cell;
    size_t n_cells;
    np_two_way_weights *out;
    np_two_way_weight_row *row;
    np_arena *arena;
    np_error *err;
} work;

static double weight_of(const work *w, size_t i)
{
    return w->r->design.weight == NULL ? 1 : w->r->design.weight[i];
}

/* A weight that is 0 but for rounding has no sign. */
static const double smallest_weight = 1e-10;

static void note_sign(work *w, np_two_way_weight_row *row, double weight)
{
    row->weight += weight;
    row->n++;
    if (weight > smallest_weight) {
        w->out->n_positive++;
        w->out->sum_positive += weight;
    } else if (weight < -smallest_weight) {
        row->n_negative++;
        w->out->n_negative++;
        w->out->sum_negative += weight;
    }
}

/* Never treated units have no row but the last one's, which stays empty. */
static np_status fill_cells(work *w)
{
    const np_did_panel *p = w->p;
    const size_t T = p->n_periods, n_all = (p->n_cohorts + 1) * T;
    double treatment = 0, product = 0;
    np_two_way_weight_row *all = np_arena_array(w->arena, np_two_way_weight_row, n_all);
    w->cell = np_arena_array(w->arena, cell, w->r->design.n);
    if (all == NULL || w->cell == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->r->design.n; i++) {
        treatment += weight_of(w, i) * w->treated[i];
        product += weight_of(w, i) * w->treated[i] * w->residual[i];
    }
    for (size_t i = 0; i < w->r->design.n; i++) {
        if (w->treated[i] == 0)
            continue;
        size_t r = w->r->row == NULL ? i : w->r->row[i];
        int32_t g = p->cohort_of[p->unit_of[r]];
        size_t at = (g == NP_NEVER_TREATED ? p->n_cohorts : (size_t)g) * T +
                    (size_t)p->period_of[r];
        cell *c = &w->cell[w->n_cells++];
        c->W = w->residual[i] * treatment / product;
        c->share = weight_of(w, i) * w->treated[i] / treatment;
        note_sign(w, &all[at], c->W * c->share);
    }
    w->row = all;
    for (size_t at = 0; at < n_all; at++) {
        if (all[at].n == 0)
            continue;
        np_two_way_weight_row row = all[at];
        size_t g = at / T;
        row.cohort = g < p->n_cohorts ? p->cohort[g] : INFINITY;
        row.time = p->period[at % T];
        w->out->n_negative_cells += row.weight < -smallest_weight;
        w->row[w->out->n_rows++] = row;
    }
    w->out->row = w->row;
    w->out->n_cells = w->out->n_rows;
    return NP_OK;
}

static int by_W_descending(const void *left, const void *right)
{
    const cell *a = left, *b = right;
    if (a->W != b->W)
        return a->W > b->W ? -1 : 1;
    return (a->share < b->share) - (a->share > b->share);
}

static void measure(work *w, double coefficient)
{
    const size_t n = w->n_cells;
    double mean = 0, variance = 0, P = 0, S = 0, T = 0;
    for (size_t i = 0; i < n; i++)
        mean += w->cell[i].share * w->cell[i].W;
    for (size_t i = 0; i < n; i++)
        variance += w->cell[i].share * (w->cell[i].W - mean) * (w->cell[i].W - mean);
    w->out->sigma = w->out->sigma_opposite = NAN;
    if (n > 1 && variance > 0)
        w->out->sigma = fabs(coefficient) / sqrt(variance * (double)n / ((double)n - 1));
    if (w->out->n_negative == 0)
        return;
    qsort(w->cell, n, sizeof *w->cell, by_W_descending);
    /* from the smallest W up: as long as the condition holds, s is not yet the first */
    for (size_t i = n; i-- > 1;) {
        const cell *c = &w->cell[i];
        P += c->share;
        S += c->share * c->W;
        T += c->share * c->W * c->W;
        if (!(c->W < -S / (1 - P)))
            break;
        w->out->sigma_opposite = fabs(coefficient) / sqrt(T + S * S / (1 - P));
    }
}

np_status np_two_way_weights_find(np_two_way_weights *out, const np_did_panel *panel,
                                  const np_did_regression *regression,
                                  const double *residual, np_arena *arena, np_error *err)
{
    np_two_way_weights result = {0};
    work w = {.p = panel,
              .r = regression,
              .residual = residual,
              .treated = regression->design.x.block[0].value,
              .out = &result,
              .arena = arena,
              .err = err};
    np_status status = fill_cells(&w);
    if (status != NP_OK)
        return status;
    result.negative_share =
        (0 - result.sum_negative) / (result.sum_positive - result.sum_negative);
    measure(&w, regression->estimates.estimate[0]);
    *out = result;
    return NP_OK;
}
