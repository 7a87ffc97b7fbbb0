#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "reference/call.h"
#include "reference/run.h"

static const char *const models[] = {"lm", NULL};

/* The model of the case, estimated again with another covariance. */
static json_t *estimate(reference_run *run, const r_call *call, const char *vcov,
                        const char *ssc, const char *const *tests)
{
    run_arguments more = {0};
    run_add_option(&more, "--vcov", vcov);
    run_add_option(&more, "--ssc", ssc);
    run_add_option(&more, "--weights", call_named(call, "weights"));
    for (size_t i = 0; tests != NULL && tests[i] != NULL; i++)
        run_add_option(&more, "--test", tests[i]);
    return run_estimate(run, call_formula(call), &more);
}

static void compare_test(reference_run *run, const json_t *result, const char *name,
                         const json_t *want)
{
    static const struct {
        const char *theirs, *ours;
    } field[] = {{"stat", "statistic"}, {"value", "statistic"}, {"p", "p_value"},
                 {"df", "df1"},         {"numdf", "df1"},       {"dendf", "df2"}};
    const json_t *test = result_test(result, name, NULL);
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        const json_t *value = json_object_get(want, field[i].theirs);
        char what[80];
        snprintf(what, sizeof what, "%s %s", name, field[i].theirs);
        if (value != NULL)
            compare_number(run, what, json_object_get(test, field[i].ours), value);
    }
}

/* car::vif(): a number per term, or, where a term has several columns, the matrix
 * (columns GVIF, Df, GVIF^(1/(2 Df))) column by column, without names. */
static void compare_vif(reference_run *run, const json_t *result, const json_t *want)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)want, name, value)
    {
        char what[80];
        snprintf(what, sizeof what, "vif %s", name);
        compare_number(run, what,
                       json_object_get(result_test(result, "vif", name), "statistic"),
                       value);
    }
    size_t n_terms = json_array_size(want) / 3, i, term = 0;
    json_t *test;
    if (n_terms == 0)
        return;
    json_array_foreach(json_object_get(result, "tests"), i, test)
    {
        const char *is = json_string_value(json_object_get(test, "name"));
        if (is == NULL || strcmp(is, "vif") != 0 || term == n_terms)
            continue;
        double gvif = number_of(json_object_get(test, "statistic"));
        double df = number_of(json_object_get(test, "df1"));
        compare_value(run, "gvif", gvif, number_of(json_array_get(want, term)));
        compare_value(run, "vif df", df, number_of(json_array_get(want, n_terms + term)));
        compare_value(run, "gvif^(1/(2 df))", pow(gvif, 1 / (2 * df)),
                      number_of(json_array_get(want, 2 * n_terms + term)));
        term++;
    }
    if (term != n_terms)
        run_fail(run, "vif: %zu terms, expected %zu", term, n_terms);
}

/* Their covariance, ours. %1$s is the first cluster variable, %2$s the second. */
static const struct {
    const char *theirs, *vcov, *ssc;
} covariance[] = {
    {"HC0", "HC0", NULL},
    {"HC1", "HC1", NULL},
    {"HC2", "HC2", NULL},
    {"HC3", "HC3", NULL},
    {"HC4", "HC4", NULL},
    {"vcovCL_HC0", "CR1 ~ %1$s", NULL},
    {"vcovCL_HC1", "~%1$s", NULL},
    {"vcovCL_HC2", "CR2 ~ %1$s", "t.df=min"},
    {"vcovCL_HC3", "CR3 ~ %1$s", NULL},
    {"CR0", "CR0 ~ %1$s", NULL},
    {"CR1", "CR1 ~ %1$s", NULL},
    {"CR1S", "CR1S ~ %1$s", NULL},
    {"CR2", "CR2 ~ %1$s", NULL},
    {"CR3", "CR3 ~ %1$s", NULL},
    {"twoway_HC1", "~%1$s + %2$s", "G.df=conventional,t.df=conventional"},
    {"twoway_HC0_nocadjust", "~%1$s + %2$s", "K.adj=FALSE,G.adj=FALSE,t.df=conventional"},
    /* (n-1)/(n-K) T/(T-1) with T = n is sandwich's n/(n-K) */
    {"NW_lag4_noprewhite", "NW(4) ~ %1$s", "K.adj=FALSE,G.adj=FALSE,t.df=conventional"},
    {"NW_lag4_adjust", "NW(4) ~ %1$s", "t.df=conventional"},
};

/* sandwich gives NaN where a cluster determines a coefficient; clubSandwich's CR2, which
 * the same case lists, has the pseudo-inverse, and so have we. */
static bool is_not_given(reference_run *run, const char *name, const json_t *want)
{
    json_t *first = json_array_get(want, 0);
    if (strncmp(name, "vcovCL", 6) != 0 || !json_is_null(json_object_get(first, "se")))
        return false;
    np_buf_format(&run->report, "#   note: %s: R gives none, not compared\n", name);
    return true;
}

static void compare_covariance(reference_run *run, const r_call *call, const char *name,
                               const json_t *want, const char *const cluster[2])
{
    if (is_not_given(run, name, want))
        return;
    for (size_t i = 0; i < sizeof covariance / sizeof *covariance; i++) {
        if (strcmp(covariance[i].theirs, name) != 0)
            continue;
        np_buf vcov = {0};
        for (const char *c = covariance[i].vcov; *c != '\0'; c++) {
            if (*c == '%') {
                np_buf_add(&vcov, cluster[c[1] - '1']);
                c += 3;
            } else {
                np_buf_add_char(&vcov, *c);
            }
        }
        json_t *result = estimate(run, call, np_buf_done(&vcov), covariance[i].ssc, NULL);
        np_buf_free(&vcov);
        if (result != NULL)
            compare_rows(run, name, json_object_get(result, "coefficients"), want);
        return;
    }
    run_fail(run, "%s: the runner does not know this covariance", name);
}

/* Blocks of rows by covariance; "variable" names the clusters. */
static void compare_covariances(reference_run *run, const r_call *call,
                                const json_t *blocks)
{
    const json_t *variable = json_object_get(blocks, "variable");
    const char *cluster[2] = {"", ""};
    if (json_is_string(variable))
        cluster[0] = json_string_value(variable);
    for (size_t i = 0; i < 2 && i < json_array_size(variable); i++)
        cluster[i] = json_string_value(json_array_get(variable, i));
    const char *name;
    json_t *rows;
    json_object_foreach((json_t *)blocks, name,
                        rows) if (json_is_array(rows) && rows != variable)
        compare_covariance(run, call, name, rows, cluster);
}

/* The series' years are in the column of that name, with either case. */
static const char *time_column(reference_run *run)
{
    FILE *file = fopen(run->data, "r");
    char line[4096];
    const char *name = "";
    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (char *field = strtok(line, ",\r\n"); field; field = strtok(NULL, ",\r\n"))
            if (strcasecmp(field, "year") == 0)
                name = np_arena_copy_text(run->arena, field, strlen(field));
    if (file != NULL)
        fclose(file);
    return name;
}

/* With weights, lm() takes errors of variance sigma² / w; fixest's likelihood, which
 * is our "log_likelihood", does not. */
static double log_likelihood(const json_t *result)
{
    const json_t *weighted = result_stat(result, "weighted_log_likelihood");
    return number_of(weighted != NULL ? weighted : result_stat(result, "log_likelihood"));
}

/* R counts the error variance as a parameter in AIC and BIC, fixest and we do not. */
static void compare_statistic(reference_run *run, const r_call *call,
                              const json_t *result, const char *name, const json_t *want)
{
    static const struct {
        const char *theirs, *ours;
    } direct[] = {{"r2", "r2"}, {"adj_r2", "adj_r2"}, {"df_residual", "df_residual"}};
    static const struct {
        const char *theirs, *ours;
    } test[] = {{"f", "wald"},
                {"bp", "breusch-pagan"},
                {"reset", "reset"},
                {"bg1", "breusch-godfrey"}};
    for (size_t i = 0; i < sizeof direct / sizeof *direct; i++)
        if (strcmp(name, direct[i].theirs) == 0) {
            compare_number(run, name, result_stat(result, direct[i].ours), want);
            return;
        }
    for (size_t i = 0; i < sizeof test / sizeof *test; i++)
        if (strcmp(name, test[i].theirs) == 0) {
            compare_test(run, result, test[i].ours, want);
            return;
        }
    double n = number_of(json_object_get(result, "n"));
    double ll = log_likelihood(result);
    double parameters = number_of(result_stat(result, "n_parameters")) + 1;
    if (strcmp(name, "sigma") == 0)
        compare_value(run, name, sqrt(number_of(result_stat(result, "sigma2"))),
                      number_of(want));
    else if (strcmp(name, "AIC") == 0)
        compare_value(run, name, -2 * ll + 2 * parameters, number_of(want));
    else if (strcmp(name, "logLik") == 0)
        compare_value(run, name, ll, number_of(want));
    else if (strcmp(name, "BIC") == 0)
        compare_value(run, name, -2 * ll + log(n) * parameters, number_of(want));
    else if (strcmp(name, "vcov") == 0)
        compare_matrix(run, name, json_object_get(result, "vcov"), want);
    else if (strcmp(name, "ci") == 0)
        compare_intervals(run, name, json_object_get(result, "coefficients"), want);
    else if (strcmp(name, "dw") == 0)
        compare_number(
            run, name,
            json_object_get(result_test(result, "durbin-watson", NULL), "statistic"),
            want);
    else if (strcmp(name, "dw_p_normal") == 0)
        compare_number(
            run, name,
            json_object_get(result_test(result, "durbin-watson", NULL), "p_value"), want);
    else if (strcmp(name, "vif") == 0)
        compare_vif(run, result, want);
    else if (strcmp(name, "robust") == 0 || strcmp(name, "cluster") == 0)
        compare_covariances(run, call, want);
    else
        compare_covariance(run, call, name, want,
                           (const char *const[2]){time_column(run), ""});
}

void run_lm(reference_run *run)
{
    static const char *const tests[] = {"durbin-watson",
                                        "breusch-pagan",
                                        "reset",
                                        "breusch-godfrey:1",
                                        "wald:^[^(]",
                                        NULL,
                                        NULL};
    r_call call = call_parse(run->call, models, run->arena);
    if (call_formula(&call) == NULL) {
        run_fail(run, "no formula in the call: %s", run->call);
        return;
    }
    json_t *stats = json_object_get(run->json, "stats");
    const char *asked[7];
    memcpy(asked, tests, sizeof asked);
    if (!json_is_null(json_object_get(stats, "vif"))) /* two terms or more */
        asked[5] = "vif";
    json_t *result = estimate(run, &call, "iid", NULL, asked);
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
