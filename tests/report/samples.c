#include "samples.h"

#include <math.h>

static const double year[] = {2007, 2008, 2009, 2010, 2011, 2012, 2013, 2014};
static const double first[] = {9.6, 9.7, 10.2, 9.9, 9.5, 9.1, 8.9, 8.8};
static const double second[] = {9.9, 9.8, 10.4, 10.1, 10.0, 9.4, 9.2, 9.3};
static const double others[] = {8.7, 8.8, 9.3, 9.0, 8.9, 9.0, 9.3, 9.6};
static const double expected[] = {NAN, NAN, NAN, 9.9, 9.8, 9.9, 10.2, 10.5};
static const double close_a[] = {8.0, 8.1, 8.3, 8.2, NAN, 8.6, 8.7, 8.80};
static const double close_b[] = {9.0, 9.1, 9.0, 8.9, 8.9, 8.8, 8.8, 8.82};
static const double close_c[] = {7.0, 7.4, 7.8, 8.0, 8.3, 8.5, 8.8, 8.84};

static const np_figure_series development[] = {
    {.label = "Pulje 1 (20 kommuner)", .n = 8, .x = year, .y = first, .emphasis = true},
    {.label = "Pulje 2 (7 kommuner)", .n = 8, .x = year, .y = second, .emphasis = true},
    {.label = "Andre kommuner (318)", .n = 8, .x = year, .y = others},
    {.label = "Forventet for pulje 1 uten programmet",
     .n = 8,
     .x = year,
     .y = expected,
     .dashed = true,
     .of = 1},
};

static const np_figure_series close_ends[] = {
    {.label = "Helse og omsorg", .n = 8, .x = year, .y = close_a, .emphasis = true},
    {.label = "Administrasjon", .n = 8, .x = year, .y = close_b},
    {.label = "Skole", .n = 8, .x = year, .y = close_c},
};

static const np_figure_mark starts[] = {{2010.5, "Pulje 1 starter"},
                                        {2011.5, "Pulje 2 starter"}};
static const np_figure_mark start[] = {{-0.5, "Start"}};

static const double event_time[] = {-4, -3, -2, -1, 0, 1, 2, 3};
static const double effect[] = {0.12, -0.05, 0.08, 0, -0.35, -0.58, -0.91, -1.02};
static const double low[] = {-0.41, -0.52, -0.36, NAN, -0.77, -1.05, -1.44, -1.67};
static const double high[] = {0.65, 0.42, 0.52, NAN, 0.07, -0.11, -0.38, -0.37};
static const np_figure_series event[] = {{.label = "Effekt",
                                          .n = 8,
                                          .x = event_time,
                                          .y = effect,
                                          .low = low,
                                          .high = high,
                                          .emphasis = true}};

static const np_figure_estimate row[] = {
    {.label = "Alle stillinger",
     .estimate = -0.671,
     .low = -1.059,
     .high = -0.283,
     .emphasis = true},
    {.label = "Kjønn", .heading = true, .estimate = NAN, .low = NAN, .high = NAN},
    {.label = "Menn", .estimate = -0.96, .low = -1.533, .high = -0.386},
    {.label = "Kvinner", .estimate = -0.607, .low = -1.054, .high = -0.16},
    {.label = "Sektor", .heading = true, .estimate = NAN, .low = NAN, .high = NAN},
    {.label = "Teknisk sektor, eiendom og samferdsel i kommunal drift",
     .estimate = -0.588,
     .low = -1.517,
     .high = 0.341},
    {.label = "Barnehage", .estimate = -0.327, .low = -1.361, .high = 0.707},
    {.label = "Kultur", .estimate = NAN, .low = NAN, .high = NAN},
};

static const np_figure panel[] = {
    {.title = "Helse",
     .series = development,
     .n_series = 4,
     .mark = starts,
     .n_marks = 2},
    {.title = "Administrasjon",
     .series = development,
     .n_series = 4,
     .mark = starts,
     .n_marks = 2},
    {.title = "Teknisk",
     .series = development,
     .n_series = 4,
     .mark = starts,
     .n_marks = 2},
    {.title = "Barnehage",
     .series = development,
     .n_series = 4,
     .mark = starts,
     .n_marks = 2},
    {.title = "Skole",
     .series = development,
     .n_series = 4,
     .mark = starts,
     .n_marks = 2},
};

static const char *const years[] = {"2010", "2011", "2012", "2013"};
static const np_figure_cell first_cells[] = {NP_CELL_UNTREATED, NP_CELL_ANTICIPATING,
                                             NP_CELL_TREATED, NP_CELL_TREATED};
static const np_figure_cell other_cells[] = {NP_CELL_UNSEEN, NP_CELL_UNTREATED,
                                             NP_CELL_UNTREATED, NP_CELL_UNTREATED};
static const double whole[] = {1, 1, 1, 1}, partly[] = {0, 0.5, 1, 1};
static const np_figure_cohort cohorts[] = {{"2012", "14 enheter", first_cells, whole},
                                           {"aldri", "30 enheter", other_cells, partly}};
static const np_figure_series banded[] = {
    {.label = "Gruppe og tid, med dem som ikke har startet ennå",
     .n = 3,
     .x = (const double[]){-1, 0, 1},
     .y = (const double[]){0, -0.3, -0.5},
     .low = (const double[]){NAN, -0.5, -0.8},
     .high = (const double[]){NAN, -0.1, -0.2},
     .band_low = (const double[]){NAN, -0.6, -0.95},
     .band_high = (const double[]){NAN, 0, -0.05},
     .emphasis = true},
    {.label = "En estimator med et langt navn som ikke får plass ved siden av de andre",
     .n = 2,
     .x = (const double[]){0, 2},
     .y = (const double[]){-0.2, -0.4},
     .emphasis = true}};

static const np_figure figure[N_SAMPLE_FIGURES] = {
    {.kind = NP_FIGURE_LINES,
     .id = "figur-utvikling",
     .title = "Sykefravær etter pulje, 2007–2014",
     .description = "Pulje 1 gikk fra 9,9 prosent i 2010 til 8,8 prosent i 2014.",
     .x_title = "År",
     .y_title = "Sykefravær, prosent",
     .series = development,
     .n_series = 4,
     .mark = starts,
     .n_marks = 2},
    {.kind = NP_FIGURE_EVENT_STUDY,
     .id = "figur-hendelser",
     .title = "Effekt på sykefraværet etter år fra start",
     .description = "Effekten er −0,35 prosentpoeng i startåret.",
     .x_title = "År fra start",
     .y_title = "Effekt, prosentpoeng",
     .series = event,
     .n_series = 1,
     .mark = start,
     .n_marks = 1,
     .zero_line = true,
     .first_and_before = true},
    {.kind = NP_FIGURE_FOREST,
     .id = "figur-grupper",
     .title = "Effekt på sykefraværet i undergrupper",
     .description = "Effekten er størst blant menn: −0,96 prosentpoeng.",
     .x_title = "Effekt, prosentpoeng (95 % konfidensintervall)",
     .y_title = "",
     .estimate = row,
     .n_estimates = sizeof row / sizeof *row,
     .zero_line = true,
     .decimals = 2},
    {.kind = NP_FIGURE_SMALL_MULTIPLES,
     .id = "figur-sektorer",
     .title = "Sykefravær etter sektor",
     .description = "Fem sektorer.",
     .x_title = "År",
     .y_title = "Sykefravær, prosent",
     .panel = panel,
     .n_panels = sizeof panel / sizeof *panel},
    {.kind = NP_FIGURE_LINES,
     .id = "figur-naer",
     .title = "Linjer som ender nær hverandre",
     .description = "Alle ender på 8,8.",
     .x_title = "År",
     .y_title = "Prosent",
     .series = close_ends,
     .n_series = 3},
    {.kind = NP_FIGURE_COHORTS,
     .id = "figur-puljer",
     .title = "Hvem har tiltak når",
     .description = "Pulje 2012: 14 enheter. Aldri: 30 enheter.",
     .x_title = "År",
     .y_title = "",
     .cohort = cohorts,
     .n_cohorts = 2,
     .period = years,
     .n_periods = 4},
    {.kind = NP_FIGURE_EVENT_STUDY,
     .id = "figur-band",
     .title = "Effekt med bånd",
     .description = "Effekten er −0,3 i startåret.",
     .x_title = "År fra start",
     .y_title = "Effekt",
     .series = banded,
     .n_series = 2,
     .zero_line = true},
};

const np_figure *sample_figure(int which)
{
    return &figure[which];
}
