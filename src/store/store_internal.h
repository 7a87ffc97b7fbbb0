/* What the parts of the store share; nobody else includes this, or sqlite3.h. */
#ifndef NP_STORE_STORE_INTERNAL_H
#define NP_STORE_STORE_INTERNAL_H

#include <sodium.h>
#include <sqlite3.h>

#include "base/date.h"
#include "base/text.h"
#include "store/store.h"
#include "store/word.h"

enum { NP_STORE_SCHEMA = 5, NP_STORE_APPLICATION = 0x4e756c6c };

/* What writes the search index; prepared as they are used. */
enum {
    SEARCH_FIND = 0,
    SEARCH_PUT,
    SEARCH_REMOVE,
    SEARCH_INDEX,
    SEARCH_UNINDEX,
    SEARCH_STATEMENTS
};

struct np_store {
    sqlite3 *db;
    char *path;
    char *copy; /* made before the file was migrated; NULL: it was not */
    np_store_mode mode;
    bool writing; /* an entry is begun */
    int64_t entry, n_versions, next_version;
    char who[256], action[64], why[1024], moment[NP_MOMENT_LENGTH];
    crypto_hash_sha256_state hash;
    np_buf sql, body; /* scratch */
    /* Prepared once, as they are used: for each kind, and of the log. */
    sqlite3_stmt *find[NP_MOST_KINDS], *upsert[NP_MOST_KINDS];
    sqlite3_stmt *last_version, *add_version, *history;
    np_stemmer *stemmer; /* NULL until a text is searched or put */
    np_buf stems;        /* scratch */
    sqlite3_stmt *search[SEARCH_STATEMENTS];
};

/* A failure of SQLite in our words; returns the status. */
np_status store_fail(np_store *store, int code, const char *doing, np_error *err);
/* Runs SQL that has no parameters and no rows. */
np_status store_execute(np_store *store, const char *sql, const char *doing,
                        np_error *err);
np_status store_prepare(sqlite3_stmt **out, np_store *store, const char *sql,
                        np_error *err);
/* The next row; *row is false, and the status says why, where there is none. */
np_status store_step(bool *row, np_store *store, sqlite3_stmt *statement,
                     const char *doing, np_error *err);
/* The one integer that a query gives; `kind` is its ?1, or NULL. */
np_status store_number(int64_t *out, np_store *store, const char *sql, const char *kind,
                       np_error *err);
/* The place of a kind among all, for what is kept for each. */
size_t store_kind_place(const np_kind *kind);
/* The statement for a record by its identifier, at its row; *out is NULL where there is
 * none. The store's: reset by the caller, not finalized. */
np_status store_find(sqlite3_stmt **out, np_store *store, const np_kind *kind,
                     const char *id, np_error *err);
/* "SELECT id, field … FROM kind" into store->sql, with `rest` after it. */
const char *store_select_sql(np_store *store, const np_kind *kind, const char *rest);
/* The columns from `first` on of the row the statement is at; texts are SQLite's. */
void store_row_values(np_value *value, const np_kind *kind, sqlite3_stmt *statement,
                      int first);
/* The body of a version (np_log_version), in store->body. */
const char *store_body(np_store *store, const np_record *record);

/* The chain: each text enters the hash with its length before it. */
void log_hash_start(crypto_hash_sha256_state *state, const char *previous,
                    const np_log_entry *entry);
void log_hash_version(crypto_hash_sha256_state *state, const char *kind, const char *id,
                      int64_t version, const char *body);
void log_hash_end(char out[NP_HASH_LENGTH], crypto_hash_sha256_state *state);
/* Adds a version to the entry that is begun. */
np_status log_add_version(np_store *store, const char *kind, const char *id,
                          const char *body, np_error *err);

/* Makes all tables in a file that has none. */
np_status store_make_schema(np_store *store, np_error *err);
/* Brings a file of the older schema `version` to the present one, by a connection of its
 * own, all of it or nothing, after a copy was made beside it. */
np_status store_migrate(np_store *store, int64_t version, np_error *err);
/* A problem for each table of a kind that has not the columns of its fields. */
np_status store_check_tables(np_problems *problems, np_store *store, np_error *err);
/* A problem for each trigger, index or view that is missing, is otherwise than the
 * program makes it, or is none of the program's. */
np_status store_check_objects(np_problems *problems, np_store *store, np_error *err);
/* A problem for each reference that leads nowhere (the first 20). */
np_status store_check_references(np_problems *problems, np_store *store, np_error *err);

/* The search index: of a record that is put or taken away, of all records, and what is
 * wrong with it. rebuild() within a transaction. */
np_status search_put(np_store *store, const np_record *record, const char *id,
                     np_error *err);
np_status search_retract(np_store *store, const np_kind *kind, const char *id,
                         np_error *err);
np_status search_rebuild(np_store *store, np_error *err);
void search_free(np_store *store); /* statements, stemmer and scratch */
np_status search_check(np_problems *problems, np_store *store, np_error *err);

/* write.c: the parts of an entry that a log written anew has, too. */
np_status store_insert_entry(char hash[NP_HASH_LENGTH], np_store *store, np_error *err);
np_status store_write_row(np_store *store, const np_record *record, const char *id,
                          np_error *err);
np_status store_delete_row(np_store *store, const np_kind *kind, const char *id,
                           np_error *err);
np_status store_check_record(const np_record *record, np_error *err);
np_status store_commit(np_store *store, np_error *err);

extern const char np_store_schema_001[], np_store_schema_002[], np_store_schema_003[],
    np_store_schema_004[], np_store_schema_005[], np_store_schema_search[];

#endif
