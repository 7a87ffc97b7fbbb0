#include "programme/import_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "programme/value.h"

enum { ROWS_BETWEEN_PROGRESS = 5000, LONGEST_MESSAGE = 800 };

np_status import_no_memory(importer *m)
{
    m->no_memory = true;
    return np_fail(m->err, NP_E_NO_MEMORY, _("no memory left for the import"));
}

static void tell(importer *m, const np_import_problem *problem)
{
    if (problem->warning)
        m->n_warnings++;
    else
        m->n_problems++;
    m->spec->sink(m->spec->context, problem);
}

/* Long names end with a whole character where they were cut. */
static void cut_to_characters(char out[LONGEST_MESSAGE], const char *text)
{
    np_text_format(out, LONGEST_MESSAGE, "%s", text);
    out[np_utf8_invalid(out, strlen(out))] = '\0';
}

void import_object(importer *m, const char *rule, const char *column, const np_kind *kind,
                   const char *id, const char *field, const char *message,
                   const char *hint)
{
    np_objection objection = {.kind = "", .id = "", .field = "", .rule = rule};
    m->quiet = true;
    np_entry_object(m->entry, &objection); /* which must not be committed then */
    m->quiet = false;
    char whole_message[LONGEST_MESSAGE], whole_hint[LONGEST_MESSAGE];
    cut_to_characters(whole_message, message);
    cut_to_characters(whole_hint, hint);
    tell(m, &(np_import_problem){.file = m->now == NULL ? "" : m->now->source->path,
                                 .line = m->line,
                                 .column = column,
                                 .kind = kind == NULL ? "" : kind->name,
                                 .id = id,
                                 .field = field,
                                 .rule = rule,
                                 .message = whole_message,
                                 .hint = whole_hint});
}

/* FNV-1a, and a last mix, since the map takes the low bits. A collision among a million
 * records (odds of 1 to 10^7) would put a problem on a wrong line. */
static int64_t hash_of(const char *kind, const char *id)
{
    uint64_t hash = 0xcbf29ce484222325U;
    const char *const part[] = {kind, "\n", id};
    for (size_t i = 0; i < 3; i++)
        for (const char *p = part[i]; *p != '\0'; p++)
            hash = (hash ^ (unsigned char)*p) * 0x100000001b3U;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93U;
    hash ^= hash >> 32;
    return (int64_t)hash;
}

static const import_place *place_of(const importer *m, const char *kind, const char *id)
{
    int32_t i = np_integer_map_find(m->seen, hash_of(kind, id));
    return i < 0 ? NULL : &m->place[i];
}

/* The heading that a field of the kind has in the file; "" where it has none. */
static const char *heading_of(const import_file *file, const char *kind,
                              const char *field)
{
    for (size_t i = 0; i < file->mapping->n_records; i++) {
        const import_record *r = &file->record[i];
        if (strcmp(r->from->kind->name, kind) != 0)
            continue;
        size_t place = np_kind_field(r->from->kind, field);
        for (size_t k = 0; k < r->from->n_fields; k++)
            if (r->field[k].from->field == place && r->field[k].column >= 0)
                return file->heading[r->field[k].column];
    }
    return "";
}

/* Whether the field refers to a record that has a problem of its own, of which this one
 * is only a consequence. */
static bool is_consequence(importer *m, const np_objection *o)
{
    const np_kind *kind = np_kind_find(o->kind);
    np_record record;
    np_arena_mark mark = np_arena_set_mark(m->scratch);
    bool follows = false;
    if (kind != NULL && strcmp(o->rule, "reference") == 0 &&
        np_store_get(&record, m->store, kind, o->id, m->scratch, NULL) == NP_OK) {
        size_t f = np_kind_field(kind, o->field);
        const char *to = np_record_text(&record, o->field);
        follows = f < kind->n_fields && to != NULL && kind->field[f].among != NULL &&
                  np_integer_map_find(m->failed, hash_of(kind->field[f].among, to)) >= 0;
    }
    np_arena_release(m->scratch, mark);
    return follows;
}

/* Rules object while a row is read, or at the end, when it takes a look back to find
 * where the record came from. */
static void object_by_rule(void *context, const np_objection *o)
{
    importer *m = context;
    if (m->quiet || is_consequence(m, o))
        return;
    const import_place *place = place_of(m, o->kind, o->id);
    np_import_problem problem = {.file = "",
                                 .column = "",
                                 .kind = o->kind,
                                 .id = o->id,
                                 .field = o->field,
                                 .rule = o->rule,
                                 .message = o->message,
                                 .hint = o->hint,
                                 .warning = o->warning};
    const import_file *file = m->now;
    if (file == NULL && place != NULL)
        file = &m->file[place->file];
    if (file != NULL) {
        problem.file = file->source->path;
        problem.line = m->now != NULL ? m->line : place->line;
        problem.column = heading_of(file, o->kind, o->field);
        if (problem.column[0] == '\0' && place != NULL && place->column > 0)
            problem.column = file->heading[place->column - 1];
    }
    tell(m, &problem);
}

/* Where the record stood; *earlier is the place of another row with it, or NULL. */
static np_status note_place(importer *m, const import_place **earlier,
                            const np_record *record, int32_t column)
{
    size_t before = np_integer_map_size(m->seen);
    int32_t i = np_integer_map_add(m->seen, hash_of(record->kind->name, record->id));
    if (i < 0)
        return import_no_memory(m);
    *earlier = NULL;
    if ((size_t)i < before) {
        *earlier = &m->place[i];
        return NP_OK;
    }
    if ((size_t)i >= m->places_room) {
        size_t room = m->places_room == 0 ? 1024 : 2 * m->places_room;
        import_place *more = realloc(m->place, room * sizeof *more);
        if (more == NULL)
            return import_no_memory(m);
        m->place = more;
        m->places_room = room;
    }
    m->place[i] = (import_place){.line = m->line,
                                 .file = (uint16_t)m->now->number,
                                 .column = (uint16_t)(column + 1)};
    return NP_OK;
}

/* What the record has in the fields that the file does not speak of stays. */
static np_status read_before(importer *m, np_record *before, bool *there,
                             const import_made *made, const char *id, np_value *value)
{
    const np_kind *kind = made->record.kind;
    np_status status = np_store_has(there, m->store, kind, id, m->err);
    if (status != NP_OK || !*there)
        return status;
    status = np_store_get(before, m->store, kind, id, m->scratch, m->err);
    for (size_t f = 0; f < kind->n_fields && status == NP_OK; f++)
        if (!made->given[f])
            value[f] = before->value[f];
    return status;
}

static char *format_value(importer *m, const np_field *field, np_value value)
{
    char scratch[NP_VALUE_SCRATCH];
    const char *text = np_value_format(scratch, field, value);
    return np_arena_copy_text(m->arena, text, strlen(text));
}

static np_status list_changes(importer *m, const np_record *before,
                              const np_record *after)
{
    const np_kind *kind = after->kind;
    char *id = NULL;
    for (size_t f = 0; f < kind->n_fields && m->n_changes < m->spec->n_changes; f++) {
        if (np_value_equal(before->value[f], after->value[f]))
            continue;
        if (id == NULL)
            id = np_arena_copy_text(m->arena, after->id, strlen(after->id));
        np_import_change change = {
            .kind = kind->name,
            .id = id,
            .field = kind->field[f].name,
            .before = format_value(m, &kind->field[f], before->value[f]),
            .after = format_value(m, &kind->field[f], after->value[f])};
        if (id == NULL || change.before == NULL || change.after == NULL)
            return import_no_memory(m);
        m->change[m->n_changes++] = change;
    }
    return NP_OK;
}

/* Two rows that fill in different fields of a record agree. */
static bool says_otherwise(const np_record *before, const np_record *after)
{
    for (size_t f = 0; f < after->kind->n_fields; f++)
        if (before->value[f].type != NP_VALUE_NONE &&
            !np_value_equal(before->value[f], after->value[f]))
            return true;
    return false;
}

static void object_to_second(importer *m, const import_place *first,
                             const np_record *record)
{
    char message[400];
    const char *path = m->file[first->file].source->path;
    if (m->now->number == first->file)
        np_text_format(message, sizeof message,
                       _("the row says something else of the %s %s than line %u"),
                       record->kind->name, record->id, first->line);
    else
        np_text_format(message, sizeof message,
                       _("the row says something else of the %s %s than %s, line %u"),
                       record->kind->name, record->id, path, first->line);
    import_object(m, "twice", "", record->kind, record->id, "", message,
                  _("give each record once, or an identifier of its own"));
}

static void count(importer *m, const np_kind *kind, np_put_result result)
{
    size_t n;
    np_import_count *c = &m->count[kind - np_kinds(&n)];
    c->kind = kind;
    c->n_new += result == NP_PUT_NEW;
    c->n_changed += result == NP_PUT_CHANGED;
    c->n_unchanged += result == NP_PUT_UNCHANGED;
}

static np_status note_failed(importer *m, np_record *record)
{
    if (np_record_identifier(&record->id, record, m->scratch, NULL) != NP_OK)
        return NP_OK;
    int64_t hash = hash_of(record->kind->name, record->id);
    return np_integer_map_add(m->failed, hash) < 0 ? import_no_memory(m) : NP_OK;
}

static np_status take_record(importer *m, const import_made *made)
{
    np_record record = made->record, before = {0};
    np_value *value = np_arena_array(m->scratch, np_value, record.kind->n_fields);
    if (value == NULL)
        return import_no_memory(m);
    memcpy(value, record.value, record.kind->n_fields * sizeof *value);
    record.value = value;
    np_error own = {0};
    if (made->failed)
        return note_failed(m, &record);
    if (np_record_identifier(&record.id, &record, m->scratch, &own) != NP_OK) {
        import_object(m, "value", "", record.kind, "", "id", own.message, own.hint);
        return NP_OK;
    }
    bool there = false;
    const import_place *earlier = NULL;
    np_status status = note_place(m, &earlier, &record, made->column);
    if (status == NP_OK)
        status = read_before(m, &before, &there, made, record.id, value);
    if (status == NP_OK && earlier != NULL && there && says_otherwise(&before, &record)) {
        object_to_second(m, earlier, &record);
        return NP_OK;
    }
    np_put_result result = NP_PUT_UNCHANGED;
    size_t n_problems = m->n_problems;
    if (status == NP_OK)
        status = np_entry_put(m->entry, &record, &result, m->err);
    if (status == NP_OK && m->n_problems > n_problems)
        status = note_failed(m, &record);
    if (status != NP_OK || m->n_problems > n_problems)
        return status;
    /* A record that several rows give is counted once. */
    if (earlier == NULL || result != NP_PUT_UNCHANGED)
        count(m, record.kind, result);
    return there && result == NP_PUT_CHANGED ? list_changes(m, &before, &record) : NP_OK;
}

static void object_to_file(importer *m, const np_error *err)
{
    import_object(m, "file", "", NULL, "", "", err->message, err->hint);
}

static np_status read_rows(importer *m, import_file *file)
{
    np_status status = NP_OK;
    const np_table_cell *cell = NULL;
    size_t n = 0;
    do {
        np_error err = {0};
        np_arena_mark mark = np_arena_set_mark(m->scratch);
        np_status read = np_table_rows_next(&cell, &m->line, file->rows, &err);
        if (read == NP_E_PARSE) {
            m->line = err.line;
            import_object(m, "row", "", NULL, "", "", err.message, err.hint);
            continue;
        }
        if (read != NP_OK)
            return np_fail(m->err, read, "%s", err.message);
        if (cell != NULL)
            status = import_row(m, file, cell, take_record);
        m->n_rows += cell != NULL;
        np_arena_release(m->scratch, mark);
        if (m->spec->progress != NULL && ++n % ROWS_BETWEEN_PROGRESS == 0)
            m->spec->progress(m->spec->context, file->number,
                              np_table_rows_share(file->rows));
        if (cell == NULL)
            break;
    } while (status == NP_OK);
    return status;
}

static char decimal_of(const importer *m, const import_file *file)
{
    if (m->spec->decimal != 0)
        return m->spec->decimal;
    const np_mapping *mapping = file->source->mapping;
    return mapping != NULL && mapping->decimal != 0 ? mapping->decimal
                                                    : np_table_rows_decimal(file->rows);
}

static np_status read_file(importer *m, size_t i)
{
    import_file *file = &m->file[i];
    np_table_file_spec spec = m->spec->file;
    np_error err = {0};
    *file = (import_file){.source = &m->spec->source[i], .number = i};
    m->now = file;
    m->line = 0;
    const np_mapping *mapping = file->source->mapping;
    if (mapping != NULL && spec.sheet == NULL)
        spec.sheet = mapping->sheet;
    if (mapping != NULL && spec.header_row == 0)
        spec.header_row = mapping->header_row;
    np_status status =
        np_table_rows_open(&file->rows, file->source->path, &spec, m->arena, &err);
    if (status == NP_E_NO_MEMORY)
        return import_no_memory(m);
    if (status != NP_OK) {
        m->line = err.line;
        object_to_file(m, &err);
        return NP_OK;
    }
    file->heading = np_table_rows_names(file->rows, &file->n_headings);
    file->decimal = decimal_of(m, file);
    size_t n_problems = m->n_problems;
    status = import_bind(m, file);
    if (status == NP_OK && m->n_problems == n_problems)
        status = read_rows(m, file);
    np_table_rows_close(file->rows);
    file->rows = NULL;
    return status;
}

static np_status finish(np_import *out, importer *m)
{
    np_entry_result result;
    int64_t entry = 0;
    np_entry *entered = m->entry;
    m->entry = NULL;
    m->now = NULL;
    m->line = 0;
    np_status status = np_entry_end(&result, entered, m->err);
    if (status == NP_OK && result.written)
        status = np_log_last(&entry, m->store, m->err);
    if (status != NP_OK)
        return status;
    np_import_count *kept = np_arena_array(m->arena, np_import_count, NP_MOST_KINDS);
    if (kept == NULL)
        return import_no_memory(m);
    np_import done = {.count = kept,
                      .change = m->change,
                      .n_changes = m->n_changes,
                      .n_rows = m->n_rows,
                      .n_problems = m->n_problems,
                      .n_warnings = m->n_warnings,
                      .written = result.written,
                      .entry = entry};
    for (size_t k = 0; k < NP_MOST_KINDS; k++)
        if (m->count[k].kind != NULL)
            kept[done.n_counts++] = m->count[k];
    *out = done;
    return NP_OK;
}

static np_status begin(importer *m)
{
    const np_import_spec *spec = m->spec;
    m->scratch = np_arena_new(0);
    m->seen = np_integer_map_new(m->arena);
    m->failed = np_integer_map_new(m->arena);
    m->file = np_arena_array(m->arena, import_file, spec->n);
    m->change = np_arena_array(m->arena, np_import_change, spec->n_changes);
    if (m->scratch == NULL || m->seen == NULL || m->failed == NULL || m->file == NULL ||
        m->change == NULL)
        return import_no_memory(m);
    if (spec->n > UINT16_MAX)
        return np_fail(m->err, NP_E_LIMIT, _("more than %d files at once"), UINT16_MAX);
    np_entry_options options = {.who = spec->who,
                                .action = "import",
                                .why = spec->why == NULL ? "" : spec->why,
                                .dry_run = spec->dry_run,
                                .sink = object_by_rule,
                                .context = m};
    return np_entry_begin(&m->entry, m->store, &options, m->arena, m->err);
}

np_status np_import_run(np_import *out, np_store *store, const np_import_spec *spec,
                        np_arena *arena, np_error *err)
{
    np_error own = {0};
    importer m = {
        .store = store, .spec = spec, .arena = arena, .err = err == NULL ? &own : err};
    np_status status = begin(&m);
    for (size_t i = 0; i < spec->n && status == NP_OK; i++)
        status = read_file(&m, i);
    if (status == NP_OK)
        status = finish(out, &m);
    np_entry_abandon(m.entry);
    for (size_t i = 0; m.file != NULL && i < spec->n; i++)
        np_table_rows_close(m.file[i].rows);
    np_arena_free(m.scratch);
    free(m.place);
    return status;
}
