/* Which row is the same unit one period before. */
#ifndef NP_STATS_FORMULA_PANEL_H
#define NP_STATS_FORMULA_PANEL_H

#include "stats/formula_value.h"

/* Rows in order of unit and time; rows without unit or time are left out. */
struct np_panel_index {
    size_t n;            /* rows that have unit and time */
    const uint32_t *row; /* [n] by unit, then time */
    const int32_t *unit; /* [n] code of row[i] */
    const double *time;  /* [n] of row[i] */
};

/* NP_E_DUPLICATE a unit twice in a period; NP_E_USAGE no panel was declared. */
np_status np_panel_index_build(const np_panel_index **out, np_evaluator *v);

#endif
