/* What the files of did_doc.h share. */
#ifndef NP_REPORT_DID_DOC_INTERNAL_H
#define NP_REPORT_DID_DOC_INTERNAL_H

#include "report/did_doc.h"
#include "report/figure.h"

/* A text in the document's arena; "" where it is spent, and the document has failed. */
const char *np_did_say(np_doc *doc, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *np_did_count(np_doc *doc, size_t n);
/* "p = 0.042", "p < 0.001" */
const char *np_did_p(np_doc *doc, double p);
/* "A, B and C"; beyond `most` the rest is counted. */
const char *np_did_list(np_doc *doc, const char *const *item, size_t n, size_t most);
/* "12 rows of 3 units left out (treated from the first period): 0301, 1103 and 1820." */
void np_did_doc_dropped(np_doc *doc, const char *heading, const np_did_dropped *dropped,
                        size_t n);
/* How many of n estimators find an effect, and which do; texts are of the document. */
typedef struct {
    size_t n, n_significant;
    const char *significant, *others; /* lists of names */
    const char *level;                /* of the test, per cent */
} np_did_count_of_findings;

/* "3 of the 7 estimators find an effect …"; the wording follows the counts. */
const char *np_did_finding_sentence(np_doc *doc, const np_did_count_of_findings *count);
/* "They agree on the direction; the estimates lie between low (name) and high (name)." */
const char *np_did_range_sentence(np_doc *doc, bool agree, const char *low,
                                  const char *of_low, const char *high,
                                  const char *of_high);
/* As many decimals as the errors of a column ask for. */
int np_did_decimals(const double *std_error, size_t n);
/* The average over all that are treated; else whatever average there is, or NULL. */
const np_did_aggregate *np_did_overall_of(const np_did_result *result);

/* Figures; NULL: there is nothing to draw, or no memory. */
void np_did_add(np_doc *doc, const np_figure *figure, const np_doc_table *table);
const np_figure *np_did_design_figure(np_doc *doc, const np_did_panel *panel,
                                      const np_did_design *design, int anticipation);
const np_figure *np_did_events_figure(np_doc *doc, const np_did_question *question,
                                      const np_did_result *result, size_t n);
const np_figure *np_did_overall_figure(np_doc *doc, const np_did_question *question,
                                       const np_did_estimators *all, int decimals);

#endif
