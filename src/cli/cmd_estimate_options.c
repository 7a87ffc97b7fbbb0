#include <ctype.h>
#include <string.h>

#include "cli/cmd_estimate.h"
#include "cli/common.h"

#define FAMILIES                                                                         \
    "gaussian|poisson|negbin|logit|probit|cloglog|gamma-inverse|gamma-log|quasipoisson"

static const np_option options[] = {
    {"vcov", "COVARIANCE",
     N_("iid, hetero (HC1), HC0 … HC4; \"~unit\" or \"~unit + year\" for clusters; "
        "\"CR2 ~ unit\" (CR0 … CR3) for few clusters; \"NW(2) ~ unit + year\" "
        "(Newey-West), \"DK(2) ~ year\" (Driscoll-Kraay), \"NW(4) ~ year\" for one "
        "series; "
        "\"conley(100) ~ lat + lon\" for errors that reach 100 km. For "
        "panel models arellano, white1, white2, double, driscoll-kraay, newey-west, "
        "beck-katz, with /HC0 … /HC4 or /sss after them. Default: iid, for other "
        "families "
        "without fixed effects as glm() has it, with no small-sample factor."),
     NULL, false},
    {"cluster", "VARIABLE", N_("Short for --vcov \"~VARIABLE\"."), NULL, false},
    {"ssc", "CHOICES",
     N_("Small-sample choices: K.adj=TRUE|FALSE, K.fixef=nonnested|none|full, "
        "K.exact=FALSE|TRUE, G.adj=TRUE|FALSE, G.df=min|conventional, "
        "t.df=min|conventional|NUMBER, separated by commas. Default: fixest's."),
     NULL, false},
    {"weights", "EXPRESSION",
     N_("Weights: a column or an expression. Rows of weight 0 are "
        "left out and counted."),
     NULL, false},
    {"offset", "EXPRESSION", N_("A term whose coefficient is 1."), NULL, false},
    {"family", FAMILIES,
     N_("What is estimated; R's \"binomial(probit)\" is understood too. Default: "
        "gaussian "
        "(least squares)."),
     NULL, false},
    {"subset", "CONDITION",
     N_("Only rows where it is true: \"year >= 2010 & sex == 'K'\"."), NULL, false},
    {"panel", "UNIT,TIME",
     N_("Declares the panel, for l(), f(), d(), --model and covariances over time; each "
        "unit once in a period."),
     NULL, false},
    {"model", "MODEL",
     N_("A panel model instead of least squares on the formula as it "
        "stands; needs --panel."),
     "pooling|within|between|fd|random", false},
    {"effect", "EFFECT", N_("Which effects a panel model has. Default: individual."),
     "individual|time|twoways", false},
    {"random-method", "METHOD",
     N_("How variance components are estimated. Default: swar (Swamy and Arora)."),
     "swar|amemiya|walhus|nerlove", false},
    {"test", "TEST",
     N_("A test of the model: wald:PATTERN for any; breusch-pagan, breusch-godfrey:LAGS, "
        "durbin-watson, reset, vif for least squares; hausman, hausman-aux, poolability, "
        "breusch-pagan, honda, king-wu, ghm, wooldridge, wooldridge-fd, pesaran-cd, "
        "breusch-godfrey, ips, levinlin, madwu for panel models. May be repeated."),
     NULL, true},
    {"wald", "PATTERN",
     N_("Tests that all terms whose names match the regular expression "
        "are zero. Short for --test wald:PATTERN. May be repeated."),
     NULL, true},
    {"and", "FORMULA",
     N_("One more model on the same data, in a column beside the first. "
        "May be repeated."),
     NULL, true},
    {"effects", NULL, N_("The absorbed effects as well, in the JSON's tables."), NULL,
     false},
    {"profile", "METHOD",
     N_("Profile-likelihood intervals (families other than gaussian): exact, or r-grid, "
        "which interpolates a grid as R's confint() does and differs from the fourth "
        "digit "
        "on."),
     "exact|r-grid", false},
    {"tolerance", "SHARE",
     N_("Other families than gaussian stop where the deviance changes by less than this "
        "share. Default: 1e-8 with fixed effects, as fixest, and 1e-13 without. exact "
        "(or "
        "0): until nothing changes; standard errors then differ by some 1e-6 from "
        "fixest's."),
     NULL, false},
    {"information", "WHICH",
     N_("Of a negative binomial's standard errors: observed, of the coefficients and "
        "theta "
        "together, as fixest; expected, given theta, as MASS. Default: observed with "
        "fixed effects, else expected."),
     "observed|expected", false},
    {"margins", NULL, N_("Average marginal effects (families other than gaussian)."),
     NULL, false},
    {"bootstrap", "DRAWS",
     N_("Wild cluster bootstrap of least squares, for few clusters: p values and "
        "confidence sets of each term, with the clusters and small-sample choices of the "
        "standard errors. With Rademacher weights all sign vectors are taken once where "
        "there are at most DRAWS. 9999 is a good number."),
     NULL, false},
    {"seed", "NUMBER",
     N_("Of the random draws. Default: 1. The same seed gives the same digits."), NULL,
     false},
    {"bootstrap-term", "HYPOTHESIS",
     N_("What the bootstrap tests: a term, \"post = 0.1\", \"early - late = 0\" or "
        "\"0.5*a + 0.5*b = 2\". May be repeated. Default: each term but the intercept "
        "and factor()."),
     NULL, true},
    {"bootstrap-joint", "PATTERN",
     N_("Also tests that all terms whose names match are zero, as --wald does, by the "
        "same "
        "draws; for one cluster variable. May be repeated."),
     NULL, true},
    {"bootstrap-weights", "WEIGHTS",
     N_("By which the clusters' errors are multiplied. Default: rademacher (±1); webb "
        "has six points, for fewer than ten clusters or so."),
     "rademacher|webb|mammen|normal", false},
    {"bootstrap-null", "WHICH",
     N_("Whether errors are those under the hypothesis: imposed (default) or free."),
     "imposed|free", false},
    {"bootstrap-type", "TYPE",
     N_("For one cluster variable. First digit: residuals as they are (1) or as if their "
        "cluster had not taken part (3); second: the clustered variance (1) or the "
        "jackknife's (3). Default: 11; 31 is good where few clusters are treated or they "
        "are unlike."),
     "11|13|31|33", false},
    {"bootstrap-cluster", "VARIABLE",
     N_("Whose errors are multiplied together. Default: the cluster variable with most "
        "clusters."),
     NULL, false},
    {"bootstrap-p", "KIND",
     N_("Of p value and confidence set. Default: symmetric. greater and less are "
        "one-sided, against a larger and a smaller value."),
     "symmetric|equal-tailed|greater|less", false},
    {"level", "LEVEL", N_("Of the intervals. Default: 0.95."), NULL, false},
    {"keep", "PATTERN", N_("Prints only terms that match the regular expression."), NULL,
     false},
    {"drop", "PATTERN", N_("Prints all terms but those that match."), NULL, false},
    NP_FORMAT_OPTION,
    {"plot", "FILE.html",
     N_("Writes a page with the coefficients and their intervals; over event time where "
        "the formula has i() of a number or sunab()."),
     NULL, false},
    NP_DATA_OPTIONS,
    {"adjust", "METHOD",
     N_("Adjusts the p values for there being several: of the terms of --adjust-term in "
        "all models (--and), as one family of hypotheses. bh and by bound the false "
        "discovery rate, the others the chance of any false finding. romano-wolf takes "
        "the draws of --bootstrap (9999 where it is left out), which all models share, "
        "and so how the outcomes hang together."),
     "bonferroni|holm|bh|by|romano-wolf", false},
    {"adjust-term", "PATTERN",
     N_("Which terms: those whose names match the regular expression. Default: all but "
        "the intercept."),
     NULL, false},
    {"selection", "TERM",
     N_("How strong selection on what is not observed would have to be to take the "
        "term's effect away: Oster's delta and beta*, the robustness value of Cinelli "
        "and Hazlett, the E-value of VanderWeele and Ding."),
     NULL, false},
    {"selection-controls", "PATTERN",
     N_("Which terms stand for selection; the others are in both of Oster's regressions. "
        "Default: all other terms."),
     NULL, false},
    {"selection-benchmark", "PATTERN",
     N_("Terms that a confounder once, twice and three times as strong is compared with. "
        "May be repeated."),
     NULL, true},
    {"selection-r2-max", "NUMBER",
     N_("R² with everything observed and not. Default: 1.3 times the model's, at most "
        "1."),
     NULL, false},
    {"selection-delta", "NUMBER",
     N_("Selection on the unobserved over that on the controls, for beta*. Default: 1."),
     NULL, false},
    {"selection-outcome", "KIND",
     N_("Whether the outcome of a logit or cloglog is rare, so that odds and hazard "
        "ratios are risk ratios. Default: common."),
     "rare|common", false},
};
enum { N_OPTIONS = sizeof options / sizeof *options };

/* R's names beside ours; what stands in brackets is the link. */
static const struct {
    const char *name;
    np_family family;
} family_name[] = {
    {"gaussian", NP_FAMILY_GAUSSIAN},
    {"poisson", NP_FAMILY_POISSON},
    {"poisson(log)", NP_FAMILY_POISSON},
    {"negbin", NP_FAMILY_NEGBIN},
    {"logit", NP_FAMILY_LOGIT},
    {"binomial", NP_FAMILY_LOGIT},
    {"binomial(logit)", NP_FAMILY_LOGIT},
    {"probit", NP_FAMILY_PROBIT},
    {"binomial(probit)", NP_FAMILY_PROBIT},
    {"cloglog", NP_FAMILY_CLOGLOG},
    {"binomial(cloglog)", NP_FAMILY_CLOGLOG},
    {"gamma-inverse", NP_FAMILY_GAMMA_INVERSE},
    {"gamma", NP_FAMILY_GAMMA_INVERSE},
    {"gamma(inverse)", NP_FAMILY_GAMMA_INVERSE},
    {"gamma-log", NP_FAMILY_GAMMA_LOG},
    {"gamma(log)", NP_FAMILY_GAMMA_LOG},
    {"quasipoisson", NP_FAMILY_QUASIPOISSON},
    {"quasipoisson(log)", NP_FAMILY_QUASIPOISSON},
};
static np_status family_option(np_family *out, const np_arguments *a, np_error *err)
{
    const char *given = np_argument(a, "family");
    char name[48];
    size_t n = 0;
    *out = NP_FAMILY_GAUSSIAN;
    if (given == NULL)
        return NP_OK;
    for (const char *c = given; *c != '\0' && n + 1 < sizeof name; c++) {
        bool in_r_only = strchr(" \"'=", *c) != NULL;
        if (strncmp(c, "link", 4) == 0)
            c += 3;
        else if (!in_r_only)
            name[n++] = (char)tolower((unsigned char)*c);
    }
    if (n > 2 && strncmp(name + n - 2, "()", 2) == 0)
        n -= 2;
    name[n] = '\0';
    for (size_t i = 0; i < sizeof family_name / sizeof *family_name; i++)
        if (strcmp(name, family_name[i].name) == 0) {
            *out = family_name[i].family;
            return NP_OK;
        }
    return np_fail(err, NP_E_USAGE, _("--%s %s: it is one of %s"), "family", given,
                   FAMILIES);
}

static np_status panel_options(np_model_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *panel = np_argument(a, "panel");
    s->panel_model =
        np_argument_given(a, "model")
            ? NP_PANEL_POOLING + (np_panel_model)np_argument_choice(a, "model", 0)
            : NP_PANEL_NONE;
    s->effect = (np_panel_effect)np_argument_choice(a, "effect", NP_EFFECT_INDIVIDUAL);
    s->random_method = (np_random_method)np_argument_choice(a, "random-method", NP_SWAR);
    if (s->panel_model != NP_PANEL_NONE && panel == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("--model needs the panel: --panel unit,time as well"));
    if (s->panel_model == NP_PANEL_NONE && np_argument_given(a, "effect"))
        return np_fail(err, NP_E_USAGE, _("--effect belongs to a panel model: --model"));
    if (s->panel_model != NP_PANEL_RANDOM && np_argument_given(a, "random-method"))
        return np_fail(err, NP_E_USAGE, _("--random-method belongs to --model random"));
    if (panel == NULL)
        return NP_OK;
    char *unit = np_arena_copy_text(call->arena, panel, strlen(panel));
    char *comma = unit == NULL ? NULL : strchr(unit, ',');
    if (unit == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (comma == NULL || comma == unit || comma[1 + strspn(comma + 1, " ")] == '\0')
        return np_fail(err, NP_E_USAGE,
                       _("--panel %s: it is the unit's and the period's column, as in "
                         "--panel municipality,year"),
                       panel);
    *comma = '\0';
    s->design.panel_unit = unit;
    s->design.panel_time = comma + 1 + strspn(comma + 1, " ");
    return NP_OK;
}

static np_status covariance_options(np_model_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *vcov = np_argument(a, "vcov"), *cluster = np_argument(a, "cluster");
    if (vcov != NULL && cluster != NULL)
        return np_fail(err, NP_E_USAGE, _("--vcov and --cluster say the same: give one"));
    if (s->panel_model != NP_PANEL_NONE) {
        s->panel_vcov = vcov;
        if (cluster == NULL && !np_argument_given(a, "ssc"))
            return NP_OK;
        np_fail(err, NP_E_USAGE, _("panel models take their covariance by name"));
        return np_error_hint(err, _("--vcov arellano clusters by unit, --vcov "
                                    "arellano/sss as Stata does"));
    }
    if (cluster != NULL)
        vcov = np_arena_format(call->arena, "~%s", cluster + strspn(cluster, "~ "));
    np_status status = NP_OK;
    if (vcov != NULL || np_argument_given(a, "ssc"))
        status = np_vcov_parse(&s->vcov, vcov == NULL ? "iid" : vcov, call->arena, err);
    if (status == NP_OK && np_argument_given(a, "ssc"))
        status = np_ssc_parse(&s->vcov.ssc, np_argument(a, "ssc"), err);
    return status;
}

static np_status test_options(np_model_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    size_t n_tests = np_argument_count(a, "test"), n_wald = np_argument_count(a, "wald");
    const char **test = np_arena_array(call->arena, const char *, n_tests + n_wald);
    if (test == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n_tests; i++)
        test[i] = np_argument_at(a, "test", i);
    for (size_t i = 0; i < n_wald; i++) {
        test[n_tests + i] =
            np_arena_format(call->arena, "wald:%s", np_argument_at(a, "wald", i));
        if (test[n_tests + i] == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    s->test = test;
    s->n_tests = n_tests + n_wald;
    return NP_OK;
}

static np_information information_option(const np_arguments *a)
{
    return np_argument_given(a, "information")
               ? NP_INFORMATION_OBSERVED +
                     (np_information)np_argument_choice(a, "information", 0)
               : NP_INFORMATION_DEFAULT;
}

static np_status tolerance_option(np_model_spec *s, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *tolerance = np_argument(a, "tolerance");
    if (tolerance == NULL)
        return NP_OK;
    s->fully_converged = strcmp(tolerance, "exact") == 0;
    if (s->fully_converged)
        return NP_OK;
    np_status status = np_argument_number(&s->deviance_tolerance, a, "tolerance", err);
    if (status == NP_OK && !(s->deviance_tolerance >= 0 && s->deviance_tolerance < 1))
        return np_fail(err, NP_E_USAGE,
                       _("--tolerance %s: it is a small share, as 1e-8, or exact"),
                       tolerance);
    s->fully_converged = s->deviance_tolerance == 0;
    return status;
}

static np_status bootstrap_options(np_model_spec *s, const np_call *call, np_error *err)
{
    static const char *const belongs[] = {
        "bootstrap-term", "bootstrap-weights", "bootstrap-null",  "bootstrap-cluster",
        "bootstrap-p",    "bootstrap-type",    "bootstrap-joint", "seed"};
    const np_arguments *a = call->arguments;
    const char *adjust = np_argument(a, "adjust");
    bool for_adjusting = adjust != NULL && strcmp(adjust, "romano-wolf") == 0;
    int64_t draws = for_adjusting ? 9999 : 0, seed = 1;
    if (!np_argument_given(a, "bootstrap") && !for_adjusting) {
        for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++)
            if (np_argument_given(a, belongs[i]))
                return np_fail(err, NP_E_USAGE, _("--%s belongs to --bootstrap DRAWS"),
                               belongs[i]);
        return NP_OK;
    }
    np_status status = np_argument_integer(&draws, a, "bootstrap", 1, 100000000, err);
    if (status == NP_OK)
        status = np_argument_integer(&seed, a, "seed", 0, (int64_t)1 << 53, err);
    if (status != NP_OK)
        return status;
    if (s->family != NP_FAMILY_GAUSSIAN || s->panel_model != NP_PANEL_NONE)
        return np_fail(err, NP_E_USAGE,
                       _("--bootstrap is for least squares: not with --family or "
                         "--model"));
    size_t n = np_argument_count(a, "bootstrap-term");
    const char **hypothesis = np_arena_array(call->arena, const char *, n);
    if (hypothesis == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++)
        hypothesis[i] = np_argument_at(a, "bootstrap-term", i);
    size_t n_joint = np_argument_count(a, "bootstrap-joint");
    const char **joint = np_arena_array(call->arena, const char *, n_joint);
    if (joint == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n_joint; i++)
        joint[i] = np_argument_at(a, "bootstrap-joint", i);
    s->wild = (np_wild_request){
        .draws = (size_t)draws,
        .seed = (uint64_t)seed,
        .hypothesis = hypothesis,
        .n_hypotheses = n,
        .joint = joint,
        .n_joint = n_joint,
        .cluster = np_argument(a, "bootstrap-cluster"),
        .weights = (np_wild_weights)np_argument_choice(a, "bootstrap-weights", 0),
        .null = (np_wild_null)np_argument_choice(a, "bootstrap-null", 0),
        .type = (np_wild_type)np_argument_choice(a, "bootstrap-type", 0),
        .p = (np_wild_p)np_argument_choice(a, "bootstrap-p", 0)};
    return NP_OK;
}

np_status np_estimate_spec(np_model_spec *out, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    int64_t threads = 0;
    np_model_spec s = {.design = {.weights = np_argument(a, "weights"),
                                  .offset = np_argument(a, "offset"),
                                  .subset = np_argument(a, "subset")},
                       .want_effects = np_argument_given(a, "effects"),
                       .want_profile = np_argument_given(a, "profile"),
                       .profile_on_grid = np_argument_choice(a, "profile", 0) == 1,
                       .information = information_option(a),
                       .want_margins = np_argument_given(a, "margins"),
                       .want_diagnostics = true};
    np_status status = np_level_option(&s.conf_level, a, err);
    if (status == NP_OK)
        status = family_option(&s.family, a, err);
    if (status == NP_OK && s.information != NP_INFORMATION_DEFAULT &&
        s.family != NP_FAMILY_NEGBIN)
        status = np_fail(err, NP_E_USAGE, _("--information belongs to --family negbin"));
    if (status == NP_OK)
        status = tolerance_option(&s, call, err);
    if (status == NP_OK)
        status = np_argument_integer(&threads, a, "threads", 1, 64, err);
    s.n_threads = (unsigned)threads;
    if (status == NP_OK)
        status = panel_options(&s, call, err);
    if (status == NP_OK)
        status = covariance_options(&s, call, err);
    if (status == NP_OK)
        status = test_options(&s, call, err);
    if (status == NP_OK)
        status = bootstrap_options(&s, call, err);
    if (status == NP_OK)
        *out = s;
    return status;
}

const np_command np_command_estimate = {
    .name = "estimate",
    .summary = N_("estimate a model on a data file"),
    .synopsis = "FORMULA DATA.csv [options]",
    .description = N_(
        "Estimates the model that FORMULA describes on the rows of DATA.csv and prints "
        "its "
        "coefficients with standard errors, tests and what they rest on: which rows were "
        "left out and why, which convention the standard errors follow, how many "
        "clusters "
        "and degrees of freedom there are.\n\n"
        "FORMULA is in the language of R's fixest: outcome ~ terms | fixed effects | "
        "endogenous ~ instruments. Terms are columns and functions of them (log(x), x^2, "
        "poly(x, 2), ifelse(…), x1:x2, a*b); text columns and factor(x) become dummies; "
        "i(x, ref = 0) makes dummies of a number, i(x, z) times z; sunab(cohort, period) "
        "is "
        "the event study of Sun and Abraham; l(x, 1:2), f(x) and d(x) are lags, leads "
        "and "
        "differences on the declared panel. Fixed effects are joined by +; a^b is their "
        "combination, unit[trend] adds a slope per unit. The full reference is "
        "doc/methods/formula.md.\n\n"
        "DATA.csv may be separated by commas, semicolons or tabs, in UTF-8 or "
        "Windows-1252, "
        "with decimal point or comma; only the columns that the formula names are read. "
        "Empty cells, NA and the statistical agencies' signs for missing are missing, "
        "and "
        "such rows are left out and counted.\n\n"
        "Covariances and small-sample choices have the names and defaults of fixest "
        "0.14; "
        "panel models (--model) those of plm."),
    .examples =
        "# two-way fixed effects, weighted, errors clustered by state\n"
        "nullpunkt estimate \"l_homicide ~ post | sid + year\" castle.csv \\\n"
        "    --weights population --cluster sid\n"
        "\n"
        "# event study with its figure and a joint test of the periods before\n"
        "nullpunkt estimate \"y ~ x1 + i(time_to_treatment, ref=c(-1,-1000)) | id + "
        "year\" \\\n"
        "    stagg.csv --cluster id --wald \"time_to_treatment::-\" --plot event.html\n"
        "\n"
        "# three models side by side, as LaTeX\n"
        "nullpunkt estimate \"inv ~ value\" grunfeld.csv --and \"inv ~ value + capital\" "
        "\\\n"
        "    --and \"inv ~ value + capital | firm + year\" --cluster firm --format "
        "latex\n"
        "\n"
        "# ten clusters: the wild cluster bootstrap of one coefficient\n"
        "nullpunkt estimate \"inv ~ value + capital | firm + year\" grunfeld.csv \\\n"
        "    --cluster firm --bootstrap 9999 --bootstrap-term capital\n"
        "\n"
        "# random effects with the Hausman test\n"
        "nullpunkt estimate \"inv ~ value + capital\" grunfeld.csv --panel firm,year \\\n"
        "    --model random --test hausman\n"
        "\n"
        "# instruments\n"
        "nullpunkt estimate \"lwage ~ exper + expersq | educ ~ motheduc + fatheduc\" "
        "mroz.csv \\\n    --vcov hetero",
    .n_positional_min = 2,
    .n_positional_max = 2,
    .option = options,
    .n_options = N_OPTIONS,
    .run = np_estimate_run,
};
