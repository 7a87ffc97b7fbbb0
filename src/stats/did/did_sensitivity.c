#include "stats/did/did_sensitivity.h"

#include <math.h>
#include <string.h>

bool np_did_is_comparable(np_did_estimator e)
{
    return e == NP_DID_GROUP_TIME || e == NP_DID_SUN_ABRAHAM || e == NP_DID_TWO_WAY ||
           e == NP_DID_STACKED;
}

static np_status not_comparable(np_did_estimator e, np_error *err)
{
    np_fail(
        err, NP_E_USAGE,
        _("%s: its effects before the start are not all measured from the last period "
          "before it, so that trends before and after cannot be compared"),
        np_did_estimator_code(e));
    return np_error_hint(err, _("take group-time, sun-abraham, stacked or two-way"));
}

/* The rows of the event study on either side of the reference, in their order. */
typedef struct {
    const np_did_aggregate *a;
    size_t *row; /* [n] */
    size_t n, n_pre;
} periods;

static double reference_of(const np_did_aggregate *a, int anticipation)
{
    for (size_t i = 0; i < a->n_rows; i++)
        if (a->row[i].reference)
            return a->row[i].value;
    return -1 - anticipation;
}

/* How far apart the periods are: years, or every second one. */
static double step_of(const np_did_aggregate *a, double reference)
{
    double step = INFINITY;
    for (size_t i = 0; i < a->n_rows; i++) {
        double away = fabs(a->row[i].value - reference);
        step = away > 0 ? fmin(step, away) : step;
        if (i > 0)
            step = fmin(step, a->row[i].value - a->row[i - 1].value);
    }
    return step;
}

static np_status find_periods(periods *p, const np_did_result *result, int anticipation,
                              np_arena *arena, np_error *err)
{
    p->a = np_did_aggregate_of(result, "dynamic");
    if (p->a == NULL || p->a->vcov == NULL)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("there is no event study with a covariance matrix"));
    double reference = reference_of(p->a, anticipation);
    double step = step_of(p->a, reference);
    p->row = np_arena_array(arena, size_t, p->a->n_rows);
    if (p->row == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the sensitivity"));
    for (size_t i = 0; i < p->a->n_rows; i++) {
        const np_aggregate_row *r = &p->a->row[i];
        if (r->value == reference || !isfinite(r->std_error))
            continue;
        p->n_pre += r->value < reference;
        p->row[p->n++] = i;
    }
    for (size_t i = 0; i < p->n; i++) {
        double steps = (double)i - (double)p->n_pre + (i >= p->n_pre ? 1 : 0);
        double expected = reference + steps * step;
        if (!(fabs(p->a->row[p->row[i]].value - expected) <= 1e-6 * step))
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("the event study has no estimate with an error %g periods "
                             "from the start"),
                           expected);
    }
    return NP_OK;
}

/* Weights of the periods after the reference: those from the start on. */
static const double *target_weights(const periods *p, np_sensitivity_target target,
                                    np_arena *arena)
{
    size_t n_post = p->n - p->n_pre, n_from_start = 0;
    double *weight = np_arena_array(arena, double, n_post);
    if (weight == NULL)
        return NULL;
    for (size_t i = 0; i < n_post; i++)
        n_from_start += p->a->row[p->row[p->n_pre + i]].value >= 0;
    bool first = true;
    for (size_t i = 0; i < n_post; i++) {
        if (p->a->row[p->row[p->n_pre + i]].value < 0)
            continue;
        if (target == NP_TARGET_AVERAGE || first)
            weight[i] = target == NP_TARGET_AVERAGE ? 1 / (double)n_from_start : 1;
        first = false;
    }
    return weight;
}

/* The reported average's own: t where its interval is by t. 0: another level is asked. */
static double reported_factor(const np_did_aggregate *a, const np_did_spec *spec,
                              const np_honest_spec *how)
{
    double level = how->conf_level == 0 ? 0.95 : how->conf_level;
    double factor = (a->conf_high - a->estimate) / a->std_error;
    bool same = fabs(level - np_did_conf_level(spec)) < 1e-12;
    return same && isfinite(factor) && factor > 0 ? factor : 0;
}

static np_status of_event_study(np_honest *out, const periods *p,
                                np_sensitivity_target target, const np_honest_spec *how,
                                np_arena *arena, np_error *err)
{
    size_t n = p->n, m = p->a->n_rows;
    double *estimate = np_arena_array(arena, double, n);
    double *vcov = np_arena_array(arena, double, n *n);
    np_honest_spec spec = *how;
    spec.target = target_weights(p, target, arena);
    if (estimate == NULL || vcov == NULL || spec.target == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the sensitivity"));
    for (size_t i = 0; i < n; i++) {
        estimate[i] = p->a->row[p->row[i]].estimate;
        for (size_t j = 0; j < n; j++)
            vcov[i * n + j] = p->a->vcov[p->row[i] * m + p->row[j]];
    }
    spec.n_pre = p->n_pre;
    spec.n_post = n - p->n_pre;
    spec.estimate = estimate;
    spec.vcov = vcov;
    return np_honest_estimate(out, &spec, arena, err);
}

np_status np_did_honest_estimate(np_honest *out, const np_did_panel *panel,
                                 const np_did_spec *spec, np_did_estimator estimator,
                                 const np_did_result *result,
                                 np_sensitivity_target target, const np_honest_spec *how,
                                 np_arena *arena, np_error *err)
{
    np_did_result again;
    periods p = {.n = 0};
    np_status status =
        np_did_is_comparable(estimator) ? NP_OK : not_comparable(estimator, err);
    bool varying = estimator == NP_DID_GROUP_TIME && spec->base == NP_BASE_VARYING;
    if (status == NP_OK && (result == NULL || varying)) {
        np_did_spec universal = *spec;
        universal.base = NP_BASE_UNIVERSAL;
        universal.draws = 0;
        status = np_did_estimate(&again, panel, &universal, estimator, arena, err);
        result = &again;
    }
    if (status == NP_OK)
        status = find_periods(&p, result, spec->anticipation, arena, err);
    if (status != NP_OK)
        return status;
    np_honest_spec reported = *how;
    if (reported.critical_value == 0)
        reported.critical_value = reported_factor(p.a, spec, how);
    return of_event_study(out, &p, target, &reported, arena, err);
}
