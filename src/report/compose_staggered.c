/* What a question says about cohorts that start at different times: who starts when,
 * what each estimator finds, and where they agree. */
#include <math.h>
#include <string.h>

#include "report/compose.h"
#include "report/did_doc.h"
#include "report/did_doc_internal.h"
#include "report/number.h"

enum { MOST_COMPARED = 32, MOST_EVENT_SERIES = 4, MOST_EVENT_TIMES = 200 };

/* Estimates of the effect on all participants, side by side. */
typedef struct {
    const np_effect *estimated[MOST_COMPARED], *refused[MOST_COMPARED];
    size_t n, n_refused, n_significant, n_negative;
    const np_effect *lowest, *highest;
} comparison;

static void take_effect(comparison *k, const np_effect *e)
{
    if (e->scope != NP_SCOPE_ALL || k->n + k->n_refused >= MOST_COMPARED)
        return;
    if (e->refused != NULL) {
        k->refused[k->n_refused++] = e;
        return;
    }
    k->estimated[k->n++] = e;
    k->n_significant += e->significant;
    k->n_negative += e->estimate < 0;
    if (k->lowest == NULL || e->estimate < k->lowest->estimate)
        k->lowest = e;
    if (k->highest == NULL || e->estimate > k->highest->estimate)
        k->highest = e;
}

static comparison compare(const np_question_result *q)
{
    comparison k = {.n = 0};
    for (size_t i = 0; i < q->n_effects; i++)
        take_effect(&k, &q->effect[i]);
    for (size_t i = 0; i < q->n_event_studies; i++)
        take_effect(&k, q->event_study[i].effect);
    return k;
}

static const char *estimator_name(const np_effect *e)
{
    return e->estimator == NP_ESTIMATOR_EVENT_STUDY
               ? _("Event study, mean after the start")
               : np_translate(np_estimator_title(e->estimator));
}

/* "A and B" of those that are significant, or of those that are not. */
static const char *names(np_composer *c, const comparison *k, bool significant)
{
    const char *name[MOST_COMPARED];
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++)
        if (k->estimated[i]->significant == significant)
            name[n++] = np_say_lower(c, estimator_name(k->estimated[i]));
    return np_say_list(c, name, n, MOST_COMPARED);
}

static const char *finding(np_composer *c, const comparison *k)
{
    const np_did_count_of_findings count = {
        .n = k->n,
        .n_significant = k->n_significant,
        .significant = names(c, k, true),
        .others = names(c, k, false),
        .level = np_say_level_percent(c, c->question->decision.level)};
    return np_did_finding_sentence(c->doc, &count);
}

static const char *range(np_composer *c, const comparison *k)
{
    bool agree = k->n_negative == 0 || k->n_negative == k->n;
    return np_did_range_sentence(c->doc, agree, np_say_amount(c, k->lowest->estimate),
                                 np_say_lower(c, estimator_name(k->lowest)),
                                 np_say_amount(c, k->highest->estimate),
                                 np_say_lower(c, estimator_name(k->highest)));
}

static void sentence(np_composer *c, const comparison *k)
{
    if (k->n > 1)
        np_doc_add_text(c->doc, NP_DOC_PARAGRAPH, "%s %s", finding(c, k), range(c, k));
}

static void number_cell(np_composer *c, np_table_builder *b, double value)
{
    if (isnan(value))
        np_table_builder_cell(b, "..");
    else
        np_table_builder_number(b, np_say_effect(c, value), value);
}

static const char *comparison_group(const np_effect *e)
{
    const char *used = e->did == NULL ? NULL : e->did->comparison_used;
    return used == NULL || *used == '\0' ? _("all not treated at the time, and those "
                                             "treated already")
                                         : np_translate(used);
}

static void comparison_row(np_composer *c, np_table_builder *b, const np_effect *e)
{
    np_table_builder_row(b);
    np_table_builder_row_header(b, estimator_name(e), 0);
    number_cell(c, b, e->estimate);
    number_cell(c, b, e->std_error);
    number_cell(c, b, e->conf_low);
    number_cell(c, b, e->conf_high);
    if (isnan(e->p_value))
        np_table_builder_cell(b, "..");
    else
        np_table_builder_number(b, np_number_p(c->arena, e->p_value, c->language),
                                e->p_value);
    np_table_builder_number(b, np_say_count(c, e->n_units), (double)e->n_units);
    np_table_builder_cell(b, comparison_group(e));
}

/* Which standard errors the rows have: each kind with the estimators that have it. */
static void error_notes(np_composer *c, np_table_builder *b,
                        const np_effect *const *effect, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name[MOST_COMPARED], *label = effect[i]->vcov_label;
        size_t n_names = 0;
        bool seen = *label == '\0';
        for (size_t j = 0; j < i; j++)
            seen = seen || strcmp(effect[j]->vcov_label, label) == 0;
        for (size_t j = i; j < n && !seen; j++)
            if (strcmp(effect[j]->vcov_label, label) == 0)
                name[n_names++] = np_say_lower(c, estimator_name(effect[j]));
        if (n_names > 0)
            np_table_builder_note(b, _("Standard errors of %s: %s."),
                                  np_say_list(c, name, n_names, MOST_COMPARED),
                                  np_translate(label));
    }
    np_table_builder_note(b, _("CI: %s per cent confidence interval, two-sided."),
                          np_say_level_percent(c, 1 - c->question->decision.level));
}

static const np_doc_table *comparison_table(np_composer *c, const comparison *k)
{
    static const char *const head[] = {
        N_("Estimator"), N_("Effect"),  N_("Std. error"), N_("CI from"),
        N_("CI to"),     N_("p value"), N_("Units"),      N_("Compared with")};
    enum { COLUMNS = sizeof head / sizeof *head };
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", "estimators"),
        np_say_format(c, _("%s: the estimators side by side"), c->outcome), COLUMNS);
    np_table_builder_align(b, COLUMNS - 1, NP_ALIGN_LEFT);
    np_table_builder_head(b);
    for (size_t i = 0; i < COLUMNS; i++)
        np_table_builder_cell(b, np_translate(head[i]));
    for (size_t i = 0; i < k->n; i++)
        comparison_row(c, b, k->estimated[i]);
    np_compose_sample_notes(c, b, k->estimated[0]);
    error_notes(c, b, k->estimated, k->n);
    for (size_t i = 0; i < k->n_refused; i++)
        np_table_builder_note(b, _("%s is not estimated: %s."),
                              estimator_name(k->refused[i]),
                              k->refused[i]->refused->message);
    return np_table_builder_done(b);
}

static const char *describe_rows(np_composer *c, const comparison *k)
{
    const char *text = "";
    for (size_t i = 0; i < k->n; i++) {
        const np_effect *e = k->estimated[i];
        text =
            np_say_format(c, _("%s%s%s: %s (%s to %s)."), text, i == 0 ? "" : " ",
                          estimator_name(e), np_say_effect(c, e->estimate),
                          np_say_effect(c, e->conf_low), np_say_effect(c, e->conf_high));
    }
    return text;
}

static void side_by_side(np_composer *c, const comparison *k)
{
    np_figure *figure = np_arena_array(c->arena, np_figure, 1);
    np_figure_estimate *row = np_arena_array(c->arena, np_figure_estimate, k->n);
    if (figure == NULL || row == NULL) {
        c->doc->failed = true;
        return;
    }
    for (size_t i = 0; i < k->n; i++)
        row[i] = (np_figure_estimate){.label = estimator_name(k->estimated[i]),
                                      .estimate = k->estimated[i]->estimate,
                                      .low = k->estimated[i]->conf_low,
                                      .high = k->estimated[i]->conf_high};
    *figure = (np_figure){.kind = NP_FIGURE_FOREST,
                          .id = np_compose_id(c, "figure", "estimators"),
                          .estimate = row,
                          .n_estimates = k->n,
                          .zero_line = true,
                          .decimals = c->decimals,
                          .y_title = ""};
    figure->title = np_say_format(c, _("%s: what each estimator finds"), c->outcome);
    figure->x_title = *c->effect_uom == '\0'
                          ? _("Effect")
                          : np_say_format(c, _("Effect, %s"), c->effect_uom);
    figure->description = describe_rows(c, k);
    figure->note =
        np_say_format(c, _("Bars are %s per cent confidence intervals.%s"),
                      np_say_level_percent(c, 1 - c->question->decision.level),
                      c->evaluation->simulated ? _(" The data are simulated.") : "");
    np_doc_add_figure(c->doc, figure, comparison_table(c, k));
}

/* The estimators' effects by periods since the start. */
typedef struct {
    const np_effect *effect[MOST_COMPARED];
    const np_did_aggregate *dynamic[MOST_COMPARED];
    size_t n;
    double time[MOST_EVENT_TIMES];
    size_t n_times;
} event_studies;

static void add_time(event_studies *s, double time)
{
    size_t at = 0;
    while (at < s->n_times && s->time[at] < time)
        at++;
    if ((at < s->n_times && s->time[at] == time) || s->n_times == MOST_EVENT_TIMES)
        return;
    memmove(&s->time[at + 1], &s->time[at], (s->n_times - at) * sizeof *s->time);
    s->time[at] = time;
    s->n_times++;
}

static event_studies find_event_studies(const comparison *k)
{
    event_studies s = {.n = 0};
    for (size_t i = 0; i < k->n; i++) {
        const np_did_result *did = k->estimated[i]->did;
        const np_did_aggregate *a =
            did == NULL ? NULL : np_did_aggregate_of(did, "dynamic");
        if (a == NULL || a->n_rows == 0)
            continue;
        s.effect[s.n] = k->estimated[i];
        s.dynamic[s.n++] = a;
        for (size_t r = 0; r < a->n_rows; r++)
            add_time(&s, a->row[r].value);
    }
    return s;
}

static const np_aggregate_row *row_at(const np_did_aggregate *a, double time)
{
    for (size_t r = 0; r < a->n_rows; r++)
        if (a->row[r].value == time)
            return &a->row[r];
    return NULL;
}

static const char *event_time(np_composer *c, double time)
{
    return np_number_fixed(c->arena, time, time == floor(time) ? 0 : 2, c->language);
}

static const np_doc_table *event_table(np_composer *c, const event_studies *s,
                                       const char *title)
{
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", "events-compared"), title, 2 * s->n + 1);
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    for (size_t i = 0; i < s->n; i++)
        np_table_builder_span(b, estimator_name(s->effect[i]), 2);
    np_table_builder_head(b);
    np_table_builder_cell(b, _("Periods since the start"));
    for (size_t i = 0; i < s->n; i++) {
        np_table_builder_cell(b, _("Effect"));
        np_table_builder_cell(b, _("Std. error"));
    }
    for (size_t t = 0; t < s->n_times; t++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, event_time(c, s->time[t]), 0);
        for (size_t i = 0; i < s->n; i++) {
            const np_aggregate_row *r = row_at(s->dynamic[i], s->time[t]);
            number_cell(c, b, r == NULL ? NAN : r->estimate);
            number_cell(c, b, r == NULL || r->reference ? NAN : r->std_error);
        }
    }
    np_compose_sample_notes(c, b, s->effect[0]);
    error_notes(c, b, s->effect, s->n);
    return np_table_builder_done(b);
}

static bool event_line(np_composer *c, np_figure_series *line, const np_effect *e,
                       const np_did_aggregate *a)
{
    double *value = np_arena_array(c->arena, double, 4 * a->n_rows);
    if (value == NULL)
        return false;
    size_t n = a->n_rows;
    double *x = value, *y = value + n, *low = value + 2 * n, *high = value + 3 * n;
    for (size_t r = 0; r < n; r++) {
        x[r] = a->row[r].value;
        y[r] = a->row[r].estimate;
        low[r] = a->row[r].reference ? NAN : a->row[r].conf_low;
        high[r] = a->row[r].reference ? NAN : a->row[r].conf_high;
    }
    *line = (np_figure_series){
        .label = estimator_name(e), .n = n, .x = x, .y = y, .low = low, .high = high};
    return true;
}

static void events(np_composer *c, const comparison *k)
{
    event_studies s = find_event_studies(k);
    size_t n = s.n < MOST_EVENT_SERIES ? s.n : MOST_EVENT_SERIES;
    np_figure *figure = np_arena_array(c->arena, np_figure, 1);
    np_figure_series *line = np_arena_array(c->arena, np_figure_series, n);
    np_figure_mark *mark = np_arena_array(c->arena, np_figure_mark, 1);
    c->doc->failed |= figure == NULL || line == NULL || mark == NULL;
    if (n == 0 || c->doc->failed)
        return;
    for (size_t i = 0; i < n; i++)
        if (!event_line(c, &line[i], s.effect[i], s.dynamic[i])) {
            c->doc->failed = true;
            return;
        }
    line[0].emphasis = true;
    *mark = (np_figure_mark){-0.5, _("Start")};
    *figure = (np_figure){.kind = NP_FIGURE_EVENT_STUDY,
                          .id = np_compose_id(c, "figure", "events-compared"),
                          .series = line,
                          .n_series = n,
                          .mark = mark,
                          .n_marks = 1,
                          .zero_line = true};
    figure->title =
        np_say_format(c, _("%s: effect by periods since the start"), c->outcome);
    figure->x_title = _("Periods since the start");
    figure->y_title = *c->effect_uom == '\0'
                          ? _("Effect")
                          : np_say_format(c, _("Effect, %s"), c->effect_uom);
    figure->description = np_say_format(
        c,
        _("%s estimators' effects from %s to %s periods since the start; the table "
          "has the numbers."),
        np_say_count(c, n), event_time(c, s.time[0]),
        event_time(c, s.time[s.n_times - 1]));
    figure->note =
        np_say_format(c, _("Bars are %s per cent confidence intervals.%s"),
                      np_say_level_percent(c, 1 - c->question->decision.level),
                      c->evaluation->simulated ? _(" The data are simulated.") : "");
    np_doc_add_figure(c->doc, figure, event_table(c, &s, figure->title));
}

const char *np_compose_cohort_name(np_composer *c, double start)
{
    const np_question_result *q = c->question;
    for (size_t g = 0; g < q->n_cohorts; g++)
        if (q->cohort[g] == start)
            return np_say_cohort(c, &q->cohort_label[g], start);
    return isinf(start) ? _("Never") : np_say_period(c, start);
}

static void count_number(np_composer *c, np_table_builder *b, size_t n)
{
    np_table_builder_number(b, np_say_count(c, n), (double)n);
}

/* The command's picture of the design, with this question's names. */
static const np_figure *design_figure(np_composer *c, const np_staggered *s)
{
    const np_figure *drawn =
        np_did_design_figure(c->doc, s->panel, &s->design, s->spec->anticipation);
    np_figure *own = np_arena_array(c->arena, np_figure, 1);
    np_figure_cohort *row = np_arena_array(c->arena, np_figure_cohort, s->design.n_rows);
    if (drawn == NULL || own == NULL || row == NULL) {
        c->doc->failed = true;
        return NULL;
    }
    *own = *drawn;
    for (size_t g = 0; g < s->design.n_rows; g++) {
        row[g] = drawn->cohort[g];
        row[g].label = np_compose_cohort_name(c, s->design.row[g].cohort);
    }
    own->cohort = row;
    own->id = np_compose_id(c, "figure", "cohorts");
    own->x_title = np_say_time(c);
    return own;
}

/* Who starts when, how long each is seen, and who is there to compare with. */
static void design(np_composer *c, const np_staggered *s)
{
    static const char *const head[] = {N_("Cohort"),
                                       N_("Start"),
                                       N_("Units"),
                                       N_("Periods before"),
                                       N_("Periods from the start on"),
                                       N_("Untreated others at the start"),
                                       N_("Untreated others in the last period")};
    enum { COLUMNS = sizeof head / sizeof *head };
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", "cohorts"), _("Who starts when"), COLUMNS);
    np_table_builder_head(b);
    for (size_t i = 0; i < COLUMNS; i++)
        np_table_builder_cell(b, np_translate(head[i]));
    for (size_t g = 0; g < s->design.n_rows; g++) {
        const np_did_cohort *row = &s->design.row[g];
        bool never = isinf(row->cohort);
        np_table_builder_row(b);
        np_table_builder_row_header(b, np_compose_cohort_name(c, row->cohort), 0);
        np_table_builder_cell(b, never ? "" : np_say_period(c, row->cohort));
        count_number(c, b, row->n_units);
        count_number(c, b, row->n_before);
        count_number(c, b, row->n_after);
        if (never) {
            np_table_builder_cell(b, "");
            np_table_builder_cell(b, "");
        } else {
            count_number(c, b, row->n_not_yet_at_start);
            count_number(c, b, row->n_not_yet_at_end);
        }
    }
    np_table_builder_note(b, "%s",
                          _("Others are units of later cohorts and those that "
                            "never start."));
    const np_figure *figure = design_figure(c, s);
    if (figure != NULL)
        np_doc_add_figure(c->doc, figure, np_table_builder_done(b));
    for (size_t i = 0; i < s->design.n_warnings; i++)
        np_doc_add_text(c->doc, NP_DOC_CAVEAT, "%s", s->design.warning[i]);
}

void np_compose_staggered(np_composer *c)
{
    const np_question_result *q = c->question;
    if (q->staggered == NULL)
        return;
    comparison k = compare(q);
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "estimators", ""),
                       _("Cohorts that start at different times"));
    design(c, q->staggered);
    if (k.n == 0)
        return;
    sentence(c, &k);
    side_by_side(c, &k);
    events(c, &k);
    if (q->staggered->comparison != NULL)
        np_did_doc_reasons(c->doc, q->staggered->comparison, false);
}
