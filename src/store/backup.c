#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store_internal.h"

enum { PAGES_AT_A_TIME = 1024, MOST_TRIES = 200, WAIT_MILLISECONDS = 25 };

static np_status copy_pages(np_store *store, sqlite3 *copy, const char *destination,
                            np_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", store->db, "main");
    if (backup == NULL)
        return np_fail(err, NP_E_IO, _("the copy cannot be made: %s"),
                       sqlite3_errmsg(copy));
    int code, tries = 0;
    while ((code = sqlite3_backup_step(backup, PAGES_AT_A_TIME)) != SQLITE_DONE) {
        if (code == SQLITE_OK)
            continue;
        if ((code != SQLITE_BUSY && code != SQLITE_LOCKED) || ++tries > MOST_TRIES)
            break;
        sqlite3_sleep(WAIT_MILLISECONDS);
    }
    sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE)
        return NP_OK;
    /* What goes wrong with writing is the copy's. */
    np_store target = {.path = (char *)destination, .db = copy};
    bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    bool damaged = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
    return store_fail(busy || damaged ? store : &target, code, _("copying"), err);
}

/* link() never takes the place of a file made meanwhile; a memory stick or a share that
 * has no links gets a rename(). */
static bool give_name(const char *part, const char *destination)
{
    return link(part, destination) == 0 ||
           (errno != EEXIST && rename(part, destination) == 0);
}

np_status np_store_backup(np_store *store, const char *destination, np_error *err)
{
    if (access(destination, F_OK) == 0) {
        np_fail(err, NP_E_DUPLICATE, _("the file is there already"));
        return np_error_file(err, destination);
    }
    np_buf name = {0};
    np_buf_format(&name, "%s.part-%ld", destination, (long)getpid());
    const char *part = np_buf_done(&name);
    sqlite3 *copy = NULL;
    np_status status = NP_OK;
    if (part == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    else if (sqlite3_open(part, &copy) != SQLITE_OK)
        status = np_fail(err, NP_E_IO, _("cannot be written: %s"), sqlite3_errmsg(copy));
    if (status == NP_OK)
        status = copy_pages(store, copy, destination, err);
    sqlite3_close(copy);
    if (status == NP_OK && !give_name(part, destination))
        status = np_fail(err, NP_E_IO, _("cannot be written"));
    if (part != NULL)
        unlink(part);
    if (status != NP_OK)
        np_error_file(err, destination);
    np_buf_free(&name);
    return status;
}

/* A file that nobody has open has no log beside it and is read byte by byte: SQLite needs
 * to write beside a file that it reads, and a backup may lie where nobody can. */
static np_status copy_bytes(const char *path, const char *destination, np_error *err)
{
    char bytes[1 << 14];
    FILE *in = fopen(path, "rb"), *out = in == NULL ? NULL : fopen(destination, "wbx");
    bool good = out != NULL;
    for (size_t n; good && (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        good = fwrite(bytes, 1, n, out) == n;
    good = good && !ferror(in) && fflush(out) == 0 && fsync(fileno(out)) == 0;
    int code = errno;
    if (out != NULL && fclose(out) != 0)
        good = false;
    if (in != NULL)
        fclose(in);
    if (good)
        return NP_OK;
    np_fail(err, NP_E_IO, _("cannot be copied: %s"), strerror(code));
    return np_error_file(err, path);
}

np_status np_store_copy_file(const char *path, const char *destination, np_error *err)
{
    np_buf wal = {0};
    np_buf_format(&wal, "%s-wal", path);
    bool quiet = np_buf_done(&wal) != NULL && access(wal.text, F_OK) != 0;
    np_buf_free(&wal);
    if (quiet)
        return copy_bytes(path, destination, err);
    np_store source = {.path = (char *)path};
    int code = sqlite3_open_v2(path, &source.db, SQLITE_OPEN_READWRITE, NULL);
    np_status status = code == SQLITE_OK ? np_store_backup(&source, destination, err)
                                         : store_fail(&source, code, _("copying"), err);
    sqlite3_close(source.db);
    return status;
}

/* Nobody else may have the file open, or what they write would go where nobody looks.
 * Leaving write-ahead logging needs exactly that, and puts all of the log into the file;
 * it comes back when the file is next opened by name. */
static np_status take_alone(const char *path, np_error *err)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db,
                            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; "
                            "PRAGMA journal_mode=WAL",
                            NULL, NULL, NULL);
    sqlite3_close(db);
    if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
        return NP_OK;
    np_fail(err, NP_E_BUSY, _("another program has the records open"));
    np_error_hint(err, _("nothing was changed; close it and try again"));
    return np_error_file(err, path);
}

np_status np_store_set_aside(const char *path, const char *name, np_error *err)
{
    static const char *const beside[] = {"-wal", "-shm"};
    if (access(name, F_OK) == 0) {
        np_fail(err, NP_E_DUPLICATE, _("the file is there already"));
        return np_error_file(err, name);
    }
    np_status status = take_alone(path, err);
    if (status != NP_OK)
        return status;
    np_buf from = {0}, to = {0};
    for (size_t i = 0; i < 2 && status == NP_OK; i++) {
        np_buf_free(&from), np_buf_free(&to);
        np_buf_format(&from, "%s%s", path, beside[i]);
        np_buf_format(&to, "%s%s", name, beside[i]);
        bool fits = np_buf_done(&from) != NULL && np_buf_done(&to) != NULL;
        if (!fits || (access(from.text, F_OK) == 0 && rename(from.text, to.text) != 0))
            status = np_fail(err, NP_E_IO, _("the file cannot be given another name"));
    }
    if (status == NP_OK && rename(path, name) != 0)
        status = np_fail(err, NP_E_IO, _("the file cannot be given another name"));
    np_buf_free(&from), np_buf_free(&to);
    return status == NP_OK ? status : np_error_file(err, path);
}
