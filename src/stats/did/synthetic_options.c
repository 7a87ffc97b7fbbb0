#include "stats/did/synthetic_options.h"

#include <string.h>

#include "base/decimal.h"

static np_str take_until(np_str *rest, char end)
{
    const char *at = memchr(rest->text, end, rest->length);
    size_t n = at == NULL ? rest->length : (size_t)(at - rest->text);
    np_str part = {rest->text, n};
    *rest =
        at == NULL ? (np_str){rest->text + n, 0} : (np_str){at + 1, rest->length - n - 1};
    return np_str_trim(part);
}

/* Sets *at to the index of the value among the choices. */
static bool choose(int *at, np_str value, const char *const *choice)
{
    for (int i = 0; choice[i] != NULL; i++)
        if (np_str_equals(value, choice[i])) {
            *at = i;
            return true;
        }
    return false;
}

static bool yes_or_no(np_synthetic_choice *out, np_str value)
{
    static const char *const choice[] = {"TRUE", "T",  "yes",  "FALSE",
                                         "F",    "no", "NULL", NULL};
    int at;
    if (!choose(&at, value, choice))
        return false;
    *out = at < 3 ? NP_SYNTHETIC_YES : NP_SYNTHETIC_NO;
    return true;
}

static bool number(np_synthetic_number *out, np_str value)
{
    out->given = np_decimal_parse(&out->value, value.text, value.length, '.');
    return out->given && out->value >= 0;
}

static bool count(size_t *out, np_str value)
{
    double number;
    if (!np_decimal_parse(&number, value.text, value.length, '.') || !(number >= 1) ||
        !(number <= 1e9) || number != (double)(size_t)number)
        return false;
    *out = (size_t)number;
    return true;
}

static bool set_word(np_synthetic_options *o, np_str name, np_str value, bool *known)
{
    static const char *const solvers[] = {"frank-wolfe", "exact", NULL};
    static const char *const covariates[] = {"projected", "optimized",
                                             "optimized-standardized", NULL};
    static const char *const weights[] = {"default", "solved", "uniform", "zero", NULL};
    int at = 0;
    bool good = true;
    *known = true;
    if (np_str_equals(name, "solver")) {
        good = choose(&at, value, solvers);
        o->solver = (np_synthetic_solver)at;
    } else if (np_str_equals(name, "covariates")) {
        good = choose(&at, value, covariates);
        o->covariates = (np_synthetic_covariates)at;
    } else if (np_str_equals(name, "omega")) {
        good = choose(&at, value, weights) && at != NP_SYNTHETIC_ZERO;
        o->omega = (np_synthetic_weights)at;
    } else if (np_str_equals(name, "lambda")) {
        good = choose(&at, value, weights);
        o->lambda = (np_synthetic_weights)at;
    } else if (np_str_equals(name, "weights")) {
        good = np_str_equals(value, "uniform");
        o->omega = o->lambda = NP_SYNTHETIC_UNIFORM;
    } else {
        *known = false;
    }
    return *known && good;
}

static bool set(np_synthetic_options *o, np_str name, np_str value, bool *known)
{
    const struct {
        const char *name;
        np_synthetic_number *number;
        np_synthetic_choice *choice;
        size_t *count;
    } field[] = {
        {"eta.omega", &o->eta_omega, NULL, NULL},
        {"eta.lambda", &o->eta_lambda, NULL, NULL},
        {"zeta.omega", &o->zeta_omega, NULL, NULL},
        {"zeta.lambda", &o->zeta_lambda, NULL, NULL},
        {"noise.level", &o->noise_level, NULL, NULL},
        {"min.decrease", &o->min_decrease, NULL, NULL},
        {"omega.intercept", NULL, &o->omega_intercept, NULL},
        {"lambda.intercept", NULL, &o->lambda_intercept, NULL},
        {"sparsify", NULL, &o->sparsify, NULL},
        {"max.iter", NULL, NULL, &o->max_iterations},
        {"max.iter.pre.sparsify", NULL, NULL, &o->max_iterations_pre_sparsify},
    };
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        if (!np_str_equals(name, field[i].name))
            continue;
        *known = true;
        if (field[i].number != NULL)
            return number(field[i].number, value);
        if (field[i].choice != NULL)
            return yes_or_no(field[i].choice, value);
        return count(field[i].count, value);
    }
    return set_word(o, name, value, known);
}

np_status np_synthetic_options_parse(np_synthetic_options *out, const char *text,
                                     np_error *err)
{
    np_synthetic_options options = *out;
    np_str rest = np_str_of(text);
    while (np_str_trim(rest).length > 0) {
        np_str value = take_until(&rest, ',');
        np_str name = take_until(&value, '=');
        bool known = false;
        value = np_str_trim(value);
        if (set(&options, name, value, &known))
            continue;
        if (known)
            return np_fail(err, NP_E_PARSE, _("%.*s cannot be \"%.*s\""),
                           (int)name.length, name.text, (int)value.length, value.text);
        np_fail(err, NP_E_PARSE, _("\"%.*s\" is no choice of synthetic weights"),
                (int)name.length, name.text);
        np_error_hint(err, "solver, covariates, omega, lambda, weights, eta.omega, "
                           "eta.lambda, zeta.omega, zeta.lambda, noise.level, "
                           "min.decrease, omega.intercept, lambda.intercept, sparsify, "
                           "max.iter, max.iter.pre.sparsify");
        return NP_E_PARSE;
    }
    *out = options;
    return NP_OK;
}
