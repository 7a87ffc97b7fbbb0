#include "io/yaml_reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_known_problem(const np_problems *problems, const np_error *err)
{
    for (size_t i = 0; i < problems->n; i++) {
        const np_error *p = &problems->item[i];
        if (p->line == err->line && p->column == err->column &&
            strcmp(p->message, err->message) == 0)
            return true;
    }
    return false;
}

void np_reader_problem(np_reader *r, const np_yaml *node, const char *key,
                       np_status status, const char *hint, const char *format, ...)
{
    np_error err = {0};
    char message[sizeof err.message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    np_fail(&err, status, "%s", message);
    np_error_file(&err, r->file);
    np_error_at(&err, node->line, node->column);
    np_error_field(&err, key, strlen(key));
    if (hint != NULL && hint[0] != '\0')
        np_error_hint(&err, "%s", hint);
    if (!is_known_problem(r->problems, &err))
        np_problems_add(r->problems, &err);
}

void *np_reader_alloc(np_reader *r, size_t n, size_t size)
{
    void *memory = np_arena_alloc(r->arena, n, size);
    r->no_memory = r->no_memory || memory == NULL;
    return memory;
}

/* "did you mean population? Allowed are: a, b, c", or the part that there is. None
 * where nobody will read it: a hostile plan has a hundred thousand problems. */
static void name_hint(const np_reader *r, char *hint, size_t size, const char *wanted,
                      const char *const *names, size_t n)
{
    hint[0] = '\0';
    if (r->problems->n == NP_PROBLEMS_KEPT)
        return;
    const char *near = np_nearest_name(wanted, names, n);
    size_t used = 0;
    if (near != NULL)
        used = (size_t)snprintf(hint, size, _("did you mean %s? "), near);
    if (used < size)
        used += (size_t)snprintf(hint + used, size - used, "%s", _("Allowed are: "));
    for (size_t i = 0; i < n && used < size; i++)
        used +=
            (size_t)snprintf(hint + used, size - used, i == 0 ? "%s" : ", %s", names[i]);
}

bool np_reader_check_keys(np_reader *r, const np_yaml *node, const char *what,
                          const char *const *names, size_t n)
{
    char hint[sizeof((np_error *)NULL)->hint];
    if (node == NULL)
        return false;
    if (node->kind != NP_YAML_MAPPING) {
        name_hint(r, hint, sizeof hint, "", names, n);
        np_reader_problem(r, node, "", NP_E_PARSE, hint, _("%s is written as key: value"),
                          what);
        return false;
    }
    for (size_t i = 0; i < node->n; i++) {
        const char *key = node->key[i].text;
        bool known = false;
        for (size_t j = 0; j < n && !known; j++)
            known = strcmp(key, names[j]) == 0;
        if (known)
            continue;
        name_hint(r, hint, sizeof hint, key, names, n);
        np_reader_problem(r, &node->key[i], key, NP_E_UNKNOWN_NAME, hint,
                          _("%s has no such key"), what);
    }
    return true;
}

np_reader_key np_reader_get(const np_yaml *mapping, const char *name)
{
    const np_yaml *node = np_yaml_find(mapping, name);
    return (np_reader_key){name, node != NULL && np_yaml_is_null(node) ? NULL : node};
}

void np_reader_require(np_reader *r, const np_yaml *mapping, np_reader_key key,
                       const char *what)
{
    if (key.node == NULL)
        np_reader_problem(r, mapping, key.name, NP_E_PARSE, NULL,
                          _("%s must have this key"), what);
}

const char *np_reader_text(np_reader *r, np_reader_key key)
{
    if (key.node == NULL)
        return NULL;
    if (key.node->kind == NP_YAML_SCALAR)
        return key.node->text;
    np_reader_problem(r, key.node, key.name, NP_E_PARSE, NULL,
                      _("a text is expected here"));
    return NULL;
}

const char *np_reader_identifier(np_reader *r, np_reader_key key)
{
    const char *text = np_reader_text(r, key);
    if (text == NULL)
        return NULL;
    size_t good = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789-_");
    if (text[good] == '\0' && good > 0 && good <= 60)
        return text;
    np_reader_problem(r, key.node, key.name, NP_E_PARSE,
                      _("it becomes part of file names: letters a-z, digits, - and _"),
                      _("\"%s\" is no identifier"), text);
    return NULL;
}

np_localised np_reader_localised(np_reader *r, np_reader_key key)
{
    static const char *const codes[] = {"nb", "nn", "en"};
    np_localised out = {{NULL}};
    if (key.node == NULL)
        return out;
    if (key.node->kind == NP_YAML_SCALAR) {
        for (size_t i = 0; i < 3; i++)
            out.text[i] = key.node->text;
        return out;
    }
    if (!np_reader_check_keys(r, key.node, _("a text per language"), codes, 3))
        return out;
    for (size_t i = 0; i < 3; i++) {
        np_language language;
        if (np_language_from_code(&language, codes[i]))
            out.text[language] = np_reader_text(r, np_reader_get(key.node, codes[i]));
    }
    return out;
}

double np_reader_number(np_reader *r, np_reader_key key, double otherwise)
{
    double value;
    if (key.node == NULL)
        return otherwise;
    if (np_yaml_number(&value, key.node))
        return value;
    if (key.node->kind == NP_YAML_SCALAR)
        np_reader_problem(r, key.node, key.name, NP_E_PARSE,
                          _("a number has a decimal point and no quotes: 0.05"),
                          _("\"%s\" is no number"), key.node->text);
    else
        np_reader_problem(r, key.node, key.name, NP_E_PARSE, NULL,
                          _("a number is expected here"));
    return otherwise;
}

double np_reader_number_between(np_reader *r, np_reader_key key, double low, double high,
                                double otherwise)
{
    double value = np_reader_number(r, key, otherwise);
    if (key.node == NULL || (value >= low && value <= high))
        return value;
    np_reader_problem(r, key.node, key.name, NP_E_RANGE, NULL,
                      _("%s is outside %g to %g"), key.node->text, low, high);
    return otherwise;
}

bool np_reader_bool(np_reader *r, np_reader_key key, bool otherwise)
{
    bool value;
    if (key.node == NULL)
        return otherwise;
    if (np_yaml_bool(&value, key.node))
        return value;
    np_reader_problem(r, key.node, key.name, NP_E_PARSE, NULL,
                      _("true or false is expected here"));
    return otherwise;
}

int np_reader_choice(np_reader *r, np_reader_key key, const char *const *choices,
                     size_t n, int otherwise)
{
    const char *text = np_reader_text(r, key);
    char hint[sizeof((np_error *)NULL)->hint];
    if (text == NULL)
        return otherwise;
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, choices[i]) == 0)
            return (int)i;
    name_hint(r, hint, sizeof hint, text, choices, n);
    np_reader_problem(r, key.node, key.name, NP_E_UNKNOWN_NAME, hint,
                      _("\"%s\" is none of the values it takes"), text);
    return otherwise;
}

const np_yaml *np_reader_items(np_reader *r, np_reader_key key, size_t *n)
{
    *n = 0;
    if (key.node == NULL)
        return NULL;
    *n = key.node->kind == NP_YAML_SEQUENCE ? key.node->n : 1;
    if (*n > NP_READER_MOST_ITEMS) {
        np_reader_problem(r, key.node, key.name, NP_E_LIMIT, NULL,
                          _("%zu items; a list has at most %d"), *n,
                          NP_READER_MOST_ITEMS);
        *n = 0;
    }
    return key.node->kind == NP_YAML_SEQUENCE ? key.node->item : key.node;
}

const double *np_reader_numbers(np_reader *r, np_reader_key key, size_t *n)
{
    const np_yaml *item = np_reader_items(r, key, n);
    double *number = np_reader_array(r, double, *n);
    for (size_t i = 0; number != NULL && i < *n; i++)
        number[i] = np_reader_number(r, (np_reader_key){key.name, &item[i]}, NAN);
    if (number == NULL)
        *n = 0;
    return number;
}
