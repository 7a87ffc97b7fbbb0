#include "stats/cluster_robust.h"

#include <math.h>
#include <string.h>

#include "stats/infer/spread_fit.h"
#include "stats/linalg.h"

/* An eigenvalue of H_gg this close to 1 is one: the cluster determines a direction. */
static const double determined = 1e-10;
enum { BLOCK = 1024 };

/* In coordinates where B = L L': T_g = L' X_g'X_g L = Q diag(lambda) Q' has the
 * eigenvalues of H_gg that are not 0, and A_g X_g stays in their span. */
typedef struct {
    const np_fit *fit; /* as given, or spread out */
    np_vcov_kind kind;
    size_t k, G;            /* columns of fit */
    size_t n_terms;         /* of which the first are the model's */
    double *L;              /* [k × k] B = L L' */
    double *cross, *score;  /* [G × k × k] X_g'X_g; [G × k] X_g'e_g */
    double *T, *Q, *lambda; /* of one cluster */
    double *vector;         /* [4 × k] scratch */
    double *C;              /* [n_terms × k] rows L'c of the coefficients c */
    double *diagonal;       /* [G × n_terms] Σ_g P_gg per coefficient: their sum */
    double *M; /* [n_terms × k × k] per coefficient Σ_g v_g v_g', v_g = L'u_g */
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY,
                   _("no memory left for the clusters' covariance matrices"));
}

static np_status allocate(work *w, np_arena *arena, np_error *err)
{
    size_t k = w->k, kk = k * k;
    w->L = np_arena_array(arena, double, kk);
    w->cross = np_arena_array(arena, double, w->G *kk);
    w->score = np_arena_array(arena, double, w->G *k);
    w->T = np_arena_array(arena, double, 2 * kk);
    w->Q = np_arena_array(arena, double, kk);
    w->lambda = np_arena_array(arena, double, k);
    w->vector = np_arena_array(arena, double, 4 * k);
    w->C = np_arena_array(arena, double, w->n_terms *k);
    w->diagonal = np_arena_array(arena, double, w->G * w->n_terms);
    w->M = np_arena_array(arena, double, kk * w->n_terms);
    bool ok = w->L && w->cross && w->score && w->T && w->Q && w->lambda && w->vector &&
              w->C && w->diagonal && w->M;
    return ok ? NP_OK : no_memory(err);
}

/* L, lower triangular, from the upper factor of B. */
static np_status factorise(work *w, np_arena *arena, np_error *err)
{
    const size_t k = w->k;
    bool *kept = np_arena_array(arena, bool, k);
    double *R = np_arena_array(arena, double, k *k);
    if (kept == NULL || R == NULL)
        return no_memory(err);
    if (np_cholesky(R, kept, w->fit->bread, NULL, k, 0) < k)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the regressors are too nearly collinear for CR2 and CR3"));
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            w->L[a * k + b] = R[b * k + a];
    /* coefficient j is row j of the basis; without one it is the unit vector */
    for (size_t j = 0; j < w->n_terms; j++)
        for (size_t a = 0; a < k; a++) {
            double sum = 0;
            for (size_t b = 0; b < k; b++)
                sum +=
                    w->L[b * k + a] *
                    (w->fit->basis == NULL ? (double)(b == j) : w->fit->basis[j * k + b]);
            w->C[j * k + a] = sum;
        }
    return NP_OK;
}

static np_status sum_clusters(work *w, const np_groups *clusters, np_arena *arena,
                              np_error *err)
{
    const size_t k = w->k, n = w->fit->n;
    double *x = np_arena_array(arena, double, BLOCK *k);
    double *score = np_arena_array(arena, double, BLOCK);
    double *weight = np_arena_array(arena, double, BLOCK);
    if (x == NULL || score == NULL || weight == NULL)
        return no_memory(err);
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        w->fit->rows(w->fit, first, count, x, score, weight);
        for (size_t i = 0; i < count; i++) {
            size_t g = (size_t)clusters->code[first + i];
            const double *row = x + i * k;
            double *cross = w->cross + g * k * k;
            for (size_t a = 0; a < k; a++) {
                w->score[g * k + a] += score[i] * row[a];
                for (size_t b = 0; b <= a; b++)
                    cross[a * k + b] += weight[i] * row[a] * row[b];
            }
        }
    }
    for (size_t g = 0; g < w->G; g++)
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < a; b++)
                w->cross[g * k * k + b * k + a] = w->cross[g * k * k + a * k + b];
    return NP_OK;
}

/* out := M' v for M [k × k]. */
static void transposed_product(double *out, const double *M, const double *v, size_t k)
{
    memset(out, 0, k * sizeof *out);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            out[b] += M[a * k + b] * v[a];
}

/* out := M v. */
static void product(double *out, const double *M, const double *v, size_t k)
{
    for (size_t a = 0; a < k; a++) {
        out[a] = 0;
        for (size_t b = 0; b < k; b++)
            out[a] += M[a * k + b] * v[b];
    }
}

/* out := L'^-1 v, by back substitution. */
static void solve_transposed(double *out, const double *L, const double *v, size_t k)
{
    for (size_t a = k; a-- > 0;) {
        double sum = v[a];
        for (size_t b = a + 1; b < k; b++)
            sum -= L[b * k + a] * out[b];
        out[a] = sum / L[a * k + a];
    }
}

/* The function of 1 - lambda that A_g is. */
static double adjustment(np_vcov_kind kind, double lambda)
{
    double rest = 1 - lambda;
    if (kind == NP_VCOV_CR2)
        return rest > determined ? 1 / sqrt(rest) : 0;
    return kind == NP_VCOV_CR3 ? 1 / rest : 1;
}

/* Eigenvalues and vectors of T_g = L' S L. */
static np_status decompose(work *w, size_t g, np_error *err)
{
    const size_t k = w->k;
    double *half = w->T + k * k;
    np_matrix_product(half, w->cross + g * k * k, w->L, k, k, k);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += w->L[l * k + a] * half[l * k + b];
            w->T[a * k + b] = sum;
        }
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < a; b++)
            w->T[a * k + b] = w->T[b * k + a] = (w->T[a * k + b] + w->T[b * k + a]) / 2;
    return np_symmetric_eigen(w->lambda, w->Q, w->T, k, err);
}

/* Adds the cluster's corrected score's square to the meat: X_g'A_g e_g =
 * L'^-1 Q diag(adjustment) Q' L' X_g'e_g. */
static void add_meat(work *w, double *meat, size_t g)
{
    const size_t k = w->k;
    double *a = w->vector, *b = a + k;
    transposed_product(a, w->L, w->score + g * k, k);
    transposed_product(b, w->Q, a, k);
    for (size_t l = 0; l < k; l++)
        b[l] *= adjustment(w->kind, w->lambda[l]);
    product(a, w->Q, b, k);
    solve_transposed(b, w->L, a, k);
    for (size_t l = 0; l < k; l++)
        for (size_t m = 0; m < k; m++)
            meat[l * k + m] += b[l] * b[m];
}

/* With z = Q' L'c: a_g'a_g = Σ z² f² lambda and L'u_g = Q (lambda f z). */
static void add_freedom(work *w, size_t g, size_t j)
{
    const size_t k = w->k;
    double *z = w->vector, *v = z + k, own = 0, square = 0;
    transposed_product(z, w->Q, w->C + j * k, k);
    for (size_t l = 0; l < k; l++) {
        double f = adjustment(w->kind, w->lambda[l]), moved = w->lambda[l] * f * z[l];
        own += z[l] * z[l] * f * f * w->lambda[l];
        square += moved * moved;
        z[l] = moved;
    }
    product(v, w->Q, z, k);
    double *M = w->M + j * k * k;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            M[a * k + b] += v[a] * v[b];
    w->diagonal[g * w->n_terms + j] = own - square;
    w->score[g * k + j] = square; /* no longer needed as a score */
}

/* Σ_g Σ_h P_gh² = Σ_g (P_gg² - (v_g'v_g)²) + Σ_g Σ_h (v_g'v_h)², the last being the
 * sum of squares of M. */
static double freedom(const work *w, size_t j)
{
    const size_t k = w->k;
    double trace = 0, squares = 0;
    for (size_t g = 0; g < w->G; g++) {
        double own = w->diagonal[g * w->n_terms + j], v = w->score[g * k + j];
        trace += own;
        squares += own * own - v * v;
    }
    for (size_t a = 0; a < k * k; a++)
        squares += w->M[j * k * k + a] * w->M[j * k * k + a];
    return trace * trace / squares;
}

static np_status one_cluster(work *w, double *meat, size_t g, const char *name,
                             np_error *err)
{
    bool plain = w->kind != NP_VCOV_CR2 && w->kind != NP_VCOV_CR3;
    if (plain) {
        const double *s = w->score + g * w->k;
        for (size_t l = 0; l < w->k; l++)
            for (size_t m = 0; m < w->k; m++)
                meat[l * w->k + m] += s[l] * s[m];
        return NP_OK;
    }
    np_status status = decompose(w, g, err);
    if (status != NP_OK)
        return status;
    if (w->kind == NP_VCOV_CR3 && !(1 - w->lambda[w->k - 1] > determined)) {
        np_fail(err, NP_E_RANGE,
                _("a cluster of %s determines a coefficient alone, and CR3 is not "
                  "defined"),
                name);
        return np_error_hint(err, _("CR2 is"));
    }
    add_meat(w, meat, g);
    for (size_t j = 0; w->kind == NP_VCOV_CR2 && j < w->n_terms; j++)
        add_freedom(w, g, j);
    return NP_OK;
}

/* The meat of all columns, of which the model's terms are the first. */
static np_status all_columns(work *w, double *meat, const np_groups *clusters,
                             const char *cluster_name, np_arena *arena, np_error *err)
{
    np_status status = allocate(w, arena, err);
    if (status == NP_OK)
        status = factorise(w, arena, err);
    if (status == NP_OK)
        status = sum_clusters(w, clusters, arena, err);
    for (size_t g = 0; status == NP_OK && g < w->G; g++)
        status = one_cluster(w, meat, g, cluster_name, err);
    return status;
}

np_status np_cluster_robust_meat(double *meat, double *df, const np_fit *fit,
                                 const np_groups *clusters, const char *cluster_name,
                                 size_t n_clusters, np_vcov_kind kind, np_arena *arena,
                                 np_error *err)
{
    np_fit spread = *fit;
    work w = {.fit = &spread, .kind = kind, .n_terms = fit->k, .G = clusters->n_groups};
    bool corrected = kind == NP_VCOV_CR2 || kind == NP_VCOV_CR3;
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status =
        corrected ? np_fit_spread(&spread, fit, clusters, cluster_name, arena, err)
                  : NP_OK;
    w.k = spread.k;
    double *whole = np_arena_array(arena, double, w.k *w.k);
    if (status == NP_OK && whole == NULL)
        status = no_memory(err);
    if (status == NP_OK)
        status = all_columns(&w, whole, clusters, cluster_name, arena, err);
    for (size_t a = 0; status == NP_OK && a < w.n_terms; a++) {
        memcpy(meat + a * w.n_terms, whole + a * w.k, w.n_terms * sizeof *meat);
        df[a] = kind == NP_VCOV_CR2 ? freedom(&w, a) : (double)n_clusters - 1;
    }
    np_arena_release(arena, mark);
    return status;
}
