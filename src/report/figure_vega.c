/* Vega-Lite 5 specifications, for those who want to restyle a figure: the data
 * are inside, the encodings plain. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "report/figure_parts.h"

static void put_locale(np_json *j, np_language language)
{
    np_json_key(j, "config");
    np_json_object(j);
    np_json_key(j, "locale");
    np_json_object(j);
    np_json_key(j, "number");
    np_json_object(j);
    np_json_put_text(j, "decimal", language == NP_ENGLISH ? "." : ",");
    np_json_put_text(j, "thousands", language == NP_ENGLISH ? "," : "\xe2\x80\xaf");
    np_json_key(j, "grouping");
    np_json_array_inline(j);
    np_json_integer(j, 3);
    np_json_end_array(j);
    np_json_end_object(j);
    np_json_end_object(j);
    np_json_end_object(j);
}

static void open_encoding(np_json *j, const char *channel, const char *field,
                          const char *type)
{
    np_json_key(j, channel);
    np_json_object(j);
    if (field != NULL)
        np_json_put_text(j, "field", field);
    if (type != NULL)
        np_json_put_text(j, "type", type);
}

static void put_quantity(np_json *j, const char *channel, const char *field,
                         const char *title, const char *format)
{
    open_encoding(j, channel, field, "quantitative");
    np_json_put_text(j, "title", title);
    np_json_key(j, "scale");
    np_json_object(j);
    np_json_put_bool(j, "zero", false);
    np_json_end_object(j);
    if (format != NULL) {
        np_json_key(j, "axis");
        np_json_object(j);
        np_json_put_text(j, "format", format);
        np_json_end_object(j);
    }
    np_json_end_object(j);
}

static void put_field(np_json *j, const char *channel, const char *field)
{
    open_encoding(j, channel, field, NULL);
    np_json_end_object(j);
}

static void put_mark(np_json *j, const char *type, double size)
{
    np_json_key(j, "mark");
    np_json_object(j);
    np_json_put_text(j, "type", type);
    if (strcmp(type, "point") == 0) {
        np_json_put_bool(j, "filled", true);
        np_json_put_number(j, "size", size);
    }
    np_json_end_object(j);
}

static void put_series_rows(np_json *j, const np_figure *figure, const char *panel)
{
    for (size_t i = 0; i < figure->n_series; i++) {
        const np_figure_series *s = &figure->series[i];
        for (size_t k = 0; k < s->n; k++) {
            np_json_object(j);
            if (panel != NULL)
                np_json_put_text(j, "panel", panel);
            np_json_put_text(j, "series", s->label);
            np_json_put_number(j, "x", s->x[k]);
            np_json_put_number(j, "y", s->y[k]);
            if (s->low != NULL && s->high != NULL) {
                np_json_put_number(j, "low", s->low[k]);
                np_json_put_number(j, "high", s->high[k]);
            }
            if (s->band_low != NULL && s->band_high != NULL) {
                np_json_put_number(j, "band_low", s->band_low[k]);
                np_json_put_number(j, "band_high", s->band_high[k]);
            }
            np_json_put_bool(j, "expected", s->dashed);
            np_json_end_object(j);
        }
    }
}

static void put_series_data(np_json *j, const np_figure *figure)
{
    np_json_key(j, "data");
    np_json_object(j);
    np_json_key(j, "values");
    np_json_array(j);
    put_series_rows(j, figure, NULL);
    for (size_t i = 0; i < figure->n_panels; i++)
        put_series_rows(j, &figure->panel[i], figure->panel[i].title);
    np_json_end_array(j);
    np_json_end_object(j);
}

/* Colours and order of the series as the SVG has them. */
static void put_colour(np_json *j, const np_figure *figure)
{
    open_encoding(j, "color", "series", "nominal");
    np_json_put_text(j, "title", NULL);
    np_json_key(j, "scale");
    np_json_object(j);
    np_json_key(j, "domain");
    np_json_array_inline(j);
    for (size_t i = 0; i < figure->n_series; i++)
        np_json_text(j, figure->series[i].label);
    np_json_end_array(j);
    np_json_key(j, "range");
    np_json_array_inline(j);
    for (size_t i = 0; i < figure->n_series; i++)
        np_json_text(j, np_look_of(figure, i).colour);
    np_json_end_array(j);
    np_json_end_object(j);
    np_json_end_object(j);
}

static void put_dash(np_json *j)
{
    open_encoding(j, "strokeDash", "expected", "nominal");
    np_json_put_text(j, "legend", NULL);
    np_json_key(j, "scale");
    np_json_object(j);
    np_json_key(j, "domain");
    np_json_array_inline(j);
    np_json_bool(j, false);
    np_json_bool(j, true);
    np_json_end_array(j);
    np_json_key(j, "range");
    np_json_array_inline(j);
    for (int dashed = 0; dashed < 2; dashed++) {
        np_json_array_inline(j);
        np_json_integer(j, dashed ? 7 : 1);
        np_json_integer(j, dashed ? 4 : 0);
        np_json_end_array(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
    np_json_end_object(j);
}

static bool any_interval(const np_figure *figure)
{
    for (size_t i = 0; i < figure->n_series; i++)
        if (figure->series[i].low != NULL && figure->series[i].high != NULL)
            return true;
    return false;
}

static void put_rule_layer(np_json *j, const char *channel, double at, const char *label)
{
    np_json_object(j);
    np_json_key(j, "data");
    np_json_object(j);
    np_json_key(j, "values");
    np_json_array(j);
    np_json_object(j);
    np_json_put_number(j, "at", at);
    np_json_put_text(j, "label", label);
    np_json_end_object(j);
    np_json_end_array(j);
    np_json_end_object(j);
    np_json_key(j, "mark");
    np_json_object(j);
    np_json_put_text(j, "type", "rule");
    np_json_put_numbers(j, "strokeDash", (double[]){2, label == NULL ? 0 : 3}, 2);
    np_json_end_object(j);
    np_json_key(j, "encoding");
    np_json_object(j);
    open_encoding(j, channel, "at", "quantitative");
    np_json_end_object(j);
    if (label != NULL)
        put_field(j, "tooltip", "label");
    np_json_end_object(j);
    np_json_end_object(j);
}

static void put_rules(np_json *j, const np_figure *figure, const char *zero_channel)
{
    if (figure->zero_line)
        put_rule_layer(j, zero_channel, 0, NULL);
    for (size_t i = 0; i < figure->n_marks; i++)
        put_rule_layer(j, "x", figure->mark[i].x, figure->mark[i].label);
}

static void open_layer(np_json *j, const char *mark, double size)
{
    np_json_object(j);
    put_mark(j, mark, size);
    np_json_key(j, "encoding");
    np_json_object(j);
}

static void close_layer(np_json *j)
{
    np_json_end_object(j);
    np_json_end_object(j);
}

/* Years have no thousands sign. */
static const char *x_format(const np_figure *figure)
{
    const np_figure_series *s = figure->n_series > 0 ? &figure->series[0] : NULL;
    bool years = s != NULL && s->n > 0 && s->x[0] >= 1000 && s->x[0] <= 3000;
    return years && s->x[0] == floor(s->x[0]) ? "d" : NULL;
}

static bool any_band(const np_figure *figure)
{
    for (size_t i = 0; i < figure->n_series; i++)
        if (figure->series[i].band_low != NULL && figure->series[i].band_high != NULL)
            return true;
    return false;
}

static void put_band_layer(np_json *j, const np_figure *figure, const np_figure *look)
{
    open_layer(j, "rule", 0);
    put_quantity(j, "x", "x", figure->x_title, x_format(look));
    put_quantity(j, "y", "band_low", figure->y_title, NULL);
    put_field(j, "y2", "band_high");
    put_colour(j, look);
    np_json_key(j, "opacity");
    np_json_object(j);
    np_json_put_number(j, "value", 0.5);
    np_json_end_object(j);
    close_layer(j);
}

static void put_series_layers(np_json *j, const np_figure *figure, const np_figure *look)
{
    bool points_only = figure->kind == NP_FIGURE_EVENT_STUDY;
    np_json_key(j, "layer");
    np_json_array(j);
    put_rules(j, look, "y");
    if (any_band(look))
        put_band_layer(j, figure, look);
    if (any_interval(look)) {
        open_layer(j, points_only ? "rule" : "area", 0);
        put_quantity(j, "x", "x", figure->x_title, x_format(look));
        put_quantity(j, "y", "low", figure->y_title, NULL);
        put_field(j, "y2", "high");
        put_colour(j, look);
        if (!points_only) {
            np_json_key(j, "opacity");
            np_json_object(j);
            np_json_put_number(j, "value", 0.15);
            np_json_end_object(j);
        }
        close_layer(j);
    }
    for (int points = points_only; points < 2; points++) {
        open_layer(j, points ? "point" : "line", 45);
        put_quantity(j, "x", "x", figure->x_title, x_format(look));
        put_quantity(j, "y", "y", figure->y_title, NULL);
        put_colour(j, look);
        if (!points)
            put_dash(j);
        close_layer(j);
    }
    np_json_end_array(j);
}

static void put_series_figure(np_json *j, const np_figure *figure)
{
    put_series_data(j, figure);
    np_json_put_integer(j, "width", 560);
    np_json_put_integer(j, "height", 300);
    put_series_layers(j, figure, figure);
}

static void put_small_multiples(np_json *j, const np_figure *figure)
{
    put_series_data(j, figure);
    np_json_key(j, "facet");
    np_json_object(j);
    np_json_put_text(j, "field", "panel");
    np_json_put_text(j, "type", "nominal");
    np_json_put_text(j, "title", NULL);
    np_json_key(j, "sort");
    np_json_array_inline(j);
    for (size_t i = 0; i < figure->n_panels; i++)
        np_json_text(j, figure->panel[i].title);
    np_json_end_array(j);
    np_json_end_object(j);
    np_json_put_integer(j, "columns", 3);
    np_json_key(j, "spec");
    np_json_object(j);
    np_json_put_integer(j, "width", 190);
    np_json_put_integer(j, "height", 150);
    put_series_layers(j, figure, figure->n_panels > 0 ? &figure->panel[0] : figure);
    np_json_end_object(j);
}

static void put_forest_data(np_json *j, const np_figure *figure)
{
    const char *group = "";
    np_json_key(j, "data");
    np_json_object(j);
    np_json_key(j, "values");
    np_json_array(j);
    for (size_t i = 0; i < figure->n_estimates; i++) {
        const np_figure_estimate *e = &figure->estimate[i];
        if (e->heading) {
            group = e->label;
            continue;
        }
        np_json_object(j);
        np_json_put_integer(j, "order", (int64_t)i);
        np_json_put_text(j, "group", e->emphasis ? "" : group);
        np_json_put_text(j, "label", e->label);
        np_json_put_number(j, "estimate", e->estimate);
        np_json_put_number(j, "low", e->low);
        np_json_put_number(j, "high", e->high);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_row(np_json *j)
{
    open_encoding(j, "y", "label", "nominal");
    np_json_put_text(j, "title", NULL);
    np_json_key(j, "sort");
    np_json_object(j);
    np_json_put_text(j, "field", "order");
    np_json_end_object(j);
    np_json_end_object(j);
}

static void put_forest(np_json *j, const np_figure *figure)
{
    put_forest_data(j, figure);
    np_json_put_integer(j, "width", 420);
    np_json_key(j, "layer");
    np_json_array(j);
    put_rules(j, figure, "x");
    open_layer(j, "rule", 0);
    put_row(j);
    put_quantity(j, "x", "low", figure->x_title, NULL);
    put_field(j, "x2", "high");
    close_layer(j);
    open_layer(j, "point", 60);
    put_row(j);
    put_quantity(j, "x", "estimate", figure->x_title, NULL);
    close_layer(j);
    np_json_end_array(j);
}

static void put_cells(np_json *j, const np_figure *figure, np_language language)
{
    np_json_key(j, "data");
    np_json_object(j);
    np_json_key(j, "values");
    np_json_array(j);
    for (size_t i = 0; i < figure->n_cohorts; i++) {
        const np_figure_cohort *c = &figure->cohort[i];
        for (size_t t = 0; t < figure->n_periods; t++) {
            np_json_object(j);
            np_json_put_integer(j, "order", (int64_t)i);
            np_json_put_text(j, "label", c->label);
            np_json_put_text(j, "size", c->size);
            np_json_put_text(j, "period", figure->period[t]);
            np_json_put_text(j, "state", np_cell_name(c->cell[t], language));
            np_json_put_number(j, "seen", c->share[t]);
            np_json_end_object(j);
        }
    }
    np_json_end_array(j);
    np_json_end_object(j);
}

static void put_states(np_json *j, np_language language)
{
    open_encoding(j, "color", "state", "nominal");
    np_json_put_text(j, "title", NULL);
    np_json_key(j, "scale");
    np_json_object(j);
    np_json_key(j, "domain");
    np_json_array_inline(j);
    for (np_figure_cell cell = NP_CELL_UNSEEN; cell <= NP_CELL_TREATED; cell++)
        np_json_text(j, np_cell_name(cell, language));
    np_json_end_array(j);
    np_json_key(j, "range");
    np_json_array_inline(j);
    for (np_figure_cell cell = NP_CELL_UNSEEN; cell <= NP_CELL_TREATED; cell++)
        np_json_text(j, np_cell_colour(cell));
    np_json_end_array(j);
    np_json_end_object(j);
    np_json_end_object(j);
}

static void put_cohorts(np_json *j, const np_figure *figure, np_language language)
{
    put_cells(j, figure, language);
    np_json_put_integer(j, "width", 560);
    put_mark(j, "rect", 0);
    np_json_key(j, "encoding");
    np_json_object(j);
    open_encoding(j, "x", "period", "ordinal");
    np_json_put_text(j, "title", figure->x_title);
    np_json_put_text(j, "sort", NULL);
    np_json_end_object(j);
    put_row(j);
    put_states(j, language);
    open_encoding(j, "tooltip", "size", NULL);
    np_json_end_object(j);
    np_json_end_object(j);
}

void np_figure_vega_lite(np_buf *buf, const np_figure *figure, np_language language)
{
    np_json j = {.buf = buf};
    np_language before = np_language_get();
    np_language_set(language);
    np_json_object(&j);
    np_json_put_text(&j, "$schema", "https://vega.github.io/schema/vega-lite/v5.json");
    np_json_put_text(&j, "title", figure->title);
    np_json_put_text(&j, "description", figure->description);
    switch (figure->kind) {
    case NP_FIGURE_LINES:
    case NP_FIGURE_EVENT_STUDY:
        put_series_figure(&j, figure);
        break;
    case NP_FIGURE_SMALL_MULTIPLES:
        put_small_multiples(&j, figure);
        break;
    case NP_FIGURE_FOREST:
        put_forest(&j, figure);
        break;
    case NP_FIGURE_COHORTS:
        put_cohorts(&j, figure, language);
        break;
    }
    put_locale(&j, language);
    np_json_end_object(&j);
    np_language_set(before);
}
