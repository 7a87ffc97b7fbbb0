/* With u_j the sum of the first j weights of the trend's steps before the start, the
 * worst bias over SD(1) is sum_j |u_j| plus a constant, and the variance is a quadratic
 * in u: the least bias for each variance is the path of a lasso, linear between corners,
 * which is followed exactly from u = 0 (least bias) to the least variance. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "stats/did/honest_internal.h"
#include "stats/linalg.h"

/* Weights a_pre of the coefficients before the start from u [n_pre-1] and u_K = total:
 * step weights w_j = u_j - u_{j-1}, and a_j = w_j - w_{j-1}. */
static void weights_of(double *a, const double *u, double total, size_t K)
{
    double before = 0, step_before = 0;
    for (size_t j = 0; j < K; j++) {
        double here = j + 1 < K ? u[j] : total, step = here - before;
        a[j] = step - step_before;
        before = here;
        step_before = step;
    }
}

/* Covariance of the coefficients i and j, target for i = K (l' beta_post). */
static double covariance_with_target(const honest_job *job, size_t i)
{
    const np_honest_spec *s = &job->spec;
    double sum = 0;
    for (size_t t = 0; t < s->n_post; t++)
        sum += job->target[t] * s->vcov[i * job->n + s->n_pre + t];
    return sum;
}

/* Q, g and variance_0, column by column: weights are linear in u. */
static void fill_variance(honest_frontier *f, const honest_job *job, double *P)
{
    const np_honest_spec *s = &job->spec;
    size_t K = s->n_pre, p = K - 1;
    double *zero = f->scratch;
    memset(zero, 0, K * sizeof *zero);
    weights_of(&P[p * K], zero, f->total, K);
    for (size_t j = 0; j < p; j++) {
        zero[j] = 1;
        weights_of(&P[j * K], zero, 0, K);
        zero[j] = 0;
    }
    for (size_t i = 0; i <= p; i++)
        for (size_t j = 0; j <= p; j++) {
            double sum = 0;
            for (size_t a = 0; a < K; a++)
                for (size_t b = 0; b < K; b++)
                    sum += P[i * K + a] * s->vcov[a * job->n + b] * P[j * K + b];
            if (i < p && j < p)
                f->Q[i * p + j] = sum;
            else if (i < p)
                f->g[i] = sum;
            else if (j == p)
                f->variance_0 = sum;
        }
    f->variance_0 += job->std_error * job->std_error;
    for (size_t i = 0; i <= p; i++)
        for (size_t a = 0; a < K; a++) {
            double with = P[i * K + a] * covariance_with_target(job, a);
            if (i < p)
                f->g[i] += with;
            else
                f->variance_0 += 2 * with;
        }
}

/* Bias that no choice before the start changes: sum_j |sum_{t >= j} (t-j+1) l_t|. */
static double least_bias(const honest_job *job)
{
    double bias = 0;
    for (size_t j = 0; j < job->spec.n_post; j++) {
        double sum = 0;
        for (size_t t = j; t < job->spec.n_post; t++)
            sum += (double)(t - j + 1) * job->target[t];
        bias += fabs(sum);
    }
    return bias;
}

/* A covariance of few clusters may be singular; then the shortest of the best. */
static void make_definite(double *Q, size_t p)
{
    double most = 0;
    for (size_t i = 0; i < p; i++)
        most = fmax(most, Q[i * p + i]);
    for (size_t i = 0; i < p; i++)
        Q[i * p + i] += 1e-13 * most;
}

typedef struct {
    size_t p;
    bool *active, *kept;
    double *sign, *A, *R, *at_zero, *slope, *gradient, *gradient_slope;
} path_scratch;

static bool path_scratch_new(path_scratch *w, size_t p, np_arena *arena)
{
    *w = (path_scratch){.p = p};
    double **vector[] = {&w->sign, &w->at_zero, &w->slope, &w->gradient,
                         &w->gradient_slope};
    bool fits = true;
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        fits = (*vector[i] = np_arena_array(arena, double, p)) != NULL && fits;
    w->active = np_arena_array(arena, bool, p);
    w->kept = np_arena_array(arena, bool, p);
    w->A = np_arena_array(arena, double, p *p);
    w->R = np_arena_array(arena, double, p *p);
    return fits && w->active != NULL && w->kept != NULL && w->A != NULL && w->R != NULL;
}

/* On the active set x = at_zero + lambda slope solves Q x + g + lambda sign = 0; the
 * gradient Qx + g of the others is linear in lambda too. */
static void solve_segment(path_scratch *w, const honest_frontier *f)
{
    size_t p = w->p, q = 0;
    for (size_t i = 0; i < p; i++) {
        if (!w->active[i])
            continue;
        size_t c = 0;
        w->at_zero[q] = -f->g[i];
        w->slope[q] = -w->sign[i];
        for (size_t j = 0; j < p; j++)
            if (w->active[j])
                w->A[q * p + c++] = f->Q[i * p + j];
        q++;
    }
    for (size_t i = 1; i < q; i++)
        memmove(&w->A[i * q], &w->A[i * p], q * sizeof *w->A);
    np_cholesky(w->R, w->kept, w->A, NULL, q, 1e-15);
    np_cholesky_solve(w->at_zero, w->R, w->kept, q);
    np_cholesky_solve(w->slope, w->R, w->kept, q);
    for (size_t i = p; i-- > 0;) { /* from the packed places to the variables' own */
        w->at_zero[i] = w->active[i] ? w->at_zero[--q] : 0;
        w->slope[i] = w->active[i] ? w->slope[q] : 0;
    }
    for (size_t i = 0; i < p; i++) {
        w->gradient[i] = f->g[i];
        w->gradient_slope[i] = 0;
        for (size_t j = 0; j < p; j++) {
            w->gradient[i] += f->Q[i * p + j] * w->at_zero[j];
            w->gradient_slope[i] += f->Q[i * p + j] * w->slope[j];
        }
    }
}

/* The next lambda below `from` at which a variable leaves (its value reaches 0) or
 * enters (its gradient reaches lambda); p: neither before 0. */
static size_t next_event(const path_scratch *w, double from, double *at)
{
    size_t which = w->p;
    *at = 0;
    for (size_t i = 0; i < w->p; i++) {
        double candidate[2] = {NAN, NAN};
        if (w->active[i]) {
            candidate[0] = -w->at_zero[i] / w->slope[i];
        } else {
            candidate[0] = w->gradient[i] / (1 - w->gradient_slope[i]);
            candidate[1] = -w->gradient[i] / (1 + w->gradient_slope[i]);
        }
        for (int k = 0; k < 2; k++)
            if (candidate[k] < from * (1 - 1e-12) && candidate[k] > *at) {
                *at = candidate[k];
                which = i;
            }
    }
    return which;
}

static void add_corner(honest_frontier *f, const path_scratch *w, double lambda)
{
    double *x = &f->x[f->n_corners * w->p];
    for (size_t i = 0; i < w->p; i++)
        x[i] = w->at_zero[i] + lambda * w->slope[i];
    f->lambda[f->n_corners++] = lambda;
}

static void follow_path(honest_frontier *f, path_scratch *w, size_t most_corners)
{
    size_t p = w->p, first = 0;
    double lambda = 0;
    for (size_t i = 0; i < p; i++)
        if (fabs(f->g[i]) > lambda) {
            lambda = fabs(f->g[i]);
            first = i;
        }
    memcpy(w->gradient, f->g, p * sizeof *f->g); /* x = 0: the rest is zeroed */
    add_corner(f, w, lambda);
    size_t changes = first;
    while (lambda > 0 && f->n_corners < most_corners) {
        w->active[changes] = !w->active[changes];
        double gradient = w->gradient[changes] + lambda * w->gradient_slope[changes];
        w->sign[changes] = gradient > 0 ? -1 : 1;
        solve_segment(w, f);
        changes = next_event(w, lambda, &lambda);
        add_corner(f, w, lambda);
    }
}

np_status honest_frontier_new(honest_frontier *out, const honest_job *job,
                              np_arena *arena, np_error *err)
{
    size_t K = job->spec.n_pre, p = K - 1, most = 8 * K + 16;
    honest_frontier f = {.n_pre = K, .bias_0 = least_bias(job)};
    path_scratch w;
    for (size_t t = 0; t < job->spec.n_post; t++)
        f.total += (double)(t + 1) * job->target[t];
    double *P = np_arena_array(arena, double, K *K);
    f.lambda = np_arena_array(arena, double, most);
    f.x = np_arena_array(arena, double, most *p);
    f.Q = np_arena_array(arena, double, p *p);
    f.g = np_arena_array(arena, double, p);
    f.scratch = np_arena_array(arena, double, K);
    if (P == NULL || f.lambda == NULL || f.x == NULL || f.Q == NULL || f.g == NULL ||
        f.scratch == NULL || !path_scratch_new(&w, p, arena))
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu periods"), job->n);
    fill_variance(&f, job, P);
    make_definite(f.Q, p);
    follow_path(&f, &w, most);
    *out = f;
    return NP_OK;
}

/* The point of segment k, `share` of the way from its corner to the next, into
 * f->scratch; its standard deviation and worst bias over SD(1). */
static void point_on_path(honest_frontier *f, size_t k, double share, double *h,
                          double *bias)
{
    size_t p = f->n_pre - 1;
    double variance = f->variance_0;
    *bias = f->bias_0;
    for (size_t i = 0; i < p; i++) {
        double here = f->x[k * p + i];
        double next = k + 1 < f->n_corners ? f->x[(k + 1) * p + i] : here;
        f->scratch[i] = here + share * (next - here);
        *bias += fabs(f->scratch[i]);
    }
    for (size_t i = 0; i < p; i++) {
        double sum = 2 * f->g[i];
        for (size_t j = 0; j < p; j++)
            sum += f->Q[i * p + j] * f->scratch[j];
        variance += f->scratch[i] * sum;
    }
    *h = sqrt(fmax(variance, 0));
}

/* Where the path has standard deviation h: the variance falls along it and is a
 * quadratic in the share of a segment. */
static double bias_at(honest_frontier *f, double h)
{
    size_t k = 0;
    double at, bias, low = 0, high = 1;
    while (k + 2 < f->n_corners) {
        point_on_path(f, k + 1, 0, &at, &bias);
        if (at <= h)
            break;
        k++;
    }
    for (int step = 0; step < 80 && low < high; step++) {
        double middle = (low + high) / 2;
        point_on_path(f, k, middle, &at, &bias);
        if (at > h)
            low = middle;
        else
            high = middle;
    }
    point_on_path(f, k, high, &at, &bias);
    return bias;
}

typedef struct {
    honest_frontier *f;
    const honest_folded *folded;
    double M, alpha, low, high; /* ends of h */
} flci_search;

static double half_length(const flci_search *s, double h)
{
    double inside = fmin(fmax(h, s->low), s->high);
    return h * honest_folded_quantile(s->folded, 1 - s->alpha,
                                      s->M * bias_at(s->f, inside) / h);
}

/* The best of 100 points, HonestDiD's way out where its bisection fails. */
static double best_on_grid(const flci_search *s)
{
    enum { POINTS = 100 };
    double best = s->low, least = INFINITY;
    for (int i = 0; i < POINTS; i++) {
        double h = s->low + i * ((s->high - s->low) / (POINTS - 1));
        double half = half_length(s, h);
        if (half < least) {
            least = half;
            best = h;
        }
    }
    return best;
}

/* HonestDiD's search: bisection of the half length's numerical derivative. */
static double search_as_honestdid(const flci_search *s)
{
    double a = s->low, b = s->high, tolerance = sqrt(DBL_EPSILON);
    double step = fmin((b - a) / 100, fabs(b) * cbrt(DBL_EPSILON));
    if (!(step > 0))
        return a;
    double at_a = (half_length(s, a + step) - half_length(s, a)) / step;
    double at_b = (half_length(s, b) - half_length(s, b - step)) / step;
    double most = 10 * ceil(log2(fabs(b - a) / step)), steps = 1;
    if (at_a > at_b)
        return best_on_grid(s);
    if (at_b < 0 || at_a > 0)
        return at_b < 0 ? b : a;
    while (fabs(b - a) > step) {
        double h = (a + b) / 2;
        double slope = (half_length(s, h + step) - half_length(s, h - step)) / (2 * step);
        if (slope > at_b + tolerance || slope + tolerance < at_a || ++steps > most)
            return best_on_grid(s);
        if (slope > 0)
            b = h;
        else
            a = h;
    }
    return (a + b) / 2;
}

/* The derivative of the half length by h on the path, where dB/dh = -h / lambda:
 * q - mu q' - M q' h / lambda, with q' = dq / dmu = tanh(q mu). It rises along h; its
 * sign at a point of the path is found from the end of least variance. */
static bool is_too_short(const flci_search *s, size_t k, double share)
{
    double h, bias;
    honest_frontier *f = s->f;
    double next = k + 1 < f->n_corners ? f->lambda[k + 1] : f->lambda[k];
    double lambda = f->lambda[k] + share * (next - f->lambda[k]);
    point_on_path(f, k, share, &h, &bias);
    double mu = s->M * bias / h;
    double q = honest_folded_quantile(s->folded, 1 - s->alpha, mu);
    double slope = tanh(q * mu);
    return (q - mu * slope) * lambda < s->M * slope * h;
}

/* The optimum's place on the path: the first corner from which h should not grow. */
static void search_exactly(const flci_search *s, double *h, double *bias)
{
    size_t k = 0;
    double low = 0, high = 1;
    while (k + 2 < s->f->n_corners && !is_too_short(s, k + 1, 0))
        k++;
    for (int step = 0; step < 80; step++) {
        double middle = (low + high) / 2;
        if (is_too_short(s, k, middle))
            high = middle;
        else
            low = middle;
    }
    point_on_path(s->f, k, high < 1 ? low : high, h, bias);
}

void honest_flci_find(honest_flci *out, honest_frontier *f, const honest_folded *folded,
                      const honest_job *job, double M, double alpha)
{
    double h, bias;
    flci_search s = {f, folded, M, alpha, 0, 0};
    point_on_path(f, f->n_corners - 1, 0, &s.low, &bias);
    point_on_path(f, 0, 0, &s.high, &bias);
    if (job->spec.convention == NP_HONEST_EXACT) {
        search_exactly(&s, &h, &bias);
    } else {
        h = search_as_honestdid(&s);
        bias = bias_at(f, h);
    }
    out->half_length = h * honest_folded_quantile(folded, 1 - alpha, M * bias / h);
    weights_of(out->weight, f->scratch, f->total, f->n_pre);
    memcpy(&out->weight[f->n_pre], job->target, job->spec.n_post * sizeof *out->weight);
    out->centre = 0;
    for (size_t j = 0; j < job->n; j++)
        out->centre += out->weight[j] * job->spec.estimate[j];
}
