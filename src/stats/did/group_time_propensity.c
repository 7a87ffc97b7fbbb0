#include <math.h>
#include <string.h>

#include "stats/did/group_time_internal.h"
#include "stats/linalg.h"

/* Newton's method on a concave function of gamma:
 *   logit    sum w (D log p + (1-D) log(1-p))
 *   tilting  sum w (D eta - (1-D) exp(eta)),  eta = z'gamma,
 * whose maximum balances the controls: the weighted comparison has the treated's sums
 * (Graham, Pinto and Egel 2012; Sant'Anna and Zhao 2020, eq. 3.2). */
typedef struct {
    const np_pair_sample *sample;
    const double *gamma;
    bool tilting;
} target;

/* Steps until the maximum, halvings of one, and where no maximum is believed in: on
 * standardised controls a coefficient of 40 is odds of 1e17 per standard deviation. */
enum { MOST_STEPS = 100, MOST_HALVINGS = 40, LARGEST = 40 };
static const double smallest_step = 1e-9, most_overlap = 0.999;

static void add_target(double *sum, const void *context, size_t first, size_t last)
{
    const target *f = context;
    const np_pair_sample *s = f->sample;
    size_t k = s->k;
    double *gradient = sum + 1, *information = sum + 1 + k;
    for (size_t i = first; i < last; i++) {
        const double *z = s->z + i * k;
        bool treated = s->side[i] & NP_PAIR_TREATED;
        double w = s->weight[i], eta = np_dot(z, f->gamma, k), residual, curvature;
        double e = exp(f->tilting ? eta : -fabs(eta));
        if (f->tilting) {
            sum[0] += w * (treated ? eta : -e);
            residual = treated ? 1 : -e;
            curvature = treated ? 0 : e;
        } else {
            double p = eta > 0 ? 1 / (1 + e) : e / (1 + e);
            sum[0] += w * ((treated ? fmin(eta, 0) : fmin(-eta, 0)) - log1p(e));
            residual = (treated ? 1 : 0) - p;
            curvature = e / ((1 + e) * (1 + e));
        }
        for (size_t j = 0; j < k; j++) {
            double wz = w * z[j];
            gradient[j] += wz * residual;
            for (size_t l = j; l < k; l++)
                information[j * k + l] += wz * curvature * z[l];
        }
    }
}

typedef struct {
    double *sum; /* value, gradient, information */
    double *step, *trial;
    double *R;
    bool *kept;
} newton;

static np_status make_room(newton *n, size_t k, const np_group_time_work *w)
{
    n->sum = np_arena_array(w->arena, double, 1 + k + k * k);
    n->step = np_arena_array(w->arena, double, k);
    n->trial = np_arena_array(w->arena, double, k);
    n->R = np_arena_array(w->arena, double, k *k);
    n->kept = np_arena_array(w->arena, bool, k);
    return n->sum == NULL || n->step == NULL || n->trial == NULL || n->R == NULL ||
                   n->kept == NULL
               ? np_group_time_no_memory(w->err)
               : NP_OK;
}

/* sum at gamma; the lower half of the information filled in. */
static np_status evaluate(double *sum, const np_pair_sample *s, const double *gamma,
                          bool tilting, const np_group_time_work *w)
{
    size_t k = s->k;
    target f = {.sample = s, .gamma = gamma, .tilting = tilting};
    np_status status = np_pair_sums(sum, 1 + k + k * k, add_target, &f, s->n, w);
    double *information = sum + 1 + k;
    for (size_t j = 0; j < k; j++)
        for (size_t l = 0; l < j; l++)
            information[j * k + l] = information[l * k + j];
    return status;
}

static double largest(const double *x, size_t k)
{
    double most = 0;
    for (size_t j = 0; j < k; j++)
        most = fmax(most, fabs(x[j]));
    return most;
}

/* Goes from gamma to the maximum. *found tells whether there is one. */
static np_status climb(double *gamma, bool *found, newton *n, const np_pair_sample *s,
                       bool tilting, const np_group_time_work *w)
{
    size_t k = s->k;
    *found = false;
    np_status status = evaluate(n->sum, s, gamma, tilting, w);
    for (int i = 0; status == NP_OK && i < MOST_STEPS; i++) {
        double value = n->sum[0];
        if (np_cholesky(n->R, n->kept, n->sum + 1 + k, NULL, k, 1e-12) < k)
            return NP_OK;
        memcpy(n->step, n->sum + 1, k * sizeof *n->step);
        np_cholesky_solve(n->step, n->R, n->kept, k);
        double length = 1, size = largest(n->step, k);
        for (int h = 0; status == NP_OK && h < MOST_HALVINGS; h++, length /= 2) {
            for (size_t j = 0; j < k; j++)
                n->trial[j] = gamma[j] + length * n->step[j];
            status = evaluate(n->sum, s, n->trial, tilting, w);
            if (n->sum[0] >= value - 1e-12 * fabs(value))
                break;
        }
        memcpy(gamma, n->trial, k * sizeof *gamma);
        if (!(largest(gamma, k) < LARGEST))
            return status;
        if (size < smallest_step) {
            *found = true;
            return status;
        }
    }
    return status;
}

static void fill_weights(np_pair_sample *s, const double *gamma)
{
    for (size_t i = 0; i < s->n; i++) {
        double p = 1 / (1 + exp(-np_dot(s->z + i * s->k, gamma, s->k)));
        s->propensity[i] = p;
        s->odds[i] =
            s->side[i] & NP_PAIR_TREATED ? s->weight[i] : np_pair_odds(p, s->weight[i]);
    }
}

/* Why the logit has no maximum: at gamma = 0 the information is a quarter of Z'WZ, which
 * is singular where controls are collinear. */
static np_status no_maximum(const char **reason, newton *n, double *gamma,
                            const np_pair_sample *s, const np_group_time_work *w)
{
    size_t k = s->k, j = 0;
    memset(gamma, 0, k * sizeof *gamma);
    np_status status = evaluate(n->sum, s, gamma, false, w);
    if (status != NP_OK)
        return status;
    bool collinear = np_cholesky(n->R, n->kept, n->sum + 1 + k, NULL, k, 1e-12) < k;
    while (j < k && n->kept[j])
        j++;
    *reason = collinear && j < k
                  ? np_arena_format(w->arena, _("%s is collinear with other controls"),
                                    w->panel->term[j])
                  : _("the controls tell the cohort from the comparison perfectly");
    return *reason == NULL ? np_group_time_no_memory(w->err) : NP_OK;
}

np_status np_pair_propensity(double *gamma, double *inverse, const char **reason,
                             np_pair_sample *s, bool tilting, const np_group_time_work *w)
{
    newton n;
    bool found = false;
    size_t k = s->k;
    np_status status = make_room(&n, k, w);
    if (status != NP_OK)
        return status;
    memset(gamma, 0, k * sizeof *gamma);
    status = climb(gamma, &found, &n, s, false, w);
    if (status != NP_OK)
        return status;
    if (!found)
        return no_maximum(reason, &n, gamma, s, w);
    np_cholesky(n.R, n.kept, n.sum + 1 + k, NULL, k, 0);
    np_cholesky_inverse(inverse, n.R, n.kept, k);
    fill_weights(s, gamma);
    double most = 0;
    for (size_t i = 0; i < s->n; i++)
        most = fmax(most, s->propensity[i]);
    if (!(most < most_overlap)) {
        *reason = np_arena_format(w->arena,
                                  _("no overlap: a unit has probability %.4f of being in "
                                    "the cohort"),
                                  most);
        return *reason == NULL ? np_group_time_no_memory(w->err) : NP_OK;
    }
    if (!tilting)
        return NP_OK;
    status = climb(gamma, &found, &n, s, true, w);
    if (status == NP_OK && !found)
        *reason = _("no weights make the comparison's controls like the cohort's");
    fill_weights(s, gamma);
    return status;
}
