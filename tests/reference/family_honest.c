/* HonestDiD: the coefficients and their covariance stand in the case, or the call names
 * the model that gave them. Each listed interval is computed by `nullpunkt sensitivity`
 * with the convention of HonestDiD. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reference/call.h"
#include "reference/run.h"

typedef struct {
    reference_run *run;
    char path[64]; /* the result that `sensitivity` reads */
    size_t n_pre, n_post;
    const char *pre, *post; /* ranges; NULL: all */
} study;

static const char *const restriction_names[][3] = {
    /* the longer names first */
    {"DeltaSDRM", "relative-smoothness", "--mbar"},
    {"DeltaRM", "relative-magnitudes", "--mbar"},
    {"DeltaSD", "smoothness", "--m"},
};

static const char *const shape_names[][3] = {{"PB", "--bias", "positive"},
                                             {"NB", "--bias", "negative"},
                                             {"I", "--trend", "increasing"},
                                             {"D", "--trend", "decreasing"}};

/* What follows "name=" or "name =" in the call, or NULL. */
static const char *argument(const char *call, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(call, name); at != NULL; at = strstr(at + 1, name)) {
        const char *after = at + length + strspn(at + length, " ");
        bool starts = at == call || !(isalnum((unsigned char)at[-1]) || at[-1] == '.');
        if (starts && *after == '=')
            return after + 1 + strspn(after + 1, " ");
    }
    return NULL;
}

static const char *number_text(const study *s, double value)
{
    return np_arena_format(s->run->arena, "%.17g", value);
}

/* --option with the number of the R argument, where the call has it. */
static void add_number(run_arguments *a, const study *s, const char *option,
                       const char *name)
{
    const char *value = argument(s->run->call, name);
    char *end;
    double number = value == NULL ? NAN : strtod(value, &end);
    if (value != NULL && end != value)
        run_add_option(a, option, number_text(s, number));
}

/* One number, or a quotient of two as in 1/4. */
static double quotient(const char **text)
{
    char *end;
    double value = strtod(*text, &end);
    if (*end == '/')
        value /= strtod(end + 1, &end);
    *text = end;
    return value;
}

/* l_vec: c(…), rep(x, n), basisVector(i, n), or the period in words. */
static const char *target(const study *s)
{
    static const char *const words[] = {"first", "second", "third", "fourth", "fifth"};
    const char *l = argument(s->run->call, "l_vec"), *call = s->run->call;
    double weight[64] = {0};
    size_t n = s->n_post < 64 ? s->n_post : 64;
    weight[0] = 1;
    if (l != NULL && strncmp(l, "c(", 2) == 0) {
        l += 2;
        for (size_t i = 0; i < n; i++, l += strspn(l, ", "))
            weight[i] = quotient(&l);
    } else if (l != NULL && strncmp(l, "rep(", 4) == 0) {
        l += 4;
        double value = quotient(&l);
        for (size_t i = 0; i < n; i++)
            weight[i] = value;
    } else if (l != NULL && strstr(l, "asisVector(") != NULL) {
        const char *index = strchr(l, '(') + 1;
        index += strcspn(index, "0123456789");
        size_t i = strtoul(index, NULL, 10);
        weight[0] = 0;
        if (i >= 1 && i <= n)
            weight[i - 1] = 1;
    } else if (strstr(call, "average") != NULL || strstr(call, "mean of") != NULL) {
        return "average";
    } else {
        for (size_t i = 0; i < sizeof words / sizeof *words && i < n; i++) {
            const char *phrase = np_arena_format(s->run->arena, "%s post", words[i]);
            if (strstr(call, phrase) == NULL)
                continue;
            weight[0] = 0;
            weight[i] = 1;
            break;
        }
    }
    np_buf text = {0};
    for (size_t i = 0; i < n; i++)
        np_buf_format(&text, "%s%.17g", i == 0 ? "" : ",", weight[i]);
    const char *list = np_arena_format(s->run->arena, "%s", np_buf_done(&text));
    np_buf_free(&text);
    return list;
}

static void write_result(study *s, json_t *result)
{
    snprintf(s->path, sizeof s->path, "/tmp/nullpunkt-honest-XXXXXX");
    int file = mkstemp(s->path);
    if (file < 0 || json_dumpfd(result, file, JSON_REAL_PRECISION(17)) != 0)
        run_fail(s->run, "%s cannot be written", s->path);
    if (file >= 0)
        close(file);
}

/* The case's own coefficients, as periods around -1. */
static void from_stats(study *s, const json_t *stats)
{
    json_t *list = json_array(), *result = json_object(), *estimate;
    const json_t *betahat = json_object_get(stats, "betahat");
    size_t i;
    s->n_pre = (size_t)number_of(json_object_get(stats, "numPrePeriods"));
    s->n_post = json_array_size(betahat) - s->n_pre;
    json_array_foreach(betahat, i, estimate)
    {
        char term[32];
        long time = (long)i - (long)s->n_pre - (i < s->n_pre);
        snprintf(term, sizeof term, "time::%ld", time);
        json_array_append_new(list,
                              json_pack("{s:s,s:O}", "term", term, "estimate", estimate));
    }
    json_object_set_new(result, "coefficients", list);
    json_object_set(result, "vcov", json_object_get(stats, "sigma"));
    write_result(s, result);
    json_decref(result);
}

/* The listed coefficients and covariance against the model's, by the terms' times. */
static void compare_study(study *s, const json_t *result, const json_t *stats,
                          const long range[4])
{
    const json_t *rows = json_object_get(result, "coefficients"), *row;
    const json_t *vcov = json_object_get(result, "vcov");
    size_t place[64], n = 0, i;
    for (long t = range[0]; t <= range[3]; t = t == range[1] ? range[2] : t + 1) {
        char end[32];
        snprintf(end, sizeof end, "::%ld", t);
        json_array_foreach((json_t *)rows, i, row)
        {
            const char *term = json_string_value(json_object_get(row, "term"));
            const char *found = term == NULL ? NULL : strstr(term, "::");
            if (found != NULL && strcmp(found, end) == 0 && n < 64)
                place[n++] = i;
        }
    }
    for (i = 0; i < n; i++) {
        compare_number(s->run, "betahat",
                       json_object_get(json_array_get(rows, place[i]), "estimate"),
                       json_array_get(json_object_get(stats, "betahat"), i));
        for (size_t j = 0; j < n; j++)
            compare_number(
                s->run, "sigma", json_array_get(json_array_get(vcov, place[i]), place[j]),
                json_array_get(json_array_get(json_object_get(stats, "sigma"), i), j));
    }
}

/* "feols(…, cluster id), coefs -5..-2 and 0..4" on the case's data. */
static void from_model(study *s, const json_t *stats)
{
    static const char *const models[] = {"feols", NULL};
    reference_run *run = s->run;
    r_call call = call_parse(run->call, models, run->arena);
    const char *coefs = strstr(run->call, "coefs ");
    run_arguments more = {0};
    char cluster[64] = "";
    long range[4];
    if (coefs == NULL || sscanf(coefs, "coefs %ld..%ld and %ld..%ld", &range[0],
                                &range[1], &range[2], &range[3]) != 4) {
        run_fail(run, "the call does not say which coefficients: %s", run->call);
        return;
    }
    for (size_t k = 0; k < call.n; k++)
        if (sscanf(call.argument[k].value, "cluster %63[A-Za-z0-9_.]", cluster) == 1 ||
            (strcmp(call.argument[k].name, "cluster") == 0 &&
             sscanf(call.argument[k].value, "~%63[A-Za-z0-9_.]", cluster) == 1))
            run_add_option(&more, "--cluster", cluster);
    run_add_option(&more, "--weights", call_named(&call, "weights"));
    json_t *result = run_estimate(run, call_formula(&call), &more);
    if (result == NULL)
        return;
    s->n_pre = (size_t)(range[1] - range[0] + 1);
    s->n_post = (size_t)(range[3] - range[2] + 1);
    s->pre = np_arena_format(run->arena, "%ld..%ld", range[0], range[1]);
    s->post = np_arena_format(run->arena, "%ld..%ld", range[2], range[3]);
    compare_number(run, "n", json_object_get(result, "n"),
                   json_object_get(run->json, "n"));
    compare_study(s, result, stats, range);
    /* constructOriginalCS() is the normal distribution's, not the model's own interval */
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(result, "coefficients"), i, row)
    {
        json_object_del(row, "conf_low");
        json_object_del(row, "conf_high");
    }
    write_result(s, result);
}

/* The name's parts: restriction, then shape. */
static void add_restriction(run_arguments *a, const study *s, const json_t *row)
{
    const char *delta = json_string_value(json_object_get(row, "Delta"));
    json_t *bound = json_object_get(row, "M");
    bound = bound != NULL ? bound : json_object_get(row, "Mbar");
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(restriction_names[i][0]);
        if (strncmp(delta, restriction_names[i][0], length) != 0)
            continue;
        run_add_option(a, "--restriction", restriction_names[i][1]);
        run_add_option(a, restriction_names[i][2], number_text(s, number_of(bound)));
        for (size_t k = 0; k < 4; k++)
            if (strcmp(delta + length, shape_names[k][0]) == 0)
                run_add_option(a, shape_names[k][1], shape_names[k][2]);
        return;
    }
    run_fail(s->run, "the runner does not know the restriction %s", delta);
}

static void add_method(run_arguments *a, const study *s, const json_t *row)
{
    const char *method = json_string_value(json_object_get(row, "method"));
    char lower[32];
    size_t n = 0;
    for (; method != NULL && method[n] != '\0' && n < sizeof lower - 1; n++)
        lower[n] = (char)tolower((unsigned char)method[n]);
    lower[n] = '\0';
    run_add_option(a, "--method", np_arena_format(s->run->arena, "%s", lower));
}

/* The optimum of the fixed-length interval is the solver's of HonestDiD (ECOS), which
 * stops at 1e-8 in the variance: where the variance is flat, the weights and with them
 * the centre are off by the root of that. The length must agree to 1e-6, the ends to
 * 1e-4 of it, and what is not met to 1e-6 is printed. */
static void compare_fixed_length(study *s, const char *what, const json_t *got,
                                 double want_low, double want_high)
{
    reference_run *run = s->run;
    double low = number_of(json_object_get(got, "conf_low"));
    double high = number_of(json_object_get(got, "conf_high"));
    double half = (want_high - want_low) / 2,
           off = fmax(fabs(low - want_low), fabs(high - want_high));
    compare_value(run, what, (high - low) / 2, half);
    if (off > run->tolerance * fmin(fabs(want_low), fabs(want_high)))
        np_buf_format(&run->report,
                      "#   note: %s: [%.15g, %.15g], listed [%.15g, %.15g]: ends off by "
                      "%.1e of the half length\n",
                      what, low, high, want_low, want_high, off / half);
    double centre = (low + high) / 2, want = (want_low + want_high) / 2;
    run->n_compared++;
    if (!(fabs(centre - want) <= 1e-4 * half))
        run_fail(run, "%s: centre %.15g, expected %.15g", what, centre, want);
}

static double first_number(const json_t *value)
{
    return number_of(json_is_array(value) ? json_array_get(value, 0) : value);
}

static void compare_row(study *s, const json_t *row)
{
    reference_run *run = s->run;
    bool original = json_string_value(json_object_get(row, "Delta")) == NULL;
    const char *method = json_string_value(json_object_get(row, "method"));
    const char *what = np_arena_format(run->arena, "%s %s", method,
                                       json_string_value(json_object_get(row, "Delta")));
    double low = first_number(json_object_get(row, "lb"));
    double high = first_number(json_object_get(row, "ub"));
    run_arguments a = {0};
    run_add(&a, "nullpunkt");
    run_add(&a, "sensitivity");
    run_add(&a, s->path);
    run_add(&a, "--no-breakdown");
    run_add_option(&a, "--pre", s->pre);
    run_add_option(&a, "--post", s->post);
    run_add_option(&a, "--target", target(s));
    const char *alpha = argument(run->call, "alpha");
    if (alpha != NULL)
        run_add_option(&a, "--level", number_text(s, 1 - strtod(alpha, NULL)));
    add_number(&a, s, "--grid-points", "gridPoints");
    add_number(&a, s, "--seed", "seed");
    if (!original) {
        add_restriction(&a, s, row);
        add_method(&a, s, row);
    }
    json_t *result = run_program(run, &a);
    if (result == NULL)
        return;
    const json_t *got = original
                            ? json_object_get(result, "original")
                            : json_array_get(json_object_get(result, "intervals"), 0);
    if (strcmp(method, "FLCI") == 0) {
        compare_fixed_length(s, what, got, low, high);
        return;
    }
    compare_value(run, what, number_of(json_object_get(got, "conf_low")), low);
    compare_value(run, what, number_of(json_object_get(got, "conf_high")), high);
}

void run_honest(reference_run *run)
{
    study s = {.run = run};
    const json_t *stats = json_object_get(run->json, "stats");
    json_t *row;
    size_t i;
    if (json_object_get(stats, "numPrePeriods") != NULL)
        from_stats(&s, stats);
    else
        from_model(&s, stats);
    if (s.path[0] == '\0')
        return;
    bool fixed = strstr(run->call, "FLCI") != NULL;
    run->tolerance = fixed ? 1e-6 : 1e-8;
    json_array_foreach(json_object_get(run->json, "coefficients"), i, row)
        compare_row(&s, row);
    unlink(s.path);
}
