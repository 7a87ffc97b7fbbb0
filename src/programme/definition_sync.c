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
    bool values_changed; /* records that were right may be wrong by the new definition */
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

enum { MOST_BROKEN = 1000 };

/* Objections to all records; those known from before have nothing to do with it. */
typedef struct {
    np_arena *arena;
    np_objection objection[MOST_BROKEN];
    bool is_old[MOST_BROKEN];
    size_t n;
    bool no_memory;
} broken_records;

static const char *kept(broken_records *b, const char *text)
{
    const char *copy = np_arena_copy_text(b->arena, text, strlen(text));
    b->no_memory = b->no_memory || copy == NULL;
    return copy;
}

static void collect_broken(void *context, const np_objection *o)
{
    broken_records *b = context;
    if (o->warning || b->n == MOST_BROKEN)
        return;
    b->objection[b->n++] = (np_objection){.kind = kept(b, o->kind),
                                          .id = kept(b, o->id),
                                          .field = kept(b, o->field),
                                          .rule = kept(b, o->rule),
                                          .message = kept(b, o->message),
                                          .hint = kept(b, o->hint)};
}

static void mark_old(void *context, const np_objection *o)
{
    broken_records *b = context;
    for (size_t i = 0; i < b->n; i++)
        if (strcmp(b->objection[i].id, o->id) == 0 &&
            strcmp(b->objection[i].kind, o->kind) == 0 &&
            strcmp(b->objection[i].field, o->field) == 0 &&
            strcmp(b->objection[i].rule, o->rule) == 0)
            b->is_old[i] = true;
}

/* Whether a value changed that rules compare with other records': no text, no place in
 * a list. */
static np_status note_change(sync_work *w, const np_record *record, np_error *err)
{
    np_record old;
    bool there = false;
    np_status status =
        np_store_has(&there, w->programme->store, record->kind, record->id, err);
    if (status == NP_OK && there)
        status = np_store_get(&old, w->programme->store, record->kind, record->id,
                              w->arena, err);
    for (size_t f = 0; status == NP_OK && there && f < record->kind->n_fields; f++) {
        const np_field *field = &record->kind->field[f];
        if (field->type != NP_FIELD_TEXT && strcmp(field->name, "position") != 0 &&
            !np_value_equal(old.value[f], record->value[f]))
            w->values_changed = true;
    }
    return status;
}

static np_status begin_and_put(sync_work *w, const np_entry_options *options,
                               np_error *err)
{
    const np_definition *definition = &w->programme->definition;
    np_status status =
        np_entry_begin(&w->entry, w->programme->store, options, w->arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < definition->n && status == NP_OK; i++) {
        status = note_change(w, &definition->item[i].record, err);
        if (status == NP_OK)
            status = np_entry_put(w->entry, &definition->item[i].record, NULL, err);
    }
    if (status == NP_OK)
        status = retract_gone(w, err);
    if (status != NP_OK)
        np_entry_abandon(w->entry);
    return status;
}

/* Judges all records by the new definition. Where some are wrong, the entry is rolled
 * back and they are judged by the old one, and the entry begun again: what was wrong
 * before hinders nobody. */
static np_status judge_all(sync_work *w, const np_entry_options *options, np_error *err)
{
    np_store *store = w->programme->store;
    broken_records *broken = np_arena_array(w->arena, broken_records, 1);
    if (broken == NULL) {
        np_entry_abandon(w->entry);
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    broken->arena = w->arena;
    np_status status = np_rules_together(store, NULL, 0, collect_broken, broken, err);
    if (status == NP_OK && broken->no_memory)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status == NP_OK && broken->n == 0)
        return NP_OK;
    np_entry_abandon(w->entry);
    if (status == NP_OK)
        status = np_rules_together(store, NULL, 0, mark_old, broken, err);
    if (status == NP_OK)
        status = begin_and_put(w, options, err);
    for (size_t i = 0; status == NP_OK && i < broken->n; i++)
        if (!broken->is_old[i])
            np_entry_object(w->entry, &broken->objection[i]);
    return status;
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
    np_status status = begin_and_put(w, options, err);
    if (status == NP_OK && w->values_changed)
        status = judge_all(w, options, err);
    return status == NP_OK ? np_entry_end(&result, w->entry, err) : status;
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
