/* What estimators beside each other agree on, where they differ and why, in words. */
#include <math.h>

#include "report/did_doc_internal.h"
#include "report/number.h"

typedef struct {
    np_doc *doc;
    const np_did_comparison *all;
    double error; /* the finest standard error, by which numbers are rounded */
    bool by_code;
} teller;

static const char *number(const teller *t, double value)
{
    return np_number_with_error(t->doc->arena, value, t->error, t->doc->language);
}

static const char *percent(const teller *t, double share)
{
    return np_number_significant(t->doc->arena, 100 * share, 2, t->doc->language);
}

static const char *count(const teller *t, double n)
{
    return np_number_count(t->doc->arena, (size_t)n, t->doc->language);
}

static bool is_letter(char c, char first, char last)
{
    return c >= first && c <= last;
}

/* The code, or the title as it stands within a sentence. */
static const char *name_of(const teller *t, np_did_estimator e)
{
    const char *title = _(np_did_estimator_title(e));
    if (t->by_code)
        return np_did_estimator_code(e);
    if (!is_letter(title[0], 'A', 'Z') || !is_letter(title[1], 'a', 'z'))
        return title;
    return np_did_say(t->doc, "%c%s", title[0] - 'A' + 'a', title + 1);
}

/* "a, b and c" of the estimators of these bits. */
static const char *names(const teller *t, unsigned bits)
{
    const char *name[NP_N_DID_ESTIMATORS];
    size_t n = 0;
    for (np_did_estimator e = 0; e < NP_N_DID_ESTIMATORS; e++)
        if (bits >> e & 1)
            name[n++] = name_of(t, e);
    return np_did_list(t->doc, name, n, n);
}

static const np_did_finding *finding(const teller *t, np_did_finding_kind kind)
{
    for (size_t i = 0; i < t->all->n_findings; i++)
        if (t->all->finding[i].kind == kind)
            return &t->all->finding[i];
    return NULL;
}

static const char *agreement(const teller *t)
{
    const np_did_finding *no = finding(t, NP_DID_FINDING_DISAGREE),
                         *yes = finding(t, NP_DID_FINDING_AGREE);
    if (yes == NULL)
        return "";
    if (no == NULL)
        return np_arena_format(t->doc->arena,
                               _("The middle of the estimates, %s, lies within the "
                                 "interval of each of them."),
                               number(t, yes->value[0]));
    return np_arena_format(t->doc->arena,
                           _("The middle of the estimates, %s, lies outside the interval "
                             "of %s."),
                           number(t, no->value[0]), names(t, no->estimators));
}

static const char *changes(const teller *t, const np_did_finding *f)
{
    np_arena *arena = t->doc->arena;
    np_language l = t->doc->language;
    return np_arena_format(
        arena,
        _("The effect changes with the time since the start (%s): it is %s after %s "
          "periods and %s after %s (p %s), so that estimators which weight periods and "
          "cohorts differently answer different questions."),
        names(t, f->estimators), number(t, f->value[1]),
        np_number_significant(arena, f->value[0], 4, l), number(t, f->value[3]),
        np_number_significant(arena, f->value[2], 4, l),
        np_number_p(arena, f->value[4], l));
}

static const char *negative_weights(const teller *t, const np_did_finding *f)
{
    np_arena *arena = t->doc->arena;
    if (!(f->value[0] > 0))
        return _("The two-way regression gives no effect of a cohort in a period a "
                 "negative weight.");
    const char *text = np_arena_format(
        arena,
        _("The two-way regression gives %s of %s effects of cohorts in periods a "
          "negative weight, %s per cent of all weight."),
        count(t, f->value[1]), count(t, f->value[2]), percent(t, f->value[0]));
    if (text == NULL || isnan(f->value[3]))
        return text;
    return np_arena_format(
        arena,
        _("%s Its coefficient could come from effects that are zero "
          "on average if they differ with a standard deviation of %s."),
        text, number(t, f->value[3]));
}

static const char *forbidden(const teller *t, const np_did_finding *f)
{
    return np_arena_format(t->doc->arena,
                           _("%s per cent of the two-way coefficient, %s, are "
                             "comparisons with units treated "
                             "already, which give %s; the others give %s."),
                           percent(t, f->value[0]), number(t, f->value[2]),
                           number(t, f->value[1]), number(t, f->value[3]));
}

static const char *before(const teller *t, const np_did_finding *f)
{
    np_arena *arena = t->doc->arena;
    if (f->estimators != 0)
        return np_arena_format(arena,
                               _("Effects before the start differ from zero in the tests "
                                 "of %s: that the groups would have developed alike is "
                                 "in doubt."),
                               names(t, f->estimators));
    return np_arena_format(
        arena,
        _("No test finds effects before the start (tests: %s, smallest "
          "p %s)."),
        count(t, f->value[0]), np_number_p(arena, f->value[1], t->doc->language));
}

static const char *topic(np_did_finding_kind kind)
{
    switch (kind) {
    case NP_DID_FINDING_COMPARISON:
        return N_("Compared with");
    case NP_DID_FINDING_WEIGHTING:
        return N_("Weights");
    case NP_DID_FINDING_CONTROLS:
        return N_("Covariates");
    case NP_DID_FINDING_BASE:
        return N_("Measured from");
    case NP_DID_FINDING_ERRORS:
        return N_("Standard errors");
    default:
        return N_("Units");
    }
}

/* "Compared with: never treated (a, b); not yet treated (c)." or NULL where all have the
 * same. */
static const char *convention(const teller *t, np_did_finding_kind kind)
{
    np_arena *arena = t->doc->arena;
    const char *text = NULL;
    for (size_t i = 0; i < t->all->n_findings; i++) {
        const np_did_finding *f = &t->all->finding[i];
        if (f->kind != kind)
            continue;
        const char *what = kind == NP_DID_FINDING_UNITS ? count(t, f->value[0])
                           : f->text[0] == '\0'         ? _("none")
                                                        : np_translate(f->text);
        text = text == NULL ? np_arena_format(arena, "%s: %s (%s)", _(topic(kind)), what,
                                              names(t, f->estimators))
                            : np_arena_format(arena, "%s; %s (%s)", text, what,
                                              names(t, f->estimators));
    }
    return text == NULL ? NULL : np_arena_format(arena, "%s.", text);
}

static void say(np_doc *doc, const char *text)
{
    if (text == NULL)
        doc->failed = true;
    else if (text[0] != '\0')
        np_doc_add_text(doc, NP_DOC_PARAGRAPH, "%s", text);
}

static void tell_reasons(const teller *t)
{
    static const struct {
        np_did_finding_kind kind;
        const char *(*tell)(const teller *, const np_did_finding *);
    } reason[] = {{NP_DID_FINDING_CHANGES, changes},
                  {NP_DID_FINDING_NEGATIVE_WEIGHTS, negative_weights},
                  {NP_DID_FINDING_FORBIDDEN, forbidden},
                  {NP_DID_FINDING_BEFORE, before}};
    const char *text = agreement(t);
    for (size_t i = 0; i < sizeof reason / sizeof *reason && text != NULL; i++) {
        const np_did_finding *f = finding(t, reason[i].kind);
        if (f != NULL)
            text = np_arena_format(t->doc->arena, "%s%s%s", text,
                                   text[0] == '\0' ? "" : " ", reason[i].tell(t, f));
    }
    say(t->doc, text);
}

static void tell_conventions(const teller *t)
{
    const char *item[NP_DID_FINDING_UNITS - NP_DID_FINDING_COMPARISON + 1];
    size_t n = 0;
    for (np_did_finding_kind k = NP_DID_FINDING_COMPARISON; k <= NP_DID_FINDING_UNITS;
         k++) {
        item[n] = convention(t, k);
        n += item[n] != NULL;
    }
    if (n == 0)
        return;
    np_doc_add_text(t->doc, NP_DOC_PARAGRAPH, "%s", _("They differ in this:"));
    np_doc_add_list(t->doc, item, n);
}

/* The smallest error above 0: numbers are told as finely as the finest. */
static double finest_error(const np_did_comparison *all)
{
    double finest = NAN;
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->row[i].std_error > 0 && !(finest <= all->row[i].std_error))
            finest = all->row[i].std_error;
    return finest;
}

void np_did_doc_reasons(np_doc *doc, const np_did_comparison *all, bool by_code)
{
    teller t = {.doc = doc, .all = all, .error = finest_error(all), .by_code = by_code};
    tell_reasons(&t);
    tell_conventions(&t);
}
