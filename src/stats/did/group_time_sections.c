#include <math.h>
#include <string.h>

#include "stats/did/group_time_internal.h"
#include "stats/linalg.h"

/* Sums over the rows by side s: step 1 w, z [k], z z' [k × k], z y [k]; step 2, with
 * e = y - z'beta of the comparison in the same period, W, W z [k], W e, W e z [k]. */
typedef struct {
    const np_pair_sample *sample;
    bool odds;                 /* step 1: the comparison by w p/(1-p) */
    const double *const *beta; /* [NP_PAIR_SIDES]; NULL: 0 */
} section_sums;

static void add_regressions(double *sum, const void *context, size_t first, size_t last)
{
    const section_sums *f = context;
    const np_pair_sample *s = f->sample;
    size_t k = s->k, length = 1 + 2 * k + k * k;
    for (size_t i = first; i < last; i++) {
        const double *z = s->z + i * k;
        double *to = sum + s->side[i] * length, w = s->weight[i];
        double p = s->propensity[i];
        if (f->odds && !(s->side[i] & NP_PAIR_TREATED))
            w *= p / (1 - p);
        to[0] += w;
        for (size_t j = 0; j < k; j++) {
            double wz = w * z[j];
            to[1 + j] += wz;
            to[1 + k + k * k + j] += wz * s->y[i];
            for (size_t l = 0; l < k; l++)
                to[1 + k + j * k + l] += wz * z[l];
        }
    }
}

static void add_residuals(double *sum, const void *context, size_t first, size_t last)
{
    const section_sums *f = context;
    const np_pair_sample *s = f->sample;
    size_t k = s->k, length = 2 + 2 * k;
    for (size_t i = first; i < last; i++) {
        const double *z = s->z + i * k;
        const double *beta =
            f->beta == NULL ? NULL : f->beta[s->side[i] & ~(unsigned)NP_PAIR_TREATED];
        double e = s->y[i] - (beta == NULL ? 0 : np_dot(z, beta, k));
        double *to = sum + s->side[i] * length, W = s->odds[i];
        to[0] += W;
        to[1] += W * e;
        for (size_t j = 0; j < k; j++) {
            to[2 + j] += W * z[j];
            to[2 + k + j] += W * e * z[j];
        }
    }
}

/* One side's sums, means and regression. */
typedef struct {
    double w, W, mean;          /* of e */
    const double *z, *Wz, *Wez; /* sums [k] */
    double *beta, *inverse;     /* NULL: not regressed */
} section;

typedef struct {
    const np_group_time_work *w;
    np_pair_sample *sample;
    double n; /* units */
    size_t k;
    section side[NP_PAIR_SIDES];
    const double *beta[NP_PAIR_SIDES];
    double *gamma, *information;
    const char *reason;
    np_pair_fit fit;
} sections;

enum {
    BEFORE = 0,
    TREATED_BEFORE = NP_PAIR_TREATED,
    LATER = NP_PAIR_LATER,
    TREATED_LATER = NP_PAIR_TREATED + NP_PAIR_LATER
};

static const char *side_name(unsigned side)
{
    switch (side) {
    case BEFORE:
        return _("the comparison in the base period");
    case TREATED_BEFORE:
        return _("the cohort in the base period");
    case LATER:
        return _("the comparison in the period");
    default:
        return _("the cohort in the period");
    }
}

static double *vector(const sections *q)
{
    return np_arena_array(q->w->arena, double, q->k);
}

static np_status regress_side(sections *q, unsigned side, const double *sum)
{
    section *s = &q->side[side];
    size_t k = q->k;
    s->beta = vector(q);
    s->inverse = np_arena_array(q->w->arena, double, k *k);
    if (s->beta == NULL || s->inverse == NULL)
        return np_group_time_no_memory(q->w->err);
    np_status status =
        np_pair_inverse(s->inverse, &q->reason, sum + 1 + k, side_name(side), q->w);
    for (size_t j = 0; j < k; j++)
        s->beta[j] = np_dot(s->inverse + j * k, sum + 1 + k + k * k, k);
    q->beta[side] = s->beta;
    return status;
}

static np_status regress(sections *q, bool treated_too, bool odds)
{
    size_t k = q->k, length = 1 + 2 * k + k * k;
    double *sum = np_arena_array(q->w->arena, double, NP_PAIR_SIDES *length);
    section_sums f = {.sample = q->sample, .odds = odds};
    if (sum == NULL)
        return np_group_time_no_memory(q->w->err);
    np_status status = np_pair_sums(sum, NP_PAIR_SIDES * length, add_regressions, &f,
                                    q->sample->n, q->w);
    for (unsigned s = 0; status == NP_OK && q->reason == NULL && s < NP_PAIR_SIDES; s++) {
        q->side[s].w = sum[s * length];
        q->side[s].z = sum + s * length + 1;
        if (s & NP_PAIR_TREATED ? treated_too : true)
            status = regress_side(q, s, sum + s * length);
    }
    return status;
}

static np_status sum_residuals(sections *q, bool regressed)
{
    size_t k = q->k, length = 2 + 2 * k;
    double *sum = np_arena_array(q->w->arena, double, NP_PAIR_SIDES *length);
    section_sums f = {.sample = q->sample, .beta = regressed ? q->beta : NULL};
    if (sum == NULL)
        return np_group_time_no_memory(q->w->err);
    np_status status =
        np_pair_sums(sum, NP_PAIR_SIDES * length, add_residuals, &f, q->sample->n, q->w);
    for (unsigned s = 0; s < NP_PAIR_SIDES; s++) {
        const double *from = sum + s * length;
        q->side[s].W = from[0];
        q->side[s].mean = from[1] / from[0];
        q->side[s].Wz = from + 2;
        q->side[s].Wez = from + 2 + k;
    }
    return status;
}

/* psi of the means of each side: + later, - before for the treated, and reversed. */
static void set_means(sections *q, const double *const *outcome)
{
    for (unsigned s = 0; s < NP_PAIR_SIDES; s++) {
        np_pair_side *to = &q->fit.side[s];
        bool plus = (s & NP_PAIR_TREATED) ? s & NP_PAIR_LATER : !(s & NP_PAIR_LATER);
        to->scale = (plus ? q->n : -q->n) / q->side[s].W;
        to->centre = q->side[s].mean;
        to->outcome = outcome == NULL ? NULL : outcome[s & ~(unsigned)NP_PAIR_TREATED];
    }
    q->fit.estimate = q->side[TREATED_LATER].mean - q->side[TREATED_BEFORE].mean -
                      (q->side[LATER].mean - q->side[BEFORE].mean);
}

/* The estimated weights' part: information^-1 of the mean that moves with gamma. */
static np_status set_score(sections *q)
{
    const section *c0 = &q->side[BEFORE], *c1 = &q->side[LATER];
    double *x = vector(q), *score = vector(q);
    if (x == NULL || score == NULL)
        return np_group_time_no_memory(q->w->err);
    for (size_t j = 0; j < q->k; j++)
        x[j] = (c1->Wez[j] - c1->mean * c1->Wz[j]) / c1->W -
               (c0->Wez[j] - c0->mean * c0->Wz[j]) / c0->W;
    for (size_t j = 0; j < q->k; j++)
        score[j] = q->n * np_dot(q->information + j * q->k, x, q->k);
    q->fit.score = score;
    return NP_OK;
}

/* slope of a side := factor × inverse x. */
static np_status set_slope(sections *q, unsigned side, double factor, const double *x)
{
    double *slope = vector(q);
    if (slope == NULL)
        return np_group_time_no_memory(q->w->err);
    for (size_t j = 0; j < q->k; j++)
        slope[j] = factor * np_dot(q->side[side].inverse + j * q->k, x, q->k);
    q->fit.side[side].slope = slope;
    q->fit.side[side].fitted = q->side[side].beta;
    return NP_OK;
}

/* Mean over the treated of z'(beta_later - beta_before), and its influence. */
static np_status by_regression(sections *q)
{
    const section *t0 = &q->side[TREATED_BEFORE], *t1 = &q->side[TREATED_LATER];
    double D = t0->W + t1->W, mean = 0;
    double *Dz = vector(q), *shift = vector(q);
    if (Dz == NULL || shift == NULL)
        return np_group_time_no_memory(q->w->err);
    for (size_t j = 0; j < q->k; j++) {
        double change = q->beta[LATER][j] - q->beta[BEFORE][j];
        Dz[j] = t0->Wz[j] + t1->Wz[j];
        mean += Dz[j] * change / D;
        shift[j] = -q->n / D * change;
    }
    shift[0] += q->n / D * mean;
    set_means(q, NULL);
    q->fit.estimate = t1->mean - t0->mean - mean;
    q->fit.side[BEFORE].scale = q->fit.side[LATER].scale = 0;
    q->fit.side[TREATED_BEFORE].shift = q->fit.side[TREATED_LATER].shift = shift;
    np_status status = set_slope(q, LATER, -q->n / D, Dz);
    return status == NP_OK ? set_slope(q, BEFORE, q->n / D, Dz) : status;
}

static np_status by_weights(sections *q)
{
    set_means(q, NULL);
    return set_score(q);
}

/* Weights that are not normalised: Pi = share treated, lambda = share in the later
 * period; R DRDID's ipw_did_rc(). */
static np_status by_plain_weights(sections *q)
{
    double total = 0, later = 0, treated = 0;
    const np_pair_sample *s = q->sample;
    for (size_t i = 0; i < s->n; i++) {
        total += s->weight[i];
        later += s->side[i] & NP_PAIR_LATER ? s->weight[i] : 0;
        treated += s->side[i] & NP_PAIR_TREATED ? s->weight[i] : 0;
    }
    double Pi = treated / total, share[2] = {1 - later / total, later / total}, a[4];
    double *shift[NP_PAIR_SIDES], *x = vector(q), *score = vector(q);
    if (x == NULL || score == NULL)
        return np_group_time_no_memory(q->w->err);
    set_means(q, NULL);
    for (unsigned side = 0; side < NP_PAIR_SIDES; side++) {
        double expected = total * Pi * share[side / NP_PAIR_LATER];
        np_pair_side *to = &q->fit.side[side];
        shift[side] = vector(q);
        if (shift[side] == NULL)
            return np_group_time_no_memory(q->w->err);
        to->scale *= q->side[side].W / expected;
        to->centre = 0;
        to->shift = shift[side];
        a[side] = q->side[side].mean * q->side[side].W / expected;
        for (size_t j = 0; j < q->k && !(side & NP_PAIR_TREATED); j++)
            x[j] += (side & NP_PAIR_LATER ? 1 : -1) * q->side[side].Wez[j] / expected;
    }
    double in_later = a[TREATED_LATER] - a[LATER], before = a[TREATED_BEFORE] - a[BEFORE];
    q->fit.estimate = in_later - before;
    for (unsigned side = 0; side < NP_PAIR_SIDES; side++) {
        double own = side & NP_PAIR_TREATED ? q->fit.estimate / Pi : 0;
        double period = side & NP_PAIR_LATER ? in_later / share[1] : -before / share[0];
        shift[side][0] = -q->n / total * (own + period);
        q->fit.side[side].constant = q->n / (double)s->n * (in_later - before);
    }
    for (size_t j = 0; j < q->k; j++)
        score[j] = q->n * np_dot(q->information + j * q->k, x, q->k);
    q->fit.score = score;
    return NP_OK;
}

/* The gain from the treated's own regressions (Sant'Anna and Zhao 2020, eq. 3.4):
 * the difference between the two regressions over all treated less over the treated of
 * that period. `sign` +1 for the later period, -1 for the base. */
static void add_efficient(sections *q, unsigned own, double sign, double *const *shift)
{
    const section *t0 = &q->side[TREATED_BEFORE], *t1 = &q->side[TREATED_LATER];
    const section *t = &q->side[own];
    double D = t0->W + t1->W, n = q->n, all = 0, in_period = 0;
    const double *treated = q->beta[own], *other = q->beta[own - NP_PAIR_TREATED];
    for (size_t j = 0; j < q->k; j++) {
        double gap = treated[j] - other[j];
        all += (t0->Wz[j] + t1->Wz[j]) * gap / D;
        in_period += t->Wz[j] * gap / t->W;
        for (int s = 0; s < 2; s++)
            shift[s][j] += sign * gap * n / D;
        shift[own == TREATED_LATER][j] -= sign * gap * n / t->W;
    }
    for (int s = 0; s < 2; s++)
        shift[s][0] -= sign * all * n / D;
    shift[own == TREATED_LATER][0] += sign * in_period * n / t->W;
    q->fit.estimate += sign * (all - in_period);
}

/* The estimated regressions' part of the doubly robust estimator. */
static np_status set_regression_slopes(sections *q)
{
    const section *t[2] = {&q->side[TREATED_BEFORE], &q->side[TREATED_LATER]};
    double D = t[0]->W + t[1]->W;
    np_status status = NP_OK;
    for (unsigned later = 0; status == NP_OK && later < 2; later++) {
        const section *c = &q->side[later * NP_PAIR_LATER];
        double *moment = vector(q), *x = vector(q), sign = later ? 1 : -1;
        if (moment == NULL || x == NULL)
            return np_group_time_no_memory(q->w->err);
        for (size_t j = 0; j < q->k; j++) {
            double all = (t[0]->Wz[j] + t[1]->Wz[j]) / D;
            double own = t[later]->Wz[j] / t[later]->W;
            moment[j] = sign * (all - own);
            x[j] = -own + c->Wz[j] / c->W - moment[j];
        }
        status = set_slope(q, later * NP_PAIR_LATER, q->n, x);
        if (status == NP_OK)
            status = set_slope(q, later * NP_PAIR_LATER + NP_PAIR_TREATED, q->n, moment);
    }
    return status;
}

static np_status doubly_robust(sections *q)
{
    double *const shift[2] = {vector(q), vector(q)};
    if (shift[0] == NULL || shift[1] == NULL)
        return np_group_time_no_memory(q->w->err);
    set_means(q, q->beta);
    add_efficient(q, TREATED_LATER, 1, shift);
    add_efficient(q, TREATED_BEFORE, -1, shift);
    q->fit.side[TREATED_BEFORE].shift = shift[0];
    q->fit.side[TREATED_LATER].shift = shift[1];
    if (q->w->method == NP_DID_DOUBLY_ROBUST_IMPROVED)
        return NP_OK;
    np_status status = set_regression_slopes(q);
    return status == NP_OK ? set_score(q) : status;
}

static np_status combine(sections *q)
{
    switch (q->w->method) {
    case NP_DID_OUTCOME_REGRESSION:
        return by_regression(q);
    case NP_DID_INVERSE_PROBABILITY:
        return by_weights(q);
    case NP_DID_HORVITZ_THOMPSON:
        return by_plain_weights(q);
    case NP_DID_DOUBLY_ROBUST:
    case NP_DID_DOUBLY_ROBUST_IMPROVED:
        break;
    }
    return doubly_robust(q);
}

np_status np_pair_sections(np_group_time_cell *cell, np_pair_sample *s,
                           const np_group_time_work *w)
{
    np_did_method method = w->method;
    bool tilting = method == NP_DID_DOUBLY_ROBUST_IMPROVED;
    bool robust = method == NP_DID_DOUBLY_ROBUST || tilting;
    sections q = {.w = w, .sample = s, .n = (double)w->panel->n_units, .k = s->k};
    q.gamma = vector(&q);
    q.information = np_arena_array(w->arena, double, s->k * s->k);
    if (q.gamma == NULL || q.information == NULL)
        return np_group_time_no_memory(w->err);
    np_status status = NP_OK;
    if (method == NP_DID_OUTCOME_REGRESSION)
        memcpy(s->odds, s->weight, s->n * sizeof *s->odds);
    else
        status = np_pair_propensity(q.gamma, q.information, &q.reason, s, tilting, w);
    if (status == NP_OK && q.reason == NULL &&
        (robust || method == NP_DID_OUTCOME_REGRESSION))
        status = regress(&q, robust, tilting);
    if (status == NP_OK && q.reason == NULL)
        status = sum_residuals(&q, robust);
    if (status == NP_OK && q.reason == NULL)
        status = combine(&q);
    cell->reason = q.reason;
    q.fit.propensity = method == NP_DID_OUTCOME_REGRESSION ? NULL : q.gamma;
    cell->fit = q.fit;
    return status;
}
