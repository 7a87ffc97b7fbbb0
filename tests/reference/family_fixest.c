#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference/call.h"
#include "reference/run.h"
#include "reference/sibling.h"

static const char *const models[] = {"feols", "fepois", "fenegbin", "feglm", NULL};

/* Their name, ours, in the result's "stats". */
static const struct {
    const char *theirs, *ours;
} statistic[] = {
    {"r2", "r2"},
    {"ar2", "adj_r2"},
    {"wr2", "within_r2"},
    {"war2", "within_adj_r2"},
    {"rmse", "rmse"},
    {"ll", "log_likelihood"},
    {"bic", "bic"},
    {"aic", "aic"},
    {"pr2", "pseudo_r2"},
    {"apr2", "adj_pseudo_r2"},
    {"wpr2", "within_pseudo_r2"},
    {"sq.cor", "squared_correlation"},
    {"deviance", "deviance"},
    {"ssr", "ssr"},
    {"sigma2", "sigma2"},
    {"nparams", "n_parameters"},
    {"df_residual", "df_residual"},
    {"df_K", "df_k"},
    {"df_t", "df_t"},
    {"vcov_raw_df", "df_t"},
    {"theta", "theta"},
};

/* Their name, our table of further rows. */
static const struct {
    const char *theirs, *ours;
} table[] = {
    {"raw_cohort_period", "cohort_period"},
    {"att", "att"},
    {"by_cohort", "by_cohort"},
    {"vcov_fixed_coefficients", "repaired"},
};

/* What is no number of the estimate, and why it is not compared. */
static const struct {
    const char *name, *reason;
} not_compared[] = {
    {"iterations", "the solvers differ"},
    {"vcov", "the call's text; its numbers are compared"},
    {"ssc", "the choices in words; they are passed on or are the default"},
    {"distribution", "in words; the p values are compared"},
};

static const char *family_option(const r_call *call)
{
    if (strcmp(call->function, "fepois") == 0)
        return "poisson";
    if (strcmp(call->function, "fenegbin") == 0)
        return "negbin";
    const char *family = call_named(call, "family");
    if (strcmp(call->function, "feglm") != 0)
        return NULL;
    if (family == NULL || strstr(family, "poisson") != NULL)
        return "poisson";
    if (strstr(family, "probit") != NULL)
        return "probit";
    if (strstr(family, "cloglog") != NULL)
        return "cloglog";
    return "logit";
}

static const char *without_tilde(const char *value)
{
    return value == NULL ? NULL : value + (value[0] == '~');
}

/* The number under `key` of the element of that name. */
static const json_t *named_count(const json_t *list, const char *name, const char *key)
{
    size_t i;
    json_t *element;
    json_array_foreach(list, i, element)
    {
        const char *is = json_string_value(json_object_get(element, "name"));
        if (is != NULL && strcmp(is, name) == 0)
            return json_object_get(element, key);
    }
    return NULL;
}

static void compare_levels(reference_run *run, const json_t *result, const json_t *want)
{
    const json_t *factors =
        json_object_get(json_object_get(result, "model"), "fixed_effects");
    const char *name;
    json_t *size;
    json_object_foreach((json_t *)want, name, size)
    {
        char what[120];
        snprintf(what, sizeof what, "levels of %s", name);
        compare_number(run, what, named_count(factors, name, "levels"), size);
    }
}

/* The G of the small-sample factor: the least of the numbers of clusters, but that of the
 * periods, which come last, for Newey-West. */
static void compare_clusters(reference_run *run, const json_t *result, const json_t *want)
{
    const json_t *clusters =
        json_object_get(json_object_get(result, "model"), "clusters");
    bool newey_west = strstr(run->call, "NW(") != NULL;
    double G = NAN;
    size_t i;
    json_t *cluster;
    json_array_foreach(clusters, i, cluster)
    {
        double number = number_of(json_object_get(cluster, "number"));
        G = newey_west ? number : fmin(G, number);
    }
    compare_value(run, "G", G, number_of(want));
}

static void compare_collinear(reference_run *run, const json_t *result,
                              const json_t *want)
{
    json_t *list = json_object_get(result, "collinear");
    size_t n = json_is_array(want) ? json_array_size(want) : 1;
    if (json_array_size(list) != n)
        run_fail(run, "collinear: %zu terms, expected %zu", json_array_size(list), n);
    for (size_t i = 0; i < n; i++) {
        const char *name =
            json_string_value(json_is_array(want) ? json_array_get(want, i) : want);
        bool found = false;
        for (size_t j = 0; j < json_array_size(list); j++)
            found |= strcmp(json_string_value(json_array_get(list, j)), name) == 0;
        run->n_compared++;
        if (!found)
            run_fail(run, "collinear: %s is not named", name);
    }
}

static void compare_statistic(reference_run *run, const json_t *result, const char *name,
                              const json_t *want)
{
    for (size_t i = 0; i < sizeof not_compared / sizeof *not_compared; i++)
        if (strcmp(name, not_compared[i].name) == 0)
            return;
    for (size_t i = 0; i < sizeof statistic / sizeof *statistic; i++)
        if (strcmp(name, statistic[i].theirs) == 0) {
            compare_number(run, name, result_stat(result, statistic[i].ours), want);
            return;
        }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i].theirs) == 0) {
            compare_rows(run, name, result_table(result, table[i].ours), want);
            return;
        }
    if (strcmp(name, "fixef_sizes") == 0)
        compare_levels(run, result, want);
    else if (strcmp(name, "n_origin") == 0)
        compare_number(run, name, json_object_get(result, "n_table_rows"), want);
    else if (strcmp(name, "G") == 0)
        compare_clusters(run, result, want);
    else if (strcmp(name, "conf95") == 0)
        compare_intervals(run, name, json_object_get(result, "coefficients"), want);
    else if (strcmp(name, "vcov_matrix") == 0)
        compare_matrix(run, name, json_object_get(result, "vcov"), want);
    else if (strcmp(name, "collin") == 0)
        compare_collinear(run, result, want);
    else
        run_fail(run, "%s: the runner does not know this statistic", name);
}

static void add_model_options(run_arguments *a, const r_call *call, const json_t *stats,
                              np_arena *arena)
{
    const char *vcov = call_named(call, "vcov"), *cluster = call_named(call, "cluster");
    run_add_option(a, "--vcov", vcov == NULL ? cluster : call_unquoted(vcov, arena));
    if (call_named(call, "ssc") != NULL)
        run_add_option(a, "--ssc", json_string_value(json_object_get(stats, "ssc")));
    run_add_option(a, "--weights", without_tilde(call_named(call, "weights")));
    run_add_option(a, "--offset", without_tilde(call_named(call, "offset")));
    run_add_option(a, "--subset", without_tilde(call_named(call, "subset")));
    run_add_option(a, "--family", family_option(call));
}

/* fixef(): the effects of the factors, "countyreal:8001". */
static void run_effects(reference_run *run, const r_call *call)
{
    run_arguments more = {0};
    add_model_options(&more, call, NULL, run->arena);
    run_add(&more, "--effects");
    json_t *result = run_estimate(run, call_formula(call), &more);
    if (result != NULL)
        compare_rows(run, "fixef", result_table(result, "fixed_effects"),
                     json_object_get(run->json, "coefficients"));
}

/* wald(m, 'pattern') of the model of the case before it in name. */
static void run_wald(reference_run *run)
{
    static const char *const wald[] = {"wald", NULL};
    r_call call = call_parse(run->call, wald, run->arena);
    char *model = sibling_call(run, models);
    json_t *stats = json_object_get(run->json, "stats");
    const char *cluster = json_string_value(json_object_get(stats, "vcov"));
    if (call.n < 2 || model == NULL || cluster == NULL || strchr(cluster, '(') == NULL) {
        run_fail(run, "no model found for %s", run->call);
        return;
    }
    r_call fit = call_parse(model, models, run->arena);
    const char *inside = strchr(cluster, '(') + 1;
    run_arguments more = {0};
    run_add_option(
        &more, "--vcov",
        np_arena_format(run->arena, "~%.*s", (int)strcspn(inside, ")"), inside));
    run_add_option(&more, "--test",
                   np_arena_format(run->arena, "wald:%s",
                                   call_unquoted(call.argument[1].value, run->arena)));
    json_t *result = run_estimate(run, call_formula(&fit), &more);
    if (result == NULL)
        return;
    json_t *test = result_test(result, "wald", NULL);
    json_t *want = json_array_get(json_object_get(run->json, "coefficients"), 0);
    compare_number(run, "F", json_object_get(test, "statistic"),
                   json_object_get(want, "estimate"));
    compare_number(run, "p", json_object_get(test, "p_value"),
                   json_object_get(want, "p"));
    compare_number(run, "df1", json_object_get(test, "df1"),
                   json_object_get(stats, "df1"));
    compare_number(run, "df2", json_object_get(test, "df2"),
                   json_object_get(stats, "df2"));
}

void run_fixest(reference_run *run)
{
    if (strncmp(run->call, "wald(", 5) == 0) {
        run_wald(run);
        return;
    }
    r_call call = call_parse(run->call, models, run->arena);
    const char *formula = call_formula(&call);
    if (formula == NULL) {
        run_fail(run, "no formula in the call: %s", run->call);
        return;
    }
    if (strcmp(call.function, "feols") != 0)
        run->tolerance = 1e-6;
    if (strncmp(run->call, "fixef(", 6) == 0) {
        run_effects(run, &call);
        return;
    }
    json_t *stats = json_object_get(run->json, "stats");
    run_arguments more = {0};
    add_model_options(&more, &call, stats, run->arena);
    json_t *result = run_estimate(run, formula, &more);
    if (result == NULL)
        return;
    compare_rows(run, "coefficients", json_object_get(result, "coefficients"),
                 json_object_get(run->json, "coefficients"));
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    const char *name;
    json_t *want;
    json_object_foreach(stats, name, want) compare_statistic(run, result, name, want);
}
