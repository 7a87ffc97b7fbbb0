/* Figures from results, each with its table. */
#include <math.h>
#include <string.h>

#include "report/compose.h"
#include "report/number.h"

enum { MOST_COHORT_LINES = 3, FEWEST_PANELS = 2 };

static void *array(np_composer *c, size_t n, size_t size)
{
    void *items = np_arena_alloc(c->arena, n, size);
    if (items == NULL)
        c->doc->failed = true;
    return items;
}

static bool is_overall(const np_series_set *set)
{
    return *set->scope_id == '\0';
}

/* The weighted series where there are any: they show what the programme met. */
static const np_series_set *overall_series(const np_question_result *q)
{
    const np_series_set *found = NULL;
    for (size_t i = 0; i < q->n_series; i++)
        if (is_overall(&q->series[i]) && (found == NULL || *q->series[i].weights != '\0'))
            found = &q->series[i];
    return found;
}

static bool is_shown(const np_series *s, bool by_cohort)
{
    switch (s->kind) {
    case NP_SERIES_OTHERS:
        return true;
    case NP_SERIES_PARTICIPANTS:
    case NP_SERIES_EXPECTED:
        return !by_cohort;
    case NP_SERIES_COHORT:
    case NP_SERIES_EXPECTED_COHORT:
        return by_cohort;
    }
    return false;
}

static const char *series_label(np_composer *c, const np_series *s, size_t n_units,
                                bool counted)
{
    if (!counted && s->kind == NP_SERIES_PARTICIPANTS)
        return _("Participants");
    if (!counted && s->kind == NP_SERIES_OTHERS)
        return _("Others");
    switch (s->kind) {
    case NP_SERIES_PARTICIPANTS:
        return np_say_format(c, _("Participants (%s)"), np_say_count(c, n_units));
    case NP_SERIES_OTHERS:
        return np_say_format(c, _("Others (%s)"), np_say_count(c, n_units));
    case NP_SERIES_COHORT:
        return np_say_format(c, "%s (%s)", np_say_cohort(c, &s->label, s->cohort),
                             np_say_count(c, n_units));
    case NP_SERIES_EXPECTED:
        return _("Participants, expected without the programme");
    case NP_SERIES_EXPECTED_COHORT:
        return np_say_format(c, _("%s, expected without the programme"),
                             np_say_cohort(c, &s->label, s->cohort));
    }
    return "";
}

static size_t most_units(const np_series *s)
{
    size_t most = 0;
    for (size_t i = 0; s->n_units != NULL && i < s->n; i++)
        most = s->n_units[i] > most ? s->n_units[i] : most;
    return most;
}

/* 1 + the index of the line that an expected development belongs to. */
static size_t real_line(const np_figure_series *line, const np_series *const *from,
                        size_t n, const np_series *expected)
{
    for (size_t i = 0; i < n; i++) {
        bool cohort = from[i]->kind == NP_SERIES_COHORT &&
                      expected->kind == NP_SERIES_EXPECTED_COHORT &&
                      from[i]->cohort == expected->cohort;
        bool all = from[i]->kind == NP_SERIES_PARTICIPANTS &&
                   expected->kind == NP_SERIES_EXPECTED;
        if (!line[i].dashed && (cohort || all))
            return i + 1;
    }
    return 0;
}

/* `by_cohort`: a line per cohort, else one for all participants; `counted`: labels
 * with the number of units. */
static void lines_of(np_composer *c, np_figure *figure, const np_series_set *set,
                     bool by_cohort, bool counted)
{
    np_figure_series *line = array(c, set->n_series, sizeof *line);
    const np_series **from = array(c, set->n_series, sizeof *from);
    size_t n = 0;
    if (line == NULL || from == NULL)
        return;
    for (size_t i = 0; i < set->n_series; i++) {
        const np_series *s = &set->series[i];
        if (!is_shown(s, by_cohort))
            continue;
        bool expected =
            s->kind == NP_SERIES_EXPECTED || s->kind == NP_SERIES_EXPECTED_COHORT;
        from[n] = s;
        line[n] = (np_figure_series){.label = series_label(c, s, most_units(s), counted),
                                     .n = s->n,
                                     .x = s->period,
                                     .y = s->mean,
                                     .dashed = expected,
                                     .emphasis = s->kind != NP_SERIES_OTHERS};
        n++;
    }
    for (size_t i = 0; i < n; i++)
        if (line[i].dashed)
            line[i].of = real_line(line, from, n, from[i]);
    figure->series = line;
    figure->n_series = n;
}

static double spacing(const np_series_set *set)
{
    double least = INFINITY;
    for (size_t i = 0; i < set->n_series; i++)
        for (size_t k = 1; k < set->series[i].n; k++)
            least = fmin(least, set->series[i].period[k] - set->series[i].period[k - 1]);
    return isfinite(least) ? least : 1;
}

/* Between the last period before and the first period of the treatment. */
static void marks_of(np_composer *c, np_figure *figure, const np_series_set *set)
{
    np_figure_mark *mark = array(c, set->n_starts, sizeof *mark);
    if (mark == NULL)
        return;
    for (size_t i = 0; i < set->n_starts; i++) {
        const char *own = np_say_local(c, &set->start_label[i]);
        const char *label =
            *own != '\0' ? np_say_format(c, _("%s starts"), own)
            : set->n_starts == 1
                ? _("Start")
                : np_say_format(c, _("Start in %s"), np_say_period(c, set->start[i]));
        mark[i] = (np_figure_mark){set->start[i] - spacing(set) / 2, label};
    }
    figure->mark = mark;
    figure->n_marks = set->n_starts;
}

static void describe_line(np_composer *c, np_buf *buf, const np_figure_series *s)
{
    size_t first = 0, last = s->n;
    while (first < s->n && isnan(s->y[first]))
        first++;
    while (last > first && isnan(s->y[last - 1]))
        last--;
    if (first == last)
        return;
    np_buf_format(buf, _("%s%s: %s in %s, %s in %s."), buf->length > 0 ? " " : "",
                  s->label, np_say_level(c, s->y[first]), np_say_period(c, s->x[first]),
                  np_say_level(c, s->y[last - 1]), np_say_period(c, s->x[last - 1]));
}

static const char *take(np_composer *c, np_buf *buf)
{
    const char *text = np_buf_done(buf);
    const char *own = text == NULL ? "" : np_say_format(c, "%s", text);
    np_buf_free(buf);
    return own;
}

static const char *describe_lines(np_composer *c, const np_figure *figure)
{
    np_buf buf = {0};
    for (size_t i = 0; i < figure->n_series; i++)
        describe_line(c, &buf, &figure->series[i]);
    return take(c, &buf);
}

static const char *axis_title(np_composer *c)
{
    if (*c->uom == '\0')
        return c->outcome;
    return np_say_format(c, "%s, %s", c->outcome, c->uom);
}

static const char *weight_note(np_composer *c, const np_series_set *set)
{
    const char *simulated = c->evaluation->simulated ? _(" The data are simulated.") : "";
    if (*set->weights == '\0')
        return np_say_format(c,
                             _("Means without weights. The expected development is the "
                               "participants' level before the start and the others' "
                               "change since.%s"),
                             simulated);
    return np_say_format(c,
                         _("Means weighted by %s. The expected development is the "
                           "participants' level before the start and the others' change "
                           "since.%s"),
                         np_say_column(c, set->weights), simulated);
}

static double value_at(const np_figure_series *s, double x)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->x[i] == x)
            return s->y[i];
    return NAN;
}

static void value_cell(np_composer *c, np_table_builder *b, double value)
{
    if (isnan(value))
        np_table_builder_cell(b, "");
    else
        np_table_builder_number(b, np_say_level(c, value), value);
}

/* One row per period, one column per line; panels one after the other. */
static void line_rows(np_composer *c, np_table_builder *b, const np_figure *figure,
                      const char *panel)
{
    const np_figure_series *longest = NULL;
    for (size_t i = 0; i < figure->n_series; i++)
        if (longest == NULL || figure->series[i].n > longest->n)
            longest = &figure->series[i];
    if (panel != NULL) {
        np_table_builder_rule(b);
        np_table_builder_row(b);
        np_table_builder_row_header(b, panel, 0);
    }
    for (size_t k = 0; longest != NULL && k < longest->n; k++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, np_say_period(c, longest->x[k]), panel != NULL);
        for (size_t i = 0; i < figure->n_series; i++)
            value_cell(c, b, value_at(&figure->series[i], longest->x[k]));
    }
}

const char *np_say_time(const np_composer *c)
{
    if (strcmp(c->question->time, "year") == 0)
        return _("Year");
    return c->question->time;
}

static np_table_builder *line_table(np_composer *c, const np_figure *figure,
                                    const np_figure *head, const char *id)
{
    np_table_builder *b =
        np_table_builder_new(c->arena, id, figure->title, head->n_series + 1);
    np_table_builder_head(b);
    np_table_builder_cell(b, np_say_time(c));
    for (size_t i = 0; i < head->n_series; i++)
        np_table_builder_cell(b, head->series[i].label);
    return b;
}

void np_compose_development(np_composer *c)
{
    const np_series_set *set = overall_series(c->question);
    np_figure *figure = array(c, 1, sizeof *figure);
    if (set == NULL || figure == NULL)
        return;
    *figure = (np_figure){.kind = NP_FIGURE_LINES,
                          .id = np_compose_id(c, "figure", "development"),
                          .x_title = np_say_time(c),
                          .y_title = axis_title(c)};
    figure->title = np_say_format(c, _("%s among participants and others, %s to %s"),
                                  c->outcome, np_say_period(c, c->question->first_period),
                                  np_say_period(c, c->question->last_period));
    bool few_cohorts = set->n_starts > 1 && set->n_starts <= MOST_COHORT_LINES;
    lines_of(c, figure, set, few_cohorts, true);
    marks_of(c, figure, set);
    figure->description = describe_lines(c, figure);
    figure->note = weight_note(c, set);
    np_table_builder *b =
        line_table(c, figure, figure, np_compose_id(c, "table", "development"));
    line_rows(c, b, figure, NULL);
    np_compose_common_notes(c, b, NULL);
    np_doc_add_figure(c->doc, figure, np_table_builder_done(b));
}

/* How many series sets a group of subgroups has; weighted ones if there are any. */
static size_t sets_of_group(np_composer *c, const char *group, const np_series_set **set,
                            bool weighted)
{
    const np_question_result *q = c->question;
    size_t n = 0;
    for (size_t i = 0; i < q->n_series; i++)
        if (!is_overall(&q->series[i]) && strcmp(q->series[i].group_id, group) == 0 &&
            (*q->series[i].weights != '\0') == weighted)
            set[n++] = &q->series[i];
    return n;
}

static void panels_of(np_composer *c, np_figure *figure, const np_series_set **set,
                      size_t n)
{
    np_figure *panel = array(c, n, sizeof *panel);
    np_buf buf = {0};
    if (panel == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        lines_of(c, &panel[i], set[i], false, false);
        marks_of(c, &panel[i], set[i]);
        panel[i].title = np_say_local(c, &set[i]->label);
        if (*panel[i].title == '\0')
            panel[i].title = set[i]->scope_id;
        np_buf_format(&buf, "%s%s. %s", i > 0 ? " " : "", panel[i].title,
                      describe_lines(c, &panel[i]));
    }
    figure->panel = panel;
    figure->n_panels = n;
    figure->description = take(c, &buf);
}

static void small_multiple(np_composer *c, const char *group, const char *group_label,
                           const np_series_set **set, size_t n)
{
    np_figure *figure = array(c, 1, sizeof *figure);
    if (figure == NULL)
        return;
    *figure = (np_figure){.kind = NP_FIGURE_SMALL_MULTIPLES,
                          .id = np_compose_id(c, "figure", group),
                          .x_title = np_say_time(c),
                          .y_title = axis_title(c)};
    figure->title =
        np_say_format(c, _("%s by %s"), c->outcome, np_say_lower(c, group_label));
    panels_of(c, figure, set, n);
    figure->note = weight_note(c, set[0]);
    if (figure->n_panels == 0)
        return;
    const char *id = np_compose_id(c, "table-development", group);
    np_table_builder *b = line_table(c, figure, &figure->panel[0], id);
    for (size_t i = 0; i < n; i++)
        line_rows(c, b, &figure->panel[i], figure->panel[i].title);
    np_compose_common_notes(c, b, NULL);
    np_doc_add_figure(c->doc, figure, np_table_builder_done(b));
}

void np_compose_small_multiples(np_composer *c)
{
    const np_question_result *q = c->question;
    const np_series_set **set = array(c, q->n_series, sizeof *set);
    for (size_t i = 0; set != NULL && i < q->n_series; i++) {
        const char *group = q->series[i].group_id;
        bool seen = is_overall(&q->series[i]);
        for (size_t k = 0; k < i; k++)
            seen = seen || strcmp(q->series[k].group_id, group) == 0;
        if (seen)
            continue;
        size_t n = sets_of_group(c, group, set, true);
        if (n == 0)
            n = sets_of_group(c, group, set, false);
        const char *label = np_say_local(c, &q->series[i].group_label);
        if (n >= FEWEST_PANELS)
            small_multiple(c, group, *label == '\0' ? group : label, set, n);
    }
}

static np_figure *event_figure(np_composer *c, const np_event_study *study)
{
    np_figure *figure = array(c, 1, sizeof *figure);
    np_figure_series *s = array(c, 1, sizeof *s);
    np_figure_mark *mark = array(c, 1, sizeof *mark);
    double *value = array(c, 4 * study->n_points, sizeof *value);
    if (figure == NULL || s == NULL || mark == NULL || value == NULL)
        return NULL;
    size_t n = study->n_points;
    double *x = value, *y = value + n, *low = value + 2 * n, *high = value + 3 * n;
    for (size_t i = 0; i < n; i++) {
        const np_event_point *p = &study->point[i];
        x[i] = p->event_time;
        y[i] = p->estimate;
        low[i] = p->reference ? NAN : p->conf_low;
        high[i] = p->reference ? NAN : p->conf_high;
    }
    *s = (np_figure_series){.label = _("Effect"),
                            .n = n,
                            .x = x,
                            .y = y,
                            .low = low,
                            .high = high,
                            .emphasis = true};
    *mark = (np_figure_mark){-0.5, _("Start")};
    *figure = (np_figure){.kind = NP_FIGURE_EVENT_STUDY,
                          .series = s,
                          .n_series = 1,
                          .mark = mark,
                          .n_marks = 1,
                          .zero_line = true,
                          .first_and_before = n > 0 && study->point[0].binned_low,
                          .last_and_after = n > 0 && study->point[n - 1].binned_high};
    return figure;
}

static const char *event_time_text(np_composer *c, const np_event_point *p)
{
    const char *number =
        np_number_fixed(c->arena, p->event_time,
                        p->event_time == floor(p->event_time) ? 0 : 2, c->language);
    if (p->binned_low)
        return np_say_format(c, _("%s and earlier"), number);
    if (p->binned_high)
        return np_say_format(c, _("%s and later"), number);
    return number;
}

static const np_doc_table *event_table(np_composer *c, const np_event_study *study,
                                       const char *id, const char *title)
{
    np_table_builder *b = np_table_builder_new(c->arena, id, title, 7);
    np_table_builder_head(b);
    np_table_builder_cell(b, _("Periods since the start"));
    np_table_builder_cell(b, _("Effect"));
    np_table_builder_cell(b, _("Std. error"));
    np_table_builder_cell(b, _("CI from"));
    np_table_builder_cell(b, _("CI to"));
    np_table_builder_cell(b, "p");
    np_table_builder_cell(b, _("Participants"));
    for (size_t i = 0; i < study->n_points; i++) {
        const np_event_point *p = &study->point[i];
        np_table_builder_row(b);
        np_table_builder_row_header(b, event_time_text(c, p), 0);
        np_table_builder_number(b, np_say_effect(c, p->estimate), p->estimate);
        if (p->reference) {
            np_table_builder_span(b, _("reference"), 4);
        } else {
            np_table_builder_number(b, np_say_effect(c, p->std_error), p->std_error);
            np_table_builder_number(b, np_say_effect(c, p->conf_low), p->conf_low);
            np_table_builder_number(b, np_say_effect(c, p->conf_high), p->conf_high);
            np_table_builder_number(b, np_number_p(c->arena, p->p_value, c->language),
                                    p->p_value);
        }
        np_table_builder_number(b, np_say_count(c, p->n_treated), (double)p->n_treated);
    }
    if (study->pre_trend != NULL)
        np_table_builder_note(b, _("Joint test of the terms before the start: %s."),
                              np_say_test(c, study->pre_trend));
    np_compose_common_notes(c, b, study->effect);
    return np_table_builder_done(b);
}

static const char *describe_events(np_composer *c, const np_event_study *study)
{
    np_buf buf = {0};
    np_buf_add(&buf, _("The effect by periods since the start."));
    for (size_t i = 0; i < study->n_points; i++) {
        const np_event_point *p = &study->point[i];
        if (!p->reference)
            np_buf_format(&buf, _("%s%s: %s (%s to %s)."), buf.length > 0 ? " " : "",
                          event_time_text(c, p), np_say_effect(c, p->estimate),
                          np_say_effect(c, p->conf_low), np_say_effect(c, p->conf_high));
    }
    return take(c, &buf);
}

void np_compose_event_study(np_composer *c, const np_event_study *study, size_t index)
{
    np_figure *figure = event_figure(c, study);
    if (figure == NULL)
        return;
    const np_effect *e = study->effect;
    bool overall = e == NULL || e->scope == NP_SCOPE_ALL;
    const char *part = overall ? "events" : np_say_format(c, "events-%zu", index);
    figure->id = np_compose_id(c, "figure", part);
    figure->title =
        overall ? np_say_format(c, _("%s: effect by periods since the start"), c->outcome)
                : np_say_format(c, _("%s, %s: effect by periods since the start"),
                                c->outcome, np_say_scope(c, e));
    figure->x_title = strcmp(c->question->time, "year") == 0
                          ? _("Years since the start")
                          : _("Periods since the start");
    figure->y_title = *c->effect_uom == '\0'
                          ? _("Effect")
                          : np_say_format(c, _("Effect, %s"), c->effect_uom);
    figure->description = describe_events(c, study);
    figure->note = np_say_format(
        c,
        _("Bars are %s per cent confidence intervals; the open circle is the reference, "
          "set to zero.%s"),
        np_say_level_percent(c, e == NULL ? 0.95 : e->conf_level),
        c->evaluation->simulated ? _(" The data are simulated.") : "");
    np_doc_add_figure(
        c->doc, figure,
        event_table(c, study, np_compose_id(c, "table", part), figure->title));
}

static bool in_forest(const np_effect *e, np_estimator estimator)
{
    bool drawn = e->dependent == NP_DEPENDENT_LEVEL ||
                 (e->dependent == NP_DEPENDENT_CHANGE && !e->weighted);
    return e->estimator == estimator && drawn && e->refused == NULL &&
           !isnan(e->estimate);
}

static const char *group_name(np_composer *c, const np_effect *e)
{
    const char *label = np_say_local(c, &e->group_label);
    if (e->scope == NP_SCOPE_COHORT)
        return _("Cohort");
    return *label == '\0' ? e->group_id : label;
}

static size_t forest_rows(np_composer *c, np_figure_estimate *row, np_estimator estimator)
{
    const np_question_result *q = c->question;
    const char *group = "";
    size_t n = 0;
    for (size_t i = 0; i < q->n_effects; i++) {
        const np_effect *e = &q->effect[i];
        if (!in_forest(e, estimator))
            continue;
        const char *own = e->scope == NP_SCOPE_ALL ? "" : group_name(c, e);
        if (*own != '\0' && strcmp(own, group) != 0)
            row[n++] = (np_figure_estimate){
                .label = own, .heading = true, .estimate = NAN, .low = NAN, .high = NAN};
        group = own;
        row[n++] = (np_figure_estimate){.label = np_say_scope(c, e),
                                        .estimate = e->estimate,
                                        .low = e->conf_low,
                                        .high = e->conf_high,
                                        .emphasis = e->scope == NP_SCOPE_ALL};
    }
    return n;
}

static const char *describe_forest(np_composer *c, const np_figure *figure)
{
    np_buf buf = {0};
    for (size_t i = 0; i < figure->n_estimates; i++) {
        const np_figure_estimate *e = &figure->estimate[i];
        if (!e->heading)
            np_buf_format(&buf, _("%s%s: %s (%s to %s)."), buf.length > 0 ? " " : "",
                          e->label, np_say_effect(c, e->estimate),
                          np_say_effect(c, e->low), np_say_effect(c, e->high));
    }
    return take(c, &buf);
}

void np_compose_forest(np_composer *c, np_estimator estimator)
{
    np_figure *figure = array(c, 1, sizeof *figure);
    np_figure_estimate *row = array(c, 2 * c->question->n_effects, sizeof *row);
    if (figure == NULL || row == NULL)
        return;
    size_t n = forest_rows(c, row, estimator);
    if (n < 3)
        return;
    *figure = (np_figure){.kind = NP_FIGURE_FOREST,
                          .id = np_compose_id(c, "figure", "subgroups"),
                          .estimate = row,
                          .n_estimates = n,
                          .zero_line = true,
                          .decimals = c->decimals,
                          .y_title = ""};
    figure->title = np_say_format(c, _("%s: effect in all and in subgroups"), c->outcome);
    figure->x_title = *c->effect_uom == '\0'
                          ? _("Effect")
                          : np_say_format(c, _("Effect, %s"), c->effect_uom);
    figure->description = describe_forest(c, figure);
    figure->note = np_say_format(
        c,
        _("%s. Bars are %s per cent confidence intervals, not adjusted for several "
          "tests.%s"),
        np_translate(np_estimator_title(estimator)),
        np_say_level_percent(c, 1 - c->question->decision.level),
        c->evaluation->simulated ? _(" The data are simulated.") : "");
    np_doc_add_figure(c->doc, figure, NULL);
}
