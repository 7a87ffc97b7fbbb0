/* The entries of one level; internal to tabulation_axis.c, _entries.c and _scheme.c. */
#ifndef NP_EVALUATION_TABULATION_ENTRIES_H
#define NP_EVALUATION_TABULATION_ENTRIES_H

#include "evaluation/tabulation_internal.h"

typedef struct {
    tab_entry *entry;
    size_t n, room;
} tab_level_entries;

np_status tab_entry_add(tab_level_entries *list, tab_work *w, tab_entry entry,
                        np_error *err);
/* A test of one dimension that nothing passes yet; NULL: no memory. */
uint8_t *tab_entry_test(tab_tests *out, tab_work *w, size_t dim);
/* The title that the level gives an entry, else its own. */
np_localised tab_entry_title(const np_tab_level *level, const char *key,
                             np_localised own);
/* A problem: "there is no theme absense; did you mean absence?" */
void tab_no_such_record(tab_work *w, const np_plan_name *name, const char *what,
                        const tab_named *named, size_t n, bool by_code);
np_status tab_scheme_entries(tab_level_entries *out, tab_work *w,
                             const np_tab_level *level, size_t *dim, np_error *err);
np_status tab_level_build(tab_level_entries *out, tab_work *w, const np_tab_level *level,
                          np_error *err);
np_status tab_level_of_statistics(tab_level_entries *out, tab_work *w,
                                  const np_tab_statistic *s, size_t n, np_error *err);

#endif
