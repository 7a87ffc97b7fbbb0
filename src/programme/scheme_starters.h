/* Schemes to begin with (starters/schemes.yaml), as text for programme.yaml. */
#ifndef NP_PROGRAMME_SCHEME_STARTERS_H
#define NP_PROGRAMME_SCHEME_STARTERS_H

#include "base/error.h"
#include "base/text.h"

/* NULL: a line for each with its identifier and name in the thread's language; "all": the
 * whole file; else the lines of one scheme. NP_E_UNKNOWN_NAME: there is none of that
 * name. */
np_status np_scheme_starters_print(np_buf *out, const char *name, np_error *err);

#endif
