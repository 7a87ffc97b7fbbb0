/* A store in a temporary folder, and records to put into it. */
#ifndef NP_TESTS_STORE_FOLDER_H
#define NP_TESTS_STORE_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "support/check.h"

typedef struct {
    char folder[64], path[128];
    np_arena *arena;
    np_store *store;
    np_error err;
} a_folder;

#define assert_ok(f, call)                                                               \
    do {                                                                                 \
        np_status status_ = (call);                                                      \
        if (status_ != NP_OK)                                                            \
            print_error("%s\n", (f)->err.message);                                       \
        assert_int_equal(status_, NP_OK);                                                \
    } while (0)

static inline int set_up(void **state)
{
    a_folder *f = calloc(1, sizeof *f);
    if (f == NULL)
        return 1;
    strcpy(f->folder, "/tmp/nullpunkt-store-XXXXXX");
    if (mkdtemp(f->folder) == NULL)
        return 1;
    snprintf(f->path, sizeof f->path, "%s/programme.db", f->folder);
    f->arena = np_arena_new(0);
    *state = f;
    return np_store_open(&f->store, f->path, NP_STORE_CREATE, &f->err) != NP_OK;
}

static inline int tear_down(void **state)
{
    a_folder *f = *state;
    np_store_close(f->store);
    np_arena_free(f->arena);
    const char *const left[] = {"programme.db", "programme.db-wal", "programme.db-shm",
                                "copy.db"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char path[192];
        snprintf(path, sizeof path, "%s/%s", f->folder, left[i]);
        unlink(path);
    }
    int left_over = rmdir(f->folder);
    free(f);
    return left_over;
}

static inline void begin(a_folder *f)
{
    np_store_entry entry = {.who = "kari", .action = "import", .why = "a test"};
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
}

/* Puts a record of which the named fields have texts; NULL ends them. */
static inline np_status put_texts(a_folder *f, np_put_result *result, const char *kind,
                                  const char *id, ...)
{
    np_value value[64] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    va_list args;
    va_start(args, id);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;) {
        size_t field = np_kind_field(record.kind, name);
        assert_true(field < record.kind->n_fields);
        value[field] = NP_VALUE_OF_TEXT(va_arg(args, const char *));
    }
    va_end(args);
    return np_store_put(f->store, &record, result, &f->err);
}

static inline np_status put_network(a_folder *f, np_put_result *result, const char *id,
                                    const char *name)
{
    return put_texts(f, result, "network", id, "name", name, NULL);
}

/* An entry of one network. */
static inline void commit_network(a_folder *f, const char *id, const char *name)
{
    begin(f);
    assert_ok(f, put_network(f, NULL, id, name));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

#endif
