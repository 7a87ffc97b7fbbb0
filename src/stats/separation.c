#include "stats/separation.h"

#include <math.h>
#include <string.h>

#include "stats/linalg.h"

enum { MOST_PROJECTIONS = 2000 };
/* A sign is met, and a row is separated, by this share of the largest element. */
static const double met = 1e-7, separated = 1e-4;
/* Rows with a positive count must get 0: they weigh this much more than the others,
 * which makes the projection converge in few rounds. */
static const double heavy = 1e4;

typedef struct {
    const np_design *design;
    const double *const *x;
    double **xt; /* [k] partialled */
    np_absorber *absorber;
    double *weight, *z, *fit, *gamma, *A, *R;
    bool *kept;
    size_t n, k;
    bool binary;
} search;

static np_status prepare(search *s, np_arena *arena, np_error *err)
{
    size_t n = s->n, k = s->k;
    s->weight = np_arena_array(arena, double, n);
    s->z = np_arena_array(arena, double, n);
    s->fit = np_arena_array(arena, double, n);
    s->gamma = np_arena_array(arena, double, k);
    s->A = np_arena_array(arena, double, k *k);
    s->R = np_arena_array(arena, double, k *k);
    s->kept = np_arena_array(arena, bool, k);
    s->xt = np_arena_array(arena, double *, k);
    bool ok = s->weight && s->z && s->fit && s->gamma && s->A && s->R && s->kept && s->xt;
    for (size_t j = 0; ok && j < k; j++)
        ok = (s->xt[j] = np_arena_array(arena, double, n)) != NULL;
    if (!ok)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left to look for separation"));
    for (size_t i = 0; i < n; i++) {
        bool zero = s->design->y[i] <= 0;
        s->weight[i] = s->binary || zero ? 1 : heavy;
        s->z[i] = s->binary ? 2 * s->design->y[i] - 1 : zero ? -1 : 0;
    }
    for (size_t j = 0; j < k; j++)
        memcpy(s->xt[j], s->x[j], n * sizeof(double));
    return NP_OK;
}

static np_status factorise(search *s, np_arena *arena, np_error *err)
{
    if (s->absorber != NULL) {
        np_status status = np_absorber_reweight(s->absorber, s->weight, err);
        if (status == NP_OK)
            status = np_absorber_residuals(s->absorber, s->xt, s->k, arena, err);
        if (status != NP_OK)
            return status;
    }
    for (size_t a = 0; a < s->k; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t i = 0; i < s->n; i++)
                sum += s->weight[i] * s->xt[a][i] * s->xt[b][i];
            s->A[a * s->k + b] = s->A[b * s->k + a] = sum;
        }
    np_cholesky(s->R, s->kept, s->A, NULL, s->k, 1e-12);
    return NP_OK;
}

/* fit := projection of z on the span. */
static np_status project(search *s, np_arena *arena, np_error *err)
{
    memcpy(s->fit, s->z, s->n * sizeof *s->z);
    if (s->absorber != NULL) {
        np_status status = np_absorber_residuals(s->absorber, &s->fit, 1, arena, err);
        if (status != NP_OK)
            return status;
    }
    for (size_t j = 0; j < s->k; j++) {
        double sum = 0;
        for (size_t i = 0; i < s->n; i++)
            sum += s->weight[i] * s->xt[j][i] * s->fit[i];
        s->gamma[j] = sum;
    }
    np_cholesky_solve(s->gamma, s->R, s->kept, s->k);
    for (size_t j = 0; j < s->k; j++)
        for (size_t i = 0; i < s->n; i++)
            s->fit[i] -= s->gamma[j] * s->xt[j][i];
    for (size_t i = 0; i < s->n; i++)
        s->fit[i] = s->z[i] - s->fit[i];
    return NP_OK;
}

static double rectified(const search *s, size_t i, double z)
{
    double y = s->design->y[i];
    if (s->binary)
        return y >= 1 ? fmax(z, 0) : y <= 0 ? fmin(z, 0) : 0;
    return y > 0 ? 0 : fmin(z, 0);
}

/* z := the rectified fit, largest element 1; returns the largest gap between the two,
 * relative to that, or 1 where nothing is left. */
static double rectify(search *s)
{
    double largest = 0, gap = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->z[i] = rectified(s, i, s->fit[i]);
        largest = fmax(largest, fabs(s->z[i]));
        gap = fmax(gap, fabs(s->z[i] - s->fit[i]));
    }
    if (!(largest > 1e-200))
        return 1;
    for (size_t i = 0; i < s->n; i++)
        s->z[i] /= largest;
    return gap / largest;
}

static void describe(np_separation *out, const search *s)
{
    *out = (np_separation){.column = s->k};
    for (size_t i = s->n; i-- > 0;)
        if (fabs(s->z[i]) > separated) {
            out->n_rows++;
            out->first_row = i;
        }
    double largest = 0;
    for (size_t j = 0; j < s->k; j++) {
        double part = fabs(s->gamma[j]) * sqrt(s->A[j * s->k + j]);
        if (s->kept[j] && part > largest) {
            largest = part;
            out->column = j;
        }
    }
}

np_status np_separation_find(np_separation *out, np_family family,
                             const np_design *design, const double *const *x, size_t k,
                             np_absorber *absorber, np_arena *arena, np_error *err)
{
    np_separation found = {.column = k};
    np_arena_mark mark = np_arena_set_mark(arena);
    search s = {.design = design,
                .x = x,
                .absorber = absorber,
                .n = design->n,
                .k = k,
                .binary = np_family_is_binary(family)};
    np_status status = prepare(&s, arena, err);
    if (status == NP_OK)
        status = factorise(&s, arena, err);
    for (int round = 0; status == NP_OK && round < MOST_PROJECTIONS; round++) {
        status = project(&s, arena, err);
        if (status != NP_OK)
            break;
        double gap = rectify(&s);
        if (gap >= 1)
            break;
        if (gap < met) {
            describe(&found, &s);
            break;
        }
    }
    np_arena_release(arena, mark);
    if (status == NP_OK)
        *out = found;
    return status;
}
