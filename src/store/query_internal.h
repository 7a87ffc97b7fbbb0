/* How a question becomes SQL; only query*.c include this. */
#ifndef NP_STORE_QUERY_INTERNAL_H
#define NP_STORE_QUERY_INTERNAL_H

#include "store/query.h"
#include "store/store_internal.h"

/* Where a path ends: the kind and its field; the field is n_fields for "id". */
typedef struct {
    const np_kind *kind;
    size_t field;
} query_path_end;

/* `visit` (may be NULL) is called for every reference that is gone along. */
typedef np_status query_path_visit(void *context, const np_kind *kind, size_t field,
                                   np_error *err);
np_status query_walk_path(query_path_end *out, const np_kind *from, const char *path,
                          query_path_visit *visit, void *context, np_error *err);

/* The values of where stand in the SQL as ?1, ?2 … in their order. `summary`: the summary
 * of measurements is up to date and may answer. */
np_status query_write_sql(np_buf *out, const np_query *query, bool summary,
                          np_error *err);

#endif
