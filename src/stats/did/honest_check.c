#include <Rmath.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "stats/did/honest_internal.h"
#include "stats/linalg.h"

static const char *const restriction_codes[] = {"relative-magnitudes", "smoothness",
                                                "relative-smoothness"};
static const char *const shape_codes[] = {"none", "bias-positive", "bias-negative",
                                          "trend-increasing", "trend-decreasing"};
static const char *const method_codes[] = {"default", "flci", "conditional", "c-lf",
                                           "c-f"};

const char *np_honest_restriction_code(np_honest_restriction restriction)
{
    return restriction_codes[restriction];
}

const char *np_honest_shape_code(np_honest_shape shape)
{
    return shape_codes[shape];
}

const char *np_honest_method_code(np_honest_method method)
{
    return method_codes[method];
}

static np_status check_periods(const np_honest_spec *s, np_error *err)
{
    size_t least = s->restriction == NP_HONEST_RELATIVE_SMOOTHNESS ? 2 : 1;
    if (s->n_post < 1)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the event study has no period after the start"));
    if (s->n_pre < least)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the event study has %zu periods before the start besides the "
                         "one it measures from; %s needs %zu"),
                       s->n_pre, np_honest_restriction_code(s->restriction), least);
    if (s->n_pre + s->n_post > NP_HONEST_MOST_PERIODS)
        return np_fail(err, NP_E_LIMIT, _("at most %d periods, these are %zu"),
                       NP_HONEST_MOST_PERIODS, s->n_pre + s->n_post);
    return NP_OK;
}

/* Rounding of a covariance that went through a file is no asymmetry. */
static np_status check_symmetry(const np_honest_spec *s, size_t n, np_error *err)
{
    for (size_t i = 0; i < n; i++) {
        double own = s->vcov[i * n + i];
        if (!isfinite(s->estimate[i]))
            return np_fail(err, NP_E_RANGE, _("coefficient %zu is not a number"), i + 1);
        if (!(own > 0) || isinf(own))
            return np_fail(err, NP_E_RANGE,
                           _("coefficient %zu has variance %g; it must be positive"),
                           i + 1, own);
        for (size_t j = 0; j < n; j++) {
            double a = s->vcov[i * n + j], b = s->vcov[j * n + i];
            double size = sqrt(own * fmax(s->vcov[j * n + j], 0));
            if (!(fabs(a - b) <= 1e-8 * size))
                return np_fail(err, NP_E_RANGE,
                               _("the covariance matrix is not symmetric: row %zu, "
                                 "column %zu is %g, and the other way round %g"),
                               i + 1, j + 1, a, b);
        }
    }
    return NP_OK;
}

/* In correlations, whose eigenvalues have no unit of measure. */
static np_status check_definite(const np_honest_spec *s, size_t n, np_arena *arena,
                                np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *C = np_arena_array(arena, double, n *n),
           *Q = np_arena_array(arena, double, n *n);
    double *value = np_arena_array(arena, double, n);
    if (C == NULL || Q == NULL || value == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu periods"), n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            C[i * n + j] =
                s->vcov[i * n + j] / sqrt(s->vcov[i * n + i] * s->vcov[j * n + j]);
    np_status status = np_symmetric_eigen(value, Q, C, n, err);
    if (status == NP_OK && value[0] < -1e-8 * (double)n)
        status = np_fail(err, NP_E_RANGE,
                         _("the covariance matrix is not positive semidefinite: as "
                           "correlations its smallest eigenvalue is %g"),
                         value[0]);
    np_arena_release(arena, mark);
    return status;
}

static np_status check_bounds(const np_honest_spec *s, np_error *err)
{
    if (s->n_bounds > NP_HONEST_MOST_BOUNDS)
        return np_fail(err, NP_E_LIMIT, _("at most %d bounds, these are %zu"),
                       NP_HONEST_MOST_BOUNDS, s->n_bounds);
    for (size_t i = 0; i < s->n_bounds; i++) {
        if (!(s->bound[i] >= 0) || isinf(s->bound[i]))
            return np_fail(err, NP_E_RANGE, _("a bound is %g; it must not be negative"),
                           s->bound[i]);
        if (i > 0 && !(s->bound[i] > s->bound[i - 1]))
            return np_fail(err, NP_E_RANGE, _("the bounds must rise: %g follows %g"),
                           s->bound[i], s->bound[i - 1]);
    }
    return NP_OK;
}

static np_status check_method(const np_honest_spec *s, np_error *err)
{
    bool smooth = s->restriction == NP_HONEST_SMOOTHNESS;
    if (!smooth && (s->method == NP_HONEST_FLCI || s->method == NP_HONEST_C_F)) {
        np_fail(err, NP_E_USAGE, _("%s has no interval of the method %s"),
                np_honest_restriction_code(s->restriction),
                np_honest_method_code(s->method));
        return np_error_hint(err, _("use c-lf or conditional"));
    }
    if (s->method == NP_HONEST_FLCI && s->shape != NP_HONEST_NO_SHAPE) {
        np_fail(err, NP_E_USAGE,
                _("the interval of fixed length does not use the restriction %s"),
                np_honest_shape_code(s->shape));
        return np_error_hint(err, _("use c-f, c-lf or conditional"));
    }
    return NP_OK;
}

static np_status check_numbers(const honest_job *job, np_error *err)
{
    const np_honest_spec *s = &job->spec;
    if (!(job->alpha > 0 && job->alpha < 1))
        return np_fail(err, NP_E_RANGE, _("the level must be between 0 and 1, not %g"),
                       s->conf_level);
    if (!(job->kappa > 0 && job->kappa < job->alpha))
        return np_fail(err, NP_E_RANGE,
                       _("the first stage's size must be between 0 and %g, not %g"),
                       job->alpha, job->kappa);
    if (s->grid_points < 3 || s->grid_points > 1000000)
        return np_fail(err, NP_E_RANGE,
                       _("the grid must have 3 to 1000000 points, not %zu"),
                       s->grid_points);
    if (s->draws < 100 || s->draws > 1000000)
        return np_fail(err, NP_E_RANGE, _("100 to 1000000 draws, not %zu"), s->draws);
    if (s->has_grid &&
        !(s->grid_low < s->grid_high && isfinite(s->grid_low) && isfinite(s->grid_high)))
        return np_fail(err, NP_E_RANGE, _("the grid must rise: %g to %g"), s->grid_low,
                       s->grid_high);
    return NP_OK;
}

static void fill_defaults(honest_job *job)
{
    np_honest_spec *s = &job->spec;
    if (s->conf_level == 0)
        s->conf_level = 0.95;
    job->alpha = 1 - s->conf_level;
    job->kappa = s->first_stage == 0 ? job->alpha / 10 : s->first_stage;
    if (s->grid_points == 0)
        s->grid_points = 1000;
    if (s->draws == 0)
        s->draws = s->convention == NP_HONEST_EXACT ? 10000 : 1000;
    if (s->method == NP_HONEST_DEFAULT_METHOD)
        s->method = s->restriction != NP_HONEST_SMOOTHNESS ? NP_HONEST_C_LF
                    : s->shape == NP_HONEST_NO_SHAPE       ? NP_HONEST_FLCI
                                                           : NP_HONEST_C_F;
}

/* theta's estimate and standard error; the target's default. */
static np_status fill_target(honest_job *job, np_arena *arena, np_error *err)
{
    const np_honest_spec *s = &job->spec;
    double *l = np_arena_array(arena, double, s->n_post), variance = 0;
    if (l == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu periods"), job->n);
    for (size_t t = 0; t < s->n_post; t++) {
        l[t] = s->target == NULL ? t == 0 : s->target[t];
        if (!isfinite(l[t]))
            return np_fail(err, NP_E_RANGE, _("weight %zu of the target is no number"),
                           t + 1);
    }
    for (size_t t = 0; t < s->n_post; t++) {
        job->estimate += l[t] * s->estimate[s->n_pre + t];
        for (size_t u = 0; u < s->n_post; u++)
            variance += l[t] * l[u] * s->vcov[(s->n_pre + t) * job->n + s->n_pre + u];
    }
    job->target = l;
    job->std_error = sqrt(variance);
    if (!(variance > 0))
        return np_fail(err, NP_E_RANGE,
                       _("the target has no positive variance; its weights must not all "
                         "be 0"));
    return NP_OK;
}

/* The upper one-sided 95 % bound of the largest second difference before the start. */
static double largest_second_difference(const honest_job *job)
{
    const np_honest_spec *s = &job->spec;
    static const double weight[3] = {1, -2, 1};
    double most = 0;
    for (size_t r = 0; r + 2 <= s->n_pre; r++) {
        double sum = 0, variance = 0;
        size_t terms = r + 2 == s->n_pre ? 2 : 3; /* the period left out is 0 */
        for (size_t i = 0; i < terms; i++) {
            sum += weight[i] * s->estimate[r + i];
            for (size_t j = 0; j < terms; j++)
                variance += weight[i] * weight[j] * s->vcov[(r + i) * job->n + r + j];
        }
        most = fmax(most, fabs(sum) + qnorm5(0.95, 0, 1, 1, 0) * sqrt(fmax(variance, 0)));
    }
    return most;
}

static np_status fill_bounds(honest_job *job, np_arena *arena, np_error *err)
{
    np_honest_spec *s = &job->spec;
    if (s->bound != NULL && s->n_bounds > 0)
        return NP_OK;
    size_t n = s->restriction == NP_HONEST_SMOOTHNESS ? 10 : 5;
    double *bound = np_arena_array(arena, double, n);
    if (bound == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu bounds"), n);
    double most = s->restriction != NP_HONEST_SMOOTHNESS ? 2
                  : s->n_pre == 1                        ? sqrt(s->vcov[0])
                                                         : largest_second_difference(job);
    for (size_t i = 0; i < n; i++)
        bound[i] = most * (double)i / (double)(n - 1);
    s->bound = bound;
    s->n_bounds = n;
    return NP_OK;
}

np_status honest_job_new(honest_job *job, const np_honest_spec *spec, np_arena *arena,
                         np_error *err)
{
    *job = (honest_job){.spec = *spec, .n = spec->n_pre + spec->n_post};
    np_status status = check_periods(spec, err);
    if (status == NP_OK)
        status = check_symmetry(spec, job->n, err);
    if (status == NP_OK)
        status = check_definite(spec, job->n, arena, err);
    if (status == NP_OK)
        status = check_bounds(spec, err);
    fill_defaults(job);
    if (status == NP_OK)
        status = check_method(&job->spec, err);
    if (status == NP_OK)
        status = check_numbers(job, err);
    if (status == NP_OK)
        status = fill_target(job, arena, err);
    if (status == NP_OK)
        status = fill_bounds(job, arena, err);
    return status;
}
