#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cmd_power.h"
#include "report/doc.h"
#include "report/number.h"

enum { N_SHARES = 6, MOST_SENTENCES = 12 };
/* Of the smallest effect, in the table of power by effect. */
static const double shares[N_SHARES] = {0.25, 0.5, 0.75, 1, 1.25, 1.5};

static const char *const estimator_code[] = {"two-way", "gls", "ancova", "after"};
static const char *const estimator_name[] = {
    N_("two-way fixed effects"), N_("generalised least squares with period effects"),
    N_("the mean after the start given the mean before"),
    N_("the difference of means after the start")};
static const char *const distribution_code[] = {"noncentral-t", "shifted-t", "normal"};

typedef struct {
    np_arena *arena;
    np_language language;
    const np_power_answer *p;
    double level, power, share, sign;
    const char *sentence[MOST_SENTENCES];
    size_t n;
    bool failed;
} printer;

static const char *number(const printer *w, double value)
{
    return np_number_significant(w->arena, value, 3, w->language);
}

/* "80" of a share of 0.8; a decimal where a whole number would lie. */
static const char *of_hundred(const printer *w, double share)
{
    double hundred = 100 * share;
    return np_number_fixed(w->arena, hundred,
                           fabs(hundred - round(hundred)) < 0.05 || hundred >= 10 ? 0 : 1,
                           w->language);
}

static void say(printer *w, const char *text)
{
    if (text == NULL)
        w->failed = true;
    else if (w->n < MOST_SENTENCES)
        w->sentence[w->n++] = text;
}

static const char *test_in_words(const printer *w)
{
    return np_arena_format(w->arena,
                           w->p->spec.one_sided ? _("a one-sided test at %s %%")
                                                : _("a two-sided test at "
                                                    "%s %%"),
                           number(w, 100 * w->level));
}

static void say_smallest(printer *w, double mde, size_t treated, size_t clusters,
                         const char *how)
{
    say(w,
        np_arena_format(
            w->arena,
            _("With %zu participants among %zu %s a difference of %s is found in %s of "
              "100 programmes (%s, %s)."),
            treated, clusters, w->p->called, number(w, mde), of_hundred(w, w->power),
            test_in_words(w), how));
    if (w->share < 1)
        say(w, np_arena_format(w->arena,
                               _("As the programme reaches %s %% of the organisation, "
                                 "that is an effect of %s on those it reaches."),
                               number(w, 100 * w->share), number(w, mde / w->share)));
}

static void say_power(printer *w, double effect, double power)
{
    if (!isnan(effect))
        say(w,
            np_arena_format(
                w->arena,
                w->share < 1 ? _("An effect of %s on those reached is found in %s of 100 "
                                 "programmes.")
                             : _("An effect of %s is found in %s of 100 programmes."),
                number(w, effect), of_hundred(w, power)));
}

static void say_formula(printer *w)
{
    const np_power *f = &w->p->formula;
    const np_power_spec *s = &w->p->spec;
    say_smallest(w, f->mde, f->n_treated, f->n_clusters, _(estimator_name[s->estimator]));
    say_power(w, f->effect, f->power);
    say(w, np_arena_format(
               w->arena,
               s->distribution == NP_POWER_NORMAL
                   ? _("By formula: standard error %s, normal distribution.")
                   : _("By formula: standard error %s, t with %s degrees of freedom."),
               number(w, f->std_error), number(w, f->df)));
    if (s->cluster_size > 1)
        say(w, np_arena_format(w->arena,
                               _("The %s people of a cluster say as much as %s "
                                 "independent ones."),
                               number(w, s->cluster_size),
                               number(w, s->cluster_size / f->design_effect)));
    if (!w->p->serial_is_given && s->n_periods > 1)
        say(w, _("Note: no correlation between periods is assumed, which is rarely true; "
                 "give --serial."));
    if (s->variance == 0)
        say(w, _("Effects are in standard deviations of the outcome; give --sd for its "
                 "own unit."));
}

static void say_source(printer *w)
{
    const np_power_panel *d = &w->p->panel;
    const np_power_simulation *s = &w->p->simulation;
    say(w, np_arena_format(
               w->arena,
               d->source == NP_PLACEBO_NEVER
                   ? _("Placebo: %zu draws from %zu units that are never treated, in %zu "
                       "periods.")
                   : _("Placebo: %zu draws from %zu units in the %zu periods before "
                       "anybody is treated."),
               s->n_draws, d->n_units, d->n_periods));
    if (s->with_replacement)
        say(w, np_arena_format(w->arena,
                               _("Note: the plan has %zu clusters, more than the data; "
                                 "units are drawn with replacement."),
                               s->n_clusters));
    if (d->n_gaps_left_out > 0)
        say(w, np_arena_format(w->arena,
                               _("Left out: %zu units without an outcome in every "
                                 "period."),
                               d->n_gaps_left_out));
}

static void say_simulation(printer *w)
{
    const np_power_simulation *s = &w->p->simulation;
    say_smallest(w, s->mde, s->n_treated, s->n_clusters,
                 w->p->estimator == NP_DID_TWO_WAY
                     ? _("by placebo in the data, two-way fixed effects")
                     : np_arena_format(w->arena, _("by placebo in the data, %s"),
                                       np_did_estimator_code(w->p->estimator)));
    say_power(w, s->effect, s->power);
    say(w, np_arena_format(
               w->arena,
               _("The smallest difference lies between %s and %s with the "
                 "error of the draws. Without effect the test rejects in %s "
                 "of 100 programmes, give or take %s."),
               number(w, s->mde_low), number(w, s->mde_high), of_hundred(w, s->size),
               np_number_fixed(w->arena, 196 * s->size_error, 1, w->language)));
    if (s->size - 2 * s->size_error > 1.2 * w->level)
        say(w, _("Note: the test rejects too often; p values of such a programme are too "
                 "small, and so is the smallest difference."));
    say_source(w);
}

/* The unit of the table: the smallest effect on those reached. */
static double smallest(const printer *w)
{
    return w->sign *
           (w->p->by_formula ? w->p->formula.mde_treated : w->p->simulation.mde_treated);
}

static double formula_power(const printer *w, double effect)
{
    const np_power_spec *s = &w->p->spec;
    if (!w->p->by_formula)
        return NAN;
    return np_power_at(effect * w->share / w->p->formula.std_error, w->p->formula.df,
                       w->level, s->one_sided, s->distribution);
}

static double simulated_power(const printer *w, double effect)
{
    if (!w->p->by_simulation)
        return NAN;
    return np_power_simulated_at(&w->p->simulation, effect * w->share, w->level,
                                 w->p->spec.one_sided);
}

static double draw_error(const printer *w, double power)
{
    return sqrt(power * (1 - power) / (double)w->p->simulation.n_draws);
}

static const np_doc_table *table_of(const printer *w, bool for_machines, bool with_notes)
{
    const np_power_answer *p = w->p;
    size_t n = 1 + p->by_formula + 2 * (size_t)p->by_simulation;
    np_table_builder *t = np_table_builder_new(
        w->arena, "power", for_machines ? "" : _("Power by effect"), n);
    np_table_builder_head(t);
    np_table_builder_cell(t, for_machines ? "effect" : _("Effect"));
    if (p->by_formula)
        np_table_builder_cell(t, for_machines ? "power_formula" : _("By formula"));
    if (p->by_simulation) {
        np_table_builder_cell(t, for_machines ? "power_simulation" : _("By placebo"));
        np_table_builder_cell(t, for_machines ? "monte_carlo_error" : _("Error"));
    }
    for (size_t i = 0; i < N_SHARES; i++) {
        double effect = shares[i] * smallest(w), drawn = simulated_power(w, effect);
        np_table_builder_row(t);
        np_table_builder_number(t, number(w, effect), effect);
        if (p->by_formula)
            np_table_builder_number(
                t, np_number_fixed(w->arena, formula_power(w, effect), 3, w->language),
                formula_power(w, effect));
        if (!p->by_simulation)
            continue;
        np_table_builder_number(t, np_number_fixed(w->arena, drawn, 3, w->language),
                                drawn);
        np_table_builder_number(
            t, np_number_fixed(w->arena, draw_error(w, drawn), 3, w->language),
            draw_error(w, drawn));
    }
    for (size_t i = 0; with_notes && i < w->n; i++)
        np_table_builder_note(t, "%s", w->sentence[i]);
    np_table_builder_align(t, 0, NP_ALIGN_RIGHT);
    return np_table_builder_done(t);
}

static void put_plan(np_json *j, const printer *w)
{
    const np_power_spec *s = &w->p->spec;
    np_json_key(j, "plan");
    np_json_object(j);
    np_json_put_integer(j, "n_periods", (int64_t)s->n_periods);
    np_json_key(j, "cohorts");
    np_json_array(j);
    for (size_t g = 0; g < s->n_cohorts; g++) {
        np_json_object(j);
        np_json_key(j, "start");
        if (s->cohort[g].start == 0)
            np_json_null(j);
        else
            np_json_integer(j, (int64_t)s->cohort[g].start);
        np_json_put_integer(j, "n_clusters", (int64_t)s->cohort[g].n_clusters);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_put_text(j, "estimator", estimator_code[s->estimator]);
    np_json_put_text(j, "distribution", distribution_code[s->distribution]);
    np_json_put_number(j, "variance", s->variance > 0 ? s->variance : 1);
    np_json_put_number(j, "cluster_size", s->cluster_size > 0 ? s->cluster_size : 1);
    np_json_put_number(j, "icc", s->cluster_size > 1 ? s->icc : 1);
    np_json_put_text(j, "correlation",
                     s->correlation == NP_SERIAL_AR1 ? "ar1" : "constant");
    np_json_put_number(j, "serial", s->serial);
    np_json_put_number(j, "individual", s->individual);
    np_json_put_number(j, "reach", w->share);
    np_json_put_number(j, "level", w->level);
    np_json_put_text(j, "sides", s->one_sided ? "one" : "two");
    np_json_put_number(j, "power", w->power);
    np_json_end_object(j);
}

static void put_formula(np_json *j, const np_power *f)
{
    np_json_key(j, "formula");
    np_json_object(j);
    np_json_put_number(j, "std_error", f->std_error);
    np_json_put_number(j, "df", f->df);
    np_json_put_number(j, "critical", f->critical);
    np_json_put_number(j, "mde", f->mde);
    np_json_put_number(j, "mde_treated", f->mde_treated);
    np_json_put_number(j, "effect", f->effect);
    np_json_put_number(j, "power", f->power);
    np_json_put_integer(j, "n_clusters", (int64_t)f->n_clusters);
    np_json_put_integer(j, "n_treated", (int64_t)f->n_treated);
    np_json_put_number(j, "design_effect", f->design_effect);
    np_json_end_object(j);
}

static void put_simulation(np_json *j, const np_power_answer *p)
{
    const np_power_simulation *s = &p->simulation;
    np_json_key(j, "simulation");
    np_json_object(j);
    np_json_put_text(j, "estimator", np_did_estimator_code(p->estimator));
    np_json_put_text(j, "placebo",
                     p->panel.source == NP_PLACEBO_NEVER ? "never" : "before");
    np_json_put_integer(j, "n_units", (int64_t)s->n_units);
    np_json_put_integer(j, "n_periods", (int64_t)p->panel.n_periods);
    np_json_put_number(j, "first_period", p->panel.first_period);
    np_json_put_number(j, "last_period", p->panel.last_period);
    np_json_put_integer(j, "n_treated_left_out", (int64_t)p->panel.n_treated_left_out);
    np_json_put_integer(j, "n_gaps_left_out", (int64_t)p->panel.n_gaps_left_out);
    np_json_put_integer(j, "n_clusters", (int64_t)s->n_clusters);
    np_json_put_integer(j, "n_treated", (int64_t)s->n_treated);
    np_json_put_bool(j, "with_replacement", s->with_replacement);
    np_json_put_integer(j, "n_draws", (int64_t)s->n_draws);
    np_json_put_integer(j, "seed", (int64_t)p->simulation_spec.seed);
    np_json_put_number(j, "df", s->df);
    np_json_put_number(j, "mean", s->mean);
    np_json_put_number(j, "std_dev", s->std_dev);
    np_json_put_number(j, "mean_std_error", s->mean_std_error);
    np_json_put_number(j, "size", s->size);
    np_json_put_number(j, "size_error", s->size_error);
    np_json_put_number(j, "mde", s->mde);
    np_json_put_number(j, "mde_low", s->mde_low);
    np_json_put_number(j, "mde_high", s->mde_high);
    np_json_put_number(j, "mde_treated", s->mde_treated);
    np_json_put_number(j, "effect", s->effect);
    np_json_put_number(j, "power", s->power);
    np_json_put_number(j, "power_error", s->power_error);
    np_json_end_object(j);
}

static void print_json(np_buf *out, const printer *w)
{
    np_json j = {.buf = out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    put_plan(&j, w);
    if (w->p->by_formula)
        put_formula(&j, &w->p->formula);
    if (w->p->by_simulation)
        put_simulation(&j, w->p);
    np_json_key(&j, "curve");
    np_json_array(&j);
    for (size_t i = 0; i < N_SHARES; i++) {
        double effect = shares[i] * smallest(w);
        np_json_object(&j);
        np_json_put_number(&j, "effect", effect);
        if (w->p->by_formula)
            np_json_put_number(&j, "power_formula", formula_power(w, effect));
        if (w->p->by_simulation) {
            double drawn = simulated_power(w, effect);
            np_json_put_number(&j, "power_simulation", drawn);
            np_json_put_number(&j, "monte_carlo_error", draw_error(w, drawn));
        }
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_key(&j, "sentences");
    np_json_array(&j);
    for (size_t i = 0; i < w->n; i++)
        np_json_text(&j, w->sentence[i]);
    np_json_end_array(&j);
    np_json_end_object(&j);
}

static np_status print_document(np_buf *out, const printer *w, np_doc_format format,
                                np_error *err)
{
    np_doc doc = np_doc_new(w->arena, w->language, _("Power of the planned design"), "");
    for (size_t i = 0; i < w->n; i++)
        np_doc_add_text(&doc, NP_DOC_PARAGRAPH, "%s", w->sentence[i]);
    const np_doc_table *table = table_of(w, false, false);
    if (table != NULL)
        np_doc_add_table(&doc, table);
    np_status status = np_doc_done(&doc, err);
    if (status == NP_OK)
        np_doc_render(out, &doc, format);
    return status;
}

np_status np_power_print(const np_call *call, const np_power_answer *p, np_error *err)
{
    const np_power_spec *s = &p->spec;
    printer w = {.arena = call->arena,
                 .language = np_language_get(),
                 .p = p,
                 .level = s->level > 0 ? s->level : 0.05,
                 .power = s->power > 0 ? s->power : 0.8,
                 .share = s->share_treated > 0 ? s->share_treated : 1,
                 .sign = s->effect < 0 ? -1 : 1};
    const char *format = np_argument(call->arguments, "format");
    if (p->by_simulation)
        say_simulation(&w);
    if (p->by_formula)
        say_formula(&w);
    if (w.failed)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (format == NULL || strcmp(format, "text") == 0)
        return print_document(call->out, &w, NP_TEXT, err);
    if (strcmp(format, "markdown") == 0)
        return print_document(call->out, &w, NP_MARKDOWN, err);
    if (strcmp(format, "json") == 0) {
        print_json(call->out, &w);
        return NP_OK;
    }
    bool csv = strcmp(format, "csv") == 0;
    const np_doc_table *table = table_of(&w, csv, !csv);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, csv ? NP_CSV : NP_LATEX, w.language);
    return NP_OK;
}
