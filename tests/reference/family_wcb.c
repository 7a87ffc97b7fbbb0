/* Wild cluster bootstrap. What is enumerated has to agree to rounding. A random p value
 * has to lie within five standard errors of the difference of two simulations.
 *
 * Ties: fwildclusterboot counts |t*| > |t| in floating point, so that a vector whose t*
 * is that of the data counts or does not as its rounding falls: its p lies between
 * p_value and p_value_ties, and a bound of its interval between ours without and with
 * ties. Bounds are those of a root search of ten steps at most, which starts from a
 * bracket of 1/25 of [b - 2^(i/2) se, b + 2^(j/2) se], i and j the least for which p is
 * below the level: they are as near as 1/64 of that bracket. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/call.h"
#include "reference/run.h"

static const double standard_errors = 5, search = 1.0 / 64, brackets = 25;

/* An R value "c('a', 'b')", "~a + b" or "'a'", as its items. */
typedef struct {
    const char *item[8];
    size_t n;
} list;

static list items_of(const char *value, np_arena *arena)
{
    list l = {.n = 0};
    while (value != NULL && *value != '\0' && l.n < 8) {
        if (strncmp(value, "c(", 2) == 0)
            value += 2;
        value += strspn(value, " ~'\"+,)");
        size_t length = strcspn(value, "~'\",+)");
        size_t end = length;
        while (end > 0 && value[end - 1] == ' ')
            end--;
        if (end > 0)
            l.item[l.n++] = np_arena_copy_text(arena, value, end);
        value += length;
    }
    return l;
}

static const char *joined(const list *l, const char *by, np_arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < l->n; i++)
        text = np_arena_format(arena, "%s%s%s", text, i > 0 ? by : "", l->item[i]);
    return text;
}

static bool has_column(const reference_run *run, const char *name, size_t length)
{
    char line[8192];
    bool found = false;
    FILE *file = fopen(run->data, "r");
    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (char *field = strtok(line, ",\"\r\n"); field && !found;
             field = strtok(NULL, ",\"\r\n"))
            found = strlen(field) == length && strncmp(field, name, length) == 0;
    if (file != NULL)
        fclose(file);
    return found;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '.' || c == '_';
}

/* text with the variable of that name replaced. */
static const char *with_variable(const char *text, const char *name, size_t length,
                                 const char *by, np_arena *arena)
{
    const char *out = "";
    for (size_t i = 0; text != NULL && text[i] != '\0';) {
        size_t word = 0;
        while (is_name(text[i + word]))
            word++;
        bool it = word == length && strncmp(text + i, name, length) == 0;
        size_t take = word > 0 ? word : 1;
        out = it ? np_arena_format(arena, "%s%s", out, by)
                 : np_arena_format(arena, "%s%.*s", out, (int)take, text + i);
        i += take;
    }
    return text == NULL ? NULL : out;
}

/* "mpdta (D, st=floor(countyreal/1000))": columns that the file has are there; the
 * others stand for their expression; D is "treated by now". */
static const char *with_derived(const reference_run *run, const char *text)
{
    const char *at = strchr(run->dataset, '(');
    if (at == NULL || strstr(at, "rows ") != NULL)
        return text;
    for (at++; *at != '\0' && *at != ')';) {
        at += strspn(at, " ,");
        size_t name = 0, depth = 0, end;
        while (is_name(at[name]))
            name++;
        for (end = name; at[end] != '\0' && (depth > 0 || strchr(",)", at[end]) == NULL);
             end++)
            depth += at[end] == '(' ? 1 : at[end] == ')' ? (size_t)-1 : 0;
        const char *by = "post_treat";
        if (at[name] == '=')
            by =
                np_arena_format(run->arena, "%.*s", (int)(end - name - 1), at + name + 1);
        if (name > 0 && !has_column(run, at, name))
            text = with_variable(text, at, name, by, run->arena);
        at += end > 0 ? end : 1;
    }
    return text;
}

static void compare_between(reference_run *run, const char *what, double want, double low,
                            double high)
{
    run->n_compared++;
    if (!(want >= low && want <= high))
        run_fail(run, "%s: expected %.15g, ours allow %.15g to %.15g", what, want, low,
                 high);
}

/* One bootstrap as the case asks for it. */
typedef struct {
    const char *formula, *vcov, *ssc, *hypothesis, *cluster, *weights, *null, *p, *draws;
    const char *regression_weights, *type;
} request;

static json_t *bootstrap(reference_run *run, const request *q, double level)
{
    run_arguments more = {0};
    run_add_option(&more, "--vcov", q->vcov);
    run_add_option(&more, "--ssc", q->ssc);
    run_add_option(&more, "--weights", q->regression_weights);
    run_add_option(&more, "--bootstrap", q->draws);
    run_add_option(&more, "--bootstrap-term", q->hypothesis);
    run_add_option(&more, "--bootstrap-cluster", q->cluster);
    run_add_option(&more, "--bootstrap-weights", q->weights);
    run_add_option(&more, "--bootstrap-null", q->null);
    run_add_option(&more, "--bootstrap-p", q->p);
    run_add_option(&more, "--bootstrap-type", q->type);
    run_add_option(&more, "--level", np_arena_format(run->arena, "%.17g", level));
    return run_estimate(run, q->formula, &more);
}

static double column(const json_t *result, const char *key)
{
    return number_of(
        json_object_get(json_array_get(result_table(result, "wild_bootstrap"), 0), key));
}

/* c("a", "b") with R = c(1, -1) and r: "1*a + -1*b = r" */
static const char *hypothesis_of(reference_run *run, const r_call *call)
{
    list terms = items_of(with_derived(run, call_named(call, "param")), run->arena);
    list R = items_of(call_named(call, "R"), run->arena);
    const char *value = call_named(call, "r"), *text = "";
    for (size_t i = 0; i < terms.n; i++)
        text = np_arena_format(run->arena, "%s%s%s*%s", text, i > 0 ? " + " : "",
                               i < R.n ? R.item[i] : "1", terms.item[i]);
    return np_arena_format(run->arena, "%s = %s", text, value == NULL ? "0" : value);
}

/* fwildclusterboot's "max" is the combination of all variables, "min" the one with
 * fewest clusters. */
static const char *bootstrap_cluster(reference_run *run, const r_call *call,
                                     const list *keys)
{
    const char *given = call_named(call, "bootcluster");
    if (given != NULL && strstr(given, "max") == NULL) {
        list names = items_of(with_derived(run, given), run->arena);
        return joined(&names, "^", run->arena);
    }
    return keys->n > 1 ? joined(keys, "^", run->arena) : NULL;
}

static request read_request(reference_run *run, const r_call *call)
{
    static const char *const models[] = {"feols", "lm", NULL};
    static const char *const ssc_call[] = {"boot_ssc", NULL};
    static const struct {
        const char *theirs, *ours;
    } p_kind[] = {{"equal", "equal-tailed"}, {">", "greater"}, {"<", "less"}};
    r_call model = call_parse(call->argument[0].value, models, run->arena);
    list keys = items_of(with_derived(run, call_named(call, "clustid")), run->arena);
    const char *type = call_named(call, "type"), *null = call_named(call, "impose_null");
    const char *p = call_named(call, "p_val_type"), *ssc = call_named(call, "ssc");
    const char *draws = call_named(call, "B");
    request q = {.formula = with_derived(run, call_formula(&model)),
                 .regression_weights = call_named(&model, "weights"),
                 .vcov =
                     np_arena_format(run->arena, "~%s", joined(&keys, "+", run->arena)),
                 .ssc = "K.fixef=none,G.df=conventional",
                 .hypothesis = hypothesis_of(run, call),
                 .cluster = bootstrap_cluster(run, call, &keys),
                 .draws = draws == NULL ? "9999" : draws};
    if (q.regression_weights != NULL)
        q.regression_weights += strspn(q.regression_weights, "~");
    if (type != NULL)
        q.weights = call_unquoted(type, run->arena);
    if (q.weights != NULL && strcmp(q.weights, "norm") == 0)
        q.weights = "normal";
    if (null != NULL)
        q.null = *null == 'F' ? "free" : "imposed";
    for (size_t i = 0; p != NULL && i < sizeof p_kind / sizeof *p_kind; i++)
        if (strstr(p, p_kind[i].theirs) != NULL)
            q.p = p_kind[i].ours;
    const char *bootstrap_type = call_named(call, "bootstrap_type");
    if (bootstrap_type != NULL && strstr(bootstrap_type, "fnw") == NULL)
        q.type = call_unquoted(bootstrap_type, run->arena);
    r_call given = call_parse(ssc == NULL ? "" : ssc, ssc_call, run->arena);
    for (size_t i = 0; i < given.n; i++)
        q.ssc = np_arena_format(run->arena, "%s,%s=%s", q.ssc, given.argument[i].name,
                                given.argument[i].value);
    return q;
}

/* How near a bound of theirs can be: see above. */
static double search_error(double estimate, double se, double low, double high)
{
    double below = se, above = se;
    while (isfinite(low) && estimate - below > low)
        below *= sqrt(2);
    while (isfinite(high) && estimate + above < high)
        above *= sqrt(2);
    return (below + above) / brackets * search;
}

static void compare_interval(reference_run *run, const request *q, const json_t *result,
                             double alpha, const json_t *want)
{
    double draws = column(result, "draws"), wider = alpha, narrower = alpha;
    double B = number_of(json_object_get(json_object_get(run->json, "stats"), "B_used"));
    if (column(result, "enumerated") == 0) {
        double error = standard_errors * sqrt(alpha * (1 - alpha) * (1 / draws + 1 / B));
        wider = alpha - error;
        narrower = alpha + error;
    }
    json_t *wide = bootstrap(run, q, 1 - wider),
           *narrow = bootstrap(run, q, 1 - narrower);
    if (wide == NULL || narrow == NULL)
        return;
    double estimate = column(result, "estimate");
    double near = search_error(estimate, fabs(estimate / column(result, "statistic")),
                               column(result, "conf_low"), column(result, "conf_high"));
    compare_between(run, "conf_low", number_of(json_array_get(want, 0)),
                    column(wide, "conf_low_ties") - near,
                    column(narrow, "conf_low") + near);
    compare_between(run, "conf_high", number_of(json_array_get(want, 1)),
                    column(narrow, "conf_high") - near,
                    column(wide, "conf_high_ties") + near);
}

static void compare_p(reference_run *run, const json_t *result, double want)
{
    double p = column(result, "p_value"), ties = column(result, "p_value_ties");
    double B = number_of(json_object_get(json_object_get(run->json, "stats"), "B_used"));
    double error = 1e-12;
    if (column(result, "enumerated") == 0)
        error = standard_errors * sqrt(fmax(want, 1 / B) * (1 - want) *
                                       (1 / column(result, "draws") + 1 / B));
    compare_between(run, "p", want, p - error, ties + error);
}

/* A number, or those of each variable and, last, of their combination. */
static void compare_clusters(reference_run *run, const request *q, const json_t *result,
                             const json_t *want)
{
    const json_t *clusters =
        json_object_get(json_object_get(result, "model"), "clusters");
    size_t n = json_is_array(want) ? json_array_size(want) : 1;
    for (size_t i = 0; i < n; i++) {
        const json_t *number = json_is_array(want) ? json_array_get(want, i) : want;
        double ours = number_of(json_object_get(json_array_get(clusters, i), "number"));
        if (i >= json_array_size(clusters)) {
            request all = *q;
            list keys = items_of(q->vcov, run->arena);
            all.cluster = joined(&keys, "^", run->arena);
            ours = column(bootstrap(run, &all, 0.95), "n_clusters");
        }
        compare_value(run, "N_G", ours, number_of(number));
    }
}

static void run_boottest(reference_run *run)
{
    static const char *const boottest[] = {"boottest", NULL};
    r_call call = call_parse(run->call, boottest, run->arena);
    json_t *stats = json_object_get(run->json, "stats");
    json_t *row = json_array_get(json_object_get(run->json, "coefficients"), 0);
    const char *level = call_named(&call, "sign_level");
    double alpha = level == NULL ? 0.05 : strtod(level, NULL);
    if (call.n < 2) {
        run_fail(run, "no call of boottest: %s", run->call);
        return;
    }
    request q = read_request(run, &call);
    json_t *result = bootstrap(run, &q, 1 - alpha);
    if (result == NULL)
        return;
    compare_value(run, "estimate", column(result, "estimate"),
                  number_of(json_object_get(row, "estimate")));
    compare_value(run, "t", column(result, "statistic"),
                  number_of(json_object_get(row, "t")));
    compare_p(run, result, number_of(json_object_get(row, "p")));
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    const char *name;
    json_t *want;
    json_object_foreach(stats, name, want)
    {
        if (strcmp(name, "conf_int") == 0 && json_is_array(want))
            compare_interval(run, &q, result, alpha, want);
        else if (strcmp(name, "N_G") == 0)
            compare_clusters(run, &q, result, want);
        else if (strcmp(name, "B_used") == 0)
            compare_value(run, name, column(result, "draws"), number_of(want));
        else if (strcmp(name, "full_enumeration") == 0)
            compare_value(run, name, column(result, "enumerated"),
                          json_is_true(want) ? 1 : 0);
        else if (strcmp(name, "p_val_type") != 0 && strcmp(name, "ssc") != 0 &&
                 strcmp(name, "conf_int") != 0) /* in words: passed on */
            run_fail(run, "%s: the runner does not know this statistic", name);
    }
}

/* {"0.5%": …, …}; the median is 0 but for rounding. */
static void compare_quantiles(reference_run *run, const char *which, const json_t *result,
                              const json_t *want)
{
    const char *name;
    json_t *value, *row;
    json_object_foreach((json_t *)want, name, value)
    {
        double probability = strtod(name, NULL) / 100, ours = NAN;
        size_t i;
        json_array_foreach(result_table(result, "wild_bootstrap_t"), i, row)
        {
            double at = number_of(json_object_get(row, "probability"));
            if (fabs(at - probability) < 1e-12)
                ours = number_of(json_object_get(row, "quantile"));
        }
        char what[64];
        snprintf(what, sizeof what, "%s t %s", which, name);
        if (fabs(number_of(value)) < 1e-10)
            compare_between(run, what, ours, -1e-10, 1e-10);
        else
            compare_value(run, what, ours, number_of(value));
    }
}

static void compare_brute(reference_run *run, request *q, const char *which,
                          const json_t *want)
{
    q->null = strcmp(which, "WCU") == 0 ? "free" : "imposed";
    q->p = "symmetric";
    json_t *result = bootstrap(run, q, 0.95);
    q->p = "equal-tailed";
    json_t *equal = bootstrap(run, q, 0.95);
    if (result == NULL || equal == NULL)
        return;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)want, name, value)
    {
        double p = column(result, "p_value"), draws = column(result, "draws");
        char what[64];
        snprintf(what, sizeof what, "%s %s", which, name);
        if (strcmp(name, "tb_quantiles") == 0)
            compare_quantiles(run, which, result, value);
        else if (strcmp(name, "draws") == 0)
            compare_value(run, what, draws, number_of(value));
        else if (strcmp(name, "n_strict") == 0)
            compare_value(run, what, round(p * draws), number_of(value));
        else if (strcmp(name, "n_ties") == 0)
            compare_value(run, what, column(result, "n_ties"), number_of(value));
        else if (strcmp(name, "p_strict") == 0)
            compare_value(run, what, p, number_of(value));
        else if (strcmp(name, "p_weak") == 0)
            compare_value(run, what, column(result, "p_value_ties"), number_of(value));
        else if (strcmp(name, "p_equal_tail") == 0)
            compare_value(run, what, column(equal, "p_value"), number_of(value));
        else
            run_fail(run, "%s: the runner does not know this statistic", what);
    }
}

/* The text after `from` up to one of the characters in `until`. */
static const char *between(const reference_run *run, const char *from, const char *until)
{
    const char *at = strstr(run->call, from);
    if (at == NULL)
        return NULL;
    at += strlen(from);
    return np_arena_copy_text(run->arena, at, strcspn(at, until));
}

/* "brute force over all 2^10 Rademacher vectors: inv ~ value, param value, cluster firm;
 * CR1 t with …" */
static void run_brute(reference_run *run)
{
    const char *exponent = between(run, "2^", " ");
    request q = {.formula = with_derived(run, between(run, "vectors: ", ",")),
                 .hypothesis = with_derived(run, between(run, "param ", ",;")),
                 .ssc = "K.fixef=none,G.df=conventional"};
    const char *cluster = with_derived(run, between(run, "cluster ", ",;"));
    if (q.formula == NULL || q.hypothesis == NULL || cluster == NULL ||
        exponent == NULL) {
        run_fail(run, "the call is not understood: %s", run->call);
        return;
    }
    q.vcov = np_arena_format(run->arena, "~%s", cluster);
    q.draws = np_arena_format(run->arena, "%.0f", exp2(strtod(exponent, NULL)));
    json_t *result = bootstrap(run, &q, 0.95);
    json_t *stats = json_object_get(run->json, "stats"), *want;
    json_t *row = json_array_get(json_object_get(run->json, "coefficients"), 0);
    if (result == NULL)
        return;
    compare_value(run, "estimate", column(result, "estimate"),
                  number_of(json_object_get(row, "estimate")));
    compare_value(run, "se", column(result, "std_error"),
                  number_of(json_object_get(row, "se")));
    compare_value(run, "t", column(result, "statistic"),
                  number_of(json_object_get(row, "t")));
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    const char *name;
    json_object_foreach(stats, name, want)
    {
        if (strcmp(name, "G") == 0)
            compare_value(run, name, column(result, "n_clusters"), number_of(want));
        else if (strcmp(name, "k") == 0)
            compare_number(run, name, result_stat(result, "n_parameters"), want);
        else if (json_is_object(want))
            compare_brute(run, &q, name, want);
        else
            run_fail(run, "%s: the runner does not know this statistic", name);
    }
}

void run_wcb(reference_run *run)
{
    if (strstr(run->dataset, "rows ") == NULL)
        run->subset = NULL; /* derived columns, see with_derived() */
    if (strncmp(run->call, "brute force", 11) == 0)
        run_brute(run);
    else
        run_boottest(run);
}
