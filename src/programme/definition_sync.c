/* Takes programme.yaml over into the records, as an entry of the log of its own. */
#include <string.h>

#include "base/map.h"
#include "programme/definition_sync.h"
#include "programme/entry.h"

typedef struct {
    np_programme *programme;
    np_entry *entry;
    np_arena *arena;
    np_error first; /* the first objection, as an error */
    size_t n;       /* objections */
    const char *path, *writer;
} sync_work;

np_status np_definition_is_new(bool *out, np_programme *programme, np_error *err)
{
    np_record record;
    int64_t n = 0;
    np_status status =
        np_store_count(&n, programme->store, np_kind_find("programme"), err);
    if (status == NP_OK && n > 0)
        status = np_programme_record(&record, programme, err);
    if (status != NP_OK)
        return status;
    const char *hash = n == 0 ? NULL : np_record_text(&record, "source_hash");
    *out = hash == NULL || strcmp(hash, programme->definition.hash) != 0;
    return NP_OK;
}

/* ---- objections ------------------------------------------------------------------- */

static uint32_t line_of(const np_definition *definition, const char *kind, const char *id)
{
    for (size_t i = 0; i < definition->n; i++)
        if (strcmp(definition->item[i].record.kind->name, kind) == 0 &&
            strcmp(definition->item[i].record.id, id) == 0)
            return definition->item[i].line;
    return 0;
}

static void keep_objection(void *context, const np_objection *objection)
{
    sync_work *w = context;
    uint32_t line = line_of(&w->programme->definition, objection->kind, objection->id);
    if (objection->warning || w->n++ > 0)
        return;
    np_fail(&w->first, NP_E_RANGE, "%s %s: %s", objection->kind, objection->id,
            objection->message);
    np_error_file(&w->first, w->path);
    np_error_at(&w->first, line, 1);
    np_error_field(&w->first, objection->field, strlen(objection->field));
    if (objection->hint[0] != '\0')
        np_error_hint(&w->first, "%s", objection->hint);
}

/* ---- what is gone -------------------------------------------------------------------
 */

typedef struct {
    sync_work *work;
    const np_text_map *kept;
    const char **gone; /* [room] */
    size_t n, room;
} gone_rows;

static np_status collect_gone(void *context, const np_record *record, np_error *err)
{
    gone_rows *g = context;
    size_t length = strlen(record->id);
    if (np_text_map_find(g->kept, record->id, length) >= 0)
        return NP_OK;
    if (g->n == g->room)
        return np_fail(err, NP_E_LIMIT, _("more than %zu definitions are gone"), g->room);
    g->gone[g->n] = np_arena_copy_text(g->work->arena, record->id, length);
    return g->gone[g->n++] != NULL ? NP_OK
                                   : np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status find_gone(gone_rows *g, const np_kind *kind, np_error *err)
{
    int64_t n = 0;
    const np_definition *definition = &g->work->programme->definition;
    np_text_map *kept = np_text_map_new(g->work->arena);
    np_status status = np_store_count(&n, g->work->programme->store, kind, err);
    g->gone = np_arena_array(g->work->arena, const char *, (size_t)n);
    g->room = (size_t)n;
    g->n = 0;
    if (kept == NULL || g->gone == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < definition->n; i++) {
        const np_record *record = &definition->item[i].record;
        if (record->kind == kind &&
            np_text_map_add(kept, record->id, strlen(record->id)) < 0)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    g->kept = kept;
    if (status == NP_OK)
        status = np_store_each(g->work->programme->store, kind, collect_gone, g, err);
    return status;
}

/* From the last kind to the first, so that what refers to a record goes before it. */
static np_status retract_gone(sync_work *w, np_error *err)
{
    size_t n_kinds;
    const np_kind *kind = np_kinds(&n_kinds);
    np_status status = NP_OK;
    for (size_t k = n_kinds; k-- > 0 && status == NP_OK;) {
        gone_rows gone = {.work = w};
        if (!kind[k].defined)
            continue;
        status = find_gone(&gone, &kind[k], err);
        for (size_t i = 0; i < gone.n && status == NP_OK; i++)
            status = np_entry_retract(w->entry, &kind[k], gone.gone[i], err);
    }
    return status;
}

/* ---- the whole ----------------------------------------------------------------------
 */

static np_status put_everything(sync_work *w, np_error *err)
{
    const np_definition *definition = &w->programme->definition;
    np_status status = NP_OK;
    for (size_t i = 0; i < definition->n && status == NP_OK; i++)
        status = np_entry_put(w->entry, &definition->item[i].record, NULL, err);
    return status == NP_OK ? retract_gone(w, err) : status;
}

static np_status tell(const sync_work *w, np_error *err)
{
    if (err != NULL && err->status == NP_OK) {
        *err = w->first;
        if (w->n > 1 && err->hint[0] == '\0')
            np_error_hint(err, _("and %zu more problems: nullpunkt check lists them"),
                          w->n - 1);
    }
    return w->first.status;
}

static np_status run_entry(sync_work *w, const np_entry_options *options, np_error *err)
{
    np_entry_result result;
    np_status status =
        np_entry_begin(&w->entry, w->programme->store, options, w->arena, err);
    if (status != NP_OK)
        return status;
    status = put_everything(w, err);
    if (status == NP_OK)
        return np_entry_end(&result, w->entry, err);
    np_entry_abandon(w->entry);
    return status;
}

np_status np_definition_sync(np_programme *programme, const char *who, np_error *err)
{
    sync_work w = {.programme = programme,
                   .arena = np_arena_new(0),
                   .path = programme->definition.path};
    if (w.arena == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_entry_options options = {.who = who,
                                .action = "definition",
                                .why = "",
                                .sink = keep_objection,
                                .context = &w};
    np_status status = run_entry(&w, &options, err);
    if (status == NP_OK && w.n > 0)
        status = tell(&w, err);
    np_arena_free(w.arena);
    return status;
}

/* Somebody who may write, since an entry is somebody's; it is rolled back. */
static np_status find_writer(void *context, const np_record *user, np_error *err)
{
    sync_work *w = context;
    if (w->writer != NULL || np_record_integer(user, "closed", 0) != 0 ||
        strcmp(np_record_text(user, "role"), "reader") == 0)
        return NP_OK;
    w->writer = np_arena_copy_text(w->arena, user->id, strlen(user->id));
    return w->writer != NULL ? NP_OK : np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

np_status np_definition_judge(np_programme *programme, np_objection_sink *sink,
                              void *context, np_error *err)
{
    sync_work w = {.programme = programme, .arena = np_arena_new(0)};
    if (w.arena == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status =
        np_store_each(programme->store, np_kind_find("user"), find_writer, &w, err);
    np_entry_options options = {.who = w.writer == NULL ? "nobody" : w.writer,
                                .action = "definition",
                                .why = "",
                                .dry_run = true,
                                .sink = sink,
                                .context = context};
    if (status == NP_OK)
        status = run_entry(&w, &options, err);
    np_arena_free(w.arena);
    return status;
}
