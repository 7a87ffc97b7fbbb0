/* Wild cluster bootstrap of a linear combination of least-squares coefficients: a test
 * and a confidence set that hold with few clusters.
 *
 * Hypothesis R'b = r, with c = R in the coordinates of the fit's rows, x̃ the partialled
 * regressors, B = (X̃'WX̃)^-1 and a_i = w_i x̃_i'B c. Errors of draw d are those of
 * clusters h (of the bootstrap cluster variable) times a random v_h:
 *
 *   y* = ŷ(r) + v_h(i) e_i(r)
 *   e(r) = ê + (R'b̂ - r) m,  m = X̃ B c / (c'B c)     null imposed (WCR)
 *   e    = ê                                          free (WCU)
 *   t*   = Σ_h v_h A_h / √(Σ_S ± f_S Σ_g z_Sg²),  A_h = Σ_{i in h} a_i e_i
 *   z_Sg = Σ_{i in g} a_i ê*_i = Σ_h v_h A_gh - U_g' C Σ_h v_h V_h
 *   U_g  = Σ_{i in g} a_i z_i,  V_h = Σ_{i in h} w_i e_i z_i
 *
 * where z are the partialled regressors and the dummies of absorbed factors that do not
 * lie within the bootstrap clusters (spread_fit.h), C = (Z'WZ)^-1, and S runs over the
 * non-empty sets of cluster variables with the small-sample factors f_S of the model's
 * covariance. All is linear in r, so that a draw leaves five numbers, from which t*(r)
 * follows for any r; p(r) changes only at the roots of one quartic per draw, and the
 * confidence set {r: p(r) > 1 - level} is exact for these draws, whatever its form.
 *
 *   symmetric     p = share of |t*| > |t|
 *   equal-tailed  p = 2 min(share of t* < t, share of t* > t)
 *   greater, less p = share of t* > t; of t* < t
 *
 * A draw ties where t* equals t (equal-tailed and one-sided) or |t*| equals |t| up to
 * 1e-9: with the null imposed the vectors of all +1 and all -1 always do. `p_value` does
 * not count ties, as fwildclusterboot and boottest; `p_value_ties` does, which is the
 * exact level where all vectors are enumerated. Draws whose variance is not positive
 * (several cluster variables) are left out and counted.
 *
 * Types, for one cluster variable, where clusters are few or of unequal weight:
 *
 *   1x  residuals as they are; x1  the clustered variance above
 *   3x  residuals of cluster h as if it had not taken part, those of the regression
 *       under the null (X_0; X where it is free):  ẽ_h + X_0h (X_0'WX_0 - X_0h'W X_0h)^-1
 *       X_0h'W ẽ_h
 *   x3  the jackknife's variance, (G-1)/G Σ_g (R'b(g) - R'b)², b(g) without cluster g:
 *       a_g = w_g X_g (X'WX - X_g'W X_g)^-1 c in place of w_g X_g B c
 *
 * both linear in the residuals, so that all of the above holds. Ties are then rare.
 *
 * Weights: Rademacher ±1, all 2^H vectors once where that is at most `draws`; Webb's six
 * points ±√½, ±1, ±√(3/2); Mammen's two points (1 ∓ √5)/2; standard normal. Draw d takes
 * stream d of the seed: the digits do not depend on threads, and different terms get the
 * same vectors.
 *
 * Source:  Cameron, Gelbach and Miller (2008), Rev. Econ. Stat. 90(3), 414-427; Roodman,
 *          MacKinnon, Nielsen and Webb (2019), Stata J. 19(1), 4-60, sections 4.1, 5 and
 *          A.3 (the algorithm and absorbed factors); MacKinnon, Nielsen and Webb (2021),
 *          J. Bus. Econ. Stat. 39(2) (several cluster variables), and (2023), J. Applied
 *          Econometrics 38(5), 671-694 (types; their -V is 13, -S 31, -B 33); Webb
 *          (2023), Can. J. Econ. 56(3).
 * Matches: R fwildclusterboot 0.13 boottest() with ssc "K.fixef=none,
 *          G.df=conventional", whose confidence bounds are only as near as ten steps of
 *          its root search.
 */
#ifndef NP_STATS_INFER_WILD_BOOTSTRAP_H
#define NP_STATS_INFER_WILD_BOOTSTRAP_H

#include "stats/vcov.h"

typedef enum {
    NP_WILD_RADEMACHER = 0,
    NP_WILD_WEBB,
    NP_WILD_MAMMEN,
    NP_WILD_NORMAL
} np_wild_weights;
/* Which residuals are multiplied, and which variance t and t* have; see above. */
typedef enum { NP_WILD_11 = 0, NP_WILD_13, NP_WILD_31, NP_WILD_33 } np_wild_type;
typedef enum { NP_WILD_NULL_IMPOSED = 0, NP_WILD_NULL_FREE } np_wild_null;
typedef enum {
    NP_WILD_SYMMETRIC = 0,
    NP_WILD_EQUAL_TAILED,
    NP_WILD_GREATER, /* against R'b > r */
    NP_WILD_LESS
} np_wild_p;

typedef struct {
    const double *R;          /* [fit->k] the combination, over the fit's terms */
    double estimate;          /* R'b̂ */
    double value;             /* r */
    const np_vcov_spec *vcov; /* its cluster variables (none: the first fixed effect)
                                 and small-sample choices, as for NP_VCOV_CLUSTER */
    const char *cluster;      /* whose vectors are drawn; NULL: the variable with most
                                 clusters. Any key of the design, or a fixed effect */
    size_t draws;             /* 0: 9999 */
    uint64_t seed;
    np_wild_weights weights;
    np_wild_null null;
    np_wild_type type;
    np_wild_p p;
    double conf_level; /* 0: 0.95 */
    bool joint;        /* of np_wild_plan_new(): joint tests follow */
    bool no_set;       /* no confidence set */
    bool want_draws;   /* t [n_draws] as well */
    unsigned n_threads;
} np_wild_spec;

typedef struct {
    double low, high; /* infinite where there is no bound */
} np_interval;

typedef struct {
    double estimate, value;
    double std_error, statistic; /* of the data: t = (estimate - value) / std_error */
    double p_value, p_value_ties;
    size_t draws; /* made; 2^H where enumerated */
    bool enumerated;
    size_t n_ties, n_undefined; /* draws */
    size_t n_clusters;          /* H */
    const char *cluster;        /* whose vectors were drawn */
    double conf_level;
    const np_interval *set; /* [n_set] ascending and apart: where p_value > 1 - level */
    size_t n_set;           /* 0: no value is compatible, or none was asked for */
    const np_interval
        *set_ties; /* [n_set_ties] the same of p_value_ties: never smaller */
    size_t n_set_ties;
    const double *t; /* [draws] t*(r), NaN where undefined; or NULL */
} np_wild;

/* What several hypotheses on one fit share: clusters, factors, sums by cluster. Lives in
 * the arena, borrows fit; of the spec it takes vcov, cluster, type and n_threads, which
 * are not read again. n_hypotheses is how many are meant to follow, for the choice
 * between moments of all clusters and a pass over the rows for each. */
typedef struct np_wild_plan np_wild_plan;
np_status np_wild_plan_new(np_wild_plan **out, const np_fit *fit,
                           const np_wild_spec *spec, size_t n_hypotheses, np_arena *arena,
                           np_error *err);
np_status np_wild_plan_estimate(np_wild *out, np_wild_plan *plan,
                                const np_wild_spec *spec, np_arena *arena, np_error *err);

/* *out is written only on success; arrays live in the arena. Cost n (k + q) + draws
 * (n_pairs + (G + H)(k + q)), q dummies, n_pairs combinations of a cluster and a
 * bootstrap cluster; memory G (k + q) and 5 numbers a draw.
 * NP_E_USAGE           no cluster variable, or several with a type other than 11
 * NP_E_UNKNOWN_NAME    one that the design does not carry
 * NP_E_NOT_IDENTIFIED  fewer than two clusters, instruments, a variance of the statistic
 *                      that is not positive, a cluster that types 3x or x3 cannot do
 *                      without
 * NP_E_LIMIT           of np_fit_spread() */
np_status np_wild_estimate(np_wild *out, const np_fit *fit, const np_wild_spec *spec,
                           np_arena *arena, np_error *err);

enum { NP_WILD_MOST_JOINT = 64 };

/* A joint test of q combinations, with one cluster variable and type 11:
 *
 *   W = d'V^-1 d, d = R b̂ - r,  V = f Σ_g z_g z_g'  (clustered), likewise W* of R b* - r
 *   p = share of W* > W
 *
 * where the null is imposed on all q at once. */
typedef struct {
    double F; /* W / q, as np_wald_test() */
    double p_value, p_value_ties;
    size_t q, draws, n_clusters, n_ties, n_undefined;
    bool enumerated;
    const char *cluster;
} np_wild_joint;

/* R [q × fit->k] and the differences d [q]; the spec's other fields are those of the
 * draws. The plan's spec must have said `joint`.
 * NP_E_NOT_IDENTIFIED  combinations that depend on each other, a singular V */
np_status np_wild_plan_joint(np_wild_joint *out, np_wild_plan *plan,
                             const np_wild_spec *spec, const double *R, size_t q,
                             const double *difference, np_error *err);

#endif
