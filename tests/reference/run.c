#include "reference/run.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

void run_add(run_arguments *a, const char *item)
{
    if (a->n < RUN_MOST_ARGUMENTS - 1)
        a->item[a->n++] = item;
}

void run_add_option(run_arguments *a, const char *option, const char *value)
{
    if (value == NULL)
        return;
    run_add(a, option);
    run_add(a, value);
}

void run_fail(reference_run *run, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char line[1024];
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    for (char *c = line; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    run->n_failed++;
    np_buf_format(&run->report, "#   %s\n", line);
}

static bool is_removed(const char *list, long row)
{
    while (*list != '\0') {
        char *end;
        long value = strtol(list, &end, 10);
        if (end == list)
            return false;
        if (value == row)
            return true;
        list = end + (*end == ',');
    }
    return false;
}

/* The CSV without the data rows listed, counted from 1. */
static const char *without_rows(reference_run *run, const char *path, const char *list)
{
    FILE *in = fopen(path, "r");
    char *copy = np_arena_format(run->arena, "/tmp/nullpunkt-reference-XXXXXX.csv");
    int descriptor = in == NULL ? -1 : mkstemps(copy, 4);
    FILE *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    char *line = NULL;
    size_t size = 0;
    for (long row = 0; out != NULL && getline(&line, &size, in) > 0; row++)
        if (row == 0 || !is_removed(list, row))
            fputs(line, out);
    free(line);
    if (in != NULL)
        fclose(in);
    if (out == NULL) {
        run_fail(run, "cannot copy %s", path);
        return path;
    }
    fclose(out);
    run->data_is_temporary = true;
    return copy;
}

/* "Grunfeld", "Grunfeld (csv data rows 5,44 removed, 1-based)", "mroz (inlf == 1)" */
static void find_data(reference_run *run)
{
    size_t length = strcspn(run->dataset, " (");
    const char *name = np_arena_copy_text(run->arena, run->dataset, length);
    run->data = np_arena_format(run->arena, "%s/data/%s.csv", run->suite, name);
    const char *rest = strchr(run->dataset, '(');
    if (rest == NULL)
        return;
    const char *rows = strstr(rest, "rows ");
    if (rows != NULL && strstr(rest, "removed") != NULL) {
        run->data = without_rows(run, run->data, rows + strlen("rows "));
        return;
    }
    const char *end = strrchr(rest, ')');
    size_t inside = end == NULL ? strlen(rest + 1) : (size_t)(end - rest - 1);
    run->subset = np_arena_copy_text(run->arena, rest + 1, inside);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

void run_start(reference_run *run, const char *suite, json_t *json, np_arena *arena)
{
    *run = (reference_run){.arena = arena, .suite = suite, .json = json};
    run->id = text_of(json, "id");
    run->dataset = text_of(json, "dataset");
    run->call = text_of(json, "call");
    run->tolerance = 1e-8;
    find_data(run);
}

void run_end(reference_run *run)
{
    for (size_t i = 0; i < run->n_results; i++)
        json_decref(run->result[i]);
    if (run->data_is_temporary)
        unlink(run->data);
    np_buf_free(&run->report);
}

json_t *run_program(reference_run *run, const run_arguments *arguments)
{
    char *argv[RUN_MOST_ARGUMENTS + 3];
    for (size_t i = 0; i < arguments->n; i++)
        argv[i] = np_arena_copy_text(run->arena, arguments->item[i],
                                     strlen(arguments->item[i]));
    int argc = (int)arguments->n;
    argv[argc++] = np_arena_copy_text(run->arena, "--format", 8);
    argv[argc++] = np_arena_copy_text(run->arena, "json", 4);
    argv[argc] = NULL;

    np_buf out = {0}, messages = {0};
    int code = np_main(argc, argv, &out, &messages, false);
    json_t *result = NULL;
    json_error_t error;
    if (code == 2) {
        np_buf command = {0};
        for (size_t i = 1; i < arguments->n; i++)
            np_buf_format(&command, " '%s'", argv[i]);
        run_fail(run, "refused:%s: %s", np_buf_done(&command), np_buf_done(&messages));
        np_buf_free(&command);
    } else {
        result = json_loads(np_buf_done(&out), 0, &error);
        if (result == NULL)
            run_fail(run, "no JSON: %s", error.text);
    }
    np_buf_free(&out);
    np_buf_free(&messages);
    if (result != NULL && run->n_results < RUN_MOST_RESULTS)
        run->result[run->n_results++] = result;
    return result;
}

json_t *run_estimate(reference_run *run, const char *formula, const run_arguments *more)
{
    run_arguments all = {0};
    run_add(&all, "nullpunkt");
    run_add(&all, "estimate");
    run_add(&all, formula);
    run_add(&all, run->data);
    run_add_option(&all, "--subset", run->subset);
    for (size_t i = 0; more != NULL && i < more->n; i++)
        run_add(&all, more->item[i]);
    return run_program(run, &all);
}
