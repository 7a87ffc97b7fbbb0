/* Shared by xlsx.c (the container), xlsx_book.c (the parts beside the sheets),
 * xlsx_sheet.c (cells) and xlsx_table.c (cells to a table). */
#ifndef NP_IO_XLSX_PARTS_H
#define NP_IO_XLSX_PARTS_H

#include <expat.h>
#include <zip.h>

#include "io/xlsx.h"

enum { NP_XLSX_ROWS = 1048576, NP_XLSX_COLUMNS = 16384 };

typedef struct {
    size_t start;
    uint32_t length;
} np_xlsx_text; /* within `pool` */

typedef struct {
    size_t start; /* its text, within `pool` */
    uint32_t length, row, column;
    bool number;
} np_xlsx_cell; /* row and column 1-based; in order of rows, then columns */

typedef struct {
    const char *name, *id, *part; /* part: "xl/worksheets/sheet1.xml" */
} np_xlsx_sheet;

typedef struct {
    const np_xlsx_spec *spec;
    const char *file;
    np_arena *arena;
    np_error *err;
    np_status status;
    zip_t *zip;
    XML_Parser parser;
    np_buf pool;
    np_xlsx_text *string; /* shared strings */
    size_t n_strings, strings_capacity;
    np_xlsx_sheet *sheet;
    size_t n_sheets, sheets_capacity;
    bool *date_style; /* per cell format */
    size_t n_styles, styles_capacity;
    unsigned *date_format; /* ids of the file's own formats that are dates */
    size_t n_formats, formats_capacity;
    bool since_1904, in_formats, collecting, phonetic;
    np_buf text; /* of the element being read */
    const char *sheet_name;
    np_xlsx_cell *cell;
    size_t n_cells, cells_capacity, n_merged, n_errors;
    uint32_t row, column; /* of the cell being read */
    unsigned style;
    char type[12];
    bool has_formula, has_value;
} np_xlsx_reader;

/* Local name of an element or attribute. */
const char *np_xlsx_local(const char *name);
const char *np_xlsx_attribute(const XML_Char **attributes, const char *name);
/* Fails, once, and stops the parser. */
void np_xlsx_stop(np_xlsx_reader *x, np_status status, const char *text);
/* Room for one more item of `size` bytes in *array; false (stopped) without memory. */
bool np_xlsx_grow(np_xlsx_reader *x, void *array, size_t n, size_t *capacity,
                  size_t size);
/* Parses a part; NP_OK also where it is not there and not `needed`. */
np_status np_xlsx_parse(np_xlsx_reader *x, const char *part, bool needed,
                        XML_StartElementHandler start, XML_EndElementHandler end);
np_status np_xlsx_read_book(np_xlsx_reader *x);
np_status np_xlsx_read_sheet(np_xlsx_reader *x, const np_xlsx_sheet *sheet);
np_status np_xlsx_to_table(np_xlsx *out, np_xlsx_reader *x);

/* The cells from the header row on, as they stand; np_xlsx_cells_free() them. */
typedef struct {
    char *pool;
    np_xlsx_cell *cell;
    size_t n_cells;
    uint32_t first, last; /* columns */
    const char *sheet;
} np_xlsx_cells;
np_status np_xlsx_to_cells(np_xlsx_cells *out, np_xlsx_reader *x);
/* np_xlsx_read() without the making of a table. */
np_status np_xlsx_read_cells(np_xlsx_cells *out, const char *path,
                             const np_xlsx_spec *spec, np_arena *arena, np_error *err);
void np_xlsx_cells_free(np_xlsx_cells *cells);
/* Names the cell in the error that is set. */
void np_xlsx_name_cell(np_xlsx_reader *x, uint32_t row, uint32_t column);

#endif
