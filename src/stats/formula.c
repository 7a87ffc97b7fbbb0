#include "stats/formula.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "base/utf8.h"

/* Deeper nesting than any model needs would exhaust the stack. */
enum { MOST_NESTED = 200, MOST_ARGUMENTS = 512 };

typedef enum { END = 0, NUMBER, TEXT, NAME, OPERATOR } token_kind;

typedef struct {
    token_kind kind;
    const char *start;
    size_t length;
    const char *text; /* of names, strings and operators, 0-terminated */
    double number;
} token;

typedef struct {
    const char *begin, *p;
    token next;
    np_arena *arena;
    np_error *err;
    unsigned depth;
    unsigned brackets; /* "|" and "~" are operators only within brackets */
} parser;

static uint32_t column_of(const parser *p, const char *at)
{
    uint32_t column = 1;
    for (const char *c = p->begin; c < at; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    return column;
}

/* Where in the formula: "y ~ x +>>> * z". */
static np_status fail_at(parser *p, const char *at, const char *what)
{
    char got[48] = "";
    size_t length = strcspn(at, " \t\n");
    while (length > 40 || (length > 0 && ((unsigned char)at[length] & 0xc0) == 0x80))
        length--; /* to the end of a character */
    memcpy(got, at, length);
    if (got[0] == '\0')
        np_fail(p->err, NP_E_PARSE, _("formula, character %u: %s, but the text ends"),
                column_of(p, at), what);
    else
        np_fail(p->err, NP_E_PARSE, _("formula, character %u: %s, not \"%s\""),
                column_of(p, at), what, got);
    np_error_at(p->err, 1, column_of(p, at));
    int before = (int)(at - p->begin);
    int skip = before > 60 ? before - 60 : 0;
    return np_error_hint(p->err, _("it stops making sense here: %s%.*s <-- here"),
                         skip > 0 ? "…" : "", before - skip, p->begin + skip);
}

static bool starts_name(const char *p)
{
    unsigned char c = (unsigned char)*p;
    return isalpha(c) || c >= 0x80 || c == '_' ||
           (c == '.' && !isdigit((unsigned char)p[1]));
}

static bool continues_name(unsigned char c)
{
    return isalnum(c) || c >= 0x80 || c == '_' || c == '.';
}

static const char *const operators[] = {
    "[[", "||", "&&", "==", "!=", "<=", ">=", "|", "&", "~", "+", "-",    "*",  "/",
    "^",  ":",  "(",  ")",  "[",  "]",  ",",  "<", ">", "!", "=", "%in%", "%%", "%/%"};

static np_status lex_quoted(parser *p, const char *start)
{
    char quote = *start;
    np_buf text = {0};
    const char *c = start + 1;
    for (; *c != '\0' && *c != quote; c++) {
        if (*c == '\\' && c[1] != '\0' && quote != '`')
            c++;
        np_buf_add_char(&text, *c);
    }
    np_status status = NP_OK;
    if (*c == '\0')
        status = fail_at(p, start, _("this quote has no end"));
    else if (np_buf_done(&text) == NULL)
        status = np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
    else
        p->next =
            (token){quote == '`' ? NAME : TEXT, start, (size_t)(c + 1 - start),
                    np_arena_copy_text(p->arena, np_buf_done(&text), text.length), 0};
    np_buf_free(&text);
    p->p = c + (*c != '\0');
    if (status == NP_OK && p->next.text == NULL)
        status = np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
    if (status == NP_OK && quote == '`' && p->next.text[0] == '\0')
        status = fail_at(p, start, _("a name is expected"));
    return status;
}

static np_status lex_number(parser *p, const char *start)
{
    const char *c = start;
    while (isdigit((unsigned char)*c) || *c == '.')
        c++;
    if ((*c == 'e' || *c == 'E') &&
        (isdigit((unsigned char)c[1]) ||
         ((c[1] == '-' || c[1] == '+') && isdigit((unsigned char)c[2])))) {
        c += 2;
        while (isdigit((unsigned char)*c))
            c++;
    }
    double value;
    if (!np_decimal_parse(&value, start, (size_t)(c - start), '.'))
        return fail_at(p, start, _("a number is expected"));
    p->p = c + (*c == 'L'); /* R's integers: 1L */
    p->next = (token){NUMBER, start, (size_t)(p->p - start), NULL, value};
    return NP_OK;
}

static np_status advance(parser *p)
{
    while (isspace((unsigned char)*p->p))
        p->p++;
    const char *start = p->p;
    if (*start == '\0') {
        p->next = (token){.kind = END, .start = start};
        return NP_OK;
    }
    if (*start == '"' || *start == '\'' || *start == '`')
        return lex_quoted(p, start);
    if (isdigit((unsigned char)*start) ||
        (*start == '.' && isdigit((unsigned char)start[1])))
        return lex_number(p, start);
    if (starts_name(start)) {
        while (continues_name((unsigned char)*p->p))
            p->p++;
        size_t length = (size_t)(p->p - start);
        p->next =
            (token){NAME, start, length, np_arena_copy_text(p->arena, start, length), 0};
        return p->next.text != NULL
                   ? NP_OK
                   : np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i]);
        if (strncmp(start, operators[i], length) == 0) {
            p->p += length;
            p->next = (token){OPERATOR, start, length, operators[i], 0};
            return NP_OK;
        }
    }
    return fail_at(p, start, _("a name, a number or an operator is expected"));
}

static bool next_is(const parser *p, const char *operator)
{
    return p->next.kind == OPERATOR && strcmp(p->next.text, operator) == 0;
}

static np_expr *new_expr(parser *p, np_expr_kind kind, const char *at, const char *text)
{
    np_expr *e = np_arena_array(p->arena, np_expr, 1);
    if (e == NULL) {
        np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
        return NULL;
    }
    e->kind = kind;
    e->text = text;
    e->column = column_of(p, at);
    return e;
}

static np_status set_arguments(parser *p, np_expr *e, const np_expr *const *argument,
                               const char *const *name, size_t n)
{
    const np_expr **arguments = np_arena_array(p->arena, const np_expr *, n);
    const char **names = np_arena_array(p->arena, const char *, n);
    if (arguments == NULL || names == NULL)
        return np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++) {
        arguments[i] = argument[i];
        names[i] = name == NULL ? NULL : name[i];
    }
    e->argument = arguments;
    e->argument_name = names;
    e->n = n;
    return NP_OK;
}

/* Binding powers; 0: no binary operator. Right-binding power of ^ is lower than
 * its left one, which makes it associate to the right. */
static int left_power(const parser *p)
{
    static const struct {
        const char *operator;
        int power;
    } table[] = {{"|", 10},  {"||", 10},  {"&", 20}, {"&&", 20}, {"==", 40},
                 {"!=", 40}, {"<", 40},   {">", 40}, {"<=", 40}, {">=", 40},
                 {"+", 50},  {"-", 50},   {"*", 60}, {"/", 60},  {"%in%", 70},
                 {"%%", 70}, {"%/%", 70}, {":", 80}, {"^", 100}, {"[", 120},
                 {"[[", 120}};
    if (p->next.kind != OPERATOR || (p->brackets == 0 && next_is(p, "|")))
        return 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(p->next.text, table[i].operator) == 0)
            return table[i].power;
    return 0;
}

static np_status expression(parser *p, int power, const np_expr **out);

static np_status expect(parser *p, const char *operator)
{
    if (!next_is(p, operator)) {
        char what[64];
        np_text_format(what, sizeof what, _("\"%s\" is expected"), operator);
        return fail_at(p, p->next.start, what);
    }
    return advance(p);
}

/* name "=" expression | expression, separated by commas, up to `close`. */
static np_status arguments(parser *p, np_expr *e, const np_expr *first, const char *close)
{
    const np_expr *argument[MOST_ARGUMENTS];
    const char *name[MOST_ARGUMENTS] = {NULL};
    size_t n = 0;
    np_status status = NP_OK;
    if (first != NULL)
        argument[n++] = first;
    p->brackets++;
    while (status == NP_OK && !next_is(p, close)) {
        if (n == MOST_ARGUMENTS)
            return np_fail(p->err, NP_E_LIMIT, _("%s has more than %d arguments"),
                           e->text, MOST_ARGUMENTS);
        name[n] = NULL;
        status = expression(p, 0, &argument[n]);
        if (status == NP_OK && next_is(p, "=")) {
            if (argument[n]->kind != NP_EXPR_NAME)
                return fail_at(p, p->next.start, _("\",\" or \")\" is expected"));
            name[n] = argument[n]->text;
            status = advance(p);
            if (status == NP_OK)
                status = expression(p, 0, &argument[n]);
        }
        n++;
        if (status == NP_OK && !next_is(p, close)) {
            status = expect(p, ",");
            if (status == NP_OK && next_is(p, close))
                return fail_at(p, p->next.start, _("a value is expected"));
        }
    }
    p->brackets--;
    if (status == NP_OK)
        status = set_arguments(p, e, argument, name, n);
    return status == NP_OK ? advance(p) : status;
}

static np_status name_or_call(parser *p, const np_expr **out)
{
    static const struct {
        const char *name;
        np_expr_kind kind;
        double value;
    } constants[] = {{"TRUE", NP_EXPR_LOGICAL, 1},      {"FALSE", NP_EXPR_LOGICAL, 0},
                     {"NA", NP_EXPR_LOGICAL, NAN},      {"NULL", NP_EXPR_NULL, 0},
                     {"Inf", NP_EXPR_NUMBER, INFINITY}, {"pi", NP_EXPR_NUMBER, M_PI}};
    token name = p->next;
    np_expr *e = new_expr(p, NP_EXPR_NAME, name.start, name.text);
    np_status status = e == NULL ? NP_E_NO_MEMORY : advance(p);
    if (status != NP_OK)
        return status;
    *out = e;
    if (next_is(p, "(")) {
        e->kind = NP_EXPR_CALL;
        status = advance(p);
        return status == NP_OK ? arguments(p, e, NULL, ")") : status;
    }
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (*name.start != '`' && strcmp(name.text, constants[i].name) == 0) {
            e->kind = constants[i].kind;
            e->number = constants[i].value;
        }
    return NP_OK;
}

static np_status unary(parser *p, int power, const np_expr **out)
{
    np_expr *e = new_expr(p, NP_EXPR_UNARY, p->next.start, p->next.text);
    const np_expr *operand;
    np_status status = e == NULL ? NP_E_NO_MEMORY : advance(p);
    if (status == NP_OK)
        status = expression(p, power, &operand);
    if (status == NP_OK)
        status = set_arguments(p, e, &operand, NULL, 1);
    *out = e;
    return status;
}

static np_status primary(parser *p, const np_expr **out)
{
    const char *at = p->next.start;
    if (p->next.kind == NAME)
        return name_or_call(p, out);
    if (p->next.kind == NUMBER || p->next.kind == TEXT) {
        np_expr *e = new_expr(p, p->next.kind == TEXT ? NP_EXPR_TEXT : NP_EXPR_NUMBER, at,
                              p->next.text);
        if (e == NULL)
            return NP_E_NO_MEMORY;
        e->number = p->next.number;
        *out = e;
        return advance(p);
    }
    if (next_is(p, "+") || next_is(p, "-"))
        return unary(p, 90, out);
    if (next_is(p, "!"))
        return unary(p, 30, out);
    if (next_is(p, "(")) {
        np_expr *e = new_expr(p, NP_EXPR_BRACKET, at, "(");
        const np_expr *inner;
        np_status status = e == NULL ? NP_E_NO_MEMORY : advance(p);
        p->brackets++;
        if (status == NP_OK)
            status = expression(p, 0, &inner);
        p->brackets--;
        if (status == NP_OK)
            status = expect(p, ")");
        if (status == NP_OK)
            status = set_arguments(p, e, &inner, NULL, 1);
        *out = e;
        return status;
    }
    return fail_at(p, at, _("a variable, a number or a bracket is expected"));
}

/* f[x, y] and f[[x]]: slopes of a fixed effect. */
static np_status slopes(parser *p, const np_expr **left)
{
    bool twice = next_is(p, "[[");
    np_expr *e = new_expr(p, NP_EXPR_BRACKET, p->next.start, twice ? "[[" : "[");
    np_status status = e == NULL ? NP_E_NO_MEMORY : advance(p);
    if (status == NP_OK)
        status = arguments(p, e, *left, "]");
    if (status == NP_OK && twice)
        status = expect(p, "]");
    if (status == NP_OK && e->n < 2)
        return fail_at(p, p->next.start, _("a variable is expected within [ ]"));
    *left = e;
    return status;
}

static np_status binary(parser *p, int power, const np_expr **left)
{
    np_expr *e = new_expr(p, NP_EXPR_BINARY, p->next.start, p->next.text);
    const np_expr *pair[2] = {*left, NULL};
    np_status status = e == NULL ? NP_E_NO_MEMORY : advance(p);
    if (status == NP_OK)
        status = expression(p, power == 100 ? 89 : power, &pair[1]);
    if (status == NP_OK)
        status = set_arguments(p, e, pair, NULL, 2);
    if (status == NP_OK)
        e->column = pair[0]->column;
    *left = e;
    return status;
}

static np_status expression(parser *p, int power, const np_expr **out)
{
    if (++p->depth > MOST_NESTED)
        return np_fail(p->err, NP_E_LIMIT, _("the formula is nested more than %d deep"),
                       MOST_NESTED);
    const np_expr *left;
    np_status status = primary(p, &left);
    for (size_t length = 0; status == NP_OK; length++) {
        int next = left_power(p);
        if (next <= power)
            break;
        if (length == 4096)
            return np_fail(p->err, NP_E_LIMIT, _("the formula has more than %d terms"),
                           4096);
        status = next == 120 ? slopes(p, &left) : binary(p, next, &left);
    }
    p->depth--;
    if (status == NP_OK)
        *out = left;
    return status;
}

static np_status formula_parts(parser *p, np_formula *f)
{
    np_status status = NP_OK;
    const np_expr *part;
    if (!next_is(p, "~"))
        status = expression(p, 0, &f->outcome);
    if (status == NP_OK)
        status = expect(p, "~");
    if (status == NP_OK)
        status = expression(p, 0, &f->terms);
    while (status == NP_OK && next_is(p, "|")) {
        const char *bar = p->next.start;
        status = advance(p);
        if (status == NP_OK)
            status = expression(p, 0, &part);
        if (status != NP_OK)
            break;
        if (f->instrument != NULL || (f->fixed_effects != NULL && !next_is(p, "~")))
            return fail_at(p, bar,
                           _("a formula has fixed effects, then instruments, and "
                             "nothing more is expected"));
        if (!next_is(p, "~")) {
            f->fixed_effects = part;
            continue;
        }
        f->endogenous = part;
        status = advance(p);
        if (status == NP_OK)
            status = expression(p, 0, &f->instrument);
    }
    if (status == NP_OK && p->next.kind != END)
        return fail_at(p, p->next.start,
                       f->terms == NULL || f->fixed_effects == NULL
                           ? _("an operator or \"|\" is expected")
                           : _("an operator is expected"));
    return status;
}

static np_status check_text(const char *text, np_error *err)
{
    size_t length = strlen(text);
    if (np_utf8_invalid(text, length) != length)
        return np_fail(err, NP_E_ENCODING, _("the formula is not UTF-8"));
    return NP_OK;
}

np_status np_formula_parse(np_formula *out, const char *text, np_arena *arena,
                           np_error *err)
{
    np_formula formula = {0};
    parser p = {.begin = text, .p = text, .arena = arena, .err = err};
    np_status status = check_text(text, err);
    if (status == NP_OK)
        status = advance(&p);
    if (status == NP_OK)
        status = formula_parts(&p, &formula);
    if (status == NP_OK)
        *out = formula;
    return status;
}

np_status np_expr_parse(const np_expr **out, const char *text, np_arena *arena,
                        np_error *err)
{
    /* nothing separates in an expression, so "|" is "or" from the start */
    parser p = {.begin = text, .p = text, .arena = arena, .err = err, .brackets = 1};
    const np_expr *e;
    np_status status = check_text(text, err);
    if (status == NP_OK)
        status = advance(&p);
    if (status == NP_OK && next_is(&p, "~"))
        status = advance(&p);
    if (status == NP_OK)
        status = expression(&p, 0, &e);
    if (status == NP_OK && p.next.kind != END)
        return fail_at(&p, p.next.start, _("an operator is expected"));
    if (status == NP_OK)
        *out = e;
    return status;
}
