/* Difference-in-differences in words and tables: the design before the estimates. For
 * the command line and for reports, so that both say the same. */
#ifndef NP_REPORT_DID_DOC_H
#define NP_REPORT_DID_DOC_H

#include "evaluation/did_json.h"
#include "report/doc.h"

/* A cohort's label as the data have it, "never" for those never treated. */
const char *np_did_period_text(const np_did_panel *panel, double period, np_arena *arena,
                               np_language language);

/* Cohorts: units, periods before and after, who can be compared with. */
const np_doc_table *np_did_design_table(const np_did_panel *panel,
                                        const np_did_design *design, np_arena *arena,
                                        np_language language);
/* Adds the table, which estimators are identified, and who was left out. */
void np_did_doc_design(np_doc *doc, const np_did_panel *panel,
                       const np_did_design *design);

/* Averages of one estimator's effects: overall, by event time, cohort and period. */
const np_doc_table *np_did_averages_table(const np_did_question *question,
                                          const np_did_result *result, np_arena *arena,
                                          np_language language);
const np_doc_table *np_did_group_time_table(const np_did_question *question,
                                            const np_did_result *result, np_arena *arena,
                                            np_language language);
/* A further table of the estimates (weights, decompositions, placebos), with the columns
 * that it has. Of weights, those that are 0 are counted in a note. */
const np_doc_table *np_did_estimate_table(const np_estimate_table *table,
                                          double conf_level, np_arena *arena,
                                          np_language language);
/* Adds these, the tests, the conventions in words and who was left out. */
void np_did_doc_result(np_doc *doc, const np_did_question *question,
                       const np_did_result *result);

/* All numbers of all estimators in one rectangle, for CSV. */
const np_doc_table *np_did_rows_table(const np_did_result *result, size_t n_results,
                                      np_arena *arena);

#endif
