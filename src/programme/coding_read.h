/* Reads what coders filled in: sheets with labels, and sheets in which disagreements are
 * settled. CSV or .xlsx; other columns than those named here are not looked at.
 *
 *   item      required: the identifier
 *   scheme    the scheme's identifier, where the caller does not say it
 *   coder     the coder's name, likewise (labels only)
 *   text      where it is there it must be the item's: a column that was sorted by itself
 *             shows by it
 *   label, labels, label_1, label_2 …        (labels)
 *   decision, decisions, decision_1 …        (adjudication)
 *             codes, identifiers or names of categories, several divided by ";"
 *   note      (labels), reason (adjudication): why
 *
 * A row that names categories says all that the coder gives the item in this scheme: what
 * was there before and is not named is taken away. An empty row says nothing, "-" that
 * the item gets none. All of a sheet is written as one entry, or nothing.
 */
#ifndef NP_PROGRAMME_CODING_READ_H
#define NP_PROGRAMME_CODING_READ_H

#include "io/table_file.h"
#include "programme/coding_labels.h"
#include "programme/entry.h"

/* The worksheet that `coding sheet` writes the items to. */
#define NP_CODING_WORKSHEET "coding"

typedef struct {
    const char *path;
    np_table_file_spec file;    /* without a sheet's name: NP_CODING_WORKSHEET, else the
                                   first */
    bool adjudicate;            /* decisions, not labels */
    const char *scheme, *coder; /* NULL: as the sheet says */
    const char *who, *why;      /* of the entry */
    bool dry_run;
    np_objection_sink *warn; /* of the rules' warnings; NULL: nobody wants to know */
    void *context;
} np_coding_read_spec;

typedef struct {
    const char *scheme, *coder; /* coder NULL: adjudication */
    size_t n_rows, n_empty, n_named, n_cleared;
    np_entry_result entry;
} np_coding_read;

/* NP_OK with problems, too: then nothing was written. Each has file, line and column.
 * Errors are those of reading the file, of the store and of np_entry_begin(). */
np_status np_coding_read_sheet(np_coding_read *out, np_store *store,
                               const np_coding_read_spec *spec, np_problems *problems,
                               np_arena *arena, np_error *err);

#endif
