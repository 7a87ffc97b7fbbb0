/* Power and minimum detectable effect of a planned design, by formula: clusters that
 * start in cohorts, observed in the same T periods.
 *
 * Covariance of a cluster's period means y_i [T], the same for all clusters:
 *
 *   V[s,t] = variance × ( icc × r(|s-t|) + (1-icc)/m × q(s,t) )
 *   r(0) = 1,  r(d) = serial (constant) or serial^d (ar1)
 *   q(t,t) = 1,  q(s,t) = individual
 *
 * m is the cluster size (1, with icc 1, where the cluster's outcome is itself what is
 * measured: a rate of a municipality). serial = 1 with constant correlation is Hussey
 * and Hughes's model, serial^d that of Kasza et al., constant serial < 1 the nested
 * exchangeable one; individual > 0: the same people in each period. Fixed effects of
 * clusters are outside V where the estimator removes them, and are a part of it (as
 * random effects) for GLS, ANCOVA and after-differences.
 *
 * Estimators, D_i [T] the treatment (1 from the start on), J clusters:
 *
 *   TWO_WAY  fixed effects of cluster and period, least squares:
 *            Var = sum_i D~_i' V D~_i / (sum_i D~_i'D~_i)^2, D~ demeaned both ways.
 *            With one cohort this is Burlig, Preonas and Woerman (2020), eq. 2:
 *            1/(P(1-P)J) ((m+r)/(m r) s² + (m-1)/m psiB + (r-1)/r psiA - 2 psiX)
 *   GLS      fixed periods, V known: Var^-1 = sum_i D_i'V^-1 D_i - B' V^-1 B / J,
 *            B = sum_i D_i. Hussey and Hughes (2007), eq. 8, is the case serial = 1
 *   ANCOVA   mean after on treatment and mean before (one cohort):
 *            1/(P(1-P)J) (Var(after) - Cov(after, before)^2 / Var(before))
 *   AFTER    difference of the means after (one cohort)
 *
 * Power is of the t test with df degrees of freedom. df defaults to what the test can
 * have: TWO_WAY and AFTER with cluster-robust errors learn each cohort's variance from
 * its own clusters, df = (sum_g n_g w_g)^2 / sum_g n_g^2 w_g^2/(n_g - 1) with w_g the
 * variance that one cluster of g contributes (Satterthwaite; Welch's for one cohort);
 * GLS and ANCOVA J - 2 (Donner and Klar 2000).
 *
 * Source:  Hussey and Hughes (2007), Contemp. Clin. Trials 28(2), 182-191; Kasza,
 *          Hemming, Hooper, Matthews and Forbes (2019), Stat. Methods Med. Res. 28(3),
 *          703-716; Burlig, Preonas and Woerman (2020), J. Dev. Econ. 144, 102458;
 *          McKenzie (2012), J. Dev. Econ. 99(2); Frison and Pocock (1992), Stat. Med. 11.
 * Matches: R swCRTdesign swPwr() with NORMAL; Stata pc_dd_analytic with SHIFTED_T and
 *          df = J.
 */
#ifndef NP_STATS_POWER_POWER_H
#define NP_STATS_POWER_POWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    NP_POWER_TWO_WAY = 0,
    NP_POWER_GLS,
    NP_POWER_ANCOVA,
    NP_POWER_AFTER
} np_power_estimator;

typedef enum { NP_SERIAL_CONSTANT = 0, NP_SERIAL_AR1 } np_serial;

/* What the statistic is under the alternative. */
typedef enum {
    NP_POWER_NONCENTRAL_T = 0, /* exact for normal outcomes */
    NP_POWER_SHIFTED_T,        /* t shifted by effect/se (Bloom 1995; Burlig et al.) */
    NP_POWER_NORMAL            /* as Hussey and Hughes; df is not used */
} np_power_distribution;

typedef struct {
    size_t start;      /* first treated period, 1 … n_periods; 0: never */
    size_t n_clusters; /* clusters that start then */
} np_power_cohort;

typedef struct {
    const np_power_cohort *cohort; /* [n_cohorts] */
    size_t n_cohorts, n_periods;
    np_power_estimator estimator;
    np_power_distribution distribution;
    double variance; /* of one person's outcome (cluster_size > 1) or of the cluster's;
                        0: 1, effects are then in standard deviations */
    double cluster_size; /* people per cluster and period; 0: 1 */
    double icc;          /* intra-cluster correlation; 0 with cluster_size ≤ 1: 1 */
    np_serial correlation;
    double serial;        /* of the cluster's part between periods, [0, 1] */
    double individual;    /* of a person's own part, [0, 1]; 0: new people each time */
    double share_treated; /* of the organisation that the programme reaches; 0: 1 */
    double level;         /* 0: 0.05 */
    bool one_sided;
    double power;  /* wanted; 0: 0.8 */
    double effect; /* on those treated, whose power is asked for; 0: none */
    double df;     /* 0: as above */
} np_power_spec;

typedef struct {
    double std_error;   /* of the effect on the organisation */
    double df;          /* Inf with NP_POWER_NORMAL */
    double critical;    /* value of the test */
    double mde;         /* smallest difference in the organisation's outcome that is found
                           with the wanted power */
    double mde_treated; /* the same as effect on those treated: mde / share_treated */
    double effect;      /* as asked; NaN: none */
    double power;       /* at that effect; NaN: none */
    size_t n_clusters, n_treated;
    double design_effect; /* variance of a mean of m people of a cluster, times m, over
                             that of m independent people: 1 + (m-1) icc */
} np_power;

/* NP_E_RANGE           a value outside its range, said which
 * NP_E_NOT_IDENTIFIED  nobody treated; TWO_WAY, ANCOVA and AFTER: nobody to compare
 *                      with, no period before; a cohort design for a one-cohort
 *                      estimator; V is singular for GLS */
np_status np_power_estimate(np_power *out, const np_power_spec *spec, np_arena *arena,
                            np_error *err);

/* Power of the test at the effect `ratio` standard errors away. */
double np_power_at(double ratio, double df, double level, bool one_sided,
                   np_power_distribution distribution);

#endif
