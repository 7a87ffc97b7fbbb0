/* Files and folders of exports. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/csv.h"
#include "programme/export_internal.h"

enum { FLUSH_AT = 1 << 18 };

static np_status cannot(const char *path, np_error *err)
{
    np_fail(err, NP_E_IO, _("cannot be written: %s"), strerror(errno));
    return np_error_file(err, path);
}

np_status export_path(char out[EXPORT_PATH], const char *folder, const char *name,
                      np_error *err)
{
    if (strlen(folder) + strlen(name) + 2 > EXPORT_PATH)
        return np_fail(err, NP_E_LIMIT, _("the folder's name is too long"));
    np_text_format(out, EXPORT_PATH, "%s/%s", folder, name);
    return NP_OK;
}

np_status export_open(export_file *f, const char *folder, const char *name, np_error *err)
{
    *f = (export_file){.first_cell = true};
    np_status status = export_path(f->path, folder, name, err);
    if (status == NP_OK && (f->file = fopen(f->path, "wb")) == NULL)
        status = cannot(f->path, err);
    return status;
}

void export_cell(export_file *f, const char *text)
{
    if (!f->first_cell)
        np_buf_add_char(&f->buf, ',');
    f->first_cell = false;
    if (text != NULL && text[0] != '\0')
        np_csv_put_text(&f->buf, text);
}

void export_integer(export_file *f, int64_t value)
{
    char text[32];
    np_text_format(text, sizeof text, "%lld", (long long)value);
    export_cell(f, text);
}

static void flush_rows(export_file *f)
{
    const char *text = np_buf_done(&f->buf);
    if (text == NULL || fwrite(text, 1, f->buf.length, f->file) != f->buf.length)
        f->failed = true;
    f->buf.length = 0;
}

void export_row_end(export_file *f)
{
    np_buf_add_char(&f->buf, '\n');
    f->first_cell = true;
    if (f->buf.length >= FLUSH_AT)
        flush_rows(f);
}

np_status export_close(export_file *f, np_error *err)
{
    if (f->file == NULL)
        return NP_OK;
    flush_rows(f);
    np_buf_free(&f->buf);
    bool good = !f->failed && fflush(f->file) == 0 && fsync(fileno(f->file)) == 0;
    int code = errno;
    good = fclose(f->file) == 0 && good;
    f->file = NULL;
    errno = code;
    return good ? NP_OK : cannot(f->path, err);
}

np_status export_copy_file(const char *from, const char *to, np_error *err)
{
    char bytes[1 << 14];
    FILE *in = fopen(from, "rb");
    if (in == NULL) {
        np_fail(err, NP_E_IO, _("cannot be read: %s"), strerror(errno));
        return np_error_file(err, from);
    }
    FILE *out = fopen(to, "wb");
    bool good = out != NULL;
    for (size_t n; good && (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        good = fwrite(bytes, 1, n, out) == n;
    good = good && !ferror(in) && fflush(out) == 0 && fsync(fileno(out)) == 0;
    if (out != NULL)
        good = fclose(out) == 0 && good;
    fclose(in);
    return good ? NP_OK : cannot(to, err);
}

typedef struct {
    export_listed *file;
    size_t n, room;
    const char *folder;
    np_arena *arena;
} listing;

static np_status add_file(listing *l, const char *name, np_error *err)
{
    char path[EXPORT_PATH];
    if (l->n == l->room) {
        size_t room = l->room == 0 ? 128 : 2 * l->room;
        export_listed *more = np_arena_array(l->arena, export_listed, room);
        if (more == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        if (l->n > 0)
            memcpy(more, l->file, l->n * sizeof *more);
        l->file = more;
        l->room = room;
    }
    export_listed *file = &l->file[l->n];
    np_status status = export_path(path, l->folder, name, err);
    if (status == NP_OK && strlen(name) >= sizeof file->name)
        status = np_fail(err, NP_E_LIMIT, _("the file's name is too long"));
    if (status == NP_OK)
        status = np_hash_file(file->hash, path, err);
    if (status == NP_OK) {
        np_text_format(file->name, sizeof file->name, "%s", name);
        l->n++;
    }
    return status;
}

/* `below` is "" or "records/". */
static np_status list_folder(listing *l, const char *below, np_error *err)
{
    char path[EXPORT_PATH];
    np_status status = export_path(path, l->folder, below, err);
    DIR *d = status == NP_OK ? opendir(path) : NULL;
    if (status == NP_OK && d == NULL) {
        np_fail(err, NP_E_IO, _("cannot be read: %s"), strerror(errno));
        return np_error_file(err, path);
    }
    for (struct dirent *e; status == NP_OK && (e = readdir(d)) != NULL;) {
        char name[EXPORT_PATH];
        struct stat s;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        np_text_format(name, sizeof name, "%s%s", below, e->d_name);
        status = export_path(path, l->folder, name, err);
        bool is_folder = status == NP_OK && stat(path, &s) == 0 && S_ISDIR(s.st_mode);
        if (is_folder && below[0] == '\0') {
            np_text_format(name, sizeof name, "%s/", e->d_name);
            status = list_folder(l, name, err);
        } else if (status == NP_OK && strcmp(name, "manifest.yaml") != 0) {
            status = add_file(l, name, err);
        }
    }
    if (d != NULL)
        closedir(d);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const export_listed *)a)->name, ((const export_listed *)b)->name);
}

np_status export_list(export_listed **out, size_t *n, const char *folder, np_arena *arena,
                      np_error *err)
{
    listing l = {.folder = folder, .arena = arena};
    np_status status = list_folder(&l, "", err);
    if (status != NP_OK)
        return status;
    if (l.n > 0)
        qsort(l.file, l.n, sizeof *l.file, by_name);
    *out = l.file;
    *n = l.n;
    return NP_OK;
}

static void remove_files(const char *folder, int depth)
{
    char path[EXPORT_PATH];
    DIR *d = opendir(folder);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            export_path(path, folder, e->d_name, NULL) != NP_OK)
            continue;
        if (unlink(path) != 0 && depth == 0)
            remove_files(path, 1);
    }
    if (d != NULL)
        closedir(d);
    rmdir(folder);
}

void export_remove(const char *folder)
{
    remove_files(folder, 0);
}
