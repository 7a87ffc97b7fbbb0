/* Many records at once: which, which fields, also through references, counted or not.
 *
 * A path is the name of a field, or "id", of the kind that is asked for, or of a record
 * that it refers to: "period", "project.cohort", "report.project.cohort.starts".
 */
#ifndef NP_STORE_QUERY_H
#define NP_STORE_QUERY_H

#include "store/store.h"

typedef enum {
    NP_WHERE_AMONG = 0, /* equal to one of value[n] */
    NP_WHERE_NOT_AMONG, /* has a value, and it is none of them */
    NP_WHERE_FROM,      /* at least value[0] */
    NP_WHERE_UNTIL,     /* at most value[0] */
    NP_WHERE_ABSENT,
    NP_WHERE_PRESENT
} np_where_test;

typedef struct {
    const char *path;
    np_where_test test;
    const np_value *value; /* [n] */
    size_t n;
} np_where;

typedef enum {
    NP_AGGREGATE_COUNT = 0,
    NP_AGGREGATE_SUM,
    NP_AGGREGATE_MIN,
    NP_AGGREGATE_MAX
} np_aggregate_function;

typedef struct {
    np_aggregate_function function;
    const char *path; /* COUNT: records where it has a value; NULL: all records */
} np_aggregate;

typedef struct {
    const char *kind;
    const char *const *path; /* [n_paths] the columns of the answer */
    size_t n_paths;
    const np_where *where; /* [n_where] all must hold */
    size_t n_where;
    /* Given: one row for each different combination of the paths' values, with these
     * after them. */
    const np_aggregate *aggregate;
    size_t n_aggregates;
    const char *const *order; /* [n_order] paths; else by identifier, or by the paths
                                 where there are aggregates */
    size_t n_order;
    size_t limit;       /* 0: all */
    const char *search; /* full text: only records whose texts match; NULL: all */
} np_query;

typedef struct {
    size_t n_rows, n_columns;
    const np_value *cell; /* [n_rows × n_columns], row-major */
} np_rows;

/* NP_E_UNKNOWN_NAME: a kind or field that is not there, with the nearest as hint. */
np_status np_query_run(np_rows *out, np_store *store, const np_query *query,
                       np_arena *arena, np_error *err);

#endif
