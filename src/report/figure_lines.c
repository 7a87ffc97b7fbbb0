/* Series over time, alone or as small multiples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/figure_parts.h"

enum {
    PLOT_HEIGHT = 300,
    PANEL_HEIGHT = 150,
    LABEL_WIDTH = 165,
    MOST_LABELS = 24,
    MOST_MARKS = 24,
    MOST_LINES = 3,
    INNER = 10 /* between the plot's edge and the first marker */
};

typedef struct {
    double x_low, x_high, y_low, y_high;
    bool whole; /* all x are whole numbers */
} extent;

static void widen(double *low, double *high, double value)
{
    if (isnan(value))
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static void extend(extent *e, const np_figure *figure)
{
    for (size_t i = 0; i < figure->n_series; i++) {
        const np_figure_series *s = &figure->series[i];
        for (size_t k = 0; k < s->n; k++) {
            widen(&e->x_low, &e->x_high, s->x[k]);
            e->whole = e->whole && s->x[k] == floor(s->x[k]);
            widen(&e->y_low, &e->y_high, s->y[k]);
            if (s->low != NULL && s->high != NULL) {
                widen(&e->y_low, &e->y_high, s->low[k]);
                widen(&e->y_low, &e->y_high, s->high[k]);
            }
        }
    }
    if (figure->zero_line)
        widen(&e->y_low, &e->y_high, 0);
}

/* Zero is shown where the data are not far from it; else they would be a flat line. */
static extent extent_of(const np_figure *figure)
{
    extent e = {INFINITY, -INFINITY, INFINITY, -INFINITY, true};
    extend(&e, figure);
    for (size_t i = 0; i < figure->n_panels; i++)
        extend(&e, &figure->panel[i]);
    if (!(e.x_high >= e.x_low) || !(e.y_high >= e.y_low))
        return (extent){0, 1, 0, 1, true};
    if (e.y_low > 0 && e.y_low < 0.3 * e.y_high)
        e.y_low = 0;
    if (e.x_high == e.x_low)
        e.x_high += 1;
    return e;
}

typedef struct {
    double first, step;
    size_t n;
    int decimals;
    bool plain;
} x_axis;

static x_axis x_axis_of(np_canvas *c, const extent *e, double width)
{
    static const double steps[] = {1, 2, 5, 10, 20, 50, 100};
    double span = e->x_high - e->x_low;
    x_axis a = {.first = e->x_low, .plain = e->x_low >= 1000 && e->x_high <= 3000};
    if (!e->whole || span > 1000) {
        np_ticks t = np_ticks_around(e->x_low, e->x_high, 6);
        a.first = t.low < e->x_low ? t.low + t.step : t.low;
        a.step = t.step;
        a.decimals = t.decimals;
    } else {
        double room =
            np_text_width(np_axis_number(c, e->x_high, 0, a.plain), NP_FONT_SIZE) + 12;
        size_t i = 0;
        while (i + 1 < sizeof steps / sizeof *steps && span / steps[i] * room > width)
            i++;
        a.step = steps[i];
    }
    a.n = (size_t)floor((e->x_high - a.first) / a.step + 1e-9) + 1;
    return a;
}

static void draw_x_axis(np_canvas *c, const np_box *box, const x_axis *a,
                        const np_scale *x)
{
    double bottom = box->y + box->height;
    np_draw_line(c, box->x, bottom, box->x + box->width, bottom, NP_INK, 1, NULL);
    for (size_t i = 0; i < a->n; i++) {
        double value = a->first + (double)i * a->step, at = np_scale_at(x, value);
        np_draw_line(c, at, bottom, at, bottom + 5, NP_INK, 1, NULL);
        np_draw_text(c, at, bottom + 18, NP_MIDDLE, NP_INK, false,
                     np_axis_number(c, value, a->decimals, a->plain));
    }
}

/* Labels of start lines stand to the right of their line; an earlier one that
 * would run into a later line goes a row higher, where that line does not reach. */
static size_t mark_rows(const np_figure *figure, const np_scale *x, size_t *row)
{
    size_t n = figure->n_marks < MOST_MARKS ? figure->n_marks : MOST_MARKS, most = 0;
    for (size_t i = n; i-- > 0;) {
        double start = np_scale_at(x, figure->mark[i].x);
        double end = start + np_text_width(figure->mark[i].label, NP_FONT_SIZE) + 14;
        row[i] = 0;
        for (size_t k = i + 1; k < n; k++)
            if (np_scale_at(x, figure->mark[k].x) < end && row[k] >= row[i])
                row[i] = row[k] + 1;
        most = row[i] + 1 > most ? row[i] + 1 : most;
    }
    return most;
}

static void draw_marks(np_canvas *c, const np_figure *figure, const np_box *box,
                       const np_scale *x, const size_t *row)
{
    for (size_t i = 0; i < figure->n_marks && i < MOST_MARKS; i++) {
        double at = np_scale_at(x, figure->mark[i].x);
        double top = box->y - (row == NULL ? 0 : (double)(row[i] * NP_LINE_HEIGHT + 12));
        np_draw_line(c, at, top, at, box->y + box->height, NP_INK, 1, "2 3");
        if (row != NULL)
            np_draw_text(c, at + 5, top + 8, NP_START, NP_INK, false,
                         figure->mark[i].label);
    }
}

typedef struct {
    const char *line[MOST_LINES];
    size_t n_lines, series;
    double anchor, top; /* y of the line's end; y of the label's upper edge */
} end_label;

static int by_anchor(const void *a, const void *b)
{
    const end_label *p = a, *q = b;
    if (p->anchor != q->anchor)
        return p->anchor < q->anchor ? -1 : 1;
    return p->series < q->series ? -1 : 1;
}

static double label_height(const end_label *label)
{
    return (double)label->n_lines * NP_LINE_HEIGHT;
}

/* Moves labels apart, as little as a pass downwards and one upwards allow. */
static void spread(end_label *label, size_t n, double low, double high)
{
    qsort(label, n, sizeof *label, by_anchor);
    for (size_t i = 0; i < n; i++) {
        label[i].top = label[i].anchor - label_height(&label[i]) / 2;
        double least = i == 0 ? low : label[i - 1].top + label_height(&label[i - 1]) + 2;
        label[i].top = fmax(label[i].top, least);
    }
    for (size_t i = n; i-- > 0;) {
        double most = i + 1 == n ? high : label[i + 1].top - 2;
        label[i].top = fmin(label[i].top, most - label_height(&label[i]));
    }
}

static size_t last_point(const np_figure_series *s)
{
    size_t k = s->n;
    while (k > 0 && isnan(s->y[k - 1]))
        k--;
    return k;
}

static size_t wrap_labels(np_canvas *c, const np_figure *figure, end_label *label,
                          double *width)
{
    size_t n = 0;
    for (size_t i = 0; i < figure->n_series && n < MOST_LABELS; i++) {
        end_label *l = &label[n];
        if (last_point(&figure->series[i]) == 0)
            continue;
        l->series = i;
        l->n_lines = np_text_lines(c->arena, figure->series[i].label, LABEL_WIDTH,
                                   NP_FONT_SIZE, l->line, MOST_LINES);
        for (size_t k = 0; k < l->n_lines; k++)
            *width = fmax(*width, np_text_width(l->line[k], NP_FONT_SIZE) *
                                      (figure->series[i].emphasis ? 1.06 : 1));
        n++;
    }
    return n;
}

static void draw_labels(np_canvas *c, const np_figure *figure, end_label *label, size_t n,
                        const np_box *box, const np_scale *x, const np_scale *y)
{
    for (size_t i = 0; i < n; i++) {
        const np_figure_series *s = &figure->series[label[i].series];
        label[i].anchor = np_scale_at(y, s->y[last_point(s) - 1]);
    }
    spread(label, n, box->y - 8, box->y + box->height + 12);
    for (size_t i = 0; i < n; i++) {
        const np_figure_series *s = &figure->series[label[i].series];
        np_look look = np_look_of(figure, label[i].series);
        double from = np_scale_at(x, s->x[last_point(s) - 1]) + 7;
        double to = box->x + box->width + 16;
        double middle = label[i].top + label_height(&label[i]) / 2;
        np_draw_line(c, from, label[i].anchor, to, middle, look.colour, 0.8, NULL);
        for (size_t k = 0; k < label[i].n_lines; k++)
            np_draw_text(c, to + 4, label[i].top + (double)k * NP_LINE_HEIGHT + 12,
                         NP_START, look.colour, s->emphasis && !s->dashed,
                         label[i].line[k]);
    }
}

/* Expected developments first, so that what happened lies on top. */
static void draw_all_series(np_canvas *c, const np_figure *figure, const np_scale *x,
                            const np_scale *y)
{
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < figure->n_series; i++) {
            const np_figure_series *s = &figure->series[i];
            int layer = s->dashed ? 0 : s->emphasis ? 2 : 1;
            if (layer == pass)
                np_draw_series(c, s, np_look_of(figure, i), x, y);
        }
}

static void draw_zero(np_canvas *c, const np_figure *figure, const np_box *box,
                      const np_scale *y)
{
    if (figure->zero_line)
        np_draw_line(c, box->x, np_scale_at(y, 0), box->x + box->width, np_scale_at(y, 0),
                     NP_INK, 1, NULL);
}

static void draw_broken_axis_note(np_canvas *c, const np_ticks *ticks, double y)
{
    if (ticks->low > 0)
        np_draw_text(c, 8, y, NP_START, NP_QUIET, false,
                     np_translate_to(c->language,
                                     N_("The vertical axis does not start at zero.")));
}

void np_draw_lines(np_canvas *c, const np_figure *figure)
{
    extent e = extent_of(figure);
    np_ticks ticks = np_ticks_around(e.y_low, e.y_high, 6);
    end_label label[MOST_LABELS];
    size_t row[MOST_MARKS];
    double label_width = 0;
    size_t n_labels = wrap_labels(c, figure, label, &label_width);
    np_box box = {.x = np_y_axis_width(c, &ticks) + 18, .height = PLOT_HEIGHT};
    box.width = NP_FIGURE_WIDTH - box.x - label_width - 28;
    np_scale x = {e.x_low, e.x_high, box.x + INNER, box.x + box.width - INNER};
    size_t n_rows = mark_rows(figure, &x, row);
    box.y = 30 + (double)(n_rows * NP_LINE_HEIGHT);
    np_scale y = {ticks.low, ticks.high, box.y + box.height, box.y};
    double bottom = box.y + box.height;

    np_draw_open(c, figure, NP_FIGURE_WIDTH, bottom + (ticks.low > 0 ? 62 : 46));
    np_draw_text(c, 8, 15, NP_START, NP_INK, false, figure->y_title);
    np_draw_y_axis(c, &box, &ticks, &y, true);
    x_axis axis = x_axis_of(c, &e, box.width);
    draw_x_axis(c, &box, &axis, &x);
    draw_zero(c, figure, &box, &y);
    draw_marks(c, figure, &box, &x, row);
    draw_all_series(c, figure, &x, &y);
    draw_labels(c, figure, label, n_labels, &box, &x, &y);
    np_draw_text(c, box.x + box.width / 2, bottom + 37, NP_MIDDLE, NP_INK, false,
                 figure->x_title);
    draw_broken_axis_note(c, &ticks, bottom + 55);
}

/* The series' names over the panels, each with a piece of its line. */
static double draw_key(np_canvas *c, const np_figure *figure, double y, bool draw)
{
    double x = 8;
    for (size_t i = 0; i < figure->n_series; i++) {
        const np_figure_series *s = &figure->series[i];
        double width = 36 + np_text_width(s->label, NP_FONT_SIZE) * 1.06 + 20;
        if (x + width > NP_FIGURE_WIDTH && x > 8) {
            x = 8;
            y += NP_LINE_HEIGHT + 2;
        }
        if (draw) {
            np_look look = np_look_of(figure, i);
            np_draw_line(c, x, y - 4.5, x + 28, y - 4.5, look.colour,
                         s->emphasis && !s->dashed ? 2.6 : 1.8, s->dashed ? "7 4" : NULL);
            np_draw_marker(c, x + 14, y - 4.5, look);
            np_draw_text(c, x + 36, y, NP_START, look.colour, s->emphasis && !s->dashed,
                         s->label);
        }
        x += width;
    }
    return y + NP_LINE_HEIGHT;
}

typedef struct {
    size_t n_columns, n_rows;
    double left, top, width, row_height;
} grid;

static grid grid_of(size_t n_panels, double left, double top)
{
    grid g = {
        .n_columns = n_panels <= 2 || n_panels == 4 ? 2 : 3, .left = left, .top = top};
    g.n_rows = (n_panels + g.n_columns - 1) / g.n_columns;
    g.width = (NP_FIGURE_WIDTH - left - 8) / (double)g.n_columns;
    g.row_height = PANEL_HEIGHT + 54;
    return g;
}

static void draw_panel(np_canvas *c, const np_figure *figure, size_t i, const grid *g,
                       const extent *e, const np_ticks *ticks)
{
    const np_figure *panel = &figure->panel[i];
    size_t column = i % g->n_columns;
    np_box box = {.x = g->left + (double)column * g->width,
                  .y = g->top + (double)(i / g->n_columns) * g->row_height + 20,
                  .width = g->width - 30,
                  .height = PANEL_HEIGHT};
    np_scale x = {e->x_low, e->x_high, box.x + INNER, box.x + box.width - INNER};
    np_scale y = {ticks->low, ticks->high, box.y + box.height, box.y};
    np_draw_text(c, box.x, box.y - 7, NP_START, NP_INK, true, panel->title);
    np_draw_y_axis(c, &box, ticks, &y, column == 0);
    x_axis axis = x_axis_of(c, e, box.width);
    draw_x_axis(c, &box, &axis, &x);
    draw_zero(c, panel, &box, &y);
    draw_marks(c, panel, &box, &x, NULL);
    draw_all_series(c, panel, &x, &y);
}

void np_draw_small_multiples(np_canvas *c, const np_figure *figure)
{
    extent e = extent_of(figure);
    np_ticks ticks = np_ticks_around(e.y_low, e.y_high, 4);
    const np_figure *first = figure->n_panels > 0 ? &figure->panel[0] : figure;
    double top = draw_key(c, first, 15, false) + 18;
    grid g = grid_of(figure->n_panels, np_y_axis_width(c, &ticks) + 18, top + 8);
    double bottom = g.top + (double)g.n_rows * g.row_height;
    np_draw_open(c, figure, NP_FIGURE_WIDTH, bottom + (ticks.low > 0 ? 36 : 20));
    draw_key(c, first, 15, true);
    np_draw_text(c, 8, top, NP_START, NP_INK, false, figure->y_title);
    for (size_t i = 0; i < figure->n_panels; i++)
        draw_panel(c, figure, i, &g, &e, &ticks);
    np_draw_text(c, NP_FIGURE_WIDTH / 2.0, bottom + 2, NP_MIDDLE, NP_INK, false,
                 figure->x_title);
    draw_broken_axis_note(c, &ticks, bottom + 22);
}
