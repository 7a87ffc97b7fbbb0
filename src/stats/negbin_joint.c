#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/glm_internal.h"
#include "stats/linalg.h"

/* With s = mu + theta, a row's log likelihood l has
 *   dl/deta      = theta (y - mu) / s           -d²l/deta² = theta mu (y + theta) / s²
 *   d²l/deta dtheta = mu (y - mu) / s²
 * Its derivatives go to score, omega and, as their quotient, target; returns the sum of
 * -d²l/dtheta². */
static double differentiate(np_irls *it, double *theta_score)
{
    const np_design *d = it->design;
    double theta = it->theta, information = 0;
    double digamma_theta = digamma(theta), trigamma_theta = trigamma(theta);
    for (size_t i = 0; i < it->n; i++) {
        double w = d->weight == NULL ? 1 : d->weight[i];
        double y = d->y[i], mu = it->mu[i], s = mu + theta;
        it->score[i] = w * theta * (y - mu) / s;
        it->omega[i] = w * theta * mu * (y + theta) / (s * s);
        it->target[i] = (y - mu) / (theta * (y + theta));
        theta_score[i] = w * (digamma(theta + y) - digamma_theta + log(theta) + 1 -
                              log(s) - (y + theta) / s);
        information -= w * (trigamma(theta + y) - trigamma_theta + 1 / theta - 2 / s +
                            (y + theta) / (s * s));
    }
    return information;
}

np_status np_negbin_joint(double **bread, double **theta_score, np_irls *it,
                          np_arena *arena, np_error *err)
{
    const size_t k = it->k, size = k + 1;
    double *A = np_arena_array(arena, double, 3 * size * size);
    double *own = np_arena_array(arena, double, it->n);
    bool *kept = np_arena_array(arena, bool, size);
    if (A == NULL || own == NULL || kept == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the model"));
    double *R = A + size * size, *inverse = R + size * size;
    double theta_information = differentiate(it, own);
    memcpy(it->trial, it->target, it->n * sizeof *it->trial);
    np_status status = np_irls_partial_out(it, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < it->n; i++) {
        /* what the factors' effects take of the information in theta */
        double absorbed = it->trial[i] - it->target[i];
        theta_information -= it->omega[i] * absorbed * absorbed;
        for (size_t a = 0; a < k; a++) {
            double x = it->omega[i] * it->xt[a][i];
            for (size_t b = 0; b <= a; b++)
                A[a * size + b] += x * it->xt[b][i];
            A[k * size + a] -= x * it->target[i];
        }
    }
    A[k * size + k] = theta_information;
    for (size_t a = 0; a < size; a++)
        for (size_t b = 0; b < a; b++)
            A[b * size + a] = A[a * size + b];
    if (np_cholesky(R, kept, A, NULL, size, 0) < size)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the observed information of the coefficients and theta is not "
                         "positive definite"));
    np_cholesky_inverse(inverse, R, kept, size);
    *bread = inverse;
    *theta_score = own;
    return NP_OK;
}
