#include "programme/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "programme/entry.h"
#include "programme/programme.h"
#include "programme/starter.h"

enum { LONGEST_USER = 60 };

np_status np_user_check_name(const char *user, np_error *err)
{
    size_t good = strspn(user, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789._-@+");
    if (good > 0 && user[good] == '\0' && good <= LONGEST_USER)
        return NP_OK;
    np_fail(err, NP_E_RANGE, _("\"%s\" is no name of a user"), user);
    return np_error_hint(err, _("letters a-z, digits and . _ - @ +, at most %d"),
                         LONGEST_USER);
}

typedef struct {
    const char *folder, *definition, *database, *ignore, *tables; /* paths */
    bool made_folder, made_definition, made_ignore, made_tables;
} made_files;

static np_status cannot_make(const char *path, np_error *err)
{
    np_fail(err, NP_E_IO, _("cannot be made: %m"));
    return np_error_file(err, path);
}

/* *made: false where the file is there already, which is left alone. */
static np_status make_file(bool *made, const char *path, np_buf *text, np_error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST)
        return NP_OK;
    if (file < 0)
        return cannot_make(path, err);
    *made = true;
    const char *rest = np_buf_done(text);
    size_t left = rest == NULL ? 0 : text->length;
    np_status status =
        rest == NULL ? np_fail(err, NP_E_NO_MEMORY, _("no memory left")) : NP_OK;
    while (left > 0 && status == NP_OK) {
        ssize_t written = write(file, rest, left);
        if (written < 0 && errno != EINTR)
            status = cannot_make(path, err);
        left -= written < 0 ? 0 : (size_t)written;
        rest += written < 0 ? 0 : written;
    }
    if (close(file) != 0 && status == NP_OK)
        status = cannot_make(path, err);
    return status;
}

static np_status make_files(made_files *files, const np_programme_new *spec,
                            np_error *err)
{
    np_buf definition = {0}, ignore = {0}, tables = {0};
    np_starter_text(&definition, spec->starter, spec->year);
    np_starter_tables_text(&tables, spec->starter);
    np_buf_add(&ignore, "output/\nprogramme.db-wal\nprogramme.db-shm\n");
    np_status status = NP_OK;
    if (mkdir(spec->folder, 0777) == 0)
        files->made_folder = true;
    else if (errno != EEXIST)
        status = cannot_make(spec->folder, err);
    if (status == NP_OK && access(files->database, F_OK) == 0) {
        np_fail(err, NP_E_DUPLICATE, _("there is a programme here already"));
        status = np_error_file(err, files->database);
    }
    if (status == NP_OK)
        status = make_file(&files->made_definition, files->definition, &definition, err);
    if (status == NP_OK)
        status = make_file(&files->made_ignore, files->ignore, &ignore, err);
    /* a definition that was there may have none of the starter's themes and schemes */
    if (status == NP_OK && files->made_definition)
        status = make_file(&files->made_tables, files->tables, &tables, err);
    np_buf_free(&definition);
    np_buf_free(&ignore);
    np_buf_free(&tables);
    return status;
}

static void take_away(const made_files *files)
{
    if (files->made_definition)
        unlink(files->definition);
    if (files->made_ignore)
        unlink(files->ignore);
    if (files->made_tables)
        unlink(files->tables);
    if (files->made_folder)
        rmdir(files->folder);
}

static void keep_first_objection(void *context, const np_objection *objection)
{
    np_error *first = context;
    if (!objection->warning)
        np_fail(first, NP_E_RANGE, "%s %s: %s", objection->kind, objection->id,
                objection->message);
}

static np_status put_user(np_store *store, const np_programme_new *spec, np_arena *arena,
                          np_error *err)
{
    np_error objection = {0};
    np_entry *entry;
    np_entry_result result;
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record user = {.kind = np_kind_find("user"), .id = spec->user, .value = value};
    np_entry_options options = {.who = spec->user,
                                .action = "init",
                                .why = "",
                                .sink = keep_first_objection,
                                .context = &objection};
    value[np_kind_field(user.kind, "name")] = NP_VALUE_OF_TEXT(spec->user_name);
    value[np_kind_field(user.kind, "role")] = NP_VALUE_OF_TEXT("administrator");
    np_status status = np_entry_begin(&entry, store, &options, arena, err);
    if (status != NP_OK)
        return status;
    status = np_entry_put(entry, &user, NULL, err);
    if (status != NP_OK) {
        np_entry_abandon(entry);
        return status;
    }
    status = np_entry_end(&result, entry, err);
    if (status == NP_OK && !result.written) {
        if (err != NULL)
            *err = objection;
        status = objection.status;
    }
    return status;
}

np_status np_programme_create(np_programme_made *out, const np_programme_new *spec,
                              np_arena *arena, np_error *err)
{
    made_files files = {
        .folder = spec->folder,
        .definition = np_arena_format(arena, "%s/programme.yaml", spec->folder),
        .database = np_arena_format(arena, "%s/programme.db", spec->folder),
        .ignore = np_arena_format(arena, "%s/.gitignore", spec->folder),
        .tables = np_arena_format(arena, "%s/tables.yaml", spec->folder)};
    np_programme *programme = NULL;
    if (files.definition == NULL || files.database == NULL || files.ignore == NULL ||
        files.tables == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_user_check_name(spec->user, err);
    if (status == NP_OK)
        status = make_files(&files, spec, err);
    if (status == NP_OK)
        status = np_programme_open(&programme, spec->folder, NP_STORE_CREATE, spec->user,
                                   arena, err);
    if (status == NP_OK) {
        status = put_user(programme->store, spec, arena, err);
        np_programme_close(programme);
        if (status != NP_OK)
            unlink(files.database);
    }
    if (status != NP_OK) {
        take_away(&files);
        return status;
    }
    *out = (np_programme_made){.made_folder = files.made_folder,
                               .made_definition = files.made_definition};
    return NP_OK;
}
