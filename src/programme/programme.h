/* A programme: the folder with what it is (programme.yaml) and its records
 * (programme.db).
 *
 * programme.yaml is read into records of the kinds that are `defined` (kind.h). Opening
 * to write puts them into the store as an entry of the log of their own ("definition")
 * where they say something new; opening to read takes what the store has.
 */
#ifndef NP_PROGRAMME_PROGRAMME_H
#define NP_PROGRAMME_PROGRAMME_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef struct {
    np_record record; /* all values and texts in the arena */
    uint32_t line;    /* of programme.yaml */
} np_defined;

typedef struct {
    const char *path;
    const np_defined *item; /* [n], in the order of np_kinds() */
    size_t n;
    char hash[NP_HASH_LENGTH]; /* SHA-256 of the file */
} np_definition;

/* Reads programme.yaml. What is wrong in it is added to the problems, with line and
 * column; NP_OK even where there are some. An error is a file that cannot be read at
 * all: NP_E_UNKNOWN_NAME not there, NP_E_IO, NP_E_ENCODING, NP_E_PARSE, NP_E_LIMIT. */
np_status np_definition_read(np_definition *out, const char *path, np_arena *arena,
                             np_problems *problems, np_error *err);

/* The same from memory; `path` stands for the file in problems. */
np_status np_definition_read_text(np_definition *out, const char *text, size_t length,
                                  const char *path, np_arena *arena,
                                  np_problems *problems, np_error *err);

typedef struct {
    const char *folder;
    np_store *store;          /* owned by the programme */
    np_definition definition; /* of the file; n = 0 where it was opened to read */
    np_arena *arena;          /* borrowed */
} np_programme;

/* WRITE: `who` enters the log where the definition is new; NULL: it must not be
 * (NP_E_USAGE), since nothing may be written; problems of programme.yaml
 * are the error, the first of them with how many there are; so is a definition in use
 * that changed its meaning and not its version.
 * NP_E_UNKNOWN_NAME: the folder has no programme.yaml (WRITE) or no programme.db, with
 * the hint `nullpunkt init`. */
np_status np_programme_open(np_programme **out, const char *folder, np_store_mode mode,
                            const char *who, np_arena *arena, np_error *err);
void np_programme_close(np_programme *programme); /* NULL is allowed */

/* The one record of the kind programme. */
np_status np_programme_record(np_record *out, np_programme *programme, np_error *err);

#endif
