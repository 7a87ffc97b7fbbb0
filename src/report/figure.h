/* The half-dozen kinds of figure that evaluations use, as data. Rendered to
 * static SVG with real text, title and description, and as a Vega-Lite
 * specification; the table beside a figure is its text alternative. */
#ifndef NP_REPORT_FIGURE_H
#define NP_REPORT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/language.h"
#include "base/text.h"

typedef enum {
    NP_FIGURE_LINES = 0,       /* series over time, with start lines and counterfactual */
    NP_FIGURE_EVENT_STUDY,     /* estimates with intervals over event time */
    NP_FIGURE_FOREST,          /* estimates with intervals, one per row */
    NP_FIGURE_SMALL_MULTIPLES, /* several LINES panels with shared axes */
    NP_FIGURE_COHORTS          /* who is untreated and treated when: cohorts x periods */
} np_figure_kind;

typedef struct {
    const char *label;
    size_t n;
    const double *x, *y;      /* [n]; y NaN: a gap */
    const double *low, *high; /* [n] intervals or NULL */
    bool dashed;              /* expected development (counterfactual) */
    bool emphasis;            /* participants */
    /* EVENT_STUDY: [n] wider intervals that hold for all points together, or NULL */
    const double *band_low, *band_high;
    size_t of; /* dashed: 1 + index of the series it is expected for; 0: none */
} np_figure_series;

typedef struct {
    double x;
    const char *label; /* "pulje 1 starts" */
} np_figure_mark;

typedef struct { /* a row of a forest plot */
    const char *label;
    double estimate, low, high; /* NaN: not there; an interval may stand alone */
    bool heading;               /* a group's name, without estimate */
    bool emphasis;              /* the overall estimate */
} np_figure_estimate;

typedef enum {
    NP_CELL_UNSEEN = 0,
    NP_CELL_UNTREATED,
    NP_CELL_ANTICIPATING, /* untreated, but there may be effects already */
    NP_CELL_TREATED
} np_figure_cell;

typedef struct { /* a row of COHORTS */
    const char *label;
    const char *size;           /* "131 units" */
    const np_figure_cell *cell; /* [n_periods] */
    const double *share;        /* [n_periods] of the units seen: the cell's height */
} np_figure_cohort;

typedef struct np_figure np_figure;
struct np_figure {
    np_figure_kind kind;
    const char *id, *title,
        *description;              /* description: what it shows, with its numbers */
    const char *x_title, *y_title; /* with unit of measure */
    const np_figure_series *series;
    size_t n_series;
    const np_figure_mark *mark;
    size_t n_marks; /* vertical lines */
    const np_figure_estimate *estimate;
    size_t n_estimates;
    const np_figure *panel;
    size_t n_panels; /* SMALL_MULTIPLES */
    const np_figure_cohort *cohort;
    size_t n_cohorts;
    const char *const *period; /* [n_periods] labels of COHORTS */
    size_t n_periods;
    bool zero_line;
    /* the first and the last point stand for all before and after them (EVENT_STUDY) */
    bool first_and_before, last_and_after;
    int decimals; /* of the estimates printed in a FOREST */
    const char *note;
};

/* The SVG has its size in pixels, a viewBox, <title> and <desc>; ids begin with the
 * figure's. `standalone` adds the XML declaration. A spent memory shows as buf->failed.
 */
void np_figure_svg(np_buf *buf, const np_figure *figure, np_language language,
                   bool standalone);
/* Vega-Lite 5 with the data inside. */
void np_figure_vega_lite(np_buf *buf, const np_figure *figure, np_language language);

#endif
