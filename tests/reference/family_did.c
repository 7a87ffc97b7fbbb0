/* R did's att_gt() and aggte(), and DRDID's drdid(), ordid() and ipwdid(), as calls of
 * `nullpunkt did`.
 *
 * Propensity scores are iterated: 1e-6. Bootstrap errors have to lie within five
 * standard errors of the difference of two simulations of as many draws: the error of an
 * interquartile range of B normal draws is 1.166 / sqrt(B) of it, that of a quantile c of
 * the largest |t| about sqrt(a (1 - a) / B) / (a c) for the level 1 - a. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/csv.h"
#include "reference/call.h"
#include "reference/dataset.h"
#include "reference/run.h"
#include "reference/sibling.h"

static const double standard_errors = 5, quartiles = 1.166;
/* DRDID's intervals. */
static const double rounded_normal = 1.96;

/* What the call and the case beside it say. */
typedef struct {
    reference_run *run;
    r_call call, averages, beside;
} did_call;

static const char *argument(const did_call *d, const char *name)
{
    const char *value = call_named(&d->call, name);
    if (value == NULL)
        return NULL;
    value = call_unquoted(value, d->run->arena);
    return strcmp(value, "NULL") == 0 ? NULL : value;
}

static bool is_true(const char *value, bool otherwise)
{
    return value == NULL ? otherwise : value[0] == 'T';
}

/* The n-th argument without a name, other than "..." and formulas. */
static const char *positional(const r_call *call, size_t n, np_arena *arena)
{
    for (size_t i = 0; i < call->n; i++) {
        const char *value = call->argument[i].value;
        if (call->argument[i].name[0] == '\0' && strncmp(value, "...", 3) != 0 &&
            strchr(value, '~') == NULL && n-- == 0)
            return call_unquoted(value, arena);
    }
    return NULL;
}

/* An argument that names a column; where it is left out, as beside or as known. */
static const char *column_argument(const did_call *d, const char *name)
{
    const char *value = argument(d, name);
    if (value == NULL && strcmp(name, "yname") == 0)
        value = positional(&d->call, 0, d->run->arena);
    if (value == NULL && call_named(&d->beside, name) != NULL)
        value = call_unquoted(call_named(&d->beside, name), d->run->arena);
    if (value == NULL)
        value = dataset_role(d->run, name[0]);
    return dataset_column(d->run, value);
}

/* "~x1 + I(x2^2)" as a list; NULL: no controls. */
static const char *controls(const did_call *d, const char *formula)
{
    char *list = NULL;
    if (formula == NULL || strchr(formula, '~') == NULL)
        return NULL;
    formula = strchr(formula, '~') + 1;
    formula += strspn(formula, " ");
    if (strcmp(formula, "1") == 0 || strcmp(formula, "NULL") == 0)
        return NULL;
    list = np_arena_copy_text(d->run->arena, formula, strlen(formula));
    int depth = 0;
    for (char *c = list; *c != '\0'; c++) {
        depth += *c == '(' ? 1 : *c == ')' ? -1 : 0;
        *c = *c == '+' && depth == 0 ? ',' : *c;
    }
    return list;
}

static const char *formula_of(const did_call *d)
{
    const char *named = call_named(&d->call, "xformla");
    return named != NULL ? named : call_formula(&d->call);
}

/* Beside the unit itself; "c('st', 'id')" takes the first that is not it. */
static const char *cluster(const did_call *d, const char *unit)
{
    const char *value = argument(d, "clustervars");
    if (value == NULL)
        return NULL;
    value += strncmp(value, "c(", 2) == 0 ? 2 : 0;
    for (value += strspn(value, "'\" ,"); *value != '\0' && *value != ')';) {
        size_t length = strcspn(value, "'\" ,)");
        const char *name = np_arena_copy_text(d->run->arena, value, length);
        if (unit == NULL || strcmp(name, unit) != 0)
            return dataset_column(d->run, name);
        value += length + strspn(value + length, "'\" ,");
    }
    return NULL;
}

static void add_sampling(run_arguments *a, const did_call *d, const char *unit)
{
    bool panel = is_true(argument(d, "panel"), true);
    bool gaps = is_true(argument(d, "allow_unbalanced_panel"), false);
    if (panel) {
        run_add_option(a, "--unit", unit);
        run_add_option(a, "--unbalanced", gaps ? "cross-section" : "balance");
    } else {
        run_add(a, "--cross-sections");
    }
    run_add_option(a, "--cluster", cluster(d, unit));
    run_add_option(a, "--weights", dataset_column(d->run, argument(d, "weightsname")));
    run_add_option(a, "--subset", dataset_condition(d->run));
}

static bool is_iterated(const char *method, const char *formula)
{
    return formula != NULL && strcmp(method, "reg") != 0;
}

static size_t draws_of(const did_call *d)
{
    if (call_named(&d->call, "bstrap") == NULL || !is_true(argument(d, "bstrap"), true))
        return 0;
    const char *draws = argument(d, "biters");
    return draws == NULL ? 1000 : (size_t)strtoul(draws, NULL, 10);
}

static const char *from_average(const did_call *d, const char *name)
{
    const char *value = call_named(&d->averages, name);
    return value == NULL || strcmp(value, "NULL") == 0 ? NULL : value;
}

static void add_averages(run_arguments *a, const did_call *d)
{
    const char *low = from_average(d, "min_e"), *high = from_average(d, "max_e");
    run_add_option(a, "--balance", from_average(d, "balance_e"));
    if (low == NULL && high == NULL)
        return;
    run_add(a, "--window");
    run_add(a, np_arena_format(d->run->arena, "%s,%s", low == NULL ? "-1000000" : low,
                               high == NULL ? "1000000" : high));
}

/* An argument that would change numbers and that this program has no option for. */
static void check_arguments(const did_call *d)
{
    static const char *const known_arguments[] = {"yname",
                                                  "tname",
                                                  "idname",
                                                  "gname",
                                                  "xformla",
                                                  "data",
                                                  "panel",
                                                  "control_group",
                                                  "anticipation",
                                                  "weightsname",
                                                  "alp",
                                                  "bstrap",
                                                  "biters",
                                                  "clustervars",
                                                  "est_method",
                                                  "base_period",
                                                  "cband",
                                                  "print_details",
                                                  "faster_mode",
                                                  "pl",
                                                  "cores",
                                                  "type",
                                                  "balance_e",
                                                  "allow_unbalanced_panel",
                                                  "min_e",
                                                  "max_e",
                                                  "na.rm",
                                                  "compute_inffunc",
                                                  ""};
    for (size_t i = 0; i < d->call.n; i++) {
        const call_argument *a = &d->call.argument[i];
        bool is_known = strcmp(a->value, "NULL") == 0;
        for (size_t j = 0; j < sizeof known_arguments / sizeof *known_arguments; j++)
            is_known = is_known || strcmp(a->name, known_arguments[j]) == 0;
        if (!is_known)
            run_fail(d->run, "%s=%s is not understood", a->name, a->value);
    }
}

static json_t *call_att_gt(const did_call *d)
{
    static const char *const arguments[][2] = {{"--anticipation", "anticipation"},
                                               {"--base", "base_period"}};
    run_arguments a = {0};
    reference_run *run = d->run;
    const char *unit = column_argument(d, "idname");
    const char *method = argument(d, "est_method"), *alpha = argument(d, "alp");
    const char *group = argument(d, "control_group");
    const char *list = controls(d, formula_of(d));
    size_t draws = draws_of(d);
    method = method == NULL ? "dr" : method;
    run->tolerance = is_iterated(method, list) ? 1e-6 : 1e-8;
    run_add(&a, "nullpunkt");
    run_add(&a, "did");
    run_add(&a, run->data);
    run_add_option(&a, "--outcome", column_argument(d, "yname"));
    run_add_option(&a, "--time", column_argument(d, "tname"));
    run_add_option(&a, "--cohort", column_argument(d, "gname"));
    add_sampling(&a, d, unit);
    run_add_option(&a, "--controls", list);
    run_add_option(&a, "--method", method);
    run_add(&a, "--single-unit-errors");
    run_add_option(&a, "--comparison",
                   group != NULL && strstr(group, "notyet") != NULL ? "not-yet"
                                                                    : "never");
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        run_add_option(&a, arguments[i][0], argument(d, arguments[i][1]));
    if (alpha != NULL)
        run_add_option(&a, "--level",
                       np_arena_format(run->arena, "%.15g", 1 - strtod(alpha, NULL)));
    if (draws > 0) {
        run_add_option(&a, "--bootstrap", np_arena_format(run->arena, "%zu", draws));
        run_add_option(&a, "--seed", "1");
        if (!is_true(argument(d, "cband"), true))
            run_add(&a, "--pointwise");
    }
    add_averages(&a, d);
    return run_program(run, &a);
}

static void compare_random(reference_run *run, const char *what, double got, double want,
                           double error)
{
    run->n_compared++;
    if (!(fabs(got - want) <= standard_errors * sqrt(2) * error))
        run_fail(run, "%s: %.6g, expected %.6g within %.2g", what, got, want,
                 standard_errors * sqrt(2) * error);
}

static void compare_error(reference_run *run, const char *what, const json_t *got,
                          const json_t *want, size_t draws)
{
    if (draws == 0 || !json_is_number(want))
        compare_number(run, what, got, want);
    else
        compare_random(run, what, number_of(got), number_of(want),
                       quartiles / sqrt((double)draws) * number_of(want));
}

static json_t *group_time_row(const json_t *result, double g, double t)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(result, "group_time"), i, row)
    {
        if (number_of(json_object_get(row, "cohort")) == g &&
            number_of(json_object_get(row, "time")) == t)
            return row;
    }
    return NULL;
}

static json_t *average_of(const json_t *result, const char *kind)
{
    size_t i;
    json_t *a;
    json_array_foreach(json_object_get(result, "aggregates"), i, a)
    {
        if (strcmp(json_string_value(json_object_get(a, "kind")), kind) == 0)
            return a;
    }
    return NULL;
}

static json_t *average_row(const json_t *average, double value)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(average, "rows"), i, row)
    {
        if (number_of(json_object_get(row, "value")) == value)
            return row;
    }
    return NULL;
}

/* One listed coefficient {name, estimate, se, t, p} against a row of ours. */
static void compare_coefficient(reference_run *run, const json_t *got, const json_t *want,
                                size_t draws)
{
    static const char *const field[][2] = {{"estimate", "estimate"},
                                           {"se", "std_error"},
                                           {"t", "statistic"},
                                           {"p", "p_value"}};
    const char *name = json_string_value(json_object_get(want, "name"));
    for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
        const json_t *value = json_object_get(want, field[f][0]);
        char what[160];
        snprintf(what, sizeof what, "%s %s", name, field[f][0]);
        const json_t *ours = json_object_get(got, field[f][1]);
        if (value == NULL || (f > 1 && draws > 0))
            continue;
        if (f == 1)
            compare_error(run, what, ours, value, draws);
        else
            compare_number(run, what, ours, value);
    }
}

/* Names are "ATT(g=2004,t=2005)", "e=-2", "g=2004", "t=2005", "overall", "ATT". */
static void compare_coefficients(reference_run *run, const json_t *result,
                                 const json_t *average, size_t draws)
{
    size_t i;
    json_t *want, *all = json_object_get(run->json, "coefficients");
    if (average == NULL &&
        json_array_size(all) != json_array_size(json_object_get(result, "group_time")))
        run_fail(run, "%zu effects, expected %zu",
                 json_array_size(json_object_get(result, "group_time")),
                 json_array_size(all));
    json_array_foreach(all, i, want)
    {
        const char *name = json_string_value(json_object_get(want, "name"));
        const char *equals = strrchr(name, '=');
        double g = number_of(json_object_get(want, "g"));
        double t = number_of(json_object_get(want, "time"));
        const json_t *row = NULL;
        if (average != NULL)
            row =
                equals == NULL ? average : average_row(average, strtod(equals + 1, NULL));
        else if (isnan(g) && sscanf(name, "ATT(g=%lf,t=%lf)", &g, &t) < 2)
            row = json_array_get(json_object_get(result, "group_time"), i);
        else
            row = group_time_row(result, g, t);
        if (row == NULL)
            run_fail(run, "no row %s", name);
        else
            compare_coefficient(run, row, want, draws);
    }
}

/* {overall_att, overall_se, egt, att_egt, se_egt} */
static void compare_average(reference_run *run, const char *kind, const json_t *got,
                            const json_t *want, size_t draws)
{
    char what[120];
    size_t i;
    json_t *value, *rows = json_object_get(want, "egt");
    snprintf(what, sizeof what, "%s overall", kind);
    compare_number(run, what, json_object_get(got, "estimate"),
                   json_object_get(want, "overall_att"));
    snprintf(what, sizeof what, "%s overall se", kind);
    compare_error(run, what, json_object_get(got, "std_error"),
                  json_object_get(want, "overall_se"), draws);
    if (json_is_array(rows) &&
        json_array_size(rows) != json_array_size(json_object_get(got, "rows")))
        run_fail(run, "%s: %zu rows, expected %zu", kind,
                 json_array_size(json_object_get(got, "rows")), json_array_size(rows));
    json_array_foreach(rows, i, value)
    {
        const json_t *row = average_row(got, number_of(value));
        snprintf(what, sizeof what, "%s %g", kind, number_of(value));
        compare_number(run, what, json_object_get(row, "estimate"),
                       json_array_get(json_object_get(want, "att_egt"), i));
        snprintf(what, sizeof what, "%s %g se", kind, number_of(value));
        compare_error(run, what, json_object_get(row, "std_error"),
                      json_array_get(json_object_get(want, "se_egt"), i), draws);
    }
}

/* V_analytical is n_units times the covariance. */
static void compare_covariance(reference_run *run, const json_t *result,
                               const json_t *want)
{
    double n = number_of(json_object_get(result, "n_units"));
    json_t *scaled = json_array(), *row, *value;
    size_t i, j;
    json_array_foreach(json_object_get(result, "vcov"), i, row)
    {
        json_t *to = json_array();
        json_array_foreach(row, j, value)
            json_array_append_new(to, json_real(number_of(value) * n));
        json_array_append_new(scaled, to);
    }
    compare_matrix(run, "V_analytical", scaled, want);
    json_decref(scaled);
}

static const json_t *single(const json_t *value)
{
    while (json_is_array(value))
        value = json_array_get(value, 0);
    return value;
}

/* The p value is rounded to five decimals. */
static void compare_pretest(reference_run *run, const json_t *result, const json_t *stats)
{
    const json_t *test = result_test(result, "pre_trend", NULL);
    const json_t *W = single(json_object_get(stats, "W"));
    const json_t *p = single(json_object_get(stats, "Wpval"));
    if (json_is_number(W))
        compare_number(run, "W", json_object_get(test, "statistic"), W);
    if (json_is_number(p))
        compare_value(run, "Wpval",
                      round(number_of(json_object_get(test, "p_value")) * 1e5) / 1e5,
                      number_of(p));
}

/* "simple_att", "dynamic_se" …: one number of an average. False: it is none of these. */
static bool compare_named(reference_run *run, const json_t *result, const char *name,
                          const json_t *want, size_t draws)
{
    const char *end = strrchr(name, '_');
    bool is_error = end != NULL && strcmp(end, "_se") == 0;
    if (!is_error && (end == NULL || strcmp(end, "_att") != 0))
        return false;
    json_t *average =
        average_of(result, np_arena_format(run->arena, "%.*s", (int)(end - name), name));
    if (average == NULL)
        return false;
    if (is_error)
        compare_error(run, name, json_object_get(average, "std_error"), want, draws);
    else
        compare_number(run, name, json_object_get(average, "estimate"), want);
    return true;
}

static bool is_compared_elsewhere(const char *name)
{
    static const char *const names[] = {"W",          "Wpval",   "V_analytical",
                                        "alpha",      "aggte",   "overall_att",
                                        "overall_se", "crit_val"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void compare_statistics(reference_run *run, const json_t *result,
                               const json_t *average, size_t draws)
{
    const json_t *stats = json_object_get(run->json, "stats"), *want;
    const char *name;
    json_t *kind;
    compare_pretest(run, result, stats);
    want = json_object_get(stats, "V_analytical");
    if (want != NULL)
        compare_covariance(run, result, want);
    want = json_object_get(stats, "alpha");
    if (want != NULL)
        compare_value(run, "alpha",
                      1 - number_of(json_object_get(json_object_get(result, "model"),
                                                    "conf_level")),
                      number_of(want));
    json_object_foreach(json_object_get(run->json, "stats"), name,
                        kind) if (!is_compared_elsewhere(name) &&
                                  !compare_named(run, result, name, kind, draws))
        run_fail(run, "%s is not compared", name);
    json_object_foreach(json_object_get(stats, "aggte"), name, kind)
        compare_average(run, name, average_of(result, name), kind, draws);
    if (json_object_get(stats, "overall_att") != NULL)
        compare_average(run, "average", average, stats, draws);
    want = json_object_get(stats, "crit_val");
    if (json_is_number(want)) {
        double a = 0.05, B = (double)draws, c = number_of(want);
        double error = hypot(sqrt(a * (1 - a) / B) / (a * c), c * quartiles / sqrt(B));
        double ours = average != NULL
                          ? number_of(json_object_get(average, "critical_value"))
                          : number_of(result_stat(result, "critical_value"));
        if (draws > 0)
            compare_random(run, "crit_val", ours, c, error);
    }
}

void run_did(reference_run *run)
{
    static const char *const model[] = {"att_gt", NULL}, *const over[] = {"aggte", NULL};
    did_call d = {.run = run,
                  .call = call_parse(run->call, model, run->arena),
                  .averages = call_parse(run->call, over, run->arena)};
    const char *beside = sibling_call_with(run, model, "yname");
    if (beside != NULL)
        d.beside = call_parse(beside, model, run->arena);
    check_arguments(&d);
    json_t *result = call_att_gt(&d);
    if (result == NULL)
        return;
    const char *type = d.averages.function[0] == '\0' ? NULL
                       : call_named(&d.averages, "type") == NULL
                           ? "group"
                           : call_unquoted(call_named(&d.averages, "type"), run->arena);
    const json_t *average = type == NULL ? NULL : average_of(result, type);
    size_t draws = draws_of(&d);
    compare_value(run, "n", number_of(json_object_get(result, "n_units")),
                  number_of(json_object_get(run->json, "n")));
    compare_coefficients(run, result, average, draws);
    compare_statistics(run, result, average, draws);
}

/* The later of the two periods, in which the treated group is treated. */
static double last_period(const reference_run *run, const char *time)
{
    np_csv csv;
    np_error err = {0};
    np_csv_spec spec = {.columns = &time, .n_columns = 1};
    double last = -INFINITY;
    if (np_csv_read(&csv, run->data, &spec, run->arena, &err) != NP_OK)
        return NAN;
    for (size_t i = 0; i < csv.table.n_rows; i++)
        last = fmax(last, np_column_number(&csv.table.column[0], i));
    return last;
}

static const char *drdid_method(const did_call *d)
{
    if (strcmp(d->call.function, "ordid") == 0)
        return "reg";
    if (strcmp(d->call.function, "ipwdid") == 0)
        return is_true(argument(d, "normalized"), true) ? "ipw" : "ipw-horvitz-thompson";
    const char *method = argument(d, "estMethod");
    return method != NULL && strcmp(method, "trad") == 0 ? "dr" : "dr-improved";
}

/* lci and uci are estimate -+ 1.96 se. */
static void compare_rounded_interval(reference_run *run, const json_t *row)
{
    const json_t *stats = json_object_get(run->json, "stats");
    double b = number_of(json_object_get(row, "estimate"));
    double se = number_of(json_object_get(row, "std_error"));
    if (json_is_number(json_object_get(stats, "lci")))
        compare_value(run, "lci", b - rounded_normal * se,
                      number_of(json_object_get(stats, "lci")));
    if (json_is_number(json_object_get(stats, "uci")))
        compare_value(run, "uci", b + rounded_normal * se,
                      number_of(json_object_get(stats, "uci")));
}

void run_drdid(reference_run *run)
{
    static const char *const model[] = {"ipwdid", "drdid", "ordid", NULL};
    did_call d = {.run = run, .call = call_parse(run->call, model, run->arena)};
    run_arguments a = {0};
    const char *time = argument(&d, "tname"), *treated = argument(&d, "dname");
    const char *method = drdid_method(&d), *list = controls(&d, formula_of(&d));
    if (time == NULL || treated == NULL) {
        run_fail(run, "no dname or tname in %s", run->call);
        return;
    }
    run->tolerance = is_iterated(method, list) ? 1e-6 : 1e-8;
    run_add(&a, "nullpunkt");
    run_add(&a, "did");
    run_add(&a, run->data);
    run_add_option(&a, "--outcome", argument(&d, "yname"));
    run_add_option(&a, "--time", time);
    run_add_option(&a, "--cohort",
                   np_arena_format(run->arena, "ifelse(%s == 1, %.15g, 0)",
                                   dataset_column(run, treated), last_period(run, time)));
    add_sampling(&a, &d, argument(&d, "idname"));
    run_add_option(&a, "--controls", list);
    run_add_option(&a, "--method", method);
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    compare_coefficients(run, result, NULL, 0);
    compare_value(run, "n", number_of(json_object_get(result, "n_units")),
                  number_of(json_object_get(run->json, "n")));
    compare_rounded_interval(run,
                             json_array_get(json_object_get(result, "group_time"), 0));
}
