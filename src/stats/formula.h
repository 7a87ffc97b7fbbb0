/* The formula language: text to a tree, and back to text as R prints it.
 *
 *   formula  = outcome "~" terms { "|" part }
 *   part     = fixed effects, or endogenous "~" instruments
 *
 * with R's operators and precedence (from loose to tight): | || & && ! comparisons,
 * + -, * /, %in% %% %/%, :, unary + -, ^. Between the parts of a formula "|" separates;
 * within brackets it is "or". Names may hold dots and letters of any script, or
 * stand in backticks. doc/methods/formula.md is the language's reference.
 */
#ifndef NP_STATS_FORMULA_H
#define NP_STATS_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    NP_EXPR_NUMBER = 0, /* number */
    NP_EXPR_TEXT,       /* text: a quoted string */
    NP_EXPR_LOGICAL,    /* number: TRUE 1, FALSE 0, NA NaN */
    NP_EXPR_NULL,
    NP_EXPR_NAME,   /* text: a variable */
    NP_EXPR_CALL,   /* text(argument …) */
    NP_EXPR_UNARY,  /* text argument[0] */
    NP_EXPR_BINARY, /* argument[0] text argument[1] */
    NP_EXPR_BRACKET /* "(": argument[0]; "[" and "[[": argument[0] with slopes after */
} np_expr_kind;

typedef struct np_expr np_expr;
struct np_expr {
    np_expr_kind kind;
    const char *text;
    double number;
    const np_expr *const *argument;   /* [n] */
    const char *const *argument_name; /* [n] "ref" in ref = …; NULL: by position */
    size_t n;
    uint32_t column; /* 1-based, in characters, where it starts in the text */
};

typedef struct {
    const np_expr *outcome; /* NULL: none given ("~ x") */
    const np_expr *terms;
    const np_expr *fixed_effects;           /* NULL: none */
    const np_expr *endogenous, *instrument; /* NULL: none */
} np_formula;

/* NP_E_PARSE, with the column of the first character that is wrong and a hint that
 * shows the place; NP_E_LIMIT nested too deeply. Both trees live in the arena. */
np_status np_formula_parse(np_formula *out, const char *text, np_arena *arena,
                           np_error *err);
/* One expression: weights, subset, cluster. A leading "~" is allowed. */
np_status np_expr_parse(const np_expr **out, const char *text, np_arena *arena,
                        np_error *err);

/* As R's deparse(): "log(x)", "a + b", "x^2", "I(x == \"a\")", "l(x, 1)", "ref =
 * c(-1, -1000)". In the arena; NULL: no memory. */
const char *np_expr_text(const np_expr *e, np_arena *arena);
bool np_expr_equal(const np_expr *a, const np_expr *b);

bool np_expr_is_call(const np_expr *e, const char *function);
bool np_expr_is_operator(const np_expr *e, const char *operator); /* binary */
/* The argument of that name, else the unnamed one at `position` (counted among the
 * unnamed, 0 first), else NULL. */
const np_expr *np_expr_argument(const np_expr *call, const char *name, size_t position);

/* An error about e, in the formula `text`: the column and a hint with a caret. */
np_status np_expr_fail(np_error *err, np_status status, const np_expr *e,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Names of variables in order of appearance, each once. Grows in the arena. */
typedef struct {
    const char **name;
    size_t n, capacity;
} np_names;

np_status np_names_add(np_names *names, const char *name, np_arena *arena, np_error *err);
np_status np_expr_variables(np_names *names, const np_expr *e, np_arena *arena,
                            np_error *err);

#endif
