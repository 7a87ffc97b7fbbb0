/* R didimputation's did_imputation() as calls of `nullpunkt did --estimator imputation`.
 *
 * Tolerance 1e-6: fixest finds the effects that untreated outcomes are predicted with by
 * iterating until they change by less than 1e-6, so that the package's estimates are
 * some 1e-8 of the outcome off (exact least squares, in R as well, gives our digits).
 * An estimate near 0 is compared by the half width of its interval. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/call.h"
#include "reference/dataset.h"
#include "reference/run.h"

static const double rounded_normal = 1.96;

static const char *argument(const reference_run *run, const r_call *call,
                            const char *name)
{
    const char *value = call_named(call, name);
    if (value == NULL)
        return NULL;
    value = call_unquoted(value, run->arena);
    return strcmp(value, "NULL") == 0 || strcmp(value, "FALSE") == 0 ? NULL : value;
}

static const char *column_argument(const reference_run *run, const r_call *call,
                                   const char *name)
{
    const char *value = argument(run, call, name);
    return dataset_column(run, value != NULL ? value : dataset_role(run, name[0]));
}

/* The part of "a + b" that begins at *at, without blanks around it; NULL at the end. */
static const char *next_term(const char **at, const char *end, np_arena *arena)
{
    int depth = 0;
    const char *from = *at, *to;
    while (from < end && (isspace((unsigned char)*from) || *from == '+'))
        from++;
    for (to = from; to < end && (depth > 0 || *to != '+'); to++)
        depth += *to == '(' ? 1 : *to == ')' ? -1 : 0;
    *at = to;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return to == from ? NULL : np_arena_copy_text(arena, from, (size_t)(to - from));
}

/* "~x1 + x2 | id + year + region": controls, and dummies of further effects. */
static void add_first_stage(run_arguments *a, reference_run *run, const r_call *call,
                            const char *unit, const char *time)
{
    const char *formula = argument(run, call, "first_stage"), *term;
    if (formula == NULL || strchr(formula, '~') == NULL)
        return;
    const char *at = strchr(formula, '~') + 1, *bar = strchr(at, '|');
    const char *end = at + strlen(at);
    bool has_unit = false, has_time = false;
    while ((term = next_term(&at, bar == NULL ? end : bar, run->arena)) != NULL)
        if (strcmp(term, "0") != 0 && strcmp(term, "1") != 0 && strcmp(term, "-1") != 0)
            run_add_option(a, "--controls", dataset_column(run, term));
    at = bar == NULL ? end : bar + 1;
    while ((term = next_term(&at, end, run->arena)) != NULL) {
        bool is_unit = strcmp(term, unit) == 0, is_time = strcmp(term, time) == 0;
        has_unit = has_unit || is_unit;
        has_time = has_time || is_time;
        if (!is_unit && !is_time)
            run_add_option(a, "--controls",
                           np_arena_format(run->arena, "factor(%s)", term));
    }
    if (!has_unit || !has_time)
        run_fail(run, "a first stage without unit and period effects: %s", formula);
}

/* "-4:-1", "c(-4, -2)", "-1" as "-4,-3,-2,-1". */
static const char *list_of(const char *vector, np_arena *arena)
{
    char *end;
    vector += strncmp(vector, "c(", 2) == 0 ? 2 : 0;
    const char *list = "";
    for (;;) {
        vector += strspn(vector, " ,");
        double from = strtod(vector, &end), to = from;
        if (end == vector)
            return list;
        vector = end + strspn(end, " ");
        if (*vector == ':') {
            to = strtod(vector + 1, &end);
            vector = end;
        }
        for (double e = from; from <= to ? e <= to : e >= to; e += from <= to ? 1 : -1)
            list = np_arena_format(arena, "%s%s%.10g", list, *list == '\0' ? "" : ",", e);
    }
}

static void add_leads(run_arguments *a, reference_run *run, const r_call *call)
{
    const char *leads = argument(run, call, "pretrends");
    if (leads == NULL)
        return;
    if (strcmp(leads, "TRUE") == 0)
        run_add_option(a, "--window", "-1000000,1000000");
    else
        run_add_option(a, "--leads", list_of(leads, run->arena));
}

static const json_t *row_of(const json_t *result, const char *name)
{
    size_t i, j;
    json_t *average, *row;
    bool is_static = strcmp(name, "e=treat") == 0 || strcmp(name, "treat") == 0;
    const char *number = name + (strncmp(name, "e=", 2) == 0 ? 2 : 0);
    json_array_foreach(json_object_get(result, "aggregates"), i, average)
    {
        const char *kind = json_string_value(json_object_get(average, "kind"));
        if (is_static && strcmp(kind, "simple") == 0)
            return average;
        if (is_static || strcmp(kind, "dynamic") != 0)
            continue;
        json_array_foreach(json_object_get(average, "rows"), j, row)
        {
            if (number_of(json_object_get(row, "value")) == strtod(number, NULL))
                return row;
        }
    }
    return NULL;
}

static void compare_row(reference_run *run, const json_t *got, const json_t *want)
{
    const char *name = json_string_value(json_object_get(want, "name"));
    double estimate = number_of(json_object_get(got, "estimate"));
    double error = number_of(json_object_get(got, "std_error"));
    double listed = number_of(json_object_get(want, "estimate"));
    double half = rounded_normal * number_of(json_object_get(want, "se"));
    char what[100];
    if (got == NULL) {
        run_fail(run, "%s: there is no such row", name);
        return;
    }
    bool near = fabs(estimate - listed) <= run->tolerance * half;
    snprintf(what, sizeof what, "%s estimate", name);
    compare_value(run, what, near ? listed : estimate, listed);
    snprintf(what, sizeof what, "%s se", name);
    compare_value(run, what, error, number_of(json_object_get(want, "se")));
    for (int side = 0; side < 2; side++) {
        const json_t *bound = json_object_get(want, side == 0 ? "lo" : "hi");
        double b = number_of(bound);
        double ours = estimate + (side == 0 ? -1 : 1) * rounded_normal * error;
        if (bound == NULL)
            continue;
        snprintf(what, sizeof what, "%s %s", name, side == 0 ? "lo" : "hi");
        compare_value(run, what, fabs(ours - b) <= run->tolerance * half ? b : ours, b);
    }
}

/* The package's n counts the rows of the file, used or not. */
static void compare_n(reference_run *run, const json_t *result)
{
    size_t i;
    json_t *dropped;
    double n = number_of(json_object_get(result, "n"));
    json_array_foreach(json_object_get(result, "dropped"), i, dropped)
    {
        n += number_of(json_object_get(dropped, "rows"));
    }
    compare_value(run, "n", n, number_of(json_object_get(run->json, "n")));
}

void run_bjs(reference_run *run)
{
    static const char *const functions[] = {"did_imputation", NULL};
    r_call call = call_parse(run->call, functions, run->arena);
    run_arguments a = {0};
    size_t i;
    json_t *want;
    const char *unit = column_argument(run, &call, "idname");
    const char *time = column_argument(run, &call, "tname");
    const char *weights = dataset_column(run, argument(run, &call, "wname"));
    if (unit == NULL || time == NULL) {
        run_fail(run, "which columns are unit and period? %s", run->call);
        return;
    }
    run->tolerance = 1e-6;
    run_add(&a, "nullpunkt");
    run_add(&a, "did");
    run_add(&a, run->data);
    run_add_option(&a, "--estimator", "imputation");
    run_add_option(&a, "--outcome", column_argument(run, &call, "yname"));
    run_add_option(&a, "--unit", unit);
    run_add_option(&a, "--time", time);
    run_add_option(&a, "--cohort", column_argument(run, &call, "gname"));
    run_add_option(&a, "--subset", dataset_condition(run));
    run_add_option(&a, "--cluster",
                   dataset_column(run, argument(run, &call, "cluster_var")));
    run_add_option(&a, "--weights", weights);
    run_add(&a, "--single-unit-errors");
    if (weights != NULL)
        run_add(&a, "--squared-weights");
    add_first_stage(&a, run, &call, unit, time);
    add_leads(&a, run, &call);
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    json_array_foreach(json_object_get(run->json, "coefficients"), i, want)
    {
        const char *name = json_string_value(json_object_get(want, "name"));
        compare_row(run, row_of(result, name == NULL ? "" : name), want);
    }
    compare_n(run, result);
}
