#include "programme/export.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "programme/export_internal.h"
#include "programme/value.h"

typedef struct {
    export_file file;
    int64_t n;
} kind_file;

static np_status write_record(void *context, const np_record *record, np_error *err)
{
    (void)err;
    kind_file *k = context;
    char scratch[NP_VALUE_SCRATCH];
    export_cell(&k->file, record->id);
    for (size_t f = 0; f < record->kind->n_fields; f++)
        export_cell(&k->file,
                    np_value_format(scratch, &record->kind->field[f], record->value[f]));
    export_row_end(&k->file);
    k->n++;
    return NP_OK;
}

np_status export_kind(int64_t *n_records, np_store *store, const np_kind *kind,
                      int64_t as_of, const char *folder, np_error *err)
{
    kind_file k = {.n = 0};
    char name[80];
    np_text_format(name, sizeof name, "%s.csv", kind->name);
    np_status status = export_open(&k.file, folder, name, err);
    if (status != NP_OK)
        return status;
    export_cell(&k.file, "id");
    for (size_t f = 0; f < kind->n_fields; f++)
        export_cell(&k.file, kind->field[f].name);
    export_row_end(&k.file);
    status = as_of > 0 ? np_store_each_as_of(store, kind, as_of, write_record, &k, err)
                       : np_store_each(store, kind, write_record, &k, err);
    np_status closed = export_close(&k.file, status == NP_OK ? err : NULL);
    *n_records = k.n;
    return status != NP_OK ? status : closed;
}

static np_status begin_folder(char part[EXPORT_PATH], const char *folder, np_error *err)
{
    DIR *d = opendir(folder);
    bool empty = true;
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        empty = empty && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
    bool is_file = d == NULL && access(folder, F_OK) == 0;
    if (d != NULL)
        closedir(d);
    if (is_file || !empty) {
        np_fail(err, NP_E_DUPLICATE,
                is_file ? _("there is a file of this name")
                        : _("there is something in the folder already"));
        np_error_hint(err, _("name a folder that is new, or empty"));
        return np_error_file(err, folder);
    }
    if (strlen(folder) + 32 > EXPORT_PATH)
        return np_fail(err, NP_E_LIMIT, _("the folder's name is too long"));
    np_text_format(part, EXPORT_PATH, "%s.part-%ld", folder, (long)getpid());
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    np_text_format(part, EXPORT_PATH, "%.*s.part-%ld", (int)n, folder, (long)getpid());
    if (mkdir(part, 0777) == 0)
        return NP_OK;
    np_fail(err, NP_E_IO, _("the folder cannot be made: %s"), strerror(errno));
    return np_error_file(err, part);
}

static np_status end_folder(np_status status, const char *part, const char *folder,
                            np_error *err)
{
    if (status == NP_OK && rename(part, folder) != 0) {
        status = np_fail(err, NP_E_IO, _("the folder cannot be given its name: %s"),
                         strerror(errno));
        np_error_file(err, folder);
    }
    if (status != NP_OK)
        export_remove(part);
    return status;
}

np_status np_export_records(np_export *out, np_store *store, const np_kind *const *kind,
                            size_t n, int64_t as_of, const char *folder, np_error *err)
{
    char part[EXPORT_PATH];
    size_t n_all;
    const np_kind *all = np_kinds(&n_all);
    np_export done = {.n_files = n > 0 ? n : n_all};
    np_status status = np_log_last(&done.n_entries, store, err);
    if (status == NP_OK && as_of > done.n_entries) {
        np_fail(err, NP_E_RANGE, _("the log has no entry %lld"), (long long)as_of);
        return np_error_hint(err, _("the last one is %lld"), (long long)done.n_entries);
    }
    if (status == NP_OK)
        status = begin_folder(part, folder, err);
    if (status != NP_OK)
        return status;
    status = np_store_snapshot(store, err);
    if (status == NP_OK)
        status = np_log_head(done.head, store, err);
    for (size_t k = 0; k < done.n_files && status == NP_OK; k++) {
        int64_t records = 0;
        status =
            export_kind(&records, store, n > 0 ? kind[k] : &all[k], as_of, part, err);
        done.n_records += records;
    }
    np_store_snapshot_end(store);
    status = end_folder(status, part, folder, err);
    if (status == NP_OK)
        *out = done;
    return status;
}

static np_status write_entry(void *context, const np_log_entry *entry, np_error *err)
{
    (void)err;
    export_file *f = context;
    export_integer(f, entry->entry);
    export_cell(f, entry->when);
    export_cell(f, entry->who);
    export_cell(f, entry->action);
    export_cell(f, entry->why);
    export_integer(f, entry->n_versions);
    export_cell(f, entry->hash);
    export_row_end(f);
    return NP_OK;
}

static np_status write_version(void *context, const np_log_version *version,
                               np_error *err)
{
    (void)err;
    kind_file *k = context;
    export_integer(&k->file, version->entry);
    export_cell(&k->file, version->kind);
    export_cell(&k->file, version->id);
    export_integer(&k->file, version->version);
    export_cell(&k->file, version->body);
    export_row_end(&k->file);
    k->n++;
    return NP_OK;
}

static np_status write_log(np_store *store, const char *folder, np_error *err)
{
    static const char *const head[] = {"entry", "moment",     "who", "action",
                                       "why",   "n_versions", "hash"};
    export_file f;
    np_status status = export_open(&f, folder, "log.csv", err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        export_cell(&f, head[i]);
    export_row_end(&f);
    status = np_log_each_entry(store, write_entry, &f, err);
    np_status closed = export_close(&f, status == NP_OK ? err : NULL);
    return status != NP_OK ? status : closed;
}

static np_status write_versions(int64_t *n, np_store *store, const char *folder,
                                np_error *err)
{
    static const char *const head[] = {"entry", "kind", "id", "version", "body"};
    kind_file k = {.n = 0};
    np_status status = export_open(&k.file, folder, "versions.csv", err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        export_cell(&k.file, head[i]);
    export_row_end(&k.file);
    status = np_log_each_version(store, write_version, &k, err);
    np_status closed = export_close(&k.file, status == NP_OK ? err : NULL);
    *n = k.n;
    return status != NP_OK ? status : closed;
}

/* Names that the manifest can hold in quotes. */
static bool is_yaml(const char *name)
{
    size_t n = strlen(name);
    for (const char *p = name; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == '"' || *p == '\\')
            return false;
    return n > 5 && strcmp(name + n - 5, ".yaml") == 0;
}

static np_status make_folder(char path[EXPORT_PATH], const char *folder, const char *name,
                             np_error *err)
{
    np_status status = export_path(path, folder, name, err);
    if (status == NP_OK && mkdir(path, 0777) != 0 && errno != EEXIST) {
        np_fail(err, NP_E_IO, _("the folder cannot be made: %s"), strerror(errno));
        return np_error_file(err, path);
    }
    return status;
}

static np_status copy_mappings(const char *programme, const char *folder, np_error *err)
{
    char from[EXPORT_PATH], to[EXPORT_PATH], source[EXPORT_PATH], target[EXPORT_PATH];
    np_status status = export_path(from, programme, "mappings", err);
    DIR *d = status == NP_OK ? opendir(from) : NULL;
    if (d == NULL)
        return status;
    status = make_folder(to, folder, "mappings", err);
    for (struct dirent *e; status == NP_OK && (e = readdir(d)) != NULL;) {
        if (!is_yaml(e->d_name))
            continue;
        status = export_path(source, from, e->d_name, err);
        if (status == NP_OK)
            status = export_path(target, to, e->d_name, err);
        if (status == NP_OK)
            status = export_copy_file(source, target, err);
    }
    closedir(d);
    rmdir(to); /* where it stayed empty */
    return status;
}

const char *const export_texts[] = {"programme.yaml", "evaluation.yaml", "tables.yaml",
                                    NULL};

/* What people wrote: the texts of the programme's folder, and its mappings. */
static np_status copy_texts(const char *programme, const char *folder, np_error *err)
{
    char from[EXPORT_PATH], to[EXPORT_PATH];
    np_status status = NP_OK;
    for (size_t i = 0; export_texts[i] != NULL && status == NP_OK; i++) {
        status = export_path(from, programme, export_texts[i], err);
        if (status == NP_OK)
            status = export_path(to, folder, export_texts[i], err);
        if (status == NP_OK && access(from, F_OK) == 0)
            status = export_copy_file(from, to, err);
    }
    return status == NP_OK ? copy_mappings(programme, folder, err) : status;
}

void export_manifest_text(np_buf *out, const export_manifest *m)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    np_buf_format(out,
                  "# Written by nullpunkt export everything; nullpunkt restore compares "
                  "every byte.\n"
                  "nullpunkt_export: 1\n"
                  "schema: %lld\n"
                  "entries: %lld\n"
                  "versions: %lld\n"
                  "head: \"%s\"\n"
                  "records:\n",
                  (long long)m->schema, (long long)m->n_entries, (long long)m->n_versions,
                  m->head);
    for (size_t k = 0; k < n; k++)
        if (m->n_records[k] >= 0)
            np_buf_format(out, "  %s: %lld\n", kind[k].name, (long long)m->n_records[k]);
    np_buf_add(out, "files:\n");
    for (size_t i = 0; i < m->n_files; i++)
        np_buf_format(out, "  \"%s\": %s\n", m->file[i].name, m->file[i].hash);
}

static np_status write_manifest(export_manifest *m, const char *folder, np_error *err)
{
    np_arena *arena = np_arena_new(0);
    export_file f;
    np_status status = arena == NULL
                           ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                           : export_list(&m->file, &m->n_files, folder, arena, err);
    if (status == NP_OK)
        status = export_open(&f, folder, "manifest.yaml", err);
    if (status == NP_OK) {
        export_manifest_text(&f.buf, m);
        status = export_close(&f, err);
    }
    np_arena_free(arena);
    return status;
}

static np_status write_everything(np_export *done, np_store *store, const char *programme,
                                  const char *folder, np_error *err)
{
    char records[EXPORT_PATH];
    size_t n;
    const np_kind *kind = np_kinds(&n);
    export_manifest m = {.schema = np_store_schema()};
    np_status status = make_folder(records, folder, "records", err);
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        status = export_kind(&m.n_records[k], store, &kind[k], 0, records, err);
        done->n_records += m.n_records[k];
    }
    if (status == NP_OK)
        status = write_log(store, folder, err);
    if (status == NP_OK)
        status = write_versions(&m.n_versions, store, folder, err);
    if (status == NP_OK)
        status = np_log_last(&m.n_entries, store, err);
    if (status == NP_OK)
        status = np_log_head(m.head, store, err);
    if (status == NP_OK && programme != NULL)
        status = copy_texts(programme, folder, err);
    if (status == NP_OK)
        status = write_manifest(&m, folder, err);
    done->n_entries = m.n_entries;
    done->n_versions = m.n_versions;
    done->n_files = m.n_files + 1;
    memcpy(done->head, m.head, NP_HASH_LENGTH);
    return status;
}

np_status np_export_everything(np_export *out, np_store *store, const char *programme,
                               const char *folder, np_error *err)
{
    char part[EXPORT_PATH];
    np_export done = {0};
    np_status status = begin_folder(part, folder, err);
    if (status != NP_OK)
        return status;
    status = np_store_snapshot(store, err);
    if (status == NP_OK)
        status = write_everything(&done, store, programme, part, err);
    np_store_snapshot_end(store);
    status = end_folder(status, part, folder, err);
    if (status == NP_OK)
        *out = done;
    return status;
}
