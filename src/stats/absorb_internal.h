/* What the parts of the absorber share. Not for callers: see absorb.h.
 *
 * Notation. D [n × p] holds the columns of all factors, cut into terms: a term
 * is the intercepts or one slope of a factor, one coefficient per level. The
 * slopes of a factor are made orthogonal, within each level, to its intercept
 * and its earlier slopes, so that D1'WD1 of one factor is diagonal (`gram`).
 * The primary factor, the one with most coefficients, comes first and is
 * eliminated exactly; the others, D2 [n × q], give the reduced matrix
 *
 *   S = D2'WD2 − D2'WD1 (D1'WD1)⁻ D1'WD2
 */
#ifndef NP_STATS_ABSORB_INTERNAL_H
#define NP_STATS_ABSORB_INTERNAL_H

#include "stats/absorb.h"

typedef struct {
    const int32_t *code; /* [n] */
    size_t n_levels;
    size_t first;       /* its coefficients are first … first + n_levels - 1 */
    size_t factor;      /* as the caller numbers them */
    const double *raw;  /* [n] the slope as given; NULL: an intercept */
    double *value;      /* [n] the slope made orthogonal; NULL: an intercept */
    double **projected; /* [terms before it in the factor][n_levels] coefficients of
                           the slope on them */
} np_absorb_term;

typedef struct np_absorb_dense np_absorb_dense;
typedef struct np_absorb_graph np_absorb_graph;
typedef struct np_absorb_border np_absorb_border;

/* The connected components of the graph whose vertices are the levels of two
 * factors and whose edges are the rows. Labels 0 … n-1, in the order of the
 * lowest level of the first factor. */
typedef struct {
    int32_t *first, *second; /* [n_levels] label of each level; -1: level without rows */
    size_t n;
} np_absorb_components;

typedef enum {
    NP_REDUCED_NONE = 0,  /* one factor */
    NP_REDUCED_DENSE,     /* Cholesky of S */
    NP_REDUCED_GRAPH,     /* two factors of intercepts: S is a graph's Laplacian */
    NP_REDUCED_BORDER,    /* the graph of two, with a few coefficients of others */
    NP_REDUCED_ITERATIVE, /* conjugate gradients on S, which is never formed */
} np_absorb_solver;

struct np_absorber {
    np_arena *arena;
    size_t n, n_fe;
    const np_factor *fe;
    const double *weight;
    double tolerance;
    unsigned max_iterations, n_threads, most_iterations;
    np_absorb_term *term; /* [n_terms] the primary factor's first */
    size_t n_terms, n_primary;
    size_t n_coef, n_primary_coef; /* p, and those of the primary factor */
    double *gram;                  /* [n_coef] sum of w value² of each coefficient; 0: it
                                      says nothing and stays 0 */
    size_t n_blocks;               /* of rows; follows from the data alone */
    const uint32_t *order;         /* [n] rows by primary level; NULL: they are so */
    const size_t *start;           /* [primary levels + 1] into order */
    unsigned char *pinned;         /* [n_coef] redundant given the primary factor, by the
                                      components of the graph of the two */
    np_absorb_components *pair;    /* [n_fe] first intercept factor with each later one,
                                      where it came up; else first = NULL */
    np_absorb_solver solver;
    np_absorb_dense *dense;
    np_absorb_graph *graph;
    np_absorb_border *border;
};

/* One pass over the rows for each of k columns. Per row
 *
 *   r = in − sum over terms [from, from_end) of value × coef[level]
 *
 * is written to out, and w × value × r is added into sums of the terms
 * [into, into_end). in NULL: zero; out NULL: not written. coef[c] [n_coef] and
 * sums[c] [n_coef] are indexed as coefficients are; partial[] as many arrays
 * [n_coef] as np_absorb_partials() says. The sums are added block by block. */
typedef struct {
    double *const *in, *const *out;
    size_t from, from_end;
    double *const *coef;
    size_t into, into_end;
    double *const *sums;
    double *const *partial;
} np_absorb_pass;

void np_absorb_pass_rows(const np_absorber *a, const np_absorb_pass *pass, size_t k);
/* Where the rows stand in the order of the primary factor, which is a factor of
 * intercepts, two passes become one: the others' coef is subtracted from the
 * columns (if `subtracts`), then the primary's means, which go to its coef, and
 * what is left is added into sums of the others (NULL: not). */
bool np_absorb_sweeps(const np_absorber *a);
void np_absorb_sweep_rows(const np_absorber *a, double *const *column, bool subtracts,
                          double *const *coef, double *const *sums,
                          double *const *partial, size_t k);

size_t np_absorb_partials(const np_absorber *a, size_t k);
/* sum of w column² of each of k columns. */
void np_absorb_norms(const np_absorber *a, double *const *column, size_t k,
                     double *norm2);

/* Terms of all factors with the primary one first; and, for new weights, their
 * gram and the slopes made orthogonal. */
np_status np_absorb_terms_new(np_absorber *a, np_error *err);
np_status np_absorb_terms_weigh(np_absorber *a, np_error *err);
/* Coefficients of the orthogonal columns to those of the columns as given. */
void np_absorb_terms_to_raw(const np_absorber *a, double *coef);

/* a->order and a->start; and only where the rows are in order as they stand. */
np_status np_absorb_group_rows(np_absorber *a, np_error *err);
np_status np_absorb_group_sorted(np_absorber *a, np_error *err);

np_status np_absorb_components_find(np_absorb_components *out, const int32_t *first,
                                    size_t n_first, const int32_t *second,
                                    size_t n_second, size_t n, np_arena *arena,
                                    np_error *err);

/* Dense Cholesky factor of S, in n_coef − n_primary_coef = q coefficients.
 * Coefficients that depend on earlier ones are 0. */
bool np_absorb_dense_fits(const np_absorber *a);
np_status np_absorb_dense_new(np_absorb_dense **out, const np_absorber *a, np_error *err);
np_status np_absorb_dense_weigh(np_absorb_dense *d, const np_absorber *a, np_error *err);
void np_absorb_dense_solve(const np_absorb_dense *d, const np_absorber *a,
                           double *const *g, double *const *x, size_t k);
size_t np_absorb_dense_rank(const np_absorb_dense *d);
/* Smallest pivot of S scaled to a unit diagonal: how much is lost. */
double np_absorb_dense_smallest_pivot(const np_absorb_dense *d);

/* Conjugate gradients on S for k columns side by side: x from g, both [n_coef]
 * with only the part after n_primary_coef used; stops when the residual
 * columns are within bound[c] of exact in the weighted norm, or after `most`
 * iterations with NP_E_NOT_CONVERGED. */
np_status np_absorb_iterate(np_absorber *a, double *const *g, double *const *x, size_t k,
                            const double *bound, unsigned most, double *const *partial,
                            np_arena *arena, np_error *err);

/* image = S coef, for k columns, by two passes over the rows; the primary part of
 * both is scratch. */
void np_absorb_reduced_product(const np_absorber *a, double *const *coef,
                               double *const *image, double *const *partial, size_t k);

/* Keeps the components of the graph of the primary factor and t's for effects and
 * rank, which want those of the reference factor and another. */
void np_absorb_keep_pair(np_absorber *a, const np_absorb_term *t,
                         const np_absorb_components *both);

/* Two large factors of intercepts and at most a hundred coefficients of others:
 * those are solved for by the Schur complement of the graph's Laplacian. */
bool np_absorb_border_fits(const np_absorber *a);
np_status np_absorb_border_new(np_absorb_border **out, const np_absorber *a,
                               np_error *err);
np_status np_absorb_border_weigh(np_absorb_border *b, np_absorber *a, np_error *err);
np_status np_absorb_border_solve(np_absorb_border *b, np_absorber *a, double *const *g,
                                 double *const *x, size_t k, const double *bound,
                                 double *const *partial, np_arena *arena, np_error *err);
size_t np_absorb_border_rank(const np_absorb_border *b);

/* Two factors of intercepts, called workers (the primary one) and firms: S is the
 * Laplacian of the graph that joins firms with a worker in common. Finds the
 * components too. */
bool np_absorb_graph_fits(const np_absorber *a);
np_status np_absorb_graph_new(np_absorb_graph **out, np_absorber *a, np_error *err);
np_status np_absorb_graph_weigh(np_absorb_graph *g, const np_absorber *a, np_error *err);
bool np_absorb_graph_iterates(const np_absorb_graph *g);
/* As np_absorb_iterate(). */
np_status np_absorb_graph_solve(np_absorb_graph *g, np_absorber *a, double *const *sums,
                                double *const *coef, size_t k, const double *bound,
                                double *const *partial, np_arena *arena, np_error *err);
/* out = S in, in the part of the firms. */
void np_absorb_graph_apply(const np_absorb_graph *g, const np_absorber *a,
                           double *const *in, double *const *out, size_t k);
/* Takes out of r [firms] what is not in the range of S; scratch [firms]. */
void np_absorb_graph_centre(const np_absorb_graph *g, const np_absorber *a, double *r,
                            double *scratch);
/* The workers' part of coef from the firms' part: −(D1'WD1)⁻ D1'W D2 x. */
void np_absorb_graph_back(const np_absorb_graph *g, const np_absorber *a,
                          double *const *coef, size_t k);

#endif
