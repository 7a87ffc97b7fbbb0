/* programme.yaml → records, by the kinds' own descriptions of their fields. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "programme/definition_internal.h"
#include "programme/value.h"

enum { MOST_DEFINED = 5000 };

static const np_section sections[] = {
    {"programme", "programme", NULL, NULL, N_("the programme"), false},
    {"themes", "theme", NULL, NULL, N_("a theme"), false},
    {"cohorts", "cohort", NULL, NULL, N_("a cohort"), false},
    {"indicators", "indicator", NULL, NULL, N_("an indicator"), false},
    {"schemes", "scheme", NULL, NULL, N_("a scheme"), false},
    {"categories", "category", "scheme", "scheme", N_("a category"), false},
    {"crosswalk", "crosswalk", "scheme", NULL, N_("a line of a crosswalk"), true},
    {"templates", "template", NULL, NULL, N_("a template"), false},
    {"questions", "question", "template", "template", N_("a question"), false},
    {"crosswalk", "question_crosswalk", "template", NULL, N_("a line of a crosswalk"),
     true},
    {"grants", "grant_scheme", NULL, NULL, N_("a grant"), false},
};
enum { N_SECTIONS = sizeof sections / sizeof *sections };

/* Fields that programme.yaml says in another way than by a key of their name. */
static bool is_said_otherwise(const np_section *section, const char *field)
{
    static const char *const otherwise[] = {"source_hash", "position", "due_month",
                                            "due_day"};
    if (section->refers_by != NULL && strcmp(section->refers_by, field) == 0)
        return true;
    for (size_t i = 0; i < sizeof otherwise / sizeof *otherwise; i++)
        if (strcmp(otherwise[i], field) == 0)
            return true;
    return false;
}

/* name_nb is a part of the key name; the place of "name", or n_fields: it is no
 * translation. */
static size_t translated_field(const np_kind *kind, const char *field)
{
    size_t length = strlen(field);
    for (size_t f = 0; f < kind->n_fields; f++) {
        const char *name = kind->field[f].name;
        if (strlen(name) + 3 == length && strncmp(name, field, length - 3) == 0 &&
            (strcmp(field + length - 3, "_nb") == 0 ||
             strcmp(field + length - 3, "_nn") == 0))
            return f;
    }
    return kind->n_fields;
}

static size_t translation_of(const np_kind *kind, const char *field, const char *language)
{
    char name[64];
    np_text_format(name, sizeof name, "%s_%s", field, language);
    return np_kind_field(kind, name);
}

static bool stands_in(const np_section *section, const char *kind)
{
    return section->inside != NULL && strcmp(section->inside, kind) == 0;
}

/* The keys that a mapping of the section may have. */
static size_t allowed_keys(const char **key, const np_section *section,
                           const np_kind *kind)
{
    size_t n = 0;
    if (kind->key == NULL)
        key[n++] = "id";
    for (size_t f = 0; f < kind->n_fields; f++)
        if (!is_said_otherwise(section, kind->field[f].name) &&
            translated_field(kind, kind->field[f].name) == kind->n_fields)
            key[n++] = kind->field[f].name;
    if (np_kind_field(kind, "due_day") < kind->n_fields)
        key[n++] = "due";
    for (size_t i = 0; i < N_SECTIONS; i++)
        if (stands_in(&sections[i], kind->name))
            key[n++] = sections[i].key;
    return n;
}

static void refused_value(np_drafts *d, np_reader_key key, const np_error *refused)
{
    np_reader_problem(&d->reader, key.node, key.name, refused->status, refused->hint,
                      "%s", refused->message);
}

/* A required field of which an empty text was given. */
static void check_present(np_drafts *d, const np_draft *draft, size_t f,
                          np_reader_key key)
{
    if (draft->kind->field[f].required && draft->value[f].type == NP_VALUE_NONE)
        np_reader_problem(&d->reader, key.node, key.name, NP_E_PARSE, NULL,
                          _("it may not be empty"));
}

static void set_value(np_drafts *d, np_draft *draft, size_t f, np_reader_key key)
{
    np_error refused = {0};
    if (key.node->kind != NP_YAML_SCALAR) {
        np_reader_problem(&d->reader, key.node, key.name, NP_E_PARSE,
                          _("it is one text, without languages or lists"),
                          _("a text is expected here"));
        return;
    }
    const char *text = key.node->text;
    np_status status = np_value_parse(&draft->value[f], &draft->kind->field[f], text,
                                      strlen(text), '.', d->reader.arena, &refused);
    if (status == NP_E_NO_MEMORY)
        d->reader.no_memory = true;
    else if (status != NP_OK)
        refused_value(d, key, &refused);
    else
        check_present(d, draft, f, key);
}

static void set_text(np_value *value, const char *text)
{
    if (text != NULL && text[0] != '\0')
        *value = NP_VALUE_OF_TEXT(text);
}

/* A name as one text, or in several languages; the English one, which every record has,
 * is another where it is not given. */
static void set_translated(np_drafts *d, np_draft *draft, size_t f, np_reader_key key)
{
    const np_kind *kind = draft->kind;
    const char *field = kind->field[f].name;
    if (key.node->kind != NP_YAML_MAPPING) {
        set_value(d, draft, f, key);
        return;
    }
    np_localised text = np_reader_localised(&d->reader, key);
    set_text(&draft->value[f], np_localised_text(&text, NP_ENGLISH));
    set_text(&draft->value[translation_of(kind, field, "nb")], text.text[NP_BOKMAAL]);
    set_text(&draft->value[translation_of(kind, field, "nn")], text.text[NP_NYNORSK]);
    check_present(d, draft, f, key);
}

static void set_integer(np_draft *draft, const char *field, int64_t value)
{
    size_t f = np_kind_field(draft->kind, field);
    if (f < draft->kind->n_fields && draft->value[f].type == NP_VALUE_NONE &&
        draft->given[f] == NULL)
        draft->value[f] = NP_VALUE_OF_INTEGER(value);
}

/* "1 June" */
static bool parse_day_of_year(int *month, int *day, const char *text)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || *end != ' ' || number < 1)
        return false;
    for (int m = 0; m < 12; m++)
        if (strcmp(end + 1, names[m]) == 0 && number <= days[m]) {
            *month = m + 1;
            *day = (int)number;
            return true;
        }
    return false;
}

static void set_due(np_drafts *d, np_draft *draft)
{
    int month, day;
    np_reader_key key = np_reader_get(draft->node, "due");
    if (np_kind_field(draft->kind, "due_day") == draft->kind->n_fields)
        return;
    np_reader_require(&d->reader, draft->node, key, _(draft->section->what));
    const char *text = np_reader_text(&d->reader, key);
    if (text == NULL)
        return;
    if (!parse_day_of_year(&month, &day, text)) {
        np_reader_problem(&d->reader, key.node, key.name, NP_E_PARSE,
                          _("the day and the month in English: 1 June"),
                          _("\"%s\" is no day that every year has"), text);
        return;
    }
    set_integer(draft, "due_month", month);
    set_integer(draft, "due_day", day);
}

static bool make_room(np_drafts *d)
{
    if (d->n < d->room)
        return true;
    size_t room = d->room == 0 ? 64 : 2 * d->room;
    np_draft *draft = np_reader_array(&d->reader, np_draft, room);
    int32_t *of_name = np_reader_array(&d->reader, int32_t, room);
    if (draft == NULL || of_name == NULL)
        return false;
    if (d->n > 0)
        memcpy(draft, d->draft, d->n * sizeof *draft);
    if (d->n_names > 0)
        memcpy(of_name, d->of_name, d->n_names * sizeof *of_name);
    d->draft = draft;
    d->of_name = of_name;
    d->room = room;
    return true;
}

static void set_absent(np_drafts *d, np_draft *draft, size_t f)
{
    const np_field *field = &draft->kind->field[f];
    if (strcmp(field->name, "version") == 0)
        draft->value[f] = NP_VALUE_OF_INTEGER(1);
    else if (field->required)
        np_reader_require(&d->reader, draft->node, (np_reader_key){field->name, NULL},
                          _(draft->section->what));
}

static void set_given(np_drafts *d, np_draft *draft, size_t f, np_reader_key key)
{
    const np_kind *kind = draft->kind;
    const char *field = kind->field[f].name;
    bool is_identifier = strcmp(field, "code") == 0;
    draft->given[f] = key.node;
    if (is_identifier && np_reader_identifier(&d->reader, key) == NULL)
        return; /* told */
    if (translation_of(kind, field, "nb") < kind->n_fields)
        set_translated(d, draft, f, key);
    else
        set_value(d, draft, f, key);
}

static void set_fields(np_drafts *d, np_draft *draft)
{
    const np_kind *kind = draft->kind;
    for (size_t f = 0; f < kind->n_fields; f++) {
        const char *field = kind->field[f].name;
        if (is_said_otherwise(draft->section, field) ||
            translated_field(kind, field) < kind->n_fields)
            continue;
        np_reader_key key = np_reader_get(draft->node, field);
        if (key.node == NULL)
            set_absent(d, draft, f);
        else
            set_given(d, draft, f, key);
    }
    set_due(d, draft);
}

static void read_section(np_drafts *d, const np_section *section, const np_yaml *mapping,
                         int32_t enclosing);

static void read_nested(np_drafts *d, size_t i)
{
    const np_yaml *node = d->draft[i].node;
    const char *kind = d->draft[i].kind->name;
    for (size_t s = 0; s < N_SECTIONS; s++)
        if (stands_in(&sections[s], kind))
            read_section(d, &sections[s], node, (int32_t)i);
}

static void read_record(np_drafts *d, const np_section *section, const np_yaml *node,
                        int32_t enclosing, size_t position)
{
    const char *allowed[NP_MOST_FIELDS + N_SECTIONS + 2];
    const np_kind *kind = np_kind_find(section->kind);
    size_t n_allowed = allowed_keys(allowed, section, kind);
    if (d->reader.no_memory ||
        !np_reader_check_keys(&d->reader, node, _(section->what), allowed, n_allowed))
        return;
    if (d->n == MOST_DEFINED) {
        np_reader_problem(&d->reader, node, "", NP_E_LIMIT, NULL,
                          _("a programme defines at most %d things"), MOST_DEFINED);
        return;
    }
    if (!make_room(d))
        return;
    np_draft *draft = &d->draft[d->n];
    *draft =
        (np_draft){.kind = kind,
                   .section = section,
                   .node = node,
                   .value = np_reader_array(&d->reader, np_value, kind->n_fields),
                   .given = np_reader_array(&d->reader, const np_yaml *, kind->n_fields),
                   .enclosing = enclosing};
    if (draft->value == NULL || draft->given == NULL)
        return;
    d->n++;
    size_t i = d->n - 1;
    set_fields(d, draft);
    set_integer(draft, "position", (int64_t)position + 1);
    if (section->refers_by != NULL && d->draft[enclosing].id != NULL)
        draft->value[np_kind_field(kind, section->refers_by)] =
            NP_VALUE_OF_TEXT(d->draft[enclosing].id);
    if (!section->is_link)
        np_draft_identify(d, i);
    read_nested(d, i);
}

static void read_section(np_drafts *d, const np_section *section, const np_yaml *mapping,
                         int32_t enclosing)
{
    size_t n;
    np_reader_key key = np_reader_get(mapping, section->key);
    const np_yaml *item = np_reader_items(&d->reader, key, &n);
    for (size_t i = 0; i < n; i++)
        read_record(d, section, &item[i], enclosing, i);
}

static void read_root(np_drafts *d, const np_yaml *root)
{
    const char *key[N_SECTIONS];
    size_t n = 0;
    for (size_t s = 0; s < N_SECTIONS; s++)
        if (sections[s].inside == NULL)
            key[n++] = sections[s].key;
    if (!np_reader_check_keys(&d->reader, root, "programme.yaml", key, n))
        return;
    np_reader_key programme = np_reader_get(root, "programme");
    np_reader_require(&d->reader, root, programme, "programme.yaml");
    if (programme.node != NULL && programme.node->kind == NP_YAML_SEQUENCE) {
        np_reader_problem(&d->reader, programme.node, "programme", NP_E_DUPLICATE, NULL,
                          _("a folder has one programme, and no list of them"));
        return;
    }
    for (size_t s = 0; s < N_SECTIONS; s++)
        if (sections[s].inside == NULL)
            read_section(d, &sections[s], root, -1);
    np_draft_references(d);
    np_draft_rules(d);
}

static np_status hand_over(np_definition *out, np_drafts *d, np_arena *arena,
                           np_error *err)
{
    np_defined *item = np_arena_array(arena, np_defined, d->n);
    size_t n_kinds, n = 0;
    const np_kind *kind = np_kinds(&n_kinds);
    const char *source_hash = np_arena_copy_text(arena, out->hash, strlen(out->hash));
    if (item == NULL || source_hash == NULL || d->reader.no_memory)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t k = 0; k < n_kinds; k++) {
        if (!kind[k].defined)
            continue;
        for (size_t i = 0; i < d->n; i++) {
            np_draft *draft = &d->draft[i];
            if (draft->kind != &kind[k] || draft->id == NULL)
                continue;
            size_t hash = np_kind_field(draft->kind, "source_hash");
            if (hash < draft->kind->n_fields)
                draft->value[hash] = NP_VALUE_OF_TEXT(source_hash);
            item[n++] = (np_defined){
                .record = {.kind = draft->kind, .id = draft->id, .value = draft->value},
                .line = draft->node->line};
        }
    }
    out->item = item;
    out->n = n;
    return NP_OK;
}

np_status np_definition_read_text(np_definition *out, const char *text, size_t length,
                                  const char *path, np_arena *arena,
                                  np_problems *problems, np_error *err)
{
    const np_yaml *root = NULL;
    np_definition definition = {.path = np_arena_copy_text(arena, path, strlen(path))};
    np_drafts drafts = {.reader = {.arena = arena, .problems = problems, .file = path},
                        .names = np_text_map_new(arena)};
    if (definition.path == NULL || drafts.names == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_yaml_read_text(&root, text, length, path, arena, err);
    if (status != NP_OK)
        return status;
    np_hash_bytes(definition.hash, text, length);
    read_root(&drafts, root);
    status = hand_over(&definition, &drafts, arena, err);
    if (status == NP_OK)
        *out = definition;
    return status;
}

np_status np_definition_read(np_definition *out, const char *path, np_arena *arena,
                             np_problems *problems, np_error *err)
{
    if (access(path, F_OK) != 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no such file"));
        np_error_file(err, path);
        return np_error_hint(err, _("nullpunkt init makes a programme's folder"));
    }
    np_buf text = {0};
    np_status status = np_file_read(&text, path, NP_YAML_LONGEST, err);
    if (status == NP_OK)
        status = np_definition_read_text(out, np_buf_done(&text), text.length, path,
                                         arena, problems, err);
    np_buf_free(&text);
    return status;
}
