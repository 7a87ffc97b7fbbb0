#include "report/figure_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "report/number.h"
#include "report/render.h"

#define FONTS "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"

np_ticks np_ticks_around(double low, double high, int wanted)
{
    if (!isfinite(high - low)) /* none, or beyond the largest number */
        low = high = 0;
    if (!(high > low)) { /* one value, or none */
        double middle = low, reach = middle == 0 ? 1 : fabs(middle) / 10;
        low = middle - reach;
        high = middle + reach;
    }
    double rough = (high - low) / wanted, power = pow(10, floor(log10(rough)));
    double share = rough / power;
    double step = power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
    /* A value on a tick must not ask for another one because of its last bit. */
    double slack = step * 1e-9;
    np_ticks t = {.step = step,
                  .low = floor((low + slack) / step) * step,
                  .high = ceil((high - slack) / step) * step};
    t.decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
    return t;
}

size_t np_ticks_count(const np_ticks *ticks)
{
    return (size_t)lround((ticks->high - ticks->low) / ticks->step) + 1;
}

double np_ticks_at(const np_ticks *ticks, size_t i)
{
    double value = ticks->low + (double)i * ticks->step;
    return fabs(value) < ticks->step * 1e-9 ? 0 : value;
}

double np_scale_at(const np_scale *s, double value)
{
    return s->at_from + (value - s->from) / (s->to - s->from) * (s->at_to - s->at_from);
}

/* Helvetica's widths in classes; letters beyond ASCII count as their like. */
static double letter_width(uint32_t c)
{
    if (c < 128 && strchr("ijl.,:;'|!", (int)c) != NULL)
        return 0.26;
    if (c < 128 && strchr("frt()[]/- I", (int)c) != NULL)
        return 0.32;
    if (c < 128 && strchr("mwMW%@", (int)c) != NULL)
        return 0.86;
    if (c == 0x202f || c == 0xa0)
        return 0.28;
    if ((c >= 'A' && c <= 'Z') || c == 0xc6 || c == 0xd8 || c == 0xc5)
        return 0.69;
    return 0.56;
}

double np_text_width(const char *text, double size)
{
    double width = 0;
    while (*text != '\0') {
        uint32_t c;
        text += np_utf8_decode(&c, text);
        width += letter_width(c);
    }
    return 1.05 * width * size;
}

size_t np_text_lines(np_arena *arena, const char *text, double width, double size,
                     const char **line, size_t most)
{
    size_t n = 0;
    while (*text != '\0' && n < most) {
        size_t taken = 0, next = 0;
        for (;;) {
            next = taken == 0 ? 0 : taken + 1;
            next += strcspn(text + next, " ");
            const char *part = np_arena_copy_text(arena, text, next);
            if (part == NULL)
                return n;
            bool fits = np_text_width(part, size) <= width;
            if ((fits || taken == 0 || n + 1 == most) && next > taken)
                taken = next;
            else
                break;
            if (text[taken] == '\0')
                break;
        }
        line[n] = np_arena_copy_text(arena, text, taken);
        if (line[n] == NULL)
            return n;
        n++;
        text += taken;
        while (*text == ' ')
            text++;
    }
    return n;
}

void np_draw_text(np_canvas *c, double x, double y, np_anchor anchor, const char *colour,
                  bool bold, const char *text)
{
    static const char *const name[] = {"start", "middle", "end"};
    np_buf_format(c->buf, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\"%s>",
                  x, y, name[anchor], colour, bold ? " font-weight=\"bold\"" : "");
    np_html_escape(c->buf, text);
    np_buf_add(c->buf, "</text>\n");
}

void np_draw_line(np_canvas *c, double x1, double y1, double x2, double y2,
                  const char *colour, double width, const char *dashes)
{
    np_buf_format(c->buf,
                  "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
                  "stroke-width=\"%.1f\"",
                  x1, y1, x2, y2, colour, width);
    if (dashes != NULL)
        np_buf_format(c->buf, " stroke-dasharray=\"%s\"", dashes);
    np_buf_add(c->buf, "/>\n");
}

/* Dark enough for text on white (5:1 and more), apart for all common kinds of colour
 * blindness; after Okabe & Ito (2008), darkened. */
static const char *const palette[] = {"#0b4f8a", "#b0430a", "#00735a", "#85377a",
                                      "#6b5900"};
enum { N_COLOURS = sizeof palette / sizeof *palette, N_MARKERS = 4 };

np_look np_look_of(const np_figure *figure, size_t series)
{
    const np_figure_series *s = &figure->series[series];
    if (s->dashed && s->of > 0 && s->of <= figure->n_series && s->of - 1 != series) {
        np_look look = np_look_of(figure, s->of - 1);
        return (np_look){look.colour, -1, false};
    }
    size_t same = 0, n_emphasised = 0;
    for (size_t i = 0; i < figure->n_series; i++) {
        n_emphasised += figure->series[i].emphasis;
        if (i < series && figure->series[i].emphasis == s->emphasis &&
            !figure->series[i].dashed)
            same++;
    }
    int marker = s->dashed ? -1 : (int)(same % N_MARKERS);
    if (s->emphasis)
        return (np_look){palette[same % N_COLOURS], marker, false};
    if (same == 0)
        return (np_look){NP_QUIET, marker, true};
    return (np_look){palette[(n_emphasised + same - 1) % N_COLOURS], marker, true};
}

void np_draw_marker(np_canvas *c, double x, double y, np_look look)
{
    char paint[80];
    snprintf(paint, sizeof paint, "fill=\"%s\" stroke=\"%s\" stroke-width=\"1.5\"",
             look.open ? "#ffffff" : look.colour, look.colour);
    switch (look.marker) {
    case 0:
        np_buf_format(c->buf, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.6\" %s/>\n", x, y,
                      paint);
        break;
    case 1:
        np_buf_format(c->buf,
                      "<rect x=\"%.1f\" y=\"%.1f\" width=\"7\" height=\"7\" %s/>\n",
                      x - 3.5, y - 3.5, paint);
        break;
    case 2:
        np_buf_format(c->buf, "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fZ\" %s/>\n", x,
                      y - 4.5, x + 4.2, y + 3.2, x - 4.2, y + 3.2, paint);
        break;
    case 3:
        np_buf_format(c->buf,
                      "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fZ\" %s/>\n", x,
                      y - 4.8, x + 4.8, y, x, y + 4.8, x - 4.8, y, paint);
        break;
    default:
        break;
    }
}

static bool has_interval(const np_figure_series *s)
{
    return s->low != NULL && s->high != NULL;
}

static void draw_ribbon(np_canvas *c, const np_figure_series *s, np_look look,
                        const np_scale *x, const np_scale *y)
{
    for (size_t i = 0; i < s->n;) {
        size_t end = i;
        while (end < s->n && !isnan(s->low[end]) && !isnan(s->high[end]))
            end++;
        if (end > i + 1) {
            np_buf_format(c->buf, "<path fill=\"%s\" fill-opacity=\"0.15\" d=\"",
                          look.colour);
            for (size_t k = i; k < end; k++)
                np_buf_format(c->buf, "%c%.1f %.1f", k == i ? 'M' : 'L',
                              np_scale_at(x, s->x[k]), np_scale_at(y, s->high[k]));
            for (size_t k = end; k-- > i;)
                np_buf_format(c->buf, "L%.1f %.1f", np_scale_at(x, s->x[k]),
                              np_scale_at(y, s->low[k]));
            np_buf_add(c->buf, "Z\"/>\n");
        }
        i = end + 1;
    }
}

void np_draw_series(np_canvas *c, const np_figure_series *s, np_look look,
                    const np_scale *x, const np_scale *y)
{
    bool open = false;
    if (has_interval(s))
        draw_ribbon(c, s, look, x, y);
    np_buf_format(c->buf, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"",
                  look.colour, s->emphasis && !s->dashed ? "2.6" : "1.8");
    np_buf_format(c->buf, " stroke-linejoin=\"round\"%s d=\"",
                  s->dashed ? " stroke-dasharray=\"7 4\"" : "");
    for (size_t i = 0; i < s->n; i++) {
        if (!isnan(s->y[i]))
            np_buf_format(c->buf, "%c%.1f %.1f", open ? 'L' : 'M',
                          np_scale_at(x, s->x[i]), np_scale_at(y, s->y[i]));
        open = !isnan(s->y[i]);
    }
    np_buf_add(c->buf, "\"/>\n");
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->y[i]))
            np_draw_marker(c, np_scale_at(x, s->x[i]), np_scale_at(y, s->y[i]), look);
}

const char *np_axis_number(np_canvas *c, double value, int decimals, bool plain)
{
    if (fabs(value) >= 1e15)
        return np_number_significant(c->arena, value, 3, c->language);
    if (!plain)
        return np_number_fixed(c->arena, value, decimals, c->language);
    char *text = np_arena_format(c->arena, "%.*f", decimals, value);
    if (text == NULL)
        return "";
    char *point = strchr(text, '.');
    if (point != NULL)
        *point = np_decimal_sign(c->language);
    return text;
}

double np_y_axis_width(np_canvas *c, const np_ticks *ticks)
{
    double width = 0;
    for (size_t i = 0; i < np_ticks_count(ticks); i++)
        width = fmax(width, np_text_width(np_axis_number(c, np_ticks_at(ticks, i),
                                                         ticks->decimals, false),
                                          NP_FONT_SIZE));
    return width;
}

void np_draw_y_axis(np_canvas *c, const np_box *box, const np_ticks *ticks,
                    const np_scale *y, bool numbers)
{
    for (size_t i = 0; i < np_ticks_count(ticks); i++) {
        double value = np_ticks_at(ticks, i), at = np_scale_at(y, value);
        np_draw_line(c, box->x, at, box->x + box->width, at, NP_FAINT, 1, NULL);
        if (numbers)
            np_draw_text(c, box->x - 8, at + 4.5, NP_END, NP_INK, false,
                         np_axis_number(c, value, ticks->decimals, false));
    }
}

void np_draw_open(np_canvas *c, const np_figure *figure, double width, double height)
{
    np_buf_format(c->buf,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
                  "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" lang=\"%s\" "
                  "aria-labelledby=\"%s-title %s-desc\" font-family=\"" FONTS
                  "\" font-size=\"%d\">\n",
                  width, height, width, height, np_language_code(c->language), figure->id,
                  figure->id, NP_FONT_SIZE);
    np_buf_format(c->buf, "<title id=\"%s-title\">", figure->id);
    np_html_escape(c->buf, figure->title);
    np_buf_format(c->buf, "</title>\n<desc id=\"%s-desc\">", figure->id);
    np_html_escape(c->buf, figure->description);
    np_buf_format(c->buf,
                  "</desc>\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\"/>\n",
                  width, height);
}

void np_figure_svg(np_buf *buf, const np_figure *figure, np_language language,
                   bool standalone)
{
    np_canvas c = {.buf = buf, .arena = np_arena_new(0), .language = language};
    if (c.arena == NULL) {
        buf->failed = true;
        return;
    }
    np_language before = np_language_get();
    np_language_set(language);
    if (standalone)
        np_buf_add(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    switch (figure->kind) {
    case NP_FIGURE_LINES:
        np_draw_lines(&c, figure);
        break;
    case NP_FIGURE_EVENT_STUDY:
        np_draw_event_study(&c, figure);
        break;
    case NP_FIGURE_FOREST:
        np_draw_forest(&c, figure);
        break;
    case NP_FIGURE_SMALL_MULTIPLES:
        np_draw_small_multiples(&c, figure);
        break;
    case NP_FIGURE_COHORTS:
        np_draw_cohorts(&c, figure);
        break;
    }
    np_buf_add(buf, "</svg>\n");
    np_language_set(before);
    np_arena_free(c.arena);
}
