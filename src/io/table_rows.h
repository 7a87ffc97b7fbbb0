/* The cells of a CSV or .xlsx file as they were written, a row at a time: for imports,
 * which give each cell the type of the field that it goes to, and have to say in which
 * line what stands.
 *
 * Nothing is taken for anything: "0301" stays "0301", "-" and "NA" are texts. Rows
 * without any cell are left out. What is said of separators, encodings, titles above the
 * header and sheets in io/csv.h and io/xlsx.h holds here.
 */
#ifndef NP_IO_TABLE_ROWS_H
#define NP_IO_TABLE_ROWS_H

#include "base/text.h"
#include "io/table_file.h"

typedef struct np_table_rows np_table_rows;

typedef struct {
    np_str text; /* UTF-8, without blanks around it unless it stood in quotes; length 0:
                    the cell is empty */
    bool number; /* a number in a workbook: its decimal sign is ".", whatever the
                    texts' is */
} np_table_cell;

/* Columns, text columns, dash_is_zero, no_header and the decimal sign of the
 * specification mean nothing here. Errors as of np_table_file_read(). */
np_status np_table_rows_open(np_table_rows **out, const char *path,
                             const np_table_file_spec *spec, np_arena *arena,
                             np_error *err);
void np_table_rows_close(np_table_rows *rows); /* NULL is allowed */

const char *const *np_table_rows_names(const np_table_rows *rows, size_t *n);
/* The place of the column, or the number of columns. */
size_t np_table_rows_find(const np_table_rows *rows, const char *name);
bool np_table_rows_workbook(const np_table_rows *rows);
/* The decimal sign of numbers in a CSV file, as io/csv.h looks for it; '.' for a
 * workbook. */
char np_table_rows_decimal(const np_table_rows *rows);
/* How far reading has come, 0 to 1. */
double np_table_rows_share(const np_table_rows *rows);

/* The next row: *cell [n columns] lives until the next call; *line is the line where it
 * starts (of a workbook: its row). *cell is NULL at the end.
 * NP_E_PARSE: the row has too many or too few cells, and reading may go on, or it has a
 * quote out of place, and the next call gives the end. */
np_status np_table_rows_next(const np_table_cell **cell, uint32_t *line,
                             np_table_rows *rows, np_error *err);

#endif
