/* What exports and restoring share; nobody else includes this. */
#ifndef NP_PROGRAMME_EXPORT_INTERNAL_H
#define NP_PROGRAMME_EXPORT_INTERNAL_H

#include <stdio.h>

#include "base/text.h"
#include "programme/export.h"

/* A file of rows that is being written; the first failure sticks. */
typedef struct {
    FILE *file;
    np_buf buf;
    char path[512];
    bool failed, first_cell;
} export_file;

np_status export_open(export_file *f, const char *folder, const char *name,
                      np_error *err);
void export_cell(export_file *f, const char *text); /* NULL: empty */
void export_integer(export_file *f, int64_t value);
void export_row_end(export_file *f);
np_status export_close(export_file *f, np_error *err);

/* "FOLDER/NAME". NP_E_LIMIT: longer than fits. */
enum { EXPORT_PATH = 512 };
np_status export_path(char out[EXPORT_PATH], const char *folder, const char *name,
                      np_error *err);
/* Names of the texts of a programme's folder that an export has; NULL ends them. */
extern const char *const export_texts[];
np_status export_copy_file(const char *from, const char *to, np_error *err);

/* The kind's records into KIND.csv of the folder. */
np_status export_kind(int64_t *n_records, np_store *store, const np_kind *kind,
                      int64_t as_of, const char *folder, np_error *err);

/* A file of an export, named from its folder: "records/goal.csv". */
typedef struct {
    char name[160], hash[NP_HASH_LENGTH];
} export_listed;

/* What the manifest says. */
typedef struct {
    int64_t schema, n_entries, n_versions;
    char head[NP_HASH_LENGTH];
    int64_t n_records[NP_MOST_KINDS]; /* by the place of the kind */
    export_listed *file;              /* [n_files], by name */
    size_t n_files;
} export_manifest;

/* The files that the folder has, with their hashes, in the order of names; the manifest
 * itself is left out. */
np_status export_list(export_listed **out, size_t *n, const char *folder, np_arena *arena,
                      np_error *err);
void export_manifest_text(np_buf *out, const export_manifest *m);
/* Makes all of a folder's files go away, and the folder; for what was never finished. */
void export_remove(const char *folder);

#endif
