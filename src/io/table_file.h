/* One door for data files: CSV or .xlsx, told apart by their first bytes. */
#ifndef NP_IO_TABLE_FILE_H
#define NP_IO_TABLE_FILE_H

#include "io/xlsx.h"

typedef enum { NP_TABLE_FILE_CSV = 0, NP_TABLE_FILE_XLSX } np_table_file_format;

/* A zeroed field is its default. */
typedef struct {
    np_csv_spec csv;   /* its columns, decimal sign and dash count for both formats */
    const char *sheet; /* .xlsx only, as in np_xlsx_spec */
    size_t sheet_number, header_row;
    bool errors_are_blank;
} np_table_file_spec;

typedef struct {
    np_csv csv; /* the table and what was skipped */
    np_table_file_format format;
    const char *sheet; /* .xlsx: name and header row as found; else NULL, 0 */
    size_t header_row, n_merged, n_errors;
} np_table_file;

/* Whether it is a regular file that begins as a zip container or an old Excel file. */
bool np_table_file_is_workbook(const char *path);

/* A regular file that begins as a zip container or an old Excel file goes to
 * np_xlsx_read, everything else (streams too) to np_csv_read, whose contracts hold. */
np_status np_table_file_read(np_table_file *out, const char *path,
                             const np_table_file_spec *spec, np_arena *arena,
                             np_error *err);
/* The same where only the options of CSV are known: lines skipped are rows above the
 * header of the first sheet with cells; its separator and encoding mean nothing in a
 * workbook, and no_header is refused there (NP_E_USAGE). */
np_status np_table_file_read_columns(np_csv *out, const char *path,
                                     const np_csv_spec *spec, np_arena *arena,
                                     np_error *err);

#endif
