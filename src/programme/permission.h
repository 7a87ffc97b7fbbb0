/* What a user's role lets write, by whatever way the record comes. */
#ifndef NP_PROGRAMME_PERMISSION_H
#define NP_PROGRAMME_PERMISSION_H

#include "store/store.h"

/* Whether a user of the role may write the record: users are an administrator's, and who
 * leads a project or a network neither says what the programme is, nor decides on
 * applications or money, nor reviews reports. Of a record that is retracted `record` has
 * no values. */
bool np_role_may_write(const char *role, const np_kind *kind, const np_record *record);
/* Who may, for a hint: "an administrator may". */
const char *np_who_may_write(const np_kind *kind);

#endif
