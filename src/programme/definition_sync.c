/* Takes programme.yaml over into the records, as an entry of the log of its own. */
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "programme/definition_sync.h"
#include "programme/entry.h"
#include "store/query.h"

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

static void object(sync_work *w, const char *kind, const char *id, const char *field,
                   const char *rule, const char *hint, const char *message)
{
    np_entry_object(w->entry, &(np_objection){.kind = kind,
                                              .id = id,
                                              .field = field,
                                              .rule = rule,
                                              .message = message,
                                              .hint = hint});
}

/* ---- a definition that is in use ----------------------------------------------------
 */

/* Fields that say what a record means: they stay once other records rest on it. */
static const struct {
    const char *kind, *field;
    const char *used_by, *path; /* records whose field `path` refers to it */
} meaning[] = {
    {"indicator", "sort", "measurement", "indicator"},
    {"indicator", "definition", "measurement", "indicator"},
    {"indicator", "uom", "measurement", "indicator"},
    {"indicator", "numerator", "measurement", "indicator"},
    {"indicator", "denominator", "measurement", "indicator"},
    {"indicator", "factor", "measurement", "indicator"},
    {"question", "text", "answer", "question"},
    {"question", "answer", "answer", "question"},
    {"category", "definition", "label", "category"},
    {"template", "sort", "report", "template"},
    {"template", "version", "report", "template"},
    {"scheme", "version", "label", "category.scheme"},
};

static const char *way_out(const char *kind)
{
    if (strcmp(kind, "indicator") == 0)
        return _("give the indicator the next version, or put the old words back");
    if (strcmp(kind, "question") == 0 || strcmp(kind, "template") == 0)
        return _("add a template with the next version, its own id and a crosswalk, and "
                 "put the old words back here");
    return _(
        "add a scheme with the next version, its own id and a crosswalk, and put the "
        "old words back here");
}

/* How many records of the kind refer to the identifier by the path. */
static np_status count_users(int64_t *n, sync_work *w, const char *kind, const char *path,
                             const char *id, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(w->arena);
    np_value value = NP_VALUE_OF_TEXT(id);
    np_rows rows;
    np_query query = {.kind = np_kind_find(kind),
                      .column = &(np_query_column){"id", NP_COUNT},
                      .n_columns = 1,
                      .where = &(np_where){path, NP_WHERE_EQUAL, &value, 1},
                      .n_where = 1};
    np_status status = np_store_query(&rows, w->programme->store, &query, w->arena, err);
    *n = status == NP_OK && rows.n_rows > 0 ? rows.cell[0].integer : 0;
    np_arena_release(w->arena, mark);
    return status;
}

/* An indicator may say something new under the same identifier with a higher version,
 * since measurements name the version that they follow. */
static bool has_next_version(const np_record *old, const np_record *new)
{
    return strcmp(old->kind->name, "indicator") == 0 &&
           np_record_integer(new, "version", 1) > np_record_integer(old, "version", 1);
}

static np_status check_meaning(sync_work *w, const np_record *new, np_error *err)
{
    np_record old;
    bool there = false;
    np_status status = np_store_has(&there, w->programme->store, new->kind, new->id, err);
    if (status != NP_OK || !there)
        return status;
    status = np_store_get(&old, w->programme->store, new->kind, new->id, w->arena, err);
    for (size_t i = 0; i < sizeof meaning / sizeof *meaning && status == NP_OK; i++) {
        int64_t n;
        char message[256];
        if (strcmp(meaning[i].kind, new->kind->name) != 0 ||
            np_value_equal(np_record_value(&old, meaning[i].field),
                           np_record_value(new, meaning[i].field)) ||
            has_next_version(&old, new))
            continue;
        status = count_users(&n, w, meaning[i].used_by, meaning[i].path, new->id, err);
        if (status != NP_OK || n == 0)
            continue;
        np_text_format(message, sizeof message,
                       _("its meaning changed while it is in use, by records of the kind "
                         "%s: %lld"),
                       meaning[i].used_by, (long long)n);
        object(w, new->kind->name, new->id, meaning[i].field, "meaning",
               way_out(new->kind->name), message);
    }
    return status;
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

/* Objects where records still refer to one that is gone, and names a kind of them. */
static np_status check_unused(sync_work *w, const np_kind *kind, const char *id,
                              np_error *err)
{
    size_t n_kinds;
    const np_kind *other = np_kinds(&n_kinds);
    for (size_t k = 0; k < n_kinds; k++)
        for (size_t f = 0; f < other[k].n_fields; f++) {
            const np_field *field = &other[k].field[f];
            int64_t n;
            char message[256];
            if (field->type != NP_FIELD_REFERENCE ||
                strcmp(field->among, kind->name) != 0)
                continue;
            np_status status = count_users(&n, w, other[k].name, field->name, id, err);
            if (status != NP_OK)
                return status;
            if (n == 0)
                continue;
            np_text_format(
                message, sizeof message,
                _("it is gone from programme.yaml and still the %s of records of "
                  "the kind %s: %lld"),
                field->name, other[k].name, (long long)n);
            object(w, kind->name, id, field->name, "in_use",
                   _("put it back, or change those records first"), message);
        }
    return NP_OK;
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
        for (size_t i = 0; i < gone.n && status == NP_OK; i++)
            status = check_unused(w, &kind[k], gone.gone[i], err);
    }
    return status;
}

/* ---- the whole ----------------------------------------------------------------------
 */

static np_status put_everything(sync_work *w, np_error *err)
{
    const np_definition *definition = &w->programme->definition;
    np_status status = NP_OK;
    for (size_t i = 0; i < definition->n && status == NP_OK; i++) {
        status = check_meaning(w, &definition->item[i].record, err);
        if (status == NP_OK)
            status = np_entry_put(w->entry, &definition->item[i].record, NULL, err);
    }
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
