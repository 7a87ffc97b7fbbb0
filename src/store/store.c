#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store_internal.h"

enum { BUSY_MILLISECONDS = 5000 };

/* 64 MB of pages, where SQLite takes 2: an import in no order of the identifiers touches
 * most pages of the indexes, and a table reads some ten thousand. No mapping of the file
 * into memory (mmap_size): a file that is cut by somebody else would then end the process
 * and not the command. Nor temp_store=MEMORY, by which SQLite sorts record by record. */
#define CACHE "PRAGMA cache_size=-65536"

/* A quota or a limit on the size of files is a full disk to whoever meets it, and so is
 * what SQLite cannot write beside the file. */
static bool is_write_error(sqlite3 *db)
{
    int system_code = sqlite3_system_errno(db), code = sqlite3_extended_errcode(db);
    return system_code == ENOSPC || system_code == EFBIG || system_code == EDQUOT ||
           code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE ||
           code == SQLITE_IOERR_TRUNCATE || code == SQLITE_IOERR_FSYNC;
}

np_status store_fail(np_store *store, int code, const char *doing, np_error *err)
{
    const char *path = store->path;
    if ((code & 0xff) == SQLITE_IOERR && is_write_error(store->db))
        code = SQLITE_FULL;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        np_fail(err, NP_E_BUSY, _("another program is writing to the records"));
        np_error_hint(err, _("nothing was changed; try again in a moment"));
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        np_fail(err, NP_E_DAMAGED, _("the file is damaged or holds no records: %s"),
                sqlite3_errmsg(store->db));
        np_error_hint(err, _("restore the latest backup"));
        break;
    case SQLITE_FULL:
        np_fail(err, NP_E_IO, _("the disk is full, or cannot be written to"));
        np_error_hint(err, _("nothing was changed; make room and try again"));
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        np_fail(err, NP_E_IO, _("the file or its folder cannot be written to"));
        np_error_hint(err, _("ask for the right to write there, or work with a copy"));
        break;
    case SQLITE_NOMEM:
        np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        break;
    case SQLITE_CONSTRAINT:
        np_fail(err, NP_E_RANGE, _("%s: %s"), doing, sqlite3_errmsg(store->db));
        break;
    default:
        np_fail(err, NP_E_IO, _("%s: %s"), doing, sqlite3_errmsg(store->db));
    }
    np_error_file(err, path);
    return err != NULL ? err->status : NP_E_IO;
}

np_status store_execute(np_store *store, const char *sql, const char *doing,
                        np_error *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? NP_OK : store_fail(store, code, doing, err);
}

np_status store_prepare(sqlite3_stmt **out, np_store *store, const char *sql,
                        np_error *err)
{
    if (sql == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    int code = sqlite3_prepare_v2(store->db, sql, -1, out, NULL);
    return code == SQLITE_OK ? NP_OK : store_fail(store, code, _("reading"), err);
}

np_status store_step(bool *row, np_store *store, sqlite3_stmt *statement,
                     const char *doing, np_error *err)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return *row || code == SQLITE_DONE ? NP_OK : store_fail(store, code, doing, err);
}

np_status store_number(int64_t *out, np_store *store, const char *sql, const char *kind,
                       np_error *err)
{
    sqlite3_stmt *s = NULL;
    bool row = false;
    np_status status = store_prepare(&s, store, sql, err);
    if (status == NP_OK && kind != NULL)
        sqlite3_bind_text(s, 1, kind, -1, SQLITE_STATIC);
    if (status == NP_OK)
        status = store_step(&row, store, s, _("reading"), err);
    if (row)
        *out = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return status;
}

static np_status check_schema(np_store *store, np_error *err)
{
    int64_t version = 0, application = 0;
    np_status status = store_number(&version, store, "PRAGMA user_version", NULL, err);
    if (status == NP_OK)
        status = store_number(&application, store, "PRAGMA application_id", NULL, err);
    if (status != NP_OK)
        return status;
    if (application != NP_STORE_APPLICATION) {
        np_fail(err, NP_E_DAMAGED, _("this file holds no programme's records"));
        np_error_hint(err, _("give the programme.db of a programme's folder"));
        return np_error_file(err, store->path);
    }
    if (version > 0 && version < NP_STORE_SCHEMA)
        return store_migrate(store, version, err);
    if (version != NP_STORE_SCHEMA) {
        np_fail(err, NP_E_SCHEMA,
                _("the records were made by another version of the program: their schema "
                  "is %lld, this program's is %d"),
                (long long)version, NP_STORE_SCHEMA);
        np_error_hint(err, _("nothing was changed; use the version that made them, or a "
                             "newer one"));
        return np_error_file(err, store->path);
    }
    return NP_OK;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Nobody asks how much memory SQLite has, and counting takes a lock for each piece. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* SQLite shares a file between who reads and who writes by files beside it, and cannot
 * make them in a folder where we may not write: an archive, somebody else's share. Where
 * nobody has it open either (its -wal is there as long), it is read as it stands. */
static bool stands_still(const np_store *store)
{
    np_buf path = {0};
    np_buf_format(&path, "%s-wal", store->path);
    bool open_elsewhere = np_buf_done(&path) == NULL || access(path.text, F_OK) == 0;
    np_buf_free(&path);
    const char *slash = strrchr(store->path, '/');
    if (slash == NULL)
        np_buf_add(&path, ".");
    else
        np_buf_add_bytes(&path, store->path, (size_t)(slash - store->path) + 1);
    bool may_write = np_buf_done(&path) == NULL || access(path.text, W_OK) == 0;
    np_buf_free(&path);
    return !open_elsewhere && !may_write;
}

/* The path as an address, in which alone SQLite takes "immutable". */
static void add_address(np_buf *address, const char *path)
{
    np_buf_add(address, "file:");
    for (const char *c = path; *c != '\0'; c++)
        if (strchr("%?#", *c) != NULL)
            np_buf_format(address, "%%%02X", (unsigned)*c);
        else
            np_buf_add_char(address, *c);
    np_buf_add(address, "?immutable=1");
}

static int open_file(np_store *store, int flags)
{
    if (store->mode != NP_STORE_READ || !stands_still(store))
        return sqlite3_open_v2(store->path, &store->db, flags, NULL);
    np_buf address = {0};
    add_address(&address, store->path);
    int code =
        np_buf_done(&address) == NULL
            ? SQLITE_NOMEM
            : sqlite3_open_v2(address.text, &store->db, flags | SQLITE_OPEN_URI, NULL);
    np_buf_free(&address);
    return code;
}

static np_status open_database(np_store *store, np_error *err)
{
    bool there = access(store->path, F_OK) == 0;
    if (store->mode == NP_STORE_CREATE && there) {
        np_fail(err, NP_E_DUPLICATE, _("the file is there already"));
        return np_error_file(err, store->path);
    }
    if (store->mode != NP_STORE_CREATE && !there) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no such file"));
        return np_error_file(err, store->path);
    }
    int flags = store->mode == NP_STORE_READ ? SQLITE_OPEN_READONLY
                : store->mode == NP_STORE_CREATE
                    ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : SQLITE_OPEN_READWRITE;
    /* A store belongs to one thread at a time: no locks within SQLite. */
    pthread_once(&once, configure);
    int code = open_file(store, flags | SQLITE_OPEN_NOMUTEX);
    if (code != SQLITE_OK)
        return store_fail(store, code, _("opening"), err);
    sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
    np_status status = store_execute(store,
                                     "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; "
                                     "PRAGMA trusted_schema=OFF; " CACHE,
                                     _("opening"), err);
    if (status != NP_OK)
        return status;
    return store->mode == NP_STORE_CREATE ? store_make_schema(store, err)
                                          : check_schema(store, err);
}

np_status np_store_open(np_store **out, const char *path, np_store_mode mode,
                        np_error *err)
{
    np_store *store = calloc(1, sizeof *store);
    if (store != NULL)
        store->path = strdup(path);
    if (store == NULL || store->path == NULL) {
        free(store);
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    store->mode = mode;
    np_status status = open_database(store, err);
    if (status != NP_OK) {
        np_store_close(store);
        return status;
    }
    *out = store;
    return NP_OK;
}

void np_store_close(np_store *store)
{
    if (store == NULL)
        return;
    np_store_rollback(store);
    for (size_t k = 0; k < NP_MOST_KINDS; k++) {
        sqlite3_finalize(store->find[k]);
        sqlite3_finalize(store->upsert[k]);
    }
    sqlite3_finalize(store->last_version);
    sqlite3_finalize(store->add_version);
    sqlite3_finalize(store->history);
    search_free(store);
    sqlite3_close(store->db);
    np_buf_free(&store->sql);
    np_buf_free(&store->body);
    free(store->copy);
    free(store->path);
    free(store);
}

const char *np_store_migrated(const np_store *store)
{
    return store->copy;
}

const char *np_store_path(const np_store *store)
{
    return store->path;
}

int np_store_schema(void)
{
    return NP_STORE_SCHEMA;
}

const char *store_select_sql(np_store *store, const np_kind *kind, const char *rest)
{
    np_buf_free(&store->sql);
    np_buf_add(&store->sql, "SELECT id, record_version");
    for (size_t f = 0; f < kind->n_fields; f++)
        np_buf_format(&store->sql, ", \"%s\"", kind->field[f].name);
    np_buf_format(&store->sql, " FROM \"%s\" %s", kind->name, rest);
    return np_buf_done(&store->sql);
}

void store_row_values(np_value *value, const np_kind *kind, sqlite3_stmt *statement,
                      int first)
{
    for (size_t f = 0; f < kind->n_fields; f++) {
        int column = first + (int)f;
        switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            value[f] = NP_VALUE_OF_INTEGER(sqlite3_column_int64(statement, column));
            break;
        case SQLITE_FLOAT:
            value[f] = NP_VALUE_OF_NUMBER(sqlite3_column_double(statement, column));
            break;
        case SQLITE_TEXT:
            value[f] =
                NP_VALUE_OF_TEXT((const char *)sqlite3_column_text(statement, column));
            break;
        default:
            value[f] = (np_value){0};
        }
    }
}

static np_status copy_record(np_record *out, const np_kind *kind, sqlite3_stmt *s,
                             np_arena *arena, np_error *err)
{
    np_value *value = np_arena_array(arena, np_value, kind->n_fields);
    const char *id = (const char *)sqlite3_column_text(s, 0);
    char *copy = id == NULL ? NULL : np_arena_copy_text(arena, id, strlen(id));
    if (value == NULL || copy == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    store_row_values(value, kind, s, 2);
    for (size_t f = 0; f < kind->n_fields; f++) {
        if (value[f].type != NP_VALUE_TEXT)
            continue;
        value[f].text = np_arena_copy_text(arena, value[f].text, strlen(value[f].text));
        if (value[f].text == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    *out = (np_record){.kind = kind, .id = copy, .value = value};
    return NP_OK;
}

size_t store_kind_place(const np_kind *kind)
{
    size_t n;
    size_t place = (size_t)(kind - np_kinds(&n));
    assert(place < n && n <= NP_MOST_KINDS);
    return place;
}

np_status store_find(sqlite3_stmt **out, np_store *store, const np_kind *kind,
                     const char *id, np_error *err)
{
    sqlite3_stmt **s = &store->find[store_kind_place(kind)];
    np_status status = NP_OK;
    *out = NULL;
    if (*s == NULL)
        status =
            store_prepare(s, store, store_select_sql(store, kind, "WHERE id = ?1"), err);
    if (status != NP_OK)
        return status;
    bool row;
    sqlite3_reset(*s);
    sqlite3_bind_text(*s, 1, id, -1, SQLITE_TRANSIENT);
    status = store_step(&row, store, *s, _("reading"), err);
    if (row)
        *out = *s;
    else
        sqlite3_reset(*s);
    return status;
}

np_status np_store_get(np_record *out, np_store *store, const np_kind *kind,
                       const char *id, np_arena *arena, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_find(&s, store, kind, id, err);
    if (status == NP_OK && s == NULL)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no %s %s"), kind->name, id);
    if (status == NP_OK)
        status = copy_record(out, kind, s, arena, err);
    sqlite3_reset(s);
    return status;
}

np_status np_store_has(bool *out, np_store *store, const np_kind *kind, const char *id,
                       np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_find(&s, store, kind, id, err);
    if (status == NP_OK)
        *out = s != NULL;
    sqlite3_reset(s);
    return status;
}

np_status np_store_count(int64_t *out, np_store *store, const np_kind *kind,
                         np_error *err)
{
    np_buf_free(&store->sql);
    np_buf_format(&store->sql, "SELECT count(*) FROM \"%s\"", kind->name);
    return store_number(out, store, np_buf_done(&store->sql), NULL, err);
}

np_status np_store_each(np_store *store, const np_kind *kind, np_store_row *row,
                        void *context, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status =
        store_prepare(&s, store, store_select_sql(store, kind, "ORDER BY id"), err);
    np_value value[NP_MOST_FIELDS];
    bool more = status == NP_OK;
    while (more) {
        status = store_step(&more, store, s, _("reading"), err);
        if (!more)
            break;
        store_row_values(value, kind, s, 2);
        np_record record = {
            .kind = kind, .id = (const char *)sqlite3_column_text(s, 0), .value = value};
        status = row(context, &record, err);
        more = status == NP_OK;
    }
    sqlite3_finalize(s);
    return status;
}
