#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "base/text.h"
#include "stats/vcov.h"

typedef struct {
    const char *name;
    np_vcov_kind kind;
    size_t fewest_keys, most_keys;
    bool has_lag;
} kind_name;

static const kind_name kinds[] = {
    {"iid", NP_VCOV_IID, 0, 0, false},
    {"normal", NP_VCOV_IID, 0, 0, false},
    {"standard", NP_VCOV_IID, 0, 0, false},
    {"hetero", NP_VCOV_HC1, 0, 0, false},
    {"white", NP_VCOV_HC1, 0, 0, false},
    {"HC0", NP_VCOV_HC0, 0, 0, false},
    {"HC1", NP_VCOV_HC1, 0, 0, false},
    {"HC2", NP_VCOV_HC2, 0, 0, false},
    {"HC3", NP_VCOV_HC3, 0, 0, false},
    {"HC4", NP_VCOV_HC4, 0, 0, false},
    {"cluster", NP_VCOV_CLUSTER, 0, NP_MOST_CLUSTERS, false},
    {"twoway", NP_VCOV_CLUSTER, 2, 2, false},
    {"threeway", NP_VCOV_CLUSTER, 3, 3, false},
    {"fourway", NP_VCOV_CLUSTER, 4, 4, false},
    {"NW", NP_VCOV_NEWEY_WEST, 1, 2, true},
    {"newey_west", NP_VCOV_NEWEY_WEST, 1, 2, true},
    {"DK", NP_VCOV_DRISCOLL_KRAAY, 1, 1, true},
    {"driscoll_kraay", NP_VCOV_DRISCOLL_KRAAY, 1, 1, true},
    {"CR0", NP_VCOV_CR0, 1, 1, false},
    {"CR1", NP_VCOV_CR1, 1, 1, false},
    {"CR1S", NP_VCOV_CR1S, 1, 1, false},
    {"CR2", NP_VCOV_CR2, 1, 1, false},
    {"CR3", NP_VCOV_CR3, 1, 1, false},
    {"conley", NP_VCOV_CONLEY, 2, 2, false},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const kind_name *find_kind(np_str name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (strlen(kinds[i].name) == name.length &&
            strncasecmp(kinds[i].name, name.text, name.length) == 0)
            return &kinds[i];
    return NULL;
}

static np_status unknown_kind(np_str name, np_error *err)
{
    np_fail(err, NP_E_PARSE, _("\"%.*s\" is no kind of covariance"), (int)name.length,
            name.text);
    np_error_hint(err,
                  _("iid, hetero, HC0 to HC4, \"~ cluster + cluster\", \"NW(2) "
                    "~ unit + time\", \"DK(2) ~ time\", \"conley(100) ~ lat + lon\""));
    return NP_E_PARSE;
}

/* The part up to a separator outside parentheses; *rest is what follows it. */
static np_str take_until(np_str *rest, char separator)
{
    size_t depth = 0, i = 0;
    for (; i < rest->length; i++) {
        char c = rest->text[i];
        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (c == separator && depth == 0)
            break;
    }
    np_str part = {rest->text, i};
    size_t skip = i < rest->length ? i + 1 : i;
    *rest = (np_str){rest->text + skip, rest->length - skip};
    return np_str_trim(part);
}

static np_status parse_keys(np_vcov_spec *spec, np_str text, np_arena *arena,
                            np_error *err)
{
    text = np_str_trim(text);
    bool unfinished = text.length > 0 && text.text[text.length - 1] == '+';
    if (unfinished)
        return np_fail(err, NP_E_PARSE, _("a variable is missing beside a \"+\""));
    while (text.length > 0) {
        np_str key = take_until(&text, '+');
        if (key.length == 0)
            return np_fail(err, NP_E_PARSE, _("a variable is missing beside a \"+\""));
        char *copy = np_arena_copy_text(arena, key.text, key.length);
        if (copy == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        if (strncmp(copy, "ssc(", 4) == 0) {
            np_status status = np_ssc_parse(&spec->ssc, copy, err);
            if (status != NP_OK)
                return status;
            continue;
        }
        if (spec->n_keys == NP_MOST_CLUSTERS)
            return np_fail(err, NP_E_LIMIT,
                           _("at most %d cluster variables are possible"),
                           (int)NP_MOST_CLUSTERS);
        spec->key[spec->n_keys++] = copy;
    }
    return NP_OK;
}

/* The text as it stands in a call in R: vcov = "hetero", vcov = ~firm. */
static np_str without_r(np_str text, const char *argument)
{
    size_t length = strlen(argument);
    if (text.length > length && strncmp(text.text, argument, length) == 0) {
        np_str rest = np_str_trim((np_str){text.text + length, text.length - length});
        if (rest.length > 0 && rest.text[0] == '=')
            text = np_str_trim((np_str){rest.text + 1, rest.length - 1});
    }
    bool quoted = text.length >= 2 && (text.text[0] == '"' || text.text[0] == '\'') &&
                  text.text[text.length - 1] == text.text[0];
    return quoted ? np_str_trim((np_str){text.text + 1, text.length - 2}) : text;
}

/* "NW(2)": the name goes to *name, the lag to *lag. */
static np_status split_lag(np_str *name, int *lag, np_error *err)
{
    const char *open = memchr(name->text, '(', name->length);
    if (open == NULL)
        return NP_OK;
    size_t at = (size_t)(open - name->text);
    np_str inside = {open + 1, name->length - at - 1};
    int64_t value = 0;
    bool closed = inside.length > 0 && inside.text[inside.length - 1] == ')';
    if (closed)
        inside.length--;
    inside = np_str_trim(inside);
    if (inside.length > 3 && strncmp(inside.text, "lag", 3) == 0) {
        take_until(&inside, '=');
        inside = np_str_trim(inside);
    }
    if (!closed || !np_integer_parse(&value, inside.text, inside.length) || value < 1 ||
        value > 1000000)
        return np_fail(err, NP_E_PARSE,
                       _("\"%.*s\": the lag must be a whole number from 1"),
                       (int)name->length, name->text);
    *lag = (int)value;
    name->length = at;
    *name = np_str_trim(*name);
    return NP_OK;
}

static bool takes(np_str *value, const char *name)
{
    size_t length = strlen(name);
    if (value->length <= length || strncmp(value->text, name, length) != 0)
        return false;
    np_str rest = np_str_trim((np_str){value->text + length, value->length - length});
    if (rest.length == 0 || rest.text[0] != '=')
        return false;
    *value = without_r(*value, name);
    return true;
}

/* "conley(100)", "conley(cutoff = 100, distance = "spherical")", as vcov_conley() has
 * it: the options go to *spec and the name is left. */
static np_status split_conley(np_str *name, np_vcov_spec *spec, np_error *err)
{
    static const char word[] = "conley(";
    if (name->length < sizeof word - 1 ||
        strncasecmp(name->text, word, sizeof word - 1) != 0)
        return NP_OK;
    np_str inside = {name->text + sizeof word - 1, name->length - sizeof word + 1};
    if (inside.text[inside.length - 1] == ')')
        inside.length--;
    *name = (np_str){name->text, sizeof word - 2};
    while (np_str_trim(inside).length > 0) {
        np_str value = take_until(&inside, ',');
        if (!takes(&value, "cutoff") && !takes(&value, "distance"))
            takes(&value, "kernel");
        if (np_str_equals(value, "spherical"))
            spec->distance = NP_DISTANCE_SPHERICAL;
        else if (np_str_equals(value, "triangular"))
            spec->distance = NP_DISTANCE_TRIANGULAR;
        else if (np_str_equals(value, "bartlett"))
            spec->kernel = NP_KERNEL_BARTLETT;
        else if (np_str_equals(value, "uniform"))
            spec->kernel = NP_KERNEL_UNIFORM;
        else if (!np_decimal_parse(&spec->cutoff, value.text, value.length, '.') ||
                 !(spec->cutoff > 0))
            return np_fail(err, NP_E_PARSE,
                           _("conley: \"%.*s\" is no cutoff in km, distance "
                             "(triangular, spherical) or kernel (uniform, bartlett)"),
                           (int)value.length, value.text);
    }
    return NP_OK;
}

/* Conley's has no cutoff that suits all. */
static np_status check_cutoff(const np_vcov_spec *spec, np_error *err)
{
    if (spec->kind != NP_VCOV_CONLEY || spec->cutoff > 0)
        return NP_OK;
    return np_fail(err, NP_E_PARSE,
                   _("conley: how far do errors reach? conley(100) ~ lat + lon, in km"));
}

static np_status check_keys(const np_vcov_spec *spec, const kind_name *kind,
                            np_error *err)
{
    if (spec->n_keys == 0 && kind->has_lag) /* the declared panel's */
        return NP_OK;
    if (spec->n_keys >= kind->fewest_keys && spec->n_keys <= kind->most_keys)
        return NP_OK;
    if (kind->fewest_keys == kind->most_keys)
        return np_fail(err, NP_E_PARSE, _("%s takes %zu variables after \"~\", not %zu"),
                       kind->name, kind->most_keys, spec->n_keys);
    return np_fail(err, NP_E_PARSE,
                   _("%s takes %zu to %zu variables after \"~\", not %zu"), kind->name,
                   kind->fewest_keys, kind->most_keys, spec->n_keys);
}

np_status np_vcov_parse(np_vcov_spec *out, const char *text, np_arena *arena,
                        np_error *err)
{
    np_str rest = without_r(np_str_trim(np_str_of(text)), "vcov");
    bool has_keys = memchr(rest.text, '~', rest.length) != NULL;
    np_str name = take_until(&rest, '~');
    np_vcov_spec spec = {.ssc = out->ssc};
    if (name.length == 0 && has_keys)
        name = np_str_of("cluster");
    np_status status = split_conley(&name, &spec, err);
    if (status == NP_OK)
        status = split_lag(&name, &spec.lag, err);
    if (status != NP_OK)
        return status;
    const kind_name *kind = find_kind(name);
    if (kind == NULL)
        return unknown_kind(name, err);
    if (spec.lag > 0 && !kind->has_lag)
        return np_fail(err, NP_E_PARSE, _("%s takes no lag"), kind->name);
    spec.kind = kind->kind;
    if (has_keys && np_str_trim(rest).length == 0)
        return np_fail(err, NP_E_PARSE, _("a variable is missing after \"~\""));
    status = parse_keys(&spec, rest, arena, err);
    if (status == NP_OK)
        status = check_keys(&spec, kind, err);
    if (status == NP_OK)
        status = check_cutoff(&spec, err);
    spec.is_asked_for = true;
    if (status == NP_OK)
        *out = spec;
    return status;
}

static bool parse_truth(np_yes *out, np_str value)
{
    bool yes = np_str_equals(value, "TRUE") || np_str_equals(value, "T") ||
               np_str_equals(value, "true");
    bool no = np_str_equals(value, "FALSE") || np_str_equals(value, "F") ||
              np_str_equals(value, "false");
    *out = yes ? NP_YES : NP_NO;
    return yes || no;
}

static bool parse_fixef(np_ssc_k_fixef *out, np_str value)
{
    if (np_str_equals(value, "nonnested") || np_str_equals(value, "nested"))
        *out = NP_K_NONNESTED;
    else if (np_str_equals(value, "none"))
        *out = NP_K_NONE;
    else if (np_str_equals(value, "full"))
        *out = NP_K_FULL;
    else
        return false;
    return true;
}

static bool parse_t_df(np_ssc *out, np_str value)
{
    double number = 0;
    if (np_str_equals(value, "min")) {
        out->t_df = NP_T_MIN;
    } else if (np_str_equals(value, "conventional")) {
        out->t_df = NP_T_CONVENTIONAL;
    } else if (np_decimal_parse(&number, value.text, value.length, '.') && number > 0) {
        out->t_df = NP_T_VALUE;
        out->t_df_value = number;
    } else {
        return false;
    }
    return true;
}

/* fixest's names before 0.13 are accepted beside today's. */
static bool parse_choice(np_ssc *ssc, np_str name, np_str value, bool *known)
{
    *known = true;
    np_yes exact = NP_NO;
    if (np_str_equals(name, "K.adj") || np_str_equals(name, "adj"))
        return parse_truth(&ssc->k_adj, value);
    if (np_str_equals(name, "K.fixef") || np_str_equals(name, "fixef.K"))
        return parse_fixef(&ssc->k_fixef, value);
    if (np_str_equals(name, "G.adj") || np_str_equals(name, "cluster.adj"))
        return parse_truth(&ssc->g_adj, value);
    if (np_str_equals(name, "G.df") || np_str_equals(name, "cluster.df")) {
        ssc->g_df = np_str_equals(value, "min") ? NP_G_MIN : NP_G_CONVENTIONAL;
        return ssc->g_df == NP_G_MIN || np_str_equals(value, "conventional");
    }
    if (np_str_equals(name, "t.df"))
        return parse_t_df(ssc, value);
    if (np_str_equals(name, "K.exact") || np_str_equals(name, "fixef.force_exact")) {
        if (!parse_truth(&exact, value))
            return false;
        ssc->k_exact = exact == NP_YES;
        return true;
    }
    *known = false;
    return false;
}

np_status np_ssc_parse(np_ssc *out, const char *text, np_error *err)
{
    np_str rest = without_r(np_str_trim(np_str_of(text)), "ssc");
    if (rest.length >= 5 && strncmp(rest.text, "ssc(", 4) == 0 &&
        rest.text[rest.length - 1] == ')')
        rest = (np_str){rest.text + 4, rest.length - 5};
    np_ssc ssc = *out;
    while (np_str_trim(rest).length > 0) {
        np_str value = take_until(&rest, ',');
        np_str name = take_until(&value, '=');
        bool known = false;
        value = np_str_trim(value);
        if (value.length >= 2 && (value.text[0] == '"' || value.text[0] == '\''))
            value = (np_str){value.text + 1, value.length - 2};
        if (parse_choice(&ssc, name, value, &known))
            continue;
        if (known)
            return np_fail(err, NP_E_PARSE, _("%.*s cannot be \"%.*s\""),
                           (int)name.length, name.text, (int)value.length, value.text);
        np_fail(err, NP_E_PARSE, _("\"%.*s\" is no small-sample choice"),
                (int)name.length, name.text);
        np_error_hint(err, "K.adj, K.fixef, K.exact, G.adj, G.df, t.df");
        return NP_E_PARSE;
    }
    *out = ssc;
    return NP_OK;
}
