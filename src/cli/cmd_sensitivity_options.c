#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_sensitivity.h"
#include "cli/common.h"

static const np_option options[] = {
    {"restriction", "RESTRICTION",
     N_("How parallel trends may fail. relative-magnitudes (the default): after the "
        "start "
        "from period to period at most M\xcc\x84 times as much as the most before it; "
        "smoothness: the difference in trends bends by at most M; relative-smoothness: "
        "by "
        "at most M\xcc\x84 times as much as before."),
     "relative-magnitudes|smoothness|relative-smoothness", false},
    {"m", "LIST",
     N_("Values of M, as 0,0.1,0.2. Default: ten from 0 to the most that the periods "
        "before the start allow."),
     NULL, false},
    {"mbar", "LIST", N_("Values of M\xcc\x84. Default: 0,0.5,1,1.5,2."), NULL, false},
    {"bias", "SIGN", N_("The difference in trends after the start has this sign."),
     "positive|negative", false},
    {"trend", "DIRECTION", N_("The difference in trends only goes this way."),
     "increasing|decreasing", false},
    {"method", "METHOD",
     N_("flci: optimal interval of fixed length (smoothness alone, its default); c-lf: "
        "hybrid of the conditional and the least favourable test (default otherwise); "
        "c-f: "
        "hybrid with the flci (smoothness; default with --bias and --trend); "
        "conditional."),
     "flci|conditional|c-lf|c-f", false},
    {"target", "TARGET",
     N_("Which effect: first (the default) or last period after the start, average of "
        "them, or their weights, as 0.5,0.5,0,0."),
     NULL, false},
    {"event", "NAME",
     N_("The event study's variable where the result has several: terms NAME::-2 …"),
     NULL, false},
    {"estimator", "NAME", N_("The estimator of a result of did that has several."), NULL,
     false},
    {"pre", "PERIODS",
     N_("The periods before the start: a range as in --pre=-5..-2, or a regular "
        "expression that their terms match. Default: all before the one left out."),
     NULL, false},
    {"post", "PERIODS", N_("The periods after the start, likewise: --post=0..4."), NULL,
     false},
    {"convention", "CONVENTION",
     N_("honestdid (the default) gives the digits of R's HonestDiD: its grid, its 1000 "
        "draws, its simulated quantiles. exact: ends found by bisection, exact quantiles "
        "and optimum, 10000 draws of our own."),
     "honestdid|exact", false},
    {"level", "LEVEL", N_("Of the intervals. Default: the result's, or 0.95."), NULL,
     false},
    {"first-stage", "SIZE",
     N_("Size of the hybrids' first test. Default: a tenth of 1 - LEVEL."), NULL, false},
    {"grid-points", "N", N_("Values of the effect that are tried. Default: 1000."), NULL,
     false},
    {"bounds", "LOW,HIGH",
     N_("The first and the last value tried. Default: 20 standard errors on both sides "
        "of "
        "0 (smoothness: more by what M allows)."),
     NULL, false},
    {"draws", "N", N_("Draws of the least favourable distribution."), NULL, false},
    {"seed", "S", N_("Of the draws. Default: 0, as HonestDiD."), NULL, false},
    {"no-breakdown", NULL, N_("Without the breakdown value."), NULL, false},
    {"threads", "N", N_("At most this many. The numbers do not depend on it."), NULL,
     false},
    NP_FORMAT_OPTION,
    {"plot", "FILE.html", N_("A page with a figure of the intervals and their table."),
     NULL, false},
};
enum { N_OPTIONS = sizeof options / sizeof *options };

np_status np_sensitivity_study_spec(np_event_study_spec *out, const np_call *call,
                                    np_error *err)
{
    const np_arguments *a = call->arguments;
    if (np_argument_given(a, "bias") && np_argument_given(a, "trend"))
        return np_fail(err, NP_E_USAGE, _("--bias and --trend do not go together"));
    *out = (np_event_study_spec){.variable = np_argument(a, "event"),
                                 .estimator = np_argument(a, "estimator"),
                                 .pre = np_argument(a, "pre"),
                                 .post = np_argument(a, "post")};
    return NP_OK;
}

static np_status bound_options(np_honest_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    bool smooth = s->restriction == NP_HONEST_SMOOTHNESS;
    const char *own = smooth ? "m" : "mbar", *other = smooth ? "mbar" : "m";
    if (np_argument_given(a, other))
        return np_fail(err, NP_E_USAGE, _("--%s belongs to another restriction than %s"),
                       other, np_honest_restriction_code(s->restriction));
    const char *given = np_argument(a, own);
    if (given == NULL)
        return NP_OK;
    np_status status =
        np_argument_numbers(&s->bound, &s->n_bounds, own, given, call->arena, err);
    for (size_t i = 0; status == NP_OK && i < s->n_bounds; i++)
        if (s->bound[i] < 0 || (i > 0 && s->bound[i] <= s->bound[i - 1]))
            status = np_fail(err, NP_E_USAGE,
                             _("--%s %s: the numbers must rise and not be negative"), own,
                             given);
    return status;
}

static np_status grid_options(np_honest_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const double *end;
    size_t n;
    int64_t points = 0, draws = 0, seed = 0, threads = 0;
    np_status status = np_argument_integer(&points, a, "grid-points", 3, 1000000, err);
    if (status == NP_OK)
        status = np_argument_integer(&draws, a, "draws", 100, 1000000, err);
    if (status == NP_OK)
        status = np_argument_integer(&seed, a, "seed", 0, INT32_MAX, err);
    if (status == NP_OK)
        status = np_argument_integer(&threads, a, "threads", 1, 64, err);
    s->grid_points = (size_t)points;
    s->draws = (size_t)draws;
    s->seed = (uint64_t)seed;
    s->n_threads = (unsigned)threads;
    s->has_grid = np_argument_given(a, "bounds");
    if (status != NP_OK || !s->has_grid)
        return status;
    status = np_argument_numbers(&end, &n, "bounds", np_argument(a, "bounds"),
                                 call->arena, err);
    if (status == NP_OK && (n != 2 || !(end[0] < end[1])))
        return np_fail(err, NP_E_USAGE, _("--bounds %s: it is two numbers that rise"),
                       np_argument(a, "bounds"));
    if (status == NP_OK) {
        s->grid_low = end[0];
        s->grid_high = end[1];
    }
    return status;
}

static np_status target_option(np_sensitivity_answer *answer, const np_call *call,
                               np_error *err)
{
    const char *wanted = np_argument(call->arguments, "target");
    const np_event_coefficients *e = &answer->study;
    size_t n = 0;
    const double *given;
    bool average = wanted != NULL && strcmp(wanted, "average") == 0;
    bool last = wanted != NULL && strcmp(wanted, "last") == 0;
    bool first = wanted == NULL || strcmp(wanted, "first") == 0;
    double *weight = np_arena_array(call->arena, double, e->n_post + 1);
    if (weight == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    answer->spec.target = weight;
    if (!average && !last && !first) {
        np_status status =
            np_argument_numbers(&given, &n, "target", wanted, call->arena, err);
        if (status != NP_OK)
            return status;
        if (n != e->n_post)
            return np_fail(err, NP_E_USAGE,
                           _("--target %s: these are %zu weights for %zu periods after "
                             "the start"),
                           wanted, n, e->n_post);
        double size = 0;
        for (size_t i = 0; i < n; i++)
            size += fabs(weight[i] = given[i]);
        if (size == 0)
            return np_fail(err, NP_E_USAGE,
                           _("--target %s: at least one weight must not be 0"), wanted);
        answer->target =
            np_arena_format(call->arena, _("the periods' effects, weighted %s"), wanted);
        return NP_OK;
    }
    for (size_t i = 0; i < e->n_post; i++)
        weight[i] = average ? 1 / (double)e->n_post : i == (last ? e->n_post - 1 : 0);
    if (average)
        answer->target = _("the average of the periods after the start");
    else if (e->n_post > 0)
        answer->target = np_arena_format(call->arena, _("that of period %s"),
                                         e->term[e->n_pre + (last ? e->n_post - 1 : 0)]);
    return NP_OK;
}

/* The factor of the reported interval, so that the original one is the reported one. */
static void take_critical_value(np_sensitivity_answer *answer, double level)
{
    const np_event_coefficients *e = &answer->study;
    if (e->n_post == 0 || (!isnan(e->conf_level) && fabs(level - e->conf_level) > 1e-12))
        return;
    double half = e->conf_high[e->n_pre] - e->estimate[e->n_pre];
    double factor = half / e->std_error[e->n_pre];
    if (isfinite(factor) && factor > 0)
        answer->spec.critical_value = factor;
}

np_status np_sensitivity_spec(np_sensitivity_answer *answer, const np_call *call,
                              np_error *err)
{
    const np_arguments *a = call->arguments;
    const np_event_coefficients *e = &answer->study;
    bool bias = np_argument_given(a, "bias"), trend = np_argument_given(a, "trend");
    double level = isnan(e->conf_level) ? 0.95 : e->conf_level, first_stage = 0;
    np_honest_spec s = {.n_pre = e->n_pre,
                        .n_post = e->n_post,
                        .estimate = e->estimate,
                        .vcov = e->vcov,
                        .no_breakdown = np_argument_given(a, "no-breakdown")};
    s.restriction = (np_honest_restriction)np_argument_choice(a, "restriction", 0);
    s.convention = (np_honest_convention)np_argument_choice(a, "convention", 0);
    s.method = np_argument_given(a, "method")
                   ? NP_HONEST_FLCI + (np_honest_method)np_argument_choice(a, "method", 0)
                   : NP_HONEST_DEFAULT_METHOD;
    if (bias)
        s.shape =
            NP_HONEST_BIAS_POSITIVE + (np_honest_shape)np_argument_choice(a, "bias", 0);
    if (trend)
        s.shape = NP_HONEST_TREND_INCREASING +
                  (np_honest_shape)np_argument_choice(a, "trend", 0);
    np_status status = np_argument_number(&level, a, "level", err);
    if (status == NP_OK && !(level > 0 && level < 1))
        status = np_argument_given(a, "level")
                     ? np_fail(err, NP_E_USAGE,
                               _("--level %s: it lies between 0 and 1, as 0.95 does"),
                               np_argument(a, "level"))
                     : np_fail(err, NP_E_RANGE,
                               _("conf_level of the result is %g: it lies between 0 and "
                                 "1"),
                               level);
    if (status == NP_OK)
        status = np_argument_number(&first_stage, a, "first-stage", err);
    s.conf_level = level;
    s.first_stage = first_stage;
    if (status == NP_OK)
        status = bound_options(&s, call, err);
    if (status == NP_OK)
        status = grid_options(&s, call, err);
    answer->spec = s;
    if (status == NP_OK)
        status = target_option(answer, call, err);
    if (status == NP_OK)
        take_critical_value(answer, level);
    return status;
}

const np_command np_command_sensitivity = {
    .name = "sensitivity",
    .summary = N_("how far parallel trends may fail before a conclusion falls"),
    .synopsis = "RESULT.json [options]",
    .description = N_(
        "Reads an event study from a result of estimate or did (--format json; - is "
        "standard input) and prints intervals of its effect that hold although trends "
        "were "
        "not parallel, as long as they differ by no more than a bound, for several "
        "bounds; "
        "and the breakdown value, the bound up to which the conclusion holds.\n\n"
        "From estimate it takes the terms called name::NUMBER, as i(rel, ref = -1) and "
        "sunab() make them, with their covariance; from did the dynamic aggregate, which "
        "must be measured from one period (--base universal). The period left out stands "
        "between before and after.\n\n"
        "The method is that of Rambachan and Roth (2023), the numbers those of R's "
        "HonestDiD 0.2.6; formulas and choices stand in doc/methods/sensitivity.md."),
    .examples =
        "# relative magnitudes for the first period after the start\n"
        "nullpunkt estimate \"y ~ i(rel, ref = -1) | id + year\" panel.csv --cluster id "
        "\\\n"
        "    --format json > event.json\n"
        "nullpunkt sensitivity event.json\n"
        "\n"
        "# smoothness, the average of all periods, with its figure\n"
        "nullpunkt sensitivity event.json --restriction smoothness --target average \\\n"
        "    --m 0,0.01,0.02,0.05 --plot sensitivity.html\n"
        "\n"
        "# from group-time effects\n"
        "nullpunkt did mpdta.csv --outcome lemp --unit countyreal --time year \\\n"
        "    --cohort first.treat --base universal --format json | nullpunkt sensitivity "
        "-",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = options,
    .n_options = N_OPTIONS,
    .run = np_sensitivity_run,
};
