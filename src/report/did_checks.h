/* What a conclusion of difference-in-differences hangs on, in words, tables and figures:
 * one unit or cohort, the date, who was drawn. (Parallel trends: sensitivity.h.) */
#ifndef NP_REPORT_DID_CHECKS_H
#define NP_REPORT_DID_CHECKS_H

#include "report/doc.h"
#include "stats/did/robustness.h"
#include "stats/infer/randomisation.h"

/* Each adds a heading, a sentence and a table; with figures (HTML) leaving out and
 * placebo dates have one. Of many rows the lowest and highest estimates are shown. */
void np_did_doc_leave_out(np_doc *doc, const np_did_panel *panel,
                          const np_robustness *result, np_leave_out what, bool figures);
void np_did_doc_placebo(np_doc *doc, const np_did_panel *panel,
                        const np_robustness *result, bool figures);
void np_did_doc_randomisation(np_doc *doc, const np_randomisation_spec *spec,
                              const np_randomisation *result);

#endif
