#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/summary.h"

/* A step must not be interrupted by a reader's or writer's moment: a large file takes its
 * time. */
enum { BUSY_MILLISECONDS = 60000, MOST_COPIES = 99 };

/* What makes schema number step + 1: SQL, then what SQL alone cannot do. */
static const struct {
    const char *sql;
    np_status (*then)(np_store *store, np_error *err);
} steps[NP_STORE_SCHEMA] = {
    {np_store_schema_001, NULL},
    {np_store_schema_002, search_rebuild},
    {np_store_schema_003, NULL},
    {np_store_schema_004, NULL},
    {np_store_schema_005, summary_refresh},
};

static np_status note_step(np_store *store, int step, np_error *err)
{
    sqlite3_stmt *s = NULL;
    char moment[NP_MOMENT_LENGTH];
    bool row;
    np_moment_now(moment);
    np_status status =
        store_prepare(&s, store, "INSERT INTO schema_migration VALUES (?1, ?2, ?3)", err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_int(s, 1, step);
    sqlite3_bind_text(s, 2, moment, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, NP_VERSION, -1, SQLITE_STATIC);
    status = store_step(&row, store, s, _("making the records"), err);
    sqlite3_finalize(s);
    return status;
}

static np_status take_step(np_store *store, int step, np_error *err)
{
    np_status status =
        store_execute(store, steps[step - 1].sql, _("making the records"), err);
    if (status == NP_OK && steps[step - 1].then != NULL)
        status = steps[step - 1].then(store, err);
    if (status != NP_OK)
        return status;
    char sql[64];
    np_text_format(sql, sizeof sql, "PRAGMA user_version = %d", step);
    return store_execute(store, sql, _("making the records"), err);
}

np_status store_make_schema(np_store *store, np_error *err)
{
    np_status status =
        store_execute(store, "PRAGMA journal_mode=WAL", _("making the records"), err);
    if (status == NP_OK)
        status = store_execute(store, "BEGIN IMMEDIATE", _("making the records"), err);
    for (int step = 1; step <= NP_STORE_SCHEMA && status == NP_OK; step++)
        status = take_step(store, step, err);
    for (int step = 1; step <= NP_STORE_SCHEMA && status == NP_OK; step++)
        status = note_step(store, step, err);
    if (status == NP_OK)
        status = store_execute(store, "COMMIT", _("making the records"), err);
    return status;
}

typedef struct {
    char head[NP_HASH_LENGTH];
    int64_t n_versions;
    int64_t n_records[NP_MOST_KINDS]; /* -1: the kind has no table yet */
} content;

static np_status take_content(content *out, np_store *store, np_error *err)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    np_status status = np_log_head(out->head, store, err);
    if (status == NP_OK)
        status = store_number(&out->n_versions, store, "SELECT count(*) FROM log_version",
                              NULL, err);
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        int64_t there = 0;
        out->n_records[k] = -1;
        status =
            store_number(&there, store,
                         "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND "
                         "name = ?1",
                         kind[k].name, err);
        if (status == NP_OK && there > 0)
            status = np_store_count(&out->n_records[k], store, &kind[k], err);
    }
    return status;
}

static np_status refuse(np_store *store, const char *what, np_error *err)
{
    np_fail(err, NP_E_SCHEMA,
            _("the records cannot be brought to the program's schema %d: %s"),
            NP_STORE_SCHEMA, what);
    np_error_hint(err, _("nothing was changed; use the version of the program that made "
                         "the records, and report this"));
    return np_error_file(err, store->path);
}

static np_status compare_content(np_store *store, const content *before, np_error *err)
{
    content after;
    size_t n;
    np_kinds(&n);
    np_status status = take_content(&after, store, err);
    if (status != NP_OK)
        return status;
    if (strcmp(before->head, after.head) != 0 || before->n_versions != after.n_versions)
        return refuse(store, _("a step changed the log"), err);
    for (size_t k = 0; k < n; k++)
        if (before->n_records[k] >= 0 && before->n_records[k] != after.n_records[k])
            return refuse(store, _("a step changed how many records there are"), err);
    return NP_OK;
}

static np_status check_whole(np_store *store, np_error *err)
{
    np_problems *problems = calloc(1, sizeof *problems);
    if (problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = store_check_tables(problems, store, err);
    if (status == NP_OK)
        status = store_check_references(problems, store, err);
    if (status == NP_OK && problems->n_seen > 0)
        status = refuse(store, problems->item[0].message, err);
    free(problems);
    return status;
}

/* To write: who can only read leaves the files beside it (-wal, -shm) when closing. */
static np_status open_as_it_is(np_store *out, const char *path, np_error *err)
{
    int code = sqlite3_open_v2(path, &out->db, SQLITE_OPEN_READWRITE, NULL);
    return code == SQLITE_OK ? NP_OK : store_fail(out, code, _("copying"), err);
}

/* Whether the file at `path` holds the same records by the same schema. */
static bool is_same(np_store *store, const char *path, int64_t version)
{
    np_store copy = {.path = (char *)path};
    char head[NP_HASH_LENGTH], its_head[NP_HASH_LENGTH];
    int64_t its_version = -1;
    bool same =
        open_as_it_is(&copy, path, NULL) == NP_OK &&
        store_number(&its_version, &copy, "PRAGMA user_version", NULL, NULL) == NP_OK &&
        np_log_head(its_head, &copy, NULL) == NP_OK &&
        np_log_head(head, store, NULL) == NP_OK && its_version == version &&
        strcmp(head, its_head) == 0;
    sqlite3_close(copy.db);
    return same;
}

/* Copies the file as it is to programme.db.schema-1, or programme.db.schema-1-2 …, where
 * an earlier try has not left the same there. Another connection copies: the one that
 * is about to write cannot. */
static np_status copy_beside(np_store *store, int64_t version, np_error *err)
{
    np_buf name = {0};
    np_status status = NP_E_DUPLICATE;
    for (int i = 1; i <= MOST_COPIES && status == NP_E_DUPLICATE; i++) {
        np_buf_free(&name);
        np_buf_format(&name, "%s.schema-%lld", store->path, (long long)version);
        if (i > 1)
            np_buf_format(&name, "-%d", i);
        const char *path = np_buf_done(&name);
        if (path == NULL)
            status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        else if (access(path, F_OK) == 0)
            status = is_same(store, path, version) ? NP_OK : NP_E_DUPLICATE;
        else {
            np_store source = {.path = store->path};
            status = open_as_it_is(&source, store->path, err);
            if (status == NP_OK)
                status = np_store_backup(&source, path, err);
            sqlite3_close(source.db);
        }
    }
    if (status == NP_OK)
        store->copy = strdup(np_buf_done(&name)); /* NULL: nobody is told, no more */
    np_buf_free(&name);
    if (status == NP_E_DUPLICATE)
        return refuse(store, _("too many copies of earlier tries are beside them"), err);
    if (status != NP_OK)
        np_error_hint(err, _("the records are of an older schema, and a copy is made "
                             "beside them before they are brought to the present one; "
                             "nothing was changed"));
    return status;
}

/* Within the transaction: another program may have been here while we waited for it. */
static np_status take_steps(np_store *store, np_error *err)
{
    int64_t version = 0;
    content before;
    np_status status = store_number(&version, store, "PRAGMA user_version", NULL, err);
    if (status != NP_OK || version >= NP_STORE_SCHEMA)
        return status;
    status = take_content(&before, store, err);
    if (status == NP_OK)
        status = copy_beside(store, version, err);
    for (int step = (int)version + 1; step <= NP_STORE_SCHEMA && status == NP_OK;
         step++) {
        status = take_step(store, step, err);
        if (status == NP_OK)
            status = note_step(store, step, err);
        if (status == NP_OK)
            status = compare_content(store, &before, err);
    }
    return status == NP_OK ? check_whole(store, err) : status;
}

static np_status migrate(np_store *store, np_error *err)
{
    /* Tables may be made anew, which references to them must not hinder; check_whole()
     * judges them at the end. */
    np_status status = store_execute(store, "PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE",
                                     _("bringing the records to a newer schema"), err);
    if (status != NP_OK)
        return status;
    status = take_steps(store, err);
    if (status == NP_OK)
        status = store_execute(store, "COMMIT",
                               _("bringing the records to a newer schema"), err);
    if (status != NP_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_exec(store->db, "PRAGMA foreign_keys=ON", NULL, NULL, NULL);
    return status;
}

static bool can_be_written(const char *path)
{
    const char *slash = strrchr(path, '/');
    np_buf folder = {0};
    if (slash == NULL)
        np_buf_add(&folder, ".");
    else
        np_buf_add_bytes(&folder, path, (size_t)(slash - path) + 1);
    const char *name = np_buf_done(&folder);
    bool can = name != NULL && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 &&
               faccessat(AT_FDCWD, name, W_OK, AT_EACCESS) == 0;
    np_buf_free(&folder);
    return can;
}

static void close_writer(np_store *writer)
{
    search_free(writer);
    sqlite3_close(writer->db);
    np_buf_free(&writer->sql);
    np_buf_free(&writer->body);
}

np_status store_migrate(np_store *store, int64_t version, np_error *err)
{
    if (!can_be_written(store->path)) {
        np_fail(err, NP_E_SCHEMA,
                _("the records are of the older schema %lld, this program's is %d, and "
                  "the file or its folder cannot be written to"),
                (long long)version, NP_STORE_SCHEMA);
        np_error_hint(err, _("open them once where they can be written to, or copy the "
                             "folder; they are then brought to the present schema"));
        return np_error_file(err, store->path);
    }
    np_store writer = {.path = store->path, .mode = NP_STORE_WRITE};
    int code = sqlite3_open_v2(store->path, &writer.db, SQLITE_OPEN_READWRITE, NULL);
    np_status status =
        code == SQLITE_OK ? NP_OK : store_fail(&writer, code, _("opening"), err);
    if (status == NP_OK) {
        sqlite3_busy_timeout(writer.db, BUSY_MILLISECONDS);
        status = store_execute(&writer, "PRAGMA synchronous=FULL", _("opening"), err);
    }
    if (status == NP_OK)
        status = migrate(&writer, err);
    if (status == NP_OK) {
        store->copy = writer.copy;
        writer.copy = NULL;
    }
    free(writer.copy);
    close_writer(&writer);
    return status;
}
