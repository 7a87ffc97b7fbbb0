#include "stats/formula_terms.h"

#include <math.h>
#include <string.h>

enum { MOST_FACTORS = 4096, MOST_TERMS = 8192, MOST_LAGS = 256 };

typedef struct {
    np_term *term;
    size_t n;
} list;

typedef struct {
    const np_expr **factor;
    size_t n_factors;
    bool intercept;
    const np_expr *offset;
    np_arena *arena;
    np_error *err;
} expansion;

static np_status no_memory(expansion *x)
{
    return np_fail(x->err, NP_E_NO_MEMORY, _("no memory left"));
}

static bool same_term(const np_term *a, const np_term *b)
{
    return a->n == b->n && memcmp(a->factor, b->factor, a->n * sizeof *a->factor) == 0;
}

static bool contains(const list *l, const np_term *t)
{
    for (size_t i = 0; i < l->n; i++)
        if (same_term(&l->term[i], t))
            return true;
    return false;
}

/* Lists are immutable: a union is a new list. */
static np_status unite(expansion *x, list *out, const list *a, const list *b)
{
    list all = {np_arena_array(x->arena, np_term, a->n + b->n), a->n};
    if (all.term == NULL)
        return no_memory(x);
    for (size_t i = 0; i < a->n; i++)
        all.term[i] = a->term[i];
    for (size_t i = 0; i < b->n; i++)
        if (!contains(&all, &b->term[i]))
            all.term[all.n++] = b->term[i];
    if (all.n > MOST_TERMS)
        return np_fail(x->err, NP_E_LIMIT, _("the formula has more than %d terms"),
                       MOST_TERMS);
    *out = all;
    return NP_OK;
}

static np_status multiply(expansion *x, np_term *out, const np_term *a, const np_term *b)
{
    np_term t = {0};
    for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
        if (t.n == NP_MOST_INTERACTED)
            return np_fail(x->err, NP_E_LIMIT,
                           _("more than %d variables in one interaction"),
                           NP_MOST_INTERACTED);
        bool from_a = j == b->n || (i < a->n && a->factor[i] <= b->factor[j]);
        uint16_t next = from_a ? a->factor[i] : b->factor[j];
        i += i < a->n && a->factor[i] == next;
        j += j < b->n && b->factor[j] == next;
        t.factor[t.n++] = next;
    }
    *out = t;
    return NP_OK;
}

static np_status interact(expansion *x, list *out, const list *a, const list *b)
{
    list all = {np_arena_array(x->arena, np_term, a->n * b->n), 0};
    if (a->n * b->n > MOST_TERMS)
        return np_fail(x->err, NP_E_LIMIT, _("the formula has more than %d terms"),
                       MOST_TERMS);
    if (all.term == NULL)
        return no_memory(x);
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++) {
            np_term t;
            np_status status = multiply(x, &t, &a->term[i], &b->term[j]);
            if (status != NP_OK)
                return status;
            if (!contains(&all, &t))
                all.term[all.n++] = t;
        }
    *out = all;
    return NP_OK;
}

static np_status add_factor(expansion *x, list *out, const np_expr *e)
{
    size_t i = 0;
    while (i < x->n_factors && !np_expr_equal(x->factor[i], e))
        i++;
    if (i == MOST_FACTORS)
        return np_fail(x->err, NP_E_LIMIT, _("the formula has more than %d variables"),
                       MOST_FACTORS);
    if (i == x->n_factors)
        x->factor[x->n_factors++] = e;
    list one = {np_arena_array(x->arena, np_term, 1), 1};
    if (one.term == NULL)
        return no_memory(x);
    one.term[0] = (np_term){.n = 1, .factor = {(uint16_t)i}};
    *out = one;
    return NP_OK;
}

static bool whole_number(const np_expr *e, int64_t *out)
{
    bool negative = e->kind == NP_EXPR_UNARY && strcmp(e->text, "-") == 0;
    const np_expr *n = negative ? e->argument[0] : e;
    if (n->kind != NP_EXPR_NUMBER || n->number != floor(n->number) ||
        fabs(n->number) > 1e15)
        return false;
    *out = (int64_t)n->number * (negative ? -1 : 1);
    return true;
}

bool np_expr_integers(const np_expr *e, int64_t *out, size_t *n, size_t most)
{
    int64_t from, to;
    if (e->kind == NP_EXPR_BRACKET && e->text[0] == '(')
        return np_expr_integers(e->argument[0], out, n, most);
    if (np_expr_is_call(e, "c")) {
        for (size_t i = 0; i < e->n; i++)
            if (!np_expr_integers(e->argument[i], out, n, most))
                return false;
        return true;
    }
    if (np_expr_is_operator(e, ":")) {
        if (!whole_number(e->argument[0], &from) || !whole_number(e->argument[1], &to))
            return false;
        int64_t step = from <= to ? 1 : -1;
        for (int64_t v = from;; v += step) {
            if (*n == most)
                return false;
            out[(*n)++] = v;
            if (v == to)
                return true;
        }
    }
    if (!whole_number(e, &from) || *n == most)
        return false;
    out[(*n)++] = from;
    return true;
}

static np_expr *call_of(expansion *x, const np_expr *like, const char *function,
                        const np_expr *first, const np_expr *second)
{
    np_expr *e = np_arena_array(x->arena, np_expr, 1);
    const np_expr **arguments = np_arena_array(x->arena, const np_expr *, 2);
    const char **names = np_arena_array(x->arena, const char *, 2);
    if (e == NULL || arguments == NULL || names == NULL)
        return NULL;
    arguments[0] = first;
    arguments[1] = second;
    *e = (np_expr){.kind = NP_EXPR_CALL,
                   .text = function,
                   .argument = arguments,
                   .argument_name = names,
                   .n = second == NULL ? 1 : 2,
                   .column = like->column};
    return e;
}

static np_status one_lag(expansion *x, list *out, const np_expr *call, int64_t lag)
{
    const np_expr *variable = call->argument[0];
    const char *function = call->text;
    if (lag == 0)
        return add_factor(x, out, variable);
    if (lag < 0 && call->text[0] != 'd')
        function = call->text[0] == 'l' ? "f" : "l";
    np_expr *number = np_arena_array(x->arena, np_expr, 1);
    if (number == NULL)
        return no_memory(x);
    *number = (np_expr){
        .kind = NP_EXPR_NUMBER, .number = fabs((double)lag), .column = call->column};
    np_expr *e = call_of(x, call, function, variable, number);
    return e == NULL ? no_memory(x) : add_factor(x, out, e);
}

static np_status lags(expansion *x, list *out, const np_expr *call)
{
    int64_t lag[MOST_LAGS] = {1};
    size_t n = 0;
    const np_expr *which = np_expr_argument(call, "lag", 1);
    if (call->n == 0 || call->n > 2)
        return np_expr_fail(x->err, NP_E_PARSE, call,
                            _("%s() takes a variable and its lags, as in %s(x, 1:3)"),
                            call->text, call->text);
    if (which == NULL)
        n = 1;
    else if (!np_expr_integers(which, lag, &n, MOST_LAGS))
        return np_expr_fail(x->err, NP_E_PARSE, which,
                            _("lags are whole numbers, as in %s(x, 1:3)"), call->text);
    list all = {NULL, 0};
    for (size_t i = 0; i < n; i++) {
        list one;
        np_status status = one_lag(x, &one, call, lag[i]);
        if (status == NP_OK)
            status = unite(x, &all, &all, &one);
        if (status != NP_OK)
            return status;
    }
    *out = all;
    return NP_OK;
}

static np_status expand(expansion *x, list *out, const np_expr *e);

static np_status subtract(expansion *x, list *out, const list *a, const list *b)
{
    list left = {np_arena_array(x->arena, np_term, a->n), 0};
    if (left.term == NULL)
        return no_memory(x);
    for (size_t i = 0; i < a->n; i++)
        if (!contains(b, &a->term[i]))
            left.term[left.n++] = a->term[i];
    *out = left;
    return NP_OK;
}

static np_status minus(expansion *x, list *out, const list *a, const np_expr *e)
{
    list b;
    if (e->kind == NP_EXPR_NUMBER) {
        x->intercept = e->number == 0;
        *out = *a;
        return NP_OK;
    }
    bool intercept = x->intercept;
    np_status status = expand(x, &b, e);
    x->intercept = intercept;
    return status == NP_OK ? subtract(x, out, a, &b) : status;
}

static np_status power(expansion *x, list *out, const np_expr *e)
{
    const np_expr *base = e->argument[0], *exponent = e->argument[1];
    if (base->kind != NP_EXPR_BRACKET || exponent->kind != NP_EXPR_NUMBER) {
        np_expr *protected = call_of(x, e, "I", e, NULL);
        return protected == NULL ? no_memory(x) : add_factor(x, out, protected);
    }
    if (!(exponent->number >= 1 && exponent->number <= NP_MOST_INTERACTED) ||
        exponent->number != floor(exponent->number))
        return np_expr_fail(x->err, NP_E_PARSE, exponent,
                            _("the power of a sum is a whole number from 1 to %d"),
                            NP_MOST_INTERACTED);
    list sum;
    np_status status = expand(x, &sum, base->argument[0]);
    *out = sum;
    for (int i = 1; status == NP_OK && i < (int)exponent->number; i++) {
        list product;
        status = interact(x, &product, out, &sum);
        if (status == NP_OK)
            status = unite(x, out, out, &product);
    }
    return status;
}

/* a/b is a + a:b, with b within all of a's variables. */
static np_status nest(expansion *x, list *out, const list *a, const list *b)
{
    np_term all = {0};
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < a->n; i++)
        status = multiply(x, &all, &all, &a->term[i]);
    list within, of_all = {&all, 1};
    if (status == NP_OK)
        status = interact(x, &within, &of_all, b);
    return status == NP_OK ? unite(x, out, a, &within) : status;
}

static np_status operate(expansion *x, list *out, const np_expr *e)
{
    list a, b, product;
    if (strcmp(e->text, "^") == 0)
        return power(x, out, e);
    np_status status = expand(x, &a, e->argument[0]);
    if (status == NP_OK && strcmp(e->text, "-") == 0)
        return minus(x, out, &a, e->argument[1]);
    if (status == NP_OK)
        status = expand(x, &b, e->argument[1]);
    if (status != NP_OK)
        return status;
    switch (e->text[0]) {
    case '+':
        return unite(x, out, &a, &b);
    case ':':
        return interact(x, out, &a, &b);
    case '*':
        status = interact(x, &product, &a, &b);
        if (status == NP_OK)
            status = unite(x, out, &a, &b);
        return status == NP_OK ? unite(x, out, out, &product) : status;
    case '/':
        return nest(x, out, &a, &b);
    default:
        if (strcmp(e->text, "%in%") == 0)
            return interact(x, out, &a, &b);
        return np_expr_fail(x->err, NP_E_PARSE, e,
                            _("%s does not stand between terms; write I(…) around a "
                              "calculation"),
                            e->text);
    }
}

static np_status expand(expansion *x, list *out, const np_expr *e)
{
    *out = (list){NULL, 0};
    switch (e->kind) {
    case NP_EXPR_NUMBER:
        if (e->number != 0 && e->number != 1)
            return np_expr_fail(x->err, NP_E_PARSE, e,
                                _("a term is a variable, 1 (the intercept) or 0 (none)"));
        x->intercept = e->number == 1;
        return NP_OK;
    case NP_EXPR_UNARY:
        if (e->text[0] == '-')
            return minus(x, out, &(list){NULL, 0}, e->argument[0]);
        if (e->text[0] == '+')
            return expand(x, out, e->argument[0]);
        return add_factor(x, out, e);
    case NP_EXPR_BINARY:
        if (strchr("+-*/:^", e->text[0]) != NULL || strcmp(e->text, "%in%") == 0)
            return operate(x, out, e);
        return add_factor(x, out, e); /* a comparison is a logical variable */
    case NP_EXPR_BRACKET:
        if (e->text[0] == '(')
            return expand(x, out, e->argument[0]);
        return np_expr_fail(x->err, NP_E_PARSE, e,
                            _("slopes [ ] belong to fixed effects, after \"|\""));
    case NP_EXPR_CALL:
        if (strcmp(e->text, "l") == 0 || strcmp(e->text, "f") == 0 ||
            strcmp(e->text, "d") == 0)
            return lags(x, out, e);
        if (strcmp(e->text, "offset") == 0 && e->n == 1) {
            x->offset = e->argument[0];
            return NP_OK;
        }
        return add_factor(x, out, e);
    case NP_EXPR_NAME:
        return add_factor(x, out, e);
    case NP_EXPR_TEXT:
    case NP_EXPR_LOGICAL:
    case NP_EXPR_NULL:
        break;
    }
    return np_expr_fail(x->err, NP_E_PARSE, e, _("this is no variable"));
}

np_status np_terms_expand(np_terms *out, const np_expr *e, np_arena *arena, np_error *err)
{
    expansion x = {.intercept = true, .arena = arena, .err = err};
    list all = {NULL, 0};
    x.factor = np_arena_array(arena, const np_expr *, MOST_FACTORS);
    if (x.factor == NULL)
        return no_memory(&x);
    np_status status = e == NULL ? NP_OK : expand(&x, &all, e);
    if (status != NP_OK)
        return status;
    np_term *sorted = np_arena_array(arena, np_term, all.n);
    if (sorted == NULL)
        return no_memory(&x);
    size_t n = 0;
    for (size_t degree = 1; degree <= NP_MOST_INTERACTED; degree++)
        for (size_t i = 0; i < all.n; i++)
            if (all.term[i].n == degree)
                sorted[n++] = all.term[i];
    *out = (np_terms){.factor = x.factor,
                      .n_factors = x.n_factors,
                      .term = sorted,
                      .n = n,
                      .intercept = x.intercept,
                      .offset = x.offset};
    return NP_OK;
}
