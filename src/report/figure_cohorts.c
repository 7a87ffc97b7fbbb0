/* Who is treated when: a row of cells per cohort, as high as the share of its units
 * that is seen. */
#include <math.h>

#include "report/figure_parts.h"

enum {
    LABEL_WIDTH = 150,
    KEY_HEIGHT = 26,
    ROOMY = 15,     /* cohorts that have high rows */
    CROWDED = 40,   /* from here on labels stand at every second row, and so on */
    LEAST_STEP = 14 /* between labels */
};

const char *np_cell_colour(np_figure_cell cell)
{
    static const char *const colour[] = {"#ffffff", "#c4c4c4", "#86b3dc", "#0b4f8a"};
    return colour[cell];
}

const char *np_cell_name(np_figure_cell cell, np_language language)
{
    static const char *const name[] = {N_("not seen"), N_("untreated"),
                                       N_("anticipating"), N_("treated")};
    return np_translate_to(language, name[cell]);
}

static void draw_cell(np_canvas *c, double x, double y, double width, double height,
                      const char *fill, const char *stroke)
{
    np_buf_format(c->buf,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                  "fill=\"%s\"",
                  x, y, width, height, fill);
    if (stroke != NULL)
        np_buf_format(c->buf, " stroke=\"%s\" stroke-width=\"1\"", stroke);
    np_buf_add(c->buf, "/>\n");
}

static bool any_cell(const np_figure *figure, np_figure_cell cell, bool partly)
{
    for (size_t i = 0; i < figure->n_cohorts; i++)
        for (size_t t = 0; t < figure->n_periods; t++) {
            const np_figure_cohort *row = &figure->cohort[i];
            bool whole = !(row->share[t] < 1);
            if (partly ? row->cell[t] != NP_CELL_UNSEEN && !whole : row->cell[t] == cell)
                return true;
        }
    return false;
}

static double draw_key_entry(np_canvas *c, double x, const char *fill, double share,
                             const char *text)
{
    enum { SIDE = 13 };
    draw_cell(c, x, 6, SIDE, SIDE, "#ffffff", "#8a8a8a");
    draw_cell(c, x, 6 + SIDE * (1 - share), SIDE, SIDE * share, fill, NULL);
    np_draw_text(c, x + SIDE + 6, 17, NP_START, NP_INK, false, text);
    return x + SIDE + 6 + np_text_width(text, NP_FONT_SIZE) + 22;
}

static void draw_key(np_canvas *c, const np_figure *figure)
{
    static const np_figure_cell order[] = {NP_CELL_UNTREATED, NP_CELL_ANTICIPATING,
                                           NP_CELL_TREATED, NP_CELL_UNSEEN};
    double x = 8;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (any_cell(figure, order[i], false))
            x = draw_key_entry(c, x, np_cell_colour(order[i]), 1,
                               np_cell_name(order[i], c->language));
    if (any_cell(figure, NP_CELL_TREATED, true))
        draw_key_entry(c, x, np_cell_colour(NP_CELL_UNTREATED), 0.5,
                       np_translate_to(c->language, N_("not all units seen")));
}

static double widest(const np_figure *figure, bool sizes)
{
    double width = 0;
    for (size_t i = 0; i < figure->n_cohorts; i++)
        width = fmax(
            width, np_text_width(sizes ? figure->cohort[i].size : figure->cohort[i].label,
                                 NP_FONT_SIZE));
    return width;
}

/* Labels that would touch are left out; the last one stays. */
static void draw_periods(np_canvas *c, const np_figure *figure, const np_box *box)
{
    double step = box->width / (double)figure->n_periods, taken = -INFINITY;
    size_t last = figure->n_periods - 1;
    double of_last = np_text_width(figure->period[last], NP_FONT_SIZE);
    double last_from = box->x + box->width - step / 2 - of_last / 2;
    for (size_t t = 0; t < figure->n_periods; t++) {
        double at = box->x + step * ((double)t + 0.5);
        double half = np_text_width(figure->period[t], NP_FONT_SIZE) / 2;
        if (at - half < taken + 6 || (t != last && at + half + 6 > last_from))
            continue;
        np_draw_text(c, at, box->y + box->height + 17, NP_MIDDLE, NP_INK, false,
                     figure->period[t]);
        taken = at + half;
    }
    np_draw_text(c, box->x + box->width / 2, box->y + box->height + 36, NP_MIDDLE, NP_INK,
                 false, figure->x_title);
}

static void draw_row(np_canvas *c, const np_figure *figure, const np_figure_cohort *row,
                     const np_box *box)
{
    double step = box->width / (double)figure->n_periods;
    double gap = step > 8 ? 1.5 : 0, height = box->height - (box->height > 8 ? 3 : 1);
    for (size_t t = 0; t < figure->n_periods; t++) {
        double x = box->x + step * (double)t + gap / 2, width = step - gap;
        bool part = row->cell[t] == NP_CELL_UNSEEN || row->share[t] < 1;
        double filled = row->cell[t] == NP_CELL_UNSEEN ? 0 : height * row->share[t];
        if (part)
            draw_cell(c, x + 0.5, box->y + 0.5, width - 1, height - 1, "#ffffff",
                      NP_FAINT);
        if (filled > 0)
            draw_cell(c, x, box->y + height - filled, width, filled,
                      np_cell_colour(row->cell[t]), NULL);
    }
}

void np_draw_cohorts(np_canvas *c, const np_figure *figure)
{
    double height = figure->n_cohorts <= ROOMY     ? 26
                    : figure->n_cohorts <= CROWDED ? 17
                                                   : 9;
    size_t every = (size_t)ceil(LEAST_STEP / height);
    double left = fmin(LABEL_WIDTH, widest(figure, false)) + 22;
    double right = widest(figure, true) + 18;
    np_box box = {.x = left,
                  .y = KEY_HEIGHT + 6,
                  .width = NP_FIGURE_WIDTH - left - right,
                  .height = height * (double)figure->n_cohorts};
    np_draw_open(c, figure, NP_FIGURE_WIDTH, box.y + box.height + 48);
    draw_key(c, figure);
    for (size_t i = 0; i < figure->n_cohorts; i++) {
        np_box row = {box.x, box.y + height * (double)i, box.width, height};
        double base = row.y + (height - 3) / 2 + 4.5;
        draw_row(c, figure, &figure->cohort[i], &row);
        if (i % every != 0 && i + 1 != figure->n_cohorts)
            continue;
        np_draw_text(c, box.x - 8, base, NP_END, NP_INK, false, figure->cohort[i].label);
        np_draw_text(c, box.x + box.width + 8, base, NP_START, NP_QUIET, false,
                     figure->cohort[i].size);
    }
    draw_periods(c, figure, &box);
}
