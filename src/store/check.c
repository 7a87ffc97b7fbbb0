#include <string.h>

#include "store/summary.h"

#define PROBLEM(problems, store, ...)                                                    \
    do {                                                                                 \
        np_error problem_ = {0};                                                         \
        np_fail(&problem_, NP_E_DAMAGED, __VA_ARGS__);                                   \
        np_error_file(&problem_, (store)->path);                                         \
        np_problems_add((problems), &problem_);                                          \
    } while (0)

typedef struct {
    np_store *store;
    np_problems *problems;
    sqlite3_stmt *versions; /* of one entry */
    const char *expected;
    bool found_expected;
    int64_t next, n_versions;
    char previous[NP_HASH_LENGTH];
} chain;

static np_status check_entry(void *context, const np_log_entry *entry, np_error *err)
{
    chain *c = context;
    if (entry->entry != c->next)
        PROBLEM(c->problems, c->store, _("the log has no entry %lld"),
                (long long)c->next);
    crypto_hash_sha256_state state;
    log_hash_start(&state, c->previous, entry);
    sqlite3_reset(c->versions);
    sqlite3_bind_int64(c->versions, 1, entry->entry);
    int64_t n = 0;
    int code;
    while ((code = sqlite3_step(c->versions)) == SQLITE_ROW) {
        log_hash_version(&state, (const char *)sqlite3_column_text(c->versions, 0),
                         (const char *)sqlite3_column_text(c->versions, 1),
                         sqlite3_column_int64(c->versions, 2),
                         (const char *)sqlite3_column_text(c->versions, 3));
        n++;
    }
    if (code != SQLITE_DONE)
        return store_fail(c->store, code, _("reading the log"), err);
    char hash[NP_HASH_LENGTH];
    log_hash_end(hash, &state);
    if (strcmp(hash, entry->hash) != 0 || n != entry->n_versions)
        PROBLEM(c->problems, c->store,
                _("entry %lld of the log (%s, %s) is not what was written"),
                (long long)entry->entry, entry->when, entry->who);
    if (c->expected != NULL && strcmp(entry->hash, c->expected) == 0)
        c->found_expected = true;
    memcpy(c->previous, entry->hash, NP_HASH_LENGTH);
    c->next = entry->entry + 1;
    c->n_versions += n;
    return NP_OK;
}

static np_status check_chain(np_problems *problems, np_store *store,
                             const char *expected_head, np_error *err)
{
    chain c = {
        .store = store, .problems = problems, .expected = expected_head, .next = 1};
    int64_t n_versions = 0;
    np_status status = store_prepare(&c.versions, store,
                                     "SELECT kind, id, version, body FROM log_version "
                                     "WHERE entry = ?1 ORDER BY number",
                                     err);
    if (status == NP_OK)
        status = np_log_each_entry(store, check_entry, &c, err);
    sqlite3_finalize(c.versions);
    if (status == NP_OK)
        status = store_number(&n_versions, store, "SELECT count(*) FROM log_version",
                              NULL, err);
    if (status != NP_OK)
        return status;
    if (n_versions != c.n_versions)
        PROBLEM(problems, store, _("%lld versions in the log belong to no entry"),
                (long long)(n_versions - c.n_versions));
    if (expected_head != NULL && !c.found_expected)
        PROBLEM(problems, store,
                _("no entry of the log has the hash %s: the log was cut or written anew"),
                expected_head);
    return NP_OK;
}

static bool is_as_logged(np_store *store, const np_record *record, int64_t version,
                         sqlite3_stmt *last)
{
    sqlite3_reset(last);
    sqlite3_bind_text(last, 1, record->kind->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(last, 2, record->id, -1, SQLITE_STATIC);
    if (sqlite3_step(last) != SQLITE_ROW || sqlite3_column_int64(last, 0) != version)
        return false;
    const char *logged = (const char *)sqlite3_column_text(last, 1);
    const char *body = store_body(store, record);
    return logged != NULL && body != NULL && strcmp(logged, body) == 0;
}

static np_status check_records(np_problems *problems, np_store *store,
                               const np_kind *kind, sqlite3_stmt *last, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_value value[NP_MOST_FIELDS];
    np_status status = store_prepare(&s, store, store_select_sql(store, kind, ""), err);
    bool row = status == NP_OK;
    while (row) {
        status = store_step(&row, store, s, _("reading"), err);
        if (!row)
            break;
        store_row_values(value, kind, s, 2);
        np_record record = {
            .kind = kind, .id = (const char *)sqlite3_column_text(s, 0), .value = value};
        if (!is_as_logged(store, &record, sqlite3_column_int64(s, 1), last))
            PROBLEM(problems, store, _("the %s %s is not what the log says of it"),
                    kind->name, record.id);
    }
    sqlite3_finalize(s);
    return status;
}

/* Records whose last version has a body, by kind: as many as the table must hold. */
static np_status check_numbers(np_problems *problems, np_store *store,
                               const np_kind *kind, np_error *err)
{
    int64_t n = 0, logged = 0;
    np_status status = np_store_count(&n, store, kind, err);
    if (status == NP_OK)
        status = store_number(&logged, store,
                              "SELECT count(*) FROM log_version AS v WHERE kind = ?1 AND "
                              "body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
                              "log_version AS w WHERE w.kind = v.kind AND w.id = v.id "
                              "AND w.version > v.version)",
                              kind->name, err);
    if (status == NP_OK && logged != n)
        PROBLEM(problems, store,
                _("the log knows %lld records of the kind %s, and %lld are there"),
                (long long)logged, kind->name, (long long)n);
    return status;
}

static np_status check_kinds(np_problems *problems, np_store *store, np_error *err)
{
    sqlite3_stmt *last = NULL;
    np_status status =
        store_prepare(&last, store,
                      "SELECT version, body FROM log_version WHERE "
                      "kind = ?1 AND id = ?2 ORDER BY version DESC LIMIT 1",
                      err);
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        status = check_records(problems, store, &kind[k], last, err);
        if (status == NP_OK)
            status = check_numbers(problems, store, &kind[k], err);
    }
    sqlite3_finalize(last);
    return status;
}

np_status np_log_check(np_problems *problems, np_store *store, const char *expected_head,
                       np_error *err)
{
    /* One moment for all: what another writes meanwhile must not look like tampering. */
    np_status status = NP_OK;
    if (!store->writing)
        status = store_execute(store, "BEGIN", _("reading the log"), err);
    if (status != NP_OK)
        return status;
    status = check_chain(problems, store, expected_head, err);
    if (status == NP_OK)
        status = check_kinds(problems, store, err);
    if (!store->writing)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static np_status check_rows(np_problems *problems, np_store *store, const char *sql,
                            const char *good, const char *message, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(&s, store, sql, err);
    bool row = status == NP_OK;
    while (row) {
        status = store_step(&row, store, s, _("checking"), err);
        if (!row)
            break;
        const char *text = (const char *)sqlite3_column_text(s, 0);
        if (good == NULL || strcmp(text, good) != 0)
            PROBLEM(problems, store, "%s: %s", message, text);
    }
    sqlite3_finalize(s);
    return status;
}

np_status store_check_references(np_problems *problems, np_store *store, np_error *err)
{
    return check_rows(problems, store,
                      "SELECT \"table\" || ' → ' || parent FROM "
                      "pragma_foreign_key_check LIMIT 20",
                      NULL, _("a reference leads nowhere"), err);
}

static const char *sql_type(const np_field *field)
{
    switch (field->type) {
    case NP_FIELD_INTEGER:
    case NP_FIELD_YES_NO:
        return "INTEGER";
    case NP_FIELD_NUMBER:
        return "REAL";
    case NP_FIELD_TEXT:
    case NP_FIELD_DATE:
    case NP_FIELD_PERIOD:
    case NP_FIELD_CHOICE:
    case NP_FIELD_REFERENCE:
        break;
    }
    return "TEXT";
}

/* id and record_version come before the fields. */
static bool is_column(sqlite3_stmt *s, const np_kind *kind, size_t place)
{
    const char *name = place == 0   ? "id"
                       : place == 1 ? "record_version"
                                    : kind->field[place - 2].name;
    const char *type = place == 0   ? "TEXT"
                       : place == 1 ? "INTEGER"
                                    : sql_type(&kind->field[place - 2]);
    return strcmp((const char *)sqlite3_column_text(s, 0), name) == 0 &&
           strcmp((const char *)sqlite3_column_text(s, 1), type) == 0;
}

static np_status has_its_columns(bool *out, np_store *store, const np_kind *kind,
                                 np_error *err)
{
    sqlite3_stmt *s = NULL;
    size_t place = 0, n = kind->n_fields + 2;
    np_status status = store_prepare(
        &s, store, "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid", err);
    bool row = status == NP_OK, fits = true;
    if (row)
        sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
    while (row) {
        status = store_step(&row, store, s, _("checking"), err);
        if (row && fits)
            fits = place < n && is_column(s, kind, place);
        place += row;
    }
    sqlite3_finalize(s);
    *out = fits && place == n;
    return status;
}

np_status store_check_tables(np_problems *problems, np_store *store, np_error *err)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    np_status status = NP_OK;
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        bool fits = true;
        status = has_its_columns(&fits, store, &kind[k], err);
        if (status == NP_OK && !fits)
            PROBLEM(problems, store, _("the table %s has not the columns of its kind"),
                    kind[k].name);
    }
    return status;
}

np_status np_store_check(np_problems *problems, np_store *store, np_error *err)
{
    np_status status = check_rows(problems, store, "PRAGMA integrity_check(20)", "ok",
                                  _("the file is damaged"), err);
    if (status == NP_OK)
        status = store_check_references(problems, store, err);
    if (status == NP_OK)
        status = store_check_tables(problems, store, err);
    if (status == NP_OK)
        status = store_check_objects(problems, store, err);
    if (status == NP_OK)
        status = search_check(problems, store, err);
    if (status == NP_OK)
        status = summary_check(problems, store, err);
    return status;
}
