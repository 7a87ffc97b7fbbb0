/* From a table in long form to the outcomes that no programme touched: the balanced
 * unit × period array that placebo cohorts are drawn from. */
#ifndef NP_STATS_POWER_POWER_PANEL_H
#define NP_STATS_POWER_POWER_PANEL_H

#include "base/arena.h"
#include "base/error.h"
#include "table/table.h"

typedef enum {
    NP_PLACEBO_CHOOSE = 0, /* never; before where nobody is never treated */
    NP_PLACEBO_NEVER,      /* units that are never treated, all periods */
    NP_PLACEBO_BEFORE      /* all units, the periods before anybody starts */
} np_placebo_source;

typedef struct {
    const char *outcome, *unit, *time; /* columns */
    const char *cohort; /* period of first treatment; 0, missing or Inf: never; NULL: the
                           data are from before any programme */
    np_placebo_source source;
} np_power_panel_spec;

typedef struct {
    const double *y; /* [n_units × n_periods] */
    size_t n_units, n_periods;
    np_placebo_source source;
    size_t n_treated_left_out;        /* NEVER: units that are treated some time */
    size_t n_gaps_left_out;           /* units without outcome in some period */
    double first_period, last_period; /* NaN where periods are texts */
} np_power_panel;

/* NP_E_UNKNOWN_NAME a column; NP_E_RANGE text for an outcome or cohort, a missing unit or
 * time; NP_E_DUPLICATE a unit twice in a period; NP_E_NOT_IDENTIFIED nothing is left. */
np_status np_power_panel_from_table(np_power_panel *out, const np_table *table,
                                    const np_power_panel_spec *spec, np_arena *arena,
                                    np_error *err);

#endif
