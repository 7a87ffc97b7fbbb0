#include <ctype.h>
#include <string.h>

#include "base/decimal.h"
#include "cli/cmd_did.h"
#include "cli/common.h"

/* As many numbers for each effect are kept. */
enum { MOST_DRAWS = 1000000 };

static const np_option options[] = {
    {"outcome", "COLUMN", N_("The outcome: a column or an expression, as log(wage)."),
     NULL, false},
    {"unit", "COLUMN", N_("The unit that is followed over time."), NULL, false},
    {"time", "COLUMN", N_("The period: numbers, or texts in their order."), NULL, false},
    {"cohort", "COLUMN",
     N_("The period in which the unit was first treated; 0, empty or Inf: never."), NULL,
     false},
    {"treatment", "COLUMN",
     N_("Instead of --cohort: 0 or 1, or a dose, in each row. The start is the first "
        "period in which it is not 0; where it ends or changes, the first in which it "
        "differs from the unit's first."),
     NULL, false},
    {"controls", "LIST",
     N_("Covariates that the unit has before the start, as \"population, log(income)\". "
        "May be repeated."),
     NULL, true},
    {"estimator", "LIST",
     N_("group-time, sun-abraham, imputation, extended-two-way, stacked, two-way, "
        "switchers, efficient, synthetic-did, synthetic-control, several of them, or all "
        "that the design allows. Default: group-time."),
     NULL, true},
    {"comparison", "GROUP",
     N_("Who is compared with: units never treated, or also those not treated yet. "
        "Default: never."),
     "never|not-yet", false},
    {"method", "METHOD",
     N_("How controls enter a comparison: dr, doubly robust; ipw, inverse probability "
        "weights; reg, outcome regression; dr-improved, doubly robust with tilted "
        "weights; ipw-horvitz-thompson, weights that are not normalised. Default: dr."),
     "dr|ipw|reg|dr-improved|ipw-horvitz-thompson", false},
    {"base", "RULE",
     N_("What effects before the start are measured from: the period before (varying), "
        "or the last period before the start (universal). Default: varying."),
     "varying|universal", false},
    {"anticipation", "PERIODS",
     N_("Periods before the start in which there may be effects already. Default: 0."),
     NULL, false},
    {"weights", "COLUMN", N_("Weights of the rows."), NULL, false},
    {"cluster", "COLUMN",
     N_("What standard errors are clustered by; units lie within clusters. Default: the "
        "unit."),
     NULL, false},
    {"subset", "CONDITION", N_("Only rows where it is true: \"year >= 2010\"."), NULL,
     false},
    {"unbalanced", "RULE",
     N_("What becomes of units not seen in every period: pairs, a comparison of two "
        "periods takes those seen in both; balance, they are left out and named; "
        "cross-section, rows are compared as cross-sections with errors clustered by "
        "unit; refuse, an error that names them. Default: pairs."),
     "pairs|balance|cross-section|refuse", false},
    {"cross-sections", NULL,
     N_("Rows are repeated cross-sections: each is a unit of its own, without --unit."),
     NULL, false},
    {"keep-always-treated", NULL,
     N_("Units treated from their first period on stay. Default: they are left out and "
        "named."),
     NULL, false},
    {"aggregate", "LIST",
     N_("Averages of the effects: simple, dynamic (by event time), group (by cohort), "
        "calendar (by period), several of them, or all. Default: all."),
     NULL, true},
    {"window", "MIN,MAX", N_("Averages by event time: only from MIN to MAX."), NULL,
     false},
    {"balance", "EVENT-TIME",
     N_("Averages by event time: only cohorts that are seen at least so long after the "
        "start."),
     NULL, false},
    {"bootstrap", "DRAWS",
     N_("Standard errors by the multiplier bootstrap, with simultaneous bands; draws of "
        "placebo and bootstrap errors of the synthetic estimators. Default: analytic "
        "errors."),
     NULL, false},
    {"seed", "NUMBER",
     N_("Of the random draws. Default: 1. The same seed gives the same digits."), NULL,
     false},
    {"pointwise", NULL, N_("With --bootstrap: no simultaneous bands."), NULL, false},
    {"synthetic-errors", "METHOD",
     N_("How the synthetic estimators find standard errors. Default: none."),
     "none|placebo|bootstrap|jackknife", false},
    {"synthetic", "CHOICES",
     N_("Choices of the synthetic estimators by their names in R's synthdid: "
        "\"eta.omega=1e-6, sparsify=NULL\"; and solver=frank-wolfe|exact, "
        "covariates=projected|optimized|optimized-standardized, omega=solved|uniform, "
        "lambda=solved|uniform|zero, weights=uniform."),
     NULL, true},
    {"bin-ends", NULL,
     N_("two-way: event times outside the window share the coefficient of its end."),
     NULL, false},
    {"effects", "NUMBER",
     N_("switchers: effects of 1 … NUMBER periods of exposure. Default: all that can be "
        "estimated."),
     NULL, false},
    {"placebos", "NUMBER",
     N_("switchers: placebos of 1 … NUMBER periods. Default: all that can be "
        "estimated."),
     NULL, false},
    {"switchers", "DIRECTION",
     N_("switchers: only units whose treatment rises (in) or falls (out). Default: "
        "both."),
     "both|in|out", false},
    {"never-switchers", NULL,
     N_("switchers: compare with units that never change alone. Default: also with those "
        "that have not changed yet."),
     NULL, false},
    {"normalised", NULL,
     N_("switchers: effects by event time per unit of treatment received so far."), NULL,
     false},
    {"leads", "LIST",
     N_("imputation: event times before the start that have a coefficient, as in --leads "
        "-3,-2,-1. Default: those of the window, or all but the earliest."),
     NULL, false},
    {"leave-out", NULL,
     N_("imputation: errors from deviations from the mean of the others, for small "
        "cohorts."),
     NULL, false},
    {"single-unit-errors", NULL,
     N_("group-time, imputation and regressions: standard errors also where a single "
        "treated unit is behind a number; they leave its own variation out."),
     NULL, false},
    {"squared-weights", NULL,
     N_("imputation: standard errors with weights as R's didimputation has them."), NULL,
     false},
    {"weighted-stack", NULL,
     N_("stacked: corrective weights, so that cohorts count by their number of units; "
        "needs --window."),
     NULL, false},
    {"efficient-beta", "RULE",
     N_("efficient: how far the difference before the start is subtracted: plug-in, as "
        "far as it predicts; did, all of it; means, nothing. Default: plug-in."),
     "plug-in|did|means", false},
    {"last-treated-only", NULL,
     N_("efficient: compared with the last cohort (or never treated) alone, not with all "
        "that are not treated yet."),
     NULL, false},
    {"all-comparisons", NULL,
     N_("efficient: adjusted for all differences between cohorts before the start; for "
        "few cohorts and periods."),
     NULL, false},
    {"neyman", NULL,
     N_("efficient: Neyman's conservative errors, without the part that outcomes before "
        "the start explain taken out."),
     NULL, false},
    {"leave-one-out", "WHAT",
     N_("Estimates again without each unit, or each cohort, in turn: who the answer "
        "hangs on. unit, cohort or both."),
     NULL, true},
    {"placebo-dates", NULL,
     N_("Estimates effects of made-up starts in the periods before the real ones, where "
        "there can be none."),
     NULL, false},
    {"randomisation", "DRAWS",
     N_("Randomisation inference: how often would the statistic be as large if it had "
        "been drawn who is treated? All assignments where there are at most DRAWS."),
     NULL, false},
    {"statistic", "STATISTIC",
     N_("With --randomisation. Default: group-time for that estimator, else two-way."),
     "two-way|group-time|after", false},
    {"permute", "WHAT",
     N_("With --randomisation: units, who is treated and when; dates, when among the "
        "treated. Default: units, or the clusters of --cluster."),
     "units|dates", false},
    {"studentised", NULL,
     N_("With --randomisation: the statistic divided by its standard error."), NULL,
     false},
    {"sensitivity", "RESTRICTION",
     N_("Intervals that hold although trends were not parallel, and how much of that the "
        "conclusion bears (Rambachan and Roth): relative-magnitudes, after the start at "
        "most M\xcc\x84 times as much as before it; smoothness, trends bend by at most "
        "M. nullpunkt sensitivity has all choices."),
     "relative-magnitudes|smoothness|relative-smoothness", false},
    {"sensitivity-target", "TARGET",
     N_("Which effect: the average from the start on, or the first period's. Default: "
        "average."),
     "average|first", false},
    {"m", "LIST", N_("With --sensitivity smoothness: values of M, as 0,0.1,0.2."), NULL,
     false},
    {"mbar", "LIST",
     N_("With --sensitivity: values of M\xcc\x84. Default: 0,0.5,1,1.5,2."), NULL, false},
    {"level", "LEVEL", N_("Of the intervals and bands. Default: 0.95."), NULL, false},
    NP_FORMAT_OPTION,
    {"plot", "FILE.html",
     N_("Writes a page with figures: who is treated when, effects by periods since the "
        "start, the estimators side by side; each with its table."),
     NULL, false},
    NP_DATA_OPTIONS,
};

static np_status need(const np_arguments *a, const char *option, const char *what,
                      np_error *err)
{
    if (np_argument_given(a, option))
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("--%s is missing: %s"), option, what);
    return np_error_hint(err, _("nullpunkt help %s shows examples"), "did");
}

/* "the unit" is no expression; as the name of a column it stands in backticks. */
static const char *column_text(const np_call *call, const char *text)
{
    bool blank = false;
    if (text == NULL)
        return NULL;
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char b = (unsigned char)*c;
        blank = blank || *c == ' ';
        if (!isalnum(b) && strchr(" _.", *c) == NULL && b < 0x80)
            return text;
    }
    const char *quoted = blank ? np_arena_format(call->arena, "`%s`", text) : text;
    return quoted == NULL ? text : quoted;
}

static const char *column_option(const np_call *call, const char *option)
{
    return column_text(call, np_argument(call->arguments, option));
}

/* Several controls, each a column or a term. */
static np_status take_controls(np_did_panel_spec *s, const np_call *call, np_error *err)
{
    const char *const *given;
    np_status status = np_argument_list(&given, &s->n_controls, call, "controls", err);
    const char **control =
        np_arena_array(call->arena, const char *, s->n_controls + (status != NP_OK));
    if (status == NP_OK && control == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; status == NP_OK && i < s->n_controls; i++)
        control[i] = column_text(call, given[i]);
    s->control = control;
    if (status == NP_OK && s->n_controls == 0 &&
        np_argument_given(call->arguments, "method"))
        np_buf_format(call->messages, "nullpunkt: %s\n",
                      _("--method changes nothing without --controls"));
    return status;
}

static np_status take_columns(np_did_panel_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    bool rows_are_units = np_argument_given(a, "cross-sections");
    np_status status = need(a, "outcome", _("the column of the outcome"), err);
    if (status == NP_OK && !rows_are_units)
        status = need(a, "unit", _("the column of the units"), err);
    if (status == NP_OK)
        status = need(a, "time", _("the column of the periods"), err);
    if (status != NP_OK)
        return status;
    if (rows_are_units && np_argument_given(a, "unit"))
        return np_fail(err, NP_E_USAGE,
                       _("with --cross-sections each row is a unit of its own: leave "
                         "--unit out, or --cross-sections"));
    if (np_argument_given(a, "cohort") && np_argument_given(a, "treatment"))
        return np_fail(err, NP_E_USAGE,
                       _("--cohort and --treatment say the same in two ways: give one"));
    if (!np_argument_given(a, "cohort") && !np_argument_given(a, "treatment"))
        return np_fail(err, NP_E_USAGE,
                       _("when does treatment start? --cohort, the column of the first "
                         "treated period, or --treatment, of 0 and 1"));
    s->outcome = column_option(call, "outcome");
    s->unit = column_option(call, "unit");
    s->time = column_option(call, "time");
    s->cohort = column_option(call, "cohort");
    s->treatment = column_option(call, "treatment");
    s->weights = column_option(call, "weights");
    s->cluster = column_option(call, "cluster");
    s->subset = np_argument(a, "subset");
    s->unbalanced = (np_unbalanced)np_argument_choice(a, "unbalanced", 0);
    s->keep_always_treated = np_argument_given(a, "keep-always-treated");
    return take_controls(s, call, err);
}

static np_status take_estimators(np_did_study *d, const np_call *call, np_error *err)
{
    const char *const *code;
    size_t n;
    bool wanted[NP_N_DID_ESTIMATORS] = {false};
    np_status status = np_argument_list(&code, &n, call, "estimator", err);
    if (status != NP_OK)
        return status;
    if (n == 0)
        wanted[NP_DID_GROUP_TIME] = true;
    for (size_t i = 0; i < n; i++) {
        np_did_estimator e = np_did_estimator_of_code(code[i]);
        bool all = strcmp(code[i], "all") == 0;
        if (e == NP_N_DID_ESTIMATORS && !all) {
            const char *names[NP_N_DID_ESTIMATORS];
            for (e = 0; e < NP_N_DID_ESTIMATORS; e++)
                names[e] = np_did_estimator_code(e);
            const char *near = np_nearest_name(code[i], names, NP_N_DID_ESTIMATORS);
            np_fail(err, NP_E_USAGE, _("--estimator %s: there is none of that name"),
                    code[i]);
            return near != NULL
                       ? np_error_hint(err, _("did you mean %s?"), near)
                       : np_error_hint(err, _("nullpunkt help %s lists them"), "did");
        }
        for (np_did_estimator w = 0; w < NP_N_DID_ESTIMATORS; w++)
            wanted[w] = wanted[w] || all || w == e;
    }
    for (np_did_estimator w = 0; w < NP_N_DID_ESTIMATORS; w++)
        if (wanted[w])
            d->wanted[d->n_wanted++] = w;
    return NP_OK;
}

static np_status take_aggregates(np_did_spec *s, const np_call *call, np_error *err)
{
    static const struct {
        const char *name;
        unsigned bits;
    } known[] = {{"simple", NP_AGGREGATE_SIMPLE},
                 {"dynamic", NP_AGGREGATE_DYNAMIC},
                 {"group", NP_AGGREGATE_GROUP},
                 {"calendar", NP_AGGREGATE_CALENDAR},
                 {"all", NP_AGGREGATE_ALL}};
    const char *const *name;
    size_t n, n_known = sizeof known / sizeof *known;
    np_status status = np_argument_list(&name, &n, call, "aggregate", err);
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        size_t k = 0;
        while (k < n_known && strcmp(known[k].name, name[i]) != 0)
            k++;
        if (k == n_known)
            return np_fail(err, NP_E_USAGE, _("--%s %s: it is one of %s"), "aggregate",
                           name[i], "simple|dynamic|group|calendar|all");
        s->aggregates |= known[k].bits;
    }
    return status;
}

static np_status take_window(np_did_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *const *bound;
    size_t n;
    np_status status = np_argument_list(&bound, &n, call, "window", err);
    if (status != NP_OK)
        return status;
    s->has_window = n > 0;
    bool good =
        n == 0 ||
        (n == 2 && np_decimal_parse(&s->window_min, bound[0], strlen(bound[0]), '.') &&
         np_decimal_parse(&s->window_max, bound[1], strlen(bound[1]), '.') &&
         s->window_min <= s->window_max);
    if (!good)
        return np_fail(err, NP_E_USAGE,
                       _("--window %s: it is the first and the last event time, as in "
                         "--window -5,5"),
                       np_argument(a, "window"));
    s->has_balance = np_argument_given(a, "balance");
    status = np_argument_number(&s->balance, a, "balance", err);
    bool dynamic = s->aggregates == 0 || (s->aggregates & NP_AGGREGATE_DYNAMIC) != 0;
    if (status == NP_OK && !dynamic && (s->has_window || s->has_balance))
        return np_fail(err, NP_E_USAGE,
                       _("--%s is of averages by event time: --aggregate dynamic"),
                       s->has_window ? "window" : "balance");
    return status;
}

static bool wants(const np_did_study *d, np_did_estimator e)
{
    for (size_t i = 0; i < d->n_wanted; i++)
        if (d->wanted[i] == e)
            return true;
    return false;
}

static np_status take_switchers(np_did_spec *s, const np_arguments *a, np_error *err)
{
    int64_t effects = 0, placebos = 0;
    s->switchers = (np_switchers_direction)np_argument_choice(a, "switchers", 0);
    s->never_switchers = np_argument_given(a, "never-switchers");
    s->normalised = np_argument_given(a, "normalised");
    np_status status = np_argument_integer(&effects, a, "effects", 1, 100000, err);
    if (status == NP_OK)
        status = np_argument_integer(&placebos, a, "placebos", 1, 100000, err);
    s->n_effects = (size_t)effects;
    s->n_placebos = (size_t)placebos;
    return status;
}

static np_status take_leads(np_did_spec *s, const np_call *call, np_error *err)
{
    const char *const *text;
    size_t n;
    np_status status = np_argument_list(&text, &n, call, "leads", err);
    if (status != NP_OK || n == 0)
        return status;
    double *lead = np_arena_array(call->arena, double, n);
    if (lead == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the leads"));
    for (size_t i = 0; i < n; i++)
        if (!np_decimal_parse(&lead[i], text[i], strlen(text[i]), '.') || !(lead[i] < 0))
            return np_fail(err, NP_E_USAGE,
                           _("--leads %s: it is a list of event times below 0, as in "
                             "--leads -3,-2,-1"),
                           np_argument(call->arguments, "leads"));
    s->lead = lead;
    s->n_leads = n;
    return NP_OK;
}

/* Options that one estimator alone has. */
static np_status take_own_choices(np_did_study *d, const np_call *call, np_error *err)
{
    static const struct {
        const char *option;
        np_did_estimator of, or_of;
    } own[] = {{"synthetic", NP_DID_SYNTHETIC_DID, NP_DID_SYNTHETIC_CONTROL},
               {"synthetic-errors", NP_DID_SYNTHETIC_DID, NP_DID_SYNTHETIC_CONTROL},
               {"bin-ends", NP_DID_TWO_WAY, NP_DID_TWO_WAY},
               {"effects", NP_DID_SWITCHERS, NP_DID_SWITCHERS},
               {"placebos", NP_DID_SWITCHERS, NP_DID_SWITCHERS},
               {"switchers", NP_DID_SWITCHERS, NP_DID_SWITCHERS},
               {"never-switchers", NP_DID_SWITCHERS, NP_DID_SWITCHERS},
               {"normalised", NP_DID_SWITCHERS, NP_DID_SWITCHERS},
               {"leads", NP_DID_IMPUTATION, NP_DID_IMPUTATION},
               {"leave-out", NP_DID_IMPUTATION, NP_DID_IMPUTATION},
               {"squared-weights", NP_DID_IMPUTATION, NP_DID_IMPUTATION},
               {"weighted-stack", NP_DID_STACKED, NP_DID_STACKED},
               {"efficient-beta", NP_DID_EFFICIENT, NP_DID_EFFICIENT},
               {"last-treated-only", NP_DID_EFFICIENT, NP_DID_EFFICIENT},
               {"all-comparisons", NP_DID_EFFICIENT, NP_DID_EFFICIENT},
               {"neyman", NP_DID_EFFICIENT, NP_DID_EFFICIENT}};
    const np_arguments *a = call->arguments;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (np_argument_given(a, own[i].option) && !wants(d, own[i].of) &&
            !wants(d, own[i].or_of))
            return np_fail(err, NP_E_USAGE, _("--%s belongs to --estimator %s"),
                           own[i].option, np_did_estimator_code(own[i].of));
    bool has_rule = false; /* from group-time to switchers */
    for (int e = NP_DID_GROUP_TIME; e <= NP_DID_SWITCHERS; e++)
        has_rule = has_rule || wants(d, (np_did_estimator)e);
    if (np_argument_given(a, "single-unit-errors") && !has_rule)
        return np_fail(err, NP_E_USAGE, _("--%s belongs to --estimator %s"),
                       "single-unit-errors", np_did_estimator_code(NP_DID_IMPUTATION));
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < np_argument_count(a, "synthetic"); i++)
        status = np_synthetic_options_parse(&d->spec.synthetic,
                                            np_argument_at(a, "synthetic", i), err);
    d->spec.synthetic_errors = (np_synthetic_errors)np_argument_choice(
        a, "synthetic-errors", NP_SYNTHETIC_NO_ERRORS);
    d->spec.bin_ends = np_argument_given(a, "bin-ends");
    d->spec.leave_out = np_argument_given(a, "leave-out");
    d->spec.single_unit_errors = np_argument_given(a, "single-unit-errors");
    d->spec.squared_weights = np_argument_given(a, "squared-weights");
    if (status == NP_OK)
        status = take_switchers(&d->spec, a, err);
    if (status == NP_OK)
        status = take_leads(&d->spec, call, err);
    d->spec.weighted_stack = np_argument_given(a, "weighted-stack");
    d->spec.efficient_beta =
        (np_efficient_beta)np_argument_choice(a, "efficient-beta", NP_EFFICIENT_PLUG_IN);
    d->spec.last_treated_only = np_argument_given(a, "last-treated-only");
    d->spec.all_comparisons = np_argument_given(a, "all-comparisons");
    d->spec.neyman_errors = np_argument_given(a, "neyman");
    if (status == NP_OK && d->spec.bin_ends && !d->spec.has_window)
        return np_fail(err, NP_E_USAGE, _("--bin-ends needs the window: --window -5,5"));
    return status;
}

static np_status take_draws(np_did_study *d, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    np_did_spec *s = &d->spec;
    int64_t draws = 0, seed = 1;
    s->pointwise = np_argument_given(a, "pointwise");
    np_status status = np_argument_integer(&draws, a, "bootstrap", 1, MOST_DRAWS, err);
    if (status == NP_OK)
        status = np_argument_integer(&seed, a, "seed", 0, (int64_t)1 << 53, err);
    if (status != NP_OK)
        return status;
    bool draws_errors = s->synthetic_errors == NP_SYNTHETIC_PLACEBO ||
                        s->synthetic_errors == NP_SYNTHETIC_BOOTSTRAP;
    if (np_argument_given(a, "seed") && draws == 0 && !draws_errors &&
        !np_argument_given(a, "randomisation"))
        return np_fail(err, NP_E_USAGE, _("--%s belongs to --bootstrap DRAWS"), "seed");
    if (s->pointwise && draws == 0)
        return np_fail(err, NP_E_USAGE, _("--%s belongs to --bootstrap DRAWS"),
                       "pointwise");
    bool used = draws_errors || wants(d, NP_DID_GROUP_TIME) || wants(d, NP_DID_EFFICIENT);
    if (draws > 0 && !used)
        np_buf_format(call->messages, "nullpunkt: %s\n",
                      _("--bootstrap changes nothing: the errors of this estimator are "
                        "of a formula"));
    s->draws = (size_t)draws;
    s->seed = (uint64_t)seed;
    return NP_OK;
}

np_status np_did_options(np_did_study *out, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    np_did_study d = {.data = np_positional(a, 0)};
    int64_t anticipation = 0, threads = 0;
    np_status status = take_columns(&d.panel_spec, call, err);
    if (status == NP_OK)
        status = take_estimators(&d, call, err);
    if (status == NP_OK)
        status = take_aggregates(&d.spec, call, err);
    if (status == NP_OK)
        status = take_window(&d.spec, call, err);
    if (status == NP_OK)
        status = take_own_choices(&d, call, err);
    if (status == NP_OK)
        status = take_draws(&d, call, err);
    if (status == NP_OK)
        status = np_argument_integer(&anticipation, a, "anticipation", 0, 1000, err);
    if (status == NP_OK)
        status = np_argument_integer(&threads, a, "threads", 1, 64, err);
    if (status == NP_OK)
        status = np_level_option(&d.spec.conf_level, a, err);
    if (status != NP_OK)
        return status;
    d.spec.comparison = (np_comparison)np_argument_choice(a, "comparison", 0);
    d.spec.comparison_chosen = np_argument_given(a, "comparison");
    d.spec.method = (np_did_method)np_argument_choice(a, "method", 0);
    d.spec.base = (np_base_period_rule)np_argument_choice(a, "base", 0);
    d.spec.anticipation = d.panel_spec.anticipation = (int)anticipation;
    d.spec.n_threads = (unsigned)threads;
    status = np_did_check_options(&d, call, err);
    if (status == NP_OK)
        *out = d;
    return status;
}

const np_command np_command_did = {
    .name = "did",
    .summary = N_("difference-in-differences with cohorts that start at different times"),
    .synopsis = "DATA.csv --outcome COLUMN --unit COLUMN --time COLUMN --cohort COLUMN "
                "[options]",
    .description = N_(
        "Estimates the effect of a programme on those that take part, from a long table "
        "with a row for each unit in each period. Cohorts may start at different times, "
        "and their effects may differ and change over time.\n\n"
        "First the design is shown: which units start when, for how long they are seen "
        "before and after, who can be compared with whom, and which estimators that "
        "identifies. Then come the effect on average, by time since the start, by cohort "
        "and by period, each with what it rests on and which units were left out.\n\n"
        "Columns are named, or computed as in formulas: log(wage), ifelse(g == 0, Inf, "
        "g); a name with blanks stands in backticks. Only the columns that are named are "
        "read. DATA.csv may be separated by commas, semicolons or tabs, in UTF-8 or "
        "Windows-1252, with decimal point or comma.\n\n"
        "With --estimator all, every estimator that the design allows stands beside the "
        "others, so that one sees what the answer depends on."),
    .examples =
        "# effects by cohort and period, and their averages, with a covariate\n"
        "nullpunkt did mpdta.csv --outcome lemp --unit countyreal --time year \\\n"
        "    --cohort first.treat --controls lpop\n"
        "\n"
        "# also those not treated yet are compared with; simultaneous bands\n"
        "nullpunkt did mpdta.csv --outcome lemp --unit countyreal --time year \\\n"
        "    --cohort first.treat --comparison not-yet --bootstrap 999 --seed 7\n"
        "\n"
        "# all estimators beside each other\n"
        "nullpunkt did castle.csv --outcome l_homicide --unit sid --time year \\\n"
        "    --cohort effyear --estimator all",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = np_did_run,
};
