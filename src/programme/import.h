/* Records from files: rosters, projects, reports, measurements, labels … of any kind that
 * programme.yaml does not define.
 *
 * All files of an import are one entry of the log: all of it is written, or nothing.
 * Every bad value is a problem with file, line, column, rule and reason, as many as there
 * are.
 *
 * An empty cell is an absent value, never zero. A column that the file does not have says
 * nothing: the record keeps what it has there. A record that is in no row stays.
 */
#ifndef NP_PROGRAMME_IMPORT_H
#define NP_PROGRAMME_IMPORT_H

#include "io/table_file.h"
#include "programme/entry.h"
#include "programme/mapping.h"

typedef struct {
    const char *path;
    const np_kind *kind;       /* whose fields the columns are named after; or … */
    const np_mapping *mapping; /* … how the columns become fields */
} np_import_source;

typedef struct {
    const char *file;
    uint32_t line;      /* of the file, or row of the sheet; 0: of the file as a whole */
    const char *column; /* its heading; "" where it is about the row */
    const char *kind, *id, *field;
    const char *rule; /* "value", "column", "row", "twice", "lookup", "file", or of
                         rules.h */
    const char *message, *hint;
    bool warning;
} np_import_problem;

/* Called for each problem; the texts live for the call. */
typedef void np_import_problem_sink(void *context, const np_import_problem *problem);
/* Called now and then: file `i` of the sources, its share that is read. */
typedef void np_import_progress(void *context, size_t i, double share);

typedef struct {
    const np_import_source *source; /* [n] */
    size_t n;
    np_table_file_spec file; /* sheet, header_row, separator, encoding: for all of them */
    char decimal;            /* 0: as the mapping says, or by looking */
    const char *who, *why;
    bool dry_run;
    size_t n_changes; /* how many changed fields are listed */
    np_import_problem_sink *sink;
    np_import_progress *progress; /* NULL: nobody wants to know */
    void *context;
} np_import_spec;

typedef struct {
    const np_kind *kind;
    size_t n_new, n_changed, n_unchanged;
} np_import_count;

typedef struct {
    const char *kind, *id, *field;
    const char *before, *after; /* as np_value_format; "" for absent */
} np_import_change;

typedef struct {
    const np_import_count *count; /* [n_counts], in the order of np_kinds() */
    size_t n_counts;
    const np_import_change *change; /* [n_changes] the first ones */
    size_t n_changes;
    size_t n_rows, n_problems, n_warnings;
    bool written;  /* false: problems, a dry run, or nothing new */
    int64_t entry; /* its number in the log where it was written, else 0 */
} np_import;

/* NP_OK with problems, too: then nothing was written. Errors are those of the store
 * (NP_E_BUSY, NP_E_IO …) and of np_entry_begin(). Files are read a row at a time (a
 * workbook as a whole); memory is some 100 bytes for each record, and what the rules take
 * that judge all of them at the end. */
np_status np_import_run(np_import *out, np_store *store, const np_import_spec *spec,
                        np_arena *arena, np_error *err);

/* The files of a folder that are named after kinds (goal.csv, goal.xlsx), in the order of
 * np_kinds(), added to the sources; files of defined kinds are left out and counted. What
 * else the folder has in files of tables is a problem for the sink. NP_E_IO: it cannot be
 * read. */
np_status np_import_folder(np_import_source **source, size_t *n, size_t *n_defined,
                           const char *folder, np_import_problem_sink *sink,
                           void *context, np_arena *arena, np_error *err);
/* The kind that a file is named after, or NULL: "data/goal.csv" is of goals. */
const np_kind *np_import_kind_of_name(const char *path);

#endif
