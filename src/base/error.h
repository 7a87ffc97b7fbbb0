/* The one error type: a value that says what is wrong, where in the person's
 * material, and where in our code. It owns its texts and outlives every arena.
 *
 * Functions return np_status; `out` comes first and is written only on
 * success; `np_error *err` comes last and may be NULL.
 */
#ifndef NP_BASE_ERROR_H
#define NP_BASE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "base/language.h"

typedef enum {
    NP_OK = 0,
    NP_E_USAGE,          /* the call or the command line is wrong */
    NP_E_PARSE,          /* a text does not follow its format */
    NP_E_ENCODING,       /* bytes that are no text in the expected encoding */
    NP_E_RANGE,          /* a value outside what is allowed */
    NP_E_UNKNOWN_NAME,   /* a column, key, option or file that is not there */
    NP_E_DUPLICATE,      /* something twice that must be once */
    NP_E_NOT_IDENTIFIED, /* the data cannot answer the question asked */
    NP_E_NOT_CONVERGED,  /* an iteration did not reach its tolerance */
    NP_E_NO_MEMORY,      /* a budget is spent or the system has no more */
    NP_E_LIMIT,          /* larger than a documented limit */
    NP_E_IO,             /* the operating system refused */
    NP_E_BUSY,           /* somebody else is writing */
    NP_E_DAMAGED,        /* a file is not what it was written as */
    NP_E_SCHEMA          /* made by another version of the program */
} np_status;

typedef struct {
    np_status status;
    char message[256];               /* what is wrong, with the value; one line */
    char hint[768];                  /* what to do about it; may be empty */
    char file[512], field[64];       /* in the person's material; empty: unknown */
    uint32_t line, column;           /* 1-based; 0: unknown */
    const char *src_file, *src_func; /* for the log; np_fail() fills them */
    int src_line;
} np_error;

/* Records a failure and returns `status`. The first failure wins: an error
 * that is already set is kept. `err` may be NULL. Whatever the texts are made of,
 * the error is one line of UTF-8: control characters and bytes that are no UTF-8
 * become "?", and what is too long ends with a whole character. */
#define np_fail(err, status, ...)                                                        \
    np_fail_at((err), (status), __FILE__, __func__, __LINE__, __VA_ARGS__)

np_status np_fail_at(np_error *err, np_status status, const char *src_file,
                     const char *src_func, int src_line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Adds to an error that is set; does nothing where the field is filled or err
 * is NULL. Each returns err->status, so that `return np_error_hint(…)` reads after
 * np_fail(); where err is NULL nobody remembers the status, and they return
 * NP_E_USAGE, so that the failure is not lost. Not for paths that may be NP_OK. */
np_status np_error_hint(np_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
np_status np_error_file(np_error *err, const char *file);
np_status np_error_at(np_error *err, uint32_t line, uint32_t column);
np_status np_error_field(np_error *err, const char *field, size_t length);

/* "file:line:column: field: message; hint" in one line. Truncates to `size`. */
void np_error_format(const np_error *err, char *out, size_t size);

/* The name nearest to `wanted` among `n` names, by edit distance, or NULL when
 * none is near: for "did you mean" hints. Borrowed from `names`. */
const char *np_nearest_name(const char *wanted, const char *const *names, size_t n);

/* A reader or `check` collects problems, so that a person sees all of them.
 * At most NP_PROBLEMS_KEPT are kept; n_seen counts on, and `sink`, where there is one,
 * is told each. Zero-initialise; no ownership. */
enum { NP_PROBLEMS_KEPT = 64 };
typedef void np_problem_sink(void *context, const np_error *problem);

typedef struct {
    size_t n, n_seen;
    np_error item[NP_PROBLEMS_KEPT];
    np_problem_sink *sink;
    void *context;
} np_problems;

void np_problems_add(np_problems *problems, const np_error *err);

#endif
