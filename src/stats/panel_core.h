/* Shared by the panel files: rows in order, means by group, deviations, and
 * least squares that says which columns it left out. Not for other callers. */
#ifndef NP_STATS_PANEL_CORE_H
#define NP_STATS_PANEL_CORE_H

#include "stats/panel.h"

struct np_panel_core {
    const np_panel_data *data;
    size_t n, k, n_units, n_periods;
    bool balanced;
    const uint32_t *row;        /* [n] the data's row */
    const int32_t *unit, *time; /* [n] */
    const double *y;            /* [n] */
    const double *const *x;     /* [k] columns [n] */
    const double *norm;         /* [k] Euclidean norms of x, for what counts as zero */
    const size_t *unit_start;   /* [n_units + 1] */
    const size_t *unit_size, *time_size; /* [n_units] T_i, [n_periods] N_t */
    /* two-way deviations: the smaller side (the `solved` one) after the other is
     * swept out, a Laplacian of the graph of units and periods */
    size_t n_solved;
    const double *factor; /* [n_solved × n_solved] pivoted Cholesky; NULL: balanced */
    const int *pivot;     /* [n_solved] */
    size_t n_components;  /* of that graph */
    double *scratch;      /* [n + 2 (n_units + n_periods)] */
};

np_status np_panel_core_new(const np_panel_core **out, const np_panel_data *data,
                            np_arena *arena, np_error *err);

/* Groups of an effect: n_units or n_periods, codes and sizes. */
typedef struct {
    size_t n_groups;
    const int32_t *code;
    const size_t *size;
} np_panel_groups;

np_panel_groups np_panel_groups_of(const np_panel_core *core, np_panel_effect effect);

void np_panel_sums(double *sum, const np_panel_groups *g, const double *v, size_t n);
void np_panel_means(double *mean, const np_panel_groups *g, const double *v, size_t n);

/* out [n] = v less its fitted effects; out may be v. */
void np_panel_within(double *out, const np_panel_core *core, np_panel_effect effect,
                     const double *v);
/* v's fitted unit and period effects [n_units], [n_periods], the first period's 0. */
void np_panel_two_effects(double *of_unit, double *of_period, const np_panel_core *core,
                          const double *v);
/* Degrees of freedom that the effects use: N, T or N + T - components. */
size_t np_panel_effect_rank(const np_panel_core *core, np_panel_effect effect);

/* Least squares of y on k columns [m]. A column is left out when what is left of it
 * after the earlier ones is below 1e-7 of its norm (as R's lm()), or when its norm
 * is below 1e-10 of scale[j] (NULL: not tested). */
typedef struct {
    size_t m, k;
    const size_t *column;      /* [k] kept */
    const double *coefficient; /* [k] */
    const double *bread;       /* [k × k] (X'X)^-1 */
    const double *root;        /* [k × k] upper R^-1 of X = QR: bread is R^-1 R^-T */
    const double *residual;    /* [m] */
    double ssr;
    size_t n_out;
    const size_t *out; /* [n_out] left out */
} np_panel_ols;

np_status np_panel_least_squares(np_panel_ols *out, size_t m, size_t k,
                                 const double *const *x, const double *y,
                                 const double *scale, np_arena *arena, np_error *err);

/* One regression of plm.fit(): pooling, within, random are m = n rows. */
typedef enum {
    NP_ROWS_PLAIN = 0, /* as they are */
    NP_ROWS_WITHIN,
    NP_ROWS_BETWEEN, /* each row its group's mean */
    NP_ROWS_MEANS,   /* one row per group */
    NP_ROWS_DIFFERENCES,
    NP_ROWS_RANDOM /* less theta times the means */
} np_panel_rows;

typedef struct {
    np_panel_rows rows;
    np_panel_effect effect;
    const double *theta_id, *theta_time; /* RANDOM: [n_units], [n_periods]; NULL */
    double theta_total;                  /* two-way RANDOM, balanced */
} np_panel_transform;

/* Rows that the transformation yields, and one column transformed. */
size_t np_panel_transformed_rows(const np_panel_core *core, const np_panel_transform *t);
void np_panel_transformed(double *out, const np_panel_core *core,
                          const np_panel_transform *t, const double *v);

typedef struct {
    np_panel_ols ols;
    const double *const *x; /* [core->k] transformed columns [m] */
    const double *y;        /* [m] */
} np_panel_regression;

np_status np_panel_regress(np_panel_regression *out, const np_panel_core *core,
                           const np_panel_transform *t, np_arena *arena, np_error *err);

/* x'b of the rows [n], by the regression's coefficients. */
void np_panel_fitted(double *out, const np_panel_core *core, size_t k,
                     const size_t *column, const double *coefficient);

typedef struct {
    double idios, id, time; /* NaN: not in the model */
    const char *constant;   /* Amemiya, balanced: a term without variation within, which
                               the unit variance then holds; NULL */
} np_panel_components;

/* Variance components, negative ones set to 0. */
np_status np_panel_components_estimate(np_panel_components *out,
                                       const np_panel_core *core, np_panel_effect effect,
                                       np_random_method method, np_arena *arena,
                                       np_error *err);

/* (X'W^-1 X)^-1, coefficients and plain residuals of two-way random effects in an
 * unbalanced panel, W = I + (s2_mu D D' + s2_lambda E E') / s2_e. */
np_status np_panel_unbalanced_twoways(np_panel_ols *out, const np_panel_core *core,
                                      const np_panel_components *s2,
                                      const double *theta_id, np_arena *arena,
                                      np_error *err);

/* Fits of further models on the same rows, for tests. */
np_status np_panel_fit_core(np_panel_fit *out, const np_panel_core *core,
                            const np_panel_spec *spec, np_arena *arena, np_error *err);

np_status np_panel_serial_test(np_test *out, const np_panel_fit *fit, const char *name,
                               const char *option, np_arena *arena, np_error *err);

double np_panel_r2(const double *a, const double *b, size_t n); /* squared correlation */
/* Inverse of a symmetric positive definite a [k × k] in place; false: it is not. */
bool np_panel_invert(double *a, size_t k);
/* b'A^-1 b for symmetric A that need not be definite. NP_E_NOT_IDENTIFIED: singular. */
np_status np_panel_quadratic(double *out, const double *a, const double *b, size_t k,
                             np_arena *arena, np_error *err);
np_status np_panel_no_memory(np_error *err);

#endif
