/* CSV files as agencies send them, read from a memory map on all cores.
 *
 * RFC 4180 with what is met in practice: any separator of , ; tab and |; lines that
 * end in LF, CRLF or CR; UTF-8 with or without a byte-order mark, or Windows-1252; a
 * quote opens at the beginning of a field only; titles above the header; rows that
 * leave out empty fields at their end, where all do. The result does not depend on
 * the number of threads. */
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

/* Columns come in the file's order. Types follow from all cells that are not missing:
 *   integer  all are whole numbers that fit in 64 bits, none with a leading zero
 *   number   all are numbers (also 1e-5, Inf, -Inf), or nothing is there
 *   date     all are as 2014-02-01
 *   text     anything else: so do municipality codes ("0301") and whole numbers of
 *            20 digits, which a double would blur.
 * Numbers may have blanks between thousands (space, no-break, thin, narrow no-break,
 * figure space), U+2212 as minus, and quotes around them. Doubles are the nearest to
 * what is written.
 *
 * Missing: empty cells, NA and NaN are `blank`; "." is not applicable, ".." not
 * reported, "…" and "..." not measured, ":" and "*" suppressed, "-" see dash_is_zero.
 * In text columns quoted symbols are text; texts keep their blanks.
 *
 * Looked for: the separator that gives the first records the header's number of
 * fields; the decimal sign that more numbers in a sample have (comma where there is
 * none and ';' separates; in a file with ',' comma only where it is clear); Windows-
 * 1252 where bytes are no UTF-8, unless the file has a mark or more sequences that
 * are UTF-8. Titles are lines of one field before an empty line. An empty line counts
 * only in a file of one column, as a blank cell, and not at the end. Columns without
 * a name are V1, V2 … by their place. Where the first hundred rows are all equally
 * short of the header, the last columns are blank.
 *
 * Cost: two passes over the bytes; a third for columns that a sample took for
 * numbers or dates and that are not. Memory: the columns, and a few megabytes.
 * Regular files are mapped; one that becomes shorter meanwhile gives NP_E_IO (within
 * the moment a chunk takes it would still be SIGBUS). Others are read as a whole.
 *
 * Errors carry file, line, column (in characters, 1-based), the field and what was
 * expected.
 * NP_E_IO not readable; NP_E_PARSE a row with too many or too few fields, an
 * unclosed quote, a name twice in the header, nothing in the file, NUL bytes, another
 * format by its first bytes (.xlsx, JSON, HTML, gzip …); NP_E_ENCODING bytes that are
 * no UTF-8 where they should be; NP_E_UNKNOWN_NAME a wanted column or encoding that
 * is not there; NP_E_LIMIT more than 2^32-2 rows; NP_E_NO_MEMORY. */
np_status np_csv_read(np_csv *out, const char *path, const np_csv_spec *spec,
                      np_arena *arena, np_error *err);
/* The same from memory; `name` stands for the file in messages. */
np_status np_csv_read_text(np_csv *out, const char *text, size_t length, const char *name,
                           const np_csv_spec *spec, np_arena *arena, np_error *err);

/* Writes a table: UTF-8, separator and decimal sign as given (0: ',' and '.'), with
 * a BOM and CRLF for spreadsheets where `for_excel`. Missing cells are empty (in a
 * table of one column ""). Numbers in their shortest form; texts in quotes where a
 * reader would take them for something else. What is written reads back with the same
 * cells; whole numbers in a column of numbers, and texts that look like numbers, are
 * integers then. Appends to `out`. NP_E_NO_MEMORY. */
typedef struct {
    char separator, decimal;
    bool for_excel;
} np_csv_write_spec;

np_status np_csv_write(np_buf *out, const np_table *table, const np_csv_write_spec *spec,
                       np_error *err);
/* One cell with a text, in quotes where np_csv_write() would have them: for who writes
 * rows one by one. */
void np_csv_put_text(np_buf *out, const char *text);

#endif
