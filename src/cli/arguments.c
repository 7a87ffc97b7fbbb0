#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "cli/command.h"

typedef struct {
    const np_option *option; /* NULL: positional */
    const char *value;
} argument;

struct np_arguments {
    const argument *item;
    size_t n;
};

static const np_option *find_option(const np_command *c, np_str name)
{
    for (size_t i = 0; i < c->n_options; i++)
        if (np_str_equals(name, c->option[i].name))
            return &c->option[i];
    return NULL;
}

static np_status unknown_option(const np_command *c, np_str name, np_arena *arena,
                                np_error *err)
{
    const char **names = np_arena_array(arena, const char *, c->n_options + 1);
    char wanted[64];
    np_fail(err, NP_E_USAGE, _("--%.*s is no option of nullpunkt %s"), (int)name.length,
            name.text, c->name);
    if (names == NULL || name.length >= sizeof wanted)
        return NP_E_USAGE;
    memcpy(wanted, name.text, name.length);
    wanted[name.length] = '\0';
    for (size_t i = 0; i < c->n_options; i++)
        names[i] = c->option[i].name;
    const char *near = np_nearest_name(wanted, names, c->n_options);
    if (near != NULL)
        return np_error_hint(err, _("did you mean --%s?"), near);
    return np_error_hint(err, _("nullpunkt help %s lists them"), c->name);
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *p = choices; p != NULL; p = strchr(p, '|')) {
        p += *p == '|';
        if (strncmp(p, value, length) == 0 && (p[length] == '|' || p[length] == '\0'))
            return length > 0;
    }
    return false;
}

static np_status check_value(const np_arguments *before, const np_option *o,
                             const char *value, np_error *err)
{
    if (o->choices != NULL && !is_choice(o->choices, value))
        return np_fail(err, NP_E_USAGE, _("--%s %s: it is one of %s"), o->name, value,
                       o->choices);
    if (!o->repeats && np_argument_given(before, o->name))
        return np_fail(err, NP_E_USAGE, _("--%s is given twice"), o->name);
    return NP_OK;
}

static np_status check_positional(const np_arguments *a, const np_command *c,
                                  np_error *err)
{
    size_t n = np_positional_count(a);
    if (n >= c->n_positional_min && n <= c->n_positional_max)
        return NP_OK;
    if (n < c->n_positional_min)
        np_fail(err, NP_E_USAGE, _("nullpunkt %s needs more arguments"), c->name);
    else
        np_fail(err, NP_E_USAGE, _("one argument too many: %s"),
                np_positional(a, c->n_positional_max));
    return np_error_hint(err, _("usage: nullpunkt %s %s"), c->name, c->synopsis);
}

/* "--" ends the options; "-" and negative numbers are positional. */
static bool is_option(const char *text, bool ended)
{
    return !ended && text[0] == '-' && text[1] == '-' && text[2] != '\0';
}

np_status np_arguments_parse(const np_arguments **out, const np_command *command,
                             int argc, char *const argv[], np_arena *arena, np_error *err)
{
    np_arguments *a = np_arena_array(arena, np_arguments, 1);
    argument *item = np_arena_array(arena, argument, (size_t)argc + 1);
    if (a == NULL || item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    a->item = item;
    bool ended = false;
    for (int i = 0; i < argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
            continue;
        }
        bool short_output = !ended && strcmp(argv[i], "-o") == 0 &&
                            find_option(command, np_str_of("output")) != NULL;
        if (!is_option(argv[i], ended) && !short_output) {
            item[a->n++].value = argv[i];
            continue;
        }
        const char *equals = strchr(argv[i], '=');
        size_t length =
            equals == NULL ? strlen(argv[i]) - 2 : (size_t)(equals - argv[i]) - 2;
        np_str name = {argv[i] + 2, length};
        if (short_output)
            name = np_str_of("output");
        const np_option *o = find_option(command, name);
        if (o == NULL)
            return unknown_option(command, name, arena, err);
        const char *value = equals == NULL ? "" : equals + 1;
        if (o->argument == NULL && equals != NULL)
            return np_fail(err, NP_E_USAGE, _("--%s takes no value"), o->name);
        if (o->argument != NULL && equals == NULL) {
            if (++i == argc)
                return np_fail(err, NP_E_USAGE, _("--%s needs a value: %s"), o->name,
                               o->argument);
            value = argv[i];
        }
        np_status status = check_value(a, o, value, err);
        if (status != NP_OK)
            return status;
        item[a->n++] = (argument){o, value};
    }
    np_status status = check_positional(a, command, err);
    if (status == NP_OK)
        *out = a;
    return status;
}

const char *np_argument_at(const np_arguments *a, const char *option, size_t wanted)
{
    size_t seen = 0;
    for (size_t i = 0; i < a->n; i++) {
        const np_option *o = a->item[i].option;
        bool is_it =
            option == NULL ? o == NULL : o != NULL && strcmp(o->name, option) == 0;
        if (is_it && seen++ == wanted)
            return a->item[i].value;
    }
    return NULL;
}

size_t np_argument_count(const np_arguments *a, const char *option)
{
    size_t n = 0;
    while (np_argument_at(a, option, n) != NULL)
        n++;
    return n;
}

bool np_argument_given(const np_arguments *a, const char *option)
{
    return np_argument_at(a, option, 0) != NULL;
}

const char *np_argument(const np_arguments *a, const char *option)
{
    size_t n = np_argument_count(a, option);
    return n == 0 ? NULL : np_argument_at(a, option, n - 1);
}

size_t np_argument_choice(const np_arguments *a, const char *option, size_t otherwise)
{
    const np_option *o = NULL;
    const char *value = np_argument(a, option);
    for (size_t i = 0; i < a->n; i++)
        if (a->item[i].option != NULL && strcmp(a->item[i].option->name, option) == 0)
            o = a->item[i].option;
    size_t index = 0, length = value == NULL ? 0 : strlen(value);
    for (const char *c = o == NULL ? NULL : o->choices; c != NULL; index++) {
        if (strncmp(c, value, length) == 0 && (c[length] == '|' || c[length] == '\0'))
            return index;
        c = strchr(c, '|');
        c = c == NULL ? NULL : c + 1;
    }
    return otherwise;
}

size_t np_positional_count(const np_arguments *a)
{
    return np_argument_count(a, NULL);
}

const char *np_positional(const np_arguments *a, size_t i)
{
    return np_argument_at(a, NULL, i);
}

np_status np_argument_integer(int64_t *out, const np_arguments *a, const char *option,
                              int64_t low, int64_t high, np_error *err)
{
    const char *text = np_argument(a, option);
    int64_t value;
    if (text == NULL)
        return NP_OK;
    if (!np_integer_parse(&value, text, strlen(text)) || value < low || value > high)
        return np_fail(err, NP_E_USAGE,
                       _("--%s %s: it is a whole number from %lld to %lld"), option, text,
                       (long long)low, (long long)high);
    *out = value;
    return NP_OK;
}

np_status np_argument_number(double *out, const np_arguments *a, const char *option,
                             np_error *err)
{
    const char *text = np_argument(a, option);
    if (text != NULL && !np_decimal_parse(out, text, strlen(text), '.'))
        return np_fail(err, NP_E_USAGE, _("--%s %s: it is a number, such as 0.95"),
                       option, text);
    return NP_OK;
}
