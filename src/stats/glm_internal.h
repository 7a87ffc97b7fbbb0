/* The iteration behind np_glm_estimate() and the profile intervals. */
#ifndef NP_STATS_GLM_INTERNAL_H
#define NP_STATS_GLM_INTERNAL_H

#include "stats/absorb.h"
#include "stats/glm.h"

typedef struct {
    const np_design *design;
    np_family family;
    double theta, tolerance;
    double deviance_tolerance; /* stop by the deviance's relative change; 0: by eta's */
    unsigned max_iterations, iterations;
    size_t n, k;
    const double *const *x; /* [k] columns [n] */
    const double *offset;   /* [n] or NULL */
    np_absorber *absorber;  /* NULL: no factors */
    double *eta, *mu;       /* [n] */
    double *slope;          /* [n] dm/deta */
    double *omega;          /* [n] working weights */
    double *r;              /* [n] working residuals at eta */
    double *target;         /* [n] scratch: what is regressed, then its residual */
    double *trial;          /* [n] scratch: eta before the step */
    double *weight, *score; /* [n] of the last regression: omega, and omega times its
                               residual */
    double **xt;            /* [k] regressors with the factors partialled out */
    double *beta, *step;    /* [k] */
    double *A, *R, *bread;  /* [k × k] X'WX, its factor, its inverse */
    bool *kept;             /* [k] */
    double deviance;
    const double *theta_score; /* [n] with the joint observed information, else NULL */
} np_irls;

/* Buffers for up to `most` columns. */
np_status np_irls_new(np_irls *out, const np_design *design, size_t most, np_arena *arena,
                      np_error *err);
/* From R's starting means. NP_E_NOT_CONVERGED. */
np_status np_irls_run(np_irls *it, np_arena *arena, np_error *err);
/* From eta as it stands, which need not be in the span of the columns. */
np_status np_irls_continue(np_irls *it, np_arena *arena, np_error *err);
/* Which columns depend on those before them, at the weights of the start:
 * kept[k]; the partialled columns are left in xt. */
np_status np_irls_rank(np_irls *it, double tolerance, np_arena *arena, np_error *err);
/* Columns (to xt) and target with the factors partialled out at the weights omega. */
np_status np_irls_partial_out(np_irls *it, np_arena *arena, np_error *err);
/* Working weights so small that the outcome may be predicted perfectly. */
bool np_irls_is_suspicious(const np_irls *it);

double np_glm_log_likelihood(const np_irls *it, double phi);

/* Maximum-likelihood theta given the means, by Newton's method on log theta; the
 * standard error is from the observed information, where MASS takes it.
 * NP_E_NOT_CONVERGED where the data are not overdispersed. Source: Venables and Ripley
 * (2002), section 7.4. */
np_status np_negbin_theta(double *theta, double *std_error, const double *y,
                          const double *mu, const double *weight, size_t n, double start,
                          np_error *err);

/* The inverse of the observed information of (b, theta), [k+1 × k+1], with the factors'
 * effects concentrated out of the likelihood. With a = -d²l/deta² (the weights), c =
 * d²l/deta dtheta, and ~ the residual from the factors weighted by a:
 *
 *   J_bb = X~'a X~,  J_bt = -X~'a q~,  J_tt = -Σ d²l/dtheta² - Σ a (q - q~)²,  q = c/a
 *
 * theta_score [n]: dl/dtheta at given effects, as fenegbin() has it. Leaves X~ in xt,
 * dl/deta in score. NP_E_NOT_IDENTIFIED where it is not positive definite. */
np_status np_negbin_joint(double **bread, double **theta_score, np_irls *it,
                          np_arena *arena, np_error *err);

#endif
