#include <stdio.h>
#include <string.h>

#include "reference/run.h"

/* Rows of a table by their name: "estimate", "se" and any other number. */
static void compare_table(reference_run *run, const char *name, const json_t *got,
                          const json_t *want)
{
    size_t i, j;
    json_t *row, *ours;
    const char *field;
    json_t *value;
    json_array_foreach(want, i, row)
    {
        const char *term = json_string_value(json_object_get(row, "name"));
        json_t *found = NULL;
        json_array_foreach(
            got, j, ours) if (strcmp(json_string_value(json_object_get(ours, "term")),
                                     term) == 0) found = ours;
        json_object_foreach(row, field, value)
        {
            char what[120];
            snprintf(what, sizeof what, "%s %s %s", name, term, field);
            if (json_is_number(value))
                compare_number(run, what,
                               json_object_get(
                                   found, strcmp(field, "se") == 0 ? "std_error" : field),
                               value);
        }
    }
}

/* Our own cases: "arguments" of the program, with DATA for the case's file, and
 * numbers by the result's own names:
 *   "coefficients": [{"name", "estimate", "se", …}], "stats": {…},
 *   "tests": {"hausman": {"statistic": …, "p_value": …}}, "digits": 12,
 *   "tables": {"effects": [{"name", "n_switchers", …}]},
 *   "data_of": another case's name, whose file is read instead */
void run_own(reference_run *run)
{
    run_arguments all = {0};
    run_add(&all, "nullpunkt");
    size_t i;
    json_t *argument;
    json_array_foreach(json_object_get(run->json, "arguments"), i, argument)
    {
        const char *text = json_string_value(argument);
        run_add(&all, strcmp(text, "DATA") == 0 ? run->data : text);
    }
    json_t *result = run_program(run, &all);
    if (result == NULL)
        return;
    json_t *rows = json_object_get(run->json, "coefficients");
    if (rows != NULL)
        compare_rows(run, "coefficients", json_object_get(result, "coefficients"), rows);
    const char *name, *field;
    json_t *want, *value;
    json_object_foreach(json_object_get(run->json, "stats"), name, want)
        compare_number(run, name, result_stat(result, name), want);
    json_object_foreach(json_object_get(run->json, "tables"), name, want)
        compare_table(run, name, result_table(result, name), want);
    json_object_foreach(json_object_get(run->json, "tests"), name, want)
    {
        json_t *test = result_test(result, name, NULL);
        json_object_foreach(want, field, value)
        {
            char what[120];
            snprintf(what, sizeof what, "%s %s", name, field);
            compare_number(run, what, json_object_get(test, field), value);
        }
    }
}
