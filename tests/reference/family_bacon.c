/* Goodman-Bacon decompositions: bacon(y ~ D + x, id_var, time_var). D is a column of 0
 * and 1, or, where the file has none of that name, what follows from its column of first
 * treated periods. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference/call.h"
#include "reference/run.h"

static bool has_column(const reference_run *run, const char *name)
{
    char line[8192];
    bool found = false;
    FILE *file = fopen(run->data, "r");
    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (char *field = strtok(line, ",\"\r\n"); field != NULL && !found;
             field = strtok(NULL, ",\"\r\n"))
            found = strcmp(field, name) == 0;
    if (file != NULL)
        fclose(file);
    return found;
}

/* Terms of "y ~ D + x1 + x2": y, D, x1, x2. */
static size_t terms_of(const char **term, size_t most, const char *formula,
                       np_arena *arena)
{
    size_t n = 0;
    while (*formula != '\0' && n < most) {
        formula += strspn(formula, " ~+");
        size_t length = 0;
        int depth = 0;
        while (formula[length] != '\0' &&
               (depth > 0 || strchr("~+", formula[length]) == NULL)) {
            depth += (formula[length] == '(') - (formula[length] == ')');
            length++;
        }
        size_t end = length;
        while (end > 0 && isspace((unsigned char)formula[end - 1]))
            end--;
        if (end > 0)
            term[n++] = np_arena_copy_text(arena, formula, end);
        formula += length;
    }
    return n;
}

static void add_treatment(run_arguments *a, const reference_run *run, const char *D)
{
    static const char *const starts[] = {
        "first.treat",  "first_treat", "year_treated", "g", "G", "cohort",
        "cohort_start", "effyear",     "first_treated"};
    static const char *const states[] = {"post_treat", "post", "treated", "treat"};
    if (has_column(run, D)) {
        run_add_option(a, "--treatment", D);
        return;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (has_column(run, starts[i])) {
            run_add_option(a, "--cohort", starts[i]);
            return;
        }
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (has_column(run, states[i])) {
            run_add_option(a, "--treatment", states[i]);
            return;
        }
}

/* Never treated is 99999 or Inf there and null here. */
static bool is_cohort(const json_t *got, const json_t *want)
{
    double g = number_of(got), w = number_of(want);
    bool never = isnan(w) || isinf(w) || w == 99999;
    return never ? isnan(g) : g == w;
}

static const char *type_of(const char *type)
{
    static const struct {
        const char *theirs, *ours;
    } name[] = {{"Earlier vs Later Treated", "earlier vs later treated"},
                {"Later vs Earlier Treated", "later vs earlier treated"},
                {"Treated vs Untreated", "treated vs never treated"},
                {"Later vs Always Treated", "later vs always treated"},
                {"Both Treated", "two treated cohorts"}};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (type != NULL && strcmp(type, name[i].theirs) == 0)
            return name[i].ours;
    return "";
}

static void compare_type(reference_run *run, const char *what, const json_t *got,
                         const json_t *want)
{
    const char *ours = json_string_value(got);
    run->n_compared++;
    if (ours == NULL || strcmp(ours, type_of(json_string_value(want))) != 0)
        run_fail(run, "%s: %s, expected %s", what, ours == NULL ? "nothing" : ours,
                 json_string_value(want));
}

/* A pair whose weight is 0 has no estimate here. */
static void compare_pair(reference_run *run, const json_t *rows, const json_t *want)
{
    size_t i;
    json_t *row, *found = NULL;
    json_array_foreach(rows, i, row) if (is_cohort(json_object_get(row, "treated"),
                                                   json_object_get(want, "treated")) &&
                                         is_cohort(json_object_get(row, "comparison"),
                                                   json_object_get(want, "untreated")))
        found = row;
    char what[80];
    snprintf(what, sizeof what, "%g with %g", number_of(json_object_get(want, "treated")),
             number_of(json_object_get(want, "untreated")));
    if (found == NULL) {
        run->n_compared++;
        run_fail(run, "%s: not listed", what);
        return;
    }
    double weight = number_of(json_object_get(want, "weight"));
    compare_value(run, what, number_of(json_object_get(found, "weight")), weight);
    if (weight > 0)
        compare_value(run, what, number_of(json_object_get(found, "estimate")),
                      number_of(json_object_get(want, "estimate")));
    if (json_object_get(want, "type") != NULL)
        compare_type(run, what, json_object_get(found, "type"),
                     json_object_get(want, "type"));
}

static void compare_types(reference_run *run, const json_t *result, const json_t *want)
{
    size_t i, j;
    json_t *row, *ours;
    json_array_foreach(want, i, row)
    {
        const char *type = type_of(json_string_value(json_object_get(row, "type")));
        json_t *found = NULL;
        json_array_foreach(
            result_table(result, "bacon_by_type"), j,
            ours) if (strcmp(json_string_value(json_object_get(ours, "term")), type) == 0)
            found = ours;
        const char *average = json_object_get(row, "avg") != NULL ? "avg" : "avg_est";
        compare_number(run, type, json_object_get(found, "weight"),
                       json_object_get(row, "weight"));
        compare_number(run, type, json_object_get(found, "estimate"),
                       json_object_get(row, average));
    }
}

/* What the comparisons and, with controls, the part within cohorts make up. */
static double sum_of_parts(const json_t *result)
{
    double sum = 0, omega = number_of(result_stat(result, "bacon_omega"));
    size_t i;
    json_t *row;
    json_array_foreach(result_table(result, "bacon"), i,
                       row) if (number_of(json_object_get(row, "weight")) > 0) sum +=
        number_of(json_object_get(row, "weight")) *
        number_of(json_object_get(row, "estimate"));
    if (isnan(omega))
        return sum;
    return omega * number_of(result_stat(result, "bacon_within")) + (1 - omega) * sum;
}

static void compare_stats(reference_run *run, const json_t *result)
{
    const char *name;
    json_t *want;
    const json_t *treated = json_object_get(
        json_array_get(json_object_get(result, "coefficients"), 0), "estimate");
    json_object_foreach(json_object_get(run->json, "stats"), name, want)
    {
        if (strcmp(name, "by_type") == 0)
            compare_types(run, result, want);
        else if (strcmp(name, "twfe_sum") == 0)
            compare_value(run, name, sum_of_parts(result), number_of(want));
        else if (strncmp(name, "twfe", 4) == 0)
            compare_number(run, name, treated, want);
        else if (strcmp(name, "Omega") == 0 || strcmp(name, "omega") == 0)
            compare_number(run, name, result_stat(result, "bacon_omega"), want);
        else if (strcmp(name, "beta_hat_w") == 0)
            compare_number(run, name, result_stat(result, "bacon_within"), want);
        else
            run_fail(run, "%s is not known here", name);
    }
}

void run_bacon(reference_run *run)
{
    static const char *const functions[] = {"bacon", NULL};
    r_call call = call_parse(run->call, functions, run->arena);
    const char *formula = call_named(&call, "formula"), *term[20];
    if (formula == NULL)
        formula = call_formula(&call);
    size_t n = formula == NULL ? 0 : terms_of(term, 20, formula, run->arena);
    if (n < 2) {
        run_fail(run, "no formula in %s", run->call);
        return;
    }
    run_arguments a = {0};
    run_add(&a, "nullpunkt");
    run_add(&a, "did");
    run_add(&a, run->data);
    run_add_option(&a, "--outcome", term[0]);
    run_add_option(&a, "--unit", call_unquoted(call_named(&call, "id_var"), run->arena));
    run_add_option(&a, "--time",
                   call_unquoted(call_named(&call, "time_var"), run->arena));
    add_treatment(&a, run, term[1]);
    for (size_t i = 2; i < n; i++)
        run_add_option(&a, "--controls", term[i]);
    run_add_option(&a, "--subset", run->subset);
    run_add(&a, "--keep-always-treated");
    run_add_option(&a, "--estimator", "two-way");
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(run->json, "coefficients"), i, row)
        compare_pair(run, result_table(result, "bacon"), row);
    compare_stats(run, result);
    if (json_object_get(run->json, "n") != NULL)
        compare_number(run, "n", json_object_get(result, "n"),
                       json_object_get(run->json, "n"));
}
