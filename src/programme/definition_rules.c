/* What must hold within programme.yaml, beyond the form of each value. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "programme/definition_internal.h"
#include "programme/value.h"

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

/* Dates are compared as texts: they are all written as 2014-02-01. */
static void in_order(np_drafts *d, const np_draft *draft, const char *first,
                     const char *then)
{
    const char *a = draft_text(draft, first), *b = draft_text(draft, then);
    if (a != NULL && b != NULL && strcmp(b, a) < 0)
        draft_problem(d, draft, then, NULL, _("%s is before %s, %s"), b, first, a);
}

static void programme_rules(np_drafts *d, const np_draft *draft)
{
    in_order(d, draft, "starts", "ends");
}

static void cohort_rules(np_drafts *d, const np_draft *cohort)
{
    const np_draft *programme = NULL;
    for (size_t i = 0; i < d->n && programme == NULL; i++)
        if (strcmp(d->draft[i].kind->name, "programme") == 0)
            programme = &d->draft[i];
    in_order(d, cohort, "starts", "ends");
    in_order(d, cohort, "invited", "deadline");
    in_order(d, cohort, "deadline", "starts");
    if (programme == NULL)
        return;
    const char *starts = draft_text(cohort, "starts"), *ends = draft_text(cohort, "ends");
    const char *first = draft_text(programme, "starts"),
               *last = draft_text(programme, "ends");
    if (starts != NULL && first != NULL && strcmp(starts, first) < 0)
        draft_problem(d, cohort, "starts", NULL,
                      _("%s is before the programme starts, %s"), starts, first);
    if (ends != NULL && last != NULL && strcmp(ends, last) > 0)
        draft_problem(d, cohort, "ends", NULL, _("%s is after the programme ends, %s"),
                      ends, last);
}

static void aggregation_rules(np_drafts *d, const np_draft *draft, bool is_ratio)
{
    static const char *const across[] = {"across_organisations", "across_units",
                                         "across_periods"};
    for (size_t i = 0; i < sizeof across / sizeof *across; i++) {
        const char *how = draft_text(draft, across[i]);
        if (is_ratio && (is(how, "sum") || is(how, "mean") || is(how, "weighted_mean")))
            draft_problem(d, draft, across[i],
                          _("ratio: sums of numerators by sums of denominators; or none, "
                            "or latest"),
                          _("a ratio is computed anew and never a %s of ratios"), how);
        else if (!is_ratio && is(how, "ratio"))
            draft_problem(d, draft, across[i], _("sort: ratio, or another rule"),
                          _("only ratios have numerators and denominators to add"));
    }
}

static void indicator_rules(np_drafts *d, const np_draft *draft)
{
    static const char *const parts[] = {"numerator", "denominator", "factor"};
    const char *sort = draft_text(draft, "sort");
    bool is_ratio = is(sort, "ratio");
    for (size_t i = 0; i < 3 && sort != NULL; i++) {
        bool given = draft_value(draft, parts[i]).type != NP_VALUE_NONE;
        if (is_ratio && !given && draft_place(draft, parts[i]) == draft->node)
            draft_problem(d, draft, parts[i],
                          _("100 is the factor of per cent, 1 of a plain ratio"),
                          _("a ratio must have numerator, denominator and factor"));
        else if (!is_ratio && given)
            draft_problem(d, draft, parts[i], "sort: ratio",
                          _("only a ratio has one, and this is a %s"), sort);
    }
    if (draft_number(draft, "factor") <= 0)
        draft_problem(d, draft, "factor", NULL, _("a factor is above 0"));
    if (draft_number(draft, "low") > draft_number(draft, "high"))
        draft_problem(d, draft, "high", NULL,
                      _("the highest value, %g, is below the "
                        "lowest, %g"),
                      draft_number(draft, "high"), draft_number(draft, "low"));
    if (draft_number(draft, "decimals") < 0 || draft_number(draft, "decimals") > 9)
        draft_problem(d, draft, "decimals", NULL, _("0 to 9 decimals can be printed"));
    if (sort != NULL)
        aggregation_rules(d, draft, is_ratio);
}

static void version_rule(np_drafts *d, const np_draft *draft)
{
    if (draft_number(draft, "version") < 1)
        draft_problem(d, draft, "version", NULL, _("versions are 1, 2, 3 …"));
}

static void scheme_rules(np_drafts *d, const np_draft *scheme)
{
    const np_draft *previous = draft_referred(d, scheme, "previous");
    if (previous == NULL)
        return;
    if (!(draft_number(previous, "version") < draft_number(scheme, "version")))
        draft_problem(d, scheme, "version",
                      _("a version that takes the place of another has a higher number"),
                      _("version %g takes the place of version %g (%s)"),
                      draft_number(scheme, "version"), draft_number(previous, "version"),
                      previous->id);
    for (const np_draft *other = d->draft; other < scheme; other++)
        if (other->kind == scheme->kind &&
            is(draft_text(other, "previous"), draft_text(scheme, "previous")))
            draft_problem(d, scheme, "previous", NULL,
                          _("two schemes take the place of %s; the other is on line %u"),
                          previous->id, (unsigned)other->node->line);
}

static void category_rules(np_drafts *d, const np_draft *category)
{
    const np_draft *parent = draft_referred(d, category, "parent");
    if (parent == NULL)
        return;
    if (parent->enclosing != category->enclosing)
        draft_problem(d, category, "parent", NULL,
                      _("%s is a category of another scheme"), parent->id);
    else if (parent >= category)
        draft_problem(d, category, "parent", NULL,
                      _("a group stands before the categories that are in it"));
}

static void crosswalk_rules(np_drafts *d, const np_draft *link)
{
    const np_draft *source = draft_referred(d, link, "source"),
                   *target = draft_referred(d, link, "target");
    if (target != NULL && target->enclosing != link->enclosing)
        draft_problem(d, link, "target",
                      _("a crosswalk stands in the later version and leads to it"),
                      _("%s is of another version"), target->id);
    if (source != NULL && source->enclosing == link->enclosing)
        draft_problem(d, link, "source",
                      _("a crosswalk leads from an earlier version to this one"),
                      _("%s is of this version itself"), source->id);
}

static bool period_of(np_period *out, const np_draft *draft, const char *field)
{
    const char *text = draft_text(draft, field);
    return text != NULL && np_period_parse(out, text, strlen(text));
}

static void period_length_rule(np_drafts *d, const np_draft *draft, const char *field)
{
    np_period period;
    const char *sort = draft_text(draft, "sort");
    if (!period_of(&period, draft, field))
        return;
    if (is(sort, "half_year") && period.length != NP_HALF_YEAR)
        draft_problem(d, draft, field, NULL,
                      _("a half-year report is of half-years: 2012S1"));
    else if (is(sort, "annual") && period.length != NP_YEAR)
        draft_problem(d, draft, field, NULL, _("an annual report is of years: 2012"));
}

/* Two templates of a sort: other versions, in the order of their first periods. */
static void templates_together(np_drafts *d, const np_draft *a, const np_draft *b)
{
    double version_a = draft_number(a, "version"), version_b = draft_number(b, "version");
    np_period first_a, first_b;
    if (version_a == version_b) {
        draft_problem(d, b, "version", _("a changed template gets the next number"),
                      _("version %g of the %s report stands on line %u already"),
                      version_b, draft_text(b, "sort"), (unsigned)a->node->line);
        return;
    }
    if (!period_of(&first_a, a, "first_period") ||
        !period_of(&first_b, b, "first_period"))
        return;
    int order = np_period_compare(first_a, first_b);
    if ((version_a < version_b) != (order < 0))
        draft_problem(d, b, "first_period",
                      _("each version begins with a later period than the one before"),
                      _("version %g begins with %s, and version %g with %s"), version_a,
                      draft_text(a, "first_period"), version_b,
                      draft_text(b, "first_period"));
}

static void template_rules(np_drafts *d, const np_draft *template)
{
    np_period first, last;
    const char *sort = draft_text(template, "sort");
    period_length_rule(d, template, "first_period");
    period_length_rule(d, template, "last_period");
    if (period_of(&first, template, "first_period") &&
        period_of(&last, template, "last_period") && np_period_compare(last, first) < 0)
        draft_problem(d, template, "last_period", NULL, _("%s is before %s, %s"),
                      draft_text(template, "last_period"), "first_period",
                      draft_text(template, "first_period"));
    double years = draft_number(template, "due_years_after");
    if (years < 0 || years > 9)
        draft_problem(d, template, "due_years_after", NULL,
                      _("a report is due 0 to 9 years after its period's year"));
    for (const np_draft *other = d->draft; sort != NULL && other < template; other++)
        if (other->kind == template->kind && is(draft_text(other, "sort"), sort))
            templates_together(d, other, template);
}

/* What a kind of answer needs to be put, or may not have. */
static void answer_part(np_drafts *d, const np_draft *question, const char *field,
                        bool needed, bool allowed)
{
    const char *answer = draft_text(question, "answer");
    bool given = draft_place(question, field) != question->node;
    if (needed && !given)
        draft_problem(d, question, field, NULL,
                      _("an answer of the sort %s must have one"), answer);
    else if (given && !allowed)
        draft_problem(d, question, field, NULL, _("an answer of the sort %s has none"),
                      answer);
}

static void question_rules(np_drafts *d, const np_draft *question)
{
    const char *answer = draft_text(question, "answer");
    if (answer == NULL)
        return;
    bool category = is(answer, "category"), items = is(answer, "items"),
         measurement = is(answer, "measurement"), text = is(answer, "text");
    answer_part(d, question, "scheme", category, category || items || text);
    answer_part(d, question, "indicator", measurement, measurement);
    answer_part(d, question, "item_sort", items, category || items || text);
}

static void question_crosswalk_rules(np_drafts *d, const np_draft *link)
{
    const np_draft *source = draft_referred(d, link, "source"),
                   *target = draft_referred(d, link, "target");
    crosswalk_rules(d, link);
    if (source == NULL || target == NULL || !is(draft_text(link, "relation"), "same"))
        return;
    const char *before = draft_text(source, "answer"),
               *after = draft_text(target, "answer");
    if (before != NULL && after != NULL && strcmp(before, after) != 0)
        draft_problem(d, link, "relation", _("converted, or not_comparable"),
                      _("%s and %s are not the same sort of answer"), before, after);
}

static void grant_rules(np_drafts *d, const np_draft *grant)
{
    double share = draft_number(grant, "hold_back_share");
    if (draft_number(grant, "amount_per_year") < 0)
        draft_problem(d, grant, "amount_per_year", NULL,
                      _("a grant is no negative amount"));
    if (share < 0 || share > 1)
        draft_problem(d, grant, "hold_back_share", _("a tenth is 0.1"),
                      _("a share is between 0 and 1"));
}

typedef void rules_of(np_drafts *d, const np_draft *draft);

void np_draft_rules(np_drafts *d)
{
    static const struct {
        const char *kind;
        rules_of *judge;
    } rules[] = {
        {"programme", programme_rules}, {"cohort", cohort_rules},
        {"indicator", version_rule},    {"indicator", indicator_rules},
        {"scheme", version_rule},       {"scheme", scheme_rules},
        {"category", category_rules},   {"crosswalk", crosswalk_rules},
        {"template", version_rule},     {"template", template_rules},
        {"question", question_rules},   {"question_crosswalk", question_crosswalk_rules},
        {"grant_scheme", grant_rules},
    };
    for (size_t i = 0; i < d->n; i++)
        for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
            if (strcmp(d->draft[i].kind->name, rules[r].kind) == 0)
                rules[r].judge(d, &d->draft[i]);
}
