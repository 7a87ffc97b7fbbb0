/* A linear hypothesis in words: "post", "post = 0.1", "early - late = 0",
 * "0.5*a + 0.5*b = 2". Terms as they are printed, joined by + and - with a space on
 * either side, each with a number and * before it if need be; without "= number", 0. */
#ifndef NP_STATS_INFER_HYPOTHESIS_H
#define NP_STATS_INFER_HYPOTHESIS_H

#include "base/arena.h"
#include "base/error.h"

/* R [k] over the terms, and the value. NP_E_UNKNOWN_NAME: a term that is not there;
 * NP_E_PARSE: a number that is none. */
np_status np_hypothesis_parse(double *R, double *value, const char *text,
                              const char *const *term, size_t k, np_error *err);

#endif
