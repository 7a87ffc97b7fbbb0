/* R staggered's staggered(), staggered_cs() and staggered_sa() as calls of `nullpunkt did
 * --estimator efficient`. P values of the randomisation test have to lie within five
 * standard errors of the difference of two simulations. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/call.h"
#include "reference/dataset.h"
#include "reference/run.h"

static const double standard_errors = 5;
enum { DRAWS = 2000 };

typedef struct {
    reference_run *run;
    r_call call;
} staggered_call;

static const char *argument(const staggered_call *s, const char *name)
{
    const char *value = call_named(&s->call, name);
    if (value == NULL)
        return NULL;
    value = call_unquoted(value, s->run->arena);
    return strcmp(value, "NULL") == 0 ? NULL : value;
}

static bool is_true(const staggered_call *s, const char *name, bool otherwise)
{
    const char *value = argument(s, name);
    return value == NULL ? otherwise : value[0] == 'T';
}

static const char *column_argument(const staggered_call *s, const char *name)
{
    const char *value = argument(s, name);
    return dataset_column(s->run, value != NULL ? value : dataset_role(s->run, name[0]));
}

static void add_choices(run_arguments *a, const staggered_call *s)
{
    bool by_sum = strcmp(s->call.function, "staggered") == 0;
    bool last = strcmp(s->call.function, "staggered_sa") == 0;
    const char *beta = argument(s, "beta");
    if (!by_sum) {
        run_add_option(a, "--efficient-beta", "did");
    } else {
        run_add(a, "--keep-always-treated");
        if (beta != NULL && strtod(beta, NULL) == 0)
            run_add_option(a, "--efficient-beta", "means");
        else if (beta != NULL && strtod(beta, NULL) == 1)
            run_add_option(a, "--efficient-beta", "did");
        else if (beta != NULL)
            run_fail(s->run, "beta = %s: there is no such choice", beta);
    }
    if (last || is_true(s, "use_last_treated_only", false))
        run_add(a, "--last-treated-only");
    if (!is_true(s, "use_DiD_A0", true))
        run_add(a, "--all-comparisons");
    if (is_true(s, "compute_fisher", false))
        run_add_option(a, "--bootstrap", np_arena_format(s->run->arena, "%d", DRAWS));
}

/* The estimand as a row of our tables: "group" for "cohort", "dynamic::3". `i` counts the
 * event times of a vector. */
static const char *row_name(const staggered_call *s, size_t i)
{
    const char *estimand = argument(s, "estimand"), *time = argument(s, "eventTime");
    if (estimand == NULL)
        return "simple";
    switch (tolower((unsigned char)estimand[0])) {
    case 's':
        return "simple";
    case 'e':
        break;
    default:
        return tolower((unsigned char)estimand[1]) == 'a' ? "calendar" : "group";
    }
    double e = 0;
    if (time != NULL && strncmp(time, "c(", 2) == 0) {
        const char *at = time + 2;
        for (size_t k = 0; k <= i; k++) {
            char *end;
            e = strtod(at + strspn(at, " ,"), &end);
            at = end;
        }
    } else if (time != NULL) {
        e = strtod(time, NULL) + (double)i;
    }
    return np_arena_format(s->run->arena, "dynamic::%.10g", e);
}

static const json_t *table_row(const json_t *table, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach(table, i, row)
    {
        const char *term = json_string_value(json_object_get(row, "term"));
        if (term != NULL && strcmp(term, name) == 0)
            return row;
    }
    return NULL;
}

static const json_t *average(const json_t *result, const char *name)
{
    size_t i, j;
    json_t *kind, *row;
    size_t length = strcspn(name, ":");
    json_array_foreach(json_object_get(result, "aggregates"), i, kind)
    {
        const char *text = json_string_value(json_object_get(kind, "kind"));
        if (strlen(text) != length || strncmp(text, name, length) != 0)
            continue;
        if (name[length] == '\0')
            return kind;
        json_array_foreach(json_object_get(kind, "rows"), j, row)
        {
            if (number_of(json_object_get(row, "value")) ==
                strtod(name + length + 2, NULL))
                return row;
        }
    }
    return NULL;
}

static void compare_p(reference_run *run, const json_t *result, const char *name,
                      const json_t *want, double theirs)
{
    double p = number_of(
        json_object_get(table_row(result_table(result, "fisher"), name), "p_value"));
    double listed = number_of(want), middle = (p + listed) / 2;
    double error = sqrt(middle * (1 - middle) * (1 / theirs + 1.0 / DRAWS));
    if (fabs(p - listed) <= standard_errors * error)
        compare_value(run, "fisher p", listed, listed);
    else
        compare_value(run, "fisher p", p, listed);
}

static void compare_statistics(const staggered_call *s, const json_t *result)
{
    reference_run *run = s->run;
    const char *draws = argument(s, "num_fisher_permutations"), *name;
    json_t *want;
    json_object_foreach(json_object_get(run->json, "stats"), name, want)
    {
        bool list = json_is_array(want);
        for (size_t i = 0; i < (list ? json_array_size(want) : 1); i++) {
            const json_t *value = list ? json_array_get(want, i) : want;
            const char *row = row_name(s, i);
            if (strcmp(name, "se_neyman") == 0)
                compare_number(
                    run, name,
                    json_object_get(table_row(result_table(result, "neyman"), row),
                                    "std_error"),
                    value);
            else if (strcmp(name, "fisher_pval") == 0)
                compare_p(run, result, row, value,
                          draws == NULL ? 500 : strtod(draws, NULL));
            else
                run_fail(run, "%s: the runner does not know this statistic", name);
        }
    }
}

void run_staggered(reference_run *run)
{
    static const char *const functions[] = {"staggered_cs", "staggered_sa", "staggered",
                                            NULL};
    staggered_call s = {run, call_parse(run->call, functions, run->arena)};
    run_arguments a = {0};
    size_t i;
    json_t *want;
    run_add(&a, "nullpunkt");
    run_add(&a, "did");
    run_add(&a, run->data);
    run_add_option(&a, "--estimator", "efficient");
    run_add_option(&a, "--outcome", column_argument(&s, "y"));
    run_add_option(&a, "--unit", column_argument(&s, "i"));
    run_add_option(&a, "--time", column_argument(&s, "t"));
    run_add_option(&a, "--cohort", column_argument(&s, "g"));
    run_add_option(&a, "--subset", dataset_condition(run));
    run_add_option(&a, "--unbalanced", "balance");
    add_choices(&a, &s);
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    json_array_foreach(json_object_get(run->json, "coefficients"), i, want)
    {
        const json_t *row = average(result, row_name(&s, i));
        compare_number(run, "estimate", json_object_get(row, "estimate"),
                       json_object_get(want, "estimate"));
        compare_number(run, "se", json_object_get(row, "std_error"),
                       json_object_get(want, "se"));
    }
    compare_statistics(&s, result);
}
