/* Records as files: CSV by kind, or everything, from which an identical store can be made
 * again (docs/export.md).
 *
 * An export of everything is a folder:
 *   records/KIND.csv   every kind: identifier and fields, in the order of identifiers
 *   log.csv            the entries of the log, with their hashes
 *   versions.csv       every version of every record, in the order of the log
 *   programme.yaml, tables.yaml, evaluation.yaml, mappings/NAME.yaml: copies, where the
 *                programme has them
 *   manifest.yaml      schema, counts, the head of the log, SHA-256 of every other file
 * It has no dates of its own: two exports of the same records are the same bytes.
 *
 * Folders are written beside their place and get their name last, so that there is no
 * half export. They are never written over: NP_E_DUPLICATE where there is something.
 */
#ifndef NP_PROGRAMME_EXPORT_H
#define NP_PROGRAMME_EXPORT_H

#include "store/store.h"

typedef struct {
    int64_t n_records, n_versions, n_entries;
    size_t n_files;
    char head[NP_HASH_LENGTH]; /* of the log; "" where it is empty */
} np_export;

/* Records of the kinds, KIND.csv in the folder; of all kinds where n = 0. as_of: as they
 * were after that entry of the log; 0: now. */
np_status np_export_records(np_export *out, np_store *store, const np_kind *const *kind,
                            size_t n, int64_t as_of, const char *folder, np_error *err);

/* `programme` is the folder that has programme.yaml and the other texts, or NULL. */
np_status np_export_everything(np_export *out, np_store *store, const char *programme,
                               const char *folder, np_error *err);

typedef struct {
    const char *programme; /* the folder that gets programme.db */
    const char *head;      /* a hash of the log noted elsewhere, or NULL */
    bool replace;    /* what is there gets another name: programme.db.before-2026-12-01 */
    const char *day; /* "2026-12-01": for that name */
} np_restore_spec;

/* Makes the store of an exported folder, or of a backup, the programme's. Everything that
 * does not fit is a problem (a file's SHA-256, an entry's hash, a count, a file that is
 * missing or too many), and then nothing is restored. A backup's definition is not in it:
 * programme.yaml stays as it is.
 * NP_E_DUPLICATE  the programme has records, or another programme.yaml, and not `replace`
 * NP_E_BUSY       somebody has the records open that are to be replaced */
np_status np_restore(np_export *out, const char *from, const np_restore_spec *spec,
                     np_arena *arena, np_problems *problems, np_error *err);

#endif
