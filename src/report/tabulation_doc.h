/* A computed table as people read it: the table, and under it the unit, N, base, scope
 * and rule, who is left out, what is reconstructed, and the checks. */
#ifndef NP_REPORT_TABULATION_DOC_H
#define NP_REPORT_TABULATION_DOC_H

#include "evaluation/tabulation.h"
#include "report/doc.h"

/* Adds the table to the document; checks that fail are caveats after it. */
np_status np_tabulation_doc(np_doc *doc, const np_tabulation_result *result,
                            np_error *err);

/* The same as an object of JSON: unrounded values, what is printed, and all that stands
 * under the table. Keys as in docs/tables.md. */
void np_tabulation_json(np_buf *out, const np_tabulation_result *const *result, size_t n,
                        np_language language, np_arena *arena);

/* What a cell shows: "57.0", "5 of 13", "2–20", "–". In the arena. */
const char *np_tabulation_cell_text(const np_tab_cell *cell, np_language language,
                                    np_arena *arena);
/* What the printed conditions of a scope say: "sort = measure; period = 2013, 2014". */
const char *np_tabulation_scope_text(const np_tab_scope *scope, np_arena *arena);

#endif
