/* Takes programme.yaml over into the records. */
#ifndef NP_PROGRAMME_DEFINITION_SYNC_H
#define NP_PROGRAMME_DEFINITION_SYNC_H

#include "programme/entry.h"
#include "programme/programme.h"

/* Whether the records follow another programme.yaml than the definition that is read. */
np_status np_definition_is_new(bool *out, np_programme *programme, np_error *err);

/* Puts what the definition says and retracts what it no longer says, as an entry of the
 * log with the action "definition".
 * NP_E_RANGE  something that is gone is still referred to, what is in use means
 *             something else without a new version, or records that were right are wrong
 *             by it; the first of them, with how many there are. For the last all records
 *             are judged, where a value other than a text changed. */
np_status np_definition_sync(np_programme *programme, const char *who, np_error *err);

/* The same without writing: what would be objected to goes to the sink. */
np_status np_definition_judge(np_programme *programme, np_objection_sink *sink,
                              void *context, np_error *err);

#endif
