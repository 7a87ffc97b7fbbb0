/* CSV files as agencies send them, read from a memory map on all cores. */
#ifndef NP_IO_CSV_H
#define NP_IO_CSV_H

#include <stdbool.h>

#include "base/text.h"
#include "table/table.h"

/* A zeroed field is its default: found by looking at the file. */
typedef struct {
    const char *const *columns; /* read only these (others are skipped, not parsed);
                                   NULL: all */
    size_t n_columns;
    const char *const *text_columns; /* keep as text whatever they look like */
    size_t n_text_columns;
    char separator;       /* ',' ';' '\t' '|'; 0: looked for */
    char decimal;         /* '.' ','; 0: looked for */
    const char *encoding; /* "utf-8", "windows-1252" (also latin1); NULL: looked for */
    bool dash_is_zero;    /* "-" is zero, as Statistics Norway prints it; default:
                             not applicable */
    bool no_header;       /* columns are named V1, V2 … */
    size_t skip_lines;    /* lines before the header (titles of exported tables) */
    unsigned n_threads;   /* 0: all */
} np_csv_spec;

typedef struct {
    np_table table;
    char separator, decimal; /* as found */
    const char *encoding;    /* as found: "utf-8", "utf-8 with BOM", "windows-1252" */
    size_t n_bytes, title_length; /* of the file; of the lines above the header */
    const char *const *skipped;   /* [n_skipped] names of columns not read */
    size_t n_skipped;
} np_csv;

/* Column types: integer if every cell that is not missing is one and none has a
 * leading zero; number; date (2014-02-01); else text. Municipality codes ("0301")
 * therefore stay text. Empty cells and NA are `blank`; "." is not applicable, ".."
 * not reported, "…" and "..." not measured, ":" suppressed, "-" see dash_is_zero.
 * Errors carry file, line, column (in characters, 1-based), the field and what was
 * expected.
 * NP_E_IO not readable; NP_E_PARSE a row with too many or too few fields, an
 * unclosed quote, a name twice in the header; NP_E_ENCODING; NP_E_UNKNOWN_NAME a
 * wanted column that is not there; NP_E_LIMIT more than 2^32-2 rows. */
np_status np_csv_read(np_csv *out, const char *path, const np_csv_spec *spec,
                      np_arena *arena, np_error *err);
/* The same from memory; `name` stands for the file in messages. */
np_status np_csv_read_text(np_csv *out, const char *text, size_t length, const char *name,
                           const np_csv_spec *spec, np_arena *arena, np_error *err);

/* Writes a table: UTF-8, separator and decimal sign as given (0: ',' and '.'), with
 * a BOM and CRLF for spreadsheets where `for_excel`. Missing cells are empty. */
typedef struct {
    char separator, decimal;
    bool for_excel;
} np_csv_write_spec;

np_status np_csv_write(np_buf *out, const np_table *table, const np_csv_write_spec *spec,
                       np_error *err);

#endif
