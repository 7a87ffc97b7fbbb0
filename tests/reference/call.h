/* Reads the R call of a reference case: a model function, its arguments, and
 * what stands after it ("summary(feols(…), vcov=…, ssc=…)"). */
#ifndef NP_TESTS_REFERENCE_CALL_H
#define NP_TESTS_REFERENCE_CALL_H

#include "base/arena.h"

enum { CALL_MOST_ARGUMENTS = 24 };

typedef struct {
    const char *name;  /* "" where positional */
    const char *value; /* as it stands, trimmed */
} call_argument;

typedef struct {
    const char *function; /* "feols"; "" where the call is none of those asked for */
    size_t n;
    call_argument argument[CALL_MOST_ARGUMENTS];
} r_call;

/* The first of `functions` (NULL ends the list) that the text calls. Texts live in
 * the arena. */
r_call call_parse(const char *text, const char *const *functions, np_arena *arena);

/* The value of a named argument, or NULL. */
const char *call_named(const r_call *call, const char *name);
/* The first positional argument with a "~", or NULL. */
const char *call_formula(const r_call *call);
/* Without the quotes around it. */
const char *call_unquoted(const char *value, np_arena *arena);

#endif
