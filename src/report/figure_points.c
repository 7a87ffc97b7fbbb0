/* Estimates with intervals: over event time, or one per row. */
#include <math.h>
#include <string.h>

#include "report/figure_parts.h"
#include "report/number.h"

enum {
    EVENT_HEIGHT = 300,
    ROW_HEIGHT = 25,
    DODGE = 10,
    LABEL_WIDTH = 235,
    MOST_LINES = 3
};

static void widen(double *low, double *high, double value)
{
    if (!isfinite(value))
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static bool has_band(const np_figure_series *s, size_t k)
{
    return s->band_low != NULL && s->band_high != NULL && !isnan(s->band_low[k]) &&
           !isnan(s->band_high[k]);
}

static void draw_interval(np_canvas *c, double x1, double y1, double x2, double y2,
                          const char *colour)
{
    bool upright = x1 == x2;
    double cap_x = upright ? 4 : 0, cap_y = upright ? 0 : 4;
    np_draw_line(c, x1, y1, x2, y2, colour, 1.6, NULL);
    np_draw_line(c, x1 - cap_x, y1 - cap_y, x1 + cap_x, y1 + cap_y, colour, 1.6, NULL);
    np_draw_line(c, x2 - cap_x, y2 - cap_y, x2 + cap_x, y2 + cap_y, colour, 1.6, NULL);
}

/* "−3", and "≤ −4" where the first point stands for all before it. */
static const char *event_label(np_canvas *c, const np_figure *figure, double value,
                               double first, double last)
{
    const char *number = np_axis_number(c, value, value == floor(value) ? 0 : 2, false);
    const char *sign = value == first && figure->first_and_before ? "\xe2\x89\xa4\xc2\xa0"
                       : value == last && figure->last_and_after  ? "\xe2\x89\xa5\xc2\xa0"
                                                                  : "";
    const char *text = np_arena_format(c->arena, "%s%s", sign, number);
    return text == NULL ? number : text;
}

typedef struct {
    double x_low, x_high, y_low, y_high;
} extent;

static extent extent_of(const np_figure *figure)
{
    extent e = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (size_t i = 0; i < figure->n_series; i++) {
        const np_figure_series *s = &figure->series[i];
        for (size_t k = 0; k < s->n; k++) {
            widen(&e.x_low, &e.x_high, s->x[k]);
            widen(&e.y_low, &e.y_high, s->y[k]);
            if (s->low != NULL && s->high != NULL) {
                widen(&e.y_low, &e.y_high, s->low[k]);
                widen(&e.y_low, &e.y_high, s->high[k]);
            }
            if (has_band(s, k)) {
                widen(&e.y_low, &e.y_high, s->band_low[k]);
                widen(&e.y_low, &e.y_high, s->band_high[k]);
            }
        }
    }
    if (figure->zero_line)
        widen(&e.y_low, &e.y_high, 0);
    if (!(e.x_high >= e.x_low) || !(e.y_high >= e.y_low))
        return (extent){0, 1, 0, 1};
    return e;
}

static void draw_event_points(np_canvas *c, const np_figure *figure, const np_scale *x,
                              const np_scale *y)
{
    double middle = (double)(figure->n_series - 1) / 2;
    for (size_t i = 0; i < figure->n_series; i++) {
        const np_figure_series *s = &figure->series[i];
        np_look look = np_look_of(figure, i);
        double shift = ((double)i - middle) * DODGE;
        for (size_t k = 0; k < s->n; k++) {
            if (isnan(s->y[k]))
                continue;
            double at = np_scale_at(x, s->x[k]) + shift, to = np_scale_at(y, s->y[k]);
            bool interval = s->low != NULL && s->high != NULL && !isnan(s->low[k]);
            double low = interval ? np_scale_at(y, s->low[k]) : to;
            double high = interval ? np_scale_at(y, s->high[k]) : to;
            if (interval && has_band(s, k)) {
                draw_interval(c, at, np_scale_at(y, s->band_low[k]), at,
                              np_scale_at(y, s->band_high[k]), look.colour);
                np_draw_line(c, at, low, at, high, look.colour, 4, NULL);
            } else if (interval) {
                draw_interval(c, at, low, at, high, look.colour);
            }
            /* without interval: set to zero by definition */
            np_draw_marker(c, at, to,
                           (np_look){look.colour, look.marker, look.open || !interval});
        }
    }
}

/* Wraps where the width ends; returns the height taken. Draws only where c is not
 * NULL. */
static double event_key(np_canvas *c, const np_figure *figure)
{
    double x = 8, y = 15;
    if (figure->n_series < 2)
        return 0;
    for (size_t i = 0; i < figure->n_series; i++) {
        const char *label = figure->series[i].label;
        double width = np_text_width(label, NP_FONT_SIZE) * 1.06 + 15;
        if (x > 8 && x + width > NP_FIGURE_WIDTH) {
            x = 8;
            y += NP_LINE_HEIGHT + 2;
        }
        if (c != NULL) {
            np_look look = np_look_of(figure, i);
            np_draw_marker(c, x + 5, y - 4.5, look);
            np_draw_text(c, x + 15, y, NP_START, look.colour, figure->series[i].emphasis,
                         label);
        }
        x += width + 25;
    }
    return y + 5;
}

/* The next of all series' event times. */
static bool next_event_time(double *value, const np_figure *figure)
{
    double next = INFINITY;
    for (size_t i = 0; i < figure->n_series; i++)
        for (size_t k = 0; k < figure->series[i].n; k++)
            if (figure->series[i].x[k] > *value)
                next = fmin(next, figure->series[i].x[k]);
    *value = next;
    return isfinite(next);
}

/* Many event times are labelled at every second, fifth, tenth … */
static double label_step(const extent *e)
{
    enum { MOST_LABELS = 16 };
    double span = e->x_high - e->x_low;
    return span <= MOST_LABELS ? 1
                               : np_ticks_around(e->x_low, e->x_high, MOST_LABELS).step;
}

static void draw_event_axis(np_canvas *c, const np_figure *figure, const np_box *box,
                            const np_scale *x, const extent *e)
{
    double bottom = box->y + box->height, taken = -INFINITY, value = -INFINITY;
    double step = label_step(e);
    np_draw_line(c, box->x, bottom, box->x + box->width, bottom, NP_INK, 1, NULL);
    while (next_event_time(&value, figure)) {
        double at = np_scale_at(x, value);
        const char *text = event_label(c, figure, value, e->x_low, e->x_high);
        double half = np_text_width(text, NP_FONT_SIZE) / 2;
        np_draw_line(c, at, bottom, at, bottom + 5, NP_INK, 1, NULL);
        bool is_step = step <= 1 || fmod(value, step) == 0;
        if (at - half < taken + 4 || !is_step)
            continue;
        np_draw_text(c, at, bottom + 18, NP_MIDDLE, NP_INK, false, text);
        taken = at + half;
    }
}

void np_draw_event_study(np_canvas *c, const np_figure *figure)
{
    extent e = extent_of(figure);
    np_ticks ticks = np_ticks_around(e.y_low, e.y_high, 6);
    bool marked = figure->n_marks > 0;
    double key = event_key(NULL, figure);
    np_box box = {.x = np_y_axis_width(c, &ticks) + 18,
                  .y = 30.0 + key + (marked ? NP_LINE_HEIGHT : 0),
                  .height = EVENT_HEIGHT};
    box.width = NP_FIGURE_WIDTH - box.x - 12;
    double inner = fmin(45, box.width / 10);
    np_scale x = {e.x_low, e.x_high, box.x + inner, box.x + box.width - inner};
    if (e.x_high == e.x_low)
        x.to = e.x_low + 1;
    np_scale y = {ticks.low, ticks.high, box.y + box.height, box.y};
    double bottom = box.y + box.height;
    np_draw_open(c, figure, NP_FIGURE_WIDTH, bottom + 46);
    event_key(c, figure);
    np_draw_text(c, 8, key + 15, NP_START, NP_INK, false, figure->y_title);
    np_draw_y_axis(c, &box, &ticks, &y, true);
    if (figure->zero_line)
        np_draw_line(c, box.x, np_scale_at(&y, 0), box.x + box.width, np_scale_at(&y, 0),
                     NP_INK, 1.2, NULL);
    for (size_t i = 0; i < figure->n_marks; i++) {
        double at = np_scale_at(&x, figure->mark[i].x);
        np_draw_line(c, at, box.y - 12, at, bottom, NP_INK, 1, "2 3");
        np_draw_text(c, at + 5, box.y - 4, NP_START, NP_INK, false,
                     figure->mark[i].label);
    }
    draw_event_axis(c, figure, &box, &x, &e);
    draw_event_points(c, figure, &x, &y);
    np_draw_text(c, box.x + box.width / 2, bottom + 37, NP_MIDDLE, NP_INK, false,
                 figure->x_title);
}

typedef struct {
    const char *line[MOST_LINES];
    size_t n_lines;
    const char *numbers;
    double top, height;
} forest_row;

static const char *interval_text(np_canvas *c, const np_figure *figure,
                                 const np_figure_estimate *e)
{
    const char *text;
    bool interval = !isnan(e->low) && !isnan(e->high);
    if (isnan(e->estimate) && interval) {
        text = np_arena_format(
            c->arena, "[%s; %s]",
            np_number_fixed(c->arena, e->low, figure->decimals, c->language),
            np_number_fixed(c->arena, e->high, figure->decimals, c->language));
        return text == NULL ? "" : text;
    }
    if (isnan(e->estimate))
        return e->heading ? "" : "..";
    const char *estimate =
        np_number_fixed(c->arena, e->estimate, figure->decimals, c->language);
    if (!interval)
        return estimate;
    text = np_arena_format(
        c->arena, "%s [%s; %s]", estimate,
        np_number_fixed(c->arena, e->low, figure->decimals, c->language),
        np_number_fixed(c->arena, e->high, figure->decimals, c->language));
    return text == NULL ? estimate : text;
}

static double lay_rows(np_canvas *c, const np_figure *figure, forest_row *row, double top,
                       double *numbers_width)
{
    for (size_t i = 0; i < figure->n_estimates; i++) {
        const np_figure_estimate *e = &figure->estimate[i];
        forest_row *r = &row[i];
        r->n_lines = np_text_lines(c->arena, e->label, LABEL_WIDTH, NP_FONT_SIZE, r->line,
                                   MOST_LINES);
        r->numbers = interval_text(c, figure, e);
        *numbers_width = fmax(*numbers_width, np_text_width(r->numbers, NP_FONT_SIZE) *
                                                  (e->emphasis ? 1.08 : 1));
        r->height = ROW_HEIGHT +
                    (double)(r->n_lines > 1 ? r->n_lines - 1 : 0) * (NP_LINE_HEIGHT - 1);
        r->height += e->heading && i > 0 ? 6 : 0;
        r->top = top;
        top += r->height;
    }
    return top;
}

static void draw_forest_row(np_canvas *c, const np_figure *figure, size_t i,
                            const forest_row *r, const np_scale *x)
{
    const np_figure_estimate *e = &figure->estimate[i];
    double drop = e->heading && i > 0 ? 6 : 0;
    double middle = r->top + drop + (r->height - drop) / 2;
    double first = middle - (double)(r->n_lines - 1) * (NP_LINE_HEIGHT - 1) / 2 + 4.5;
    for (size_t k = 0; k < r->n_lines; k++)
        np_draw_text(c, e->heading || e->emphasis ? 8 : 22,
                     first + (double)k * (NP_LINE_HEIGHT - 1), NP_START, NP_INK,
                     e->heading || e->emphasis, r->line[k]);
    np_draw_text(c, NP_FIGURE_WIDTH - 8, middle + 4.5, NP_END, NP_INK, e->emphasis,
                 r->numbers);
    if (e->heading)
        return;
    np_look look = {"#0b4f8a", e->emphasis ? 3 : 1, false};
    if (!isnan(e->low) && !isnan(e->high))
        draw_interval(c, np_scale_at(x, e->low), middle, np_scale_at(x, e->high), middle,
                      look.colour);
    if (!isnan(e->estimate))
        np_draw_marker(c, np_scale_at(x, e->estimate), middle, look);
}

static np_ticks forest_ticks(const np_figure *figure)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < figure->n_estimates; i++) {
        widen(&low, &high, figure->estimate[i].estimate);
        widen(&low, &high, figure->estimate[i].low);
        widen(&low, &high, figure->estimate[i].high);
    }
    if (figure->zero_line)
        widen(&low, &high, 0);
    if (!(high >= low))
        low = 0, high = 1;
    return np_ticks_around(low, high, 6);
}

void np_draw_forest(np_canvas *c, const np_figure *figure)
{
    forest_row *row = np_arena_array(c->arena, forest_row, figure->n_estimates);
    if (row == NULL) {
        c->buf->failed = true;
        return;
    }
    double numbers_width = 0, top = 12;
    double bottom = lay_rows(c, figure, row, top, &numbers_width) + 6;
    np_ticks ticks = forest_ticks(figure);
    double label_width = 0;
    for (size_t i = 0; i < figure->n_estimates; i++)
        for (size_t k = 0; !figure->estimate[i].heading && k < row[i].n_lines; k++)
            label_width =
                fmax(label_width, np_text_width(row[i].line[k], NP_FONT_SIZE) * 1.06);
    double left = fmax(120, label_width + 22) + 18;
    double right = NP_FIGURE_WIDTH - numbers_width - 26;
    np_scale x = {ticks.low, ticks.high, left, right};
    np_draw_open(c, figure, NP_FIGURE_WIDTH, bottom + 46);
    for (size_t i = 0; i < np_ticks_count(&ticks); i++) {
        double value = np_ticks_at(&ticks, i), at = np_scale_at(&x, value);
        bool zero = value == 0 && figure->zero_line;
        np_draw_line(c, at, top, at, bottom, zero ? NP_INK : NP_FAINT, zero ? 1.2 : 1,
                     NULL);
        np_draw_text(c, at, bottom + 18, NP_MIDDLE, NP_INK, false,
                     np_axis_number(c, value, ticks.decimals, false));
    }
    np_draw_line(c, left, bottom, right, bottom, NP_INK, 1, NULL);
    for (size_t i = 0; i < figure->n_estimates; i++)
        draw_forest_row(c, figure, i, &row[i], &x);
    np_draw_text(c, (left + right) / 2, bottom + 37, NP_MIDDLE, NP_INK, false,
                 figure->x_title);
}
