/* Cases that name no formula ("phtest(within, random swar)") are about the models
 * of the cases beside them. */
#ifndef NP_TESTS_REFERENCE_SIBLING_H
#define NP_TESTS_REFERENCE_SIBLING_H

#include "reference/run.h"

/* The call, with one of `functions` and a formula, of the case on the same data whose
 * id has the longest beginning in common with this one's; NULL: none. */
char *sibling_call(const reference_run *run, const char *const *functions);
/* The same with an argument of that name instead of a formula. */
char *sibling_call_with(const reference_run *run, const char *const *functions,
                        const char *argument);

#endif
