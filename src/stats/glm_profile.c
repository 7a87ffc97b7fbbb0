#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/family.h"
#include "stats/glm.h"
#include "stats/glm_internal.h"

/* R's profile.glm(): at most so many steps on either side, each a fifth of the largest
 * root of the deviance that matters; its spline is read at three points per knot. */
enum { R_MOST_STEPS = 9, R_STEPS_TO_BOUND = 5, R_POINTS_PER_KNOT = 3 };
enum { MOST_KNOTS = 2 * R_MOST_STEPS + 1, MOST_ROUNDS = 60 };

/* The deviance with one coefficient fixed. */
typedef struct {
    const np_glm *glm;
    const np_irls *full;
    np_irls it;
    const double **x; /* [k-1] the other columns */
    double *offset;   /* [n] */
    size_t j;
    np_arena *arena;
} profile;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for profile intervals"));
}

static np_status profile_new(profile *p, const np_glm *glm, np_arena *arena,
                             np_error *err)
{
    const np_irls *full = glm->fit.rows_context;
    *p = (profile){.glm = glm, .full = full, .arena = arena};
    np_status status = np_irls_new(&p->it, full->design, full->k, arena, err);
    if (status != NP_OK)
        return status;
    p->x = np_arena_array(arena, const double *, full->k);
    p->offset = np_arena_array(arena, double, full->n);
    if (p->x == NULL || p->offset == NULL)
        return no_memory(err);
    p->it.family = full->family;
    p->it.theta = full->theta;
    p->it.tolerance = full->tolerance;
    p->it.max_iterations = full->max_iterations;
    p->it.absorber = full->absorber;
    p->it.offset = p->offset;
    p->it.x = p->x;
    p->it.k = full->k - 1;
    return NP_OK;
}

static void fix_coefficient(profile *p, size_t j)
{
    p->j = j;
    size_t k = 0;
    for (size_t l = 0; l < p->full->k; l++)
        if (l != j)
            p->x[k++] = p->full->x[l];
}

static void restart(profile *p)
{
    memcpy(p->it.eta, p->full->eta, p->full->n * sizeof *p->it.eta);
}

/* The signed root of the rise in deviance when b_j is `value`, from eta as it is. */
static np_status root_at(double *root, profile *p, double value, np_error *err)
{
    const np_irls *full = p->full;
    for (size_t i = 0; i < full->n; i++)
        p->offset[i] =
            (full->offset == NULL ? 0 : full->offset[i]) + value * full->x[p->j][i];
    np_status status = np_irls_continue(&p->it, p->arena, err);
    if (status != NP_OK)
        return status;
    double rise = fmax(p->it.deviance - p->glm->deviance, 0) / p->glm->dispersion;
    *root = value < p->glm->coefficient[p->j] ? -sqrt(rise) : sqrt(rise);
    return NP_OK;
}

static double standard_error(const np_glm *glm, size_t j)
{
    return sqrt(glm->dispersion * glm->fit.bread[j * glm->fit.k + j]);
}

/* Where the root is `want`, by regula falsi (Illinois) between the estimate and a
 * point beyond; NaN where there is no such point within reach. */
static np_status solve(double *bound, profile *p, double want, np_error *err)
{
    double estimate = p->glm->coefficient[p->j];
    double step = want * standard_error(p->glm, p->j);
    double a = estimate, fa = -want, b = estimate, fb = fa;
    *bound = NAN;
    restart(p);
    for (int i = 0; i < 10 && fa * fb > 0; i++) {
        b += step;
        np_status status = root_at(&fb, p, b, err);
        if (status != NP_OK)
            return status;
        fb -= want;
    }
    if (fa * fb > 0)
        return NP_OK;
    int side = 0;
    for (int i = 0; i < MOST_ROUNDS; i++) {
        double at = (a * fb - b * fa) / (fb - fa), f;
        restart(p);
        np_status status = root_at(&f, p, at, err);
        if (status != NP_OK)
            return status;
        f -= want;
        *bound = at;
        if (fabs(f) < 1e-11)
            break;
        if (f * fb > 0) {
            b = at;
            fb = f;
            fa = side == -1 ? fa / 2 : fa;
            side = -1;
        } else {
            a = at;
            fa = f;
            fb = side == 1 ? fb / 2 : fb;
            side = 1;
        }
    }
    return NP_OK;
}

/* Second derivatives (halved) of the cubic spline through the knots whose end pieces
 * have the third derivative of the cubic through the four outermost knots: Forsythe,
 * Malcolm and Moler (1977), section 4.4, R's "fmm". n ≥ 4; diagonal [n] is scratch. */
static void spline_curvatures(double *c, double *diagonal, const double *x,
                              const double *y, size_t n)
{
    double h0 = x[1] - x[0], hn = x[n - 1] - x[n - 2];
    for (size_t i = 1; i + 1 < n; i++) {
        diagonal[i] = 2 * (x[i + 1] - x[i - 1]);
        c[i] =
            (y[i + 1] - y[i]) / (x[i + 1] - x[i]) - (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
    }
    diagonal[0] = -h0;
    diagonal[n - 1] = -hn;
    c[0] = (c[2] / (x[3] - x[1]) - c[1] / (x[2] - x[0])) * h0 * h0 / (x[3] - x[0]);
    c[n - 1] = -(c[n - 2] / (x[n - 1] - x[n - 3]) - c[n - 3] / (x[n - 2] - x[n - 4])) *
               hn * hn / (x[n - 1] - x[n - 4]);
    for (size_t i = 1; i < n; i++) {
        double h = x[i] - x[i - 1], share = h / diagonal[i - 1];
        diagonal[i] -= share * h;
        c[i] -= share * c[i - 1];
    }
    c[n - 1] /= diagonal[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        c[i] = (c[i] - (x[i + 1] - x[i]) * c[i + 1]) / diagonal[i];
}

static double spline_at(double at, const double *c, const double *x, const double *y,
                        size_t n)
{
    size_t i = 0;
    while (i + 2 < n && at >= x[i + 1])
        i++;
    double h = x[i + 1] - x[i], d = at - x[i];
    double slope = (y[i + 1] - y[i]) / h - h * (c[i + 1] + 2 * c[i]);
    return y[i] + d * (slope + d * (3 * c[i] + d * (c[i + 1] - c[i]) / h));
}

/* The parameter where the spline, read at equally spaced points and joined by straight
 * lines, is `want`; NaN outside. */
static double interpolate(double want, const double *c, const double *x, const double *y,
                          size_t n)
{
    size_t n_points = R_POINTS_PER_KNOT * n;
    double width = (x[n - 1] - x[0]) / (double)(n_points - 1);
    double before = spline_at(x[0], c, x, y, n);
    for (size_t i = 1; i < n_points; i++) {
        double now = spline_at(x[0] + (double)i * width, c, x, y, n);
        if ((before - want) * (now - want) <= 0 && now != before)
            return x[0] + width * ((double)(i - 1) + (want - before) / (now - before));
        before = now;
    }
    return NAN;
}

/* R's grid: steps of a fifth of `most` standard errors out from the estimate until the
 * root passes `most`. */
static np_status r_interval(double *low, double *high, profile *p, double level,
                            np_error *err)
{
    const np_glm *glm = p->glm;
    double tail = (1 - level) / 4;
    bool known = !np_family_has_dispersion(glm->family);
    double most =
        sqrt(known ? qchisq(tail, 1, 0, 0) : qf(tail, 1, glm->df_residual, 0, 0));
    double estimate = glm->coefficient[p->j],
           step = most / R_STEPS_TO_BOUND * standard_error(glm, p->j);
    double x[MOST_KNOTS], y[MOST_KNOTS], c[MOST_KNOTS], diagonal[MOST_KNOTS];
    size_t first = R_MOST_STEPS, last = R_MOST_STEPS;
    x[first] = estimate;
    y[first] = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        double root = 0;
        restart(p);
        for (int s = 1; s <= R_MOST_STEPS && fabs(root) < most; s++) {
            size_t at = sign < 0 ? --first : ++last;
            x[at] = estimate + sign * s * step;
            np_status status = root_at(&root, p, x[at], err);
            if (status != NP_OK)
                return status;
            y[at] = root;
        }
    }
    size_t n = last - first + 1;
    *low = *high = NAN;
    if (n < 4)
        return NP_OK;
    spline_curvatures(c, diagonal, x + first, y + first, n);
    double reach = qnorm((1 - level) / 2, 0, 1, 0, 0);
    *low = interpolate(-reach, c, x + first, y + first, n);
    *high = interpolate(reach, c, x + first, y + first, n);
    return NP_OK;
}

np_status np_glm_profile(double *low, double *high, const np_glm *glm, double level,
                         np_profile_method method, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    profile p;
    np_status status = profile_new(&p, glm, arena, err);
    double reach = qnorm((1 - level) / 2, 0, 1, 0, 0);
    for (size_t j = 0; status == NP_OK && j < p.full->k; j++) {
        fix_coefficient(&p, j);
        if (method == NP_PROFILE_R_GRID) {
            status = r_interval(&low[j], &high[j], &p, level, err);
            continue;
        }
        status = solve(&low[j], &p, -reach, err);
        if (status == NP_OK)
            status = solve(&high[j], &p, reach, err);
    }
    np_arena_release(arena, mark);
    return status;
}
