/* A log written anew, and records as bodies of versions say them. */
#include <jansson.h>
#include <string.h>

#include "store/store_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static bool value_from_json(np_value *out, const np_field *field, const json_t *item,
                            np_arena *arena)
{
    bool wants_integer =
        field->type == NP_FIELD_INTEGER || field->type == NP_FIELD_YES_NO;
    if (json_is_string(item)) {
        const char *text =
            np_arena_copy_text(arena, json_string_value(item), json_string_length(item));
        *out = NP_VALUE_OF_TEXT(text);
        return text != NULL;
    }
    if (wants_integer && json_is_integer(item)) {
        *out = NP_VALUE_OF_INTEGER(json_integer_value(item));
        return true;
    }
    if (!wants_integer && json_is_number(item)) {
        *out = NP_VALUE_OF_NUMBER(json_number_value(item));
        return true;
    }
    return false;
}

/* A number of more than 18 digits is no integer to jansson; read as doubles then. */
static json_t *load(const char *body)
{
    json_t *root = json_loads(body, JSON_DECODE_ANY, NULL);
    return root != NULL
               ? root
               : json_loads(body, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
}

static bool fill(np_value *value, const np_kind *kind, const json_t *root,
                 np_arena *arena)
{
    size_t n = json_array_size(root), last = 0;
    if (!json_is_array(root) || n % 2 != 0)
        return false;
    for (size_t i = 0; i < n; i += 2) {
        const char *name = json_string_value(json_array_get(root, i));
        size_t f = name == NULL ? kind->n_fields : np_kind_field(kind, name);
        if (f == kind->n_fields || f < last)
            return false;
        last = f + 1;
        if (!value_from_json(&value[f], &kind->field[f], json_array_get(root, i + 1),
                             arena))
            return false;
    }
    return true;
}

np_status np_record_from_body(np_record *out, const np_kind *kind, const char *id,
                              const char *body, np_arena *arena, np_error *err)
{
    np_value *value = np_arena_array(arena, np_value, kind->n_fields);
    char *copy = np_arena_copy_text(arena, id, strlen(id));
    if (value == NULL || copy == NULL)
        return no_memory(err);
    json_t *root = load(body);
    bool fits = fill(value, kind, root, arena);
    json_decref(root);
    if (!fits)
        return np_fail(err, NP_E_DAMAGED, _("the body of %s %s is none of a %s: %.80s"),
                       kind->name, id, kind->name, body);
    *out = (np_record){.kind = kind, .id = copy, .value = value};
    return NP_OK;
}

static np_status row_as_of(sqlite3_stmt *s, const np_kind *kind, np_store_row *row,
                           void *context, np_arena *arena, np_error *err)
{
    np_record record;
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status =
        np_record_from_body(&record, kind, (const char *)sqlite3_column_text(s, 0),
                            (const char *)sqlite3_column_text(s, 1), arena, err);
    if (status == NP_OK)
        status = row(context, &record, err);
    np_arena_release(arena, mark);
    return status;
}

np_status np_store_each_as_of(np_store *store, const np_kind *kind, int64_t entry,
                              np_store_row *row, void *context, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_arena *arena = np_arena_new(0);
    np_status status = arena == NULL ? no_memory(err) : NP_OK;
    if (status == NP_OK)
        status = store_prepare(
            &s, store,
            "SELECT id, body FROM log_version AS v WHERE kind = ?1 AND entry <= ?2 AND "
            "body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM log_version AS w WHERE "
            "w.kind = v.kind AND w.id = v.id AND w.version > v.version AND w.entry <= "
            "?2) "
            "ORDER BY id",
            err);
    if (status == NP_OK) {
        sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 2, entry);
    }
    bool more = status == NP_OK;
    while (more) {
        status = store_step(&more, store, s, _("reading the log"), err);
        if (!more)
            break;
        status = row_as_of(s, kind, row, context, arena, err);
        more = status == NP_OK;
    }
    sqlite3_finalize(s);
    np_arena_free(arena);
    return status;
}

np_status np_store_snapshot(np_store *store, np_error *err)
{
    if (store->writing)
        return np_fail(err, NP_E_USAGE, _("an entry of the log is begun"));
    return store_execute(store, "BEGIN", _("reading"), err);
}

void np_store_snapshot_end(np_store *store)
{
    if (!store->writing)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

np_status np_store_replay_begin(np_store *store, np_error *err)
{
    int64_t last = 0;
    if (store->mode == NP_STORE_READ || store->writing)
        return np_fail(err, NP_E_USAGE, _("the records are not open for a new entry"));
    np_status status = store_execute(store, "BEGIN IMMEDIATE", _("writing"), err);
    if (status != NP_OK)
        return status;
    store->writing = true;
    status = np_log_last(&last, store, err);
    if (status == NP_OK && last > 0)
        status = np_fail(err, NP_E_DUPLICATE,
                         _("a log can only be written anew where there is none"));
    if (status != NP_OK)
        np_store_rollback(store);
    return status;
}

static bool too_long(const np_store *store, const np_log_entry *entry)
{
    return strlen(entry->who) >= sizeof store->who ||
           strlen(entry->action) >= sizeof store->action ||
           strlen(entry->why) >= sizeof store->why ||
           strlen(entry->when) >= sizeof store->moment;
}

np_status np_store_replay_entry(np_store *store, const np_log_entry *entry, np_error *err)
{
    int64_t last = 0;
    char head[NP_HASH_LENGTH];
    np_status status = np_log_last(&last, store, err);
    if (status == NP_OK)
        status = np_log_head(head, store, err);
    if (status == NP_OK && entry->entry != last + 1)
        status = np_fail(err, NP_E_DAMAGED, _("after entry %lld comes entry %lld"),
                         (long long)last, (long long)entry->entry);
    if (status == NP_OK && too_long(store, entry))
        status = np_fail(err, NP_E_DAMAGED, _("entry %lld has words that are too long"),
                         (long long)entry->entry);
    if (status != NP_OK) {
        np_store_rollback(store);
        return status;
    }
    store->entry = entry->entry;
    store->n_versions = 0;
    np_text_format(store->who, sizeof store->who, "%s", entry->who);
    np_text_format(store->action, sizeof store->action, "%s", entry->action);
    np_text_format(store->why, sizeof store->why, "%s", entry->why);
    np_text_format(store->moment, sizeof store->moment, "%s", entry->when);
    log_hash_start(&store->hash, head, entry);
    return NP_OK;
}

static np_status put_body(np_store *store, const np_kind *kind,
                          const np_log_version *version, np_arena *arena, np_error *err)
{
    np_record record;
    np_status status =
        np_record_from_body(&record, kind, version->id, version->body, arena, err);
    if (status == NP_OK)
        status = store_check_record(&record, err);
    if (status != NP_OK)
        return status;
    const char *again = store_body(store, &record);
    if (again == NULL)
        return no_memory(err);
    if (strcmp(again, version->body) != 0)
        return np_fail(err, NP_E_DAMAGED,
                       _("the body of %s %s is not as this program writes it"),
                       kind->name, version->id);
    return store_write_row(store, &record, version->id, err);
}

static np_status replay(np_store *store, const np_log_version *version, np_error *err)
{
    const np_kind *kind = np_kind_find(version->kind);
    if (kind == NULL)
        return np_fail(err, NP_E_SCHEMA, _("%s is no kind of record of this version"),
                       version->kind);
    np_status status =
        log_add_version(store, kind->name, version->id, version->body, err);
    if (status == NP_OK && store->next_version != version->version)
        return np_fail(err, NP_E_DAMAGED,
                       _("version %lld of %s %s comes where version %lld should"),
                       (long long)version->version, kind->name, version->id,
                       (long long)store->next_version);
    if (status != NP_OK)
        return status;
    if (version->body == NULL)
        return store_delete_row(store, kind, version->id, err);
    np_arena *arena = np_arena_new(0);
    status = arena == NULL ? no_memory(err) : put_body(store, kind, version, arena, err);
    np_arena_free(arena);
    return status;
}

np_status np_store_replay_version(np_store *store, const np_log_version *version,
                                  np_error *err)
{
    np_status status = replay(store, version, err);
    if (status != NP_OK)
        np_store_rollback(store);
    return status;
}

np_status np_store_replay_close(np_store *store, const np_log_entry *entry, np_error *err)
{
    char hash[NP_HASH_LENGTH];
    np_status status = store_insert_entry(hash, store, err);
    if (status == NP_OK &&
        (strcmp(hash, entry->hash) != 0 || store->n_versions != entry->n_versions))
        status = np_fail(err, NP_E_DAMAGED,
                         _("entry %lld of the log (%s, %s) is not what was written"),
                         (long long)entry->entry, entry->when, entry->who);
    if (status != NP_OK)
        np_store_rollback(store);
    return status;
}

np_status np_store_replay_commit(np_store *store, np_error *err)
{
    if (!store->writing)
        return np_fail(err, NP_E_USAGE, _("no entry of the log is begun"));
    np_status status = search_rebuild(store, err);
    if (status == NP_OK)
        return store_commit(store, err);
    np_store_rollback(store);
    return status;
}
