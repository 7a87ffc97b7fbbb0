/* Which files of a folder are records, by their names. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "programme/import.h"

typedef struct {
    const char *path;
    const np_kind *kind;
} found_file;

/* Bytes before the extension; 0: no file of a table. */
static size_t stem(const char *name)
{
    static const char *const extension[] = {".csv", ".xlsx"};
    size_t n = strlen(name);
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(extension[i]);
        if (n > length && strcmp(name + n - length, extension[i]) == 0)
            return n - length;
    }
    return 0;
}

const np_kind *np_import_kind_of_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char word[80];
    size_t n = stem(name);
    if (n == 0 || n >= sizeof word)
        return NULL;
    np_text_format(word, sizeof word, "%.*s", (int)n, name);
    return np_kind_find(word);
}

static void tell_stranger(const char *path, np_import_problem_sink *sink, void *context)
{
    size_t n;
    const np_kind *all = np_kinds(&n);
    const char *names[NP_MOST_KINDS];
    for (size_t k = 0; k < n; k++)
        names[k] = all[k].name;
    const char *slash = strrchr(path, '/');
    char word[80], hint[300];
    np_text_format(word, sizeof word, "%.*s", (int)stem(slash + 1), slash + 1);
    const char *near = np_nearest_name(word, names, n);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    else
        np_text_format(hint, sizeof hint,
                       _("import it by itself, with --as KIND or --mapping NAME"));
    sink(context, &(np_import_problem){.file = path,
                                       .column = "",
                                       .kind = "",
                                       .id = "",
                                       .field = "",
                                       .rule = "file",
                                       .message = _("the file is not named after a kind "
                                                    "of record"),
                                       .hint = hint});
}

static int by_kind(const void *a, const void *b)
{
    const found_file *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->path, y->path);
}

static np_status add_source(np_import_source **source, size_t *n, const found_file *found,
                            size_t n_found, np_arena *arena, np_error *err)
{
    np_import_source *all = np_arena_array(arena, np_import_source, *n + n_found);
    if (all == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (*n > 0)
        memcpy(all, *source, *n * sizeof *all);
    for (size_t i = 0; i < n_found; i++)
        all[*n + i] = (np_import_source){.path = found[i].path, .kind = found[i].kind};
    *source = all;
    *n += n_found;
    return NP_OK;
}

np_status np_import_folder(np_import_source **source, size_t *n, size_t *n_defined,
                           const char *folder, np_import_problem_sink *sink,
                           void *context, np_arena *arena, np_error *err)
{
    found_file *found = NULL;
    size_t n_found = 0, room = 0;
    np_status status = NP_OK;
    DIR *d = opendir(folder);
    if (d == NULL) {
        np_fail(err, NP_E_IO, _("the folder cannot be read: %s"), strerror(errno));
        return np_error_file(err, folder);
    }
    for (struct dirent *e; status == NP_OK && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.' || stem(e->d_name) == 0)
            continue;
        const char *path = np_arena_format(arena, "%s/%s", folder, e->d_name);
        if (path != NULL && n_found == room) {
            room = room == 0 ? 64 : 2 * room;
            found_file *more = reallocarray(found, room, sizeof *more);
            found = more != NULL ? more : found;
            path = more != NULL ? path : NULL;
        }
        if (path == NULL) {
            status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
            break;
        }
        const np_kind *kind = np_import_kind_of_name(path);
        if (kind == NULL)
            tell_stranger(path, sink, context);
        else if (kind->defined)
            ++*n_defined;
        else
            found[n_found++] = (found_file){path, kind};
    }
    closedir(d);
    if (status == NP_OK && n_found > 0) {
        qsort(found, n_found, sizeof *found, by_kind);
        status = add_source(source, n, found, n_found, arena, err);
    }
    free(found);
    return status;
}
