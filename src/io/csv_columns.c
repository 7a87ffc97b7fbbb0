/* Cells parsed straight into the columns' final arrays. Each column starts with
 * the storage that a sample suggests; each chunk notes the kinds of cells it met;
 * the set of kinds decides the type, whatever the chunks or threads were. Integers
 * become doubles in place where a later cell is one; only a column that turns out
 * to be dates or text against its sample is parsed again. */
#include <assert.h>
#include <math.h>

#include "base/decimal.h"
#include "base/parallel.h"
#include "io/csv_field.h"

/* A column in one chunk while it is parsed. */
typedef struct {
    csv_store store;
    bool integers; /* the cells so far are int64_t, else double */
    unsigned kinds;
    int64_t *i64;
    double *f64;
    int32_t *i32;
    uint8_t *missing;
    np_text_map *labels;
    csv_raw last; /* the text cell before, and its code */
    int32_t last_code;
} cell_writer;

typedef struct {
    csv_job *job;
    const csv_text *file;
    size_t chunk, first_row, row;
    cell_writer *writer; /* [n_fields] */
    np_buf scratch;
    csv_trouble trouble;
} chunk_parser;

/* By the number of decimals; the second row for negative numbers: the signs of data
 * are as good as random, and a branch on them costs more than the division. */
static const double divisor[2][19] = {
    {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
     1e16, 1e17, 1e18},
    {-1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7, -1e8, -1e9, -1e10, -1e11, -1e12,
     -1e13, -1e14, -1e15, -1e16, -1e17, -1e18}};

enum { MOST_DIGITS = 18 }; /* fit in an int64_t whatever they are */

static void turn_to_doubles(cell_writer *w, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        w->f64[i] = w->i64[i] == NP_I64_MISSING ? NAN : (double)w->i64[i];
    w->integers = false;
}

static inline void put_integer(cell_writer *w, size_t row, int64_t value)
{
    w->kinds |= CSV_INTEGER;
    if (w->integers)
        w->i64[row] = value;
    else
        w->f64[row] = (double)value;
}

static inline void put_number(chunk_parser *c, cell_writer *w, double value)
{
    w->kinds |= CSV_NUMBER;
    if (w->integers)
        turn_to_doubles(w, c->first_row, c->row);
    w->f64[c->row] = value;
}

static void put_missing(cell_writer *w, size_t row, np_missing reason)
{
    w->kinds |= CSV_MISSING;
    w->missing[row] = (uint8_t)reason;
    if (w->store == CSV_AS_NUMBER && w->integers)
        w->i64[row] = NP_I64_MISSING;
    else if (w->store == CSV_AS_NUMBER)
        w->f64[row] = NAN;
    else
        w->i32[row] = w->store == CSV_AS_DATE ? NP_DATE_MISSING : -1;
}

/* A plain number: optional minus, digits, optional decimals, then the field's end.
 * Exact where the digits fit in 53 bits, since powers of ten up to 1e22 are doubles
 * (Clinger 1990, PLDI, 92-101). NULL: something else, to be looked at slowly. */
static inline const char *take_plain_number(chunk_parser *c, cell_writer *w,
                                            const char *p)
{
    const csv_text *file = c->file;
    bool negative = *p == '-';
    const char *s = p + negative;
    uint64_t mantissa = (unsigned char)*s - (uint64_t)'0';
    unsigned n_whole = 1, n_decimals = 0;
    if (mantissa > 9 || s[1] != file->decimal) { /* not the commonest beginning */
        mantissa = 0;
        n_whole = csv_digits(s, &mantissa);
    }
    bool leading_zero = n_whole > 1 && *s == '0';
    s += n_whole;
    bool point = *s == file->decimal;
    if (point && *s != file->separator) {
        n_decimals = csv_digits(s + 1, &mantissa);
        s += 1 + n_decimals;
    }
    unsigned n = n_whole + n_decimals;
    if (n - 1 >= MOST_DIGITS || leading_zero ||
        (*s != file->separator && !csv_at_line_end(s, file)))
        return NULL;
    bool whole = n_decimals == 0 && s[-1] != file->decimal;
    if (whole) {
        put_integer(w, c->row, ((int64_t)mantissa ^ -(int64_t)negative) + negative);
        return s;
    }
    if (mantissa >> 53 == 0) {
        put_number(c, w, (double)(int64_t)mantissa / divisor[negative][n_decimals]);
        return s;
    }
    double size = np_decimal_quotient(mantissa, n_decimals);
    put_number(c, w, negative ? -size : size);
    return s;
}

static void put_classified(chunk_parser *c, size_t field, const csv_raw *raw)
{
    cell_writer *w = &c->writer[field];
    np_str text = csv_field_text(raw, c->file->windows_1252, &c->scratch);
    if (text.text == NULL) {
        c->trouble = CSV_NO_MEMORY;
        return;
    }
    csv_value v = csv_classify(text, c->file);
    if (v.kind == CSV_MISSING) {
        put_missing(w, c->row, v.reason);
    } else if (w->store == CSV_AS_DATE) {
        w->kinds |= v.kind;
        w->i32[c->row] = v.date;
    } else if (v.kind == CSV_INTEGER) {
        put_integer(w, c->row, v.integer);
    } else if (v.kind == CSV_NUMBER) {
        put_number(c, w, v.number);
    } else {
        w->kinds |= v.kind; /* no number after all: parsed again later */
        w->i64[c->row] = 0; /* 0 as a double, too */
    }
    if (v.kind == CSV_WORD)
        atomic_store_explicit(c->job->column[field].is_text, true, memory_order_relaxed);
}

/* In a text column only what stands without quotes can be a symbol of what is
 * missing: programs that write "NA" in quotes mean the letters. */
static void put_text(chunk_parser *c, cell_writer *w, const csv_raw *raw)
{
    if (w->last.text != NULL && raw->length == w->last.length &&
        raw->quoted == w->last.quoted &&
        memcmp(raw->text, w->last.text, raw->length) == 0) {
        w->i32[c->row] = w->last_code;
        return;
    }
    np_str text = csv_field_text(raw, c->file->windows_1252, &c->scratch);
    if (text.text == NULL) {
        c->trouble = CSV_NO_MEMORY;
        return;
    }
    np_missing reason = !raw->quoted       ? csv_missing_symbol(text)
                        : text.length == 0 ? NP_MISSING_BLANK
                                           : NP_PRESENT;
    if (reason != NP_PRESENT) {
        put_missing(w, c->row, reason);
        return;
    }
    int32_t code = np_text_map_add(w->labels, text.text, text.length);
    if (code < 0)
        c->trouble = CSV_NO_MEMORY;
    w->kinds |= CSV_WORD;
    w->i32[c->row] = code;
    w->last = *raw;
    w->last_code = code;
}

/* One row; returns where it ends, NULL where c->trouble tells. */
static const char *take_row(chunk_parser *c, const char *p, size_t *field)
{
    size_t n_fields = c->job->n_row_fields;
    for (size_t j = 0; j < n_fields; j++) {
        cell_writer *w = &c->writer[j];
        *field = j;
        if (j > 0 && *p++ != c->file->separator) {
            c->trouble = CSV_TOO_FEW;
            return NULL;
        }
        if (w->store == CSV_AS_NUMBER) {
            const char *next = take_plain_number(c, w, p);
            if (next != NULL) {
                p = next;
                continue;
            }
        }
        csv_raw raw;
        p = csv_take_field(&raw, p, c->file, &c->trouble);
        if (p == NULL)
            return NULL;
        if (w->store == CSV_AS_TEXT)
            put_text(c, w, &raw);
        else if (w->store != CSV_SKIP)
            put_classified(c, j, &raw);
    }
    if (!csv_at_line_end(p, c->file))
        c->trouble = CSV_TOO_MANY;
    return c->trouble == CSV_FINE ? p : NULL;
}

static void take_rows(chunk_parser *c, csv_chunk *chunk)
{
    const char *p = c->file->text + chunk->first_record;
    const char *end = c->file->text + chunk->end;
    while (p < end) {
        if (c->job->n_fields > 1 && csv_at_line_end(p, c->file)) {
            p = csv_next_line(p, c->file); /* an empty line */
            continue;
        }
        assert(c->row < c->job->split.n_rows);
        size_t field = 0;
        const char *next = take_row(c, p, &field);
        if (next == NULL) {
            chunk->trouble = c->trouble;
            chunk->trouble_at = (size_t)(p - c->file->text);
            chunk->trouble_field = field;
            return;
        }
        c->row++;
        p = csv_next_line(next, c->file);
    }
}

/* A column that is parsed in this pass, in this chunk; false: no memory. */
static bool start_writer(cell_writer *w, const csv_job *job, size_t j, size_t chunk)
{
    csv_column *column = &job->column[j];
    *w = (cell_writer){.store = column->store,
                       .integers = (column->guess & CSV_NUMBER) == 0,
                       .i64 = column->cells,
                       .f64 = column->cells,
                       .i32 = column->cells,
                       .missing = column->missing};
    if (w->store != CSV_AS_TEXT) {
        if (atomic_load_explicit(column->is_text, memory_order_relaxed))
            w->store = CSV_SKIP;
        return true;
    }
    w->labels = np_text_map_new(job->scratch[chunk]);
    column->labels[chunk] = w->labels;
    return w->labels != NULL;
}

static void parse_chunk(void *context, size_t task, unsigned thread)
{
    (void)thread;
    csv_job *job = context;
    csv_chunk *chunk = &job->split.chunk[task];
    chunk_parser c = {.job = job,
                      .file = job->file,
                      .chunk = task,
                      .first_row = chunk->first_row,
                      .row = chunk->first_row};
    if (job->scratch[task] == NULL)
        job->scratch[task] = np_arena_new(0);
    np_arena *arena = job->scratch[task];
    bool ready = arena != NULL;
    c.writer = ready ? np_arena_array(arena, cell_writer, job->n_fields) : NULL;
    ready = c.writer != NULL;
    for (size_t j = 0; ready && j < job->n_fields; j++)
        ready = start_writer(&c.writer[j], job, j, task);
    if (!ready)
        chunk->trouble = CSV_NO_MEMORY;
    else if (csv_has_shrunk(job->file))
        chunk->trouble = CSV_SHRUNK;
    else
        take_rows(&c, chunk);
    for (size_t j = job->n_row_fields; ready && j < job->n_fields; j++)
        for (size_t i = c.first_row; i < c.row && c.writer[j].store != CSV_SKIP; i++)
            put_missing(&c.writer[j], i, NP_MISSING_BLANK);
    for (size_t j = 0; ready && j < job->n_fields; j++)
        if (c.writer[j].store != CSV_SKIP)
            job->column[j].kinds[task] = (uint8_t)c.writer[j].kinds;
    np_buf_free(&c.scratch);
    csv_forget(job->file, chunk->begin, chunk->end);
}

static unsigned all_kinds(const csv_job *job, const csv_column *column)
{
    unsigned kinds = 0;
    for (size_t k = 0; k < job->split.n_chunks; k++)
        kinds |= column->kinds[k];
    return kinds;
}

static csv_store store_of(unsigned kinds)
{
    bool numbers = (kinds & (CSV_INTEGER | CSV_NUMBER)) != 0;
    if ((kinds & CSV_WORD) != 0 || ((kinds & CSV_DATE) != 0 && numbers))
        return CSV_AS_TEXT;
    return (kinds & CSV_DATE) != 0 ? CSV_AS_DATE : CSV_AS_NUMBER;
}

enum { SAMPLE_PLACES = 16, SAMPLE_RECORDS = 50 };

static void sample_records(csv_job *job, const char *p, np_buf *scratch)
{
    const csv_text *file = job->file;
    const char *end = file->text + file->length;
    for (int i = 0; i < SAMPLE_RECORDS && p < end; i++) {
        if (job->n_fields > 1 && csv_at_line_end(p, file)) {
            p = csv_next_line(p, file);
            continue;
        }
        for (size_t j = 0; j < job->n_row_fields; j++) {
            csv_raw raw;
            csv_trouble trouble;
            if (j > 0 && *p++ != file->separator)
                return;
            p = csv_take_field(&raw, p, file, &trouble);
            if (p == NULL)
                return;
            if (!job->column[j].wanted || job->column[j].keep_text)
                continue;
            np_str text = csv_field_text(&raw, file->windows_1252, scratch);
            if (text.text != NULL)
                job->column[j].guess |= csv_classify(text, file).kind;
        }
        p = csv_next_line(p, file);
    }
}

static void guess_stores(csv_job *job)
{
    np_buf scratch = {0};
    size_t n = job->split.n_chunks;
    size_t step = n > SAMPLE_PLACES ? n / SAMPLE_PLACES : 1;
    for (size_t k = 0; k < n; k += step)
        if (job->split.chunk[k].first_record < job->split.chunk[k].end)
            sample_records(job, job->file->text + job->split.chunk[k].first_record,
                           &scratch);
    np_buf_free(&scratch);
    for (size_t j = 0; j < job->n_fields; j++) {
        csv_column *c = &job->column[j];
        c->store = !c->wanted     ? CSV_SKIP
                   : c->keep_text ? CSV_AS_TEXT
                                  : store_of(c->guess);
    }
}

static bool allocate_columns(csv_job *job, np_arena *arena)
{
    size_t n_chunks = job->split.n_chunks, n_rows = job->split.n_rows;
    for (size_t j = 0; j < job->n_fields; j++) {
        csv_column *c = &job->column[j];
        if (!c->wanted)
            continue;
        c->kinds = np_arena_array(arena, uint8_t, n_chunks);
        c->labels = np_arena_array(arena, np_text_map *, n_chunks);
        c->cells = np_arena_alloc(arena, n_rows, c->store == CSV_AS_NUMBER ? 8 : 4);
        c->missing = np_arena_array(arena, uint8_t, n_rows);
        if (c->kinds == NULL || c->labels == NULL || c->cells == NULL ||
            c->missing == NULL)
            return false;
    }
    return true;
}

/* The columns that the sample misled, with the storage they need; the others are
 * skipped. Whether there are any. */
static bool restart_misled(csv_job *job, csv_store *final)
{
    bool again = false;
    for (size_t j = 0; j < job->n_fields; j++) {
        csv_column *c = &job->column[j];
        csv_store was = c->store;
        final[j] = was;
        c->store = CSV_SKIP;
        if (was == CSV_SKIP || was == CSV_AS_TEXT)
            continue;
        final[j] = *c->is_text ? CSV_AS_TEXT : store_of(all_kinds(job, c));
        if (final[j] == was)
            continue;
        again = true;
        c->store = final[j];
        if ((all_kinds(job, c) & CSV_MISSING) != 0)
            memset(c->missing, 0, job->split.n_rows);
        memset(c->kinds, 0, job->split.n_chunks);
    }
    return again;
}

static size_t last_row_of(const csv_split *split, size_t chunk)
{
    return chunk + 1 < split->n_chunks ? split->chunk[chunk + 1].first_row
                                       : split->n_rows;
}

static bool any_trouble(const csv_job *job)
{
    for (size_t k = 0; k < job->split.n_chunks; k++)
        if (job->split.chunk[k].trouble != CSV_FINE)
            return true;
    return false;
}

/* Chunks without a single decimal still hold integers. */
typedef struct {
    csv_job *job;
    const csv_column *column;
    const int32_t *const *code_of; /* [n_chunks] of each label of the chunk */
} column_task;

static void chunk_to_doubles(void *context, size_t task, unsigned thread)
{
    (void)thread;
    column_task *t = context;
    if (((t->column->guess | t->column->kinds[task]) & CSV_NUMBER) != 0)
        return;
    cell_writer w = {.i64 = t->column->cells, .f64 = t->column->cells};
    turn_to_doubles(&w, t->job->split.chunk[task].first_row,
                    last_row_of(&t->job->split, task));
}

static void recode_chunk(void *context, size_t task, unsigned thread)
{
    (void)thread;
    column_task *t = context;
    int32_t *code = t->column->cells;
    size_t end = last_row_of(&t->job->split, task);
    for (size_t i = t->job->split.chunk[task].first_row; i < end; i++)
        if (code[i] >= 0)
            code[i] = t->code_of[task][code[i]];
}

/* Joins the chunks' labels in chunk order: codes in order of first appearance. */
static const np_dict *join_labels(csv_job *job, const csv_column *column, np_arena *arena)
{
    size_t n_chunks = job->split.n_chunks;
    np_text_map *all = np_text_map_new(arena);
    const int32_t **code_of = np_arena_array(arena, const int32_t *, n_chunks);
    np_dict *dict = np_arena_array(arena, np_dict, 1);
    if (all == NULL || code_of == NULL || dict == NULL)
        return NULL;
    for (size_t k = 0; k < n_chunks; k++) {
        size_t n = np_text_map_size(column->labels[k]);
        int32_t *code = np_arena_array(job->scratch[k], int32_t, n);
        for (size_t i = 0; code != NULL && i < n; i++) {
            const char *label = np_text_map_text(column->labels[k], (int32_t)i);
            code[i] = np_text_map_add(all, label, strlen(label));
            if (code[i] < 0)
                return NULL;
        }
        if (code == NULL)
            return NULL;
        code_of[k] = code;
    }
    np_parallel_for(n_chunks, job->file->n_threads, recode_chunk,
                    &(column_task){job, column, code_of});
    dict->n = np_text_map_size(all);
    const char **label = np_arena_array(arena, const char *, dict->n);
    for (size_t i = 0; label != NULL && i < dict->n; i++)
        label[i] = np_text_map_text(all, (int32_t)i);
    dict->label = label;
    return label == NULL ? NULL : dict;
}

static bool finish_column(np_column *out, csv_job *job, csv_column *c, csv_store store,
                          np_arena *arena)
{
    unsigned kinds = all_kinds(job, c);
    *out = (np_column){.name = c->name, .uom = "", .i64 = c->cells};
    out->missing = (kinds & CSV_MISSING) != 0 ? c->missing : NULL;
    if (store == CSV_AS_TEXT) {
        out->type = NP_COLUMN_TEXT;
        out->dict = join_labels(job, c, arena);
        return out->dict != NULL;
    }
    out->type = store == CSV_AS_DATE ? NP_COLUMN_DATE : NP_COLUMN_F64;
    if (store == CSV_AS_NUMBER && (kinds & (CSV_INTEGER | CSV_NUMBER)) == CSV_INTEGER)
        out->type = NP_COLUMN_I64;
    if (out->type == NP_COLUMN_F64)
        np_parallel_for(job->split.n_chunks, job->file->n_threads, chunk_to_doubles,
                        &(column_task){.job = job, .column = c});
    return true;
}

static bool finish_columns(np_table *out, csv_job *job, const csv_store *final,
                           np_arena *arena)
{
    size_t n = 0;
    for (size_t j = 0; j < job->n_fields; j++)
        n += job->column[j].wanted;
    np_column *column = np_arena_array(arena, np_column, n);
    size_t k = 0;
    for (size_t j = 0; column != NULL && j < job->n_fields; j++)
        if (job->column[j].wanted &&
            !finish_column(&column[k++], job, &job->column[j], final[j], arena))
            return false;
    *out = (np_table){job->split.n_rows, n, column};
    return column != NULL;
}

np_status csv_parse_columns(np_table *out, csv_job *job, np_arena *arena, np_error *err)
{
    size_t n_chunks = job->split.n_chunks;
    csv_store *final = np_arena_array(arena, csv_store, job->n_fields);
    _Atomic bool *is_text = (_Atomic bool *)np_arena_array(arena, bool, job->n_fields);
    job->scratch = np_arena_array(arena, np_arena *, n_chunks);
    bool ready = final != NULL && is_text != NULL && job->scratch != NULL;
    for (size_t j = 0; ready && j < job->n_fields; j++)
        job->column[j].is_text = &is_text[j];
    if (ready)
        guess_stores(job);
    ready = ready && allocate_columns(job, arena);
    if (ready)
        np_parallel_for(n_chunks, job->file->n_threads, parse_chunk, job);
    bool fine = ready && !any_trouble(job);
    if (fine && restart_misled(job, final)) {
        for (size_t j = 0; j < job->n_fields; j++)
            is_text[j] = false;
        np_parallel_for(n_chunks, job->file->n_threads, parse_chunk, job);
        fine = !any_trouble(job);
    }
    ready = ready && (!fine || finish_columns(out, job, final, arena));
    for (size_t k = 0; job->scratch != NULL && k < n_chunks; k++)
        np_arena_free(job->scratch[k]);
    if (!ready)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"),
                       job->split.n_rows);
    return fine ? NP_OK : csv_report_trouble(job, err);
}
