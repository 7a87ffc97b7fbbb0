/* The summary of measurements: schema/005_measurement_summary.sql. Internal to the store.
 */
#ifndef NP_STORE_SUMMARY_H
#define NP_STORE_SUMMARY_H

#include "store/store_internal.h"

/* Whether the kind has a summary: only measurements have. */
bool summary_has_kind(const np_kind *kind);
/* Whether the summary keeps number, sum, smallest and largest of the field: numerator
 * is numerator_n, numerator_sum, numerator_min, numerator_max. */
bool summary_has_number(const char *field);
/* Whether the summary's rows are of one value of the field. Of units they are of one
 * organisation, which stands in the column unit_organisation. */
bool summary_has_group(const char *field);

/* Makes the groups anew that were touched; within the transaction. */
np_status summary_refresh(np_store *store, np_error *err);
/* A problem where it is not what the measurements come to. */
np_status summary_check(np_problems *problems, np_store *store, np_error *err);

extern const char np_store_schema_summary_refresh[], np_store_schema_summary_check[];

#endif
