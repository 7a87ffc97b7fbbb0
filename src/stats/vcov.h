/* Covariance matrices of a fitted model's coefficients, with the small-sample
 * choices of fixest 0.14 by name.
 *
 *   iid      sigma² B
 *   HC0…HC3  B (Σ w_i² e_i² c_i x_i x_i') B, c = 1, n/(n-K), 1/(1-h), 1/(1-h)²
 *   cluster  inclusion-exclusion over all non-empty sets of cluster variables
 *            (Cameron, Gelbach and Miller 2011, eq. 2.13)
 *   NW       Newey and West (1987), within unit, Bartlett weights
 *   DK       Driscoll and Kraay (1998): Newey-West of the period sums
 *   conley   Conley (1999): pairs of rows nearer than a cutoff, vcov_conley.h
 * with B = (X'WX)^-1 on the partialled regressors.
 */
#ifndef NP_STATS_VCOV_H
#define NP_STATS_VCOV_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/design.h"
#include "stats/estimates.h"

typedef enum {
    NP_VCOV_IID = 0,
    NP_VCOV_HC0,
    NP_VCOV_HC1, /* "hetero" */
    NP_VCOV_HC2,
    NP_VCOV_HC3,
    NP_VCOV_HC4, /* Cribari-Neto (2004) */
    NP_VCOV_CLUSTER,
    NP_VCOV_NEWEY_WEST,
    NP_VCOV_DRISCOLL_KRAAY,
    NP_VCOV_CR0, /* "CR0 ~ firm" … "CR3 ~ firm": cluster_robust.h */
    NP_VCOV_CR1,
    NP_VCOV_CR1S,
    NP_VCOV_CR2,
    NP_VCOV_CR3,
    NP_VCOV_CONLEY /* "conley(100) ~ lat + lon": vcov_conley.h */
} np_vcov_kind;

typedef enum { NP_DISTANCE_TRIANGULAR = 0, NP_DISTANCE_SPHERICAL } np_distance;
typedef enum { NP_KERNEL_UNIFORM = 0, NP_KERNEL_BARTLETT } np_kernel;

/* Small-sample choices. Zero is fixest's default for the kind of covariance. */
typedef enum { NP_YES = 0, NP_NO } np_yes;
typedef enum { NP_K_DEFAULT = 0, NP_K_NONNESTED, NP_K_NONE, NP_K_FULL } np_ssc_k_fixef;
typedef enum { NP_G_MIN = 0, NP_G_CONVENTIONAL } np_ssc_g_df;
typedef enum { NP_T_DEFAULT = 0, NP_T_MIN, NP_T_CONVENTIONAL, NP_T_VALUE } np_ssc_t_df;

typedef struct {
    np_yes k_adj;           /* (n-1)/(n-K) or n/(n-K) */
    np_ssc_k_fixef k_fixef; /* which fixed effects K counts; default nonnested, for
                               NW, DK and models as fixest has it */
    bool k_exact;           /* K counts the rank of the absorbed levels, not all of
                               them less one per further factor */
    np_yes g_adj;           /* G/(G-1) */
    np_ssc_g_df g_df;
    np_ssc_t_df t_df;
    double t_df_value; /* with NP_T_VALUE */
} np_ssc;

enum { NP_MOST_CLUSTERS = 8 };

typedef struct {
    np_vcov_kind kind;
    size_t n_keys;                     /* CLUSTER: cluster variables, none: the first
                                          fixed effect; NW: unit, time or time alone;
                                          DK: time; CONLEY: latitude, longitude */
    const char *key[NP_MOST_CLUSTERS]; /* expressions: "sid", "state^year" */
    int lag;                           /* NW, DK; 0: fixest's default n^(1/4) rule */
    double cutoff;                     /* CONLEY: km; the keys are latitude, longitude */
    np_distance distance;
    np_kernel kernel;
    np_ssc ssc;
    bool is_asked_for; /* named by the person; likelihoods without absorbed factors give
                          an iid covariance nobody asked for as glm() does, see glm.h */
} np_vcov_spec;

/* "iid", "hetero", "HC1", "~sid + year", "cluster ~ sid", "NW(1) ~ firm + year",
 * "NW ~ firm + year", "DK(2) ~ year", "twoway ~ a + b", "conley(100) ~ lat + lon",
 * "conley(100, distance = spherical, kernel = bartlett) ~ lat + lon". Keys live in the
 * arena. */
np_status np_vcov_parse(np_vcov_spec *out, const char *text, np_arena *arena,
                        np_error *err);
/* "K.adj=FALSE, K.fixef=none, G.adj=TRUE, G.df=conventional, t.df=min"; also wrapped
 * in ssc(…). Adds to *out. */
np_status np_ssc_parse(np_ssc *out, const char *text, np_error *err);

/* What a covariance needs of a fitted model. Rows come in blocks from a
 * function, so that a fit need not hold its partialled regressors. */
typedef struct np_fit np_fit;
struct np_fit {
    size_t n, k;
    const double *bread; /* [k × k] (X'WX)^-1; for likelihoods the inverse Hessian */
    double sigma2;       /* dispersion for iid: rss/(n-K) or 1 */
    bool sigma2_is_one;  /* likelihoods with known dispersion */
    /* Fills rows first … first+count-1: x [count × k] row-major, partialled and not
     * weighted; score [count]: w_i e_i, so that the row's score is x_i·score_i; e
     * and weight may be NULL: the residual and the working weight, for leverages.
     * Called from several threads at once. */
    void (*rows)(const np_fit *fit, size_t first, size_t count, double *x, double *score,
                 double *weight);
    const void *rows_context;
    const double *leverage;  /* [n], with the absorbed factors' share; NULL: computed from
                                x alone, which is right without absorbed factors */
    const np_design *design; /* keys (clusters, time), factors for nesting, n */
    const size_t *fe_levels; /* [n_fe] parameters of each factor */
    size_t k_regressors; /* regressors that count in K (k, and theta where estimated) */
    bool normal;         /* p values by the normal distribution (likelihoods) */
    unsigned n_threads;

    /* What follows may stay zero. */
    const double *basis;   /* [k × k] the coefficients are basis × those of the rows'
                              columns, and bread belongs to these: keeps the digits of
                              columns far from 0, which come centred. NULL: the same */
    double n_observations; /* rows that the small-sample factors count, where a row
                              stands for several; 0: n */
    bool grouped;          /* rows are cells of several, whose scores are sums: there is
                              no HC covariance */
    const double *working_weight; /* [n] the rows' weights where they are not the design's
                                     (likelihoods, from the last step); else NULL */
    bool frequency;               /* weight is a number of rows: HC sums w e² x x' */
    /* Fills h [n] with the absorbed factors' share of the leverages; NULL: they have
     * none (or `leverage` holds it). */
    np_status (*absorbed_leverage)(const np_fit *fit, double *h, np_arena *arena,
                                   np_error *err);
    /* meat [k × k] := Σ_g s_g s_g' of the clusters' summed scores without holding
     * them; NULL, or NP_E_LIMIT without a message: not for these clusters. */
    np_status (*cluster_meat)(const np_fit *fit, const np_groups *clusters, double *meat,
                              np_arena *arena, np_error *err);
};

typedef struct {
    const double *vcov; /* [k × k] raw, not repaired where not positive definite */
    double df_t;        /* for t statistics; also given where p values are normal */
    const double *df;   /* [k] by coefficient (CR2: Satterthwaite); NULL: df_t for all */
    double df_k;        /* K in the small-sample factor */
    size_t n_keys;
    const size_t *n_clusters; /* [n_keys] */
    size_t G; /* of the small-sample factor: the fewest clusters, or, for NW and DK, the
                 periods; 0 without keys */
    bool positive_definite;
    const double *repaired; /* [k × k] eigenvalues below 0 lifted as fixest prints it;
                               NULL where positive definite */
    const char *label;      /* for people: which convention, cluster, G, df */
    const char *call;       /* "~sid + year" */
    const char *ssc_label;  /* all choices in force */
} np_vcov;

/* NP_E_UNKNOWN_NAME a key that the design does not carry; NP_E_NOT_IDENTIFIED fewer
 * than two clusters, or NW/DK with a unit twice in a period; NP_E_RANGE HC2/HC3 with
 * a leverage of one. */
np_status np_vcov_estimate(np_vcov *out, const np_fit *fit, const np_vcov_spec *spec,
                           np_arena *arena, np_error *err);

#endif
