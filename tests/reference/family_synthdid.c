/* Synthetic difference-in-differences, synthetic control and difference-in-differences of
 * a block, of R synthdid. Iterated weights and what follows from them have to agree to
 * 1e-6, difference-in-differences to 1e-8.
 *
 * A random standard error has to lie within four standard errors of the logarithm of two
 * simulated ones, (kurtosis - 1) / 4 × (1/draws + 1/draws). The kurtosis is that of the
 * placebos in space where a single unit is treated, for then these are what is drawn;
 * otherwise 6, which is more than averages of treated units have. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "reference/call.h"
#include "reference/run.h"

enum { OUR_DRAWS = 2000, MOST_COLUMNS = 64 };
static const double standard_errors = 4, other_kurtosis = 6;

static const struct {
    const char *function, *key, *estimator, *synthetic;
    double tolerance;
} method[] = {
    {"synthdid_estimate", "synthdid", "synthetic-did", NULL, 1e-6},
    {"sc_estimate", "sc", "synthetic-control", NULL, 1e-6},
    {"did_estimate", "did", "synthetic-did", "weights=uniform", 1e-8},
};
enum { N_METHODS = sizeof method / sizeof *method };

typedef struct {
    const char *name[MOST_COLUMNS];
    size_t n;
} header;

static header header_of(const reference_run *run)
{
    header h = {.n = 0};
    char line[8192];
    FILE *file = fopen(run->data, "r");
    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (char *field = strtok(line, ",;\"\r\n"); field && h.n < MOST_COLUMNS;
             field = strtok(NULL, ",;\"\r\n"))
            h.name[h.n++] = np_arena_copy_text(run->arena, field, strlen(field));
    if (file != NULL)
        fclose(file);
    return h;
}

/* panel.matrices()'s argument: a column's number, counted from 1, or its name. */
static const char *column(const reference_run *run, const header *h, const r_call *panel,
                          const char *argument, size_t position)
{
    const char *given = call_named(panel, argument);
    long number = given == NULL ? (long)position : strtol(given, NULL, 10);
    if (number > 0 && (size_t)number <= h->n)
        given = h->name[number - 1];
    else if (given != NULL)
        given = call_unquoted(given, run->arena);
    if (given == NULL)
        return "";
    return given[strcspn(given, " -+()")] == '\0'
               ? given
               : np_arena_format(run->arena, "`%s`", given);
}

/* weights = list(lambda = rep(1/T0, T0)) and the like. */
static void add_weights(np_buf *choices, const char *weights)
{
    if (weights == NULL)
        return;
    if (strstr(weights, "omega") != NULL)
        np_buf_add(choices, ",omega=uniform");
    const char *lambda = strstr(weights, "lambda");
    const char *rep = lambda == NULL ? NULL : strstr(lambda, "rep(");
    if (rep != NULL)
        np_buf_add(choices,
                   strncmp(rep, "rep(0", 5) == 0 ? ",lambda=zero" : ",lambda=uniform");
}

/* R's other arguments are the program's choices of the same names. */
static const char *choices_of(const reference_run *run, const r_call *call, size_t m)
{
    static const char *const argument[] = {
        "eta.omega",   "eta.lambda",   "zeta.omega",           "zeta.lambda",
        "noise.level", "min.decrease", "omega.intercept",      "lambda.intercept",
        "sparsify",    "max.iter",     "max.iter.pre.sparsify"};
    np_buf choices = {0};
    np_buf_add(&choices, method[m].synthetic == NULL ? "" : method[m].synthetic);
    for (size_t i = 0; i < sizeof argument / sizeof *argument; i++)
        if (call_named(call, argument[i]) != NULL)
            np_buf_format(&choices, ",%s=%s", argument[i], call_named(call, argument[i]));
    add_weights(&choices, call_named(call, "weights"));
    if (call_named(call, "X") != NULL)
        np_buf_add(&choices, ",covariates=optimized");
    const char *text = np_buf_done(&choices);
    text += text[0] == ',';
    const char *copy =
        text[0] == '\0' ? NULL : np_arena_copy_text(run->arena, text, strlen(text));
    np_buf_free(&choices);
    return copy;
}

static run_arguments arguments_of(const reference_run *run, const r_call *call, size_t m,
                                  const char *errors, size_t draws)
{
    static const char *const panel_matrices[] = {"panel.matrices", NULL};
    r_call panel = call_parse(run->call, panel_matrices, run->arena);
    header h = header_of(run);
    run_arguments a = {0};
    run_add(&a, "nullpunkt");
    run_add(&a, "did");
    run_add(&a, run->data);
    run_add_option(&a, "--unit", column(run, &h, &panel, "unit", 1));
    run_add_option(&a, "--time", column(run, &h, &panel, "time", 2));
    run_add_option(&a, "--outcome", column(run, &h, &panel, "outcome", 3));
    run_add_option(&a, "--treatment", column(run, &h, &panel, "treatment", 4));
    run_add_option(&a, "--subset", run->subset);
    run_add_option(&a, "--estimator", method[m].estimator);
    run_add_option(&a, "--synthetic", choices_of(run, call, m));
    for (size_t i = 4; call_named(call, "X") != NULL && i < h.n; i++)
        run_add_option(&a, "--controls", h.name[i]);
    run_add_option(&a, "--synthetic-errors", errors);
    if (draws > 0)
        run_add_option(&a, "--bootstrap", np_arena_format(run->arena, "%zu", draws));
    return a;
}

static const json_t *row_of(const json_t *table, const char *term)
{
    size_t i;
    json_t *row;
    json_array_foreach(table, i, row)
    {
        const char *is = json_string_value(json_object_get(row, "term"));
        if (is != NULL && strcmp(is, term) == 0)
            return row;
    }
    return NULL;
}

/* R's list of weights {key, "weight"} against our table. */
static void compare_weights(reference_run *run, const json_t *result, const char *table,
                            const char *key, const json_t *want)
{
    const json_t *ours = result_table(result, table);
    if (json_array_size(ours) != json_array_size(want))
        run_fail(run, "%s: %zu weights, expected %zu", table, json_array_size(ours),
                 json_array_size(want));
    size_t i;
    json_t *row;
    json_array_foreach(want, i, row)
    {
        const char *name = json_string_value(json_object_get(row, key));
        char what[200];
        snprintf(what, sizeof what, "%s of %s", table, name == NULL ? "?" : name);
        compare_number(
            run, what,
            json_object_get(row_of(ours, name == NULL ? "" : name), "estimate"),
            json_object_get(row, "weight"));
    }
}

static void compare_curve(reference_run *run, const json_t *result, const json_t *want)
{
    size_t i, n = 0;
    json_t *row;
    json_array_foreach(json_object_get(result, "group_time"), i, row)
    {
        if (!(number_of(json_object_get(row, "event_time")) >= 0))
            continue;
        char what[60];
        snprintf(what, sizeof what, "effect curve %zu", n + 1);
        compare_number(run, what, json_object_get(row, "estimate"),
                       json_array_get(want, n++));
    }
    if (n != json_array_size(want))
        run_fail(run, "effect curve: %zu periods, expected %zu", n,
                 json_array_size(want));
}

static void compare_settings(reference_run *run, const json_t *result, const json_t *want)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)want, name, value)
    {
        char ours[60];
        snprintf(ours, sizeof ours, "%s",
                 strcmp(name, "max.iter") == 0 ? "max_iterations" : name);
        for (char *c = ours; *c != '\0'; c++)
            *c = *c == '.' ? '_' : *c;
        if (json_is_boolean(value))
            compare_value(run, name, number_of(result_stat(result, ours)),
                          json_is_true(value));
        else
            compare_number(run, name, result_stat(result, ours), value);
    }
}

static double kurtosis_of(const json_t *result)
{
    const json_t *table = result_table(result, "in_space_placebos");
    double n = (double)json_array_size(table), mean = 0, second = 0, fourth = 0;
    if (n < 4 || number_of(json_object_get(result, "n_treated_units")) != 1)
        return other_kurtosis;
    size_t i;
    json_t *row;
    json_array_foreach(table, i, row) mean +=
        number_of(json_object_get(row, "estimate")) / n;
    json_array_foreach(table, i, row)
    {
        double off = number_of(json_object_get(row, "estimate")) - mean;
        second += off * off / n;
        fourth += pow(off, 4) / n;
    }
    return fourth / (second * second);
}

static void compare_random(reference_run *run, const r_call *call, size_t m,
                           const char *errors, double their_draws, double want)
{
    run_arguments a = arguments_of(run, call, m, errors, OUR_DRAWS);
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    const json_t *first = json_array_get(json_object_get(result, "coefficients"), 0);
    double got = number_of(json_object_get(first, "std_error"));
    double variance = (kurtosis_of(result) - 1) / 4 * (1 / their_draws + 1.0 / OUR_DRAWS);
    run->n_compared++;
    if (!(fabs(log(got / want)) <= standard_errors * sqrt(variance)))
        run_fail(run, "%s standard error: %.6g, expected %.6g ± %.2g %%", errors, got,
                 want, 100 * standard_errors * sqrt(variance));
}

static void compare_jackknife(reference_run *run, const r_call *call, size_t m,
                              const json_t *want)
{
    run_arguments a = arguments_of(run, call, m, "jackknife", 0);
    if (json_is_number(want)) {
        json_t *result = run_program(run, &a);
        const json_t *row = json_array_get(json_object_get(result, "coefficients"), 0);
        compare_number(run, "jackknife standard error", json_object_get(row, "std_error"),
                       want);
        return;
    }
    /* R has NA where we refuse in words. */
    char *argv[RUN_MOST_ARGUMENTS + 1];
    for (size_t i = 0; i < a.n; i++)
        argv[i] = np_arena_copy_text(run->arena, a.item[i], strlen(a.item[i]));
    argv[a.n] = NULL;
    np_buf out = {0}, messages = {0};
    int code = np_main((int)a.n, argv, &out, &messages, false);
    const char *said = np_buf_done(&messages);
    run->n_compared++;
    if (code != 2 || said == NULL || strstr(said, "jackknife leaves out") == NULL)
        run_fail(run, "jackknife: exit %d, \"%s\", expected a refusal", code,
                 said == NULL ? "" : said);
    np_buf_free(&out);
    np_buf_free(&messages);
}

/* "se_placebo_200": the method and R's draws. */
static bool compare_error(reference_run *run, const r_call *call, size_t m,
                          const char *name, const json_t *want)
{
    static const char *const random[] = {"placebo", "bootstrap"};
    if (strcmp(name, "se_jackknife") == 0) {
        compare_jackknife(run, call, m, want);
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(random[i]);
        if (strncmp(name, "se_", 3) != 0 || strncmp(name + 3, random[i], length) != 0)
            continue;
        double draws = name[3 + length] == '_' ? atof(name + 4 + length) : 200;
        if (json_is_number(want))
            compare_random(run, call, m, random[i], draws, number_of(want));
        return true;
    }
    return false;
}

static void compare_statistic(reference_run *run, const r_call *call, size_t m,
                              const json_t *result, const char *name, const json_t *want)
{
    if (strcmp(name, "N0") == 0)
        compare_number(run, name, result_stat(result, "n_donors"), want);
    else if (strcmp(name, "T0") == 0)
        compare_number(run, name, result_stat(result, "n_before"), want);
    else if (strcmp(name, "omega") == 0)
        compare_weights(run, result, "donor_weights", "unit", want);
    else if (strcmp(name, "lambda") == 0)
        compare_weights(run, result, "time_weights", "time", want);
    else if (strcmp(name, "effect_curve") == 0)
        compare_curve(run, result, want);
    else if (strcmp(name, "setup_noise_level") == 0)
        compare_settings(run, result, want);
    else if (!compare_error(run, call, m, name, want))
        run_fail(run, "%s: the runner does not know this number", name);
}

static void one_estimate(reference_run *run, size_t m)
{
    const char *const function[] = {method[m].function, NULL};
    r_call call = call_parse(run->call, function, run->arena);
    run_arguments a = arguments_of(run, &call, m, NULL, 0);
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    run->tolerance = method[m].tolerance;
    const json_t *ours = json_array_get(json_object_get(result, "coefficients"), 0);
    const json_t *theirs = json_array_get(json_object_get(run->json, "coefficients"), 0);
    compare_number(run, "estimate", json_object_get(ours, "estimate"),
                   json_object_get(theirs, "estimate"));
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    json_t *stats = json_object_get(run->json, "stats"), *want;
    const char *name;
    json_object_foreach(stats, name, want)
        compare_statistic(run, &call, m, result, name, want);
    const char *errors = call_named(&call, "method");
    if (errors == NULL || !json_is_number(json_object_get(theirs, "se")))
        return;
    /* The error beside the estimate is one of those in the statistics, unless the
     * statistics have none of its kind. */
    const char *replications = call_named(&call, "replications");
    const char *key =
        np_arena_format(run->arena, "se_%s_%s", call_unquoted(errors, run->arena),
                        replications == NULL ? "200" : replications);
    if (json_object_get(stats, key) == NULL)
        compare_error(run, &call, m, key, json_object_get(theirs, "se"));
}

/* Rows {unit, synthdid, sc, did}: each donor as if it alone were treated. */
static void in_space(reference_run *run)
{
    static const r_call no_call = {.function = ""};
    const json_t *rows = json_object_get(run->json, "coefficients");
    for (size_t m = 0; m < N_METHODS; m++) {
        if (json_object_get(json_array_get(rows, 0), method[m].key) == NULL)
            continue;
        run_arguments a = arguments_of(run, &no_call, m, "placebo", 2);
        json_t *result = run_program(run, &a);
        const json_t *ours = result_table(result, "in_space_placebos");
        run->tolerance = method[m].tolerance;
        if (json_array_size(ours) != json_array_size(rows))
            run_fail(run, "%s: %zu placebos, expected %zu", method[m].key,
                     json_array_size(ours), json_array_size(rows));
        size_t i;
        json_t *row;
        json_array_foreach(rows, i, row)
        {
            const char *unit = json_string_value(json_object_get(row, "unit"));
            char what[200];
            snprintf(what, sizeof what, "%s of %s", method[m].key,
                     unit == NULL ? "?" : unit);
            compare_number(
                run, what,
                json_object_get(row_of(ours, unit == NULL ? "" : unit), "estimate"),
                json_object_get(row, method[m].key));
        }
        if (m == 0)
            compare_number(run, "n", json_object_get(result, "n"),
                           json_object_get(run->json, "n"));
    }
}

void run_synthdid(reference_run *run)
{
    const json_t *first = json_array_get(json_object_get(run->json, "coefficients"), 0);
    if (json_object_get(first, "unit") != NULL) {
        in_space(run);
        return;
    }
    for (size_t m = 0; m < N_METHODS; m++)
        if (strstr(run->call, method[m].function) != NULL) {
            one_estimate(run, m);
            return;
        }
    run_fail(run, "the runner does not know the call: %s", run->call);
}
