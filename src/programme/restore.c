/* An exported folder, or a backup, becomes a programme's store again. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decimal.h"
#include "io/table_rows.h"
#include "io/yaml_reader.h"
#include "programme/export_internal.h"

typedef struct {
    const char *from;
    const np_restore_spec *spec;
    np_arena *arena;
    np_problems *problems;
    char db[EXPORT_PATH], part[EXPORT_PATH];
    export_manifest manifest;
    np_store *store; /* the part */
} restorer;

#define PROBLEM(r, file, line, ...)                                                      \
    do {                                                                                 \
        np_error problem_ = {0};                                                         \
        np_fail(&problem_, NP_E_DAMAGED, __VA_ARGS__);                                   \
        np_error_file(&problem_, (file));                                                \
        np_error_at(&problem_, (line), 0);                                               \
        np_problems_add((r)->problems, &problem_);                                       \
    } while (0)

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static int64_t whole_number(np_reader *y, const np_yaml *root, const char *name)
{
    np_reader_key key = np_reader_get(root, name);
    int64_t value = -1;
    np_reader_require(y, root, key, "manifest.yaml");
    const char *text = np_reader_text(y, key);
    if (text != NULL && !np_integer_parse(&value, text, strlen(text)))
        np_reader_problem(y, key.node, name, NP_E_PARSE, NULL, _("%s is no whole number"),
                          text);
    return value;
}

static void read_counts(restorer *r, np_reader *y, const np_yaml *records)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n; k++)
        r->manifest.n_records[k] = -1;
    if (records == NULL || records->kind != NP_YAML_MAPPING)
        return;
    for (size_t i = 0; i < records->n; i++) {
        const np_kind *found = np_kind_find(records->key[i].text);
        if (found == NULL)
            np_reader_problem(y, &records->key[i], "", NP_E_PARSE, NULL,
                              _("%s is no kind of record of this version"),
                              records->key[i].text);
        else
            r->manifest.n_records[found - kind] =
                whole_number(y, records, records->key[i].text);
    }
}

static void read_files(restorer *r, np_reader *y, const np_yaml *files)
{
    export_manifest *m = &r->manifest;
    if (files == NULL || files->kind != NP_YAML_MAPPING)
        return;
    m->file = np_reader_array(y, export_listed, files->n);
    for (size_t i = 0; m->file != NULL && i < files->n; i++) {
        const char *name = files->key[i].text;
        const char *hash = np_reader_text(y, (np_reader_key){name, &files->item[i]});
        if (hash == NULL || strlen(hash) != NP_HASH_LENGTH - 1 ||
            strlen(name) >= sizeof m->file->name)
            np_reader_problem(y, &files->key[i], "", NP_E_PARSE, NULL,
                              _("a file has its SHA-256"));
        export_listed *file = &m->file[m->n_files++];
        np_text_format(file->name, sizeof file->name, "%s", name);
        np_text_format(file->hash, sizeof file->hash, "%s", hash == NULL ? "" : hash);
    }
}

/* Written anew it must be the same bytes: then nothing in it was changed that does not
 * show elsewhere. */
static void compare_manifest(restorer *r, const char *path)
{
    np_buf text = {0};
    char hash[NP_HASH_LENGTH], file[NP_HASH_LENGTH];
    export_manifest_text(&text, &r->manifest);
    np_hash_bytes(hash, text.text, text.length);
    np_buf_free(&text);
    if (np_hash_file(file, path, NULL) != NP_OK || strcmp(hash, file) != 0)
        PROBLEM(r, path, 0, _("the manifest is not as it was written"));
}

static np_status read_manifest(restorer *r, np_error *err)
{
    static const char *const keys[] = {
        "nullpunkt_export", "schema", "entries", "versions", "head", "records", "files"};
    char *path = np_arena_alloc(r->arena, EXPORT_PATH, 1);
    const np_yaml *root;
    if (path == NULL)
        return no_memory(err);
    np_status status = export_path(path, r->from, "manifest.yaml", err);
    if (status == NP_OK && access(path, F_OK) != 0) {
        np_fail(err, NP_E_UNKNOWN_NAME,
                _("the folder has no manifest.yaml: it is no "
                  "export of everything"));
        np_error_hint(err, _("nullpunkt import takes folders of records"));
        return np_error_file(err, r->from);
    }
    if (status == NP_OK)
        status = np_yaml_read(&root, path, r->arena, err);
    if (status != NP_OK)
        return status;
    np_reader y = {.arena = r->arena, .problems = r->problems, .file = path};
    export_manifest *m = &r->manifest;
    size_t n_problems = r->problems->n_seen;
    if (!np_reader_check_keys(&y, root, "manifest.yaml", keys,
                              sizeof keys / sizeof *keys))
        return NP_OK;
    int64_t format = whole_number(&y, root, "nullpunkt_export");
    m->schema = whole_number(&y, root, "schema");
    m->n_entries = whole_number(&y, root, "entries");
    m->n_versions = whole_number(&y, root, "versions");
    const char *head = np_reader_text(&y, np_reader_get(root, "head"));
    np_text_format(m->head, sizeof m->head, "%s", head == NULL ? "" : head);
    read_counts(r, &y, np_yaml_find(root, "records"));
    read_files(r, &y, np_yaml_find(root, "files"));
    if (y.no_memory)
        return no_memory(err);
    if (r->problems->n_seen == n_problems &&
        (format != 1 || m->schema > np_store_schema())) {
        np_fail(err, NP_E_SCHEMA,
                _("the export was made by a newer version of the program (schema %lld)"),
                (long long)m->schema);
        np_error_hint(err, _("use that version, or a newer one"));
        return np_error_file(err, path);
    }
    if (r->problems->n_seen == n_problems)
        compare_manifest(r, path);
    return NP_OK;
}

/* Both lists are in the order of names. */
static np_status compare_files(restorer *r, np_error *err)
{
    export_listed *there;
    size_t n, i = 0, k = 0;
    const export_manifest *m = &r->manifest;
    np_status status = export_list(&there, &n, r->from, r->arena, err);
    while (status == NP_OK && (i < n || k < m->n_files)) {
        int order = i == n            ? 1
                    : k == m->n_files ? -1
                                      : strcmp(there[i].name, m->file[k].name);
        char path[EXPORT_PATH];
        status =
            export_path(path, r->from, order <= 0 ? there[i].name : m->file[k].name, err);
        if (order < 0)
            PROBLEM(r, path, 0, _("the file is not of this export"));
        else if (order > 0)
            PROBLEM(r, path, 0, _("the file is missing"));
        else if (strcmp(there[i].hash, m->file[k].hash) != 0)
            PROBLEM(r, path, 0,
                    _("the file is not what was exported: its SHA-256 differs"));
        i += order <= 0;
        k += order >= 0;
    }
    return status;
}

typedef struct {
    np_table_rows *rows;
    const np_table_cell *cell;
    uint32_t line;
    char path[EXPORT_PATH];
} table;

static np_status next_row(table *t, np_error *err)
{
    return np_table_rows_next(&t->cell, &t->line, t->rows, err);
}

static np_status open_table(table *t, restorer *r, const char *name,
                            const char *const *columns, size_t n, np_error *err)
{
    size_t n_there = 0;
    np_table_file_spec spec = {.csv = {.separator = ',', .encoding = "utf-8"}};
    np_status status = export_path(t->path, r->from, name, err);
    if (status == NP_OK)
        status = np_table_rows_open(&t->rows, t->path, &spec, r->arena, err);
    if (status != NP_OK)
        return status;
    const char *const *there = np_table_rows_names(t->rows, &n_there);
    bool same = n == n_there;
    for (size_t i = 0; i < n && same; i++)
        same = strcmp(there[i], columns[i]) == 0;
    if (same)
        return next_row(t, err);
    np_fail(err, NP_E_DAMAGED, _("the file has other columns than an export has"));
    return np_error_file(err, t->path);
}

static const char *text_at(const table *t, size_t i, np_arena *arena)
{
    return np_arena_copy_text(arena, t->cell[i].text.text, t->cell[i].text.length);
}

static bool number_at(int64_t *out, const table *t, size_t i)
{
    return np_integer_parse(out, t->cell[i].text.text, t->cell[i].text.length);
}

static np_status damaged_row(const table *t, np_error *err)
{
    np_fail(err, NP_E_DAMAGED, _("the row is none that an export writes"));
    np_error_file(err, t->path);
    return np_error_at(err, t->line, 0);
}

static np_status replay_version(restorer *r, table *t, np_arena *arena, np_error *err)
{
    np_log_version v = {.kind = text_at(t, 1, arena),
                        .id = text_at(t, 2, arena),
                        .body = text_at(t, 4, arena)};
    if (v.kind == NULL || v.id == NULL || v.body == NULL)
        return no_memory(err);
    if (!number_at(&v.entry, t, 0) || !number_at(&v.version, t, 3))
        return damaged_row(t, err);
    if (v.body[0] == '\0')
        v.body = NULL;
    np_status status = np_store_replay_version(r->store, &v, err);
    if (status != NP_OK) {
        np_error_file(err, t->path);
        np_error_at(err, t->line, 0);
    }
    return status;
}

static np_status read_entry(np_log_entry *out, const table *t, np_arena *arena,
                            np_error *err)
{
    np_log_entry e = {.when = text_at(t, 1, arena),
                      .who = text_at(t, 2, arena),
                      .action = text_at(t, 3, arena),
                      .why = text_at(t, 4, arena)};
    if (e.when == NULL || e.who == NULL || e.action == NULL || e.why == NULL)
        return no_memory(err);
    if (!number_at(&e.entry, t, 0) || !number_at(&e.n_versions, t, 5))
        return damaged_row(t, err);
    np_text_format(e.hash, sizeof e.hash, "%.*s", (int)t->cell[6].text.length,
                   t->cell[6].text.text);
    *out = e;
    return NP_OK;
}

static np_status replay_entry(restorer *r, table *log, table *versions, np_arena *arena,
                              np_error *err)
{
    np_log_entry entry = {0};
    np_status status = read_entry(&entry, log, arena, err);
    if (status == NP_OK)
        status = np_store_replay_entry(r->store, &entry, err);
    int64_t of = entry.entry;
    while (status == NP_OK && versions->cell != NULL && number_at(&of, versions, 0) &&
           of == entry.entry) {
        np_arena_mark mark = np_arena_set_mark(arena);
        status = replay_version(r, versions, arena, err);
        np_arena_release(arena, mark);
        if (status == NP_OK)
            status = next_row(versions, err);
    }
    if (status == NP_OK)
        status = np_store_replay_close(r->store, &entry, err);
    if (status != NP_OK) {
        np_error_file(err, log->path);
        np_error_at(err, log->line, 0);
    }
    return status;
}

static np_status replay_log(restorer *r, np_error *err)
{
    static const char *const entry[] = {"entry", "moment",     "who", "action",
                                        "why",   "n_versions", "hash"};
    static const char *const version[] = {"entry", "kind", "id", "version", "body"};
    table log = {0}, versions = {0};
    np_arena *arena = np_arena_new(0);
    np_status status = arena == NULL ? no_memory(err) : NP_OK;
    if (status == NP_OK)
        status = open_table(&log, r, "log.csv", entry, 7, err);
    if (status == NP_OK)
        status = open_table(&versions, r, "versions.csv", version, 5, err);
    if (status == NP_OK)
        status = np_store_replay_begin(r->store, err);
    while (status == NP_OK && log.cell != NULL) {
        np_arena_mark mark = np_arena_set_mark(arena);
        status = replay_entry(r, &log, &versions, arena, err);
        np_arena_release(arena, mark);
        if (status == NP_OK)
            status = next_row(&log, err);
    }
    if (status == NP_OK && versions.cell != NULL) {
        np_fail(err, NP_E_DAMAGED, _("the version belongs to no entry of the log"));
        np_error_file(err, versions.path);
        status = np_error_at(err, versions.line, 0);
    }
    if (status == NP_OK)
        status = np_store_replay_commit(r->store, err);
    np_table_rows_close(log.rows);
    np_table_rows_close(versions.rows);
    np_arena_free(arena);
    return status;
}

static np_status summarize(np_export *out, restorer *r, np_error *err)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    np_export done = {0};
    np_status status = np_log_head(done.head, r->store, err);
    if (status == NP_OK)
        status = np_log_last(&done.n_entries, r->store, err);
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        int64_t records = 0;
        status = np_store_count(&records, r->store, &kind[k], err);
        done.n_records += records;
        int64_t said = r->manifest.n_records[k];
        if (status == NP_OK && r->manifest.schema > 0 && said >= 0 && said != records)
            PROBLEM(r, r->from, 0,
                    _("the manifest counts %lld records of the kind %s, and "
                      "the log gives %lld"),
                    (long long)said, kind[k].name, (long long)records);
    }
    const export_manifest *m = &r->manifest;
    if (status == NP_OK && m->schema > 0 &&
        (m->n_entries != done.n_entries || strcmp(m->head, done.head) != 0))
        PROBLEM(r, r->from, 0,
                _("the manifest's number of entries or head is not the log's"));
    *out = done;
    return status;
}

/* The tables of records say nothing of their own: they must be what the log gives. */
static np_status compare_records(restorer *r, np_error *err)
{
    char folder[EXPORT_PATH + 16];
    size_t n;
    const np_kind *kind = np_kinds(&n);
    if (r->manifest.schema != np_store_schema())
        return NP_OK;
    np_text_format(folder, sizeof folder, "%s-records", r->part);
    if (mkdir(folder, 0777) != 0)
        return np_fail(err, NP_E_IO, _("the folder cannot be made: %s"), strerror(errno));
    np_status status = NP_OK;
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        char name[100], made[EXPORT_PATH], given[EXPORT_PATH];
        char hash_made[NP_HASH_LENGTH], hash_given[NP_HASH_LENGTH];
        int64_t records;
        np_text_format(name, sizeof name, "%s.csv", kind[k].name);
        status = export_kind(&records, r->store, &kind[k], 0, folder, err);
        if (status == NP_OK)
            status = export_path(made, folder, name, err);
        np_text_format(name, sizeof name, "records/%s.csv", kind[k].name);
        if (status == NP_OK)
            status = export_path(given, r->from, name, err);
        if (status == NP_OK)
            status = np_hash_file(hash_made, made, err);
        if (status == NP_OK)
            status = np_hash_file(hash_given, given, err);
        if (status == NP_OK && strcmp(hash_made, hash_given) != 0)
            PROBLEM(r, given, 0, _("the records are not those that the log gives"));
    }
    export_remove(folder);
    return status;
}

static np_status check_part(np_export *out, restorer *r, np_error *err)
{
    np_status status = summarize(out, r, err);
    if (status == NP_OK)
        status = np_store_check(r->problems, r->store, err);
    if (status == NP_OK)
        status = np_log_check(r->problems, r->store, r->spec->head, err);
    return status;
}

static np_status from_folder(np_export *out, restorer *r, np_error *err)
{
    np_status status = read_manifest(r, err);
    if (status == NP_OK && r->manifest.n_files > 0)
        status = compare_files(r, err);
    if (status != NP_OK || r->problems->n_seen > 0)
        return status;
    status = np_store_open(&r->store, r->part, NP_STORE_CREATE, err);
    if (status == NP_OK)
        status = replay_log(r, err);
    if (status == NP_OK)
        status = check_part(out, r, err);
    if (status == NP_OK)
        status = compare_records(r, err);
    out->n_versions = r->manifest.n_versions;
    out->n_files = r->manifest.n_files + 1;
    return status;
}

static np_status from_backup(np_export *out, restorer *r, np_error *err)
{
    /* The copy is opened and not the backup, which must stay as it is even where it is of
     * an older schema. */
    np_status status = np_store_copy_file(r->from, r->part, err);
    if (status == NP_OK)
        status = np_store_open(&r->store, r->part, NP_STORE_WRITE, err);
    if (status != NP_OK && err != NULL && strcmp(err->file, r->part) == 0)
        np_text_format(err->file, sizeof err->file, "%s", r->from);
    if (status == NP_OK)
        status = check_part(out, r, err);
    out->n_files = 1;
    return status;
}

static np_status is_there(const char *path, np_error *err)
{
    np_fail(err, NP_E_DUPLICATE, _("the file is there already"));
    np_error_hint(err, _("--replace keeps it under another name"));
    return np_error_file(err, path);
}

static bool same_file(const char *a, const char *b)
{
    char x[NP_HASH_LENGTH], y[NP_HASH_LENGTH];
    return np_hash_file(x, a, NULL) == NP_OK && np_hash_file(y, b, NULL) == NP_OK &&
           strcmp(x, y) == 0;
}

/* A free name for what is replaced: NAME.before-2026-12-01, -2 … */
static np_status other_name(char out[EXPORT_PATH], const char *path, const char *day,
                            np_error *err)
{
    for (int i = 1; i < 1000; i++) {
        char name[EXPORT_PATH + 64];
        np_text_format(name, sizeof name, i == 1 ? "%s.before-%s" : "%s.before-%s-%d",
                       path, day, i);
        if (strlen(name) >= EXPORT_PATH)
            break;
        np_text_format(out, EXPORT_PATH, "%s", name);
        if (access(out, F_OK) != 0)
            return NP_OK;
    }
    return np_fail(err, NP_E_LIMIT, _("no name is left for the file that is replaced"));
}

static np_status place_file(restorer *r, const char *name, np_error *err)
{
    char from[EXPORT_PATH], to[EXPORT_PATH], other[EXPORT_PATH], part[EXPORT_PATH + 8];
    np_status status = export_path(from, r->from, name, err);
    if (status == NP_OK)
        status = export_path(to, r->spec->programme, name, err);
    if (status != NP_OK || access(from, F_OK) != 0 || same_file(from, to))
        return status;
    np_text_format(part, sizeof part, "%s.part", to);
    status = export_copy_file(from, part, err);
    if (status == NP_OK && access(to, F_OK) == 0) {
        status = other_name(other, to, r->spec->day, err);
        if (status == NP_OK && rename(to, other) != 0)
            status = np_fail(err, NP_E_IO, _("the file cannot be given another name"));
    }
    if (status == NP_OK && rename(part, to) != 0)
        status = np_fail(err, NP_E_IO, _("cannot be written: %s"), strerror(errno));
    if (status != NP_OK) {
        unlink(part);
        np_error_file(err, to);
    }
    return status;
}

/* Names of what the export has besides the records. */
static bool is_text(const char *name)
{
    bool is = strncmp(name, "mappings/", 9) == 0;
    for (size_t i = 0; export_texts[i] != NULL; i++)
        is = is || strcmp(name, export_texts[i]) == 0;
    return is;
}

static np_status check_place(restorer *r, np_error *err)
{
    char from[EXPORT_PATH], to[EXPORT_PATH];
    if (r->spec->replace)
        return NP_OK;
    if (access(r->db, F_OK) == 0)
        return is_there(r->db, err);
    np_status status = NP_OK;
    for (size_t i = 0; i < r->manifest.n_files && status == NP_OK; i++) {
        const char *name = r->manifest.file[i].name;
        status = export_path(from, r->from, name, err);
        if (status == NP_OK)
            status = export_path(to, r->spec->programme, name, err);
        if (status == NP_OK && is_text(name) && access(to, F_OK) == 0 &&
            !same_file(from, to))
            status = is_there(to, err);
    }
    return status;
}

static np_status put_in_place(restorer *r, np_error *err)
{
    char other[EXPORT_PATH], mappings[EXPORT_PATH];
    np_status status = check_place(r, err);
    if (status == NP_OK && access(r->db, F_OK) == 0) {
        status = other_name(other, r->db, r->spec->day, err);
        if (status == NP_OK)
            status = np_store_set_aside(r->db, other, err);
    }
    if (status == NP_OK && rename(r->part, r->db) != 0) {
        status = np_fail(err, NP_E_IO, _("cannot be written: %s"), strerror(errno));
        np_error_file(err, r->db);
    }
    for (size_t i = 0; i < r->manifest.n_files && status == NP_OK; i++) {
        const char *name = r->manifest.file[i].name;
        if (strncmp(name, "mappings/", 9) == 0 &&
            export_path(mappings, r->spec->programme, "mappings", err) == NP_OK)
            mkdir(mappings, 0777);
        if (is_text(name))
            status = place_file(r, name, err);
    }
    return status;
}

static void remove_part(const restorer *r)
{
    static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
    for (int schema = 1; schema < np_store_schema(); schema++) {
        char path[EXPORT_PATH + 32];
        np_text_format(path, sizeof path, "%s.schema-%d", r->part, schema);
        unlink(path);
    }
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        char path[EXPORT_PATH + 16];
        np_text_format(path, sizeof path, "%s%s", r->part, beside[i]);
        unlink(path);
    }
}

static np_status make_place(restorer *r, np_error *err)
{
    const char *programme = r->spec->programme;
    if (strlen(programme) + 48 > EXPORT_PATH)
        return np_fail(err, NP_E_LIMIT, _("the folder's name is too long"));
    if (mkdir(programme, 0777) != 0 && errno != EEXIST) {
        np_fail(err, NP_E_IO, _("the folder cannot be made: %s"), strerror(errno));
        return np_error_file(err, programme);
    }
    np_text_format(r->db, sizeof r->db, "%s/programme.db", programme);
    np_text_format(r->part, sizeof r->part, "%s/programme.db.part-%ld", programme,
                   (long)getpid());
    return r->spec->replace || access(r->db, F_OK) != 0 ? NP_OK : is_there(r->db, err);
}

np_status np_restore(np_export *out, const char *from, const np_restore_spec *spec,
                     np_arena *arena, np_problems *problems, np_error *err)
{
    restorer *r = np_arena_array(arena, restorer, 1);
    struct stat s;
    np_export done = {0};
    if (r == NULL)
        return no_memory(err);
    *r = (restorer){.from = from, .spec = spec, .arena = arena, .problems = problems};
    if (stat(from, &s) != 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no such file"));
        return np_error_file(err, from);
    }
    np_status status = make_place(r, err);
    if (status != NP_OK)
        return status;
    status = S_ISDIR(s.st_mode) ? from_folder(&done, r, err) : from_backup(&done, r, err);
    np_store_close(r->store);
    if (status == NP_OK && problems->n_seen == 0)
        status = put_in_place(r, err);
    remove_part(r);
    if (status == NP_OK)
        *out = done;
    return status;
}
