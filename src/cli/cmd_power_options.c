#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "cli/cmd_power.h"
#include "cli/common.h"

static const np_option options[] = {
    {"clusters", "N", N_("Clusters in the whole plan, participants and others."), NULL,
     false},
    {"treated", "N", N_("How many of them take part, all from the same period on."), NULL,
     false},
    {"share-clusters", "SHARE", N_("The same as a share of the clusters."), NULL, false},
    {"cohorts", "START:N,…",
     N_("Cohorts with their own start instead of --treated: START is the first treated "
        "period, counted from 1 or as --first-period says, N how many clusters start "
        "then. Clusters of --clusters beyond them never start; without --clusters there "
        "are no others."),
     NULL, false},
    {"before", "N", N_("Periods before the start, with --treated. Default: 1."), NULL,
     false},
    {"after", "N", N_("Periods from the start on, with --treated. Default: 1."), NULL,
     false},
    {"periods", "N", N_("Periods in all, with --cohorts."), NULL, false},
    {"first-period", "NUMBER", N_("What the first period is called, such as 2012."), NULL,
     false},
    {"estimator", "ESTIMATOR",
     N_("Whose power: two-way fixed effects clustered by cluster; gls, the mixed model "
        "of "
        "a stepped wedge; ancova on the mean before; after, the difference of means "
        "after "
        "the start. With DATA: two-way, or one of the others, as did has them. Default: "
        "two-way."),
     "two-way|gls|ancova|after|group-time|sun-abraham|imputation|extended-two-way|"
     "stacked",
     false},
    {"comparison", "GROUP",
     N_("With DATA and group-time or the like: who the placebo cohorts are compared "
        "with. Default: never."),
     "never|not-yet", false},
    {"sd", "NUMBER",
     N_("Standard deviation of the outcome: of a person's with --cluster-size, else of a "
        "cluster's. Default: 1, so that effects are in standard deviations."),
     NULL, false},
    {"variance", "NUMBER", N_("The same as a variance."), NULL, false},
    {"cluster-size", "N", N_("People measured per cluster and period. Default: 1."), NULL,
     false},
    {"icc", "NUMBER",
     N_("Intra-cluster correlation, with --cluster-size: the share of the variance that "
        "lies between clusters."),
     NULL, false},
    {"serial", "NUMBER",
     N_("Correlation of a cluster's outcomes from one period to the next. Default: 0."),
     NULL, false},
    {"correlation", "KIND",
     N_("How it goes on: ar1 falls with the distance (serial to its power), constant "
        "does "
        "not. Default: ar1."),
     "ar1|constant", false},
    {"individual", "NUMBER",
     N_("Correlation of a person's own outcomes between periods, where the same people "
        "are measured. Default: 0, new people each time."),
     NULL, false},
    {"reach", "SHARE",
     N_("Share of the organisation that the programme reaches, 0.25 for a quarter: the "
        "effect on the whole is that much smaller. Default: 1."),
     NULL, false},
    {"effect", "NUMBER", N_("An effect on those reached, whose power is wanted as well."),
     NULL, false},
    {"power", "NUMBER", N_("Wanted for the smallest effect. Default: 0.8."), NULL, false},
    {"level", "LEVEL", N_("Of the test. Default: 0.05."), NULL, false},
    {"sides", "SIDES", N_("Of the test. Default: two."), "two|one", false},
    {"distribution", "NAME",
     N_("Of the test's statistic: noncentral-t; shifted-t as Stata's pcpanel has it; "
        "normal as Hussey and Hughes. Default: noncentral-t."),
     "noncentral-t|shifted-t|normal", false},
    {"df", "NUMBER",
     N_("Degrees of freedom. Default: what cluster-robust errors can learn from the "
        "clusters of each cohort (Satterthwaite); clusters - 2 for gls and ancova."),
     NULL, false},
    {"called", "NOUN", N_("What the clusters are, in the sentences: municipalities."),
     NULL, false},
    {"outcome", "COLUMN", N_("With DATA: the outcome."), NULL, false},
    {"unit", "COLUMN", N_("With DATA: the clusters."), NULL, false},
    {"time", "COLUMN", N_("With DATA: the periods."), NULL, false},
    {"cohort", "COLUMN",
     N_("With DATA: the period of first treatment; 0, empty or Inf: never. Without it "
        "nobody in the data is treated."),
     NULL, false},
    {"placebo", "SOURCE",
     N_("What the placebo cohorts are drawn from: units that are never treated, or all "
        "units in the periods before anybody is. Default: never, where there are such."),
     "never|before", false},
    {"draws", "N", N_("Placebo programmes. Default: 2000."), NULL, false},
    {"seed", "N", N_("Of the draws. Default: 1."), NULL, false},
    NP_FORMAT_OPTION,
    NP_DATA_OPTIONS,
};

enum { MOST_CLUSTERS = 1000000, MOST_PERIODS = 1000, MOST_COHORTS = 100 };

static np_status one_start(np_power_answer *p, int64_t clusters, const np_arguments *a,
                           np_power_cohort *cohort, np_error *err)
{
    int64_t treated = 0, before = 1, after = 1;
    double share = 0;
    np_status status = np_argument_integer(&treated, a, "treated", 1, MOST_CLUSTERS, err);
    if (status == NP_OK)
        status = np_argument_number(&share, a, "share-clusters", err);
    if (status == NP_OK)
        status = np_argument_integer(&before, a, "before", 0, MOST_PERIODS, err);
    if (status == NP_OK)
        status = np_argument_integer(&after, a, "after", 1, MOST_PERIODS, err);
    if (status != NP_OK)
        return status;
    if (np_argument_given(a, "treated") == np_argument_given(a, "share-clusters"))
        return np_fail(err, NP_E_USAGE,
                       _("how many take part? --treated N, --share-clusters SHARE or "
                         "--cohorts START:N,…"));
    if (clusters == 0)
        return np_fail(err, NP_E_USAGE,
                       _("how many clusters are there in all? --clusters N"));
    if (!np_argument_given(a, "treated") && !(share > 0 && share < 1))
        return np_fail(err, NP_E_USAGE, _("--share-clusters %s: it lies between 0 and 1"),
                       np_argument(a, "share-clusters"));
    if (treated == 0)
        treated = (int64_t)llround(share * (double)clusters);
    if (treated < 1 || treated >= clusters)
        return np_fail(err, NP_E_USAGE,
                       _("%lld of %lld clusters take part: some must and some must not"),
                       (long long)treated, (long long)clusters);
    cohort[0] = (np_power_cohort){(size_t)before + 1, (size_t)treated};
    cohort[1] = (np_power_cohort){0, (size_t)(clusters - treated)};
    p->spec.n_cohorts = 2;
    p->spec.n_periods = (size_t)(before + after);
    return NP_OK;
}

/* "3:9" with the first period called `first`. */
static np_status one_cohort(np_power_cohort *out, const char *text, size_t length,
                            int64_t first, np_error *err)
{
    const char *colon = memchr(text, ':', length);
    int64_t start, n;
    if (colon == NULL || !np_integer_parse(&start, text, (size_t)(colon - text)) ||
        !np_integer_parse(&n, colon + 1, length - (size_t)(colon + 1 - text)) ||
        start < first || start >= first + MOST_PERIODS || n < 1 || n > MOST_CLUSTERS)
        return np_fail(err, NP_E_USAGE,
                       _("--cohorts %.*s: a cohort is START:N, as in 5:9,7:18, with "
                         "START from %lld on"),
                       (int)length, text, (long long)first);
    *out = (np_power_cohort){(size_t)(start - first + 1), (size_t)n};
    return NP_OK;
}

static np_status several_starts(np_power_answer *p, int64_t clusters,
                                const np_arguments *a, np_power_cohort *cohort,
                                np_error *err)
{
    int64_t periods = 0, first = 1, sum = 0;
    np_status status =
        np_argument_integer(&first, a, "first-period", -MOST_CLUSTERS, 100000000, err);
    if (status == NP_OK)
        status = np_argument_integer(&periods, a, "periods", 1, MOST_PERIODS, err);
    if (status == NP_OK && periods == 0)
        return np_fail(err, NP_E_USAGE,
                       _("--cohorts needs the number of periods: --periods N"));
    if (status == NP_OK &&
        (np_argument_given(a, "treated") || np_argument_given(a, "share-clusters") ||
         np_argument_given(a, "before") || np_argument_given(a, "after")))
        return np_fail(err, NP_E_USAGE,
                       _("--cohorts says who starts when: --treated, --share-clusters, "
                         "--before and --after belong to one start"));
    size_t n = 0;
    for (const char *text = np_argument(a, "cohorts"); status == NP_OK;) {
        size_t length = strcspn(text, ",");
        if (n == MOST_COHORTS)
            return np_fail(err, NP_E_LIMIT, _("at most %d cohorts"), MOST_COHORTS);
        status = one_cohort(&cohort[n], text, length, first, err);
        if (status == NP_OK)
            sum += (int64_t)cohort[n++].n_clusters;
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
    if (status != NP_OK)
        return status;
    if (clusters != 0 && clusters < sum)
        return np_fail(err, NP_E_USAGE,
                       _("--clusters %lld is fewer than the %lld of the cohorts"),
                       (long long)clusters, (long long)sum);
    if (clusters > sum)
        cohort[n++] = (np_power_cohort){0, (size_t)(clusters - sum)};
    p->spec.n_cohorts = n;
    p->spec.n_periods = (size_t)periods;
    return NP_OK;
}

static np_status take_cohorts(np_power_answer *p, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    int64_t clusters = 0;
    np_power_cohort *cohort =
        np_arena_array(call->arena, np_power_cohort, MOST_COHORTS + 1);
    if (cohort == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status =
        np_argument_integer(&clusters, a, "clusters", 2, MOST_CLUSTERS, err);
    p->spec.cohort = cohort;
    if (status != NP_OK)
        return status;
    return np_argument_given(a, "cohorts") ? several_starts(p, clusters, a, cohort, err)
                                           : one_start(p, clusters, a, cohort, err);
}

/* 0 means the default in the specification; what a person writes must not. */
static np_status positive(double *out, const np_arguments *a, const char *option,
                          double below, np_error *err)
{
    np_status status = np_argument_number(out, a, option, err);
    if (status == NP_OK && np_argument_given(a, option) && !(*out > 0 && *out < below))
        return isfinite(below)
                   ? np_fail(err, NP_E_USAGE, _("--%s %s: it lies between 0 and %g"),
                             option, np_argument(a, option), below)
                   : np_fail(err, NP_E_USAGE, _("--%s %s: it is larger than 0"), option,
                             np_argument(a, option));
    return status;
}

static np_status take_variance(np_power_spec *s, const np_arguments *a, np_error *err)
{
    double sd = 0;
    np_status status = positive(&s->variance, a, "variance", INFINITY, err);
    if (status == NP_OK)
        status = positive(&sd, a, "sd", INFINITY, err);
    if (status == NP_OK && sd > 0 && s->variance > 0)
        return np_fail(err, NP_E_USAGE, _("--sd and --variance say the same: give one"));
    if (sd > 0)
        s->variance = sd * sd;
    if (status == NP_OK && sd > 0 && !(s->variance > 0 && isfinite(s->variance)))
        return np_fail(err, NP_E_USAGE, _("--sd %s: its square is no number"),
                       np_argument(a, "sd"));
    if (status == NP_OK)
        status = positive(&s->cluster_size, a, "cluster-size", INFINITY, err);
    if (status == NP_OK)
        status = np_argument_number(&s->icc, a, "icc", err);
    if (status == NP_OK && np_argument_given(a, "icc") && !(s->cluster_size > 1))
        return np_fail(err, NP_E_USAGE, _("--icc belongs to --cluster-size"));
    if (status == NP_OK && s->cluster_size > 1 && !np_argument_given(a, "icc"))
        return np_fail(err, NP_E_USAGE,
                       _("--cluster-size needs the intra-cluster correlation: --icc"));
    if (status == NP_OK)
        status = np_argument_number(&s->serial, a, "serial", err);
    if (status == NP_OK)
        status = np_argument_number(&s->individual, a, "individual", err);
    return status;
}

static np_status take_test(np_power_spec *s, const np_arguments *a, np_error *err)
{
    const char *sides = np_argument(a, "sides");
    np_status status = positive(&s->share_treated, a, "reach", 1.0000001, err);
    if (status == NP_OK)
        status = positive(&s->level, a, "level", 1, err);
    if (status == NP_OK)
        status = positive(&s->power, a, "power", 1, err);
    if (status == NP_OK)
        status = positive(&s->df, a, "df", INFINITY, err);
    if (status == NP_OK)
        status = np_argument_number(&s->effect, a, "effect", err);
    if (status == NP_OK && np_argument_given(a, "effect") && s->effect == 0)
        return np_fail(err, NP_E_USAGE,
                       _("--effect 0: no effect is found by chance "
                         "alone"));
    s->one_sided = sides != NULL && strcmp(sides, "one") == 0;
    return status;
}

static np_status take_draws(np_power_answer *p, const np_arguments *a, np_error *err)
{
    int64_t draws = 2000, seed = 1, threads = 0;
    np_status status = np_argument_integer(&draws, a, "draws", 20, 10000000, err);
    if (status == NP_OK)
        status = np_argument_integer(&seed, a, "seed", 0, INT64_MAX, err);
    if (status == NP_OK)
        status = np_argument_integer(&threads, a, "threads", 1, 64, err);
    p->simulation_spec.n_draws = (size_t)draws;
    p->simulation_spec.seed = (uint64_t)seed;
    p->simulation_spec.n_threads = (unsigned)threads;
    return status;
}

/* Of the formula, or with data of the placebo programmes. */
static np_status take_estimator(np_power_answer *p, const np_arguments *a, np_error *err)
{
    const char *name = np_argument(a, "estimator");
    np_did_estimator of_did =
        name == NULL ? NP_DID_TWO_WAY : np_did_estimator_of_code(name);
    bool formula_only = of_did == NP_N_DID_ESTIMATORS;
    p->by_simulation = np_positional_count(a) > 0;
    p->estimator = of_did;
    if (p->by_simulation && formula_only)
        return np_fail(err, NP_E_USAGE,
                       _("--estimator %s is for the formula alone, "
                         "without data"),
                       name);
    if (!p->by_simulation && !formula_only && of_did != NP_DID_TWO_WAY)
        return np_fail(err, NP_E_USAGE,
                       _("--estimator %s has no formula here: give data"), name);
    if (formula_only)
        p->spec.estimator = (np_power_estimator)np_argument_choice(a, "estimator", 0);
    p->did.comparison = (np_comparison)np_argument_choice(a, "comparison", 0);
    return NP_OK;
}

/* Options that would change nothing. */
static np_status check_unused(const np_arguments *a, np_error *err)
{
    static const char *const of_data[] = {"outcome",    "unit",    "time",  "cohort",
                                          "comparison", "placebo", "draws", "seed"};
    static const char *const of_cohorts[] = {"periods", "first-period"};
    for (size_t i = 0; i < sizeof of_data / sizeof *of_data; i++)
        if (np_positional_count(a) == 0 && np_argument_given(a, of_data[i]))
            return np_fail(err, NP_E_USAGE, _("--%s belongs to a plan with data: %s"),
                           of_data[i], "nullpunkt power DATA.csv");
    for (size_t i = 0; i < sizeof of_cohorts / sizeof *of_cohorts; i++)
        if (!np_argument_given(a, "cohorts") && np_argument_given(a, of_cohorts[i]))
            return np_fail(err, NP_E_USAGE, _("--%s belongs to --%s"), of_cohorts[i],
                           "cohorts START:N,…");
    return NP_OK;
}

np_status np_power_plan(np_power_answer *out, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    np_power_answer p = {0};
    np_status status = take_cohorts(&p, call, err);
    if (status == NP_OK)
        status = check_unused(a, err);
    if (status == NP_OK)
        status = take_variance(&p.spec, a, err);
    if (status == NP_OK)
        status = take_test(&p.spec, a, err);
    if (status == NP_OK)
        status = take_draws(&p, a, err);
    if (status != NP_OK)
        return status;
    status = take_estimator(&p, a, err);
    if (status != NP_OK)
        return status;
    p.spec.distribution = (np_power_distribution)np_argument_choice(a, "distribution", 0);
    p.spec.correlation =
        np_argument_choice(a, "correlation", 0) == 0 ? NP_SERIAL_AR1 : NP_SERIAL_CONSTANT;
    p.called = np_argument_given(a, "called") ? np_argument(a, "called") : _("clusters");
    p.serial_is_given = np_argument_given(a, "serial");
    /* With data the formula is asked for by what only it needs, and is of two-way
     * effects. */
    p.by_formula =
        !p.by_simulation ||
        (p.estimator == NP_DID_TWO_WAY &&
         (p.spec.variance > 0 || p.spec.cluster_size > 0 || p.serial_is_given));
    *out = p;
    return NP_OK;
}

const np_command np_command_power = {
    .name = "power",
    .summary = N_("the smallest effect that a planned design will find"),
    .synopsis = "[DATA.csv] [options]",
    .description = N_(
        "Says what a planned programme can find: the smallest difference that a test "
        "will find in 80 of 100 programmes of this kind, and how often it finds the "
        "effect that is hoped for.\n\n"
        "Without data, by formula: the number of clusters and their starts, the periods, "
        "the variance and the correlation of the outcome over time and within clusters, "
        "and the share of an organisation that the programme reaches.\n\n"
        "With data, by placebo: cohorts like the planned ones are drawn among units that "
        "nobody treated, an effect is added, and the two-way model with errors clustered "
        "by unit is estimated, thousands of times. What is in the data is then in the "
        "answer. Give --sd or --serial as well to see both.\n\n"
        "The formulas and their sources are in doc/methods/power.md."),
    .examples =
        "# 27 of 430 municipalities, four years before and three after\n"
        "nullpunkt power --clusters 430 --treated 27 --before 4 --after 3 --sd 1.4 \\\n"
        "    --serial 0.6 --called municipalities\n"
        "\n"
        "# a stepped wedge of 24 clinics with 100 patients each, as Hussey and Hughes\n"
        "nullpunkt power --cohorts 2:6,3:6,4:6,5:6 --periods 5 --estimator gls --sd 0.2 "
        "\\\n"
        "    --cluster-size 100 --icc 0.01 --serial 1 --correlation constant \\\n"
        "    --distribution normal --effect 0.03\n"
        "\n"
        "# from the municipalities' own history, where the programme reaches a quarter\n"
        "nullpunkt power absence.csv --outcome absence --unit municipality --time year "
        "\\\n"
        "    --clusters 300 --treated 27 --before 4 --after 3 --reach 0.25",
    .n_positional_min = 0,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = np_power_run,
};
