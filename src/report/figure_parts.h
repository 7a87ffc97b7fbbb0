/* What the kinds of figure share: scales with round ticks, the width of texts,
 * and SVG's elements with the presentation attributes that word processors read
 * too (no style sheet, no dominant-baseline). Not for composers. */
#ifndef NP_REPORT_FIGURE_PARTS_H
#define NP_REPORT_FIGURE_PARTS_H

#include "base/arena.h"
#include "report/figure.h"

#define NP_INK   "#1a1a1a"
#define NP_FAINT "#d9d9d9"
#define NP_QUIET "#5c5c5c" /* 6.7:1 on white */

enum { NP_FIGURE_WIDTH = 720, NP_FONT_SIZE = 13, NP_LINE_HEIGHT = 16 };

typedef struct {
    np_buf *buf;
    np_arena *arena; /* of one figure's drawing */
    np_language language;
} np_canvas;

typedef struct {
    double x, y, width, height; /* of the plot, in pixels; y grows downwards */
} np_box;

typedef struct {
    double low, high, step; /* low and high are multiples of step */
    int decimals;
} np_ticks;

/* About `wanted` steps of 1, 2 or 5 times a power of ten around the data. */
np_ticks np_ticks_around(double low, double high, int wanted);
size_t np_ticks_count(const np_ticks *ticks);
double np_ticks_at(const np_ticks *ticks, size_t i);

typedef struct {
    double from, to;       /* data */
    double at_from, at_to; /* pixels */
} np_scale;
double np_scale_at(const np_scale *scale, double value);

/* In pixels; an estimate from the widths of Helvetica, a little on the safe side. */
double np_text_width(const char *text, double size);
/* Breaks at spaces; returns the lines, at most `most`, each in the arena. */
size_t np_text_lines(np_arena *arena, const char *text, double width, double size,
                     const char **line, size_t most);

typedef enum { NP_START = 0, NP_MIDDLE, NP_END } np_anchor;
void np_draw_text(np_canvas *c, double x, double y, np_anchor anchor, const char *colour,
                  bool bold, const char *text);
void np_draw_line(np_canvas *c, double x1, double y1, double x2, double y2,
                  const char *colour, double width, const char *dashes);

/* How a series looks: told apart by colour, by marker and by label. */
typedef struct {
    const char *colour;
    int marker; /* -1: none */
    bool open;
} np_look;
np_look np_look_of(const np_figure *figure, size_t series);
void np_draw_marker(np_canvas *c, double x, double y, np_look look);
/* The line through a series' points, broken where a value is missing. */
void np_draw_series(np_canvas *c, const np_figure_series *s, np_look look,
                    const np_scale *x, const np_scale *y);

/* Horizontal grid lines with numbers to the left of the box. */
void np_draw_y_axis(np_canvas *c, const np_box *box, const np_ticks *ticks,
                    const np_scale *y, bool numbers);
double np_y_axis_width(np_canvas *c, const np_ticks *ticks);

/* A number on an axis; years have no thousands sign. */
const char *np_axis_number(np_canvas *c, double value, int decimals, bool plain);

/* Opens the SVG with title and description; np_figure_svg closes it. */
void np_draw_open(np_canvas *c, const np_figure *figure, double width, double height);

void np_draw_lines(np_canvas *c, const np_figure *figure);
void np_draw_small_multiples(np_canvas *c, const np_figure *figure);
void np_draw_event_study(np_canvas *c, const np_figure *figure);
void np_draw_forest(np_canvas *c, const np_figure *figure);
void np_draw_cohorts(np_canvas *c, const np_figure *figure);
/* Fill, and what it is called. */
const char *np_cell_colour(np_figure_cell cell);
const char *np_cell_name(np_figure_cell cell, np_language language);

#endif
