/* A formula's right-hand side as terms: R's algebra of + : * / ^ - and ( ).
 * Source: Wilkinson and Rogers (1973), Applied Statistics 22(3), 392-399. */
#ifndef NP_STATS_FORMULA_TERMS_H
#define NP_STATS_FORMULA_TERMS_H

#include "stats/formula.h"

enum { NP_MOST_INTERACTED = 12 };

typedef struct {
    size_t n;                            /* factors multiplied; 1: a main effect */
    uint16_t factor[NP_MOST_INTERACTED]; /* ascending */
} np_term;

typedef struct {
    const np_expr *const *factor; /* [n_factors] distinct, in order of appearance */
    size_t n_factors;
    const np_term *term; /* [n] main effects first, then interactions by degree */
    size_t n;
    bool intercept;        /* no "0" or "-1" */
    const np_expr *offset; /* offset(…); NULL: none */
} np_terms;

/* e == NULL gives no terms. "x^2" is I(x^2) as in fixest, "(a + b)^2" is the power of
 * the sum; l(x, 1:3), f() and d() become one term per lag, as fixest expands them.
 * NP_E_PARSE an operator that does not belong between terms; NP_E_LIMIT. */
np_status np_terms_expand(np_terms *out, const np_expr *e, np_arena *arena,
                          np_error *err);

/* The whole numbers of an expression: "1", "-1", "1:3", "c(1, 3)"; false where it is
 * something else. At most `most` are written. */
bool np_expr_integers(const np_expr *e, int64_t *out, size_t *n, size_t most);

#endif
