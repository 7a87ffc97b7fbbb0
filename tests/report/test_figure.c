#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/figure.h"
#include "report/figure_parts.h"
#include "samples.h"

static void ticks_are_round_and_hold_the_data(void **state)
{
    (void)state;
    np_ticks t = np_ticks_around(8.7, 10.5, 6);
    assert_true(t.step == 0.5 && t.low == 8.5 && t.high == 10.5 && t.decimals == 1);
    t = np_ticks_around(-1.67, 0.65, 6);
    assert_true(t.step == 0.5 && t.low == -2 && t.high == 1);
    t = np_ticks_around(0, 3e6, 5);
    assert_true(t.step == 1e6 && t.decimals == 0 && np_ticks_count(&t) == 4);
    t = np_ticks_around(-INFINITY, INFINITY, 5); /* nor does what is no number hang */
    assert_int_equal(np_ticks_count(&t), 5);
    t = np_ticks_around(-1e308, 1e308, 5);
    assert_int_equal(np_ticks_count(&t), 5);
    t = np_ticks_around(5, 5, 5); /* a single value still has an axis */
    assert_true(t.low < 5 && t.high > 5);
}

static void every_figure_has_title_description_and_role(void **state)
{
    (void)state;
    for (int i = 0; i < N_SAMPLE_FIGURES; i++) {
        const np_figure *f = sample_figure(i);
        np_buf buf = {0}, want = {0};
        np_figure_svg(&buf, f, NP_BOKMAAL, true);
        const char *svg = np_buf_done(&buf);
        assert_non_null(svg);
        np_buf_format(&want, "<title id=\"%s-title\">%s</title>", f->id, f->title);
        assert_non_null(strstr(svg, np_buf_done(&want)));
        np_buf_free(&want);
        np_buf_format(&want, "<desc id=\"%s-desc\">%s</desc>", f->id, f->description);
        assert_non_null(strstr(svg, np_buf_done(&want)));
        np_buf_free(&want);
        np_buf_format(&want, "aria-labelledby=\"%s-title %s-desc\"", f->id, f->id);
        assert_non_null(strstr(svg, np_buf_done(&want)));
        assert_non_null(strstr(svg, "role=\"img\""));
        assert_null(strstr(svg, "<script"));
        assert_null(strstr(svg, " class="));
        assert_null(strstr(svg, "nan"));
        np_buf_free(&want);
        np_buf_free(&buf);
    }
}

static void axes_speak_the_language(void **state)
{
    (void)state;
    np_buf nb = {0}, en = {0};
    np_figure_svg(&nb, sample_figure(0), NP_BOKMAAL, false);
    np_figure_svg(&en, sample_figure(0), NP_ENGLISH, false);
    assert_non_null(strstr(np_buf_done(&nb), ">9,5</text>"));
    assert_non_null(strstr(np_buf_done(&en), ">9.5</text>"));
    assert_non_null(strstr(np_buf_done(&nb), ">2011</text>"));
    np_buf_free(&nb);
    np_buf_free(&en);
    np_figure_svg(&nb, sample_figure(1), NP_BOKMAAL, false);
    assert_non_null(strstr(np_buf_done(&nb), ">≤\u00a0−4</text>"));
    assert_non_null(strstr(np_buf_done(&nb), ">−0,5</text>"));
    np_buf_free(&nb);
}

static void the_expected_development_is_dashed_in_its_series_colour(void **state)
{
    (void)state;
    const np_figure *f = sample_figure(0);
    assert_string_equal(np_look_of(f, 3).colour, np_look_of(f, 0).colour);
    assert_string_not_equal(np_look_of(f, 1).colour, np_look_of(f, 0).colour);
    np_buf buf = {0};
    np_figure_svg(&buf, f, NP_BOKMAAL, false);
    assert_non_null(strstr(np_buf_done(&buf), "stroke-dasharray=\"7 4\""));
    np_buf_free(&buf);
}

/* y of the label that begins with `text`; lines are 16 pixels high. */
static double label_y(const char *svg, const char *text)
{
    np_buf want = {0};
    np_buf_format(&want, ">%s", text);
    const char *label = strstr(svg, np_buf_done(&want));
    np_buf_free(&want);
    assert_non_null(label);
    while (strncmp(label, " y=\"", 4) != 0)
        label--;
    return atof(label + 4);
}

static void labels_of_lines_that_meet_stand_apart(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_figure_svg(&buf, sample_figure(4), NP_BOKMAAL, false);
    const char *svg = np_buf_done(&buf);
    double a = label_y(svg, "Helse og"), b = label_y(svg, "Administrasjon"),
           c = label_y(svg, "Skole");
    assert_true(fabs(a - b) >= 16 && fabs(b - c) >= 16 && fabs(a - c) >= 16);
    np_buf_free(&buf);
}

static void vega_lite_has_the_data_inside(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_figure_vega_lite(&buf, sample_figure(2), NP_BOKMAAL);
    const char *json = np_buf_done(&buf);
    assert_non_null(strstr(json, "vega-lite/v5.json"));
    assert_non_null(strstr(json, "\"estimate\": -0.671"));
    assert_non_null(strstr(json, "\"decimal\": \",\""));
    np_buf_free(&buf);
}

static const np_figure_cell before_and_after[] = {NP_CELL_UNTREATED, NP_CELL_TREATED};
static const double all_seen[] = {1, 1}, half_seen[] = {1, 0.5};
static const np_figure_cohort two_cohorts[] = {
    {"2014", "20 units", before_and_after, all_seen},
    {"2015", "7 units", before_and_after, half_seen}};
static const char *const years[] = {"2013", "2014"};
static const np_figure design = {.kind = NP_FIGURE_COHORTS,
                                 .id = "figure-design",
                                 .title = "Who is treated when",
                                 .description = "Two cohorts.",
                                 .x_title = "year",
                                 .y_title = "",
                                 .cohort = two_cohorts,
                                 .n_cohorts = 2,
                                 .period = years,
                                 .n_periods = 2};

static void the_design_speaks_the_language_and_leaves_the_threads_alone(void **state)
{
    (void)state;
    np_buf svg = {0}, vega = {0};
    np_figure_svg(&svg, &design, NP_BOKMAAL, false);
    np_figure_vega_lite(&vega, &design, NP_BOKMAAL);
    assert_non_null(strstr(np_buf_done(&svg), ">uten tiltak</text>"));
    assert_non_null(strstr(np_buf_done(&vega), "\"uten tiltak\""));
    assert_int_equal(np_language_get(), NP_ENGLISH);
    np_buf_free(&svg);
    np_buf_free(&vega);
}

static void a_partly_seen_cohort_is_explained_in_the_key(void **state)
{
    (void)state;
    np_buf svg = {0};
    np_figure_svg(&svg, &design, NP_ENGLISH, false);
    const char *text = np_buf_done(&svg);
    assert_non_null(strstr(text, ">not all units seen</text>"));
    assert_non_null(strstr(text, ">2015</text>"));
    np_buf_free(&svg);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

/* Two treated and one anticipating cell and four untreated ones, one of them half as
 * high; each state in the key as well, and a half cell for those not all seen. */
static void cells_of_cohorts_show_who_is_treated_and_who_is_seen(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_figure_svg(&buf, sample_figure(5), NP_BOKMAAL, false);
    const char *svg = np_buf_done(&buf);
    assert_int_equal(count(svg, np_cell_colour(NP_CELL_TREATED)), 2 + 1);
    assert_int_equal(count(svg, np_cell_colour(NP_CELL_ANTICIPATING)), 1 + 1);
    assert_int_equal(count(svg, np_cell_colour(NP_CELL_UNTREATED)), 4 + 2);
    assert_non_null(strstr(svg, ">2012</text>"));
    assert_non_null(strstr(svg, ">30 enheter</text>"));
    assert_non_null(strstr(svg, ">ikke med i dataene</text>"));
    assert_non_null(strstr(svg, "height=\"23.0\" fill=\"#c4c4c4\""));
    assert_non_null(strstr(svg, "height=\"11.5\" fill=\"#c4c4c4\""));
    np_buf_free(&buf);
}

/* All event times of all series, a thick bar in each thin one, and a key in two lines. */
static void event_studies_have_bands_and_every_series_event_times(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_figure_svg(&buf, sample_figure(6), NP_BOKMAAL, false);
    const char *svg = np_buf_done(&buf);
    assert_int_equal(count(svg, "stroke-width=\"4.0\""), 2);
    assert_non_null(strstr(svg, ">2</text>"));
    assert_non_null(strstr(svg, ">−1</text>"));
    assert_true(label_y(svg, "En estimator") >= label_y(svg, "Gruppe og tid") + 16);
    np_buf_free(&buf);
    np_figure_vega_lite(&buf, sample_figure(6), NP_BOKMAAL);
    assert_non_null(strstr(np_buf_done(&buf), "\"band_low\": -0.95"));
    np_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_and_hold_the_data),
        cmocka_unit_test(every_figure_has_title_description_and_role),
        cmocka_unit_test(axes_speak_the_language),
        cmocka_unit_test(the_expected_development_is_dashed_in_its_series_colour),
        cmocka_unit_test(labels_of_lines_that_meet_stand_apart),
        cmocka_unit_test(vega_lite_has_the_data_inside),
        cmocka_unit_test(the_design_speaks_the_language_and_leaves_the_threads_alone),
        cmocka_unit_test(a_partly_seen_cohort_is_explained_in_the_key),
        cmocka_unit_test(cells_of_cohorts_show_who_is_treated_and_who_is_seen),
        cmocka_unit_test(event_studies_have_bands_and_every_series_event_times),
    };
    return cmocka_run_group_tests_name("figure", tests, NULL, NULL);
}
