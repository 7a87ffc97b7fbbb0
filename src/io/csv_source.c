/* The bytes of a file: a memory map for regular files, read() for the others
 * (pipes, /dev/stdin). Behind either lie CSV_PADDING zero bytes or more.
 *
 * Touching a map beyond the end of a file that somebody has cut short is fatal
 * (SIGBUS), so the file's size is asked for again before each chunk, and a file
 * that has shrunk is an error. What is left is a cut within the moment that one
 * chunk takes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/csv_parts.h"

enum { FORGET_AROUND = 1 << 21 };

static np_status fail_errno(np_error *err, int code)
{
    if (code == ENOENT)
        return np_fail(err, NP_E_IO, _("there is no such file"));
    if (code == EACCES)
        return np_fail(err, NP_E_IO, _("the file may not be read"));
    if (code == EISDIR)
        return np_fail(err, NP_E_IO, _("this is a folder, not a file"));
    return np_fail(err, NP_E_IO, _("the file cannot be read (error %d)"), code);
}

static np_status read_all(csv_source *out, int descriptor, np_error *err)
{
    np_buf buf = {0};
    char piece[1 << 14];
    ssize_t n;
    bool nul = false; /* no text, which is refused; it may never end, as /dev/zero */
    while (!nul && (n = read(descriptor, piece, sizeof piece)) > 0 && !buf.failed) {
        np_buf_add_bytes(&buf, piece, (size_t)n);
        nul = memchr(piece, '\0', (size_t)n) != NULL;
    }
    int code = errno;
    size_t length = buf.length;
    np_buf_add_times(&buf, '\0', CSV_PADDING);
    if (n < 0 || buf.failed) {
        np_status status = n < 0 ? fail_errno(err, code)
                                 : np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        np_buf_free(&buf);
        return status;
    }
    *out = (csv_source){.bytes = buf.text, .length = length, .descriptor = -1};
    return NP_OK;
}

/* The file's pages on top of anonymous ones, of which at least one stays behind
 * them: zeros that can be read. */
static np_status map(csv_source *out, int descriptor, size_t length, np_error *err)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t allocated = (length / page + 2) * page;
    char *bytes = mmap(NULL, allocated, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left to map %zu bytes"), length);
    if (mmap(bytes, length, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) ==
        MAP_FAILED) {
        int code = errno;
        munmap(bytes, allocated);
        return fail_errno(err, code);
    }
    madvise(bytes, length, MADV_SEQUENTIAL);
    *out = (csv_source){bytes, length, allocated, descriptor};
    return NP_OK;
}

np_status csv_source_open(csv_source *out, const char *path, np_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_errno(err, errno);
    struct stat info;
    np_status status;
    if (fstat(descriptor, &info) != 0)
        status = fail_errno(err, errno);
    else if (S_ISREG(info.st_mode) && info.st_size > 0)
        status = map(out, descriptor, (size_t)info.st_size, err);
    else
        status = read_all(out, descriptor, err);
    if (status != NP_OK || out->descriptor < 0)
        close(descriptor);
    return status;
}

void csv_source_close(csv_source *source)
{
    if (source->descriptor < 0) {
        free(source->bytes);
        return;
    }
    munmap(source->bytes, source->allocated);
    close(source->descriptor);
}

bool csv_has_shrunk(const csv_text *file)
{
    struct stat info;
    return file->descriptor >= 0 && (fstat(file->descriptor, &info) != 0 ||
                                     (size_t)info.st_size < file->mapped_size);
}

void csv_forget(const csv_text *file, size_t begin, size_t end)
{
    if (file->descriptor < 0)
        return;
    /* The system maps pages around the one touched, also some already forgotten. */
    size_t around = begin < FORGET_AROUND ? begin : FORGET_AROUND;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)(file->text + begin - around) + page - 1) / page * page;
    uintptr_t to = (uintptr_t)(file->text + end) / page * page;
    if (from < to)
        madvise((void *)from, to - from, MADV_DONTNEED);
}
