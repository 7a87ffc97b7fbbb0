#include "reference/call.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || c == '.' || c == '_';
}

/* Where the bracket depth falls below that of `from`, or the end of the text. */
static const char *closing(const char *from)
{
    int depth = 0;
    char quote = 0;
    for (; *from != '\0'; from++) {
        if (quote != 0) {
            quote = *from == quote ? 0 : quote;
        } else if (*from == '"' || *from == '\'') {
            quote = *from;
        } else if (*from == '(') {
            depth++;
        } else if (*from == ')' && depth-- == 0) {
            return from;
        }
    }
    return from;
}

/* The next comma or semicolon outside brackets and quotes, before `end`. */
static const char *separator(const char *from, const char *end)
{
    int depth = 0;
    char quote = 0;
    for (; from < end; from++) {
        if (quote != 0)
            quote = *from == quote ? 0 : quote;
        else if (*from == '"' || *from == '\'')
            quote = *from;
        else if (*from == '(')
            depth++;
        else if (*from == ')')
            depth--;
        else if ((*from == ',' || *from == ';') && depth <= 0)
            return from;
    }
    return end;
}

static void add_argument(r_call *call, const char *from, const char *end, np_arena *arena)
{
    while (from < end && isspace((unsigned char)*from))
        from++;
    while (end > from && isspace((unsigned char)end[-1]))
        end--;
    if (from == end || call->n == CALL_MOST_ARGUMENTS)
        return;
    const char *name_end = from;
    while (name_end < end && is_name_character(*name_end))
        name_end++;
    const char *equals = name_end;
    while (equals < end && *equals == ' ')
        equals++;
    bool named =
        name_end > from && equals + 1 < end && *equals == '=' && equals[1] != '=';
    call_argument *a = &call->argument[call->n++];
    a->name = "";
    if (named) {
        a->name = np_arena_copy_text(arena, from, (size_t)(name_end - from));
        from = equals + 1;
        while (from < end && *from == ' ')
            from++;
    }
    a->value = np_arena_copy_text(arena, from, (size_t)(end - from));
}

static void add_arguments(r_call *call, const char *from, const char *end,
                          np_arena *arena)
{
    while (from < end) {
        const char *stop = separator(from, end);
        add_argument(call, from, stop, arena);
        from = stop + 1;
    }
}

static const char *find_function(const char *text, const char *function)
{
    size_t length = strlen(function);
    for (const char *at = strstr(text, function); at != NULL;
         at = strstr(at + 1, function))
        if (at[length] == '(' && (at == text || !is_name_character(at[-1])))
            return at;
    return NULL;
}

r_call call_parse(const char *text, const char *const *functions, np_arena *arena)
{
    r_call call = {.function = ""};
    for (size_t f = 0; functions[f] != NULL; f++) {
        const char *at = find_function(text, functions[f]);
        if (at == NULL)
            continue;
        call.function = functions[f];
        const char *open = at + strlen(functions[f]) + 1;
        const char *close = closing(open);
        add_arguments(&call, open, close, arena);
        if (*close == '\0')
            break;
        /* what stands after the model, within an enclosing summary(…) or behind ";" */
        const char *rest = close + 1, *rest_end = closing(rest);
        add_arguments(&call, rest, rest_end, arena);
        break;
    }
    return call;
}

const char *call_named(const r_call *call, const char *name)
{
    for (size_t i = 0; i < call->n; i++)
        if (strcmp(call->argument[i].name, name) == 0)
            return call->argument[i].value;
    return NULL;
}

const char *call_formula(const r_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        if (call->argument[i].name[0] == '\0' && strchr(call->argument[i].value, '~'))
            return call->argument[i].value;
    return NULL;
}

const char *call_unquoted(const char *value, np_arena *arena)
{
    size_t length = strlen(value);
    if (length >= 2 && (value[0] == '"' || value[0] == '\'') &&
        value[length - 1] == value[0])
        return np_arena_copy_text(arena, value + 1, length - 2);
    return value;
}
