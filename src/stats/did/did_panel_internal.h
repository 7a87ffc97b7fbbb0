/* What the parts of np_did_panel_build() share; nobody else includes this. */
#ifndef NP_STATS_DID_DID_PANEL_INTERNAL_H
#define NP_STATS_DID_DID_PANEL_INTERNAL_H

#include "base/map.h"
#include "stats/did/did_panel.h"

typedef struct {
    np_did_panel *out;
    const np_did_panel_spec *spec;
    const np_table *table;
    np_design design;
    double *start; /* [n_units] first treated period, INFINITY: never */
    size_t n_zero; /* units whose cohort is the number 0 */
    np_did_dropped *dropped;
    size_t n_dropped, dropped_capacity;
    const char **warning;
    size_t n_warnings;
    np_arena *arena;
    np_error *err;
} np_did_builder;

np_status np_did_no_memory(np_error *err);
np_status np_did_leave_out(np_did_builder *b, np_did_dropped dropped);
/* The column behind a unit, period or cluster, for its labels; NULL where it is
 * composed of several. */
np_status np_did_column_of(const np_column **out, np_did_builder *b, const char *text);

/* did_panel_rows.c: the design's rows by unit and period, columns in that order. */
np_status np_did_order_rows(np_did_builder *b);

/* did_panel_cohort.c: first treated period of each unit from spec.cohort or
 * spec.treatment, the same in all of its rows. Fills b->start. */
np_status np_did_find_starts(np_did_builder *b);
/* value [n_table_rows] of spec.cohort or spec.treatment, as numbers. */
np_status np_did_read_starts(const double **value, np_did_builder *b);

/* did_panel_path.c: the panel's path from value [n_table_rows]. */
np_status np_did_fill_path(np_did_builder *b, const double *value);
/* Of rows of the table that are not in the design: the index of the period, n_periods
 * where no row of the design has it; and the units by their texts, whose index is their
 * place (NULL: no memory). */
size_t np_did_period_of_row(const np_did_panel *p, const np_column *time, size_t row);
np_text_map *np_did_units_by_text(np_did_builder *b);

/* did_panel_vanished.c: [n_table_rows] 1 where a row is in the subset but not in the
 * design. */
np_status np_did_lost_rows(uint8_t **out, np_did_builder *b);
/* Names the units that lost all their rows to missing values.
 * NP_E_NOT_IDENTIFIED  so did all that were never treated, overall or in a period */
np_status np_did_check_vanished(np_did_builder *b);

/* did_panel_change.c: cohort, cohort_start, cohort_size, n_never, cohort_of from the
 * first treated period of each unit. */
np_status np_did_set_cohorts(np_did_panel *out, const double *start, np_arena *arena,
                             np_error *err);

#endif
