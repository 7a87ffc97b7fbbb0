/* Standard errors that are nothing but rounding.
 *
 * Where unit and period effects fit the outcome exactly, or influences cancel within
 * clusters, variances come out as some 1e-32 and would make any estimate significant.
 * An error below 1e-14 times the largest outcome, some fifty units in its last place, is
 * not told from 0; it is left out with all that follows from it, as are the tests of a
 * result none of whose errors is left, and a warning says so. */
#ifndef NP_STATS_DID_DID_NEGLIGIBLE_H
#define NP_STATS_DID_DID_NEGLIGIBLE_H

#include "stats/did/did.h"

/* Changes *result; what it points at is copied.
 * NP_E_NO_MEMORY  the arena's budget is spent */
np_status np_did_drop_negligible(np_did_result *result, const np_did_panel *panel,
                                 np_arena *arena, np_error *err);

#endif
