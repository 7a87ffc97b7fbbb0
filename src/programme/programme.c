#include "programme/programme.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "programme/definition_sync.h"
#include "store/query.h"

static const char *path_in(const np_programme *programme, const char *name)
{
    size_t length = strlen(programme->folder);
    const char *between = length > 0 && programme->folder[length - 1] == '/' ? "" : "/";
    return np_arena_format(programme->arena, "%s%s%s", programme->folder, between, name);
}

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

/* The first problem stands for all. */
static np_status first_problem(const np_problems *problems, np_error *err)
{
    np_status status = problems->item[0].status;
    if (err != NULL && err->status == NP_OK) {
        *err = problems->item[0];
        if (problems->n_seen > 1) {
            char hint[sizeof err->hint];
            np_text_format(hint, sizeof hint, "%s", err->hint);
            err->hint[0] = '\0';
            np_error_hint(err, _("%s%sand %zu more problems: nullpunkt check lists them"),
                          hint, hint[0] == '\0' ? "" : "; ", problems->n_seen - 1);
        }
    }
    return status;
}

static np_status read_definition(np_programme *programme, np_error *err)
{
    const char *path = path_in(programme, "programme.yaml");
    np_problems *problems = calloc(1, sizeof *problems);
    np_status status = path == NULL || problems == NULL ? no_memory(err) : NP_OK;
    if (status == NP_OK)
        status = np_definition_read(&programme->definition, path, programme->arena,
                                    problems, err);
    if (status == NP_OK && problems->n > 0)
        status = first_problem(problems, err);
    free(problems);
    return status;
}

static np_status open_store(np_programme *programme, np_store_mode mode, np_error *err)
{
    const char *path = path_in(programme, "programme.db");
    if (path == NULL)
        return no_memory(err);
    if (mode != NP_STORE_CREATE && access(path, F_OK) != 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no programme here"));
        np_error_file(err, path);
        return np_error_hint(err, _("--programme says in which folder it is; nullpunkt "
                                    "init makes one"));
    }
    return np_store_open(&programme->store, path, mode, err);
}

static np_status take_over(np_programme *programme, const char *who, np_error *err)
{
    bool is_new;
    np_status status = np_definition_is_new(&is_new, programme, err);
    if (status != NP_OK || !is_new)
        return status;
    if (who != NULL)
        return np_definition_sync(programme, who, err);
    np_fail(err, NP_E_USAGE, _("it is new, and nothing may be written in a dry run"));
    np_error_file(err, programme->definition.path);
    return np_error_hint(err,
                         _("nullpunkt check --update takes it over, where nothing is "
                           "wrong with it"));
}

static void remove_created(const np_programme *programme)
{
    static const char *const made[] = {"programme.db", "programme.db-wal",
                                       "programme.db-shm"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        const char *path = path_in(programme, made[i]);
        if (path != NULL)
            unlink(path);
    }
}

np_status np_programme_open(np_programme **out, const char *folder, np_store_mode mode,
                            const char *who, np_arena *arena, np_error *err)
{
    np_programme *programme = np_arena_array(arena, np_programme, 1);
    if (programme == NULL)
        return no_memory(err);
    programme->arena = arena;
    programme->folder = np_arena_copy_text(arena, folder, strlen(folder));
    np_status status = programme->folder == NULL ? no_memory(err) : NP_OK;
    if (status == NP_OK && mode != NP_STORE_READ)
        status = read_definition(programme, err);
    if (status == NP_OK)
        status = open_store(programme, mode, err);
    bool opened = status == NP_OK;
    if (opened && mode != NP_STORE_READ)
        status = take_over(programme, who, err);
    if (status == NP_OK) {
        *out = programme;
        return NP_OK;
    }
    np_programme_close(programme);
    if (opened && mode == NP_STORE_CREATE)
        remove_created(programme);
    return status;
}

void np_programme_close(np_programme *programme)
{
    if (programme == NULL)
        return;
    np_store_close(programme->store);
    programme->store = NULL;
}

typedef struct {
    const char *id;
    np_arena *arena;
} first_row;

static np_status keep_first(void *context, const np_record *record, np_error *err)
{
    first_row *first = context;
    (void)err;
    if (first->id == NULL)
        first->id = np_arena_copy_text(first->arena, record->id, strlen(record->id));
    return NP_OK;
}

np_status np_programme_record(np_record *out, np_programme *programme, np_error *err)
{
    const np_kind *kind = np_kind_find("programme");
    first_row first = {.arena = programme->arena};
    np_status status = np_store_each(programme->store, kind, keep_first, &first, err);
    if (status == NP_OK && first.id == NULL) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("the records do not say what programme it is"));
        np_error_file(err, np_store_path(programme->store));
        return np_error_hint(err,
                             _("a command that writes takes it from programme.yaml"));
    }
    if (status != NP_OK)
        return status;
    return np_store_get(out, programme->store, kind, first.id, programme->arena, err);
}
