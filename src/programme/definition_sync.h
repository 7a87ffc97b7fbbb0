/* Takes programme.yaml over into the records. */
#ifndef NP_PROGRAMME_DEFINITION_SYNC_H
#define NP_PROGRAMME_DEFINITION_SYNC_H

#include "programme/programme.h"

/* Puts what the definition says and retracts what it no longer says, as an entry of the
 * log with the action "definition".
 * NP_E_RANGE  something that is gone is still referred to, or what is in use means
 *             something else without a new version; the first of them, with how many
 *             there are */
np_status np_definition_sync(np_programme *programme, const char *who, np_error *err);

#endif
