/* What the parts of the CSV reader share; nobody else includes this.
 *
 * A file is read in four steps: look (csv_sniff.c), split into chunks and count
 * their rows (csv_split.c), guess each column's storage from a sample, and parse
 * all chunks side by side into the final arrays (csv_columns.c, one field at a
 * time by csv_field.h). What the sample got wrong is parsed once more. */
#ifndef NP_IO_CSV_PARTS_H
#define NP_IO_CSV_PARTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/map.h"
#include "io/csv.h"

/* Zero bytes that can be read beyond the text: the parser loads words. */
enum { CSV_PADDING = 64 };

typedef struct {
    const char *name; /* for messages */
    const char *text; /* without the byte-order mark; CSV_PADDING after it */
    size_t length;    /* without empty lines at the end */
    char separator, decimal;
    char line_end; /* '\n', or '\r' where the file has no other */
    bool windows_1252, dash_is_zero;
    unsigned n_threads;
    int descriptor;     /* of the mapped file; -1: not mapped */
    size_t mapped_size; /* what it was when mapped */
} csv_text;

/* A field as it stands: without its quotes, doubled quotes not yet undone. */
typedef struct {
    const char *text;
    size_t length;
    bool quoted, escaped; /* escaped: has doubled quotes */
} csv_raw;

typedef enum {
    CSV_FINE = 0,
    CSV_TOO_FEW,
    CSV_TOO_MANY,
    CSV_UNCLOSED,
    CSV_AFTER_QUOTE,
    CSV_NO_MEMORY,
    CSV_SHRUNK
} csv_trouble;

/* From one record start at or after `begin` to the first at or after `end`. */
typedef struct {
    size_t begin, end;             /* offsets; begin follows a line end */
    size_t n_ends;                 /* rows that end here */
    size_t first_record;           /* offset of the first record that starts here */
    size_t first_row;              /* its number, 0-based */
    size_t nul;                    /* offset of the first NUL; SIZE_MAX: none */
    size_t n_multibyte, n_invalid; /* sequences that are, and bytes that are not, UTF-8 */
    bool starts_quoted, ends_quoted;
    csv_trouble trouble;
    size_t trouble_at, trouble_row, trouble_field;
} csv_chunk;

typedef struct {
    csv_chunk *chunk;
    size_t n_chunks, n_rows;
    bool unclosed; /* the text ends inside a quoted field */
} csv_split;

/* What a cell can be; a column's type follows from the set of its cells' kinds. */
enum { CSV_INTEGER = 1, CSV_NUMBER = 2, CSV_DATE = 4, CSV_WORD = 8, CSV_MISSING = 16 };

typedef enum { CSV_SKIP = 0, CSV_AS_NUMBER, CSV_AS_DATE, CSV_AS_TEXT } csv_store;

typedef struct {
    const char *name;
    bool wanted, keep_text;
    unsigned guess; /* kinds seen in the sample */
    csv_store store;
    void *cells;           /* [n_rows] of 8 bytes, or 4 for dates and codes */
    uint8_t *missing;      /* [n_rows], untouched until a cell is missing */
    uint8_t *kinds;        /* [n_chunks] */
    np_text_map **labels;  /* [n_chunks], CSV_AS_TEXT */
    _Atomic bool *is_text; /* a cell was seen that makes the column text */
} csv_column;

typedef struct {
    const csv_text *file;
    csv_split split;
    csv_column *column;
    size_t n_fields, n_row_fields; /* of the header; of every row: the rest is blank */
    np_arena **scratch;            /* [n_chunks] labels' memory */
} csv_job;

/* csv_source.c: the bytes, mapped or read, with padding. */
typedef struct {
    char *bytes; /* owned: csv_source_close() */
    size_t length, allocated;
    int descriptor; /* -1: nothing is open, the bytes were read */
} csv_source;

np_status csv_source_open(csv_source *out, const char *path, np_error *err);
void csv_source_close(csv_source *source);
/* Whether the mapped file has become shorter: reading on would be fatal. */
bool csv_has_shrunk(const csv_text *file);
/* The mapped bytes from begin to end are not needed for now. */
void csv_forget(const csv_text *file, size_t begin, size_t end);

/* csv.c: a file that has been looked at, as far as the names of its columns. */
typedef struct {
    csv_text file;
    const np_csv_spec *spec;
    bool has_mark;       /* a byte-order mark */
    size_t header, body; /* offsets; equal when there is no header */
    const char **name;   /* [n_fields] */
    size_t n_fields;
    csv_split split;
    np_arena *arena;
} csv_reader;

/* `spec` and `arena` are set; the source's bytes have CSV_PADDING zeros behind them and
 * must outlive the reader. */
np_status csv_reader_begin(csv_reader *r, const csv_source *source, const char *name,
                           np_error *err);

/* csv_sniff.c */
np_status csv_refuse_other_formats(const csv_text *file, np_error *err);
void csv_trim_end(csv_text *file);
char csv_find_line_end(const char *text, size_t length);
char csv_find_separator(const csv_text *file, size_t begin);
size_t csv_title_end(const csv_text *file);
/* The number of fields that the first records have, where they all have as many;
 * 0: they have not, or are fewer than two. */
size_t csv_row_width(const csv_text *file, size_t body);
char csv_find_decimal(const csv_text *file, const csv_split *split);

/* csv_split.c */
np_status csv_split_rows(csv_split *out, const csv_text *file, size_t body,
                         bool one_column, np_arena *arena, np_error *err);
/* Counts the chunk's sequences of several bytes that are UTF-8, and its bytes that
 * are not. */
void csv_look_at_encoding(csv_chunk *chunk, const csv_text *file);

/* csv_columns.c */
np_status csv_parse_columns(np_table *out, csv_job *job, np_arena *arena, np_error *err);

/* csv_error.c: the error with file, line and column of `offset`. */
np_status csv_fail_at(const csv_text *file, size_t offset, np_error *err);
np_status csv_report_trouble(const csv_job *job, np_error *err);
np_status csv_fail_unclosed(const csv_text *file, size_t body, np_error *err);

#endif
