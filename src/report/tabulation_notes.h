/* What stands under a table; internal to tabulation_*.c. */
#ifndef NP_REPORT_TABULATION_NOTES_H
#define NP_REPORT_TABULATION_NOTES_H

#include "report/tabulation_doc.h"

void tabulation_notes(np_table_builder *b, const np_tabulation_result *r,
                      np_language language, np_arena *arena);
/* "Halden; Moss and 12 more"; "" where there are none. */
const char *tabulation_names(const np_tab_left_out *one, np_arena *arena);

#endif
