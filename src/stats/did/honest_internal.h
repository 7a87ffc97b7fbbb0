/* What the files of honest.h share. */
#ifndef NP_STATS_DID_HONEST_INTERNAL_H
#define NP_STATS_DID_HONEST_INTERNAL_H

#include "stats/did/honest.h"
#include "stats/did/honest_simplex.h"

/* The specification with its defaults filled in. */
typedef struct {
    np_honest_spec spec;
    size_t n;             /* n_pre + n_post */
    const double *target; /* [n_post] l */
    double alpha, kappa;
    double estimate, std_error; /* of theta = l' beta_post */
} honest_job;

/* honest_check.c: checks and fills the defaults. */
np_status honest_job_new(honest_job *job, const np_honest_spec *spec, np_arena *arena,
                         np_error *err);

/* honest_sets.c: restrictions as inequalities */

/* {delta: A delta <= d}. */
typedef struct {
    size_t n_rows;
    double *A; /* [n_rows × n] */
    double *d; /* [n_rows] */
} honest_set;

size_t honest_n_sets(const np_honest_spec *spec); /* convex sets in the union */
size_t honest_most_rows(const np_honest_spec *spec);
/* Set `index` of the union for a bound, with only the rows that the test takes: those
 * with a period after the start (smoothness with a single such period: all). */
void honest_set_fill(honest_set *set, const np_honest_spec *spec, size_t index,
                     double bound);
/* max l'delta_post over the set with delta 0 before the start. Infinite: no bound. */
double honest_set_reach(const honest_set *set, const honest_job *job,
                        const double *target, np_simplex *simplex, double *scratch);

/* honest_draws.c */

/* R's: Mersenne Twister, set.seed(), inversion. */
typedef struct {
    uint32_t state[624];
    int next;
} honest_r_generator;

honest_r_generator honest_r_seed(uint32_t seed);
double honest_r_uniform(honest_r_generator *g); /* unif_rand() */
/* rnorm()'s argument of qnorm(), from two uniforms */
double honest_r_probability(honest_r_generator *g);

/* z [n_draws × p] standard normal, by the convention. */
void honest_normal_draws(double *z, size_t n_draws, size_t p, const honest_job *job);

/* honest_normal.c */

/* |N(mu, 1)|: by its distribution, or by 10^6 draws z, of which those that can matter
 * are kept in order: high falling, low the negated lowest ones, falling. */
typedef struct {
    bool simulated;
    size_t n, n_high, n_low;
    double *high, *low;
} honest_folded;

np_status honest_folded_new(honest_folded *out, const honest_job *job, np_arena *arena,
                            np_error *err);
double honest_folded_quantile(const honest_folded *f, double p, double mu); /* mu >= 0 */
/* Quantile of N(0,1) between low and high. */
double honest_truncated_quantile(double p, double low, double high);

/* honest_flci.c */

/* Least worst bias for each standard deviation, a path of weights. */
typedef struct {
    size_t n_pre, n_corners;
    double *lambda; /* [n_corners] falling to 0 */
    double *x;      /* [n_corners × (n_pre-1)] sums of weights at the corners */
    double *Q, *g;  /* variance = x'Qx + 2x'g + variance_0 */
    double variance_0, bias_0, total;
    double *scratch; /* [n_pre] */
} honest_frontier;

typedef struct {
    double *weight; /* [n] a */
    double centre, half_length;
} honest_flci;

np_status honest_frontier_new(honest_frontier *out, const honest_job *job,
                              np_arena *arena, np_error *err);
/* The shortest at 1 - alpha; weight [n] must be there. */
void honest_flci_find(honest_flci *out, honest_frontier *frontier,
                      const honest_folded *folded, const honest_job *job, double M,
                      double alpha);

/* honest_moments.c, honest_test.c: the conditional test */

typedef enum {
    HONEST_DONE = 0,
    HONEST_NO_VARIANCE, /* a row of A delta has no variance */
    HONEST_NO_SOLUTION, /* the moments have no finite maximum */
    HONEST_NO_EIGENVALUES
} honest_failure;

/* The moments y(theta) = y0 - theta a of A delta - d, each in its standard deviation,
 * the other effects after the start as nuisance X. One per thread. */
typedef struct {
    const honest_job *job;
    const double *z; /* standard normal draws, NULL unless c-lf */
    size_t z_stride; /* from draw to draw; 0: as many as there are moments */
    honest_set set;
    size_t n_rows;
    double *y0, *a, *shift; /* [n_rows] shift = d / sd */
    double *correlation;    /* [n_rows × n_rows] */
    double *covariance, *root, *vectors, *value;
    double *sd, *E, *f;
    np_simplex simplex;
    double *y, *gamma, *other, *s, *b, *eta; /* scratch; eta [draws] */
    double critical;                         /* least favourable; infinite without */
    /* c-f: the flci at kappa */
    bool has_flci;
    double flci_centre, flci_half;
    double *flci_covariance; /* [n_rows] with each moment */
} honest_moments;

bool honest_moments_new(honest_moments *m, const honest_job *job, np_arena *arena);
honest_failure honest_moments_fill(honest_moments *m, size_t set, double bound,
                                   const honest_flci *flci);
/* The largest moment in standard deviations with the nuisance at its best, and the
 * weights gamma of the moments that bind. False: none. */
bool honest_largest_moment(honest_moments *m, double *eta, double *gamma,
                           const double *y);
/* Whether theta stays. */
bool honest_accepts(honest_moments *m, double theta);
/* The first test of c-lf alone, and the sign of d eta / d theta. */
bool honest_is_near(honest_moments *m, double theta, int *direction);

/* honest_search.c: the ends of the accepted values */

typedef struct {
    double low, high; /* NaN: none accepted */
    bool open_low, open_high;
} honest_range;

/* Before honest_moments_fill(), whose programme it would overwrite. */
void honest_grid_ends(double *low, double *high, honest_moments *m, double bound,
                      const honest_flci *flci);
honest_range honest_search(honest_moments *m, double low, double high);
/* Whether a value on the other side of 0 (or 0) is accepted. */
bool honest_reaches_zero(honest_moments *m, double low, double high, bool positive);

#endif
