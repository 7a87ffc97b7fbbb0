#include <string.h>

#include "cli/cmd_did.h"
#include "cli/common.h"
#include "evaluation/trial_json.h"
#include "report/did_checks.h"
#include "report/sensitivity.h"
#include "stats/did/did_sensitivity.h"

static bool any(const np_did_checks *c)
{
    return c->leave_out[NP_LEAVE_OUT_UNIT] || c->leave_out[NP_LEAVE_OUT_COHORT] ||
           c->placebo || c->randomise || c->sensitivity;
}

static np_status randomisation_options(np_did_checks *c, const np_did_study *d,
                                       const np_call *call, np_error *err)
{
    static const char *const belongs[] = {"permute", "studentised", "statistic"};
    const np_arguments *a = call->arguments;
    int64_t draws = 0, seed = 1;
    c->randomise = np_argument_given(a, "randomisation");
    for (size_t i = 0; !c->randomise && i < sizeof belongs / sizeof *belongs; i++)
        if (np_argument_given(a, belongs[i]))
            return np_fail(err, NP_E_USAGE, _("--%s belongs to --%s"), belongs[i],
                           "randomisation DRAWS");
    np_status status = np_argument_integer(&draws, a, "randomisation", 1, 100000000, err);
    if (status == NP_OK)
        status = np_argument_integer(&seed, a, "seed", 0, (int64_t)1 << 53, err);
    np_randomised_statistic own = d->wanted[0] == NP_DID_GROUP_TIME
                                      ? NP_RANDOMISE_GROUP_TIME
                                      : NP_RANDOMISE_TWO_WAY;
    c->randomisation = (np_randomisation_spec){
        .statistic =
            (np_randomised_statistic)np_argument_choice(a, "statistic", (size_t)own),
        .studentised = np_argument_given(a, "studentised"),
        .permute = (np_permute)np_argument_choice(a, "permute", NP_PERMUTE_UNITS),
        .comparison = d->spec.comparison,
        .anticipation = d->spec.anticipation,
        .by_cluster = d->panel_spec.cluster != NULL,
        .draws = (size_t)draws,
        .seed = (uint64_t)seed,
        .conf_level = d->spec.conf_level,
        .n_threads = d->spec.n_threads};
    return status;
}

static np_status sensitivity_options(np_did_checks *c, const np_did_study *d,
                                     const np_call *call, np_error *err)
{
    static const char *const belongs[] = {"m", "mbar", "sensitivity-target"};
    const np_arguments *a = call->arguments;
    c->sensitivity = np_argument_given(a, "sensitivity");
    for (size_t i = 0; !c->sensitivity && i < sizeof belongs / sizeof *belongs; i++)
        if (np_argument_given(a, belongs[i]))
            return np_fail(err, NP_E_USAGE, _("--%s belongs to --%s"), belongs[i],
                           "sensitivity RESTRICTION");
    if (!c->sensitivity)
        return NP_OK;
    c->honest = (np_honest_spec){
        .restriction = (np_honest_restriction)np_argument_choice(a, "sensitivity", 0),
        .conf_level = d->spec.conf_level,
        .n_threads = d->spec.n_threads};
    c->target = (np_sensitivity_target)np_argument_choice(a, "sensitivity-target", 0);
    bool smooth = c->honest.restriction == NP_HONEST_SMOOTHNESS;
    const char *own = smooth ? "m" : "mbar", *other = smooth ? "mbar" : "m";
    if (np_argument_given(a, other))
        return np_fail(err, NP_E_USAGE, _("--%s belongs to another restriction than %s"),
                       other, np_honest_restriction_code(c->honest.restriction));
    return np_argument_given(a, own)
               ? np_argument_numbers(&c->honest.bound, &c->honest.n_bounds, own,
                                     np_argument(a, own), call->arena, err)
               : NP_OK;
}

np_status np_did_check_options(np_did_study *d, const np_call *call, np_error *err)
{
    np_did_checks c = {.placebo = np_argument_given(call->arguments, "placebo-dates")};
    const char *const *what;
    size_t n;
    np_status status = np_argument_list(&what, &n, call, "leave-one-out", err);
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        bool unit = strcmp(what[i], "unit") == 0;
        if (!unit && strcmp(what[i], "cohort") != 0)
            return np_fail(err, NP_E_USAGE, _("--%s %s: it is one of %s"),
                           "leave-one-out", what[i], "unit|cohort");
        c.leave_out[unit ? NP_LEAVE_OUT_UNIT : NP_LEAVE_OUT_COHORT] = true;
    }
    if (status == NP_OK)
        status = randomisation_options(&c, d, call, err);
    if (status == NP_OK)
        status = sensitivity_options(&c, d, call, err);
    if (status == NP_OK && any(&c) && d->n_wanted > 1)
        return np_fail(err, NP_E_USAGE,
                       _("leaving out, made-up starts, randomisation and sensitivity are "
                         "of one estimator: --estimator %s"),
                       np_did_estimator_code(d->wanted[0]));
    if (status == NP_OK)
        d->checks = c;
    return status;
}

np_status np_did_check(np_did_study *d, const np_call *call, np_error *err)
{
    np_did_checks *c = &d->checks;
    np_did_estimator e = d->wanted[0];
    np_status status = NP_OK;
    for (np_leave_out w = NP_LEAVE_OUT_UNIT; w <= NP_LEAVE_OUT_COHORT; w++)
        if (status == NP_OK && c->leave_out[w]) {
            np_progress(call, _("leaving one out at a time"));
            status = np_leave_one_out(&c->left_out[w], &d->panel, &d->spec, e, w,
                                      call->arena, err);
        }
    if (status == NP_OK && c->placebo) {
        np_progress(call, _("made-up starts"));
        status =
            np_placebo_dates(&c->placebo_dates, &d->panel, &d->spec, e, call->arena, err);
    }
    if (status == NP_OK && c->randomise) {
        np_progress(call, _("drawing who is treated"));
        status = np_randomisation_estimate(&c->randomised, &d->panel, &c->randomisation,
                                           call->arena, err);
    }
    if (status == NP_OK && c->sensitivity) {
        np_progress(call, _("letting trends differ"));
        status = np_did_honest_estimate(&c->robust, &d->panel, &d->spec, e, &d->result[0],
                                        c->target, &c->honest, call->arena, err);
    }
    np_progress(call, NULL);
    return status;
}

static np_sensitivity in_words(const np_did_checks *c)
{
    return (np_sensitivity){.result = &c->robust,
                            .restriction = c->honest.restriction,
                            .shape = c->honest.shape,
                            .convention = c->honest.convention,
                            .target =
                                c->target == NP_TARGET_AVERAGE
                                    ? _("the average of the periods after the start")
                                    : NULL};
}

/* As results.json has what an estimate is tried against. */
static void put_honest(np_json *j, const np_did_checks *c, np_arena *arena)
{
    static const char *const key[] = {"relative_magnitudes", "smoothness",
                                      "relative_smoothness"};
    np_sensitivity words = in_words(c);
    np_json_key(j, key[c->honest.restriction]);
    np_json_object(j);
    np_json_put_text(j, "method", np_honest_method_code(c->robust.method));
    np_json_put_text(j, "target", c->target == NP_TARGET_AVERAGE ? "average" : "first");
    np_json_put_number(j, "conf_level", c->robust.conf_level);
    np_honest_json_members(j, &c->robust,
                           np_sensitivity_sentence(&words, arena, np_language_get()));
    np_json_end_object(j);
}

static void put_robustness(np_json *j, const char *key, const np_robustness *r)
{
    np_json_key(j, key);
    np_json_object(j);
    np_robustness_json_members(j, r);
    np_json_end_object(j);
}

static void put_randomisation(np_json *j, const np_did_checks *c)
{
    const np_randomisation_spec *s = &c->randomisation;
    np_json_key(j, "randomisation");
    np_json_object(j);
    np_json_put_text(j, "method", np_randomised_statistic_code(s->statistic));
    np_json_put_bool(j, "studentised", s->studentised);
    np_json_put_text(j, "permute", s->permute == NP_PERMUTE_DATES ? "dates" : "units");
    np_json_put_integer(j, "seed", (int64_t)s->seed);
    np_randomisation_json_members(j, &c->randomised);
    np_json_end_object(j);
}

void np_did_checks_json(np_json *j, const np_did_study *d, np_arena *arena)
{
    const np_did_checks *c = &d->checks;
    if (!any(c))
        return;
    np_json_key(j, "sensitivity");
    np_json_object(j);
    np_json_put_text(j, "of", np_did_estimator_code(d->wanted[0]));
    if (c->sensitivity)
        put_honest(j, c, arena);
    if (c->placebo)
        put_robustness(j, "placebo_dates", &c->placebo_dates);
    if (c->leave_out[NP_LEAVE_OUT_UNIT])
        put_robustness(j, "leave_unit_out", &c->left_out[NP_LEAVE_OUT_UNIT]);
    if (c->leave_out[NP_LEAVE_OUT_COHORT])
        put_robustness(j, "leave_cohort_out", &c->left_out[NP_LEAVE_OUT_COHORT]);
    if (c->randomise)
        put_randomisation(j, c);
    np_json_end_object(j);
}

void np_did_checks_doc(np_doc *doc, const np_did_study *d, bool figures)
{
    const np_did_checks *c = &d->checks;
    for (np_leave_out w = NP_LEAVE_OUT_UNIT; w <= NP_LEAVE_OUT_COHORT; w++)
        if (c->leave_out[w])
            np_did_doc_leave_out(doc, &d->panel, &c->left_out[w], w, figures);
    if (c->placebo)
        np_did_doc_placebo(doc, &d->panel, &c->placebo_dates, figures);
    if (c->randomise)
        np_did_doc_randomisation(doc, &c->randomisation, &c->randomised);
    if (!c->sensitivity)
        return;
    np_sensitivity words = in_words(c);
    const np_doc_table *table = np_sensitivity_table(&words, doc->arena, doc->language);
    const np_figure *figure =
        figures ? np_sensitivity_figure(&words, doc->arena, doc->language) : NULL;
    np_doc_add_heading(doc, 1, "sensitivity-heading", _("If trends were not parallel"));
    if (figure != NULL)
        np_doc_add_figure(doc, figure, table);
    else
        np_doc_add_table(doc, table);
}
