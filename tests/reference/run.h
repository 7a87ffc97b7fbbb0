/* One reference case: what it lists, what `nullpunkt` says, and the count of
 * numbers that agree. A number that is not met is reported with both values. */
#ifndef NP_TESTS_REFERENCE_RUN_H
#define NP_TESTS_REFERENCE_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

enum { RUN_MOST_ARGUMENTS = 40, RUN_MOST_RESULTS = 64 };

typedef struct {
    np_arena *arena;
    const char *suite; /* the folder that holds cases/ and data/ */
    const char *id, *family, *dataset, *call;
    json_t *json;       /* the case */
    const char *data;   /* path of the CSV */
    const char *subset; /* a condition that the dataset's name carries, or NULL */
    bool data_is_temporary;
    double tolerance; /* relative */
    size_t n_compared, n_failed;
    np_buf report; /* lines on what is not met */
    json_t *result[RUN_MOST_RESULTS];
    size_t n_results;
} reference_run;

/* Arguments of one call of the program, "nullpunkt" first. */
typedef struct {
    const char *item[RUN_MOST_ARGUMENTS];
    size_t n;
} run_arguments;

void run_add(run_arguments *a, const char *item);
/* --option value, where value is not NULL */
void run_add_option(run_arguments *a, const char *option, const char *value);

/* Starts with the case's data found (rows removed where the dataset says so). */
void run_start(reference_run *run, const char *suite, json_t *json, np_arena *arena);
void run_end(reference_run *run);

/* Calls the program with --format json. NULL, and a failure noted, where it refuses. */
json_t *run_program(reference_run *run, const run_arguments *arguments);
/* nullpunkt estimate FORMULA DATA with the options in `more` (may be NULL) */
json_t *run_estimate(reference_run *run, const char *formula, const run_arguments *more);

void run_fail(reference_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The listed value is `want`: a number, or null for a number that is not there. */
void compare_number(reference_run *run, const char *what, const json_t *got,
                    const json_t *want);
void compare_value(reference_run *run, const char *what, double got, double want);
/* Rows {name, estimate, se, t, p, df} against the result's rows of the same term. */
void compare_rows(reference_run *run, const char *label, const json_t *got,
                  const json_t *want);
/* A matrix as an array of rows. */
void compare_matrix(reference_run *run, const char *label, const json_t *got,
                    const json_t *want);
/* [low, high] per coefficient, in their order, or {name, lo, hi}. */
void compare_intervals(reference_run *run, const char *label, const json_t *got,
                       const json_t *want);

double number_of(const json_t *value); /* NaN for null and no number */
json_t *result_stat(const json_t *result, const char *name);
/* The result's test of that name (and detail, unless NULL), or NULL. */
json_t *result_test(const json_t *result, const char *name, const char *detail);
/* Rows of the result's table of that name, or NULL. */
json_t *result_table(const json_t *result, const char *name);

/* Families. Each compares all that the case lists. */
void run_fixest(reference_run *run);
void run_plm(reference_run *run);
void run_lm(reference_run *run);
void run_glm(reference_run *run);
void run_wcb(reference_run *run);
void run_honest(reference_run *run);
void run_did(reference_run *run);
void run_drdid(reference_run *run); /* drdid(), ordid(), ipwdid() */
void run_synthdid(reference_run *run);
void run_bacon(reference_run *run);
void run_bjs(reference_run *run);
void run_staggered(reference_run *run); /* staggered(), staggered_cs(), staggered_sa() */
void run_own(reference_run *run);

#endif
