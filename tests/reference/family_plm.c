#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/call.h"
#include "reference/run.h"
#include "reference/sibling.h"

static const char *const models[] = {"plm", NULL};

/* c("firm", "year") as "firm,year" */
static const char *index_option(const char *value, np_arena *arena)
{
    if (value == NULL)
        return NULL;
    char *list = np_arena_copy_text(arena, value, strlen(value)), *to = list;
    for (const char *c = value + (value[0] == 'c' && value[1] == '('); *c != '\0'; c++)
        if (strchr("\"' ()", *c) == NULL)
            *to++ = *c;
    *to = '\0';
    return list;
}

static void add_named(run_arguments *a, const r_call *call, const char *option,
                      const char *name, np_arena *arena)
{
    const char *value = call_named(call, name);
    if (value != NULL)
        run_add_option(a, option, call_unquoted(value, arena));
}

/* Tests on one model: their function, the model and what we call the test. */
static const struct {
    const char *function, *model, *test;
} test_call[] = {
    {"pFtest", "within", "poolability"}, {"pbgtest", "within", "breusch-godfrey"},
    {"pcdtest", "within", "pesaran-cd"}, {"pwartest", "within", "wooldridge"},
    {"pwfdtest", "fd", "wooldridge-fd"},
};

static const struct {
    const char *theirs, *ours;
} lagrange_type[] = {
    {"bp", "breusch-pagan"}, {"honda", "honda"}, {"kw", "king-wu"}, {"ghm", "ghm"}};

/* Model, effect and name of the test that a call asks for; NULL: none known. */
static const char *test_options(run_arguments *a, const r_call *call, np_arena *arena)
{
    const char *first = call->n > 0 ? call->argument[0].value : "";
    const char *second = call->n > 1 ? call->argument[1].value : "";
    if (strcmp(call->function, "phtest") == 0) {
        if (strchr(first, '~') != NULL)
            return run_add_option(a, "--model", "within"), "hausman-aux";
        run_add_option(a, "--model", "random");
        run_add_option(a, "--random-method", strrchr(second, ' ') + 1);
        return "hausman";
    }
    if (strcmp(call->function, "plmtest") == 0) {
        run_add_option(a, "--model", "pooling");
        add_named(a, call, "--effect", "effect", arena);
        const char *type = call_unquoted(call_named(call, "type"), arena);
        for (size_t i = 0; i < sizeof lagrange_type / sizeof *lagrange_type; i++)
            if (strcmp(type, lagrange_type[i].theirs) == 0)
                return lagrange_type[i].ours;
        return NULL;
    }
    for (size_t i = 0; i < sizeof test_call / sizeof *test_call; i++) {
        if (strcmp(call->function, test_call[i].function) != 0)
            continue;
        run_add_option(a, "--model", test_call[i].model);
        const char *effect = strchr(first, ' ');
        run_add_option(a, "--effect", effect == NULL ? NULL : effect + 1);
        const char *order = call_named(call, "order");
        return order == NULL ? test_call[i].test
                             : np_arena_format(arena, "%s:%s", test_call[i].test, order);
    }
    return NULL;
}

/* A mixture of chi-squared distributions says its weights and degrees of freedom:
 * "twoways, chi-squared with 0, 1, 2 df weighted 0.25, 0.5, 0.25". */
static void compare_mixture(reference_run *run, const json_t *test, const json_t *df)
{
    static const char *const name[] = {"df0", "df1", "df2", "w0", "w1", "w2"};
    double got[6] = {NAN, NAN, NAN, NAN, NAN, NAN};
    const char *detail = json_string_value(json_object_get(test, "detail"));
    const char *list = detail == NULL ? NULL : strstr(detail, "with ");
    if (list != NULL)
        sscanf(list, "with %lf, %lf, %lf df weighted %lf, %lf, %lf", &got[0], &got[1],
               &got[2], &got[3], &got[4], &got[5]);
    for (size_t i = 0; i < 6; i++)
        compare_value(run, name[i], got[i], number_of(json_object_get(df, name[i])));
}

static void compare_test(reference_run *run, const json_t *test)
{
    json_t *want = json_array_get(json_object_get(run->json, "coefficients"), 0);
    json_t *stats = json_object_get(run->json, "stats");
    json_t *df = json_object_get(stats, "df");
    compare_number(run, "statistic", json_object_get(test, "statistic"),
                   json_object_get(want, "estimate"));
    compare_number(run, "p", json_object_get(test, "p_value"),
                   json_object_get(want, "p"));
    const char *name;
    json_t *value;
    if (json_object_get(df, "w0") != NULL) {
        compare_mixture(run, test, df);
        return;
    }
    json_object_foreach(df, name, value) compare_number(
        run, name, json_object_get(test, strcmp(name, "df2") == 0 ? "df2" : "df1"),
        value);
}

/* The formula and panel of the models of the same data. */
static const char *model_formula(reference_run *run, run_arguments *a)
{
    char *model = sibling_call(run, models);
    if (model == NULL)
        return NULL;
    r_call fit = call_parse(model, models, run->arena);
    run_add_option(a, "--panel", index_option(call_named(&fit, "index"), run->arena));
    return call_formula(&fit);
}

static void run_test(reference_run *run, const r_call *call)
{
    run_arguments more = {0};
    const char *formula = model_formula(run, &more);
    const char *name = test_options(&more, call, run->arena);
    if (formula == NULL || name == NULL) {
        run_fail(run, "the runner does not know this call: %s", run->call);
        return;
    }
    run_add_option(&more, "--test", name);
    json_t *result = run_estimate(run, formula, &more);
    if (result == NULL)
        return;
    const char *end = strchr(name, ':');
    size_t length = end == NULL ? strlen(name) : (size_t)(end - name);
    compare_test(run,
                 result_test(result, np_arena_copy_text(run->arena, name, length), NULL));
    compare_number(run, "n", result_stat(result, "n_observed"),
                   json_object_get(run->json, "n"));
}

/* purtest(inv, test='ips', exo='intercept', lags=1): of the outcome itself. */
static void run_unit_root(reference_run *run, const r_call *call)
{
    run_arguments more = {0};
    const char *test = call_named(call, "test"), *lags = call_named(call, "lags");
    if (model_formula(run, &more) == NULL || test == NULL) {
        run_fail(run, "the runner does not know this call: %s", run->call);
        return;
    }
    const char *name = call_unquoted(test, run->arena);
    run_add_option(&more, "--model", "pooling");
    run_add_option(&more, "--test",
                   lags == NULL ? name
                                : np_arena_format(run->arena, "%s:%s", name, lags));
    json_t *result = run_estimate(
        run, np_arena_format(run->arena, "%s ~ 1", call->argument[0].value), &more);
    if (result != NULL)
        compare_test(run, result_test(result, name, NULL));
}

/* Their robust covariances, ours. */
static const struct {
    const char *theirs, *ours;
} covariance[] = {
    {"arellano_HC0", "arellano/HC0"},
    {"arellano_HC1", "arellano/HC1"},
    {"white1_HC0", "white1/HC0"},
    {"white2_HC0", "white2/HC0"},
    {"arellano_sss", "arellano/sss"},
    {"arellano_time_HC0", "arellano-time/HC0"},
    {"DK_vcovSCC_HC0", "driscoll-kraay/HC0"},
    {"BK_vcovBK_HC0", "beck-katz/HC0"},
    {"double_HC0", "double/HC0"},
};

static json_t *estimate(reference_run *run, const r_call *call, const char *vcov,
                        const char *test)
{
    run_arguments more = {0};
    run_add_option(&more, "--panel", index_option(call_named(call, "index"), run->arena));
    add_named(&more, call, "--model", "model", run->arena);
    add_named(&more, call, "--effect", "effect", run->arena);
    add_named(&more, call, "--random-method", "random.method", run->arena);
    run_add_option(&more, "--vcov", vcov);
    run_add_option(&more, "--test", test);
    return run_estimate(run, call_formula(call), &more);
}

static void compare_robust(reference_run *run, const r_call *call, const json_t *want)
{
    const char *name;
    json_t *rows;
    json_object_foreach((json_t *)want, name, rows)
    {
        const char *ours = NULL;
        for (size_t i = 0; i < sizeof covariance / sizeof *covariance; i++)
            if (strcmp(name, covariance[i].theirs) == 0)
                ours = covariance[i].ours;
        if (ours == NULL) {
            run_fail(run, "%s: the runner does not know this covariance", name);
            continue;
        }
        json_t *result = estimate(run, call, ours, NULL);
        if (result != NULL)
            compare_rows(run, name, json_object_get(result, "coefficients"), rows);
    }
}

static void compare_components(reference_run *run, const json_t *result,
                               const json_t *want)
{
    static const struct {
        const char *theirs, *ours;
    } component[] = {{"idios", "sigma2_idiosyncratic"},
                     {"id", "sigma2_individual"},
                     {"time", "sigma2_time"}};
    for (size_t i = 0; i < sizeof component / sizeof *component; i++) {
        const json_t *value = json_object_get(want, component[i].theirs);
        if (value != NULL)
            compare_number(run, component[i].ours, result_stat(result, component[i].ours),
                           value);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* R's summary() of the rows' values: quantiles of type 7 and the mean. */
static void compare_summary(reference_run *run, double *value, size_t n,
                            const json_t *want)
{
    static const struct {
        const char *name;
        double probability;
    } quantile[] = {
        {"Min.", 0}, {"1st Qu.", .25}, {"Median", .5}, {"3rd Qu.", .75}, {"Max.", 1}};
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    compare_value(run, "mean theta", sum / (double)n,
                  number_of(json_object_get(want, "Mean")));
    qsort(value, n, sizeof *value, by_size);
    for (size_t q = 0; q < sizeof quantile / sizeof *quantile; q++) {
        double at = (double)(n - 1) * quantile[q].probability;
        size_t low = (size_t)floor(at), high = low + 1 < n ? low + 1 : low;
        compare_value(run, quantile[q].name,
                      value[low] + (at - (double)low) * (value[high] - value[low]),
                      number_of(json_object_get(want, quantile[q].name)));
    }
}

/* Our table gives theta by unit with the number n of its rows; theirs has one value per
 * row, ordered by unit. */
static double *theta_by_row(reference_run *run, const json_t *result, const char *name,
                            size_t *n_rows)
{
    json_t *rows = result_table(result, name), *row;
    size_t i, n = 0;
    double count = 0;
    json_array_foreach(rows, i, row) count += number_of(json_object_get(row, "n"));
    if (!(count > 0))
        return NULL;
    double *value = np_arena_array(run->arena, double, (size_t)count);
    json_array_foreach(rows, i, row)
    {
        double of_unit = number_of(json_object_get(row, "n"));
        for (double r = 0; r < of_unit; r++)
            value[n++] = number_of(json_object_get(row, "estimate"));
    }
    *n_rows = n;
    return value;
}

static bool is_summary(const json_t *want)
{
    return json_object_get(want, "Median") != NULL;
}

static void compare_theta(reference_run *run, const json_t *result, const char *ours,
                          const json_t *want)
{
    if (!json_is_object(want)) {
        compare_number(run, ours, result_stat(result, ours), want);
        return;
    }
    const json_t *summary = is_summary(want) ? want : json_object_get(want, "summary");
    if (summary == NULL) {
        const char *name;
        json_t *value;
        json_object_foreach((json_t *)want, name, value)
            compare_theta(run, result,
                          strcmp(name, "id") == 0     ? "theta_individual"
                          : strcmp(name, "time") == 0 ? "theta_time"
                                                      : "theta_total",
                          value);
        return;
    }
    size_t n = 0;
    double *value = theta_by_row(run, result, ours, &n);
    if (value == NULL) {
        run_fail(run, "%s: no table of it by unit", ours);
        return;
    }
    json_t *by_unit = json_object_get(want, "by_unit");
    for (size_t i = 0; i < json_array_size(by_unit); i++)
        compare_value(run, "theta by row", i < n ? value[i] : NAN,
                      number_of(json_array_get(by_unit, i)));
    compare_summary(run, value, n, summary);
}

static void compare_f(reference_run *run, const json_t *result, const json_t *want)
{
    const json_t *test = result_test(result, "wald", NULL);
    json_t *df = json_object_get(want, "df");
    compare_number(run, "fstat", json_object_get(test, "statistic"),
                   json_object_get(want, "statistic"));
    compare_number(run, "fstat p", json_object_get(test, "p_value"),
                   json_object_get(want, "p"));
    compare_number(run, "fstat df1", json_object_get(test, "df1"),
                   json_is_array(df) ? json_array_get(df, 0) : df);
    if (json_is_array(df))
        compare_number(run, "fstat df2", json_object_get(test, "df2"),
                       json_array_get(df, 1));
}

static void compare_dimensions(reference_run *run, const json_t *result,
                               const json_t *want)
{
    compare_number(run, "N", result_stat(result, "n_units"), json_object_get(want, "N"));
    compare_number(run, "T", result_stat(result, "n_periods"),
                   json_object_get(want, "T"));
    compare_number(run, "obs", result_stat(result, "n_observed"),
                   json_object_get(want, "obs"));
    compare_value(run, "balanced", number_of(result_stat(result, "balanced")),
                  json_is_true(json_object_get(want, "balanced")) ? 1 : 0);
}

static void run_effects(reference_run *run)
{
    run_arguments more = {0};
    const char *formula = model_formula(run, &more);
    run_add_option(&more, "--model", "within");
    run_add(&more, "--effects");
    json_t *result = formula == NULL ? NULL : run_estimate(run, formula, &more);
    if (result != NULL)
        compare_rows(run, "fixef", result_table(result, "fixed_effects"),
                     json_object_get(run->json, "coefficients"));
}

static void run_model(reference_run *run, const r_call *call)
{
    json_t *result = estimate(run, call, NULL, "wald:^[^(]");
    if (result == NULL)
        return;
    compare_rows(run, "coefficients", json_object_get(result, "coefficients"),
                 json_object_get(run->json, "coefficients"));
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    const char *name;
    json_t *want;
    json_object_foreach(json_object_get(run->json, "stats"), name, want)
    {
        if (strcmp(name, "fstat") == 0)
            compare_f(run, result, want);
        else if (strcmp(name, "dims") == 0)
            compare_dimensions(run, result, want);
        else if (strcmp(name, "sigma2") == 0)
            compare_components(run, result, want);
        else if (strcmp(name, "theta") == 0)
            compare_theta(run, result, "theta", want);
        else if (strcmp(name, "vcov") == 0)
            compare_matrix(run, name, json_object_get(result, "vcov"), want);
        else if (strcmp(name, "robust") == 0)
            compare_robust(run, call, want);
        else
            compare_number(run, name, result_stat(result, name), want);
    }
}

void run_plm(reference_run *run)
{
    static const char *const functions[] = {"phtest",  "plmtest",  "pFtest",   "pbgtest",
                                            "pcdtest", "pwartest", "pwfdtest", "purtest",
                                            "fixef",   "plm",      NULL};
    r_call call = call_parse(run->call, functions, run->arena);
    if (strcmp(call.function, "plm") == 0)
        run_model(run, &call);
    else if (strcmp(call.function, "purtest") == 0)
        run_unit_root(run, &call);
    else if (strcmp(call.function, "fixef") == 0)
        run_effects(run);
    else
        run_test(run, &call);
}
