/* Columns in memory. A table is built once and then constant; select, filter
 * and join share columns and count what they leave out, by reason.
 *
 * Invariants (np_table_check verifies every one):
 *  - each column has n_rows cells;
 *  - where `missing` gives a reason: f64 is NaN, i64 is NP_I64_MISSING, date
 *    is NP_DATE_MISSING, code is -1; and nowhere else;
 *  - codes are -1 or below dict->n; names are unique and not empty.
 * Zero is a value.
 */
#ifndef NP_TABLE_TABLE_H
#define NP_TABLE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    NP_PRESENT = 0,
    NP_MISSING_BLANK,
    NP_MISSING_NOT_MEASURED,
    NP_MISSING_NOT_REPORTED,
    NP_MISSING_NOT_ASKED,
    NP_MISSING_NOT_APPLICABLE,
    NP_MISSING_DONT_KNOW,
    NP_MISSING_SUPPRESSED,
    NP_MISSING_DISCONTINUED,
    NP_N_MISSING_REASONS
} np_missing;

const char *np_missing_code(np_missing reason); /* "blank", "not_measured" … "" */

typedef enum {
    NP_COLUMN_F64 = 0,
    NP_COLUMN_I64,
    NP_COLUMN_DATE,
    NP_COLUMN_TEXT
} np_column_type;
const char *np_column_type_name(np_column_type type); /* "number", "integer" … */

#define NP_I64_MISSING  INT64_MIN
#define NP_DATE_MISSING INT32_MIN

/* The labels of a text column's codes: 0 … n-1 in order of first appearance. */
typedef struct {
    size_t n;
    const char *const *label; /* [n] */
} np_dict;

typedef struct {
    const char *name, *uom; /* as in the file; unit of measure or "" */
    np_column_type type;    /* which member below */
    union {
        const double *f64;   /* [n_rows] */
        const int64_t *i64;  /* [n_rows] */
        const int32_t *date; /* [n_rows] days since 1970-01-01 */
        const int32_t *code; /* [n_rows] into dict */
    };
    const uint8_t *missing; /* [n_rows] np_missing per cell; NULL: nothing missing */
    const np_dict *dict;    /* NP_COLUMN_TEXT only */
} np_column;

typedef struct {
    size_t n_rows, n_columns;
    const np_column *column; /* [n_columns] */
} np_table;

/* Index of the column, or n_columns when there is none. */
size_t np_table_find(const np_table *table, const char *name);
/* NP_E_UNKNOWN_NAME, with the nearest name as hint. `role` ("outcome") goes
 * into the message. *out is borrowed from the table. */
np_status np_table_column(const np_column **out, const np_table *table, const char *name,
                          const char *role, np_error *err);

/* Adds to an error about a column that holds text the first cell that is no number, so
 * that a person finds it among numbers: row 41 is "1 2oo". Returns as np_error_hint. */
np_status np_column_hint_text(np_error *err, const np_column *column, size_t n_rows);

/* One cell as a double: NaN when missing or text. */
double np_column_number(const np_column *column, size_t row);
np_missing np_column_missing(const np_column *column, size_t row);
/* One cell as text: labels as they are, numbers in their shortest form, dates
 * as 2014-02-01; missing gives "". Writes at most `size` bytes with the 0. */
const char *np_column_text(const np_column *column, size_t row, char *scratch,
                           size_t size);

/* The whole column as doubles: the column's own array for f64 (borrowed), a
 * new one in the arena for integers and dates. NP_E_RANGE for text. */
np_status np_column_as_numbers(const double **out, const np_column *column, size_t n_rows,
                               np_arena *arena, np_error *err);

/* A table of the rows with keep[row] != 0, in their order; columns copied. */
np_status np_table_filter(np_table *out, const np_table *table, const uint8_t *keep,
                          np_arena *arena, np_error *err);
/* The named columns in the order given; cells are shared, not copied. */
np_status np_table_select(np_table *out, const np_table *table, const char *const *names,
                          size_t n_names, np_arena *arena, np_error *err);

/* NP_E_RANGE: the first invariant that does not hold, with column and row. */
np_status np_table_check(const np_table *table, np_error *err);

/* What an operation left out, by reason: the result's `dropped`. */
typedef struct {
    const char *reason; /* "missing outcome", "singleton municipality" … */
    size_t n_rows;
} np_dropped;

#endif
