#include "report/sensitivity.h"

#include <math.h>

#include "report/number.h"

typedef struct {
    const np_sensitivity *s;
    const np_honest *r;
    np_arena *arena;
    np_language language;
} writer;

/* Digits that tell a bound from the next one. */
enum { BOUND_DIGITS = 3 };

static const char *in(const writer *w, const char *msgid) __attribute__((format_arg(2)));

static const char *in(const writer *w, const char *msgid)
{
    return np_translate_to(w->language, msgid);
}

static const char *bound_text(const writer *w, double bound)
{
    return np_number_significant(w->arena, bound, BOUND_DIGITS, w->language);
}

/* As many decimals as show the standard error to three digits. */
static int decimals(const writer *w)
{
    double error = w->r->std_error;
    if (!(error > 0) || !isfinite(error))
        return 4;
    int n = 2 - (int)floor(log10(error));
    return n < 0 ? 0 : n > 10 ? 10 : n;
}

static const char *number(const writer *w, double value)
{
    return np_number_with_error(w->arena, value, w->r->std_error, w->language);
}

/* "M", "M̄": what the bound is called. */
static const char *bound_name(np_honest_restriction restriction)
{
    return restriction == NP_HONEST_SMOOTHNESS ? "M" : "M\xcc\x84";
}

/* The breakdown is cut, never rounded up: at what is printed the conclusion holds. */
static double cut(double value)
{
    if (!(value > 0))
        return 0;
    double unit = pow(10, floor(log10(value)) - (BOUND_DIGITS - 1));
    return floor(value / unit * (1 + 1e-12)) * unit;
}

static const char *holds_until(const writer *w)
{
    const char *x = bound_text(w, cut(w->r->breakdown));
    switch (w->s->restriction) {
    case NP_HONEST_RELATIVE_MAGNITUDES:
        return np_arena_format(
            w->arena,
            in(w,
               N_("The conclusion holds until the trends after the start differ by more "
                  "than %s times what they did before.")),
            x);
    case NP_HONEST_RELATIVE_SMOOTHNESS:
        return np_arena_format(
            w->arena,
            in(w,
               N_("The conclusion holds until the difference in trends bends after the "
                  "start by more than %s times what it did before.")),
            x);
    case NP_HONEST_SMOOTHNESS:
    case NP_N_HONEST_RESTRICTIONS:
        break;
    }
    return np_arena_format(
        w->arena,
        in(w, N_("The conclusion holds until the difference in trends bends by more than "
                 "%s from one period to the next.")),
        x);
}

static const char *copy(const writer *w, const char *text)
{
    return np_arena_format(w->arena, "%s", text);
}

const char *np_sensitivity_sentence(const np_sensitivity *s, np_arena *arena,
                                    np_language language)
{
    writer w = {s, s->result, arena, language};
    switch (s->result->verdict) {
    case NP_HONEST_NOT_SOUGHT:
        break;
    case NP_HONEST_NO_CONCLUSION:
        return copy(&w, in(&w, N_("The interval has zero in it under parallel trends: "
                                  "there is no conclusion that a violation could "
                                  "overturn.")));
    case NP_HONEST_NEVER_HOLDS:
        return copy(
            &w, s->restriction == NP_HONEST_RELATIVE_MAGNITUDES
                    ? in(&w, N_("The conclusion does not hold: the robust interval has "
                                "zero in it even without any difference in trends."))
                    : in(&w, N_("The conclusion does not hold: the robust interval has "
                                "zero in it even where trends differ along a straight "
                                "line.")));
    case NP_HONEST_HOLDS_UNTIL:
        return holds_until(&w);
    case NP_HONEST_ALWAYS_HOLDS:
        return np_arena_format(arena,
                               in(&w, N_("The conclusion holds for every bound up to "
                                         "%s.")),
                               bound_text(&w, s->result->breakdown));
    }
    return "";
}

static const char *shape_text(const writer *w)
{
    switch (w->s->shape) {
    case NP_HONEST_BIAS_POSITIVE:
        return in(w, N_("the bias after the start is positive"));
    case NP_HONEST_BIAS_NEGATIVE:
        return in(w, N_("the bias after the start is negative"));
    case NP_HONEST_TREND_INCREASING:
        return in(w, N_("the difference in trends rises"));
    case NP_HONEST_TREND_DECREASING:
        return in(w, N_("the difference in trends falls"));
    case NP_HONEST_NO_SHAPE:
    case NP_N_HONEST_SHAPES:
        break;
    }
    return NULL;
}

static const char *restriction_text(const writer *w)
{
    switch (w->s->restriction) {
    case NP_HONEST_RELATIVE_MAGNITUDES:
        return in(w, N_("Relative magnitudes: from one period to the next the trends "
                        "differ after the start by at most M\xcc\x84 times the most that "
                        "they did before it"));
    case NP_HONEST_RELATIVE_SMOOTHNESS:
        return in(w,
                  N_("Relative smoothness: the difference in trends bends after the "
                     "start by at most M\xcc\x84 times the most that it did before it"));
    case NP_HONEST_SMOOTHNESS:
    case NP_N_HONEST_RESTRICTIONS:
        break;
    }
    return in(w, N_("Smoothness: the difference in trends bends by at most M from one "
                    "period to the next; at M = 0 it is a straight line"));
}

/* What is let loose: "Relative magnitudes: from one period to the next …". */
static void note_restriction(np_table_builder *t, const writer *w)
{
    const char *shape = shape_text(w), *text = restriction_text(w);
    if (shape == NULL)
        np_table_builder_note(t, "%s.", text);
    else
        np_table_builder_note(t, "%s; %s.", text, shape);
}

static const char *method_text(const writer *w)
{
    switch (w->r->method) {
    case NP_HONEST_FLCI:
        return in(w, N_("optimal interval of fixed length"));
    case NP_HONEST_CONDITIONAL:
        return in(w, N_("conditional test"));
    case NP_HONEST_C_LF:
        return in(w, N_("hybrid of conditional and least favourable test"));
    case NP_HONEST_C_F:
        return in(w, N_("hybrid of conditional test and interval of fixed length"));
    case NP_HONEST_DEFAULT_METHOD:
    case NP_N_HONEST_METHODS:
        break;
    }
    return "";
}

static const char *title(const writer *w)
{
    return w->s->title != NULL ? w->s->title
                               : in(w, N_("Robust intervals when parallel trends fail"));
}

static const char *row_label(const writer *w, size_t i)
{
    return np_arena_format(w->arena, "%s = %s", bound_name(w->s->restriction),
                           bound_text(w, w->r->interval[i].bound));
}

static const char *limit(const writer *w, double value, bool open, bool low)
{
    const char *sign = !open ? "" : low ? "\xe2\x89\xa4\xc2\xa0" : "\xe2\x89\xa5\xc2\xa0";
    return isnan(value) ? "" : np_arena_format(w->arena, "%s%s", sign, number(w, value));
}

static void add_limits(np_table_builder *t, const writer *w, double low, double high,
                       bool open_low, bool open_high)
{
    bool zero = low <= 0 && high >= 0;
    np_table_builder_number(t, limit(w, low, open_low, true), low);
    np_table_builder_number(t, limit(w, high, open_high, false), high);
    np_table_builder_cell(t, isnan(low) ? in(w, N_("empty"))
                             : zero     ? in(w, N_("yes"))
                                        : in(w, N_("no")));
}

static void add_rows(np_table_builder *t, const writer *w)
{
    const np_honest *r = w->r;
    np_table_builder_head(t);
    np_table_builder_cell(t, bound_name(w->s->restriction));
    np_table_builder_cell(t, in(w, N_("Estimate")));
    np_table_builder_cell(t, in(w, N_("Low")));
    np_table_builder_cell(t, in(w, N_("High")));
    np_table_builder_cell(t, in(w, N_("Zero in it")));
    np_table_builder_row(t);
    np_table_builder_row_header(t, in(w, N_("original, parallel trends")), 0);
    np_table_builder_number(t, number(w, r->estimate), r->estimate);
    add_limits(t, w, r->conf_low, r->conf_high, false, false);
    for (size_t i = 0; i < r->n_intervals; i++) {
        const np_honest_interval *v = &r->interval[i];
        if (i == 0)
            np_table_builder_rule(t);
        np_table_builder_row(t);
        np_table_builder_row_header(t, bound_text(w, v->bound), 0);
        np_table_builder_cell(t, "");
        add_limits(t, w, v->conf_low, v->conf_high, v->open_low, v->open_high);
    }
}

static void add_notes(np_table_builder *t, const writer *w)
{
    const np_honest *r = w->r;
    const char *sentence = np_sensitivity_sentence(w->s, w->arena, w->language);
    bool open = false, empty = false;
    for (size_t i = 0; i < r->n_intervals; i++) {
        open = open || r->interval[i].open_low || r->interval[i].open_high;
        empty = empty || isnan(r->interval[i].conf_low);
    }
    if (sentence != NULL && sentence[0] != '\0')
        np_table_builder_note(t, "%s", sentence);
    if (w->s->target != NULL)
        np_table_builder_note(t, in(w, N_("The effect: %s.")), w->s->target);
    note_restriction(t, w);
    np_table_builder_note(
        t, in(w, N_("Intervals at %s %%: %s (Rambachan and Roth 2023).")),
        np_number_significant(w->arena, 100 * r->conf_level, 4, w->language),
        method_text(w));
    if (open)
        np_table_builder_note(t,
                              in(w, N_("\xe2\x89\xa4 and \xe2\x89\xa5: the interval goes "
                                       "on beyond the values that were tried.")));
    if (empty)
        np_table_builder_note(
            t, in(w, N_("empty: every value is rejected, because the periods before the "
                        "start contradict the restriction, or the values tried are too "
                        "few.")));
}

const np_doc_table *np_sensitivity_table(const np_sensitivity *s, np_arena *arena,
                                         np_language language)
{
    writer w = {s, s->result, arena, language};
    np_table_builder *t =
        np_table_builder_new(arena, s->id != NULL ? s->id : "sensitivity", title(&w), 5);
    if (t == NULL)
        return NULL;
    np_table_builder_align(t, 4, NP_ALIGN_LEFT);
    add_rows(t, &w);
    add_notes(t, &w);
    return np_table_builder_done(t);
}

const np_figure *np_sensitivity_figure(const np_sensitivity *s, np_arena *arena,
                                       np_language language)
{
    writer w = {s, s->result, arena, language};
    const np_honest *r = s->result;
    np_figure *f = np_arena_array(arena, np_figure, 1);
    np_figure_estimate *row =
        np_arena_array(arena, np_figure_estimate, r->n_intervals + 1);
    const char *description = np_arena_format(
        arena,
        in(&w, N_("The estimate with its own interval, then robust intervals for %zu "
                  "bounds on how far parallel trends may fail. %s")),
        r->n_intervals, np_sensitivity_sentence(s, arena, language));
    if (f == NULL || row == NULL || description == NULL)
        return NULL;
    row[0] = (np_figure_estimate){.label = in(&w, N_("original, parallel trends")),
                                  .estimate = r->estimate,
                                  .low = r->conf_low,
                                  .high = r->conf_high,
                                  .emphasis = true};
    for (size_t i = 0; i < r->n_intervals; i++) {
        row[i + 1] = (np_figure_estimate){.label = row_label(&w, i),
                                          .estimate = NAN,
                                          .low = r->interval[i].conf_low,
                                          .high = r->interval[i].conf_high};
        if (row[i + 1].label == NULL)
            return NULL;
    }
    *f = (np_figure){.kind = NP_FIGURE_FOREST,
                     .id = s->id != NULL ? s->id : "sensitivity-figure",
                     .title = title(&w),
                     .description = description,
                     .x_title = s->uom != NULL ? s->uom : "",
                     .estimate = row,
                     .n_estimates = r->n_intervals + 1,
                     .zero_line = true,
                     .decimals = decimals(&w)};
    return f;
}
