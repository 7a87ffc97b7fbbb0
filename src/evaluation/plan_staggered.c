/* The keys of a question that say how estimators for staggered starts are run and what
 * their result is tried against. */
#include <math.h>
#include <string.h>

#include "evaluation/plan_reader.h"

enum { MOST_DRAWS = 1000000, MOST_BOUNDS = 50 };

static size_t draws(np_reader *r, np_reader_key key)
{
    double n = np_reader_number_between(r, key, 0, MOST_DRAWS, 0);
    if (n == floor(n))
        return (size_t)n;
    np_reader_problem(r, key.node, key.name, NP_E_RANGE, _("for example 999"),
                      _("a number of draws is whole"));
    return 0;
}

static double whole(np_reader *r, np_reader_key key, double high)
{
    double n = np_reader_number_between(r, key, 0, high, 0);
    if (n != floor(n))
        np_reader_problem(r, key.node, key.name, NP_E_RANGE, NULL,
                          _("a whole number is expected here"));
    return floor(n);
}

void plan_inference(np_reader *r, np_plan_question *q, np_reader_key key)
{
    static const char *const keys[] = {"method",    "base",       "anticipation",
                                       "bootstrap", "wild",       "randomisation",
                                       "seed",      "unbalanced", "synthetic_errors"};
    static const char *const methods[] = {"dr", "ipw", "reg", "dr-improved"};
    static const char *const bases[] = {"varying", "universal"};
    static const char *const gaps[] = {"pairs", "balance", "cross-section", "refuse"};
    static const char *const errors[] = {"none", "placebo", "bootstrap", "jackknife"};
    const np_yaml *node = key.node;
    if (node == NULL ||
        !np_reader_check_keys(r, node, _("inference"), keys, PLAN_COUNT(keys)))
        return;
    np_plan_inference *i = &q->inference;
    i->method = (np_did_method)np_reader_choice(r, np_reader_get(node, "method"), methods,
                                                PLAN_COUNT(methods), 0);
    i->base = (np_base_period_rule)np_reader_choice(r, np_reader_get(node, "base"), bases,
                                                    PLAN_COUNT(bases), 0);
    i->unbalanced = (np_unbalanced)np_reader_choice(r, np_reader_get(node, "unbalanced"),
                                                    gaps, PLAN_COUNT(gaps), 0);
    i->synthetic_errors = (np_synthetic_errors)np_reader_choice(
        r, np_reader_get(node, "synthetic_errors"), errors, PLAN_COUNT(errors), 0);
    i->anticipation = (int)whole(r, np_reader_get(node, "anticipation"), 100);
    i->bootstrap = draws(r, np_reader_get(node, "bootstrap"));
    i->wild = draws(r, np_reader_get(node, "wild"));
    i->randomisation = draws(r, np_reader_get(node, "randomisation"));
    i->seed = (uint64_t)whole(r, np_reader_get(node, "seed"), 9007199254740992.0);
}

/* Bounds on how wrong the trends may be: not negative, each once, ascending. */
static const double *bounds(np_reader *r, np_reader_key key, size_t *n)
{
    const double *bound = np_reader_numbers(r, key, n);
    bool good = *n <= MOST_BOUNDS;
    for (size_t i = 0; i < *n && good; i++)
        good = bound[i] >= 0 && isfinite(bound[i]) && (i == 0 || bound[i] > bound[i - 1]);
    if (good)
        return bound;
    np_reader_problem(r, key.node, key.name, NP_E_RANGE,
                      _("for example [0.5, 1, 1.5, 2]"),
                      _("at most %d bounds from 0 on, ascending"), MOST_BOUNDS);
    *n = 0;
    return bound;
}

static void leave_one_out(np_reader *r, np_plan_sensitivity *s, np_reader_key key)
{
    static const char *const what[] = {"unit", "cohort"};
    size_t n;
    const np_yaml *item = np_reader_items(r, key, &n);
    for (size_t i = 0; i < n; i++) {
        int which = np_reader_choice(r, (np_reader_key){key.name, &item[i]}, what,
                                     PLAN_COUNT(what), -1);
        s->leave_one_unit_out = s->leave_one_unit_out || which == 0;
        s->leave_one_cohort_out = s->leave_one_cohort_out || which == 1;
    }
}

/* `of` must be among the estimators of the question. */
static void check_of(np_reader *r, const np_plan_question *q, np_reader_key key)
{
    const char *of = q->sensitivity.of.text;
    for (size_t i = 0; i < q->n_estimators; i++)
        if (of != NULL && strcmp(np_estimator_code(q->estimator[i]), of) == 0)
            return;
    if (of != NULL)
        np_reader_problem(r, key.node, key.name, NP_E_UNKNOWN_NAME,
                          _("add it there, or leave the key out"),
                          _("%s is not among the question's estimators"), of);
}

void plan_sensitivity(np_reader *r, np_plan_question *q, np_reader_key key)
{
    static const char *const keys[] = {"of", "relative_magnitudes", "smoothness",
                                       "leave_one_out", "placebo_dates"};
    const np_yaml *node = key.node;
    np_plan_sensitivity *s = &q->sensitivity;
    if (node == NULL ||
        !np_reader_check_keys(r, node, _("sensitivity"), keys, PLAN_COUNT(keys)))
        return;
    s->given = true;
    s->of = plan_name(r, np_reader_get(node, "of"));
    check_of(r, q, np_reader_get(node, "of"));
    s->relative_magnitude =
        bounds(r, np_reader_get(node, "relative_magnitudes"), &s->n_relative_magnitudes);
    s->smoothness = bounds(r, np_reader_get(node, "smoothness"), &s->n_smoothness);
    s->placebo_dates = np_reader_bool(r, np_reader_get(node, "placebo_dates"), false);
    leave_one_out(r, s, np_reader_get(node, "leave_one_out"));
}
