/* A file cut into chunks that threads can parse by themselves: where rows begin is
 * known only once it is known whether a chunk begins inside a quoted field. Each
 * chunk is counted as if it did not; where the one before turns out to end inside
 * a quoted field, it is counted again. */
#include "base/utf8.h"
#include "io/csv_field.h"

#include "base/parallel.h"

/* Small enough to share out and to stay in the second cache, large enough that
 * a chunk's own cost does not show. */
enum { CHUNK_BYTES = 1 << 20 };

typedef struct {
    const csv_text *file;
    csv_chunk *chunk;
    bool one_column; /* empty lines are rows then */
} split_job;

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 load16(const char *p)
{
    bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline bool any(bytes16 v)
{
    uint64_t half[2];
    memcpy(half, &v, sizeof v);
    return (half[0] | half[1]) != 0;
}

static inline size_t sum(bytes16 v)
{
    size_t n = 0;
    for (int i = 0; i < 16; i++)
        n += v[i];
    return n;
}

typedef struct {
    size_t n_ends, n_empty;
    bool quote, high, nul;
} census;

static void count_byte(census *c, const csv_text *file, const char *begin, const char *p)
{
    c->quote |= *p == '"';
    c->high |= (unsigned char)*p >= 0x80;
    c->nul |= *p == '\0';
    if (*p != file->line_end)
        return;
    c->n_ends++;
    c->n_empty +=
        p == begin || p[-1] == file->line_end ||
        (file->line_end == '\n' && p[-1] == '\r' && (p - 1 == begin || p[-2] == '\n'));
}

/* Counts line ends and empty lines as if nothing were quoted, and sees whether there
 * are quotes, bytes beyond ASCII and NULs: sixteen bytes at a time. */
static census take_census(const csv_text *file, const char *begin, const char *end)
{
    census c = {0};
    const char *p = begin;
    for (; p < end && p < begin + 2; p++)
        count_byte(&c, file, begin, p);
    const bytes16 line_end = (bytes16){0} + (uint8_t)file->line_end;
    const uint8_t cr = file->line_end == '\n' ? '\r' : 0;
    bytes16 quote = {0}, high = {0}, nul = {0};
    while (end - p >= 16) {
        bytes16 n_ends = {0}, n_empty = {0};
        for (int i = 0; i < 255 && end - p >= 16; i++, p += 16) {
            bytes16 v = load16(p), before = load16(p - 1);
            bytes16 ends = (bytes16)(v == line_end);
            bytes16 blank = (bytes16)(before == line_end);
            if (cr != 0)
                blank |= (bytes16)(before == cr) & (bytes16)(load16(p - 2) == line_end);
            n_ends -= ends;
            n_empty -= ends & blank;
            quote |= (bytes16)(v == '"');
            nul |= (bytes16)(v == 0);
            high |= v;
        }
        c.n_ends += sum(n_ends);
        c.n_empty += sum(n_empty);
    }
    c.quote |= any(quote);
    c.nul |= any(nul);
    c.high |= any(high & 0x80);
    for (; p < end; p++)
        count_byte(&c, file, begin, p);
    return c;
}

/* Counts rows that end in the chunk, quotes minded: a quote opens at the beginning
 * of a field only, and a doubled one within does not close. */
static void count_quoted(csv_chunk *chunk, const split_job *job, bool inside)
{
    const csv_text *file = job->file;
    const char *p = file->text + chunk->begin, *end = file->text + chunk->end;
    bool field_start = !inside, found = !inside;
    const char *line = p;
    chunk->starts_quoted = inside;
    chunk->first_record = inside ? chunk->end : chunk->begin;
    chunk->n_ends = 0;
    while (p < end) {
        if (inside) {
            p = memchr(p, '"', (size_t)(end - p));
            if (p == NULL)
                break;
            inside = p[1] == '"'; /* chunks end with a line end: p[1] is within */
            p += inside ? 2 : 1;
            continue;
        }
        char c = *p++;
        if (c == '"' && field_start) {
            inside = true;
            field_start = false;
        } else if (c == file->line_end) {
            bool empty = found && (p - line == 1 || (p - line == 2 && *line == '\r' &&
                                                     file->line_end == '\n'));
            chunk->n_ends += job->one_column || !empty;
            if (!found)
                chunk->first_record = (size_t)(p - file->text);
            found = true;
            line = p;
            field_start = true;
        } else {
            field_start = c == file->separator;
        }
    }
    chunk->ends_quoted = inside;
}

void csv_look_at_encoding(csv_chunk *chunk, const csv_text *file)
{
    const char *p = file->text + chunk->begin, *end = file->text + chunk->end;
    while (p < end) {
        const char *high = p;
        while (end - high >= 8 && (csv_load_word(high) & 0x8080808080808080U) == 0)
            high += 8;
        while (high < end && (unsigned char)*high < 0x80)
            high++;
        if (high == end)
            return;
        size_t left = (size_t)(end - high), most = left < 4 ? left : 4, n = 2;
        while (n <= most && np_utf8_invalid(high, n) < n)
            n++;
        chunk->n_multibyte += n <= most;
        chunk->n_invalid += n > most;
        p = high + (n <= most ? n : 1);
    }
}

static void count_chunk(void *context, size_t task, unsigned thread)
{
    (void)thread;
    split_job *job = context;
    csv_chunk *chunk = &job->chunk[task];
    const char *begin = job->file->text + chunk->begin;
    const char *end = job->file->text + chunk->end;
    chunk->nul = SIZE_MAX;
    chunk->first_record = chunk->begin;
    if (csv_has_shrunk(job->file)) {
        chunk->trouble = CSV_SHRUNK;
        return;
    }
    census c = take_census(job->file, begin, end);
    chunk->n_ends = c.n_ends - (job->one_column ? 0 : c.n_empty);
    if (c.nul)
        chunk->nul = (size_t)((const char *)memchr(begin, '\0', (size_t)(end - begin)) -
                              job->file->text);
    if (c.high)
        csv_look_at_encoding(chunk, job->file);
    if (c.quote)
        count_quoted(chunk, job, false);
    csv_forget(job->file, chunk->begin, chunk->end);
}

/* Chunk k ends with the line end at or after its last byte. */
static void cut(csv_chunk *chunk, size_t n_chunks, const csv_text *file, size_t body)
{
    size_t at = body;
    for (size_t k = 0; k < n_chunks; k++) {
        size_t target = body + (k + 1) * CHUNK_BYTES;
        chunk[k].begin = at;
        if (k + 1 == n_chunks || target >= file->length)
            at = file->length;
        else if (target > at) {
            const char *p = file->text + target - 1;
            p = memchr(p, file->line_end, file->length - target + 1);
            at = p == NULL ? file->length : (size_t)(p + 1 - file->text);
        }
        chunk[k].end = at;
        if (k % 16 == 15)
            csv_forget(file, chunk[k - 15].begin, at);
    }
}

/* Whether the text ends in a row that no line end closes. */
static bool has_open_row(const csv_text *file, size_t body)
{
    return file->length > body;
}

np_status csv_split_rows(csv_split *out, const csv_text *file, size_t body,
                         bool one_column, np_arena *arena, np_error *err)
{
    size_t length = file->length > body ? file->length - body : 0;
    size_t n_chunks = (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
    csv_chunk *chunk = np_arena_array(arena, csv_chunk, n_chunks);
    if (chunk == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left to read the file"));
    cut(chunk, n_chunks, file, body);
    split_job job = {file, chunk, one_column};
    np_parallel_for(n_chunks, file->n_threads, count_chunk, &job);
    size_t n_rows = 0;
    bool quoted = false;
    for (size_t k = 0; k < n_chunks; k++) {
        if (quoted)
            count_quoted(&chunk[k], &job, true);
        chunk[k].first_row = n_rows + quoted;
        n_rows += chunk[k].n_ends;
        quoted = chunk[k].ends_quoted;
    }
    *out = (csv_split){chunk, n_chunks, n_rows + has_open_row(file, body), quoted};
    return NP_OK;
}
