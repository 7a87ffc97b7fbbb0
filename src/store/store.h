/* A programme's records in one SQLite file: opening, writing, reading a record.
 *
 * Every write belongs to an entry of the log: who, when, why and what was done. A record
 * that is put anew gets a new version; the log keeps every version, the table of the kind
 * the last. Entries are chained: an entry's hash is SHA-256 of the hash before it, its
 * own words and its versions' bodies, so that a change to what is written shows.
 *
 * One writer at a time, any number of readers beside it (write-ahead log). What
 * np_store_commit() has acknowledged is on the disk.
 *
 * NP_E_IO        the file cannot be opened, read or written (a full disk, no permission)
 * NP_E_BUSY      another program is writing, and has been for longer than is waited
 * NP_E_DAMAGED   the file is no database of ours, or its pages are damaged
 * NP_E_SCHEMA    the file was made by another version of the program
 */
#ifndef NP_STORE_STORE_H
#define NP_STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "store/kind.h"

typedef struct np_store np_store;

typedef enum {
    NP_STORE_READ = 0,
    NP_STORE_WRITE,
    NP_STORE_CREATE /* NP_E_DUPLICATE where the file is there already */
} np_store_mode;

/* NP_E_UNKNOWN_NAME where there is no such file (READ, WRITE). */
np_status np_store_open(np_store **out, const char *path, np_store_mode mode,
                        np_error *err);
void np_store_close(np_store *store); /* NULL is allowed; an open entry is rolled back */
const char *np_store_path(const np_store *store);
/* Opening brought a file of an older schema to the present one: the path of the copy of
 * it as it was. NULL: it did not. */
const char *np_store_migrated(const np_store *store);
int np_store_schema(void); /* the version of the schema that this program writes */

typedef struct {
    const char *who;    /* required: the user's name */
    const char *action; /* required: "import", "submit" … */
    const char *why;    /* "" where nobody said */
} np_store_entry;

np_status np_store_begin(np_store *store, const np_store_entry *entry, np_error *err);
/* An entry in which nothing changed is left out of the log. */
np_status np_store_commit(np_store *store, np_error *err);
void np_store_rollback(np_store *store);

typedef enum { NP_PUT_UNCHANGED = 0, NP_PUT_NEW, NP_PUT_CHANGED } np_put_result;

/* Puts the record: new, a new version, or nothing where it says what is there already.
 * *result may be NULL. References are checked at commit, so that the records of one entry
 * may come in any order.
 * A record that is refused leaves the entry as it was; where the file cannot be written,
 * the entry is rolled back.
 * NP_E_USAGE  no entry is begun; NP_E_RANGE  a required field is absent, a value has the
 * wrong type or is none of the choices */
np_status np_store_put(np_store *store, const np_record *record, np_put_result *result,
                       np_error *err);
/* Takes a record out of the table of its kind; its versions stay in the log, the last of
 * them without a body. NP_E_UNKNOWN_NAME: it is not there. */
np_status np_store_retract(np_store *store, const np_kind *kind, const char *id,
                           np_error *err);

/* The identifier that the record has or gets; in the arena. NP_E_RANGE: neither an
 * identifier nor a whole key. */
np_status np_record_identifier(const char **out, const np_record *record, np_arena *arena,
                               np_error *err);

/* NP_E_UNKNOWN_NAME where there is none (np_store_has() asks without an error). */
np_status np_store_get(np_record *out, np_store *store, const np_kind *kind,
                       const char *id, np_arena *arena, np_error *err);
np_status np_store_has(bool *out, np_store *store, const np_kind *kind, const char *id,
                       np_error *err);
np_status np_store_count(int64_t *out, np_store *store, const np_kind *kind,
                         np_error *err);

/* Calls `row` for each record of the kind in the order of identifiers; its texts live
 * for the call. A status other than NP_OK stops and is returned. */
typedef np_status np_store_row(void *context, const np_record *record, np_error *err);
np_status np_store_each(np_store *store, const np_kind *kind, np_store_row *row,
                        void *context, np_error *err);

typedef struct {
    int64_t entry;
    const char *when, *who, *action, *why;
    char hash[NP_HASH_LENGTH];
    int64_t n_versions;
} np_log_entry;

typedef struct {
    int64_t entry;
    const char *kind, *id;
    int64_t version;  /* 1, 2 … of this record */
    const char *body; /* canonical JSON of the fields that have a value, in the order
                         of the kind; NULL: retracted */
    const char *when, *who, *why; /* of the entry */
} np_log_version;

typedef np_status np_log_entry_row(void *context, const np_log_entry *entry,
                                   np_error *err);
typedef np_status np_log_version_row(void *context, const np_log_version *version,
                                     np_error *err);
np_status np_log_each_entry(np_store *store, np_log_entry_row *row, void *context,
                            np_error *err);
/* The versions of one record, the first first. */
np_status np_log_history(np_store *store, const np_kind *kind, const char *id,
                         np_log_version_row *row, void *context, np_error *err);
/* Every version of every record, in the order in which they were written; when, who and
 * why are NULL. */
np_status np_log_each_version(np_store *store, np_log_version_row *row, void *context,
                              np_error *err);
/* The hash of the last entry, "" where there is none. */
np_status np_log_head(char out[NP_HASH_LENGTH], np_store *store, np_error *err);
/* Its number, 0 where there is none. */
np_status np_log_last(int64_t *out, np_store *store, np_error *err);
/* The record that a version's body says; in the arena. NP_E_DAMAGED: it is no body of a
 * record of this kind. */
np_status np_record_from_body(np_record *out, const np_kind *kind, const char *id,
                              const char *body, np_arena *arena, np_error *err);
/* np_store_each() as it was after the entry. */
np_status np_store_each_as_of(np_store *store, const np_kind *kind, int64_t entry,
                              np_store_row *row, void *context, np_error *err);

/* From here to the end every reading sees the records of one moment, whatever others
 * write meanwhile. */
np_status np_store_snapshot(np_store *store, np_error *err);
void np_store_snapshot_end(np_store *store);

/* A problem for every entry whose hash does not follow from what is written, for every
 * record that differs from its last version, and for every number that is missing in the
 * row of entries. `expected_head` (may be NULL) is a hash noted earlier: a problem where
 * no entry has it, since then the log was cut or written anew. */
np_status np_log_check(np_problems *problems, np_store *store, const char *expected_head,
                       np_error *err);

/* The file itself: SQLite's integrity check, foreign keys, that the tables are those of
 * the kinds and the triggers and indexes those of the program, and that the search index
 * (search.h) says what the records say. */
np_status np_store_check(np_problems *problems, np_store *store, np_error *err);

/* What a log says is done again, entry by entry, in a store that has no log yet: the same
 * moments, names, numbers and hashes. All of it is one transaction. NP_E_DAMAGED: what
 * does not follow (a number, a version, a hash, a body), named by entry and record. After
 * an error everything is rolled back. */
np_status np_store_replay_begin(np_store *store, np_error *err);
np_status np_store_replay_entry(np_store *store, const np_log_entry *entry,
                                np_error *err);
/* A version of that entry. */
np_status np_store_replay_version(np_store *store, const np_log_version *version,
                                  np_error *err);
/* After the entry's last version: compares its hash and number of versions. */
np_status np_store_replay_close(np_store *store, const np_log_entry *entry,
                                np_error *err);
np_status np_store_replay_commit(np_store *store, np_error *err);

/* A copy of the store as it is at one moment, while others read and write. Written beside
 * the destination and renamed, so that no half copy is ever there.
 * NP_E_DUPLICATE  the destination is there already */
np_status np_store_backup(np_store *store, const char *destination, np_error *err);
/* The same of a file that is not opened as a store, so that one of an older schema stays
 * as it is. */
np_status np_store_copy_file(const char *path, const char *destination, np_error *err);
/* Gives the file another name, with what stands beside it in the write-ahead log.
 * NP_E_BUSY: somebody has it open; NP_E_DUPLICATE: the name is taken. A file that is
 * damaged is moved as it is. */
np_status np_store_set_aside(const char *path, const char *name, np_error *err);

#endif
