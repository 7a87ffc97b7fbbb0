#include "stats/formula_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/parallel.h"
#include "stats/formula_operations.h"
#include "stats/formula_panel.h"
#include "stats/formula_terms.h"

static np_status no_memory(np_evaluator *v)
{
    return np_fail(v->err, NP_E_NO_MEMORY, _("no memory left"));
}

typedef struct {
    np_unary_operation *one;
    np_binary_operation *two;
    const double *a, *b, *c;
    size_t a_step, b_step, c_step; /* 0: the same value for all rows */
    size_t n;
    double *out;
} kernel;

static void run_kernel(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const kernel *k = context;
    size_t first = task * NP_PARALLEL_ROWS, last = first + NP_PARALLEL_ROWS;
    for (size_t i = first; i < last && i < k->n; i++) {
        double a = k->a[i * k->a_step];
        if (k->one != NULL)
            k->out[i] = k->one(a);
        else if (k->two != NULL)
            k->out[i] = k->two(a, k->b[i * k->b_step]);
        else /* ifelse(a, b, c) */
            k->out[i] = isnan(a) ? NAN
                        : a != 0 ? k->b[i * k->b_step]
                                 : k->c[i * k->c_step];
    }
}

static np_status number_value(np_formula_value *out, np_evaluator *v,
                              np_formula_value_kind kind, const double *x)
{
    np_column *column = np_arena_array(v->arena, np_column, 1);
    if (column == NULL)
        return no_memory(v);
    *column = (np_column){.name = "", .uom = "", .type = NP_COLUMN_F64, .f64 = x};
    *out = (np_formula_value){.kind = kind, .x = x, .column = column};
    return NP_OK;
}

static np_formula_value scalar(np_formula_value_kind kind, double number)
{
    return (np_formula_value){.kind = kind, .is_scalar = true, .number = number};
}

static np_status elementwise(np_formula_value *out, np_evaluator *v,
                             np_formula_value_kind kind, kernel *k)
{
    k->n = v->table->n_rows;
    if (k->a_step == 0 && k->b_step == 0 && k->c_step == 0) {
        double one;
        k->n = 1;
        k->out = &one;
        run_kernel(k, 0, 0);
        *out = scalar(kind, one);
        return NP_OK;
    }
    k->out = np_arena_array(v->arena, double, k->n);
    if (k->out == NULL)
        return no_memory(v);
    np_parallel_for((k->n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS, 0, run_kernel, k);
    return number_value(out, v, kind, k->out);
}

/* *from points at the value's numbers; scalars at the value itself. */
static np_status operand(const double **from, size_t *step, const np_formula_value *value,
                         const np_expr *e, np_evaluator *v)
{
    *step = value->is_scalar ? 0 : 1;
    if (!value->is_scalar)
        return np_formula_value_numbers(from, value, e, v);
    if (value->kind == NP_FORMULA_TEXT)
        return np_expr_fail(v->err, NP_E_RANGE, e,
                            _("\"%s\" is a text where a number is needed"), value->text);
    *from = &value->number;
    return NP_OK;
}

/* "10" == 10 in R; so for texts that are compared with numbers. */
static const char *scalar_text(const np_formula_value *s, char scratch[NP_DECIMAL_LENGTH])
{
    if (s->kind == NP_FORMULA_TEXT)
        return s->text;
    np_decimal_format(scratch, s->number);
    return scratch;
}

static np_status by_label(np_formula_value *out, np_evaluator *v, const np_column *c,
                          const double *truth)
{
    double *x = np_arena_array(v->arena, double, v->table->n_rows);
    if (x == NULL)
        return no_memory(v);
    for (size_t i = 0; i < v->table->n_rows; i++)
        x[i] = c->code[i] < 0 ? NAN : truth[c->code[i]];
    return number_value(out, v, NP_FORMULA_LOGICAL, x);
}

static double compare_texts(const char *a, const char *operator, const char * b)
{
    int order = strcmp(a, b);
    switch (operator[0]) {
    case '=':
        return order == 0;
    case '!':
        return order != 0;
    case '<':
        return operator[1] == '=' ? order <= 0 : order<0;
    default:
        return operator[1] == '=' ? order >= 0 : order> 0;
    }
}

static bool is_comparison(const char *operator)
{
    return strcmp(operator, "==") == 0 || strchr("!<>", operator[0]) != NULL;
}

static np_status compare_with_text(np_formula_value *out, np_evaluator *v,
                                   const np_formula_value *a, const np_expr *e,
                                   const np_formula_value *b)
{
    char scratch[NP_DECIMAL_LENGTH];
    const np_column *c = a->column;
    int32_t day;
    if (!b->is_scalar || a->is_scalar)
        return np_expr_fail(
            v->err, NP_E_RANGE, e,
            _("a text variable is compared with a text, as in x == \"a\""));
    if (c->type == NP_COLUMN_DATE && b->kind == NP_FORMULA_TEXT &&
        np_date_parse(&day, b->text, strlen(b->text))) {
        np_formula_value days = scalar(NP_FORMULA_NUMBER, day);
        bool logical;
        kernel k = {
            .two = np_operator(e->text, &logical), .a_step = 1, .b = &days.number};
        np_status status = np_formula_value_numbers(&k.a, a, e, v);
        return status == NP_OK ? elementwise(out, v, NP_FORMULA_LOGICAL, &k) : status;
    }
    if (c->type != NP_COLUMN_TEXT)
        return np_expr_fail(
            v->err, NP_E_RANGE, e,
            _("%s is a number and \"%s\" a text: they cannot be compared"), c->name,
            b->text);
    double *truth = np_arena_array(v->arena, double, c->dict->n + 1);
    if (truth == NULL)
        return no_memory(v);
    for (size_t i = 0; i < c->dict->n; i++)
        truth[i] = compare_texts(c->dict->label[i], e->text, scalar_text(b, scratch));
    return by_label(out, v, c, truth);
}

bool np_formula_value_equals(const np_column *c, size_t row, const np_formula_value *s)
{
    char scratch[NP_DECIMAL_LENGTH], cell[64];
    if (c->type == NP_COLUMN_TEXT || s->kind == NP_FORMULA_TEXT)
        return np_column_missing(c, row) == NP_PRESENT &&
               strcmp(np_column_text(c, row, cell, sizeof cell),
                      scalar_text(s, scratch)) == 0;
    return np_column_number(c, row) == s->number;
}

static np_status is_in(np_formula_value *out, np_evaluator *v, const np_formula_value *a,
                       const np_expr *e)
{
    np_formula_value *list;
    size_t n;
    const np_column *c = a->column;
    np_status status = np_evaluate_list(&list, &n, v, e->argument[1]);
    if (status != NP_OK || a->is_scalar)
        return status != NP_OK ? status
                               : np_expr_fail(v->err, NP_E_RANGE, e,
                                              _("a variable stands before %%in%%"));
    size_t n_out = v->table->n_rows;
    double *x = np_arena_array(v->arena, double, n_out);
    char *by_code =
        np_arena_array(v->arena, char, c->type == NP_COLUMN_TEXT ? c->dict->n + 1 : 1);
    if (x == NULL || by_code == NULL)
        return no_memory(v);
    if (c->type == NP_COLUMN_TEXT) {
        char scratch[NP_DECIMAL_LENGTH];
        for (size_t j = 0; j < c->dict->n; j++)
            for (size_t k = 0; k < n; k++)
                by_code[j] |=
                    strcmp(c->dict->label[j], scalar_text(&list[k], scratch)) == 0;
        for (size_t i = 0; i < n_out; i++) /* NA %in% c(1) is FALSE */
            x[i] = c->code[i] >= 0 && by_code[c->code[i]];
    } else {
        for (size_t i = 0; i < n_out; i++)
            for (size_t k = 0; k < n && x[i] == 0; k++)
                x[i] = np_formula_value_equals(c, i, &list[k]);
    }
    return number_value(out, v, NP_FORMULA_LOGICAL, x);
}

static np_status evaluate_name(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    const np_column *c;
    np_status status = np_table_column(&c, v->table, e->text, _("the formula"), v->err);
    if (status != NP_OK)
        return status;
    *out = (np_formula_value){.kind = c->type == NP_COLUMN_TEXT ? NP_FORMULA_TEXT
                                                                : NP_FORMULA_NUMBER,
                              .x = c->type == NP_COLUMN_F64 ? c->f64 : NULL,
                              .column = c};
    return NP_OK;
}

static np_status evaluate_binary(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    np_formula_value a, b = {0};
    np_status status = np_evaluate(&a, v, e->argument[0]);
    if (status == NP_OK && strcmp(e->text, "%in%") == 0)
        return is_in(out, v, &a, e);
    if (status == NP_OK)
        status = np_evaluate(&b, v, e->argument[1]);
    if (status != NP_OK)
        return status;
    if (is_comparison(e->text) &&
        (a.kind == NP_FORMULA_TEXT || b.kind == NP_FORMULA_TEXT))
        return compare_with_text(out, v, &a, e, &b);
    bool logical;
    kernel k = {.two = np_operator(e->text, &logical)};
    if (k.two == NULL)
        return np_expr_fail(v->err, NP_E_PARSE, e, _("%s cannot be calculated here"),
                            e->text);
    status = operand(&k.a, &k.a_step, &a, e->argument[0], v);
    if (status == NP_OK)
        status = operand(&k.b, &k.b_step, &b, e->argument[1], v);
    if (status != NP_OK)
        return status;
    return elementwise(out, v, logical ? NP_FORMULA_LOGICAL : NP_FORMULA_NUMBER, &k);
}

static np_status evaluate_unary(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    np_formula_value a;
    kernel k = {.one = np_function(e->text)};
    np_status status = np_evaluate(&a, v, e->argument[0]);
    if (status == NP_OK)
        status = operand(&k.a, &k.a_step, &a, e->argument[0], v);
    if (status != NP_OK)
        return status;
    return elementwise(out, v, e->text[0] == '!' ? NP_FORMULA_LOGICAL : NP_FORMULA_NUMBER,
                       &k);
}

static np_status expect_arguments(np_evaluator *v, const np_expr *e, size_t low,
                                  size_t high)
{
    if (e->n >= low && e->n <= high)
        return NP_OK;
    if (low == high)
        return np_expr_fail(v->err, NP_E_PARSE, e, _("%s() takes %zu arguments, not %zu"),
                            e->text, low, e->n);
    return np_expr_fail(v->err, NP_E_PARSE, e,
                        _("%s() takes %zu to %zu arguments, not %zu"), e->text, low, high,
                        e->n);
}

static np_status evaluate_if_else(np_formula_value *out, np_evaluator *v,
                                  const np_expr *e)
{
    np_formula_value part[3];
    kernel k = {0};
    const double **from[3] = {&k.a, &k.b, &k.c};
    size_t *step[3] = {&k.a_step, &k.b_step, &k.c_step};
    np_status status = expect_arguments(v, e, 3, 3);
    for (size_t i = 0; status == NP_OK && i < 3; i++) {
        status = np_evaluate(&part[i], v, e->argument[i]);
        if (status == NP_OK)
            status = operand(from[i], step[i], &part[i], e->argument[i], v);
    }
    if (status != NP_OK)
        return status;
    bool logical =
        part[1].kind == NP_FORMULA_LOGICAL && part[2].kind == NP_FORMULA_LOGICAL;
    return elementwise(out, v, logical ? NP_FORMULA_LOGICAL : NP_FORMULA_NUMBER, &k);
}

/* f(f(a, b), c) … for pmin and pmax. */
static np_status fold(np_formula_value *out, np_evaluator *v, const np_expr *e,
                      np_binary_operation *operation)
{
    np_formula_value all, next;
    np_status status = expect_arguments(v, e, 1, 64);
    if (status == NP_OK)
        status = np_evaluate(&all, v, e->argument[0]);
    for (size_t i = 1; status == NP_OK && i < e->n; i++) {
        kernel k = {.two = operation};
        np_formula_value before = all;
        status = np_evaluate(&next, v, e->argument[i]);
        if (status == NP_OK)
            status = operand(&k.a, &k.a_step, &before, e->argument[i - 1], v);
        if (status == NP_OK)
            status = operand(&k.b, &k.b_step, &next, e->argument[i], v);
        if (status == NP_OK)
            status = elementwise(&all, v, NP_FORMULA_NUMBER, &k);
    }
    if (status == NP_OK)
        *out = all;
    return status;
}

/* min, max, mean and sum over the rows that are not missing: one number. */
static np_status aggregate(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    np_formula_value a;
    const double *x;
    size_t step, n = 0;
    np_status status = expect_arguments(v, e, 1, 2); /* na.rm = TRUE is allowed */
    if (status == NP_OK)
        status = np_evaluate(&a, v, e->argument[0]);
    if (status == NP_OK)
        status = operand(&x, &step, &a, e->argument[0], v);
    if (status != NP_OK)
        return status;
    double sum = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < (step == 0 ? 1 : v->table->n_rows); i++) {
        if (isnan(x[i]))
            continue;
        sum += x[i];
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
        n++;
    }
    double result = strcmp(e->text, "min") == 0   ? low
                    : strcmp(e->text, "max") == 0 ? high
                    : strcmp(e->text, "sum") == 0 ? sum
                                                  : sum / (double)n;
    *out = scalar(NP_FORMULA_NUMBER, n == 0 ? NAN : result);
    return NP_OK;
}

static np_status two_arguments(np_formula_value *out, np_evaluator *v, const np_expr *e,
                               np_binary_operation *operation, const char *second,
                               double default_second)
{
    np_formula_value a, b = scalar(NP_FORMULA_NUMBER, default_second);
    kernel k = {.two = operation};
    np_status status = expect_arguments(v, e, 1, 2);
    const np_expr *other = status == NP_OK ? np_expr_argument(e, second, 1) : NULL;
    if (status == NP_OK)
        status = np_evaluate(&a, v, e->argument[0]);
    if (status == NP_OK && other != NULL)
        status = np_evaluate(&b, v, other);
    if (status == NP_OK)
        status = operand(&k.a, &k.a_step, &a, e->argument[0], v);
    if (status == NP_OK)
        status = operand(&k.b, &k.b_step, &b, e, v);
    return status == NP_OK ? elementwise(out, v, NP_FORMULA_NUMBER, &k) : status;
}

static np_status evaluate_lag(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    int64_t lag = 1;
    size_t n = 0;
    np_formula_value a;
    const double *x;
    const int64_t *partner;
    np_status status = expect_arguments(v, e, 1, 2);
    const np_expr *which = status == NP_OK ? np_expr_argument(e, "lag", 1) : NULL;
    if (status == NP_OK && which != NULL && !np_expr_integers(which, &lag, &n, 1))
        status =
            np_expr_fail(v->err, NP_E_PARSE, which,
                         _("%s() within a calculation takes one whole number"), e->text);
    if (status == NP_OK)
        status = np_evaluate(&a, v, e->argument[0]);
    if (status == NP_OK)
        status = np_formula_value_numbers(&x, &a, e->argument[0], v);
    if (status == NP_OK)
        status = np_panel_partners(&partner, v, e->text[0] == 'f' ? -lag : lag, e);
    if (status != NP_OK)
        return status;
    double *y = np_arena_array(v->arena, double, v->table->n_rows);
    if (y == NULL)
        return no_memory(v);
    bool difference = e->text[0] == 'd';
    for (size_t i = 0; i < v->table->n_rows; i++) {
        double before = partner[i] < 0 ? NAN : x[partner[i]];
        y[i] = difference ? x[i] - before : before;
    }
    return number_value(out, v, NP_FORMULA_NUMBER, y);
}

static np_status is_na(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    np_formula_value a;
    np_status status = expect_arguments(v, e, 1, 1);
    if (status == NP_OK)
        status = np_evaluate(&a, v, e->argument[0]);
    if (status != NP_OK || a.is_scalar) {
        *out = scalar(NP_FORMULA_LOGICAL, status == NP_OK && isnan(a.number));
        return status;
    }
    double *x = np_arena_array(v->arena, double, v->table->n_rows);
    if (x == NULL)
        return no_memory(v);
    for (size_t i = 0; i < v->table->n_rows; i++)
        x[i] = a.x != NULL ? isnan(a.x[i]) : np_column_missing(a.column, i) != NP_PRESENT;
    return number_value(out, v, NP_FORMULA_LOGICAL, x);
}

/* as.integer() and as.numeric() of a text read the number in it, as R does. */
static np_status text_as_number(np_formula_value *out, np_evaluator *v,
                                const np_formula_value *a)
{
    const np_column *c = a->column;
    double *number = np_arena_array(v->arena, double, c->dict->n + 1);
    if (number == NULL)
        return no_memory(v);
    for (size_t i = 0; i < c->dict->n; i++) {
        const char *label = c->dict->label[i];
        number[i] = strcmp(label, "TRUE") == 0    ? 1
                    : strcmp(label, "FALSE") == 0 ? 0
                                                  : NAN;
        np_decimal_parse(&number[i], label, strlen(label), '.');
    }
    np_status status = by_label(out, v, c, number);
    out->kind = NP_FORMULA_NUMBER;
    return status;
}

static np_status apply(np_formula_value *out, np_evaluator *v, const np_expr *e,
                       np_unary_operation *operation, np_formula_value_kind kind)
{
    np_formula_value a;
    kernel k = {.one = operation};
    np_status status = expect_arguments(v, e, 1, 1);
    if (status == NP_OK)
        status = np_evaluate(&a, v, e->argument[0]);
    if (status == NP_OK && a.kind == NP_FORMULA_TEXT && !a.is_scalar &&
        strncmp(e->text, "as.", 3) == 0)
        status = text_as_number(&a, v, &a);
    if (status == NP_OK)
        status = operand(&k.a, &k.a_step, &a, e->argument[0], v);
    return status == NP_OK ? elementwise(out, v, kind, &k) : status;
}

static np_status unknown_function(np_evaluator *v, const np_expr *e)
{
    size_t n, n_calculations;
    const char *const *names = np_function_names(&n, &n_calculations);
    for (size_t i = n_calculations; i < n; i++)
        if (strcmp(e->text, names[i]) == 0)
            return np_expr_fail(v->err, NP_E_PARSE, e,
                                _("%s() is a term of its own and cannot stand within a "
                                  "calculation"),
                                e->text);
    np_expr_fail(v->err, NP_E_UNKNOWN_NAME, e, _("there is no function %s()"), e->text);
    const char *near = np_nearest_name(e->text, names, n);
    if (near != NULL)
        np_error_hint(v->err, _("did you mean %s()?"), near);
    return NP_E_UNKNOWN_NAME;
}

static np_status evaluate_call(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    const char *f = e->text;
    bool logical;
    np_unary_operation *function = np_function(f);
    if (function != NULL && (e->n < 2 || strcmp(f, "log") != 0))
        return apply(out, v, e, function, NP_FORMULA_NUMBER);
    if (strcmp(f, "I") == 0 || strcmp(f, "factor") == 0 || strcmp(f, "as.factor") == 0 ||
        strcmp(f, "as.character") == 0) {
        np_status status = expect_arguments(v, e, 1, 1);
        if (status == NP_OK)
            status = np_evaluate(out, v, e->argument[0]);
        out->is_factor = status == NP_OK && f[0] != 'I';
        return status;
    }
    if (strcmp(f, "log") == 0)
        return two_arguments(out, v, e, np_operator("log", &logical), "base", M_E);
    if (strcmp(f, "round") == 0)
        return two_arguments(out, v, e, np_operator("round", &logical), "digits", 0);
    if (strcmp(f, "ifelse") == 0)
        return evaluate_if_else(out, v, e);
    if (strcmp(f, "pmin") == 0 || strcmp(f, "pmax") == 0)
        return fold(out, v, e, np_operator(f, &logical));
    if (strcmp(f, "is.na") == 0)
        return is_na(out, v, e);
    if (strcmp(f, "min") == 0 || strcmp(f, "max") == 0 || strcmp(f, "mean") == 0 ||
        strcmp(f, "sum") == 0)
        return aggregate(out, v, e);
    if (strcmp(f, "l") == 0 || strcmp(f, "f") == 0 || strcmp(f, "d") == 0)
        return evaluate_lag(out, v, e);
    return unknown_function(v, e);
}

np_status np_evaluate(np_formula_value *out, np_evaluator *v, const np_expr *e)
{
    switch (e->kind) {
    case NP_EXPR_NUMBER:
        *out = scalar(NP_FORMULA_NUMBER, e->number);
        return NP_OK;
    case NP_EXPR_LOGICAL:
        *out = scalar(NP_FORMULA_LOGICAL, e->number);
        return NP_OK;
    case NP_EXPR_TEXT:
        *out = (np_formula_value){
            .kind = NP_FORMULA_TEXT, .is_scalar = true, .text = e->text};
        return NP_OK;
    case NP_EXPR_NAME:
        return evaluate_name(out, v, e);
    case NP_EXPR_CALL:
        return evaluate_call(out, v, e);
    case NP_EXPR_UNARY:
        return evaluate_unary(out, v, e);
    case NP_EXPR_BINARY:
        return evaluate_binary(out, v, e);
    case NP_EXPR_BRACKET:
        if (e->text[0] == '(')
            return np_evaluate(out, v, e->argument[0]);
        break;
    case NP_EXPR_NULL:
        break;
    }
    return np_expr_fail(v->err, NP_E_PARSE, e, _("this cannot be calculated"));
}

np_status np_formula_value_numbers(const double **out, const np_formula_value *value,
                                   const np_expr *e, np_evaluator *v)
{
    if (value->x != NULL) {
        *out = value->x;
        return NP_OK;
    }
    if (!value->is_scalar && value->kind == NP_FORMULA_TEXT) {
        np_expr_fail(v->err, NP_E_RANGE, e, _("%s is text where a number is needed"),
                     value->column->name);
        return np_column_hint_text(v->err, value->column, v->table->n_rows);
    }
    if (!value->is_scalar)
        return np_column_as_numbers(out, value->column, v->table->n_rows, v->arena,
                                    v->err);
    if (value->kind == NP_FORMULA_TEXT)
        return np_expr_fail(v->err, NP_E_RANGE, e,
                            _("\"%s\" is a text where a number is needed"), value->text);
    double *x = np_arena_array(v->arena, double, v->table->n_rows);
    if (x == NULL)
        return no_memory(v);
    for (size_t i = 0; i < v->table->n_rows; i++)
        x[i] = value->number;
    *out = x;
    return NP_OK;
}

np_status np_formula_value_column(const np_column **out, const np_formula_value *value,
                                  const np_expr *e, np_evaluator *v)
{
    if (value->column != NULL) {
        *out = value->column;
        return NP_OK;
    }
    const double *x;
    np_formula_value made = {0};
    np_status status = np_formula_value_numbers(&x, value, e, v);
    if (status == NP_OK)
        status = number_value(&made, v, value->kind, x);
    if (status == NP_OK)
        *out = made.column;
    return status;
}

bool np_value_may_miss(const np_formula_value *value)
{
    if (value->is_scalar)
        return !(value->kind == NP_FORMULA_TEXT || isfinite(value->number));
    bool stands = value->column->name[0] != '\0';
    return !stands || value->column->missing != NULL ||
           value->column->type == NP_COLUMN_F64; /* which may hold Inf */
}

bool np_formula_value_missing(const np_formula_value *value, size_t row)
{
    if (value->is_scalar)
        return value->kind != NP_FORMULA_TEXT && !isfinite(value->number);
    if (value->x != NULL)
        return !isfinite(value->x[row]);
    if (value->column->type == NP_COLUMN_F64)
        return !isfinite(value->column->f64[row]);
    return np_column_missing(value->column, row) != NP_PRESENT;
}

np_status np_evaluate_list(np_formula_value **out, size_t *n, np_evaluator *v,
                           const np_expr *e)
{
    enum { MOST = 1024 };
    int64_t integer[MOST];
    size_t n_integers = 0, count = 1;
    const np_expr *const *item = &e;
    np_status status = NP_OK;
    if (np_expr_integers(e, integer, &n_integers, MOST)) {
        count = n_integers;
    } else if (np_expr_is_call(e, "c")) {
        count = e->n;
        item = e->argument;
    }
    np_formula_value *list = np_arena_array(v->arena, np_formula_value, count);
    if (list == NULL)
        return no_memory(v);
    for (size_t i = 0; status == NP_OK && i < count; i++) {
        if (n_integers > 0) {
            list[i] = scalar(NP_FORMULA_NUMBER, (double)integer[i]);
            continue;
        }
        status = np_evaluate(&list[i], v, item[i]);
        if (status == NP_OK && !list[i].is_scalar)
            status = np_expr_fail(v->err, NP_E_PARSE, item[i],
                                  _("values are expected, as in c(-1, 0) or \"a\""));
    }
    if (status == NP_OK) {
        *out = list;
        *n = count;
    }
    return status;
}
