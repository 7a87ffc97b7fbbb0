#include <string.h>

#include "store/store_internal.h"

/* "12:" before the text; without printf(), since every text of a million versions has
 * one. */
static void hash_length(crypto_hash_sha256_state *state, size_t n)
{
    unsigned char digit[24];
    size_t at = sizeof digit;
    digit[--at] = ':';
    do
        digit[--at] = (unsigned char)('0' + n % 10);
    while ((n /= 10) > 0);
    crypto_hash_sha256_update(state, digit + at, sizeof digit - at);
}

static void hash_text(crypto_hash_sha256_state *state, const char *text)
{
    if (text == NULL) {
        crypto_hash_sha256_update(state, (const unsigned char *)"-:", 2);
        return;
    }
    size_t n = strlen(text);
    hash_length(state, n);
    crypto_hash_sha256_update(state, (const unsigned char *)text, n);
}

static void hash_integer(crypto_hash_sha256_state *state, int64_t value)
{
    char text[32];
    np_text_format(text, sizeof text, "%lld", (long long)value);
    hash_text(state, text);
}

void log_hash_start(crypto_hash_sha256_state *state, const char *previous,
                    const np_log_entry *entry)
{
    crypto_hash_sha256_init(state);
    hash_text(state, previous);
    hash_integer(state, entry->entry);
    hash_text(state, entry->when);
    hash_text(state, entry->who);
    hash_text(state, entry->action);
    hash_text(state, entry->why);
}

void log_hash_version(crypto_hash_sha256_state *state, const char *kind, const char *id,
                      int64_t version, const char *body)
{
    hash_text(state, kind);
    hash_text(state, id);
    hash_integer(state, version);
    hash_text(state, body);
}

void log_hash_end(char out[NP_HASH_LENGTH], crypto_hash_sha256_state *state)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(state, digest);
    sodium_bin2hex(out, NP_HASH_LENGTH, digest, sizeof digest);
}

static np_status version_after(int64_t *out, np_store *store, const char *kind,
                               const char *id, np_error *err)
{
    sqlite3_stmt **s = &store->last_version;
    np_status status = NP_OK;
    if (*s == NULL)
        status = store_prepare(s, store,
                               "SELECT ifnull(max(version), 0) + 1 FROM log_version "
                               "WHERE kind = ?1 AND id = ?2",
                               err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(*s, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(*s, 2, id, -1, SQLITE_STATIC);
    bool row;
    status = store_step(&row, store, *s, _("reading the log"), err);
    if (row)
        *out = sqlite3_column_int64(*s, 0);
    sqlite3_reset(*s);
    sqlite3_clear_bindings(*s);
    return status;
}

np_status log_add_version(np_store *store, const char *kind, const char *id,
                          const char *body, np_error *err)
{
    np_status status = version_after(&store->next_version, store, kind, id, err);
    sqlite3_stmt **s = &store->add_version;
    if (status == NP_OK && *s == NULL)
        status = store_prepare(s, store,
                               "INSERT INTO log_version (entry, kind, id, version, body) "
                               "VALUES (?1, ?2, ?3, ?4, ?5)",
                               err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_int64(*s, 1, store->entry);
    sqlite3_bind_text(*s, 2, kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(*s, 3, id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(*s, 4, store->next_version);
    if (body != NULL)
        sqlite3_bind_text(*s, 5, body, -1, SQLITE_STATIC);
    bool row;
    status = store_step(&row, store, *s, _("writing the log"), err);
    sqlite3_reset(*s);
    sqlite3_clear_bindings(*s);
    if (status == NP_OK) {
        log_hash_version(&store->hash, kind, id, store->next_version, body);
        store->n_versions++;
    }
    return status;
}

static const char *text_at(sqlite3_stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s, column);
}

np_status np_log_each_entry(np_store *store, np_log_entry_row *row, void *context,
                            np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store,
        "SELECT entry, moment, who, action, why, n_versions, hash FROM log_entry "
        "ORDER BY entry",
        err);
    bool more = status == NP_OK;
    while (more) {
        status = store_step(&more, store, s, _("reading the log"), err);
        if (!more)
            break;
        np_log_entry entry = {.entry = sqlite3_column_int64(s, 0),
                              .when = text_at(s, 1),
                              .who = text_at(s, 2),
                              .action = text_at(s, 3),
                              .why = text_at(s, 4),
                              .n_versions = sqlite3_column_int64(s, 5)};
        np_text_format(entry.hash, sizeof entry.hash, "%s", text_at(s, 6));
        status = row(context, &entry, err);
        more = status == NP_OK;
    }
    sqlite3_finalize(s);
    return status;
}

np_status np_log_history(np_store *store, const np_kind *kind, const char *id,
                         np_log_version_row *row, void *context, np_error *err)
{
    /* Rules ask for every record of an import: prepared once. It is away while it is in
     * use, and what `row` asks for meanwhile gets one of its own. */
    sqlite3_stmt *s = store->history;
    store->history = NULL;
    np_status status =
        s != NULL
            ? NP_OK
            : store_prepare(&s, store,
                            "SELECT entry, kind, id, version, body, moment, who, why "
                            "FROM log_version JOIN log_entry USING (entry) "
                            "WHERE kind = ?1 AND id = ?2 ORDER BY version",
                            err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, id, -1, SQLITE_STATIC);
    bool more = true;
    while (more) {
        status = store_step(&more, store, s, _("reading the log"), err);
        if (!more)
            break;
        np_log_version version = {.entry = sqlite3_column_int64(s, 0),
                                  .kind = text_at(s, 1),
                                  .id = text_at(s, 2),
                                  .version = sqlite3_column_int64(s, 3),
                                  .body = text_at(s, 4),
                                  .when = text_at(s, 5),
                                  .who = text_at(s, 6),
                                  .why = text_at(s, 7)};
        status = row(context, &version, err);
        more = status == NP_OK;
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    sqlite3_finalize(store->history);
    store->history = s;
    return status;
}

np_status np_log_each_version(np_store *store, np_log_version_row *row, void *context,
                              np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store,
        "SELECT entry, kind, id, version, body FROM log_version ORDER BY number", err);
    bool more = status == NP_OK;
    while (more) {
        status = store_step(&more, store, s, _("reading the log"), err);
        if (!more)
            break;
        np_log_version version = {.entry = sqlite3_column_int64(s, 0),
                                  .kind = text_at(s, 1),
                                  .id = text_at(s, 2),
                                  .version = sqlite3_column_int64(s, 3),
                                  .body = text_at(s, 4)};
        status = row(context, &version, err);
        more = status == NP_OK;
    }
    sqlite3_finalize(s);
    return status;
}

np_status np_log_last(int64_t *out, np_store *store, np_error *err)
{
    return store_number(out, store, "SELECT ifnull(max(entry), 0) FROM log_entry", NULL,
                        err);
}

np_status np_log_head(char out[NP_HASH_LENGTH], np_store *store, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store, "SELECT hash FROM log_entry ORDER BY entry DESC LIMIT 1", err);
    if (status != NP_OK)
        return status;
    bool row;
    status = store_step(&row, store, s, _("reading the log"), err);
    np_text_format(out, NP_HASH_LENGTH, "%s", row ? text_at(s, 0) : "");
    sqlite3_finalize(s);
    return status;
}
