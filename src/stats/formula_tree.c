#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "stats/formula.h"

bool np_expr_is_call(const np_expr *e, const char *function)
{
    return e != NULL && e->kind == NP_EXPR_CALL && strcmp(e->text, function) == 0;
}

bool np_expr_is_operator(const np_expr *e, const char *operator)
{
    return e != NULL && e->kind == NP_EXPR_BINARY && strcmp(e->text, operator) == 0;
}

const np_expr *np_expr_argument(const np_expr *call, const char *name, size_t position)
{
    size_t unnamed = 0;
    const np_expr *at_position = NULL;
    for (size_t i = 0; i < call->n; i++) {
        if (call->argument_name[i] != NULL) {
            if (strcmp(call->argument_name[i], name) == 0)
                return call->argument[i];
        } else if (unnamed++ == position) {
            at_position = call->argument[i];
        }
    }
    return at_position;
}

static void add_number(np_buf *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e5)
        np_buf_format(out, "%.0f", value);
    else if (isinf(value))
        np_buf_add(out, value > 0 ? "Inf" : "-Inf");
    else
        np_buf_add_double(out, value);
}

static void add_text(np_buf *out, const np_expr *e);

static void add_arguments(np_buf *out, const np_expr *e, size_t first)
{
    for (size_t i = first; i < e->n; i++) {
        if (i > first)
            np_buf_add(out, ", ");
        if (e->argument_name[i] != NULL)
            np_buf_format(out, "%s = ", e->argument_name[i]);
        add_text(out, e->argument[i]);
    }
}

static void add_quoted(np_buf *out, const char *text)
{
    np_buf_add_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            np_buf_add_char(out, '\\');
        np_buf_add_char(out, *text);
    }
    np_buf_add_char(out, '"');
}

static void add_text(np_buf *out, const np_expr *e)
{
    switch (e->kind) {
    case NP_EXPR_NUMBER:
        add_number(out, e->number);
        return;
    case NP_EXPR_TEXT:
        add_quoted(out, e->text);
        return;
    case NP_EXPR_LOGICAL:
        np_buf_add(out, isnan(e->number) ? "NA" : e->number != 0 ? "TRUE" : "FALSE");
        return;
    case NP_EXPR_NULL:
        np_buf_add(out, "NULL");
        return;
    case NP_EXPR_NAME:
        np_buf_add(out, e->text);
        return;
    case NP_EXPR_CALL:
        np_buf_format(out, "%s(", e->text);
        add_arguments(out, e, 0);
        np_buf_add_char(out, ')');
        return;
    case NP_EXPR_UNARY:
        np_buf_add(out, e->text);
        add_text(out, e->argument[0]);
        return;
    case NP_EXPR_BINARY: {
        /* as R's deparse() writes them */
        bool tight = strchr("^:/", e->text[0]) != NULL || strcmp(e->text, "%%") == 0 ||
                     strcmp(e->text, "%/%") == 0;
        add_text(out, e->argument[0]);
        np_buf_format(out, tight ? "%s" : " %s ", e->text);
        add_text(out, e->argument[1]);
        return;
    }
    case NP_EXPR_BRACKET:
        if (e->text[0] == '(') {
            np_buf_add_char(out, '(');
            add_text(out, e->argument[0]);
            np_buf_add_char(out, ')');
            return;
        }
        add_text(out, e->argument[0]);
        np_buf_add(out, e->text);
        add_arguments(out, e, 1);
        np_buf_add(out, strcmp(e->text, "[[") == 0 ? "]]" : "]");
        return;
    }
}

const char *np_expr_text(const np_expr *e, np_arena *arena)
{
    if (e->kind == NP_EXPR_NAME)
        return e->text;
    np_buf buf = {0};
    add_text(&buf, e);
    const char *text = np_buf_done(&buf);
    const char *copy = text == NULL ? NULL : np_arena_copy_text(arena, text, buf.length);
    np_buf_free(&buf);
    return copy;
}

bool np_expr_equal(const np_expr *a, const np_expr *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n != b->n || (a->text == NULL) != (b->text == NULL) ||
        (a->text != NULL && strcmp(a->text, b->text) != 0) ||
        (a->number != b->number && !(isnan(a->number) && isnan(b->number))))
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const char *x = a->argument_name[i], *y = b->argument_name[i];
        if ((x == NULL) != (y == NULL) || (x != NULL && strcmp(x, y) != 0) ||
            !np_expr_equal(a->argument[i], b->argument[i]))
            return false;
    }
    return true;
}

np_status np_expr_fail(np_error *err, np_status status, const np_expr *e,
                       const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    np_text_vformat(message, sizeof message, format, args);
    va_end(args);
    np_fail(err, status, _("formula, character %u: %s"), e->column, message);
    np_error_at(err, 1, e->column);
    return status;
}

np_status np_names_add(np_names *names, const char *name, np_arena *arena, np_error *err)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return NP_OK;
    if (names->n == names->capacity) {
        size_t capacity = names->capacity == 0 ? 16 : 2 * names->capacity;
        const char **grown = np_arena_array(arena, const char *, capacity);
        if (grown == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        for (size_t i = 0; i < names->n; i++)
            grown[i] = names->name[i];
        names->name = grown;
        names->capacity = capacity;
    }
    names->name[names->n++] = name;
    return NP_OK;
}

/* "i.year" in i(rel, i.year) says that year is a factor; sunab's .F and .L are the
 * first and last period. */
static const char *variable_of(const np_expr *parent, size_t i)
{
    const char *name = parent->argument[i]->text;
    bool prefixed = np_expr_is_call(parent, "i") && strncmp(name, "i.", 2) == 0;
    return prefixed ? name + 2 : name;
}

np_status np_expr_variables(np_names *names, const np_expr *e, np_arena *arena,
                            np_error *err)
{
    if (e == NULL)
        return NP_OK;
    if (e->kind == NP_EXPR_NAME)
        return np_names_add(names, e->text, arena, err);
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < e->n; i++) {
        const np_expr *a = e->argument[i];
        if (a->kind == NP_EXPR_NAME)
            status = np_names_add(names, variable_of(e, i), arena, err);
        else
            status = np_expr_variables(names, a, arena, err);
    }
    return status;
}
