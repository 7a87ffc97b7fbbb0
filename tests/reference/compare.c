#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference/run.h"

double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A p value far out is compared as it is; only one that R gives as 0 has to be nothing
 * but below the smallest normal number. */
static bool is_met(double got, double want, double tolerance, bool is_p)
{
    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got);
    if (want == 0)
        return fabs(got) <= (is_p ? 2.3e-308 : 1e-12);
    return fabs(got - want) <= tolerance * fabs(want);
}

static void compare(reference_run *run, const char *what, double got, double want,
                    bool is_p)
{
    run->n_compared++;
    if (!is_met(got, want, run->tolerance, is_p))
        run_fail(run, "%s: %.15g, expected %.15g (relative %.1e)", what, got, want,
                 fabs(got - want) / fabs(want));
}

void compare_value(reference_run *run, const char *what, double got, double want)
{
    compare(run, what, got, want, false);
}

void compare_number(reference_run *run, const char *what, const json_t *got,
                    const json_t *want)
{
    if (got == NULL && json_is_number(want)) {
        run->n_compared++;
        run_fail(run, "%s: not given, expected %.15g", what, json_number_value(want));
        return;
    }
    compare(run, what, number_of(got), number_of(want), false);
}

json_t *result_stat(const json_t *result, const char *name)
{
    return json_object_get(json_object_get(result, "stats"), name);
}

json_t *result_test(const json_t *result, const char *name, const char *detail)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(result, "tests"), i, test)
    {
        const char *is = json_string_value(json_object_get(test, "name"));
        const char *of = json_string_value(json_object_get(test, "detail"));
        if (is != NULL && strcmp(is, name) == 0 &&
            (detail == NULL || (of != NULL && strcmp(of, detail) == 0)))
            return test;
    }
    return NULL;
}

json_t *result_table(const json_t *result, const char *name)
{
    return json_object_get(json_object_get(result, "tables"), name);
}

/* R and fixest write `x` around a name that is none; we do not. */
static bool same_term(const char *a, const char *b)
{
    while (*a != '\0' || *b != '\0') {
        if (*a == '`' && *b != '`')
            a++;
        else if (*b == '`' && *a != '`')
            b++;
        else if (*a++ != *b++)
            return false;
    }
    return true;
}

static const json_t *row_of(const json_t *rows, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const char *term = json_string_value(json_object_get(row, "term"));
        if (term != NULL && same_term(term, name))
            return row;
    }
    return NULL;
}

void compare_rows(reference_run *run, const char *label, const json_t *got,
                  const json_t *want)
{
    static const struct {
        const char *theirs, *ours;
    } field[] = {{"estimate", "estimate"},
                 {"se", "std_error"},
                 {"t", "statistic"},
                 {"p", "p_value"},
                 {"df", "df"}};
    size_t i;
    json_t *row;
    if (json_array_size(got) != json_array_size(want))
        run_fail(run, "%s: %zu rows, expected %zu", label, json_array_size(got),
                 json_array_size(want));
    json_array_foreach(want, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        const json_t *ours = row_of(got, name);
        if (ours == NULL) {
            run_fail(run, "%s: no term %s", label, name);
            continue;
        }
        for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
            const json_t *value = json_object_get(row, field[f].theirs);
            if (value == NULL)
                continue;
            char what[200];
            snprintf(what, sizeof what, "%s %s %s", label, name, field[f].theirs);
            compare(run, what, number_of(json_object_get(ours, field[f].ours)),
                    number_of(value), strcmp(field[f].theirs, "p") == 0);
        }
    }
}

/* A covariance that is nothing beside its variances is 0 to rounding in both. */
static bool is_rounding(const json_t *matrix, size_t i, size_t j)
{
    double a = number_of(json_array_get(json_array_get(matrix, i), i));
    double b = number_of(json_array_get(json_array_get(matrix, j), j));
    double value = number_of(json_array_get(json_array_get(matrix, i), j));
    return fabs(value) < 1e-14 * sqrt(a * b);
}

void compare_matrix(reference_run *run, const char *label, const json_t *got,
                    const json_t *want)
{
    size_t k = json_array_size(want);
    if (json_array_size(got) != k) {
        run_fail(run, "%s: %zu rows, expected %zu", label, json_array_size(got), k);
        return;
    }
    for (size_t i = 0; i < k; i++) {
        const json_t *row = json_array_get(want, i), *ours = json_array_get(got, i);
        for (size_t j = 0; j < json_array_size(row); j++) {
            char what[120];
            snprintf(what, sizeof what, "%s[%zu,%zu]", label, i + 1, j + 1);
            if (is_rounding(got, i, j) && is_rounding(want, i, j))
                run->n_compared++;
            else
                compare_number(run, what, json_array_get(ours, j),
                               json_array_get(row, j));
        }
    }
}

void compare_intervals(reference_run *run, const char *label, const json_t *got,
                       const json_t *want)
{
    size_t i;
    json_t *pair;
    json_array_foreach(want, i, pair)
    {
        bool named = json_is_object(pair);
        const char *name = json_string_value(json_object_get(pair, "name"));
        const json_t *ours = named ? row_of(got, name) : json_array_get(got, i);
        char what[200];
        for (size_t side = 0; side < 2; side++) {
            const json_t *bound = named ? json_object_get(pair, side == 0 ? "lo" : "hi")
                                        : json_array_get(pair, side);
            snprintf(what, sizeof what, "%s %zu %s", label, i + 1,
                     side == 0 ? "low" : "high");
            compare_number(run, what,
                           json_object_get(ours, side == 0 ? "conf_low" : "conf_high"),
                           bound);
        }
    }
}
