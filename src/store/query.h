/* Questions to the records: rows of fields, reached along references, filtered, counted.
 *
 * A path names a field of the kind asked, or of a record that it refers to:
 * "period", "report.project.cohort" (the cohort's identifier), "project.cohort.name".
 * "id" is the record's own identifier; "cohort.id" is the same as "cohort". Where a
 * reference on the way is absent, so is the value. year(PATH) is the year of a date or
 * period at the end of a path.
 */
#ifndef NP_STORE_QUERY_H
#define NP_STORE_QUERY_H

#include "store/store.h"

typedef enum {
    NP_VALUES = 0,     /* the value itself; among aggregates: what is grouped by */
    NP_COUNT,          /* of records with a value at the path; path "id": of records */
    NP_COUNT_DISTINCT, /* of different values */
    NP_SUM,
    NP_MIN,
    NP_MAX
} np_aggregate;

typedef struct {
    const char *path;
    np_aggregate aggregate;
} np_query_column;

typedef enum {
    NP_WHERE_EQUAL = 0, /* to any of the values */
    NP_WHERE_OTHER,     /* present and equal to none of the values */
    NP_WHERE_LESS,
    NP_WHERE_AT_MOST,
    NP_WHERE_MORE,
    NP_WHERE_AT_LEAST,
    NP_WHERE_PRESENT,
    NP_WHERE_ABSENT
} np_where_sort;

typedef struct {
    const char *path;
    np_where_sort sort;
    const np_value *value; /* [n]; EQUAL and OTHER take several, the others one or none */
    size_t n;
} np_where;

typedef struct {
    const np_kind *kind;
    const np_query_column *column; /* [n_columns] */
    size_t n_columns;
    const np_where *where; /* [n_where]; all must hold */
    size_t n_where;
    const size_t *order; /* [n_order]: columns to sort by; none: by identifier, or by
                            the columns that are grouped by */
    size_t n_order;
    size_t limit; /* 0: all rows */
} np_query;

typedef struct {
    size_t n_rows, n_columns;
    const np_value *cell; /* n_rows × n_columns, row-major; texts in the arena */
} np_rows;

/* NP_E_UNKNOWN_NAME: the kind has no such field, or the path goes on after a field that
 * is no reference; NP_E_LIMIT: more than NP_QUERY_DEEPEST references in a path. */
enum { NP_QUERY_DEEPEST = 8, NP_QUERY_MOST_COLUMNS = 64 };
np_status np_store_query(np_rows *out, np_store *store, const np_query *query,
                         np_arena *arena, np_error *err);

/* Columns of values from their paths, divided by blanks; the paths live in the arena.
 * NP_E_LIMIT: more than there is room for. */
np_status np_columns_of(np_query_column column[NP_QUERY_MOST_COLUMNS], size_t *n,
                        const char *paths, np_arena *arena, np_error *err);

/* The short form of most questions: the columns, divided by blanks, of the records of the
 * kind whose `path` has the text; of all where `path` is NULL. Sorted by identifier. */
np_status np_store_rows(np_rows *out, np_store *store, const char *kind,
                        const char *columns, const char *path, const char *text,
                        np_arena *arena, np_error *err);
/* A cell; NULL, NaN and `otherwise` where it is absent. */
const char *np_rows_text(const np_rows *rows, size_t row, size_t column);
double np_rows_number(const np_rows *rows, size_t row, size_t column);
int64_t np_rows_integer(const np_rows *rows, size_t row, size_t column,
                        int64_t otherwise);
bool np_rows_present(const np_rows *rows, size_t row, size_t column);

/* NP_E_UNKNOWN_NAME where the kind has no record of the identifier, with the nearest one
 * that it has: for names that people give. */
np_status np_store_expect(np_store *store, const char *kind, const char *id,
                          np_arena *arena, np_error *err);

/* The field at the end of a path, and the kind that has it. For "id" the field is a
 * reference to that kind. */
np_status np_path_field(const np_kind **kind, np_field *field, const np_kind *from,
                        const char *path, np_error *err);

#endif
