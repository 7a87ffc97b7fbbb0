#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store_internal.h"

enum { PAGES_AT_A_TIME = 1024, MOST_TRIES = 200, WAIT_MILLISECONDS = 25 };

static np_status copy_pages(np_store *store, sqlite3 *copy, np_error *err)
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
    return code == SQLITE_DONE ? NP_OK : store_fail(store, code, _("copying"), err);
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
        status = copy_pages(store, copy, err);
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
