#include <string.h>

#include "programme/import_internal.h"

/* A name that the file does not have, with the nearest one that it has. */
static void no_column(importer *m, const import_file *file, const char *name,
                      const char *field, uint32_t line)
{
    char message[300], hint[300] = "";
    const char *near = np_nearest_name(name, file->heading, file->n_headings);
    np_text_format(message, sizeof message, _("the file has no column %s"), name);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    size_t used = strlen(hint);
    if (file->source->mapping != NULL)
        np_text_format(hint + used, sizeof hint - used, _("%s(%s, line %u asks for it)"),
                       used > 0 ? " " : "", file->mapping->path, line);
    import_object(m, "column", name, NULL, "", field, message, hint);
}

static int32_t find_column(importer *m, const import_file *file, const char *name,
                           const char *field, uint32_t line, bool *used)
{
    size_t j = np_table_rows_find(file->rows, name);
    if (j < file->n_headings) {
        used[j] = true;
        return (int32_t)j;
    }
    no_column(m, file, name, field, line);
    return IMPORT_NO_COLUMN;
}

/* `kind` NULL: names are columns only. */
static np_status bind_pattern(importer *m, const import_file *file, import_pattern *out,
                              const np_mapping_pattern *pattern, const np_kind *kind,
                              uint32_t line, bool *used)
{
    out->pattern = pattern;
    out->place = np_arena_array(m->arena, int32_t, pattern->n);
    if (out->place == NULL)
        return import_no_memory(m);
    for (size_t i = 0; i < pattern->n; i++) {
        const np_mapping_piece *piece = &pattern->piece[i];
        size_t field = kind == NULL ? 0 : np_kind_field(kind, piece->text);
        if (!piece->name)
            continue;
        if (kind != NULL && field < kind->n_fields)
            out->place[i] = -2 - (int32_t)field;
        else
            out->place[i] = find_column(m, file, piece->text, "", line, used);
    }
    return NP_OK;
}

static const char *field_name(const np_kind *kind, size_t field)
{
    return field < kind->n_fields ? kind->field[field].name : "id";
}

static bool is_of_repeat(const np_mapping_record *from, size_t field)
{
    return from->repeats && (field == from->repeat.field || field == from->repeat.into);
}

static np_status bind_field(importer *m, const import_file *file, import_record *r,
                            size_t i, bool *used)
{
    const np_kind *kind = r->from->kind;
    const np_mapping_field *from = &r->from->field[i];
    import_field *f = &r->field[i];
    *f = (import_field){.from = from,
                        .column = IMPORT_NO_COLUMN,
                        .missing = np_mapping_missing_field(kind, from->field)};
    r->given[from->field] = true;
    bool reasons = from->blank != NULL || from->n_symbols > 0;
    if (reasons && f->missing < kind->n_fields)
        r->given[f->missing] = true;
    if (from->lookup != NULL && (f->known = np_text_map_new(m->arena)) == NULL)
        return import_no_memory(m);
    np_status status =
        bind_pattern(m, file, &f->on, &from->lookup_on, NULL, from->line, used);
    if (status != NP_OK)
        return status;
    if (from->column == NULL)
        return bind_pattern(m, file, &f->pattern, &from->pattern, kind, from->line, used);
    const char *name = field_name(kind, from->field);
    bool implied = is_of_repeat(r->from, from->field) && strcmp(from->column, name) == 0;
    if (!implied)
        f->column = find_column(m, file, from->column, name, from->line, used);
    return NP_OK;
}

static np_status bind_tests(importer *m, const import_file *file, import_record *r,
                            bool *used)
{
    const np_mapping_record *from = r->from;
    for (size_t i = 0; i < from->n_where; i++) {
        const np_mapping_test *t = &from->where[i];
        r->test[i].column = find_column(m, file, t->column, "", t->line, used);
        r->test[i].value = np_arena_array(m->arena, import_pattern, t->n);
        if (r->test[i].value == NULL)
            return import_no_memory(m);
        for (size_t k = 0; k < t->n; k++) {
            np_status status = bind_pattern(m, file, &r->test[i].value[k], &t->value[k],
                                            NULL, t->line, used);
            if (status != NP_OK)
                return status;
        }
    }
    return NP_OK;
}

static void bind_repeat(importer *m, const import_file *file, import_record *r,
                        bool *used)
{
    const np_mapping_repeat *repeat = &r->from->repeat;
    const np_kind *kind = r->from->kind;
    if (!r->from->repeats)
        return;
    r->given[repeat->field] = true;
    if (repeat->into < kind->n_fields)
        r->given[repeat->into] = true;
    for (size_t i = 0; i < repeat->n_columns; i++)
        r->repeat[i] = find_column(m, file, repeat->column[i].from,
                                   kind->field[repeat->field].name, repeat->line, used);
    if (repeat->divided != NULL)
        r->divided = find_column(m, file, repeat->divided,
                                 kind->field[repeat->field].name, repeat->line, used);
}

static np_status bind_record(importer *m, const import_file *file, import_record *r,
                             const np_mapping_record *from, bool *used)
{
    *r = (import_record){.from = from, .divided = IMPORT_NO_COLUMN};
    r->field = np_arena_array(m->arena, import_field, from->n_fields);
    r->test = np_arena_array(m->arena, import_test, from->n_where);
    r->repeat = np_arena_array(m->arena, int32_t, from->repeat.n_columns);
    r->given = np_arena_array(m->arena, bool, from->kind->n_fields + 1);
    if (r->field == NULL || r->test == NULL || r->repeat == NULL || r->given == NULL)
        return import_no_memory(m);
    np_status status = NP_OK;
    for (size_t i = 0; i < from->n_fields && status == NP_OK; i++)
        status = bind_field(m, file, r, i, used);
    if (status == NP_OK)
        status = bind_tests(m, file, r, used);
    bind_repeat(m, file, r, used);
    return status;
}

/* The mapping of a file whose headings are the names of the fields. */
static np_status plain_mapping(importer *m, import_file *file)
{
    const np_kind *kind = file->source->kind;
    np_mapping_record *record = np_arena_array(m->arena, np_mapping_record, 1);
    np_mapping_field *field =
        np_arena_array(m->arena, np_mapping_field, file->n_headings);
    if (record == NULL || field == NULL)
        return import_no_memory(m);
    *record = (np_mapping_record){.kind = kind, .field = field};
    for (size_t j = 0; j < file->n_headings; j++) {
        const char *name = file->heading[j];
        size_t place = np_kind_field(kind, name);
        if (place < kind->n_fields || strcmp(name, "id") == 0)
            field[record->n_fields++] =
                (np_mapping_field){.field = place, .column = name};
    }
    file->plain = (np_mapping){.path = "", .record = record, .n_records = 1};
    file->mapping = &file->plain;
    return NP_OK;
}

static void object_to_unknown(importer *m, const import_file *file, const char *name)
{
    char message[300], hint[400];
    const np_kind *kind = file->source->kind;
    const char *names[NP_MOST_FIELDS + 1] = {"id"};
    if (file->source->mapping != NULL) {
        np_text_format(message, sizeof message, _("nothing is made of the column %s"),
                       name);
        np_text_format(hint, sizeof hint, _("map it, or add it under ignore in %s"),
                       file->mapping->path);
        import_object(m, "column", name, NULL, "", "", message, hint);
        return;
    }
    for (size_t f = 0; f < kind->n_fields; f++)
        names[f + 1] = kind->field[f].name;
    const char *near = np_nearest_name(name, names, kind->n_fields + 1);
    np_text_format(message, sizeof message, _("a %s has no field %s"), kind->name, name);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    else
        np_text_format(hint, sizeof hint,
                       _("name the column after a field, take it out, or write a mapping "
                         "that ignores it (nullpunkt import FILE --suggest)"));
    import_object(m, "column", name, kind, "", "", message, hint);
}

static void object_to_unused(importer *m, const import_file *file, const bool *used)
{
    const np_mapping *mapping = file->mapping;
    for (size_t j = 0; j < file->n_headings; j++) {
        bool ignored = used[j] || mapping->ignore_rest;
        for (size_t i = 0; i < mapping->n_ignored; i++)
            ignored = ignored || strcmp(mapping->ignore[i], file->heading[j]) == 0;
        if (!ignored)
            object_to_unknown(m, file, file->heading[j]);
    }
}

np_status import_bind(importer *m, import_file *file)
{
    file->mapping = file->source->mapping;
    np_status status = file->mapping == NULL ? plain_mapping(m, file) : NP_OK;
    if (status != NP_OK)
        return status;
    const np_mapping *mapping = file->mapping;
    bool *used = np_arena_array(m->arena, bool, file->n_headings);
    file->record = np_arena_array(m->arena, import_record, mapping->n_records);
    if (used == NULL || file->record == NULL)
        return import_no_memory(m);
    for (size_t i = 0; i < mapping->n_records && status == NP_OK; i++)
        status = bind_record(m, file, &file->record[i], &mapping->record[i], used);
    if (status == NP_OK)
        object_to_unused(m, file, used);
    return status;
}
