/* Least squares with one large absorbed factor, in passes over the columns as they
 * are: nothing of the size n × k is made. Not for callers: see linear.h.
 *
 * Notation. u, the swept factor (the one with most levels), is taken out by its
 * group means. F [q] are the dummies of the other factors and C [k] the candidate
 * regressors, of which some are columns (dense) and some dummies (sparse: each
 * row has at most one that is not zero per part). With M the matrix that takes u
 * out, one pass gives the small system
 *
 *   A = [F C y]' W M [F C y]
 *
 * whose Cholesky factor does the rest exactly. A regressor's partialled value is
 * x̃_i = v_i - mean of v over i's group, v_i = x_i - F_i γ, γ = A_FF^- A_FC; the
 * residual likewise, r_i = y_i - x_i b - F_i φ.
 */
#ifndef NP_STATS_LINEAR_STREAM_H
#define NP_STATS_LINEAR_STREAM_H

#include "stats/linear_internal.h"

enum {
    NP_STREAM_MOST_PARTS = 16,
    NP_STREAM_MOST_SPARSE = 1200,
    NP_STREAM_MOST_KEPT = 1500
};

/* Sparse columns first … first + n_columns - 1 of [F C-sparse]. */
typedef struct {
    const int32_t *code; /* [n]; -1: none */
    const double *value; /* [n]; NULL: 1 */
    size_t first, n_columns;
} np_stream_part;

typedef struct {
    const np_design *design;
    const double *y, *offset, *weight;
    const np_factor *swept;
    size_t n, n_groups;
    const uint32_t *number; /* [n_groups] of each level: its group, counted from 1 */
    const uint32_t *order;  /* [n] rows by group; NULL: they are so */
    const uint32_t *start;  /* [n_groups + 1] into order */
    size_t largest;         /* rows of the largest group */
    unsigned n_threads;

    const double *const *dense; /* [n_dense] columns [n] */
    size_t n_dense;
    np_stream_part part[NP_STREAM_MOST_PARTS];
    size_t n_parts;
    size_t q, n_sparse; /* dummies of factors; and all sparse columns */

    /* candidates in the model's order: a dense column, or a sparse one */
    size_t k;
    const size_t *dense_of;  /* [k] index of the dense column; SIZE_MAX: sparse */
    const size_t *sparse_of; /* [k] */
    const char *const *term; /* [k] */

    /* tasks: groups cut so that each has about as many rows */
    size_t n_tasks;
    const size_t *task_start; /* [n_tasks + 1] groups */

    /* the solution */
    const double *slope;     /* [n_dense] coefficients of dense columns */
    const double *level;     /* [n_sparse] of sparse ones: φ, and b */
    size_t n_kept;           /* kept candidates */
    const size_t *kept;      /* [n_kept] which they are */
    const double *gamma;     /* [q][n_kept] */
    const int32_t *position; /* [n_sparse] among the kept; -1: of F, or collinear */
} np_stream;

/* A thread's room for the rows of some whole groups, gathered column by column. */
typedef struct {
    size_t capacity, count; /* rows */
    size_t first, last;     /* groups */
    double *value;          /* [n_dense + 1][capacity], y (less the offset) last */
    double *weight;         /* [capacity]; NULL: 1 */
    double *residual;       /* [capacity] */
    double *mean;           /* [n_dense + 1] scratch */
} np_stream_room;

/* n rooms, one per thread; NULL: no memory. */
np_stream_room *np_stream_rooms(const np_stream *s, np_arena *arena);
/* Takes groups from `first` on, as many as there is room for, and their values.
 * Returns the group after the last one taken. */
size_t np_stream_take(np_stream_room *room, const np_stream *s, size_t first, size_t end);
static inline size_t np_stream_row(const np_stream *s, size_t at)
{
    return s->order == NULL ? at : s->order[at];
}

/* Whether a design can be streamed; the rest of the struct is filled if so. */
np_status np_stream_prepare(np_stream *s, bool *possible, const np_design *design,
                            const np_linear_spec *spec, np_arena *arena, np_error *err);

/* The sums of the first pass. */
typedef struct {
    double *A;   /* [m × m], m = q + k + 1, in the order F, C, y */
    double *raw; /* [m] Σ w c² */
    double sum_weight, tss, largest_weight;
} np_stream_system;

np_status np_stream_cross(np_stream_system *out, const np_stream *s, np_arena *arena,
                          np_error *err);

/* Residuals: the gradient [F C]'We, Σ w e² and Σ e²; residual [n] is filled where it
 * is not NULL. */
typedef struct {
    double *gradient; /* [q + k] */
    double rss, squared_error;
    double sum_y, sum_f, yy, ff, yf; /* unweighted, less y[0]: for the correlation */
} np_stream_errors;

np_status np_stream_residuals(np_stream_errors *out, const np_stream *s, double *residual,
                              np_arena *arena, np_error *err);

/* np_fit's functions; the context is the np_stream. */
void np_stream_rows(const np_fit *fit, size_t first, size_t count, double *x,
                    double *score, double *weight);
np_status np_stream_cluster_meat(const np_fit *fit, const np_groups *clusters,
                                 double *meat, np_arena *arena, np_error *err);

np_status np_linear_stream(np_linear *out, bool *done, const np_design *design,
                           const np_linear_spec *spec, np_arena *arena, np_error *err);

#endif
