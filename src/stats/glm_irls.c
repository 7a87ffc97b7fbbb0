#include <math.h>
#include <string.h>

#include "stats/family.h"
#include "stats/glm_internal.h"
#include "stats/linalg.h"

/* Halvings of a step before it is given up: below 2^-30 of it nothing moves. */
enum { MOST_HALVINGS = 30 };
/* A working weight this far below the largest possible says that the mean has gone to
 * its bound. */
static const double suspicious_weight = 1e-7;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the model's rows"));
}

np_status np_irls_new(np_irls *out, const np_design *design, size_t most, np_arena *arena,
                      np_error *err)
{
    size_t n = design->n;
    np_irls it = {.design = design, .n = n};
    double **vector[] = {&it.eta,    &it.mu,    &it.slope,  &it.omega, &it.r,
                         &it.target, &it.trial, &it.weight, &it.score};
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        if ((*vector[i] = np_arena_array(arena, double, n)) == NULL)
            return no_memory(err);
    it.xt = np_arena_array(arena, double *, most);
    it.beta = np_arena_array(arena, double, most);
    it.step = np_arena_array(arena, double, most);
    it.A = np_arena_array(arena, double, most *most);
    it.R = np_arena_array(arena, double, most *most);
    it.bread = np_arena_array(arena, double, most *most);
    it.kept = np_arena_array(arena, bool, most);
    if (it.xt == NULL || it.beta == NULL || it.step == NULL || it.A == NULL ||
        it.R == NULL || it.bread == NULL || it.kept == NULL)
        return no_memory(err);
    for (size_t j = 0; j < most; j++)
        if ((it.xt[j] = np_arena_array(arena, double, n)) == NULL)
            return no_memory(err);
    *out = it;
    return NP_OK;
}

static double weight_of(const np_irls *it, size_t i)
{
    return it->design->weight == NULL ? 1 : it->design->weight[i];
}

/* Means, working weights and residuals at eta; false where a mean is not allowed. */
static bool evaluate(np_irls *it)
{
    const double *y = it->design->y;
    double deviance = 0;
    for (size_t i = 0; i < it->n; i++) {
        np_family_point p = np_family_at(it->family, it->theta, it->eta[i]);
        if (!np_family_allows_mean(it->family, p.mu))
            return false;
        double w = weight_of(it, i);
        it->mu[i] = p.mu;
        it->slope[i] = p.slope;
        it->omega[i] = w * p.slope * p.slope / p.variance;
        it->r[i] = (y[i] - p.mu) / p.slope;
        deviance += w * np_family_deviance(it->family, it->theta, y[i], p.mu);
    }
    it->deviance = deviance;
    return isfinite(deviance);
}

/* X'WX on the partialled columns, and X'W target. */
static void cross_products(np_irls *it, double *g)
{
    const size_t k = it->k;
    for (size_t a = 0; a < k; a++) {
        const double *xa = it->xt[a];
        for (size_t b = 0; b <= a; b++) {
            const double *xb = it->xt[b];
            double sum = 0;
            for (size_t i = 0; i < it->n; i++)
                sum += it->omega[i] * xa[i] * xb[i];
            it->A[a * k + b] = it->A[b * k + a] = sum;
        }
        double sum = 0;
        for (size_t i = 0; i < it->n; i++)
            sum += it->omega[i] * xa[i] * it->target[i];
        g[a] = sum;
    }
}

np_status np_irls_partial_out(np_irls *it, np_arena *arena, np_error *err)
{
    for (size_t j = 0; j < it->k; j++)
        memcpy(it->xt[j], it->x[j], it->n * sizeof(double));
    if (it->absorber == NULL)
        return NP_OK;
    np_arena_mark mark = np_arena_set_mark(arena);
    double **column = np_arena_array(arena, double *, it->k + 1);
    if (column == NULL)
        return no_memory(err);
    memcpy(column, it->xt, it->k * sizeof *column);
    column[it->k] = it->target;
    np_status status = np_absorber_reweight(it->absorber, it->omega, err);
    if (status == NP_OK)
        status = np_absorber_residuals(it->absorber, column, it->k + 1, arena, err);
    np_arena_release(arena, mark);
    return status;
}

/* Weighted least squares of target on columns and factors: step, and the residual in
 * target. */
static np_status regress(np_irls *it, np_arena *arena, np_error *err)
{
    np_status status = np_irls_partial_out(it, arena, err);
    if (status != NP_OK)
        return status;
    cross_products(it, it->step);
    size_t rank = np_cholesky(it->R, it->kept, it->A, NULL, it->k, 0);
    if (rank < it->k)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the regressors became collinear while the model was fitted"));
    np_cholesky_solve(it->step, it->R, it->kept, it->k);
    for (size_t j = 0; j < it->k; j++)
        for (size_t i = 0; i < it->n; i++)
            it->target[i] -= it->xt[j][i] * it->step[j];
    for (size_t i = 0; i < it->n; i++) {
        it->weight[i] = it->omega[i];
        it->score[i] = it->omega[i] * it->target[i];
    }
    return NP_OK;
}

/* Root mean square of the move (r - residual), weighted, relative to eta or 1. */
static double size_of_move(const np_irls *it, const double *from)
{
    double moved = 0, size = 0, weight = 0;
    for (size_t i = 0; i < it->n; i++) {
        double d = from[i] - it->target[i];
        moved += it->omega[i] * d * d;
        size += it->omega[i] * it->eta[i] * it->eta[i];
        weight += it->omega[i];
    }
    return sqrt(moved / fmax(size, weight));
}

/* eta := trial + share × move, halved while the deviance rises. */
static bool take_step(np_irls *it)
{
    double before = it->deviance, share = 1;
    memcpy(it->trial, it->eta, it->n * sizeof *it->eta);
    for (size_t i = 0; i < it->n; i++)
        it->target[i] = it->r[i] - it->target[i];
    for (int halving = 0; halving <= MOST_HALVINGS; halving++, share /= 2) {
        for (size_t i = 0; i < it->n; i++)
            it->eta[i] = it->trial[i] + share * it->target[i];
        /* the deviance itself is only known to rounding */
        if (evaluate(it) && it->deviance <= before + 1e-9 * fabs(before) + 1e-12) {
            for (size_t j = 0; j < it->k; j++)
                it->beta[j] += share * it->step[j];
            return true;
        }
    }
    memcpy(it->eta, it->trial, it->n * sizeof *it->eta);
    return evaluate(it) && false;
}

static np_status iterate(np_irls *it, np_arena *arena, np_error *err)
{
    double last = INFINITY;
    for (unsigned n = 0; n < it->max_iterations; n++) {
        memcpy(it->target, it->r, it->n * sizeof *it->r);
        np_status status = regress(it, arena, err);
        if (status != NP_OK)
            return status;
        it->iterations++;
        double move = size_of_move(it, it->r);
        double before = it->deviance;
        bool moved = take_step(it);
        if (it->deviance_tolerance > 0 &&
            fabs(it->deviance - before) <
                it->deviance_tolerance * (0.1 + fabs(it->deviance)))
            return NP_OK;
        if (move <= it->tolerance || (move < 1e-8 && move >= last))
            return NP_OK; /* the second: only rounding moves it on */
        last = move;
        if (!moved)
            break;
    }
    return np_fail(err, NP_E_NOT_CONVERGED,
                   _("the %s model did not converge in %u iterations"),
                   np_family_name(it->family), it->iterations);
}

/* The first fit has no eta in the span of the columns to start from: it regresses the
 * working outcome eta + r itself. */
np_status np_irls_continue(np_irls *it, np_arena *arena, np_error *err)
{
    it->iterations = 0;
    if (!evaluate(it))
        return np_fail(err, NP_E_NOT_CONVERGED, _("the start has means out of range"));
    for (size_t i = 0; i < it->n; i++) {
        it->trial[i] = it->eta[i] + it->r[i] - (it->offset == NULL ? 0 : it->offset[i]);
        it->target[i] = it->trial[i];
    }
    np_status status = regress(it, arena, err);
    if (status != NP_OK)
        return status;
    memcpy(it->beta, it->step, it->k * sizeof *it->beta);
    for (size_t i = 0; i < it->n; i++)
        it->eta[i] =
            it->trial[i] - it->target[i] + (it->offset == NULL ? 0 : it->offset[i]);
    if (!evaluate(it))
        return np_fail(err, NP_E_NOT_CONVERGED,
                       _("the first step of the %s model leads to means out of range"),
                       np_family_name(it->family));
    return iterate(it, arena, err);
}

static void start(np_irls *it)
{
    for (size_t i = 0; i < it->n; i++)
        it->eta[i] = np_family_link(
            it->family, np_family_start(it->family, it->design->y[i], weight_of(it, i)));
}

np_status np_irls_run(np_irls *it, np_arena *arena, np_error *err)
{
    start(it);
    return np_irls_continue(it, arena, err);
}

np_status np_irls_rank(np_irls *it, double tolerance, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *raw = np_arena_array(arena, double, it->k);
    if (raw == NULL)
        return no_memory(err);
    start(it);
    if (!evaluate(it))
        return np_fail(err, NP_E_NOT_CONVERGED, _("the start has means out of range"));
    for (size_t j = 0; j < it->k; j++)
        for (size_t i = 0; i < it->n; i++)
            raw[j] += it->omega[i] * it->x[j][i] * it->x[j][i];
    memcpy(it->target, it->r, it->n * sizeof *it->r);
    np_status status = np_irls_partial_out(it, arena, err);
    if (status == NP_OK) {
        cross_products(it, it->step);
        np_cholesky(it->R, it->kept, it->A, raw, it->k, tolerance);
    }
    np_arena_release(arena, mark);
    return status;
}

bool np_irls_is_suspicious(const np_irls *it)
{
    double largest = 0;
    for (size_t i = 0; i < it->n; i++)
        largest = fmax(largest, it->omega[i] / weight_of(it, i));
    for (size_t i = 0; i < it->n; i++)
        if (it->omega[i] / weight_of(it, i) < suspicious_weight * largest)
            return true;
    return false;
}

double np_glm_log_likelihood(const np_irls *it, double phi)
{
    double sum = 0;
    for (size_t i = 0; i < it->n; i++)
        sum += np_family_log_density(it->family, it->theta, phi, it->design->y[i],
                                     it->mu[i], weight_of(it, i));
    return sum;
}
