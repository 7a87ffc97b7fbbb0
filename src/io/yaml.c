#include "io/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/decimal.h"
#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "base/utf8.h"

/* Children are linked while their number is unknown and laid out as arrays when
 * their parent closes. */
typedef struct link link;
struct link {
    np_yaml node;
    link *next;
};

typedef struct {
    yaml_parser_t *parser;
    np_arena *arena;
    np_error *err;
    const char *file;
} reader;

static np_status fail_at_mark(reader *r, yaml_mark_t mark, np_status status,
                              const char *message)
{
    np_fail(r->err, status, "%s", message);
    np_error_file(r->err, r->file);
    np_error_at(r->err, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1);
    return status;
}

static np_status fail_memory(reader *r)
{
    return np_fail(r->err, NP_E_NO_MEMORY, _("no memory left"));
}

/* libyaml's words are English; what people meet most is said in ours. */
static np_status parser_failed(reader *r)
{
    const yaml_parser_t *p = r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return fail_memory(r);
    yaml_mark_t mark = p->problem_mark;
    const char *problem = p->problem == NULL ? "" : p->problem;
    np_fail(r->err, NP_E_PARSE, _("this is not YAML: %s"), problem);
    np_error_file(r->err, r->file);
    np_error_at(r->err, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1);
    if (strstr(problem, "character that cannot start any token") != NULL)
        return np_error_hint(r->err,
                             _("indent with spaces, and put texts that begin with a "
                               "special character in quotes"));
    if (p->context != NULL && p->context_mark.line + 1 > 0)
        return np_error_hint(r->err, _("%s, begun on line %zu"), p->context,
                             p->context_mark.line + 1);
    return np_error_hint(r->err, _("look at the indentation and the colons here"));
}

static np_status next_event(reader *r, yaml_event_t *event)
{
    if (!yaml_parser_parse(r->parser, event))
        return parser_failed(r);
    return NP_OK;
}

static np_status check_plain(reader *r, const yaml_event_t *e, const yaml_char_t *anchor,
                             const yaml_char_t *tag)
{
    if (anchor != NULL)
        return fail_at_mark(r, e->start_mark, NP_E_PARSE,
                            _("anchors (&name) are not used here"));
    if (tag != NULL)
        return fail_at_mark(r, e->start_mark, NP_E_PARSE,
                            _("tags (!name) are not used here"));
    return NP_OK;
}

static np_status read_scalar(reader *r, np_yaml *out, const yaml_event_t *e)
{
    size_t length = e->data.scalar.length;
    const char *value = (const char *)e->data.scalar.value;
    np_status status = check_plain(r, e, e->data.scalar.anchor, e->data.scalar.tag);
    if (status != NP_OK)
        return status;
    if (memchr(value, '\0', length) != NULL)
        return fail_at_mark(r, e->start_mark, NP_E_PARSE,
                            _("a text may not hold the character 0"));
    out->kind = NP_YAML_SCALAR;
    out->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    out->text = np_arena_copy_text(r->arena, value, length);
    return out->text == NULL ? fail_memory(r) : NP_OK;
}

static np_status read_node(reader *r, np_yaml *out, yaml_event_t *event, int depth);

static np_status read_key(reader *r, np_yaml *out, const yaml_event_t *e,
                          np_text_map *seen)
{
    if (e->type != YAML_SCALAR_EVENT)
        return fail_at_mark(r, e->start_mark, NP_E_PARSE, _("a key must be a text"));
    out->line = (uint32_t)e->start_mark.line + 1;
    out->column = (uint32_t)e->start_mark.column + 1;
    np_status status = read_scalar(r, out, e);
    if (status != NP_OK)
        return status;
    size_t before = np_text_map_size(seen);
    int32_t index = np_text_map_add(seen, out->text, strlen(out->text));
    if (index == NP_MAP_NO_MEMORY)
        return fail_memory(r);
    if ((size_t)index == before)
        return NP_OK;
    np_fail(r->err, NP_E_DUPLICATE, _("the key %s stands twice"), out->text);
    np_error_file(r->err, r->file);
    return np_error_at(r->err, out->line, out->column);
}

static np_status lay_out(reader *r, np_yaml *out, const link *keys, const link *items,
                         size_t n)
{
    np_yaml *item = np_arena_array(r->arena, np_yaml, n);
    np_yaml *key =
        out->kind == NP_YAML_MAPPING ? np_arena_array(r->arena, np_yaml, n) : NULL;
    if (item == NULL || (out->kind == NP_YAML_MAPPING && key == NULL))
        return fail_memory(r);
    for (size_t i = 0; i < n; i++, items = items->next)
        item[i] = items->node;
    for (size_t i = 0; key != NULL && i < n; i++, keys = keys->next)
        key[i] = keys->node;
    out->n = n;
    out->item = item;
    out->key = key;
    return NP_OK;
}

/* The children of a sequence or mapping, up to its end. */
static np_status read_children(reader *r, np_yaml *out, int depth)
{
    bool mapping = out->kind == NP_YAML_MAPPING;
    yaml_event_type_t end = mapping ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    np_text_map *seen = mapping ? np_text_map_new(r->arena) : NULL;
    link *keys = NULL, *items = NULL, **next_key = &keys, **next_item = &items;
    size_t n = 0;
    if (mapping && seen == NULL)
        return fail_memory(r);
    for (;;) {
        yaml_event_t event;
        np_status status = next_event(r, &event);
        if (status != NP_OK)
            return status;
        if (event.type == end) {
            yaml_event_delete(&event);
            return lay_out(r, out, keys, items, n);
        }
        link *child = np_arena_array(r->arena, link, 1);
        if (child == NULL)
            status = fail_memory(r);
        if (status == NP_OK && mapping) {
            *next_key = child;
            next_key = &child->next;
            status = read_key(r, &child->node, &event, seen);
            yaml_event_delete(&event);
            child = np_arena_array(r->arena, link, 1);
            if (status == NP_OK && child == NULL)
                status = fail_memory(r);
            if (status == NP_OK)
                status = next_event(r, &event);
            if (status != NP_OK)
                return status;
        }
        if (status == NP_OK) {
            *next_item = child;
            next_item = &child->next;
            status = read_node(r, &child->node, &event, depth);
        }
        yaml_event_delete(&event);
        if (status != NP_OK)
            return status;
        n++;
    }
}

static np_status read_node(reader *r, np_yaml *out, yaml_event_t *e, int depth)
{
    out->line = (uint32_t)e->start_mark.line + 1;
    out->column = (uint32_t)e->start_mark.column + 1;
    if (depth >= NP_YAML_DEEPEST)
        return fail_at_mark(r, e->start_mark, NP_E_LIMIT, _("nested too deeply"));
    np_status status;
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(r, out, e);
    case YAML_SEQUENCE_START_EVENT:
        out->kind = NP_YAML_SEQUENCE;
        status =
            check_plain(r, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
        return status != NP_OK ? status : read_children(r, out, depth + 1);
    case YAML_MAPPING_START_EVENT:
        out->kind = NP_YAML_MAPPING;
        status =
            check_plain(r, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
        return status != NP_OK ? status : read_children(r, out, depth + 1);
    case YAML_ALIAS_EVENT:
        fail_at_mark(r, e->start_mark, NP_E_PARSE,
                     _("aliases (*name) are not used here"));
        return np_error_hint(r->err, _("a text that begins with * goes in quotes"));
    default:
        return fail_at_mark(r, e->start_mark, NP_E_PARSE, _("something is missing here"));
    }
}

/* Stream and document frame around the one root. */
static np_status read_document(reader *r, np_yaml *root)
{
    bool have_root = false;
    for (;;) {
        yaml_event_t event;
        np_status status = next_event(r, &event);
        if (status != NP_OK)
            return status;
        yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && have_root)
            status = fail_at_mark(r, event.start_mark, NP_E_PARSE,
                                  _("there must be one document only"));
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            have_root = true;
            status = read_node(r, root, &event, 0);
        }
        yaml_event_delete(&event);
        if (status != NP_OK)
            return status;
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (have_root)
        return NP_OK;
    np_fail(r->err, NP_E_PARSE, _("the file is empty"));
    return np_error_file(r->err, r->file);
}

/* Line and column of a byte, for texts that libyaml is not shown. */
static void place_of(const char *text, size_t offset, uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            ++*column;
        }
    }
}

static np_status check_text(const char *text, size_t length, const char *name,
                            np_error *err)
{
    if (length > NP_YAML_LONGEST) {
        np_fail(err, NP_E_LIMIT, _("the file is longer than %d bytes"), NP_YAML_LONGEST);
        return np_error_file(err, name);
    }
    size_t invalid = np_utf8_invalid(text, length);
    if (invalid == length)
        return NP_OK;
    uint32_t line, column;
    place_of(text, invalid, &line, &column);
    np_fail(err, NP_E_ENCODING, _("the byte %02x is no UTF-8"),
            (unsigned char)text[invalid]);
    np_error_hint(err, _("save the file as UTF-8"));
    np_error_file(err, name);
    return np_error_at(err, line, column);
}

np_status np_yaml_read_text(const np_yaml **out, const char *text, size_t length,
                            const char *name, np_arena *arena, np_error *err)
{
    np_error own = {0};
    err = err == NULL ? &own : err;
    np_status status = check_text(text, length, name, err);
    if (status != NP_OK)
        return status;
    np_yaml *root = np_arena_array(arena, np_yaml, 1);
    yaml_parser_t parser;
    if (root == NULL || !yaml_parser_initialize(&parser))
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    reader r = {.parser = &parser, .arena = arena, .err = err, .file = name};
    status = read_document(&r, root);
    yaml_parser_delete(&parser);
    if (status == NP_OK)
        *out = root;
    return status;
}

np_status np_yaml_read(const np_yaml **out, const char *path, np_arena *arena,
                       np_error *err)
{
    np_buf text = {0};
    np_status status = np_file_read(&text, path, NP_YAML_LONGEST, err);
    if (status == NP_OK)
        status =
            np_yaml_read_text(out, np_buf_done(&text), text.length, path, arena, err);
    np_buf_free(&text);
    return status;
}

const np_yaml *np_yaml_find(const np_yaml *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != NP_YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->n; i++)
        if (strcmp(mapping->key[i].text, key) == 0)
            return &mapping->item[i];
    return NULL;
}

static bool is_plain(const np_yaml *node)
{
    return node->kind == NP_YAML_SCALAR && !node->quoted;
}

static bool is_one_of(const char *text, const char *const *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, word[i]) == 0)
            return true;
    return false;
}

bool np_yaml_is_null(const np_yaml *node)
{
    static const char *const null[] = {"", "~", "null", "Null", "NULL"};
    return is_plain(node) && is_one_of(node->text, null, sizeof null / sizeof *null);
}

bool np_yaml_number(double *out, const np_yaml *node)
{
    return is_plain(node) && np_decimal_parse(out, node->text, strlen(node->text), '.');
}

bool np_yaml_bool(bool *out, const np_yaml *node)
{
    static const char *const yes[] = {"true", "True", "TRUE"};
    static const char *const no[] = {"false", "False", "FALSE"};
    if (!is_plain(node))
        return false;
    bool is_yes = is_one_of(node->text, yes, 3);
    if (!is_yes && !is_one_of(node->text, no, 3))
        return false;
    *out = is_yes;
    return true;
}
