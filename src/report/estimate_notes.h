/* Tests and further tables of estimates, as tables print them. */
#ifndef NP_REPORT_ESTIMATE_NOTES_H
#define NP_REPORT_ESTIMATE_NOTES_H

#include "report/doc.h"
#include "stats/estimates.h"

/* A note: "Wald test · lpop: F(3, 344) = 0.52, p = 0.67." */
void np_note_test(np_table_builder *t, const np_test *test, np_arena *arena,
                  np_language language);

/* The rows of a further table, at most `most`: beyond that the largest by absolute
 * estimate, and a note says how many there are. Of weights, those that are 0 are
 * counted in a note. */
const np_doc_table *np_further_table(const np_estimate_table *table, size_t most,
                                     np_arena *arena, np_language language);

#endif
