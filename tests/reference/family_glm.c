#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference/call.h"
#include "reference/run.h"

static const char *const models[] = {"glm.nb", "glm", NULL};

/* R's family, ours; the first that the text contains. */
static const char *family_option(const r_call *call)
{
    static const struct {
        const char *theirs, *ours;
    } name[] = {{"quasipoisson", "quasipoisson"},
                {"poisson", "poisson"},
                {"probit", "probit"},
                {"cloglog", "cloglog"},
                {"binomial", "logit"},
                {"Gamma(log)", "gamma-log"},
                {"Gamma(link = \"log\")", "gamma-log"},
                {"Gamma(link=\"log\")", "gamma-log"},
                {"Gamma", "gamma-inverse"}};
    if (strcmp(call->function, "glm.nb") == 0)
        return "negbin";
    const char *family = call_named(call, "family");
    for (size_t i = 0; family != NULL && i < sizeof name / sizeof *name; i++)
        if (strstr(family, name[i].theirs) != NULL)
            return name[i].ours;
    return NULL;
}

static json_t *estimate(reference_run *run, const r_call *call, const char *vcov,
                        bool profile)
{
    run_arguments more = {0};
    run_add_option(&more, "--family", family_option(call));
    run_add_option(&more, "--vcov", vcov);
    const char *weights = call_named(call, "weights");
    /* "weights=..." stands for the table's counts */
    run_add_option(&more, "--weights",
                   weights != NULL && strcmp(weights, "...") == 0 ? "Freq" : weights);
    run_add_option(&more, "--offset", call_named(call, "offset"));
    if (profile) {
        run_add_option(&more, "--profile", "r-grid");
        run_add(&more, "--margins");
    }
    return run_estimate(run, call_formula(call), &more);
}

/* {term: number} against a table's estimates. */
static void compare_named(reference_run *run, const char *label, const json_t *rows,
                          const json_t *want)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)want, name, value)
    {
        const json_t *got = NULL;
        size_t i;
        json_t *row;
        json_array_foreach(rows, i, row)
        {
            const char *term = json_string_value(json_object_get(row, "term"));
            if (term != NULL && strcmp(term, name) == 0)
                got = json_object_get(row, "estimate");
        }
        char what[120];
        snprintf(what, sizeof what, "%s %s", label, name);
        compare_number(run, what, got, value);
    }
}

static void compare_pseudo(reference_run *run, const json_t *result, const json_t *want)
{
    const json_t *test = result_test(result, "likelihood-ratio", NULL);
    compare_number(run, "McFadden", result_stat(result, "pseudo_r2"),
                   json_object_get(want, "mcfadden"));
    compare_number(run, "Cox-Snell", result_stat(result, "cox_snell_r2"),
                   json_object_get(want, "coxsnell"));
    compare_number(run, "Nagelkerke", result_stat(result, "nagelkerke_r2"),
                   json_object_get(want, "nagelkerke"));
    compare_number(run, "LR", json_object_get(test, "statistic"),
                   json_object_get(want, "LR"));
    compare_number(run, "LR df", json_object_get(test, "df1"),
                   json_object_get(want, "LR_df"));
    compare_number(run, "LR p", json_object_get(test, "p_value"),
                   json_object_get(want, "LR_p"));
}

/* What the suite calls McFadden's R² of a family is 1 - deviance / null deviance. */
static const struct {
    const char *theirs, *ours;
} statistic[] = {
    {"deviance", "deviance"},
    {"null_deviance", "null_deviance"},
    {"df_residual", "df_residual"},
    {"logLik", "log_likelihood"},
    {"AIC", "aic"},
    {"BIC", "bic"},
    {"dispersion", "dispersion"},
    {"mcfadden_r2", "deviance_r2"},
    {"theta", "theta"},
    {"se_theta", "theta_std_error"},
};

static void compare_statistic(reference_run *run, const r_call *call,
                              const json_t *result, const char *name, const json_t *want)
{
    for (size_t i = 0; i < sizeof statistic / sizeof *statistic; i++)
        if (strcmp(name, statistic[i].theirs) == 0) {
            compare_number(run, name, result_stat(result, statistic[i].ours), want);
            return;
        }
    if (strcmp(name, "vcov") == 0) {
        compare_matrix(run, name, json_object_get(result, "vcov"), want);
    } else if (strncmp(name, "HC", 2) == 0) {
        json_t *robust = estimate(run, call, name, false);
        compare_rows(run, name, json_object_get(robust, "coefficients"), want);
    } else if (strcmp(name, "ci_wald") == 0) {
        compare_intervals(run, name, result_table(result, "wald_interval"), want);
    } else if (strcmp(name, "ci_profile") == 0) {
        compare_intervals(run, name, result_table(result, "profile_interval"), want);
    } else if (strcmp(name, "ame_continuous") == 0) {
        compare_named(run, name, result_table(result, "marginal_effects"), want);
    } else if (strcmp(name, "odds_ratio") == 0) {
        compare_named(run, name, result_table(result, "odds_ratio"), want);
    } else if (strcmp(name, "pseudo") == 0) {
        compare_pseudo(run, result, want);
    } else {
        run_fail(run, "%s: the runner does not know this statistic", name);
    }
}

void run_glm(reference_run *run)
{
    r_call call = call_parse(run->call, models, run->arena);
    if (call_formula(&call) == NULL) {
        run_fail(run, "no formula in the call: %s", run->call);
        return;
    }
    run->tolerance = 1e-6;
    json_t *stats = json_object_get(run->json, "stats");
    json_t *result =
        estimate(run, &call, NULL, json_object_get(stats, "ci_profile") != NULL);
    if (result == NULL)
        return;
    compare_rows(run, "coefficients", json_object_get(result, "coefficients"),
                 json_object_get(run->json, "coefficients"));
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    const char *name;
    json_t *want;
    json_object_foreach(stats, name, want)
        compare_statistic(run, &call, result, name, want);
}
