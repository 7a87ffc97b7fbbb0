#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/json.h"
#include "store/summary.h"

/* A newer program may have migrated the file since it was opened here; what this one
 * writes would then lack what the newer schema wants. */
static np_status still_our_schema(np_store *store, np_error *err)
{
    int64_t version = 0;
    np_status status = store_number(&version, store, "PRAGMA user_version", NULL, err);
    if (status != NP_OK || version == NP_STORE_SCHEMA)
        return status;
    np_fail(err, NP_E_SCHEMA,
            _("a newer version of the program has brought the records to schema %lld, "
              "this program's is %d"),
            (long long)version, NP_STORE_SCHEMA);
    np_error_hint(err, _("nothing was changed; go on with the newer version"));
    return np_error_file(err, store->path);
}

np_status np_store_begin(np_store *store, const np_store_entry *entry, np_error *err)
{
    if (store->mode == NP_STORE_READ || store->writing)
        return np_fail(err, NP_E_USAGE, _("the records are not open for a new entry"));
    if (entry->who == NULL || entry->who[0] == '\0' || entry->action == NULL)
        return np_fail(err, NP_E_USAGE, _("an entry of the log needs to say who writes"));
    const char *why = entry->why != NULL ? entry->why : "";
    if (strlen(entry->who) >= sizeof store->who || strlen(why) >= sizeof store->why ||
        strlen(entry->action) >= sizeof store->action)
        return np_fail(err, NP_E_LIMIT, _("the name or the reason is too long"));
    np_status status = store_execute(store, "BEGIN IMMEDIATE", _("writing"), err);
    if (status != NP_OK)
        return status;
    store->writing = true;
    store->n_versions = 0;
    status = still_our_schema(store, err);
    if (status != NP_OK) {
        np_store_rollback(store);
        return status;
    }
    np_text_format(store->who, sizeof store->who, "%s", entry->who);
    np_text_format(store->action, sizeof store->action, "%s", entry->action);
    np_text_format(store->why, sizeof store->why, "%s", why);
    np_moment_now(store->moment);
    char head[NP_HASH_LENGTH];
    status = store_number(&store->entry, store,
                          "SELECT ifnull(max(entry), 0) + 1 FROM log_entry", NULL, err);
    if (status == NP_OK)
        status = np_log_head(head, store, err);
    if (status != NP_OK) {
        np_store_rollback(store);
        return status;
    }
    np_log_entry e = {.entry = store->entry,
                      .when = store->moment,
                      .who = store->who,
                      .action = store->action,
                      .why = store->why};
    log_hash_start(&store->hash, head, &e);
    return NP_OK;
}

void np_store_rollback(np_store *store)
{
    if (store->writing)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->writing = false;
}

np_status store_insert_entry(char hash[NP_HASH_LENGTH], np_store *store, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store, "INSERT INTO log_entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", err);
    if (status != NP_OK)
        return status;
    log_hash_end(hash, &store->hash);
    sqlite3_bind_int64(s, 1, store->entry);
    sqlite3_bind_text(s, 2, store->moment, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, store->who, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, store->action, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 5, store->why, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 6, store->n_versions);
    sqlite3_bind_text(s, 7, hash, -1, SQLITE_STATIC);
    bool row;
    status = store_step(&row, store, s, _("writing the log"), err);
    sqlite3_finalize(s);
    return status;
}

/* The first reference that leads nowhere, which SQLite's own message does not name. */
static np_status name_dangling(np_store *store, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store, "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1", err);
    if (status != NP_OK)
        return status;
    if (sqlite3_step(s) != SQLITE_ROW) {
        status = store_fail(store, SQLITE_CONSTRAINT, _("writing"), err);
    } else {
        status = np_fail(err, NP_E_UNKNOWN_NAME,
                         _("a record of the kind %s refers to a %s that is not there"),
                         (const char *)sqlite3_column_text(s, 0),
                         (const char *)sqlite3_column_text(s, 1));
        np_error_hint(err, _("nothing was changed; put what is referred to in the same "
                             "entry or before it"));
    }
    sqlite3_finalize(s);
    return status;
}

np_status store_commit(np_store *store, np_error *err)
{
    np_status status = summary_refresh(store, err);
    int code =
        status != NP_OK ? SQLITE_OK : sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (code == SQLITE_CONSTRAINT)
        status = name_dangling(store, err);
    else if (code != SQLITE_OK)
        status = store_fail(store, code, _("writing"), err);
    if (status != NP_OK)
        np_store_rollback(store);
    store->writing = false;
    return status;
}

np_status np_store_commit(np_store *store, np_error *err)
{
    if (!store->writing)
        return np_fail(err, NP_E_USAGE, _("no entry of the log is begun"));
    if (store->n_versions == 0) {
        np_store_rollback(store);
        return NP_OK;
    }
    char hash[NP_HASH_LENGTH];
    np_status status = store_insert_entry(hash, store, err);
    if (status == NP_OK)
        return store_commit(store, err);
    np_store_rollback(store);
    return status;
}

/* SQLite keeps -0 as 0; the log must say the same. */
static double without_sign_of_zero(double number)
{
    return number == 0 ? 0 : number;
}

const char *store_body(np_store *store, const np_record *record)
{
    np_buf *buf = &store->body;
    np_buf_free(buf);
    np_json json = {.buf = buf};
    np_json_array_inline(&json);
    for (size_t f = 0; f < record->kind->n_fields; f++) {
        np_value value = record->value[f];
        if (value.type == NP_VALUE_NONE)
            continue;
        np_json_text(&json, record->kind->field[f].name);
        switch (value.type) {
        case NP_VALUE_TEXT:
            np_json_text(&json, value.text);
            break;
        case NP_VALUE_INTEGER:
            np_json_integer(&json, value.integer);
            break;
        case NP_VALUE_NUMBER:
            np_json_number(&json, without_sign_of_zero(value.number));
            break;
        case NP_VALUE_NONE:
            break;
        }
    }
    np_json_end_array(&json);
    while (!buf->failed && buf->length > 0 && buf->text[buf->length - 1] == '\n')
        buf->text[--buf->length] = '\0';
    return np_buf_done(buf);
}

static np_status check_value(const np_record *record, size_t f, np_error *err)
{
    const np_field *field = &record->kind->field[f];
    np_value value = record->value[f];
    if (value.type == NP_VALUE_NONE) {
        if (!field->required)
            return NP_OK;
        np_fail(err, NP_E_RANGE, _("%s has no %s"), record->kind->name, field->name);
        return np_error_field(err, field->name, strlen(field->name));
    }
    bool fits = false;
    switch (field->type) {
    case NP_FIELD_INTEGER:
        fits = value.type == NP_VALUE_INTEGER;
        break;
    case NP_FIELD_YES_NO:
        fits =
            value.type == NP_VALUE_INTEGER && (value.integer == 0 || value.integer == 1);
        break;
    case NP_FIELD_NUMBER:
        fits = value.type == NP_VALUE_NUMBER && isfinite(value.number);
        break;
    case NP_FIELD_CHOICE:
        fits = value.type == NP_VALUE_TEXT && np_field_choice(field, value.text) >= 0;
        break;
    case NP_FIELD_TEXT:
    case NP_FIELD_DATE:
    case NP_FIELD_PERIOD:
    case NP_FIELD_REFERENCE:
        fits = value.type == NP_VALUE_TEXT;
        break;
    }
    if (fits)
        return NP_OK;
    np_fail(err, NP_E_RANGE, _("%s is no %s of a %s"),
            value.type == NP_VALUE_TEXT ? value.text : _("the value"), field->name,
            record->kind->name);
    if (field->type == NP_FIELD_CHOICE)
        np_error_hint(err, _("allowed are %s"), field->among);
    return np_error_field(err, field->name, strlen(field->name));
}

np_status store_check_record(const np_record *record, np_error *err)
{
    np_status status = NP_OK;
    for (size_t f = 0; f < record->kind->n_fields && status == NP_OK; f++)
        status = check_value(record, f, err);
    return status;
}

static void add_key_part(np_buf *buf, np_value value)
{
    switch (value.type) {
    case NP_VALUE_NONE:
        np_buf_add_char(buf, '-');
        break;
    case NP_VALUE_TEXT:
        np_buf_add(buf, value.text);
        break;
    case NP_VALUE_INTEGER:
        np_buf_format(buf, "%lld", (long long)value.integer);
        break;
    case NP_VALUE_NUMBER:
        np_buf_add_double(buf, value.number);
        break;
    }
}

np_status np_record_identifier(const char **out, const np_record *record, np_arena *arena,
                               np_error *err)
{
    if (record->id != NULL && record->id[0] != '\0') {
        *out = record->id;
        return NP_OK;
    }
    if (record->kind->key == NULL)
        return np_fail(err, NP_E_RANGE, _("a %s needs an identifier"),
                       record->kind->name);
    np_buf buf = {0};
    bool any = false;
    for (const char *p = record->kind->key; *p != '\0';) {
        size_t length = strcspn(p, "/");
        char name[64];
        np_text_format(name, sizeof name, "%.*s", (int)length, p);
        np_value value = np_record_value(record, name);
        any = any || value.type != NP_VALUE_NONE;
        if (buf.length > 0)
            np_buf_add_char(&buf, '/');
        add_key_part(&buf, value);
        p += length + (p[length] == '/');
    }
    const char *text = any ? np_buf_done(&buf) : NULL;
    char *copy = text == NULL ? NULL : np_arena_copy_text(arena, text, strlen(text));
    np_buf_free(&buf);
    if (!any)
        return np_fail(err, NP_E_RANGE, _("a %s needs an identifier or %s"),
                       record->kind->name, record->kind->key);
    if (copy == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *out = copy;
    return NP_OK;
}

static np_status is_as_before(bool *there, bool *same, np_store *store,
                              const np_record *record, const char *id, np_error *err)
{
    const np_kind *kind = record->kind;
    np_value before[NP_MOST_FIELDS];
    sqlite3_stmt *s = NULL;
    np_status status = store_find(&s, store, kind, id, err);
    if (status != NP_OK)
        return status;
    *there = *same = s != NULL;
    if (*there)
        store_row_values(before, kind, s, 2);
    for (size_t f = 0; f < kind->n_fields && *same; f++)
        *same = np_value_equal(before[f], record->value[f]);
    sqlite3_reset(s);
    return NP_OK;
}

static void bind_value(sqlite3_stmt *s, int place, np_value value)
{
    switch (value.type) {
    case NP_VALUE_NONE:
        sqlite3_bind_null(s, place);
        break;
    case NP_VALUE_TEXT:
        sqlite3_bind_text(s, place, value.text, -1, SQLITE_STATIC);
        break;
    case NP_VALUE_INTEGER:
        sqlite3_bind_int64(s, place, value.integer);
        break;
    case NP_VALUE_NUMBER:
        sqlite3_bind_double(s, place, without_sign_of_zero(value.number));
        break;
    }
}

static const char *upsert_sql(np_store *store, const np_kind *kind)
{
    np_buf *sql = &store->sql;
    np_buf_free(sql);
    np_buf_format(sql, "INSERT INTO \"%s\" VALUES (?1, ?2", kind->name);
    for (size_t f = 0; f < kind->n_fields; f++)
        np_buf_format(sql, ", ?%zu", f + 3);
    np_buf_add(sql, ") ON CONFLICT (id) DO UPDATE SET record_version = "
                    "excluded.record_version");
    for (size_t f = 0; f < kind->n_fields; f++)
        np_buf_format(sql, ", \"%s\" = excluded.\"%s\"", kind->field[f].name,
                      kind->field[f].name);
    return np_buf_done(sql);
}

np_status store_write_row(np_store *store, const np_record *record, const char *id,
                          np_error *err)
{
    sqlite3_stmt **s = &store->upsert[store_kind_place(record->kind)];
    np_status status = NP_OK;
    if (*s == NULL)
        status = store_prepare(s, store, upsert_sql(store, record->kind), err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(*s, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(*s, 2, store->next_version);
    for (size_t f = 0; f < record->kind->n_fields; f++)
        bind_value(*s, (int)f + 3, record->value[f]);
    bool row;
    status = store_step(&row, store, *s, record->kind->name, err);
    sqlite3_reset(*s);
    sqlite3_clear_bindings(*s);
    return status;
}

static np_status put_with_id(np_store *store, const np_record *record, const char *id,
                             np_put_result *result, np_error *err)
{
    bool there = false, same = false;
    np_status status = is_as_before(&there, &same, store, record, id, err);
    if (status != NP_OK)
        return status;
    if (result != NULL)
        *result = same ? NP_PUT_UNCHANGED : there ? NP_PUT_CHANGED : NP_PUT_NEW;
    if (same)
        return NP_OK;
    const char *body = store_body(store, record);
    if (body == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    status = log_add_version(store, record->kind->name, id, body, err);
    if (status == NP_OK)
        status = store_write_row(store, record, id, err);
    if (status == NP_OK)
        status = search_put(store, record, id, err);
    /* Log and table must not part: what follows would be committed without this. */
    if (status != NP_OK)
        np_store_rollback(store);
    return status;
}

np_status np_store_put(np_store *store, const np_record *record, np_put_result *result,
                       np_error *err)
{
    if (!store->writing)
        return np_fail(err, NP_E_USAGE, _("no entry of the log is begun"));
    np_status status = store_check_record(record, err);
    if (status != NP_OK)
        return status;
    np_arena *arena = np_arena_new(0);
    const char *id = NULL;
    status = arena == NULL ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                           : np_record_identifier(&id, record, arena, err);
    if (status == NP_OK)
        status = put_with_id(store, record, id, result, err);
    np_arena_free(arena);
    return status;
}

np_status store_delete_row(np_store *store, const np_kind *kind, const char *id,
                           np_error *err)
{
    np_buf_free(&store->sql);
    np_buf_format(&store->sql, "DELETE FROM \"%s\" WHERE id = ?1", kind->name);
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(&s, store, np_buf_done(&store->sql), err);
    if (status != NP_OK)
        return status;
    bool row;
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    status = store_step(&row, store, s, kind->name, err);
    sqlite3_finalize(s);
    return status;
}

np_status np_store_retract(np_store *store, const np_kind *kind, const char *id,
                           np_error *err)
{
    bool there = false;
    if (!store->writing)
        return np_fail(err, NP_E_USAGE, _("no entry of the log is begun"));
    np_status status = np_store_has(&there, store, kind, id, err);
    if (status == NP_OK && !there)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no %s %s"), kind->name, id);
    if (status == NP_OK)
        status = log_add_version(store, kind->name, id, NULL, err);
    if (status == NP_OK)
        status = store_delete_row(store, kind, id, err);
    if (status == NP_OK)
        status = search_retract(store, kind, id, err);
    if (status != NP_OK)
        np_store_rollback(store);
    return status;
}
