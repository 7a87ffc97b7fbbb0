/* The entries of one level; internal to tabulation_axis.c and tabulation_entries.c. */
#ifndef NP_EVALUATION_TABULATION_ENTRIES_H
#define NP_EVALUATION_TABULATION_ENTRIES_H

#include "evaluation/tabulation_internal.h"

typedef struct {
    tab_entry *entry;
    size_t n, room;
} tab_level_entries;

np_status tab_level_build(tab_level_entries *out, tab_work *w, const np_tab_level *level,
                          np_error *err);
np_status tab_level_of_statistics(tab_level_entries *out, tab_work *w,
                                  const np_tab_statistic *s, size_t n, np_error *err);

#endif
