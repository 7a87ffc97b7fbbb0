#include "stats/formula_operations.h"

#include <math.h>
#include <string.h>

static double add(double a, double b)
{
    return a + b;
}

static double subtract(double a, double b)
{
    return a - b;
}

static double multiply(double a, double b)
{
    return a * b;
}

static double divide(double a, double b)
{
    return a / b;
}

static double power(double a, double b)
{
    return b == 2 ? a * a : pow(a, b);
}

static double modulo(double a, double b)
{
    return a - floor(a / b) * b;
}

static double whole_quotient(double a, double b)
{
    return floor(a / b);
}

static double equal(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a == b;
}

static double unequal(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a != b;
}

static double less(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a < b;
}

static double greater(double a, double b)
{
    return less(b, a);
}

static double at_most(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a <= b;
}

static double at_least(double a, double b)
{
    return at_most(b, a);
}

static double both(double a, double b)
{
    return a == 0 || b == 0 ? 0 : isnan(a) || isnan(b) ? NAN : 1;
}

static double either(double a, double b)
{
    bool true_a = a != 0 && !isnan(a), true_b = b != 0 && !isnan(b);
    return true_a || true_b ? 1 : isnan(a) || isnan(b) ? NAN : 0;
}

static double negate(double a)
{
    return -a;
}

static double not(double a)
{
    return isnan(a) ? NAN : a == 0;
}

static double same(double a)
{
    return a;
}

static double sign_of(double a)
{
    return isnan(a) ? a : (a > 0) - (a < 0);
}

static double least(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
}

static double most(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}

/* R rounds half to even on the decimal digits. */
static double round_to(double a, double digits)
{
    double scale = pow(10, digits);
    return nearbyint(a * scale) / scale;
}

static double log_to_base(double a, double b)
{
    return log(a) / log(b);
}

np_binary_operation *np_operator(const char *text, bool *logical)
{
    static const struct {
        const char *text;
        np_binary_operation *operation;
        bool logical;
    } table[] = {
        {"+", add, false},           {"-", subtract, false},
        {"*", multiply, false},      {"/", divide, false},
        {"^", power, false},         {"%%", modulo, false},
        {"==", equal, true},         {"%/%", whole_quotient, false},
        {"!=", unequal, true},       {"<", less, true},
        {">", greater, true},        {"<=", at_most, true},
        {">=", at_least, true},      {"&", both, true},
        {"&&", both, true},          {"|", either, true},
        {"||", either, true},        {"pmin", least, false},
        {"pmax", most, false},       {"round", round_to, false},
        {"log", log_to_base, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(text, table[i].text) == 0) {
            *logical = table[i].logical;
            return table[i].operation;
        }
    return NULL;
}

np_unary_operation *np_function(const char *name)
{
    static const struct {
        const char *name;
        np_unary_operation *operation;
    } table[] = {
        {"-", negate},         {"+", same},          {"!", not },
        {"log", log},          {"exp", exp},         {"expm1", expm1},
        {"log1p", log1p},      {"log2", log2},       {"log10", log10},
        {"sqrt", sqrt},        {"abs", fabs},        {"floor", floor},
        {"ceiling", ceil},     {"trunc", trunc},     {"sign", sign_of},
        {"sin", sin},          {"cos", cos},         {"asinh", asinh},
        {"as.integer", trunc}, {"as.numeric", same}, {"as.double", same},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i].name) == 0)
            return table[i].operation;
    return NULL;
}

const char *const *np_function_names(size_t *n, size_t *n_calculations)
{
    static const char *const names[] = {
        "log",    "exp",   "expm1",   "log1p", "log2",         "log10",      "sqrt",
        "abs",    "floor", "ceiling", "trunc", "sign",         "sin",        "cos",
        "asinh",  "round", "ifelse",  "pmin",  "pmax",         "min",        "max",
        "mean",   "sum",   "is.na",   "I",     "as.integer",   "as.numeric", "as.factor",
        "factor", "l",     "f",       "d",     "as.character", "i",          "sunab",
        "poly",   "c",     "offset"};
    *n = sizeof names / sizeof *names;
    *n_calculations = *n - 5;
    return names;
}
