/* A worksheet of an .xlsx file (ECMA-376) as a table.
 *
 * What the cells show is handed to the CSV reader, so that names, types, missing codes
 * and their rules are those of io/csv.h: texts that look like numbers are numbers,
 * codes with leading zeros ("0301") stay text, empty rows are left out. Besides:
 *   dates     numbers with a number format that has a day or a year are dates of the
 *             1900 or 1904 system; with a time of day they are texts as
 *             2014-02-01T12:30:00
 *   booleans  are 1 and 0
 *   formulas  count with the value that was stored with them
 *   merged    the value belongs to the first cell, the others are blank; counted
 *   errors    (#N/A, #DIV/0! …) are refused unless errors_are_blank
 *   texts     line ends and tabs within become spaces
 * Hidden sheets, rows and columns are read as others are. */
#ifndef NP_IO_XLSX_H
#define NP_IO_XLSX_H

#include "io/csv.h"

/* A zeroed field is its default. */
typedef struct {
    const char *sheet;     /* name; NULL: see sheet_number */
    size_t sheet_number;   /* 1-based; 0: the first sheet with cells */
    size_t header_row;     /* 1-based row of the names; 0: the first row that fills at
                              least half of the sheet's columns */
    bool errors_are_blank; /* error cells are missing; default: refused */
    const char *const *columns, *const *text_columns; /* as in np_csv_spec */
    size_t n_columns, n_text_columns;
    char decimal;      /* of numbers that are texts: '.' ','; 0: what more of them have */
    bool dash_is_zero; /* as in np_csv_spec */
} np_xlsx_spec;

typedef struct {
    np_csv csv;        /* the table, and which columns were skipped */
    const char *sheet; /* its name */
    size_t header_row; /* 1-based, as found */
    size_t n_merged;   /* merged areas on the sheet */
    size_t n_errors;   /* error cells that became blank */
} np_xlsx;

/* Errors carry the file and, in `field`, sheet and cell ("Ark1!B7").
 * NP_E_IO not readable; NP_E_PARSE no zip, cut off, encrypted or an old .xls, malformed
 * XML, a document type declaration, no header row, cell references or string numbers that
 * are wrong or out of order, a formula without a stored value, an error cell, no cells at
 * all; NP_E_DUPLICATE a name twice in the header; NP_E_UNKNOWN_NAME no such sheet or
 * column; NP_E_LIMIT parts over 1 GiB or more than 200 times as large as packed (from 16
 * MiB), an area of more than 200 million cells; NP_E_NO_MEMORY. Cost: one pass over the
 * XML and one of the CSV reader; about 24 bytes per cell and twice its text meanwhile. */
np_status np_xlsx_read(np_xlsx *out, const char *path, const np_xlsx_spec *spec,
                       np_arena *arena, np_error *err);
/* The same from memory; `name` stands for the file in messages. */
np_status np_xlsx_read_bytes(np_xlsx *out, const void *bytes, size_t length,
                             const char *name, const np_xlsx_spec *spec, np_arena *arena,
                             np_error *err);

#endif
