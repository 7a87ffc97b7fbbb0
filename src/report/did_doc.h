/* Difference-in-differences in words and tables: the design before the estimates. For
 * the command line and for reports, so that both say the same. */
#ifndef NP_REPORT_DID_DOC_H
#define NP_REPORT_DID_DOC_H

#include "evaluation/did_json.h"
#include "report/doc.h"
#include "stats/did/did_compare.h"

/* A cohort's label as the data have it, "never" for those never treated. */
const char *np_did_period_text(const np_did_panel *panel, double period, np_arena *arena);

/* Adds sizes, a table of the cohorts (units, periods before and after, who can be
 * compared with, and a line of signs for the periods), which estimators are identified
 * and who was left out. With figures (HTML) the table stands beside its figure. */
void np_did_doc_design(np_doc *doc, const np_did_panel *panel,
                       const np_did_design *design, int anticipation, bool figures);

/* Adds a sentence, the averages of one estimator's effects (overall, by event time,
 * cohort and period, with the conventions in words and the tests as notes), the effects
 * by cohort and period where they are not too many, further tables and who was left out.
 */
void np_did_doc_result(np_doc *doc, const np_did_question *question,
                       const np_did_result *result, bool figures);

typedef struct {
    np_did_estimator estimator;
    const char *reason; /* translated */
} np_did_refusal;

/* Estimators side by side. */
typedef struct {
    const np_did_result *result; /* [n] */
    size_t n;
    const np_did_refusal *refused; /* [n_refused] */
    size_t n_refused;
    const np_did_comparison *comparison; /* of these */
} np_did_estimators;

/* Adds where they agree, the average effects, one row per estimator, effects by event
 * time, why they differ, and which could not answer. */
void np_did_doc_compare(np_doc *doc, const np_did_question *question,
                        const np_did_estimators *all, bool figures);

/* Why estimators differ, in words: whether their intervals hold the others' answer, how
 * effects change over time, what the two-way regression weights and compares with,
 * effects before the start, and the conventions that not all share. Estimators are
 * named by their codes, or by their titles. */
void np_did_doc_reasons(np_doc *doc, const np_did_comparison *comparison, bool by_code);

/* All numbers of all estimators in one rectangle, for CSV. */
const np_doc_table *np_did_rows_table(const np_did_result *result, size_t n_results,
                                      np_arena *arena);

#endif
