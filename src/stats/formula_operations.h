/* The calculations of the formula language on single numbers; NaN is missing. */
#ifndef NP_STATS_FORMULA_OPERATIONS_H
#define NP_STATS_FORMULA_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>

typedef double np_unary_operation(double a);
typedef double np_binary_operation(double a, double b);

/* "+", "==", "&" …, and the functions of two numbers "pmin", "pmax", "round" (digits)
 * and "log" (base). *logical: the result is true or false. NULL: no such operator. */
np_binary_operation *np_operator(const char *text, bool *logical);

/* "exp", "sqrt" …, and the operators of one number "-", "+", "!". NULL: no such. */
np_unary_operation *np_function(const char *name);

/* Names of all functions, the n_calculations that may stand within a calculation first,
 * then those that are terms of their own; for hints. */
const char *const *np_function_names(size_t *n, size_t *n_calculations);

#endif
