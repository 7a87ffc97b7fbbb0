/* The parts of np_two_way_estimate(); nobody else includes this. */
#ifndef NP_STATS_DID_DID_TWO_WAY_INTERNAL_H
#define NP_STATS_DID_DID_TWO_WAY_INTERNAL_H

#include "stats/did/did_bacon.h"
#include "stats/did/did_regression.h"
#include "stats/did/did_two_way_weights.h"

typedef struct {
    const np_did_panel *p;
    const np_did_spec *spec;
    np_did_result *out;
    np_did_aggregate aggregate[2];
    np_estimate_table table[4];
    np_statistic stat[16];
    np_test test;
    const char *warning[2];
    size_t n_aggregates, n_tables, n_stats, n_tests, n_warnings;
    np_arena *arena;
    np_error *err;
} np_two_way;

/* did_two_way_event.c: the aggregate "dynamic", the table "event_study" and the test
 * "pre_trend". */
np_status np_two_way_event_study(np_two_way *w);

/* did_two_way_tables.c */
np_status np_two_way_bacon_tables(np_two_way *w, const np_bacon *bacon);
np_status np_two_way_weights_table(np_two_way *w, const np_two_way_weights *weights);

#endif
