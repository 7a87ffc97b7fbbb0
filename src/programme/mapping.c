#include "programme/mapping_internal.h"

#include <string.h>

#include "programme/value.h"

const char *mapping_text(np_reader *r, const np_yaml *node, const char *what)
{
    if (node == NULL)
        return NULL;
    if (np_yaml_is_null(node)) {
        mapping_problem(r, node, NULL, _("%s needs a text"), what);
        return NULL;
    }
    return np_reader_text(r, (np_reader_key){what, node});
}

const char *const *mapping_texts(np_reader *r, const np_yaml *node, const char *what,
                                 size_t *n)
{
    *n = 0;
    if (node == NULL)
        return NULL;
    bool list = node->kind == NP_YAML_SEQUENCE;
    size_t room = list ? node->n : 1;
    const char **text = np_reader_array(r, const char *, room);
    for (size_t i = 0; text != NULL && i < room; i++) {
        text[*n] = mapping_text(r, list ? &node->item[i] : node, what);
        *n += text[*n] != NULL;
    }
    return text;
}

const np_mapping_word *mapping_words(np_reader *r, const np_yaml *node, const char *what,
                                     size_t *n)
{
    *n = 0;
    if (node == NULL)
        return NULL;
    if (node->kind != NP_YAML_MAPPING) {
        mapping_problem(r, node, _("words: {\"Ja\": yes, \"Nei\": no}"),
                        _("%s says for each text what it becomes"), what);
        return NULL;
    }
    np_mapping_word *word = np_reader_array(r, np_mapping_word, node->n);
    if (word == NULL)
        return NULL;
    for (size_t i = 0; i < node->n; i++) {
        const np_yaml *item = &node->item[i];
        bool blank = item->kind == NP_YAML_SCALAR && np_yaml_is_null(item);
        word[i].from = node->key[i].text;
        word[i].to = blank ? "" : mapping_text(r, item, what);
        if (word[i].to == NULL)
            word[i].to = "";
    }
    *n = node->n;
    return word;
}

char mapping_decimal(np_reader *r, const np_yaml *node)
{
    const char *text = mapping_text(r, node, "decimal");
    if (text == NULL)
        return 0;
    if (strcmp(text, ".") == 0 || strcmp(text, ",") == 0)
        return text[0];
    mapping_problem(r, node, _("write decimal: \",\" or decimal: \".\""),
                    _("%s is no decimal sign"), text);
    return 0;
}

static bool add_piece(np_mapping_pattern *p, np_mapping_piece *room, np_reader *r,
                      const char *text, size_t length, bool name)
{
    if (length == 0 && !name)
        return true;
    const char *copy = np_arena_copy_text(r->arena, text, length);
    if (copy == NULL)
        r->no_memory = true;
    else
        room[p->n++] = (np_mapping_piece){copy, name};
    return copy != NULL;
}

bool mapping_yes(np_reader *r, const np_yaml *node, const char *what)
{
    const char *text = mapping_text(r, node, what);
    bool yes = text != NULL && (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0);
    bool no = text == NULL || strcmp(text, "no") == 0 || strcmp(text, "false") == 0;
    if (!yes && !no)
        mapping_problem(r, node, _("write yes or no"), _("%s is yes or no"), what);
    return yes;
}

np_mapping_pattern mapping_pattern(np_reader *r, const np_yaml *node)
{
    np_mapping_pattern p = {0};
    const char *text = mapping_text(r, node, "pattern");
    if (text == NULL)
        return p;
    size_t n = 1;
    for (const char *c = text; *c != '\0'; c++)
        n += (*c == '{') * 2u;
    np_mapping_piece *piece = np_reader_array(r, np_mapping_piece, n);
    if (piece == NULL)
        return p;
    p.piece = piece;
    for (const char *at = text; *at != '\0';) {
        size_t plain = strcspn(at, "{");
        if (!add_piece(&p, piece, r, at, plain, false))
            break;
        at += plain;
        if (*at == '\0')
            break;
        size_t name = strcspn(at + 1, "}");
        if (at[1 + name] == '\0' || name == 0) {
            mapping_problem(r, node, _("write {project}-{number}"),
                            _("in %s a brace has no name, or is not closed"), text);
            break;
        }
        if (!add_piece(&p, piece, r, at + 1, name, true))
            break;
        at += name + 2;
    }
    if (text[0] == '\0')
        p = (np_mapping_pattern){piece, 0};
    return p;
}

size_t mapping_field_place(np_reader *r, const np_kind *kind, const np_yaml *node)
{
    size_t place = np_kind_field(kind, node->text);
    if (place < kind->n_fields)
        return place;
    const char *names[NP_MOST_FIELDS + 1] = {"id"};
    for (size_t f = 0; f < kind->n_fields; f++)
        names[f + 1] = kind->field[f].name;
    const char *near = np_nearest_name(node->text, names, kind->n_fields + 1);
    char hint[120] = "";
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    mapping_problem(r, node, near == NULL ? NULL : hint, _("a %s has no field %s"),
                    kind->name, node->text);
    return place;
}

void mapping_check_value(np_reader *r, const np_yaml *node, const np_kind *kind,
                         size_t field, const char *text)
{
    np_value value;
    np_error err = {0};
    if (text == NULL || text[0] == '\0' || field >= kind->n_fields)
        return;
    if (np_value_parse(&value, &kind->field[field], text, strlen(text), '.', r->arena,
                       &err) != NP_OK)
        mapping_problem(r, node, err.hint, "%s", err.message);
}

static const np_kind *read_kind(np_reader *r, const np_yaml *node)
{
    const np_yaml *item = np_yaml_find(node, "kind");
    const char *name = mapping_text(r, item, "kind");
    const np_kind *kind = name == NULL ? NULL : np_kind_find(name);
    if (item == NULL)
        mapping_problem(r, node, _("kind: measurement"),
                        _("a mapping says what kind of records it makes"));
    if (name == NULL)
        return NULL;
    if (kind == NULL) {
        size_t n;
        const np_kind *all = np_kinds(&n);
        const char *names[NP_MOST_KINDS];
        for (size_t k = 0; k < n; k++)
            names[k] = all[k].name;
        const char *near = np_nearest_name(name, names, n);
        char hint[120] = "";
        if (near != NULL)
            np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
        mapping_problem(r, item, near == NULL ? NULL : hint, _("%s is no kind of record"),
                        name);
    } else if (kind->defined) {
        mapping_problem(r, item, NULL,
                        _("%s comes from programme.yaml and is not imported"), name);
        return NULL;
    }
    return kind;
}

static np_mapping_pattern *one_pattern(np_reader *r, const np_yaml *node, size_t *n)
{
    bool list = node->kind == NP_YAML_SEQUENCE;
    *n = list ? node->n : 1;
    np_mapping_pattern *pattern = np_reader_array(r, np_mapping_pattern, *n);
    for (size_t i = 0; pattern != NULL && i < *n; i++)
        pattern[i] = mapping_pattern(r, list ? &node->item[i] : node);
    if (pattern == NULL)
        *n = 0;
    return pattern;
}

static void read_tests(np_reader *r, np_mapping_record *record, const np_yaml *node)
{
    static const char *const keys[] = {"column", "is", "is_not"};
    if (node == NULL)
        return;
    bool list = node->kind == NP_YAML_SEQUENCE;
    size_t n = list ? node->n : 1;
    np_mapping_test *test = np_reader_array(r, np_mapping_test, n);
    if (test == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        const np_yaml *item = list ? &node->item[i] : node;
        if (!np_reader_check_keys(r, item, "where", keys, 3))
            continue;
        const np_yaml *is = np_yaml_find(item, "is"),
                      *is_not = np_yaml_find(item, "is_not");
        np_mapping_test *t = &test[record->n_where];
        t->column = mapping_text(r, np_yaml_find(item, "column"), "column");
        t->line = item->line;
        if (t->column == NULL || (is != NULL) == (is_not != NULL)) {
            mapping_problem(r, item, _("where: {column: Status, is: [active]}"),
                            _("a test names a column, and what it is or is not"));
            continue;
        }
        t->is_not = is_not != NULL;
        t->value = one_pattern(r, t->is_not ? is_not : is, &t->n);
        record->n_where++;
    }
    record->where = test;
}

static void read_repeat_of(np_reader *r, np_mapping_repeat *repeat, const np_kind *kind,
                           const np_yaml *node)
{
    static const char *const keys[] = {"columns",    "into",  "column",
                                       "divided_by", "where", "keep_blank"};
    if (!np_reader_check_keys(r, node, "repeat", keys, 6))
        return;
    const np_yaml *columns = np_yaml_find(node, "columns"),
                  *into = np_yaml_find(node, "into"),
                  *keep = np_yaml_find(node, "keep_blank");
    repeat->divided = mapping_text(r, np_yaml_find(node, "column"), "column");
    repeat->divided_by = mapping_text(r, np_yaml_find(node, "divided_by"), "divided_by");
    repeat->column = mapping_words(r, columns, "columns", &repeat->n_columns);
    repeat->where =
        mapping_texts(r, np_yaml_find(node, "where"), "where", &repeat->n_where);
    if (into != NULL && mapping_text(r, into, "into") != NULL)
        repeat->into = mapping_field_place(r, kind, into);
    repeat->keep_blank = mapping_yes(r, keep, "keep_blank");
    for (size_t i = 0; i < repeat->n_columns; i++)
        mapping_check_value(r, &columns->item[i], kind, repeat->field,
                            repeat->column[i].to);
    bool divided = repeat->divided != NULL && repeat->divided_by != NULL &&
                   repeat->divided_by[0] != '\0';
    if (divided == (repeat->n_columns > 0))
        mapping_problem(r, node,
                        _("{columns: {\"2012\": 2012}, into: value} or {column: Themes, "
                          "divided_by: \",\"}"),
                        _("repeat names either columns or one column that is divided"));
}

static void read_repeat(np_reader *r, np_mapping_record *record, const np_yaml *node)
{
    const np_kind *kind = record->kind;
    if (node == NULL)
        return;
    if (node->kind != NP_YAML_MAPPING || node->n != 1) {
        mapping_problem(r, node,
                        _("repeat: {period: {columns: {\"2012\": 2012}, into: value}}"),
                        _("repeat names the one field that tells the records of a row "
                          "apart"));
        return;
    }
    record->repeat = (np_mapping_repeat){.field = mapping_field_place(r, kind, node->key),
                                         .into = kind->n_fields,
                                         .keep_blank = false,
                                         .line = node->line};
    if (record->repeat.field == kind->n_fields)
        return;
    record->repeats = true;
    read_repeat_of(r, &record->repeat, kind, &node->item[0]);
}

static bool read_record(np_reader *r, np_mapping_record *out, const np_yaml *node)
{
    np_mapping_record record = {.kind = read_kind(r, node)};
    const np_yaml *columns = np_yaml_find(node, "columns");
    if (record.kind == NULL)
        return false;
    if (columns != NULL && np_yaml_is_null(columns))
        columns = NULL;
    if (columns != NULL && columns->kind != NP_YAML_MAPPING) {
        mapping_problem(r, columns, _("columns: {name: Navn, period: År}"),
                        _("columns says for each field where it comes from"));
        columns = NULL;
    }
    size_t n = columns == NULL ? 0 : columns->n;
    np_mapping_field *field = np_reader_array(r, np_mapping_field, n);
    for (size_t i = 0; field != NULL && i < n; i++)
        field[i] = mapping_field(r, record.kind, &columns->key[i], &columns->item[i]);
    record.field = field;
    record.n_fields = field == NULL ? 0 : n;
    read_tests(r, &record, np_yaml_find(node, "where"));
    read_repeat(r, &record, np_yaml_find(node, "repeat"));
    if (n == 0 && !record.repeats)
        mapping_problem(r, node, _("columns: {name: Navn, period: År}"),
                        _("a mapping says for each field where it comes from"));
    *out = record;
    return true;
}

static void read_whole(np_reader *r, np_mapping *m, const np_yaml *root)
{
    const np_yaml *ignore = np_yaml_find(root, "ignore");
    if (ignore != NULL && ignore->kind == NP_YAML_SCALAR && !ignore->quoted &&
        strcmp(ignore->text, "rest") == 0)
        m->ignore_rest = true;
    else
        m->ignore = mapping_texts(r, ignore, "ignore", &m->n_ignored);
    m->decimal = mapping_decimal(r, np_yaml_find(root, "decimal"));
    m->sheet = mapping_text(r, np_yaml_find(root, "sheet"), "sheet");
    const np_yaml *header = np_yaml_find(root, "header");
    double row = 0;
    if (header != NULL && (!np_yaml_number(&row, header) || !(row >= 1 && row <= 1e6) ||
                           row != (double)(size_t)row))
        mapping_problem(r, header, _("1 is the first row"),
                        _("header is the number of a row"));
    else
        m->header_row = (size_t)row;
}

static void read_root(np_reader *r, np_mapping *m, const np_yaml *root)
{
    static const char *const one[] = {"kind",   "columns", "where", "repeat",
                                      "ignore", "decimal", "sheet", "header"};
    static const char *const several[] = {"records", "ignore", "decimal", "sheet",
                                          "header"};
    const np_yaml *records = np_yaml_find(root, "records");
    bool list = records != NULL;
    if (!np_reader_check_keys(r, root, _("a mapping"), list ? several : one,
                              list ? 5 : 8))
        return;
    read_whole(r, m, root);
    if (list && records->kind != NP_YAML_SEQUENCE) {
        mapping_problem(r, records, _("begin each with \"- kind:\""),
                        _("records is a list"));
        return;
    }
    static const char *const keys[] = {"kind", "columns", "where", "repeat"};
    size_t n = list ? records->n : 1;
    np_mapping_record *record = np_reader_array(r, np_mapping_record, n);
    for (size_t i = 0; record != NULL && i < n; i++) {
        const np_yaml *item = list ? &records->item[i] : root;
        if (list && !np_reader_check_keys(r, item, _("a record"), keys, 4))
            continue;
        m->n_records += read_record(r, &record[m->n_records], item);
    }
    m->record = record;
    if (list && n == 0)
        mapping_problem(r, records, NULL, _("records is an empty list"));
}

static np_status from_root(np_mapping *out, const np_yaml *root, const char *name,
                           np_arena *arena, np_problems *problems, np_error *err)
{
    np_reader r = {.arena = arena, .problems = problems, .file = name};
    np_mapping m = {.path = name};
    read_root(&r, &m, root);
    if (r.no_memory)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *out = m;
    return NP_OK;
}

np_status np_mapping_read_text(np_mapping *out, const char *text, size_t length,
                               const char *name, np_arena *arena, np_problems *problems,
                               np_error *err)
{
    const np_yaml *root;
    np_status status = np_yaml_read_text(&root, text, length, name, arena, err);
    return status == NP_OK ? from_root(out, root, name, arena, problems, err) : status;
}

np_status np_mapping_read(np_mapping *out, const char *path, np_arena *arena,
                          np_problems *problems, np_error *err)
{
    const np_yaml *root;
    np_status status = np_yaml_read(&root, path, arena, err);
    return status == NP_OK ? from_root(out, root, path, arena, problems, err) : status;
}

size_t np_mapping_missing_field(const np_kind *kind, size_t field)
{
    if (field >= kind->n_fields)
        return kind->n_fields;
    char name[80];
    np_text_format(name, sizeof name, "%s_missing", kind->field[field].name);
    size_t place = np_kind_field(kind, name);
    if (place < kind->n_fields)
        return place;
    bool answer = strcmp(kind->field[field].name, "value") == 0 ||
                  strcmp(kind->field[field].name, "text") == 0 ||
                  strcmp(kind->field[field].name, "choice") == 0;
    return answer ? np_kind_field(kind, "missing") : kind->n_fields;
}
