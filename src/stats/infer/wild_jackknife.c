#include <string.h>

#include "stats/infer/wild_internal.h"
#include "stats/linalg.h"

/* What is left of a regressor's squares without a cluster, below which the cluster alone
 * carries it. */
static const double carried_alone = 1e-10;

typedef struct {
    const np_wild_plan *plan;
    const double *c;
    size_t k, pivot;       /* c's largest element */
    bool restricted;       /* c'b = 0 */
    double *total;         /* [k × k] X'WX */
    double *rest, *R;      /* [k × k] X'WX less the cluster's, and its factor */
    double *reduced;       /* [k × k] of it, the restricted */
    bool *kept;            /* [k] */
    double *vector, *step; /* [k] */
} work;

static double moment(const work *w, size_t h, size_t a, size_t b)
{
    return w->plan->moment[(a * w->plan->sums.H + h) * w->k + b];
}

static np_status allocate(work *w, np_arena *scratch, np_error *err)
{
    const size_t k = w->k;
    w->total = np_arena_array(scratch, double, 4 * k * k);
    w->kept = np_arena_array(scratch, bool, k);
    w->vector = np_arena_array(scratch, double, 2 * k);
    if (w->total == NULL || w->kept == NULL || w->vector == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the wild bootstrap"));
    w->rest = w->total + k * k;
    w->R = w->rest + k * k;
    w->reduced = w->R + k * k;
    w->step = w->vector + k;
    for (size_t h = 0; h < w->plan->sums.H; h++)
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++)
                w->total[a * k + b] += moment(w, h, a, b);
    for (size_t a = 0; a < k; a++)
        if (w->c[a] * w->c[a] > w->c[w->pivot] * w->c[w->pivot])
            w->pivot = a;
    return NP_OK;
}

static np_status carried(const work *w, np_error *err)
{
    np_fail(err, NP_E_NOT_IDENTIFIED,
            _("without one of the clusters of %s a coefficient cannot be estimated, and "
              "this type of the wild bootstrap needs that"),
            w->plan->boot_name);
    return np_error_hint(err,
                         _("--bootstrap-type 11 does without, and 31 where it is the "
                           "coefficient tested"));
}

/* Restricted to c'b = 0: b is a function of its elements but the pivot's, which is
 * -Σ c_j b_j / c_pivot; A := T'A T with the pivot's row and column 0. */
static void restrict_matrix(double *out, const double *A, const work *w)
{
    const size_t k = w->k, p = w->pivot;
    const double *c = w->c;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            double ta = c[a] / c[p], tb = c[b] / c[p];
            out[a * k + b] = a == p || b == p
                                 ? 0
                                 : A[a * k + b] - ta * A[p * k + b] - tb * A[a * k + p] +
                                       ta * tb * A[p * k + p];
        }
}

/* x := T (T'rest T)^-1 T' x, or rest^-1 x. */
static void solve(double *x, const work *w, bool restricted)
{
    const size_t p = w->pivot;
    if (!restricted) {
        np_cholesky_solve(x, w->R, w->kept, w->k);
        return;
    }
    for (size_t a = 0; a < w->k; a++)
        if (a != p)
            x[a] -= w->c[a] / w->c[p] * x[p];
    x[p] = 0;
    np_cholesky_solve(x, w->R, w->kept, w->k);
    for (size_t a = 0; a < w->k; a++)
        if (a != p)
            x[p] -= w->c[a] / w->c[p] * x[a];
}

/* The factor of what is left without cluster h. */
static np_status take_out(work *w, size_t h, bool restricted, np_error *err)
{
    const size_t k = w->k;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            w->rest[a * k + b] = w->total[a * k + b] - moment(w, h, a, b);
    const double *left = w->rest;
    if (restricted) {
        restrict_matrix(w->reduced, w->rest, w);
        left = w->reduced;
    }
    for (size_t a = 0; a < k; a++)
        w->vector[a] = w->total[a * k + a];
    size_t rank = np_cholesky(w->R, w->kept, left, w->vector, k, carried_alone);
    return rank < k - restricted ? carried(w, err) : NP_OK;
}

/* out := X_h'W X_h b */
static void times_moment(double *out, const work *w, size_t h, const double *b)
{
    for (size_t a = 0; a < w->k; a++) {
        out[a] = 0;
        for (size_t l = 0; l < w->k; l++)
            out[a] += moment(w, h, a, l) * b[l];
    }
}

static double product(const double *a, const double *b, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < k; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The residuals as if the cluster had not taken part: scores V += X_h'W X_h (…)^-1 V. */
static void leave_out(np_wild_sums *s, const work *w, size_t h, const double *Bc)
{
    for (size_t e = 0; e < 2; e++) {
        double *V = s->V[e] + h * w->k;
        memcpy(w->step, V, w->k * sizeof *V);
        solve(w->step, w, w->restricted);
        times_moment(w->vector, w, h, w->step);
        for (size_t a = 0; a < w->k; a++)
            V[a] += w->vector[a];
        s->numerator[e][h] = s->set[0].A[e][h] = product(Bc, V, w->k);
    }
}

/* a_h of the jackknife's variance. Adds the data's share of the variance. */
static void jackknife(np_wild_sums *s, const work *w, size_t h)
{
    np_wild_set *set = &s->set[0];
    memcpy(w->step, w->c, w->k * sizeof *w->c);
    solve(w->step, w, false);
    times_moment(set->U + h * w->k, w, h, w->step);
    for (size_t e = 0; e < 2; e++)
        set->A[e][h] = product(w->step, s->V[e] + h * w->k, w->k);
    double own = product(w->step, w->plan->scores + h * w->k, w->k);
    s->variance += set->factor * own * own;
}

np_status np_wild_jackknife(np_wild_sums *s, const np_wild_plan *plan, np_wild_type type,
                            const double *c, const double *Bc, np_arena *scratch,
                            np_error *err)
{
    work w = {.plan = plan, .c = c, .k = s->k, .restricted = s->imposed};
    const double G = (double)s->H;
    bool residuals = type == NP_WILD_31 || type == NP_WILD_33;
    bool variance = type == NP_WILD_13 || type == NP_WILD_33;
    np_status status = allocate(&w, scratch, err);
    for (size_t h = 0; h < s->H && residuals && status == NP_OK; h++) {
        status = take_out(&w, h, w.restricted, err);
        if (status == NP_OK)
            leave_out(s, &w, h, Bc);
    }
    if (variance && status == NP_OK) {
        s->variance = 0;
        s->set[0].factor = (G - 1) / G;
    }
    for (size_t h = 0; h < s->H && variance && status == NP_OK; h++) {
        status = take_out(&w, h, false, err);
        if (status == NP_OK)
            jackknife(s, &w, h);
    }
    return status;
}
