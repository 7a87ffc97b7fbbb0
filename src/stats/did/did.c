#include "stats/did/did.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/did/did_design.h"
#include "stats/did/did_negligible.h"

static const struct {
    const char *code, *title, *source;
    np_did_function *estimate;
    bool own_variation; /* errors from residuals, which one treated unit has none of */
} estimators[NP_N_DID_ESTIMATORS] = {
    [NP_DID_GROUP_TIME] = {"group-time", N_("Group-time average effects"),
                           "Callaway and Sant'Anna (2021)", np_group_time_estimate,
                           false},
    [NP_DID_SUN_ABRAHAM] = {"sun-abraham", N_("Interaction-weighted event study"),
                            "Sun and Abraham (2021)", np_sun_abraham_estimate, true},
    [NP_DID_IMPUTATION] = {"imputation", N_("Imputation of untreated outcomes"),
                           "Borusyak, Jaravel and Spiess (2024)", np_imputation_estimate,
                           true},
    [NP_DID_EXTENDED_TWO_WAY] = {"extended-two-way", N_("Extended two-way fixed effects"),
                                 "Wooldridge (2021)", np_extended_two_way_estimate, true},
    [NP_DID_STACKED] = {"stacked", N_("Stacked event studies"),
                        "Cengiz, Dube, Lindner and Zipperer (2019)", np_stacked_estimate,
                        true},
    [NP_DID_TWO_WAY] = {"two-way", N_("Two-way fixed effects, one coefficient"),
                        "Goodman-Bacon (2021)", np_two_way_estimate, true},
    [NP_DID_SWITCHERS] = {"switchers", N_("Switchers in and out"),
                          "de Chaisemartin and D'Haultfœuille (2024)",
                          np_switchers_estimate, false},
    [NP_DID_EFFICIENT] = {"efficient", N_("Efficient under starts drawn by lot"),
                          "Roth and Sant'Anna (2023)", np_efficient_estimate, false},
    [NP_DID_SYNTHETIC_DID] = {"synthetic-did", N_("Synthetic difference-in-differences"),
                              "Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021)",
                              np_synthetic_did_estimate, false},
    [NP_DID_SYNTHETIC_CONTROL] = {"synthetic-control", N_("Synthetic control"),
                                  "Abadie, Diamond and Hainmueller (2010)",
                                  np_synthetic_control_estimate, false},
};

const char *np_did_estimator_code(np_did_estimator e)
{
    return estimators[e].code;
}

np_did_estimator np_did_estimator_of_code(const char *code)
{
    np_did_estimator e = 0;
    while (e < NP_N_DID_ESTIMATORS && strcmp(estimators[e].code, code) != 0)
        e++;
    return e;
}

const char *np_did_estimator_title(np_did_estimator e)
{
    return estimators[e].title;
}

const np_did_aggregate *np_did_aggregate_of(const np_did_result *result, const char *kind)
{
    for (size_t i = 0; i < result->n_aggregates; i++)
        if (strcmp(result->aggregate[i].kind, kind) == 0)
            return &result->aggregate[i];
    return NULL;
}

const np_test *np_did_pre_trend(const np_did_result *result)
{
    for (size_t i = 0; i < result->estimates.n_tests; i++)
        if (strcmp(result->estimates.test[i].name, "pre_trend") == 0)
            return &result->estimates.test[i];
    return NULL;
}

static void without_error(np_did_aggregate *a)
{
    a->std_error = a->statistic = a->p_value = a->conf_low = a->conf_high = NAN;
}

static np_status rows_without_error(np_did_aggregate *a, bool all, np_arena *arena,
                                    np_error *err)
{
    np_aggregate_row *row = np_arena_array(arena, np_aggregate_row, a->n_rows);
    if (row == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the averages"));
    for (size_t k = 0; k < a->n_rows; k++) {
        np_aggregate_row *r = &row[k];
        *r = a->row[k];
        if ((r->n_treated == 1 || all) && !r->reference)
            r->std_error = r->statistic = r->p_value = r->conf_low = r->conf_high =
                r->band_low = r->band_high = NAN;
    }
    a->row = row;
    return NP_OK;
}

static bool compares_with_one(const np_did_result *r)
{
    for (size_t i = 0; i < r->n_group_time; i++)
        if (r->group_time[i].n_comparison != 1)
            return false;
    return r->n_group_time > 0;
}

static np_status coefficients_without_error(np_estimates *e, np_arena *arena,
                                            np_error *err)
{
    double *none = np_arena_array(arena, double, e->k);
    if (none == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the estimates"));
    for (size_t k = 0; k < e->k; k++)
        none[k] = NAN;
    e->std_error = e->statistic = e->p_value = e->conf_low = e->conf_high = none;
    e->n_tests = 0;
    return NP_OK;
}

/* A regression fits a unit that is alone among the treated, or among the others, exactly:
 * its residuals are 0, and so is what it adds to a clustered variance. The error would be
 * that of the other side alone. */
static np_status single_units_without_error(np_did_result *r, np_arena *arena,
                                            np_error *err)
{
    np_group_time_row *cell = np_arena_array(arena, np_group_time_row, r->n_group_time);
    np_did_aggregate *a = np_arena_array(arena, np_did_aggregate, r->n_aggregates);
    bool alone = r->n_treated_units == 1 || compares_with_one(r);
    if (cell == NULL || a == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the averages"));
    for (size_t i = 0; i < r->n_group_time; i++) {
        np_group_time_row *c = &cell[i];
        *c = r->group_time[i];
        if (c->n_treated == 1 || alone)
            c->std_error = c->statistic = c->p_value = c->conf_low = c->conf_high =
                c->band_low = c->band_high = NAN;
    }
    for (size_t i = 0; i < r->n_aggregates; i++) {
        a[i] = r->aggregate[i];
        np_status status = rows_without_error(&a[i], alone, arena, err);
        if (status != NP_OK)
            return status;
        if (alone)
            without_error(&a[i]);
    }
    r->group_time = cell;
    r->aggregate = a;
    return alone ? coefficients_without_error(&r->estimates, arena, err) : NP_OK;
}

static bool controls_change(const np_did_panel *p)
{
    for (size_t j = 1; j < p->k; j++)
        for (size_t r = 0; r < p->n; r++)
            if (p->x[j][r] != p->x[j][p->start[p->unit_of[r]]])
                return true;
    return false;
}

/* Unit effects and differences take out what does not change over time: controls that
 * are given then change nothing, and are said not to be used. */
static void name_unused_controls(np_did_result *r, const np_did_panel *p)
{
    bool differences = r->estimator == NP_DID_IMPUTATION ||
                       r->estimator == NP_DID_STACKED || r->estimator == NP_DID_SWITCHERS;
    bool synthetic =
        r->estimator == NP_DID_SYNTHETIC_DID || r->estimator == NP_DID_SYNTHETIC_CONTROL;
    if (r->controls_used != NULL && r->controls_used[0] != '\0' && p->k > 1 &&
        ((differences && !p->cross_sections && !controls_change(p)) ||
         (synthetic && r->estimates.n_collinear == p->k - 1)))
        r->controls_used = N_("none: they do not change over time");
}

np_status np_did_estimate(np_did_result *out, const np_did_panel *panel,
                          const np_did_spec *spec, np_did_estimator estimator,
                          np_arena *arena, np_error *err)
{
    np_did_design design;
    np_did_result result = {0};
    np_status status = np_did_design_examine(&design, panel, spec, arena, err);
    if (status != NP_OK)
        return status;
    const np_did_verdict *v = &design.verdict[estimator];
    if (!v->identified) {
        const char *code = estimators[estimator].code;
        np_fail(err, NP_E_NOT_IDENTIFIED, "%s", v->reason);
        np_error_field(err, code, strlen(code));
        return NP_E_NOT_IDENTIFIED;
    }
    status = estimators[estimator].estimate(&result, panel, spec, arena, err);
    if (status == NP_OK && estimators[estimator].own_variation &&
        !spec->single_unit_errors)
        status = single_units_without_error(&result, arena, err);
    if (status == NP_OK)
        status = np_did_drop_negligible(&result, panel, arena, err);
    if (status != NP_OK)
        return status;
    result.estimator = estimator;
    result.title = estimators[estimator].title;
    result.source = estimators[estimator].source;
    name_unused_controls(&result, panel);
    *out = result;
    return NP_OK;
}

double np_did_conf_level(const np_did_spec *spec)
{
    return spec->conf_level == 0 ? 0.95 : spec->conf_level;
}

void np_did_infer(double *statistic, double *p_value, double *conf_low, double *conf_high,
                  double estimate, double std_error, double conf_level, double df)
{
    bool normal = !isfinite(df);
    double tail = (1 - (conf_level == 0 ? 0.95 : conf_level)) / 2;
    *statistic = *p_value = *conf_low = *conf_high = NAN;
    if (!(std_error > 0))
        return;
    double t = estimate / std_error;
    double width = normal ? qnorm(tail, 0, 1, 0, 0) : qt(tail, df, 0, 0);
    *statistic = t;
    *p_value = 2 * (normal ? pnorm(fabs(t), 0, 1, 0, 0) : pt(fabs(t), df, 0, 0));
    *conf_low = estimate - width * std_error;
    *conf_high = estimate + width * std_error;
}
